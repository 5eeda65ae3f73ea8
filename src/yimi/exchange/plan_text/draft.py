"""A draft pack from a reading: plan.yaml, text.txt, REPORT.md; all of it or nothing."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import yaml

from yimi.exchange.plan_text.reading import PlanReading
from yimi.exchange.plan_text.shown import as_json
from yimi.lib.errors import BadInput

SCHEMA = "yimi-plan-draft/1"
_DRAFT = "草稿：由程序从公文文本读出，未经人工核对，不得直接启用。"


def check_target(directory: Path) -> None:
    """Raise BadInput where the folder cannot take a draft, before anything is read or written."""
    if directory.exists() and not directory.is_dir():
        raise BadInput(f"{directory} 是文件，不是文件夹；请换一个输出位置。")
    if directory.is_dir() and any(directory.iterdir()):
        raise BadInput(f"文件夹 {directory} 不是空的，未写入任何内容；请换一个空文件夹或新文件夹。")


def write_draft(reading: PlanReading, directory: Path) -> None:
    """Write the three files into a new or empty folder. Raises BadInput; leaves nothing half-written."""
    check_target(directory)
    parent = directory.resolve().parent
    try:
        parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=parent))
    except OSError as error:
        raise BadInput(f"无法在 {parent} 写入：{error.strerror}；请换一个输出位置。") from error
    try:
        shown = as_json(reading)
        (beside / "plan.yaml").write_text(_plan_yaml(shown), encoding="utf-8")
        # Spans count characters: line ends must stay one character on every system.
        (beside / "text.txt").write_text(reading.text, encoding="utf-8", newline="\n")
        (beside / "REPORT.md").write_text(report(reading, shown), encoding="utf-8")
        beside.chmod(0o755)
        if directory.is_dir():
            directory.rmdir()
        os.rename(beside, directory)
    except OSError as error:
        raise BadInput(f"无法写入 {directory}：{error.strerror}；未留下任何内容。") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _plan_yaml(shown: dict[str, Any]) -> str:
    data = {
        "schema": SCHEMA,
        "status": "draft",
        "confirmed_by": None,
        "note": _DRAFT,
        "document": {
            "title": shown["title"],
            "number": shown["number"],
            "number_span": shown["number_span"],
            "date": shown["date"],
            "date_span": shown["date_span"],
            "script": shown["script"],
            "plans": shown["document_list"],
        },
        "chapters": shown["chapters"],
        "bodies": shown["bodies"],
        "measures": shown["measures"],
        "targets": shown["targets"],
        "not_taken": shown["not_taken"],
    }
    text = yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=4096)
    return f"# {_DRAFT}\n# span 为 text.txt 中的字符位置 [起, 止)。confidence 为 0 至 1。\n{text}"


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """No anchors: a draft is edited by hand, and an alias there surprises."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def report(reading: PlanReading, shown: dict[str, Any]) -> str:
    """What was read, what was not and why, and what to check, for the person who confirms the draft."""
    lines = [f"# 读取报告：{shown['title'] or '（无标题）'}", "", f"> {_DRAFT}", ""]
    lines += _summary(shown)
    lines += ["", "## 请先核对", ""]
    lines += _warnings(shown) or ["没有需要提醒的地方。"]
    lines += ["", "## 数值目标", ""]
    lines += _targets(shown)
    lines += ["", "## 未采用的数字", ""]
    lines += [
        f"- “{_cell(one['phrase'])}”中的“{one['number']}”：{one['why']}" for one in shown["not_taken"]
    ] or ["无。"]
    lines += ["", "## 章节与任务", ""]
    lines += _outline(shown)
    lines += ["", "## 责任单位", "", "| 单位 | 任务数 | 其他写法 |", "| --- | ---: | --- |"]
    lines += [
        f"| {b['name']} | {b['measures']} | {'、'.join(a for a in b['aliases'] if a != b['name'])} |"
        for b in shown["bodies"]
    ]
    lines += ["", "## 读法说明", "", *_info(shown)]
    return "\n".join(lines).rstrip() + "\n"


def _summary(shown: dict[str, Any]) -> list[str]:
    assignments = sum(len(m["bodies"]) for m in shown["measures"])
    return [
        f"- 文号：{shown['number'] or '未读到'}；成文日期：{shown['date'] or '未读到'}；方案 {shown['documents']} 份",
        f"- 章节 {len(shown['chapters'])} 个，任务 {len(shown['measures'])} 项，责任单位 {len(shown['bodies'])} 个，任务与单位对应 {assignments} 对",
        f"- 数值目标 {len(shown['targets'])} 个，未采用的数字 {len(shown['not_taken'])} 处",
        f"- 来源：{shown['source']['format']}，编码 {shown['source']['encoding'] or '—'}；位置均指 text.txt 中的字符序号",
    ]


def _warnings(shown: dict[str, Any]) -> list[str]:
    return [
        f"- [{one['code']}] {one['message']}{_place(one['span'])}"
        for one in shown["warnings"]
        if one["level"] == "warning"
    ]


def _info(shown: dict[str, Any]) -> list[str]:
    notes = [one for one in shown["warnings"] if one["level"] == "info"]
    counts = Counter(one["code"] for one in notes)
    lines = [
        f"- [{one['code']}] {one['message']}{_place(one['span'])}"
        for one in notes
        if counts[one["code"]] <= 30
    ]
    lines += [f"- [{code}] 共 {n} 处，见 JSON 输出" for code, n in counts.items() if n > 30]
    return lines or ["无。"]


def _place(span: list[int] | None) -> str:
    return f"（位置 {span[0]}—{span[1]}）" if span else ""


_BASIS = {"text": "", "plan_period": "（由规划期推知）", "neighbor": "（由邻句推知）", "none": ""}
_OPERATORS = {">=": "≥", "<=": "≤", "=": "=", ">": ">", "<": "<"}


def _targets(shown: dict[str, Any]) -> list[str]:
    if not shown["targets"]:
        return ["没有读到数值目标。"]
    rows = ["| 任务 | 目标 | 期限 | 范围 | 可信度 | 原文 |", "| --- | --- | --- | --- | ---: | --- |"]
    for one in shown["targets"]:
        deadline = f"{one['deadline'] or '未写明'}{_BASIS[one['deadline_basis']]}"
        rows.append(
            f"| {one['measure'] or '总目标'} | {_OPERATORS[one['operator']]} {one['value']} {one['unit'] or '（无单位）'} | {deadline} | "
            f"{one['scope']} | {one['confidence']:.2f} | {_cell(one['phrase'])} |"
        )
    return rows


def _outline(shown: dict[str, Any]) -> list[str]:
    lines: list[str] = []
    for k, document in enumerate(shown["document_list"]):
        if len(shown["document_list"]) > 1:
            lines += [f"### {document['title'] or '（无标题）'}", ""]
        for chapter in [c for c in shown["chapters"] if c["document"] == k]:
            lines.append(f"- {chapter['number']} {chapter['title']}")
            lines += [
                _item(m, "  ")
                for m in shown["measures"]
                if m["document"] == k and m["chapter"] == chapter["number"]
            ]
        lines += [_item(m, "") for m in shown["measures"] if m["document"] == k and m["chapter"] is None]
    return lines or ["没有读到条目。"]


def _item(measure: dict[str, Any], indent: str) -> str:
    who = "、".join(f"{b['name']}{_DUTY[b['duty']]}" for b in measure["bodies"]) or "未写明责任单位"
    return f"{indent}- {measure['id']} {measure['number'] or '（无编号）'} {measure['title']}：{who}"


_DUTY = {"lead": "（牵头）", "joint": "", "support": "（配合）"}


def _cell(text: str) -> str:
    return text.replace("\n", " ").replace("|", "\\|")
