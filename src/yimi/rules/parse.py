"""Text to tree. sqlglot reads the SQL; whatever is not in the language is refused here, with its place.

Names of steps, lists and parameters are not looked up yet: `yimi.rules.check` does that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache

import sqlglot
from sqlglot import exp

from yimi.rules import tree
from yimi.rules.tree import Node

PLAIN_FUNCTIONS = {
    "greatest", "least", "coalesce", "abs", "round", "floor", "age_months_at", "age_years_at", "age_days_at",
    "add_days", "add_working_days", "starts_with",
}  # fmt: skip
LIST_FUNCTIONS = {"has", "count", "first", "latest", "total", "lowest"}
STEP_FUNCTIONS = {"done", "due", "overdue_after", "expires", "applies", "step_status"}
STATUS_FUNCTIONS = {"status_code", "status_since"}

_BINARY: dict[type[exp.Expression], str] = {
    exp.And: "and", exp.Or: "or", exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">",
    exp.GTE: ">=", exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/",
}  # fmt: skip
_UNITS = {"day", "week", "month", "year"}

# Words of ours that SQL reads in its own way: `on` is a keyword, and sqlglot's own first() and count() drop
# a condition. They go through the SQL reader in a dress of the same length, so that offsets stay true.
_DRESSED = {"on": "øn", "first": "fïrst", "count": "cöunt"}
_UNDRESSED = {dressed: word for word, dressed in _DRESSED.items()}
_WORDS = re.compile(r"'(?:[^']|'')*'|\b(?:on|first|count)\b", re.IGNORECASE)
_UNDRESS = re.compile("|".join(_UNDRESSED), re.IGNORECASE)
_COMMENTS = re.compile(r"'(?:[^']|'')*'|--|/\*")

# Words that stand before the first name or value of a node, so that an error points at the word.
_LEADING: dict[type[exp.Expression], str] = {
    exp.Case: "case", exp.Not: "not", exp.Interval: "interval", exp.Cast: "date", exp.Neg: "-",
    exp.Greatest: "greatest", exp.Least: "least", exp.Coalesce: "coalesce", exp.Abs: "abs", exp.Round: "round",
    exp.Floor: "floor", exp.StartsWith: "starts_with",
}  # fmt: skip


def _dress(text: str) -> str:
    return _WORDS.sub(lambda found: _DRESSED.get(found.group().lower(), found.group()), text)


def _undress(word: str) -> str:
    return _UNDRESSED.get(word, word)


class RuleError(Exception):
    """A rule that does not say anything the language allows; `at` is the offset in its text."""

    def __init__(self, message: str, at: int = 0) -> None:
        super().__init__(message)
        self.at = at


@lru_cache(maxsize=4096)
def parse(text: str) -> Node:
    """The tree of one rule. Raises `RuleError` with the offset of the first thing that is not allowed."""
    try:
        parsed = sqlglot.parse_one(f"SELECT {_dress(text)}", dialect="duckdb")
    except sqlglot.errors.ParseError as error:
        column = error.errors[0].get("col", 8) if error.errors else 8
        raise RuleError("this cannot be read as an expression", max(0, int(column) - 8)) from None
    except sqlglot.errors.TokenError:
        raise RuleError("a quotation mark or bracket is not closed") from None
    if (
        not isinstance(parsed, exp.Select)
        or len(parsed.expressions) != 1
        or any(value for key, value in parsed.args.items() if key not in ("expressions", "kind"))
    ):
        raise RuleError("a rule is one expression: no SELECT, FROM or list")
    nodes = list(parsed.walk())
    reader = _Reader(text, nodes)
    if any(each.comments for each in nodes):
        # What stands behind -- would be dropped in silence, and with it a condition.
        raise RuleError("a rule has no comments; use the note of the declaration", reader.comment())
    return reader.read(parsed.expressions[0])


class _Reader:
    """Turns sqlglot's tree into ours. One method a shape; the dispatch table is at the end."""

    def __init__(self, text: str, nodes: Sequence[exp.Expr]) -> None:
        """`nodes`: all of the tree, each before those below it."""
        self.text = text
        self.starts: dict[int, int] = {}  # by a node's id: sqlglot keeps the offsets of names and values only
        for each in reversed(nodes):
            own = each.meta.get("start", len("SELECT ") + len(text))
            start = min(own, self.starts.get(id(each), own))
            self.starts[id(each)] = start
            if each.parent is not None:
                self.starts[id(each.parent)] = min(start, self.starts.get(id(each.parent), start))

    def place(self, node: exp.Expression) -> int:
        """Offset of the node's first word in the rule."""
        if isinstance(node, exp.Binary | exp.Between | exp.In):
            return self.place(node.this)
        first = max(0, self.starts[id(node)] - len("SELECT "))
        word = _LEADING.get(type(node))
        led = self.text.lower().rfind(word, 0, first) if word else -1
        if led >= 0:
            return led
        if first < len(self.text):
            return first
        return max(0, self.text.lower().find(node.sql(dialect="duckdb").lower()))

    def comment(self) -> int:
        """Offset of the first comment: a mark that stands outside every text in quotes."""
        marks = (each for each in _COMMENTS.finditer(self.text) if not each.group().startswith("'"))
        return next((each.start() for each in marks), 0)

    def said(self, node: exp.Expression) -> str:
        """The node as its author wrote it, near enough."""
        return _UNDRESS.sub(lambda found: _UNDRESSED[found.group().lower()], node.sql(dialect="duckdb"))

    def read(self, node: exp.Expression) -> Node:
        for kind, method in self.METHODS.items():
            if isinstance(node, kind):
                return method(self, node)
        operator = _BINARY.get(type(node))
        if operator:
            args = (self.read(node.this), self.read(node.expression))
            return tree.Op(operator, args, at=self.place(node))
        if isinstance(node, exp.Func):
            return self.function(node.sql_name().lower(), node, list(node.iter_expressions()))
        raise RuleError(f"'{self.said(node)}' is not part of the rule language", self.place(node))

    def column(self, node: exp.Column) -> Node:
        if node.table:
            raise RuleError(
                f"'{self.said(node)}': a field with a list's name before it stands only inside first, latest, total or lowest",
                self.place(node),
            )
        return tree.Name(_undress(node.name.lower()), at=self.place(node))

    def literal(self, node: exp.Literal) -> Node:
        if node.is_string:
            return tree.Literal(node.this, at=self.place(node))
        number = float(node.this)
        whole = number.is_integer() and "." not in node.this
        return tree.Literal(int(number) if whole else number, at=self.place(node))

    def cast(self, node: exp.Cast) -> Node:
        if node.to.this == exp.DataType.Type.DATE and isinstance(node.this, exp.Literal):
            try:
                return tree.Literal(date.fromisoformat(node.this.this), at=self.place(node))
            except ValueError:
                raise RuleError(
                    f"'{node.this.this}' is not a date like 2025-01-31", self.place(node)
                ) from None
        raise RuleError("only date '2025-01-31' may be written so; there are no casts", self.place(node))

    def interval(self, node: exp.Interval) -> Node:
        unit = (node.unit.name if node.unit is not None else "").lower().removesuffix("s")
        amount = node.this.name if node.this is not None else ""
        if unit not in _UNITS or not amount.isdigit():
            raise RuleError(
                "a period is written interval 8 month, with day, week, month or year", self.place(node)
            )
        return tree.Period(int(amount), unit, at=self.place(node))

    def between(self, node: exp.Between) -> Node:
        if node.args.get("symmetric"):
            raise RuleError("between is written between low and high", self.place(node))
        item, at = self.read(node.this), self.place(node)
        low = tree.Op(">=", (item, self.read(node.args["low"])), at=at)
        high = tree.Op("<=", (item, self.read(node.args["high"])), at=at)
        return tree.Op("and", (low, high), at=at)

    def is_null(self, node: exp.Is) -> Node:
        if not isinstance(node.expression, exp.Null):
            raise RuleError("'is' is followed by null or not null", self.place(node))
        return tree.IsNull(self.read(node.this), at=self.place(node))

    def in_list(self, node: exp.In) -> Node:
        if not node.expressions:  # a query, a bare name, or nothing between the brackets
            raise RuleError("'in' is followed by a list in brackets", self.place(node))
        options = tuple(self.read(each) for each in node.expressions)
        return tree.In(self.read(node.this), options, at=self.place(node))

    def case(self, node: exp.Case) -> Node:
        if node.this is not None:
            raise RuleError("write case when condition then result", self.place(node))
        whens = tuple(
            tree.When(self.read(each.this), self.read(each.args["true"]), at=self.place(each.this))
            for each in node.args["ifs"]
        )
        default = node.args.get("default")
        return tree.Case(whens, self.read(default) if default else tree.Literal(None), at=self.place(node))

    def function(self, name: str, node: exp.Expression, args: list[exp.Expression]) -> Node:
        at = self.place(node)
        if name in LIST_FUNCTIONS:
            return self.list_call(name, args, at)
        if name in STEP_FUNCTIONS:
            return tree.StepCall(name, self.bare(name, args, at), at=at)
        if name in STATUS_FUNCTIONS:
            return tree.StatusCall(name, self.bare(name, args, at), at=at)
        if name == "param":
            return tree.Param(self.bare(name, args, at), at=at)
        if name in PLAIN_FUNCTIONS:
            return tree.Call(name, tuple(self.read(each) for each in args), at=at)
        raise RuleError(f"there is no function '{name}'", at)

    def list_call(self, name: str, args: list[exp.Expression], at: int) -> Node:
        if not 1 <= len(args) <= 2 or not isinstance(args[0], exp.Column) or args[0].args.get("db"):
            raise RuleError(f"{name} takes a list and, if wanted, a condition", at)
        target = args[0]
        wants_field = name in ("first", "latest", "total", "lowest")
        if wants_field != bool(target.table):
            example = f"{name}(dose.on, ...)" if wants_field else f"{name}(dose, ...)"
            raise RuleError(f"{name} is written {example}", at)
        where = self.read(args[1]) if len(args) == 2 else None
        if wants_field:
            found, field = _undress(target.table.lower()), _undress(target.name.lower())
            return tree.ListCall(name, found, field, where, at=at)
        return tree.ListCall(name, _undress(target.name.lower()), None, where, at=at)

    def bare(self, name: str, args: list[exp.Expression], at: int) -> str:
        if len(args) == 1 and isinstance(args[0], exp.Column) and not args[0].table:
            return _undress(args[0].name)
        if len(args) == 1 and isinstance(args[0], exp.Literal) and args[0].is_string:
            return str(args[0].this)
        raise RuleError(f"{name} takes one name", at)

    METHODS: dict[type[exp.Expression], Callable[[_Reader, exp.Expression], Node]] = {
        exp.Paren: lambda self, node: self.read(node.this),
        exp.Column: lambda self, node: self.column(node),  # type: ignore[arg-type]
        exp.Literal: lambda self, node: self.literal(node),  # type: ignore[arg-type]
        exp.Boolean: lambda self, node: tree.Literal(bool(node.this), at=self.place(node)),
        exp.Null: lambda self, node: tree.Literal(None, at=self.place(node)),
        exp.Cast: lambda self, node: self.cast(node),  # type: ignore[arg-type]
        exp.Interval: lambda self, node: self.interval(node),  # type: ignore[arg-type]
        exp.Not: lambda self, node: tree.Op("not", (self.read(node.this),), at=self.place(node)),
        exp.Neg: lambda self, node: tree.Op("-", (self.read(node.this),), at=self.place(node)),
        exp.Between: lambda self, node: self.between(node),  # type: ignore[arg-type]
        exp.Is: lambda self, node: self.is_null(node),  # type: ignore[arg-type]
        exp.In: lambda self, node: self.in_list(node),  # type: ignore[arg-type]
        exp.Case: lambda self, node: self.case(node),  # type: ignore[arg-type]
        exp.Anonymous: lambda self, node: self.function(
            _undress(str(node.this).lower()), node, node.expressions
        ),
    }
