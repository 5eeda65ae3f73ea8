"""A spreadsheet that came in, and what became of each of its rows."""

from __future__ import annotations

import uuid

from django.db import models

from yimi.apps.accounts.models import User


class Batch(models.Model):
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    form = models.CharField(max_length=64)  # a form of the pack, or 'child'
    file_name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)  # SHA-256 of the file
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    received_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=12, default="waiting")  # waiting, running, done, refused, interrupted
    rows = models.IntegerField(default=0)
    done = models.IntegerField(default=0)
    accepted = models.IntegerField(default=0)
    repeated = models.IntegerField(default=0)  # rows that were here already
    refused = models.IntegerField(default=0)
    store = models.CharField(max_length=32, blank=True)  # the data directory that works on it, see `working`
    problem = models.CharField(max_length=400, blank=True)  # why the whole file was refused, in one sentence

    class Meta:
        db_table = "imports_batch"


class BatchRow(models.Model):
    """A row that was refused, or taken with a warning. No values: the line and the reason find it in the file."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="problems")
    line = models.IntegerField()
    column = models.CharField(max_length=120, blank=True)
    refused = models.BooleanField(default=True)
    reason_zh = models.CharField(max_length=300)
    reason_en = models.CharField(max_length=300)

    class Meta:
        db_table = "imports_row"
