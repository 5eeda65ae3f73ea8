"""What a record must not be entered without: gates over whom it is about and whom it names (`requires` of a form).

An adult whose background check is missing or has run out is not assigned to a child, whatever page or list asks.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor
from yimi.apps.places.selectors import subtree
from yimi.apps.records import selectors
from yimi.apps.records.facts import facts_of, rows_of
from yimi.apps.register.models import Facility, Person, Subject
from yimi.apps.translated import standing
from yimi.lib.errors import BadInput
from yimi.pack.answers import FieldError
from yimi.pack.case_kinds import CaseKind
from yimi.pack.schema import Form, Text
from yimi.pack.words import Gate

STRANGER = Text(
    zh="没有找到这个人，或不在您负责的范围内，请从名单中选择",
    en="This person is not found, or not posted in your area: choose from the list",
)


def shut(gates: Sequence[Gate], kind: str, subject_id: int, on: date) -> Gate | None:
    """The first gate that is not open for a subject on a day."""
    if not gates:
        return None
    facts = facts_of(subject_id, kind, on)
    for each in gates:
        if facts is None or not standing(kind).holds(each.rule, facts):
            return each
    return None


def open_to(form: Form, field: str, persons: Collection[int], on: date) -> set[int]:
    """Those of these persons whom a field may name on a day: what its list tells before somebody chooses."""
    gates = next((each.requires for each in form.fields if each.id == field), [])
    one = standing("person")
    found = set()
    for person, own in rows_of(persons, "person").items():
        facts = one.facts(own, on)
        if facts is not None and all(one.holds(each.rule, facts) for each in gates):
            found.add(person)
    return found


def check_subject(form: Form, subject: Subject, on: date) -> None:
    """The gates of the form itself, over whom the record is about."""
    closed = shut(form.requires, subject.kind, subject.pk, on)
    if closed is not None:
        raise BadInput(f"{closed.says.zh} / {closed.says.en}")


def closed_today(form: Form, answers: Mapping[str, Any], on: date) -> Gate | None:
    """The gate that would refuse whom a record names, were it entered on this day."""
    for each in form.fields:
        if each.type == "person" and each.requires and answers.get(each.id):
            person = Person.objects.filter(subject__uid=UUID(str(answers[each.id]))).values_list(
                "pk", flat=True
            )
            for pk in person:
                closed = shut(each.requires, "person", pk, on)
                if closed is not None:
                    return closed
    return None


def check_free(person: Subject, on: date) -> None:
    """No child is left with whom this person is paired: a task is not done by saying so."""
    left = len(selectors.naming(str(person.uid), on))
    if left:
        raise BadInput(
            f"还有{left}名儿童与这个人结对，请先在儿童档案中逐一登记结束结对 / "
            f"{left} children are still paired with this person: end each pairing in the child's file first"
        )


def check_named(form: Form, typed: Mapping[str, Any], by: Actor, on: date) -> list[FieldError]:
    """An error beside each field that names somebody who must not be named: on the day of the record, or today."""
    found = []
    for each in form.fields:
        if each.type != "person" or each.id not in typed:
            continue
        person = _posted(str(typed[each.id]), form, by)
        if person is None:
            found.append(FieldError(each.id, "unknown_person", STRANGER))
            continue
        closed = next(
            (gate for day in sorted({on, by.on}) if (gate := shut(each.requires, "person", person, day))),
            None,
        )
        if closed is not None:
            found.append(FieldError(each.id, "gate", closed.says))
    return found


def _posted(uid: str, form: Form, by: Actor) -> int | None:
    """The person's subject, if posted within the places for which this person enters the form."""
    try:
        found = Person.objects.filter(subject__uid=UUID(uid)).values_list("pk", "place_id").first()
    except ValueError:
        return None
    if found is None or (not by.is_system and found[1] not in reach(form, by)):
        return None
    return int(found[0])


def reach(form: Form, by: Actor) -> set[str]:
    """The places for which a person enters a form."""
    return subtree({each.place for each in by.grants if form.id in each.role.records}, by.on)


def check_chosen(kind: CaseKind, chosen: Mapping[str, str], on: date) -> None:
    """The gates of a case's parties, over the facilities that were chosen for them."""
    for party in kind.parties:
        facility = _facility(chosen.get(party.id, "")) if party.requires else None
        closed = shut(party.requires, "facility", facility, on) if facility else None
        if closed is not None:
            raise BadInput(f"{closed.says.zh} / {closed.says.en}")


def _facility(body: str) -> int | None:
    """A facility stands as a body under its uid; organizations of the pack have ids of their own."""
    if not body or body in active.pack().organizations:
        return None
    try:
        return Facility.objects.filter(subject__uid=UUID(body)).values_list("pk", flat=True).first()
    except ValueError:
        return None
