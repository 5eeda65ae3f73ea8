"""What a z-score is called: stunting, wasting, overweight, underweight, by standard; BMI of schoolchildren.

The bands are data (`bands.csv`); codes are English, `band_name` gives the words for a page. "" means unknown:
nothing is said of a child who was not measured.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from yimi.engines.growth.tables import DAYS_PER_MONTH, FEMALE, MALE, Band, Floats, Standard

NONE = "none"
CONDITIONS = ("underweight", "stunting", "wasting", "overweight")
BMI_NAMES = {
    "none": ("未见超重", "not overweight"),
    "overweight": ("超重", "overweight"),
    "obesity": ("肥胖", "obesity"),
}


def classify(
    standard: Standard,
    condition: str,
    z: Mapping[str, ArrayLike],
    age_days: ArrayLike,
    oedema: ArrayLike | None = None,
) -> NDArray[np.str_]:
    """The code of a condition for each child, shape (n,): "", "none", or a band's code such as "stunting".

    `z` holds the z-scores by indicator as `assess` gives them. A child with nutritional oedema counts as
    severely wasted whatever the weight (WHO). Implausible z-scores are the caller's to leave out.
    """
    age = np.atleast_1d(np.asarray(age_days, dtype=np.float64))
    result = np.full(age.shape, "", dtype="<U24")
    for band in standard.bands:
        if band.condition == condition:
            _apply(band, z, age, result)
    if condition == "wasting" and oedema is not None:
        result[np.atleast_1d(np.asarray(oedema)).astype(bool)] = "severe_wasting"
    return result


def classify_all(
    standard: Standard, z: Mapping[str, ArrayLike], age_days: ArrayLike, oedema: ArrayLike | None = None
) -> dict[str, NDArray[np.str_]]:
    """Every condition's codes by its name."""
    return {condition: classify(standard, condition, z, age_days, oedema) for condition in CONDITIONS}


def band_name(standard: Standard, code: str) -> tuple[str, str]:
    """The Chinese and English words for a code of `classify`."""
    for band in standard.bands:
        if band.code == code:
            return band.name_zh, band.name_en
    return ("未见异常", "none") if code == NONE else ("", "")


def bmi_class_school(
    standard: Standard, sex: ArrayLike, age_days: ArrayLike, bmi: ArrayLike
) -> NDArray[np.str_]:
    """Overweight and obesity of 6 to 18 years by WS/T 586-2018: "", "none", "overweight", "obesity".

    The limit is that of the half-year of age reached (7.4 years: the row 7.0); the row of 18 serves to the
    nineteenth birthday. Under 7, WS/T 423 speaks as well: say on the page which one was used.
    """
    years = np.atleast_1d(np.asarray(age_days, dtype=np.float64)) / (DAYS_PER_MONTH * 12.0)
    sexes = np.atleast_1d(np.asarray(sex))
    index = np.atleast_1d(np.asarray(bmi, dtype=np.float64))
    result = np.full(years.shape, "", dtype="<U24")
    for code in (MALE, FEMALE):
        rows = standard.bmi_limits[code]
        with np.errstate(invalid="ignore"):
            chosen = (sexes == code) & (years >= rows[0, 0]) & (years < rows[-1, 0] + 1.0) & (index > 0)
        row = np.clip(np.searchsorted(rows[:, 0], years[chosen], side="right") - 1, 0, len(rows) - 1)
        value = index[chosen]
        result[chosen] = np.where(
            value >= rows[row, 2], "obesity", np.where(value >= rows[row, 1], "overweight", NONE)
        )
    return result


def _apply(band: Band, z: Mapping[str, ArrayLike], age: Floats, result: NDArray[np.str_]) -> None:
    months = age / DAYS_PER_MONTH
    score = _scores(z, band.indicator, age.shape)
    if band.or_else is not None:
        score = np.where(np.isnan(score), _scores(z, band.or_else, age.shape), score)
    with np.errstate(invalid="ignore"):
        applies = (months >= band.from_months) & (months < band.to_months) & ~np.isnan(score)
        holds = {"<": score < band.sd, ">": score > band.sd, ">=": score >= band.sd}[band.comparison]
    result[applies & (result == "")] = NONE
    result[applies & holds] = band.code


def _scores(z: Mapping[str, ArrayLike], indicator: str, shape: tuple[int, ...]) -> Floats:
    given = z.get(indicator)
    if given is None:
        return np.full(shape, np.nan)
    return np.atleast_1d(np.asarray(given, dtype=np.float64))
