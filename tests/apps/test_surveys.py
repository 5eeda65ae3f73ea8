"""The anonymous survey: no account, no child, no moment; a school told apart only with enough answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.cast import AT, DAY, as_

from yimi.apps import active
from yimi.apps.accounts import actions as accounts
from yimi.apps.accounts.permissions import system
from yimi.apps.audit.models import Entry
from yimi.apps.records.models import Record
from yimi.apps.register import actions as register
from yimi.apps.register.models import Facility
from yimi.apps.surveys import actions, selectors
from yimi.apps.surveys.models import Answer, Ticket
from yimi.engines.disclosure import ALL, suppress_rows
from yimi.lib.errors import BadInput, NotAllowed

LATER = DAY + timedelta(days=40)
NO = {"hit": "false", "insulted": "false", "saw": "false", "safe": "true"}


@pytest.fixture
def wen(town: Any) -> Any:
    """文老师 answers for 白马中心小学."""
    people = accounts.CastMember("wen", "文老师", "school_officer", town.school, "500156101")
    accounts.create_demo_accounts([people], by=system(DAY), at=AT, since=DAY - timedelta(days=100))
    return as_("wen")


def survey() -> Any:
    return active.pack().surveys["bullying"]


def school(name: str, town: Any, answers: list[dict[str, Any]], pupils: int = 100) -> None:
    uid = register.register_facility(name=name, kind="junior", place=town.chen_village, ownership="public", by=system(DAY), at=AT)  # fmt: skip
    pk = Facility.objects.get(subject__uid=uid).pk
    actions.load([("bullying", pk, AT, pupils, answers)], by=system(DAY))


def said(yes: int, of: int, question: str = "hit") -> list[dict[str, Any]]:
    return [{question: n < yes} for n in range(of)]


def test_an_answer_leads_to_nobody(wen: Any) -> None:
    codes = actions.open_round(survey="bullying", pupils=30, by=wen, at=AT)
    assert len(set(codes)) == 30 and Record.objects.get(form="bullying_survey_round").answers == {
        "pupils": 30
    }
    before = Entry.objects.count()
    actions.answer(code=codes[7], answers=NO, at=AT)
    assert Entry.objects.count() == before  # the moment would tell whose it is
    kept = Answer.objects.get()
    assert {field.name for field in Answer._meta.get_fields()} == {"id", "round", "answers"}
    assert {field.name for field in Ticket._meta.get_fields()} == {"id", "round", "digest", "used"}
    assert kept.answers["hit"] is False and codes[7] not in str(vars(kept)) and kept.id.version == 4
    assert not Record.objects.filter(form="bullying_survey").exists()


def test_a_code_answers_once_and_only_while_the_round_runs(wen: Any) -> None:
    codes = actions.open_round(survey="bullying", pupils=3, by=wen, at=AT)
    actions.answer(code=codes[0].lower(), answers=NO, at=AT)
    with pytest.raises(NotAllowed):
        actions.answer(code=codes[0], answers=NO, at=AT)
    with pytest.raises(NotAllowed):
        actions.answer(code=codes[1], answers=NO, at=AT + timedelta(days=20))
    with pytest.raises(NotAllowed):
        actions.answer(code="AAAAA-AAAAA", answers=NO, at=AT)
    with pytest.raises(BadInput):
        actions.open_round(survey="bullying", pupils=3, by=wen, at=AT + timedelta(days=5))


def test_only_the_school_itself_opens_its_round(wen: Any) -> None:
    for username in ("xu", "zhou", "chen", "song"):
        with pytest.raises(NotAllowed):
            actions.open_round(survey="bullying", pupils=3, by=as_(username), at=AT)


def test_a_pupil_answers_without_an_account(wen: Any) -> None:
    from django.utils import timezone

    codes = actions.open_round(
        survey="bullying", pupils=2, by=as_("wen", timezone.localdate()), at=timezone.now()
    )
    client = Client()
    assert client.get("/answer/").status_code == 200
    assert client.post("/answer/", {"code": "nothing"}).status_code == 422
    page = client.post("/answer/", {"code": codes[0]}).content.decode()
    assert "打你" in page and "12355" in page
    sent = client.post("/answer/send/", {"code": codes[0], **NO})
    assert (
        sent.status_code == 200
        and "没有人能知道" in sent.content.decode()
        and codes[0] not in sent.content.decode()
    )
    assert client.post("/answer/send/", {"code": codes[0], **NO}).status_code == 422
    assert Answer.objects.count() == 1 and "sessionid" not in client.cookies


def test_nothing_is_told_while_a_round_runs(wen: Any) -> None:
    codes = actions.open_round(survey="bullying", pupils=20, by=wen, at=AT)
    for code in codes:
        actions.answer(code=code, answers=NO, at=AT)
    assert selectors.results(as_("zhou"), survey()).whole.asked == 0
    ended = selectors.results(as_("zhou", LATER), survey())
    assert [each.answered for each in ended.schools] == [20] and ended.whole.answered == 20


def test_a_school_with_few_answers_is_not_told_apart(town: Any) -> None:
    school("甲中学", town, said(4, 9))
    school("乙中学", town, said(12, 40))
    school("丙中学", town, said(20, 60))
    found = selectors.results(as_("xu", LATER), survey())
    # 9 answers are too few; the total less 乙 and 丙 would tell them, so the smaller of those goes too.
    assert [each.name for each in found.schools] == ["丙中学"] and found.apart == 2
    assert found.whole.answered == 109 and found.whole.yes["hit"] == 36


def test_page_and_workbook_say_so(town: Any, sign_in: Any, monkeypatch: Any) -> None:
    from io import BytesIO

    from python_calamine import CalamineWorkbook

    school("甲中学", town, said(4, 9))
    school("乙中学", town, said(12, 40))
    school("丙中学", town, said(20, 60))
    client = sign_in("xu")
    page = client.get("/surveys/bullying/").content.decode()
    assert (
        "另有2所学校不单独列出" in page and "甲中学" not in page and "乙中学" not in page and "丙中学" in page
    )
    answer = client.get("/surveys/bullying/?as=xlsx")
    text = str(CalamineWorkbook.from_filelike(BytesIO(answer.content)).get_sheet_by_index(0).to_python())
    assert "丙中学" in text and "甲中学" not in text
    for username in ("chen", "deng", "song", "luo", "gao"):
        assert sign_in(username).get("/surveys/bullying/").status_code == 404, username


def test_staff_of_a_school_enter_forms_about_their_school_only(wen: Any, town: Any, sign_in: Any) -> None:
    other = register.register_facility(name="白马中学", kind="junior", place=town.chen_village, ownership="public", by=system(DAY), at=AT)  # fmt: skip
    client = sign_in("wen")
    assert client.get(f"/subjects/{town.school}/record/class_signal/").status_code == 200
    assert client.get(f"/subjects/{other}/record/class_signal/").status_code == 404
    told = {
        "occurred_on": "2026-08-31", "stage": "primary", "grade": "3", "class_no": "2", "absences": "3", "reports": "2",
        "losses": "0", "patrol": "0",
    }  # fmt: skip
    assert client.post(f"/subjects/{town.school}/record/class_signal/", told).status_code == 200
    assert Record.objects.get(form="class_signal").subject.uid is not None


COUNTS = st.lists(st.tuples(st.integers(0, 14), st.integers(0, 14)), min_size=1, max_size=5)


@settings(max_examples=60, deadline=None)
@given(COUNTS, COUNTS)
def test_rows_that_are_not_told_apart(first: list[tuple[int, int]], second: list[tuple[int, int]]) -> None:
    """Two questions of the same schools: no total less what is shown leaves one school alone, in any question."""
    rows = range(min(len(first), len(second)))
    sizes = {row: max(sum(first[row]), sum(second[row])) for row in rows}
    tables: Mapping = {
        name: {
            **{(row, "yes"): min(told[row][0], sizes[row]) for row in rows},
            **{(row, "no"): sizes[row] - min(told[row][0], sizes[row]) for row in rows},
        }
        for name, told in (("q1", first), ("q2", second))
    }
    hidden = suppress_rows(tables, 3, 10)
    out = {row for row in rows if (row, ALL) in hidden["q1"]}
    for row in rows:
        if sizes[row] < 10:
            assert all((row, column) in keys for keys in hidden.values() for column in ("yes", "no", ALL))
    assert {row for row in rows if (row, ALL) in hidden["q2"]} == out
    if out and (ALL, ALL) not in hidden["q1"] and any(0 < sizes[row] < 10 for row in out):
        assert len(out) > 1
