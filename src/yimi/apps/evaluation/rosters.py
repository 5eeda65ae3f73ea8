"""Rosters as of a day: what is late at facilities, which protection stations count, whose certificate is valid.

A station counts by the very rule of its indicator, asked of its records of this moment. The number of certified
workers on a day is the length of the list behind it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor
from yimi.apps.accounts.selectors import open_on
from yimi.apps.audit.actions import Event
from yimi.apps.evaluation import runs
from yimi.apps.evaluation.listing import marks
from yimi.apps.places.selectors import subtree
from yimi.apps.plan.selectors import run_in_force
from yimi.apps.records import gates
from yimi.apps.records.facts import rows_of
from yimi.apps.records.models import Record
from yimi.apps.records.selectors import in_force
from yimi.apps.register import selectors as register
from yimi.apps.register import subjects
from yimi.apps.register.counts import counted
from yimi.apps.register.models import Facility, Person, Residence, Status
from yimi.apps.register.permissions import within_reach
from yimi.apps.register.selectors import Hit
from yimi.apps.register.subjects import RosterLine, person_places, site_places
from yimi.apps.translated import standing
from yimi.lib.dates import add_months
from yimi.pack.schema import Form, Target
from yimi.pack.words import Text

STATION, COVERAGE, WORKING, CHECK, SETUP = (
    "minor_station", "minor_station_coverage", "station_working", "station_check", "station_setup",
)  # fmt: skip
PAIRING, IN_NEED = "pairing", ("hardship", "left_behind")
CERTIFICATE, LICENSE, WORKERS = "certificate", "license", "child_social_workers"


@dataclass(frozen=True)
class Station:
    """A township and its station; no station: `uid` is empty and `planned_on` what the township has planned.

    `lacks`: steps that are not done. `home`: the address of the township's page.
    """

    township: str
    uid: str = ""
    name: str = ""
    checked_on: date | None = None
    staff: int | None = None
    room: bool | None = None
    hotline_ok: bool | None = None
    counts: bool = False
    lacks: tuple[str, ...] = ()
    renew_by: date | None = None  # from the day after it is not counted without a new check
    home: str = ""
    planned_on: date | None = None


@dataclass(frozen=True)
class Holder:
    """`standing`: valid, ending (within a year of the day), lapsed."""

    uid: str
    name: str
    place: str | None
    number: str
    since: date
    valid_until: date | None
    standing: str


def late_at_sites(actor: Actor) -> dict[int, tuple[int, int]]:
    """Facility → how many of its items are overdue and due in the run in force."""
    run, places = run_in_force(), site_places(actor)
    if run is None or not places or not runs.has(run.number, "site_items"):
        return {}
    rows = runs.query(
        run.number,
        "SELECT subject_id, count(*) FILTER (status = 'overdue') AS late, count(*) FILTER (status = 'due') AS due "
        f"FROM {{site_items}} WHERE place IN ({marks(places)}) AND counted AND status IN ('overdue', 'due') GROUP BY 1",
        sorted(places),
    )
    return {row["subject_id"]: (row["late"], row["due"]) for row in rows}


def public_marks(actor: Actor) -> dict[int, tuple[Text, ...]]:
    """Facility → what the public is to be told of it: what lapsed by the run in force."""
    run, places, pack = run_in_force(), site_places(actor), active.pack()
    told = {
        step.id: step.public_mark
        for each in pack.pathways.values()
        for step in each.steps
        if step.public_mark
    }
    if run is None or not places or not told or not runs.has(run.number, "site_items"):
        return {}
    rows = runs.query(
        run.number,
        "SELECT subject_id, step FROM {site_items} WHERE counted AND status = 'overdue' "
        f"AND step IN ({marks(told)}) AND place IN ({marks(places)}) ORDER BY subject_id, position",
        [*told, *sorted(places)],
    )
    found: dict[int, tuple[Text, ...]] = {}
    for row in rows:
        found[row["subject_id"]] = (*found.get(row["subject_id"], ()), told[row["step"]])
    return found


def stations(actor: Actor) -> list[Station]:
    """Every township within reach with its station, those that do not count first."""
    pack, places, on = active.pack(), site_places(actor), actor.on
    coverage, one = pack.indicators.get(COVERAGE), standing("facility")
    if coverage is None or coverage.numerator is None:
        return []
    known = (
        Facility.objects.filter(kind=STATION, place_id__in=places).select_related("subject").order_by("pk")
    )
    homes = subjects.place_uids([each.code for each in pack.townships()])
    own = {each.pk: each for each in known}
    found: dict[str, Station] = {}
    for pk, rows in rows_of(list(own), "facility").items():
        facts = one.facts(rows, on)
        if facts is None or not facts["township"]:
            continue
        check = (facts.get(CHECK) or [{}])[-1]
        seen = one.evaluate(rows, on).pathways.get(WORKING)
        items = {row["step"]: row for row in seen.due} if seen else {}
        made = Station(
            facts["township"], str(own[pk].subject.uid), own[pk].name, check.get("on"), check.get("staff"), check.get("room"),
            check.get("hotline_ok"), one.holds(coverage.numerator.where, facts),
            tuple(step for step, row in items.items() if row["status"] in ("due", "overdue")),
            items["ST_TEST"]["overdue_after"] if "ST_TEST" in items else None,
        )  # fmt: skip
        if made.township not in found or made.counts:
            found[made.township] = made
    townships = [each.code for each in pack.townships() if each.code in places]
    planned = _planned([code for code in townships if code not in found], on)
    without = {
        code: Station(code, home=homes.get(code, ""), planned_on=planned.get(code)) for code in townships
    }
    listed = [found.get(code, without[code]) for code in townships]
    return sorted(listed, key=lambda each: (each.counts, each.township))


def _planned(townships: list[str], on: date) -> dict[str, date | None]:
    """Township → the day it plans to open its station, as it said last."""
    records = in_force(SETUP, on).filter(subject__place_id__in=townships).order_by("occurred_on", "pk")
    rows = records.values_list("subject__place_id", "answers")
    return {code: _day(answers.get("planned_on")) for code, answers in rows if code}


def certified(actor: Actor, code: str, on: date, place: str = "") -> list[Holder]:
    """Who holds a certificate of this kind on a day, past or ahead; those whose certificate has ended stand last."""
    places = person_places(actor)
    places = places & subtree({place}, actor.on) if place else places
    holders = Status.objects.filter(scheme=LICENSE, code=code, valid_from__lte=on).values("subject_id")
    query = Person.objects.filter(pk__in=holders, place_id__in=places).exclude(death_date__lte=on)
    people = {each.pk: each for each in query.select_related("subject")}
    replaced = Record.objects.filter(subject_id__in=people, supersedes__isnull=False).values("supersedes")
    records = Record.objects.filter(subject_id__in=people, form=CERTIFICATE, occurred_on__lte=on).exclude(
        kind="void"
    )
    best: dict[int, tuple[date, Record]] = {}
    for each in records.exclude(record_uid__in=replaced).order_by("occurred_on", "seq"):
        if each.answers.get("kind") != code:
            continue
        until = _day(each.answers.get("valid_until")) or date.max
        if each.subject_id not in best or until >= best[each.subject_id][0]:
            best[each.subject_id] = (until, each)
    actor.reads.append(Event("list", "person", "", {"count": len(best), "certificate": code}))
    year = add_months(on, 12)
    found = [
        Holder(
            str(people[pk].subject.uid), people[pk].name, people[pk].place_id, str(record.answers.get("number") or ""),
            record.occurred_on, None if until == date.max else until,
            "lapsed" if until < on else "ending" if until <= year else "valid",
        )
        for pk, (until, record) in best.items()
    ]  # fmt: skip
    return sorted(
        found, key=lambda each: (each.standing == "lapsed", each.valid_until or date.max, each.name)
    )


@dataclass(frozen=True)
class Match:
    """A child in difficulty whom no adult stands for, and who of the same township could: those of the village first."""

    hit: Hit
    codes: tuple[tuple[str, str], ...]  # scheme and code
    adults: tuple[RosterLine, ...]


def matching(
    actor: Actor, scheme: str = "hardship", place: str = "", *, offset: int, limit: int
) -> tuple[list[Match], int, int]:
    """Children of one ledger to be matched, the longest in it first; how many; how many adults could be named today."""
    pack = active.pack()
    form = pack.forms.get(PAIRING)
    if form is None or scheme not in IN_NEED or not actor.records(PAIRING):
        return [], 0, 0
    paired = Status.objects.filter(open_on(actor.on), scheme=PAIRING, subject_id=OuterRef("subject_id"))
    wanted = Status.objects.filter(
        within_reach(actor, form.sensitivity, form=PAIRING, subject="subject_id"), open_on(actor.on), ~Exists(paired),
        scheme=scheme, subject__kind="child",
    )  # fmt: skip
    if place:
        living = Residence.objects.filter(open_on(actor.on), place_id__in=subtree({place}, actor.on))
        wanted = wanted.filter(subject_id__in=living.values("subject_id"))
    rows = wanted.order_by("valid_from", "pk").values_list("subject_id", flat=True)
    ids = list(dict.fromkeys(rows[offset : offset + limit]))
    count = counted(actor, ("matching", scheme, place), wanted.count, size=int)
    hits = register.named(actor, ids, form.sensitivity)
    codes: dict[int, list[tuple[str, str]]] = {}
    held = Status.objects.filter(open_on(actor.on), subject_id__in=ids, scheme__in=IN_NEED).order_by("scheme")
    for child, scheme, code in held.values_list("subject_id", "scheme", "code"):
        codes.setdefault(child, []).append((scheme, code))
    free, of = _free(actor, form), _townships()
    found = []
    for each in ids:
        if each in hits:
            home = hits[each].place or ""
            near = sorted(free.get(of.get(home, home), ()), key=lambda one: one.place != home)
            found.append(Match(hits[each], tuple(codes.get(each, ())), tuple(near)))
    return found, count, sum(len(each) for each in free.values())


def _free(actor: Actor, form: Form) -> dict[str, list[RosterLine]]:
    """Township → adults whom the form may name today."""
    field = next(each for each in form.fields if each.type == "person")
    listed = subjects.adults(gates.reach(form, actor), field.among, actor.on)
    fit, of = gates.open_to(form, field.id, [each.subject_id for each in listed], actor.on), _townships()
    found: dict[str, list[RosterLine]] = {}
    for each in listed:
        if each.subject_id in fit:
            found.setdefault(of.get(each.place or "", each.place or ""), []).append(each)
    return found


def _townships() -> dict[str, str]:
    return {each.code: each.parent or "" for each in active.pack().villages()}


def wanted() -> Target | None:
    """The target for certified child social workers, if the plan sets one."""
    return next((each for each in active.pack().targets.values() if each.indicator == WORKERS), None)


def _day(raw: object) -> date | None:
    try:
        return date.fromisoformat(str(raw)) if raw else None
    except ValueError:
        return None
