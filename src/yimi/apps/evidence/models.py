"""Storage of evidence: a file that came in, and what it was attached to.

A file is staged under the client's id of the sending (`batch`: the id the record will have). It proves nothing
until it is attached, in the transaction that stores the record or the report; attachments take no UPDATE and no
DELETE. Who may read a file is who may read what it is attached to.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from yimi.apps.accounts.models import User


class File(models.Model):
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    batch = models.UUIDField()
    field = models.CharField(max_length=64)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=8)  # jpeg, png, pdf, docx, xlsx: by its bytes, not by its name
    size = models.IntegerField()
    digest = models.CharField(max_length=64)  # the address in the vault
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    received_at = models.DateTimeField()

    class Meta:
        db_table = "evidence_file"
        indexes = [models.Index(fields=["digest"], name="evidence_file_digest")]
        constraints = [
            models.UniqueConstraint(fields=["batch", "field", "digest", "by"], name="evidence_file_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["jpeg", "png", "pdf", "docx", "xlsx"]), name="evidence_kind_known"
            ),
        ]


class Attachment(models.Model):
    """Append-only. A correction attaches the files it keeps a second time."""

    file = models.ForeignKey(File, on_delete=models.PROTECT, related_name="attachments")
    owner_kind = models.CharField(max_length=8)
    owner_uid = models.UUIDField()
    field = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        db_table = "evidence_attachment"
        indexes = [models.Index(fields=["owner_kind", "owner_uid"], name="evidence_owner")]
        constraints = [
            models.UniqueConstraint(
                fields=["file", "owner_kind", "owner_uid", "field"], name="evidence_attached_once"
            ),
            models.CheckConstraint(
                condition=Q(owner_kind__in=["record", "task"]), name="evidence_owner_kind_known"
            ),
        ]
