"""Reading alerts: by name for the role an alert tells, in numbers for those who are told a count."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Q

from yimi.apps.accounts.permissions import Actor
from yimi.apps.alerts.models import Alert, AlertSubject
from yimi.apps.places.selectors import subtree
from yimi.apps.register import selectors as register
from yimi.apps.register.selectors import Hit
from yimi.lib.errors import NotAllowed

SHOWN = 60


@dataclass(frozen=True)
class Concerned:
    """A child behind an alert, for somebody who is told by name."""

    hit: Hit
    steps: tuple[str, ...]
    due: date | None
    overdue_after: date | None


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
    children: list[Concerned] = field(default_factory=list)


@dataclass(frozen=True)
class CountLine:
    """Alerts of one rule in this person's places, in numbers."""

    pathway: str
    rule: str
    children: int
    places: int
    opened_at: datetime  # of the oldest


def within(actor: Actor) -> dict[str, set[str]]:
    """Role → places below the posts at which this person holds it."""
    posts: dict[str, set[str]] = defaultdict(set)
    for each in actor.grants:
        posts[each.role.id].add(each.place)
    return {role: subtree(places, actor.on) for role, places in posts.items()}


def standing_with(reach: dict[str, set[str]], role: str = "role", place: str = "place_id") -> Q:
    """Rows whose role this person holds at their place."""
    found = Q(pk__in=())
    for name, places in reach.items():
        found |= Q(**{role: name, f"{place}__in": places})
    return found


def told_by_name(
    actor: Actor, limit: int = SHOWN, without: Collection[int] = ()
) -> tuple[list[AlertLine], int]:
    """Open alerts that tell one of this person's roles, oldest first, with the children; and how many there are."""
    query = Alert.objects.filter(standing_with(within(actor), role="to_role"), closed_at__isnull=True)
    query = query.exclude(pk__in=without)
    alerts = list(query.order_by("opened_at", "place_id", "rule")[:limit])
    named = concerned(actor, [each.pk for each in alerts], {each.pk for each in alerts})
    total = query.count() if len(alerts) == limit else len(alerts)
    return [_line(each, named.get(each.pk, [])) for each in alerts], total


def told_counts(actor: Actor) -> list[CountLine]:
    """What this person is told in numbers, one line a rule. Nobody is named."""
    reach = within(actor)
    query = Alert.objects.filter(closed_at__isnull=True)
    if not actor.coordinates:
        query = query.filter(place_id__in=set().union(*reach.values()))
    totals: dict[tuple[str, str], list[Any]] = {}
    columns = ("pathway", "rule", "place_id", "to_role", "also_roles", "count", "opened_at")
    for pathway, rule, place, to_role, also, count, opened_at in query.values_list(*columns):
        told = actor.coordinates or any(place in reach.get(role, ()) for role in also)
        if not told or place in reach.get(to_role, ()):
            continue
        row = totals.setdefault((pathway, rule), [0, 0, opened_at])
        row[0], row[1], row[2] = row[0] + count, row[1] + 1, min(row[2], opened_at)
    return [CountLine(*key, *row) for key, row in sorted(totals.items(), key=lambda item: -item[1][0])]


def concerned(
    actor: Actor, alerts: Collection[int], by_role: set[int], also_ended: bool = False
) -> dict[int, list[Concerned]]:
    """Alert → the children behind it now. `by_role`: alerts that tell this person, who sees them by name."""
    query = AlertSubject.objects.filter(alert_id__in=[each for each in alerts if each in by_role])
    if not also_ended:
        query = query.filter(until__isnull=True)
    lines: dict[tuple[int, int], list[tuple[str, date | None, date | None]]] = defaultdict(list)
    columns = ("alert_id", "subject_id", "step", "due", "overdue_after")
    for alert, subject, *line in query.order_by("overdue_after", "pk").values_list(*columns):
        lines[(alert, subject)].append(tuple(line))
    hits = register.named(actor, {subject for _, subject in lines}) if lines else {}
    found: dict[int, list[Concerned]] = defaultdict(list)
    for (alert, subject), rows in lines.items():
        if subject in hits:
            steps = tuple(dict.fromkeys(step for step, _, _ in rows))
            found[alert].append(Concerned(hits[subject], steps, *rows[0][1:]))
    return found


def addressed(actor: Actor, subject_id: int) -> set[tuple[str, str]]:
    """(pathway, step) of a child on open alerts that tell one of this person's roles by name."""
    reach = within(actor)
    rows = AlertSubject.objects.filter(
        subject_id=subject_id, until__isnull=True, alert__closed_at__isnull=True
    )
    columns = ("alert__pathway", "step", "alert__to_role", "alert__place_id")
    return {
        (pathway, step)
        for pathway, step, role, place in rows.values_list(*columns)
        if place in reach.get(role, ())
    }


def one(actor: Actor, uid: str) -> AlertLine:
    """An alert for whoever it tells by name, is told its count, or coordinates. Names only for the first."""
    alert = Alert.objects.filter(uid=uid).first()
    if alert is None:
        raise NotAllowed("no such alert")
    reach = within(actor)
    tells = actor.is_system or alert.place_id in reach.get(alert.to_role, ())
    counted = actor.coordinates or any(alert.place_id in reach.get(role, ()) for role in alert.also_roles)
    if not tells and not counted:
        raise NotAllowed("no such alert")
    named = concerned(actor, [alert.pk], {alert.pk} if tells else set())
    return _line(alert, named.get(alert.pk, []))


def _line(alert: Alert, children: list[Concerned]) -> AlertLine:
    return AlertLine(
        str(alert.uid), alert.pathway, alert.rule, alert.place_id, alert.to_role, alert.count, alert.first_due,
        alert.opened_at, children,
    )  # fmt: skip
