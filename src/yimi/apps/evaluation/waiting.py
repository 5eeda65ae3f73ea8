"""What waits for somebody, of one run, in a small file of rows: a page of names must not scan a district.

Engines want columns, a list wants a few rows by place or by child. So beside a run's Parquet tables stands
`waiting.4.sqlite3`, made from them and never changed:

    item        due and overdue items, in the order of a due list (`rank`); the next upcoming item of a child in
                each pathway, and every upcoming one of pathways that a decision opens (their visits)
    tally       pathway, place, status, step → items; with step '' → children
    suspicion   what facts suggest, by place
    right_to    children who do not receive what is theirs, or receive what the facts no longer support
    site        pathway, step, status, place → items due and overdue at facilities
    screened    child → where it stands in each cascade's latest round, as JSON

It is the same beside PostgreSQL: it belongs to the run's folder, not to the register.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from yimi.engines.backend import Connection
from yimi.rules.sql import text

NAME = "waiting.4.sqlite3"  # a new number whenever the tables change: the file of an older run is made anew
TABLES = """
CREATE TABLE item (rank INTEGER PRIMARY KEY, subject_id INTEGER NOT NULL, pathway TEXT NOT NULL, step TEXT NOT NULL,
  position INTEGER NOT NULL, status TEXT NOT NULL, earliest TEXT, due TEXT, overdue_after TEXT, done TEXT, place TEXT);
CREATE TABLE tally (pathway TEXT, place TEXT, status TEXT, step TEXT, n INTEGER NOT NULL,
  PRIMARY KEY (pathway, step, status, place)) WITHOUT ROWID;
CREATE TABLE suspicion (suspicion TEXT NOT NULL, place TEXT, subject_id INTEGER NOT NULL);
CREATE TABLE right_to (entitlement TEXT NOT NULL, state TEXT NOT NULL, place TEXT, subject_id INTEGER NOT NULL);
CREATE TABLE site (pathway TEXT NOT NULL, step TEXT NOT NULL, status TEXT NOT NULL, place TEXT, n INTEGER NOT NULL);
CREATE TABLE screened (subject_id INTEGER PRIMARY KEY, told TEXT NOT NULL);
"""
INDEXES = """
CREATE INDEX item_subject ON item (subject_id);
CREATE INDEX item_waiting ON item (pathway) WHERE status <> 'upcoming';
CREATE INDEX suspicion_place ON suspicion (suspicion, place, subject_id);
"""
DATES = ("earliest", "due", "overdue_after", "done")


MADE_FROM = ("due_items", "suspicions", "cascades", "entitlements", "site_items")


def build(con: Connection, tables: Mapping[str, str], decided: Collection[str], path: Path) -> None:
    """Make the file. `tables`: MADE_FROM, each as SQL to select from; `decided`: pathways that a decision opens."""
    path.unlink(missing_ok=True)
    items, suspicions, cascades, rights, sites = (tables[name] for name in MADE_FROM)
    kept = ", ".join(text(each) for each in decided) or "NULL"
    rows = con.execute(
        "SELECT subject_id, pathway, step, position, status, earliest::VARCHAR, due::VARCHAR, overdue_after::VARCHAR, "
        f"done::VARCHAR, place FROM {items} WHERE counted AND status IN ('overdue', 'due', 'upcoming') "
        f"QUALIFY status <> 'upcoming' OR pathway IN ({kept}) OR row_number() OVER (PARTITION BY subject_id, pathway, "
        "status ORDER BY coalesce(due, earliest), position) = 1 "
        "ORDER BY pathway, status = 'upcoming', status DESC, coalesce(overdue_after, due), place, subject_id, position"
    ).fetchall()
    waiting = (
        f"FROM {items} WHERE counted AND status IN ('overdue', 'due') AND place IS NOT NULL GROUP BY ALL"
    )
    tally = con.execute(
        f"SELECT pathway, place, status, step, count(*) {waiting} "
        f"UNION ALL SELECT pathway, place, status, '', count(DISTINCT subject_id) {waiting}"
    ).fetchall()
    found = con.execute(f"SELECT suspicion, place, subject_id FROM {suspicions} ORDER BY ALL").fetchall()
    told = "{cascade: cascade, position: position, since: since, waits_for: waits_for, overdue_after: overdue_after, late: late}"
    screened = con.execute(
        "SELECT subject_id, to_json(list(latest ORDER BY latest.cascade))::VARCHAR FROM "
        f"(SELECT subject_id, arg_max({told}, coalesce(round, DATE '1900-01-01')) AS latest FROM {cascades} WHERE position > 0 "
        "GROUP BY subject_id, cascade) GROUP BY subject_id ORDER BY subject_id"
    ).fetchall()
    standing = con.execute(
        f"SELECT entitlement, state, place, subject_id FROM {rights} WHERE state IN ('missing', 'lost') ORDER BY ALL"
    ).fetchall()
    at_sites = con.execute(
        f"SELECT pathway, step, status, place, count(*) FROM {sites} WHERE counted AND status IN ('overdue', 'due') "
        "GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    written = sqlite3.connect(path, isolation_level=None)
    try:
        written.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {TABLES}")
        written.execute("BEGIN")
        written.executemany("INSERT INTO item VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        written.executemany("INSERT INTO tally VALUES (?, ?, ?, ?, ?)", tally)
        written.executemany("INSERT INTO suspicion VALUES (?, ?, ?)", found)
        written.executemany("INSERT INTO right_to VALUES (?, ?, ?, ?)", standing)
        written.executemany("INSERT INTO site VALUES (?, ?, ?, ?, ?)", at_sites)
        written.executemany("INSERT INTO screened VALUES (?, ?)", screened)
        written.execute("COMMIT")
        written.executescript(INDEXES)
    finally:
        written.close()


_open = threading.local()


def query(path: Path, sql: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
    """Rows of a query over one run's file; the dates of `item` come back as dates."""
    found = _reader(path).execute(sql, values)
    names = [each[0] for each in found.description]
    rows = [dict(zip(names, row, strict=True)) for row in found]
    for name in set(names) & {*DATES, "next_by"}:
        for row in rows:
            row[name] = date.fromisoformat(row[name]) if row[name] else None
    return rows


def _reader(path: Path) -> sqlite3.Connection:
    """One connection a thread and file; the one before is let go. A file never changes, so no lock is taken, but
    after a restored database the next turn may give its number, and its name, to another."""
    seen = path.stat()
    key = (os.getpid(), path, seen.st_ino, seen.st_mtime_ns)
    if getattr(_open, "key", None) != key:
        _open.reader = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)
        _open.key = key
    reader: sqlite3.Connection = _open.reader
    return reader
