"""A rule over a form's own fields as nested lists, for a reader that has no SQL: the form on a phone.

`["and", ["=", ["field", "action"], ["text", "begin"]], ["not", ["is null", ["field", "grade"]]]]`. Only what means
the same in a few lines of another language is said: and, or, not, comparisons, in, is null, over fields and plain
values. The rest (calendar, arithmetic, lists, parameters) is refused, and with it the form on that reader.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from yimi.rules import tree
from yimi.rules.check import BOOLEAN, DATE, NULL, NUMBER, TEXT
from yimi.rules.parse import RuleError
from yimi.rules.tree import Node

CODES = "codes"  # of a field with several answers: nothing but whether there is one can be asked

Wire = list[Any]

_LOGIC = frozenset({"and", "or", "not"})
_EQUAL = frozenset({"=", "<>"})
# Texts have no order here: DuckDB sorts by bytes, other languages by what they keep a text in.
_ORDERED = {"<": {NUMBER, DATE}, "<=": {NUMBER, DATE}, ">": {NUMBER, DATE}, ">=": {NUMBER, DATE}}


def to_wire(rule: Node, types: Mapping[str, str]) -> Wire:
    """The lists of a parsed rule; `types`: of each field, those of `yimi.rules.check` or CODES.

    Raises `RuleError` with the offset of the first thing that cannot be said so.
    """
    writer = _Writer(types)
    writer.expect(rule, BOOLEAN)
    return writer.write(rule)


class _Writer:
    def __init__(self, types: Mapping[str, str]) -> None:
        self.types = types

    def write(self, node: Node) -> Wire:
        method = self.METHODS.get(type(node))
        if method is None:
            raise RuleError("this cannot be asked on a phone", node.at)
        return method(self, node)

    def kind(self, node: Node) -> str:
        if isinstance(node, tree.Name):
            if node.name not in self.types:
                raise RuleError(f"the form has no field '{node.name}'", node.at)
            return self.types[node.name]
        if isinstance(node, tree.Literal):
            return _type_of(node.value)
        if isinstance(node, tree.Op) and node.op in (*_LOGIC, *_EQUAL, *_ORDERED):
            return BOOLEAN
        if isinstance(node, tree.In | tree.IsNull):
            return BOOLEAN
        raise RuleError("this cannot be asked on a phone", node.at)

    def expect(self, node: Node, wanted: str) -> None:
        found = self.kind(node)
        if found not in (wanted, NULL):
            raise RuleError(f"this is a {found}; a {wanted} is needed here", node.at)

    def alike(self, *nodes: Node) -> None:
        """Two things are compared only within one type: SQL would make one of the other in silence."""
        kinds = {found for each in nodes if (found := self.kind(each)) != NULL}
        if len(kinds) > 1 or CODES in kinds:
            raise RuleError("this cannot be compared on a phone", nodes[0].at)

    def op(self, node: tree.Op) -> Wire:
        if node.op in _LOGIC:
            for each in node.args:
                self.expect(each, BOOLEAN)
        elif node.op in _EQUAL or node.op in _ORDERED:
            self.alike(*node.args)
            allowed = _ORDERED.get(node.op)
            if allowed and not {self.kind(each) for each in node.args} <= {*allowed, NULL}:
                raise RuleError("only numbers and dates are greater or less on a phone", node.at)
        else:
            raise RuleError(f"'{node.op}' cannot be asked on a phone", node.at)
        return [node.op, *(self.write(each) for each in node.args)]

    def one_of(self, node: tree.In) -> Wire:
        self.alike(node.item, *node.options)
        return ["in", self.write(node.item), [self.write(each) for each in node.options]]

    def is_null(self, node: tree.IsNull) -> Wire:
        self.kind(node.item)
        return ["is null", self.write(node.item)]

    def name(self, node: tree.Name) -> Wire:
        self.kind(node)
        return ["field", node.name]

    def literal(self, node: tree.Literal) -> Wire:
        value = node.value
        if value is None:
            return ["null"]
        if isinstance(value, bool):
            return ["true" if value else "false"]
        if isinstance(value, date):
            return ["date", value.isoformat()]
        return ["text" if isinstance(value, str) else "number", value]

    METHODS: dict[type[Node], Callable[[_Writer, Any], Wire]] = {
        tree.Op: op,
        tree.In: one_of,
        tree.IsNull: is_null,
        tree.Name: name,
        tree.Literal: literal,
    }


def _type_of(value: object) -> str:
    if value is None:
        return NULL
    if isinstance(value, bool):
        return BOOLEAN
    if isinstance(value, int | float):
        return NUMBER
    return DATE if isinstance(value, date) else TEXT
