"""Lists of children for those who may know their names: everybody within reach, what is due, what facts suggest.

What is due and what is suspected come from the run in force. Every function returns one page and the count of all,
in a fixed number of queries.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db.models import QuerySet

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor
from yimi.apps.accounts.selectors import open_on
from yimi.apps.evaluation import runs
from yimi.apps.evaluation.listing import (
    Filter,
    at_places,
    blocked_to,
    by_reach,
    cut_down,
    ints,
    marks,
    note,
    open_children,
    places_asked_for,
    reach,
    readable,
    without,
)
from yimi.apps.plan.selectors import run_in_force
from yimi.apps.prepared import formed
from yimi.apps.register import selectors as register
from yimi.apps.register.counts import counted
from yimi.apps.register.models import Child, Status
from yimi.apps.register.permissions import Reach, reach_of, reachable_places
from yimi.apps.register.selectors import Hit
from yimi.pack.schema import Pathway, Suspicion

WAITING = ("overdue", "due")


FEW = 300  # children: of so many a database is asked one by one


class DueLine(NamedTuple):
    hit: Hit
    step: str
    status: str
    earliest: date | None
    due: date | None
    overdue_after: date | None


@dataclass(frozen=True)
class SuspectedLine:
    hit: Hit
    suspicion: Suspicion


def children_page(
    actor: Actor, wanted: Filter, *, born_from: date | None, born_to: date | None, offset: int, limit: int
) -> tuple[list[Hit], int]:
    """Children within reach, the youngest first."""

    asked = _Living(reach_of(actor), wanted, places_asked_for(actor, wanted), born_from, born_to)
    ids = [each for (each,) in _youngest(asked, offset, limit)]
    hits = register.named(actor, ids)
    note(actor, "children", len(hits))
    count = counted(
        actor, ("children", wanted, born_from, born_to), lambda: asked.children().count(), size=int
    )
    return [hits[each] for each in ids if each in hits], count


@dataclass(frozen=True)
class _Living:
    """The children alive within somebody's reach, as a list asks for them."""

    near: Reach
    wanted: Filter
    places: frozenset[str]
    born_from: date | None
    born_to: date | None

    def children(self, looked_through: int = 0) -> QuerySet[Child]:
        found = self.near.children(looked_through).filter(death_date__isnull=True)
        if self.born_from:
            found = found.filter(birth_date__gte=self.born_from)
        if self.born_to:
            found = found.filter(birth_date__lte=self.born_to)
        return cut_down(found, self.wanted, self.places, self.near.on)


@formed
def _youngest(asked: _Living, offset: int, limit: int) -> QuerySet[Child, tuple[int]]:
    from_the_top = 0 if asked.wanted.place or asked.wanted.q else offset + limit
    found = asked.children(from_the_top).order_by("-birth_date", "pk").values_list("pk")
    return found[offset : offset + limit]


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
        f"WHERE subject_id IN ({ints(subjects)}) AND pathway IN ({marks(open_ones)})) WHERE urgency = 1",
        open_ones,
    )
    return {row["subject_id"]: row for row in rows}


def due_pathways(actor: Actor) -> list[Pathway]:
    """Pathways of children whose due lists this person reads."""
    return [
        each
        for each in active.pack().pathways.values()
        if each.subject == "child" and reachable_places(actor, each.sensitivity)
    ]


def due_counts(actor: Actor, pathways: Sequence[Pathway], place: str = "") -> dict[str, dict[str, int]]:
    """Pathway → status → children of the due list within reach."""
    run, blocked = run_in_force(), blocked_to(actor)
    found: dict[str, dict[str, int]] = {each.id: {} for each in pathways}
    for names, places in by_reach(actor, {each.id: each.sensitivity for each in pathways}, place):
        if run is None:
            continue
        there, at = at_places(places)
        where = f"pathway IN ({marks(names)}) AND {there}"
        told = f"SELECT pathway, status, sum(n) AS n FROM tally WHERE step = '' AND {where} GROUP BY 1, 2"
        if blocked:  # the tally knows places, not persons
            told = (
                f"SELECT pathway, status, count(DISTINCT subject_id) AS n FROM {_WAITING} AND {where} "
                f"AND {without(blocked)} GROUP BY 1, 2"
            )
        for row in runs.lists(run.number, told, [*names, *at]):
            found[row["pathway"]][row["status"]] = row["n"]
    return found


def due_page(
    actor: Actor, pathway: Pathway, wanted: Filter, *, offset: int, limit: int
) -> tuple[list[DueLine], int]:
    """Due and overdue items, the longest late first, with the names of the children."""
    run, places = run_in_force(), reach(actor, pathway.sensitivity, wanted.place)
    if run is None or not places:
        return [], 0
    chosen, blocked = [wanted.status] if wanted.status in WAITING else list(WAITING), blocked_to(actor)
    there, at = at_places(places)
    where = f"pathway = ? AND {there} AND status IN ({marks(chosen)})"
    values: list[Any] = [pathway.id, *at, *chosen]
    if wanted.code:
        where += " AND step = ?"
        values.append(wanted.code)
    persons = f" AND {without(blocked)}" if blocked else ""
    if wanted.q:
        ids = list(open_children(actor, pathway.sensitivity, wanted).values_list("pk", flat=True)[:5000])
        persons += f" AND subject_id IN ({ints(ids) or 'NULL'})"
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
    note(actor, pathway.id, len(hits))
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
    blocked, (there, at) = blocked_to(actor), at_places(places)
    found = runs.lists(
        run.number,
        f"SELECT subject_id, suspicion FROM suspicion WHERE suspicion IN ({marks(chosen)}) AND {there}"
        f"{f' AND {without(blocked)}' if blocked else ''} ORDER BY place, subject_id, suspicion",
        [*(each.id for each in chosen), *at],
    )
    decided = _decided(chosen, {row["subject_id"] for row in found}, actor.on)
    known = {each.id: each for each in chosen}
    left = [
        (row["subject_id"], known[row["suspicion"]])
        for row in found
        if row["subject_id"] not in decided[known[row["suspicion"]].suggests]
    ]
    if wanted.q:
        named_so = set(open_children(actor, pathway.sensitivity, wanted).values_list("pk", flat=True)[:5000])
        left = [each for each in left if each[0] in named_so]
    part = left[offset : offset + limit]
    hits = register.named(actor, [subject for subject, _ in part], pathway.sensitivity)
    note(actor, f"suspected:{pathway.id}", len(hits))
    return [SuspectedLine(hits[subject], each) for subject, each in part if subject in hits], len(left)


def suspected_counts(actor: Actor, pathways: Sequence[Pathway]) -> dict[str, int]:
    """Pathway → how many are on the list of its suspicions within reach; no names."""
    counts = suspicion_counts(actor, pathways)
    return {each.id: sum(counts.get(one.id, 0) for one in suspicions_of(actor, each)) for each in pathways}


def suspicion_counts(actor: Actor, pathways: Sequence[Pathway]) -> dict[str, int]:
    """Suspicion of these pathways → how many are on its list within reach; those with nobody are left out."""
    run, blocked = run_in_force(), blocked_to(actor)
    of = {one.id: each.sensitivity for each in pathways for one in suspicions_of(actor, each)}
    found: dict[str, int] = {}
    for names, places in by_reach(actor, of):
        if run is None:
            continue
        there, at = at_places(places)
        rows = runs.lists(
            run.number,
            f"SELECT suspicion, count(*) AS n FROM suspicion WHERE suspicion IN ({marks(names)}) AND {there}"
            f"{f' AND {without(blocked)}' if blocked else ''} GROUP BY 1",
            [*names, *at],
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


_WAITING = "item INDEXED BY item_waiting WHERE status <> 'upcoming'"
