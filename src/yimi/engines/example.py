"""Test children of a pack as tables, evaluated by exactly the path the register takes.

`yimi pack check` runs these, `yimi pack try` makes one from its arguments. DuckDB takes far longer to plan a
pathway than to answer it for a few children, so all children of a pathway are asked in one query, each with
the facts of its own day: what a further child costs is its facts, not the pathway once more.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from yimi.engines import backend
from yimi.engines.backend import Connection, empty_tables
from yimi.engines.because import Explainer
from yimi.engines.closeup import Closeup
from yimi.engines.columns import build_form_tables
from yimi.engines.entitlement import evaluate_entitlements, evaluate_suspicions
from yimi.engines.facts import facts_query
from yimi.engines.growth_lists import build_growth_lists
from yimi.pack.load import Pack
from yimi.pack.reads import Reads, entitlement_reads, merged, pathway_reads
from yimi.pack.schema import Pathway, TestChild

SPAN = 1000  # ids of one test child: its own, its guardians' from 100, its records' from 1
_Rows = dict[str, list[dict[str, Any]]]  # table → its rows


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
    rows: _Rows = defaultdict(list)
    for index, child in enumerate(children, 1):
        _add(rows, child, index * SPAN)
    for table, listed in rows.items():
        con.register("incoming", pa.Table.from_pylist(listed))
        con.execute(f'INSERT INTO "{table}" BY NAME SELECT * FROM incoming')
        con.unregister("incoming")


def _add(rows: _Rows, child: TestChild, subject: int) -> None:
    since = child.born or date(1900, 1, 1)
    rows["child"].append(
        {
            "subject_id": subject, "birth_date": child.born, "sex": child.sex, "death_date": child.died,
            "birth_place_id": "v",
        }
    )  # fmt: skip
    rows["residence"].append({"subject_id": subject, "place_id": "v", "valid_from": since})
    for status in child.statuses:
        rows["status"].append(_status(subject, status))
    for index, guardian in enumerate(child.guardians):
        person = subject + 100 + index
        rows["person"].append({"subject_id": person, "death_date": guardian.dead_on})
        rows["relation"].append(
            {
                "subject_id": subject, "person_id": person, "kind": guardian.kind, "guardian": guardian.guardian,
                "valid_from": since,
            }
        )  # fmt: skip
        for status in guardian.states:
            rows["status"].append(_status(person, status))
    for index, record in enumerate(child.records, 1):
        rows["record"].append(
            {
                "seq": subject + index, "subject_id": subject, "form": record.form, "form_version": 1,
                "occurred_on": record.on, "received_at": datetime.combine(record.on, datetime.min.time()),
                "answers": json.dumps(record.answers, ensure_ascii=False),
            }
        )  # fmt: skip


def _status(subject: int, status: Any) -> dict[str, Any]:
    return {
        "subject_id": subject, "scheme": status.scheme, "code": status.code, "valid_from": status.since,
        "valid_to": status.until,
    }  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """What the pack says about one child on one day; of benefits and suspicions only if the child expects any."""

    due: list[dict[str, Any]]
    judged: list[dict[str, Any]]
    entitled: dict[str, str] = field(default_factory=dict)
    needs: dict[str, list[str]] = field(default_factory=dict)  # entitlement → the facts it lacks
    suspected: list[str] = field(default_factory=list)
    explainer: Explainer | None = None  # None where the pathway does not apply


def evaluate(con: Connection, pack: Pack, pathway: Pathway, child: TestChild) -> Outcome:
    """Everything the pack says about one child, through the same functions the register uses."""
    return evaluate_many(con, pack, [(pathway, child)])[0]


def evaluate_many(con: Connection, pack: Pack, asked: Sequence[tuple[Pathway, TestChild]]) -> list[Outcome]:
    """The same for many children, each with its pathway and on its own day, in their order."""
    children = {index * SPAN: child for index, (_, child) in enumerate(asked, 1)}
    pathways = {pathway.id: pathway for pathway, _ in asked}
    reads = {name: pathway_reads(pack, each) for name, each in pathways.items()}
    wanting = {at: each for at, each in children.items() if each.expect_entitled or each.expect_suspected}
    entitling = entitlement_reads(pack) if wanting else {}
    put_children(con, list(children.values()))
    build_form_tables(con, pack)
    build_growth_lists(con, merged(entitling, *reads.values()))
    seen = {}
    for name, pathway in pathways.items():
        mine = [subject for subject, each in zip(children, asked, strict=True) if each[0].id == name]
        facts = _build_facts(con, pathway.subject, reads[name], {each: children[each] for each in mine})
        closeup = Closeup(pack, pathway)
        for row in backend.rows(con, closeup.query(facts)):
            seen[row["subject_id"]] = closeup.read(row)
    entitled: dict[int, list[dict[str, Any]]] = {}
    suspected: dict[int, list[dict[str, Any]]] = {}
    if wanting:
        facts = _build_facts(con, "child", entitling, wanting)
        entitled = _by_subject(evaluate_entitlements(con, pack, facts))
        suspected = _by_subject(evaluate_suspicions(con, pack, facts))
    found = []
    for subject in children:
        close, answers = seen.get(subject), entitled.get(subject, [])
        found.append(
            Outcome(
                close.due if close else [],
                close.judged if close else [],
                {row["entitlement"]: row["answer"] for row in answers},
                {row["entitlement"]: row["needs"] for row in answers},
                [row["suspicion"] for row in suspected.get(subject, [])],
                close.explainer if close else None,
            )
        )
    return found


def _build_facts(con: Connection, kind: str, reads: Reads, children: Mapping[int, TestChild]) -> str:
    """The facts of each child on its own day, in one table."""
    days: dict[date, list[int]] = defaultdict(list)
    for subject, child in children.items():
        days[child.as_of].append(subject)
    start = "CREATE OR REPLACE TABLE facts_asked AS"
    for day, subjects in days.items():
        facts, chosen = facts_query(kind, day, reads), ", ".join(map(str, subjects))
        con.execute(f"{start} SELECT * FROM ({facts}) WHERE subject_id IN ({chosen})")
        start = "INSERT INTO facts_asked"
    return "facts_asked"


def _by_subject(rows: Iterable[dict[str, Any]]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row["subject_id"]].append(row)
    return found
