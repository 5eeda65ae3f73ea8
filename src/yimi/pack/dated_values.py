"""Parameters as the SQL printer wants them: every value with the day it comes into force."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from yimi.pack.load import Pack, once_a_pack
from yimi.pack.schema import Parameter
from yimi.rules.sql import text


@once_a_pack
def parameters(pack: Pack, written: bool = False) -> dict[str, tuple[tuple[date, str], ...]]:
    """Every dated parameter as SQL, oldest value first; `written`: as text, "3 month", to be told in words."""
    value = text if written else _value
    return {each.id: tuple(_in_force(each, value)) for each in pack.parameters.values()}


def _in_force(parameter: Parameter, value: Callable[[str], str]) -> Iterator[tuple[date, str]]:
    values = sorted(parameter.values, key=lambda each: each.effective_from)
    following = [each.effective_from for each in values[1:]]
    for each, until in zip(values, [*following, date.max], strict=True):
        yield each.effective_from, value(each.value)
        if each.effective_to is not None and each.effective_to < until:
            yield each.effective_to, "NULL"  # lapsed, and nothing has taken its place yet


def _value(given: str) -> str:
    count, _, unit = given.strip().partition(" ")
    number = float(count)
    if unit:
        return f"INTERVAL {int(count)} {unit.upper()}"
    # A whole number stays whole: DuckDB adds no 3.0 to a date.
    return str(int(number)) if number.is_integer() else repr(number)
