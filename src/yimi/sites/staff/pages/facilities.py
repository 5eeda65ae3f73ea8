"""A facility enters the register, or closes: a station, a device, a childcare site."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor, allow
from yimi.apps.register import actions, subjects
from yimi.apps.register import facilities as sites
from yimi.apps.register.permissions import may_register_facility, registrable
from yimi.lib.errors import BadInput
from yimi.pack.load import Pack
from yimi.sites.addresses import address
from yimi.sites.staff.pages import case_shown, shown
from yimi.sites.staff.pages.figures import Words, both, words
from yimi.sites.staff.pages.shown import actor_of, in_language

NEW = both("登记场所", "Register a facility")
CLOSE = both("停用或撤销", "It has closed")
OWNERS = [
    {"code": "public", "label": both("公办", "public")},
    {"code": "private", "label": both("民办", "private")},
]


def plain_field(name: str, label: Words, kind: str, value: Any, **more: Any) -> dict[str, Any]:
    return {
        "id": name, "label": label, "type": kind, "value": value, "unit": None, "hint": None, "required": False, "errors": [],
        "options": [], "decides": False, **more,
    }  # fmt: skip


def new_link(actor: Actor) -> list[dict[str, Any]]:
    return [{"label": NEW, "href": address("facility-new")}] if registrable(actor) else []


def _trail() -> list[dict[str, Any]]:
    return [{"label": both("名册", "Rosters"), "href": address("roster")}]


@allow("staff")
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """Enter a facility of a type one's role keeps, where one works."""
    actor = actor_of(request)
    if not registrable(actor):
        raise Http404
    if request.method != "POST":
        return _new_page(request)
    data = request.POST
    kind, place = data.get("kind", ""), data.get("place", "")
    try:
        if not may_register_facility(actor, kind, place):
            raise BadInput("请选择类型和所在地 / choose the type and the place")
        uid = actions.register_facility(
            name=data.get("name", ""), kind=kind, place=place, by=actor, at=timezone.now(),
            ownership=data.get("ownership") if data.get("ownership") in ("public", "private") else None,
            opened_on=case_shown.given_day(data.get("opened_on", ""), both("启用日期", "day of opening")), point=_point(data.get("lat", ""), data.get("lon", "")),
        )  # fmt: skip
    except BadInput as error:
        return _new_page(request, shown.sentence(error))
    messages.success(
        request,
        in_language(both("已登记入册，下一轮评估起计入", "Registered; it counts from the next turn")),
    )
    return HttpResponseRedirect(address("subject", uid))


def _point(lat: str, lon: str) -> tuple[float, float] | None:
    """Both coordinates or neither."""
    if not lat.strip() and not lon.strip():
        return None
    try:
        north, east = float(lat), float(lon)
    except ValueError:
        north = east = 0.0
    if not (18 <= north <= 54 and 73 <= east <= 136):
        raise BadInput(
            "坐标请同时填写纬度和经度，如29.3252、107.7601 / give latitude and longitude, such as 29.3252 and 107.7601"
        )
    return north, east


def _new_page(request: HttpRequest, problem: Words | None = None) -> HttpResponse:
    pack, actor = active.pack(), actor_of(request)
    data = request.POST if request.method == "POST" else request.GET
    types = registrable(actor)
    reach = set().union(*types.values())
    opened = case_shown.shown_day(data.get("opened_on", "")) if request.method == "POST" else actor.on
    fields = [
        plain_field("kind", both("类型", "Type"), "code", data.get("kind", ""), required=True,
               options=[{"code": each, "label": words(pack.facility_types[each].name)} for each in types]),
        plain_field("name", both("名称", "Name"), "text", data.get("name", ""), required=True),
        plain_field("place", both("所在地", "Place"), "place", data.get("place", ""), required=True, options=places_within(pack, reach)),
        plain_field("opened_on", both("启用日期", "Opened on"), "date", opened, required=True),
        plain_field("ownership", both("举办性质", "Ownership"), "code", data.get("ownership", ""), options=OWNERS),
        plain_field("lat", both("纬度", "Latitude"), "text", data.get("lat", ""),
               hint=both("WGS84，如29.3252；填了坐标，才能按距离查找", "WGS84, such as 29.3252; only what has coordinates is found by distance")),
        plain_field("lon", both("经度", "Longitude"), "text", data.get("lon", "")),
    ]  # fmt: skip
    context = {
        "title": NEW, "trail": _trail(), "fields": fields, "action": address("facility-new"), "cancel": address("roster"),
        "problem": problem, "submit": both("登记", "Register"),
        "what": both("登记的是已经启用的场所。登记以后，核查、备案、检查在它自己的页面填写。",
                     "For what is open already. Checks, filings and inspections are then entered on its own page."),
    }  # fmt: skip
    return render(request, "staff/facility_form.html", context, status=422 if problem else 200)


def places_within(pack: Pack, reach: set[str]) -> list[dict[str, Any]]:
    """The townships and villages within reach, each township before its villages."""
    found = []
    for each in [*pack.townships(), *pack.villages()]:
        if each.code in reach:
            above = pack.places.get(each.parent or "") if each.kind == "village" else None
            label = both(f"{above.name_zh if above else ''}{each.name_zh}", f"{each.name_en}{f', {above.name_en}' if above else ''}")  # fmt: skip
            found.append({"code": each.code, "label": label})
    return sorted(found, key=lambda one: str(one["code"]))


@allow("staff")
@require_http_methods(["GET", "HEAD", "POST"])
def close(request: HttpRequest, uid: str) -> HttpResponse:
    """A facility has closed: the day and why."""
    pack, actor, data = active.pack(), actor_of(request), request.POST
    file = subjects.subject(actor, str(uid))
    if file.kind != "facility" or file.closed_on or not may_register_facility(actor, file.what, file.place or ""):  # fmt: skip
        raise Http404
    problem = None
    if request.method == "POST":
        try:
            day = case_shown.given_day(data.get("closed_on", ""), both("停用日期", "day of closing"))
            sites.close(uid=file.uid, on=day, reason=data.get("reason", ""), by=actor, at=timezone.now())
        except BadInput as error:
            problem = shown.sentence(error)
        else:
            messages.success(request, in_language(both("已停用，当日起不再计入", "Closed; not counted from that day")))  # fmt: skip
            return HttpResponseRedirect(address("subject", file.uid))
    day_shown = case_shown.shown_day(data.get("closed_on", "")) if request.method == "POST" else actor.on
    context = {
        "title": both(f"停用：{file.name}", f"Close: {file.name_en}"), "action": address("facility-close", file.uid),
        "trail": [*_trail(), {"label": both(file.name, file.name_en), "href": address("subject", file.uid)}],
        "cancel": address("subject", file.uid), "problem": problem, "submit": both("停用", "Close it"),
        "what": both(f"{shown.subject_kind(pack, file.kind, file.what)['zh']}撤销或停止运行后，自停用之日起不在名册、不计入任何指标；以前的记录都保留。",
                     "From the day it closed it is in no roster and in no figure; what was recorded stays."),
        "fields": [
            plain_field("closed_on", both("停用日期", "Closed on"), "date", day_shown, required=True),
            plain_field("reason", both("原因", "Why"), "text", data.get("reason", ""), required=True),
        ],
    }  # fmt: skip
    return render(request, "staff/facility_form.html", context, status=422 if problem else 200)
