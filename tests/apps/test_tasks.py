"""Tasks: a promise of one role, with a deadline that stays, proof, and a second person."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from tests.apps.test_alerts import finding, sync
from tests.cast import AT, DAY, DAZHUANG, XIAOYU, as_

from yimi.apps import active
from yimi.apps.accounts.permissions import system
from yimi.apps.audit.models import Entry
from yimi.apps.tasks import actions, selectors, states
from yimi.apps.tasks.models import Task, TaskEvent
from yimi.apps.tasks.states import NotPossibleNow
from yimi.lib.errors import BadInput, NotAllowed

ME = system(DAY)
SOON = DAY + timedelta(days=3)


@pytest.fixture
def task(town):
    """One MMR task of Director Chen's village."""
    opened = sync(finding(town.chen_village, XIAOYU)).opened
    assert actions.open_for_alerts(alerts=opened, pack=active.pack(), by=ME, at=AT) == 1
    return Task.objects.get()


def uid(task):
    return str(task.uid)


def reported(task):
    actions.accept(task=uid(task), by=as_("chen"), at=AT)
    actions.report(task=uid(task), note="已补种", evidence="照片 12", by=as_("chen"), at=AT)


def state(task):
    return Task.objects.get(pk=task.pk).state


def desk(username, tab="mine"):
    return selectors.desk(as_(username), tab, as_of=DAY, soon_until=SOON)


# --- birth and deadline -------------------------------------------------------------------------------------


def test_an_alert_sets_one_task_with_its_role_and_deadline(task, town):
    assert (task.role, task.place_id, task.verified_by_role) == (
        "child_director",
        town.chen_village,
        "vaccinator",
    )
    assert task.organization_id == f"village_{town.chen_village}"
    assert task.first_due_on == task.due_on == date(2026, 9, 15)  # ten working days after 1 September


def test_an_open_task_is_not_set_twice(task):
    again = actions.open_for_alerts(alerts=[task.alert_id], pack=active.pack(), by=ME, at=AT)
    assert (again, Task.objects.count()) == (0, 1)


def test_an_alert_that_goes_on_after_its_task_was_closed_sets_a_new_one(task):
    reported(task)
    actions.verify(task=uid(task), note="", by=as_("ran"), at=AT)
    assert actions.open_for_alerts(alerts=[task.alert_id], pack=active.pack(), by=ME, at=AT) == 1


# --- the whole way ------------------------------------------------------------------------------------------


def test_accept_report_verify_closes_it_and_the_history_tells_it(task):
    reported(task)
    actions.verify(task=uid(task), note="接种证已看", by=as_("ran"), at=AT)
    found = Task.objects.get()
    assert (found.state, found.closed_at) == (states.CLOSED, AT)
    assert [each.verb for each in task.events.order_by("pk")] == ["set", "accept", "report", "verify"]
    assert set(Entry.objects.filter(target_uid=uid(task)).values_list("verb", flat=True)) == {
        "task-set", "task-accept", "task-report", "task-verify",
    }  # fmt: skip


def test_the_history_cannot_be_changed(task):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        TaskEvent.objects.update(verb="verify")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        TaskEvent.objects.all().delete()


@pytest.mark.parametrize("who", ["qin", "zhao", "ran", "yang", "liu", "zhou", "song"])
def test_nobody_else_accepts_or_reports(task, who):
    for act in (
        lambda by: actions.accept(task=uid(task), by=by, at=AT),
        lambda by: actions.report(task=uid(task), note="x", evidence="y", by=by, at=AT),
        lambda by: actions.refuse(task=uid(task), reason="x", by=by, at=AT),
    ):
        with pytest.raises(NotAllowed):
            act(as_(who))
    assert state(task) == states.OPEN


@pytest.mark.parametrize("who", ["chen", "qin", "zhao", "deng", "zhou"])
def test_only_the_second_role_verifies(task, who):
    reported(task)
    with pytest.raises(NotAllowed):
        actions.verify(task=uid(task), note="", by=as_(who), at=AT)
    assert state(task) == states.REPORTED


def test_who_reported_never_verifies_even_with_both_roles(task):
    chen = as_("chen")
    both = replace(chen, grants=(*chen.grants, *as_("ran").grants))
    reported(task)
    with pytest.raises(NotAllowed):
        actions.verify(task=uid(task), note="", by=both, at=AT)
    with pytest.raises(IntegrityError, match=r"task_verified_by_another|CHECK"), transaction.atomic():
        Task.objects.update(verified_by_id=chen.user_id)


def test_what_is_not_possible_now_is_said_so(task):
    actions.accept(task=uid(task), by=as_("chen"), at=AT)
    with pytest.raises(NotPossibleNow, match="办理中"):
        actions.accept(task=uid(task), by=as_("chen"), at=AT)
    with pytest.raises(NotPossibleNow):
        actions.verify(task=uid(task), note="", by=as_("ran"), at=AT)
    with pytest.raises(NotPossibleNow):
        actions.refuse(task=uid(task), reason="x", by=as_("chen"), at=AT)


def test_proof_is_wanted_and_reasons_are(task):
    with pytest.raises(BadInput, match="凭证"):
        actions.report(task=uid(task), note="done", evidence=" ", by=as_("chen"), at=AT)
    with pytest.raises(BadInput, match="原因"):
        actions.refuse(task=uid(task), reason="", by=as_("chen"), at=AT)
    with pytest.raises(BadInput, match="原因"):
        actions.hand_on(
            task=uid(task), to_role="vaccinator", to_place="500156101", reason=" ", by=as_("chen"), at=AT
        )
    assert state(task) == states.OPEN


def test_sent_back_it_is_in_hand_again(task):
    reported(task)
    actions.send_back(task=uid(task), reason="照片看不清", by=as_("ran"), at=AT)
    found = Task.objects.get()
    assert (found.state, found.reported_by_id) == (states.ACCEPTED, None)
    actions.report(task=uid(task), note="重拍", evidence="照片 13", by=as_("chen"), at=AT)
    actions.verify(task=uid(task), note="", by=as_("ran"), at=AT)
    assert state(task) == states.CLOSED


# --- handing on, setting again, lateness ----------------------------------------------------------------------


def test_handing_on_keeps_the_first_deadline_and_names_the_new_body(task, town):
    before = task.due_on
    actions.hand_on(
        task=uid(task),
        to_role="child_director",
        to_place=town.qin_village,
        reason="已搬到邻村",
        by=as_("chen"),
        at=AT,
    )
    found = Task.objects.get()
    assert (found.place_id, found.organization_id, found.state) == (
        town.qin_village,
        f"village_{town.qin_village}",
        states.OPEN,
    )
    assert (found.first_due_on, found.due_on) == (before, before)
    with pytest.raises(NotAllowed):
        actions.accept(task=uid(task), by=as_("chen"), at=AT)
    actions.accept(task=uid(task), by=as_("qin"), at=AT)


@pytest.mark.parametrize(("role", "place"), [("nobody", "500156101"), ("vaccinator", "999")])
def test_it_is_handed_on_to_roles_and_places_that_exist(task, role, place):
    with pytest.raises(BadInput, match="没有这个岗位"):
        actions.hand_on(task=uid(task), to_role=role, to_place=place, reason="x", by=as_("chen"), at=AT)


def test_refused_it_heads_the_coordinators_list_until_set_again(task, town):
    actions.refuse(task=uid(task), reason="不是本村儿童", by=as_("chen"), at=AT)
    assert [each.uid for each in desk("zhou").lines] == [uid(task)]
    with pytest.raises(NotAllowed):
        actions.assign(
            task=uid(task),
            to_role="child_director",
            to_place=town.qin_village,
            reason="x",
            by=as_("yang"),
            at=AT,
        )
    actions.assign(
        task=uid(task),
        to_role="child_director",
        to_place=town.qin_village,
        reason="核实后",
        by=as_("zhou"),
        at=AT,
    )
    found = Task.objects.get()
    assert (found.state, found.organization_id, found.first_due_on) == (
        states.OPEN,
        f"village_{town.qin_village}",
        task.first_due_on,
    )


def test_withdrawn_it_is_closed_and_the_coordinator_alone_withdraws(task):
    with pytest.raises(NotAllowed):
        actions.withdraw(task=uid(task), reason="x", by=as_("chen"), at=AT)
    actions.withdraw(task=uid(task), reason="重复", by=as_("zhou"), at=AT)
    assert (state(task), Task.objects.get().closed_at) == (states.WITHDRAWN, AT)


def test_past_its_deadline_it_is_raised_once(task):
    assert actions.escalate_late(as_of=task.due_on, by=ME, at=AT) == 0  # the last day is on time
    late = task.due_on + timedelta(days=1)
    assert actions.escalate_late(as_of=late, by=ME, at=AT) == 1
    assert actions.escalate_late(as_of=late, by=ME, at=AT) == 0
    with pytest.raises(NotAllowed):
        actions.escalate_late(as_of=late, by=as_("zhou"), at=AT)


# --- notices ------------------------------------------------------------------------------------------------


def test_a_changed_list_leaves_a_notice_and_moves_nothing(task, town):
    actions.accept(task=uid(task), by=as_("chen"), at=AT)
    changed = sync(finding(town.chen_village, XIAOYU, DAZHUANG)).changed
    assert actions.notice(changed=changed, closed=[], by=ME, at=AT) == 1
    found = Task.objects.get()
    assert (found.state, found.due_on) == (states.ACCEPTED, task.due_on)
    last = found.events.order_by("-pk").first()
    assert (last.verb, last.detail) == ("notice", {"alert": "changed", "count": 2})


def test_an_alert_that_closes_by_itself_leaves_the_promise(task):
    closed = sync().closed
    assert actions.notice(changed=[], closed=closed, by=ME, at=AT) == 1
    assert state(task) == states.OPEN
    assert task.events.order_by("-pk").first().detail["alert"] == "closed"


def test_a_closed_task_gets_no_notice(task):
    reported(task)
    actions.verify(task=uid(task), note="", by=as_("ran"), at=AT)
    assert actions.notice(changed=[], closed=sync().closed, by=ME, at=AT) == 0


# --- the desk -----------------------------------------------------------------------------------------------


def test_the_desk_shows_names_to_the_one_who_acts(task):
    line = desk("chen").lines[0]
    assert (line.may_accept, [each.hit.name for each in line.children.named]) == (True, ["小雨"])


def test_the_one_who_verifies_finds_it_once_it_is_reported(task):
    assert desk("ran", "to_verify").lines == []
    reported(task)
    line = desk("ran", "to_verify").lines[0]
    assert (line.may_verify, [each.hit.name for each in line.children.named]) == (True, ["小雨"])
    assert desk("chen").lines == []
    assert [each.uid for each in desk("chen", "handed_on").lines] == [uid(task)]


def test_the_coordinator_sees_the_task_and_no_name(task):
    zhou = as_("zhou")
    found = selectors.one(zhou, uid(task))
    assert (found.names_open, found.line.children.named, found.line.count) == (False, [], 1)
    assert zhou.reads == []


def test_who_is_told_a_count_sees_the_task_and_no_name(task):
    """The child supervisor reads no health files: the number is all."""
    found = selectors.one(as_("yang"), uid(task))
    assert (found.names_open, found.line.children.named) == (False, [])
    assert not any(found.may.values())


@pytest.mark.parametrize("who", ["zhao", "qin", "song", "luo"])
def test_everybody_else_finds_no_such_task(task, who):
    with pytest.raises(NotAllowed):
        selectors.one(as_(who), uid(task))
    assert desk(who).counts["mine"] == 0


def test_an_id_that_is_none_is_answered_like_absence(task):
    for wrong in ("nonsense", "11111111-1111-4111-8111-111111111111"):
        with pytest.raises(NotAllowed):
            actions.accept(task=wrong, by=as_("chen"), at=AT)
