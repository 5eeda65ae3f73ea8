"""A test child of a pack as tables, evaluated by exactly the path the register takes.

`yimi pack check` runs these, `yimi pack try` makes one from its arguments.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from yimi.engines import backend
from yimi.engines.backend import Connection
from yimi.engines.columns import build_form_tables
from yimi.engines.due import build_due, build_state, judge
from yimi.engines.entitlement import evaluate_entitlements, evaluate_suspicions
from yimi.engines.facts import build_facts
from yimi.engines.growth_lists import build_growth_lists
from yimi.pack.load import Pack
from yimi.pack.reads import entitlement_reads, merged, pathway_reads
from yimi.pack.schema import Pathway, TestChild
from yimi.pack.tables import RECORD, REGISTER

CHILD, FIRST_GUARDIAN = 1, 100


def empty_tables(con: Connection) -> None:
    """Every register table and the record table, without rows."""
    for name, columns in {**REGISTER, "record": RECORD}.items():
        described = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
        con.execute(f'CREATE OR REPLACE TABLE "{name}" ({described})')


def insert(con: Connection, table: str, **values: Any) -> None:
    names = ", ".join(f'"{each}"' for each in values)
    con.execute(
        f'INSERT INTO "{table}" ({names}) VALUES ({", ".join("?" * len(values))})', list(values.values())
    )


def put_child(con: Connection, child: TestChild) -> None:
    """The test child, its guardians, statuses and records as rows. Its village is the pack's, if it has one."""
    empty_tables(con)
    insert(con, "place", place_id="t", kind="township", parent_id="d", subject_id=900)
    insert(con, "place", place_id="v", kind="village", parent_id="t", subject_id=901)
    insert(
        con,
        "child",
        subject_id=CHILD,
        birth_date=child.born,
        sex=child.sex,
        death_date=child.died,
        birth_place_id="v",
    )
    insert(con, "residence", subject_id=CHILD, place_id="v", valid_from=child.born or date(1900, 1, 1))
    for status in child.statuses:
        _status(con, CHILD, status)
    for index, guardian in enumerate(child.guardians):
        person = FIRST_GUARDIAN + index
        insert(con, "person", subject_id=person, death_date=guardian.dead_on)
        insert(
            con, "relation", subject_id=CHILD, person_id=person, kind=guardian.kind, guardian=guardian.guardian,
            valid_from=child.born or date(1900, 1, 1),
        )  # fmt: skip
        for status in guardian.states:
            _status(con, person, status)
    for seq, record in enumerate(child.records, 1):
        insert(
            con, "record", seq=seq, subject_id=CHILD, form=record.form, form_version=1, occurred_on=record.on,
            received_at=datetime.combine(record.on, datetime.min.time()),
            answers=json.dumps(record.answers, ensure_ascii=False),
        )  # fmt: skip


def _status(con: Connection, subject: int, status: Any) -> None:
    insert(
        con, "status", subject_id=subject, scheme=status.scheme, code=status.code, valid_from=status.since,
        valid_to=status.until,
    )  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """What the pack says about one child on one day."""

    due: list[dict[str, Any]]
    judged: list[dict[str, Any]]
    entitled: dict[str, str] = field(default_factory=dict)
    suspected: list[str] = field(default_factory=list)


def evaluate(con: Connection, pack: Pack, pathway: Pathway, child: TestChild) -> Outcome:
    """Everything the pack says about the child, through the same functions the register uses."""
    put_child(con, child)
    build_form_tables(con, pack)
    lists = merged(pathway_reads(pack, pathway), entitlement_reads(pack))
    build_growth_lists(con, lists)
    facts = build_facts(con, pack, pathway.subject, child.as_of, lists)
    state = build_state(con, pack, pathway, facts)
    items = build_due(con, [(pathway, state)])
    due = backend.rows(con, f"SELECT * FROM {items} ORDER BY position, ordinal")
    judged = judge(con, pack, pathway, facts) if pathway.judged else []
    entitled = {row["entitlement"]: row["answer"] for row in evaluate_entitlements(con, pack, facts)}
    suspected = [row["suspicion"] for row in evaluate_suspicions(con, pack, facts)]
    return Outcome(due, judged, entitled, suspected)
