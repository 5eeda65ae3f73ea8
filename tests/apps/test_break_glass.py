"""Opening one file out of turn: reason, two hours, a review by somebody else; and handing a case over."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.cast import AT, DAY, XIAOYU, as_

from yimi.apps.accounts.models import User
from yimi.apps.accounts.permissions import system
from yimi.apps.audit.models import Entry
from yimi.apps.register import actions, models, selectors
from yimi.lib.errors import BadInput, NotAllowed

ME = system(DAY)
REASON = "孩子被送到我镇卫生院急诊，需要过敏史"


def opens(username, at=AT):
    try:
        return selectors.child(as_(username), str(XIAOYU), at=at).sensitivities
    except NotAllowed:
        return None


def test_two_hours_and_no_longer(town):
    assert opens("zhao") is None
    actions.break_glass(uid=str(XIAOYU), reason=REASON, by=as_("zhao"), at=AT)
    assert opens("zhao", AT + timedelta(minutes=119)) == {"basic", "health", "welfare"}
    assert opens("zhao", AT + timedelta(hours=2)) is None
    assert opens("qin") is None  # it opened for one person
    assert Entry.objects.filter(verb="break-glass", target_uid=str(XIAOYU)).count() == 1


def test_it_shows_no_justice_and_enters_nothing(town):
    from datetime import date

    from yimi.apps.records import actions as records

    actions.break_glass(uid=str(XIAOYU), reason=REASON, by=as_("zhao"), at=AT)
    assert "justice" not in opens("zhao")
    with pytest.raises(NotAllowed):
        records.add(
            form="hardship_visit", subject=str(XIAOYU), occurred_on=date(2026, 8, 1),
            answers={"mode": "home", "seen": True}, by=as_("zhao"), at=AT,
        )  # fmt: skip


def test_it_wants_a_reason_and_a_role_that_reads_children(town):
    with pytest.raises(BadInput):
        actions.break_glass(uid=str(XIAOYU), reason="急", by=as_("zhao"), at=AT)
    for nobody in ("song", "zhou", "ma", "luo"):
        with pytest.raises(NotAllowed):
            actions.break_glass(uid=str(XIAOYU), reason=REASON, by=as_(nobody), at=AT)


def test_a_block_holds_against_it_before_and_after(town):
    zhao = User.objects.get(username="zhao").pk
    actions.break_glass(uid=str(XIAOYU), reason=REASON, by=as_("zhao"), at=AT)
    actions.block(uid=str(XIAOYU), user_id=zhao, kind="conflict", since=DAY, by=ME, at=AT)
    assert opens("zhao") is None
    with pytest.raises(NotAllowed):
        actions.break_glass(uid=str(XIAOYU), reason=REASON, by=as_("zhao"), at=AT)


def test_somebody_else_who_reaches_the_child_reviews_it(town):
    actions.break_glass(uid=str(XIAOYU), reason=REASON, by=as_("zhao"), at=AT)
    item = models.BreakGlass.objects.get().pk
    assert [each["id"] for each in selectors.broken_glass(as_("yang"))] == [item]
    for nobody in ("zhao", "chen", "song"):
        assert selectors.broken_glass(as_(nobody)) == []
        with pytest.raises(NotAllowed):
            actions.review_break_glass(item=item, justified=True, by=as_(nobody), at=AT)
    actions.review_break_glass(item=item, justified=False, by=as_("yang"), at=AT)
    assert selectors.broken_glass(as_("yang")) == []


def test_a_case_is_handed_over_by_name_and_taken_back(town):
    zhao = User.objects.get(username="zhao").pk
    with pytest.raises(NotAllowed):
        actions.assign(uid=str(XIAOYU), user_id=zhao, kind="referred", since=DAY, by=as_("chen"), at=AT)
    actions.assign(uid=str(XIAOYU), user_id=zhao, kind="referred", since=DAY, by=as_("yang"), at=AT)
    assert opens("zhao") == {"basic", "welfare", "justice"}
    actions.end_assignment(uid=str(XIAOYU), user_id=zhao, on=DAY, by=as_("yang"), at=AT)
    assert opens("zhao") is None


def test_how_much_of_a_file_each_role_reads(town):
    assert opens("chen") == {"basic", "welfare"}
    assert opens("ran") == {"basic", "health"}
    assert opens("yang") == {"basic", "welfare", "justice"}
    assert opens("xu") == {"basic"}
    for nobody in ("qin", "zhao", "he", "zhou", "ma", "song", "luo"):
        assert opens(nobody) is None


def test_an_id_number_finds_a_child_only_within_reach(town):
    from tests.cast import ID_NUMBER

    made = actions.register_child(
        name="有号", sex="f", birth_date=DAY, place=town.chen_village, id_number=ID_NUMBER, by=ME, at=AT
    )
    assert [each.uid for each in selectors.search(as_("ran"), ID_NUMBER)] == [made.uid]
    assert selectors.search(as_("zhao"), ID_NUMBER) == []
