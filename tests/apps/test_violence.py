"""Violence monitoring: a year's reports in numbers, small ones withheld from everybody, no way to a case."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from tests.cast import DAZHUANG, as_

from yimi.apps.accounts.permissions import system
from yimi.apps.cases.models import Case
from yimi.apps.evaluation import violence
from yimi.apps.records import actions as records
from yimi.apps.records.case_reports import report


@pytest.fixture
def reported(town: Any) -> list[str]:
    """Seven reports: six of domestic violence, one of neglect."""
    now = timezone.now() - timedelta(days=1)
    day = timezone.localdate(now)
    made = []
    for n in range(7):
        answers = {
            "situation": "R4",
            "kind": "neglect" if n == 6 else "domestic",
            "accused_relation": "family",
        }
        told = report(
            kind="mandatory_report", answers=answers, occurred_on=day, place="500156101", by=as_("qin", day), at=now,
            record_uid=uuid4(), children=[(str(DAZHUANG), "harmed")] if n < 2 else (),
        )  # fmt: skip
        records.add(form="police_intake", subject=told.uid, occurred_on=day, answers={"outcome": "accepted", "safe_now": "true"},
                    by=as_("gao", day), at=now + timedelta(hours=n))  # fmt: skip
        made.append(told.number)
    return made


def test_kinds_are_counted_and_the_small_one_is_not_the_rest(reported: list[str]) -> None:
    told = violence.monitored(as_("zhou", timezone.localdate()))
    assert told.total == 7
    kinds = told.parts["kind"]
    assert kinds.shown("neglect") is None and kinds.shown("domestic") is None and kinds.shown("*") == 7
    assert told.parts["accused_relation"].shown("family") == 7
    assert told.again is None and told.reopened == 0  # one child twice: too few to say
    police = next(each for each in told.answered if each.party == "police")
    assert (police.asked, police.answered, police.median_hours) == (7, 7, 3.0)


def test_the_page_leads_to_no_case_and_opens_for_the_district_only(reported: list[str], sign_in: Any) -> None:
    number = Case.objects.values_list("number", flat=True)
    for who in ("zhou", "ma", "liu", "gao", "shen"):
        page = sign_in(who).get("/violence/")
        text = page.content.decode()
        assert page.status_code == 200 and "withheld" in text and "大壮" not in text, who
        assert not any(each in text for each in number), who
        assert sign_in(who).get("/violence/?as=xlsx").status_code == 200
    for who in ("chen", "deng", "yang", "zhao", "song", "luo"):
        assert sign_in(who).get("/violence/").status_code == 404, who


def test_a_sealed_kind_is_not_in_it(town: Any) -> None:
    today = timezone.localdate()
    report(kind="graded_intervention", answers={"conduct": "c38_4"}, occurred_on=today, place="500156101",
           by=as_("gao", today), at=timezone.now(), record_uid=uuid4(), children=[(str(DAZHUANG), "concerned")])  # fmt: skip
    assert violence.monitored(system(today)).total == 0
