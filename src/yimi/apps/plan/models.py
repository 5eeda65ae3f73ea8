"""Evaluation runs, figures, and what was read off for each target."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Run(models.Model):
    """One turn of the cycle. Its rows are written first; then, in one step, it is put in force."""

    number = models.IntegerField(primary_key=True)
    as_of = models.DateField()
    pack = models.CharField(max_length=16)  # fingerprint
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=12, default="running")  # running, complete, failed
    in_force = models.BooleanField(default=False)
    last_seq = models.BigIntegerField(default=0)  # last record it has seen
    counts = models.JSONField(default=dict)

    class Meta:
        db_table = "plan_run"
        constraints = [
            models.UniqueConstraint(fields=["in_force"], condition=Q(in_force=True), name="run_one_in_force"),
            models.CheckConstraint(
                condition=Q(in_force=False) | Q(state="complete"), name="run_in_force_is_complete"
            ),
        ]


class Figure(models.Model):
    """An indicator's value for a period, place and cut."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="figures", db_index=False)
    indicator = models.CharField(max_length=64)
    item = models.CharField(max_length=64, default="")  # a step, where the indicator has one line per step
    place = models.CharField(max_length=20)
    sex = models.CharField(max_length=1, default="")
    age = models.CharField(max_length=16, default="")
    period = models.CharField(max_length=16, default="")
    numerator = models.FloatField(null=True)
    denominator = models.FloatField(null=True)
    value = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    source = models.CharField(max_length=12, default="computed")  # computed, reported, document
    withheld = models.BooleanField(default=False)  # told only to those who see the children

    class Meta:
        db_table = "plan_figure"
        constraints = [
            models.UniqueConstraint(
                fields=["run", "indicator", "item", "place", "sex", "age", "period"], name="figure_once"
            )
        ]
        indexes = [models.Index(fields=["indicator", "place", "run"], name="figure_trend")]


class TargetReading(models.Model):
    """How a target stands after a run."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="readings", db_index=False)
    target = models.CharField(max_length=64)
    light = models.CharField(max_length=12)  # met, on_track, off, no_data, typed
    value = models.FloatField(null=True)
    place = models.CharField(
        max_length=20, default=""
    )  # the place that decides, for targets judged by the worst
    item = models.CharField(max_length=64, default="")
    detail = models.JSONField(default=dict)

    class Meta:
        db_table = "plan_target_reading"
        constraints = [models.UniqueConstraint(fields=["run", "target"], name="target_reading_once")]
