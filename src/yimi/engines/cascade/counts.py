"""How many children stand where: the funnel by place, sex, school and group, and the days between stages.

Queries over any selection of the table `cascades`, so that whoever asks counts exactly the children he may count.
A row of counts is a deepest stage: a stage's number is the sum from its position on.
"""

from __future__ import annotations

# cut → the columns it is grouped by
CUTS: dict[str, tuple[str, ...]] = {
    "all": (), "township": ("township",), "village": ("township", "place"), "sex": ("sex",), "school": ("school",),
    "group": ("grp",),
}  # fmt: skip


def counts_query(source: str, cuts: tuple[str, ...] = tuple(CUTS)) -> str:
    """SELECT of cut, the columns the cuts are grouped by, position, n, late over rows of `cascades`."""
    return _grouped("position, count(*) AS n, count(*) FILTER (late) AS late", source, ("position",), cuts)


def days_query(source: str, cuts: tuple[str, ...] = ("all", "township", "group")) -> str:
    """SELECT of the cut's columns, position, n, median: the days from the stage before to the one at `position`."""
    gaps = (
        "SELECT * EXCLUDE (position), unnest(range(2, len(days) + 1)) AS position, "
        "unnest(list_transform(range(2, len(days) + 1), lambda i: days[i] - days[i - 1])) AS gap "
        f"FROM ({source}) WHERE len(days) > 1"
    )
    return _grouped("position, count(*) AS n, median(gap) AS median", gaps, ("position",), cuts)


def _grouped(what: str, source: str, key: tuple[str, ...], cuts: tuple[str, ...]) -> str:
    asked = [
        each
        for each in ("township", "place", "sex", "school", "grp")
        if any(each in CUTS[cut] for cut in cuts)
    ]
    sets = ", ".join("(" + ", ".join((*key, *CUTS[each])) + ")" for each in cuts)
    whens = " ".join(f"WHEN {_is(cut, asked)} THEN '{cut}'" for cut in cuts)
    shown = "".join(f"{each}, " for each in asked)
    return f"SELECT CASE {whens} END AS cut, {shown}{what} FROM ({source}) GROUP BY GROUPING SETS ({sets})"


def _is(cut: str, asked: list[str]) -> str:
    return " AND ".join(f"grouping({each}) = {int(each not in CUTS[cut])}" for each in asked) or "TRUE"
