"""Every story of `tests/spec/words/forms.yaml`, act by act, in a real register."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from tests.cast import AT, DAY, XIAOYU, as_
from tests.spec.form_words import stories

from yimi.apps.accounts.permissions import system
from yimi.apps.records import actions
from yimi.apps.records.models import Record
from yimi.apps.register import actions as register
from yimi.apps.register import residents
from yimi.apps.register.models import Child, Person, Relation, Status
from yimi.apps.register.residents import Newcomer
from yimi.lib.errors import BadInput


@pytest.fixture
def people(town: Any) -> dict[str, str]:
    """小雨, her father, and a volunteer of her village."""
    me = system(DAY)
    father = str(register.register_person(name="覃刚", sex="m", birth_date=None, by=me, at=AT))
    since = date(2025, 2, 28)
    register.relate(uid=str(XIAOYU), person=father, kind="father", guardian=True, since=since, by=me, at=AT)
    volunteer = str(register.register_person(name="覃叔叔", sex="m", place=town.chen_village, by=me, at=AT))
    begun = {"action": "begin", "kind": "volunteer"}
    day = DAY - timedelta(days=400)
    actions.add(
        form="volunteer_registration",
        subject=volunteer,
        occurred_on=day,
        answers=begun,
        by=as_("yang"),
        at=AT,
    )
    her = Newcomer(uuid4(), "冉小梅", "", date(1996, 5, 2), town.chen_village, DAY - timedelta(days=200))
    mother = residents.enroll(her, form="pregnancy_registration", by=as_("deng"), at=AT).uid
    return {"child": str(XIAOYU), "father": father, "volunteer": volunteer, "mother": mother}


@pytest.mark.parametrize("story", stories(), ids=lambda each: f"{each['word']}: {each['title']['en'][:40]}")
def test_story(story: dict[str, Any], people: dict[str, str]) -> None:
    if "known" in story:
        Person.objects.filter(subject__uid=people["father"]).update(death_date=story["known"]["died"])
    for act in story["acts"]:
        if "refused" in act:
            with pytest.raises(BadInput, match=act["refused"]):
                do(act, people)
        else:
            do(act, people)
        assert seen(act.get("then", {}), people) == act.get("then", {}), act


def do(act: dict[str, Any], people: dict[str, str]) -> None:
    by, uid = as_("deng" if act["about"] == "mother" else "yang"), people[act["about"]]
    if act["do"] == "enter":
        given = {name: typed(value, people) for name, value in act["answers"].items()}
        on = date.fromisoformat(act["on"])
        assert actions.add(form=act["form"], subject=uid, occurred_on=on, answers=given, by=by, at=AT).made
        return
    last = Record.objects.filter(form=act["form"], subject__uid=uid).latest("seq")
    if act["do"] == "correct":
        on = date.fromisoformat(act["on"])
        actions.correct(
            record_uid=last.record_uid, answers={**last.answers, **act.get("answers", {})}, reason="有误",
            occurred_on=on, by=by, at=AT,
        )  # fmt: skip
    else:
        actions.void(record_uid=last.record_uid, reason="误登", by=by, at=AT)


def typed(value: str, people: dict[str, str]) -> Any:
    return {"true": True, "false": False}.get(value, people.get(value, value))


def seen(asked: dict[str, str], people: dict[str, str]) -> dict[str, str]:
    found = {}
    if "died" in asked:
        died = Person.objects.get(subject__uid=people["father"]).death_date
        found["died"] = died.isoformat() if died else "none"
    if "paired" in asked:
        found["paired"] = str(Status.objects.filter(scheme="pairing", valid_to__isnull=True).count())
    if "born" in asked:
        names = Child.objects.filter(birth_date__gte=date(2026, 8, 1)).order_by("name")
        found["born"] = "、".join(names.values_list("name", flat=True)) or "none"
    if "hers" in asked:
        found["hers"] = str(Relation.objects.filter(person__uid=people["mother"], kind="mother").count())
    return found
