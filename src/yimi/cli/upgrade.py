"""`yimi upgrade`: a district made by an older version, brought to the shape this one reads."""

from __future__ import annotations

import argparse
import sqlite3
from contextlib import closing
from pathlib import Path

from yimi.cli.data import now, start_on, with_dir
from yimi.lib.errors import BadInput


def add(subparsers: argparse._SubParsersAction) -> None:
    upgrade = subparsers.add_parser("upgrade", help="bring a district of an older version up to date")
    with_dir(upgrade)
    upgrade.add_argument(
        "--dumped", action="store_true", help="of PostgreSQL: its database was dumped just before"
    )
    upgrade.set_defaults(handler=run)


def run(arguments: argparse.Namespace) -> int:
    """A copy of the database first, then the steps it lacks, each whole or not at all."""
    start_on(arguments.dir)
    from django.db import connection

    from yimi.sites.start import is_behind, migrate

    if not is_behind():
        print("已是最新版本 / up to date")
        return 0
    if connection.vendor == "sqlite":
        kept = keep_copy(Path(connection.settings_dict["NAME"]))
        print(f"升级前的数据已另存为 {kept.name} / the database before the upgrade is kept as {kept.name}")
    elif not arguments.dumped:
        raise BadInput(
            "升级前请先用 pg_dump 备份数据库，再加 --dumped 运行 / dump the database with pg_dump first, then add --dumped"
        )
    migrate()
    print("升级完成 / upgraded")
    return 0


def keep_copy(database: Path) -> Path:
    """The whole database as it is now, in a file beside it that nobody else may read."""
    copy = database.with_name(f"{database.name}.before-{now():%Y%m%d-%H%M%S}")
    copy.touch(mode=0o600)
    with closing(sqlite3.connect(database)) as here, closing(sqlite3.connect(copy)) as there:
        here.backup(there)
    return copy
