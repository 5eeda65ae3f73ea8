"""Rosters: facilities, adults who work with children, certificates on any day, the protection stations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor, allow
from yimi.apps.evaluation import beds, expecting, rosters
from yimi.apps.evaluation.rosters import Holder, Match, Station
from yimi.apps.register import subjects
from yimi.lib.dates import add_months
from yimi.pack.load import Pack
from yimi.pack.words import Text
from yimi.sites.addresses import address
from yimi.sites.staff.pages import facilities, figures, shown
from yimi.sites.staff.pages.children import place_filter
from yimi.sites.staff.pages.figures import Words, both, words
from yimi.sites.staff.pages.schooling import ledger_page, window
from yimi.sites.staff.pages.shown import actor_of, column

KICKER = both("名册", "Rosters")
NAMES = {
    "roster": both("场所与机构", "Facilities"), "adults": both("接触儿童的成年人", "Adults who work with children"),
    "certified": both("持证人员", "Certified workers"), "stations": both("未成年人保护工作站", "Protection stations"),
    "matching": both("待结对儿童", "Children to be matched"), "nearest": both("最近的急救设备", "Nearest first-aid device"),
    "expecting": both("孕产妇", "Expectant and new mothers"), "childcare": both("托位", "Childcare places"), "beds": both("床位和康复名额", "Beds and therapy"),
}  # fmt: skip
STANDING = {
    "valid": both("有效", "valid"),
    "ending": both("一年内到期", "ends within a year"),
    "lapsed": both("已到期", "has ended"),
}
YES_NO = {True: both("是", "yes"), False: both("否", "no"), None: both("未核查", "not checked")}
IDENTITIES = ("volunteer", "license")  # schemes of those who work with children
YEARS_AHEAD = 36  # months a forecast may look ahead
PEOPLE, SITES = both("人", "people"), both("家", "sites")


def tabs(actor: Actor, current: str) -> list[dict[str, Any]]:
    open_ones = [
        "roster",
        "stations",
        "childcare",
        "nearest",
        *(["expecting"] if expecting.may_list(actor) else []),
        *(["beds"] if beds.may_book(actor) else []),
        *(["adults", "certified"] if subjects.person_places(actor) else []),
    ]
    open_ones += ["matching"] if actor.records(rosters.PAIRING) else []
    return [
        {"label": NAMES[each], "href": address(each), "current": each == current, "count": None}
        for each in open_ones
    ]


def _select(name: str, label: Words, value: str, options: list[dict[str, Any]]) -> dict[str, Any]:
    return {"id": name, "label": label, "type": "select", "value": value, "options": options}


def _name_filter(q: str) -> dict[str, Any]:
    return {"id": "q", "label": both("名称", "Name"), "type": "text", "value": q, "options": []}


# --- facilities ---------------------------------------------------------------------------------------------


@allow("staff")
@require_GET
def roster(request: HttpRequest) -> HttpResponse:
    """Facilities and organizations where this person works; each opens its page."""
    pack, actor, get = active.pack(), actor_of(request), request.GET.get
    what, place, q, late = (
        get("what", "")[:40],
        get("place", "")[:20],
        get("q", "").strip()[:40],
        get("late", ""),
    )
    counts = rosters.late_at_sites(actor)
    marks = rosters.public_marks(actor)
    of = {"late": [pk for pk, (overdue, _) in counts.items() if overdue], "marked": list(marks)}
    only = of.get(late)
    lines, count = subjects.facilities_page(actor, what=what, place=place, q=q, only=only, **window(request))
    columns = [
        column("name", "名称", "Name", "person"), column("what", "类型", "Kind"), column("place", "所在地", "Place", "place"),
        column("late", "逾期", "Overdue", "number"), column("due", "应办", "Due now", "number"),
        column("mark", "公示标记", "Public mark"),
    ]  # fmt: skip
    cells = [
        [
            link(each.name, each.uid), shown.subject_kind(pack, "facility", each.what), shown.place(pack, each.place),
            *counts.get(each.subject_id, (0, 0)), _told(marks.get(each.subject_id, ())),
        ]
        for each in lines
    ]  # fmt: skip
    sites_late = sum(1 for overdue, _ in counts.values() if overdue)
    return ledger_page(
        request, NAMES["roster"], both("许可、备案、检查、协议和核查；点名称打开该处的页面。许可、备案失效的列公示标记，补齐后下一轮评估撤下。", "Licenses, filings, inspections, contracts, checks. A name opens its page. What has lapsed is marked for the public until it is renewed."),
        columns, cells, count=count, as_of=actor.on, kicker=KICKER, tabs=tabs(actor, "roster"), actions=facilities.new_link(actor),
        source=both("来源：设施登记；逾期和应办为最近一次评估的结果。", "Source: register of facilities; overdue and due are of the last turn."),
        standing=[
            {"label": both("家有逾期事项", "with something overdue"), "value": sites_late, "state": "off" if sites_late else "met"},
            {"label": both("家应公示失效", "to be marked in public"), "value": len(marks), "state": None},
        ],
        filters=[
            _name_filter(q),
            _select("what", both("类型", "Kind"), what, [{"code": t.id, "label": words(t.name)} for t in pack.facility_types.values()]),
            place_filter(pack, actor, place),
            _select("late", both("逾期", "Overdue"), late, [
                {"code": "late", "label": both("有逾期的", "something overdue")},
                {"code": "marked", "label": both("应公示失效的", "marked in public")},
            ]),
        ],
    )  # fmt: skip


def link(name: str, uid: str) -> dict[str, Any]:
    return {"name": name, "href": address("subject", uid) if uid else None, "note": None}


def _told(marks: Sequence[Text]) -> Words | None:
    if not marks:
        return None
    return both("▲ " + "、".join(each.zh for each in marks), "▲ " + ", ".join(each.en for each in marks))


# --- adults -------------------------------------------------------------------------------------------------


@allow("record")
@require_GET
def adults(request: HttpRequest) -> HttpResponse:
    """Volunteers, instructors, certified workers: what they are, and until when their check holds."""
    pack, actor, get = active.pack(), actor_of(request), request.GET.get
    if not subjects.person_places(actor):
        raise Http404
    scheme, _, code = get("identity", "")[:80].partition(":")
    place, q = get("place", "")[:20], get("q", "").strip()[:40]
    lines, count = subjects.persons_page(
        actor, schemes=[scheme] if scheme else IDENTITIES, code=code, place=place, q=q, **window(request)
    )
    columns = [
        column("name", "姓名", "Name", "person"), column("what", "身份", "Identity"), column("place", "所在地", "Place", "place"),
        column("check", "违法犯罪记录查询", "Background check"), column("until", "查询有效至", "Check valid until", "date"),
    ]  # fmt: skip
    cells = [_adult(pack, each, actor.on) for each in lines]
    schemes = [each for each in pack.statuses.values() if each.subject == "person" and each.id in IDENTITIES]
    options = [
        {"code": f"{each.id}:{one.code}", "label": both(one.zh, one.en)}
        for each in schemes
        for one in pack.vocabularies[each.vocabulary].codes
    ]
    return ledger_page(
        request, NAMES["adults"], both("没有有效查询的人不能与儿童结对，也不能登记志愿服务。", "Without a valid background check nobody is paired with a child or has service entered."),
        columns, cells, count=count, as_of=actor.on, kicker=KICKER, tabs=tabs(actor, "adults"),
        source=both("来源：志愿服务登记、证书和查询记录。", "Source: registrations, certificates, background checks."),
        standing=[{"label": PEOPLE, "value": count, "state": None}],
        filters=[_name_filter(q), _select("identity", both("身份", "Identity"), f"{scheme}:{code}" if code else "", options), place_filter(pack, actor, place)],
    )  # fmt: skip


def _adult(pack: Pack, line: subjects.RosterLine, on: date) -> list[Any]:
    held = [each for each in line.statuses if each[0] in IDENTITIES]
    names = [shown.status_name(pack, scheme, code) for scheme, code, _ in held]
    what = both("、".join(n["zh"] for n in names), ", ".join(n["en"] for n in names))
    check = next((each for each in line.statuses if each[0] == "vetting"), None)
    if check is None:
        told, until = both("没有有效查询记录", "none on record"), None
    else:
        told, until = shown.status_name(pack, "vetting", check[1]), check[2] if check[1] == "clear" else None
        if check[1] == "clear" and until is not None and until < on:
            told = both("查询已过期", "the check has run out")
    return [link(line.name, line.uid), what, shown.place(pack, line.place), told, until]


# --- matching -----------------------------------------------------------------------------------------------


@allow("record")
@require_GET
def matching(request: HttpRequest) -> HttpResponse:
    """Children in difficulty whom no adult stands for, community by community, and who could."""
    pack, actor = active.pack(), actor_of(request)
    if rosters.PAIRING not in pack.forms or not actor.records(rosters.PAIRING):
        raise Http404
    place, scheme = request.GET.get("place", "")[:20], request.GET.get("scheme", "")
    scheme = scheme if scheme in rosters.IN_NEED else rosters.IN_NEED[0]
    found, count, free = rosters.matching(actor, scheme, place, **window(request))
    ledgers = [
        {"code": each, "label": words(pack.statuses[each].name)}
        for each in rosters.IN_NEED
        if each in pack.statuses
    ]
    columns = [
        column("child", "姓名", "Child", "person"), column("village", "村（社区）", "Village", "place"), column("why", "情形", "Situation"),
        column("adults", "可结对的成年人（本村在前）", "Adults who could be named (own village first)"), column("n", "人数", "Number", "number", PEOPLE),
    ]  # fmt: skip
    return ledger_page(
        request, NAMES["matching"],
        both("困境和留守儿童中尚未结对的；右侧为同一乡镇今天查询有效的成年人。打开儿童档案登记结对。", "Children in difficulty or left behind who are not paired; beside them the adults of the township whose check is valid today. Pair them from the child's file."),
        columns, [_match(pack, each, actor.on) for each in found], count=count, as_of=actor.on, kicker=KICKER, tabs=tabs(actor, "matching"),
        source=both("来源：困境和留守儿童台账、志愿者和持证人员名册、查询记录。", "Source: ledgers of children, registers of adults, background checks."),
        standing=[
            {"label": both("名儿童待结对", "children to be matched"), "value": count, "state": None},
            {"label": both("名成年人可结对", "adults could be named"), "value": free, "state": None},
        ],
        filters=[_select("scheme", both("台账", "Ledger"), scheme, ledgers), place_filter(pack, actor, place)],
    )  # fmt: skip


def _match(pack: Pack, each: Match, on: date) -> list[Any]:
    names = [shown.status_name(pack, scheme, code) for scheme, code in each.codes]
    near = "、".join(one.name for one in each.adults[:4]) + ("…" if len(each.adults) > 4 else "")
    return [
        shown.person(each.hit, on), shown.place(pack, each.hit.place),
        both("、".join(n["zh"] for n in names), ", ".join(n["en"] for n in names)), both(near or "—", near or "—"), len(each.adults),
    ]  # fmt: skip


# --- certificates -------------------------------------------------------------------------------------------


@allow("record")
@require_GET
def certified(request: HttpRequest) -> HttpResponse:
    """Valid certificates on any day, ahead too, and the list behind the number."""
    pack, actor, get = active.pack(), actor_of(request), request.GET.get
    vocabulary = (
        pack.vocabularies.get(pack.statuses[rosters.LICENSE].vocabulary)
        if rosters.LICENSE in pack.statuses
        else None
    )
    if not subjects.person_places(actor) or vocabulary is None:
        raise Http404
    kinds = {each.code: both(each.zh, each.en) for each in vocabulary.codes}
    code = get("code", "") if get("code", "") in kinds else "child_social_worker"
    on, place = _day_asked(request, actor.on), get("place", "")[:20]
    found = rosters.certified(actor, code, on, place)
    valid = [each for each in found if each.standing != "lapsed"]
    columns = [
        column("name", "姓名", "Name", "person"), column("place", "所在地", "Place", "place"), column("number", "证书编号", "Number"),
        column("since", "取得日期", "Since", "date"), column("until", "有效期至", "Valid until", "date"), column("standing", "状态", "Standing"),
    ]  # fmt: skip
    at = window(request)
    shown_ones = found[at["offset"] : at["offset"] + at["limit"]]
    cells = [_holder(pack, each) for each in shown_ones]
    target = rosters.wanted() if code == "child_social_worker" and not place else None
    standing: list[dict[str, Any]] = [
        {"label": both("证书有效", "valid"), "value": len(valid), "state": _light(len(valid), target)},
        *([{"label": both("目标", "target"), "value": int(target.value), "state": None}] if target else []),
        {"label": both("一年内到期", "end within a year"), "value": sum(e.standing == "ending" for e in found), "state": "on_track"},
        {"label": both("已到期", "have ended"), "value": len(found) - len(valid), "state": None},
    ]  # fmt: skip
    now = found if on == actor.on else rosters.certified(actor, code, actor.on, place)
    told = [_forecast(now, add_months(actor.on, months)) for months in (0, 6, 12, 24)]
    what = both(
        "人数由证书有效期逐日算出，不由人填报。若无人换证：" + "，".join(each["zh"] for each in told) + "。",
        "The number follows from the certificates and is never typed. If nobody renews: " + ", ".join(each["en"] for each in told) + ".",
    )  # fmt: skip
    return ledger_page(
        request, NAMES["certified"], what, columns, cells, count=len(found), as_of=on, kicker=KICKER, standing=standing,
        tabs=tabs(actor, "certified"), source=both("来源：从业证书登记。", "Source: certificates entered."),
        filters=[
            _select("code", both("证书", "Certificate"), code, [{"code": each, "label": label} for each, label in kinds.items()]),
            place_filter(pack, actor, place),
            {"id": "on", "label": both("截至（可选将来）", "As of (may lie ahead)"), "type": "date", "value": on.isoformat(), "options": []},
        ],
    )  # fmt: skip


def _forecast(now: list[Holder], day: date) -> Words:
    n = sum(each.valid_until is None or each.valid_until >= day for each in now)
    return both(f"{day.isoformat()}：{n}人", f"{day.isoformat()}: {n}")


def _light(count: int, target: Any) -> str | None:
    return None if target is None else "met" if count >= target.value else "off"


def _holder(pack: Pack, each: Holder) -> list[Any]:
    return [
        link(each.name, each.uid), shown.place(pack, each.place), both(each.number, each.number), each.since, each.valid_until,
        STANDING[each.standing],
    ]  # fmt: skip


def _day_asked(request: HttpRequest, today: date) -> date:
    try:
        asked = date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        return today
    return asked if date(1990, 1, 1) <= asked <= add_months(today, YEARS_AHEAD) else today


# --- protection stations ------------------------------------------------------------------------------------


@allow("staff")
@require_GET
def stations(request: HttpRequest) -> HttpResponse:
    """Which townships count: staff, a room and a telephone test of the last three months; what the others lack."""
    pack, actor = active.pack(), actor_of(request)
    found = rosters.stations(actor)
    columns = [
        column("township", "乡镇（街道）", "Township", "place"), column("name", "工作站", "Station", "person"),
        column("counts", "是否计入", "Counts"), column("staff", "工作人员", "Staff", "number", PEOPLE), column("room", "专门场所", "Room"),
        column("hotline", "电话接通", "Telephone"), column("checked", "最近核查", "Last check", "date"),
        column("renew", "计入至", "Counts until", "date"), column("lacks", "所缺和应办", "What lacks or is due"),
    ]  # fmt: skip
    counting = sum(each.counts for each in found)
    actions = [{"label": both("覆盖率指标", "The indicator"), "href": address("indicator", rosters.COVERAGE)}]
    return ledger_page(
        request, NAMES["stations"],
        both("有工作人员、有专门场所、三个月内电话测试接通的才计入；缺什么列为什么，逾期的、没有工作站的，交乡镇（街道）一个任务。",
             "Counted only with staff, a room and a telephone test of the last three months. What lacks is due; when late, or where there is no station, it is one task of the township."),
        columns, [_station(pack, each, actor.on) for each in found], count=len(found), as_of=actor.on, kicker=KICKER, actions=actions,
        tabs=tabs(actor, "stations"), source=both("来源：工作站核查记录，按此刻的记录计算。", "Source: checks of the stations, by the records of this moment."),
        standing=[
            {"label": both("个乡镇计入", "townships count"), "value": counting, "state": "met" if counting == len(found) else "off"},
            {"label": both("个乡镇没有工作站", "townships have none"), "value": sum(not each.uid for each in found), "state": None},
            {"label": both("个乡镇（街道）", "townships"), "value": len(found), "state": None},
        ],
        filters=[],
    )  # fmt: skip


def _station(pack: Pack, each: Station, on: date) -> list[Any]:
    lacks = [figures.item_name(pack, step) for step in each.lacks]
    told = both("、".join(n["zh"] for n in lacks), ", ".join(n["en"] for n in lacks))
    if not each.uid:
        day = each.planned_on.isoformat() if each.planned_on else ""
        plan = (
            both(f"，计划{day}启用", f"; planned for {day}") if day else both("，没有设立安排", "; no plan")
        )
        if each.planned_on is not None and each.planned_on < on:
            plan = both(f"{plan['zh']}，已过期", f"{plan['en']}, which is past")
        told = both(f"没有工作站{plan['zh']}", f"no station{plan['en']}")
    return [
        shown.place(pack, each.township, address("subject", each.home) if each.home else None),
        link(each.name or "—", each.uid),
        both("● 计入", "● counts") if each.counts else both("▲ 不计入", "▲ does not count"),
        each.staff, *((YES_NO[each.room], YES_NO[each.hotline_ok]) if each.uid else (None, None)), each.checked_on, each.renew_by if each.counts else None, told,
    ]  # fmt: skip
