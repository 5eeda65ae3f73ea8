"""Ledgers: who stands in a status scheme on a day, for those who may know their names.

A ledger is read from the register, for any past day. Every function returns one page and the count of all, in a
fixed number of queries.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor
from yimi.apps.accounts.selectors import open_on
from yimi.apps.evaluation import runs
from yimi.apps.evaluation.listing import (
    Filter,
    ints,
    living_at,
    note,
    places_asked_for,
    readable,
)
from yimi.apps.places.selectors import subtree
from yimi.apps.plan.selectors import run_in_force
from yimi.apps.prepared import formed, in_parts, prepared
from yimi.apps.records.selectors import in_force
from yimi.apps.register import selectors as register
from yimi.apps.register.counts import counted
from yimi.apps.register.models import Child, Facility, Person, Status
from yimi.apps.register.permissions import Reach, reach_of
from yimi.apps.register.selectors import Hit
from yimi.lib.errors import NotAllowed
from yimi.pack.schema import StatusScheme

STATUS_SORTS = {
    "since": ("valid_from", "pk"), "-since": ("-valid_from", "-pk"), "review": (F("review_due").asc(nulls_last=True), "pk"),
    "code": ("code", "valid_from", "pk"),
}  # fmt: skip


class StatusRow(NamedTuple):
    """One entry of a ledger. `hit` for a child, else `name` and `place` of a facility or person."""

    hit: Hit | None
    name: str
    place: str | None
    code: str
    since: date
    until: date | None
    review_due: date | None
    level: str | None
    basis: str


class Visits(NamedTuple):
    """A hardship ledger's own columns: when the child was last seen, and until when it must be seen again."""

    last: date | None
    next_by: date | None
    late: bool


def schemes(actor: Actor) -> list[StatusScheme]:
    """The ledgers this person may open."""
    return [each for each in active.pack().statuses.values() if each.ledger and _may_open(actor, each)]


def _may_open(actor: Actor, scheme: StatusScheme) -> bool:
    if scheme.subject == "child":
        return readable(actor, scheme.sensitivity)
    return scheme.subject in ("facility", "person") and scheme.sensitivity == "basic" and bool(actor.grants)


def status_counts(actor: Actor, schemes: Sequence[StatusScheme], as_of: date) -> dict[str, tuple[int, int]]:
    """Scheme → (open entries, entries whose review day is past) within reach."""
    together: dict[tuple[str, str], list[StatusScheme]] = {}
    for each in schemes:
        together.setdefault((each.subject, each.sensitivity), []).append(each)
    found = {each.id: (0, 0) for each in schemes}
    for alike in together.values():
        found |= _status_counts(actor, alike, as_of)
    return found


def _status_counts(actor: Actor, alike: Sequence[StatusScheme], as_of: date) -> dict[str, tuple[int, int]]:
    """Of schemes of one kind of subject and one sensitivity, in one question."""
    names = sorted(each.id for each in alike)

    def count() -> dict[str, tuple[int, int]]:
        rows = _entries_of(actor, alike[0], Filter(), as_of, names).query().order_by().values("scheme")
        rows = rows.annotate(n=Count("pk"), late=Count("pk", filter=Q(review_due__lt=as_of)))
        return {row["scheme"]: (row["n"], row["late"]) for row in rows}

    def size(told: dict[str, tuple[int, int]]) -> int:
        return sum(n for n, _ in told.values())

    found: dict[str, tuple[int, int]] = counted(actor, ("statuses", *names, as_of), count, size)
    return found


def status_page(
    actor: Actor,
    scheme_id: str,
    wanted: Filter,
    *,
    as_of: date,
    offset: int,
    limit: int,
    in_it: int | None = None,
) -> tuple[list[StatusRow], int]:
    """A page of a ledger as it stood on a day. `in_it`: how many stand in the whole of it, if that is known."""
    scheme = active.pack().statuses.get(scheme_id)
    if scheme is None or not scheme.ledger or not _may_open(actor, scheme):
        raise NotAllowed("no such ledger")
    found = _entries_of(actor, scheme, wanted, as_of, [scheme.id])
    rows = _page_of(found, offset, limit)
    if wanted == Filter(sort=wanted.sort):  # the whole ledger: its head needs the same number
        total = status_counts(actor, [scheme], as_of)[scheme.id][0] if in_it is None else in_it
    else:
        unsorted = replace(wanted, sort="")
        total = counted(
            actor, ("status", scheme.id, unsorted, as_of), lambda: found.query().count(), size=int
        )
    subjects = [subject for subject, *_ in rows]
    if scheme.subject == "child":
        hits = register.named(actor, subjects, scheme.sensitivity)
        note(actor, scheme.id, len(hits))
        levels = _level_of(list(hits), as_of) if scheme.id == "hardship" else {}
        return [_row(each, hits[each[0]], levels.get(each[0])) for each in rows if each[0] in hits], total
    named = _others(scheme, subjects)
    return [_row(each, None, None, *named.get(each[0], ("", None))) for each in rows], total


def days_lasted(scheme: str, rows: Sequence[StatusRow], as_of: date) -> dict[int, int]:
    """Child → days of all its entries in a ledger up to a day; the caller may read these children."""
    wanted = [each.hit.subject_id for each in rows if each.hit]
    found: dict[int, int] = {}
    parts = in_parts(wanted)
    for subject, since, until in (row for part in parts for row in _times_in(scheme, part, as_of)):
        found[subject] = found.get(subject, 0) + (min(until or as_of, as_of) - since).days
    return found


@prepared
def _times_in(
    scheme: str, subjects: list[int], as_of: date
) -> QuerySet[Status, tuple[int, date, date | None]]:
    entries = Status.objects.filter(scheme=scheme, subject_id__in=subjects, valid_from__lte=as_of)
    return entries.values_list("subject_id", "valid_from", "valid_to")


LEVELS = ("red", "yellow", "green")  # the most urgent first


def _levels(as_of: date) -> QuerySet[Status]:
    return Status.objects.filter(open_on(as_of), scheme="hardship_level")


def _level_of(subjects: Sequence[int], as_of: date) -> dict[int, str]:
    """Child → the most urgent level open on the day."""
    found: dict[int, str] = {}
    wanted = list(subjects)
    parts = in_parts(wanted)
    for subject, code in (row for part in parts for row in _levels_among(part, as_of)):
        known = found.get(subject)
        if known is None or _urgency(code) < _urgency(known):
            found[subject] = code
    return found


@prepared
def _levels_among(subjects: list[int], as_of: date) -> QuerySet[Status, tuple[int, str]]:
    return _levels(as_of).filter(subject_id__in=subjects).values_list("subject_id", "code")


def _urgency(level: str) -> int:
    return LEVELS.index(level) if level in LEVELS else len(LEVELS)


@dataclass(frozen=True)
class _Entries:
    """Entries of some schemes open on a day, as far as somebody may see: all that their query depends on."""

    subject: str
    schemes: tuple[str, ...]
    near: Reach
    places: frozenset[str]  # of children: those asked for; of others: all in which an entry may stand
    wanted: Filter
    as_of: date

    def query(self) -> QuerySet[Status]:
        found, wanted = Status.objects.filter(open_on(self.as_of), scheme__in=self.schemes), self.wanted
        if wanted.code:
            found = found.filter(code=wanted.code)
        if wanted.review == "late":
            found = found.filter(review_due__lt=self.as_of)
        if wanted.level:
            level = _levels(self.as_of).filter(subject_id=OuterRef("subject_id"), code=wanted.level)
            found = found.filter(Exists(level))
        return self._of_children(found) if self.subject == "child" else self._of_others(found)

    def _of_children(self, found: QuerySet[Status]) -> QuerySet[Status]:
        found = found.filter(self.near.condition("subject_id"), subject__kind="child")
        if self.wanted.place:
            found = found.filter(subject_id__in=living_at(self.places, self.near.on))
        return found.filter(subject__child__name__startswith=self.wanted.q) if self.wanted.q else found

    def _of_others(self, found: QuerySet[Status]) -> QuerySet[Status]:
        model = Facility if self.subject == "facility" else Person
        subjects = model.objects.filter(pk=OuterRef("subject_id"), place_id__in=self.places)
        if self.wanted.q:
            subjects = subjects.filter(name__contains=self.wanted.q)
        return found.filter(Exists(subjects))


def _entries_of(
    actor: Actor, scheme: StatusScheme, wanted: Filter, as_of: date, of: Sequence[str]
) -> _Entries:
    """What this person may see of some schemes that are like this one."""
    places = places_asked_for(actor, wanted)
    if scheme.subject != "child":
        own = subtree({each.place for each in actor.grants}, actor.on)
        places = frozenset(own & places if wanted.place else own)
    return _Entries(scheme.subject, tuple(of), reach_of(actor, scheme.sensitivity), places, wanted, as_of)


Entry = tuple[int, str, date, date | None, date | None, str]  # subject, code, since, until, review due, basis


@formed
def _page_of(entries: _Entries, offset: int, limit: int) -> QuerySet[Status, Entry]:
    order = STATUS_SORTS.get(entries.wanted.sort, STATUS_SORTS["since"])
    found = entries.query().order_by(*order)[offset : offset + limit]
    return found.values_list("subject_id", "code", "valid_from", "valid_to", "review_due", "basis")


def _others(scheme: StatusScheme, subjects: Sequence[int]) -> dict[int, tuple[str, str | None]]:
    model = Facility if scheme.subject == "facility" else Person
    found = model.objects.filter(pk__in=subjects).values_list("pk", "name", "place_id")
    return {pk: (name, place) for pk, name, place in found}


def _row(
    entry: Entry, hit: Hit | None, level: str | None, name: str = "", place: str | None = None
) -> StatusRow:
    _, code, since, until, review_due, basis = entry
    return StatusRow(
        hit,
        hit.name if hit else name,
        hit.place if hit else place,
        code,
        since,
        until,
        review_due,
        level,
        basis,
    )


def visits(subjects: Collection[int], as_of: date) -> dict[int, Visits]:
    """Child → last visit at which it was seen, by the records of the day, and the day by which it must be seen again.

    The next day comes from the run in force; for a day before that run it is not told.
    """
    last: dict[int, date] = {}
    for part in in_parts(list(subjects)):
        last |= {child: seen for child, seen in _last_seen(part, as_of) if seen}
    run = run_in_force()
    upcoming: dict[int, dict[str, Any]] = {}
    if run is not None and subjects and as_of >= run.as_of:
        rows = runs.lists(
            run.number,
            "SELECT subject_id, min(coalesce(overdue_after, due)) AS next_by, max(status = 'overdue') AS late, "
            f"max(done) AS done FROM item WHERE subject_id IN ({ints(subjects)}) AND pathway = 'hardship' "
            "AND step IN ('hardship_first_visit', 'hardship_visit_due') GROUP BY subject_id",
        )
        upcoming = {row["subject_id"]: row for row in rows}
    found = {}
    for subject in subjects:
        row = upcoming.get(subject)
        # Seen since the run was made: what the run says of the next visit is no longer true.
        stale = (
            row is not None
            and subject in last
            and run is not None
            and last[subject] > (row["done"] or run.as_of)
        )
        told = row if row is not None and not stale else None
        found[subject] = Visits(
            last.get(subject), told["next_by"] if told else None, bool(told and told["late"])
        )
    return found


@prepared
def _last_seen(subjects: list[int], as_of: date) -> QuerySet[Child, tuple[int, date | None]]:
    seen = in_force("hardship_visit", as_of).filter(subject_id=OuterRef("subject_id"), answers__seen=True)
    last = Subquery(seen.order_by("-occurred_on").values("occurred_on")[:1])
    return Child.objects.filter(subject_id__in=subjects).annotate(last=last).values_list("subject_id", "last")
