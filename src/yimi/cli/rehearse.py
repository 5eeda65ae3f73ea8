"""`yimi rehearse`: what a changed standard would do, before anybody signs."""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

from yimi.cli.data import now, open_directory, with_dir
from yimi.cli.progress import Stages
from yimi.lib.errors import BadInput

if TYPE_CHECKING:
    from yimi.engines.rehearsal import Change, Rehearsal


def add(subparsers: argparse._SubParsersAction) -> None:
    parser = subparsers.add_parser(
        "rehearse", help="what a changed age limit, amount or rhythm would do; nothing in force is touched"
    )
    parser.add_argument(
        "change", nargs="+", metavar="PARAMETER=VALUE@DATE", help="rehabilitation_aid_age=12@2027-01-01"
    )
    with_dir(parser)
    parser.set_defaults(handler=run)


def run(arguments: argparse.Namespace) -> int:
    asked = [_parts(each) for each in arguments.change]
    open_directory(arguments.dir)
    from yimi.apps.accounts.permissions import system
    from yimi.apps.evaluation import rehearsals
    from yimi.engines.rehearsal import Change

    changes: list[Change] = [Change(*each) for each in asked]
    at = now()
    uid = rehearsals.begin(changes, by=system(at.date()), at=at)
    found = rehearsals.run(uid, as_of=at.date(), progress=Stages(arguments.json))
    if arguments.json:
        told = {**asdict(found), "uid": uid}
        told.pop("subjects")
        print(json.dumps(told, ensure_ascii=False, default=str))
    else:
        _tell(found)
    return 0


def _parts(written: str) -> tuple[str, str, date]:
    name, _, rest = written.partition("=")
    value, _, on = rest.rpartition("@")
    try:
        return name.strip(), value.strip(), date.fromisoformat(on.strip())
    except ValueError:
        raise BadInput(f"'{written[:80]}' is not PARAMETER=VALUE@DATE, like rehabilitation_aid_age=12@2027-01-01") from None  # fmt: skip


def _tell(found: Rehearsal) -> None:
    print(f"截至 as of {found.day}；只作预演，没有改动任何数据 / a rehearsal: nothing was changed")
    sums: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for row in found.benefits:
        for name in ("before", "after", "added", "removed", "yuan_before", "yuan_after"):
            sums[row["entitlement"]][name] += row[name]
    for name, each in sums.items():
        print(
            f"{name}: {each['before']:.0f} → {each['after']:.0f}（新增 added {each['added']:.0f}，减少 removed "
            f"{each['removed']:.0f}），一年 a year ¥{each['yuan_before']:,.0f} → ¥{each['yuan_after']:,.0f}"
        )
    months: dict[Any, dict[str, int]] = defaultdict(lambda: {"before": 0, "after": 0})
    for row in found.work:
        for side in ("before", "after"):
            months[row["step"], row["month"]][side] += row[side]
    for (step, month), pair in sorted(months.items(), key=str):
        if pair["before"] != pair["after"]:
            print(f"{step} {month:%Y-%m}: {pair['before']} → {pair['after']}")
