"""`yimi audit verify`: is the audit log whole?"""

from __future__ import annotations

import argparse
import json

from yimi.cli.data import now, open_directory, with_dir


def add(subparsers: argparse._SubParsersAction) -> None:
    parser = subparsers.add_parser("audit", help="the log of who read and changed what")
    commands = parser.add_subparsers(dest="audit_command", metavar="COMMAND", required=True)
    verify = commands.add_parser("verify", help="find any single altered, deleted or swapped row")
    with_dir(verify)
    verify.set_defaults(handler=run_verify)


def run_verify(arguments: argparse.Namespace) -> int:
    open_directory(arguments.dir)
    from yimi.apps.audit.actions import verify

    found = verify(at=now())
    if arguments.json:
        print(json.dumps({"rows": found.rows, "ok": found.ok, "first_bad": found.first_bad}))
    elif found.ok:
        print(f"审计日志完整，共 {found.rows} 条 / the log is whole: {found.rows} rows")
    else:
        print(
            f"审计日志自第 {found.first_bad} 条起不可信 / the log cannot be trusted from row {found.first_bad}"
        )
    return 0 if found.ok else 2
