"""The register. Subjects share one id space; every fact that can end is a dated interval.

Intervals are half-open: `valid_from` is the first day, `valid_to` the first day no longer, NULL still open.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from yimi.apps.accounts.models import User
from yimi.apps.places.models import Organization, Place


def _interval(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name=f"{name}_ends_after_start"
    )


class Subject(models.Model):
    """Anything a record can be about. `id` stays inside; pages and exports carry the random `uid`."""

    id = models.BigAutoField(primary_key=True)
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=12)  # child person household facility place organization case
    place = models.OneToOneField(Place, null=True, on_delete=models.PROTECT, related_name="subject")
    organization = models.OneToOneField(
        Organization, null=True, on_delete=models.PROTECT, related_name="subject"
    )

    class Meta:
        db_table = "register_subject"
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    kind__in=["child", "person", "household", "facility", "place", "organization", "case"]
                ),
                name="subject_kind_is_known",
            )
        ]


class Named(models.Model):
    """What children and persons share. Names and birth dates stay searchable; the ID number does not."""

    name = models.CharField(max_length=80)
    sex = models.CharField(max_length=1, null=True)
    birth_date = models.DateField(null=True)
    death_date = models.DateField(null=True)
    id_number_sealed = models.BinaryField(null=True)  # AES-256-GCM, bound to this row's uid
    id_number_index = models.CharField(
        max_length=64, null=True
    )  # HMAC-SHA256: finds equal numbers, tells none

    class Meta:
        abstract = True


class Child(Named):
    subject = models.OneToOneField(Subject, primary_key=True, on_delete=models.PROTECT, related_name="child")
    ethnicity = models.CharField(max_length=4, null=True)  # GB/T 3304
    birth_weight_g = models.IntegerField(null=True)
    gestation_weeks = models.SmallIntegerField(null=True)
    birth_place = models.ForeignKey(
        Place, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    hukou_place = models.ForeignKey(
        Place, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    registered_at = models.DateTimeField()

    class Meta:
        db_table = "register_child"
        indexes = [
            models.Index(fields=["name", "birth_date"], name="child_name_birth"),
            models.Index(
                fields=["-birth_date", "subject"],
                condition=Q(death_date__isnull=True),
                name="child_living_youngest",
            ),
            models.Index(
                fields=["id_number_index"], condition=Q(id_number_index__isnull=False), name="child_id_number"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(sex__isnull=True) | Q(sex__in=["m", "f"]), name="child_sex_m_or_f"
            ),
            models.CheckConstraint(
                condition=Q(death_date__isnull=True)
                | Q(birth_date__isnull=True)
                | Q(death_date__gte=F("birth_date")),
                name="child_death_after_birth",
            ),
            models.CheckConstraint(
                condition=Q(birth_weight_g__isnull=True) | Q(birth_weight_g__range=(200, 8000)),
                name="child_birth_weight_in_grams",
            ),
            models.CheckConstraint(
                condition=Q(id_number_sealed__isnull=True, id_number_index__isnull=True)
                | Q(id_number_sealed__isnull=False, id_number_index__isnull=False),
                name="child_id_number_sealed_and_indexed",
            ),
        ]


class Person(Named):
    """A guardian, or a worker with a certificate."""

    subject = models.OneToOneField(Subject, primary_key=True, on_delete=models.PROTECT, related_name="person")
    place = models.ForeignKey(Place, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        db_table = "register_person"
        indexes = [
            models.Index(
                fields=["id_number_index"],
                condition=Q(id_number_index__isnull=False),
                name="person_id_number",
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(sex__isnull=True) | Q(sex__in=["m", "f"]), name="person_sex_m_or_f"
            )
        ]


class Household(models.Model):
    subject = models.OneToOneField(
        Subject, primary_key=True, on_delete=models.PROTECT, related_name="household"
    )
    place = models.ForeignKey(Place, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        db_table = "register_household"


class Membership(models.Model):
    """Who lives in a household."""

    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="members")
    member = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="memberships")
    relationship = models.CharField(max_length=32, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        db_table = "register_membership"
        constraints = [
            _interval("membership"),
            models.UniqueConstraint(
                fields=["member"], condition=Q(valid_to__isnull=True), name="membership_one_open"
            ),
        ]


class Facility(models.Model):
    """What can be inspected, licensed and counted in places: a kindergarten, a school, a station."""

    subject = models.OneToOneField(
        Subject, primary_key=True, on_delete=models.PROTECT, related_name="facility"
    )
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=64)
    place = models.ForeignKey(Place, null=True, on_delete=models.PROTECT, related_name="+")
    organization = models.ForeignKey(
        Organization, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    ownership = models.CharField(max_length=16, null=True)
    opened_on = models.DateField(null=True)
    closed_on = models.DateField(null=True)
    lat = models.FloatField(null=True)
    lon = models.FloatField(null=True)

    class Meta:
        db_table = "register_facility"


class Identifier(models.Model):
    """A number another system gave: vaccination certificate, school roll. Never the ID card."""

    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="identifiers")
    system = models.CharField(max_length=64)
    value = models.CharField(max_length=120)

    class Meta:
        db_table = "register_identifier"
        constraints = [models.UniqueConstraint(fields=["system", "value"], name="identifier_once")]


class Residence(models.Model):
    """Where somebody lives. Its indexes hold all that asking who lives where needs: no list reads the rows."""

    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="residences", db_index=False)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", db_index=False)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        db_table = "register_residence"
        indexes = [
            models.Index(fields=["place", "valid_to", "valid_from", "subject"], name="residence_of_place"),
            models.Index(fields=["subject", "valid_to", "valid_from", "place"], name="residence_of_subject"),
        ]
        constraints = [
            _interval("residence"),
            models.UniqueConstraint(
                fields=["subject"], condition=Q(valid_to__isnull=True), name="residence_one_open"
            ),
        ]


class Relation(models.Model):
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="relations")  # the child
    person = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="related_children")
    kind = models.CharField(max_length=16)  # father mother grandfather grandmother other
    guardian = models.BooleanField(default=False)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        db_table = "register_relation"
        constraints = [
            _interval("relation"),
            models.CheckConstraint(condition=~Q(subject=F("person")), name="relation_between_two"),
            models.UniqueConstraint(
                fields=["subject", "person", "kind"],
                condition=Q(valid_to__isnull=True),
                name="relation_one_open_each",
            ),
        ]


class Status(models.Model):
    """A category somebody decided: opened by a record, reviewed, left by a record. Never a column."""

    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="statuses")
    scheme = models.CharField(max_length=64)
    code = models.CharField(max_length=64)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    review_due = models.DateField(null=True)
    opened_by = models.UUIDField(null=True)  # record_uid of the decision
    closed_by = models.UUIDField(null=True)
    basis = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "register_status"
        indexes = [
            models.Index(fields=["scheme", "code", "valid_from"], name="status_scheme"),
            models.Index(fields=["scheme", "valid_from", "subject", "valid_to"], name="status_since_whom"),
            models.Index(
                fields=["scheme", "code", "valid_to", "valid_from", "subject", "review_due"],
                name="status_in_force",
            ),
        ]
        constraints = [
            _interval("status"),
            models.UniqueConstraint(
                fields=["subject", "scheme", "code"],
                condition=Q(valid_to__isnull=True),
                name="status_one_open_each",
            ),
        ]


class Attendance(models.Model):
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="attendances")  # the child
    facility = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="pupils")
    stage = models.CharField(max_length=16)
    grade = models.SmallIntegerField(null=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    end_reason = models.CharField(max_length=32, null=True)

    class Meta:
        db_table = "register_attendance"
        constraints = [
            _interval("attendance"),
            models.UniqueConstraint(
                fields=["subject", "stage"],
                condition=Q(valid_to__isnull=True),
                name="attendance_one_open_each_stage",
            ),
        ]


class Correction(models.Model):
    """A fact of the register put right: what it said, what it says, who, why. Append-only."""

    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="corrections")
    fact = models.CharField(max_length=32)
    before = models.CharField(max_length=120, null=True)
    after = models.CharField(max_length=120, null=True)
    reason = models.CharField(max_length=400)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        db_table = "register_correction"


class ReviewItem(models.Model):
    """Something only a person can settle: perhaps one child twice, two corrections of one record."""

    kind = models.CharField(max_length=32)  # duplicate, two_corrections
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="review_items")
    other = models.ForeignKey(Subject, null=True, on_delete=models.PROTECT, related_name="+")
    record_uid = models.UUIDField(null=True)
    why = models.CharField(max_length=64)  # id_number, name_and_birth_date, …
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=32, blank=True)  # same, different, settled
    note = models.CharField(max_length=400, blank=True)

    class Meta:
        db_table = "register_review_item"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject", "other"],
                condition=Q(closed_at__isnull=True, other__isnull=False),
                name="review_item_one_open_pair",
            ),
            models.UniqueConstraint(
                fields=["kind", "record_uid"],
                condition=Q(closed_at__isnull=True, record_uid__isnull=False),
                name="review_item_one_open_record",
            ),
        ]


class Link(models.Model):
    """One child was registered twice: `gone` was put away under `kept`. It can be undone, both as they were."""

    kept = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="links")
    gone = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="linked_to")
    sealed = models.BinaryField()  # what the register knew of `gone`, and which records were carried over
    reason = models.CharField(max_length=400)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        db_table = "register_link"
        constraints = [
            models.CheckConstraint(condition=~Q(kept=F("gone")), name="link_between_two"),
            models.UniqueConstraint(
                fields=["gone"], condition=Q(undone_at__isnull=True), name="link_one_in_force"
            ),
        ]


class Assignment(models.Model):
    """A named worker is given one child: a case handed over, a pupil of a facility. Somebody approved it."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="assignments")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="assignments")
    kind = models.CharField(max_length=16)  # assigned, referred
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    approved_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "register_assignment"
        constraints = [
            _interval("assignment"),
            models.UniqueConstraint(
                fields=["user", "subject"],
                condition=Q(valid_to__isnull=True),
                name="assignment_one_open_each",
            ),
        ]


class Block(models.Model):
    """A person who must not see a child's file, whatever the role: own family, conflict, shielded from."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="blocks")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="blocks")
    kind = models.CharField(max_length=16)  # own_family, conflict, shielded
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    set_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "register_block"
        constraints = [
            _interval("block"),
            models.UniqueConstraint(
                fields=["user", "subject"], condition=Q(valid_to__isnull=True), name="block_one_open_each"
            ),
        ]


class BreakGlass(models.Model):
    """A file opened out of turn in an emergency: reason, two hours, and a review by somebody else."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="broken_glass")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="broken_glass")
    reason = models.CharField(max_length=400)
    opened_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    justified = models.BooleanField(null=True)

    class Meta:
        db_table = "register_break_glass"
        constraints = [
            models.CheckConstraint(
                condition=~Q(reviewed_by=F("user")), name="break_glass_reviewed_by_another"
            ),
            models.CheckConstraint(condition=Q(closes_at__gt=F("opened_at")), name="break_glass_closes"),
        ]
