"""The demo's story: one township's MMR coverage stands just above the target; ten doses are withdrawn.

`families` fills the two cohorts and `immunization` sets their coverage; here the ten doses are chosen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from yimi.demo import draw
from yimi.demo.draw import FAR, Bools, Ints
from yimi.demo.families import Children, in_cohort
from yimi.demo.geography import Geography
from yimi.demo.immunization import VACCINES, Doses

STEP, COMPLETE_MONTHS, WITHDRAWN = "MMR_2", 24, 10
PER_VILLAGE = 3  # at most: four villages where they are large enough


@dataclass(frozen=True)
class Story:
    """The doses to withdraw: record ids and children side by side, in at least three villages."""

    township: str
    township_name: str
    step: str
    record_uids: list[str]
    children: list[int]  # subject_id
    villages: list[str]  # place code of each child's village


def story_rows(children: Children, geo: Geography, doses: Doses, as_of: int) -> Ints:
    """Rows of `doses`: ten second MMR doses of the cohort, at most three of a village, the largest first."""
    township = geo.township_of[children.village]
    cohort = (
        in_cohort(children.birth, COMPLETE_MONTHS, as_of)
        & (township == geo.story)
        & (children.last_day >= FAR)
    )
    second = (doses.vaccine == VACCINES.index("MMR")) & (doses.ordinal == 2) & ~doses.early
    rows = np.flatnonzero(second & cohort[doses.child])
    village = children.village[doses.child[rows]]
    size = np.bincount(village, minlength=len(geo.codes))[village] if len(rows) else village
    few = draw.rank_within(village) < PER_VILLAGE
    order = np.lexsort((rows, village, -size, ~few))
    return np.sort(rows[order][:WITHDRAWN])


def quiet_rows(children: Children, geo: Geography, doses: Doses) -> Bools:
    """Doses no mistake may touch: the MMR doses of the last years, on whose figures the story stands."""
    recent = children.birth[doses.child] > int(doses.on.max()) - 1200
    mmr = doses.vaccine == VACCINES.index("MMR")
    at_story = geo.township_of[children.village[doses.child]] == geo.story
    return np.asarray(mmr & (recent | at_story), dtype=np.bool_)
