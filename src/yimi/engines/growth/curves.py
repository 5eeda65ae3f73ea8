"""The standards as tables for DuckDB and as lines for a chart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from yimi.engines.growth.tables import DAYS_PER_MONTH, Floats, Indicator, Segment, Standard
from yimi.engines.growth.zscores import lms_values, parameters

if TYPE_CHECKING:
    import pyarrow as pa

CHART_SDS = (-3, -2, -1, 0, 1, 2, 3)


def growth_lms_table(standard: Standard) -> pa.Table:
    """Every L, M, S row of a standard, one row per indicator, sex and point.

    Columns: standard, indicator, sex, position, axis, from_months, to_months, at, l, m, s. `at` is in the
    unit of `axis` (age_days, age_months, height_cm). The Chinese standard has none: see `growth_sd_table`.
    """
    return _long_table(standard, "lms", ("l", "m", "s"))


def growth_sd_table(standard: Standard) -> pa.Table:
    """Every row of SD values: as `growth_lms_table`, with sd_m3 to sd_p3 (null where none) for l, m, s."""
    return _long_table(standard, "sd", tuple(_sd_name(sd) for sd in CHART_SDS))


def curve(
    standard: Standard,
    indicator: Indicator,
    sex: int,
    sds: tuple[int, ...] = CHART_SDS,
    step: float = 1.0,
    from_months: float = 0.0,
    to_months: float = 228.0,
) -> dict[str, Floats]:
    """Lines for a chart: `x` and one array per SD named `sd_m2`, `sd_p1`, all of one shape.

    `x` is age in months, or height in cm for whz, in steps of `step`. Where the lying table ends and the
    standing one begins x repeats, so that the line breaks there as the standard does.
    """
    xs: list[Floats] = []
    lines: dict[str, list[Floats]] = {_sd_name(sd): [] for sd in sds}
    for segment in sorted(standard.of(indicator), key=lambda part: part.from_months):
        along, months = _steps(segment, sex, step, from_months, to_months)
        if not along.size:
            continue
        rows = parameters(segment, sex, along)
        xs.append(months)
        for sd in sds:
            lines[_sd_name(sd)].append(_line(segment, rows, sd))
    empty = np.empty(0)
    joined = {name: np.concatenate(parts) if parts else empty for name, parts in lines.items()}
    return {"x": np.concatenate(xs) if xs else empty, **joined}


def _steps(
    segment: Segment, sex: int, step: float, from_months: float, to_months: float
) -> tuple[Floats, Floats]:
    """Points along the segment's own axis, and the same points on the chart's axis."""
    grid = segment.grid[sex]
    nothing = np.empty(0), np.empty(0)
    if segment.axis == "height_cm":
        if segment.to_months <= from_months or segment.from_months >= to_months:
            return nothing
        points = np.asarray(np.round(np.arange(grid[0], grid[-1] + step / 2, step), 6), dtype=np.float64)
        return points, points
    per_unit = DAYS_PER_MONTH if segment.axis == "age_days" else 1.0
    low = max(segment.from_months, from_months, grid[0] / per_unit)
    high = min(segment.to_months, to_months, grid[-1] / per_unit)
    if low > high:
        return nothing
    inner = np.arange(np.ceil(low / step) * step, high, step)
    months = np.unique(np.concatenate([[low], inner, [high]]))
    return np.asarray(months * per_unit, dtype=np.float64), np.asarray(months, dtype=np.float64)


def _line(segment: Segment, rows: Floats, sd: int) -> Floats:
    if segment.kind == "lms":
        return lms_values(rows, float(sd))
    if sd in segment.sds:
        return rows[:, segment.sds.index(sd)]
    # WS/T 612 has no third SD: carried on by the outer gap, as in the z-score.
    inner, outer = (1, 0) if sd < 0 else (-2, -1)
    beyond = abs(sd) - abs(segment.sds[outer])
    return np.asarray(rows[:, outer] + beyond * (rows[:, outer] - rows[:, inner]), dtype=np.float64)


def _sd_name(sd: int) -> str:
    return "median" if sd == 0 else f"sd_{'m' if sd < 0 else 'p'}{abs(sd)}"


def _long_table(standard: Standard, kind: str, columns: tuple[str, ...]) -> pa.Table:
    import pyarrow as pa

    names = ("standard", "indicator", "sex", "position", "axis", "from_months", "to_months", "at", *columns)
    data: dict[str, list[object]] = {name: [] for name in names}
    for segment in standard.segments:
        if segment.kind != kind:
            continue
        for sex, grid in segment.grid.items():
            for at, row in zip(grid.tolist(), segment.values[sex].tolist(), strict=True):
                fixed = (standard.name, segment.indicator, sex, segment.position, segment.axis)
                given = columns if kind == "lms" else tuple(_sd_name(sd) for sd in segment.sds)
                record = dict(zip(given, row, strict=True))
                whole = (
                    *fixed,
                    segment.from_months,
                    segment.to_months,
                    at,
                    *(record.get(c) for c in columns),
                )
                for name, cell in zip(names, whole, strict=True):
                    data[name].append(cell)
    text = {"standard", "indicator", "position", "axis"}
    kinds = {name: pa.string() if name in text else pa.float64() for name in names} | {"sex": pa.int8()}
    return pa.table({name: pa.array(cells, type=kinds[name]) for name, cells in data.items()})
