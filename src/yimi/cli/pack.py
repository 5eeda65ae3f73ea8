"""`yimi pack`: check a pack, try a pathway, read a plan from its text, print it back."""

from __future__ import annotations

import argparse
import importlib

# Each module adds one or more commands under `yimi pack`.
MODULES = ("pack_check", "pack_plan", "pack_print")


def add(subparsers: argparse._SubParsersAction) -> None:
    parser = subparsers.add_parser("pack", help="the plan and the norms as data")
    commands = parser.add_subparsers(dest="pack_command", metavar="COMMAND", required=True)
    for name in MODULES:
        importlib.import_module(f"yimi.cli.{name}").add(commands)
