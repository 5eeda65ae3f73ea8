"""Loading many cases at once, for the made-up district."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor, require
from yimi.apps.cases import models, states, vault
from yimi.apps.register.models import Subject


@transaction.atomic
def load(made: Sequence[Any], *, by: Actor, at: datetime) -> list[int]:
    """Write the cases with their parties, children and events; their subject ids in order."""
    require(by.is_system, "cases are loaded by the installation only")
    kinds = active.pack().cases
    subjects = Subject.objects.bulk_create(Subject(kind="case") for _ in made)
    taken: set[str] = set()
    rows, parties, involved, events, reporters = [], [], [], [], []
    for case, subject in zip(made, subjects, strict=True):
        kind, on = kinds[case.kind], timezone.localdate(case.opened_at)
        ended = timezone.make_aware(datetime.combine(case.closed_on, time(17))) if case.closed_on else None
        state = states.OPEN if case.closed_on is None else states.SEALED if kind.seal else states.CLOSED
        receipt = vault.receipt_index(vault.receipt_code()) if kind.reporter_sealed else None
        rows.append(
            models.Case(
                subject=subject, number=_number(kind.prefix, on.year, taken), kind=case.kind,
                protocol=kind.protocol.version, place_id=case.place, opened_on=on, opened_at=case.opened_at,
                closed_on=case.closed_on, closed_at=ended, state=state, receipt_index=receipt,
            )
        )  # fmt: skip
        parties += [
            models.Party(case=subject, party=name, organization=body, valid_from=on)
            for name, body in case.parties.items()
        ]
        involved += [
            models.Involved(case=subject, child_id=child, role=part, since=on)
            for child, part in case.children
        ]
        events.append(models.Event(case=subject, verb="open", at=case.opened_at))
        if ended is not None:
            verb = "seal" if kind.seal else "close"
            events.append(models.Event(case=subject, verb=verb, at=ended))
        if kind.reporter_sealed:
            sealed = vault.seal({"name": case.reporter}, subject.uid.hex)
            reporters.append(models.Reporter(case=subject, sealed=sealed))
    for model, found in (
        (models.Case, rows), (models.Party, parties), (models.Involved, involved), (models.Event, events),
        (models.Reporter, reporters),
    ):  # fmt: skip
        model.objects.bulk_create(found, batch_size=500)
    return [each.pk for each in subjects]


def _number(prefix: str, year: int, taken: set[str]) -> str:
    while (number := f"{prefix}{year % 100:02d}-{vault.letters(5)}") in taken:
        pass
    taken.add(number)
    return number


def note_records(rows: Sequence[tuple[int, str, UUID, datetime]]) -> None:
    """(case, party, record, moment) of records loaded with the cases."""
    models.Event.objects.bulk_create(
        (
            models.Event(case_id=case, verb="record", party=party, record_uid=uid, at=at)
            for case, party, uid, at in rows
        ),
        batch_size=500,
    )
