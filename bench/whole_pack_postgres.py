"""How fast is the scan over kept state against PostgreSQL, one hand-written query an indicator?

The queries of `by_hand` once more, over the same rows in a PostgreSQL of our own, indexed and analyzed; every cell
compared first. Not in `make bench`: with few children all that is measured is what an engine takes to begin.
"""

from __future__ import annotations

import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

from bench import by_hand
from bench.keep import DAY
from bench.pairs import ratio
from bench.whole_pack import cells, cells_of, province_of, store_of

GOAL = 100.0


def run(directory: Path, children: int) -> dict[str, Any]:
    from tests.postgres import why_not

    if reason := why_not():
        return {"postgres": reason}
    with (
        province_of(directory, children) as folder,
        tempfile.TemporaryDirectory(prefix="yimi-pack-") as scratch,
    ):
        return measure(folder, Path(scratch))


def measure(folder: Path, scratch: Path) -> dict[str, Any]:
    import psycopg
    from psycopg.rows import dict_row
    from tests.postgres import throwaway_cluster

    from yimi.engines import backend
    from yimi.engines.indicators.compiled import kept, lines, scan
    from yimi.pack.load import load

    pack, as_of = load("wulong"), date.fromisoformat(DAY)
    asked = by_hand.queries(as_of)
    every = lines(pack, "child")
    mine = [
        (new, old) for new, old in zip(kept(every), every, strict=True) if (old.indicator, old.item) in asked
    ]
    con, _ = store_of(pack, sorted(folder.glob("part=*")), as_of, scratch)
    one_scan = scan("child", [new for new, _ in mine], "contributions")
    answers = cells_of(backend.rows(con, one_scan), [old for _, old in mine])
    with throwaway_cluster() as address, psycopg.connect(address, autocommit=True) as server:
        began = time.perf_counter()
        copy_tables(con, server, asked)
        loaded = time.perf_counter() - began
        server.execute("SET work_mem = '256MB'")
        for key, query in asked.items():
            rows = server.cursor(row_factory=dict_row).execute(query).fetchall()  # type: ignore[call-overload]
            assert cells(rows) == answers[key], f"{key}: PostgreSQL and the engine differ"

        def queries() -> None:
            for query in asked.values():
                server.execute(query).fetchall()  # type: ignore[call-overload]

        found = ratio(queries, lambda: con.execute(one_scan).fetchall())
    children = con.execute("SELECT count(*) FROM contributions").fetchall()[0][0]
    con.close()
    return {
        "children": children, "indicators": len(asked), "lines": len(mine), **found.told(GOAL),
        "load_seconds": round(loaded, 1),
    }  # fmt: skip


def copy_tables(con: Any, server: Any, asked: dict[Any, str]) -> None:
    """The tables the queries read, indexed by what they look up."""
    text = " ".join(asked.values())
    names = [row[0] for row in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
    for name in sorted(each for each in names if f" {each} " in f"{text} "):
        described = con.execute(f'DESCRIBE "{name}"').fetchall()
        kinds = {"DOUBLE": "DOUBLE PRECISION", "VARCHAR[]": "TEXT"}
        columns = ", ".join(f'"{each[0]}" {kinds.get(each[1], each[1])}' for each in described)
        server.execute(f'CREATE UNLOGGED TABLE "{name}" ({columns})')
        with tempfile.TemporaryDirectory(prefix="yimi-csv-") as folder:
            file = Path(folder) / "rows.csv"
            con.execute(f"COPY \"{name}\" TO '{file}' (FORMAT csv, HEADER false)")
            with (
                file.open("rb") as rows,
                server.cursor().copy(f'COPY "{name}" FROM STDIN (FORMAT csv)') as into,
            ):
                while block := rows.read(1 << 20):
                    into.write(block)
        known = {each[0] for each in described}
        for keys in (
            ("place_id",) if name == "place" else ("subject_id",),
            ("vaccine",),
            ("scheme", "code"),
            ("stage",),
        ):
            if set(keys) <= known:
                also = ', "on"' if "on" in known and keys == ("subject_id",) else ""
                server.execute(f'CREATE INDEX ON "{name}" ({", ".join(keys)}{also})')
        server.execute(f'ANALYZE "{name}"')
