"""A checklist on a day: the figure or the document behind every item, and which gaps remain with whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor
from yimi.apps.plan.selectors import Cell, cells, run_in_force
from yimi.apps.records.models import Record
from yimi.apps.records.selectors import in_force
from yimi.apps.register.models import Subject
from yimi.engines.indicators.lights import reaches
from yimi.pack.checklists import Checklist, ChecklistItem
from yimi.pack.words import Text

NOTICE = "proof_notice_days"  # parameter: so many days before it ends a document is to be renewed


@dataclass(frozen=True)
class Recalled:
    """A document that was entered and taken back."""

    document: str
    on: date
    reason: str


@dataclass(frozen=True)
class Line:
    """One item: how it stands and on what that rests."""

    part: Text
    item: ChecklistItem
    state: str  # met, off, no_data (a figure nobody can tell)
    value: float | None = None
    document: str = ""
    until: date | None = None
    owner_uid: str = ""
    ends_soon: bool = False
    recalled: Recalled | None = None  # what was entered for it was taken back, and nothing took its place

    @property
    def gap(self) -> bool:
        return self.state in ("off", "no_data")


def lines(actor: Actor, checklist: Checklist, on: date) -> list[Line]:
    """Every item in the order of the checklist. Documents of any day; figures are of the run in force."""
    run, pack = run_in_force(), active.pack()
    live = {each.indicator for each in checklist.items if each.indicator}
    told = {
        each.indicator: each
        for each in (cells(run, live, actor=actor) if run and live else ())
        if each.place == pack.info.district and not each.item
    }
    owners = {each.owner for each in checklist.items}
    bodies = {
        body: (pk, str(uid))
        for pk, uid, body in Subject.objects.filter(organization__in=owners).values_list(
            "pk", "uid", "organization_id"
        )
    }
    entered = _documents(checklist, {pk for pk, _ in bodies.values()}, on)
    recalled = _recalled(checklist, {pk for pk, _ in bodies.values()}, on)
    soon = on + timedelta(pack.number_on(NOTICE, on))
    found = []
    for part in checklist.parts:
        for each in part.items:
            subject, uid = bodies.get(each.owner, (0, ""))
            if each.indicator:
                found.append(_figure(part.name, each, told.get(each.indicator), uid))
            else:
                line = _document(part.name, each, entered.get((subject, each.item), []), uid, on, soon)
                gone = None if line.document else recalled.get((subject, each.item))
                found.append(replace(line, recalled=gone) if gone else line)
    return found


def _documents(checklist: Checklist, owners: set[int], on: date) -> Mapping[tuple[int, str], list[Any]]:
    """(owner, item) → the answers entered for it, the latest last."""
    found: dict[tuple[int, str], list[Any]] = {}
    rows = in_force(checklist.form, on).filter(subject_id__in=owners).order_by("occurred_on", "pk")
    for subject, answers in rows.values_list("subject_id", "answers"):
        found.setdefault((subject, answers.get("item", "")), []).append(answers)
    return found


def _recalled(checklist: Checklist, owners: set[int], on: date) -> Mapping[tuple[int, str], Recalled]:
    """(owner, item) → the document taken back last: a title can be lost by it, so it does not vanish without a word."""
    found: dict[tuple[int, str], Recalled] = {}
    voids = Record.objects.filter(
        form=checklist.form, subject_id__in=owners, kind="void", received_at__date__lte=on
    ).order_by("seq")
    was = dict(
        Record.objects.filter(record_uid__in=voids.values("supersedes"), subject_id__in=owners).values_list(
            "record_uid", "answers"
        )
    )
    for each in voids:
        answers = was.get(each.supersedes, {})
        day = timezone.localdate(each.received_at)
        found[each.subject_id, answers.get("item", "")] = Recalled(
            str(answers.get("document") or ""), day, each.reason
        )
    return found


def _figure(part: Text, item: ChecklistItem, cell: Cell | None, uid: str) -> Line:
    if cell is None or cell.value is None or item.operator is None or item.value is None:
        return Line(part, item, "no_data", owner_uid=uid)
    met = reaches(item.operator, item.value, cell.value)
    return Line(part, item, "met" if met else "off", value=cell.value, owner_uid=uid)


def _document(part: Text, item: ChecklistItem, entered: list[Any], uid: str, on: date, soon: date) -> Line:
    """The document that counts longest; without one, what was entered last."""
    enough = [each for each in entered if each.get("met") and each.get("valid_until")]
    best = max(enough, key=lambda each: str(each["valid_until"]), default=None)
    if best is None:
        note = str(entered[-1].get("note") or "") if entered else ""
        return Line(part, item, "off", document=note, owner_uid=uid)
    until = date.fromisoformat(str(best["valid_until"]))
    state, name = "off" if until < on else "met", str(best.get("document") or "")
    return Line(part, item, state, document=name, until=until, owner_uid=uid, ends_soon=on <= until <= soon)
