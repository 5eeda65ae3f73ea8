"""A standard laid out for many children: a row of ready numbers for every whole day and every tenth of a centimeter.

A z-score then costs a look-up and one exponential, without a search or a power. The numbers come from the same
`parameters` and `lms_values` as `zscores`, which stays the readable way and answers what lies between two rows.

Rows are numbered `2 * step + sex - 1`, so that both sexes of a day are neighbors. Around every table stands one
step of NaN, and rows too far out are drawn to it: no age and no height needs a question of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from yimi.engines.growth.tables import (
    DAYS_PER_MONTH,
    FEMALE,
    MALE,
    Floats,
    Indicator,
    Segment,
    Standard,
)
from yimi.engines.growth.zscores import NO_POWER, lms_values, parameters, whole_days

Rows = NDArray[np.intp]
ALL_SDS = (-3, -2, -1, 0, 1, 2, 3)
TENTHS = 10  # height steps of a centimeter


@dataclass(frozen=True, eq=False)
class Lattice:
    """One indicator on its lattice; every column has shape (rows,).

    "curve": L, L ln M, 1 / (L S), for (e^(L ln x - L ln M) - 1) / (L S). "line" (L is 1 throughout): 1 / (M S),
    1 / S. "sd": one column, the values at -3 to +3 SD of a row side by side. `tails` (rows, 4): SD-3, SD3 and the
    outer steps below and above, where beyond +-3 they are what counts. The first step is `first`; by height the
    standing table follows the lying one, `standing_after` rows further on, and both end at `until_days` of age.
    """

    shape: Literal["curve", "line", "sd"]
    columns: tuple[Floats, ...]
    tails: Floats | None
    first: int
    standing_after: int = 0
    until_days: float = 0.0


@lru_cache(maxsize=24)
def lattice(standard: Standard, indicator: Indicator) -> Lattice | None:
    """The lattice of an indicator, made at its first use; None where the standard has no such table."""
    segments = standard.of(indicator)
    if not segments:
        return None
    if segments[0].axis == "height_cm":
        return _by_height(segments)
    last = int(max(np.ceil(segment.to_months * DAYS_PER_MONTH) for segment in segments))
    days = np.arange(-1.0, last + 1)
    return _laid_out([_on_days(segments, days)], first=-1)


def _on_days(segments: Sequence[Segment], days: Floats) -> tuple[Segment, list[Floats]]:
    """For each sex the columns at every day, NaN where no segment holds."""
    months = days / DAYS_PER_MONTH
    by_sex = []
    for sex in (MALE, FEMALE):
        columns = np.full((len(days), len(_columns(segments[0]))), np.nan)
        for segment in segments:
            along = whole_days(days) if segment.axis == "age_days" else months
            within = (months >= segment.from_months) & (months < segment.to_months)
            _fill(columns, segment, sex, along, within)
        by_sex.append(columns)
    return segments[0], by_sex


def _by_height(segments: Sequence[Segment]) -> Lattice:
    ends = [segment.grid[sex][end] for segment in segments for sex in (MALE, FEMALE) for end in (0, -1)]
    first, last = round(min(ends) * TENTHS) - 1, round(max(ends) * TENTHS) + 1
    heights = np.arange(first, last + 1) / TENTHS
    parts = []
    for segment in sorted(segments, key=lambda each: each.from_months):
        by_sex = []
        for sex in (MALE, FEMALE):
            columns = np.full((len(heights), len(_columns(segment))), np.nan)
            _fill(columns, segment, sex, heights, np.ones(len(heights), dtype=np.bool_))
            by_sex.append(columns)
        parts.append((segment, by_sex))
    until = max(segment.to_months for segment in segments) * DAYS_PER_MONTH
    return _laid_out(parts, first, standing_after=2 * len(heights), until_days=until)


def _fill(columns: Floats, segment: Segment, sex: int, along: Floats, within: NDArray[np.bool_]) -> None:
    grid = segment.grid[sex]
    inside = within & (along >= grid[0]) & (along <= grid[-1])
    rows = parameters(segment, sex, along[inside])
    columns[inside] = rows if segment.kind == "lms" else _to_three_sds(rows, segment.sds)


def _columns(segment: Segment) -> tuple[object, ...]:
    return ("L", "M", "S") if segment.kind == "lms" else ALL_SDS


def _to_three_sds(rows: Floats, sds: tuple[int, ...]) -> Floats:
    """Values at -3 to +3 SD; where the table ends at 2 the outer gap goes on, as in `sd_zscores`."""
    while len(sds) < len(ALL_SDS):
        below, above = 2 * rows[:, 0] - rows[:, 1], 2 * rows[:, -1] - rows[:, -2]
        rows = np.column_stack([below, rows, above])
        sds = (sds[0] - 1, *sds, sds[-1] + 1)
    return rows


def _laid_out(
    parts: Sequence[tuple[Segment, list[Floats]]],
    first: int,
    standing_after: int = 0,
    until_days: float = 0.0,
) -> Lattice:
    """Both sexes interleaved, part after part, and the columns made ready."""
    rows = np.vstack([np.stack(by_sex, axis=1).reshape(-1, by_sex[0].shape[1]) for _, by_sex in parts])
    segment = parts[0][0]
    if segment.kind == "sd":
        return Lattice("sd", (np.ascontiguousarray(rows).ravel(),), None, first, standing_after, until_days)
    power, median, spread = (np.ascontiguousarray(rows[:, column]) for column in range(3))
    if not segment.restricted_tails and np.all((power == 1.0) | np.isnan(power)):
        line = (1.0 / (median * spread), 1.0 / spread)
        return Lattice("line", line, None, first, standing_after, until_days)
    power = np.where(np.abs(power) < NO_POWER, NO_POWER, power)  # one formula serves for L = 0 as well
    curve = (power, power * np.log(median), 1.0 / (power * spread))
    tails = _tails(rows) if segment.restricted_tails else None
    return Lattice("curve", curve, tails, first, standing_after, until_days)


def _tails(lms: Floats) -> Floats:
    below, minus_two, two, above = (lms_values(lms, sd) for sd in (-3.0, -2.0, 2.0, 3.0))
    return np.column_stack([below, above, minus_two - below, above - two])
