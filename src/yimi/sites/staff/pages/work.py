"""My work: tasks with their clocks, alerts, and one task from alert to closure."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor, allow
from yimi.apps.alerts import selectors as alerts
from yimi.apps.alerts.actions import rule_of
from yimi.apps.tasks import actions, selectors, states
from yimi.apps.tasks.selectors import TaskFile, TaskLine
from yimi.lib.dates import add_working_days
from yimi.lib.errors import NotAllowed, UserError
from yimi.pack.load import Pack
from yimi.sites.addresses import address
from yimi.sites.staff.pages import evidence, figures, radar, shown
from yimi.sites.staff.pages.figures import Words, both, role_name, words
from yimi.sites.staff.pages.shown import actor_of, in_language

SOON_DAYS = 2  # working days
TAB_NAMES = {
    "mine": both("我的任务", "Mine"), "to_verify": both("待我核实", "To verify"),
    "handed_on": both("已转出", "Handed on"), "all": both("全部未销号", "All open"), "closed": both("已销号", "Closed"),
}  # fmt: skip
# The words of the page's states for the states of a task.
STATE_WORDS = {states.CLOSED: "verified", states.WITHDRAWN: "cancelled", states.REFUSED: "returned"}


@allow("staff")
@require_GET
def work(request: HttpRequest) -> HttpResponse:
    """What waits for me, the most urgent first."""
    pack, actor = active.pack(), actor_of(request)
    until = soon_until(pack, actor.on)
    desk = selectors.desk(actor, request.GET.get("tab", "mine"), as_of=actor.on, soon_until=until)
    tabs = [
        {"label": TAB_NAMES[name], "href": f"?tab={name}", "current": name == desk.tab, "count": count}
        for name, count in desk.counts.items()
    ]
    context = {
        "tabs": tabs,
        "standing": {
            "late": desk.late, "soon": desk.soon, "open": desk.in_hand, "to_verify": desk.counts["to_verify"],
            "to_accept": sum(each.may_accept for each in desk.lines),
        },
        "tasks": [task_card(pack, each, actor.on) for each in desk.lines],
        "alerts": alert_lines(pack, actor) if desk.tab == "mine" else [],
    }  # fmt: skip
    return render(request, "staff/work.html", context)


def soon_until(pack: Pack, on: date) -> date:
    """The last day that ends soon."""
    holidays = {day for each in pack.calendars.values() for day in each.holidays}
    workdays = {day for each in pack.calendars.values() for day in each.workdays}
    return add_working_days(on, SOON_DAYS, holidays, workdays)


def task_card(pack: Pack, line: TaskLine, on: date) -> dict[str, Any]:
    return {
        "href": address("task", line.uid),
        "title": line.title,
        "place": shown.place(pack, line.place),
        "to": role_name(pack, line.role),
        "state": STATE_WORDS.get(line.state, line.state),
        "clock": clock(pack, line, on),
        "cause": _cause(pack, line),
        "because": task_because(pack, line),
        "accept": address("task-accept", line.uid) if line.may_accept else None,
        "verify_href": address("task", line.uid) if line.may_verify else None,
    }


def _cause(pack: Pack, line: TaskLine) -> Words:
    if line.case is not None:
        return both(f"个案 {line.case[0]}", f"case {line.case[0]}")
    return shown.cause(pack, line.children, line.count, pathway=line.pathway, behind=line.behind)


def clock(pack: Pack, line: TaskLine, on: date) -> dict[str, Any] | None:
    if line.state == states.WITHDRAWN:
        return None  # neither in time nor late
    if line.closed_on is not None:
        late = line.closed_on > line.due_on
        return {
            "state": "stopped_late" if late else "stopped",
            "days": None,
            "on": line.closed_on,
            "fraction": 1,
        }
    return figures.clock(pack, line.due_on, line.opened_on, on)


def task_because(pack: Pack, line: TaskLine) -> dict[str, Any] | None:
    """The rule behind a task: what was found, and how its deadline came about."""
    pathway = pack.raised_by(line.pathway or "")
    if pathway is None or line.rule is None or line.rule not in {each.id for each in pathway.alerts}:
        return None
    rule = rule_of(pack, pathway.id, line.rule)
    days = rule.task.working_days if rule.task else 0
    place = figures.place_name(pack, line.place)
    if line.case is not None:
        zh, en = f"{rule.name.zh}，个案{line.case[0]}", f"{rule.name.en}, case {line.case[0]}"
        told = both(
            f"{zh}。{line.opened_on}交办，限{days}个工作日。",
            f"{en}. Set on {line.opened_on}, {days} working days.",
        )
        return shown.said(rule.source, rule.confidence, told, f"{pathway.id}.{rule.id}")
    n = shown.counted(pack, pathway.id, line.count)
    text = both(
        f"{place['zh']}：{rule.name.zh}，{n['zh']}。{line.opened_on}交办，限{days}个工作日，"
        f"{line.first_due_on}到期；转办不改变期限。",
        f"{place['en']}: {rule.name.en}, {n['en']}. Set on {line.opened_on}, {days} working days: due "
        f"{line.first_due_on}. Handing it on does not move the deadline.",
    )
    return shown.said(rule.source, rule.confidence, text, f"{pathway.id}.{rule.id}")


def alert_lines(pack: Pack, actor: Actor) -> list[dict[str, Any]]:
    """Alerts told by name that no task of one's own stands for, then what is told in numbers."""
    found: list[dict[str, Any]] = []
    promised = selectors.alerts_with_task(actor)
    named, total = alerts.told_by_name(actor, without=promised)
    for each in named:
        name = _rule_name(pack, each.pathway, each.rule)
        who = shown.cause(pack, each.children, each.count, pathway=each.pathway)
        first = each.children.named[0].hit if each.children.count == 1 else None
        href = address("child", first.uid) if first else None
        if each.case is not None:
            who, href = (
                both(f"个案 {each.case[0]}", f"case {each.case[0]}"),
                address("case", each.case[1]),
            )
        found.append(
            {
                "href": href,
                "text": both(f"{name['zh']}：{who['zh']}", f"{name['en']}: {who['en']}"),
                "since": each.opened_at, "count": each.count, "place": shown.place(pack, each.place), "state": "off",
                "because": None,
            }
        )  # fmt: skip
    if total > len(named):
        more = total - len(named)
        text = both(
            f"另有{more}条预警，处理上面各条后显示", f"{more} alerts more; they show as these are settled"
        )
        found.append(
            {
                "href": None,
                "text": text,
                "since": None,
                "count": more,
                "place": None,
                "state": "off",
                "because": None,
            }
        )
    for told in alerts.told_counts(actor):
        name = _rule_name(pack, told.pathway, told.rule)
        text = both(
            f"{name['zh']}：{told.children}名儿童，涉及{told.places}个地方",
            f"{name['en']}: {told.children} children in {told.places} places",
        )
        if told.pathway in pack.case_pathways:
            text = both(f"{name['zh']}：{told.children}件个案", f"{name['en']}: {told.children} cases")
        found.append(
            {"href": None, "text": text, "since": told.opened_at, "count": told.children, "place": None,
             "state": "on_track", "because": None}
        )  # fmt: skip
    return found


def _rule_name(pack: Pack, pathway: str, rule: str) -> Words:
    declared = pack.raised_by(pathway)
    found = next((each for each in declared.alerts if each.id == rule), None) if declared else None
    return words(found.name) if found else both(rule, rule)


# --- one task -----------------------------------------------------------------------------------------------


@allow("staff")
@require_GET
def task(request: HttpRequest, uid: str) -> HttpResponse:
    return _task_page(request, uid)


def _task_page(
    request: HttpRequest,
    uid: str,
    *,
    errors: list[dict[str, Any]] | None = None,
    text: str = "",
    status: int = 200,
) -> HttpResponse:
    pack, actor = active.pack(), actor_of(request)
    found = selectors.one(actor, str(uid))
    line = found.line
    report = next((each for each in reversed(found.history) if each.verb == "report"), None)
    batch = request.POST.get("client_id") or str(uuid4())
    wrong = {each["field"]: each["text"] for each in errors or ()}
    context = {
        "trail": [{"label": both("我的工作", "My work"), "href": address("work")}],
        "task": {
            **task_card(pack, line, actor.on),
            "holder": {"name": found.holder, "note": None, "href": None} if found.holder else None,
            "measure": _measure(pack, line),
            "needs_evidence": line.wants_evidence,
            "verified_by": role_name(pack, line.verified_by_role),
        },
        "may": found.may,
        "actions": {
            verb: address(f"task-{verb.replace('_', '-')}", line.uid)
            for verb in ("accept", "hand_on", "report", "verify", "refuse", "assign", "withdraw")
        },
        "colleagues": [
            {"code": f"{role}:{place}", "label": _colleague(pack, role, place)}
            for role, place in (
                selectors.colleagues(actor, line) if found.may["hand_on"] or found.may["assign"] else []
            )
        ],
        "report": {
            "text": text,
            "errors": errors or [],
            "evidence_error": wrong.get("evidence"),
            "withdraw_error": wrong.get("withdraw"),
            "evidence": request.POST.get("evidence", ""),
            "client_id": batch,
            "upload": evidence.field("evidence", evidence.staged(actor, batch)),
        },
        "case": _case_link(line),
        "benefit": radar.paperwork(actor, line.pathway),
        "count": line.children.count or line.count,
        "about_children": _about_children(pack, line),
        "children": _children(pack, actor, found),
        "children_note": both("您的岗位只看数量，不看姓名。", "Your role is told the number, not the names."),
        "reported": _reported(report, found.files_open)
        if report and line.state in (states.REPORTED, states.CLOSED)
        else None,
        "steps": _steps(found),
        "history": _history(pack, found),
    }
    return render(request, "staff/task.html", context, status=status)


def _about_children(pack: Pack, line: TaskLine) -> bool:
    pathway = pack.pathways.get(line.pathway or "")
    return pathway is None or pathway.subject == "child"


def _case_link(line: TaskLine) -> dict[str, Any] | None:
    """The number for whoever sees the task; the case itself for its parties."""
    if line.case is None:
        return None
    number, uid = line.case
    return {
        "label": both(f"个案 {number}", f"case {number}"),
        "href": address("case", uid) if line.case_open else None,
    }


def _measure(pack: Pack, line: TaskLine) -> dict[str, Any] | None:
    for name in pack.measures_of_pathway.get(line.pathway or "", ()):
        measure = pack.measures.get(name)
        if measure is not None:
            label = both(f"{measure.number}{measure.title.zh}", f"{measure.number} {measure.title.en}")
            return {"label": label, "href": address("measure", name)}
    return None


def _colleague(pack: Pack, role: str, place: str) -> Words:
    name, at = role_name(pack, role), figures.place_name(pack, place)
    return both(f"{at['zh']} {name['zh']}", f"{name['en']}, {at['en']}")


def _behind(pack: Pack, line: TaskLine) -> dict[str, Any]:
    """The facilities, places and persons a task is about; each opens its page."""
    columns = [
        {"id": "name", "label": both("名称", "Name"), "kind": "person"},
        {"id": "step", "label": both("逾期事项", "What is late"), "kind": "text"},
        {"id": "due", "label": both("应于", "Due"), "kind": "date"},
        {"id": "village", "label": both("所在地", "Place"), "kind": "place"},
    ]
    rows = []
    for each in line.behind:
        names = [figures.item_name(pack, step) for step in each.steps]
        steps = both("、".join(n["zh"] for n in names), ", ".join(n["en"] for n in names))
        who = {
            "name": shown.behind_name(pack, each),
            "href": address("subject", each.uid),
            "note": None,
        }
        rows.append({"href": None, "cells": [who, steps, each.due, shown.place(pack, each.place)]})
    note = both(
        "点名称打开页面登记；登记以后，本页的结果在下一轮评估时更新。",
        "Press a name to open its page and record there. What you record counts at the next turn.",
    )
    return {"columns": columns, "rows": rows, "note": note}


def _children(pack: Pack, actor: Actor, found: TaskFile) -> dict[str, Any] | None:
    if found.line.behind:
        return _behind(pack, found.line)
    if not found.names_open or not found.line.children.named:
        return None
    columns = [
        {"id": "child", "label": both("姓名", "Child"), "kind": "person"},
        {"id": "step", "label": both("事项", "What waits"), "kind": "text"},
        {"id": "due", "label": both("应于", "Due"), "kind": "date"},
    ]
    place = pack.places.get(found.line.place)
    several = place is None or place.kind != "village"  # in a village's task every row would name the village
    if several:
        columns.append({"id": "village", "label": both("村（社区）", "Village"), "kind": "place"})
    rows = []
    for each in found.line.children.named:
        names = [figures.item_name(pack, step) for step in each.steps]
        steps = both("、".join(n["zh"] for n in names), ", ".join(n["en"] for n in names))
        cells: list[Any] = [shown.person(each.hit, actor.on), steps, each.due]
        rows.append(
            {"href": None, "cells": [*cells, shown.place(pack, each.hit.place)] if several else cells}
        )
    note = both(
        "点姓名打开档案；登记以后，本页的结果在下一轮评估时更新。",
        "Press a name to open the file. What you record there counts at the next turn.",
    )
    return {"columns": columns, "rows": rows, "note": note}


def _reported(report: selectors.Step, opens: bool) -> dict[str, Any]:
    return {
        "text": report.note or "—", "by": report.by, "at": report.at, "evidence": report.evidence,
        "files": evidence.chips(report.files) if opens else evidence.closed(report.files), "files_closed": bool(report.files) and not opens,
    }  # fmt: skip


def _steps(found: TaskFile) -> list[dict[str, Any]]:
    """The way of a task: set, accepted, reported, verified."""
    last = {each.verb: each for each in found.history}
    reached = {
        states.OPEN: 1,
        states.REFUSED: 1,
        states.ACCEPTED: 2,
        states.REPORTED: 3,
        states.CLOSED: 4,
    }.get(found.line.state, 4)
    labels = [
        ("set", "交办", "Set"),
        ("accept", "签收", "Accepted"),
        ("report", "反馈", "Reported"),
        ("verify", "核实销号", "Verified"),
    ]
    if found.line.state == states.WITHDRAWN:  # as far as it came
        labels = [each for each in labels if each[0] in last] + [("withdraw", "撤回", "Withdrawn")]
        reached = len(labels)
    shown_steps = []
    for index, (verb, zh, en) in enumerate(labels):
        event = last.get(verb) if index < reached else None
        note = (
            both(f"{_day(event)} {event.by}".strip(), f"{_day(event)} {event.by}".strip()) if event else None
        )
        shown_steps.append(
            {"label": both(zh, en), "note": note, "done": index < reached, "now": index == reached}
        )
    return shown_steps


def _day(event: selectors.Step) -> str:
    return timezone.localtime(event.at).date().isoformat()


def _history(pack: Pack, found: TaskFile) -> list[dict[str, Any]]:
    entries = []
    for each in reversed(found.history):
        note = each.note
        words_of = both(note, note) if note and each.verb != "set" else None
        to = each.detail.get("to")
        if isinstance(to, list):
            target = _colleague(pack, str(to[0]), str(to[1]))
            words_of = both(f"转至{target['zh']}。{note}", f"To {target['en']}. {note}")
        if each.detail.get("because") == "moved":
            words_of = both(
                f"儿童已迁居，任务随转{target['zh']}，期限不变。",
                f"The child moved: it goes to {target['en']}; the deadline stays.",
            )
        if each.verb == "notice":
            words_of = _notice(each.detail)
        if each.evidence:
            before = words_of or both("", "")
            words_of = both(
                f"{before['zh']} 凭证：{each.evidence}".strip(),
                f"{before['en']} Evidence: {each.evidence}".strip(),
            )
        entries.append(
            {
                "on": timezone.localtime(each.at).date(), "title": both(states.VERBS[each.verb]["zh"], states.VERBS[each.verb]["en"].capitalize()), "note": words_of,
                "files": evidence.chips(each.files) if found.files_open else evidence.closed(each.files), "by": _who(each), "place": None, "tag": None, "because": None, "href": None,
                "state": "late" if each.verb in ("return", "refuse", "escalate") else "note" if each.verb in ("notice", "withdraw") else "done",
            }
        )  # fmt: skip
    return entries


def _who(event: selectors.Step) -> Words:
    at = f"{timezone.localtime(event.at):%H:%M}"
    return both(f"{event.by or '系统'} {at}", f"{event.by or 'the system'} {at}")


def _notice(detail: dict[str, object]) -> Words:
    if detail.get("alert") == "closed":
        return both(
            "预警已自行解除：按现有记录，所涉儿童均已完成。任务仍在，请核实后销号。",
            "The alert closed by itself: by the records everybody is done. The task stands: verify and close it.",
        )
    return both(
        f"名单有变化，现为{detail.get('count')}名儿童。",
        f"The list changed: {detail.get('count')} children now.",
    )


# --- what can be done with it -------------------------------------------------------------------------------


def _done(request: HttpRequest, uid: str, zh: str, en: str) -> HttpResponse:
    messages.success(request, in_language(both(zh, en)))
    return HttpResponseRedirect(address("task", uid))


def _refused(
    request: HttpRequest, uid: str, error: UserError, field: str | None = None, text: str = ""
) -> HttpResponse:
    """What could not be done, on the task's page; denial stays denial."""
    if isinstance(error, NotAllowed):
        raise error
    errors = [{"field": field, "text": shown.sentence(error)}]
    return _task_page(request, uid, errors=errors, text=text, status=422)


@allow("staff")
@require_POST
def accept(request: HttpRequest, uid: str) -> HttpResponse:
    try:
        actions.accept(task=str(uid), by=actor_of(request), at=timezone.now())
    except UserError as error:
        return _refused(request, uid, error)
    return _done(
        request, uid, "已签收。请在期限前办理并反馈。", "Accepted. Do it and report before the deadline."
    )


@allow("staff")
@require_POST
def hand_on(request: HttpRequest, uid: str) -> HttpResponse:
    role, _, place = request.POST.get("to", "").partition(":")
    try:
        actions.hand_on(
            task=str(uid), to_role=role, to_place=place, reason=request.POST.get("why", ""), by=actor_of(request),
            at=timezone.now(),
        )  # fmt: skip
    except UserError as error:
        return _refused(request, uid, error, "why")
    messages.success(request, in_language(both("已转办，期限不变。", "Handed on; the deadline stays.")))
    return HttpResponseRedirect(address("work") + "?tab=handed_on")


@allow("staff")
@require_POST
def assign(request: HttpRequest, uid: str) -> HttpResponse:
    role, _, place = request.POST.get("to", "").partition(":")
    try:
        actions.assign(
            task=str(uid), to_role=role, to_place=place, reason=request.POST.get("why", ""), by=actor_of(request),
            at=timezone.now(),
        )  # fmt: skip
    except UserError as error:
        return _refused(request, uid, error, "why")
    return _done(request, uid, "已重新交办，期限不变。", "Set again; the deadline stays.")


@allow("staff")
@require_POST
def refuse(request: HttpRequest, uid: str) -> HttpResponse:
    try:
        actions.refuse(
            task=str(uid), reason=request.POST.get("why", ""), by=actor_of(request), at=timezone.now()
        )
    except UserError as error:
        return _refused(request, uid, error, "refuse")
    messages.success(
        request, in_language(both("已退回妇儿工委办重新交办。", "Sent back to the coordinating office."))
    )
    return HttpResponseRedirect(address("work"))


@allow("staff")
@require_POST
def withdraw(request: HttpRequest, uid: str) -> HttpResponse:
    try:
        actions.withdraw(
            task=str(uid), reason=request.POST.get("why", ""), by=actor_of(request), at=timezone.now()
        )
    except UserError as error:
        return _refused(request, uid, error, "withdraw")
    return _done(request, uid, "已撤回任务，办理过程保留。", "The task is withdrawn; its history stays.")


@allow("staff")
@require_POST
def report(request: HttpRequest, uid: str) -> HttpResponse:
    text, proof = request.POST.get("text", ""), request.POST.get("evidence", "")
    actor, now, batch = actor_of(request), timezone.now(), request.POST.get("client_id", "")
    if not selectors.stands_with(actor, str(uid)):
        raise NotAllowed("no such task")
    wrong = evidence.take(request, ["evidence"], batch, actor, now)
    if wrong:
        return _task_page(request, uid, errors=wrong, text=text, status=422)
    held = evidence.staged(actor, batch)
    try:
        actions.report(
            task=str(uid), note=text, evidence=proof, by=actor, at=now, files=[each.uid for each in held],
            batch=UUID(batch) if held else None,
        )  # fmt: skip
    except UserError as error:
        return _refused(request, uid, error, "evidence" if not (proof.strip() or held) else None, text)
    return _done(request, uid, "已反馈，等待核实。", "Reported; it waits for verification.")


@allow("staff")
@require_POST
def verify(request: HttpRequest, uid: str) -> HttpResponse:
    remark, by, at = request.POST.get("remark", ""), actor_of(request), timezone.now()
    try:
        if request.POST.get("answer") == "returned":
            actions.send_back(task=str(uid), reason=remark, by=by, at=at)
            return _done(request, uid, "已退回办理。", "Sent back.")
        actions.verify(task=str(uid), note=remark, by=by, at=at)
    except UserError as error:
        return _refused(request, uid, error, "remark")
    return _done(request, uid, "已核实，任务销号。", "Verified: the task is closed.")
