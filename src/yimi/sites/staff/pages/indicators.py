"""Indicators: the list, one indicator with its parts and the children behind it, the map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor, allow
from yimi.apps.evaluation import selectors as evaluation
from yimi.apps.evaluation.cascades import cascades
from yimi.apps.evaluation.radar import benefits
from yimi.apps.evaluation.schooling import may_count
from yimi.apps.evaluation.surveillance import may_open as may_watch
from yimi.apps.evaluation.violence import may_open as sees_violence
from yimi.apps.plan import selectors as plans
from yimi.apps.plan.selectors import Cell
from yimi.apps.surveys.permissions import may_open as may_survey
from yimi.pack.load import Pack
from yimi.pack.schema import Indicator, Side, Target
from yimi.rules.parse import parse
from yimi.rules.tree import ListCall
from yimi.sites.addresses import address
from yimi.sites.staff.pages import figures, lessons
from yimi.sites.staff.pages.figures import Words, both, words
from yimi.sites.staff.pages.shown import column
from yimi.sites.staff.pages.townships import (
    map_places,
    operator_of,
    said,
    target_of,
    township_rows,
    townships_note,
)

SENSITIVITIES = {
    "basic": both("一般", "basic"), "health": both("健康", "health"), "welfare": both("福利", "welfare"),
    "protection": both("保护", "protection"), "justice": both("司法", "justice"),
}  # fmt: skip
SUBJECTS = {
    "child": both("儿童", "children"), "person": both("人员", "people"), "household": both("家庭", "households"),
    "facility": both("机构和设施", "facilities"), "place": both("区域", "places"), "organization": both("单位", "bodies"),
    "case": both("个案", "cases"),
}  # fmt: skip
SEXES = {"f": both("女", "Girls"), "m": both("男", "Boys")}


def actor_of(request: HttpRequest) -> Actor:
    return request.actor


# --- the list -----------------------------------------------------------------------------------------------


@allow("staff")
@require_GET
def indicators(request: HttpRequest) -> HttpResponse:
    """All indicators: those of the plan's targets by chapter, then milestones, then what is watched besides."""
    pack = active.pack()
    run = plans.run_in_force()
    lights = plans.lights(run)
    operators = {each.indicator: each.operator for each in pack.targets.values()}
    lines = plans.trends(list(pack.indicators.values()), operators)
    rows = {
        each.id: figures.target_row(pack, each, lights.get(each.id), lines.get(each.indicator, []))
        for each in pack.targets.values()
    }
    columns = [
        column("name", "指标", "Indicator", "text"), column("state", "状态", "Light", "light"),
        column("value", "现值", "Now", "figure"), column("goal", "目标", "Goal", "text"),
        column("trend", "走势", "Trend", "spark"), column("evidence", "数据来源", "Evidence", "text"),
        column("body", "责任部门", "Body", "text"),
    ]  # fmt: skip
    groups = []
    for plan in pack.plans.values():
        for chapter in plan.chapters:
            inside = [rows[target.id] for name in chapter.measures for target in pack.measures[name].targets]
            cells = [
                {
                    "href": r["href"],
                    "cells": [
                        r["name"],
                        r["state"],
                        r["figure"],
                        r["goal"],
                        r["trend"],
                        r["evidence"],
                        r["body"],
                    ],
                }
                for r in inside
            ]
            if cells:
                groups.append(
                    {
                        "label": both(f"{chapter.number}{chapter.title.zh}", chapter.title.en),
                        "columns": columns,
                        "rows": cells,
                    }
                )
    groups += _other_groups(pack, actor_of(request), run, lines, columns)
    tally = figures.tally([row["state"] for row in rows.values()])
    unsure = figures.unconfirmed(row["state"] for row in rows.values())
    context = {"groups": groups, "tally": tally, "unconfirmed": unsure, "links": _links(actor_of(request))}
    return render(request, "staff/indicators.html", context)


def _links(actor: Actor) -> list[dict[str, Any]]:
    """Whoever counts and sees no child has no ledgers: their pages are reached from here too."""
    found = [
        (both("应助尽助", "Entitlement radar"), "radar", bool(benefits(actor))),
        (both("九年巩固：按入学年份", "Retention by year of entry"), "school-cohorts", may_count(actor)),
        (both("学校与机构：应办与逾期", "Schools and sites: due"), "school-sites", True),
        (both("学位供需：今后三年", "School places: three years ahead"), "school-places", may_count(actor)),
        (both("校际差异系数", "How far schools lie apart"), "school-balance", True),
        (lessons.TITLE, "lessons", True),
        (both("筛查闭环", "Screening cascades"), "cascades", bool(cascades(actor))),
        (both("儿童暴力监测", "Violence monitoring"), "violence", sees_violence(actor)),
    ]
    links = [{"label": label, "href": address(name)} for label, name, shown_to in found if shown_to]
    return (
        links
        + [
            {"label": words(each.name), "href": address("surveillance", each.id)}
            for each in active.pack().surveillance.values()
            if may_watch(actor, each)
        ]
        + [
            {"label": words(each.name), "href": address("survey", each.id)}
            for each in active.pack().surveys.values()
            if may_survey(actor, each)
        ]
    )


def _other_groups(
    pack: Pack, actor: Actor, run: Any, lines: dict[str, Any], columns: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    milestones = {each.indicator: each for plan in pack.plans.values() for each in plan.milestones}
    judged = {each.indicator for each in pack.targets.values()}
    others = [each for each in pack.indicators.values() if each.id not in judged]
    cells: dict[str, list[Cell]] = {}
    for each in _quoted(pack, actor, run, others) if run else []:
        cells.setdefault(each.indicator, []).append(each)

    def row(each: Indicator) -> dict[str, Any]:
        milestone = milestones.get(each.id)
        known = _speaking(pack, each, None, cells.get(each.id, []))
        trend = [value for _, value in lines.get(each.id, [])]
        source = words(milestone.evidence.source) if milestone else both("记录计算", "from records")
        if not each.usable:
            source = both(f"{source['zh']}，口径待确认", f"{source['en']}; definition to be confirmed")
        due = both("里程碑", "milestone") if milestone else None
        if milestone and milestone.deadline:
            due = both(f"到{milestone.deadline.year}年", f"by {milestone.deadline.year}")
        name = words(milestone.name) if milestone else words(each.name)
        body = figures.body_name(pack, each.reported.body) if each.reported else None
        cells_ = [name, None, figures.figure(each, known), due, trend if len(trend) > 1 else [], source, body]
        return {"href": address("indicator", each.id), "cells": cells_}

    labels = ((both("里程碑", "Milestones"), True), (both("其他监测指标", "Also watched"), False))
    return [
        {
            "label": label,
            "columns": columns,
            "rows": [row(each) for each in others if (each.id in milestones) is wanted],
        }
        for label, wanted in labels
    ]


def _quoted(pack: Pack, actor: Actor, run: Any, indicators: Sequence[Indicator]) -> list[Cell]:
    """What `_speaking` chooses from: an indicator judged by its value is quoted by the district's alone."""
    whole = [each.id for each in indicators if each.judge == "value"]
    parts = [each.id for each in indicators if each.judge != "value"]
    district = plans.cells(run, whole, actor=actor, only=pack.info.district or "")
    return district + plans.cells(run, parts, actor=actor)


def _speaking(pack: Pack, indicator: Indicator, target: Target | None, cells: Sequence[Cell]) -> Cell | None:
    """The one cell an indicator is quoted by: the district's, or the worst township's."""
    district = pack.info.district
    if indicator.judge == "value":
        return next((each for each in cells if each.place == district and not each.item), None)
    parts = plans.worst_of(indicator, operator_of(target), [each for each in cells if each.place != district])
    rising = operator_of(target) in (">=", ">", "=")
    return min(parts, key=lambda each: (each.value or 0.0) * (1 if rising else -1), default=None)


# --- one indicator ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Focus:
    """The part of an indicator a page looks at: a township (or the district) and an item."""

    place: str
    township: str | None
    item: str


@allow("staff")
@require_GET
def indicator(request: HttpRequest, indicator_id: str) -> HttpResponse:
    pack, actor = active.pack(), actor_of(request)
    found = pack.indicators.get(indicator_id)
    if found is None:
        raise Http404
    target, run = target_of(pack, found.id), plans.run_in_force()
    light = plans.lights(run).get(target.id) if target else None
    cells = plans.cells(run, [found.id], "all", actor=actor) if run else []
    totals = [each for each in cells if not each.sex and not each.age]
    rows = township_rows(pack, actor, run, found, target, totals)
    focus = _focus(request, pack, actor, found, target, totals, rows, light)
    speaking = _speaking(pack, found, target, totals)
    shown_light = light or (
        plans.Light("", "", speaking.value, speaking.place, speaking.item, vars(speaking))
        if speaking
        else None
    )
    as_of = run.as_of if run else timezone.localdate()
    trend = plans.trends([found], {found.id: operator_of(target)}).get(found.id, [])
    cohort = _cohort(run, found, light, as_of)
    shown = {
        "indicator": _described(pack, found),
        "state": figures.honest(found, light.light) if light else None,
        "figure": figures.figure(found, light or speaking),
        "goal": figures.goal(target) if target else None,
        "goal_value": target.value if target else None,
        "gap": figures.gap(target, found, light) if target and not found.rare else None,
        "judged": figures.judged(pack, found, shown_light if not found.rare or light else _with_three_years(run, found, shown_light)),
        "as_of": as_of,
        "pack": {"fingerprint": run.pack if run else pack.fingerprint, "href": address("pack")},
        "because": figures.because(pack, target, light, cohort) if target else None,
        "reported": _reported(pack, run, found, totals),
        "trend": [{"label": f"{day:%Y-%m}", "value": value} for day, value in trend] if len(trend) > 1 else [],
        "townships": rows,
        "dots": [{"label": figures.short_place(pack, row["code"]), "value": row["figure"]["value"], "state": row["state"] or "no_data", "said": said(row), "href": row["place"]["href"]} for row in rows] if not found.rare else [],
        "map": map_places(pack, rows) if not found.rare else [],
        "cuts": _cuts(pack, actor, run, found, target, cells, focus),
        **_behind(pack, actor, run, found, focus, as_of),
        "targets": [{"id": each.id, "name": words(each.name), "href": address("measure", pack.measure_of_target[each.id])} for each in pack.targets.values() if each.indicator == found.id],
        "todo": _todo(actor, found),
        "export_href": address("indicator-table", found.id),
        "trail": [{"label": both("指标", "Indicators"), "href": address("indicators")}],
        "townships_note": townships_note(found, rows),
    }  # fmt: skip
    return render(request, "staff/indicator.html", shown)


def _focus(
    request: HttpRequest, pack: Pack, actor: Actor, found: Indicator, target: Target | None, totals: Sequence[Cell],
    rows: Sequence[dict[str, Any]], light: plans.Light | None,
) -> Focus:  # fmt: skip
    """What the reader asked for; else the township he works in; else the one that decides."""
    district = pack.info.district or ""
    codes = [row["code"] for row in rows]
    asked, home = request.GET.get("place", ""), plans.home_township(actor)
    township = asked if asked in codes else home if home in codes else None
    if township is None and found.judge != "value":
        township = light.place if light and light.place in codes else next(iter(codes), None)
    items = {each.item for each in totals}
    worst = next((row["item_id"] for row in rows if row["code"] == township), "")
    item = request.GET.get("item", "")
    item = item if item in items else worst or (light.item if light else "") or next(iter(sorted(items)), "")
    return Focus(township or district, township, item)


def _cohort(run: Any, found: Indicator, light: plans.Light | None, as_of: date) -> evaluation.Cohort | None:
    if run is None or light is None or not light.item:
        return None
    return evaluation.cohort(run.number, found, light.item, light.place, as_of)


def _with_three_years(run: Any, found: Indicator, light: plans.Light | None) -> plans.Light | None:
    if run is None or light is None:
        return light
    three = evaluation.three_year_rates(run.number).get(found.id)
    return plans.Light("", "", light.value, light.place, light.item, {**light.detail, "three_year": three})


def _described(pack: Pack, found: Indicator) -> dict[str, Any]:
    source = words(found.denominator_source) if found.denominator_source else None
    return {
        "id": found.id, "name": words(found.name), "definition": words(found.definition),
        "numerator": _side(found.numerator or found.document), "denominator": _side(found.denominator),
        "unit": figures.unit_of(found.unit), "source": found.source, "confidence": found.confidence,
        "denominator_source": source, "sensitivity": SENSITIVITIES[found.sensitivity],
        "href": address("indicator", found.id),
    }  # fmt: skip


def _side(side: Side | None) -> Words | None:
    """One side of a ratio as it is declared."""
    if side is None:
        return None
    kind = SUBJECTS[side.of]
    zh, en = figures.FOLDS[side.fold]
    adds = ("", "") if side.amount == "1" else (f"，{zh} {side.amount}", f", {en} {side.amount}")
    return both(f"{kind['zh']}：{side.where}{adds[0]}", f"{kind['en']}: {side.where}{adds[1]}")


def _reported(pack: Pack, run: Any, found: Indicator, totals: Sequence[Cell]) -> list[dict[str, Any]]:
    """Values somebody typed in that the figure rests on."""
    if run is None:
        return []
    if found.reported is not None:
        typed = evaluation.reported_figures(run.number).get(found.id)
        if typed is None or typed["value"] is None:
            return []
        unit = figures.unit_of(found.unit)
        period = f"（{typed['period']}）" if typed["period"] else ""
        value = both(
            f"{typed['value']:g}{unit['zh']}{period}",
            f"{typed['value']:g}{unit['en']} {typed['period'] or ''}".strip(),
        )
        body = figures.body_name(pack, found.reported.body)
        return [
            {
                "label": words(found.name),
                "body": body,
                "value": value,
                "on": typed["reported_on"],
                "href": None,
            }
        ]
    district = next((each for each in totals if each.place == pack.info.district and not each.item), None)
    lines = []
    sides = (
        (found.numerator, district.numerator if district else None),
        (found.denominator, district.denominator if district else None),
    )
    for side, amount in sides:
        for form in _forms(pack, side):
            by = [figures.role_name(pack, each) for each in form.recorded_by[:2]]
            body = both("、".join(each["zh"] for each in by), ", ".join(each["en"] for each in by))
            shown = both("尚无", "none yet")
            if amount is not None:
                shown = both(f"合计{figures.whole(amount)}", f"{figures.whole(amount)} in all")
            href = address("pack-declaration", "forms", form.id)
            lines.append({"label": words(form.name), "body": body, "value": shown, "on": None, "href": href})
    return lines


def _forms(pack: Pack, side: Side | None) -> list[Any]:
    """Forms about places, bodies and facilities a side reads: values a body reports, not a child's records."""
    if side is None or side.of not in ("place", "organization", "facility"):
        return []
    names = {
        each.list
        for rule in (side.where, side.amount, side.weight)
        for each in parse(rule).walk()
        if isinstance(each, ListCall)
    }
    return [pack.forms[name] for name in sorted(names & set(pack.forms))]


def _cuts(
    pack: Pack,
    actor: Actor,
    run: Any,
    found: Indicator,
    target: Target | None,
    cells: Sequence[Cell],
    focus: Focus,
) -> list[dict[str, Any]]:
    """The same definition, cut by item, sex, age and village. Only cuts the indicator declares."""
    if run is None:
        return []
    where = figures.place_name(pack, focus.place)
    here = [each for each in cells if each.place == focus.place]
    page = address("indicator", found.id)

    def row(label: Words, cell: Cell | dict[str, Any], href: str | None = None) -> dict[str, Any]:
        value = cell["value"] if isinstance(cell, dict) else cell.value
        few = (
            (cell["denominator"] if isinstance(cell, dict) else cell.denominator) or 0
        ) < found.min_denominator
        kept = cell["withheld"] if isinstance(cell, dict) else cell.withheld
        state = None if few or kept else figures.state_of(target, found, value)
        return {"label": label, "figure": figures.figure(found, cell), "state": state, "href": href}

    def titled(zh: str, en: str) -> Words:
        item = figures.item_name(pack, focus.item) if focus.item else both("", "")
        return both(
            "，".join(filter(None, (zh, where["zh"], item["zh"]))),
            ", ".join(filter(None, (en, where["en"], item["en"]))),
        )

    cuts = []
    items = [each for each in here if each.item and not each.sex and not each.age]
    if len(items) > 1:
        order = {step: n for n, step in enumerate(pack.steps)}
        rows = [
            row(
                figures.item_name(pack, each.item),
                each,
                f"{page}?{urlencode({'place': focus.place, 'item': each.item})}",
            )
            for each in sorted(items, key=lambda each: order.get(each.item, 0))
        ]
        cuts.append(
            {"id": "item", "label": both(f"剂次，{where['zh']}", f"Dose, {where['en']}"), "rows": rows}
        )
    of_item = [each for each in here if each.item == focus.item]
    if "sex" in found.cuts:
        rows = [
            row(SEXES[each.sex], each)
            for each in sorted(of_item, key=lambda each: each.sex)
            if each.sex in SEXES
        ]
        cuts.append({"id": "sex", "label": titled("性别", "Sex"), "rows": rows})
    if "age" in found.cuts:
        aged = [
            each
            for each in cells
            if each.place == pack.info.district and each.item == focus.item and each.age
        ]
        label = both("年龄，全区", "Age, district")
        rows = [
            row(both(f"{each.age}岁", f"{each.age} years"), each)
            for each in sorted(aged, key=lambda each: int(each.age))
        ]
        cuts.append({"id": "age", "label": label, "rows": rows})
    if focus.township:
        villages = {each.code for each in pack.villages() if each.parent == focus.township}
        found_rows = evaluation.village_figures(actor, run.number, found, focus.item, villages)
        rows = [row(figures.place_name(pack, each["place"]), each) for each in found_rows]
        cuts.append({"id": "village", "label": titled("村（社区）", "Village"), "rows": rows})
    return [cut for cut in cuts if cut["rows"]]


def _behind(
    pack: Pack, actor: Actor, run: Any, found: Indicator, focus: Focus, as_of: date
) -> dict[str, Any]:
    """The children a figure lacks: a list for those who may, a number and who holds the list for the rest."""
    missing = None
    if run is not None and focus.township and found.for_each:
        missing = evaluation.behind(actor, run.number, found, focus.item, focus.township, as_of)
    if missing is None:
        return {"children": None, "children_note": _no_list(found)}
    where, item = figures.place_name(pack, focus.township), figures.item_name(pack, focus.item)
    if not missing.named:
        if missing.count == 0:
            note = both(
                f"{where['zh']}{item['zh']}：没有未完成的儿童。",
                f"{where['en']}, {item['en']}: no child is missing.",
            )
        else:
            note = both(
                f"{where['zh']}{item['zh']}未完成的儿童{missing.count}名。您的岗位只看人数，名单由当地接种人员和儿童保健医生掌握。",
                f"{where['en']}, {item['en']}: {missing.count} children are missing. Your post sees the count; the vaccinators there hold the list.",
            )
        return {"children": None, "children_note": note}
    columns = [
        column("child", "儿童", "Child", "person"), column("village", "村（社区）", "Village", "place"),
        column("born", "出生日期", "Born", "date"), {**column("status", "", "", "due"), "label": item},
        column("due", "应种（应办）", "Due", "date"), column("late", "逾期", "Overdue", "number", both("天", "days")),
    ]  # fmt: skip
    rows = []
    for each in missing.named:
        late = (
            (as_of - each.overdue_after).days if each.overdue_after and as_of > each.overdue_after else None
        )
        person = {"name": each.hit.name, "href": address("child", each.hit.uid)}
        village = {"name": figures.place_name(pack, each.hit.place), "href": None}
        rows.append(
            {"href": None, "cells": [person, village, each.hit.birth_date, each.status, each.due, late]}
        )
    note = both(
        f"{where['zh']}{item['zh']}未完成{missing.count}名，按逾期天数排列。",
        f"{where['en']}, {item['en']}: {missing.count} missing, by days overdue.",
    )
    if len(rows) < missing.count:
        note = both(
            f"{note['zh']}您可按姓名查看其中{len(rows)}名。",
            f"{note['en']} You may see {len(rows)} of them by name.",
        )
    return {
        "children": {"columns": columns, "rows": rows, "count": missing.count, "href": None, "note": note},
        "children_note": None,
    }


def _no_list(found: Indicator) -> Words:
    if found.reported is not None or found.document is not None:
        return both(
            "这一指标由部门填报或凭认定文件，不涉及儿童名单。",
            "Reported or proved by a document: no list of children lies behind it.",
        )
    if found.rare:
        return both(
            "罕见事件只看人数，个案由审评人员掌握。",
            "Rare events are shown as counts; cases stay with their reviewers.",
        )
    if found.numerator is not None and found.numerator.of == "case":
        return both(
            "个案只由办案单位看到；这里只有全区合计，小数目不显示。",
            "Cases are seen by their parties only; here is the district's total, small counts withheld.",
        )
    if found.numerator is not None and found.numerator.of != "child":
        return both(
            "这一指标统计机构或人员，不涉及儿童名单。",
            "It counts facilities or people: no list of children lies behind it.",
        )
    return both("名单见台账和我的工作。", "See the ledgers and your work for the lists.")


def _todo(actor: Actor, found: Indicator) -> list[dict[str, Any]]:
    work = address("work")
    if not found.for_each or not work:
        return []
    _, count = plans.tasks_of(actor, [found.for_each], limit=0)
    if not count:
        return []
    return [{"text": both(f"相关任务{count}项未办结", f"{count} tasks on it are open"), "href": work}]


# --- the map ----------------------------------------------------------------------------------


@allow("staff")
@require_GET
def district_map(request: HttpRequest) -> HttpResponse:
    """One indicator at a time on the map; by default the one every township is judged by."""
    pack, actor = active.pack(), actor_of(request)
    choices = [each for each in pack.indicators.values() if "township" in each.cuts and not each.rare]
    choices.sort(key=lambda each: (target_of(pack, each.id) is None, each.id))
    first = next(
        (each.indicator for each in pack.targets.values() if each.level == "township"), choices[0].id
    )
    wanted = request.GET.get("indicator", first)
    chosen = next((each for each in choices if each.id == wanted), pack.indicators[first])
    target = target_of(pack, chosen.id)
    rows = township_rows(pack, actor, plans.run_in_force(), chosen, target)
    states = [row["state"] for row in rows]
    shown = {
        "choices": [{"code": each.id, "label": words(each.name)} for each in choices],
        "chosen": chosen.id, "indicator": _described(pack, chosen), "places": map_places(pack, rows), "rows": rows,
        "tally": [(state, states.count(state)) for state in ("met", "off", "no_data")] if target and chosen.denominator else [],
        "unconfirmed": figures.unconfirmed(each for each in states if each), "note": townships_note(chosen, rows),
    }  # fmt: skip
    return render(request, "staff/map.html", shown)
