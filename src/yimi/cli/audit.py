"""Commands of the `audit` family."""

from __future__ import annotations

import argparse


def add(subparsers: argparse._SubParsersAction) -> None:
    """Nothing yet."""
