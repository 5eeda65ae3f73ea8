"""Missing doses are chased: no township stays below 95 % of any dose in the children who reached its age last year.

The national indicator judges every township and every dose. What is done late counts as done, so children are
followed up until few enough are left; those left live mostly in the bad villages. Older children, whom nobody
judges any more, keep their gaps. The rules here are cautious readings of the schedule, never kinder than it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from yimi.demo import draw
from yimi.demo.dose_calendar import GAP, NEW_DTAP, Calendar
from yimi.demo.draw import FAR, Bools, Ints, stream
from yimi.demo.families import HORIZON, reaching

MISSING_SHARE = 0.05
LAXER = 0.008  # how much more was missing a quarter earlier: the district has got better
QUARTERS_BACK = 9
ROUNDS = 5
SERIES = (
    ("HepB_1", "HepB_2", "HepB_3"), ("IPV_1", "IPV_2", "bOPV_1", "bOPV_2"),
    ("DTaP_1", "DTaP_2", "DTaP_3", "DTaP_4", "DTaP_5"), ("MPSV_A_1", "MPSV_A_2"), ("MPSV_AC_1", "MPSV_AC_2"),
    ("HPV_1", "HPV_2"), ("BCG_1",), ("MMR_1", "MMR_2"), ("JE_L_1", "JE_L_2"), ("HepA_L_1",),
)  # fmt: skip
LIVE = ("BCG_1", "MMR_1", "MMR_2", "JE_L_1", "JE_L_2", "HepA_L_1")
COMPLETE_MONTHS = {
    "HepB_3": 12, "BCG_1": 3, "bOPV_1": 12, "bOPV_2": 60, "DTaP_3": 12, "DTaP_4": 24, "DTaP_5": 84, "MMR_1": 12,
    "MMR_2": 24, "JE_L_1": 12, "JE_L_2": 36, "MPSV_A_1": 12, "MPSV_AC_1": 48, "MPSV_AC_2": 84, "HepA_L_1": 24,
    "HPV_1": 168, "HPV_2": 168,
}  # fmt: skip
MPSV_A_NEW = draw.day_of(date(2026, 6, 17))  # from then dose 2 has until 24 months, before until 18
HPV_START = draw.day_of(date(2025, 11, 10))
OTHER_SERIES = {"JE_L_1": "JE_I_1", "JE_L_2": "JE_I_1", "HepA_L_1": "HepA_I_1"}


@dataclass
class Chase:
    """The calendar as seen on a day, with what is known of each dose: too early, or too soon after another."""

    cal: Calendar
    day: int
    share: float  # of a township's children who may lack a dose
    early: dict[str, Bools]
    township: Ints
    resident: Bools

    def counts(self, step: str) -> Bools:
        """Given by today, not too early, not within 28 days after another live vaccine."""
        cal = self.cal
        day = cal.given[step]
        good = (day <= self.day) & ~self.early[step]
        for other in LIVE if step in LIVE else ():
            if other[:3] != step[:3]:
                gap = day - cal.given[other]
                good &= ~((gap > 0) & (gap < GAP))
        return np.asarray(good, dtype=np.bool_)

    def undone(self, series: tuple[str, ...], step: str) -> Bools:
        """Without this dose or an earlier one of its series: a gap moves all later doses up."""
        done = np.ones(len(self.township), np.bool_)
        for each in series[: series.index(step) + 1]:
            done &= self.counts(each)
        return ~done

    def due(self, step: str) -> Ints:
        """Due day of the doses that are late a month after it; a missing dose before stands for its own due day."""
        cal = self.cal
        if step in ("HepB_1", "IPV_1"):
            return cal.at(0 if step == "HepB_1" else 2)
        if step == "DTaP_1":
            return cal.due[step]
        before, months = {"HepB_2": ("HepB_1", 1), "IPV_2": ("IPV_1", 3), "DTaP_2": ("DTaP_1", 4)}[step]
        day = np.where(self.counts(before), cal.given[before], self.due(before))
        later: Ints = np.maximum(cal.at(months), day + GAP)
        return later

    def limit(self, step: str) -> Ints:
        """The last day that is not late."""
        cal = self.cal
        if step == "MPSV_A_2":
            day = np.where(self.counts(step), cal.given[step], self.day)
            return np.where(day >= MPSV_A_NEW, cal.at(24), cal.at(18))
        if step in ("HPV_1", "HPV_2"):
            return np.maximum(cal.at(COMPLETE_MONTHS[step]), self.hpv_grace(step))
        if step in COMPLETE_MONTHS:
            return cal.at(COMPLETE_MONTHS[step])
        return self.due(step) + 1 if step == "HepB_1" else draw.add_months(self.due(step), 1)

    def hpv_grace(self, step: str) -> Ints:
        """Girls near 14 when the program began have six months from its start; dose 2 a month from its due day."""
        start = np.full(len(self.township), HPV_START)
        if step == "HPV_1":
            return draw.add_months(start, 6)
        first_due = np.maximum(self.cal.at(156), start)
        first = np.where(self.counts("HPV_1"), self.cal.given["HPV_1"], first_due)
        return draw.add_months(np.maximum(self.cal.at(162), draw.add_months(first, 6)), 1)

    def wanted(self, step: str) -> Bools:
        """Children the dose counts for: residents, girls for HPV, those who did not begin the other series."""
        cal = self.cal
        first = "HPV_1" if step == "HPV_2" else "JE_L_1" if step == "JE_L_2" else step
        mine = self.resident.copy()
        if step in OTHER_SERIES:
            mine &= (cal.due[first] < FAR) | ~self.counts(OTHER_SERIES[step])
        elif step.startswith("HPV"):
            mine &= cal.due[first] < FAR
        elif step == "DTaP_5":
            mine &= cal.given[step] >= NEW_DTAP  # before it was DT, a step of its own
        return mine


def follow_up(cal: Calendar, early: dict[str, Bools]) -> None:
    """Rewrite series of judged children until every township has 95 % of every dose; MMR a little better, the
    story's township apart, which is to be the lowest."""
    at, resident = cal.geo.township_of[cal.children.village], cal.children.last_day >= FAR
    for back in range(QUARTERS_BACK, 0, -1):
        day = _quarter_end(cal.as_of, back)
        _chase(Chase(cal, day, MISSING_SHARE + LAXER * back, early, at, resident), {})
    today = Chase(cal, cal.as_of, MISSING_SHARE, early, at, resident)
    _chase(today, {step: _story_share(today, step) for step in ("MMR_1", "MMR_2")})


def _chase(chase: Chase, ceiling: dict[str, float]) -> None:
    for turn in range(ROUNDS):
        repaired = 0
        for series in SERIES:
            if series[0] == "HPV_1" and chase.day < chase.cal.as_of:
                continue  # in its first year it could not be caught up with
            for step in series:
                excess = _excess(chase, series, step, ceiling.get(step), turn)
                _clean(chase, series, excess)
                repaired += len(excess)
        if not repaired:
            break


def _quarter_end(as_of: int, back: int) -> int:
    """The last day of the calendar quarter so many quarters before: 1 is the last one that is over."""
    day = draw.date_of(as_of)
    months = (day.year - 1970) * 12 + (day.month - 1) // 3 * 3 - 3 * (back - 1)
    return int(np.array(months).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)) - 1


def _story_share(chase: Chase, step: str) -> float:
    """Share of the story's township without the dose, today."""
    today = reaching(chase.limit(step), chase.day) & (chase.township == chase.cal.geo.story)
    return float(chase.undone(("MMR_1", "MMR_2"), step)[today].mean()) if today.any() else 0.0


def _excess(chase: Chase, series: tuple[str, ...], step: str, ceiling: float | None, turn: int) -> Ints:
    """Children to follow up: of each township as many as are too many, those of careful villages first."""
    cal = chase.cal
    limit, wanted = chase.limit(step), chase.wanted(step)
    soon = reaching(limit, chase.day, HORIZON)
    sure = (
        soon & (limit >= int(draw.add_months(np.array([chase.day]), -12)[0]) + HORIZON) & (limit < chase.day)
    )
    members = np.flatnonzero(wanted & soon)
    undone = members[chase.undone(series, step)[members]]
    at = chase.township
    size = np.bincount(at[np.flatnonzero(wanted & sure)], minlength=len(cal.geo.codes))
    allowed = np.floor(size * chase.share + 1e-9).astype(np.int64)
    if ceiling is not None:  # strictly better than the story's township
        allowed = np.maximum(np.minimum(allowed, np.ceil(size * ceiling - 1e-9).astype(np.int64) - 1), 0)
        undone = undone[at[undone] != cal.geo.story]
    luck = stream(cal.seed, f"follow up {step} {chase.day} {turn}").random(len(at))
    worst_first = undone[np.lexsort((luck[undone], -cal.geo.laxity[cal.children.village[undone]]))]
    too_many: Ints = worst_first[draw.rank_within(at[worst_first]) >= allowed[at[worst_first]]]
    return too_many


def _clean(chase: Chase, series: tuple[str, ...], who: Ints) -> None:
    """Give these children every dose of the series at its age, up to ten days late."""
    if not len(who):
        return
    late = stream(chase.cal.seed, f"clean {series[0]} {chase.day} {len(who)} {int(who[0])}").integers(
        0, 11, len(who)
    )
    if series[0] in LIVE:
        _clean_live(chase, who, late)
        return
    months = {"HepB_1": 0, "HepB_2": 1, "HepB_3": 6, "IPV_1": 2, "IPV_2": 3, "bOPV_1": 4, "bOPV_2": 48, "DTaP_2": 4,
              "DTaP_3": 6, "DTaP_4": 18, "DTaP_5": 72, "MPSV_A_1": 6, "MPSV_A_2": 9, "MPSV_AC_1": 36,
              "MPSV_AC_2": 72}  # fmt: skip
    birth = chase.cal.children.birth[who]
    for step in series:
        if step == "HPV_2":
            due = draw.add_months(chase.cal.given["HPV_1"][who], 6)
        elif step in ("DTaP_1", "HPV_1"):
            due = chase.cal.due[step][who]
        else:
            due = draw.add_months(birth, months[step])
        if step == "MPSV_AC_1":
            second = chase.cal.given["MPSV_A_2"][who]
            due = np.where(second < FAR, np.maximum(due, draw.add_months(second, 12)), due)
        day = due + (late > 9) if step == "HepB_1" else due + late
        if step in ("MPSV_A_2", "MPSV_AC_2"):
            before = chase.cal.given[step[:-1] + "1"][who]
            day = np.maximum(day, draw.add_months(before, 3 if step == "MPSV_A_2" else 36))
        _set(chase, step, who, due, day)


def _clean_live(chase: Chase, who: Ints, late: Ints) -> None:
    """Live vaccines meet on one day; MMR of the story's township is left as the story set it."""
    cal, birth = chase.cal, chase.cal.children.birth[who]
    _set(chase, "BCG_1", who, birth, birth + late % 3)
    other = chase.township[who] != cal.geo.story
    for months, step, partner in ((8, "MMR_1", "JE_L_1"), (18, "MMR_2", "HepA_L_1")):
        due = draw.add_months(birth, months)
        _set(chase, step, who[other], due[other], (due + late)[other])
        day = np.where(cal.given[step][who] <= cal.as_of, cal.given[step][who], due + late)
        mine = cal.due[partner][who] < FAR
        _set(chase, partner, who[mine], due[mine], day[mine])
    second = np.maximum(draw.add_months(birth, 24), draw.add_months(cal.given["JE_L_1"][who], 12))
    mine = cal.due["JE_L_1"][who] < FAR
    _set(chase, "JE_L_2", who[mine], second[mine], (second + late)[mine])
    for step, months, days in (("JE_I_1", 8, 0), ("JE_I_2", 8, 8), ("JE_I_3", 24, 0), ("JE_I_4", 72, 0),
                               ("HepA_I_1", 18, 0), ("HepA_I_2", 24, 5)):  # fmt: skip
        mine = cal.due[step[:-1] + "1"][who] < FAR
        due = draw.add_months(birth, months) + days
        _set(chase, step, who[mine], due[mine], (due + late)[mine])


def _set(chase: Chase, step: str, who: Ints, due: Ints, day: Ints) -> None:
    chase.cal.given[step][who] = day
    chase.cal.due[step][who] = due
    chase.early[step][who] = False
