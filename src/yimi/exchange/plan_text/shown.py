"""The reading as plain data: the JSON object of `yimi pack import-plan --json`."""

from __future__ import annotations

from collections import Counter
from typing import Any

from yimi.exchange.plan_text.measures import Measure
from yimi.exchange.plan_text.reading import PlanReading
from yimi.exchange.plan_text.source import simplified
from yimi.exchange.plan_text.targets import Target


def as_json(reading: PlanReading) -> dict[str, Any]:
    """Keys of the contract first, ours after them."""
    frame = reading.frame
    return {
        "is_plan": reading.is_plan,
        "title": reading.title,
        "number": frame.number,
        "date": frame.date,
        "documents": len(frame.documents) if reading.is_plan else 0,
        "chapters": chapters(reading),
        "measures": [measure(reading, one) for one in reading.measures] if reading.is_plan else [],
        "bodies": bodies(reading),
        "targets": targets(reading),
        "not_taken": [
            {
                "phrase": _context(reading.text, one.span),
                "why": one.why,
                "span": list(one.span),
                "number": reading.text[slice(*one.span)],
            }
            for one in reading.not_taken
        ],
        "warnings": [notice.as_json() for notice in reading.notices],
        "reason": reading.verdict.reason or None,
        "kind": reading.verdict.kind,
        "document_list": documents(reading),
        "notice_title": frame.notice_title,
        "number_span": _span(frame.number_span),
        "date_span": _span(frame.date_span),
        "script": reading.script,
        "source": {"format": reading.kind, "encoding": reading.encoding, "characters": len(reading.text)},
    }


def documents(reading: PlanReading) -> list[dict[str, Any]]:
    return [
        {"index": k, "title": d.title, "title_span": _span(d.title_span), "span": [d.start, d.run.end],
         "measures": sum(m.document == k for m in reading.measures)}
        for k, d in enumerate(reading.frame.documents)
    ]  # fmt: skip


def chapters(reading: PlanReading) -> list[dict[str, Any]]:
    if not reading.is_plan:
        return []
    return [
        {
            "number": c.number,
            "title": c.title,
            "span": list(c.span),
            "document": c.document,
            "confidence": c.confidence,
        }
        for c in reading.chapters
    ]


def measure(reading: PlanReading, one: Measure) -> dict[str, Any]:
    shown = []
    for a in reading.assignments(one):
        body: dict[str, Any] = {
            "name": a.named.name,
            "role": a.role,
            "body": reading.body_ids[a.named.name],
            "duty": a.duty,
            "as_written": a.named.written,
            "span": list(a.named.span),
            "confidence": a.confidence,
        }
        if reading.script != "simplified" and simplified(a.named.name) != a.named.name:
            body["name_simplified"] = simplified(a.named.name)
        shown.append(body)
    return {
        "id": one.id,
        "number": one.number,
        "title": one.title,
        "chapter": one.chapter.number if one.chapter else None,
        "text": one.text(reading.source),
        "bodies": shown,
        "parent": one.parent_title,
        "document": one.document,
        "span": list(one.text_span),
        "title_span": list(one.title_span),
        "clause_spans": [list(c.outer) for c in one.clauses],
        "bodies_complete": not any(c.open_ended for c in one.clauses),
        "confidence": one.confidence,
        "title_confidence": one.title_confidence,
    }


def bodies(reading: PlanReading) -> list[dict[str, Any]]:
    if not reading.is_plan:
        return []
    charged = Counter(
        body
        for measure in reading.measures
        for body in {reading.body_ids[each.named.name] for each in reading.assignments(measure)}
    )
    return [
        {"id": b.id, "name": b.name, "aliases": b.aliases, "kind": b.kind, "full_name": b.full_name, "span": _span(b.span),
         "measures": charged[b.id]}
        for b in reading.bodies
    ]  # fmt: skip


def targets(reading: PlanReading) -> list[dict[str, Any]]:
    if not reading.is_plan:
        return []
    return [target(reading, measure_id, one) for measure_id, one in reading.targets]


def target(reading: PlanReading, measure_id: str | None, one: Target) -> dict[str, Any]:
    value: float | int = int(one.value) if float(one.value).is_integer() else one.value
    return {
        "measure": measure_id,
        "operator": one.operator,
        "value": value,
        "unit": one.unit,
        "deadline": one.deadline,
        "phrase": reading.text[slice(*one.phrase_span)],
        "span": list(one.phrase_span),
        "confidence": one.confidence,
        "scope": one.scope,
        "name": one.name,
        "unit_written": one.unit_written,
        "value_span": list(one.value_span),
        "deadline_span": _span(one.deadline_span),
        "deadline_basis": one.deadline_basis,
    }


def _context(text: str, span: tuple[int, int], reach: int = 12) -> str:
    start = max(text.rfind("\n", 0, span[0]) + 1, span[0] - reach)
    stop = text.find("\n", span[1])
    return text[start : min(span[1] + reach, stop if stop >= 0 else len(text))]


def _span(span: tuple[int, int] | None) -> list[int] | None:
    return list(span) if span else None
