"""Who may see which child, and how much of the file.

Verdict = role grant ∩ place ∩ relation ∩ sensitivity ∩ purpose, minus blocks. Everything else is denied.

- A place role (district, township, village) reaches the children who live below its place on the day.
- Any role that reads children also reaches a child assigned or referred to this person by name.
- A facility role reaches assigned children only. A body role reaches none.
- `sensitivity` must be among the role's `reads`. Each grant is judged alone: what one appointment lacks, another
  does not lend.
- Broken glass opens basic, health and welfare facts of one child for two hours; protection and justice never.
- A block beats all of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime

from django.db.models import Q, QuerySet

from yimi.apps.accounts.permissions import Actor, Grant
from yimi.apps.accounts.selectors import open_on
from yimi.apps.places.selectors import subtree
from yimi.apps.register.models import Assignment, Block, BreakGlass, Child, Residence

PLACE_LEVELS = ("district", "township", "village")
GLASS_OPENS = ("basic", "health", "welfare")


def reachable_places(actor: Actor, sensitivity: str = "basic", form: str | None = None) -> set[str]:
    """Places whose children this person reads at this sensitivity (or may enter this form for)."""
    codes = {each.place for each in _grants(actor, sensitivity, form) if each.role.level in PLACE_LEVELS}
    return subtree(codes, actor.on) if codes else set()


def _grants(actor: Actor, sensitivity: str, form: str | None) -> list[Grant]:
    return [
        each
        for each in actor.child_grants
        if each.role.level != "body"
        and sensitivity in each.role.reads
        and (form is None or form in each.role.records)
    ]


def visible(
    actor: Actor, sensitivity: str = "basic", *, form: str | None = None, at: datetime | None = None,
    of: Collection[int] | None = None,
) -> QuerySet[Child]:  # fmt: skip
    """The children this person may see at this sensitivity. The one way to children's files.

    `of` asks about these few only: the database then does not list everybody who lives in the places.
    """
    if actor.is_system:
        return Child.objects.all() if of is None else Child.objects.filter(pk__in=of)
    grants = _grants(actor, sensitivity, form)
    reach = Q(pk__in=())
    places = reachable_places(actor, sensitivity, form)
    if places:
        living = Residence.objects.filter(open_on(actor.on), place_id__in=places)
        if of is not None:
            living = living.filter(subject_id__in=of)
        reach |= Q(pk__in=living.values("subject_id"))
    if grants:
        assigned = Assignment.objects.filter(open_on(actor.on), user_id=actor.user_id).values("subject_id")
        reach |= Q(pk__in=assigned)
    if form is None and actor.child_grants and sensitivity in GLASS_OPENS and at is not None:
        glass = BreakGlass.objects.filter(user_id=actor.user_id, opened_at__lte=at, closes_at__gt=at)
        reach |= Q(pk__in=glass.values("subject_id"))
    blocked = Block.objects.filter(open_on(actor.on), user_id=actor.user_id).values("subject_id")
    found = Child.objects.filter(reach).exclude(pk__in=blocked)
    return found if of is None else found.filter(pk__in=of)


def sensitivities_for(actor: Actor, subject_id: int, at: datetime | None = None) -> set[str]:
    """How much of one child's file this person may read; the empty set is a denial."""
    wanted = {s for each in actor.child_grants for s in each.role.reads} | set(GLASS_OPENS)
    if actor.is_system:
        return {"basic", "health", "welfare", "protection", "justice"}
    return {s for s in wanted if visible(actor, s, at=at, of=[subject_id]).exists()}


def may_record(actor: Actor, form: str, sensitivity: str, subject_id: int) -> bool:
    """May this person enter this form for this child? The role must both enter it and reach the child.

    Entering does not need the right to read that form's file: a child director records a dose and sees no
    other doses.
    """
    if actor.is_system:
        return True
    return any(
        visible(actor, s, form=form, of=[subject_id]).exists() for s in dict.fromkeys((sensitivity, "basic"))
    )


def home_of(subject_ids: Iterable[int], on: date) -> dict[int, str]:
    """Village of each subject on a day."""
    found = Residence.objects.filter(open_on(on), subject_id__in=list(subject_ids))
    return dict(found.values_list("subject_id", "place_id"))
