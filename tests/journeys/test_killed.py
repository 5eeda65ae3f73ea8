"""kill -9 in the middle: nothing acknowledged is lost, nothing half done is seen.

A few trials by default; YIMI_TRIALS=50 for the full drill.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from uuid import UUID

import pytest

TRIALS = int(os.environ.get("YIMI_TRIALS", "4"))
DAY = "2026-11-26"


def yimi(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "yimi.cli", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def killed_after(seconds: float, *arguments: str) -> bool:
    """Start a command and kill it; True if it was still running."""
    process = subprocess.Popen(
        [sys.executable, "-m", "yimi.cli", *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        process.wait(timeout=seconds)
        return False
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return True


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("killed") / "demo"
    made = yimi("demo", "--children", "300", "--seed", "7", "--dir", str(directory), "--as-of", DAY, "--no-serve",
                "--no-history", "--json")  # fmt: skip
    assert made.returncode == 0, made.stderr
    return directory


def state(directory: Path) -> dict[str, object]:
    """What a reader would see, straight from the file, after SQLite has rolled back what was torn."""
    with sqlite3.connect(directory / "yimi.sqlite3") as con:
        one = lambda sql: con.execute(sql).fetchone()[0]  # noqa: E731
        assert one("PRAGMA integrity_check") == "ok"
        return {
            "in_force": [row[0] for row in con.execute("SELECT number FROM plan_run WHERE in_force")],
            "readings": one("SELECT count(*) FROM plan_target_reading r JOIN plan_run n ON n.number = r.run_id WHERE n.in_force"),
            "twice": one("SELECT count(*) FROM (SELECT cause FROM alerts_alert WHERE closed_at IS NULL GROUP BY cause HAVING count(*) > 1)"),
            "records": one("SELECT count(*) FROM records_record"),
            "tasks_without_event": one("SELECT count(*) FROM tasks_task t WHERE NOT EXISTS (SELECT 1 FROM tasks_event e WHERE e.task_id = t.id)"),
        }  # fmt: skip


def whole(directory: Path) -> dict[str, object]:
    """The state, asserted to be a whole one: exactly one run in force, with its lights and its files."""
    seen = state(directory)
    assert isinstance(seen["in_force"], list) and len(seen["in_force"]) == 1
    assert seen["readings"] == 22
    assert seen["twice"] == 0 and seen["tasks_without_event"] == 0
    files = directory / "runs" / f"{seen['in_force'][0]:06d}"
    assert {each.stem for each in files.glob("*.parquet")} >= {"due_items", "children", "figures"}
    return seen


@pytest.mark.slow
def test_a_cycle_killed_anywhere_leaves_the_old_run_in_force(district: Path) -> None:
    arguments = ("cycle", "--dir", str(district), "--as-of", DAY, "--full", "--json")
    began = time.monotonic()
    assert yimi(*arguments).returncode == 0
    takes = time.monotonic() - began
    chance = random.Random(11)
    interrupted = 0

    for _ in range(TRIALS):
        before = whole(district)
        interrupted += killed_after(chance.uniform(0.3, 1.0) * takes, *arguments)
        after = whole(district)
        assert after["records"] == before["records"]

    assert interrupted > 0
    last = yimi(*arguments)
    assert last.returncode == 0, last.stderr
    assert json.loads(last.stdout)["run"] == whole(district)["in_force"][0]  # type: ignore[index]
    assert not list((district / "runs").glob(".0*")), "an unfinished run's folder is cleared by the next turn"


def children_in(directory: Path) -> int:
    with sqlite3.connect(directory / "yimi.sqlite3") as con:
        return int(con.execute("SELECT count(*) FROM register_child").fetchone()[0])


def batches(directory: Path, state: str) -> list[str]:
    with sqlite3.connect(directory / "yimi.sqlite3") as con:
        rows = con.execute("SELECT uid FROM imports_batch WHERE state = ?", [state]).fetchall()
    return [str(UUID(row[0])) for row in rows]


@pytest.mark.slow
def test_an_import_killed_anywhere_is_in_whole_or_not_at_all(district: Path, tmp_path: Path) -> None:
    def sheet(number: int) -> Path:
        """Three hundred made-up children of one village, others in each sheet."""
        path = tmp_path / f"children-{number}.csv"
        lines = [
            f"测试{number}号{row},女,202{row % 6}-0{row % 9 + 1}-1{row % 9},铁佛村" for row in range(300)
        ]
        path.write_text("\n".join(["姓名,性别,出生日期,村（社区）", *lines]), encoding="utf-8")
        return path

    def arguments(number: int) -> tuple[str, ...]:
        return ("import", str(sheet(number)), "--as", "children", "--dir", str(district), "--json")

    began = time.monotonic()
    assert yimi(*arguments(0)).returncode == 0
    takes = time.monotonic() - began
    chance = random.Random(5)
    interrupted = 0

    for number in range(1, TRIALS + 1):
        before = children_in(district)
        interrupted += killed_after(chance.uniform(0.4, 1.0) * takes, *arguments(number))
        state(district)
        assert children_in(district) in (before, before + 300)
        half_done = batches(district, "running")
        again = yimi(*arguments(number))
        assert again.returncode == 0, again.stderr
        assert children_in(district) == before + 300, "the file sent again is in once"
        assert batches(district, "running") == [], "the next upload finds what was killed, at once"
        assert set(half_done) <= set(batches(district, "interrupted"))
        assert not [each for each in half_done if (district / "imports" / each).exists()], "its file is gone"

    assert interrupted > 0
