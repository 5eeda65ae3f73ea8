"""A PostgreSQL of our own for a test: made in a temporary folder, reached by a socket, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote


def binaries() -> Path | None:
    """The folder with initdb and pg_ctl, the newest server if there are several."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: float(p.parts[-3]))
    if found:
        return found[-1].parent
    here = shutil.which("initdb")
    return Path(here).resolve().parent if here else None


def why_not() -> str | None:
    """The reason there can be no PostgreSQL here, or None."""
    if binaries() is None:
        return "PostgreSQL's server is not installed (Debian: postgresql)"
    if os.geteuid() == 0 and not _account():
        return "PostgreSQL will not run as root and there is no account 'postgres' to run it as"
    return None


def _account() -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return None


def _run(*command: str) -> None:
    """Run a server program, as the postgres account where we are root."""
    account = _account() if os.geteuid() == 0 else None
    who = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
    subprocess.run(command, check=True, capture_output=True, cwd="/", **who)  # type: ignore[call-overload]


@contextmanager
def throwaway_cluster() -> Iterator[str]:
    """A running server with an empty database; yields its address for YIMI_DATABASE_URL."""
    tools = binaries()
    assert tools is not None
    folder = Path(tempfile.mkdtemp(prefix="yimi-pg-"))
    account = _account() if os.geteuid() == 0 else None
    if account:
        os.chown(folder, account.pw_uid, account.pw_gid)
    data = folder / "data"
    try:
        _run(
            str(tools / "initdb"),
            "-D",
            str(data),
            "-U",
            "yimi",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "-N",
        )
        options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c shared_buffers=64MB"
        _run(str(tools / "pg_ctl"), "-D", str(data), "-l", str(folder / "log"), "-w", "-o", options, "start")
        try:
            _run(str(tools / "createdb"), "-h", str(folder), "-U", "yimi", "yimi")
            yield f"postgresql://yimi@/yimi?host={quote(str(folder), safe='')}"
        finally:
            _run(str(tools / "pg_ctl"), "-D", str(data), "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
