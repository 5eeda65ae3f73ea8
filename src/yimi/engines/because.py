"""Why: the rule, its source, the facts and the arithmetic behind a due item or a verdict, in words.

In: the facts of one subject and a pathway. Out: a sentence an official can check by hand. The values come
from the same compiled SQL as the answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from yimi.engines.backend import binding, list_fields
from yimi.engines.due.editions import Segment, segments
from yimi.engines.due.schedule import Column
from yimi.pack.dated_values import parameters
from yimi.pack.load import Pack, once_a_pack
from yimi.pack.schema import Pathway, Step
from yimi.pack.scopes import NAMES, facts_named
from yimi.rules.parse import parse
from yimi.rules.sql import quote, to_sql
from yimi.rules.tree import Literal, Node, Param
from yimi.rules.words import Facts, tell, terms, valued

STATUS_WORDS = {
    "done": ("已完成", "done"), "done_late": ("已完成（逾期）", "done, late"), "upcoming": ("未到期", "not due yet"),
    "waiting": ("待前一项完成", "waits for the step before"), "due": ("应办", "due"), "overdue": ("逾期", "overdue"),
    "expired": ("已过适用期", "no longer wanted"), "refused": ("拒绝", "refused"),
    "contraindicated": ("禁忌", "contraindicated"), "deferred": ("暂缓", "deferred"),
    "elsewhere": ("在外地完成", "done elsewhere"), "not_found": ("查无此人", "not found"), "moved": ("已迁出", "moved away"),
    "dead": ("已死亡", "dead"), "unknown": ("无法判断", "unknown"), "not_needed": ("无需", "not needed"),
}  # fmt: skip


@dataclass(frozen=True)
class Because:
    """A sentence in both languages, and where the rule comes from."""

    zh: str
    en: str
    source: str
    confidence: str


class Telling:
    """What the reasons of one pathway need, whoever the subject is: the parts told, and how things are called."""

    def __init__(self, pack: Pack, pathway: Pathway) -> None:
        self.pack, self.pathway = pack, pathway
        rules = {rule for step in pathway.steps for rule in _texts(pathway, step)}
        nodes = {each for rule in rules for each in valued(parse(rule)) if not isinstance(each, Literal)}
        self.nodes: list[Node] = sorted(nodes, key=repr)  # the parts whose values are told
        known = set(NAMES[pathway.subject])
        # The facts of the subject each step rests on, that somebody can be asked for.
        self.rests_on = {
            step.id: sorted({name for rule in _texts(pathway, step) for name in facts_named(parse(rule))} & known)
            for step in pathway.steps
        }  # fmt: skip
        self.asked = sorted({name for names in self.rests_on.values() for name in names})
        self.names = {language: _names(pack, pathway, language) for language in ("zh", "en")}

    def value_columns(self) -> list[Column]:
        """A column "=n" for each part told, printed by the rules' own SQL, and "!fact" for each fact asked for."""
        how = replace(binding(self.pack), anchors=True)
        written = replace(how, params=parameters(self.pack, written=True))
        lists = list_fields(self.pack, self.pathway.subject)
        values = [
            Column(f"={index}", to_sql(node, written if isinstance(node, Param) else how, lists))
            for index, node in enumerate(self.nodes)
        ]
        return values + [Column(f"!{name}", quote(name)) for name in self.asked]


def _names(pack: Pack, pathway: Pathway, language: str) -> Facts:
    """How steps, lists, fields and parameters are called; the values come with a subject."""
    steps = {step.id: str(getattr(step.name, language)) for step in pathway.steps}
    return replace(_names_of_all(pack, language), step_names=steps)


@once_a_pack
def _names_of_all(pack: Pack, language: str) -> Facts:
    """The same for every pathway, which has its own steps only."""

    def word(each: Any) -> str:
        return str(getattr(each.name, language))

    lists = {form.id: word(form) for form in pack.forms.values()}
    fields = {
        f"{form.id}.{each.id.lower()}": str(getattr(each.label, language))
        for form in pack.forms.values()
        for each in form.fields
    }
    return Facts(
        values={},
        list_names={**lists, **fields, **{f"{form.id}.on": word(form) for form in pack.forms.values()}},
        param_names={each.id: word(each) for each in pack.parameters.values()},
        scheme_names={each.id: word(each) for each in pack.statuses.values()},
        language=language,
    )


class Explainer:
    """Explains the due items of one subject, from its row with state and value columns."""

    def __init__(self, telling: Telling, row: Mapping[str, Any]) -> None:
        self.telling, self.pathway = telling, telling.pathway
        self.values = {node: _civil(row[f"={index}"]) for index, node in enumerate(telling.nodes)}
        self.known = {name: row[f"!{name}"] for name in telling.asked}
        self.done = {step.id: row[f"{step.id}.done"] for step in self.pathway.steps}

    def facts(self, language: str) -> Facts:
        return replace(self.telling.names[language], values=self.values, done=self.done)

    def item(self, row: dict[str, Any]) -> Because:
        """Why a due item (a row of `due_items`) has its dates and status."""
        step = next(each for each in self.pathway.steps if each.id == row["step"])
        segment = _used(segments(self.pathway, step.earliest), row["earliest"])
        source, confidence = self.source(step, segment, row["done"])
        return Because(
            self._sentence(step, segment, row, "zh", source),
            self._sentence(step, segment, row, "en", source),
            source,
            confidence,
        )

    def source(self, step: Step, segment: Segment | None, on: date | None) -> tuple[str, str]:
        """The norm behind a step: its own source, else the edition in force on the day, else the pathway's."""
        if step.source:
            return step.source, step.confidence
        day = on or (segment.until if segment and segment.until else date.max)
        in_force = [each for each in self.pathway.editions if (each.effective_from or date.min) <= day]
        if self.pathway.editions:
            edition = (in_force or self.pathway.editions[:1])[-1]
            return edition.title.zh, edition.confidence
        return self.pathway.source, self.pathway.confidence

    def _sentence(
        self, step: Step, segment: Segment | None, row: dict[str, Any], language: str, source: str
    ) -> str:
        zh = language == "zh"
        facts = self.facts(language)
        said = [each.zh if zh else each.en for each in [step.name]]
        missing = self._missing(step)
        if row["status"] == "unknown" or row["due"] is None:
            need = "、".join(missing) if zh else ", ".join(missing)
            said.append(
                (f"无法判断：还缺 {need}" if zh else f"unknown: need {need}")
                if missing
                else ("无法判断" if zh else "unknown")
            )
        elif segment and segment.rule:
            told = [tell(term, facts) for term in terms(parse(segment.rule))]
            if segment.since and row["earliest"] == segment.since:
                told.append(f"新程序自 {segment.since} 起施行" if zh else f"in force from {segment.since}")
            joined = ("；" if zh else "; ").join(told)
            later = ("，取较晚者" if zh else ", the later counts") if len(told) > 1 else ""
            said.append(f"{joined}{later}")
            said += self._limits(step, row, zh)
        word = STATUS_WORDS.get(row["status"], (row["status"], row["status"]))[0 if zh else 1]
        said.append(f"状态：{word}" if zh else f"status: {word}")
        if source:
            said.append(f"依据：{source}" if zh else f"source: {source}")
        return ("。" if zh else ". ").join(said) + ("。" if zh else ".")

    def _limits(self, step: Step, row: dict[str, Any], zh: bool) -> list[str]:
        said = []
        if row["done"] and not step.every:
            said.append(f"已于 {row['done']} 完成" if zh else f"done on {row['done']}")
        elif row["done"]:
            said.append(f"上次 {row['done']}" if zh else f"last on {row['done']}")
        for each in step.apart:
            if not row["done"]:
                said.append(each.why.zh if zh else each.why.en)
        said.append(f"应办日期 {row['due']}" if zh else f"due {row['due']}")
        if row["overdue_after"]:
            said.append(
                f"{row['overdue_after']} 之后为逾期" if zh else f"overdue after {row['overdue_after']}"
            )
        if row["expires"]:
            said.append(
                f"自 {row['expires']} 起不再办理" if zh else f"no longer wanted from {row['expires']}"
            )
        return said

    def _missing(self, step: Step) -> list[str]:
        """The facts a step's rules name that nobody has entered."""
        return [name for name in self.telling.rests_on[step.id] if self.known[name] is None]


def _texts(pathway: Pathway, step: Step) -> Iterable[str]:
    for dated in (step.earliest, step.due, step.overdue_after, step.expires):
        yield from (each.rule for each in segments(pathway, dated) if each.rule)
    if step.applies_when:
        yield step.applies_when
    yield pathway.applies_when


def _used(cut: list[Segment], earliest: date | None) -> Segment | None:
    """The segment whose edition gave the forecast."""
    for segment in cut:
        if (
            earliest
            and (segment.since is None or earliest >= segment.since)
            and (segment.until is None or earliest < segment.until)
        ):
            return segment
    return cut[0] if cut else None


def _civil(value: Any) -> Any:
    return value.date() if hasattr(value, "date") else value


REASONS = {
    "early": (
        "早于可计入的最早日期 {limit}，不计入，请接种（办理）单位复核",
        "before {limit}, the first day it counts: not counted, to be reviewed",
    ),
    "no_predecessor": ("前一项尚未完成，不计入", "the step before it was not done: not counted"),
    "expired": ("自 {limit} 起不再适用，不计入", "no longer wanted from {limit}: not counted"),
    "too_close": (
        "距 {other} 的另一条记录间隔不足，不计入",
        "too close to the record of {other}: not counted",
    ),
    "duplicate": (
        "同一天已有相同记录，不重复计入",
        "the same was already recorded on that day: counted once",
    ),
    "extra": ("程序已完成，属额外记录，不计入", "the series was complete: an extra record, not counted"),
    "not_in_edition": ("当日施行的程序没有这一项", "the edition in force on that day has no such step"),
    "unknown": ("缺少推算日期所需的信息，暂不能判断", "a fact its dates rest on is missing: not judged"),
    "late": ("在 {limit} 之后完成，计入但属逾期", "after {limit}: counts, but late"),
    "": ("符合要求，计入", "meets the rule, counts"),
}


def verdict_words(pack: Pack, pathway: Pathway, verdict: dict[str, Any]) -> dict[str, str]:
    """A verdict of `judge` in both languages."""
    step = next(each for each in pathway.steps if each.id == verdict["step"])
    zh, en = (
        words.format(limit=verdict["limit"], other=verdict["other"]) for words in REASONS[verdict["reason"]]
    )
    return {"zh": f"{step.name.zh}：{zh}。", "en": f"{step.name.en}: {en}."}
