"""Which forms a file offers: what is due first, then what belongs to this child or facility; the rest one fold away."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from yimi.apps.evaluation.live import Item
from yimi.pack.load import Pack, once_a_pack
from yimi.pack.reads import pathway_reads
from yimi.pack.schema import Form
from yimi.sites.staff.pages import shown

MOST = 6  # forms that stand in the head of a file; a wall of buttons hides the one that matters


def offered(
    pack: Pack,
    kind: str,
    forms: Sequence[Form],
    wanted: Sequence[Item],
    running: Collection[str],
    entered: Collection[str],
) -> tuple[list[Form], list[Form]]:
    """(in the head of the file, under "Other forms"). `running`: pathways in which something stands here; `entered`:
    forms of which there is a record already."""
    ordered = in_order_of_need(pack, forms, wanted)
    first = [each for each in ordered if fits(pack, kind, each.id, running, entered)][:MOST]
    return first, [each for each in ordered if each not in first]


def in_order_of_need(pack: Pack, forms: Sequence[Form], wanted: Sequence[Item]) -> list[Form]:
    """Forms that settle what is overdue or due first, then those of pathways, then the rest."""
    needed: dict[str, tuple[bool, date]] = {}
    for each in wanted:
        if each.row["status"] in shown.WAITING:
            by = each.row["overdue_after"] or each.row["due"] or date.max
            form, urgency = pack.steps[each.row["step"]][1].form, (each.row["status"] != "overdue", by)
            needed[form] = min(urgency, needed.get(form, urgency))
    of_steps = {step.form for _, step in pack.steps.values()}
    never = (True, date.max)
    return sorted(
        forms, key=lambda form: (form.id not in needed, needed.get(form.id, never), form.id not in of_steps)
    )


def fits(pack: Pack, kind: str, form: str, running: Collection[str], entered: Collection[str]) -> bool:
    """Forms of the pathways that run here, those entered before, those of no pathway."""
    used = _pathways_of(pack, kind).get(form, frozenset())
    return not used or form in entered or not used.isdisjoint(running)


@once_a_pack
def _pathways_of(pack: Pack, kind: str) -> dict[str, frozenset[str]]:
    """Form → pathways about such a subject whose steps ask for it or whose rules read it."""
    used: dict[str, frozenset[str]] = {}
    for pathway in pack.pathways.values():
        if pathway.subject == kind:
            asked = {step.form for step in pathway.steps} | pathway_reads(pack, pathway).keys()
            for form in asked & pack.forms.keys():
                used[form] = used.get(form, frozenset()) | {pathway.id}
    for form_ in pack.forms.values():
        if form_.takes:  # places are taken where somebody is asked how many there are
            used[form_.id] = used.get(form_.takes.capacity, frozenset())
    return used
