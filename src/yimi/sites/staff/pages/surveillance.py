"""Surveillance (伤害监测): events by cause, place and month, how many nobody told, and the events behind the numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor, allow
from yimi.apps.evaluation import surveillance as read
from yimi.apps.evaluation.surveillance import Counts, Line, Seasonal, Sources, Wanted, Watched
from yimi.apps.plan.selectors import note_export, run_in_force
from yimi.engines.disclosure import ALL
from yimi.pack.load import Pack
from yimi.pack.schema import Surveillance
from yimi.sites.addresses import address
from yimi.sites.staff.pages import figures, shown, withheld
from yimi.sites.staff.pages.cascades import workbook
from yimi.sites.staff.pages.children import place_filter
from yimi.sites.staff.pages.figures import Words, both, words
from yimi.sites.staff.pages.shown import actor_of, in_language

PAGE, EXPORT = 50, 20_000
TOTAL = both("合计", "All")
NOT_TOLD = both("未填", "not told")


def _column(name: str, label: Words, kind: str = "number", unit: Words | None = None) -> dict[str, Any]:
    return {"id": name, "label": label, "kind": kind, "unit": unit}


def watched_of(actor: Actor, name: str) -> Surveillance:
    found = active.pack().surveillance.get(name)
    if found is None or not read.may_open(actor, found):
        raise Http404
    return found


@allow("staff")
@require_GET
def surveillance(request: HttpRequest, surveillance_id: str) -> HttpResponse:
    """The last twelve months. Page, workbook and JSON are made of the same tables."""
    pack, actor = active.pack(), actor_of(request)
    each = watched_of(actor, surveillance_id)
    told = read.watched(actor, each)
    groups = _groups(pack, each, told) if told else []
    if request.GET.get("as") in ("xlsx", "json"):
        note_export(actor, each.id, sum(len(group["rows"]) for group in groups))
        return _taken_away(request, each, told, groups)
    links = []
    if read.may_list(actor, each):
        listed = address("surveillance-list", each.id)
        links = [
            {"label": both("逐起名册", "Every event"), "href": listed},
            {"label": both("一年内再次受伤", "Hurt again within a year"), "href": f"{listed}?again=1"},
        ]
    run = run_in_force()
    context = {
        "title": words(each.name), "what": words(each.note) if each.note else both("", ""),
        "kicker": both("近12个月", "Last twelve months"), "trail": _trail(), "as_of": run.as_of if run else actor.on,
        "standing": _standing(told) if told else [], "links": links, "filters": [], "stages": [], "key": [], "days": None,
        "export": shown.query_with(request, **{"as": "xlsx"}), "groups": groups,
        "note": shown.said(each.source, each.confidence, _how(pack, each, told), each.id), "source": _source(pack, each, told),
    }  # fmt: skip
    return render(request, "staff/cascade.html", context)


def _trail() -> list[dict[str, Any]]:
    return [{"label": both("指标", "Indicators"), "href": address("indicators")}]


def _number(value: int | float | None) -> Words:
    return both(withheld.SIGN, withheld.SIGN) if value is None else both(f"{value:,}", f"{value:,}")


def _standing(told: Watched) -> list[dict[str, Any]]:
    found = [
        {"label": both("起（合并后）", "events, each once"), "value": _number(told.total), "state": None},
        {"label": both("起，近7天", "in the last 7 days"), "value": _number(told.week), "state": None},
        {
            "label": both("起，前7天", "in the 7 days before"),
            "value": _number(told.week_before),
            "state": None,
        },
    ]
    if told.sources and told.sources.estimate:
        share = f"{told.sources.estimate.share * 100:.0f}%"
        found.append(
            {
                "label": both("估计登记完整率", "estimated completeness"),
                "value": both(share, share),
                "state": None,
            }
        )
    return found


def _how(pack: Pack, each: Surveillance, told: Watched | None) -> Words:
    on = told.until if told else None
    days = pack.number_on(each.within, on) if on else 0
    same = "、".join(_label(pack, each, name)["zh"] for name in each.same)
    same_en = ", ".join(_label(pack, each, name)["en"].lower() for name in each.same)
    return both(
        f"同一儿童、同一{same}，自首份登记起{days}日内的各份登记合并为一起；统计范围：{each.counts_when}",
        f"Records of one child with the same {same_en} within {days} days of the first are one event; counted: {each.counts_when}",
    )


def _source(pack: Pack, each: Surveillance, told: Watched | None) -> Words:
    run = run_in_force()
    said = both(f"来源：第{run.number if run else 0}次评估", f"Source: turn {run.number if run else 0}")
    if told is None or told.complete:
        return said
    note = withheld.note(pack.number_on(each.least_count, told.until))
    return both(f"{said['zh']}。{note['zh']}", f"{said['en']}. {note['en']}")


# --- tables -------------------------------------------------------------------------------------------------


def _label(pack: Pack, each: Surveillance, name: str) -> Words:
    return words(next(one.label for one in pack.forms[each.form].fields if one.id == name))


def _codes(pack: Pack, each: Surveillance, name: str) -> dict[Any, Words]:
    """The codes of a cut in the vocabulary's order, what was not told last."""
    vocabulary = next(one.vocabulary for one in pack.forms[each.form].fields if one.id == name)
    codes = pack.vocabularies[vocabulary or ""].codes
    return {**{one.code: words(one) for one in codes}, "": NOT_TOLD}


def _groups(pack: Pack, each: Surveillance, told: Watched) -> list[dict[str, Any]]:
    first = each.cuts[0]
    names = _codes(pack, each, first)
    columns_ = [code for code in names if any(key[1] == code for key in told.crossed.cells)]
    found = [_one_way(_label(pack, each, first), _of_columns(told.crossed), names)]
    for name in each.cuts[1:]:
        found.append(_one_way(_label(pack, each, name), told.parts[name], _codes(pack, each, name)))
    found.insert(2, _one_way(both("月份", "Month"), told.parts[read.MONTH], _months(told), every=True))
    if columns_:
        found.append(_crossed(pack, each, told.crossed, columns_, names))
    if told.season:
        found.insert(1, _season(told.season, _label(pack, each, first), names))
    if told.sources:
        found.append(_completeness(told.sources))
    return [group for group in found if group["rows"]]


def _of_columns(crossed: Counts) -> Counts:
    """The column totals of a crossed table as a table of one column."""
    columns = {column for _, column in crossed.cells}
    return Counts(
        {(column, ALL): crossed.cells[ALL, column] for column in columns},
        frozenset((column, ALL) for column in columns if (ALL, column) in crossed.withheld),
    )


def _months(told: Watched) -> dict[Any, Words]:
    found, day = {}, told.since
    while (day.year, day.month) <= (told.until.year, told.until.month):
        found[f"{day:%Y-%m}"] = both(f"{day.year}年{day.month}月", f"{day:%Y-%m}")
        day = day.replace(day=1, month=day.month % 12 + 1, year=day.year + day.month // 12)
    return found


def _one_way(label: Words, counts: Counts, names: dict[Any, Words], *, every: bool = False) -> dict[str, Any]:
    """`every`: rows without an event stand too, as the months of a year must."""
    total = counts.shown(ALL)
    rows, bars = [], []
    for code, name in names.items():
        if (code, ALL) not in counts.cells and not (every and counts.cells.get((ALL, ALL))):
            continue
        value = counts.shown(code)
        share = round(value / total * 100, 1) if value is not None and total else None
        rows.append({"href": None, "cells": [name, withheld.counted(value), share]})
        part = [{"kind": "event", "label": name, "value": value or 0}]
        bars.append({"label": name, "parts": part, "said": _number(value), "href": None})
    if rows:
        rows.append({"href": None, "cells": [TOTAL, withheld.counted(total), 100.0 if total else None]})
    columns = [
        _column("what", label, "text"), _column("n", both("起数", "Events")), _column("share", both("占比", "Share"), unit=both("%", "%")),
    ]  # fmt: skip
    titled = both(f"按{label['zh']}", f"By {label['en'].lower()}")
    return {
        "label": titled,
        "columns": columns,
        "rows": rows,
        "bars": bars,
        "folded": both(f"数据表，{len(rows)}行", f"Table, {len(rows)} rows"),
    }


def _crossed(
    pack: Pack, each: Surveillance, crossed: Counts, codes: Sequence[Any], names: dict[Any, Words]
) -> dict[str, Any]:
    townships = sorted({str(row) for row, _ in crossed.cells} - {str(ALL), ""})
    labels = {code: figures.place_name(pack, code) for code in townships}
    listed = [*townships, *([""] if ("", ALL) in crossed.cells else []), ALL]
    labels |= {"": both("住址未登记", "no address"), ALL: TOTAL}
    rows = [
        {
            "href": None,
            "cells": [labels[row], *(withheld.counted(crossed.shown(row, code)) for code in (*codes, ALL))],
        }
        for row in listed
    ]
    columns = [
        _column("place", both("乡镇（街道）", "Township"), "text"),
        *(_column(f"c{code}", names[code]) for code in codes if code != ALL),
        _column("all", TOTAL),
    ]
    label = _label(pack, each, each.cuts[0])
    titled = both(f"乡镇（街道）与{label['zh']}", f"Township and {label['en'].lower()}")
    return {"label": titled, "columns": columns, "rows": rows, "bars": [], "folded": None}


def _season(season: Seasonal, label: Words, names: dict[Any, Words]) -> dict[str, Any]:
    """The last days beside the same days of the years before, and where there is more than the season brings.

    No totals: the months are told on the same page, and two sums that overlap tell what lies between them.
    """
    found, counts = season.compared, season.counts
    backs = range(len(found.windows))
    rows = []
    for code, name in names.items():
        if (code, 0) in counts.cells:
            cells = [withheld.counted(counts.shown(code, back)) for back in backs]
            rows.append({"href": None, "cells": [name, _more(season, code), *cells]})
    after, until = found.windows[0]
    columns = [
        _column("what", label, "text"), _column("more", both("与往年同期比", "Against the season"), "text"),
        _column("now", both(f"近{(until - after).days}天", f"Last {(until - after).days} days")),
        *(_column(f"y{back}", both(f"{found.windows[back][1].year}年同期", f"Same days, {found.windows[back][1].year}")) for back in backs[1:]),
    ]  # fmt: skip
    years = len(found.windows) - 1
    how = both(
        f"不少于{found.least}起，且多于前{years}年每一年的同期，判为偏多。",
        f"More: not fewer than {found.least}, and more than in the same days of each of the {years} years before.",
    )
    if not found.judged:
        since = season.first_record.isoformat() if season.first_record else "—"
        how = both(
            f"登记自{since}起，往年不足{years}年，不作判断。",
            f"Records begin on {since}: fewer than {years} years before, so nothing is judged.",
        )
    titled = both("与往年同期比较", "Against the same season")
    return {"label": titled, "note": how, "columns": columns, "rows": rows, "bars": [], "folded": None}


def _more(season: Seasonal, code: str) -> Words | None:
    if season.counts.shown(code, 0) is None:
        return None  # what is not shown is not judged in public either
    more = season.compared.more(code)
    if more is None:
        return both("○ 不作判断", "○ not judged")
    return both("▲ 偏多", "▲ more") if more else both("● 不偏多", "● no more")


def _completeness(sources: Sources) -> dict[str, Any]:
    lines: list[tuple[Words, Any]] = [
        (both("只有医疗机构登记", "Known to health only"), withheld.counted(sources.first_only)),
        (both("两方都登记", "Known to both"), withheld.counted(sources.both)),
        (both("只有学校、公安、村（社区）、应急登记", "Known to school, police, village or emergency only"), withheld.counted(sources.second_only)),
    ]  # fmt: skip
    guess = sources.estimate
    if guess is None:
        told = both("两方都登记的太少，不推算漏报", "too few known to both: no estimate")
        lines.append((told, None))
    else:
        lines += [
            (both("估计实际发生", "Estimated in all"), round(guess.total)),
            (both("95%区间下限", "95% interval, low"), round(guess.low)),
            (both("95%区间上限", "95% interval, high"), round(guess.high)),
            (both(f"估计登记完整率（%），区间{guess.share_low * 100:.0f}～{guess.share_high * 100:.0f}", f"Estimated completeness (%), interval {guess.share_low * 100:.0f} to {guess.share_high * 100:.0f}"), round(guess.share * 100, 1)),
        ]  # fmt: skip
    columns = [
        _column(
            "what",
            both("来源比对（Chapman两源捕获—再捕获）", "Sources compared (Chapman, two sources)"),
            "text",
        ),
        _column("n", both("起数", "Events")),
    ]
    label = both(
        "登记完整性：两方各自独立知情时成立；互相通报的，估计偏低", "Completeness: holds where the two know independently; if they tell each other it is too high"
    )  # fmt: skip
    return {
        "label": label,
        "columns": columns,
        "rows": [{"href": None, "cells": list(line)} for line in lines],
        "bars": [],
        "folded": None,
    }


# --- taken away ---------------------------------------------------------------------------------------------


def _taken_away(
    request: HttpRequest, each: Surveillance, told: Watched | None, groups: Sequence[dict[str, Any]]
) -> HttpResponse:
    if request.GET.get("as") == "json":
        return JsonResponse(
            {
                "surveillance": each.id, "since": told.since.isoformat() if told else None,
                "until": told.until.isoformat() if told else None,
                "tables": [
                    {
                        "title": in_language(group["label"]), "columns": [in_language(one["label"]) for one in group["columns"]],
                        "rows": [[_plain(cell) for cell in row["cells"]] for row in group["rows"]],
                    }
                    for group in groups
                ],
                "withheld": withheld.SIGN,
            },
            json_dumps_params={"ensure_ascii": False},
        )  # fmt: skip
    width = max((len(group["columns"]) for group in groups), default=1)
    lines: list[list[Any]] = []
    for group in groups:
        heads = [one["label"] for one in group["columns"]]
        lines += [[group["label"]] + [None] * (width - 1), heads + [None] * (width - len(heads))]
        for row in group["rows"]:
            cells = [withheld.plain(cell) for cell in row["cells"]]
            lines.append(cells + [None] * (width - len(cells)))
    columns = [
        _column(str(index), both("" if index else "表", "" if index else "Table"), "text")
        for index in range(width)
    ]
    return workbook(request, words(each.name), columns, lines)


def _plain(cell: Any) -> Any:
    cell = withheld.plain(cell)
    return in_language(cell) if isinstance(cell, dict) else cell


# --- the events ---------------------------------------------------------------------------------------------


@allow("children")
@require_GET
def surveillance_list(request: HttpRequest, surveillance_id: str) -> HttpResponse:
    """Every event by name, for readers of the sensitivity within reach."""
    pack, actor = active.pack(), actor_of(request)
    each = watched_of(actor, surveillance_id)
    if not read.may_list(actor, each):
        raise Http404
    wanted = Wanted(
        request.GET.get("place", "")[:20], request.GET.get("code", "")[:40], request.GET.get("again") == "1"
    )
    number, exporting = shown.page_number(request), request.GET.get("as") == "xlsx"
    lines, count = read.events(
        actor,
        each,
        wanted,
        offset=0 if exporting else (number - 1) * PAGE,
        limit=EXPORT if exporting else PAGE,
    )
    names = {name: _codes(pack, each, name) for name in each.cuts}
    columns = [
        _column("child", both("姓名", "Child"), "person"), _column("on", both("发生日期", "On"), "date"),
        *(_column(name, _label(pack, each, name), "text") for name in each.cuts),
        _column("sources", both("来源", "Sources"), "text"), _column("records", both("登记份数", "Records")),
        _column("earlier", both("此前12个月内", "Earlier in 12 months"), unit=both("次", "")), _column("village", both("村（社区）", "Village"), "place"),
    ]  # fmt: skip
    of_source = _codes(pack, each, each.source_field)
    cells = [_event_cells(pack, actor, each, line, names, of_source.get) for line in lines]
    if exporting:
        return workbook(request, words(each.name), columns, cells)
    run = run_in_force()
    first = each.cuts[0]
    context = {
        "ledger": {
            "title": both(f"{each.name.zh}：逐起名册", f"{each.name.en}: every event"), "kicker": both("近12个月", "Last twelve months"),
            "number": None, "source": _source(pack, each, None), "export_href": shown.query_with(request, **{"as": "xlsx", "page": None}),
            "what": both("一行一起；同一次伤害的几份登记已合并，来源并列。", "A row an event; records of one injury are put together, their sources side by side."),
        },
        "trail": [*_trail(), {"label": words(each.name), "href": address("surveillance", each.id)}],
        "count": {"rows": count, "of": None}, "as_of": run.as_of if run else actor.on, "columns": columns, "tabs": [], "actions": [],
        "active": [], "standing": [{"label": both("起", "events"), "value": count, "state": None}],
        "filters": [
            {"id": "code", "label": _label(pack, each, first), "type": "select", "value": wanted.code, "options": [{"code": code, "label": name} for code, name in names[first].items() if code]},
            {"id": "again", "label": both("一年内再次受伤", "Hurt again within a year"), "type": "select", "value": "1" if wanted.again else "", "options": [{"code": "1", "label": both("是", "yes")}]},
            place_filter(pack, actor, wanted.place),
        ],
        "rows": [{"href": None, "cells": line} for line in cells], "pages": shown.pages(request, number, PAGE, count),
    }  # fmt: skip
    return render(request, "staff/ledger.html", context)


def _event_cells(
    pack: Pack, actor: Actor, each: Surveillance, line: Line, names: dict[str, dict[Any, Words]],
    source: Callable[[str], Words | None],
) -> list[Any]:  # fmt: skip
    told = [source(code) or both(code, code) for code in line.sources]
    return [
        shown.person(line.hit, actor.on), line.on,
        *(names[name].get(line.codes.get(name.lower()) or "") for name in each.cuts),
        both("、".join(one["zh"] for one in told), ", ".join(one["en"] for one in told)), line.records, line.earlier or None,
        shown.place(pack, line.hit.place),
    ]  # fmt: skip
