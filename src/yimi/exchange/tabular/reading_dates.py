"""Dates as offices write them; what has more than one reading is refused, never guessed."""

from __future__ import annotations

import math
import re
from datetime import date, datetime, timedelta

from yimi.exchange.tabular.fields import Cell, CellProblem
from yimi.lib.text import clean_text, half_width

FIRST_YEAR, LAST_YEAR = 1900, 2100
EXCEL_EPOCH = date(1899, 12, 30)  # serial 61 is 1 March 1900; serials before that are wrong in Excel itself
SERIALS = (3654, 73415)  # 1910 to the end of 2100: smaller numbers are more likely something else

_TIME = re.compile(r"[T ]+\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[AaPp][Mm]|Z|[+-]\d{2}:?\d{2})?$")
_YEAR_FIRST = re.compile(r"(\d{4}) ?[-/.,、年 ] ?(\d{1,2}) ?[-/.,、月 ] ?(\d{1,2}) ?[日号]?")
_YEAR_LAST = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})")
_SHORT_YEAR = re.compile(r"\d{1,2}[-/.年]\d{1,2}[-/.月]\d{1,2}[日号]?|'\d{2}.*")
_NO_DAY = re.compile(r"\d{4}[-/.年 ]?\d{1,2}月?|\d{4}年?")
_ENGLISH = re.compile(
    r"(?:(\d{1,2})[ -]([a-z]{3,9})\.?[ ,-]+(\d{4})|([a-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4}))"
)
_CHINESE = re.compile(
    r"([〇○零一二三四五六七八九]{4})年([正元〇零一二三四五六七八九十]{1,3})月([初〇零一二三四五六七八九十廿卅]{1,3})[日号]?"
)
_DIGITS = {
    "〇": 0,
    "○": 0,
    "零": 0,
    "一": 1,
    "二": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
_PLAIN = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def read_date(cell: Cell) -> date:
    """The day a cell means; `CellProblem` if none or more than one."""
    if isinstance(cell, datetime):
        return _within(cell.date())
    if isinstance(cell, date):
        return _within(cell)
    if isinstance(cell, bool) or cell is None:
        raise _unreadable()
    if isinstance(cell, int | float):
        return _from_number(float(cell))
    if match := _PLAIN.fullmatch(cell):  # as most files have it
        return _day(int(match[1]), int(match[2]), int(match[3]))
    return _from_text(half_width(clean_text(cell)).lstrip("'’").strip())


def _from_text(text: str) -> date:
    if set(text) == {"#"}:
        raise CellProblem(
            "hidden_date",
            "日期显示为“####”，原值已丢失。请加宽该列后重新保存。",
            "The date was saved as ####: widen the column and save the file again.",
        )
    text = _TIME.sub("", text).strip()
    if re.fullmatch(r"\d+(\.\d+)?", text) and not re.fullmatch(r"\d{4}\.\d{1,2}", text):
        return _from_number(float(text))
    if match := _YEAR_FIRST.fullmatch(text):
        return _day(int(match[1]), int(match[2]), int(match[3]))
    if match := _CHINESE.fullmatch(text.replace(" ", "")):
        year = int("".join(str(_DIGITS[character]) for character in match[1]))
        return _day(year, _chinese_number(match[2]), _chinese_number(match[3]))
    if match := _ENGLISH.fullmatch(text.lower()):
        return _from_english(match)
    if match := _YEAR_LAST.fullmatch(text):
        return _from_year_last(int(match[1]), int(match[2]), int(match[3]))
    if _SHORT_YEAR.fullmatch(text):
        raise CellProblem(
            "short_year",
            "年份只有两位，无法确定。请写成2025-03-01。",
            "The year has two digits only: write the date as 2025-03-01.",
        )
    if _NO_DAY.fullmatch(text):
        raise _no_day()
    raise _unreadable()


def _from_number(number: float) -> date:
    if not math.isfinite(number):
        raise _unreadable()
    whole = int(number)
    if number == whole and 10_000_000 <= whole <= 99_999_999:
        return _day(whole // 10_000, whole // 100 % 100, whole % 100)
    if FIRST_YEAR <= number < LAST_YEAR + 1 or (number == whole and 190_001 <= whole <= 210_012):
        raise _no_day()
    if SERIALS[0] <= number <= SERIALS[1]:
        return EXCEL_EPOCH + timedelta(days=whole)
    raise _unreadable()


def _from_year_last(first: int, second: int, year: int) -> date:
    if first <= 12 and second <= 12 and first != second:
        raise CellProblem(
            "ambiguous_date",
            "无法判断哪个是月、哪个是日。请写成2025-03-01。",
            "It is not clear which number is the month: write the date as 2025-03-01.",
        )
    return _day(year, second, first) if first > 12 else _day(year, first, second)


def _from_english(match: re.Match[str]) -> date:
    day, name, year = (match[1], match[2], match[3]) if match[1] else (match[5], match[4], match[6])
    if name[:3] not in _MONTHS:
        raise _unreadable()
    return _day(int(year), _MONTHS.index(name[:3]) + 1, int(day))


def _chinese_number(text: str) -> int:
    """一 to 三十一, with 廿, 卅, 初, 正 and digit by digit (二一)."""
    text = (
        text.replace("初", "")
        .replace("正", "一")
        .replace("元", "一")
        .replace("廿", "二十")
        .replace("卅", "三十")
    )
    if "十" in text:
        tens, _, ones = text.partition("十")
        return (_DIGITS.get(tens, 1) if tens else 1) * 10 + (_DIGITS.get(ones, 0) if ones else 0)
    return int("".join(str(_DIGITS[character]) for character in text) or "0")


def _day(year: int, month: int, day: int) -> date:
    try:
        return _within(date(year, month, day))
    except ValueError:
        raise CellProblem(
            "no_such_day", "没有这一天，请核对日期。", "There is no such day: check the date."
        ) from None


def _within(day: date) -> date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise CellProblem(
            "year_out_of_range",
            f"年份应在{FIRST_YEAR}至{LAST_YEAR}之间，请核对。",
            f"The year must be from {FIRST_YEAR} to {LAST_YEAR}: check it.",
        )
    return day


def _no_day() -> CellProblem:
    return CellProblem(
        "no_day",
        "只有年或年月，缺少日。请写成2025-03-01。",
        "The day is missing: write the date as 2025-03-01.",
    )


def _unreadable() -> CellProblem:
    return CellProblem(
        "not_a_date", "不是可识别的日期。请写成2025-03-01。", "This is not a date: write it as 2025-03-01."
    )
