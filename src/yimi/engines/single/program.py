"""A pathway's columns, an entitlement's answer, a suspicion's condition as one Python function each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import FunctionType
from typing import Any

from yimi.engines.due.compiled import Compiler
from yimi.engines.due.schedule import Column
from yimi.engines.single import meaning
from yimi.engines.single.expressions import to_python

Facts = dict[str, Any]
GIVEN: dict[str, Any] = {
    name: each for name, each in vars(meaning).items() if callable(each) and not name.startswith("_")
} | {"date": date}


@dataclass(frozen=True)
class Program:
    """A function of the facts, and which of them it may look at."""

    run: Callable[[Facts], dict[str, Any] | None]
    reads: frozenset[str]

    def __call__(self, facts: Facts) -> dict[str, Any] | None:
        return self.run(facts)

    def meaning(self, given: Mapping[str, Any]) -> Program:
        """The same program where every operator and function means what `given` says."""
        assert isinstance(self.run, FunctionType)
        return Program(FunctionType(self.run.__code__, {**GIVEN, **given}), self.reads)


def pathway_program(compiler: Compiler, beside: Sequence[Column]) -> Program:
    """The row of `Compiler.query` for one subject's facts; None where the pathway does not run."""
    columns = [*compiler.first_columns(), *(each for layer in compiler.layers(beside) for each in layer)]
    return program(columns, compiler.answers(beside), start=compiler.start())


def program(columns: Iterable[Column], answers: Iterable[str], start: str = "TRUE") -> Program:
    """A function of the facts: every column in turn, then the answers by name. `columns` read only earlier ones."""
    variables: dict[str, str] = {}
    reads: set[str] = set()

    def name(column: str) -> str:
        if column in variables:
            return variables[column]
        reads.add(column)
        return f"facts[{column!r}]"

    lines = [f"    if {to_python(start, name)} is False: return None"]
    for each in columns:
        lines.append(f"    v{len(variables)} = {to_python(each.sql, name)}")
        variables[each.name] = f"v{len(variables)}"
    given = ", ".join(f"{each!r}: {name(each)}" for each in ("subject_id", *answers))
    source = "\n".join(["def run(facts):", *lines, f"    return {{{given}}}"])
    space: dict[str, Any] = dict(GIVEN)
    exec(compile(source, "<pathway>", "exec"), space)  # noqa: S102  our own translation of checked rules
    return Program(space["run"], frozenset(reads - {"subject_id"}))
