"""A day must lead somewhere: every part names what exists and what the role may read or enter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from yimi.pack.cascade_check import Checks
from yimi.pack.load import Pack
from yimi.pack.schema import Pathway, Role

# What a section names → the folder it is declared in.
FOLDERS = {
    "due": "pathways", "sites": "pathways", "suspected": "pathways", "rights": "entitlements", "cascades": "cascades",
    "ledgers": "statuses", "pupils": "forms", "forms": "forms",
}  # fmt: skip


def check_day(checks: Checks, role: Role) -> None:
    """Every problem of one role's day."""
    pack = checks.pack
    for index, section in enumerate(role.day):
        path = ("day", index)
        folder = FOLDERS.get(section.show)
        if bool(section.of) != bool(folder):
            needs = "names what it shows" if folder else "names nothing"
            checks.bad("roles", role.id, (*path, "of"), f"a section '{section.show}' {needs} in `of`")
            continue
        if section.show == "cases" and role.id not in pack.case_roles:
            checks.bad("roles", role.id, path, f"'{role.id}' acts for no party of any kind of case")
        for position, name in enumerate(section.of):
            declared = _named(pack, section.show, folder or "", name)
            if declared is None:
                checks.known(
                    "roles", role.id, (*path, "of", position), name, pack.of(folder or ""), section.show
                )
            wrong = _UNFIT[section.show](pack, role, declared) if declared is not None else ""
            if wrong:
                checks.bad("roles", role.id, (*path, "of", position), wrong)


def _named(pack: Pack, show: str, folder: str, name: str) -> Any:
    """What `of` means by a name; at facilities a step stands for the pathway it is part of."""
    return pack.of(folder).get(name) or (_pathway_of(pack, name) if show == "sites" else None)


def _pathway_of(pack: Pack, step: str) -> Pathway | None:
    found = pack.steps.get(step)
    return found[0] if found else None


def _subject(kind: str) -> Callable[[Pack, Role, Any], str]:
    def unfit(pack: Pack, role: Role, declared: Any) -> str:
        if declared.subject != kind:
            return f"'{declared.id}' is about a {declared.subject}, not a {kind}"
        return _unread(role, declared.sensitivity) if kind == "child" else ""

    return unfit


def _unread(role: Role, sensitivity: str) -> str:
    return (
        ""
        if sensitivity in role.reads
        else f"role '{role.id}' does not read '{sensitivity}': it would stay empty"
    )


def _sensitive(pack: Pack, role: Role, declared: Any) -> str:
    return _unread(role, declared.sensitivity)


def _suspecting(pack: Pack, role: Role, declared: Any) -> str:
    if not any(each.pathway == declared.id for each in pack.suspicions.values()):
        return f"no suspicion leads to '{declared.id}'"
    return _unread(role, declared.sensitivity)


def _ledger(pack: Pack, role: Role, declared: Any) -> str:
    return _unread(role, declared.sensitivity) if declared.ledger else f"status '{declared.id}' has no ledger"


def _entered(pack: Pack, role: Role, declared: Any) -> str:
    if declared.id not in role.records:
        return f"role '{role.id}' does not enter '{declared.id}'"
    return "" if declared.subject == "child" else f"form '{declared.id}' is not about a child"


_UNFIT: Mapping[str, Callable[[Pack, Role, Any], str]] = {
    "due": _subject("child"), "sites": _subject("facility"), "suspected": _suspecting, "rights": _sensitive,
    "cascades": _sensitive, "ledgers": _ledger, "pupils": _entered, "forms": _entered,
}  # fmt: skip
