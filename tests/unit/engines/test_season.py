"""More than the season brings: judged by hand-counted days, or not at all."""

from __future__ import annotations

from datetime import date

import pytest
from tests.our_packs import ours

from yimi.engines.surveillance import Compared, compared
from yimi.pack.load import Pack

DAY = date(2026, 11, 26)
LONG_AGO = date(2023, 1, 1)


@pytest.fixture
def pack() -> Pack:
    return ours("china")


def seen(pack: Pack, events: list[tuple[str, date]], first: date | None = LONG_AGO) -> Compared:
    found = compared(pack, pack.surveillance["injury"], DAY, events, first)
    assert found is not None
    return found


def test_more_than_in_each_year_before_and_no_small_number(pack: Pack) -> None:
    burns = [("7", date(2026, 11, day)) for day in (1, 2, 3, 4, 5)]
    falls = [("3", date(2026, 11, day)) for day in (1, 2, 3, 4)]
    assert seen(pack, burns).more("7") is True
    assert seen(pack, falls).more("3") is False  # four are a small number
    four_then_five = [*burns, *(("7", date(2024, 11, day)) for day in (2, 3, 4, 5, 6))]
    assert seen(pack, four_then_five).more("7") is False  # as many two years ago: the season brings it


def test_the_days_compared_begin_and_end_where_said(pack: Pack) -> None:
    edges = [
        date(2026, 10, 27),
        date(2026, 10, 28),
        date(2026, 11, 26),
        date(2025, 10, 27),
        date(2025, 10, 28),
    ]
    assert seen(pack, [("7", day) for day in edges]).counts["7"] == (2, 1, 0, 0)


@pytest.mark.parametrize("first", [None, date(2023, 10, 28), date(2026, 1, 1)])
def test_too_few_years_on_record_are_not_judged(pack: Pack, first: date | None) -> None:
    found = seen(pack, [("7", date(2026, 11, day)) for day in range(1, 20)], first)
    assert not found.judged and found.more("7") is None
    assert seen(pack, [], date(2023, 10, 27)).judged
