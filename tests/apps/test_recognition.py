"""A form whose every record opens one fixed code: the recognition of a kindergarten, given and withdrawn."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.cast import AT, DAY

from yimi.apps.accounts.permissions import system
from yimi.apps.records import actions
from yimi.apps.register import actions as register
from yimi.apps.register.models import Status


def test_a_recognition_opens_the_status_and_its_withdrawal_closes_it(town: Any) -> None:
    me = system(DAY)
    uid = register.register_facility(
        name="白马镇星星幼儿园",
        kind="kindergarten",
        place=town.chen_village,
        ownership="private",
        by=me,
        at=AT,
    )
    for on, inclusive in ((date(2025, 9, 1), True), (date(2026, 3, 1), False)):
        actions.add(
            form="kindergarten_recognition",
            subject=uid,
            occurred_on=on,
            answers={"inclusive": inclusive},
            by=me,
            at=AT,
        )
    (status,) = Status.objects.filter(subject__uid=uid)
    assert (status.scheme, status.code) == ("inclusive", "recognized")
    assert (status.valid_from, status.valid_to) == (date(2025, 9, 1), date(2026, 3, 1))
