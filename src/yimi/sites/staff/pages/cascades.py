"""Screening cascades (筛查闭环): the funnel, where children are lost between two stages, and who they are."""

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
from yimi.apps.evaluation import cascades as read
from yimi.apps.evaluation.cascades import Funnel, Line, Wanted
from yimi.apps.plan.selectors import run_in_force
from yimi.exchange.tabular import write_xlsx
from yimi.pack.load import Pack
from yimi.pack.schema import Cascade
from yimi.sites.addresses import address
from yimi.sites.staff.pages import figures, shown, withheld
from yimi.sites.staff.pages.children import place_filter
from yimi.sites.staff.pages.figures import Words, both, words
from yimi.sites.staff.pages.shown import actor_of, in_language

PAGE, EXPORT, BARS = 50, 20_000, 26
TITLE = both("筛查闭环", "Screening cascades")
WHAT = both(
    "筛查、阳性、转诊、确诊、干预逐个儿童衔接：每一步走到多少人，哪一步丢了人，谁等得太久。",
    "Screened, positive, referred, diagnosed, treated, child by child: how many reach each stage, where children are lost, who "
    "waits too long.",
)
NONE_YET = both("尚未进入", "Not begun")
SEXES = {"f": both("女", "Girls"), "m": both("男", "Boys")}
DONE, WAITING, LATE = (
    both("已有着落", "settled"),
    both("办理中", "in hand"),
    both("等待超时", "waiting too long"),
)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def trail() -> list[dict[str, Any]]:
    return [{"label": TITLE, "href": address("cascades")}]


def _percent(part: int, whole: int) -> float | None:
    return round(part / whole * 100, 1) if whole else None


def _said(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}%"


# --- all cascades -------------------------------------------------------------------------------------------


@allow("staff")
@require_GET
def cascades(request: HttpRequest) -> HttpResponse:
    """Every cascade of the pack with its last round in numbers."""
    actor = actor_of(request)
    found, totals = read.cascades(actor), read.totals(actor)
    if not found:
        raise Http404
    columns = [
        _column("name", both("项目", "Cascade"), "text"), _column("round", both("轮次", "Round"), "text"),
        _column("scope", both("应进入", "In scope")), _column("first", both("第一步", "First stage")),
        _column("share", both("占比", "Share"), unit=both("%", "%")), _column("found", both("检出", "Found")),
        _column("settled", DONE), _column("waiting", WAITING), _column("late", LATE),
    ]  # fmt: skip
    rows, late = [], 0
    for each in found:
        size = len(each.stages) + 1
        start, cell = totals.get(each.id, (None, Funnel([0] * size, [0] * size)))
        settled, waiting, too_long = _outcome(each, cell)
        late += 0 if cell.late_withheld else too_long
        first = cell.reached(1)
        told: list[Any] = [
            cell.scope, first, _percent(first, cell.scope), settled + waiting + too_long, settled, waiting, too_long,
        ]  # fmt: skip
        if cell.withheld:
            told = [withheld.counted(None), withheld.counted(None), None, *[withheld.counted(None)] * 4]
        elif cell.late_withheld:
            told[-2:] = [withheld.counted(None)] * 2
        rows.append(
            {
                "href": address("cascade", each.id),
                "cells": [words(each.name), _round_name(each, start), *told],
            }
        )  # fmt: skip
    if request.GET.get("as") == "xlsx":
        return workbook(request, TITLE, columns, [row["cells"] for row in rows])
    context = {
        "title": TITLE, "what": WHAT, "kicker": both("健康", "Health"), "trail": [], "as_of": _as_of(actor),
        "standing": [{"label": LATE, "value": both(f"{late:,}", f"{late:,}"), "state": "off" if late else "met"}],
        "export": shown.query_with(request, **{"as": "xlsx"}), "links": [], "filters": [], "stages": [], "key": [],
        "groups": [{"label": both("各项目", "All cascades"), "columns": columns, "rows": rows, "bars": [], "folded": None}],
        "note": None, "source": source_line(actor), "days": None,
        "held": _held(actor, found, [cell for _, cell in totals.values()]),
    }  # fmt: skip
    return render(request, "staff/cascade.html", context)


def _held(actor: Actor, found: Sequence[Cascade], cells: Sequence[Funnel]) -> Words | None:
    """Why there is a sign instead of a number, where there is one."""
    least = max((read.least_shown(actor, each) for each in found), default=0)
    return withheld.note(least) if any(cell.late_withheld for cell in cells) else None


def _column(name: str, label: Words, kind: str = "number", unit: Words | None = None) -> dict[str, Any]:
    return {"id": name, "label": label, "kind": kind, "unit": unit}


def _found_at(each: Cascade) -> int:
    """The position from which on children need something: the first finding, else the first stage."""
    return next((index for index, stage in enumerate(each.stages, 1) if stage.finding), 1)


def _outcome(each: Cascade, cell: Funnel) -> tuple[int, int, int]:
    """Of the children with a finding: (nothing waits for them, in hand, waiting too long)."""
    settled = waiting = late = 0
    for position in range(_found_at(each), len(each.stages) + 1):
        waits = position < len(each.stages) and not each.stages[position].finding
        settled += 0 if waits else cell.at[position]
        waiting += cell.at[position] - cell.late[position] if waits else 0
        late += cell.late[position] if waits else 0
    return settled, waiting, late


def _round_name(each: Cascade, start: date | None) -> Words:
    if start is None:
        return both("滚动", "rolling")
    if each.period == "school_year":
        label = f"{start.year}–{start.year + 1}"
        return both(f"{label}学年", f"school year {label}")
    return both(f"{start.year}年", str(start.year))


def _as_of(actor: Actor) -> date:
    run = run_in_force()
    return run.as_of if run else actor.on


def source_line(actor: Actor) -> Words:
    run = run_in_force()
    number = run.number if run else 0
    return both(
        f"来源：第{number}次评估，逐个儿童计算；筛查阳性不是诊断。",
        f"Source: turn {number}, worked out child by child; a positive screening is no diagnosis.",
    )


# --- one cascade --------------------------------------------------------------------------------------------


def cascade_of(actor: Actor, name: str) -> Cascade:
    found = next((each for each in read.cascades(actor) if each.id == name), None)
    if found is None:
        raise Http404
    return found


@allow("staff")
@require_GET
def cascade(request: HttpRequest, cascade_id: str) -> HttpResponse:
    """One cascade: its funnel, its parts by township, village, school and sex, and the way to the children."""
    pack, actor = active.pack(), actor_of(request)
    each = cascade_of(actor, cascade_id)
    start = _round(request, actor, each)
    codes = {one.code for one in pack.townships()}
    township = request.GET.get("place", "")
    township = township if township in codes and not read.least_shown(actor, each) else ""
    parts = read.parts(actor, each, start, township)
    groups = _groups(pack, each, parts, start, township)
    if request.GET.get("as") == "xlsx":
        return _export(request, pack, each, parts, groups)
    settled, waiting, late = _outcome(each, parts.whole)
    listed = address("cascade-list", each.id) if read.may_list(actor, each) else None
    query = f"&round={start or ''}&place={township}"
    links = (
        [{"label": both("名单：等待超时", "List: waiting too long"), "href": f"{listed}?late=1{query}"}]
        if listed
        else []
    )
    context = {
        "title": words(each.name), "what": words(each.note) if each.note else both("", ""),
        "kicker": _round_name(each, start), "trail": trail(), "as_of": _as_of(actor), "source": source_line(actor),
        "standing": [
            _tally(DONE, settled, parts.whole.withheld), _tally(WAITING, waiting, parts.whole.late_withheld),
            _tally(LATE, late, parts.whole.late_withheld, "off" if late else "met"),
        ],
        "export": shown.query_with(request, **{"as": "xlsx"}), "links": links, "filters": _filters(pack, actor, each, start, township),
        "stages": stages(each, parts.whole, listed, query), "groups": groups, "key": _key(),
        "note": shown.said(each.source, each.confidence, both(f"范围：{each.in_scope}", f"In scope: {each.in_scope}"), each.id),
        "days": _days(pack, each, parts),
        "held": withheld.note(parts.least) if parts.least else None,
    }  # fmt: skip
    return render(request, "staff/cascade.html", context)


def _tally(label: Words, count: int, untold: bool, state: str | None = None) -> dict[str, Any]:
    if untold:
        return {"label": label, "value": both(withheld.SIGN, withheld.SIGN), "state": None}
    return {"label": label, "value": both(f"{count:,}", f"{count:,}"), "state": state}


def _round(request: HttpRequest, actor: Actor, each: Cascade) -> date | None:
    known = read.round_days(each, _as_of(actor))
    asked = request.GET.get("round", "")
    return next((day for day in known if day and day.isoformat() == asked), None) or read.newest(each)


def _filters(
    pack: Pack, actor: Actor, each: Cascade, start: date | None, township: str
) -> list[dict[str, Any]]:
    found = []
    if each.period != "open":
        options = [
            {"code": day.isoformat(), "label": _round_name(each, day)}
            for day in read.round_days(each, _as_of(actor))
            if day
        ]
        found.append(
            {"id": "round", "label": both("轮次", "Round"), "value": start.isoformat() if start else "", "options": options, "all": False}
        )  # fmt: skip
    if read.least_shown(actor, each):
        return found
    places = [{"code": one.code, "label": figures.place_name(pack, one.code)} for one in pack.townships()]
    found.append(
        {
            "id": "place",
            "label": both("乡镇（街道）", "Township"),
            "value": township,
            "options": places,
            "all": True,
        }
    )
    return found


def stages(each: Cascade, cell: Funnel, listed: str | None, query: str) -> list[dict[str, Any]]:
    """The funnel's rows: how many reached a stage, how many did not from the one before, and how long it took."""
    if cell.withheld:
        names = [both("应进入", "In scope"), *(words(stage.name) for stage in each.stages)]
        bare = {
            "share": None,
            "width": 0.0,
            "finding": False,
            "drop": None,
            "list": None,
            "href": None,
            "sure": None,
        }
        return [{"name": name, "n": withheld.SIGN, **bare} for name in names]
    rows = [
        {
            "name": both("应进入", "In scope"), "n": cell.scope, "share": None, "width": 100.0 if cell.scope else 0.0, "finding": False,
            "drop": None, "list": None, "href": None, "sure": None,
        }
    ]  # fmt: skip
    for position, stage in enumerate(each.stages, 1):
        n, before = cell.reached(position), cell.reached(position - 1)
        median = cell.medians.get(position)
        rows.append(
            {
                "name": words(stage.name), "n": n, "share": _percent(n, before),
                "width": round(n / cell.scope * 100, 2) if cell.scope else 0.0, "finding": stage.finding,
                "drop": _drop(stage.finding, before - n, before, 0 if cell.late_withheld else cell.late[position - 1], median),
                "list": both("名单", "List"),
                "href": f"{listed}?stage={position - 1}{query}" if listed and before > n else None,
                "sure": stage.confidence if not stage.usable else None,
            }
        )  # fmt: skip
    return rows


def _drop(finding: bool, lost: int, before: int, late: int, median: tuple[float, int] | None) -> Words:
    """What is between two stages, in words."""
    if finding:
        share = _said(_percent(before - lost, before))
        return both(
            f"上一步的{share}；其余{lost:,}人到此为止", f"{share} of the stage before; {lost:,} end here"
        )
    share = _said(_percent(lost, before))
    zh, en = f"未到{lost:,}人（{share}）", f"{lost:,} have not got here ({share})"
    if late:
        zh, en = f"{zh}，其中超时{late:,}人", f"{en}, {late:,} of them too late"
    if median is not None:
        zh, en = f"{zh}；已到的中位{median[0]:g}天", f"{en}; median {median[0]:g} days"
    return both(zh, en)


def _stage_columns(each: Cascade, first: Words) -> list[dict[str, Any]]:
    return [
        _column("what", first, "text"), _column("scope", both("应进入", "In scope")),
        *(_column(stage.id, words(stage.name)) for stage in each.stages), _column("late", LATE),
        _column("rate", both("检出后有着落", "Settled of found"), unit=both("%", "%")),
    ]  # fmt: skip


def _cells(each: Cascade, label: Words, cell: Funnel) -> list[Any]:
    if cell.withheld:
        return [label, *([withheld.counted(None)] * (len(each.stages) + 2)), None]
    settled, waiting, late = _outcome(each, cell)
    reached = [cell.reached(position) for position in range(1, len(each.stages) + 1)]
    told = withheld.counted(None) if cell.late_withheld else late
    return [label, cell.scope, *reached, told, _percent(settled, settled + waiting + late)]


def _groups(
    pack: Pack, each: Cascade, parts: read.Parts, start: date | None, township: str
) -> list[dict[str, Any]]:
    """The tables behind the funnel: townships (or one township's villages), schools, sexes, groups."""
    back = f"?round={start}&" if start else "?"
    places = {
        code: (figures.place_name(pack, code), None if parts.least else f"{back}place={code}")
        for code in parts.townships
    }
    schools = read.school_names(list(parts.schools))
    named: list[tuple[Words, Words, dict[Any, tuple[Words, str | None]], Mapping[Any, Funnel]]] = []
    if township:
        inside: dict[Any, tuple[Words, str | None]] = {
            code: (figures.place_name(pack, code), None) for code in parts.villages
        }
        named.append(
            (both("按村（社区）", "By village"), both("村（社区）", "Village"), inside, parts.villages)
        )
    else:
        named.append(
            (
                both("按乡镇（街道）", "By township"),
                both("乡镇（街道）", "Township"),
                dict(places),
                parts.townships,
            )
        )
    if each.period == "school_year":
        of_school: dict[Any, tuple[Words, str | None]] = {
            pk: (both(one.name, one.name), None) for pk, one in schools.items()
        }
        named.append((both("按学校", "By school"), both("学校", "School"), of_school, parts.schools))
    named.append(
        (
            both("按性别", "By sex"),
            both("性别", "Sex"),
            {code: (name, None) for code, name in SEXES.items()},
            parts.sexes,
        )
    )
    if each.group_vocabulary:
        codes = {one.code: (words(one), None) for one in pack.vocabularies[each.group_vocabulary].codes}
        named.append((both("按类别", "By kind"), both("类别", "Kind"), dict(codes), parts.groups))
    found = []
    for label, head, names, cells in named:
        rows = [(names.get(key, (both(str(key), str(key)), None)), cell) for key, cell in cells.items()]
        rows.sort(
            key=lambda row: (
                row[1].withheld,
                0 if row[1].withheld else -_outcome(each, row[1])[2],
                row[0][0]["zh"],
            )
        )
        if rows:
            found.append(
                {
                    "label": label, "columns": _stage_columns(each, head),
                    "rows": [{"href": name[1], "cells": _cells(each, name[0], cell)} for name, cell in rows],
                    "bars": [_bar(each, name[0], cell) for name, cell in rows if not cell.withheld and any(_outcome(each, cell))][:BARS],
                    "folded": both(f"全部{len(rows)}行", f"All {len(rows)} rows") if len(rows) > 40 else None,
                }
            )  # fmt: skip
    return found


def _bar(each: Cascade, label: Words, cell: Funnel) -> dict[str, Any]:
    counts = dict(zip(("settled", "waiting", "late"), _outcome(each, cell), strict=True))
    names = {"settled": DONE, "waiting": WAITING, "late": LATE}
    parts = [{"kind": kind, "label": names[kind], "value": n} for kind, n in counts.items()]
    said = (
        both(f"超时{counts['late']}", f"{counts['late']} late")
        if counts["late"]
        else both("无超时", "none late")
    )
    return {"label": label, "parts": parts, "said": said, "href": None}


def _key() -> list[dict[str, Any]]:
    return [
        {"kind": "settled", "label": DONE},
        {"kind": "waiting", "label": WAITING},
        {"kind": "late", "label": LATE},
    ]


def _days(pack: Pack, each: Cascade, parts: read.Parts) -> dict[str, Any] | None:
    """Median days between the stages, by group; None where the cascade has none."""
    if not each.group_vocabulary or not parts.groups:
        return None
    steps = [(n, stage) for n, stage in enumerate(each.stages, 1) if n > 1 and not stage.finding]
    names = {one.code: words(one) for one in pack.vocabularies[each.group_vocabulary].codes}
    columns = [_column("kind", both("类别", "Kind"), "text")]
    columns += [
        _column(stage.id, both(f"到{stage.name.zh}", f"to {stage.name.en}"), unit=both("天", "days"))
        for _, stage in steps
    ]
    cells = [(names.get(code, both(code, code)), cell) for code, cell in sorted(parts.groups.items())]
    cells.append((both("合计", "All"), parts.whole))
    rows = [
        {
            "href": None,
            "cells": [name, *(cell.medians[n][0] if n in cell.medians else None for n, _ in steps)],
        }
        for name, cell in cells
    ]
    return {
        "label": both("各步之间的中位天数", "Median days between stages"),
        "columns": columns,
        "rows": rows,
    }


# --- the children behind ------------------------------------------------------------------------------------


@allow("children")
@require_GET
def cascade_list(request: HttpRequest, cascade_id: str) -> HttpResponse:
    """The children at one stage, by name, for readers of the cascade's sensitivity."""
    pack, actor = active.pack(), actor_of(request)
    each = cascade_of(actor, cascade_id)
    if not read.may_list(actor, each):
        raise Http404
    start = _round(request, actor, each)
    asked = request.GET.get("stage", "")
    position = int(asked) if asked.isdigit() and int(asked) <= len(each.stages) else None
    wanted = Wanted(position, request.GET.get("late") == "1", request.GET.get("place", "")[:20])
    number, exporting = shown.page_number(request), request.GET.get("as") == "xlsx"
    lines, count = read.children(
        actor, each, start, wanted, offset=0 if exporting else (number - 1) * PAGE, limit=EXPORT if exporting else PAGE
    )  # fmt: skip
    columns = [
        _column("child", both("姓名", "Child"), "person"), _column("village", both("村（社区）", "Village"), "place"),
        _column("school", both("学校", "School"), "text"), _column("at", both("已到", "Reached"), "text"),
        _column("since", both("自", "Since"), "date"), _column("next", both("下一步", "Next"), "text"),
        _column("by", both("最迟", "By"), "date"), _column("late", LATE, "tag"),
    ]  # fmt: skip
    names = read.school_names([line.school for line in lines if line.school])
    cells = [_list_cells(pack, actor, each, line, names) for line in lines]
    if exporting:
        return workbook(request, words(each.name), columns, cells)
    stage_options = [{"code": str(n), "label": _reached(each, n)} for n in range(len(each.stages) + 1)]
    context = {
        "ledger": {
            "title": words(each.name), "kicker": _round_name(each, start), "number": None, "source": source_line(actor),
            "what": both("逐个联系，落实下一步；已在外地办理的补登记录。", "Call each one and see to the next step; enter what was done elsewhere."),
            "export_href": shown.query_with(request, **{"as": "xlsx", "page": None}),
        },
        "trail": [*trail(), {"label": words(each.name), "href": address("cascade", each.id)}],
        "count": {"rows": count, "of": None}, "as_of": _as_of(actor), "columns": columns, "tabs": [], "actions": [], "active": [],
        "standing": [{"label": LATE if wanted.late else both("人", "children"), "value": count, "state": "off" if wanted.late and count else None}],
        "filters": [
            {"id": "stage", "label": both("已到", "Reached"), "type": "select", "value": asked, "options": stage_options},
            {"id": "late", "label": LATE, "type": "select", "value": "1" if wanted.late else "", "options": [{"code": "1", "label": both("是", "yes")}]},
            place_filter(pack, actor, wanted.place),
        ],
        "rows": [{"href": None, "cells": line} for line in cells], "pages": shown.pages(request, number, PAGE, count),
    }  # fmt: skip
    return render(request, "staff/ledger.html", context)


def _reached(each: Cascade, position: int) -> Words:
    return words(each.stages[position - 1].name) if position else NONE_YET


def _list_cells(
    pack: Pack, actor: Actor, each: Cascade, line: Line, names: Mapping[int, read.School]
) -> list[Any]:
    following = next((stage for stage in each.stages if stage.id == line.waits_for), None)
    school = names.get(line.school) if line.school is not None else None
    return [
        shown.person(line.hit, actor.on), shown.place(pack, line.hit.place), school.name if school else None,
        _reached(each, line.position), line.since,
        words(following.name) if following else None, line.overdue_after, LATE if line.late else None,
    ]  # fmt: skip


# --- workbooks ----------------------------------------------------------------------------------------------


def _export(
    request: HttpRequest, pack: Pack, each: Cascade, parts: read.Parts, groups: Sequence[Mapping[str, Any]]
) -> HttpResponse:
    """The whole and every part under each other, the first column says which."""
    columns = _stage_columns(each, both("范围", "Of"))
    cells = [_cells(each, both("合计", "All"), parts.whole)]
    cells += [row["cells"] for group in groups for row in group["rows"]]
    return workbook(request, words(each.name), columns, cells)


def workbook(
    request: HttpRequest, title: Words, columns: Sequence[Mapping[str, Any]], cells: Sequence[Sequence[Any]]
) -> HttpResponse:
    """Rows as a workbook in the reader's language, with day and source."""
    language, actor = in_language({"zh": "zh", "en": "en"}), actor_of(request)

    def plain(value: Any) -> Any:
        value = withheld.plain(value)
        if isinstance(value, dict):
            value = value.get("name", value)
            return value.get(language) if isinstance(value, dict) else value
        return value

    as_of = _as_of(actor)
    by = f"{actor.name} {timezone.localtime():%Y-%m-%d %H:%M}"
    note = f"截至 {as_of}；导出：{by}" if language == "zh" else f"As of {as_of}; exported by {by}"
    heads = [column["label"][language] for column in columns]
    rows = [[plain(each) for each in line] for line in cells]
    body = write_xlsx(heads, rows, title[language], [source_line(actor)[language], note])
    response = HttpResponse(body, content_type=XLSX)
    name = quote(f"{title[language]}-{as_of}.xlsx")
    response.headers["Content-Disposition"] = (
        f"attachment; filename=\"cascade-{as_of}.xlsx\"; filename*=UTF-8''{name}"
    )
    return response
