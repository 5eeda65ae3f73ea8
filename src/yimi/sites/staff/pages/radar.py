"""The entitlement radar (应助尽助): each benefit by township, the children behind it, what is owed and what it costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor, allow
from yimi.apps.evaluation import radar as rights
from yimi.apps.evaluation.radar import OWED, Counts, Line
from yimi.apps.evaluation.rehearsals import may_rehearse
from yimi.apps.plan.selectors import run_in_force
from yimi.exchange.tabular import write_xlsx
from yimi.pack.load import Pack
from yimi.pack.schema import Entitlement
from yimi.sites.addresses import address
from yimi.sites.staff.pages import figures, shown, withheld
from yimi.sites.staff.pages.children import FACTS, place_filter
from yimi.sites.staff.pages.figures import Words, both, words
from yimi.sites.staff.pages.shown import actor_of, in_language

PAGE, EXPORT = 50, 20_000
STATES: dict[str, Words] = {
    "receiving": both("在享", "receiving"),
    "missing": both("应享未享", "a right, not received"),
    "lost": both("在享，事实已不支持", "received, facts no longer support it"),
    "unknown": both("无法判断", "unknown"),
    "unconfirmed": both("规定待确认", "norm not confirmed"),
    OWED: both("有欠发", "periods owed"),
    "ended": both("已到期", "ended"),
}
GROUPS = {
    "living": both("基本生活", "Living"), "medical": both("医疗", "Medical"), "rehabilitation": both("康复", "Rehabilitation"),
    "education": both("教育", "Education"), "family": both("家庭", "Family"),
}  # fmt: skip
EVERY = {"month": both("个月", "months"), "term": both("个学期", "terms"), "year": both("年", "years")}
TITLE = both("应助尽助", "Entitlement radar")
WHAT = both(
    "每项待遇谁在享、谁应享未享、谁的情况已变、谁还缺什么事实。名单只提示办理，认定和停发由有权机关决定。",
    "Who receives each benefit, who has a right and does not, whose facts have changed, and what is not known. A list is a "
    "reason to act; the deciding body decides.",
)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def trail() -> list[dict[str, Any]]:
    return [{"label": TITLE, "href": address("radar")}]


def yuan(value: float) -> Words:
    """Money as an office says it: yuan, from ten thousand on 万元."""
    if abs(value) >= 10_000:
        return both(f"{value / 10_000:,.1f}万元", f"¥{value:,.0f}")
    return both(f"{value:,.0f}元", f"¥{value:,.0f}")


def _as_of(actor: Actor) -> date:
    run = run_in_force()
    return run.as_of if run else actor.on


# --- all benefits -------------------------------------------------------------------------------------------


@allow("staff")
@require_GET
def radar(request: HttpRequest) -> HttpResponse:
    """Every benefit: four counts, what is owed, what it costs."""
    pack, actor = active.pack(), actor_of(request)
    place = request.GET.get("place", "")[:20]
    found = [(each, rights.counts(actor, each, place)[""]) for each in rights.benefits(actor)]
    if not found:
        raise Http404
    columns, rows = _overview(found, place)
    as_of = _as_of(actor)
    if request.GET.get("as") == "xlsx":
        return workbook(request, TITLE, columns, [row["cells"] for row in rows], as_of)
    totals = {state: _summed(state, found) for state in ("missing", "lost", "unknown")}
    owed = sum(cell.owed_yuan for _, cell in found if OWED not in cell.withheld)
    context = {
        "title": TITLE, "what": WHAT, "kicker": both("权益", "Rights"), "trail": [], "as_of": as_of,
        "standing": [
            {"label": STATES[state], "value": said, "state": "off" if said["zh"] != "0" and state != "unknown" else None}
            for state, said in totals.items()
        ] + [{"label": both("欠发合计", "owed in all"), "value": yuan(owed), "state": "off" if owed else None}],
        "export": shown.query_with(request, **{"as": "xlsx"}), "links": _rehearsal_link(actor),
        "filters": [place_filter(pack, actor, place)],
        "groups": [
            {
                "label": GROUPS[group], "columns": columns,
                "rows": [row for (each, _), row in zip(found, rows, strict=True) if each.group == group],
                "bars": [_bar(words(each.name), cell, address("radar-benefit", each.id)) for each, cell in found if each.group == group],
            }
            for group in GROUPS
            if any(each.group == group for each, _ in found)
        ],
        "key": _key(), "article": None, "source": source_line(actor), "held": _held(actor, found),
    }  # fmt: skip
    return render(request, "staff/radar.html", context)


def _summed(state: str, found: Sequence[tuple[Entitlement, Counts]]) -> Words:
    """All benefits together, of those whose number is told; that more are there is said."""
    n = sum(cell.told(state) or 0 for _, cell in found)
    more = "+※" if any(state in cell.withheld for _, cell in found) else ""
    return both(f"{n:,}{more}", f"{n:,}{more}")


def _held(actor: Actor, cells: Sequence[tuple[Entitlement, Counts]]) -> Words | None:
    """Why some numbers are not shown, where one is not."""
    least = max((rights.least_shown(actor, each) for each, cell in cells if cell.withheld), default=0)
    return withheld.note(least) if least else None


def _rehearsal_link(actor: Actor) -> list[dict[str, Any]]:
    href = address("rehearsals")
    may = may_rehearse(actor)
    return [{"label": both("预演标准调整", "Rehearse a change"), "href": href}] if href and may else []


def source_line(actor: Actor) -> Words:
    run = run_in_force()
    number, as_of = (run.number, run.as_of) if run else (0, actor.on)
    return both(
        f"来源：第{number}次评估（截至{as_of}）。金额按当日有效的标准测算；标注“占位示例”的标准由主管部门填写后才是实数。",
        f"Source: turn {number} as of {as_of}. Money is worked out by the amounts in force; an amount marked as a placeholder "
        "becomes real when the department enters its own.",
    )


COUNTED = ("receiving", "missing", "lost", "unknown", "unconfirmed")


def _count_columns(first: Words, kind: str = "text") -> list[dict[str, Any]]:
    return [
        {"id": "what", "label": first, "kind": kind},
        *({"id": state, "label": STATES[state], "kind": "number", "unit": both("人", "children")} for state in COUNTED),
        {"id": "owed", "label": both("欠发期数", "Periods owed"), "kind": "number"},
        {"id": "owed_yuan", "label": both("欠发金额", "Owed"), "kind": "number", "unit": both("元", "yuan")},
        {"id": "yearly", "label": both("在享一年", "Cost a year"), "kind": "number", "unit": both("元", "yuan")},
        {"id": "more", "label": both("补齐一年再加", "If all received, more"), "kind": "number", "unit": both("元", "yuan")},
    ]  # fmt: skip


def _cells(cell: Counts) -> list[Any]:
    def money(state: str, value: float) -> Any:
        return withheld.counted(None if state in cell.withheld else round(value))

    return [
        *(withheld.counted(cell.told(state)) for state in COUNTED), money(OWED, cell.owed_periods), money(OWED, cell.owed_yuan),
        money("receiving", cell.yearly_yuan), money("missing", cell.missing_yuan),
    ]  # fmt: skip


def _overview(
    found: Sequence[tuple[Entitlement, Counts]], place: str
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    tail = f"?place={place}" if place else ""
    rows = [
        {
            "href": address("radar-benefit", each.id) + tail,
            "cells": [words(each.name), *_cells(cell)],
        }
        for each, cell in found
    ]
    return _count_columns(both("待遇", "Benefit")), rows


def _bar(label: Words, cell: Counts, href: str | None) -> dict[str, Any]:
    parts = [{"kind": state, "label": STATES[state], "value": cell.told(state) or 0} for state in COUNTED]
    gap = cell.told("missing")
    if gap is None:
        return {"label": label, "parts": parts, "said": both("※", "※"), "href": href}
    said = both(f"未享{gap}" if gap else "齐", f"{gap} missing" if gap else "complete")
    return {"label": label, "parts": parts, "said": said, "href": href}


def _key() -> list[dict[str, Any]]:
    return [{"kind": state, "label": STATES[state]} for state in COUNTED]


# --- one benefit --------------------------------------------------------------------------------------------


def benefit_of(actor: Actor, name: str) -> Entitlement:
    found = next((each for each in rights.benefits(actor) if each.id == name), None)
    if found is None:
        raise Http404
    return found


@allow("staff")
@require_GET
def benefit(request: HttpRequest, benefit_id: str) -> HttpResponse:
    """One benefit by township, with its article and documents; links to the lists for those who may see them."""
    pack, actor = active.pack(), actor_of(request)
    each = benefit_of(actor, benefit_id)
    by_place = rights.counts(actor, each)
    whole = by_place.pop("")
    places = sorted(by_place, key=lambda code: (-(by_place[code].told("missing") or 0), code))
    listed = address("radar-list", each.id) if rights.may_list(actor, each) else None
    columns = _count_columns(both("乡镇（街道）", "Township"))
    rows = [
        {
            "href": f"{listed}?place={code}" if listed and code else None,
            "cells": [place_words(pack, code), *_cells(by_place[code])],
        }
        for code in places
    ]
    rows.append({"href": listed, "cells": [both("合计", "All"), *_cells(whole)]})
    as_of = _as_of(actor)
    if request.GET.get("as") == "xlsx":
        return workbook(request, words(each.name), columns, [row["cells"] for row in rows], as_of)
    context = {
        "title": words(each.name), "what": both(each.article, each.article), "kicker": GROUPS[each.group], "trail": trail(),
        "as_of": as_of, "standing": _standing(whole), "export": shown.query_with(request, **{"as": "xlsx"}), "filters": [],
        "links": _list_links(listed, whole), "key": _key(), "source": source_line(actor),
        "held": _held(actor, [(each, cell) for cell in (whole, *by_place.values())]),
        "groups": [
            {
                "label": both("按乡镇（街道）", "By township"), "columns": columns, "rows": rows,
                "bars": [_bar(place_words(pack, code), by_place[code], None) for code in places],
            }
        ],
        "article": {
            "because": shown.said(each.source, each.confidence, both(f"规则：{each.rule}", f"Rule: {each.rule}"), each.id),
            "documents": [words(one) for one in each.documents], "apply_to": words(each.apply_to) if each.apply_to else None,
            "amount": _amount(pack, each, as_of), "href": address("pack-declaration", "entitlements", each.id),
        },
    }  # fmt: skip
    return render(request, "staff/radar.html", context)


def place_words(pack: Pack, code: str) -> Words:
    return figures.place_name(pack, code) if code else both("现住址未登记", "no address")


def _standing(cell: Counts) -> list[dict[str, Any]]:
    found = [
        {"label": STATES[state], "value": both(f"{n:,}", f"{n:,}"), "state": "off" if n and state in ("missing", "lost") else None}
        for state, n in ((state, cell.told(state)) for state in cell.states)
        if n is not None
    ]  # fmt: skip
    if OWED in cell.withheld:
        return found
    owed = both(
        f"{cell.owed_periods}期 · {yuan(cell.owed_yuan)['zh']}",
        f"{cell.owed_periods} periods, {yuan(cell.owed_yuan)['en']}",
    )
    return [
        *found,
        {"label": both("欠发", "owed"), "value": owed, "state": "off" if cell.owed_periods else None},
    ]


def _list_links(listed: str | None, cell: Counts) -> list[dict[str, Any]]:
    if listed is None:
        return []
    wanted = [*(state for state in COUNTED if cell.states[state]), *([OWED] if cell.owed_periods else [])]
    first = {"missing": 0, OWED: 1, "lost": 2}
    return [
        {"label": both(f"名单：{STATES[state]['zh']}", f"List: {STATES[state]['en']}"), "href": f"{listed}?state={state}"}
        for state in sorted(wanted, key=lambda state: first.get(state, 3))
    ]  # fmt: skip


def _amount(pack: Pack, each: Entitlement, as_of: date) -> Words | None:
    """The amount in force with its source, told as unconfirmed where it is."""
    parameter = pack.parameters.get(each.amount or "")
    if parameter is None:
        return both(f"标准：{each.rate}", f"Amount: {each.rate}") if each.rate else None
    known = [value for value in parameter.values if value.effective_from <= as_of]
    if not known:
        return None
    value = max(known, key=lambda one: one.effective_from)
    mark = {"recalled": "（凭记忆，待确认）", "editorial": "（本地设定）"}.get(value.confidence, "")
    marked = {"recalled": " (recalled)", "editorial": " (set locally)"}.get(value.confidence, "")
    return both(
        f"{parameter.name.zh}：{value.value}{parameter.unit}，自{value.effective_from}{mark}。{value.source}",
        f"{parameter.name.en}: {value.value} {parameter.unit} since {value.effective_from}{marked}. {value.source}",
    )


def paperwork(actor: Actor, name: str | None) -> dict[str, Any] | None:
    """What somebody who acts on a benefit needs at hand: article, documents, where it is applied for, the list."""
    each = active.pack().entitlements.get(name or "")
    if each is None:
        return None
    listed = f"{address('radar-list', each.id)}?state=missing" if rights.may_list(actor, each) else None
    label = both(f"名单：{each.name.zh}应享未享", f"List: {each.name.en}, a right, not received")
    return {
        "title": both("依据和材料", "What it rests on, and the documents"), "article": both(each.article, each.article),
        "documents": [words(one) for one in each.documents], "apply_to": words(each.apply_to) if each.apply_to else None,
        "list": {"label": label, "href": listed} if listed else None,
    }  # fmt: skip


# --- the list behind ----------------------------------------------------------------------------------------


@allow("children")
@require_GET
def benefit_list(request: HttpRequest, benefit_id: str) -> HttpResponse:
    """The children of one count, by name, for readers of its sensitivity."""
    pack, actor = active.pack(), actor_of(request)
    each = benefit_of(actor, benefit_id)
    if not rights.may_list(actor, each):
        raise Http404
    state = request.GET.get("state", "missing")
    state = state if state in (*COUNTED, OWED) else "missing"
    place = request.GET.get("place", "")[:20]
    number, exporting = shown.page_number(request), request.GET.get("as") == "xlsx"
    rows, count = rights.lines(
        actor, each, state, place, offset=0 if exporting else (number - 1) * PAGE, limit=EXPORT if exporting else PAGE
    )  # fmt: skip
    columns = _list_columns(each)
    cells = [_list_cells(pack, actor, each, line) for line in rows]
    title = both(f"{each.name.zh}：{STATES[state]['zh']}", f"{each.name.en}: {STATES[state]['en']}")
    if exporting:
        return workbook(request, title, columns, cells, _as_of(actor))
    options = [{"code": code, "label": STATES[code]} for code in (*COUNTED, OWED)]
    context = {
        "ledger": {
            "title": title, "what": _todo(state), "kicker": GROUPS[each.group], "number": None, "source": source_line(actor),
            "export_href": shown.query_with(request, **{"as": "xlsx", "page": None}),
        },
        "trail": [*trail(), {"label": words(each.name), "href": address("radar-benefit", each.id)}],
        "count": {"rows": count, "of": None}, "as_of": _as_of(actor), "columns": columns, "tabs": [], "actions": [], "active": [],
        "standing": [{"label": STATES[state], "value": count, "state": "off" if count and state in ("missing", "lost", OWED) else None}],
        "filters": [
            {"id": "state", "label": both("情况", "Standing"), "type": "select", "value": state, "options": options},
            place_filter(pack, actor, place),
        ],
        "rows": [{"href": None, "cells": line} for line in cells], "pages": shown.pages(request, number, PAGE, count),
    }  # fmt: skip
    return render(request, "staff/ledger.html", context)


def _todo(state: str) -> Words:
    return {
        "missing": both("核对材料，帮助申请或主动发现办理；不办理的写明理由。", "Check the documents, help to apply; where not, say why."),
        "lost": both("复核：仍符合的补登事实，不符合的按程序停发。", "Review: enter the facts that still hold, or end it by procedure."),
        "unknown": both("补齐所列事实后再判断。", "Enter the missing facts first."),
        "unconfirmed": both("规定尚待确认，确认前只作线索。", "The norm is not confirmed; until then a lead only."),
        OWED: both("逐期核对发放；已在其他系统发放的补登。", "Check each period; enter what was paid elsewhere."),
        "receiving": both("正在享受。", "They receive it."),
    }[state]  # fmt: skip


def _list_columns(each: Entitlement) -> list[dict[str, Any]]:
    return [
        {"id": "child", "label": both("姓名", "Child"), "kind": "person"},
        {"id": "village", "label": both("村（社区）", "Village"), "kind": "place"},
        {"id": "born", "label": both("出生日期", "Born"), "kind": "date"},
        {"id": "state", "label": both("情况", "Standing"), "kind": "tag"},
        {"id": "since", "label": both("应享起始", "A right since"), "kind": "date"},
        {"id": "owed", "label": both("欠发", "Owed"), "kind": "text"},
        {"id": "yuan", "label": both("欠发金额", "Owed"), "kind": "number", "unit": both("元", "yuan")},
        {"id": "needs", "label": both("还缺的事实、须备的材料", "Facts missing, documents wanted"), "kind": "text"},
    ]  # fmt: skip


def _list_cells(pack: Pack, actor: Actor, each: Entitlement, line: Line) -> list[Any]:
    return [
        shown.person(line.hit, actor.on), shown.place(pack, line.hit.place), line.hit.birth_date, STATES[line.state], line.since,
        owed_words(each, line.owed) or both("", ""), round(line.owed_yuan) if line.owed else None, _wanted(each, line),
    ]  # fmt: skip


def owed_words(each: Entitlement, periods: Sequence[date]) -> Words | None:
    """Which periods, in words: 3个月：2026-05、2026-07、2026-08."""
    if not periods:
        return None
    unit = EVERY[each.every or "month"]
    named = [_period(each, on) for on in periods]
    zh, en = "、".join(n["zh"] for n in named), ", ".join(n["en"] for n in named)
    return both(f"{len(periods)}{unit['zh']}：{zh}", f"{len(periods)} {unit['en']}: {en}")


def _period(each: Entitlement, on: date) -> Words:
    if each.every == "year":
        return both(f"{on.year}年", str(on.year))
    if each.every == "term":
        season = ("春季", "spring") if on.month == 3 else ("秋季", "autumn")
        return both(f"{on.year}年{season[0]}", f"{season[1]} {on.year}")
    return both(f"{on:%Y-%m}", f"{on:%Y-%m}")


def _wanted(each: Entitlement, line: Line) -> Words:
    named = [needed(each, key) for key in line.needs]
    if line.state == "missing":
        named += [words(one) for one in each.documents]
    return both("、".join(n["zh"] for n in named), ", ".join(n["en"] for n in named))


def needed(each: Entitlement, key: str) -> Words:
    declared = rights.need(each, key)
    return words(declared) if declared else FACTS.get(key, both(key, key))


# --- the workbook -------------------------------------------------------------------------------------------


def workbook(
    request: HttpRequest, title: Words, columns: Sequence[Mapping[str, Any]], cells: Sequence[Sequence[Any]], as_of: date
) -> HttpResponse:  # fmt: skip
    """The same rows as a workbook, in the reader's language."""
    language = in_language({"zh": "zh", "en": "en"})

    def plain(value: Any) -> Any:
        value = withheld.plain(value)
        if isinstance(value, dict):
            value = value.get("name", value)
            return value.get(language) if isinstance(value, dict) else value
        return value

    by = f"{actor_of(request).name} {timezone.localtime():%Y-%m-%d %H:%M}"
    source = source_line(actor_of(request))[language]
    note = f"截至 {as_of}；导出：{by}" if language == "zh" else f"As of {as_of}; exported by {by}"
    heads = [column["label"][language] for column in columns]
    body = write_xlsx(
        heads, [[plain(each) for each in line] for line in cells], title[language], [source, note]
    )
    response = HttpResponse(body, content_type=XLSX)
    name = quote(f"{title[language]}-{as_of}.xlsx")
    response.headers["Content-Disposition"] = (
        f"attachment; filename=\"radar-{as_of}.xlsx\"; filename*=UTF-8''{name}"
    )
    return response
