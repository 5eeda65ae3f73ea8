"""An expectant mother, or one who gave birth unregistered, enters the register with the form that begins her record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor, allow
from yimi.apps.records import actions as records
from yimi.apps.records.actions import AnswersRefused
from yimi.apps.register import residents
from yimi.apps.register.permissions import enrolling, resident_places
from yimi.apps.register.residents import AlreadyThere, Newcomer
from yimi.lib.errors import BadInput
from yimi.pack.schema import Form
from yimi.sites.addresses import address
from yimi.sites.staff.pages import case_shown, shown
from yimi.sites.staff.pages.facilities import places_within, plain_field
from yimi.sites.staff.pages.figures import both, words
from yimi.sites.staff.pages.shown import actor_of, in_language

KNOWN = both(
    "登记册中已有此人（监护人或其他人员），没有重复建档，已补登居住地和本次登记",
    "The register had this person already; no second file was made, her home and this record were added",
)


def links(actor: Actor) -> list[dict[str, Any]]:
    """One for each form with which this person may enter somebody; that of a birth without registration last."""
    forms = sorted(
        (active.pack().forms[each] for each in enrolling(actor)), key=lambda form: form.bears is not None
    )
    return [{"label": words(form.name), "href": address("person-enroll", form.id)} for form in forms]


@allow("record")
@require_http_methods(["GET", "HEAD", "POST"])
def enroll(request: HttpRequest, form_id: str) -> HttpResponse:
    """Who she is and the first record, on one page. Whoever is in the register already is told, not stored twice."""
    actor = actor_of(request)
    if form_id not in enrolling(actor):
        raise Http404
    form = active.pack().forms[form_id]
    if request.method != "POST":
        return _page(request, form)
    try:
        uid, known = _register(request, form, actor)
    except AlreadyThere as error:
        return _page(request, form, [{"field": None, "text": shown.sentence(error)}], there=error.uid)
    except AnswersRefused as error:
        return _page(request, form, [{"field": e.field, "text": words(e.text)} for e in error.errors])
    except BadInput as error:
        return _page(request, form, [{"field": None, "text": shown.sentence(error)}])
    if known:
        messages.info(request, in_language(KNOWN))
    return HttpResponseRedirect(address("subject", uid))


@transaction.atomic
def _register(request: HttpRequest, form: Form, actor: Actor) -> tuple[str, bool]:
    """The person and her first record, or neither; the same page sent again is the same person."""
    data, now = request.POST, timezone.now()
    day = case_shown.given_day(data.get("occurred_on", ""), both("日期", "day"))
    born = data.get("birth_date", "").strip()
    try:
        client = UUID(data.get("client_id", ""))
    except ValueError:
        raise BadInput("请重新打开本页再登记 / open the page again and enter it anew") from None
    place = data.get("place", "")
    if place not in resident_places(actor, form.id):
        raise BadInput("请选择居住的村（社区） / choose the village or community she lives in")
    who = Newcomer(
        uid=client, name=data.get("name", ""), id_number=data.get("id_number", ""), place=place, since=day,
        birth_date=case_shown.given_day(born, both("出生日期", "birth date")) if born else None,
    )  # fmt: skip
    made = residents.enroll(who, form=form.id, by=actor, at=now)
    if made.made:
        records.add(
            form=form.id, subject=made.uid, occurred_on=day, answers=case_shown.posted(form, data), by=actor, at=now
        )  # fmt: skip
    return made.uid, made.made and made.known


def _page(
    request: HttpRequest, form: Form, errors: Sequence[dict[str, Any]] = (), there: str | None = None
) -> HttpResponse:
    pack, actor, data = active.pack(), actor_of(request), request.POST
    wrong = case_shown.by_field(errors)
    day = case_shown.shown_day(data.get("occurred_on", "")) if request.method == "POST" else actor.on
    villages = [
        each for each in places_within(pack, resident_places(actor, form.id))
        if pack.places[each["code"]].kind == "village"
    ]  # fmt: skip
    context = {
        "title": words(form.name),
        "trail": [{"label": both("孕产妇", "Expectant and new mothers"), "href": address("expecting")}],
        "form": {
            "legal_basis": form.legal_basis, "purpose": words(form.purpose), "action": address("person-enroll", form.id),
            "client_id": data.get("client_id") or str(uuid4()), "cancel": address("expecting"),
        },
        "who": [
            plain_field("name", both("姓名", "Name"), "text", data.get("name", ""), required=True),
            plain_field("id_number", both("身份证号", "ID number"), "text", data.get("id_number", ""),
                        hint=both("按此号查重；加密保存。没有的填出生日期", "Looked up by it; kept sealed. None: enter the birth date")),
            plain_field("birth_date", both("出生日期", "Birth date"), "date", case_shown.shown_day(data.get("birth_date", "")),
                        hint=both("填了身份证号的不用填", "not needed with an ID number")),
            plain_field("place", both("居住的村（社区）", "Village or community she lives in"), "place", data.get("place", ""),
                        required=True, options=villages),
        ],
        "fields": [
            case_shown.day_field(day, wrong.get("occurred_on", [])),
            *(each for each in case_shown.fields(pack, form, case_shown.posted(form, data), wrong) if each["type"] != "computed"),
        ],
        "errors": list(errors), "there": address("subject", there) if there else None,
    }  # fmt: skip
    return render(request, "staff/enroll.html", context, status=422 if errors else 200)
