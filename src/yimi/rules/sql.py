"""A rule as DuckDB SQL: one printer for the whole register, one child and every past day.

`Binding` says where each thing a rule names is found: a column, a list column, a literal. A rule never
names a table; it is printed into the projection of a query that has one row a subject.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

from yimi.rules import tree
from yimi.rules.tree import Node

FOLDED = {"total": "list_sum", "lowest": "list_min"}  # functions that make one number of a list's field

DatedValues = tuple[tuple[date, str], ...]  # (in force from, SQL of the value), oldest first


@dataclass(frozen=True)
class Binding:
    """How names become SQL. `day` is the SQL of the day whose parameters are in force."""

    names: Mapping[str, str] = field(default_factory=dict)
    fields: frozenset[str] = frozenset()  # fields of the list element `element` stands for
    element: str = "r"
    day: str = "as_of"
    step: Callable[[str, str], str] = lambda function, name: f'"{name}.{function}"'
    anchors: bool = False  # in a forecast, done(step) of an undone step stands for its due date
    params: Mapping[str, DatedValues] = field(default_factory=dict)
    holidays: tuple[date, ...] = ()
    workdays: tuple[date, ...] = ()

    def inside(self, fields: frozenset[str], element: str = "r") -> Binding:
        """The binding of a condition over a list's fields; fields of a list around it stay within reach."""
        around = {each: f"{self.element}.{quote(each)}" for each in self.fields}
        return replace(self, names={**self.names, **around}, fields=fields, element=element)


def quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def one_of(item: str, options: Sequence[str]) -> str:
    """`item` is one of the options. Never IN: DuckDB turns a longer list into a join, a second for each."""
    return "(" + " OR ".join(f"{item} = {each}" for each in options) + ")"


def completed_months(birth: str, on: str) -> str:
    """`yimi.lib.dates.age_months`: DuckDB cuts towards zero, so that the month before birth would be 0."""
    months = f"datesub('month', {birth}, {on})"
    beyond = f"{on} < {birth} AND {birth} + to_months(CAST({months} AS INTEGER)) > {on}"
    return f"({months} - CASE WHEN {beyond} THEN 1 ELSE 0 END)"


def day(value: date) -> str:
    return f"DATE '{value.isoformat()}'"


def days(values: tuple[date, ...]) -> str:
    return "[" + ", ".join(day(each) for each in values) + "]::DATE[]"


def to_sql(node: Node, binding: Binding, lists: Mapping[str, frozenset[str]] | None = None) -> str:
    """SQL of a checked rule. `lists` gives each list's fields, needed for conditions inside list calls."""
    return _Printer(binding, lists or {}).print(node)


class _Printer:
    def __init__(self, binding: Binding, lists: Mapping[str, frozenset[str]]) -> None:
        self.binding = binding
        self.lists = lists

    def print(self, node: Node) -> str:
        method: Callable[[Node], str] = getattr(self, "print_" + type(node).__name__.lower())
        return method(node)

    def plain(self, node: Node) -> str:
        """Printed where an undone step must stay unknown: in conditions, coalesce and is null."""
        return self._plain.print(node)

    @cached_property
    def _plain(self) -> _Printer:
        if not self.binding.anchors:
            return self
        return _Printer(replace(self.binding, anchors=False), self.lists)

    def print_literal(self, node: tree.Literal) -> str:
        if node.value is None:
            return "NULL"
        if isinstance(node.value, bool):
            return "TRUE" if node.value else "FALSE"
        if isinstance(node.value, date):
            return day(node.value)
        return text(node.value) if isinstance(node.value, str) else repr(node.value)

    def print_period(self, node: tree.Period) -> str:
        return f"INTERVAL {node.count} {node.unit.upper()}"

    def print_name(self, node: tree.Name) -> str:
        if node.name in self.binding.fields:
            return f"{self.binding.element}.{quote(node.name)}"
        return self.binding.names.get(node.name, quote(node.name))

    def print_op(self, node: tree.Op) -> str:
        if node.op == "not":
            return f"(NOT {self.plain(node.args[0])})"
        if len(node.args) == 1:
            return f"(-{self.print(node.args[0])})"
        if node.op in ("+", "-", "*", "/"):
            return self.arithmetic(node)
        left, right = (self.plain(each) for each in node.args)
        return f"({left} {node.op.upper()} {right})"

    def arithmetic(self, node: tree.Op) -> str:
        left, right = (self.print(each) for each in node.args)
        printed = f"({left} {node.op} {right})"
        # A date plus an interval is a timestamp in DuckDB; due items are whole days.
        return f"{printed}::DATE" if node.op in "+-" and self.is_period(node) else printed

    def is_period(self, node: tree.Op) -> bool:
        return any(self.gives_period(arg) for arg in node.args)

    def gives_period(self, node: Node) -> bool:
        if isinstance(node, tree.Period):
            return True
        if isinstance(node, tree.Param):
            return any("INTERVAL" in value for _, value in self.binding.params.get(node.name, ()))
        if isinstance(node, tree.Case):
            return any(self.gives_period(each.result) for each in node.whens)
        return isinstance(node, tree.Call) and any(self.gives_period(each) for each in node.args)

    def print_in(self, node: tree.In) -> str:
        return one_of(self.plain(node.item), [self.plain(each) for each in node.options])

    def print_isnull(self, node: tree.IsNull) -> str:
        return f"({self.plain(node.item)} IS NULL)"

    def print_case(self, node: tree.Case) -> str:
        whens = " ".join(
            f"WHEN {self.plain(each.condition)} THEN {self.print(each.result)}" for each in node.whens
        )
        return f"CASE {whens} ELSE {self.print(node.otherwise)} END"

    def print_call(self, node: tree.Call) -> str:
        if node.function in ("greatest", "least"):
            # DuckDB's own ignores NULL; here a missing fact leaves the answer unknown.
            args = [self.print(each) for each in node.args]
            known = " AND ".join(f"{each} IS NOT NULL" for each in args)
            return f"CASE WHEN {known} THEN {node.function}({', '.join(args)}) END"
        if node.function == "coalesce":
            return f"coalesce({', '.join(self.plain(each) for each in node.args)})"
        args = [self.print(each) for each in node.args]
        birth = self.binding.names.get("birth_date", "birth_date")
        if node.function == "age_months_at":
            return completed_months(birth, args[0])
        if node.function == "age_years_at":
            return f"CAST(floor({completed_months(birth, args[0])} / 12) AS BIGINT)"
        if node.function == "age_days_at":
            return f"({args[0]} - {birth})"
        if node.function == "add_days":
            return f"({args[0]} + CAST({args[1]} AS INTEGER))"
        if node.function == "add_working_days":
            return self.working_days(*args)
        return f"{node.function}({', '.join(args)})"

    def working_days(self, start: str, count: str) -> str:
        closed, made_up = days(self.binding.holidays), days(self.binding.workdays)
        ahead = f"list_transform(range(1, CAST({count} AS BIGINT) * 3 + 30), lambda n: {start} + CAST(n AS INTEGER))"
        working = f"list_contains({made_up}, d) OR (isodow(d) < 6 AND NOT list_contains({closed}, d))"
        found = f"list_filter({ahead}, lambda d: {working})[CAST({count} AS BIGINT)]"
        return f"CASE WHEN {count} <= 0 THEN {start} ELSE {found} END"

    def print_listcall(self, node: tree.ListCall) -> str:
        fields = self.lists.get(node.list, frozenset())
        column = self.binding.names.get(f"list:{node.list}", quote(node.list))
        element = self.binding.element + "_" if self.binding.fields else "r"
        conditions = []
        if node.where is not None:
            inner = _Printer(replace(self.binding.inside(fields, element), anchors=False), self.lists)
            conditions.append(inner.print(node.where))
        if node.field is not None:
            conditions.append(f"{element}.{quote(node.field)} IS NOT NULL")
        found = (
            f"list_filter({column}, lambda {element}: {' AND '.join(conditions)})" if conditions else column
        )
        if node.function == "has":
            return f"(coalesce(len({found}), 0) > 0)"
        if node.function == "count":
            return f"coalesce(len({found}), 0)"
        if node.function in FOLDED:
            return f"{FOLDED[node.function]}(list_transform({found}, lambda t: t.{quote(node.field or '')}))"
        return f"({found}[{1 if node.function == 'first' else -1}]).{quote(node.field or '')}"

    def print_stepcall(self, node: tree.StepCall) -> str:
        done = self.binding.step(node.function, node.step)
        if node.function == "done" and self.binding.anchors:
            return f"coalesce({done}, {self.binding.step('due', node.step)})"
        return done

    def print_statuscall(self, node: tree.StatusCall) -> str:
        wanted = "code" if node.function == "status_code" else "since"
        column = self.binding.names.get("list:status", '"status"')
        return f"(list_filter({column}, lambda s: s.scheme = {text(node.scheme)})[-1]).{wanted}"

    def print_param(self, node: tree.Param) -> str:
        values = self.binding.params[node.name]
        # Before the first date nothing is known to be in force: the oldest value is not carried back.
        whens = " ".join(
            f"WHEN {self.binding.day} >= {day(since)} THEN {value}" for since, value in reversed(values)
        )
        return f"CASE {whens} END"
