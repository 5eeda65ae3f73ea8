"""The ID card number: ciphertext to keep, a keyed index to find, a mask to show. Never a key, path or log field."""

from __future__ import annotations

import hashlib
import hmac
import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from yimi.apps.keys import key
from yimi.lib.identifiers import IdNumber, read_id_number
from yimi.lib.identifiers import mask_id_number as masked
from yimi.lib.identifiers import normal_id_number as normalized

__all__ = ["Vault", "is_valid", "masked", "normalized"]

_VERSION = b"\x01"  # AES-256-GCM; other algorithms take other numbers


def is_valid(number: str) -> bool:
    return isinstance(read_id_number(number), IdNumber)


class Vault:
    """Seals and opens numbers with the installation's identity key. Made anew where a loop needs it fast."""

    def __init__(self) -> None:
        secret = key("identity")
        self._cipher = AESGCM(hashlib.sha256(b"yimi id number cipher" + secret).digest())
        self._index = hashlib.sha256(b"yimi id number index" + secret).digest()

    def index(self, number: str) -> str:
        return hmac.digest(self._index, normalized(number).encode(), "sha256").hex()

    def seal(self, number: str, uid: str) -> bytes:
        """Bound to the subject's uid (32 hexadecimal digits): moved to another row it does not open."""
        nonce = os.urandom(12)
        return _VERSION + nonce + self._cipher.encrypt(nonce, normalized(number).encode(), uid.encode())

    def open(self, sealed: bytes, uid: str) -> str:
        raw = bytes(sealed)
        if raw[:1] != _VERSION:
            raise ValueError("an ID number sealed in an unknown way")
        return self._cipher.decrypt(raw[1:13], raw[13:], uid.encode()).decode()
