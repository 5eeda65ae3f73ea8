"""Z-scores of arrays of children, the readable way: one pass per table, no loop over children.

`assess` scores many children faster on a `lattice` and asks here only for those between two of its rows.

Everywhere: `sex` is 1 (male), 2 (female) or anything else (unknown), shape (n,); `age_days` is the age in
days, fractional allowed, shape (n,); NaN stands for "not known". What is not known, not positive or outside a
table gives NaN, never an exception.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from yimi.engines.growth.tables import (
    DAYS_PER_MONTH,
    FEMALE,
    LYING_EXTRA_CM,
    MALE,
    Floats,
    Indicator,
    Segment,
    Standard,
)

NO_POWER = 1e-12  # an L nearer to 0 than this is 0: the curve is the logarithm to 1e-11 SD
UNKNOWN, LYING, STANDING = 0, 1, 2  # codes of `measured`
CANNOT_STAND_BEFORE_MONTHS = 9.0  # WHO: a "standing" height of a younger child is a slip of the form
ASSUME_STANDING_FROM_CM = 87.0  # WHO: position by size where neither age nor position is known


def lms_zscores(value: Floats, lms: Floats, restricted_tails: bool) -> Floats:
    """Z of `value` (n,) by L, M, S (n, 3): ((x/M)^L - 1) / (L S), ln(x/M) / S where L is 0.

    With `restricted_tails`, beyond +-3 the distance is counted in steps of the outer SD, because the Box-Cox
    curve was fitted to few children there (WHO 2006, chapter 7).
    """
    power, median, spread = lms[:, 0], lms[:, 1], lms[:, 2]
    with np.errstate(all="ignore"):
        ratio = value / median
        flat = np.abs(power) < NO_POWER
        safe = np.where(flat, 1.0, power)
        # Not ratio**L - 1: where L is small the difference would be all that rounding left.
        z = np.where(flat, np.log(ratio) / spread, np.expm1(safe * np.log(ratio)) / (safe * spread))
        if restricted_tails:
            two, three = lms_values(lms, 2.0), lms_values(lms, 3.0)
            z = np.where(z > 3.0, 3.0 + (value - three) / (three - two), z)
            minus_two, minus_three = lms_values(lms, -2.0), lms_values(lms, -3.0)
            z = np.where(z < -3.0, -3.0 + (value - minus_three) / (minus_two - minus_three), z)
    return np.asarray(z, dtype=np.float64)


def lms_values(lms: Floats, sd: float) -> Floats:
    """The measure at `sd` standard deviations, shape (n,), in the unit of M."""
    power, median, spread = lms[:, 0], lms[:, 1], lms[:, 2]
    flat = np.abs(power) < NO_POWER
    safe = np.where(flat, 1.0, power)
    with np.errstate(all="ignore"):
        away = np.where(flat, spread * sd, np.log1p(safe * spread * sd) / safe)
        value = median * np.exp(away)
    return np.asarray(value, dtype=np.float64)


def sd_zscores(value: Floats, columns: Floats, sds: tuple[int, ...]) -> Floats:
    """Z of `value` (n,) by the values at `sds` (n, k): linear between columns, the outer gap beyond them."""
    with np.errstate(all="ignore"):
        inner = columns[:, 1:-1]
        low = np.sum(value[:, None] >= inner, axis=1)
        rows = np.arange(len(value))
        left, right = columns[rows, low], columns[rows, low + 1]
        z = np.asarray(sds, dtype=np.float64)[low] + (value - left) / (right - left)
    return np.asarray(z, dtype=np.float64)


def zscores(
    standard: Standard,
    indicator: Indicator,
    sex: ArrayLike,
    age_days: ArrayLike,
    value: ArrayLike,
    height_cm: ArrayLike | None = None,
    measured: ArrayLike | None = None,
) -> Floats:
    """Z-scores, shape (n,), not rounded; NaN where there is none.

    `value` is in the indicator's unit: kg for waz and whz, cm for haz, hcz and acz, kg/m2 for baz. For haz,
    and for the BMI in baz, give the height already brought to the standard position (`standard_height`). For
    whz give that height as `height_cm`; `measured` only chooses the table of a child of unknown age.
    """
    x = _numbers(value)
    sexes, days = np.asarray(sex), _numbers(age_days)
    height = _numbers(height_cm) if height_cm is not None else np.full(x.shape, np.nan)
    position = np.asarray(measured) if measured is not None else np.zeros(x.shape, dtype=np.int8)
    x = np.where(x > 0, x, np.nan)
    result = np.full(x.shape, np.nan)
    for segment in standard.of(indicator):
        within = _within(segment, days, height, position)
        along = _along(segment, days, height)
        for code in (MALE, FEMALE):
            grid = segment.grid[code]
            chosen = within & (sexes == code) & (along >= grid[0]) & (along <= grid[-1]) & ~np.isnan(x)
            if chosen.any():
                rows = parameters(segment, code, along[chosen])
                if segment.kind == "lms":
                    result[chosen] = lms_zscores(x[chosen], rows, segment.restricted_tails)
                else:
                    result[chosen] = sd_zscores(x[chosen], rows, segment.sds)
    return np.where(np.isfinite(result), result, np.nan)


def parameters(segment: Segment, sex: int, along: Floats) -> Floats:
    """The table's columns at points `along` its axis, shape (n, columns); linear between rows."""
    grid, values = segment.grid[sex], segment.values[sex]
    return np.column_stack([np.interp(along, grid, values[:, column]) for column in range(values.shape[1])])


def standard_height(age_days: ArrayLike, height_cm: ArrayLike, measured: ArrayLike | None = None) -> Floats:
    """Height in the position the tables use: lying up to day 730, standing from day 731; cm, shape (n,).

    A height measured the other way is moved by 0.7 cm. "Standing" under 9 months is not believed: left as is.
    """
    height, days = _numbers(height_cm), _numbers(age_days)
    if measured is None:
        return height
    position = np.asarray(measured)
    rounded, months = whole_days(days), days / DAYS_PER_MONTH
    with np.errstate(invalid="ignore"):
        add = (rounded < 731) & (position == STANDING) & (months >= CANNOT_STAND_BEFORE_MONTHS)
        take = (rounded >= 731) & (position == LYING)
    return np.asarray(height + LYING_EXTRA_CM * add - LYING_EXTRA_CM * take, dtype=np.float64)


def bmi(weight_kg: ArrayLike, height_cm: ArrayLike) -> Floats:
    """Weight over height squared, kg/m2; NaN without both."""
    weight, height = _numbers(weight_kg), _numbers(height_cm)
    with np.errstate(all="ignore"):
        index = weight / (height / 100.0) ** 2
    return np.where(np.isfinite(index) & (index > 0) & (height > 0), index, np.nan)


def whole_days(age_days: Floats) -> Floats:
    """Days as WHO's tables count them: half a day and more rounds up."""
    return np.floor(age_days + 0.5)


def implausible(standard: Standard, indicator: Indicator, z: ArrayLike) -> NDArray[np.bool_]:
    """True where a z-score, rounded to 0.01, lies outside the limits; False where there is none."""
    low, high = standard.limits[indicator]
    rounded = np.round(_numbers(z), 2)
    with np.errstate(invalid="ignore"):
        return np.asarray((rounded < low) | (rounded > high), dtype=np.bool_)


def _numbers(values: ArrayLike) -> Floats:
    return np.atleast_1d(np.asarray(values, dtype=np.float64))


def _within(segment: Segment, days: Floats, height: Floats, position: NDArray) -> NDArray[np.bool_]:
    months = days / DAYS_PER_MONTH
    with np.errstate(invalid="ignore"):
        inside = (months >= segment.from_months) & (months < segment.to_months)
        if segment.axis != "height_cm":
            return np.asarray(inside, dtype=np.bool_)
        standing = np.where(position == UNKNOWN, height >= ASSUME_STANDING_FROM_CM, position == STANDING)
    ageless = np.isnan(days) & (standing == (segment.position == "standing"))
    return np.asarray(inside | ageless, dtype=np.bool_)


def _along(segment: Segment, days: Floats, height: Floats) -> Floats:
    if segment.axis == "age_days":
        return whole_days(days)
    if segment.axis == "age_months":
        return days / DAYS_PER_MONTH
    # 109.3 + 0.7 is not 110 in binary, and neither is a tenth: the table ends must not depend on that.
    return np.round(height, 6)
