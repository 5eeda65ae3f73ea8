"""Rehearsal: choose a standard, a new value and a day; see children, money and workload by township before anyone signs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor, allow
from yimi.apps.evaluation import rehearsals as kept
from yimi.apps.evaluation.listing import readable
from yimi.apps.evaluation.rehearsals import Line
from yimi.apps.register import selectors as register
from yimi.engines.rehearsal import Change, Rehearsal, rehearsable
from yimi.lib.errors import BadInput
from yimi.pack.load import Pack
from yimi.pack.schema import Parameter
from yimi.sites.addresses import address
from yimi.sites.staff.pages import figures, radar, shown
from yimi.sites.staff.pages.figures import Words, both, words
from yimi.sites.staff.pages.shown import actor_of

TITLE = both("预演标准调整", "Rehearse a change")
WHAT = both(
    "在规则包的副本里改一项年龄、标准或频次，自某日起，用现在的登记册算一遍：增减哪些儿童、多花多少钱、每月多多少事。不改动现行结果。",
    "Change an age limit, an amount or a rhythm in a copy of the pack from a day on, and work it out on today's register: "
    "children, money, workload. What is in force stays as it is.",
)
STATES = {
    "waiting": both("排队", "waiting"),
    "running": both("计算中", "working"),
    "done": both("完成", "done"),
    "failed": both("未完成", "failed"),
}
NAMED = 100


@allow("staff")
@require_http_methods(["GET", "HEAD", "POST"])
def rehearsals(request: HttpRequest) -> HttpResponse:
    """Ask for one, and those asked for before."""
    actor = actor_of(request)
    if not kept.may_rehearse(actor):
        raise Http404
    if request.method == "POST":
        return _begin(request, actor)
    return _form(request, actor)


def _begin(request: HttpRequest, actor: Actor) -> HttpResponse:
    post = request.POST
    try:
        on = date.fromisoformat(post.get("effective_from", ""))
    except ValueError:
        return _form(
            request, actor, both("请填写自哪一天起，例如2027-01-01", "Say from which day, like 2027-01-01")
        )
    parameter = post.get("parameter", "")
    if parameter not in rehearsable(active.pack()):
        return _form(request, actor, both("请选择要调整的标准", "Choose what to change"))
    change = Change(parameter, post.get("value", "")[:20].strip(), on)
    try:
        uid = kept.begin([change], by=actor, at=timezone.now())
    except BadInput as error:
        return _form(request, actor, shown.sentence(error))
    kept.start_in_background(uid, as_of=actor.on)
    return HttpResponseRedirect(address("rehearsal", uid))


def _form(request: HttpRequest, actor: Actor, problem: Words | None = None) -> HttpResponse:
    pack = active.pack()
    touched = rehearsable(pack)
    options = [
        {
            "code": name, "label": words(pack.parameters[name].name), "now": _now(pack.parameters[name], actor.on),
            "of": _uses(touched[name]),
        }
        for name in sorted(touched, key=lambda name: (not touched[name][0], name))
    ]  # fmt: skip
    post = request.POST
    context = {
        "title": TITLE, "what": WHAT, "options": options, "problem": problem,
        "value": post.get("value", ""), "parameter": post.get("parameter") or request.GET.get("parameter", ""),
        "effective_from": post.get("effective_from") or date(actor.on.year + 1, 1, 1).isoformat(),
        "labels": {
            "parameter": both("调整哪一项", "What to change"), "value": both("新值（数，或期限如 2 month）", "New value (a number, or a period like 2 month)"),
            "from": both("自哪一天起", "From"), "go": both("开始预演", "Rehearse"), "before": both("以前的预演", "Earlier rehearsals"),
        },
        "runs": [
            {"href": address("rehearsal", each.uid), "label": _changes(pack, each), "at": each.at, "by": each.name, "state": STATES[each.state]}
            for each in kept.recent(actor)
        ],
    }  # fmt: skip
    return render(request, "staff/rehearsals.html", context, status=422 if problem else 200)


def _now(parameter: Parameter, on: date) -> Words:
    known = [each for each in parameter.values if each.effective_from <= on] or parameter.values
    value = max(known, key=lambda each: each.effective_from).value
    unit = "" if " " in value else parameter.unit
    return both(f"{value}{unit}", f"{value} {unit}".strip())


def _uses(touched: tuple[Sequence[Any], Sequence[Any]]) -> Words:
    names = [each.name for part in touched for each in part]
    return both("、".join(each.zh for each in names), ", ".join(each.en for each in names))


def _changes(pack: Pack, line: Line) -> Words:
    told = []
    for each in line.changes:
        name = pack.parameters[each.parameter].name if each.parameter in pack.parameters else None
        zh, en = (name.zh, name.en) if name else (each.parameter, each.parameter)
        told.append(
            (
                f"{zh}：{each.value}，自{each.effective_from}起",
                f"{en}: {each.value} from {each.effective_from}",
            )
        )
    return both("；".join(zh for zh, _ in told), "; ".join(en for _, en in told))


# --- one rehearsal ------------------------------------------------------------------------------------------


@allow("staff")
@require_GET
def rehearsal(request: HttpRequest, uid: str) -> HttpResponse:
    """How far it is, then the difference by township."""
    actor, pack = actor_of(request), active.pack()
    if not kept.may_rehearse(actor):
        raise Http404
    line = kept.one(actor, str(uid))
    tables = _tables(pack, actor, line.result) if line.result else []
    if request.GET.get("as") == "xlsx" and line.result:
        columns, rows = _sheet(tables)
        return radar.workbook(request, TITLE, columns, rows, line.result.day)
    context = {
        "title": _changes(pack, line), "kicker": TITLE, "what": WHAT, "trail": [{"label": TITLE, "href": address("rehearsals")}],
        "state": line.state, "state_word": STATES[line.state], "stage": line.stage,
        "problem": shown.sentence(BadInput(line.problem)) if line.problem else None,
        "tables": tables, "named": _named(pack, actor, line.result) if line.result else [],
        "export": shown.query_with(request, **{"as": "xlsx"}) if line.result else None,
        "day": line.result.day if line.result else None,
        "note": both(
            "按生效日计算；其后新登记的情况不在内。每月事项假定每次都按期办理。金额按规则包中的标准测算，占位示例填实后才是实数。",
            "Worked out on the first day of the change, with what is recorded by now. Items a month suppose that each is done when "
            "due. Money follows the amounts of the pack.",
        ),
    }  # fmt: skip
    return render(request, "staff/rehearsal.html", context)


def _tables(pack: Pack, actor: Actor, found: Rehearsal) -> list[dict[str, Any]]:
    benefits = defaultdict(list)
    for row in found.benefits:
        benefits[row["entitlement"]].append(row)
    tables = [_benefit_table(pack, pack.entitlements[name].name, rows) for name, rows in benefits.items()]
    pathways = list(dict.fromkeys(row["pathway"] for row in found.work))
    return [
        *tables,
        *(table for name in pathways for table in _work_tables(pack, pack.pathways[name].name, name, found)),
    ]


_PEOPLE, _YUAN, _ITEMS = both("人", "children"), both("元", "yuan"), both("件", "items")


def _columns(first: Words, *rest: tuple[str, Words, Words]) -> list[dict[str, Any]]:
    return [
        {"id": "what", "label": first, "kind": "text"},
        *({"id": id, "label": label, "kind": "number", "unit": unit} for id, label, unit in rest),
    ]


def _benefit_table(pack: Pack, name: Any, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    names = ("before", "after", "added", "removed", "yuan_before", "yuan_after")
    columns = _columns(
        both("乡镇（街道）", "Township"), ("before", both("现有资格", "entitled now"), _PEOPLE), ("after", both("调整后", "after"), _PEOPLE),
        ("added", both("新增", "added"), _PEOPLE), ("removed", both("减少", "removed"), _PEOPLE),
        ("yuan_before", both("现一年", "a year now"), _YUAN), ("yuan_after", both("调整后一年", "a year after"), _YUAN),
        ("more", both("一年增减", "difference a year"), _YUAN),
    )  # fmt: skip
    lines = [
        [radar.place_words(pack, row["township"] or ""), *(round(row[each]) for each in names), round(row["yuan_after"] - row["yuan_before"])]
        for row in rows
    ]  # fmt: skip
    total = [sum(line[index] for line in lines) for index in range(1, len(columns))]
    bars = [
        {
            "label": line[0], "said": both(f"{line[3]:+d} / -{line[4]}", f"{line[3]:+d} / -{line[4]}"), "href": None,
            "parts": [
                {"kind": "before", "label": both("不变", "unchanged"), "value": line[1] - line[4]},
                {"kind": "added", "label": both("新增", "added"), "value": line[3]},
                {"kind": "removed", "label": both("减少", "removed"), "value": line[4]},
            ],
        }
        for line in lines
    ]  # fmt: skip
    rows_ = [*lines, [both("合计", "All"), *total]]
    return {
        "label": words(name),
        "columns": columns,
        "rows": [{"href": None, "cells": line} for line in rows_],
        "bars": bars,
    }


def _work_tables(pack: Pack, name: Any, pathway: str, found: Rehearsal) -> list[dict[str, Any]]:
    """Items a month over the district, and items a year by township."""
    mine = [row for row in found.work if row["pathway"] == pathway]
    by_month: dict[date, list[int]] = defaultdict(lambda: [0, 0])
    by_place: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row in mine:
        for index, side in enumerate(("before", "after")):
            by_month[row["month"]][index] += row[side]
            by_place[row["township"] or ""][index] += row[side]
    late = {
        row["township"] or "": (row["before"], row["after"])
        for row in found.overdue
        if row["pathway"] == pathway
    }
    months = [
        [both(f"{month:%Y-%m}", f"{month:%Y-%m}"), a, b, b - a] for month, (a, b) in sorted(by_month.items())
    ]
    places = [
        [radar.place_words(pack, code), a, b, b - a, *late.get(code, (0, 0))]
        for code, (a, b) in sorted(by_place.items())
    ]
    three = (
        ("before", both("现行", "now"), _ITEMS), ("after", both("调整后", "after"), _ITEMS), ("more", both("增减", "difference"), _ITEMS),
    )  # fmt: skip
    late_columns = (
        ("late", both("当日逾期", "late on the day"), _ITEMS),
        ("late_after", both("调整后逾期", "late after"), _ITEMS),
    )
    return [
        _work_table(both(f"{name.zh}：每月应办", f"{name.en}: due each month"), both("月份", "Month"), months, three),
        _work_table(
            both(f"{name.zh}：一年应办，按乡镇（街道）", f"{name.en}: due in a year, by township"),
            both("乡镇（街道）", "Township"), places, (*three, *late_columns),
        ),
    ]  # fmt: skip


def _work_table(label: Words, first: Words, lines: Sequence[list[Any]], columns: Any) -> dict[str, Any]:
    bars = [
        {
            "label": line[0], "said": both(f"{line[2]}（{line[3]:+d}）", f"{line[2]} ({line[3]:+d})"), "href": None,
            "parts": [
                {"kind": "before", "label": both("现行", "now"), "value": min(line[1], line[2])},
                {"kind": "added", "label": both("增加", "more"), "value": max(line[3], 0)},
                {"kind": "removed", "label": both("减少", "less"), "value": max(-line[3], 0)},
            ],
        }
        for line in lines
    ]  # fmt: skip
    rows = [{"href": None, "cells": line} for line in lines]
    return {"label": label, "columns": _columns(first, *columns), "rows": rows, "bars": bars}


def _named(pack: Pack, actor: Actor, found: Rehearsal) -> list[dict[str, Any]]:
    """The children behind, for readers of the benefit's sensitivity; nobody else is told more than a number."""
    told = []
    for name, sides in found.subjects.items():
        each = pack.entitlements[name]
        if not readable(actor, each.sensitivity):
            continue
        for side, label in (("added", both("新增", "added")), ("removed", both("减少", "removed"))):
            hits = register.named(actor, sides[side][:NAMED], each.sensitivity)
            if hits:
                title = both(f"{each.name.zh}：{label['zh']}的儿童", f"{each.name.en}: {label['en']}")
                people = [
                    (shown.person(hit, actor.on), shown.place(pack, hit.place)) for hit in hits.values()
                ]
                told.append({"label": title, "people": people, "more": max(len(sides[side]) - NAMED, 0)})
    return told


def _sheet(tables: Sequence[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[list[Any]]]:
    """All tables one under another, as wide as the widest."""
    width = max(len(table["columns"]) for table in tables) if tables else 1
    rows: list[list[Any]] = []
    for table in tables:
        for line in (
            [table["label"]],
            [column["label"] for column in table["columns"]],
            *(row["cells"] for row in table["rows"]),
        ):
            rows.append([*line, *[None] * (width - len(line))])
    return [{"label": figures.both("", "")}] * width, rows
