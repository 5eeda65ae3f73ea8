"""Who waits longer than allowed between two stages: findings, grouped as the alert rule says.

A stage nobody has confirmed is listed and raises nothing: neither the wait for it nor the wait after it.
"""

from __future__ import annotations

from dataclasses import replace

from yimi.engines import backend
from yimi.engines.backend import Connection, binding, list_fields
from yimi.engines.cascade.compiled import TABLE
from yimi.engines.findings import PLACE, Behind, Finding, grouped
from yimi.pack.load import Pack
from yimi.pack.schema import AlertRule, Cascade
from yimi.pack.scopes import NAMES
from yimi.rules.parse import parse
from yimi.rules.sql import quote, text, to_sql


def stuck(con: Connection, pack: Pack, facts: str) -> list[Finding]:
    """All findings of all cascades. `facts`: children's facts, with pathway states beside if a rule asks."""
    found: list[Finding] = []
    for cascade in pack.cascades.values():
        for alert in cascade.alerts:
            if alert.usable and cascade.usable:
                found += _of_rule(con, pack, cascade, alert, facts)
    return found


def stage_name(cascade: str, stage: str) -> str:
    """What an alert's list keeps as the step: the stage a child waits for."""
    return f"{cascade}.{stage}"


def _of_rule(con: Connection, pack: Pack, cascade: Cascade, alert: AlertRule, facts: str) -> list[Finding]:
    lists = list_fields(pack, "child")
    position = {each.id: index for index, each in enumerate(cascade.stages, 1)}
    names = {
        **{name: f"f.{quote(name)}" for name in NAMES["child"]},
        **{f"list:{name}": f"f.{quote(name)}" for name in lists},
        "stage": "c.waits_for", "since": "c.since", "overdue_after": "c.overdue_after",
        "days_overdue": "CASE WHEN c.late THEN f.as_of - c.overdue_after ELSE 0 END",
    }  # fmt: skip
    how = replace(
        binding(pack, **names),
        day='f."as_of"',
        step=lambda function, name: (
            f"c.days[{position[name]}]" if name in position else f'f."{name}.{function}"'
        ),
    )
    silent = [index for index, each in enumerate(cascade.stages, 1) if not each.usable]
    heard = "".join(f" AND c.position <> {index} AND c.position <> {index - 1}" for index in silent)
    rows = backend.rows(
        con,
        f"SELECT {PLACE[alert.per]} AS place, c.subject_id, c.waits_for, c.since, c.overdue_after "
        f"FROM {TABLE} c JOIN {facts} f USING (subject_id) WHERE c.cascade = {text(cascade.id)} "
        f"AND c.late{heard} AND ({to_sql(parse(alert.when), how, lists)}) "
        "ORDER BY 1, 2, c.round",
    )
    behind = [
        (row["place"], Behind(row["subject_id"], stage_name(cascade.id, row["waits_for"]), row["since"], row["overdue_after"]))
        for row in rows
    ]  # fmt: skip
    return grouped(cascade.id, alert, behind, "wait")
