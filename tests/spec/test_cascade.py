"""A cascade adds up child by child: stages are nested, the deepest stages are the scope, who waits is found.

The pack is `mini` with one cascade over check-ups; a second reading of its rules in plain Python says what must
come out for random histories.
"""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.spec.acceptance import MINI

from yimi.engines import backend
from yimi.engines.cascade import build_cascades, counts_query, days_query, rounds, stuck
from yimi.engines.columns import build_form_tables
from yimi.engines.example import SPAN, put_children
from yimi.engines.facts import build_facts
from yimi.engines.trials import run_tests
from yimi.pack import schema
from yimi.pack.check import check_pack
from yimi.pack.load import Pack, load
from yimi.pack.reads import subject_reads

FORM = """id: sight
name: {zh: 视力, en: sight}
subject: child
sensitivity: health
legal_basis: 试验
purpose: {zh: 试验, en: trial}
fields:
  - {id: what, label: {zh: 事项, en: what}, type: text}
"""
CASCADE = """id: eyes
name: {zh: 视力闭环, en: eyes}
sensitivity: health
period: school_year
in_scope: death_date is null and birth_date < period_end
source: 试验
confidence: editorial
stages:
  - {id: seen, name: {zh: 已筛, en: screened}, reached: "first(sight.on, what = 'seen' and on >= period_start and on < period_end)"}
  - {id: bad, name: {zh: 阳性, en: positive}, reached: "first(sight.on, what = 'bad' and on >= done(seen) and on < period_end)", finding: true}
  - {id: told, name: {zh: 有结论, en: answered}, reached: "first(sight.on, what = 'told' and on >= done(bad))", overdue_after: done(bad) + 10}
  - {id: helped, name: {zh: 已干预, en: treated}, reached: "first(sight.on, what = 'helped' and on >= done(told))", overdue_after: done(told) + 20}
alerts:
  - {id: waits, name: {zh: 等待, en: waits}, when: days_overdue > 0, per: subject, to: director}
"""
STAGES = ("seen", "bad", "told", "helped")
LIMITS = {2: 10, 3: 20}  # children at this position wait so many days
AS_OF = date(2026, 1, 20)
START = date(2025, 9, 1)
BORN = date(2016, 2, 29)


def pack_with(tmp: Path, was: str = "", becomes: str = "") -> Pack:
    folder = tmp / "mini"
    shutil.copytree(MINI, folder)
    (folder / "cascades").mkdir()
    text = CASCADE.replace(was, becomes) if was else CASCADE
    (folder / "cascades/eyes.yaml").write_text(text, encoding="utf-8")
    (folder / "forms/sight.yaml").write_text(FORM, encoding="utf-8")
    return load(folder)


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    found = pack_with(tmp_path_factory.mktemp("pack"))
    assert check_pack(found).errors == []
    return found


def child(*records: tuple[str, date], **more: Any) -> schema.TestChild:
    told = [{"form": "sight", "on": on.isoformat(), "answers": {"what": what}} for what, on in records]
    plain = {
        "name": {"zh": "小雨", "en": "Xiaoyu"},
        "as_of": AS_OF.isoformat(),
        "born": BORN.isoformat(),
        "expect": {},
    }
    return schema.TestChild.model_validate({**plain, "records": told, **more})


def evaluated(pack: Pack, children: list[schema.TestChild], as_of: date = AS_OF) -> Any:
    """A connection in which the cascades of these children stand, and the facts they stand on."""
    con = backend.connect(threads=1)
    put_children(con, children)
    build_form_tables(con, pack)
    reads = {
        name: fields for name, fields in subject_reads(pack, "child").items() if not name.startswith("growth")
    }
    facts = build_facts(con, pack, "child", as_of, reads)
    build_cascades(con, pack, as_of, facts, facts)
    return con, facts


def rows(con: Any, start: date = START) -> list[dict[str, Any]]:
    return backend.rows(con, "SELECT * FROM cascades WHERE round = ? ORDER BY subject_id", [start])


# --- the invariant ------------------------------------------------------------------------------------------

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


# --- examples -----------------------------------------------------------------------------------------------


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
