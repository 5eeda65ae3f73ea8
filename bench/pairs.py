"""A yardstick and the product, timed alternately in one run: only their ratio is told as a result.

Single times move by a third on a shared machine; two things timed a second apart move together.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

PAIRS = 5


@dataclass(frozen=True)
class Ratio:
    """How many times faster the product is (median over the pairs), and the median seconds of both."""

    median: float
    yardstick_seconds: float
    product_seconds: float

    def told(self, goal: float) -> dict[str, Any]:
        """What a bench returns: the ratio with its goal beside it. Half of the goal is the floor."""
        return {
            "ratio": round(self.median, 2), "goal": goal, "floor": goal / 2,
            "yardstick_seconds": _short(self.yardstick_seconds), "product_seconds": _short(self.product_seconds),
        }  # fmt: skip


def ratio(yardstick: Callable[[], object], product: Callable[[], object], pairs: int = PAIRS) -> Ratio:
    """Time both alternately, whichever comes first changing from pair to pair. Their answers were compared before."""
    slow, fast = [], []
    for number in range(pairs):
        if number % 2:
            fast.append(_seconds(product))
            slow.append(_seconds(yardstick))
        else:
            slow.append(_seconds(yardstick))
            fast.append(_seconds(product))
    each = [one / other for one, other in zip(slow, fast, strict=True)]
    return Ratio(statistics.median(each), statistics.median(slow), statistics.median(fast))


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _short(seconds: float) -> float:
    """Three digits that count."""
    return float(f"{seconds:.3g}")
