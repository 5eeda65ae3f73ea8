"""Text by the column: answers as JSON, numbers, dates and unique ids for millions of rows without a loop."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from yimi.demo.draw import Bools, Floats, Ints

# Typed: to guess the type of a scalar Arrow looks for a module that is not installed, a thousand times a district.
_NOTHING = pa.scalar("", pa.string())


def look_up(values: Sequence[str | None], index: Ints) -> pa.Array:
    """values[i] for each i; null where i is negative."""
    taken = pa.array(np.where(index < 0, 0, index), mask=index < 0)
    return pa.array(values, pa.string()).take(taken)


def join(*parts: pa.Array | str) -> pa.Array:
    """The parts one after another; a null part makes the whole null."""
    texts = [pa.scalar(p, pa.string()) if isinstance(p, str) else p for p in parts]
    return pc.binary_join_element_wise(*texts, _NOTHING)


def whole(values: Ints, present: Bools | None = None) -> pa.Array:
    array = pa.array(values, mask=None if present is None else ~present)
    return array.cast(pa.string())


def decimal(values: Floats, places: int) -> pa.Array:
    """Numbers with so many places; null where NaN."""
    missing = np.isnan(values)
    scaled = np.where(missing, 0, np.rint(np.nan_to_num(values) * 10**places)).astype(np.int64)
    low, high = (int(scaled.min()), int(scaled.max())) if len(scaled) else (0, 0)
    written = [f"{i / 10**places:.{places}f}" for i in range(low, high + 1)]
    return look_up(written, np.where(missing, -1, scaled - low))


def iso_date(days: Ints) -> pa.Array:
    return pa.array(days.astype(np.int32), pa.date32()).cast(pa.string())


def truth(values: Bools, present: Bools | None = None) -> pa.Array:
    index = values.astype(np.int64) if present is None else np.where(present, values.astype(np.int64), -1)
    return look_up(["false", "true"], index)


def quoted(values: pa.Array | str) -> pa.Array:
    return join('"', values, '"')


def json_object(**fields: pa.Array) -> pa.Array:
    """One JSON object a row from columns of JSON values; a null column leaves its key out."""
    pieces = [join(f',"{key}":', column) for key, column in fields.items()]
    glued = pc.binary_join_element_wise(*pieces, _NOTHING, null_handling="replace", null_replacement="")
    return join("{", pc.utf8_slice_codeunits(glued, 1), "}")


def unique_ids(rng: np.random.Generator, n: int) -> pa.Array:
    """n random ids, 32 hexadecimal digits each, in the form of a version 4 UUID."""
    raw = rng.integers(0, 256, size=(n, 16), dtype=np.uint8)
    raw[:, 6] = (raw[:, 6] & 0x0F) | 0x40
    raw[:, 8] = (raw[:, 8] & 0x3F) | 0x80
    offsets = np.arange(n + 1, dtype=np.int64) * 32
    digits = pa.py_buffer(raw.tobytes().hex().encode())
    large = pa.LargeStringArray.from_buffers(n, pa.py_buffer(offsets), digits)
    return large.cast(pa.string())


def dates(days: Ints, never: int) -> pa.Array:
    """A DATE column; null from `never` on."""
    return pa.array(np.where(days >= never, 0, days).astype(np.int32), mask=days >= never).cast(pa.date32())


def look_up_where(values: pa.Array, present: Bools) -> pa.Array:
    """The values where present, null elsewhere."""
    return pc.if_else(pa.array(present), values, pa.scalar(None, pa.string()))
