"""Children whose growth turned: a fall of z-score large enough, within a time short enough."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from yimi.engines.growth.tables import DAYS_PER_MONTH, Floats

DROP_SD = (
    0.67  # one band of a percentile chart (WHO/NICE usage: crossing one centile space); packs may set another
)


@dataclass(frozen=True)
class Falterings:
    """One row per fall, arrays of shape (k,): the child, two days, two z-scores, the fall (positive)."""

    child: NDArray
    from_day: Floats
    to_day: Floats
    from_z: Floats
    to_z: Floats
    drop: Floats


def faltering(
    child: ArrayLike,
    on_day: ArrayLike,
    z: ArrayLike,
    within_months: float,
    drop_sd: float = DROP_SD,
) -> Falterings:
    """Falls of at least `drop_sd` within `within_months`, at most one per measurement: its largest.

    `child`, `on_day` (a day number: an ordinal or the age in days) and `z` have shape (n,), in any
    order. Rows without a z-score are passed over; leave implausible ones out before. A fall is reported at
    the later measurement, against the highest z-score of the window before it.
    """
    children, days, scores = (
        np.asarray(child),
        np.asarray(on_day, dtype=np.float64),
        np.asarray(z, dtype=np.float64),
    )
    known = ~np.isnan(scores) & ~np.isnan(days)
    children, days, scores = children[known], days[known], scores[known]
    _, codes = np.unique(children, return_inverse=True)
    order = np.lexsort((days, codes))
    children, codes, days, scores = children[order], codes[order], days[order], scores[order]
    before = np.arange(len(scores))
    highest = scores.copy()
    window = within_months * DAYS_PER_MONTH
    for lag in range(1, len(scores)):
        paired = (codes[lag:] == codes[:-lag]) & (days[lag:] - days[:-lag] <= window)
        if not paired.any():
            break
        better = paired & (scores[:-lag] > highest[lag:])
        later = np.flatnonzero(better) + lag
        highest[later], before[later] = scores[later - lag], later - lag
    # 1.30 - 0.63 is a hair under 0.67 in binary; z-scores have two decimals.
    fell = np.flatnonzero(highest - scores >= drop_sd - 1e-9)
    return Falterings(
        child=children[fell],
        from_day=days[before[fell]],
        to_day=days[fell],
        from_z=highest[fell],
        to_z=scores[fell],
        drop=np.round(highest[fell] - scores[fell], 6),
    )
