"""Entering, correcting, taking back and verifying records. Nothing is overwritten: each is a new row.

A form that decides (`decides` in the pack) opens and closes statuses in the same transaction; where the form
wants a second person, in the transaction of the verification.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import pyarrow as pa
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from yimi.apps import active, bulk
from yimi.apps.accounts.permissions import Actor
from yimi.apps.audit import actions as audit
from yimi.apps.cases import actions as cases
from yimi.apps.evidence import actions as evidence
from yimi.apps.evidence.pins import pinned
from yimi.apps.prepared import in_parts, prepared
from yimi.apps.records import births, consequences, gates, occupancy
from yimi.apps.records.models import Record, Verification
from yimi.apps.records.permissions import may_change, may_enter, may_enter_for, may_verify, subjects_of
from yimi.apps.register import actions as register
from yimi.apps.register import deaths
from yimi.apps.register.models import Child, ReviewItem, Subject
from yimi.apps.register.permissions import home_of
from yimi.lib.dates import add_period
from yimi.lib.errors import BadInput, NotAllowed
from yimi.pack.answers import Answers, FieldError, holds, validate_answers
from yimi.pack.schema import Form

LATER_CODES = ("verified", "rejected")
Files = Mapping[str, Sequence[str]]  # field of type evidence → uids of files staged under the record's id


class AnswersRefused(BadInput):
    """A form with errors; `errors` stand beside their fields."""

    code = "answers_refused"

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__("; ".join(f"{each.field}: {each.text.en}" for each in errors))
        self.errors = list(errors)


@dataclass(frozen=True)
class Stored:
    """`made` is False when the same request had come before: the record is the one from then."""

    seq: int
    record_uid: str
    made: bool


@dataclass(frozen=True)
class NewRecord:
    """One record of a batch, already checked by its caller against the form."""

    record_uid: UUID
    subject_id: int
    occurred_on: date
    answers: Mapping[str, Any]
    place: str | None = None


# --- entering ----------------------------------------------------------------------------------------------


@transaction.atomic
def add(
    *, form: str, subject: str, occurred_on: date, answers: Mapping[str, Any], by: Actor, at: datetime,
    record_uid: str | UUID | None = None, place: str | None = None, organization: str | None = None,
    files: Files | None = None,
) -> Stored:  # fmt: skip
    """Enter what happened. `record_uid` is the client's: the same request five times is one record."""
    declared = _form(form)
    about = _subject(subject)
    if not may_enter(by, declared, about):
        raise NotAllowed("no such subject or form")
    uid = _uuid(record_uid)
    before = _same(uid, declared, about)
    if before is not None:
        return before
    answers = _with_files(declared, answers, files or {}, uid, by)
    checked = _checked(declared, about, occurred_on, answers, at)
    _through_gates(declared, about, occurred_on, checked, by)
    if about.kind == "case":
        consequences.check_closing(about.pk, by, form)
        body = cases.acting_party(by, about.pk, form)[1]
        organization = organization or consequences.known_body(body)
    return _store(
        Record(
            record_uid=uid, subject=about, form=form, form_version=declared.version, kind="new",
            occurred_on=occurred_on, place_id=place or _home(about, occurred_on),
            organization_id=organization or _organization(by, form), by_id=by.user_id, received_at=at,
            answers=checked.as_json(),
        ),
        declared, by, at, files or {},
    )  # fmt: skip


@transaction.atomic
def correct(
    *, record_uid: str | UUID, answers: Mapping[str, Any], reason: str, by: Actor, at: datetime,
    occurred_on: date | None = None, new_uid: str | UUID | None = None, files: Files | None = None,
) -> Stored:  # fmt: skip
    """Put a record right by a new one that takes its place. Two corrections of one record: both stay, one review.

    `files` may name files of the record that is corrected: the new one keeps them.
    """
    old, declared = _to_change(record_uid, by)
    uid = _uuid(new_uid)
    before = _same(uid, declared, old.subject)
    if before is not None:
        return before
    _want_reason(reason)
    if Record.objects.filter(supersedes=old.record_uid, kind="void").exists():
        raise BadInput("this record was taken back: enter a new one instead of correcting it")
    day = occurred_on or old.occurred_on
    answers = _with_files(declared, answers, files or {}, uid, by, old)
    checked = _checked(declared, old.subject, day, answers, at)
    _through_gates(declared, old.subject, day, checked, by, but=old.record_uid)
    twice = Record.objects.filter(supersedes=old.record_uid).exists()
    new = Record(
        record_uid=uid, subject=old.subject, form=old.form, form_version=declared.version, kind="correction",
        occurred_on=day, place_id=old.place_id, organization_id=old.organization_id, by_id=by.user_id,
        received_at=at, answers=checked.as_json(), supersedes=old.record_uid, reason=reason.strip(),
    )  # fmt: skip
    stands = not twice and _still_decided(old, new, declared)
    _undo(old, declared, by, at, decided=not stands)
    if stands:
        register.rest_on(record_uid=old.record_uid, instead=uid)
    stored = _store(new, declared, by, at, files or {}, decides=not stands)
    if twice:
        ReviewItem.objects.get_or_create(
            kind="two_corrections", subject=old.subject, record_uid=old.record_uid, closed_at=None,
            defaults={"why": "corrected_twice", "opened_at": at},
        )  # fmt: skip
    return stored


@transaction.atomic
def void(
    *, record_uid: str | UUID, reason: str, by: Actor, at: datetime, new_uid: str | UUID | None = None
) -> Stored:
    """Take a record back: it never happened. What it decided is undone with it."""
    old, declared = _to_change(record_uid, by)
    uid = _uuid(new_uid)
    before = _same(uid, declared, old.subject)
    if before is not None:
        return before
    _want_reason(reason)
    later = Record.objects.filter(supersedes=old.record_uid).order_by("-seq").first()
    if later is not None and later.kind == "void":
        return Stored(later.seq, str(later.record_uid), False)
    if later is not None:
        raise BadInput("this record has been corrected since: take the correction back instead")
    _undo(old, declared, by, at)
    return _store(
        Record(
            record_uid=uid, subject=old.subject, form=old.form, form_version=old.form_version, kind="void",
            occurred_on=old.occurred_on, place_id=old.place_id, organization_id=old.organization_id,
            by_id=by.user_id, received_at=at, answers={}, supersedes=old.record_uid, reason=reason.strip(),
        ),
        declared, by, at,
    )  # fmt: skip


@transaction.atomic
def verify(*, record_uid: str | UUID, outcome: str, by: Actor, at: datetime, note: str = "") -> None:
    """A second person says whether a record is right. A rejected one no longer counts."""
    if outcome not in LATER_CODES:
        raise BadInput("a record is verified or rejected")
    found = Record.objects.select_related("subject").filter(record_uid=_known_uuid(record_uid)).first()
    if found is None or found.kind == "void" or not may_verify(by, found):
        raise NotAllowed("no such record")
    declared = _form(found.form)
    before = found.verdict
    if before == outcome:
        return
    Verification.objects.create(record=found, outcome=outcome, by_id=by.user_id, at=at, note=note.strip())
    audit.record("verify", "record", str(found.record_uid), by=by, at=at, detail={"outcome": outcome})
    superseded = Record.objects.filter(supersedes=found.record_uid).exists()
    if not superseded and (outcome == "rejected" or before == "rejected"):
        births.judged(found, declared, outcome, by, at)
    if declared.decides and not superseded:
        if outcome == "rejected":
            register.undo_statuses(record_uid=found.record_uid, by=by, at=at)
        elif declared.second_person or before == "rejected":
            _decide(found, declared, by, at)
    if outcome == "verified" and not superseded:
        consequences.after_verified(found, by, at)


# --- many at once -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Many:
    stored: int
    repeated: int


PART = 5_000  # rows that are written at once


def add_many(
    *, form: str, rows: Sequence[NewRecord], by: Actor, at: datetime, organization: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Many:  # fmt: skip
    """All or nothing: rows whose record_uid is known are left alone. One audit entry with a digest of the ids."""
    declared = _form(form)
    with transaction.atomic():
        known = known_uids([each.record_uid for each in rows])
        fresh = list({each.record_uid: each for each in rows if each.record_uid not in known}.values())
        about = {each.subject_id for each in fresh}
        if not about <= may_enter_for(by, declared, about):
            raise NotAllowed("a row is about somebody out of reach")
        _all_through_gates(declared, fresh, by)
        homes = home_of(about, by.on)
        body = organization or _organization(by, form)
        for start in range(0, len(fresh), PART):
            part = fresh[start : start + PART]
            bulk.insert(Record, _as_table(part, declared, homes, body, by, at), few=True)
            if progress:
                progress(start + len(part), len(fresh))
        if (declared.decides and not declared.second_person) or declared.dies or declared.bears:
            for each in _arrived(fresh):
                if declared.decides and not declared.second_person:
                    _decide(each, declared, by, at)
                if declared.dies:
                    deaths.record_death(subject_id=each.subject_id, on=each.occurred_on, by=by, at=at)
                births.follow(each, declared, by, at)
        digest = sha256("".join(sorted(each.record_uid.hex for each in fresh)).encode()).hexdigest()
        detail = {"form": form, "rows": len(fresh), "repeated": len(rows) - len(fresh), "ids": digest}
        audit.record("add-many", "record", "", by=by, at=at, detail=detail)
    return Many(len(fresh), len(rows) - len(fresh))


def _all_through_gates(form: Form, rows: Sequence[NewRecord], by: Actor) -> None:
    if not (form.requires or form.frees or any(each.type == "person" for each in form.fields)):
        return
    about: dict[int, Subject] = {}
    for part in in_parts(sorted({each.subject_id for each in rows})):
        about |= {each.pk: each for each in subjects_of(part)}
    for row in rows:
        checked = validate_answers(form, row.answers, active.pack())
        _through_gates(form, about[row.subject_id], row.occurred_on, checked, by)


def _as_table(
    rows: Sequence[NewRecord], form: Form, homes: Mapping[int, str], body: str | None, by: Actor, at: datetime
) -> pa.Table:
    """New records as columns: past the models, they take a third of the time."""

    def same(value: Any, kind: pa.DataType) -> pa.Array:
        return bulk.constant(value, len(rows), kind)

    text, number = pa.string(), pa.int64()
    columns = {
        "record_uid": pa.array([each.record_uid.hex for each in rows], text),
        "subject_id": pa.array([each.subject_id for each in rows], number),
        "form": same(form.id, text), "form_version": same(form.version, number), "kind": same("new", text),
        "occurred_on": pa.array([each.occurred_on for each in rows], pa.date32()),
        "place_id": pa.array([each.place or homes.get(each.subject_id) for each in rows], text),
        "organization_id": same(body, text), "by_id": same(by.user_id, number),
        "received_at": bulk.moments(at, len(rows)),
        "answers": pa.array([json.dumps(dict(each.answers)) for each in rows], text),
        "reason": same("", text),
    }  # fmt: skip
    return pa.table(columns)


def _arrived(rows: Sequence[NewRecord]) -> list[Record]:
    """The stored records, in order of arrival."""
    found: list[Record] = []
    for start in range(0, len(rows), 500):
        uids = [each.record_uid for each in rows[start : start + 500]]
        found.extend(Record.objects.filter(record_uid__in=uids).order_by("seq"))
    return found


def known_uids(uids: Sequence[UUID]) -> set[UUID]:
    """Those of which there is a record, whatever became of it."""
    return {uid for part in in_parts(list(uids)) for (uid,) in _among(part)}


@prepared
def _among(uids: list[UUID]) -> QuerySet[Record, tuple[UUID]]:
    return Record.objects.filter(record_uid__in=uids).values_list("record_uid")


# --- the parts ----------------------------------------------------------------------------------------------


def _form(form: str) -> Form:
    found = active.pack().forms.get(form)
    if found is None:
        raise NotAllowed("no such form")
    return found


def _uuid(given: str | UUID | None) -> UUID:
    if given is None:
        return uuid4()
    try:
        return given if isinstance(given, UUID) else UUID(str(given))
    except ValueError:
        raise BadInput("the record's id is not a UUID: reload the form and send it again") from None


def _known_uuid(given: str | UUID) -> UUID:
    try:
        return given if isinstance(given, UUID) else UUID(str(given))
    except ValueError:
        raise NotAllowed("no such record") from None


def _subject(uid: str) -> Subject:
    found = Subject.objects.filter(uid=_known_uuid(uid)).first()
    if found is None:
        raise NotAllowed("no such subject")
    return found


def _same(uid: UUID, form: Form, subject: Subject) -> Stored | None:
    """The record this request made when it came first; a stolen or mistaken id is refused."""
    before = Record.objects.filter(record_uid=uid).first()
    if before is None:
        return None
    if before.form != form.id or before.subject_id != subject.pk:
        raise BadInput("this record id is taken by another record: reload the form and send it again")
    return Stored(before.seq, str(before.record_uid), False)


def _to_change(record_uid: str | UUID, by: Actor) -> tuple[Record, Form]:
    old = Record.objects.select_related("subject").filter(record_uid=_known_uuid(record_uid)).first()
    if old is None or old.kind == "void":
        raise NotAllowed("no such record")
    declared = _form(old.form)
    if not may_change(by, declared, old):
        raise NotAllowed("no such record")
    return old, declared


def _want_reason(reason: str) -> None:
    if not reason.strip():
        raise BadInput(
            "请写明原因：更正和撤回须说明理由 / say why: a correction or withdrawal needs a reason"
        )


def _checked(
    form: Form, subject: Subject, occurred_on: date, answers: Mapping[str, Any], at: datetime
) -> Answers:
    if form.subject != subject.kind and form.subject not in ("facility", "place", "organization"):
        raise BadInput(f"the form '{form.id}' is about a {form.subject}, not a {subject.kind}")
    checked = validate_answers(form, answers, active.pack(), occurred_on)
    if checked.errors:
        raise AnswersRefused(checked.errors)
    if occurred_on > timezone.localdate(at):
        raise BadInput("日期不能晚于今天，请核对 / the date lies in the future: check it")
    if subject.kind == "child":
        born = Child.objects.filter(pk=subject.pk).values_list("birth_date", flat=True).first()
        if born is not None and occurred_on < born - timedelta(days=1):
            raise BadInput(
                "日期早于该儿童出生日期，请核对 / the date lies before the child's birth: check it"
            )
    return checked


def _through_gates(
    form: Form, subject: Subject, on: date, checked: Answers, by: Actor, but: UUID | None = None
) -> None:
    """Whom the record is about, and whom it names, must be what the form requires; a place it takes must be free."""
    gates.check_subject(form, subject, on)
    occupancy.check_free(form, subject, checked.typed, on, but)
    if form.frees and holds(form.frees, form, checked.typed):
        gates.check_free(subject, max(on, by.on))
    wrong = gates.check_named(form, checked.typed, by, on)
    if wrong:
        raise AnswersRefused(wrong)


def _with_files(
    form: Form, answers: Mapping[str, Any], files: Files, uid: UUID, by: Actor, old: Record | None = None
) -> dict[str, Any]:
    """The answers, those of evidence fields with the marks of their files and no others."""
    found = dict(answers)
    for each in form.fields:
        if each.type != "evidence":
            continue
        also_of = ("record", old.record_uid) if old else None
        own = evidence.usable(files.get(each.id, ()), batch=uid, by=by, also_of=also_of)
        found[each.id] = pinned(str(found.get(each.id) or ""), own.values())
    return found


def _home(subject: Subject, on: date) -> str | None:
    if subject.kind in ("child", "person"):
        return home_of([subject.pk], on).get(subject.pk)
    if subject.kind == "facility":
        return subject.facility.place_id
    if subject.kind == "case":
        return subject.case.place_id
    return subject.place_id


def _organization(by: Actor, form: str) -> str | None:
    """The body for which the person enters this form; a school is a facility, its records carry none."""
    mine = next((each.organization for each in by.grants if form in each.role.records), "")
    return consequences.known_body(mine)


def _store(
    record: Record, form: Form, by: Actor, at: datetime, files: Files | None = None, decides: bool = True
) -> Stored:
    try:
        with transaction.atomic():
            record.save(force_insert=True)
    except IntegrityError:
        # The same request in two processes at once: the other was first.
        before = _same(record.record_uid, form, record.subject)
        if before is None:
            raise
        return before
    detail = {"form": form.id, "kind": record.kind, "subject": str(record.subject.uid)}
    audit.record(
        "add" if record.kind == "new" else record.kind,
        "record",
        str(record.record_uid),
        by=by,
        at=at,
        detail=detail,
    )
    for name, uids in (files or {}).items():
        if uids and name in record.answers:  # a field that is not shown keeps no answer and no file
            evidence.attach(owner=("record", record.record_uid), field=name, files=uids, by=by, at=at)
    if form.decides and decides and not form.second_person and record.kind != "void":
        _decide(record, form, by, at)
    if form.leaves and record.kind == "new":
        register.move(uid=str(record.subject.uid), place=None, on=record.occurred_on, by=by, at=at)
    if form.dies and record.kind != "void":
        deaths.record_death(subject_id=record.subject_id, on=record.occurred_on, by=by, at=at)
    births.follow(record, form, by, at)
    if record.subject.kind == "case":
        party = cases.acting_party(by, record.subject_id, form.id)[0]
        cases.note_record(case_id=record.subject_id, record_uid=record.record_uid, party=party, by=by, at=at)
    elif record.kind != "void" and not form.second_person:
        typed = validate_answers(form, record.answers, active.pack(), record.occurred_on).typed
        consequences.after_entry(record, form, typed, by, at)
    return Stored(record.seq, str(record.record_uid), True)


def _undo(old: Record, form: Form, by: Actor, at: datetime, decided: bool = True) -> None:
    """What a record brought about goes with it."""
    if form.decides and decided:
        register.undo_statuses(record_uid=old.record_uid, by=by, at=at)
    if form.dies:
        deaths.undo_death(subject_id=old.subject_id, on=old.occurred_on, by=by, at=at)


def _decide(record: Record, form: Form, by: Actor, at: datetime) -> None:
    """Open, change or close the statuses this record decides."""
    for scheme, code, on, review_due in _decisions(record, form):
        if code is None:
            register.close_status(
                subject_id=record.subject_id, scheme=scheme, on=on, record_uid=record.record_uid, by=by, at=at
            )
            continue
        register.open_status(
            subject_id=record.subject_id, scheme=scheme, code=code, on=on, review_due=review_due,
            record_uid=record.record_uid, by=by, at=at, basis=form.source[:200],
        )  # fmt: skip


def _decisions(record: Record, form: Form) -> list[tuple[str, str | None, date, date | None]]:
    """What a record decides: scheme, the code it opens (None: it closes), from when, and when it is reviewed."""
    if not form.decides:
        return []
    typed = validate_answers(form, record.answers, active.pack(), record.occurred_on).typed
    said = typed.get("review_on") or typed.get("valid_until")
    found: list[tuple[str, str | None, date, date | None]] = []
    for each in form.decides:
        code = each.code or typed.get(each.code_field or "")
        if not code or (each.closes_when and holds(each.closes_when, form, typed)):
            found.append((each.scheme, None, record.occurred_on, None))
        else:
            review = _review(record.occurred_on, each.review_after, said)
            found.append((each.scheme, str(code), record.occurred_on, review))
    return found


def _still_decided(old: Record, new: Record, form: Form) -> bool:
    """Does a correction leave what was decided as it is? Then what came of the decision since stays too."""
    if form.second_person or _decisions(old, form) != _decisions(new, form):
        return False
    return old.verdict != "rejected"


def _review(on: date, after: str | None, said: Any) -> date | None:
    """The day the decision itself names (its review, or until when it holds), else the period the form sets."""
    if isinstance(said, date):
        return said
    if not after:
        return None
    count, _, unit = after.strip().partition(" ")
    return add_period(on, int(count), unit.rstrip("s"))
