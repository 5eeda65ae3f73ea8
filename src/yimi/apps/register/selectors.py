"""Reading the register. Every function takes the actor, shows only what that actor may see, and notes it for the audit."""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor
from yimi.apps.accounts.selectors import open_on
from yimi.apps.audit import selectors as audit_selectors
from yimi.apps.audit.actions import Event, listed
from yimi.apps.keys import key
from yimi.apps.once import once_a_page
from yimi.apps.prepared import in_parts, prepared
from yimi.apps.register import models
from yimi.apps.register.idnumber import Vault, is_valid, masked, normalized
from yimi.apps.register.permissions import (
    closeness,
    closenesses,
    home_of,
    reaches,
    sensitivities_for,
    visible,
)
from yimi.lib.errors import NotAllowed
from yimi.pack.load import Pack, once_a_pack

SEARCH_LIMIT = 20
UNNAMED = "无名儿童"  # until somebody knows the name
TEMPORARY = re.compile(r"LS\d\d-[2-9A-Z]{5}")  # number of a child registered without an identity


class Hit(NamedTuple):
    """As little as a list needs."""

    subject_id: int  # for joining with due items; never shown
    uid: str
    name: str
    sex: str | None
    birth_date: date | None
    place: str | None  # village code


@dataclass(frozen=True)
class Guardian:
    uid: str
    name: str
    kind: str
    guardian: bool
    since: date
    until: date | None
    states: tuple[tuple[str, str], ...]  # (scheme, code) open now and open to this reader
    died_on: date | None = None  # told to those who read welfare


@dataclass(frozen=True)
class StatusLine:
    scheme: str
    code: str
    since: date
    until: date | None
    review_due: date | None
    record_uid: str | None
    basis: str


@dataclass(frozen=True)
class Stay:
    """A residence (place) or attendance (facility, stage, grade)."""

    place: str
    since: date
    until: date | None
    name: str = ""
    stage: str = ""
    grade: int | None = None

    def on(self, day: date) -> bool:
        """Was it so on this day? `until` is the first day no longer."""
        return self.since <= day and (self.until is None or self.until > day)


@dataclass(frozen=True)
class CorrectionLine:
    fact: str
    reason: str
    at: datetime
    by_id: int | None


@dataclass(frozen=True)
class ChildFile:
    subject_id: int
    uid: str
    name: str
    sex: str | None
    birth_date: date | None
    death_date: date | None
    ethnicity: str | None
    place: str | None
    hukou_place: str | None
    id_masked: str | None
    sensitivities: frozenset[str]
    guardians: list[Guardian] = field(default_factory=list)
    statuses: list[StatusLine] = field(default_factory=list)
    residences: list[Stay] = field(default_factory=list)
    attendances: list[Stay] = field(default_factory=list)
    corrections: list[CorrectionLine] = field(default_factory=list)


def _hits(actor: Actor, children: QuerySet[models.Child]) -> list[Hit]:
    """No more of each child than a list shows."""
    rows = list(children.values_list("pk", "subject__uid", "name", "sex", "birth_date"))
    homes = home_of((row[0] for row in rows), actor.on)
    return [Hit(pk, str(uid), name, sex, born, homes.get(pk)) for pk, uid, name, sex, born in rows]


def _note_list(actor: Actor, verb: str, hits: list[Hit], **detail: Any) -> None:
    """For 'who has seen this child' a list counts like the file."""
    actor.reads.append(listed(verb, "child", (each.uid for each in hits), **detail))


def search(actor: Actor, text: str, limit: int = SEARCH_LIMIT) -> list[Hit]:
    """By name (two characters at least, its beginning), or by the whole ID number. Only within reach."""
    text = text.strip()
    number = normalized(text)
    query = visible(actor)
    if is_valid(number):
        query = query.filter(id_number_index=Vault().index(number))
    elif TEMPORARY.fullmatch(text.upper()):
        query = query.filter(
            subject__identifiers__system="temporary", subject__identifiers__value=text.upper()
        )
    elif len(text) >= 2:
        query = query.filter(name__startswith=text)
    else:
        return []
    hits = _hits(
        actor,
        query.order_by("name", "birth_date", "pk")[: min(limit, SEARCH_LIMIT)],
    )
    term = hmac.digest(key("audit"), text.encode(), "sha256").hex()[:16]
    _note_list(actor, "search", hits, term=term)
    return hits


def children(
    actor: Actor, *, places: set[str] | None = None, born_from: date | None = None, born_to: date | None = None,
    sensitivity: str = "basic", offset: int = 0, limit: int = 50, living_only: bool = True,
) -> tuple[list[Hit], int]:  # fmt: skip
    """A page of the children within reach, and how many there are."""
    query = visible(actor, sensitivity)
    if places is not None:
        home = models.Residence.objects.filter(open_on(actor.on), place_id__in=places).values("subject_id")
        query = query.filter(pk__in=home)
    if born_from:
        query = query.filter(birth_date__gte=born_from)
    if born_to:
        query = query.filter(birth_date__lte=born_to)
    if living_only:
        query = query.filter(death_date__isnull=True)
    page = query.order_by("birth_date", "pk")[offset : offset + limit]
    hits = _hits(actor, page)
    _note_list(actor, "list", hits)
    return hits, query.count()


def unidentified(actor: Actor, limit: int = 30) -> list[Hit]:
    """Children within reach that are registered without an identity, the newest first."""
    query = visible(actor, "welfare").filter(
        subject__identifiers__system="temporary", birth_date__isnull=True, death_date__isnull=True
    )
    hits = _hits(actor, query.order_by("-registered_at")[:limit])
    _note_list(actor, "list", hits)
    return hits


def possibly_same(actor: Actor, uid: str) -> list[Hit]:
    """The children of open review items about this one, within reach; and others without an identity."""
    about = models.Subject.objects.filter(uid=uid, kind="child").values_list("pk", flat=True).first() or 0
    items = models.ReviewItem.objects.filter(kind="duplicate", closed_at__isnull=True)
    pairs = [
        *items.filter(subject_id=about).values_list("other_id", flat=True),
        *items.filter(other_id=about).values_list("subject_id", flat=True),
    ]
    return list(named(actor, [each for each in pairs if each], "welfare").values())


def reached(actor: Actor, subject_ids: Iterable[int], sensitivity: str = "basic") -> set[int]:
    """Those of these children the actor may see, to be counted; nobody is named and nothing is read."""
    wanted = list(dict.fromkeys(subject_ids))
    return {each.subject_id for part in in_parts(wanted) for each in _among(actor, part, sensitivity)}


def _among(actor: Actor, subject_ids: list[int], sensitivity: str) -> list[Hit]:
    """`visible_among` for lists: no more of each child than a list shows."""
    near = closenesses(actor, subject_ids)
    rows = _shown([each for each, ties in near.items() if reaches(actor, ties, sensitivity)])
    return [
        Hit(pk, str(uid), name, sex, born, min(near[pk].homes, default=None))
        for pk, uid, name, sex, born in rows
    ]


@prepared
def _shown(children: list[int]) -> QuerySet[models.Child, tuple[Any, ...]]:
    found = models.Child.objects.filter(pk__in=children)
    return found.values_list("pk", "subject__uid", "name", "sex", "birth_date")


def named(actor: Actor, subject_ids: Iterable[int], sensitivity: str = "basic") -> dict[int, Hit]:
    """Those of these children the actor may see by name; for lists that engines made of subject ids."""
    wanted = list(dict.fromkeys(subject_ids))
    hits: list[Hit] = []
    for part in in_parts(wanted):
        hits.extend(_among(actor, part, sensitivity))
    if hits:
        _note_list(actor, "list", hits)
    return {each.subject_id: each for each in hits}


def identify(actor: Actor, text: str) -> list[Hit]:
    """For a body that works on a case and reads no child by place: the whole ID number, or name and birth date.

    It answers only to who knows whom they mean. The audit keeps a digest, not the child: who has read a file is
    shown on that file.
    """
    if not actor.works_cases:
        return []
    number, (name, _, day) = normalized(text), text.strip().partition(" ")
    query = models.Child.objects.none()
    if is_valid(number):
        query = models.Child.objects.filter(id_number_index=Vault().index(number))
    else:
        try:
            query = models.Child.objects.filter(name=name, birth_date=date.fromisoformat(day.strip()))
        except ValueError:
            return []
    blocked = models.Block.objects.filter(open_on(actor.on), user_id=actor.user_id).values("subject_id")
    hits = _hits(actor, query.exclude(pk__in=blocked).order_by("pk")[:3])
    term = hmac.digest(key("audit"), text.strip().encode(), "sha256").hex()[:16]
    actor.reads.append(Event("search", "case", "", {"term": term, "count": len(hits)}))
    return hits


def reachable(actor: Actor, uids: Iterable[str]) -> set[str]:
    """Those of these children whose files this person may open: for links; nothing is shown."""
    if not actor.child_grants:
        return set()
    found = visible(actor).filter(subject__uid__in=[UUID(each) for each in uids])
    return {str(uid) for uid in found.values_list("subject__uid", flat=True)}


def _status_line(status: models.Status) -> StatusLine:
    return StatusLine(
        status.scheme, status.code, status.valid_from, status.valid_to, status.review_due,
        str(status.opened_by) if status.opened_by else None, status.basis,
    )  # fmt: skip


def child(actor: Actor, uid: str, *, at: datetime, purpose: str = "") -> ChildFile:
    """One child's file as far as this actor may read it. `NotAllowed` for absent and denied alike."""
    try:
        wanted = UUID(str(uid))
    except ValueError:
        raise NotAllowed("no such child") from None
    found = next(iter(_child(wanted)), None)
    # Absent and denied take the same way, so that they take the same time.
    near = closeness(actor, found.pk if found else 0, at)
    if found is None or not reaches(actor, near, "basic"):
        raise NotAllowed("no such child")
    allowed = sensitivities_for(actor, near)
    uid = str(found.subject.uid)
    detail = {"purpose": purpose or actor.purpose, "groups": sorted(allowed)}
    actor.reads.append(Event("read", "child", uid, detail))
    residences = _residences(found.pk)
    number = Vault().open(found.id_number_sealed, found.subject.uid.hex) if found.id_number_sealed else None
    return ChildFile(
        subject_id=found.pk, uid=uid, name=found.name, sex=found.sex, birth_date=found.birth_date,
        death_date=found.death_date, ethnicity=found.ethnicity, place=next((each.place for each in residences if each.on(actor.on)), None),
        hukou_place=found.hukou_place_id, id_masked=masked(number) if number else None,
        sensitivities=frozenset(allowed), guardians=_guardians(found.pk, allowed),
        statuses=_statuses(found.pk, allowed), residences=residences, attendances=_attendances(found.pk),
        corrections=[
            CorrectionLine(each.fact, each.reason, each.at, each.by_id)
            for each in _corrections(found.pk)
        ],
    )  # fmt: skip


# What one file is made of.


@once_a_page
@prepared
def _child(uid: UUID) -> QuerySet[models.Child]:
    return models.Child.objects.filter(subject__uid=uid).select_related("subject")


@prepared
def _corrections(subject: int) -> QuerySet[models.Correction]:
    return models.Correction.objects.filter(subject_id=subject).order_by("at")


@prepared
def _decided(subject: int, schemes: list[str]) -> QuerySet[models.Status]:
    found = models.Status.objects.filter(subject_id=subject, scheme__in=schemes)
    return found.order_by("valid_from", "pk")


@prepared
def _relations(subject: int) -> QuerySet[models.Relation]:
    found = models.Relation.objects.filter(subject_id=subject, person__person__isnull=False)
    return found.select_related("person__person").order_by("-guardian", "valid_from", "pk")


@prepared
def _open_states(subjects: list[int], schemes: list[str]) -> QuerySet[models.Status, tuple[int, str, str]]:
    found = models.Status.objects.filter(subject_id__in=subjects, scheme__in=schemes, valid_to__isnull=True)
    return found.values_list("subject_id", "scheme", "code")


@prepared
def _homes(subject: int) -> QuerySet[models.Residence, tuple[str, date, date | None]]:
    found = models.Residence.objects.filter(subject_id=subject).order_by("valid_from")
    return found.values_list("place_id", "valid_from", "valid_to")


@prepared
def _schools(subject: int) -> QuerySet[models.Attendance, tuple[Any, ...]]:
    school = "facility__facility__"
    columns = (f"{school}place_id", "valid_from", "valid_to", f"{school}name", "stage", "grade")
    return models.Attendance.objects.filter(subject_id=subject).order_by("valid_from").values_list(*columns)


def _schemes(allowed: set[str]) -> list[str]:
    return [each.id for each in active.pack().statuses.values() if each.sensitivity in allowed]


@once_a_pack
def _of_residents(pack: Pack) -> frozenset[str]:
    """Schemes of forms about residents: a pregnancy stands in the woman's file, not in her child's."""
    forms = (each for each in pack.forms.values() if each.persons == "resident")
    return frozenset(decided.scheme for each in forms for decided in each.decides)


def _statuses(subject_id: int, allowed: set[str]) -> list[StatusLine]:
    return [_status_line(each) for each in _decided(subject_id, _schemes(allowed))]


def _guardians(subject_id: int, allowed: set[str]) -> list[Guardian]:
    relations = _relations(subject_id)
    states: dict[int, list[tuple[str, str]]] = {}
    told = [each for each in _schemes(allowed) if each not in _of_residents(active.pack())]
    for subject, scheme, code in _open_states([each.person_id for each in relations], told):
        states.setdefault(subject, []).append((scheme, code))
    return [
        Guardian(
            str(each.person.uid), each.person.person.name, each.kind, each.guardian,
            each.valid_from, each.valid_to, tuple(states.get(each.person_id, ())),
            each.person.person.death_date if "welfare" in allowed else None,
        )
        for each in relations
    ]  # fmt: skip


def _residences(subject_id: int) -> list[Stay]:
    return [Stay(*row) for row in _homes(subject_id)]


def _attendances(subject_id: int) -> list[Stay]:
    return [Stay(place or "", *others) for place, *others in _schools(subject_id)]


def readers(actor: Actor, uid: str, *, at: datetime, limit: int = 20) -> list[audit_selectors.Row]:
    """Who has opened or written this file; for those who may read it, and for auditors."""
    _may_ask_who_read(actor, uid, at)
    return audit_selectors.readers_of(uid, limit)


def sightings(
    actor: Actor, uid: str, *, at: datetime, since: date, until: date, offset: int = 0, limit: int = 50
) -> tuple[list[audit_selectors.Row], int]:
    """The same and who saw the child in a list, from one day to another, and how many rows there are."""
    _may_ask_who_read(actor, uid, at)
    return audit_selectors.sightings_of(uid, since, until, offset=offset, limit=limit)


def _may_ask_who_read(actor: Actor, uid: str, at: datetime) -> None:
    if actor.audits:
        return
    asked = next(iter(_child(UUID(str(uid)))), None)
    if asked is None or not reaches(actor, closeness(actor, asked.pk, at), "basic"):
        raise NotAllowed("no such child")


def broken_glass(actor: Actor) -> list[dict[str, Any]]:
    """Files opened out of turn that wait for this actor's review."""
    if not actor.verifies:
        return []
    query = models.BreakGlass.objects.filter(reviewed_at__isnull=True).exclude(user_id=actor.user_id)
    query = (
        query.filter(subject_id__in=visible(actor).values("pk")).select_related("user").order_by("opened_at")
    )
    return [
        {"id": each.pk, "by": each.user.display_name, "reason": each.reason, "opened_at": each.opened_at}
        for each in query
    ]


def facilities(kind: str = "", places: set[str] | None = None) -> list[dict[str, Any]]:
    """Facilities are no secret."""
    query = models.Facility.objects.all()
    if kind:
        query = query.filter(kind=kind)
    if places is not None:
        query = query.filter(place_id__in=places)
    fields = ("subject__uid", "name", "kind", "place_id", "ownership", "opened_on", "closed_on", "lat", "lon")
    return list(query.order_by("name").values(*fields))
