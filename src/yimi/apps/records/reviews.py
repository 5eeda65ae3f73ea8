"""What only a person can settle about records and children: listed for those who may act, closed with a note.

Which kinds there are: `duplicate` (perhaps one child twice; settled on the page of the child's identity),
`two_corrections` of one record, `two_records` of one day, `birth_taken_back`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor
from yimi.apps.prepared import prepared
from yimi.apps.records.models import Record
from yimi.apps.register import actions as register_actions
from yimi.apps.register import selectors as register
from yimi.apps.register.models import ReviewItem
from yimi.apps.register.permissions import Closeness, closenesses, may_record, reaches
from yimi.apps.register.selectors import Hit
from yimi.lib.errors import BadInput, NotAllowed

MOST = 200  # open items that are looked at; a district that has more begins with the oldest
SHORTEST = 4  # characters of a note


@dataclass(frozen=True)
class Review:
    """`form`, `on`: of the records it is about. `own_only`: this person entered all of them, another one must look."""

    id: int
    kind: str
    why: str
    opened_at: datetime
    child: Hit
    other: Hit | None
    form: str | None = None
    on: date | None = None
    own_only: bool = False


def reviews(actor: Actor) -> list[Review]:
    """The open items of children within reach in which this person may act, the oldest first."""
    kept = _kept(actor)
    about = [each for item, _ in kept for each in (item.subject_id, item.other_id) if each]
    hits = register.named(actor, about)
    entered = _entered_by(record for _, record in kept if record is not None)
    found = []
    for each, record in kept:
        if each.subject_id not in hits:
            continue
        shows = record is not None and record.subject_id == each.subject_id
        who = entered.get(_key(record), set()) if record is not None and shows else set()
        found.append(
            Review(
                each.pk,
                each.kind,
                each.why,
                each.opened_at,
                hits[each.subject_id],
                hits.get(each.other_id or 0),
                record.form if record and shows else None,
                record.occurred_on if record and shows else None,
                bool(who) and who == {actor.user_id},
            )
        )
    return found


def review_count(actor: Actor) -> int:
    """How many wait; nobody is named."""
    return len(_kept(actor))


@transaction.atomic
def close(*, item: int, note: str, by: Actor, at: datetime) -> None:
    """Somebody has looked: what they found, in their words. Not the only author of all it is about."""
    found = next((each for each in reviews(by) if each.id == item and each.kind != "duplicate"), None)
    if found is None:
        raise NotAllowed("no such item")
    if found.own_only:
        raise BadInput(
            "这几份记录都是您填的，请由另一位同事核对 / you entered all of these records: a colleague must look at them"
        )
    if len(note.strip()) < SHORTEST:
        raise BadInput("请写明核对的结果 / say what you found")
    register_actions.settle_review(item=item, outcome="settled", note=note.strip()[:400], by=by, at=at)


# --- who may act --------------------------------------------------------------------------------------------


def _kept(actor: Actor) -> list[tuple[ReviewItem, Record | None]]:
    """Open items this person may act in, with the record each names: judged by its form and the ties to the child."""
    if not actor.child_grants:
        return []
    items = list(_open())
    if not items:
        return []
    near = closenesses(actor, {each.subject_id for each in items})
    told = _records([each.record_uid for each in items if each.record_uid])
    named = [(each, told.get(each.record_uid)) for each in items]
    return [
        (each, record)
        for each, record in named
        if _may_act(actor, each, near[each.subject_id], record.form if record else None)
    ]


def _may_act(actor: Actor, item: ReviewItem, near: Closeness, form: str | None) -> bool:
    declared = active.pack().forms.get(form or "")
    if item.kind == "duplicate":
        return actor.verifies and reaches(actor, near, "welfare")
    if declared is None or declared.subject != "child":  # the birth in a mother's file
        return actor.verifies and reaches(actor, near, "basic")
    if not reaches(actor, near, "basic"):
        return False
    if may_record(actor, declared.id, declared.sensitivity, near):
        return True
    return actor.verifies and reaches(actor, near, declared.sensitivity)


def _open() -> QuerySet[ReviewItem]:
    return ReviewItem.objects.filter(closed_at__isnull=True).order_by("opened_at", "pk")[:MOST]


def _records(uids: Sequence[UUID]) -> dict[UUID | None, Record]:
    return {each.record_uid: each for each in _named_so(list(uids))} if uids else {}


@prepared
def _named_so(uids: list[UUID]) -> QuerySet[Record]:
    return Record.objects.filter(record_uid__in=uids)


Key = tuple[int, str, date]


def _key(record: Record) -> Key:
    return record.subject_id, record.form, record.occurred_on


def _entered_by(records: Iterable[Record]) -> Mapping[Key, Collection[int | None]]:
    """(child, form, day) → who entered records of it, what takes their place among them."""
    told = list(records)
    if not told:
        return {}
    found: dict[Key, set[int | None]] = {}
    uids = {each.record_uid for each in told}
    rows = Record.objects.filter(
        Q(subject_id__in={each.subject_id for each in told}, form__in={each.form for each in told},
          occurred_on__in={each.occurred_on for each in told})
        | Q(supersedes__in=uids)
    ).exclude(kind="void")  # fmt: skip
    corrected = {each.record_uid: _key(each) for each in told}
    for each in rows:
        found.setdefault(corrected.get(each.supersedes, _key(each)), set()).add(each.by_id)
    return found
