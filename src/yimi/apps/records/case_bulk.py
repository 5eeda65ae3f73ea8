"""Loading whole cases with their records, for the made-up district. Closings count as verified on arrival."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor, require
from yimi.apps.audit import actions as audit
from yimi.apps.cases import bulk as cases
from yimi.apps.records.consequences import known_body
from yimi.apps.records.models import Record, Verification
from yimi.apps.register.models import Facility, Status


@transaction.atomic
def load(made: Sequence[Any], injuries: Sequence[Any], *, by: Actor, at: datetime) -> dict[str, int]:
    """Write the cases of `yimi.demo.cases` (MadeCase) and the injury cards; rows written."""
    require(by.is_system, "cases are loaded by the installation only")
    pack = active.pack()
    subjects = cases.load(made, by=by, at=at)
    rows: list[Record] = []
    events: list[tuple[int, str, Record]] = []
    for case, subject in zip(made, subjects, strict=True):
        for each in case.records:
            record = _record(
                pack, each.form, subject, each.at, each.answers, case.place, case.parties.get(each.party, "")
            )
            rows.append(record)
            events.append((subject, each.party, record))
    rows += [
        _record(pack, "injury_card", each.child, each.at, each.answers, each.village, "") for each in injuries
    ]
    Record.objects.bulk_create(rows, batch_size=500)
    cases.note_records(
        [(subject, party, each.record_uid, each.received_at) for subject, party, each in events]
    )
    closings = [each for each in rows if pack.forms[each.form].second_person]
    found = dict(
        Record.objects.filter(record_uid__in=[each.record_uid for each in closings]).values_list(
            "record_uid", "seq"
        )
    )
    Verification.objects.bulk_create(
        Verification(record_id=found[each.record_uid], outcome="verified", at=each.received_at)
        for each in closings
    )
    Status.objects.bulk_create(_tiers(rows))
    audit.record("load", "cases", by=by, at=at, detail={"rows": len(rows), "cases": len(made)})
    return {"cases": len(made), "records": len(rows)}


def _record(
    pack: Any, form: str, subject: int, at: datetime, answers: dict[str, Any], place: str, body: str
) -> Record:  # fmt: skip
    return Record(
        record_uid=uuid4(), subject_id=subject, form=form, form_version=pack.forms[form].version, kind="new",
        occurred_on=timezone.localdate(at), place_id=place, organization_id=known_body(body), received_at=at,
        answers=answers,
    )  # fmt: skip


def _tiers(rows: Sequence[Record]) -> list[Status]:
    """The status each tier decision opened, ended with the case's closing."""
    ended = {each.subject_id: each.occurred_on for each in rows if each.form == "intervention_closing"}
    return [
        Status(
            subject_id=each.subject_id, scheme="conduct_tier", code=each.answers["tier"], valid_from=each.occurred_on,
            valid_to=ended.get(each.subject_id), opened_by=each.record_uid,
        )
        for each in rows
        if each.form == "tier_decision" and "tier" in each.answers
    ]  # fmt: skip


@transaction.atomic
def load_rounds(form: str, made: Sequence[Any], *, by: Actor) -> int:
    """The records with which schools opened rounds of a survey (`yimi.demo.surveys`)."""
    require(by.is_system, "rounds are loaded by the installation only")
    pack = active.pack()
    places = dict(Facility.objects.values_list("pk", "place_id"))
    rows = [
        _record(
            pack, form, each.facility, each.opened, {"pupils": each.pupils}, places[each.facility] or "", ""
        )
        for each in made
    ]
    Record.objects.bulk_create(rows, batch_size=500)
    return len(rows)
