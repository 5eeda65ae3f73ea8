"""Forms from phones: each arrives once and is stored or held, nothing is lost, the list tells next to nothing."""

from __future__ import annotations

import json
import random
import re
import threading
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.apps.test_alerts import child
from tests.cast import AT, DAY, DAZHUANG, SINCE, XIAOYU, YUEYUE, as_
from tests.phone import SEEN, Phone, file
from tests.unit.test_evidence_files import photo

from yimi import cycle
from yimi.apps import active
from yimi.apps.accounts.models import User
from yimi.apps.accounts.permissions import system
from yimi.apps.audit.models import Entry
from yimi.apps.evidence import vault
from yimi.apps.evidence.models import Attachment, File
from yimi.apps.field import actions, names, sealing, selectors
from yimi.apps.field.forms import carried, told_apart_by
from yimi.apps.field.models import Arrival
from yimi.apps.records import actions as records
from yimi.apps.records.models import Record
from yimi.apps.register import actions as register
from yimi.apps.register.models import ReviewItem
from yimi.lib.errors import BadInput, NotAllowed

ME = system(DAY)


def today() -> str:
    return timezone.localdate().isoformat()


@pytest.fixture
def phone(town: Any, sign_in: Any) -> Phone:
    """Director Chen's, in Xiaoyu's village."""
    return Phone(sign_in("chen"))


def of(username: str) -> Phone:
    """Somebody's phone, in a browser of its own."""
    client = Client()
    assert client.post("/sign-in/", {"cast": username}).status_code == 302
    return Phone(client)


def in_difficulty(uid: Any, level: str = "H1a") -> None:
    register.open_status(subject_id=child(uid), scheme="hardship", code=level, on=DAY - timedelta(days=200),
                         review_due=None, record_uid=None, by=ME, at=AT)  # fmt: skip


def turn() -> None:
    cycle.turn(as_of=timezone.localdate(), at=timezone.now())


# --- each arrives once ---------------------------------------------------------------------------------------


def test_a_form_becomes_a_record_and_its_repeats_do_not(phone: Phone) -> None:
    form = phone.form(XIAOYU, today())
    body = phone.sealed(form)
    assert [phone.post(body).json()["outcome"] for _ in range(4)] == [
        "stored",
        "repeated",
        "repeated",
        "repeated",
    ]
    assert phone.send(form) == "repeated"  # sealed anew, it is the same form
    record = Record.objects.get()
    assert (str(record.record_uid), record.answers, record.by_id) == (form["uid"], SEEN, as_("chen").user_id)
    arrival = Arrival.objects.get()
    assert (arrival.state, arrival.sealed, arrival.form) == ("stored", None, "hardship_visit")
    assert arrival.made_at.isoformat() == "2026-11-27T01:30:00+00:00"
    assert Entry.objects.filter(verb="add", target_uid=form["uid"]).count() == 1


def test_a_thousand_forms_over_a_link_that_drops_half_of_the_replies_are_a_thousand_records(
    phone: Phone,
) -> None:
    """The phone sends until it hears; what was stored though the reply was lost must not be stored again."""
    rng, waiting = random.Random(20261127), []
    for number in range(1000):
        day = (timezone.localdate() - timedelta(days=number // 2)).isoformat()
        pictures = {"evidence": [file(photo())], "signature": [file(photo(orientation=None))]}
        files = pictures if number % 200 == 0 else {}
        waiting.append(phone.sealed(phone.form(XIAOYU, day, files=files)))
    outcomes, sent = [], 0
    while waiting:
        body = waiting.pop(rng.randrange(len(waiting)))
        told = phone.post(body).json()["outcome"]
        sent += 1
        if rng.random() < 0.5:
            waiting.append(body)
        else:
            outcomes.append(told)
    assert sent > 1800 and len(outcomes) == 1000
    assert Record.objects.count() == Arrival.objects.filter(state="stored").count() == 1000
    assert Attachment.objects.count() == 10 and not ReviewItem.objects.exists()
    assert Entry.objects.filter(verb="add", target_kind="record").count() == 1000


def test_the_same_form_in_eight_requests_at_once_is_one_record(committed: Any) -> None:
    mine = of("chen")
    form = {**mine.form(XIAOYU, today()), "files": {"signature": [file(photo())]}}
    body, outcomes = mine.sealed(form), []
    clients = [mine.client, *(of("chen").client for _ in range(7))]

    def send(client: Client) -> None:
        try:
            client.raise_request_exception = False
            for _ in range(40):  # a fault leaves the form on the phone, which sends it again
                answer = client.post("/phone/records/", json.dumps(body), content_type="application/json")
                if answer.status_code == 200:
                    outcomes.append(answer.json()["outcome"])
                    return
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=(each,)) for each in clients]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(outcomes) == ["repeated"] * 7 + ["stored"]
    assert (Record.objects.count(), Arrival.objects.count(), Attachment.objects.count()) == (1, 1, 1)


def test_photo_and_signature_come_with_the_record_and_without_where_they_were_taken(phone: Phone) -> None:
    form = phone.form(XIAOYU, today(), files={"evidence": [file(photo())], "signature": [file(photo())]})
    assert phone.send(form) == "stored"
    assert sorted(Attachment.objects.values_list("field", flat=True)) == ["evidence", "signature"]
    for each in File.objects.all():
        kept = vault.read(each.digest)
        assert (
            b"SECRETPHONE" in photo()
            and b"SECRETPHONE" not in kept
            and b"Exif" not in kept[:4]
            and b"GPS" not in kept
        )
    text = phone.client.get(f"/children/{XIAOYU}/").content.decode()
    assert "photo.jpg" in text


def test_a_fault_is_an_error_and_nothing_of_the_form_stays(phone: Phone, monkeypatch: Any) -> None:
    """The phone keeps what the server could not even hold."""
    monkeypatch.setattr(actions, "note_two_records", lambda **told: 1 / 0)
    phone.client.raise_request_exception = False
    form = phone.form(XIAOYU, today())
    assert phone.post(phone.sealed(form)).status_code == 500
    assert not Record.objects.exists() and not Arrival.objects.exists()
    monkeypatch.undo()
    assert phone.send(form) == "stored"


def test_what_is_no_form_is_refused_before_it_is_looked_at(phone: Phone) -> None:
    body = phone.sealed(phone.form(XIAOYU, today()))
    for wrong in ({}, {**body, "uid": "1"}, {**body, "sealed": "?"}, {**body, "uid": None}, []):
        assert phone.post(wrong).status_code == 400
    assert phone.client.get("/phone/records/").status_code == 405
    large = phone.client.generic("POST", "/phone/records/", b"{}", CONTENT_LENGTH=str(10**9))
    assert large.status_code == 413
    assert not Arrival.objects.exists()


def test_a_stale_token_is_told_by_its_status(town: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(
        User.objects.get(username="chen"), backend="yimi.apps.accounts.sign_in.AppointedBackend"
    )
    mine = Phone(client)
    body = json.dumps(mine.sealed(mine.form(XIAOYU, today())))
    kind = "application/json"
    assert client.post("/phone/records/", body, content_type=kind).status_code == 403
    assert (
        client.post("/phone/records/", body, content_type=kind, headers={"x-csrftoken": "a" * 64}).status_code
        == 403
    )
    again = client.get("/phone/list/").json()["csrf"]
    sent = client.post("/phone/records/", body, content_type=kind, headers={"x-csrftoken": again})
    assert (sent.status_code, sent.json()["outcome"]) == (200, "stored")


# --- two phones ----------------------------------------------------------------------------------------------


def test_two_phones_one_child_one_day_keep_both_and_open_one_review(phone: Phone) -> None:
    other = of("liu")
    assert phone.send(phone.form(XIAOYU, today())) == "stored"
    assert not ReviewItem.objects.exists()
    assert other.send(other.form(XIAOYU, today(), answers={**SEEN, "living": "concern"})) == "stored"
    assert phone.send(phone.form(XIAOYU, today(), answers={**SEEN, "health": "concern"})) == "stored"
    assert sorted(each.answers.get("living", "") for each in Record.objects.all()) == [
        "concern",
        "good",
        "good",
    ]
    item = ReviewItem.objects.get()
    assert (item.kind, item.subject_id, item.why, item.closed_at) == (
        "two_records",
        child(XIAOYU),
        "two_people",
        None,
    )


@pytest.mark.parametrize(
    ("second", "why"),
    [
        ({}, None),  # the same again, from a phone that was set up anew
        ({"answers": {**SEEN, "living": "concern"}}, "different_answers"),
        ({"occurred_on": "2026-01-01"}, None),
        ({"files": {"evidence": [file(photo())]}}, None),  # another photo is no other answer
    ],
)
def test_what_one_person_sends_twice_is_a_question_only_if_it_says_two_things(
    phone: Phone, second: Any, why: Any
) -> None:
    assert phone.send(phone.form(XIAOYU, today())) == "stored"
    assert phone.send(phone.form(XIAOYU, today(), **second)) == "stored"
    assert Record.objects.count() == 2
    assert list(ReviewItem.objects.values_list("why", flat=True)) == ([why] if why else [])


def test_two_vaccines_of_one_day_are_two_doses(phone: Phone) -> None:
    assert told_apart_by(active.pack(), "dose") == ("vaccine",)
    for vaccine in ("MMR", "HepA-I"):
        form = phone.form(XIAOYU, today(), form="dose", answers={"vaccine": vaccine})
        assert phone.send(form) == "stored"
    assert not ReviewItem.objects.exists()


def test_a_record_that_was_corrected_or_taken_back_is_no_second_opinion(phone: Phone) -> None:
    form = phone.form(XIAOYU, today())
    phone.send(form)
    records.void(
        record_uid=form["uid"], reason="不是今天的", by=as_("chen", timezone.localdate()), at=timezone.now()
    )
    assert phone.send(phone.form(XIAOYU, today(), answers={**SEEN, "living": "concern"})) == "stored"
    assert not ReviewItem.objects.exists()


# --- held ----------------------------------------------------------------------------------------------------


def held(phone: Phone) -> str:
    return str(phone.client.get("/phone/held/").content.decode())


def broken(phone: Phone) -> dict[str, Any]:
    """A form that lacks whether the child was seen."""
    return phone.form(
        XIAOYU, today(), answers={"mode": "home", "problems": "屋顶漏雨"}, files={"evidence": [file(photo())]}
    )


def test_what_the_form_refuses_is_held_put_right_and_stored_under_its_own_id(phone: Phone) -> None:
    form = broken(phone)
    assert [phone.send(form), phone.send(form)] == ["held", "held"]
    assert not Record.objects.exists()
    arrival = Arrival.objects.get()
    assert (
        arrival.state == "held" and arrival.sealed and arrival.why == {"code": "refused", "fields": ["seen"]}
    )
    assert "漏雨".encode() not in bytes(arrival.sealed) and "漏雨" not in json.dumps(
        arrival.why, ensure_ascii=False
    )
    text = held(phone)
    assert "见到儿童本人" in text and "小雨" in text and "漏雨" not in text
    link = re.search(r'href="(/children/[^"]+\?held=[^"]+)"', text)
    assert link is not None
    page = phone.client.get(link[1]).content.decode()
    assert "屋顶漏雨" in page and "photo.jpg" in page and f'name="client_id" value="{form["uid"]}"' in page
    assert "请填写见到儿童本人" in page
    assert Entry.objects.filter(verb="read", target_kind="arrival", target_uid=form["uid"]).count() == 1
    kept = re.findall(r'name="(evidence\.keep)" value="([^"]+)"', page)
    right = {
        "client_id": form["uid"],
        "occurred_on": today(),
        "mode": "home",
        "seen": "true",
        "problems": "屋顶漏雨",
    }
    saved = phone.client.post(link[1], {**right, **dict(kept)})
    assert saved.status_code == 200
    record = Record.objects.get()
    assert str(record.record_uid) == form["uid"] and record.answers["problems"] == "屋顶漏雨"
    assert Attachment.objects.filter(owner_uid=record.record_uid, field="evidence").count() == 1
    arrival.refresh_from_db()
    assert (arrival.state, arrival.sealed) == ("settled", None)
    assert "小雨" not in held(phone) and phone.send(form) == "repeated"
    assert phone.client.get(link[1]).status_code == 404


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"subject": str(YUEYUE)}, "out_of_reach"),
        ({"subject": str(uuid4())}, "out_of_reach"),
        ({"subject": "小雨"}, "out_of_reach"),
        ({"form": "health_visit"}, "out_of_reach"),  # not a form of a child director
        ({"form": "nothing"}, "unknown_form"),
        ({"form": "service_exception"}, "unknown_form"),
        ({"version": 99}, "form_changed"),
        ({"occurred_on": "昨天"}, "bad_date"),
        ({"occurred_on": "0001-01-01"}, "bad_date"),
        ({"occurred_on": "2199-01-01"}, "not_taken"),
        ({"occurred_on": "2019-01-01"}, "not_taken"),  # before she was born
        ({"answers": {**SEEN, "mode": "by_drone"}}, "refused"),
        ({"answers": {**SEEN, "secret": "1"}}, "refused"),
        ({"answers": ["no object"]}, "unreadable"),
        ({"files": {"evidence": [file(b"MZ no photo")]}}, "not_taken"),
        ({"files": {"living": [file(photo())]}}, "unreadable"),
        ({"files": {"evidence": [{"name": "a", "data": "?"}]}}, "unreadable"),
    ],
)  # fmt: skip
def test_what_cannot_be_stored_is_held_and_says_why(phone: Phone, change: Any, why: str) -> None:
    form = {**phone.form(XIAOYU, today()), **change}
    assert phone.send(form) == phone.send(form) == "held"
    arrival = Arrival.objects.get()
    assert (arrival.state, arrival.why["code"]) == ("held", why)
    assert bytes(arrival.sealed or b"") and not Record.objects.exists() and not Attachment.objects.exists()
    assert Entry.objects.filter(verb="hold", target_uid=form["uid"]).get().detail["why"] == why
    page = held(phone)
    assert form["uid"] in page and "月月" not in page and "by_drone" not in page


def test_what_does_not_open_is_held_as_it_came(phone: Phone) -> None:
    for change in ({"key": "0" * 32}, {"uid": str(uuid4())}, {"sealed": "AAAA"}):
        body = phone.sealed(phone.form(XIAOYU, today()), **change)
        assert phone.post(body).json()["outcome"] == "held"
    assert set(Arrival.objects.values_list("state", "form")) == {("held", "")}
    assert {each["code"] for each in Arrival.objects.values_list("why", flat=True)} == {"unreadable"}
    assert held(phone).count("未能打开的登记") >= 3 and "?held=" not in held(phone)


def test_a_bit_that_changes_on_the_way_is_seen(town: Any) -> None:
    server, uid = sealing.server_key(), str(uuid4())
    from tests.phone import seal

    closed = seal(b"plain", uid, server.public)
    assert sealing.unseal(closed, uid, server.id) == b"plain"
    for at in (0, 1, 40, 65, 76, 77, len(closed) - 1):
        changed = bytearray(closed)
        changed[at] ^= 1
        with pytest.raises(sealing.Unreadable):
            sealing.unseal(bytes(changed), uid, server.id)
    with pytest.raises(sealing.Unreadable):
        sealing.unseal(closed, str(uuid4()), server.id)
    assert sealing.server_key().id == server.id and len(server.public) == 65


def test_a_form_of_somebody_else_goes_to_them_and_the_sender_sees_nothing_of_it(phone: Phone) -> None:
    other = of("qin")
    form = phone.form(XIAOYU, today(), answers={**SEEN, "problems": "夜里没有人"})
    assert other.send(form) == "held"
    assert Arrival.objects.get().person_id == as_("chen").user_id
    assert form["uid"] not in held(other) and form["uid"] in held(phone)
    assert (
        other.client.get(f"/children/{XIAOYU}/record/hardship_visit/?held={form['uid']}").status_code == 404
    )
    assert (
        "夜里没有人"
        in phone.client.get(f"/children/{XIAOYU}/record/hardship_visit/?held={form['uid']}").content.decode()
    )
    assert phone.send(form) == "held"
    assert other.client.post(f"/phone/held/{form['uid']}/give-up/", {"reason": "不是我的"}).status_code == 404
    with pytest.raises(NotAllowed):
        actions.reopen(uid=form["uid"], by=as_("deng"), at=AT)


def test_a_child_that_left_is_held_and_can_be_stored_when_it_is_back(phone: Phone, town: Any) -> None:
    form = phone.form(XIAOYU, today())
    register.move(
        uid=str(XIAOYU), place=town.next_village, on=timezone.localdate() - timedelta(days=1), by=ME, at=AT
    )
    assert phone.send(form) == "held"
    assert "小雨" not in held(phone) and "?held=" not in held(phone)
    register.move(uid=str(XIAOYU), place=town.chen_village, on=timezone.localdate(), by=ME, at=AT)
    assert f"?held={form['uid']}" in held(phone)


def test_giving_up_wants_a_reason_and_deletes_what_was_sealed(phone: Phone) -> None:
    form = broken(phone)
    phone.send(form)
    address = f"/phone/held/{form['uid']}/give-up/"
    assert phone.client.post(address, {"reason": "  "}).status_code == 422
    assert Arrival.objects.get().state == "held"
    assert phone.client.post(address, {"reason": "已经在电脑上登记"}).status_code == 302
    arrival = Arrival.objects.get()
    assert (arrival.state, arrival.sealed, arrival.reason) == ("given_up", None, "已经在电脑上登记")
    entry = Entry.objects.filter(verb="give-up").get()
    assert entry.target_uid == form["uid"] and "电脑" not in json.dumps(entry.detail, ensure_ascii=False)
    assert phone.send(form) == "held"  # it means the same: the phone may forget it
    assert Arrival.objects.get().state == "given_up"
    assert phone.client.post(address, {"reason": "再来一次"}).status_code == 404


def test_a_form_is_settled_only_by_its_record(phone: Phone) -> None:
    form = broken(phone)
    phone.send(form)
    by = as_("chen", timezone.localdate())
    actions.settle(uid=form["uid"], by=by, at=timezone.now())
    assert Arrival.objects.get().state == "held"
    phone.client.post(f"/children/{XIAOYU}/record/hardship_visit/?held={form['uid']}",
                      {"client_id": str(uuid4()), "occurred_on": today(), "mode": "home", "seen": "true"})  # fmt: skip
    assert Record.objects.count() == 1 and Arrival.objects.get().state == "held"


def test_the_day_tells_what_is_held_and_leads_to_the_phone(phone: Phone) -> None:
    before = phone.client.get("/day/").content.decode()
    assert 'href="/phone/"' in before and 'href="/phone/held/"' not in before
    phone.send(broken(phone))
    assert 'href="/phone/held/"' in phone.client.get("/day/").content.decode()


# --- a referral ----------------------------------------------------------------------------------------------


def referral(phone: Phone, **more: Any) -> dict[str, Any]:
    answers = {"need": "health", "urgency": "soon", "reason": "发热三天"}
    pack = active.pack()
    for name in ("need", "urgency"):
        declared = next(each for each in pack.forms["referral_sent"].fields if each.id == name)
        answers[name] = pack.vocabularies[str(declared.vocabulary)].codes[0].code
    return phone.form(XIAOYU, today(), form="referral_sent", answers=answers, **more)


def test_a_referral_opens_one_case_for_the_body_that_was_chosen(town: Any) -> None:
    from yimi.apps.cases.models import Case, Party

    in_difficulty(XIAOYU)
    turn()
    phone = of("chen")
    opens = phone.list["forms"]["referral_sent"]["opens"]
    assert opens["kind"] == "referral" and [each["party"] for each in opens["chosen"]] == ["receiver"]
    assert "referral_sent" in phone.list["children"][0]["forms"]
    body = opens["chosen"][0]["options"][0]["code"]
    form = referral(phone, chosen={"receiver": body})
    assert [phone.send(form), phone.send(form)] == ["stored", "repeated"]
    case = Case.objects.get()
    assert Party.objects.filter(case_id=case.pk, party="receiver", organization=body).exists()
    assert Record.objects.get().record_uid.hex == form["uid"].replace("-", "")


def test_a_referral_to_nobody_is_held_and_sent_from_the_page(town: Any) -> None:
    from yimi.apps.cases.models import Case

    in_difficulty(XIAOYU)
    turn()
    phone = of("chen")
    form = referral(phone, chosen={"receiver": "nobody"})
    assert phone.send(form) == "held" and not Case.objects.exists()
    address = f"/cases/new/referral/?held={form['uid']}"
    assert address in held(phone)
    page = phone.client.get(address).content.decode()
    assert "发热三天" in page and f'value="{form["uid"]}"' in page and str(XIAOYU) in page
    body = phone.list["forms"]["referral_sent"]["opens"]["chosen"][0]["options"][0]["code"]
    sent = {
        **form["answers"],
        "client_id": form["uid"],
        "occurred_on": today(),
        "party_receiver": body,
        "child": str(XIAOYU),
    }
    assert phone.client.post(address, sent).status_code in (200, 302)
    assert Case.objects.count() == 1 and Arrival.objects.get().state == "settled"
    assert phone.send(form) == "repeated"


def test_a_referral_of_a_child_out_of_reach_is_held(phone: Phone) -> None:
    form = {**referral(phone), "subject": str(YUEYUE)}
    assert phone.send(form) == "held"
    assert Arrival.objects.get().why == {"code": "out_of_reach"}


# --- the list ------------------------------------------------------------------------------------------------


def test_the_list_tells_who_and_what_and_next_to_nothing_else(town: Any) -> None:
    for uid in (XIAOYU, DAZHUANG, YUEYUE):
        in_difficulty(uid)
    turn()
    phone = of("chen")
    assert [each["name"] for each in phone.list["children"]] == ["雨"]
    one = phone.list["children"][0]
    assert set(one) == {"uid", "name", "age", "place", "due", "forms"} and one["uid"] == str(XIAOYU)
    assert "hardship_visit" in {each["form"] for each in one["due"]}
    assert set(one["due"][0]) == {"name", "form", "status", "due", "by"}
    assert "dose" in one["forms"] and len(set(one["forms"])) == len(one["forms"])
    assert set(one["forms"]) <= set(phone.list["forms"])
    text = json.dumps(phone.list["children"], ensure_ascii=False)
    assert "小雨" not in text and "H1a" not in text and "500156101" not in text
    assert phone.list["more"] == 0 and phone.list["demo"] is True and phone.list["csrf"]
    begins, ends = (timezone.datetime.fromisoformat(phone.list[name]) for name in ("made_at", "ends_at"))
    assert ends - begins == timedelta(hours=24)


def test_the_list_is_audited_for_every_child_on_it(town: Any) -> None:
    in_difficulty(XIAOYU)
    turn()
    before = Entry.objects.count()
    of("chen")
    told = Entry.objects.filter(seq__gt=before).exclude(verb="sign-in").values_list("verb", "detail")
    shown = {verb: detail.get("shown") for verb, detail in told}
    assert shown["list"] == [str(XIAOYU)] and "lease" in shown
    assert {uid for uids in shown.values() for uid in uids or ()} == {str(XIAOYU)}


def test_a_child_closed_to_this_person_is_on_no_list(town: Any) -> None:
    in_difficulty(XIAOYU)
    turn()
    register.block(uid=str(XIAOYU), user_id=as_("chen").user_id, kind="own_family", since=SINCE, by=ME, at=AT)
    phone = of("chen")
    assert phone.list["children"] == [] and phone.list["more"] == 0 and phone.list["forms"] == {}


def test_the_list_is_short_the_most_urgent_first_and_asked_in_as_many_questions_for_any_length(
    town: Any,
) -> None:
    in_difficulty(XIAOYU)
    turn()
    client = of("chen").client

    def ask() -> tuple[int, dict[str, Any]]:
        with CaptureQueriesContext(connection) as captured:
            told = client.get("/phone/list/").json()
        return len([each for each in captured if not each["sql"].startswith("INSERT")]), told

    few, _ = ask()
    names_ = ["王小明", "李小明", "赵欧阳", "欧阳小丽"]
    for number in range(70):
        name = names_[number] if number < len(names_) else f"张儿{chr(0x4E00 + number)}"
        uid = str(uuid4())
        register.register_child(uid=uid, name=name, sex="f", birth_date=DAY - timedelta(days=2000 + number),
                                place=town.chen_village, by=ME, at=AT)  # fmt: skip
        register.open_status(subject_id=child(uid), scheme="hardship", code="H1a", on=DAY - timedelta(days=100 - number),
                             review_due=None, record_uid=None, by=ME, at=AT)  # fmt: skip
    turn()
    many, told = ask()
    assert many == few and many < 40
    assert len(told["children"]) == 60 == selectors.MOST and told["more"] == 11
    urgency = [
        min((each["status"] != "overdue", each["by"] or each["due"] or "9") for each in one["due"])
        for one in told["children"]
    ]
    assert urgency == sorted(urgency)
    called = [each["name"] for each in told["children"]]
    assert {"王小明", "李小明", "欧阳", "小丽", "雨"} <= set(called) and len(set(called)) == 60


@pytest.mark.parametrize("who", ["chen", "qin", "ran", "deng", "yang", "liu", "min", "fu", "xu", "zhao"])
def test_every_list_holds_only_children_and_forms_of_the_person(town: Any, who: str) -> None:
    for uid in (XIAOYU, DAZHUANG, YUEYUE):
        in_difficulty(uid)
    turn()
    mine, actor = of(who), as_(who, timezone.localdate())
    for each in mine.list["children"]:
        about = register_subject(each["uid"])
        for form in each["forms"]:
            opens = carried(active.pack())[form].opens
            assert opens or records.may_enter(actor, active.pack().forms[form], about), (who, form)
    reached = {"chen": {XIAOYU}, "qin": {DAZHUANG}, "zhao": {YUEYUE}}.get(who)
    if reached is not None:
        assert {each["uid"] for each in mine.list["children"]} <= {str(each) for each in reached}


def register_subject(uid: str) -> Any:
    from yimi.apps.register.models import Subject

    return Subject.objects.get(uid=uid)


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("王小明", "小明"), ("欧阳娜", "娜"), ("欧阳", "阳"), ("小雨", "雨"), ("雨", "雨"), ("阿依古丽·买买提", "阿依古丽"), ("Anna Li", "Anna Li"),
        ("无名儿童 LS26-ABCDE", "无名儿童 LS26-ABCDE"), ("", ""),
    ],
)  # fmt: skip
def test_a_given_name_is_what_comes_after_the_family_name(name: str, short: str) -> None:
    assert names.given(name) == short


def test_children_who_would_be_called_alike_keep_their_names_in_one_village_only() -> None:
    told = names.apart([(1, "王明", "a"), (2, "李明", "a"), (3, "赵明", "b"), (4, "赵亮", "a")])
    assert told == {1: "王明", 2: "李明", 3: "明", 4: "亮"}


def test_forms_that_a_phone_cannot_draw_or_must_not_decide_stay_at_home() -> None:
    pack = active.pack()
    known = carried(pack)
    assert {"hardship_visit", "left_behind_confirmation", "guardianship_assessment", "referral_sent"} <= set(
        known
    )
    assert not {"service_exception", "pairing", "death", "file_handed_over", "mandatory_report"} & set(known)
    for each in known.values():
        assert not any(one.field.type in ("person", "organization") for one in each.fields)
        assert (each.opens is None) == (each.form.subject == "child")
    drawn = {form for form, each in known.items() if any(one.field.drawn for one in each.fields)}
    assert drawn == {"hardship_visit", "left_behind_confirmation", "guardianship_assessment"}


def test_shell_worker_and_manifest_are_the_same_for_everybody_and_hold_nobody(phone: Phone) -> None:
    for address in ("/phone/", "/phone/worker.js", "/phone/manifest.webmanifest"):
        mine, nobody = phone.client.get(address), Client().get(address)
        assert mine.status_code == 200 and mine.content == nobody.content
        assert "陈" not in mine.content.decode() and "csrf" not in mine.content.decode().lower()
    worker = phone.client.get("/phone/worker.js")
    assert worker["Content-Type"].startswith("text/javascript")
    files = json.loads(re.search(r"const FILES = (.*);\n", worker.content.decode())[1])  # type: ignore[index]
    assert {"/static/yimi/phone/app.js", "/static/yimi/yimi.css"} <= {each["url"] for each in files}
    assert all(re.fullmatch("[0-9a-f]{16}", each["version"]) for each in files)


def test_signing_out_leaves_the_forms_that_wait_on_a_phone(phone: Phone) -> None:
    assert "storage" not in phone.client.post("/sign-out/")["Clear-Site-Data"]


def test_people_send_forms_the_installation_does_not(town: Any) -> None:
    with pytest.raises(NotAllowed):
        actions.take_in(uid=uuid4(), key="", sealed=b"", by=ME, at=AT)
    with pytest.raises(BadInput):
        register.settle_review(item=1, outcome="nonsense", by=as_("chen"), at=AT)
