"""What DuckDB's operators and functions do, in Python; NULL is None.

Only what the compiled columns use. Three-valued logic throughout: an operator with an unknown side is
unknown, `AND` and `OR` where the other side does not decide it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from yimi.lib.dates import add_months, age_months


@dataclass(frozen=True)
class Period:
    """INTERVAL: months first, then days."""

    months: int = 0
    days: int = 0


_UNITS = {"DAY": (0, 1), "WEEK": (0, 7), "MONTH": (1, 0), "YEAR": (12, 0)}


@cache
def period(count: int, unit: str) -> Period:
    months, days = _UNITS[unit.upper().rstrip("S")]
    return Period(months * count, days * count)


def to_months(count: int | None) -> Period | None:
    return None if count is None else Period(count)


# --- logic ----------------------------------------------------------------------------------------------------


def both(left: Any, right: Any) -> bool | None:
    if left is False or right is False:
        return False
    return None if left is None or right is None else True


def either(left: Any, right: Any) -> bool | None:
    if left is True or right is True:
        return True
    return None if left is None or right is None else False


def negated(value: Any) -> bool | None:
    return None if value is None else not value


def eq(left: Any, right: Any) -> bool | None:
    return None if left is None or right is None else left == right


def ne(left: Any, right: Any) -> bool | None:
    return None if left is None or right is None else left != right


def lt(left: Any, right: Any) -> bool | None:
    return None if left is None or right is None else left < right


def le(left: Any, right: Any) -> bool | None:
    return None if left is None or right is None else left <= right


def gt(left: Any, right: Any) -> bool | None:
    return None if left is None or right is None else left > right


def ge(left: Any, right: Any) -> bool | None:
    return None if left is None or right is None else left >= right


# --- arithmetic -----------------------------------------------------------------------------------------------


def plus(left: Any, right: Any) -> Any:
    if left is None or right is None:
        return None
    if isinstance(right, Period):
        return _moved(left, right)
    if isinstance(left, Period):
        return _moved(right, left)
    if isinstance(left, date):
        return left + timedelta(days=right)
    if isinstance(right, date):
        return right + timedelta(days=left)
    return left + right


def minus(left: Any, right: Any) -> Any:
    if left is None or right is None:
        return None
    if isinstance(right, Period):
        return _moved(left, Period(-right.months, -right.days))
    if isinstance(left, date):
        return (left - right).days if isinstance(right, date) else left - timedelta(days=right)
    return left - right


def _moved(start: Any, by: Period) -> Any:
    if isinstance(start, Period):
        return Period(start.months + by.months, start.days + by.days)
    moved = add_months(start, by.months) if by.months else start
    return moved + timedelta(days=by.days) if by.days else moved


def times(left: Any, right: Any) -> Any:
    if left is None or right is None:
        return None
    if isinstance(left, Period):
        return Period(left.months * right, left.days * right)
    if isinstance(right, Period):
        return Period(right.months * left, right.days * left)
    return left * right


def over(left: Any, right: Any) -> float | None:
    """`/` divides with a fraction, always; by nothing it gives infinity or not a number, as IEEE 754 says."""
    if left is None or right is None:
        return None
    if right:
        return float(left / right)
    return math.nan if not left or math.isnan(left) else math.copysign(math.inf, left)


def whole_over(left: Any, right: Any) -> int | None:
    """`//` cuts towards zero, and by nothing it is NULL."""
    if left is None or right is None or right == 0:
        return None
    quotient = abs(left) // abs(right)
    return int(quotient if (left < 0) == (right < 0) else -quotient)


def minus_of(value: Any) -> Any:
    return None if value is None else times(value, -1)


def joined(left: Any, right: Any) -> str | None:
    return None if left is None or right is None else f"{left}{right}"


# --- functions ------------------------------------------------------------------------------------------------


def coalesce(*values: Any) -> Any:
    return next((each for each in values if each is not None), None)


def greatest(*values: Any) -> Any:
    """Passes over NULL."""
    return max((each for each in values if each is not None), default=None)


def least(*values: Any) -> Any:
    """Passes over NULL."""
    return min((each for each in values if each is not None), default=None)


def nullif(value: Any, unwanted: Any) -> Any:
    return None if eq(value, unwanted) else value


def absolute(value: Any) -> Any:
    return None if value is None else abs(value)


def floor(value: Any) -> Any:
    return value if value is None or isinstance(value, int) else float(math.floor(value))


def rounded(value: Any, digits: int = 0) -> Any:
    """Half away from zero."""
    if value is None or isinstance(value, int):
        return value
    scale = 10.0**digits
    return math.copysign(math.floor(abs(value) * scale + 0.5) / scale, value)


def cast(value: Any, kind: str) -> Any:
    if value is None:
        return None
    if kind == "DATE" and isinstance(value, datetime):
        return value.date()
    if kind in ("BIGINT", "INTEGER"):
        return round(value)  # DuckDB rounds half to even too
    if kind == "DOUBLE":
        return float(value)
    return str(value) if kind == "VARCHAR" else value


def date_sub(part: str, start: date | None, end: date | None) -> int | None:
    """datesub('month', …): completed months, cut towards zero."""
    if part != "month":
        raise ValueError(f"the compiled columns count months only, not {part!r}")
    if start is None or end is None:
        return None
    if end < start:
        return -age_months(end, start)
    return age_months(start, end)


def isodow(day: date | None) -> int | None:
    return None if day is None else day.isoweekday()


def regexp_extract(value: str | None, pattern: str, group: int) -> str | None:
    if value is None:
        return None
    found = re.search(pattern, value)
    return (found.group(group) or "") if found else ""


# --- lists and structs ----------------------------------------------------------------------------------------


def field(struct: Mapping[str, Any] | None, name: str) -> Any:
    return None if struct is None else struct[name]


def element(values: Sequence[Any] | None, index: int | None) -> Any:
    """Counted from 1, or backwards from -1; outside it is NULL."""
    if values is None or index is None or index == 0 or abs(index) > len(values):
        return None
    return values[index - 1] if index > 0 else values[index]


def length(values: Sequence[Any] | None) -> int | None:
    return None if values is None else len(values)


def list_filter(values: Sequence[Any] | None, condition: Callable[[Any], Any]) -> list[Any] | None:
    return None if values is None else [each for each in values if condition(each) is True]


def list_transform(values: Sequence[Any] | None, change: Callable[[Any], Any]) -> list[Any] | None:
    return None if values is None else [change(each) for each in values]


def list_max(values: Sequence[Any] | None) -> Any:
    return None if values is None else greatest(*values)


def list_sum(values: Sequence[Any] | None) -> Any:
    known = [each for each in values or [] if each is not None]
    return sum(known) if known else None


class Days(tuple[date, ...]):
    """Days that a rule names, found at once."""

    known: frozenset[date]

    def __contains__(self, day: object) -> bool:
        return day in self.known


@cache
def days(ordinals: tuple[int, ...]) -> Days:
    made = Days(map(date.fromordinal, ordinals))
    made.known = frozenset(made)
    return made


def list_contains(values: Sequence[Any] | None, wanted: Any) -> bool | None:
    return None if values is None or wanted is None else wanted in values


def span(start: int | None, end: int | None) -> list[int] | None:
    return None if start is None or end is None else list(range(start, end))


def array_to_string(values: Sequence[Any] | None, between: str) -> str | None:
    """Passes over NULL; of nothing but NULL it is NULL."""
    if values is None:
        return None
    known = [each for each in values if each is not None]
    return between.join(known) if known or not values else None


# Names as the SQL text has them → the function above.
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": absolute, "array_to_string": array_to_string, "coalesce": coalesce, "datesub": date_sub, "floor": floor,
    "greatest": greatest, "isodow": isodow, "least": least, "len": length, "list_contains": list_contains,
    "list_filter": list_filter, "list_max": list_max, "list_sum": list_sum, "list_transform": list_transform,
    "nullif": nullif, "range": span, "regexp_extract": regexp_extract, "round": rounded, "to_months": to_months,
}  # fmt: skip
