"""Files under the data directory, each encrypted and found by what it holds.

The address is a keyed digest of the content: the same file twice is kept once, and nobody without the key can
tell from the disk whether a certain document is there. Written beside its place, synced, then moved there.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from yimi.apps.keys import key
from yimi.lib.files import flush

_VERSION = b"\x01"  # AES-256-GCM; other algorithms take other numbers


def folder() -> Path:
    return Path(settings.YIMI_DIR) / "evidence"


def address(content: bytes) -> str:
    return hmac.digest(_key("address"), content, "sha256").hex()


def keep(content: bytes) -> str:
    """The address of the content, which is on the disk when this returns."""
    digest = address(content)
    path = _path(digest)
    if path.is_file():
        os.utime(path)  # as new: what is swept by age must not be swept under a file that has just come again
        return digest
    for each in (folder(), path.parent):
        each.mkdir(parents=True, exist_ok=True, mode=0o700)
    nonce = os.urandom(12)
    sealed = _VERSION + nonce + AESGCM(_key("cipher")).encrypt(nonce, content, digest.encode())
    beside = path.parent / f".{secrets.token_hex(8)}"
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    for each in (path.parent, folder()):
        flush(each)
    return digest


def read(digest: str) -> bytes:
    """The content; an altered or exchanged file does not open (`cryptography.exceptions.InvalidTag`)."""
    raw = _path(digest).read_bytes()
    if raw[:1] != _VERSION:
        raise ValueError("a file sealed in an unknown way")
    return AESGCM(_key("cipher")).decrypt(raw[1:13], raw[13:], digest.encode())


def drop(digest: str) -> None:
    _path(digest).unlink(missing_ok=True)


def kept(before: float) -> Iterator[tuple[str, Path]]:
    """(address, file) of everything not touched since, half-written files included (their address is no digest)."""
    for path in folder().glob("??/*"):
        try:
            if path.stat().st_mtime < before:
                yield path.name, path
        except FileNotFoundError:
            continue


@contextmanager
def alone() -> Iterator[None]:
    """One process at a time puts files in or sweeps: a file is not swept between being kept and being known."""
    folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(folder() / "lock", os.O_RDWR | os.O_CREAT, 0o600), "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _path(digest: str) -> Path:
    return folder() / digest[:2] / digest


def _key(use: str) -> bytes:
    return hashlib.sha256(f"yimi evidence {use}".encode() + key("identity")).digest()
