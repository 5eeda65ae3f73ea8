"""A province: counties evaluated one by one, and put together from their sums.

A county is the part a province is cut into, as the law cuts it: its children, facilities and bodies belong
together, so every engine works inside it unchanged, and only sums leave it. In: a folder with one folder a county
(`part=<code>`), in it a Parquet file for every table of `pack.tables` and every form (`export_county` writes them:
no names, numbers or texts). Out: a folder of the same parts with what a turn gives, and the province's figures.
Memory is that of the largest county, time the sum of them. `engines.spark` lets a cluster do the counties.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

import pyarrow as pa

from yimi.engines import backend
from yimi.engines.backend import Connection
from yimi.engines.findings import Finding
from yimi.engines.indicators.compiled import Line, kinds_read, lines
from yimi.engines.indicators.figures import Cells, Figure, as_rows, figures_of
from yimi.engines.indicators.withheld import withhold
from yimi.engines.turn import Evaluated, evaluate_day, prepare
from yimi.lib.errors import BadInput
from yimi.pack.load import Pack
from yimi.pack.tables import CASES, REGISTER
from yimi.rules.sql import quote, text

PART = "part="
ADDITIVE = (
    "township",
    "place",
)  # different ones of these in two counties are different ones of both together
TABLES = ("due_items", "entitlements", "owed", "suspicions", "cascades", "events")
SUM = pa.schema(
    [
        ("indicator", pa.string()), ("item", pa.string()), ("sex", pa.string()), ("age", pa.int64()),
        ("side", pa.string()), ("years_back", pa.int64()), ("amount", pa.float64()),
    ]
)  # fmt: skip


@dataclass(frozen=True)
class Counts:
    """What one county, or all of them, came to."""

    children: int = 0
    records: int = 0
    due: int = 0
    overdue: int = 0
    figures: int = 0
    alerts: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(**{name: value + getattr(other, name) for name, value in asdict(self).items()})


def export_county(con: Connection, pack: Pack, into: Path) -> None:
    """Write every table of a register that is in `con` (typed) as one county's part."""
    into.mkdir(parents=True)
    for name in [*REGISTER, *CASES, *(f"form_{each}" for each in pack.forms)]:
        _copy(con, f"SELECT * FROM {quote(name)}", into / f"{name}.parquet")


def counties_of(folder: Path) -> list[Path]:
    """The parts of a province, in order. Raises `BadInput` if there is none."""
    found = sorted(each for each in folder.glob(f"{PART}*") if each.is_dir())
    if not found:
        raise BadInput(
            f"'{folder}' holds no county: a province is a folder of parts, each written by `yimi columns`"
        )
    return found


def evaluate_county(con: Connection, pack: Pack, county: Path, as_of: date, into: Path) -> Counts:
    """A turn's evaluation of one county. Writes `into` whole or not at all; replaces what was there."""
    _read(con, pack, county)
    forms = " UNION ALL ".join(f"SELECT count(*) AS n FROM {quote(f'form_{each}')}" for each in pack.forms)
    records = backend.rows(con, f"SELECT sum(n)::BIGINT AS n FROM ({forms})")[0]["n"]
    prepare(con, pack, typed=True)
    found = evaluate_day(con, pack, as_of, last=True)
    unfinished = into.with_name(f".{into.name}")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    for name in TABLES:
        _copy(con, f"SELECT * FROM {name}", unfinished / f"{name}.parquet")
    counts = _counts(con, pack, found, records)
    tables = {
        "figures": pa.Table.from_pylist(as_rows(found.figures)),
        "findings": pa.Table.from_pylist(list(_behind(found.findings)), _FINDING),
        "sums": pa.Table.from_pylist(list(_sums(pack, found)), SUM),
        "values": pa.Table.from_pylist(list(_values(con, pack, found.facts)), SUM),
    }
    for name, table in tables.items():
        con.register("told", table)
        _copy(con, "SELECT * FROM told", unfinished / f"{name}.parquet")
        con.unregister("told")
    (unfinished / "counts.json").write_text(json.dumps(asdict(counts)), encoding="utf-8")
    shutil.rmtree(into, ignore_errors=True)
    os.replace(unfinished, into)
    return counts


def evaluate_counties(pack: Pack, folder: Path, as_of: date, into: Path, memory: str) -> Iterator[Path]:
    """One county after the other on this machine, each in a connection of its own; gives the folder of each."""
    for county in counties_of(folder):
        with backend.scratch(memory) as con:
            evaluate_county(con, pack, county, as_of, into / county.name)
        yield into / county.name


def roll_up(
    pack: Pack, sums: Iterable[Mapping[str, Any]], values: Iterable[Mapping[str, Any]], as_of: date
) -> list[Figure]:
    """The province's figures: from the sums of all counties (already added), and the single values of medians."""
    cells: Cells = {}
    for row in sums:
        cell = (row["indicator"], row["item"], None, "district", row["sex"], row["age"])
        sides = cells.setdefault(cell, {})
        if row["side"]:
            sides[(row["side"], row["years_back"])] = row["amount"]
    singles: dict[tuple, list[float]] = {}
    for row in values:
        singles.setdefault((row["indicator"], row["item"], row["side"]), []).append(row["amount"])
    for (indicator, item, side), amounts in singles.items():
        cells.setdefault((indicator, item, None, "district", None, None), {})[(side, 0)] = median(amounts)
    order = {name: index for index, name in enumerate(pack.indicators)}
    return sorted(
        withhold(pack, figures_of(pack, cells), as_of),
        key=lambda each: (
            order[each.indicator],
            each.item or "",
            each.sex or "",
            -1 if each.age is None else each.age,
        ),
    )


def read_counts(county: Path) -> Counts:
    """What an evaluated county came to."""
    return Counts(**json.loads((county / "counts.json").read_text(encoding="utf-8")))


def read_sums(counties: Sequence[Path]) -> list[dict[str, Any]]:
    """The sums of evaluated counties, added up."""
    keys = ", ".join(quote(name) for name in SUM.names[:-1])
    return _rows(counties, "sums", f"SELECT {keys}, sum(amount) AS amount FROM {{}} GROUP BY ALL")


def read_values(counties: Sequence[Path]) -> list[dict[str, Any]]:
    """The single values of medians of evaluated counties."""
    return _rows(counties, "values", "SELECT * FROM {}")


def write_figures(into: Path, figures: list[Figure]) -> None:
    con = backend.connect()
    con.register("told", pa.Table.from_pylist(as_rows(figures)))
    _copy(con, "SELECT * FROM told", into / "figures.parquet")
    con.close()


def by_county_only(pack: Pack) -> set[str]:
    """Indicators whose province value cannot be had from sums: a spread, a least, a number a body typed in."""
    every = [line for kind in kinds_read(pack) for line in lines(pack, kind)]
    return {line.indicator for line in every if not _additive(pack, line) and line.fold != "median"} | {
        each.id for each in pack.indicators.values() if each.reported
    }


def _additive(pack: Pack, line: Line) -> bool:
    each = pack.indicators[line.indicator]
    side = (each.numerator or each.document) if line.side == "numerator" else each.denominator
    return line.fold == "sum" and (side is None or side.distinct is None or side.distinct in ADDITIVE)


def _sums(pack: Pack, found: Evaluated) -> Iterator[dict[str, Any]]:
    """The county's own totals, by sex and by age: what the province is added up from."""
    apart = by_county_only(pack) | {
        line.indicator for kind in kinds_read(pack) for line in lines(pack, kind) if line.fold == "median"
    }
    for (indicator, item, _, level, sex, age), sums in found.cells.items():
        if level != "district" or indicator in apart:
            continue
        cell = {"indicator": indicator, "item": item, "sex": sex, "age": age}
        for (side, years), amount in sums.items():
            yield {**cell, "side": side, "years_back": years, "amount": amount}
        if not sums:  # nobody found is a count of zero
            yield {**cell, "side": None, "years_back": 0, "amount": 0.0}


def _values(con: Connection, pack: Pack, facts: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Every single value behind a median: medians do not add up."""
    for kind, table in facts.items():
        for line in lines(pack, kind):
            if line.fold != "median":
                continue
            for row in backend.rows(
                con, f"SELECT amount FROM (SELECT {line.sql} AS amount FROM {table}) WHERE amount IS NOT NULL"
            ):
                yield {
                    "indicator": line.indicator,
                    "item": line.item,
                    "side": line.side,
                    "years_back": 0,
                    "amount": float(row["amount"]),
                }


_FINDING = pa.schema(
    [
        ("pathway", pa.string()), ("alert", pa.string()), ("cause", pa.string()), ("place", pa.string()),
        ("subject_id", pa.int64()), ("step", pa.string()), ("due", pa.date32()), ("overdue_after", pa.date32()),
    ]
)  # fmt: skip


def _behind(findings: list[Finding]) -> Iterator[dict[str, Any]]:
    for each in findings:
        told = {"pathway": each.pathway, "alert": each.alert, "cause": each.cause, "place": each.place}
        yield from ({**told, **vars(one)} for one in each.behind)


def _counts(con: Connection, pack: Pack, found: Evaluated, records: int) -> Counts:
    row = backend.rows(
        con,
        "SELECT (SELECT count(*) FROM facts_child) AS children, count(*) FILTER (status = 'due' AND counted) AS due, "
        f"count(*) FILTER (status = 'overdue' AND counted) AS overdue FROM {found.due_items} "
        "WHERE NOT list_contains(?, pathway)",
        [sorted(pack.case_pathways)],
    )[0]
    alerts = sum(each.pathway not in pack.case_pathways for each in found.findings)
    return Counts(records=records, figures=len(found.figures), alerts=alerts, **row)


def _read(con: Connection, pack: Pack, county: Path) -> None:
    for name in [*REGISTER, *CASES, *(f"form_{each}" for each in pack.forms)]:
        path = county / f"{name}.parquet"
        if not path.is_file():
            raise BadInput(
                f"county '{county.name}' has no table '{name}': write the part again with this release's `yimi columns`"
            )
        con.execute(f"CREATE OR REPLACE TABLE {quote(name)} AS SELECT * FROM {_files([path])}")


def _rows(counties: Sequence[Path], name: str, query: str) -> list[dict[str, Any]]:
    files = [each / f"{name}.parquet" for each in counties]
    con = backend.connect()
    try:
        return backend.rows(con, query.format(_files(files)))
    finally:
        con.close()


def _files(paths: Sequence[Path]) -> str:
    """A source of rows; the folder's name is no column of theirs."""
    return f"read_parquet({[each.as_posix() for each in paths]!r}, hive_partitioning = false)"


def _copy(con: Connection, query: str, path: Path) -> None:
    con.execute(f"COPY ({query}) TO {text(path.as_posix())} (FORMAT parquet, COMPRESSION zstd)")
