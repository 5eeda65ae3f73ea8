"""`python -m tests.run`: all tests, saying first what this machine cannot run.

Kinds in order of speed: unit, spec, packs (together under half a minute), properties, repository, apps, then
the journeys through a browser. Arguments go to pytest.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def missing() -> list[str]:
    """What will be skipped here, in words."""
    found = []
    if not list(Path("/usr/lib/postgresql").glob("*/bin/initdb")) and not shutil.which("initdb"):
        found.append("PostgreSQL is not installed: the tests on it are left out (Debian: postgresql)")
    if not Path("/usr/bin/chromium").exists():
        found.append("chromium is not installed: the browser tests are left out (Debian: chromium)")
    if not (ROOT.parent / "shared").is_dir():
        found.append("../shared is absent: tests against reference data are left out")
    return found


def main() -> int:
    for each in missing():
        print(f"LEFT OUT: {each}", flush=True)
    arguments = sys.argv[1:] or ["tests", "-n", "2", "--dist", "loadgroup", "-q"]
    command = [sys.executable, "-m", "pytest", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment(), check=False).returncode


def environment() -> dict[str, str]:
    """Compiled modules are kept in var/, whatever the shell says of them.

    The tests start hundreds of processes; without compiled modules each spends seconds on compiling.
    """
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {"PYTHONPYCACHEPREFIX": str(ROOT / "var" / "bytecode"), **kept}


if __name__ == "__main__":
    sys.exit(main())
