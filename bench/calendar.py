"""A new day of which nothing was entered: is its work that of the children it moves? Alternative: a full turn.

Some hundred children are kept (`engines.keeping`) and ten times as many, and five days begin for both. A child that a day
moves must take as long among the many as among the few; the others take nothing. Afterwards every due item of all of
them must be that of a full turn on the last day.
"""

from __future__ import annotations

import statistics
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.keep import DAY
from bench.one_record import key

FEW, DAYS, FLAT = 400, 5, 1.3


def run(directory: Path, children: int) -> dict[str, Any]:
    from yimi.sites.start import start

    start(directory)
    from yimi import cycle
    from yimi.apps.evaluation import runs
    from yimi.apps.plan.selectors import run_in_force

    in_force = run_in_force()
    assert in_force is not None
    listed = runs.query(in_force.number, "SELECT subject_id FROM {children} ORDER BY hash(subject_id)")
    subjects = [row["subject_id"] for row in listed[: 10 * FEW]]
    day = date.fromisoformat(DAY)
    few, many = keeping(subjects[: len(subjects) // 10], day), keeping(subjects, day)
    told: list[tuple[float, float, int]] = []  # seconds a moved child among few and many, and the many moved
    for n in range(1, DAYS + 1):
        (little, some), (long, most) = timed(few, day + timedelta(n)), timed(many, day + timedelta(n))
        if some and most:
            told.append((little / some, long / most, most))
    assert told, "no day moved anybody: nothing was measured"
    last = day + timedelta(DAYS)
    began = time.perf_counter()
    turn = cycle.turn(as_of=last, at=datetime.now(UTC), force=True)
    full = time.perf_counter() - began
    compare(many, turn.run)
    slower = statistics.median(long / little for little, long, _ in told)
    return {
        "kept": len(subjects), "days": DAYS, "moved_a_day": round(statistics.mean(each[2] for each in told)),
        "ms_a_moved_child": round(1000 * statistics.median(each[1] for each in told), 1),
        "among_many_over_among_few": round(slower, 2), "limit": FLAT, "full_turn_seconds": round(full, 1),
        "ratio": round(FLAT / slower, 2), "goal": 1, "floor": 0.5,
    }  # fmt: skip


def keeping(subjects: list[int], day: date) -> Any:
    from yimi.apps import active
    from yimi.apps.records.facts import rows_of
    from yimi.apps.translated import standing
    from yimi.engines.increment import Increment
    from yimi.engines.indicators.totals import Totals
    from yimi.engines.keeping import Keeping

    kept = Keeping(Increment(standing("child")), Totals(active.pack()), day, lambda some: rows_of(list(some), "child"))  # fmt: skip
    kept.again(subjects)
    return kept


def timed(kept: Any, day: date) -> tuple[float, int]:
    began = time.perf_counter()
    moved = kept.pass_to(day)
    return time.perf_counter() - began, moved


def compare(kept: Any, run: int) -> None:
    from yimi.apps.evaluation import runs

    for subject, child in kept.kept.items():
        mine = [row for rows in child.due.values() for row in rows]
        wanted = runs.query(
            run,
            "SELECT step, due, overdue_after, status FROM {due_items} WHERE subject_id = ? AND pathway = ANY(?)",
            [subject, list(child.due)],
        )
        assert key(mine) == key(wanted), "due items differ"
