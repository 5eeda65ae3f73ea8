"""Is there more of one kind than this season brings? The last days against the same days of the years before.

More than in every one of those years, and no small number: a rule anybody can check by hand. It does not say why, and
with few events it stays silent rather than guess. Where records do not reach back to the first of the days compared,
nothing is judged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from yimi.lib.dates import add_months
from yimi.pack.load import Pack
from yimi.pack.schema import Surveillance

Days = tuple[date, date]  # the first lies outside, the last within


@dataclass(frozen=True)
class Compared:
    """Code of the first cut → events in the last days and in the same days of each year before, the nearest first."""

    windows: tuple[Days, ...]
    counts: Mapping[str, tuple[int, ...]]
    least: int
    judged: bool  # records reach back far enough

    def more(self, code: str) -> bool | None:
        """More than the season brings; None where nothing is judged."""
        if not self.judged:
            return None
        now, *before = self.counts.get(code, (0,) * len(self.windows))
        return now >= self.least and now > max(before)


def windows(as_of: date, days: int, years: int) -> tuple[Days, ...]:
    ends = [add_months(as_of, -12 * back) for back in range(years + 1)]
    return tuple((end - timedelta(days=days), end) for end in ends)


def compared(
    pack: Pack, each: Surveillance, as_of: date, events: Iterable[tuple[str, date]], first_record: date | None
) -> Compared | None:
    """`events`: (code, day). None where the surveillance compares no season."""
    if each.season is None:
        return None
    days, years, least = (
        pack.number_on(name, as_of) for name in (each.season.days, each.season.years, each.season.least)
    )
    cut = windows(as_of, days, years)
    told: dict[str, Counter[int]] = {}
    for code, on in events:
        for index, (after, until) in enumerate(cut):
            if after < on <= until:
                told.setdefault(code, Counter())[index] += 1
    counts = {code: tuple(n[index] for index in range(len(cut))) for code, n in told.items()}
    return Compared(cut, counts, least, first_record is not None and first_record <= cut[-1][0])
