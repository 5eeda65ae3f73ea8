"""Small counts are not told: which cells of a table stay out, so that no shown cells give a hidden one away.

A table with its totals is a flow: what enters an equation from its parts leaves it as the total. Cells are the
edges, equations the nodes; a part that stands in no further equation ends at `GROUND`. A hidden cell cannot be
worked out exactly where it lies on a cycle of hidden cells along which a unit can be moved: up along an edge, down
against it unless the cell is 0, since no count goes below 0 (Gusfield, SIAM J. Comput. 17 (1988) 552: two-way
tables). So every small count is hidden, and for each hidden cell off such a cycle the cheapest path that closes
one is hidden too. Zero and what is large are shown; a total goes only where nothing else helps.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass

ALL = "*"  # key of a total
GROUND = "ground"
TOTAL_COST = 1_000.0  # a total is worth so many parts of the same size


@dataclass(frozen=True)
class Cell:
    """A count in a system of sums: it counts into `head`'s equation and is the sum of what enters `tail`."""

    key: Hashable
    value: int
    tail: Hashable
    head: Hashable
    total: bool = False


def two_way(counts: Mapping[tuple[Hashable, Hashable], int]) -> list[Cell]:
    """Rows by columns with the totals of both: keys (row, column), (row, ALL), (ALL, column), (ALL, ALL)."""
    rows, columns = dict.fromkeys(r for r, _ in counts), dict.fromkeys(c for _, c in counts)
    found = [Cell((r, c), counts.get((r, c), 0), ("column", c), ("row", r)) for r in rows for c in columns]
    row_totals = {r: sum(counts.get((r, c), 0) for c in columns) for r in rows}
    column_totals = {c: sum(counts.get((r, c), 0) for r in rows) for c in columns}
    found += [Cell((r, ALL), n, ("row", r), ("rows",), True) for r, n in row_totals.items()]
    found += [Cell((ALL, c), n, ("columns",), ("column", c), True) for c, n in column_totals.items()]
    return [*found, Cell((ALL, ALL), sum(row_totals.values()), ("rows",), ("columns",), True)]


def tree(counts: Mapping[Hashable, int], parent: Mapping[Hashable, Hashable]) -> list[Cell]:
    """Places below places: `counts` of every one, `parent` of all but the uppermost. Parts that are not given
    (places unknown) stand as one more part, key (ALL, parent), never to be shown."""
    below: dict[Hashable, list[Hashable]] = defaultdict(list)
    for child, above in parent.items():
        if child in counts and above in counts:
            below[above].append(child)
    found = []
    for key, value in counts.items():
        tail: Hashable = ("sum", key) if key in below else GROUND
        head: Hashable = ("sum", parent[key]) if parent.get(key) in counts else GROUND
        found.append(Cell(key, value, tail, head, key in below))
        rest = value - sum(counts[each] for each in below.get(key, ()))
        if key in below and rest > 0:
            found.append(Cell((ALL, key), rest, GROUND, ("sum", key)))
    return found


def one_way(counts: Mapping[Hashable, int]) -> list[Cell]:
    """Parts and their total, key ALL."""
    return tree({**counts, ALL: sum(counts.values())}, dict.fromkeys(counts, ALL))


def suppress(
    cells: Iterable[Cell], minimum: int, *, also: Collection[Hashable] = (), never: Collection[Hashable] = ()
) -> frozenset[Hashable]:
    """Keys of the cells that must not be shown: small ones, `also`, and as few others as protect them.

    `never`: cells that are told elsewhere and cannot be hidden. Where they leave no way, every cell but them goes.
    """
    # In one order, whoever asks: had two runs over the same table the choice, what one hides the other might show.
    every = {each.key: each for each in sorted(cells, key=lambda each: str(each.key))}
    hidden = {key for key, each in every.items() if 0 < each.value < minimum} | (set(also) & set(every))
    hidden -= set(never)
    graph = _Graph(every, frozenset(never))
    graph.hide(hidden)
    # What is hidden and counts nobody need not be protected: a total of 0 tells it, and tells of nobody.
    waiting = sorted(
        (key for key in hidden if every[key].value), key=lambda key: (every[key].value, str(key))
    )
    while waiting:
        key = waiting.pop(0)
        path = graph.around(key)
        if path is None:
            return frozenset(set(every) - set(never))
        new = [each for each in path if each not in hidden]
        hidden.update(new)
        graph.hide(new)
        waiting += [each for each in new if every[each].value]
    return frozenset(hidden)


Ways = dict[Hashable, list[tuple[Hashable, Hashable]]]  # node → (node that can be reached, cell it takes)


class _Graph:
    def __init__(self, cells: Mapping[Hashable, Cell], never: frozenset[Hashable]) -> None:
        self.cells = cells
        self.price = {key: _price(each) for key, each in cells.items()}
        self.out: Ways = defaultdict(list)
        self.free: Ways = defaultdict(list)  # of hidden cells only
        for each in cells.values():
            if each.key not in never:
                _add(self.out, each)

    def hide(self, keys: Iterable[Hashable]) -> None:
        for key in keys:
            self.price[key] = 0.0
            _add(self.free, self.cells[key])

    def around(self, key: Hashable) -> list[Hashable] | None:
        """The cheapest cycle through a cell, without it: either it gains one or, if it has one, loses one."""
        cell = self.cells[key]
        ends = [(cell.head, cell.tail)] + ([(cell.tail, cell.head)] if cell.value > 0 else [])
        if any(self._lies_free(start, goal, key) for start, goal in ends):
            return []  # protected by what is hidden already, as most are: nothing is cheaper
        found = [self._path(start, goal, key) for start, goal in ends]
        ways = [each for each in found if each is not None]
        return min(ways, key=lambda way: way[0])[1] if ways else None

    def _lies_free(self, start: Hashable, goal: Hashable, without: Hashable) -> bool:
        """Do hidden cells alone lead there?"""
        seen, waiting = {start}, [start]
        while waiting:
            node = waiting.pop()
            if node == goal:
                return True
            for following, key in self.free[node]:
                if key != without and following not in seen:
                    seen.add(following)
                    waiting.append(following)
        return False

    def _path(
        self, start: Hashable, goal: Hashable, without: Hashable
    ) -> tuple[float, list[Hashable]] | None:
        best: dict[Hashable, float] = {start: 0.0}
        came: dict[Hashable, tuple[Hashable, Hashable]] = {}
        queue: list[tuple[float, int, Hashable]] = [(0.0, 0, start)]
        pushed, price = 0, self.price
        while queue:
            so_far, _, node = heapq.heappop(queue)
            if node == goal:
                return so_far, self._back(came, start, goal)
            if so_far > best[node]:
                continue
            for following, key in self.out[node]:
                cost = so_far + price[key]
                if key != without and (following not in best or cost < best[following]):
                    best[following], came[following] = cost, (node, key)
                    pushed += 1
                    heapq.heappush(queue, (cost, pushed, following))
        return None

    def _back(
        self, came: Mapping[Hashable, tuple[Hashable, Hashable]], start: Hashable, goal: Hashable
    ) -> list[Hashable]:
        keys, node = [], goal
        while node != start:
            node, key = came[node]
            keys.append(key)
        return keys


def _add(ways: Ways, cell: Cell) -> None:
    ways[cell.tail].append((cell.head, cell.key))  # one more
    if cell.value > 0:
        ways[cell.head].append((cell.tail, cell.key))  # one less


def _price(cell: Cell) -> float:
    """What it costs to hide a cell. A zero protects in one direction only and misleads most: it goes last."""
    size = 1.0 + cell.value if cell.value else 100.0
    return size * (TOTAL_COST if cell.total else 1.0)


Pair = tuple[Hashable, Hashable]


def suppress_rows(
    tables: Mapping[str, Mapping[Pair, int]], minimum: int, least_row: int
) -> dict[str, frozenset[Hashable]]:
    """Several tables of the same rows with the same row totals (answers of each school to each question).

    A row whose total is below `least_row` is not told apart: all of it goes, in every table, and so does every row
    that would give it away. Returns name of the table → hidden keys (row, column), totals under `ALL`.
    """
    cells = {name: two_way(counts) for name, counts in tables.items()}
    totals: dict[Hashable, int] = {}
    for counts in tables.values():
        totals = {row: sum(n for (other, _), n in counts.items() if other == row) for row, _ in counts}
    out: set[Hashable] = {row for row, n in totals.items() if n < least_row}
    if sum(totals.values()) < least_row:
        out.add(ALL)
    columns = {name: {column for _, column in counts} | {ALL} for name, counts in tables.items()}
    while True:
        hidden = {
            name: suppress(found, minimum, also={(row, column) for row in out for column in columns[name]})
            for name, found in cells.items()
        }
        more = {row for keys in hidden.values() for row in (*totals, ALL) if (row, ALL) in keys}
        if more <= out:
            return hidden
        out |= more
