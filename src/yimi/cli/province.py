"""`yimi columns` and a cycle over a province: counties on one machine, or on Spark."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import time
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from yimi.cli.data import now, open_directory, with_dir
from yimi.cli.progress import Stages
from yimi.lib.errors import BadInput

if TYPE_CHECKING:
    from yimi.engines.indicators import Figure
    from yimi.engines.province import Counts
    from yimi.pack.load import Pack

MEMORY = "1200MB"  # of DuckDB, for one county at a time
RESULT = "evaluated"


def add(subparsers: argparse._SubParsersAction) -> None:
    columns = subparsers.add_parser(
        "columns", help="write what the engines read of this district as one county of a province"
    )
    columns.add_argument("--out", type=Path, required=True, metavar="PROVINCE", help="folder of the province")
    columns.add_argument("--part", required=True, metavar="CODE", help="the county's code, like 500156")
    with_dir(columns)
    columns.set_defaults(handler=run_columns)


def run_columns(arguments: argparse.Namespace) -> int:
    from yimi.engines.province import PART

    part = arguments.out / f"{PART}{arguments.part}"
    if not arguments.part.isalnum():
        raise BadInput(f"--part '{arguments.part[:40]}' is no code: letters and digits only, like 500156")
    open_directory(arguments.dir)
    from yimi import cycle
    from yimi.apps import active

    unfinished = arguments.out / f".{part.name}"
    shutil.rmtree(unfinished, ignore_errors=True)
    children = cycle.export(into=unfinished, at=now())
    shutil.rmtree(part, ignore_errors=True)
    os.replace(unfinished, part)
    (arguments.out / "pack").write_text(active.name(), encoding="utf-8")
    told = {"part": part.name, "children": children}
    print(json.dumps(told) if arguments.json else f"{part}: {children} 名儿童 children")
    return 0


def run_province(arguments: argparse.Namespace, as_of: date) -> int:
    """A cycle over a folder of counties: `yimi cycle` comes here when it is given one."""
    from yimi.engines import province
    from yimi.pack.load import load
    from yimi.sites.environment import pack_of

    began, told = time.monotonic(), Stages(arguments.json)
    pack_name = pack_of(arguments.dir)
    pack, into = load(pack_name), arguments.dir / RESULT
    evaluate = _on_spark if arguments.engine == "spark" else _here
    counts, figures = evaluate(arguments, pack, pack_name, as_of, into, told)
    province.write_figures(into, figures)
    answer = {
        "seconds": round(time.monotonic() - began, 2), "engine": arguments.engine, "as_of": as_of.isoformat(),
        "counties": len(province.counties_of(arguments.dir)), **asdict(counts), "province_figures": len(figures),
    }  # fmt: skip
    if arguments.json:
        print(json.dumps(answer))
        return 0
    for name, value in answer.items():
        print(f"{name:>16} {value}")
    apart = province.by_county_only(pack)
    print(
        f"  结果 results  {into}\n  {len(apart)} 项指标只能分区县看（离散程度、最低值、人工填报） / told by county only"
    )
    return 0


def _here(
    arguments: argparse.Namespace, pack: Pack, pack_name: str, as_of: date, into: Path, told: Stages
) -> tuple[Counts, list[Figure]]:
    from yimi.engines import province

    done = []
    for each in province.evaluate_counties(pack, arguments.dir, as_of, into, MEMORY):
        done.append(each)
        told(each.name)
    counts = sum((province.read_counts(each) for each in done), province.Counts())
    return counts, province.roll_up(pack, province.read_sums(done), province.read_values(done), as_of)


def _on_spark(
    arguments: argparse.Namespace, pack: Pack, pack_name: str, as_of: date, into: Path, told: Stages
) -> tuple[Counts, list[Figure]]:
    from yimi.engines import spark

    told("spark")
    running = spark.session(arguments.master)
    try:
        return spark.evaluate_province(running, pack, pack_name, arguments.dir, as_of, into, MEMORY)
    finally:
        running.stop()
