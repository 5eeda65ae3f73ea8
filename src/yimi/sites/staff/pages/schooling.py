"""Schooling: cohorts with every lost child, what is due at schools and sites, classes above the limit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from yimi.apps import active
from yimi.apps.accounts.permissions import allow
from yimi.apps.evaluation import schooling as schools
from yimi.apps.evaluation.listing import readable
from yimi.apps.plan.selectors import run_in_force
from yimi.engines.cohorts import STANDINGS
from yimi.sites.addresses import address
from yimi.sites.staff.pages import figures, radar, shown
from yimi.sites.staff.pages.children import place_filter
from yimi.sites.staff.pages.figures import Words, both, words
from yimi.sites.staff.pages.shown import actor_of, column

PAGE, EXPORT = 50, 20_000
WORDS = {
    "at_school": both("在校", "at school"), "finished": both("已完成", "finished"), "transferred": both("已办转学", "transferred"),
    "lost": both("流失", "lost"),
}  # fmt: skip
COHORTS, LOST = (
    both("九年巩固：按入学年份", "Retention by year of entry"),
    both("流失儿童名册", "Children lost to school"),
)
SITES, LARGE = (
    both("学校与机构：应办与逾期", "Schools and sites: due and overdue"),
    both("大班额名册", "Large classes"),
)
STATUS = {"overdue": both("逾期", "overdue"), "due": both("应办", "due now")}


def ledger_page(
    request: HttpRequest, title: Words, what: Words, columns: Sequence[dict[str, Any]], cells: Sequence[list[Any]], *,
    count: int, standing: Sequence[dict[str, Any]], filters: Sequence[dict[str, Any]], as_of: date, source: Words,
    actions: Sequence[dict[str, Any]] = (), hrefs: Sequence[str | None] | None = None, kicker: Words | None = None,
    tabs: Sequence[dict[str, Any]] = (),
) -> HttpResponse:  # fmt: skip
    """One ledger page, or the same rows as a workbook."""
    if request.GET.get("as") == "xlsx":
        return radar.workbook(request, title, columns, cells, as_of)
    context = {
        "ledger": {
            "title": title, "what": what, "kicker": kicker or both("上学", "Schooling"), "number": None, "source": source,
            "export_href": shown.query_with(request, **{"as": "xlsx", "page": None}),
        },
        "trail": [], "count": {"rows": count, "of": None}, "standing": standing, "filters": filters, "active": [], "as_of": as_of,
        "columns": columns, "tabs": tabs, "actions": actions,
        "rows": [{"href": href, "cells": line} for line, href in zip(cells, hrefs or [None] * len(cells), strict=True)],
        "pages": shown.pages(request, shown.page_number(request), PAGE, count),
    }  # fmt: skip
    return render(request, "staff/ledger.html", context)


def window(request: HttpRequest) -> dict[str, int]:
    exporting = request.GET.get("as") == "xlsx"
    return {
        "offset": 0 if exporting else (shown.page_number(request) - 1) * PAGE,
        "limit": EXPORT if exporting else PAGE,
    }


def _run_day(otherwise: date) -> date:
    run = run_in_force()
    return run.as_of if run else otherwise


@allow("staff")
@require_GET
def cohorts(request: HttpRequest) -> HttpResponse:
    """Each cohort: entered, at school, finished, transferred, lost."""
    pack, actor = active.pack(), actor_of(request)
    if not schools.may_count(actor):
        raise Http404
    place = request.GET.get("place", "")[:20]
    found = schools.cohorts(actor, place)
    people = both("人", "children")
    columns = [
        column("year", "入学年份", "Year of entry"), column("entered", "入学", "Entered", "number", people),
        *({"id": each, "label": WORDS[each], "kind": "number", "unit": people} for each in STANDINGS),
        column("rate", "巩固率", "Retained", "number", both("%", "%")),
    ]  # fmt: skip
    cells: list[list[Any]] = [
        [
            both(f"{each.year}年", str(each.year)),
            each.entered,
            *(each.standings[name] for name in STANDINGS),
            round(each.retained or 0, 1),
        ]
        for each in found
    ]
    named = readable(actor, schools.SENSITIVITY)
    hrefs = [f"{address('school-lost')}?year={each.year}" if named else None for each in found]
    gone = sum(each.standings["lost"] for each in found)
    what = both(
        "某年进入一年级的儿童现在在哪里；不在校、没有毕业、也没有办转学的都算流失。",
        "Where the entrants of a year are now; whoever is not at school, did not finish and was not transferred is lost.",
    )
    return ledger_page(
        request, COHORTS, what, columns, cells, count=len(cells), hrefs=hrefs, as_of=_run_day(actor.on), source=_source(),
        standing=[{"label": both("流失合计", "lost in all"), "value": gone, "state": "off" if gone else "met"}],
        filters=[place_filter(pack, actor, place)],
        actions=[{"label": LOST, "href": address("school-lost")}] if named else [],
    )  # fmt: skip


def _source() -> Words:
    run = run_in_force()
    number = run.number if run else 0
    return both(f"来源：学籍记录，第{number}次评估。", f"Source: school attendance, turn {number}.")


def _sites_source() -> Words:
    run = run_in_force()
    number = run.number if run else 0
    return both(f"来源：场所的许可、检查和登记记录，第{number}次评估。", f"Source: licenses, inspections and records of the sites, turn {number}.")  # fmt: skip


@allow("children")
@require_GET
def lost(request: HttpRequest) -> HttpResponse:
    """Every lost child by name; those of school age have a task under 控辍保学."""
    pack, actor = active.pack(), actor_of(request)
    if not readable(actor, schools.SENSITIVITY):
        raise Http404
    asked, place = request.GET.get("year", ""), request.GET.get("place", "")[:20]
    year = int(asked) if asked.isdecimal() and len(asked) == 4 else None
    rows, count = schools.lost(actor, year, place, **window(request))
    columns = [
        column("child", "姓名", "Child", "person"), column("village", "村（社区）", "Village", "place"),
        column("born", "出生日期", "Born", "date"), column("cohort", "入学年份", "Year of entry"),
        column("left", "离校日期", "Left on", "date"),
    ]  # fmt: skip
    cells = [
        [shown.person(each.hit, actor.on), shown.place(pack, each.hit.place), each.hit.birth_date, both(f"{each.cohort}", f"{each.cohort}"), each.left_on]
        for each in rows
    ]  # fmt: skip
    years = [
        {"code": str(each.year), "label": both(f"{each.year}年", str(each.year))}
        for each in schools.cohorts(actor)
    ]
    what = both(
        "现住本地、已离校而没有毕业或转学的儿童；义务教育阶段的由控辍保学任务跟进。",
        "Children living here who left without finishing or a transfer; those of school age are followed up as tasks.",
    )
    return ledger_page(
        request, LOST, what, columns, cells, count=count, as_of=_run_day(actor.on), source=_source(),
        standing=[{"label": WORDS["lost"], "value": count, "state": "off" if count else "met"}],
        filters=[
            {"id": "year", "label": both("入学年份", "Year of entry"), "type": "select", "value": asked, "options": years},
            place_filter(pack, actor, place),
        ],
        actions=[{"label": both("控辍保学", "Back to school"), "href": address("ledger-due", "school_return")}] if "school_return" in pack.pathways else [],
    )  # fmt: skip


@allow("staff")
@require_GET
def sites(request: HttpRequest) -> HttpResponse:
    """What is due at schools, kindergartens and childcare sites, by name."""
    pack, actor = active.pack(), actor_of(request)
    get = request.GET.get
    pathway, status, place = get("pathway", "")[:40], get("status", ""), get("place", "")[:20]
    step = get("step", "")[:40]
    rows, count = schools.site_items(actor, pathway, status, place, step, **window(request))
    counts = schools.site_counts(actor)
    columns = [
        column("name", "学校（机构）", "Site", "person"), column("place", "所在地", "Place", "place"), column("what", "管理事项", "Under"),
        column("step", "事项", "Step"), column("status", "状态", "Status", "due"), column("due", "应于", "Due", "date"),
        column("late", "逾期界限", "Late after", "date"),
    ]  # fmt: skip
    exporting = get("as") == "xlsx"
    cells = [
        [
            {"name": each.name, "href": address("subject", each.uid) if each.uid else None, "note": None},
            shown.place(pack, each.place), words(pack.pathways[each.pathway].name),
            figures.item_name(pack, each.step), STATUS[each.status] if exporting else each.status, each.due, each.overdue_after,
        ]
        for each in rows
    ]  # fmt: skip
    late = sum(each.get("overdue", 0) for each in counts.values())
    due = sum(each.get("due", 0) for each in counts.values())
    options = [{"code": each.id, "label": words(each.name)} for each in schools.site_pathways()]
    chosen = pack.pathways.get(pathway)
    steps = [{"code": each.id, "label": words(each.name)} for each in chosen.steps] if chosen else []
    return ledger_page(
        request, SITES, both("许可、检查、整改、班额、体育、供餐、校车、教育课、水域和急救设备；逾期的已生成主管人员的任务。", "Licenses, inspections, corrections, classes, PE, meals, buses, lessons, waters and first-aid devices; what is late is a task of whoever answers for it."),
        columns, cells, count=count, as_of=_run_day(actor.on), source=_sites_source(),
        standing=[
            {"label": STATUS["overdue"], "value": late, "state": "off" if late else "met"},
            {"label": STATUS["due"], "value": due, "state": None},
        ],
        filters=[
            {"id": "pathway", "label": both("管理事项", "Under"), "type": "select", "value": pathway, "options": options},
            *([{"id": "step", "label": both("事项", "Step"), "type": "select", "value": step, "options": steps}] if steps else []),
            {"id": "status", "label": both("状态", "Status"), "type": "select", "value": status,
             "options": [{"code": key, "label": each} for key, each in STATUS.items()]},
            place_filter(pack, actor, place),
        ],
        actions=[{"label": LARGE, "href": address("large-classes")}],
    )  # fmt: skip


@allow("staff")
@require_GET
def large_classes(request: HttpRequest) -> HttpResponse:
    """Every class above the limit by school, on any day."""
    pack, actor = active.pack(), actor_of(request)
    on, place = shown.day_asked(request, "as_of", actor.on), request.GET.get("place", "")[:20]
    found, limit = schools.large_classes(actor, on, place), schools.class_limit(on)
    columns = [
        column("school", "学校", "School"), column("place", "所在地", "Place", "place"), column("name", "班级", "Class"),
        column("pupils", "人数", "Pupils", "number"), column("on", "上报日期", "Reported", "date"),
    ]  # fmt: skip
    cells = [
        [both(each.school, each.school), shown.place(pack, each.place), both(each.name, each.name), each.pupils, each.on]
        for each in found
    ]  # fmt: skip
    what = both(
        f"当日前一学期内最近一次上报人数超过{limit}人的班级（界线凭记忆，可改参数）。",
        f"Classes whose latest roll of the term before the day has more than {limit} pupils (the limit is recalled; a parameter).",
    )
    return ledger_page(
        request, LARGE, what, columns, cells, count=len(found), as_of=on,
        source=both("来源：学校上报的班级人数登记。", "Source: class rolls reported by schools."),
        standing=[{"label": both("大班额", "large classes"), "value": len(found), "state": "off" if found else "met"}],
        filters=[place_filter(pack, actor, place), {"id": "as_of", "label": both("截至", "As of"), "type": "date", "value": on.isoformat(), "options": []}],
    )  # fmt: skip
