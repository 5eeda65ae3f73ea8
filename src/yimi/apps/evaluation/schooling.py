"""Cohorts of school entrants with every lost child, and what is due at schools, kindergartens and childcare sites."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor
from yimi.apps.evaluation import runs
from yimi.apps.evaluation.listing import by_name, marks, reach, readable, seen_at
from yimi.apps.places.selectors import subtree
from yimi.apps.plan.selectors import run_in_force
from yimi.apps.records.selectors import in_force
from yimi.apps.register.models import Facility
from yimi.apps.register.selectors import Hit
from yimi.apps.register.subjects import site_places
from yimi.engines.cohorts import STANDINGS
from yimi.pack.schema import Pathway

SENSITIVITY = "basic"
TERM = timedelta(days=190)
LIMIT = "large_class_limit"


@dataclass
class Cohort:
    """The entrants of one school year."""

    year: int
    standings: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STANDINGS, 0))

    @property
    def entered(self) -> int:
        return sum(self.standings.values())

    @property
    def retained(self) -> float | None:
        """Percent of the entrants who are not lost."""
        return (1 - self.standings["lost"] / self.entered) * 100 if self.entered else None


@dataclass(frozen=True)
class Lost:
    hit: Hit
    cohort: int
    left_on: date | None


@dataclass(frozen=True)
class SiteItem:
    """Something due at a site."""

    uid: str
    name: str
    kind: str
    place: str | None
    pathway: str
    step: str
    status: str
    due: date | None
    overdue_after: date | None


@dataclass(frozen=True)
class LargeClass:
    school: str
    place: str | None
    name: str
    pupils: int
    on: date


def may_count(actor: Actor) -> bool:
    """Counts of cohorts: the coordinating office, and whoever reads where children go to school."""
    return actor.is_system or actor.coordinates or readable(actor, SENSITIVITY)


def cohorts(actor: Actor, place: str = "") -> list[Cohort]:
    """Cohorts that are or were at school, the newest first."""
    run = run_in_force()
    if run is None or not may_count(actor) or not runs.has(run.number, "cohorts"):
        return []
    condition, values = "TRUE", []
    if not (actor.is_system or actor.coordinates):
        places = reach(actor, SENSITIVITY, place)
        # A child who left has no address here: it is counted by whoever reads the whole district only.
        whole = any(each.role.level == "district" for each in actor.child_grants) and not place
        condition, values = ("TRUE", []) if whole else (seen_at(actor, places), sorted(places))
        if not whole and not places:
            return []
    elif place:
        values = sorted(subtree({place}, actor.on))
        condition = f"place IN ({marks(values)})"
    rows = runs.query(
        run.number,
        f"SELECT cohort, standing, count(*) AS n FROM {{cohorts}} WHERE {condition} GROUP BY ALL",
        values,
    )
    found: dict[int, Cohort] = {}
    for row in rows:
        found.setdefault(row["cohort"], Cohort(row["cohort"])).standings[row["standing"]] = row["n"]
    return [found[year] for year in sorted(found, reverse=True)]


def lost(
    actor: Actor, year: int | None, place: str = "", *, offset: int, limit: int
) -> tuple[list[Lost], int]:
    """The lost children of a cohort (None: all) who live within reach, the latest to leave first."""
    run, places = run_in_force(), reach(actor, SENSITIVITY, place)
    if run is None or not places or not runs.has(run.number, "cohorts"):
        return [], 0
    wanted = "" if year is None else " AND cohort = ?"
    rows = runs.query(
        run.number,
        f"SELECT subject_id, cohort, left_on, count(*) OVER () AS n FROM {{cohorts}} WHERE {seen_at(actor, places)} "
        f"AND standing = 'lost'{wanted} ORDER BY left_on DESC NULLS LAST, subject_id LIMIT {int(limit)} OFFSET {int(offset)}",
        [*sorted(places), *([] if year is None else [year])],
    )
    return by_name(
        actor, "lost", SENSITIVITY, rows, lambda hit, row: Lost(hit, row["cohort"], row["left_on"])
    )


# --- sites --------------------------------------------------------------------------------------------------


def site_pathways() -> list[Pathway]:
    return [each for each in active.pack().pathways.values() if each.subject == "facility"]


def places_of_work(actor: Actor, place: str = "") -> set[str]:
    """The actor's places, or those of them below one; nothing about a child is in what is due at a site."""
    found = site_places(actor)
    return found & subtree({place}, actor.on) if place else found


def site_items(
    actor: Actor,
    pathway: str = "",
    status: str = "",
    place: str = "",
    step: str = "",
    *,
    offset: int,
    limit: int,
) -> tuple[list[SiteItem], int]:
    """What is due and overdue at sites, the longest late first."""
    run, places = run_in_force(), places_of_work(actor, place)
    if run is None or not places or not runs.has(run.number, "site_items"):
        return [], 0
    wanted = [status] if status in ("overdue", "due") else ["overdue", "due"]
    asked = {name: value for name, value in (("pathway", pathway), ("step", step)) if value}
    only = "".join(f" AND {name} = ?" for name in asked)
    rows = runs.query(
        run.number,
        f"SELECT *, count(*) OVER () AS n FROM {{site_items}} WHERE place IN ({marks(places)}) AND counted "
        f"AND status IN ({marks(wanted)}){only} ORDER BY status DESC, overdue_after, place, subject_id, position "
        f"LIMIT {int(limit)} OFFSET {int(offset)}",
        [*sorted(places), *wanted, *asked.values()],
    )
    known = Facility.objects.filter(pk__in=[row["subject_id"] for row in rows])
    names = {pk: (str(uid), name) for pk, uid, name in known.values_list("pk", "subject__uid", "name")}
    found = [
        SiteItem(
            *names.get(row["subject_id"], ("", "")), row["kind"], row["place"], row["pathway"], row["step"], row["status"], row["due"],
            row["overdue_after"],
        )
        for row in rows
    ]  # fmt: skip
    return found, rows[0]["n"] if rows else 0


def site_counts(actor: Actor) -> dict[str, dict[str, int]]:
    """Pathway → status → items within the actor's places."""
    run, places = run_in_force(), places_of_work(actor)
    found: dict[str, dict[str, int]] = defaultdict(dict)
    if run is None or not places or not runs.has(run.number, "site_items"):
        return found
    rows = runs.query(
        run.number,
        f"SELECT pathway, status, count(*) AS n FROM {{site_items}} WHERE place IN ({marks(places)}) AND counted GROUP BY ALL",
        sorted(places),
    )
    for row in rows:
        found[row["pathway"]][row["status"]] = row["n"]
    return found


def class_limit(on: date) -> int | None:
    """More pupils than this is a large class, by the parameter in force."""
    parameter = active.pack().parameters.get(LIMIT)
    known = [each for each in parameter.values if each.effective_from <= on] if parameter else []
    return int(float(max(known, key=lambda each: each.effective_from).value)) if known else None


def large_classes(actor: Actor, on: date, place: str = "") -> list[LargeClass]:
    """Classes above the limit on any day: the latest roll of each class of the term before it, the largest first."""
    limit, places = class_limit(on), places_of_work(actor, place)
    if limit is None or not places:
        return []
    term = in_force("class_roll", on).filter(occurred_on__gt=on - TERM).order_by("occurred_on", "pk")
    rolls = term.values_list("subject_id", "answers", "occurred_on")
    latest: dict[tuple[int, str], tuple[int, date]] = {}
    for subject, answers, day in rolls:
        latest[subject, str(answers.get("class_name", ""))] = (int(answers.get("pupils") or 0), day)
    large = {key: told for key, told in latest.items() if told[0] > limit}
    sites = {
        pk: (name, at)
        for pk, name, at in Facility.objects.filter(
            pk__in=[key[0] for key in large], place_id__in=places
        ).values_list("pk", "name", "place_id")
    }
    found: Sequence[LargeClass] = [
        LargeClass(sites[key[0]][0], sites[key[0]][1], key[1], told[0], told[1])
        for key, told in large.items()
        if key[0] in sites
    ]
    return sorted(found, key=lambda each: (-each.pupils, each.school, each.name))
