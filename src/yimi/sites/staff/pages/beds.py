"""Beds and places in therapy: what is free for a stay, booking one, and taking a booking back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor, allow
from yimi.apps.evaluation import beds
from yimi.apps.records import actions
from yimi.apps.records.actions import AnswersRefused
from yimi.lib.errors import BadInput
from yimi.pack.load import Pack
from yimi.sites.addresses import address
from yimi.sites.staff.pages import facilities, rosters, shown
from yimi.sites.staff.pages.figures import Words, both, words
from yimi.sites.staff.pages.schooling import ledger_page
from yimi.sites.staff.pages.shown import actor_of, column, in_language

TITLE = both("床位和康复名额", "Beds and places in therapy")
BOOK, BACK = both("预约", "Book"), both("取消预约", "Take the booking back")
STAY = 14  # days a page asks for when nobody says which
UNITS, DONE = "shelter_unit", both("已预约", "Booked")


@allow("staff")
@require_GET
def free(request: HttpRequest) -> HttpResponse:
    """What is free for a stay at every institution, or the bookings of this person's body."""
    pack, actor, get = active.pack(), actor_of(request), request.GET.get
    if not beds.may_book(actor):
        raise Http404
    since = max(shown.day(get("since", "")) or actor.on, actor.on)
    until = max(shown.day(get("until", "")) or since + timedelta(STAY), since + timedelta(1))
    mine = get("mine", "") == "1"
    found = beds.offers(actor, since, until)
    told = _mine(pack, actor) if mine else _offers(pack, found, since, until)
    standing = [
        {"label": both(f"个{name['zh']}可预约", f"free: {name['en']}"), "value": sum(each.free for each in found if each.unit == code), "state": None}
        for code, name in _units(pack).items()
    ]  # fmt: skip
    return ledger_page(
        request, TITLE, both("各乡镇（街道）都可以预约；同一张床位同一天只约给一家。表中为所选时段每天都空着的数量，点机构名称预约。",
                             "Every township may book; one place is never given twice on a day. The table tells how many are free on every day asked for; the name of an institution leads to the booking."),
        told[0], told[1], hrefs=told[2], count=len(told[1]), as_of=actor.on, kicker=rosters.KICKER, standing=standing,
        filters=[
            {"id": "since", "label": both("入住", "From"), "type": "date", "value": since.isoformat(), "options": []},
            {"id": "until", "label": both("退出", "Until"), "type": "date", "value": until.isoformat(), "options": []},
            {"id": "mine", "label": both("查看", "Show"), "type": "select", "value": get("mine", ""),
             "options": [{"code": "1", "label": both("我单位和本辖区的预约", "bookings of my body and area")}]},
        ],
        tabs=rosters.tabs(actor, "beds"),
        source=both("来源：机构核定的可用资源、各单位的预约登记。", "Source: what institutions confirmed, bookings as entered."),
    )  # fmt: skip


Told = tuple[list[dict[str, Any]], list[list[Any]], list[str | None]]


def _offers(pack: Pack, found: Sequence[beds.Offer], since: date, until: date) -> Told:
    units = _units(pack)
    columns = [
        column("name", "机构", "Institution"), column("unit", "资源", "What"), column("free", "空余", "Free", "number"),
        column("number", "共有", "In all", "number"), column("full", "最紧的一天", "Tightest day", "date"), column("place", "所在地", "Place", "place"),
    ]  # fmt: skip
    cells = [
        [both(each.name, each.name), units.get(each.unit), each.free, each.number, each.full_on, shown.place(pack, each.place)]
        for each in found
    ]  # fmt: skip
    asked = f"since={since.isoformat()}&until={until.isoformat()}"
    hrefs: list[str | None] = [
        f"{address('bed-book', each.uid)}?unit={each.unit}&{asked}" if each.free else None for each in found
    ]
    return columns, cells, hrefs


def _mine(pack: Pack, actor: Actor) -> Told:
    units, found = _units(pack), beds.booked(actor)
    columns = [
        column("name", "机构", "Institution"), column("unit", "资源", "What"), column("since", "入住", "From", "date"),
        column("until", "退出", "Until", "date"), column("why", "事由", "Why"), column("contact", "联系人", "Who to call"),
        column("body", "预约单位", "Booked by"),
    ]  # fmt: skip
    cells = [
        [
            both(each.name, each.name), units.get(each.taken.unit), each.taken.since, each.taken.until,
            shown.code_name(pack, "booking_reason", str(each.taken.answers.get("why") or "")),
            both(*[str(each.taken.answers.get("contact") or "")] * 2), _body(pack, each.taken.organization),
        ]
        for each in found
    ]  # fmt: skip
    return columns, cells, [address("bed-cancel", each.taken.record_uid) for each in found]


def _units(pack: Pack) -> dict[str, Words]:
    return {each.code: both(each.zh, each.en) for each in pack.vocabularies[UNITS].codes}


def _body(pack: Pack, name: str | None) -> Words | None:
    found = pack.organizations.get(name or "")
    return both(found.short, found.name_en) if found else None


@allow("record")
@require_http_methods(["GET", "HEAD", "POST"])
def book(request: HttpRequest, uid: str) -> HttpResponse:
    """Take a place for a stay. The same request again is the same booking."""
    actor = actor_of(request)
    found = beds.institution(actor, str(uid))
    if found is None:
        raise Http404
    if request.method != "POST":
        return _book_page(request, *found, client=str(uuid4()))
    data, client = request.POST, request.POST.get("client_id", "")
    form = active.pack().forms[beds.BOOKING]
    try:
        actions.add(
            form=form.id, subject=found[0], occurred_on=actor.on, by=actor, at=timezone.now(), record_uid=client or uuid4(),
            answers={each.id: data.get(each.id, "") for each in form.fields},
        )  # fmt: skip
    except AnswersRefused as error:
        return _book_page(
            request, *found, client=client, wrong={each.field: words(each.text) for each in error.errors}
        )
    except BadInput as error:
        return _book_page(request, *found, client=client, problem=shown.sentence(error))
    messages.success(request, in_language(DONE))
    return HttpResponseRedirect(f"{address('beds')}?mine=1")


def _book_page(
    request: HttpRequest, uid: str, name: str, *, client: str, problem: Words | None = None, wrong: dict[str, Words] | None = None
) -> HttpResponse:  # fmt: skip
    pack = active.pack()
    data = request.POST if request.method == "POST" else request.GET
    fields = [
        facilities.plain_field(
            each.id, words(each.label), each.type, shown.day(data.get(each.id, "")) if each.type == "date" else data.get(each.id, ""), required=each.required, hint=words(each.hint) if each.hint else None,
            errors=[wrong[each.id]] if wrong and each.id in wrong else [],
            options=[{"code": code.code, "label": both(code.zh, code.en)} for code in pack.vocabularies[each.vocabulary].codes]
            if each.vocabulary else [],
        )
        for each in pack.forms[beds.BOOKING].fields
    ]  # fmt: skip
    context = {
        "title": both(f"{BOOK['zh']}：{name}", f"{BOOK['en']}: {name}"), "trail": _trail(), "fields": fields, "submit": BOOK,
        "action": address("bed-book", uid), "cancel": address("beds"), "problem": problem, "client": client,
        "what": words(pack.forms[beds.BOOKING].purpose),
    }  # fmt: skip
    return render(request, "staff/facility_form.html", context, status=422 if problem or wrong else 200)


@allow("record")
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, record_uid: str) -> HttpResponse:
    """Take a booking back with a reason: the place is free again, the record and the reason stay."""
    actor, wanted = actor_of(request), UUID(str(record_uid))
    found = next((each for each in beds.booked(actor) if each.taken.record_uid == wanted), None)
    if found is None:
        raise Http404
    problem = None
    if request.method == "POST":
        try:
            actions.void(
                record_uid=wanted, reason=request.POST.get("reason", ""), by=actor, at=timezone.now()
            )
        except BadInput as error:
            problem = shown.sentence(error)
        else:
            messages.success(request, in_language(both("已取消，位置空出", "Taken back; the place is free")))
            return HttpResponseRedirect(f"{address('beds')}?mine=1")
    days = f"{found.taken.since.isoformat()} – {found.taken.until.isoformat()}"
    context = {
        "title": BACK, "trail": _trail(), "submit": BACK, "problem": problem, "client": "", "cancel": f"{address('beds')}?mine=1",
        "action": address("bed-cancel", wanted), "what": both(f"{found.name}，{days}", f"{found.name}, {days}"),
        "fields": [facilities.plain_field("reason", both("原因", "Why"), "text", "", required=True)],
    }  # fmt: skip
    return render(request, "staff/facility_form.html", context, status=422 if problem else 200)


def _trail() -> list[dict[str, Any]]:
    return [{"label": TITLE, "href": address("beds")}]
