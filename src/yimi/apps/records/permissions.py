"""Who may enter, correct and verify a record about which subject."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import QuerySet

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor, Grant
from yimi.apps.cases import permissions as cases
from yimi.apps.places.selectors import subtree
from yimi.apps.prepared import in_parts, prepared
from yimi.apps.records.models import Record
from yimi.apps.register.models import Relation, Subject
from yimi.apps.register.permissions import (
    Closeness,
    closeness,
    home_of,
    may_record,
    resident_places,
    visible,
)
from yimi.pack.schema import Form


def may_enter(actor: Actor, form: Form, subject: Subject, near: Closeness | None = None) -> bool:
    """The role enters this form, and the subject is within the reach of that same appointment.

    `near`: what ties the person to the child, if the caller asks about several forms.
    """
    if actor.is_system:
        return True
    if subject.kind == "case":
        return cases.may_enter(actor, form.id, subject.pk)
    if not actor.records(form.id):
        return False
    if subject.kind == "child":
        near = near or closeness(actor, subject.pk)
        return may_record(actor, form.id, form.sensitivity, near)
    if subject.kind == "person":
        return _may_enter_for_person(actor, form, subject)
    grants = [each for each in actor.grants if form.id in each.role.records]
    if subject.kind == "organization":
        return any(each.organization == subject.organization_id for each in grants)
    if subject.kind == "facility" and any(_own_site(each, subject) for each in grants):
        return True
    grants = [
        each for each in grants if each.role.level != "facility"
    ]  # a school's people: of their school only
    if form.anywhere and subject.kind == "facility" and grants:
        return True
    place = subject.place_id if subject.kind == "place" else _place_of(subject)
    return place is not None and place in subtree({each.place for each in grants}, actor.on)


def may_change(actor: Actor, form: Form, record: Record) -> bool:
    """Correct it or take it back: whoever may enter it; where anybody may, its own body and who works at the place."""
    if not may_enter(actor, form, record.subject):
        return False
    if actor.is_system or not form.anywhere:
        return True
    grants = [each for each in actor.grants if form.id in each.role.records]
    own = record.organization_id and any(each.organization == record.organization_id for each in grants)
    return bool(own) or _place_of(record.subject) in subtree({each.place for each in grants}, actor.on)


def _own_site(grant: Grant, subject: Subject) -> bool:
    return grant.role.level == "facility" and grant.organization == str(subject.uid)


def is_own(actor: Actor, record: Record, form: Form, near: Closeness | None = None) -> bool:
    """Did this person enter it, and may still enter the like of it for this subject? What one typed one may read.

    Only the record itself: neither what it was corrected to by others nor anything else of the form.
    """
    if record.by_id is None or record.by_id != actor.user_id:
        return False
    return may_enter(actor, form, record.subject, near)


def may_enter_for(actor: Actor, form: Form, subjects: Collection[int]) -> set[int]:
    """Those of many subjects; children in a query for every few hundred."""
    if actor.is_system:
        return set(subjects)
    parts = list(in_parts(sorted(subjects)))
    children = [each for part in parts for (each,) in _children_among(part)]
    others = sorted(set(subjects).difference(children))
    allowed = {
        each.pk for part in in_parts(others) for each in subjects_of(part) if may_enter(actor, form, each)
    }
    for sensitivity in dict.fromkeys((form.sensitivity, "basic")) if actor.records(form.id) else ():
        within = visible(actor, sensitivity, form=form.id)
        for part in in_parts(children):
            allowed.update(within.filter(pk__in=part).values_list("pk", flat=True))
    return allowed


@prepared
def _children_among(subjects: list[int]) -> QuerySet[Subject, tuple[int]]:
    return Subject.objects.filter(pk__in=subjects, kind="child").values_list("pk")


@prepared
def subjects_of(ids: list[int]) -> QuerySet[Subject, Subject]:
    """The subjects with these ids, at most `prepared.LONGEST` of them."""
    return Subject.objects.filter(pk__in=ids)


def _may_enter_for_person(actor: Actor, form: Form, subject: Subject) -> bool:
    """A worker by where the worker is posted; a resident by the home; a guardian by the children in reach."""
    person = subject.person
    if form.persons == "resident":
        return home_of([subject.pk], actor.on).get(subject.pk) in resident_places(actor, form.id)
    if form.persons == "posted" and not person.place_id:
        return False
    if person.place_id and form.persons != "guardian":
        grants = {each.place for each in actor.grants if form.id in each.role.records}
        return person.place_id in subtree(grants, actor.on)
    children = Relation.objects.filter(person_id=subject.pk).values("subject_id")
    return any(
        visible(actor, s, form=form.id).filter(pk__in=children).exists()
        for s in dict.fromkeys((form.sensitivity, "basic"))
    )


def _place_of(subject: Subject) -> str | None:
    if subject.kind == "facility":
        return subject.facility.place_id
    return subject.household.place_id if subject.kind == "household" else None


def may_verify(actor: Actor, record: Record) -> bool:
    """Another person than the one who entered it, in a role that verifies and reaches the subject."""
    if actor.is_system:
        return True
    if record.subject.kind == "case":
        return record.by_id != actor.user_id and cases.may_verify(actor, record.form, record.subject_id)
    if not actor.verifies or (record.by_id is not None and record.by_id == actor.user_id):
        return False
    form = active.pack().forms.get(record.form)
    if form is None:
        return False
    if record.subject.kind == "child":
        return visible(actor, form.sensitivity).filter(pk=record.subject_id).exists()
    return may_enter(actor, form, record.subject)
