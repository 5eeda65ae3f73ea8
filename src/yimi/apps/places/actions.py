"""Loading places and organizations from the pack, and dated changes of the tree."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from yimi.apps.accounts.permissions import Actor, require
from yimi.apps.audit import actions as audit
from yimi.apps.places.models import Organization, Place, PlaceParent
from yimi.lib.errors import BadInput
from yimi.pack.load import Pack

_PLACE = ["kind", "subkind", "name_zh", "name_en", "aliases", "lat", "lon"]
_ORGANIZATION = ["name_zh", "name_en", "short", "aliases", "kind", "place", "parent"]


@transaction.atomic
def load_from_pack(pack: Pack, *, by: Actor, at: datetime) -> tuple[int, int]:
    """Places and organizations as the pack states them; the same pack twice changes nothing."""
    require(by.configures or by.is_system, "places are loaded by administrators")
    places = [
        Place(
            code=each.code, kind=each.kind, subkind=each.subkind or "", name_zh=each.name_zh, name_en=each.name_en,
            aliases=list(each.aliases), lat=each.lat, lon=each.lon,
        )
        for each in pack.places.values()
    ]  # fmt: skip
    Place.objects.bulk_create(places, update_conflicts=True, unique_fields=["code"], update_fields=_PLACE)
    known = set(PlaceParent.objects.values_list("place_id", flat=True))
    PlaceParent.objects.bulk_create(
        PlaceParent(place_id=each.code, parent_id=each.parent)
        for each in pack.places.values()
        if each.parent and each.code not in known
    )
    organizations = [
        Organization(
            id=each.id, name_zh=each.name_zh, name_en=each.name_en, short=each.short, aliases=list(each.aliases),
            kind=each.kind, place_id=each.place or None, parent_id=each.parent or None,
        )
        for each in pack.organizations.values()
    ]  # fmt: skip
    Organization.objects.bulk_create(
        organizations, update_conflicts=True, unique_fields=["id"], update_fields=_ORGANIZATION
    )
    detail = {"pack": pack.fingerprint, "places": len(places), "organizations": len(organizations)}
    audit.record("load", "places", pack.id, by=by, at=at, detail=detail)
    return len(places), len(organizations)


@transaction.atomic
def change_parent(*, place: str, parent: str, on: date, by: Actor, at: datetime) -> None:
    """From a day, a place belongs to another; the years before stay as they were."""
    require(by.configures or by.is_system, "the tree of places is changed by administrators")
    found = PlaceParent.objects.filter(place_id=place, valid_to__isnull=True).first()
    if found is None or not Place.objects.filter(code=parent).exists():
        raise BadInput(f"place {place} or {parent} is not known: load the pack first")
    found.valid_to = on
    found.save(update_fields=["valid_to"])
    PlaceParent.objects.create(place_id=place, parent_id=parent, valid_from=on)
    audit.record(
        "change-parent", "place", place, by=by, at=at, detail={"parent": parent, "on": on.isoformat()}
    )
