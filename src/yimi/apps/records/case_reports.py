"""Opening a case with what is reported: the case, its parties and its first record in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
from yimi.apps.records.actions import AnswersRefused
from yimi.apps.records.consequences import write_opening
from yimi.apps.records.models import Record
from yimi.lib.errors import BadInput, NotAllowed
from yimi.pack.answers import validate_answers


@dataclass(frozen=True)
class Report:
    """`receipt` is shown once, and only when the case was made by this very request."""

    uid: str
    number: str
    receipt: str | None
    made: bool
    missing: tuple[str, ...] = ()


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
    checked = validate_answers(active.pack().forms[declared.opened_by], answers, active.pack())
    if checked.errors:
        raise AnswersRefused(checked.errors)
    if occurred_on > timezone.localdate(at):
        raise BadInput("日期不能晚于今天，请核对 / the date lies in the future: check it")
    opened = cases.open_case(
        kind=kind, place=place, on=timezone.localdate(at), by=by, at=at, children=children, routing=routing
    )
    write_opening(declared, opened.subject_id, checked.as_json(), occurred_on, place, by, at, record_uid)
    return Report(opened.uid, opened.number, opened.receipt, True, opened.missing)
