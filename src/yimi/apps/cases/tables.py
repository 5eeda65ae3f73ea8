"""Cases as the engines read them: CASES of `yimi.pack.tables`. Sealed ones do not exist there.

`opened_on` is the day the case runs from: the day it was opened again, where it was. A party that is recorded as
not needed is no party.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pyarrow as pa

from yimi.apps.source import Source, rows
from yimi.pack.tables import CASES, REGISTER

QUERIES: dict[str, str] = {
    "case_file": (
        "SELECT subject_id, kind, coalesce(reopened_on, opened_on) AS opened_on, closed_on, place_id "
        "FROM cases_case WHERE {seal}"
    ),
    "case_party": (
        "SELECT case_id AS subject_id, party, organization AS org_id, valid_from, valid_to FROM cases_party "
        "WHERE needed AND case_id IN (SELECT subject_id FROM cases_case WHERE {seal})"
    ),
    "case_child": (
        "SELECT case_id AS subject_id, child_id, role, since AS valid_from FROM cases_involved "
        "WHERE case_id IN (SELECT subject_id FROM cases_case WHERE {seal})"
    ),
}


def engine_tables(using: Source) -> dict[str, pa.Table]:
    """Every table of CASES, sealed cases left out."""
    return {
        name: using.read(QUERIES[name].format(seal="state <> 'sealed'"), columns)
        for name, columns in CASES.items()
    }


def for_cases(subject_ids: Collection[int]) -> dict[int, dict[str, list[dict[str, Any]]]]:
    """These cases, whatever their state, and the children each is about; the caller may see them."""
    ids = ", ".join(str(int(each)) for each in subject_ids) or "NULL"
    found: dict[int, dict[str, list[dict[str, Any]]]] = {
        each: {name: [] for name in (*CASES, "child")} for each in subject_ids
    }
    for name, columns in CASES.items():
        for row in rows(QUERIES[name].format(seal=f"subject_id IN ({ids})"), [], columns):
            found[row["subject_id"]][name].append(row)
    children = (
        "SELECT i.case_id, c.subject_id, birth_date, sex, ethnicity, birth_weight_g, gestation_weeks, birth_place_id, "
        "hukou_place_id, death_date FROM register_child c "
        f"JOIN cases_involved i ON i.child_id = c.subject_id WHERE i.case_id IN ({ids})"
    )
    for row in rows(children, [], {"case_id": "BIGINT", **REGISTER["child"]}):
        found[row.pop("case_id")]["child"].append(row)
    return found
