"""In which projection each column of a pathway is computed.

DuckDB sets up a buffer for every column that a projection passes on, used or not yet: thirty steps in forty
projections pass on thirteen thousand, and that costs more than the dates themselves. So a column is computed
just before the first that reads it, and what nobody reads but the answer is computed in the last projection.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from yimi.rules.sql import quote

_QUOTED = re.compile(r'"((?:[^"]|"")+)"')


@dataclass(frozen=True)
class Column:
    """A named expression over the facts and over other columns, which it names in quotes."""

    name: str
    sql: str

    def __str__(self) -> str:
        return f"{self.sql} AS {quote(self.name)}"


def scheduled(columns: Sequence[Column], wanted: Iterable[str]) -> list[list[Column]]:
    """Layers of columns, each readable by the next; what no wanted column needs is left out."""
    known = {each.name: each for each in columns}
    reads = {name: _read(each.sql, known.keys() - {name}) for name, each in known.items()}
    depth: dict[str, int] = {}

    def place(name: str) -> int:
        if name not in depth:
            depth[name] = max((place(each) + 1 for each in reads[name]), default=0)
        return depth[name]

    last = max(place(name) for name in wanted)
    layer = dict.fromkeys(depth, last)
    for name in sorted(depth, key=lambda each: -depth[each]):  # readers before what they read
        for each in reads[name]:
            layer[each] = min(layer[each], layer[name] - 1)
    return [[known[name] for name in known if layer.get(name) == level] for level in range(last + 1)]


def _read(sql: str, known: Iterable[str]) -> set[str]:
    return {name.replace('""', '"') for name in _QUOTED.findall(sql)} & set(known)
