"""The pages of cases: who opens which, what stands on them, and that absent and denied are one answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from tests.cast import DAZHUANG, as_

from yimi.apps.accounts.models import User
from yimi.apps.audit.models import Entry
from yimi.apps.cases import models
from yimi.apps.cases.actions import Routing
from yimi.apps.records.case_reports import Report, report


@pytest.fixture
def today(town: Any) -> Any:
    return timezone.localdate()


def made(by: str = "qin", kind: str = "mandatory_report", **answers: Any) -> Report:
    given = (
        {"situation": "R4", "seen": "手臂多处淤青"} if kind == "mandatory_report" else {"conduct": "c38_4"}
    )
    return report(
        kind=kind, answers=given, occurred_on=timezone.localdate(), place="500156101", by=as_(by, timezone.localdate()),
        at=timezone.now(), record_uid=uuid4(), children=[(str(DAZHUANG), "harmed")], routing=Routing(),
    )  # fmt: skip


def test_a_report_is_sent_with_one_answer_and_gives_a_receipt_once(sign_in: Any, today: Any) -> None:
    client = sign_in("qin")
    page = client.get("/cases/new/mandatory_report/")
    assert page.status_code == 200
    sent = {
        "client_id": str(uuid4()),
        "occurred_on": today.isoformat(),
        "situation": "R6",
        "place": "500156101",
    }
    first = client.post("/cases/new/mandatory_report/", sent)
    case = models.Case.objects.get()
    assert case.number in first.content.decode() and "receipt-code" in first.content.decode()
    again = client.post("/cases/new/mandatory_report/", sent)
    assert "receipt-code" not in again.content.decode() and models.Case.objects.count() == 1
    code = first.content.decode().split('class="receipt-code">')[1].split("<")[0]
    assert case.number in client.post("/cases/receipt/", {"code": code}).content.decode()
    assert client.post("/cases/receipt/", {"code": "AAAA-AAAA-AAAA"}).status_code == 422
    wrong = client.post("/cases/new/mandatory_report/", {**sent, "client_id": str(uuid4()), "situation": ""})
    assert wrong.status_code == 422 and models.Case.objects.count() == 1


def test_a_case_opens_for_its_parties_and_is_absent_for_all_others(sign_in: Any, today: Any) -> None:
    case = made()
    nothing = sign_in("gao").get("/nothing/at/all/").content
    opened = set()
    for each in User.objects.filter(made_up=True).values_list("username", flat=True):
        answer = sign_in(each).get(f"/cases/{case.uid}/")
        if answer.status_code == 200:
            opened.add(each)
        else:
            assert (answer.status_code, answer.content) == (404, nothing), each
    assert opened == {"gao", "shen", "liu", "deng"}
    assert Entry.objects.filter(verb="read", target_kind="case", target_uid=case.uid).count() == len(opened)


def test_the_page_shows_my_part_my_clock_and_the_way_to_answer(sign_in: Any, today: Any) -> None:
    case = made()
    page = sign_in("deng").get(f"/cases/{case.uid}/").content.decode()
    assert "大壮" in page and "手臂多处淤青" not in page and "/record/medical_response/" in page
    police = sign_in("gao").get(f"/cases/{case.uid}/").content.decode()
    assert "手臂多处淤青" in police and "覃" not in police, "the report, not the reporter"
    client = sign_in("deng")
    form = f"/cases/{case.uid}/record/medical_response/"
    assert client.get(form).status_code == 200
    assert client.post(form, {"occurred_on": today.isoformat(), "client_id": str(uuid4())}).status_code == 422
    answer = {
        "occurred_on": today.isoformat(),
        "client_id": str(uuid4()),
        "examined": "true",
        "injury": "mild",
    }
    assert client.post(form, answer).status_code == 302
    assert client.get(f"/cases/{case.uid}/record/police_intake/").status_code == 404


def test_nothing_of_a_case_stands_on_the_childs_page(sign_in: Any, today: Any) -> None:
    case = made()
    sign_in("gao").get(f"/cases/{case.uid}/")
    for who in ("qin", "yang", "liu"):
        page = sign_in(who).get(f"/children/{DAZHUANG}/").content.decode()
        assert case.number not in page and f"/cases/{case.uid}" not in page and "高警官" not in page, who


def test_the_coordinator_is_told_numbers_and_no_content(sign_in: Any, today: Any, monkeypatch: Any) -> None:
    case = made()
    models.Case.objects.update(opened_at=timezone.now() - timedelta(hours=3))
    juvenile = made("gao", "graded_intervention")
    page = sign_in("zhou").get("/cases/").content.decode()
    assert case.number in page and "公安机关" in page
    assert (
        "大壮" not in page and "淤青" not in page and juvenile.number not in page and "分级干预" not in page
    )
    for who in ("song", "ma", "zhao"):
        page = sign_in(who).get("/cases/").content.decode()
        assert case.number not in page and juvenile.number not in page, who


def test_the_second_person_ends_a_juvenile_file_and_it_is_gone(sign_in: Any, today: Any) -> None:
    case = made("gao", "graded_intervention")
    client = sign_in("gao")

    def send(form: str, **answers: Any) -> int:
        sent = {"occurred_on": today.isoformat(), "client_id": str(uuid4()), **answers}
        return int(client.post(f"/cases/{case.uid}/record/{form}/", sent).status_code)

    assert send("tier_decision", action="enter", tier="B2", article="第三十八条", reason="盗窃") == 302
    assert send("intervention_closing", result="done", summary="表现良好") == 302
    client = sign_in("shen")
    page = client.get(f"/cases/{case.uid}/").content.decode()
    record = page.split('name="record" value="')[1].split('"')[0]
    assert (
        client.post(f"/cases/{case.uid}/verify/", {"record": record, "answer": "verified"}).status_code == 302
    )
    for who in ("gao", "shen", "zhao", "song", "zhou", "liu"):
        client = sign_in(who)
        assert client.get(f"/cases/{case.uid}/").status_code == 404, who
        assert case.number not in client.get("/cases/").content.decode(), who
    assert (
        sign_in("zhao")
        .post("/cases/seal/", {"number": case.number, "reason": "需要查询这份档案的内容"})
        .status_code
        == 422
    )
    client = sign_in("shen")
    asked = client.post("/cases/seal/", {"number": case.number, "reason": "需要查询这份档案的内容"})
    assert asked.status_code == 302 and client.get(asked["Location"]).status_code == 200
    assert case.number in sign_in("gao").get("/cases/").content.decode(), "to review the opening"


def test_a_referral_goes_only_to_a_body_in_which_somebody_receives(
    sign_in: Any, today: Any, town: Any
) -> None:
    client = sign_in("qin")
    page = client.get(f"/cases/new/referral/?child={DAZHUANG}").content.decode()
    assert 'value="hospital_500156101"' in page and 'value="hospital_500156102"' not in page
    sent = {
        "client_id": str(uuid4()), "occurred_on": today.isoformat(), "child": str(DAZHUANG), "need": "medical",
        "urgency": "urgent", "reason": "视力复查", "party_receiver": "hospital_500156101", "place": town.qin_village,
    }  # fmt: skip
    answer = client.post("/cases/new/referral/", sent)
    assert answer.status_code == 302
    assert (
        client.post(
            "/cases/new/referral/", {**sent, "client_id": str(uuid4()), "party_receiver": "police"}
        ).status_code
        == 422
    )
    assert sign_in("deng").get(answer["Location"]).status_code == 200
    assert sign_in("chen").get(answer["Location"]).status_code == 404


def test_who_reports_a_missing_child_and_is_no_party_is_told_so(sign_in: Any, today: Any) -> None:
    sent = {
        "client_id": str(uuid4()), "occurred_on": today.isoformat(), "last_seen": "放学路上", "place": "500156101",
    }  # fmt: skip
    page = sign_in("ma").post("/cases/new/missing_child/", sent)
    assert page.status_code == 200 and models.Case.objects.get().number in page.content.decode()
    assert (
        sign_in("gao").post("/cases/new/missing_child/", {**sent, "client_id": str(uuid4())}).status_code
        == 302
    )


def test_a_body_without_children_names_one_exactly_or_not_at_all(sign_in: Any, today: Any) -> None:
    client = sign_in("gao")
    for asked, found in (
        ("大壮", False),
        ("大壮 2019-05-31", True),
        ("大壮 2019-06-01", False),
        ("大 2019-05-31", False),
    ):
        page = client.post(
            "/cases/new/graded_intervention/", {"look": "1", "look_for": asked}
        ).content.decode()
        assert (str(DAZHUANG) in page) is found, asked
    sent = {
        "client_id": str(uuid4()),
        "occurred_on": today.isoformat(),
        "conduct": "c28_2",
        "child": str(DAZHUANG),
    }
    assert client.post("/cases/new/graded_intervention/", sent).status_code == 404
    assert (
        client.post("/cases/new/graded_intervention/", {**sent, "look_for": "大壮 2019-05-31"}).status_code
        == 302
    )
    assert not Entry.objects.filter(target_uid=str(DAZHUANG), actor=as_("gao", today).uid).exists()
