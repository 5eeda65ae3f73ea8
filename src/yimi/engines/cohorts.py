"""School cohorts: the children who entered grade 1 in one school year, and where each of them is now.

In: facts of children with whom they attend and attended. Out: a row a child. `at_school`: attends any school;
`finished`: left grade 9 by graduating or going on; `transferred`: duly left for another place; else `lost`, whatever
the reason on file. The dead are left out. The same reading as the indicator of nine-year retention.
"""

from __future__ import annotations

from yimi.engines.backend import list_fields
from yimi.pack.load import Pack
from yimi.pack.reads import subject_reads
from yimi.rules.parse import parse
from yimi.rules.sql import Binding, to_sql

ENTRY = "first(attended.since, stage in ('primary', 'special') and grade = 1)"
_AT_SCHOOL = "has(attendance, stage in ('primary', 'junior', 'special', 'senior', 'vocational'))"
_FINISHED = (
    "has(attended, stage in ('junior', 'special') and grade = 9 and end_reason in ('graduated', 'promoted')) "
    "or has(attended, stage in ('senior', 'vocational'))"
)
_TRANSFERRED = (
    "coalesce(latest(attended.end_reason, stage in ('primary', 'junior', 'special')), '') = 'transferred'"
)
STANDINGS = ("at_school", "finished", "transferred", "lost")


def cohort_query(pack: Pack, facts: str) -> str:
    """SELECT of subject_id, place, township, cohort (year of entry), standing, left_on; no row where it is not read."""
    empty = (
        "SELECT NULL::BIGINT AS subject_id, NULL::VARCHAR AS place, NULL::VARCHAR AS township, NULL::BIGINT AS cohort, "
        "NULL::VARCHAR AS standing, NULL::DATE AS left_on WHERE FALSE"
    )
    reads = subject_reads(pack, "child")
    if not {"stage", "grade", "since", "until", "end_reason"} <= reads.get("attended", set()):
        return empty
    if "stage" not in reads.get("attendance", set()):
        return empty
    lists = list_fields(pack, "child")
    entry, at, finished, transferred, left = (
        to_sql(parse(rule), Binding(), lists)
        for rule in (ENTRY, _AT_SCHOOL, _FINISHED, _TRANSFERRED, "latest(attended.until)")
    )
    standing = f"CASE WHEN {at} THEN 'at_school' WHEN {finished} THEN 'finished' WHEN {transferred} THEN 'transferred' ELSE 'lost' END"
    return (
        f"SELECT subject_id, place, township, year(entry)::BIGINT AS cohort, standing, left_on FROM "
        f"(SELECT subject_id, place, township, {entry} AS entry, {standing} AS standing, {left} AS left_on "
        f"FROM {facts} WHERE death_date IS NULL) WHERE entry IS NOT NULL ORDER BY township, place, subject_id"
    )
