"""The state of a parent, entered from the page its child's file leads to; and what a person of a school enters."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.cast import AT, DAY, DAZHUANG, XIAOYU, as_

from yimi.apps import active
from yimi.apps.accounts import actions as accounts
from yimi.apps.accounts.models import User
from yimi.apps.accounts.permissions import system
from yimi.apps.evaluation import live
from yimi.apps.records import actions as records
from yimi.apps.records.models import Record
from yimi.apps.register import actions as register
from yimi.apps.register.models import Status, Subject

ANSWERS = {"occurred_on": "2026-05-01", "state": "imprisoned", "evidence": "刑事判决书12号"}


@pytest.fixture
def mother(town: Any) -> str:
    """小雨 has a mother."""
    person = register.register_person(name="覃梅", sex="f", birth_date=None, by=system(DAY), at=AT)
    register.relate(
        uid=str(XIAOYU), person=person, kind="mother", guardian=True, since=DAY.replace(year=2025), by=system(DAY), at=AT
    )  # fmt: skip
    return str(person)


def address(person: str) -> str:
    return f"/subjects/{person}/record/guardian_report/"


def test_the_state_of_a_parent_is_entered_from_the_childs_file(mother: str, sign_in: Any) -> None:
    client = sign_in("yang")
    assert f"/subjects/{mother}/" in client.get(f"/children/{XIAOYU}/").content.decode()
    assert address(mother) in client.get(f"/subjects/{mother}/").content.decode()
    refused = client.post(address(mother), {**ANSWERS, "evidence": ""})
    assert refused.status_code == 422 and not Record.objects.filter(form="guardian_report").exists()
    saved = client.post(address(mother), ANSWERS)
    assert saved.status_code == 200, saved.content.decode()
    person = Subject.objects.get(uid=mother)
    assert Record.objects.get(form="guardian_report").subject == person
    assert Status.objects.filter(subject=person, scheme="guardian_state").values_list("code", "valid_from").get() == (
        "imprisoned", DAY.replace(month=5)
    )  # fmt: skip
    assert "服刑在押" in client.get(f"/children/{XIAOYU}/").content.decode()
    assert "服刑在押" not in sign_in("ran").get(f"/children/{XIAOYU}/").content.decode()


def test_a_death_recorded_once_reaches_the_allowance_the_same_day(mother: str, sign_in: Any) -> None:
    father = str(register.register_person(name="覃刚", sex="m", birth_date=None, by=system(DAY), at=AT))
    register.relate(
        uid=str(XIAOYU), person=father, kind="father", guardian=True, since=DAY.replace(year=2025), by=system(DAY), at=AT
    )  # fmt: skip
    client = sign_in("yang")
    assert client.post(address(mother), ANSWERS).status_code == 200
    page = f"/subjects/{father}/record/guardian_death/"
    assert page in client.get(f"/subjects/{father}/").content.decode()
    assert allowance() is False, "one parent alone decides nothing"
    saved = client.post(page, {"occurred_on": DAY.isoformat(), "evidence": "死亡证明3号"})
    assert saved.status_code == 200, saved.content.decode()
    assert allowance() is True
    assert f"{DAY}去世" in client.get(f"/children/{XIAOYU}/").content.decode()
    for who in ("zhao", "chen", "ran"):
        assert sign_in(who).get(page).status_code == 404, who
    wrong = Record.objects.get(form="guardian_death")
    records.correct(
        record_uid=wrong.record_uid, answers=wrong.answers, reason="日期有误", occurred_on=DAY - timedelta(days=3), by=as_("yang"), at=AT
    )  # fmt: skip
    died = Subject.objects.get(uid=father).person
    assert died.death_date == DAY - timedelta(days=3)
    corrected = Record.objects.get(form="guardian_death", kind="correction")
    records.void(record_uid=corrected.record_uid, reason="同名误登", by=as_("yang"), at=AT)
    died.refresh_from_db()
    assert died.death_date is None and allowance() is False


def allowance() -> bool:
    """Has 小雨 a right to the allowance of a de facto unattended child, by the records of this moment?"""
    child = Subject.objects.get(uid=XIAOYU)
    seen = live.subject(child.pk, DAY, "child")
    (found,) = (each for each in seen.entitlements if each["entitlement"] == "de_facto_allowance")
    return bool(found["answer"] == "yes")


def test_a_childs_death_ends_what_is_due_and_taking_it_back_goes_on(town: Any) -> None:
    child = Subject.objects.get(uid=XIAOYU).child
    made = records.add(
        form="death", subject=str(XIAOYU), occurred_on=DAY, answers={"cause_group": next(iter(causes()))}, by=as_("deng"), at=AT
    )  # fmt: skip
    child.refresh_from_db()
    assert child.death_date == DAY and not child.subject.residences.filter(valid_to__isnull=True).exists()
    records.void(record_uid=made.record_uid, reason="误报", by=as_("deng"), at=AT)
    child.refresh_from_db()
    assert child.death_date is None and child.subject.residences.filter(valid_to__isnull=True).count() == 1


def causes() -> list[str]:
    return [each.code for each in active.pack().vocabularies["cause_of_death"].codes]


def test_nobody_else_finds_the_form(mother: str, client: Any, sign_in: Any) -> None:
    nothing = client.get("/there/is/nothing/here/").content
    for who in ("zhao", "chen", "ran", "xu"):
        found = sign_in(who).post(address(mother), ANSWERS)
        assert (found.status_code, found.content) == (404, nothing), who
    assert sign_in("liu").get(address(mother)).status_code == 200
    assert not Record.objects.filter(form="guardian_report").exists()


def test_a_class_teacher_enters_the_screening_of_a_pupil_and_reads_no_health(town: Any, sign_in: Any) -> None:
    User.objects.create(username="mei", display_name="梅老师", made_up=True)
    accounts.appoint(
        username="mei", role="class_teacher", organization=town.school, place="500156101", valid_from=DAY.replace(year=2025),
        by=system(DAY), at=AT,
    )  # fmt: skip
    teacher = User.objects.get(username="mei")
    register.assign(uid=str(DAZHUANG), user_id=teacher.pk, kind="assigned", since=DAY, by=system(DAY), at=AT)
    client = sign_in("mei")
    page = f"/children/{DAZHUANG}/record/vision_screening/"
    saved = client.post(page, {"occurred_on": "2026-09-01", "vision_left": "0.5", "result": "suspected"})
    assert saved.status_code == 200, saved.content.decode()
    stored = Record.objects.get(form="vision_screening")
    assert (stored.by, stored.organization_id) == (teacher, None), "a school is a facility, not a body"
    assert client.get(f"/children/{XIAOYU}/").status_code == 404, "not a pupil of the class"
    assert "health" not in as_("mei").child_grants[0].role.reads
