"""Which rule is in force when: editions of a norm cut a step's life into segments.

A record is judged by the edition in force on its day. What is still to be done is forecast as the first day
on which a record would be judged valid, whichever edition will judge it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from yimi.pack.schema import DatedRule, Pathway


@dataclass(frozen=True)
class Segment:
    """One rule from `since` (None: always) up to, not including, `until` (None: for ever). No rule: no step."""

    since: date | None
    until: date | None
    rule: str | None


def segments(pathway: Pathway, rules: list[DatedRule] | None) -> list[Segment]:
    """The rule of every edition, oldest first, neighbours with the same rule joined."""
    if rules is None:
        return []
    everywhere = next((each.rule for each in rules if each.edition == "*"), None)
    if len(rules) == 1 and rules[0].edition == "*":
        return [Segment(None, None, everywhere)]
    stated = {each.edition: each.rule for each in rules}
    editions = sorted(pathway.editions, key=lambda each: each.effective_from or date.min)
    cut: list[Segment] = []
    rule = everywhere
    for index, edition in enumerate(editions):
        rule = stated.get(edition.id, rule)
        # The oldest edition we know is used for everything before it.
        since = None if index == 0 else edition.effective_from
        if cut and cut[-1].rule == rule:
            continue
        if cut:
            cut[-1] = Segment(cut[-1].since, since, cut[-1].rule)
        cut.append(Segment(since, None, rule))
    return cut
