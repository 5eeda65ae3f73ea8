"""Who a program reached, how often and who never: care activities, care plans, medical and study aid for orphans.

By name, for those who read welfare facts of the children; read from the register and the records of the moment.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from yimi.apps.accounts.permissions import Actor
from yimi.apps.accounts.selectors import open_on
from yimi.apps.evaluation import runs
from yimi.apps.evaluation.listing import living_in, marks, reach, readable, seen_at
from yimi.apps.plan.selectors import run_in_force
from yimi.apps.records.selectors import in_force
from yimi.apps.register import selectors as register
from yimi.apps.register.models import Status
from yimi.apps.register.permissions import within_reach
from yimi.apps.register.selectors import Hit

SENSITIVITY = "welfare"
LEFT_BEHIND, CARE = "left_behind", "care_project"  # status schemes
ACTIVITY, PLAN, SESSION = "care_activity", "care_plan", "care_session"  # forms
DECISION, SPENDING, PATHWAY = "program_decision", "program_spending", "welfare_programs"
YEAR = timedelta(days=365)
PROGRAM_OF = {"WP_TOMORROW": "tomorrow_plan", "WP_MEDICAL": "orphan_medical", "WP_STUDY": "study_aid"}


@dataclass(frozen=True)
class Reached:
    """A left-behind child, and the activities of the last year that reached it."""

    hit: Hit
    since: date
    last: date | None  # of any year; None: never
    by_brand: dict[str, int]


@dataclass
class Served:
    """A child in a care project: its plan, its sessions, before and after."""

    hit: Hit
    since: date
    until: date | None
    plan: dict[str, Any] = field(default_factory=dict)
    sessions: int = 0
    last: date | None = None
    after: float | None = None


@dataclass(frozen=True)
class Candidate:
    """A candidate of a program: what was decided and what was spent in the last year."""

    hit: Hit
    program: str
    due: date | None
    late: bool
    decision: str
    decided_on: date | None
    reason: str
    yuan: float


def may_read(actor: Actor) -> bool:
    return readable(actor, SENSITIVITY)


def _entries(actor: Actor, scheme: str, place: str) -> QuerySet[Status]:
    mine = within_reach(actor, SENSITIVITY, subject="subject_id")
    found = Status.objects.filter(mine, scheme=scheme, subject__kind="child")
    return found.filter(subject_id__in=living_in(actor, place)) if place else found


def reached(
    actor: Actor, place: str = "", never: bool = False, *, offset: int, limit: int
) -> tuple[list[Reached], int, int]:
    """Left-behind children, those never reached first, then the longest ago; how many, and how many never."""
    told = in_force(ACTIVITY, actor.on).filter(subject_id=OuterRef("subject_id")).order_by("-occurred_on")
    entries = _entries(actor, LEFT_BEHIND, place).filter(open_on(actor.on))
    entries = entries.annotate(last=Subquery(told.values("occurred_on")[:1]))
    missed = entries.filter(last__isnull=True)
    unreached = missed.count()
    count = unreached if never else entries.count()
    chosen = missed if never else entries
    rows = list(chosen.order_by(F("last").asc(nulls_first=True), "valid_from", "pk")[offset : offset + limit])
    ids = [each.subject_id for each in rows]
    brands: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    year = in_force(ACTIVITY, actor.on).filter(subject_id__in=ids, occurred_on__gt=actor.on - YEAR)
    for subject, answers in year.values_list("subject_id", "answers"):
        brands[subject][str(answers.get("brand") or "")] += 1
    hits = register.named(actor, ids, SENSITIVITY)
    lines = [
        Reached(hits[each.subject_id], each.valid_from, each.last, dict(brands[each.subject_id]))
        for each in rows
        if each.subject_id in hits
    ]
    return lines, count, unreached


def served(actor: Actor, place: str = "") -> list[Served]:
    """Children of a care project now or within the last year: those matched and never served first."""
    recent = open_on(actor.on) | Q(valid_to__gt=actor.on - YEAR, valid_from__lte=actor.on)
    rows = list(_entries(actor, CARE, place).filter(recent).order_by("valid_from", "pk"))
    ids = [each.subject_id for each in rows]
    hits = register.named(actor, ids, SENSITIVITY)
    found = [
        Served(hits[each.subject_id], each.valid_from, each.valid_to)
        for each in rows
        if each.subject_id in hits
    ]
    plans, sessions = _told(actor, PLAN, ids), _told(actor, SESSION, ids)
    for each in found:
        of_plan = [(on, answers) for on, answers in plans[each.hit.subject_id] if _during(each, on)]
        begun = [answers for _, answers in of_plan if answers.get("action") == "begin"]
        each.plan = begun[-1] if begun else {}
        ended = [a["score_after"] for _, a in of_plan if a.get("score_after") is not None]
        each.after = float(ended[-1]) if ended else None
        held = [on for on, _ in sessions[each.hit.subject_id] if _during(each, on)]
        each.sessions, each.last = len(held), max(held, default=None)
    return sorted(
        found, key=lambda each: (each.until is not None, each.sessions > 0, each.last or each.since)
    )


def _during(each: Served, on: date) -> bool:
    return each.since <= on and (each.until is None or on <= each.until)


def _told(actor: Actor, form: str, ids: Collection[int]) -> dict[int, list[tuple[date, dict[str, Any]]]]:
    found: dict[int, list[tuple[date, dict[str, Any]]]] = defaultdict(list)
    rows = in_force(form, actor.on).filter(subject_id__in=ids).order_by("occurred_on", "pk")
    for subject, on, answers in rows.values_list("subject_id", "occurred_on", "answers"):
        found[subject].append((on, answers))
    return found


def candidates(actor: Actor, place: str = "") -> list[Candidate]:
    """Candidates by the rule of the last turn, those without a decision first, with what was decided since."""
    run, places = run_in_force(), reach(actor, SENSITIVITY, place)
    if run is None or not places or not runs.kept(run.number):
        return []
    rows = runs.query(
        run.number,
        f"SELECT subject_id, step, due, overdue_after FROM {{due_items}} WHERE pathway = ? AND {seen_at(actor, places)} "
        f"AND step IN ({marks(PROGRAM_OF)}) ORDER BY overdue_after, subject_id, step",
        [PATHWAY, *sorted(places), *PROGRAM_OF],
    )
    ids = [row["subject_id"] for row in rows]
    hits = register.named(actor, ids, SENSITIVITY)
    decided, spent = _told(actor, DECISION, ids), _told(actor, SPENDING, ids)
    found = []
    for row in rows:
        subject, program = row["subject_id"], PROGRAM_OF[row["step"]]
        if subject not in hits:
            continue
        mine = [each for each in decided[subject] if each[1].get("program") == program]
        on, answers = mine[-1] if mine else (None, {})
        yuan = sum(
            float(told.get("yuan") or 0)
            for day, told in spent[subject]
            if told.get("program") == program and day > actor.on - YEAR
        )
        late = on is None and row["overdue_after"] is not None and row["overdue_after"] < actor.on
        found.append(
            Candidate(
                hits[subject], program, row["overdue_after"], late, str(answers.get("decision") or ""), on,
                str(answers.get("reason") or ""), yuan,
            )
        )  # fmt: skip
    return sorted(found, key=lambda each: (each.decided_on is not None, each.due or date.max))
