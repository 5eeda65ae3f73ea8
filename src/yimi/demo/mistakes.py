"""What goes wrong in real registers: double entries, wrong dates put right later, wrong children, twice registered.

Every mistake is known (`District.truth`), so that the engines that look for them can be measured.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from yimi.demo import draw, texts
from yimi.demo.draw import FAR, Bools, Ints, stream
from yimi.demo.families import REAL_CHILDREN, Children
from yimi.demo.geography import Geography
from yimi.demo.health import dose_answers
from yimi.demo.immunization import Doses
from yimi.demo.journal import SECONDS, Block, Journal

TWICE, WRONG_DATE, TWO_STEPS, WRONG_CHILD = 0.0012, 0.003, 0.1, 0.0006
HOW = ["same", "birth_date_off", "name_differs"]


@dataclass
class Copies:
    """Children entered a second time: copy i stands at row len(children) + i of the register."""

    of: Ints
    birth: Ints
    how: Ints  # index in HOW


def copies_wanted(children: int) -> int:
    return max(3, round(12 * children / REAL_CHILDREN))


def _block(journal: Journal, form: str) -> tuple[Block, int]:
    """The first block of the form and the number of its first row."""
    first = 0
    for block in journal.blocks:
        if block.form == form:
            return block, first
        first += len(block.on)
    raise KeyError(form)


def write_mistakes(
    journal: Journal, children: Children, geo: Geography, doses: Doses, quiet: Bools, base: int
) -> None:
    """Mistakes in the doses of all but the quiet ones, and visits entered for a neighbor's child."""
    _twice(journal, children, doses, quiet, base)
    _wrong_dates(journal, children, doses, quiet, base)
    _wrong_child(journal, children, geo, base)


def _void(
    journal: Journal, rows: Ints, subject: Ints, on: Ints, form: str, place: Ints, org: Ints, after: Ints
) -> None:
    """A record that takes back another, weeks after it arrived: no answers, only the reference."""
    rng = stream(journal.seed, f"voids {form} {len(rows)}")
    received = np.minimum(after + rng.integers(20, 90, len(rows)) * SECONDS, journal.as_of * SECONDS + 70_000)
    answers = texts.look_up(["{}"], np.zeros(len(rows), np.int64))
    journal.write(
        form, subject, on, answers, place=place, org=org, received=received, corrects=rows, voids=True
    )


def _twice(journal: Journal, children: Children, doses: Doses, quiet: Bools, base: int) -> None:
    rng = stream(journal.seed, "twice")
    rows = draw.portion(rng, np.flatnonzero(~quiet & ~doses.elsewhere), TWICE)
    block, _ = _block(journal, "dose")
    on = doses.on[rows] + (rng.random(len(rows)) < 0.3)
    on = np.where((on > journal.as_of) | (on >= children.last_day[doses.child[rows]]), doses.on[rows], on)
    vaccine, ordinal = doses.vaccine[rows], doses.ordinal[rows]
    answers = dose_answers(journal.seed, "twice", vaccine, ordinal, on, doses.elsewhere[rows])
    typed = np.maximum(
        block.received[rows] + rng.integers(60, 40 * SECONDS, len(rows)), on * SECONDS + 30_000
    )
    received = np.minimum(typed, journal.as_of * SECONDS + 69_000)
    again = journal.write("dose", block.subject[rows], on, answers, place=block.place[rows], org=block.org[rows],
                          received=received)  # fmt: skip
    seen = np.flatnonzero((rng.random(len(rows)) < 0.5) & (on < journal.as_of - 100))
    at = rows[seen]
    _void(
        journal,
        again[seen],
        block.subject[at],
        on[seen],
        "dose",
        block.place[at],
        block.org[at],
        received[seen],
    )


def _wrong_dates(journal: Journal, children: Children, doses: Doses, quiet: Bools, base: int) -> None:
    """The record in `doses` is the right one, arrived later; it takes the place of a wrong one, or of two."""
    rng = stream(journal.seed, "wrong dates")
    free = (
        ~quiet
        & ~doses.elsewhere
        & (doses.on < journal.as_of - 40)
        & (doses.on > children.birth[doses.child] + 31)
    )
    rows = draw.portion(rng, np.flatnonzero(free), WRONG_DATE)
    block, _ = _block(journal, "dose")
    earlier = np.full(len(rows), -1)
    for attempt, who in enumerate((np.arange(len(rows)), draw.portion(rng, np.arange(len(rows)), TWO_STEPS))):
        at = rows[who]
        shift = rng.integers(1, 30, len(who))
        on = doses.on[at] - shift
        answers = dose_answers(
            journal.seed, f"wrong {attempt}", doses.vaccine[at], doses.ordinal[at], on, doses.elsewhere[at]
        )
        received = block.received[at] + attempt * 3 * SECONDS
        wrong = journal.write("dose", block.subject[at], on, answers, place=block.place[at], org=block.org[at],
                              received=received, corrects=earlier[who])  # fmt: skip
        earlier[who] = wrong
    block.corrects[rows] = earlier
    later = block.received[rows] + rng.integers(4, 30, len(rows)) * SECONDS
    block.received[rows] = np.minimum(later, journal.as_of * SECONDS + 71_000)


def _wrong_child(journal: Journal, children: Children, geo: Geography, base: int) -> None:
    """A visit entered for a child of the same day's list, and taken back when it was noticed."""
    rng = stream(journal.seed, "wrong child")
    block, _ = _block(journal, "health_visit")
    rows = draw.portion(rng, np.flatnonzero(block.on < journal.as_of - 100), WRONG_CHILD)
    child = rng.integers(0, len(children), len(rows))
    on = block.on[rows]
    fits = (children.birth[child] + 20 < on) & (children.last_day[child] > on) & (children.came[child] < on)
    rows, child, on = rows[fits], child[fits], on[fits]
    place, org = block.place[rows], block.org[rows]
    received = block.received[rows] + 120
    wrong = journal.write("health_visit", base + child, on, _taken(block, rows), place=place, org=org,
                          received=received)  # fmt: skip
    _void(journal, wrong, base + child, on, "health_visit", place, org, received)


def register_twice(
    journal: Journal, children: Children, doses: Doses, candidates: Bools, count: int, base: int
) -> Copies:
    """Copies of a few children; the later doses of each went to the copy."""
    rng = stream(journal.seed, "copies")
    old = (
        (children.birth < journal.as_of - 5 * 365)
        & (children.last_day >= FAR)
        & candidates
        & (children.came == -FAR)
    )
    of = np.sort(rng.permutation(np.flatnonzero(old))[:count])
    how = np.arange(len(of)) % len(HOW)
    birth = np.where(
        how == 1, children.birth[of] + np.where(rng.random(len(of)) < 0.5, 1, 9), children.birth[of]
    )
    block, _ = _block(journal, "dose")
    copy_of = np.full(len(children), -1)
    copy_of[of] = np.arange(len(of))
    for copy, child in enumerate(of):
        mine = np.flatnonzero(block.subject == base + child)
        moved = mine[doses.on[mine] > children.birth[child] + 500]
        moved = moved[block.corrects[moved] < 0]
        block.subject[moved] = base + len(children) + copy
    return Copies(of, birth.astype(np.int64), how)


def _taken(block: Block, rows: Ints) -> pa.Array:
    assert block.answers is not None
    return block.answers.take(pa.array(rows))
