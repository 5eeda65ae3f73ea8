"""A district of an older version is refused with one sentence, copied, and brought up to date."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

BACK = (
    "import sys; from yimi.sites.start import start; start(sys.argv[1]); "
    "from django.core.management import call_command; call_command('migrate', 'field', 'zero', verbosity=0)"
)


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own, on SQLite, whatever database the tests are on."""
    around = {name: value for name, value in os.environ.items() if not name.startswith("YIMI_")}
    return subprocess.run([sys.executable, *command], capture_output=True, text=True, env=around, check=False)


def tables(file: Path) -> set[str]:
    with sqlite3.connect(file) as con:
        return {name for (name,) in con.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def test_an_older_district_is_refused_copied_and_upgraded(tmp_path: Path) -> None:
    district = tmp_path / "d"
    made = run("-m", "yimi.cli", "init", str(district), "--pack", "wulong")
    assert made.returncode == 0, made.stderr
    assert run("-c", BACK, str(district)).returncode == 0
    refused = run("-m", "yimi.cli", "cycle", "--dir", str(district))
    assert refused.returncode == 2 and f"yimi upgrade --dir {district}" in refused.stderr
    assert "Traceback" not in refused.stderr

    done = run("-m", "yimi.cli", "upgrade", "--dir", str(district))
    assert done.returncode == 0 and "upgraded" in done.stdout, done.stderr
    (copy,) = district.glob("yimi.sqlite3.before-*")
    assert "field_arrival" not in tables(copy) and "field_arrival" in tables(district / "yimi.sqlite3")
    assert copy.stat().st_mode & 0o077 == 0

    again = run("-m", "yimi.cli", "upgrade", "--dir", str(district))
    assert again.returncode == 0 and "up to date" in again.stdout
    assert len(list(district.glob("yimi.sqlite3.before-*"))) == 1


def test_where_there_is_no_district_none_is_made(tmp_path: Path) -> None:
    told = run("-m", "yimi.cli", "upgrade", "--dir", str(tmp_path / "none"))
    assert told.returncode == 2 and "no district" in told.stderr
    assert not (tmp_path / "none").exists()
