"""Where one table ends and the next begins, and what is not known."""

from __future__ import annotations

import numpy as np
import pytest

from yimi.engines.growth import INDICATORS, assess, load_standard, standard_height, zscores

WHO = load_standard("who")
CHINA = load_standard("china")
MONTH = 30.4375


def one(standard, indicator, sex, age_days, value, height=None, measured=None) -> float:
    heights = None if height is None else [height]
    return float(zscores(standard, indicator, [sex], [age_days], [value], heights, measured)[0])


def test_tables_are_complete():
    for segment in (*WHO.segments, *CHINA.segments):
        for sex in (1, 2):
            grid = segment.grid[sex]
            assert len(grid) == len(segment.values[sex]) > 5
            assert (np.diff(grid) > 0).all()
            assert segment.source and segment.confidence
    assert sum(len(segment.grid[1]) for segment in WHO.of("waz")) == 1827 + 62


def test_day_731_is_the_first_standing_day():
    heights = standard_height([730, 731, 730.4, 730.5, 730, 731], [86.0] * 6, [2, 1, 2, 1, 1, 2])
    np.testing.assert_allclose(heights, [86.7, 85.3, 86.7, 85.3, 86.0, 86.0])
    # 24 months are 730.5 days, which WHO rounds up to 731: standing.
    assert standard_height([24 * MONTH], [86.0], [1])[0] == pytest.approx(85.3)


def test_weight_for_height_changes_table_at_day_731():
    lying, standing = one(WHO, "whz", 1, 730, 12.0, 86.0), one(WHO, "whz", 1, 731, 12.0, 86.0)
    # The same 86.0 cm is a longer child when standing: 86.0 standing is 86.7 lying.
    assert standing == pytest.approx(one(WHO, "whz", 1, 730, 12.0, 86.7), abs=0.06)
    assert lying > standing


def test_standing_under_nine_months_is_not_believed():
    assert standard_height([200], [66.0], [2])[0] == 66.0
    assert standard_height([280], [66.0], [2])[0] == pytest.approx(66.7)


@pytest.mark.parametrize("height", [92.6, 65.6, 98.7, 57.3, 109.9])
def test_tenths_find_their_row(height):
    """92.6 / 0.1 is 925.99… in binary: the row of 92.6 must be found, not that of 92.5."""
    for position, days in (("lying", 500), ("standing", 1000)):
        segment = next(s for s in WHO.of("whz") if s.position == position)
        row = (
            int(np.flatnonzero(np.isclose(segment.grid[1], height))[0])
            if height >= segment.grid[1][0]
            else -1
        )
        if row >= 0:
            median = segment.values[1][row][1]
            assert one(WHO, "whz", 1, days, median, height) == pytest.approx(0.0, abs=1e-9)


def test_between_tenths_is_between():
    low, high = one(WHO, "whz", 2, 500, 9.0, 75.0), one(WHO, "whz", 2, 500, 9.0, 75.1)
    assert high < one(WHO, "whz", 2, 500, 9.0, 75.05) < low


@pytest.mark.parametrize(
    ("days", "height", "known"),
    [
        (100, 45.0, True),
        (100, 44.9, False),
        (700, 110.0, True),
        (700, 110.1, False),
        (800, 65.0, True),
        (800, 64.9, False),
        (1800, 120.0, True),
        (1800, 120.1, False),
    ],
)
def test_ends_of_the_height_tables(days, height, known):
    assert np.isfinite(one(WHO, "whz", 1, days, 12.0, height)) == known


def test_table_end_reached_by_adding_seven_millimeters():
    # 109.3 + 0.7 must be the row of 110.0, not a hair above the table.
    result = assess(
        {"sex": [1], "age_days": [700], "weight_kg": [18.0], "height_cm": [109.3], "measured": [2]}, WHO
    )
    assert np.isfinite(result["whz"][0])


def test_ends_of_the_age_tables():
    assert np.isfinite(one(WHO, "waz", 1, 0, 3.3))
    assert np.isnan(one(WHO, "waz", 1, -1, 3.3))
    assert np.isfinite(one(WHO, "hcz", 1, 1826, 50.0)) and np.isnan(one(WHO, "hcz", 1, 1827, 50.0))
    assert np.isnan(one(WHO, "acz", 1, 90, 13.0)) and np.isfinite(one(WHO, "acz", 1, 91, 13.0))
    assert np.isfinite(one(WHO, "waz", 1, 120.9 * MONTH, 31.0)) and np.isnan(
        one(WHO, "waz", 1, 121 * MONTH, 31.0)
    )
    assert np.isfinite(one(WHO, "haz", 1, 228.9 * MONTH, 176.0)) and np.isnan(
        one(WHO, "haz", 1, 229 * MONTH, 176.0)
    )


@pytest.mark.parametrize(("indicator", "value"), [("waz", 18.0), ("haz", 109.0), ("baz", 15.3)])
@pytest.mark.parametrize("sex", [1, 2])
def test_five_years_no_gap_and_no_jump(indicator, value, sex):
    days = np.arange(1820, 1900)
    z = zscores(WHO, indicator, np.full(80, sex), days, np.full(80, value))
    assert np.isfinite(z).all()
    assert np.abs(np.diff(z)).max() < 0.02


def test_month_61_is_the_first_row_of_who_2007():
    segment = WHO.of("haz")[-1]
    median = segment.values[2][segment.grid[2] == 61][0, 1]
    assert one(WHO, "haz", 2, 61 * MONTH, median) == pytest.approx(0.0, abs=1e-9)


def test_age_unknown_height_table_by_position_then_by_87_cm():
    by_lying = one(WHO, "whz", 1, float("nan"), 12.0, 86.0, [1])
    by_standing = one(WHO, "whz", 1, float("nan"), 12.0, 86.0, [2])
    assert by_lying == one(WHO, "whz", 1, 500, 12.0, 86.0)
    assert by_standing == one(WHO, "whz", 1, 800, 12.0, 86.0)
    assert one(WHO, "whz", 1, float("nan"), 12.0, 86.0, [0]) == by_lying
    assert one(WHO, "whz", 1, float("nan"), 12.0, 87.0, [0]) == one(WHO, "whz", 1, 800, 12.0, 87.0)


def test_what_is_not_known_is_nan_and_never_an_error():
    bad = [float("nan"), 0.0, -3.0, float("inf"), 1e300]
    for indicator in INDICATORS:
        for standard in (WHO, CHINA):
            z = zscores(standard, indicator, [1] * 5, [400] * 5, bad, [75.0] * 5)
            assert np.isnan(z[:4]).all()
            assert np.isnan(zscores(standard, indicator, [0, 3, 9], [400] * 3, [9.0] * 3, [75.0] * 3)).all()
            assert np.isnan(zscores(standard, indicator, [1], [float("nan")], [9.0], [float("nan")])).all()
    assert np.isnan(assess({"sex": [1, 2]}, WHO)["waz"]).all()
    assert assess({}, WHO)["waz"].shape == (0,)


def test_oedema_leaves_no_weight_based_score():
    row = {"sex": [1], "age_days": [400], "weight_kg": [9.0], "height_cm": [75.0], "muac_cm": [14.0]}
    swollen = assess({**row, "oedema": [True]}, WHO)
    assert [np.isnan(swollen[name][0]) for name in ("waz", "whz", "baz", "haz", "acz")] == [True] * 3 + [
        False
    ] * 2
    assert np.isfinite(assess({**row, "oedema": [False]}, WHO)["waz"][0])


def test_flags_are_set_outside_the_limits_only():
    table = {
        "sex": [1] * 4,
        "age_days": [400] * 4,
        "height_cm": [75.0] * 4,
        "weight_kg": [9.5, 22.0, 5.0, np.nan],
    }
    flags = assess(table, WHO)
    assert flags["waz_flag"].tolist() == [False, True, False, False]
    assert -6 <= flags["waz"][2] < -5 and flags["whz_flag"][2]
    limit = np.array([-6.004, -6.006, 5.004, 5.006])
    from yimi.engines.growth import implausible

    assert implausible(WHO, "waz", limit).tolist() == [False, True, False, True]


def test_china_rows_give_whole_sds():
    for segment in CHINA.segments:
        for sex in (1, 2):
            at = segment.grid[sex][
                segment.grid[sex] < (segment.to_months if segment.axis == "age_months" else 999)
            ]
            for column, sd in enumerate(segment.sds):
                value = segment.values[sex][: len(at), column]
                if segment.axis == "height_cm":
                    days = np.full(len(at), segment.from_months * MONTH + 1)
                    z = zscores(CHINA, segment.indicator, np.full(len(at), sex), days, value, at)
                else:
                    z = zscores(CHINA, segment.indicator, np.full(len(at), sex), at * MONTH, value)
                np.testing.assert_allclose(z, sd, atol=1e-9)


def test_china_is_linear_between_rows_and_columns_and_beyond():
    segment = CHINA.of("waz")[0]
    row = segment.values[1][segment.grid[1] == 12][0]
    between = (row[3] + row[4]) / 2
    assert one(CHINA, "waz", 1, 12 * MONTH, between) == pytest.approx(0.5)
    assert one(CHINA, "waz", 1, 12 * MONTH, row[6] + (row[6] - row[5])) == pytest.approx(4.0)
    assert one(CHINA, "waz", 1, 12 * MONTH, row[0] - (row[1] - row[0])) == pytest.approx(-4.0)
    later = segment.values[1][segment.grid[1] == 27][0]
    earlier = segment.values[1][segment.grid[1] == 24][0]
    assert one(CHINA, "waz", 1, 25.5 * MONTH, (later[3] + earlier[3]) / 2) == pytest.approx(0.0)


def test_china_ends():
    assert np.isnan(one(CHINA, "hcz", 1, 400, 46.0)) and np.isnan(one(CHINA, "acz", 1, 400, 14.0))
    assert np.isfinite(one(CHINA, "waz", 1, 83.9 * MONTH, 23.0)) and np.isnan(
        one(CHINA, "waz", 1, 84 * MONTH, 23.0)
    )
    assert np.isfinite(one(CHINA, "haz", 1, 84 * MONTH, 123.0))
    assert np.isfinite(one(CHINA, "haz", 1, 227 * MONTH, 170.0)) and np.isnan(
        one(CHINA, "haz", 1, 228 * MONTH, 170.0)
    )


def test_china_length_just_before_two_years_is_lying_all_the_way():
    """Between the rows of 23 (lying) and 24 months (standing) a plain interpolation would lose 0.7 cm."""
    lying = one(CHINA, "haz", 1, 730, 88.9)
    standing = one(CHINA, "haz", 1, 731, 88.2)
    assert lying == pytest.approx(standing, abs=0.02)
