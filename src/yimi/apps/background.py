"""Long work that a page starts and does not wait for."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable

from django.db import connection

from yimi.lib.errors import UserError


def start(name: str, work: Callable[[], object]) -> threading.Thread:
    """`work` in a thread of the web process, with a database connection of its own.

    A `UserError` is not raised again: the work has put the sentence where the page shows it.
    """

    def run() -> None:
        try:
            with contextlib.suppress(UserError):
                work()
        finally:
            connection.close()

    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    return thread
