"""`yimi pack import-plan`: a draft pack from the official text of a plan."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any


def add(commands: argparse._SubParsersAction) -> None:
    reader = commands.add_parser(
        "import-plan",
        help="read a plan's official text into a draft pack",
        description="Reads .txt, .docx, .doc, .pdf or a saved web page; - reads standard input. "
        "Exit code 2 and nothing written where the text is no plan.",
    )
    reader.add_argument("file", help="the plan's text; - for standard input")
    reader.add_argument("--out", metavar="DIR", help="folder of the draft pack; must be new or empty")
    reader.add_argument("--json", action="store_true", help="print the reading as one JSON object")
    reader.set_defaults(handler=run_import_plan)


def run_import_plan(arguments: argparse.Namespace) -> int:
    from yimi.exchange.plan_text import read_plan_bytes, read_plan_file, write_draft
    from yimi.exchange.plan_text.draft import check_target

    out = Path(arguments.out) if arguments.out else None
    if out:
        check_target(out)
    if arguments.file == "-":
        reading = read_plan_bytes(sys.stdin.buffer.read())
    else:
        reading = read_plan_file(Path(arguments.file))
    shown = reading.as_json()
    if reading.is_plan and out:
        write_draft(reading, out)
    if arguments.json:
        print(json.dumps(shown, ensure_ascii=False, indent=1))
    elif reading.is_plan:
        _print_summary(shown, out)
    if not reading.is_plan:
        print(f"yimi: {reading.verdict.reason}", file=sys.stderr)
        return 2
    return 0


def _print_summary(shown: dict[str, Any], out: Path | None) -> None:
    assignments = sum(len(each["bodies"]) for each in shown["measures"])
    warnings = sum(each["level"] == "warning" for each in shown["warnings"])
    print(shown["title"] or "（无标题）")
    print(
        f"章节 {len(shown['chapters'])}，任务 {len(shown['measures'])}，责任单位 {len(shown['bodies'])}，"
        f"对应 {assignments}，数值目标 {len(shown['targets'])}，未采用的数字 {len(shown['not_taken'])}，提醒 {warnings}"
    )
    for each in shown["warnings"]:
        if each["level"] == "warning":
            print(f"提醒 [{each['code']}] {each['message']}")
    print(f"草稿已写入 {out}，请核对 REPORT.md 后再启用。" if out else "未写文件；加 --out DIR 生成草稿包。")
