"""Who may see which child, and how much of the file.

Verdict = role grant ∩ place ∩ relation ∩ sensitivity ∩ purpose, minus blocks. Everything else is denied.

- A place role (district, township, village) reaches the children who live below its place on the day.
- Any role that reads children also reaches a child assigned or referred to this person by name.
- A facility role reaches assigned children only. A body role reaches none.
- While a status is open whose scheme names a role in `kept_by`, that role at the district keeps the child's file,
  wherever the child lives now: a child handed over to another county leaves no file that nobody may open.
- `sensitivity` must be among the role's `reads`. Each grant is judged alone: what one appointment lacks, another
  does not lend.
- Broken glass opens basic, health and welfare facts of one child for two hours; protection and justice never.
- A block beats all of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor, Grant
from yimi.apps.accounts.selectors import open_on
from yimi.apps.once import once_a_page
from yimi.apps.places.selectors import all_others, subtree
from yimi.apps.prepared import in_parts, prepared
from yimi.apps.register.models import Assignment, Block, BreakGlass, Child, Residence, Status

PLACE_LEVELS = ("district", "township", "village")
GLASS_OPENS = ("basic", "health", "welfare")
BROAD = 40  # places: fewer are never most of a district
NEAR_THE_TOP = (
    3000  # rows of a list: to ask each for its home is faster than to put a township's children in order
)


@once_a_page
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


def _kept(grants: Iterable[Grant]) -> list[str]:
    """The schemes whose children's files these appointments keep."""
    roles = {each.role.id for each in grants if each.role.level == "district"}
    return [each.id for each in active.pack().statuses.values() if roles.intersection(each.kept_by)]


@dataclass(frozen=True)
class Reach:
    """Which children a person may see at one sensitivity, in values: who reaches the same asks the same query."""

    user_id: int | None
    on: date
    everybody: bool = False
    places: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()  # every place that is not among them
    by_name: bool = False
    kept: tuple[str, ...] = ()  # schemes whose children's files this person keeps
    glass_at: datetime | None = None

    def children(self, looked_through: int = 0) -> QuerySet[Child]:
        return Child.objects.filter(self.condition(looked_through=looked_through))

    def condition(self, subject: str = "pk", looked_through: int = 0) -> Q:
        """The condition over the column that holds the child's id.

        A few places are asked who lives there. Where somebody reaches most places each child is asked for its home, and
        so where a list is looked through from its top for not many (`looked_through`, told for a list that an index
        keeps in order). The same children, and what the databases do fastest. For a few children see `visible_among`.
        """
        if self.everybody:
            return Q()
        reach, opened = Q(pk__in=()), open_on(self.on)
        if self.places:
            reach |= self._at_home(subject, looked_through)
        if self.by_name:
            assigned = Assignment.objects.filter(opened, user_id=self.user_id).values("subject_id")
            reach |= Q(**{f"{subject}__in": assigned})
        if self.kept:
            keeping = Status.objects.filter(opened, scheme__in=self.kept)
            reach |= Q(**{f"{subject}__in": keeping.values("subject_id")})
        if self.glass_at is not None:
            glass = BreakGlass.objects.filter(
                user_id=self.user_id, opened_at__lte=self.glass_at, closes_at__gt=self.glass_at
            )
            reach |= Q(**{f"{subject}__in": glass.values("subject_id")})
        blocked = Block.objects.filter(opened, user_id=self.user_id).values("subject_id")
        return reach & ~Q(**{f"{subject}__in": blocked})

    def _at_home(self, subject: str, looked_through: int) -> Q:
        living, places, others = Residence.objects.filter(open_on(self.on)), self.places, self.others
        if len(places) >= BROAD and len(others) < len(places):
            living = living.exclude(place_id__in=others) if others else living
            return Q(Exists(living.filter(subject_id=OuterRef(subject))))
        if 0 < looked_through * (len(places) + len(others)) < NEAR_THE_TOP * len(places):
            return Q(Exists(living.filter(subject_id=OuterRef(subject), place_id__in=places)))
        return Q(**{f"{subject}__in": living.filter(place_id__in=places).values("subject_id")})


def reach_of(
    actor: Actor, sensitivity: str = "basic", *, form: str | None = None, at: datetime | None = None
) -> Reach:
    """Which children this person may see (or may enter this form for) at this sensitivity."""
    if actor.is_system:
        return Reach(None, actor.on, everybody=True)
    grants, places = _grants(actor, sensitivity, form), reachable_places(actor, sensitivity, form)
    glass = form is None and actor.child_grants and sensitivity in GLASS_OPENS
    return Reach(
        actor.user_id, actor.on, False, frozenset(places), frozenset(all_others(places)), bool(grants), tuple(_kept(grants)),
        at if glass else None,
    )  # fmt: skip


def within_reach(
    actor: Actor, sensitivity: str = "basic", *, form: str | None = None, at: datetime | None = None,
    subject: str = "pk",
) -> Q:  # fmt: skip
    """The condition under which this person may see a child, over the column that holds the child's id."""
    return reach_of(actor, sensitivity, form=form, at=at).condition(subject)


def visible(
    actor: Actor, sensitivity: str = "basic", *, form: str | None = None, at: datetime | None = None
) -> QuerySet[Child]:
    """The children this person may see at this sensitivity. `Reach` and `visible_among` are the ways to children."""
    return reach_of(actor, sensitivity, form=form, at=at).children()


def visible_among(
    actor: Actor, subject_ids: Iterable[int], sensitivity: str = "basic", *, at: datetime | None = None
) -> QuerySet[Child]:
    """Those of these few children; their ties are asked for, not everybody who lives in the person's places."""
    near = closenesses(actor, subject_ids, at)
    return Child.objects.filter(
        pk__in=[each for each, ties in near.items() if reaches(actor, ties, sensitivity)]
    )


class Closeness(NamedTuple):
    """What ties a person to one child on a day: every verdict about this child follows from it."""

    homes: frozenset[str]
    assigned: bool
    glass: bool  # broken by this person and still open
    blocked: bool
    kept: frozenset[str] = frozenset()  # schemes open now under which somebody keeps the file


@once_a_page
def closeness(actor: Actor, subject_id: int, at: datetime | None = None) -> Closeness:
    """What ties a person to one child."""
    return closenesses(actor, [subject_id], at)[subject_id]


def closenesses(actor: Actor, subject_ids: Iterable[int], at: datetime | None = None) -> dict[int, Closeness]:
    """The same of a few children, in one question for all verdicts about them.

    `reaches` draws from it what `within_reach` asks of many children.
    """
    wanted = [int(each) for each in subject_ids]
    ids = ", ".join(map(str, wanted)) or "NULL"
    opened = f"subject_id IN ({ids}) AND valid_from <= %s AND (valid_to IS NULL OR valid_to > %s)"
    day = connection.ops.adapt_datefield_value(actor.on)
    moment = connection.ops.adapt_datetimefield_value(at or timezone.now())
    mine = [day, day, actor.user_id]
    query = (
        f"SELECT subject_id, 'home', place_id FROM register_residence WHERE {opened} "
        f"UNION ALL SELECT subject_id, 'assigned', '' FROM register_assignment WHERE {opened} AND user_id = %s "
        f"UNION ALL SELECT subject_id, 'blocked', '' FROM register_block WHERE {opened} AND user_id = %s "
        f"UNION ALL SELECT subject_id, 'glass', '' FROM register_break_glass WHERE subject_id IN ({ids}) "
        "AND user_id = %s AND opened_at <= %s AND closes_at > %s"
    )
    values = [day, day, *mine, *mine, actor.user_id, moment, moment]
    keeping = [each.id for each in active.pack().statuses.values() if each.kept_by]
    if keeping:
        marks = ", ".join(["%s"] * len(keeping))
        query += f" UNION ALL SELECT subject_id, 'kept', scheme FROM register_status WHERE {opened} AND scheme IN ({marks})"
        values += [day, day, *keeping]
    found: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))  # tie → child → of what
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        for subject, tie, what in cursor.fetchall():
            found[tie][subject].add(what)
    homes, assigned, glass, blocked, kept = (
        found[tie] for tie in ("home", "assigned", "glass", "blocked", "kept")
    )
    return {
        each: Closeness(
            frozenset(homes.get(each, ())), each in assigned, at is not None and each in glass, each in blocked,
            frozenset(kept.get(each, ())),
        )
        for each in wanted
    }  # fmt: skip


def reaches(actor: Actor, near: Closeness, sensitivity: str, form: str | None = None) -> bool:
    """May this person see that child at this sensitivity (or enter this form for it)?"""
    if actor.is_system:
        return True
    if near.blocked:
        return False
    if near.assigned and _grants(actor, sensitivity, form):
        return True
    if form is None and near.glass and actor.child_grants and sensitivity in GLASS_OPENS:
        return True
    if near.kept and not near.kept.isdisjoint(_kept(_grants(actor, sensitivity, form))):
        return True
    return not near.homes.isdisjoint(reachable_places(actor, sensitivity, form))


def sensitivities_for(actor: Actor, near: Closeness) -> set[str]:
    """How much of one child's file this person may read; the empty set is a denial."""
    if actor.is_system:
        return {"basic", "health", "welfare", "protection", "justice"}
    wanted = {s for each in actor.child_grants for s in each.role.reads} | set(GLASS_OPENS)
    return {s for s in wanted if reaches(actor, near, s)}


def may_record(actor: Actor, form: str, sensitivity: str, near: Closeness) -> bool:
    """May this person enter this form for this child? The role must both enter it and reach the child.

    Entering does not need the right to read that form's file: a child director records a dose and sees no
    other doses.
    """
    return any(reaches(actor, near, s, form) for s in dict.fromkeys((sensitivity, "basic")))


def home_of(subject_ids: Iterable[int], on: date) -> dict[int, str]:
    """Village of each subject on a day."""
    wanted = list(dict.fromkeys(subject_ids))
    parts = in_parts(wanted)
    return dict(row for part in parts for row in _homes_of(part, on))


@prepared
def _homes_of(subjects: list[int], on: date) -> QuerySet[Residence, tuple[int, str]]:
    found = Residence.objects.filter(open_on(on), subject_id__in=subjects)
    return found.values_list("subject_id", "place_id")


# --- residents of full age ------------------------------------------------------------------------------------


def resident_grants(actor: Actor, form: str | None = None) -> list[Grant]:
    """Appointments that enter forms about residents (or this one): expectant mothers, by where they live."""
    forms = {each.id for each in active.pack().forms.values() if each.persons == "resident"}
    wanted = forms if form is None else forms & {form}
    if actor.configures or actor.audits:
        return []
    return [
        each
        for each in actor.grants
        if each.role.level in PLACE_LEVELS and not wanted.isdisjoint(each.role.records)
    ]


def resident_places(actor: Actor, form: str | None = None, sensitivity: str = "basic") -> set[str]:
    """Where such an appointment reads at this sensitivity."""
    at = {each.place for each in resident_grants(actor, form) if sensitivity in each.role.reads}
    return subtree(at, actor.on) if at else set()


def enrolling(actor: Actor) -> list[str]:
    """The forms with which this person may enter a resident who is not in the register yet."""
    return [
        each.id for each in active.pack().forms.values() if each.enrolls and resident_places(actor, each.id)
    ]


# --- facilities -----------------------------------------------------------------------------------------------


def registrable(actor: Actor) -> dict[str, set[str]]:
    """Type of facility → the places where this person may enter one in the register, or close it."""
    found: dict[str, set[str]] = {}
    for each in active.pack().facility_types.values():
        at = {g.place for g in actor.grants if g.role.coordinates or g.role.id in each.registered_by}
        if at and not (actor.configures or actor.audits):
            found[each.id] = subtree(at, actor.on)
    return found


def may_register_facility(actor: Actor, kind: str, place: str) -> bool:
    return place in registrable(actor).get(kind, ())
