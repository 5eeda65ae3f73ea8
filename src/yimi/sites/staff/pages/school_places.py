"""School places for the next three autumns and what more would change; how evenly schools are provided."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from yimi.apps import active
from yimi.apps.accounts.permissions import allow
from yimi.apps.evaluation import school_places, schooling
from yimi.apps.evaluation.school_places import FORM, Gap, Share
from yimi.apps.plan.selectors import cells, run_in_force
from yimi.pack.load import Pack
from yimi.sites.addresses import address
from yimi.sites.staff.pages import figures, radar, shown
from yimi.sites.staff.pages.figures import Words, both, words
from yimi.sites.staff.pages.schooling import ledger_page
from yimi.sites.staff.pages.shown import actor_of, column

TITLE = both("学位供需：今后三年", "School places: the next three years")
STAGES = {
    "kindergarten": both("幼儿园（3—5岁）", "Kindergarten (3 to 5)"),
    "primary": both("小学（6—11岁）", "Primary school (6 to 11)"),
    "junior": both("初中（12—14岁）", "Junior school (12 to 14)"),
}
KINDS = {"public": both("公办园", "Public"), "inclusive": both("普惠性民办园", "Inclusive private")}
CHILDREN, PLACES = both("人", "children"), both("个", "places")
MOST = 100_000
BALANCE = both("校际差异系数", "How far schools lie apart")
LEVELS = {"primary": both("小学", "Primary"), "junior": both("初中", "Junior")}


@allow("staff")
@require_GET
def balance(request: HttpRequest) -> HttpResponse:
    """The coefficient of each resource of schools against its limit: what is not even comes first."""
    pack, actor, run = active.pack(), actor_of(request), run_in_force()
    limits = {level: _limit(pack, f"spread_limit_{level}", actor.on) for level in LEVELS}
    named = {
        f"spread_{level}_{field.id}": (level, field) for level in LEVELS for field in pack.forms[FORM].fields
    }
    wanted = [each for each in named if each in pack.indicators]
    found = cells(run, wanted, actor=actor) if run else []
    # A township has too few schools to lie apart: only the district speaks.
    told = {each.indicator: each.value for each in found if each.place == pack.info.district}
    lines = []
    for indicator in wanted:
        level, field = named[indicator]
        value, limit = told.get(indicator), limits[level]
        over = None if value is None or limit is None else value - limit
        state = "no_data" if over is None else "met" if over <= 0 else "off"
        if over is not None and not pack.indicators[indicator].usable:
            state = figures.Unconfirmed(state)
        cells_of = [
            words(field.label),
            LEVELS[level],
            state,
            None if value is None else round(value, 3),
            limit,
        ]
        lines.append((state != "off", -(over or 0.0), address("indicator", indicator), cells_of))
    lines.sort(key=lambda each: each[:2])
    columns = [
        column("fact", "资源（按学生数折算）", "Resource, per pupil", "text"), column("level", "学段", "Stage", "text"),
        column("state", "状态", "Standing", "light"), column("value", "差异系数", "Spread", "number"),
        column("limit", "上限", "Limit", "number"),
    ]  # fmt: skip
    uneven = sum(1 for each in lines if not each[0])
    return ledger_page(
        request, BALANCE, _what_balance(), columns, [each[3] for each in lines], hrefs=[each[2] for each in lines],
        count=len(lines), as_of=run.as_of if run else actor.on, filters=[],
        standing=[{"label": both("项超过上限", "above the limit"), "value": uneven, "state": "off" if uneven else "met"}],
        source=both("来源：学校办学资源登记；上限凭记忆，待核。", "Source: resources entered by schools; the limits are recalled, to be confirmed."),
    )  # fmt: skip


def _limit(pack: Pack, name: str, on: date) -> float | None:
    known = [each for each in pack.parameters[name].values if each.effective_from <= on]
    return float(max(known, key=lambda each: each.effective_from).value) if known else None


def _what_balance() -> Words:
    return both(
        "各校每名学生拥有的资源相差多少：按学生数加权的标准差除以平均数，越小越均衡。点一行看走势和依据。",
        "How far schools lie apart in what each has per pupil: standard deviation over mean, weighted by pupils; the smaller the more even. A row opens its trend and grounds.",
    )


@allow("staff")
@require_GET
def places(request: HttpRequest) -> HttpResponse:
    """Projected children against places, a map of what lacks, and the effect of places to be added."""
    pack, actor, get = active.pack(), actor_of(request), request.GET.get
    if not schooling.may_count(actor):
        raise Http404
    stage = get("stage", "") if get("stage", "") in STAGES else "kindergarten"
    kind = get("kind", "") if get("kind", "") in KINDS else "public"
    townships = {each.code for each in pack.townships()}
    place = get("place", "") if get("place", "") in townships else ""
    raw = get("more", "")[:6]
    more = min(int(raw), MOST) if raw.isdecimal() and place else 0
    found = school_places.gaps(actor, stage, actor.on, {place: more} if more else None)
    rows, columns = [_line(pack, each) for each in found], _columns(school_places.septembers(actor.on))
    if get("as") == "xlsx":
        return radar.workbook(request, TITLE, columns, [each["cells"] for each in rows], actor.on)
    lacking = [each for each in found if each.places is not None and each.left < 0]
    effects = school_places.shares(actor, kind, place, more) if stage == "kindergarten" else []
    context = {
        "title": TITLE, "what": _what(), "labels": _labels(), "columns": columns, "rows": rows, "as_of": actor.on,
        "map_places": [_point(pack, each) for each in found if pack.places[each.township].lat is not None],
        "export_href": shown.query_with(request, **{"as": "xlsx"}),
        "standing": [
            {"label": both("个乡镇（街道）学位不足", "townships short of places"), "value": len(lacking), "state": "off" if lacking else "met"},
            {"label": both("个学位缺口合计", "places short in all"), "value": -sum(each.left for each in lacking), "state": None},
            {"label": both("个乡镇（街道）没有登记本学段学位", "townships with no places of this stage entered"), "value": sum(each.places is None for each in found), "state": None},
        ],
        "stages": [{"code": code, "label": label} for code, label in STAGES.items()], "stage": stage,
        "kinds": [{"code": code, "label": label} for code, label in KINDS.items()], "kind": kind,
        "townships": [{"code": each.code, "label": both(each.name_zh, each.name_en)} for each in pack.townships()],
        "place": place, "more": more or "", "tried": _tried(pack, place, more), "tries_shares": stage == "kindergarten",
        "effect_columns": _effect_columns(), "effects": [_effect(pack, each) for each in effects],
    }  # fmt: skip
    return render(request, "staff/school_places.html", context)


def _columns(years: list[int]) -> list[dict[str, Any]]:
    return [
        column("place", "乡镇（街道）", "Township", "place"), column("state", "状态", "Standing", "light"),
        column("places", "核定学位", "Places", "number", PLACES),
        *(column(f"y{year}", f"{year}年秋", f"Autumn {year}", "number", CHILDREN) for year in years),
        column("left", "最紧一年余缺", "Left in the worst year", "number", PLACES),
    ]  # fmt: skip


def _state(gap: Gap) -> str:
    return "no_data" if gap.places is None else "off" if gap.left < 0 else "met"


def _line(pack: Pack, gap: Gap) -> dict[str, Any]:
    line = [
        shown.place(pack, gap.township),
        _state(gap),
        gap.places,
        *gap.demand,
        None if gap.places is None else gap.left,
    ]
    return {"href": None, "cells": line}


def _point(pack: Pack, gap: Gap) -> dict[str, Any]:
    at = pack.places[gap.township]
    short, left = gap.left < 0, abs(gap.left)
    value = both(f"{'缺' if short else '余'}{left}个", f"{left} {'short' if short else 'left'}")
    if gap.places is None:
        value = both("没有登记学位", "no places entered")
    return {
        "name": figures.short_place(pack, gap.township), "lat": at.lat, "lon": at.lon, "state": _state(gap), "href": None,
        "value": value,
    }  # fmt: skip


def _effect_columns() -> list[dict[str, Any]]:
    percent = both("%", "%")
    return [
        column("what", "指标", "Indicator", "text"), column("where", "范围", "Where", "text"),
        column("now", "现在", "Now", "number", percent),
        column("home", "新增学位由未入园幼儿就读", "Filled by children in no kindergarten", "number", percent),
        column("private", "新增学位由其他园幼儿转入", "Filled from other kindergartens", "number", percent),
    ]  # fmt: skip


def _effect(pack: Pack, share: Share) -> dict[str, Any]:
    where = figures.place_name(pack, share.township) if share.township else both("全区", "District")
    name = words(pack.indicators[share.indicator].name)
    values = [round(each, 1) for each in (share.now, share.from_home, share.from_private)]
    return {"href": None, "cells": [name, where, *values]}


def _tried(pack: Pack, place: str, more: int) -> Words | None:
    if not more:
        return None
    name = figures.place_name(pack, place)
    return both(
        f"以下按{name['zh']}增加{more}个学位测算，不改动任何登记。",
        f"Below, {more} places more in {name['en']} are tried out; nothing on record is changed.",
    )


def _what() -> Words:
    return both(
        "按现住本地儿童的出生年份推算各学段今后三个秋季的适龄人数，与学校登记的核定学位相比。未计人口流动和跨乡镇就读；九年一贯制学校的学位计入小学。",
        "Children who live here now, by year of birth, against the approved places schools have entered, for three autumns. Moves and schooling in another township are not reckoned with; nine-year schools stand with primary schools.",
    )


def _labels() -> dict[str, Words]:
    return {
        "kicker": both("上学", "Schooling"), "how": both("现状", "How it stands"), "act": both("可以做什么", "What to do"),
        "print": both("打印", "Print"), "excel": both("导出Excel", "Excel"), "stage": both("学段", "Stage"),
        "place": both("在哪个乡镇（街道）增加", "Add in"), "more": both("增加学位数", "Places to add"),
        "kind": both("办园性质", "Kind of kindergarten"), "show": both("测算", "Try it out"), "none": both("不增加", "None"),
        "effect": both("加学位测算", "More places, tried out"), "table": both("分乡镇（街道）", "By township"), "map": both("缺口在哪里", "Where places lack"),
        "source": both("来源：儿童登记、学校办学资源登记。", "Source: register of children; resources entered by schools."),
    }  # fmt: skip
