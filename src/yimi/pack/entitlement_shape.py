"""What an entitlement needs beyond right types so that its owed periods can be worked out.

Periods, their start and the code of the payment go together; a benefit has one amount, not two; what was paid
must be a code of the payment form. Each finding: path in the file, message.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from yimi.pack.cascade_check import Checks, check_told
from yimi.pack.load import Pack
from yimi.pack.read import Path_
from yimi.pack.reads import PAYMENTS
from yimi.pack.schema import Entitlement
from yimi.pack.scopes import RIGHT_ITEM, RIGHT_STATES, scope_of
from yimi.rules.check import BOOLEAN


def entitlement_problems(pack: Pack, each: Entitlement) -> Iterator[tuple[Path_, str]]:
    """Every finding of one entitlement."""
    if each.amount and each.rate:
        yield ("rate",), "a benefit has an amount (one parameter) or a rate (a rule): not both"
    if each.paid_as and not (each.every and each.since):
        yield (
            ("paid_as",),
            "what is owed needs to know the period and since when: add every: month and since: a date",
        )
    if each.until and not each.since:
        yield ("until",), "an end without a beginning: add since: a date"
    if each.paid_as:
        yield from _code(pack, each.paid_as)


def check_alerts(checks: Checks, each: Entitlement) -> None:
    """Alerts of a benefit: about children, over a state that exists, told to roles that exist."""
    kind, pack = "entitlements", checks.pack
    if each.alerts and each.subject != "child":
        checks.bad(kind, each.id, ("alerts",), "only a benefit of children raises alerts")
    if each.alerts and (each.id in pack.pathways or each.id in pack.cascades):
        checks.bad(
            kind, each.id, ("id",), f"'{each.id}' is a pathway or cascade already: alerts name one of them"
        )
    scope = scope_of(pack, each.subject)
    scope = replace(scope.with_names(**RIGHT_ITEM), codes={**scope.codes, "state": frozenset(RIGHT_STATES)})
    for index, alert in enumerate(each.alerts):
        checks.rule(kind, each.id, ("alerts", index, "when"), alert.when, scope, BOOLEAN)
        check_told(checks, kind, each.id, ("alerts", index), alert)


def _code(pack: Pack, code: str) -> Iterator[tuple[Path_, str]]:
    form = pack.forms.get(PAYMENTS)
    if form is None:
        if PAYMENTS not in pack.broken:
            yield ("paid_as",), f"payments are read from the form '{PAYMENTS}', which this pack does not have"
        return
    vocabulary = next((each.vocabulary for each in form.fields if each.id == "benefit"), None)
    if vocabulary and vocabulary in pack.vocabularies and pack.code(vocabulary, code) is None:
        yield ("paid_as",), f"vocabulary '{vocabulary}' has no code '{code}'"
