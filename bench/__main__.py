"""Run the benches named, or all."""

from __future__ import annotations

import argparse
import importlib
import sys
import tempfile
from pathlib import Path

from bench import keep

ALL = (
    "demo",
    "cycle",
    "one_record",
    "increment",
    "calendar",
    "bulk",
    "pages",
    "web",
    "growth",
    "whole_pack",
    "due_list",
    "as_of",
    "scale",
    "spark",
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("names", nargs="*", default=list(ALL))
    parser.add_argument("--children", type=int, default=2000)
    parser.add_argument("--dir", type=Path, help="a district that exists already; it is changed")
    parser.add_argument("--keep", action="store_true", help="add the figures to bench/results")
    arguments = parser.parse_args()
    slow: list[str] = []
    with tempfile.TemporaryDirectory(prefix="yimi-bench-") as scratch:
        directory = arguments.dir or Path(scratch) / "demo"
        if arguments.dir is None and "demo" not in arguments.names:
            keep.yimi("demo", "--children", str(arguments.children), "--dir", str(directory), "--as-of", keep.DAY,
                      "--no-serve", "--no-history", "--json")  # fmt: skip
        for name in arguments.names:
            told = importlib.import_module(f"bench.{name}").run(directory, arguments.children)
            keep.tell(name, told)
            if arguments.keep:
                keep.store(name, told)
            if told.get("ratio", 0.0) < told.get("floor", 0.0):
                slow.append(name)
    if slow:
        print(f"below half of the goal: {', '.join(slow)}")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
