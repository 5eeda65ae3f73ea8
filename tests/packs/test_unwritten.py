"""A child about whom nobody wrote anything: each pathway starts with a date, or does not start at all."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.our_packs import ours

from yimi.engines.standing import Standing
from yimi.pack.tables import REGISTER

DAY = date(2026, 11, 27)
BIRTHS = (date(2026, 11, 20), date(2024, 2, 29), date(2020, 9, 1), date(2012, 5, 31))


def _row(table: str, **known: Any) -> dict[str, Any]:
    return {**dict.fromkeys(REGISTER[table]), **known}


def test_nothing_is_unknown_of_a_child_without_records() -> None:
    """An item without a date would stand in every such child's file, though no fact of theirs is missing."""
    standing = Standing(ours())
    empty: dict[str, list[dict[str, Any]]] = {name: [] for name in (*REGISTER, "record")}
    places = [
        _row("place", subject_id=900, place_id="t", kind="township"),
        _row("place", subject_id=901, place_id="v", kind="village", parent_id="t"),
    ]
    for born in BIRTHS:
        child = _row("child", subject_id=1, birth_date=born, sex="f", birth_place_id="v", hukou_place_id="v")
        home = _row("residence", subject_id=1, place_id="v", valid_from=born)
        seen = standing.evaluate(
            {**empty, "child": [child], "residence": [home], "place": places}, DAY
        ).pathways
        assert "immunization" in seen
        unknown = {each["step"] for one in seen.values() for each in one.due if each["status"] == "unknown"}
        assert unknown == set(), born
