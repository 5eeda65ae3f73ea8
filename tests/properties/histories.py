"""Random histories of many children, and a loader that puts them all into the engine's tables at once."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa
from tests.properties.oracle import Child, Oracle, Record

from yimi.engines import backend
from yimi.engines.backend import Connection
from yimi.engines.closeup import Closeup, Seen
from yimi.engines.columns import build_form_tables
from yimi.engines.example import empty_tables
from yimi.engines.facts import build_facts
from yimi.pack.load import Pack
from yimi.pack.reads import pathway_reads
from yimi.pack.schema import Pathway
from yimi.pack.tables import RECORD, REGISTER

TOLD = (
    "done",
    "seq",
    "ordinal",
    "earliest",
    "due",
    "overdue_after",
    "expires",
    "exception",
    "status",
    "counted",
)
_ARROW = {"BIGINT": pa.int64(), "INTEGER": pa.int32(), "DATE": pa.date32(), "VARCHAR": pa.string(), "BOOLEAN": pa.bool_(),
          "TIMESTAMP": pa.timestamp("us"), "JSON": pa.string()}  # fmt: skip


def children(seed: int, count: int, vaccines: Sequence[str], pathway: Pathway, until: date) -> list[Child]:
    """Children with doses in and out of order, doubled, on one day, before birth, at month ends."""
    chance = random.Random(seed)
    return [_child(chance, vaccines, pathway, until) for _ in range(count)]


def _child(chance: random.Random, vaccines: Sequence[str], pathway: Pathway, until: date) -> Child:
    born = until - timedelta(days=chance.randrange(30, 9 * 365))
    if chance.random() < 0.4:  # the days on which months go wrong
        born = (born.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(
            days=chance.choice((1, 1, 2, 3))
        )
    favored = chance.sample(list(vaccines), min(len(vaccines), chance.randint(1, 6)))
    answers: list[tuple[str, date, dict[str, Any]]] = []
    for _ in range(chance.randint(0, 12)):
        answers.append(
            ("dose", _day(chance, born, [each[1] for each in answers]), {"vaccine": chance.choice(favored)})
        )
    if answers and chance.random() < 0.3:
        answers.append(chance.choice(answers))  # entered twice
    if chance.random() < 0.3:
        step = chance.choice(["*", *(each.id for each in pathway.steps)])
        kind = chance.choice(["refused", "contraindicated", "deferred", "elsewhere"])
        said = {"pathway": chance.choice([pathway.id, "other"]), "step": step, "kind": kind}
        if chance.random() < 0.5:
            said["until"] = until + timedelta(days=chance.choice((-1, 0, 30)))
        answers.append(("service_exception", until - timedelta(days=chance.randrange(200)), said))
    chance.shuffle(answers)
    records = tuple(Record(seq, form, on, said) for seq, (form, on, said) in enumerate(answers, 1))
    died = until - timedelta(days=chance.randrange(-5, 100)) if chance.random() < 0.05 else None
    unknown = chance.random() < 0.05
    return Child(None if unknown else born, chance.choice(("m", "f", None)), died, records)


def _day(chance: random.Random, born: date, others: list[date]) -> date:
    """A day near one that matters: some months after birth, or some weeks after another dose."""
    if others and chance.random() < 0.5:
        return chance.choice(others) + timedelta(days=chance.choice((0, 0, 1, 27, 28, 28, 28, 29, 60, 181)))
    months = chance.choice((-1, 0, 1, 2, 3, 4, 5, 6, 8, 9, 12, 15, 18, 18, 24, 36, 48, 60, 72, 84))
    year, month0 = divmod(born.year * 12 + born.month - 1 + months, 12)
    return date(year, month0 + 1, min(born.day, 28)) + timedelta(
        days=chance.choice((-1, 0, 0, 1, 2, 3, 10, 40))
    )


def put(con: Connection, many: Sequence[Child]) -> None:
    """All children as rows: child n has subject id n, its records seq n * 1000 + their own."""
    empty_tables(con)
    _fill(con, "child", REGISTER["child"], [
        {"subject_id": n, "birth_date": each.born, "sex": each.sex, "death_date": each.died} for n, each in enumerate(many)
    ])  # fmt: skip
    _fill(con, "record", RECORD, [
        {
            "seq": n * 1000 + record.seq, "subject_id": n, "form": record.form, "form_version": 1, "occurred_on": record.on,
            "received_at": datetime(2026, 1, 1), "answers": json.dumps(record.answers, default=date.isoformat),  # noqa: DTZ001
        }
        for n, each in enumerate(many)
        for record in each.records
    ])  # fmt: skip


def _fill(con: Connection, table: str, columns: dict[str, str], rows: list[dict[str, Any]]) -> None:
    arrays = {name: pa.array([row.get(name) for row in rows], _ARROW[kind]) for name, kind in columns.items()}
    con.register("incoming_rows", pa.table(arrays))
    con.execute(f"INSERT INTO {table} SELECT * FROM incoming_rows")
    con.unregister("incoming_rows")


def evaluated(
    con: Connection, pack: Pack, pathway: Pathway, many: Sequence[Child], as_of: date
) -> list[Seen | None]:
    """What the engine says of every child, in one run; None where the pathway does not apply."""
    put(con, many)
    build_form_tables(con, pack)
    facts = build_facts(con, pack, "child", as_of, pathway_reads(pack, pathway))
    closeup = Closeup(pack, pathway)
    seen = {row["subject_id"]: closeup.read(row) for row in backend.rows(con, closeup.query(facts))}
    return [seen.get(n) for n in range(len(many))]


def told(seen: Seen | None) -> tuple[dict[str, dict[str, Any]], dict[int, str]]:
    """The engine's answer in the oracle's terms."""
    if seen is None:
        return {}, {}
    due = {row["step"]: {name: row[name] for name in TOLD} for row in seen.due}
    for row in due.values():
        row["seq"] = row["seq"] and row["seq"] % 1000
    return due, {row["seq"] % 1000: row["verdict"] for row in seen.judged}


def expected(
    pack: Pack, pathway: Pathway, child: Child, as_of: date
) -> tuple[dict[str, dict[str, Any]], dict[int, str]]:
    """The oracle's answer in the same terms."""
    oracle = Oracle(pack, pathway, child, as_of)
    if child.born and child.born > as_of:
        return {}, {}
    items = {name: {each: getattr(item, each) for each in TOLD} for name, item in oracle.listed().items()}
    if oracle.applies is False or not pathway.judged:
        return items, {}
    return items, oracle.verdicts()
