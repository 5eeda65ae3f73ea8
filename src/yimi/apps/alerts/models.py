"""Alerts, and the subjects they are about."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from yimi.apps.places.models import Place
from yimi.apps.register.models import Subject


class Alert(models.Model):
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    cause = models.CharField(max_length=200)  # what it is about: rule and place, or rule and subject
    pathway = models.CharField(max_length=64)
    rule = models.CharField(max_length=64)  # id of the alert rule in the pathway
    # Where it stands now: a cause about one subject follows it when it moves.
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    to_role = models.CharField(max_length=64)  # told by name
    also_roles = models.JSONField(default=list)  # told a count
    pack = models.CharField(max_length=16)  # fingerprint of the pack that raised it
    count = models.IntegerField()
    first_due = models.DateField(null=True)
    opened_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "alerts_alert"
        constraints = [
            models.UniqueConstraint(
                fields=["cause"], condition=Q(closed_at__isnull=True), name="alert_one_open_per_cause"
            )
        ]
        indexes = [
            # All that is told in numbers, so that a page that counts open alerts reads none of them.
            models.Index(
                fields=["pathway", "rule", "also_roles", "to_role", "place", "count", "opened_at"],
                condition=Q(closed_at__isnull=True),
                name="alert_open_counts",
            )
        ]


class AlertSubject(models.Model):
    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="subjects")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    step = models.CharField(max_length=64)
    due = models.DateField(null=True)
    overdue_after = models.DateField(null=True)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)  # settled; the alert's history keeps who was on it

    class Meta:
        db_table = "alerts_subject"
        constraints = [
            models.UniqueConstraint(
                fields=["alert", "subject", "step"],
                condition=Q(until__isnull=True),
                name="alert_subject_once",
            )
        ]
