"""The forms a phone can carry: what it draws from the declaration, and what it must be able to decide alone.

A form about a child, or one that opens a kind of case named here. Left out are forms that need an adult or a body
to be looked up, whose conditions a phone cannot ask, whose choices depend on what stands in the child's file, and
those that change the register at once (a death, a child handed over): they are entered where the file is open.
"""

from __future__ import annotations

from dataclasses import dataclass

from yimi.pack.case_kinds import CaseKind
from yimi.pack.load import Pack, once_a_pack
from yimi.pack.reads import EXCEPTIONS
from yimi.pack.schema import Form, FormField
from yimi.pack.wire import to_wire
from yimi.rules.parse import RuleError, parse
from yimi.rules.tree import Literal, Name, Op
from yimi.rules.wire import Wire

OPENED = ("referral",)  # kinds of case that are opened on a phone; a report of harm is made by voice, at once
LOOKED_UP = ("person", "organization")


@dataclass(frozen=True)
class CarriedField:
    field: FormField
    show_when: Wire | None
    required_when: Wire | None


@dataclass(frozen=True)
class Carried:
    """`opens`: the kind of case the form opens; None: it is about a child."""

    form: Form
    fields: tuple[CarriedField, ...]
    opens: CaseKind | None = None


@once_a_pack
def carried(pack: Pack) -> dict[str, Carried]:
    """Every form of the pack that a phone can carry, by its id."""
    found: dict[str, Carried] = {}
    for form in pack.forms.values():
        if form.subject == "child" and form.id != EXCEPTIONS and not (form.dies or form.leaves):
            _add(found, form, None)
    for kind in (pack.cases[each] for each in OPENED if each in pack.cases):
        _add(found, pack.forms[kind.opened_by], kind)
    return found


def _add(found: dict[str, Carried], form: Form, opens: CaseKind | None) -> None:
    fields = []
    for each in form.fields:
        if each.type in LOOKED_UP:
            if each.required or each.required_when:
                return
            continue
        try:
            fields.append(CarriedField(each, _wire(each.show_when, form), _wire(each.required_when, form)))
        except RuleError:
            return
    found[form.id] = Carried(form, tuple(fields), opens)


def _wire(rule: str | None, form: Form) -> Wire | None:
    return to_wire(rule, form) if rule else None


@once_a_pack
def told_apart_by(pack: Pack, form: str) -> tuple[str, ...]:
    """Fields by which two records of one day are about two things: different steps want different values of them.

    Two doses on one day are two vaccines, not two opinions.
    """
    wanted: dict[str, set[str]] = {}
    for _, step in pack.steps.values():
        if step.form == form:
            for name, value in _wanted(step.satisfied_by):
                wanted.setdefault(name, set()).add(value)
    return tuple(sorted(name for name, values in wanted.items() if len(values) > 1))


def _wanted(rule: str) -> list[tuple[str, str]]:
    """(field, text) of every `field = 'text'` in a rule."""
    found = []
    for node in parse(rule).walk():
        if isinstance(node, Op) and node.op == "=":
            left, right = node.args
            if isinstance(left, Name) and isinstance(right, Literal) and isinstance(right.value, str):
                found.append((left.name, right.value))
    return found
