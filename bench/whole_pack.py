"""How fast is the whole pack's scan over kept state? Alternatives: one hand-written query an indicator.

The same store, the same indicators (`by_hand`: forty of them, 71 numerators and denominators), the same cells by township,
village, sex and age, compared to the last one before anything is timed. The yardstick is DuckDB over the register and
the typed records (PostgreSQL: `whole_pack_postgres`). The product keeps what each child contributes to every line of
the pack (`indicators.compiled.contributions`: plain columns, worked out once a day from facts and states, which takes
`keeping_seconds`, facts included) and answers all in one scan. `from_facts` is the ratio when nothing but the wide facts
with their lists is kept, as a turn does it today. Left out of the forty: see `LEFT_OUT`.

`python -m bench whole_pack --children 60000`, or `--dir` with a province that exists (`bench.province`).
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from bench import by_hand, province
from bench.keep import DAY, own_peak_mib
from bench.pairs import ratio

GOAL = 10.0
CUT = ("township", "place", "sex", "age_years")
LEFT_OUT = {
    "the other doses": "as the twelve here, longer chains",
    "hardship and guardianship visits": "their limits count working days of a calendar",
    "growth": "z-scores come from a table of a standard, no query computes them",
    "under3_system_rate": "nine visits, each as the newborn's",
    "mortality": "three years each; the same form as the others",
    "medians": "no sum: the engine has no advantage by keeping them",
    "injuries, aid, shelters, street children": "the made-up province has no records of them",
}
Cells = dict[tuple[tuple[str, Any], ...], tuple[float, float | None]]


def run(directory: Path, children: int) -> dict[str, Any]:
    with province_of(directory, children) as folder, tempfile.TemporaryDirectory(prefix="yimi-pack-") as scratch:  # fmt: skip
        return measure(folder, Path(scratch))


@contextmanager
def province_of(directory: Path, children: int) -> Iterator[Path]:
    """The province in a folder, or a new one for as long as it is needed."""
    if (directory / "province.json").is_file():
        yield directory
        return
    with tempfile.TemporaryDirectory(prefix="yimi-province-") as made:
        province.make(Path(made) / "p", children, county=min(children, province.COUNTY))
        yield Path(made) / "p"


def measure(folder: Path, scratch: Path) -> dict[str, Any]:
    from yimi.engines import backend
    from yimi.engines.indicators.compiled import kept, lines, scan
    from yimi.pack.load import load

    pack, as_of = load("wulong"), date.fromisoformat(DAY)
    asked = by_hand.queries(as_of)
    every = lines(pack, "child")
    mine = [(new, old) for new, old in zip(kept(every), every, strict=True) if (old.indicator, old.item) in asked]  # fmt: skip
    parts = sorted(folder.glob("part=*"))
    con, kept_seconds = store_of(pack, parts, as_of, scratch)
    children = con.execute("SELECT count(*) FROM contributions").fetchall()[0][0]

    one_scan = scan("child", [new for new, _ in mine], "contributions")
    answers = cells_of(backend.rows(con, one_scan), [old for _, old in mine])
    for key, query in asked.items():
        assert cells(backend.rows(con, query)) == answers[key], f"{key}: the query and the engine differ"

    def product() -> None:
        con.execute(one_scan).fetchall()

    def by_query() -> None:
        for query in asked.values():
            con.execute(query).fetchall()

    found = ratio(by_query, product)
    told = {
        "children": children, "parts": len(parts), "indicators": len(asked), "lines": len(mine),
        "cells": sum(len(each) for each in answers.values()), **found.told(GOAL),
    }  # fmt: skip
    told |= from_facts(scratch, con, pack, parts[0], as_of, [old for _, old in mine], asked)
    told |= {"keeping_seconds": kept_seconds and round(kept_seconds, 1), "peak_mib": round(own_peak_mib())}
    con.close()
    return told


# --- the store and the state ------------------------------------------------------------------------------------


def store_of(pack: Any, parts: list[Path], as_of: date, scratch: Path) -> tuple[Any, float | None]:
    """A database with every table of the parts and `contributions`; seconds it took to work these out, if it did."""
    from yimi.engines import backend

    con = backend.connect(str(scratch / "store.duckdb"))
    con.execute("SET memory_limit = '4GB'")
    con.execute(f"SET temp_directory = '{scratch.as_posix()}'")
    began = time.perf_counter()
    fresh = [keep_part(pack, part, as_of) for part in parts]
    seconds = time.perf_counter() - began if all(fresh) else None
    files = [str(kept_file(pack, part, as_of)) for part in parts]
    con.execute(
        f"CREATE TABLE contributions AS SELECT * FROM read_parquet({files!r}, hive_partitioning = false)"
    )
    read_tables(con, parts)
    return con, seconds


def kept_file(pack: Any, part: Path, as_of: date) -> Path:
    return part.parent / "kept" / f"{as_of}-{pack.fingerprint[:12]}" / f"{part.name}.parquet"


def keep_part(pack: Any, part: Path, as_of: date) -> bool:
    """What every child of one part contributes, kept beside the province; False if it was there already."""
    from yimi.engines.indicators.compiled import contributions, lines

    file = kept_file(pack, part, as_of)
    if file.is_file():
        return False
    file.parent.mkdir(parents=True, exist_ok=True)
    county = wide_of(pack, part, as_of)
    query = contributions("child", lines(pack, "child"), "wide")
    county.execute(f"COPY ({query}) TO '{file}' (FORMAT parquet, COMPRESSION zstd)")
    county.close()
    return True


def wide_of(pack: Any, part: Path, as_of: date, path: str = ":memory:") -> Any:
    """A connection with the facts of a part's children, the states of the pathways that indicators read beside: `wide`."""
    from yimi.engines import backend
    from yimi.engines.due import build_state
    from yimi.engines.facts import build_facts
    from yimi.engines.turn import pathways_asked, prepare
    from yimi.pack.reads import subject_reads

    con = backend.connect(path)
    con.execute("SET preserve_insertion_order = false")
    read_tables(con, [part])
    prepare(con, pack, typed=True)
    facts = build_facts(con, pack, "child", as_of, subject_reads(pack, "child"))
    asked = [each for each in pack.pathways.values() if each.subject == "child" and each.id in pathways_asked(pack)]  # fmt: skip
    states = [f"LEFT JOIN {build_state(con, pack, each, facts)} USING (subject_id)" for each in asked]
    con.execute(f"CREATE TABLE wide AS SELECT * FROM {facts} {' '.join(states)}")
    return con


def read_tables(con: Any, parts: list[Path]) -> None:
    """Every table of the parts, put together."""
    for name in sorted(each.stem for each in parts[0].glob("*.parquet")):
        files = [str(part / f"{name}.parquet") for part in parts]
        con.execute(f'CREATE OR REPLACE TABLE "{name}" AS SELECT * FROM read_parquet({files!r}, hive_partitioning = false)')  # fmt: skip


# --- equal answers ----------------------------------------------------------------------------------------------


def cells_of(rows: list[dict[str, Any]], chosen: list[Any]) -> dict[tuple[str, str | None], Cells]:
    """The engine's cells of every indicator and item."""
    columns: dict[tuple[str, str | None], dict[str, str]] = {}
    for index, line in enumerate(chosen):
        if line.years_back == 0:
            columns.setdefault((line.indicator, line.item), {})[line.side] = f"c{index}"
    return {key: cells(rows, each.get("numerator"), each.get("denominator")) for key, each in columns.items()}  # fmt: skip


def cells(
    rows: list[dict[str, Any]], numerator: str | None = "numerator", denominator: str | None = "denominator"
) -> Cells:
    """Cell → (numerator, denominator). Unknown sex or place is in totals only; a cell without anybody is none."""
    found: Cells = {}
    for row in rows:
        cut = tuple((name, row[name]) for name in CUT if row[f"all_{name}"] == 0)
        below = row[denominator] if denominator else None
        pair = (float(row[numerator] or 0) if numerator else 0.0, None if below is None else float(below))
        if all(value is not None for _, value in cut) and (pair[0] or pair[1]):
            found[cut] = pair
    return found


# --- nothing kept but facts -----------------------------------------------------------------------


def from_facts(
    scratch: Path, con: Any, pack: Any, part: Path, as_of: date, mine: list[Any], asked: dict[Any, str]
) -> dict[str, Any]:
    """The scan straight from facts and lists against the queries, over the first part alone."""
    from yimi.engines.indicators.compiled import scan

    county = wide_of(pack, part, as_of, str(scratch / "county.duckdb"))
    query = scan("child", mine, "wide")

    def queries() -> None:
        for each in asked.values():
            county.execute(each).fetchall()

    found = ratio(queries, lambda: county.execute(query).fetchall(), pairs=5)
    county.close()
    return {"from_facts": round(found.median, 2), "from_facts_seconds": float(f"{found.product_seconds:.3g}")}
