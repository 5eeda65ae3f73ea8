"""Small welfare counts: told to those who see the children, to nobody else, in page, map and workbook alike."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.cast import AT, DAY, DAZHUANG, XIAOYU, YUEYUE, as_

from yimi import cycle
from yimi.apps import active
from yimi.apps.accounts.permissions import system
from yimi.apps.plan import selectors as plans
from yimi.apps.records import actions as records
from yimi.engines.indicators.figures import Figure
from yimi.engines.indicators.withheld import withhold

NAME = "hardship_children"


def few(levels: dict[tuple[str | None, str], int]) -> set[tuple[str | None, str]]:
    """Which of these counts of an indicator are withheld."""
    pack = active.pack()
    made = [
        Figure(NAME, None, place, _level(place), sex or None, None, float(n), None, float(n))
        for (place, sex), n in levels.items()
    ]
    return {(each.place, each.sex or "") for each in withhold(pack, made, date(2026, 9, 1)) if each.withheld}


def _level(place: str | None) -> str:
    return "district" if place is None else "township" if len(place) == 9 else "village"


def test_a_townships_small_count_and_one_more() -> None:
    a, b, c = (each.code for each in active.pack().townships()[:3])
    assert few({(None, ""): 72, (a, ""): 3, (b, ""): 20, (c, ""): 49}) == {(a, ""), (b, "")}
    assert few({(None, ""): 73, (a, ""): 4, (b, ""): 20, (c, ""): 49}) == {(a, "")} | {(b, "")}
    assert few({(None, ""): 69, (a, ""): 0, (b, ""): 20, (c, ""): 49}) == set()


def test_villages_do_not_tell_their_township() -> None:
    pack = active.pack()
    a, b = (each.code for each in pack.townships()[:2])
    va, vb = [each.code for each in pack.villages() if each.parent == a][:2]
    hidden = few({(None, ""): 40, (a, ""): 9, (va, ""): 2, (vb, ""): 7, (b, ""): 31})
    assert hidden == {(va, ""), (vb, "")}


def test_a_district_total_below_the_least_goes_with_its_sexes() -> None:
    assert few({(None, ""): 3, (None, "f"): 3, (None, "m"): 0}) == {(None, ""), (None, "f")}


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 12), min_size=2, max_size=6))
def test_no_total_less_the_others_is_a_small_count(amounts: list[int]) -> None:
    places = [each.code for each in active.pack().townships()[: len(amounts)]]
    counts = {(None, ""): sum(amounts), **{(place, ""): n for place, n in zip(places, amounts, strict=True)}}
    hidden = few(counts)
    assert all(key in hidden for key, n in counts.items() if 0 < n < 5)
    lines = [key for key in counts if key in hidden]
    assert len(lines) != 1 or (None, "") in lines


@pytest.fixture
def turned(town: Any) -> SimpleNamespace:
    """小雨 and 月月 are in the hardship ledger: one child in each of two townships."""
    told = {"category": "H1a", "level": "green", "reason": "x"}
    form = active.pack().forms["hardship_decision"]
    told = {each.id: told[each.id] for each in form.fields if each.id in told}
    for uid in (XIAOYU, YUEYUE, DAZHUANG):
        records.add(form="hardship_decision", subject=str(uid), occurred_on=DAY, answers={**_needed(form), **told}, by=system(DAY), at=AT)  # fmt: skip
    number = cycle.turn(as_of=DAY, at=AT).run
    return SimpleNamespace(run=plans.run_in_force(), number=number)


def _needed(form: Any) -> dict[str, Any]:
    """Something that fits every field that must be filled."""
    made = {"boolean": "true", "integer": "1", "number": "1", "date": DAY.isoformat()}
    pack = active.pack()
    return {
        each.id: pack.vocabularies[each.vocabulary].codes[0].code
        if each.vocabulary
        else made.get(each.type, "x")
        for each in form.fields
        if each.required
    }


def told(username: str, run: Any) -> dict[tuple[str, str], tuple[float | None, bool]]:
    found = plans.cells(run, [NAME], "all", actor=as_(username))
    return {(each.place, each.sex): (each.numerator, each.withheld) for each in found if not each.age}


def test_who_sees_the_children_is_told(turned: SimpleNamespace) -> None:
    district, baima = active.pack().info.district, "500156101"
    assert told("liu", turned.run)[district, ""] == (3, False)  # civil affairs
    assert told("zhou", turned.run)[district, ""] == (
        None,
        True,
    )  # coordinates: counts only, and no small ones
    assert told("ma", turned.run)[baima, ""] == (None, True)
    assert told("yang", turned.run)[baima, ""] == (2, False)  # supervises Baima
    assert told("yang", turned.run)[district, ""] == (None, True)
    everything = plans.cells(turned.run, [NAME], "all", actor=as_("zhou"))
    assert any(each.age for each in everything) and not any(each.numerator for each in everything)


def test_page_map_and_workbook_say_the_same(turned: SimpleNamespace, sign_in: Any) -> None:
    from python_calamine import CalamineWorkbook

    client = sign_in("zhou")
    for address in (f"/indicators/{NAME}/", f"/map/?indicator={NAME}"):
        page = client.get(address)
        assert page.status_code == 200 and "※ " in page.content.decode(), address
        rows = page.context["townships"] if "townships" in page.context else page.context["rows"]
        assert {row["figure"]["value"] for row in rows} <= {None, 0}
    answer = client.get(f"/indicators/{NAME}/table.xlsx")
    rows = CalamineWorkbook.from_filelike(BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert any("※" in row for row in rows) and not any(2 in row or 3 in row for row in rows)
