"""Starting a site's Django from a command: name the data directory first, then import the rest."""

from __future__ import annotations

import os
from pathlib import Path


def start(directory: Path | str | None = None, *, site: str = "staff", pack: str | None = None) -> None:
    """Make Django ready for this process. Nothing of `yimi.apps` may be imported before."""
    if directory is not None:
        os.environ["YIMI_DIR"] = str(Path(directory).absolute())
        Path(directory).mkdir(parents=True, exist_ok=True)
    if pack is not None:
        os.environ["YIMI_PACK"] = pack
    os.environ["DJANGO_SETTINGS_MODULE"] = f"yimi.sites.{site}.settings"
    import django

    django.setup()


def migrate() -> None:
    """Bring the database to the newest shape."""
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)


def is_behind() -> bool:
    """Does the database lack steps that this version has?"""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
