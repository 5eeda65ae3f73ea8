"""Beds and places in therapy of welfare institutions: what is free for a stay, whoever asks; and one's own bookings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor
from yimi.apps.places.selectors import subtree
from yimi.apps.records import occupancy
from yimi.apps.records.occupancy import Taken
from yimi.apps.register.models import Facility

BOOKING = "bed_booking"


@dataclass(frozen=True)
class Offer:
    """What one institution has of one unit, and how many of it are free on every day of a stay."""

    uid: str
    name: str
    place: str | None
    unit: str
    number: int
    free: int
    full_on: date | None  # the first day of the stay on which fewest are free


@dataclass(frozen=True)
class Booked:
    """A booking with the institution it is at."""

    name: str
    place: str | None
    taken: Taken


def may_book(actor: Actor) -> bool:
    return BOOKING in active.pack().forms and actor.records(BOOKING)


def offers(actor: Actor, since: date, until: date) -> list[Offer]:
    """Every unit of every institution of the district, those with most free first. No booking is told of others."""
    if not may_book(actor):
        return []
    form = active.pack().forms[BOOKING]
    known = _open_ones(actor.on)
    numbers = occupancy.capacities(form, known, actor.on)
    bookings = occupancy.taken(form, numbers)
    found = []
    for pk, units in numbers.items():
        for unit, number in units.items():
            own = [each for each in bookings if each.subject_id == pk and each.unit == unit]
            free, full_on = occupancy.left(number, own, since, until)
            site = known[pk]
            found.append(
                Offer(str(site.subject.uid), site.name, site.place_id, unit, number, max(free, 0), full_on)
            )
    return sorted(found, key=lambda each: (each.unit, -each.free, each.name))


def institution(actor: Actor, uid: str) -> tuple[str, str] | None:
    """(uid, name) of an institution that tells what can be booked, for whoever may book."""
    found = next((each for each in offers(actor, actor.on, actor.on) if each.uid == uid), None)
    return (found.uid, found.name) if found else None


def booked(actor: Actor) -> list[Booked]:
    """Bookings that are not over: one's own body's, and all of the institutions where one works."""
    if not may_book(actor):
        return []
    known = _open_ones(actor.on)
    return [
        Booked(known[each.subject_id].name, known[each.subject_id].place_id, each)
        for each in sorted(_mine(actor, known), key=lambda one: (one.since, one.until))
        if each.until > actor.on
    ]


def _mine(actor: Actor, known: dict[int, Facility]) -> Iterator[Taken]:
    grants = [each for each in actor.grants if BOOKING in each.role.records]
    bodies, places = (
        {each.organization for each in grants},
        subtree({each.place for each in grants}, actor.on),
    )
    for each in occupancy.taken(active.pack().forms[BOOKING], known):
        if each.organization in bodies or known[each.subject_id].place_id in places:
            yield each


def _open_ones(on: date) -> dict[int, Facility]:
    found = Facility.objects.filter(Q(closed_on__isnull=True) | Q(closed_on__gt=on), kind="welfare_home")
    return {each.pk: each for each in found.select_related("subject")}
