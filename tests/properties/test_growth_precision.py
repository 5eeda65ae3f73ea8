"""Growth: every row of every table against 50-digit arithmetic, and the fast way against the readable one."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.properties import growth_exact as exact
from tests.properties import growth_seams

from yimi.engines.growth import INDICATORS, assess, bmi, load_standard, standard_height, zscores

WHO = load_standard("who")
STANDARDS = {"who": WHO, "china": load_standard("china")}
COLUMN = {"waz": "weight_kg", "haz": "height_cm", "baz": "weight_kg", "hcz": "head_cm", "acz": "muac_cm"}
EXACT = 1e-9  # SD


@pytest.fixture(autouse=True)
def _precise() -> None:
    exact.precise()


def points(row: exact.Row, turn: int) -> Iterator[float]:
    """Three of seven measures of a row: the median, exactly two and three SD, and in both tails."""
    for sd in ((-3, 2, 5), (-2, 0, 3), (-5, -3, 3), (-1, 2, 3))[turn % 4]:
        inner = max(-3, min(3, sd))
        value = exact.at_sd(row, Decimal(inner))
        if sd != inner:
            value += (sd - inner) * abs(value - exact.at_sd(row, Decimal(inner) / 3 * 2))
        yield float(value)


def compare(indicator: str, columns: dict[str, list[float]], wanted: list[Decimal]) -> None:
    given_columns: dict[str, list[float]] = {
        **columns,
        "height_cm": columns.get("height_cm", [100.0] * len(wanted)),
    }
    z = assess(given_columns, WHO, decimals=None, only=(indicator,))[indicator]  # type: ignore[arg-type]
    assert np.isfinite(z).all() and len(z) == len(wanted) > 1000
    assert max(abs(Decimal(float(ours)) - theirs) for ours, theirs in zip(z, wanted, strict=True)) < EXACT


@pytest.mark.parametrize("indicator", sorted(COLUMN))
def test_every_day_to_the_fifth_birthday_and_the_month_after(indicator):
    measure = COLUMN[indicator]
    columns: dict[str, list[float]] = {"sex": [], "age_days": [], measure: []}
    wanted = []
    for sex in (1, 2):
        for day in range(1857):
            row = exact.who_row(indicator, sex, Decimal(day), None)
            assert (row is None) == (
                (indicator in ("hcz", "acz") and day > 1826) or (indicator == "acz" and day < 91)
            )
            for value in points(row, day + sex) if row else ():
                columns["sex"].append(sex)
                columns["age_days"].append(day)
                columns[measure].append(value)
                wanted.append(exact.by_lms(Decimal(value), row, indicator in exact.RESTRICTED))
    compare(indicator, columns, wanted)


@pytest.mark.parametrize(("day", "first", "last"), [(400, 450, 1100), (1200, 650, 1200)])
def test_every_tenth_of_a_centimeter(day, first, last):
    columns: dict[str, list[float]] = {"sex": [], "age_days": [], "height_cm": [], "weight_kg": []}
    wanted = []
    for sex in (1, 2):
        for tenth in range(first, last + 1):
            row = exact.who_row("whz", sex, Decimal(day), Decimal(tenth) / 10)
            assert row is not None
            for value in points(row, tenth + sex):
                columns["sex"].append(sex)
                columns["age_days"].append(day)
                columns["height_cm"].append(float(Decimal(tenth) / 10))
                columns["weight_kg"].append(value)
                wanted.append(exact.by_lms(Decimal(value), row, True))
    compare("whz", columns, wanted)


@pytest.mark.parametrize("indicator", ["waz", "haz", "baz"])
def test_five_to_nineteen_years_by_month_and_between(indicator):
    columns: dict[str, list[float]] = {"sex": [], "age_days": [], COLUMN[indicator]: []}
    wanted = []
    for sex in (1, 2):
        months = (month * exact.MONTH for month in range(60, 121 if indicator == "waz" else 229))
        for turn, age in enumerate(age for month in months for age in (month, exact.whole(month), month + 9)):
            row = exact.who_row(indicator, sex, age, None)
            assert row is not None
            for value in points(row, turn):
                columns["sex"].append(sex)
                columns["age_days"].append(float(age))
                columns[COLUMN[indicator]].append(value)
                wanted.append(exact.by_lms(Decimal(value), row, indicator in exact.RESTRICTED))
    compare(indicator, columns, wanted)


def test_the_golden_seams_are_what_the_exact_arithmetic_says():
    assert growth_seams.GOLDEN.read_text(encoding="utf-8") == growth_seams.lines()


# --- the fast way and the readable way --------------------------------------------------------------------------


def children(seed: int, size: int) -> dict[str, np.ndarray]:
    """Children with everything that happens in a register: parts of days, of tenths, gaps, nonsense."""
    rng = np.random.default_rng(seed)
    age = np.concatenate([rng.uniform(-40, 7100, size - size // 2), rng.uniform(-3, 1900, size // 2)])
    age[rng.random(size) < 0.7] //= 1.0
    height = np.minimum(47 + 1.9 * np.sqrt(np.maximum(age, 1)), 190) * rng.normal(1, 0.08, size)
    weight = 16 * (height / 100) ** 2 * rng.lognormal(0, 0.3, size)
    table = {
        "sex": rng.integers(0, 4, size), "age_days": age, "weight_kg": weight.round(2), "height_cm": height.round(1),
        "measured": rng.integers(0, 3, size), "head_cm": rng.normal(46, 5, size).round(1),
        "muac_cm": rng.normal(15, 3, size).round(1), "oedema": rng.random(size) < 0.02,
    }  # fmt: skip
    odd = rng.random(size) < 0.1
    table["height_cm"] = np.where(odd, height, table["height_cm"])
    for name in ("age_days", "weight_kg", "height_cm", "head_cm", "muac_cm"):
        spoiled = rng.random(size) < 0.02
        table[name][spoiled] = rng.choice([np.nan, 0.0, -1.0, np.inf, 1e300], spoiled.sum())
    return table


def readable(table: dict[str, np.ndarray], standard: str) -> dict[str, np.ndarray]:
    """Z-scores by `zscores`, indicator by indicator."""
    weight = np.where(table["oedema"], np.nan, table["weight_kg"])
    tall = np.where(table["height_cm"] > 0, table["height_cm"], np.nan)
    height = standard_height(table["age_days"], tall, table["measured"])
    values = {"waz": weight, "haz": height, "whz": weight, "baz": bmi(weight, height), "hcz": table["head_cm"],
              "acz": table["muac_cm"]}  # fmt: skip
    return {
        indicator: zscores(STANDARDS[standard], indicator, table["sex"], table["age_days"], values[indicator], height, table["measured"])
        for indicator in INDICATORS
    }  # fmt: skip


@settings(max_examples=25, deadline=None, derandomize=True, database=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(["who", "china"]))
def test_the_fast_way_answers_as_the_readable_one(seed, standard):
    table = children(seed, 2000)
    fast, slow = assess(table, STANDARDS[standard], decimals=None), readable(table, standard)
    for indicator in INDICATORS:
        np.testing.assert_array_equal(np.isnan(fast[indicator]), np.isnan(slow[indicator]), indicator)
        np.testing.assert_allclose(fast[indicator], slow[indicator], rtol=1e-11, atol=1e-11)
    known = np.isfinite(fast["waz"])
    assert known.sum() > 250


@pytest.mark.parametrize("standard", ["who", "china"])
def test_blocks_and_threads_change_nothing(standard):
    table = children(7, 200_000)  # several blocks, and on two cores two workers
    whole = assess(table, STANDARDS[standard])
    pieces = [
        assess({name: column[at : at + 50_001] for name, column in table.items()}, STANDARDS[standard])
        for at in range(0, 200_000, 50_001)
    ]
    for name, column in whole.items():
        np.testing.assert_array_equal(column, np.concatenate([piece[name] for piece in pieces]), name)
