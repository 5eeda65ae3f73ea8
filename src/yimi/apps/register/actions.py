"""Every write to the register. A fact that ends is closed and a new one opened; nothing is overwritten silently."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import Q

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor, require
from yimi.apps.audit import actions as audit
from yimi.apps.places.models import Organization, Place
from yimi.apps.register import facilities, models
from yimi.apps.register.idnumber import Vault
from yimi.apps.register.permissions import may_register_facility, reachable_places, visible
from yimi.apps.register.selectors import UNNAMED
from yimi.lib.errors import BadInput, NotAllowed
from yimi.lib.identifiers import IdProblem, read_id_number

GLASS_HOURS = 2
REGISTER_FORM = "birth"  # who may enter a birth may register a child
RELATIONS = ("father", "mother", "grandfather", "grandmother", "other")


@dataclass(frozen=True)
class Registered:
    subject_id: int
    uid: str
    made: bool  # False: the same request came before
    duplicates: int  # children suggested as perhaps the same


def _child(uid: str, by: Actor, sensitivity: str = "basic") -> models.Child:
    """The child for writing, or the answer absence gets."""
    found = visible(by, sensitivity).filter(subject__uid=_uuid(uid)).select_related("subject").first()
    if found is None:
        raise NotAllowed("no such child")
    return found


def _uuid(text: str | UUID) -> UUID:
    try:
        return text if isinstance(text, UUID) else UUID(str(text))
    except ValueError:
        raise NotAllowed("no such child") from None


@transaction.atomic
def register_places(*, by: Actor, at: datetime) -> int:
    """Give every place and organization a subject, so that records can be about them. Repeatable."""
    require(by.is_system or by.configures)
    known = set(models.Subject.objects.filter(place__isnull=False).values_list("place_id", flat=True))
    bodies = set(
        models.Subject.objects.filter(organization__isnull=False).values_list("organization_id", flat=True)
    )
    new = [models.Subject(kind="place", place=p) for p in Place.objects.order_by("code") if p.pk not in known]
    new += [
        models.Subject(kind="organization", organization=o)
        for o in Organization.objects.order_by("id")
        if o.pk not in bodies
    ]
    models.Subject.objects.bulk_create(new)
    if new:
        audit.record("register", "places", by=by, at=at, detail={"count": len(new)})
    return len(new)


@transaction.atomic
def register_child(
    *, name: str, sex: str | None, birth_date: date | None, place: str, by: Actor, at: datetime,
    uid: str | None = None, since: date | None = None, id_number: str | None = None, ethnicity: str | None = None,
    birth_weight_g: int | None = None, gestation_weeks: int | None = None, birth_place: str | None = None,
    hukou_place: str | None = None, form: str = REGISTER_FORM,
) -> Registered:  # fmt: skip
    """Enter a child once. `uid` is the client's: the same uid again gives the same child.

    `form`: what the person registers it with; whoever may enter that form here may register a child by it.
    """
    if not by.is_system and place not in reachable_places(by, form=form):
        raise NotAllowed("this place is not within reach")
    if uid is not None:
        before = models.Subject.objects.filter(uid=_uuid(uid), kind="child").first()
        if before is not None:
            return Registered(before.pk, str(before.uid), False, 0)
    name = _clean_name(name)
    _check_birth(birth_date, at)
    if not Place.objects.filter(code=place, kind="village").exists():
        raise BadInput("a child lives in a village or community: choose one of the list")
    subject = models.Subject.objects.create(uid=_uuid(uid) if uid else uuid4(), kind="child")
    child = models.Child(
        subject=subject, name=name, sex=sex, birth_date=birth_date, ethnicity=ethnicity,
        birth_weight_g=birth_weight_g, gestation_weeks=gestation_weeks, birth_place_id=birth_place,
        hukou_place_id=hukou_place, registered_at=at,
    )  # fmt: skip
    _seal_number(child, id_number)
    child.save(force_insert=True)
    models.Residence.objects.create(
        subject=subject, place_id=place, valid_from=since or birth_date or at.date(), valid_to=None
    )
    found = _suggest_duplicates(child, at)
    audit.record("register", "child", str(subject.uid), by=by, at=at, detail={"duplicates": found})
    return Registered(subject.pk, str(subject.uid), True, found)


@dataclass(frozen=True)
class NewChild:
    """One child of a list that was checked row by row. `uid` is made from what identifies the child."""

    uid: UUID
    name: str
    sex: str | None
    birth_date: date
    place: str
    id_number: str | None = None
    ethnicity: str | None = None
    birth_weight_g: int | None = None
    gestation_weeks: int | None = None


@transaction.atomic
def register_many(*, rows: Sequence[NewChild], by: Actor, at: datetime) -> int:
    """Enter a whole list, all or nothing; children whose uid is known are left alone. One audit entry."""
    if not by.is_system and not {each.place for each in rows} <= reachable_places(by, form=REGISTER_FORM):
        raise NotAllowed("a place is not within reach")
    uids = [each.uid for each in rows]
    known: set[UUID] = set()
    for start in range(0, len(uids), 500):
        part = models.Subject.objects.filter(uid__in=uids[start : start + 500])
        known.update(part.values_list("uid", flat=True))
    fresh = list({each.uid: each for each in rows if each.uid not in known}.values())
    subjects = models.Subject.objects.bulk_create(
        models.Subject(uid=each.uid, kind="child") for each in fresh
    )
    children, stays = [], []
    for each, subject in zip(fresh, subjects, strict=True):
        child = models.Child(
            subject=subject, name=_clean_name(each.name), sex=each.sex, birth_date=each.birth_date,
            ethnicity=each.ethnicity, birth_weight_g=each.birth_weight_g, gestation_weeks=each.gestation_weeks,
            registered_at=at,
        )  # fmt: skip
        _check_birth(each.birth_date, at)
        _seal_number(child, each.id_number)
        children.append(child)
        stays.append(models.Residence(subject=subject, place_id=each.place, valid_from=each.birth_date))
    models.Child.objects.bulk_create(children, batch_size=500)
    models.Residence.objects.bulk_create(stays, batch_size=500)
    found = sum(_suggest_duplicates(each, at) for each in children)
    digest = sha256("".join(sorted(each.uid.hex for each in fresh)).encode()).hexdigest()
    detail = {"rows": len(fresh), "repeated": len(rows) - len(fresh), "duplicates": found, "ids": digest}
    audit.record("register-many", "child", "", by=by, at=at, detail=detail)
    return len(fresh)


def _clean_name(name: str) -> str:
    cleaned = " ".join(name.split())
    if not cleaned or len(cleaned) > 80 or any(ord(c) < 32 for c in cleaned):
        raise BadInput("enter the child's name, at most 80 characters")
    return cleaned


def _check_birth(birth_date: date | None, at: datetime) -> None:
    if birth_date is not None and not date(1990, 1, 1) <= birth_date <= at.date() + timedelta(days=1):
        raise BadInput("the birth date lies in the future or before 1990: check the year")


def _seal_number(child: models.Child | models.Person, id_number: str | None) -> None:
    if not id_number:
        return
    read = read_id_number(id_number)
    if isinstance(read, IdProblem):
        raise BadInput(f"{read.zh} / {read.en}")
    vault = Vault()
    child.id_number_sealed = vault.seal(read.number, child.subject.uid.hex)
    child.id_number_index = vault.index(read.number)


def _suggest_duplicates(child: models.Child, at: datetime) -> int:
    """Open a review item for each child that may be the same; nothing is merged by itself."""
    same = {}
    others = models.Child.objects.exclude(pk=child.pk)
    if child.birth_date:
        for pk in others.filter(name=child.name, birth_date=child.birth_date).values_list("pk", flat=True):
            same[pk] = "name_and_birth_date"
    if child.id_number_index:
        for pk in others.filter(id_number_index=child.id_number_index).values_list("pk", flat=True):
            same[pk] = "id_number"
    known = models.ReviewItem.objects.filter(kind="duplicate", closed_at__isnull=True)
    made = 0
    for other, why in same.items():
        pair = Q(subject_id=child.pk, other_id=other) | Q(subject_id=other, other_id=child.pk)
        if not known.filter(pair).exists():
            models.ReviewItem.objects.create(
                kind="duplicate", subject_id=child.pk, other_id=other, why=why, opened_at=at
            )
            made += 1
    return made


@transaction.atomic
def settle_review(*, item: int, outcome: str, note: str = "", by: Actor, at: datetime) -> None:
    """A person says: the same, different, or settled. Only somebody who sees the children may."""
    if outcome not in ("same", "different", "settled"):
        raise BadInput("the outcome is same, different or settled")
    found = models.ReviewItem.objects.select_for_update().filter(pk=item, closed_at__isnull=True).first()
    if found is None or not visible(by).filter(pk=found.subject_id).exists():
        raise NotAllowed("no such item")
    found.outcome, found.note, found.closed_at, found.closed_by_id = outcome, note, at, by.user_id
    found.save()
    audit.record("settle", "review", str(found.pk), by=by, at=at, detail={"outcome": outcome})


@transaction.atomic
def correct_birth_date(*, uid: str, birth_date: date, reason: str, by: Actor, at: datetime) -> bool:
    """Put a birth date right. The correction is kept for good; every due date moves with the next evaluation."""
    child = _child(uid, by)
    _check_birth(birth_date, at)
    _want_reason(reason)
    if child.birth_date == birth_date:
        return False
    if child.death_date and child.death_date < birth_date:
        raise BadInput("the birth date lies after the recorded death: correct that first")
    note_correction(child, "birth_date", child.birth_date, birth_date, reason, by, at)
    child.birth_date = birth_date
    child.save(update_fields=["birth_date"])
    _suggest_duplicates(child, at)
    return True


def _want_reason(reason: str) -> None:
    if not reason.strip():
        raise BadInput("say why: a correction without a reason is not kept")


def note_correction(
    of: models.Child | models.Person, fact: str, before: Any, after: Any, reason: str, by: Actor, at: datetime
) -> None:
    models.Correction.objects.create(
        subject_id=of.pk, fact=fact, before=None if before is None else str(before),
        after=None if after is None else str(after), reason=reason.strip(), by_id=by.user_id, at=at,
    )  # fmt: skip
    subject = of.subject
    audit.record("correct", subject.kind, str(subject.uid), by=by, at=at, detail={"fact": fact})


@transaction.atomic
def register_unidentified(
    *, sex: str | None, place: str, on: date, form: str, by: Actor, at: datetime, uid: str | None = None
) -> Registered:  # fmt: skip
    """A child whose name, birth date and number nobody knows: a temporary name with a number to find it by."""
    known = models.Subject.objects.filter(uid=_uuid(uid), kind="child").first() if uid else None
    if known is not None:
        return Registered(known.pk, str(known.uid), False, 0)
    number = _temporary_number(on)
    made = register_child(
        name=f"{UNNAMED} {number}",
        sex=sex,
        birth_date=None,
        place=place,
        since=on,
        uid=uid,
        form=form,
        by=by,
        at=at,
    )
    models.Identifier.objects.create(subject_id=made.subject_id, system="temporary", value=number)
    return made


def _temporary_number(on: date) -> str:
    """Random: two numbers tell nothing about how many lie between them."""
    while True:
        letters = "".join(secrets.choice("23456789ABCDEFGHJKMNPQRSTUVWXYZ") for _ in range(5))
        number = f"LS{on.year % 100:02d}-{letters}"
        if not models.Identifier.objects.filter(system="temporary", value=number).exists():
            return number


@transaction.atomic
def give_identity(
    *, uid: str, name: str, sex: str | None, birth_date: date | None, id_number: str | None, reason: str, by: Actor,
    at: datetime,
) -> int:  # fmt: skip
    """The child is known now: each fact put right and kept as a correction; how many may be the same child."""
    child = _child(uid, by, "welfare")
    require(by.is_system or by.verifies, "identities are entered by those who verify")
    _want_reason(reason)
    _check_birth(birth_date, at)
    name = _clean_name(name)
    for fact, after in (("name", name), ("sex", sex), ("birth_date", birth_date)):
        before = getattr(child, fact)
        if after is not None and after != before:
            note_correction(child, fact, before, after, reason, by, at)
            setattr(child, fact, after)
    if id_number:
        _seal_number(child, id_number)
        note_correction(child, "id_number", None, None, reason, by, at)
    child.save()
    return _suggest_duplicates(child, at)


@transaction.atomic
def mark_death(
    *, uid: str, death_date: date, by: Actor, at: datetime, reason: str = "death recorded"
) -> None:
    """The child died: residence and attendance end the day after; nothing is due any more."""
    child = _child(uid, by)
    if (child.birth_date and death_date < child.birth_date) or death_date > at.date() + timedelta(days=1):
        raise BadInput("the date of death lies before the birth or in the future")
    if child.death_date == death_date:
        return
    note_correction(child, "death_date", child.death_date, death_date, reason, by, at)
    child.death_date = death_date
    child.save(update_fields=["death_date"])
    after = death_date + timedelta(days=1)
    for model in (models.Residence, models.Attendance):
        model.objects.filter(subject_id=child.pk, valid_to__isnull=True, valid_from__lt=after).update(
            valid_to=after
        )


@transaction.atomic
def move(*, uid: str, place: str | None, on: date, by: Actor, at: datetime) -> None:
    """From a day the child lives elsewhere; without a place, outside the district."""
    child = _child(uid, by)
    if place is not None and not Place.objects.filter(code=place, kind="village").exists():
        raise BadInput("choose the village or community the child moves to")
    current = (
        models.Residence.objects.select_for_update()
        .filter(subject_id=child.pk, valid_to__isnull=True)
        .first()
    )
    if current is not None:
        if current.place_id == place:
            return
        if on <= current.valid_from:
            raise BadInput(f"the child has lived there since {current.valid_from}: a move must be later")
        current.valid_to = on
        current.save(update_fields=["valid_to"])
    if place is not None:
        models.Residence.objects.create(subject_id=child.pk, place_id=place, valid_from=on)
    audit.record("move", "child", uid, by=by, at=at, detail={"on": on.isoformat(), "leaves": place is None})


@transaction.atomic
def register_person(
    *, name: str, by: Actor, at: datetime, sex: str | None = None, birth_date: date | None = None,
    id_number: str | None = None, place: str | None = None, uid: str | None = None,
) -> str:  # fmt: skip
    """Enter a guardian or worker; the uid. The same ID number gives the person already there."""
    require(by.is_system or bool(by.child_grants))
    if uid and models.Subject.objects.filter(uid=_uuid(uid), kind="person").exists():
        return uid
    subject = models.Subject(kind="person", uid=_uuid(uid) if uid else uuid4())
    person = models.Person(
        subject=subject, name=_clean_name(name), sex=sex, birth_date=birth_date, place_id=place
    )
    _seal_number(person, id_number)
    if person.id_number_index:
        before = (
            models.Person.objects.filter(id_number_index=person.id_number_index)
            .select_related("subject")
            .first()
        )
        if before is not None:
            return str(before.subject.uid)
    subject.save(force_insert=True)
    person.subject = subject
    person.save(force_insert=True)
    audit.record("register", "person", str(subject.uid), by=by, at=at)
    return str(subject.uid)


@transaction.atomic
def relate(*, uid: str, person: str, kind: str, guardian: bool, since: date, by: Actor, at: datetime) -> None:
    """This person is the child's father, mother … and, or not, its guardian. Repeating it changes nothing."""
    child = _child(uid, by)
    if kind not in RELATIONS:
        raise BadInput(f"the relation is one of {', '.join(RELATIONS)}")
    other = models.Subject.objects.filter(uid=_uuid(person), kind="person").first()
    if other is None:
        raise BadInput("this person is not registered: register the person first")
    _, made = models.Relation.objects.get_or_create(
        subject_id=child.pk, person=other, kind=kind, valid_to=None,
        defaults={"guardian": guardian, "valid_from": since},
    )  # fmt: skip
    if made:
        audit.record("relate", "child", uid, by=by, at=at, detail={"kind": kind, "guardian": guardian})


@transaction.atomic
def end_relation(*, uid: str, person: str, on: date, by: Actor, at: datetime) -> int:
    child = _child(uid, by)
    ended = models.Relation.objects.filter(
        subject_id=child.pk, person__uid=_uuid(person), valid_to__isnull=True, valid_from__lt=on
    ).update(valid_to=on)
    audit.record("end-relation", "child", uid, by=by, at=at, detail={"count": ended})
    return ended


@transaction.atomic
def attend(
    *, uid: str, facility: str, stage: str, grade: int | None, since: date, by: Actor, at: datetime
) -> None:
    """The child attends a facility from a day; an open attendance elsewhere ends that day."""
    child = _child(uid, by)
    place = models.Subject.objects.filter(uid=_uuid(facility), kind="facility").first()
    if place is None:
        raise BadInput("this facility is not registered")
    before = models.Attendance.objects.filter(subject_id=child.pk, valid_to__isnull=True)
    before.filter(valid_from__gte=since).delete()
    before.update(valid_to=since, end_reason="transferred")
    models.Attendance.objects.create(
        subject_id=child.pk, facility=place, stage=stage, grade=grade, valid_from=since
    )
    audit.record("attend", "child", uid, by=by, at=at, detail={"stage": stage})


# --- statuses: only a decision opens and closes them -------------------------------------------------------


def open_status(
    *, subject_id: int, scheme: str, code: str, on: date, review_due: date | None, record_uid: UUID | None,
    by: Actor, at: datetime, basis: str = "",
) -> models.Status:  # fmt: skip
    """A decision puts the subject into a category from a day. The scheme's other open code ends that day, unless
    several may be open.

    Called by `records.actions` within the transaction of the deciding record.
    """
    with transaction.atomic():
        current = list(
            models.Status.objects.select_for_update().filter(
                subject_id=subject_id, scheme=scheme, valid_to__isnull=True
            )
        )
        for each in current:
            if each.code == code:
                each.review_due = review_due
                each.save(update_fields=["review_due"])
                return each
        declared = active.pack().statuses.get(scheme)
        for each in () if declared is not None and declared.several else current:
            _end(each, on, record_uid)
        found = models.Status.objects.create(
            subject_id=subject_id, scheme=scheme, code=code, valid_from=on, review_due=review_due,
            opened_by=record_uid, basis=basis,
        )  # fmt: skip
        _audit_status("open-status", subject_id, scheme, code, by, at)
        return found


def close_status(
    *, subject_id: int, scheme: str, on: date, record_uid: UUID | None, by: Actor, at: datetime, code: str | None = None
) -> int:  # fmt: skip
    """A decision ends the subject's open category (or one code of it); how many were ended."""
    with transaction.atomic():
        current = models.Status.objects.select_for_update().filter(
            subject_id=subject_id, scheme=scheme, valid_to__isnull=True
        )
        ended = 0
        for each in current.filter(code=code) if code else current:
            _end(each, on, record_uid)
            _audit_status("close-status", subject_id, scheme, each.code, by, at)
            ended += 1
        return ended


def _end(status: models.Status, on: date, record_uid: UUID | None) -> None:
    if on <= status.valid_from:
        raise BadInput(
            f"这一身份自{status.valid_from}起认定，调整或结束的日期须在其后 / "
            f"this category began on {status.valid_from}: a decision that changes or ends it must be later"
        )
    status.valid_to, status.closed_by = on, record_uid
    status.save(update_fields=["valid_to", "closed_by"])


def _audit_status(verb: str, subject_id: int, scheme: str, code: str, by: Actor, at: datetime) -> None:
    subject = models.Subject.objects.get(pk=subject_id)
    audit.record(verb, subject.kind, str(subject.uid), by=by, at=at, detail={"scheme": scheme, "code": code})


def undo_statuses(*, record_uid: UUID, by: Actor, at: datetime) -> None:
    """The deciding record was taken back: what it opened goes, what it closed is open again."""
    models.Status.objects.filter(opened_by=record_uid).delete()
    for each in models.Status.objects.filter(closed_by=record_uid):
        each.valid_to = each.closed_by = None
        each.save(update_fields=["valid_to", "closed_by"])
    audit.record("undo-decision", "record", str(record_uid), by=by, at=at)


def rest_on(*, record_uid: UUID, instead: UUID) -> None:
    """A decision was put right without deciding anything else: what it opened and closed rests on the correction."""
    models.Status.objects.filter(opened_by=record_uid).update(opened_by=instead)
    models.Status.objects.filter(closed_by=record_uid).update(closed_by=instead)


# --- who may see whom ---------------------------------------------------------------------------------------


@transaction.atomic
def assign(*, uid: str, user_id: int, kind: str, since: date, by: Actor, at: datetime) -> None:
    """Hand one child's case to a colleague by name. Only somebody who verifies and sees the child may."""
    child = _child(uid, by)
    require(by.is_system or by.verifies, "cases are handed over by those who verify")
    if kind not in ("assigned", "referred"):
        raise BadInput("a case is assigned or referred")
    models.Assignment.objects.get_or_create(
        user_id=user_id, subject_id=child.pk, valid_to=None,
        defaults={"kind": kind, "valid_from": since, "approved_by_id": by.user_id},
    )  # fmt: skip
    audit.record("assign", "child", uid, by=by, at=at, detail={"kind": kind})


@transaction.atomic
def end_assignment(*, uid: str, user_id: int, on: date, by: Actor, at: datetime) -> int:
    child = _child(uid, by)
    open_ones = models.Assignment.objects.filter(user_id=user_id, subject_id=child.pk, valid_to__isnull=True)
    open_ones.filter(valid_from__gte=on).delete()
    ended = open_ones.update(valid_to=on)
    audit.record("end-assignment", "child", uid, by=by, at=at)
    return ended


@transaction.atomic
def block(*, uid: str, user_id: int, kind: str, since: date, by: Actor, at: datetime) -> None:
    """This person must not see this child's file, whatever the role. One may block oneself: own family."""
    require(by.is_system or by.verifies or by.user_id == user_id)
    if kind not in ("own_family", "conflict", "shielded"):
        raise BadInput("a block is own_family, conflict or shielded")
    child = _child(uid, by)
    models.Block.objects.get_or_create(
        user_id=user_id, subject_id=child.pk, valid_to=None,
        defaults={"kind": kind, "valid_from": since, "set_by_id": by.user_id},
    )  # fmt: skip
    audit.record("block", "child", uid, by=by, at=at, detail={"kind": kind})


@transaction.atomic
def break_glass(*, uid: str, reason: str, by: Actor, at: datetime) -> datetime:
    """Open one file out of turn for two hours. Audited at once; somebody else must review it."""
    require(bool(by.child_grants), "only those who read children's files may break the glass")
    if len(reason.strip()) < 10:
        raise BadInput("say in a sentence why this cannot wait: it will be read and reviewed")
    child = models.Child.objects.filter(subject__uid=_uuid(uid)).first()
    blocked = child is not None and models.Block.objects.filter(
        user_id=by.user_id, subject_id=child.pk, valid_to__isnull=True
    )
    if child is None or (blocked and blocked.exists()):
        raise NotAllowed("no such child")
    closes = at + timedelta(hours=GLASS_HOURS)
    models.BreakGlass.objects.create(
        user_id=by.user_id, subject_id=child.pk, reason=reason.strip(), opened_at=at, closes_at=closes
    )
    audit.record("break-glass", "child", uid, by=by, at=at, detail={"hours": GLASS_HOURS})
    return closes


@transaction.atomic
def review_break_glass(*, item: int, justified: bool, by: Actor, at: datetime) -> None:
    """A second person who verifies, and reaches that child, says whether it was justified."""
    found = models.BreakGlass.objects.select_for_update().filter(pk=item, reviewed_at__isnull=True).first()
    if found is None or not (by.verifies and visible(by).filter(pk=found.subject_id).exists()):
        raise NotAllowed("no such item")
    require(found.user_id != by.user_id, "nobody reviews their own")
    found.justified, found.reviewed_at, found.reviewed_by_id = justified, at, by.user_id
    found.save()
    audit.record(
        "review-break-glass", "break-glass", str(item), by=by, at=at, detail={"justified": justified}
    )


@transaction.atomic
def register_facility(
    *, name: str, kind: str, place: str, by: Actor, at: datetime, ownership: str | None = None,
    opened_on: date | None = None, organization: str | None = None, point: tuple[float, float] | None = None,
) -> str:  # fmt: skip
    """A facility enters the register. `point`: latitude and longitude, WGS84."""
    require(by.is_system or by.configures or may_register_facility(by, kind, place))
    name = facilities.checked_name(name, kind, place, opened_on, at)
    lat, lon = point or (None, None)
    try:
        with transaction.atomic():
            subject = models.Subject.objects.create(kind="facility")
            models.Facility.objects.create(
                subject=subject, name=name, kind=kind, place_id=place, ownership=ownership, opened_on=opened_on,
                organization_id=organization, lat=lat, lon=lon,
            )  # fmt: skip
    except IntegrityError:
        raise BadInput("the facility's place or organization is not known") from None
    audit.record("register", "facility", str(subject.uid), by=by, at=at)
    return str(subject.uid)
