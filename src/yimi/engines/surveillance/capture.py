"""How many events there were, from how many two sources both know (capture-recapture).

Chapman's estimator, Univ. Calif. Publ. Stat. 1 (1951) 131; its variance by Seber (1970); the interval by Chao
(Biometrics 43 (1987) 783), which never goes below what was seen. It holds where the sources know of events
independently and every event is matched rightly; sources that tell each other make the estimate too small.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

Z95 = 1.959963984540054


@dataclass(frozen=True)
class Estimate:
    """`seen`: events known to either; `total` with its 95% interval; `share`: seen of total, with the same."""

    seen: int
    total: float
    low: float
    high: float

    @property
    def share(self) -> float:
        return self.seen / self.total if self.total else 1.0

    @property
    def share_low(self) -> float:
        return self.seen / self.high if self.high else 1.0

    @property
    def share_high(self) -> float:
        return self.seen / self.low if self.low else 1.0


def chapman(first: int, second: int, both: int) -> Estimate:
    """`first`, `second`: events each source knows; `both`: events both know."""
    seen = first + second - both
    total = (first + 1) * (second + 1) / (both + 1) - 1
    variance = (first + 1) * (second + 1) * (first - both) * (second - both) / ((both + 1) ** 2 * (both + 2))
    unseen = total - seen
    if unseen <= 0 or variance <= 0:
        return Estimate(seen, total, float(seen), total)
    spread = math.exp(Z95 * math.sqrt(math.log(1 + variance / unseen**2)))
    return Estimate(seen, total, seen + unseen / spread, seen + unseen * spread)
