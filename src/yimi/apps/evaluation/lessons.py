"""Sessions of safety and rights education by school and grade: who was reached within a year, and who never."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

from yimi.apps.accounts.permissions import Actor
from yimi.apps.evaluation.schooling import TERM, places_of_work
from yimi.apps.records.selectors import in_force
from yimi.apps.register.models import Facility

LESSON, ROLL, TOPIC = "education_session", "class_roll", "session_topic"
YEAR = timedelta(days=365)
KINDS = ("primary", "junior", "nine_year", "senior", "special_school")


@dataclass
class Reached:
    """A school and a topic: its sessions of the year before a day, the grades they reached, and those it has."""

    uid: str
    school: str
    kind: str
    place: str | None
    sessions: int = 0
    participants: int = 0
    grades: dict[str, int] = field(default_factory=lambda: defaultdict(int))  # code of the grade → sessions
    has: set[str] = field(default_factory=set)  # by the class rolls of the term
    last: date | None = None  # also of an earlier year; none: never

    @property
    def missing(self) -> list[str]:
        return sorted(self.has - set(self.grades), key=lambda code: int(code[1:]))


def lessons(actor: Actor, topic: str, on: date, place: str = "") -> list[Reached]:
    """Every school within the actor's places, those never reached first, then the longest ago."""
    places = places_of_work(actor, place)
    if not places:
        return []
    schools = Facility.objects.filter(kind__in=KINDS, place_id__in=places, closed_on__isnull=True)
    found = {
        pk: Reached(str(uid), name, kind, at)
        for pk, uid, name, kind, at in schools.values_list("pk", "subject__uid", "name", "kind", "place_id")
    }
    told = in_force(LESSON, on).values_list("subject_id", "answers", "occurred_on")
    for subject, answers, day in told:
        line = found.get(subject)
        if line is None or answers.get("topic") != topic:
            continue
        line.last = max(day, line.last or day)
        if day > on - YEAR:
            line.sessions += 1
            line.participants += int(answers.get("participants") or 0)
            for grade in answers.get("grades") or []:
                line.grades[str(grade)] += 1
    rolls = in_force(ROLL, on).filter(occurred_on__gt=on - TERM).values_list("subject_id", "answers")
    for subject, answers in rolls:
        if subject in found and answers.get("grade"):
            found[subject].has.add(f"g{int(answers['grade'])}")
    return sorted(found.values(), key=lambda each: (each.last or date.min, each.school))
