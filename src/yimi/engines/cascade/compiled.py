"""A cascade as one scan of the facts: the day each stage was reached, and so the deepest stage of each child.

A stage is asked only of children who reached the one before, so stages are nested by construction and the
children of all deepest stages add up to the scope. A periodic cascade is worked out for the round that runs and
for the one before: who was found in May is not forgotten in September.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date

from yimi.engines.backend import Connection, binding, list_fields
from yimi.pack.load import Pack
from yimi.pack.schema import Cascade
from yimi.rules.parse import parse
from yimi.rules.sql import Binding, day, quote, text, to_sql
from yimi.rules.tree import steps_read

TABLE = "cascades"
_BEGINS = {"school_year": 9, "year": 1}  # month
_EMPTY = (
    "SELECT NULL::BIGINT AS subject_id, NULL::VARCHAR AS cascade, NULL::DATE AS round, NULL::VARCHAR AS place, "
    "NULL::VARCHAR AS township, NULL::VARCHAR AS sex, NULL::BIGINT AS school, NULL::VARCHAR AS grp, "
    "NULL::DATE[] AS days, NULL::INTEGER AS position, NULL::DATE AS since, NULL::VARCHAR AS waits_for, "
    "NULL::DATE AS overdue_after, NULL::BOOLEAN AS late WHERE FALSE"
)


def rounds(cascade: Cascade, as_of: date) -> list[tuple[date, date]]:
    """(first day, first day of the next) of the round that runs and the one before; none if it is open."""
    if cascade.period == "open":
        return []
    month = _BEGINS[cascade.period]
    year = as_of.year if as_of.month >= month else as_of.year - 1
    return [(date(each, month, 1), date(each + 1, month, 1)) for each in (year, year - 1)]


def build_cascades(
    con: Connection,
    pack: Pack,
    days: Collection[date],
    facts: str,
    wide: str,
    chosen: Collection[Cascade] | None = None,
) -> str:
    """Create `cascades`. `facts`: children's facts; `wide`: the same with the states of their pathways beside.

    `days`: every `as_of` in the facts, one but for a few children that are asked each on a day of its own.
    """
    con.execute(f"CREATE OR REPLACE TABLE {TABLE} AS {_EMPTY}")
    for cascade in pack.cascades.values() if chosen is None else chosen:
        query = cascade_query(pack, cascade, days, wide if steps_asked(pack, cascade) else facts)
        con.execute(f"INSERT INTO {TABLE} BY NAME {query}")
    return TABLE


def steps_asked(pack: Pack, cascade: Cascade) -> set[str]:
    """The steps of pathways a cascade asks for."""
    rules = [cascade.in_scope, cascade.group]
    rules += [rule for stage in cascade.stages for rule in (stage.reached, stage.overdue_after)]
    found = {step for rule in rules if rule for step in steps_read(parse(rule))}
    return found & set(pack.steps)


def cascade_query(pack: Pack, cascade: Cascade, days: Collection[date], facts: str) -> str:
    """SELECT of a row a child in scope and round, with the columns of `cascades`."""
    how = replace(binding(pack), step=_column(cascade))
    lists = list_fields(pack, "child")

    def sql(rule: str, binding_: Binding = how) -> str:
        return to_sql(parse(rule), binding_, lists)

    source = f"(SELECT * FROM {_in_rounds(cascade, days, facts)} WHERE {sql(cascade.in_scope)})"
    before = ""
    for stage in cascade.stages:
        rule = sql(stage.reached)
        reached = f"CASE WHEN {before} IS NOT NULL THEN {rule} END" if before else rule
        before = quote(f"#{stage.id}")
        source = f"(SELECT *, ({reached})::DATE AS {before} FROM {source})"
    reached_on = "[" + ", ".join(quote(f"#{each.id}") for each in cascade.stages) + "]"
    known = (
        f"SELECT *, list_filter({reached_on}, lambda x: x IS NOT NULL) AS days, "
        f"{sql(cascade.group) if cascade.group else 'NULL::VARCHAR'} AS grp FROM {source}"
    )
    waits, limits = [], []
    for index, stage in enumerate(cascade.stages):
        if index and not stage.finding:
            waits.append(f"WHEN {index} THEN {text(stage.id)}")
        if stage.overdue_after:
            limits.append(f"WHEN {index} THEN ({sql(stage.overdue_after)})::DATE")
    standing = (
        f"SELECT *, len(days) AS position, days[-1] AS since, {_case('len(days)', waits, 'VARCHAR')} AS waits_for, "
        f"{_case('len(days)', limits, 'DATE')} AS overdue_after FROM ({known})"
    )
    newest = "max(CASE WHEN position > 0 THEN period_start END) OVER (PARTITION BY subject_id)"
    seen = f"AND period_start = {newest}" if cascade.period != "open" else ""
    return (
        f"SELECT subject_id, {text(cascade.id)} AS cascade, period_start AS round, place, township, sex, "
        "(attendance[-1]).facility AS school, grp, days, position, since, waits_for, overdue_after, "
        f"coalesce(as_of > overdue_after {seen}, FALSE) AS late FROM ({standing})"
    )


def _in_rounds(cascade: Cascade, days: Collection[date], facts: str) -> str:
    """Each child's facts once a round of its own day, with period_start and period_end."""
    if cascade.period == "open":
        return f"{facts}, (VALUES (NULL::DATE, NULL::DATE)) v(period_start, period_end)"
    values = ", ".join(
        f"({day(as_of)}, {day(start)}, {day(end)})" for as_of in days for start, end in rounds(cascade, as_of)
    )
    return f"{facts} JOIN (VALUES {values}) v(as_of, period_start, period_end) USING (as_of)"


def _column(cascade: Cascade):  # type: ignore[no-untyped-def]
    own = {each.id for each in cascade.stages}
    functions = {"applies": "counted", "step_status": "status"}

    def column(function: str, name: str) -> str:
        return quote(f"#{name}" if name in own else f"{name}.{functions.get(function, function)}")

    return column


def _case(item: str, whens: list[str], kind: str) -> str:
    return f"CASE {item} {' '.join(whens)} END" if whens else f"NULL::{kind}"
