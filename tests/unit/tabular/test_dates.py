"""Dates as offices write them."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.texts import CHARACTERS

from yimi.exchange.tabular import CellProblem, read_date

FIRST_OF_MARCH = date(2025, 3, 1)
MORNING = datetime(2025, 3, 1, 9, 0)  # noqa: DTZ001 - as a spreadsheet gives it


@pytest.mark.parametrize(
    "cell",
    [
        "2025-03-01", "2025-3-1", "2025/03/01", "2025/3/1", "2025.3.1", "2025.03.01", "20250301", "2025年3月1日",
        "2025年03月01日", "2025年3月1", "2025年3月1号", "2025 年 3 月 1 日", "二〇二五年三月一日", "二○二五年三月一日",
        "二零二五年三月一日", "二〇二五年三月初一", "２０２５年３月１日", "２０２５－０３－０１", "'2025-03-01", " 2025-3-1 ", "2025-03-01 00:00:00",
        "2025-03-01T08:30:00Z", "2025/3/1 8:30", "2025 3 1", "2025、3、1", "1 Mar 2025", "March 1, 2025", "1-Mar-2025",
        "45717", 45717, 45717.0, 45717.62, "45717.0", 20250301, 20250301.0, FIRST_OF_MARCH, MORNING,
        "2025\u200b-03-01",
    ],
)  # fmt: skip
def test_one_day_in_many_spellings(cell):
    assert read_date(cell) == FIRST_OF_MARCH


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("二〇二四年十二月三十一日", date(2024, 12, 31)),
        ("二〇二四年十一月二十日", date(2024, 11, 20)),
        ("二〇二四年十月廿一日", date(2024, 10, 21)),
        ("二〇二四年正月十日", date(2024, 1, 10)),
        ("一九九九年二月二八日", date(1999, 2, 28)),
        ("13/1/2025", date(2025, 1, 13)),
        ("1/13/2025", date(2025, 1, 13)),
        ("3/3/2025", date(2025, 3, 3)),
        (61, None),
    ],
)
def test_other_days(text, day):
    if day is None:
        with pytest.raises(CellProblem):
            read_date(text)
    else:
        assert read_date(text) == day


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("3/1/2025", "ambiguous_date"),
        ("03-01-2025", "ambiguous_date"),
        ("25-3-1", "short_year"),
        ("25.3.1", "short_year"),
        ("2025-2-30", "no_such_day"),
        ("2025年13月1日", "no_such_day"),
        ("20250230", "no_such_day"),
        ("2025-03", "no_day"),
        ("2025年3月", "no_day"),
        ("2025.3", "no_day"),
        ("2025", "no_day"),
        (2025, "no_day"),
        (2025.3, "no_day"),
        (202503, "no_day"),
        ("0205-03-01", "year_out_of_range"),
        ("2205-03-01", "year_out_of_range"),
        ("########", "hidden_date"),
        ("昨天", "not_a_date"),
        ("农历三月初一", "not_a_date"),
        (True, "not_a_date"),
        (12, "not_a_date"),
        (-5.0, "not_a_date"),
        (4.99e17, "not_a_date"),
        ("2025-03-01、2025-04-01", "not_a_date"),
    ],
)
def test_refused_with_the_reason(cell, code):
    with pytest.raises(CellProblem) as refused:
        read_date(cell)
    assert refused.value.code == code
    assert refused.value.zh.endswith("。") and refused.value.en.endswith(".")


@settings(deadline=None)
@given(st.dates(date(1910, 2, 1), date(2100, 12, 31)))
def test_every_day_survives_every_spelling(day):
    serial = (day - date(1899, 12, 30)).days
    for cell in (
        day.isoformat(),
        f"{day:%Y%m%d}",
        f"{day.year}年{day.month}月{day.day}日",
        f"{day:%Y/%m/%d}",
        serial,
    ):
        assert read_date(cell) == day


@settings(deadline=None)
@given(st.one_of(st.text(CHARACTERS, max_size=20), st.integers(), st.floats(), st.booleans()))
def test_never_anything_but_a_day_or_a_reason(cell):
    try:
        assert isinstance(read_date(cell), date)
    except CellProblem as problem:
        assert problem.zh and problem.en
