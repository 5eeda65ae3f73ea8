"""Places with dated parents, and organizations. Both come from the pack."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class Place(models.Model):
    code = models.CharField(max_length=20, primary_key=True)  # statistical code
    kind = models.CharField(max_length=12)  # district, township, village
    subkind = models.CharField(max_length=20, blank=True)
    name_zh = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)
    aliases = models.JSONField(default=list)
    lat = models.FloatField(null=True)
    lon = models.FloatField(null=True)
    geometry = models.JSONField(null=True)  # GeoJSON

    class Meta:
        db_table = "places_place"


class PlaceParent(models.Model):
    """Which place a place belongs to; villages and townships are merged and moved."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="parents")
    parent = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="children")
    valid_from = models.DateField(null=True)  # None: as far back as we know
    valid_to = models.DateField(null=True)

    class Meta:
        db_table = "places_parent"
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True)
                | Q(valid_from__isnull=True)
                | Q(valid_to__gt=F("valid_from")),
                name="place_parent_ends_after_start",
            ),
            models.UniqueConstraint(
                fields=["place"], condition=Q(valid_to__isnull=True), name="place_parent_one_open"
            ),
            models.CheckConstraint(condition=~Q(place=F("parent")), name="place_parent_is_another"),
        ]


class Organization(models.Model):
    """Who is accountable: a department, a hospital, a station, a village committee. Not a place."""

    id = models.CharField(max_length=64, primary_key=True)  # id of the pack
    name_zh = models.CharField(max_length=120)
    name_en = models.CharField(max_length=200)
    short = models.CharField(max_length=60)
    aliases = models.JSONField(default=list)
    kind = models.CharField(max_length=32)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, null=True, related_name="organizations")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True)

    class Meta:
        db_table = "places_organization"
