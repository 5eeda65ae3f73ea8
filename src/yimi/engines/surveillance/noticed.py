"""Events somebody must know of: findings, grouped as the alert rule says."""

from __future__ import annotations

from dataclasses import replace

from yimi.engines import backend
from yimi.engines.backend import Connection, binding
from yimi.engines.findings import PLACE, Behind, Finding, grouped
from yimi.engines.surveillance.events import TABLE
from yimi.pack.alert_rule import AlertRule
from yimi.pack.load import Pack
from yimi.pack.schema import Surveillance
from yimi.rules.parse import parse
from yimi.rules.sql import quote, text, to_sql

EVENT_NAMES = ("earlier", "near", "alike", "records", "season_excess")


def noticed(con: Connection, pack: Pack, facts: str) -> list[Finding]:
    """All findings of all surveillance. `facts`: children's facts of the day."""
    return [
        finding
        for each in pack.surveillance.values()
        for alert in each.alerts
        if alert.usable and each.usable
        for finding in _of_rule(con, pack, each, alert, facts)
    ]


def _of_rule(con: Connection, pack: Pack, each: Surveillance, alert: AlertRule, facts: str) -> list[Finding]:
    names = {name.lower(): f"e.codes[{text(name.lower())}]" for name in (*each.same, *each.cuts)}
    names |= {name: f"e.{name}" for name in EVENT_NAMES}
    names |= {"on": 'e."on"', "days_ago": '(f.as_of - e."on")'}
    how = replace(binding(pack, **names), day='f."as_of"')
    rows = backend.rows(
        con,
        f'SELECT {PLACE[alert.per]} AS place, e.subject_id, e."on" FROM {TABLE} e '
        f"JOIN {quote(facts)} f USING (subject_id) WHERE e.surveillance = {text(each.id)} "
        f'AND ({to_sql(parse(alert.when), how)}) ORDER BY 1, 2, e."on" DESC',
    )
    behind = [(row["place"], Behind(row["subject_id"], f"{each.id}.event", row["on"], None)) for row in rows]
    return grouped(each.id, alert, behind, "event")
