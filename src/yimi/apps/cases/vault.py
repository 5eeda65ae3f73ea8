"""The reporter's identity: ciphertext under the key `reporter`, and a keyed digest of the receipt code."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from yimi.apps.keys import key

_VERSION = b"\x01"  # AES-256-GCM
_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # none that is read for another


def letters(count: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(count))


def receipt_code() -> str:
    """Twelve letters in groups of four: sixty bits nobody guesses."""
    return "-".join(letters(4) for _ in range(3))


def receipt_index(code: str) -> str:
    plain = "".join(each for each in code.upper() if each.isalnum())
    return hmac.digest(_derived(b"yimi receipt"), plain.encode(), "sha256").hex()


def seal(identity: Mapping[str, Any], case_uid: str) -> bytes:
    """Bound to the case's uid: moved to another row it does not open."""
    nonce = os.urandom(12)
    plain = json.dumps(dict(identity), ensure_ascii=False).encode()
    return _VERSION + nonce + AESGCM(_derived(b"yimi reporter")).encrypt(nonce, plain, case_uid.encode())


def unseal(sealed: bytes, case_uid: str) -> dict[str, Any]:
    raw = bytes(sealed)
    if raw[:1] != _VERSION:
        raise ValueError("a reporter sealed in an unknown way")
    plain = AESGCM(_derived(b"yimi reporter")).decrypt(raw[1:13], raw[13:], case_uid.encode())
    return dict(json.loads(plain))


def _derived(purpose: bytes) -> bytes:
    return hashlib.sha256(purpose + key("reporter")).digest()
