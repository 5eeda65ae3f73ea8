"""Storage of the chain: its rows, and its head."""

from __future__ import annotations

from django.db import models


class Entry(models.Model):
    """One reading or writing. `digest` seals this row and, through `previous`, every row before it."""

    seq = models.BigIntegerField(primary_key=True)  # 1, 2, 3 … without a gap
    at = models.DateTimeField()
    actor = models.CharField(max_length=64)  # uid of the account, or 'system'
    role = models.CharField(max_length=64, blank=True)
    verb = models.CharField(max_length=40)
    target_kind = models.CharField(max_length=40)
    target_uid = models.CharField(max_length=64, blank=True)
    detail = models.JSONField(default=dict)  # purpose, counts, forms, digests: never a value
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    class Meta:
        db_table = "audit_entry"
        indexes = [
            models.Index(fields=["target_uid", "seq"], name="audit_entry_target"),
            models.Index(fields=["actor", "seq"], name="audit_entry_actor"),
            models.Index(fields=["verb", "at"], name="audit_entry_verb"),
        ]


class Head(models.Model):
    """How long the chain is and how it ends, signed with a key that is not in the database."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    count = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    signature = models.CharField(max_length=64)

    class Meta:
        db_table = "audit_head"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="audit_head_is_one_row")]
