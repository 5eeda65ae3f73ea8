"""From figures to lights: is a target met, on track, off track, without data, or typed in by hand?

A light says what the figures say and no more. A typed-in value keeps its pencil whatever it is. Where every
township must reach the target, the worst township (and item) is the value.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from yimi.engines.indicators.figures import Figure
from yimi.pack.schema import Indicator, Target

_COMPARE: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge, "<=": operator.le, "=": operator.eq, ">": operator.gt, "<": operator.lt,
}  # fmt: skip


class Light(StrEnum):
    MET = "met"
    ON_TRACK = "on_track"
    OFF = "off"
    NO_DATA = "no_data"
    TYPED = "typed"


@dataclass(frozen=True)
class Reading:
    """A target's light on a day, the figure it rests on, and where it fails."""

    target: str
    light: Light
    figure: Figure | None
    reached: bool | None  # None: no value
    failing: tuple[Figure, ...] = ()  # townships (and items) that miss the target, worst first


def meets(target: Target, value: float) -> bool:
    """Does a value meet the target?"""
    return reaches(target.operator, target.value, value)


def reaches(operator: str, wanted: float, value: float) -> bool:
    """Is a value what is wanted? 100% means every one of them: floating noise of 1e-9 is forgiven."""
    if operator == "=":
        return abs(value - wanted) < 1e-9
    nudged = value + 1e-9 if operator == ">=" else value - 1e-9 if operator == "<=" else value
    return _COMPARE[operator](nudged, wanted)


def judged_figures(indicator: Indicator, figures: Sequence[Figure]) -> list[Figure]:
    """The figures a target is judged on: the district's, or each township's (and item's)."""
    whole = [
        each for each in figures if each.indicator == indicator.id and each.sex is None and each.age is None
    ]
    wanted = "district" if indicator.judge == "value" else "township"
    return [
        each
        for each in whole
        if each.level == wanted
        and each.value is not None
        and (each.denominator is None or each.denominator >= indicator.min_denominator)
    ]


def read_target(
    target: Target, indicator: Indicator, figures: Sequence[Figure], as_of: date, before: float | None = None
) -> Reading:
    """The light of one target. `before`: the value a year ago, for the trend."""
    judged = judged_figures(indicator, figures)
    if not judged:
        return Reading(target.id, Light.NO_DATA, None, None)
    worst_first = sorted(judged, key=lambda each: each.value or 0.0, reverse=target.operator in ("<=", "<"))
    worst = worst_first[0]
    failing = tuple(each for each in worst_first if each.value is not None and not meets(target, each.value))
    reached = not failing
    if worst.reported:
        return Reading(target.id, Light.TYPED, worst, reached, failing)
    if reached:
        return Reading(target.id, Light.MET, worst, True)
    light = Light.ON_TRACK if _will_reach(target, worst.value or 0.0, as_of, before) else Light.OFF
    return Reading(target.id, light, worst, False, failing)


def _will_reach(target: Target, value: float, as_of: date, before: float | None) -> bool:
    """Would the last year's pace reach the target by its deadline? Never after the deadline, nor without a past."""
    if target.deadline is None or as_of >= target.deadline or before is None:
        return False
    years_left = (target.deadline - as_of).days / 365.25
    return meets(target, value + (value - before) * years_left)
