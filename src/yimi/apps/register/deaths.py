"""What a record of a death does to the register: of a child, and of a parent whose death decides what a child is due."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from yimi.apps.accounts.permissions import Actor
from yimi.apps.register import actions, models
from yimi.lib.errors import BadInput


def record_death(*, subject_id: int, on: date, by: Actor, at: datetime) -> None:
    """A record says that a child or a person died. A death known before keeps its day: the record only reports it.

    Called by `records.actions` within the transaction of the record, which has been let in there.
    """
    found = _mortal(subject_id)
    if found.death_date is not None:
        return
    if isinstance(found, models.Child):
        actions.mark_death(uid=str(found.subject.uid), death_date=on, by=by, at=at)
        return
    if (found.birth_date and on < found.birth_date) or on > at.date() + timedelta(days=1):
        raise BadInput(
            "死亡日期早于出生日期或在今天之后，请核对 / "
            "the date of death lies before the birth or in the future: check it"
        )
    actions.note_correction(found, "death_date", None, on, "death recorded", by, at)
    found.death_date = on
    found.save(update_fields=["death_date"])


def undo_death(*, subject_id: int, on: date, by: Actor, at: datetime) -> None:
    """The record of a death on this day was taken back: what ended with the death goes on."""
    found = _mortal(subject_id)
    if found.death_date != on:
        return  # another source told of the death
    actions.note_correction(found, "death_date", on, None, "the record of the death was taken back", by, at)
    found.death_date = None
    found.save(update_fields=["death_date"])
    if isinstance(found, models.Child):
        for model in (models.Residence, models.Attendance):
            ended = model.objects.filter(subject_id=subject_id, valid_to=on + timedelta(days=1))
            ended.update(valid_to=None)


def _mortal(subject_id: int) -> models.Child | models.Person:
    child = models.Child.objects.select_related("subject").filter(pk=subject_id).first()
    return child or models.Person.objects.select_related("subject").get(pk=subject_id)
