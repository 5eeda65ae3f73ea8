"""Commands under `yimi pack`."""

from __future__ import annotations

import argparse


def add(commands: argparse._SubParsersAction) -> None:
    """Nothing yet."""
