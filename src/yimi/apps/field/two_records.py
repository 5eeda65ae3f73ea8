"""Two records of one child, one form and one day that do not say the same: both stay, a person looks at them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from yimi.apps import active
from yimi.apps.field.forms import told_apart_by
from yimi.apps.prepared import prepared
from yimi.apps.records.models import Record
from yimi.apps.records.selectors import in_force
from yimi.apps.register.models import ReviewItem


def note_two_records(*, record_uid: UUID, at: datetime) -> None:
    """Open one review item if the child has another record like this one. Within the caller's transaction."""
    new = next(iter(_about_a_child(record_uid)), None)
    if new is None:
        return
    others = [each for each in like(new) if _differ(new, each)]
    if not others:
        return
    about = [new.record_uid, *(each.record_uid for each in others)]
    known = ReviewItem.objects.filter(kind="two_records", record_uid__in=about, closed_at__isnull=True)
    if known.exists():
        return
    why = "two_people" if any(each.by_id != new.by_id for each in others) else "different_answers"
    ReviewItem.objects.create(
        kind="two_records", subject_id=new.subject_id, record_uid=new.record_uid, why=why, opened_at=at
    )


def like(record: Record) -> list[Record]:
    """The other records in force of the same child, form and day, about the same thing."""
    found = _of_the_day(record.form, record.subject_id, record.occurred_on)
    apart = told_apart_by(active.pack(), record.form)
    mine = _only(record.answers, apart)
    return [each for each in found if each.pk != record.pk and _only(each.answers, apart) == mine]


@prepared
def _about_a_child(record_uid: UUID) -> QuerySet[Record]:
    return Record.objects.filter(record_uid=record_uid, subject__kind="child")


@prepared
def _of_the_day(form: str, subject: int, on: date) -> QuerySet[Record]:
    return in_force(form, on).filter(subject_id=subject, occurred_on__gte=on)


def _only(answers: Mapping[str, Any], names: tuple[str, ...]) -> list[Any]:
    return [answers.get(each) for each in names]


def _differ(one: Record, other: Record) -> bool:
    """By whom, or in what was answered; another photo of the same visit is no other answer."""
    form = active.pack().forms[one.form]
    told = tuple(each.id for each in form.fields if each.type != "evidence")
    return one.by_id != other.by_id or _only(one.answers, told) != _only(other.answers, told)
