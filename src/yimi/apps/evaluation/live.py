"""One child worked out from its records of this moment, by the same engines as the whole register.

A child's page, the answer after a saved form and `yimi explain` come from here: they never wait for the next
turn of the cycle.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa

from yimi.apps import active
from yimi.apps.records.facts import rows_of
from yimi.apps.translated import standing
from yimi.engines import backend
from yimi.engines.because import Because, Explainer, verdict_words
from yimi.engines.bills import Bill, Shared, share
from yimi.engines.facts import build_facts
from yimi.engines.single.facts import Rows
from yimi.engines.standing import Subject as Evaluated
from yimi.engines.turn import prepare
from yimi.pack.reads import subject_reads
from yimi.pack.schema import BillShare


@dataclass(frozen=True)
class Item:
    """A due item with its reason."""

    row: dict[str, Any]
    explainer: Explainer

    @property
    def because(self) -> Because:
        """Put into words when somebody asks: a page tells few of a child's many items."""
        return self.explainer.item(self.row)


@dataclass(frozen=True)
class Subject:
    """Everything the pack says about one subject on a day."""

    as_of: date
    due: list[Item]
    judged: dict[int, dict[str, Any]]  # seq of a record → verdict with its words
    entitlements: list[dict[str, Any]]
    suspicions: list[str]
    growth: Callable[[str], list[dict[str, Any]]]  # "growth" (WHO) or "growth_cn" → the z-scores
    owed: list[dict[str, Any]]  # periods of a benefit without a payment: entitlement, period, yuan


def child(subject_id: int, as_of: date) -> Subject:
    """What is due for a child, what its records are worth, what it has a right to; with reasons."""
    return subject(subject_id, as_of, "child")


def subject(subject_id: int, as_of: date, kind: str) -> Subject:
    """The same of a facility, a person, an organization."""
    seen = _evaluate(subject_id, as_of, kind)
    pack = active.pack()
    due_items = [Item(row, each.explainer) for each in seen.pathways.values() for row in each.due]
    judged = {
        verdict["seq"]: {**verdict, "words": verdict_words(pack, pack.pathways[name], verdict)}
        for name, each in seen.pathways.items()
        for verdict in each.judged
    }
    return Subject(as_of, due_items, judged, seen.entitlements, seen.suspicions, seen.growth, seen.owed)


def due(subject_id: int, as_of: date, kind: str = "child") -> list[dict[str, Any]]:
    """Only the due items: what a form changed, at once."""
    return [row for each in _evaluate(subject_id, as_of, kind).pathways.values() for row in each.due]


def _evaluate(subject_id: int, as_of: date, kind: str) -> Evaluated:
    return evaluate_subject(rows_of([subject_id], kind)[subject_id], as_of, kind)


def evaluate_subject(own: Rows, as_of: date, kind: str = "child", only: str | None = None) -> Evaluated:
    """One subject of a kind, given its rows; `only` one pathway of it."""
    return standing(kind).evaluate(own, as_of, only)


def bill_share(subject_id: int, as_of: date, each: BillShare, bill: Bill) -> Shared | None:
    """Who would pay a child's bill, by its records of this moment. Asked rarely: a scratch register of one."""
    own = rows_of([subject_id], "child")[subject_id]
    pack, con = active.pack(), backend.connect(threads=1)
    backend.empty_tables(con)
    for name, listed in own.items():
        if listed:
            con.register("incoming", pa.Table.from_pylist(listed))
            con.execute(f'INSERT INTO "{name}" BY NAME SELECT * FROM incoming')
            con.unregister("incoming")
    prepare(con, pack)
    return share(con, pack, each, build_facts(con, pack, "child", as_of, subject_reads(pack, "child")), bill)
