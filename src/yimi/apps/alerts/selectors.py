"""Reading alerts: by name for the role an alert tells, in numbers for those who are told a count."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Min, Q, QuerySet, Sum

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor
from yimi.apps.alerts.models import Alert, AlertSubject
from yimi.apps.cases import permissions as cases
from yimi.apps.cases import selectors as case_file
from yimi.apps.once import once_a_page
from yimi.apps.places.selectors import lying_in, subtree
from yimi.apps.prepared import formed, in_parts, prepared
from yimi.apps.register import selectors as register
from yimi.apps.register import subjects
from yimi.apps.register.selectors import Hit
from yimi.lib.errors import NotAllowed

SHOWN = 60
NAMES = 3  # of an alert's children that a list tells


@dataclass(frozen=True)
class Concerned:
    """A child behind an alert, for somebody who is told by name."""

    hit: Hit
    steps: tuple[str, ...]
    due: date | None
    overdue_after: date | None


@dataclass(frozen=True)
class Children:
    """The children behind an alert as somebody is told of them: the first few or all by name, and how many."""

    named: list[Concerned] = field(default_factory=list)
    count: int = 0


@dataclass(frozen=True)
class Behind:
    """A facility, place or body, or a person within reach, behind an alert."""

    uid: str
    name: str  # "" of a place: it is called by its code, in either language
    place: str | None
    steps: tuple[str, ...]
    due: date | None


@dataclass(frozen=True)
class AlertLine:
    uid: str
    pathway: str
    rule: str
    place: str
    to_role: str
    count: int
    first_due: date | None
    opened_at: datetime
    children: Children = field(default_factory=Children)
    case: tuple[str, str] | None = None  # number and uid


@dataclass(frozen=True)
class CountLine:
    """Alerts of one rule in this person's places, in numbers."""

    pathway: str
    rule: str
    children: int
    places: int
    opened_at: datetime  # of the oldest


@once_a_page
def within(actor: Actor) -> dict[str, set[str]]:
    """Role → places below the posts at which this person holds it."""
    posts: dict[str, set[str]] = defaultdict(set)
    for each in actor.grants:
        posts[each.role.id].add(each.place)
    return {role: subtree(places, actor.on) for role, places in posts.items()}


@once_a_page
def cases_seen(actor: Actor) -> dict[int, set[str]]:
    """Alert about a case this person works on → the parties of it the person acts for."""
    acting: dict[int, set[str]] = defaultdict(set)
    for case, party in cases.acted_for(actor):
        acting[case].add(party)
    if not acting:
        return {}
    pathways, seen = sorted(active.pack().case_pathways), list(cases.states_seen(actor))
    parts = in_parts(seen)
    return {alert: acting[case] for part in parts for alert, case in _raised_about(part, pathways)}


@prepared
def _raised_about(subjects: list[int], pathways: list[str]) -> QuerySet[AlertSubject, tuple[int, int]]:
    found = AlertSubject.objects.filter(subject_id__in=subjects, alert__pathway__in=pathways)
    return found.values_list("alert_id", "subject_id")


@once_a_page
def telling(actor: Actor, role: str = "to_role", alert: str = "") -> Q:
    """Alerts (or, with `alert="alert__"`, tasks of alerts) that stand with a role of this person.

    Elsewhere role and place decide; about a case the role is a party of it, and only its people are told.
    """
    about_case = Q(**{f"{alert}pathway__in": active.pack().case_pathways})
    place = standing_with(within(actor), role=role)
    of_case = Q(pk__in=())
    seen = cases_seen(actor)
    for party in set().union(*seen.values()):
        of_case |= Q(
            **{role: party, f"{alert}pk__in": [each for each, held in seen.items() if party in held]}
        )
    return (place & ~about_case) | (about_case & of_case)


def case_numbers(alerts: Collection[int]) -> dict[int, tuple[str, str]]:
    """Alert about a case → the case's number and uid; the caller may tell the number."""
    about, pathways = list(alerts), sorted(active.pack().case_pathways)
    parts = in_parts(about)
    found = [row for part in parts for row in _cases_behind(part, pathways)]
    if not found:
        return {}
    numbers = case_file.numbers([subject for _, subject, _ in found])
    return {alert: (numbers[subject], str(uid)) for alert, subject, uid in found if subject in numbers}


@prepared
def _cases_behind(alerts: list[int], pathways: list[str]) -> QuerySet[AlertSubject, tuple[int, int, UUID]]:
    found = AlertSubject.objects.filter(alert_id__in=alerts, alert__pathway__in=pathways)
    return found.values_list("alert_id", "subject_id", "subject__uid")


def standing_with(reach: dict[str, set[str]], role: str = "role", place: str = "place_id") -> Q:
    """Rows whose role this person holds at their place."""
    found = Q(pk__in=())
    for name, places in reach.items():
        found |= Q(**{role: name}) & lying_in(places, place)
    return found


def told_by_name(
    actor: Actor, limit: int = SHOWN, without: Collection[int] = ()
) -> tuple[list[AlertLine], int]:
    """Open alerts that tell one of this person's roles, oldest first, with the children; and how many there are."""
    told, settled = telling(actor), frozenset(without)
    alerts = _open_and(told, settled, limit)
    named = concerned(actor, [each.pk for each in alerts], {each.pk for each in alerts}, first=NAMES)
    total = _open(told, settled).count() if len(alerts) == limit else len(alerts)
    numbered = case_numbers([each.pk for each in alerts])
    return [_line(each, named.get(each.pk, Children()), numbered.get(each.pk)) for each in alerts], total


def _open(told: Q, without: frozenset[int]) -> QuerySet[Alert]:
    return Alert.objects.filter(told, closed_at__isnull=True).exclude(pk__in=without)


@formed
def _open_and(told: Q, without: frozenset[int], limit: int) -> QuerySet[Alert]:
    return _open(told, without).order_by("opened_at", "place_id", "rule")[:limit]


def told_counts(actor: Actor) -> list[CountLine]:
    """What this person is told in numbers, one line a rule. Nobody is named."""
    reach = within(actor)
    pack = active.pack()
    open_ = Q(closed_at__isnull=True) & ~Q(pathway__in=pack.sealing_pathways)
    if not actor.coordinates:
        # About a case a party is told by name, the coordinating office a number, and nobody else anything.
        open_ &= ~Q(pathway__in=pack.case_pathways) & lying_in(set().union(*reach.values()))
    open_ &= ~standing_with(reach, role="to_role")  # told by name
    # One role reaches all its places alike; of several, each has places of its own.
    groups = _sums(open_, len(reach) > 1)
    totals: dict[tuple[str, str], list[Any]] = {}
    for pathway, rule, also, *places, count, alerts, oldest in groups:
        if actor.coordinates or any(role in reach and reach[role].issuperset(places) for role in also):
            row = totals.setdefault((pathway, rule), [0, 0, oldest])
            row[0], row[1], row[2] = row[0] + count, row[1] + alerts, min(row[2], oldest)
    return [
        CountLine(*key, *row) for key, row in sorted(totals.items(), key=lambda item: (-item[1][0], item[0]))
    ]


@formed
def _sums(chosen: Q, by_place: bool) -> QuerySet[Alert, tuple[Any, ...]]:
    """(pathway, rule, also told, place if asked, children, alerts, oldest)"""
    each = ("pathway", "rule", "also_roles", *(("place_id",) if by_place else ()))
    found = Alert.objects.filter(chosen).values_list(*each)
    return found.annotate(Sum("count"), Count("pk"), Min("opened_at")).order_by()


def concerned(
    actor: Actor,
    alerts: Collection[int],
    by_role: set[int],
    also_ended: bool = False,
    first: int | None = None,
) -> dict[int, Children]:
    """Alert → the children behind it now. `by_role`: alerts that tell this person, who sees them by name.

    `first`: no more of each are named, and noted as read, than a list shows.
    """
    lines: dict[tuple[int, int], list[tuple[str, date | None, date | None]]] = defaultdict(list)
    told = list(dict.fromkeys(each for each in alerts if each in by_role))
    for part in in_parts(told):
        for alert, subject, *line in _ever_on(part) if also_ended else _on(part):
            lines[(alert, subject)].append(tuple(line))
    if not lines:
        return {}
    seen = register.reached(actor, {subject for _, subject in lines})
    about: dict[int, list[int]] = defaultdict(list)
    for alert, subject in lines:
        if subject in seen:
            about[alert].append(subject)
    hits = register.named(actor, [subject for each in about.values() for subject in each[:first]])
    found = {}
    for alert, children in about.items():
        named = []
        for subject in children[:first]:
            rows = lines[(alert, subject)]
            steps = tuple(dict.fromkeys(step for step, _, _ in rows))
            named.append(Concerned(hits[subject], steps, *rows[0][1:]))
        found[alert] = Children(named, len(children))
    return found


_LINE = ("alert_id", "subject_id", "step", "due", "overdue_after")


@prepared
def _on(alerts: list[int]) -> QuerySet[AlertSubject, tuple[Any, ...]]:
    found = AlertSubject.objects.filter(alert_id__in=alerts, until__isnull=True)
    return found.order_by("overdue_after", "pk").values_list(*_LINE)


@prepared
def _ever_on(alerts: list[int]) -> QuerySet[AlertSubject, tuple[Any, ...]]:
    found = AlertSubject.objects.filter(alert_id__in=alerts)
    return found.order_by("overdue_after", "pk").values_list(*_LINE)


def behind(actor: Actor, alerts: Collection[int], also_ended: bool = False) -> dict[int, list[Behind]]:
    """Alert → the facilities, places, bodies and persons behind it now. A facility is no secret; a person is one out of reach."""
    lines: dict[tuple[int, int], list[tuple[str, date | None]]] = defaultdict(list)
    told = list(dict.fromkeys(alerts))
    for part in in_parts(told):
        for alert, subject, step, due, ended in _others_on(part):
            if also_ended or ended is None:
                lines[(alert, subject)].append((step, due))
    known = subjects.named(actor, {subject for _, subject in lines}) if lines else {}
    found: dict[int, list[Behind]] = defaultdict(list)
    for (alert, subject), rows in lines.items():
        if subject in known:
            steps = tuple(dict.fromkeys(step for step, _ in rows))
            found[alert].append(Behind(*known[subject], steps, rows[0][1]))
    return found


@prepared
def _others_on(
    alerts: list[int],
) -> QuerySet[AlertSubject, tuple[int, int, str, date | None, datetime | None]]:
    found = AlertSubject.objects.filter(
        alert_id__in=alerts, subject__kind__in=("facility", "person", "place", "organization")
    )
    columns = ("alert_id", "subject_id", "step", "due", "until")
    return found.order_by("overdue_after", "pk").values_list(*columns)


def addressed(actor: Actor, subject_id: int) -> set[tuple[str, str]]:
    """(pathway, step) of a child on open alerts that tell one of this person's roles by name."""
    reach = within(actor)
    return {
        (pathway, step) for pathway, step, role, place in _told_of(subject_id) if place in reach.get(role, ())
    }


@prepared
def _told_of(subject: int) -> QuerySet[AlertSubject, tuple[str, str, str, str]]:
    rows = AlertSubject.objects.filter(subject_id=subject, until__isnull=True, alert__closed_at__isnull=True)
    return rows.values_list("alert__pathway", "step", "alert__to_role", "alert__place_id")


def one(actor: Actor, uid: str) -> AlertLine:
    """An alert for whoever it tells by name, is told its count, or coordinates. Names only for the first."""
    alert = Alert.objects.filter(uid=uid).first()
    if alert is None:
        raise NotAllowed("no such alert")
    reach = within(actor)
    if alert.pathway in active.pack().case_pathways:
        return _about_case(actor, alert)
    tells = actor.is_system or alert.place_id in reach.get(alert.to_role, ())
    counted = actor.coordinates or any(alert.place_id in reach.get(role, ()) for role in alert.also_roles)
    if not tells and not counted:
        raise NotAllowed("no such alert")
    named = concerned(actor, [alert.pk], {alert.pk} if tells else set())
    return _line(alert, named.get(alert.pk, Children()))


def _about_case(actor: Actor, alert: Alert) -> AlertLine:
    counted = actor.coordinates and alert.pathway not in active.pack().sealing_pathways
    if not actor.is_system and not counted and alert.pk not in cases_seen(actor):
        raise NotAllowed("no such alert")
    return _line(alert, Children(), case_numbers([alert.pk]).get(alert.pk))


def _line(alert: Alert, children: Children, case: tuple[str, str] | None = None) -> AlertLine:
    return AlertLine(
        str(alert.uid), alert.pathway, alert.rule, alert.place_id, alert.to_role, alert.count, alert.first_due,
        alert.opened_at, children, case,
    )  # fmt: skip
