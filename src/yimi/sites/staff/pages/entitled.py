"""What a child has a right to, on its page: received or not, what is owed, what is missing, which documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from yimi.apps.evaluation.radar import need
from yimi.apps.register.selectors import ChildFile
from yimi.pack.load import Pack
from yimi.pack.schema import Entitlement
from yimi.sites.staff.pages import shown
from yimi.sites.staff.pages.figures import Words, both, words


def entitled(
    pack: Pack, file: ChildFile, rows: Sequence[dict[str, Any]], owed: Sequence[dict[str, Any]], facts: Mapping[str, Words]
) -> list[dict[str, Any]]:  # fmt: skip
    """Every benefit of a sensitivity open to the reader, all but those without a right and not received."""
    found = []
    for row in rows:
        declared = pack.entitlements[row["entitlement"]]
        if declared.sensitivity not in file.sensitivities or row["state"] is None:
            continue
        needs = []
        for key in row["needs"] or ():
            told = need(declared, key)
            needs.append(words(told) if told else facts.get(key, both(key, key)))
        if row["answer"] == "unconfirmed":
            needs = [both("待确认的规定", "a norm that is not confirmed")]
        text = _because(declared, row, [each for each in owed if each["entitlement"] == declared.id])
        found.append(
            {
                "name": words(declared.name), "answer": row["answer"], "received": row["receiving"], "needs": needs,
                "because": shown.said(declared.source, declared.confidence, text, declared.id),
            }
        )  # fmt: skip
    return found


def _because(declared: Entitlement, row: Mapping[str, Any], owed: Sequence[Mapping[str, Any]]) -> Words:
    zh, en = f"依据：{declared.article}", f"By {declared.article}"
    if row["state"] == "lost":
        zh = f"仍在享受，事实已不支持，应复核。{zh}"
        en = f"Still received; the facts no longer support it: to be reviewed. {en}"
    if row["state"] == "missing" and declared.documents:
        papers = [words(each) for each in declared.documents]
        zh += "。须备：" + "、".join(each["zh"] for each in papers)
        en += ". Documents: " + ", ".join(each["en"] for each in papers)
    if owed:
        periods = sorted(each["period"] for each in owed)
        named = "、".join(f"{each:%Y-%m}" for each in periods)
        zh, en = f"欠发{len(periods)}期：{named}。{zh}", f"{len(periods)} periods owed: {named}. {en}"
    return both(zh, en)
