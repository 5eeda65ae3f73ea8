"""Ledgers (台账): who is in a status on a day, what is due in a pathway, what facts suggest; on screen, paper, Excel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor, allow
from yimi.apps.evaluation import boarding as beds
from yimi.apps.evaluation import ledgers as kept
from yimi.apps.evaluation import lists
from yimi.apps.evaluation import surveillance as watching
from yimi.apps.evaluation.listing import Filter
from yimi.apps.evaluation.lists import DueLine, SuspectedLine
from yimi.apps.evaluation.programs import may_read
from yimi.apps.evaluation.radar import benefits
from yimi.apps.plan.selectors import run_in_force
from yimi.exchange.tabular import write_xlsx
from yimi.pack.load import Pack
from yimi.pack.schema import Pathway, StatusScheme
from yimi.sites.addresses import address
from yimi.sites.rows import Row
from yimi.sites.staff.pages import boarding, figures, lessons, shown
from yimi.sites.staff.pages.children import place_filter
from yimi.sites.staff.pages.figures import Words, both, words
from yimi.sites.staff.pages.shown import actor_of, column, in_language
from yimi.sites.staff.pages.status_rows import columns_of, rows_of

PAGE = 50
EXPORT = 20_000  # rows of one Excel file
SITES, WAITING = both("家在册", "sites in it today"), both("人待办", "waiting")
DUE_WORDS = {"overdue": both("逾期", "overdue"), "due": both("应办", "due now")}


def _trail() -> list[dict[str, Any]]:
    return [{"label": both("台账", "Ledgers"), "href": address("ledgers")}]


# --- the list of ledgers ------------------------------------------------------------------------------------


@allow("children")
@require_GET
def ledgers(request: HttpRequest) -> HttpResponse:
    pack, actor = active.pack(), actor_of(request)
    found = _beside(pack, actor)
    schemes, pathways = kept.schemes(actor), lists.due_pathways(actor)
    entries = kept.status_counts(actor, schemes, actor.on)
    for scheme in schemes:
        count, review = entries[scheme.id]
        found.append(
            {
                "title": _ledger_title(scheme), "what": _what(pack, scheme), "href": address("ledger", scheme.id),
                "count": count, "late": None, "review": review or None, "unit": SITES if scheme.subject == "facility" else None,
            }
        )  # fmt: skip
    waiting = lists.due_counts(actor, pathways)
    for pathway in pathways:
        counts = waiting[pathway.id]
        found.append(
            {
                "title": _due_title(pathway), "href": address("ledger-due", pathway.id),
                "what": both("到期和逾期的儿童和事项，逾期最久的在前。", "Children and steps due and overdue, the longest late first."),
                "count": sum(counts.values()), "late": counts.get("overdue") or None, "review": None, "unit": WAITING,
            }
        )  # fmt: skip
    suspected_in = [each for each in pathways if lists.suspicions_of(actor, each)]
    hints = lists.suspected_counts(actor, suspected_in)
    for pathway in suspected_in:
        found.append(
            {
                "title": _suspected_title(pathway), "href": address("ledger-suspected", pathway.id),
                "what": both("现有事实提示属于某一类别、尚未认定的儿童，由人核实。", "Children whose facts suggest a category nobody has decided; for a person to look into."),
                "count": hints[pathway.id], "late": None, "review": None,
            }
        )  # fmt: skip
    return render(request, "staff/ledgers.html", {"ledgers": found})


def _beside(pack: Pack, actor: Actor) -> list[dict[str, Any]]:
    """Lists with pages of their own."""
    found = []
    if pack.cascades:
        what = both(
            "筛查、阳性、转诊、确诊、干预，逐个儿童衔接。",
            "Screened, positive, referred, diagnosed, treated, child by child.",
        )
        found.append((both("筛查闭环", "Screening cascades"), what, "cascades"))
    if benefits(actor):
        lost = both(
            "各入学年份现在在哪里，流失的逐人列出。", "Where each year's entrants are; the lost by name."
        )
        sites = both(
            "许可、备案、检查、整改、班额、体育。",
            "Licenses, filings, inspections, corrections, classes, PE.",
        )
        ahead = both(
            "适龄儿童与核定学位，缺口在哪里；加学位测算。",
            "Children of each stage against places, and what more places would change.",
        )
        rights = both(
            "每项待遇谁在享、谁应享未享、欠发几期。",
            "Each benefit: who receives it, who could, what is owed.",
        )
        found += [
            (both("九年巩固与流失儿童", "Retention and lost children"), lost, "school-cohorts"),
            (both("学校与机构：应办与逾期", "Schools and sites: due and overdue"), sites, "school-sites"),
            (both("学位供需：今后三年", "School places: three years ahead"), ahead, "school-places"),
            (lessons.TITLE, lessons.WHAT, "lessons"),
            (both("应助尽助", "Entitlement radar"), rights, "radar"),
        ]
    if beds.may_read(actor):
        found.append((boarding.TITLE, boarding.WHAT, "school-boarding"))
    if may_read(actor):
        what = both(
            "留守关爱、关爱项目、助医助学：到达了谁、几次，谁从未。",
            "Care of left-behind children, care projects, aid for orphans: who was reached, how often, who never.",
        )
        found.append((both("关爱与助医助学项目", "Care and aid programs"), what, "care-reached"))
    shown_ = [(title, what, address(name)) for title, what, name in found]
    for checklist in pack.checklists.values():
        what = both("逐条对照，差距和责任单位。", "Item by item: the gaps and who owns them.")
        shown_.append((words(checklist.name), what, address("checklist", checklist.id)))
    for each in pack.surveillance.values():
        if watching.may_list(actor, each):
            what = both(
                "按原因、地点、月份；逐起名册；估计漏报。",
                "By cause, place and month; every event; how many nobody told.",
            )
            shown_.append((words(each.name), what, address("surveillance", each.id)))
    return [
        {"title": title, "what": what, "href": href, "count": None, "late": None, "review": None}
        for title, what, href in shown_
    ]


def _ledger_title(scheme: StatusScheme) -> Words:
    name = words(scheme.name)
    return both(f"{name['zh']}台账", f"Ledger: {name['en']}")


def _due_title(pathway: Pathway) -> Words:
    return both(f"{pathway.name.zh}：应办与逾期名册", f"{pathway.name.en}: due and overdue")


def _suspected_title(pathway: Pathway) -> Words:
    return both(f"{pathway.name.zh}：疑似未纳入名册", f"{pathway.name.en}: suspected, not entered")


def _what(pack: Pack, scheme: StatusScheme) -> Words:
    opened = next((each for each in pack.pathways.values() if each.opens_on == scheme.id), None)
    if opened is not None:
        return both(
            "由决定纳入、调整和退出；类别、等级、复核期限和走访。",
            "Entered, changed and left by decision: category, level, review and visits.",
        )
    return both(f"依据：{scheme.source}", f"Source: {scheme.source}")


# --- a ledger of a status scheme ----------------------------------------------------------------------------


@allow("children")
@require_GET
def status_ledger(request: HttpRequest, scheme: str) -> HttpResponse:
    """A ledger as it stood on any day."""
    pack, actor = active.pack(), actor_of(request)
    declared = pack.statuses.get(scheme)
    if declared is None or declared not in kept.schemes(actor):
        raise Http404
    as_of = shown.day_asked(request, "as_of", actor.on)
    asked = _asked(request)
    wanted = asked.wanted
    in_it, late = kept.status_counts(actor, [declared], as_of)[declared.id]
    entries, count = kept.status_page(
        actor,
        scheme,
        wanted,
        as_of=as_of,
        offset=asked.offset,
        limit=asked.limit,
        in_it=in_it,
    )
    columns = columns_of(declared, request)
    rows = rows_of(pack, declared, entries, as_of, actor.on)
    title = _ledger_title(declared)
    source = both(
        f"来源：{declared.name.zh}的认定记录（{declared.source}）。",
        f"Source: decisions on {declared.name.en} ({declared.source}).",
    )
    if asked.exporting:
        return _excel(request, title, columns, rows, as_of, source)
    standing = [{"label": both("在册", "in it"), "value": in_it, "state": None}]
    if late:
        standing.append({"label": both("复核逾期", "review overdue"), "value": late, "state": "off"})
    filters = [
        _text_filter(wanted), place_filter(pack, actor, wanted.place),
        {"id": "code", "label": both("类别", "Category"), "type": "select", "value": wanted.code, "options": _codes(pack, declared)},
        *(_level_filter(pack, wanted) if scheme == "hardship" else []),
        {"id": "review", "label": both("复核", "Review"), "type": "select", "value": wanted.review,
         "options": [{"code": "late", "label": both("已逾期", "overdue")}]},
        {"id": "as_of", "label": both("截至", "As of"), "type": "date", "value": as_of.isoformat(), "options": []},
    ]  # fmt: skip
    of = in_it if in_it != count else None
    return _page(
        request,
        title,
        _what(pack, declared),
        columns,
        rows,
        filters,
        count,
        of,
        as_of,
        standing,
        source,
        asked.number,
    )


@dataclass(frozen=True)
class _Asked:
    """What the address asks for: the rows that fit, and which part of them; a workbook takes them all."""

    wanted: Filter
    number: int  # of the page
    exporting: bool

    @property
    def offset(self) -> int:
        return 0 if self.exporting else (self.number - 1) * PAGE

    @property
    def limit(self) -> int:
        return EXPORT if self.exporting else PAGE


def _asked(request: HttpRequest) -> _Asked:
    get = request.GET.get
    wanted = Filter(
        q=get("q", "").strip()[:40], place=get("place", "")[:20], code=get("code", "")[:64], level=get("level", "")[:20],
        review=get("review", ""), status=get("status", ""), sort=get("sort", ""),
    )  # fmt: skip
    return _Asked(wanted, shown.page_number(request), get("as") == "xlsx")


def _codes(pack: Pack, scheme: StatusScheme) -> list[dict[str, Any]]:
    vocabulary = pack.vocabularies.get(scheme.vocabulary)
    return (
        [{"code": each.code, "label": both(each.zh, each.en)} for each in vocabulary.codes]
        if vocabulary
        else []
    )


def _level_filter(pack: Pack, wanted: Filter) -> list[dict[str, Any]]:
    options = [
        {"code": each, "label": shown.status_name(pack, "hardship_level", each)} for each in kept.LEVELS
    ]
    return [
        {
            "id": "level",
            "label": both("等级", "Level"),
            "type": "select",
            "value": wanted.level,
            "options": options,
        }
    ]


def _text_filter(wanted: Filter) -> dict[str, Any]:
    return {
        "id": "q",
        "label": both("姓名（开头）", "Name begins with"),
        "type": "text",
        "value": wanted.q,
        "options": [],
    }


# --- what the last turn found in a pathway ------------------------------------------------------------------


def _pathway_asked(request: HttpRequest, pathway_id: str) -> tuple[Pack, Actor, Pathway, _Asked]:
    """The pathway of an address, for somebody who reads its lists; nothing is there for anybody else."""
    actor = actor_of(request)
    pathway = next((each for each in lists.due_pathways(actor) if each.id == pathway_id), None)
    if pathway is None:
        raise Http404
    return active.pack(), actor, pathway, _asked(request)


def _of_the_run(actor: Actor, also: str = "") -> tuple[date, Words]:
    """The day a list is of, and its source line."""
    run = run_in_force()
    number, as_of = (run.number, run.as_of) if run else (0, actor.on)
    return as_of, both(
        f"来源：第{number}次评估（截至{as_of}）{f'；{also}' if also else ''}。",
        f"Source: turn {number} as of {as_of}{f'; {also}' if also else ''}.",
    )


# --- due lists ----------------------------------------------------------------------------------------------


@allow("children")
@require_GET
def due_list(request: HttpRequest, pathway_id: str) -> HttpResponse:
    """Children and steps due and overdue, as of the last turn."""
    pack, actor, pathway, asked = _pathway_asked(request, pathway_id)
    wanted = asked.wanted
    lines, count = lists.due_page(actor, pathway, wanted, offset=asked.offset, limit=asked.limit)
    columns = [
        # What is due stands before where the child lives: on a phone two columns are seen at once.
        column("child", "姓名", "Child", "person"), column("status", "状态", "Status", "due"),
        column("step", "事项", "Step", "text"), column("due", "应于", "Due", "date"),
        column("late", "逾期界限", "Late after", "date"), column("village", "村（社区）", "Village", "place"),
        column("born", "出生日期", "Born", "date"),
    ]  # fmt: skip
    rows = [
        Row((pack.fingerprint, each, actor.on), partial(_due_cells, pack, actor.on, each)) for each in lines
    ]
    title = _due_title(pathway)
    as_of, source = _of_the_run(actor, pathway.source)
    if asked.exporting:
        return _excel(request, title, columns, rows, as_of, source)
    counts = lists.due_counts(actor, [pathway], wanted.place)[pathway.id]
    standing = [
        {
            "label": both("逾期儿童", "children overdue"),
            "value": counts.get("overdue", 0),
            "state": "off" if counts.get("overdue") else "met",
        },
        {"label": both("应办儿童", "children due"), "value": counts.get("due", 0), "state": "on_track"},
    ]
    filters = [
        _text_filter(wanted), place_filter(pack, actor, wanted.place),
        {"id": "status", "label": both("状态", "Status"), "type": "select", "value": wanted.status,
         "options": [{"code": key, "label": each} for key, each in DUE_WORDS.items()]},
        {"id": "code", "label": both("事项", "Step"), "type": "select", "value": wanted.code,
         "options": [{"code": each.id, "label": words(each.name)} for each in pathway.steps]},
    ]  # fmt: skip
    what = both(
        "按最近一次评估列出；打开档案看此刻的情况和原因。",
        "As of the last turn; a file shows the present and the reasons.",
    )
    return _page(
        request, title, what, columns, rows, filters, count, None, as_of, standing, source, asked.number
    )


def _due_cells(pack: Pack, on: date, each: DueLine) -> list[Any]:
    return [
        shown.person(each.hit, on), each.status, figures.item_name(pack, each.step), each.due, each.overdue_after,
        shown.place(pack, each.hit.place), each.hit.birth_date,
    ]  # fmt: skip


# --- suspected ----------------------------------------------------------------------------------------------


@allow("children")
@require_GET
def suspected(request: HttpRequest, pathway_id: str) -> HttpResponse:
    """Children whose facts suggest a category nobody has decided: a list for a person, never a decision."""
    pack, actor, pathway, asked = _pathway_asked(request, pathway_id)
    wanted, kinds = asked.wanted, lists.suspicions_of(actor, pathway)
    if not kinds:
        raise Http404
    lines, count = lists.suspected_page(actor, pathway, wanted, offset=asked.offset, limit=asked.limit)
    columns = [
        column("child", "姓名", "Child", "person"), column("village", "村（社区）", "Village", "place"),
        column("what", "提示", "What it suggests", "text"), column("category", "可能类别", "Possible category", "text"),
        column("because", "依据的事实", "The facts", "text"),
    ]  # fmt: skip
    rows = [
        Row(
            (pack.fingerprint, each.hit, each.suspicion.id, actor.on),
            partial(_suspected_cells, pack, actor.on, each),
        )
        for each in lines
    ]
    title = _suspected_title(pathway)
    as_of, source = _of_the_run(actor)
    if asked.exporting:
        return _excel(request, title, columns, rows, as_of, source)
    filters = [
        _text_filter(wanted), place_filter(pack, actor, wanted.place),
        {"id": "code", "label": both("提示", "Suggestion"), "type": "select", "value": wanted.code,
         "options": [{"code": each.id, "label": words(each.name)} for each in kinds]},
    ]  # fmt: skip
    what = both(
        "只是提示，不是认定：请入户核实后，由有权人员作出决定。",
        "A hint, no decision: look into it, then whoever may decide does.",
    )
    standing = [
        {"label": both("待核实", "to look into"), "value": count, "state": "on_track" if count else "met"}
    ]
    return _page(
        request, title, what, columns, rows, filters, count, None, as_of, standing, source, asked.number
    )


def _suspected_cells(pack: Pack, on: date, each: SuspectedLine) -> list[Any]:
    scheme, _, code = each.suspicion.suggests.partition(":")
    return [
        shown.person(each.hit, on), shown.place(pack, each.hit.place), words(each.suspicion.name),
        shown.status_name(pack, scheme, code), words(each.suspicion.because),
    ]  # fmt: skip


# --- the page and the workbook ------------------------------------------------------------------------------


def _page(
    request: HttpRequest, title: Words, what: Words, columns: list[dict[str, Any]], rows: list[Row],
    filters: list[dict[str, Any]], count: int, of: int | None, as_of: date, standing: list[dict[str, Any]], source: Words,
    number: int,
) -> HttpResponse:  # fmt: skip
    pack, actor = active.pack(), actor_of(request)
    post = actor.child_grants[0].place if actor.child_grants else None
    context = {
        "ledger": {
            "title": title, "what": what, "kicker": figures.place_name(pack, post), "source": source, "number": None,
            "export_href": shown.query_with(request, **{"as": "xlsx", "page": None}),
        },
        "trail": _trail(), "count": {"rows": count, "of": of}, "standing": standing, "filters": filters,
        "active": _active(request, filters), "as_of": as_of, "columns": columns,
        "rows": rows, "pages": shown.pages(request, number, PAGE, count),
        "tabs": [], "actions": [],
    }  # fmt: skip
    return render(request, "staff/ledger.html", context)


def _active(request: HttpRequest, filters: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Filters in force, each with the address that takes it away."""
    found = []
    for each in filters:
        if not request.GET.get(each["id"]) or not each["value"]:
            continue
        option = next((one["label"] for one in each["options"] if one["code"] == each["value"]), None)
        value = option or both(each["value"], each["value"])
        label = both(f"{each['label']['zh']}：{value['zh']}", f"{each['label']['en']}: {value['en']}")
        found.append({"label": label, "clear": shown.query_with(request, **{each["id"]: None, "page": None})})
    return found


def _excel(
    request: HttpRequest,
    title: Words,
    columns: Sequence[dict[str, Any]],
    rows: Sequence[Row],
    as_of: date,
    source: Words,
) -> HttpResponse:
    """The same rows as a workbook, in the reader's language."""
    language = in_language({"zh": "zh", "en": "en"})

    def plain(value: Any, kind: str) -> Any:
        if value is None:
            return None
        if kind == "due":
            return DUE_WORDS[value][language] if value in DUE_WORDS else value
        if kind == "clock":
            return value["on"]
        if kind in ("person", "place"):
            name = value["name"]
            return name[language] if isinstance(name, dict) else name
        return value[language] if isinstance(value, dict) else value

    lines = [
        [plain(value, column["kind"]) for value, column in zip(row.cells, columns, strict=True)]
        for row in rows
    ]
    by = f"{actor_of(request).name} {timezone.localtime():%Y-%m-%d %H:%M}"
    notes = [
        source[language],
        f"截至 {as_of}；导出：{by}" if language == "zh" else f"As of {as_of}; exported by {by}",
    ]
    body = write_xlsx([column["label"][language] for column in columns], lines, title[language], notes)
    response = HttpResponse(
        body, content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )
    name = quote(f"{title[language]}-{as_of}.xlsx")
    response.headers["Content-Disposition"] = (
        f"attachment; filename=\"ledger-{as_of}.xlsx\"; filename*=UTF-8''{name}"
    )
    return response
