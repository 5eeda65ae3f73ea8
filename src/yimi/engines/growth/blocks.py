"""Z-scores of a block of children on the lattices, in place: every step writes into an array that is there.

At this speed fetching new memory costs more than the arithmetic, so a worker keeps its arrays for block after
block, small enough for a processor's cache. Children between two rows (an age that is no whole day, a height that
is no whole tenth, an unknown age) are left to `zscores`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yimi.engines.growth.lattice import ALL_SDS, TENTHS, Lattice, Rows, lattice
from yimi.engines.growth.tables import (
    DAYS_PER_MONTH,
    FEMALE,
    LYING_EXTRA_CM,
    MALE,
    STANDING_FROM_MONTHS,
    Floats,
    Indicator,
    Standard,
)
from yimi.engines.growth.zscores import CANNOT_STAND_BEFORE_MONTHS, LYING, STANDING, zscores

Flags = NDArray[np.bool_]
BLOCK = 32_768  # children, 256 KiB a column: near a cache, and steps long enough that threads seldom meet
SAME_TENTH = 5e-6  # of a tenth: heights are told apart to a millionth of a centimeter, as in `zscores`
FROM_STANDING_DAYS = STANDING_FROM_MONTHS * DAYS_PER_MONTH
FROM_STOOD_DAYS = CANNOT_STAND_BEFORE_MONTHS * DAYS_PER_MONTH


@dataclass(frozen=True)
class Given:
    """What is known of the children, arrays of one shape (n,); NaN or 0 for what is not."""

    sex: NDArray
    days: Floats
    weight: Floats
    height: Floats
    head: Floats
    arm: Floats
    measured: NDArray | None
    oedema: Flags | None

    def part(self, at: slice) -> Given:
        measured = None if self.measured is None else self.measured[at]
        oedema = None if self.oedema is None else self.oedema[at]
        return Given(
            self.sex[at], self.days[at], self.weight[at], self.height[at], self.head[at], self.arm[at], measured, oedema
        )  # fmt: skip


class Worker:
    """Scores blocks of at most `size` children by one standard; one worker for each thread."""

    def __init__(
        self, standard: Standard, only: Collection[Indicator], decimals: int | None, size: int
    ) -> None:
        self.standard, self.only, self.decimals = standard, only, decimals
        self._floats = np.empty((6, size))
        self._rows = np.empty((2, size), dtype=np.intp)
        self._flags = np.empty((2, size), dtype=np.bool_)

    def score(self, given: Given, into: Mapping[str, NDArray]) -> None:
        """Fill `into`: what `assess` gives back, of the block's size."""
        size = given.days.size
        spare, sex, weight, other, log_weight, log_other = (column[:size] for column in self._floats)
        by_age, by_height = (column[:size] for column in self._rows)
        flags = self._flags[:, :size]
        height, body_mass = into["height_standard_cm"], into["bmi"]
        _measures(given.weight, weight, flags)
        if given.oedema is not None:
            weight[given.oedema] = np.nan
        _standing_or_lying(given, height, flags)
        _body_mass(weight, height, body_mass, flags)
        np.log(weight, out=log_weight)
        known = (given.sex == MALE) | (given.sex == FEMALE)
        np.copyto(sex, given.sex)
        between_days = _rows_by_age(given.days, sex, known, by_age, spare)
        values = {"waz": weight, "haz": height, "whz": weight, "baz": body_mass, "hcz": other, "acz": other}
        for indicator in self.only:
            x, z, flag = values[indicator], into[indicator], into[f"{indicator}_flag"]
            table = lattice(self.standard, indicator)
            if table is None:
                z.fill(np.nan)
                flag.fill(False)
                continue
            if x is other:
                _measures(given.head if indicator == "hcz" else given.arm, other, flags)
            rows, between = by_age, between_days
            if table.standing_after:
                rows = by_height
                between = _rows_by_height(table, given.days, sex, height, known, rows, spare, log_other)
            if table.shape == "curve":
                log_x = log_weight if x is weight else np.log(x, out=log_other)
                _curve(table, rows, x, log_x, z, spare, flags[0])
            elif table.shape == "line":
                _line(table, rows, x, z, spare)
            else:
                _by_sds(table, rows, x, z, spare, log_other)
            if between.size:
                self._between(indicator, given, between, x, height, z)
            self._finish(indicator, z, flag, spare, flags[0])

    def _between(
        self, indicator: Indicator, given: Given, at: Rows, x: Floats, height: Floats, z: Floats
    ) -> None:
        measured = None if given.measured is None else given.measured[at]
        z[at] = zscores(self.standard, indicator, given.sex[at], given.days[at], x[at], height[at], measured)

    def _finish(self, indicator: Indicator, z: Floats, flag: Flags, spare: Floats, beyond: Flags) -> None:
        """Round, and flag what lies outside the limits after rounding to 0.01 (`implausible`)."""
        rounded = z
        if self.decimals is not None:
            np.round(z, self.decimals, out=z)
            np.add(z, 0.0, out=z)  # no -0.0
        if self.decimals != 2:
            rounded = np.round(z, 2, out=spare)
        low, high = self.standard.limits[indicator]
        np.less(rounded, low, out=flag)
        np.greater(rounded, high, out=beyond)
        np.logical_or(flag, beyond, out=flag)


def _measures(values: Floats, clean: Floats, flags: NDArray) -> None:
    """`values` into `clean` (or in place), with NaN for what is no measure: nothing, zero, less, infinite."""
    measured, finite = flags
    np.greater(values, 0.0, out=measured)
    np.less(values, np.inf, out=finite)
    np.logical_and(measured, finite, out=measured)
    if clean is not values:
        np.copyto(clean, values)
    if not measured.all():
        np.copyto(clean, np.nan, where=np.logical_not(measured, out=measured))


def _standing_or_lying(given: Given, height: Floats, flags: NDArray) -> None:
    """`standard_height` into `height`."""
    _measures(given.height, height, flags)
    if given.measured is None or not given.measured.any():
        return
    standing_age = given.days >= FROM_STANDING_DAYS
    take = standing_age & (given.measured == LYING)
    add = ~standing_age & (given.measured == STANDING) & (given.days >= FROM_STOOD_DAYS)
    np.subtract(height, LYING_EXTRA_CM, out=height, where=take)
    np.add(height, LYING_EXTRA_CM, out=height, where=add)
    np.copyto(height, np.nan, where=height <= 0.0)


def _body_mass(weight: Floats, height: Floats, body_mass: Floats, flags: NDArray) -> None:
    """`bmi` into `body_mass`."""
    np.divide(height, 100.0, out=body_mass)
    np.multiply(body_mass, body_mass, out=body_mass)
    np.divide(weight, body_mass, out=body_mass)
    _measures(body_mass, body_mass, flags)


def _rows_by_age(days: Floats, sex: Floats, known: Flags, rows: Rows, spare: Floats) -> Rows:
    """The row of every child's day into `rows`; given back: the children whose age is no whole day."""
    np.rint(days, out=spare)
    between = _found(days != spare)
    np.multiply(spare, 2.0, out=spare)
    np.add(spare, sex, out=spare)
    np.add(spare, 1.0, out=spare)
    np.copyto(rows, spare, casting="unsafe")
    if not known.all():
        rows[~known] = 0
    return between[~np.isnan(days[between])]


def _rows_by_height(
    table: Lattice,
    days: Floats,
    sex: Floats,
    height: Floats,
    known: Flags,
    rows: Rows,
    spare: Floats,
    tenth: Floats,
) -> Rows:
    """The row of every child's height into `rows`, in the lying or the standing table by age.

    Given back: the children whose height is no whole tenth, or whose age nobody knows.
    """
    np.multiply(height, TENTHS, out=spare)
    np.rint(spare, out=tenth)
    np.subtract(spare, tenth, out=spare)
    np.abs(spare, out=spare)
    between = _found(spare > SAME_TENTH)
    last = table.first + table.standing_after // 2 - 1
    np.maximum(tenth, table.first, out=tenth)
    np.minimum(tenth, last, out=tenth)
    np.multiply(tenth, 2.0, out=tenth)
    np.add(tenth, sex, out=tenth)
    np.subtract(tenth, 2 * table.first + 1, out=tenth)
    np.multiply(days >= FROM_STANDING_DAYS, float(table.standing_after), out=spare)
    np.add(tenth, spare, out=tenth)
    np.copyto(rows, tenth, casting="unsafe")
    of_age = (days >= 0.0) & (days < table.until_days)
    if not of_age.all():
        rows[~of_age] = 0
        between = np.union1d(between, _found(np.isnan(days)))
    if not known.all():
        rows[~known] = 0
    return between


def _curve(
    table: Lattice, rows: Rows, x: Floats, log_x: Floats, z: Floats, spare: Floats, beyond: Flags
) -> None:
    power, power_log_median, scale = table.columns
    np.take(power, rows, out=z, mode="clip")
    np.multiply(z, log_x, out=z)
    np.take(power_log_median, rows, out=spare, mode="clip")
    np.subtract(z, spare, out=z)
    np.expm1(z, out=z)  # exp(…) - 1 would lose digits where L is small
    np.take(scale, rows, out=spare, mode="clip")
    np.multiply(z, spare, out=z)
    if table.tails is not None:
        np.abs(z, out=spare)
        np.greater(spare, 3.0, out=beyond)
        at = _found(beyond)
        if at.size:
            _restrict(table.tails, rows, x, z, at)


def _restrict(tails: Floats, rows: Rows, x: Floats, z: Floats, at: Rows) -> None:
    """Beyond +-3 in steps of the outer SD, for the children `at`."""
    above = (z[at] > 0.0).astype(np.intp)
    row = rows[at]
    z[at] = (6.0 * above - 3.0) + (x[at] - tails[row, above]) / tails[row, 2 + above]


def _line(table: Lattice, rows: Rows, x: Floats, z: Floats, spare: Floats) -> None:
    slope, at_zero = table.columns
    np.take(slope, rows, out=z, mode="clip")
    np.multiply(z, x, out=z)
    np.take(at_zero, rows, out=spare, mode="clip")
    np.subtract(z, spare, out=z)


def _by_sds(table: Lattice, rows: Rows, x: Floats, z: Floats, spare: Floats, right: Floats) -> None:
    """Linear between the values at whole SDs, as `sd_zscores`."""
    values = table.columns[0]
    wide = len(ALL_SDS)
    column = np.clip(rows, 0, len(values) // wide - 1) * wide
    start = column.copy()
    for inner in range(1, wide - 1):
        np.take(values, start + inner, out=spare)
        np.add(column, x >= spare, out=column)
    np.take(values, column, out=spare)
    np.take(values, column + 1, out=right)
    np.subtract(right, spare, out=right)
    np.subtract(x, spare, out=z)
    np.divide(z, right, out=z)
    np.subtract(column, start, out=column)
    np.add(z, column, out=z)
    np.add(z, float(ALL_SDS[0]), out=z)


def _found(flags: Flags) -> Rows:
    return np.flatnonzero(flags) if flags.any() else np.empty(0, dtype=np.intp)
