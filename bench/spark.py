"""Does Spark give what one machine gives, and does it grow with the counties? Alternative: the machine itself.

Three sizes of a made-up province; answers are compared to the row at each. On one machine Spark can win nothing but
the second core; what is asked is how much it costs beside the work, and that this does not grow.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from bench.keep import DAY
from bench.province import make

SIZES = (1, 2, 4)  # counties
COUNTY = 2000  # children of one, unless more are asked for
MEMORY = "1200MB"


def run(directory: Path, children: int) -> dict[str, Any]:
    from datetime import date

    from yimi.engines import province, spark
    from yimi.lib.errors import UserError
    from yimi.pack.load import load

    try:
        session = spark.session("local[2]")
    except UserError as error:
        return {"left_out": str(error)}
    pack, day, county = load("wulong"), date.fromisoformat(DAY), max(COUNTY, children // SIZES[-1])
    told: dict[str, Any] = {"children_a_county": county}
    for size in SIZES:
        folder, here, there = (directory.parent / f"{name}-{size}" for name in ("province", "here", "there"))
        make(folder, size * county, county=county)
        began = time.perf_counter()
        done = list(province.evaluate_counties(pack, folder, day, here, MEMORY))
        wanted = province.roll_up(pack, province.read_sums(done), province.read_values(done), day)
        alone = time.perf_counter() - began
        began = time.perf_counter()
        counts, found = spark.evaluate_province(session, pack, "wulong", folder, day, there, MEMORY)
        on_spark = time.perf_counter() - began
        assert counts == sum(map(province.read_counts, done), province.Counts())
        assert list(map(_told, found)) == list(map(_told, wanted)), "Spark's figures differ"
        assert _rows(there, done) == _rows(here, done), "Spark's due items differ"
        told |= {f"{size} counties": f"{alone:.1f} s alone, {on_spark:.1f} s on Spark"}
        told["ratio"], told["sums_shuffled"] = round(alone / on_spark, 2), sum(map(_sums, done))
    session.stop()
    return told


def _told(figure: Any) -> str:
    return str(
        {name: f"{value:.9g}" if isinstance(value, float) else value for name, value in vars(figure).items()}
    )


def _rows(into: Path, counties: list[Path]) -> list[Any]:
    import duckdb

    files = [(into / each.name / "due_items.parquet").as_posix() for each in counties]
    return duckdb.sql(
        f"SELECT count(*), bit_xor(hash(t)) FROM read_parquet({files!r}, hive_partitioning = false) t"
    ).fetchall()


def _sums(county: Path) -> int:
    import pyarrow.parquet as pq

    return int(pq.read_metadata(county / "sums.parquet").num_rows)
