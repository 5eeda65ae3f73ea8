"""The Wulong pack: its totals, and that the official text can be printed back from it word for word."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.our_packs import checked_ours, ours

from yimi.exchange.plan_print import measure_text

ROOT = Path(__file__).resolve().parents[2]
SEED = ROOT / "../shared/reference/seed-plan.zh.txt"


def squeeze(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_totals() -> None:
    counts = checked_ours().counts
    expected = {
        "measures": 35, "bodies": 25, "assignments": 170, "targets": 22, "milestones": 7, "instruments": 204,
        "townships": 26, "villages": 214,
    }  # fmt: skip
    assert {name: counts[name] for name in expected} == expected


def test_every_body_signed_and_education_has_23_measures() -> None:
    pack = ours()
    of_body: dict[str, int] = {}
    for measure in pack.measures.values():
        for each in measure.bodies:
            of_body[each.body] = of_body.get(each.body, 0) + 1
    assert of_body["education"] == 23
    assert all(pack.organizations[body].kind == "department" for body in of_body)
    assert sum(each.kind == "department" for each in pack.organizations.values()) == 25


def test_every_name_the_plan_uses_is_known_for_its_body() -> None:
    pack = ours()
    for measure in pack.measures.values():
        for each in measure.bodies:
            body = pack.organizations[each.body]
            assert each.as_written in (body.short, *body.aliases), f"{measure.id}: {each.as_written}"


def test_every_phrase_stands_in_its_text() -> None:
    pack = ours()
    (plan,) = pack.plans.values()
    for measure in pack.measures.values():
        phrases = [each.phrase for each in measure.targets] + [each.phrase for each in measure.instruments]
        assert [each for each in phrases if squeeze(each) not in measure.text] == [], measure.id
    for milestone in plan.milestones:
        where = pack.measures[milestone.measure].text if milestone.measure else plan.general_goal
        assert squeeze(milestone.phrase) in where, milestone.id


def test_townships_and_villages_have_all_their_organizations() -> None:
    pack = ours()
    seats: dict[str, list[str]] = {}
    for each in pack.organizations.values():
        seats.setdefault(each.kind, []).append(each.place)
    townships = sorted(each.code for each in pack.townships())
    for kind in ("township_government", "township_hospital", "station"):
        assert sorted(seats[kind]) == townships, kind
    assert sorted(seats["village_committee"]) == sorted(each.code for each in pack.villages())
    assert all(each.parent in pack.places for each in pack.villages())
    assert all(each.code.startswith(str(each.parent)) for each in pack.villages())


def test_a_reminder_that_nobody_answers_reaches_the_coordinating_office() -> None:
    organizations = ours().organizations
    for start in organizations.values():
        seen = [start.id]
        while (parent := organizations[seen[-1]].parent) is not None:
            assert parent not in seen, f"{start.id} goes round in a circle"
            seen.append(parent)
        assert seen[-1] == "wcwc_office", start.id


def test_the_district_keeps_every_national_kind_of_designation() -> None:
    national = ours("china").vocabularies["designation_kind"].codes
    here = {each.code: each for each in ours().vocabularies["designation_kind"].codes}
    assert [each for each in national if here.get(each.code) != each] == []


@pytest.mark.reference
def test_the_official_text_comes_back() -> None:
    if not SEED.is_file():
        pytest.skip("needs ../shared beside the project: the official text is not part of it")
    pack = ours()
    (plan,) = pack.plans.values()
    parts = [plan.title.zh, plan.preamble]
    for chapter in plan.chapters:
        parts.append(chapter.number + chapter.title.zh)
        if not chapter.measures:
            parts.append(plan.general_goal)
        for each in (pack.measures[name] for name in chapter.measures):
            assert each.text.startswith(each.title.zh + "。"), each.id
            parts.append(measure_text(each))
    printed = squeeze("".join(parts))
    seed = squeeze(SEED.read_text(encoding="utf-8"))
    assert printed == seed[seed.rindex(plan.title.zh) :]
    assert plan.number in seed


@pytest.mark.reference
def test_the_signatories_are_the_departments() -> None:
    if not SEED.is_file():
        pytest.skip("needs ../shared beside the project: the official text is not part of it")
    seed = squeeze(SEED.read_text(encoding="utf-8"))
    head = seed[: seed.index("(此件公开发布)")]
    departments = [each for each in ours().organizations.values() if each.kind == "department"]
    assert [each.id for each in departments if each.name_zh not in head] == []
