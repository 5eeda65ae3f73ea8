"""Showing that something happens: one line to the terminal, nothing when it is read by a script."""

from __future__ import annotations

import sys
import time


class Stages:
    """Tells each stage of long work on standard error as it begins, with the seconds since the start."""

    def __init__(self, quiet: bool = False) -> None:
        self.quiet = quiet
        self.began = time.monotonic()

    def __call__(self, stage: str) -> None:
        if not self.quiet:
            print(f"  {time.monotonic() - self.began:6.1f} s  {stage}", file=sys.stderr, flush=True)
