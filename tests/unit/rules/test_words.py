"""A rule in words: what it says, with values, in both languages."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from yimi.rules.parse import parse
from yimi.rules.tree import Literal, Node, Period, When
from yimi.rules.words import Facts, parts, tell, terms, valued

BORN, M1 = date(2024, 1, 31), date(2024, 10, 1)


def facts(
    rule: str, language: str, known: dict[str, Any], done: dict[str, date | None] | None = None
) -> Facts:
    return Facts(
        values={node: known.get(text) for text in known for node in [parse(text)]}
        | {parse(rule): known.get(rule)},
        step_names={"M1": {"zh": "麻腮风第1剂", "en": "MMR 1"}[language]},
        list_names={"birth.discharged_on": {"zh": "出院日期", "en": "discharged on"}[language]},
        param_names={"grace": {"zh": "宽限期", "en": "grace"}[language]},
        done=done or {},
        language=language,
    )


CASES: list[tuple[str, dict[str, Any], str, str]] = [
    (
        "birth_date + interval 8 month",
        {"birth_date": BORN, "birth_date + interval 8 month": date(2024, 9, 30)},
        "出生 2024-01-31 满8月龄 = 2024-09-30",
        "8 months after birth 2024-01-31 = 2024-09-30",
    ),
    (
        "birth_date + interval 0 day",
        {"birth_date": BORN},
        "出生当日 2024-01-31",
        "the day of birth 2024-01-31",
    ),
    (
        "birth_date + interval 28 day",
        {"birth_date": BORN, "birth_date + interval 28 day": date(2024, 2, 28)},
        "出生 2024-01-31 后28天 = 2024-02-28",
        "28 days after birth 2024-01-31 = 2024-02-28",
    ),
    (
        "latest(birth.discharged_on) + interval 1 week",
        {"latest(birth.discharged_on)": date(2024, 2, 3)},
        "出院日期 2024-02-03 后1周",
        "1 week after discharged on 2024-02-03",
    ),
    ("sex = 'f' and sex is null", {"sex": None}, "性别 未知 = f 且 性别 未知 为空", "sex unknown = f and sex unknown is missing"),
    ("coalesce(death_date, birth_date)", {"birth_date": BORN}, "出生 2024-01-31", "birth 2024-01-31"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "known", "zh", "en"), CASES, ids=[each[0] for each in CASES])
def test_words(rule: str, known: dict[str, Any], zh: str, en: str) -> None:
    node = parse(rule)
    for language, said in (("zh", zh), ("en", en)):
        assert tell(node, facts(rule, language, known)) == said


def test_a_step_to_come_is_told_as_expected() -> None:
    rule = "done(M1) + interval 28 day"
    known = {"done(M1)": M1, rule: date(2024, 10, 29)}
    waiting, given = facts(rule, "en", known, {"M1": None}), facts(rule, "zh", known, {"M1": M1})
    assert tell(parse(rule), waiting) == "28 days after MMR 1 (expected 2024-10-01) = 2024-10-29"
    assert tell(parse(rule), given) == "麻腮风第1剂 2024-10-01 后28天 = 2024-10-29"


def test_only_the_branch_that_holds_is_told() -> None:
    rule = "case when sex = 'f' then birth_date + interval 1 month else birth_date + interval 2 month end"
    known = {"sex = 'f'": True, "birth_date": BORN, "birth_date + interval 1 month": date(2024, 2, 29)}
    assert tell(parse(rule), facts(rule, "zh", known)) == "出生 2024-01-31 满1月龄"


def test_terms_are_what_the_later_of_is_taken() -> None:
    node = parse("greatest(a, greatest(b, c))")
    assert terms(node) == [parse("a"), parse("b"), parse("c")]
    assert terms(parse("a")) == [parse("a")]


def test_parts_leave_list_conditions_and_periods_out() -> None:
    node = parse("case when has(dose, vaccine = 'x') then birth_date + interval 1 month end")
    assert parse("vaccine") not in set(parts(node))
    shown: set[Node] = valued(node)
    assert parse("has(dose, vaccine = 'x')") in shown
    assert not any(isinstance(each, Period | When) for each in shown)
    assert Literal(None) in shown
