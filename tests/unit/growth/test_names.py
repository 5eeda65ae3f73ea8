"""What a z-score is called, what looks like a wrong unit, whose growth faltered, what a chart draws."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from yimi.engines.growth import (
    assess_table,
    band_name,
    bmi_class_school,
    classify,
    classify_all,
    curve,
    faltering,
    growth_lms_table,
    growth_sd_table,
    load_standard,
    plausible_unit,
    zscores,
)

WHO = load_standard("who")
CHINA = load_standard("china")
YEAR = 365.25


def test_boundaries_of_the_bands():
    z = {"haz": [-2.0, -2.01, -3.0, -3.01, np.nan]}
    expected = ["none", "stunting", "stunting", "severe_stunting", ""]
    assert classify(WHO, "stunting", z, [900] * 5).tolist() == expected
    assert classify(CHINA, "stunting", z, [900] * 5).tolist() == expected


def test_one_child_is_overweight_in_china_and_not_by_who():
    z = {"whz": [1.0, 2.0, 2.01, 3.0, 3.01]}
    assert classify(WHO, "overweight", z, [900] * 5).tolist() == [
        "none", "none", "overweight", "overweight", "obesity",
    ]  # fmt: skip
    assert classify(CHINA, "overweight", z, [900] * 5).tolist() == [
        "overweight", "obesity", "obesity", "severe_obesity", "severe_obesity",
    ]  # fmt: skip


def test_schoolchildren_are_judged_by_bmi_for_age():
    z = {"baz": [1.5, 2.5, -2.5, -3.5]}
    assert classify(WHO, "overweight", z, [8 * YEAR] * 4).tolist() == [
        "overweight",
        "obesity",
        "none",
        "none",
    ]
    assert classify(WHO, "wasting", z, [8 * YEAR] * 4).tolist() == [
        "none",
        "none",
        "thinness",
        "severe_thinness",
    ]


def test_oedema_is_severe_wasting_without_any_score():
    z = {"whz": [np.nan, np.nan]}
    assert classify(WHO, "wasting", z, [500, 500], [True, False]).tolist() == ["severe_wasting", ""]
    assert set(classify_all(WHO, z, [500, 500])) == {"underweight", "stunting", "wasting", "overweight"}


def test_every_code_has_words():
    for standard in (WHO, CHINA):
        for band in standard.bands:
            zh, en = band_name(standard, band.code)
            assert zh and en
    assert band_name(WHO, "none") == ("未见异常", "none")


def test_school_bmi_uses_the_half_year_reached():
    days = np.array([7.4, 7.5, 5.99, 18.5, 19.1]) * YEAR
    assert bmi_class_school(CHINA, [1] * 5, days, [17.2] * 5).tolist() == [
        "overweight",
        "none",
        "",
        "none",
        "",
    ]
    assert bmi_class_school(CHINA, [1, 2], [10 * YEAR] * 2, [21.9, 21.4]).tolist() == [
        "obesity",
        "overweight",
    ]


def median(indicator: str, sex: int, months: int) -> float:
    return float(curve(WHO, indicator, sex, (0,), 1.0, months, months + 1)["median"][0])


@pytest.mark.parametrize("sex", [1, 2])
@pytest.mark.parametrize("months", [0, 3, 12, 23, 24, 36, 59, 72, 108, 150, 200])
def test_wrong_units_are_noticed_and_right_ones_left_alone(sex, months):
    days, height = months * 30.4375, median("haz", sex, months)
    weight = median("baz", sex, months) * (height / 100) ** 2
    assert plausible_unit(WHO, sex, days, weight, height) == []
    wrong = {
        "jin": (weight * 2, height),
        "grams": (weight * 1000, height),
        "meters": (weight, height / 100),
        "inches": (weight, height / 2.54),
        "swapped": (height, weight),
    }
    for unit, (w, h) in wrong.items():
        hints = plausible_unit(WHO, sex, days, w, h)
        assert [hint.unit.split()[0] for hint in hints] == [unit], (unit, hints)
        assert hints[0].zh.endswith("。") and hints[0].en.endswith(".")
    jin = plausible_unit(WHO, sex, days, weight * 2, height)[0]
    assert jin.suggested == pytest.approx(weight, abs=0.01)


def test_a_strange_value_that_no_unit_explains_asks_to_check():
    hints = plausible_unit(WHO, 1, 800, weight_kg=45.0, height_cm=87.0)
    assert [hint.unit for hint in hints] == [""]
    assert plausible_unit(WHO, 1, float("nan"), 12.0, 87.0) == []
    assert plausible_unit(WHO, 0, 800, 24.0, 87.0) == []
    assert [h.unit for h in plausible_unit(WHO, 1, 400, head_cm=465, muac_cm=145)] == ["millimeters"] * 2


def test_faltering_lists_falls_within_the_window():
    found = faltering(
        child=["a", "b", "a", "a", "b", "c", "c"],
        on_day=[0, 0, 90, 180, 60, 0, 400],
        z=[0.0, 0.5, -0.5, -0.67, 0.0, 1.0, -2.0],
        within_months=6,
    )
    # b fell by 0.5 only; c fell far, but over more than six months.
    assert found.child.tolist() == ["a"]
    assert (found.from_day[0], found.to_day[0], found.from_z[0], found.drop[0]) == (0, 180, 0.0, 0.67)


def test_faltering_at_the_threshold_across_a_gap_and_without_rows():
    assert faltering([1, 1], [0, 30], [1.30, 0.63], 3).drop.tolist() == [0.67]
    assert faltering([1, 1], [0, 30], [1.30, 0.64], 3).child.size == 0
    assert faltering([1, 1, 1], [0, 30, 60], [1.0, np.nan, 0.0], 3).child.tolist() == [1]
    assert faltering([], [], [], 3).child.size == 0
    assert faltering([1, 1], [0, 30], [1.0, 0.0], 3, drop_sd=1.34).child.size == 0


def test_faltering_agrees_with_looking_at_every_pair():
    rng = np.random.default_rng(3)
    child, day = rng.integers(0, 30, 300), rng.integers(0, 900, 300)
    z = np.round(rng.normal(0, 0.6, 300), 2)
    found = faltering(child, day, z, 6)
    window = 6 * 30.4375
    falls = {
        (child[j], day[j], z[j])
        for i in range(300)
        for j in range(300)
        if child[i] == child[j] and day[i] < day[j] <= day[i] + window and z[i] - z[j] >= 0.67 - 1e-9
    }
    assert falls <= set(zip(found.child, found.to_day, found.to_z, strict=True))


def test_chart_lines_give_their_own_sd():
    for standard in (WHO, CHINA):
        lines = curve(standard, "haz", 2, (-2, 0, 2))
        assert (np.diff(lines["x"]) >= 0).all()
        assert (lines["sd_m2"] < lines["median"]).all() and (lines["median"] < lines["sd_p2"]).all()
        inside = (lines["x"] > 30) & (lines["x"] < 80)
        for sd, name in ((-2, "sd_m2"), (2, "sd_p2")):
            ages = lines["x"][inside]
            z = zscores(standard, "haz", np.full(ages.size, 2), ages * 30.4375, lines[name][inside])
            np.testing.assert_allclose(z, sd, atol=0.02)
    assert curve(CHINA, "hcz", 1)["x"].size == 0


def test_chart_breaks_between_lying_and_standing():
    lines = curve(CHINA, "haz", 1, (0,))
    at_two = lines["median"][lines["x"] == 24]
    assert at_two.tolist() == pytest.approx([88.9, 88.2])


def test_tables_for_a_database():
    lms, sds = growth_lms_table(WHO), growth_sd_table(CHINA)
    assert lms.num_rows == 2 * sum(len(segment.grid[1]) for segment in WHO.segments)
    assert set(lms["indicator"].to_pylist()) == {"waz", "haz", "whz", "baz", "hcz", "acz"}
    assert growth_lms_table(CHINA).num_rows == growth_sd_table(WHO).num_rows == 0
    school = sds.filter(pc.greater(sds["from_months"], 80))
    assert school["sd_m3"].null_count == school.num_rows > 0


def test_arrow_table_keeps_rows_and_nulls():
    table = pa.table(
        {
            "child": ["x", "y", "z"],
            "sex": pa.array([1, 2, None], pa.int8()),
            "age_days": [400, None, 400],
            "weight_kg": [9.5, 9.0, 9.0],
            "height_cm": [75.0, 75.0, None],
            "oedema": pa.array([None, False, True]),
        }
    )
    result = assess_table(table, WHO)
    assert result["child"].to_pylist() == ["x", "y", "z"]
    assert result["waz"].null_count == 2 and result["waz_flag"].null_count == 0
    assert result["whz"].null_count == 1
