"""The ID card number: ciphertext to keep, a keyed index to find, a mask to show. Never a key, path or log field."""

from __future__ import annotations

import hashlib
import hmac
import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from yimi.apps.keys import key

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
_VERSION = b"\x01"  # AES-256-GCM; other algorithms take other numbers


def normalized(number: str) -> str:
    """Without spaces, in capitals."""
    return "".join(number.split()).upper().replace("Ｘ", "X")


def is_valid(number: str) -> bool:
    """Eighteen places with a right check digit (GB 11643)."""
    if len(number) != 18 or not number[:17].isascii() or not number[:17].isdigit():
        return False
    return _CHECK[sum(int(d) * w for d, w in zip(number[:17], _WEIGHTS, strict=True)) % 11] == number[17]


def masked(number: str) -> str:
    """Only the last two places: with place and birth date beside it, more would give the whole number away."""
    return "•" * (len(number) - 2) + number[-2:]


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
