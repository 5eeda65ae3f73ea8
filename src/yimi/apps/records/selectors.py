"""Reading records: one subject's, as far as the actor may see, and what waits for a second person."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor
from yimi.apps.accounts.selectors import names_of_ids, open_on
from yimi.apps.audit.actions import Event, listed
from yimi.apps.cases import permissions as cases
from yimi.apps.evidence import selectors as evidence
from yimi.apps.evidence.selectors import Chip, Opened
from yimi.apps.prepared import in_parts, prepared
from yimi.apps.records.models import Record, Verification
from yimi.apps.records.permissions import is_own, may_enter, may_verify
from yimi.apps.register.models import Status, Subject
from yimi.apps.register.permissions import closeness, sensitivities_for, visible, visible_among
from yimi.lib.errors import NotAllowed
from yimi.pack.schema import Form


@dataclass(frozen=True)
class Line:
    """A record on a timeline. `standing`: in_force, corrected, voided, rejected, waiting (for a second person)."""

    seq: int
    record_uid: str
    form: str
    kind: str
    occurred_on: date
    received_at: datetime
    answers: dict[str, Any]
    place: str | None
    organization: str | None
    by: str
    supersedes: str | None
    reason: str
    standing: str
    verified_by: str
    files: tuple[Chip, ...] = ()
    only_own: bool = False  # shown because this reader entered it, not because the form is open to the reader


def timeline(actor: Actor, subject_id: int, *, at: datetime, all_versions: bool = True) -> list[Line]:
    """All records of a child whose forms are within the actor's reading, and the actor's own entries, oldest first.

    The caller has read the child's file (`register.selectors.child`), which is what the audit notes.
    """
    near = closeness(actor, subject_id, at)
    allowed = sensitivities_for(actor, near)
    if not allowed:
        raise NotAllowed("no such child")
    forms = active.pack().forms
    found = [each for each in _of_child(subject_id) if each.form in forms]
    open_ones = {each.seq for each in found if forms[each.form].sensitivity in allowed}
    own_ones = {each.seq for each in found if is_own(actor, each, forms[each.form], near)}
    lines = _lines(each for each in found if each.seq in open_ones | own_ones)
    own = [
        replace(each, only_own=each.seq not in open_ones)
        if each.seq in own_ones
        else _without_stricter(each, forms[each.form], allowed)
        for each in lines
    ]
    return own if all_versions else [each for each in own if each.standing in ("in_force", "waiting")]


def _of_child(subject_id: int) -> list[Record]:
    return _records_of(subject_id)


@prepared
def _records_of(subject: int) -> QuerySet[Record]:
    return Record.objects.filter(subject_id=subject).select_related("subject").order_by("occurred_on", "seq")


@prepared
def _verdicts_on(seqs: list[int]) -> QuerySet[Verification]:
    return Verification.objects.filter(record_id__in=seqs).order_by("pk")


@prepared
def _later_than(uids: list[UUID]) -> QuerySet[Record, tuple[UUID | None, str]]:
    return Record.objects.filter(supersedes__in=uids).order_by("seq").values_list("supersedes", "kind")


@prepared
def _subject(uid: UUID) -> QuerySet[Subject]:
    return Subject.objects.filter(uid=uid)


def of_subject(actor: Actor, subject_id: int, kind: str, allowed: Collection[str]) -> list[Line]:
    """The records of a facility, person or organization whose forms are within the reading, oldest first.

    The caller has read it (`register.subjects.subject`), which says how much of it is open.
    """
    forms = active.pack().forms
    found = [each for each in _of_child(subject_id) if each.form in forms]
    open_ones = {each.seq for each in found if forms[each.form].sensitivity in allowed}
    own_ones = {each.seq for each in found if is_own(actor, each, forms[each.form])}
    lines = _lines(each for each in found if each.seq in open_ones | own_ones)
    return [
        replace(each, only_own=each.seq not in open_ones)
        if each.seq in own_ones
        else _without_stricter(each, forms[each.form], set(allowed))
        for each in lines
    ]


@dataclass(frozen=True)
class Named:
    """A child with an open status of which a record names a person: a pairing, for example."""

    child_id: int
    scheme: str
    since: date
    review_due: date | None


def naming(person_uid: str, on: date) -> list[Named]:
    """Children for whom this person stands now, by the latest record that names somebody. Ids only: the caller asks the register for those within reach."""
    pack = active.pack()
    fields = {
        form.id: field.id for form in pack.forms.values() if form.subject == "child" and form.decides
        for field in form.fields if field.type == "person"
    }  # fmt: skip
    schemes = {each.scheme for form in fields for each in pack.forms[form].decides}
    entries = {each.subject_id: each for each in Status.objects.filter(open_on(on), scheme__in=schemes)}
    latest: dict[int, str] = {}
    subjects = list(entries)
    for start in range(0, len(subjects), 500):
        about = Record.objects.filter(subject_id__in=subjects[start : start + 500], form__in=fields)
        rows = list(about.exclude(kind="void").order_by("occurred_on", "seq"))
        replaced = set(about.filter(supersedes__isnull=False).values_list("supersedes", flat=True))
        latest |= {
            each.subject_id: str(each.answers[fields[each.form]])
            for each in rows
            if each.record_uid not in replaced and fields[each.form] in each.answers
        }
    return [
        Named(child, entries[child].scheme, entries[child].valid_from, entries[child].review_due)
        for child, person in latest.items()
        if person == person_uid
    ]


def in_force(form: str, on: date) -> QuerySet[Record]:
    """The records of a form up to a day that no later one corrects or takes back, of everybody.

    The caller says whose, and shows no more than the reader may see.
    """
    later = Record.objects.filter(supersedes=OuterRef("record_uid"))
    return Record.objects.filter(~Exists(later), form=form, occurred_on__lte=on).exclude(kind="void")


def of_case(case_id: int, forms: Collection[str]) -> list[Line]:
    """The records of a case that are of these forms, oldest first. The caller has read the case with its selector."""
    found = Record.objects.filter(subject_id=case_id, form__in=list(forms)).order_by("occurred_on", "seq")
    return _lines(found)


def may_verify_record(actor: Actor, record_uid: str) -> bool:
    """Is it this person's to verify a record that waits? The caller has read it."""
    found = Record.objects.select_related("subject").filter(record_uid=UUID(record_uid)).first()
    return found is not None and may_verify(actor, found)


def arrivals(seqs: Iterable[int]) -> dict[int, datetime]:
    """When each of these records came in, by its number."""
    return dict(Record.objects.filter(seq__in=list(seqs)).values_list("seq", "received_at"))


def _without_stricter(line: Line, form: Form, allowed: set[str]) -> Line:
    """Leave out the answers to fields that are stricter than their form."""
    closed = {each.id for each in form.fields if each.sensitivity and each.sensitivity not in allowed}
    if not closed:
        return line
    kept = {name: value for name, value in line.answers.items() if name not in closed}
    return replace(line, answers=kept, files=tuple(each for each in line.files if each.field not in closed))


def _lines(records: Iterable[Record]) -> list[Line]:
    rows = list(records)
    seqs = [each.seq for each in rows]
    verdicts: dict[int, Verification] = {}
    for part in in_parts(seqs):
        for one in _verdicts_on(part):
            verdicts[one.record_id] = one
    followed: dict[UUID, str] = {}
    uids = [each.record_uid for each in rows]
    for part in in_parts(uids):
        followed.update({old: kind for old, kind in _later_than(part) if old})
    people = names_of_ids([*(r.by_id for r in rows), *(v.by_id for v in verdicts.values())])
    forms = active.pack().forms
    files = evidence.attached("record", uids)
    return [
        Line(
            each.seq, str(each.record_uid), each.form, each.kind, each.occurred_on, each.received_at, each.answers,
            each.place_id, each.organization_id, people.get(each.by_id or 0, ""),
            str(each.supersedes) if each.supersedes else None, each.reason,
            _standing(each, followed.get(each.record_uid), verdicts.get(each.seq), forms.get(each.form)),
            people.get(verdicts[each.seq].by_id or 0, "") if each.seq in verdicts else "",
            tuple(files.get(str(each.record_uid), ())),
        )
        for each in rows
    ]  # fmt: skip


def _standing(record: Record, later: str | None, verdict: Verification | None, form: Form | None) -> str:
    if record.kind == "void":
        return "void"
    if later is not None:
        return "voided" if later == "void" else "corrected"
    if verdict is not None and verdict.outcome == "rejected":
        return "rejected"
    if form is not None and form.second_person and verdict is None:
        return "waiting"
    return "in_force"


def one(actor: Actor, record_uid: str, *, at: datetime) -> Line:
    """One record, for correcting or verifying it."""
    try:
        found = Record.objects.select_related("subject").filter(record_uid=UUID(str(record_uid))).first()
    except ValueError:
        found = None
    form = active.pack().forms.get(found.form) if found else None
    if found is None or form is None or not _may_see(actor, found, form, at):
        raise NotAllowed("no such record")
    actor.reads.append(Event("read", "record", str(found.record_uid), {"subject": str(found.subject.uid)}))
    line = _lines([found])[0]
    return line if is_own(actor, found, form) else _without_stricter(line, form, _reading(actor, found, at))


def open_evidence(actor: Actor, uid: str, *, at: datetime) -> Opened:
    """A file for whoever may read one of the records it is attached to, the field itself included."""
    for kind, record_uid, field in evidence.owners(uid):
        if kind != "record":
            continue
        found = Record.objects.select_related("subject").filter(record_uid=record_uid).first()
        form = active.pack().forms.get(found.form) if found else None
        if found is None or form is None or not _may_see(actor, found, form, at):
            continue
        stricter = next((each.sensitivity for each in form.fields if each.id == field), None)
        if stricter is None or is_own(actor, found, form) or stricter in _reading(actor, found, at):
            detail = {"record": str(record_uid), "subject": str(found.subject.uid)}
            actor.reads.append(Event("read", "evidence", str(uid), detail))
            return evidence.opened(uid)
    raise NotAllowed("no such file")


def subject_of(actor: Actor, record_uid: str) -> str:
    """The uid of the subject of a record; the caller has read the record with `one`."""
    found = (
        Record.objects.filter(record_uid=UUID(str(record_uid))).values_list("subject__uid", flat=True).first()
    )
    if found is None:
        raise NotAllowed("no such record")
    return str(found)


def _reading(actor: Actor, record: Record, at: datetime) -> set[str]:
    if record.subject.kind == "child":
        return sensitivities_for(actor, closeness(actor, record.subject_id, at))
    if record.subject.kind == "case":
        return {"basic", "health", "welfare", "protection", "justice"}  # a party reads its forms whole
    return {s for each in actor.grants for s in each.role.reads} | {"basic"}


def _may_see(actor: Actor, record: Record, form: Form, at: datetime) -> bool:
    if record.subject.kind == "child":
        within = visible_among(actor, [record.subject_id], form.sensitivity, at=at).exists()
        return within or is_own(actor, record, form)
    if record.subject.kind == "case":
        return actor.is_system or cases.may_read_form(actor, form.id, record.subject_id, at)
    return actor.is_system or may_enter(actor, form, record.subject) or may_verify(actor, record)


def forms_for(actor: Actor, subject_uid: str) -> list[Form]:
    """The forms this person may enter for this subject, in the pack's order."""
    try:
        subject = next(iter(_subject(UUID(str(subject_uid)))), None)
    except ValueError:
        subject = None
    if subject is None:
        raise NotAllowed("no such subject")
    pack = active.pack()
    near = closeness(actor, subject.pk) if subject.kind == "child" else None
    return [
        form
        for form in pack.forms.values()
        if form.subject == subject.kind and actor.records(form.id) and may_enter(actor, form, subject, near)
    ]


def waiting(actor: Actor, limit: int = 50) -> list[tuple[str, Line]]:
    """(subject uid, record): what waits for this person's verification, oldest first."""
    if not actor.verifies:
        return []
    forms = [form for form in active.pack().forms.values() if form.second_person]
    shown: list[Record] = []
    for form in forms:
        query = Record.objects.filter(form=form.id, verifications__isnull=True).exclude(kind="void")
        query = query.filter(subject_id__in=visible(actor, form.sensitivity).values("pk")).exclude(
            by_id=actor.user_id
        )
        shown.extend(query.select_related("subject").order_by("seq")[:limit])
    shown.sort(key=lambda each: each.seq)
    uids = {each.seq: str(each.subject.uid) for each in shown}
    if uids:
        actor.reads.append(listed("list", "child", uids.values(), waiting=True))
    lines = [each for each in _lines(shown[:limit]) if each.standing == "waiting"]
    return [(uids[each.seq], each) for each in lines]
