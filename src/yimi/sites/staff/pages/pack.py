"""What is declared, where it comes from, what nobody has confirmed; one declaration with its rules in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from yimi.apps import active
from yimi.apps.accounts.permissions import allow
from yimi.exchange import plan_print
from yimi.pack import schema
from yimi.pack.check import check_pack, counts, unconfirmed
from yimi.pack.checklists import ChecklistItem
from yimi.pack.load import Pack
from yimi.pack.problems import Problem
from yimi.pack.read import Path_
from yimi.rules.parse import parse
from yimi.rules.tree import Case, ListCall
from yimi.rules.words import Facts, phrase
from yimi.sites.addresses import address
from yimi.sites.staff.pages.figures import FOLDS, Words, both, declared_name, words
from yimi.sites.staff.pages.shown import column

KINDS = {
    "plans": both("方案", "Plans"), "measures": both("措施", "Measures"), "pathways": both("路径", "Pathways"), "cascades": both("筛查闭环", "Cascades"), "bills": both("费用分担", "Bills"),
    "cases": both("个案", "Cases"), "surveillance": both("监测", "Surveillance"), "surveys": both("匿名调查", "Surveys"), "checklists": both("对照清单", "Checklists"),
    "forms": both("表单", "Forms"), "indicators": both("指标", "Indicators"), "entitlements": both("待遇", "Entitlements"),
    "suspicions": both("线索", "Suspicions"), "statuses": both("台账与身份", "Ledgers and statuses"),
    "roles": both("岗位", "Roles"), "parameters": both("参数", "Parameters"), "vocabularies": both("代码表", "Vocabularies"),
    "facility_types": both("设施类型", "Facility types"), "calendars": both("日历", "Calendars"),
    "tests": both("测试儿童", "Test children"), "organizations": both("责任部门", "Bodies"),
    "places": both("乡镇（街道）", "Townships"),
}  # fmt: skip
COUNTS = {
    "measures": (both("措施", "measures"), "measures"), "bodies": (both("责任部门", "bodies"), "organizations"),
    "assignments": (both("责任分工", "assignments"), "organizations"), "targets": (both("目标", "targets"), ""),
    "milestones": (both("里程碑", "milestones"), ""), "instruments": (both("工作抓手", "instruments"), "measures"),
    "townships": (both("乡镇（街道）", "townships"), "places"), "villages": (both("村（社区）", "villages"), "places"),
    "pathways": (both("路径", "pathways"), "pathways"), "cascades": (both("筛查闭环", "cascades"), "cascades"),
    "surveillance": (both("监测", "surveillance"), "surveillance"), "surveys": (both("匿名调查", "surveys"), "surveys"),
    "checklists": (both("对照清单", "checklists"), "checklists"),
    "cases": (both("个案种类", "kinds of case"), "cases"), "forms": (both("表单", "forms"), "forms"),
    "indicators": (both("指标", "indicators"), "indicators"), "entitlements": (both("待遇", "entitlements"), "entitlements"),
    "test_children": (both("测试儿童", "test children"), "tests"), "unconfirmed": (both("未确认", "not confirmed"), ""),
}  # fmt: skip
ITEM_KINDS = {
    "Surveillance": both("监测", "surveillance"), "Survey": both("匿名调查", "survey"), "Checklist": both("对照清单", "checklist"), "ChecklistItem": both("清单条目", "item of a checklist"), "Layer": both("分担层次", "layer of a bill"), "BillShare": both("费用分担", "share of a bill"),
    "Step": both("步骤", "step"), "Stage": both("环节", "stage"), "CaseKind": both("个案种类", "kind of case"), "CaseClock": both("个案时限", "clock of a case"), "Cascade": both("筛查闭环", "cascade"), "AlertRule": both("预警规则", "alert rule"), "Code": both("代码", "code"),
    "DatedValue": both("参数值", "value of a parameter"), "Edition": both("版本", "edition"), "Target": both("目标", "target"),
    "Milestone": both("里程碑", "milestone"), "FacilityType": both("设施类型", "facility type"), "Form": both("表单", "form"),
    "Indicator": both("指标", "indicator"), "Vocabulary": both("代码表", "vocabulary"), "Calendar": both("日历", "calendar"),
    "StatusScheme": both("台账与身份", "status"), "Entitlement": both("待遇", "entitlement"), "Suspicion": both("线索", "suspicion"),
    "Role": both("岗位", "role"), "Pathway": both("路径", "pathway"), "Measure": both("措施", "measure"), "Plan": both("方案", "plan"),
}  # fmt: skip
# What the engines really do with a recalled rule nobody confirmed; everything else only wears the mark.
BLOCKS = {
    "Step": both("不产生预警和任务", "raises no alert and no task"),
    "Stage": both("不产生预警和任务", "raises no alert and no task"),
    "AlertRule": both("不产生预警和任务", "raises no alert and no task"),
    "Pathway": both("不产生预警和任务", "raises no alert and no task"),
    "Surveillance": both("不产生预警和任务", "raises no alert and no task"),
    "Entitlement": both("不作为享受待遇的依据，结果写“待确认”", "grants nothing: the answer says “to be confirmed”"),
    "Indicator": both("照常计算，页面标注“口径待确认”", "is worked out; pages say its definition is to be confirmed"),
}  # fmt: skip
MARKED = both("照常使用，标注“未确认”", "is used, marked “not confirmed”")


@allow("staff")
@require_GET
def pack_page(request: HttpRequest) -> HttpResponse:
    """Totals, sources with their confidence, and everything not confirmed."""
    pack = active.pack()
    shown = {
        **_common(pack, ""),
        "unconfirmed": _unconfirmed(pack.fingerprint),
        "sources": _sources(pack.fingerprint),
    }
    return render(request, "staff/pack.html", shown)


@allow("staff")
@require_GET
def kind_page(request: HttpRequest, kind: str) -> HttpResponse:
    """All declarations of one kind."""
    pack = active.pack()
    if kind not in KINDS:
        raise Http404
    table = {"organizations": _bodies, "places": _places}.get(kind, _declared)
    shown = {**_common(pack, kind), "kind": KINDS[kind], "declarations": table(pack, kind)}
    return render(request, "staff/pack.html", shown)


@allow("staff")
@require_GET
def declaration_page(request: HttpRequest, kind: str, name: str) -> HttpResponse:
    """One declaration: its file as written, and its rules in words."""
    pack = active.pack()
    found = pack.declared.get(kind, {}).get(name)
    if found is None:
        raise Http404
    file = pack.sources[(kind, name)].file
    shown = {
        **_common(pack, kind),
        "declaration": {
            "name": declared_name(found), "id": name, "kind": KINDS[kind], "file": f"packs/{file}",
            "text": _written(pack, file), "source": getattr(found, "source", ""), "confidence": getattr(found, "confidence", ""),
            "effective_from": getattr(found, "effective_from", None), "rules": list(_rules(pack, found)),
        },
        "trail": [
            {"label": words(pack.info.name), "href": address("pack")},
            {"label": KINDS[kind], "href": address("pack-kind", kind)},
        ],
    }  # fmt: skip
    return render(request, "staff/pack.html", shown)


def _common(pack: Pack, current: str) -> dict[str, Any]:
    totals = _totals(pack.fingerprint)
    hrefs = {
        "targets": address("indicators"),
        "milestones": address("indicators"),
        "unconfirmed": address("pack"),
    }
    tabs = [
        {
            "label": both("来源与未确认", "Sources, not confirmed"),
            "href": address("pack"),
            "current": not current,
            "count": totals["unconfirmed"],
        }
    ]
    tabs += [
        {
            "label": label,
            "href": address("pack-kind", kind),
            "current": kind == current,
            "count": len(pack.declared[kind]),
        }
        for kind, label in KINDS.items()
        if pack.declared.get(kind)
    ]
    return {
        "pack": {
            "name": words(pack.info.name), "version": pack.info.version, "fingerprint": pack.fingerprint,
            "effective_from": pack.info.effective_from, "checked_at": None,
            "extends": [both(folder.name, folder.name) for folder in pack.chain[:-1]],
        },
        "counts": [
            {"label": label, "value": totals[key], "href": address("pack-kind", kind) if kind else hrefs[key]}
            for key, (label, kind) in COUNTS.items()
            if not current
        ],
        "tabs": tabs, "unconfirmed": [], "sources": [], "declarations": None, "kind": None, "declaration": None,
        "problems": [
            {"file": each.file, "line": each.line, "text": each.message, "severity": severity}
            for severity, each in _problems(pack.fingerprint)
        ],
        "trail": [],
    }  # fmt: skip


@lru_cache(maxsize=4)
def _problems(fingerprint: str) -> list[tuple[str, Problem]]:
    """Found once a process: a pack does not change under its fingerprint."""
    report = check_pack(active.pack())
    return [*(("error", each) for each in report.errors), *(("warning", each) for each in report.warnings)]


@lru_cache(maxsize=4)
def _totals(fingerprint: str) -> dict[str, int]:
    return counts(active.pack())


# --- where it comes from ------------------------------------------------------------------------------------


@lru_cache(maxsize=4)
def _unconfirmed(fingerprint: str) -> list[dict[str, Any]]:
    pack, rows = active.pack(), []
    for kind, where, found in unconfirmed(pack):
        top = where.split(".")[0]
        what = type(found).__name__
        source = pack.sources[(kind, top)]
        path = next(_path_to(pack.declared[kind][top], found), ())
        line = source.places.get(path, (1, 1))[0]
        owner = declared_name(pack.declared[kind][top])
        name = _name_of(found)
        if path:
            name = both(f"{owner['zh']}：{name['zh']}", f"{owner['en']}: {name['en']}")
        rows.append(
            {"name": name, "kind": ITEM_KINDS.get(what, KINDS[kind]), "id": where, "source": found.source or "–",
             "confidence": found.confidence, "blocks": BLOCKS.get(what, MARKED), "file": f"packs/{source.file}:{line}"}
        )  # fmt: skip
    return sorted(rows, key=lambda row: (row["blocks"] is MARKED, row["file"]))


def _name_of(found: Any) -> Words:
    if isinstance(found, schema.Code):
        return both(found.zh, found.en)
    if isinstance(found, schema.DatedValue):
        return both(
            f"{found.value}（{found.effective_from}起）", f"{found.value} (from {found.effective_from})"
        )
    if isinstance(found, ChecklistItem):  # its words stand in the checklist's vocabulary
        codes = (each for one in active.pack().vocabularies.values() for each in one.codes)
        word = next((each for each in codes if each.code == found.item), None)
        return both(word.zh, word.en) if word else both(found.item, found.item)
    return declared_name(found)


def _path_to(value: Any, wanted: Any, path: Path_ = ()) -> Iterator[Path_]:
    """Where a declaration stands inside another, as keys and indexes."""
    if value is wanted:
        yield path
    elif isinstance(value, schema.Declaration):
        for name in type(value).model_fields:
            inner = getattr(value, name)
            for index, each in enumerate(inner if isinstance(inner, list) else ()):
                yield from _path_to(each, wanted, (*path, name, index))


@lru_cache(maxsize=4)
def _sources(fingerprint: str) -> list[dict[str, Any]]:
    """Sources of everything declared, the most used first, each with how sure we are and since when."""
    pack = active.pack()
    found: dict[tuple[str, str], list[Any]] = {}
    for rows in pack.declared.values():
        for declared in rows.values():
            for each in _sourced(declared):
                if each.source:
                    entry = found.setdefault((each.source, each.confidence), [0, None])
                    entry[0] += 1
                    since = [day for day in (entry[1], each.effective_from) if day is not None]
                    entry[1] = min(since, default=None)
    return [
        {"source": both(source, source), "declarations": number, "confidence": confidence, "in_force": since}
        for (source, confidence), (number, since) in sorted(
            found.items(), key=lambda each: (-each[1][0], each[0])
        )
    ]


def _sourced(value: Any) -> Iterator[schema.Sourced]:
    if isinstance(value, schema.Sourced):
        yield value
    if isinstance(value, schema.Declaration):
        for name in type(value).model_fields:
            inner = getattr(value, name)
            for each in inner if isinstance(inner, list) else ():
                yield from _sourced(each)


def _written(pack: Pack, file: str) -> str:
    """The file as it stands in the pack; `file` begins with the name of the folder of its pack."""
    folder, _, rest = file.partition("/")
    root = next(each for each in pack.chain if each.name == folder)
    return Path(root / rest).read_text("utf-8")


# --- what is declared ---------------------------------------------------------------------------------------

_PARTS = {
    "pathways": ("steps", both("步骤", "Steps")), "cascades": ("stages", both("环节", "Stages")), "forms": ("fields", both("栏目", "Fields")),
    "vocabularies": ("codes", both("代码", "Codes")), "measures": ("targets", both("目标", "Targets")),
    "parameters": ("values", both("取值", "Values")), "tests": ("children", both("儿童", "Children")),
    "plans": ("chapters", both("章", "Chapters")),
}  # fmt: skip


def _declared(pack: Pack, kind: str) -> dict[str, Any]:
    parts = _PARTS.get(kind)
    columns = [column("name", "名称", "Name", "text"), column("id", "编号", "Id", "text")]
    columns += [{**column("parts", "", "", "number"), "label": parts[1]}] if parts else []
    columns += [
        column("confidence", "可信程度", "How sure", "text"),
        column("source", "来源", "Source", "text"),
        column("file", "文件", "File", "text"),
    ]
    from yimi.sites.templatetags.yimi import CONFIDENCES

    rows = []
    for name, each in pack.declared[kind].items():
        sure = CONFIDENCES.get(getattr(each, "confidence", ""), "")
        href = address("pack-declaration", kind, name)
        if kind == "measures":
            href = address("measure", name)
        elif kind == "indicators":
            href = address("indicator", name)
        number = [len(getattr(each, parts[0]))] if parts else []
        rows.append(
            {
                "href": href,
                "cells": [
                    declared_name(each),
                    name,
                    *number,
                    str(sure),
                    getattr(each, "source", ""),
                    f"packs/{pack.sources[(kind, name)].file}",
                ],
            }
        )
    return {"columns": columns, "rows": rows}  # fmt: skip


def _bodies(pack: Pack, kind: str) -> dict[str, Any]:
    """The bodies the plan names, with the number of their measures; each leads to its responsibility sheet."""
    columns = [
        column("name", "责任部门", "Body", "text"), column("full", "全称", "Full name", "text"),
        column("measures", "措施", "Measures", "number"), column("targets", "目标", "Targets", "number"),
    ]  # fmt: skip
    rows: list[dict[str, Any]] = []
    for each in pack.organizations.values():
        mine = plan_print.measures_of(pack, each.id)
        if mine:
            cells = [
                both(each.short, each.name_en),
                each.name_zh,
                len(mine),
                sum(len(one.targets) for one in mine),
            ]
            rows.append({"href": address("sheet", each.id), "cells": cells})
    rows.sort(key=lambda row: -row["cells"][2])
    return {"columns": columns, "rows": rows}


def _places(pack: Pack, kind: str) -> dict[str, Any]:
    columns = [
        column("name", "乡镇（街道）", "Township", "text"), column("code", "区划代码", "Code", "text"),
        column("villages", "村（社区）", "Villages", "number"), column("children", "名单", "Names", "text"),
    ]  # fmt: skip
    rows = []
    for each in pack.townships():
        below = [one for one in pack.villages() if one.parent == each.code]
        names = both("、".join(one.name_zh for one in below), ", ".join(one.name_en for one in below))
        rows.append({"href": None, "cells": [both(each.name_zh, each.name_en), each.code, len(below), names]})
    return {"columns": columns, "rows": rows}


# --- rules in words -----------------------------------------------------------------------------------------


class _Blank(dict[Any, Any]):
    """Facts of nobody: a rule is told without values."""

    def get(self, key: Any, default: Any = None) -> Any:
        return ""


def in_words(pack: Pack, rule: str) -> Words | None:
    """A rule as a sentence without a child's values; None where only its own text says it exactly."""
    node = parse(rule)
    if any(
        isinstance(each, Case) or (isinstance(each, ListCall) and each.where is not None)
        for each in node.walk()
    ):
        return None
    told = {}
    for language in ("zh", "en"):
        lists = {form.id: str(getattr(form.name, language)) for form in pack.forms.values()}
        for form in pack.forms.values():
            lists |= {f"{form.id}.{one.id.lower()}": str(getattr(one.label, language)) for one in form.fields}
            lists[f"{form.id}.on"] = str(getattr(form.name, language))
        facts = Facts(
            values=_Blank(), done=_Blank(), language=language, list_names=lists,
            step_names={step: str(getattr(one.name, language)) for step, (_, one) in pack.steps.items()},
            param_names={one.id: str(getattr(one.name, language)) for one in pack.parameters.values()},
            scheme_names={one.id: str(getattr(one.name, language)) for one in pack.statuses.values()},
        )  # fmt: skip
        said = phrase(node, facts)
        told[language] = re.sub(r"\s+([；，）])", r"\1", re.sub(r"\s{2,}", " ", said)).strip()
    return both(told["zh"].replace("出生 满", "出生满").replace("出生 后", "出生后"), told["en"])


_STEP_RULES = (
    ("earliest", "最早", "earliest"), ("due", "应办", "due"), ("overdue_after", "此后为逾期", "overdue after"),
    ("expires", "不再办理", "expires"),
)  # fmt: skip


def _rules(pack: Pack, found: Any) -> Iterator[dict[str, Any]]:
    """Every rule of a declaration, with its words where a sentence says it exactly."""

    def line(zh: str, en: str, rule: str | None) -> Iterator[dict[str, Any]]:
        if rule:
            yield {"label": both(zh, en), "text": rule, "words": in_words(pack, rule)}

    if isinstance(found, schema.Pathway):
        yield from line("适用于", "Applies when", found.applies_when)
        for step in found.steps:
            yield from _step_rules(pack, found, step)
        for alert in found.alerts:
            yield from line(f"预警：{alert.name.zh}", f"Alert: {alert.name.en}", alert.when)
    elif isinstance(found, schema.Indicator):
        for side, zh, en in (
            (found.numerator, "分子", "Numerator"),
            (found.denominator, "分母", "Denominator"),
            (found.document, "文件", "Documents"),
        ):
            yield from line(zh, en, side.where if side else None)
            if side and side.amount != "1":
                how = FOLDS[side.fold]
                yield from line(f"{zh}{how[0]}", f"{en}, {how[1]}", side.amount)
    elif isinstance(found, schema.Form):
        for each in found.fields:
            yield from line(f"{each.label.zh}：出现条件", f"{each.label.en}: shown when", each.show_when)
            yield from line(
                f"{each.label.zh}：必填条件", f"{each.label.en}: required when", each.required_when
            )
    elif isinstance(found, schema.Entitlement):
        yield from line("享受条件", "Entitled when", found.rule)
        yield from line("已享受", "Received when", found.received_when)
    elif isinstance(found, schema.Suspicion):
        yield {"label": both("线索", "Suggested when"), "text": found.when, "words": words(found.because)}


def _step_rules(pack: Pack, pathway: schema.Pathway, step: schema.Step) -> Iterator[dict[str, Any]]:
    editions = {each.id: each for each in pathway.editions}
    name = words(step.name)
    for attribute, zh, en in _STEP_RULES:
        for dated in getattr(step, attribute) or []:
            edition = editions.get(dated.edition)
            of = both(f"（{edition.title.zh}）", f" ({edition.title.en})") if edition else both("", "")
            label = both(f"{name['zh']} {zh}{of['zh']}", f"{name['en']}, {en}{of['en']}")
            if dated.rule is None:
                yield {"label": label, "text": "–", "words": both("该版本没有这一项", "not in that edition")}
            else:
                yield {"label": label, "text": dated.rule, "words": in_words(pack, dated.rule)}
    if step.every:
        yield {
            "label": both(f"{name['zh']} 间隔", f"{name['en']}, every"),
            "text": step.every,
            "words": in_words(pack, step.every),
        }
    if step.applies_when:
        yield {
            "label": both(f"{name['zh']} 适用于", f"{name['en']}, applies when"),
            "text": step.applies_when,
            "words": in_words(pack, step.applies_when),
        }
    yield {
        "label": both(f"{name['zh']} 完成依据", f"{name['en']}, satisfied by"),
        "text": f"{step.form}: {step.satisfied_by}",
        "words": None,
    }
