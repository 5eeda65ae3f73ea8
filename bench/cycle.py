"""How long is a turn: everything anew, and with nothing changed? Alternative: the full turn itself."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from bench.keep import DAY, yimi


def run(directory: Path, children: int) -> dict[str, Any]:
    turn = ("cycle", "--dir", str(directory), "--as-of", DAY, "--json")
    first, _, _ = yimi(*turn, "--full")
    second, full, memory = yimi(*turn, "--full")
    assert answers(directory, first["run"]) == answers(directory, second["run"]), (
        "two turns over the same data differ"
    )
    same, unchanged, _ = yimi(*turn)
    assert same["run"] == second["run"] and same["changed"] == 0
    return {
        "children": second["children"], "records": second["records"], "full_seconds": round(full, 1),
        "unchanged_seconds": round(unchanged, 2), "ratio": round(full / unchanged, 1), "peak_mib": round(memory),
    }  # fmt: skip


def answers(directory: Path, number: int) -> str:
    """A digest of every due item and figure of a run."""
    import duckdb

    digest = hashlib.sha256()
    folder = directory / "runs" / f"{number:06d}"
    for name in ("due_items", "figures"):
        for row in duckdb.sql(
            f"SELECT md5(string_agg(r, '' ORDER BY r)) FROM (SELECT t::VARCHAR AS r FROM '{folder / name}.parquet' t)"
        ).fetchall():
            digest.update(str(row[0]).encode())
    return digest.hexdigest()
