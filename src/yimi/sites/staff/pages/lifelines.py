"""A life on one axis: a lane for each service and each status of a child."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from yimi.apps.evaluation.live import Item
from yimi.apps.records.selectors import Line
from yimi.apps.register.selectors import StatusLine
from yimi.lib.dates import add_months
from yimi.pack.load import Pack
from yimi.pack.schema import Pathway, Step
from yimi.sites.staff.pages import shown
from yimi.sites.staff.pages.figures import Words, both, words

AHEAD_MONTHS = 12
IN_FORCE = ("in_force", "waiting")


def life(
    pack: Pack, born: date | None, as_of: date, items: Sequence[Item], records: Sequence[tuple[Line, dict[str, Any] | None]],
    statuses: Iterable[StatusLine],
) -> dict[str, Any]:  # fmt: skip
    """`records` stand with their verdict. What lies more than a year ahead is not drawn."""
    end = add_months(as_of, AHEAD_MONTHS)
    lanes: dict[tuple[str, str], dict[str, Any]] = {}
    for item in items:
        row = item.row
        pathway, step = pack.steps[row["step"]]
        lane = _lane(pack, lanes, pathway, step)
        name = words(step.name)
        if row["status"] in ("done", "done_late") and row["done"]:
            lane["events"].append(
                _event(row["done"], "late" if row["status"] == "done_late" else "done", name)
            )
        span = _span(row, name, as_of, end)
        if span is not None and row["counted"]:
            lane["spans"].append(span)
    _invalid(pack, lanes, records)
    _other_records(pack, lanes, records)
    for status in statuses:
        name = shown.status_name(pack, status.scheme, status.code)
        key = ("status", status.scheme)
        lane = lanes.setdefault(
            key, {"name": words(pack.statuses[status.scheme].name), "spans": [], "events": []}
        )
        lane["spans"].append(
            {"start": status.since, "end": status.until or end, "state": "open", "said": name}
        )
    drawn = [each for each in lanes.values() if each["spans"] or each["events"]]
    return {"start": born or _first(drawn, as_of), "end": end, "as_of": as_of, "lanes": drawn}


def _lane(
    pack: Pack, lanes: dict[tuple[str, str], dict[str, Any]], pathway: Pathway, step: Step
) -> dict[str, Any]:
    """A lane a series where steps share a code (the doses of a vaccine), else a lane a pathway."""
    codes = Counter(each.code or each.id for each in pathway.steps)
    by_code = max(codes.values()) > 1
    key = (pathway.id, step.code or step.id) if by_code else (pathway.id, "")
    if key not in lanes:
        name = code_name(pack, step) if by_code else words(pathway.name)
        lanes[key] = {"name": name, "spans": [], "events": []}
    return lanes[key]


def code_name(pack: Pack, step: Step) -> Words:
    """What reports call the step's code: its word in a vocabulary of its form."""
    form = pack.forms[step.form]
    for each in form.fields:
        found = pack.code(each.vocabulary, step.code) if each.vocabulary else None
        if found is not None:
            return both(found.zh.removesuffix("疫苗"), step.code or found.en)
    return both(step.code or step.id, step.code or step.id)


def _span(row: dict[str, Any], name: Words, as_of: date, end: date) -> dict[str, Any] | None:
    status, start = row["status"], row["earliest"] or row["due"]
    if start is None or start > end:
        return None
    until = row["overdue_after"] or (row["due"] or start) + timedelta(days=30)
    word = {"overdue": ("逾期", "overdue"), "due": ("应办", "due"), "upcoming": ("未到期", "upcoming")}.get(
        status
    )
    if word is None:
        return None
    stop = as_of if status == "overdue" else min(until, end)
    return {
        "start": start, "end": max(stop, start + timedelta(days=1)), "state": status,
        "said": both(f"{name['zh']} {word[0]}", f"{name['en']} {word[1]}"),
    }  # fmt: skip


def _invalid(
    pack: Pack,
    lanes: dict[tuple[str, str], dict[str, Any]],
    records: Iterable[tuple[Line, dict[str, Any] | None]],
) -> None:
    for line, verdict in records:
        if verdict is not None and verdict["verdict"] == "invalid" and line.standing in IN_FORCE:
            pathway, step = pack.steps[verdict["step"]]
            _lane(pack, lanes, pathway, step)["events"].append(
                _event(line.occurred_on, "invalid", verdict["words"])
            )


def _other_records(
    pack: Pack,
    lanes: dict[tuple[str, str], dict[str, Any]],
    records: Iterable[tuple[Line, dict[str, Any] | None]],
) -> None:
    """Records of recurring steps: the due list tells only the last of them."""
    repeated: dict[str, Pathway] = defaultdict()
    for pathway in pack.pathways.values():
        for step in pathway.steps:
            if step.every and not pathway.judged:
                repeated.setdefault(step.form, pathway)
    for line, _ in records:
        found = repeated.get(line.form)
        if found is not None and line.standing in IN_FORCE:
            key = (found.id, "")
            lane = lanes.setdefault(key, {"name": words(found.name), "spans": [], "events": []})
            if all(each["on"] != line.occurred_on for each in lane["events"]):
                lane["events"].append(_event(line.occurred_on, "note", words(pack.forms[line.form].name)))


def _event(on: date, state: str, name: Words) -> dict[str, Any]:
    return {"on": on, "state": state, "said": both(f"{on} {name['zh']}", f"{on} {name['en']}")}


def _first(lanes: Iterable[dict[str, Any]], as_of: date) -> date:
    days = [event["on"] for lane in lanes for event in lane["events"]]
    return min([*days, as_of - timedelta(days=365)])
