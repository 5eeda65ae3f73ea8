"""A record about a woman that is the birth of her child (`bears` of a form): the child, and its own record.

The child's id is made from the id of the record it was first told by, so the same form sent twice is one child, and
a correction finds it. A record taken back or rejected takes no child away (`register.births.take_back`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor
from yimi.apps.audit import actions as audit
from yimi.apps.records.models import Record
from yimi.apps.records.selectors import in_force
from yimi.apps.register import births
from yimi.apps.register.births import Birth
from yimi.apps.register.models import Child
from yimi.lib.errors import BadInput
from yimi.pack.answers import validate_answers
from yimi.pack.schema import Bears, Form

APART = 150  # days: two births of one woman lie further apart, or they are one birth


def child_of(record_uid: UUID) -> UUID:
    """The uid of the child that a record told of first."""
    return uuid5(record_uid, "child")


def first_told(record: Record) -> UUID:
    """The record behind a chain of corrections."""
    while record.supersedes is not None:
        record = Record.objects.get(record_uid=record.supersedes)
    return record.record_uid


def child_behind(record_uid: UUID | str) -> str | None:
    """The uid of the child that a record, its correction or its withdrawal is about, if the register has it."""
    record = Record.objects.get(record_uid=record_uid)
    uid = child_of(first_told(record))
    return str(uid) if Child.objects.filter(subject__uid=uid).exists() else None


def follow(record: Record, form: Form, by: Actor, at: datetime) -> None:
    """What a record, its correction or its withdrawal does to the child."""
    if form.bears is None:
        return
    if record.kind == "new":
        enter(record, form, form.bears, by, at)
        return
    before = Record.objects.get(record_uid=record.supersedes)
    was = _told(before, form, form.bears)
    if record.kind == "void":
        births.take_back(was, record_uid=before.record_uid, by=by, at=at)
        return
    _refuse_twice(record, form, form.bears)
    child = births.put_right(was, _told(record, form, form.bears), reason=record.reason, by=by, at=at)
    carried = Record.objects.filter(record_uid=_carried(before)).first()
    if child is None or carried is None:
        return
    if not Record.objects.filter(supersedes=carried.record_uid).exists():
        _carry(record, form, form.bears, child.pk, by, at, supersedes=carried.record_uid)


def judged(record: Record, form: Form, outcome: str, by: Actor, at: datetime) -> None:
    """What a second person's verdict does to the child: a rejected record tells of nobody's birth."""
    if form.bears is None:
        return
    if outcome == "rejected":
        births.take_back(_told(record, form, form.bears), record_uid=record.record_uid, by=by, at=at)
    else:
        enter(record, form, form.bears, by, at)


def enter(record: Record, form: Form, bears: Bears, by: Actor, at: datetime) -> None:
    """The child of a new record, once."""
    _refuse_twice(record, form, bears)
    made = births.enter(_told(record, form, bears), form=form.id, by=by, at=at)
    if made.made:
        _carry(record, form, bears, made.subject_id, by, at)


def _told(record: Record, form: Form, bears: Bears) -> Birth:
    typed = _typed(record, form)
    sex = typed.get(bears.sex)
    return Birth(
        child_of(first_told(record)), record.subject_id,
        str(typed.get(bears.name) or births.unnamed(record.subject_id, sex)), sex, record.occurred_on,
        typed.get(bears.weight_g or ""), typed.get(bears.weeks or ""),
    )  # fmt: skip


def _typed(record: Record, form: Form) -> Mapping[str, Any]:
    return validate_answers(form, record.answers, active.pack(), record.occurred_on).typed


def _refuse_twice(record: Record, form: Form, bears: Bears) -> None:
    """Two records of one birth would be two children: the second of twins says that it is the second."""
    number = _typed(record, form).get(bears.number) or 1
    day, span = record.occurred_on, timedelta(days=APART)
    others = in_force(form.id, day + span).filter(subject_id=record.subject_id, occurred_on__gte=day - span)
    for each in others.exclude(record_uid=record.record_uid):
        if each.verdict != "rejected" and (_typed(each, form).get(bears.number) or 1) == number:
            label = next(one.label for one in form.fields if one.id == bears.number)
            raise BadInput(
                f"{each.occurred_on}的出生已经登记，没有重复建档；多胞胎请在“{label.zh}”中填写各自的次序 / "
                f"the birth of {each.occurred_on} is entered already; of twins give each its own number in “{label.en}”"
            )


def _carried(record: Record) -> UUID:
    """The id of the child's own record that a record about the mother brought with it."""
    return uuid5(record.record_uid, "record")


def _carry(
    record: Record, form: Form, bears: Bears, child: int, by: Actor, at: datetime, supersedes: UUID | None = None
) -> None:  # fmt: skip
    """What both forms ask for, as the child's own record."""
    carried = active.pack().forms[bears.form]
    asked = {each.id for each in carried.fields}
    own = Record(
        record_uid=_carried(record), subject_id=child, form=carried.id, form_version=carried.version,
        kind="correction" if supersedes else "new", occurred_on=record.occurred_on, place_id=record.place_id,
        organization_id=record.organization_id, by_id=by.user_id, received_at=at, supersedes=supersedes,
        answers={name: value for name, value in record.answers.items() if name in asked}, reason=record.reason,
    )  # fmt: skip
    own.save(force_insert=True)
    detail = {
        "form": own.form,
        "kind": own.kind,
        "subject": str(own.subject.uid),
        "from": str(record.record_uid),
    }
    audit.record(
        "add" if own.kind == "new" else own.kind, "record", str(own.record_uid), by=by, at=at, detail=detail
    )
