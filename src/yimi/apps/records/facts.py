"""The facts of facilities, persons and organizations from their records of this moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from yimi.apps.records import tables as records
from yimi.apps.register import tables as register
from yimi.apps.translated import standing
from yimi.engines.single.program import Facts

Rows = dict[str, list[dict[str, Any]]]


def rows_of(subject_ids: Collection[int], kind: str) -> Mapping[int, Rows]:
    """The engines' rows of each of these subjects, in a fixed number of queries."""
    if kind == "child":
        return {
            each: {**register.for_child(each), "record": records.for_subject(each)} for each in subject_ids
        }
    found: dict[int, Rows] = register.for_others(subject_ids, kind)
    of: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in records.for_subjects(subject_ids):
        of[row["subject_id"]].append(row)
    return {subject: {**own, "record": of[subject]} for subject, own in found.items()}


def facts_of(subject_id: int, kind: str, on: date) -> Facts | None:
    """What rules may name of one subject on a day; None for one that is not open or not born."""
    return standing(kind).facts(rows_of([subject_id], kind)[subject_id], on)
