"""Alerts: one open alert per cause, a list that follows the facts, names for the role told and numbers above it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from tests.cast import AT, DAY, DAZHUANG, XIAOYU, as_

from yimi.apps import active
from yimi.apps.accounts.permissions import system
from yimi.apps.alerts import actions, selectors
from yimi.apps.alerts.models import Alert, AlertSubject
from yimi.apps.audit.models import Entry
from yimi.apps.register.models import Subject
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
    assert [each.hit.name for each in lines[0].children] == ["小雨"]
    assert [(e.verb, e.target_uid) for e in chen.reads] == [("list", str(XIAOYU))]


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
