"""An indicator's figures as a workbook to take away, with source, day and pack on it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor, allow
from yimi.apps.plan import selectors as plans
from yimi.apps.plan.selectors import Cell
from yimi.pack.load import Pack
from yimi.pack.schema import Indicator, Target
from yimi.sites.staff.pages import figures
from yimi.sites.staff.pages.figures import both, words
from yimi.sites.staff.pages.townships import target_of
from yimi.sites.staff.pages.withheld import SIGN, WITHHELD

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@allow("staff")
@require_GET
def indicator_table(request: HttpRequest, indicator_id: str) -> HttpResponse:
    """The indicator's figures as a workbook: district, townships and their items, with source and day."""
    from yimi.exchange.tabular import write_xlsx

    pack = active.pack()
    actor: Actor = request.actor
    found, run = pack.indicators.get(indicator_id), plans.run_in_force()
    if found is None or run is None:
        raise Http404
    target = target_of(pack, found.id)
    language = "zh" if (get_language() or "zh").startswith("zh") else "en"
    allowed = plans.townships_open(actor, found.sensitivity)
    townships = {each.code for each in pack.townships()} if "township" in found.cuts else set()
    shown = townships if allowed is None else townships & allowed
    cells = [
        each
        for each in plans.cells(run, [found.id], actor=actor)
        if each.place == pack.info.district or each.place in shown
    ]
    cells.sort(
        key=lambda each: (each.place, list(pack.steps).index(each.item) if each.item in pack.steps else -1)
    )
    heads = _TABLE_HEADS[language]
    rows = [
        [figures.place_name(pack, each.place)[language], figures.item_name(pack, each.item)[language], *_parts(found, each),
         _judged_word(found, target, each, language)]
        for each in cells
    ]  # fmt: skip
    plans.note_export(actor, found.id, len(rows))
    body = write_xlsx(
        heads, rows, title=words(found.name)[language], notes=_notes(pack, run, found, target, language)
    )
    response = HttpResponse(body, content_type=XLSX)
    response.headers["Content-Disposition"] = (
        f'attachment; filename="{found.id}-{run.as_of.isoformat()}.xlsx"'
    )
    return response


_TABLE_HEADS = {
    "zh": ["区、乡镇（街道）", "分项", "分子", "分母", "数值", "95%区间下限", "95%区间上限", "判断"],
    "en": [
        "District, township",
        "Item",
        "Numerator",
        "Denominator",
        "Value",
        "95% low",
        "95% high",
        "Judged",
    ],
}
_JUDGED = {"met": both("达标", "met"), "off": both("未达标", "not met"), "no_data": both("无数据", "no data")}


def _parts(found: Indicator, each: Cell) -> list[Any]:
    if each.withheld:
        return [SIGN, SIGN, SIGN, None, None]
    interval = [each.low, each.high] if found.rare else [None, None]
    return [figures.whole(each.numerator), figures.whole(each.denominator), each.value, *interval]


def _judged_word(found: Indicator, target: Target | None, cell: Cell, language: str) -> str:
    if cell.withheld:
        return WITHHELD[language]
    if cell.denominator is not None and cell.denominator < found.min_denominator:
        return both("人数少，不判断", "too few to judge")[language]
    state = figures.state_of(target, found, cell.value)
    unsure = (
        both("（口径待确认）", " (definition unconfirmed)")[language]
        if figures.unconfirmed([state or ""])
        else ""
    )
    return f"{_JUDGED[state][language]}{unsure}" if state else ""


def _notes(pack: Pack, run: Any, found: Indicator, target: Target | None, language: str) -> list[str]:
    zh = language == "zh"
    goal = figures.goal(target)[language] if target else ""
    notes = [
        f"{'定义' if zh else 'Definition'}: {words(found.definition)[language]}",
        f"{'单位' if zh else 'Unit'}: {found.unit}"
        + (f"; {'目标' if zh else 'goal'} {goal}" if goal else ""),
        f"{'来源' if zh else 'Source'}: {found.source} ({found.confidence})",
        f"{'截至' if zh else 'As of'} {run.as_of.isoformat()}; {'方案包' if zh else 'pack'} {run.pack}; {'评估' if zh else 'run'} {run.number}",
    ]
    if settings.YIMI_PROFILE == "demo":
        notes.append("演示数据：全部虚构" if zh else "Demonstration data: all made up")
    return notes
