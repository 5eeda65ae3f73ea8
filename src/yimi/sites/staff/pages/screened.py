"""Where one child stands in the screening cascades, for its file."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from yimi.apps.evaluation import cascades as read
from yimi.pack.load import Pack
from yimi.sites.addresses import address
from yimi.sites.staff.pages.figures import both, words

TITLE = both("筛查闭环", "Screening cascades")


def of_child(pack: Pack, subject_id: int, sensitivities: Collection[str]) -> dict[str, Any] | None:
    """Where one child stands, for its file; the late first."""
    found = []
    for row in read.standing(subject_id, sensitivities):
        each = pack.cascades[row["cascade"]]
        stage = next((one for one in each.stages if one.id == row["waits_for"]), None)
        by = row["overdue_after"]
        following = None
        if stage is not None:
            limit = both(f"，最迟{by}", f", by {by}") if by else both("", "")
            late = both("（已超时）", " (too late)") if row["late"] else both("", "")
            following = both(
                f"下一步：{stage.name.zh}{limit['zh']}{late['zh']}",
                f"Next: {stage.name.en}{limit['en']}{late['en']}",
            )
        found.append(
            {
                "name": words(each.name), "href": address("cascade", each.id), "at": words(each.stages[row["position"] - 1].name),
                "since": row["since"], "next": following, "late": row["late"],
            }
        )  # fmt: skip
    return {"title": TITLE, "lines": found} if found else None
