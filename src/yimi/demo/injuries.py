"""Made-up injuries of a year and the cards several sources wrote about them.

What happened is drawn first; whether a hospital knows of it and whether a school, the police or the village does is
drawn for each by itself, so that the estimate of what nobody told can be held against what was drawn. A few spots
(a bend, a pond, stairs) see the same injury more than once, a few children are hurt again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

ZONE = ZoneInfo("Asia/Shanghai")
A_YEAR = 620  # injuries that happen, for 60,000 children
HOSPITAL, ELSEWHERE = 0.76, 0.34  # chance that one of the kind knows
AGAIN, SAME_SPOT = 0.08, 0.05
YEARS_BEFORE = 3


@dataclass(frozen=True)
class Pupil:
    child: int
    village: str
    township: str
    school: str  # uid
    age: int


@dataclass(frozen=True)
class Injury:
    """One card: what one source wrote of it."""

    child: int
    village: str
    at: datetime
    answers: dict[str, Any]


# Cause, place, activity and their share among a year's cards; the plan's five causes come first.
_CAUSES = (
    ("3", "home", "leisure", 0.36), ("7", "home", "chores", 0.12), ("11", "residential", "leisure", 0.12),
    ("1", "road", "vehicle", 0.08), ("2", "road", "vehicle", 0.09), ("4", "school", "sport", 0.1),
    ("6", "home", "chores", 0.06), ("10", "home", "vital", 0.04), ("9", "water", "leisure", 0.02), ("98", "other", "other", 0.01),
)  # fmt: skip
_OTHER_SOURCE = {"school": "school", "road": "police", "water": "emergency"}
_SHARES = np.array([each[3] for each in _CAUSES]) / sum(each[3] for each in _CAUSES)


def make_injuries(
    rng: np.random.Generator,
    pupils: Sequence[Pupil],
    today: date,
    scale: float,
    points: Mapping[str, tuple[float, float]],
) -> list[Injury]:
    """Cards of a year: more in July and August, no assault among them (those are in the cases)."""
    if not pupils:
        return []
    found: list[Injury] = []
    before: list[tuple[Pupil, int, tuple[float, float] | None]] = []
    for _ in range(max(round(A_YEAR * scale), 8)):
        day = today - timedelta(days=int(rng.integers(0, 365)))
        if day.month not in (7, 8) and rng.random() < 0.25:
            continue
        pupil, kind = pupils[int(rng.integers(len(pupils)))], int(rng.choice(len(_CAUSES), p=_SHARES))
        spot = _spot(rng, points.get(pupil.township))
        if before and rng.random() < AGAIN:
            pupil = before[int(rng.integers(len(before)))][0]
            spot = _spot(rng, points.get(pupil.township))
        elif before and rng.random() < SAME_SPOT:
            other, kind, spot = before[int(rng.integers(len(before)))]
            same = [
                each
                for each in (pupils[int(n)] for n in rng.integers(len(pupils), size=40))
                if each.township == other.township
            ]
            pupil = same[0] if same else other
        before.append((pupil, kind, spot))
        found += _cards(rng, pupil, kind, spot, day, today)
    return found + _earlier_years(rng, pupils, today, scale) + _many_burns(rng, pupils, today, scale)


def _earlier_years(
    rng: np.random.Generator, pupils: Sequence[Pupil], today: date, scale: float
) -> list[Injury]:
    """The years before, so that a season can be compared: the children of today, when they were younger."""
    found: list[Injury] = []
    for _ in range(max(round(A_YEAR * scale * YEARS_BEFORE), 12)):
        back = int(rng.integers(365, 365 * (YEARS_BEFORE + 1) + 45))
        pupil, kind = pupils[int(rng.integers(len(pupils)))], int(rng.choice(len(_CAUSES), p=_SHARES))
        if pupil.age > back // 365 + 1:
            found += _cards(rng, pupil, kind, None, today - timedelta(days=back), today)
    oldest = next((each for each in pupils if each.age > YEARS_BEFORE + 2), None)
    if oldest is not None:
        first = today - timedelta(days=365 * (YEARS_BEFORE + 1) + 50)
        known = (_cards(np.random.default_rng(each), oldest, 0, None, first, today) for each in range(50))
        found += next((cards[:1] for cards in known if cards), [])
    return found


def _many_burns(rng: np.random.Generator, pupils: Sequence[Pupil], today: date, scale: float) -> list[Injury]:
    """An early winter with braziers: more burns in the last weeks than in any year before."""
    found: list[Injury] = []
    while len(found) < max(round(14 * scale), 6):
        pupil = pupils[int(rng.integers(len(pupils)))]
        cards = _cards(rng, pupil, 1, None, today - timedelta(days=int(rng.integers(1, 26))), today)
        found += cards[:1]  # none, where no source knew
    return found


def _spot(rng: np.random.Generator, seat: tuple[float, float] | None) -> tuple[float, float] | None:
    """Somewhere within some kilometres of the township's seat; half of the cards say where."""
    if seat is None or rng.random() < 0.5:
        return None
    north, east = rng.normal(0, 0.02, 2)
    return round(seat[0] + float(north), 5), round(seat[1] + float(east), 5)


def _cards(
    rng: np.random.Generator,
    pupil: Pupil,
    kind: int,
    spot: tuple[float, float] | None,
    day: date,
    today: date,
) -> list[Injury]:
    cause, place, activity, _share = _CAUSES[kind]
    severity = ("mild", "moderate", "severe")[int(rng.choice(3, p=[0.72, 0.23, 0.05]))]
    told: dict[str, Any] = {
        "cause": cause, "place_kind": place, "activity": activity, "intent": "unintentional", "severity": severity,
        "outcome": "admitted" if severity == "severe" else "home",
    }  # fmt: skip
    if spot is not None:
        told |= {"lat": spot[0], "lon": spot[1]}
    sources = []
    if rng.random() < HOSPITAL:
        sources.append("hospital")
    if rng.random() < ELSEWHERE:
        sources.append(_OTHER_SOURCE.get(place, "village"))
    cards: list[Injury] = []
    for source in sources:
        on = min(day + timedelta(days=int(rng.integers(0, 3)) if cards else 0), today)
        at = datetime.combine(on, time(int(rng.integers(8, 18)), int(rng.integers(60))), ZONE)
        cards.append(Injury(pupil.child, pupil.village, at, {**told, "source": source}))
    return cards
