"""What a pathway needs beyond right types so that it can be worked out at all.

Steps that wait for each other in a circle, rules that ask for their own answer, forms about somebody else,
alternatives nobody would be counted in, two oldest editions. Each finding: path in the file, message, offset.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from yimi.pack.load import Pack
from yimi.pack.read import Path_
from yimi.pack.reads import waits_for
from yimi.pack.schema import Pathway, Step
from yimi.pack.scopes import lists_of
from yimi.rules.parse import RuleError, parse
from yimi.rules.tree import StepCall

Finding = tuple[Path_, str, int]

# Which of its own answers a rule of a step may use: what is worked out before it.
_OWN: dict[str, frozenset[str]] = {
    "earliest": frozenset(),
    "due": frozenset(),
    "applies_when": frozenset(),
    "every": frozenset({"done"}),
    "overdue_after": frozenset({"done", "due"}),
    "expires": frozenset({"done", "due"}),
}


def shape_problems(pack: Pack, pathway: Pathway) -> Iterator[Finding]:
    """Every finding of one pathway."""
    if not pathway.steps:
        yield ("steps",), "a pathway needs at least one step", 0
    yield from _editions(pathway)
    yield from _alternatives(pathway)
    yield from _circles(pathway)
    known = lists_of(pack, pathway.subject)
    for index, step in enumerate(pathway.steps):
        yield from _own_answers(index, step)
        forms: dict[Path_, str] = {("steps", index, "form"): step.form}
        forms |= {("steps", index, "apart", n, "form"): each.form for n, each in enumerate(step.apart)}
        for path, form in forms.items():
            if form in pack.forms and form not in known:
                told = pack.forms[form].subject
                yield path, f"form '{form}' is about a {told}, the pathway about a {pathway.subject}", 0


def _editions(pathway: Pathway) -> Iterator[Finding]:
    seen: set[str] = set()
    undated = [each.id for each in pathway.editions if each.effective_from is None]
    for index, each in enumerate(pathway.editions):
        if each.id in seen:
            yield ("editions", index, "id"), f"edition '{each.id}' stands twice", 0
        if each.effective_from is None and each.id != undated[0]:
            message = f"edition '{each.id}' needs effective_from: '{undated[0]}' is already the oldest"
            yield ("editions", index), message, 0
        seen.add(each.id)


def _alternatives(pathway: Pathway) -> Iterator[Finding]:
    """Until one series is begun, exactly one is counted: with none, a child would be missing from figures."""
    groups: dict[str, dict[int, Step]] = {}
    for index, step in enumerate(pathway.steps):
        if step.alternative:
            groups.setdefault(step.alternative, {})[index] = step
    for group, steps in groups.items():
        default = {each.alternative_series or each.id for each in steps.values() if each.default_series}
        if len(default) != 1:
            message = f"alternative '{group}' needs exactly one default_series, it has {len(default)}"
            yield ("steps", min(steps), "alternative"), message, 0
            continue
        for index, step in steps.items():
            if (step.alternative_series or step.id) in default and not step.default_series:
                yield ("steps", index), f"'{step.id}' is in the default series: default_series is missing", 0


def _circles(pathway: Pathway) -> Iterator[Finding]:
    try:
        waits = {step.id: waits_for(step) - ({step.id} - {step.after}) for step in pathway.steps}
    except RuleError:
        return  # told as a problem of the rule itself
    for index, step in enumerate(pathway.steps):
        way = _way_back(step.id, waits)
        if way:
            message = f"steps wait for each other in a circle: {' → '.join(way)}"
            yield ("steps", index, "after") if step.after in way else ("steps", index), message, 0


def _way_back(start: str, waits: Mapping[str, set[str]]) -> list[str]:
    """The shortest way from a step back to itself, empty if there is none."""
    ways = [[start]]
    seen: set[str] = set()
    for way in ways:
        for following in sorted(waits.get(way[-1], ())):
            if following == start:
                return [*way, start]
            if following not in seen:
                seen.add(following)
                ways.append([*way, following])
    return []


def _own_answers(index: int, step: Step) -> Iterator[Finding]:
    for name, allowed in _OWN.items():
        given = getattr(step, name)
        texts: list[tuple[Path_, str | None]] = []
        if isinstance(given, str):
            texts = [(("steps", index, name), given)]
        if isinstance(given, list):
            texts = [(("steps", index, name, n, "rule"), each.rule) for n, each in enumerate(given)]
        for path, text in texts:
            try:
                calls = [each for each in parse(text).walk() if isinstance(each, StepCall)] if text else []
            except RuleError:
                continue
            for call in calls:
                if call.step == step.id and call.function not in allowed:
                    yield path, f"{name} cannot ask for its own step's {call.function}", call.at
