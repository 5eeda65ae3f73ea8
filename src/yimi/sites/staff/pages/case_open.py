"""Opening a case: a report of harm needs almost nothing; a referral needs its receiver."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor, allow
from yimi.apps.accounts.selectors import bodies_with
from yimi.apps.cases import selectors
from yimi.apps.field import actions as phone
from yimi.apps.records.actions import AnswersRefused
from yimi.apps.records.case_reports import Report, report, sender_of
from yimi.apps.register import selectors as register
from yimi.lib.errors import BadInput, NotAllowed, UserError
from yimi.pack.case_kinds import CaseKind
from yimi.pack.load import Pack
from yimi.sites.addresses import address
from yimi.sites.staff.pages import case_shown, shown
from yimi.sites.staff.pages.figures import Words, both, words
from yimi.sites.staff.pages.shown import actor_of


@allow("staff")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, case_kind: str) -> HttpResponse:
    """The opening form of a kind of case. A repeat of the same page's request is the same case."""
    actor = actor_of(request)
    kind = next((each for each in selectors.openable(actor) if each.id == case_kind), None)
    if kind is None:
        raise Http404
    held = request.GET.get("held", "")
    if request.method != "POST":
        return _page(request, kind, _from_phone(kind, held, actor) if held else _asked_for(request))
    if "look" in request.POST:
        return _page(request, kind, request.POST)
    try:
        made = _report(request, kind, actor)
    except AnswersRefused as error:
        wrong = [{"field": each.field, "text": words(each.text)} for each in error.errors]
        return _page(request, kind, request.POST, wrong, 422)
    except NotAllowed:
        raise
    except UserError as error:
        field = "occurred_on" if "日期" in str(error) else None
        return _page(request, kind, request.POST, [{"field": field, "text": shown.sentence(error)}], 422)
    if held:
        phone.settle(uid=request.POST.get("client_id", ""), by=actor, at=timezone.now())
    if not kind.reporter_sealed and selectors.is_party(actor, made.uid):
        return HttpResponseRedirect(address("case", made.uid))
    return render(request, "staff/case_reported.html", _told(kind, made))


def _report(request: HttpRequest, kind: CaseKind, actor: Actor) -> Report:
    pack, data = active.pack(), request.POST
    chosen = {
        party.id: data.get(f"party_{party.id}", "")
        for party in kind.parties
        if party.organization == "chosen" and data.get(f"party_{party.id}")
    }
    if any(p.organization == "chosen" for p in kind.parties) and not chosen:
        raise BadInput("请选择接收单位 / choose who is to receive it")
    for party in kind.parties:
        if chosen.get(party.id) and chosen[party.id] not in bodies(pack, party.roles, actor.on):
            raise BadInput("请选择接收单位 / choose who is to receive it")
    child = data.get("child", "") if kind.about_children else ""
    children = [(child, data.get("part", "") or "concerned")] if child else []
    if child:
        case_shown.named_child(actor, child, data.get("look_for", "").strip(), timezone.now())
    try:
        day = date.fromisoformat(data.get("occurred_on", ""))
        uid = UUID(data.get("client_id", ""))
    except ValueError:
        raise BadInput("请填写日期，如 2026-05-01 / enter the date, such as 2026-05-01") from None
    place = data.get("place", "") if data.get("place", "") in pack.places else _place(actor)
    return report(
        kind=kind.id, answers=case_shown.posted(pack.forms[kind.opened_by], data), occurred_on=day, place=place,
        by=actor, at=timezone.now(), record_uid=uid, children=children, routing=sender_of(actor, kind, chosen),
    )  # fmt: skip


def _asked_for(request: HttpRequest) -> QueryDict:
    """What a link to the page may choose: the child."""
    data = QueryDict(mutable=True)
    for name in ("child", "part", "look_for"):
        if name in request.GET:
            data[name] = request.GET[name]
    return data


def _from_phone(kind: CaseKind, held: str, actor: Actor) -> QueryDict:
    """What a phone brought and could not be stored, as the form would have posted it."""
    letter = phone.reopen(uid=held, by=actor, at=timezone.now())
    if letter.form != kind.opened_by:
        raise Http404
    data = QueryDict(mutable=True)
    for name, value in letter.answers.items():
        data.setlist(name, [str(each) for each in (value if isinstance(value, list) else [value])])
    for party, body in letter.chosen.items():
        data[f"party_{party}"] = body
    data["client_id"], data["child"], data["part"] = str(letter.uid), letter.subject, "concerned"
    data["occurred_on"] = letter.occurred_on.isoformat() if letter.occurred_on else ""
    return data


def _place(actor: Actor) -> str:
    return next((each.place for each in actor.grants), active.pack().info.district or "")


def bodies(pack: Pack, roles: list[str], on: date) -> dict[str, Words]:
    """Bodies in which somebody receives: those of the pack in its order, then schools and social organizations."""
    held = bodies_with(roles, on)
    own = {
        each.id: both(each.name_zh, each.name_en) for each in pack.organizations.values() if each.id in held
    }
    others = selectors.body_names(held - own.keys())
    return {
        **own,
        **{each: both(others[each], others[each]) for each in sorted(others, key=lambda one: others[one])},
    }


def _page(
    request: HttpRequest, kind: CaseKind, data: QueryDict, errors: list[dict[str, Any]] | None = None, status: int = 200
) -> HttpResponse:  # fmt: skip
    pack, actor = active.pack(), actor_of(request)
    form = pack.forms[kind.opened_by]
    wrong = case_shown.by_field(errors or ())
    day = case_shown.shown_day(data["occurred_on"]) if "occurred_on" in data else actor.on
    held = request.GET.get("held", "")
    action = address("case-new", kind.id) + (f"?{urlencode({'held': held})}" if held else "")
    context = {
        "kind": {"name": words(kind.name), "note": words(kind.note) if kind.note else None, "sealed": kind.reporter_sealed},
        "form": {
            "legal_basis": form.legal_basis, "purpose": words(form.purpose),
            "action": action, "client_id": data.get("client_id") or str(uuid4()),
            "cancel": address("cases"),
        },
        "protocol": _protocol(kind),
        "occurred_on": case_shown.day_field(day, wrong.get("occurred_on", [])),
        "fields": case_shown.fields(pack, form, case_shown.posted(form, data), wrong),
        "chosen": [_chosen_field(pack, party, actor, data) for party in kind.parties if party.organization == "chosen"],
        "place": _place_field(pack, actor, data),
        "child": _child(data, actor, kind), "errors": errors or [],
        "told": [words(each.name) for each in kind.parties if not each.optional],
        "trail": [{"label": both("个案", "Cases"), "href": address("cases")}],
    }  # fmt: skip
    return render(request, "staff/case_open.html", context, status=status)


def _protocol(kind: CaseKind) -> Words:
    told = kind.protocol
    if told.approved_on is None:
        return both(
            f"工作规程{told.version}版，尚未登记批准日期",
            f"working rules {told.version}, approval not entered",
        )
    return both(
        f"工作规程{told.version}版，{told.approved_on}批准",
        f"working rules {told.version}, approved {told.approved_on}",
    )


def _chosen_field(pack: Pack, party: Any, actor: Actor, data: Any) -> dict[str, Any]:
    own = {each.organization for each in actor.grants}
    return {
        "id": f"party_{party.id}", "label": words(party.name), "type": "organization",
        "value": data.get(f"party_{party.id}", ""), "unit": None, "hint": both("只列出有人接收的单位", "bodies in which somebody receives"),
        "required": True, "errors": [], "decides": False,
        "options": [
            {"code": each, "label": label}
            for each, label in bodies(pack, party.roles, actor.on).items()
            if each not in own
        ],
    }  # fmt: skip


def _place_field(pack: Pack, actor: Actor, data: Any) -> dict[str, Any]:
    chosen = data.get("place", "") or _place(actor)
    townships = [
        each for each in pack.places.values() if each.kind in ("district", "township") or each.code == chosen
    ]
    return {
        "id": "place", "label": both("地点", "Place"), "type": "place", "value": chosen, "unit": None, "hint": None,
        "required": True, "errors": [], "decides": False,
        "options": [{"code": each.code, "label": both(each.name_zh, each.name_en)} for each in townships],
    }  # fmt: skip


def _child(data: QueryDict, actor: Actor, kind: CaseKind) -> dict[str, Any]:
    """Which child: the one the page came from, one found by name within reach, or none known."""
    uid, looked = data.get("child", ""), data.get("look_for", "").strip()
    searches = kind.about_children and (bool(actor.child_grants) or actor.works_cases)
    hits: list[Any] = list(case_shown.find_children(actor, looked)) if searches else []
    if actor.child_grants and uid and uid not in {each.uid for each in hits}:
        try:
            file = register.child(actor, uid, at=timezone.now())
            hits.append(
                register.Hit(file.subject_id, file.uid, file.name, file.sex, file.birth_date, file.place)
            )
        except NotAllowed:
            uid = ""
    pack = active.pack()
    return {
        "searches": searches, "exact": not actor.child_grants, "look_for": looked, "chosen": uid, "part": data.get("part", "harmed" if kind.reporter_sealed else "concerned"),
        "options": [
            {"code": each.uid, "label": both(each.name, each.name), "note": shown.person(each, actor.on)["note"],
             "place": shown.place(pack, each.place)["name"]}
            for each in hits
        ],
    }  # fmt: skip


def _told(kind: CaseKind, made: Report) -> dict[str, Any]:
    return {
        "kind": words(kind.name), "kind_sealed": kind.reporter_sealed, "number": made.number, "receipt": made.receipt, "made": made.made,
        "told": [words(each.name) for each in kind.parties if not each.optional and each.id not in made.missing],
        "missing": [words(party.name) for each in made.missing if (party := kind.party(each))],
        "trail": [{"label": both("个案", "Cases"), "href": address("cases")}],
    }  # fmt: skip
