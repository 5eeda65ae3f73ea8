"""docs/reference/rules.md: functions, names and lists of the rule language, from the tables the code reads."""

from __future__ import annotations

from collections.abc import Iterable

from tests.spec.acceptance import ROOT

from yimi.pack.scopes import BUILT_IN, DUE_ITEM, NAMES
from yimi.rules.parse import LIST_FUNCTIONS, PLAIN_FUNCTIONS, STATUS_FUNCTIONS, STEP_FUNCTIONS

PAGE = ROOT / "docs" / "reference" / "rules.md"

_TYPES = {
    "boolean": "是否 boolean",
    "number": "数 number",
    "text": "文字 text",
    "date": "日期 date",
    "period": "期限 period",
}

# How each function is written, and what it answers.
FUNCTIONS: dict[str, tuple[str, str, str]] = {
    "greatest": ("greatest(a, b, …)", "最大或最晚者；有一项未知则未知", "the greatest or latest; unknown if one is unknown"),
    "least": ("least(a, b, …)", "最小或最早者；有一项未知则未知", "the least or earliest; unknown if one is unknown"),
    "coalesce": ("coalesce(a, b, …)", "第一个已知的值", "the first that is known"),
    "abs": ("abs(n)", "绝对值", "without its sign"),
    "round": ("round(n) · round(n, 1)", "四舍五入", "rounded"),
    "floor": ("floor(n)", "去掉小数", "rounded down"),
    "age_months_at": ("age_months_at(date)", "该日的月龄（满月数）", "completed months of age on that day"),
    "age_years_at": ("age_years_at(date)", "该日的周岁", "completed years of age on that day"),
    "age_days_at": ("age_days_at(date)", "该日的日龄", "days of age on that day"),
    "add_days": ("add_days(date, n)", "其后第n天；n可以是算出的整天数，如两日期之差", "n days later; n may be worked out, such as the days between two dates"),
    "add_working_days": ("add_working_days(date, n)", "其后第n个工作日，当日不计，按规则包的放假安排", "the n-th working day after it, by the pack's calendar"),
    "starts_with": ("starts_with(text, 'H1')", "以某几个字开头", "begins with"),
    "has": ("has(list, condition)", "有没有一条符合；条件未知的不算符合", "is there one that fits? An unknown condition does not fit"),
    "count": ("count(list, condition)", "有几条符合，没有为0", "how many fit; none is 0"),
    "first": ("first(list.field, condition)", "最早一条的值，跳过未填的；同日按到达先后", "the value of the earliest, empty ones passed over; on one day the first to arrive"),
    "latest": ("latest(list.field, condition)", "最近一条的值，跳过未填的；同日取后到的", "the value of the latest, empty ones passed over; on one day the last to arrive"),
    "lowest": ("lowest(list.field, condition)", "最小的数，没有为未知", "the smallest number; unknown if there is none"),
    "total": ("total(list.field, condition)", "合计，没有可加的为未知", "the sum; unknown if there is nothing to add"),
    "done": ("done(step)", "完成该步骤的日期，未完成为未知；推算后续日期时以其应办日期代替", "the day the step was done, unknown if not; in a forecast its due date stands in"),
    "due": ("due(step)", "该步骤的应办日期", "the due date of the step"),
    "overdue_after": ("overdue_after(step)", "最后一个不算逾期的日子", "the last day that is not late"),
    "expires": ("expires(step)", "不再办理的第一天", "the first day it is no longer wanted"),
    "applies": ("applies(step)", "是否计入该步骤（指标中）", "does the step count (in indicators)"),
    "step_status": ("step_status(step)", "该步骤的状态（指标中）", "the status of the step (in indicators)"),
    "status_code": ("status_code(scheme)", "当日有效状态的代码，没有为未知", "the code of the status open on the day, unknown if none"),
    "status_since": ("status_since(scheme)", "当日有效状态的起始日", "since when that status is open"),
    "param": ("param(name)", "当日有效的参数：数或期限；生效之前为未知", "the parameter in force on the day: a number or a period; unknown before its first day"),
}  # fmt: skip

_FORMS = """## 写法 · Forms

| 写法 | 说明 | meaning |
|---|---|---|
| `and` `or` `not` | 且、或、非；未知参与时按三值逻辑 | three-valued where something is unknown |
| `=` `<>` `<` `<=` `>` `>=` | 比较；一方未知则未知；不能与 null 比较 | unknown if a side is unknown; nothing is compared with null |
| `x in ('a', 'b')` `x between 1 and 3` | 属于；介于（含两端） | in a list; between, both ends included |
| `x is null` `x is not null` | 缺、不缺 | missing, not missing |
| `case when … then … else … end` | 分情形 | by case |
| `+` `-` `*` `/` | 日期加减期限或整天数；两日期相减得天数 | a date plus or minus a period or whole days; two dates give days |
| `interval 8 month` | 期限：day、week、month、year；月份不足时取月末 | a period; months clip to the month's end |
| `date '2025-01-01'` `'文字'` `12` `true` `null` | 日期、文字、数、真假、未知 | date, text, number, truth, unknown |
"""

_HEAD = """# 规则语言 · The rule language

由 `python -m tests.spec.render` 从代码中的表生成，请勿手改。规则是 SQL 的表达式部分，写成一行：没有 SELECT、赋值、注释，也不能调用别的程序。缺就是未知，不是“否”。

Made from the tables in the code by `python -m tests.spec.render`; do not edit. A rule is the expression part of SQL on one line: no SELECT, no assignment, no comment, no way out to code. Missing is unknown, never "no".
"""


def page() -> str:
    """The whole page."""
    parts = [_HEAD, _FORMS]
    for title, names in (
        ("函数 · Functions", PLAIN_FUNCTIONS | {"param"}),
        ("名单函数 · Over a list", LIST_FUNCTIONS),
        ("步骤函数 · Of a step", STEP_FUNCTIONS),
        ("状态函数 · Of a status", STATUS_FUNCTIONS),
    ):
        parts.append(_functions(title, names))
    parts.append("## 可用的名称 · Names\n")
    parts += [_names(f"`{kind}`", names) for kind, names in NAMES.items()]
    parts.append(_names("预警规则另有 · Besides, in an alert rule", DUE_ITEM))
    parts.append(
        "## 名单 · Lists\n\n每张表单也是一个名单：表单的字段，加记录日期 `on`。Every form is a list too: its fields and `on`, the day of the record.\n"
    )
    for kind, lists in BUILT_IN.items():
        parts += [_names(f"`{kind}` · `{name}`", fields) for name, fields in lists.items()]
    return "\n".join(parts).rstrip() + "\n"


def _functions(title: str, names: Iterable[str]) -> str:
    rows = [
        f"| `{FUNCTIONS[name][0]}` | {FUNCTIONS[name][1]} | {FUNCTIONS[name][2]} |" for name in sorted(names)
    ]
    return "\n".join([f"## {title}", "", "| 写法 | 说明 | meaning |", "|---|---|---|", *rows, ""])


def _names(title: str, names: dict[str, str]) -> str:
    rows = [f"| `{name}` | {_TYPES[kind]} |" for name, kind in names.items()]
    return "\n".join([f"### {title}", "", "| 名称 name | 类型 type |", "|---|---|", *rows, ""])
