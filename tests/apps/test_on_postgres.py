"""The tests of this folder once more, on PostgreSQL."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.postgres import throwaway_cluster, why_not

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.postgres
@pytest.mark.skipif(bool(os.environ.get("YIMI_DATABASE_URL")), reason="this is the run on PostgreSQL")
@pytest.mark.skipif(why_not() is not None, reason=why_not() or "")
def test_the_same_tests_on_postgresql() -> None:
    with throwaway_cluster() as address:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "tests/apps", "-q", "-x", "-p", "no:cacheprovider", "-m", "not browser"],
            cwd=ROOT, env={**os.environ, "YIMI_DATABASE_URL": address}, capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert " passed" in done.stdout
