"""Reading tasks: a person's desk, one task with its history, and the tasks about one child.

Children are named to the role the task stands with and to whoever may read the pathway's files; everybody else
who may see the task is told how many there are.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor
from yimi.apps.accounts.selectors import names_of_ids
from yimi.apps.alerts.models import AlertSubject
from yimi.apps.alerts.selectors import (
    NAMES,
    Behind,
    Children,
    behind,
    case_numbers,
    cases_seen,
    concerned,
    telling,
    within,
)
from yimi.apps.audit.actions import Event
from yimi.apps.evidence import selectors as proofs
from yimi.apps.evidence.selectors import Chip, Opened
from yimi.apps.once import once_a_page
from yimi.apps.places.selectors import lying_in
from yimi.apps.prepared import formed, prepared
from yimi.apps.register.permissions import reachable_places
from yimi.apps.tasks import permissions, states
from yimi.apps.tasks.models import Task, TaskEvent
from yimi.lib.errors import NotAllowed

TABS = ("mine", "to_verify", "handed_on", "all", "closed")
SHOWN = 50


@dataclass(frozen=True)
class TaskLine:
    uid: str
    title: dict[str, str]
    role: str
    organization: str | None
    place: str
    state: str
    opened_on: date
    first_due_on: date
    due_on: date
    closed_on: date | None
    level: int
    verified_by_role: str
    wants_evidence: bool
    pathway: str | None
    rule: str | None
    count: int
    may_accept: bool = False
    may_verify: bool = False
    children: Children = field(default_factory=Children)
    behind: list[Behind] = field(default_factory=list)  # facilities and persons it is about
    case: tuple[str, str] | None = None  # number and uid of the case it is about
    case_open: bool = False  # may this person open the case?


@dataclass(frozen=True)
class Desk:
    """One tab of a person's tasks; `counts` are those of every tab."""

    tab: str
    lines: list[TaskLine]
    counts: dict[str, int]
    late: int
    soon: int
    in_hand: int


@dataclass(frozen=True)
class Step:
    """One event of a task's history."""

    verb: str
    state: str
    by: str
    at: datetime
    note: str
    evidence: str
    detail: dict[str, object]
    files: tuple[Chip, ...] = ()


@dataclass(frozen=True)
class TaskFile:
    line: TaskLine
    holder: str  # who accepted it
    may: dict[str, bool]
    history: list[Step]
    names_open: bool  # are the children named to this reader?
    files_open: bool  # may this reader open what was attached?


class _Open(NamedTuple):
    """No more of an open task than tells on whose desk it lies."""

    pk: int
    alert: int | None
    pathway: str | None
    role: str
    verified_by_role: str
    place: str
    state: str
    due_on: date
    reported_by: int | None


@dataclass(frozen=True)
class _Desks:
    """The open tasks a person has anything to do with, by tab."""

    mine: list[_Open]
    to_verify: list[_Open]
    handed_on: list[_Open]
    held: list[_Open]  # stand with a role of this person, in whatever state
    all: list[_Open]


def desk(actor: Actor, tab: str, *, as_of: date, soon_until: date, limit: int = SHOWN) -> Desk:
    """The tasks of one tab, the most urgent first, and how many stand in each. A fixed number of queries."""
    desks = _desks(actor)
    tabs = {"mine": desks.mine, "to_verify": desks.to_verify, "handed_on": desks.handed_on}
    if actor.coordinates:
        tabs["all"] = desks.all
    closed = _closed(actor)
    chosen = tab if tab in tabs or tab == "closed" else "mine"
    if chosen == "closed":
        found_closed = Task.objects.filter(closed).select_related("alert")
        tasks = list(found_closed.order_by("-closed_at", "-pk")[:limit])
    else:
        urgent = sorted(tabs[chosen], key=lambda each: (each.due_on, each.place, each.pk))[:limit]
        found = {each.pk: each for each in _with_alerts([each.pk for each in urgent])}
        tasks = [found[each.pk] for each in urgent if each.pk in found]
    counts = {name: len(rows) for name, rows in tabs.items()} | {
        "closed": sum(n for (n,) in _numbers(closed))
    }
    late = sum(each.due_on < as_of for each in desks.mine)
    soon = sum(as_of <= each.due_on <= soon_until for each in desks.mine)
    in_hand = sum(each.state == states.ACCEPTED for each in desks.mine)
    return Desk(chosen, _lines(actor, tasks), counts, late, soon, in_hand)


@once_a_page
def _desks(actor: Actor) -> _Desks:
    reach, seen, pack = within(actor), cases_seen(actor), active.pack()
    handed = {task for (task,) in _handed_by(actor.user_id)} if actor.user_id is not None else set()

    holds = permissions.holding(actor)
    desks = _Desks([], [], [], [], [])
    for task in _open_around(actor, reach, seen, handed):
        if task.pathway in pack.sealing_pathways and task.alert not in seen:
            continue  # of a case that ends sealed not even the coordinating office has a line
        desks.all.append(task)
        held = holds(task.role, task.place, task.alert, task.pathway)
        if held:
            desks.held.append(task)
        if (held and task.state in (states.OPEN, states.ACCEPTED)) or (
            task.state == states.REFUSED and actor.coordinates
        ):
            desks.mine.append(task)
        elif task.pk in handed:
            desks.handed_on.append(task)
        verifies = holds(task.verified_by_role, task.place, task.alert, task.pathway)
        mine_to_verify = verifies and task.reported_by != actor.user_id
        if task.state == states.REPORTED and mine_to_verify:
            desks.to_verify.append(task)
    return desks


@prepared
def _handed_by(user: int) -> QuerySet[TaskEvent, tuple[int]]:
    ways = ("hand_on", "refuse", "report")
    found = TaskEvent.objects.filter(by_id=user, verb__in=ways, task__closed_at__isnull=True)
    return found.values_list("task_id")


def _open_around(
    actor: Actor, reach: Mapping[str, set[str]], seen: Collection[int], handed: set[int]
) -> list[_Open]:
    """Open tasks of this person's roles and places, of their cases, and those that went through their hands."""
    around = Q()
    if not actor.coordinates:
        around = lying_in(set().union(*reach.values()))
        around &= Q(role__in=reach) | Q(verified_by_role__in=reach)
        around |= Q(alert_id__in=list(seen)) | Q(pk__in=handed)
    return [_Open(*row) for row in _open_rows(around)]


@formed
def _open_rows(around: Q) -> QuerySet[Task, tuple[Any, ...]]:
    columns = ("pk", "alert_id", "alert__pathway", "role", "verified_by_role", "place_id", "state", "due_on")
    return Task.objects.filter(around, closed_at__isnull=True).values_list(*columns, "reported_by_id")


def _closed(actor: Actor) -> Q:
    unsealed = ~Q(alert__pathway__in=active.pack().sealing_pathways) | Q(alert_id__in=list(cases_seen(actor)))
    closed = unsealed & Q(closed_at__isnull=False)
    if actor.coordinates:
        return closed
    return closed & (telling(actor, "role", "alert__") | telling(actor, "verified_by_role", "alert__"))


@formed
def _numbers(chosen: Q) -> QuerySet[Task, tuple[int]]:
    """How many there are of each state."""
    return Task.objects.filter(chosen).values("state").annotate(n=Count("pk")).order_by().values_list("n")


def one(actor: Actor, uid: str) -> TaskFile:
    """A task with its history; `NotAllowed` for absent and denied alike."""
    task = Task.objects.select_related("alert").filter(uid=uid).first()
    if task is None or not permissions.may_see(actor, task):
        raise NotAllowed("no such task")
    line = _lines(actor, [task], also_ended=True, first=None)[0]
    events = list(task.events.order_by("at", "pk"))
    people = names_of_ids([*(each.by_id for each in events), task.accepted_by_id])
    files = {each.uid: each for each in proofs.attached("task", [task.uid]).get(str(task.uid), ())}
    history = [
        Step(
            each.verb,
            each.to_state,
            people.get(each.by_id or 0, ""),
            each.at,
            each.note,
            each.evidence,
            each.detail,
            tuple(files[name] for name in each.detail.get("files", ()) if name in files),
        )
        for each in events
    ]
    acts, verifies = permissions.may_act(actor, task), permissions.may_verify(actor, task)
    assigns = permissions.may_assign(actor, task)

    def may(verb: str, allowed: bool) -> bool:
        return allowed and task.state in states.TRANSITIONS[verb][0]

    allowed = {
        "accept": may("accept", acts), "report": may("report", acts), "refuse": may("refuse", acts),
        "hand_on": may("hand_on", acts or assigns), "verify": may("verify", verifies), "return": may("return", verifies),
        "assign": may("assign", assigns), "withdraw": may("withdraw", assigns),
    }  # fmt: skip
    names_open = task.alert_id is not None and task.alert_id in _open_by_name(actor, [task])
    holder = people.get(task.accepted_by_id or 0, "")
    return TaskFile(line, holder, allowed, history, names_open, _may_open_files(actor, task))


def stands_with(actor: Actor, uid: str) -> bool:
    """Is the task this person's to accept, report or hand on?"""
    task = Task.objects.select_related("alert").filter(uid=uid).first()
    return task is not None and permissions.may_act(actor, task)


def _may_open_files(actor: Actor, task: Task) -> bool:
    """A certificate bears a name: whoever is told a number only does not open it. The second person must."""
    if actor.is_system or permissions.may_act(actor, task) or permissions.may_verify(actor, task):
        return True
    if task.alert is not None and task.alert.pathway in active.pack().case_pathways:
        return False  # a case is read by its parties, place and sensitivity open nothing of it
    return task.alert_id is not None and task.alert_id in _open_by_name(actor, [task])


def open_evidence(actor: Actor, uid: str) -> Opened:
    """A file attached to a report, for whoever acts, verifies or is told the children's names."""
    for kind, owner, _ in proofs.owners(uid):
        task = Task.objects.select_related("alert").filter(uid=owner).first() if kind == "task" else None
        if task is not None and permissions.may_see(actor, task) and _may_open_files(actor, task):
            actor.reads.append(Event("read", "evidence", str(uid), {"task": str(owner)}))
            return proofs.opened(uid)
    raise NotAllowed("no such file")


def alerts_with_task(actor: Actor) -> set[int]:
    """Alerts for which an open task stands with one of this person's roles."""
    return {each.alert for each in _desks(actor).held if each.alert is not None}


OF_CHILD = 30


@prepared
def _with_alerts(tasks: list[int]) -> QuerySet[Task]:
    return Task.objects.select_related("alert").filter(pk__in=tasks)


@prepared
def _about(subject: int) -> QuerySet[Task]:
    alerts = AlertSubject.objects.filter(subject_id=subject).values("alert_id")
    return Task.objects.filter(alert_id__in=alerts).select_related("alert").order_by("-opened_at")[:OF_CHILD]


def of_child(actor: Actor, subject_id: int, limit: int = OF_CHILD) -> list[TaskLine]:
    """Tasks about one child this person may see, newest first. The caller has read the child's file."""
    found, reach = _about(subject_id)[:limit], within(actor)

    def told(task: Task) -> bool:
        roles = {task.role, task.verified_by_role, *(task.alert.also_roles if task.alert else ())}
        return (
            actor.is_system
            or actor.coordinates
            or any(task.place_id in reach.get(role, ()) for role in roles)
        )

    return [_line(each) for each in found if told(each)]


def colleagues(actor: Actor, line: TaskLine) -> list[tuple[str, str]]:
    """(role, place) a task can be handed on to: roles that work at its place or above it, and enter or verify."""
    if line.case is not None:
        return []  # a case stays with its parties
    pack = active.pack()
    village = pack.places.get(line.place)
    township = village.parent if village is not None and village.kind == "village" else line.place
    at = {
        "village": line.place,
        "township": township or line.place,
        "district": pack.info.district or line.place,
    }
    found = []
    for role in pack.roles.values():
        place = at.get(role.level)
        if place is None or not (role.records or role.verifies) or not role.reads_children or role.configures:
            continue
        if (role.id, place) != (line.role, line.place):
            found.append((role.id, place))
    return found


def _lines(
    actor: Actor, tasks: Sequence[Task], also_ended: bool = False, first: int | None = NAMES
) -> list[TaskLine]:
    by_name = _open_by_name(actor, tasks)
    told = [each.alert_id for each in tasks if each.alert_id]
    named = concerned(actor, told, by_name, also_ended, first) if by_name else {}
    about = _about_others(tasks)
    others = behind(actor, about, also_ended) if about else {}
    numbered = case_numbers([each.alert_id for each in tasks if each.alert_id])
    seen = cases_seen(actor) if numbered else {}
    holding = permissions.holding(actor)

    def holds(task: Task, role: str) -> bool:
        return holding(role, task.place_id, task.alert_id, task.alert.pathway if task.alert else None)

    return [
        replace(
            _line(each),
            may_accept=each.state == states.OPEN and holds(each, each.role),
            may_verify=each.state == states.REPORTED
            and holds(each, each.verified_by_role)
            and each.reported_by_id != actor.user_id,
            children=named.get(each.alert_id or 0, Children()),
            behind=others.get(each.alert_id or 0, []),
            case=numbered.get(each.alert_id or 0),
            case_open=each.alert_id in seen,
        )
        for each in tasks
    ]


def _about_others(tasks: Sequence[Task]) -> list[int]:
    """Alerts of these tasks that are about facilities, places, persons or bodies."""
    pack = active.pack()
    kinds = {each.id: each.subject for each in pack.pathways.values()}
    return [
        each.alert.pk
        for each in tasks
        if each.alert is not None
        and kinds.get(each.alert.pathway) in ("facility", "person", "place", "organization")
    ]


def _open_by_name(actor: Actor, tasks: Sequence[Task]) -> set[int]:
    """Alerts of these tasks whose children this person sees by name."""
    reach, pack = within(actor), active.pack()
    readable: dict[str, set[str]] = {}
    found = set()
    for each in tasks:
        if each.alert is None:
            continue
        pathway = pack.raised_by(each.alert.pathway)
        sensitivity = pathway.sensitivity if pathway else "justice"
        if sensitivity not in readable:
            readable[sensitivity] = reachable_places(actor, sensitivity)
        acts = each.place_id in reach.get(each.role, ()) or each.place_id in reach.get(each.alert.to_role, ())
        if actor.child_grants and (acts or each.place_id in readable[sensitivity]):
            found.add(each.alert.pk)
    return found


def _line(task: Task) -> TaskLine:
    alert = task.alert
    return TaskLine(
        uid=str(task.uid), title={"zh": task.title_zh, "en": task.title_en}, role=task.role,
        organization=task.organization_id, place=task.place_id, state=task.state,
        opened_on=timezone.localtime(task.opened_at).date(), first_due_on=task.first_due_on, due_on=task.due_on,
        closed_on=timezone.localtime(task.closed_at).date() if task.closed_at else None, level=task.level,
        verified_by_role=task.verified_by_role, wants_evidence=task.wants_evidence,
        pathway=alert.pathway if alert else None, rule=alert.rule if alert else None, count=alert.count if alert else 0,
    )  # fmt: skip
