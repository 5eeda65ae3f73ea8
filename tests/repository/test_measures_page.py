"""docs/measures.md says what stands in the packs, the site and the tests today."""

from __future__ import annotations

from tests.our_packs import ours
from tests.repository import measures_page


def test_the_page_is_the_one_that_would_be_made() -> None:
    made = measures_page.page(ours())
    assert measures_page.PAGE.read_text(encoding="utf-8") == made, (
        "docs/measures.md is stale: python -m tests.repository.measures_page"
    )
    assert made.count("\n## ") == 35
