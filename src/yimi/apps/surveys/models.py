"""Rounds, tickets and answers. Nothing here leads from an answer to a ticket, a person or a moment."""

from __future__ import annotations

from uuid import uuid4

from django.db import models

from yimi.apps.register.models import Subject


class Round(models.Model):
    """One school asks its pupils, for some days."""

    uid = models.UUIDField(default=uuid4, unique=True)
    survey = models.CharField(max_length=64)
    facility = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="survey_rounds")
    opened_on = models.DateField()
    closes_on = models.DateField()  # last day on which it is answered
    asked = models.IntegerField()  # pupils

    class Meta:
        db_table = "surveys_round"
        constraints = [
            models.UniqueConstraint(
                fields=["survey", "facility", "opened_on"], name="survey_round_once_a_day"
            ),
            models.CheckConstraint(condition=models.Q(asked__gt=0), name="survey_round_asks_somebody"),
        ]


class Ticket(models.Model):
    """A code that answers once. Kept as a keyed digest; nobody knows who drew it, nor which answer it gave."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="tickets")
    digest = models.CharField(max_length=64, unique=True)
    used = models.BooleanField(default=False)

    class Meta:
        db_table = "surveys_ticket"


class Answer(models.Model):
    """What one pupil answered: the round and the answers. The key is random, so rows have no order. Append-only."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="answers")
    answers = models.JSONField()

    class Meta:
        db_table = "surveys_answer"
