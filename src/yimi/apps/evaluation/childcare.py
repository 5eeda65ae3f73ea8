"""Childcare places: every filing, what is valid on a day ahead if nobody files again, and how many the target needs.

A place counts by the rule of the plan's indicator: the latest filing of an open site, while it is valid; a filing
without an end is valid. Inhabitants are the latest figure of each township.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil

from django.db.models import Q

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor
from yimi.apps.places.selectors import subtree
from yimi.apps.records.selectors import in_force
from yimi.apps.register.models import Facility
from yimi.apps.register.subjects import site_places
from yimi.pack.schema import Target

FILING, POPULATION, INDICATOR = "childcare_filing", "population", "childcare_places_per_1000"


@dataclass(frozen=True)
class Filed:
    """A site with its latest filing. `valid_until`: None where the filing has no end."""

    uid: str
    name: str
    place: str | None
    kind: str  # code of the vocabulary childcare_kind, "" where it was not entered
    places: int
    valid_until: date | None

    def counts_on(self, day: date) -> bool:
        return self.valid_until is None or self.valid_until >= day


@dataclass(frozen=True)
class Outlook:
    """The sites within reach, those that end first at the top, and the inhabitants of their townships."""

    sites: tuple[Filed, ...]
    inhabitants: int  # 0: no figure on record

    def places_on(self, day: date) -> int:
        return sum(each.places for each in self.sites if each.counts_on(day))

    def per_thousand(self, day: date) -> float | None:
        return self.places_on(day) / self.inhabitants * 1000 if self.inhabitants else None

    def lacking(self, day: date, target: float) -> int:
        """Places more that the target needs on that day."""
        return max(ceil(target * self.inhabitants / 1000) - self.places_on(day), 0)


def outlook(actor: Actor, place: str = "") -> Outlook:
    """Within the actor's places, or those of them below one."""
    reach = site_places(actor)
    reach = reach & subtree({place}, actor.on) if place else reach
    open_ones = Facility.objects.filter(
        Q(closed_on__isnull=True) | Q(closed_on__gt=actor.on), place_id__in=reach
    )
    known = {each.pk: each for each in open_ones.select_related("subject")}
    filings = in_force(FILING, actor.on).filter(subject_id__in=known).order_by("occurred_on", "seq")
    latest = dict(filings.values_list("subject_id", "answers"))
    sites = [
        Filed(
            str(known[pk].subject.uid), known[pk].name, known[pk].place_id, str(answers.get("provider_kind") or ""),
            int(answers.get("places") or 0), _day(answers.get("valid_until")),
        )
        for pk, answers in latest.items()
    ]  # fmt: skip
    sites.sort(key=lambda each: (each.valid_until or date.max, each.name))
    return Outlook(tuple(sites), _inhabitants(actor, reach))


def _inhabitants(actor: Actor, reach: set[str]) -> int:
    townships = [each.code for each in active.pack().townships() if each.code in reach]
    figures = in_force(POPULATION, actor.on).filter(subject__place_id__in=townships)
    rows = figures.order_by("occurred_on", "seq").values_list("subject__place_id", "answers")
    return sum(int(answers.get("total") or 0) for answers in dict(rows).values())


def target() -> Target | None:
    """The plan's target for places per thousand inhabitants."""
    found: Sequence[Target] = list(active.pack().targets.values())
    return next((each for each in found if each.indicator == INDICATOR), None)


def _day(raw: object) -> date | None:
    try:
        return date.fromisoformat(str(raw)) if raw else None
    except ValueError:
        return None
