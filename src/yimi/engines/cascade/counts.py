"""How many children stand where: the funnel by place, sex, school and group, and the days between stages.

`cascade_counts`: cascade, round, cut, place, sex, school, grp, position, n, late; a row a deepest stage, so a
stage's number is the sum from its position on. `cascade_days`: cascade, round, township, grp, position, n,
median: the days from the stage before to the one at this position, over those who reached both.
"""

from __future__ import annotations

from yimi.engines.backend import Connection
from yimi.engines.cascade.compiled import TABLE

COUNTS, DAYS = "cascade_counts", "cascade_days"
# cut → the columns it is grouped by
_CUTS: dict[str, tuple[str, ...]] = {
    "district": (), "township": ("township",), "village": ("township", "place"), "sex": ("sex",),
    "township_sex": ("township", "sex"), "school": ("school",), "group": ("grp",),
}  # fmt: skip
_KEY = "cascade, round, position"


def count_cascades(con: Connection) -> None:
    """Create `cascade_counts` and `cascade_days` from `cascades`."""
    columns = ("township", "place", "sex", "school", "grp")
    sets = ", ".join("(" + ", ".join((_KEY, *cut)) + ")" for cut in _CUTS.values())
    marks = " ".join(
        "WHEN "
        + " AND ".join(f"grouping({each}) = {int(each not in cut)}" for each in columns)
        + f" THEN '{name}'"
        for name, cut in _CUTS.items()
    )
    con.execute(
        f"CREATE OR REPLACE TABLE {COUNTS} AS SELECT {_KEY}, CASE {marks} END AS cut, {', '.join(columns)}, "
        f"count(*) AS n, count(*) FILTER (late) AS late FROM {TABLE} GROUP BY GROUPING SETS ({sets})"
    )
    gaps = (
        f"SELECT cascade, round, township, grp, unnest(range(2, len(days) + 1)) AS position, "
        f"unnest(list_transform(range(2, len(days) + 1), lambda i: days[i] - days[i - 1])) AS gap "
        f"FROM {TABLE} WHERE len(days) > 1"
    )
    con.execute(
        f"CREATE OR REPLACE TABLE {DAYS} AS SELECT {_KEY}, CASE WHEN grouping(township) = 0 THEN 'township' "
        "WHEN grouping(grp) = 0 THEN 'group' ELSE 'district' END AS cut, township, grp, count(*) AS n, "
        f"median(gap) AS median FROM ({gaps}) GROUP BY GROUPING SETS (({_KEY}), ({_KEY}, township), ({_KEY}, grp))"
    )
