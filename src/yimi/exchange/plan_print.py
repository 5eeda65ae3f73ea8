"""A plan in a pack printed back: the official text, and each body's responsibility sheet.

Nothing is added to the text: chapters, numbers, wording and the clause in brackets are as declared.
"""

from __future__ import annotations

from collections.abc import Iterator

from yimi.lib.errors import BadInput
from yimi.pack.load import Pack
from yimi.pack.schema import Measure, Plan
from yimi.rules.check import suggestion

OPERATORS = {">=": "不低于", "<=": "不高于", "=": "达到", ">": "超过", "<": "低于"}


def plan_of(pack: Pack, plan: str | None = None) -> Plan:
    """The plan asked for, or the only one of the pack."""
    if plan is not None and plan in pack.plans:
        return pack.plans[plan]
    if plan is None and len(pack.plans) == 1:
        return next(iter(pack.plans.values()))
    known = "、".join(pack.plans) or "none"
    raise BadInput(f"say which plan of pack '{pack.id}' to print; it has: {known}")


def official_text(pack: Pack, plan: Plan) -> str:
    """The plan as it was issued: title, number, preamble, chapters, measures with their clauses."""
    lines = [plan.title.zh, plan.number, "", plan.preamble]
    for chapter in plan.chapters:
        lines += ["", f"{chapter.number}、{chapter.title.zh}"]
        if not chapter.measures and plan.general_goal:
            lines += ["", plan.general_goal]
        for measure in chapter.measures:
            lines += ["", measure_text(pack.measures[measure])]
    return "\n".join(lines) + "\n"


def measure_text(measure: Measure) -> str:
    """One measure with its number before it and its clause after it."""
    return f"{measure.number}{measure.text}{clause(measure)}"


def clause(measure: Measure) -> str:
    """The responsibility clause: verbatim where declared, else bodies as written and in their order."""
    if measure.clause is not None:
        return measure.clause
    names = "、".join(each.as_written for each in measure.bodies)
    return f"（{names}按职责分工负责）" if names else ""


def measures_of(pack: Pack, body: str) -> list[Measure]:
    """The measures that name a body, in the order of the plan."""
    return [each for each in pack.measures.values() if any(part.body == body for part in each.bodies)]


def find_body(pack: Pack, name: str) -> str:
    """A body's id by id, name, short name or alias."""
    for each in pack.organizations.values():
        if name in (each.id, each.name_zh, each.short, *each.aliases):
            return each.id
    shorts = [each.short for each in pack.organizations.values()]
    raise BadInput(f"no body '{name}' in pack '{pack.id}'{suggestion(name, shorts)}")


def responsibility_sheet(pack: Pack, plan: Plan, body: str) -> str:
    """What one body answers for: its measures, with whom, the targets and when they are due."""
    organization = pack.organizations[body]
    mine = [each for each in measures_of(pack, body) if each.plan == plan.id]
    lines = [
        f"{organization.name_zh} 责任清单",
        f"依据：{plan.title.zh}（{plan.number}）",
        f"涉及任务 {len(mine)} 项",
        "",
    ]
    for index, measure in enumerate(mine, 1):
        lines += list(_entry(pack, index, measure, body))
    return "\n".join(lines) + "\n"


def _entry(pack: Pack, index: int, measure: Measure, body: str) -> Iterator[str]:
    yield f"{index}. {measure.number}{measure.title.zh}"
    others = [each.as_written for each in measure.bodies if each.body != body]
    yield f"   共同责任：{'、'.join(others) or '无'}"
    for target in measure.targets:
        deadline = (
            target.deadline.isoformat()
            if target.deadline
            else (target.deadline_note.zh if target.deadline_note else "")
        )
        yield f"   指标：{target.name.zh} {OPERATORS[target.operator]} {target.value:g} {target.unit}（{deadline}）"
    yield ""
