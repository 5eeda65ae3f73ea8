"""A facility, a person, an organization, a place: what is in force, what is due and why, its tasks, what happened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor, allow
from yimi.apps.alerts import selectors as alerts
from yimi.apps.evaluation import live
from yimi.apps.places.selectors import organization_names
from yimi.apps.records import gates
from yimi.apps.records import selectors as records
from yimi.apps.records.selectors import Line
from yimi.apps.register import selectors as register
from yimi.apps.register import subjects
from yimi.apps.register.permissions import may_register_facility, registrable
from yimi.apps.register.subjects import SubjectFile
from yimi.apps.tasks import selectors as tasks
from yimi.apps.tasks import states
from yimi.pack.load import Pack
from yimi.pack.schema import Form
from yimi.sites.addresses import address
from yimi.sites.staff.pages import facilities, figures, shown
from yimi.sites.staff.pages.children import (
    KIN,
    URGENCY,
    due_lines,
    plain_entry,
    record_entry,
    visible_items,
)
from yimi.sites.staff.pages.figures import Words, both, role_name, words
from yimi.sites.staff.pages.offered import offered
from yimi.sites.staff.pages.shown import actor_of

STANDING = ("in_force", "waiting")
OWNERS = {"public": both("公办", "public"), "private": both("民办", "private")}
HOURS = "volunteer_service"  # the form whose attended minutes are a volunteer's hours
ENTRIES = 120


@allow("staff")
@require_GET
def subject(request: HttpRequest, uid: str) -> HttpResponse:
    """Everything about one facility, person or organization this person may read, of this moment."""
    pack, actor = active.pack(), actor_of(request)
    file = subjects.subject(actor, str(uid))
    seen = live.subject(file.subject_id, actor.on, file.kind)
    items = visible_items(pack, seen.due, file.sensitivities, alerts.addressed(actor, file.subject_id))
    lines = records.of_subject(actor, file.subject_id, file.kind, file.sensitivities)
    forms = records.forms_for(actor, file.uid) if actor.records_anything else []
    recordable = {each.id for each in forms}
    wanted = [each for each in items if each.row["counted"] and each.row["status"] in URGENCY]
    late = [each for each in wanted if each.row["status"] == "overdue"]
    told = tasks.of_child(actor, file.subject_id)
    first, others = offered(
        pack,
        file.kind,
        forms,
        wanted,
        {each.row["pathway"] for each in seen.due if each.row["counted"]},
        {each.form for each in lines},
    )
    context = {
        "trail": [{"label": both("名册", "Rosters"), "href": address("roster")}],
        "subject": _head(pack, file),
        "standing": {"overdue": len(late), "due": sum(each.row["status"] == "due" for each in wanted)},
        "marks": [*_closed(file), *_public(pack, late), *(_mark(pack, each.row) for each in late), *_barred(pack, file, actor.on)],
        "record_links": [_record_link(file, each) for each in first],
        "other_links": [_record_link(file, each) for each in others],
        "register_links": _register_links(file, actor),
        "due": due_lines(pack, file.uid, wanted, recordable, "subject-record"),
        "in_force": _in_force(pack, lines, actor.on),
        "tasks": [_task(pack, each) for each in told],
        "statuses": _statuses(pack, file, actor.on),
        "children": _children(pack, actor, file),
        "hours": _hours(lines, actor.on) if file.kind == "person" else None,
        "entries": _entries(pack, file, lines, recordable),
    }  # fmt: skip
    return render(request, "staff/subject.html", context)


def _closed(file: SubjectFile) -> list[Words]:
    if file.kind != "facility" or file.closed_on is None:
        return []
    day = file.closed_on.isoformat()
    return [both(f"已停用，自{day}起不再计入", f"Closed: not counted from {day}")]


def _public(pack: Pack, late: Sequence[live.Item]) -> list[Words]:
    """What the public is to be told while it is so."""
    marks = [pack.steps[each.row["step"]][1].public_mark for each in late]
    return [both(f"公示标记：{each.zh}", f"Public mark: {each.en}") for each in marks if each]


def _register_links(file: SubjectFile, actor: Actor) -> list[dict[str, Any]]:
    """A place: enter what has opened there. A facility: enter that it has closed."""
    if file.kind == "facility" and file.closed_on is None and may_register_facility(actor, file.what, file.place or ""):  # fmt: skip
        return [{"label": facilities.CLOSE, "href": address("facility-close", file.uid)}]
    if file.kind == "place" and any(file.code in places for places in registrable(actor).values()):
        return [{"label": facilities.NEW, "href": f"{address('facility-new')}?place={file.code}"}]
    return []


def _mark(pack: Pack, row: dict[str, Any]) -> Words:
    name, day = figures.item_name(pack, row["step"]), row["overdue_after"] or row["due"]
    until = both(f"，期限{day.isoformat()}", f", last day {day.isoformat()}") if day else both("", "")
    return both(f"逾期：{name['zh']}{until['zh']}", f"Overdue: {name['en']}{until['en']}")


def _barred(pack: Pack, file: SubjectFile, on: date) -> list[Words]:
    """Why a person on one of the lists may not be named today: the sentence that would refuse the record."""
    if file.kind != "person":
        return []
    held = {each.scheme for each in file.statuses if each.until is None or each.until > on}
    found = []
    for form in pack.forms.values():
        for field in form.fields:
            if field.requires and held & set(field.among) and form.sensitivity in file.sensitivities:
                closed = gates.shut(field.requires, "person", file.subject_id, on)
                found += [words(closed.says)] if closed else []
    return found


def _record_link(file: SubjectFile, form: Form) -> dict[str, Any]:
    label = both(f"登记：{form.name.zh}", f"Record: {form.name.en}")
    return {"label": label, "href": address("subject-record", file.uid, form.id)}


def _head(pack: Pack, file: SubjectFile) -> dict[str, Any]:
    return {
        "name": both(file.name, file.name_en), "kind": shown.subject_kind(pack, file.kind, file.what),
        "place": shown.place(pack, file.place) if file.place else None, "owner": OWNERS.get(file.ownership or ""),
        "opened_on": file.opened_on, "closed_on": file.closed_on, "is_person": file.kind == "person",
    }  # fmt: skip


def _in_force(pack: Pack, lines: Sequence[Line], on: date) -> list[dict[str, Any]]:
    """The latest record of each form: license, places, inspection, staff; with a mark where its end is past."""
    latest: dict[str, Line] = {}
    for line in lines:
        if line.standing in STANDING:
            latest[line.form] = line
    found = []
    for name, line in sorted(latest.items(), key=lambda item: item[1].occurred_on, reverse=True):
        form = pack.forms[name]
        until = _day(line.answers.get("valid_until"))
        found.append(
            {
                "name": words(form.name), "on": line.occurred_on, "told": shown.answers(pack, form, line.answers, limit=8),
                "until": until, "over": until is not None and until < on,
            }
        )  # fmt: skip
    return found


def _day(raw: Any) -> date | None:
    try:
        return date.fromisoformat(str(raw)) if raw else None
    except ValueError:
        return None


def _task(pack: Pack, line: tasks.TaskLine) -> dict[str, Any]:
    return {
        "title": line.title, "href": address("task", line.uid), "state": states.NAMES[line.state],
        "to": role_name(pack, line.role), "due": line.due_on, "open": line.closed_on is None,
    }  # fmt: skip


def _statuses(pack: Pack, file: SubjectFile, on: date) -> list[dict[str, Any]]:
    return [
        {
            "scheme": words(pack.statuses[each.scheme].name), "code": shown.status_name(pack, each.scheme, each.code),
            "since": each.since, "until": each.until, "review_due": each.review_due,
            "late": each.until is None and each.review_due is not None and each.review_due < on,
        }
        for each in reversed(file.statuses)
        if each.scheme in pack.statuses
    ]  # fmt: skip


def _children(pack: Pack, actor: Actor, file: SubjectFile) -> list[dict[str, Any]]:
    """The children a person stands for now, those within the reader's reach by name."""
    if file.kind != "person":
        return []
    found = []
    for kin in subjects.children_of(actor, file.subject_id):
        name = KIN.get(kin.kind, KIN["other"])
        found.append({"person": shown.person(kin.hit, actor.on), "what": name, "since": kin.since})
    for each in records.naming(file.uid, actor.on):
        scheme = pack.statuses[each.scheme]
        hit = register.named(actor, [each.child_id], scheme.sensitivity).get(each.child_id)
        if hit is not None:
            found.append(
                {
                    "person": shown.person(hit, actor.on),
                    "what": words(scheme.name),
                    "since": each.since,
                    "blocked": _blocked(pack, each.scheme, file.uid, actor.on),
                }
            )
    return found


def _blocked(pack: Pack, scheme: str, uid: str, on: date) -> Words | None:
    """Why this person may not stand for a child by this scheme any more."""
    for form in pack.forms.values():
        if any(each.scheme == scheme for each in form.decides):
            named = {each.id: uid for each in form.fields if each.type == "person"}
            return shown.blocked(form, named, on)
    return None


def _hours(lines: Sequence[Line], on: date) -> Words | None:
    """Hours of attended service: of the last year and in all."""
    minutes = [
        (line.occurred_on, int(line.answers.get("minutes") or 0))
        for line in lines
        if line.form == HOURS and line.standing in STANDING and line.answers.get("attended") is True
    ]
    if not minutes:
        return None
    year = sum(told for day, told in minutes if (on - day).days < 365) / 60
    total = sum(told for _, told in minutes) / 60
    return both(
        f"志愿服务{total:g}小时，近一年{year:g}小时（{len(minutes)}次签到）",
        f"{total:g} hours of service, {year:g} in the last year ({len(minutes)} entries of attendance)",
    )


def _entries(
    pack: Pack, file: SubjectFile, lines: Sequence[Line], recordable: set[str]
) -> list[dict[str, Any]]:
    bodies = organization_names()
    found = [record_entry(pack, line, None, bodies, recordable) for line in lines]
    if file.opened_on:
        found.append(plain_entry(file.opened_on, both("设立", "Opened"), None))
    found.sort(key=lambda each: each["on"], reverse=True)
    return found[:ENTRIES]
