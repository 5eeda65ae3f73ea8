"""What a record brings about beyond itself: a case is opened, opened again, or ended.

Called within the transaction of the record, or of its verification where the form wants a second person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor, system
from yimi.apps.audit import actions as audit
from yimi.apps.cases import actions as cases
from yimi.apps.cases.models import Case, Involved, Party
from yimi.apps.cases.permissions import mandates
from yimi.apps.cases.states import CLOSED, OPEN
from yimi.apps.records import identities
from yimi.apps.records.models import Record
from yimi.engines.surveillance import together
from yimi.lib.dates import add_period
from yimi.lib.errors import BadInput
from yimi.pack.answers import holds, validate_answers
from yimi.pack.case_kinds import CaseKind, CaseTrigger
from yimi.pack.schema import Form


def after_entry(record: Record, form: Form, typed: Mapping[str, Any], by: Actor, at: datetime) -> None:
    """A record counts from now on."""
    if form.subject == "child":
        for kind in active.pack().cases.values():
            if not _harm_again(kind, record, form, typed, at):
                _harm(kind, record, form, typed, by, at)


def _fires(triggers: list[CaseTrigger], form: Form, typed: Mapping[str, Any]) -> CaseTrigger | None:
    found = (each for each in triggers if each.form == form.id and holds(each.where, form, typed))
    return next(found, None)


def _about(kind: CaseKind, child_id: int) -> Any:
    about = Involved.objects.filter(child_id=child_id).exclude(role="harming").values("case_id")
    return Case.objects.filter(kind=kind.id, pk__in=about)


def _harm_again(kind: CaseKind, record: Record, form: Form, typed: Mapping[str, Any], at: datetime) -> bool:
    """A closed case about this child is opened again; True if there is nothing more to open."""
    trigger = _fires(kind.reopens_when, form, typed)
    if trigger is None:
        return False
    found = _about(kind, record.subject_id)
    if found.filter(state=OPEN).exists():
        return True
    count, _, unit = str(trigger.within).partition(" ")
    for each in found.filter(state=CLOSED, closed_on__lte=record.occurred_on).order_by("-closed_on"):
        if each.closed_on and record.occurred_on <= add_period(each.closed_on, int(count), unit.rstrip("s")):
            # In the name of the installation: whoever entered the card need not learn that there is a case.
            cases.reopen(case_id=each.pk, why=form.id, by=system(record.occurred_on), at=at)
            return True
    return False


def _harm(
    kind: CaseKind, record: Record, form: Form, typed: Mapping[str, Any], by: Actor, at: datetime
) -> None:
    trigger = _fires(kind.opens_when, form, typed)
    if trigger is None or _about(kind, record.subject_id).filter(state=OPEN).exists():
        return
    if _told_before(record, form, trigger):
        return  # another source tells of what has opened a case already
    place = record.place_id or active.pack().info.district or ""
    me = system(by.on)
    opened = cases.open_case(
        kind=kind.id, place=place, on=record.occurred_on, by=me, at=at,
        children=[(str(record.subject.uid), "harmed")],
    )  # fmt: skip
    write_opening(kind, opened.subject_id, dict(trigger.answers), record.occurred_on, place, me, at)


def _told_before(record: Record, form: Form, trigger: CaseTrigger) -> bool:
    """Has another record of the same event (as surveillance puts records together) opened a case already?"""
    watched = next((each for each in active.pack().surveillance.values() if each.form == form.id), None)
    if watched is None:
        return False
    days = active.pack().number_on(watched.within, record.occurred_on)
    replaced = Record.objects.filter(subject_id=record.subject_id, supersedes__isnull=False).values(
        "supersedes"
    )
    told = Record.objects.filter(subject_id=record.subject_id, form=form.id).exclude(kind="void")
    alike = [
        each
        for each in told.exclude(record_uid__in=replaced).order_by("occurred_on", "seq")
        if all(each.answers.get(name) == record.answers.get(name) for name in watched.same)
    ]
    events = together(alike, lambda each: None, lambda each: each.occurred_on, days)
    return any(
        each.seq < record.seq
        and holds(trigger.where, form, validate_answers(form, each.answers, active.pack()).typed)
        for each in next((event for event in events if record in event), ())
    )


def rejoined(kind: CaseKind, children: Sequence[tuple[str, str]], by: Actor, on: date) -> Case | None:
    """The closed case about one of these children that a new opening belongs to, if its body works on it."""
    if kind.rejoins_within is None:
        return None
    count, _, unit = kind.rejoins_within.partition(" ")
    uids = [uid for uid, role in children if role != "harming"]
    about = Involved.objects.filter(child__uid__in=uids).exclude(role="harming").values("case_id")
    found = Case.objects.filter(kind=kind.id, pk__in=about, state=CLOSED).order_by("-closed_on", "-pk")
    for each in found:
        within = each.closed_on and on <= add_period(each.closed_on, int(count), unit.rstrip("s"))
        if within and mandates(by, each):
            return each
    return None


def write_opening(
    kind: CaseKind, subject_id: int, answers: Mapping[str, Any], on: date, place: str, by: Actor, at: datetime,
    record_uid: UUID | None = None,
) -> Record:  # fmt: skip
    """The record a case begins with. Where the reporter is sealed it names nobody and no body."""
    form = active.pack().forms[kind.opened_by]
    teller = cases.anonymous(by) if kind.reporter_sealed else by
    party, organization = ("", "") if kind.reporter_sealed else cases.acting_party(by, subject_id, form.id)
    record = Record(
        record_uid=record_uid or uuid4(), subject_id=subject_id, form=form.id, form_version=form.version, kind="new",
        occurred_on=on, place_id=place, organization_id=known_body(organization), by_id=teller.user_id,
        received_at=at, answers=dict(answers),
    )  # fmt: skip
    record.save(force_insert=True)
    cases.note_record(case_id=subject_id, record_uid=record.record_uid, party=party, by=teller, at=at)
    detail = {"form": form.id, "kind": "new", "subject": str(record.subject.uid)}
    audit.record("add", "record", str(record.record_uid), by=teller, at=at, detail=detail)
    return record


def known_body(organization: str) -> str | None:
    """A school stands in the register as a facility: its records carry no organization."""
    return organization if organization in active.pack().organizations else None


# --- closing ------------------------------------------------------------------------------------------------


def is_closing(case_id: int, form: str) -> bool:
    kind = Case.objects.values_list("kind", flat=True).get(pk=case_id)
    return active.pack().cases[kind].closing.form == form


def check_closing(case_id: int, by: Actor, form: str) -> None:
    """May this closing be proposed or confirmed now? By the parties named for it, and when all have answered."""
    case = Case.objects.get(pk=case_id)
    kind = active.pack().cases[case.kind]
    if form != kind.closing.form:
        return
    missing = silent_parties(case) if kind.closing.all_answered else []
    if missing:
        names = [kind.party(each) for each in missing]
        zh = "、".join(each.name.zh for each in names if each)
        en = ", ".join(each.name.en for each in names if each)
        raise BadInput(
            f"尚不能结案：{zh}还没有反馈，也没有登记为不需要参与 / "
            f"it cannot be closed yet: {en} has neither answered nor been recorded as not needed"
        )


def silent_parties(case: Case) -> list[str]:
    """Parties that are needed and have not answered since the case runs."""
    kind = active.pack().cases[case.kind]
    since = case.reopened_on or case.opened_on
    replaced = Record.objects.filter(subject_id=case.pk, supersedes__isnull=False).values("supersedes")
    forms = set(
        Record.objects.filter(subject_id=case.pk, occurred_on__gte=since)
        .exclude(kind="void")
        .exclude(record_uid__in=replaced)
        .exclude(verifications__outcome="rejected")
        .values_list("form", flat=True)
    )
    rows = Party.objects.filter(case_id=case.pk, needed=True, valid_to__isnull=True).order_by("pk")
    found = []
    for name in dict.fromkeys(rows.values_list("party", flat=True)):
        party = kind.party(name)
        own = [form for form in party.answered_by if form != kind.closing.form] if party else []
        if own and not forms & set(own):
            found.append(name)
    return found


def after_verified(record: Record, by: Actor, at: datetime) -> None:
    """A second person confirmed the closing: the case ends, and is sealed where its kind is."""
    if record.subject.kind == "case" and is_closing(record.subject_id, record.form):
        check_closing(record.subject_id, by, record.form)
        kind = active.pack().cases[Case.objects.values_list("kind", flat=True).get(pk=record.subject_id)]
        form = active.pack().forms[record.form]
        if identities.restores(kind, form, record.answers, record.occurred_on):
            identities.restore(record.subject_id, kind, max(by.on, record.occurred_on), at)
        if identities.renews(kind, form, record.answers, record.occurred_on):
            identities.renew(record.subject_id, kind, max(by.on, record.occurred_on), at)
        cases.close(case_id=record.subject_id, on=max(by.on, record.occurred_on), by=by, at=at)
