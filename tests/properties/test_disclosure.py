"""Small counts: nothing that is shown, taken together in any way, gives a hidden count away."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Mapping, Sequence

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from yimi.engines.disclosure import ALL, one_way, suppress, tree, two_way

SMALL = st.integers(0, 9)


def other_tables(
    parts: Mapping[Hashable, int], totals: Mapping[Hashable, Sequence[Hashable]], hidden: frozenset
) -> dict[Hashable, set[int]]:
    """Every hidden key → the values it has in some table that agrees with all that is shown.

    Parts are tried one off their value each way; sums are added up from the parts, not taken from `suppress`.
    """
    free = [key for key in parts if key in hidden]
    rows = np.array(list(itertools.product((-1, 0, 1), repeat=len(free))), dtype=int).reshape(
        3 ** len(free), len(free)
    )
    tried = {key: np.full(len(rows), value) for key, value in parts.items()}
    for index, key in enumerate(free):
        tried[key] = parts[key] + rows[:, index]
    fits = np.ones(len(rows), bool)
    for key in free:
        fits &= tried[key] >= 0
    sums = {name: sum(tried[key] for key in keys) for name, keys in totals.items()}
    for name, keys in totals.items():
        if name not in hidden:
            fits &= sums[name] == sum(parts[key] for key in keys)
    return {key: set(np.unique({**tried, **sums}[key][fits])) for key in hidden}


def check(cells: list, parts: Mapping, totals: Mapping, minimum: int) -> None:
    hidden = suppress(cells, minimum)
    assert suppress(cells[::-1], minimum) == hidden, "the order of the rows chose what is hidden"
    values = {**parts, **{name: sum(parts[key] for key in keys) for name, keys in totals.items()}}
    assert {each.key: each.value for each in cells} == values
    assert all(key in hidden for key, value in values.items() if 0 < value < minimum)
    for key, possible in other_tables(parts, totals, hidden).items():
        assert len(possible) > 1 or values[key] == 0, f"{key} can be worked out"


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.lists(SMALL, min_size=3, max_size=3), min_size=1, max_size=3),
    st.integers(1, 3),
    st.integers(2, 6),
)
def test_rows_and_columns(rows: list[list[int]], width: int, minimum: int) -> None:
    parts = {(r, c): rows[r][c] for r in range(len(rows)) for c in range(width)}
    totals = {(r, ALL): [key for key in parts if key[0] == r] for r in range(len(rows))}
    totals |= {(ALL, c): [key for key in parts if key[1] == c] for c in range(width)}
    check(two_way(parts), parts, totals | {(ALL, ALL): list(parts)}, minimum)


@settings(max_examples=80, deadline=None)
@given(st.lists(SMALL, min_size=1, max_size=9), st.integers(2, 6))
def test_parts_of_one_total(amounts: list[int], minimum: int) -> None:
    parts = dict(enumerate(amounts))
    check(one_way(parts), parts, {ALL: list(parts)}, minimum)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.lists(SMALL, min_size=1, max_size=3), min_size=1, max_size=3), st.integers(0, 3))
def test_places_below_places(townships: list[list[int]], unknown: int) -> None:
    parts = {f"{t}.{v}": n for t, villages in enumerate(townships) for v, n in enumerate(villages)}
    totals: dict = {str(t): [f"{t}.{v}" for v in range(len(each))] for t, each in enumerate(townships)}
    parent = {key: key.partition(".")[0] for key in parts} | dict.fromkeys(totals, "d")
    counts = {**parts, **{name: sum(parts[key] for key in keys) for name, keys in totals.items()}}
    counts["d"] = sum(parts.values()) + unknown
    if unknown:
        parts[(ALL, "d")] = unknown
    check(tree(counts, parent), parts, {**totals, "d": list(parts)}, 5)


def test_the_cheapest_square_goes_and_no_total() -> None:
    counts = {("a", "x"): 2, ("a", "y"): 20, ("b", "x"): 30, ("b", "y"): 40, ("c", "x"): 7, ("c", "y"): 9}
    assert suppress(two_way(counts), 5) == {("a", "x"), ("a", "y"), ("c", "x"), ("c", "y")}


def test_a_part_is_not_the_total_less_its_siblings() -> None:
    assert suppress(one_way({"a": 3, "b": 12, "c": 40}), 5) == {"a", "b"}
    assert suppress(one_way({"a": 3, "b": 12, "c": 40}), 5, never=[ALL]) == {"a", "b"}


def test_zeros_and_large_counts_are_shown() -> None:
    assert suppress(one_way({"a": 0, "b": 8, "c": 5}), 5) == frozenset()
    assert suppress(two_way({("a", "x"): 0, ("b", "x"): 9}), 5) == frozenset()


def test_one_child_in_all() -> None:
    """A total below the least that is told goes with its part; the zeros stay."""
    assert suppress(one_way({"a": 1, "b": 0}), 5) == {"a", ALL}


def test_where_the_total_is_known_everything_goes() -> None:
    assert suppress(one_way({"a": 1}), 5, never=[ALL]) == {"a"}
