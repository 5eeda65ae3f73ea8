"""The made-up district holds together: the same for a seed, whole, in order, and within its own dates."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from types import ModuleType

import duckdb
import pyarrow as pa
import pytest

from yimi.demo.district import District, build, summary
from yimi.lib.errors import BadInput
from yimi.pack.tables import RECORD, REGISTER

TYPES = {
    "VARCHAR": pa.string(), "BIGINT": pa.int64(), "INTEGER": pa.int32(), "DATE": pa.date32(), "BOOLEAN": pa.bool_(),
    "TIMESTAMP": pa.timestamp("us"), "JSON": pa.string(),
}  # fmt: skip


def count(db: duckdb.DuckDBPyConnection, query: str) -> int:
    row = db.execute(f"select count(*) from {query}").fetchone()
    assert row is not None
    return int(row[0])


def all_tables(district: District) -> list[pa.Table]:
    return [*district.tables.values(), district.records, district.child_names, district.person_names,
            district.facility_names, district.households, district.members, district.truth.duplicates]  # fmt: skip


def test_tables_have_the_shape_of_the_contract(district: District) -> None:
    assert list(district.tables) == list(REGISTER)
    for name, columns in REGISTER.items():
        schema = district.tables[name].schema
        assert {field.name: field.type for field in schema} == {c: TYPES[t] for c, t in columns.items()}, name
    assert district.in_force().schema.names == list(RECORD)
    for column, kind in RECORD.items():
        assert district.records.schema.field(column).type == TYPES[kind]


def test_same_seed_same_district(district: District, places: ModuleType) -> None:
    """Made again, and from places and organizations that come in another order."""
    again = build(places.PLACES[::-1], places.ORGANIZATIONS[::-1], 3000, 7, district.as_of)
    for one, other in zip(all_tables(district), all_tables(again), strict=True):
        assert one.equals(other)
    assert again.story == district.story


def test_another_seed_another_district(district: District, places: ModuleType) -> None:
    other = build(places.PLACES, places.ORGANIZATIONS, 3000, 8, district.as_of)
    assert not other.records["answers"].equals(district.records["answers"])
    assert other.tables["child"].num_rows == district.tables["child"].num_rows == 3000


def test_hash_order_does_not_matter(places: ModuleType) -> None:
    """Another process with another order of hashes than this one's makes the same."""
    seed = "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1"
    there = subprocess.run(
        [sys.executable, str(places.__file__)],
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert there.strip() == places.digest()


@pytest.mark.parametrize(("children", "seed"), [(10, 1), (300, -1)])
def test_impossible_wishes_are_refused(places: ModuleType, children: int, seed: int) -> None:
    with pytest.raises(BadInput):
        build(
            places.PLACES,
            places.ORGANIZATIONS,
            children,
            seed,
            date(2026, 1, 1),
        )


def test_a_pack_without_villages_is_refused(district: District) -> None:
    with pytest.raises(BadInput, match="township"):
        build([{"code": "1", "kind": "district", "parent": "", "name": "x"}], [], 300, 1, district.as_of)


def test_records_arrive_in_order_and_not_before_they_happen(
    db: duckdb.DuckDBPyConnection, district: District
) -> None:
    seq = district.records["seq"].to_numpy()
    received = district.records["received_at"].to_numpy()
    assert (seq == range(1, len(seq) + 1)).all()
    assert (received[1:] >= received[:-1]).all()
    assert count(db, "stored where received_at::date < occurred_on") == 0
    assert count(db, f"stored where received_at::date > date '{district.as_of}'") == 0
    share = count(db, "stored where received_at::date <= occurred_on + 10") / district.records.num_rows
    assert share > 0.95


def test_nothing_before_birth_or_after_death(db: duckdb.DuckDBPyConnection, district: District) -> None:
    joined = "stored join child using (subject_id)"
    assert count(db, f"{joined} where occurred_on < birth_date") == 0
    assert count(db, f"{joined} where occurred_on > death_date and form <> 'death_review'") == 0
    assert count(db, f"{joined} where form <> 'death' and occurred_on = death_date") == 0
    assert (
        count(db, f"child where birth_date > date '{district.as_of}' or death_date > date '{district.as_of}'")
        == 0
    )
    assert count(db, f"child where birth_date + interval 18 year <= date '{district.as_of}'") == 0
    for table in ("residence", "relation", "status", "attendance"):
        since = f"{table} join child using (subject_id) where valid_from"
        assert count(db, f"{since} < birth_date") == 0, table
        assert count(db, f"{since} > date '{district.as_of}'") == 0, table
        assert count(db, f"{table} where valid_to <= valid_from") == 0, table
    assert count(db, f"status where valid_to > date '{district.as_of}'") == 0
    assert (
        count(
            db,
            "attendance join child using (subject_id) where coalesce(valid_to, date '2999-1-1') > death_date",
        )
        == 0
    )
    assert count(db, "record where form = 'death'") == count(db, "child where death_date is not null") > 0


def test_references_lead_somewhere(db: duckdb.DuckDBPyConnection) -> None:
    subjects = (
        "(select subject_id from place union all select subject_id from organization union all select subject_id from"
        " child union all select subject_id from person union all select subject_id from facility union all select"
        " subject_id from household)"
    )
    residents = (
        "(select subject_id from child union all select subject_id from status where scheme = 'pregnancy')"
    )
    assert count(db, subjects) == count(db, f"(select distinct subject_id from {subjects})")
    for table, column, target, key in (
        ("stored", "subject_id", subjects, "subject_id"), ("stored", "place_id", "place", "place_id"),
        ("stored", "org_id", "organization", "org_id"), ("residence", "subject_id", residents, "subject_id"),
        ("residence", "place_id", "place", "place_id"), ("relation", "subject_id", "child", "subject_id"),
        ("relation", "person_id", "person", "subject_id"), ("status", "subject_id", subjects, "subject_id"),
        ("attendance", "subject_id", "child", "subject_id"), ("attendance", "facility_id", "facility", "subject_id"),
        ("facility", "place_id", "place", "place_id"), ("person", "place_id", "place", "place_id"),
        ("child", "birth_place_id", "place", "place_id"), ("child", "hukou_place_id", "place", "place_id"),
        ("member", "household_id", "household", "subject_id"), ("member", "subject_id", subjects, "subject_id"),
        ("stored", "supersedes", "stored", "record_uid"),
    ):  # fmt: skip
        lost = f"{table} where {column} is not null and {column} not in (select {key} from {target})"
        assert count(db, lost) == 0, (table, column)
    assert count(db, "residence join place using (place_id) where kind <> 'village'") == 0


def test_intervals_of_a_child_do_not_overlap(db: duckdb.DuckDBPyConnection) -> None:
    for table in ("residence", "attendance"):
        follows = (
            f"(select *, lag(coalesce(valid_to, date '2999-1-1')) over (partition by subject_id order by valid_from)"
            f" as before from {table}) where before > valid_from"
        )
        assert count(db, follows) == 0, table
    assert count(db, "(select subject_id, scheme, code, count(*) as n from status where valid_to is null"
                     " group by all having n > 1)") == 0  # fmt: skip


def test_record_ids_are_unique_and_version_four(district: District) -> None:
    uids = district.records["record_uid"]
    assert uids.combine_chunks().unique().__len__() == district.records.num_rows
    assert all(len(u) == 32 and u[12] == "4" and u[16] in "89ab" for u in uids.slice(0, 500).to_pylist())


def test_summary_counts_what_is_there(district: District) -> None:
    counts = summary(district)
    assert counts["children"] == 3000
    assert counts["records"] == sum(counts["records_by_form"].values()) == district.records.num_rows
    assert counts["voided"] > 0
    assert counts["superseded"] > counts["voided"]


@pytest.mark.parametrize("day", ["2024-02-29", "2026-01-31", "2022-06-30"])
def test_any_day_will_do(places: ModuleType, day: str) -> None:
    made = build(places.PLACES, places.ORGANIZATIONS, 400, 5, date.fromisoformat(day))
    births = made.tables["child"]["birth_date"].to_pylist()
    assert max(births) <= made.as_of
    assert all(
        (made.as_of.year - b.year, made.as_of.month, made.as_of.day) < (18, b.month, b.day) for b in births
    )
    assert max(made.records["received_at"].to_pylist()).date() <= made.as_of
    assert len(made.story.record_uids) == 10
