"""From a table of measurements to a table of z-scores and flags, column by column."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from yimi.engines.growth.blocks import BLOCK, Given, Worker
from yimi.engines.growth.tables import FEMALE, INDICATORS, MALE, Indicator, Standard

if TYPE_CHECKING:
    import pyarrow as pa

MEASURES = ("age_days", "weight_kg", "height_cm", "head_cm", "muac_cm")
WEIGHT_BASED: tuple[Indicator, ...] = ("waz", "whz", "baz")
MOST_THREADS = 4  # beyond that they wait for memory and for the interpreter


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
    given = _given(columns)
    size = given.days.size
    result: dict[str, NDArray] = {indicator: np.empty(size) for indicator in only}
    result |= {f"{indicator}_flag": np.empty(size, dtype=np.bool_) for indicator in only}
    result |= {"height_standard_cm": np.empty(size), "bmi": np.empty(size)}
    blocks = [slice(start, min(start + BLOCK, size)) for start in range(0, size, BLOCK)]
    threads = max(1, min(MOST_THREADS, os.cpu_count() or 1, len(blocks) // 2))

    def work(first: int) -> None:
        worker = Worker(standard, only, decimals, min(size, BLOCK))
        with np.errstate(all="ignore"):
            for block in blocks[first::threads]:
                worker.score(given.part(block), {name: column[block] for name, column in result.items()})

    if threads == 1:
        work(0)
    else:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(work, range(threads)))
    return result


def _given(columns: Mapping[str, ArrayLike]) -> Given:
    arrays = {name: np.atleast_1d(np.asarray(column)) for name, column in columns.items()}
    size = max((array.size for array in arrays.values()), default=0)
    arrays = {
        name: array if array.size == size else np.broadcast_to(array, size) for name, array in arrays.items()
    }
    unknown = np.broadcast_to(np.nan, size)
    days, weight, height, head, arm = (
        arrays[name].astype(np.float64, copy=False) if name in arrays else unknown for name in MEASURES
    )
    sex, oedema = arrays.get("sex", np.zeros(size)), arrays.get("oedema")
    if sex.dtype.kind not in "iuf":
        sex = np.where(sex == MALE, MALE, np.where(sex == FEMALE, FEMALE, 0))
    swollen = None if oedema is None else oedema.astype(np.bool_)
    return Given(sex, days, weight, height, head, arm, arrays.get("measured"), swollen)


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
