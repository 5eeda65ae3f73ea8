"""A rule in words, with the facts it used: the arithmetic an official can check by hand.

`tell(node, facts, language)` needs the value of every part, worked out by the same SQL as the result; nothing
is computed here a second time. Texts are Chinese first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from yimi.rules import tree
from yimi.rules.tree import Node

_UNITS = {
    "zh": {"day": "天", "week": "周", "month": "个月", "year": "年"},
    "en": {"day": "day", "week": "week", "month": "month", "year": "year"},
}
_NAMES = {
    "zh": {"birth_date": "出生", "as_of": "统计日期", "age_months": "月龄", "age_years": "周岁", "age_days": "日龄",
           "sex": "性别", "death_date": "死亡日期", "on": "当日"},
    "en": {"birth_date": "birth", "as_of": "the day of evaluation", "age_months": "age in months",
           "age_years": "age in years", "age_days": "age in days", "sex": "sex", "death_date": "date of death", "on": "that day"},
}  # fmt: skip
_HELD = ("纳入日期", "in force since")
_STATUS = {
    "": ("认定状态", "status"), "scheme": ("认定类别", "kind of status"), "code": ("认定结果", "status code"),
    "since": _HELD, "on": _HELD, "days": ("天数", "days"),
}  # fmt: skip
_SCHOOL = {
    "stage": ("学段", "stage of schooling"), "grade": ("年级", "grade"), "since": ("入学日期", "enrolled on"),
    "on": ("入学日期", "enrolled on"), "facility_kind": ("机构类别", "kind of facility"), "facility": ("机构", "facility"),
    "ownership": ("办学性质", "ownership"), "inclusive": ("普惠性", "inclusive"), "sex": ("性别", "sex"),
}  # fmt: skip
_MEASURED = {
    "on": ("体检日期", "measured on"), "age_days": ("体检时日龄", "age in days when measured"),
    "waz": ("年龄别体重Z评分", "weight-for-age z-score"), "haz": ("年龄别身高Z评分", "height-for-age z-score"),
    "whz": ("身高别体重Z评分", "weight-for-height z-score"), "baz": ("年龄别体质指数Z评分", "BMI-for-age z-score"),
    "hcz": ("年龄别头围Z评分", "head-circumference z-score"), "weight_kg": ("体重（公斤）", "weight in kg"),
    "height_cm": ("身高（厘米）", "height in cm"), "waz_drop": ("年龄别体重Z评分下降", "fall of the weight-for-age z-score"),
}  # fmt: skip
# What the lists every pack has, and their fields, are called; "" is the list itself.
LIST_WORDS: dict[str, dict[str, tuple[str, str]]] = {
    "status": {**_STATUS, "review_due": ("应复核日期", "review due")},
    "ended_status": {
        **_STATUS, "": ("已退出的认定", "ended status"), "until": ("退出日期", "ended on"), "on": ("退出日期", "ended on"),
    },
    "attendance": {**_SCHOOL, "": ("在读登记", "enrollment")},
    "attended": {
        **_SCHOOL, "": ("就读经历", "past enrollment"), "until": ("离校日期", "left on"), "end_reason": ("离校原因", "reason for leaving"),
    },
    "guardian": {
        "": ("监护关系", "guardian"), "kind": ("与儿童的关系", "relation to the child"), "guardian": ("是否监护人", "is guardian"),
        "dead_on": ("监护人死亡日期", "guardian’s date of death"), "on": ("关系登记日期", "relation since"),
    },
    "parent_state": {
        **_STATUS, "": ("父母状况", "state of a parent"), "kind": ("父亲或母亲", "father or mother"),
        "scheme": ("父母状况类别", "kind of a parent’s state"), "code": ("父母状况", "state of a parent"),
        "since": ("父母状况起始日期", "state of a parent since"), "on": ("父母状况起始日期", "state of a parent since"),
    },
    "ended_parent_state": {
        **_STATUS, "": ("父母曾有的状况", "past state of a parent"), "kind": ("父亲或母亲", "father or mother"),
        "scheme": ("父母曾有状况的类别", "kind of a parent’s past state"), "code": ("父母曾有的状况", "past state of a parent"),
        "since": ("该状况起始日期", "that state since"), "until": ("该状况结束日期", "that state ended on"),
        "on": ("该状况结束日期", "that state ended on"),
    },
    "party": {
        "": ("参与单位", "party"), "party": ("参与单位类别", "kind of party"), "organization": ("参与单位", "party"),
        "since": ("参与起始日期", "party since"), "on": ("参与起始日期", "party since"),
    },
    "involved": {
        "": ("涉及的儿童", "child involved"), "role": ("在个案中的身份", "role in the case"), "sex": ("涉及儿童的性别", "sex of the child involved"),
        "birth_date": ("涉及儿童的出生日期", "birth date of the child involved"), "age_years": ("涉及儿童的周岁", "age of the child involved"),
        "since": ("列入日期", "named on"), "on": ("列入日期", "named on"),
    },
    "facility": {
        "": ("辖区内的场所和机构", "facility of the place"), "kind": ("场所类型", "kind of facility"), "ownership": ("办学性质", "ownership"),
        "since": ("设立日期", "opened on"), "on": ("设立日期", "opened on"),
    },
    "growth": {**_MEASURED, "": ("生长评价", "growth assessment")},
    "growth_cn": {**_MEASURED, "": ("生长评价（国家标准）", "growth assessment (Chinese standard)")},
}  # fmt: skip


@dataclass(frozen=True)
class Facts:
    """What is known for one subject: the value of each part of a rule, and how things are called."""

    values: Mapping[Node, Any]
    step_names: Mapping[str, str] = field(default_factory=dict)
    list_names: Mapping[str, str] = field(default_factory=dict)  # "birth" and "birth.discharged_on"
    param_names: Mapping[str, str] = field(default_factory=dict)
    scheme_names: Mapping[str, str] = field(default_factory=dict)
    done: Mapping[str, date | None] = field(default_factory=dict)
    language: str = "zh"


def parts(node: Node) -> Iterator[Node]:
    """The parts whose values are told; conditions inside lists speak of list fields and stay out."""
    yield node
    if not isinstance(node, tree.ListCall | tree.Period | tree.When):
        for child in node.children():
            yield from parts(child)
    elif isinstance(node, tree.When):
        yield from parts(node.condition)
        yield from parts(node.result)


def valued(node: Node) -> set[Node]:
    """The parts that have a value of their own (a period and a when have not)."""
    return {each for each in parts(node) if not isinstance(each, tree.Period | tree.When)}


def terms(node: Node) -> list[Node]:
    """The dates a rule takes the later of; one if it does not."""
    if isinstance(node, tree.Call) and node.function == "greatest":
        return [term for arg in node.args for term in terms(arg)]
    return [node]


def tell(node: Node, facts: Facts) -> str:
    """One part in words, its value at the end if it is a date that was worked out."""
    said = phrase(node, facts)
    value = facts.values.get(node)
    worked_out = isinstance(node, tree.Op | tree.Case | tree.Call) and isinstance(value, date)
    return f"{said} = {value.isoformat()}" if worked_out and isinstance(value, date) else said


def phrase(node: Node, facts: Facts) -> str:
    teller: Callable[[Any, Facts], str] | None = _TELLERS.get(type(node))
    return teller(node, facts) if teller else show(facts.values.get(node), facts.language)


def show(value: Any, language: str) -> str:
    if value is None:
        return "未知" if language == "zh" else "unknown"
    if isinstance(value, bool):
        return {"zh": ("否", "是"), "en": ("no", "yes")}[language][value]
    return value.isoformat() if isinstance(value, date) else str(value)


def period(count: int, unit: str, language: str) -> str:
    word = _UNITS[language][unit]
    return f"{count}{word}" if language == "zh" else f"{count} {word}{'' if count == 1 else 's'}"


def _op(node: tree.Op, facts: Facts) -> str:
    zh = facts.language == "zh"
    if node.op in "+-" and len(node.args) == 2:
        left, right = node.args
        if isinstance(left, tree.Period):
            left, right = right, left
        if isinstance(right, tree.Period):
            return _shifted(left, right, node.op, facts)
        if isinstance(right, tree.Param):
            return f"{phrase(left, facts)} {'后' if zh else '+'} {phrase(right, facts)}"
    joined = {"and": "且", "or": "或", "not": "非"} if zh else {}
    words = [phrase(each, facts) for each in node.args]
    return (
        f" {joined.get(node.op, node.op)} ".join(words)
        if len(words) > 1
        else f"{joined.get(node.op, node.op)} {words[0]}"
    )


def _shifted(start: Node, length: tree.Period, op: str, facts: Facts) -> str:
    said = period(length.count, length.unit, facts.language)
    if isinstance(start, tree.Name) and start.name == "birth_date":
        born = show(facts.values.get(start), facts.language)
        if length.count == 0:
            return f"出生当日 {born}" if facts.language == "zh" else f"the day of birth {born}"
        if facts.language == "zh":
            aged = {"month": "月龄", "year": "周岁"}.get(length.unit)
            return f"出生 {born} 满{length.count}{aged}" if aged else f"出生 {born} 后{said}"
        return f"{said} after birth {born}"
    before = op == "-"
    if facts.language == "zh":
        return f"{phrase(start, facts)} {'前' if before else '后'}{said}"
    return f"{said} {'before' if before else 'after'} {phrase(start, facts)}"


def _name(node: tree.Name, facts: Facts) -> str:
    said = _NAMES[facts.language].get(node.name, node.name)
    return f"{said} {show(facts.values.get(node), facts.language)}"


def _step(node: tree.StepCall, facts: Facts) -> str:
    said = facts.step_names.get(node.step, node.step)
    value = show(facts.values.get(node), facts.language)
    if node.function == "done" and facts.done.get(node.step) is None:
        # The forecast stands on a date that has not come true yet; say so.
        return f"{said}（预计 {value}）" if facts.language == "zh" else f"{said} (expected {value})"
    return f"{said} {value}"


def _list(node: tree.ListCall, facts: Facts) -> str:
    key = f"{node.list}.{node.field}" if node.field else node.list
    said = facts.list_names.get(key) or _built_in(node, facts) or key
    return f"{said} {show(facts.values.get(node), facts.language)}"


def _built_in(node: tree.ListCall, facts: Facts) -> str:
    """What a list of every pack is called, with the kind of status the rule asks about before it."""
    words = LIST_WORDS.get(node.list, {}).get(node.field or "")
    if words is None:
        return ""
    said, scheme = words[facts.language == "en"], tree.text_wanted(node.where, "scheme")
    if scheme is None:
        return said
    name = facts.scheme_names.get(scheme, scheme)
    return f"{name}{said}" if facts.language == "zh" else f"{name} {said}"


def _status(node: tree.StatusCall, facts: Facts) -> str:
    name = facts.scheme_names.get(node.scheme, node.scheme)
    said = _STATUS["code" if node.function == "status_code" else "since"][facts.language == "en"]
    told = f"{name}{said}" if facts.language == "zh" else f"{name} {said}"
    return f"{told} {show(facts.values.get(node), facts.language)}"


def _case(node: tree.Case, facts: Facts) -> str:
    for each in node.whens:
        if facts.values.get(each.condition) is True:
            return phrase(each.result, facts)
    return phrase(node.otherwise, facts)


def _call(node: tree.Call, facts: Facts) -> str:
    if node.function == "coalesce":
        known = next((each for each in node.args if facts.values.get(each) is not None), node.args[-1])
        return phrase(known, facts)
    if node.function in ("greatest", "least"):
        later = {
            "zh": {"greatest": "取较晚者", "least": "取较早者"},
            "en": {"greatest": "the later of", "least": "the earlier of"},
        }
        separator = "；" if facts.language == "zh" else "; "
        return f"{later[facts.language][node.function]}（{separator.join(tell(each, facts) for each in node.args)}）"
    return f"{node.function}({', '.join(phrase(each, facts) for each in node.args)})"


def _param(node: tree.Param, facts: Facts) -> str:
    name, value = facts.param_names.get(node.name, node.name), facts.values.get(node)
    count, _, unit = value.partition(" ") if isinstance(value, str) else ("", "", "")
    told = period(int(count), unit, facts.language) if unit else show(value, facts.language)
    return f"{name} {told}"


def _literal(node: tree.Literal, facts: Facts) -> str:
    if isinstance(node.value, date):
        return (
            f"自 {node.value.isoformat()} 起" if facts.language == "zh" else f"from {node.value.isoformat()}"
        )
    return show(node.value, facts.language)


def _in(node: tree.In, facts: Facts) -> str:
    options = "、".join(phrase(each, facts) for each in node.options)
    return f"{phrase(node.item, facts)} ∈ {options}"


def _null(node: tree.IsNull, facts: Facts) -> str:
    return f"{phrase(node.item, facts)} {'为空' if facts.language == 'zh' else 'is missing'}"


_TELLERS: dict[type[Node], Callable[[Any, Facts], str]] = {
    tree.Op: _op, tree.Name: _name, tree.StepCall: _step, tree.ListCall: _list, tree.Case: _case,
    tree.Call: _call, tree.StatusCall: _status, tree.Param: _param, tree.Literal: _literal, tree.In: _in, tree.IsNull: _null,
    tree.Period: lambda node, facts: period(node.count, node.unit, facts.language),
}  # fmt: skip
