"""PostgreSQL as the store of many records: are its columns written without stopping writers, and the pages during a turn?

A made-up district, and as many other children with the same records as make the store large. While one process writes
every record as typed columns (piece by piece, from one snapshot), another goes on storing records, each committed on
its own; afterwards the columns hold exactly the records of the snapshot, and the next time also those that came
meanwhile. Then eight people read pages, first alone, then while a whole turn runs beside them. Not in `make bench`:
a small store says nothing.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from bench import pages
from bench.keep import DAY, percentile, yimi

RECORDS = 28_000_000
IDLE_SECONDS = 10
PAGES = (("zhou", "/"), ("chen", "/day/"), ("ran", "/work/"), ("liu", "/children/"), ("chen", "/children/"))
REQUESTS = 64  # of each page, at eight a time


def run(directory: Path, children: int) -> dict[str, Any]:
    from tests.postgres import throwaway_cluster, why_not

    if reason := why_not():
        return {"postgres": reason}
    with throwaway_cluster() as address:
        os.environ["YIMI_DATABASE_URL"] = address
        try:
            return measure(directory.parent / "postgres", address, children)
        finally:
            del os.environ["YIMI_DATABASE_URL"]


def measure(folder: Path, address: str, children: int) -> dict[str, Any]:
    import psycopg

    yimi(
        "demo",
        "--children",
        str(children),
        "--dir",
        str(folder),
        "--as-of",
        DAY,
        "--no-serve",
        "--no-history",
        "--json",
    )
    with psycopg.connect(address, autocommit=True) as server:
        began = time.perf_counter()
        records = multiply(server, RECORDS if children >= 60_000 else 3 * count(server))
        told: dict[str, Any] = {
            "children": children,
            "records": records,
            "copied_seconds": told_seconds(began),
        }
        with writing(address) as writer:
            time.sleep(IDLE_SECONDS)
            alone = writer.seconds[:]
            wrote = columns_written(folder)
            beside = writer.seconds[len(alone) :]
        print(f"columns of {records} records: {wrote}", flush=True)
        assert wrote["rows"] == in_snapshot(server, wrote["upto"]), (
            "records are missing from the columns, or too many"
        )
        again = columns_written(folder)
        assert again["rows"] == in_snapshot(server, again["upto"]) and again["upto"] == count(
            server, "max(seq)"
        )
        told |= {
            "columns_seconds": wrote["seconds"], "records_a_second": round(wrote["rows"] / wrote["seconds"]),
            "peak_mib": wrote["peak_mib"], "written_meanwhile": len(beside),
            "writer_p95_ms": round(percentile(alone, 0.95) * 1000, 1),
            "writer_beside_p95_ms": round(percentile(beside, 0.95) * 1000, 1),
            "writer_beside_longest_ms": round(max(beside) * 1000, 1),
        }  # fmt: skip
        return told | beside_a_turn(folder)


def told_seconds(began: float) -> float:
    return round(time.perf_counter() - began, 1)


def count(server: Any, what: str = "count(*)") -> int:
    return int(server.execute(f"SELECT {what} FROM records_record").fetchone()[0])


def in_snapshot(server: Any, upto: int) -> int:
    """The records that belong in the columns: no taking back, and none of a sealed case."""
    asked = (
        "SELECT count(*) FROM records_record WHERE kind <> 'void' AND seq <= %s AND subject_id NOT IN "
        "(SELECT subject_id FROM cases_case WHERE state = 'sealed')"
    )
    return int(server.execute(asked, [upto]).fetchone()[0])


def multiply(server: Any, wanted: int) -> int:
    """The district's records once more for other children, who live nowhere, until there are as many as wanted."""
    there, highest = count(server), count(server, "max(seq)")
    ids = server.execute("SELECT max(id) FROM register_subject").fetchone()[0]
    indexes = server.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'records_record' AND indexname NOT LIKE '%pkey'"
    ).fetchall()
    for name, _ in indexes:
        server.execute(f'DROP INDEX "{name}"')
    server.execute("SET synchronous_commit = off")
    for number in range(1, -(-wanted // there)):
        server.execute(
            "INSERT INTO register_subject (id, uid, kind) SELECT id + %s, gen_random_uuid(), 'child' FROM register_subject "
            "WHERE id <= %s AND id IN (SELECT subject_id FROM records_record WHERE seq <= %s)",
            [number * ids, ids, highest],
        )
        server.execute(
            "INSERT INTO records_record (seq, record_uid, subject_id, form, form_version, kind, occurred_on, received_at, "
            "answers, reason) SELECT seq + %s, gen_random_uuid(), subject_id + %s, form, form_version, 'new', occurred_on, "
            "received_at, answers, '' FROM records_record WHERE seq <= %s AND seq + %s <= %s",
            [number * highest, number * ids, highest, number * highest, wanted],
        )
    for _, definition in indexes:
        server.execute(definition)
    for table, column in (("records_record", "seq"), ("register_subject", "id")):
        server.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', '{column}'), (SELECT max({column}) FROM {table}))"
        )
    server.execute("ANALYZE records_record")
    return count(server)


class Writer(threading.Thread):
    """Stores one record after the other, a transaction each, and notes how long each took."""

    def __init__(self, address: str) -> None:
        super().__init__(daemon=True)
        self.address, self.seconds, self.stop = address, [], threading.Event()

    def run(self) -> None:
        import psycopg

        chance = random.Random(1)
        with psycopg.connect(self.address, autocommit=True) as server:
            children = [
                row[0]
                for row in server.execute("SELECT subject_id FROM register_child LIMIT 5000").fetchall()
            ]
            while not self.stop.is_set():
                began = time.perf_counter()
                server.execute(
                    "INSERT INTO records_record (record_uid, subject_id, form, form_version, kind, occurred_on, received_at, "
                    "answers, reason) VALUES (%s, %s, 'dose', 1, 'new', %s, now(), '{\"vaccine\": \"MMR\"}', '')",
                    [uuid4(), chance.choice(children), DAY],
                )
                self.seconds.append(time.perf_counter() - began)
                time.sleep(0.02)  # fifty a second: a province's busy morning


@contextmanager
def writing(address: str) -> Iterator[Writer]:
    writer = Writer(address)
    writer.start()
    try:
        yield writer
    finally:
        writer.stop.set()
        writer.join()


def columns_written(folder: Path) -> dict[str, Any]:
    """The columns, brought up to date by a process of its own: what it took."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.postgres_store", str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def write_columns(folder: Path) -> dict[str, Any]:
    from bench.keep import own_peak_mib
    from yimi.sites.start import start

    start(folder)
    import duckdb
    from django.db import connection, transaction
    from django.utils import timezone

    from yimi.apps import active
    from yimi.apps.records import typed
    from yimi.apps.source import source
    from yimi.engines import backend

    began = time.perf_counter()
    with transaction.atomic(), source() as using:
        connection.cursor().execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        kept = typed.refresh(backend.connect(), active.pack(), using, timezone.now())
    seconds = time.perf_counter() - began
    parts = [str(folder / "columns" / each.folder / part) for each in kept.values() for part in each.parts]
    rows = sum(duckdb.sql(f"SELECT count(*) FROM '{part}'").fetchall()[0][0] for part in parts)
    upto = max(each.upto for each in kept.values())
    return {"seconds": round(seconds, 1), "rows": rows, "upto": upto, "peak_mib": round(own_peak_mib())}


def beside_a_turn(folder: Path) -> dict[str, Any]:
    """p95 of some pages at eight clients: alone, and while turns run one after the other."""
    port = pages.free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "yimi.cli", "serve", "--dir", str(folder), "--port", str(port)],
        stdout=subprocess.DEVNULL,
    )
    try:
        pages.wait_for(f"http://127.0.0.1:{port}")
        alone = pages.of(port, PAGES, REQUESTS)
        turn = subprocess.Popen(
            [sys.executable, "-m", "yimi.cli", "cycle", "--dir", str(folder), "--as-of", DAY, "--full", "--json"],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        time.sleep(5)
        beside = pages.of(port, PAGES, REQUESTS)
        assert turn.poll() is None, "the turn was over before the pages were"
        out, _ = turn.communicate()
        told = {"turn_beside_pages_seconds": json.loads(out)["seconds"]}
    finally:
        server.terminate()
        server.wait(timeout=20)
    for page, before in alone.items():
        told[f"{page} p95_ms"] = f"{before} alone, {beside[page]} during a turn"
    return told


if __name__ == "__main__":
    print(json.dumps(write_columns(Path(sys.argv[1]))))
