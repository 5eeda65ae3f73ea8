"""Reading cases: one's own, one of them, what is sealed by its number, and the numbers the coordinator is told.

A case is audited under its own uid, never under a child's: who has read a child's file is shown on that file, and
would tell that a case exists.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor
from yimi.apps.accounts.selectors import names_of_ids, open_on
from yimi.apps.audit.actions import Event
from yimi.apps.cases import models, vault
from yimi.apps.cases.permissions import (
    kind_of,
    leads,
    mandates,
    mandates_in,
    may_open,
    readable_forms,
    reviews_seals,
    states_seen,
    visible,
)
from yimi.apps.cases.states import CLOSED, OPEN
from yimi.apps.places.models import Organization
from yimi.apps.prepared import in_parts, prepared
from yimi.apps.register.models import Attendance, Child, Facility, Subject
from yimi.apps.register.permissions import home_of
from yimi.engines.disclosure import GROUND, Cell, suppress
from yimi.engines.indicators.withheld import least_count
from yimi.lib.errors import NotAllowed
from yimi.pack.case_kinds import CaseKind

SHOWN = 100


@dataclass(frozen=True)
class InvolvedChild:
    uid: str
    name: str
    sex: str | None
    birth_date: date | None
    home: str | None
    role: str


@dataclass(frozen=True)
class PartyLine:
    """A party of a case. `organization` is an organization's id or a school's uid; `body` its name."""

    party: str
    organization: str
    body: str
    since: date
    needed: bool
    reason: str
    mine: bool


@dataclass(frozen=True)
class CaseLine:
    subject_id: int
    uid: str
    number: str
    kind: str
    place: str
    state: str
    opened_at: datetime
    opened_on: date
    reopened_at: datetime | None
    closed_on: date | None
    children: tuple[InvolvedChild, ...] = ()
    parties: tuple[str, ...] = ()  # for which this person acts


@dataclass(frozen=True)
class Step:
    verb: str
    party: str
    record_uid: str | None
    by: str
    at: datetime
    note: str


@dataclass(frozen=True)
class CaseFile:
    line: CaseLine
    protocol: str
    parties: list[PartyLine]
    leads: bool
    enters: frozenset[str]  # forms
    reads: frozenset[str]
    history: list[Step] = field(default_factory=list)


def mine(actor: Actor, *, state: str = OPEN, limit: int = SHOWN) -> tuple[list[CaseLine], dict[str, int]]:
    """The cases this person works on, the oldest first, and how many there are by state. Sealed ones are absent."""
    query = visible(actor)
    counts = {each: query.filter(state=each).count() for each in (OPEN, CLOSED)}
    order = "opened_at" if state == OPEN else "-closed_at"
    cases = list(query.filter(state=state).select_related("subject").order_by(order, "pk")[:limit])
    actor.reads.append(Event("list", "case", "", {"count": len(cases), "state": state}))
    return _lines(actor, cases), counts


def some(actor: Actor, ids: Sequence[int]) -> list[CaseLine]:
    """These of the cases this person works on, in this order."""
    seen = states_seen(actor)
    parts = in_parts([each for each in ids if each in seen])
    found = {each.pk: each for part in parts for each in _with_subjects(part)}
    actor.reads.append(Event("list", "case", "", {"count": len(found), "state": OPEN}))
    return _lines(actor, [found[each] for each in ids if each in found])


@prepared
def _with_subjects(cases: list[int]) -> QuerySet[models.Case]:
    return models.Case.objects.filter(pk__in=cases).select_related("subject")


def _lines(actor: Actor, cases: Collection[models.Case]) -> list[CaseLine]:
    about = _children_of([each.pk for each in cases], actor.on)
    found, holding = [], mandates_in(actor, cases)
    for each in cases:
        held = [party for party, _ in holding[each.pk]]
        told = any(party.children for party in held)
        found.append(_line(each, about.get(each.pk, ()) if told else (), tuple(party.id for party in held)))
    return found


def _line(case: models.Case, children: Collection[InvolvedChild], parties: tuple[str, ...]) -> CaseLine:
    return CaseLine(
        case.pk, str(case.subject.uid), case.number, case.kind, case.place_id, case.state, case.opened_at,
        case.opened_on, case.reopened_at, case.closed_on, tuple(children), parties,
    )  # fmt: skip


def _children_of(cases: Collection[int], on: date) -> dict[int, list[InvolvedChild]]:
    rows = sorted(
        (each for part in in_parts(list(cases)) for each in _involved_in(part)), key=lambda each: each.pk
    )
    ids = {each.child_id for each in rows}
    children = {each.pk: each for part in in_parts(list(ids)) for each in _children(part)}
    homes = home_of(ids, on)
    found: dict[int, list[InvolvedChild]] = {}
    for row in rows:
        each = children.get(row.child_id)
        if each is None:
            continue  # put away: the child goes on under another identity, or in another file
        found.setdefault(row.case_id, []).append(
            InvolvedChild(
                str(each.subject.uid), each.name, each.sex, each.birth_date, homes.get(each.pk), row.role
            )
        )
    return found


@prepared
def _involved_in(cases: list[int]) -> QuerySet[models.Involved]:
    return models.Involved.objects.filter(case_id__in=cases)


@prepared
def _children(subjects: list[int]) -> QuerySet[Child]:
    return Child.objects.filter(pk__in=subjects).select_related("subject")


def has_identity(case_id: int) -> bool:
    """Has the leading party entered the new identity? What it is nobody reads before the end."""
    return models.Identity.objects.filter(case_id=case_id).exists()


def identities(actor: Actor, uid: str, *, at: datetime) -> dict[str, Any] | None:
    """Both identities of a sealed case, for somebody of its list who has opened it; else nothing."""
    case = visible(actor, at=at, of=[_subject(uid)]).select_related("subject").first()
    found = models.Identity.objects.filter(case_id=case.pk).first() if case is not None else None
    if case is None or case.state != "sealed" or found is None or found.applied_at is None:
        return None
    content = vault.unseal(found.sealed, case.subject.uid.hex)
    old = content["facts"]["child"][0]["fields"]
    if "undone_on" in content:  # the child stands in the register under the old identity again
        return {"old": {"name": content["before"]["name"], "birth_date": content["before"]["birth_date"]},
                "new": {"name": old["name"], "place": content["new"]["place"], "uid": content["new"]["uid"]},
                "undone_on": content["undone_on"]}  # fmt: skip
    return {
        "old": {"name": old["name"], "birth_date": old["birth_date"]},
        "new": {
            "name": content["new"]["name"],
            "place": content["new"]["place"],
            "uid": content["new"]["uid"],
        },
    }


def one(actor: Actor, uid: str, *, at: datetime) -> CaseFile:
    """A case as far as this person's parties go; `NotAllowed` for absent, sealed and denied alike."""
    known = _subject(uid)
    case = visible(actor, at=at, of=[known]).select_related("subject").first()
    if case is None:
        raise NotAllowed("no such case")
    line = _lines(actor, [case])[0]
    kind = kind_of(case)
    enters = (
        frozenset(form for party, _ in mandates(actor, case) for form in party.does)
        if case.state == OPEN
        else frozenset()
    )
    events = list(models.Event.objects.filter(case_id=case.pk).order_by("at", "pk"))
    own = {each.party for each in _rows(case) if each.party in line.parties}
    people = names_of_ids([each.by_id for each in events if each.party in own or not each.party])
    detail = {"kind": kind.id, "state": case.state, "parties": list(line.parties), "purpose": actor.purpose}
    actor.reads.append(Event("read", "case", line.uid, detail))
    return CaseFile(
        line, case.protocol, party_lines(actor, case), leads(actor, case), enters,
        frozenset(readable_forms(actor, case)),
        [
            Step(each.verb, each.party, str(each.record_uid) if each.record_uid else None,
                 people.get(each.by_id or 0, "") if each.party in own else "", each.at, each.note)
            for each in events
        ],
    )  # fmt: skip


def _rows(case: models.Case) -> list[models.Party]:
    return list(models.Party.objects.filter(case_id=case.pk, valid_to__isnull=True).order_by("pk"))


def party_lines(actor: Actor, case: models.Case) -> list[PartyLine]:
    rows = _rows(case)
    names = body_names(each.organization for each in rows)
    acting = {(party.id, organization) for party, organization in mandates(actor, case)}
    return [
        PartyLine(
            each.party, each.organization, names.get(each.organization, ""), each.valid_from, each.needed, each.reason,
            (each.party, each.organization) in acting,
        )
        for each in rows
    ]  # fmt: skip


def body_names(ids: Any) -> dict[str, str]:
    """Names of organizations and schools by what a party row names."""
    wanted = set(ids)
    found = dict(Organization.objects.filter(pk__in=wanted).values_list("pk", "name_zh"))
    uids = [each for each in wanted if len(each) == 36 and each.count("-") == 4]
    schools = Facility.objects.filter(subject__uid__in=uids).values_list("subject__uid", "name")
    return {**found, **{str(uid): name for uid, name in schools}}


def _subject(uid: str) -> int:
    from uuid import UUID

    try:
        wanted = UUID(str(uid))
    except ValueError:
        raise NotAllowed("no such case") from None
    return Subject.objects.filter(uid=wanted, kind="case").values_list("pk", flat=True).first() or 0


def subject_ids(actor: Actor, *, state: str = OPEN) -> list[int]:
    return [each for each, found in states_seen(actor).items() if found == state]


def is_party(actor: Actor, uid: str) -> bool:
    """Does this person work on the case? Nothing of it is shown."""
    return visible(actor, of=[_subject(uid)]).exists()


def openable(actor: Actor) -> list[CaseKind]:
    """The kinds of case this person may open, reports of harm first."""
    kinds = [each for each in active.pack().cases.values() if may_open(actor, each)]
    return sorted(kinds, key=lambda each: not each.reporter_sealed)


def school_of(child_uid: str, on: date) -> str | None:
    """Uid of the facility a child attends on a day."""
    found = Attendance.objects.filter(open_on(on), subject__uid=child_uid).select_related("facility").first()
    return str(found.facility.uid) if found else None


@dataclass(frozen=True)
class Receipt:
    """What a reporter may know: that the case exists, and how it stands. No content, no names."""

    number: str
    state: str
    opened_at: datetime
    subject_id: int


def receipt(code: str) -> Receipt:
    """By the code that was shown once; whoever holds it sees how the case stands."""
    found = (
        models.Case.objects.filter(receipt_index=vault.receipt_index(code)).first() if code.strip() else None
    )
    if found is None:
        raise NotAllowed("no such receipt")
    return Receipt(found.number, found.state, found.opened_at, found.pk)


@dataclass(frozen=True)
class OpeningLine:
    id: int
    number: str
    by: str
    reason: str
    opened_at: datetime


def openings_to_review(actor: Actor) -> list[OpeningLine]:
    """Seals opened by others that wait for this person's review."""
    rows = models.Opening.objects.filter(reviewed_at__isnull=True).exclude(user_id=actor.user_id)
    rows = rows.select_related("case__case", "user").order_by("opened_at")
    return [
        OpeningLine(each.pk, each.case.case.number, each.user.display_name, each.reason, each.opened_at)
        for each in rows
        if reviews_seals(actor, each.case.case)
    ]


@dataclass(frozen=True)
class KindCount:
    kind: str
    open_now: int | None  # None: too few to be told
    subject_ids: tuple[int, ...]


def for_coordinator(actor: Actor) -> list[KindCount]:
    """Open cases of every kind that is not sealed, for the coordinating office: numbers, no content."""
    if not actor.coordinates:
        raise NotAllowed("the numbers are for the coordinating office")
    kinds = [each.id for each in active.pack().cases.values() if each.seal is None]
    rows = models.Case.objects.filter(state=OPEN, kind__in=kinds).values_list("kind", "pk")
    by_kind: dict[str, list[int]] = {}
    for kind, pk in rows:
        by_kind.setdefault(kind, []).append(pk)
    actor.reads.append(Event("list", "case", "", {"counts": dict(Counter(kind for kind, _ in rows))}))
    told = {each: len(by_kind.get(each, ())) for each in kinds}
    return [
        KindCount(each, None if _few(each, n, actor.on) else n, tuple(by_kind.get(each, ())))
        for each, n in told.items()
    ]


def _few(kind: str, n: int, on: date) -> bool:
    """Kinds stand beside each other without a sum: a small count of one is withheld and gives no other away."""
    pack = active.pack()
    least = least_count(pack, pack.cases[kind].sensitivity, on)
    return bool(suppress([Cell(kind, n, GROUND, GROUND)], least))


def numbers(subject_ids: Collection[int]) -> dict[int, str]:
    """Case numbers by subject; the caller may tell them."""
    return dict(models.Case.objects.filter(pk__in=subject_ids).values_list("pk", "number"))


def moments(subject_ids: Collection[int]) -> dict[int, tuple[datetime, str]]:
    """When the clocks of each case start, and its kind."""
    found = models.Case.objects.filter(pk__in=subject_ids).values_list(
        "pk", "opened_at", "reopened_at", "kind"
    )
    return {pk: (reopened or opened, kind) for pk, opened, reopened, kind in found}
