"""Checklists of titles, care and aid by name, boarding by school: what the pages say, and to whom."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from tests.cast import AT, DAY, DAZHUANG, XIAOYU, as_

from yimi.apps import active
from yimi.apps.evaluation import boarding, checklists, programs
from yimi.apps.plan.models import Figure, Run
from yimi.apps.records import actions
from yimi.apps.register.models import Subject

CHECKLIST = "/checklists/universal_preschool/"
BY_NAME = ("/programs/reached/", "/programs/served/", "/programs/aid/")


def add(form: str, subject: str, answers: dict[str, Any], on: date = DAY, who: str = "yang") -> Any:
    return actions.add(form=form, subject=subject, occurred_on=on, answers=answers, by=as_(who), at=AT)


@pytest.fixture
def education(town: Any) -> str:
    return str(Subject.objects.get(organization_id="education").uid)


def standing(item: str, on: date = DAY) -> checklists.Line:
    lines = checklists.lines(as_("xu"), active.pack().checklists["universal_preschool"], on)
    return next(each for each in lines if each.item.item == item)


def test_a_document_counts_until_its_day_and_a_gap_names_its_owner(education: str, sign_in: Any) -> None:
    assert standing("up_plan").gap and standing("up_plan").item.owner == "education"
    add("accreditation_evidence", education, {"item": "up_plan", "met": False, "note": "规划待批"}, who="xu")
    assert standing("up_plan").gap and standing("up_plan").document == "规划待批"
    until = DAY + timedelta(days=20)
    told = {"item": "up_plan", "met": True, "valid_until": until.isoformat(), "document": "规划批复3号"}
    add("accreditation_evidence", education, told, who="xu")
    found = standing("up_plan")
    assert not found.gap and found.ends_soon and found.until == until
    assert standing("up_plan", until + timedelta(days=1)).gap, "it ended"
    page = sign_in("xu").get(f"{CHECKLIST}?as_of={DAY}").content.decode()
    assert (
        "规划批复3号" in page and f"/subjects/{education}/record/accreditation_evidence/?item=up_plan" in page
    )
    gaps = sign_in("zhou").get(f"{CHECKLIST}?gaps=1&as_of={DAY}").content.decode()
    assert "区财政局" in gaps and "规划批复3号" not in gaps and "record/accreditation_evidence" not in gaps
    assert sign_in("zhou").get("/checklists/nothing/").status_code == 404


def test_a_document_taken_back_leaves_a_gap_that_says_so_until_another_is_entered(
    education: str, sign_in: Any
) -> None:
    told = {
        "item": "up_plan",
        "met": True,
        "valid_until": (DAY + timedelta(days=400)).isoformat(),
        "document": "规划批复3号",
    }
    uid = add("accreditation_evidence", education, told, who="xu")
    assert not standing("up_plan").gap
    actions.void(record_uid=uid.record_uid, reason="文件未生效", by=as_("xu"), at=AT + timedelta(days=2))
    assert standing("up_plan", DAY - timedelta(days=1)).recalled is None, (
        "of a day before nothing was known of it"
    )
    found = standing("up_plan", DAY + timedelta(days=2))
    assert found.gap and found.recalled and found.recalled.document == "规划批复3号"
    page = sign_in("zhou").get(f"{CHECKLIST}?gaps=1&as_of={DAY + timedelta(days=2)}").content.decode()
    assert "材料已撤回" in page and "文件未生效" in page and "份材料已撤回" in page
    assert standing("up_leadership", DAY + timedelta(days=2)).recalled is None, (
        "another item of the same owner"
    )
    add("accreditation_evidence", education, {**told, "document": "规划批复5号"}, who="xu")
    again = standing("up_plan", DAY + timedelta(days=2))
    assert not again.gap and again.recalled is None and again.document == "规划批复5号"


def test_a_figure_of_the_checklist_is_the_one_of_the_run(town: Any) -> None:
    assert standing("up_inclusive").state == "no_data"
    run = Run.objects.create(number=901, as_of=DAY, pack="p", started_at=AT, state="complete", in_force=True)
    district = active.pack().info.district or ""
    Figure.objects.create(
        run=run, indicator="inclusive_kindergarten_share", place=district, value=80.0, numerator=8, denominator=10
    )  # fmt: skip
    assert standing("up_inclusive").state == "met", "80 is enough where at least 80 is asked for"
    Figure.objects.update(value=79.9)
    assert standing("up_inclusive").gap


def test_left_behind_children_nobody_reached_come_first(town: Any, sign_in: Any) -> None:
    for child in (XIAOYU, DAZHUANG):
        told = {
            "situation": "both_away", "action": "open", "entrusted_to": "grandmother", "guardianship": "entrusted", "contact": "weekly",
        }  # fmt: skip
        add("left_behind_confirmation", str(child), told, DAY - timedelta(days=300))
    activity = {"brand": "red_cherry", "content": "companionship"}
    add("care_activity", str(DAZHUANG), activity, DAY - timedelta(days=30))
    add("care_activity", str(DAZHUANG), {**activity, "brand": "new_year"}, DAY - timedelta(days=400))
    found, count, never = programs.reached(as_("yang"), offset=0, limit=50)
    assert [each.hit.name for each in found] == ["小雨", "大壮"] and (count, never) == (2, 1)
    assert found[1].by_brand == {"red_cherry": 1}, "the last twelve months"
    only, count, _ = programs.reached(as_("yang"), never=True, offset=0, limit=50)
    assert [each.hit.name for each in only] == ["小雨"] and count == 1
    assert programs.reached(as_("zhao"), offset=0, limit=50) == ([], 0, 0)
    page = sign_in("yang").get("/programs/reached/").content.decode()
    assert "小雨" in page and "从未" in page


def test_a_plan_without_a_session_comes_first_and_the_gain_is_told(town: Any) -> None:
    plan = {"project": "warm_hearts", "action": "begin", "goal": "演示", "provider": "演示", "sessions": 6, "score_before": 50,
            "ends_on": DAY.isoformat()}  # fmt: skip
    for child in (XIAOYU, DAZHUANG):
        add("care_plan", str(child), plan, DAY - timedelta(days=200))
    add("care_session", str(DAZHUANG), {"content": "mind", "minutes": 60}, DAY - timedelta(days=300))
    add("care_session", str(DAZHUANG), {"content": "mind", "minutes": 60}, DAY - timedelta(days=100))
    first, second = programs.served(as_("liu"))
    assert (first.hit.name, first.sessions, second.sessions) == ("小雨", 0, 1), (
        "what came before the plan is not of it"
    )
    add("care_plan", str(DAZHUANG), {"project": "warm_hearts", "action": "end", "score_after": 61}, DAY)
    ended = next(each for each in programs.served(as_("liu")) if each.hit.name == "大壮")
    assert ended.until == DAY and ended.after == 61 and ended.plan["score_before"] == 50


def test_names_of_programs_are_for_readers_of_welfare(town: Any, sign_in: Any) -> None:
    for who, expected in (
        ("liu", 200),
        ("yang", 200),
        ("chen", 200),
        ("xu", 404),
        ("zhou", 404),
        ("ran", 404),
    ):
        client = sign_in(who)
        assert [client.get(each).status_code for each in BY_NAME] == [expected] * 3, who


def test_boarding_is_told_by_school_each_child_once(town: Any, sign_in: Any) -> None:
    add("boarding_application", str(DAZHUANG), {"left_behind": True}, DAY - timedelta(days=40), "xu")
    (school,) = boarding.by_school(as_("xu"))
    assert (school.applied, school.unanswered, school.left_behind) == (1, 1, 1)
    refused = {"result": "refused", "reason": next(iter(reasons()))}
    add("boarding_decision", str(DAZHUANG), refused, DAY - timedelta(days=30), "xu")
    (school,) = boarding.by_school(as_("xu"))
    assert (school.refused, school.left_behind_lost, school.unanswered) == (1, 1, 0)
    add("boarding_decision", str(DAZHUANG), {"result": "granted"}, DAY - timedelta(days=10), "xu")
    (school,) = boarding.by_school(as_("xu"))
    assert (school.granted, school.refused, school.left_behind_lost) == (1, 0, 0)
    assert school.name in sign_in("zhou").get("/schooling/boarding/").content.decode()
    assert sign_in("ran").get("/schooling/boarding/").status_code == 404
    assert boarding.by_school(as_("zhao")) == [], "the next township's schools only"


def reasons() -> list[str]:
    return [each.code for each in active.pack().vocabularies["boarding_refusal"].codes]


def test_a_complaint_goes_from_education_to_a_school(town: Any) -> None:
    from yimi.apps.cases.actions import Routing
    from yimi.apps.cases.models import Case, Party
    from yimi.apps.records import case_reports

    told = {"topic": "homework", "source": "hotline", "content": "作业过多"}
    case_reports.report(
        kind="school_complaint", answers=told, place=town.chen_village, occurred_on=DAY, by=as_("xu"), at=AT, record_uid=uuid4(),
        routing=Routing(sender="education", chosen={"handler": town.school}),
    )  # fmt: skip
    case = Case.objects.get(kind="school_complaint")
    assert dict(Party.objects.filter(case_id=case.pk).values_list("party", "organization")) == {
        "education": "education", "handler": town.school,
    }  # fmt: skip


def test_the_register_of_bodies_can_be_named(education: str) -> None:
    from yimi.apps.register import subjects

    pk = Subject.objects.get(uid=education).pk
    assert subjects.named(as_("xu"), [pk])[pk][1].endswith("教育委员会")
