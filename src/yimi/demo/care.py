"""Care of left-behind children by brand, the care project with its sessions, medical and study aid for orphans.

Most left-behind children were reached within the year, a few never. Of the children with a care plan one in eight was
never served. Candidates for medical and study aid have a decision each, but for the newest.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from yimi.demo import draw, texts
from yimi.demo.draw import FAR, Bools, Ints, stream
from yimi.demo.families import REAL_CHILDREN, Children
from yimi.demo.geography import Geography
from yimi.demo.intervals import Statuses
from yimi.demo.journal import Journal
from yimi.demo.left_behind import LeftBehind
from yimi.demo.welfare import Welfare

# Brand, what was done, share of the left-behind children it reached, how long ago at most and at least.
REACHED = (("new_year", "visit", 0.74, 292, 280), ("red_cherry", "companionship", 0.16, 250, 20), ("yutong", "mind", 0.12, 200, 20))  # fmt: skip
LAST_YEAR = 0.93  # reached at the New Year before
SOON = 0.94  # of those no brand has reached: visited in the weeks after they were confirmed
PLANS = 64  # in a district of so many children as Wulong has
SPENT = 18_600  # yuan for a child in rehabilitation


def write_care(
    journal: Journal, statuses: Statuses, children: Children, geo: Geography, left: LeftBehind, welfare: Welfare, base: int
) -> None:  # fmt: skip
    """Activities, plans, decisions and what they cost."""
    away = left.child[left.open]
    _activities(journal, children, geo, left, base)
    _plans(journal, statuses, children, geo, away, base)
    _programs(journal, children, geo, welfare, base)


def _same(value: str, n: int) -> pa.Array:
    return texts.look_up([value], np.zeros(n, np.int64))


def _activities(journal: Journal, children: Children, geo: Geography, left: LeftBehind, base: int) -> None:
    """The brands of this year; the New Year before; a visit soon after the confirmation for whoever came since."""
    rng = stream(journal.seed, "care activities")
    away, since = left.child[left.open], left.since[left.open]
    reached = np.zeros(len(away), np.bool_)

    def held(brand: str, content: str, on: Ints, fit: Bools) -> None:
        reached[fit] = True
        who, day = away[fit], on[fit]
        answers = texts.json_object(
            brand=_same(f'"{brand}"', len(who)), content=_same(f'"{content}"', len(who)),
        )  # fmt: skip
        place = children.village_on(who, day)
        journal.write("care_activity", base + who, day, answers, place=place, org=geo.office[place])

    for brand, content, share, oldest, newest in REACHED:
        on = journal.as_of - rng.integers(newest, oldest, len(away))
        held(brand, content, on, (rng.random(len(away)) < share) & (on > since))
    on = journal.as_of - rng.integers(634, 646, len(away))
    told = ~reached | (
        rng.random(len(away)) < 0.3
    )  # where something came later, the year before adds nothing
    held("new_year", "visit", on, (rng.random(len(away)) < LAST_YEAR) & told & (on > since))
    on = since + rng.integers(20, 80, len(away))
    held("other", "visit", on, ~reached & (rng.random(len(away)) < SOON) & (on <= journal.as_of))


def _plans(
    journal: Journal, statuses: Statuses, children: Children, geo: Geography, away: Ints, base: int
) -> None:  # fmt: skip
    """A half-year plan each; every eighth child was never served, some plans have ended with a score."""
    rng = stream(journal.seed, "care plans")
    age = (journal.as_of - children.birth[away]) // 365
    fit = rng.permutation(away[(age >= 6) & (age <= 15)])
    who = fit[: max(round(PLANS * len(children) / REAL_CHILDREN), 8)]
    n = len(who)
    ended = np.arange(n) % 4 == 3
    since = journal.as_of - np.where(ended, rng.integers(230, 400, n), rng.integers(40, 150, n))
    never = np.arange(n) % 8 == 2
    place, before = children.village_on(who, since), rng.integers(38, 66, n)
    answers = texts.json_object(
        project=_same('"warm_hearts"', n), action=_same('"begin"', n), goal=_same('"情绪和同伴交往（演示）"', n),
        provider=_same('"演示社会工作服务中心"', n), sessions=_same("6", n), score_before=texts.whole(before),
        ends_on=texts.quoted(texts.iso_date(since + 182)),
    )  # fmt: skip
    journal.write("care_plan", base + who, since, answers, place=place, org=geo.office[place])
    until = np.where(ended, since + 185, FAR)
    statuses.open(base + who, "care_project", "warm_hearts", since, until)
    for turn in range(6):
        on = since + 12 + 30 * turn + rng.integers(0, 9, n)
        held = ~never & (on < np.minimum(journal.as_of, until)) & (rng.random(n) < 0.97)
        _session(journal, children, geo, who, on, held, base)
    m = int(ended.sum())
    after = np.minimum(before[ended] + rng.integers(2, 22, m), 95)
    answers = texts.json_object(
        project=_same('"warm_hearts"', m), action=_same('"end"', m), score_after=texts.whole(after)
    )
    journal.write("care_plan", base + who[ended], since[ended] + 185, answers, place=place[ended], org=geo.office[place[ended]])  # fmt: skip


def _session(
    journal: Journal, children: Children, geo: Geography, who: Ints, on: Ints, held: Bools, base: int
) -> None:
    who, on = who[held], on[held]
    place = children.village_on(who, on)
    answers = texts.json_object(content=_same('"companionship"', len(who)), minutes=_same("60", len(who)))
    journal.write("care_session", base + who, on, answers, place=place, org=geo.office[place])


def _programs(journal: Journal, children: Children, geo: Geography, welfare: Welfare, base: int) -> None:
    """Orphans and children de facto unattended: of those with a disability, and of those of 16 and over."""
    rng = stream(journal.seed, "medical and study aid")
    rows = np.flatnonzero(np.isin(welfare.category, (7, 8)) & (welfare.until >= FAR))
    who, since = welfare.child[rows], welfare.since[rows]
    disabled = np.isin(who, np.r_[welfare.disabled, welfare.child[np.isin(welfare.category, (4, 5, 6))]])
    sixteen = draw.add_months(children.birth[who], 192)
    ill = np.zeros(len(who), np.bool_)
    ill[np.flatnonzero(~disabled)[:1]] = True
    diagnosed = np.maximum(since, journal.as_of - 150)
    _diagnosed(journal, children, geo, who[ill], diagnosed[ill], base)
    for program, fit, start in (
        ("tomorrow_plan", disabled, since),
        ("orphan_medical", ill, diagnosed),
        ("study_aid", sixteen <= journal.as_of, np.maximum(since, sixteen)),
    ):
        chosen, on = (
            who[fit],
            np.minimum(start[fit] + rng.integers(10, 55, int(fit.sum())), journal.as_of - 1),
        )
        n = len(chosen)
        kind = draw.choose(rng, [0.7, 0.1, 0.2], n)
        answers = texts.json_object(
            program=_same(f'"{program}"', n),
            decision=texts.look_up(['"accepted"', '"declined"', '"not_eligible"'], kind),
            reason=texts.look_up_where(
                texts.look_up(['""', '"监护人书面放弃（演示）"', '"经评估暂不需要（演示）"'], kind), kind > 0
            ),
        )
        home = children.village_on(chosen, on)
        journal.write("program_decision", base + chosen, on, answers, place=home, org=geo.welfare_office)
        taken = chosen[kind == 0]
        paid = np.maximum(on[kind == 0] + 30, journal.as_of - rng.integers(20, 300, len(taken)))
        paid, taken = paid[paid < journal.as_of], taken[paid < journal.as_of]
        yuan = np.rint(SPENT * (0.4 + rng.random(len(taken)))) if program != "study_aid" else np.full(len(taken), 5000)  # fmt: skip
        spent = texts.json_object(
            program=_same(f'"{program}"', len(taken)), yuan=texts.whole(yuan.astype(np.int64)),
            purpose=_same('"手术和康复训练（演示）"' if program != "study_aid" else '"学费和住宿费（演示）"', len(taken)),
        )  # fmt: skip
        home = children.village_on(taken, paid)
        journal.write("program_spending", base + taken, paid, spent, place=home, org=geo.welfare_office)


def _diagnosed(journal: Journal, children: Children, geo: Geography, who: Ints, on: Ints, base: int) -> None:
    """An orphan with a serious disease, who receives medical aid."""
    place = children.village_on(who, on)
    told = texts.json_object(
        disease=_same('"congenital_heart"', len(who)), confirmed=texts.truth(np.ones(len(who), np.bool_)),
        institution=_same('"演示儿童医院"', len(who)),
    )  # fmt: skip
    journal.write("serious_illness", base + who, on, told, place=place, org=geo.health_office)
    granted = texts.json_object(
        granted=texts.truth(np.ones(len(who), np.bool_)), evidence=_same('"决定书（演示）"', len(who))
    )
    journal.write(
        "serious_illness_decision", base + who, on + 15, granted, place=place, org=geo.welfare_office
    )
