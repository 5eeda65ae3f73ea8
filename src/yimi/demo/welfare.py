"""Children in difficulty, left behind or disabled: decisions, visits, allowances, and what parents' states are.

Shares are plausible, none is Wulong's. A few things are wrong on purpose: overdue reviews, missed visits, one or
two allowances not paid, children whose parents' states suggest a category nobody has decided.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from yimi.demo import draw, texts
from yimi.demo.draw import FAR, Bools, Ints, stream
from yimi.demo.families import REAL_CHILDREN, Children, Families
from yimi.demo.geography import Geography
from yimi.demo.intervals import Statuses
from yimi.demo.journal import Journal

CATEGORIES = ["H1a", "H1b", "H1c", "H1d", "H2a", "H2b", "H2c", "H3a", "H3b", "H3c", "H3d"]
OF_FAMILIES = [0.03, 0.40, 0.20, 0.07, 0.0, 0.0, 0.0, 0.06, 0.14, 0.08, 0.02]
REASONS = [
    "特困供养家庭，按规定纳入", "低保家庭，按规定纳入", "低保边缘家庭，按规定纳入", "刚性支出困难家庭，按规定纳入",
    "持有残疾人证", "筛查阳性，待诊断", "患重大疾病，持诊断证明", "父母均已去世", "父母均不能履行监护职责", "父母一方不能履行监护职责",
    "受侵害后需持续关爱",
]  # fmt: skip
LEVELS = ["red", "yellow", "green"]
EVERY = np.array([7, 30, 91])  # days between visits, as the level asks
GUARDIAN_STATES = ["severe_disability", "serious_illness", "imprisoned", "compulsory_detox", "lost_contact"]
ALLOWANCE_YUAN = 1500  # made up: the real standard is set by Chongqing every year
ALLOWANCES = ["orphan_allowance", "de_facto_allowance"]
FAMILY_SHARE, ILL_SHARE, FORMER_SHARE, DISABLED_SHARE = 0.0072, 0.0018, 0.2, 0.0085
DISABILITIES = [
    0.10,
    0.12,
    0.07,
    0.32,
    0.27,
    0.07,
    0.05,
]  # visual, hearing, speech, physical, intellectual, mental, multiple


@dataclass
class Welfare:
    """What was decided: the ledger's children, those disabled, those suspected, those without allowance."""

    child: Ints
    category: Ints
    since: Ints
    until: Ints
    disabled: Ints
    special: Bools  # of each child: taught in the special school
    suspected: Ints  # children whose parents' states suggest H3b, not in the ledger
    unpaid: Ints
    parent_states: list[tuple[Ints, Bools, Ints, Ints]]  # families, mother?, state, since


def _events(rng: np.random.Generator, families: Families, chosen: Ints, as_of: int) -> Ints:
    """A day after the youngest child's birth on which the family's trouble began, rather late than early."""
    latest = np.full(len(chosen), as_of - 420)
    first = np.maximum(families.youngest[chosen] + 40, as_of - 2600)
    return draw.within(rng, first, np.maximum(latest, first))


def decide(children: Children, seed: int, as_of: int) -> Welfare:
    """Choose who is in difficulty and why; parents' deaths are written into the families."""
    rng = stream(seed, "welfare")
    families = children.families
    scale = len(children) / REAL_CHILDREN
    eligible = np.flatnonzero(families.still & families.father_known & (families.youngest < as_of - 560))
    eligible = rng.permutation(eligible)
    count = max(round(len(families.village) * FAMILY_SHARE * (1 + FORMER_SHARE)), 3)
    suspects = max(round(5 * scale), 1)
    chosen, suspect = eligible[:count], eligible[count : count + suspects]
    category = draw.choose(rng, OF_FAMILIES, count)
    category[:3] = (7, 8, 1)  # even the smallest district has an orphan and a child de facto unattended
    event = _events(rng, families, chosen, as_of)
    states = _parent_troubles(rng, families, chosen, category, event)
    began = _events(rng, families, suspect, as_of)
    for mother in (True, False):
        states.append(
            (suspect, np.full(len(suspect), mother), draw.choose(rng, [0, 0, 1, 0.4, 1], len(suspect)), began)
        )
    member = np.full(len(families.village), -1)
    member[chosen] = np.arange(len(chosen))
    who = np.flatnonzero(member[children.family] >= 0)
    kind, since = category[member[children.family[who]]], event[member[children.family[who]]] + 90
    ill, ill_kind, ill_since = _own_troubles(rng, children, who, suspect, as_of)
    disabled = np.sort(
        rng.permutation(np.flatnonzero(_calm(children, as_of)))[: round(len(children) * DISABLED_SHARE)]
    )
    certified = np.setdiff1d(disabled, np.r_[who, ill])[: round(len(disabled) * 0.3)]
    who = np.r_[who, ill, certified]
    kind = np.r_[kind, ill_kind, np.full(len(certified), 4)]
    since = np.r_[since, ill_since, draw.within(rng, np.maximum(children.birth[certified] + 400, as_of - 2500),
                                               np.full(len(certified), as_of - 20))]  # fmt: skip
    order = np.argsort(who, kind="stable")
    who, kind, since = who[order], kind[order], np.minimum(since[order], as_of - 5)
    ends = (rng.random(len(who)) < 0.17) & np.isin(kind, (1, 2, 3, 5, 9)) & (since < as_of - 500)
    until = np.where(ends, draw.within(rng, since + 300, np.full(len(who), as_of - 10)), FAR)
    special = np.zeros(len(children), np.bool_)
    special[disabled[rng.random(len(disabled)) < 0.22]] = True
    entitled = np.flatnonzero(np.isin(kind, (7, 8)) & (until >= FAR))
    unpaid = np.sort(rng.permutation(who[entitled])[: min(2, len(entitled) // 3)])
    suspected = np.flatnonzero(np.isin(children.family, suspect))
    return Welfare(who, kind, since, until, disabled, special, suspected, unpaid, states)


def _calm(children: Children, as_of: int) -> Bools:
    calm = (
        children.families.still[children.family] & (children.birth < as_of - 900) & (children.last_day >= FAR)
    )
    return np.asarray(calm, dtype=np.bool_)


def _parent_troubles(
    rng: np.random.Generator, families: Families, chosen: Ints, category: Ints, event: Ints
) -> list[tuple[Ints, Bools, Ints, Ints]]:
    """Orphans lose both parents; of H3b one is dead or both cannot; of H3c one cannot."""
    orphaned = category == 7
    for deaths, delay in ((families.mother_death, 0), (families.father_death, 30)):
        deaths[chosen[orphaned]] = event[orphaned] + delay
    unattended = category == 8
    dead = unattended & (rng.random(len(chosen)) < 0.55)
    families.father_death[chosen[dead]] = event[dead]
    both = unattended & ~dead
    one = category == 9
    parts = []
    for mask, mother in ((unattended, True), (both, False), (one, False)):
        state = draw.choose(rng, [0.22, 0.2, 0.2, 0.1, 0.28], int(mask.sum()))
        parts.append((chosen[mask], np.full(int(mask.sum()), mother), state, event[mask]))
    families.both_away[chosen[orphaned | unattended | one]] = FAR
    families.one_away[chosen[orphaned | unattended | one]] = FAR
    families.grandparents[chosen[orphaned | unattended]] = True
    return parts


def _own_troubles(
    rng: np.random.Generator, children: Children, taken: Ints, suspect: Ints, as_of: int
) -> tuple[Ints, Ints, Ints]:
    """Serious illness at any age, suspected disability under seven."""
    free = np.setdiff1d(np.flatnonzero(_calm(children, as_of)), taken)
    free = free[~np.isin(children.family[free], suspect)]
    ill = rng.permutation(free)[: max(round(len(children) * ILL_SHARE), 1)]
    young = children.birth[ill] > as_of - 2400
    kind = np.where(young & (rng.random(len(ill)) < 0.6), 5, 6)
    since = draw.within(
        rng, np.maximum(children.birth[ill] + 500, as_of - 1800), np.full(len(ill), as_of - 30)
    )
    return ill, kind, since


def _levels(rng: np.random.Generator, welfare: Welfare, as_of: int) -> list[tuple[Ints, Ints, Ints]]:
    """Year by year since the decision: rows of the ledger, the day of the review, the level from then on."""
    n = len(welfare.child)
    danger = np.where(welfare.category >= 8, 0.16, 0.015)
    level = np.where(
        rng.random(n) < danger, 0, np.where(rng.random(n) < np.where(welfare.category >= 7, 0.6, 0.2), 1, 2)
    )
    lazy = rng.random(n) < 0.09
    rounds = []
    for year in range(9):
        day = draw.add_months(welfare.since, 12 * year)
        reached = (day <= as_of) & (day < welfare.until) & ~(lazy & (year > 0) & (day > as_of - 365))
        rows = np.flatnonzero(reached)
        level = np.where(reached & (year > 0) & (rng.random(n) < 0.18), np.minimum(level + 1, 2), level)
        rounds.append((rows, day[rows], level[rows].copy()))
    return rounds


def write_decisions(
    journal: Journal, statuses: Statuses, children: Children, geo: Geography, welfare: Welfare, base: int
) -> None:
    """Decisions that open, review and close; the statuses they make; the visits each level asks for."""
    rng = stream(journal.seed, "decisions")
    n = len(welfare.child)
    rounds = _levels(rng, welfare, journal.as_of)
    row = np.concatenate([r for r, _, _ in rounds])
    day = np.concatenate([d for _, d, _ in rounds])
    level = np.concatenate([lv for _, _, lv in rounds])
    order = np.lexsort((day, row))
    row, day, level = row[order], day[order], level[order]
    opening = np.r_[True, row[1:] != row[:-1]]
    next_day = np.where(np.r_[row[1:] == row[:-1], False], np.r_[day[1:], FAR], welfare.until[row])
    latest = np.full(n, 0)
    np.maximum.at(latest, row, day)
    review = draw.add_months(latest, 12)
    _decision_records(journal, children, geo, welfare, base, row, day, level, np.where(opening, 0, 1))
    closed = np.flatnonzero(welfare.until < FAR)
    _decision_records(journal, children, geo, welfare, base, closed, welfare.until[closed],
                      np.full(len(closed), 2), np.full(len(closed), 2))  # fmt: skip
    is_open = welfare.until >= FAR
    statuses.open(base + welfare.child, "hardship", texts.look_up(CATEGORIES, welfare.category), welfare.since,
                  welfare.until, np.where(is_open, review, FAR))  # fmt: skip
    fresh = opening | (np.r_[-1, level[:-1]] != level)
    starts = np.flatnonzero(fresh)
    last = np.r_[starts[1:], len(row)] - 1
    until = next_day[last]
    statuses.open(base + welfare.child[row[starts]], "hardship_level", texts.look_up(LEVELS, level[starts]),
                  day[starts], until, np.where(until >= FAR, review[row[starts]], FAR))  # fmt: skip
    _visits(journal, children, geo, welfare, base, row, day, np.minimum(next_day, journal.as_of + 1), level)


def _decision_records(
    journal: Journal, children: Children, geo: Geography, welfare: Welfare, base: int,
    row: Ints, day: Ints, level: Ints, action: Ints,
) -> None:  # fmt: skip
    child, kind = welfare.child[row], welfare.category[row]
    going = action < 2
    quoted_reasons = [f'"{r}"' for r in REASONS] + ['"年度复核，情形未变"', '"情形已消除，按程序退出"']
    reason = np.where(action == 0, kind, np.where(action == 1, len(REASONS), len(REASONS) + 1))
    answers = texts.json_object(
        action=texts.look_up(['"open"', '"change"', '"close"'], action),
        category=texts.look_up([f'"{c}"' for c in CATEGORIES], kind),
        level=texts.look_up([f'"{lv}"' for lv in LEVELS], np.where(going, level, -1)),
        reason=texts.look_up(quoted_reasons, reason),
        decided_on=texts.quoted(texts.iso_date(day)),
        review_on=texts.look_up_where(texts.quoted(texts.iso_date(draw.add_months(day, 12))), going),
    )
    journal.write("hardship_decision", base + child, day, answers, place=children.village_on(child, day),
                  org=geo.welfare_office)  # fmt: skip


def _visits(
    journal: Journal, children: Children, geo: Geography, welfare: Welfare, base: int,
    row: Ints, start: Ints, end: Ints, level: Ints,
) -> None:  # fmt: skip
    """Visits in the rhythm of the level, 7 % of them missed, more where the village is lax."""
    rng = stream(journal.seed, "hardship visits")
    every = EVERY[level]
    owner, turn = draw.spread(np.maximum((end - start - 2) // every + 1, 0))
    on = start[owner] + 2 + turn * every[owner] + rng.integers(0, 4, len(owner))
    child = welfare.child[row[owner]]
    missed = rng.random(len(on)) < np.minimum(0.06 * np.sqrt(geo.laxity[children.village[child]]), 0.5)
    keep = ~missed & (on < end[owner]) & (on <= journal.as_of)
    child, on, gap = child[keep], on[keep], every[owner][keep]
    n = len(child)
    mode = draw.choose(rng, [0.84, 0.11, 0.05], n)
    seen = (mode != 1) & (rng.random(n) < 0.95)
    worry = {
        name: draw.choose(rng, [0.9, 0.09, 0.01], n)
        for name in ("living", "health", "study", "mind", "safety")
    }
    troubled = np.maximum.reduce([worry["living"], worry["study"], worry["mind"]])
    absent = children.families.both_away[children.family[child]] <= on
    # Weak where the parents cannot: it does not come and go from one visit to the next.
    cannot = np.zeros(len(children), np.bool_)
    cannot[welfare.child[np.isin(welfare.category, (8, 9))]] = True
    guardianship = np.where(absent, 1, np.where(cannot[child] & (child % 3 == 0), 2, 0))
    levels = ['"good"', '"concern"', '"bad"']
    answers = texts.json_object(
        mode=texts.look_up(['"home"', '"phone"', '"video"'], mode),
        seen=texts.truth(seen),
        living=texts.look_up(levels, worry["living"]),
        health=texts.look_up(levels, worry["health"]),
        study=texts.look_up(levels, worry["study"]),
        mind=texts.look_up(levels, worry["mind"]),
        safety=texts.look_up(levels, np.minimum(worry["safety"], 1)),
        guardianship=texts.look_up(['"good"', '"entrusted"', '"weak"'], guardianship),
        problems=texts.look_up(
            ['"生活或学习上有困难，已告知家长和学校"', '"情况较差，需镇街跟进"'], troubled - 1
        ),
        next_on=texts.quoted(texts.iso_date(on + gap)),
    )
    place = children.village_on(child, on)
    journal.write("hardship_visit", base + child, on, answers, place=place, org=geo.committee[place])


def write_allowances(
    journal: Journal, statuses: Statuses, children: Children, geo: Geography, welfare: Welfare, base: int
) -> None:
    """Allowances of orphans and children de facto unattended, paid monthly for the last year; two lack theirs."""
    rows = np.flatnonzero(np.isin(welfare.category, (7, 8)) & ~np.isin(welfare.child, welfare.unpaid))
    child, since = welfare.child[rows], np.minimum(welfare.since[rows] + 20, journal.as_of)
    kind = welfare.category[rows] - 7
    statuses.open(base + child, "allowance", texts.look_up(ALLOWANCES, kind), since, welfare.until[rows],
                  draw.add_months(since, 12 * ((journal.as_of - since) // 365 + 1)))  # fmt: skip
    place = children.village_on(child, since)
    answers = texts.json_object(
        benefit=texts.look_up([f'"{a}"' for a in ALLOWANCES], kind),
        action=texts.look_up(['"open"'], np.zeros(len(child), np.int64)),
    )
    journal.write("allowance_decision", base + child, since, answers, place=place, org=geo.welfare_office)
    for back in range(12, 0, -1):
        month = (
            draw.add_months(np.array([journal.as_of]), -back).astype("datetime64[D]").astype("datetime64[M]")
        )
        first = int(month.astype("datetime64[D]").astype(np.int64)[0])
        paid = np.flatnonzero((since < first) & (welfare.until[rows] > first + 20))
        on = np.full(len(paid), first + 14)
        answers = texts.json_object(
            benefit=texts.look_up([f'"{a}"' for a in ALLOWANCES], kind[paid]),
            month=texts.look_up([f'"{month[0]}"'], np.zeros(len(paid), np.int64)),
            amount_yuan=texts.look_up([str(ALLOWANCE_YUAN)], np.zeros(len(paid), np.int64)),
        )
        journal.write(
            "allowance_payment", base + child[paid], on, answers, place=place[paid], org=geo.welfare_office
        )


def write_disabilities(
    journal: Journal, statuses: Statuses, children: Children, geo: Geography, welfare: Welfare, base: int
) -> None:
    rng = stream(journal.seed, "disability")
    who = welfare.disabled
    kind = draw.choose(rng, DISABILITIES, len(who))
    since = draw.within(rng, children.birth[who] + 365, np.full(len(who), journal.as_of - 10))
    statuses.open(base + who, "disability", texts.look_up([str(i + 1) for i in range(7)], kind), since)
    answers = texts.json_object(
        type=texts.look_up([f'"{i + 1}"' for i in range(7)], kind),
        grade=texts.look_up(
            [f'"{i + 1}"' for i in range(4)], draw.choose(rng, [0.2, 0.25, 0.3, 0.25], len(who))
        ),
    )
    journal.write(
        "disability_certificate",
        base + who,
        since,
        answers,
        place=children.village_on(who, since),
        org=geo.disability_office,
    )
