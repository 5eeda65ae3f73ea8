"""Guardianship assessments, the levels they gave, the visits and training that followed.

Orphans, children whose parents cannot care, and left-behind children whose guardians fail in their duty. A few are
not assessed yet, a few assessments and visits are late.
"""

from __future__ import annotations

import numpy as np

from yimi.demo import draw, texts
from yimi.demo.draw import FAR, Ints, stream
from yimi.demo.families import Children
from yimi.demo.geography import Geography
from yimi.demo.intervals import Statuses
from yimi.demo.journal import Journal
from yimi.demo.left_behind import LeftBehind
from yimi.demo.welfare import Welfare

MATTERS = ["child_health", "child_mind", "child_study", "will", "ability", "conduct", "means", "safety", "bond", "support"]  # fmt: skip
RED, YELLOW = 10, 5  # points, as the pack's parameters set them
AGAIN = np.array([30, 183, 365])  # days to the next assessment: red, yellow, green
EVERY = np.array([7, 30, 91])  # days between visits


def write_guardianship(
    journal: Journal, statuses: Statuses, children: Children, geo: Geography, welfare: Welfare, found: LeftBehind,
    base: int,
) -> None:  # fmt: skip
    """Assessments with their statuses, training of carers, and visits to children who are in no ledger."""
    rng = stream(journal.seed, "guardianship")
    here = children.last_day[welfare.child] >= FAR
    minor = draw.add_months(children.birth, 216) > journal.as_of
    ledger = np.isin(welfare.category, (7, 8, 9)) & (welfare.until >= FAR) & here & minor[welfare.child]
    failing = found.failing & (children.last_day[found.child] >= FAR) & ~np.isin(found.child, welfare.child)
    child = np.r_[welfare.child[ledger], found.child[failing]]
    asked = np.r_[welfare.since[ledger], found.confirmed[failing] - 91]
    in_ledger = np.r_[np.ones(int(ledger.sum()), np.bool_), np.zeros(int(failing.sum()), np.bool_)]
    first = np.maximum(asked, children.birth[child] + 30) + rng.integers(3, 24, len(child))
    kept = np.flatnonzero((rng.random(len(child)) < 0.93) & (first < journal.as_of - 2))
    child, first, in_ledger = child[kept], first[kept], in_ledger[kept]
    marks = draw.choose(rng, [0.62, 0.32, 0.06], len(child) * len(MATTERS)).reshape(len(child), len(MATTERS))
    score = marks.sum(axis=1)
    level = np.where(score >= RED, 0, np.where(score >= YELLOW, 1, 2))
    back = (rng.random(len(child)) * AGAIN[level] * 1.05).astype(np.int64)
    last = np.maximum(journal.as_of - back, first)
    review = last + AGAIN[level]
    statuses.open(base + child, "guardianship_level", texts.look_up(["red", "yellow", "green"], level), first,
                  review=review)  # fmt: skip
    for rows, on in ((np.arange(len(child)), first), (np.flatnonzero(last > first), last)):
        on = on[rows]
        _assess(journal, children, geo, base, child[rows], on, marks[rows], score[rows], level[rows])
    _train(journal, children, geo, base, child, first, level)
    _visit(journal, children, geo, base, child[~in_ledger], first[~in_ledger], level[~in_ledger])


def _assess(
    journal: Journal, children: Children, geo: Geography, base: int, child: Ints, on: Ints, marks: Ints, score: Ints,
    level: Ints,
) -> None:  # fmt: skip
    nothing = np.zeros(len(child), np.int64)
    told = ['"good"', '"concern"', '"bad"']
    answers = texts.json_object(
        carer=texts.look_up(['"grandmother"', '"mother"', '"other"'], child % 3),
        **{name: texts.look_up(told, marks[:, index]) for index, name in enumerate(MATTERS)},
        danger=texts.look_up(["false"], nothing),
        score=texts.whole(score),
        level=texts.look_up(['"red"', '"yellow"', '"green"'], level),
        review_on=texts.quoted(texts.iso_date(on + AGAIN[level])),
        plan=texts.look_up(
            ['"镇街每周跟进，转介心理和家庭教育指导"', '"每月走访，安排家庭培训"', '"按季走访"'], level
        ),
    )
    place = children.village_on(child, on)
    journal.write("guardianship_assessment", base + child, on, answers, place=place, org=geo.office[place])


def _train(
    journal: Journal, children: Children, geo: Geography, base: int, child: Ints, first: Ints, level: Ints
) -> None:
    rng = stream(journal.seed, "guardians' training")
    rows = np.flatnonzero((level < 2) & (rng.random(len(child)) < 0.85))
    on = np.maximum(
        first[rows] + rng.integers(5, 50, len(rows)), journal.as_of - rng.integers(20, 300, len(rows))
    )
    rows, on = rows[on <= journal.as_of], on[on <= journal.as_of]
    answers = texts.json_object(
        carer=texts.look_up(['"grandmother"', '"mother"', '"other"'], child[rows] % 3),
        hours=texts.look_up(["1.5", "2", "3"], draw.choose(rng, [0.4, 0.4, 0.2], len(rows))),
        topic=texts.look_up(['"家庭教育与安全照护"'], np.zeros(len(rows), np.int64)),
    )
    place = children.village_on(child[rows], on)
    journal.write("family_training", base + child[rows], on, answers, place=place, org=geo.committee[place])


def _visit(
    journal: Journal, children: Children, geo: Geography, base: int, child: Ints, first: Ints, level: Ints
) -> None:
    """The last three visits in the rhythm of the level; of the last one in twenty is missed."""
    rng = stream(journal.seed, "guardianship visits")
    every = EVERY[level]
    latest = journal.as_of - (rng.random(len(child)) * every).astype(np.int64)
    missed = rng.random(len(child)) < 0.05
    for turn in range(3):
        on = latest - turn * every
        rows = np.flatnonzero((on > first) & ~(missed & (turn == 0)))
        nothing = np.zeros(len(rows), np.int64)
        answers = texts.json_object(
            mode=texts.look_up(['"home"'], nothing), seen=texts.look_up(["true"], nothing),
            guardianship=texts.look_up(['"entrusted"'], nothing),
        )  # fmt: skip
        place = children.village_on(child[rows], on[rows])
        journal.write(
            "hardship_visit", base + child[rows], on[rows], answers, place=place, org=geo.committee[place]
        )
