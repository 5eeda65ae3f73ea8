"""Welfare: guardianship levels and missed visits; children without an identity, joined, parted, handed over."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from tests.cast import AT, DAY, DAZHUANG, ID_NUMBER, OTHER_ID_NUMBER, XIAOYU, as_

from yimi import cycle
from yimi.apps.accounts.permissions import system
from yimi.apps.alerts.models import Alert
from yimi.apps.alerts.selectors import told_by_name
from yimi.apps.audit.models import Entry
from yimi.apps.cases import actions as cases
from yimi.apps.cases import selectors as case_file
from yimi.apps.cases.models import Identity
from yimi.apps.evaluation import ledgers, listing
from yimi.apps.evaluation.ledgers import StatusRow
from yimi.apps.records import actions as records
from yimi.apps.records import identities
from yimi.apps.records.case_reports import Report, report
from yimi.apps.records.models import Record
from yimi.apps.records.tables import for_subject
from yimi.apps.register import actions as register
from yimi.apps.register import selectors
from yimi.apps.register.models import Child, Correction, Residence, ReviewItem, Status
from yimi.apps.tasks.models import Task
from yimi.lib.errors import BadInput, NotAllowed

MATTERS = ("child_health", "child_mind", "child_study", "will", "ability", "conduct", "means", "safety", "bond", "support")  # fmt: skip


def pk(uid: Any) -> int:
    return Child.objects.values_list("pk", flat=True).get(subject__uid=uid)


def assess(mark: str = "bad", on: date = DAY, **more: Any) -> str:
    answers = {
        "carer": "grandmother",
        "danger": False,
        "plan": "每周走访",
        **dict.fromkeys(MATTERS, mark),
        **more,
    }
    return records.add(
        form="guardianship_assessment", subject=str(DAZHUANG), occurred_on=on, answers=answers, by=as_("yang"), at=AT,
        record_uid=uuid4(),
    ).record_uid  # fmt: skip


@pytest.mark.django_db
def test_an_assessment_opens_a_level_and_its_correction_changes_it(town: Any) -> None:
    uid = assess(level="green")  # what is typed for the level does not count
    found = Status.objects.get(subject_id=pk(DAZHUANG), scheme="guardianship_level", valid_to=None)
    assert (found.code, found.valid_from) == ("red", DAY)
    assert found.review_due is not None and 28 <= (found.review_due - DAY).days <= 31
    answers = {"carer": "grandmother", "danger": False, "plan": "按月走访", **dict.fromkeys(MATTERS, "concern"),
               "adjusted": "yellow", "adjust_reason": "外婆同住"}  # fmt: skip
    records.correct(record_uid=uid, answers=answers, reason="填错等级", by=as_("yang"), at=AT)
    found = Status.objects.get(subject_id=pk(DAZHUANG), scheme="guardianship_level", valid_to=None)
    assert found.code == "yellow"


MISSED = {"guardianship_visit_missed", "hardship_visit_missed"}


@pytest.mark.django_db
def test_a_missed_visit_alerts_the_township_the_next_day_with_one_task(town: Any) -> None:
    start = DAY - timedelta(days=8)
    assess(on=start)
    for day, alerts in ((DAY - timedelta(days=1), 0), (DAY, 1)):
        cycle.turn(as_of=day, at=AT, force=True)
        missed = Alert.objects.filter(rule__in=MISSED, closed_at=None)
        assert missed.count() == alerts, day
    (task,) = Task.objects.filter(alert=missed.get())
    assert (task.role, missed.get().to_role) == ("child_supervisor", "child_supervisor")
    assert {each.rule for each in told_by_name(as_("yang"))[0]} & MISSED
    assert not {each.rule for each in told_by_name(as_("zhao"))[0]} & MISSED


# --- a child without an identity ------------------------------------------------------------------------------

FOUND = {
    "found_by": "police",
    "found_at": "客运站",
    "apparent_age": "8",
    "features": "左腕有疤",
    "placed": "shelter",
}


def found_child(town: Any, on: date = DAY, by: str = "liu") -> str:
    made = register.register_unidentified(
        sex="m", place=town.chen_village, on=on, form="street_child_found", by=as_(by), at=AT
    )
    records.add(form="street_child_found", subject=made.uid, occurred_on=on, answers=FOUND, by=as_(by), at=AT)
    return made.uid


def enter(uid: str, form: str, on: date, **answers: Any) -> None:
    records.add(form=form, subject=uid, occurred_on=on, answers=answers, by=as_("liu"), at=AT)


@pytest.mark.django_db
def test_a_child_without_an_identity_is_registered_found_again_and_given_one(town: Any) -> None:
    uid = found_child(town)
    (hit,) = selectors.unidentified(as_("liu"))
    number = hit.name.split()[-1]
    assert [each.uid for each in selectors.search(as_("liu"), number)] == [uid]
    assert selectors.search(as_("zhao"), number) == []  # another township
    with pytest.raises(NotAllowed):
        found_child(town, by="chen")
    register.give_identity(uid=uid, name="张小明", sex="m", birth_date=date(2018, 4, 2), id_number=ID_NUMBER,
                           reason="公安比对", by=as_("liu"), at=AT)  # fmt: skip
    assert [each.name for each in selectors.search(as_("liu"), ID_NUMBER)] == ["张小明"]
    assert [each.uid for each in selectors.search(as_("liu"), number)] == [uid]  # by its number still
    facts = set(Correction.objects.filter(subject_id=pk(uid)).values_list("fact", flat=True))
    assert facts == {"name", "birth_date", "id_number"}


@pytest.mark.django_db
def test_joined_with_the_child_it_turns_out_to_be_and_parted_again(town: Any) -> None:
    uid = found_child(town, on=DAY - timedelta(days=3))
    before = Child.objects.filter(subject__uid=uid).values().get()
    number = identities.link(kept=str(DAZHUANG), gone=uid, reason="奶奶辨认", by=as_("liu"), at=AT)
    assert not Child.objects.filter(subject__uid=uid).exists()
    assert selectors.search(as_("liu"), before["name"]) == []
    main = pk(DAZHUANG)
    assert Record.objects.filter(subject_id=main, form="street_child_found").count() == 1
    assert Status.objects.filter(subject_id=main, scheme="street_care", valid_to=None).count() == 1
    with pytest.raises(NotAllowed):
        identities.link(kept=str(DAZHUANG), gone=uid, reason="再来一次", by=as_("liu"), at=AT)
    with pytest.raises(NotAllowed):
        identities.unlink(number=number, reason="不该由我", by=as_("zhao"), at=AT)
    identities.unlink(number=number, reason="不是同一人", by=as_("liu"), at=AT)
    assert Child.objects.filter(subject__uid=uid).values().get() == before
    assert not Status.objects.filter(subject_id=main, scheme="street_care").exists()
    in_force = {each["form"] for each in for_subject(main)}
    assert "street_child_found" not in in_force
    assert "street_child_found" in {each["form"] for each in for_subject(pk(uid))}


@pytest.mark.django_db
def test_days_in_the_shelter_add_up_and_the_file_stays_here_after_the_child_left(town: Any) -> None:
    first = DAY - timedelta(days=40)
    uid = found_child(town, on=first)
    enter(uid, "street_child_placement", first + timedelta(days=9), ends=True, outcome="left")
    enter(uid, "street_child_found", DAY - timedelta(days=6), **FOUND)
    enter(uid, "street_child_placement", DAY - timedelta(days=2), ends=True, outcome="transferred")
    enter(uid, "file_handed_over", DAY - timedelta(days=2), to_county="邻县", to_body="邻县民政局", pages=12)
    rows, count = ledgers.status_page(
        as_("liu"), "file_custody", listing.Filter(), as_of=DAY, offset=0, limit=9
    )
    assert (count, [each.code for each in rows]) == (1, ["sent"])
    care = [StatusRow(rows[0].hit, "", None, "shelter", first, None, None, None, "")]
    assert ledgers.days_lasted("street_care", care, DAY) == {pk(uid): 9 + 4}
    assert selectors.child(as_("liu"), uid, at=AT).place is None  # gone, and the file is still kept
    for other in ("yang", "chen", "zhao", "song"):
        with pytest.raises(NotAllowed):
            selectors.child(as_(other), uid, at=AT)
    enter(uid, "file_receipt", DAY, received_by="张某", child_safe=True)
    assert selectors.child(as_("liu"), uid, at=AT).statuses[-1].code == "kept"


# --- adoption ---------------------------------------------------------------------------------------------------

NEW = {"name": "周安安", "place": "", "id_number": "", "parents": [{"kind": "father", "name": "周大山"}, {"kind": "mother", "name": "吴小荷"}]}  # fmt: skip


def adoption(town: Any, identity: bool = True) -> Report:
    made = report(
        kind="adoption", answers={"situation": "orphan", "kin": True, "papers": True}, occurred_on=DAY,
        place="500156101", by=as_("liu"), at=AT, record_uid=uuid4(), children=[(str(DAZHUANG), "concerned")],
    )  # fmt: skip
    for who, form, answers in (
        ("liu", "adoption_review", {"conditions": True, "guardian_agrees": True, "child_will": "under_8"}),
        ("liu", "adoption_order", {"granted": True, "certificate": "演示收字1号"}),
        ("gao", "adoption_household", {"registered": True}),
    ):
        records.add(form=form, subject=made.uid, occurred_on=DAY, answers=answers, by=as_(who), at=AT)
    if identity:
        content = {**NEW, "place": town.next_village, "id_number": OTHER_ID_NUMBER}
        cases.set_identity(uid=made.uid, identity=content, by=as_("liu"), at=AT)
    return made


def close(made: Report, result: str = "registered") -> None:
    uid = records.add(form="adoption_closing", subject=made.uid, occurred_on=DAY, answers={"result": result},
                      by=as_("liu"), at=AT).record_uid  # fmt: skip
    records.verify(record_uid=uid, outcome="verified", by=as_("gao"), at=AT)


@pytest.mark.django_db
def test_after_an_adoption_the_old_identity_is_not_reachable_from_the_new(town: Any) -> None:
    dose = records.add(form="dose", subject=str(DAZHUANG), occurred_on=date(2020, 6, 1), answers={"vaccine": "MMR"},
                       by=as_("ran"), at=AT).record_uid  # fmt: skip
    old, before = pk(DAZHUANG), Child.objects.count()
    made = adoption(town)
    close(made)
    new = Child.objects.get(name="周安安")
    assert Child.objects.count() == before  # by count and difference nothing has happened
    assert not Child.objects.filter(pk=old).exists() and not Residence.objects.filter(subject_id=old).exists()
    for who in ("qin", "yang", "liu", "ran", "zhao", "gao"):
        with pytest.raises(NotAllowed):
            selectors.child(as_(who), str(DAZHUANG), at=AT)
        assert selectors.search(as_(who), "大壮") == []
    file = selectors.child(as_("zhao"), str(new.subject.uid), at=AT)
    assert (file.name, file.birth_date, file.place) == ("周安安", date(2019, 5, 31), town.next_village)
    assert {(each.kind, each.name) for each in file.guardians} == {("father", "周大山"), ("mother", "吴小荷")}
    assert file.corrections == []
    (carried,) = Record.objects.filter(subject_id=new.pk)
    assert (carried.form, carried.answers, carried.occurred_on) == (
        "dose",
        {"vaccine": "MMR"},
        date(2020, 6, 1),
    )
    assert (carried.place_id, carried.organization_id, carried.by_id) == (None, None, None)
    assert str(carried.record_uid) != dose and carried.reason == "" and carried.supersedes is None
    assert not ReviewItem.objects.filter(subject_id=new.pk).exists()
    trail = [each.detail for each in Entry.objects.filter(target_uid=str(new.subject.uid))]
    assert str(DAZHUANG) not in str(trail) and made.uid not in str(trail)


@pytest.mark.django_db
def test_both_identities_stand_under_the_seal_for_its_list_only(town: Any) -> None:
    made = adoption(town)
    close(made)
    for who in ("liu", "gao", "yang", "zhou", "song"):
        assert case_file.identities(as_(who), made.uid, at=AT) is None
    row = Identity.objects.get()
    assert "大壮".encode() not in bytes(row.sealed) and "周安安".encode() not in bytes(row.sealed)
    cases.open_seal(number=made.number, reason="本人成年后依法申请查询", by=as_("liu"), at=AT)
    told = case_file.identities(as_("liu"), made.uid, at=AT + timedelta(minutes=1))
    assert told is not None and (told["old"]["name"], told["new"]["name"]) == ("大壮", "周安安")
    assert case_file.one(as_("liu"), made.uid, at=AT + timedelta(minutes=1)).line.children == ()
    assert case_file.identities(as_("gao"), made.uid, at=AT + timedelta(minutes=1)) is None


def undoing(number: str, child: str, who: str = "liu") -> Report:
    told = {"ground": "fraud", "adoption_number": number, "document": "演示决定1号"}
    return report(
        kind="adoption_undoing", answers=told, occurred_on=DAY, place="500156101", by=as_(who), at=AT,
        record_uid=uuid4(), children=[(child, "concerned")],
    )  # fmt: skip


def end_undoing(made: Report, result: str = "undone") -> None:
    for who, form, answers in (
        ("liu", "adoption_undoing_review", {"grounds_hold": True, "child_will": "under_8"}),
        ("gao", "adoption_undoing_household", {"registered": True}),
    ):
        records.add(form=form, subject=made.uid, occurred_on=DAY, answers=answers, by=as_(who), at=AT)
    uid = records.add(form="adoption_undoing_closing", subject=made.uid, occurred_on=DAY, answers={"result": result},
                      by=as_("liu"), at=AT).record_uid  # fmt: skip
    with pytest.raises(NotAllowed):
        records.verify(record_uid=uid, outcome="verified", by=as_("liu"), at=AT)  # nobody alone
    records.verify(record_uid=uid, outcome="verified", by=as_("gao"), at=AT)


@pytest.mark.django_db
def test_an_undone_adoption_gives_the_child_back_with_what_was_entered_meanwhile(town: Any) -> None:
    first = {"form": "dose", "occurred_on": date(2020, 6, 1), "answers": {"vaccine": "MMR"}}
    records.add(subject=str(DAZHUANG), by=as_("ran"), at=AT, **first)
    before = selectors.child(as_("qin"), str(DAZHUANG), at=AT)
    made, old = adoption(town), pk(DAZHUANG)
    close(made)
    new = Child.objects.get(name="周安安")
    later = {"form": "dose", "occurred_on": date(2026, 8, 1), "answers": {"vaccine": "MMR"}}
    records.add(subject=str(new.subject.uid), by=system(DAY), at=AT, **later)
    n = Child.objects.count()
    end_undoing(undoing(made.number, str(new.subject.uid)))
    assert Child.objects.count() == n and not Child.objects.filter(name="周安安").exists()
    with pytest.raises(NotAllowed):
        selectors.child(as_("zhao"), str(new.subject.uid), at=AT)
    again = selectors.child(as_("qin"), str(DAZHUANG), at=AT)
    assert (again.name, again.place) == ("大壮", before.place)
    assert [(each.kind, each.name) for each in again.guardians] == [
        (each.kind, each.name) for each in before.guardians
    ]
    with pytest.raises(NotAllowed):
        selectors.child(as_("zhao"), str(DAZHUANG), at=AT)  # the next township reads it no more
    given = [
        (each.form, each.occurred_on)
        for each in Record.objects.filter(subject_id=old).order_by("occurred_on")
    ]
    assert given == [("dose", date(2020, 6, 1)), ("dose", date(2026, 8, 1))], "the copy is not carried back"
    (entry,) = Entry.objects.filter(verb="restore-identity")
    assert entry.target_uid == made.uid and str(DAZHUANG) not in str(entry.detail)
    trail = str([each.detail for each in Entry.objects.filter(target_uid=str(DAZHUANG))])
    assert str(new.subject.uid) not in trail and made.uid not in trail


@pytest.mark.django_db
def test_after_the_undoing_both_cases_are_sealed_and_the_list_reads_what_happened(town: Any) -> None:
    made = adoption(town)
    close(made)
    new = str(Child.objects.get(name="周安安").subject.uid)
    undone = undoing(made.number, new)
    end_undoing(undone)
    for who in ("liu", "gao", "yang", "zhou", "song"):
        for uid in (made.uid, undone.uid):
            with pytest.raises(NotAllowed):
                case_file.one(as_(who), uid, at=AT)
    cases.open_seal(number=made.number, reason="核对撤销收养后的身份恢复", by=as_("liu"), at=AT)
    told = case_file.identities(as_("liu"), made.uid, at=AT + timedelta(minutes=1))
    assert told is not None and (told["old"]["name"], told["new"]["name"]) == ("周安安", "大壮")
    with pytest.raises(BadInput, match="编号"):
        undoing(made.number, str(DAZHUANG))  # once is enough


@pytest.mark.django_db
def test_an_undoing_needs_the_right_number_the_right_child_and_a_ground(town: Any) -> None:
    made = adoption(town)
    with pytest.raises(BadInput, match="编号"):
        undoing(made.number, str(DAZHUANG))  # not ended, so nothing to undo
    close(made)
    new = Child.objects.get(name="周安安")
    with pytest.raises(BadInput, match="编号"):
        undoing("SY26-AAAAA", str(new.subject.uid))
    with pytest.raises(NotAllowed):
        undoing(made.number, str(new.subject.uid), who="gao")  # the registry opens it
    wrong = undoing(made.number, str(XIAOYU))
    with pytest.raises(BadInput, match="不符"):
        end_undoing(wrong)
    assert Child.objects.filter(pk=new.pk).exists() and Child.objects.filter(subject__uid=XIAOYU).exists()
    end_undoing(undoing(made.number, str(new.subject.uid)), "refused")
    assert (
        Child.objects.filter(pk=new.pk).exists() and not Child.objects.filter(subject__uid=DAZHUANG).exists()
    )


@pytest.mark.django_db
def test_no_end_without_the_new_identity_and_no_new_identity_without_the_adoption(town: Any) -> None:
    made = adoption(town, identity=False)
    with pytest.raises(BadInput, match="身份"):
        close(made)
    with pytest.raises(NotAllowed):
        cases.set_identity(uid=made.uid, identity=NEW, by=as_("gao"), at=AT)  # not the leading party
    waiting = Record.objects.get(form="adoption_closing")
    records.verify(record_uid=waiting.record_uid, outcome="rejected", by=as_("gao"), at=AT)
    close(made, "withdrawn")
    assert Child.objects.get(subject__uid=DAZHUANG).name == "大壮"
    assert not Child.objects.filter(name="周安安").exists()
