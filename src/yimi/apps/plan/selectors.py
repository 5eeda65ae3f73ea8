"""Reading runs, figures and lights, what changed between two turns, and the tasks that serve a measure.

Totals of a district or a township are no secret among staff, except figures of a stricter sensitivity: see
`townships_open`. Tasks and their evidence are shown to whoever `yimi.apps.tasks.permissions` lets see them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Min, Q, QuerySet, Sum

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor
from yimi.apps.alerts.models import Alert
from yimi.apps.alerts.selectors import standing_with, within
from yimi.apps.audit.actions import Event
from yimi.apps.once import once_a_page
from yimi.apps.places.selectors import subtree
from yimi.apps.plan.models import Figure, Run, TargetReading
from yimi.apps.prepared import formed, prepared
from yimi.apps.register.permissions import reachable_places
from yimi.apps.tasks.models import Task, TaskEvent
from yimi.apps.tasks.states import CLOSED, NOT_DONE
from yimi.pack.schema import Indicator

TREND_POINTS = 24
SENSITIVE = ("basic", "health", "welfare", "protection", "justice")
GUARDED = ("welfare", "protection", "justice")  # small counts of a township would point at a child


def as_of_in_force() -> date | None:
    """The day the shown figures are of; None before the first turn of the cycle."""
    run = run_in_force()
    return run.as_of if run else None


@once_a_page
def run_in_force() -> Run | None:
    return next(iter(_in_force()), None)


@prepared
def _in_force() -> QuerySet[Run]:
    return Run.objects.filter(in_force=True).order_by("pk")[:1]


def lights_in_force() -> dict[str, str]:
    """Target → light, as shown now."""
    return dict(TargetReading.objects.filter(run__in_force=True).values_list("target", "light"))


def values_near(day: date, within_days: int = 45) -> dict[str, float]:
    """Target → value of the run nearest to a past day."""
    runs = Run.objects.filter(
        state="complete", as_of__range=(day - timedelta(within_days), day + timedelta(within_days))
    )
    nearest = min(runs, key=lambda run: abs((run.as_of - day).days), default=None)
    if nearest is None:
        return {}
    found = TargetReading.objects.filter(run=nearest, value__isnull=False).values_list("target", "value")
    return {target: value for target, value in found if value is not None}


# --- figures ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cell:
    """One stored figure of the run: an indicator, an item of it, a place, a cut."""

    indicator: str
    item: str
    place: str
    sex: str
    age: str
    numerator: float | None
    denominator: float | None
    value: float | None
    low: float | None
    high: float | None
    source: str
    withheld: bool = False  # there is a count, and this person is not told it


def cells(
    run: Run, indicators: Collection[str], cut: str = "place", *, actor: Actor, only: str = ""
) -> list[Cell]:
    """Figures of a run. `cut`: place (totals of the district and the townships), sex, age, or all. `only`: one place's.

    Of a figure that is withheld only those who see the children of its place are told the counts.
    """
    found = [Cell(*row) for row in _figures(run.pk, frozenset(indicators), cut, only)]
    if actor.is_system:
        return found
    declared, seen = (
        active.pack().indicators,
        children_seen(actor) if any(one.withheld for one in found) else {},
    )
    return [
        _as_told(each, seen[declared[each.indicator].sensitivity]) if each.withheld else each
        for each in found
    ]


@formed
def _figures(run: int, indicators: frozenset[str], cut: str, only: str) -> QuerySet[Figure, tuple[Any, ...]]:
    query = Figure.objects.filter(run_id=run, period="", indicator__in=indicators)
    if only:
        query = query.filter(place=only)
    if cut == "place":
        query = query.filter(sex="", age="")
    elif cut == "sex":
        query = query.exclude(sex="")
    elif cut == "age":
        query = query.exclude(age="")
    return query.values_list(*Cell.__dataclass_fields__).order_by("pk")


def children_seen(actor: Actor) -> Mapping[str, set[str]]:
    """Sensitivity → places whose children's facts of it this person reads: counts there are no secret."""
    found: dict[str, set[str]] = defaultdict(set)
    for each in SENSITIVE:
        found[each] = reachable_places(actor, each)
    return found


def _as_told(each: Cell, places: set[str]) -> Cell:
    if each.place in places:
        return replace(each, withheld=False)
    return replace(each, numerator=None, denominator=None, value=None, low=None, high=None)


def townships_open(actor: Actor, sensitivity: str) -> set[str] | None:
    """Townships whose figures of this sensitivity the actor may read; None for all of them."""
    if sensitivity not in GUARDED or actor.is_system or actor.coordinates:
        return None
    places: set[str] = set()
    for each in actor.grants:
        counts_only = not each.role.reads_children and not each.role.configures and not each.role.audits
        if counts_only or sensitivity in each.role.reads:
            places.add(each.place)
    return _townships(places, actor.on)


def villages_open(actor: Actor, sensitivity: str) -> set[str] | None:
    """Villages whose figures the actor may read: where a role reads that sensitivity. None for all of them."""
    if actor.is_system or actor.coordinates:
        return None
    places = {each.place for each in actor.child_grants if sensitivity in each.role.reads}
    return subtree(places, actor.on) if places else set()


def home_township(actor: Actor) -> str | None:
    """The one township an actor works in; None for those of the whole district."""
    found = _townships({each.place for each in actor.grants}, actor.on)
    return next(iter(found)) if len(found) == 1 else None


def _townships(places: set[str], on: date) -> set[str]:
    """The townships in, or around, these places."""
    pack = active.pack()
    below = subtree(places, on) if places else set()
    found = set()
    for code in below:
        place = pack.places.get(code)
        if place is not None:
            found.add(code if place.kind == "township" else place.parent if place.kind == "village" else None)
    return {each for each in found if each}


def worst_of(indicator: Indicator, operator: str, chosen: Iterable[Cell]) -> list[Cell]:
    """The cell that speaks for each place: the worst item with enough in its denominator, where items are judged."""
    best: dict[str, Cell] = {}
    low_is_bad = operator in (">=", ">", "=")
    for each in chosen:
        few = each.denominator is not None and each.denominator < indicator.min_denominator
        if each.value is None or few:
            continue
        known = best.get(each.place)
        worse = known is None or known.value is None
        if known is not None and known.value is not None and each.value != known.value:
            worse = (each.value < known.value) == low_is_bad
        if worse:
            best[each.place] = each
    return list(best.values())


def trends(
    indicators: Collection[Indicator], operators: Mapping[str, str]
) -> dict[str, list[tuple[date, float]]]:
    """Indicator → (day, value) of past days and runs, oldest first, as the indicator is judged.

    The same for everybody, and for as long as no figure is added: kept in the process until then.
    """
    newest = Figure.objects.order_by("-pk").values_list("pk", flat=True).first()
    asked = (
        newest,
        active.pack().fingerprint,
        tuple(each.id for each in indicators),
        tuple(operators.items()),
    )
    if asked not in _trends:
        if len(_trends) >= TRENDS_KEPT:
            _trends.clear()
        _trends[asked] = _worked_out(indicators, operators)
    return _trends[asked]


TRENDS_KEPT = 100  # questions: one for each page with trends
_trends: dict[Hashable, dict[str, list[tuple[date, float]]]] = {}


def _worked_out(
    indicators: Collection[Indicator], operators: Mapping[str, str]
) -> dict[str, list[tuple[date, float]]]:
    days = _trend_days({each.id for each in indicators})
    found: dict[str, dict[date, float]] = defaultdict(dict)
    district = active.pack().info.district or ""
    whole = [each.id for each in indicators if each.judge == "value"]
    query = Figure.objects.filter(
        run__in={run for run, _ in days}, sex="", age="", value__isnull=False, withheld=False
    )
    for name, run, period, value in query.filter(indicator__in=whole, place=district).values_list(
        "indicator", "run_id", "period", "value"
    ):
        if (run, period) in days:
            found[name][days[(run, period)]] = value
    for size in sorted({each.min_denominator for each in indicators if each.judge != "value"}):
        names = [each.id for each in indicators if each.judge != "value" and each.min_denominator == size]
        judged = query.filter(indicator__in=names, denominator__gte=size).exclude(place=district)
        rows = judged.values("indicator", "run_id", "period").annotate(least=Min("value"), most=Max("value"))
        for row in rows.order_by():
            day = days.get((row["run_id"], row["period"]))
            if day:
                rising = operators.get(row["indicator"], ">=") in (">=", ">", "=")
                found[row["indicator"]][day] = row["least" if rising else "most"]
    return {name: sorted(values.items())[-TREND_POINTS:] for name, values in found.items()}


def _trend_days(indicators: set[str]) -> dict[tuple[int, str], date]:
    """(run, period) → day of the points of a trend: the last run of each month, the run in force, past days."""
    runs = list(Run.objects.filter(state="complete").order_by("-number").values_list("number", "as_of")[:400])
    chosen: dict[tuple[int, str], date] = {}
    months: set[tuple[int, int]] = set()
    for number, as_of in runs:
        if (as_of.year, as_of.month) not in months:
            months.add((as_of.year, as_of.month))
            chosen[(number, "")] = as_of
    district = active.pack().info.district or ""
    past = Figure.objects.filter(indicator__in=indicators, place=district, sex="", age="").exclude(period="")
    for run, period in past.values_list("run_id", "period").distinct().order_by("run_id"):
        day = date.fromisoformat(period)
        if (day.year, day.month) not in months:
            chosen[(run, period)] = day
    newest = sorted(chosen.items(), key=lambda each: each[1])[-TREND_POINTS:]
    return dict(newest)


def note_export(actor: Actor, indicator: str, rows: int) -> None:
    """A table of figures leaves the house: written down like a reading."""
    actor.reads.append(Event("export", "indicator", indicator, {"rows": rows}))


# --- targets and what changed ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Light:
    """How a target stood after a run."""

    target: str
    light: str
    value: float | None
    place: str
    item: str
    detail: dict[str, Any] = field(default_factory=dict)


def lights(run: Run | None) -> dict[str, Light]:
    """Target → its reading of a run."""
    return {row[0]: Light(*row) for row in _readings(run.pk)} if run else {}


@prepared
def _readings(run: int) -> QuerySet[TargetReading, tuple[Any, ...]]:
    found = TargetReading.objects.filter(run_id=run)
    return found.values_list("target", "light", "value", "place", "item", "detail")


def run_before(run: Run) -> Run | None:
    return next(iter(_complete_before(run.number)), None)


@prepared
def _complete_before(number: int) -> QuerySet[Run]:
    return Run.objects.filter(state="complete", number__lt=number).order_by("-number")[:1]


@dataclass(frozen=True)
class AlertCount:
    """Alerts of one rule that opened or closed between two turns."""

    pathway: str
    rule: str
    opened: int
    closed: int
    children: int  # behind those that opened
    places: tuple[str, ...]  # of those that opened


@dataclass(frozen=True)
class Changes:
    """What moved between two runs."""

    before: Run | None
    lights: list[tuple[Light | None, Light]]  # (before, now) of the targets whose light or value moved
    alerts: list[AlertCount]
    tasks: dict[str, int]  # verb of a task's event → how many since the turn before


def changes(run: Run) -> Changes:
    """The run compared with the one before it. The first run has nothing to compare with."""
    before = run_before(run)
    if before is None:
        return Changes(None, [], [], {})
    was, now = lights(before), lights(run)
    moved = [
        (was.get(name), each)
        for name, each in now.items()
        if name not in was or (was[name].light, was[name].value) != (each.light, each.value)
    ]
    moved.sort(key=lambda pair: (pair[0] is not None and pair[0].light == pair[1].light, pair[1].target))
    return Changes(
        before, moved, _alert_counts(before.started_at, run.started_at), _task_events(before.started_at)
    )


def _alert_counts(since: datetime, until: datetime) -> list[AlertCount]:
    found: dict[tuple[str, str], list[Any]] = defaultdict(lambda: [0, 0, 0, []])
    # Cases are in no count of the plan: the difference of two would tell of one.
    cases = frozenset(active.pack().case_pathways)
    for pathway, rule, place, opened, closed, behind in _alerts_moved(since, until, cases):
        sums = found[(pathway, rule)]
        sums[0] += opened
        sums[1] += closed
        sums[2] += behind or 0
        if opened:
            sums[3].append(place)
    return [
        AlertCount(pathway, rule, opened, closed, children, tuple(places))
        for (pathway, rule), (opened, closed, children, places) in found.items()
    ]


@formed
def _alerts_moved(
    since: datetime, until: datetime, without: frozenset[str]
) -> QuerySet[Alert, tuple[Any, ...]]:
    """(pathway, rule, place, opened, closed, children behind those that opened)"""
    opened = Q(opened_at__gt=since, opened_at__lte=until)
    closed = Q(closed_at__gt=since, closed_at__lte=until)
    rows = Alert.objects.filter(opened | closed).exclude(pathway__in=without)
    return (
        rows.values_list("pathway", "rule", "place_id")
        .annotate(
            opened=Count("pk", filter=opened),
            closed=Count("pk", filter=closed),
            behind=Sum("count", filter=opened),
        )
        .order_by("pathway", "rule", "place_id")
    )


def _task_events(since: datetime) -> dict[str, int]:
    return dict(_events_by_verb(Q(at__gt=since) & _no_case("task__")))


@formed
def _events_by_verb(chosen: Q) -> QuerySet[TaskEvent, tuple[str, int]]:
    return TaskEvent.objects.filter(chosen).values_list("verb").annotate(n=Count("pk")).order_by()


def _no_case(task: str = "") -> Q:
    """Tasks, or events of tasks, that are not about a case: of those only its parties and the desk have a line."""
    return ~Q(**{f"{task}alert__pathway__in": active.pack().case_pathways})


@dataclass(frozen=True)
class TaskCount:
    open: int
    late: int


def task_counts(as_of: date) -> dict[str, TaskCount]:
    """Pathway → tasks not yet done and those of them that are late: counts, no task."""
    return {pathway: TaskCount(n, late) for pathway, n, late in _by_pathway(_not_done_yet(), as_of)}


@formed
def _by_pathway(chosen: Q, as_of: date) -> QuerySet[Task, tuple[str, int, int]]:
    rows = Task.objects.filter(chosen).values_list("alert__pathway")
    return rows.annotate(n=Count("pk"), late=_late(as_of)).order_by()


def late_tasks(pathway: str | None, as_of: date) -> dict[str, int]:
    """Place → late tasks of a pathway."""
    return dict(_by_place(_not_done_yet() & Q(alert__pathway=pathway, due_on__lt=as_of)))


@formed
def _by_place(chosen: Q) -> QuerySet[Task, tuple[str, int]]:
    return Task.objects.filter(chosen).values_list("place_id").annotate(n=Count("pk")).order_by()


def _not_done() -> QuerySet[Task]:
    return Task.objects.filter(_not_done_yet())


def _not_done_yet() -> Q:
    return _no_case() & Q(state__in=NOT_DONE, alert__isnull=False)


def _late(as_of: date) -> Count:
    return Count("pk", filter=Q(due_on__lt=as_of))


@dataclass(frozen=True)
class TaskLine:
    uid: str
    title: dict[str, str]
    role: str
    place: str
    state: str
    opened_at: datetime
    due_on: date
    closed_at: datetime | None


def tasks_of(actor: Actor, pathways: Collection[str], limit: int = 20) -> tuple[list[TaskLine], int]:
    """Tasks not yet done under these pathways that the actor may see, the most urgent first, and how many."""
    wanted = _not_done().filter(alert__pathway__in=pathways)
    seen = _seen(actor, wanted.order_by("due_on", "pk"))
    first = Task.objects.filter(pk__in=seen[:limit]).order_by("due_on", "pk")
    lines = [
        TaskLine(
            str(each.uid), {"zh": each.title_zh, "en": each.title_en}, each.role, each.place_id, each.state,
            each.opened_at, each.due_on, each.closed_at,
        )
        for each in first
    ]  # fmt: skip
    return lines, len(seen)


def _seen(actor: Actor, query: QuerySet[Task]) -> list[int]:
    """Of these tasks, the ids of those `tasks.permissions.may_see` allows, however many there are."""
    if actor.is_system or actor.coordinates:
        return list(query.values_list("pk", flat=True))
    reach = within(actor)
    around = query.filter(place_id__in=set().union(*reach.values()))
    columns = ("pk", "place_id", "role", "verified_by_role", "alert__also_roles")
    return [
        pk
        for pk, place, role, verifier, also in around.values_list(*columns)
        if any(place in reach.get(each, ()) for each in (role, verifier, *(also or ())))
    ]


@dataclass(frozen=True)
class Proof:
    """A piece of evidence somebody gave when reporting a task."""

    at: datetime
    task_uid: str
    title: dict[str, str]
    place: str
    organization: str
    evidence: str
    files: int  # how many were attached
    by: str
    verified_by: str | None


def evidence_of(actor: Actor, pathways: Collection[str], limit: int = 20) -> list[Proof]:
    """What was given as proof under these pathways, newest first, of tasks the actor may see."""
    given = ~Q(evidence="") | Q(detail__has_key="files")
    events = TaskEvent.objects.filter(given, verb="report", task__alert__pathway__in=pathways)
    events = events.filter(_no_case("task__"))
    newest = list(events.select_related("by").order_by("-at")[: limit * 5])
    tasks = Task.objects.filter(pk__in={each.task_id for each in newest}).select_related(
        "alert", "verified_by"
    )
    allowed = set(_seen(actor, tasks))
    seen = {each.pk: each for each in tasks if each.pk in allowed}
    return [
        Proof(
            each.at, str(task.uid), {"zh": task.title_zh, "en": task.title_en}, task.place_id,
            task.organization_id or "", each.evidence, len(each.detail.get("files", ())),
            each.by.display_name if each.by else "",
            task.verified_by.display_name if task.verified_by and task.state == CLOSED else None,
        )
        for each in newest
        if (task := seen.get(each.task_id)) is not None
    ][:limit]  # fmt: skip


def own_tasks(actor: Actor, as_of: date) -> tuple[int, int]:
    """How many tasks wait for this person's own roles at their own places, and how many of them are late."""
    mine = standing_with(within(actor))
    row = Task.objects.filter(mine, _no_case(), state__in=NOT_DONE).aggregate(
        n=Count("pk"), late=_late(as_of)
    )
    return row["n"], row["late"]
