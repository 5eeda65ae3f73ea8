"""`yimi pack print-plan`: the official text back, and responsibility sheets."""

from __future__ import annotations

import argparse
from pathlib import Path


def add(commands: argparse._SubParsersAction) -> None:
    parser = commands.add_parser(
        "print-plan", help="print a plan's official text, or a body's responsibility sheet"
    )
    parser.add_argument("pack")
    parser.add_argument("--plan", help="which plan, if the pack has several")
    parser.add_argument(
        "--body", metavar="NAME", help="the sheet of one body: id, name or short name; 'all' for every body"
    )
    parser.add_argument("--out", type=Path, help="a file; for --body all a folder")
    parser.set_defaults(handler=run)


def run(arguments: argparse.Namespace) -> int:
    from yimi.exchange import plan_print
    from yimi.pack.load import load

    pack = load(arguments.pack)
    plan = plan_print.plan_of(pack, arguments.plan)
    if arguments.body == "all":
        bodies = [each for each in pack.organizations if plan_print.measures_of(pack, each)]
        sheets = {
            pack.organizations[each].short: plan_print.responsibility_sheet(pack, plan, each)
            for each in bodies
        }
        if arguments.out:
            arguments.out.mkdir(parents=True, exist_ok=True)
            for name, sheet in sheets.items():
                (arguments.out / f"{name}.txt").write_text(sheet, encoding="utf-8")
        else:
            print("\f\n".join(sheets.values()), end="")
        return 0
    if arguments.body:
        text = plan_print.responsibility_sheet(pack, plan, plan_print.find_body(pack, arguments.body))
    else:
        text = plan_print.official_text(pack, plan)
    if arguments.out:
        arguments.out.write_text(text, encoding="utf-8")
    else:
        print(text, end="")
    return 0
