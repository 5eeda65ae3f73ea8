"""The seams of the growth tables, child by child, to 1e-9 of exact arithmetic (`tests/properties/growth_seams.py`)."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from yimi.engines.growth import INDICATORS, assess, load_standard

ROWS = list(
    csv.DictReader((Path(__file__).parent / "golden_seams.csv").read_text(encoding="utf-8").splitlines())
)
GIVEN = ("sex", "age_days", "measured", "weight_kg", "height_cm", "head_cm", "muac_cm", "oedema")


def of(standard: str) -> list[dict[str, str]]:
    return [row for row in ROWS if row["standard"] == standard]


def numbers(rows: list[dict[str, str]], name: str) -> np.ndarray:
    return np.array([float(row[name]) if row[name] else np.nan for row in rows])


@pytest.mark.parametrize("standard", ["who", "china"])
def test_every_seam(standard):
    rows = of(standard)
    z = assess({name: numbers(rows, name) for name in GIVEN}, load_standard(standard), decimals=None)
    for indicator in INDICATORS:
        wanted = numbers(rows, indicator)
        wrong = [
            row for row, ours, theirs in zip(rows, z[indicator], wanted, strict=True)
            if np.isnan(ours) != np.isnan(theirs) or abs(ours - theirs) > 1e-9
        ]  # fmt: skip
        assert not wrong, f"{indicator}: {len(wrong)} of {len(rows)}, such as {wrong[0]}"


def test_one_by_one_is_the_same_as_together():
    rows = of("who")[::7]
    together = assess({name: numbers(rows, name) for name in GIVEN}, load_standard("who"))
    for n, row in enumerate(rows):
        alone = assess({name: numbers([row], name) for name in GIVEN}, load_standard("who"))
        for indicator in INDICATORS:
            np.testing.assert_array_equal(alone[indicator][0], together[indicator][n])


def test_the_file_covers_what_it_is_for():
    days = {row["age_days"] for row in ROWS}
    assert {"0", "730", "731", "1826", "1856", "1857"} <= days
    assert {"45.0", "65.0", "92.6", "110.0", "120.0"} <= {row["height_cm"] for row in ROWS}
    exactly = {sd: sum(row["haz"] == f"{sd:.12f}" for row in ROWS) for sd in (-3, -2, 2, 3)}
    assert all(exactly.values()), exactly
    assert any(row["oedema"] == "1" and not row["waz"] and row["haz"] for row in ROWS)
