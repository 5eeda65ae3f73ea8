"""What a form needs: fields that fit, decisions of statuses that exist, roles, gates over whom it names."""

from __future__ import annotations

from yimi.pack import schema
from yimi.pack.cascade_check import Checks
from yimi.pack.computed_check import check_computed
from yimi.pack.read import Path_
from yimi.pack.scopes import form_codes, form_fields, scope_of
from yimi.rules.check import BOOLEAN, Scope


def check_form(checks: Checks, form: schema.Form) -> None:
    """Fields, what the form decides, who enters it, and its gates."""
    fields = Scope(names=form_fields(checks.pack, form.id), codes=form_codes(checks.pack, form.id))
    seen: set[str] = set()
    for index, each in enumerate(form.fields):
        path: Path_ = ("fields", index)
        if each.id in seen:
            checks.bad("forms", form.id, (*path, "id"), f"field '{each.id}' stands twice")
        seen.add(each.id)
        checks.known(
            "forms", form.id, (*path, "vocabulary"), each.vocabulary, checks.pack.vocabularies, "vocabulary"
        )
        if each.type in ("code", "codes") and not each.vocabulary:
            checks.bad("forms", form.id, path, f"field '{each.id}' is a code and needs a vocabulary")
        for name, rule in (("show_when", each.show_when), ("required_when", each.required_when)):
            checks.rule("forms", form.id, (*path, name), rule, fields, BOOLEAN)
        check_computed(checks, form, index)
        if (each.requires or each.among) and each.type != "person":
            checks.bad(
                "forms",
                form.id,
                path,
                f"'{each.id}' names no person: requires and among are of type person",
            )
        if each.drawn and each.type != "evidence":
            checks.bad(
                "forms", form.id, (*path, "drawn"), f"'{each.id}' keeps no file: drawn is of type evidence"
            )
        for position, scheme_ in enumerate(each.among):
            checks.known(
                "forms", form.id, (*path, "among", position), scheme_, checks.pack.statuses, "status"
            )
        check_gates(checks, "forms", form.id, (*path, "requires"), each.requires, "person")
    if form.persons and form.subject != "person":
        checks.bad(
            "forms",
            form.id,
            ("persons",),
            f"form '{form.id}' is about a {form.subject}, not about a person",
        )
    if form.dies and form.subject not in ("child", "person"):
        checks.bad(
            "forms", form.id, ("dies",), f"form '{form.id}' is about a {form.subject}: it does not die"
        )
    if form.frees and form.subject != "person":
        checks.bad("forms", form.id, ("frees",), f"form '{form.id}' is about a {form.subject}, not a person")
    if form.anywhere and form.subject != "facility":
        checks.bad(
            "forms", form.id, ("anywhere",), f"form '{form.id}' is about a {form.subject}, not a facility"
        )
    if form.enrolls and form.persons != "resident":
        checks.bad(
            "forms", form.id, ("enrolls",), f"form '{form.id}' enters residents only with persons: resident"
        )
    _check_takes(checks, form)
    _check_bears(checks, form)
    checks.rule("forms", form.id, ("frees",), form.frees, fields, BOOLEAN)
    check_gates(checks, "forms", form.id, ("requires",), form.requires, form.subject)
    for index, decision in enumerate(form.decides):
        checks.known(
            "forms", form.id, ("decides", index, "scheme"), decision.scheme, checks.pack.statuses, "status"
        )
        checks.known("forms", form.id, ("decides", index, "code_field"), decision.code_field, seen, "field")
        scheme = checks.pack.statuses.get(decision.scheme)
        if scheme is not None and scheme.vocabulary in checks.pack.vocabularies:
            codes = [each.code for each in checks.pack.vocabularies[scheme.vocabulary].codes]
            checks.known("forms", form.id, ("decides", index, "code"), decision.code, codes, "code")
        checks.rule(
            "forms", form.id, ("decides", index, "closes_when"), decision.closes_when, fields, BOOLEAN
        )
    for index, role in enumerate(form.recorded_by):
        if checks.pack.roles:
            checks.known("forms", form.id, ("recorded_by", index), role, checks.pack.roles, "role")


def _check_takes(checks: Checks, form: schema.Form) -> None:
    """The days and the unit are fields; the capacity form counts every unit."""
    takes = form.takes
    if takes is None:
        return
    types = {each.id: each for each in form.fields}
    for name, wanted in (("unit", "code"), ("since", "date"), ("until", "date")):
        field = types.get(getattr(takes, name))
        if field is None or field.type != wanted or not field.required:
            checks.bad(
                "forms",
                form.id,
                ("takes", name),
                f"'{getattr(takes, name)}' is no required {wanted} of '{form.id}'",
            )
    checks.known("forms", form.id, ("takes", "capacity"), takes.capacity, checks.pack.forms, "form")
    counted = checks.pack.forms.get(takes.capacity)
    unit = types.get(takes.unit)
    vocabulary = checks.pack.vocabularies.get(unit.vocabulary or "") if unit else None
    if counted is None or vocabulary is None:
        return
    whole = {each.id for each in counted.fields if each.type == "integer"}
    for code in vocabulary.codes:
        if code.code not in whole:
            message = f"form '{counted.id}' has no whole number '{code.code}': how many there are of it"
            checks.bad("forms", form.id, ("takes", "capacity"), message)


def _check_bears(checks: Checks, form: schema.Form) -> None:
    """The child's facts are fields of the right types, and its own record asks for them in the same way."""
    bears = form.bears
    if bears is None:
        return
    if form.subject != "person" or form.second_person or form.import_label:
        message = f"form '{form.id}' bears a child: it is about a person, counts at once and is no list"
        checks.bad("forms", form.id, ("bears",), message)
    fields = {each.id: each for each in form.fields}
    wanted = {"name": "text", "sex": "code", "number": "integer", "weight_g": "integer", "weeks": "integer"}
    for name, kind in wanted.items():
        field = getattr(bears, name)
        if field is not None and (field not in fields or fields[field].type != kind):
            checks.bad("forms", form.id, ("bears", name), f"'{field}' is no {kind} of '{form.id}'")
    checks.known("forms", form.id, ("bears", "form"), bears.form, checks.pack.forms, "form")
    carried = checks.pack.forms.get(bears.form)
    if carried is None:
        return
    if (
        carried.subject != "child"
        or carried.decides
        or carried.second_person
        or carried.dies
        or carried.leaves
    ):
        message = f"form '{carried.id}' is carried over to a child: it is about a child and decides nothing"
        checks.bad("forms", form.id, ("bears", "form"), message)
    for each in carried.fields:
        own = fields.get(each.id)
        if own and (own.type, own.vocabulary, own.unit) != (each.type, each.vocabulary, each.unit):
            message = f"'{each.id}' is asked in another way by '{carried.id}'"
            checks.bad("forms", form.id, ("bears", "form"), message)
        if each.required and not (own and own.required):
            message = f"'{carried.id}' requires '{each.id}', which '{form.id}' does not"
            checks.bad("forms", form.id, ("bears", "form"), message)


def check_gates(checks: Checks, kind: str, name: str, path: Path_, gates: list[schema.Gate], of: str) -> None:
    for index, each in enumerate(gates):
        checks.rule(kind, name, (*path, index, "rule"), each.rule, scope_of(checks.pack, of), BOOLEAN)
