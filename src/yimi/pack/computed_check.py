"""Computed fields: worked out after everything that was typed, from fields above them and from parameters."""

from __future__ import annotations

from yimi.pack.cascade_check import Checks
from yimi.pack.read import Path_
from yimi.pack.schema import Form
from yimi.pack.scopes import form_codes, form_fields, parameter_types
from yimi.pack.tables import FIELD_TYPES
from yimi.rules import tree
from yimi.rules.check import Scope, rule_type
from yimi.rules.parse import RuleError, parse


def check_computed(checks: Checks, form: Form, index: int) -> None:
    """Its rule has the field's type; it is neither shown on a condition nor asked for; no condition reads it."""
    each = form.fields[index]
    path: Path_ = ("fields", index, "computed")
    if each.computed is None:
        return
    above = {"on", *(one.id.lower() for one in form.fields[:index])}
    names = {name: kind for name, kind in form_fields(checks.pack, form.id).items() if name in above}
    codes = {name: found for name, found in form_codes(checks.pack, form.id).items() if name in above}
    scope = Scope(names=names, codes=codes, params=parameter_types(checks.pack))
    checks.rule("forms", form.id, path, each.computed, scope, rule_type(FIELD_TYPES[each.type]))
    if each.required or each.required_when or each.show_when:
        message = f"field '{each.id}' is computed: it is neither shown on a condition nor asked for"
        checks.bad("forms", form.id, path, message)
    for one in form.fields:
        if any(each.id.lower() in _names(rule) for rule in (one.show_when, one.required_when) if rule):
            message = f"field '{one.id}' depends on '{each.id}', which is computed after all conditions"
            checks.bad("forms", form.id, path, message)


def _names(rule: str) -> set[str]:
    try:
        return {each.name for each in parse(rule).walk() if isinstance(each, tree.Name)}
    except RuleError:
        return set()
