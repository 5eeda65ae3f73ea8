"""The project's own packs, read once a process: no test changes them, a changed one is a copy."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from yimi.pack.check import Report, check_pack
from yimi.pack.load import Pack, load

PACKS = Path(__file__).resolve().parents[1] / "packs"


@cache
def ours(name: str = "wulong") -> Pack:
    return load(PACKS / name)


@cache
def checked_ours(name: str = "wulong") -> Report:
    return check_pack(ours(name))
