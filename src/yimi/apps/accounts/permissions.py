"""Who is acting, with which roles, and which pages a role may open at all.

A page's rule is the outer wall: role only. What stands on the page is decided again, child by child, by the
selectors (`yimi.apps.register.permissions`). A view without a rule is not served: see `yimi.sites.access`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from yimi.apps import active
from yimi.apps.audit.actions import Event
from yimi.lib.errors import NotAllowed
from yimi.pack.schema import Role

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Grant:
    """One appointment in force."""

    role: Role
    organization: str
    place: str


@dataclass(frozen=True, eq=False)
class Actor:
    """The person acting, on one day. `reads` collects what selectors show; it is audited before it is sent."""

    uid: str
    user_id: int | None
    name: str
    on: date
    grants: tuple[Grant, ...] = ()
    purpose: str = ""
    is_system: bool = False
    reads: list[Event] = field(default_factory=list, compare=False, repr=False)

    @property
    def role_id(self) -> str:
        return "+".join(dict.fromkeys(each.role.id for each in self.grants))

    @property
    def coordinates(self) -> bool:
        return any(each.role.coordinates for each in self.grants)

    @property
    def configures(self) -> bool:
        return any(each.role.configures for each in self.grants)

    @property
    def audits(self) -> bool:
        return any(each.role.audits for each in self.grants)

    @property
    def verifies(self) -> bool:
        return any(each.role.verifies for each in self.grants)

    @property
    def child_grants(self) -> tuple[Grant, ...]:
        """Grants under which children's files are read. Whoever configures the system reads none, ever."""
        if self.configures:
            return ()
        return tuple(each for each in self.grants if each.role.reads_children and each.role.reads)

    def records(self, form: str) -> bool:
        """May this person enter this form, for somebody within reach?"""
        return self.is_system or (
            not self.configures and any(form in each.role.records for each in self.grants)
        )

    @property
    def works_cases(self) -> bool:
        """Does a role of this person act for a party of some kind of case?"""
        roles = active.pack().case_roles
        return not self.configures and any(each.role.id in roles for each in self.grants)

    @property
    def has_day(self) -> bool:
        """Does a role of this person say what its morning begins with?"""
        return any(each.role.day for each in self.grants)

    @property
    def records_anything(self) -> bool:
        return not self.configures and any(each.role.records for each in self.grants)


def system(on: date) -> Actor:
    """The installation itself: imports started from the command line, the cycle, the made-up district."""
    return Actor(uid="system", user_id=None, name="system", on=on, is_system=True)


@dataclass(frozen=True)
class Rule:
    id: str
    says: str
    holds: Callable[[Actor | None], bool]


def _signed_in(actor: Actor | None) -> bool:
    return actor is not None and bool(actor.grants)


RULES: dict[str, Rule] = {
    each.id: each
    for each in (
        Rule("public", "anybody, signed in or not: signing in, health of the service", lambda actor: True),
        Rule(
            "account",
            "anybody with an account, even without an appointment: signing out",
            lambda actor: actor is not None,
        ),
        Rule(
            "staff", "anybody with an appointment in force: plan, measures, indicators, own work", _signed_in
        ),
        Rule(
            "children", "roles that read children's files", lambda a: a is not None and bool(a.child_grants)
        ),
        Rule("record", "roles that enter a form", lambda a: a is not None and a.records_anything),
        Rule("cases", "roles that act for a party of a case", lambda a: a is not None and a.works_cases),
        Rule("verify", "roles that verify another person's work", lambda a: a is not None and a.verifies),
        Rule("coordinate", "the coordinating office", lambda a: a is not None and a.coordinates),
        Rule("audit", "auditors", lambda a: a is not None and a.audits),
        Rule(
            "configure",
            "administrators: accounts and packs, no child",
            lambda a: a is not None and a.configures,
        ),
    )
}


def allow(rule: str) -> Callable[[View], View]:
    """Declare a view's rule. An unknown rule is a programmer's mistake and stops the import."""
    if rule not in RULES:
        raise KeyError(f"'{rule}' is no rule; known are {', '.join(RULES)}")

    def declare(view: View) -> View:
        view.yimi_rule = rule
        return view

    return declare


def require(condition: bool, why: str = "not allowed") -> None:
    """`NotAllowed` unless the condition holds; the sentence is for the log of tests, never for a page."""
    if not condition:
        raise NotAllowed(why)
