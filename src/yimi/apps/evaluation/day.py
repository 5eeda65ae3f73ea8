"""What a worker's day is made of: a few children by name, the rest in numbers, in few questions.

Due items come from the run in force, promises from the open alerts, who was entered from the records of the moment.
Every function takes what a role's `day` names and returns only what this person may see.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, QuerySet

from yimi.apps.accounts.permissions import Actor
from yimi.apps.accounts.selectors import open_on
from yimi.apps.alerts.models import AlertSubject
from yimi.apps.alerts.selectors import cases_seen, standing_with, within
from yimi.apps.cases import selectors as cases
from yimi.apps.evaluation import runs
from yimi.apps.evaluation.listing import at_places, blocked_to, by_reach, marks, note, seen_at, without
from yimi.apps.places.selectors import subtree
from yimi.apps.plan.selectors import run_in_force
from yimi.apps.prepared import in_parts, prepared
from yimi.apps.records.models import Record
from yimi.apps.register import selectors as register
from yimi.apps.register.models import Assignment
from yimi.apps.register.selectors import Hit
from yimi.pack.schema import Entitlement, Pathway

COMING = 3  # children who come next, where nobody is due


@dataclass(frozen=True)
class DueChild:
    """A child and what it waits for, the most urgent first."""

    hit: Hit
    steps: tuple[str, ...]
    status: str
    by: date | None  # the last day that is not late, or the day it is due


@dataclass
class Due:
    """The first few children of some pathways' due lists, and how many there are."""

    children: list[DueChild] = field(default_factory=list)
    due: int = 0  # children, those with something overdue among them
    overdue: int = 0


@dataclass(frozen=True)
class Pupil:
    """A child assigned by name, and when this person entered a form of it since a day."""

    hit: Hit
    entered: date | None


def due(actor: Actor, pathways: Sequence[Pathway], limit: int) -> Due:
    """Children due in any of these pathways, each once, the longest late first; on a quiet day those who come next."""
    found = Due()
    rows = _waiting(actor, pathways, "status <> 'upcoming'", limit)
    found.due, found.overdue = sum(each[0]["n"] for each in rows), sum(each[0]["late"] for each in rows)
    if not rows:
        rows = _waiting(actor, pathways, "status = 'upcoming'", COMING)
    together = sorted(
        (row for each in rows for row in each),
        key=lambda row: (row["status"] != "overdue", row["last_day"] or "", row["rank"]),
    )[:limit]
    hits: dict[int, Hit] = {}
    for sensitivity in dict.fromkeys(row["sensitivity"] for row in together):
        asked = [row["subject_id"] for row in together if row["sensitivity"] == sensitivity]
        hits |= register.named(actor, asked, sensitivity)
    found.children = [
        DueChild(
            hits[row["subject_id"]], tuple(row["steps"].split(",")), row["status"],
            date.fromisoformat(row["last_day"]) if row["last_day"] else None,
        )
        for row in together
        if row["subject_id"] in hits
    ]  # fmt: skip
    return found


def _waiting(
    actor: Actor, pathways: Sequence[Pathway], status: str, limit: int
) -> list[list[dict[str, Any]]]:
    """The first rows of each sensitivity: one a child, with the number of all (`n`) and of the late (`late`)."""
    run, blocked = run_in_force(), blocked_to(actor)
    sensitivity, found = {each.id: each.sensitivity for each in pathways}, []
    last = "coalesce(overdue_after, due)" if "<>" in status else "coalesce(due, earliest)"
    for names, places in by_reach(actor, sensitivity):
        if run is None:
            break
        there, at = at_places(places)
        where = f"{status} AND pathway IN ({marks(names)}) AND {there}"
        where += f" AND {without(blocked)}" if blocked else ""
        rows = runs.lists(
            run.number,
            "SELECT *, count(*) OVER () AS n, sum(status = 'overdue') OVER () AS late FROM (SELECT subject_id, "
            f"group_concat(step) AS steps, max(status) AS status, min({last}) AS last_day, min(rank) AS rank FROM item "
            f"WHERE {where} GROUP BY subject_id) ORDER BY status DESC, last_day, rank LIMIT {int(limit)}",
            [*names, *at],
        )
        if rows:
            found.append([{**row, "sensitivity": sensitivity[names[0]]} for row in rows])
    return found


def cases_in_order(actor: Actor) -> tuple[list[int], int]:
    """The open cases this person works on: those in which the own party is late first, then the newest; how many are.

    Late by the alerts of the last turn; the minute is seen once a case is worked out.
    """
    mine, seen = cases.subject_ids(actor), cases_seen(actor)
    known, alerts = set(mine), list(seen)
    late = {
        subject
        for part in in_parts(alerts)
        for alert, subject, role in _standing_about(part)
        if subject in known and role in seen[alert]
    }
    return sorted(mine, key=lambda each: (each not in late, -each)), len(late)


@prepared
def _standing_about(alerts: list[int]) -> QuerySet[AlertSubject, tuple[int, int, str]]:
    found = AlertSubject.objects.filter(
        alert_id__in=alerts, until__isnull=True, alert__closed_at__isnull=True
    )
    return found.values_list("alert_id", "subject_id", "alert__to_role")


def waiting_too_long(actor: Actor, cascades: Collection[str]) -> dict[str, int]:
    """Cascade → children behind open alerts that tell a role of this person, or tell it their number."""
    reach_of = within(actor)
    lines = AlertSubject.objects.filter(
        until__isnull=True, alert__closed_at__isnull=True, alert__pathway__in=list(cascades)
    )
    told = standing_with(reach_of, "alert__to_role", "alert__place_id")
    by_name = dict(
        lines.filter(told).values_list("alert__pathway").annotate(n=Count("subject_id", distinct=True))
    )
    if by_name:
        return by_name
    found: dict[str, set[int]] = defaultdict(set)
    rows = lines.values_list("alert__pathway", "alert__place_id", "alert__also_roles", "subject_id")
    for cascade, place, also, subject in rows:
        if any(place in reach_of.get(role, ()) for role in also):
            found[cascade].add(subject)
    return {cascade: len(children) for cascade, children in found.items()}


def standings(actor: Actor, benefits: Sequence[Entitlement]) -> dict[str, dict[str, int]]:
    """Benefit → standing → children within reach, of the standings somebody must act on."""
    run, found = run_in_force(), {each.id: {"missing": 0, "lost": 0} for each in benefits}
    for names, places in by_reach(actor, {each.id: each.sensitivity for each in benefits}):
        if run is None:
            continue
        rows = runs.lists(
            run.number,
            f"SELECT entitlement, state, count(*) AS n FROM right_to WHERE entitlement IN ({marks(names)}) "
            f"AND {seen_at(actor, places)} GROUP BY 1, 2",
            [*names, *sorted(places)],
        )
        for row in rows:
            found[row["entitlement"]][row["state"]] = row["n"]
    return found


def at_sites(actor: Actor, named: Collection[str]) -> dict[str, dict[str, int]]:
    """Pathway or step → status → items at facilities within the actor's places; no child is in them."""
    run, places = run_in_force(), subtree({each.place for each in actor.grants}, actor.on)
    found: dict[str, dict[str, int]] = {each: {} for each in named}
    if run is None:
        return found
    there, at = at_places(places)
    rows = runs.lists(
        run.number,
        f"SELECT pathway, step, status, sum(n) AS n FROM site WHERE (pathway IN ({marks(named)}) OR step IN ({marks(named)})) "
        f"AND {there} GROUP BY 1, 2, 3",
        [*named, *named, *at],
    )
    for row in rows:
        for each in {row["pathway"], row["step"]} & found.keys():
            found[each][row["status"]] = found[each].get(row["status"], 0) + row["n"]
    return found


def pupils(actor: Actor, forms: Collection[str], since: date, limit: int) -> list[Pupil]:
    """The children assigned to this person by name; those without an entry of the forms since a day first."""
    mine = Assignment.objects.filter(open_on(actor.on), user_id=actor.user_id).values_list(
        "subject_id", flat=True
    )
    hits = register.named(actor, list(mine[: limit + 1]))
    entered: Mapping[int, date] = dict(
        Record.objects.filter(
            by_id=actor.user_id,
            form__in=list(forms),
            subject_id__in=list(hits),
            occurred_on__gte=since,
            kind="new",
        )
        .order_by("occurred_on")
        .values_list("subject_id", "occurred_on")
    )
    note(actor, "pupils", len(hits))
    found = [Pupil(hit, entered.get(subject)) for subject, hit in hits.items()]
    return sorted(found, key=lambda each: (each.entered is not None, each.hit.name))
