"""From a due item to the form that settles it, with what the step asks for already chosen."""

from __future__ import annotations

from urllib.parse import urlencode

from yimi.pack.schema import Step
from yimi.rules.parse import parse
from yimi.rules.tree import Literal, Name, Node, Op
from yimi.sites.addresses import address as served_at


def address(uid: str, step: Step, name: str = "record") -> str:
    """The form of a step; equalities its rule demands (vaccine = 'MMR') are chosen already."""
    chosen = {
        name: value for name, value in _equalities(parse(step.satisfied_by)).items() if isinstance(value, str)
    }
    query = f"?{urlencode(chosen)}" if chosen else ""
    return served_at(name, uid, step.form) + query


def _equalities(rule: Node) -> dict[str, object]:
    """Field → value for every `field = literal` the rule wants without an alternative."""
    if isinstance(rule, Op) and rule.op == "and":
        return {name: value for each in rule.args for name, value in _equalities(each).items()}
    if isinstance(rule, Op) and rule.op == "=":
        left, right = rule.args
        if isinstance(left, Name) and isinstance(right, Literal):
            return {left.name: right.value}
    return {}
