"""A child enters the register by the record of its birth in the mother's file, and what becomes of it with that record.

Called by `records.births` within the transaction of the record, which has been let in there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from yimi.apps.accounts.permissions import Actor
from yimi.apps.audit import actions as audit
from yimi.apps.register import actions, models
from yimi.apps.register.actions import Registered
from yimi.apps.register.permissions import home_of
from yimi.lib.errors import BadInput


@dataclass(frozen=True)
class Birth:
    """What a record tells of a child that was born."""

    uid: UUID  # of the child: made from the record's id, so the same record is the same child
    mother: int
    name: str
    sex: str | None
    on: date
    weight_g: int | None
    weeks: int | None


FACTS = {  # of the register → of the record
    "name": "name", "sex": "sex", "birth_date": "on", "birth_weight_g": "weight_g", "gestation_weeks": "weeks",
}  # fmt: skip


def unnamed(mother: int, sex: str | None) -> str:
    """What a child is called that has no name yet, as hospitals do."""
    name = models.Person.objects.values_list("name", flat=True).get(pk=mother)
    child = {"m": "之子", "f": "之女"}.get(sex or "", "之婴")
    return f"{name[:60]}{child}（待取名）"


def enter(birth: Birth, *, form: str, by: Actor, at: datetime) -> Registered:
    """The child lives with the mother, who is its guardian, from the day of the birth."""
    home = home_of([birth.mother], by.on).get(birth.mother)
    if home is None:
        raise BadInput("她的档案里没有居住地，请先登记 / her file has no home: enter it first")
    made = actions.register_child(
        uid=str(birth.uid), name=birth.name, sex=birth.sex, birth_date=birth.on, place=home, since=birth.on,
        birth_weight_g=birth.weight_g, gestation_weeks=birth.weeks,
        birth_place=home_of([birth.mother], birth.on).get(birth.mother, home), form=form, by=by, at=at,
    )  # fmt: skip
    models.Relation.objects.get_or_create(
        subject_id=made.subject_id, person_id=birth.mother, kind="mother", valid_to=None,
        defaults={"guardian": True, "valid_from": birth.on},
    )  # fmt: skip
    return made


def put_right(before: Birth, after: Birth, *, reason: str, by: Actor, at: datetime) -> models.Child | None:
    """The record was corrected: what it told of the child follows, but nothing that was put right in its file since."""
    child = _child(before.uid)
    if child is None:
        return None
    changed = []
    for fact, told in FACTS.items():
        was, now = getattr(before, told), getattr(after, told)
        if was != now and getattr(child, fact) == was:
            actions.note_correction(child, fact, was, now, reason, by, at)
            setattr(child, fact, now)
            changed.append(fact)
    if "birth_date" in changed:
        if child.death_date and child.death_date < after.on:
            raise BadInput("出生日期晚于死亡日期，请核对 / the birth lies after the recorded death: check it")
        for model in (models.Residence, models.Relation):
            begun = model.objects.filter(subject_id=child.pk, valid_from=before.on)
            begun.filter(valid_to__isnull=True).update(valid_from=after.on)
    child.save(update_fields=[*changed]) if changed else None
    return child


def take_back(birth: Birth, *, record_uid: UUID, by: Actor, at: datetime) -> None:
    """The record was taken back: the child stays, no longer as this woman's, and a person must settle whose it is."""
    child = _child(birth.uid)
    if child is None:
        return
    models.Relation.objects.filter(
        subject_id=child.pk, person_id=birth.mother, kind="mother", valid_from=birth.on
    ).delete()
    actions.note_correction(child, "mother", None, None, "the record of the birth was taken back", by, at)
    models.ReviewItem.objects.get_or_create(
        kind="birth_taken_back", subject_id=child.pk, record_uid=record_uid, closed_at=None,
        defaults={"why": "birth_taken_back", "opened_at": at},
    )  # fmt: skip
    audit.record("birth-taken-back", "child", str(birth.uid), by=by, at=at)


def _child(uid: UUID) -> models.Child | None:
    found = models.Child.objects.select_for_update(of=("self",)).select_related("subject")
    return found.filter(subject__uid=uid).first()
