"""Places of a facility taken from one day to another (`takes` of a form): what is left, and no place taken twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from yimi.apps.records.selectors import in_force
from yimi.apps.register.models import Subject
from yimi.lib.errors import BadInput
from yimi.pack.schema import Form, Takes

LONGEST = 92  # days of one booking: who needs longer is placed, not booked in
FAR = date(9999, 1, 1)


@dataclass(frozen=True)
class Taken:
    """One place of a facility, from a day to the day it is free again."""

    record_uid: UUID
    subject_id: int
    unit: str
    since: date
    until: date
    organization: str | None
    answers: Mapping[str, Any]


def taken(form: Form, subjects: Iterable[int]) -> list[Taken]:
    """Every booking in force at these facilities."""
    takes = _takes(form)
    found = []
    for each in in_force(form.id, FAR).filter(subject_id__in=list(subjects)).order_by("seq"):
        told = each.answers
        if told.get(takes.since) and told.get(takes.until):
            days = date.fromisoformat(told[takes.since]), date.fromisoformat(told[takes.until])
            found.append(
                Taken(
                    each.record_uid,
                    each.subject_id,
                    str(told.get(takes.unit) or ""),
                    *days,
                    each.organization_id,
                    told,
                )
            )
    return found


def capacities(form: Form, subjects: Iterable[int], on: date) -> dict[int, dict[str, int]]:
    """Facility → unit → how many there are, by its latest record on a day."""
    rows = (
        in_force(_takes(form).capacity, on)
        .filter(subject_id__in=list(subjects))
        .order_by("occurred_on", "seq")
    )
    return {
        subject: {
            name: int(value)
            for name, value in answers.items()
            if isinstance(value, int) and not isinstance(value, bool)
        }
        for subject, answers in rows.values_list("subject_id", "answers")
    }


def left(number: int, bookings: Iterable[Taken], since: date, until: date) -> tuple[int, date | None]:
    """Places free on every day of a stay, and the first day on which fewest are."""
    own = [each for each in bookings if each.since < until and each.until > since]
    fewest, when = number, None
    for ahead in range((until - since).days):
        day = since + timedelta(ahead)
        free = number - sum(each.since <= day < each.until for each in own)
        if free < fewest:
            fewest, when = free, day
    return fewest, when


def check_free(
    form: Form, subject: Subject, typed: Mapping[str, Any], on: date, but: UUID | None = None
) -> None:
    """Refuse a booking of what is taken. The facility is held until the booking is stored: two at once are one."""
    if form.takes is None:
        return
    unit, since, until = (typed.get(each) for each in (form.takes.unit, form.takes.since, form.takes.until))
    if not (
        isinstance(since, date) and isinstance(until, date) and since < until <= since + timedelta(LONGEST)
    ):
        raise BadInput(
            f"退出日期须晚于入住日期，一次最多{LONGEST}天 / the stay ends after it begins, {LONGEST} days at most"
        )
    Subject.objects.select_for_update().get(pk=subject.pk)
    number = capacities(form, [subject.pk], on).get(subject.pk, {}).get(str(unit), 0)
    bookings = [each for each in taken(form, [subject.pk]) if each.unit == unit and each.record_uid != but]
    free, when = left(number, bookings, since, until)
    if free < 1:
        day = (when or since).isoformat()
        raise BadInput(
            f"{day}起没有空位（共{number}个），请换日期或机构 / nothing is free on {day} ({number} in all): "
            "choose other days or another institution"
        )


def _takes(form: Form) -> Takes:
    if form.takes is None:
        raise ValueError(f"form '{form.id}' takes no places")
    return form.takes
