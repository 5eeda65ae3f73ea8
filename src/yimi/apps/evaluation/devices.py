"""First-aid devices by their straight distance from a point, with what the last check said of each.

Straight: as the crow flies. In the mountains the way is longer, and the page says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import asin, cos, radians, sqrt

from django.db.models import Q

from yimi.apps.accounts.permissions import Actor
from yimi.apps.records.selectors import in_force
from yimi.apps.register.models import Facility
from yimi.apps.register.subjects import site_places

KIND, CHECK = "aed", "device_check"
EARTH_M = 6_371_000.0
Point = tuple[float, float]  # latitude, longitude, WGS84


@dataclass(frozen=True)
class Device:
    """`usable`: found working and not past its date at the last check; None: never checked."""

    uid: str  # "" where this person does not open its page
    name: str
    place: str | None
    metres: float
    kind: str  # code of the vocabulary aid_device, "" if never checked
    usable: bool | None
    valid_until: date | None
    hours: str


def straight_metres(here: Point, there: Point) -> float:
    """Great-circle distance on a sphere: within half a percent of the ellipsoid's."""
    north, east = radians(there[0] - here[0]), radians(there[1] - here[1])
    a = sin_squared(north) + cos(radians(here[0])) * cos(radians(there[0])) * sin_squared(east)
    return 2 * EARTH_M * asin(sqrt(a))


def sin_squared(angle: float) -> float:
    """Of half the angle."""
    return (1 - cos(angle)) / 2


def nearest(actor: Actor, here: Point) -> tuple[list[Device], int]:
    """Every open device with coordinates, the nearest first; and how many have none."""
    open_ones = Facility.objects.filter(
        Q(closed_on__isnull=True) | Q(closed_on__gt=actor.on), kind=KIND
    ).select_related("subject")
    known = list(open_ones)
    placed = [each for each in known if each.lat is not None and each.lon is not None]
    checks = in_force(CHECK, actor.on).filter(subject_id__in=[each.pk for each in placed])
    told = dict(checks.order_by("occurred_on", "seq").values_list("subject_id", "answers"))
    reach = site_places(actor)
    found = []
    for each in placed:
        check = told.get(each.pk)
        until = _day((check or {}).get("valid_until"))
        usable = None if check is None else bool(check.get("working")) and (until or date.max) >= actor.on
        found.append(
            Device(
                str(each.subject.uid) if each.place_id in reach else "", each.name, each.place_id,
                straight_metres(here, (each.lat or 0.0, each.lon or 0.0)), str((check or {}).get("kind") or ""), usable, until,
                str((check or {}).get("public_hours") or ""),
            )
        )  # fmt: skip
    return sorted(found, key=lambda one: one.metres), len(known) - len(placed)


def _day(raw: object) -> date | None:
    try:
        return date.fromisoformat(str(raw)) if raw else None
    except ValueError:
        return None
