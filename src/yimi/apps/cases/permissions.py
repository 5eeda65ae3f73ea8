"""Who may see which case, and which part of it.

A case is seen by its parties and by nobody else: an appointment whose role acts for a party of the kind, in the
organization that is this party of this case. Place, children's files and ranks open nothing; the coordinating
office sees numbers only; the administrator sees none. A sealed case is absent for everybody; one of its list
opens it for two hours with a reason. A shield (the accused and the body the accused works in) and a block on any
of its children beat all of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from django.db.models import Q, QuerySet

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor
from yimi.apps.accounts.selectors import open_on
from yimi.apps.cases.models import Case, Involved, Opening, Party, Shield
from yimi.apps.cases.states import OPEN, SEALED
from yimi.apps.once import once_a_page
from yimi.apps.prepared import in_parts, prepared
from yimi.apps.register.models import Block
from yimi.pack.case_kinds import CaseKind, CaseParty


def kind_of(case: Case) -> CaseKind:
    return active.pack().cases[case.kind]


def _acting(actor: Actor, kind: CaseKind | None = None) -> list[tuple[str, str, str]]:
    """(kind, party, organization) for which the person's appointments act."""
    if actor.configures:
        return []
    kinds = [kind] if kind else active.pack().cases.values()
    return [
        (each.id, party.id, grant.organization)
        for each in kinds
        for party in each.parties
        for grant in actor.grants
        if grant.role.id in party.roles and grant.organization
    ]


def parties_of(actor: Actor) -> QuerySet[Party]:
    """The parties, of any case, this person acts for; seals and shields not yet looked at."""
    kinds: dict[tuple[str, str], list[str]] = defaultdict(list)
    for kind, party, organization in _acting(actor):
        kinds[(party, organization)].append(kind)
    reach = Q(pk__in=())
    for (party, organization), of in kinds.items():
        reach |= Q(party=party, organization=organization, case__case__kind__in=of)
    return Party.objects.filter(open_on(actor.on), reach, needed=True)


def visible(actor: Actor, *, at: datetime | None = None, of: Collection[int] | None = None) -> QuerySet[Case]:
    """The cases this person may see. The one way to a case. `at` lets in sealed ones this person has opened."""
    found = Case.objects.all() if of is None else Case.objects.filter(pk__in=of)
    if actor.is_system:
        return found
    found = found.filter(pk__in=parties_of(actor).values("case_id"))
    unsealed = ~Q(state=SEALED)
    if at is not None and actor.user_id is not None:
        opened = Opening.objects.filter(user_id=actor.user_id, opened_at__lte=at, closes_at__gt=at)
        unsealed |= Q(pk__in=opened.values("case_id"))
    return _without_closed(found.filter(unsealed), actor.user_id, actor.on, _bodies(actor))


def _bodies(actor: Actor) -> list[str]:
    return sorted({each.organization for each in actor.grants if each.organization})


def _without_closed(found: QuerySet[Case], user: int | None, on: date, bodies: list[str]) -> QuerySet[Case]:
    """Blocks and shields beat all of it."""
    blocked = Block.objects.filter(open_on(on), user_id=user).values("subject_id")
    about_blocked = Involved.objects.filter(child_id__in=blocked).values("case_id")
    shielded = Shield.objects.filter(Q(user_id=user) | Q(organization__in=bodies)).values("case_id")
    return found.exclude(pk__in=blocked).exclude(pk__in=about_blocked).exclude(pk__in=shielded)


@once_a_page
def acted_for(actor: Actor) -> Sequence[tuple[int, str]]:
    """(case, party): what `parties_of` finds."""
    acting = set(_acting(actor))
    rows = _parties_in(sorted({organization for _, _, organization in acting}), actor.on)
    return [(case, party) for case, party, body, kind in rows if (kind, party, body) in acting]


@prepared
def _parties_in(bodies: list[str], on: date) -> QuerySet[Party, tuple[int, str, str, str]]:
    found = Party.objects.filter(open_on(on), organization__in=bodies, needed=True)
    return found.values_list("case_id", "party", "organization", "case__case__kind")


@once_a_page
def states_seen(actor: Actor) -> Mapping[int, str]:
    """The cases of `visible` by their state: asked on every page that tells of tasks and alerts."""
    if actor.is_system or actor.user_id is None:
        return dict(visible(actor).values_list("pk", "state"))
    own, bodies = sorted({case for case, _ in acted_for(actor)}), _bodies(actor)
    parts = in_parts(own)
    return dict(row for part in parts for row in _unsealed(part, actor.user_id, actor.on, bodies))


@prepared
def _unsealed(cases: list[int], user: int, on: date, bodies: list[str]) -> QuerySet[Case, tuple[int, str]]:
    found = _without_closed(Case.objects.filter(pk__in=cases).exclude(state=SEALED), user, on, bodies)
    return found.values_list("pk", "state")


def mandates(actor: Actor, case: Case) -> list[tuple[CaseParty, str]]:
    """(party, organization) this person acts for in a case; the caller knows the case is visible."""
    return mandates_in(actor, [case])[case.pk]


def mandates_in(actor: Actor, cases: Collection[Case]) -> dict[int, list[tuple[CaseParty, str]]]:
    """The same for several cases, in one question."""
    acting = set(_acting(actor))
    kinds = {each.pk: kind_of(each) for each in cases}
    found: dict[int, list[tuple[CaseParty, str]]] = {each: [] for each in kinds}
    for part in in_parts(list(kinds)):
        for case, party, organization in _parties_of(part, actor.on):
            declared = kinds[case].party(party)
            if declared is not None and (kinds[case].id, party, organization) in acting:
                found[case].append((declared, organization))
    return found


@prepared
def _parties_of(cases: list[int], on: date) -> QuerySet[Party, tuple[int, str, str]]:
    found = Party.objects.filter(open_on(on), case_id__in=cases, needed=True).order_by("pk")
    return found.values_list("case_id", "party", "organization")


def readable_forms(actor: Actor, case: Case) -> set[str]:
    """The forms of a case this person reads: its own part and what its part is shown."""
    if actor.is_system:
        return set(active.pack().forms)
    return {form for party, _ in mandates(actor, case) for form in (*party.does, *party.sees)}


def may_enter(actor: Actor, form: str, case_id: int) -> bool:
    """May this person enter this form in this case? Only while it is open."""
    if actor.is_system:
        return True
    case = visible(actor, of=[case_id]).filter(state=OPEN).first()
    return case is not None and any(form in party.does for party, _ in mandates(actor, case))


def may_read_form(actor: Actor, form: str, case_id: int, at: datetime | None = None) -> bool:
    case = visible(actor, at=at, of=[case_id]).first()
    return case is not None and form in readable_forms(actor, case)


def may_verify(actor: Actor, form: str, case_id: int) -> bool:
    """A second person: for the closing form one of the parties named for it, else any party that reads the form."""
    case = visible(actor, of=[case_id]).filter(state=OPEN).first()
    if case is None:
        return False
    closing = kind_of(case).closing
    held = mandates(actor, case)
    if form == closing.form:
        return any(party.id in closing.verified_by for party, _ in held)
    return any(form in (*party.does, *party.sees) for party, _ in held)


def leads(actor: Actor, case: Case) -> bool:
    """Does this person act for the party that leads the case?"""
    lead = kind_of(case).lead
    return actor.is_system or any(party.id == lead for party, _ in mandates(actor, case))


def may_open(actor: Actor, kind: CaseKind) -> bool:
    """May this person open such a case? Where the kind names no role, whoever works here may."""
    if actor.is_system:
        return True
    return bool(actor.grants) and (not kind.openers or any(g.role.id in kind.openers for g in actor.grants))


def may_open_seal(actor: Actor, case: Case) -> bool:
    """Is this person on the list of a sealed case?"""
    seal = kind_of(case).seal
    if seal is None or case.state != SEALED:
        return False
    bodies = {each.organization for each in actor.grants if each.organization}
    hidden = Shield.objects.filter(case_id=case.pk).filter(
        Q(user_id=actor.user_id) | Q(organization__in=bodies)
    )
    return any(party.id in seal.parties for party, _ in mandates(actor, case)) and not hidden.exists()


def reviews_seals(actor: Actor, case: Case) -> bool:
    """Does this person say afterwards whether a seal of this case was rightly opened?"""
    seal = kind_of(case).seal
    return seal is not None and any(party.id in seal.reviewed_by for party, _ in mandates(actor, case))
