"""Expectant and new mothers of one's village or township: the missed contacts first."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from yimi.apps import active
from yimi.apps.accounts.permissions import allow
from yimi.apps.evaluation import expecting as care
from yimi.apps.evaluation.expecting import Mother
from yimi.pack.load import Pack
from yimi.sites.staff.pages import enrollment, figures, rosters, shown
from yimi.sites.staff.pages.children import place_filter
from yimi.sites.staff.pages.figures import Words, both
from yimi.sites.staff.pages.schooling import ledger_page, window
from yimi.sites.staff.pages.shown import actor_of, column

WHAT = both(
    "漏了产前检查或产后访视的排在最前，次日早上即列出；分娩在她的档案里登记一次，孩子的档案随即建立。",
    "Missed contacts first, from the next morning on. A birth entered in her file opens the child’s at once.",
)


@allow("record")
@require_GET
def expecting(request: HttpRequest) -> HttpResponse:
    """Everybody in care before and after birth, within the places of those who keep these records."""
    pack, actor, get = active.pack(), actor_of(request), request.GET.get
    if not care.may_list(actor):
        raise Http404
    place, code, q, late = (
        get("place", "")[:20],
        get("code", "")[:20],
        get("q", "").strip()[:40],
        get("late", ""),
    )
    found = care.mothers(actor, place=place, code=code, late=bool(late), q=q)
    at = window(request)
    page = found[at["offset"] : at["offset"] + at["limit"]]
    care.note(actor, len(page))
    columns = [
        # What she waits for stands before where she is: on a phone two columns are seen at once.
        column("name", "姓名", "Name", "person"), column("status", "状态", "Status", "due"), column("next", "最急一项", "Most urgent"),
        column("by", "最迟", "Last day", "date"), column("state", "情况", "State"), column("expected", "预产期", "Expected on", "date"),
        column("place", "村（社区）", "Village", "place"),
    ]  # fmt: skip
    missed = sum(each.status == "overdue" for each in found)
    codes = pack.vocabularies[pack.statuses[care.SCHEME].vocabulary].codes
    return ledger_page(
        request, rosters.NAMES["expecting"], WHAT, columns, [_cells(pack, each, actor.on) for each in page], count=len(found),
        as_of=actor.on, kicker=rosters.KICKER, tabs=rosters.tabs(actor, "expecting"), actions=enrollment.links(actor),
        source=both("来源：孕妇建册和分娩登记；应办与逾期为最近一次评估的结果，其后建册、分娩的即时算出。",
                    "Source: registrations and births; due and overdue are of the last turn; who was entered or gave birth since is worked out at once."),
        standing=[
            {"label": both("人在管", "in care"), "value": len(found), "state": None},
            {"label": both("人有逾期", "with something missed"), "value": missed, "state": "off" if missed else "met"},
        ],
        filters=[
            {"id": "q", "label": both("姓名（开头几个字）", "Name begins with"), "type": "text", "value": q, "options": []},
            place_filter(pack, actor, place),
            {"id": "code", "label": both("情况", "State"), "type": "select", "value": code,
             "options": [{"code": one.code, "label": both(one.zh, one.en)} for one in codes]},
            {"id": "late", "label": both("逾期", "Missed"), "type": "select", "value": late,
             "options": [{"code": "late", "label": both("有逾期的", "something missed")}]},
        ],
    )  # fmt: skip


def _cells(pack: Pack, each: Mother, on: date) -> list[Any]:
    return [
        rosters.link(each.name, each.uid), each.status or "not_needed", figures.item_name(pack, each.step) if each.step else None, each.by,
        _state(pack, each, on), each.expected_on if each.code == "expecting" else None, shown.place(pack, each.place),
    ]  # fmt: skip


def _state(pack: Pack, each: Mother, on: date) -> Words:
    weeks, name = each.weeks(on), shown.status_name(pack, care.SCHEME, each.code)
    if weeks is not None:
        return both(f"孕{weeks}周", f"{weeks} weeks")
    days = (on - each.since).days
    return both(f"产后{days}天", f"{days} days after birth") if each.code == "postpartum" else name
