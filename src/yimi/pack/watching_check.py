"""What a surveillance and a survey must satisfy: fields that are there, of the kind they are used as."""

from __future__ import annotations

from dataclasses import replace

from yimi.pack.cascade_check import Checks
from yimi.pack.read import Path_
from yimi.pack.schema import Form, FormField, Surveillance, Survey
from yimi.pack.scopes import form_codes, form_fields, scope_of
from yimi.rules.check import BOOLEAN, DATE, NUMBER

EVENT = {
    "on": DATE, "days_ago": NUMBER, "earlier": NUMBER, "near": NUMBER, "alike": NUMBER, "records": NUMBER,
    "season_excess": BOOLEAN,
}  # fmt: skip


def check_surveillance(checks: Checks, each: Surveillance) -> None:
    """Every problem of one surveillance."""
    kind, pack = "surveillance", checks.pack
    if each.id in pack.pathways or each.id in pack.cascades:
        checks.bad(
            kind, each.id, ("id",), f"'{each.id}' is a pathway or cascade already: alerts name one of them"
        )
    _measures(checks, kind, each.id, each.measures)
    for name in ("within", "again_within", "least_count"):
        checks.known(kind, each.id, (name,), getattr(each, name), pack.parameters, "parameter")
    form = _form(checks, kind, each.id, ("form",), each.form, "child")
    if each.nearby:
        checks.known(
            kind, each.id, ("nearby", "within_m"), each.nearby.within_m, pack.parameters, "parameter"
        )
    for name in ("days", "years", "least") if each.season else ():
        given = getattr(each.season, name)
        checks.known(kind, each.id, ("season", name), given, pack.parameters, "parameter")
    if form is None:
        return
    fields = {one.id: one for one in form.fields}
    for name in ("same", "cuts", "worst"):
        for index, field in enumerate(getattr(each, name)):
            _coded(checks, kind, each.id, (name, index), field, fields)
    _coded(checks, kind, each.id, ("source_field",), each.source_field, fields)
    if each.nearby:
        for name in ("latitude", "longitude"):
            checks.known(kind, each.id, ("nearby", name), getattr(each.nearby, name), fields, "field")
    _capture(checks, each, fields)
    scope = replace(scope_of(pack, "child"), lists={}, steps=frozenset())
    codes = form_codes(pack, form.id)
    of_record = scope.with_names(codes, **form_fields(pack, form.id))
    checks.rule(kind, each.id, ("counts_when",), each.counts_when, of_record, BOOLEAN)
    kept = {one.lower() for one in (*each.same, *each.cuts)}
    told = {name: known for name, known in form_fields(pack, form.id).items() if name in kept}
    event = replace(scope, names={}).with_names(
        {k: v for k, v in codes.items() if k in kept}, **told, **EVENT
    )
    for index, alert in enumerate(each.alerts):
        path: Path_ = ("alerts", index)
        checks.rule(kind, each.id, (*path, "when"), alert.when, event, BOOLEAN)
        roles = [(("to",), alert.to), *((("also", n), role) for n, role in enumerate(alert.also))]
        if alert.task:
            roles += [(("task", "to"), alert.task.to), (("task", "verified_by"), alert.task.verified_by)]
        for where, role in roles if pack.roles else ():
            checks.known(kind, each.id, (*path, *where), role, pack.roles, "role")
        if not (alert.usable and each.usable):
            message = (
                f"alert '{alert.id}' rests on a recalled rule: it stays silent until somebody confirms it"
            )
            checks.doubt(kind, each.id, path, message)


def _capture(checks: Checks, each: Surveillance, fields: dict[str, FormField]) -> None:
    if each.capture is None:
        return
    path: Path_ = ("capture",)
    checks.known(
        "surveillance",
        each.id,
        (*path, "least_both"),
        each.capture.least_both,
        checks.pack.parameters,
        "parameter",
    )
    vocabulary = checks.pack.vocabularies.get(
        (fields[each.source_field].vocabulary or "") if each.source_field in fields else ""
    )
    codes = [one.code for one in vocabulary.codes] if vocabulary else []
    for name in ("first", "second"):
        for index, code in enumerate(getattr(each.capture, name)):
            checks.known("surveillance", each.id, (*path, name, index), code, codes, "code")
    if twice := set(each.capture.first) & set(each.capture.second):
        checks.bad(
            "surveillance", each.id, path, f"'{sorted(twice)[0]}' stands in both: two sources must be two"
        )


def check_survey(checks: Checks, each: Survey) -> None:
    """Every problem of one survey; above all that no answer can become a record."""
    kind, pack = "surveys", checks.pack
    _measures(checks, kind, each.id, each.measures)
    for name in ("least_answers", "least_count"):
        checks.known(kind, each.id, (name,), getattr(each, name), pack.parameters, "parameter")
    for index, name in enumerate(each.kinds):
        checks.known(kind, each.id, ("kinds", index), name, pack.facility_types, "facility type")
    for which in ("opened_by", "read_by"):
        for index, role in enumerate(getattr(each, which) if pack.roles else ()):
            checks.known(kind, each.id, (which, index), role, pack.roles, "role")
    opening = _form(checks, kind, each.id, ("round_form",), each.round_form, "facility")
    if opening is not None:
        checks.known(kind, each.id, ("round_form",), "pupils", [one.id for one in opening.fields], "field")
    form = _form(checks, kind, each.id, ("form",), each.form, "facility")
    if form is None:
        return
    asked = {one.id: one for one in form.fields}
    for index, name in enumerate(each.told):
        checks.known(kind, each.id, ("told", index), name, asked, "field")
        if name in asked and asked[name].type != "boolean":
            checks.bad(kind, each.id, ("told", index), f"'{name}' is no yes-or-no question")
    for field in form.fields:
        if field.type not in ("boolean", "code"):
            message = f"'{field.id}' is {field.type}: a pupil might write a name; ask with yes, no or choices"
            checks.bad("forms", form.id, ("fields",), message)
    for role in pack.roles.values():
        if form.id in role.records:
            checks.bad(
                "roles",
                role.id,
                ("records",),
                f"'{form.id}' is answered without an account: nobody enters it",
            )
    if form.recorded_by or form.import_label:
        checks.bad(
            "forms",
            form.id,
            ("id",),
            "it is answered without an account: no role enters it, no list brings it",
        )


def _measures(checks: Checks, kind: str, name: str, measures: list[str]) -> None:
    for index, measure in enumerate(measures if checks.pack.measures else ()):
        checks.known(kind, name, ("measures", index), measure, checks.pack.measures, "measure")


def _form(checks: Checks, kind: str, name: str, path: Path_, form: str, subject: str) -> Form | None:
    checks.known(kind, name, path, form, checks.pack.forms, "form")
    found = checks.pack.forms.get(form)
    if found is not None and found.subject != subject:
        checks.bad(kind, name, path, f"form '{form}' is about a {found.subject}, this about a {subject}")
        return None
    return found


def _coded(
    checks: Checks, kind: str, name: str, path: Path_, field: str, fields: dict[str, FormField]
) -> None:
    checks.known(kind, name, path, field, fields, "field")
    if field in fields and fields[field].type != "code":
        checks.bad(kind, name, path, f"'{field}' is no code: events are counted by codes")
