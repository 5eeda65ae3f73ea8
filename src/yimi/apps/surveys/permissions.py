"""Who asks, who reads results."""

from __future__ import annotations

from uuid import UUID

from yimi.apps.accounts.permissions import Actor
from yimi.apps.register.models import Facility
from yimi.pack.schema import Survey


def own_facility(actor: Actor, survey: Survey) -> Facility | None:
    """The school this person opens a round for: the one the appointment names, of a kind that asks."""
    for each in actor.grants:
        if each.role.level != "facility" or each.role.id not in survey.opened_by or actor.configures:
            continue
        try:
            uid = UUID(each.organization)
        except ValueError:
            continue
        found = (
            Facility.objects.select_related("subject").filter(subject__uid=uid, kind__in=survey.kinds).first()
        )
        if found is not None:
            return found
    return None


def reads_all(actor: Actor, survey: Survey) -> bool:
    """Results of every school that may be told apart."""
    if actor.is_system or actor.coordinates:
        return True
    return not actor.configures and any(each.role.id in survey.read_by for each in actor.grants)


def may_open(actor: Actor, survey: Survey) -> bool:
    return reads_all(actor, survey) or own_facility(actor, survey) is not None
