"""Wulong's own definitions on a handful of made-up rows: each counts whom it says it counts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time
from functools import cache
from typing import Any

import pytest
from tests.our_packs import ours

from yimi.engines import backend
from yimi.engines.backend import Connection
from yimi.engines.example import empty_tables, insert
from yimi.engines.indicators import Figure, evaluate_indicators
from yimi.engines.turn import build_wide, evaluate_day, prepare
from yimi.pack.load import Pack
from yimi.pack.reads import form_fields_read
from yimi.rules.parse import parse
from yimi.rules.tree import steps_read

AS_OF = date(2026, 11, 23)
TOWN, NEXT_TOWN, VILLAGE = "500156101", "500156102", "500156101200"
KINDERGARTEN, SCHOOL, STATION = 10, 11, 12


@cache
def only(*chosen: str) -> Pack:
    """The pack with these indicators and pathways, and the pathways those indicators read: planned in a moment."""
    pack = ours()
    indicators = {name: pack.indicators[name] for name in chosen if name in pack.indicators}
    read = {name for name in chosen if name in pack.pathways}
    for each in indicators.values():
        read |= {each.for_each} if each.for_each else set()
        for side in filter(None, (each.numerator, each.denominator, each.document)):
            steps = steps_read(parse(side.where)) | steps_read(parse(side.sum))
            read |= {pack.steps[step][0].id for step in steps - {"this"}}
    pathways = {name: pack.pathways[name] for name in read}
    assert len(indicators) + len(set(chosen) & set(pathways)) == len(chosen)
    apart: dict[str, Any] = {
        "indicators": indicators,
        "pathways": pathways,
        **{kind: {} for kind in ("entitlements", "suspicions", "cascades", "surveillance", "bills")},
    }
    narrow = replace(pack, declared={**pack.declared, **apart})
    forms = {name: pack.forms[name] for name in form_fields_read(narrow)}
    return replace(narrow, declared={**narrow.declared, "forms": forms})


@pytest.fixture
def con() -> Iterator[Connection]:
    con = backend.connect(threads=1)
    empty_tables(con)
    for index, code in enumerate((TOWN, NEXT_TOWN)):
        insert(con, "place", place_id=code, kind="township", parent_id="500156", subject_id=900 + index)
    insert(con, "place", place_id=VILLAGE, kind="village", parent_id=TOWN, subject_id=902)
    for subject, kind, owner in ((KINDERGARTEN, "kindergarten", "private"), (SCHOOL, "junior", "public")):
        insert(con, "facility", subject_id=subject, kind=kind, place_id=VILLAGE, ownership=owner)
    yield con
    con.close()


def child(con: Connection, subject: int, born: date, *, lives_here: bool = True) -> None:
    insert(con, "child", subject_id=subject, birth_date=born, sex="f")
    if lives_here:
        insert(con, "residence", subject_id=subject, place_id=VILLAGE, valid_from=born)


def attends(con: Connection, subject: int, stage: str, grade: int, since: date, until: date | None = None,
            end: str | None = None, at: int = SCHOOL) -> None:  # fmt: skip
    insert(con, "attendance", subject_id=subject, facility_id=at, stage=stage, grade=grade, valid_from=since,
           valid_to=until, end_reason=end)  # fmt: skip


def record(con: Connection, seq: int, subject: int, form: str, on: date, **answers: Any) -> None:
    insert(con, "record", seq=seq, subject_id=subject, form=form, form_version=1, occurred_on=on,
           received_at=datetime.combine(on, time.min), answers=json.dumps(answers))  # fmt: skip


def counted(con: Connection, indicator: str) -> tuple[float, float | None]:
    return total(figures(con, only(indicator)), indicator)


def figures(con: Connection, pack: Pack) -> list[Figure]:
    prepare(con, pack)
    return evaluate_indicators(con, pack, build_wide(con, pack, AS_OF, lambda stage: None))


def total(found: list[Figure], indicator: str, item: str | None = None) -> tuple[float, float | None]:
    (total,) = [
        each
        for each in found
        if (each.indicator, each.item, each.level, each.sex, each.age)
        == (indicator, item, "district", None, None)
    ]
    return total.numerator, total.denominator


def test_gross_enrollment_counts_children_of_any_age_over_those_of_three_to_five(con: Connection) -> None:
    for subject, born in ((1, date(2022, 5, 1)), (2, date(2020, 1, 1)), (3, date(2023, 1, 1))):
        child(con, subject, born)
    child(con, 4, date(2022, 1, 1), lives_here=False)
    for subject in (1, 2, 4):
        attends(con, subject, "kindergarten", 2, date(2026, 9, 1), at=KINDERGARTEN)
    assert counted(con, "kindergarten_gross_enrollment") == (2, 2)


@pytest.mark.parametrize(
    ("indicator", "recognized", "expected"),
    [
        ("inclusive_kindergarten_share", False, 0),
        ("inclusive_kindergarten_share", True, 1),
        ("public_kindergarten_share", True, 0),
    ],
)
def test_a_private_kindergarten_counts_once_it_is_recognized_as_inclusive(
    con: Connection, indicator: str, recognized: bool, expected: int
) -> None:
    child(con, 1, date(2022, 5, 1))
    attends(con, 1, "kindergarten", 2, date(2026, 9, 1), at=KINDERGARTEN)
    if recognized:
        insert(
            con,
            "status",
            subject_id=KINDERGARTEN,
            scheme="inclusive",
            code="recognized",
            valid_from=date(2026, 9, 1),
        )
    assert counted(con, indicator) == (expected, 1)


def test_retention_follows_those_who_entered_school_nine_years_ago(con: Connection) -> None:
    entry = date(2017, 9, 1)
    for subject in range(1, 6):
        child(con, subject, date(2011, 3, 1))
    for subject in (1, 2, 3, 4):
        attends(con, subject, "primary", 1, entry, date(2018, 9, 1), "promoted")
    attends(con, 1, "junior", 9, date(2025, 9, 1), date(2026, 7, 1), "graduated")
    attends(con, 2, "junior", 8, date(2024, 9, 1), date(2025, 3, 1), "dropped_out")
    attends(con, 3, "primary", 3, date(2019, 9, 1), date(2020, 3, 1), "transferred")
    attends(con, 4, "junior", 9, date(2026, 9, 1))
    attends(
        con, 5, "primary", 1, date(2018, 9, 1), date(2019, 9, 1), "promoted"
    )  # a year later: no part of it
    assert counted(con, "nine_year_retention") == (3, 4)


@pytest.mark.parametrize(
    ("last_check", "found", "expected"),
    [
        (date(2026, 11, 1), {}, 1),
        (date(2026, 11, 1), {"hotline_ok": False}, 0),
        (date(2026, 11, 1), {"room": False}, 0),
        (date(2026, 11, 1), {"staff": 0}, 0),
        (date(2026, 8, 23), {}, 0),  # three months ago: too long
    ],
)
def test_a_station_needs_staff_a_room_and_an_answered_telephone_in_the_last_check(
    con: Connection, last_check: date, found: dict[str, object], expected: int
) -> None:
    insert(con, "facility", subject_id=STATION, kind="minor_station", place_id=TOWN)
    good = {"staff": 1, "room": True, "hotline_ok": True}
    record(con, 1, STATION, "station_check", date(2026, 6, 1), **good)
    record(con, 2, STATION, "station_check", last_check, **{**good, **found})
    assert counted(con, "minor_station_coverage") == (expected, 2)


def test_a_community_needs_a_city_designation_in_force(con: Connection) -> None:
    insert(con, "place", place_id="500156101001", kind="village", parent_id=TOWN, subject_id=903)
    for seq, (subject, level, until) in enumerate(
        ((902, "city", "2028-12-31"), (903, "district", "2028-12-31")), 1
    ):
        insert(con, "status", subject_id=subject, scheme="designation", code="child_friendly_community",
               valid_from=date(2025, 6, 1))  # fmt: skip
        record(con, seq, subject, "designation", date(2025, 6, 1), kind="child_friendly_community", level=level,
               granted_on="2025-06-01", valid_until=until)  # fmt: skip
    assert counted(con, "city_child_friendly_communities") == (1, None)


def test_places_of_a_filing_that_ran_out_do_not_count(con: Connection) -> None:
    insert(con, "facility", subject_id=20, kind="childcare", place_id=VILLAGE, ownership="private")
    record(con, 1, 20, "childcare_filing", date(2026, 3, 1), places=40, valid_until="2027-03-01")
    record(con, 2, KINDERGARTEN, "childcare_filing", date(2024, 3, 1), places=30, valid_until="2025-03-01")
    record(con, 3, 900, "population", date(2026, 3, 1), total=8000, year=2025, source="演示")
    record(con, 4, 900, "population", date(2025, 3, 1), total=9000, year=2024, source="演示")
    assert counted(con, "childcare_places_per_1000") == (40, 8000)


@pytest.mark.parametrize(("benefit", "expected"), [("orphan_allowance", 1), ("temporary_relief", 0)])
def test_only_the_living_allowance_covers_an_orphan(con: Connection, benefit: str, expected: int) -> None:
    child(con, 1, date(2015, 1, 1))
    insert(con, "status", subject_id=1, scheme="hardship", code="H3a", valid_from=date(2024, 1, 1))
    insert(con, "status", subject_id=1, scheme="allowance", code=benefit, valid_from=date(2024, 2, 1))
    assert counted(con, "orphan_allowance_coverage") == (expected, 1)


def test_two_stations_in_one_township_cover_one_township(con: Connection) -> None:
    for seq, (subject, place) in enumerate(((STATION, TOWN), (STATION + 1, VILLAGE)), 1):
        insert(con, "facility", subject_id=subject, kind="minor_station", place_id=place)
        record(con, seq, subject, "station_check", date(2026, 11, 1), staff=1, room=True, hotline_ok=True)
    assert counted(con, "minor_station_coverage") == (1, 2)


def test_a_district_without_a_city_community_has_none_of_them(con: Connection) -> None:
    assert counted(con, "city_child_friendly_communities") == (0, None)


def test_ledgers_count_the_living_who_live_here(con: Connection) -> None:
    for subject, here in ((1, True), (2, True), (3, False)):
        child(con, subject, date(2015, 1, 1), lives_here=here)
        insert(con, "status", subject_id=subject, scheme="hardship", code="H3a", valid_from=date(2024, 1, 1))
    con.execute("UPDATE child SET death_date = DATE '2026-01-05' WHERE subject_id = 2")
    assert counted(con, "hardship_children") == (1, None)


def test_coverage_leaves_out_the_dead_and_those_who_live_elsewhere(con: Connection) -> None:
    for subject, here in ((1, True), (2, True), (3, False), (4, True)):
        child(con, subject, date(2024, 6, 1), lives_here=here)  # two years old on 1 June 2026
    con.execute("UPDATE child SET death_date = DATE '2026-08-01' WHERE subject_id = 2")
    for seq, (subject, on) in enumerate(((4, date(2025, 2, 1)), (4, date(2025, 12, 1))), 1):
        record(con, seq, subject, "dose", on, vaccine="MMR")
    found = figures(con, ours())  # the whole pack at once, as in a district
    assert total(found, "mmr2_coverage", "MMR_2") == (1, 2)
    assert total(found, "vaccination_coverage", "MMR_2") == (1, 2)


@pytest.mark.parametrize(("day", "raised"), [(date(2026, 11, 5), False), (date(2026, 11, 6), True)])
def test_nobody_is_called_for_a_dose_before_its_distance_is_kept(
    con: Connection, day: date, raised: bool
) -> None:
    child(con, 1, date(2024, 10, 20))  # two years old on 20 October 2026, first MMR twelve days before
    record(con, 1, 1, "dose", date(2026, 10, 9), vaccine="MMR")
    pack = only("immunization")
    prepare(con, pack)
    found = evaluate_day(con, pack, day).findings
    assert any(each.alert == "mmr_overdue" for each in found) is raised


def test_the_worst_week_of_the_worst_school_is_the_daily_hour(con: Connection) -> None:
    insert(con, "facility", subject_id=21, kind="primary", place_id=VILLAGE, ownership="public")
    checks = (
        (SCHOOL, 10, 0, 90),
        (SCHOOL, 9, 2, 45),
        (21, 11, 0, 75),
        (21, 1, 3, 20),
    )  # that of January is too old
    for seq, (school, month, short, least) in enumerate(checks, 1):
        record(con, seq, school, "pe_check", date(2026, month, 1), mode="call", classes_checked=8, classes_short=short,
               least_minutes=least)  # fmt: skip
    found = figures(con, only("daily_sport_hours", "sport_health_lessons"))
    assert total(found, "daily_sport_hours") == (0.75, None)
    assert total(found, "sport_health_lessons") == (1, 2)


def test_nobody_checked_is_no_hour_rather_than_none(con: Connection) -> None:
    assert not [each for each in figures(con, only("daily_sport_hours")) if each.value is not None]


def test_the_spread_of_schools_weighs_each_by_its_pupils(con: Connection) -> None:
    for subject, teachers in ((21, 10), (22, 10), (23, 90)):
        insert(con, "facility", subject_id=subject, kind="primary", place_id=VILLAGE, ownership="public")
        record(con, subject, subject, "school_resources", date(2026, 9, 1), places=900, pupils=100 if subject < 23 else 300,
               teachers_higher=teachers)  # fmt: skip
    # 10, 10 and 30 for a hundred, with weights 1, 1 and 3: mean 22, deviation sqrt(96).
    found = figures(con, only("spread_primary_teachers_higher", "spread_primary_sport_m2"))
    assert total(found, "spread_primary_teachers_higher")[0] == pytest.approx(96**0.5 / 22)
    assert not [each for each in found if each.indicator == "spread_primary_sport_m2"]
