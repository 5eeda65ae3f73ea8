"""What must hold of any child, whatever the numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yimi.engines.growth import assess, load_standard, zscores
from yimi.engines.growth.zscores import lms_values, lms_zscores

STANDARDS = {name: load_standard(name) for name in ("who", "china")}
RANGES = {
    "waz": (1.0, 60.0),
    "haz": (40.0, 190.0),
    "baz": (8.0, 45.0),
    "hcz": (28.0, 60.0),
    "acz": (6.0, 30.0),
}


@settings(deadline=None)
@given(
    name=st.sampled_from(["who", "china"]),
    indicator=st.sampled_from(sorted(RANGES)),
    sex=st.sampled_from([1, 2]),
    age=st.floats(0, 7000),
)
def test_more_is_never_a_lower_score(name, indicator, sex, age):
    values = np.linspace(*RANGES[indicator], 200)
    z = zscores(STANDARDS[name], indicator, np.full(200, sex), np.full(200, age), values)
    assert np.isnan(z).all() or (np.diff(z) > 0).all()


@settings(deadline=None)
@given(name=st.sampled_from(["who", "china"]), sex=st.sampled_from([1, 2]), height=st.floats(65, 119.9))
def test_heavier_at_one_height_is_a_higher_score(name, sex, height):
    weights = np.linspace(1, 60, 200)
    z = zscores(STANDARDS[name], "whz", np.full(200, sex), np.full(200, 1000), weights, np.full(200, height))
    assert np.isnan(z).all() or (np.diff(z) > 0).all()


@settings(deadline=None)
@given(
    power=st.floats(-2, 2),
    median=st.floats(2, 150),
    spread=st.floats(0.03, 0.15),
    sd=st.floats(-3, 3),
)
def test_score_undoes_value(power, median, spread, sd):
    lms = np.array([[power, median, spread]])
    value = lms_values(lms, sd)
    assert lms_zscores(value, lms, restricted_tails=False)[0] == pytest.approx(sd, abs=1e-5)


@pytest.mark.parametrize("power", [-0.35, 0.0, 0.35])
def test_restricted_tails_go_on_in_steps_of_the_outer_sd(power):
    lms = np.array([[power, 10.0, 0.1]])
    two, three = lms_values(lms, 2.0)[0], lms_values(lms, 3.0)[0]
    assert lms_zscores(np.array([three + 2 * (three - two)]), lms, True)[0] == pytest.approx(5.0)
    minus_two, minus_three = lms_values(lms, -2.0)[0], lms_values(lms, -3.0)[0]
    assert lms_zscores(np.array([minus_three - (minus_two - minus_three)]), lms, True)[0] == pytest.approx(
        -4.0
    )
    for at_the_joint in (three, minus_three):
        around = lms_zscores(
            np.array([at_the_joint - 1e-7, at_the_joint + 1e-7]), lms.repeat(2, axis=0), True
        )
        assert abs(np.diff(around)[0]) < 1e-5


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_row_does_not_depend_on_its_neighbors(seed):
    rng = np.random.default_rng(seed)
    n = 20
    table = {
        "sex": rng.integers(0, 3, n),
        "age_days": rng.uniform(-10, 7200, n),
        "weight_kg": rng.uniform(0, 80, n),
        "height_cm": rng.uniform(30, 190, n),
        "measured": rng.integers(0, 3, n),
    }
    whole = assess(table, STANDARDS["who"])
    alone = [assess({key: values[[i]] for key, values in table.items()}, STANDARDS["who"]) for i in range(n)]
    for name in ("waz", "haz", "whz", "baz"):
        np.testing.assert_array_equal(whole[name], [row[name][0] for row in alone])
