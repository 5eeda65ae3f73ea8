"""Lists of children for those who may know their names: who is in a ledger, what is due, what facts suggest.

A ledger is read from the register, for any past day. What is due and what is suspected come from the run in
force. Every function returns one page and the count of all, in a fixed number of queries.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, TypeVar

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor
from yimi.apps.accounts.selectors import open_on
from yimi.apps.audit.actions import Event
from yimi.apps.evaluation import runs
from yimi.apps.once import once_a_page
from yimi.apps.places.selectors import subtree
from yimi.apps.plan.selectors import run_in_force
from yimi.apps.prepared import in_parts, prepared
from yimi.apps.records.selectors import in_force
from yimi.apps.register import selectors as register
from yimi.apps.register.counts import counted
from yimi.apps.register.models import Block, Child, Facility, Person, Residence, Status
from yimi.apps.register.permissions import reachable_places, visible, within_reach
from yimi.apps.register.selectors import Hit
from yimi.lib.errors import NotAllowed
from yimi.pack.schema import Pathway, StatusScheme, Suspicion

Shown = TypeVar("Shown")

WAITING = ("overdue", "due")
FEW = 300  # children: of so many a database is asked one by one
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
        query = query.filter(pk__in=_living_in(actor, wanted.place))
    if wanted.q:
        query = query.filter(name__startswith=wanted.q)
    return query


def _living_in(actor: Actor, place: str) -> QuerySet[Any, Any]:
    home = Residence.objects.filter(open_on(actor.on), place_id__in=subtree({place}, actor.on))
    return home.values("subject_id")


def _note(actor: Actor, what: str, count: int) -> None:
    if not count:
        actor.reads.append(Event("list", "child", "", {"ledger": what, "count": 0}))


def by_name(
    actor: Actor, what: str, sensitivity: str, rows: Sequence[Mapping[str, Any]],
    line: Callable[[Hit, Mapping[str, Any]], Shown],
) -> tuple[list[Shown], int]:  # fmt: skip
    """A page of a run's list: the lines of the children this person sees by name, and how long the whole list is.

    `rows` have `subject_id` and `n`, the length of the list. What is shown is noted for the audit under `what`.
    """
    hits = register.named(actor, [row["subject_id"] for row in rows], sensitivity)
    _note(actor, what, len(hits))
    lines = [line(hits[row["subject_id"]], row) for row in rows if row["subject_id"] in hits]
    return lines, rows[0]["n"] if rows else 0


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
    count = counted(actor, ("children", wanted, born_from, born_to), query.count, size=int)
    return [hits[each] for each in ids if each in hits], count


def most_urgent(actor: Actor, subjects: Collection[int]) -> dict[int, dict[str, Any]]:
    """Child → its most urgent due item in the run in force, of the pathways this person reads."""
    run = run_in_force()
    open_ones = [each.id for each in active.pack().pathways.values() if readable(actor, each.sensitivity)]
    if run is None or not subjects or not open_ones:
        return {}
    rows = runs.lists(
        run.number,
        "SELECT * FROM (SELECT subject_id, pathway, step, status, due, overdue_after, row_number() OVER (PARTITION BY "
        "subject_id ORDER BY CASE status WHEN 'overdue' THEN 0 WHEN 'due' THEN 1 ELSE 2 END, "
        "coalesce(due, earliest) NULLS LAST, position) AS urgency FROM item "
        f"WHERE subject_id IN ({_ints(subjects)}) AND pathway IN ({_marks(open_ones)})) WHERE urgency = 1",
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


def due_counts(actor: Actor, pathways: Sequence[Pathway], place: str = "") -> dict[str, dict[str, int]]:
    """Pathway → status → children of the due list within reach."""
    run, blocked = run_in_force(), _blocked(actor)
    found: dict[str, dict[str, int]] = {each.id: {} for each in pathways}
    for names, places in _by_reach(actor, {each.id: each.sensitivity for each in pathways}, place):
        if run is None:
            continue
        where = f"pathway IN ({_marks(names)}) AND {_at(places)}"
        told = f"SELECT pathway, status, sum(n) AS n FROM tally WHERE step = '' AND {where} GROUP BY 1, 2"
        if blocked:  # the tally knows places, not persons
            told = (
                f"SELECT pathway, status, count(DISTINCT subject_id) AS n FROM {_WAITING} AND {where} "
                f"AND {_without(blocked)} GROUP BY 1, 2"
            )
        for row in runs.lists(run.number, told, [*names, *sorted(places)]):
            found[row["pathway"]][row["status"]] = row["n"]
    return found


def _by_reach(
    actor: Actor, sensitivities: Mapping[str, str], place: str = ""
) -> list[tuple[list[str], set[str]]]:
    """What is asked for, put together by the places in which this person may list it: one question for each."""
    together: dict[str, list[str]] = {}
    for name, sensitivity in sensitivities.items():
        together.setdefault(sensitivity, []).append(name)
    found = [(names, reach(actor, sensitivity, place)) for sensitivity, names in together.items()]
    return [(names, places) for names, places in found if places]


def due_page(
    actor: Actor, pathway: Pathway, wanted: Filter, *, offset: int, limit: int
) -> tuple[list[DueLine], int]:
    """Due and overdue items, the longest late first, with the names of the children."""
    run, places = run_in_force(), reach(actor, pathway.sensitivity, wanted.place)
    if run is None or not places:
        return [], 0
    chosen, blocked = [wanted.status] if wanted.status in WAITING else list(WAITING), _blocked(actor)
    where = f"pathway = ? AND {_at(places)} AND status IN ({_marks(chosen)})"
    values: list[Any] = [pathway.id, *sorted(places), *chosen]
    if wanted.code:
        where += " AND step = ?"
        values.append(wanted.code)
    persons = f" AND {_without(blocked)}" if blocked else ""
    if wanted.q:
        ids = list(_open_children(actor, pathway.sensitivity, wanted).values_list("pk", flat=True)[:5000])
        persons += f" AND subject_id IN ({_ints(ids) or 'NULL'})"
    rows = runs.lists(
        run.number,
        f"SELECT subject_id, step, status, earliest, due, overdue_after FROM {_WAITING} AND {where}{persons} "
        f"ORDER BY rank LIMIT {int(limit)} OFFSET {int(offset)}",
        values,
    )
    every_step = "" if wanted.code else " AND step <> ''"
    told = f"SELECT coalesce(sum(n), 0) AS n FROM tally WHERE {where}{every_step}"
    if persons:  # the tally knows places, not persons
        told = f"SELECT count(*) AS n FROM {_WAITING} AND {where}{persons}"
    total = sum(row["n"] for row in runs.lists(run.number, told, values))
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
    return lines, total


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
    blocked = _blocked(actor)
    found = runs.lists(
        run.number,
        f"SELECT subject_id, suspicion FROM suspicion WHERE suspicion IN ({_marks(chosen)}) AND {_at(places)}"
        f"{f' AND {_without(blocked)}' if blocked else ''} ORDER BY place, subject_id, suspicion",
        [*(each.id for each in chosen), *sorted(places)],
    )
    decided = _decided(chosen, {row["subject_id"] for row in found}, actor.on)
    known = {each.id: each for each in chosen}
    left = [
        (row["subject_id"], known[row["suspicion"]])
        for row in found
        if row["subject_id"] not in decided[known[row["suspicion"]].suggests]
    ]
    if wanted.q:
        named_so = set(_open_children(actor, pathway.sensitivity, wanted).values_list("pk", flat=True)[:5000])
        left = [each for each in left if each[0] in named_so]
    part = left[offset : offset + limit]
    hits = register.named(actor, [subject for subject, _ in part], pathway.sensitivity)
    _note(actor, f"suspected:{pathway.id}", len(hits))
    return [SuspectedLine(hits[subject], each) for subject, each in part if subject in hits], len(left)


def suspected_counts(actor: Actor, pathways: Sequence[Pathway]) -> dict[str, int]:
    """Pathway → how many are on the list of its suspicions within reach; no names."""
    counts = suspicion_counts(actor, pathways)
    return {each.id: sum(counts.get(one.id, 0) for one in suspicions_of(actor, each)) for each in pathways}


def suspicion_counts(actor: Actor, pathways: Sequence[Pathway]) -> dict[str, int]:
    """Suspicion of these pathways → how many are on its list within reach; those with nobody are left out."""
    run, blocked = run_in_force(), _blocked(actor)
    of = {one.id: each.sensitivity for each in pathways for one in suspicions_of(actor, each)}
    found: dict[str, int] = {}
    for names, places in _by_reach(actor, of):
        if run is None:
            continue
        rows = runs.lists(
            run.number,
            f"SELECT suspicion, count(*) AS n FROM suspicion WHERE suspicion IN ({_marks(names)}) AND {_at(places)}"
            f"{f' AND {_without(blocked)}' if blocked else ''} GROUP BY 1",
            [*names, *sorted(places)],
        )
        found |= {row["suspicion"]: row["n"] for row in rows}
    return found


def _decided(suspicions: Sequence[Suspicion], subjects: set[int], on: date) -> dict[str, set[int]]:
    """Category → children of whom it is decided (of these at least), for the categories these suggest."""
    found: dict[str, set[int]] = {}
    for suggests in {each.suggests for each in suspicions}:
        scheme, _, code = suggests.partition(":")
        entries = Status.objects.filter(open_on(on), scheme=scheme, code=code)
        if len(subjects) <= FEW:
            entries = entries.filter(subject_id__in=subjects)
        found[suggests] = set(entries.values_list("subject_id", flat=True))
    return found


# --- ledgers of a status scheme -----------------------------------------------------------------------------


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
        rows = _entries(actor, alike[0], Filter(), as_of, of=names).order_by().values("scheme")
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
    found = _entries(actor, scheme, wanted, as_of)
    rows = list(
        found.order_by(*STATUS_SORTS.get(wanted.sort, STATUS_SORTS["since"]))[offset : offset + limit]
    )
    if wanted == Filter(sort=wanted.sort):  # the whole ledger: its head needs the same number
        total = status_counts(actor, [scheme], as_of)[scheme.id][0] if in_it is None else in_it
    else:
        unsorted = replace(wanted, sort="")
        total = counted(actor, ("status", scheme.id, unsorted, as_of), found.count, size=int)
    if scheme.subject == "child":
        hits = register.named(actor, [each.subject_id for each in rows], scheme.sensitivity)
        _note(actor, scheme.id, len(hits))
        levels = _level_of(list(hits), as_of) if scheme.id == "hardship" else {}
        shown = [each for each in rows if each.subject_id in hits]
        return [_row(each, hits[each.subject_id], levels.get(each.subject_id)) for each in shown], total
    named = _others(scheme, [each.subject_id for each in rows])
    return [_row(each, None, None, *named.get(each.subject_id, ("", None))) for each in rows], total


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


def _entries(
    actor: Actor, scheme: StatusScheme, wanted: Filter, as_of: date, of: Sequence[str] = ()
) -> QuerySet[Status]:
    """Entries open on a day, as far as this person may see. `of`: schemes like this one, all of them at once."""
    found = Status.objects.filter(open_on(as_of), scheme__in=of or [scheme.id])
    if wanted.code:
        found = found.filter(code=wanted.code)
    if wanted.review == "late":
        found = found.filter(review_due__lt=as_of)
    if wanted.level:
        found = found.filter(
            Exists(_levels(as_of).filter(subject_id=OuterRef("subject_id"), code=wanted.level))
        )
    if scheme.subject == "child":
        found = found.filter(
            within_reach(actor, scheme.sensitivity, subject="subject_id"), subject__kind="child"
        )
        if wanted.place:
            found = found.filter(subject_id__in=_living_in(actor, wanted.place))
        return found.filter(subject__child__name__startswith=wanted.q) if wanted.q else found
    places = subtree({each.place for each in actor.grants}, actor.on)
    if wanted.place:
        places &= subtree({wanted.place}, actor.on)
    model = Facility if scheme.subject == "facility" else Person
    subjects = model.objects.filter(pk=OuterRef("subject_id"), place_id__in=places)
    if wanted.q:
        subjects = subjects.filter(name__contains=wanted.q)
    return found.filter(Exists(subjects))


def _others(scheme: StatusScheme, subjects: Sequence[int]) -> dict[int, tuple[str, str | None]]:
    model = Facility if scheme.subject == "facility" else Person
    found = model.objects.filter(pk__in=subjects).values_list("pk", "name", "place_id")
    return {pk: (name, place) for pk, name, place in found}


def _row(
    each: Status, hit: Hit | None, level: str | None, name: str = "", place: str | None = None
) -> StatusRow:
    return StatusRow(
        hit, hit.name if hit else name, hit.place if hit else place, each.code, each.valid_from, each.valid_to,
        each.review_due, level, each.basis,
    )  # fmt: skip


def visits(subjects: Collection[int], as_of: date) -> dict[int, Visits]:
    """Child → last visit at which it was seen, by the records of the day, and the day by which it must be seen again.

    The next day comes from the run in force; for a day before that run it is not told.
    """
    last: dict[int, date] = {}
    for part in in_parts(list(subjects)):
        last |= dict(_last_seen(part, as_of))
    run = run_in_force()
    upcoming: dict[int, dict[str, Any]] = {}
    if run is not None and subjects and as_of >= run.as_of:
        rows = runs.lists(
            run.number,
            "SELECT subject_id, min(coalesce(overdue_after, due)) AS next_by, max(status = 'overdue') AS late, "
            f"max(done) AS done FROM item WHERE subject_id IN ({_ints(subjects)}) AND pathway = 'hardship' "
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
def _last_seen(subjects: list[int], as_of: date) -> QuerySet[Any, tuple[int, date]]:
    seen = in_force("hardship_visit", as_of).filter(subject_id__in=subjects, answers__seen=True)
    newest = seen.order_by().values("subject_id").annotate(last=Max("occurred_on"))
    return newest.values_list("subject_id", "last")


# --- the parts ----------------------------------------------------------------------------------------------


_WAITING = "item INDEXED BY item_waiting WHERE status <> 'upcoming'"


@once_a_page
def _blocked(actor: Actor) -> Sequence[int]:
    """Children closed to this person by name: they are in no list and in no count."""
    return [] if actor.user_id is None else [subject for (subject,) in _closed_to(actor.user_id, actor.on)]


@prepared
def _closed_to(user: int, on: date) -> QuerySet[Block, tuple[int]]:
    return Block.objects.filter(open_on(on), user_id=user).values_list("subject_id")


def _without(blocked: Collection[int]) -> str:
    return f"subject_id NOT IN ({_ints(blocked)})"


def _at(places: Collection[str]) -> str:
    return f"place IN ({_marks(places)})"


def _within(actor: Actor, places: Collection[str]) -> str:
    """The places, without the children closed to this person by name."""
    blocked = _blocked(actor)
    return f"{_at(places)} AND {_without(blocked)}" if blocked else _at(places)


def _marks(values: Collection[Any]) -> str:
    return ", ".join("?" for _ in values)


def _ints(values: Collection[int]) -> str:
    return ", ".join(str(int(each)) for each in values)
