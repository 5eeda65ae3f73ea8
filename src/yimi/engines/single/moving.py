"""Until when an answer holds if nothing but the day moves on.

A program (`single.program`) is a function of facts, of which a few move with the day: the day itself, ages, how long
a status has lasted. Here it runs with those facts as `Moving` values, functions of the day that only rise or only
fall. Whatever the program learns from one, by comparing it or by giving it away, is noted in a `Watch` with the
first day on which it would learn something else. Up to that day every step of the program goes as it went, so the
answer is the same: no rule has to be understood for that, and what no operator here knows how to follow is noted
as holding only until the value changes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from yimi.engines.single import meaning
from yimi.engines.single.meaning import Period

HORIZON = timedelta(days=2 * 366)  # further nobody looks: a subject is worked out again by then
ONE = timedelta(days=1)


class Watch:
    """The day something is worked out for, and the first day on which the answer may be another."""

    def __init__(self, as_of: date) -> None:
        self.as_of, self.until = as_of, as_of + HORIZON

    def reached(self, on: date | None) -> None:
        """A date that the answer may hang on by the day having come."""
        if on is not None and self.as_of < on < self.until:
            self.until = on

    def learned(self, seen: Callable[[date], Any]) -> Any:
        """What is seen on the day, noted with the first day on which it differs; it must differ for good."""
        now, last = seen(self.as_of), self.until - ONE
        if last > self.as_of and seen(last) != now:
            same, other = self.as_of.toordinal(), last.toordinal()
            while other - same > 1:
                middle = (same + other) // 2
                if seen(date.fromordinal(middle)) == now:
                    same = middle
                else:
                    other = middle
            self.until = date.fromordinal(other)
        return now


class Moving:
    """A value of the day that never falls (`rising`), or never rises."""

    __slots__ = ("at", "rising", "watch")

    def __init__(self, watch: Watch, at: Callable[[date], Any], rising: bool = True) -> None:
        self.watch, self.at, self.rising = watch, at, rising

    def then(self, change: Callable[[Any], Any], rising: bool = True) -> Moving:
        """Changed by a function that never falls, or never rises."""
        at = self.at
        return Moving(self.watch, lambda day: change(at(day)), self.rising == rising)


def settled(value: Any) -> Any:
    """The value on the day; that it was looked at is noted. Also of the values in a list, or of a row."""
    if type(value) is Moving:
        return value.watch.learned(value.at)
    if type(value) is list:
        return [settled(each) for each in value]
    if type(value) is dict:
        return {name: settled(each) for name, each in value.items()}
    return value


def _compared(plain: Callable[[Any, Any], bool | None]) -> Callable[[Any, Any], bool | None]:
    """An order between a moving value and one that stands changes once."""

    def compared(left: Any, right: Any) -> bool | None:
        if type(left) is Moving:
            if type(right) is Moving:
                return plain(settled(left), settled(right))
            at = left.at
            return None if right is None else left.watch.learned(lambda day: plain(at(day), right))
        if type(right) is Moving:
            at = right.at
            return None if left is None else right.watch.learned(lambda day: plain(left, at(day)))
        return plain(left, right)

    return compared


_lt, _gt = _compared(meaning.lt), _compared(meaning.gt)


def _eq(left: Any, right: Any) -> bool | None:
    """Equal for a while, perhaps: below changes once and above changes once."""
    if type(left) is not Moving and type(right) is not Moving:
        return meaning.eq(left, right)
    below, above = _lt(left, right), _gt(left, right)
    return None if below is None else not below and not above


def _ne(left: Any, right: Any) -> bool | None:
    return meaning.negated(_eq(left, right))


def _one(plain: Callable[..., Any], falls: Callable[[Any], bool] | None, *, second: bool | None) -> Any:
    """A function of two values, of which one may move: the result rises with the first.

    `falls`: it falls instead, if that is true of the value that stands. `second`: does it rise with the second
    value; None: nothing is known.
    """

    def applied(left: Any, right: Any) -> Any:
        if type(left) is Moving and type(right) is not Moving:
            if right is None:
                return None
            return left.then(lambda value: plain(value, right), not (falls and falls(right)))
        if type(right) is Moving and type(left) is not Moving and second is not None:
            if left is None:
                return None
            return right.then(lambda value: plain(left, value), second != bool(falls and falls(left)))
        return plain(settled(left), settled(right))

    return applied


def _negative(value: Any) -> bool:
    return not isinstance(value, Period) and value < 0


def _extreme(plain: Callable[..., Any]) -> Callable[..., Any]:
    def chosen(*values: Any) -> Any:
        moving = [each for each in values if type(each) is Moving]
        if not moving:
            return plain(*values)
        rising = moving[0].rising
        if any(each.rising != rising for each in moving):
            return plain(*(settled(each) for each in values))
        return Moving(moving[0].watch, lambda day: plain(*(_on(each, day) for each in values)), rising)

    return chosen


def _on(value: Any, day: date) -> Any:
    return value.at(day) if type(value) is Moving else value


def _listed(plain: Callable[[Sequence[Any] | None], Any]) -> Callable[[Sequence[Any] | None], Any]:
    """The sum or the greatest of a list: moves as all of them do."""
    whole = _extreme(lambda *values: plain(values))
    return lambda values: values if values is None else whole(*values)


def _carried(plain: Callable[..., Any]) -> Callable[..., Any]:
    """A function of one value, with settings, that never falls where the value rises."""

    def applied(value: Any, *rest: Any) -> Any:
        settings = [settled(each) for each in rest]
        if type(value) is Moving:
            return value.then(lambda each: plain(each, *settings))
        return plain(value, *settings)

    return applied


def _cast(value: Any, kind: str) -> Any:
    if type(value) is Moving and kind == "VARCHAR":
        value = settled(value)  # as text, 10 comes before 9
    return _carried(meaning.cast)(value, kind)


def _date_sub(part: str, start: Any, end: Any) -> Any:
    if type(end) is Moving and type(start) is not Moving:
        return None if start is None else end.then(lambda day: meaning.date_sub(part, start, day))
    if type(start) is Moving and type(end) is not Moving:
        return None if end is None else start.then(lambda day: meaning.date_sub(part, day, end), False)
    return meaning.date_sub(part, settled(start), settled(end))


def _element(values: Sequence[Any] | None, index: Any) -> Any:
    return meaning.element(values, settled(index))


def _settling(plain: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *values: plain(*(settled(each) for each in values))


# What moves through unseen (a list's elements, a row's field, the first value there is) keeps its plain meaning.
_PASSED_ON = (
    "coalesce", "field", "length", "list_filter", "list_transform", "both", "either", "negated", "period",
)  # fmt: skip
_FOLLOWED: dict[str, Any] = {
    "lt": _lt, "le": _compared(meaning.le), "gt": _gt, "ge": _compared(meaning.ge), "eq": _eq, "ne": _ne,
    "plus": _one(meaning.plus, None, second=True), "minus": _one(meaning.minus, None, second=False),
    "times": _one(meaning.times, _negative, second=True), "over": _one(meaning.over, _negative, second=None),
    "whole_over": _one(meaning.whole_over, _negative, second=None),
    "minus_of": lambda value: value.then(meaning.minus_of, False) if type(value) is Moving else meaning.minus_of(value),
    "greatest": _extreme(meaning.greatest), "least": _extreme(meaning.least), "list_max": _listed(meaning.list_max),
    "list_sum": _listed(meaning.list_sum), "floor": _carried(meaning.floor), "rounded": _carried(meaning.rounded),
    "to_months": _carried(meaning.to_months), "cast": _cast, "date_sub": _date_sub, "element": _element,
}  # fmt: skip
_FUNCTIONS = {each.__name__ for each in meaning.FUNCTIONS.values()} | {
    "both", "either", "negated", "eq", "ne", "lt", "le", "gt", "ge", "plus", "minus", "times", "over", "whole_over",
    "minus_of", "joined", "cast", "element", "field", "period",
}  # fmt: skip
MOVING: dict[str, Any] = {
    name: _FOLLOWED.get(name) or _settling(getattr(meaning, name)) for name in _FUNCTIONS - set(_PASSED_ON)
}


def moving_facts(facts: dict[str, Any], watch: Watch) -> dict[str, Any]:
    """The facts of a child of the day of `watch`, those that move with it as such."""
    birth = facts["birth_date"]
    moved = {**facts, "as_of": Moving(watch, lambda day: day)}
    if birth is not None:
        moved["age_days"] = Moving(watch, lambda day: (day - birth).days)
        moved["age_months"] = Moving(watch, lambda day: meaning.date_sub("month", birth, day))
        moved["age_years"] = moved["age_months"].then(lambda months: months // 12)
    moved["status"] = [{**each, "days": _since(watch, each["since"])} for each in facts.get("status", [])]
    return moved


def _since(watch: Watch, start: date) -> Moving:
    return Moving(watch, lambda day: (day - start).days)
