"""Radar, rehearsal, bill and schooling: pages that stand before the first turn, and who is refused."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from tests.cast import AT, DAY, as_

from yimi.apps.evaluation import rehearsals
from yimi.apps.plan.models import Run
from yimi.engines.rehearsal import Change

COUNTS = (
    "/radar/",
    "/radar/de_facto_allowance/",
    "/radar/compulsory_living_aid/",
    "/schooling/",
    "/schooling/sites/",
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
