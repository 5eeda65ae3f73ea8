"""Figures, goals and gaps as the pages say them: plain values and words in both languages, no look.

Shapes are those of the templates: `staff/cockpit.html` and `cotton/figure.html` say what they take.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from yimi.apps.plan.selectors import Cell, Light
from yimi.engines.indicators.lights import meets
from yimi.pack.load import Pack
from yimi.pack.schema import Indicator, Target
from yimi.sites.addresses import address

Words = dict[str, str]

LIGHT_ORDER = ("met", "on_track", "off", "typed", "no_data")
SIGNS = {">=": "≥", "<=": "≤", "=": "=", ">": ">", "<": "<"}
# Units of the plan as an English table head says them.
UNITS = {
    "%": "%", "‰": "‰", "人": " people", "名": " people", "个": "", "所": "", "项": "", "结论": "",
    "个/千人": " per 1,000", "名/千名儿童": " per 1,000 children", "项/人": " per person", "小时/天": " hours a day",
    "系数": "", "人次": " places taken", "分": " points",
}  # fmt: skip
_COUNTED = {
    "child": ("名儿童", " children"), "person": ("人", " people"), "facility": ("个机构", " facilities"),
    "place": ("个", " places"), "organization": ("个单位", " bodies"),
}  # fmt: skip
# How a side makes one number of many, in words that stand before the rule.
FOLDS = {
    "sum": ("合计", "sum of"), "median": ("中位数", "median of"), "least": ("最小值", "smallest of"),
    "spread": ("差异系数", "coefficient of variation of"),
}  # fmt: skip
_SINGULAR = {
    " children": " child",
    " people": " person",
    " facilities": " facility",
    " places": " place",
    " bodies": " body",
}
_KIND_OF_PLACE = re.compile(
    r"(街道|(苗族|土家族|仡佬族|侗族|彝族|回族|藏族|羌族|瑶族|壮族|满族|蒙古族|民族)*乡|镇)$"
)


def both(zh: str, en: str) -> Words:
    return {"zh": zh, "en": en}


def words(text: Any) -> Words:
    return {"zh": text.zh, "en": text.en}


def declared_name(declared: Any) -> Words:
    """What a declaration is called: its name, or its title."""
    found = getattr(declared, "name", None) or getattr(declared, "title", None)
    return words(found) if found else both(declared.id, declared.id)


def unit_of(unit: str) -> Words:
    return both(unit, UNITS.get(unit, f" {unit}"))


def whole(value: float | None) -> float | int | None:
    """Counts without a decimal point: a float that is a whole number becomes an int."""
    return int(value) if value is not None and float(value).is_integer() else value


def figure(indicator: Indicator, cell: Cell | Light | Mapping[str, Any] | None) -> dict[str, Any]:
    """A figure with its parts. Rare events always carry their interval."""
    unit = unit_of(indicator.unit)
    if cell is None:
        return {"value": None, "unit": unit}
    if isinstance(cell, Light):
        parts: Mapping[str, Any] = {**cell.detail, "value": cell.value}
    else:
        parts = cell if isinstance(cell, Mapping) else vars(cell)
    value = parts.get("value")
    if parts.get("withheld") and value is None:
        return {"value": None, "unit": unit, "withheld": True}
    shown: dict[str, Any] = {"value": value if indicator.denominator else whole(value), "unit": unit}
    if indicator.denominator is not None:
        shown |= {"numerator": whole(parts.get("numerator")), "denominator": whole(parts.get("denominator"))}
        if indicator.rare and parts.get("low") is not None:
            shown |= {"low": parts["low"], "high": parts["high"]}
    return shown


def goal(target: Target) -> Words:
    sign, value = SIGNS[target.operator], f"{target.value:g}"
    return both(f"{sign} {value}{target.unit}", f"{sign} {value}{UNITS.get(target.unit, ' ' + target.unit)}")


class Unconfirmed(str):
    """A light that rests on a definition nobody has confirmed: the same state, shown with a mark (`chips.light`).

    Pages hand states on as they are, so the mark comes along wherever the light is shown. `brief`: in tables whose
    page says it once, at the top.
    """

    def __new__(cls, state: str, brief: bool = False) -> Unconfirmed:
        made = super().__new__(cls, state)
        made.brief = brief
        return made

    brief: bool


def honest(indicator: Indicator, state: str, brief: bool = False) -> str:
    """A light that claims something (met, on track, off) says so when its definition is not confirmed."""
    claims = state in ("met", "on_track", "off")
    return Unconfirmed(state, brief) if claims and not indicator.usable else state


def unconfirmed(states: Iterable[str]) -> int:
    """How many lights rest on definitions nobody has confirmed."""
    return sum(isinstance(each, Unconfirmed) for each in states)


def state_of(target: Target | None, indicator: Indicator, value: float | None) -> str | None:
    """The light of a part: met or off by the target's own rule. None where there is nothing to judge."""
    if value is None:
        return "no_data"
    if target is None or indicator.rare or indicator.denominator is None:
        return None  # a township is never judged on a rare event, nor on its share of a district's count
    return honest(indicator, "met" if meets(target, value) else "off", brief=True)


def gap(target: Target, indicator: Indicator, light: Light | None) -> Words | None:
    """How much is missing, in the things that are counted. None where nothing is or nothing is known."""
    if light is None or light.value is None:
        return None
    if indicator.rare:
        three = light.detail.get("three_year")
        return (
            both(f"三年合计 {three:.2f}{target.unit}", f"three-year rate {three:.2f}{target.unit}")
            if three is not None
            else None
        )
    if meets(target, light.value):
        return None
    parts = light.detail
    zh, en = _COUNTED.get(indicator.numerator.of, ("", "")) if indicator.numerator else ("", "")
    if indicator.numerator is None or indicator.numerator.amount != "1":
        zh, en = "", ""
    if parts.get("denominator") and target.operator in (">=", ">", "="):
        missing = math.ceil(
            target.value / indicator.scale * parts["denominator"] - (parts.get("numerator") or 0) - 1e-9
        )
        return both(f"还差{missing}{zh}", f"{missing}{_SINGULAR.get(en, en) if missing == 1 else en} short")
    off = abs(target.value - light.value)
    unit = unit_of(target.unit)
    shown = f"{off:g}" if off.is_integer() else f"{off:.2f}"
    if target.operator in ("<=", "<"):
        return both(f"超出{shown}{unit['zh']}", f"{shown}{unit['en']} over")
    return both(f"还差{shown}{unit['zh']}", f"{shown}{unit['en']} short")


def judged(pack: Pack, indicator: Indicator, light: Light | None) -> Words | None:
    """Which part decides, where the worst one does; the three-year rate of a rare event."""
    if light is None or light.value is None:
        return None
    if indicator.rare:
        three = light.detail.get("three_year")
        told = both(
            "罕见事件：人数少，单年波动大，不按乡镇排名。",
            "A rare event: small counts move a single year; townships are not ranked.",
        )
        if three is None:
            return told
        return both(
            f"三年率 {three:.2f}{indicator.unit}；{told['zh']}",
            f"Three-year rate {three:.2f}{indicator.unit}. {told['en']}",
        )
    if indicator.judge == "value":
        return None
    where, what = place_name(pack, light.place), item_name(pack, light.item)
    if indicator.judge == "worst_township":
        return both(
            f"按最低的乡镇（街道）判断：{where['zh']}", f"Judged by the lowest township: {where['en']}"
        )
    return both(
        f"按最低的乡镇（街道）和剂次判断：{where['zh']}，{what['zh']}",
        f"Judged by the lowest township and dose: {where['en']}, {what['en']}",
    )


def place_name(pack: Pack, code: str | None) -> Words:
    place = pack.places.get(code or "")
    return both(place.name_zh, place.name_en) if place else both(code or "", code or "")


def short_place(pack: Pack, code: str) -> Words:
    """A township as a map writes it, without 镇, 乡, 街道."""
    name = place_name(pack, code)
    short = _KIND_OF_PLACE.sub("", name["zh"])
    return both(
        short if len(short) > 1 else name["zh"],
        re.sub(r" (Township|Town|Subdistrict)$", "", name["en"]).split(" ")[0],
    )


def item_name(pack: Pack, item: str) -> Words:
    if item in pack.stages:
        cascade, stage = pack.stages[item]
        waits = stage.name.zh.removeprefix("已")
        return both(f"{cascade.name.zh}：尚未{waits}", f"{cascade.name.en}: not yet {stage.name.en.lower()}")
    if item in pack.entitlements:
        return words(pack.entitlements[item].name)
    watched = pack.surveillance.get(item.removesuffix(".event")) if item.endswith(".event") else None
    if watched is not None:
        return words(pack.forms[watched.form].name)
    found = pack.steps.get(item)
    return words(found[1].name) if found else both(item, item)


def body_name(pack: Pack, body: str | None) -> Words:
    found = pack.organizations.get(body or "")
    return both(found.short, found.name_en) if found else both("", "")


def role_name(pack: Pack, role: str) -> Words:
    found = pack.roles.get(role) or next((p for kind in pack.cases.values() if (p := kind.party(role))), None)
    return words(found.name) if found else both(role, role)


def evidence(target: Target, indicator: Indicator, light: Light | None) -> Words:
    """Where the proof comes from, and what is not certain about it."""
    zh, en = {
        "records": ("记录计算", "from records"), "reported": ("部门填报", "reported"), "document": ("认定文件", "documents"),
    }[target.evidence.kind]  # fmt: skip
    reported_on = light.detail.get("reported_on") if light else None
    if reported_on:
        zh, en = f"{zh} {reported_on}", f"{en} {reported_on}"
    if not indicator.usable:
        zh, en = f"{zh}，口径待确认", f"{en}; definition to be confirmed"
    return both(zh, en)


def target_row(
    pack: Pack, target: Target, light: Light | None, trend: Sequence[tuple[date, float]]
) -> dict[str, Any]:
    """One target as the cockpit, the measure and the sheet take it."""
    indicator = pack.indicators[target.indicator]
    measure = pack.measures[pack.measure_of_target[target.id]]
    first = (
        indicator.reported.body if indicator.reported else measure.bodies[0].body if measure.bodies else None
    )
    return {
        "id": target.id,
        "name": words(target.name),
        "href": address("indicator", indicator.id),
        "state": honest(indicator, light.light) if light else "no_data",
        "figure": figure(indicator, light),
        "goal": goal(target),
        "gap": gap(target, indicator, light),
        "trend": [value for _, value in trend] if len(trend) > 1 else [],
        "goal_value": target.value,
        "deadline": target.deadline,
        "evidence": evidence(target, indicator, light),
        "body": body_name(pack, first),
    }


def tally(states: Sequence[str]) -> list[tuple[str, int]]:
    return [(state, list(states).count(state)) for state in LIGHT_ORDER]


def because(pack: Pack, target: Target, light: Light | None, cohort: Any = None) -> dict[str, Any] | None:
    """The arithmetic behind a target's light, as an official checks it by hand."""
    if light is None or light.value is None:
        return None
    indicator = pack.indicators[target.indicator]
    parts, unit = light.detail, indicator.unit
    facts: list[dict[str, Any]] = []
    reached = meets(target, light.value)
    compared = f"{light.value:.2f}{unit} {'满足' if reached else '不满足'} {SIGNS[target.operator]} {target.value:g}{unit}"
    compared_en = f"{light.value:.2f}{unit} {'meets' if reached else 'does not meet'} {SIGNS[target.operator]} {target.value:g}{unit}"
    arithmetic = [both(compared, compared_en)]
    if parts.get("denominator"):
        numerator, denominator = whole(parts.get("numerator")), whole(parts["denominator"])
        scale = f" × {indicator.scale:g}" if indicator.scale != 1 else ""
        sum_ = f"{numerator} ÷ {denominator}{scale} = {light.value:.2f}{unit}"
        arithmetic.insert(0, both(sum_, sum_))
        facts += [
            {"name": both("分子", "Numerator"), "value": str(numerator)},
            {"name": both("分母", "Denominator"), "value": str(denominator)},
        ]
    if indicator.rare and parts.get("low") is not None:
        facts.append(
            {
                "name": both("95%区间", "95% interval"),
                "value": f"{parts['low']:.2f}–{parts['high']:.2f}{unit}",
            }
        )
        if parts.get("three_year") is not None:
            facts.append(
                {"name": both("三年率", "Three-year rate"), "value": f"{parts['three_year']:.2f}{unit}"}
            )
    if parts.get("reported_on"):
        facts.append({"name": both("填报日期", "Reported on"), "value": parts["reported_on"]})
    facts += _cohort_facts(cohort)
    return {
        "text": _because_text(pack, target, indicator, light), "facts": facts, "arithmetic": arithmetic,
        "source": indicator.source or target.source, "confidence": indicator.confidence,
        "rule": f"{target.id} · {indicator.id}",
    }  # fmt: skip


def _because_text(pack: Pack, target: Target, indicator: Indicator, light: Light) -> Words:
    if indicator.reported is not None:
        body = body_name(pack, indicator.reported.body)
        return both(f"由{body['zh']}填报，本系统不计算。", f"Typed in by {body['en']}; not worked out here.")
    if indicator.judge == "value":
        return words(indicator.definition)
    where, what = place_name(pack, light.place), item_name(pack, light.item)
    failing = light.detail.get("failing", 0)
    if indicator.judge == "worst_township":
        zh = f"每个乡镇（街道）都须达到，取最低者：{where['zh']}。共{failing}个未达到。"
        return both(zh, f"Every township must reach it; the lowest counts: {where['en']}. {failing} do not.")
    return both(
        f"每个乡镇（街道）、每一剂次都须达到，取最低的一项：{where['zh']}，{what['zh']}。共{failing}项未达到。",
        f"Every township must reach it for every dose; the lowest counts: {where['en']}, {what['en']}. {failing} do not.",
    )


def _cohort_facts(cohort: Any) -> list[dict[str, Any]]:
    from yimi.engines.because import STATUS_WORDS

    if cohort is None:
        return []
    inside = [(both(*STATUS_WORDS.get(name, (name, name))), n) for name, n in sorted(cohort.statuses.items())]
    out = [
        (
            both(
                f"不计入分母：{STATUS_WORDS.get(name, (name, name))[0]}",
                f"left out: {STATUS_WORDS.get(name, (name, name))[1]}",
            ),
            n,
        )
        for name, n in sorted(cohort.left_out.items())
    ]
    return [{"name": name, "value": str(n)} for name, n in [*inside, *out]]


def clock(pack: Pack, due_on: date, opened_on: date, as_of: date) -> dict[str, Any]:
    """A deadline clock: working days left (negative: late) and how much of the time is used."""

    def between(start: date, end: date) -> int:
        return working_days(pack, start, min(end, start + timedelta(days=1000)))

    late = as_of > due_on
    left = -max(between(due_on, as_of), 1) if late else between(as_of, due_on)
    total = max(between(opened_on, due_on), 1)
    state = "late" if late else "soon" if left <= 2 else "running"
    return {"state": state, "days": left, "on": due_on, "fraction": 1 if late else max(0.0, 1 - left / total)}


def working_days(pack: Pack, start: date, end: date) -> int:
    """Working days after the first day, up to and with the last: Mondays to Fridays, put right by the calendar."""
    if end <= start:
        return 0
    more, fewer = _exceptions(pack)
    plain = _weekdays_until(end) - _weekdays_until(start)
    return plain + _within(more, start, end) - _within(fewer, start, end)


def _within(days: list[date], start: date, end: date) -> int:
    """Of these days, in order, those after the first and up to and with the last."""
    return bisect_right(days, end) - bisect_right(days, start)


def _weekdays_until(day: date) -> int:
    """Mondays to Fridays from the first Monday of the calendar up to and with a day."""
    weeks, rest = divmod(day.toordinal(), 7)  # ordinal 1 is a Monday
    return 5 * weeks + min(rest, 5)


_calendars: dict[str, tuple[list[date], list[date]]] = {}  # fingerprint of a pack → its exceptions


def _exceptions(pack: Pack) -> tuple[list[date], list[date]]:
    """(weekend days that are worked, weekdays that are not), each in order"""
    if pack.fingerprint not in _calendars:
        holidays = {day for each in pack.calendars.values() for day in each.holidays}
        workdays = {day for each in pack.calendars.values() for day in each.workdays}
        more = sorted(day for day in workdays if day.weekday() >= 5)
        fewer = sorted(day for day in holidays - workdays if day.weekday() < 5)
        _calendars[pack.fingerprint] = (more, fewer)
    return _calendars[pack.fingerprint]
