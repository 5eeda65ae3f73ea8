"""The tree of a rule: a dozen frozen node classes, nothing else can be said.

Every node carries `at`, its offset in the rule's text, so that an error can point at it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property


@dataclass(frozen=True)
class Node:
    at: int = field(default=0, compare=False, kw_only=True)

    def children(self) -> Iterator[Node]:
        for name in self.__dataclass_fields__:
            value = getattr(self, name)
            if isinstance(value, Node):
                yield value
            elif isinstance(value, tuple):
                yield from (each for each in value if isinstance(each, Node))

    def walk(self) -> Iterator[Node]:
        return iter(self._walked)

    @cached_property
    def _walked(self) -> tuple[Node, ...]:
        """This node and all below it: a tree never changes, and rules are walked again and again."""
        return (self, *(each for child in self.children() for each in child._walked))


@dataclass(frozen=True)
class Literal(Node):
    """A number, a text, a date, true, false or null."""

    value: float | int | str | bool | date | None


@dataclass(frozen=True)
class Period(Node):
    """A length of calendar time: 8 months, 28 days."""

    count: int
    unit: str  # day, week, month, year


@dataclass(frozen=True)
class Name(Node):
    """A fact of the subject, a field inside a list condition, or `as_of` and `on`."""

    name: str


@dataclass(frozen=True)
class Op(Node):
    """and, or, not, comparison, arithmetic; `-` with one argument is the negative."""

    op: str
    args: tuple[Node, ...]


@dataclass(frozen=True)
class In(Node):
    item: Node
    options: tuple[Node, ...]


@dataclass(frozen=True)
class IsNull(Node):
    item: Node


@dataclass(frozen=True)
class When(Node):
    condition: Node
    result: Node


@dataclass(frozen=True)
class Case(Node):
    whens: tuple[When, ...]
    otherwise: Node


@dataclass(frozen=True)
class Call(Node):
    """A plain function of its arguments: greatest, coalesce, age_months_at ..."""

    function: str
    args: tuple[Node, ...]


@dataclass(frozen=True)
class ListCall(Node):
    """has, count, first, latest, total, lowest over one list of the subject."""

    function: str
    list: str
    field: str | None
    where: Node | None


@dataclass(frozen=True)
class StepCall(Node):
    """done(step), due(step), overdue_after(step), applies(step), step_status(step)."""

    function: str
    step: str


@dataclass(frozen=True)
class StatusCall(Node):
    """status_code(scheme), status_since(scheme): the status open on the day."""

    function: str
    scheme: str


@dataclass(frozen=True)
class Param(Node):
    """A dated parameter of the pack, with the value in force on the day."""

    name: str


def steps_read(node: Node) -> set[str]:
    """The steps a rule refers to."""
    return {each.step for each in node.walk() if isinstance(each, StepCall)}


def text_wanted(node: Node | None, name: str) -> str | None:
    """The one text a condition wants a name to have, where it says one: `scheme = 'hardship' and …`."""
    if isinstance(node, Op) and node.op == "and":
        return next((found for each in node.args if (found := text_wanted(each, name)) is not None), None)
    if isinstance(node, Op) and node.op == "=" and Name(name) in node.args:
        values = [each.value for each in node.args if isinstance(each, Literal)]
        return values[0] if values and isinstance(values[0], str) else None
    return None
