"""One case: my part of it, everybody's clocks, receipts, the next action, and its end by two people."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor, allow
from yimi.apps.cases import actions, selectors
from yimi.apps.cases.selectors import CaseFile
from yimi.apps.evaluation import cases as worked
from yimi.apps.evaluation.cases import Clock
from yimi.apps.records import actions as records
from yimi.apps.records import selectors as record_file
from yimi.apps.records.actions import AnswersRefused
from yimi.apps.records.selectors import Line
from yimi.apps.register import selectors as register
from yimi.apps.register.idnumber import is_valid
from yimi.lib.errors import NotAllowed, UserError
from yimi.pack.case_kinds import CaseKind
from yimi.pack.load import Pack
from yimi.pack.schema import Form
from yimi.sites.addresses import address
from yimi.sites.staff.pages import case_shown, shown
from yimi.sites.staff.pages.figures import Words, both, words
from yimi.sites.staff.pages.shown import actor_of, in_language

VERBS = {
    "open": both("收到", "Received"), "join": both("加入办理", "joined"), "not_needed": both("不需要参与", "not needed"),
    "close": both("结案", "Closed"), "reopen": both("再次伤害，重新办理", "Opened again after new harm"),
    "seal": both("终止并封存", "Ended and sealed"), "involve": both("确认了儿童身份", "The child became known"),
}  # fmt: skip


@allow("cases")
@require_GET
def case(request: HttpRequest, uid: str) -> HttpResponse:
    return _page(request, str(uid))


def _page(
    request: HttpRequest, uid: str, *, error: Words | None = None, look_for: str = "", status: int = 200
) -> HttpResponse:
    pack, actor, now = active.pack(), actor_of(request), timezone.now()
    file = selectors.one(actor, uid, at=now)
    kind, line = pack.cases[file.line.kind], file.line
    seen = worked.worked(line.subject_id, actor.on, now)
    lines = record_file.of_case(line.subject_id, file.reads)
    told_children = {each.uid for each in line.children} and register.reachable(
        actor, [each.uid for each in line.children]
    )
    clocks = sorted(seen.clocks, key=lambda each: (each.party not in line.parties, _urgency(each)))
    context = {
        "case": {
            "number": line.number, "kind": words(kind.name), "state": line.state, "state_words": case_shown.STATES[line.state],
            "opened": case_shown.moment(line.opened_at), "reopened": case_shown.moment(line.reopened_at) if line.reopened_at else None,
            "closed_on": line.closed_on, "place": shown.place(pack, line.place), "protocol": file.protocol,
            "basis": kind.source, "note": words(kind.note) if kind.note else None,
            "as": [case_shown.party_name(kind, each) for each in line.parties],
            "sealed": line.state == "sealed", "will_seal": kind.seal is not None,
        },
        "nobody": not kind.about_children,
        "children": [
            case_shown.child_chip(each, actor.on, address("child", each.uid) if each.uid in told_children else None)
            for each in line.children
        ],
        "mine": [_clock(pack, kind, file, each, now) for each in clocks if each.party in line.parties],
        "others": [_clock(pack, kind, file, each, now) for each in clocks if each.party not in line.parties],
        "late": sum(each.state == "late" for each in clocks if each.party in line.parties),
        "suggested": [words(pack.suspicions[each].because) for each in seen.suspicions],
        "forms": _forms(pack, file, seen.clocks), "entries": _entries(pack, kind, file, lines, actor),
        "waiting": _waiting(pack, kind, file, lines, actor),
        "parties": _parties(kind, file), "lead": _lead(pack, kind, file, actor, look_for) if file.leads and line.state == "open" else None,
        "closing": _closing(pack, kind), "error": error,
        "identity": _identity(pack, kind, file) if kind.identity and file.leads and line.state == "open" else None,
        "identities": selectors.identities(actor, uid, at=now),
        "trail": [{"label": both("个案", "Cases"), "href": address("cases")}],
    }  # fmt: skip
    return render(request, "staff/case.html", context, status=status)


def _urgency(clock: Clock) -> int:
    return ("late", "running", "upcoming", "late_done", "done").index(clock.state)


def _clock(pack: Pack, kind: CaseKind, file: CaseFile, clock: Clock, at: datetime) -> dict[str, Any]:
    form = pack.steps[clock.step][1].form
    may = form in file.enters and clock.party in file.line.parties and clock.state in ("late", "running")
    href = address("case-record", file.line.uid, form) if may else None
    return case_shown.clock_line(pack, kind, clock, at, href)


def _forms(pack: Pack, file: CaseFile, clocks: list[Clock]) -> list[dict[str, Any]]:
    """What this person may enter, the form of the most urgent clock first."""
    urgent = [
        pack.steps[each.step][1].form
        for each in sorted(clocks, key=_urgency)
        if each.party in file.line.parties and each.state in ("late", "running")
    ]
    ordered = sorted(
        file.enters, key=lambda f: (urgent.index(f) if f in urgent else 99, list(pack.forms).index(f))
    )
    return [
        {
            "label": words(pack.forms[each].name),
            "href": address("case-record", file.line.uid, each),
            "first": each in urgent[:1],
        }
        for each in ordered
    ]


def _entries(
    pack: Pack, kind: CaseKind, file: CaseFile, lines: list[Line], actor: Actor
) -> list[dict[str, Any]]:
    """What happened, newest first: records this person reads, and who came, went, ended."""
    by_record = {each.record_uid: each for each in file.history if each.record_uid}
    entries: list[tuple[datetime, dict[str, Any]]] = []
    for line in lines:
        event, form = by_record.get(line.record_uid), pack.forms[line.form]
        party = event.party if event else ""
        who = case_shown.party_name(kind, party) if party else both("报告", "report")
        name = f" {line.by}" if line.by and party in file.line.parties else ""
        at = case_shown.moment(line.received_at)
        entries.append(
            (
                line.received_at,
                {
                    "on": line.occurred_on, "title": words(form.name), "note": shown.answers(pack, form, line.answers, 20),
                    "by": both(f"{who['zh']}{name} {at['zh']}", f"{who['en']}{name} {at['en']}"), "place": None,
                    "tag": _standing(line), "because": None, "href": None,
                    "state": "note" if line.standing in ("in_force", "waiting") else "invalid",
                },
            )
        )  # fmt: skip
    for each in file.history:
        if each.record_uid:
            continue
        who = case_shown.party_name(kind, each.party) if each.party else both("", "")
        verb, at = VERBS[each.verb], case_shown.moment(each.at)
        entries.append(
            (
                each.at,
                {
                    "on": timezone.localtime(each.at).date(), "title": both(f"{who['zh']}{verb['zh']}", f"{who['en']} {verb['en']}".strip()),
                    "note": None, "by": at, "place": None, "tag": None, "because": None, "href": None,
                    "state": "late" if each.verb == "reopen" else "done",
                },
            )
        )  # fmt: skip
    return [each for _, each in sorted(entries, key=lambda pair: pair[0], reverse=True)]


def _standing(line: Line) -> Words | None:
    return {
        "waiting": both("待第二人核实", "waits for a second person"), "rejected": both("未通过核实", "not confirmed"),
        "corrected": both("已更正", "corrected"), "voided": both("已撤回", "taken back"),
    }.get(line.standing) or (both("已核实", "verified") if line.verified_by else None)  # fmt: skip


def _waiting(
    pack: Pack, kind: CaseKind, file: CaseFile, lines: list[Line], actor: Actor
) -> list[dict[str, Any]]:
    """Records that wait for this person's verification."""
    return [
        {
            "name": words(pack.forms[each.form].name), "answers": shown.answers(pack, pack.forms[each.form], each.answers, 20),
            "record": each.record_uid, "action": address("case-verify", file.line.uid),
            "ends": each.form == kind.closing.form, "seals": kind.seal is not None and each.form == kind.closing.form,
        }
        for each in lines
        if each.standing == "waiting" and record_file.may_verify_record(actor, each.record_uid)
    ]  # fmt: skip


def _parties(kind: CaseKind, file: CaseFile) -> list[dict[str, Any]]:
    return [
        {
            "name": case_shown.party_name(kind, each.party), "body": each.body, "mine": each.mine, "needed": each.needed,
            "reason": each.reason, "lead": each.party == kind.lead, "party": each.party,
        }
        for each in file.parties
    ]  # fmt: skip


def _identity(pack: Pack, kind: CaseKind, file: CaseFile) -> dict[str, Any]:
    """Where the leading party enters under which identity the child goes on."""
    villages = [
        {"code": v.code, "label": both(f"{t.name_zh}{v.name_zh}", f"{v.name_en}, {t.name_en}")}
        for v in pack.villages()
        if (t := pack.places.get(v.parent or "")) is not None
    ]

    def field(name: str, zh: str, en: str, kind: str = "text", **more: Any) -> dict[str, Any]:
        return {
            "id": name, "label": both(zh, en), "type": kind, "value": "", "unit": None, "hint": None, "required": False,
            "errors": [], "options": [], "decides": False, **more,
        }  # fmt: skip

    return {
        "action": address("case-identity", file.line.uid), "entered": selectors.has_identity(file.line.subject_id),
        "fields": [
            field("name", "收养后的姓名", "Name from now on", required=True),
            field("id_number", "身份证号", "ID number"),
            field("place", "住址（村、社区）", "Home (village or community)", "place", options=villages, required=True),
            field("father", "养父姓名", "Adoptive father"), field("mother", "养母姓名", "Adoptive mother"),
        ],
    }  # fmt: skip


@allow("cases")
@require_POST
def identity(request: HttpRequest, uid: str) -> HttpResponse:
    """The leading party enters the identity under which the child goes on; it is kept under seal."""
    data = request.POST
    content = {
        "name": data.get("name", "").strip(), "id_number": data.get("id_number", "").strip(),
        "place": data.get("place", "") if data.get("place", "") in active.pack().places else "",
        "parents": [
            {"kind": kind, "name": data.get(kind, "").strip()} for kind in ("father", "mother") if data.get(kind, "").strip()
        ],
    }  # fmt: skip
    if content["id_number"] and not is_valid(str(content["id_number"])):
        wrong = both("身份证号不对：应为18位，请核对", "This is no ID number: 18 characters, check it")
        return _page(request, str(uid), error=wrong, status=422)
    try:
        actions.set_identity(uid=str(uid), identity=content, by=actor_of(request), at=timezone.now())
    except NotAllowed:
        raise
    except UserError as error:
        return _page(request, str(uid), error=shown.sentence(error), status=422)
    messages.success(
        request, in_language(both("已登记，办结时生效", "Entered; it takes effect when the case ends"))
    )
    return HttpResponseRedirect(address("case", str(uid)))


def _lead(pack: Pack, kind: CaseKind, file: CaseFile, actor: Actor, look_for: str) -> dict[str, Any]:
    present = {each.party for each in file.parties}
    hits = case_shown.find_children(actor, look_for)
    return {
        "action": address("case-parties", file.line.uid),
        "removable": [
            {"code": each.party, "label": case_shown.party_name(kind, each.party)}
            for each in file.parties
            if each.needed and each.party != kind.lead
        ],
        "joinable": [
            {"code": each.id, "label": words(each.name)}
            for each in kind.parties
            if each.id not in present and each.organization not in ("sender", "chosen")
        ],
        "child_action": address("case-child", file.line.uid), "look_for": look_for,
        "hits": [{**shown.person(each, actor.on), "uid": each.uid} for each in hits],
    }  # fmt: skip


def _closing(pack: Pack, kind: CaseKind) -> dict[str, Any]:
    def names(parties: list[str]) -> Words:
        found = [case_shown.party_name(kind, each) for each in parties]
        return both("、".join(each["zh"] for each in found), ", ".join(each["en"] for each in found))

    return {
        "form": words(pack.forms[kind.closing.form].name),
        "by": names(kind.closing.by),
        "verified_by": names(kind.closing.verified_by),
    }


# --- entering a form -----------------------------------------------------------------------------------------


@allow("cases")
@require_http_methods(["GET", "HEAD", "POST"])
def record(request: HttpRequest, uid: str, case_form: str) -> HttpResponse:
    """A form of my party's. A repeat of the same page's request is the same record."""
    actor, now = actor_of(request), timezone.now()
    file = selectors.one(actor, str(uid), at=now)
    form = active.pack().forms.get(case_form)
    if form is None or form.id not in file.enters:
        raise Http404
    if request.method != "POST" or "redraw" in request.POST:
        return _form_page(request, file, form)
    try:
        day = date.fromisoformat(request.POST.get("occurred_on", ""))
    except ValueError:
        told = both("请填写日期，如 2026-05-01", "enter the date, such as 2026-05-01")
        return _form_page(request, file, form, [{"field": "occurred_on", "text": told}], 422)
    try:
        stored = records.add(
            form=form.id, subject=file.line.uid, occurred_on=day, answers=case_shown.posted(form, request.POST), by=actor,
            at=now, record_uid=request.POST.get("client_id") or None,
        )  # fmt: skip
    except AnswersRefused as error:
        return _form_page(
            request, file, form, [{"field": e.field, "text": words(e.text)} for e in error.errors], 422
        )
    except NotAllowed:
        raise
    except UserError as error:
        field = "occurred_on" if "日期" in str(error) else None
        return _form_page(request, file, form, [{"field": field, "text": shown.sentence(error)}], 422)
    told = (
        both("已保存。", "Saved.")
        if stored.made
        else both("这条记录先前已经保存。", "It had been saved before.")
    )
    if form.second_person:
        told = both(
            f"{told['zh']}待第二人核实后生效。",
            f"{told['en']} It counts once a second person has verified it.",
        )
    messages.success(request, in_language(told))
    return HttpResponseRedirect(address("case", file.line.uid))


def _form_page(
    request: HttpRequest,
    file: CaseFile,
    form: Form,
    errors: list[dict[str, Any]] | None = None,
    status: int = 200,
) -> HttpResponse:
    pack, actor, data = active.pack(), actor_of(request), request.POST
    wrong = case_shown.by_field(errors or ())
    day = case_shown.shown_day(data.get("occurred_on", "")) if request.method == "POST" else actor.on
    action = address("case-record", file.line.uid, form.id)
    context = {
        "form": {
            "name": words(form.name), "legal_basis": form.legal_basis, "purpose": words(form.purpose), "action": action,
            "client_id": data.get("client_id") or str(uuid4()), "cancel": address("case", file.line.uid),
        },
        "about": case_shown.about(file.line), "number": file.line.number,
        "occurred_on": case_shown.day_field(day, wrong.get("occurred_on", [])),
        "fields": case_shown.fields(pack, form, case_shown.posted(form, data), wrong), "errors": errors or [],
        "second_person": form.second_person,
        "trail": [
            {"label": both("个案", "Cases"), "href": address("cases")},
            {"label": both(file.line.number, file.line.number), "href": address("case", file.line.uid)},
        ],
    }  # fmt: skip
    return render(request, "staff/case_form.html", context, status=status)


@allow("cases")
@require_POST
def verify(request: HttpRequest, uid: str) -> HttpResponse:
    """The second person confirms or sends back; a confirmed closing ends the case."""
    actor, now = actor_of(request), timezone.now()
    selectors.one(actor, str(uid), at=now)
    outcome = "rejected" if request.POST.get("answer") == "rejected" else "verified"
    try:
        records.verify(
            record_uid=request.POST.get("record", ""),
            outcome=outcome,
            by=actor,
            at=now,
            note=request.POST.get("note", ""),
        )
    except NotAllowed:
        raise
    except UserError as error:
        return _page(request, str(uid), error=shown.sentence(error), status=422)
    told = both("已核实。", "Verified.") if outcome == "verified" else both("已退回。", "Sent back.")
    messages.success(request, in_language(told))
    try:
        selectors.one(actor, str(uid), at=now)
    except NotAllowed:
        return HttpResponseRedirect(address("cases"))  # it was sealed with this very word
    return HttpResponseRedirect(address("case", str(uid)))


@allow("cases")
@require_POST
def parties(request: HttpRequest, uid: str) -> HttpResponse:
    """The leading party lets a body in, or records why one is not needed."""
    data, by, at = request.POST, actor_of(request), timezone.now()
    try:
        if data.get("join"):
            actions.join(uid=str(uid), party=data["join"], by=by, at=at)
        else:
            actions.not_needed(
                uid=str(uid), party=data.get("party", ""), reason=data.get("reason", ""), by=by, at=at
            )
    except NotAllowed:
        raise
    except UserError as error:
        return _page(request, str(uid), error=shown.sentence(error), status=422)
    return HttpResponseRedirect(address("case", str(uid)))


@allow("cases")
@require_POST
def child(request: HttpRequest, uid: str) -> HttpResponse:
    """The leading party finds the child by name and says who it is."""
    data, by, at = request.POST, actor_of(request), timezone.now()
    if not data.get("child"):
        return _page(request, str(uid), look_for=data.get("look_for", "").strip())
    case_shown.named_child(by, data["child"], data.get("look_for", "").strip(), at)
    try:
        actions.involve(uid=str(uid), child=data["child"], role=data.get("part", "concerned"), by=by, at=at)
    except NotAllowed:
        raise
    except UserError as error:
        return _page(request, str(uid), error=shown.sentence(error), status=422)
    return HttpResponseRedirect(address("case", str(uid)))
