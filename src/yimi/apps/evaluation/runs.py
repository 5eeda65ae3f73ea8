"""Numbered runs on disk: Parquet tables written whole, put in place by one rename, read by DuckDB.

due_items: subject_id, place, township, pathway, step, code, ordinal, the four dates, status, done, seq, counted.
site_items, person_items: the same of facilities and of persons. children: subject_id, place, township, sex, birth_date, age_months, age_years. suspicions, entitlements, owed,
figures, cascades, events: as the engines give them. Within a pathway or cascade neighbors lie together, as in
the facts, so a query about a township reads a few pages of a file; lists of names come from `waiting.4.sqlite3` beside them (see `waiting`). A run that was not finished leaves only
a folder with a dot, removed by the next.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa
from django.conf import settings

from yimi.apps import active
from yimi.apps.evaluation import waiting
from yimi.engines import backend
from yimi.engines.backend import Connection
from yimi.engines.cohorts import cohort_query
from yimi.engines.indicators.figures import as_rows
from yimi.engines.turn import Evaluated
from yimi.lib.files import flush
from yimi.pack.load import Pack
from yimi.rules.sql import text

KEPT = 12  # runs kept for "what changed since"; figures of all runs stay in the database


def folder(number: int) -> Path:
    return _folder(settings.YIMI_DIR, number)


@lru_cache(maxsize=50)
def _folder(directory: str | Path, number: int) -> Path:
    return Path(directory) / "runs" / f"{number:06d}"


def write(con: Connection, pack: Pack, number: int, evaluated: Evaluated) -> Path:
    """Write everything of a run and rename it into place; a half-written run is never seen."""
    final = folder(number)
    final.parent.mkdir(parents=True, exist_ok=True)
    for left in final.parent.glob(".*"):
        shutil.rmtree(left)
    unfinished = final.parent / f".{final.name}"
    unfinished.mkdir()
    where = "f.place, f.township"
    queries = {
        "due_items": f"SELECT d.*, {where} FROM {evaluated.due_items} d JOIN facts_child f USING (subject_id)",
        "suspicions": f"SELECT s.*, {where} FROM suspicions s JOIN facts_child f USING (subject_id)",
        "cascades": "SELECT * FROM cascades",
        "entitlements": f"SELECT e.*, {where} FROM entitlements e JOIN facts_child f USING (subject_id)",
        "site_items": "SELECT d.*, f.kind, f.place, f.township FROM "
        f"{evaluated.due_items} d JOIN facts_facility f USING (subject_id)",
        "children": "SELECT subject_id, place, township, sex, birth_date, age_months, age_years, death_date FROM facts_child",
        "events": 'SELECT * FROM events ORDER BY surveillance, township, place, "on"',
        "cohorts": cohort_query(pack, "facts_child"),
        "owed": f"SELECT o.*, {where} FROM owed o JOIN facts_child f USING (subject_id)",
    }
    if any(each.subject == "person" for each in pack.pathways.values()):
        queries["person_items"] = (
            f"SELECT d.*, {where} FROM {evaluated.due_items} d JOIN facts_person f USING (subject_id)"
        )

    def tables(lane: Connection) -> None:
        lane.register("figures_of_run", pa.Table.from_pylist(as_rows(evaluated.figures)))
        for name, query in {**queries, "figures": "SELECT * FROM figures_of_run"}.items():
            _copy(lane, query, unfinished / f"{name}.parquet")
        lane.unregister("figures_of_run")

    def lists(lane: Connection) -> None:
        sources = {each: f"({queries[each]})" for each in waiting.MADE_FROM}
        waiting.build(lane, sources, _decided(pack), unfinished / waiting.NAME)

    backend.side_by_side(con, lists, tables)
    for each in [*unfinished.iterdir(), unfinished]:
        flush(each)  # before the rename: a run in force must survive a power cut
    if final.exists():
        shutil.rmtree(final)  # left by a turn that was stopped before its run came into force
    os.replace(unfinished, final)
    return final


def _decided(pack: Pack) -> list[str]:
    return [each.id for each in pack.pathways.values() if each.opens_on]


def _copy(con: Connection, query: str, path: Path) -> None:
    con.execute(
        f"COPY ({query}) TO '{path.as_posix()}' (FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE 20000)"
    )


def forget_old(number: int) -> None:
    """Remove the folders of runs far before this one."""
    for each in sorted(folder(number).parent.glob("[0-9]*")):
        if int(each.name) <= number - KEPT:
            shutil.rmtree(each)


def kept(number: int) -> bool:
    """Are the run's files here? A restored database has its figures at once and its lists with the next turn."""
    return has(number, "due_items")


def has(number: int, table: str) -> bool:
    """Does the run have this table? One of a release before it was made has not."""
    return (folder(number) / f"{table}.parquet").is_file()


def identity(number: int) -> tuple[str, int, int]:
    """Tells this run from another that got its number after a database was restored."""
    seen = (folder(number) / "due_items.parquet").stat()
    return str(folder(number)), seen.st_ino, seen.st_mtime_ns


def lists(number: int, sql: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
    """Rows of a query over what waits for somebody in a run; none where the run's files are not here."""
    path = folder(number) / waiting.NAME
    if not path.is_file():
        if not kept(number):
            return []
        # A run of a release that did not make this file yet.
        tables = {each: text((path.parent / f"{each}.parquet").as_posix()) for each in waiting.MADE_FROM}
        unfinished = path.with_suffix(f".{os.getpid()}")
        waiting.build(_reader(), tables, _decided(active.pack()), unfinished)
        os.replace(unfinished, path)
    return waiting.query(path, sql, values)


def query(number: int, sql: str, parameters: list[Any] | None = None) -> list[dict[str, Any]]:
    """Rows of a query over a run's tables, named in the SQL as {due_items}, {children} and so on."""
    path = folder(number)
    names = {each.stem: f"'{each.as_posix()}'" for each in path.glob("*.parquet")}
    return backend.rows(_reader(), sql.format(**names), parameters)


_readers: dict[int, Connection] = {}


def _reader() -> Connection:
    """One connection a process; a child process makes its own."""
    if os.getpid() not in _readers:
        _readers.clear()
        _readers[os.getpid()] = backend.connect(threads=1)
    return _readers[os.getpid()].cursor()
