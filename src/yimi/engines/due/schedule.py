"""In which projection each column of a pathway is computed.

DuckDB binds every column that a projection passes on and sets up a buffer for it, used or not yet: thirty steps
in forty projections pass on thirteen thousand, and that costs more than the dates themselves. So a column is
computed just before the first that reads it, what nobody reads but the answer is computed in the last
projection, and a projection passes on only what those after it read.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from yimi.rules.sql import quote

# Names of columns: in quotes, but for two facts that are printed without. Texts and fields of a struct are passed over.
_NAMED = re.compile(r"""'(?:[^']|'')*'|\."(?:[^"]|"")+"|"((?:[^"]|"")+)"|\b(as_of|birth_date)\b""")


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
    reads = {name: (names_read(each.sql) & known.keys()) - {name} for name, each in known.items()}
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


def carried(
    layers: Sequence[Sequence[Column]], given: Collection[str], wanted: Iterable[str]
) -> list[list[str]]:
    """What each layer passes on: of the columns before it and of what is `given`, all that is read after it."""
    known = {each.name for columns in layers for each in columns}.union(given)
    needed, found = set(wanted), []
    for columns in reversed(layers):
        needed = needed - {each.name for each in columns}
        found.append(sorted(needed))
        needed |= names_read(" ".join(each.sql for each in columns)) & known
    return found[::-1]


def names_read(sql: str) -> set[str]:
    """The names of columns in an expression, and words that look like one."""
    return {(quoted or bare).replace('""', '"') for quoted, bare in _NAMED.findall(sql)}
