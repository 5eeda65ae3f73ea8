"""Reading the chain: who has read one file, and the list for those who audit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from yimi.apps.audit.models import Entry, Head
from yimi.lib.errors import NotAllowed

READINGS = ("read", "list", "search", "export")
COMINGS = ("sign-in", "sign-out", "refused")  # neither shows nor changes anything


@dataclass(frozen=True)
class Row:
    seq: int
    at: datetime
    actor: str  # uid of an account
    role: str
    verb: str
    target_kind: str
    target_uid: str
    detail: dict[str, Any]


def _row(entry: Entry) -> Row:
    return Row(
        entry.seq, entry.at, entry.actor, entry.role, entry.verb, entry.target_kind, entry.target_uid, entry.detail
    )  # fmt: skip


def readers_of(target_uid: str, limit: int = 20) -> list[Row]:
    """Who read or wrote one file, newest first. The caller has shown that the actor may see that file."""
    return [_row(each) for each in Entry.objects.filter(target_uid=target_uid).order_by("-seq")[:limit]]


def entries(
    actor: Any,
    *,
    by: str = "",
    verb: str = "",
    target_uid: str = "",
    since: date | None = None,
    until: date | None = None,
    offset: int = 0,
    limit: int = 50,
) -> tuple[list[Row], int]:
    """Rows that fit, newest first, and how many there are. For roles that audit."""
    if not actor.audits:
        raise NotAllowed("the audit is open to auditors only")
    query = Entry.objects.all()
    for name, value in (("actor", by), ("verb", verb), ("target_uid", target_uid)):
        if value:
            query = query.filter(**{name: value})
    if since:
        query = query.filter(at__gte=_midnight(since))
    if until:
        query = query.filter(at__lt=_midnight(until + timedelta(days=1)))
    return [_row(each) for each in query.order_by("-seq")[offset : offset + limit]], query.count()


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day))  # noqa: DTZ001


def counts_on(actor: Any, day: date) -> dict[str, int]:
    """Readings, writings and broken glass of one civil day."""
    if not actor.audits:
        raise NotAllowed("the audit is open to auditors only")
    query = Entry.objects.filter(at__gte=_midnight(day), at__lt=_midnight(day + timedelta(days=1)))
    return {
        "reads": query.filter(verb__in=READINGS).count(),
        "writes": query.exclude(verb__in=(*READINGS, *COMINGS)).count(),
        "break_glass": query.filter(verb="break-glass").count(),
    }


def head() -> tuple[int, str]:
    """Length of the chain and its last digest."""
    found = Head.objects.filter(id=1).first()
    return (found.count, found.digest) if found else (0, "")


def last_change() -> int:
    """The number of the last entry that changed something an evaluation reads; 0 while there is none."""
    told = (*READINGS, *COMINGS, "turn", "rehearse")
    newest = (
        Entry.objects.exclude(verb__in=told)
        .exclude(verb__startswith="task-")
        .order_by("-seq")
        .values_list("seq", flat=True)
        .first()
    )
    return newest or 0


def actors(actor: Any) -> list[str]:
    """Everybody the chain names, for an auditor's filter."""
    if not actor.audits:
        raise NotAllowed("the audit is open to auditors only")
    return list(Entry.objects.order_by("actor").values_list("actor", flat=True).distinct())


def verbs(actor: Any) -> list[str]:
    """Every deed the chain names."""
    if not actor.audits:
        raise NotAllowed("the audit is open to auditors only")
    return list(Entry.objects.order_by("verb").values_list("verb", flat=True).distinct())
