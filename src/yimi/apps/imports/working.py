"""Who is at work on a batch: the process that holds its lock. A killed process lets go of it at once.

The lock is a file of the data directory. `store` names that directory: where several machines share a database and
not the files, one cannot tell whether another is alive, and asks its clock instead.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings


def folder() -> Path:
    return Path(settings.YIMI_DIR) / "imports"


def store() -> str:
    """The name of this data directory, made up once."""
    path = folder() / "store"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        beside = path.with_name(f".{secrets.token_hex(8)}")
        beside.write_text(secrets.token_hex(16), "ascii")
        try:
            os.link(beside, path)
        except FileExistsError:
            pass  # another process was first; its name is the one
        finally:
            beside.unlink()
    return path.read_text("ascii").strip()


@contextmanager
def at_work(batch: str) -> Iterator[None]:
    """Hold the batch's lock; what was found and stored must be written before it is let go."""
    path = _lock(batch)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def is_at_work(batch: str) -> bool:
    """Is a living process at this batch?"""
    try:
        handle = os.open(_lock(batch), os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def forget(batch: str) -> None:
    """Take away the lock of a process that is gone."""
    _lock(batch).unlink(missing_ok=True)


def _lock(batch: str) -> Path:
    return folder() / f"{batch}.lock"
