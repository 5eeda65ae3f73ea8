"""Taking in what a phone sends, once; and settling or giving up what could not become a record.

A form is stored or held, never refused: the phone forgets what the server has. Only what nobody expected (a full
disk, a fault) is an error, and then the phone keeps the form and sends it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from yimi.apps import active
from yimi.apps.accounts.models import User
from yimi.apps.accounts.permissions import Actor, require
from yimi.apps.audit import actions as audit
from yimi.apps.audit.actions import Event
from yimi.apps.evidence import actions as evidence
from yimi.apps.field.forms import Carried, carried
from yimi.apps.field.letters import Letter, Unusable, read
from yimi.apps.field.models import Arrival
from yimi.apps.field.sealing import Unreadable, unseal
from yimi.apps.field.selectors import entered, receivers
from yimi.apps.field.two_records import note_two_records
from yimi.apps.records import actions as records
from yimi.apps.records.actions import AnswersRefused
from yimi.apps.records.case_reports import report, sender_of
from yimi.apps.register import selectors as register
from yimi.apps.register.models import Subject
from yimi.lib.errors import BadInput, NotAllowed, UserError

Why = dict[str, Any]


@dataclass(frozen=True)
class Outcome:
    """`outcome`: stored, repeated or held. `why`: of what is held, its code."""

    uid: str
    outcome: str
    why: str = ""


def take_in(*, uid: UUID, key: str, sealed: bytes, by: Actor, at: datetime) -> Outcome:
    """Store what a phone sent, or hold it. The same any number of times, at once or later, is one record.

    Not inside a transaction of the caller: photos are on the disk before the record that names them.
    """
    require(by.user_id is not None, "forms of a phone are sent by people")
    known = _again(uid)
    if known is not None:
        return known
    try:
        return _open_and_store(uid, key, sealed, by, at)
    except IntegrityError:
        # The same request in two processes at once: the other was first.
        known = _again(uid)
        if known is None:
            raise
        return known


def _open_and_store(uid: UUID, key: str, sealed: bytes, by: Actor, at: datetime) -> Outcome:
    letter: Letter | None = None
    try:
        letter = read(unseal(sealed, str(uid), key))
        _check_for(letter, uid, by)
        made = _store(letter, uid, key, by, at)
    except Unreadable:
        why: Why = {"code": "unreadable"}
    except Unusable as error:
        why = {"code": error.code}
    except NotAllowed:
        why = {"code": "out_of_reach"}
    except AnswersRefused as error:
        why = {"code": "refused", "fields": list(dict.fromkeys(each.field for each in error.errors))}
    except UserError as error:
        why = {"code": "not_taken", "says": str(error)[:400]}
    else:
        return Outcome(str(uid), "stored" if made else "repeated")
    return _hold(uid, key, sealed, letter, why, by, at)


def _again(uid: UUID) -> Outcome | None:
    found = Arrival.objects.filter(uid=uid).values_list("state", "why").first()
    if found is None:
        return None
    state, why = found
    if state in ("held", "given_up"):
        return Outcome(str(uid), "held", why.get("code", ""))
    return Outcome(str(uid), "repeated")


def _check_for(letter: Letter, uid: UUID, by: Actor) -> None:
    """Is it what it says it is, from whom it says, on a form of today?"""
    if letter.uid != uid:
        raise Unusable("unreadable")
    if letter.person != by.uid:
        raise Unusable("other_person")
    form = active.pack().forms.get(letter.form)
    if form is None or form.id not in carried(active.pack()):
        raise Unusable("unknown_form")
    if form.version != letter.version:
        raise Unusable("form_changed")
    if letter.occurred_on is None:
        raise Unusable("bad_date")


def _store(letter: Letter, uid: UUID, key: str, by: Actor, at: datetime) -> bool:
    """The record, and that it arrived, together. Was it made by this very request?"""
    each = carried(active.pack())[letter.form]
    files = stage(letter, by, at) if each.opens is None else {}
    subject = _subject(letter)
    with transaction.atomic():
        if subject is not None:  # one form about a child at a time: each sees what the other stored
            Subject.objects.select_for_update(no_key=True).get(pk=subject.pk)
        made = _report(each, letter, by, at) if each.opens else _add(letter, files, by, at)
        Arrival.objects.create(
            uid=uid, person_id=by.user_id, form=letter.form, form_version=letter.version,
            subject=subject, received_at=at, made_at=letter.made_at, state="stored", key=key,
        )  # fmt: skip
        if made and each.opens is None:
            note_two_records(record_uid=uid, at=at)
    return made


def _add(letter: Letter, files: Mapping[str, list[str]], by: Actor, at: datetime) -> bool:
    assert letter.occurred_on is not None
    return records.add(
        form=letter.form, subject=letter.subject, occurred_on=letter.occurred_on, answers=letter.answers, by=by, at=at,
        record_uid=letter.uid, files=files,
    ).made  # fmt: skip


def _report(each: Carried, letter: Letter, by: Actor, at: datetime) -> bool:
    """A case: about a child within reach, to a body in which somebody receives."""
    assert each.opens is not None and letter.occurred_on is not None
    if letter.form not in entered(by):
        raise NotAllowed("no such kind of case")
    if letter.subject not in register.reachable(by, [letter.subject]):
        raise NotAllowed("no such child")
    allowed = receivers(each.opens, by.on)
    chosen = {party: letter.chosen.get(party, "") for party in allowed}
    if any(chosen[party] not in bodies for party, bodies in allowed.items()):
        raise BadInput("请选择接收单位 / choose who is to receive it")
    return report(
        kind=each.opens.id, answers=letter.answers, occurred_on=letter.occurred_on, place=by.grants[0].place,
        by=by, at=at, record_uid=letter.uid, children=[(letter.subject, "concerned")], routing=sender_of(by, each.opens, chosen),
    ).made  # fmt: skip


def stage(letter: Letter, by: Actor, at: datetime) -> dict[str, list[str]]:
    """The photos of a form as files that wait for its record: field → uids. Once is as good as twice."""
    declared = {each.id for each in active.pack().forms[letter.form].fields if each.type == "evidence"}
    if not letter.files.keys() <= declared:
        raise Unusable("unreadable")
    return {
        field: [
            evidence.stage(batch=letter.uid, field=field, name=name, content=content, by=by, at=at)
            for name, content in given
        ]
        for field, given in letter.files.items()
    }


def _subject(letter: Letter) -> Subject | None:
    try:
        return Subject.objects.filter(uid=UUID(letter.subject), kind="child").first()
    except ValueError:
        return None


# --- what is held --------------------------------------------------------------------------------------------


@transaction.atomic
def _hold(
    uid: UUID, key: str, sealed: bytes, letter: Letter | None, why: Why, by: Actor, at: datetime
) -> Outcome:
    """Keep it as it came, for the person who filled it: whoever else sent it does not get to see it."""
    person = by.user_id
    if letter is not None and letter.person != by.uid:
        person = _account(letter.person) or by.user_id
    Arrival.objects.create(
        uid=uid, person_id=person, form=(letter.form if letter and letter.form in active.pack().forms else ""),
        form_version=letter.version if letter else None, subject=_subject(letter) if letter else None,
        received_at=at, made_at=letter.made_at if letter else None, state="held", why=why, sealed=sealed, key=key[:64],
    )  # fmt: skip
    detail = {"form": letter.form[:64] if letter else "", "why": why["code"]}
    audit.record("hold", "arrival", str(uid), by=by, at=at, detail=detail)
    return Outcome(str(uid), "held", why["code"])


def _account(uid: str) -> int | None:
    try:
        return User.objects.filter(uid=UUID(uid)).values_list("pk", flat=True).first()
    except ValueError:
        return None


def reopen(*, uid: str, by: Actor, at: datetime) -> Letter:
    """What a held form says, to its own person, to be put right and saved. Its photos wait for the record again."""
    found = _held(uid, by)
    try:
        letter = read(unseal(bytes(found.sealed or b""), str(found.uid), found.key))
    except (Unreadable, Unusable):
        raise NotAllowed("no such form") from None
    if letter.uid != found.uid or letter.form not in carried(active.pack()):
        raise NotAllowed("no such form")
    if carried(active.pack())[letter.form].opens is None:
        _stage_what_can(letter, by, at)
    by.reads.append(Event("read", "arrival", str(found.uid), {"form": letter.form}))
    return letter


def _stage_what_can(letter: Letter, by: Actor, at: datetime) -> None:
    """A damaged photo is why some forms are held: the others come along."""
    declared = {each.id for each in active.pack().forms[letter.form].fields if each.type == "evidence"}
    for field, given in letter.files.items():
        for name, content in given if field in declared else ():
            try:
                evidence.stage(batch=letter.uid, field=field, name=name, content=content, by=by, at=at)
            except BadInput:
                continue


@transaction.atomic
def settle(*, uid: str, by: Actor, at: datetime) -> None:
    """The record of a held form is in the file: what was sealed is no longer needed. Nothing held: nothing done."""
    found = _mine(uid, by)
    if found is None or not records.known_uids([found.uid]):
        return
    _end(found, "settled", at)
    audit.record("settle", "arrival", str(found.uid), by=by, at=at, detail={"form": found.form})
    note_two_records(record_uid=found.uid, at=at)


@transaction.atomic
def give_up(*, uid: str, reason: str, by: Actor, at: datetime) -> None:
    """Let a held form go for good. Its person says why."""
    found = _held(uid, by)
    if len(reason.strip()) < 4:
        raise BadInput("请写明为什么不再保存 / say why it is not to be kept")
    _end(found, "given_up", at, reason.strip()[:400])
    detail = {"form": found.form, "why": found.why.get("code", "")}
    audit.record("give-up", "arrival", str(found.uid), by=by, at=at, detail=detail)


def _end(found: Arrival, state: str, at: datetime, reason: str = "") -> None:
    found.state, found.sealed, found.ended_at, found.reason = state, None, at, reason
    found.save(update_fields=["state", "sealed", "ended_at", "reason"])


def _mine(uid: str, by: Actor) -> Arrival | None:
    try:
        wanted = UUID(str(uid))
    except ValueError:
        return None
    held = Arrival.objects.select_for_update().filter(uid=wanted, person_id=by.user_id, state="held")
    return held.first()


def _held(uid: str, by: Actor) -> Arrival:
    with transaction.atomic():
        found = _mine(uid, by)
    if found is None:
        raise NotAllowed("no such form")
    return found
