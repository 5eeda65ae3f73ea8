"""Opening a case with what is reported: the case, its parties and its first record in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor
from yimi.apps.cases import actions as cases
from yimi.apps.cases.actions import Routing
from yimi.apps.cases.models import Case
from yimi.apps.cases.selectors import school_of
from yimi.apps.evidence.pins import plain_text
from yimi.apps.records import gates, identities
from yimi.apps.records.actions import AnswersRefused
from yimi.apps.records.consequences import rejoined, write_opening
from yimi.apps.records.models import Record
from yimi.lib.errors import BadInput, NotAllowed
from yimi.pack.answers import validate_answers
from yimi.pack.case_kinds import CaseKind


@dataclass(frozen=True)
class Report:
    """`receipt` is shown once, and only when the case was made by this very request."""

    uid: str
    number: str
    receipt: str | None
    made: bool
    missing: tuple[str, ...] = ()


def sender_of(by: Actor, kind: CaseKind, chosen: Mapping[str, str] | None = None) -> Routing:
    """The body in whose name a person opens such a case, and the bodies it names."""
    roles = {
        role for party in kind.parties if party.organization in ("sender", "school") for role in party.roles
    }
    grants = [each for each in by.grants if each.role.id in roles and each.organization]
    sender = next((each.organization for each in grants), "")
    own_school = next((each.organization for each in grants if each.role.level == "facility"), "")
    # A sealed reporter is not told by the school that is let in either.
    return Routing(
        sender=sender, chosen=dict(chosen or {}), school="" if kind.reporter_sealed else own_school
    )


def _shielded(
    kind: CaseKind, typed: Mapping[str, Any], children: Sequence[tuple[str, str]], routing: Routing, on: date
) -> Routing:
    """Keep out the body the report says the accused works in."""
    bodies = set(routing.shielded)
    for name in kind.shields:
        value = typed.get(name)
        if isinstance(value, str):
            bodies.add(value)
        elif value is True:
            bodies |= {school for child, _ in children if (school := school_of(child, on))}
    return replace(routing, shielded=tuple(sorted(bodies)))


@transaction.atomic
def report(
    *, kind: str, answers: Mapping[str, Any], occurred_on: date, place: str, by: Actor, at: datetime,
    record_uid: UUID, children: Sequence[tuple[str, str]] = (), routing: Routing | None = None,
) -> Report:  # fmt: skip
    """Open a case. The same request again is the same case."""
    declared = active.pack().cases.get(kind)
    if declared is None:
        raise NotAllowed("no such kind of case")
    before = Record.objects.filter(record_uid=record_uid).select_related("subject").first()
    if before is not None:
        if before.form != declared.opened_by:
            raise BadInput("this record id is taken by another record: reload the form and send it again")
        number = Case.objects.values_list("number", flat=True).get(pk=before.subject_id)
        return Report(str(before.subject.uid), number, None, False)
    form = active.pack().forms[declared.opened_by]
    typed = {
        each.id: plain_text(str(answers.get(each.id) or ""))
        for each in form.fields
        if each.type == "evidence"
    }  # marks of files that somebody typed do not count
    checked = validate_answers(form, {**answers, **typed}, active.pack(), occurred_on)
    if checked.errors:
        raise AnswersRefused(checked.errors)
    if occurred_on > timezone.localdate(at):
        raise BadInput("日期不能晚于今天，请核对 / the date lies in the future: check it")
    routing = _shielded(
        declared, checked.typed, children, routing or sender_of(by, declared), timezone.localdate(at)
    )
    identities.check_restorable(declared, checked.as_json(), by)
    gates.check_chosen(declared, routing.chosen, timezone.localdate(at))
    again = rejoined(declared, children, by, timezone.localdate(at))
    if again is not None:
        cases.reopen(case_id=again.pk, why=form.id, by=by, at=at)
        write_opening(declared, again.pk, checked.as_json(), occurred_on, place, by, at, record_uid)
        return Report(str(again.subject.uid), again.number, None, True)
    opened = cases.open_case(
        kind=kind, place=place, on=timezone.localdate(at), by=by, at=at, children=children, routing=routing
    )
    write_opening(declared, opened.subject_id, checked.as_json(), occurred_on, place, by, at, record_uid)
    return Report(opened.uid, opened.number, opened.receipt, True, opened.missing)
