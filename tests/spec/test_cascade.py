"""A cascade by examples: whose turn it is, from when on somebody is late, what a slip in it is told as.

That it adds up child by child is in tests/properties/test_cascade.py.
"""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest
from tests.spec.acceptance import MINI
from tests.spec.cascade_pack import CASCADE, FORM, START, child, evaluated, pack_with, rows

from yimi.engines import backend
from yimi.engines.cascade import days_query, rounds, stuck
from yimi.engines.example import SPAN
from yimi.engines.trials import run_tests
from yimi.pack.check import check_pack
from yimi.pack.load import Pack, load


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    found = pack_with(tmp_path_factory.mktemp("pack"))
    assert check_pack(found).errors == []
    return found


def test_the_last_day_is_not_late_and_the_next_one_is(pack: Pack) -> None:
    history = (("seen", date(2025, 10, 1)), ("bad", date(2025, 10, 1)))
    for as_of, late in ((date(2025, 10, 11), False), (date(2025, 10, 12), True)):
        con, facts = evaluated(pack, [child(*history)], as_of)
        assert [row["late"] for row in rows(con)] == [late]
        assert len(stuck(con, pack, facts)) == int(late)


def test_nobody_waits_for_a_finding(pack: Pack) -> None:
    con, facts = evaluated(pack, [child(("seen", START))])
    assert [(row["waits_for"], row["late"]) for row in rows(con)] == [(None, False)]
    assert stuck(con, pack, facts) == []


def test_a_finding_of_the_old_round_is_chased_until_a_new_round_sees_the_child(pack: Pack) -> None:
    old = (("seen", date(2025, 5, 5)), ("bad", date(2025, 5, 5)))
    con, facts = evaluated(pack, [child(*old), child(*old, ("seen", date(2025, 9, 15)))])
    assert [each.behind[0].subject_id for each in stuck(con, pack, facts)] == [SPAN]
    assert [row["position"] for row in rows(con)] == [0, 1]
    assert [row["position"] for row in rows(con, date(2024, 9, 1))] == [2, 2]


@pytest.mark.parametrize(
    ("as_of", "first"),
    [
        (date(2025, 8, 31), date(2024, 9, 1)),
        (date(2025, 9, 1), date(2025, 9, 1)),
        (date(2026, 2, 28), date(2025, 9, 1)),
    ],
)
def test_a_school_year_begins_on_the_first_of_september(pack: Pack, as_of: date, first: date) -> None:
    assert rounds(pack.cascades["eyes"], as_of)[0][0] == first


def test_a_recalled_stage_raises_nothing_until_confirmed(tmp_path: Path) -> None:
    history = (("seen", date(2025, 10, 1)), ("bad", date(2025, 10, 1)))
    for number, (mark, wanted) in enumerate(
        (("confidence: recalled", 0), ("confidence: recalled, confirmed_by: 冉医生", 1))
    ):
        found = pack_with(tmp_path / str(number), "{id: bad,", "{id: bad, " + mark + ",")
        con, facts = evaluated(found, [child(*history)])
        assert [row["late"] for row in rows(con)] == [True]  # listed all the same
        assert len(stuck(con, found, facts)) == wanted


def test_medians_are_over_those_who_reached_both_stages(pack: Pack) -> None:
    bad = date(2025, 10, 1)
    children = [child(("seen", bad), ("bad", bad), ("told", bad + timedelta(days=n))) for n in (2, 4, 9)]
    con, _ = evaluated(pack, [*children, child(("seen", bad), ("bad", bad))])
    source = f"SELECT * FROM cascades WHERE round = DATE '{START}'"
    found = {
        row["position"]: (row["median"], row["n"]) for row in backend.rows(con, days_query(source, ("all",)))
    }
    assert found == {2: (0, 4), 3: (4, 3)}


# --- what a check finds -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("was", "becomes", "message"),
    [
        ("on >= done(told))\"", "on >= done(helped))\"", "unknown step 'helped'"),
        ("on >= done(bad))\"", "on >= due(bad))\"", "a stage has no due, only done"),
        ("finding: true}", "finding: true, overdue_after: done(seen) + 3}", "has no clock: a finding is not waited for"),
        ("{id: told,", "{id: MMR_1,", "'MMR_1' is a step of imm already"),
        ("id: eyes\n", "id: imm\n", "'imm' is a pathway already"),
        ("to: director}", "to: nobody}", "there is no role 'nobody'"),
        ("period: school_year", "period: open", "unknown name 'period_end'"),
        ("{id: bad,", "{id: seen,", "stage 'seen' stands twice"),
    ],
)  # fmt: skip
def test_a_slip_is_told(tmp_path: Path, was: str, becomes: str, message: str) -> None:
    folder = tmp_path / "mini"
    shutil.copytree(MINI, folder)
    (folder / "cascades").mkdir()
    text = CASCADE.replace(was, becomes, 1)
    assert text != CASCADE
    name = "imm" if "id: imm" in text.splitlines()[0] else "eyes"
    (folder / f"cascades/{name}.yaml").write_text(text, encoding="utf-8")
    (folder / "forms/sight.yaml").write_text(FORM, encoding="utf-8")
    assert any(message in each.message for each in check_pack(load(folder)).errors)


def test_a_wrong_expectation_of_a_test_child_is_told(tmp_path: Path) -> None:
    pack_with(tmp_path)
    folder = tmp_path / "mini"
    (folder / "tests").mkdir(exist_ok=True)
    (folder / "tests/eyes.yaml").write_text(
        "id: eyes\npathway: imm\nchildren:\n"
        "  - name: {zh: 小雨, en: Xiaoyu}\n    as_of: 2026-01-20\n    born: 2016-02-29\n"
        "    records:\n      - {form: sight, on: 2025-10-01, answers: {what: seen}}\n"
        "    expect: {}\n    expect_reached: {eyes: bad}\n    expect_late: [eyes]\n",
        encoding="utf-8",
    )
    told = " ".join(each.message for each in run_tests(load(folder)))
    assert "eyes reached seen, expected bad" in told and "eyes is not late" in told
