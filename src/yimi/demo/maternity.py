"""Expectant mothers: second children on the way, registered by the township, most checks done, some missed.

They are mothers of the district's families, so an ID number or a guardian's file is found when one is entered again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from yimi.demo import draw, texts
from yimi.demo.draw import FAR, Ints, stream
from yimi.demo.families import Children
from yimi.demo.geography import Geography
from yimi.demo.intervals import Statuses
from yimi.demo.journal import Journal
from yimi.demo.people import People

EXPECTING = 0.06  # of the mothers who may have another child
TERM, APART = 280, 540  # days of a pregnancy; days from the youngest child's birth
EARLY, SEEN = 0.86, 0.78  # registered before week 13; checks done
CHECKS = ((112, 146), (147, 174), (196, 258), (259, 286))  # days of the pregnancy, as the pathway says


@dataclass(frozen=True)
class Expecting:
    """One row a woman: her person row, her village, since when her home is in the register."""

    who: Ints
    village: Ints
    since: Ints


def write_pregnancies(
    journal: Journal, statuses: Statuses, children: Children, geo: Geography, people: People, base: int
) -> Expecting:
    """Registrations, checks and the open status of those who expect a child on the day."""
    rng, today, families = stream(journal.seed, "pregnancies"), journal.as_of, children.families
    here = np.zeros(len(families.village), np.bool_)
    here[children.family[children.last_day >= FAR]] = True
    age = (today - families.mother_birth) / 365.25
    may = (
        here & (families.mother_death >= FAR) & (age > 21) & (age < 41) & (families.youngest < today - APART)
    )
    family = draw.portion(rng, np.flatnonzero(may), EXPECTING)
    day = rng.integers(60, TERM + 12, len(family))  # of the pregnancy, today
    early = rng.random(len(family)) < EARLY
    entered = np.minimum(
        np.where(early, rng.integers(45, 90, len(family)), rng.integers(91, 215, len(family))), day
    )
    begun = today - day
    found = Expecting(people.mother_of[family], families.village[family], begun + entered)
    answers = texts.json_object(
        lmp=texts.quoted(texts.iso_date(begun)), expected_on=texts.quoted(texts.iso_date(begun + TERM)),
        weeks=texts.whole(entered // 7), gravidity=texts.whole(np.full(len(family), 2)), parity=texts.whole(np.full(len(family), 1)),
    )  # fmt: skip
    at = geo.hospital[found.village]
    journal.write(
        "pregnancy_registration", base + found.who, found.since, answers, place=found.village, org=at
    )
    statuses.open(base + found.who, "pregnancy", "expecting", found.since)
    for first, last in CHECKS:
        on = begun + rng.integers(first, last + 1, len(family))
        done = (rng.random(len(family)) < SEEN) & (on > found.since) & (on <= today)
        normal = texts.json_object(result=texts.look_up(['"normal"'], np.zeros(int(done.sum()), np.int64)))
        who, place = base + found.who[done], found.village[done]
        journal.write("antenatal_visit", who, on[done], normal, place=place, org=at[done])
    return found
