"""The engine against a second reading in plain Python, on random histories; and what time and order may not do."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.properties.histories import children, evaluated, expected, told
from tests.properties.oracle import Child
from tests.spec.acceptance import MINI

from yimi.engines import backend
from yimi.pack.load import Pack, load

SEEDS = st.integers(0, 2**32)
DAYS = st.dates(date(2023, 1, 1), date(2027, 12, 31))
quietly = settings(derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def con() -> backend.Connection:
    return backend.connect(threads=1)


@pytest.fixture(scope="module")
def mini() -> Pack:
    return load(MINI)


@pytest.fixture(scope="module")
def china() -> Pack:
    return load("china")


def agree(con: backend.Connection, pack: Pack, name: str, many: list[Child], as_of: date) -> None:
    pathway = pack.pathways[name]
    for child, seen in zip(many, evaluated(con, pack, pathway, many, as_of), strict=True):
        assert told(seen) == expected(pack, pathway, child, as_of), f"{child} on {as_of}"


def vaccines(pack: Pack) -> list[str]:
    return [each.code for each in pack.vocabularies["vaccine"].codes]


@settings(quietly, max_examples=8)
@given(seed=SEEDS, as_of=DAYS)
def test_mini_agrees(con: backend.Connection, mini: Pack, seed: int, as_of: date) -> None:
    agree(con, mini, "imm", children(seed, 120, vaccines(mini), mini.pathways["imm"], as_of), as_of)


@settings(quietly, max_examples=3)
@given(seed=SEEDS, as_of=DAYS)
def test_china_immunization_agrees(con: backend.Connection, china: Pack, seed: int, as_of: date) -> None:
    agree(
        con,
        china,
        "immunization",
        children(seed, 150, vaccines(china), china.pathways["immunization"], as_of),
        as_of,
    )


@settings(quietly, max_examples=4)
@given(seed=SEEDS, as_of=DAYS)
def test_recurring_agrees(con: backend.Connection, mini: Pack, seed: int, as_of: date) -> None:
    chance = random.Random(seed)
    many = [_visited(chance, each) for each in children(seed, 80, ["MMR"], mini.pathways["rounds"], as_of)]
    agree(con, mini, "rounds", many, as_of)


def _visited(chance: random.Random, child: Child) -> Child:
    visits = [
        replace(each, form="checkup", answers={"seen": chance.random() < 0.8})
        if each.form == "dose"
        else each
        for each in child.records
    ]
    return replace(child, records=tuple(visits))


@settings(quietly, max_examples=4)
@given(seed=SEEDS, as_of=DAYS, back=st.integers(1, 900))
def test_a_past_day_is_as_if_later_records_were_not(
    con: backend.Connection, mini: Pack, seed: int, as_of: date, back: int
) -> None:
    """As-of: nothing that came later is seen, neither records nor a death."""
    past, pathway = as_of - timedelta(days=back), mini.pathways["imm"]
    many = children(seed, 100, vaccines(mini), pathway, as_of)
    then = [
        replace(
            each,
            died=each.died if each.died and each.died <= past else None,
            records=tuple(record for record in each.records if record.on <= past),
        )
        for each in many
    ]
    with_later = [told(each) for each in evaluated(con, mini, pathway, many, past)]
    without = [told(each) for each in evaluated(con, mini, pathway, then, past)]
    assert with_later == without
    assert any(len(one.records) < len(other.records) for one, other in zip(then, many, strict=True))


@settings(quietly, max_examples=4)
@given(seed=SEEDS, as_of=DAYS)
def test_order_of_arrival_changes_no_date(
    con: backend.Connection, mini: Pack, seed: int, as_of: date
) -> None:
    """Records that arrive in another order give the same dates and statuses."""
    pathway, chance = mini.pathways["imm"], random.Random(seed)
    many = children(seed, 100, vaccines(mini), pathway, as_of)
    many = [
        replace(each, records=tuple(record for record in each.records if record.form == "dose"))
        for each in many
    ]
    other = []
    for each in many:
        order = list(range(1, len(each.records) + 1))
        chance.shuffle(order)
        moved = [replace(record, seq=seq) for record, seq in zip(each.records, order, strict=True)]
        other.append(replace(each, records=tuple(moved)))
    assert _dates(con, mini, many, as_of) == _dates(con, mini, other, as_of)


@settings(quietly, max_examples=4)
@given(seed=SEEDS, as_of=DAYS)
def test_a_record_entered_twice_changes_nothing(
    con: backend.Connection, mini: Pack, seed: int, as_of: date
) -> None:
    many = children(seed, 100, vaccines(mini), mini.pathways["imm"], as_of)
    doubled = [
        replace(
            each, records=(*each.records, *(replace(record, seq=record.seq + 100) for record in each.records))
        )
        for each in many
    ]
    assert _dates(con, mini, many, as_of) == _dates(con, mini, doubled, as_of)


def _dates(con: backend.Connection, pack: Pack, many: list[Child], as_of: date) -> list[object]:
    seen = [told(each)[0] for each in evaluated(con, pack, pack.pathways["imm"], many, as_of)]
    return [
        {step: {name: value for name, value in row.items() if name != "seq"} for step, row in each.items()}
        for each in seen
    ]
