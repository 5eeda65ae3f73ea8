"""The sums behind all figures, kept cell by cell: what one child adds is taken away and added anew.

A figure is made of sums over the children of a cell (`compiled.CUTS`), so one child's change is a few additions in the
half dozen cells the child is counted in, however many children there are. Sums of whole numbers are exact in
floating point; what is not whole is kept as a fraction, so that nothing drifts. A median needs its values: they are
kept with how often each occurs.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from yimi.engines import backend
from yimi.engines.backend import Connection
from yimi.engines.indicators.compiled import CUTS, Line, lines
from yimi.engines.indicators.figures import Cells, Figure, count_cells, figures_of
from yimi.pack.load import Pack
from yimi.rules.sql import quote

Cell = tuple[str | None, str, str | None, int | None]  # place, level, sex, age: as a Figure has them
Touched = set[tuple[Cell, int]]  # a cell and the number of a line
DISTRICT: Cell = (None, "district", None, None)


@dataclass(frozen=True)
class Contribution:
    """What one subject adds to the lines of its kind, and in which cells. A line it adds nothing to is left out."""

    cells: tuple[Cell, ...]
    amounts: Mapping[int, float]


class Totals:
    """The sums of every cell of every line over one kind of subject; those over other kinds stay as they were loaded."""

    def __init__(self, pack: Pack, kind: str = "child") -> None:
        self.pack, self.kind, self.lines = pack, kind, lines(pack, kind)
        self.listed = {n for n, each in enumerate(self.lines) if _needs_values(each)}
        self.sums: dict[Cell, array[float]] = {}
        self.counts: dict[Cell, array[int]] = {}  # of how many amounts: a sum of none is no sum
        self.fractions: dict[tuple[Cell, int], Fraction] = {}
        self.values: defaultdict[tuple[Cell, int], Counter[float]] = defaultdict(Counter)
        self.others: Cells = {}
        # Nobody found is a count of zero, not a missing answer.
        self.counted = {
            (each.indicator, each.item)
            for each in self.lines
            if each.fold == "sum" and pack.indicators[each.indicator].denominator is None
        }
        self.of: dict[tuple[str, str | None], list[int]] = {}
        for n, each in enumerate(self.lines):
            self.of.setdefault((each.indicator, each.item), []).append(n)

    # --- changes ---

    def replace(self, old: Contribution | None, new: Contribution | None) -> Touched:
        """Take away what a subject added and add what it adds now. Both may leave out the same lines."""
        if old is not None and new is not None and old.cells == new.cells:
            before, after = old.amounts, new.amounts
            moves = [
                (n, before.get(n), after.get(n)) for n in {**before, **after} if before.get(n) != after.get(n)
            ]
            return self._move(new.cells, moves)
        touched = (
            self._move(old.cells, [(n, each, None) for n, each in old.amounts.items()]) if old else set()
        )
        if new is not None:
            touched |= self._move(new.cells, [(n, None, each) for n, each in new.amounts.items()])
        return touched

    def _move(self, cells: Iterable[Cell], moves: list[tuple[int, float | None, float | None]]) -> Touched:
        touched: Touched = set()
        plain, rest = [], []
        for n, before, after in moves:
            whole = all(each is None or each == int(each) for each in (before, after))
            if whole and n not in self.listed:
                plain.append((n, (after or 0) - (before or 0), (after is not None) - (before is not None)))
            else:
                rest.append((n, before, after))
        for cell in cells:
            if cell not in self.sums:
                self._empty(cell)
            sums, counts = self.sums[cell], self.counts[cell]
            for n, more, often in plain:
                sums[n] += more
                counts[n] += often
                touched.add((cell, n))
            for n, before, after in rest:
                self._move_listed(cell, n, before, after)
                touched.add((cell, n))
        return touched

    def _empty(self, cell: Cell) -> None:
        self.sums[cell] = array("d", bytes(8 * len(self.lines)))
        self.counts[cell] = array("q", bytes(8 * len(self.lines)))

    def _move_listed(self, cell: Cell, n: int, before: float | None, after: float | None) -> None:
        self.counts[cell][n] += (after is not None) - (before is not None)
        for value, often in ((before, -1), (after, 1)):
            if value is None:
                continue
            if n in self.listed:
                counted = self.values[cell, n]
                counted[value] += often
                if not counted[value]:
                    del counted[value]
            else:
                self.fractions[cell, n] = self.fractions.get((cell, n), Fraction(0)) + often * Fraction(value)

    # --- figures ---

    def figures(self, touched: Touched | None = None) -> list[Figure]:
        """Figures of these cells, or of all, as a full evaluation gives them (reported ones aside)."""
        if touched is None:
            wanted = {(*name, *cell) for cell in self.sums for name in self.of} | set(self.others)
            wanted |= {(*name, *DISTRICT) for name in self.counted}
        else:
            wanted = {(self.lines[n].indicator, self.lines[n].item, *cell) for cell, n in touched}
        sums = ((each, self._sums(each)) for each in wanted)
        return figures_of(self.pack, {each: found for each, found in sums if found is not None})

    def _sums(self, wanted: tuple[Any, ...]) -> dict[tuple[str, int], float] | None:
        """The sums behind one figure; None where there is no such figure."""
        name, cell = (wanted[0], wanted[1]), (wanted[2], wanted[3], wanted[4], wanted[5])
        sums = dict(self.others.get(wanted, {}))
        counts = self.counts.get(cell)
        for n in self.of.get(name, ()) if counts is not None else ():
            if counts is not None and counts[n]:
                sums[self.lines[n].side, self.lines[n].years_back] = self._value(cell, n)
        return sums if sums or (cell == DISTRICT and name in self.counted) or wanted in self.others else None

    def _value(self, cell: Cell, n: int) -> float:
        line = self.lines[n]
        if n not in self.listed:
            fraction = self.fractions.get((cell, n))
            whole = self.sums[cell][n]
            return float(Fraction(whole) + fraction) if fraction else whole
        values = self.values[cell, n]
        if line.distinct:
            return float(len(values))
        return float(min(values)) if line.fold == "least" else _median(values)

    # --- from a full evaluation ---

    def load(self, con: Connection, tables: Mapping[str, str]) -> None:
        """All cells from the tables of a full evaluation (kind → facts, with the states of pathways beside)."""
        if self.kind in tables and self.lines:
            for cell, row in _cells(con, self.kind, _scan(self.kind, self.lines, tables[self.kind])):
                self._empty(cell)
                for n in range(len(self.lines)):
                    self._put(cell, n, row[f"n{n}"], row[f"c{n}"])
        self.others = count_cells(
            con, self.pack, {kind: table for kind, table in tables.items() if kind != self.kind}
        )

    def _put(self, cell: Cell, n: int, count: int, found: Any) -> None:
        self.counts[cell][n] = count
        if not count:
            return
        if n in self.listed:
            self.values[cell, n] = Counter(found)
        elif found == int(found):
            self.sums[cell][n] = float(found)
        else:
            self.fractions[cell, n] = Fraction(found)


def _needs_values(line: Line) -> bool:
    if line.fold not in ("sum", "median", "least"):
        raise ValueError(f"the indicator '{line.indicator}' cannot be kept by increments: fold '{line.fold}'")
    return line.distinct or line.fold != "sum"


def _scan(kind: str, chosen: list[Line], table: str) -> str:
    """SELECT of every cell with, a line, its sum or values (c0, c1, ...) and of how many (n0, n1, ...)."""
    cuts = CUTS[kind]
    columns = sorted({column for cut in cuts for column in cut})
    asked = []
    for n, line in enumerate(chosen):
        kept = (
            f"list({line.sql}) FILTER (({line.sql}) IS NOT NULL)"
            if _needs_values(line)
            else f"sum({line.sql})"
        )
        asked += [f"{kept} AS c{n}", f"count({line.sql}) AS n{n}"]
    names = "".join(f"{quote(each)}, grouping({quote(each)}) AS {quote('all_' + each)}, " for each in columns)
    sets = ", ".join("(" + ", ".join(quote(each) for each in cut) + ")" for cut in cuts)
    return f"SELECT {names}{', '.join(asked)} FROM {table} GROUP BY GROUPING SETS ({sets})"


def _cells(con: Connection, kind: str, query: str) -> Iterator[tuple[Cell, dict[str, Any]]]:
    columns = sorted({column for cut in CUTS[kind] for column in cut})
    for row in backend.rows(con, query):
        cut = {column: row[column] for column in columns if row[f"all_{column}"] == 0}
        if all(value is not None for value in cut.values()):
            yield cell_of(cut), row


def cell_of(cut: Mapping[str, Any]) -> Cell:
    """The cell of the values of a cut's columns."""
    level = "village" if "place" in cut else "township" if "township" in cut else "district"
    return cut.get("place") or cut.get("township"), level, cut.get("sex"), cut.get("age_years")


def cells_of(kind: str, facts: Mapping[str, Any]) -> tuple[Cell, ...]:
    """The cells a subject is counted in: not in a part whose place, sex or age it lacks."""
    return tuple(
        cell_of({column: facts[column] for column in cut})
        for cut in CUTS[kind]
        if all(facts[column] is not None for column in cut)
    )


def _median(values: Counter[float]) -> float:
    """Of an even number, the middle between the two in the middle."""
    count, seen = values.total(), 0
    lower = None
    for value in sorted(values):
        seen += values[value]
        if lower is None and seen > (count - 1) // 2:
            lower = value
        if seen > count // 2:
            assert lower is not None
            return (lower + value) / 2
    raise ValueError("a median of nothing")
