"""The district's violence monitoring: reports of harm in numbers, how fast bodies answered, how often it came again."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from yimi.apps import active
from yimi.apps.accounts.permissions import allow
from yimi.apps.evaluation import violence as read
from yimi.apps.evaluation.surveillance import Counts
from yimi.apps.evaluation.violence import Monitored
from yimi.engines.disclosure import ALL
from yimi.pack.load import Pack
from yimi.sites.addresses import address
from yimi.sites.staff.pages import case_shown, shown, withheld
from yimi.sites.staff.pages.cascades import workbook
from yimi.sites.staff.pages.figures import Words, both, words
from yimi.sites.staff.pages.shown import actor_of

TITLE = both("儿童暴力监测", "Violence monitoring")
WHAT = both(
    "近12个月侵害未成年人强制报告：类型、场所、关系、各方响应用时、再次受害。只有全区数字，不分乡镇、不涉及儿童；"
    "小数目对所有人不显示，封存的案件不计。",
    "Mandatory reports of twelve months: kind, place, relation, how fast bodies answered, harm that came again. The district "
    "only, no township and no child; small counts are withheld from everybody, sealed files are not in it.",
)


@allow("staff")
@require_GET
def violence(request: HttpRequest) -> HttpResponse:
    pack, actor = active.pack(), actor_of(request)
    if not read.may_open(actor):
        raise Http404
    told = read.monitored(actor)
    groups = [_part(pack, name, counts) for name, counts in told.parts.items()]
    groups = [group for group in groups if group["rows"]] + [_answers(pack, told)]
    if request.GET.get("as") == "xlsx":
        return _taken_away(request, groups)
    context = {
        "title": TITLE, "what": WHAT, "kicker": both("近12个月", "Last twelve months"), "days": None,
        "trail": [{"label": both("指标", "Indicators"), "href": address("indicators")}], "as_of": actor.on,
        "standing": [
            {"label": both("件报告", "reports"), "value": _said(told.total), "state": None},
            {"label": both("件结案后再次受害、重新办理", "opened again after the closing"), "value": _said(told.reopened), "state": None},
            {"label": both("名儿童一年内再次被报告", "children reported again within a year"), "value": _said(told.again), "state": None},
        ],
        "links": [], "filters": [], "stages": [], "key": [], "groups": groups, "export": "?as=xlsx",
        "note": shown.said("方案（二十九）建立区级儿童暴力监测系统；口径为本系统设定", "editorial", WHAT, "mandatory_report"),
        "source": withheld.note(told.least),
    }  # fmt: skip
    return render(request, "staff/cascade.html", context)


def _said(value: int | None) -> Words:
    return both(withheld.SIGN, withheld.SIGN) if value is None else both(f"{value:,}", f"{value:,}")


def _part(pack: Pack, name: str, counts: Counts) -> dict[str, Any]:
    field = next(each for each in pack.forms[read.FORM].fields if each.id == name)
    names: dict[Any, Words] = {
        one.code: words(one) for one in pack.vocabularies[field.vocabulary or ""].codes
    }
    names[""] = both("未填", "not told")
    rows, bars = [], []
    for code, label in names.items():
        if (code, ALL) in counts.cells:
            value = counts.shown(code)
            rows.append({"href": None, "cells": [label, withheld.counted(value)]})
            part = [{"kind": "event", "label": label, "value": value or 0}]
            bars.append({"label": label, "parts": part, "said": _said(value), "href": None})
    if rows:
        rows.append({"href": None, "cells": [both("合计", "All"), withheld.counted(counts.shown(ALL))]})
    columns = [
        {"id": "what", "label": words(field.label), "kind": "text", "unit": None},
        {"id": "n", "label": both("件数", "Reports"), "kind": "number", "unit": None},
    ]
    label = words(field.label)
    titled = both(f"按{label['zh']}", f"By {label['en'].lower()}")
    return {"label": titled, "columns": columns, "rows": rows, "bars": [], "folded": None}


def _answers(pack: Pack, told: Monitored) -> dict[str, Any]:
    kind = pack.cases[read.KIND]
    columns = [
        {"id": "party", "label": both("单位", "Body"), "kind": "text", "unit": None},
        {"id": "asked", "label": both("应响应", "Asked"), "kind": "number", "unit": both("件", "cases")},
        {"id": "answered", "label": both("已响应", "Answered"), "kind": "number", "unit": both("件", "cases")},
        {"id": "hours", "label": both("首次响应中位用时", "Median to the first answer"), "kind": "number", "unit": both("小时", "hours")},
    ]  # fmt: skip
    rows = [
        {"href": None, "cells": [case_shown.party_name(kind, one.party), withheld.counted(one.asked), withheld.counted(one.answered), withheld.counted(one.median_hours)]}
        for one in told.answered
        if one.asked != 0
    ]  # fmt: skip
    return {
        "label": both("各方响应", "How fast bodies answered"),
        "columns": columns,
        "rows": rows,
        "bars": [],
        "folded": None,
    }


def _taken_away(request: HttpRequest, groups: list[dict[str, Any]]) -> HttpResponse:
    width = max(len(group["columns"]) for group in groups)
    lines: list[list[Any]] = []
    for group in groups:
        heads = [one["label"] for one in group["columns"]]
        lines += [[group["label"]] + [None] * (width - 1), heads + [None] * (width - len(heads))]
        lines += [
            [withheld.plain(c) for c in row["cells"]] + [None] * (width - len(row["cells"]))
            for row in group["rows"]
        ]
    columns = [
        {"id": str(n), "label": both("" if n else "表", "" if n else "Table"), "kind": "text"}
        for n in range(width)
    ]
    return workbook(request, TITLE, columns, lines)
