"""How many records a second are taken in and durable? Alternative: the same records one by one, as a form sends them.

A spreadsheet of doses goes the way every upload goes: read, each row checked, matched to its child, refused or stored,
all in one transaction that SQLite has on the disk when it returns. Afterwards each row is a record with its answers,
and the same file once more stores nothing.
"""

from __future__ import annotations

import csv
import random
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from bench.keep import DAY

ROWS, SINGLE, GOAL = 20_000, 100, 5_000
DAY_OF = date.fromisoformat(DAY)
Dose = tuple[str, str, str, str, str]  # uid of the child, name, birth date, day, vaccine


def run(directory: Path, children: int) -> dict[str, Any]:
    from yimi.sites.start import start

    start(directory)
    from yimi.apps.accounts.permissions import system
    from yimi.apps.imports.actions import import_file
    from yimi.apps.records import actions as records
    from yimi.apps.records.models import Record

    by, at = system(DAY_OF), datetime.now(UTC)
    many, few = doses(ROWS, SINGLE)
    before = Record.objects.count()
    with tempfile.TemporaryDirectory(prefix="yimi-bulk-") as scratch:
        path = written(Path(scratch), many)
        began, used = time.perf_counter(), time.process_time()
        outcome = import_file(path, "dose", by=by, at=at)
        seconds, busy = time.perf_counter() - began, time.process_time() - used
        assert outcome.stored == len(many) and not outcome.refused, "rows were left out"
        assert Record.objects.count() == before + len(many)
        last = (
            Record.objects.filter(form="dose").order_by("-pk").values_list("occurred_on", "answers__vaccine")
        )
        stored = [(on.isoformat(), vaccine) for on, vaccine in last[: len(many)]]
        assert sorted(stored) == sorted((on, vaccine) for *_, on, vaccine in many), "the answers differ"
        again = import_file(path, "dose", by=by, at=at)
        assert again.stored == 0 and again.repeated == len(many), "the same file was stored twice"
    began = time.perf_counter()
    for uid, _, _, on, vaccine in few:
        records.add(
            record_uid=uuid4(), subject=uid, form="dose", occurred_on=date.fromisoformat(on),
            answers={"vaccine": vaccine}, by=by, at=at,
        )  # fmt: skip
    single = len(few) / (time.perf_counter() - began)
    a_second = len(many) / seconds
    return {
        "rows": len(many), "records_a_second": round(a_second), "of_processor_time": round(len(many) / busy),
        "one_by_one": round(single), "ratio": round(a_second / GOAL, 2), "goal": 1, "floor": 0.5,
    }  # fmt: skip


def doses(*counts: int) -> list[list[Dose]]:
    """Doses of the last quarter that nobody has entered yet, for children known by name and birth date."""
    from collections import Counter

    from yimi.apps import active
    from yimi.apps.records.models import Record
    from yimi.apps.register.models import Child

    chance, first = random.Random(7), DAY_OF - timedelta(days=90)
    rows = Child.objects.filter(birth_date__lt=first, death_date=None).values_list(
        "pk", "subject__uid", "name", "birth_date"
    )
    often = Counter((name, born) for _, _, name, born in rows)
    known = [row for row in rows if often[row[2], row[3]] == 1]
    taken = set(
        Record.objects.filter(form="dose", occurred_on__gte=first).values_list(
            "subject_id", "occurred_on", "answers__vaccine"
        )
    )
    vaccines = [each.code for each in active.pack().vocabularies["vaccine"].codes]
    found: list[list[Dose]] = []
    for count in counts:
        part: list[Dose] = []
        while len(part) < count:
            pk, uid, name, born = chance.choice(known)
            on, vaccine = DAY_OF - timedelta(days=chance.randrange(90)), chance.choice(vaccines)
            if (pk, on, vaccine) not in taken:
                taken.add((pk, on, vaccine))
                part.append((str(uid), name, born.isoformat(), on.isoformat(), vaccine))
        found.append(part)
    return found


def written(folder: Path, many: list[Dose]) -> Path:
    from yimi.apps.imports.columns import fields_of

    labels = {each.id: each.zh for each in fields_of("dose")}
    path = folder / "doses.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([labels[name] for name in ("name", "birth_date", "occurred_on", "vaccine")])
        writer.writerows(row[1:] for row in many)
    return path
