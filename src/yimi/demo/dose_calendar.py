"""The appointments of all children, and what each has been given so far: postponed, missed, kept apart."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np

from yimi.demo import draw
from yimi.demo.draw import FAR, Bools, Floats, Ints, stream
from yimi.demo.families import HORIZON, Children, in_cohort
from yimi.demo.geography import Geography

APPOINTMENTS = (0, 1, 2, 3, 4, 5, 6, 8, 9, 18, 24, 36, 48, 72)  # months of age
NEW_DTAP = draw.day_of(date(2025, 1, 1))
MISS = 0.010  # of doses, in an ordinary village
GAP = 28


@dataclass
class Calendar:
    """The appointments of all children and what has been given so far."""

    children: Children
    geo: Geography
    seed: int
    as_of: int
    frailty: Floats  # how likely this child's doses are missed, by family and village
    kept: dict[int, Ints]  # appointment in months -> day
    given: dict[str, Ints]  # "MMR_1" -> day, FAR never
    due: dict[str, Ints]
    ages: dict[int, Ints] = field(default_factory=dict)

    def at(self, months: int) -> Ints:
        """The day each child reaches so many months of age."""
        if months not in self.ages:
            self.ages[months] = draw.add_months(self.children.birth, months)
        return self.ages[months]

    def give(self, step: str, months: int, after: str | None = None, interval: int = GAP, *,
             due: Ints | None = None, share: float = 1.0, upto: int = 216) -> Ints:  # fmt: skip
        """Day of each child's dose: the appointment, what the interval asks, postponed or missed by chance."""
        rng = stream(self.seed, "dose " + step)
        birth = self.children.birth
        n = len(birth)
        nominal = self.at(months) if due is None else due
        day = np.maximum(self.kept.get(months, nominal), nominal)
        previous = self.given[after] if after else np.full(n, -FAR)
        wanted = np.maximum(nominal, np.where(previous >= FAR, FAR, previous + interval))
        day = np.maximum(day, np.where(previous >= FAR, FAR, previous + interval))
        postponed = rng.random(n) < 0.035 * np.sqrt(self.frailty)
        day = day + np.where(postponed, rng.integers(20, 150, n), 0)
        missed = rng.random(n) < np.minimum(MISS * self.frailty * share, 0.6)
        caught_up = missed & (rng.random(n) < 0.45) & (months > 1)
        day = np.where(caught_up, day + rng.integers(150, 700, n), day)
        day = np.where((missed & ~caught_up) | (day >= FAR // 2), FAR, day)
        day = np.where(day >= self.at(upto), FAR, day)
        self.given[step], self.due[step] = day.astype(np.int64), np.minimum(wanted, FAR).astype(np.int64)
        return self.given[step]

    def keep_apart(self, step: str, others: tuple[str, ...]) -> None:
        """Injected live vaccines not given on one day are 28 days apart; one in three hundred is not."""
        rng = stream(self.seed, "apart " + step)
        day = self.given[step]
        birth = self.children.birth
        watched = in_cohort(birth, 12, self.as_of, HORIZON) | in_cohort(birth, 24, self.as_of, HORIZON)
        careless = (rng.random(len(day)) < 0.003) & ~watched
        for _ in range(3):
            for other in others:
                gap = day - self.given[other]
                close = (gap != 0) & (np.abs(gap) < GAP) & ~careless & (day < FAR)
                day = np.where(close, self.given[other] + GAP, day)
        self.given[step] = day

    def only(self, step: str, who: Bools) -> None:
        self.given[step] = np.where(who, self.given[step], FAR)
        self.due[step] = np.where(who, self.due[step], FAR)


def make_calendar(children: Children, geo: Geography, seed: int, as_of: int) -> Calendar:
    rng = stream(seed, "appointments")
    n = len(children)
    laxity = geo.laxity[children.village]
    temper = rng.gamma(0.8, 1.25, int(children.family.max()) + 1)[children.family]
    frailty = laxity * (0.25 + 0.75 * temper)
    slow = 3.0 * np.sqrt(laxity) * (0.3 + 0.7 * temper)
    kept: dict[int, Ints] = {}
    before = np.full(n, -FAR)
    for months in APPOINTMENTS:
        late = np.floor(rng.exponential(slow * (1 + months / 12), n)).astype(np.int64)
        late = np.where(months == 0, rng.random(n) < 0.03, np.minimum(late, 400)).astype(np.int64)
        day = draw.add_months(children.birth, months) + late
        if months > 1:
            day = np.maximum(day, before + GAP)
        kept[months] = day
        before = day
    return Calendar(children, geo, seed, as_of, frailty, kept, {}, {})
