"""Commands of the `data` family."""

from __future__ import annotations

import argparse


def add(subparsers: argparse._SubParsersAction) -> None:
    """Nothing yet."""
