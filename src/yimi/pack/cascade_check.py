"""What a cascade must satisfy: stages that can be worked out one after the other, and alerts about waiting.

A stage may ask when the stages before it were reached (`done(positive)`), and for every step of a pathway of
children. Findings go through the check's own `known`, `rule` and `bad`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Protocol

from yimi.pack.load import Pack
from yimi.pack.read import Path_
from yimi.pack.schema import AlertRule, Cascade, Stage
from yimi.pack.scopes import CASCADE_ITEM, ROUND, scope_of
from yimi.rules.check import BOOLEAN, DATE, TEXT, Scope
from yimi.rules.parse import RuleError, parse
from yimi.rules.tree import StepCall

KIND = "cascades"
_DATED = frozenset({"done", "due", "overdue_after", "expires", "applies"})


class Checks(Protocol):
    """The part of `check._Checks` that is used here."""

    @property
    def pack(self) -> Pack: ...
    def bad(self, kind: str, name: str, path: Path_, message: str, offset: int = 0) -> None: ...
    def doubt(self, kind: str, name: str, path: Path_, message: str) -> None: ...
    def known(
        self, kind: str, name: str, path: Path_, value: str | None, among: Iterable[str], what: str
    ) -> None: ...
    def rule(
        self, kind: str, name: str, path: Path_, text: str | None, scope: Scope, wanted: str | None
    ) -> None: ...


def check_cascade(checks: Checks, cascade: Cascade) -> None:
    """Every problem of one cascade."""
    pack, name = checks.pack, cascade.id
    if name in pack.pathways:
        checks.bad(KIND, name, ("id",), f"'{name}' is a pathway already: alerts name one or the other")
    if pack.measures:
        for index, measure in enumerate(cascade.measures):
            checks.known(KIND, name, ("measures", index), measure, pack.measures, "measure")
    scope = replace(scope_of(pack, "child", frozenset(pack.steps)), step_functions=_DATED)
    if cascade.period != "open":
        scope = scope.with_names(**ROUND)
    checks.rule(KIND, name, ("in_scope",), cascade.in_scope, scope, BOOLEAN)
    checks.known(KIND, name, ("group_vocabulary",), cascade.group_vocabulary, pack.vocabularies, "vocabulary")
    if len(cascade.stages) < 2:
        checks.bad(KIND, name, ("stages",), "a cascade needs at least two stages")
    before: list[str] = []
    for index, stage in enumerate(cascade.stages):
        _stage(checks, cascade, index, stage, before, scope)
        before.append(stage.id)
    known = replace(scope, steps=scope.steps | set(before))
    checks.rule(KIND, name, ("group",), cascade.group, known, TEXT)
    waiting = replace(known, steps=frozenset(before)).with_names(**CASCADE_ITEM)
    for index, alert in enumerate(cascade.alerts):
        _alert(checks, cascade, index, alert, waiting)


def _stage(
    checks: Checks, cascade: Cascade, index: int, stage: Stage, before: list[str], scope: Scope
) -> None:
    name, path = cascade.id, ("stages", index)
    if stage.id in before:
        checks.bad(KIND, name, (*path, "id"), f"stage '{stage.id}' stands twice")
    if stage.id in checks.pack.steps:
        pathway = checks.pack.steps[stage.id][0].id
        checks.bad(KIND, name, (*path, "id"), f"'{stage.id}' is a step of {pathway} already")
    if stage.overdue_after and (index == 0 or stage.finding):
        why = "nothing comes before it" if index == 0 else "a finding is not waited for"
        checks.bad(KIND, name, (*path, "overdue_after"), f"stage '{stage.id}' has no clock: {why}")
    known = replace(scope, steps=scope.steps | set(before))
    for field in ("reached", "overdue_after"):
        text: str | None = getattr(stage, field)
        checks.rule(KIND, name, (*path, field), text, known, DATE)
        _only_done(checks, cascade, (*path, field), text, {*before})


def _only_done(checks: Checks, cascade: Cascade, path: Path_, text: str | None, stages: set[str]) -> None:
    """Of a stage only the day is known on which it was reached."""
    try:
        calls = [each for each in parse(text).walk() if isinstance(each, StepCall)] if text else []
    except RuleError:
        return  # told as a problem of the rule itself
    for call in calls:
        if call.step in stages and call.function != "done":
            checks.bad(KIND, cascade.id, path, f"a stage has no {call.function}, only done", call.at)


def _alert(checks: Checks, cascade: Cascade, index: int, alert: AlertRule, scope: Scope) -> None:
    path = ("alerts", index)
    checks.rule(KIND, cascade.id, (*path, "when"), alert.when, scope, BOOLEAN)
    _only_done(checks, cascade, (*path, "when"), alert.when, {each.id for each in cascade.stages})
    check_told(checks, KIND, cascade.id, path, alert)


def check_told(checks: Checks, kind: str, name: str, path: Path_, alert: AlertRule) -> None:
    """Everybody an alert tells is a role; a recalled one is said to be silent."""
    roles = checks.pack.roles
    told: list[tuple[tuple[Any, ...], str]] = [(("to",), alert.to)]
    told += [(("also", position), role) for position, role in enumerate(alert.also)]
    if alert.task:
        told += [(("task", "to"), alert.task.to), (("task", "verified_by"), alert.task.verified_by)]
    for where, role in told if roles else ():
        checks.known(kind, name, (*path, *where), role, roles, "role")
    if not alert.usable:
        message = f"alert '{alert.id}' rests on a recalled rule: it stays silent until somebody confirms it"
        checks.doubt(kind, name, path, message)
