"""Reading cascades from the run in force: the funnel, its parts, and the children who stand at a stage.

District totals are for everybody with an appointment, small ones of a guarded sensitivity excepted; townships, schools and sexes for those whose figures of the
cascade's sensitivity are open; names for readers of that sensitivity, within reach.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor
from yimi.apps.evaluation import runs
from yimi.apps.evaluation.listing import blocked_to, by_name, reach, readable, seen_at, without
from yimi.apps.places.selectors import subtree
from yimi.apps.plan.selectors import Run, run_in_force, townships_open
from yimi.apps.register.models import Facility
from yimi.apps.register.selectors import Hit
from yimi.engines.cascade import counts_query, days_query, rounds
from yimi.engines.disclosure import ALL, suppress, two_way
from yimi.engines.indicators.withheld import least_count
from yimi.pack.schema import Cascade

Table = dict[tuple[Hashable, Hashable], int]  # (part, column) → children


@dataclass
class Funnel:
    """Children of one cell by their deepest stage: `at[0]` have reached none, `late[i]` wait too long at i."""

    at: list[int]
    late: list[int]
    medians: dict[int, tuple[float, int]] = field(
        default_factory=dict
    )  # position → median days to it, children
    withheld: bool = False  # too few in one of its counts to be told to this person
    late_withheld: bool = False  # too few only among those who wait too long, or who do not

    @property
    def scope(self) -> int:
        return sum(self.at)

    def reached(self, position: int) -> int:
        return sum(self.at[position:])


@dataclass(frozen=True)
class Parts:
    """A cascade's numbers as far as somebody may see them."""

    whole: Funnel
    townships: dict[str, Funnel]
    villages: dict[str, Funnel]
    schools: dict[int, Funnel]
    sexes: dict[str, Funnel]
    groups: dict[str, Funnel]
    least: int = 0  # the smallest count told of a part; 0: every one


@dataclass(frozen=True)
class School:
    name: str
    place: str | None


@dataclass(frozen=True)
class Line:
    """A child at a stage."""

    hit: Hit
    position: int
    since: date | None
    waits_for: str | None
    overdue_after: date | None
    late: bool
    school: int | None


def may_open(actor: Actor, cascade: Cascade) -> bool:
    return bool(actor.grants) and not actor.configures and cascade.id in active.pack().cascades


def cascades(actor: Actor) -> list[Cascade]:
    return [each for each in active.pack().cascades.values() if may_open(actor, each)]


def round_days(cascade: Cascade, as_of: date) -> list[date | None]:
    """First days of the rounds that were worked out, the running one first; [None] for an open cascade."""
    return [start for start, _ in rounds(cascade, as_of)] or [None]


def _run() -> Run | None:
    run = run_in_force()
    here = run is not None and runs.has(run.number, "cascades")
    return run if here else None


def _of_cascade(cascade: Cascade, start: date | None) -> tuple[str, list[Any]]:
    return "cascade = ? AND round IS NOT DISTINCT FROM ?::DATE", [cascade.id, start]


def totals(actor: Actor) -> dict[str, tuple[date | None, Funnel]]:
    """Cascade → the newest round that has seen anybody, and the district's funnel of it. One query for all."""
    run = _run()
    if run is None:
        return {}
    declared = {each.id: each for each in cascades(actor)}
    rows = runs.query(
        run.number,
        "SELECT cascade, round, position, count(*) AS n, count(*) FILTER (late) AS late FROM {cascades} "
        f"WHERE {_not_blocked(actor)} GROUP BY ALL ORDER BY round DESC NULLS LAST",
    )
    begun = {(row["cascade"], row["round"]) for row in rows if row["position"]}
    found: dict[str, tuple[date | None, Funnel]] = {}
    for name, each in declared.items():
        known = round_days(each, run.as_of)
        start = next((day for day in known if (name, day) in begun), known[0])
        cell = _funnel(len(each.stages) + 1)
        for row in rows:
            if row["cascade"] == name and row["round"] == start:
                cell.at[row["position"]] += row["n"]
                cell.late[row["position"]] += row["late"]
        _guard(cell, least_shown(actor, each))
        found[name] = (start, cell)
    return found


def newest(cascade: Cascade) -> date | None:
    """The round to show first: the running one, or the one before while nobody has been seen in it."""
    run = _run()
    if run is None or cascade.period == "open":
        return None
    rows = runs.query(
        run.number,
        "SELECT max(round) AS round FROM {cascades} WHERE cascade = ? AND position > 0",
        [cascade.id],
    )
    return rows[0]["round"] or round_days(cascade, run.as_of)[0]


def parts(actor: Actor, cascade: Cascade, start: date | None, township: str = "") -> Parts:
    """The funnel and its parts. With a township only its children, with their villages and schools."""
    size = len(cascade.stages) + 1
    empty = Parts(_funnel(size), {}, {}, {}, {}, {})
    run = _run()
    if run is None:
        return empty
    allowed = townships_open(actor, cascade.sensitivity)
    shown = {each.code for each in active.pack().townships()} if allowed is None else allowed
    if township and (township not in shown or least_shown(actor, cascade)):
        return empty  # a second cut inside the first would give small counts away
    where, values = _of_cascade(cascade, start)
    if township:
        where, values = f"{where} AND township = ?", [*values, township]
    source = f"SELECT * FROM {{cascades}} WHERE {where} AND {_not_blocked(actor)}"
    found: dict[str, dict[Any, Funnel]] = defaultdict(lambda: defaultdict(lambda: _funnel(size)))
    for row in runs.query(run.number, counts_query(source), values):
        cell = found[row["cut"]][_key(row)]
        cell.at[row["position"]] += row["n"]
        cell.late[row["position"]] += row["late"]
    for row in runs.query(run.number, days_query(source), values):
        found[row["cut"]][_key(row)].medians[row["position"]] = (row["median"], row["n"])
    whole = found["all"].get("", _funnel(size))
    if not shown:
        _guard(whole, least_shown(actor, cascade))
        return Parts(whole, {}, {}, {}, {}, {}, least_shown(actor, cascade))
    schools = {key: cell for key, cell in found["school"].items() if key is not None}
    seen = _school_places(schools)
    below = _schools_open(actor, cascade.sensitivity)
    reads_villages = township and (readable(actor, cascade.sensitivity) or actor.coordinates)
    complete = allowed is None or bool(township) or shown >= set(found["township"])
    least = least_shown(actor, cascade)
    _guard(whole, least)
    for cut, cells in found.items() if least else ():
        if cut != "all":
            _withhold(cells, least, whole)
    return Parts(
        whole,
        {code: cell for code, cell in found["township"].items() if code in shown},
        dict(found["village"]) if reads_villages else {},
        {key: cell for key, cell in schools.items() if below is None or seen.get(key) in below},
        {code: cell for code, cell in found["sex"].items() if code} if complete else {},
        {code: cell for code, cell in found["group"].items() if code} if complete else {},
        least,
    )


def least_shown(actor: Actor, cascade: Cascade) -> int:
    """The smallest count of a part this person is told; readers of the children's names are told every one."""
    if readable(actor, cascade.sensitivity) and not actor.coordinates:
        return 0
    return least_count(active.pack(), cascade.sensitivity, actor.on)


def _guard(whole: Funnel, least: int) -> None:
    """The whole with a small count is withheld like a part; where only those too late are few, only how late they are."""
    whole.withheld = any(0 < n < least for n in whole.at)
    waits = [n - late for n, late in zip(whole.at, whole.late, strict=True)]
    apart = [
        pair for pair in zip(whole.late, waits, strict=True) if pair[0]
    ]  # nobody late: nothing is told apart
    whole.late_withheld = whole.withheld or any(0 < n < least for pair in apart for n in pair)
    if whole.withheld:
        whole.medians.clear()
    for position in [each for each, (_, n) in whole.medians.items() if n < least]:
        del whole.medians[position]


def _withhold(cells: Mapping[Any, Funnel], least: int, whole: Funnel | None = None) -> None:
    """A part with a small count is withheld with all its counts, and so is every part that would give it away.

    What is told of the whole cannot be withheld. Parts are those of one cut.
    """
    whole = whole or Funnel([], [])
    counts: Table = {(key, n): number for key, cell in cells.items() for n, number in enumerate(cell.at)}
    late: Table = {(key, n): number for key, cell in cells.items() for n, number in enumerate(cell.late)}
    rest: Table = {
        (key, -1 - n): cell.at[n] - number
        for key, cell in cells.items()
        for n, number in enumerate(cell.late)
    }
    hidden: set[Any] = set()
    for table, untold in ((counts, whole.withheld), ({**late, **rest}, whole.late_withheld)):
        told = set() if untold else {(ALL, column) for _, column in table} | {(ALL, ALL)}
        hidden |= {key[0] for key in suppress(two_way(table), least, never=told) if isinstance(key, tuple)}
    for key, cell in cells.items():
        cell.withheld = key in hidden
        if cell.withheld:
            cell.medians.clear()


def _schools_open(actor: Actor, sensitivity: str) -> set[str] | None:
    """Places whose schools are told apart: a school's small number would point at a child. None for all."""
    if actor.is_system or actor.coordinates:
        return None
    places = {
        each.place
        for each in actor.grants
        if sensitivity in each.role.reads
        or not (each.role.reads_children or each.role.configures or each.role.audits)
    }
    return subtree(places, actor.on) if places else set()


def _not_blocked(actor: Actor) -> str:
    """Without the children closed to this person by name: neither a list nor a difference tells of them."""
    blocked = blocked_to(actor)
    return without(blocked) if blocked else "TRUE"


def _funnel(size: int) -> Funnel:
    return Funnel([0] * size, [0] * size)


def _key(row: dict[str, Any]) -> Any:
    column = {"township": "township", "village": "place", "sex": "sex", "school": "school", "group": "grp"}
    return row[column[row["cut"]]] if row["cut"] in column else ""


def _school_places(schools: dict[int, Funnel]) -> dict[int, str | None]:
    return dict(Facility.objects.filter(pk__in=schools).values_list("pk", "place_id"))


def school_names(schools: list[int]) -> dict[int, School]:
    found = Facility.objects.filter(pk__in=schools).values_list("pk", "name", "place_id")
    return {pk: School(name, place) for pk, name, place in found}


def may_list(actor: Actor, cascade: Cascade) -> bool:
    return readable(actor, cascade.sensitivity) and bool(reach(actor, cascade.sensitivity))


@dataclass(frozen=True)
class Wanted:
    """What a list asks for: the deepest stage (0: none yet), only the late, a place, a school."""

    position: int | None = None
    late: bool = False
    place: str = ""
    school: int | None = None


def children(
    actor: Actor, cascade: Cascade, start: date | None, wanted: Wanted, *, offset: int, limit: int
) -> tuple[list[Line], int]:
    """Children at a stage, the longest waiting first, with their names."""
    run, places = _run(), reach(actor, cascade.sensitivity, wanted.place)
    if run is None or not places or not may_list(actor, cascade):
        return [], 0
    where, values = _of_cascade(cascade, start)
    where, values = f"{where} AND {seen_at(actor, places)}", [*values, *sorted(places)]
    if wanted.position is not None:
        where, values = f"{where} AND position = ?", [*values, wanted.position]
    if wanted.late:
        where += " AND late"
    if wanted.school is not None:
        where, values = f"{where} AND school = ?", [*values, wanted.school]
    rows = runs.query(
        run.number,
        f"SELECT *, count(*) OVER () AS n FROM {{cascades}} WHERE {where} "
        f"ORDER BY late DESC, since, place, subject_id LIMIT {int(limit)} OFFSET {int(offset)}",
        values,
    )
    told = ("position", "since", "waits_for", "overdue_after", "late", "school")
    return by_name(
        actor,
        f"cascade:{cascade.id}",
        cascade.sensitivity,
        rows,
        lambda hit, row: Line(hit, *(row[name] for name in told)),
    )


def standing(subject_id: int, sensitivities: Collection[str]) -> list[dict[str, Any]]:
    """One child's cascades of these sensitivities, as of the run in force: position, since, waits_for, late and more."""
    run, pack = _run(), active.pack()
    rows = (
        runs.lists(run.number, "SELECT told FROM screened WHERE subject_id = ?", [subject_id]) if run else []
    )
    found = json.loads(rows[0]["told"]) if rows else []
    for each in found:
        each["since"] = date.fromisoformat(each["since"])
        each["overdue_after"] = each["overdue_after"] and date.fromisoformat(each["overdue_after"])
    read = [
        each
        for each in found
        if each["cascade"] in pack.cascades and pack.cascades[each["cascade"]].sensitivity in sensitivities
    ]
    return sorted(read, key=lambda each: (not each["late"], each["cascade"]))
