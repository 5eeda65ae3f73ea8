"""Screening and what came of it: newborns, eyes, teeth, minds, and the chain from a positive to a treatment.

Every chain loses some children on the way, more where the village is lax; the last weeks are still under way.
Shares are plausible, not Wulong's own figures.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from yimi.demo import draw, texts
from yimi.demo.draw import FAR, Bools, Floats, Ints, stream
from yimi.demo.families import Children
from yimi.demo.geography import Geography
from yimi.demo.intervals import Statuses
from yimi.demo.journal import Journal
from yimi.demo.schooling import entry_year

ROUNDS = 2  # school years and calendar years told: the running one and the one before
NEWBORN_MONTHS = 36


@dataclass(frozen=True)
class Chain:
    """How a finding goes on: share and mean days of each step. `rescreened`: share positive again, if there is one."""

    concern: str
    referred: tuple[float, float]
    answered: tuple[float, float]
    confirmed: float
    treated: tuple[float, float]
    treatment: str
    disease: str
    institution: str = "区妇幼保健院"
    rescreened: tuple[float, float, float] | None = None  # share, mean days, share positive


VISION = Chain("vision", (0.96, 6), (0.95, 16), 0.9, (0.93, 14), "glasses", "近视", "区人民医院眼科")
EYE = Chain(
    "vision", (0.94, 5), (0.94, 15), 0.55, (0.9, 15), "observation", "屈光不正", "区妇幼保健院眼保健科"
)
CARIES = Chain("caries", (0.95, 6), (0.0, 0), 1.0, (0.8, 25), "filling", "龋病", "区人民医院口腔科")
MIND = Chain("mental", (0.97, 2), (0.95, 12), 0.35, (0.92, 10), "counseling", "情绪问题", "区精神卫生中心")
SIGNS = Chain("development", (0.95, 5), (0.95, 25), 0.6, (0.92, 20), "rehabilitation", "发育迟缓",
              rescreened=(0.95, 12, 0.45))  # fmt: skip
METABOLIC = Chain("metabolic", (0.985, 2), (0.98, 5), 0.1, (0.95, 4), "medicine", "先天性甲状腺功能减低症")
HEART = Chain("heart", (0.98, 2), (0.97, 5), 0.3, (0.95, 6), "observation", "先天性心脏病")
HEARING = Chain("hearing", (0.0, 0), (0.96, 25), 0.25, (0.93, 25), "hearing_aid", "听力障碍",
                rescreened=(0.97, 32, 0.12))  # fmt: skip


@dataclass
class Seen:
    """What was seen at health visits, a row a visit: child, day, and what was out of the ordinary."""

    child: Ints
    on: Ints
    eye: Bools
    signs: Bools
    hemoglobin: Floats
    mass: Floats  # z-score of body mass


class Writer:
    """The records of one district's screening: who writes them down, where, and when."""

    def __init__(self, journal: Journal, children: Children, geo: Geography, base: int) -> None:
        self.journal, self.children, self.geo, self.base = journal, children, geo, base

    def write(self, form: str, who: Ints, on: Ints, **answers: pa.Array) -> None:
        if len(who):
            place = self.children.village_on(who, on)
            self.journal.write(
                form,
                self.base + who,
                on,
                texts.json_object(**answers),
                place=place,
                org=self.geo.hospital[place],
            )

    def later(
        self, rng: np.random.Generator, who: Ints, on: Ints, share: float, days: float
    ) -> tuple[Bools, Ints]:
        """Who goes on to the next step, and when; never after today or after leaving."""
        after = on + 1 + np.floor(rng.exponential(max(days, 0.01), len(on))).astype(np.int64)
        lost = (1 - share) * np.sqrt(self.geo.laxity[self.children.village[who]])
        goes = (
            (rng.random(len(on)) >= lost)
            & (after <= self.journal.as_of)
            & (after < self.children.last_day[who])
        )
        return goes, after

    def chain(self, name: str, chain: Chain, who: Ints, on: Ints) -> tuple[Ints, Ints]:
        """From findings to treatments. Returns the confirmed children and the days of their diagnoses."""
        rng = stream(self.journal.seed, f"chain {name}")
        if chain.referred[0]:
            goes, after = self.later(rng, who, on, *chain.referred)
            who, on = who[goes], after[goes]
            self.write("health_referral", who, on, concern=same(chain.concern, who), institution=same(chain.institution, who),
                       told_guardian=texts.truth(rng.random(len(who)) < 0.98))  # fmt: skip
        if chain.rescreened:
            goes, after = self.later(rng, who, on, *chain.rescreened[:2])
            who, on = who[goes], after[goes]
            again = rng.random(len(who)) < chain.rescreened[2]
            self.write("health_rescreen", who, on, concern=same(chain.concern, who),
                       result=texts.look_up(['"negative"', '"positive"'], again.astype(np.int64)))  # fmt: skip
            who, on = who[again], on[again]
        if chain.answered[0]:
            goes, after = self.later(rng, who, on, *chain.answered)
            who, on = who[goes], after[goes]
            sure = rng.random(len(who)) < chain.confirmed
            self.write("health_diagnosis", who, on, concern=same(chain.concern, who), institution=same(chain.institution, who),
                       result=texts.look_up(['"excluded"', '"confirmed"'], sure.astype(np.int64)),
                       disease=texts.look_up([f'"{chain.disease}"'], np.where(sure, 0, -1)))  # fmt: skip
            who, on = who[sure], on[sure]
        self.treat(rng, chain.concern, chain.treatment, who, on, chain.treated)
        return who, on

    def treat(
        self, rng: np.random.Generator, concern: str, kind: str, who: Ints, on: Ints, how: tuple[float, float]
    ) -> None:
        goes, after = self.later(rng, who, on, *how)
        self.write(
            "health_treatment",
            who[goes],
            after[goes],
            concern=same(concern, who[goes]),
            kind=same(kind, who[goes]),
        )


def same(value: str, who: Ints) -> pa.Array:
    return texts.look_up([f'"{value}"'], np.zeros(len(who), np.int64))


def write_screening(
    journal: Journal, statuses: Statuses, children: Children, geo: Geography, seen: Seen, base: int
) -> None:
    """All of it."""
    writer = Writer(journal, children, geo, base)
    _newborns(writer)
    _visits(writer, statuses, seen)
    for back in range(ROUNDS):
        _school_year(writer, back)


def _newborns(writer: Writer) -> None:
    children, today = writer.children, writer.journal.as_of
    rng = stream(writer.journal.seed, "newborn screening")
    young = children.birth >= int(draw.add_months(np.array([today]), -NEWBORN_MONTHS)[0])
    born = np.flatnonzero(young & (children.birth >= children.came))
    for name, share, day, positive, chain in (
        ("metabolic", 0.988, 3, 0.008, METABOLIC), ("hearing", 0.982, 2, 0.03, HEARING), ("heart", 0.975, 1, 0.007, HEART),
    ):  # fmt: skip
        on = children.birth[born] + day + rng.integers(0, 2, len(born))
        done = (rng.random(len(born)) < share) & (on <= today) & (on < children.last_day[born])
        who, on = born[done], on[done]
        found = rng.random(len(who)) < positive
        writer.write("newborn_screening", who, on, screen=same(name, who),
                     result=texts.look_up(['"negative"', '"positive"'], found.astype(np.int64)))  # fmt: skip
        writer.chain(f"newborn {name}", chain, who[found], on[found])


def _visits(writer: Writer, statuses: Statuses, seen: Seen) -> None:
    """What health visits of the last two years found, and the cases that were opened for it."""
    today = writer.journal.as_of
    recent = seen.on >= today - 365 * ROUNDS
    for name, flag, chain in (("eyes", seen.eye, EYE), ("signs", seen.signs, SIGNS)):
        rows = np.flatnonzero(recent & flag)
        writer.chain(name, chain, seen.child[rows], seen.on[rows])
    low = recent & (np.nan_to_num(seen.hemoglobin, nan=999.0) < 110)
    _cases(writer, statuses, "anemia", low, seen, (0.88, 5), "iron", (0.9, 3))
    _cases(writer, statuses, "wasting", recent & (seen.mass < -2), seen, (0.88, 6), "diet", (0.9, 10))
    _cases(writer, statuses, "overweight", recent & (seen.mass > 1), seen, (0.6, 8), "diet", (0.75, 15))


def _cases(
    writer: Writer, statuses: Statuses, concern: str, found: Bools, seen: Seen, opened: tuple[float, float],
    kind: str, treated: tuple[float, float],
) -> None:  # fmt: skip
    """A case for the first visit of each child and year at which it was found."""
    rng = stream(writer.journal.seed, f"cases {concern}")
    rows = np.flatnonzero(found)
    rows = rows[np.unique(seen.child[rows] * 10_000 + draw.year_of(seen.on[rows]), return_index=True)[1]]
    goes, after = writer.later(rng, seen.child[rows], seen.on[rows], *opened)
    who, on = seen.child[rows][goes], after[goes]
    writer.write("health_case", who, on, concern=same(concern, who), action=same("open", who))
    writer.treat(rng, concern, kind, who, on, treated)
    until = on + rng.integers(60, 200, len(who))
    ended = (
        (until <= writer.journal.as_of)
        & (until < writer.children.last_day[who])
        & (rng.random(len(who)) < 0.85)
    )
    writer.write(
        "health_case",
        who[ended],
        until[ended],
        concern=same(concern, who[ended]),
        action=same("close", who[ended]),
    )
    once = np.r_[True, who[1:] != who[:-1]] if len(who) else np.zeros(0, np.bool_)  # one open case a child
    statuses.open(writer.base + who[once], "health_concern", concern, on[once], np.where(ended, until, FAR)[once],
                  np.where(ended, FAR, draw.add_months(on, 3))[once])  # fmt: skip


def _school_year(writer: Writer, back: int) -> None:
    """One autumn of screening at school: eyes, teeth and minds."""
    children, today = writer.children, writer.journal.as_of
    rng = stream(writer.journal.seed, f"school screening {back}")
    this = int(draw.year_of(np.array([today]))[0])
    year = this - back - (0 if int(draw.september(np.array([this]))[0]) <= today else 1)
    first = int(draw.september(np.array([year]))[0])
    grade = year - entry_year(children.birth) + 1
    here = (children.came < first) & (children.last_day > first + 120)
    # A school is screened on one day; the villages of a township go to the same few schools.
    day = first + 28 + (writer.geo.township_of[children.village] * 7 + np.maximum(grade, 0) % 3) % 55
    luck = rng.random((4, len(children)))

    pupils = np.flatnonzero(here & (grade >= 1) & (grade <= 12) & (luck[0] < 0.955) & (day <= today))
    short = luck[1][pupils] < np.clip(0.13 + 0.05 * grade[pupils], 0, 0.7)
    other = ~short & (rng.random(len(pupils)) < 0.012)
    acuity = np.where(
        short, rng.choice([0.3, 0.4, 0.5, 0.6, 0.8], len(pupils)), rng.choice([1.0, 1.2], len(pupils))
    )
    lens = np.where(short, -0.5 - rng.exponential(1.2, len(pupils)), 0.6 - rng.exponential(0.4, len(pupils)))
    writer.write("vision_screening", pupils, day[pupils], vision_left=texts.decimal(acuity, 1), vision_right=texts.decimal(acuity, 1),
                 se_left=texts.decimal(np.clip(lens, -12, 3), 2), se_right=texts.decimal(np.clip(lens - 0.1, -12, 3), 2),
                 result=texts.look_up(['"normal"', '"suspected"', '"other"'], np.where(short, 1, np.where(other, 2, 0))))  # fmt: skip
    found = pupils[short | other]
    writer.chain(f"sight {back}", VISION, found, day[found])

    mouths = np.flatnonzero(here & (grade >= -2) & (grade <= 9) & (luck[2] < 0.84) & (day + 7 <= today))
    decayed = np.where(rng.random(len(mouths)) < 0.24, 1 + rng.poisson(1.2, len(mouths)), 0)
    writer.write("dental_check", mouths, day[mouths] + 7, decayed=texts.whole(decayed),
                 filled=texts.whole(rng.poisson(0.5, len(mouths))))  # fmt: skip
    bad = mouths[decayed > 0]
    writer.chain(f"teeth {back}", CARIES, bad, day[bad] + 7)

    minds = np.flatnonzero(here & (grade >= 5) & (grade <= 12) & (luck[3] < 0.93) & (day + 14 <= today))
    how = draw.choose(rng, [0.943, 0.053, 0.004], len(minds))
    writer.write("mental_screening", minds, day[minds] + 14, agreed=texts.truth(np.ones(len(minds), np.bool_)),
                 result=texts.look_up(['"normal"', '"attention"', '"urgent"'], how))  # fmt: skip
    worried = minds[how > 0]
    writer.chain(f"minds {back}", MIND, worried, day[worried] + 14)
