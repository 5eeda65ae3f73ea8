"""Equal to the z-scores others publish, to 0.01."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from yimi.engines.growth import assess, load_standard, zscores

SHARED = Path(__file__).resolve().parents[3] / ".." / "shared"
WHO = load_standard("who")
MONTH = 30.4375
INDICATOR = {
    "wfa": "waz",
    "lhfa": "haz",
    "hfa": "haz",
    "hcfa": "hcz",
    "bfa": "baz",
    "wfl": "whz",
    "wfh": "whz",
}

pytestmark = [
    pytest.mark.reference,
    pytest.mark.skipif(
        not (SHARED / "data" / "growth").is_dir(), reason="needs ../shared beside the project"
    ),
]


def rows(path: str) -> list[dict[str, str]]:
    lines = (SHARED / path).read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def numbers(table: list[dict[str, str]], column: str) -> np.ndarray:
    return np.array([float(row[column]) if row[column] not in ("", "NA") else np.nan for row in table])


def agree(ours: np.ndarray, expected: np.ndarray) -> None:
    assert (np.isnan(ours) == np.isnan(expected)).all()
    assert np.nanmax(np.abs(ours - expected)) < 0.0101


def test_golden_cases():
    cases = rows("reference/data/growth/golden_zscores.csv")
    assert len(cases) == 180
    for case in cases:
        days = float(case["age"]) * (1.0 if case["age_unit"] == "days" else MONTH)
        height = [float(case["lh_cm"])] if case["lh_cm"] else None
        sex = [1 if case["sex"] == "M" else 2]
        z = zscores(WHO, INDICATOR[case["indicator"]], sex, [days], [float(case["value"])], height)
        assert z[0] == pytest.approx(float(case["z"]), abs=0.0051), case


def test_household_survey_under_five():
    table = rows("data/growth/anthro2_dhs_796_expected.csv")
    result = assess(
        {
            "sex": numbers(table, "sex"),
            "age_days": numbers(table, "age") * MONTH,
            "weight_kg": numbers(table, "wt"),
            "height_cm": numbers(table, "ht"),
            "oedema": np.array([row["oedema"] == "1" for row in table]),
        },
        WHO,
    )
    pairs = {
        "haz": ("zlen", "flen"),
        "waz": ("zwei", "fwei"),
        "whz": ("zwfl", "fwfl"),
        "baz": ("zbmi", "fbmi"),
    }
    for ours, (z, flag) in pairs.items():
        agree(result[ours], numbers(table, z))
        assert result[f"{ours}_flag"].tolist() == [row[flag] == "1" for row in table]


def test_survey_five_to_nineteen():
    table = rows("data/growth/survey_5_19_who2007_expected_even_ids.csv")
    result = assess(
        {
            "sex": numbers(table, "sex"),
            "age_days": numbers(table, "agemons") * MONTH,
            "weight_kg": numbers(table, "weight"),
            "height_cm": numbers(table, "height"),
            "oedema": np.array([row["oedema"] == "y" for row in table]),
        },
        WHO,
    )
    for ours, theirs in (("haz", "zhfa"), ("waz", "zwfa"), ("baz", "zbfa")):
        agree(result[ours], numbers(table, theirs))


def test_tables_equal_the_second_copy():
    """The project's tables against the copy fetched from WHO's own repository, to the last digit."""
    files = {"waz": "weianthro", "haz": "lenanthro", "baz": "bmianthro", "hcz": "hcanthro", "acz": "acanthro"}
    for indicator, stem in files.items():
        segment = WHO.of(indicator)[0]
        lines = (SHARED / "data/growth/who2006_lms" / f"{stem}.txt").read_text().splitlines()
        theirs = list(csv.DictReader(lines, delimiter="\t"))
        for sex in (1, 2):
            expected = [[float(row[key]) for key in "lms"] for row in theirs if row["sex"] == str(sex)]
            np.testing.assert_array_equal(segment.values[sex], np.array(expected))
