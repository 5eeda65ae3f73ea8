"""Who has a right to what: yes, no, or unknown with the facts that are missing.

In: facts of the subjects. Out: a row a subject and entitlement. A rule that nobody has confirmed may not
grant: its yes is told as "unconfirmed". Suspicions are lists for a person to look at, never decisions.
"""

from __future__ import annotations

from typing import Any

from yimi.engines import backend
from yimi.engines.backend import Connection, binding, list_fields
from yimi.engines.due.schedule import Column
from yimi.pack.load import Pack
from yimi.pack.schema import Entitlement
from yimi.pack.scopes import NAMES, facts_named
from yimi.rules.parse import parse
from yimi.rules.sql import quote, text, to_sql

ANSWERS = ("answer", "needs", "receiving")


def answer_columns(pack: Pack, each: Entitlement) -> list[list[Column]]:
    """Layers of columns over the facts that end in ANSWERS: answer (yes, no, unknown, unconfirmed), needs, receiving."""
    how, lists = binding(pack), list_fields(pack, each.subject)
    node = parse(each.rule)
    rule = f"CASE WHEN {_in_force(each)} THEN {to_sql(node, how, lists)} ELSE FALSE END"
    names = sorted(facts_named(node) & set(NAMES[each.subject]))
    missing = (
        ", ".join(f"CASE WHEN {quote(name)} IS NULL THEN {text(name)} END" for name in names)
        or "NULL::VARCHAR"
    )
    receiving = to_sql(parse(each.received_when), how, lists) if each.received_when else "NULL::BOOLEAN"
    yes = "yes" if each.usable else "unconfirmed"
    return [
        [Column("#r", rule), Column("receiving", receiving)],
        [
            Column("answer", f"CASE WHEN \"#r\" THEN {text(yes)} WHEN NOT \"#r\" THEN 'no' ELSE 'unknown' END"),
            Column(
                "needs", f"CASE WHEN \"#r\" IS NULL THEN list_filter([{missing}], lambda x: x IS NOT NULL) ELSE [] END"
            ),
        ],
    ]  # fmt: skip


def entitlement_query(pack: Pack, each: Entitlement, facts: str) -> str:
    """SELECT of subject_id, entitlement and ANSWERS."""
    source = facts
    for columns in answer_columns(pack, each):
        source = f"(SELECT *, {', '.join(str(column) for column in columns)} FROM {source})"
    return f"SELECT subject_id, {text(each.id)} AS entitlement, {', '.join(ANSWERS)} FROM {source}"


def entitlements_query(pack: Pack, facts: str, kind: str = "child") -> str | None:
    """SELECT of every entitlement of every subject in `facts`; None if the pack declares none."""
    chosen = [each for each in pack.entitlements.values() if each.subject == kind]
    return " UNION ALL ".join(entitlement_query(pack, each, facts) for each in chosen) or None


def _in_force(each: Entitlement) -> str:
    """Condition: the day lies within the time the norm is in force. Outside it the answer is no, whoever asks."""
    limits = [("as_of >=", each.effective_from), ("as_of <", each.effective_to)]
    return " AND ".join(f"{test} DATE '{limit}'" for test, limit in limits if limit) or "TRUE"


def evaluate_entitlements(
    con: Connection, pack: Pack, facts: str, kind: str = "child"
) -> list[dict[str, Any]]:
    """Every entitlement of every subject in `facts`: subject_id, entitlement, answer, needs, receiving."""
    query = entitlements_query(pack, facts, kind)
    return backend.rows(con, query) if query else []


def suspicion_query(pack: Pack, facts: str, kind: str = "child") -> str | None:
    """SELECT of subject_id, suspicion for subjects whose facts suggest a status they do not have."""
    selects = [
        f"SELECT subject_id, {text(name)} AS suspicion FROM {facts} WHERE {rule}"
        for name, rule in suspected_when(pack, kind).items()
    ]
    return " UNION ALL ".join(selects) or None


def suspected_when(pack: Pack, kind: str = "child") -> dict[str, str]:
    """Suspicion → its condition over the facts, as SQL."""
    how, lists = binding(pack), list_fields(pack, kind)
    return {
        each.id: to_sql(parse(each.when), how, lists)
        for each in pack.suspicions.values()
        if pack.pathways[each.pathway].subject == kind
    }


def evaluate_suspicions(con: Connection, pack: Pack, facts: str, kind: str = "child") -> list[dict[str, Any]]:
    query = suspicion_query(pack, facts, kind)
    return backend.rows(con, query) if query else []
