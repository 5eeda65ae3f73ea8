"""What a kind of case needs so that it can be worked: parties, forms and clocks that fit each other.

Each finding: path in the file, message. Rules of triggers are checked by `yimi.pack.check`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from yimi.pack.case_kinds import CaseKind, CaseParty
from yimi.pack.load import Pack
from yimi.pack.read import Path_

Finding = tuple[Path_, str]

ROUTES = ("school", "sender", "chosen")  # ways to find a party's organization that are no organization's id
OF_PLACE = "of_place:"


def case_problems(pack: Pack, kind: CaseKind) -> Iterator[Finding]:
    """Every finding of one kind of case."""
    names = [each.id for each in kind.parties]
    for index, party in enumerate(kind.parties):
        if names.index(party.id) != index:
            yield ("parties", index, "id"), f"party '{party.id}' stands twice"
        yield from _party(pack, kind, index, party)
    yield from _known(("lead",), [kind.lead], names, "party")
    yield from _known(("pathway",), [kind.pathway], pack.pathways, "pathway")
    yield from _known(("opened_by",), [kind.opened_by], pack.forms, "form")
    yield from _known(("openers",), kind.openers, pack.roles or kind.openers, "role")
    yield from _about_case(pack, ("opened_by",), kind.opened_by)
    opening = pack.forms.get(kind.opened_by)
    fields = {each.id: each.type for each in opening.fields} if opening else {}
    for index, name in enumerate(kind.shields):
        if fields.get(name) not in ("organization", "boolean"):
            message = f"'{name}' is no organization and no yes-or-no of form '{kind.opened_by}'"
            yield ("shields", index), message
    yield from _closing(pack, kind, names)
    yield from _clocks(pack, kind, names)
    yield from _seal(pack, kind, names)
    if kind.rejoins_within and kind.reporter_sealed:
        yield ("rejoins_within",), "a sealed reporter belongs to one case: a new report opens a new one"
    yield from _identity(pack, kind)
    yield from _restores(pack, kind, fields)
    for field, triggers in (("opens_when", kind.opens_when), ("reopens_when", kind.reopens_when)):
        for index, each in enumerate(triggers):
            form = pack.forms.get(each.form)
            yield from _known((field, index, "form"), [each.form], pack.forms, "form")
            if form is not None and form.subject != "child":
                yield (field, index, "form"), f"form '{form.id}' is about a {form.subject}, not about a child"
            if field == "reopens_when" and each.within is None:
                yield (field, index), "a reopening needs a limit: within"


def _known(path: Path_, values: Iterable[str], among: Iterable[str], what: str) -> Iterator[Finding]:
    choices = list(among)
    for each in values:
        if each not in choices:
            yield path, f"there is no {what} '{each}'"


def _about_case(pack: Pack, path: Path_, name: str) -> Iterator[Finding]:
    form = pack.forms.get(name)
    if form is not None and form.subject != "case":
        yield path, f"form '{name}' is about a {form.subject}, not about a case"


def _party(pack: Pack, kind: CaseKind, index: int, party: CaseParty) -> Iterator[Finding]:
    path: Path_ = ("parties", index)
    yield from _known((*path, "roles"), party.roles, pack.roles or party.roles, "role")
    for field in ("does", "sees", "answers"):
        for name in getattr(party, field):
            yield from _known((*path, field), [name], pack.forms, "form")
            yield from _about_case(pack, (*path, field), name)
    if set(party.answers) - set(party.does):
        yield (*path, "answers"), "a party answers with a form it enters"
    if not party.optional and not party.answered_by and party.id not in kind.closing.verified_by:
        yield path, f"party '{party.id}' is expected and has no form to answer with: does"
    named = party.organization in ROUTES or party.organization.startswith(OF_PLACE)
    if not named and pack.organizations and party.organization not in pack.organizations:
        yield (*path, "organization"), f"there is no organization '{party.organization}'"


def _closing(pack: Pack, kind: CaseKind, names: list[str]) -> Iterator[Finding]:
    closing = kind.closing
    yield from _known(("closing", "form"), [closing.form], pack.forms, "form")
    yield from _about_case(pack, ("closing", "form"), closing.form)
    form = pack.forms.get(closing.form)
    if form is not None and not form.second_person:
        yield ("closing", "form"), f"nobody closes alone: form '{form.id}' needs second_person: true"
    yield from _known(("closing", "by"), closing.by, names, "party")
    yield from _known(("closing", "verified_by"), closing.verified_by, names, "party")
    for each in closing.by:
        party = kind.party(each)
        if party is not None and closing.form not in party.does:
            yield ("closing", "by"), f"party '{each}' closes with form '{closing.form}' but does not enter it"
    for each in closing.verified_by:
        party = kind.party(each)
        if party is not None and closing.form not in (*party.does, *party.sees):
            yield (
                ("closing", "verified_by"),
                f"party '{each}' verifies form '{closing.form}' but does not see it",
            )


def _clocks(pack: Pack, kind: CaseKind, names: list[str]) -> Iterator[Finding]:
    pathway = pack.pathways.get(kind.pathway)
    if pathway is None:
        return
    if pathway.subject != "case":
        yield ("pathway",), f"pathway '{pathway.id}' is about a {pathway.subject}, not about a case"
    steps = {step.id: step for step in pathway.steps}
    for alert in pathway.alerts:
        if alert.per != "subject":
            yield ("pathway",), f"alert '{alert.id}' must be per subject: cases are never told of together"
    for step in pathway.steps:
        if step.who not in names:
            yield ("pathway",), f"step '{step.id}' of '{pathway.id}' names no party of this kind in who"
    for index, clock in enumerate(kind.clocks):
        wanted = [clock.step, *([] if clock.since == "opened" else [clock.since])]
        yield from _known(("clocks", index), wanted, steps, "step")


def _seal(pack: Pack, kind: CaseKind, names: list[str]) -> Iterator[Finding]:
    if kind.seal is None:
        return
    yield from _known(("seal", "parties"), kind.seal.parties, names, "party")
    yield from _known(("seal", "reviewed_by"), kind.seal.reviewed_by, names, "party")
    pathway = pack.pathways.get(kind.pathway)
    for alert in pathway.alerts if pathway else ():
        if alert.also:
            message = f"a case that is sealed is counted nowhere: alert '{alert.id}' may tell nobody a count"
            yield ("seal",), message


def _restores(pack: Pack, kind: CaseKind, fields: Mapping[str, str]) -> Iterator[Finding]:
    if kind.restores is None:
        return
    undone = pack.cases.get(kind.restores.kind)
    yield from _known(("restores", "kind"), [kind.restores.kind], pack.cases, "kind of case")
    if undone is not None and undone.identity is None:
        yield ("restores", "kind"), f"no identity changes with '{undone.id}': there is nothing to give back"
    if kind.seal is None:
        yield ("restores",), "an old identity is given back with a sealed case: this kind needs a seal"
    if fields.get(kind.restores.named_by) != "text":
        yield ("restores", "named_by"), f"'{kind.restores.named_by}' is no text of form '{kind.opened_by}'"


def _identity(pack: Pack, kind: CaseKind) -> Iterator[Finding]:
    if kind.identity is None:
        return
    if kind.seal is None:
        yield ("identity",), "an old identity is put away with a sealed case: this kind needs a seal"
    for index, name in enumerate(kind.identity.carries):
        form = pack.forms.get(name)
        yield from _known(("identity", "carries", index), [name], pack.forms, "form")
        if form is not None and form.subject != "child":
            yield (
                ("identity", "carries", index),
                f"form '{name}' is about a {form.subject}, not about a child",
            )
