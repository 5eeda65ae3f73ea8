"""The page of the morning: its parts come from the role, its names from what this person may read, its cost is fixed."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone
from tests.cast import AT, DAY, DAZHUANG, XIAOYU, YUEYUE, as_, people

from yimi import cycle
from yimi.apps import active
from yimi.apps.accounts import actions as accounts
from yimi.apps.accounts.models import User
from yimi.apps.accounts.permissions import system
from yimi.apps.evaluation import day
from yimi.apps.records import actions as records
from yimi.apps.records.case_reports import report
from yimi.apps.register import actions as register
from yimi.apps.register.models import Subject
from yimi.sites.staff.pages import day as pages_day

WITH_A_DAY = [each.username for each in people() if active.pack().roles[each.role].day]
MOST_QUERIES = 45


def page(client: Any, address: str = "/day/") -> str:
    answer = client.get(address, headers={"accept-language": "zh-hans"})
    assert answer.status_code == 200, address
    return str(answer.content.decode())


def queries(client: Any) -> int:
    """How many questions the database is asked for the page."""
    asked = 0

    def count(execute: Any, *told: Any) -> Any:
        nonlocal asked
        asked += 1
        return execute(*told)

    with connection.execute_wrapper(count):
        page(client)
    return asked


@pytest.fixture
def turned(town: Any) -> Any:
    cycle.turn(as_of=timezone.localdate(), at=timezone.now())
    return town


def test_the_parts_are_those_of_the_role_before_and_after_the_first_turn(town: Any, sign_in: Any) -> None:
    before = {who: page(sign_in(who)) for who in WITH_A_DAY}
    cycle.turn(as_of=timezone.localdate(), at=timezone.now())
    for who in WITH_A_DAY:
        after = page(sign_in(who))
        assert 'href="/day/" aria-current="page"' in after
        for section in as_(who).grants[0].role.day:
            assert section.name.zh in before[who] and section.name.zh in after, (who, section.show)
    assert len(WITH_A_DAY) > 12


def test_whoever_has_no_day_goes_on_to_the_tasks_and_is_not_offered_one(town: Any, sign_in: Any) -> None:
    client = sign_in("ma")
    assert client.get("/day/")["Location"] == "/work/"
    assert 'href="/day/"' not in page(client, "/work/")


def test_signing_in_begins_with_the_day_where_there_is_one(town: Any, client: Any) -> None:
    first = {
        who: client.post("/sign-in/", {"cast": who})["Location"] for who in ("chen", "gao", "zhou", "ma")
    }
    assert first == {"chen": "/day/", "gao": "/day/", "zhou": "/", "ma": "/"}


def test_who_is_due_is_named_to_those_who_read_it(turned: Any, sign_in: Any) -> None:
    deng = page(sign_in("deng"))  # the cast's children have had no visit at all
    assert f"/children/{XIAOYU}/record/health_visit/" in deng and "小雨" in deng and "月月" not in deng
    assert f"/children/{XIAOYU}/record/health_visit/" not in page(sign_in("chen")), (
        "told by a task, not by the due list"
    )
    for who in ("liu", "gao", "fu", "zhao"):
        assert "小雨" not in page(sign_in(who)), who


def test_a_visit_that_is_due_stands_with_the_village_that_makes_it(town: Any, sign_in: Any) -> None:
    today = timezone.localdate()
    told = {"action": "open", "category": "H3b", "level": "red", "reason": "低保"}
    records.add(
        form="hardship_decision", subject=str(DAZHUANG), occurred_on=today - timedelta(days=400), answers=told,
        by=system(today), at=AT,
    )  # fmt: skip
    cycle.turn(as_of=today, at=timezone.now())
    qin = page(sign_in("qin"))
    assert "大壮" in qin and f"/children/{DAZHUANG}/record/hardship_visit/" in qin
    assert "大壮" not in page(sign_in("chen")), "another village"
    assert "大壮" in page(sign_in("liu")), "the district's officer"


def test_a_blocked_child_is_in_no_part(turned: Any, sign_in: Any) -> None:
    me = User.objects.get(username="deng")
    register.block(uid=str(XIAOYU), user_id=me.pk, kind="own_family", since=DAY, by=system(DAY), at=AT)
    assert "小雨" not in page(sign_in("deng"))


def test_pupils_stand_with_those_not_entered_first(turned: Any, sign_in: Any) -> None:
    User.objects.create(username="mei", display_name="梅老师", made_up=True)
    accounts.appoint(
        username="mei", role="class_teacher", organization=turned.school, place="500156101",
        valid_from=DAY.replace(year=2025), by=system(DAY), at=AT,
    )  # fmt: skip
    teacher = User.objects.get(username="mei")
    for child in (XIAOYU, DAZHUANG):
        register.assign(uid=str(child), user_id=teacher.pk, kind="assigned", since=DAY, by=system(DAY), at=AT)
    client = sign_in("mei")
    first = page(client)
    assert "共2人，2人未登记" in first and str(YUEYUE) not in first
    assert "侵害未成年人强制报告" in first, "whoever sees harm reports it from here"
    today = timezone.localdate()
    client.post(
        f"/children/{DAZHUANG}/record/vision_screening/",
        {"occurred_on": today.isoformat(), "result": "normal"},
    )
    then = page(client)
    assert "共2人，1人未登记" in then
    assert then.index("小雨") < then.index("大壮") and f"/children/{DAZHUANG}/record/" not in then


def test_more_children_cost_no_more_queries(turned: Any, sign_in: Any) -> None:
    before = {who: queries(sign_in(who)) for who in ("chen", "deng", "liu", "fu", "gao")}
    assert max(before.values()) <= MOST_QUERIES, before
    for index in range(12):
        register.register_child(
            name=f"田小{index}", sex="f", birth_date=DAY - timedelta(days=200 + index), place=turned.chen_village,
            by=system(DAY), at=AT,
        )  # fmt: skip
    cycle.turn(as_of=timezone.localdate(), at=timezone.now())
    assert page(sign_in("deng")).count("田小") > 3
    after = {who: queries(sign_in(who)) for who in before}
    assert all(after[who] <= before[who] + 2 for who in before), (before, after)


def test_a_form_looked_for_leads_from_the_list_to_the_form(town: Any, sign_in: Any) -> None:
    client = sign_in("deng")
    assert f"/children/{XIAOYU}/record/health_visit/" in page(client, "/children/?form=health_visit")
    assert f"/children/{XIAOYU}/record/" not in page(client, "/children/?form=hardship_decision"), (
        "not theirs to enter"
    )
    assert f'href="/children/{XIAOYU}/"' in page(client, "/children/?form=nothing")


def test_a_case_in_which_another_body_is_silent_is_not_late_for_this_person(town: Any) -> None:
    """Two reports, of which the police answered the second: late for the police is the first only, and it stands first."""
    silent, answered = (
        report(
            kind="mandatory_report", answers={"situation": "R4", "seen": "手臂淤青"}, occurred_on=DAY, place="500156101",
            by=as_("qin"), at=AT, record_uid=uuid4(), children=[(str(child), "harmed")],
        )
        for child in (DAZHUANG, XIAOYU)
    )  # fmt: skip
    records.add(
        form="police_intake", subject=answered.uid, occurred_on=DAY, answers={"outcome": "accepted", "safe_now": "true"},
        by=as_("gao"), at=AT,
    )  # fmt: skip
    cycle.turn(as_of=DAY + timedelta(days=1), at=AT + timedelta(days=1))
    ids = [Subject.objects.get(uid=each.uid).pk for each in (silent, answered)]
    assert day.cases_in_order(as_("gao")) == (ids, 1)
    assert day.cases_in_order(as_("liu")) == (ids[::-1], 0), (
        "nothing of civil affairs is late yet: the newest first"
    )
    assert day.cases_in_order(as_("zhao")) == ([], 0)


def test_an_office_without_children_begins_with_what_is_late_at_facilities(turned: Any, sign_in: Any) -> None:
    for who in ("zhou", "he"):
        for section in as_(who).grants[0].role.day:
            client = sign_in(who)
            shown = page(client)
            assert section.show == "sites" and section.name.zh in shown
            assert ("没有逾期的事" in shown) != ("先看逾期的场所" in shown), "what is late is not passed over"
            for pathway in section.of:
                assert client.get(f"/schooling/sites/?pathway={pathway}").status_code == 200, (who, pathway)


def test_each_side_counts_the_steps_that_are_its_own_and_is_led_to_them(town: Any, sign_in: Any) -> None:
    """A missed meal is chased by the education commission alone; a cluster of illness by both who act on it."""
    today = timezone.localdate()
    told: tuple[tuple[str, dict[str, Any]], ...] = (
        ("meal_term", {"since": (today - timedelta(days=40)).isoformat(), "until": (today + timedelta(days=40)).isoformat(), "principal": True}),
        ("school_illness", {"sign": "fever", "ill": 3, "meal": False}),
    )  # fmt: skip
    for form, answers in told:
        records.add(
            form=form,
            subject=town.school,
            occurred_on=today - timedelta(days=5),
            answers=answers,
            by=system(today),
            at=timezone.now(),
        )
    cycle.turn(as_of=today, at=timezone.now())
    named = {"xu": "sm_meal", "jin": "sm_food", "he": "sm_health"}
    for who, own in named.items():
        client = sign_in(who)
        shown = page(client)
        for step in named.values():
            assert (f"/schooling/sites/?pathway=school_meals&amp;step={step}" in shown) == (step == own), (
                who,
                step,
            )
        rows = page(client, f"/schooling/sites/?pathway=school_meals&step={own}")
        assert rows.count("白马中心小学") == 1, who


def test_a_day_with_nothing_late_begins_with_whoever_does_not_receive_what_is_due_to_them() -> None:
    rows = [
        {"label": {"zh": f"{name}：应享未享", "en": name}, "n": n, "late": late, "href": f"/radar/{name}/"}
        for name, n, late in (("午餐", 3, 3), ("助学金", 8, 8), ("变化", 20, 0))
    ]
    parts = [{"show": "rights", "rows": rows, "pupils": []}]
    desk = SimpleNamespace(lines=[], counts={"to_verify": 0})
    first = pages_day._first(active.pack(), desk, parts, timezone.localdate())  # type: ignore[arg-type]
    assert first == {
        "label": {"zh": "先核对助学金：应享未享（8人）", "en": "Check first 助学金 (8)"},
        "href": "/radar/助学金/",
    }
    waiting = SimpleNamespace(lines=[], counts={"to_verify": 2})
    first = pages_day._first(active.pack(), waiting, parts, timezone.localdate())  # type: ignore[arg-type]
    assert "核实" in first["label"]["zh"], "a colleague waits: before one's own lists"
