"""`yimi serve`: the sites that exist, on their own ports."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from yimi.cli.data import open_directory

# One more than there are cores: while one waits for the disk to hold its audit, another makes a page.
WORKERS = (os.cpu_count() or 1) + 1


def add(subparsers: argparse._SubParsersAction) -> None:
    parser = subparsers.add_parser("serve", help="serve the staff site")
    parser.add_argument("--dir", type=Path, default=Path("var/demo"), metavar="DIR")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=WORKERS, help=f"processes that answer ({WORKERS})")
    parser.set_defaults(handler=lambda arguments: serve(arguments.dir, arguments.port, arguments.workers))


def serve(directory: Path, port: int, workers: int = WORKERS) -> int:
    """Hand the process over to gunicorn; Ctrl+C ends it."""
    open_directory(directory)
    from django.core.checks import run_checks

    errors = [each for each in run_checks() if each.is_serious()]
    if errors:
        for each in errors:
            print(each)
        return 1
    print(f"  工作人员网站 staff site: http://localhost:{port}/  （Ctrl+C 结束 to stop）", flush=True)
    os.environ.setdefault("YIMI_DIR", str(directory.absolute()))
    os.execv(sys.executable, command(port, workers))  # noqa: S606  our own interpreter, no shell wanted
    return 0  # never reached: the process is gunicorn now


def command(port: int, workers: int = WORKERS) -> list[str]:
    """What is started. Options given here win over GUNICORN_CMD_ARGS and over a gunicorn.conf.py that lies about."""
    return [
        sys.executable, "-m", "gunicorn", "yimi.sites.staff.wsgi:application", "--bind", f"127.0.0.1:{port}",
        "--workers", str(workers), "--threads", "1", "--timeout", "60", "--log-level", "warning",
        "--logger-class", "yimi.sites.staff.quiet_log.QuietLogger",
    ]  # fmt: skip
