"""Guardianship: an assessment gives a dated level with its next date; the township hears of a missed visit."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from tests.cast import AT, DAY, DAZHUANG, as_

from yimi import cycle
from yimi.apps.alerts.models import Alert
from yimi.apps.alerts.selectors import told_by_name
from yimi.apps.records import actions as records
from yimi.apps.register.models import Child, Status
from yimi.apps.tasks.models import Task

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


@pytest.mark.django_db
def test_a_missed_visit_alerts_the_township_the_next_day_with_one_task(town: Any) -> None:
    start = DAY - timedelta(days=8)
    assess(on=start)
    for day, alerts in ((DAY - timedelta(days=1), 0), (DAY, 1)):
        cycle.turn(as_of=day, at=AT, force=True)
        missed = Alert.objects.filter(
            rule__in=["guardianship_visit_missed", "hardship_visit_missed"], closed_at=None
        )
        assert missed.count() == alerts, day
    (task,) = Task.objects.filter(alert=missed.get())
    assert (task.role, missed.get().to_role) == ("child_supervisor", "child_supervisor")
    rules = {each.rule for each in told_by_name(as_("yang"))[0]}
    assert rules & {"guardianship_visit_missed", "hardship_visit_missed"}
    assert not {each.rule for each in told_by_name(as_("zhao"))[0]} & rules
