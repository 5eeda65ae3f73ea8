"""Queries that are asked on every page with other values: the ORM puts them into SQL once a process.

Putting a query together takes it ten times as long as SQLite takes to answer one that an index serves; a child's file
asks some thirty. The query stays written in the ORM, for both databases, in a function of its values.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache, partial, wraps
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.db.models.query import get_related_populators

Asked = ParamSpec("Asked")
Row = TypeVar("Row")
Value = TypeVar("Value")

LONGEST = 512  # values of a list in one question
FORMED = 200  # queries kept of each `formed` function: the people who are at work, and their tabs


@dataclass(frozen=True)
class _Query:
    sql: str
    values: tuple[Any, ...]
    places: tuple[int, ...]  # for each of `values` which of the caller's stands there; -1: its own
    made: Callable[[Sequence[Sequence[Any]]], list[Any]]  # rows of the database → what the caller gets


def prepared(make: Callable[Asked, QuerySet[Any, Row]]) -> Callable[Asked, list[Row]]:
    """The answer to a query that is put together once and asked again and again: tuples of a `values_list`, or objects.

    Its values are given by position: numbers, days, moments, uids, words, or lists of one of these for `__in`. They
    may only stand in conditions, as they are. Whatever else decides how a query looks makes another function.
    """
    known: dict[tuple[Any, ...], _Query] = {}

    @wraps(make)
    def ask(*args: Asked.args, **kwargs: Asked.kwargs) -> list[Row]:
        flat: list[Any] = []
        sizes: list[int | None] = []
        for value in args:
            if not isinstance(value, list):
                flat.append(value)
                sizes.append(None)
                continue
            if not value:
                return []
            size = _padded(len(value))
            flat += [*value, *[value[-1]] * (size - len(value))]
            sizes.append(size)
        key = (connection.vendor, *sizes)
        if key not in known:
            known[key] = _put_together(make, flat, sizes)
        return _answer(known[key], flat)

    return ask


def formed(make: Callable[Asked, QuerySet[Any, Row]]) -> Callable[Asked, list[Row]]:
    """The answer to a query that its arguments decide the look of: `Q` conditions, sets of a person's places.

    It is put together once for equal arguments, which are hashable and all that it depends on; those asked last
    are kept.
    """

    @lru_cache(maxsize=FORMED)
    def query(vendor: str, *args: Any) -> _Query:
        return _put_together(partial(make, *args), (), ())

    @wraps(make)
    def ask(*args: Asked.args, **kwargs: Asked.kwargs) -> list[Row]:
        try:
            return _answer(query(connection.vendor, *args), ())
        except EmptyResultSet:  # what is asked can be true of no row: nobody's places
            return []

    return ask


def in_parts(values: list[Value]) -> Iterator[list[Value]]:
    """Values of a list that may be longer than one question takes, as lists for several questions."""
    return (values[start : start + LONGEST] for start in range(0, len(values), LONGEST))


def _padded(size: int) -> int:
    """Lists of up to 1, 2, 4, 8 … values are one query: a value that is named twice is found once."""
    if size > LONGEST:
        raise ValueError(f"a prepared query takes lists of up to {LONGEST} values")
    return 1 << (size - 1).bit_length()


def _put_together(
    make: Callable[..., QuerySet[Any, Any]], flat: Sequence[Any], sizes: Sequence[int | None]
) -> _Query:
    stand_ins = [_stand_in(value, number) for number, value in enumerate(flat)]
    left, given = iter(stand_ins), []
    for size in sizes:
        given.append(next(left) if size is None else [next(left) for _ in range(size)])
    found = make(*given)
    compiler = found.query.get_compiler(connection=connection)
    sql, values = compiler.as_sql()
    at = {_adapted(each): number for number, each in enumerate(stand_ins)}
    places = tuple(at.get(value, -1) if isinstance(value, Hashable) else -1 for value in values)
    if set(places) - {-1} != set(range(len(flat))):
        raise ValueError(f"{make.__name__}: a value does not stand in the query as it is")
    return _Query(sql, tuple(values), places, _maker(found, compiler))


def _maker(found: QuerySet[Any, Any], compiler: Any) -> Callable[[Sequence[Sequence[Any]]], list[Any]]:
    converters = compiler.get_converters([each[0] for each in compiler.select])

    def tuples(rows: Sequence[Sequence[Any]]) -> list[Any]:
        changed = compiler.apply_converters(rows, converters) if converters else rows
        return [tuple(row) for row in changed]

    if found._fields is not None:  # of a `values_list`
        return tuples
    of = compiler.klass_info
    first, last = of["select_fields"][0], of["select_fields"][-1] + 1
    names = [each[0].target.attname for each in compiler.select[first:last]]
    related = get_related_populators(of, compiler.select, connection.alias)

    def objects(rows: Sequence[Sequence[Any]]) -> list[Any]:
        made = []
        for row in tuples(rows):
            one = of["model"].from_db(connection.alias, names, row[first:last])
            for each in related:
                each.populate(row, one)
            made.append(one)
        return made

    return objects


def _stand_in(value: Any, number: int) -> Any:
    """Stands in for a value while the query is put together; nobody asks for one of these."""
    if isinstance(value, datetime):
        return datetime(3777, 1, 1, tzinfo=UTC) + timedelta(seconds=number)
    if isinstance(value, date):
        return date(3777, 1, 1) + timedelta(number)
    if isinstance(value, UUID):
        return UUID(int=(0x777 << 96) + number)
    if isinstance(value, int) and not isinstance(value, bool):
        return 2_000_000_000 + number
    if isinstance(value, str):
        return f"\x07stands {number}"
    raise TypeError(f"a prepared query takes no {type(value).__name__}")


def _adapted(value: Any) -> Any:
    """A value as the database's driver is given it."""
    if isinstance(value, int | str):  # most are, and need no question more
        return value
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, date):
        return connection.ops.adapt_datefield_value(value)
    if isinstance(value, UUID):
        return value if connection.features.has_native_uuid_field else value.hex
    return value


def _answer(query: _Query, flat: Sequence[Any]) -> list[Any]:
    own = [_adapted(each) for each in flat]
    values = [
        value if place < 0 else own[place] for value, place in zip(query.values, query.places, strict=True)
    ]
    with connection.cursor() as cursor:
        cursor.execute(query.sql, values)
        return query.made(cursor.fetchall())
