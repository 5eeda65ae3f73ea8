"""A cascade adds up child by child: stages are nested, the deepest stages are the scope, who waits is found.

A second reading of the rules of tests/spec/cascade_pack.py in plain Python says what must come out of random histories.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.spec.cascade_pack import AS_OF, STAGES, START, child, evaluated, pack_with, rows

from yimi.engines import backend
from yimi.engines.cascade import counts_query, rounds, stuck
from yimi.engines.example import SPAN
from yimi.pack.check import check_pack
from yimi.pack.load import Pack

LIMITS = {2: 10, 3: 20}  # children at this position wait so many days


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    found = pack_with(tmp_path_factory.mktemp("pack"))
    assert check_pack(found).errors == []
    return found


DAYS = st.dates(START - timedelta(days=40), AS_OF + timedelta(days=10))
HISTORY = st.lists(st.tuples(st.sampled_from(STAGES), DAYS), max_size=7)


def reached(history: list[tuple[str, date]], start: date, end: date) -> list[date]:
    """The same rules read once more: the days on which each stage in turn was reached."""
    found: list[date] = []
    for position, stage in enumerate(STAGES):
        least = found[-1] if found else start
        days = [
            on
            for what, on in history
            if what == stage and least <= on <= AS_OF and (position > 1 or on < end)
        ]
        if not days:
            break
        found.append(min(days))
    return found


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories=st.lists(HISTORY, min_size=1, max_size=12))
def test_stages_are_nested_and_deepest_stages_add_up_to_the_scope(
    pack: Pack, histories: list[list[tuple[str, date]]]
) -> None:
    children = [child(*history) for history in histories]
    con, _ = evaluated(pack, children)
    for start, end in rounds(pack.cascades["eyes"], AS_OF):
        found = rows(con, start)
        assert [row["subject_id"] for row in found] == [SPAN * n for n in range(1, len(children) + 1)]
        for row, history in zip(found, histories, strict=True):
            wanted = reached(history, start, end)
            assert (row["days"], row["position"]) == (wanted, len(wanted))
            assert row["since"] == (wanted[-1] if wanted else None)
            assert row["days"] == sorted(row["days"])
        source = f"SELECT * FROM cascades WHERE round = DATE '{start}'"
        for cut in ("all", "village", "sex"):
            counted = backend.rows(con, counts_query(source, (cut,)))
            assert sum(row["n"] for row in counted) == len(children)
        at = Counter(row["position"] for row in found)
        counted = {row["position"]: row["n"] for row in backend.rows(con, counts_query(source, ("all",)))}
        assert counted == dict(at)
        reaching = [sum(n for position, n in at.items() if position >= k) for k in range(len(STAGES) + 1)]
        assert reaching == sorted(reaching, reverse=True) and reaching[0] == len(children)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories=st.lists(HISTORY, min_size=1, max_size=12))
def test_who_waits_too_long_is_found_once_each(pack: Pack, histories: list[list[tuple[str, date]]]) -> None:
    con, facts = evaluated(pack, [child(*history) for history in histories])
    wanted = {}
    for number, history in enumerate(histories, 1):
        for start, end in rounds(pack.cascades["eyes"], AS_OF):  # the newest round that saw the child
            days = reached(history, start, end)
            if days:
                limit = LIMITS.get(len(days))
                if limit is not None and days[-1] + timedelta(days=limit) < AS_OF:
                    wanted[number * SPAN] = f"eyes.{STAGES[len(days)]}"
                break
    found = stuck(con, pack, facts)
    assert {each.behind[0].subject_id: each.behind[0].step for each in found} == wanted
    assert all(len(each.behind) == 1 for each in found)
    assert {each.cause for each in found} == {f"wait:eyes:waits:{subject}" for subject in wanted}
