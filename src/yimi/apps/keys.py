"""Secret keys of the installation, outside the database.

`identity` for ID numbers and files, `audit` for its seal, `reporter` for who reported harm, `field` for forms from phones.
"""

from __future__ import annotations

import os
import secrets
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def key(name: str) -> bytes:
    """32 bytes or more. The demo profile makes a missing key; production never does."""
    return _read(Path(settings.YIMI_KEYS_DIR) / name, settings.YIMI_PROFILE == "demo")


@lru_cache(maxsize=16)
def _read(path: Path, make: bool) -> bytes:
    if not path.is_file():
        if not make:
            raise ImproperlyConfigured(f"the key '{path.name}' is missing from YIMI_KEYS_DIR")
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(secrets.token_bytes(32))
        except FileExistsError:
            pass  # another process was first; its key is the one
    found = path.read_bytes()
    if len(found) < 32:
        raise ImproperlyConfigured(f"the key '{path.name}' is shorter than 32 bytes")
    return found
