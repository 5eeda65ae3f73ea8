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


def test_the_readme_tells_how_many_instruments_are_served() -> None:
    instruments = [each for measure in ours().measures.values() for each in measure.instruments]
    served = sum(each.served_by is not None for each in instruments)
    root = measures_page.PAGE.parent.parent
    english = " ".join((root / "README.md").read_text(encoding="utf-8").split())
    assert f"{served} of the plan's {len(instruments)} instruments are served" in english
    chinese = "".join((root / "README.zh-CN.md").read_text(encoding="utf-8").split())
    assert f"方案{len(instruments)}项工作载体中已承载{served}项" in chinese
