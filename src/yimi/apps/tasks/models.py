"""Tasks and their history. A task is a human promise and is never derived away."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from yimi.apps.accounts.models import User
from yimi.apps.alerts.models import Alert
from yimi.apps.places.models import Organization, Place


class Task(models.Model):
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    alert = models.ForeignKey(Alert, null=True, on_delete=models.PROTECT, related_name="tasks")
    title_zh = models.CharField(max_length=200)
    title_en = models.CharField(max_length=300)
    role = models.CharField(max_length=64)
    organization = models.ForeignKey(Organization, null=True, on_delete=models.PROTECT, related_name="+")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    verified_by_role = models.CharField(max_length=64)
    wants_evidence = models.BooleanField(default=True)
    state = models.CharField(max_length=12, default="open")  # see states
    opened_at = models.DateTimeField()
    first_due_on = models.DateField()  # never changes, however often the task is handed on
    due_on = models.DateField()
    level = models.SmallIntegerField(default=0)  # how often it was raised to the next level
    accepted_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    reported_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    verified_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "tasks_task"
        indexes = [models.Index(fields=["role", "place", "state"], name="task_desk")]
        constraints = [
            models.UniqueConstraint(
                fields=["alert"],
                condition=Q(closed_at__isnull=True, alert__isnull=False),
                name="task_one_open_per_alert",
            ),
            models.CheckConstraint(
                condition=Q(verified_by__isnull=True)
                | Q(reported_by__isnull=True)
                | ~Q(verified_by=F("reported_by")),
                name="task_verified_by_another",
            ),
        ]


class TaskEvent(models.Model):
    """One step of a task's life. Append-only."""

    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="events")
    verb = models.CharField(max_length=16)
    from_state = models.CharField(max_length=12, blank=True)
    to_state = models.CharField(max_length=12)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    note = models.CharField(max_length=1000, blank=True)
    evidence = models.CharField(max_length=400, blank=True)
    detail = models.JSONField(default=dict)

    class Meta:
        db_table = "tasks_event"
        indexes = [models.Index(fields=["by", "verb"], name="task_event_by")]
