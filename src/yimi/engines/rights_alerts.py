"""Who must act on a benefit: a child with a right that is not received, one that is received no longer rightly.

In: the day's `entitlements` and the children's facts. Out: findings, grouped as the alert rule says; the step of
each is the benefit itself. A benefit or an alert by a norm nobody confirmed stays silent.
"""

from __future__ import annotations

from yimi.engines import backend
from yimi.engines.backend import Connection, binding, list_fields
from yimi.engines.findings import PLACE, Behind, Finding, grouped
from yimi.pack.load import Pack
from yimi.pack.schema import AlertRule, Entitlement
from yimi.pack.scopes import NAMES
from yimi.rules.parse import parse
from yimi.rules.sql import quote, text, to_sql


def rights_findings(con: Connection, pack: Pack, facts: str) -> list[Finding]:
    """All findings of all benefits of children."""
    return [
        finding
        for each in pack.entitlements.values()
        for alert in each.alerts
        if alert.usable and each.usable and each.subject == "child"
        for finding in _of_rule(con, pack, each, alert, facts)
    ]


def _of_rule(con: Connection, pack: Pack, each: Entitlement, alert: AlertRule, facts: str) -> list[Finding]:
    lists = list_fields(pack, "child")
    names = {
        **{name: f"f.{quote(name)}" for name in NAMES["child"]},
        **{f"list:{name}": f"f.{quote(name)}" for name in lists},
        "state": "e.state", "since": "e.since",
    }  # fmt: skip
    rows = backend.rows(
        con,
        f"SELECT {PLACE[alert.per]} AS place, e.subject_id, e.since "
        f"FROM entitlements e JOIN {facts} f USING (subject_id) "
        f"WHERE e.entitlement = {text(each.id)} AND ({to_sql(parse(alert.when), binding(pack, **names), lists)}) "
        "ORDER BY 1, 2",
    )
    behind = [(row["place"], Behind(row["subject_id"], each.id, row["since"], None)) for row in rows]
    return grouped(each.id, alert, behind, "right")
