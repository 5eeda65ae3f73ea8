"""Reading the tree of places. Place and organization names are no secret; they need no actor."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from yimi.apps.once import once_a_page
from yimi.apps.places.models import Organization, Place, PlaceParent
from yimi.apps.prepared import prepared


def parents(on: date) -> dict[str, str]:
    """Child code → parent code, as the tree stood on a day."""
    return dict(_parents(on))


@prepared
def _parents(on: date) -> QuerySet[PlaceParent, tuple[str, str]]:
    query = PlaceParent.objects.filter(
        Q(valid_from__isnull=True) | Q(valid_from__lte=on), Q(valid_to__isnull=True) | Q(valid_to__gt=on)
    )
    return query.values_list("place_id", "parent_id")


Tree = Mapping[str, Sequence[str]]


@once_a_page
def _below(on: date) -> Tree:
    """Parent code → child codes on a day."""
    below: dict[str, list[str]] = defaultdict(list)
    for code, parent in parents(on).items():
        below[parent].append(code)
    return below


def subtree(codes: set[str], on: date) -> set[str]:
    """The places and everything below them on a day."""
    return set(_subtree(frozenset(codes), on))


@once_a_page
def _subtree(codes: frozenset[str], on: date) -> frozenset[str]:
    below = _below(on)
    found: set[str] = set()
    waiting = list(codes)
    while waiting:
        code = waiting.pop()
        if code not in found:
            found.add(code)
            waiting.extend(below.get(code, ()))
    return frozenset(found)


def all_others(codes: set[str]) -> set[str]:
    """Every place there is, whenever it was one, that is not among these."""
    return set(_every_code() - codes)


def lying_in(places: set[str], column: str = "place_id") -> Q:
    """Rows of a table whose places are always told; somebody of the whole district is asked for no list of them."""
    return Q(**{f"{column}__in": places}) if not places or all_others(places) else Q()


@once_a_page
def _every_code() -> frozenset[str]:
    return frozenset(code for (code,) in _codes())


@prepared
def _codes() -> QuerySet[Place, tuple[str]]:
    return Place.objects.values_list("code")


def names(codes: set[str] | None = None) -> dict[str, dict[str, str]]:
    """Code → {zh, en}."""
    query = Place.objects.all() if codes is None else Place.objects.filter(code__in=codes)
    return {code: {"zh": zh, "en": en} for code, zh, en in query.values_list("code", "name_zh", "name_en")}


@once_a_page
def organization_names() -> dict[str, dict[str, str]]:
    return {i: {"zh": zh, "en": en} for i, zh, en in _organizations()}


@prepared
def _organizations() -> QuerySet[Organization, tuple[str, str, str]]:
    return Organization.objects.values_list("id", "name_zh", "name_en")


def places(kind: str = "") -> list[dict[str, Any]]:
    """Places of a kind with coordinates, for maps and choices, by code."""
    query = Place.objects.filter(kind=kind) if kind else Place.objects.all()
    fields = ("code", "kind", "subkind", "name_zh", "name_en", "lat", "lon")
    return list(query.order_by("code").values(*fields))


def organizations() -> list[dict[str, Any]]:
    fields = ("id", "name_zh", "name_en", "short", "kind", "place_id", "parent_id")
    return list(Organization.objects.order_by("id").values(*fields))
