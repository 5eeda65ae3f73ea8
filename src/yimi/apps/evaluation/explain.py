"""Why: one answer to `yimi explain ID` for a due item, an alert, a task, a target or an indicator.

The reasons are those of the pages: the same rules, facts and arithmetic, in both languages.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.utils import timezone

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor
from yimi.apps.alerts import selectors as alerts
from yimi.apps.alerts.actions import rule_of
from yimi.apps.alerts.selectors import AlertLine
from yimi.apps.evaluation import live
from yimi.apps.plan import selectors as plans
from yimi.apps.register import selectors as register
from yimi.apps.tasks import selectors as tasks
from yimi.apps.tasks import states
from yimi.apps.tasks.selectors import TaskFile
from yimi.lib.errors import BadInput, NotAllowed
from yimi.pack.load import Pack
from yimi.pack.schema import Indicator, Target

LIGHTS = {
    "met": ("达标", "met"), "on_track": ("在轨", "on track"), "off": ("滞后", "off track"), "no_data": ("无数据", "no data"),
    "typed": ("人工填报", "typed by hand"),
}  # fmt: skip


def explain(id: str, *, actor: Actor, as_of: date) -> dict[str, Any]:
    """{zh, en, …}: the sentence in both languages and what it rests on. `BadInput` for what nobody knows."""
    pack, asked = active.pack(), id.strip()
    if ":" in asked:
        return _due_item(pack, asked, actor, as_of)
    if asked in pack.targets:
        return _target(pack, pack.targets[asked])
    if asked in pack.indicators:
        return _indicator(pack.indicators[asked])
    try:
        uid = str(UUID(asked))
    except ValueError:
        raise BadInput(
            f"'{asked[:60]}' is no id: give child:step, an alert, a task, a target like T14, or an indicator"
        ) from None
    for found in (_task, _alert):
        try:
            return found(pack, uid, actor)
        except NotAllowed:
            continue
    raise BadInput(
        "there is no alert or task with this id; for a due item give the child's id, a colon and the step"
    )


def _due_item(pack: Pack, asked: str, actor: Actor, as_of: date) -> dict[str, Any]:
    child, _, step = asked.partition(":")
    if step not in pack.steps:
        raise BadInput(
            f"'{step[:60]}' is no step of the pack: look it up with yimi pack print, it is written like MMR_1"
        )
    try:
        file = register.child(actor, child, at=timezone.now())
    except NotAllowed:
        raise BadInput(
            "there is no child with this id: copy it from the address of the child's page"
        ) from None
    pathway = pack.steps[step][0]
    open_to = actor.is_system or pathway.sensitivity in file.sensitivities
    if not open_to and (pathway.id, step) not in alerts.addressed(actor, file.subject_id):
        raise BadInput("there is no child with this id: copy it from the address of the child's page")
    for item in live.child(file.subject_id, as_of).due:
        if item.row["step"] == step:
            names = ("status", "earliest", "due", "overdue_after", "expires", "done", "counted")
            return {
                "zh": item.because.zh, "en": item.because.en, "kind": "due", "as_of": as_of, "pack": pack.fingerprint,
                "rule": f"{pathway.id}.{step}", "source": item.because.source, "confidence": item.because.confidence,
                **{name: item.row[name] for name in names},
            }  # fmt: skip
    name = pack.steps[step][1].name
    return {
        "zh": f"{name.zh}：不适用于该儿童（截至{as_of}），没有应办事项。",
        "en": f"{name.en}: does not apply to this child as of {as_of}; nothing is due.",
        "kind": "due", "status": "not_applicable", "as_of": as_of, "rule": f"{pathway.id}.{step}", "pack": pack.fingerprint,
    }  # fmt: skip


def _rule_words(pack: Pack, pathway: str, rule: str) -> tuple[str, str, dict[str, Any]]:
    declared = rule_of(pack, pathway, rule)
    told = {
        "rule": f"{pathway}.{rule}",
        "when": declared.when,
        "source": declared.source,
        "confidence": declared.confidence,
    }
    zh = f"规则“{declared.name.zh}”：{declared.when}。依据：{declared.source}。"
    en = f"Rule “{declared.name.en}”: {declared.when}. Source: {declared.source}."
    return zh, en, told


def _alert(pack: Pack, uid: str, actor: Actor) -> dict[str, Any]:
    found: AlertLine = alerts.one(actor, uid)
    zh, en, told = _rule_words(pack, found.pathway, found.rule)
    place = pack.places.get(found.place)
    where_zh, where_en = (place.name_zh, place.name_en) if place else (found.place, found.place)
    opened = timezone.localtime(found.opened_at).date()
    role = pack.roles[found.to_role].name if found.to_role in pack.roles else None
    return {
        "zh": f"{where_zh}：{found.count}名儿童，自{opened}起，告知{role.zh if role else found.to_role}。{zh}",
        "en": f"{where_en}: {found.count} children since {opened}; told to {role.en if role else found.to_role}. {en}",
        "kind": "alert", "count": found.count, "first_due": found.first_due, **told,
    }  # fmt: skip


def _task(pack: Pack, uid: str, actor: Actor) -> dict[str, Any]:
    found: TaskFile = tasks.one(actor, uid)
    line = found.line
    zh, en, told = _rule_words(pack, line.pathway, line.rule) if line.pathway and line.rule else ("", "", {})
    place = pack.places.get(line.place)
    role = pack.roles[line.role].name if line.role in pack.roles else None
    state = states.NAMES[line.state]
    steps_zh = "；".join(
        f"{timezone.localtime(e.at).date()} {states.VERBS[e.verb]['zh']} {e.by}".strip()
        for e in found.history
    )
    steps_en = "; ".join(
        f"{timezone.localtime(e.at).date()} {states.VERBS[e.verb]['en']} {e.by}".strip()
        for e in found.history
    )
    return {
        "zh": f"{line.title['zh']}。{place.name_zh if place else line.place}，{role.zh if role else line.role}，{state['zh']}，"
        f"期限{line.due_on}（首次期限{line.first_due_on}）。{zh}经过：{steps_zh}。",
        "en": f"{line.title['en']}. {place.name_en if place else line.place}, {role.en if role else line.role}, {state['en']}, due "
        f"{line.due_on} (first deadline {line.first_due_on}). {en} History: {steps_en}.",
        "kind": "task", "state": line.state, "due_on": line.due_on, "first_due_on": line.first_due_on, "count": line.count, **told,
    }  # fmt: skip


def _target(pack: Pack, target: Target) -> dict[str, Any]:
    indicator = pack.indicators[target.indicator]
    run = plans.run_in_force()
    light = plans.lights(run).get(target.id)
    word = LIGHTS.get(light.light if light else "no_data", LIGHTS["no_data"])
    if light is not None and light.light in ("met", "on_track", "off") and not indicator.usable:
        word = (f"{word[0]}（口径待确认）", f"{word[1]} (definition unconfirmed)")
    value = f"{round(light.value, 2):g}{target.unit}" if light and light.value is not None else None
    detail = light.detail if light else {}
    parts = ""
    if detail.get("denominator") is not None:
        parts = f"{detail.get('numerator') or 0:g} ÷ {detail['denominator']:g}"
    where = pack.places.get(light.place) if light and light.place else None
    item = pack.steps.get(light.item) if light and light.item else None
    zh = f"{target.name.zh}：目标{target.operator}{target.value:g}{target.unit}，现值{value or '无'}{f'（{parts}）' if parts else ''}，{word[0]}。"
    en = f"{target.name.en}: goal {target.operator} {target.value:g}{target.unit}, now {value or 'none'}{f' ({parts})' if parts else ''}: {word[1]}."
    if where is not None and indicator.judge != "value":
        zh += f"按最低的部分判断：{where.name_zh}{'，' + item[1].name.zh if item else ''}。"
        en += f" Judged by the lowest part: {where.name_en}{', ' + item[1].name.en if item else ''}."
    told = _indicator(indicator)
    return {
        "zh": f"{zh}口径：{_bare(indicator.definition.zh)}。原文：“{target.phrase}”。",
        "en": f"{en} Definition: {_bare(indicator.definition.en)}. The plan says: “{target.phrase}”.",
        "kind": "target", "light": light.light if light else "no_data", "value": light.value if light else None,
        "as_of": run.as_of if run else None, "run": run.number if run else None, "indicator": indicator.id,
        "numerator_rule": told["numerator_rule"], "denominator_rule": told["denominator_rule"], "source": target.source,
        "confidence": target.confidence, "definition_confirmed": indicator.usable, "pack": pack.fingerprint, "detail": detail,
    }  # fmt: skip


def _indicator(indicator: Indicator) -> dict[str, Any]:
    above = indicator.numerator.where if indicator.numerator else None
    below = indicator.denominator.where if indicator.denominator else None
    zh = f"{indicator.name.zh}（{indicator.unit}）：{_bare(indicator.definition.zh)}。"
    en = f"{indicator.name.en} ({indicator.unit}): {_bare(indicator.definition.en)}."
    if above:
        zh, en = f"{zh}分子：{above}。", f"{en} Numerator: {above}."
    if below:
        zh, en = f"{zh}分母：{below}。", f"{en} Denominator: {below}."
    if indicator.source:
        zh, en = f"{zh}依据：{indicator.source}。", f"{en} Source: {indicator.source}."
    return {
        "zh": zh, "en": en, "kind": "indicator", "numerator_rule": above, "denominator_rule": below, "judge": indicator.judge,
        "source": indicator.source, "confidence": indicator.confidence, "definition_confirmed": indicator.usable,
    }  # fmt: skip


def _bare(sentence: str) -> str:
    """Without its full stop, to be set into another sentence."""
    return sentence.rstrip("。. ")
