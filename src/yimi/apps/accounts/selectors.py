"""Reading accounts: the actor behind a request, and lists for administrators."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from yimi.apps import active
from yimi.apps.accounts.models import Appointment, User
from yimi.apps.accounts.permissions import Actor, Grant, require
from yimi.apps.prepared import in_parts, prepared


def open_on(day: date) -> Q:
    """Intervals open on a day: the first day counts, `valid_to` is the first day no longer."""
    return Q(valid_from__lte=day) & (Q(valid_to__isnull=True) | Q(valid_to__gt=day))


def actor_of(user: Any, on: date, purpose: str = "") -> Actor:
    """The acting person with the appointments in force on a day. Roles the pack does not know grant nothing."""
    roles = active.pack().roles
    grants = tuple(
        Grant(roles[role], organization, place)
        for role, organization, place in _appointments(user.pk, on)
        if role in roles
    )
    return Actor(str(user.uid), user.pk, user.display_name, on, grants, purpose)


@prepared
def _appointments(user: int, on: date) -> QuerySet[Appointment, tuple[str, str, str]]:
    found = Appointment.objects.filter(open_on(on), user_id=user, user__is_active=True).order_by("pk")
    return found.values_list("role", "organization", "place")


def actor_named(username: str, on: date) -> Actor:
    """For commands and tests."""
    return actor_of(User.objects.get(username=username), on)


def names_of(uids: Iterable[str]) -> dict[str, str]:
    """Display names of accounts by their outward id; the installation is not among them."""
    wanted = [each for each in set(uids) if each and each != "system"]
    return {str(uid): name for uid, name in _called([UUID(each) for each in wanted])}


@prepared
def _called(uids: list[UUID]) -> QuerySet[User, tuple[UUID, str]]:
    return User.objects.filter(uid__in=uids).values_list("uid", "display_name")


def names_of_ids(ids: Iterable[int | None]) -> dict[int, str]:
    wanted = list({each for each in ids if each})
    parts = in_parts(wanted)
    return dict(row for part in parts for row in _called_by_id(part))


@prepared
def _called_by_id(ids: list[int]) -> QuerySet[User, tuple[int, str]]:
    return User.objects.filter(pk__in=ids).values_list("pk", "display_name")


def cast() -> list[dict[str, Any]]:
    """The made-up people a demonstration lets you enter as, with their appointments."""
    users = User.objects.filter(made_up=True, is_active=True).prefetch_related("appointments").order_by("pk")
    return [
        {
            "id": each.username,
            "name": each.display_name,
            "appointments": [(a.role, a.organization, a.place) for a in each.appointments.all()],
        }
        for each in users
    ]


def accounts(actor: Actor) -> list[dict[str, Any]]:
    """All accounts with their appointments, for administrators."""
    require(actor.configures, "accounts are for administrators")
    users = User.objects.prefetch_related("appointments").order_by("username")
    return [
        {
            "uid": str(each.uid),
            "username": each.username,
            "name": each.display_name,
            "active": each.is_active,
            "appointments": [
                {
                    "role": a.role,
                    "organization": a.organization,
                    "place": a.place,
                    "from": a.valid_from,
                    "to": a.valid_to,
                }
                for a in each.appointments.all()
            ],
        }
        for each in users
    ]


def bodies_with(roles: Iterable[str], on: date) -> set[str]:
    """Organizations in which somebody holds one of these roles on a day."""
    found = Appointment.objects.filter(open_on(on), role__in=list(roles), user__is_active=True).exclude(
        organization=""
    )
    return set(found.values_list("organization", flat=True))


def second_factor_of(user: Any) -> Any:
    """The account's time-based code, or None if it has not been set up."""
    from allauth.mfa.models import Authenticator

    return Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()


def user_by_id(pk: int) -> Any:
    return User.objects.filter(pk=pk, is_active=True).first()


def cast_member(username: str) -> Any:
    """One of the cast, for the demonstration's door; never a real account."""
    return User.objects.filter(username=username, made_up=True, is_active=True).first()
