"""What a phone takes along for a day, and what of its owner is held. Fixed in the number of its questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor, require
from yimi.apps.accounts.selectors import bodies_with, open_on
from yimi.apps.audit.actions import Event
from yimi.apps.cases.permissions import may_open
from yimi.apps.evaluation import runs
from yimi.apps.evaluation.listing import at_places, blocked_to, ints, marks, readable, without
from yimi.apps.field import names
from yimi.apps.field.forms import Carried, carried
from yimi.apps.field.models import Arrival
from yimi.apps.field.sealing import ServerKey, server_key
from yimi.apps.once import once_a_page
from yimi.apps.plan.selectors import run_in_force
from yimi.apps.prepared import prepared
from yimi.apps.register import selectors as register
from yimi.apps.register.models import Assignment
from yimi.apps.register.permissions import (
    Closeness,
    closenesses,
    may_record,
    reachable_places,
    reaches,
)
from yimi.apps.register.selectors import Hit
from yimi.pack.case_kinds import CaseKind, CaseParty
from yimi.pack.load import Pack

HOLDS = timedelta(hours=24)  # a list older than this is deleted by the phone
MOST = 60  # children on one phone


@dataclass(frozen=True)
class Item:
    """What a child waits for. `by`: the last day that is not late."""

    step: str
    status: str
    due: date | None
    by: date | None


@dataclass(frozen=True)
class Visited:
    """A child of the list: what it is called there, what is due, which forms are entered for it."""

    hit: Hit
    name: str
    due: tuple[Item, ...]
    forms: tuple[str, ...]


@dataclass(frozen=True)
class Lease:
    """`more`: children who wait and are not on the list."""

    made_at: datetime
    ends_at: datetime
    key: ServerKey
    children: tuple[Visited, ...]
    more: int
    forms: Mapping[str, Carried]


def lease(actor: Actor, at: datetime) -> Lease:
    """The children who wait for something this person enters, the most urgent first, and the forms for them.

    What is this person's own to do stands before what others are to do.
    """
    pack = active.pack()
    mine = entered(actor)
    steps = _steps(actor, pack, mine)
    order, count = _most_urgent(actor, pack, steps)
    near = closenesses(actor, order)
    opened = [each.form.id for each in mine.values() if each.opens]
    of_steps = {pack.steps[step][1].form for step in pack.steps}
    due = _items(actor, pack, order, near, steps)
    kept = [each for each in order if due.get(each)]
    hits = register.named(actor, kept)
    called = names.apart((each.subject_id, each.name, each.place) for each in hits.values())
    children = []
    for subject in kept:
        if subject not in hits:
            continue
        wanted = [pack.steps[each.step][1].form for each in due[subject]]
        others = [form for form in mine if form in of_steps and _may(actor, mine[form], near[subject])]
        forms = tuple(dict.fromkeys([*wanted, *others, *opened]))
        children.append(Visited(hits[subject], called[subject], tuple(due[subject]), forms))
    offered = {form for each in children for form in each.forms}
    ends = at + HOLDS
    actor.reads.append(Event("lease", "phone", "", {"count": len(children), "to": ends.isoformat()}))
    return Lease(
        at, ends, server_key(), tuple(children), max(count - len(children), 0),
        {form: mine[form] for form in mine if form in offered},
    )  # fmt: skip


def entered(actor: Actor) -> dict[str, Carried]:
    """The forms of a phone that a role of this person enters; a form that opens a case by who may open it."""
    return {
        form: each
        for form, each in carried(active.pack()).items()
        if (may_open(actor, each.opens) and actor.child_grants if each.opens else actor.records(form))
    }


def receivers(kind: CaseKind, on: date) -> dict[str, set[str]]:
    """Party that the sender chooses → bodies in which somebody receives."""
    return {each.id: bodies_with(each.roles, on) for each in chosen_parties(kind)}


def chosen_parties(kind: CaseKind) -> list[CaseParty]:
    return [each for each in kind.parties if each.organization == "chosen"]


# --- who is on the list --------------------------------------------------------------------------------------

Steps = Mapping[
    str, frozenset[str]
]  # step → places in which this person enters its form and may know it is due


def _steps(actor: Actor, pack: Pack, mine: Mapping[str, Carried]) -> Steps:
    """The steps of children that this person's forms settle."""
    found: dict[str, frozenset[str]] = {}
    for pathway in pack.pathways.values():
        if pathway.subject != "child" or not readable(actor, pathway.sensitivity):
            continue
        known = reachable_places(actor, pathway.sensitivity)
        for step in pathway.steps:
            if step.form in mine and mine[step.form].opens is None:
                form = mine[step.form].form
                enters = {
                    place
                    for each in dict.fromkeys((form.sensitivity, "basic"))
                    for place in reachable_places(actor, each, form.id)
                }
                found[step.id] = frozenset(known & enters)
    return found


def _most_urgent(actor: Actor, pack: Pack, steps: Steps) -> tuple[list[int], int]:
    """The first children of the run in force that wait for one of these steps, and how many wait."""
    run, blocked = run_in_force(), blocked_to(actor)
    if run is None or not steps:
        return [], 0
    where, values = _where(steps, _assigned(actor.user_id, actor.on) if actor.user_id else [], pack)
    own = [each for each in steps if pack.steps[each][1].who in {g.role.id for g in actor.grants}]
    rows = runs.lists(
        run.number,
        "SELECT subject_id, count(*) OVER () AS n FROM (SELECT subject_id, "
        f"max(step IN ({marks(own)})) AS own, max(status) AS status, min(coalesce(overdue_after, due)) AS last_day, "
        f"min(rank) AS rank FROM item INDEXED BY item_waiting WHERE status <> 'upcoming' AND {where}"
        f"{f' AND {without(blocked)}' if blocked else ''} GROUP BY subject_id) "
        f"ORDER BY own DESC, status DESC, last_day, rank LIMIT {MOST}",
        [*own, *values],
    )
    return [row["subject_id"] for row in rows], rows[0]["n"] if rows else 0


def _where(steps: Steps, assigned: Sequence[tuple[int]], pack: Pack) -> tuple[str, list[Any]]:
    """Steps by the places in which they are asked; of a child that is assigned by name all of them."""
    by_place: dict[frozenset[str], list[str]] = {}
    for step, places in steps.items():
        by_place.setdefault(places, []).append(step)
    pathways = sorted({pack.steps[each][0].id for each in steps})
    parts, values = [], [*pathways]
    for places, some in by_place.items():
        if places:
            there, at = at_places(places)
            parts.append(f"(step IN ({marks(some)}) AND {there})")
            values += [*some, *at]
    if assigned:
        parts.append(f"(step IN ({marks(steps)}) AND subject_id IN ({ints([pk for (pk,) in assigned])}))")
        values += steps
    return f"pathway IN ({marks(pathways)}) AND ({' OR '.join(parts) or '0'})", values


@prepared
def _assigned(user: int, on: date) -> QuerySet[Assignment, tuple[int]]:
    return Assignment.objects.filter(open_on(on), user_id=user).values_list("subject_id")


def _items(
    actor: Actor, pack: Pack, subjects: Sequence[int], near: Mapping[int, Closeness], steps: Steps
) -> dict[int, list[Item]]:
    """Child → what it waits for, as far as this person may know it and enter it: judged child by child."""
    run = run_in_force()
    if run is None or not subjects:
        return {}
    rows = runs.lists(
        run.number,
        "SELECT subject_id, step, status, due, overdue_after FROM item WHERE status <> 'upcoming' "
        f"AND subject_id IN ({ints(subjects)}) ORDER BY status DESC, coalesce(overdue_after, due), rank",
    )
    found: dict[int, list[Item]] = {}
    for row in rows:
        if row["step"] not in steps:
            continue
        pathway, step = pack.steps[row["step"]]
        ties = near[row["subject_id"]]
        if reaches(actor, ties, pathway.sensitivity) and _may(actor, carried(pack)[step.form], ties):
            item = Item(row["step"], row["status"], row["due"], row["overdue_after"])
            found.setdefault(row["subject_id"], []).append(item)
    return found


def _may(actor: Actor, each: Carried, near: Closeness) -> bool:
    return each.opens is None and may_record(actor, each.form.id, each.form.sensitivity, near)


# --- what is held --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Held:
    """A form that could not become a record. `hit`: the child, if it is within reach today."""

    uid: str
    form: str
    received_at: datetime
    made_at: datetime | None
    why: Mapping[str, Any]
    subject_id: int | None
    hit: Hit | None


def held(actor: Actor) -> list[Held]:
    """One's own forms that wait for a decision, the oldest first."""
    require(actor.user_id is not None, "held forms are a person's own")
    rows = list(_held_of(actor.user_id or 0))
    hits = register.named(actor, [each.subject_id for each in rows if each.subject_id])
    return [
        Held(
            str(each.uid), each.form, each.received_at, each.made_at, each.why, each.subject_id,
            hits.get(each.subject_id or 0),
        )
        for each in rows
    ]  # fmt: skip


def held_count(actor: Actor) -> int:
    """For the day page: a number, nobody's name."""
    return len(_held_uids(actor.user_id)) if actor.user_id else 0


@prepared
def _held_of(person: int) -> QuerySet[Arrival]:
    found = Arrival.objects.filter(person_id=person, state="held").order_by("received_at", "pk")
    return found.defer("sealed")


@once_a_page
@prepared
def _held_uids(person: int) -> QuerySet[Arrival, tuple[UUID]]:
    return Arrival.objects.filter(person_id=person, state="held").values_list("uid")
