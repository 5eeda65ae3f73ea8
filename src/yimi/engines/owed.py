"""What was not paid: whole months, terms or years of a right, against the payments on file.

In: facts of the subjects with their payments. Out: `owed`, a row a subject, benefit and period that ended
without a payment, with the amount in force in that period. A rule nobody confirmed owes nothing. The period
that still runs is not owed yet; how far back is looked is the parameter `payments_checked_back`, since older
payments may lie in another system.
"""

from __future__ import annotations

from typing import Any

from yimi.engines import backend
from yimi.engines.backend import Connection, binding, list_fields
from yimi.engines.entitlement import in_force, rate_sql
from yimi.pack.load import Pack
from yimi.pack.reads import PAYMENTS
from yimi.pack.schema import Entitlement
from yimi.rules.parse import parse
from yimi.rules.sql import day, quote, text, to_sql

CHECKED_BACK = "payments_checked_back"
COLUMNS = ("subject_id BIGINT", "entitlement VARCHAR", "period DATE", "yuan DOUBLE")
MONTHS = {"month": 1, "term": 6, "year": 12}  # a term begins on 1 March and on 1 September


def build_owed(con: Connection, pack: Pack, facts: str, kind: str = "child") -> str:
    """Create `owed`: COLUMNS. Returns its name."""
    con.execute(f"CREATE OR REPLACE TABLE owed ({', '.join(COLUMNS)})")
    if query := owed_query(pack, facts, kind):
        con.execute(f"INSERT INTO owed {query}")
    return "owed"


def evaluate_owed(con: Connection, pack: Pack, facts: str, kind: str = "child") -> list[dict[str, Any]]:
    query = owed_query(pack, facts, kind)
    return backend.rows(con, f"SELECT * FROM ({query}) ORDER BY ALL") if query else []


def owed_query(pack: Pack, facts: str, kind: str = "child") -> str | None:
    """SELECT of COLUMNS over every benefit whose payments are known; None if the pack has none."""
    owing = chosen(pack, kind)
    if not owing:
        return None
    month = "try_cast(p.\"month\" || '-01' AS DATE)"
    paid = (
        f"SELECT subject_id, p.benefit, {month} AS paid FROM "
        f"(SELECT subject_id, unnest({quote(PAYMENTS)}) AS p FROM {facts})"
    )
    union = " UNION ALL ".join(_one(pack, each, facts) for each in owing)
    return f"WITH paid AS (SELECT DISTINCT * FROM ({paid}) WHERE paid IS NOT NULL) {union}"


def chosen(pack: Pack, kind: str = "child") -> list[Entitlement]:
    """The benefits whose payments are known and whose rule somebody confirmed."""
    return [
        each
        for each in pack.entitlements.values()
        if each.subject == kind and each.paid_as and each.usable and PAYMENTS in pack.forms
    ]


def _one(pack: Pack, each: Entitlement, facts: str) -> str:
    how, lists = binding(pack), list_fields(pack, each.subject)
    assert each.every and each.since and each.paid_as
    since = to_sql(parse(each.since), how, lists)
    until = to_sql(parse(each.until), how, lists) if each.until else "NULL::DATE"
    entitled = f"({to_sql(parse(each.rule), how, lists)}) OR (u <= as_of AND s < u)"
    step = f"INTERVAL {MONTHS[each.every]} MONTH"
    starts = [_next(each.every, "s")]
    if each.effective_from:
        starts.append(_next(each.every, day(each.effective_from)))
    if CHECKED_BACK in pack.parameters:
        back = to_sql(parse(f"as_of - param({CHECKED_BACK})"), how, lists)
        starts.append(f"coalesce({_begin(each.every, back)}, DATE '1900-01-01')")
    last = f"({_begin(each.every, 'as_of')} - {step})"
    last = f"least({last}, coalesce({_begin(each.every, '(u - 1)')}, {last}))"
    dated = f"SELECT *, {since} AS s, {until} AS u FROM {facts} WHERE {in_force(each)}"
    periods = f"generate_series({_latest(starts)}, {last}, {step})"
    rows = f"SELECT *, unnest({periods})::DATE AS period FROM ({dated}) WHERE s IS NOT NULL AND ({entitled})"
    same = f"{_begin(each.every, 'p.paid')} = o.period"
    return (
        f"SELECT o.subject_id, {text(each.id)} AS entitlement, o.period, {rate_sql(pack, each, 'o.period')}::DOUBLE AS yuan "
        f"FROM ({rows}) o WHERE NOT EXISTS (SELECT 1 FROM paid p WHERE p.subject_id = o.subject_id "
        f"AND p.benefit = {text(each.paid_as)} AND {same})"
    )


def _latest(days: list[str]) -> str:
    return f"greatest({', '.join(f'({each})::DATE' for each in days)})"


def _begin(every: str, on: str) -> str:
    """First day of the period a day lies in."""
    if every == "term":
        # Two months earlier, terms are half years of the calendar.
        shifted = f"({on} - INTERVAL 2 MONTH)"
        half = f"make_date(year({shifted}), CASE WHEN month({shifted}) <= 6 THEN 1 ELSE 7 END, 1)"
        return f"({half} + INTERVAL 2 MONTH)::DATE"
    return f"date_trunc('{every}', {on})::DATE"


def _next(every: str, on: str) -> str:
    """First day of the first period that begins on the day or after it."""
    begin = _begin(every, on)
    return (
        f"(CASE WHEN {begin} = {on} THEN {begin} ELSE ({begin} + INTERVAL {MONTHS[every]} MONTH)::DATE END)"
    )
