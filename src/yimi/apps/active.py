"""The pack this installation runs, loaded once a process."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings

from yimi.pack.load import Pack, load


def pack() -> Pack:
    """The pack named by the settings. Restart after a change: a pack is never edited in place."""
    return _loaded(name())


def name() -> str:
    """The pack as the settings name it."""
    return str(settings.YIMI_PACK)


@lru_cache(maxsize=4)
def _loaded(named: str) -> Pack:
    return load(named)
