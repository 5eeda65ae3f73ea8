"""The envelope of a form on its way: only the server opens it. The phone that closed it cannot.

Elliptic-curve Diffie-Hellman on P-256 with a key pair made for one form, HKDF-SHA256, AES-256-GCM:

    sealed = public point of that pair (65 bytes) ‖ IV (12 bytes) ‖ ciphertext with its tag
    key    = HKDF(shared secret, salt = that point ‖ the server's point, info = "yimi phone form 1")

The uid of the form is bound to it as additional data: under another uid it does not open.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from yimi.apps.keys import key

POINT, IV, TAG = 65, 12, 16  # bytes
INFO = b"yimi phone form 1"
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256 (FIPS 186-5)


class Unreadable(ValueError):
    """It was sealed for another server, or altered, or is no such envelope."""


@dataclass(frozen=True)
class ServerKey:
    """`id` tells phones and arrivals which key is meant; `public` is the uncompressed point."""

    id: str
    public: bytes
    private: ec.EllipticCurvePrivateKey


def server_key() -> ServerKey:
    """Made from the installation's key `field`, so that every process and every restart has the same."""
    return _derived(key("field"))


@lru_cache(maxsize=4)
def _derived(secret: bytes) -> ServerKey:
    # 16 bytes more than the order has: the remainder is then even for every practical purpose (FIPS 186-5, A.2.1).
    wide = HKDF(hashes.SHA256(), 48, salt=None, info=b"yimi phone key 1").derive(secret)
    private = ec.derive_private_key(int.from_bytes(wide, "big") % (_ORDER - 1) + 1, ec.SECP256R1())
    public = _point(private.public_key())
    return ServerKey(hashlib.sha256(public).hexdigest()[:32], public, private)


def unseal(sealed: bytes, uid: str, key_id: str) -> bytes:
    """The plain text. Raises `Unreadable`."""
    server = server_key()
    if key_id != server.id or len(sealed) < POINT + IV + TAG:
        raise Unreadable("sealed for another key, or cut")
    theirs, iv, body = sealed[:POINT], sealed[POINT : POINT + IV], sealed[POINT + IV :]
    try:
        point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs)
        secret = _secret(server.private.exchange(ec.ECDH(), point), theirs, server.public)
        return AESGCM(secret).decrypt(iv, body, uid.encode("ascii"))
    except (ValueError, InvalidTag):
        raise Unreadable("it does not open") from None


def _secret(shared: bytes, ephemeral: bytes, recipient: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt=ephemeral + recipient, info=INFO).derive(shared)


def _point(public: ec.EllipticCurvePublicKey) -> bytes:
    return public.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
