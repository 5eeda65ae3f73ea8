"""Radar, rehearsal, bill and schooling: pages that stand before the first turn, and who is refused."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.urls import reverse
from tests.cast import AT, DAY, as_

from yimi.apps.accounts.permissions import system
from yimi.apps.evaluation import cascades, radar, rehearsals, runs, school_places
from yimi.apps.evaluation.lessons import lessons
from yimi.apps.plan.models import Figure, Run
from yimi.apps.records import actions as records
from yimi.apps.register import actions as register
from yimi.demo.cast import STORY_TOWNSHIP
from yimi.engines.rehearsal import Change

COUNTS = (
    "/radar/",
    "/radar/de_facto_allowance/",
    "/radar/compulsory_living_aid/",
    "/schooling/",
    "/schooling/sites/",
    "/schooling/places/",
    "/schooling/balance/",
)
WELFARE = "/radar/de_facto_allowance/children/"


def status(client: Any, path: str) -> int:
    found: int = client.get(path).status_code
    return found


@pytest.mark.parametrize("username", ["liu", "zhou", "chen", "yang"])
def test_counts_stand_before_the_first_turn(town: Any, sign_in: Any, username: str) -> None:
    client = sign_in(username)
    assert [status(client, path) for path in COUNTS] == [200] * len(COUNTS)


def test_names_are_for_readers_of_the_sensitivity(town: Any, sign_in: Any) -> None:
    told = {
        who: status(sign_in(who), WELFARE)
        for who in ("liu", "yang", "chen", "zhou", "he", "song", "luo", "xu")
    }
    assert told == {
        "liu": 200,
        "yang": 200,
        "chen": 200,
        "zhou": 404,
        "he": 404,
        "song": 404,
        "luo": 404,
        "xu": 404,
    }


@pytest.mark.parametrize("username", ["song", "luo"])
def test_who_keeps_the_system_and_who_audits_it_count_no_benefit(
    town: Any, sign_in: Any, username: str
) -> None:
    client = sign_in(username)
    assert status(client, "/radar/") == status(client, "/rehearsals/") == status(client, "/schooling/") == 404


def test_a_benefit_nobody_declared_is_absent(town: Any, sign_in: Any) -> None:
    assert status(sign_in("liu"), "/radar/no_such_benefit/") == 404


def test_a_rehearsal_wants_a_parameter_a_value_and_a_day(town: Any, sign_in: Any) -> None:
    client, page = sign_in("zhou"), reverse("rehearsals")
    for wrong in (
        {"parameter": "nothing", "value": "3", "effective_from": "2027-01-01"},
        {"parameter": "visit_interval_green", "value": "soon", "effective_from": "2027-01-01"},
        {"parameter": "visit_interval_green", "value": "1 month", "effective_from": "some day"},
    ):
        assert client.post(page, wrong).status_code == 422


def test_a_rehearsal_reads_the_register_of_the_moment_and_leaves_everything_as_it_was(town: Any) -> None:
    uid = rehearsals.begin([Change("rehabilitation_aid_age", "12", DAY)], by=as_("zhou"), at=AT)
    found = rehearsals.run(uid, as_of=DAY)
    assert found.day == DAY and set(found.subjects) == {"rehabilitation_aid"}
    told = rehearsals.one(as_("zhou"), uid)
    assert (told.state, told.result) == ("done", found) and not Run.objects.exists()


def test_the_counts_can_be_taken_away_as_a_workbook(town: Any, sign_in: Any) -> None:
    client = sign_in("liu")
    for path in ("/radar/", "/radar/dibao/", "/schooling/", "/schooling/classes/"):
        response = client.get(f"{path}?as=xlsx")
        assert response.status_code == 200 and response.content[:2] == b"PK", path


def _run(settings: Any, tmp_path: Path, births: list[tuple[str, date]]) -> Run:
    """A run in force whose children were born on these days in these townships."""
    settings.YIMI_DIR = tmp_path
    run = Run.objects.create(number=1, as_of=DAY, pack="x", state="complete", in_force=True, started_at=AT)
    runs.folder(1).mkdir(parents=True)
    none = pa.nulls(len(births), pa.date32())
    children = pa.table(
        {"township": [t for t, _ in births], "birth_date": [b for _, b in births], "death_date": none}
    )
    for name in ("children", "due_items"):
        pq.write_table(children, runs.folder(1) / f"{name}.parquet")
    return run


def test_a_child_of_31_august_enters_school_a_year_before_one_of_1_september(
    town: Any, settings: Any, tmp_path: Path
) -> None:
    first = school_places.septembers(DAY)[0]
    births = [(STORY_TOWNSHIP, date(first - 6, 8, 31)), (STORY_TOWNSHIP, date(first - 6, 9, 1))]
    _run(settings, tmp_path, births)
    gaps = {each.township: each for each in school_places.gaps(as_("xu"), "primary", DAY)}
    assert gaps[STORY_TOWNSHIP].demand == (1, 2, 2)
    assert (gaps[STORY_TOWNSHIP].places, gaps[STORY_TOWNSHIP].left) == (None, -2)
    tried = school_places.gaps(as_("xu"), "primary", DAY, {STORY_TOWNSHIP: 5})
    assert {each.township: each.left for each in tried}[STORY_TOWNSHIP] == 3


def test_more_places_raise_the_share_of_their_kind_and_lower_that_of_the_others(
    town: Any, settings: Any, tmp_path: Path
) -> None:
    run = _run(settings, tmp_path, [])
    for name, numerator in (("public_kindergarten_share", 50), ("inclusive_kindergarten_share", 90)):
        Figure.objects.create(
            run=run, indicator=name, place="500156", numerator=numerator, denominator=100, value=0
        )
    told = {
        kind: {each.indicator: each for each in school_places.shares(as_("xu"), kind, STORY_TOWNSHIP, 100)}
        for kind in ("public", "inclusive")
    }
    public = told["public"]["public_kindergarten_share"]
    assert (public.now, public.from_home, public.from_private) == (50, 75, 100)
    assert told["inclusive"]["public_kindergarten_share"].from_home == 25
    assert told["inclusive"]["inclusive_kindergarten_share"].from_home == 95


def test_only_the_district_speaks_for_how_far_schools_lie_apart(
    town: Any, sign_in: Any, settings: Any, tmp_path: Path
) -> None:
    run = _run(settings, tmp_path, [])
    for place, value in (("500156", 0.62), (STORY_TOWNSHIP, 0.0)):
        Figure.objects.create(run=run, indicator="spread_primary_sport_m2", place=place, value=value)
    page = sign_in("xu").get("/schooling/balance/").content.decode()
    assert "0.62" in page and page.count("0.00") == 0


@pytest.mark.parametrize("query", ["?stage=nothing&place=1&more=x", "?place=500156101&more=60&stage=primary"])
def test_what_is_asked_of_places_wrongly_is_passed_over(town: Any, sign_in: Any, query: str) -> None:
    assert status(sign_in("xu"), f"/schooling/places/{query}") == 200
    assert status(sign_in("song"), f"/schooling/places/{query}") == 404


def test_lessons_tell_the_grades_reached_and_the_schools_never_reached(town: Any, sign_in: Any) -> None:
    """Two sessions of one topic in one school; another school had its own three years ago, a third none."""
    schools = {
        name: str(register.register_facility(name=name, kind="junior", place=town.chen_village, ownership="public", by=system(DAY), at=AT))
        for name in ("甲中学", "乙中学", "丙中学")
    }  # fmt: skip

    def enter(school: str, form: str, days_ago: int, **answers: Any) -> None:
        on = DAY - timedelta(days=days_ago)
        records.add(form=form, subject=schools[school], occurred_on=on, answers=answers, by=as_("xu"), at=AT)

    drugs = {"topic": "drug_prevention", "participants": 40, "taught_by": "police"}
    enter("甲中学", "education_session", 30, **drugs, grades=["g7", "g8"])
    enter("甲中学", "education_session", 20, **drugs, grades=["g8"])
    enter("甲中学", "education_session", 10, **{**drugs, "topic": "traffic"}, grades=["g9"])
    enter("乙中学", "education_session", 1000, **drugs, grades=["g7"])
    for grade in (7, 8, 9):
        enter(
            "甲中学", "class_roll", 15, class_name=f"{grade}年级1班", stage="junior", grade=grade, pupils=40
        )
    found = {each.school: each for each in lessons(as_("zhou"), "drug_prevention", DAY) if each.uid in schools.values()}  # fmt: skip
    assert dict(found["甲中学"].grades) == {"g7": 1, "g8": 2}
    assert (found["甲中学"].sessions, found["甲中学"].participants, found["甲中学"].missing) == (
        2,
        80,
        ["g9"],
    )
    assert (found["乙中学"].sessions, found["乙中学"].last) == (0, DAY - timedelta(days=1000))
    assert (found["丙中学"].sessions, found["丙中学"].last) == (0, None)
    assert lessons(as_("song"), "drug_prevention", DAY) == []  # who keeps the system has no work there
    page = sign_in("zhou").get("/schooling/lessons/?topic=drug_prevention").content.decode()
    assert "八年级（2）" in page
    assert "从未上过" in page


def test_a_small_count_of_a_benefit_is_withheld_with_one_that_would_give_it_away() -> None:
    """Three townships and their sum: 2 is small, and the sum less the other two would tell it."""

    def counts(missing: int) -> radar.Counts:
        found = radar.Counts(owed_children=missing)
        found.states["missing"] = missing
        return found

    found = radar._withheld({"": counts(22), "a": counts(2), "b": counts(8), "c": counts(12)}, 5)
    assert {key: cell.told("missing") for key, cell in found.items()} == {
        "": 22,
        "a": None,
        "b": None,
        "c": 12,
    }
    assert {key for key, cell in found.items() if radar.OWED in cell.withheld} == {"a", "b"}
    assert found["c"].told("receiving") == 0


def test_a_part_of_a_cascade_with_few_children_is_withheld_and_the_whole_is_told() -> None:
    cells = {
        "a": cascades.Funnel([20, 1], [0, 0], {1: (9.0, 1)}),
        "b": cascades.Funnel([30, 7], [0, 0]),
        "c": cascades.Funnel([40, 9], [0, 0]),
    }
    cascades._withhold(cells, 5)
    assert {key: cell.withheld for key, cell in cells.items()} == {"a": True, "b": True, "c": False}
    assert not cells["a"].medians


def test_the_whole_of_a_cascade_with_a_small_count_is_withheld_like_a_part() -> None:
    def guarded(at: list[int], late: list[int]) -> tuple[bool, bool, set[int]]:
        whole = cascades.Funnel(at, late, {1: (9.0, 12), 2: (4.0, 3)})
        cascades._guard(whole, 5)
        return whole.withheld, whole.late_withheld, set(whole.medians)

    assert guarded([20, 12], [0, 0]) == (False, False, {1})
    assert guarded([20, 4], [0, 0]) == (True, True, set())
    assert guarded([20, 12], [0, 3]) == (False, True, {1})  # three wait too long: only how many is kept
    assert guarded([20, 12], [0, 10]) == (False, True, {1})  # two do not: they follow by subtraction
    # Where the whole is not told, one small part needs no other to hide it.
    cells = {"a": cascades.Funnel([0, 1], [0, 0]), "b": cascades.Funnel([0, 3], [0, 0])}
    cascades._withhold(cells, 5, cascades.Funnel([0, 4], [0, 0], withheld=True, late_withheld=True))
    assert all(cell.withheld for cell in cells.values())


def test_who_reads_the_children_is_told_every_count_and_who_does_not_is_not(town: Any) -> None:
    from yimi.apps import active

    pack = active.pack()
    told = {
        who: (
            radar.least_shown(as_(who), pack.entitlements["de_facto_allowance"]),
            cascades.least_shown(as_(who), pack.cascades["disability"]),
            cascades.least_shown(as_(who), pack.cascades["myopia"]),
        )
        for who in ("liu", "zhou")
    }
    assert told == {"liu": (0, 0, 0), "zhou": (5, 5, 0)}
