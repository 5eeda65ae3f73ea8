"""Cases as the engines read them: CASES of `yimi.pack.tables`. Sealed ones do not exist there.

`opened_on` is the day the case runs from: the day it was opened again, where it was. A party that is recorded as
not needed is no party.
"""

from __future__ import annotations

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


def for_case(subject_id: int) -> dict[str, list[dict[str, Any]]]:
    """One case, whatever its state, and the children it is about; the caller may see it."""
    found = {
        name: rows(QUERIES[name].format(seal="subject_id = %s"), [subject_id], columns)
        for name, columns in CASES.items()
    }
    children = (
        "SELECT subject_id, birth_date, sex, ethnicity, birth_weight_g, gestation_weeks, birth_place_id, "
        "hukou_place_id, death_date FROM register_child "
        "WHERE subject_id IN (SELECT child_id FROM cases_involved WHERE case_id = %s)"
    )
    return {**found, "child": rows(children, [subject_id], REGISTER["child"])}
