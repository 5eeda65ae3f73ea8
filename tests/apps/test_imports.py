"""Spreadsheets as offices send them: all or nothing, repeatable, every refused row with its line and reason."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from tests.cast import AT, DAY, ID_NUMBER, XIAOYU, as_

from yimi.apps.accounts.permissions import system
from yimi.apps.audit.models import Entry
from yimi.apps.imports import actions, selectors
from yimi.apps.imports.models import Batch
from yimi.apps.records.models import Record
from yimi.apps.register.models import Child, Residence
from yimi.lib.errors import BadInput, NotAllowed

ME = system(DAY)


@pytest.fixture
def bring(tmp_path):
    """`bring("dose", "header", "row", …)` imports a text table; offices' own encoding unless told otherwise."""

    def take(form, *lines, by=ME, encoding="gb18030"):
        path = tmp_path / "表.csv"
        path.write_bytes("\n".join(lines).encode(encoding))
        return actions.import_file(path, form, by=by, at=AT)

    return take


def village_name(code):
    from yimi.apps import active

    return active.pack().places[code].name_zh


@pytest.fixture
def children(town, bring):
    """Two children's rows, with the village by name and by code."""
    rows = (
        "2026年儿童花名册,,,,",
        "姓名,性别,出生日期,身份证号,村（社区）",
        f"安安,女,2026年3月31日,{ID_NUMBER},{town.chen_village}",
        f"平平,男,20251101,,{village_name(town.qin_village)}",
        "合计,2,,,",
    )
    return lambda *more, **how: bring("child", *rows, *more, **how)


def test_children_are_registered_and_the_same_file_again_changes_nothing(children):
    first = children()
    assert (first.rows, first.accepted, first.stored, first.repeated, first.refused) == (2, 2, 2, 0, [])
    assert [s.code for s in first.skipped] == ["title", "total"]
    again = children()
    assert (again.accepted, again.stored, again.repeated) == (2, 0, 2)
    assert Child.objects.filter(name__in=["安安", "平平"]).count() == 2
    assert Entry.objects.filter(verb="register-many").count() == 2


def test_one_bad_row_and_nothing_is_stored(children, town):
    result = children(
        f"坏坏,男,2025-2-30,,{town.chen_village}",
        f"早早,男,2027-01-01,,{town.chen_village}",
        "远远,女,2025-01-01,,无此村",
    )
    assert (result.stored, [each.line for each in result.refused]) == (0, [6, 7, 8])
    assert not Child.objects.filter(name="安安").exists()
    assert all(each.reason_zh and each.reason_en for each in result.refused)
    found = Batch.objects.get(uid=result.batch)
    assert (found.state, found.rows, found.accepted, found.refused) == ("refused", 5, 2, 3)
    assert [r.line for r in selectors.reasons(ME, result.batch)] == [6, 7, 8]


def test_a_number_that_lost_its_digits_is_refused(children, town):
    result = children(f"丢丢,女,2025-01-01,5.0157E+17,{town.chen_village}")
    assert [each.line for each in result.refused] == [6]
    assert "5.0157" not in str(result.refused)


def test_an_id_number_under_another_name_is_refused(children, town):
    children()
    result = children(f"别名,女,2026-03-31,{ID_NUMBER},{town.chen_village}")
    assert [each.line for each in result.refused] == [6]
    assert ID_NUMBER not in str(result.refused)


def doses(bring, *rows, by=ME, **how):
    return bring("dose", "姓名,出生日期,疫苗,接种日期,批号", *rows, by=by, **how)


def test_doses_are_taken_in_once(town, bring):
    rows = ("小雨,2025-02-28,卡介苗,2025/3/2,A1", "小雨,2025.2.28,MMR,2026年5月1日,B2")
    first, again = doses(bring, *rows), doses(bring, *rows, encoding="utf-8-sig")
    assert (first.stored, first.repeated, again.stored, again.repeated) == (2, 0, 0, 2)
    kept = Record.objects.filter(subject__uid=XIAOYU).order_by("occurred_on")
    assert [(r.occurred_on, r.answers["vaccine"]) for r in kept] == [
        (date(2025, 3, 2), "BCG"),
        (date(2026, 5, 1), "MMR"),
    ]


def test_the_same_row_twice_in_one_file_is_one_record(town, bring):
    result = doses(bring, *["小雨,2025-02-28,MMR,2026-05-01,B2"] * 2)
    assert (result.stored, result.repeated) == (1, 1)


@pytest.mark.parametrize(
    "row",
    [
        "无名,2025-02-28,MMR,2026-05-01,A1",  # nobody of that name
        "小雨,2025-02-27,MMR,2026-05-01,A1",  # another birth date
        "小雨,2025-02-28,MMR,2024-05-01,A1",  # before birth
        "小雨,2025-02-28,MMR,2026-12-01,A1",  # in the future
        "小雨,2025-02-28,仙丹,2026-05-01,A1",  # no such vaccine
        "小雨,,MMR,2026-05-01,A1",  # a name alone tells nobody
    ],
)
def test_a_row_that_fits_nobody_or_no_day_is_refused_with_its_line(town, bring, row):
    result = doses(bring, "小雨,2025-02-28,BCG,2025-03-02,A1", row)
    assert ([each.line for each in result.refused], result.stored) == ([3], 0)
    assert not Record.objects.exists()
    assert "小雨" not in str(result.refused)


def test_known_with_other_content_is_refused_and_not_overwritten(town, bring):
    doses(bring, "小雨,2025-02-28,MMR,2026-05-01,A1")
    result = doses(bring, "小雨,2025-02-28,MMR,2026-05-01,Z9")
    assert "更正" in result.refused[0].reason_zh
    assert Record.objects.get().answers["lot"] == "A1"


def test_a_record_taken_back_can_be_imported_again(town, bring):
    from yimi.apps.records import actions as records

    doses(bring, "小雨,2025-02-28,MMR,2026-05-01,A1")
    records.void(record_uid=Record.objects.get().record_uid, reason="误录", by=ME, at=AT)
    assert doses(bring, "小雨,2025-02-28,MMR,2026-05-01,A1").stored == 1


def test_visits_refuse_a_weight_in_the_wrong_unit(town, bring):
    head = "姓名,出生日期,检查日期,体重（kg）,身长（身高）"
    good = bring("health_visit", head, "小雨,2025-02-28,2026-03-01,9.8,75.5")
    bad = bring(
        "health_visit", head, "小雨,2025-02-28,2026-04-01,9800,75.5", "小雨,2025-02-28,2026-05-01,20斤,76"
    )
    assert good.stored == 1
    assert [each.line for each in bad.refused] == [2, 3]


def test_an_office_reaches_its_own_children_only(town, bring):
    row = "月月,2024-02-29,MMR,2026-05-01,A1"  # of the next township
    assert [each.line for each in doses(bring, row, by=as_("ran")).refused] == [2]
    assert doses(bring, row).stored == 1


def test_who_may_import_what(town, bring):
    for who, form in (("liu", "dose"), ("zhou", "child"), ("song", "dose"), ("zhou", "nothing")):
        with pytest.raises(NotAllowed):
            bring(form, "姓名", "小雨", by=as_(who))
    assert {code for code, _, _ in selectors.kinds_for(as_("ran"))} == {"dose"}


def test_what_is_no_table_is_refused_in_a_sentence(town, tmp_path):
    path = tmp_path / "x.xlsx"
    path.write_bytes(b"not a workbook")
    with pytest.raises(BadInput):
        actions.import_file(path, "dose", by=ME, at=AT)
    assert Batch.objects.get().state == "refused"
    assert Batch.objects.get().problem
    with pytest.raises(BadInput):
        actions.import_file(tmp_path / "absent.csv", "dose", by=ME, at=AT)


def test_a_batch_is_seen_by_its_owner_and_coordinators(town, bring):
    made = doses(bring, "小雨,2025-02-28,MMR,2026-05-01,A1", by=as_("ran"))
    assert selectors.batch(as_("ran"), made.batch).state == "done"
    assert selectors.batch(as_("zhou"), made.batch).rows == 1
    with pytest.raises(NotAllowed):
        selectors.batch(as_("zhao"), made.batch)
    assert not actions.kept_file(made.batch).exists()


def test_a_file_worked_in_the_background_tells_its_end(committed):
    csv = "姓名,出生日期,疫苗,接种日期\n小雨,2025-02-28,MMR,2026-05-01\n".encode()
    batch = actions.receive(file_name="a.csv", content=csv, form="dose", by=ME, at=AT)
    actions.start_in_background(batch, by=ME, at=AT).join(timeout=60)
    assert selectors.batch(ME, batch).state == "done"
    with pytest.raises(BadInput, match="already"):
        actions.run_batch(batch, by=ME, at=AT)
    assert Residence.objects.exists()


# --- a process that was killed ------------------------------------------------------------------------------


def uploaded(state="running", **more):
    uid = actions.receive(file_name="表.csv", content=b"x", form="dose", by=ME, at=AT)
    Batch.objects.filter(uid=uid).update(state=state, **more)
    return uid


WORKER = """
import sys, time
from pathlib import Path
from django.conf import settings
settings.configure(YIMI_DIR=sys.argv[1])
from yimi.apps.imports import working
with working.at_work(sys.argv[2]):
    print("at work", flush=True)
    time.sleep(60)
"""


def test_a_batch_whose_process_is_killed_is_found_at_once(town, tmp_path):
    from django.conf import settings

    uid = uploaded()
    arguments = [sys.executable, "-c", WORKER, str(settings.YIMI_DIR), uid]
    worker = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
    try:
        assert worker.stdout.readline() == "at work\n"
        assert actions.find_interrupted(at=AT) == 0
        assert Batch.objects.get(uid=uid).state == "running"
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        worker.stdout.close()
    assert actions.find_interrupted(at=AT) == 1
    found = Batch.objects.get(uid=uid)
    assert (
        found.state == "interrupted"
        and "请重新上传" in found.problem
        and "Upload the same file" in found.problem
    )
    assert not actions.kept_file(uid).exists(), "it is full of names and numbers"
    assert actions.find_interrupted(at=AT) == 0


def test_a_batch_nobody_began_is_given_up_after_a_minute(town):
    uid = uploaded(state="waiting")
    assert actions.find_interrupted(at=AT + timedelta(seconds=30)) == 0
    assert actions.find_interrupted(at=AT + timedelta(seconds=90)) == 1
    with pytest.raises(BadInput, match="dealt with already"):
        actions.run_batch(uid, by=ME, at=AT)


def test_the_batch_of_another_machine_is_left_to_its_clock(town):
    uploaded(store="elsewhere")
    assert actions.find_interrupted(at=AT + timedelta(minutes=59)) == 0
    assert actions.find_interrupted(at=AT + timedelta(minutes=61)) == 1


def test_what_has_ended_is_not_called_interrupted(town, bring):
    doses(bring, "小雨,2025-02-28,MMR,2026-05-01,A1")
    assert actions.find_interrupted(at=AT + timedelta(hours=2)) == 0
    assert Batch.objects.get().state == "done"


def test_the_page_of_a_killed_import_says_so_and_what_to_do(town, sign_in):
    uid = actions.receive(file_name="表.csv", content=b"x", form="dose", by=as_("ran"), at=timezone.now())
    Batch.objects.filter(uid=uid).update(state="running")
    text = sign_in("ran").get(reverse("import", args=[uid])).content.decode()
    assert "处理中断" in text and "请重新上传同一个文件" in text
    assert 'hx-trigger="every 2s"' not in text
    assert "处理中断" in sign_in("ran").get(reverse("imports")).content.decode()
