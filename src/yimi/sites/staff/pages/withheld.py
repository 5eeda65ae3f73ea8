"""How a count that is not shown is shown: one sign everywhere, and one sentence that says why."""

from __future__ import annotations

from typing import Any

from yimi.sites.staff.pages.figures import Words, both
from yimi.sites.templatetags.yimi import WITHHELD

SIGN = "※"  # in workbooks, where a cell has no tooltip


def counted(value: int | float | None) -> Any:
    """A count for a ledger's cell; None means it is withheld."""
    return WITHHELD if value is None else value


def plain(value: Any) -> Any:
    """The same for a workbook."""
    return SIGN if value is WITHHELD or value == WITHHELD else value


def note(least: int) -> Words:
    return both(
        f"※ 为不显示的数：小于{least}的数，以及由行、列、合计相减可以推出它的数。表格、图、Excel和JSON一致。",
        f"※ is a number that is not shown: one below {least}, or one that would give it away by subtraction from rows, "
        "columns and totals. Table, chart, Excel and JSON are the same.",
    )
