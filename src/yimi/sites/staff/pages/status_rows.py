"""The columns of a status ledger, and its rows; a ledger that opens a pathway of visits shows the visits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any

from django.http import HttpRequest

from yimi.apps.evaluation import ledgers as kept
from yimi.apps.evaluation.ledgers import StatusRow, Visits
from yimi.pack.load import Pack
from yimi.pack.schema import StatusScheme
from yimi.sites.rows import Row
from yimi.sites.staff.pages import figures, shown
from yimi.sites.staff.pages.figures import both
from yimi.sites.staff.pages.shown import column

VISITED = "hardship"


def columns_of(scheme: StatusScheme, request: HttpRequest) -> list[dict[str, Any]]:
    if scheme.subject != "child":
        return [
            column("name", "名称" if scheme.subject == "facility" else "姓名", "Name", "text"), column("place", "所在地", "Place", "place"),
            column("code", "类别", "Category", "text", request=request, sort="code"), column("since", "起始日期", "Since", "date", request=request, sort="since"),
            column("review", "有效（复核）至", "Valid or reviewed until", "date", request=request, sort="review"),
        ]  # fmt: skip
    found = [
        column("child", "姓名", "Child", "person"), column("village", "村（社区）", "Village", "place"),
        column("born", "出生日期", "Born", "date"), column("category", "类别", "Category", "text", request=request, sort="code"),
    ]  # fmt: skip
    if scheme.id == VISITED:
        found.append(column("level", "等级", "Level", "tag"))
    found += [
        column("since", "认定日期", "Decided", "date", request=request, sort="since"),
        column("review", "复核期限", "Review by", "date", request=request, sort="review"),
    ]
    if scheme.counts_days:
        found += [
            column("days", "天数", "Days", "number"),
            column("in_all", "累计天数", "Days in all", "number"),
        ]
    if scheme.id == VISITED:
        found += [
            column("last", "最近走访（见到本人）", "Last seen", "date"),
            column("next", "下次走访期限", "Next visit by", "clock"),
        ]
    return found


def rows_of(
    pack: Pack, scheme: StatusScheme, entries: Sequence[StatusRow], as_of: date, today: date
) -> list[Row]:
    """The rows of a page; ages and clocks are of today, days and visits of the ledger's day."""
    if scheme.subject != "child":
        return [
            Row((pack.fingerprint, scheme.id, each), partial(_other_cells, pack, scheme, each))
            for each in entries
        ]
    children = [each.hit.subject_id for each in entries if each.hit]
    seen = kept.visits(children, as_of) if scheme.id == VISITED else {}
    lasted = kept.days_lasted(scheme.id, entries, as_of) if scheme.counts_days else {}
    rows = []
    for each in entries:
        if each.hit is None:
            continue
        child = each.hit.subject_id
        days = (min(each.until or as_of, as_of) - each.since).days, lasted.get(child, 0)
        told = (each, seen.get(child), days if scheme.counts_days else None, today)
        rows.append(Row((pack.fingerprint, scheme.id, *told), partial(_child_cells, pack, scheme, *told)))
    return rows


def _child_cells(
    pack: Pack, scheme: StatusScheme, each: StatusRow, seen: Visits | None, days: tuple[int, int] | None, today: date
) -> list[Any]:  # fmt: skip
    hit = each.hit
    if hit is None:
        return []
    line: list[Any] = [shown.person(hit, today), shown.place(pack, hit.place), hit.birth_date]
    line.append(shown.status_name(pack, scheme.id, each.code))
    if scheme.id == VISITED:
        line.append(
            shown.status_name(pack, "hardship_level", each.level) if each.level else both("未定", "none")
        )
    line += [each.since, each.review_due, *(days or ())]
    if seen is not None:
        begun = seen.last or each.since
        line += [seen.last, figures.clock(pack, seen.next_by, begun, today) if seen.next_by else None]
    return line


def _other_cells(pack: Pack, scheme: StatusScheme, each: StatusRow) -> list[Any]:
    return [
        each.name, shown.place(pack, each.place), shown.status_name(pack, scheme.id, each.code), each.since, each.review_due,
    ]  # fmt: skip
