"""One child worked out from its records of this moment, by the same engines as the whole register.

A child's page, the answer after a saved form and `yimi explain` come from here: they never wait for the next
turn of the cycle.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from yimi.apps import active
from yimi.apps.records import tables as records
from yimi.apps.register import tables as register
from yimi.engines.because import Because, Explainer, verdict_words
from yimi.engines.standing import Standing

_standing: dict[str, Standing] = {}  # by the pack's fingerprint; the one in use
_translating = threading.Lock()


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
    """Everything the pack says about one child on a day."""

    as_of: date
    due: list[Item]
    judged: dict[int, dict[str, Any]]  # seq of a record → verdict with its words
    entitlements: list[dict[str, Any]]
    suspicions: list[str]
    growth: Callable[[str], list[dict[str, Any]]]  # "growth" (WHO) or "growth_cn" → the z-scores


def child(subject_id: int, as_of: date) -> Subject:
    """What is due for a child, what its records are worth, what it has a right to; with reasons."""
    seen = _evaluate(subject_id, as_of)
    pack = active.pack()
    due_items = [Item(row, each.explainer) for each in seen.pathways.values() for row in each.due]
    judged = {
        verdict["seq"]: {**verdict, "words": verdict_words(pack, pack.pathways[name], verdict)}
        for name, each in seen.pathways.items()
        for verdict in each.judged
    }
    return Subject(as_of, due_items, judged, seen.entitlements, seen.suspicions, seen.growth)


def due(subject_id: int, as_of: date) -> list[dict[str, Any]]:
    """Only the due items: what a form changed, at once."""
    return [row for each in _evaluate(subject_id, as_of).pathways.values() for row in each.due]


def _evaluate(subject_id: int, as_of: date) -> Any:
    tables = {**register.for_subject(subject_id), "record": records.for_subject(subject_id)}
    return standing().evaluate(tables, as_of)


def standing() -> Standing:
    """The pack, translated when first asked, which takes a moment."""
    pack = active.pack()
    with _translating:
        if pack.fingerprint not in _standing:
            _standing.clear()
            _standing[pack.fingerprint] = Standing(pack)
        return _standing[pack.fingerprint]
