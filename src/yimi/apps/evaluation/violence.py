"""The district's violence monitoring (区级儿童暴力监测): reports of harm of a year in numbers, of no child and no township.

Cases are seen by their parties; this tells kinds, places, relations, how fast bodies answered and how often harm came
again, small counts withheld from everybody. A kind of case that ends sealed is not in it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor
from yimi.apps.audit.actions import Event as ReadEvent
from yimi.apps.cases.models import Case, Event, Involved, Party
from yimi.apps.evaluation.surveillance import Counts
from yimi.apps.records.models import Record
from yimi.engines.disclosure import ALL, one_way, suppress

KIND, FORM = "mandatory_report", "mandatory_report"
FIELDS = ("kind", "place_kind", "accused_relation", "situation")
AGAIN = timedelta(days=365)


@dataclass(frozen=True)
class Answered:
    """How long one body took. `median_hours` is None where too few have answered to tell."""

    party: str
    asked: int | None
    answered: int | None
    median_hours: float | None


@dataclass(frozen=True)
class Monitored:
    since: date
    total: int | None
    reopened: int | None  # cases opened again: harm within the period after the closing
    again: int | None  # children with a second report within a year
    parts: Mapping[str, Counts]  # field of the report → counts; none where the total itself is withheld
    answered: list[Answered]
    least: int


def may_open(actor: Actor) -> bool:
    """Whoever coordinates or leads, and the district's bodies that work on such cases."""
    kind = active.pack().cases.get(KIND)
    if kind is None or actor.configures or not actor.grants:
        return False
    roles = {role for party in kind.parties for role in party.roles}
    district = active.pack().info.district
    counts_only = any(not g.role.reads_children and not g.role.audits for g in actor.grants)
    return (
        actor.coordinates
        or counts_only
        or any(g.role.id in roles and g.place == district for g in actor.grants)
    )


def monitored(actor: Actor) -> Monitored:
    """The last twelve months."""
    pack = active.pack()
    since, least = actor.on - AGAIN, pack.number_on("least_count_protection", actor.on, 5)
    cases = list(Case.objects.filter(kind=KIND, opened_on__gt=since).exclude(state="sealed"))
    ids = [each.pk for each in cases]
    actor.reads.append(ReadEvent("list", "case", "", {"monitoring": KIND}))

    def small(n: int) -> int | None:
        return n if n == 0 or n >= least else None

    # Of so few that not even their number is told, a row of a kind or a place would tell what happened.
    told = _told(ids) if small(len(cases)) is not None else {}
    return Monitored(
        since, small(len(cases)), small(sum(each.reopened_on is not None for each in cases)), small(_again(ids)),
        {name: _counts(values, least) for name, values in told.items()}, _answered(cases, least), least,
    )  # fmt: skip


def _told(ids: list[int]) -> dict[str, list[str]]:
    """Field → what the first report of each case says; the correction where there is one."""
    replaced = Record.objects.filter(subject_id__in=ids, supersedes__isnull=False).values("supersedes")
    rows = (
        Record.objects.filter(subject_id__in=ids, form=FORM)
        .exclude(kind="void")
        .exclude(record_uid__in=replaced)
    )
    first: dict[int, Mapping[str, object]] = {}
    for subject, answers in rows.order_by("seq").values_list("subject_id", "answers"):
        first.setdefault(subject, answers)
    return {name: [str(first.get(each, {}).get(name) or "") for each in ids] for name in FIELDS}


def _counts(values: list[str], least: int) -> Counts:
    cells = one_way(Counter(values))
    withheld = suppress(cells, least)
    return Counts({(cell.key, ALL): cell.value for cell in cells}, frozenset((key, ALL) for key in withheld))


def _again(ids: list[int]) -> int:
    """Children harmed in more than one of these cases."""
    harmed = (
        Involved.objects.filter(case_id__in=ids).exclude(role="harming").values_list("child_id", flat=True)
    )
    return sum(n > 1 for n in Counter(harmed).values())


def _answered(cases: list[Case], least: int) -> list[Answered]:
    kind = active.pack().cases[KIND]
    opened = {each.pk: each.opened_at for each in cases}
    first: dict[tuple[str, int], float] = {}
    for case, party, at in (
        Event.objects.filter(case_id__in=opened, verb="record")
        .order_by("at")
        .values_list("case_id", "party", "at")
    ):
        first.setdefault((party, case), (at - opened[case]).total_seconds() / 3600)
    asked: dict[str, set[int]] = defaultdict(set)
    for party, case in Party.objects.filter(case_id__in=opened, needed=True).values_list("party", "case_id"):
        asked[party].add(case)
    found = []
    for each in kind.parties:
        mine = asked.get(each.id, set())
        hours = [first[each.id, case] for case in mine if (each.id, case) in first]
        silent = len(mine) - len(hours)
        told = len(mine) >= least and len(hours) >= least and (silent == 0 or silent >= least)
        found.append(
            Answered(
                each.id, len(mine) if len(mine) >= least or not mine else None, len(hours) if told or not mine else None,
                round(median(hours), 1) if len(hours) >= least else None,
            )
        )  # fmt: skip
    return found
