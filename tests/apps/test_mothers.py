"""An expectant mother is entered once; her delivery opens the child's file; who may see whom; what a withdrawal does."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.cast import AT, DAY, as_

from yimi import cycle
from yimi.apps import active
from yimi.apps.accounts.permissions import system
from yimi.apps.alerts.models import Alert
from yimi.apps.alerts.selectors import behind
from yimi.apps.evaluation import expecting, live
from yimi.apps.records import actions, births
from yimi.apps.records.facts import facts_of, rows_of
from yimi.apps.records.models import Record
from yimi.apps.register import actions as register
from yimi.apps.register import residents, subjects
from yimi.apps.register.models import Child, Correction, Person, Relation, Residence, ReviewItem, Status
from yimi.apps.register.residents import AlreadyThere, Newcomer
from yimi.apps.register.selectors import child as child_file
from yimi.apps.translated import standing
from yimi.lib.errors import BadInput, NotAllowed
from yimi.lib.identifiers import check_digit

REGISTRATION, BIRTH = "pregnancy_registration", "childbirth"
LMP = DAY - timedelta(days=70)
BORN = {"child_sex": "f", "weight_g": "2300", "gestation_weeks": "36", "discharged_on": "2026-09-01", "mother_hbsag": "positive"}  # fmt: skip


def number(birth: str, order: int) -> str:
    """A made-up ID number of a region that does not exist; even orders are women's."""
    first = f"990156{birth}{order:03d}"
    return first + check_digit(first)


HERS, HIS = number("19960502", 2), number("19960502", 3)


def newcomer(town: Any, **more: Any) -> Newcomer:
    given = {"uid": uuid4(), "name": "冉小梅", "id_number": HERS, "birth_date": None, "place": town.chen_village, "since": DAY - timedelta(days=60)}  # fmt: skip
    return Newcomer(**{**given, **more})


def enroll(who: Newcomer, by: str = "deng", form: str = REGISTRATION) -> residents.Enrolled:
    return residents.enroll(who, form=form, by=as_(by), at=AT)


def add(
    form: str,
    uid: str,
    answers: dict[str, Any],
    on: date = DAY,
    who: str = "deng",
    at: datetime = AT,
    **more: Any,
) -> Any:
    return actions.add(form=form, subject=uid, occurred_on=on, answers=answers, by=as_(who), at=at, **more)


@pytest.fixture
def mother(town: Any) -> str:
    """冉小梅 of Chen's village, registered at ten weeks by Dr. Deng sixty days ago."""
    uid = enroll(newcomer(town)).uid
    add(REGISTRATION, uid, {"lmp": (DAY - timedelta(days=250)).isoformat()}, DAY - timedelta(days=60))
    return uid


# --- entering her -------------------------------------------------------------------------------------------


def test_she_is_entered_with_her_home_and_a_sealed_number(town: Any) -> None:
    made = enroll(newcomer(town))
    her = Person.objects.get(subject__uid=made.uid)
    assert (her.name, her.sex, her.birth_date, her.place_id) == ("冉小梅", "f", date(1996, 5, 2), None)
    assert HERS.encode() not in bytes(her.id_number_sealed or b"") and HERS not in (her.id_number_index or "")
    assert Residence.objects.get(subject_id=her.pk).place_id == town.chen_village


def test_the_same_request_again_is_the_same_person(town: Any) -> None:
    who = newcomer(town)
    assert enroll(who).made
    assert not enroll(who).made
    assert Person.objects.filter(name="冉小梅").count() == 1


def test_a_number_the_register_has_is_told_and_nothing_is_stored_twice(town: Any, mother: str) -> None:
    with pytest.raises(AlreadyThere) as told:
        enroll(newcomer(town))
    assert told.value.uid == mother
    with pytest.raises(BadInput, match="姓名与所填不同"):
        enroll(newcomer(town, name="别人"))
    assert Person.objects.filter(id_number_index__isnull=False).count() == 1


def test_without_a_number_a_namesake_born_the_same_day_is_told(town: Any, mother: str) -> None:
    with pytest.raises(BadInput, match="没有身份证号的"):
        enroll(newcomer(town, id_number=""))
    with pytest.raises(AlreadyThere):
        enroll(newcomer(town, id_number="", birth_date=date(1996, 5, 2)))
    assert enroll(newcomer(town, id_number="", birth_date=date(1996, 5, 3))).made


def test_a_guardian_the_register_knows_gets_the_home_and_stays_one_person(town: Any) -> None:
    known = register.register_person(name="冉小梅", id_number=HERS, by=system(DAY), at=AT)
    made = enroll(newcomer(town))
    assert (made.uid, made.known) == (known, True)
    assert Residence.objects.get(subject__uid=known).place_id == town.chen_village


def test_whoever_is_in_care_elsewhere_is_closed_there_first(town: Any, mother: str) -> None:
    beyond = newcomer(town, place=town.next_village, since=DAY)
    with pytest.raises(NotAllowed):
        enroll(beyond)  # not Dr. Deng's place
    dr_next = as_("deng")
    object.__setattr__(
        dr_next, "grants", tuple(replace(each, place=town.next_village) for each in dr_next.grants)
    )
    with pytest.raises(BadInput, match="已在别处建册"):
        residents.enroll(beyond, form=REGISTRATION, by=dr_next, at=AT)
    add("pregnancy_closing", mother, {"reason": "moved"})
    assert residents.enroll(beyond, form=REGISTRATION, by=dr_next, at=AT).uid == mother
    assert Residence.objects.get(subject__uid=mother, valid_to__isnull=True).place_id == town.next_village


@pytest.mark.parametrize("who", ["chen", "ran", "zhao", "yang", "liu", "zhou"])
def test_who_keeps_no_such_records_neither_enters_nor_sees_her(town: Any, mother: str, who: str) -> None:
    with pytest.raises(NotAllowed):
        enroll(newcomer(town, id_number=number("19970101", 4), name="覃小兰"), by=who)
    with pytest.raises(NotAllowed):
        subjects.subject(as_(who), mother)
    with pytest.raises(NotAllowed):
        add(BIRTH, mother, BORN, who=who)
    assert not expecting.may_list(as_(who))
    pk = Person.objects.get(subject__uid=mother).pk
    assert subjects.named(as_(who), [pk]) == {}


def test_a_mans_number_is_refused(town: Any) -> None:
    made = enroll(newcomer(town, id_number=HIS))
    with pytest.raises(BadInput, match="证件号码为男性"):
        add(REGISTRATION, made.uid, {"lmp": LMP.isoformat()})


# --- what is due --------------------------------------------------------------------------------------------


def steps(uid: str, on: date = DAY) -> dict[str, str]:
    pk = Person.objects.get(subject__uid=uid).pk
    return {row["step"]: row["status"] for row in live.due(pk, on, "person")}


def test_the_checks_are_due_by_her_weeks(mother: str) -> None:
    weeks = Record.objects.get(form=REGISTRATION).answers["weeks"]
    found = steps(mother)  # she is in week 35
    assert (weeks, found["AN_1"], found["AN_4"], "AN_3" in found) == (27, "expired", "due", False)
    add("antenatal_visit", mother, {"result": "normal"})
    assert steps(mother)["AN_4"] == "done"


def test_the_place_of_a_resident_is_known_to_the_engines(town: Any, mother: str) -> None:
    pk = Person.objects.get(subject__uid=mother).pk
    township = {row["place_id"]: row["parent_id"] for row in rows_of([pk], "person")[pk]["place"]}[
        town.chen_village
    ]
    facts, one = facts_of(pk, "person", DAY), standing("person")
    assert facts is not None
    assert one.holds(f"place = '{town.chen_village}' and township = '{township}'", facts)


def test_a_missed_check_is_first_on_the_list_and_an_alert_of_the_village_next_morning(
    sign_in: Any, town: Any, mother: str
) -> None:
    """She misses the check of 28 to 36 weeks; the turn of the next day tells it."""
    last = DAY + timedelta(days=258 - 250)
    other = enroll(newcomer(town, id_number=number("19980101", 6), name="冉小兰")).uid
    add(REGISTRATION, other, {"lmp": LMP.isoformat()})
    for day, status in ((last, "due"), (last + timedelta(days=1), "overdue")):
        cycle.turn(as_of=day, at=AT + (day - DAY))
        first, second = expecting.mothers(as_("deng", day))
        assert (first.uid, first.status, first.step) == (mother, status, "AN_4")
        assert (second.uid, second.status) == (other, "upcoming")
    alert = Alert.objects.get(pathway="antenatal_care", closed_at__isnull=True)
    assert (alert.place_id, alert.to_role, alert.count) == (town.chen_village, "township_doctor", 1)
    (line,) = behind(as_("deng", day), [alert.pk])[alert.pk]
    assert (line.uid, line.name, line.place) == (mother, "冉小梅", town.chen_village)
    assert behind(as_("chen", day), [alert.pk]) == {}
    add("antenatal_visit", mother, {"result": "normal"}, day, at=AT + (day - DAY))  # since the turn
    assert [each.status for each in expecting.mothers(as_("deng", day))] == ["upcoming", "upcoming"]
    last = Record.objects.latest("seq")
    actions.void(record_uid=last.record_uid, reason="误登", by=as_("deng", day), at=AT)
    text = sign_in("deng").get("/roster/expecting/?late=late").content.decode()
    assert "冉小梅" in text and "冉小兰" not in text


def test_closing_ends_everything_that_was_due(mother: str) -> None:
    add("pregnancy_closing", mother, {"reason": "miscarriage"})
    assert steps(mother) == {}
    assert not Status.objects.filter(scheme="pregnancy", valid_to__isnull=True).exists()


# --- the birth ----------------------------------------------------------------------------------------------


def test_a_birth_opens_the_childs_file_with_all_that_is_known(town: Any, mother: str) -> None:
    made = add(BIRTH, mother, BORN)
    child = Child.objects.get(subject__uid=births.child_behind(made.record_uid))
    assert (child.name, child.sex, child.birth_date) == ("冉小梅之女（待取名）", "f", DAY)
    assert (child.birth_weight_g, child.gestation_weeks, child.birth_place_id) == (
        2300,
        36,
        town.chen_village,
    )
    assert Residence.objects.get(subject_id=child.pk).place_id == town.chen_village
    tie = Relation.objects.get(subject_id=child.pk)
    assert (str(tie.person.uid), tie.kind, tie.guardian) == (mother, "mother", True)
    own = Record.objects.get(subject_id=child.pk)
    assert (own.form, own.answers["mother_hbsag"], own.answers["weight_g"]) == ("birth", "positive", 2300)
    assert (
        child_file(as_("deng"), str(child.subject.uid), at=AT).guardians[0].states == ()
    )  # not her pregnancy
    due = {row["step"]: row for row in live.due(child.pk, DAY)}
    assert due["V_NB"]["overdue_after"] == date(2026, 9, 8)
    assert {due["HepB_1"]["status"], due["BCG_1"]["status"]} == {"due"}
    found = steps(mother)
    assert "AN_4" not in found and found["PP_HOME"] == "due"


def test_the_form_sent_twice_is_one_child(mother: str) -> None:
    uid = uuid4()
    assert add(BIRTH, mother, BORN, record_uid=uid).made
    assert not add(BIRTH, mother, BORN, record_uid=uid).made
    with pytest.raises(BadInput, match="已经登记，没有重复建档"):
        add(BIRTH, mother, BORN)  # typed anew on another page
    assert Child.objects.filter(name__startswith="冉小梅").count() == 1


def test_twins_are_two_children_of_one_birth(mother: str) -> None:
    add(BIRTH, mother, {**BORN, "number": "1"})
    add(BIRTH, mother, {**BORN, "number": "2", "child_sex": "m", "child_name": "冉小双"})
    assert sorted(Child.objects.filter(birth_date=DAY).values_list("name", flat=True)) == ["冉小双", "冉小梅之女（待取名）"]  # fmt: skip
    assert steps(mother)["PP_HOME"] == "due"


def test_a_mother_never_registered_is_entered_with_the_birth(town: Any) -> None:
    uid = enroll(newcomer(town, since=DAY), form=BIRTH).uid
    add(BIRTH, uid, BORN)
    assert Child.objects.filter(subject__relations__person__uid=uid).count() == 1
    assert Status.objects.get(subject__uid=uid).code == "postpartum"


def test_naming_the_child_later_by_correction_leaves_care_as_it_is(mother: str) -> None:
    before = DAY - timedelta(days=45)
    made = add(BIRTH, mother, BORN, on=before)
    add("postpartum_visit", mother, {"kind": "day42", "result": "normal"}, on=DAY - timedelta(days=3))
    stored = actions.correct(
        record_uid=made.record_uid, answers={**BORN, "child_name": "冉小雪", "weight_g": "2350"}, reason="已取名", by=as_("deng"), at=AT
    )  # fmt: skip
    child = Child.objects.get(subject__uid=births.child_behind(stored.record_uid))
    assert (child.name, child.birth_weight_g) == ("冉小雪", 2350)
    assert set(Correction.objects.filter(subject_id=child.pk).values_list("fact", flat=True)) == {"name", "birth_weight_g"}  # fmt: skip
    last = Record.objects.filter(subject_id=child.pk).latest("seq")
    assert (last.kind, last.answers["weight_g"]) == ("correction", 2350)
    assert not Status.objects.filter(subject__uid=mother, valid_to__isnull=True).exists()  # closed at 42 days


def test_a_corrected_birth_date_moves_the_child_and_keeps_what_was_put_right_since(mother: str) -> None:
    made = add(BIRTH, mother, BORN)
    child = Child.objects.get(subject__uid=births.child_behind(made.record_uid))
    Child.objects.filter(pk=child.pk).update(name="冉小雪")  # named in the child's own file meanwhile
    day = DAY - timedelta(days=1)
    actions.correct(record_uid=made.record_uid, answers={**BORN, "child_name": "别名"}, reason="日期有误", occurred_on=day, by=as_("deng"), at=AT)  # fmt: skip
    child.refresh_from_db()
    assert (child.name, child.birth_date) == ("冉小雪", day)
    assert Residence.objects.get(subject_id=child.pk).valid_from == day
    assert Relation.objects.get(subject_id=child.pk).valid_from == day
    assert Status.objects.get(subject__uid=mother, valid_to__isnull=True).valid_from == day


def test_a_birth_taken_back_keeps_the_child_and_asks_whose_it_is(mother: str) -> None:
    made = add(BIRTH, mother, BORN)
    uid = births.child_behind(made.record_uid)
    gone = actions.void(record_uid=made.record_uid, reason="登错了人", by=as_("deng"), at=AT)
    child = Child.objects.get(subject__uid=uid)
    assert births.child_behind(gone.record_uid) == uid
    assert not Relation.objects.filter(subject_id=child.pk).exists()
    assert ReviewItem.objects.get(subject_id=child.pk).kind == "birth_taken_back"
    assert Status.objects.get(subject__uid=mother, valid_to__isnull=True).code == "expecting"
    assert steps(mother)["AN_4"] == "due"


def test_a_birth_that_a_second_person_rejects_is_nobodys_until_it_is_entered_right(mother: str) -> None:
    made = add(BIRTH, mother, BORN)
    child = Child.objects.get(subject__uid=births.child_behind(made.record_uid))

    def judge(outcome: str) -> None:
        actions.verify(record_uid=made.record_uid, outcome=outcome, by=system(DAY), at=AT)

    judge("rejected")
    assert not Relation.objects.filter(subject_id=child.pk).exists()
    assert ReviewItem.objects.get(subject_id=child.pk, closed_at=None).kind == "birth_taken_back"
    assert Status.objects.get(subject__uid=mother, valid_to__isnull=True).code == "expecting"
    judge("verified")
    assert Relation.objects.get(subject_id=child.pk).person.uid == UUID(mother)
    judge("rejected")
    again = add(BIRTH, mother, {**BORN, "weight_g": "2900"})
    assert births.child_behind(again.record_uid) != str(child.subject.uid)
    with pytest.raises(BadInput, match="entered already"):
        judge("verified")


# --- the pages ----------------------------------------------------------------------------------------------


def page(client: Any, **more: str) -> Any:
    data = {
        "client_id": str(UUID(int=7)), "name": "冉小梅", "id_number": HERS, "occurred_on": DAY.isoformat(),
        "lmp": LMP.isoformat(), **more,
    }  # fmt: skip
    return client.post("/roster/expecting/new/pregnancy_registration/", data)


def test_dr_deng_enters_her_on_one_page_and_finds_her_on_the_list(sign_in: Any, town: Any) -> None:
    client = sign_in("deng")
    assert client.get("/roster/expecting/new/pregnancy_registration/").status_code == 200
    assert page(client, place="").status_code == 422
    assert not Person.objects.filter(name="冉小梅").exists()
    assert page(client, place=town.chen_village, lmp="").status_code == 422  # a wrong record stores nobody
    assert not Person.objects.filter(name="冉小梅").exists()
    answer = page(client, place=town.chen_village)
    assert answer.status_code == 302
    again = page(client, place=town.chen_village)
    assert (again.status_code, again.url) == (302, answer.url)
    other = page(client, place=town.chen_village, client_id=str(uuid4()))
    assert other.status_code == 422 and answer.url in other.content.decode()
    assert "冉小梅" in client.get("/roster/expecting/").content.decode()
    assert (
        Person.objects.filter(name="冉小梅").count() == Record.objects.filter(form=REGISTRATION).count() == 1
    )


@pytest.mark.parametrize("who", ["chen", "ran", "zhao", "zhou", "song"])
def test_the_pages_are_absent_for_others(sign_in: Any, town: Any, mother: str, who: str) -> None:
    client = sign_in(who)
    for path in (
        "/roster/expecting/",
        "/roster/expecting/new/pregnancy_registration/",
        f"/subjects/{mother}/",
    ):
        assert client.get(path).status_code == 404
    assert page(client, place=town.chen_village).status_code == 404


def test_the_form_of_a_birth_leads_to_the_child(sign_in: Any, mother: str) -> None:
    client = sign_in("deng")
    data = {**BORN, "client_id": str(uuid4()), "occurred_on": DAY.isoformat()}
    text = client.post(f"/subjects/{mother}/record/childbirth/", data).content.decode()
    child = Child.objects.get(name__startswith="冉小梅")
    assert f"/children/{child.subject.uid}/" in text
    assert client.get(f"/children/{child.subject.uid}/").status_code == 200


def test_only_forms_that_say_so_enroll() -> None:
    pack = active.pack()
    assert {each.id for each in pack.forms.values() if each.enrolls} == {REGISTRATION, BIRTH}
