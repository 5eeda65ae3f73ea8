"""The text of a SQL expression to a Python expression with the same answer.

Reads what `rules.sql`, `due.compiled`, `due.judged` and `entitlement` print, no more: anything else is a
ValueError when the pack is loaded, never a wrong answer. Precedence is DuckDB's.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from yimi.engines.single.meaning import FUNCTIONS

_TOKEN = re.compile(
    r"""\s+|(?P<text>'(?:[^']|'')*')|(?P<quoted>"(?:[^"]|"")+")|(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)"""
    r"""|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<sign>::|:=|<>|<=|>=|!=|\|\||//|[-+*/=<>()\[\],.:])"""
)
_COMPARED = {"=": "eq", "<>": "ne", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
_TYPE = {"DATE", "BIGINT", "INTEGER", "DOUBLE", "VARCHAR", "BOOLEAN"}
Names = Callable[[str], str]  # a column of the row → the Python that gives its value


def to_python(sql: str, names: Names) -> str:
    """Python source of `sql`; it calls the functions of `meaning` by their names."""
    reader = _Reader(sql, names)
    found = reader.whole()
    reader.expect_end()
    return found


class _Reader:
    """Pratt's way: each method reads one level of precedence, from OR down to a single value."""

    def __init__(self, sql: str, names: Names) -> None:
        self.sql, self.names = sql, names
        self.tokens: list[tuple[str, str]] = []
        self.at = 0
        self.elements: list[str] = []  # variables of the lambdas around
        place = 0
        while place < len(sql):
            match = _TOKEN.match(sql, place)
            if match is None:
                raise ValueError(f"cannot translate {sql[place : place + 40]!r} of {sql[:80]!r}")
            if match.lastgroup:
                self.tokens.append((match.lastgroup, match.group()))
            place = match.end()
        self.tokens.append(("end", ""))

    # --- tokens ---

    def word(self, *words: str) -> bool:
        """Steps over one of these words or signs, if it is next."""
        kind, text = self.tokens[self.at]
        if (text.upper() if kind == "name" else text) in words and kind in ("name", "sign"):
            self.at += 1
            return True
        return False

    def expect(self, *words: str) -> None:
        if not self.word(*words):
            raise ValueError(f"expected {words} at {self.tokens[self.at][1]!r} of {self.sql[:80]!r}")

    def expect_end(self) -> None:
        if self.tokens[self.at][0] != "end":
            raise ValueError(f"cannot translate {self.tokens[self.at][1]!r} of {self.sql[:80]!r}")

    def take(self, kind: str) -> str:
        found, text = self.tokens[self.at]
        if found != kind:
            raise ValueError(f"expected a {kind}, not {text!r}, in {self.sql[:80]!r}")
        self.at += 1
        return text

    # --- levels, the loosest first ---

    def whole(self) -> str:
        left = self.conjunction()
        while self.word("OR"):
            left = f"either({left}, {self.conjunction()})"
        return left

    def conjunction(self) -> str:
        left = self.negation()
        while self.word("AND"):
            left = f"both({left}, {self.negation()})"
        return left

    def negation(self) -> str:
        return f"negated({self.negation()})" if self.word("NOT") else self.test()

    def test(self) -> str:
        left = self.comparison()
        while self.word("IS"):
            inverse = " not" if self.word("NOT") else ""
            self.expect("NULL", "TRUE", "FALSE")
            left = f"({left} is{inverse} {self.constant(self.tokens[self.at - 1][1])})"
        return left

    @staticmethod
    def constant(word: str) -> str:
        return {"NULL": "None", "TRUE": "True", "FALSE": "False"}[word.upper()]

    def comparison(self) -> str:
        left = self.concatenation()
        kind, sign = self.tokens[self.at]
        if kind == "sign" and sign in _COMPARED:
            self.at += 1
            left = f"{_COMPARED[sign]}({left}, {self.concatenation()})"
        return left

    def concatenation(self) -> str:
        left = self.addition()
        while self.word("||"):
            left = f"joined({left}, {self.addition()})"
        return left

    def addition(self) -> str:
        left = self.multiplication()
        while self.word("+", "-"):
            name = "plus" if self.tokens[self.at - 1][1] == "+" else "minus"
            left = f"{name}({left}, {self.multiplication()})"
        return left

    def multiplication(self) -> str:
        left = self.sign()
        while self.word("*", "/", "//"):
            name = {"*": "times", "/": "over", "//": "whole_over"}[self.tokens[self.at - 1][1]]
            left = f"{name}({left}, {self.sign()})"
        return left

    def sign(self) -> str:
        return f"minus_of({self.sign()})" if self.word("-") else self.suffixed()

    def suffixed(self) -> str:
        value = self.single()
        while True:
            if self.word("["):
                value = f"element({value}, {self.whole()})"
                self.expect("]")
            elif self.word("::"):
                value = self.cast(value)
            elif self.word("."):
                value = f"field({value}, {self.field()!r})"
            else:
                return value

    def cast(self, value: str) -> str:
        kind = self.take("name").upper()
        if kind not in _TYPE:
            raise ValueError(f"cannot translate a cast to {kind} in {self.sql[:80]!r}")
        if self.word("["):
            self.expect("]")
            return value  # a list keeps what it holds
        return value if value == "None" else f"cast({value}, {kind!r})"

    def field(self) -> str:
        kind, text = self.tokens[self.at]
        self.at += 1
        return text[1:-1].replace('""', '"') if kind == "quoted" else text

    # --- one value ---

    def single(self) -> str:
        kind, written = self.tokens[self.at]
        self.at += 1
        if kind == "number":
            return written
        if kind == "text":
            return repr(written[1:-1].replace("''", "'"))
        if kind == "quoted":
            return self.names(written[1:-1].replace('""', '"'))
        if written == "(":
            inner = self.whole()
            self.expect(")")
            return f"({inner})"
        if written == "[":
            return _list(self.listed("]"))
        if kind != "name":
            raise ValueError(f"cannot translate {written!r} of {self.sql[:80]!r}")
        return self.named(written)

    def named(self, name: str) -> str:
        word = name.upper()
        if word in ("NULL", "TRUE", "FALSE"):
            return self.constant(word)
        if word == "CASE":
            return self.case()
        if word == "DATE" and self.tokens[self.at][0] == "text":
            day = date.fromisoformat(self.take("text")[1:-1])
            return f"date({day.year}, {day.month}, {day.day})"
        if word == "INTERVAL":
            count = int(self.take("number"))
            return f"period({count}, {self.take('name')!r})"
        if self.word("("):
            return self.call(name.lower())
        return f"{name}_" if name in self.elements else self.names(name)

    def case(self) -> str:
        choices = []
        while self.word("WHEN"):
            condition = self.whole()
            self.expect("THEN")
            choices.append((condition, self.whole()))
        otherwise = self.whole() if self.word("ELSE") else "None"
        self.expect("END")
        printed = " else ".join(f"{value} if {condition} is True" for condition, value in choices)
        return f"({printed} else {otherwise})"

    def call(self, function: str) -> str:
        if function in ("cast", "try_cast"):
            value = self.whole()
            self.expect("AS")
            value = self.cast(value)
            self.expect(")")
            return value
        if function == "struct_pack":
            return self.struct()
        if function not in FUNCTIONS:
            raise ValueError(f"cannot translate the function {function} in {self.sql[:80]!r}")
        return f"{FUNCTIONS[function].__name__}({', '.join(self.listed(')'))})"

    def listed(self, end: str) -> list[str]:
        found: list[str] = []
        while not self.word(end):
            if found:
                self.expect(",")
            found.append(self.inner() if self.word("LAMBDA") else self.whole())
        return found

    def inner(self) -> str:
        variable = self.take("name")
        self.expect(":")
        self.elements.append(variable)
        body = self.whole()
        self.elements.pop()
        return f"lambda {variable}_: {body}"

    def struct(self) -> str:
        pairs: list[str] = []
        while not self.word(")"):
            if pairs:
                self.expect(",")
            name = self.field()
            self.expect(":=")
            pairs.append(f"{name!r}: {self.whole()}")
        return f"{{{', '.join(pairs)}}}"


_DAY = re.compile(r"date\((\d+), (\d+), (\d+)\)")


def _list(values: list[str]) -> str:
    """A list; one of nothing but days (a year's holidays) is made once, not again for every day that is compared."""
    written = [_DAY.fullmatch(each) for each in values]
    if not values or None in written:
        return f"[{', '.join(values)}]"
    numbers = (date(*map(int, each.groups())).toordinal() for each in written if each)
    return f"days(({''.join(f'{each}, ' for each in numbers)}))"
