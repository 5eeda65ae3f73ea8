"""What every bench needs: running a command with its memory watched, and keeping figures."""

from __future__ import annotations

import json
import os
import platform
import resource
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

DAY = "2026-11-26"
RESULTS = Path(__file__).resolve().parent / "results"


def yimi(*arguments: str) -> tuple[dict[str, Any], float, float]:
    """A yimi command with --json: (its answer, wall seconds, peak memory of the process in MiB)."""
    before = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "yimi.cli", *arguments], stdout=subprocess.PIPE, text=True
    )
    out = process.stdout.read() if process.stdout else ""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"yimi {' '.join(arguments)} ended with {process.returncode}")
    return json.loads(out), time.monotonic() - before, usage.ru_maxrss / 1024


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def tell(name: str, told: dict[str, Any]) -> None:
    print(f"{name}: " + ", ".join(f"{key} {value}" for key, value in told.items()), flush=True)


def store(name: str, told: dict[str, Any]) -> None:
    """Add a line to bench/results/<name>.jsonl."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**30
    line = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"), "commit": commit.stdout.strip(), "cores": os.cpu_count(),
        "memory_gib": memory, "python": platform.python_version(), **told,
    }  # fmt: skip
    RESULTS.mkdir(exist_ok=True)
    with (RESULTS / f"{name}.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")


def own_peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
