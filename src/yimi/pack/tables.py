"""The tables every engine reads: the contract between storage and evaluation.

Storage (`apps/*/tables.py`), the made-up district (`demo`) and test children all produce these tables;
engines take them and return tables. No names, numbers or texts about a person are in them: an engine
cannot leak what it never sees. Types are DuckDB's.

`subject_id` is one id space for children, persons, households, facilities and places-as-subjects. It is
internal; pages and exports carry the random `uid`. Dates are civil dates of the district.
"""

from __future__ import annotations

Columns = dict[str, str]

REGISTER: dict[str, Columns] = {
    # One administrative area. `kind`: district, township, village (a community is kind village too).
    "place": {
        "place_id": "VARCHAR",  # the 6-, 9- or 12-digit statistical code
        "kind": "VARCHAR",
        "parent_id": "VARCHAR",
        "subject_id": "BIGINT",  # records about the place itself (population) hang here
    },
    "organization": {
        "org_id": "VARCHAR",  # id of the pack
        "kind": "VARCHAR",
        "place_id": "VARCHAR",
        "subject_id": "BIGINT",  # what an organization reports hangs here
    },
    "child": {
        "subject_id": "BIGINT",
        "birth_date": "DATE",
        "sex": "VARCHAR",  # m, f or NULL
        "ethnicity": "VARCHAR",  # GB/T 3304 number, '01'
        "birth_weight_g": "INTEGER",
        "gestation_weeks": "INTEGER",
        "birth_place_id": "VARCHAR",  # where the birth counts: the mother's residence then
        "hukou_place_id": "VARCHAR",
        "death_date": "DATE",
    },
    "person": {
        "subject_id": "BIGINT",
        "birth_date": "DATE",
        "sex": "VARCHAR",
        "death_date": "DATE",
        "place_id": "VARCHAR",  # where a worker is posted; NULL for others, whose home is a residence
    },
    # Not an organization: what can be inspected, licensed, counted in places. `ownership`: public, private.
    "facility": {
        "subject_id": "BIGINT",
        "kind": "VARCHAR",  # facility_types of the pack: kindergarten, primary, childcare, minor_station ...
        "place_id": "VARCHAR",
        "ownership": "VARCHAR",
        "opened_on": "DATE",
        "closed_on": "DATE",
    },
    # Half-open intervals: valid_from is the first day, valid_to the first day no longer; NULL = still open.
    "residence": {
        "subject_id": "BIGINT",
        "place_id": "VARCHAR",  # the village
        "valid_from": "DATE",
        "valid_to": "DATE",
    },
    "relation": {
        "subject_id": "BIGINT",  # the child
        "person_id": "BIGINT",  # subject_id of the person
        "kind": "VARCHAR",  # father, mother, grandfather, grandmother, other
        "guardian": "BOOLEAN",
        "valid_from": "DATE",
        "valid_to": "DATE",
    },
    "status": {
        "subject_id": "BIGINT",  # of any kind: a child's hardship, a person's certificate, a kindergarten's recognition
        "scheme": "VARCHAR",
        "code": "VARCHAR",
        "valid_from": "DATE",
        "valid_to": "DATE",
        "review_due": "DATE",
    },
    "attendance": {
        "subject_id": "BIGINT",  # the child
        "facility_id": "BIGINT",  # subject_id of the facility
        "stage": "VARCHAR",  # childcare, kindergarten, primary, junior, senior, vocational, special
        "grade": "INTEGER",
        "valid_from": "DATE",
        "valid_to": "DATE",
        "end_reason": "VARCHAR",  # promoted, graduated, transferred, dropped_out, NULL
    },
}

# Cases: who works on them and which children they are about. Sealed ones never reach an engine.
CASES: dict[str, Columns] = {
    "case_file": {
        "subject_id": "BIGINT",
        "kind": "VARCHAR",
        "opened_on": "DATE",
        "closed_on": "DATE",
        "place_id": "VARCHAR",
    },
    "case_party": {
        "subject_id": "BIGINT",  # the case
        "party": "VARCHAR",
        "org_id": "VARCHAR",
        "valid_from": "DATE",
        "valid_to": "DATE",
    },
    "case_child": {
        "subject_id": "BIGINT",  # the case
        "child_id": "BIGINT",
        "role": "VARCHAR",
        "valid_from": "DATE",
    },
}

# Records as stored: only those in force (not superseded, not voided) reach an engine.
RECORD: Columns = {
    "seq": "BIGINT",  # order of arrival; the engines' key of a record
    "subject_id": "BIGINT",
    "form": "VARCHAR",
    "form_version": "INTEGER",
    "occurred_on": "DATE",
    "received_at": "TIMESTAMP",
    "place_id": "VARCHAR",
    "org_id": "VARCHAR",
    "answers": "JSON",
}

# Every typed form table (`form_<id>`) starts with these, then one column per declared field.
FORM_PREFIX: Columns = {"seq": "BIGINT", "subject_id": "BIGINT", "on": "DATE"}

# Field type of a form → DuckDB type of its column.
FIELD_TYPES: dict[str, str] = {
    "text": "VARCHAR",
    "long_text": "VARCHAR",
    "code": "VARCHAR",
    "codes": "VARCHAR[]",
    "integer": "INTEGER",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "place": "VARCHAR",
    "organization": "VARCHAR",
    "person": "VARCHAR",
    "evidence": "VARCHAR",
}
