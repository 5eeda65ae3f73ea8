"""Expectant and new mothers of one's places: how far, what is due next and what was missed.

As the run in force says; whoever was entered or gave birth since is worked out at once.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor
from yimi.apps.accounts.selectors import open_on
from yimi.apps.audit.actions import Event
from yimi.apps.evaluation import live, runs
from yimi.apps.evaluation.listing import marks
from yimi.apps.places.selectors import subtree
from yimi.apps.plan.selectors import run_in_force
from yimi.apps.records.facts import Rows, rows_of
from yimi.apps.records.models import Record
from yimi.apps.records.selectors import in_force
from yimi.apps.register.models import Person, Residence, Status
from yimi.apps.register.permissions import resident_places

SCHEME, REGISTRATION, EXPECTED = "pregnancy", "pregnancy_registration", "expected_on"
PREGNANT_DAYS = 280  # from the first day of the last period to the expected date
URGENCY = ("overdue", "due", "upcoming")
Urgent = tuple[str, str, date | None]  # step, status, last day


@dataclass(frozen=True)
class Mother:
    """`code`: expecting or postpartum. `step`, `by`: what is most urgent in the run in force, and its last day."""

    uid: str
    name: str
    place: str
    code: str
    since: date
    expected_on: date | None = None
    step: str = ""
    status: str = ""
    by: date | None = None

    def weeks(self, on: date) -> int | None:
        if self.code != "expecting" or self.expected_on is None:
            return None
        return (PREGNANT_DAYS - (self.expected_on - on).days) // 7


def may_list(actor: Actor) -> bool:
    return bool(_places(actor))


def _places(actor: Actor) -> set[str]:
    scheme = active.pack().statuses.get(SCHEME)
    return resident_places(actor, sensitivity=scheme.sensitivity) if scheme else set()


def mothers(
    actor: Actor, *, place: str = "", code: str = "", late: bool = False, q: str = ""
) -> list[Mother]:
    """Those in care now: what is overdue first, the longest late before; then by what is due next."""
    places = _places(actor)
    places = places & subtree({place}, actor.on) if place else places
    homes = dict(
        Residence.objects.filter(open_on(actor.on), place_id__in=places, subject__kind="person").values_list(
            "subject_id", "place_id"
        )
    )
    held = Status.objects.filter(open_on(actor.on), scheme=SCHEME, subject_id__in=list(homes))
    held = held.filter(code=code) if code else held
    states = {pk: (one, since) for pk, one, since in held.values_list("subject_id", "code", "valid_from")}
    people = Person.objects.filter(pk__in=list(states), death_date__isnull=True)
    people = people.filter(name__startswith=q) if q else people
    expected, urgent = _expected(list(states), actor.on), _most_urgent(set(homes.values()))
    later = _written_since(states)
    urgent |= _at_once([each for each in states if each not in urgent or each in later], actor.on)
    found = []
    for pk, uid, name in people.values_list("pk", "subject__uid", "name"):
        step, status, by = urgent.get(pk, ("", "", None))
        found.append(Mother(str(uid), name, homes[pk], *states[pk], expected.get(pk), step, status, by))
    found = [each for each in found if each.status == "overdue"] if late else found
    order = {status: rank for rank, status in enumerate(URGENCY)}
    return sorted(found, key=lambda each: (order.get(each.status, len(order)), each.by or date.max, each.uid))


def note(actor: Actor, count: int) -> None:
    """A list with names was read."""
    actor.reads.append(Event("list", "person", "", {"count": count, "scheme": SCHEME}))


def _expected(subjects: list[int], on: date) -> dict[int, date]:
    """Person → the expected date of the latest registration."""
    rows: QuerySet = in_force(REGISTRATION, on).filter(subject_id__in=subjects).order_by("occurred_on", "seq")
    told = rows.values_list("subject_id", "answers")
    return {pk: date.fromisoformat(answers[EXPECTED]) for pk, answers in told if answers.get(EXPECTED)}


def _written_since(subjects: Collection[int]) -> set[int]:
    """Those of whom a record came in after the run in force."""
    run = run_in_force()
    seen = run.last_seq if run else 0
    found = Record.objects.filter(seq__gt=seen, subject_id__in=list(subjects))
    return set(found.values_list("subject_id", flat=True))


def _at_once(subjects: Collection[int], on: date) -> dict[int, Urgent]:
    """The same of a few, from their records of this moment; those with nothing to do have an empty step."""
    found: dict[int, Urgent] = {}
    for subject, own in rows_of(subjects, "person").items():
        rows = [row for each in _pathways() for row in _items(own, on, each) if row["status"] in URGENCY]
        rows.sort(
            key=lambda row: (URGENCY.index(row["status"]), row["overdue_after"] or row["due"] or date.max)
        )
        told = [(row["step"], row["status"], row["overdue_after"] or row["due"]) for row in rows[:1]]
        found[subject] = told[0] if told else ("", "", None)
    return found


def _items(own: Rows, on: date, pathway: str) -> list[dict[str, Any]]:
    """The items of one person and pathway that count."""
    seen = live.evaluate_subject(own, on, "person", pathway)
    return [row for each in seen.pathways.values() for row in each.due if row["counted"]]


def _pathways() -> list[str]:
    return [each.id for each in active.pack().pathways.values() if each.opens_on == SCHEME]


def _most_urgent(places: set[str]) -> dict[int, Urgent]:
    """Person → (step, status, last day) in the run in force."""
    run, pathways = run_in_force(), _pathways()
    if run is None or not places or not runs.has(run.number, "person_items"):
        return {}
    rows = runs.query(
        run.number,
        "SELECT subject_id, step, status, coalesce(overdue_after, due) AS last_day FROM {person_items} WHERE counted "
        "AND status IN ('overdue', 'due', 'upcoming') "
        f"AND pathway IN ({marks(pathways)}) AND place IN ({marks(places)}) "
        "ORDER BY CASE status WHEN 'overdue' THEN 2 WHEN 'due' THEN 1 ELSE 0 END, last_day DESC",
        [*pathways, *sorted(places)],
    )
    return {row["subject_id"]: (row["step"], row["status"], row["last_day"]) for row in rows}
