"""Codes of a round: short enough to be typed, too many to be guessed, kept as a keyed digest."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from yimi.apps.keys import key

_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # none that is read for another


def code() -> str:
    """Ten letters in two groups: 49 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(2))


def digest(text: str) -> str:
    plain = "".join(each for each in text.upper() if each.isalnum())
    return hmac.digest(
        hashlib.sha256(b"yimi survey" + key("identity")).digest(), plain.encode(), "sha256"
    ).hex()
