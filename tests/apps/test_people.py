"""Adults who work with children, organizations and stations: gates hold in the action, pages open to the right roles."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from tests.cast import AT, DAY, XIAOYU, as_

from yimi.apps import active
from yimi.apps.accounts.permissions import system
from yimi.apps.evaluation import live, rosters
from yimi.apps.records import actions
from yimi.apps.records.actions import AnswersRefused, NewRecord
from yimi.apps.records.case_reports import report, sender_of
from yimi.apps.register import actions as register
from yimi.apps.register.models import Status, Subject
from yimi.lib.errors import BadInput, NotAllowed

YEAR_AGO = date(2025, 9, 1)
TODAY = {"action": "begin"}


@pytest.fixture
def adult(town: Any) -> str:
    """覃叔叔, a volunteer of Chen's village whom nobody has asked about yet."""
    uid = str(
        register.register_person(name="覃叔叔", sex="m", place=town.chen_village, by=system(DAY), at=AT)
    )
    add("volunteer_registration", uid, {"action": "begin", "kind": "volunteer"}, DAY - timedelta(days=400))
    return uid


def add(form: str, uid: str, answers: dict[str, Any], on: date = DAY, who: str = "yang") -> Any:
    return actions.add(form=form, subject=uid, occurred_on=on, answers=answers, by=as_(who), at=AT)


def checked(uid: str, on: date, result: str = "clear") -> None:
    add("background_check", uid, {"asked_of": "police", "result": result}, on)


def pair(uid: str, on: date = DAY) -> Any:
    return add("pairing", str(XIAOYU), {"action": "begin", "adult": uid}, on)


def refused(uid: str, on: date = DAY) -> str:
    with pytest.raises(AnswersRefused) as told:
        pair(uid, on)
    (error,) = told.value.errors
    assert error.field == "adult"
    return error.text.zh


# --- nobody without a valid check is assigned to a child ----------------------------------------------------


def test_an_adult_nobody_asked_about_is_refused_and_one_who_is_clear_is_not(adult: str) -> None:
    assert "还没有违法犯罪记录查询结果" in refused(adult)
    assert not Status.objects.filter(scheme="pairing").exists()
    checked(adult, YEAR_AGO)  # today is its last day
    assert pair(adult).made
    assert Status.objects.get(scheme="pairing").subject.uid == XIAOYU


def test_a_check_that_has_run_out_refuses_also_when_the_day_is_set_back(adult: str) -> None:
    checked(adult, YEAR_AGO - timedelta(days=1))
    assert "已过有效期" in refused(adult)
    assert "已过有效期" in refused(
        adult, DAY - timedelta(days=30)
    )  # it was valid then; the child is paired now


def test_a_record_found_refuses_whatever_was_found_before(adult: str) -> None:
    checked(adult, DAY - timedelta(days=20))
    checked(adult, DAY, "barred")
    assert "不得接触儿童" in refused(adult)


def test_a_stranger_and_whoever_is_posted_out_of_reach_are_refused(town: Any) -> None:
    beyond = str(register.register_person(name="周阿姨", place=town.next_village, by=system(DAY), at=AT))
    add("volunteer_registration", beyond, {"action": "begin", "kind": "volunteer"}, who="zhao")
    add("background_check", beyond, {"asked_of": "police", "result": "clear"}, who="zhao")
    told = {refused(each) for each in (beyond, str(uuid4()), "覃叔叔", town.grandmother)}
    assert len(told) == 1 and "没有找到这个人" in told.pop()


def test_no_way_around_by_correction_or_a_list(adult: str, town: Any) -> None:
    other = str(register.register_person(name="向阿姨", place=town.chen_village, by=system(DAY), at=AT))
    add("volunteer_registration", other, {"action": "begin", "kind": "counselor"}, DAY - timedelta(days=90))
    checked(other, DAY - timedelta(days=30))
    made = pair(other, DAY - timedelta(days=10))
    with pytest.raises(AnswersRefused):
        actions.correct(
            record_uid=made.record_uid,
            answers={"action": "begin", "adult": adult},
            reason="换人",
            by=as_("yang"),
            at=AT,
        )
    child = Subject.objects.get(uid=XIAOYU).pk
    row = NewRecord(uuid4(), child, DAY, {"action": "begin", "adult": adult})
    with pytest.raises(AnswersRefused):
        actions.add_many(form="pairing", rows=[row], by=as_("yang"), at=AT)
    # Ending needs no check: whoever lapsed must be let go.
    assert add("pairing", str(XIAOYU), {"action": "end", "reason": "志愿者退出"}).made
    assert not Status.objects.filter(scheme="pairing", valid_to__isnull=True).exists()


def test_hours_come_from_attended_service_of_whoever_was_checked_on_that_day(adult: str) -> None:
    served = {"attended": "true", "activity": "companionship", "minutes": "90"}
    with pytest.raises(BadInput, match="没有有效的违法犯罪记录查询"):
        add("volunteer_service", adult, served, who="chen")
    checked(adult, DAY - timedelta(days=10))
    with pytest.raises(BadInput, match="没有有效的"):
        add("volunteer_service", adult, served, DAY - timedelta(days=11), "chen")
    assert add("volunteer_service", adult, served, who="chen").made


def test_what_is_due_of_an_adult_is_worked_out_at_once(adult: str) -> None:
    subject = Subject.objects.get(uid=adult).pk
    assert {row["step"]: row["status"] for row in live.due(subject, DAY, "person")} == {"AV_CHECK": "overdue"}
    checked(adult, DAY)
    assert {row["step"]: row["status"] for row in live.due(subject, DAY, "person")} == {"AV_CHECK": "done"}


def test_the_matching_list_names_children_without_and_adults_with_a_valid_check(
    adult: str, town: Any
) -> None:
    yang = as_("yang")
    register.open_status(
        subject_id=Subject.objects.get(uid=XIAOYU).pk, scheme="left_behind", code="both_away", on=DAY - timedelta(days=50),
        review_due=None, record_uid=None, by=system(DAY), at=AT,
    )  # fmt: skip
    (match,), count, free = rosters.matching(yang, "left_behind", offset=0, limit=50)
    assert (match.hit.uid, match.adults, count, free) == (str(XIAOYU), (), 1, 0)
    checked(adult, DAY)
    (match,), _, free = rosters.matching(yang, "left_behind", offset=0, limit=50)
    assert ([each.name for each in match.adults], free) == (["覃叔叔"], 1)
    pair(adult)
    assert rosters.matching(yang, "left_behind", offset=0, limit=50)[0] == []
    assert rosters.matching(as_("zhao"), "left_behind", offset=0, limit=50) == ([], 0, 0)


# --- organizations ------------------------------------------------------------------------------------------


def test_an_organization_whose_vetting_ran_out_receives_no_new_referral(town: Any) -> None:
    uid = str(register.register_facility(
        name="晨曦社工中心", kind="social_organization", place=town.chen_village, by=system(DAY), at=AT
    ))  # fmt: skip

    def refer() -> Any:
        routing = sender_of(as_("yang"), active.pack().cases["referral"], {"receiver": uid})
        return report(
            kind="referral", answers={"need": "psychological", "urgency": "normal", "reason": "需要心理支持"}, occurred_on=DAY,
            place=town.chen_village, by=as_("yang"), at=AT, record_uid=uuid4(), routing=routing,
        )  # fmt: skip

    with pytest.raises(BadInput, match="暂不能接受新的转介"):
        refer()
    vetted = {"result": "pass", "staff_checked": "true", "valid_until": (DAY - timedelta(days=1)).isoformat()}
    add("organization_vetting", uid, vetted, DAY - timedelta(days=300), "liu")
    with pytest.raises(BadInput, match="暂不能接受新的转介"):
        refer()
    add("organization_vetting", uid, {**vetted, "valid_until": DAY.isoformat()}, who="liu")
    assert refer().made


# --- certificates and stations on a day ---------------------------------------------------------------------


def test_the_number_of_certified_workers_is_the_list_behind_it(adult: str, town: Any) -> None:
    kind = {"kind": "child_social_worker", "number": "演示1"}
    add("certificate", adult, {**kind, "valid_until": "2026-09-01"}, DAY - timedelta(days=700), "liu")
    liu = as_("liu")

    def standing(on: date) -> list[str]:
        return [each.standing for each in rosters.certified(liu, "child_social_worker", on)]

    assert standing(DAY) == ["ending"]
    assert standing(DAY + timedelta(days=1)) == ["lapsed"]
    assert standing(DAY - timedelta(days=701)) == []
    add("certificate", adult, {**kind, "number": "演示2", "valid_until": "2031-09-01"}, who="liu")
    assert standing(DAY + timedelta(days=1)) == ["valid"]
    assert rosters.certified(as_("he"), "child_social_worker", DAY) != []  # enters certificates
    assert rosters.certified(as_("zhao"), "child_social_worker", DAY) == []  # of the next township


def test_a_station_counts_only_with_staff_room_and_telephone(town: Any) -> None:
    uid = str(register.register_facility(
        name="白马镇未成年人保护工作站", kind="minor_station", place=town.chen_village, by=system(DAY), at=AT
    ))  # fmt: skip

    def station() -> rosters.Station:
        return next(each for each in rosters.stations(as_("yang")) if each.uid == uid)

    assert (station().counts, station().lacks) == (False, ("ST_TEST",))
    good = {"staff": "2", "room": "true", "hotline_ok": "true"}
    add("station_check", uid, good, DAY - timedelta(days=40))
    assert (station().counts, station().lacks) == (True, ())
    add("station_check", uid, {**good, "room": "false"})
    assert (station().counts, station().lacks) == (False, ("ST_ROOM",))
    listed = rosters.stations(as_("liu"))
    assert len(listed) == 26 and sum(not each.uid for each in listed) == 25  # no station: listed, not counted


# --- pages --------------------------------------------------------------------------------------------------


def test_a_facility_opens_to_whoever_works_there_and_a_person_to_whoever_enters_forms_about_persons(
    adult: str, town: Any, sign_in: Any
) -> None:
    opened = {
        uid: {who for who in ("chen", "qin", "yang", "zhao", "liu", "he", "xu", "ran", "song", "luo")
              if sign_in(who).get(f"/subjects/{uid}/").status_code == 200}
        for uid in (town.school, adult)
    }  # fmt: skip
    assert opened[town.school] == {"chen", "yang", "liu", "he", "xu", "ran"}
    assert opened[adult] == {"chen", "yang", "liu", "he"}


def test_what_was_found_is_shown_to_those_who_read_welfare_only(adult: str, sign_in: Any) -> None:
    checked(adult, DAY, "barred")
    assert "不得接触儿童" in sign_in("yang").get(f"/subjects/{adult}/").content.decode()
    told = sign_in("he").get(f"/subjects/{adult}/").content.decode()
    assert "覃叔叔" in told and "违法犯罪记录" not in told


def test_the_form_page_enters_corrects_and_takes_back_what_is_about_a_facility(
    town: Any, sign_in: Any
) -> None:
    client, address = sign_in("xu"), f"/subjects/{town.school}/record/inspection/"
    assert client.get(address).status_code == 200
    sent = {"client_id": str(uuid4()), "occurred_on": "2026-08-20", "result": "correct", "note": "护栏松动"}
    saved = client.post(address, sent)
    assert saved.status_code == 200
    page = client.get(f"/subjects/{town.school}/").content.decode()
    assert "限期整改" in page and "护栏松动" in page
    change = f"/records/{sent['client_id']}/"
    corrected = client.post(
        change, {**sent, "client_id": str(uuid4()), "result": "pass", "change_reason": "看错了"}
    )
    assert corrected.status_code == 200
    assert sign_in("zhao").get(address).status_code == 404
    assert client.get(f"/subjects/{XIAOYU}/record/inspection/").status_code == 404
    assert client.get(f"/subjects/{town.school}/record/dose/").status_code == 404


def test_the_page_says_in_one_sentence_why_an_adult_is_refused(adult: str, sign_in: Any) -> None:
    client, address = sign_in("yang"), f"/children/{XIAOYU}/record/pairing/"
    listed = client.get(f"{address}?action=begin").content.decode()
    assert "覃叔叔" in listed and "暂不符合条件" in listed
    answer = client.post(
        address,
        {"client_id": str(uuid4()), "occurred_on": DAY.isoformat(), "action": "begin", "adult": adult},
    )
    assert answer.status_code == 422
    assert "还没有违法犯罪记录查询结果" in answer.content.decode()


def test_a_form_about_guardians_is_not_entered_for_a_worker_nor_the_other_way(adult: str, town: Any) -> None:
    with pytest.raises(NotAllowed):
        add("guardian_report", adult, {"state": "imprisoned"})
    with pytest.raises(NotAllowed):
        add("background_check", town.grandmother, {"asked_of": "police", "result": "clear"})


def test_rosters_open_and_name_what_is_within_reach(adult: str, town: Any, sign_in: Any) -> None:
    for path in (
        "/roster/",
        "/roster/stations/",
        "/roster/adults/",
        "/roster/certified/",
        "/roster/matching/",
    ):
        assert sign_in("yang").get(path).status_code == 200, path
    assert "覃叔叔" in sign_in("yang").get("/roster/adults/").content.decode()
    assert "覃叔叔" not in sign_in("zhao").get("/roster/adults/").content.decode()
    assert sign_in("xu").get("/roster/adults/").status_code == 404  # enters nothing about persons


def test_one_person_may_hold_two_certificates(adult: str) -> None:
    add("certificate", adult, {"kind": "child_director", "number": "演示3"}, DAY - timedelta(days=50), "liu")
    add(
        "certificate",
        adult,
        {"kind": "child_social_worker", "valid_until": "2027-01-01"},
        DAY - timedelta(days=90),
        "liu",
    )
    assert Status.objects.filter(scheme="license", valid_to__isnull=True).count() == 2


# --- a record is found about somebody who stands for a child ------------------------------------------------


def test_a_barred_adult_is_not_reported_stopped_while_a_child_is_left_with_them(
    adult: str, sign_in: Any
) -> None:
    checked(adult, DAY - timedelta(days=90))
    pair(adult, DAY - timedelta(days=60))
    client = sign_in("yang")
    pages = (f"/subjects/{adult}/", f"/children/{XIAOYU}/")
    assert all("已阻断" not in client.get(each).content.decode() for each in pages)
    checked(adult, DAY, "barred")
    assert all("已阻断" in client.get(each).content.decode() for each in pages)
    with pytest.raises(BadInput, match="还有1名儿童"):
        add("contact_stop", adult, {"stopped": True})
    assert add("contact_stop", adult, {"stopped": False}).made  # what is not done may be said
    add("pairing", str(XIAOYU), {"action": "end", "reason": "查出记录"})
    assert add("contact_stop", adult, {"stopped": True}).made
    assert "已阻断" not in client.get(pages[1]).content.decode()
