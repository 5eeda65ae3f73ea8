"""Children kept as they stand between changes: a change is carried through, a new day asks only for those it moves.

What a turn works out of a whole register is kept here child by child: `again` after a change of one, `pass_to` when a
day begins. The work of a day is that of the children whose day has come, however many are kept.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from yimi.engines.increment import Increment, Step
from yimi.engines.indicators.totals import Totals
from yimi.engines.single.facts import Rows
from yimi.engines.single.program import Facts

Ask = Callable[[Iterable[int]], Mapping[int, Rows]]  # the rows of some children as they are now


@dataclass
class Kept:
    """One child between two changes. `facts` are None for a child that is not there (yet, or any more)."""

    facts: Facts | None = None
    until: date = date.max  # the first day on which anything here may be another
    due: dict[str, list[dict[str, Any]]] = field(default_factory=dict)  # by pathway
    entitlements: dict[str, dict[str, Any]] = field(default_factory=dict)
    suspicions: dict[str, bool] = field(default_factory=dict)
    owed: list[dict[str, Any]] = field(default_factory=list)

    def take(self, step: Step, facts: Facts | None) -> None:
        if facts is None or self.facts is None or facts["as_of"] != self.facts["as_of"]:
            self.due, self.entitlements, self.suspicions, self.owed = {}, {}, {}, []
            self.until = step.until
        self.facts, self.until = facts, min(self.until, step.until)
        self.due |= step.due
        self.entitlements |= step.entitlements
        self.suspicions |= step.suspicions
        self.owed = self.owed if step.owed is None else step.owed


class Keeping:
    """Some children on a day, and the sums they add up to. `ask` gives their rows when one is worked out."""

    def __init__(self, increment: Increment, totals: Totals, day: date, ask: Ask) -> None:
        self.increment, self.totals, self.day, self.ask = increment, totals, day, ask
        self.kept: dict[int, Kept] = {}
        self._calendar: list[
            tuple[date, int]
        ] = []  # a heap; an entry that a later change overtook is passed over

    def again(self, subjects: Iterable[int], *, calendar: bool = True) -> None:
        """Work these out as they are now: new ones, and those something happened to.

        Without `calendar` the answers come in half the time and are asked for again when the next day begins.
        """
        for subject, own in self.ask(subjects).items():
            kept = self.kept.setdefault(subject, Kept())
            facts, ahead = self.increment.facts(own, self.day, kept.facts)
            step = self.increment.follow(kept.facts, facts, ahead, calendar=calendar)
            kept.take(step, facts)
            self.totals.replace(step.old, step.new)
            if kept.until < date.max:
                heapq.heappush(self._calendar, (kept.until, subject))

    def pass_to(self, day: date) -> int:
        """A later day begins; the number of children that were worked out for it."""
        self.day = day
        moved = set()
        while self._calendar and self._calendar[0][0] <= day:
            until, subject = heapq.heappop(self._calendar)
            if self.kept[subject].until == until:
                moved.add(subject)
        self.again(sorted(moved))
        return len(moved)
