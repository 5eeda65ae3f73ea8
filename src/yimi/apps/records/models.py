"""Storage of records. No UPDATE, no DELETE: triggers and, on PostgreSQL, grants refuse them."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from yimi.apps.accounts.models import User
from yimi.apps.places.models import Organization, Place
from yimi.apps.register.models import Subject


class Record(models.Model):
    """Something that happened, entered once. `record_uid` is made by the client: the same id is the same record."""

    seq = models.BigAutoField(primary_key=True)  # order of arrival
    record_uid = models.UUIDField()
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="records", db_index=False)
    form = models.CharField(max_length=64)
    form_version = models.IntegerField()
    kind = models.CharField(max_length=10, default="new")  # new, correction, void
    occurred_on = models.DateField()
    place = models.ForeignKey(Place, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    organization = models.ForeignKey(
        Organization, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    received_at = models.DateTimeField()
    answers = models.JSONField()
    supersedes = models.UUIDField(null=True)  # record_uid of the record this one takes the place of
    reason = models.CharField(max_length=400, blank=True)  # why corrected or voided

    class Meta:
        db_table = "records_record"
        indexes = [
            models.Index(fields=["subject", "form", "occurred_on"], name="record_subject_form_day"),
            models.Index(
                fields=["supersedes"], condition=Q(supersedes__isnull=False), name="record_supersedes"
            ),
        ]
        constraints = [
            # As an expression it is an index of its own, which a bulk load can build at the end.
            models.UniqueConstraint(F("record_uid"), name="record_uid_once"),
            models.CheckConstraint(
                condition=Q(kind="new", supersedes__isnull=True)
                | Q(kind__in=["correction", "void"], supersedes__isnull=False),
                name="record_kind_fits_supersedes",
            ),
        ]

    @property
    def verdict(self) -> str | None:
        """What the last person who looked said: verified or rejected; None where nobody did."""
        return self.verifications.order_by("-pk").values_list("outcome", flat=True).first()


class Verification(models.Model):
    """A second person looked at a record and says it is right or not. Append-only; the last word counts."""

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="verifications")
    outcome = models.CharField(max_length=10)  # verified, rejected
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    note = models.CharField(max_length=400, blank=True)

    class Meta:
        db_table = "records_verification"
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=["verified", "rejected"]), name="verification_outcome_known"
            )
        ]
