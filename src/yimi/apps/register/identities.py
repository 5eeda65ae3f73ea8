"""A child under two identities: one put away with all its facts, under seal, so that it can be brought back.

Put away means gone from the register: no name, birth date, home, guardian, status or number is left in a table; what
was there is ciphertext bound to the subject. Records stay where they are (they are never changed) and nobody finds
them, because nobody reaches a child that is not there.
"""

from __future__ import annotations

import hashlib
import json
import os
from datetime import date, datetime
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core import serializers
from django.db import transaction

from yimi.apps.keys import key
from yimi.apps.register import models

_VERSION = b"\x01"  # AES-256-GCM
# Everything the register knows of a child, in the order it is brought back.
_FACTS = (
    ("child", models.Child, "pk"), ("residence", models.Residence, "subject_id"), ("relation", models.Relation, "subject_id"),
    ("status", models.Status, "subject_id"), ("attendance", models.Attendance, "subject_id"),
    ("identifier", models.Identifier, "subject_id"), ("membership", models.Membership, "member_id"),
    ("assignment", models.Assignment, "subject_id"), ("block", models.Block, "subject_id"),
)  # fmt: skip


def put_away(subject_id: int, at: datetime) -> dict[str, Any]:
    """Take a child out of the register; the facts taken out. Within the caller's transaction."""
    facts: dict[str, Any] = {}
    for name, model, column in _FACTS:
        rows = model.objects.filter(**{column: subject_id})
        facts[name] = json.loads(serializers.serialize("json", rows.order_by("pk")))
    for _, model, column in reversed(_FACTS):
        model.objects.filter(**{column: subject_id}).delete()
    open_items = models.ReviewItem.objects.filter(closed_at__isnull=True)
    for column in ("subject_id", "other_id"):
        open_items.filter(**{column: subject_id}).update(closed_at=at, outcome="settled")
    return facts


@transaction.atomic
def bring_back(facts: dict[str, Any]) -> None:
    """Put the facts into the register again, exactly as they were."""
    for name, _, _ in _FACTS:
        for each in serializers.deserialize("json", json.dumps(facts[name])):
            each.save()


def open_statuses(facts: dict[str, Any]) -> list[dict[str, Any]]:
    """The dated statuses among facts that were put away, oldest first."""
    return sorted((each["fields"] for each in facts["status"]), key=lambda row: str(row["valid_from"]))


def home_in(facts: dict[str, Any]) -> tuple[str, date] | None:
    """Where the child lived last, if nothing has ended it, and since when."""
    for each in facts["residence"]:
        if each["fields"]["valid_to"] is None:
            return each["fields"]["place"], date.fromisoformat(each["fields"]["valid_from"])
    return None


def seal(content: dict[str, Any], uid: str) -> bytes:
    """Ciphertext bound to a subject's uid."""
    nonce = os.urandom(12)
    plain = json.dumps(content, ensure_ascii=False).encode()
    return _VERSION + nonce + AESGCM(_secret()).encrypt(nonce, plain, uid.encode())


def unseal(sealed: bytes, uid: str) -> dict[str, Any]:
    raw = bytes(sealed)
    if raw[:1] != _VERSION:
        raise ValueError("an identity sealed in an unknown way")
    return dict(json.loads(AESGCM(_secret()).decrypt(raw[1:13], raw[13:], uid.encode())))


def _secret() -> bytes:
    return hashlib.sha256(b"yimi put away" + key("identity")).digest()
