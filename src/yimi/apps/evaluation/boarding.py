"""Boarding by school: who applied within a year, who got a bed, and the left-behind children among them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from yimi.apps.accounts.permissions import Actor
from yimi.apps.accounts.selectors import open_on
from yimi.apps.evaluation.listing import readable
from yimi.apps.evaluation.schooling import places_of_work
from yimi.apps.records.selectors import in_force
from yimi.apps.register.models import Attendance, Facility

APPLICATION, ANSWER = "boarding_application", "boarding_decision"
YEAR = timedelta(days=365)


@dataclass
class School:
    """Applications of a school's pupils: each child once, by its latest answer since it applied."""

    uid: str
    name: str
    place: str | None
    applied: int = 0
    granted: int = 0
    waiting: int = 0
    refused: int = 0
    unanswered: int = 0
    left_behind: int = 0  # applied
    left_behind_granted: int = 0
    left_behind_lost: int = 0  # no bed and nothing instead


def may_read(actor: Actor) -> bool:
    """Whoever answers applications, coordinates, or reads who is left behind: the counts tell of that."""
    return actor.coordinates or actor.records(ANSWER) or readable(actor, "welfare")


def by_school(actor: Actor, place: str = "") -> list[School]:
    """Every school of the actor's places a pupil of which applied; left-behind children without anything first."""
    places = places_of_work(actor, place)
    if not places or not may_read(actor):
        return []
    applied: dict[int, tuple[object, bool]] = {}
    recent = in_force(APPLICATION, actor.on).filter(occurred_on__gt=actor.on - YEAR)
    for child, on, answers in recent.order_by("occurred_on", "pk").values_list(
        "subject_id", "occurred_on", "answers"
    ):
        applied[child] = (on, bool(answers.get("left_behind")))
    answered: dict[int, dict[str, object]] = {}
    told = in_force(ANSWER, actor.on).filter(subject_id__in=applied).order_by("occurred_on", "pk")
    for child, on, answers in told.values_list("subject_id", "occurred_on", "answers"):
        if on >= applied[child][0]:
            answered[child] = answers
    stays = Attendance.objects.filter(open_on(actor.on), subject_id__in=applied).order_by("valid_from", "pk")
    school_of = dict(stays.values_list("subject_id", "facility_id"))
    known = Facility.objects.filter(pk__in=set(school_of.values()), place_id__in=places)
    found = {
        pk: School(str(uid), name, at)
        for pk, uid, name, at in known.values_list("pk", "subject__uid", "name", "place_id")
    }
    for child, (_, left) in applied.items():
        school = found.get(school_of.get(child, 0))
        if school is not None:
            _count(school, left, answered.get(child))
    return sorted(found.values(), key=lambda each: (-each.left_behind_lost, -each.unanswered, each.name))


def _count(school: School, left: bool, answer: dict[str, object] | None) -> None:
    school.applied += 1
    school.left_behind += left
    if answer is None:
        school.unanswered += 1
        return
    result = answer.get("result")
    school.granted += result == "granted"
    school.refused += result == "refused"
    school.waiting += result == "waiting"
    school.left_behind_granted += left and result == "granted"
    school.left_behind_lost += left and result != "granted" and not answer.get("instead")
