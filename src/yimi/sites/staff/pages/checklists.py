"""A checklist of a title: every item with its figure or document, its owner, and the gaps that remain."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor, allow
from yimi.apps.evaluation import checklists as listed
from yimi.apps.evaluation.checklists import Line, Recalled
from yimi.pack.load import Pack
from yimi.pack.schema import Checklist
from yimi.sites.addresses import address
from yimi.sites.staff.pages import figures, shown
from yimi.sites.staff.pages.figures import Words, both, words
from yimi.sites.staff.pages.schooling import ledger_page
from yimi.sites.staff.pages.shown import actor_of, column

KICKER = both("创建与达标", "Titles and standards")
SIGNS = {">=": "≥", "<=": "≤", "=": "=", ">": ">", "<": "<"}
NO_DOCUMENT = both("没有登记材料", "no document entered")
NO_FIGURE = both("没有数据", "no figure")
ENDS_SOON = both("（即将到期）", " (ends soon)")
STATES = {
    "met": both("达到", "met"), "off": both("有差距", "gap"), "no_data": both("没有数据", "no figure"),
}  # fmt: skip
GAPS = both("只看差距", "Gaps only")


@allow("staff")
@require_GET
def checklist(request: HttpRequest, checklist_id: str) -> HttpResponse:
    """Item by item on any day; the gap list is the same page with its filter set, for print and Excel."""
    pack, actor, get = active.pack(), actor_of(request), request.GET.get
    each = pack.checklists.get(checklist_id)
    if each is None:
        raise Http404
    on = shown.day_asked(request, "as_of", actor.on)
    found = listed.lines(actor, each, on)
    owner, gaps = get("owner", "")[:60], get("gaps", "")
    chosen = [one for one in found if (not owner or one.item.owner == owner) and (not gaps or one.gap)]
    columns = [
        column("item", "条目", "Item"), column("state", "状态", "Standing", "light"), column("owner", "责任单位", "Owner"),
        column("wanted", "要求", "Asked for"), column("now", "现状或材料", "Figure or document"),
        column("until", "有效期至", "Counts until", "date"), column("part", "部分", "Part"),
    ]  # fmt: skip
    names = {code.code: both(code.zh, code.en) for code in pack.vocabularies[each.vocabulary].codes}
    exporting = get("as") == "xlsx"
    owners = dict.fromkeys(one.item.owner for one in found)
    lacking = sum(one.gap for one in found)
    soon = sum(one.ends_soon for one in found)
    recalled = sum(one.recalled is not None for one in found)
    return ledger_page(
        request, words(each.name), words(each.note) if each.note else _what(), columns,
        [_cells(pack, one, names, exporting) for one in chosen], hrefs=[_href(actor, each, one) for one in chosen],
        count=len(chosen), as_of=on, kicker=KICKER, tabs=_tabs(pack, each),
        source=both(f"来源：指标为最近一次评估的结果；材料由责任单位登记。{each.source}。", f"Source: figures of the last turn; documents entered by their owners. {each.source}."),
        standing=[
            {"label": both("条有差距", "items with a gap"), "value": lacking, "state": "off" if lacking else "met"},
            {"label": both("份材料即将到期", "documents that end soon"), "value": soon, "state": "on_track" if soon else None},
            *([{"label": both("份材料已撤回", "documents taken back"), "value": recalled, "state": "off"}] if recalled else []),
            {"label": both("条已达到", "items met"), "value": len(found) - lacking, "state": None},
        ],
        filters=[
            {"id": "gaps", "label": both("状态", "Standing"), "type": "select", "value": gaps, "options": [{"code": "1", "label": GAPS}]},
            {"id": "owner", "label": both("责任单位", "Owner"), "type": "select", "value": owner,
             "options": [{"code": one, "label": _body(pack, one)} for one in owners]},
            {"id": "as_of", "label": both("截至", "As of"), "type": "date", "value": on.isoformat(), "options": []},
        ],
        actions=[] if gaps else [{"label": both("差距清单", "Gap list"), "href": shown.query_with(request, gaps="1")}],
    )  # fmt: skip


def _what() -> Words:
    return both("逐条对照，差距连同责任单位列出。", "Item by item; gaps are listed with their owners.")


def _tabs(pack: Pack, current: Checklist) -> list[dict[str, Any]]:
    return [
        {"label": words(each.name), "href": address("checklist", each.id), "current": each is current, "count": None}
        for each in pack.checklists.values()
    ]  # fmt: skip


def _body(pack: Pack, name: str) -> Words:
    found = pack.organizations.get(name)
    return both(found.short, found.name_en) if found else both(name, name)


def _cells(pack: Pack, line: Line, names: dict[str, Words], exporting: bool) -> list[Any]:
    item = line.item
    state: Any = line.state
    if not item.usable and item.indicator and state != "no_data":
        state = figures.Unconfirmed(state, brief=True)
    return [
        names.get(item.item, both(item.item, item.item)), STATES[line.state] if exporting else state,
        _body(pack, item.owner), _wanted(pack, line), _now(pack, line), line.until, words(line.part),
    ]  # fmt: skip


def _wanted(pack: Pack, line: Line) -> Words:
    item = line.item
    if item.indicator is None or item.value is None:
        return both("佐证材料", "a document")
    return _measured(pack, item.indicator, f"{SIGNS[item.operator or '>=']} {item.value:g}")


def _now(pack: Pack, line: Line) -> Words:
    item = line.item
    if item.indicator is None:
        soon = ENDS_SOON if line.ends_soon else both("", "")
        if line.recalled:
            return _recalled(line.recalled)
        told = both(line.document, line.document) if line.document else NO_DOCUMENT
        return both(told["zh"] + soon["zh"], told["en"] + soon["en"])
    return (
        NO_FIGURE
        if line.value is None
        else _measured(
            pack, item.indicator, f"{round(line.value, 1 if item.value and item.value > 1 else 2):g}"
        )
    )


def _recalled(gone: Recalled) -> Words:
    """What was taken back, when and why: the owner has to enter another."""
    day = gone.on.isoformat()
    return both(
        f"材料已撤回（{day}）：{gone.document or '未写文件名'}；{gone.reason or '未写原因'}",
        f"Document taken back on {day}: {gone.document or 'unnamed'}; {gone.reason or 'no reason given'}",
    )


def _measured(pack: Pack, indicator: str, number: str) -> Words:
    unit = pack.indicators[indicator].unit
    plain = unit in ("%", "‰")
    return both(number if unit == "系数" else f"{number}{unit}", f"{number}{unit}" if plain else number)


def _href(actor: Actor, each: Checklist, line: Line) -> str | None:
    """A figure opens its indicator; a document the form, for whoever enters it, else the page of its owner."""
    if line.item.indicator:
        return address("indicator", line.item.indicator)
    if not line.owner_uid:
        return None
    mine = any(
        grant.organization == line.item.owner and each.form in grant.role.records for grant in actor.grants
    )
    if not mine:
        return address("subject", line.owner_uid)
    return f"{address('subject-record', line.owner_uid, each.form)}?item={line.item.item}"
