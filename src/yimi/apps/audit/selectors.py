"""Reading the chain: who has read one file, and the list for those who audit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, StrIndex
from django.utils import timezone

from yimi.apps.audit.models import Entry, Head
from yimi.apps.prepared import prepared
from yimi.lib.errors import NotAllowed

READINGS = ("read", "list", "search", "export")
LISTS = ("list", "search", "export")  # one row names everyone it showed
RECENT = timedelta(days=31)  # lists are looked through this far back where nobody says how far
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


READERS = 20  # the most that are told of one file


def readers_of(target_uid: str, limit: int = READERS) -> list[Row]:
    """Who opened or wrote one file, newest first. The caller has shown that the actor may see that file."""
    return [_row(each) for each in _newest_of(target_uid)[:limit]]


def sightings_of(
    target_uid: str, since: date, until: date, *, offset: int = 0, limit: int = 50
) -> tuple[list[Row], int]:
    """The same and who saw it in a list, from one day to another, and how many rows there are.

    Every list of these days is looked through. The caller has shown that the actor may see that file.
    """
    found = _between(_of(target_uid, since), since, until)
    return [_row(each) for each in found.order_by("-seq")[offset : offset + limit]], found.count()


def _of(target_uid: str, since: date) -> QuerySet[Entry]:
    """Rows of one file, and the lists since a day that name it."""
    named = StrIndex(Cast("detail", TextField()), Value(target_uid))
    in_lists = Q(verb__in=LISTS, at__gte=_midnight(since), named__gt=0)
    return Entry.objects.alias(named=named).filter(Q(target_uid=target_uid) | in_lists)


def _between(query: QuerySet[Entry], since: date | None, until: date | None) -> QuerySet[Entry]:
    if since:
        query = query.filter(at__gte=_midnight(since))
    if until:
        query = query.filter(at__lt=_midnight(until + timedelta(days=1)))
    return query


@prepared
def _newest_of(target_uid: str) -> QuerySet[Entry]:
    return Entry.objects.filter(target_uid=target_uid).order_by("-seq")[:READERS]


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
    """Rows that fit, newest first, and how many there are. For roles that audit.

    With `target_uid` the lists that name it count too, where no day is given those of the last month.
    """
    if not actor.audits:
        raise NotAllowed("the audit is open to auditors only")
    query = Entry.objects.all()
    if target_uid:
        query = _of(target_uid, since or timezone.localdate() - RECENT)
    for name, value in (("actor", by), ("verb", verb)):
        if value:
            query = query.filter(**{name: value})
    if (since or until) and not (by or verb or target_uid):
        query = query.filter(verb__in=_distinct("verb"))  # every one: so that the index of days serves
    query = _between(query, since, until)
    whole = not (
        by or verb or target_uid or since or until
    )  # the chain has no gap: its head knows its length
    count = head()[0] if whole else query.count()
    return [_row(each) for each in query.order_by("-seq")[offset : offset + limit]], count


def _distinct(column: str) -> list[str]:
    """The values of an indexed column, from one to the next, however many rows have each."""
    named = connection.ops.quote_name(column)
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE found (value) AS (SELECT min({named}) FROM audit_entry UNION ALL SELECT (SELECT min({named}) "
            f"FROM audit_entry WHERE {named} > found.value) FROM found WHERE found.value IS NOT NULL) "
            "SELECT value FROM found WHERE value IS NOT NULL"
        )
        return [value for (value,) in cursor.fetchall()]


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day))  # noqa: DTZ001


def counts_on(actor: Any, day: date) -> dict[str, int]:
    """Readings, writings and broken glass of one civil day."""
    if not actor.audits:
        raise NotAllowed("the audit is open to auditors only")
    query = Entry.objects.filter(
        verb__in=_distinct("verb"), at__gte=_midnight(day), at__lt=_midnight(day + timedelta(days=1))
    )
    counts = dict(query.order_by().values_list("verb").annotate(n=Count("seq")))
    return {
        "reads": sum(counts.get(verb, 0) for verb in READINGS),
        "writes": sum(n for verb, n in counts.items() if verb not in (*READINGS, *COMINGS)),
        "break_glass": counts.get("break-glass", 0),
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


MOST = 5000  # entries looked at in one go


@prepared
def _from(seq: int) -> QuerySet[Entry, tuple[int, str, str]]:
    return Entry.objects.filter(seq__gte=seq).order_by("seq").values_list("seq", "digest", "verb")[:MOST]


def since(seq: int, limit: int = MOST) -> list[tuple[int, str, bool]]:
    """From one entry on: number, digest, and whether something changed that is not a task's."""
    rows = _from(seq)[:limit]
    quiet = (*READINGS, *COMINGS, "turn")
    return [
        (number, digest, verb not in quiet and not verb.startswith("task-")) for number, digest, verb in rows
    ]


def actors(actor: Any) -> list[str]:
    """Everybody the chain names, for an auditor's filter."""
    if not actor.audits:
        raise NotAllowed("the audit is open to auditors only")
    return _distinct("actor")


def verbs(actor: Any) -> list[str]:
    """Every deed the chain names."""
    if not actor.audits:
        raise NotAllowed("the audit is open to auditors only")
    return _distinct("verb")
