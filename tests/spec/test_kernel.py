"""Every acceptance case of the kernel holds, and the page made from them is up to date."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.spec import render
from tests.spec.acceptance import Case, cases, differences


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.id)
def test_case(case: Case, tmp_path: Path) -> None:
    assert differences(case, tmp_path) == []


def test_page_is_made_from_the_cases() -> None:
    assert render.PAGE.read_text(encoding="utf-8") == render.page(), "run: python -m tests.spec.render"
