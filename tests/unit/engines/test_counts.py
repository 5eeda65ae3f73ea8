"""Counts: nobody is zero, a township counts once, and a benefit begins and ends with its norm."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from yimi.engines import backend
from yimi.engines.backend import Connection
from yimi.engines.entitlement import evaluate_entitlements
from yimi.engines.example import empty_tables, insert
from yimi.engines.indicators import Figure, evaluate_indicators
from yimi.engines.indicators.compiled import contributions, kept, lines, scan
from yimi.engines.turn import build_wide, prepare
from yimi.pack.load import Pack, load

AS_OF = date(2026, 6, 1)
HEAD = "name: {zh: 试验, en: trial}\n"
INDICATORS = {
    "stations": "numerator: {of: facility, where: kind = 'station'}",
    "titles": "document: {of: place, where: \"has(status, scheme = 'hardship')\"}",
    "children": "numerator: {of: child, where: death_date is null}",
    "age": "numerator: {of: child, where: place is not null, median: age_years}",
    "uneven": "numerator: {of: child, where: place is not null, spread: age_years, weight: age_months}",
    "served_townships": "numerator: {of: facility, where: kind = 'station', distinct: township}",
    "coverage": "numerator: {of: facility, where: kind = 'station', distinct: township}\n"
    "denominator: {of: place, where: kind = 'township'}",
}


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    mini = Path(__file__).resolve().parents[2] / "spec/packs/mini"
    folder = shutil.copytree(mini, tmp_path_factory.mktemp("packs") / "mini")
    for kind in ("indicators", "entitlements", "pathways"):  # none of what is counted here is a step
        for old in (folder / kind).iterdir():
            old.unlink()
    for name, sides in INDICATORS.items():
        text = f"id: {name}\n{HEAD}definition: {{zh: 试验, en: trial}}\nunit: 个\n{sides}\n"
        (folder / f"indicators/{name}.yaml").write_text(text, encoding="utf-8")
    text = f"id: subsidy\n{HEAD}rule: age_years < 3\narticle: 试验\neffective_from: 2025-01-01\neffective_to: 2027-01-01\n"
    (folder / "entitlements/subsidy.yaml").write_text(text, encoding="utf-8")
    return load(folder)


@pytest.fixture
def con() -> Iterator[Connection]:
    con = backend.connect(threads=1)
    empty_tables(con)
    for index, township in enumerate(("t1", "t2", "t3")):
        insert(con, "place", place_id=township, kind="township", parent_id="d", subject_id=900 + index)
    insert(con, "place", place_id="v1", kind="village", parent_id="t1", subject_id=910)
    yield con
    con.close()


def figures(con: Connection, pack: Pack, as_of: date = AS_OF) -> dict[tuple[str, str | None], Figure]:
    prepare(con, pack)
    found = evaluate_indicators(con, pack, build_wide(con, pack, as_of, lambda stage: None))
    return {(each.indicator, each.place): each for each in found if each.sex is None and each.age is None}


@pytest.mark.parametrize("indicator", ["stations", "titles", "children", "served_townships"])
def test_a_count_of_nobody_is_zero(con: Connection, pack: Pack, indicator: str) -> None:
    found = figures(con, pack)[(indicator, None)]
    assert (found.value, found.numerator, found.denominator, found.level) == (0, 0, None, "district")


def test_a_township_with_two_stations_counts_once(con: Connection, pack: Pack) -> None:
    for subject, place in ((1, "t1"), (2, "v1"), (3, "t2"), (4, None)):
        insert(con, "facility", subject_id=subject, kind="station", place_id=place)
    found = figures(con, pack)
    assert found[("stations", None)].value == 4
    assert found[("served_townships", None)].value == 2
    assert (found[("coverage", None)].numerator, found[("coverage", None)].denominator) == (2, 3)
    assert [found[("coverage", each)].value for each in ("t1", "t2", "t3")] == [1, 1, 0]


def test_a_median_of_nobody_is_no_figure(con: Connection, pack: Pack) -> None:
    assert ("age", None) not in figures(con, pack)


def test_a_median_is_the_middle_one_of_those_who_have_the_number(con: Connection, pack: Pack) -> None:
    for subject, year in enumerate((2010, 2020, 2024, None, 2000), 1):
        born = date(year, 1, 1) if year else None
        insert(con, "child", subject_id=subject, birth_date=born, sex="f")
        if subject < 5:
            insert(con, "residence", subject_id=subject, place_id="v1", valid_from=born or AS_OF)
    found = figures(con, pack)[("age", None)]
    assert (found.value, found.numerator, found.denominator) == (6, 6, None)


@pytest.mark.parametrize("kind", ["child", "facility"])
def test_what_is_kept_of_each_subject_gives_the_same_cells(con: Connection, pack: Pack, kind: str) -> None:
    for subject, place in ((1, "t1"), (2, "v1"), (3, "t2"), (4, None)):
        insert(con, "facility", subject_id=subject, kind="station", place_id=place)
    for subject, year in enumerate((2010, 2020, 2024), 11):
        insert(con, "child", subject_id=subject, birth_date=date(year, 1, 1), sex="f")
        insert(con, "residence", subject_id=subject, place_id="v1", valid_from=date(year, 1, 1))
    prepare(con, pack)
    table = build_wide(con, pack, AS_OF, lambda stage: None)[kind]
    chosen = lines(pack, kind)
    assert {line.fold for line in chosen} >= ({"sum", "median", "spread"} if kind == "child" else {"sum"})
    con.execute(f"CREATE TABLE kept AS {contributions(kind, chosen, table)}")
    anew, again = (
        con.execute(scan(kind, *each)).fetchall() for each in ((chosen, table), (kept(chosen), "kept"))
    )
    assert sorted(map(repr, anew)) == sorted(map(repr, again))
    assert len(anew) > 1


@pytest.mark.parametrize(
    ("day", "born", "answer"),
    [
        (date(2024, 12, 31), date(2024, 6, 1), "no"),
        (date(2025, 1, 1), date(2024, 6, 1), "yes"),
        (date(2026, 12, 31), date(2024, 6, 1), "yes"),
        (date(2027, 1, 1), date(2024, 6, 1), "no"),  # the first day no longer in force
        (date(2024, 12, 31), None, "no"),
        (date(2025, 1, 1), None, "unknown"),
    ],
)
def test_nobody_is_entitled_before_or_after_the_norm(
    con: Connection, pack: Pack, day: date, born: date | None, answer: str
) -> None:
    insert(con, "child", subject_id=1, birth_date=born, sex="f")
    prepare(con, pack)
    facts = build_wide(con, pack, day, lambda stage: None)["child"]
    (row,) = evaluate_entitlements(con, pack, facts)
    assert (row["answer"], row["needs"]) == (answer, ["birth_date"] if answer == "unknown" else [])
