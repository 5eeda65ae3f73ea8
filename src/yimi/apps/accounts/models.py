"""Accounts and appointments. No personal data but the name a colleague is called by."""

from __future__ import annotations

import uuid

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username=username)


class User(AbstractBaseUser):
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    username = models.CharField(max_length=60, unique=True)
    display_name = models.CharField(max_length=60)
    is_active = models.BooleanField(default=True)
    made_up = models.BooleanField(default=False)  # one of the cast; signs in without a password, demo only

    objects = UserManager()
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["display_name"]

    class Meta:
        db_table = "accounts_user"

    def __str__(self) -> str:
        return self.display_name


class Appointment(models.Model):
    """A person holds a role for an organization in a place from a day until a day: the lease of access."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="appointments")
    role = models.CharField(max_length=64)  # id of the pack
    organization = models.CharField(max_length=64, blank=True)  # id of the pack
    place = models.CharField(max_length=20)  # code
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)  # first day no longer
    approved_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "accounts_appointment"
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="appointment_ends_after_start",
            ),
            models.UniqueConstraint(
                fields=["user", "role", "place", "organization"],
                condition=Q(valid_to__isnull=True),
                name="appointment_one_open_each",
            ),
        ]
