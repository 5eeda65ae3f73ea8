"""Running the scans: figures with their values and intervals."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from yimi.engines import backend
from yimi.engines.backend import Connection
from yimi.engines.indicators.compiled import CUTS, Line, lines, scan
from yimi.pack.load import Pack
from yimi.pack.schema import Indicator
from yimi.rules.sql import quote

Z95 = 1.959963984540054


@dataclass(frozen=True)
class Figure:
    """An indicator's value in one cell. None in place, sex or age means all of them."""

    indicator: str
    item: str | None
    place: str | None
    level: str  # district, township, village
    sex: str | None
    age: int | None
    numerator: float
    denominator: float | None
    value: float | None  # None: nobody in the denominator
    low: float | None = None  # 95% interval
    high: float | None = None
    three_year: float | None = None
    reported: bool = False  # typed in by a body
    reported_on: date | None = None
    period: str | None = None
    withheld: bool = False  # too small, or gives a small one away: not for those who do not see the children


Cell = tuple  # indicator, item, place, level, sex, age
Cells = dict[
    Cell, dict[tuple[str, int], float]
]  # → the sum of each side (numerator, denominator) and year back


def evaluate_indicators(
    con: Connection, pack: Pack, tables: Mapping[str, str], *, half: int | None = None
) -> list[Figure]:
    """Figures of every indicator, the reported ones among them; see `count_cells`."""
    return figures_of(pack, count_cells(con, pack, tables, half=half)) + ([] if half else reported(con, pack))


def count_cells(con: Connection, pack: Pack, tables: Mapping[str, str], *, half: int | None = None) -> Cells:
    """The sums behind the figures. `tables`: kind of subject → table of its facts (and states, for children).

    `half`, 0 or 1: those of every other indicator, so that two threads share the work.
    """
    mine = set(list(pack.indicators)[half::2] if half is not None else pack.indicators)
    cells: Cells = {}
    for kind, table in tables.items():
        chosen = [line for line in lines(pack, kind) if line.indicator in mine]
        if chosen:
            _collect(con, kind, chosen, table, cells)
        for line in chosen:
            if pack.indicators[line.indicator].denominator is None and line.fold == "sum":
                # Nobody found is a count of zero, not a missing answer.
                cells.setdefault((line.indicator, line.item, None, "district", None, None), {})
    return cells


def figures_of(pack: Pack, cells: Cells) -> list[Figure]:
    """The figures of these sums."""
    return [
        figure
        for (indicator, item, *cell), sums in cells.items()
        if (figure := _figure(pack.indicators[indicator], item, cell, sums)) is not None
    ]


def _collect(con: Connection, kind: str, chosen: list[Line], table: str, cells: Cells) -> None:
    columns = sorted({column for cut in CUTS[kind] for column in cut})
    for row in backend.rows(con, scan(kind, chosen, table)):
        cut = {column: row[column] for column in columns if row[f"all_{column}"] == 0}
        if any(value is None for value in cut.values()):
            continue  # unknown sex or place: in the totals, not in a part
        place = cut.get("place") or cut.get("township")
        level = "village" if "place" in cut else "township" if "township" in cut else "district"
        cell = (place, level, cut.get("sex"), cut.get("age_years"))
        for index, line in enumerate(chosen):
            if row[f"c{index}"] is not None:
                sums = cells.setdefault((line.indicator, line.item, *cell), {})
                sums[(line.side, line.years_back)] = float(row[f"c{index}"])


def _figure(
    each: Indicator, item: str | None, cell: list, sums: Mapping[tuple[str, int], float]
) -> Figure | None:
    place, level, sex, age = cell
    numerator = sums.get(("numerator", 0), 0.0)
    if each.denominator is None:
        return Figure(each.id, item, place, level, sex, age, numerator, None, numerator * each.scale)
    denominator = sums.get(("denominator", 0))
    if not denominator:
        return (
            Figure(each.id, item, place, level, sex, age, numerator, denominator or 0.0, None)
            if level == "district"
            else None
        )
    low, high = interval(numerator, denominator, each.rare)
    three = None
    if each.rare:
        three = _rate(
            sum(sums.get(("numerator", y), 0.0) for y in range(3)),
            sum(sums.get(("denominator", y), 0.0) for y in range(3)),
        )
    return Figure(
        each.id, item, place, level, sex, age, numerator, denominator, numerator / denominator * each.scale,
        _scaled(low, each.scale), _scaled(high, each.scale), _scaled(three, each.scale),
    )  # fmt: skip


def _rate(numerator: float, denominator: float) -> float | None:
    return numerator / denominator if denominator else None


def _scaled(value: float | None, scale: float) -> float | None:
    return None if value is None else value * scale


def interval(numerator: float, denominator: float, rare: bool) -> tuple[float | None, float | None]:
    """95% interval of numerator/denominator: Byar's approximation for rare events, Wilson's for shares.

    Byar: Breslow & Day 1987, vol. II, p. 69. Wilson: J. Am. Stat. Assoc. 22 (1927) 209. None for a ratio above 1
    that is no rare event (places per thousand people is no share).
    """
    if rare:
        low = (
            numerator * (1 - 1 / (9 * numerator) - Z95 / (3 * math.sqrt(numerator))) ** 3
            if numerator
            else 0.0
        )
        more = numerator + 1
        high = more * (1 - 1 / (9 * more) + Z95 / (3 * math.sqrt(more))) ** 3
        return max(low, 0.0) / denominator, high / denominator
    if numerator > denominator or denominator < 1:
        return None, None
    share, z2 = numerator / denominator, Z95 * Z95
    middle = (share + z2 / (2 * denominator)) / (1 + z2 / denominator)
    half = (
        Z95
        / (1 + z2 / denominator)
        * math.sqrt(share * (1 - share) / denominator + z2 / (4 * denominator**2))
    )
    return middle - half, middle + half


def reported(con: Connection, pack: Pack) -> list[Figure]:
    """The newest value a body typed in for each reported indicator."""
    found = []
    for each in pack.indicators.values():
        if each.reported is None:
            continue
        form, column = quote(f"form_{each.reported.form}"), quote(each.reported.field.lower())
        rows = backend.rows(
            con,
            f'SELECT {column} AS value, "on", period FROM {form} JOIN organization USING (subject_id) '
            f'WHERE org_id = ? AND indicator = ? AND {column} IS NOT NULL AND "on" <= (SELECT max(as_of) FROM facts_organization) '
            'ORDER BY "on" DESC, seq DESC LIMIT 1',
            [each.reported.body, each.id],
        )
        blank = Figure(each.id, None, None, "district", None, None, 0.0, None, None, reported=True)
        found += [
            replace(
                blank, numerator=row["value"], value=row["value"], reported_on=row["on"], period=row["period"]
            )
            for row in rows
        ] or [blank]
    return found


def as_rows(figures: list[Figure]) -> list[dict[str, Any]]:
    """Figures as plain rows, for storage."""
    return [dict(vars(each)) for each in figures]
