"""Reading surveillance from the run in force: counted tables with small counts kept out, the estimate, the events.

One set of tables is made for a person, and page, chart, workbook and JSON are made of it: what is withheld in one is
withheld in all. Whoever reads the children of a place by name is not kept from counting them there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Min

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor
from yimi.apps.evaluation import runs
from yimi.apps.evaluation.listing import blocked_to, by_name, reach, readable, seen_at, without
from yimi.apps.places.selectors import subtree
from yimi.apps.plan.selectors import Run, run_in_force, townships_open
from yimi.apps.records.selectors import in_force
from yimi.apps.register.selectors import Hit
from yimi.engines.disclosure import ALL, one_way, suppress, two_way
from yimi.engines.surveillance import Compared, Estimate, chapman, compared
from yimi.pack.schema import Surveillance
from yimi.rules.sql import text

MONTH, TOWNSHIP = "month", "township"
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Counts:
    """A table of counts by (row, column), totals under `ALL`; `withheld` are not shown, whatever their size."""

    cells: Mapping[tuple[Hashable, Hashable], int]
    withheld: frozenset[Hashable]

    def shown(self, row: Hashable, column: Hashable = ALL) -> int | None:
        """The count, or None where it is withheld."""
        return None if (row, column) in self.withheld else self.cells.get((row, column), 0)


@dataclass(frozen=True)
class Sources:
    """How many events each set of sources knows; None where that would be a small count."""

    first_only: int | None
    both: int | None
    second_only: int | None
    estimate: Estimate | None  # None: too few that both know


@dataclass(frozen=True)
class Seasonal:
    """The last days against the same days of the years before; `counts`: codes by the number of years back."""

    compared: Compared
    counts: Counts
    first_record: date | None


@dataclass(frozen=True)
class Watched:
    """Everything a page shows of the last twelve months."""

    since: date
    until: date
    total: int | None
    week: int | None
    week_before: int | None
    crossed: Counts  # township by the first cut
    parts: Mapping[str, Counts]  # cut (or month) → counts, rows are codes
    sources: Sources | None
    complete: bool  # nothing had to be withheld from this person
    season: Seasonal | None = None


@dataclass(frozen=True)
class Line:
    """An event, for somebody who may know the child."""

    hit: Hit
    on: date
    codes: Mapping[str, str | None]
    sources: Sequence[str]
    records: int
    earlier: int
    near: int


def may_open(actor: Actor, each: Surveillance) -> bool:
    return bool(actor.grants) and not actor.configures and each.id in active.pack().surveillance


def may_list(actor: Actor, each: Surveillance) -> bool:
    return readable(actor, each.sensitivity) and bool(reach(actor, each.sensitivity))


def _run() -> Run | None:
    run = run_in_force()
    return run if run is not None and runs.has(run.number, "events") else None


def watched(actor: Actor, each: Surveillance) -> Watched | None:
    """The last twelve months in tables; None before a turn has looked."""
    run = _run()
    if run is None:
        return None
    since = _year_before(run.as_of)
    blocked = blocked_to(actor)
    rows = runs.query(
        run.number,
        'SELECT "on", township, place, codes, sources FROM {events} WHERE surveillance = ? AND "on" > ? '
        f"AND {without(blocked) if blocked else 'TRUE'}",
        [each.id, since],
    )
    keep = _Keeping(actor, each, run)
    crossed = keep.crossed(rows)
    total = crossed.shown(ALL, ALL)
    keep.whole = total is not None
    cuts = {name: [row["codes"].get(name.lower()) or "" for row in rows] for name in each.cuts[1:]}
    cuts[MONTH] = [f"{row['on']:%Y-%m}" for row in rows]
    last = [row["on"] for row in rows if row["on"] > run.as_of - WEEK]
    before = [row["on"] for row in rows if run.as_of - 2 * WEEK < row["on"] <= run.as_of - WEEK]
    return Watched(
        since, run.as_of, total, keep.alone(len(last)), keep.alone(len(before)), crossed,
        {name: keep.parts(values) for name, values in cuts.items()}, keep.sources(rows), keep.sees_all, keep.season(rows, blocked),
    )  # fmt: skip


def _year_before(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return date(day.year - 1, 2, 28)


@dataclass
class _Keeping:
    """What must be kept from this person."""

    actor: Actor
    each: Surveillance
    run: Run
    least: int = field(init=False)
    places: set[str] = field(init=False)
    sees_all: bool = field(init=False)
    whole: bool = True  # the total of all may be told

    def __post_init__(self) -> None:
        pack = active.pack()
        self.least = pack.number_on(self.each.least_count, self.run.as_of)
        self.places = (
            reach(self.actor, self.each.sensitivity) if readable(self.actor, self.each.sensitivity) else set()
        )
        self.sees_all = subtree({pack.info.district or ""}, self.actor.on) <= self.places

    def crossed(self, rows: Sequence[Mapping[str, Any]]) -> Counts:
        """Townships by the first cut. A township whose children this person reads counts as known."""
        first = self.each.cuts[0].lower()
        allowed = townships_open(self.actor, self.each.sensitivity)
        counted = Counter((row["township"] or "", row["codes"].get(first) or "") for row in rows)
        columns = {code for _, code in counted}
        towns = {township for township, _ in counted}
        known = {
            (township, column)
            for township in towns
            if township and subtree({township}, self.actor.on) <= self.places
            for column in (*columns, ALL)
        }
        cells = two_way(counted)
        withheld = frozenset() if self.sees_all else suppress(cells, self.least, never=known)
        closed = {
            (town, column)
            for town in towns
            if allowed is not None and town not in allowed
            for column in (*columns, ALL)
        }
        return Counts({cell.key: cell.value for cell in cells}, withheld | closed)

    def parts(self, values: Sequence[str]) -> Counts:
        counted: dict[Hashable, int] = dict(Counter(values))
        cells = one_way(counted)
        total = () if self.whole else (ALL,)
        withheld = frozenset() if self.sees_all else suppress(cells, self.least, also=total)
        return Counts(
            {(cell.key, ALL): cell.value for cell in cells}, frozenset((key, ALL) for key in withheld)
        )

    def alone(self, count: int) -> int | None:
        return count if self.sees_all or count == 0 or count >= self.least else None

    def season(self, year: Sequence[Mapping[str, Any]], blocked: Sequence[int]) -> Seasonal | None:
        """`year`: the events of the last twelve months, of which the last days are a part."""
        if self.each.season is None:
            return None
        on, cut = self.run.as_of, self.each.cuts[0].lower()
        first = in_force(self.each.form, on).aggregate(first=Min("occurred_on"))["first"]
        rows = runs.query(
            self.run.number,
            f'SELECT codes[{text(cut)}] AS code, "on" FROM {{events}} WHERE surveillance = ? '
            f"AND {without(blocked) if blocked else 'TRUE'}",
            [self.each.id],
        )
        events = ((row["code"] or "", row["on"]) for row in rows)
        found = compared(active.pack(), self.each, on, events, first)
        if found is None:
            return None
        cells: dict[tuple[Hashable, Hashable], int] = {
            (code, back): n for code, counts in found.counts.items() for back, n in enumerate(counts)
        }
        if self.sees_all:
            return Seasonal(found, Counts(cells, frozenset()), first)
        # What is left of the year without the last days would be told by subtraction: it must be no small number.
        whole = Counter(row["codes"].get(cut) or "" for row in year)
        left = {(code, 0): whole[code] - counts[0] for code, counts in found.counts.items()}
        small = {key for known in (cells, left) for key, n in known.items() if 0 < n < self.least}
        return Seasonal(found, Counts(cells, frozenset(small)), first)

    def sources(self, rows: Sequence[Mapping[str, Any]]) -> Sources | None:
        capture = self.each.capture
        if capture is None:
            return None
        told = Counter(
            (bool(set(row["sources"]) & set(capture.first)), bool(set(row["sources"]) & set(capture.second)))
            for row in rows
        )
        first, second, both = told[True, False], told[False, True], told[True, True]
        enough = both >= active.pack().number_on(capture.least_both, self.run.as_of, 1)
        parts = self.parts(["first"] * first + ["second"] * second + ["both"] * both)
        shown = {name: parts.shown(name) for name in ("first", "both", "second")}
        estimate = (
            chapman(first + both, second + both, both) if enough and None not in shown.values() else None
        )
        return Sources(shown["first"], shown["both"], shown["second"], estimate)


@dataclass(frozen=True)
class Wanted:
    place: str = ""
    code: str = ""  # of the first cut
    again: bool = False


def events(
    actor: Actor, each: Surveillance, wanted: Wanted, *, offset: int, limit: int
) -> tuple[list[Line], int]:
    """Events of the last twelve months, the newest first, with the children's names."""
    run, places = _run(), reach(actor, each.sensitivity, wanted.place)
    if run is None or not places or not may_list(actor, each):
        return [], 0
    where = f'surveillance = ? AND "on" > ? AND {seen_at(actor, places)}'
    values: list[Any] = [each.id, _year_before(run.as_of), *sorted(places)]
    if wanted.code:
        where, values = f"{where} AND codes['{each.cuts[0].lower()}'] = ?", [*values, wanted.code]
    if wanted.again:
        where += " AND earlier > 0"
    rows = runs.query(
        run.number,
        f'SELECT *, count(*) OVER () AS n FROM {{events}} WHERE {where} ORDER BY "on" DESC, event DESC '
        f"LIMIT {int(limit)} OFFSET {int(offset)}",
        values,
    )
    told = ("on", "codes", "sources", "records", "earlier", "near")
    return by_name(
        actor,
        f"surveillance:{each.id}",
        each.sensitivity,
        rows,
        lambda hit, row: Line(hit, *(row[name] for name in told)),
    )
