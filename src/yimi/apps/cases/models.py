"""Storage of cases. The links to children stand here, never in the register: they have the case's sensitivity."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from yimi.apps.accounts.models import User
from yimi.apps.places.models import Place
from yimi.apps.register.models import Subject


class Case(models.Model):
    subject = models.OneToOneField(Subject, primary_key=True, on_delete=models.PROTECT, related_name="case")
    number = models.CharField(max_length=16, unique=True)  # prefix, year, five random letters: counts nothing
    kind = models.CharField(max_length=64)  # declaration of the pack
    protocol = models.CharField(max_length=32)  # version of the working rules it was opened under
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", db_index=False)
    opened_on = models.DateField()
    opened_at = models.DateTimeField()  # the clocks in hours start here
    reopened_on = models.DateField(null=True)
    reopened_at = models.DateTimeField(null=True)
    closed_on = models.DateField(null=True)
    closed_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=8, default="open")  # see states
    receipt_index = models.CharField(max_length=64, null=True)  # keyed digest of the reporter's receipt code

    class Meta:
        db_table = "cases_case"
        indexes = [models.Index(fields=["kind", "state"], name="case_kind_state")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open", closed_on__isnull=True)
                | Q(state__in=["closed", "sealed"], closed_on__isnull=False),
                name="case_closed_has_a_day",
            )
        ]


class Involved(models.Model):
    """A child the case is about. A report may know none."""

    case = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="case_children")
    child = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="cases_about")
    role = models.CharField(max_length=16, default="concerned")  # concerned, harmed, harming
    since = models.DateField()

    class Meta:
        db_table = "cases_involved"
        constraints = [models.UniqueConstraint(fields=["case", "child"], name="case_child_once")]


class Party(models.Model):
    """A body works on the case from a day. `organization` is what an appointment names: an id, or a school's uid."""

    case = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="case_parties")
    party = models.CharField(max_length=64)  # of the kind's declaration
    organization = models.CharField(max_length=64)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    needed = models.BooleanField(default=True)
    reason = models.CharField(max_length=400, blank=True)  # why it is not needed

    class Meta:
        db_table = "cases_party"
        indexes = [models.Index(fields=["organization", "party"], name="case_party_body")]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="case_party_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(needed=True) | ~Q(reason=""), name="case_party_not_needed_why"
            ),
            models.UniqueConstraint(
                fields=["case", "party", "organization"],
                condition=Q(valid_to__isnull=True),
                name="case_party_one_open_each",
            ),
        ]


class Shield(models.Model):
    """Who must never learn that the case exists: the accused, and the whole body the accused works in."""

    case = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="case_shields")
    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    organization = models.CharField(max_length=64, blank=True)

    class Meta:
        db_table = "cases_shield"
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, organization="")
                | (Q(user__isnull=True) & ~Q(organization="")),
                name="case_shield_from_one",
            )
        ]


class Reporter(models.Model):
    """Who reported, as ciphertext under a key of its own. No page and no party reads it. Append-only."""

    case = models.OneToOneField(
        Subject, primary_key=True, on_delete=models.PROTECT, related_name="case_reporter"
    )
    sealed = models.BinaryField()  # AES-256-GCM, bound to the case's uid

    class Meta:
        db_table = "cases_reporter"


class Identity(models.Model):
    """The identity a child goes on under when the case ends, then both: ciphertext, for the case's list only."""

    case = models.OneToOneField(
        Subject, primary_key=True, on_delete=models.PROTECT, related_name="case_identity"
    )
    sealed = models.BinaryField()  # AES-256-GCM, bound to the case's uid
    applied_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "cases_identity"


class Opening(models.Model):
    """A sealed case opened by one of its list: reason, two hours, and a review by somebody else."""

    case = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="case_openings")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=400)
    opened_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    justified = models.BooleanField(null=True)

    class Meta:
        db_table = "cases_opening"
        constraints = [
            models.CheckConstraint(
                condition=Q(reviewed_by__isnull=True) | ~Q(reviewed_by=F("user")),
                name="case_opening_reviewed_by_another",
            ),
            models.CheckConstraint(condition=Q(closes_at__gt=F("opened_at")), name="case_opening_closes"),
        ]


class Event(models.Model):
    """One step of a case's life, for its history and to know which party entered a record. Append-only."""

    case = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="case_events")
    verb = models.CharField(max_length=16)  # open, join, not_needed, record, close, reopen, seal, involve
    party = models.CharField(max_length=64, blank=True)
    record_uid = models.UUIDField(null=True)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    note = models.CharField(max_length=400, blank=True)

    class Meta:
        db_table = "cases_event"
