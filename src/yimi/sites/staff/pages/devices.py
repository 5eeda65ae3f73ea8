"""The nearest first-aid device: from a township's seat or any coordinates, by straight distance."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from yimi.apps import active
from yimi.apps.accounts.permissions import allow
from yimi.apps.evaluation import devices
from yimi.apps.evaluation.devices import Device, Point
from yimi.pack.load import Pack
from yimi.sites.staff.pages import facilities, rosters, shown
from yimi.sites.staff.pages.figures import Words, both
from yimi.sites.staff.pages.schooling import ledger_page
from yimi.sites.staff.pages.shown import actor_of, column

TITLE = both("最近的急救设备", "Nearest first-aid device")
SHOWN = 12
KM_FROM = 950  # metres from which a distance is told in kilometres
USABLE = {
    True: both("● 可用", "● usable"),
    False: both("▲ 不可用或已到期", "▲ not working or run out"),
    None: both("○ 未巡检", "○ not checked"),
}


@allow("staff")
@require_GET
def nearest(request: HttpRequest) -> HttpResponse:
    """Devices by straight distance from a point; those that do not work stand in the list and say so."""
    pack, actor, get = active.pack(), actor_of(request), request.GET.get
    seats = [each for each in pack.townships() if each.lat is not None and each.lon is not None]
    from_, here, wrong = _point(pack, get("from", "")[:20], get("at", "").strip()[:40])
    found, unplaced = devices.nearest(actor, here) if here else ([], 0)
    usable = next((each for each in found if each.usable), None)
    columns = [
        column("name", "急救设备", "Device", "person"), column("far", "直线距离", "Straight distance"), column("state", "状态", "State"),
        column("kind", "种类", "Kind"), column("until", "耗材有效至", "Supplies until", "date"), column("hours", "可取用时间", "Open"),
        column("place", "所在地", "Place", "place"),
    ]  # fmt: skip
    cells = [_line(pack, each) for each in found[:SHOWN]]
    standing: list[dict[str, Any]] = []
    if usable:
        told = shown.place(pack, usable.place)["name"]
        short = usable.metres < KM_FROM
        value = round(usable.metres, -1) if short else round(usable.metres / 1000, 1)
        unit = both("米", "m") if short else both("千米", "km")
        label = both(
            f"{unit['zh']}，到最近可用的一台：{told['zh']}",
            f"{unit['en']} to the nearest that works: {told['en']}",
        )
        standing.append({"label": label, "value": int(value) if short else value, "state": None})
    standing.append({"label": both("台没有登记坐标，未参与计算", "without coordinates, not reckoned with"), "value": unplaced, "state": None})  # fmt: skip
    what = both(
        f"按直线距离由近到远列{SHOWN}台。直线距离不是路程：山区道路绕行，实际更远。紧急情况先拨120。",
        f"The {SHOWN} nearest by straight distance, which is not the way: mountain roads are longer. In an emergency call 120 first.",
    )
    if wrong:
        what = wrong
    filters = [
        {"id": "from", "label": both("从哪里（乡镇驻地）", "From (seat of)"), "type": "select", "value": from_,
         "options": [{"code": each.code, "label": both(each.name_zh, each.name_en)} for each in seats]},
        {"id": "at", "label": both("或坐标：纬度,经度", "or latitude,longitude"), "type": "text", "value": get("at", "").strip()[:40], "options": []},
    ]  # fmt: skip
    return ledger_page(
        request, TITLE, what, columns, cells, count=len(cells), as_of=actor.on, kicker=rosters.KICKER, standing=standing,
        filters=filters, tabs=rosters.tabs(actor, "nearest"), actions=facilities.new_link(actor),
        source=both("来源：设施登记的坐标（WGS84）和最近一次巡检；直线距离按球面计算。", "Source: coordinates in the register (WGS84), the last check; great-circle distance."),
    )  # fmt: skip


def _point(pack: Pack, from_: str, at: str) -> tuple[str, Point | None, Words | None]:
    """(township, point, what is wrong): coordinates beat a township; without either the first seat."""
    if at:
        try:
            north, east = (float(each) for each in at.replace("，", ",").split(","))
        except ValueError:
            north = east = 0.0
        if 18 <= north <= 54 and 73 <= east <= 136:
            return "", (north, east), None
        said = both("坐标写成“纬度,经度”，如29.3252,107.7601。", "Write coordinates as latitude,longitude, such as 29.3252,107.7601.")  # fmt: skip
        return "", None, said
    seats = [each for each in pack.townships() if each.lat is not None and each.lon is not None]
    seat = next((each for each in seats if each.code == from_), seats[0] if seats else None)
    if seat is None:
        return "", None, None
    return seat.code, (seat.lat or 0.0, seat.lon or 0.0), None


def _far(metres: float) -> Words:
    if metres < KM_FROM:
        told = f"{round(metres, -1):.0f}"
        return both(f"{told}米", f"{told} m")
    return both(f"{metres / 1000:.1f}千米", f"{metres / 1000:.1f} km")


def _line(pack: Pack, each: Device) -> list[Any]:
    kind = shown.code_name(pack, "aid_device", each.kind) if each.kind else None
    return [
        rosters.link(each.name, each.uid), _far(each.metres), USABLE[each.usable], kind, each.valid_until,
        both(each.hours, each.hours) if each.hours else None, shown.place(pack, each.place),
    ]  # fmt: skip
