"""What a checklist needs: owners, indicators and codes that are there, a form its owners can enter."""

from __future__ import annotations

from yimi.pack.cascade_check import Checks
from yimi.pack.read import Path_
from yimi.pack.schema import Checklist

KIND = "checklists"
FIELDS = {"item": "code", "met": "boolean", "valid_until": "date"}


def check_checklist(checks: Checks, each: Checklist) -> None:
    """Every problem of one checklist."""
    pack = checks.pack
    for index, measure in enumerate(each.measures if pack.measures else ()):
        checks.known(KIND, each.id, ("measures", index), measure, pack.measures, "measure")
    checks.known(KIND, each.id, ("vocabulary",), each.vocabulary, pack.vocabularies, "vocabulary")
    checks.known(KIND, each.id, ("form",), each.form, pack.forms, "form")
    _form(checks, each)
    known = pack.vocabularies.get(each.vocabulary)
    codes = [one.code for one in known.codes] if known else []
    seen: set[str] = set()
    for part, heading in enumerate(each.parts):
        for position, one in enumerate(heading.items):
            path: Path_ = ("parts", part, "items", position)
            if known:
                checks.known(KIND, each.id, (*path, "item"), one.item, codes, "code")
            if one.item in seen:
                checks.bad(KIND, each.id, (*path, "item"), f"item '{one.item}' stands twice")
            seen.add(one.item)
            checks.known(KIND, each.id, (*path, "owner"), one.owner, pack.organizations, "organization")
            checks.known(KIND, each.id, (*path, "indicator"), one.indicator, pack.indicators, "indicator")


def _form(checks: Checks, each: Checklist) -> None:
    form = checks.pack.forms.get(each.form)
    if form is None:
        return
    if form.subject != "organization":
        message = (
            f"form '{form.id}' is about a {form.subject}: a document is entered about the body that owns it"
        )
        checks.bad(KIND, each.id, ("form",), message)
    fields = {one.id: one for one in form.fields}
    for name, kind in FIELDS.items():
        if name not in fields or fields[name].type != kind:
            checks.bad(KIND, each.id, ("form",), f"form '{form.id}' needs a field '{name}' of type {kind}")
    told = fields["item"].vocabulary if "item" in fields else each.vocabulary
    if told != each.vocabulary:
        checks.bad(
            KIND, each.id, ("vocabulary",), f"field 'item' of '{form.id}' takes its codes from '{told}'"
        )
