"""Writing runs: numbered, written whole, put in force by one row. Called by the cycle only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from yimi.apps.plan.models import Figure, Run, TargetReading
from yimi.engines.indicators import Figure as EngineFigure
from yimi.engines.indicators import Reading

KEPT_LEVELS = ("district", "township")  # villages are read from the run's files


def begin(*, as_of: date, pack: str, at: datetime, last_seq: int) -> int:
    """A new run's number. A turn that was stopped before it came into force is marked failed here."""
    with transaction.atomic():
        Run.objects.filter(state="running").update(state="failed", finished_at=at)
        number = (Run.objects.aggregate(last=Max("number"))["last"] or 0) + 1
        Run.objects.create(number=number, as_of=as_of, pack=pack, started_at=at, last_seq=last_seq)
    return number


def put_in_force(
    *, number: int, figures: Sequence[EngineFigure], readings: Sequence[Reading], district: str, at: datetime,
    counts: dict[str, Any],
) -> None:  # fmt: skip
    """Store a finished run's figures and lights and make it the one that is shown. Call inside a transaction."""
    run = Run.objects.select_for_update().get(number=number)
    save_figures(run, figures, district, "")
    TargetReading.objects.bulk_create(_reading(run, each, district) for each in readings)
    Run.objects.filter(in_force=True).update(in_force=False)
    Run.objects.filter(number=number).update(state="complete", in_force=True, finished_at=at, counts=counts)


def save_figures(run: Run, figures: Sequence[EngineFigure], district: str, period: str) -> None:
    """District and township figures of a run; `period` is the day for figures of a past day, else empty."""
    kept = (each for each in figures if each.level in KEPT_LEVELS)
    Figure.objects.bulk_create((_figure(run, each, district, period) for each in kept), batch_size=500)


def save_history(*, number: int, day: date, figures: Sequence[EngineFigure], district: str) -> None:
    """Totals of a past day, worked out now with today's pack: the beginning of a trend line."""
    totals = [each for each in figures if each.sex is None and each.age is None]
    save_figures(Run.objects.get(number=number), totals, district, day.isoformat())


def _figure(run: Run, each: EngineFigure, district: str, period: str) -> Figure:
    return Figure(
        run=run, indicator=each.indicator, item=each.item or "", place=each.place or district, sex=each.sex or "",
        age="" if each.age is None else str(each.age), period=period, numerator=each.numerator,
        denominator=each.denominator, value=each.value, low=each.low, high=each.high,
        source="reported" if each.reported else "computed", withheld=each.withheld,
    )  # fmt: skip


def _reading(run: Run, each: Reading, district: str) -> TargetReading:
    figure = each.figure
    detail: dict[str, Any] = {"failing": len(each.failing), "reached": each.reached}
    if figure is not None:
        told = not figure.withheld  # a target's value is public; the counts behind it need not be
        detail |= {
            "numerator": figure.numerator if told else None, "denominator": figure.denominator if told else None,
            "low": figure.low if told else None, "high": figure.high if told else None,
            "three_year": figure.three_year, "period": figure.period,
            "reported_on": figure.reported_on.isoformat() if figure.reported_on else None,
        }  # fmt: skip
        detail["worst"] = [[one.place, one.item, one.value] for one in each.failing[:20] if not one.withheld]
    return TargetReading(
        run=run, target=each.target, light=each.light.value, value=figure.value if figure else None,
        place=(figure.place if figure else None) or district, item=(figure.item if figure else None) or "", detail=detail,
    )  # fmt: skip
