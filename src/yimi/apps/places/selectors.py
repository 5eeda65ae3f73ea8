"""Reading the tree of places. Place and organization names are no secret; they need no actor."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q

from yimi.apps.places.models import Organization, Place, PlaceParent


def parents(on: date) -> dict[str, str]:
    """Child code → parent code, as the tree stood on a day."""
    query = PlaceParent.objects.filter(
        Q(valid_from__isnull=True) | Q(valid_from__lte=on), Q(valid_to__isnull=True) | Q(valid_to__gt=on)
    )
    return dict(query.values_list("place_id", "parent_id"))


Tree = Mapping[str, Sequence[str]]


@dataclass
class _Held:
    below: dict[date, Tree] = field(default_factory=dict)
    codes: frozenset[str] | None = None


_held: ContextVar[_Held | None] = ContextVar("places_held", default=None)


@contextmanager
def held() -> Iterator[None]:
    """Within it the tree is read once: for answering one request, which asks for it in many places."""
    token = _held.set(_Held())
    try:
        yield
    finally:
        _held.reset(token)


def _below(on: date) -> Tree:
    """Parent code → child codes on a day."""
    kept = _held.get() or _Held()
    if on not in kept.below:
        below: dict[str, list[str]] = defaultdict(list)
        for code, parent in parents(on).items():
            below[parent].append(code)
        kept.below[on] = below
    return kept.below[on]


def subtree(codes: set[str], on: date) -> set[str]:
    """The places and everything below them on a day."""
    below = _below(on)
    found: set[str] = set()
    waiting = list(codes)
    while waiting:
        code = waiting.pop()
        if code not in found:
            found.add(code)
            waiting.extend(below.get(code, ()))
    return found


def all_others(codes: set[str]) -> set[str]:
    """Every place there is, whenever it was one, that is not among these."""
    kept = _held.get() or _Held()
    if kept.codes is None:
        kept.codes = frozenset(Place.objects.values_list("code", flat=True))
    return set(kept.codes - codes)


def names(codes: set[str] | None = None) -> dict[str, dict[str, str]]:
    """Code → {zh, en}."""
    query = Place.objects.all() if codes is None else Place.objects.filter(code__in=codes)
    return {code: {"zh": zh, "en": en} for code, zh, en in query.values_list("code", "name_zh", "name_en")}


def organization_names() -> dict[str, dict[str, str]]:
    return {
        i: {"zh": zh, "en": en} for i, zh, en in Organization.objects.values_list("id", "name_zh", "name_en")
    }


def places(kind: str = "") -> list[dict[str, Any]]:
    """Places of a kind with coordinates, for maps and choices, by code."""
    query = Place.objects.filter(kind=kind) if kind else Place.objects.all()
    fields = ("code", "kind", "subkind", "name_zh", "name_en", "lat", "lon")
    return list(query.order_by("code").values(*fields))


def organizations() -> list[dict[str, Any]]:
    fields = ("id", "name_zh", "name_en", "short", "kind", "place_id", "parent_id")
    return list(Organization.objects.order_by("id").values(*fields))
