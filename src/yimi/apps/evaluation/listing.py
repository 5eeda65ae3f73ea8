"""What every list of children is made of: who may be listed, what is noted for the audit, and the parts of its SQL.

A list from a run is a query over the run's files; whom its reader may know by name is asked of the register.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from django.db.models import QuerySet

from yimi.apps.accounts.permissions import Actor
from yimi.apps.accounts.selectors import open_on
from yimi.apps.audit.actions import Event
from yimi.apps.once import once_a_page
from yimi.apps.places.selectors import all_others, subtree
from yimi.apps.prepared import prepared
from yimi.apps.register import selectors as register
from yimi.apps.register.models import Block, Child, Residence
from yimi.apps.register.permissions import reachable_places, visible
from yimi.apps.register.selectors import Hit

Shown = TypeVar("Shown")


@dataclass(frozen=True)
class Filter:
    """What a page asks for. `place`: a township or village; `q`: how the name begins."""

    q: str = ""
    place: str = ""
    code: str = ""
    level: str = ""
    review: str = ""  # late: review due and past
    status: str = ""
    sort: str = ""


def readable(actor: Actor, sensitivity: str) -> bool:
    return any(sensitivity in each.role.reads for each in actor.child_grants)


def reach(actor: Actor, sensitivity: str, place: str = "") -> set[str]:
    """Places whose children may be listed, cut down to the place asked for."""
    places = reachable_places(actor, sensitivity)
    return places & subtree({place}, actor.on) if place else places


def open_children(actor: Actor, sensitivity: str, wanted: Filter) -> QuerySet[Child]:
    return cut_down(visible(actor, sensitivity), wanted, places_asked_for(actor, wanted), actor.on)


def cut_down(found: QuerySet[Child], wanted: Filter, places: frozenset[str], on: date) -> QuerySet[Child]:
    """Children as the filter asks for them. `places`: those of `places_asked_for`."""
    if wanted.place:
        found = found.filter(pk__in=living_at(places, on))
    return found.filter(name__startswith=wanted.q) if wanted.q else found


def places_asked_for(actor: Actor, wanted: Filter) -> frozenset[str]:
    """The place asked for and what lies in it; empty where none was."""
    return frozenset(subtree({wanted.place}, actor.on)) if wanted.place else frozenset()


def living_in(actor: Actor, place: str) -> QuerySet[Any, Any]:
    return living_at(subtree({place}, actor.on), actor.on)


def living_at(places: Collection[str], on: date) -> QuerySet[Any, Any]:
    return Residence.objects.filter(open_on(on), place_id__in=places).values("subject_id")


def note(actor: Actor, what: str, count: int) -> None:
    if not count:
        actor.reads.append(Event("list", "child", "", {"ledger": what, "count": 0}))


def by_name(
    actor: Actor, what: str, sensitivity: str, rows: Sequence[Mapping[str, Any]],
    line: Callable[[Hit, Mapping[str, Any]], Shown],
) -> tuple[list[Shown], int]:  # fmt: skip
    """A page of a run's list: the lines of the children this person sees by name, and how long the whole list is.

    `rows` have `subject_id` and `n`, the length of the list. What is shown is noted for the audit under `what`.
    """
    hits = register.named(actor, [row["subject_id"] for row in rows], sensitivity)
    note(actor, what, len(hits))
    lines = [line(hits[row["subject_id"]], row) for row in rows if row["subject_id"] in hits]
    return lines, rows[0]["n"] if rows else 0


def by_reach(
    actor: Actor, sensitivities: Mapping[str, str], place: str = ""
) -> list[tuple[list[str], set[str]]]:
    """What is asked for, put together by the places in which this person may list it: one question for each."""
    together: dict[str, list[str]] = {}
    for name, sensitivity in sensitivities.items():
        together.setdefault(sensitivity, []).append(name)
    found = [(names, reach(actor, sensitivity, place)) for sensitivity, names in together.items()]
    return [(names, places) for names, places in found if places]


@once_a_page
def blocked_to(actor: Actor) -> Sequence[int]:
    """Children closed to this person by name: they are in no list and in no count."""
    return [] if actor.user_id is None else [subject for (subject,) in _closed_to(actor.user_id, actor.on)]


@prepared
def _closed_to(user: int, on: date) -> QuerySet[Block, tuple[int]]:
    return Block.objects.filter(open_on(on), user_id=user).values_list("subject_id")


def without(blocked: Collection[int]) -> str:
    return f"subject_id NOT IN ({ints(blocked)})"


def at_places(places: Collection[str]) -> tuple[str, list[str]]:
    """A condition on rows of a run, and its values; who has the whole district is asked for no list of its places."""
    if not all_others(set(places)):
        return "place IS NOT NULL", []
    return f"place IN ({marks(places)})", sorted(places)


def seen_at(actor: Actor, places: Collection[str]) -> str:
    """The places, without the children closed to this person by name."""
    blocked, there = blocked_to(actor), f"place IN ({marks(places)})"
    return f"{there} AND {without(blocked)}" if blocked else there


def marks(values: Collection[Any]) -> str:
    return ", ".join("?" for _ in values)


def ints(values: Collection[int]) -> str:
    return ", ".join(str(int(each)) for each in values)
