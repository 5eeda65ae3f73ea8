"""Cases: the parties and nobody else, nobody alone, the reporter unknown, the seal without a trace."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from cryptography.exceptions import InvalidTag
from django.db import DatabaseError, transaction
from tests.cast import AT, DAY, DAZHUANG, XIAOYU, as_

from yimi import cycle
from yimi.apps.accounts import actions as accounts
from yimi.apps.accounts.permissions import system
from yimi.apps.alerts.models import Alert
from yimi.apps.alerts.selectors import told_by_name, told_counts
from yimi.apps.audit.models import Entry
from yimi.apps.cases import actions, models, selectors, vault
from yimi.apps.cases.actions import Routing
from yimi.apps.evaluation import cases as worked
from yimi.apps.evidence import actions as proofs
from yimi.apps.records import actions as records
from yimi.apps.records import selectors as record_file
from yimi.apps.records.case_reports import Report, report
from yimi.apps.records.models import Record
from yimi.apps.register import actions as register
from yimi.apps.tasks import actions as task_actions
from yimi.apps.tasks import selectors as tasks
from yimi.apps.tasks.models import Task
from yimi.lib.errors import BadInput, NotAllowed

LATER = AT + timedelta(hours=1)


@pytest.fixture
def school(town: Any) -> Any:
    """A protection officer of Dazhuang's school."""
    from yimi.apps.accounts.models import User

    User.objects.create(username="wen", display_name="文老师", made_up=True)
    accounts.appoint(
        username="wen", role="school_officer", organization=town.school, place=town.chen_village,
        valid_from=DAY - timedelta(days=30), by=system(DAY), at=AT,
    )  # fmt: skip
    return town


def reported(by: str = "qin", children: Any = ((str(DAZHUANG), "harmed"),), **more: Any) -> Report:
    return report(
        kind="mandatory_report", answers={"situation": "R4", "seen": "手臂多处淤青", **more.pop("answers", {})},
        occurred_on=DAY, place=more.pop("place", "500156101"), by=as_(by), at=AT,
        record_uid=more.pop("record_uid", uuid4()), children=children, **more,
    )  # fmt: skip


def enter(who: str, case: str, form: str, **answers: Any) -> str:
    return records.add(
        form=form, subject=case, occurred_on=DAY, answers=answers, by=as_(who), at=LATER
    ).record_uid


def sees(who: str, case: str) -> bool:
    try:
        selectors.one(as_(who), case, at=AT)
    except NotAllowed:
        return False
    return True


def answer_all(case: str, but: str = "") -> None:
    given = {
        "police": ("gao", "police_intake", {"outcome": "accepted", "safe_now": "true"}),
        "health": ("deng", "medical_response", {"examined": "true", "injury": "mild"}),
        "civil": ("liu", "civil_response", {"placement": "relative", "guardianship_assessed": "true"}),
        "school": ("wen", "school_response", {"safety": "班主任陪护", "attends": "true"}),
        "procuratorate": ("shen", "procuratorate_response", {"supervised": "true", "duty_checked": "true"}),
    }
    for name, (who, form, answers) in given.items():
        if name != but:
            enter(who, case, form, **answers)


def test_a_report_needs_almost_nothing_and_goes_to_its_parties_only(school: Any) -> None:
    made = reported()
    assert made.made and made.number.startswith("QZ26-") and made.receipt
    seen = {who for who in ("gao", "shen", "liu", "deng", "wen", "qin", "yang", "zhao", "zhou", "song", "luo", "ma")
            if sees(who, made.uid)}  # fmt: skip
    assert seen == {"gao", "shen", "liu", "deng", "wen"}


def test_a_report_of_an_unknown_child_is_taken_and_the_school_comes_in_when_the_child_is_known(
    school: Any,
) -> None:
    made = reported(children=())
    assert made.missing == ("school",) and not sees("wen", made.uid)
    actions.involve(uid=made.uid, child=str(DAZHUANG), role="harmed", by=as_("liu"), at=LATER)
    assert sees("wen", made.uid)


def test_the_same_report_twice_is_one_case(school: Any) -> None:
    uid = uuid4()
    first, again = reported(record_uid=uid), reported(record_uid=uid)
    assert (first.uid, first.number) == (again.uid, again.number)
    assert (first.made, again.made, again.receipt) == (True, False, None)
    assert models.Case.objects.count() == 1


def test_the_reporter_is_nowhere_but_in_the_sealed_table(school: Any) -> None:
    before = Entry.objects.count()
    made = reported("qin")
    qin = as_("qin")
    assert not Entry.objects.filter(seq__gt=before, actor=qin.uid).exists()
    assert Record.objects.get(form="mandatory_report").by_id is None
    assert not models.Event.objects.filter(by_id=qin.user_id).exists()
    row = models.Reporter.objects.get()
    assert qin.uid.encode() not in bytes(row.sealed) and "覃".encode() not in bytes(row.sealed)
    with pytest.raises(InvalidTag):
        vault.unseal(bytes(row.sealed), uuid4().hex)  # moved to another case it does not open
    with pytest.raises(NotAllowed):
        actions.open_reporter(number=made.number, order="x", by=as_("shen"), at=AT)
    opened = actions.open_reporter(number=made.number, order="检申〔2026〕1号", by=system(DAY), at=AT)
    assert opened["account"] == qin.uid
    assert Entry.objects.filter(verb="open-reporter").count() == 1
    for table in (models.Reporter, models.Event):
        with pytest.raises(DatabaseError), transaction.atomic():
            table.objects.all().delete()


def test_the_receipt_tells_how_it_stands_and_nothing_else(school: Any) -> None:
    made = reported()
    assert selectors.receipt(str(made.receipt).lower()).state == "open"
    with pytest.raises(NotAllowed):
        selectors.receipt("AAAA-BBBB-CCCC")


def test_the_accused_and_their_body_never_learn_of_it(school: Any) -> None:
    made = reported(routing=Routing(shielded=(school.school,), shielded_users=(as_("liu").user_id or 0,)))
    assert not sees("wen", made.uid) and not sees("liu", made.uid) and sees("gao", made.uid)
    register.block(
        uid=str(DAZHUANG),
        user_id=as_("gao").user_id or 0,
        kind="own_family",
        since=DAY,
        by=system(DAY),
        at=AT,
    )
    assert not sees("gao", made.uid)


def test_each_party_reads_its_part_and_no_more(school: Any) -> None:
    made = reported()
    answer_all(made.uid)

    def read(who: str) -> set[str]:
        file = selectors.one(as_(who), made.uid, at=LATER)
        return {each.form for each in record_file.of_case(file.line.subject_id, file.reads)}

    assert read("wen") == {"school_response"}
    assert read("deng") == {"medical_response"}
    assert "medical_response" in read("gao") and "school_response" not in read("gao")
    assert "mandatory_report" in read("shen")
    medical = Record.objects.get(form="medical_response")
    with pytest.raises(NotAllowed):
        record_file.one(as_("wen"), str(medical.record_uid), at=LATER)
    with pytest.raises(NotAllowed):
        enter("wen", made.uid, "medical_response", examined="true", injury="none")
    with pytest.raises(NotAllowed):
        enter("zhao", made.uid, "school_response", safety="x", attends="true")


def test_a_case_shows_neither_on_the_childs_file_nor_in_who_read_it(school: Any) -> None:
    from yimi.apps.audit.selectors import readers_of

    made = reported(children=((str(XIAOYU), "harmed"),))
    gao = as_("gao")
    selectors.one(gao, made.uid, at=AT)
    accounts.write_reads(gao, at=AT)
    assert [each.verb for each in readers_of(made.uid)] == ["read", "open-case"]
    assert not [each for each in readers_of(str(XIAOYU)) if "case" in each.verb or each.actor == gao.uid]


def test_nobody_closes_alone_and_not_before_all_have_answered(school: Any) -> None:
    made = reported()
    answer_all(made.uid, but="school")
    closing = {"outcome": "safe", "child_safe": "true", "follow_up": "每周家访"}
    with pytest.raises(BadInput, match="学校"):
        enter("liu", made.uid, "protection_closing", **closing)
    actions.not_needed(uid=made.uid, party="school", reason="未到学龄", by=as_("liu"), at=LATER)
    record = enter("liu", made.uid, "protection_closing", **closing)
    assert models.Case.objects.get().state == "open"
    with pytest.raises(NotAllowed):
        records.verify(record_uid=record, outcome="verified", by=as_("liu"), at=LATER)
    with pytest.raises(NotAllowed):
        records.verify(record_uid=record, outcome="verified", by=as_("deng"), at=LATER)
    records.verify(record_uid=record, outcome="verified", by=as_("shen"), at=LATER)
    assert models.Case.objects.get().state == "closed"
    with pytest.raises(NotAllowed):
        enter("gao", made.uid, "police_filing", decision="criminal")


def closed_case(school: Any) -> str:
    made = reported()
    answer_all(made.uid)
    record = enter("liu", made.uid, "protection_closing", outcome="safe", child_safe="true", follow_up="家访")
    records.verify(record_uid=record, outcome="verified", by=as_("shen"), at=LATER)
    return made.uid


def card(days: int, intent: str = "assault") -> None:
    day = DAY + timedelta(days=days)
    answers = {"cause": "4", "place_kind": "home", "intent": intent, "severity": "mild", "source": "hospital"}
    records.add(form="injury_card", subject=str(DAZHUANG), occurred_on=day, answers=answers, by=as_("deng", day),
                at=AT + timedelta(days=days))  # fmt: skip


def test_harm_again_within_ninety_days_reopens_and_later_opens_anew(school: Any) -> None:
    closed_case(school)
    card(89, intent="unintentional")
    assert models.Case.objects.get().state == "closed"
    card(90)
    case = models.Case.objects.get()
    assert (case.state, case.reopened_on) == ("open", DAY + timedelta(days=90))
    late = {each.step for each in worked.worked(case.pk, DAY + timedelta(days=91), AT + timedelta(days=91)).clocks
            if each.state == "late"}  # fmt: skip
    assert "mr_police" in late
    card(91)
    assert models.Case.objects.count() == 1, "an open case takes the next injury in"


def test_an_assault_opens_a_case_by_itself(school: Any) -> None:
    card(0)
    case = models.Case.objects.get()
    assert (case.kind, case.state) == ("mandatory_report", "open")
    assert Record.objects.get(subject_id=case.pk).answers["situation"] == "R4"
    assert models.Involved.objects.get().child.uid == DAZHUANG


def test_a_second_source_of_the_same_assault_opens_no_second_case(school: Any) -> None:
    """The village tells, after the case is closed, of what the hospital's card had opened it for."""
    card(0)
    case = models.Case.objects.get()
    models.Case.objects.filter(pk=case.pk).update(
        state="closed", closed_on=DAY + timedelta(days=30), closed_at=LATER
    )
    answers = {
        "cause": "4",
        "place_kind": "home",
        "intent": "assault",
        "severity": "mild",
        "source": "village",
    }
    for days in (2, 4):  # within the days that make one event, and beyond them
        records.add(form="injury_card", subject=str(DAZHUANG), occurred_on=DAY + timedelta(days=days), answers=answers,
                    by=system(DAY + timedelta(days=40)), at=AT + timedelta(days=40))  # fmt: skip
        assert models.Case.objects.count() == (1 if days == 2 else 2)


def bullied(who: str = "wen", days: int = 0) -> Report:
    day = DAY + timedelta(days=days)
    return report(
        kind="bullying", answers={"types": ["verbal"], "stopped": "true"}, occurred_on=day, place="500156101",
        by=as_(who, day), at=AT + timedelta(days=days), record_uid=uuid4(), children=[(str(DAZHUANG), "harmed")],
    )  # fmt: skip


def test_bullying_again_within_ninety_days_of_the_closing_opens_the_same_case(school: Any) -> None:
    first = bullied()
    ended = DAY + timedelta(days=20)
    models.Case.objects.update(state="closed", closed_on=ended, closed_at=AT + timedelta(days=20))
    again = bullied(days=110)
    assert again.number == first.number and again.made
    case = models.Case.objects.get()
    assert (case.state, case.reopened_on) == ("open", DAY + timedelta(days=110))
    assert Record.objects.filter(subject_id=case.pk, form="bullying_report").count() == 2
    late = {each.step for each in worked.worked(case.pk, DAY + timedelta(days=111), AT + timedelta(days=111)).clocks
            if each.state == "late"}  # fmt: skip
    assert "ql_notice" in late, "the clocks run from the day it came again"


def test_bullying_after_ninety_days_or_of_another_school_is_a_new_case(school: Any) -> None:
    bullied()
    models.Case.objects.update(state="closed", closed_on=DAY + timedelta(days=20), closed_at=LATER)
    assert bullied(days=111).made and models.Case.objects.count() == 2


def test_harm_after_ninety_days_is_a_new_case(school: Any) -> None:
    closed_case(school)
    card(91)
    assert sorted(models.Case.objects.values_list("state", flat=True)) == ["closed", "open"]


def test_a_silent_party_is_told_by_number_to_the_coordinator_the_next_day(school: Any) -> None:
    made = reported()
    answer_all(made.uid, but="police")
    day = DAY + timedelta(days=1)
    cycle.turn(as_of=day, at=AT + timedelta(days=1))
    alert = Alert.objects.get(rule="mr_police_silent")
    assert alert.place_id == "500156"
    told = [each for each in told_counts(as_("zhou", day)) if each.rule == "mr_police_silent"]
    assert [each.children for each in told] == [1]
    named, _ = told_by_name(as_("gao", day))
    assert [each.case for each in named if each.case] == [(made.number, made.uid)]
    for who in ("zhao", "yang", "song", "deng", "wen"):
        assert not [each for each in told_by_name(as_(who, day))[0] if each.case], who
        assert not [each for each in told_counts(as_(who, day)) if each.rule.startswith("mr_")], who
    desk = tasks.desk(as_("gao", day), "mine", as_of=day, soon_until=day)
    assert [each.case for each in desk.lines] == [(made.number, made.uid)]
    line = next(
        each for each in tasks.desk(as_("zhou", day), "all", as_of=day, soon_until=day).lines if each.case
    )
    assert line.case == (made.number, made.uid) and not line.case_open
    assert line.children.named == [] and line.children.count == 0
    # Whatever his own township gives him to do, it is not this case.
    lines = tasks.desk(as_("zhao", day), "mine", as_of=day, soon_until=day).lines
    assert [each for each in lines if each.case] == []


def test_what_proves_a_task_of_a_case_opens_for_its_party_only(school: Any) -> None:
    """Place and reading open the files of other tasks; a coordinator who sees the task is told that there is one."""
    answer_all(reported().uid, but="police")
    day = DAY + timedelta(days=1)
    cycle.turn(as_of=day, at=AT + timedelta(days=1))
    task = Task.objects.get(alert__rule="mr_police_silent")
    batch = uuid4()
    held = proofs.stage(
        batch=batch,
        field="evidence",
        name="受案回执.pdf",
        content=b"%PDF-1.7\nproof\n%%EOF",
        by=as_("gao", day),
        at=AT,
    )
    task_actions.report(
        task=str(task.uid),
        note="已受案",
        evidence="",
        by=as_("gao", day),
        at=AT,
        files=[held],
        batch=batch,
    )
    assert tasks.open_evidence(as_("gao", day), held).content.startswith(b"%PDF")
    assert not tasks.one(as_("zhou", day), str(task.uid)).files_open
    for who in ("zhou", "liu", "song", "yang", "zhao", "qin"):
        with pytest.raises(NotAllowed):
            tasks.open_evidence(as_(who, day), held)


def test_hours_run_out_before_days_do(school: Any) -> None:
    made = reported()
    case = models.Case.objects.get(subject__uid=made.uid)
    clocks = {each.step: each for each in worked.worked(case.pk, DAY, AT + timedelta(minutes=119)).clocks}
    assert clocks["mr_police"].state == "running"
    clocks = {each.step: each for each in worked.worked(case.pk, DAY, AT + timedelta(minutes=121)).clocks}
    assert (clocks["mr_police"].state, clocks["mr_medical"].state) == ("late", "running")
    answer_all(made.uid)  # an hour after
    clocks = {each.step: each for each in worked.worked(case.pk, DAY, AT + timedelta(hours=3)).clocks}
    assert clocks["mr_police"].state == "done"


# --- referral -----------------------------------------------------------------------------------------------


def test_a_referral_is_seen_by_two_bodies_and_its_refusal_by_the_sender(town: Any) -> None:
    made = report(
        kind="referral", answers={"need": "medical", "urgency": "normal", "reason": "听力复查"}, occurred_on=DAY,
        place=town.chen_village, by=as_("chen"), at=AT, record_uid=uuid4(), children=[(str(XIAOYU), "concerned")],
        routing=Routing(sender=f"village_{town.chen_village}", chosen={"receiver": "hospital_500156101"}),
    )  # fmt: skip
    assert {
        who for who in ("chen", "qin", "deng", "ran", "yang", "zhao", "liu", "zhou") if sees(who, made.uid)
    } == {"chen", "deng"}
    with pytest.raises(records.AnswersRefused):
        enter("deng", made.uid, "referral_reply", outcome="refused")
    enter("deng", made.uid, "referral_reply", outcome="refused", reason="设备不足")
    file = selectors.one(as_("chen"), made.uid, at=LATER)
    told = [
        each.answers
        for each in record_file.of_case(file.line.subject_id, file.reads)
        if each.form == "referral_reply"
    ]
    assert told[0]["reason"] == "设备不足"


# --- the seal -----------------------------------------------------------------------------------------------


def juvenile() -> Report:
    return report(
        kind="graded_intervention", answers={"conduct": "c38_4"}, occurred_on=DAY, place="500156101", by=as_("gao"),
        at=AT, record_uid=uuid4(), children=[(str(DAZHUANG), "concerned")],
    )  # fmt: skip


def seal(made: Report) -> None:
    enter("gao", made.uid, "tier_decision", action="enter", tier="B2", article="第三十八条", reason="盗窃",
          measures=["admonish"])  # fmt: skip
    record = enter("gao", made.uid, "intervention_closing", result="done", summary="表现良好")
    records.verify(record_uid=record, outcome="verified", by=as_("shen"), at=LATER)


def totals(day: Any) -> dict[str, Any]:
    """Everything a person outside the case is told in numbers, after a turn."""
    from yimi.apps.plan.models import Figure, Run

    cycle.turn(as_of=day, at=AT + timedelta(days=1), force=True)
    run = Run.objects.get(in_force=True)
    columns = ("indicator", "item", "place", "sex", "age", "numerator", "denominator")
    wanted = ("children", "due_items", "due", "overdue", "findings", "alerts")
    return {
        "counts": {name: run.counts[name] for name in wanted},
        "figures": sorted(map(str, Figure.objects.filter(run=run).values_list(*columns))),
        "told": told_counts(as_("zhou", day)),
        "tasks": tasks.desk(as_("zhou", day), "all", as_of=day, soon_until=day).counts,
    }


def test_a_sealed_file_is_gone_by_name_count_and_difference(town: Any) -> None:
    day = DAY + timedelta(days=40)
    without = totals(day)
    made = juvenile()
    assert totals(day) == without, "a case that will be sealed is in no total while it runs"
    assert Alert.objects.filter(rule="gi_decision_late", closed_at__isnull=True).count() == 1
    seal(made)
    assert totals(day) == without
    for who in ("gao", "shen", "liu", "zhao", "song", "zhou", "luo"):
        assert not sees(who, made.uid), who
        assert selectors.mine(as_(who))[1] == {"open": 0, "closed": 0}
    assert models.Case.objects.get().state == "sealed"


def test_a_seal_is_opened_by_its_list_with_a_reason_and_reviewed_by_another(town: Any) -> None:
    made = juvenile()
    seal(made)
    for who in ("zhao", "song", "liu", "zhou", "luo"):
        with pytest.raises(NotAllowed):
            actions.open_seal(number=made.number, reason="司法机关办案需要查询", by=as_(who), at=LATER)
    with pytest.raises(BadInput):
        actions.open_seal(number=made.number, reason="看看", by=as_("shen"), at=LATER)
    actions.open_seal(number=made.number, reason="司法机关办案需要查询", by=as_("shen"), at=LATER)
    assert selectors.one(as_("shen"), made.uid, at=LATER + timedelta(minutes=119)).line.state == "sealed"
    with pytest.raises(NotAllowed):
        selectors.one(as_("shen"), made.uid, at=LATER + timedelta(minutes=121))
    assert not sees("gao", made.uid)
    waiting = selectors.openings_to_review(as_("gao"))
    assert [each.reason for each in waiting] == ["司法机关办案需要查询"]
    assert selectors.openings_to_review(as_("shen")) == []
    with pytest.raises(NotAllowed):
        actions.review_opening(opening=waiting[0].id, justified=True, by=as_("zhao"), at=LATER)
    actions.review_opening(opening=waiting[0].id, justified=True, by=as_("gao"), at=LATER)
    assert selectors.openings_to_review(as_("gao")) == []
    assert [e.verb for e in Entry.objects.filter(target_uid=made.uid).order_by("seq")][-2:] == [
        "open-seal",
        "review-seal",
    ]


def test_the_tier_is_suggested_by_rule_and_set_by_decision_only(town: Any) -> None:
    made = juvenile()
    case = models.Case.objects.get(subject__uid=made.uid)
    assert worked.worked(case.pk, DAY, AT).suspicions == ["tier_B2"]
    assert not case.subject.statuses.exists()
    enter("gao", made.uid, "tier_decision", action="enter", tier="B2", article="第三十八条", reason="盗窃")
    assert worked.worked(case.pk, DAY, AT).suspicions == []
    assert list(case.subject.statuses.values_list("scheme", "code")) == [("conduct_tier", "B2")]
