"""Recording a form, correcting a record, taking it back; what it changed is shown at once.

About a child, or about a facility, a person or an organization: one page, from the declaration of the form.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor, allow
from yimi.apps.alerts import selectors as alerts
from yimi.apps.evaluation import live
from yimi.apps.evaluation.live import Item
from yimi.apps.evidence.pins import plain_text
from yimi.apps.evidence.selectors import Chip
from yimi.apps.field import actions as phone
from yimi.apps.records import actions, births, gates
from yimi.apps.records import selectors as records
from yimi.apps.records.actions import AnswersRefused, Stored
from yimi.apps.records.selectors import Line
from yimi.apps.register import selectors as register
from yimi.apps.register import subjects
from yimi.engines.growth import load_standard, plausible_unit
from yimi.lib.errors import NotAllowed, UserError
from yimi.pack.answers import holds, validate_answers
from yimi.pack.load import Pack
from yimi.pack.schema import Form, FormField
from yimi.sites.addresses import address
from yimi.sites.staff.pages import case_shown, evidence, figures, form_fields, shown
from yimi.sites.staff.pages.about import About, of_child, of_other
from yimi.sites.staff.pages.children import URGENCY, visible_items
from yimi.sites.staff.pages.figures import Words, both, words
from yimi.sites.staff.pages.shown import actor_of, in_language

MEASURES = ("weight_kg", "height_cm", "head_cm", "muac_cm")
MOVED = ("status", "due", "done")


@dataclass(frozen=True)
class Sheet:
    """A form in somebody's hands: about whom, what was typed, what it corrects."""

    form: Form
    file: About
    client_id: str
    occurred_on: str
    raw: dict[str, Any]
    action: str
    corrects: Line | None = None
    reason: str = ""
    held: tuple[Chip, ...] = ()  # files that came with this form and wait for its record
    kept: Mapping[str, Sequence[str]] | None = None  # field → files of the corrected record it keeps


# --- entering -----------------------------------------------------------------------------------------------


@allow("record")
@require_http_methods(["GET", "HEAD", "POST"])
def record(request: HttpRequest, uid: str, form_id: str) -> HttpResponse:
    """The form of the declaration; a repeat of the same page's request is the same record."""
    actor, now = actor_of(request), timezone.now()
    file, form = _open(actor, str(uid), form_id)
    held = request.GET.get("held", "")
    action = file.address(form.id) + (f"?{urlencode({'held': held})}" if held else "")
    if request.method != "POST":
        if held:
            return _from_phone(request, form, file, held, action)
        typed = {each.id: request.GET[each.id] for each in form.fields if each.id in request.GET}
        return _page(request, Sheet(form, file, str(uuid4()), actor.on.isoformat(), typed, action))
    wrong = _take(request, form, now)
    sheet = _sheet(request, form, file, action)
    problem = _ask_again(sheet, request)
    if problem is not None or wrong:
        return _page(request, sheet, errors=wrong, unit=problem, status=422)
    before = live.due(file.subject_id, actor.on, file.kind)
    try:
        stored = actions.add(
            form=form.id, subject=file.uid, occurred_on=_day(sheet), answers=sheet.raw, by=actor, at=now,
            record_uid=sheet.client_id, files=_files(sheet),
        )  # fmt: skip
    except UserError as error:
        return _back(request, sheet, error)
    if held:
        phone.settle(uid=sheet.client_id, by=actor, at=now)
    return _saved(request, sheet, stored, before)


def _from_phone(request: HttpRequest, form: Form, file: About, held: str, action: str) -> HttpResponse:
    """The form as a phone brought it, with what kept it from becoming a record; its uid stays that of the record."""
    actor = actor_of(request)
    letter = phone.reopen(uid=held, by=actor, at=timezone.now())
    if letter.form != form.id or letter.subject != file.uid:
        raise Http404
    uid, day = str(letter.uid), (letter.occurred_on or actor.on).isoformat()
    files = tuple(evidence.staged(actor, uid))
    wrong = validate_answers(form, letter.answers, active.pack(), letter.occurred_on).errors
    return _page(
        request, Sheet(form, file, uid, day, dict(letter.answers), action, held=files),
        errors=[{"field": each.field, "text": words(each.text)} for each in wrong],
    )  # fmt: skip


@allow("record")
@require_POST
def fields(request: HttpRequest, uid: str, form_id: str) -> HttpResponse:
    """The same form drawn again for what is shown and hidden; no record is stored, a file that came waits for it."""
    file, form = _open(actor_of(request), str(uid), form_id)
    wrong = _take(request, form, timezone.now())
    return _page(request, _sheet(request, form, file, file.address(form.id)), errors=wrong)


def _open(actor: Actor, uid: str, form_id: str) -> tuple[About, Form]:
    form = active.pack().forms.get(form_id)
    if form is None or form.id not in {each.id for each in records.forms_for(actor, uid)}:
        raise Http404
    if form.subject == "child":
        return of_child(actor, register.child(actor, uid, at=timezone.now())), form
    return of_other(active.pack(), subjects.subject(actor, uid)), form


def _sheet(request: HttpRequest, form: Form, file: About, action: str, corrects: Line | None = None) -> Sheet:
    posted = request.POST
    raw = {
        each.id: posted.getlist(each.id) if each.type == "codes" else posted.get(each.id, "")
        for each in form.fields
        if each.id in posted
    }
    batch = posted.get("client_id", "") or str(uuid4())
    carried = {each.uid for each in corrects.files} if corrects else set()
    kept = {
        each.id: [uid for uid in posted.getlist(f"{each.id}.keep") if uid in carried]
        for each in form.fields
        if each.type == "evidence"
    }
    return Sheet(
        form, file, batch, posted.get("occurred_on", "").strip(), raw, action, corrects, posted.get("change_reason", ""),
        tuple(evidence.staged(actor_of(request), batch)), kept,
    )  # fmt: skip


def _take(request: HttpRequest, form: Form, at: datetime) -> list[dict[str, Any]]:
    """Files that came with the form; whoever calls has opened the form for this person."""
    names = [each.id for each in form.fields if each.type == "evidence"]
    return evidence.take(request, names, request.POST.get("client_id", ""), actor_of(request), at)


def _files(sheet: Sheet) -> dict[str, list[str]]:
    kept = sheet.kept or {}
    return {
        each.id: evidence.chosen(each.id, sheet.held, kept.get(each.id, ()))
        for each in sheet.form.fields
        if each.type == "evidence"
    }


def _attached(sheet: Sheet) -> list[Chip]:
    """The files the record was stored with."""
    wanted = {uid for uids in _files(sheet).values() for uid in uids}
    return [
        each
        for each in (*sheet.held, *(sheet.corrects.files if sheet.corrects else ()))
        if each.uid in wanted
    ]


def _day(sheet: Sheet) -> date:
    try:
        return date.fromisoformat(sheet.occurred_on)
    except ValueError:
        raise NoDay("请填写日期，如 2026-05-01 / enter the date, such as 2026-05-01") from None


class NoDay(UserError):
    """The day of the record is missing or no day."""


# --- correcting and taking back -----------------------------------------------------------------------------


@allow("record")
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, record_uid: str) -> HttpResponse:
    """Put a record right: both stay in the file, only the new one counts."""
    actor, now = actor_of(request), timezone.now()
    old, file, form = _to_change(actor, str(record_uid))
    action = address("record-change", old.record_uid)
    if request.method != "POST":
        sheet = Sheet(form, file, str(uuid4()), old.occurred_on.isoformat(), dict(old.answers), action, old)
        return _page(request, sheet)
    wrong = _take(request, form, now)
    sheet = _sheet(request, form, file, action, old)
    problem = _ask_again(sheet, request)
    if problem is not None or wrong:
        return _page(request, sheet, errors=wrong, unit=problem, status=422)
    before = live.due(file.subject_id, actor.on, file.kind)
    try:
        stored = actions.correct(
            record_uid=old.record_uid, answers=sheet.raw, reason=sheet.reason, by=actor, at=now, occurred_on=_day(sheet),
            new_uid=sheet.client_id, files=_files(sheet),
        )  # fmt: skip
    except UserError as error:
        return _back(request, sheet, error)
    return _saved(request, sheet, stored, before)


@allow("record")
@require_POST
def void(request: HttpRequest, record_uid: str) -> HttpResponse:
    """Take a record back: it never happened. It stays in the file and no longer counts."""
    actor, now = actor_of(request), timezone.now()
    old, file, form = _to_change(actor, str(record_uid), also_voided=True)
    reason = request.POST.get("void_reason", "")
    sheet = Sheet(
        form, file, request.POST.get("client_id", "") or str(uuid4()), old.occurred_on.isoformat(), dict(old.answers),
        address("record-change", old.record_uid), old,
    )  # fmt: skip
    before = live.due(file.subject_id, actor.on, file.kind)
    try:
        stored = actions.void(
            record_uid=old.record_uid, reason=reason, by=actor, at=now, new_uid=sheet.client_id
        )
    except NotAllowed:
        raise
    except UserError as error:
        return _page(request, sheet, void_error=shown.sentence(error), status=422)
    return _saved(request, sheet, stored, before, taken_back=True)


def _to_change(actor: Actor, record_uid: str, also_voided: bool = False) -> tuple[Line, About, Form]:
    """A record this person may see and enter the like of; no case's, and in force unless it was just taken back."""
    old = records.one(actor, record_uid, at=timezone.now())
    form = active.pack().forms[old.form]
    standing = (
        ("in_force", "waiting", "voided", "corrected")
        if also_voided
        else ("in_force", "waiting", "corrected")
    )
    if form.subject == "case" or old.standing not in standing:
        raise Http404
    uid = records.subject_of(actor, record_uid)
    file, form = _open(actor, uid, form.id)
    return old, file, form


# --- a wrong unit -------------------------------------------------------------------------------------------


def _ask_again(sheet: Sheet, request: HttpRequest) -> dict[str, Any] | None:
    """A question where a measure looks like another unit; None once the person has confirmed these very values."""
    given = {
        name: _number(sheet.raw.get(name))
        for name in MEASURES
        if name in {each.id for each in sheet.form.fields}
    }
    values = {name: value for name, value in given.items() if value is not None}
    sex = {"m": 1, "f": 2}.get(sheet.file.sex or "")
    born = sheet.file.birth_date
    if not values or sex is None or born is None:
        return None
    try:
        days = (_day(sheet) - born).days
    except NoDay:
        return None
    hints = plausible_unit(load_standard("who"), sex, float(days), **values) if days >= 0 else []
    said = ";".join(f"{name}={value:g}" for name, value in sorted(values.items()))
    if not hints or request.POST.get("confirm_values") == said:
        return None
    return {
        "values": said,
        "hints": [{"field": each.field, "text": both(each.zh, each.en)} for each in hints],
    }


def _number(raw: Any) -> float | None:
    try:
        return float(str(raw).strip().replace("．", "."))
    except (TypeError, ValueError):
        return None


# --- the page -----------------------------------------------------------------------------------------------


def _back(request: HttpRequest, sheet: Sheet, error: UserError) -> HttpResponse:
    """The form with what is wrong beside its fields; denial stays denial."""
    if isinstance(error, NotAllowed):
        raise error
    if isinstance(error, AnswersRefused):
        told = [{"field": each.field, "text": words(each.text)} for each in error.errors]
        return _page(request, sheet, errors=told, status=422)
    text = shown.sentence(error)
    about_day = isinstance(error, NoDay) or "日期" in text["zh"]
    field = (
        "occurred_on"
        if about_day
        else "change_reason"
        if sheet.corrects and not sheet.reason.strip()
        else None
    )
    return _page(request, sheet, errors=[{"field": field, "text": text}], status=422)


def _page(
    request: HttpRequest, sheet: Sheet, *, errors: Sequence[dict[str, Any]] = (), unit: dict[str, Any] | None = None,
    void_error: Words | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    pack, actor, form, file = active.pack(), actor_of(request), sheet.form, sheet.file
    items = visible_items(
        pack,
        live.subject(file.subject_id, actor.on, file.kind).due,
        file.sensitivities,
        alerts.addressed(actor, file.subject_id),
    )
    wrong: dict[str, list[Words]] = {}
    listed = [*errors, *(unit["hints"] if unit else ())]
    for each in listed:
        if each["field"]:
            wrong.setdefault(each["field"], []).append(each["text"])
    if void_error:
        listed.append({"field": "void_reason", "text": void_error})
    refresh = None if sheet.corrects else file.address(form.id, again=True)
    context = {
        "trail": [{"label": file.name, "href": file.href}],
        "form": {
            "name": words(form.name), "version": form.version, "legal_basis": form.legal_basis, "purpose": words(form.purpose),
            "action": sheet.action, "refresh": refresh, "client_id": sheet.client_id,
            "cancel": file.href,
            "computed": ",".join(f"#field-{each.id}" for each in form.fields if each.computed),
            "uploads": ",".join(f"{each.id}.files" for each in form.fields if each.type == "evidence") or "-",
        },
        "subject": _chip(file),
        "occurred_on": {
            "id": "occurred_on", "label": both("日期", "Date"), "type": "date", "value": case_shown.shown_day(sheet.occurred_on), "unit": None,
            "hint": both("事情发生的那一天", "the day it happened"), "required": True, "errors": wrong.get("occurred_on", []),
            "options": [], "decides": False,
        },
        "fields": [
            *_fields(pack, actor, sheet, items, wrong),
            *([_reason_field(sheet, wrong)] if sheet.corrects else []),
        ],
        "errors": listed,
        "confirm": unit["values"] if unit else None,
        "corrects": {"on": sheet.corrects.occurred_on, "href": file.href} if sheet.corrects else None,
        "void": _void(sheet, void_error) if sheet.corrects else None,
        "due": [
            {"name": figures.item_name(pack, each.row["step"]), "status": each.row["status"], "due": each.row["due"]}
            for each in sorted(items, key=lambda each: URGENCY.get(each.row["status"], 9))
            if each.row["counted"] and each.row["status"] in ("overdue", "due")
        ],
        "second_person": form.second_person,
    }  # fmt: skip
    return render(request, "staff/record.html", context, status=status)


def _chip(file: About) -> dict[str, Any]:
    return {"name": shown.in_language(file.name), "href": file.href, "note": file.note}


def _void(sheet: Sheet, error: Words | None) -> dict[str, Any]:
    assert sheet.corrects is not None
    return {
        "action": address("record-void", sheet.corrects.record_uid),
        "client_id": str(uuid4()),
        "error": error,
    }


def _reason_field(sheet: Sheet, wrong: Mapping[str, list[Words]]) -> dict[str, Any]:
    return {
        "id": "change_reason", "label": both("更正原因", "Why it is corrected"), "type": "long_text", "value": sheet.reason, "unit": None,
        "hint": both("写明错在哪里、依据什么更正", "what was wrong, and how you know"), "required": True,
        "errors": wrong.get("change_reason", []), "options": [], "decides": False,
    }  # fmt: skip


def _fields(
    pack: Pack, actor: Actor, sheet: Sheet, items: Sequence[Item], wrong: Mapping[str, list[Words]]
) -> list[dict[str, Any]]:
    """The declared fields that are shown now, with what was typed."""
    form = sheet.form
    typed = validate_answers(form, sheet.raw, pack, case_shown.shown_day(sheet.occurred_on)).typed
    rules = " ".join(f"{each.show_when or ''} {each.required_when or ''}" for each in form.fields)
    decides = {each.id for each in form.fields if re.search(rf"\b{re.escape(each.id)}\b", rules)}
    found = []
    for each in form.fields:
        if each.show_when and not holds(each.show_when, form, typed):
            continue
        if each.computed:
            found.append(shown.computed(pack, each, typed.get(each.id)))
            continue
        required = each.required or bool(each.required_when and holds(each.required_when, form, typed))
        found.append(
            {
                **form_fields.described(each), "upload": _upload(sheet, each),
                "value": _value(each, typed.get(each.id, sheet.raw.get(each.id))),
                "required": required, "errors": wrong.get(each.id, []), "options": _options(pack, actor, sheet, each, items),
                "decides": each.id in decides,
            }
        )  # fmt: skip
    return found


def _upload(sheet: Sheet, each: FormField) -> dict[str, Any] | None:
    if each.type != "evidence":
        return None
    kept = None if sheet.kept is None else sheet.kept.get(each.id, ())
    return evidence.field(each.id, sheet.held, sheet.corrects.files if sheet.corrects else (), kept)


def _value(each: FormField, value: Any) -> Any:
    if each.type == "evidence":
        return plain_text(str(value or "")) or None
    if each.type == "date" and isinstance(value, str):
        return case_shown.shown_day(value)
    if each.type == "codes":
        return value or []
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if value != "" else None


def _options(
    pack: Pack, actor: Actor, sheet: Sheet, each: FormField, items: Sequence[Item]
) -> list[dict[str, Any]]:
    if each.type == "person":
        return _adults(pack, actor, sheet, each)
    if sheet.form.id == "service_exception" and each.id in ("pathway", "step"):
        return _exception_options(pack, each.id, items)
    return form_fields.options(pack, each)


def _adults(pack: Pack, actor: Actor, sheet: Sheet, each: FormField) -> list[dict[str, Any]]:
    """Whom a field may name, those who may be named today first; the others stay on the list and are refused."""
    listed = subjects.adults(gates.reach(sheet.form, actor), each.among or list(pack.statuses), actor.on)
    fit = gates.open_to(sheet.form, each.id, [one.subject_id for one in listed], actor.on)
    found = []
    for one in sorted(listed, key=lambda one: one.subject_id not in fit):
        at = figures.place_name(pack, one.place)
        no = both("", "") if one.subject_id in fit else both("（暂不符合条件）", " (not eligible now)")
        found.append(
            {
                "code": one.uid,
                "label": both(f"{one.name}，{at['zh']}{no['zh']}", f"{one.name}, {at['en']}{no['en']}"),
            }
        )
    return found


def _exception_options(pack: Pack, field: str, items: Sequence[Item]) -> list[dict[str, Any]]:
    """Nobody knows a step by its id: the child's open steps are offered by name."""
    open_ones = [
        each.row for each in items if each.row["status"] not in ("done", "done_late", "expired", "not_needed")
    ]
    if field == "pathway":
        names = dict.fromkeys(row["pathway"] for row in open_ones)
        return [{"code": each, "label": words(pack.pathways[each].name)} for each in names]
    steps = [{"code": row["step"], "label": figures.item_name(pack, row["step"])} for row in open_ones]
    return [*steps, {"code": "*", "label": both("该路径的全部步骤", "all steps of the pathway")}]


# --- after saving -------------------------------------------------------------------------------------------


def _saved(
    request: HttpRequest, sheet: Sheet, stored: Stored, before: list[dict[str, Any]], taken_back: bool = False
) -> HttpResponse:
    """How the due list moved, from the records of a moment ago and of now."""
    pack, actor, file = active.pack(), actor_of(request), sheet.file
    if not stored.made:
        told = both(
            "这条记录先前已经保存，没有重复登记。",
            "This record had been saved before; it was not entered twice.",
        )
        messages.info(request, in_language(told))
        return HttpResponseRedirect(file.href)
    after = live.subject(file.subject_id, actor.on, file.kind)
    addressed = alerts.addressed(actor, file.subject_id)
    verdict = after.judged.get(stored.seq)
    context = {
        "trail": [{"label": file.name, "href": file.href}],
        "form": {"name": words(sheet.form.name)},
        "subject": _chip(file),
        "record": {
            "on": case_shown.shown_day(sheet.occurred_on), "verdict": "taken_back" if taken_back else verdict["verdict"] if verdict else None,
            "because": _verdict_because(pack, verdict) if verdict else None, "href": None,
            "waits_for": both("第二人", "a second person") if sheet.form.second_person else None,
        },
        "changes": changes(pack, before, after.due, file.sensitivities, addressed, verdict["step"] if verdict else None),
        "again_href": file.address(sheet.form.id),
        "subject_href": file.href,
        "brought": _brought(sheet, stored, taken_back), "took_ms": None, "files": [] if taken_back else evidence.chips(_attached(sheet), opens=False),
    }  # fmt: skip
    return render(request, "staff/record_saved.html", context)


def _brought(sheet: Sheet, stored: Stored, taken_back: bool) -> dict[str, Any] | None:
    """The file that a birth opened, or that stays though the record of the birth was taken back."""
    uid = births.child_behind(stored.record_uid) if sheet.form.bears else None
    if uid is None:
        return None
    stays = both(
        "孩子的档案没有删除，只解除了与她的母子关系，请核对孩子是谁的：登记重复的到“儿童身份”合并。",
        "The child’s file was not deleted; only the tie to her was taken away. Find out whose child it is; a double is joined under “Identity”.",
    )  # fmt: skip
    opened = both(
        "孩子的档案已建立，资料已带入。", "The child’s file is open; nothing has to be typed again."
    )
    return {"text": stays if taken_back else opened, "href": address("child", uid), "warns": taken_back}


def _verdict_because(pack: Pack, verdict: Mapping[str, Any]) -> dict[str, Any]:
    pathway = pack.steps[verdict["step"]][0]
    return shown.said(pathway.source, pathway.confidence, verdict["words"], f"{pathway.id}.{verdict['step']}")


def changes(
    pack: Pack, before: Sequence[Mapping[str, Any]], after: Sequence[Item], sensitivities: frozenset[str],
    addressed: set[tuple[str, str]], own_step: str | None,
) -> list[dict[str, Any]]:  # fmt: skip
    """Due items that moved, within the reader's reading; the step the own record was for always."""

    def allowed(row: Mapping[str, Any]) -> bool:
        key = (row["pathway"], row["step"])
        return pack.pathways[key[0]].sensitivity in sensitivities or key in addressed or key[1] == own_step

    was = {(row["pathway"], row["step"]): row for row in before if allowed(row)}
    now = {(each.row["pathway"], each.row["step"]): each for each in after if allowed(each.row)}
    moved = []
    for key in [*now, *(key for key in was if key not in now)]:
        old, item = was.get(key), now.get(key)
        new = item.row if item else None
        if not (old and old["counted"]) and not (new and new["counted"]):
            continue
        if old and new and all(old[name] == new[name] for name in MOVED):
            continue
        moved.append(
            {
                "name": figures.item_name(pack, key[1]),
                "before": {"status": old["status"], "due": old["due"]} if old else None,
                "after": {"status": new["status"], "due": new["due"]} if new else None,
                "because": shown.because(item.because, f"{key[0]}.{key[1]}") if item else None,
            }
        )
    return moved
