"""What may stand under `alerts:` of a pathway, a cascade or a surveillance: when somebody must know, and who."""

from __future__ import annotations

from typing import Literal

from yimi.pack.words import Declaration, Id, Ids, Rule, Sourced, Text


class TaskTemplate(Declaration):
    title: Text
    to: str  # role
    working_days: int
    verified_by: str  # role of the second person
    evidence: bool = True


class AlertRule(Sourced):
    id: Id
    name: Text
    when: Rule  # over one due item of the pathway: step, status, days_overdue, and the subject's names
    per: Literal["subject", "village", "township", "district"]
    to: str  # role that is told by name; above it only a count is told
    also: Ids = []  # roles told a count
    # Of a pathway of cases `to` and the task name parties, and `also` may be the coordinating office only.
    task: TaskTemplate | None = None
