"""The parts of an indicator by township: figures and lights as a table and a map take them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.http import urlencode

from yimi.apps.accounts.permissions import Actor
from yimi.apps.plan import selectors as plans
from yimi.apps.plan.selectors import Cell
from yimi.pack.load import Pack
from yimi.pack.schema import Indicator, Target
from yimi.sites.addresses import address
from yimi.sites.staff.pages import figures
from yimi.sites.staff.pages.figures import Words, both
from yimi.sites.templatetags.yimi import WITHHELD


def target_of(pack: Pack, indicator: str) -> Target | None:
    """The target an indicator is judged by; the first, should several share it."""
    return next((each for each in pack.targets.values() if each.indicator == indicator), None)


def operator_of(target: Target | None) -> str:
    return target.operator if target else ">="


def township_rows(
    pack: Pack,
    actor: Actor,
    run: Any,
    indicator: Indicator,
    target: Target | None,
    cells: Sequence[Cell] | None = None,
) -> list[dict[str, Any]]:
    """Every township with its figure and light, the worst first. Where items are judged, the worst item speaks.

    A rare event is not shown by township unless its definition says so, and then in the order of the codes.
    """
    if run is None or "township" not in indicator.cuts:
        return []
    found = plans.cells(run, [indicator.id], actor=actor) if cells is None else cells
    townships = {each.code: each for each in pack.townships()}
    allowed = plans.townships_open(actor, indicator.sensitivity)
    spoken = {
        each.place: each
        for each in plans.worst_of(indicator, operator_of(target), found)
        if each.place in townships and (allowed is None or each.place in allowed)
    }
    kept = {each.place: each for each in found if each.withheld}
    few = {each.place for each in found if each.value is not None} - spoken.keys()
    rows = [
        _township(pack, indicator, target, code, spoken.get(code) or kept.get(code), code in few)
        for code in townships
        if allowed is None or code in allowed
    ]
    if indicator.rare:
        return rows
    worst_low = operator_of(target) in (">=", ">", "=")

    def order(row: dict[str, Any]) -> tuple[bool, float]:
        value = row["figure"]["value"]
        return value is None, 0.0 if value is None else value if worst_low else -value

    return sorted(rows, key=order)


def _township(
    pack: Pack, indicator: Indicator, target: Target | None, code: str, cell: Cell | None, few: bool
) -> dict[str, Any]:
    name = figures.place_name(pack, code)
    href = f"{address('indicator', indicator.id)}?{urlencode({'place': code})}"
    item = figures.item_name(pack, cell.item) if cell and cell.item else None
    state = figures.state_of(target, indicator, cell.value if cell else None)
    if cell is not None and cell.withheld:
        state = None
    if few:  # there are children, but too few of them to judge a place by
        least = indicator.min_denominator
        item, state = both(f"分母不足{least}，不判断", f"under {least} in the denominator: not judged"), None
    return {
        "code": code, "few": few, "item": item, "item_id": cell.item if cell else "",
        "place": {"name": name, "href": href}, "figure": figures.figure(indicator, cell),
        "state": state, "trend": [],
    }  # fmt: skip


def said(row: dict[str, Any]) -> Words:
    """A part's value as a map or a dot says it."""
    value, unit = row["figure"]["value"], row["figure"]["unit"]
    if row["figure"].get("withheld"):
        return WITHHELD
    if value is None:
        return both("不判断", "not judged") if row["few"] else both("无数据", "no data")
    shown = f"{value}" if isinstance(value, int) else f"{value:.1f}"
    return both(f"{shown}{unit['zh']}", f"{shown}{unit['en']}")


def map_places(pack: Pack, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Townships whose seat is known, with a light each."""
    places = []
    for row in rows:
        place = pack.places[row["code"]]
        if place.lat is not None and place.lon is not None:
            name = figures.short_place(pack, row["code"])
            places.append({"name": name, "lat": place.lat, "lon": place.lon, "state": row["state"] or "no_data",
                           "value": said(row), "href": row["place"]["href"]})  # fmt: skip
    return places


def withheld_note() -> Words:
    return both(
        "※ 为不显示的数：人数少，或可由合计相减推出。看得到这些儿童的岗位可见。",
        "※ is not shown: too few, or to be had by subtracting from totals. Posts that see these children see it.",
    )


def townships_note(found: Indicator, rows: Sequence[dict[str, Any]]) -> Words | None:
    if any(row["figure"].get("withheld") for row in rows):
        return withheld_note()
    if rows:
        return None
    if found.rare:
        return both(
            "罕见事件，人数少，不按乡镇（街道）列出，也不排名。",
            "Rare events: too few to be shown or ranked by township.",
        )
    if "township" in found.cuts:
        return both(
            "涉及个人情况的小数目，您的岗位只看全区合计。",
            "Small counts about people: your post sees the district's total.",
        )
    return both("这一指标只有全区数值。", "This indicator is kept for the district as a whole.")
