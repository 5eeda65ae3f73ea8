"""How a row is sealed: SHA-256 over the digest before it and the row in one canonical spelling."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

GENESIS = "0" * 64
_ENCODER = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":")
)  # made once: rows are many


def canonical(
    seq: int, at: datetime, actor: str, role: str, verb: str, target_kind: str, target_uid: str, detail: Any
) -> bytes:
    row = [
        seq,
        at.astimezone(UTC).isoformat(timespec="microseconds"),
        actor,
        role,
        verb,
        target_kind,
        target_uid,
        detail,
    ]
    return _ENCODER.encode(row).encode()


def seal(previous: str, row: bytes) -> str:
    return hashlib.sha256(bytes.fromhex(previous) + row).hexdigest()


def sign(key: bytes, count: int, digest: str) -> str:
    return hmac.new(key, f"yimi-audit-head|{count}|{digest}".encode(), hashlib.sha256).hexdigest()
