"""From a table of measurements to a table of z-scores and flags, column by column."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from yimi.engines.growth.tables import INDICATORS, Floats, Indicator, Standard
from yimi.engines.growth.zscores import UNKNOWN, bmi, implausible, standard_height, zscores

if TYPE_CHECKING:
    import pyarrow as pa

MEASURES = ("age_days", "weight_kg", "height_cm", "head_cm", "muac_cm")
WEIGHT_BASED: tuple[Indicator, ...] = ("waz", "whz", "baz")


def assess(
    columns: Mapping[str, ArrayLike],
    standard: Standard,
    decimals: int | None = 2,
    only: Collection[Indicator] = INDICATORS,
) -> dict[str, NDArray]:
    """Z-scores and flags of a table given as columns, each of shape (n,).

    Read: `sex` (1 male, 2 female), `age_days`, `weight_kg`, `height_cm`, `measured` (1 lying, 2 standing,
    0 not known), `head_cm`, `muac_cm`, `oedema` (true or false). A missing column counts as not known.
    Given back: for each indicator its z-score, rounded to `decimals` (None: not rounded), and
    `<indicator>_flag` (bool: implausible); `height_standard_cm` and `bmi` as used. With oedema the weight
    says nothing about the child's tissue: no weight-based z-score. `only`: the indicators asked for.
    """
    size = max((np.atleast_1d(np.asarray(column)).size for column in columns.values()), default=0)

    def column(name: str, otherwise: Any) -> NDArray:
        given = columns.get(name)
        return np.full(size, otherwise) if given is None else np.atleast_1d(np.asarray(given))

    sex = column("sex", 0)
    age, weight, height, head, arm = (column(name, np.nan).astype(np.float64) for name in MEASURES)
    measured = column("measured", UNKNOWN)
    weight = np.where(column("oedema", False).astype(bool), np.nan, weight)
    height = standard_height(age, np.where(height > 0, height, np.nan), measured)
    body_mass = bmi(weight, height)
    values: dict[Indicator, Floats] = {
        "waz": weight, "haz": height, "whz": weight, "baz": body_mass, "hcz": head, "acz": arm
    }  # fmt: skip
    result: dict[str, NDArray] = {}
    for indicator in only:
        z = zscores(standard, indicator, sex, age, values[indicator], height, measured)
        result[indicator] = z if decimals is None else np.round(z, decimals) + 0.0
    for indicator in only:
        result[f"{indicator}_flag"] = implausible(standard, indicator, result[indicator])
    return {**result, "height_standard_cm": height, "bmi": body_mass}


def assess_table(table: pa.Table, standard: Standard, only: Collection[Indicator] = INDICATORS) -> pa.Table:
    """`assess` for an Arrow table: the same rows with the result's columns after them; NaN becomes null."""
    import pyarrow as pa
    import pyarrow.compute as pc

    columns: dict[str, NDArray] = {}
    for name in ("sex", *MEASURES, "measured", "oedema"):
        if name in table.column_names:
            filled = table[name].combine_chunks()
            if pa.types.is_floating(filled.type) or name in MEASURES:
                columns[name] = pc.fill_null(filled.cast(pa.float64()), np.nan).to_numpy(zero_copy_only=False)
            else:
                empty = False if pa.types.is_boolean(filled.type) else 0
                columns[name] = pc.fill_null(filled, empty).to_numpy(zero_copy_only=False)
    for name, values in assess(columns, standard, only=only).items():
        table = table.append_column(name, pa.array(values, from_pandas=True))
    return table
