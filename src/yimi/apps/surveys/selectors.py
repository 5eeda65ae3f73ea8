"""Results of rounds that have ended: by school where enough have answered, else in the district's total only.

Nothing is told of a round that still runs: yesterday's result and today's would tell one pupil's answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor
from yimi.apps.audit.actions import Event
from yimi.apps.register.models import Facility
from yimi.apps.surveys.models import Answer, Round
from yimi.apps.surveys.permissions import own_facility, reads_all
from yimi.engines.disclosure import ALL, Pair, suppress_rows
from yimi.pack.schema import Survey

YES, NO, BLANK = "yes", "no", "blank"
YEAR = timedelta(days=365)


@dataclass(frozen=True)
class SchoolResult:
    """One school, or with `name` empty all of them. `answered` is None where it is not told apart."""

    name: str
    township: str
    asked: int
    answered: int | None
    yes: Mapping[str, int | None]  # question → who said yes


@dataclass(frozen=True)
class Results:
    schools: list[SchoolResult]
    whole: SchoolResult
    apart: int  # schools that asked and are not told apart
    least: int


@dataclass(frozen=True)
class OwnRound:
    opened_on: date
    closes_on: date
    asked: int
    running: bool


def own(actor: Actor, survey: Survey) -> tuple[Facility | None, OwnRound | None]:
    """One's own school, and its newest round. How many have answered is not told while it runs."""
    facility = own_facility(actor, survey)
    if facility is None:
        return None, None
    newest = Round.objects.filter(survey=survey.id, facility_id=facility.pk).order_by("-opened_on").first()
    if newest is None:
        return facility, None
    return facility, OwnRound(newest.opened_on, newest.closes_on, newest.asked, newest.closes_on >= actor.on)


def results(actor: Actor, survey: Survey) -> Results:
    """The newest ended round of each school within a year."""
    pack = active.pack()
    least = pack.number_on(survey.least_answers, actor.on)
    rounds = _newest(survey, actor.on)
    tables = _counted(survey, rounds)
    hidden = suppress_rows(tables, pack.number_on(survey.least_count, actor.on), least) if rounds else {}
    names = {each.pk: each for each in Facility.objects.filter(pk__in=[one.facility_id for one in rounds])}
    asked = {one.facility_id: one.asked for one in rounds}
    actor.reads.append(Event("list", "survey", survey.id, {"schools": len(rounds)}))

    def line(row: Hashable, name: str, township: str, pupils: int) -> SchoolResult:
        if not rounds:
            return SchoolResult(name, township, pupils, 0, {})
        one = next(iter(tables))
        answered = None if (row, ALL) in hidden[one] else _total(tables[one], row)
        yes = {q: None if (row, YES) in hidden[q] else _yes(tables[q], row) for q in tables}
        return SchoolResult(name, township, pupils, answered, yes)

    mine = own_facility(actor, survey)
    shown = [each for each in rounds if reads_all(actor, survey) or (mine and each.facility_id == mine.pk)]
    lines = [
        line(each.facility_id, names[each.facility_id].name, _township(names[each.facility_id].place_id), each.asked)
        for each in shown
    ]  # fmt: skip
    told = [each for each in lines if each.answered is not None]
    return Results(told, line(ALL, "", "", sum(asked.values())), len(lines) - len(told), least)


def _newest(survey: Survey, on: date) -> list[Round]:
    ended = Round.objects.filter(survey=survey.id, closes_on__lt=on, opened_on__gt=on - YEAR).order_by(
        "opened_on"
    )
    return list({each.facility_id: each for each in ended}.values())


def _counted(survey: Survey, rounds: list[Round]) -> dict[str, dict[Pair, int]]:
    """Question → (school, answer) → how many."""
    found: dict[str, dict[Pair, int]] = {
        q: {(each.facility_id, a): 0 for each in rounds for a in (YES, NO, BLANK)} for q in survey.told
    }
    school = {each.pk: each.facility_id for each in rounds}
    counts: Counter[tuple[str, int, str]] = Counter()
    for round_, answers in Answer.objects.filter(round__in=rounds).values_list("round_id", "answers"):
        for question in survey.told:
            counts[question, school[round_], _said(answers.get(question))] += 1
    for (question, facility, said), n in counts.items():
        found[question][facility, said] = n
    return found


def _said(value: Any) -> str:
    return BLANK if value is None else YES if value in (True, "true") else NO


def _total(table: Mapping[Pair, int], row: Hashable) -> int:
    return sum(n for (r, _), n in table.items() if row in (r, ALL))


def _yes(table: Mapping[Pair, int], row: Hashable) -> int:
    return sum(n for (r, said), n in table.items() if row in (r, ALL) and said == YES)


def _township(place: str | None) -> str:
    """The township a place lies in, or is."""
    found = active.pack().places.get(place or "")
    return "" if found is None else found.parent or "" if found.kind == "village" else found.code
