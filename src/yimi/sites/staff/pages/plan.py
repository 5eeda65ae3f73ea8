"""The plan on one page, a measure, and the sheet of a body: what is promised, by whom, how it stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor, allow
from yimi.apps.evaluation import selectors as evaluation
from yimi.apps.plan import selectors as plans
from yimi.exchange import plan_print
from yimi.pack.load import Pack
from yimi.pack.schema import Measure, Plan, Target
from yimi.sites.addresses import address
from yimi.sites.staff.pages import figures
from yimi.sites.staff.pages.figures import both, declared_name, words
from yimi.sites.staff.pages.townships import map_places, township_rows

ROLES = {
    "lead": both("牵头", "leads"), "joint": both("按职责分工", "by its duties"), "support": both("配合", "supports"),
    "territorial": both("属地", "territorial"), "group": both("集体", "as a group"),
}  # fmt: skip
INSTRUMENT_KINDS = {
    "aid": both("救助", "aid"), "alert": both("预警", "alert"), "assessment": both("评估", "assessment"),
    "asset": both("资源", "asset"), "control": both("管控", "control"), "database": both("数据库", "database"),
    "design": both("设计", "design"), "designation": both("创建认定", "designation"), "duty": both("职责", "duty"),
    "enforcement": both("执法", "enforcement"), "event": both("活动", "event"),
    "exchange": both("交流", "exchange"), "facility": both("设施", "facility"), "fund": both("资金", "fund"),
    "guide": both("指南", "guide"), "indicator": both("指标", "indicator"),
    "inspection": both("检查", "inspection"), "knowledge": both("知识库", "knowledge base"),
    "land": both("用地", "land"), "market": both("市场", "market"), "mechanism": both("机制", "mechanism"),
    "network": both("网络", "network"), "participation": both("参与", "participation"),
    "pathway": both("流程", "pathway"), "pilot": both("试点", "pilot"), "pipeline": both("项目库", "pipeline"),
    "plan": both("规划、计划", "plan"), "platform": both("平台", "platform"), "price": both("价格", "price"),
    "procurement": both("购买服务", "procurement"), "product": both("产品", "product"),
    "program": both("行动", "program"), "register": both("登记、台账", "register"),
    "registry": both("名录", "registry"), "rule": both("制度", "rule"), "service": both("服务", "service"),
    "standard": both("标准", "standard"), "survey": both("调查", "survey"), "system": both("体系", "system"),
    "training": both("培训", "training"), "visit": both("探访", "visit"), "workforce": both("队伍", "workforce"),
}  # fmt: skip
SERVED = {
    "pathway": both("路径", "Pathway"), "form": both("表单", "Form"), "indicator": both("指标", "Indicator"),
    "entitlement": both("待遇", "Entitlement"), "status": both("台账", "Ledger"), "suspicion": both("线索", "Suspicion"),
    "vocabulary": both("代码表", "Vocabulary"), "role": both("岗位", "Role"), "parameter": both("参数", "Parameter"),
    "facility_type": both("设施类型", "Facility type"), "calendar": both("日历", "Calendar"), "plan": both("方案", "Plan"),
    "case": both("个案", "Case"), "bill": both("费用分担", "Bill"), "cascade": both("筛查闭环", "Cascade"),
    "surveillance": both("监测", "Surveillance"), "survey": both("匿名调查", "Survey"),
    "checklist": both("对照清单", "Checklist"),
}  # fmt: skip
# A kind as an instrument names it → the folder of the pack it stands in.
FOLDER_OF = {
    "pathway": "pathways", "bill": "bills", "form": "forms", "indicator": "indicators", "entitlement": "entitlements",
    "status": "statuses", "suspicion": "suspicions", "vocabulary": "vocabularies", "role": "roles",
    "parameter": "parameters", "facility_type": "facility_types", "calendar": "calendars", "plan": "plans",
    "case": "cases", "cascade": "cascades", "surveillance": "surveillance", "survey": "surveys",
    "checklist": "checklists",
}  # fmt: skip

OWN_PAGES = ("indicator", "checklist")  # kinds whose page is told by their name


def actor_of(request: HttpRequest) -> Actor:
    return request.actor


def standing(pack: Pack, targets: Iterable[Target]) -> list[dict[str, Any]]:
    """Rows of targets with light, figure, gap and trend, as of the run in force."""
    chosen = list(targets)
    run = plans.run_in_force()
    lights = plans.lights(run)
    wanted = {each.indicator: pack.indicators[each.indicator] for each in chosen}
    lines = plans.trends(list(wanted.values()), {each.indicator: each.operator for each in chosen})
    return [
        figures.target_row(pack, each, lights.get(each.id), lines.get(each.indicator, [])) for each in chosen
    ]


# --- the cockpit --------------------------------------------------------------------------------------------


@allow("staff")
@require_GET
def cockpit(request: HttpRequest) -> HttpResponse:
    pack, actor = active.pack(), actor_of(request)
    plan = plan_print.plan_of(pack)
    run = plans.run_in_force()
    as_of = run.as_of if run else timezone.localdate()
    rows = standing(pack, pack.targets.values())
    states = {row["id"]: row["state"] for row in rows}
    counts = plans.task_counts(as_of)
    moved = plans.changes(run) if run else None
    shown = {
        "plan": {"title": words(plan.title), "number": plan.number, "measures": len(pack.measures), "ends_on": plan.ends_on,
                 "href": address("cockpit")},
        "tally": figures.tally([row["state"] for row in rows]), "unconfirmed": figures.unconfirmed(states.values()),
        "turn": {"at": timezone.localtime((moved.before or run).started_at) if run and moved else None, "href": None},
        "attention": attention(pack, actor, as_of, rows),
        "changes": what_changed(pack, actor, run, moved) if run and moved else [],
        "targets": rows,
        "chapters": chapters(pack, plan, states, counts),
        **cockpit_map(pack, actor, run, as_of),
    }  # fmt: skip
    return render(request, "staff/cockpit.html", shown)


def cockpit_map(pack: Pack, actor: Actor, run: Any, as_of: date) -> dict[str, Any]:
    """The target that every township must reach, on the map and as a table, with the tasks that are late."""
    target = next(
        (each for each in pack.targets.values() if each.level == "township"),
        next(iter(pack.targets.values())),
    )
    indicator = pack.indicators[target.indicator]
    rows = township_rows(pack, actor, run, indicator, target)
    late: dict[str, int] = defaultdict(int)
    for code, count in plans.late_tasks(indicator.for_each, as_of).items():
        place = pack.places.get(code)
        if place is not None:
            late[place.code if place.kind == "township" else place.parent or ""] += count
    href = address("indicator", indicator.id)
    title = words(indicator.name)
    if indicator.judge == "worst_item_and_township":
        title = both(f"{title['zh']}，取最低剂次", f"{title['en']}, lowest dose")
    return {
        "map": {"title": title, "indicator_href": href, "places": map_places(pack, rows)},
        "map_rows": [{**row, "late": late.get(row["code"], 0)} for row in rows],
    }


def chapters(
    pack: Pack, plan: Plan, states: Mapping[str, str], counts: Mapping[str, plans.TaskCount]
) -> list[dict[str, Any]]:
    """The measures by chapter, each with its lights and its tasks in numbers."""

    def line(measure: Measure) -> dict[str, Any]:
        serving = [counts[each] for each in pathways_of(pack, measure.id) if each in counts]
        lead = next((each for each in measure.bodies if each.role == "lead"), None) or next(
            iter(measure.bodies), None
        )
        return {
            "id": measure.id, "number": measure.number, "title": words(measure.title),
            "href": address("measure", measure.id), "lead": figures.body_name(pack, lead.body) if lead else None,
            "bodies": len(measure.bodies), "states": [states[each.id] for each in measure.targets],
            "tasks_open": sum(each.open for each in serving), "tasks_late": sum(each.late for each in serving),
        }  # fmt: skip

    return [
        {
            "title": both(f"{each.number}{each.title.zh}", each.title.en),
            "measures": [line(pack.measures[m]) for m in each.measures],
        }
        for each in plan.chapters
        if each.measures
    ]


def pathways_of(pack: Pack, measure: str) -> list[str]:
    """Pathways, cascades and surveillance that serve a measure: they name it, an instrument names them, or a target is judged by their steps."""
    found = pack.measures[measure]
    served = (each.served_by for each in found.instruments if each.served_by)
    named = {
        each.partition(":")[2]
        for each in served
        if each.startswith(("pathway:", "cascade:", "surveillance:"))
    }
    named |= {pack.indicators[each.indicator].for_each or "" for each in found.targets}
    declared = [*pack.pathways.values(), *pack.cascades.values(), *pack.surveillance.values()]
    return [each.id for each in declared if measure in each.measures or each.id in named]


def attention(pack: Pack, actor: Actor, as_of: date, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What to do first: own tasks, what is off track, what has no data. At most five lines."""
    found = []
    waiting, late = plans.own_tasks(actor, as_of)
    work = address("work")
    if waiting and work:
        zh, en = f"等您办理的任务{waiting}项", f"tasks that wait for you: {waiting}"
        if late:
            zh, en = f"{zh}，其中{late}项已逾期", f"{en}, {late} of them late"
        found.append({"text": both(zh, en), "href": work, "state": "off" if late else "on_track"})
    for row in rows:
        if row["state"] == "off":
            gap = row["gap"] or both("", "")
            unsure = (
                ("（口径待确认）", " (definition unconfirmed)")
                if figures.unconfirmed([row["state"]])
                else ("", "")
            )
            zh = f"{row['name']['zh']}滞后{unsure[0]}" + (f"：{gap['zh']}" if gap["zh"] else "")
            en = f"{row['name']['en']}: off track{unsure[1]}" + (f", {gap['en']}" if gap["en"] else "")
            found.append({"text": both(zh, en), "href": row["href"], "state": row["state"]})
    missing = [row for row in rows if row["state"] == "no_data"]
    if missing:
        text = both(
            f"{len(missing)}项目标无数据，请责任部门报送",
            f"{len(missing)} targets have no data: ask the bodies to report",
        )
        found = [*found[:4], {"text": text, "href": address("indicators"), "state": "no_data"}]
    return found[:5]


def what_changed(pack: Pack, actor: Actor, run: Any, moved: plans.Changes) -> list[dict[str, Any]]:
    """The run in force against the one before: lights, alerts, tasks. The first run says what it found."""
    if moved.before is None:
        told = run.counts
        text = both(
            f"首次评估，尚无可比：{told.get('children', 0)}名儿童，{told.get('alerts', 0)}个预警，{told.get('tasks', 0)}项任务",
            f"First turn, nothing to compare with: {told.get('children', 0)} children, {told.get('alerts', 0)} alerts, {told.get('tasks', 0)} tasks",
        )
        return [{"text": text, "href": None, "was": None, "now": None, "because": None}]
    found = [_light_change(pack, was, now) for was, now in moved.lights if now.target in pack.targets]
    found += [_alert_change(pack, actor, each) for each in moved.alerts if each.pathway in pack.pathways]
    verbs = [(verb, zh, en) for verb, zh, en in _TASK_WORDS if moved.tasks.get(verb)]
    if verbs:
        text = both(
            "任务：" + "，".join(f"{zh}{moved.tasks[verb]}项" for verb, zh, _ in verbs),
            "Tasks: " + ", ".join(f"{moved.tasks[verb]} {en}" for verb, _, en in verbs),
        )
        found.append({"text": text, "href": address("work"), "was": None, "now": None, "because": None})
    return found


_TASK_WORDS = (
    ("set", "交办", "set"), ("accept", "签收", "accepted"), ("report", "反馈", "reported"), ("return", "退回", "sent back"),
    ("verify", "销号", "verified and closed"), ("escalate", "升级督办", "escalated"),
)  # fmt: skip


def _light_change(pack: Pack, was: plans.Light | None, now: plans.Light) -> dict[str, Any]:
    target = pack.targets[now.target]
    indicator = pack.indicators[target.indicator]
    part = both("", "")
    if indicator.judge != "value" and now.value is not None:
        where, what = figures.place_name(pack, now.place), figures.item_name(pack, now.item)
        part = both(
            f"（{where['zh']}{what['zh']}）",
            f" ({where['en']}, {what['en']})" if now.item else f" ({where['en']})",
        )

    def said(light: plans.Light | None) -> str:
        return "–" if light is None or light.value is None else f"{figures.whole(round(light.value, 2))}"

    name, unit = words(target.name), figures.unit_of(indicator.unit)
    text = both(
        f"{name['zh']}{part['zh']}：{said(was)} → {said(now)}{unit['zh']}",
        f"{name['en']}{part['en']}: {said(was)} → {said(now)}{unit['en']}",
    )
    before = was.light if was is not None and was.light != now.light else None
    href = address("indicator", indicator.id)
    return {
        "text": text,
        "href": href,
        "was": before,
        "now": figures.honest(indicator, now.light),
        "because": figures.because(pack, target, now),
    }


def _alert_change(pack: Pack, actor: Actor, each: plans.AlertCount) -> dict[str, Any]:
    pathway = pack.raising(each.pathway)
    rule = next((one for one in pathway.alerts if one.id == each.rule), None)
    name = words(rule.name) if rule else both(each.rule, each.rule)
    zh, en = [], []
    if each.opened:
        zh.append(f"新增预警{each.opened}个，涉及{each.children}名儿童")
        en.append(f"{each.opened} alerts opened, {each.children} children")
        allowed = plans.townships_open(actor, pathway.sensitivity)
        towns = list(dict.fromkeys(_township(pack, code) for code in each.places))
        if len(towns) <= 3 and (allowed is None or set(towns) <= allowed):
            names = [figures.place_name(pack, code) for code in towns]
            zh.append("、".join(one["zh"] for one in names))
            en.append(", ".join(one["en"] for one in names))
    if each.closed:
        zh.append(f"解除{each.closed}个")
        en.append(f"{each.closed} closed")
    indicator = next((one for one in pack.indicators.values() if one.for_each == pathway.id), None)
    href = address("indicator", indicator.id) if indicator else address("work")
    text = both(f"{name['zh']}：{'，'.join(zh)}", f"{name['en']}: {', '.join(en)}")
    return {"text": text, "href": href, "was": None, "now": None, "because": None}


def _township(pack: Pack, code: str) -> str:
    place = pack.places.get(code)
    return (place.parent or code) if place is not None and place.kind == "village" else code


# --- a measure ----------------------------------------------------------------------------------------------


@allow("staff")
@require_GET
def measure(request: HttpRequest, measure_id: str) -> HttpResponse:
    pack, actor = active.pack(), actor_of(request)
    found = pack.measures.get(measure_id)
    if found is None:
        raise Http404
    plan = pack.plans[found.plan]
    chapter = next(each for each in plan.chapters if each.id == found.chapter)
    run = plans.run_in_force()
    as_of = run.as_of if run else timezone.localdate()
    serving = pathways_of(pack, found.id)
    lines, total = plans.tasks_of(actor, serving)
    counted = [each for pathway, each in plans.task_counts(as_of).items() if pathway in serving]
    asked = found.chased or next((each.body for each in found.bodies if each.role == "lead"), None)
    shown = {
        "measure": {
            "id": found.id, "number": found.number, "title": words(found.title), "text": found.text, "plan": words(plan.title),
            "plan_href": address("cockpit"), "chapter": both(f"{chapter.number}{chapter.title.zh}", chapter.title.en),
            "source": found.source or plan.source, "confidence": found.confidence,
            "chased": figures.body_name(pack, found.chased) if found.chased else None,
        },
        "bodies": [
            {"name": figures.body_name(pack, each.body), "role": ROLES[each.role], "as_written": each.as_written,
             "href": address("sheet", each.body), "asked": each.body == asked}
            for each in found.bodies
        ],
        "targets": _targets_of(pack, run, found),
        "instruments": [_instrument(pack, each) for each in found.instruments],
        "tasks": [_task(pack, each, as_of) for each in lines],
        "tasks_note": _tasks_note(total, len(lines), sum(each.open for each in counted), sum(each.late for each in counted)),
        "evidence": [_proof(pack, each) for each in plans.evidence_of(actor, serving)],
        "sheet_href": address("sheet", asked or found.bodies[0].body) if found.bodies else "",
        "trail": [{"label": words(plan.title), "href": address("cockpit")}],
    }  # fmt: skip
    return render(request, "staff/measure.html", shown)


def _targets_of(pack: Pack, run: Any, found: Measure) -> list[dict[str, Any]]:
    lights = plans.lights(run)
    rows = []
    for target, row in zip(found.targets, standing(pack, found.targets), strict=True):
        light, indicator = lights.get(target.id), pack.indicators[target.indicator]
        cohort = None
        if run and light and light.item and indicator.for_each:
            cohort = evaluation.cohort(run.number, indicator, light.item, light.place, run.as_of)
        rows.append({**row, "phrase": target.phrase, "because": figures.because(pack, target, light, cohort)})
    return rows


def _instrument(pack: Pack, each: Any) -> dict[str, Any]:
    served = None
    if each.served_by:
        kind, _, name = each.served_by.partition(":")
        folder = FOLDER_OF.get(kind, "")
        declared = pack.declared.get(folder, {}).get(name)
        label, title = (
            SERVED.get(kind, both(kind, kind)),
            declared_name(declared) if declared else both(name, name),
        )
        href = address("pack-declaration", folder, name) if declared else None
        if declared and kind in OWN_PAGES:
            href = address(kind, name)
        served = {
            "label": both(f"{label['zh']}：{title['zh']}", f"{label['en']}: {title['en']}"),
            "href": href,
        }
    kind_name = INSTRUMENT_KINDS.get(each.kind, both(each.kind, each.kind))
    return {
        "id": each.id,
        "name": words(each.name),
        "kind": kind_name,
        "phrase": each.phrase,
        "served_by": served,
        "planned": each.planned,
    }


def _task(pack: Pack, each: plans.TaskLine, as_of: date) -> dict[str, Any]:
    place = figures.place_name(pack, each.place)
    title = both(f"{place['zh']}：{each.title['zh']}", f"{place['en']}: {each.title['en']}")
    opened = timezone.localtime(each.opened_at).date()
    return {
        "title": title, "href": address("task", each.uid) or address("work") or "", "state": each.state,
        "to": figures.role_name(pack, each.role), "clock": figures.clock(pack, each.due_on, opened, as_of), "place": None,
    }  # fmt: skip


def _tasks_note(seen: int, shown: int, everywhere: int, late: int) -> dict[str, str] | None:
    """How many there are in the district, whoever asks; how many of them this person may open."""
    if not everywhere:
        return None
    zh, en = f"全区未办结{everywhere}项，逾期{late}项", f"{everywhere} open in the district, {late} late"
    if seen < everywhere:
        zh, en = f"{zh}；与您的岗位有关的{seen}项", f"{en}; {seen} concern your post"
    if shown < seen:
        zh, en = f"{zh}，列出最急的{shown}项", f"{en}; the {shown} most urgent are listed"
    return both(f"{zh}。", f"{en}.")


def _proof(pack: Pack, each: plans.Proof) -> dict[str, Any]:
    place = figures.place_name(pack, each.place)
    files = (
        (f"附件{each.files}件", f"{each.files} file{'s' if each.files > 1 else ''}")
        if each.files
        else ("", "")
    )
    zh, en = (
        "，".join(filter(None, (each.evidence, files[0]))),
        ", ".join(filter(None, (each.evidence, files[1]))),
    )
    title = both(f"{zh}（{place['zh']}：{each.title['zh']}）", f"{en} ({place['en']}: {each.title['en']})")
    return {
        "on": timezone.localtime(each.at).date(), "title": title, "body": figures.body_name(pack, each.organization),
        "by": each.by, "href": address("task", each.task_uid), "verified_by": each.verified_by,
    }  # fmt: skip


# --- the sheet of a body ------------------------------------------------------------------------------------


@allow("staff")
@require_GET
def sheet(request: HttpRequest, body: str) -> HttpResponse:
    """What one body answers for, to print on A4: measures, with whom, targets and how they stand."""
    pack = active.pack()
    plan = plan_print.plan_of(pack)
    mine = [each for each in plan_print.measures_of(pack, body) if each.plan == plan.id]
    chased = [each for each in pack.measures.values() if each.chased == body and each.plan == plan.id]
    if body not in pack.organizations or not (mine or chased):
        raise Http404
    rows = {row["id"]: row for row in standing(pack, [target for each in mine for target in each.targets])}
    organization = pack.organizations[body]
    entries = [
        {
            "id": each.id, "number": each.number, "title": words(each.title), "href": address("measure", each.id),
            "role": next(ROLES[part.role] for part in each.bodies if part.body == body),
            "others": [
                {"name": figures.body_name(pack, part.body), "as_written": part.as_written}
                for part in each.bodies if part.body != body
            ],
            "targets": [
                {**rows[target.id], "deadline_note": words(target.deadline_note) if target.deadline_note else None}
                for target in each.targets
            ],
        }
        for each in mine
    ]  # fmt: skip
    shown = {
        "body": {"name": both(organization.name_zh, organization.name_en), "id": body},
        "plan": {"title": words(plan.title), "number": plan.number},
        "entries": entries,
        "tally": figures.tally([row["state"] for row in rows.values()]),
        "unconfirmed": figures.unconfirmed(row["state"] for row in rows.values()),
        "asked_first": len(chased),
        "text_href": address("sheet-text", body),
        "trail": [{"label": words(plan.title), "href": address("cockpit")}],
    }
    return render(request, "staff/sheet.html", shown)


@allow("staff")
@require_GET
def sheet_text(request: HttpRequest, body: str) -> HttpResponse:
    """The same as plain text, as `yimi pack print-plan --body` gives it."""
    pack = active.pack()
    if not plan_print.measures_of(pack, body):
        raise Http404
    text = plan_print.responsibility_sheet(pack, plan_print.plan_of(pack), body)
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{body}.txt"'
    return response
