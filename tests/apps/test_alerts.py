"""Alerts: one open alert per cause, a list that follows the facts, names for the role told and numbers above it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from tests.cast import AT, DAY, DAZHUANG, XIAOYU, YUEYUE, as_

from yimi import cycle
from yimi.apps import active
from yimi.apps.accounts.permissions import system
from yimi.apps.alerts import actions, selectors
from yimi.apps.alerts.models import Alert, AlertSubject
from yimi.apps.audit.models import Entry
from yimi.apps.register import actions as register
from yimi.apps.register.models import Subject
from yimi.apps.tasks import actions as tasks
from yimi.apps.tasks import selectors as task_files
from yimi.apps.tasks.models import Task
from yimi.engines.findings import Behind, Finding
from yimi.lib.errors import NotAllowed

ME = system(DAY)
LATE = date(2026, 8, 1)


def child(uid):
    return Subject.objects.get(uid=uid).pk


def finding(place, *children, late=LATE, rule="mmr_overdue", step="MMR_1"):
    behind = tuple(Behind(child(each), step, late - timedelta(days=60), late) for each in children)
    return Finding("immunization", rule, f"due:immunization:{rule}:{place}", place, behind)


def sync(*findings):
    return actions.sync(findings=findings, pack=active.pack(), by=ME, at=AT)


def test_one_cause_has_one_open_alert_however_often_it_is_found(town):
    first = sync(finding(town.chen_village, XIAOYU))
    again = sync(finding(town.chen_village, XIAOYU))
    assert (len(first.opened), again.opened, again.changed, again.closed) == (1, [], [], [])
    assert Alert.objects.count() == AlertSubject.objects.count() == 1


def test_the_list_follows_the_children(town):
    sync(finding(town.chen_village, XIAOYU))
    changed = sync(finding(town.chen_village, DAZHUANG))
    alert = Alert.objects.get()
    assert changed.changed == [alert.pk]
    assert set(alert.subjects.filter(until__isnull=True).values_list("subject_id", flat=True)) == {
        child(DAZHUANG)
    }
    assert alert.subjects.get(subject_id=child(XIAOYU)).until == AT  # the history keeps who was on it


def test_a_corrected_birth_date_moves_the_line(town):
    """K1: what is due moves; the old line ends and the new one begins."""
    sync(finding(town.chen_village, XIAOYU))
    moved = sync(finding(town.chen_village, XIAOYU, late=LATE + timedelta(days=9)))
    alert = Alert.objects.get()
    assert moved.changed == [alert.pk]
    assert alert.subjects.get(until__isnull=True).overdue_after == LATE + timedelta(days=9)
    assert alert.subjects.filter(until__isnull=False).count() == 1


def test_a_cause_that_comes_back_is_a_new_alert(town):
    sync(finding(town.chen_village, XIAOYU))
    gone = sync()
    back = sync(finding(town.chen_village, XIAOYU))
    assert (len(gone.closed), len(back.opened), Alert.objects.count()) == (1, 1, 2)
    assert Alert.objects.filter(closed_at__isnull=True).count() == 1


def test_only_the_cycle_opens_alerts(town):
    with pytest.raises(NotAllowed):
        actions.sync(findings=[], pack=active.pack(), by=as_("zhou"), at=AT)


def test_the_role_told_sees_names_and_the_reading_is_noted(town):
    sync(finding(town.chen_village, XIAOYU))
    chen = as_("chen")
    lines, total = selectors.told_by_name(chen)
    assert total == 1
    assert [each.hit.name for each in lines[0].children.named] == ["小雨"]
    assert [(e.verb, e.detail["shown"]) for e in chen.reads] == [("list", [str(XIAOYU)])]


def test_a_list_reads_no_more_names_than_it_tells(town):
    """Whoever sees "小雨 and 1 more" has read one file; the audit says so."""
    sync(finding("500156101", XIAOYU, DAZHUANG, YUEYUE))
    ran, alert = as_("ran"), Alert.objects.get().pk
    told = selectors.concerned(ran, [alert], {alert}, first=1)[alert]
    assert ([each.hit.name for each in told.named], told.count) == (
        ["小雨"],
        2,
    )  # 月月 lives in the next township
    assert [each.detail["shown"] for each in ran.reads] == [[str(XIAOYU)]]
    everybody = selectors.concerned(ran, [alert], {alert})[alert]
    assert ([each.hit.name for each in everybody.named], everybody.count) == (["小雨", "大壮"], 2)


def test_those_above_are_told_a_number_and_no_name(town):
    sync(finding(town.chen_village, XIAOYU), finding(town.qin_village, DAZHUANG))
    yang = as_("yang")  # child supervisor of the township, told a count
    assert selectors.told_by_name(yang) == ([], 0)
    assert [(c.rule, c.children, c.places) for c in selectors.told_counts(yang)] == [("mmr_overdue", 2, 2)]
    assert yang.reads == []
    assert [c.children for c in selectors.told_counts(as_("zhou"))] == [2]  # the coordinating office


@pytest.mark.parametrize("other", ["zhao", "qin"])
def test_another_place_is_told_nothing(town, other):
    sync(finding(town.chen_village, XIAOYU))
    actor = as_(other)
    assert selectors.told_by_name(actor) == ([], 0)
    assert selectors.told_counts(actor) == []
    assert selectors.addressed(actor, child(XIAOYU)) == set()
    with pytest.raises(NotAllowed):
        selectors.one(actor, str(Alert.objects.get().uid))


def test_addressed_steps_are_those_of_open_alerts_only(town):
    sync(finding(town.chen_village, XIAOYU))
    assert selectors.addressed(as_("chen"), child(XIAOYU)) == {("immunization", "MMR_1")}
    sync()
    assert selectors.addressed(as_("chen"), child(XIAOYU)) == set()


def test_a_turn_without_change_writes_no_audit_entry(town):
    sync(finding(town.chen_village, XIAOYU))
    before = Entry.objects.count()
    sync(finding(town.chen_village, XIAOYU))
    assert Entry.objects.count() == before


# --- a child that moves -------------------------------------------------------------------------------------


def about(uid, place, late=LATE):
    behind = (Behind(child(uid), "MMR_1", late - timedelta(days=60), late),)
    return Finding("immunization", "mmr_overdue", f"due:immunization:mmr_overdue:{child(uid)}", place, behind)


def test_an_alert_about_one_child_moves_with_it(town):
    first = sync(about(XIAOYU, town.chen_village))
    register.move(uid=str(XIAOYU), place=town.qin_village, on=DAY, by=ME, at=AT)
    second = sync(about(XIAOYU, town.qin_village))
    assert (second.opened, second.closed, second.moved, second.changed) == ([], [], first.opened, [])
    alert = Alert.objects.get()
    assert (alert.place_id, alert.subjects.count(), alert.opened_at) == (town.qin_village, 1, AT)
    assert selectors.told_by_name(as_("chen")) == ([], 0)
    assert selectors.told_counts(as_("chen")) == []
    assert selectors.addressed(as_("chen"), child(XIAOYU)) == set()
    with pytest.raises(NotAllowed):
        selectors.one(as_("chen"), str(alert.uid))
    (line,), _ = selectors.told_by_name(as_("qin"))
    assert [each.hit.name for each in line.children.named] == ["小雨"]
    again = sync(about(XIAOYU, town.qin_village))
    assert (again.moved, again.changed) == ([], [])


@pytest.mark.parametrize("begun", ["open", "accepted", "reported"])
def test_its_task_goes_to_the_same_role_where_the_child_lives_now(town, begun):
    opened = sync(about(XIAOYU, town.chen_village)).opened
    tasks.open_for_alerts(alerts=opened, pack=active.pack(), by=ME, at=AT)
    task = Task.objects.get()
    if begun != "open":
        tasks.accept(task=str(task.uid), by=as_("chen"), at=AT)
    if begun == "reported":
        tasks.report(task=str(task.uid), note="已补种", evidence="第3号", by=as_("chen"), at=AT)
    register.move(uid=str(XIAOYU), place=town.qin_village, on=DAY, by=ME, at=AT)
    moved = sync(about(XIAOYU, town.qin_village)).moved
    assert tasks.follow(moved=moved, by=ME, at=AT) == 1
    after = Task.objects.get()
    assert (after.place_id, after.organization_id) == (town.qin_village, f"village_{town.qin_village}")
    assert (after.first_due_on, after.due_on) == (task.first_due_on, task.due_on)
    assert (after.state, after.accepted_by_id) == (
        ("reported", as_("chen").user_id) if begun == "reported" else ("open", None)
    )
    event = after.events.order_by("-pk").first()
    assert event.detail["to"] == ["child_director", town.qin_village]
    with pytest.raises(NotAllowed):
        task_files.one(as_("chen"), str(task.uid))
    assert [each.hit.name for each in task_files.one(as_("qin"), str(task.uid)).line.children.named] == [
        "小雨"
    ]


def test_a_turn_after_a_move_opens_no_second_alert_and_no_second_task(town, monkeypatch):
    """The same through the cycle, with a rule that alerts about each child by itself."""
    pack = active.pack()
    pathway = pack.pathways["immunization"]
    rules = [
        each.model_copy(update={"per": "subject"}) if each.id == "mmr_overdue" else each
        for each in pathway.alerts
    ]
    pathways = {**pack.pathways, "immunization": pathway.model_copy(update={"alerts": rules})}
    changed = replace(pack, declared={**pack.declared, "pathways": pathways})
    monkeypatch.setattr(active, "pack", lambda: changed)

    def turn():
        cycle.turn(as_of=DAY, at=AT, force=True)
        return [
            (each.cause, each.place_id, each.tasks.get().place_id)
            for each in Alert.objects.filter(
                rule="mmr_overdue", subjects__subject_id=child(XIAOYU)
            ).distinct()
        ]

    cause = f"due:immunization:mmr_overdue:{child(XIAOYU)}"
    assert turn() == [(cause, town.chen_village, town.chen_village)]
    register.move(uid=str(XIAOYU), place=town.qin_village, on=DAY, by=ME, at=AT)
    assert turn() == [(cause, town.qin_village, town.qin_village)]
    assert turn() == [(cause, town.qin_village, town.qin_village)]
