"""Doses as they were given: by the schedule in force on the day, mostly on time, in some villages late or not.

Ages and intervals are those of the national schedule (2021 edition; DTaP at 2, 4, 6 months from 2025; HPV from
10 November 2025). A child keeps appointments; one lateness moves all doses of an appointment, so that injected
live vaccines mostly meet on one day or keep 28 days.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from yimi.demo import draw
from yimi.demo.dose_calendar import GAP, NEW_DTAP, Calendar, make_calendar
from yimi.demo.draw import FAR, Bools, Ints, stream
from yimi.demo.families import HORIZON, Children, in_cohort
from yimi.demo.follow_up import MISSING_SHARE, follow_up
from yimi.demo.geography import Geography

HPV_FROM = draw.day_of(date(2025, 11, 10))
HPV_BORN = draw.day_of(date(2011, 11, 10))
VACCINES = [
    "HepB",
    "BCG",
    "IPV",
    "bOPV",
    "DTaP",
    "DT",
    "MMR",
    "JE-L",
    "JE-I",
    "MPSV-A",
    "MPSV-AC",
    "HepA-L",
    "HepA-I",
    "2vHPV",
]


@dataclass
class Doses:
    """One row a dose given; `missing` are (child, series step) with none by as_of though due."""

    child: Ints
    vaccine: Ints  # index in VACCINES
    ordinal: Ints
    on: Ints
    due: Ints
    elsewhere: Bools
    early: Bools  # given before the day it could count
    missing_child: Ints
    missing_step: list[str]
    missing_due: Ints


def _first_mmr(cal: Calendar) -> None:
    """MMR first: the story's township stands just above 95 %, with nothing late and nothing else wrong."""
    cal.give("BCG_1", 0, share=0.3, upto=48)
    cal.give("MMR_1", 8, share=0.6)
    cal.give("MMR_2", 18, "MMR_1", share=0.5)
    children, geo, birth = cal.children, cal.geo, cal.children.birth
    rng = stream(cal.seed, "mmr quota")
    here = (geo.township_of[children.village] == geo.story) & (children.last_day >= FAR)
    one, two = (np.flatnonzero(here & in_cohort(birth, m, cal.as_of, HORIZON)) for m in (12, 24))
    for step, months, who in (("MMR_1", 8, np.union1d(one, two)), ("MMR_2", 18, two)):
        cal.due[step][who] = draw.add_months(birth[who], months)
        cal.given[step][who] = cal.due[step][who] + rng.integers(0, 21, len(who))
    for step, members, complete in (("MMR_1", np.setdiff1d(one, two), 12), ("MMR_2", two, 24)):
        today = members[in_cohort(birth[members], complete, cal.as_of - HORIZON, HORIZON)]
        # One child less than the share allows: the light must not hang on a birthday or a removal.
        allowed = max(0, int(np.floor(MISSING_SHARE * len(today))) - (len(today) >= 40))
        cal.given[step][rng.permutation(today)[:allowed]] = FAR
    cal.given["MMR_2"] = np.where(cal.given["MMR_1"] >= FAR, FAR, cal.given["MMR_2"])


def _infancy(cal: Calendar) -> None:
    birth = cal.children.birth
    cal.keep_apart("BCG_1", ("MMR_1", "MMR_2"))
    cal.give("HepB_1", 0, share=0.3)
    cal.give("HepB_2", 1, "HepB_1", share=0.6)
    cal.give("IPV_1", 2, share=0.8)
    cal.give("IPV_2", 3, "IPV_1", share=0.6)
    cal.give("bOPV_1", 4, "IPV_2", share=0.6)
    cal.give("HepB_3", 6, "HepB_2", 60, share=0.8)
    cal.give("MPSV_A_1", 6, share=0.9, upto=24)
    cal.give("MPSV_A_2", 9, "MPSV_A_1", 92, share=0.9, upto=24)
    three = draw.add_months(birth, 3)
    first = np.where(three < NEW_DTAP, three, np.maximum(draw.add_months(birth, 2), NEW_DTAP))
    cal.give("DTaP_1", 2, due=first, share=0.8, upto=72)
    cal.give("DTaP_2", 4, "DTaP_1", share=0.7, upto=72)
    five = draw.add_months(birth, 5)
    third = np.where(np.maximum(five, cal.given["DTaP_2"] + GAP) < NEW_DTAP, five, draw.add_months(birth, 6))
    cal.give("DTaP_3", 5, "DTaP_2", due=third, share=0.7, upto=72)
    late_third = (cal.given["DTaP_3"] >= NEW_DTAP) & (cal.given["DTaP_3"] < draw.add_months(birth, 6))
    cal.given["DTaP_3"] = np.where(late_third, draw.add_months(birth, 6) + 2, cal.given["DTaP_3"])
    cal.give("DTaP_4", 18, "DTaP_3", 184, share=0.9, upto=72)


def _toddlers(cal: Calendar) -> None:
    rng = stream(cal.seed, "alternatives")
    n = len(cal.children)
    killed_je, killed_hepa = rng.random(n) < 0.05, rng.random(n) < 0.08
    cal.give("JE_L_1", 8, share=0.7)
    cal.keep_apart("JE_L_1", ("MMR_1",))
    cal.give("HepA_L_1", 18, share=0.9)
    cal.give("JE_L_2", 24, "JE_L_1", 366, share=0.8)
    cal.keep_apart("HepA_L_1", ("MMR_1", "MMR_2", "JE_L_1"))
    cal.keep_apart("JE_L_2", ("MMR_2", "HepA_L_1"))
    cal.give("JE_I_1", 8, share=0.7)
    cal.give("JE_I_2", 8, "JE_I_1", 7, due=draw.add_months(cal.children.birth, 8) + 7, share=0.7)
    cal.give("JE_I_3", 24, "JE_I_2", 31, share=0.8)
    cal.give("JE_I_4", 72, "JE_I_3", 1096, share=0.9)
    cal.give("HepA_I_1", 18, share=0.8)
    cal.give("HepA_I_2", 24, "HepA_I_1", 184, share=0.9)
    for step in ("JE_L_1", "JE_L_2"):
        cal.only(step, ~killed_je)
    for step in ("JE_I_1", "JE_I_2", "JE_I_3", "JE_I_4"):
        cal.only(step, killed_je)
    cal.only("HepA_L_1", ~killed_hepa)
    for step in ("HepA_I_1", "HepA_I_2"):
        cal.only(step, killed_hepa)


def _older(cal: Calendar) -> None:
    children = cal.children
    cal.give("MPSV_AC_1", 36, share=0.9)
    apart = np.where(cal.given["MPSV_A_2"] < FAR, draw.add_months(cal.given["MPSV_A_2"], 12), -FAR)
    cal.given["MPSV_AC_1"] = np.maximum(cal.given["MPSV_AC_1"], apart)
    cal.give("bOPV_2", 48, "bOPV_1", share=0.9)
    cal.give("DTaP_5", 72, "DTaP_4", 366, share=1.0, upto=84)
    cal.give("MPSV_AC_2", 72, "MPSV_AC_1", 1096, share=1.0)
    rng = stream(cal.seed, "hpv")
    girls = ~children.male & (children.birth >= HPV_BORN)
    due = np.maximum(draw.add_months(children.birth, 156), HPV_FROM)
    cal.kept[156] = due + np.floor(rng.exponential(45, len(children))).astype(np.int64)
    cal.give("HPV_1", 156, due=due, share=4.0)
    second = draw.add_months(np.where(cal.given["HPV_1"] < FAR, cal.given["HPV_1"], FAR), 6)
    cal.kept[162] = second + np.floor(rng.exponential(12, len(children))).astype(np.int64)
    cal.give("HPV_2", 162, "HPV_1", 181, due=second, share=3.0)
    for step in ("HPV_1", "HPV_2"):
        cal.only(step, girls)


def vaccine_of(step: str) -> tuple[str, int]:
    name, ordinal = step.rsplit("_", 1)
    return "2vHPV" if name == "HPV" else name.replace("_", "-"), int(ordinal)


def _early(cal: Calendar) -> dict[str, Bools]:
    """Of each step the doses given too early; none of MMR in judged children, none in the story's township."""
    birth, at_story = cal.children.birth, cal.geo.township_of[cal.children.village] == cal.geo.story
    judged = in_cohort(birth, 12, cal.as_of, HORIZON) | in_cohort(birth, 24, cal.as_of, HORIZON)
    return {
        step: _too_early(cal, step, judged | at_story if step.startswith("MMR") else at_story)
        for step in cal.given
    }


def _too_early(cal: Calendar, step: str, quiet: Bools) -> Bools:
    """One dose in four hundred was given some days too soon, as far as the child's age allows."""
    rng = stream(cal.seed, "early " + step)
    given, due = cal.given[step], cal.due[step]
    early = (rng.random(len(given)) < 0.0025) & (given < FAR) & (due > cal.children.birth + 50) & ~quiet
    cal.given[step] = np.where(early, due - rng.integers(3, 22, len(given)), given)
    return np.asarray(early, dtype=np.bool_)


def give_doses(children: Children, geo: Geography, seed: int, as_of: int) -> Doses:
    cal = make_calendar(children, geo, seed, as_of)
    _first_mmr(cal)
    _infancy(cal)
    _toddlers(cal)
    _older(cal)
    early_doses = _early(cal)
    follow_up(cal, early_doses)
    rows: list[tuple[Ints, Ints, Ints, Ints, Ints, Bools]] = []
    gaps: list[tuple[Ints, str, Ints]] = []
    for step in cal.given:
        early = early_doses[step]
        vaccine, ordinal = vaccine_of(step)
        day = cal.given[step]
        who = np.flatnonzero((day <= as_of) & (day < children.last_day))
        kind = np.full(len(who), VACCINES.index(vaccine))
        if step == "DTaP_5":
            old = day[who] < NEW_DTAP
            kind = np.where(old, VACCINES.index("DT"), kind)
            rows.append((who, kind, np.where(old, 1, ordinal), day[who], cal.due[step][who], early[who]))
        else:
            rows.append((who, kind, np.full(len(who), ordinal), day[who], cal.due[step][who], early[who]))
        lacking = np.flatnonzero((day > as_of) & (cal.due[step] < as_of - 60) & (children.last_day >= FAR))
        gaps.append((lacking, step, cal.due[step][lacking]))
    columns = [np.concatenate(part) for part in zip(*rows, strict=True)]
    return Doses(
        child=columns[0], vaccine=columns[1], ordinal=columns[2], on=columns[3], due=columns[4],
        elsewhere=columns[3] < children.came[columns[0]], early=columns[5].astype(np.bool_),
        missing_child=np.concatenate([who for who, _, _ in gaps]),
        missing_step=[step for who, step, _ in gaps for _ in range(len(who))],
        missing_due=np.concatenate([due for _, _, due in gaps]),
    )  # fmt: skip
