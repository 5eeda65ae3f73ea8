"""Opening a round, and answering. An answer is written to no log: its moment would tell whose it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor
from yimi.apps.audit import actions as audit
from yimi.apps.records import actions as records
from yimi.apps.records.actions import AnswersRefused
from yimi.apps.register.models import Facility
from yimi.apps.surveys import tickets
from yimi.apps.surveys.models import Answer, Round, Ticket
from yimi.apps.surveys.permissions import own_facility
from yimi.lib.errors import BadInput, NotAllowed
from yimi.pack.answers import validate_answers
from yimi.pack.schema import Survey

MOST = 5_000  # pupils of one school


@transaction.atomic
def open_round(*, survey: str, pupils: int, by: Actor, at: datetime) -> list[str]:
    """Ask the pupils of one's own school. The codes, one a pupil, in no order; they are shown this once."""
    declared = active.pack().surveys.get(survey)
    facility = own_facility(by, declared) if declared else None
    if declared is None or facility is None:
        raise NotAllowed("no such survey")
    return _open(declared, facility, pupils, by, at)


def _open(declared: Survey, facility: Facility, pupils: int, by: Actor, at: datetime) -> list[str]:
    today = timezone.localdate(at)
    if not 1 <= pupils <= MOST:
        raise BadInput(f"学生人数须在1到{MOST}之间 / the number of pupils lies between 1 and {MOST}")
    if Round.objects.filter(survey=declared.id, facility_id=facility.pk, closes_on__gte=today).exists():
        raise BadInput("本校本轮调查还没有结束 / this school's round has not ended yet")
    records.add(
        form=declared.round_form, subject=str(facility.subject.uid), occurred_on=today, answers={"pupils": str(pupils)},
        by=by, at=at,
    )  # fmt: skip
    made = Round.objects.create(
        survey=declared.id, facility_id=facility.pk, opened_on=today, closes_on=today + timedelta(days=declared.days - 1),
        asked=pupils,
    )  # fmt: skip
    codes = sorted({tickets.code() for _ in range(pupils)})
    Ticket.objects.bulk_create(
        [Ticket(round=made, digest=tickets.digest(each)) for each in codes], batch_size=500
    )
    audit.record(
        "open-survey", "survey", str(made.uid), by=by, at=at, detail={"survey": declared.id, "pupils": pupils}
    )
    return codes


@transaction.atomic
def answer(*, code: str, answers: Mapping[str, Any], at: datetime) -> None:
    """One pupil's answers, once. No actor, no audit entry, no moment is kept; what was answered is not sent back."""
    round_ = usable(code, at)
    if round_ is None:
        raise NotAllowed("no such code")
    declared = active.pack().surveys[round_.survey]
    form = active.pack().forms[declared.form]
    checked = validate_answers(
        form, {each.id: answers.get(each.id, "") for each in form.fields}, active.pack()
    )
    if checked.errors:
        raise AnswersRefused(checked.errors)
    # One statement takes the ticket: of two who come at once one finds it used.
    if not Ticket.objects.filter(digest=tickets.digest(code), used=False).update(used=True):
        raise NotAllowed("no such code")
    Answer.objects.create(round=round_, answers=checked.as_json())


def usable(code: str, at: datetime) -> Round | None:
    """The round a code may still answer."""
    today = timezone.localdate(at)
    ticket = (
        Ticket.objects.select_related("round")
        .filter(
            digest=tickets.digest(code), used=False, round__opened_on__lte=today, round__closes_on__gte=today
        )
        .first()
    )
    return ticket.round if ticket and ticket.round.survey in active.pack().surveys else None


@transaction.atomic
def load(made: list[tuple[str, int, datetime, int, list[dict[str, Any]]]], *, by: Actor) -> int:
    """Rounds of the made-up district: (survey, facility, opened, pupils, answers of those who answered)."""
    if not by.is_system:
        raise NotAllowed("loaded by the installation only")
    count = 0
    for survey, facility, opened, pupils, answered in made:
        day = timezone.localdate(opened)
        declared = active.pack().surveys[survey]
        found = Round.objects.create(
            survey=survey, facility_id=facility, opened_on=day, closes_on=day + timedelta(days=declared.days - 1), asked=pupils
        )  # fmt: skip
        Answer.objects.bulk_create([Answer(round=found, answers=each) for each in answered], batch_size=500)
        count += len(answered)
    return count
