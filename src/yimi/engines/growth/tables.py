"""Growth standards as arrays: read once from the CSV tables of a pack, then frozen.

A standard is, for each indicator, a few segments. A segment holds for an interval of age and gives, along
one axis (age in days, age in months, or height in cm), either the L, M, S of the Box-Cox method (WHO) or the
values at whole standard deviations (WS/T 423, WS/T 612). Between rows everything is interpolated linearly.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

import yimi

Floats = NDArray[np.float64]
Indicator = Literal["waz", "haz", "whz", "baz", "hcz", "acz"]
StandardName = Literal["who", "china"]

INDICATORS: tuple[Indicator, ...] = ("waz", "haz", "whz", "baz", "hcz", "acz")
BY_DAY: tuple[Indicator, ...] = ("waz", "haz", "baz", "hcz", "acz")  # WHO 2006: every day of age to 1826
BY_MONTH: tuple[tuple[Indicator, int], ...] = (("waz", 121), ("haz", 229), ("baz", 229))  # WHO 2007
MALE, FEMALE = 1, 2
DAYS_PER_MONTH = 30.4375  # WHO's month: a year of 365.25 days in twelve
LYING_EXTRA_CM = 0.7  # a child measures 0.7 cm more lying than standing (WHO 2006; WS/T 423)
STANDING_FROM_MONTHS = 24.0  # day 731: 24 x 30.4375 = 730.5, rounded up


@dataclass(frozen=True)
class Segment:
    """One table of one indicator, for ages `from_months <= age < to_months`.

    `grid[sex]` has shape (rows,), in the unit of `axis`; `values[sex]` has shape (rows, columns): L, M, S for
    kind "lms", or the values at `sds` standard deviations for kind "sd", in the unit of the measure.
    """

    indicator: Indicator
    axis: Literal["age_days", "age_months", "height_cm"]
    kind: Literal["lms", "sd"]
    from_months: float
    to_months: float
    grid: Mapping[int, Floats]
    values: Mapping[int, Floats]
    sds: tuple[int, ...] = ()
    position: Literal["", "lying", "standing"] = ""
    source: str = ""
    confidence: str = ""

    @property
    def restricted_tails(self) -> bool:
        """Weight-based indicators are measured beyond +-3 in steps of the outer SD (WHO 2006, chapter 7)."""
        return self.kind == "lms" and self.indicator in ("waz", "whz", "baz", "acz")


@dataclass(frozen=True)
class Band:
    """A named range of a z-score, such as stunting: haz < -2."""

    standard: StandardName
    condition: str
    from_months: float
    to_months: float
    indicator: Indicator
    or_else: Indicator | None
    comparison: str
    sd: float
    code: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, eq=False)
class Standard:
    """A growth standard ready to use: its tables, its limits of plausibility and its named bands.

    Told apart by identity: what is worked out from a standard once is kept by it.
    """

    name: StandardName
    segments: tuple[Segment, ...]
    limits: Mapping[str, tuple[float, float]]
    bands: tuple[Band, ...]
    bmi_limits: Mapping[int, Floats]  # WS/T 586: sex -> rows of age_years, overweight, obesity

    def of(self, indicator: Indicator) -> tuple[Segment, ...]:
        return tuple(segment for segment in self.segments if segment.indicator == indicator)


@dataclass(frozen=True)
class _Table:
    """A CSV table as read: comment lines as `notes`, rows by sex."""

    notes: Mapping[str, str]
    columns: tuple[str, ...]
    rows: Mapping[int, Floats]


def standard_folder() -> Path:
    """Where the tables are: inside an installed package, or beside `src` in a checkout."""
    packaged = Path(yimi.__file__).parent / "_packs"
    packs = packaged if packaged.is_dir() else Path(yimi.__file__).parents[2] / "packs"
    return packs / "china" / "growth"


@lru_cache(maxsize=8)
def load_standard(name: StandardName, folder: Path | None = None) -> Standard:
    """Read a standard's tables; the result is shared and must not be changed."""
    where = folder or standard_folder()
    if name == "who":
        segments = _who_segments(where)
    elif name == "china":
        segments = _china_segments(where)
    else:
        raise ValueError(f"a growth standard is 'who' or 'china', not {name!r}")
    return Standard(
        name=name,
        segments=segments,
        limits={row["indicator"]: (float(row["low"]), float(row["high"])) for row in _plain(where, "limits")},
        bands=tuple(_band(row) for row in _plain(where, "bands") if row["standard"] == name),
        bmi_limits=_read(where, "wst586_bmi").rows,
    )


def _who_segments(where: Path) -> tuple[Segment, ...]:
    under_five = [
        _segment(where, f"who2006_{indicator}", indicator, "age_days", 0, 60) for indicator in BY_DAY
    ]
    by_indicator = {segment.indicator: segment for segment in under_five}
    older = [
        _joined(
            _segment(where, f"who2007_{indicator}", indicator, "age_months", 60, end), by_indicator[indicator]
        )
        for indicator, end in BY_MONTH
    ]
    return (
        *under_five,
        _segment(where, "who2006_whz_lying", "whz", "height_cm", 0, STANDING_FROM_MONTHS, "lying"),
        _segment(where, "who2006_whz_standing", "whz", "height_cm", STANDING_FROM_MONTHS, 60, "standing"),
        *older,
    )


def _china_segments(where: Path) -> tuple[Segment, ...]:
    haz = _segment(where, "wst423_haz", "haz", "age_months", 0, 84)
    baz = _segment(where, "wst423_baz", "baz", "age_months", 0, 84)
    school = _segment(where, "wst612_haz", "haz", "age_months", 84, 228)
    # Years become months; the row of 18 years serves until the nineteenth birthday.
    school = replace(
        school,
        grid={sex: np.append(years * 12.0, 228.0) for sex, years in school.grid.items()},
        values={sex: np.vstack([rows, rows[-1]]) for sex, rows in school.values.items()},
    )
    return (
        _to_seven(_segment(where, "wst423_waz", "waz", "age_months", 0, 84)),
        *(_to_seven(part) for part in _split_at_standing(haz, haz)),
        _segment(where, "wst423_whz_lying", "whz", "height_cm", 0, STANDING_FROM_MONTHS, "lying"),
        _segment(where, "wst423_whz_standing", "whz", "height_cm", STANDING_FROM_MONTHS, 84, "standing"),
        *(_to_seven(part) for part in _split_at_standing(baz, haz)),
        school,
    )


def _segment(
    where: Path,
    stem: str,
    indicator: Indicator,
    axis: Literal["age_days", "age_months", "height_cm"],
    from_months: float,
    to_months: float,
    position: Literal["", "lying", "standing"] = "",
) -> Segment:
    table = _read(where, stem)
    kind: Literal["lms", "sd"] = "lms" if table.columns[-1] == "S" else "sd"
    names = {"sd_m3": -3, "sd_m2": -2, "sd_m1": -1, "median": 0, "sd_p1": 1, "sd_p2": 2, "sd_p3": 3}
    return Segment(
        indicator=indicator,
        axis=axis,
        kind=kind,
        from_months=float(from_months),
        to_months=float(to_months),
        grid={sex: rows[:, 0].copy() for sex, rows in table.rows.items()},
        values={sex: rows[:, 1:].copy() for sex, rows in table.rows.items()},
        sds=tuple(names[column] for column in table.columns[1:]) if kind == "sd" else (),
        position=position,
        source=table.notes.get("source", ""),
        confidence=table.notes.get("confidence", ""),
    )


def _joined(older: Segment, younger: Segment) -> Segment:
    """WHO 2007 from its first month (61), led back to the last day of WHO 2006 (60 months).

    WHO's own programs answer nothing between day 1826 and month 61: a child examined in the month after the
    fifth birthday would have no z-score. The straight line between the two tables closes that month.
    """
    values = {}
    for sex, rows in older.values.items():
        joined = rows.copy()
        joined[0] = younger.values[sex][-1]
        values[sex] = joined
    return replace(older, values=values)


def _split_at_standing(segment: Segment, height: Segment) -> tuple[Segment, Segment]:
    """Two segments that meet at 24 months, so that no interpolation runs from lying to standing.

    The table's row for 24 months is standing. For the children of 23 months a lying row is made from it:
    length = height + 0.7 cm, and BMI less by the square of that ratio at the median.
    """
    grids: tuple[dict[int, Floats], dict[int, Floats]] = ({}, {})
    values: tuple[dict[int, Floats], dict[int, Floats]] = ({}, {})
    for sex, grid in segment.grid.items():
        at = int(np.searchsorted(grid, STANDING_FROM_MONTHS))
        standing = segment.values[sex][at]
        if segment.indicator == "haz":
            lying = standing + LYING_EXTRA_CM
        else:
            median = height.values[sex][at][height.sds.index(0)]
            lying = standing * (median / (median + LYING_EXTRA_CM)) ** 2
        grids[0][sex], grids[1][sex] = grid[: at + 1], grid[at:]
        values[0][sex] = np.vstack([segment.values[sex][:at], lying])
        values[1][sex] = segment.values[sex][at:]
    return (
        replace(segment, to_months=STANDING_FROM_MONTHS, grid=grids[0], values=values[0]),
        replace(segment, from_months=STANDING_FROM_MONTHS, grid=grids[1], values=values[1]),
    )


def _to_seven(segment: Segment) -> Segment:
    """WS/T 423 is for children under 7 but its last row is 81 months: the last step is carried on to 84."""
    if segment.to_months != 84:
        return segment
    grid, values = {}, {}
    for sex, ages in segment.grid.items():
        rows = segment.values[sex]
        slope = (rows[-1] - rows[-2]) / (ages[-1] - ages[-2])
        grid[sex] = np.append(ages, 84.0)
        values[sex] = np.vstack([rows, rows[-1] + slope * (84.0 - ages[-1])])
    return replace(segment, grid=grid, values=values)


def _read(where: Path, stem: str) -> _Table:
    notes, lines = _lines(where, stem)
    columns = tuple(lines[0].split(","))
    by_sex: dict[int, list[list[float]]] = {MALE: [], FEMALE: []}
    for line in lines[1:]:
        sex, *numbers = line.split(",")
        by_sex[MALE if sex == "M" else FEMALE].append([float(number) for number in numbers])
    return _Table(notes, columns[1:], {sex: np.array(rows) for sex, rows in by_sex.items()})


def _plain(where: Path, stem: str) -> list[dict[str, str]]:
    return list(csv.DictReader(_lines(where, stem)[1]))


def _lines(where: Path, stem: str) -> tuple[dict[str, str], list[str]]:
    text = (where / f"{stem}.csv").read_text(encoding="utf-8").splitlines()
    notes = {}
    for line in text:
        if line.startswith("#"):
            key, _, value = line.lstrip("# ").partition(": ")
            notes[key] = value
    return notes, [line for line in text if line and not line.startswith("#")]


def _band(row: Mapping[str, str]) -> Band:
    def indicator(text: str) -> Indicator:
        return next(name for name in INDICATORS if name == text)

    return Band(
        standard="who" if row["standard"] == "who" else "china",
        condition=row["condition"],
        from_months=float(row["from_months"]),
        to_months=float(row["to_months"]),
        indicator=indicator(row["indicator"]),
        or_else=indicator(row["or_else"]) if row["or_else"] else None,
        comparison=row["comparison"],
        sd=float(row["sd"]),
        code=row["code"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
    )
