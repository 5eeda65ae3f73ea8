"""Every write to a case but its records: opening, who works on it, ending, sealing, opening a seal.

`records.case_reports` calls `open_case` and `close` within the transaction of the record that brings it about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor, require
from yimi.apps.audit import actions as audit
from yimi.apps.cases import models, states, vault
from yimi.apps.cases.permissions import (
    kind_of,
    leads,
    mandates,
    may_open,
    may_open_seal,
    reviews_seals,
    visible,
)
from yimi.apps.places.models import Organization, Place
from yimi.apps.places.selectors import parents
from yimi.apps.register.models import Attendance, Child, Subject
from yimi.lib.errors import BadInput, NotAllowed
from yimi.pack.case_kinds import CaseKind, CaseParty
from yimi.pack.case_shape import OF_PLACE

SEAL_HOURS = 2
ROLES = ("concerned", "harmed", "harming")
SEALED_REPORTER = "sealed-reporter"  # what the audit names where the reporter must not be known


@dataclass(frozen=True)
class Routing:
    """What tells a party's organization where the declaration leaves it open."""

    sender: str = ""
    chosen: Mapping[str, str] = field(default_factory=dict)  # party → organization
    school: str = ""  # uid of the facility
    shielded: tuple[str, ...] = ()  # organizations that must not learn of it
    shielded_users: tuple[int, ...] = ()


@dataclass(frozen=True)
class Opened:
    subject_id: int
    uid: str
    number: str
    receipt: str | None  # shown once to whoever reported
    missing: tuple[str, ...]  # parties no organization was found for yet


def anonymous(by: Actor) -> Actor:
    """The reporter as everything but the sealed table knows them."""
    return Actor(uid=SEALED_REPORTER, user_id=None, name="", on=by.on)


@transaction.atomic
def open_case(
    *, kind: str, place: str, on: date, by: Actor, at: datetime, children: Sequence[tuple[str, str]] = (),
    routing: Routing | None = None, uid: UUID | None = None,
) -> Opened:  # fmt: skip
    """Open a case and let its parties in. `children`: (uid, role); none is enough. Nobody needs to see the children."""
    declared = active.pack().cases.get(kind)
    if declared is None or not may_open(by, declared):
        raise NotAllowed("no such kind of case")
    if not Place.objects.filter(code=place).exists():
        raise BadInput("请选择地点 / choose the place")
    routing = routing or Routing()
    subject = Subject.objects.create(uid=uid or uuid4(), kind="case")
    receipt = vault.receipt_code() if declared.reporter_sealed else None
    case = models.Case.objects.create(
        subject=subject, number=_number(declared, on), kind=kind, protocol=declared.protocol.version, place_id=place,
        opened_on=on, opened_at=at, receipt_index=vault.receipt_index(receipt) if receipt else None,
    )  # fmt: skip
    for child, role in children:
        _involve(case, child, role, on)
    for each in routing.shielded:
        models.Shield.objects.create(case=subject, organization=each)
    for user in routing.shielded_users:
        models.Shield.objects.create(case=subject, user_id=user)
    teller = anonymous(by) if declared.reporter_sealed else by
    if declared.reporter_sealed:
        identity = {"account": by.uid, "name": by.name, "organizations": [g.organization for g in by.grants]}
        models.Reporter.objects.create(case=subject, sealed=vault.seal(identity, subject.uid.hex))
    missing = _let_in(case, declared, routing, on)
    if declared.lead in missing:
        raise BadInput(
            "找不到牵头单位，请联系管理员补录机构 / the leading body is not entered yet: ask the administrator"
        )
    _event(case, "open", teller, at)
    audit.record("open-case", "case", str(subject.uid), by=teller, at=at, detail={"kind": kind})
    return Opened(subject.pk, str(subject.uid), case.number, receipt, tuple(missing))


def _number(kind: CaseKind, on: date) -> str:
    """Random, so that two numbers tell nothing about what lies between them."""
    while True:
        number = f"{kind.prefix}{on.year % 100:02d}-{vault.letters(5)}"
        if not models.Case.objects.filter(number=number).exists():
            return number


def _let_in(case: models.Case, kind: CaseKind, routing: Routing, on: date) -> list[str]:
    """A row for every party that is not optional, or was chosen; the parties nobody was found for."""
    missing = []
    for party in kind.parties:
        if party.optional and party.id not in routing.chosen:
            continue
        organization = _organization(case, party, routing, on)
        if organization is None:
            missing.append(party.id)
        elif organization not in routing.shielded:
            models.Party.objects.create(
                case_id=case.pk, party=party.id, organization=organization, valid_from=on
            )
    return missing


def _organization(case: models.Case, party: CaseParty, routing: Routing, on: date) -> str | None:
    if party.id in routing.chosen:
        return routing.chosen[party.id] or None
    if party.organization == "sender":
        return routing.sender or None
    if party.organization == "school":
        return routing.school or _school(case, on)
    if party.organization == "chosen":
        return None
    if party.organization.startswith(OF_PLACE):
        return _of_place(party.organization[len(OF_PLACE) :], case.place_id, on)
    return party.organization if Organization.objects.filter(pk=party.organization).exists() else None


def _of_place(kind: str, place: str, on: date) -> str | None:
    """The organization of a kind at the place, or at the nearest place above it."""
    tree, current = parents(on), place
    while current:
        found = Organization.objects.filter(kind=kind, place_id=current).order_by("pk").first()
        if found is not None:
            return str(found.pk)
        current = tree.get(current, "")
    return None


def _school(case: models.Case, on: date) -> str | None:
    """Where the first of the children goes to school on the day."""
    children = models.Involved.objects.filter(case_id=case.pk).values("child_id")
    found = (
        Attendance.objects.filter(subject_id__in=children, valid_from__lte=on, valid_to__isnull=True)
        .select_related("facility")
        .order_by("pk")
        .first()
    )
    return str(found.facility.uid) if found else None


def _involve(case: models.Case, child: str, role: str, on: date) -> None:
    if role not in ROLES:
        raise BadInput(f"a child's part in a case is one of {', '.join(ROLES)}")
    found = Child.objects.filter(subject__uid=_uuid(child)).first()
    if found is None:
        raise NotAllowed("no such child")
    models.Involved.objects.get_or_create(
        case_id=case.pk, child_id=found.pk, defaults={"role": role, "since": on}
    )


def _uuid(text: str | UUID) -> UUID:
    try:
        return text if isinstance(text, UUID) else UUID(str(text))
    except ValueError:
        raise NotAllowed("no such case") from None


def _locked(uid: str, by: Actor) -> models.Case:
    """The case for writing, or the answer absence gets."""
    known = Subject.objects.filter(uid=_uuid(uid), kind="case").values_list("pk", flat=True).first() or 0
    found = visible(by, of=[known]).select_related("subject").select_for_update(of=("self",)).first()
    if found is None:
        raise NotAllowed("no such case")
    return found


# --- who works on it ----------------------------------------------------------------------------------------


@transaction.atomic
def involve(*, uid: str, child: str, role: str, by: Actor, at: datetime) -> None:
    """The child became known: only the leading party says so."""
    case = _locked(uid, by)
    require(leads(by, case))
    _open_only(case)
    _involve(case, child, role, by.on)
    kind = kind_of(case)
    for party in kind.parties:
        # A school that could not be found without the child can be now.
        known = models.Party.objects.filter(case_id=case.pk, party=party.id).exists()
        shielded = models.Shield.objects.filter(case_id=case.pk).values_list("organization", flat=True)
        found = _school(case, by.on) if party.organization == "school" and not party.optional else None
        if found and not known and found not in shielded:
            models.Party.objects.create(case_id=case.pk, party=party.id, organization=found, valid_from=by.on)
    _event(case, "involve", by, at)
    audit.record("involve", "case", str(case.subject.uid), by=by, at=at)


@transaction.atomic
def join(*, uid: str, party: str, organization: str | None = None, by: Actor, at: datetime) -> None:
    """The leading party asks another body to work on the case."""
    case = _locked(uid, by)
    require(leads(by, case))
    _open_only(case)
    declared = kind_of(case).party(party)
    if declared is None:
        raise BadInput("没有这个责任方 / there is no such party")
    routing = Routing(chosen={party: organization} if organization else {})
    body = _organization(case, declared, routing, by.on)
    if body is None:
        raise BadInput("请选择单位 / choose the body")
    if models.Shield.objects.filter(case_id=case.pk, organization=body).exists():
        raise BadInput("该单位须回避，不能参与本案 / this body must be kept out of the case")
    models.Party.objects.get_or_create(
        case_id=case.pk, party=party, organization=body, valid_to=None, defaults={"valid_from": by.on}
    )
    _event(case, "join", by, at, party)
    audit.record("join-case", "case", str(case.subject.uid), by=by, at=at, detail={"party": party})


@transaction.atomic
def not_needed(*, uid: str, party: str, reason: str, by: Actor, at: datetime) -> None:
    """The leading party records that a body need not act, and why. It no longer sees the case."""
    case = _locked(uid, by)
    kind = kind_of(case)
    require(leads(by, case))
    _open_only(case)
    if not reason.strip():
        raise BadInput("请写明为什么不需要该单位参与 / say why this body is not needed")
    if party == kind.lead:
        raise BadInput("牵头单位不能免除 / the leading body cannot be left out")
    rows = models.Party.objects.filter(case_id=case.pk, party=party, valid_to__isnull=True, needed=True)
    if not rows.exists():
        raise BadInput("该单位不在本案中 / this body is not in the case")
    rows.update(needed=False, reason=reason.strip()[:400])
    _event(case, "not_needed", by, at, party)
    audit.record("not-needed", "case", str(case.subject.uid), by=by, at=at, detail={"party": party})


@transaction.atomic
def shield(*, uid: str, by: Actor, at: datetime, organization: str = "", user_id: int | None = None) -> None:
    """Someone must not learn of the case: the accused, or the body the accused works in. It leaves the case."""
    case = _locked(uid, by)
    require(leads(by, case))
    if bool(organization) == (user_id is not None):
        raise BadInput("请写明须回避的单位或人员（二者之一） / name a body or a person to be kept out")
    models.Shield.objects.create(case_id=case.pk, organization=organization, user_id=user_id)
    audit.record("shield", "case", str(case.subject.uid), by=by, at=at)


def note_record(*, case_id: int, record_uid: UUID, party: str, by: Actor, at: datetime) -> None:
    """A record was entered in the case by a party. Called by `records` in the same transaction."""
    case = models.Case.objects.get(pk=case_id)
    _event(case, "record", by, at, party, record_uid=record_uid)


def acting_party(by: Actor, case_id: int, form: str) -> tuple[str, str]:
    """(party, organization) under which this person enters a form; empty for the installation."""
    case = models.Case.objects.get(pk=case_id)
    for party, organization in mandates(by, case):
        if form in party.does:
            return party.id, organization
    return "", ""


# --- ending, reopening, sealing -----------------------------------------------------------------------------


@transaction.atomic
def close(*, case_id: int, on: date, by: Actor, at: datetime) -> str:
    """End the case, and seal it where its kind is sealed. The state it is in then. The caller checked the closing."""
    case = models.Case.objects.select_for_update().select_related("subject").get(pk=case_id)
    sealed = kind_of(case).seal is not None
    verb = "seal" if sealed else "close"
    case.state = states.next_state(verb, case.state)
    case.closed_on, case.closed_at = on, at
    case.save(update_fields=["state", "closed_on", "closed_at"])
    _event(case, verb, by, at)
    audit.record(f"{verb}-case", "case", str(case.subject.uid), by=by, at=at)
    return case.state


@transaction.atomic
def reopen(*, case_id: int, why: str, by: Actor, at: datetime) -> None:
    """The harm came again: the same case, the same parties, the clocks from today."""
    case = models.Case.objects.select_for_update().select_related("subject").get(pk=case_id)
    case.state = states.next_state("reopen", case.state)
    case.closed_on = case.closed_at = None
    case.reopened_on, case.reopened_at = by.on, at
    case.save(update_fields=["state", "closed_on", "closed_at", "reopened_on", "reopened_at"])
    _event(case, "reopen", by, at, note=why)
    audit.record("reopen-case", "case", str(case.subject.uid), by=by, at=at)


@transaction.atomic
def open_seal(*, number: str, reason: str, by: Actor, at: datetime) -> str:
    """One of a sealed case's list opens it by its whole number: a reason, two hours, a review. The uid."""
    case = models.Case.objects.filter(number=number.strip().upper()).select_related("subject").first()
    if case is None or not may_open_seal(by, case):
        raise NotAllowed("no such case")
    if len(reason.strip()) < 10:
        raise BadInput(
            "请写明查阅理由和依据（不少于10个字），查阅后将由他人复核 / say why, and on what basis: it will be reviewed"
        )
    closes = at + timedelta(hours=SEAL_HOURS)
    models.Opening.objects.create(
        case_id=case.pk, user_id=by.user_id, reason=reason.strip()[:400], opened_at=at, closes_at=closes
    )
    audit.record("open-seal", "case", str(case.subject.uid), by=by, at=at, detail={"hours": SEAL_HOURS})
    return str(case.subject.uid)


@transaction.atomic
def review_opening(*, opening: int, justified: bool, by: Actor, at: datetime) -> None:
    """A second person of the list says whether a seal was rightly opened."""
    found = (
        models.Opening.objects.select_for_update(of=("self",))
        .select_related("case__case")
        .filter(pk=opening, reviewed_at__isnull=True)
        .first()
    )
    if found is None or not reviews_seals(by, found.case.case):
        raise NotAllowed("no such opening")
    require(found.user_id != by.user_id, "nobody reviews their own")
    found.justified, found.reviewed_at, found.reviewed_by_id = justified, at, by.user_id
    found.save()
    audit.record("review-seal", "case", str(found.case.uid), by=by, at=at, detail={"justified": justified})


def open_reporter(*, number: str, order: str, by: Actor, at: datetime) -> dict[str, Any]:
    """The reporter's identity on a written order, at the installation itself: no account of the site can.

    For the supervision that protects a reporter or asks a malicious one; the order's number is audited.
    """
    require(by.is_system, "the reporter is opened at the installation only")
    if not order.strip():
        raise BadInput("name the written order")
    found = models.Reporter.objects.select_related("case").filter(case__case__number=number).first()
    if found is None:
        raise NotAllowed("no such case")
    audit.record("open-reporter", "case", str(found.case.uid), by=by, at=at, detail={"order": order.strip()})
    return vault.unseal(found.sealed, found.case.uid.hex)


@transaction.atomic
def set_identity(*, uid: str, identity: Mapping[str, Any], by: Actor, at: datetime) -> None:
    """The leading party enters under which identity the child goes on; nobody reads it before the case ends."""
    case = _locked(uid, by)
    require(leads(by, case))
    _open_only(case)
    if kind_of(case).identity is None:
        raise BadInput("这类个案不变更身份 / no identity changes with this kind of case")
    if not str(identity.get("name") or "").strip() or not identity.get("place"):
        raise BadInput("请填写新的姓名和住址 / enter the new name and the home")
    sealed = vault.seal(identity, case.subject.uid.hex)
    models.Identity.objects.update_or_create(case_id=case.pk, defaults={"sealed": sealed, "applied_at": None})
    audit.record("set-identity", "case", str(case.subject.uid), by=by, at=at)


def identity_of(case_id: int) -> dict[str, Any] | None:
    """What was entered, for `records` in the transaction that ends the case."""
    found = models.Identity.objects.filter(case_id=case_id).select_related("case").first()
    return vault.unseal(found.sealed, found.case.uid.hex) if found else None


def keep_identity(*, case_id: int, content: Mapping[str, Any], at: datetime) -> None:
    """Both identities are under the seal from now on."""
    found = models.Identity.objects.select_related("case").get(case_id=case_id)
    found.sealed, found.applied_at = vault.seal(content, found.case.uid.hex), at
    found.save(update_fields=["sealed", "applied_at"])


def sealed_identity(number: str, kind: str, by: Actor) -> tuple[int, dict[str, Any]]:
    """(case, content) of a sealed case somebody of its list names by its whole number, while it can be undone."""
    case = (
        models.Case.objects.select_related("subject").filter(number=number.strip().upper(), kind=kind).first()
    )
    found = (
        models.Identity.objects.filter(case_id=case.pk, applied_at__isnull=False).first() if case else None
    )
    content = vault.unseal(found.sealed, case.subject.uid.hex) if case and found else {}
    if case is None or not content or "undone_on" in content or not (by.is_system or may_open_seal(by, case)):
        raise BadInput(
            "没有这个编号的、可以撤销的封存个案，请核对编号 / no sealed case of this number can be undone: check the number"
        )
    return case.pk, content


def child_of(case_id: int) -> int | None:
    """The one child a case is about, if it is about one."""
    found = list(models.Involved.objects.filter(case_id=case_id).values_list("child_id", flat=True)[:2])
    return found[0] if len(found) == 1 else None


def point_to(gone: int, kept: int) -> list[int]:
    """Cases about a child that was registered twice are about the one that stays; the rows that were changed."""
    already = models.Involved.objects.filter(child_id=kept).values("case_id")
    rows = models.Involved.objects.filter(child_id=gone).exclude(case_id__in=already)
    changed = list(rows.values_list("pk", flat=True))
    models.Involved.objects.filter(pk__in=changed).update(child_id=kept)
    return changed


def point_back(rows: Sequence[int], child: int) -> None:
    models.Involved.objects.filter(pk__in=rows).update(child_id=child)


def _open_only(case: models.Case) -> None:
    if case.state != states.OPEN:
        raise states.CaseNotPossibleNow(case.state)


def _event(
    case: models.Case, verb: str, by: Actor, at: datetime, party: str = "", record_uid: UUID | None = None,
    note: str = "",
) -> None:  # fmt: skip
    models.Event.objects.create(
        case_id=case.pk, verb=verb, party=party, record_uid=record_uid, by_id=by.user_id, at=at, note=note
    )
