"""Reading the tree of places. Place and organization names are no secret; they need no actor."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from django.db import connection
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


def subtree(codes: set[str], on: date) -> set[str]:
    """The places and everything below them on a day."""
    return set(_tree(_links(on)).under(frozenset(codes)))


class _Tree:
    """What lies below what on a day, and what was asked of it."""

    def __init__(self, links: Iterable[tuple[str, str]]) -> None:
        self._below: dict[str, list[str]] = defaultdict(list)
        for code, parent in links:
            self._below[parent].append(code)
        self._found: dict[frozenset[str], frozenset[str]] = {}

    def under(self, codes: frozenset[str]) -> frozenset[str]:
        if codes not in self._found:
            found: set[str] = set()
            waiting = list(codes)
            while waiting:
                code = waiting.pop()
                if code not in found:
                    found.add(code)
                    waiting.extend(self._below.get(code, ()))
            self._found[codes] = frozenset(found)
        return self._found[codes]


@lru_cache(maxsize=10)
def _tree(links: str) -> _Tree:
    return _Tree((code, parent) for code, _, parent in (each.partition(" ") for each in links.split(";")))


@once_a_page
def _links(on: date) -> str:
    """The tree of a day in one text: a page compares it with the last one's, and need not put it together again."""
    day = connection.ops.adapt_datefield_value(on)
    open_then = "(valid_from IS NULL OR valid_from <= %s) AND (valid_to IS NULL OR valid_to > %s)"
    return _joined("place_id || ' ' || parent_id", f"places_parent WHERE {open_then}", [day, day])


def _joined(each: str, of: str, values: Sequence[Any] = ()) -> str:
    """A column of a table as one text, in whatever order: a row less costs more than its letters."""
    joined = {"sqlite": "group_concat", "postgresql": "string_agg"}[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {joined}({each}, ';') FROM {of}", values)
        return cursor.fetchone()[0] or ""


def all_others(codes: set[str]) -> set[str]:
    """Every place there is, whenever it was one, that is not among these."""
    return set(_every_code() - codes)


def lying_in(places: set[str], column: str = "place_id") -> Q:
    """Rows of a table whose places are always told; somebody of the whole district is asked for no list of them."""
    return Q(**{f"{column}__in": places}) if not places or all_others(places) else Q()


@once_a_page
def _every_code() -> frozenset[str]:
    return _apart(_joined("code", "places_place"))


@lru_cache(maxsize=10)
def _apart(codes: str) -> frozenset[str]:
    return frozenset(codes.split(";"))


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
