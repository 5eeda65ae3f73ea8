"""One wide row a subject: its facts on a day, and every list a rule reads, ordered by date.

In: the register tables and the form tables. Out: `facts_<kind>`. Everything after `as_of` is left out, and
intervals are those open on that day, so a past date needs no copy of the world. This row is what rules see;
due items, entitlements and indicators are projections over it: one scan, no joins.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from datetime import date
from functools import partial

import numpy as np
import pyarrow as pa

from yimi.engines.backend import Connection, put, side_by_side
from yimi.pack.load import Pack
from yimi.pack.scopes import BUILT_IN
from yimi.rules.sql import day, quote

_ORDER = "order_of_facts"  # subject_id, at: neighbors lie together in all that is made from the facts
_BATCH = 15_000  # rows that one thread takes
_OPEN = "x.valid_from <= {d} AND (x.valid_to IS NULL OR x.valid_to > {d})"

# Each built-in list: its rows for one day, with subject_id, "on" and the fields of `scopes.BUILT_IN`.
_STATUS = (
    'SELECT x.subject_id, x.valid_from AS "on", x.scheme, x.code, x.valid_from AS since, x.review_due, '
    "{d} - x.valid_from AS days, x.rowid AS seq "
    f"FROM status x WHERE {_OPEN}"
)
_ENDED_STATUS = (
    'SELECT x.subject_id, x.valid_to AS "on", x.scheme, x.code, x.valid_from AS since, x.valid_to AS until, '
    "x.valid_to - x.valid_from AS days, x.rowid AS seq FROM status x WHERE x.valid_to <= {d}"
)
_BUILT_IN: dict[tuple[str, str], str] = {
    ("child", "attendance"): (
        'SELECT x.subject_id, x.valid_from AS "on", x.stage, x.grade, x.valid_from AS since, f.kind AS facility_kind, '
        "f.ownership, i.subject_id IS NOT NULL AS inclusive, x.facility_id AS facility, x.rowid AS seq "
        "FROM attendance x LEFT JOIN facility f ON f.subject_id = x.facility_id "
        "LEFT JOIN (SELECT DISTINCT x.subject_id FROM status x WHERE x.scheme = 'inclusive' AND "
        + _OPEN
        + ") i "
        f"ON i.subject_id = x.facility_id WHERE {_OPEN}"
    ),
    ("child", "attended"): (
        'SELECT x.subject_id, x.valid_from AS "on", x.stage, x.grade, x.valid_from AS since, '
        "CASE WHEN x.valid_to <= {d} THEN x.valid_to END AS until, "
        "CASE WHEN x.valid_to <= {d} THEN x.end_reason END AS end_reason, f.kind AS facility_kind, x.rowid AS seq "
        "FROM attendance x LEFT JOIN facility f ON f.subject_id = x.facility_id WHERE x.valid_from <= {d}"
    ),
    ("child", "guardian"): (
        'SELECT x.subject_id, x.valid_from AS "on", x.kind, x.guardian, '
        "CASE WHEN p.death_date <= {d} THEN p.death_date END AS dead_on, x.rowid AS seq "
        f"FROM relation x LEFT JOIN person p ON p.subject_id = x.person_id WHERE {_OPEN}"
    ),
    ("child", "parent_state"): (
        'SELECT r.subject_id, x.valid_from AS "on", r.kind, x.scheme, x.code, x.valid_from AS since, x.rowid AS seq '
        "FROM status x JOIN relation r ON r.person_id = x.subject_id AND r.valid_from <= {d} "
        f"AND (r.valid_to IS NULL OR r.valid_to > {{d}}) WHERE {_OPEN}"
    ),
    ("case", "party"): (
        'SELECT x.subject_id, x.valid_from AS "on", x.party, x.org_id AS organization, x.valid_from AS since, '
        f"x.rowid AS seq FROM case_party x WHERE {_OPEN}"
    ),
    ("case", "involved"): (
        'SELECT x.subject_id, x.valid_from AS "on", x.role, c.sex, c.birth_date, '
        "datesub('month', c.birth_date, {d}) // 12 AS age_years, x.valid_from AS since, x.rowid AS seq "
        "FROM case_child x LEFT JOIN child c ON c.subject_id = x.child_id WHERE x.valid_from <= {d}"
    ),
    ("child", "ended_parent_state"): (
        'SELECT r.subject_id, x.valid_to AS "on", r.kind, x.scheme, x.code, x.valid_from AS since, '
        "x.valid_to AS until, x.rowid AS seq FROM status x JOIN relation r ON r.person_id = x.subject_id "
        "AND r.valid_from <= {d} AND (r.valid_to IS NULL OR r.valid_to > {d}) WHERE x.valid_to <= {d}"
    ),
    ("facility", "attendance"): (
        'SELECT x.facility_id AS subject_id, x.valid_from AS "on", x.stage, x.grade, x.valid_from AS since, c.sex, '
        f"x.rowid AS seq FROM attendance x LEFT JOIN child c ON c.subject_id = x.subject_id WHERE {_OPEN}"
    ),
    # A village's facilities are its township's too. One without an opening day was always there.
    ("place", "facility"): (
        "SELECT p.subject_id, coalesce(x.opened_on, DATE '1900-01-01') AS \"on\", x.kind, x.ownership, "
        "x.opened_on AS since, x.rowid AS seq FROM facility x JOIN place h ON h.place_id = x.place_id "
        "JOIN place p ON p.place_id = h.place_id OR (p.place_id = h.parent_id AND h.kind = 'village') "
        "WHERE (x.opened_on IS NULL OR x.opened_on <= {d}) AND (x.closed_on IS NULL OR x.closed_on > {d})"
    ),
}

# The facts of each kind of subject. {d} is the day.
_BASE: dict[str, str] = {
    "child": """
        SELECT c.subject_id, c.birth_date, c.sex, c.ethnicity, c.birth_weight_g, c.gestation_weeks,
               CASE WHEN c.death_date <= {d} THEN c.death_date END AS death_date,
               r.place_id AS place, p.parent_id AS township, c.birth_place_id AS birth_place,
               b.parent_id AS birth_township, c.hukou_place_id AS hukou_place, {d} - c.birth_date AS age_days,
               datesub('month', c.birth_date, {d}) AS age_months,
               datesub('month', c.birth_date, {d}) // 12 AS age_years
        FROM child c
        LEFT JOIN (SELECT x.subject_id, last(x.place_id ORDER BY x.valid_from) AS place_id
                   FROM residence x WHERE """
    + _OPEN
    + """ GROUP BY 1) r USING (subject_id)
        LEFT JOIN place p ON p.place_id = r.place_id
        LEFT JOIN place b ON b.place_id = c.birth_place_id
        WHERE c.birth_date <= {d} OR c.birth_date IS NULL""",
    "person": """
        SELECT c.subject_id, c.birth_date, c.sex, CASE WHEN c.death_date <= {d} THEN c.death_date END AS death_date,
               coalesce(c.place_id, r.place_id) AS place,
               CASE WHEN p.kind = 'village' THEN p.parent_id ELSE p.place_id END AS township,
               datesub('month', c.birth_date, {d}) // 12 AS age_years
        FROM person c
        LEFT JOIN (SELECT x.subject_id, last(x.place_id ORDER BY x.valid_from) AS place_id
                   FROM residence x WHERE """
    + _OPEN
    + """ GROUP BY 1) r USING (subject_id)
        LEFT JOIN place p ON p.place_id = coalesce(c.place_id, r.place_id)""",
    "facility": """
        SELECT c.subject_id, c.kind, c.ownership, c.opened_on, c.closed_on, c.place_id AS place,
               CASE WHEN p.kind = 'village' THEN p.parent_id ELSE p.place_id END AS township
        FROM facility c LEFT JOIN place p ON p.place_id = c.place_id
        WHERE (c.opened_on IS NULL OR c.opened_on <= {d}) AND (c.closed_on IS NULL OR c.closed_on > {d})""",
    "case": """
        SELECT c.subject_id, c.kind, c.opened_on, CASE WHEN c.closed_on <= {d} THEN c.closed_on END AS closed_on,
               c.place_id AS place,
               CASE WHEN p.kind = 'village' THEN p.parent_id WHEN p.kind = 'township' THEN p.place_id END AS township
        FROM case_file c LEFT JOIN place p ON p.place_id = c.place_id
        WHERE c.opened_on <= {d}""",
    "place": """
        SELECT subject_id, place_id AS code, kind, place_id AS place,
               CASE kind WHEN 'village' THEN parent_id WHEN 'township' THEN place_id END AS township
        FROM place""",
    "organization": """
        SELECT c.subject_id, c.org_id AS id, c.kind, c.place_id AS place,
               CASE WHEN p.kind = 'village' THEN p.parent_id WHEN p.kind = 'township' THEN p.place_id END AS township
        FROM organization c LEFT JOIN place p ON p.place_id = c.place_id""",
}


def build_facts(
    con: Connection,
    pack: Pack,
    kind: str,
    as_of: date | None,
    reads: Mapping[str, Set[str]],
    name: str | None = None,
) -> str:
    """Create the table of facts of every subject of `kind` on `as_of`, with the lists and fields asked for.

    Without a day: of the subjects in the table `asked` (subject_id, as_of), each on its own, for a few of them.
    Columns: subject_id, the names of `scopes.NAMES[kind]`, and one LIST(STRUCT) column a list, never NULL.
    Returns the table's name. Missing facts are NULL.
    """
    table = name or f"facts_{kind}"
    query = f"SELECT * FROM ({_on(as_of, _BASE[kind])}) ORDER BY township, place, subject_id"
    base = con.execute(query).to_arrow_table()
    lists: dict[str, pa.Array] = {}
    put(
        con,
        {_ORDER: pa.table({"subject_id": base["subject_id"], "at": pa.array(range(len(base)), pa.int32())})},
    )

    def one(each: str, lane: Connection) -> None:
        lists[each] = _lists(lane, len(base), kind, each, as_of, reads[each])

    side_by_side(con, *(partial(one, each) for each in sorted(reads)))
    con.execute(f"DROP TABLE {_ORDER}")
    for each in sorted(lists):
        base = base.append_column(each, lists.pop(each))
    own_day = f"{day(as_of)} AS as_of" if as_of else "asked.as_of"
    days = "" if as_of else " JOIN asked USING (subject_id)"
    con.register("facts_wide", pa.Table.from_batches(base.to_batches(_BATCH), base.schema))
    con.execute(f"CREATE OR REPLACE TABLE {table} AS SELECT f.*, {own_day} FROM facts_wide f{days}")
    con.unregister("facts_wide")
    return table


def _lists(
    con: Connection, subjects: int, kind: str, name: str, as_of: date | None, fields: Set[str]
) -> pa.Array:
    """One list of every subject in the order of `_ORDER`, empty where there is nothing.

    The rows come sorted by subject, date and arrival; where each subject's begin is all that is to be found.
    """
    rest = [each for each in sorted(fields) if each != "on"]
    chosen = "".join(f", {quote(each)}" for each in rest)
    rows = con.execute(
        f'SELECT o.at AS "#at", "on", seq AS "#seq"{chosen} FROM ({_on(as_of, _list_rows(kind, name))}) '
        f'JOIN {_ORDER} o USING (subject_id) ORDER BY "#at", "on", "#seq"{chosen}'
    ).to_arrow_table()
    offsets = np.searchsorted(rows["#at"].to_numpy(), np.arange(subjects + 1)).astype(np.int32)
    values = rows.drop_columns(["#at"]).combine_chunks()
    structs = pa.StructArray.from_arrays(
        [
            pa.concat_arrays(each.chunks) if each.num_chunks else pa.array([], each.type)
            for each in values.columns
        ],
        fields=list(values.schema),
    )
    return pa.ListArray.from_arrays(pa.array(offsets), structs)


def _on(as_of: date | None, rows: str) -> str:
    """A query over `{d}` for one day; or for every subject asked, each on its own day."""
    if as_of:
        return rows.format(d=day(as_of))
    return (
        f"SELECT t.* FROM (SELECT DISTINCT as_of FROM asked) k, LATERAL ({rows.format(d='k.as_of')}) t "
        "WHERE (t.subject_id, k.as_of) IN (SELECT subject_id, as_of FROM asked)"
    )


def _list_rows(kind: str, name: str) -> str:
    """The rows of a list for the day `{d}`."""
    if name == "status":
        return _STATUS
    if name == "ended_status":
        return _ENDED_STATUS
    if (kind, name) in _BUILT_IN:
        return _BUILT_IN[(kind, name)]
    table = name if name in BUILT_IN[kind] else f"form_{name}"
    return f'SELECT * FROM {quote(table)} WHERE "on" <= {{d}}'
