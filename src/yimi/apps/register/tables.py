"""The register as the engines read it: the tables of `yimi.pack.tables.REGISTER`, no names, no numbers."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

import pyarrow as pa

from yimi.apps.once import once_a_page
from yimi.apps.source import Source, rows, source
from yimi.pack.tables import REGISTER, Columns

# The place tree is the one of a day; everything else carries its own dates.
_PARENT = (
    "SELECT place_id, parent_id FROM places_parent WHERE (valid_from IS NULL OR valid_from <= {day}) "
    "AND (valid_to IS NULL OR valid_to > {day})"
)
QUERIES: dict[str, str] = {
    "place": (
        "SELECT p.code AS place_id, p.kind, q.parent_id, s.id AS subject_id FROM places_place p "
        f"LEFT JOIN ({_PARENT}) q ON q.place_id = p.code LEFT JOIN register_subject s ON s.place_id = p.code"
    ),
    "organization": (
        "SELECT o.id AS org_id, o.kind, o.place_id, s.id AS subject_id FROM places_organization o "
        "LEFT JOIN register_subject s ON s.organization_id = o.id"
    ),
    "child": (
        "SELECT subject_id, birth_date, sex, ethnicity, birth_weight_g, gestation_weeks, birth_place_id, "
        "hukou_place_id, death_date FROM register_child"
    ),
    "person": "SELECT subject_id, birth_date, sex, death_date, place_id FROM register_person",
    "facility": "SELECT subject_id, kind, place_id, ownership, opened_on, closed_on FROM register_facility",
    "residence": "SELECT subject_id, place_id, valid_from, valid_to FROM register_residence",
    "relation": "SELECT subject_id, person_id, kind, guardian, valid_from, valid_to FROM register_relation",
    "status": "SELECT subject_id, scheme, code, valid_from, valid_to, review_due FROM register_status",
    "attendance": (
        "SELECT subject_id, facility_id, stage, grade, valid_from, valid_to, end_reason FROM register_attendance"
    ),
}
_FAR = "DATE '9000-01-01'"


def _query(name: str, as_of: date | None, of: str = "") -> str:
    day = f"DATE '{as_of.isoformat()}'" if as_of else _FAR
    return QUERIES[name].format(day=day) + of


def engine_tables(as_of: date | None = None, *, using: Source | None = None) -> dict[str, pa.Table]:
    """Every table of REGISTER; `as_of` chooses the tree of places (default: today's). `using` shares one snapshot."""
    if using is not None:
        return {name: using.read(_query(name, as_of), columns) for name, columns in REGISTER.items()}
    with source() as opened:
        return engine_tables(as_of, using=opened)


_PUPILS = (
    "SELECT a.facility_id, a.stage, a.grade, c.sex, a.valid_from, a.valid_to FROM register_attendance a "
    "LEFT JOIN register_child c ON c.subject_id = a.subject_id WHERE a.facility_id IN ({ids})"
)
_PUPIL: Columns = {
    "subject_id": "BIGINT", "stage": "VARCHAR", "grade": "INTEGER", "sex": "VARCHAR", "valid_from": "DATE", "valid_to": "DATE",
}  # fmt: skip
# A village's facilities are its township's too.
_SITES = (
    "SELECT s.id AS of_place, f.kind, f.ownership, f.opened_on, f.closed_on FROM register_facility f "
    "JOIN ({places}) h ON h.place_id = f.place_id JOIN register_subject s ON s.place_id = h.place_id "
    "OR (s.place_id = h.parent_id AND h.kind = 'village') WHERE s.id IN ({ids}) ORDER BY f.subject_id"
)
_SITE: Columns = {
    "subject_id": "BIGINT", "kind": "VARCHAR", "ownership": "VARCHAR", "opened_on": "DATE", "closed_on": "DATE",
}  # fmt: skip
_KEY = {"organization": "s.id", "place": "s.id"}  # else subject_id


@once_a_page
def _places() -> list[dict[str, Any]]:
    return rows(QUERIES["place"].format(day="'9000-01-01'"), [], REGISTER["place"])


def for_others(subject_ids: Collection[int], kind: str) -> dict[int, dict[str, list[dict[str, Any]]]]:
    """The rows of facilities, persons, organizations, places or cases: each its own as `about`, its statuses, pupils."""
    far, ids = "'9000-01-01'", ", ".join(str(int(each)) for each in subject_ids) or "NULL"
    places = _places()
    own = f" WHERE {_KEY.get(kind, 'subject_id')} IN ({ids})"
    found: dict[int, dict[str, list[dict[str, Any]]]] = {
        each: {"place": places, "about": [], "status": [], "attendance": [], "facility": [], "residence": []}
        for each in subject_ids
    }
    of = {"about": (QUERIES[kind].format(day=far) + own, REGISTER[kind])} if kind in QUERIES else {}
    of["status"] = (QUERIES["status"] + f" WHERE subject_id IN ({ids})", REGISTER["status"])
    if kind == "facility":
        of["attendance"] = (_PUPILS.format(ids=ids), _PUPIL)
    if kind == "person":
        of["residence"] = (QUERIES["residence"] + f" WHERE subject_id IN ({ids})", REGISTER["residence"])
    if kind == "place":
        of["facility"] = (_SITES.format(places=QUERIES["place"].format(day=far), ids=ids), _SITE)
    for name, (query, columns) in of.items():
        for row in rows(query, [], columns):
            found[row["subject_id"]][name].append(row)
    return found


def for_child(subject_id: int) -> dict[str, list[dict[str, Any]]]:
    """The same rows of one child and of whom it touches (guardians, schools), in milliseconds."""
    own = " WHERE subject_id = %s"
    touched = (
        " WHERE subject_id IN (SELECT person_id FROM register_relation WHERE subject_id = %s "
        "UNION SELECT facility_id FROM register_attendance WHERE subject_id = %s UNION SELECT %s)"
    )
    one, three = [subject_id], [subject_id] * 3
    of: dict[str, tuple[str, list[int]]] = {
        "child": (own, one), "person": (touched, three), "facility": (touched, three),
        "residence": (own, one), "relation": (own, one), "status": (touched, three), "attendance": (own, one),
    }  # fmt: skip
    # Dates are compared as SQLite keeps them: ISO text, which sorts like dates.
    found = {
        name: rows(QUERIES[name] + where, parameters, REGISTER[name])
        for name, (where, parameters) in of.items()
    }
    return {"place": _places(), **found}
