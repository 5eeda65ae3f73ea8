"""After one record, how soon is that child's due list right? Alternative: a full turn.

Children of the district get one more dose each. Afterwards a full turn must give the same due list for each.
"""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from bench.keep import DAY, percentile

TRIED = 60


def run(directory: Path, children: int) -> dict[str, Any]:
    from yimi.sites.start import start

    start(directory)
    from yimi import cycle
    from yimi.apps.accounts.permissions import system
    from yimi.apps.evaluation import live, runs
    from yimi.apps.plan.selectors import run_in_force
    from yimi.apps.records import actions as records

    day = date.fromisoformat(DAY)
    at = datetime.now(UTC)
    in_force = run_in_force()
    assert in_force is not None
    waiting = runs.query(
        in_force.number,
        "SELECT DISTINCT ON (subject_id) subject_id, code FROM {due_items} WHERE pathway = 'immunization' "
        f"AND status IN ('due', 'overdue') AND counted ORDER BY subject_id LIMIT {TRIED}",
    )
    uids = uids_of([row["subject_id"] for row in waiting])
    live.due(waiting[0]["subject_id"], day)  # the process is warm, as a server's is
    seconds, seen = [], {}
    for row in waiting:
        began = time.perf_counter()
        records.add(
            record_uid=uuid4(), subject=uids[row["subject_id"]], form="dose", occurred_on=day,
            answers={"vaccine": row["code"]}, by=system(day), at=at,
        )  # fmt: skip
        seen[row["subject_id"]] = live.due(row["subject_id"], day)
        seconds.append(time.perf_counter() - began)
    began = time.perf_counter()
    turn = cycle.turn(as_of=day, at=at)
    full = time.perf_counter() - began
    for subject, items in seen.items():
        wanted = runs.query(
            turn.run,
            "SELECT step, due, overdue_after, status FROM {due_items} WHERE subject_id = ?",
            [subject],
        )
        assert key(items) == key(wanted), "the register and the one child differ"
    p95 = percentile(seconds, 0.95)
    return {
        "tried": len(seconds), "p50_ms": round(percentile(seconds, 0.5) * 1000), "p95_ms": round(p95 * 1000),
        "full_turn_seconds": round(full, 1), "ratio": round(full / p95, 1),
    }  # fmt: skip


def key(rows: list[dict[str, Any]]) -> list[tuple[str, str, str, str]]:
    """What two due lists must have in common."""
    return sorted((r["step"], str(r["due"]), str(r["overdue_after"]), r["status"]) for r in rows)


def uids_of(subjects: list[int]) -> dict[int, str]:
    from yimi.apps.register.models import Subject

    return {pk: str(uid) for pk, uid in Subject.objects.filter(pk__in=subjects).values_list("pk", "uid")}
