"""What somebody must know: due items and facts that fulfil an alert rule, grouped by their cause.

In: due items and facts of a day. Out: a `Finding` a cause: the rule, the place it is grouped by, and the
subjects and steps behind it. One cause has one key however often it is found; the key leaves out the pack's
version, so an upgrade opens nothing twice, and of a cause about one subject the place: it goes where the subject goes. A recalled rule nobody confirmed stays silent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from yimi.engines import backend
from yimi.engines.backend import Connection, binding, list_fields
from yimi.pack.load import Pack
from yimi.pack.schema import AlertRule, Pathway
from yimi.rules.parse import parse
from yimi.rules.sql import text, to_sql
from yimi.rules.tree import steps_read

PLACE = {"subject": "f.place", "village": "f.place", "township": "f.township", "district": "NULL"}


@dataclass(frozen=True)
class Behind:
    """One subject behind a finding, the step that is late, and the record that would settle it."""

    subject_id: int
    step: str
    due: object
    overdue_after: object


@dataclass(frozen=True)
class Finding:
    pathway: str  # or the cascade
    alert: str
    cause: str  # the emission key
    place: str | None
    behind: tuple[Behind, ...]


def findings(
    con: Connection, pack: Pack, facts: dict[str, str], plain: dict[str, str] | None = None
) -> list[Finding]:
    """All findings of all alert rules. `facts`: kind of subject → its facts with the states of other steps beside;
    `plain`: the same without them, for the many rules that ask for no other step."""
    found: list[Finding] = []
    for pathway in pack.pathways.values():
        for alert in pathway.alerts:
            if alert.usable and pathway.usable and pathway.subject in facts:
                asked = facts if plain is None or steps_read(parse(alert.when)) else plain
                found += _of_rule(con, pack, pathway, alert, asked[pathway.subject])
    return found


def _of_rule(con: Connection, pack: Pack, pathway: Pathway, alert: AlertRule, facts: str) -> list[Finding]:
    names = {
        "step": "d.step", "code": "d.code", "ordinal": "d.ordinal", "item_status": "d.status", "due": "d.due",
        "overdue_after": "d.overdue_after", "earliest": "d.earliest",
        "list:status": "f.status",  # the items have a status too
        "days_overdue": "CASE WHEN d.status = 'overdue' THEN f.as_of - d.overdue_after ELSE 0 END",
    }  # fmt: skip
    # A recalled step is listed; it raises nothing until somebody confirms it.
    silent = "".join(f" AND d.step <> {text(step.id)}" for step in pathway.steps if not step.usable)
    condition = to_sql(parse(alert.when), binding(pack, **names), list_fields(pack, pathway.subject))
    rows = backend.rows(
        con,
        f"SELECT {PLACE[alert.per]} AS place, d.subject_id, d.step, d.due, d.overdue_after "
        f"FROM due_of_{pathway.id} d JOIN {facts} f USING (subject_id) "
        f"WHERE d.counted{silent} AND ({condition}) ORDER BY 1, 2, d.position",
    )
    behind = [
        (row["place"], Behind(row["subject_id"], row["step"], row["due"], row["overdue_after"]))
        for row in rows
    ]
    return grouped(pathway.id, alert, behind, "due")


def grouped(
    declared: str, alert: AlertRule, behind: Sequence[tuple[str, Behind]], kind: str
) -> list[Finding]:
    """One finding for each cause: each subject, or each place of the size the rule says."""
    causes: dict[tuple, list[Behind]] = {}
    for place, each in behind:
        key = (place, each.subject_id) if alert.per == "subject" else (place,)
        causes.setdefault(key, []).append(each)
    return [
        Finding(
            declared,
            alert.id,
            ":".join([kind, declared, alert.id, str(key[-1])]),
            key[0],
            tuple(each),
        )
        for key, each in causes.items()
    ]
