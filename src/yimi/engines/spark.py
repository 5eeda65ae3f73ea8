"""The same counties on a Spark cluster: one task a county, and only sums cross the network.

A task runs the same compiled rules as one machine does, in a DuckDB of its own beside its county's files; so no
rule is written or translated a second time (decision 15). Stage 1 shuffles nothing: a county in, its files and
its sums out. Stage 2 shuffles the sums: a few thousand rows a county, whatever the number of its children.

PySpark is the extra `spark`; every worker needs yimi, the pack and the folders under the same paths.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from yimi.engines import backend, province
from yimi.engines.indicators.figures import Figure
from yimi.engines.province import SUM, Counts
from yimi.lib.errors import BadInput
from yimi.pack.load import Pack, load

_COLUMNS = (
    "indicator string, item string, sex string, age bigint, side string, years_back bigint, amount double"
)
LANES = 1  # threads of DuckDB in a task: the cluster's cores are shared out by Spark


def session(master: str) -> Any:
    """A Spark session. Raises `BadInput` where PySpark is not installed."""
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise BadInput(
            "the Spark engine needs the extra 'spark': install requirements-spark.lock, and Java 17 or newer"
        ) from None
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # the interpreter that has yimi
    return (
        SparkSession.builder.master(master)
        .appName("yimi cycle")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "8")
        .getOrCreate()
    )


def evaluate_province(
    spark: Any, pack: Pack, named: str, folder: Path, as_of: date, into: Path, memory: str
) -> tuple[Counts, list[Figure]]:
    """Every county of `folder` in a task; returns what they came to together and the province's figures.

    `named`: the pack as every worker finds it. `memory`: of one task's DuckDB.
    """
    counties = [each.as_posix() for each in province.counties_of(folder)]
    asked = (named, into.as_posix(), as_of, memory)
    sums = spark.sparkContext.parallelize(counties, len(counties)).flatMap(
        lambda county: _county(county, *asked)
    )
    keys = SUM.names[:-1]
    added = spark.createDataFrame(sums, _COLUMNS).groupBy(*keys).sum("amount").collect()
    rows = [dict(zip(SUM.names, row, strict=True)) for row in added]
    done = [into / Path(each).name for each in counties]
    figures = province.roll_up(pack, rows, province.read_values(done), as_of)
    return sum((province.read_counts(each) for each in done), Counts()), figures


def _county(county: str, named: str, into: str, as_of: date, memory: str) -> Iterator[tuple[Any, ...]]:
    """In a worker: evaluate one county, keep its files where the others' are, hand on its sums."""
    pack, path = load(named), Path(county)
    with backend.scratch(memory, LANES) as con:
        province.evaluate_county(con, pack, path, as_of, Path(into) / path.name)
    for row in province.read_sums([Path(into) / path.name]):
        yield tuple(row[name] for name in SUM.names)
