"""One case worked out from its records of this moment, and its clocks to the minute.

The engines work in days; where a kind of case sets a shorter limit (`clocks` in the pack) the moment it runs out
is computed here, when a page is drawn, from when the case was opened and when the answer arrived.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from yimi.apps import active
from yimi.apps.cases import selectors as case_file
from yimi.apps.cases import tables as cases
from yimi.apps.evaluation.live import evaluate_subject
from yimi.apps.records import selectors as record_file
from yimi.apps.records.facts import rows_of
from yimi.engines.because import Because
from yimi.engines.closeup import Seen
from yimi.pack.case_kinds import CaseKind

OPEN_STATES = ("running", "soon", "late")
_MINUTES = {"minute": 1, "hour": 60}


@dataclass(frozen=True)
class Clock:
    """What one party owes. `ends_at` only where the kind sets a limit in hours; else the days of `row` count."""

    step: str
    party: str
    row: dict[str, Any]
    state: str  # done, late_done, running, late, upcoming
    ends_at: datetime | None
    answered_at: datetime | None
    because: Because


@dataclass(frozen=True)
class Worked:
    clocks: list[Clock]
    suspicions: list[str]


def worked(subject_id: int, on: date, at: datetime) -> Worked:
    """What is due in a case, party by party; the caller has read the case."""
    return all_worked([subject_id], on, at)[subject_id]


def all_worked(subject_ids: Collection[int], on: date, at: datetime) -> dict[int, Worked]:
    """The same of several cases, in a fixed number of questions."""
    own, began = cases.for_cases(subject_ids), case_file.moments(subject_ids)
    rows = rows_of(subject_ids, "case")
    named = {each: active.pack().cases[kind].pathway for each, (_, kind) in began.items()}
    seen = {
        each: evaluate_subject({**rows[each], **own[each]}, on, "case", pathway)
        for each, pathway in named.items()
    }
    pathways = {each: seen[each].pathways.get(pathway) for each, pathway in named.items()}
    answers = [row["seq"] for each in pathways.values() if each for row in each.due if row["seq"]]
    arrived = record_file.arrivals(answers)
    return {
        each: Worked(_clocks(pathway, began[each], arrived, at), seen[each].suspicions)
        if pathway
        else Worked([], [])
        for each, pathway in pathways.items()
    }


def _clocks(
    pathway: Seen, began: tuple[datetime, str], arrived: dict[int, datetime], at: datetime
) -> list[Clock]:
    start, kind = began
    by_step = {row["step"]: row for row in pathway.due}
    return [
        _clock(active.pack().cases[kind], row, by_step, arrived, start, at, pathway.explainer.item(row))
        for row in pathway.due
        if row["counted"] and row["status"] not in ("expired", "not_needed")
    ]


def _clock(
    kind: CaseKind, row: dict[str, Any], by_step: dict[str, dict[str, Any]], arrived: dict[int, datetime],
    began: datetime, at: datetime, because: Because,
) -> Clock:  # fmt: skip
    step = active.pack().steps[row["step"]][1]
    answered = arrived.get(row["seq"] or 0)
    limit = next((each for each in kind.clocks if each.step == row["step"]), None)
    ends_at: datetime | None = None
    if limit is not None:
        before = by_step.get(limit.since)
        start = began if limit.since == "opened" else arrived.get((before or {}).get("seq") or 0)
        ends_at = start + _span(limit.within) if start else None
    return Clock(
        row["step"], step.who or "", row, _state(row, ends_at, answered, at), ends_at, answered, because
    )


def _span(within: str) -> timedelta:
    count, _, unit = within.partition(" ")
    return timedelta(minutes=int(count) * _MINUTES[unit])


def _state(row: dict[str, Any], ends_at: datetime | None, answered: datetime | None, at: datetime) -> str:
    status = row["status"]
    if status in ("done", "done_late"):
        late = status == "done_late" or (ends_at is not None and answered is not None and answered > ends_at)
        return "late_done" if late else "done"
    if status == "overdue" or (ends_at is not None and at > ends_at):
        return "late"
    return "upcoming" if status in ("upcoming", "waiting", "unknown") else "running"


def silent(subject_ids: Collection[int], on: date, at: datetime) -> dict[int, list[Clock]]:
    """Case → the clocks that have run out; cases without one are left out."""
    found = {}
    for each, seen in all_worked(subject_ids, on, at).items():
        late = [clock for clock in seen.clocks if clock.state == "late"]
        if late:
            found[each] = late
    return found
