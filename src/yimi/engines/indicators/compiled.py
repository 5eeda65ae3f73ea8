"""Indicators as columns of one scan a kind of subject.

Every side of every indicator becomes one SUM column (or a count of distinct townships); one GROUPING SETS query
gives all cells of all of them.
An indicator over a pathway's steps becomes a line a step, with `this` standing for the step.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from yimi.engines.backend import binding, list_fields
from yimi.pack.load import Pack, once_a_pack
from yimi.pack.schema import ExceptionKind, Indicator, Pathway, Side
from yimi.rules.parse import parse
from yimi.rules.sql import Binding, one_of, quote, text, to_sql

# The cells every scan gives: (name of the cut, columns that are grouped).
CUTS: dict[str, tuple[tuple[str, ...], ...]] = {
    "child": ((), ("township",), ("township", "place"), ("sex",), ("age_years",), ("township", "sex")),
    "facility": ((), ("township",)),
    "person": ((), ("township",)),
    "place": ((), ("township",)),
    "organization": ((),),
    "case": ((),),  # the district as a whole: a township has too few
}
STEP_FUNCTION_COLUMNS = {"applies": "counted", "step_status": "status"}
SQL_OF = {"sum": "sum", "median": "median", "least": "min"}
YEARS_BACK = 3  # a rare event is told with the years before


@dataclass(frozen=True)
class Line:
    """One numerator or denominator: which indicator, which item (step), how many years back, as SQL."""

    indicator: str
    item: str | None
    side: str  # numerator, denominator
    years_back: int
    of: str
    sql: str
    distinct: bool = False  # count the different values of `sql` instead of adding them up
    fold: str = "sum"  # or the median, the least, the spread of them
    weight: str = "1"  # of a spread, as SQL


def kinds_read(pack: Pack) -> set[str]:
    """The kinds of subject indicators look at."""
    sides = (
        side
        for each in pack.indicators.values()
        for side in (each.numerator, each.denominator, each.document)
    )
    return {side.of for side in sides if side is not None}


@once_a_pack
def lines(pack: Pack, kind: str) -> list[Line]:
    """Every line of every indicator over this kind of subject."""
    found = []
    for each in pack.indicators.values():
        if kind not in {side.of for side in (each.numerator, each.denominator, each.document) if side}:
            continue
        for item, how, pathway in _items(pack, each):
            for years in range(YEARS_BACK if each.rare else 1):
                # The facts stay those of the day; only the window the rule opens moves back.
                shifted = (
                    replace(how, names={**how.names, "as_of": f"(as_of - INTERVAL {years} YEAR)::DATE"})
                    if years
                    else how
                )
                found += list(_sides(pack, each, item, shifted, pathway, years, kind))
    return found


def _items(pack: Pack, each: Indicator) -> Iterator[tuple[str | None, Binding, Pathway | None]]:
    if each.for_each is None:
        yield None, replace(binding(pack), step=_step_column("")), None
        return
    pathway = pack.pathways[each.for_each]
    for step in pathway.steps:
        if not each.only_steps or step.id in each.only_steps:
            yield step.id, replace(binding(pack), step=_step_column(step.id)), pathway


def _step_column(this: str):  # type: ignore[no-untyped-def]
    def column(function: str, name: str) -> str:
        step = this if name == "this" else name
        return quote(f"{step}.{STEP_FUNCTION_COLUMNS.get(function, function)}")

    return column


def _sides(
    pack: Pack,
    each: Indicator,
    item: str | None,
    how: Binding,
    pathway: Pathway | None,
    years: int,
    kind: str,
) -> Iterator[Line]:
    numerator = each.numerator or each.document
    denominator = each.denominator
    if numerator is not None and numerator.of == kind:
        base = denominator if denominator is not None and denominator.of == kind else None
        yield Line(
            each.id,
            item,
            "numerator",
            years,
            kind,
            _numerator(pack, numerator, base, item, how, pathway),
            numerator.distinct is not None,
            numerator.fold,
            to_sql(parse(numerator.weight), how, list_fields(pack, kind)),
        )
    if denominator is not None and denominator.of == kind:
        yield Line(
            each.id,
            item,
            "denominator",
            years,
            kind,
            _amount(pack, denominator, _eligible(pack, denominator, item, how, pathway), how),
            denominator.distinct is not None,
        )


def _where(pack: Pack, side: Side, how: Binding) -> str:
    condition = f"({to_sql(parse(side.where), how, list_fields(pack, side.of))})"
    if side.of != "case":
        return condition
    # What ends sealed is counted neither before nor after: else two figures would tell by their difference.
    open_kinds = [text(each.id) for each in pack.cases.values() if each.seal is None]
    return f"({condition} AND {one_of('kind', open_kinds) if open_kinds else 'FALSE'})"


def _amount(pack: Pack, side: Side, condition: str, how: Binding) -> str:
    amount = (
        quote(side.distinct) if side.distinct else to_sql(parse(side.amount), how, list_fields(pack, side.of))
    )
    return f"CASE WHEN {condition} THEN {amount} END"


def _eligible(pack: Pack, side: Side, item: str | None, how: Binding, pathway: Pathway | None) -> str:
    """In the denominator: the condition, less those whose exception says they do not count."""
    condition = _where(pack, side, how)
    if pathway is None or item is None:
        return condition
    out = [each for each in pathway.exceptions if not each.in_denominator]
    return f"({condition} AND {_without(item, out)})" if out else condition


def _numerator(
    pack: Pack, side: Side, base: Side | None, item: str | None, how: Binding, pathway: Pathway | None
) -> str:
    """In the numerator: also in the denominator, so that a share never passes one."""
    condition = _where(pack, side, how)
    if pathway is not None and item is not None:
        counted = [each for each in pathway.exceptions if each.in_numerator]
        condition = f"({condition} OR {_with(item, counted)})" if counted else condition
    if base is not None:
        condition = f"{_eligible(pack, base, item, how, pathway)} AND {condition}"
    return _amount(pack, side, condition, how)


def _with(item: str, kinds: list[ExceptionKind]) -> str:
    names = [text(each.kind) for each in kinds]
    return f"coalesce({one_of(quote(item + '.exception'), names)}, FALSE)" if names else "FALSE"


def _without(item: str, kinds: list[ExceptionKind]) -> str:
    return f"NOT {_with(item, kinds)}"


def _added(line: Line) -> str:
    if line.distinct:
        return f"nullif(count(DISTINCT {line.sql}), 0)"
    if line.fold == "spread":
        return _spread(line.sql, line.weight)
    return f"{SQL_OF[line.fold]}({line.sql})"


def _spread(amount: str, weight: str) -> str:
    """Coefficient of variation: the weighted standard deviation over the weighted mean; NULL without either."""
    kept = f"(CASE WHEN ({amount}) IS NOT NULL THEN {weight} END)"
    all_of, mean = f"nullif(sum({kept}), 0)", f"(sum({kept} * ({amount})) / nullif(sum({kept}), 0))"
    squares = f"sum({kept} * ({amount}) * ({amount})) / {all_of}"
    return f"sqrt(greatest({squares} - {mean} * {mean}, 0)) / nullif({mean}, 0)"


def contributions(kind: str, chosen: list[Line], table: str) -> str:
    """SELECT of a row a subject: the cuts' columns and what the subject adds to each line ("a0", "a1", ...).

    Kept beside the state of a day, it answers every scan without reading a list again: `scan` of `kept` lines.
    """
    columns = [quote(column) for column in sorted({column for cut in CUTS[kind] for column in cut})]
    amounts = [f"{line.sql} AS a{index}" for index, line in enumerate(chosen)]
    weights = [f"{line.weight} AS w{index}" for index, line in enumerate(chosen) if line.fold == "spread"]
    return f"SELECT subject_id, {', '.join([*columns, *amounts, *weights])} FROM {table}"


def kept(chosen: list[Line]) -> list[Line]:
    """The same lines, reading the columns of `contributions`."""
    return [replace(line, sql=f"a{index}", weight=f"w{index}") for index, line in enumerate(chosen)]


def scan(kind: str, chosen: list[Line], table: str) -> str:
    """SELECT of every cell: the cut's columns, GROUPING marks, and a column a line (c0, c1, ...), NULL for none."""
    cuts = CUTS[kind]
    columns = sorted({column for cut in cuts for column in cut})
    sums = ", ".join(f"{_added(line)} AS c{index}" for index, line in enumerate(chosen))
    marks = "".join(f", grouping({quote(column)}) AS {quote('all_' + column)}" for column in columns)
    names = "".join(f"{quote(column)}, " for column in columns)
    sets = ", ".join("(" + ", ".join(quote(column) for column in cut) + ")" for cut in cuts)
    group = f"GROUP BY GROUPING SETS ({sets})" if columns else ""
    return f"SELECT {names}{sums}{marks} FROM {table} {group}"
