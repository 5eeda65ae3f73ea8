"""Test children of a pack as tables, evaluated by exactly the path the register takes.

`yimi pack check` runs these, `yimi pack try` makes one from its arguments.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from yimi.engines import backend
from yimi.engines.backend import Connection, empty_tables
from yimi.engines.because import Explainer
from yimi.engines.closeup import closeup_query, read
from yimi.engines.columns import build_form_tables
from yimi.engines.entitlement import evaluate_entitlements, evaluate_suspicions
from yimi.engines.facts import build_facts
from yimi.engines.growth_lists import build_growth_lists
from yimi.pack.load import Pack
from yimi.pack.reads import entitlement_reads, merged, pathway_reads
from yimi.pack.schema import Pathway, TestChild

SPAN = 1000  # ids of one test child: its own, its guardians' from 100, its records' from 1


def insert(con: Connection, table: str, **values: Any) -> None:
    names = ", ".join(f'"{each}"' for each in values)
    con.execute(
        f'INSERT INTO "{table}" ({names}) VALUES ({", ".join("?" * len(values))})', list(values.values())
    )


def put_children(con: Connection, children: Sequence[TestChild]) -> None:
    """Test children with their guardians, statuses and records as rows; child n has the ids from n * SPAN."""
    empty_tables(con)
    insert(con, "place", place_id="t", kind="township", parent_id="d", subject_id=900)
    insert(con, "place", place_id="v", kind="village", parent_id="t", subject_id=901)
    for index, child in enumerate(children, 1):
        _put(con, child, index * SPAN)


def _put(con: Connection, child: TestChild, subject: int) -> None:
    since = child.born or date(1900, 1, 1)
    insert(
        con,
        "child",
        subject_id=subject,
        birth_date=child.born,
        sex=child.sex,
        death_date=child.died,
        birth_place_id="v",
    )
    insert(con, "residence", subject_id=subject, place_id="v", valid_from=since)
    for status in child.statuses:
        _status(con, subject, status)
    for index, guardian in enumerate(child.guardians):
        person = subject + 100 + index
        insert(con, "person", subject_id=person, death_date=guardian.dead_on)
        insert(
            con, "relation", subject_id=subject, person_id=person, kind=guardian.kind, guardian=guardian.guardian,
            valid_from=since,
        )  # fmt: skip
        for status in guardian.states:
            _status(con, person, status)
    for index, record in enumerate(child.records, 1):
        insert(
            con, "record", seq=subject + index, subject_id=subject, form=record.form, form_version=1,
            occurred_on=record.on, received_at=datetime.combine(record.on, datetime.min.time()),
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
    explainer: Explainer | None = None  # None where the pathway does not apply


def evaluate(con: Connection, pack: Pack, pathway: Pathway, child: TestChild) -> Outcome:
    """Everything the pack says about one child, through the same functions the register uses."""
    return evaluate_many(con, pack, pathway, [child])[0]


def evaluate_many(
    con: Connection, pack: Pack, pathway: Pathway, children: Sequence[TestChild]
) -> list[Outcome]:
    """The same for several children of one day (`as_of` of the first counts), in their order."""
    put_children(con, children)
    build_form_tables(con, pack)
    lists = merged(pathway_reads(pack, pathway), entitlement_reads(pack))
    build_growth_lists(con, lists)
    facts = build_facts(con, pack, pathway.subject, children[0].as_of, lists)
    seen = {
        row["subject_id"]: read(pack, pathway, row)
        for row in backend.rows(con, closeup_query(pack, pathway, facts))
    }
    entitled = _by_subject(evaluate_entitlements(con, pack, facts))
    suspected = _by_subject(evaluate_suspicions(con, pack, facts))
    found = []
    for subject in range(SPAN, SPAN * (len(children) + 1), SPAN):
        answers = {row["entitlement"]: row["answer"] for row in entitled[subject]}
        suspicions = [row["suspicion"] for row in suspected[subject]]
        close = seen.get(subject)
        found.append(
            Outcome(close.due, close.judged, answers, suspicions, close.explainer)
            if close
            else Outcome([], [], answers, suspicions)
        )
    return found


def _by_subject(rows: list[dict[str, Any]]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row["subject_id"]].append(row)
    return found
