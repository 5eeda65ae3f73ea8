"""DuckDB, closed to the outside: no extension is fetched, no file is read that was not named."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from yimi.pack.dated_values import parameters
from yimi.pack.load import Pack, once_a_pack
from yimi.pack.scopes import lists_of
from yimi.pack.tables import CASES, RECORD, REGISTER, Columns
from yimi.rules.sql import Binding, text

Connection = duckdb.DuckDBPyConnection


def connect(path: str = ":memory:", *, read_only: bool = False, threads: int | None = None) -> Connection:
    """A connection that installs and loads nothing by itself."""
    config: dict[str, Any] = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    if threads:
        config["threads"] = threads
    return duckdb.connect(path, read_only=read_only, config=config)


@contextmanager
def scratch(memory: str, threads: int | None = None) -> Iterator[Connection]:
    """A database for one evaluation: `memory` of DuckDB, what does not fit in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="yimi-scratch-") as folder:
        con = connect(threads=threads)
        try:
            con.execute(f"SET memory_limit = {text(memory)}")
            con.execute(f"SET temp_directory = {text(Path(folder).as_posix())}")
            con.execute("SET preserve_insertion_order = false")
            yield con
        finally:
            con.close()


def put(con: Connection, tables: Mapping[str, pa.Table | pa.RecordBatchReader]) -> None:
    """Each Arrow table, or stream of one, as a DuckDB table of that name."""
    for name, table in tables.items():
        con.register("incoming", table)
        con.execute(f'CREATE OR REPLACE TABLE "{name}" AS SELECT * FROM incoming')
        con.unregister("incoming")


def binding(pack: Pack, **names: str) -> Binding:
    """The binding every rule of this pack starts from."""
    return replace(_plain_binding(pack), names=names)


@once_a_pack
def _plain_binding(pack: Pack) -> Binding:
    calendars = list(pack.calendars.values())
    return Binding(
        names={},
        params=parameters(pack),
        holidays=tuple(day for each in calendars for day in each.holidays),
        workdays=tuple(day for each in calendars for day in each.workdays),
    )


@once_a_pack
def list_fields(pack: Pack, kind: str) -> dict[str, frozenset[str]]:
    """The fields of every list of a subject kind, as the SQL printer wants them."""
    return {name: frozenset(fields) for name, fields in lists_of(pack, kind).items()}


def empty_tables(con: Connection) -> None:
    """Every register table, those of cases and the record table, without rows."""
    _create(con, "CREATE OR REPLACE TABLE", {**REGISTER, **CASES, "record": RECORD})


def empty_cases(con: Connection) -> None:
    """The tables of cases, where whoever fills the register has none."""
    _create(con, "CREATE TABLE IF NOT EXISTS", CASES)


def _create(con: Connection, how: str, tables: Mapping[str, Columns]) -> None:
    for name, columns in tables.items():
        described = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
        con.execute(f'{how} "{name}" ({described})')


def rows(con: Connection, query: str, parameters: list[Any] | None = None) -> list[dict[str, Any]]:
    """The answer of a query as one dict a row."""
    found = con.execute(query, parameters or [])
    names = [each[0] for each in found.description or []]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


LANES = 2  # more hold more in memory at once


def side_by_side(con: Connection, *parts: Callable[[Connection], None]) -> None:
    """Work whose parts make tables of their own from what is there, each on its own cursor, the longest first.

    For queries that occupy one thread alone: DuckDB gives a thread a whole row group, and one holds every child of a district. What a part raises is raised.
    """
    with ThreadPoolExecutor(LANES) as pool:
        for each in [pool.submit(part, con.cursor()) for part in parts]:
            each.result()
