"""Lists of children for those who may know their names: who is in a ledger, what is due, what facts suggest.

A ledger is read from the register, for any past day. What is due and what is suspected come from the run in
force. Every function returns one page and the count of all, in a fixed number of queries.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor
from yimi.apps.accounts.selectors import open_on
from yimi.apps.audit.actions import Event
from yimi.apps.evaluation import runs
from yimi.apps.places.selectors import subtree
from yimi.apps.plan.selectors import run_in_force
from yimi.apps.records.models import Record
from yimi.apps.register import selectors as register
from yimi.apps.register.models import Block, Child, Facility, Person, Residence, Status
from yimi.apps.register.permissions import reachable_places, visible
from yimi.apps.register.selectors import Hit
from yimi.lib.errors import NotAllowed
from yimi.pack.schema import Pathway, StatusScheme, Suspicion

WAITING = ("overdue", "due")
STATUS_SORTS = {
    "since": ("valid_from", "pk"), "-since": ("-valid_from", "-pk"), "review": (F("review_due").asc(nulls_last=True), "pk"),
    "code": ("code", "valid_from", "pk"),
}  # fmt: skip


@dataclass(frozen=True)
class Filter:
    """What a page asks for. `place`: a township or village; `q`: how the name begins."""

    q: str = ""
    place: str = ""
    code: str = ""
    level: str = ""
    review: str = ""  # late: review due and past
    status: str = ""
    sort: str = ""


@dataclass(frozen=True)
class DueLine:
    hit: Hit
    step: str
    status: str
    earliest: date | None
    due: date | None
    overdue_after: date | None


@dataclass(frozen=True)
class StatusRow:
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


@dataclass(frozen=True)
class SuspectedLine:
    hit: Hit
    suspicion: Suspicion


@dataclass(frozen=True)
class Visits:
    """A hardship ledger's own columns: when the child was last seen, and until when it must be seen again."""

    last: date | None
    next_by: date | None
    late: bool


# --- who may be listed --------------------------------------------------------------------------------------


def readable(actor: Actor, sensitivity: str) -> bool:
    return any(sensitivity in each.role.reads for each in actor.child_grants)


def reach(actor: Actor, sensitivity: str, place: str = "") -> set[str]:
    """Places whose children may be listed, cut down to the place asked for."""
    places = reachable_places(actor, sensitivity)
    return places & subtree({place}, actor.on) if place else places


def _open_children(actor: Actor, sensitivity: str, wanted: Filter) -> QuerySet[Child]:
    query = visible(actor, sensitivity)
    if wanted.place:
        home = Residence.objects.filter(open_on(actor.on), place_id__in=subtree({wanted.place}, actor.on))
        query = query.filter(pk__in=home.values("subject_id"))
    if wanted.q:
        query = query.filter(name__startswith=wanted.q)
    return query


def _note(actor: Actor, what: str, count: int) -> None:
    if not count:
        actor.reads.append(Event("list", "child", "", {"ledger": what, "count": 0}))


# --- children -----------------------------------------------------------------------------------------------


def children_page(
    actor: Actor, wanted: Filter, *, born_from: date | None, born_to: date | None, offset: int, limit: int
) -> tuple[list[Hit], int]:
    """Children within reach, the youngest first."""
    query = _open_children(actor, "basic", wanted).filter(death_date__isnull=True)
    if born_from:
        query = query.filter(birth_date__gte=born_from)
    if born_to:
        query = query.filter(birth_date__lte=born_to)
    ids = list(query.order_by("-birth_date", "pk").values_list("pk", flat=True)[offset : offset + limit])
    hits = register.named(actor, ids)
    _note(actor, "children", len(hits))
    return [hits[each] for each in ids if each in hits], query.count()


def most_urgent(actor: Actor, subjects: Collection[int]) -> dict[int, dict[str, Any]]:
    """Child → its most urgent due item in the run in force, of the pathways this person reads."""
    run = run_in_force()
    open_ones = [each.id for each in active.pack().pathways.values() if readable(actor, each.sensitivity)]
    if run is None or not subjects or not open_ones:
        return {}
    rows = runs.query(
        run.number,
        "SELECT subject_id, pathway, step, status, due, overdue_after FROM {due_items} "
        f"WHERE subject_id IN ({_ints(subjects)}) AND pathway IN ({_marks(open_ones)}) AND counted "
        "AND status IN ('overdue', 'due', 'upcoming') QUALIFY row_number() OVER (PARTITION BY subject_id ORDER BY "
        "CASE status WHEN 'overdue' THEN 0 WHEN 'due' THEN 1 ELSE 2 END, coalesce(due, earliest), position) = 1",
        open_ones,
    )
    return {row["subject_id"]: row for row in rows}


# --- what is due --------------------------------------------------------------------------------------------


def due_pathways(actor: Actor) -> list[Pathway]:
    """Pathways of children whose due lists this person reads."""
    return [
        each
        for each in active.pack().pathways.values()
        if each.subject == "child" and reachable_places(actor, each.sensitivity)
    ]


def due_counts(actor: Actor, pathway: Pathway, place: str = "") -> dict[str, int]:
    """Status → children of the due list within reach."""
    run, places = run_in_force(), reach(actor, pathway.sensitivity, place)
    if run is None or not places:
        return {}
    rows = runs.query(
        run.number,
        f"SELECT status, count(DISTINCT subject_id) AS n FROM {{due_items}} WHERE {_within(actor, places)} AND pathway = ? "
        f"AND counted AND status IN ({_marks(WAITING)}) GROUP BY status",
        [*sorted(places), pathway.id, *WAITING],
    )
    return {row["status"]: row["n"] for row in rows}


def due_page(
    actor: Actor, pathway: Pathway, wanted: Filter, *, offset: int, limit: int
) -> tuple[list[DueLine], int]:
    """Due and overdue items, the longest late first, with the names of the children."""
    run, places = run_in_force(), reach(actor, pathway.sensitivity, wanted.place)
    if run is None or not places:
        return [], 0
    chosen = [wanted.status] if wanted.status in WAITING else list(WAITING)
    where = f"{_within(actor, places)} AND pathway = ? AND counted AND status IN ({_marks(chosen)})"
    values: list[Any] = [*sorted(places), pathway.id, *chosen]
    if wanted.code:
        where += " AND step = ?"
        values.append(wanted.code)
    if wanted.q:
        ids = list(_open_children(actor, pathway.sensitivity, wanted).values_list("pk", flat=True)[:5000])
        where += f" AND subject_id IN ({_ints(ids) or 'NULL'})"
    rows = runs.query(
        run.number,
        f"SELECT subject_id, step, status, earliest, due, overdue_after, count(*) OVER () AS n FROM {{due_items}} WHERE {where} "
        f"ORDER BY status DESC, coalesce(overdue_after, due), place, subject_id, position LIMIT {int(limit)} OFFSET {int(offset)}",
        values,
    )
    hits = register.named(actor, [row["subject_id"] for row in rows], pathway.sensitivity)
    _note(actor, pathway.id, len(hits))
    lines = [
        DueLine(
            hits[row["subject_id"]],
            row["step"],
            row["status"],
            row["earliest"],
            row["due"],
            row["overdue_after"],
        )
        for row in rows
        if row["subject_id"] in hits
    ]
    return lines, rows[0]["n"] if rows else 0


# --- what facts suggest -------------------------------------------------------------------------------------


def suspicions_of(actor: Actor, pathway: Pathway) -> list[Suspicion]:
    """The suspicions of a pathway this person may look into: those of a sensitivity the role reads."""
    pack = active.pack()
    return [
        each
        for each in pack.suspicions.values()
        if each.pathway == pathway.id and readable(actor, _suspicion_sensitivity(each))
    ]


def _suspicion_sensitivity(each: Suspicion) -> str:
    pack = active.pack()
    scheme = pack.statuses.get(each.suggests.partition(":")[0])
    return scheme.sensitivity if scheme else pack.pathways[each.pathway].sensitivity


def suspected_page(
    actor: Actor, pathway: Pathway, wanted: Filter, *, offset: int, limit: int
) -> tuple[list[SuspectedLine], int]:
    """Children whose facts suggest a category nobody has decided; those decided since the run are left out."""
    run, chosen = run_in_force(), suspicions_of(actor, pathway)
    if wanted.code:
        chosen = [each for each in chosen if each.id == wanted.code]
    places = reach(actor, pathway.sensitivity, wanted.place)
    if run is None or not chosen or not places:
        return [], 0
    found = runs.query(
        run.number,
        f"SELECT subject_id, suspicion FROM {{suspicions}} WHERE {_within(actor, places)} "
        f"AND suspicion IN ({_marks(chosen)}) ORDER BY place, subject_id, suspicion",
        [*sorted(places), *(each.id for each in chosen)],
    )
    decided = set(_open_statuses({each.suggests.partition(":")[0] for each in chosen}, actor.on))
    known = {each.id: each for each in chosen}
    left = [
        (row["subject_id"], known[row["suspicion"]])
        for row in found
        if (row["subject_id"], known[row["suspicion"]].suggests) not in decided
    ]
    if wanted.q:
        named_so = set(_open_children(actor, pathway.sensitivity, wanted).values_list("pk", flat=True)[:5000])
        left = [each for each in left if each[0] in named_so]
    part = left[offset : offset + limit]
    hits = register.named(actor, [subject for subject, _ in part], pathway.sensitivity)
    _note(actor, f"suspected:{pathway.id}", len(hits))
    return [SuspectedLine(hits[subject], each) for subject, each in part if subject in hits], len(left)


def suspected_count(actor: Actor, pathway: Pathway) -> int:
    """How many children are on the list of a pathway's suspicions within reach; no names."""
    run, chosen = run_in_force(), suspicions_of(actor, pathway)
    places = reach(actor, pathway.sensitivity)
    if run is None or not chosen or not places:
        return 0
    rows = runs.query(
        run.number,
        f"SELECT count(*) AS n FROM {{suspicions}} WHERE {_within(actor, places)} AND suspicion IN ({_marks(chosen)})",
        [*sorted(places), *(each.id for each in chosen)],
    )
    return int(rows[0]["n"])


def _open_statuses(schemes: set[str], on: date) -> list[tuple[int, str]]:
    found = Status.objects.filter(open_on(on), scheme__in=schemes).values_list("subject_id", "scheme", "code")
    return [(subject, f"{scheme}:{code}") for subject, scheme, code in found]


# --- ledgers of a status scheme -----------------------------------------------------------------------------


def schemes(actor: Actor) -> list[StatusScheme]:
    """The ledgers this person may open."""
    return [each for each in active.pack().statuses.values() if each.ledger and _may_open(actor, each)]


def _may_open(actor: Actor, scheme: StatusScheme) -> bool:
    if scheme.subject == "child":
        return readable(actor, scheme.sensitivity)
    return scheme.subject in ("facility", "person") and scheme.sensitivity == "basic" and bool(actor.grants)


def status_counts(actor: Actor, scheme: StatusScheme, as_of: date) -> tuple[int, int]:
    """(open entries, entries whose review day is past) within reach."""
    found = _entries(actor, scheme, Filter(), as_of)
    row = found.aggregate(n=Count("pk"), late=Count("pk", filter=Q(review_due__lt=as_of)))
    return row["n"], row["late"]


def status_page(
    actor: Actor, scheme_id: str, wanted: Filter, *, as_of: date, offset: int, limit: int
) -> tuple[list[StatusRow], int]:
    """A page of a ledger as it stood on a day."""
    scheme = active.pack().statuses.get(scheme_id)
    if scheme is None or not scheme.ledger or not _may_open(actor, scheme):
        raise NotAllowed("no such ledger")
    found = _entries(actor, scheme, wanted, as_of)
    if scheme.id == "hardship":
        found = found.annotate(level=Subquery(_levels(as_of).values("code")[:1]))
    rows = list(
        found.order_by(*STATUS_SORTS.get(wanted.sort, STATUS_SORTS["since"]))[offset : offset + limit]
    )
    if scheme.subject == "child":
        hits = register.named(actor, [each.subject_id for each in rows], scheme.sensitivity)
        _note(actor, scheme.id, len(hits))
        shown = [_row(each, hits[each.subject_id]) for each in rows if each.subject_id in hits]
        return shown, found.count()
    named = _others(scheme, [each.subject_id for each in rows])
    return [_row(each, None, *named.get(each.subject_id, ("", None))) for each in rows], found.count()


def _levels(as_of: date) -> QuerySet[Status]:
    """The most urgent level open on the day, of the entry's child."""
    urgency = Case(When(code="red", then=Value(0)), When(code="yellow", then=Value(1)), default=Value(2))
    found = Status.objects.filter(open_on(as_of), scheme="hardship_level", subject_id=OuterRef("subject_id"))
    return found.order_by(urgency)


def _entries(actor: Actor, scheme: StatusScheme, wanted: Filter, as_of: date) -> QuerySet[Status]:
    found = Status.objects.filter(open_on(as_of), scheme=scheme.id)
    if wanted.code:
        found = found.filter(code=wanted.code)
    if wanted.review == "late":
        found = found.filter(review_due__lt=as_of)
    if wanted.level:
        found = found.filter(Exists(_levels(as_of).filter(code=wanted.level)))
    if scheme.subject == "child":
        return found.filter(subject_id__in=_open_children(actor, scheme.sensitivity, wanted).values("pk"))
    places = subtree({each.place for each in actor.grants}, actor.on)
    if wanted.place:
        places &= subtree({wanted.place}, actor.on)
    model = Facility if scheme.subject == "facility" else Person
    subjects = model.objects.filter(place_id__in=places)
    if wanted.q:
        subjects = subjects.filter(name__contains=wanted.q)
    return found.filter(subject_id__in=subjects.values("pk"))


def _others(scheme: StatusScheme, subjects: Sequence[int]) -> dict[int, tuple[str, str | None]]:
    model = Facility if scheme.subject == "facility" else Person
    found = model.objects.filter(pk__in=subjects).values_list("pk", "name", "place_id")
    return {pk: (name, place) for pk, name, place in found}


def _row(each: Status, hit: Hit | None, name: str = "", place: str | None = None) -> StatusRow:
    return StatusRow(
        hit, hit.name if hit else name, hit.place if hit else place, each.code, each.valid_from, each.valid_to,
        each.review_due, getattr(each, "level", None), each.basis,
    )  # fmt: skip


def visits(subjects: Collection[int], as_of: date) -> dict[int, Visits]:
    """Child → last visit at which it was seen, by the records of the day, and the day by which it must be seen again.

    The next day comes from the run in force; for a day before that run it is not told.
    """
    last: dict[int, date] = {}
    seen = Record.objects.filter(
        subject_id__in=subjects, form="hardship_visit", occurred_on__lte=as_of, answers__seen=True
    ).exclude(kind="void")
    superseded = Record.objects.filter(supersedes=OuterRef("record_uid"))
    for subject, on in seen.filter(~Exists(superseded)).values_list("subject_id", "occurred_on"):
        last[subject] = max(on, last.get(subject, on))
    run = run_in_force()
    upcoming: dict[int, dict[str, Any]] = {}
    if run is not None and subjects and as_of >= run.as_of:
        rows = runs.query(
            run.number,
            "SELECT subject_id, min(coalesce(overdue_after, due)) AS next_by, bool_or(status = 'overdue') AS late, "
            f"max(done) AS done FROM {{due_items}} WHERE subject_id IN ({_ints(subjects)}) AND pathway = 'hardship' AND counted "
            "AND step IN ('hardship_first_visit', 'hardship_visit_due') AND status IN ('overdue', 'due', 'upcoming') "
            "GROUP BY subject_id",
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


# --- the parts ----------------------------------------------------------------------------------------------


def _within(actor: Actor, places: Collection[str]) -> str:
    """The places, without the children closed to this person by name: they are in no list and in no count."""
    blocked = Block.objects.filter(open_on(actor.on), user_id=actor.user_id).values_list(
        "subject_id", flat=True
    )
    without = f" AND subject_id NOT IN ({_ints(blocked)})" if blocked else ""
    return f"place IN ({_marks(places)}){without}"


def _marks(values: Collection[Any]) -> str:
    return ", ".join("?" for _ in values)


def _ints(values: Collection[int]) -> str:
    return ", ".join(str(int(each)) for each in values)
