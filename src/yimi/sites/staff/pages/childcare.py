"""Childcare places: what counts today, what is left in the years ahead if nobody files again, what the target needs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from yimi.apps import active
from yimi.apps.accounts.permissions import allow
from yimi.apps.evaluation import childcare
from yimi.apps.evaluation.childcare import Filed, Outlook
from yimi.lib.dates import add_months
from yimi.pack.load import Pack
from yimi.sites.addresses import address
from yimi.sites.staff.pages import facilities, rosters, shown
from yimi.sites.staff.pages.children import place_filter
from yimi.sites.staff.pages.figures import Words, both
from yimi.sites.staff.pages.schooling import ledger_page, window
from yimi.sites.staff.pages.shown import actor_of, column

TITLE = both("托位：现在和今后", "Childcare places: now and ahead")
PLACES = both("个", "places")
AHEAD = (6, 12, 24)  # months


@allow("staff")
@require_GET
def childcare_places(request: HttpRequest) -> HttpResponse:
    """Every filing by the day it ends, and the places per thousand inhabitants on days ahead."""
    pack, actor = active.pack(), actor_of(request)
    place = request.GET.get("place", "")[:20]
    found, target = childcare.outlook(actor, place), childcare.target()
    columns = [
        column("name", "托育机构", "Site", "person"), column("place", "所在地", "Place", "place"), column("kind", "类型", "Kind"),
        column("places", "托位", "Places", "number", PLACES), column("until", "备案有效至", "Filing valid until", "date"),
        column("standing", "状态", "Standing"),
    ]  # fmt: skip
    year, at = add_months(actor.on, 12), window(request)
    cells = [
        [
            rosters.link(each.name, each.uid), shown.place(pack, each.place), _kind(pack, each), each.places, each.valid_until,
            rosters.STANDING["lapsed" if not each.counts_on(actor.on) else "valid" if each.counts_on(year) else "ending"],
        ]
        for each in found.sites[at["offset"] : at["offset"] + at["limit"]]
    ]  # fmt: skip
    per, goal = found.per_thousand(actor.on), target.value if target else None
    standing: list[dict[str, Any]] = [
        {"label": both("个托位计入", "places count"), "value": found.places_on(actor.on), "state": None},
        {"label": both("个/千人", "per 1,000 inhabitants"), "value": None if per is None else round(per, 2),
         "state": None if per is None or goal is None else "met" if per >= goal else "off"},
    ]  # fmt: skip
    if goal is not None and found.inhabitants:
        label = both(f"个托位，达到{goal:g}个/千人还差", f"places more to reach {goal:g} per 1,000")
        standing.append({"label": label, "value": found.lacking(actor.on, goal), "state": None})
    return ledger_page(
        request, TITLE, _what(found, actor.on), columns, cells, count=len(found.sites), as_of=actor.on, kicker=rosters.KICKER,
        standing=standing, filters=[place_filter(pack, actor, place)], tabs=rosters.tabs(actor, "childcare"),
        actions=[{"label": both("每千人口托位数指标", "The indicator"), "href": address("indicator", childcare.INDICATOR)},
                 *facilities.new_link(actor)] if childcare.INDICATOR in pack.indicators else facilities.new_link(actor),
        source=both(f"来源：托育机构备案；常住人口{found.inhabitants:,}人，取各乡镇（街道）最近登记之和。",
                    f"Source: filings of childcare sites; {found.inhabitants:,} inhabitants, the latest figure of each township."),
    )  # fmt: skip


def _kind(pack: Pack, each: Filed) -> Words | None:
    return shown.code_name(pack, "childcare_kind", each.kind) if each.kind else None


def _what(found: Outlook, on: Any) -> Words:
    told = []
    for months in AHEAD:
        day = add_months(on, months)
        per = found.per_thousand(day)
        share = "" if per is None else f"{per:.2f}"
        n = found.places_on(day)
        zh = f"{day.isoformat()}剩{n}个" + (f"（{share}个/千人）" if share else "")
        en = f"{day.isoformat()}: {n} left" + (f" ({share} per 1,000)" if share else "")
        told.append(both(zh, en))
    return both(
        "备案在有效期内的托位才计入，到期次日自动减去。若没有机构续备案：" + "，".join(each["zh"] for each in told) + "。",
        "A place counts while its filing is valid and goes the day after. If no site files again: " + ", ".join(each["en"] for each in told) + ".",
    )  # fmt: skip
