"""Programs by name: which left-behind children were reached, who is served by a care plan, who is aided."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from yimi.apps import active
from yimi.apps.accounts.permissions import allow
from yimi.apps.evaluation import programs as told
from yimi.pack.load import Pack
from yimi.sites.addresses import address
from yimi.sites.staff.pages import shown
from yimi.sites.staff.pages.children import place_filter
from yimi.sites.staff.pages.figures import Words, both
from yimi.sites.staff.pages.schooling import ledger_page, window
from yimi.sites.staff.pages.shown import actor_of, column

KICKER = both("台账", "Ledgers")
TITLES = {
    "care-reached": both("留守儿童关爱活动：到达与未到", "Care activities: whom they reached"),
    "care-served": both("关爱服务项目：一人一方案", "Care projects: one plan a child"),
    "programs-aid": both("孤儿助医助学：逐人决定", "Medical and study aid for orphans"),
}
TIMES = both("次", "times")
YUAN, POINTS = both("元", "yuan"), both("分", "points")
NEVER = both("从未", "never")
STANDING = {
    "never": both("从未服务", "never served"), "serving": both("服务中", "being served"), "ended": both("已结束", "ended"),
}  # fmt: skip
UNDECIDED = {True: both("逾期未决定", "late, undecided"), False: both("待决定", "to be decided")}


def _tabs(current: str) -> list[dict[str, Any]]:
    return [
        {"label": title, "href": address(name), "current": name == current, "count": None}
        for name, title in TITLES.items()
    ]


def _codes(pack: Pack, vocabulary: str) -> dict[str, Words]:
    known = pack.vocabularies.get(vocabulary)
    return {each.code: both(each.zh, each.en) for each in known.codes} if known else {}


@allow("children")
@require_GET
def care_reached(request: HttpRequest) -> HttpResponse:
    """Left-behind children with the activities of the last year by brand; never reached first."""
    pack, actor, get = active.pack(), actor_of(request), request.GET.get
    if not told.may_read(actor):
        raise Http404
    place, never = get("place", "")[:20], get("never", "") == "1"
    found, count, unreached = told.reached(actor, place, never, **window(request))
    brands = _codes(pack, "care_brand")
    columns = [
        column("child", "姓名", "Child", "person"), column("village", "村（社区）", "Village", "place"), column("last", "最近一次", "Latest"),
        column("total", "近一年合计", "In a year", "number", TIMES),
        *({"id": code, "label": name, "kind": "number", "unit": None} for code, name in brands.items()),
        column("since", "留守起始", "Left behind since", "date"),
    ]  # fmt: skip
    cells: list[list[Any]] = [
        [
            shown.person(each.hit, actor.on), shown.place(pack, each.hit.place),
            both(each.last.isoformat(), each.last.isoformat()) if each.last else NEVER,
            sum(each.by_brand.values()) or None, *(each.by_brand.get(code) for code in brands), each.since,
        ]
        for each in found
    ]  # fmt: skip
    return ledger_page(
        request, TITLES["care-reached"],
        both("每名留守儿童近一年被各品牌活动到达几次；从未到达的排在最前，请列入下一次活动。", "How often each left-behind child was reached in the last year; those never reached come first: put them on the next list."),
        columns, cells, count=count, as_of=actor.on, kicker=KICKER, tabs=_tabs("care-reached"),
        source=both("来源：留守儿童台账、关爱活动签到登记。", "Source: ledger of left-behind children, attendance of activities."),
        standing=[{"label": both("名留守儿童从未到达", "left-behind children never reached"), "value": unreached, "state": "off" if unreached else "met"}],
        filters=[
            place_filter(pack, actor, place),
            {"id": "never", "label": both("到达", "Reached"), "type": "select", "value": get("never", ""), "options": [{"code": "1", "label": both("只看从未到达的", "never reached only")}]},
        ],
        actions=[{"label": both("导入签到表", "Import attendance"), "href": address("imports")}],
    )  # fmt: skip


@allow("children")
@require_GET
def care_served(request: HttpRequest) -> HttpResponse:
    """Children of the care projects: plan, sessions held of those planned, before and after."""
    pack, actor, place = active.pack(), actor_of(request), request.GET.get("place", "")[:20]
    if not told.may_read(actor):
        raise Http404
    found = told.served(actor, place)
    columns = [
        column("child", "姓名", "Child", "person"), column("village", "村（社区）", "Village", "place"), column("standing", "状态", "Standing"),
        column("held", "已服务/计划", "Sessions held / planned"),
        column("last", "最近一次", "Latest", "date"), column("before", "服务前", "Before", "number", POINTS),
        column("after", "服务后", "After", "number", POINTS), column("goal", "目标", "Goal"), column("since", "方案起始", "Since", "date"),
    ]  # fmt: skip
    cells: list[list[Any]] = [
        [
            shown.person(each.hit, actor.on), shown.place(pack, each.hit.place),
            STANDING["ended" if each.until else "serving" if each.sessions else "never"], _plain(f"{each.sessions} / {each.plan.get('sessions', '—')}"),
            each.last, each.plan.get("score_before"), each.after if each.after is None else round(each.after),
            _plain(each.plan.get("goal")), each.since,
        ]
        for each in found
    ]  # fmt: skip
    never = sum(each.until is None and not each.sessions for each in found)
    return ledger_page(
        request, TITLES["care-served"],
        both("每名在册儿童的方案、服务次数和前后得分；有方案、从未服务的排在最前。", "Each child’s plan, its sessions, the score before and after; those with a plan and never served come first."),
        columns, cells, count=len(found), as_of=actor.on, kicker=KICKER, tabs=_tabs("care-served"),
        source=both("来源：关爱服务方案和服务记录。", "Source: plans and sessions of care service."),
        standing=[
            {"label": both("名儿童有方案、从未服务", "with a plan, never served"), "value": never, "state": "off" if never else "met"},
            {"label": both("名儿童服务中", "being served"), "value": sum(each.until is None and each.sessions > 0 for each in found), "state": None},
        ],
        filters=[place_filter(pack, actor, place)],
    )  # fmt: skip


@allow("children")
@require_GET
def programs_aid(request: HttpRequest) -> HttpResponse:
    """Candidates of medical and study aid, program by program: decision, reason, what was spent."""
    pack, actor, place = active.pack(), actor_of(request), request.GET.get("place", "")[:20]
    if not told.may_read(actor):
        raise Http404
    found = told.candidates(actor, place)
    programs, decisions = _codes(pack, "welfare_program"), _codes(pack, "program_decision")
    columns = [
        column("child", "姓名", "Child", "person"), column("village", "村（社区）", "Village", "place"), column("program", "项目", "Program"),
        column("decision", "决定", "Decision"), column("on", "决定日期", "Decided on", "date"), column("yuan", "近一年支出", "Spent in a year", "number", YUAN),
        column("reason", "理由", "Reason"), column("due", "应于之前决定", "Decide by", "date"),
    ]  # fmt: skip
    cells: list[list[Any]] = [
        [
            shown.person(each.hit, actor.on), shown.place(pack, each.hit.place), programs.get(each.program, both(each.program, each.program)),
            decisions.get(each.decision, UNDECIDED[each.late]), each.decided_on, round(each.yuan) if each.yuan else None,
            _plain(each.reason), each.due,
        ]
        for each in found
    ]  # fmt: skip
    open_ones = sum(each.decided_on is None for each in found)
    return ledger_page(
        request, TITLES["programs-aid"],
        both("规则列出候选儿童，由民政部门逐人决定接受、放弃或不符合，写明理由；支出按人登记。", "The rule lists candidates; each is accepted, declined or not eligible, with the reason; spending is entered by child."),
        columns, cells, count=len(found), as_of=actor.on, kicker=KICKER, tabs=_tabs("programs-aid"),
        source=both("来源：困境儿童台账、候选决定和支出登记。", "Source: ledger of children in hardship, decisions, spending."),
        standing=[
            {"label": both("人次待决定", "to be decided"), "value": open_ones, "state": "off" if any(each.late for each in found) else "on_track" if open_ones else "met"},
            {"label": both("元，近一年支出", "yuan spent in a year"), "value": round(sum(each.yuan for each in found)), "state": None},
        ],
        filters=[place_filter(pack, actor, place)],
    )  # fmt: skip


def _plain(text: Any) -> Words:
    return both(str(text or "—"), str(text or "—"))
