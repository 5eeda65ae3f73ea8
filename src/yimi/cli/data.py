"""`yimi init`, `yimi import`, `yimi cycle`, `yimi explain`: a district's data."""

from __future__ import annotations

import argparse
import json
import os
import time
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from yimi.cli.progress import Stages
from yimi.lib.errors import BadInput

YIELDS = 10  # steps of priority: whoever waits for a page goes before a turn that nobody waits for
DISTRICT_TIME = ZoneInfo("Asia/Shanghai")


def add(subparsers: argparse._SubParsersAction) -> None:
    init = subparsers.add_parser("init", help="a new, empty district in a folder")
    init.add_argument("directory", type=Path)
    init.add_argument("--pack", required=True)
    init.set_defaults(handler=run_init)
    cycle = subparsers.add_parser("cycle", help="one turn: evaluate, alert, set tasks")
    with_dir(cycle)
    cycle.add_argument("--as-of", metavar="DATE")
    cycle.add_argument(
        "--full", action="store_true", help="work everything out again even if nothing changed"
    )
    cycle.add_argument(
        "--engine", choices=("duckdb", "spark"), default="duckdb", help="spark: of a province's counties"
    )
    cycle.add_argument("--master", default="local[2]", help="of Spark: local[N], or a cluster's address")
    cycle.set_defaults(handler=run_cycle)
    explain = subparsers.add_parser(
        "explain", help="why: a due item, an alert, a task, a target or an indicator"
    )
    explain.add_argument("id", help="child's id:step, an alert's or task's id, T14, or an indicator's id")
    with_dir(explain)
    explain.set_defaults(handler=run_explain)
    imported = subparsers.add_parser(
        "import", help="take in a spreadsheet: every row accepted or refused with its reason"
    )
    imported.add_argument("file", type=Path)
    imported.add_argument(
        "--as", dest="form", required=True, metavar="FORM", help="children, dose or health_visit"
    )
    with_dir(imported)
    imported.set_defaults(handler=run_import)


def with_dir(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dir", type=Path, default=Path("var/demo"), metavar="DIR")
    parser.add_argument("--json", action="store_true")


def open_directory(directory: Path) -> None:
    """Start Django on an existing data directory of this version, or say what to do."""
    start_on(directory)
    from yimi.sites.start import is_behind

    if is_behind():
        raise BadInput(
            f"“{directory}”的数据属于旧版本，请先运行 yimi upgrade --dir {directory} / "
            f"the district in '{directory}' is of an older version: run yimi upgrade --dir {directory}"
        )


def start_on(directory: Path) -> None:
    """The same whatever its version."""
    from yimi.sites.environment import DATABASE

    if not (directory / DATABASE).is_file() and not _uses_postgres():
        raise BadInput(f"there is no district in '{directory}': make one with yimi demo or yimi init")
    from yimi.sites.start import start

    start(directory)


def _uses_postgres() -> bool:
    return bool(os.environ.get("YIMI_DATABASE_URL"))


def now() -> datetime:
    return datetime.now(DISTRICT_TIME)


def run_init(arguments: argparse.Namespace) -> int:
    from yimi.pack.load import load

    pack = load(arguments.pack)
    if arguments.directory.exists() and any(arguments.directory.iterdir()):
        raise BadInput(f"'{arguments.directory}' is not empty: name a new folder")
    from yimi.sites.start import migrate, start

    start(arguments.directory, pack=str(arguments.pack))
    (arguments.directory / "pack").write_text(str(arguments.pack), encoding="utf-8")
    migrate()
    from yimi.apps.accounts.permissions import system
    from yimi.apps.places.actions import load_from_pack
    from yimi.apps.register.actions import register_places

    load_from_pack(pack, by=system(now().date()), at=now())
    register_places(by=system(now().date()), at=now())
    print(f"已建立 {pack.info.name.zh}：{arguments.directory} / ready")
    return 0


def run_cycle(arguments: argparse.Namespace) -> int:
    began = time.monotonic()
    try:
        as_of = date.fromisoformat(arguments.as_of) if arguments.as_of else now().date()
    except ValueError:
        raise BadInput(f"--as-of '{arguments.as_of}' is not a date; write it like 2026-11-26") from None
    if any(arguments.dir.glob("part=*")):
        from yimi.cli.province import run_province

        return run_province(arguments, as_of)
    if arguments.engine == "spark":
        raise BadInput(
            f"'{arguments.dir}' is one district, which one machine does; Spark is for a province: "
            "write its districts into a folder with yimi columns"
        )
    open_directory(arguments.dir)
    os.nice(YIELDS)
    from yimi import cycle

    turn = cycle.turn(as_of=as_of, at=now(), progress=Stages(arguments.json), force=arguments.full)
    names = ("children", "records", "due", "overdue", "figures", "alerts", "tasks")
    told = {
        "seconds": round(time.monotonic() - began, 2),
        **{name: turn.counts.get(name, 0) for name in names},
        "changed": turn.changed,
        "run": turn.run,
        "as_of": as_of.isoformat(),
    }
    if arguments.json:
        print(json.dumps(told))
        return 0
    if turn.unchanged:
        print(
            f"第 {turn.run} 次运行仍有效，没有变化 / run {turn.run} still holds, nothing changed（{told['seconds']} s）"
        )
    for name, value in told.items():
        print(f"{name:>10} {value}")
    return 0


def run_explain(arguments: argparse.Namespace) -> int:
    open_directory(arguments.dir)
    from yimi.apps.accounts.permissions import system
    from yimi.apps.evaluation.explain import explain

    told = explain(arguments.id, actor=system(now().date()), as_of=now().date())
    if arguments.json:
        print(json.dumps(told, ensure_ascii=False, indent=1, default=str))
    else:
        print(f"{told['zh']}\n\n{told['en']}")
    return 0


def run_import(arguments: argparse.Namespace) -> int:
    open_directory(arguments.dir)
    from yimi.apps.accounts.permissions import system
    from yimi.apps.imports.actions import import_file

    result = import_file(
        arguments.file,
        {"children": "child"}.get(arguments.form, arguments.form),
        by=system(now().date()),
        at=now(),
        progress=Stages(arguments.json),
    )
    refused = [vars(each) for each in result.refused]
    told = {
        "rows": result.rows, "accepted": result.accepted, "stored": result.stored, "repeated": result.repeated,
        "refused": refused, "skipped": len(result.skipped),
    }  # fmt: skip
    if arguments.json:
        print(json.dumps(told, ensure_ascii=False, default=str))
    else:
        for each in refused:
            print(f"第 {each['line']} 行 line {each['line']}：{each['reason_zh']} / {each['reason_en']}")
        print(
            f"接受 accepted {result.accepted}，拒绝 refused {len(refused)}，已存 stored {result.stored}，"
            f"重复 repeated {result.repeated}"
        )
    return 2 if refused else 0
