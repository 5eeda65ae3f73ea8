"""The conditions of a form as a phone gets them."""

from __future__ import annotations

from yimi.pack.schema import Form
from yimi.pack.tables import FIELD_TYPES
from yimi.rules.check import rule_type
from yimi.rules.parse import parse
from yimi.rules.wire import CODES, Wire
from yimi.rules.wire import to_wire as tree_to_wire


def to_wire(rule: str, form: Form) -> Wire:
    """The nested lists of a condition over the form's fields. Raises `RuleError` where it cannot be said so."""
    types = {
        each.id.lower(): CODES if each.type == "codes" else rule_type(FIELD_TYPES[each.type])
        for each in form.fields
    }
    return tree_to_wire(parse(rule), types)
