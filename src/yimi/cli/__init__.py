"""The command line: one module a family of commands, each naming its arguments and calling the layer below.

Exit codes: 0 success; 2 bad input, with one clear sentence and nothing half-written; 1 anything else, which
is a bug and keeps its traceback. Nothing heavy is imported before a command is chosen.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

from yimi import __version__
from yimi.lib.errors import UserError

# One line a module; each has `add(subparsers)`. The order is the order of `yimi --help`.
MODULES = ("demo", "pack", "growth", "data", "upgrade", "rehearse", "province", "audit", "site")


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="yimi", description="一米：让儿童友好城市方案运转起来。Yimi runs a child-friendly-city plan."
    )
    parser.add_argument("--version", action="version", version=f"yimi {__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name in MODULES:
        importlib.import_module(f"yimi.cli.{name}").add(subparsers)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. A handler is set by its module as `handler` and returns the exit code or None."""
    arguments = build_parser().parse_args(argv)
    try:
        return int(arguments.handler(arguments) or 0)
    except UserError as error:
        print(f"yimi: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        return 0
