"""One child worked out from its records of this moment, by the same engines as the whole register.

A child's page, the answer after a saved form and `yimi explain` come from here: they never wait for the next
turn of the cycle.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from yimi.apps import active
from yimi.apps.records import tables as records
from yimi.apps.register import tables as register
from yimi.engines.because import Because, verdict_words
from yimi.engines.bills import Bill, Shared, share
from yimi.engines.standing import Standing
from yimi.pack.schema import BillShare

_one_at_a_time = threading.Lock()
_standing: dict[tuple[int, str, date, str], Standing] = {}  # of this process, pack, day and kind


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
    owed: list[dict[str, Any]]  # periods of a benefit without a payment: entitlement, period, yuan


def child(subject_id: int, as_of: date) -> Subject:
    """What is due for a child, what its records are worth, what it has a right to; with reasons."""
    seen = _evaluate(subject_id, as_of)
    pack = active.pack()
    due_items = [Item(row, each.explainer.item(row)) for each in seen.pathways.values() for row in each.due]
    judged = {
        verdict["seq"]: {**verdict, "words": verdict_words(pack, pack.pathways[name], verdict)}
        for name, each in seen.pathways.items()
        for verdict in each.judged
    }
    return Subject(
        as_of, due_items, judged, seen.entitlements, seen.suspicions, seen.growth, seen.growth_cn, seen.owed
    )


def due(subject_id: int, as_of: date) -> list[dict[str, Any]]:
    """Only the due items: what a form changed, at once."""
    return [row for each in _evaluate(subject_id, as_of).pathways.values() for row in each.due]


def _evaluate(subject_id: int, as_of: date) -> Any:
    tables = {**register.for_subject(subject_id), "record": records.for_subject(subject_id)}
    return evaluate_subject(tables, as_of)


def evaluate_subject(tables: Mapping[str, Any], as_of: date, kind: str = "child") -> Any:
    """One subject of a kind, given its tables."""
    with _one_at_a_time:
        return standing(as_of, kind).evaluate(tables)


def bill_share(subject_id: int, as_of: date, each: BillShare, bill: Bill) -> Shared | None:
    """Who would pay a child's bill, by its records of this moment."""
    tables = {**register.for_subject(subject_id), "record": records.for_subject(subject_id)}
    with _one_at_a_time:
        prepared = standing(as_of)
        prepared.evaluate(tables)
        return share(prepared.con, active.pack(), each, "facts_child", bill)


def warm_up(as_of: date) -> None:
    """Plan a day's queries before somebody waits for them."""
    with _one_at_a_time:
        standing(as_of)


def standing(as_of: date, kind: str = "child") -> Standing:
    """The prepared queries of a day; made when first asked, which takes a second or two."""
    key = (os.getpid(), active.pack().fingerprint, as_of, kind)
    if key not in _standing:
        if len(_standing) >= 4:
            _standing.clear()  # yesterday's, or a past day somebody looked at
        _standing[key] = Standing(active.pack(), as_of, kind)
    return _standing[key]
