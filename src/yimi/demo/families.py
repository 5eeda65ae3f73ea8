"""Children, the families they belong to, and where those families live and lived.

Births fall as they fell in such districts; siblings share parents and address; a family may have moved between
villages, come from outside or gone away. The story's township is kept still, so that its figures are exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from yimi.demo import draw
from yimi.demo.draw import FAR, Bools, Floats, Ints, stream
from yimi.demo.geography import Geography

# Births of a year relative to 2008-2012, shaped like the national decline; not Wulong's own figures.
BIRTHS = {
    2013: 1.03, 2014: 1.06, 2015: 1.02, 2016: 1.08, 2017: 1.04, 2018: 0.92, 2019: 0.86, 2020: 0.75,
    2021: 0.68, 2022: 0.62, 2023: 0.58, 2024: 0.60, 2025: 0.55,
}  # fmt: skip
ETHNICITIES = ["01", "15", "06", "37", "07"]  # Han, Tujia, Miao, Gelao, Yi
INFANT_DEATHS, LATER_DEATHS = 0.0028, 0.0014  # of births, before 1 and from 1 to 4 years
SCHOOL_AGE_DEATHS = 0.0012
STORY_COHORT = 24  # children in each MMR cohort of the story's township, whatever the size of the district
HORIZON = 14  # days after as_of on which the judged doses still stand as they were made
REAL_CHILDREN = 60_000  # about what a district of 350,000 has; facilities and workers are scaled to it


@dataclass
class Families:
    """One row a family. `came` and `moved` are -FAR where that never happened, all other days FAR."""

    village: Ints  # place index, now
    before: Ints  # place index before the move
    moved: Ints
    came: Ints
    left: Ints
    both_away: Ints  # since when both parents work elsewhere; FAR: they do not
    one_away: Ints
    mother_birth: Ints
    father_birth: Ints
    mother_death: Ints
    father_death: Ints
    father_known: Bools
    grandparents: Bools
    youngest: Ints  # birth of the youngest child
    still: Bools  # nobody has moved or died: a family without surprises


@dataclass
class Children:
    """One row a child, in order of birth."""

    birth: Ints
    male: Bools
    sex_known: Bools
    family: Ints
    ethnicity: Ints
    weight_g: Ints
    weeks: Ints
    death: Ints
    families: Families

    def __len__(self) -> int:
        return len(self.birth)

    @property
    def village(self) -> Ints:
        return self.families.village[self.family]

    @property
    def came(self) -> Ints:
        return self.families.came[self.family]

    @property
    def left(self) -> Ints:
        return self.families.left[self.family]

    @property
    def last_day(self) -> Ints:
        """First day on which nothing more happens to the child here: gone or dead."""
        return np.minimum(self.left, self.death)

    def village_on(self, who: Ints, on: Ints) -> Ints:
        family = self.family[who]
        return np.where(
            on < self.families.moved[family], self.families.before[family], self.families.village[family]
        )


def _births(seed: int, n: int, as_of: date) -> Ints:
    today = draw.day_of(as_of)
    first = int(draw.add_months(np.array([today]), -18 * 12)[0]) + 1
    days = np.arange(first, today + 1, dtype=np.int64)
    years = draw.year_of(days)
    last = max(BIRTHS)
    level = np.array(
        [BIRTHS.get(int(y), 1.0 if y < last else 0.97 ** (y - last) * BIRTHS[last]) for y in years]
    )
    season = 1.0 + 0.12 * np.cos(2 * np.pi * (days % 365.25 - 285) / 365.25)
    return days[draw.evenly(stream(seed, "births"), level * season, n)]


def _villages(seed: int, geo: Geography, birth: Ints, as_of: int) -> Ints:
    rng = stream(seed, "villages")
    weights = geo.people[geo.villages] + 1.0
    where: Ints = geo.villages[rng.permutation(draw.evenly(rng, weights, len(birth)))]
    spare = rng.permutation(len(birth))
    home = geo.villages[geo.township_of[geo.villages] == geo.story]
    for months in (12, 24):  # fill the two MMR cohorts of the story's township where the district is small
        cohort = in_cohort(birth, months, as_of)
        lacking = STORY_COHORT - int((cohort & (geo.township_of[where] == geo.story)).sum())
        movable = spare[cohort[spare] & (geo.township_of[where[spare]] != geo.story)][: max(lacking, 0)]
        where[movable] = home[np.arange(len(movable)) % len(home)]
    return where


def reaching(limit: Ints, as_of: int, later: int = 0) -> Bools:
    """The limit passed within the twelve months before as_of, or does so up to so many days later."""
    year_ago = int(draw.add_months(np.array([as_of]), -12)[0])
    return (limit >= year_ago) & (limit < as_of + later)


def in_cohort(birth: Ints, months: int, as_of: int, later: int = 0) -> Bools:
    """Reached so many months of age within that time: the children an indicator over a dose looks at."""
    return reaching(draw.add_months(birth, months), as_of, later)


def _siblings(seed: int, birth: Ints, village: Ints) -> Ints:
    """Family number of each child: within a village one to three children, at least ten months apart."""
    rng = stream(seed, "siblings")
    n = len(birth)
    order = np.lexsort((rng.random(n), village))
    sizes = 1 + draw.choose(rng, [0.42, 0.48, 0.10], n)
    family_in_order = np.repeat(np.arange(n), sizes)[:n]
    broken = np.r_[True, (village[order][1:] != village[order][:-1])]
    starts = np.r_[True, family_in_order[1:] != family_in_order[:-1]] | broken
    family = np.empty(n, np.int64)
    family[order] = np.cumsum(starts) - 1
    by_family = np.lexsort((birth, family))
    close = np.r_[
        False, (family[by_family][1:] == family[by_family][:-1]) & (np.diff(birth[by_family]) < 300)
    ]
    apart = by_family[close]
    family[apart] = family.max() + 1 + np.arange(len(apart))
    return np.unique(family, return_inverse=True)[1].astype(np.int64)


def _families(seed: int, geo: Geography, birth: Ints, village: Ints, family: Ints, as_of: int) -> Families:
    rng = stream(seed, "families")
    count = int(family.max()) + 1
    eldest, youngest = np.full(count, FAR), np.full(count, -FAR)
    np.minimum.at(eldest, family, birth)
    np.maximum.at(youngest, family, birth)
    home = np.zeros(count, np.int64)
    home[family] = village
    calm = geo.township_of[home] == geo.story
    mother = eldest - np.clip(rng.normal(25.5, 4.2, count), 18.5, 41) * 365.25
    mother = np.maximum(mother, youngest - 46 * 365).astype(np.int64)
    moved = np.where(
        (rng.random(count) < 0.09) & ~calm, draw.within(rng, eldest + 60, np.full(count, as_of - 20)), -FAR
    )
    moved = np.where(moved >= as_of - 10, -FAR, moved)
    near = geo.villages[rng.integers(0, len(geo.villages), count)]
    came = np.where(
        (rng.random(count) < 0.03) & ~calm & (moved == -FAR), as_of - rng.integers(15, 3000, count), -FAR
    )
    came = np.where(came > eldest, came, -FAR)
    left = as_of - rng.integers(5, 1500, count)
    goes = (rng.random(count) < 0.012) & ~calm & (came == -FAR) & (moved == -FAR) & (left > youngest + 90)
    town = geo.community[home]
    away = rng.random(count)
    both_share = np.where(town, 0.12, 0.36)
    since = draw.within(rng, youngest + 200, np.full(count, as_of - 30))
    can = since > youngest + 150
    return Families(
        village=home, before=np.where(moved > -FAR, near, home), moved=moved, came=came,
        left=np.where(goes, left, FAR),
        both_away=np.where((away < both_share) & can, since, FAR),
        one_away=np.where((away >= both_share) & (away < both_share + 0.17) & can, since, FAR),
        mother_birth=mother,
        father_birth=(mother - np.clip(rng.normal(2.4, 2.8, count), -5, 14) * 365.25).astype(np.int64),
        mother_death=np.full(count, FAR), father_death=np.full(count, FAR),
        father_known=rng.random(count) > 0.008,
        grandparents=(away < both_share) | (rng.random(count) < 0.45),
        youngest=youngest,
        still=(came == -FAR) & ~goes,
    )  # fmt: skip


def _newborns(seed: int, n: int, male: Bools) -> tuple[Ints, Ints]:
    """Birth weight in g and completed weeks: 6 % preterm, and lighter for it."""
    rng = stream(seed, "newborns")
    weeks = np.clip(np.rint(rng.normal(39.2, 1.25, n)), 35, 42)
    early = rng.random(n) < 0.045
    weeks = np.where(early, np.clip(36 - rng.gamma(1.3, 1.6, n), 27, 36), weeks)
    grams = 3290 + np.where(male, 55, -55) + (weeks - 39.2) * 165 + rng.normal(0, 370, n)
    grams = np.maximum(grams, (weeks - 24) * 110 + 500)
    return (np.clip(np.rint(grams / 10), 70, 520) * 10).astype(np.int64), np.floor(weeks).astype(np.int64)


def _deaths(seed: int, birth: Ints, calm: Bools, as_of: int) -> Ints:
    """Rare, and spread over the birth years as evenly as whole children allow."""
    rng = stream(seed, "deaths")
    death = np.full(len(birth), FAR)
    for year in np.unique(draw.year_of(birth)):
        born = np.flatnonzero((draw.year_of(birth) == year) & ~calm)
        infants = draw.portion(rng, born, INFANT_DEATHS)
        neonatal = rng.random(len(infants)) < 0.6
        age = np.where(neonatal, rng.integers(1, 28, len(infants)), rng.integers(28, 365, len(infants)))
        death[infants] = birth[infants] + age
        later = draw.portion(rng, np.setdiff1d(born, infants), LATER_DEATHS)
        death[later] = birth[later] + rng.integers(366, 5 * 365, len(later))
        older = draw.portion(rng, np.setdiff1d(born, np.r_[infants, later]), SCHOOL_AGE_DEATHS)
        death[older] = birth[older] + rng.integers(5 * 365 + 5, 17 * 365, len(older))
    return np.where(death <= as_of, death, FAR)


def _ethnicity(seed: int, geo: Geography, family_village: Ints) -> Ints:
    rng = stream(seed, "ethnicity")
    chance: Floats = rng.random(len(family_village))
    plain = np.searchsorted(np.cumsum([0.72, 0.145, 0.118, 0.015]), chance)
    local = np.searchsorted(np.cumsum([0.30, 0.34, 0.33, 0.028]), chance)
    return np.where(geo.ethnic[family_village], local, plain).astype(np.int64)


def make_children(geo: Geography, n: int, seed: int, as_of: date) -> Children:
    today = draw.day_of(as_of)
    birth = _births(seed, n, as_of)
    village = _villages(seed, geo, birth, today)
    family = _siblings(seed, birth, village)
    families = _families(seed, geo, birth, village, family, today)
    rng = stream(seed, "sex")
    male = rng.random(n) < 0.524
    weight, weeks = _newborns(seed, n, male)
    gone = (families.left < FAR)[family] | (families.came > -FAR)[family]
    death = _deaths(seed, birth, gone | (geo.township_of[village] == geo.story), today)
    families.still[family[death < FAR]] = False
    sex_known = np.ones(n, np.bool_)
    old = np.flatnonzero((birth < today - 4 * 365) & (geo.township_of[village] != geo.story))
    sex_known[draw.portion(rng, old, 6 / REAL_CHILDREN)] = False
    return Children(
        birth=birth, male=male, sex_known=sex_known, family=family, weight_g=weight, weeks=weeks, death=death,
        ethnicity=_ethnicity(seed, geo, families.village)[family], families=families,
    )  # fmt: skip
