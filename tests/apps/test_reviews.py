"""What only a person can settle: who is asked, who may close it, what is kept of it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.apps.test_alerts import child
from tests.apps.test_field import of, today
from tests.cast import AT, DAY, DAZHUANG, SINCE, XIAOYU, YUEYUE, as_
from tests.phone import SEEN

from yimi.apps.accounts.permissions import system
from yimi.apps.audit.models import Entry
from yimi.apps.records import actions as records
from yimi.apps.records import reviews
from yimi.apps.register import actions as register
from yimi.apps.register.models import ReviewItem
from yimi.lib.errors import BadInput, NotAllowed

ME = system(DAY)


def visit(who: str, uid: Any = XIAOYU, **answers: Any) -> str:
    return records.add(
        form="hardship_visit", subject=str(uid), occurred_on=timezone.localdate(), answers={**SEEN, **answers},
        by=as_(who, timezone.localdate()), at=timezone.now(),
    ).record_uid  # fmt: skip


def item(kind: str = "two_records", uid: Any = XIAOYU, record: Any = None, **more: Any) -> int:
    return ReviewItem.objects.create(
        kind=kind, subject_id=child(uid), record_uid=record, why=more.pop("why", "two_people"), opened_at=AT, **more
    ).pk  # fmt: skip


def seen_by(who: str) -> set[str]:
    return {each.kind for each in reviews.reviews(as_(who, timezone.localdate()))}


def test_two_phones_are_seen_and_settled_by_one_who_did_not_enter_everything(town: Any) -> None:
    chen, liu = of("chen"), of("liu")
    chen.send(chen.form(XIAOYU, today()))
    liu.send(liu.form(XIAOYU, today(), answers={**SEEN, "living": "concern"}))
    number = ReviewItem.objects.get().pk
    page = chen.client.get("/review/").content.decode()
    assert "同一天有两份不一致的记录" in page and "小雨" in page and "困境儿童走访" in page
    assert (
        f'action="/review/{number}/close/"' in page
        and 'href="/review/"' in chen.client.get("/day/").content.decode()
    )
    assert chen.client.post(f"/review/{number}/close/", {"note": " "}).status_code == 422
    assert ReviewItem.objects.get().closed_at is None
    assert chen.client.post(f"/review/{number}/close/", {"note": "刘科长的是当天下午补登"}).status_code == 302
    closed = ReviewItem.objects.get()
    assert (closed.outcome, closed.note, closed.closed_by_id) == (
        "settled",
        "刘科长的是当天下午补登",
        as_("chen").user_id,
    )
    entry = Entry.objects.get(verb="settle", target_kind="review")
    assert entry.actor == as_("chen").uid and "下午" not in str(entry.detail)
    assert "小雨" not in chen.client.get("/review/").content.decode()
    assert chen.client.post(f"/review/{number}/close/", {"note": "再来一次"}).status_code == 404


def test_whoever_entered_all_of_it_asks_a_colleague(town: Any) -> None:
    chen = of("chen")
    for living in ("good", "concern"):
        chen.send(chen.form(XIAOYU, today(), answers={**SEEN, "living": living}))
    number = ReviewItem.objects.get().pk
    page = chen.client.get("/review/").content.decode()
    assert "请由另一位同事核对" in page and "/close/" not in page
    with pytest.raises(BadInput):
        reviews.close(item=number, note="两份都对", by=as_("chen", timezone.localdate()), at=timezone.now())
    reviews.close(item=number, note="以第二份为准", by=as_("liu", timezone.localdate()), at=timezone.now())
    assert ReviewItem.objects.get().closed_at is not None


def test_who_is_asked_follows_the_child_and_the_form(town: Any) -> None:
    item(record=visit("chen"))
    asked = {
        who for who in ("chen", "qin", "zhao", "deng", "ran", "liu", "min", "zhou", "song") if seen_by(who)
    }
    assert asked == {
        "chen",
        "liu",
    }  # those who enter the visit for her; doctors do not, the next township is not near
    register.block(uid=str(XIAOYU), user_id=as_("liu").user_id, kind="conflict", since=SINCE, by=ME, at=AT)
    assert seen_by("liu") == set()


def test_two_corrections_are_settled_by_another_than_their_only_author(town: Any) -> None:
    uid, chen = visit("chen"), as_("chen", timezone.localdate())
    for living in ("concern", "good"):
        records.correct(
            record_uid=uid, answers={**SEEN, "living": living}, reason="看错了", by=chen, at=timezone.now()
        )
    found = reviews.reviews(chen)
    assert [(each.kind, each.own_only, each.form) for each in found] == [
        ("two_corrections", True, "hardship_visit")
    ]
    assert [each.own_only for each in reviews.reviews(as_("liu", timezone.localdate()))] == [False]


def test_perhaps_one_child_twice_leads_to_the_identity_and_is_not_closed_here(
    town: Any, sign_in: Any
) -> None:
    number = item("duplicate", other_id=child(DAZHUANG), why="name_and_birth_date")
    verifies = [who for who in ("chen", "liu", "yang", "deng", "zhao") if seen_by(who)]
    assert "chen" not in verifies and "zhao" not in verifies and "liu" in verifies
    page = sign_in("liu").get("/review/").content.decode()
    assert (
        "小雨" in page
        and "大壮" in page
        and f"/children/{XIAOYU}/identity/" in page
        and "/close/" not in page
    )
    with pytest.raises(NotAllowed):
        reviews.close(item=number, note="是两个人", by=as_("liu", timezone.localdate()), at=timezone.now())


def test_a_birth_taken_back_is_told_to_those_who_verify(town: Any) -> None:
    number = item("birth_taken_back", record=uuid4(), why="birth_taken_back")
    assert seen_by("chen") == set() and seen_by("liu") == {"birth_taken_back"}
    reviews.close(item=number, note="孩子是邻村的", by=as_("liu", timezone.localdate()), at=timezone.now())
    assert seen_by("liu") == set()


def test_a_review_of_a_child_out_of_reach_is_absent(town: Any, sign_in: Any) -> None:
    number = item(uid=YUEYUE, record=visit("zhao", YUEYUE))
    client = sign_in("chen")
    assert "月月" not in client.get("/review/").content.decode()
    assert client.post(f"/review/{number}/close/", {"note": "看过了"}).status_code == 404
    assert ReviewItem.objects.get().closed_at is None


def test_a_page_of_reviews_asks_as_often_for_many_as_for_two(town: Any, sign_in: Any) -> None:
    client = sign_in("liu")

    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/review/").status_code == 200
        return len([each for each in captured if not each["sql"].startswith("INSERT")])

    for uid in (XIAOYU, DAZHUANG):
        item(uid=uid, record=visit("liu", uid))
    asked()  # the session, and what a process asks once
    few = asked()
    for _ in range(6):
        for uid in (XIAOYU, DAZHUANG, YUEYUE):
            item(uid=uid, record=visit("liu", uid))
    assert asked() == few
    assert str(YUEYUE) in Entry.objects.filter(verb="list").order_by("seq").last().detail["shown"]
