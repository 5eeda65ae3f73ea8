"""Children without an identity: registering one, entering who it is, joining it with the child it turns out to be."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
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
from yimi.apps.records import identities
from yimi.apps.records.actions import AnswersRefused
from yimi.apps.register import actions as register
from yimi.apps.register import selectors
from yimi.apps.register.selectors import ChildFile, Hit
from yimi.lib.errors import BadInput, UserError
from yimi.pack.load import Pack
from yimi.pack.schema import Form
from yimi.sites.addresses import address
from yimi.sites.staff.pages import case_shown, shown
from yimi.sites.staff.pages.figures import Words, both, words
from yimi.sites.staff.pages.shown import actor_of, in_language

FORM = "street_child_found"
SEX = [{"code": "m", "label": both("男", "boy")}, {"code": "f", "label": both("女", "girl")}]


def _field(name: str, label: Words, kind: str, value: Any, **more: Any) -> dict[str, Any]:
    return {
        "id": name, "label": label, "type": kind, "value": value, "unit": None, "hint": None, "required": False, "errors": [],
        "options": [], "decides": False, **more,
    }  # fmt: skip


# --- registering a child whom nobody knows --------------------------------------------------------------------


@allow("record")
@require_http_methods(["GET", "HEAD", "POST"])
def unidentified(request: HttpRequest) -> HttpResponse:
    """Register a child of unknown identity with what was seen. Those registered so before stand beside it."""
    actor = actor_of(request)
    form = active.pack().forms.get(FORM)
    if form is None or not actor.records(FORM) or not actor.child_grants:
        raise Http404
    if request.method != "POST":
        return _found_page(request, form)
    try:
        uid = _register(request, form, actor)
    except AnswersRefused as error:
        return _found_page(request, form, [{"field": e.field, "text": words(e.text)} for e in error.errors])
    except BadInput as error:
        return _found_page(request, form, [{"field": None, "text": shown.sentence(error)}])
    return HttpResponseRedirect(address("child", uid))


@transaction.atomic
def _register(request: HttpRequest, form: Form, actor: Actor) -> str:
    """The child and its first record, or neither. The same page sent again is the same child."""
    data, now = request.POST, timezone.now()
    try:
        day, uid = date.fromisoformat(data.get("occurred_on", "")), UUID(data.get("client_id", ""))
    except ValueError:
        raise BadInput("请填写日期，如 2026-05-01 / enter the date, such as 2026-05-01") from None
    sex = data.get("sex") if data.get("sex") in ("m", "f") else None
    place = data.get("place", "")
    if place not in {each.code for each in active.pack().villages()}:
        raise BadInput("请选择发现地所在的村（社区） / choose the village or community where it was found")
    answers = case_shown.posted(form, data)
    made = register.register_unidentified(
        sex=sex, place=place, on=day, form=FORM, uid=str(uid), by=actor, at=now
    )
    if made.made:
        records.add(
            form=FORM, subject=made.uid, occurred_on=day, answers=answers, by=actor, at=now, place=place
        )
    return made.uid


def _found_page(request: HttpRequest, form: Form, errors: Sequence[dict[str, Any]] = ()) -> HttpResponse:
    pack, actor, data = active.pack(), actor_of(request), request.POST
    wrong = case_shown.by_field(errors)
    day = case_shown.shown_day(data.get("occurred_on", "")) if request.method == "POST" else actor.on
    places = [
        {"code": v.code, "label": both(f"{t.name_zh}{v.name_zh}", f"{v.name_en}, {t.name_en}")}
        for v in pack.villages()
        if (t := pack.places.get(v.parent or "")) is not None
    ]
    context = {
        "title": both("登记身份不明的儿童", "Register a child of unknown identity"),
        "trail": [{"label": both("儿童", "Children"), "href": address("children")}],
        "form": {
            "legal_basis": form.legal_basis, "purpose": words(form.purpose), "action": address("child-unidentified"),
            "client_id": data.get("client_id") or str(uuid4()), "cancel": address("children"),
        },
        "fields": [
            case_shown.day_field(day, wrong.get("occurred_on", [])),
            _field("sex", both("性别", "Sex"), "code", data.get("sex", ""), options=SEX),
            _field("place", both("发现地所在村（社区）", "Village or community where it was found"), "place", data.get("place", ""),
                   options=places, required=True),
            *case_shown.fields(pack, form, case_shown.posted(form, data), wrong),
        ],
        "errors": list(errors),
        "known": [_option(pack, actor, each) for each in selectors.unidentified(actor)],
    }  # fmt: skip
    return render(request, "staff/unidentified.html", context, status=422 if errors else 200)


def _option(pack: Pack, actor: Actor, hit: Hit) -> dict[str, Any]:
    return {
        "code": hit.uid, "label": both(hit.name, hit.name), "note": shown.person(hit, actor.on)["note"],
        "place": shown.place(pack, hit.place)["name"], "href": address("child", hit.uid),
    }  # fmt: skip


# --- who the child is -------------------------------------------------------------------------------------------


@allow("verify")
@require_http_methods(["GET", "HEAD", "POST"])
def identity(request: HttpRequest, uid: str) -> HttpResponse:
    """Enter the real identity, join the child with one registered before, or part them again."""
    actor, now = actor_of(request), timezone.now()
    file = selectors.child(actor, str(uid), at=now)
    if "welfare" not in file.sensitivities:
        raise Http404
    if request.method != "POST":
        return _identity_page(request, file)
    reason = request.POST.get("reason", "")
    try:
        match request.POST.get("do"):
            case "identify":
                said = _identify(request, file, reason)
            case "link":
                identities.link(
                    kept=request.POST.get("other", ""), gone=file.uid, reason=reason, by=actor, at=now
                )
                said = both(
                    "已合并：原登记的记录并入此档案，可以撤销",
                    "Joined: the records are in this file now; it can be undone",
                )
                messages.success(request, in_language(said))
                return HttpResponseRedirect(address("child", request.POST.get("other", "")))
            case "unlink":
                identities.unlink(number=_number(request), reason=reason, by=actor, at=now)
                said = both("已撤销合并，两份档案恢复原样", "Parted: both files are as they were")
            case _:
                return _identity_page(request, file)
    except BadInput as error:
        return _identity_page(request, file, shown.sentence(error))
    except UserError:
        raise Http404 from None
    messages.success(request, in_language(said))
    return HttpResponseRedirect(address("child-identity", file.uid))


def _identify(request: HttpRequest, file: ChildFile, reason: str) -> Words:
    data = request.POST
    born = data.get("birth_date", "").strip()
    try:
        birth_date = date.fromisoformat(born) if born else None
    except ValueError:
        raise BadInput("请核对出生日期 / check the birth date") from None
    found = register.give_identity(
        uid=file.uid, name=data.get("name", ""), sex=data.get("sex") if data.get("sex") in ("m", "f") else None,
        birth_date=birth_date, id_number=data.get("id_number", "").strip() or None, reason=reason,
        by=actor_of(request), at=timezone.now(),
    )  # fmt: skip
    if found:
        return both(
            "已补登身份；登记册中有可能是同一儿童的，请在下方核对",
            "Entered; the register has a child that may be the same: check below",
        )
    return both("已补登身份", "The identity is entered")


def _number(request: HttpRequest) -> int:
    text = request.POST.get("link", "")
    return int(text) if text.isdigit() else 0


def _identity_page(request: HttpRequest, file: ChildFile, problem: Words | None = None) -> HttpResponse:
    pack, actor, data = active.pack(), actor_of(request), request.POST
    looked = data.get("look_for", "").strip()
    hits = [
        *selectors.possibly_same(actor, file.uid),
        *(case_shown.find_children(actor, looked) if looked else []),
    ]
    options = {each.uid: _option(pack, actor, each) for each in hits if each.uid != file.uid}
    context = {
        "title": both("儿童身份", "Identity of a child"),
        "trail": [{"label": both(file.name, file.name), "href": address("child", file.uid)}],
        "action": address("child-identity", file.uid), "problem": problem, "look_for": looked,
        "options": list(options.values()), "links": identities.links_of(actor, file.uid), "reason": data.get("reason", ""),
        "fields": [
            _field("name", both("姓名", "Name"), "text", data.get("name", ""), required=True),
            _field("sex", both("性别", "Sex"), "code", data.get("sex", file.sex or ""), options=SEX),
            _field("birth_date", both("出生日期", "Birth date"), "date",
                   case_shown.shown_day(data.get("birth_date", "")) or file.birth_date),
            _field("id_number", both("身份证号", "ID number"), "text", "", hint=both("没有户口的可以不填", "none yet: leave it empty")),
        ],
    }  # fmt: skip
    return render(request, "staff/identity.html", context, status=422 if problem else 200)
