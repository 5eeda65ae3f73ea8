"""Every acceptance case of the kernel holds, and the page made from them is up to date."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.spec import form_words, render, rules_page
from tests.spec.acceptance import Case, cases, differences

from yimi.rules.parse import LIST_FUNCTIONS, PLAIN_FUNCTIONS, STATUS_FUNCTIONS, STEP_FUNCTIONS


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.id)
def test_case(case: Case, tmp_path: Path) -> None:
    assert differences(case, tmp_path) == []


def test_page_is_made_from_the_cases() -> None:
    assert render.PAGE.read_text(encoding="utf-8") == render.page(), "run: python -m tests.spec.render"


def test_rules_page_is_made_from_the_code() -> None:
    assert rules_page.PAGE.read_text(encoding="utf-8") == rules_page.page(), (
        "run: python -m tests.spec.render"
    )


def test_form_words_page_is_made_from_the_stories() -> None:
    assert form_words.PAGE.read_text(encoding="utf-8") == form_words.page(), (
        "run: python -m tests.spec.render"
    )


def test_every_function_is_described_once() -> None:
    known = PLAIN_FUNCTIONS | LIST_FUNCTIONS | STEP_FUNCTIONS | STATUS_FUNCTIONS | {"param"}
    assert set(rules_page.FUNCTIONS) == known


def test_a_wrong_expectation_is_told(tmp_path: Path) -> None:
    """The cases can fail: a wrong day, a wrong cause and a wrong figure are each told."""
    k7 = next(each for each in cases() if each.id == "K7")
    child = k7.children[0].model_copy(update={"expect": {"MMR_1": {"status": "overdue"}}})
    figures = [{**k7.told["figures"][0], "numerator": "1"}]
    once = {name: value for name, value in k7.told.items() if name not in ("reversed", "upgrade", "twice")}
    told = {**once, "cause_keys": [], "figures": figures}
    found = differences(Case(told, (child, *k7.children[1:]), k7.extras), tmp_path)
    for said in ("MMR_1.status is done, expected overdue", "causes are", "coverage MMR_1 on 2025-12-31"):
        assert any(said in each for each in found), (said, found)
