"""Reading runs, figures and lights."""

from __future__ import annotations

from datetime import date

from yimi.apps.plan.models import Run


def as_of_in_force() -> date | None:
    """The day the shown figures are of; None before the first turn of the cycle."""
    return Run.objects.filter(in_force=True).values_list("as_of", flat=True).first()
