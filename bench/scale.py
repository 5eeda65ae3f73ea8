"""Does a turn of the whole pack grow as its children do, within 4 GiB? Alternative: the first county alone.

A made-up province, evaluated at three sizes: one county, a fifth of its counties, all of them. The first county's
answers must be the same in all three, and the counts of the whole must be the sum of the counties'.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench.keep import DAY, yimi
from bench.province import COUNTY
from yimi.pack.load import load

COUNTIES = 4  # at least so many
AT_MOST = 1.3  # time a child among all counties over time a child in one
LIMIT_MIB = 4096


def run(directory: Path, children: int) -> dict[str, Any]:
    county = min(COUNTY, max(1, children // COUNTIES))
    whole = directory.parent / "province"
    # Made in a process of its own: what a process once used is counted to those it starts.
    subprocess.run(
        [sys.executable, "-m", "bench.province", str(whole), "--children", str(children), "--county", str(county)],
        check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    parts = sorted(whole.glob("part=*"))
    told: dict[str, Any] = {"children_a_county": county}
    left_out = ", ".join(f"'{each}'" for each in load("wulong").case_pathways)  # their items count nowhere
    times, seen, peak = [], set(), 0.0
    for size in sorted({1, max(1, len(parts) // 5), len(parts)}):
        folder = first_counties(parts[:size], directory.parent / f"scale-{size}")
        answer, seconds, memory = yimi("cycle", "--dir", str(folder), "--as-of", DAY, "--json")
        seen.add(due_items(folder / "evaluated" / parts[0].name))
        assert answer["overdue"] == overdue(folder / "evaluated", left_out), (
            "the counts are not those of the items"
        )
        times.append(seconds / answer["children"])
        peak = max(peak, memory)
        told[f"{answer['children']} children"] = (
            f"{seconds:.1f} s, {answer['records']} records, {memory:.0f} MiB"
        )
        shutil.rmtree(folder)
    assert len(seen) == 1, "the first county's due items depend on its neighbors"
    assert peak < LIMIT_MIB, f"{peak:.0f} MiB"
    return told | {
        "ratio": round(times[0] / times[-1], 2), "goal": round(1 / AT_MOST, 2), "floor": round(0.5 / AT_MOST, 2),
        "peak_mib": round(peak),
    }  # fmt: skip


def first_counties(parts: list[Path], folder: Path) -> Path:
    """A province of these counties only; nothing is copied."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for part in parts:
        os.symlink(part, folder / part.name)
    pack = parts[0].parent / "pack"
    if pack.is_file():
        shutil.copy(pack, folder)
    return folder


def due_items(county: Path) -> str:
    import duckdb

    found = duckdb.sql(
        f"SELECT md5(string_agg(r, '' ORDER BY r)) FROM (SELECT t::VARCHAR AS r FROM '{county}/due_items.parquet' t)"
    ).fetchall()
    return hashlib.sha256(str(found).encode()).hexdigest()


def overdue(evaluated: Path, left_out: str) -> int:
    import duckdb

    items = f"'{evaluated}/part=*/due_items.parquet'"
    counted = f"counted AND status = 'overdue' AND pathway NOT IN ({left_out})"
    return int(duckdb.sql(f"SELECT count(*) FROM {items} WHERE {counted}").fetchall()[0][0])
