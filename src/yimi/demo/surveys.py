"""Made-up rounds of the anonymous survey: most schools asked last term, a few have not, the small ones have few answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

ZONE = ZoneInfo("Asia/Shanghai")
KINDS = ("primary", "junior", "nine_year", "senior", "special_school")
# Share of pupils who say yes, in an ordinary school.
YES = {
    "hit": 0.06, "insulted": 0.11, "taken": 0.03, "left_out": 0.07, "online": 0.03, "saw": 0.17, "told": 0.86, "safe": 0.92,
}  # fmt: skip
WORSE = ("hit", "insulted", "taken", "left_out", "online", "saw")


@dataclass(frozen=True)
class MadeRound:
    facility: int
    opened: datetime
    pupils: int
    answers: list[dict[str, Any]]


def make_rounds(
    rng: np.random.Generator, schools: Sequence[tuple[int, str, int]], today: date
) -> list[MadeRound]:
    """`schools`: (facility, kind, pupils)."""
    found = []
    for facility, kind, pupils in schools:
        if kind not in KINDS or pupils < 1 or rng.random() < 0.12:
            continue
        opened = datetime.combine(today - timedelta(days=int(rng.integers(25, 300))), time(9, 0), ZONE)
        asked = min(pupils, 400)
        answered = round(asked * float(rng.uniform(0.7, 0.95)))
        trouble = float(rng.choice([0.6, 1.0, 2.0], p=[0.3, 0.6, 0.1]))
        found.append(MadeRound(facility, opened, asked, [_answer(rng, trouble) for _ in range(answered)]))
    return found


def _answer(rng: np.random.Generator, trouble: float) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for question, share in YES.items():
        if rng.random() < 0.03:
            continue  # left out
        chance = min(share * trouble, 0.9) if question in WORSE else share
        told[question] = bool(rng.random() < chance)
    return told
