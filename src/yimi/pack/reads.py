"""Which lists and fields the rules of a pack read: only those are carried in the facts.

A dose has ten fields and its rules read two; over a million doses that is the difference between one second
and twenty.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from yimi.pack.load import Pack, once_a_pack
from yimi.pack.schema import Cascade, Entitlement, Pathway, Step, Surveillance
from yimi.pack.scopes import lists_of
from yimi.rules.parse import parse
from yimi.rules.tree import ListCall, Name, Node, StatusCall, steps_read

Reads = dict[str, set[str]]  # list → its fields that are read, `on` always among them

EXCEPTIONS = "service_exception"
PAYMENTS = "allowance_payment"  # form in which what was paid is entered: benefit, month, amount_yuan


def pathway_rules(pathway: Pathway) -> Iterator[str]:
    """Every rule of a pathway that speaks of its subject, conditions over single records left out."""
    yield pathway.applies_when
    for step in pathway.steps:
        for dated in (step.earliest, step.due, step.overdue_after, step.expires):
            yield from (each.rule for each in dated or [] if each.rule)
        yield from (rule for rule in (step.applies_when, step.every) if rule)
    for alert in pathway.alerts:
        yield alert.when


def pathway_reads(pack: Pack, pathway: Pathway) -> Reads:
    """What one pathway reads."""
    known = lists_of(pack, pathway.subject)
    found: Reads = {}
    for rule in pathway_rules(pathway):
        _add(found, parse(rule), known)
    for step in pathway.steps:
        _add_record_rule(found, step.form, step.satisfied_by, known)
        for apart in step.apart:
            _add_record_rule(found, apart.form, apart.where, known)
    if pathway.opens_on:
        found.setdefault("status", {"on"}).update(("scheme", "code", "since"))
    if pathway.exceptions and EXCEPTIONS in known:
        found.setdefault(EXCEPTIONS, {"on"}).update(("pathway", "step", "kind", "until"))
    return found


@once_a_pack
def subject_reads(pack: Pack, kind: str) -> Reads:
    """What everything declared in the pack reads of one kind of subject."""
    known = lists_of(pack, kind)
    found: Reads = {}
    for pathway in pack.pathways.values():
        if pathway.subject == kind:
            _merge(found, pathway_reads(pack, pathway))
    for rule in _other_rules(pack, kind):
        _add(found, parse(rule), known)
    _merge(found, entitlement_reads(pack, kind))
    return merged(found, cascade_reads(pack)) if kind == "child" else found


def cascade_reads(pack: Pack, chosen: Collection[Cascade] | None = None) -> Reads:
    """What cascades read; the school is carried along, so that they can be told apart by it."""
    known = lists_of(pack, "child")
    cascades = pack.cascades.values() if chosen is None else chosen
    found: Reads = {"attendance": {"on", "facility"}} if cascades else {}
    for cascade in cascades:
        for rule in _cascade_rules(cascade):
            _add(found, parse(rule), known)
    return found


def _cascade_rules(cascade: Cascade) -> Iterator[str]:
    yield cascade.in_scope
    yield from (cascade.group,) if cascade.group else ()
    for stage in cascade.stages:
        yield from (rule for rule in (stage.reached, stage.overdue_after) if rule)
    yield from (alert.when for alert in cascade.alerts)


@once_a_pack
def entitlement_reads(pack: Pack, kind: str = "child") -> Reads:
    """What entitlements and suspicions read."""
    found: Reads = {}
    known = lists_of(pack, kind)
    for rule in _entitlement_rules(pack, kind):
        _add(found, parse(rule), known)
    if PAYMENTS in known and any(each.paid_as for each in _entitlements(pack, kind)):
        found.setdefault(PAYMENTS, {"on"}).update(("benefit", "month"))
    return found


def _entitlements(pack: Pack, kind: str) -> list[Entitlement]:
    return [each for each in pack.entitlements.values() if each.subject == kind]


def _entitlement_rules(pack: Pack, kind: str) -> Iterator[str]:
    for each in _entitlements(pack, kind):
        rules = (each.rule, each.received_when, each.rate, each.since, each.until)
        yield from (rule for rule in rules if rule)
        yield from (need.when for need in each.needs)
        yield from (alert.when for alert in each.alerts)
    for bill in pack.bills.values() if kind == "child" else ():
        yield from (rule for layer in bill.layers for rule in (layer.applies_when, layer.pays))
    for suspicion in pack.suspicions.values():
        if pack.pathways[suspicion.pathway].subject == kind:
            yield suspicion.when


def _other_rules(pack: Pack, kind: str) -> Iterator[str]:
    yield from _entitlement_rules(pack, kind)
    for each in pack.indicators.values():
        for side in (each.numerator, each.denominator, each.document):
            if side is not None and side.of == kind:
                yield from (side.where, side.amount, side.weight)


def merged(*several: Reads) -> Reads:
    found: Reads = {}
    for each in several:
        _merge(found, each)
    return found


def _merge(into: Reads, more: Reads) -> None:
    for name, fields in more.items():
        into.setdefault(name, set()).update(fields)


def _add(found: Reads, node: Node, known: dict[str, dict[str, str]]) -> None:
    for each in node.walk():
        if isinstance(each, StatusCall):
            found.setdefault("status", {"on"}).update(("scheme", "code", "since"))
        if isinstance(each, ListCall):
            fields = found.setdefault(each.list, {"on"})
            fields |= {each.field} if each.field else set()
            named = (
                {part.name for part in each.where.walk() if isinstance(part, Name)} if each.where else set()
            )
            fields |= named & set(known.get(each.list, ()))


def _add_record_rule(found: Reads, form: str, rule: str, known: dict[str, dict[str, str]]) -> None:
    node = parse(rule)
    named = {part.name for part in node.walk() if isinstance(part, Name)}
    found.setdefault(form, {"on"}).update(named & set(known.get(form, ())))
    _add(found, node, known)


def watched_fields(each: Surveillance) -> set[str]:
    """The fields of its form that a surveillance reads, those of its rule left to the rule."""
    spot = (each.nearby.latitude, each.nearby.longitude) if each.nearby else ()
    return {name.lower() for name in (*each.same, *each.cuts, *each.worst, each.source_field, *spot)}


# What the growth engine takes from a health visit, whatever the rules read.
_MEASURES = {"weight_kg", "height_cm", "head_cm", "measured"}


def form_fields_of(pack: Pack, reads: Reads) -> Reads:
    """Form → its fields that must be typed where only these lists are asked for."""
    found = {name: set(fields) for name, fields in reads.items() if name in pack.forms}
    if {"growth", "growth_cn"} & reads.keys() and "health_visit" in pack.forms:
        found.setdefault("health_visit", {"on"}).update(_MEASURES)
    return found


@once_a_pack
def form_fields_read(pack: Pack) -> Reads:
    """Form → its fields that an evaluation of the whole register needs to type."""
    found: Reads = {}
    for kind in ("child", "person", "facility", "place", "organization", "case"):
        for name, fields in subject_reads(pack, kind).items():
            if name in pack.forms:
                found.setdefault(name, set()).update(fields)
    if "health_visit" in pack.forms:
        found.setdefault("health_visit", set()).update(_MEASURES)
    for watched in pack.surveillance.values():
        named = {node.name for node in parse(watched.counts_when).walk() if isinstance(node, Name)}
        found.setdefault(watched.form, {"on"}).update(named | watched_fields(watched))
    for each in pack.indicators.values():
        if each.reported:
            found.setdefault(each.reported.form, set()).update(
                (each.reported.field.lower(), "indicator", "period")
            )
    return found


def waits_for(step: Step) -> set[str]:
    """The steps a step cannot be worked out without; itself, where it counts from its own dates."""
    waits = {step.after} if step.after else set()
    for dated in (step.earliest, step.due, step.overdue_after, step.expires):
        for each in dated or []:
            waits |= steps_read(parse(each.rule)) if each.rule else set()
    for rule in (step.applies_when, step.every):
        waits |= steps_read(parse(rule)) if rule else set()
    return waits
