"""Who goes where: childcare, kindergarten, school, year by year, with those who leave before they should."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from yimi.demo import draw, texts
from yimi.demo.draw import FAR, Bools, Ints, stream
from yimi.demo.facilities import Facilities
from yimi.demo.families import Children
from yimi.demo.geography import Geography

STAGES = ["childcare", "kindergarten", "primary", "junior", "senior", "vocational", "special"]
KINDS = {
    "childcare": "childcare", "kindergarten": "kindergarten", "primary": "primary", "junior": "junior",
    "senior": "senior", "vocational": "senior", "special": "special_school",
}  # fmt: skip
ENDS = ["promoted", "graduated", "transferred", "dropped_out"]
PROMOTED, GRADUATED, TRANSFERRED, DROPPED = range(4)
LEAVES = 0.031  # of a cohort leave school between grade 5 and 9 and do not come back


def entry_year(birth: Ints) -> Ints:
    """Year in which a child enters primary school: six by 31 August."""
    sixth = draw.add_months(birth, 72)
    year = draw.year_of(sixth)
    return np.where(sixth < draw.september(year), year, year + 1)


def _facility_of(geo: Geography, facilities: Facilities, stage: str, township: Ints, luck: Ints) -> Ints:
    """A facility of the stage in the township, or in one of the district's towns where it has none."""
    among = facilities.of(KINDS[stage])
    if KINDS[stage] == "senior":
        trade = np.array(["职业" in facilities.name[i] for i in among], dtype=np.bool_)
        among = among[trade == (stage == "vocational")]
    at = geo.township_of[facilities.place[among]]
    weight = np.array([facilities.weight[i] for i in among])
    chance = (luck % 9973) / 9973.0
    result = np.full(len(township), -1, np.int64)
    for place in np.unique(township):
        here = among[at == place]
        shares = weight[at == place]
        if not len(here):
            here, shares = among, weight
        rows = np.flatnonzero(township == place)
        edges = np.cumsum(shares) / shares.sum()
        result[rows] = here[np.minimum(np.searchsorted(edges, chance[rows], side="right"), len(here) - 1)]
    return result


def _grade_rows(children: Children, seed: int, as_of: int, special: Bools) -> dict[str, Ints]:
    """One row per child and school year begun: stage, grade, first day, last day."""
    rng = stream(seed, "school years")
    n = len(children)
    entry = entry_year(children.birth)
    begins = np.where(rng.random(n) < 0.952, np.where(rng.random(n) < 0.9, -3, -2), 99)
    begins = np.where(special, 0, begins)
    goes_on = np.where(rng.random(n) < 0.95, np.where(rng.random(n) < 0.58, 4, 5), -1)
    rows = []
    for year in range(-3, 12):
        first = draw.september(entry + year)
        attends = (first <= as_of) & (first < children.last_day) & (first + 300 > children.came)
        if year < 0:
            attends &= year >= begins
            stage, grade = np.full(n, 1), np.full(n, year + 4)
        else:
            stage = np.full(n, 2 if year < 6 else 3)
            grade = np.full(n, year + 1)
            if year >= 9:
                attends &= goes_on > 0
                stage = goes_on
            stage = np.where(special, 6, stage)
            attends &= ~special | (year < 9)
        who = np.flatnonzero(attends)
        last = np.isin(year, (-1, 5, 8, 11))
        end = draw.september(entry[who] + year + 1) - (62 if last else 0)
        rows.append((who, stage[who], grade[who], np.maximum(first[who], children.came[who]), end,
                     np.full(len(who), GRADUATED if last else PROMOTED)))  # fmt: skip
    names = ("child", "stage", "grade", "first", "end", "why")
    return {
        name: np.concatenate(part).astype(np.int64)
        for name, part in zip(names, zip(*rows, strict=True), strict=True)
    }


def _drop_outs(rows: dict[str, Ints], children: Children, seed: int) -> dict[str, Ints]:
    """Some leave between grade 5 and 9; a quarter as many more leave and are brought back the next autumn."""
    rng = stream(seed, "drop-outs")
    n = len(children)
    born = children.birth
    leaves = np.zeros(n, np.int64)
    for year in np.unique(entry_year(born)):
        cohort = np.flatnonzero(
            (entry_year(born) == year) & (children.last_day >= FAR) & (children.came == -FAR)
        )
        gone = draw.portion(rng, cohort, LEAVES)
        leaves[gone] = 1
        leaves[draw.portion(rng, np.setdiff1d(cohort, gone), LEAVES / 4)] = 2
    grade = np.searchsorted(np.cumsum([0.03, 0.07, 0.2, 0.4]), rng.random(n)) + 5
    day = rng.integers(20, 280, n)
    who = rows["child"]
    school = (rows["stage"] == 2) | (rows["stage"] == 3) | (rows["stage"] == 6)
    then = school & (leaves[who] > 0) & (rows["grade"] == grade[who])
    after = (leaves[who] == 1) & (rows["stage"] >= 2) & (rows["grade"] > grade[who])
    rows["end"] = np.where(then, rows["first"] + day[who], rows["end"])
    rows["why"] = np.where(then, DROPPED, rows["why"])
    return {name: column[~after] for name, column in rows.items()}


def _childcare_rows(children: Children, geo: Geography, seed: int, as_of: int) -> dict[str, Ints]:
    rng = stream(seed, "childcare")
    n = len(children)
    share = np.where(geo.community[children.village], 0.2, 0.05)
    start = draw.add_months(children.birth, 1) + rng.integers(400, 850, n)
    end = draw.september(entry_year(children.birth) - 3)
    goes = (rng.random(n) < share) & (start <= as_of) & (start >= children.came) & (end > start + 30)
    who = np.flatnonzero(goes & (start < children.last_day))
    none = np.full(len(who), -1)
    return {"child": who, "stage": np.zeros(len(who), np.int64), "grade": none, "first": start[who], "end": end[who],
            "why": np.full(len(who), GRADUATED)}  # fmt: skip


def make_attendance(
    children: Children, geo: Geography, facilities: Facilities, special: Bools, seed: int, as_of: int,
    child_base: int, facility_base: int,
) -> pa.Table:  # fmt: skip
    """The `attendance` table: one interval per school year, cut short by moves, drop-out and death."""
    years = _drop_outs(_grade_rows(children, seed, as_of, special), children, seed)
    small = _childcare_rows(children, geo, seed, as_of)
    rows = {name: np.concatenate([small[name], years[name]]) for name in years}
    who = rows["child"]
    # A school is chosen once per stage; the same luck keeps a child there as long as the family stays.
    luck = stream(seed, "schools").integers(0, 10**9, (len(children), len(STAGES)))[who, rows["stage"]]
    township = geo.township_of[children.village_on(who, rows["first"])]
    facility = np.full(len(who), -1, np.int64)
    for i, stage in enumerate(STAGES):
        at = np.flatnonzero(rows["stage"] == i)
        facility[at] = _facility_of(geo, facilities, stage, township[at], luck[at])
    order = np.lexsort((rows["first"], who))
    rows = {name: column[order] for name, column in rows.items()}
    who, facility = rows["child"], facility[order]
    following = np.r_[(who[1:] == who[:-1]) & (rows["stage"][1:] == rows["stage"][:-1]), False]
    changes = following & (np.r_[facility[1:], -1] != facility) & (rows["why"] == PROMOTED)
    why = np.where(changes, TRANSFERRED, rows["why"])
    cut = children.last_day[who] < rows["end"]
    end = np.where(cut, np.maximum(children.last_day[who], rows["first"] + 1), rows["end"])
    why = np.where(cut, np.where(children.left[who] <= children.death[who], TRANSFERRED, -1), why)
    still = end > as_of
    return pa.table(
        {
            "subject_id": pa.array(child_base + who),
            "facility_id": pa.array(facility_base + facility),
            "stage": texts.look_up(STAGES, rows["stage"]),
            "grade": pa.array(rows["grade"].astype(np.int32), mask=rows["grade"] < 0),
            "valid_from": texts.dates(rows["first"], FAR),
            "valid_to": texts.dates(np.where(still, FAR, end), FAR),
            "end_reason": texts.look_up(ENDS, np.where(still, -1, why)),
        }
    )
