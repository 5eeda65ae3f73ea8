"""`yimi pack check` and `yimi pack try`."""

from __future__ import annotations

import argparse
import json
from typing import Any


def add(commands: argparse._SubParsersAction) -> None:
    check = commands.add_parser("check", help="check every declaration, rule and test child of a pack")
    check.add_argument("pack", help="folder or name of the pack")
    check.add_argument("--json", action="store_true")
    check.set_defaults(handler=run_check)
    attempt = commands.add_parser("try", help="what a pathway says about one child")
    attempt.add_argument("pack")
    attempt.add_argument("pathway")
    attempt.add_argument("--birth", required=True, metavar="DATE")
    attempt.add_argument("--sex", choices=("f", "m"))
    attempt.add_argument("--records", default="", metavar='"HepB@2025-01-15, BCG@2025-01-20"')
    attempt.add_argument("--as-of", metavar="DATE")
    attempt.add_argument("--json", action="store_true")
    attempt.set_defaults(handler=run_try)


def run_check(arguments: argparse.Namespace) -> int:
    from yimi.engines.trials import run_tests
    from yimi.pack.check import check_folder
    from yimi.pack.load import load

    report = check_folder(arguments.pack)
    if not report.errors:
        report.errors = run_tests(load(arguments.pack))
    if arguments.json:
        shown: dict[str, Any] = {
            name: [each.as_json() for each in getattr(report, name)] for name in ("errors", "warnings")
        }
        print(json.dumps({**shown, "counts": report.counts}, ensure_ascii=False, indent=1))
    else:
        _print_report(report)
    return 2 if report.errors else 0


def _print_report(report: Any) -> None:
    for name, label in (("errors", "错误 error"), ("warnings", "提醒 warning")):
        for each in getattr(report, name):
            print(f"{label}: {each}")
    for name, number in report.counts.items():
        print(f"{name:>14} {number:6d}")
    verdict = (
        f"{len(report.errors)} 处错误，不能启用 / errors: the pack cannot be used"
        if report.errors
        else "全部通过 / all checks passed"
    )
    print(verdict)


def run_try(arguments: argparse.Namespace) -> int:
    from yimi.engines import backend
    from yimi.engines.attempt import attempt_child, attempted
    from yimi.pack.load import load

    pack = load(arguments.pack)
    pathway, child = attempt_child(
        pack, arguments.pathway, arguments.birth, arguments.sex, arguments.records, arguments.as_of
    )
    shown = attempted(backend.connect(threads=1), pack, pathway, child)
    if arguments.json:
        print(json.dumps(shown, ensure_ascii=False, indent=1))
        return 0
    for each in shown["due"]:
        print(
            f"{each['step']:>9} {each['ordinal']}  {each['due'] or '—':10}  {each['status']:<10} {each['because']}"
        )
    for each in shown["judged"]:
        print(f"{each['record']:>20}  {each['verdict']:<8} {each['because']}")
    return 0
