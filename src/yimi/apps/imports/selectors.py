"""Reading imports: one's own, and all of them for those who coordinate. No values of rows are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, QuerySet

from yimi.apps.accounts.permissions import Actor
from yimi.apps.imports.columns import kinds
from yimi.apps.imports.models import Batch, BatchRow
from yimi.apps.register.actions import REGISTER_FORM
from yimi.lib.errors import NotAllowed


@dataclass(frozen=True)
class Line:
    uid: str
    form: str
    file_name: str
    by: str
    received_at: datetime
    state: str  # waiting, running, done, refused, interrupted
    rows: int
    done: int
    accepted: int
    repeated: int
    refused: int
    problem: str


@dataclass(frozen=True)
class Reason:
    line: int
    column: str
    zh: str
    en: str


def _own(actor: Actor) -> QuerySet[Batch]:
    query = Batch.objects.select_related("by")
    return query if actor.is_system or actor.coordinates else query.filter(by_id=actor.user_id)


def _line(each: Batch) -> Line:
    return Line(
        str(each.uid), each.form, each.file_name, each.by.display_name if each.by else "", each.received_at, each.state,
        each.rows, each.done, each.accepted, each.repeated, each.refused, each.problem,
    )  # fmt: skip


def batches(actor: Actor, limit: int = 30) -> list[Line]:
    return [_line(each) for each in _own(actor).order_by("-received_at", "-pk")[:limit]]


def batch(actor: Actor, uid: str) -> Line:
    try:
        found = _own(actor).filter(uid=UUID(str(uid))).first()
    except ValueError:
        found = None
    if found is None:
        raise NotAllowed("no such import")
    return _line(found)


def reasons(actor: Actor, uid: str, limit: int = 200) -> list[Reason]:
    """Refused rows by line."""
    own = batch(actor, uid)
    rows = BatchRow.objects.filter(batch__uid=own.uid).order_by("line", "pk")[:limit]
    return [Reason(each.line, each.column, each.reason_zh, each.reason_en) for each in rows]


def reason_counts(actor: Actor, uid: str) -> list[tuple[str, str, int]]:
    """(zh, en, rows) of each reason, the commonest first."""
    own = batch(actor, uid)
    rows = BatchRow.objects.filter(batch__uid=own.uid).values_list("reason_zh", "reason_en")
    return [(zh, en, n) for zh, en, n in rows.annotate(n=Count("pk")).order_by("-n", "reason_zh")]


def kinds_for(actor: Actor) -> list[tuple[str, str, str]]:
    """(code, zh, en) of what this person may import."""
    return [each for each in kinds() if actor.records(REGISTER_FORM if each[0] == "child" else each[0])]
