"""A computed field: worked out on the day of the record, never taken from what was typed."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
from tests.our_packs import ours

from yimi.pack.answers import validate_answers
from yimi.pack.check import check_folder
from yimi.pack.load import Pack
from yimi.pack.schema import Form

ROOT = Path(__file__).resolve().parents[3]
MATTERS = ("child_health", "child_mind", "child_study", "will", "ability", "conduct", "means", "safety", "bond", "support")  # fmt: skip
DAY = date(2026, 3, 31)


def pack() -> Pack:
    return ours("china")


def form() -> Form:
    return pack().forms["guardianship_assessment"]


def given(bad: int = 0, concern: int = 0, **more: str) -> dict[str, str]:
    worst = ["bad"] * bad + ["concern"] * concern
    marks = [*worst, *["good"] * (len(MATTERS) - len(worst))]
    return {
        "carer": "mother",
        "danger": "no",
        "plan": "每月指导",
        **dict(zip(MATTERS, marks, strict=True)),
        **more,
    }


@pytest.mark.parametrize(
    ("answers", "score", "level", "review_on"),
    [
        (given(concern=4), 4, "green", date(2027, 3, 31)),
        (given(concern=5), 5, "yellow", date(2026, 9, 30)),
        (given(bad=4, concern=1), 9, "yellow", date(2026, 9, 30)),
        (given(bad=5), 10, "red", date(2026, 4, 30)),
        (given(danger="yes"), 0, "red", date(2026, 4, 30)),
        (given(bad=5, adjusted="yellow", adjust_reason="外婆已接手"), 10, "yellow", date(2026, 9, 30)),
    ],
)
def test_the_score_gives_level_and_next_date(
    answers: dict[str, str], score: int, level: str, review_on: date
) -> None:
    found = validate_answers(form(), answers, pack(), DAY)
    assert found.errors == []
    assert [found.typed[name] for name in ("score", "level", "review_on")] == [score, level, review_on]


def test_what_is_typed_for_it_does_not_count_and_a_second_reading_gives_the_same() -> None:
    once = validate_answers(form(), given(bad=5, score="1", level="green"), pack(), DAY)
    assert (once.typed["score"], once.typed["level"]) == (10, "red")
    assert validate_answers(form(), once.as_json(), pack(), DAY).typed == once.typed


def test_without_a_day_the_date_stays_open_and_with_a_gap_the_score_does_too() -> None:
    assert "review_on" not in validate_answers(form(), given(), pack()).typed
    gap = given()
    del gap["will"]
    found = validate_answers(form(), gap, pack(), DAY)
    assert [each.code for each in found.errors] == ["required"]
    assert not found.typed.keys() & {"score", "level", "review_on"}


TRIAL = """id: trial
name: {zh: 试验, en: trial}
subject: child
sensitivity: basic
legal_basis: 试验
purpose: {zh: 试验, en: trial}
fields:
  - {id: note, label: {zh: 说明, en: note}, type: text%s}
  - {id: left, label: {zh: 左, en: left}, type: integer}
  - {id: sum, label: {zh: 和, en: sum}, type: integer, computed: %s}
  - {id: right, label: {zh: 右, en: right}, type: integer}
"""


@pytest.mark.parametrize(
    ("rule", "note", "told"),
    [
        ("left + left", "", ""),
        ("left + right", "", "right"),  # a field below it
        ("note", "", "number"),  # not the field's type
        ("left + left, required: true", "", "is computed"),
        ("left + left", ", show_when: sum > 3", "computed after all conditions"),
    ],
)
def test_slips_are_told(tmp_path: Path, rule: str, note: str, told: str) -> None:
    folder = shutil.copytree(ROOT / "tests/spec/packs/mini", tmp_path / "mini")
    (folder / "forms/trial.yaml").write_text(TRIAL % (note, rule), encoding="utf-8")
    messages = [each.message for each in check_folder(folder).errors]
    assert any(told in each for each in messages) if told else not messages, messages
