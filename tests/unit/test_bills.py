"""A medical bill falls to its layers in order; each article's arithmetic can be checked by hand."""

from __future__ import annotations

from datetime import date

import pytest
from tests.our_packs import ours

from yimi.engines import backend
from yimi.engines.bills import Bill, Shared, share
from yimi.engines.columns import build_form_tables
from yimi.engines.example import put_children
from yimi.engines.facts import build_facts
from yimi.engines.growth_lists import build_growth_lists
from yimi.lib.errors import BadInput
from yimi.pack.reads import entitlement_reads, form_fields_of
from yimi.pack.schema import TestChild, TestRecord, TestStatus, Text

DAY = date(2026, 10, 1)
INSURED = TestRecord(form="insurance", on=date(2026, 1, 5), answers={"year": "2026", "enrolled": "true"})


def shared(bill: Bill, *codes: str, records: tuple[TestRecord, ...] = (INSURED,)) -> Shared:
    """What the china pack says of a bill of Xiaoyu, seven years old, in these categories."""
    pack, con = ours("china"), backend.connect(threads=1)
    statuses = [TestStatus(scheme="hardship", code=code, since=date(2025, 1, 1)) for code in codes]
    child = TestChild(
        name=Text(zh="小雨", en="Xiaoyu"), as_of=DAY, born=date(2019, 5, 1), statuses=statuses, records=list(records), expect={}
    )  # fmt: skip
    put_children(con, [child])
    lists = entitlement_reads(pack)
    build_form_tables(con, pack, only=form_fields_of(pack, lists), unread=False)
    build_growth_lists(con, lists)
    facts = build_facts(con, pack, "child", DAY, lists)
    found = share(con, pack, pack.bills["medical_bill_share"], facts, bill)
    assert found is not None
    return found


def test_a_dibao_child_has_all_three_layers() -> None:
    found = shared(Bill(60_000, 50_300, "county"), "H1b")
    # basic: (50300 - 300) × 70%; serious: (15300 - 18000 / 2) × 65%; aid: 70% of what is left.
    assert [each.yuan for each in found.paid] == [35_000, 4_095, 7_843.5]
    assert found.family == 60_000 - 35_000 - 4_095 - 7_843.5


def test_a_family_that_is_not_poor_has_the_insurance_only() -> None:
    found = shared(Bill(60_000, 50_300, "county"))
    assert [(each.applies, each.yuan) for each in found.paid] == [(True, 35_000), (True, 0), (False, 0)]
    assert found.family == 25_000


def test_nobody_pays_more_than_is_left_or_less_than_nothing() -> None:
    found = shared(Bill(500, 200, "outside"), "H3a")
    assert [each.yuan for each in found.paid] == [0, 0, 140]
    assert found.family == 360


def test_what_was_settled_this_year_uses_up_the_deductible() -> None:
    earlier = TestRecord(
        form="medical_bill", on=date(2026, 3, 1),
        answers={"level": "county", "bill_yuan": "40000", "covered_yuan": "40000", "basic_yuan": "27790", "left_yuan": "12000"},
    )  # fmt: skip
    before, after = (
        shared(Bill(60_000, 50_300, "county"), records=each) for each in ((INSURED,), (INSURED, earlier))
    )
    assert before.paid[1].yuan == 0 and after.paid[1].yuan == pytest.approx((15_300 - 6_000) * 0.6)


def test_without_insurance_only_aid_is_left() -> None:
    found = shared(Bill(10_000, 10_000, "county"), "H1a", records=())
    assert [each.yuan for each in found.paid] == [0, 0, 7_000]


def test_a_bill_that_cannot_be_is_refused() -> None:
    with pytest.raises(BadInput):
        shared(Bill(100, 200, "county"))
    with pytest.raises(BadInput):
        shared(Bill(100, 100, "moon"))
