"""What a rule means: the type of every part, and what it names that does not exist.

`Scope` lists what a rule may see: the facts of its subject, the lists with their fields, the steps, the
parameters and the status schemes. `check` collects problems; it never stops at the first.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from yimi.rules import tree
from yimi.rules.parse import STEP_FUNCTIONS, RuleError, parse
from yimi.rules.tree import Node

BOOLEAN, NUMBER, TEXT, DATE, PERIOD, NULL = "boolean", "number", "text", "date", "period", "null"

_IS_NULL = "is null or is not null"

_DUCKDB = {
    "VARCHAR": TEXT, "DATE": DATE, "BOOLEAN": BOOLEAN, "INTEGER": NUMBER, "BIGINT": NUMBER, "DOUBLE": NUMBER,
    "TIMESTAMP": DATE, "JSON": TEXT, "VARCHAR[]": TEXT,
}  # fmt: skip


Codes = Mapping[str, frozenset[str]]


def rule_type(duckdb_type: str) -> str:
    """The rule language's type of a DuckDB column."""
    return _DUCKDB[duckdb_type]


@dataclass(frozen=True)
class Problem:
    message: str
    at: int


@dataclass(frozen=True)
class Scope:
    """Everything a rule may name. Types are those of this module."""

    names: dict[str, str] = field(default_factory=dict)
    lists: dict[str, dict[str, str]] = field(default_factory=dict)
    steps: frozenset[str] = frozenset()
    params: dict[str, str] = field(default_factory=dict)
    schemes: frozenset[str] = frozenset()
    # The codes of names and of fields ("dose.vaccine") that have a vocabulary, and of each status scheme.
    codes: dict[str, frozenset[str]] = field(default_factory=dict)
    scheme_codes: dict[str, frozenset[str]] = field(default_factory=dict)
    step_functions: frozenset[str] = frozenset(
        STEP_FUNCTIONS
    )  # those whose answer is known where the rule stands

    def with_names(self, codes: Codes | None = None, /, **names: str) -> Scope:
        """Further names, which hide those of before; `codes` are those of the new ones."""
        kept = {name: known for name, known in self.codes.items() if name not in names}
        return replace(self, names={**self.names, **names}, codes={**kept, **(codes or {})})


def check(text: str, scope: Scope, wanted: str | None) -> list[Problem]:
    """Every problem of one rule; `wanted` is the type it must have (None: any)."""
    try:
        node = parse(text)
    except RuleError as error:
        return [Problem(str(error), error.at)]
    reader = _Types(scope)
    found = reader.type(node)
    problems = reader.problems
    if wanted and not problems and found not in (wanted, NULL):
        problems.append(Problem(f"this is a {found}; a {wanted} is needed here", node.at))
    return problems


def suggestion(word: str, known: Iterable[str]) -> str:
    """'; did you mean 'dose'?' or nothing."""
    near = difflib.get_close_matches(word, list(known), 1)
    return f"; did you mean '{near[0]}'?" if near else ""


def _whole(node: Node) -> bool:
    """A number of days that DuckDB adds to a date as it stands: written out, or a parameter."""
    if isinstance(node, tree.Literal):
        return isinstance(node.value, int)
    if isinstance(node, tree.Op):
        return node.op in ("+", "-", "*") and all(_whole(each) for each in node.args)
    return isinstance(node, tree.Param)


class _Types:
    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.problems: list[Problem] = []

    def bad(self, node: Node, message: str) -> str:
        self.problems.append(Problem(message, node.at))
        return NULL

    def type(self, node: Node) -> str:
        method: Callable[[Node], str] = getattr(self, "type_" + type(node).__name__.lower())
        return method(node)

    def expect(self, node: Node, wanted: str, what: str) -> None:
        found = self.type(node)
        if found not in (wanted, NULL):
            self.bad(node, f"{what} needs a {wanted}, this is a {found}")

    def same(self, nodes: Iterable[Node], what: str) -> str:
        known = NULL
        for node in nodes:
            found = self.type(node)
            if NULL not in (known, found) and found != known:
                self.bad(node, f"{what} compares a {known} with a {found}")
            known = known if found == NULL else found
        return known

    def type_literal(self, node: tree.Literal) -> str:
        if isinstance(node.value, bool):
            return BOOLEAN
        if isinstance(node.value, int | float):
            return NUMBER
        if isinstance(node.value, date):
            return DATE
        return TEXT if isinstance(node.value, str) else NULL

    def type_period(self, node: tree.Period) -> str:
        return PERIOD

    def type_name(self, node: tree.Name) -> str:
        if node.name in self.scope.names:
            return self.scope.names[node.name]
        return self.bad(node, f"unknown name '{node.name}'{suggestion(node.name, self.scope.names)}")

    def type_op(self, node: tree.Op) -> str:
        if node.op in ("and", "or", "not"):
            for arg in node.args:
                self.expect(arg, BOOLEAN, f"'{node.op}'")
            return BOOLEAN
        if node.op in ("=", "<>", "<", "<=", ">", ">="):
            self.not_null(node.args, f"a comparison with null is never true: write {_IS_NULL}")
            self.same(node.args, f"'{node.op}'")
            if node.op in ("=", "<>"):
                self.known_codes(node.args[0], node.args[1:])
                self.known_codes(node.args[1], node.args[:1])
            return BOOLEAN
        return self.arithmetic(node)

    def arithmetic(self, node: tree.Op) -> str:
        types = [self.type(arg) for arg in node.args]
        if NULL in types:
            # What one side must be says what comes out; where both a date and a number could, nothing is said.
            if node.op in "+-":
                return DATE if PERIOD in types or (DATE in types and node.op == "+") else NULL
            return NUMBER
        if (types == [DATE, PERIOD] and node.op in "+-") or (types == [PERIOD, DATE] and node.op == "+"):
            return DATE
        if types == [DATE, NUMBER] and node.op in "+-":
            if not _whole(node.args[1]):
                return self.bad(node.args[1], "days are a whole number; otherwise write a period")
            return DATE  # days
        if types == [DATE, DATE] and node.op == "-":
            return NUMBER  # days
        if all(each == NUMBER for each in types):
            return NUMBER
        return self.bad(node, f"'{node.op}' cannot join a {' and a '.join(types)}")

    def type_in(self, node: tree.In) -> str:
        self.not_null(node.options, f"null is in no list: write {_IS_NULL}")
        self.same((node.item, *node.options), "'in'")
        self.known_codes(node.item, node.options)
        return BOOLEAN

    def known_codes(self, node: Node, compared: Iterable[Node]) -> None:
        """A code that a vocabulary lacks is never true and never told: a slip for the author, not for a child."""
        known = self.codes(node)
        if known is None:
            return
        for each in compared:
            if isinstance(each, tree.Literal) and isinstance(each.value, str) and each.value not in known:
                near = next((code for code in known if code.casefold() == each.value.casefold()), None)
                hint = f"; did you mean '{near}'?" if near else suggestion(each.value, sorted(known))
                self.bad(each, f"unknown code '{each.value}'{hint}")

    def codes(self, node: Node) -> frozenset[str] | None:
        """Every code a part of a rule can be; None where no vocabulary says."""
        if isinstance(node, tree.Name):
            return self.scope.codes.get(node.name)
        if isinstance(node, tree.ListCall) and node.field:
            if node.field == "code" and (scheme := tree.text_wanted(node.where, "scheme")) is not None:
                return self.scope.scheme_codes.get(scheme)
            return self.scope.codes.get(f"{node.list}.{node.field}")
        if isinstance(node, tree.StatusCall) and node.function == "status_code":
            return self.scope.scheme_codes.get(node.scheme)
        if isinstance(node, tree.StepCall) and node.function == "step_status":
            return self.scope.codes.get("item_status")
        if isinstance(node, tree.Literal) and isinstance(node.value, str):
            return frozenset({node.value})
        if isinstance(node, tree.Call) and node.function == "coalesce":
            each = [self.codes(arg) for arg in node.args]
            return None if None in each else frozenset().union(*(codes for codes in each if codes))
        return None

    def not_null(self, nodes: Iterable[Node], message: str) -> None:
        for each in nodes:
            if isinstance(each, tree.Literal) and each.value is None:
                self.bad(each, message)

    def type_isnull(self, node: tree.IsNull) -> str:
        self.type(node.item)
        return BOOLEAN

    def type_when(self, node: tree.When) -> str:
        self.expect(node.condition, BOOLEAN, "'when'")
        return self.type(node.result)

    def type_case(self, node: tree.Case) -> str:
        return self.same((*node.whens, node.otherwise), "'case'")

    def type_call(self, node: tree.Call) -> str:
        if node.function in ("greatest", "least", "coalesce"):
            return self.same(node.args, node.function)
        if node.function in ("age_months_at", "age_years_at", "age_days_at"):
            if "birth_date" not in self.scope.names:
                return self.bad(node, f"{node.function} needs a birth date; this subject has none")
            return self.signature(node, [DATE], NUMBER)
        if node.function in ("add_days", "add_working_days"):
            return self.signature(node, [DATE, NUMBER], DATE)
        if node.function == "starts_with":
            return self.signature(node, [TEXT, TEXT], BOOLEAN)
        wanted = 2 if node.function == "round" and len(node.args) == 2 else 1
        return self.signature(node, [NUMBER] * wanted, NUMBER)

    def signature(self, node: tree.Call, wanted: list[str], result: str) -> str:
        if len(node.args) != len(wanted):
            self.bad(node, f"{node.function} takes {len(wanted)} value(s), {len(node.args)} given")
        for arg, kind in zip(node.args, wanted, strict=False):
            self.expect(arg, kind, node.function)
        return result

    def type_listcall(self, node: tree.ListCall) -> str:
        fields = self.scope.lists.get(node.list)
        if fields is None:
            return self.bad(node, f"unknown list '{node.list}'{suggestion(node.list, self.scope.lists)}")
        if node.where is not None:
            inner = _Types(self.scope.with_names(self.field_codes(node, fields), **fields))
            inner.expect(node.where, BOOLEAN, f"the condition of {node.function}")
            self.problems += inner.problems
        if node.function in ("has", "count"):
            return BOOLEAN if node.function == "has" else NUMBER
        if node.field not in fields:
            return self.bad(
                node, f"'{node.list}' has no field '{node.field}'{suggestion(node.field or '', fields)}"
            )
        if node.function in ("total", "lowest") and fields[node.field] != NUMBER:
            return self.bad(
                node, f"{node.function} needs a number, '{node.list}.{node.field}' is a {fields[node.field]}"
            )
        return fields[node.field]

    def field_codes(self, node: tree.ListCall, fields: Iterable[str]) -> dict[str, frozenset[str]]:
        """The codes of a list's fields inside its condition; those of a status by the scheme it asks for."""
        found = {each: self.scope.codes.get(f"{node.list}.{each}") for each in fields}
        scheme = tree.text_wanted(node.where, "scheme")
        if scheme is not None and "scheme" in found and "code" in found:
            found["code"] = self.scope.scheme_codes.get(scheme)
        return {name: codes for name, codes in found.items() if codes is not None}

    def type_stepcall(self, node: tree.StepCall) -> str:
        if node.step not in self.scope.steps:
            return self.bad(node, f"unknown step '{node.step}'{suggestion(node.step, self.scope.steps)}")
        if node.function not in self.scope.step_functions:
            return self.bad(node, f"{node.function} is not known here")
        return {"applies": BOOLEAN, "step_status": TEXT}.get(node.function, DATE)

    def type_statuscall(self, node: tree.StatusCall) -> str:
        if node.scheme not in self.scope.schemes:
            return self.bad(
                node, f"unknown status '{node.scheme}'{suggestion(node.scheme, self.scope.schemes)}"
            )
        return TEXT if node.function == "status_code" else DATE

    def type_param(self, node: tree.Param) -> str:
        if node.name not in self.scope.params:
            return self.bad(
                node, f"unknown parameter '{node.name}'{suggestion(node.name, self.scope.params)}"
            )
        return self.scope.params[node.name]
