"""Benefits received and paid, student aid by term, one child one plan: what the entitlement radar reads.

Shares are plausible, none is Wulong's. Some is wrong on purpose: rights nobody applied for, months not paid,
dibao still paid after the ledger entry ended, aid after the seventh birthday, children not assessed or placed.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from yimi.demo import draw, texts
from yimi.demo.draw import FAR, Ints, stream
from yimi.demo.families import Children
from yimi.demo.geography import Geography
from yimi.demo.intervals import Statuses
from yimi.demo.journal import Journal
from yimi.demo.welfare import Welfare

DESTITUTE, DIBAO, ORPHAN, UNATTENDED = (
    0,
    1,
    7,
    8,
)  # categories of the ledger, as `welfare.CATEGORIES` has them
MONTHLY = ((DESTITUTE, "destitute_support", 900, 0.95), (DIBAO, "dibao", 500, 0.94))  # made-up amounts
FORGOTTEN = 0.012  # of the months of a benefit are not paid
TERM_AID = ("preschool_aid", "compulsory_living_aid", "senior_grant")
TERM_YUAN = np.array([750, 625, 1150])
PLACEMENTS = ["ordinary", "special_class", "special_school", "home"]


def write_benefits(
    journal: Journal, statuses: Statuses, children: Children, geo: Geography, welfare: Welfare, base: int
) -> None:
    """Monthly support of the ledger's families, aid of the term, childcare subsidy, rehabilitation aid."""
    rng = stream(journal.seed, "benefits")
    for category, benefit, yuan, share in MONTHLY:
        rows = np.flatnonzero(welfare.category == category)
        rows = rows[rng.random(len(rows)) < share]
        since = np.minimum(welfare.since[rows] + 25, journal.as_of)
        # Where the entry ended, a few are still paid: that is for the radar to find.
        until = np.where(rng.random(len(rows)) < 0.15, FAR, welfare.until[rows])
        until = np.where(until < FAR, np.maximum(until, since + 1), FAR)
        statuses.open(base + welfare.child[rows], "allowance", benefit, since, until)
        _months(journal, children, geo, welfare.child[rows], benefit, yuan, since, until, base, rng)
    _terms(journal, children, geo, welfare, base)
    _subsidies(journal, children, geo, base)
    aided = welfare.disabled[rng.random(len(welfare.disabled)) < 0.7]
    seventh = draw.add_months(children.birth[aided], 84)
    since = children.birth[aided] + 900
    young = (since < journal.as_of) & (seventh > journal.as_of - 400)
    aided, seventh, since = aided[young], seventh[young], since[young]
    ends = np.where(
        (seventh <= journal.as_of) & (rng.random(len(aided)) < 0.85), np.maximum(seventh, since + 1), FAR
    )
    statuses.open(base + aided, "allowance", "rehabilitation_aid", since, ends)


def _months(
    journal: Journal, children: Children, geo: Geography, who: Ints, benefit: str, yuan: int, since: Ints, until: Ints,
    base: int, rng: np.random.Generator,
) -> None:  # fmt: skip
    """Paid on the 15th of each month of the last year, but for a few that were forgotten."""
    for back in range(12, 0, -1):
        first = _first_of_month(journal.as_of, back)
        paid = (since < first) & (until > first + 20) & (rng.random(len(who)) >= FORGOTTEN)
        _pay(journal, children, geo, who[paid], benefit, yuan, first, base)


def _first_of_month(as_of: int, back: int) -> int:
    month = draw.add_months(np.array([as_of]), -back).astype("datetime64[D]").astype("datetime64[M]")
    return int(month.astype("datetime64[D]").astype(np.int64)[0])


def _pay(
    journal: Journal, children: Children, geo: Geography, who: Ints, benefit: str, yuan: int, first: int, base: int
) -> None:  # fmt: skip
    who = who[
        children.last_day[who] > min(first + 14, journal.as_of)
    ]  # nothing is paid to those who left or died
    on = np.full(len(who), min(first + 14, journal.as_of))
    month = str(np.datetime64(first, "D").astype("datetime64[M]"))
    none = np.zeros(len(who), np.int64)
    answers = texts.json_object(
        benefit=texts.look_up([f'"{benefit}"'], none),
        month=texts.look_up([f'"{month}"'], none),
        amount_yuan=texts.look_up([str(yuan)], none),
    )
    journal.write(
        "allowance_payment",
        base + who,
        on,
        answers,
        place=children.village_on(who, on),
        org=geo.welfare_office,
    )


def _terms(journal: Journal, children: Children, geo: Geography, welfare: Welfare, base: int) -> None:
    """Aid of the last two terms for pupils of the ledger's neediest families; some schools forget."""
    rng = stream(journal.seed, "student aid")
    rows = np.flatnonzero(np.isin(welfare.category, (DESTITUTE, DIBAO, ORPHAN, UNATTENDED)))
    rows = rows[rng.random(len(rows)) < 0.93]
    who = welfare.child[rows]
    for back in (7, 1):
        first = _first_of_month(journal.as_of, back)
        age = (first - children.birth[who]) / 365.25
        kind = np.searchsorted(np.array([3.2, 6.2, 15.2, 18.2]), age) - 1
        open_then = (welfare.since[rows] < first) & (welfare.until[rows] > first)
        for index, benefit in enumerate(TERM_AID):
            paid = open_then & (kind == index) & (rng.random(len(who)) < 0.97)
            _pay(journal, children, geo, who[paid], benefit, int(TERM_YUAN[index]), first, base)


def _subsidies(journal: Journal, children: Children, geo: Geography, base: int) -> None:
    rng = stream(journal.seed, "childcare subsidy")
    young = np.flatnonzero(
        (children.birth > journal.as_of - 1095)
        & (children.birth < journal.as_of - 60)
        & (children.last_day >= FAR)
    )
    for back in (8, 5, 2):
        chosen = young[rng.random(len(young)) < 0.29]
        first = _first_of_month(journal.as_of, back)
        chosen = chosen[children.birth[chosen] < first]
        _pay(journal, children, geo, chosen, "childcare_subsidy", 3600, first, base)
        young = np.setdiff1d(young, chosen)


def write_special_education(
    journal: Journal, statuses: Statuses, children: Children, geo: Geography, welfare: Welfare, base: int
) -> None:
    """One child, one plan: on the list, assessed, placed, planned, reviewed; each step with its gaps."""
    rng = stream(journal.seed, "special education")
    who = welfare.disabled
    third, last = draw.add_months(children.birth[who], 36), draw.add_months(children.birth[who], 216)
    listed = draw.within(
        rng, np.maximum(third + 10, journal.as_of - 1500), np.full(len(who), journal.as_of - 20)
    )
    on_list = (third + 10 < journal.as_of - 20) & (last > journal.as_of) & (rng.random(len(who)) < 0.9)
    who, listed = (
        who[on_list & (children.last_day[who] >= FAR)],
        listed[on_list & (children.last_day[who] >= FAR)],
    )
    statuses.open(base + who, "special_education", "listed", listed)
    sources = texts.look_up(
        ['["disabled_fed"]', '["disabled_fed","health"]', '["education"]'],
        draw.choose(rng, [0.6, 0.3, 0.1], len(who)),
    )
    _step(journal, children, geo, "special_listing", who, listed, texts.json_object(sources=sources), base)
    kind = np.where(welfare.special[who], 2, draw.choose(rng, [0.72, 0.08, 0.0, 0.2], len(who)))
    chosen = texts.look_up([f'"{each}"' for each in PLACEMENTS], kind)
    day = listed + rng.integers(15, 75, len(who))
    going = (rng.random(len(who)) < 0.95) & (day < journal.as_of)
    said = texts.truth(rng.random(len(who)) < 0.97)
    _some(
        journal,
        children,
        geo,
        "special_assessment",
        who,
        day,
        going,
        base,
        advised=chosen,
        guardian_agrees=said,
    )
    day = day + rng.integers(3, 33, len(who))
    going &= (rng.random(len(who)) < 0.96) & (day < journal.as_of)
    _some(journal, children, geo, "special_placement", who, day, going, base, placement=chosen)
    planned = day + rng.integers(5, 34, len(who))
    goals = texts.look_up(['"沟通、自理和课堂参与（演示）"'], np.zeros(len(who), np.int64))
    with_plan = going & (rng.random(len(who)) < 0.93) & (planned < journal.as_of)
    _some(journal, children, geo, "special_plan", who, planned, with_plan, base, goals=goals)
    keep = texts.look_up(['"keep"', '"change"'], draw.choose(rng, [0.93, 0.07], len(who)))
    for year in range(1, 5):
        again = draw.add_months(day, 12 * year) + rng.integers(-40, 25, len(who))
        due = going & (again < journal.as_of) & (rng.random(len(who)) < 0.95)
        _some(journal, children, geo, "special_review", who, again, due, base, result=keep)


def _some(
    journal: Journal, children: Children, geo: Geography, form: str, who: Ints, on: Ints, chosen: draw.Bools, base: int,
    **answers: pa.Array,
) -> None:  # fmt: skip
    rows = np.flatnonzero(chosen)
    told = texts.json_object(**{name: column.take(pa.array(rows)) for name, column in answers.items()})
    _step(journal, children, geo, form, who[rows], on[rows], told, base)


def _step(
    journal: Journal, children: Children, geo: Geography, form: str, who: Ints, on: Ints, answers: pa.Array, base: int
) -> None:  # fmt: skip
    journal.write(form, base + who, on, answers, place=children.village_on(who, on), org=geo.education_office)
