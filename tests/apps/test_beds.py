"""Beds of welfare institutions: any township books, a place is taken once, only its own body takes a booking back."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from tests.cast import AT, DAY, as_

from yimi.apps import active
from yimi.apps.accounts.permissions import system
from yimi.apps.evaluation import beds, live
from yimi.apps.records import actions as records
from yimi.apps.records.models import Record
from yimi.apps.register import actions as register
from yimi.apps.register.models import Subject
from yimi.lib.errors import BadInput, NotAllowed
from yimi.sites.staff.pages import offered

NEXT = timedelta(days=1)


@pytest.fixture
def home(town: Any) -> str:
    """A welfare home in Baima with two beds and no therapy."""
    uid = register.register_facility(
        name="演示儿童福利院", kind="welfare_home", place=town.chen_village, ownership="public", by=system(DAY), at=AT
    )  # fmt: skip
    offer(str(uid), beds=2)
    return str(uid)


def offer(uid: str, beds: int, on: date = DAY) -> None:
    answers = {"beds": beds, "therapy_places": 0}
    records.add(form="shelter_capacity", subject=uid, occurred_on=on, answers=answers, by=as_("liu"), at=AT)


def book(home: str, since: date, days: int, who: str = "yang", **more: Any) -> str:
    told = {"unit": "beds", "since": since.isoformat(), "until": (since + timedelta(days)).isoformat(), "why": "respite",
            "contact": "023-00000000", **more}  # fmt: skip
    return records.add(
        form="bed_booking", subject=home, occurred_on=DAY, answers=told, by=as_(who), at=AT
    ).record_uid


def free(since: date, days: int, who: str = "yang") -> int:
    return next(
        each.free for each in beds.offers(as_(who), since, since + timedelta(days)) if each.unit == "beds"
    )


def test_a_bed_is_taken_once_a_day_and_free_again_on_the_day_of_leaving(home: str) -> None:
    book(home, DAY, 10)
    book(home, DAY + timedelta(5), 10, who="zhao")
    assert (free(DAY, 5), free(DAY, 6), free(DAY + timedelta(10), 5), free(DAY + timedelta(15), 9)) == (
        1,
        0,
        1,
        2,
    )
    with pytest.raises(BadInput, match=(DAY + timedelta(5)).isoformat()):
        book(home, DAY, 6)
    book(home, DAY, 5)  # leaves on the day the second comes
    book(home, DAY + timedelta(10), 30)
    with pytest.raises(BadInput):
        book(home, DAY + timedelta(14), 1)
    assert Record.objects.filter(form="bed_booking").count() == 4


def test_what_there_is_none_of_cannot_be_booked_nor_a_stay_that_is_none(home: str, town: Any) -> None:
    with pytest.raises(BadInput, match="0"):
        book(home, DAY, 3, unit="therapy_places")
    with pytest.raises(BadInput, match="92"):
        book(home, DAY, 0)
    with pytest.raises(BadInput, match="92"):
        book(home, DAY, 93)
    with pytest.raises(BadInput):
        book(town.school, DAY, 3)  # tells nothing that can be booked
    offer(home, beds=0)
    with pytest.raises(BadInput):
        book(home, DAY, 3)


def test_a_correction_does_not_stand_in_its_own_way_and_a_booking_taken_back_frees_the_bed(home: str) -> None:
    first, second = book(home, DAY, 10), book(home, DAY, 10)
    old = Record.objects.get(record_uid=first).answers
    longer = {**old, "until": (DAY + timedelta(12)).isoformat()}
    records.correct(record_uid=first, answers=longer, reason="延长两天", by=as_("yang"), at=AT + NEXT)
    assert free(DAY, 3) == 0
    records.void(record_uid=second, reason="家人接回", by=as_("yang"), at=AT + NEXT)
    assert free(DAY, 3) == 1
    uid = uuid4()
    told = {**old, "unit": "beds"}
    for _ in range(3):  # the same request again is the same booking
        records.add(
            form="bed_booking",
            subject=home,
            occurred_on=DAY,
            answers=told,
            by=as_("zhao"),
            at=AT,
            record_uid=uid,
        )
    assert free(DAY, 3) == 0


def test_whoever_enters_it_books_anywhere_but_only_its_own_body_and_the_place_take_it_back(home: str) -> None:
    theirs, ours = book(home, DAY, 3, who="zhao"), book(home, DAY, 3, who="yang")
    with pytest.raises(NotAllowed):
        records.void(record_uid=ours, reason="误约", by=as_("zhao"), at=AT + NEXT)
    for who in ("chen", "xu", "zhou", "song", "ran"):
        with pytest.raises(NotAllowed):
            book(home, DAY, 3, who=who)
        assert beds.offers(as_(who), DAY, DAY + NEXT) == [] and beds.booked(as_(who)) == []
    assert {str(each.taken.record_uid) for each in beds.booked(as_("zhao"))} == {theirs}
    assert {str(each.taken.record_uid) for each in beds.booked(as_("yang"))} == {theirs, ours}, (
        "it stands in Baima"
    )
    records.void(record_uid=theirs, reason="与对方商定改期", by=as_("liu"), at=AT + NEXT)
    assert beds.booked(as_("zhao")) == []


def test_the_page_books_and_takes_back(home: str, sign_in: Any) -> None:
    today, client = timezone.localdate(), sign_in("zhao")
    page = client.get("/roster/beds/").content.decode()
    assert "演示儿童福利院" in page and f"/roster/beds/{home}/?unit=beds" in page
    assert f"/roster/beds/{home}/?unit=therapy_places" not in page, "none there"
    data = {"unit": "beds", "since": today.isoformat(), "until": (today + timedelta(4)).isoformat(), "why": "therapy", "contact": "023-1",
            "client_id": str(uuid4())}  # fmt: skip
    assert client.post(f"/roster/beds/{home}/", {**data, "contact": ""}).status_code == 422
    for _ in range(2):
        assert client.post(f"/roster/beds/{home}/", data).status_code == 302
    (uid,) = Record.objects.filter(form="bed_booking").values_list("record_uid", flat=True)
    assert f"/roster/beds/{uid}/cancel/" in client.get("/roster/beds/?mine=1").content.decode()
    full = {**data, "client_id": str(uuid4())}
    assert client.post(f"/roster/beds/{home}/", full).status_code == 302
    refused = client.post(f"/roster/beds/{home}/", {**full, "client_id": str(uuid4())})
    assert refused.status_code == 422 and "没有空位" in refused.content.decode()
    assert client.post(f"/roster/beds/{uid}/cancel/", {"reason": " "}).status_code == 422
    assert client.post(f"/roster/beds/{uid}/cancel/", {"reason": "不再需要"}).status_code == 302
    assert client.post(f"/roster/beds/{uid}/cancel/", {"reason": "不再需要"}).status_code == 404
    for who in ("chen", "xu", "song"):
        assert sign_in(who).get("/roster/beds/").status_code == 404
        assert sign_in(who).get(f"/roster/beds/{home}/").status_code == 404


def test_a_school_s_page_does_not_offer_its_beds_in_the_first_place(
    home: str, town: Any, sign_in: Any
) -> None:
    """A school's file keeps the booking folded away with what does not run there."""
    pack = active.pack()
    told = {uid: {each.row["pathway"] for each in live.subject(pk, DAY, "facility").due if each.row["counted"]}
            for uid, pk in Subject.objects.filter(uid__in=[home, town.school]).values_list("uid", "pk")}  # fmt: skip
    at = {
        str(uid): offered.fits(pack, "facility", "bed_booking", pathways, set())
        for uid, pathways in told.items()
    }
    assert at == {home: True, town.school: False}
    page = sign_in("yang").get(f"/subjects/{town.school}/").content.decode()
    assert page.index("其他表单") < page.index(f"/subjects/{town.school}/record/bed_booking/")
