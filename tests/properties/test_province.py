"""Counties put together: each evaluated as a district is, and the province no more and no less than their sum."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median

import pyarrow.parquet as pq
import pytest

from yimi.demo.district import build
from yimi.engines import backend, province
from yimi.engines.columns import build_form_tables
from yimi.engines.indicators.compiled import kinds_read, lines
from yimi.engines.indicators.figures import Figure, as_rows
from yimi.engines.turn import Evaluated, evaluate_day, prepare
from yimi.lib.errors import BadInput
from yimi.pack.load import Pack, load
from yimi.pack.reads import form_fields_read

AS_OF = date(2026, 11, 23)
WULONG = Path(__file__).resolve().parents[2] / "packs" / "wulong"
MEMORY = "1GB"


@dataclass(frozen=True)
class Made:
    pack: Pack
    folder: Path
    into: Path
    districts: list[Evaluated]  # each county evaluated as a turn does it
    done: list[Path]
    figures: list[Figure]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    pack, folder = load(WULONG), tmp_path_factory.mktemp("province")
    places, organizations = (
        [vars(row) for row in rows.values()] for rows in (pack.places, pack.organizations)
    )
    districts = []
    for number, children in ((1, 500), (2, 300)):
        county, con = build(places, organizations, children, number, AS_OF), backend.connect(threads=1)
        backend.put(con, {**county.tables, "record": county.in_force()})
        backend.empty_cases(con)
        build_form_tables(con, pack, only=form_fields_read(pack))
        province.export_county(con, pack, folder / f"part={number}")
        prepare(con, pack, typed=True)
        districts.append(evaluate_day(con, pack, AS_OF))
        con.close()
    into = folder / "evaluated"
    done = list(province.evaluate_counties(pack, folder, AS_OF, into, MEMORY))
    figures = province.roll_up(pack, province.read_sums(done), province.read_values(done), AS_OF)
    yield Made(pack, folder, into, districts, done, figures)


def test_a_county_is_evaluated_as_a_district_is(made: Made) -> None:
    for district, county in zip(made.districts, made.done, strict=True):
        kept = pq.read_table(county / "figures.parquet").to_pylist()
        wanted = as_rows(district.figures)
        assert sorted(map(_told, kept)) == sorted(map(_told, wanted))
        behind = pq.read_table(county / "findings.parquet").to_pylist()
        assert len(behind) == sum(len(each.behind) for each in district.findings)
        assert {row["cause"] for row in behind} == {each.cause for each in district.findings}


def test_the_province_is_the_sum_of_its_counties(made: Made) -> None:
    """Added up here from the figures of each district, by nothing of what the province uses."""
    apart = province.by_county_only(made.pack)
    medians = {
        line.indicator
        for kind in kinds_read(made.pack)
        for line in lines(made.pack, kind)
        if line.fold == "median"
    }
    wanted: dict[tuple, list[float]] = {}
    for each in (figure for district in made.districts for figure in district.figures):
        if each.level == "district" and each.indicator not in apart | medians:
            sums = wanted.setdefault((each.indicator, each.item, each.sex, each.age), [0.0, 0.0])
            sums[0] += each.numerator
            sums[1] += each.denominator or 0.0
    found = {
        (each.indicator, each.item, each.sex, each.age): [each.numerator, each.denominator or 0.0]
        for each in made.figures
        if each.indicator not in medians
    }
    assert found.keys() >= {key for key, (above, below) in wanted.items() if above or below}
    assert all(sums == pytest.approx(wanted[key]) for key, sums in found.items())
    assert any(above for above, _ in found.values())


def test_rare_events_keep_their_three_years(made: Made) -> None:
    rare = [
        each for each in made.figures if made.pack.indicators[each.indicator].rare and each.value is not None
    ]
    assert rare
    for each in rare:
        key = (each.indicator, each.item, None, "district", each.sex, each.age)
        sums = [district.cells.get(key, {}) for district in made.districts]
        above, below = (
            sum(one.get((side, year), 0.0) for one in sums for year in range(3))
            for side in ("numerator", "denominator")
        )
        scale = made.pack.indicators[each.indicator].scale
        assert each.three_year == (pytest.approx(above / below * scale) if below else None)


def test_a_median_comes_from_every_single_value(made: Made) -> None:
    singles: dict[tuple, list[float]] = {}
    for county in made.done:
        for row in pq.read_table(county / "values.parquet").to_pylist():
            singles.setdefault((row["indicator"], row["item"], row["side"]), []).append(row["amount"])
    assert singles
    told = {
        (each.indicator, each.item): each for each in made.figures if each.sex is None and each.age is None
    }
    for (indicator, item, side), values in singles.items():
        assert side == "numerator"
        assert told[indicator, item].numerator == median(values)


def test_what_cannot_be_added_up_is_left_to_the_counties(made: Made) -> None:
    apart = province.by_county_only(made.pack)
    assert "spread_primary_teaching_m2" in apart
    assert apart.isdisjoint({each.indicator for each in made.figures})


def test_a_county_that_was_stopped_half_way_leaves_its_old_result(made: Made) -> None:
    """What a stopped run leaves has another name, and the next run replaces it."""
    county, into = made.folder / "part=2", made.into / "part=2"
    before = (into / "counts.json").read_bytes()
    left = made.into / ".part=2"
    left.mkdir()
    (left / "due_items.parquet").write_bytes(b"half")
    assert province.read_counts(into) == province.read_counts(made.done[1])
    with backend.scratch(MEMORY) as con:
        counts = province.evaluate_county(con, made.pack, county, AS_OF, into)
    assert not left.exists()
    assert (into / "counts.json").read_bytes() == before
    assert counts == province.read_counts(into) and counts.children == 300


def test_a_folder_without_counties_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"holds no county.*yimi columns"):
        province.counties_of(tmp_path)


def test_a_part_that_lacks_a_table_is_refused_and_nothing_is_written(made: Made, tmp_path: Path) -> None:
    shutil.copytree(made.folder / "part=2", tmp_path / "part=2")
    (tmp_path / "part=2" / "residence.parquet").unlink()
    with pytest.raises(BadInput, match="has no table 'residence'"):
        list(province.evaluate_counties(made.pack, tmp_path, AS_OF, tmp_path / "evaluated", MEMORY))
    assert not list((tmp_path / "evaluated").glob("*"))


@pytest.mark.skipif(
    importlib.util.find_spec("pyspark") is None, reason="PySpark is not installed: requirements-spark.lock"
)
def test_spark_gives_the_same_to_the_row(made: Made, tmp_path: Path) -> None:
    from yimi.engines import spark

    running = spark.session("local[2]")
    try:
        counts, figures = spark.evaluate_province(
            running, made.pack, str(WULONG), made.folder, AS_OF, tmp_path, MEMORY
        )
    finally:
        running.stop()
    assert counts == sum((province.read_counts(each) for each in made.done), province.Counts())
    assert list(map(_told, as_rows(figures))) == list(map(_told, as_rows(made.figures)))
    for county in made.done:
        for name in ("due_items", "entitlements", "findings", "figures", "sums"):
            here, there = (
                pq.read_table(folder / f"{name}.parquet").to_pylist()
                for folder in (county, tmp_path / county.name)
            )
            assert sorted(map(_told, here)) == sorted(map(_told, there)), name


def _told(row: dict) -> list[str]:
    """A row as text; what threads add up in another order differs in its last digits."""
    return [f"{value:.9g}" if isinstance(value, float) else str(value) for value in row.values()]
