"""The working pages: who sees what, the same bytes for denied and absent, and a fixed number of queries."""

from __future__ import annotations

import io
import re
import time
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from tests.apps.test_alerts import child, finding, sync
from tests.cast import AT, DAY, DAZHUANG, ID_NUMBER, SINCE, XIAOYU, YUEYUE, as_

from yimi import cycle
from yimi.apps import active
from yimi.apps.accounts.permissions import system
from yimi.apps.audit.models import Entry
from yimi.apps.evaluation.explain import explain
from yimi.apps.records import actions as records
from yimi.apps.records.models import Record
from yimi.apps.register import actions as register
from yimi.apps.tasks import actions as tasks
from yimi.apps.tasks.models import Task
from yimi.lib.errors import BadInput

ME = system(DAY)
ABSENT = "99999999-9999-4999-8999-999999999999"


def page(uid):
    return reverse("child", args=[uid])


def form(uid, form_id):
    return reverse("record", args=[uid, form_id])


def today():
    return timezone.localdate()


def queries(client, address):
    client.get(address)  # whatever is made once is made
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def dose(**answers):
    return {"client_id": str(uuid4()), "occurred_on": today().isoformat(), "vaccine": "MMR", **answers}


@pytest.fixture
def task(town):
    opened = sync(finding(town.chen_village, XIAOYU)).opened
    tasks.open_for_alerts(alerts=opened, pack=active.pack(), by=ME, at=AT)
    return Task.objects.get()


@pytest.fixture
def hardship(town):
    """Xiaoyu is in the hardship ledger since June."""
    stored = records.add(
        form="hardship_decision", subject=str(XIAOYU), occurred_on=DAY - timedelta(days=90),
        answers={"action": "open", "category": "H1a", "level": "yellow", "reason": "父母均亡故", "review_on": "2027-06-01"},
        by=ME, at=AT,
    )  # fmt: skip
    return stored.record_uid


# --- the wall -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "work", "children", "ledgers", "imports"),
    [
        ("chen", 200, 200, 200, 200), ("ran", 200, 200, 200, 200), ("liu", 200, 200, 200, 200), ("zhao", 200, 200, 200, 200),
        ("zhou", 200, 404, 404, 200), ("ma", 200, 404, 404, 404), ("song", 200, 404, 404, 404), ("luo", 200, 404, 404, 404),
    ],
)  # fmt: skip
def test_roles_open_what_is_theirs(town, sign_in, who, work, children, ledgers, imports):
    client = sign_in(who)
    found = [client.get(reverse(name)).status_code for name in ("work", "children", "ledgers", "imports")]
    assert found == [work, children, ledgers, imports]


def test_without_signing_in_nothing_opens(town, client):
    for address in (
        reverse("work"),
        reverse("children"),
        page(XIAOYU),
        reverse("ledgers"),
        reverse("imports"),
    ):
        response = client.get(address)
        assert response.status_code == 302
        assert response["Location"].startswith(reverse("sign-in"))


def test_denied_and_absent_are_the_same_bytes(task, hardship, sign_in):
    mr_zhao = sign_in("zhao")
    nowhere = mr_zhao.get("/nowhere/")
    record = Record.objects.get(record_uid=hardship)
    denied = [
        page(XIAOYU), page(ABSENT), form(XIAOYU, "hardship_visit"), form(XIAOYU, "dose"), form(XIAOYU, "nonsense"),
        reverse("task", args=[task.uid]), reverse("task", args=[ABSENT]), reverse("record-change", args=[record.record_uid]),
        reverse("record-change", args=[ABSENT]), reverse("ledger", args=["disability"]), reverse("ledger", args=["nonsense"]),
        reverse("ledger-due", args=["immunization"]), reverse("import", args=[ABSENT]),
    ]  # fmt: skip
    for address in denied:
        response = mr_zhao.get(address)
        assert (address, response.status_code) == (address, 404)
        assert response.content == nowhere.content
    for address in (
        reverse("task-accept", args=[task.uid]),
        form(XIAOYU, "hardship_visit"),
        reverse("record-void", args=[hardship]),
    ):
        response = mr_zhao.post(address, {"void_reason": "x"})
        assert (address, response.status_code, response.content) == (address, 404, nowhere.content)


def test_the_page_that_is_not_there_says_it_is_a_demonstration(town, sign_in):
    assert "演示数据" in sign_in("chen").get("/nowhere/").content.decode()


def test_who_works_with_children_begins_with_the_own_work(town, client):
    assert client.post(reverse("sign-in"), {"cast": "chen"})["Location"] == reverse("day")
    client.logout()
    assert client.post(reverse("sign-in"), {"cast": "zhou"})["Location"] == "/"


# --- my work and tasks --------------------------------------------------------------------------------------


def test_my_work_names_the_child_to_the_director_and_counts_above(task, sign_in):
    assert "小雨" in sign_in("chen").get(reverse("work")).content.decode()
    supervisor = sign_in("yang").get(reverse("work")).content.decode()
    assert "小雨" not in supervisor
    assert "麻腮风疫苗逾期未种：1名儿童" in supervisor
    assert "麻腮风" not in sign_in("zhao").get(reverse("work")).content.decode()


def test_the_coordinator_sees_every_task_and_no_name(task, sign_in):
    text = sign_in("zhou").get(reverse("work") + "?tab=all").content.decode()
    assert task.title_zh in text
    assert "小雨" not in text
    assert "小雨" not in sign_in("zhou").get(reverse("task", args=[task.uid])).content.decode()


def test_a_task_from_acceptance_to_closure(task, sign_in):
    def post(client, verb, **answers):
        return client.post(reverse(f"task-{verb}", args=[task.uid]), answers).status_code

    chen = sign_in("chen")
    assert post(chen, "accept") == 302
    assert post(chen, "report", text="已补种", evidence="") == 422
    assert post(chen, "report", text="已补种", evidence="照片 12") == 302
    assert post(chen, "verify", answer="verified") == 404
    ran = sign_in("ran")
    assert post(ran, "verify", answer="returned", remark="") == 422
    assert post(ran, "verify", answer="returned", remark="看不清") == 302
    assert post(sign_in("chen"), "report", text="重拍", evidence="照片 13") == 302
    assert post(sign_in("ran"), "verify", answer="verified", remark="已看") == 302
    text = sign_in("chen").get(reverse("task", args=[task.uid])).content.decode()
    assert "已核实" in text
    for told in ("照片 12", "看不清", "照片 13"):
        assert told in text


def test_a_task_pressed_twice_says_what_happened(task, sign_in):
    chen = sign_in("chen")
    accept = reverse("task-accept", args=[task.uid])
    assert chen.post(accept).status_code == 302
    again = chen.post(accept)
    assert again.status_code == 422
    assert "办理中" in again.content.decode()


def test_the_coordinator_withdraws_a_task_with_a_reason_and_nobody_else_can(task, sign_in):
    page, address = reverse("task", args=[task.uid]), reverse("task-withdraw", args=[task.uid])
    for who in ("chen", "ran", "zhao"):
        client = sign_in(who)
        assert address not in client.get(page).content.decode()
        assert client.post(address, {"why": "x"}).status_code == 404
    zhou = sign_in("zhou")
    assert address in zhou.get(page).content.decode()
    empty = zhou.post(address, {"why": " "})
    assert empty.status_code == 422
    assert "请写明撤回原因" in empty.content.decode()
    assert Task.objects.get().state == "open"
    assert zhou.post(address, {"why": "已由卫生院另行安排"}).status_code == 302
    text = zhou.get(page).content.decode()
    assert "已由卫生院另行安排" in text and address not in text
    assert "已撤回" in text and "按期办结" not in text and "核实销号" not in text  # it was not done
    assert "按期办结" not in zhou.get(reverse("work") + "?tab=closed").content.decode()
    assert Task.objects.get().closed_at is not None
    assert Entry.objects.filter(verb="task-withdraw", target_uid=str(task.uid)).count() == 1
    assert zhou.post(address, {"why": "again"}).status_code == 422


# --- children -----------------------------------------------------------------------------------------------


def test_the_list_holds_only_children_within_reach(town, sign_in):
    text = sign_in("chen").get(reverse("children")).content.decode()
    assert "小雨" in text
    assert "大壮" not in text  # the next village
    assert "月月" not in text
    assert "月月" in sign_in("zhao").get(reverse("children")).content.decode()


def test_a_child_is_found_by_its_number_and_the_number_stands_in_no_address(town, sign_in):
    uid = register.register_child(
        name="小满",
        sex="f",
        birth_date=DAY - timedelta(days=900),
        place=town.chen_village,
        id_number=ID_NUMBER,
        by=ME,
        at=AT,
    ).uid
    chen = sign_in("chen")
    response = chen.post(reverse("children-find"), {"id_number": ID_NUMBER})
    assert response["Location"] == page(uid)
    assert sign_in("zhao").post(reverse("children-find"), {"id_number": ID_NUMBER}).status_code == 422
    typed = sign_in("chen").get(reverse("children"), {"q": ID_NUMBER})
    assert (typed.status_code, typed["Location"]) == (302, reverse("children"))


def test_a_file_shows_by_sensitivity(town, sign_in):
    """The doctor sees doses and what is due; the child director, who reads no health files, sees neither."""
    records.add(
        form="dose",
        subject=str(XIAOYU),
        occurred_on=DAY,
        answers={"vaccine": "HepB", "lot": "LOT-77"},
        by=ME,
        at=AT,
    )
    doctor = sign_in("ran").get(page(XIAOYU)).content.decode()
    assert "LOT-77" in doctor
    assert "麻腮风疫苗第1剂" in doctor
    director = sign_in("chen").get(page(XIAOYU)).content.decode()
    assert "小雨" in director
    assert "LOT-77" not in director
    assert "麻腮风疫苗第1剂" not in director


def test_the_director_finds_his_own_exception_on_the_file(town, sign_in):
    chen = sign_in("chen")
    answers = {
        "client_id": str(uuid4()), "occurred_on": today().isoformat(), "pathway": "immunization", "step": "MMR_1",
        "kind": "refused", "reason": "家长要求等到春节",
    }  # fmt: skip
    assert chen.post(form(XIAOYU, "service_exception"), answers).status_code == 200
    records.add(
        form="service_exception", subject=str(XIAOYU), occurred_on=DAY, by=as_("ran"), at=AT,
        answers={"pathway": "immunization", "step": "MMR_1", "kind": "contraindicated", "reason": "不告诉他人的病情"},
    )  # fmt: skip
    text = sign_in("chen").get(page(XIAOYU)).content.decode()
    assert "家长要求等到春节" in text and "麻腮风疫苗第1剂，情形 监护人拒绝" in text
    assert "不告诉他人的病情" not in text
    mine = Record.objects.get(by_id=as_("chen").user_id)
    change = reverse("record-change", args=[mine.record_uid])
    assert change in text and "家长要求等到春节" in sign_in("chen").get(change).content.decode()
    assert "家长要求等到春节" not in sign_in("yang").get(page(XIAOYU)).content.decode()


def test_what_an_alert_tells_by_name_is_on_the_file(task, sign_in):
    text = sign_in("chen").get(page(XIAOYU)).content.decode()
    assert "麻腮风疫苗第1剂" in text
    assert "百白破" not in text  # told of one step, not of the rest
    assert f"{form(XIAOYU, 'dose')}?vaccine=MMR" in text


def test_reading_a_file_is_audited_and_shown(town, sign_in):
    sign_in("ran").get(page(XIAOYU))
    assert Entry.objects.filter(verb="read", target_uid=str(XIAOYU)).count() == 1
    assert "冉医生" in sign_in("chen").get(page(XIAOYU)).content.decode()


def test_the_growth_chart_switches_its_standard(town, sign_in):
    for days, weight in ((200, "6.9"), (400, "8.4")):
        records.add(
            form="health_visit", subject=str(XIAOYU), occurred_on=DAY - timedelta(days=days),
            answers={"weight_kg": weight, "height_cm": "70", "measured": "lying"}, by=ME, at=AT,
        )  # fmt: skip
    doctor = sign_in("deng")
    who = doctor.get(page(XIAOYU)).content.decode()
    china = doctor.get(page(XIAOYU), {"standard": "china"}).content.decode()
    assert "世界卫生组织儿童生长标准" in who
    assert "WS/T 423" in china
    assert 'class="growth' not in sign_in("chen").get(page(XIAOYU)).content.decode()


# --- recording ----------------------------------------------------------------------------------------------


def test_saving_shows_how_the_due_list_moved(town, sign_in):
    response = sign_in("ran").post(form(XIAOYU, "dose"), dose())
    text = response.content.decode()
    assert response.status_code == 200
    assert "麻腮风疫苗第1剂" in text
    assert "逾期完成" in text
    assert "麻腮风疫苗第2剂" in text  # the next one has its date now


def test_a_repeat_of_the_request_is_one_record(town, sign_in):
    ran, answers = sign_in("ran"), dose()
    assert ran.post(form(XIAOYU, "dose"), answers).status_code == 200
    again = ran.post(form(XIAOYU, "dose"), answers)
    assert (again.status_code, again["Location"]) == (302, page(XIAOYU))
    assert Record.objects.filter(form="dose").count() == 1


def test_errors_stand_beside_their_fields_and_keep_what_was_typed(task, sign_in):
    answers = dose(elsewhere="true", lot="LOT-5")
    response = sign_in("chen").post(form(XIAOYU, "dose"), answers)
    text = response.content.decode()
    assert response.status_code == 422
    assert 'href="#field-evidence"' in text
    assert "LOT-5" in text
    assert answers["client_id"] in text  # the same record when it is sent again
    assert not Record.objects.exists()


@pytest.mark.parametrize("day", ["", "nonsense", "2999-01-01", "2020-01-01"])
def test_a_day_that_cannot_be_is_refused(town, sign_in, day):
    response = sign_in("ran").post(form(XIAOYU, "dose"), dose(occurred_on=day))
    assert response.status_code == 422
    assert 'href="#field-occurred_on"' in response.content.decode()
    assert not Record.objects.exists()


def test_a_wrong_unit_is_asked_about_and_saved_once_confirmed(town, sign_in):
    deng = sign_in("deng")
    visit = {
        "client_id": str(uuid4()),
        "occurred_on": today().isoformat(),
        "weight_kg": "21.5",
        "height_cm": "81",
    }
    asked = deng.post(form(XIAOYU, "health_visit"), visit)
    text = asked.content.decode()
    assert asked.status_code == 422
    assert "斤" in text
    assert not Record.objects.exists()
    said = re.search(r'name="confirm_values" value="([^"]+)"', text)[1]
    changed = {**visit, "weight_kg": "22.5", "confirm_values": said}
    assert deng.post(form(XIAOYU, "health_visit"), changed).status_code == 422  # other numbers were confirmed
    assert deng.post(form(XIAOYU, "health_visit"), {**visit, "confirm_values": said}).status_code == 200
    assert Record.objects.get().answers["weight_kg"] == 21.5


def test_fields_show_when_their_condition_holds(town, sign_in):
    yang = sign_in("yang")
    address = reverse("record-fields", args=[XIAOYU, "hardship_decision"])
    opened = yang.post(address, {"action": "open"}).content.decode()
    closed = yang.post(address, {"action": "close"}).content.decode()
    assert 'name="level"' in opened
    assert 'name="level"' not in closed
    assert not Record.objects.exists()


def test_a_record_is_corrected_with_a_reason(town, sign_in):
    ran = sign_in("ran")
    ran.post(form(XIAOYU, "dose"), dose(lot="OLD-1"))
    old = Record.objects.get()
    address = reverse("record-change", args=[old.record_uid])
    assert "OLD-1" in ran.get(address).content.decode()
    answers = dose(lot="NEW-1")
    assert ran.post(address, {**answers, "change_reason": ""}).status_code == 422
    assert ran.post(address, {**answers, "change_reason": "批号抄错"}).status_code == 200
    new = Record.objects.get(kind="correction")
    assert (new.supersedes, new.answers["lot"], new.reason) == (old.record_uid, "NEW-1", "批号抄错")
    assert "OLD-1" in ran.get(page(XIAOYU)).content.decode()  # both stay in the file


def test_a_record_is_taken_back_with_a_reason_and_the_due_list_moves_back(town, sign_in):
    ran = sign_in("ran")
    ran.post(form(XIAOYU, "dose"), dose())
    address = reverse("record-void", args=[Record.objects.get().record_uid])
    assert ran.post(address, {"void_reason": " "}).status_code == 422
    taken = ran.post(address, {"void_reason": "录错了人", "client_id": str(uuid4())})
    assert taken.status_code == 200
    assert "麻腮风疫苗第1剂" in taken.content.decode()
    assert Record.objects.filter(kind="void").count() == 1


def test_a_role_records_only_its_own_forms(town, sign_in):
    assert sign_in("chen").get(form(XIAOYU, "health_visit")).status_code == 404
    assert sign_in("deng").get(form(XIAOYU, "hardship_decision")).status_code == 404
    assert sign_in("deng").get(form(XIAOYU, "health_visit")).status_code == 200


# --- ledgers ------------------------------------------------------------------------------------------------


def test_the_hardship_ledger_as_of_a_day(hardship, sign_in):
    liu = sign_in("liu")
    address = reverse("ledger", args=["hardship"])
    now = liu.get(address).content.decode()
    for told in ("小雨", "中风险", "2027-06-01", (DAY - timedelta(days=90)).isoformat()):
        assert told in now
    before = liu.get(address, {"as_of": (DAY - timedelta(days=120)).isoformat()}).content.decode()
    assert "小雨" not in before


def test_filters_of_a_ledger_stand_in_the_address(hardship, sign_in):
    liu, address = sign_in("liu"), reverse("ledger", args=["hardship"])
    assert (
        "小雨" in liu.get(address, {"level": "yellow", "code": "H1a", "place": "500156101"}).content.decode()
    )
    for other in ({"level": "red"}, {"code": "H3a"}, {"place": "500156102"}, {"q": "大"}, {"review": "late"}):
        assert "小雨" not in liu.get(address, other).content.decode()


def test_the_ledger_of_another_township_is_empty(hardship, sign_in):
    text = sign_in("zhao").get(reverse("ledger", args=["hardship"])).content.decode()
    assert "小雨" not in text
    assert "<strong>0</strong>" in text


def test_a_ledger_goes_out_as_a_workbook(hardship, sign_in):
    from python_calamine import CalamineWorkbook

    response = sign_in("liu").get(reverse("ledger", args=["hardship"]), {"as": "xlsx"})
    rows = CalamineWorkbook.from_filelike(io.BytesIO(response.content)).get_sheet_by_index(0).to_python()
    assert rows[0][0] == "困境儿童台账"
    assert rows[1][:3] == ["姓名", "村（社区）", "出生日期"]
    assert rows[2][0] == "小雨"


def test_due_and_suspected_lists_come_from_the_run(hardship, town, sign_in):
    register.open_status(
        subject_id=child(DAZHUANG),
        scheme="disability",
        code="1",
        on=DAY,
        review_due=None,
        record_uid=None,
        by=ME,
        at=AT,
    )
    cycle.turn(as_of=today(), at=timezone.now())
    due = sign_in("ran").get(reverse("ledger-due", args=["immunization"]), {"code": "MMR_1"}).content.decode()
    assert "小雨" in due
    assert "月月" not in due
    yang = sign_in("yang")
    assert "小雨" in yang.get(reverse("ledger-due", args=["hardship"])).content.decode()
    suspected = yang.get(reverse("ledger-suspected", args=["hardship"])).content.decode()
    assert "大壮" in suspected
    assert "大壮" not in sign_in("zhao").get(reverse("ledger-suspected", args=["hardship"])).content.decode()
    # A block is a block in lists and in counts.
    register.block(uid=str(XIAOYU), user_id=as_("ran").user_id, kind="conflict", since=SINCE, by=ME, at=AT)
    blocked = (
        sign_in("ran").get(reverse("ledger-due", args=["immunization"]), {"code": "MMR_1"}).content.decode()
    )
    assert "小雨" not in blocked


# --- imports ------------------------------------------------------------------------------------------------


def test_a_refused_file_tells_line_and_reason(committed, sign_in):
    ran = sign_in("ran")
    body = "姓名,出生日期,疫苗,接种日期\n小雨,2025-02-28,麻腮风,2026-01-20\n无此人,2020-01-01,麻腮风,2026-01-20\n".encode(
        "gb18030"
    )
    response = ran.post(reverse("imports"), {"kind": "dose", "file": SimpleUploadedFile("十一月.csv", body)})
    assert response.status_code == 302
    for _ in range(100):
        text = ran.get(response["Location"]).content.decode()
        if 'hx-trigger="every 2s"' not in text:
            break
        time.sleep(0.1)
    assert "未导入" in text
    assert "登记中没有这名儿童" in text
    assert not Record.objects.exists()
    assert ran.get(response["Location"] + "refused.xlsx").status_code == 200
    assert sign_in("deng").get(response["Location"]).status_code == 404  # another person's upload


def test_an_upload_without_file_or_kind_says_so(town, sign_in):
    ran = sign_in("ran")
    assert "请选择要上传的文件" in ran.post(reverse("imports"), {"kind": "dose"}).content.decode()
    assert ran.post(reverse("imports"), {"kind": "hardship_decision"}).status_code == 422
    assert ran.get(reverse("import-template", args=["dose"])).status_code == 200
    assert ran.get(reverse("import-template", args=["hardship_decision"])).status_code == 404


# --- how many queries ---------------------------------------------------------------------------------------


def test_more_rows_cost_no_more_queries(task, hardship, town, sign_in):
    yang = sign_in("yang")
    addresses = [
        reverse("work"),
        reverse("children"),
        reverse("ledger", args=["hardship"]),
        reverse("ledgers"),
    ]
    before = [queries(yang, address) for address in addresses]
    ran = sign_in("ran")
    own = queries(ran, reverse("work"))
    for number in range(12):
        uid = register.register_child(
            name=f"小{number}号",
            sex="m",
            birth_date=DAY - timedelta(days=600 + number),
            place=town.qin_village,
            by=ME,
            at=AT,
        ).uid
        records.add(
            form="hardship_decision", subject=str(uid), occurred_on=DAY,
            answers={"action": "open", "category": "H1a", "level": "green", "reason": "x"}, by=ME, at=AT,
        )  # fmt: skip
    assert [queries(sign_in("yang"), address) for address in addresses] == before
    assert queries(sign_in("ran"), reverse("work")) == own
    assert max(*before, own) <= 35


def test_a_long_file_costs_no_more_queries_than_a_short_one(town, sign_in):
    ran = sign_in("ran")
    records.add(form="dose", subject=str(XIAOYU), occurred_on=DAY, answers={"vaccine": "HepB"}, by=ME, at=AT)
    few = queries(ran, page(XIAOYU))
    for number in range(25):
        on = DAY - timedelta(days=number + 1)
        records.add(
            form="dose", subject=str(XIAOYU), occurred_on=on, answers={"vaccine": "bOPV"}, by=ME, at=AT
        )
    assert queries(ran, page(XIAOYU)) == few
    assert few <= 70


# --- why ----------------------------------------------------------------------------------------------------


def test_explain_answers_for_each_kind_of_id(task, town):
    def ask(asked, actor=ME):
        return explain(asked, actor=actor, as_of=DAY)

    due = ask(f"{XIAOYU}:MMR_1")
    assert "2025-02-28 满8月龄 = 2025-10-28" in due["zh"]
    assert (due["status"], due["rule"]) == ("overdue", "immunization.MMR_1")
    assert "8 months" in due["en"]
    assert ask(str(task.uid))["kind"] == "task"
    assert ask(str(task.alert.uid))["count"] == 1
    assert ask("T14")["light"] == "no_data"
    indicator = active.pack().targets["T14"].indicator
    assert ask(indicator)["kind"] == "indicator"
    assert all(ask(each)[language] for each in ("T14", indicator, str(task.uid)) for language in ("zh", "en"))


@pytest.mark.parametrize("asked", ["", "nonsense", ABSENT, f"{ABSENT}:MMR_1", f"{XIAOYU}:NOPE", "x:MMR_1"])
def test_explain_says_what_it_does_not_know(town, asked):
    with pytest.raises(BadInput):
        explain(asked, actor=ME, as_of=DAY)


def test_explain_tells_nobody_more_than_the_pages(task, town):
    assert explain(f"{XIAOYU}:MMR_1", actor=as_("chen"), as_of=DAY)["status"] == "overdue"  # told by name
    for who, asked in (
        ("chen", f"{XIAOYU}:HepB_1"),
        ("zhao", f"{XIAOYU}:MMR_1"),
        ("chen", f"{YUEYUE}:MMR_1"),
    ):
        with pytest.raises(BadInput, match="no child"):
            explain(asked, actor=as_(who), as_of=DAY)
