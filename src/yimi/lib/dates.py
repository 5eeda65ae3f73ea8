"""Calendar arithmetic with one specification, used by every engine and checked against DuckDB by `tests/spec`.

Months clip to the end of a shorter month and never roll over; ages are the inverse of adding months. The
district's civil day is the unit: there are no hours in a due date.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Container
from datetime import date, timedelta


def add_months(start: date, months: int) -> date:
    """The same day of the month, `months` later; the last day if that month is shorter.

    >>> add_months(date(2024, 8, 31), 6)
    datetime.date(2025, 2, 28)
    """
    # Clip, never roll over: "at six months" for a child born on 31 August is in February. Rolling into
    # March would move the child to the next month's list.
    year, month0 = divmod(start.year * 12 + start.month - 1 + months, 12)
    if start.day <= 28:
        return date(year, month0 + 1, start.day)  # every month has it
    last_day = monthrange(year, month0 + 1)[1]
    return date(year, month0 + 1, min(start.day, last_day))


def add_period(start: date, count: int, unit: str) -> date:
    """`start` plus a number of days, weeks, months or years."""
    if unit == "day":
        return start + timedelta(days=count)
    if unit == "week":
        return start + timedelta(weeks=count)
    if unit == "month":
        return add_months(start, count)
    if unit == "year":
        return add_months(start, 12 * count)
    raise ValueError(f"unit of a period is day, week, month or year, not {unit!r}")


def age_months(birth: date, on: date) -> int:
    """Completed months: the largest n with `add_months(birth, n) <= on`; negative before birth.

    >>> age_months(date(2024, 1, 31), date(2024, 9, 30))
    8
    """
    months = (on.year - birth.year) * 12 + on.month - birth.month
    return months if add_months(birth, months) <= on else months - 1


def age_years(birth: date, on: date) -> int:
    """Completed years (周岁)."""
    return age_months(birth, on) // 12


def is_working_day(day: date, holidays: Container[date], workdays: Container[date]) -> bool:
    """Monday to Friday unless a public holiday; a weekend day made up as working day counts."""
    return day in workdays or (day.weekday() < 5 and day not in holidays)


def add_working_days(start: date, count: int, holidays: Container[date], workdays: Container[date]) -> date:
    """The `count`-th working day after `start`; the day of `start` itself is not counted."""
    day = start
    while count > 0:
        day += timedelta(days=1)
        if is_working_day(day, holidays, workdays):
            count -= 1
    return day
