"""Reading what the last turn derived: figures of villages, and the children behind a figure.

Children are named only to those who may see them; everybody else is given a count.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor
from yimi.apps.alerts.models import AlertSubject
from yimi.apps.evaluation import runs
from yimi.apps.evaluation.listing import marks
from yimi.apps.places.selectors import subtree
from yimi.apps.plan.selectors import children_seen, villages_open
from yimi.apps.register import selectors as register
from yimi.engines import backend
from yimi.pack.load import Pack
from yimi.pack.schema import Indicator, Side
from yimi.rules.parse import parse
from yimi.rules.sql import day, quote, text, to_sql
from yimi.rules.tree import ListCall, StatusCall

# --- figures of the plan's indicators -----------------------------------------------------------------------

SHOWN = 100  # children named on one page
_STEP_COLUMNS = {"applies": "counted", "step_status": "status"}
_CHILD_NAMES = ("birth_date", "sex", "age_months", "age_years", "death_date")


def village_figures(
    actor: Actor, number: int, indicator: Indicator, item: str, villages: set[str]
) -> list[dict[str, Any]]:
    """Totals of villages from the run's files, as far as the actor may read them: place and the figure."""
    allowed = villages_open(actor, indicator.sensitivity)
    wanted = sorted(villages if allowed is None else villages & allowed)
    if not wanted or "village" not in indicator.cuts or not runs.kept(number):
        return []
    rows = runs.query(
        number,
        "SELECT place, numerator, denominator, value, withheld FROM {figures} WHERE indicator = ? AND coalesce(item, '') = ? "
        f"AND level = 'village' AND sex IS NULL AND age IS NULL AND place IN ({marks(wanted)}) ORDER BY place",
        [indicator.id, item, *wanted],
    )
    seen = children_seen(actor)[indicator.sensitivity]
    kept = {"numerator": None, "denominator": None, "value": None}
    return [
        {**row, **kept} if row["withheld"] and row["place"] not in seen else {**row, "withheld": False}
        for row in rows
    ]


def reported_figures(number: int) -> dict[str, dict[str, Any]]:
    """Indicator → the value a body typed in: value, reported_on, period."""
    if not runs.kept(number):
        return {}
    rows = runs.query(number, "SELECT indicator, value, reported_on, period FROM {figures} WHERE reported")
    return {row["indicator"]: row for row in rows}


def three_year_rates(number: int) -> dict[str, float | None]:
    """Indicator of rare events → the district's rate over three years."""
    if not runs.kept(number):
        return {}
    rows = runs.query(
        number,
        "SELECT indicator, three_year FROM {figures} WHERE three_year IS NOT NULL AND level = 'district' "
        "AND sex IS NULL AND age IS NULL",
    )
    return {row["indicator"]: row["three_year"] for row in rows}


@dataclass(frozen=True)
class Cohort:
    """The children of one item of an indicator in one place, by where they stand."""

    statuses: dict[str, int]  # status of the due item → children in the denominator
    left_out: dict[str, int]  # exception → children an exception takes out of the denominator
    missing: int  # in the denominator and not in the numerator


def cohort(number: int, indicator: Indicator, item: str, township: str, as_of: date) -> Cohort | None:
    """How a figure of a step comes about, from the due items; None for indicators of another make."""
    rules = _rules(active.pack(), indicator, as_of)
    if rules is None or not runs.kept(number):
        return None
    return _cohort(number, runs.identity(number), rules, item, township)


@lru_cache(maxsize=256)
def _cohort(number: int, identity: Hashable, rules: _Rules, item: str, township: str) -> Cohort:
    """A run's tables never change, and a page asks for the same few figures again and again."""
    rows = runs.query(
        number,
        f"SELECT d.status, d.exception, ({rules.base}) AS inside, coalesce({rules.counts}, FALSE) AS counts, count(*) AS n "
        f"FROM {_JOIN} WHERE {rules.where} AND {_PLACE} AND d.step = ? AND ({rules.eligible}) GROUP BY ALL",
        [township, item],
    )
    found = Cohort({}, {}, 0)
    missing = 0
    for row in rows:
        if row["inside"]:
            found.statuses[row["status"]] = found.statuses.get(row["status"], 0) + row["n"]
            missing += 0 if row["counts"] else row["n"]
        else:
            found.left_out[row["exception"]] = found.left_out.get(row["exception"], 0) + row["n"]
    return replace(found, missing=missing)


@dataclass(frozen=True)
class BehindLine:
    """A child behind a figure, for somebody who may know."""

    hit: register.Hit
    status: str
    due: date | None
    overdue_after: date | None


@dataclass(frozen=True)
class Behind:
    """Who is missing from a numerator: how many, and those this actor may see by name."""

    count: int
    named: list[BehindLine]


def behind(
    actor: Actor, number: int, indicator: Indicator, item: str, township: str, as_of: date
) -> Behind | None:
    """The children in a figure's denominator and not in its numerator, longest overdue first.

    Named are those whose file at the indicator's sensitivity is open to the actor, and those of an open alert
    that is addressed to the actor's role by name.
    """
    pack = active.pack()
    rules = _rules(pack, indicator, as_of)
    if rules is None or not runs.kept(number):
        return None
    rows = runs.query(
        number,
        f"SELECT d.subject_id, d.status, d.due, d.overdue_after FROM {_JOIN} WHERE {rules.where} AND {_PLACE} "
        f"AND d.step = ? AND ({rules.eligible}) AND ({rules.base}) AND NOT coalesce({rules.counts}, FALSE) "
        "ORDER BY d.overdue_after, d.subject_id",
        [township, item],
    )
    ids = [row["subject_id"] for row in rows][:SHOWN]
    hits = register.named(actor, ids, indicator.sensitivity) if actor.child_grants else {}
    told = [each for each in ids if each not in hits] if actor.child_grants else []
    addressed = _addressed(actor, told, item) if told else set()
    if addressed:
        hits |= register.named(actor, addressed, "basic")
    lines = [
        BehindLine(hits[row["subject_id"]], row["status"], row["due"], row["overdue_after"])
        for row in rows
        if row["subject_id"] in hits
    ]
    return Behind(len(rows), lines)


def _addressed(actor: Actor, subjects: list[int], step: str) -> set[int]:
    """Of these children, those on an open alert that tells one of the actor's roles by name."""
    open_lines = AlertSubject.objects.filter(
        subject_id__in=subjects, step=step, until__isnull=True, alert__closed_at__isnull=True
    ).values_list("subject_id", "alert__to_role", "alert__place_id")
    within: dict[str, set[str]] = {}
    for each in actor.child_grants:
        within.setdefault(each.role.id, set()).update(subtree({each.place}, actor.on))
    return {subject for subject, role, place in open_lines if place in within.get(role, ())}


_JOIN = "{due_items} d JOIN {children} c USING (subject_id)"
_PLACE = "d.township = ?"


@dataclass(frozen=True)
class _Rules:
    where: str  # pathway
    eligible: str  # the denominator's rule
    base: str  # its exceptions taken out
    counts: str  # the numerator's rule


def _rules(pack: Pack, indicator: Indicator, as_of: date) -> _Rules | None:
    """An indicator's rules over due items, printed from the same checked tree; None if they read anything else."""
    numerator, denominator = indicator.numerator, indicator.denominator
    if indicator.for_each is None or numerator is None or denominator is None:
        return None
    pathway = pack.pathways[indicator.for_each]
    if pathway.subject != "child" or any(_reads_more(side) for side in (numerator, denominator)):
        return None
    names = {name: f"c.{quote(name)}" for name in _CHILD_NAMES} | {
        "place": "d.place",
        "township": "d.township",
    }
    how = replace(backend.binding(pack, as_of=day(as_of), **names), step=_column(), day=day(as_of))
    out = [each.kind for each in pathway.exceptions if not each.in_denominator]
    counted = [each.kind for each in pathway.exceptions if each.in_numerator]
    return _Rules(
        where=f"d.pathway = {text(pathway.id)}",
        eligible=to_sql(parse(denominator.where), how),
        base=f"NOT coalesce({_exception(out)}, FALSE)",
        counts=f"({to_sql(parse(numerator.where), how)} OR coalesce({_exception(counted)}, FALSE))",
    )


def _column() -> Callable[[str, str], str]:
    return lambda function, name: f"d.{quote(_STEP_COLUMNS.get(function, function))}"


def _exception(kinds: Sequence[str]) -> str:
    return " OR ".join(f"d.exception = {text(kind)}" for kind in kinds) or "FALSE"


def _reads_more(side: Side) -> bool:
    """Does a rule look at records or statuses, which due items do not carry?"""
    return side.of != "child" or any(
        isinstance(node, ListCall | StatusCall)
        for rule in (side.where, side.amount)
        for node in parse(rule).walk()
    )
