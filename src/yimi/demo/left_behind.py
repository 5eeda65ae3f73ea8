"""Left-behind children: confirmed every quarter, entrusted in writing, on the schools' list too, mostly.

A few things are wrong on purpose: confirmations that are late, entrustments that ran out or were never signed,
children on one of the two lists only.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from yimi.demo import draw, texts
from yimi.demo.draw import FAR, Bools, Ints, stream
from yimi.demo.families import Children, Families
from yimi.demo.geography import Geography
from yimi.demo.intervals import Statuses
from yimi.demo.journal import Journal

UNABLE_SHARE = 0.22  # of families with one parent away: the other cannot care
CONTACT = ["weekly", "monthly", "rarely", "none"]
CONTACT_SHARES = [0.925, 0.07, 0.004, 0.001]
CARE_SHARES = [0.994, 0.005, 0.001]  # entrusted, weak, absent
QUARTER, QUARTERS = 91, 8
SCHOOL = ["primary", "junior", "senior", "vocational", "special"]


def other_unable(families: Families, seed: int) -> Bools:
    """Families in which one parent is away and the other cannot care."""
    drawn = stream(seed, "the other parent").random(len(families.village)) < UNABLE_SHARE
    return np.asarray((families.one_away < FAR) & drawn, dtype=np.bool_)


class LeftBehind:
    """Who is confirmed as left behind, since when and until when, and how parents keep in touch."""

    def __init__(self, children: Children, seed: int, as_of: int) -> None:
        rng = stream(seed, "left behind")
        families = children.families
        both, one = families.both_away[children.family], families.one_away[children.family]
        needs = (both < FAR) | other_unable(families, seed)[children.family]
        since = np.minimum(both, one) + rng.integers(5, 90, len(children))
        since = np.maximum(since, children.birth + 200)
        sixteenth = draw.add_months(children.birth, 192)
        last = np.minimum(np.minimum(sixteenth, children.last_day), FAR)
        valid = needs & (rng.random(len(children)) < 0.94) & (since <= as_of) & (since + 30 < last)
        self.child: Ints = np.flatnonzero(valid & (since > children.came))
        n = len(self.child)
        self.since: Ints = since[self.child]
        self.until: Ints = np.where(last[self.child] <= as_of, last[self.child], FAR)
        self.kind = np.where(both[self.child] < FAR, 0, 1)
        self.open: Bools = np.asarray(self.until >= FAR, dtype=np.bool_)
        self.contact = draw.choose(rng, CONTACT_SHARES, n)
        self.care = draw.choose(rng, CARE_SHARES, n)
        self.carer = draw.choose(rng, [0.6, 0.3, 0.1], n)
        late = rng.random(n) < 0.02
        back = np.where(late, rng.integers(QUARTER + 2, 150, n), rng.integers(0, QUARTER - 1, n))
        self.confirmed: Ints = np.maximum(np.minimum(self.until, as_of) - back, self.since)
        self.failing: Bools = np.asarray(self.open & ((self.contact >= 2) | (self.care >= 1)), dtype=np.bool_)


def write_left_behind(
    journal: Journal, statuses: Statuses, children: Children, geo: Geography, found: LeftBehind, base: int
) -> None:
    """The confirmation that opens, those of the last two years; the status with its next date."""
    review = draw.add_months(found.confirmed, 3)
    statuses.open(base + found.child, "left_behind", texts.look_up(["both_away", "one_away"], found.kind),
                  found.since, found.until, np.where(found.open, review, FAR))  # fmt: skip
    rows = np.arange(len(found.child))
    _confirm(journal, children, geo, found, base, rows, found.since, opens=True)
    for turn in range(QUARTERS):
        on = found.confirmed - turn * QUARTER
        again = np.flatnonzero((on > found.since) & (on > journal.as_of - QUARTERS * QUARTER))
        _confirm(journal, children, geo, found, base, again, on[again])
    write_entrustments(journal, children, geo, found, base)


def _confirm(
    journal: Journal, children: Children, geo: Geography, found: LeftBehind, base: int, rows: Ints, on: Ints,
    opens: bool = False,
) -> None:  # fmt: skip
    nothing = np.zeros(len(rows), np.int64)
    answers = texts.json_object(
        situation=texts.look_up(['"both_away"', '"one_away"'], found.kind[rows]),
        action=texts.look_up(['"open"' if opens else '"change"'], nothing),
        entrusted_to=texts.look_up(['"grandmother"', '"grandfather"', '"other"'], found.carer[rows]),
        guardianship=texts.look_up(
            ['"entrusted"', '"weak"', '"absent"'], nothing if opens else found.care[rows]
        ),
        contact=texts.look_up([f'"{each}"' for each in CONTACT], nothing if opens else found.contact[rows]),
    )
    who = found.child[rows]
    place = children.village_on(who, on)
    journal.write("left_behind_confirmation", base + who, on, answers, place=place, org=geo.office[place])


def write_entrustments(
    journal: Journal, children: Children, geo: Geography, found: LeftBehind, base: int
) -> None:
    """A year each, for three years back; 2 % have none and 1 % let theirs run out."""
    rng = stream(journal.seed, "entrustments")
    drawn = rng.random(len(found.child))
    back = np.where(drawn < 0.03, rng.integers(367, 450, len(drawn)), rng.integers(0, 364, len(drawn)))
    signed = np.maximum(np.minimum(found.until, journal.as_of) - back, found.since)
    for turn in range(3):
        since = np.maximum(signed - 365 * turn, found.since)
        fresh = (turn == 0) | (signed - 365 * (turn - 1) > found.since)
        rows = np.flatnonzero((drawn > 0.02) & fresh & (since > journal.as_of - 1095))
        _entrust(journal, children, geo, found, base, rows, since[rows])


def _entrust(
    journal: Journal,
    children: Children,
    geo: Geography,
    found: LeftBehind,
    base: int,
    rows: Ints,
    since: Ints,
) -> None:
    who = found.child[rows]
    answers = texts.json_object(
        carer=texts.look_up(['"grandmother"', '"grandfather"', '"other"'], found.carer[rows]),
        valid_from=texts.quoted(texts.iso_date(since)),
        valid_until=texts.quoted(texts.iso_date(draw.add_months(since, 12))),
        able=texts.truth(np.ones(len(rows), np.bool_)),
        village_told=texts.truth(np.ones(len(rows), np.bool_)),
    )
    place = children.village_on(who, since)
    journal.write("entrusted_care", base + who, since, answers, place=place, org=geo.committee[place])


def write_school_list(
    journal: Journal, statuses: Statuses, children: Children, geo: Geography, found: LeftBehind, attendance: pa.Table,
    base: int,
) -> None:  # fmt: skip
    """The schools' list of this school year: a few are missing there, a few only there."""
    rng = stream(journal.seed, "school list")
    today = np.array([journal.as_of])
    year = draw.year_of(today) - (draw.september(draw.year_of(today)) > today)
    start = int(draw.september(year)[0])
    stages = pc.is_in(attendance["stage"], value_set=pa.array(SCHOOL))
    now = attendance.filter(pc.and_(stages, pc.is_null(attendance["valid_to"])))
    pupils = np.unique(now["subject_id"].to_numpy()) - base
    pupils = pupils[children.last_day[pupils] >= FAR]
    left = np.zeros(len(children), np.bool_)
    left[found.child[found.open]] = True
    both = pupils[left[pupils]]
    both = both[rng.random(len(both)) < 0.985]
    only = draw.portion(rng, pupils[~left[pupils]], 0.003)
    opened = np.full(len(children), start)
    # On the list since being left behind, or since the first September at school.
    opened[found.child] = np.maximum(
        found.since, draw.september(draw.year_of(draw.add_months(children.birth, 76)))[found.child]
    )
    who = np.sort(np.r_[both, only])
    on = np.minimum(opened[who] + rng.integers(3, 40, len(who)), journal.as_of)
    statuses.open(base + who, "school_left_behind", "listed", on)
    boards = (journal.as_of - children.birth[who] > 4000) & (children.birth[who] % 3 == 0)
    answers = texts.json_object(boards=texts.truth(boards))
    journal.write(
        "school_left_behind_listing",
        base + who,
        on,
        answers,
        place=children.village_on(who, on),
        org=geo.education_office,
    )
