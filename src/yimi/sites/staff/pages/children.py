"""Children: the list to find one, and one child's file on a single line of time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor, allow
from yimi.apps.alerts import selectors as alerts
from yimi.apps.cases import selectors as cases
from yimi.apps.evaluation import lists, live
from yimi.apps.evaluation.listing import Filter
from yimi.apps.evaluation.live import Item
from yimi.apps.places.selectors import organization_names
from yimi.apps.records import selectors as records
from yimi.apps.records.selectors import Line
from yimi.apps.register import selectors as register
from yimi.apps.register import subjects
from yimi.apps.register.idnumber import is_valid, normalized
from yimi.apps.register.selectors import UNNAMED, ChildFile
from yimi.apps.tasks import selectors as tasks
from yimi.apps.tasks import states
from yimi.lib.dates import add_months
from yimi.pack.load import Pack
from yimi.pack.schema import Form
from yimi.sites.addresses import address
from yimi.sites.rows import Row
from yimi.sites.staff.pages import (
    evidence,
    figures,
    growth_charts,
    identity,
    lifelines,
    prefill,
    screened,
    shown,
)
from yimi.sites.staff.pages.entitled import entitled
from yimi.sites.staff.pages.figures import Words, both, role_name, words
from yimi.sites.staff.pages.offered import offered
from yimi.sites.staff.pages.readings import LAST, readings
from yimi.sites.staff.pages.shown import actor_of, in_language

PAGE = 50
UPCOMING = 5  # steps ahead that a file shows
ENTRIES = 200
AGES = {
    "0": (0, 12, both("不满1岁", "under 1")), "1": (12, 36, both("1～2岁", "1–2")), "3": (36, 72, both("3～5岁", "3–5")),
    "6": (72, 144, both("6～11岁", "6–11")), "12": (144, 216, both("12～17岁", "12–17")),
}  # fmt: skip
URGENCY = {
    "overdue": 0, "due": 1, "not_found": 2, "refused": 2, "deferred": 3, "unknown": 4, "upcoming": 5, "waiting": 6,
    "contraindicated": 7, "elsewhere": 8,
}  # fmt: skip
KIN = {
    "father": both("父亲", "father"), "mother": both("母亲", "mother"), "grandfather": both("祖父（外祖父）", "grandfather"),
    "grandmother": both("祖母（外祖母）", "grandmother"), "other": both("其他亲属", "other relative"),
}  # fmt: skip
STAGES = {
    "childcare": both("托育", "childcare"), "kindergarten": both("幼儿园", "kindergarten"), "primary": both("小学", "primary school"),
    "junior": both("初中", "junior secondary"), "senior": both("高中", "senior secondary"),
}  # fmt: skip
STANDING = {
    "corrected": both("已更正", "corrected"), "voided": both("已撤回", "withdrawn"), "rejected": both("核实未通过", "rejected"),
    "waiting": both("待核实", "to be verified"), "void": both("撤回记录", "withdrawal"),
}  # fmt: skip
FACTS = {
    "birth_date": both("出生日期", "birth date"), "sex": both("性别", "sex"), "name": both("姓名", "name"),
    "ethnicity": both("民族", "ethnic group"), "birth_weight_g": both("出生体重", "birth weight"),
    "gestation_weeks": both("孕周", "weeks of gestation"), "place": both("现住址", "address"), "death_date": both("死亡日期", "date of death"),
    "id_number": both("身份证号", "ID number"), "hukou_place": both("户籍地", "household registration"),
}  # fmt: skip


# --- the list -----------------------------------------------------------------------------------------------


@allow("children")
@require_GET
def children(request: HttpRequest) -> HttpResponse:
    """Find a child: by the beginning of the name, by village, by age."""
    return _list(request)


@allow("children")
@require_POST
def find(request: HttpRequest) -> HttpResponse:
    """By the whole ID number. It is sent as a form, so that it stands in no address and no log."""
    number = normalized(request.POST.get("id_number", ""))
    if not is_valid(number):
        return _list(
            request, both("身份证号不对：应为18位，请核对", "This is no ID number: 18 characters, check it")
        )
    hits = register.search(actor_of(request), number)
    if not hits:
        return _list(
            request, both("没有找到：可能不在您负责的范围内", "Not found: perhaps outside your area")
        )
    return HttpResponseRedirect(address("child", hits[0].uid))


def _list(request: HttpRequest, problem: Words | None = None) -> HttpResponse:
    pack, actor = active.pack(), actor_of(request)
    q = request.GET.get("q", "").strip()[:40]
    if looks_like_number(q):
        # Out of the address at once, before a page repeats it.
        messages.warning(
            request,
            in_language(
                both("请在“身份证号”一栏查找，不要填在姓名里", "Use the field for ID numbers, not the name")
            ),
        )
        return HttpResponseRedirect(address("children"))
    place, band = request.GET.get("place", ""), AGES.get(request.GET.get("age", ""))
    born_from = _day_after(add_months(actor.on, -band[1])) if band else None
    born_to = add_months(actor.on, -band[0]) if band else None
    number = shown.page_number(request)
    form = _form_asked(pack, actor, request.GET.get("form", ""))
    hits, count = lists.children_page(
        actor,
        Filter(q=q, place=place),
        born_from=born_from,
        born_to=born_to,
        offset=(number - 1) * PAGE,
        limit=PAGE,
    )
    urgent = lists.most_urgent(actor, [each.subject_id for each in hits])
    rows = []
    for each in hits:
        item = urgent.get(each.subject_id)
        told = (
            each,
            actor.on,
            (item["step"], item["status"], item["due"]) if item else None,
            form.id if form else "",
        )
        rows.append(Row((pack.fingerprint, *told), partial(_cells, pack, *told)))
    kinds = {
        "child": "person",
        "village": "place",
        "born": "date",
        "due": "text",
        "status": "due",
        "on": "date",
    }
    labels = [("child", "姓名", "Child"), ("due", "最急一项", "Most urgent"), ("status", "状态", "Status"), ("on", "应于", "Due"),
              ("village", "村（社区）", "Village"), ("born", "出生日期", "Born")]  # fmt: skip
    context = {
        "ledger": {
            "title": both("儿童", "Children"), "kicker": _home_name(pack, actor), "export_href": None, "number": None,
            "what": both("按姓名开头、村（社区）或年龄查找；只列出您负责范围内的儿童。", "By the beginning of the name, by village or age. Only children within your area."),
            "source": both("来源：儿童登记册；“最急一项”为最近一次评估的结果，打开档案看当前情况。", "Source: the register. “Most urgent” is of the last turn; a file shows the present."),
        },
        "trail": [], "count": {"rows": count, "of": None}, "as_of": actor.on,
        "standing": [{"label": both("名儿童", "children"), "value": count, "state": None}], "tabs": [],
        "actions": [{"label": both("登记身份不明的儿童", "Register a child of unknown identity"), "href": address("child-unidentified")}]
        if actor.records(identity.FORM) else [],
        "filters": [
            *_form_filter(form),
            {"id": "q", "label": both("姓名（开头几个字）", "Name begins with"), "type": "text", "value": q, "options": []},
            place_filter(pack, actor, place),
            {"id": "age", "label": both("年龄", "Age"), "type": "select", "value": request.GET.get("age", ""),
             "options": [{"code": key, "label": each[2]} for key, each in AGES.items()]},
        ],
        "active": [], "columns": [{"id": i, "label": both(zh, en), "kind": kinds[i]} for i, zh, en in labels], "rows": rows,
        "pages": shown.pages(request, number, PAGE, count),
        "lookup": {"action": address("children-find"), "problem": problem},
    }  # fmt: skip
    return render(
        request, "staff/ledger.html", context, status=422 if problem and request.method == "POST" else 200
    )


def _form_asked(pack: Pack, actor: Actor, name: str) -> Form | None:
    """The form somebody came to enter and wants a child for; the form's own page asks again who may."""
    form = pack.forms.get(name)
    return form if form is not None and form.subject == "child" and actor.records(form.id) else None


def _cells(
    pack: Pack, hit: register.Hit, on: date, urgent: tuple[str, str, date | None] | None, form: str
) -> list[Any]:
    """The name leads to the form one came for, else to the file."""
    person = shown.person(hit, on)
    if form:
        person["href"] = address("record", hit.uid, form)
    step, status, due = urgent or ("", "done", None)
    item = figures.item_name(pack, step) if urgent else both("—", "—")
    return [person, item, status, due, shown.place(pack, hit.place), hit.birth_date]


def _form_filter(form: Form | None) -> list[dict[str, Any]]:
    if form is None:
        return []
    options = [{"code": form.id, "label": both(f"登记：{form.name.zh}", f"Record: {form.name.en}")}]
    return [
        {
            "id": "form",
            "label": both("点姓名", "A name leads to"),
            "type": "select",
            "value": form.id,
            "options": options,
        }
    ]


def looks_like_number(text: str) -> bool:
    return len(normalized(text)) >= 15 and normalized(text)[:14].isdigit()


def _day_after(day: date) -> date:
    return date.fromordinal(day.toordinal() + 1)


def _home_name(pack: Pack, actor: Actor) -> Words:
    return figures.place_name(pack, actor.child_grants[0].place if actor.child_grants else None)


def place_filter(pack: Pack, actor: Actor, value: str) -> dict[str, Any]:
    """Townships for those who work the district, villages for those who work a township."""
    posts = [pack.places[each.place] for each in actor.grants if each.place in pack.places]
    if any(each.kind == "district" for each in posts):
        options = [(each.code, each.name_zh, each.name_en) for each in pack.townships()]
        label = both("乡镇（街道）", "Township")
    else:
        towns = {each.code for each in posts if each.kind == "township"}
        own = {each.code for each in posts if each.kind == "village"}
        options = [
            (v.code, v.name_zh, v.name_en) for v in pack.villages() if v.parent in towns or v.code in own
        ]
        label = both("村（社区）", "Village")
    listed = [{"code": code, "label": both(zh, en)} for code, zh, en in sorted(options)]
    return {"id": "place", "label": label, "type": "select", "value": value, "options": listed}


# --- one child's file ---------------------------------------------------------------------------------------


@allow("children")
@require_GET
def child(request: HttpRequest, uid: str) -> HttpResponse:
    """Everything about one child this person may read, worked out from the records of this moment."""
    pack, actor, now = active.pack(), actor_of(request), timezone.now()
    file = register.child(actor, str(uid), at=now)
    seen = live.child(file.subject_id, actor.on)
    addressed = alerts.addressed(actor, file.subject_id)
    items = visible_items(pack, seen.due, file.sensitivities, addressed)
    lines = [(each, seen.judged.get(each.seq)) for each in records.timeline(actor, file.subject_id, at=now)]
    forms = records.forms_for(actor, file.uid)
    recordable = {each.id for each in forms}
    wanted = [each for each in items if each.row["counted"] and each.row["status"] in URGENCY]
    counted = [each.row["status"] for each in wanted]
    upcoming = [each for each in wanted if each.row["status"] == "upcoming" and each.row["due"]]
    following = min(upcoming, key=lambda each: each.row["due"], default=None)
    first, others = offered(
        pack,
        "child",
        forms,
        wanted,
        {each.row["pathway"] for each in items if each.row["counted"]},
        {each.form for each, _ in lines},
    )
    context = {
        "trail": [{"label": both("儿童", "Children"), "href": address("children")}],
        "child": _head(pack, actor, file),
        "standing": {
            "overdue": counted.count("overdue"), "due": counted.count("due"),
            "next": {"name": figures.item_name(pack, following.row["step"]), "on": following.row["due"]} if following else None,
        },
        "record_links": [_record_link(file, each) for each in first]
        + [
            {"label": words(each.name), "href": f"{address('case-new', each.id)}?child={file.uid}"}
            for each in cases.openable(actor)
            if each.id in ("referral", "mandatory_report")
        ]
        + _identity_link(actor, file),
        "other_links": [_record_link(file, each) for each in others]
        + [
            {"label": both(f"测算：{each.name.zh}", f"Estimate: {each.name.en}"), "href": address("bill", file.uid, each.id)}
            for each in pack.bills.values()
            if each.sensitivity in file.sensitivities
        ],
        "due": due_lines(pack, file.uid, wanted, recordable),
        "life": lifelines.life(pack, file.birth_date, actor.on, items, _open_to(lines), file.statuses),
        "entries": _entries(pack, actor, file, lines, recordable),
        **_growth(request, file, seen, lines),
        "statuses": _statuses(pack, file, lines, actor.on),
        "guardians": _guardians(pack, actor, file),
        "entitled": entitled(pack, file, seen.entitlements, seen.owed, FACTS),
        "screened": screened.of_child(pack, file.subject_id, file.sensitivities),
        "readers": readings(pack, register.readers(actor, file.uid, at=now, limit=LAST)),
        "readers_href": address("child-readers", file.uid),
    }  # fmt: skip
    return render(request, "staff/child.html", context)


def _record_link(file: ChildFile, form: Form) -> dict[str, Any]:
    label = both(f"登记：{form.name.zh}", f"Record: {form.name.en}")
    return {"label": label, "href": address("record", file.uid, form.id)}


def _identity_link(actor: Actor, file: ChildFile) -> list[dict[str, Any]]:
    """Where somebody who verifies says who a child is that was registered without an identity."""
    if not actor.verifies or "welfare" not in file.sensitivities or not file.name.startswith(UNNAMED):
        return []
    return [
        {
            "label": both("补登身份或合并", "Enter the identity, or join"),
            "href": address("child-identity", file.uid),
        }
    ]


def visible_items(
    pack: Pack, items: Sequence[Item], sensitivities: frozenset[str], addressed: set[tuple[str, str]]
) -> list[Item]:
    """Due items of pathways within the reader's reading, and those an alert tells this person by name."""
    return [
        each
        for each in items
        if pack.pathways[each.row["pathway"]].sensitivity in sensitivities
        or (each.row["pathway"], each.row["step"]) in addressed
    ]


def due_lines(
    pack: Pack, uid: str, wanted: Sequence[Item], recordable: set[str], name: str = "record"
) -> list[dict[str, Any]]:
    """What is wanted now and next, the most urgent first. `name`: of the address that records it."""
    far = date.max

    def rank(each: Item) -> tuple[int, date]:
        row = each.row
        return URGENCY[row["status"]], row["overdue_after"] or row["due"] or row["earliest"] or far

    found: list[dict[str, Any]] = []
    ahead = 0
    for each in sorted(wanted, key=rank):
        row = each.row
        if row["status"] in ("upcoming", "waiting"):
            ahead += 1
            if ahead > UPCOMING:
                continue
        pathway, step = pack.steps[row["step"]]
        open_now = (
            row["status"] in ("overdue", "due", "refused", "deferred", "not_found")
            and step.form in recordable
        )
        found.append(
            {
                "name": words(step.name), "pathway": words(pathway.name), "status": row["status"], "earliest": row["earliest"],
                "due": row["due"], "overdue_after": row["overdue_after"], "expires": row["expires"],
                "because": shown.because(each.because, f"{pathway.id}.{step.id}"),
                "record_href": prefill.address(uid, step, name) if open_now else None,
            }
        )  # fmt: skip
    return found


def _head(pack: Pack, actor: Actor, file: ChildFile) -> dict[str, Any]:
    return {
        "name": file.name, "sex": shown.SEX.get(file.sex or "", shown.NO_SEX), "birth_date": file.birth_date,
        "age": shown.age(file.birth_date, file.death_date or actor.on), "place": shown.place(pack, file.place),
        "id_masked": file.id_masked, "died_on": file.death_date, "uid": file.uid,
    }  # fmt: skip


def _growth(
    request: HttpRequest, file: ChildFile, seen: live.Subject, lines: Sequence[tuple[Line, Any]]
) -> dict[str, Any]:
    if "health" not in file.sensitivities:
        return {"growth": [], "growth_tabs": [], "growth_standards": []}
    measure, standard = request.GET.get("growth", "weight"), request.GET.get("standard", "who")
    measure = measure if measure in growth_charts.MEASURES else "weight"
    standard = standard if standard in growth_charts.STANDARDS else "who"
    heads = {
        line.seq: float(line.answers["head_cm"])
        for line, _ in lines
        if line.form == "health_visit" and line.answers.get("head_cm") and line.standing in lifelines.IN_FORCE
    }
    rows = seen.growth("growth" if standard == "who" else "growth_cn")
    drawn = growth_charts.charts(rows, heads, file.sex, measure, standard)
    return {"growth": drawn, **growth_charts.tabs(measure, standard, bool(heads), bool(rows))}


def _entries(
    pack: Pack, actor: Actor, file: ChildFile, lines: Sequence[tuple[Line, Any]], recordable: set[str]
) -> list[dict[str, Any]]:
    """What happened, newest first: records with their verdicts, statuses, homes, schools, tasks, corrections."""
    bodies = organization_names()
    found = [record_entry(pack, line, verdict, bodies, recordable) for line, verdict in lines]
    for status in file.statuses:
        name, scheme = (
            shown.status_name(pack, status.scheme, status.code),
            words(pack.statuses[status.scheme].name),
        )
        found.append(
            plain_entry(
                status.since,
                both(f"{scheme['zh']}：{name['zh']}", f"{scheme['en']}: {name['en']}"),
                both("纳入", "entered"),
            )
        )
        if status.until:
            found.append(
                plain_entry(
                    status.until,
                    both(f"{scheme['zh']}：{name['zh']}", f"{scheme['en']}: {name['en']}"),
                    both("退出", "left"),
                )
            )
    for stay in file.residences:
        where = figures.place_name(pack, stay.place)
        found.append(plain_entry(stay.since, both(f"居住：{where['zh']}", f"Lives in {where['en']}"), None))
    for before, stay in zip([None, *file.attendances], file.attendances, strict=False):
        if before is not None and (before.stage, before.name) == (stay.stage, stay.name):
            continue  # the next grade of the same school is no event
        stage = STAGES.get(stay.stage, both(stay.stage, stay.stage))
        found.append(
            plain_entry(
                stay.since,
                both(f"{stage['zh']}：{stay.name}", f"{stage['en']}: {stay.name}"),
                both("入托、入学", "enrolled"),
            )
        )
    for task in tasks.of_child(actor, file.subject_id):
        state = states.NAMES[task.state]
        entry = plain_entry(
            task.opened_on, both(f"任务：{task.title['zh']}", f"Task: {task.title['en']}"), state
        )
        found.append({**entry, "by": role_name(pack, task.role), "href": address("task", task.uid)})
    for each in file.corrections:
        fact = FACTS.get(each.fact, both(each.fact, each.fact))
        entry = plain_entry(
            timezone.localtime(each.at).date(), both(f"更正：{fact['zh']}", f"Corrected: {fact['en']}"), None
        )
        found.append({**entry, "note": each.reason})
    found.sort(key=lambda each: each["on"], reverse=True)
    return found[:ENTRIES]


def _open_to(lines: Sequence[tuple[Line, Any]]) -> list[tuple[Line, Any]]:
    """The records whose forms are open to the reader; what is shown as the own entry alone stays out of drawings."""
    return [(line, verdict) for line, verdict in lines if not line.only_own]


def plain_entry(on: date, title: Words, tag: Words | None) -> dict[str, Any]:
    return {
        "on": on, "title": title, "note": None, "by": None, "place": None, "state": "note", "tag": tag, "because": None,
        "href": None,
    }  # fmt: skip


def record_entry(
    pack: Pack, line: Line, verdict: dict[str, Any] | None, bodies: dict[str, Words], recordable: set[str]
) -> dict[str, Any]:
    form = pack.forms[line.form]
    note = shown.answers(pack, form, line.answers)
    if line.reason:
        note = both(
            f"{line.reason}。{note['zh'] if note else ''}", f"{line.reason}. {note['en'] if note else ''}"
        )
    tag, state, because = STANDING.get(line.standing), "done", None
    if line.standing in ("corrected", "voided", "rejected", "void"):
        state = "invalid"
    elif verdict is not None:
        state = {"valid": "done", "late": "late"}.get(verdict["verdict"], "invalid")
        tag = tag or {"late": both("逾期完成", "done late"), "invalid": both("不计入", "does not count")}.get(
            verdict["verdict"]
        )
        pathway = pack.steps[verdict["step"]][0]
        # The reason of a verdict may name other records' days: not for somebody who sees the own entry only.
        because = (
            None
            if line.only_own
            else shown.said(
                pathway.source, pathway.confidence, verdict["words"], f"{pathway.id}.{verdict['step']}"
            )
        )
    changeable = line.form in recordable and line.standing in ("in_force", "waiting")
    return {
        "on": line.occurred_on, "title": words(form.name), "note": note, "by": line.by or None,
        "place": bodies.get(line.organization or "") or (figures.place_name(pack, line.place) if line.place else None),
        "state": state, "tag": tag, "because": because,
        "href": address("record-change", line.record_uid) if changeable else None,
        "files": evidence.chips(line.files),
    }  # fmt: skip


def _statuses(
    pack: Pack, file: ChildFile, lines: Sequence[tuple[Line, Any]], on: date
) -> list[dict[str, Any]]:
    deciders = {line.record_uid: line for line, _ in lines}
    bodies = organization_names()
    found = []
    for status in reversed(file.statuses):
        line = deciders.get(status.record_uid or "")
        by = bodies.get(line.organization or "") if line else None
        found.append(
            {
                "scheme": words(pack.statuses[status.scheme].name), "code": shown.status_name(pack, status.scheme, status.code),
                "since": status.since, "until": status.until, "review_due": status.review_due,
                "decided_by": by or both("登记导入", "entered at import"), "because": _status_because(pack, status, line),
                "blocked": None if status.until else _blocked(pack, status.scheme, deciders.values(), on),
            }
        )  # fmt: skip
    return found


def _blocked(pack: Pack, scheme: str, lines: Iterable[Line], on: date) -> Words | None:
    """Why the adult whom the latest decision of this scheme names may not be with the child any more."""
    forms = {each.id for each in pack.forms.values() if any(one.scheme == scheme for one in each.decides)}
    told = [each for each in lines if each.form in forms and each.standing in lifelines.IN_FORCE]
    latest = max(told, key=lambda each: (each.occurred_on, each.seq), default=None)
    return shown.blocked(pack.forms[latest.form], latest.answers, on) if latest else None


def _status_because(pack: Pack, status: register.StatusLine, line: Line | None) -> dict[str, Any] | None:
    if line is None:
        return None
    told = shown.answers(pack, pack.forms[line.form], line.answers) or both("", "")
    text = both(f"{line.occurred_on}的决定：{told['zh']}。", f"Decision of {line.occurred_on}: {told['en']}.")
    return shown.said(
        status.basis or pack.forms[line.form].source, pack.forms[line.form].confidence, text, line.form
    )


def _guardians(pack: Pack, actor: Actor, file: ChildFile) -> list[dict[str, Any]]:
    found, opens = [], subjects.about_guardians(actor)
    near = subjects.residents_open(actor, [each.uid for each in file.guardians])
    for each in file.guardians:
        names = [shown.status_name(pack, scheme, code) for scheme, code in each.states]
        if each.died_on:
            names = [both(f"{each.died_on}去世", f"died {each.died_on}")]
        state = both("、".join(n["zh"] for n in names), ", ".join(n["en"] for n in names)) if names else None
        person = {
            "name": each.name,
            "note": None,
            "href": address("subject", each.uid) if opens or each.uid in near else None,
        }
        kind = KIN.get(each.kind, KIN["other"])
        found.append(
            {"person": person, "kind": kind, "guardian": each.guardian, "since": each.since, "state": state}
        )
    return found
