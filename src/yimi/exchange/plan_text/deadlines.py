"""Dates by which something is to be reached: 到2025年, 2024年6月底前, “十四五”末."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from yimi.exchange.plan_text.numerals import han_value
from yimi.exchange.plan_text.source import Span

# Five-year plans by definition end with a year divisible by five; the 14th ends in 2025.
_PLANS = {"十三五": 2020, "十四五": 2025, "十五五": 2030, "十六五": 2035}
_Y = r"(20\d{2}|二[〇零○][〇零○一二三四五六七八九]{2})"
_DEADLINE = re.compile(
    rf"(?P<lead>到|至|截至|截止到?|力争到?|确保到?|在|于)?{_Y}年(?:(?P<month>\d{{1,2}}|[一二三四五六七八九十]{{1,2}})月(?:(?P<day>\d{{1,2}})日)?|(?P<half>上半年|下半年)|第?(?P<quarter>[一二三四1-4])季度)?"
    r"(?P<tail>底之?前|年?底前|末之?前|底|末|之?前|以前|全年|内)?"
    r"|(?P<plan_lead>到|至)?[\"“]?(?P<plan>十三五|十四五|十五五|十六五)[\"”]?(?P<plan_tail>期末|末期|末|期间|时期|规划期)?"
)


@dataclass(frozen=True)
class Deadline:
    """An end date as the text gives it. `sure` is lower for plan periods named in passing."""

    day: str
    span: Span
    sure: float


def find_deadlines(shadow: str, start: int, end: int) -> list[Deadline]:
    """Deadlines in a stretch of text, in order. A year inside a title 《》 is none."""
    found: list[Deadline] = []
    for hit in _DEADLINE.finditer(shadow, start, end):
        if _in_title(shadow, start, hit.start()):
            continue
        if hit.group("plan"):
            sure = 0.9 if hit.group("plan_lead") or hit.group("plan_tail") else 0.6
            found.append(Deadline(date(_PLANS[hit.group("plan")], 12, 31).isoformat(), hit.span(), sure))
            continue
        day = _day(hit)
        if re.match(r"的?(?:基础|水平|以来|相比|起(?!草)|开始|同期)", shadow[hit.end() : hit.end() + 4]):
            continue
        stated = bool(hit.group("lead") or hit.group("tail"))
        if day and (stated or _stands_alone(shadow, hit)):
            found.append(Deadline(day, hit.span(), 0.95 if stated else 0.75))
    return found


def _in_title(shadow: str, start: int, at: int) -> bool:
    piece = shadow[max(start, at - 60) : at]
    return piece.count("《") > piece.count("》")


def _stands_alone(shadow: str, hit: re.Match[str]) -> bool:
    """2025年，… and 2025年6月… without 到; not 2020年以来, 2021年版, 比2020年提高, 2023—2025年."""
    before = shadow[max(0, hit.start() - 2) : hit.start()]
    after = shadow[hit.end() : hit.end() + 3]
    if re.search(r"[比较自从以\d—~-]$", before) or re.match(
        r"[以版度基\-—~]|起|来|开始|相比|水平|基础|的", after
    ):
        return False
    return not before or before[-1] in "。,;:\n、)" or after[:1] in ",、"


def _day(hit: re.Match[str]) -> str | None:
    year = _number(hit.group(2))
    if year is None:
        return None
    if hit.group("half"):
        return date(
            year, 6 if hit.group("half") == "上半年" else 12, 30 if hit.group("half") == "上半年" else 31
        ).isoformat()
    if hit.group("quarter"):
        quarter = _number(hit.group("quarter")) or 4
        return date(year, 3 * quarter, monthrange(year, 3 * quarter)[1]).isoformat()
    if hit.group("month"):
        month = _number(hit.group("month")) or 0
        if not 1 <= month <= 12:
            return None
        last = monthrange(year, month)[1]
        day = int(hit.group("day") or last)
        return date(year, month, day).isoformat() if 1 <= day <= last else None
    return date(year, 12, 31).isoformat()


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else han_value(text)
