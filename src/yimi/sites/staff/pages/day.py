"""My day: what somebody sees first thing in the morning. Its parts come from the role's `day` in the pack."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor, allow
from yimi.apps.cases import selectors as cases
from yimi.apps.evaluation import cases as worked
from yimi.apps.evaluation import day as today
from yimi.apps.evaluation import ledgers, lists
from yimi.apps.field import selectors as field
from yimi.apps.records import reviews
from yimi.apps.tasks import selectors as tasks
from yimi.pack.days import DaySection
from yimi.pack.load import Pack
from yimi.sites.addresses import address
from yimi.sites.staff.pages import case_shown, figures, prefill, shown, work
from yimi.sites.staff.pages.figures import Words, both, role_name, words
from yimi.sites.staff.pages.shown import actor_of

TASKS, CHILDREN, CASES, PUPILS = 5, 8, 5, 60  # of each kind that a day shows
WEEKDAYS = (
    both("星期一", "Monday"), both("星期二", "Tuesday"), both("星期三", "Wednesday"), both("星期四", "Thursday"),
    both("星期五", "Friday"), both("星期六", "Saturday"), both("星期日", "Sunday"),
)  # fmt: skip
# Children and cases by name, and the phone that is taken to them; the other kinds are short lists beside them.
MAIN = ("way", "due", "cases", "pupils")


def sections_of(actor: Actor) -> list[DaySection]:
    """The parts of all roles of this person, each once."""
    found: dict[tuple[str, tuple[str, ...]], DaySection] = {}
    for grant in actor.grants:
        for section in grant.role.day:
            found.setdefault((section.show, tuple(section.of)), section)
    return list(found.values())


@allow("staff")
@require_GET
def day(request: HttpRequest) -> HttpResponse:
    """Tasks first, then what the role declares. Whoever has no day goes to the tasks."""
    pack, actor = active.pack(), actor_of(request)
    declared = sections_of(actor)
    if not declared:
        return HttpResponseRedirect(address("work"))
    desk = tasks.desk(actor, "mine", as_of=actor.on, soon_until=work.soon_until(pack, actor.on), limit=TASKS)
    parts = [
        {**_SHOWN[each.show](pack, actor, each), "title": words(each.name), "show": each.show}
        for each in declared
    ]
    way = _on_the_way(actor)
    urgent = any(each["n"] for each in way)
    # Whoever is on the way out takes the phone along: it stands by the children to visit, above them where it waits.
    parts = [*way, *parts] if urgent else [*parts[:1], *way, *parts[1:]]
    parts += _openable(actor)
    context = {
        "title": _title(actor.on), "kicker": _posts(pack, actor),
        "tally": _tally(desk, parts), "first": _first(pack, desk, parts, actor.on),
        "tasks": [work.task_card(pack, each, actor.on) for each in desk.lines],
        "tasks_more": _more_tasks(desk),
        "main": [each for each in parts if each["show"] in MAIN], "beside": [each for each in parts if each["show"] not in MAIN],
    }  # fmt: skip
    return render(request, "staff/day.html", context)


def _title(on: date) -> Words:
    name = WEEKDAYS[on.weekday()]
    return both(f"{on.month}月{on.day}日 {name['zh']}", f"{name['en']}, {on.day} {on:%B}")


def _posts(pack: Pack, actor: Actor) -> Words:
    """Role and place of the first appointment."""
    first = actor.grants[0]
    role, place = role_name(pack, first.role.id), figures.place_name(pack, first.place)
    return both(f"{place['zh']} {role['zh']}", f"{role['en']}, {place['en']}")


def _more_tasks(desk: tasks.Desk) -> Words | None:
    more = desk.counts["mine"] - len(desk.lines)
    return both(f"全部任务（还有{more}项）", f"All tasks ({more} more)") if more > 0 else None


def _tally(desk: tasks.Desk, parts: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What is late, what ends, what waits: only what there is; without anything that no task is late."""
    overdue = sum(each["late"] for each in parts if each["show"] == "due")
    silent = sum(each["late"] for each in parts if each["show"] == "cases")
    sites = sum(each["late"] for each in parts if each["show"] == "sites")
    due_now = sum(each["n"] for each in parts if each["show"] == "due")
    found = [
        (silent, both("个案超时", "cases late"), "off"),
        (desk.late, both("任务逾期", "tasks late"), "off"),
        (overdue, both("儿童逾期", "children late"), "off"),
        (sites, both("场所逾期事项", "late at facilities"), "off"),
        (desk.soon, both("任务两天内到期", "tasks end within 2 days"), "on_track"),
        (desk.counts["to_verify"], both("待我核实", "to verify"), "on_track"),
        (due_now - overdue, both("儿童应办", "children due"), None),
    ]
    told = [each for each in found if each[0]] or [found[1]]
    return [{"n": n, "label": label, "state": state if n else None} for n, label, state in told]


# --- the one thing to begin with ----------------------------------------------------------------------------

Found = dict[str, Any] | None
Parts = Sequence[Mapping[str, Any]]


def _first(pack: Pack, desk: tasks.Desk, parts: Parts, on: date) -> dict[str, Any]:
    """A silent case before a late task before a late child, before what is left to enter, verify and look into."""
    return (
        _silent_case(parts) or _late_task(pack, desk, on) or _late_child(parts) or _pupils_left(parts) or _late_site(parts)
        or _to_verify(desk) or _not_received(parts) or {"label": both("没有逾期的事。", "Nothing is late."), "href": None}
    )  # fmt: skip


def _of(parts: Parts, kind: str) -> Parts:
    return [part for part in parts if part["show"] == kind]


def _most(parts: Parts, kind: str, count: str) -> Found:
    """The row of such parts with the most of something, if any has some."""
    some = [row for part in _of(parts, kind) for row in part["rows"] if row[count]]
    return max(some, key=lambda row: row[count], default=None)


def _silent_case(parts: Parts) -> Found:
    late = [part["cases"][0] for part in _of(parts, "cases") if part["cases"] and part["cases"][0]["late"]]
    if not late:
        return None
    card = late[0]
    label = both(
        f"先回复个案{card['number']}：{card['kind']['zh']}",
        f"Answer case {card['number']} first: {card['kind']['en']}",
    )
    return {"label": label, "href": card["href"]}


def _late_task(pack: Pack, desk: tasks.Desk, on: date) -> Found:
    if not desk.lines or desk.lines[0].due_on >= on:
        return None
    card = work.task_card(pack, desk.lines[0], on)
    title = card["title"]
    label = both(f"先办逾期任务：{title['zh']}", f"Begin with the late task: {title['en']}")
    return {"label": label, "href": card["href"]}


def _late_child(parts: Parts) -> Found:
    late = [part["children"][0] for part in _of(parts, "due") if part["late"] and part["children"]]
    if not late:
        return None
    person, what = late[0]["person"], late[0]["what"]
    label = both(f"先看{person['name']}：{what['zh']}", f"See {person['name']} first: {what['en']}")
    return {"label": label, "href": person["href"]}


def _pupils_left(parts: Parts) -> Found:
    for part in parts:
        left = sum(each["record"] is not None for each in part["pupils"])
        if left:
            title = part["title"]
            return {
                "label": both(f"{title['zh']}：还有{left}人", f"{title['en']}: {left} left"),
                "href": None,
            }
    return None


def _late_site(parts: Parts) -> Found:
    worst = _most(parts, "sites", "behind")
    if worst is None:
        return None
    name = worst["label"]
    label = both(f"先看逾期的场所：{name['zh']}", f"See what is late at facilities first: {name['en']}")
    return {"label": label, "href": worst["href"]}


def _to_verify(desk: tasks.Desk) -> Found:
    if not desk.counts["to_verify"]:
        return None
    label = both("有办结反馈等您核实", "A report waits for your verification")
    return {"label": label, "href": f"{address('work')}?tab=to_verify"}


def _not_received(parts: Parts) -> Found:
    most = _most(parts, "rights", "late")
    if most is None:
        return None
    name = most["label"]
    label = both(f"先核对{name['zh']}（{most['n']}人）", f"Check first {name['en']} ({most['n']})")
    return {"label": label, "href": most["href"]}


# --- the kinds of parts -------------------------------------------------------------------------------------


def _part(
    n: int = 0, late: int = 0, empty: Words | None = None, more: dict[str, Any] | None = None, **rows: Any
) -> dict[str, Any]:
    return {
        "n": n,
        "late": late,
        "empty": empty,
        "more": more,
        "children": [],
        "cases": [],
        "pupils": [],
        "rows": [],
        **rows,
    }


def _due(pack: Pack, actor: Actor, section: DaySection) -> dict[str, Any]:
    pathways = [pack.pathways[each] for each in section.of]
    found = today.due(actor, pathways, CHILDREN)
    enters = {form for grant in actor.grants for form in grant.role.records}
    children = []
    for each in found.children:
        names = [figures.item_name(pack, step) for step in each.steps[:2]]
        rest = len(each.steps) - len(names)
        zh = "、".join(one["zh"] for one in names) + (f"等{len(each.steps)}项" if rest else "")
        en = ", ".join(one["en"] for one in names) + (f" and {rest} more" if rest else "")
        step = pack.steps[each.steps[0]][1]
        children.append(
            {
                "person": shown.person(each.hit, actor.on), "place": shown.place(pack, each.hit.place), "what": both(zh, en),
                "status": each.status, "by": each.by,
                "record": prefill.address(each.hit.uid, step) if step.form in enters and each.status != "upcoming" else None,
            }
        )  # fmt: skip
    lists = [{"label": words(each.name), "href": address("ledger-due", each.id)} for each in pathways]
    every = both(f"全部{found.due}人", f"All {found.due}")
    if len(lists) == 1:
        lists = [{**lists[0], "label": every}]
    more = {"label": every if len(lists) > 1 else None, "links": lists} if found.due else None
    quiet = both("现在没有到期的。", "Nobody is due now.")
    lead = (
        both("现在没有到期的，接下来是：", "Nobody is due now. Next:") if children and not found.due else None
    )
    return _part(found.due, found.overdue, quiet, more, children=children, lead=lead)


def _cases(pack: Pack, actor: Actor, section: DaySection) -> dict[str, Any]:
    """The first few with their clocks: each is worked out to the minute, so no more than are shown."""
    now = timezone.now()
    order, behind = today.cases_in_order(actor)
    lines = cases.some(actor, order[:CASES])
    seen = worked.all_worked([each.subject_id for each in lines], actor.on, now)
    cards = [case_shown.case_card(pack, each, seen[each.subject_id].clocks, now) for each in lines]
    cards.sort(key=lambda each: (not each["late"], not each["owed"]))
    every = both(f"全部{len(order)}件", f"All {len(order)}")
    more = {"label": None, "links": [{"label": every, "href": address("cases")}]} if order else None
    late = max(behind, sum(each["late"] for each in cards))
    return _part(len(order), late, both("没有等您反馈的个案。", "No case waits for you."), more, cases=cards)


def _pupils(pack: Pack, actor: Actor, section: DaySection) -> dict[str, Any]:
    since = date(actor.on.year if actor.on.month >= 9 else actor.on.year - 1, 9, 1)
    found = today.pupils(actor, section.of, since, PUPILS)
    form = section.of[0]
    rows = [
        {
            "person": shown.person(each.hit, actor.on), "entered": each.entered,
            "record": address("record", each.hit.uid, form) if each.entered is None else None,
        }
        for each in found
    ]  # fmt: skip
    left = sum(each.entered is None for each in found)
    more = {"label": both(f"共{len(found)}人，{left}人未登记", f"{len(found)} in all, {left} not entered"), "links": [
        {"label": both("按名册导入", "Import a list"), "href": address("imports")},
    ]}  # fmt: skip
    return _part(
        len(found),
        0,
        both("还没有分给您的学生。", "No pupil is assigned to you yet."),
        more if found else None,
        pupils=rows,
    )


def _suspected(pack: Pack, actor: Actor, section: DaySection) -> dict[str, Any]:
    counts = lists.suspicion_counts(actor, [pack.pathways[each] for each in section.of])
    rows = [
        _row(
            words(pack.suspicions[each].name), n, 0,
            f"{address('ledger-suspected', pack.suspicions[each].pathway)}?code={each}",
        )
        for each, n in sorted(counts.items(), key=lambda item: -item[1])
    ]  # fmt: skip
    return _part(sum(counts.values()), rows=rows, empty=both("没有。", "None."))


def _rights(pack: Pack, actor: Actor, section: DaySection) -> dict[str, Any]:
    benefits = [pack.entitlements[each] for each in section.of]
    found = today.standings(actor, benefits)
    rows = []
    for each in benefits:
        listed, counts = address("radar-list", each.id), found[each.id]
        name = words(each.name)
        if counts["missing"]:
            label = both(f"{name['zh']}：应享未享", f"{name['en']}: not received")
            rows.append(_row(label, counts["missing"], counts["missing"], f"{listed}?state=missing"))
        if counts["lost"]:
            label = both(f"{name['zh']}：在享，事实已变", f"{name['en']}: received, facts changed")
            rows.append(_row(label, counts["lost"], 0, f"{listed}?state=lost"))
    return _part(
        sum(each["n"] for each in rows), rows=rows, empty=both("都享受到了。", "Everybody receives it.")
    )


def _cascades(pack: Pack, actor: Actor, section: DaySection) -> dict[str, Any]:
    found = today.waiting_too_long(actor, section.of)
    rows = [
        _row(
            words(pack.cascades[each].name),
            found[each],
            found[each],
            f"{address('cascade-list', each)}?late=1",
        )
        for each in section.of
        if found.get(each)
    ]
    rows.sort(key=lambda each: -each["n"])
    return _part(sum(found.values()), rows=rows, empty=both("没有等待超时的。", "Nobody waits too long."))


def _ledgers(pack: Pack, actor: Actor, section: DaySection) -> dict[str, Any]:
    open_to = {each.id: each for each in ledgers.schemes(actor)}
    chosen = [open_to[each] for each in section.of if each in open_to]
    counts = ledgers.status_counts(actor, chosen, actor.on)
    rows = []
    for each in chosen:
        n, late = counts[each.id]
        note = both(f"{late}人复核逾期", f"{late} reviews late") if late else None
        rows.append(_row(words(each.name), n, 0, address("ledger", each.id), note))
    return _part(rows=rows)


def _sites(pack: Pack, actor: Actor, section: DaySection) -> dict[str, Any]:
    counts, rows, overdue = today.at_sites(actor, section.of), [], 0
    for each in section.of:
        late, due = counts[each].get("overdue", 0), counts[each].get("due", 0)
        overdue += late
        if late or due:
            note = both(f"{late}项逾期", f"{late} late") if late else None
            name, asked = _site_row(pack, each)
            row = _row(name, late + due, 0, f"{address('school-sites')}?{asked}", note)
            rows.append({**row, "behind": late})
    return _part(
        sum(each["n"] for each in rows),
        overdue,
        rows=rows,
        empty=both("没有到期的检查和整改。", "No inspection is due."),
    )


def _site_row(pack: Pack, name: str) -> tuple[Words, str]:
    """The name of a pathway, or of a step of one, and how the list of sites is asked for it."""
    if name in pack.pathways:
        return words(pack.pathways[name].name), f"pathway={name}"
    pathway, step = pack.steps[name]
    return words(step.name), f"pathway={pathway.id}&step={name}"


def _forms(pack: Pack, actor: Actor, section: DaySection) -> dict[str, Any]:
    rows = [
        _row(words(pack.forms[each].name), None, 0, f"{address('children')}?form={each}")
        for each in section.of
    ]
    return _part(rows=rows)


def _openable(actor: Actor) -> list[dict[str, Any]]:
    """The kinds of case this person may open stand on every day: who sees harm reports it from here."""
    rows = [_row(words(each.name), None, 0, address("case-new", each.id)) for each in cases.openable(actor)]
    title = both("发现情况，立即报告", "Seen something: report it")
    return [{**_part(rows=rows), "title": title, "show": "open"}] if rows else []


def _on_the_way(actor: Actor) -> list[dict[str, Any]]:
    """The phone of those who record about children; what came from it and waits; what must be looked at."""
    rows = []
    held, waiting = field.held_count(actor), reviews.review_count(actor)
    if held:
        label = both("手机送来、等您核对的登记", "From your phone, waiting for you")
        rows.append(_row(label, held, held, address("phone-held")))
    if waiting:
        rows.append(
            _row(both("待核对的记录和档案", "Records and files to look at"), waiting, 0, address("reviews"))
        )
    if field.entered(actor) and actor.child_grants:
        note = both("手机没有信号也能填", "a phone needs no signal for them")
        rows.append(_row(both("入户填表", "Field forms"), None, 0, address("phone"), note))
    title = both("入户与核对", "Visits, and what to look at")
    return [{**_part(held + waiting, held, rows=rows), "title": title, "show": "way"}] if rows else []


def _row(label: Words, n: int | None, late: int, href: str, note: Words | None = None) -> dict[str, Any]:
    return {"label": label, "n": n, "late": late, "href": href, "note": note}


_SHOWN: dict[str, Callable[[Pack, Actor, DaySection], dict[str, Any]]] = {
    "due": _due, "sites": _sites, "suspected": _suspected, "rights": _rights, "cascades": _cascades, "ledgers": _ledgers,
    "cases": _cases, "pupils": _pupils, "forms": _forms,
}  # fmt: skip
