"""The cascades' pages: numbers that add up, names only for readers, one named task for the child that waits."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.urls import reverse
from tests.cast import AT, DAY, DAZHUANG, XIAOYU, as_

from yimi import cycle
from yimi.apps.accounts.permissions import system
from yimi.apps.alerts.models import Alert
from yimi.apps.evaluation import cascades
from yimi.apps.records import actions as records
from yimi.apps.tasks.models import Task


def record(uid: Any, form: str, days_ago: int, **answers: Any) -> None:
    records.add(
        form=form,
        subject=str(uid),
        occurred_on=DAY - timedelta(days=days_ago),
        answers=answers,
        by=system(DAY),
        at=AT,
    )


@pytest.fixture
def turned(town: Any) -> Any:
    """小雨 has an abnormal eye check 40 days ago and no referral; 大壮 warning signs that were referred and forgotten."""
    record(XIAOYU, "health_visit", 40, eye_check="abnormal", place_kind="clinic")
    record(DAZHUANG, "health_visit", 80, development="warning", eye_check="normal", place_kind="clinic")
    record(DAZHUANG, "health_referral", 75, concern="development", institution="区妇幼保健院")
    cycle.turn(as_of=DAY, at=AT)
    return town


def round_of(name: str) -> Any:
    from yimi.apps import active

    return cascades.newest(active.pack().cascades[name])


def test_a_child_that_waits_is_a_named_task(turned: Any, sign_in: Any) -> None:
    alert = Alert.objects.get(pathway="development")
    assert [(each.subject.uid, each.step) for each in alert.subjects.all()] == [
        (DAZHUANG, "development.rescreened")
    ]
    task = Task.objects.get(alert=alert)
    assert (task.role, task.verified_by_role) == ("township_doctor", "mch_doctor")
    page = sign_in("deng").get(reverse("task", args=[task.uid])).content.decode()
    assert "大壮" in page and "尚未复筛" in page
    assert Alert.objects.get(pathway="eye_0_6").place_id == turned.chen_village


def test_the_alert_closes_when_the_next_stage_is_reached(turned: Any) -> None:
    record(DAZHUANG, "health_rescreen", 1, concern="development", result="negative")
    cycle.turn(as_of=DAY, at=AT + timedelta(hours=1))
    assert Alert.objects.get(pathway="development").closed_at is not None


def test_numbers_add_up_for_everybody(turned: Any, sign_in: Any) -> None:
    for username in ("deng", "he", "zhou", "ma", "liu"):
        shown = sign_in(username).get("/cascades/development/").context
        numbers = [stage["n"] for stage in shown["stages"]]
        assert numbers == sorted(numbers, reverse=True)
        assert numbers[1:4] == [1, 1, 1]
    parts = cascades.parts(as_("zhou"), _cascade("development"), round_of("development"))
    assert sum(cell.scope for cell in parts.townships.values()) == parts.whole.scope
    assert sum(parts.whole.late) == 1


def _cascade(name: str) -> Any:
    from yimi.apps import active

    return active.pack().cascades[name]


def test_names_are_for_readers_within_reach(turned: Any, sign_in: Any) -> None:
    address = "/cascades/development/children/?late=1"
    assert "大壮" in sign_in("deng").get(address).content.decode()
    absent = sign_in("zhao").get("/there/is/nothing/").content
    for username in ("zhao", "liu", "zhou", "he", "ma", "yang"):
        answer = sign_in(username).get(address)
        assert answer.status_code == 404 and answer.content == absent, username
    for username in ("zhao", "zhou", "he", "ma", "liu"):
        assert "大壮" not in sign_in(username).get("/cascades/development/").content.decode()


def test_schools_are_told_apart_only_for_those_who_answer(turned: Any, sign_in: Any) -> None:
    labels = {}
    for username in ("zhou", "he", "deng", "zhao", "song"):
        answer = sign_in(username).get("/cascades/myopia/")
        labels[username] = (
            [group["label"]["en"] for group in answer.context["groups"]]
            if answer.status_code == 200
            else None
        )
    assert labels["song"] is None  # configures, counts nobody
    assert "By school" in labels["zhou"] and "By school" in labels["he"] and "By school" in labels["deng"]
    assert "By school" not in labels["zhao"]


def test_the_workbook_says_what_the_page_says(turned: Any, sign_in: Any) -> None:
    from python_calamine import CalamineWorkbook

    answer = sign_in("zhou").get("/cascades/development/?as=xlsx")
    sheet = CalamineWorkbook.from_filelike(BytesIO(answer.content)).get_sheet_by_index(0)
    text = "\n".join(" ".join(str(cell) for cell in row) for row in sheet.to_python())
    assert "儿童心理行为发育筛查" in text and "合计" in text and "大壮" not in text


def test_pages_stand_before_the_first_turn(town: Any, sign_in: Any) -> None:
    client = sign_in("zhou")
    for path in ("/cascades/", "/cascades/myopia/", "/cascades/disability/"):
        assert client.get(path).status_code == 200, path


def test_the_file_of_a_child_says_what_it_waits_for(turned: Any, sign_in: Any) -> None:
    seen = sign_in("deng").get(reverse("child", args=[DAZHUANG])).context["screened"]
    assert next((line["name"]["en"], line["late"]) for line in seen["lines"]) == (
        "Development screening",
        True,
    )
    assert "已复筛" in seen["lines"][0]["next"]["zh"]
    assert (
        sign_in("liu").get(reverse("child", args=[DAZHUANG])).context["screened"] is None
    )  # reads no health
