"""Reading runs, figures and lights."""

from __future__ import annotations

from datetime import date, timedelta

from yimi.apps.plan.models import Run, TargetReading


def as_of_in_force() -> date | None:
    """The day the shown figures are of; None before the first turn of the cycle."""
    return Run.objects.filter(in_force=True).values_list("as_of", flat=True).first()


def run_in_force() -> Run | None:
    return Run.objects.filter(in_force=True).first()


def lights_in_force() -> dict[str, str]:
    """Target → light, as shown now."""
    return dict(TargetReading.objects.filter(run__in_force=True).values_list("target", "light"))


def values_near(day: date, within_days: int = 45) -> dict[str, float]:
    """Target → value of the run nearest to a past day."""
    runs = Run.objects.filter(state="complete", as_of__range=(day - timedelta(within_days), day + timedelta(within_days)))
    nearest = min(runs, key=lambda run: abs((run.as_of - day).days), default=None)
    if nearest is None:
        return {}
    found = TargetReading.objects.filter(run=nearest, value__isnull=False).values_list("target", "value")
    return {target: value for target, value in found if value is not None}
