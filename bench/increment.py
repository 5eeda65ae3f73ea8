"""One record: how soon are the child's state, its due items and the district's figures right? Alternative: a full turn.

Doses of a few children are taken back, one each. Everything is then kept by increments, and a full turn must give
the same due items and the same figures, every cell. Figures are timed with the cells of this district and with those
of fifty: the time must not grow. And of a few hundred children it is told whose standing changes by itself tomorrow.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.keep import DAY, percentile
from bench.one_record import key
from bench.pairs import ratio

TRIED, ASKED, DISTRICTS = 60, 300, 50
GOAL_MS, GOAL_US, FLAT = 10, 50, 1.3
DAY_OF = date.fromisoformat(DAY)


def run(directory: Path, children: int) -> dict[str, Any]:
    from yimi.sites.start import start

    start(directory)
    from yimi import cycle
    from yimi.apps import active
    from yimi.apps.evaluation import runs
    from yimi.apps.translated import standing
    from yimi.engines.increment import Increment

    pack, at = active.pack(), datetime.now(UTC)
    totals, increment = all_cells(cycle, pack, at), Increment(standing("child"))
    steps, timed = doses_taken_back(increment, totals, at)
    began = time.perf_counter()
    turn = cycle.turn(as_of=DAY_OF, at=at, force=True)
    full = time.perf_counter() - began
    for subject, step in steps.items():
        wanted = runs.query(
            turn.run,
            "SELECT step, due, overdue_after, status FROM {due_items} WHERE subject_id = ? AND pathway = ANY(?)",
            [subject, list(step.due)],
        )
        assert key([row for rows in step.due.values() for row in rows]) == key(wanted), "due items differ"
    same_figures(totals, runs.query(turn.run, "SELECT * FROM {figures} WHERE NOT reported"))
    engine, sums, figures, calendar, changed = (
        [percentile(each, share) for share in (0.5, 0.95)] for each in timed
    )
    return {
        "tried": len(steps), "engine_p50_ms": round(engine[0] * 1e3, 2), "engine_p95_ms": round(engine[1] * 1e3, 2),
        "sums_p50_us": round(sums[0] * 1e6), "sums_p95_us": round(sums[1] * 1e6), "sums_limit_us": GOAL_US,
        "figures_p50_us": round(figures[0] * 1e6), "figures_p95_us": round(figures[1] * 1e6), "figures_changed_p50": changed[0], "figures_changed_p95": changed[1],
        **flat(totals, list(steps.values())), "calendar_p95_ms": round(calendar[1] * 1e3, 2), **tomorrow(increment, turn.run), "full_turn_seconds": round(full, 1),
        "ratio": round(GOAL_MS / (engine[1] * 1e3), 2), "goal": 1, "floor": 0.5,
    }  # fmt: skip


def all_cells(cycle: Any, pack: Any, at: datetime) -> Any:
    """The sums of every cell, from a full evaluation."""
    from yimi.engines import backend
    from yimi.engines.indicators.totals import Totals
    from yimi.engines.turn import build_wide

    totals = Totals(pack)
    with backend.scratch(cycle.MEMORY) as con:
        cycle.load(con, pack, at)
        totals.load(con, build_wide(con, pack, DAY_OF, lambda stage: None))
    return totals


def doses_taken_back(increment: Any, totals: Any, at: datetime) -> tuple[dict[int, Any], list[list[float]]]:
    """The steps of children one of whose doses is taken back, by child, and the seconds: the engines in all, the sums, their figures; and how many figures."""
    from yimi.apps.accounts.permissions import system
    from yimi.apps.evaluation import runs
    from yimi.apps.plan.selectors import run_in_force
    from yimi.apps.records import actions as records
    from yimi.apps.records.facts import rows_of
    from yimi.apps.records.models import Record

    in_force = run_in_force()
    assert in_force is not None
    # Doses that a coverage of the last year counts: to take one back changes a dozen figures and more.
    given = runs.query(
        in_force.number,
        "SELECT DISTINCT ON (subject_id) subject_id, seq FROM {due_items} WHERE pathway = 'immunization' AND counted "
        "AND done IS NOT NULL AND overdue_after BETWEEN ?::DATE - 364 AND ?::DATE - 1 ORDER BY subject_id, seq DESC "
        f"LIMIT {TRIED}",
        [DAY, DAY],
    )
    uids = dict(Record.objects.filter(pk__in=[row["seq"] for row in given]).values_list("pk", "record_uid"))
    steps: dict[int, Any] = {}
    timed: list[list[float]] = [[], [], [], []]
    changed: list[float] = []
    for row in given:
        subject = row["subject_id"]
        old, _ = increment.facts(rows_of([subject], "child")[subject], DAY_OF)
        records.void(record_uid=uids[row["seq"]], reason="bench", by=system(DAY_OF), at=at)
        own = rows_of([subject], "child")[subject]
        began = time.perf_counter()
        new, ahead = increment.facts(own, DAY_OF, old)
        steps[subject] = step = increment.follow(old, new, ahead, calendar=False)
        state = time.perf_counter()
        touched = totals.replace(step.old, step.new)
        summed = time.perf_counter()
        changed.append(len(totals.figures(touched)))
        ended = time.perf_counter()
        increment.follow(old, new, ahead)  # until when it holds: for the calendar, when nobody waits
        known = time.perf_counter()
        spent = (ended - began, summed - state, ended - summed, known - ended)
        for times, seconds in zip(timed, spent, strict=True):
            times.append(seconds)
    assert any(changed), "no record changed a figure: nothing was measured"
    return steps, [*timed, changed]


def same_figures(totals: Any, wanted: list[dict[str, Any]]) -> None:
    def told(row: dict[str, Any]) -> tuple[Any, ...]:
        return tuple(row[name] for name in ("numerator", "denominator", "value", "low", "high", "three_year"))

    def cell(row: dict[str, Any]) -> tuple[Any, ...]:
        return tuple(row[name] for name in ("indicator", "item", "place", "level", "sex", "age"))

    mine = {cell(vars(each)): told(vars(each)) for each in totals.figures()}
    theirs = {cell(row): told(row) for row in wanted}
    assert mine.keys() == theirs.keys(), "the cells differ"
    assert all(close(mine[each], theirs[each]) for each in mine), "the figures differ"


def close(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    """To the last digit but of sums of fractions, whose order a database does not promise."""
    return all(a == b or (a and b and abs(a - b) <= 1e-12 * abs(b)) for a, b in zip(one, other, strict=True))


def flat(totals: Any, steps: list[Any]) -> dict[str, Any]:
    """The sums of these records in one district and, dealt out over them, in fifty."""
    from yimi.engines.indicators.totals import Contribution

    def named(each: Any, number: int) -> Any:
        cells = tuple((f"{number}-{place}" if place else None, *rest) for place, *rest in each.cells)
        return Contribution(cells, each.amounts)

    many = copy.copy(totals)
    many.sums, many.counts = dict(totals.sums), dict(totals.counts)
    for number in range(DISTRICTS):
        for (place, *rest), sums in totals.sums.items():
            if place:
                many.sums[f"{number}-{place}", *rest] = copy.copy(sums)
                many.counts[f"{number}-{place}", *rest] = copy.copy(totals.counts[place, *rest])
    here = [(step.old, step.new) for step in steps]
    there = [tuple(named(each, n % DISTRICTS) for each in pair) for n, pair in enumerate(here)]

    def work(kept: Any, pairs: list[Any]) -> Callable[[], object]:
        return lambda: [kept.replace(*way) for old, new in pairs * 5 for way in ((new, old), (old, new))]

    work(many, there)()  # both have seen these cells once
    work(totals, here)()
    found = ratio(work(many, there), work(totals, here), pairs=9)
    return {
        "cells": len(totals.sums),
        "cells_of_50": len(many.sums),
        "times_slower": round(found.median, 2),
        "limit": FLAT,
    }


def tomorrow(increment: Any, run: int) -> dict[str, Any]:
    """Of some children: the share whose standing changes by itself the next day, and the time to work one out."""
    from yimi.apps.evaluation import runs
    from yimi.apps.records.facts import rows_of

    query = f"SELECT subject_id FROM {{children}} ORDER BY hash(subject_id) LIMIT {ASKED}"
    asked = [row["subject_id"] for row in runs.query(run, query)]
    come, seconds = 0, []
    for own in rows_of(asked, "child").values():
        began = time.perf_counter()
        step = increment.follow(None, *increment.facts(own, DAY_OF))
        seconds.append(time.perf_counter() - began)
        come += step.until <= DAY_OF + timedelta(days=1)
    return {
        "tomorrow_percent": round(100 * come / len(asked), 1),
        "whole_child_p50_ms": round(percentile(seconds, 0.5) * 1e3, 1),
    }
