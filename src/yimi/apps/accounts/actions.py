"""Writing accounts: opening, appointing, ending. Each is audited."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from yimi.apps import active
from yimi.apps.accounts.models import Appointment, User
from yimi.apps.accounts.permissions import Actor, require
from yimi.apps.audit import actions as audit
from yimi.lib.errors import BadInput


@dataclass(frozen=True)
class CastMember:
    """One made-up person of the demonstration."""

    username: str
    name: str
    role: str
    organization: str
    place: str


@transaction.atomic
def create_account(*, username: str, display_name: str, password: str, by: Actor, at: datetime) -> str:
    """Open an account with its second factor. Returns the otpauth:// address for the person's phone, shown once."""
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    require(by.configures or by.is_system, "accounts are opened by administrators")
    if User.objects.filter(username=username).exists():
        raise BadInput(f"the account '{username}' exists already: choose another user name")
    user = User(username=username, display_name=display_name)
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise BadInput(f"the password will not do: {' '.join(error.messages)}") from None
    user.set_password(password)
    user.save()
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    audit.record("open-account", "account", str(user.uid), by=by, at=at)
    return f"otpauth://totp/Yimi:{username}?secret={secret}&issuer=Yimi"


@transaction.atomic
def appoint(
    *, username: str, role: str, organization: str, place: str, valid_from: date, valid_to: date | None = None,
    by: Actor, at: datetime,
) -> int:  # fmt: skip
    """Give a role for a place until a day. Nobody appoints themselves."""
    require(by.configures or by.is_system, "appointments are made by administrators")
    pack = active.pack()
    if role not in pack.roles:
        raise BadInput(f"the pack has no role '{role}': known are {', '.join(pack.roles)}")
    if place not in pack.places:
        raise BadInput(f"the pack has no place '{place}'")
    user = User.objects.filter(username=username).first()
    if user is None:
        raise BadInput(f"there is no account '{username}'")
    require(user.pk != by.user_id, "nobody appoints themselves")
    found, made = Appointment.objects.get_or_create(
        user=user, role=role, organization=organization, place=place, valid_to=None,
        defaults={"valid_from": valid_from, "approved_by_id": by.user_id},
    )  # fmt: skip
    if valid_to is not None:
        found.valid_to = valid_to
        found.save(update_fields=["valid_to"])
    if made:
        detail = {"role": role, "organization": organization, "place": place}
        audit.record("appoint", "account", str(user.uid), by=by, at=at, detail=detail)
    return found.pk


@transaction.atomic
def end_appointments(*, username: str, on: date, by: Actor, at: datetime) -> int:
    """From this day the person sees nothing. The next request is refused; no session needs to be hunted."""
    require(by.configures or by.is_system, "appointments are ended by administrators")
    user = User.objects.get(username=username)
    open_ones = Appointment.objects.filter(user=user, valid_to__isnull=True)
    Appointment.objects.filter(pk__in=open_ones.filter(valid_from__gte=on).values("pk")).delete()
    ended = open_ones.update(valid_to=on)
    audit.record("end-appointments", "account", str(user.uid), by=by, at=at, detail={"count": ended})
    return ended


@transaction.atomic
def create_demo_accounts(members: Iterable[CastMember], *, by: Actor, at: datetime, since: date) -> int:
    """The cast of the demonstration. They have no password: only the demo profile lets anybody enter as them."""
    made = 0
    for each in members:
        user, new = User.objects.get_or_create(
            username=each.username, defaults={"display_name": each.name, "made_up": True}
        )
        if new:
            user.set_unusable_password()
            user.save(update_fields=["password"])
            made += 1
        appoint(
            username=each.username, role=each.role, organization=each.organization, place=each.place,
            valid_from=since, by=by, at=at,
        )  # fmt: skip
    return made


def write_reads(actor: Actor, *, at: datetime) -> int:
    """Audit what selectors have shown this actor so far. Raises if it cannot: then nothing may be sent."""
    events = list(actor.reads)
    audit.record_all(events, by=actor, at=at)
    actor.reads.clear()
    return len(events)


def signed_in(user: Any, *, by: Actor, at: datetime, how: str) -> None:
    audit.record("sign-in", "account", str(user.uid), by=by, at=at, detail={"how": how})
