"""Injury surveillance: one event from several sources, small counts kept out everywhere alike, names for readers only."""

from __future__ import annotations

import json
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from tests.cast import AT, DAY, DAZHUANG, XIAOYU, YUEYUE, as_

from yimi import cycle
from yimi.apps import active
from yimi.apps.accounts.permissions import system
from yimi.apps.alerts.models import Alert
from yimi.apps.evaluation import runs, surveillance
from yimi.apps.records import actions as records
from yimi.engines.surveillance import chapman

FALL = {
    "cause": "3",
    "place_kind": "home",
    "intent": "unintentional",
    "severity": "mild",
    "source": "hospital",
}


def hurt(uid: Any, days_ago: int, **answers: Any) -> str:
    return records.add(
        form="injury_card", subject=str(uid), occurred_on=DAY - timedelta(days=days_ago),
        answers={**FALL, **answers}, by=system(DAY), at=AT,
    )  # fmt: skip


def events(number: int) -> list[dict[str, Any]]:
    return runs.query(number, 'SELECT * FROM {events} ORDER BY "on", event')


@pytest.fixture
def turned(town: Any) -> int:
    """小雨 fell once (hospital and village tell of it) and was scalded; 大壮 was beaten, which counts elsewhere; 月月 fell."""
    hurt(XIAOYU, 20)
    hurt(XIAOYU, 18, source="village", severity="severe")
    hurt(XIAOYU, 10, cause="7", source="village")
    hurt(DAZHUANG, 9, cause="4", intent="assault")
    hurt(YUEYUE, 5, source="school")
    return cycle.turn(as_of=DAY, at=AT).run


def each() -> Any:
    return active.pack().surveillance["injury"]


def test_records_of_one_injury_are_one_event_and_stay_as_they_were(turned: int) -> None:
    found = events(turned)
    assert [(row["codes"]["cause"], row["records"], row["sources"]) for row in found] == [
        ("3", 2, ["hospital", "village"]), ("7", 1, ["village"]), ("3", 1, ["school"]),
    ]  # fmt: skip
    assert found[0]["codes"]["severity"] == "severe"  # the worst that was told
    assert [row["earlier"] for row in found] == [0, 1, 0]
    assert str(active.pack().forms["injury_card"].subject) == "child"


def test_days_count_from_the_first_record(town: Any) -> None:
    """A chain does not grow: the fourth day after the first record is another event."""
    for days in (12, 10, 8):
        hurt(XIAOYU, days)
    number = cycle.turn(as_of=DAY, at=AT).run
    assert [row["records"] for row in events(number)] == [2, 1]


def test_an_assault_opens_a_case_and_no_event_tells_of_it(turned: int) -> None:
    from yimi.apps.cases.models import Case

    assert Case.objects.filter(kind="mandatory_report").count() == 1
    assert all(row["codes"]["cause"] != "4" for row in events(turned))


def test_an_entry_taken_back_leaves_its_event(turned: int) -> None:
    from yimi.apps.records.models import Record

    again = Record.objects.get(form="injury_card", answers__source="village", answers__cause="3")
    records.void(record_uid=again.record_uid, reason="重复登记有误", by=system(DAY), at=AT)
    number = cycle.turn(as_of=DAY, at=AT + timedelta(hours=1)).run
    assert events(number)[0]["sources"] == ["hospital"]


def test_the_same_spot_again_is_a_task_for_the_township(town: Any) -> None:
    bend = {"cause": "1", "place_kind": "road", "lat": 29.4, "lon": 107.7}
    hurt(XIAOYU, 200, **bend)
    hurt(DAZHUANG, 4, **{**bend, "lat": 29.4030})  # 334 m to the north
    hurt(DAZHUANG, 40, **{**bend, "cause": "3"})  # another kind of injury
    hurt(YUEYUE, 4, **{**bend, "lat": 29.41})  # more than a kilometre
    cycle.turn(as_of=DAY, at=AT)
    alert = Alert.objects.get(pathway="injury", rule="injury_site")
    assert [each.subject.uid for each in alert.subjects.all()] == [DAZHUANG]
    assert alert.place_id == "500156101" and alert.to_role == "township_doctor"


def test_small_counts_are_kept_from_those_who_see_no_child(turned: int, sign_in: Any) -> None:
    whole = surveillance.watched(as_("xu"), each())
    assert whole is not None and whole.complete == ("health" in _reads("xu"))
    for username in ("zhou", "he", "ma", "liu"):
        told = surveillance.watched(as_(username), each())
        assert told is not None and not told.complete
        assert told.total is None and told.week is None
        shown = [told.crossed.shown(*key) for key in told.crossed.cells]
        shown += [counts.shown(row) for counts in told.parts.values() for row, _ in counts.cells]
        assert {value for value in shown if value} == set(), username


def _reads(username: str) -> set[str]:
    return {each for grant in as_(username).grants for each in grant.role.reads}


def test_a_doctor_counts_the_children_of_the_township(turned: int) -> None:
    told = surveillance.watched(as_("deng"), each())
    assert told is not None
    home = as_("deng").grants[0].place
    assert told.crossed.shown(home) == 2 and told.crossed.shown(home, "3") == 1


def test_page_workbook_and_json_withhold_the_same(turned: int, sign_in: Any) -> None:
    from python_calamine import CalamineWorkbook

    client = sign_in("zhou")
    page = client.get("/surveillance/injury/")
    assert page.status_code == 200 and "withheld" in page.content.decode()
    told = json.loads(client.get("/surveillance/injury/?as=json").content)
    cells = [cell for table in told["tables"] for row in table["rows"] for cell in row[1:]]
    assert "※" in cells and not [cell for cell in cells if isinstance(cell, int) and cell > 0]
    answer = client.get("/surveillance/injury/?as=xlsx")
    sheet = CalamineWorkbook.from_filelike(BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    text = " ".join(str(cell) for row in sheet for cell in row)
    assert "※" in text and "小雨" not in text
    for bar in (bar for group in page.context["groups"] for bar in group["bars"]):
        assert all(part["value"] == 0 for part in bar["parts"])


def test_names_are_for_readers_within_reach(turned: int, sign_in: Any) -> None:
    address = "/surveillance/injury/events/"
    shown = sign_in("deng").get(address).content.decode()
    assert "小雨" in shown and "大壮" not in shown  # the assault is no accident
    absent = sign_in("zhao").get("/there/is/nothing/").content
    for username in ("zhao", "liu", "zhou", "he", "chen"):
        answer = sign_in(username).get(address)
        assert answer.status_code == 404 and answer.content == absent, username


def test_the_number_nobody_told() -> None:
    """Worked by hand: (61)(41)/(21) - 1 = 118.1; never less than what was seen."""
    found = chapman(60, 40, 20)
    assert round(found.total, 1) == 118.1 and found.seen == 80
    assert found.seen < found.low < found.total < found.high
    assert chapman(10, 10, 10).total == 10 and chapman(0, 0, 0).share == 1.0
