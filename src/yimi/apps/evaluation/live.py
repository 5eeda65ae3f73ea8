"""One subject worked out from its records of this moment, by the same engines as the whole register.

A child's page, the answer after a saved form and `yimi explain` come from here: they never wait for the next
turn of the cycle.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import date
from typing import Any

from yimi.apps import active
from yimi.apps.records import tables as records
from yimi.apps.register import tables as register
from yimi.engines import backend
from yimi.engines.because import Because, Explainer, verdict_words
from yimi.engines.columns import build_form_tables
from yimi.engines.due import build_due, build_state, judge
from yimi.engines.entitlement import evaluate_entitlements, evaluate_suspicions
from yimi.engines.facts import build_facts
from yimi.engines.growth_lists import build_growth_lists
from yimi.pack.load import Pack
from yimi.pack.reads import subject_reads

_one_at_a_time = (
    threading.Lock()
)  # table names are fixed; the evaluation of one child takes a fraction of a second


@dataclass(frozen=True)
class Item:
    """A due item with its reason."""

    row: dict[str, Any]
    because: Because


@dataclass(frozen=True)
class Subject:
    """Everything the pack says about one child on a day."""

    as_of: date
    due: list[Item]
    judged: dict[int, dict[str, Any]]  # seq of a record → verdict with its words
    entitlements: list[dict[str, Any]]
    suspicions: list[str]
    growth: list[dict[str, Any]]
    growth_cn: list[dict[str, Any]]


def child(subject_id: int, as_of: date, *, explained: bool = True) -> Subject:
    """What is due for a child, what its records are worth, what it has a right to; with reasons if wanted."""
    pack = active.pack()
    with _one_at_a_time:
        con = backend.connect(threads=1)
        try:
            return _evaluate(con, pack, subject_id, as_of, explained)
        finally:
            con.close()


def due(subject_id: int, as_of: date) -> list[dict[str, Any]]:
    """Only the due items: what a form changed, at once."""
    return [each.row for each in child(subject_id, as_of, explained=False).due]


def _evaluate(con: backend.Connection, pack: Pack, subject_id: int, as_of: date, explained: bool) -> Subject:
    backend.put(con, {**register.for_subject(subject_id), "record": records.for_subject(subject_id)})
    build_form_tables(con, pack)
    reads = subject_reads(pack, "child")
    build_growth_lists(con, {"growth", "growth_cn"})
    facts = build_facts(con, pack, "child", as_of, reads)
    pathways = [each for each in pack.pathways.values() if each.subject == "child"]
    states = [(each, build_state(con, pack, each, facts)) for each in pathways]
    rows = backend.rows(con, f"SELECT * FROM {build_due(con, states)} ORDER BY pathway, position, ordinal")
    explainers = {each.id: Explainer(con, pack, each, facts) for each in pathways} if explained else {}
    unexplained = Because("", "", "", "")
    due_items = [
        Item(row, explainers[row["pathway"]].item(row) if explained else unexplained) for row in rows
    ]
    judged = {}
    for pathway in pathways:
        for verdict in judge(con, pack, pathway, facts) if explained and pathway.judged else []:
            judged[verdict["seq"]] = {**verdict, "words": verdict_words(pack, pathway, verdict)}
    return Subject(
        as_of, due_items, judged, evaluate_entitlements(con, pack, facts),
        [each["suspicion"] for each in evaluate_suspicions(con, pack, facts)],
        backend.rows(con, 'SELECT * FROM growth ORDER BY "on"'),
        backend.rows(con, 'SELECT * FROM growth_cn ORDER BY "on"'),
    )  # fmt: skip
