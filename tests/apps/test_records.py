"""Records: entered once, never changed, what they decide, and what the engines get of them."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from tests.cast import AT, DAY, DAZHUANG, XIAOYU, YUEYUE, as_

from yimi.apps import active
from yimi.apps.accounts.permissions import system
from yimi.apps.audit.models import Entry
from yimi.apps.records import actions, selectors, tables
from yimi.apps.records.models import Record, Verification
from yimi.apps.register.models import Child, ReviewItem, Status
from yimi.lib.errors import BadInput, NotAllowed
from yimi.pack.tables import RECORD
from yimi.sites.staff.pages import shown

ME = system(DAY)
DOSE = {"vaccine": "MMR", "lot": "A1"}
DECISION = {
    "action": "open",
    "category": "H1a",
    "level": "yellow",
    "reason": "父母均亡故",
    "review_on": "2027-06-01",
}


def give(uid=None, by=None, subject=XIAOYU, on=date(2026, 5, 1), answers=None, **more):
    return actions.add(
        form="dose", subject=str(subject), occurred_on=on, answers=answers or DOSE, by=by or as_("ran"), at=AT,
        record_uid=uid, **more,
    )  # fmt: skip


def in_force():
    return tables.records()["seq"].to_pylist()


def test_the_same_request_five_times_is_one_record(town):
    uid = uuid4()
    stored = [give(uid) for _ in range(5)]
    assert [each.made for each in stored] == [True, False, False, False, False]
    assert Record.objects.filter(record_uid=uid).count() == 1
    assert Entry.objects.filter(verb="add", target_uid=str(uid)).count() == 1


def test_the_same_request_in_eight_processes_at_once_is_one_record(committed):
    uid, outcomes = uuid4(), []

    def send() -> None:
        try:
            outcomes.append(give(uid).made)
        except Exception as error:
            outcomes.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(map(str, outcomes)) == ["False"] * 7 + ["True"]
    assert Record.objects.filter(record_uid=uid).count() == 1


def test_a_record_id_taken_by_another_child_is_refused(town):
    uid = uuid4()
    give(uid)
    with pytest.raises(BadInput, match="taken"):
        give(uid, subject=DAZHUANG)


@pytest.mark.parametrize("how", ["update", "delete", "save"])
@pytest.mark.parametrize("model", [Record, Verification])
def test_the_database_refuses_to_change_a_record(town, model, how):
    stored = give()
    if model is Verification:
        actions.verify(record_uid=stored.record_uid, outcome="verified", by=ME, at=AT)
    row = model.objects.first()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        if how == "update":
            model.objects.update(by_id=None)
        elif how == "delete":
            row.delete()
        else:
            row.save(force_update=True)


def test_insert_or_replace_does_not_slip_past_the_triggers(town):
    if connection.vendor != "sqlite":
        pytest.skip("INSERT OR REPLACE is SQLite's")
    seq = give().seq
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "INSERT OR REPLACE INTO records_record SELECT * FROM records_record WHERE seq = %s", [seq]
        )


def test_a_correction_takes_the_records_place_and_keeps_it(town):
    first = give()
    second = actions.correct(
        record_uid=first.record_uid, answers={**DOSE, "lot": "B2"}, reason="批号抄错", by=as_("ran"), at=AT
    )
    assert in_force() == [second.seq]
    lines = selectors.timeline(as_("ran"), Child.objects.get(subject__uid=XIAOYU).pk, at=AT)
    assert [each.standing for each in lines] == ["corrected", "in_force"]
    with pytest.raises(BadInput, match="corrected since"):
        actions.void(record_uid=first.record_uid, reason="误录", by=as_("ran"), at=AT)


def test_a_void_takes_it_back_and_twice_is_once(town):
    first = give()
    one = actions.void(record_uid=first.record_uid, reason="误录", by=as_("ran"), at=AT)
    two = actions.void(record_uid=first.record_uid, reason="误录", by=as_("ran"), at=AT)
    assert (one.made, two.made, one.seq) == (True, False, two.seq)
    assert in_force() == []
    with pytest.raises(BadInput, match="reason"):
        actions.void(record_uid=give(on=date(2026, 5, 2)).record_uid, reason="", by=as_("ran"), at=AT)


def test_two_corrections_of_one_record_are_both_kept_and_make_one_review_item(town):
    first = give()
    made = [
        actions.correct(
            record_uid=first.record_uid, answers={**DOSE, "lot": lot}, reason="更正", by=as_("ran"), at=AT
        )
        for lot in ("B2", "C3")
    ]
    assert in_force() == [each.seq for each in made]
    assert ReviewItem.objects.filter(kind="two_corrections", closed_at__isnull=True).count() == 1


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({}, "required"),
        ({"vaccine": "nothing"}, "unknown_code"),
        ({**DOSE, "dose_number": 99}, "out_of_range"),
        ({**DOSE, "dose_number": "1.5"}, "not_whole"),
        ({**DOSE, "dose_number": "nan"}, "not_a_number"),
        ({**DOSE, "elsewhere": "maybe"}, "not_yes_or_no"),
        ({**DOSE, "elsewhere": True}, "required"),  # a dose given elsewhere wants evidence
        ({**DOSE, "lot": "x" * 401}, "too_long"),
        ({**DOSE, "lot": "a\x00b"}, "bad_character"),
        ({**DOSE, "surprise": 1}, "unknown_field"),
    ],
)
def test_answers_are_checked_against_the_form(town, answers, code):
    with pytest.raises(actions.AnswersRefused) as refused:
        give(answers=answers or {"lot": "A1"})
    assert [each.code for each in refused.value.errors] == [code]
    assert Record.objects.count() == 0


def test_a_dose_before_birth_or_tomorrow_is_refused(town):
    for on in (date(2024, 1, 1), DAY + timedelta(days=1)):
        with pytest.raises(BadInput):
            give(on=on)


@pytest.fixture
def second_person(monkeypatch):
    """The pack, with a hardship decision that wants a second person."""
    pack = active.pack()
    form = pack.forms["hardship_decision"].model_copy(update={"second_person": True})
    forms = {**pack.forms, "hardship_decision": form}
    changed = replace(pack, declared={**pack.declared, "forms": forms})
    monkeypatch.setattr(active, "pack", lambda: changed)


def test_a_decision_opens_statuses_with_the_record_that_makes_it(town):
    made = actions.add(
        form="hardship_decision", subject=str(DAZHUANG), occurred_on=date(2026, 6, 1), answers=DECISION,
        by=as_("yang"), at=AT,
    )  # fmt: skip
    opened = {s.scheme: (s.code, s.valid_from, str(s.opened_by)) for s in Status.objects.all()}
    assert opened == {
        "hardship": ("H1a", date(2026, 6, 1), made.record_uid),
        "hardship_level": ("yellow", date(2026, 6, 1), made.record_uid),
    }
    actions.void(record_uid=made.record_uid, reason="误录", by=as_("yang"), at=AT)
    assert not Status.objects.exists()


def test_a_decision_counts_when_a_second_person_has_verified_it(town, second_person):
    made = actions.add(
        form="hardship_decision", subject=str(DAZHUANG), occurred_on=date(2026, 6, 1), answers=DECISION,
        by=as_("yang"), at=AT,
    )  # fmt: skip
    assert in_force() == []
    assert not Status.objects.exists()
    assert [line.record_uid for _, line in selectors.waiting(as_("liu"))] == [made.record_uid]
    for nobody in ("yang", "zhao", "ran"):  # herself; the next township; a vaccinator sees no welfare
        with pytest.raises(NotAllowed):
            actions.verify(record_uid=made.record_uid, outcome="verified", by=as_(nobody), at=AT)
    actions.verify(record_uid=made.record_uid, outcome="verified", by=as_("liu"), at=AT)
    assert in_force() == [made.seq]
    opened = {s.scheme: s for s in Status.objects.all()}
    assert (opened["hardship"].code, opened["hardship_level"].code) == ("H1a", "yellow")
    assert opened["hardship"].review_due == date(2027, 6, 1)
    assert str(opened["hardship"].opened_by) == made.record_uid
    actions.verify(record_uid=made.record_uid, outcome="rejected", by=as_("liu"), at=AT)
    assert in_force() == []
    assert not Status.objects.exists()


def test_a_closing_decision_ends_the_statuses_and_taking_it_back_opens_them_again(town):
    def decide(on, answers):
        return actions.add(
            form="hardship_decision",
            subject=str(DAZHUANG),
            occurred_on=on,
            answers=answers,
            by=as_("yang"),
            at=AT,
        )

    decide(date(2026, 3, 1), DECISION)
    end = decide(date(2026, 8, 1), {"action": "close", "category": "H1a", "reason": "已满足退出条件"})
    assert {s.valid_to for s in Status.objects.all()} == {date(2026, 8, 1)}
    actions.void(record_uid=end.record_uid, reason="决定撤销", by=as_("yang"), at=AT)
    assert {s.valid_to for s in Status.objects.all()} == {None}


def test_records_reach_the_engines_in_the_contracts_shape_and_civil_time(town):
    seq = give().seq
    table = tables.records()
    assert table.column_names == list(RECORD)
    row = table.to_pylist()[0]
    assert row["received_at"] == datetime(2026, 9, 1, 9, 0)  # noqa: DTZ001
    assert (row["seq"], row["form"], row["occurred_on"], row["place_id"]) == (
        seq,
        "dose",
        date(2026, 5, 1),
        town.chen_village,
    )
    alone = tables.for_subject(Child.objects.get(subject__uid=XIAOYU).pk)
    assert alone == [{name: each[name] for name in tables.TYPED} for each in table.to_pylist()]
    assert tables.records(after=seq).num_rows == 0
    assert tables.last_seq() == seq


def test_one_subject_and_the_whole_agree_about_what_is_in_force(town):
    a, b, c = give(), give(on=date(2026, 5, 2)), give(on=date(2026, 5, 3))
    actions.correct(record_uid=a.record_uid, answers=DOSE, reason="更正", by=ME, at=AT)
    actions.void(record_uid=b.record_uid, reason="误录", by=ME, at=AT)
    actions.verify(record_uid=c.record_uid, outcome="rejected", by=ME, at=AT)
    give(subject=YUEYUE, by=ME)
    pk = Child.objects.get(subject__uid=XIAOYU).pk
    whole = [row for row in tables.records().to_pylist() if row["subject_id"] == pk]
    assert tables.for_subject(pk) == [{name: each[name] for name in tables.TYPED} for each in whole]
    assert len(whole) == 1


def rows_of(uids, subject, answers=None):
    pk = Child.objects.get(subject__uid=subject).pk
    return [actions.NewRecord(uid, pk, date(2026, 5, 1), answers or DOSE) for uid in uids]


def test_many_are_all_or_nothing_and_repeatable(town):
    uids = [uuid4() for _ in range(5)]
    first = actions.add_many(form="dose", rows=rows_of(uids, XIAOYU), by=as_("ran"), at=AT)
    again = actions.add_many(form="dose", rows=rows_of(uids, XIAOYU), by=as_("ran"), at=AT)
    assert (first.stored, first.repeated, again.stored, again.repeated) == (5, 0, 0, 5)
    bad = rows_of([uuid4(), uuid4()], XIAOYU) + rows_of([uuid4()], YUEYUE)
    with pytest.raises(NotAllowed):
        actions.add_many(form="dose", rows=bad, by=as_("ran"), at=AT)
    assert Record.objects.count() == 5
    entry = Entry.objects.filter(verb="add-many").order_by("seq").first()
    assert entry.detail["rows"] == 5
    assert len(entry.detail["ids"]) == 64


@pytest.mark.parametrize(
    ("who", "subject", "form", "may"),
    [
        ("ran", XIAOYU, "dose", True),
        ("ran", YUEYUE, "dose", False),  # next township
        ("ran", XIAOYU, "hardship_visit", False),  # not a vaccinator's form
        ("chen", XIAOYU, "dose", True),  # enters it and reads no doses
        ("chen", DAZHUANG, "dose", False),  # another village
        ("zhao", XIAOYU, "hardship_visit", False),
        ("song", XIAOYU, "dose", False),
        ("zhou", XIAOYU, "dose", False),
    ],
)
def test_who_may_enter_what_about_whom(town, who, subject, form, may):
    answers = DOSE if form == "dose" else {"mode": "home", "seen": True}
    if may:
        assert give(by=as_(who), subject=subject).made
        return
    with pytest.raises(NotAllowed):
        actions.add(
            form=form, subject=str(subject), occurred_on=date(2026, 5, 1), answers=answers, by=as_(who), at=AT
        )


def test_a_reader_sees_only_the_forms_of_the_own_field(town):
    give()
    actions.add(
        form="hardship_decision",
        subject=str(XIAOYU),
        occurred_on=date(2026, 6, 1),
        answers=DECISION,
        by=ME,
        at=AT,
    )
    pk = Child.objects.get(subject__uid=XIAOYU).pk
    assert [each.form for each in selectors.timeline(as_("ran"), pk, at=AT)] == ["dose"]
    assert [each.form for each in selectors.timeline(as_("chen"), pk, at=AT)] == ["hardship_decision"]
    with pytest.raises(NotAllowed):
        selectors.timeline(as_("zhao"), pk, at=AT)


def test_a_record_is_found_by_its_id_without_reading_all_of_them(db):
    plan = Record.objects.filter(record_uid=uuid4()).explain()
    assert "record_uid_once" in plan or connection.vendor == "postgresql", (
        plan
    )  # PostgreSQL reads an empty table whole


# --- what one entered oneself -------------------------------------------------------------------------------


def timeline(who, on=DAY):
    return selectors.timeline(as_(who, on), Child.objects.get(subject__uid=XIAOYU).pk, at=AT)


def exception(by):
    answers = {"pathway": "immunization", "step": "MMR_1", "kind": "refused", "reason": "家长暂不同意"}
    return actions.add(
        form="service_exception", subject=str(XIAOYU), occurred_on=DAY, answers=answers, by=by, at=AT
    )


def test_a_person_sees_what_he_entered_himself_and_nothing_more(town):
    mine, hers = exception(as_("chen")), exception(as_("ran"))
    give()
    (line,) = timeline("chen")
    assert (line.record_uid, line.answers["reason"], line.only_own) == (mine.record_uid, "家长暂不同意", True)
    assert selectors.one(as_("chen"), mine.record_uid, at=AT).answers["reason"] == "家长暂不同意"
    with pytest.raises(NotAllowed):
        selectors.one(as_("chen"), hers.record_uid, at=AT)
    assert {each.only_own for each in timeline("ran")} == {False} and len(timeline("ran")) == 3


def test_the_own_entry_corrected_by_another_shows_that_it_was_and_not_to_what(town):
    mine = exception(as_("chen"))
    actions.correct(
        record_uid=mine.record_uid, answers={"pathway": "immunization", "step": "MMR_1", "kind": "contraindicated", "reason": "机密"},
        reason="医生诊断", by=as_("ran"), at=AT,
    )  # fmt: skip
    (line,) = timeline("chen")
    assert (line.standing, line.answers["kind"]) == ("corrected", "refused")
    assert "机密" not in str(line)


@pytest.mark.parametrize("how", ["moved away", "blocked", "other post"])
def test_the_own_entry_is_closed_with_the_child_or_the_post(town, how):
    from yimi.apps.accounts import actions as accounts
    from yimi.apps.register import actions as register

    mine = exception(as_("chen"))
    if how == "moved away":
        register.move(uid=str(XIAOYU), place=town.next_village, on=DAY, by=ME, at=AT)
    elif how == "blocked":
        register.block(uid=str(XIAOYU), user_id=as_("chen").user_id, kind="conflict", since=DAY, by=ME, at=AT)
    else:  # a post that reads the child and does not enter this form
        accounts.end_appointments(username="chen", on=DAY, by=ME, at=AT)
        accounts.appoint(
            username="chen", role="civil_affairs_officer", organization="civil_affairs", place="500156", valid_from=DAY,
            by=ME, at=AT,
        )  # fmt: skip
        assert timeline("chen") == []
    with pytest.raises(NotAllowed):
        selectors.one(as_("chen"), mine.record_uid, at=AT)


def test_the_unit_of_every_field_is_told_in_english() -> None:
    told = {
        each.unit: shown.unit(each.unit)["en"]
        for form in active.pack().forms.values()
        for each in form.fields
        if each.unit
    }
    assert len(told) > 20
    assert [unit for unit, en in told.items() if en == unit and not unit.isascii()] == []
