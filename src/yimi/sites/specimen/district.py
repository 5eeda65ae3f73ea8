"""The made-up district of the specimen: its day, its values, and the small words pages share."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from .titles import BODIES, MEASURES

Text = dict[str, str]

SHANGHAI = ZoneInfo("Asia/Shanghai")
AS_OF = date(2026, 11, 23)
TURN = datetime(2026, 11, 23, 6, 0, tzinfo=SHANGHAI)


def both(zh: str, en: str) -> Text:
    """Words in both languages, as declarations of a pack carry them."""
    return {"zh": zh, "en": en}


_FIRST_BODY = {measure[0]: measure[5] for measure in MEASURES}


def body(short: str) -> Text:
    """A body by the name the plan uses; in English without what every name repeats."""
    return both(short, BODIES[short].removeprefix("District ").split(" (")[0])


# Values of the made-up district on the specimen's day: value, numerator, denominator, state, history.
_VALUES: dict[str, tuple[float | None, float | None, float | None, str, list[float | None]]] = {
    "T01": (43, None, None, "typed", [31, 36, 40, 43]),
    "T02": (4.62, 1617, 350, "met", [3.9, 4.1, 4.3, 4.5, 4.55, 4.62]),
    "T03": (1, 1, None, "met", [0, 0, 1, 1, 1, 1]),
    "T04": (95.3, 9874, 10361, "met", [92.4, 93.1, 94.0, 94.6, 95.1, 95.3]),
    "T05": (96.2, 9499, 9874, "on_track", [95.0, 95.2, 95.7, 95.9, 96.0, 96.2]),
    "T06": (55.1, 5441, 9874, "off", [54.6, 54.7, 55.3, 55.2, 55.0, 55.1]),
    "T07": (96.8, 3402, 3514, "met", [95.9, 96.1, 96.2, 96.5, 96.7, 96.8]),
    "T08": (100, 1, 1, "typed", [100, 100, 100, 100]),
    "T09": (1.2, None, None, "typed", [None, 1, 1.1, 1.2]),
    "T10": (None, None, None, "no_data", []),
    "T11": (None, None, None, "no_data", []),
    "T12": (2.87, 7, 2439, "met", [3.6, 3.1, 3.3, 2.9, 2.9, 2.87]),
    "T13": (4.51, 11, 2439, "met", [5.2, 4.9, 5.1, 4.7, 4.6, 4.51]),
    "T14": (93.4, 184, 197, "off", [95.8, 95.6, 95.9, 96.1, 95.9, 93.4]),
    "T15": (1, 1, None, "met", [1, 1, 1, 1]),
    "T16": (1, 1, None, "typed", [0, 1, 1, 1]),
    "T17": (0.66, 37, 56.2, "on_track", [0.51, 0.55, 0.59, 0.61, 0.64, 0.66]),
    "T18": (50, 1, 2, "typed", [0, 0, 50, 50]),
    "T19": (100, 312, 312, "met", [100, 99.7, 100, 100, 100, 100]),
    "T20": (None, None, None, "no_data", []),
    "T21": (96.2, 25, 26, "on_track", [76.9, 84.6, 88.5, 92.3, 96.2, 96.2]),
    "T22": (1, 1, None, "met", [0, 0, 0, 1, 1, 1]),
}
_GAPS = {
    "T05": both("再增普惠园在园幼儿80人", "80 more children in inclusive kindergartens"),
    "T06": both("再增公办园在园幼儿287人", "287 more children in public kindergartens"),
    "T14": both("火炉镇差4剂（麻腮风疫苗）", "Huolu lacks 4 doses (MMR)"),
    "T17": both("缺2.4名", "2.4 short"),
    "T21": both("还缺1个乡镇", "one township missing"),
    "T01": both("缺7名", "7 short"),
}
_EVIDENCE = {
    "typed": both("部门填报", "reported by the body"),
    "no_data": both("待报送", "not reported yet"),
}


def target_row(target: tuple[str, str, str, str, str, float, tuple[str, str], bool]) -> dict[str, Any]:
    """One target as the cockpit and the measure page take it."""
    code, measure, zh, en, operator, goal, unit, dated = target
    value, numerator, denominator, state, history = _VALUES[code]
    sign = {">=": "≥", "<=": "≤", "=": "="}[operator]
    return {
        "id": code,
        "name": both(zh, en),
        "href": "indicator.html",
        "state": state,
        "figure": {"value": value, "unit": both(*unit), "numerator": numerator, "denominator": denominator},
        "goal": both(f"{sign} {goal:g}{unit[0]}", f"{sign} {goal:g}{unit[1]}"),
        "gap": _GAPS.get(code),
        "trend": history,
        "goal_value": goal,
        "deadline": date(2025, 12, 31) if dated else None,
        "evidence": _EVIDENCE.get(state, both("登记与记录", "register and records")),
        "body": body(_FIRST_BODY[measure]),
    }


_STATE_ORDER = ("met", "on_track", "off", "typed", "no_data")


def tally(states: list[str]) -> list[tuple[str, int]]:
    """How many of each light, in the order they are shown."""
    return [(state, states.count(state)) for state in _STATE_ORDER]


def column(
    code: str,
    zh: str,
    en: str,
    kind: str,
    unit: tuple[str, str] | None = None,
    sort: str | None = None,
    ordered: str | None = None,
) -> dict[str, Any]:
    """A column of a ledger."""
    return {
        "id": code,
        "label": both(zh, en),
        "kind": kind,
        "unit": both(*unit) if unit else None,
        "sort": sort,
        "sorted": ordered,
    }
