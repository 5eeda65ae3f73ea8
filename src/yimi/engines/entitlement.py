"""Who has a right to what: yes, no, or unknown with the facts that are missing.

In: facts of the subjects. Out: a row a subject and entitlement. A rule that nobody has confirmed may not
grant: its yes is told as "unconfirmed". Suspicions are lists for a person to look at, never decisions.

`state` puts the right and the receiving together: receiving · missing (a right and not received) · lost
(received and the facts no longer support it) · unknown · unconfirmed (a right by a rule nobody confirmed).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from yimi.engines import backend
from yimi.engines.backend import Connection, binding, list_fields
from yimi.engines.due.schedule import Column
from yimi.pack.load import Pack
from yimi.pack.schema import Entitlement
from yimi.pack.scopes import NAMES, RIGHT_STATES, facts_named
from yimi.rules.parse import parse
from yimi.rules.sql import quote, text, to_sql

STATES = RIGHT_STATES
NEED = "need:"  # in `needs`: the n-th declared need, beside the names of missing facts
COLUMNS = (
    "subject_id BIGINT", "entitlement VARCHAR", "answer VARCHAR", "needs VARCHAR[]", "receiving BOOLEAN",
    "state VARCHAR", "since DATE", "until DATE", "rate DOUBLE",
)  # fmt: skip


ANSWERS = ("answer", "needs", "receiving", "state", "since", "until", "rate")


def answer_columns(pack: Pack, each: Entitlement) -> list[list[Column]]:
    """Layers of columns over the facts that end in ANSWERS, as COLUMNS types them."""
    how, lists = binding(pack), list_fields(pack, each.subject)

    def sql(rule: str | None, missing: str) -> str:
        return to_sql(parse(rule), how, lists) if rule else missing

    rule = f"CASE WHEN {in_force(each)} THEN {sql(each.rule, 'NULL')} ELSE FALSE END"
    names = sorted(facts_named(parse(each.rule)) & set(NAMES[each.subject]))
    asked = [f"CASE WHEN {quote(name)} IS NULL THEN {text(name)} END" for name in names]
    asked += [
        f"CASE WHEN {sql(need.when, 'FALSE')} THEN {text(f'{NEED}{index}')} END"
        for index, need in enumerate(each.needs)
    ]
    lacking = f"list_filter([{', '.join(asked) or 'NULL::VARCHAR'}], lambda x: x IS NOT NULL)"
    yes = "yes" if each.usable else "unconfirmed"
    return [
        [
            Column("#r", rule), Column("#receiving", sql(each.received_when, "NULL::BOOLEAN")),
            Column("#since", sql(each.since, "NULL::DATE")), Column("#until", sql(each.until, "NULL::DATE")),
            Column("#rate", f"CAST({rate_sql(pack, each)} AS DOUBLE)"),
        ],
        [
            Column("#answer", f"CASE WHEN \"#r\" THEN {text(yes)} WHEN NOT \"#r\" THEN 'no' ELSE 'unknown' END"),
            Column("#needs", f'CASE WHEN "#r" IS NULL THEN {lacking} ELSE [] END'),
        ],
        [Column("#state", _STATE)],
    ]  # fmt: skip


# Where a child stands: what the answer and the receiving make together. NULL: no right and none received.
_STATE = (
    "CASE WHEN \"#answer\" = 'unknown' THEN 'unknown' WHEN \"#answer\" = 'no' THEN CASE WHEN \"#receiving\" THEN 'lost' END "
    'WHEN "#receiving" THEN \'receiving\' WHEN "#r" AND "#receiving" IS NULL THEN \'unknown\' '
    "WHEN \"#answer\" = 'yes' THEN 'missing' ELSE 'unconfirmed' END"
)


def entitlement_query(pack: Pack, each: Entitlement, facts: str) -> str:
    """SELECT of COLUMNS: who has a right to one benefit, who receives it, and what one period pays."""
    source = facts
    for columns in answer_columns(pack, each):
        source = f"(SELECT *, {', '.join(str(column) for column in columns)} FROM {source})"
    chosen = ", ".join(f'"#{name}" AS {name}' for name in ANSWERS)
    return f"SELECT subject_id, {text(each.id)} AS entitlement, {chosen} FROM {source}"


def rate_sql(pack: Pack, each: Entitlement, day: str = "as_of") -> str:
    """What one period pays, by the amounts in force on `day`; NULL where nobody has said."""
    rule = each.rate or (f"param({each.amount})" if each.amount else None)
    if rule is None:
        return "NULL::DOUBLE"
    return to_sql(parse(rule), replace(binding(pack), day=day), list_fields(pack, each.subject))


def entitlement_queries(pack: Pack, facts: str, kind: str = "child") -> list[str]:
    """A SELECT for each entitlement, of every subject in `facts`."""
    chosen = [each for each in pack.entitlements.values() if each.subject == kind]
    return [entitlement_query(pack, each, facts) for each in chosen]


def in_force(each: Entitlement) -> str:
    """Condition: the day lies within the time the norm is in force. Outside it the answer is no, whoever asks."""
    limits = [("as_of >=", each.effective_from), ("as_of <", each.effective_to)]
    return " AND ".join(f"{test} DATE '{limit}'" for test, limit in limits if limit) or "TRUE"


def evaluate_entitlements(
    con: Connection, pack: Pack, facts: str, kind: str = "child"
) -> list[dict[str, Any]]:
    """Every entitlement of every subject in `facts`: subject_id, entitlement, answer, needs, receiving."""
    return [row for query in entitlement_queries(pack, facts, kind) for row in backend.rows(con, query)]


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
