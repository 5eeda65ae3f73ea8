"""Storage of what phones sent: one row a form that arrived, its content kept only while somebody must look at it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from yimi.apps.accounts.models import User
from yimi.apps.register.models import Subject


class Arrival(models.Model):
    """A sealed form that arrived. `uid` is made by the phone, and is the uid of the record it becomes."""

    uid = models.UUIDField(unique=True)
    person = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", db_index=False
    )  # who filled it
    form = models.CharField(max_length=64, blank=True)  # "" while nobody can read which
    form_version = models.IntegerField(null=True)
    subject = models.ForeignKey(
        Subject, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    received_at = models.DateTimeField()
    made_at = models.DateTimeField(null=True)  # by the clock of the phone
    state = models.CharField(max_length=10)  # stored, held, settled, given_up
    why = models.JSONField(default=dict)  # of what was held: code, fields it is about; never an answer
    sealed = models.BinaryField(null=True)  # as it came, while it is held
    key = models.CharField(max_length=64)
    ended_at = models.DateTimeField(null=True)  # settled or given up
    reason = models.CharField(max_length=400, blank=True)  # why given up

    class Meta:
        db_table = "field_arrival"
        indexes = [
            models.Index(
                fields=["person", "received_at"], condition=Q(state="held"), name="field_held_by_person"
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="held", sealed__isnull=False)
                | Q(state__in=["stored", "settled", "given_up"], sealed__isnull=True),
                name="field_arrival_sealed_while_held",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["settled", "given_up"], ended_at__isnull=False)
                | Q(state__in=["stored", "held"], ended_at__isnull=True),
                name="field_arrival_ended",
            ),
            models.CheckConstraint(
                condition=~Q(state="given_up", reason=""), name="field_arrival_given_up_with_reason"
            ),
        ]
