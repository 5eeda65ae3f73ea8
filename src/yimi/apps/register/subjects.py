"""Facilities, organizations and the persons posted somewhere: who may see which, one file, rosters.

Facilities, organizations and places are no secret to whoever works where they are. A person's page is for those who enter
forms about persons where the person is posted; a resident's for those who enter forms about residents where she
lives; a guardian's for those who reach one of the children.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor, Grant
from yimi.apps.accounts.selectors import open_on
from yimi.apps.audit.actions import Event, listed
from yimi.apps.places.selectors import subtree
from yimi.apps.prepared import in_parts, prepared
from yimi.apps.register import selectors as register
from yimi.apps.register.models import Facility, Person, Relation, Residence, Status, Subject
from yimi.apps.register.permissions import home_of, resident_grants, resident_places, visible_among
from yimi.apps.register.selectors import Hit, StatusLine, _status_line
from yimi.lib.errors import NotAllowed

KINDS = ("facility", "person", "organization", "place")
SENSITIVITIES = ("basic", "health", "welfare", "protection", "justice")


@dataclass(frozen=True)
class SubjectFile:
    """`what`: type of a facility, kind of an organization or place. `sensitivities`: how much of it this person reads."""

    subject_id: int
    uid: str
    kind: str
    name: str
    name_en: str
    what: str
    place: str | None
    ownership: str | None
    opened_on: date | None
    closed_on: date | None
    sensitivities: frozenset[str]
    statuses: tuple[StatusLine, ...]
    code: str = ""  # of a place


@dataclass(frozen=True)
class RosterLine:
    subject_id: int
    uid: str
    name: str
    what: str  # type of a facility
    place: str | None
    statuses: tuple[
        tuple[str, str, date | None], ...
    ] = ()  # of a person: scheme, code, valid or reviewed until


def site_places(actor: Actor) -> set[str]:
    """Places of the actor's appointments; administrators and auditors see no files."""
    if actor.configures or actor.audits:
        return set()
    return subtree({each.place for each in actor.grants}, actor.on)


def person_grants(actor: Actor) -> list[Grant]:
    """Appointments that enter forms about workers and guardians; about residents see `permissions.resident_grants`."""
    forms = {
        each.id
        for each in active.pack().forms.values()
        if each.subject == "person" and each.persons != "resident"
    }
    return [] if actor.configures else [each for each in actor.grants if forms & set(each.role.records)]


def about_guardians(actor: Actor) -> bool:
    """Does an appointment enter a form about guardians?"""
    forms = active.pack().forms
    return any(
        forms[name].subject == "person" and forms[name].persons in (None, "guardian")
        for each in person_grants(actor)
        for name in each.role.records
        if name in forms
    )


def person_places(actor: Actor) -> set[str]:
    return subtree({each.place for each in person_grants(actor)}, actor.on)


def subject(actor: Actor, uid: str) -> SubjectFile:
    """One facility, posted person, guardian, organization or place. `NotAllowed` for absent and denied alike."""
    try:
        wanted = UUID(str(uid))
    except ValueError:
        raise NotAllowed("no such subject") from None
    found = (
        Subject.objects.filter(uid=wanted, kind__in=KINDS)
        .select_related("facility", "person", "organization", "place")
        .first()
    )
    if found is None:
        raise NotAllowed("no such subject")
    allowed = _reading(actor, found)
    if not allowed:
        raise NotAllowed("no such subject")
    actor.reads.append(Event("read", found.kind, str(found.uid), {"groups": sorted(allowed)}))
    schemes = [s.id for s in active.pack().statuses.values() if s.sensitivity in allowed]
    lines = Status.objects.filter(subject_id=found.pk, scheme__in=schemes).order_by("valid_from", "pk")
    return _file(found, allowed, tuple(_status_line(each) for each in lines), actor.on)


def _reading(actor: Actor, found: Subject) -> set[str]:
    if actor.is_system:
        return set(SENSITIVITIES)
    if found.kind == "person":
        return _reading_person(actor, found)
    place = found.place_id
    if found.kind != "place":
        place = (
            found.facility.place_id
            if found.kind == "facility"
            else found.organization and found.organization.place_id
        )
    if place not in site_places(actor):
        return set()
    return {"basic"} | {s for each in actor.grants if each.role.reads_children for s in each.role.reads}


def _reading_person(actor: Actor, found: Subject) -> set[str]:
    place, home = found.person.place_id, home_of([found.pk], actor.on).get(found.pk)
    near_ones = [
        each
        for at, grants in ((place, person_grants(actor)), (home, resident_grants(actor)))
        for each in grants
        if at in subtree({each.place}, actor.on)
    ]
    allowed: set[str] = {s for each in near_ones for s in ("basic", *each.role.reads)}
    if place is None and about_guardians(actor):
        children = Relation.objects.filter(person_id=found.pk).values("subject_id")
        ids = list(children.values_list("subject_id", flat=True))
        allowed |= {s for s in SENSITIVITIES if visible_among(actor, ids, s).exists()}
    return allowed


def _file(found: Subject, allowed: set[str], statuses: tuple[StatusLine, ...], on: date) -> SubjectFile:
    name, name_en, what, place, ownership, opened, closed = "", "", "", None, None, None, None
    if found.kind == "facility":
        one = found.facility
        name = name_en = one.name
        what, place, ownership, opened, closed = (
            one.kind,
            one.place_id,
            one.ownership,
            one.opened_on,
            one.closed_on,
        )
    elif found.kind == "person":
        name = name_en = found.person.name
        home = home_of([found.pk], on).get(found.pk)
        place, closed = found.person.place_id or home, found.person.death_date
    elif found.kind == "place":
        # It lies in itself: its page and its records need no other place beside the name.
        name, name_en, what = found.place.name_zh, found.place.name_en, found.place.kind
    elif found.organization is not None:
        body = found.organization
        name, name_en, what, place = body.name_zh, body.name_en, body.kind, body.place_id
    return SubjectFile(
        found.pk, str(found.uid), found.kind, name, name_en, what, place, ownership, opened, closed,
        frozenset(allowed), statuses, (found.place_id or "") if found.kind == "place" else "",
    )  # fmt: skip


@dataclass(frozen=True)
class Kin:
    """A child of a guardian, within the reader's reach."""

    hit: Hit
    kind: str
    guardian: bool
    since: date


def children_of(actor: Actor, person_id: int) -> list[Kin]:
    rows = list(Relation.objects.filter(open_on(actor.on), person_id=person_id).order_by("valid_from", "pk"))
    hits = register.named(actor, [each.subject_id for each in rows]) if rows else {}
    return [
        Kin(hits[each.subject_id], each.kind, each.guardian, each.valid_from)
        for each in rows
        if each.subject_id in hits
    ]


def residents_open(actor: Actor, uids: Collection[str]) -> set[str]:
    """Those of these persons whose page opens because of where they live."""
    places = resident_places(actor)
    if not places:
        return set()
    homes = Residence.objects.filter(open_on(actor.on), subject__uid__in=list(uids), place_id__in=places)
    return {str(each) for each in homes.values_list("subject__uid", flat=True)}


def adult_name(uid: str) -> str:
    """The name behind an answer that names a person, for whoever reads that answer."""
    try:
        found = Person.objects.filter(subject__uid=UUID(uid)).values_list("name", flat=True).first()
    except ValueError:
        return ""
    return found or ""


def named(actor: Actor, subject_ids: Collection[int]) -> dict[int, tuple[str, str, str | None]]:
    """(uid, name, place) of facilities, places, bodies, and persons posted or living within reach; for lists that
    engines made of ids."""
    found: dict[int, tuple[str, str, str | None]] = {}
    read: list[str] = []
    wanted = list(subject_ids)
    posts, living = person_places(actor), resident_places(actor)
    for part in in_parts(wanted):
        homes = home_of(part, actor.on) if living else {}
        for pk, uid, kind, place, facility, stands, body, seat, person, post in _with_names(part):
            if kind == "person":
                if post not in posts:
                    post = homes.get(pk)
                    if post not in living:
                        continue
                read.append(str(uid))
            told = {"facility": (facility, stands), "organization": (body, seat), "person": (person, post)}
            if kind in told or kind == "place":
                found[pk] = (str(uid), *told.get(kind, ("", place)))
    if read:
        actor.reads.append(listed("list", "person", read))
    return found


@prepared
def _with_names(subjects: list[int]) -> QuerySet[Subject, tuple[Any, ...]]:
    named = ("facility__name", "facility__place_id", "organization__name_zh", "organization__place_id")
    found = Subject.objects.filter(pk__in=subjects)
    return found.values_list("pk", "uid", "kind", "place_id", *named, "person__name", "person__place_id")


def place_uids(codes: Collection[str]) -> dict[str, str]:
    """Place → the address of its page."""
    rows = Subject.objects.filter(kind="place", place_id__in=list(codes)).values_list("place_id", "uid")
    return {code: str(uid) for code, uid in rows}


# --- rosters ------------------------------------------------------------------------------------------------


def facilities_page(
    actor: Actor, *, what: str = "", place: str = "", q: str = "", only: Collection[int] | None = None,
    offset: int = 0, limit: int = 50,
) -> tuple[list[RosterLine], int]:  # fmt: skip
    """Facilities where this person works, by place and name. `only`: of these, such as those with something late."""
    places = site_places(actor)
    query = Facility.objects.filter(place_id__in=places & subtree({place}, actor.on) if place else places)
    query = query.filter(Q(closed_on__isnull=True) | Q(closed_on__gt=actor.on))
    if what:
        query = query.filter(kind=what)
    if q:
        query = query.filter(name__contains=q)
    if only is not None:
        query = query.filter(pk__in=only)
    rows = query.order_by("kind", "place_id", "name").values_list(
        "pk", "subject__uid", "name", "kind", "place_id"
    )
    return [
        RosterLine(pk, str(uid), *rest) for pk, uid, *rest in rows[offset : offset + limit]
    ], query.count()


def persons_page(
    actor: Actor, *, schemes: Collection[str], code: str = "", place: str = "", q: str = "", offset: int = 0, limit: int = 50
) -> tuple[list[RosterLine], int]:  # fmt: skip
    """Persons posted within reach with an open status of one of these schemes, by place and name."""
    places = person_places(actor)
    query = _posted(places & subtree({place}, actor.on) if place else places, schemes, actor.on, code)
    if q:
        query = query.filter(name__startswith=q)
    return _persons(actor, query, offset, limit), query.count()


def adults(places: Collection[str], schemes: Collection[str], on: date, limit: int = 400) -> list[RosterLine]:
    """Those a field may offer: persons posted at these places with an open status of one of these schemes."""
    query = _posted(places, schemes, on)
    rows = query.order_by("place_id", "name", "pk").values_list("pk", "subject__uid", "name", "place_id")[
        :limit
    ]
    return [RosterLine(pk, str(uid), name, "", place) for pk, uid, name, place in rows]


def _posted(places: Collection[str], schemes: Collection[str], on: date, code: str = "") -> QuerySet[Person]:
    held = Status.objects.filter(open_on(on), subject_id=OuterRef("pk"))
    held = held.filter(scheme__in=schemes) if schemes else held
    held = held.filter(code=code) if code else held
    return Person.objects.filter(Exists(held), place_id__in=places, death_date__isnull=True)


def _persons(actor: Actor, query: QuerySet[Person], offset: int, limit: int) -> list[RosterLine]:
    rows = list(
        query.order_by("place_id", "name", "pk").values_list("pk", "subject__uid", "name", "place_id")[
            offset : offset + limit
        ]
    )
    # Each appointment is judged alone: what one reads it reads where it is held.
    near = [(subtree({each.place}, actor.on), {"basic", *each.role.reads}) for each in person_grants(actor)]
    open_at = {
        pk: {s for places, reads in near if place in places for s in reads} for pk, _, _, place in rows
    }
    schemes = {
        each.id: each.sensitivity for each in active.pack().statuses.values() if each.subject == "person"
    }
    held: dict[int, list[tuple[str, str, date | None]]] = {}
    found = Status.objects.filter(open_on(actor.on), subject_id__in=list(open_at), scheme__in=list(schemes))
    for pk, scheme, code, until in found.order_by("scheme", "pk").values_list(
        "subject_id", "scheme", "code", "review_due"
    ):
        if schemes[scheme] in open_at[pk]:
            held.setdefault(pk, []).append((scheme, code, until))
    actor.reads.append(Event("list", "person", "", {"count": len(rows)}))
    return [
        RosterLine(pk, str(uid), name, "", place, tuple(held.get(pk, ()))) for pk, uid, name, place in rows
    ]
