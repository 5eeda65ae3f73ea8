"""A plan's text read: intake, layout, outline, clauses, targets, damage, in this order.

`read_plan_file` and `read_plan_text` give a `PlanReading`; `PlanReading.as_json` is the contract for scripts.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yimi.exchange.plan_text.aliases import Body, full_names, merge
from yimi.exchange.plan_text.clauses import Assignment
from yimi.exchange.plan_text.damage import find_brackets, find_clause_notes, find_cuts, find_damage
from yimi.exchange.plan_text.intake import Raw, read_bytes, read_file
from yimi.exchange.plan_text.layout import arrange
from yimi.exchange.plan_text.measures import Chapter, Measure, Reading, read_document
from yimi.exchange.plan_text.notice import Document, Frame, read_frame
from yimi.exchange.plan_text.outline import read_outline
from yimi.exchange.plan_text.quantities import find_quantities
from yimi.exchange.plan_text.source import Notice, Source, Span, simplified
from yimi.exchange.plan_text.targets import NotTaken, Target, level_of, read_targets
from yimi.exchange.plan_text.verdict import Verdict, judge

# A text with more than this share of traditional characters is written in traditional script.
_TRADITIONAL_SHARE = 0.03


@dataclass
class PlanReading:
    """All that was read from one file. Every span is [start, end) in `text`."""

    source: Source
    kind: str
    encoding: str | None
    frame: Frame
    verdict: Verdict
    chapters: list[Chapter]
    measures: list[Measure]
    bodies: list[Body]
    body_ids: dict[str, str]
    targets: list[tuple[str | None, Target]]
    not_taken: list[NotTaken]
    notices: list[Notice]
    script: str = "simplified"
    level: str = "plan"

    @property
    def text(self) -> str:
        return self.source.text

    @property
    def is_plan(self) -> bool:
        return self.verdict.is_plan

    @property
    def title(self) -> str | None:
        for document in self.frame.documents:
            if document.title:
                return document.title
        return self.frame.notice_title

    def assignments(self, measure: Measure) -> list[Assignment]:
        """The measure's bodies, each once: a lead in one clause stays lead when another repeats it."""
        rank = {"lead": 0, "joint": 1, "support": 2}
        kept: dict[str, Assignment] = {}
        for clause in measure.clauses:
            for one in clause.assignments:
                key = self.body_ids.get(one.named.name, one.named.name)
                if key not in kept or rank[one.duty] < rank[kept[key].duty]:
                    kept[key] = one
        return list(kept.values())

    def as_json(self) -> dict[str, Any]:
        from yimi.exchange.plan_text.shown import as_json

        return as_json(self)


def read_plan_file(path: Path) -> PlanReading:
    """Read a plan from a .txt, .html, .docx, .doc or .pdf file. Raises BadInput where nothing can be read."""
    return read_raw(read_file(path))


def read_plan_bytes(data: bytes, name: str = "-") -> PlanReading:
    return read_raw(read_bytes(data, name))


def read_plan_text(text: str) -> PlanReading:
    """Read a plan from text already at hand."""
    return read_raw(Raw(text, "txt"))


def read_raw(raw: Raw) -> PlanReading:
    source = arrange(raw)
    runs = read_outline(source)
    frame = read_frame(source, runs)
    notices = source.notices + find_damage(source)
    readings = [read_document(source, document, k) for k, document in enumerate(frame.documents)]
    chapters = [chapter for reading in readings for chapter in reading.chapters]
    measures = [measure for reading in readings for measure in reading.measures]
    for k, measure in enumerate(measures, 1):
        measure.id = f"M{k:02d}"
    bodies, ids = _bodies(measures, frame)
    level = level_of(simplified(_issuer(frame)))
    if level == "plan":
        level = _level_of_bodies(bodies)
    targets, not_taken = _targets(source, frame, measures, level)
    notices += _notices(source, frame, readings, measures, bodies)
    script = _script(source, notices)
    verdict = judge(source, frame, readings, notices)
    if not verdict.is_plan:
        # What was tried on a text that is no plan would only confuse: the characters' damage stays.
        notices = source.notices + find_damage(source)
        targets, not_taken = [], []
        notices.append(Notice("not_a_plan", verdict.reason))
    notices.sort(key=lambda n: n.span or (-1, -1))
    return PlanReading(
        source,
        raw.kind,
        raw.encoding,
        frame,
        verdict,
        chapters,
        measures,
        bodies,
        ids,
        targets,
        not_taken,
        notices,
        script,
        level,
    )


def _issuer(frame: Frame) -> str:
    for document in frame.documents:
        if document.title and level_of(simplified(document.title)) != "plan":
            return document.title
    return frame.notice_title or (frame.signatories[0] if frame.signatories else "")


def _level_of_bodies(bodies: list[Body]) -> str:
    """The level most bodies carry in their names, where neither title nor issuer shows one."""
    names = {
        "省": "province",
        "市": "city",
        "州": "city",
        "区": "district",
        "县": "district",
        "旗": "district",
    }
    met = Counter(names[simplified(b.name)[0]] for b in bodies if simplified(b.name)[0] in names)
    return met.most_common(1)[0][0] if met else "plan"


def _bodies(measures: list[Measure], frame: Frame) -> tuple[list[Body], dict[str, str]]:
    met = [
        (one.named.name, one.named.kind, one.named.span)
        for measure in measures
        for clause in measure.clauses
        for one in clause.assignments
    ]
    bodies, ids = merge(met)
    full_names(bodies, frame.signatories)
    return bodies, ids


def _targets(
    source: Source, frame: Frame, measures: list[Measure], level: str
) -> tuple[list[tuple[str | None, Target]], list[NotTaken]]:
    """Targets of each measure, then of the text outside measures (主要目标), document by document."""
    targets: list[tuple[str | None, Target]] = []
    not_taken: list[NotTaken] = []
    contents = [(run.start, run.end) for run in frame.contents]
    for document in frame.documents:
        inside = [m for m in measures if document.start <= m.span[0] < max(document.end, document.run.end)]
        markers = [(node.start, node.body) for node in document.run.walk()]
        for measure, area in _areas(document, inside):
            near = [one for one in markers + contents if one[0] < area[1] and area[0] < one[1]]
            clauses = [c.outer for c in measure.clauses] if measure else []
            found, left_out = read_targets(source, *area, level, near + clauses)
            targets += [(measure.id if measure else None, target) for target in found]
            not_taken += left_out
        for start in document.run.breaks:
            stop = min(
                [node.start for node in document.run.walk() if node.start > start], default=document.run.end
            )
            unread = [
                NotTaken(q.span, "所在文字重复或编号混乱，未读入任务")
                for q in find_quantities(source.shadow, start, stop)
            ]
            targets = [pair for pair in targets if not start <= pair[1].phrase_span[0] < stop]
            not_taken = [one for one in not_taken if not start <= one.span[0] < stop] + unread
    targets.sort(key=lambda pair: pair[1].phrase_span)
    not_taken.sort(key=lambda one: one.span)
    return targets, not_taken


def _areas(document: Document, measures: list[Measure]) -> list[tuple[Measure | None, Span]]:
    """The plan cut into its measures' texts and the stretches between them."""
    areas: list[tuple[Measure | None, Span]] = []
    position = document.title_span[1] if document.title_span else document.run.start
    for measure in sorted(measures, key=lambda m: m.span):
        if measure.span[0] > position:
            areas.append((None, (position, measure.span[0])))
        areas.append((measure, (measure.text_span[0], max(measure.text_span))))
        position = max(position, measure.span[1])
    if position < document.run.end:
        areas.append((None, (position, document.run.end)))
    return [(m, area) for m, area in areas if area[0] < area[1]]


def _notices(
    source: Source, frame: Frame, readings: list[Reading], measures: list[Measure], bodies: list[Body]
) -> list[Notice]:
    notices: list[Notice] = []
    for reading, document in zip(readings, frame.documents, strict=True):
        area = (document.start, document.run.end)
        notices += document.run.notices + reading.notices
        notices += find_brackets(source, [area]) + find_cuts(source, reading, area)
        if document.title is None and measures and not frame.notice_title:
            notices.append(
                Notice("title_missing", "没有读到方案的标题。", (document.run.start, document.run.start))
            )
    for run in frame.contents:
        notices.append(
            Notice("contents_skipped", "目录与正文标题重复，只读正文。", (run.start, run.end), "info")
        )
    notices += find_clause_notes(source, measures)
    for body in bodies:
        if len(body.aliases) > 1:
            names = "、".join(body.aliases)
            notices.append(Notice("alias_merged", f"“{names}”视为同一单位“{body.name}”。", body.span, "info"))
    if frame.bad_date:
        notices.append(Notice("date_invalid", "日期不存在，未采用。", frame.bad_date))
    if len(frame.documents) > 1:
        notices.append(
            Notice("several_plans", f"文件中有 {len(frame.documents)} 份方案，依次读出。", None, "info")
        )
    return notices


def _script(source: Source, notices: list[Notice]) -> str:
    han = sum("\u4e00" <= c <= "\u9fff" for c in source.shadow)
    if han and source.traditional > _TRADITIONAL_SHARE * han:
        notices.append(
            Notice(
                "traditional_script",
                "原文为繁体字：按简体辨读，各项文字照原文繁体列出，单位名另附简体。",
                None,
                "info",
            )
        )
        return "traditional"
    if source.traditional:
        where = next(
            k
            for k, (a, b) in enumerate(zip(source.text, source.shadow, strict=True))
            if a != b and "\u3400" <= a <= "\u9fff"
        )
        notices.append(
            Notice(
                "mixed_script",
                f"简体文中夹有 {source.traditional} 个繁体字（如“{source.text[where]}”），照原样保留。",
                (where, where + 1),
            )
        )
        return "mixed"
    return "simplified"
