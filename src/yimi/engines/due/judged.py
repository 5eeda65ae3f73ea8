"""A verdict on every record of a pathway: valid, late, or invalid with the reason.

A record that satisfied a step is valid, or late if it came after the step's overdue_after. Any other record
of the pathway's forms is invalid, which means not counted; a person decides what follows. The reason comes
from the first step of its series that the record could have been for.
"""

from __future__ import annotations

from typing import Any

from yimi.engines.backend import Connection
from yimi.engines.due.compiled import _Compiler, _in_force
from yimi.engines.due.editions import segments
from yimi.pack.load import Pack
from yimi.pack.schema import Pathway, Step
from yimi.rules.sql import quote, text

# One row a record and step it could have been for; reasons in the order they are told.
_FLAGS = ("no_predecessor", "early", "expired", "too_close")


def judge(con: Connection, pack: Pack, pathway: Pathway, facts: str) -> list[dict[str, Any]]:
    """Verdicts of all records of the subjects in `facts`, by subject, date and arrival.

    Each: subject_id, seq, on, step (the one it satisfied or could not), verdict, reason, limit (the date that
    was not met), other (the record it was too close to).
    """
    compiler = _Compiler(pack, pathway)
    # Worked out once: as a subquery DuckDB would work the whole pathway out again for every step.
    wide = f"wide_{pathway.id}_judged"
    con.execute(f"CREATE OR REPLACE TEMP TABLE {wide} AS {compiler.query(facts)}")
    selects = [_candidates(compiler, pathway, step, index, wide) for index, step in enumerate(pathway.steps)]
    rows = con.execute(
        f'SELECT * FROM ({" UNION ALL ".join(selects)}) ORDER BY subject_id, "on", seq, position'
    ).fetchall()
    names = [each[0] for each in con.description or []]
    verdicts: dict[int, dict[str, Any]] = {}
    for row in (dict(zip(names, each, strict=True)) for each in rows):
        verdict = _verdict(row)
        known = verdicts.get(row["seq"])
        if known is None or _weight(verdict) < _weight(known):
            verdicts[row["seq"]] = verdict
    return list(verdicts.values())


def _weight(verdict: dict[str, Any]) -> int:
    """Lower is told: satisfied something, then could have been for an open step, then extra."""
    if verdict["verdict"] != "invalid":
        return 0
    return {"duplicate": 1, "extra": 3}.get(verdict["reason"], 2)


def _candidates(compiler: _Compiler, pathway: Pathway, step: Step, index: int, wide: str) -> str:
    earliest = _in_force(f"#{step.id}.e", segments(pathway, step.earliest), 'r."on"')
    expires = _in_force(f"#{step.id}.x", segments(pathway, step.expires), 'r."on"')
    done = quote(f"{step.id}.done")
    before = (
        f'{quote(step.after + ".done")} IS NULL OR r."on" <= {quote(step.after + ".done")}'
        if step.after
        else "FALSE"
    )
    close = "NULL::DATE"
    if step.apart:
        close = f'({compiler.too_close(step.apart[0])}[-1])."on"'
    hit = (
        f'r."#seq" = {quote(step.id + ".seq")}'
        if not step.every
        else f'list_contains(list_transform({quote(f"#{step.id}.hits")}, lambda h: h."#seq"), r."#seq")'
    )
    return (
        f'SELECT subject_id, r."#seq" AS seq, r."on", {index} AS position, {text(step.id)} AS step, '
        f"{hit} AS satisfied, {done} AS done, coalesce({quote(step.id + '.applies')}, TRUE) AS applies, "
        f"{quote(step.id + '.overdue_after')} AS overdue_after, {earliest} AS limit_on, {expires} AS expires, "
        f"({before}) AS no_predecessor, {close} AS close_to "
        f"FROM (SELECT *, unnest({compiler.chosen(step.form, step.satisfied_by)}) AS r FROM {wide})"
    )


def _verdict(row: dict[str, Any]) -> dict[str, Any]:
    found = {
        "subject_id": row["subject_id"],
        "seq": row["seq"],
        "on": row["on"],
        "step": row["step"],
        "limit": None,
        "other": None,
    }
    if row["satisfied"]:
        late = row["overdue_after"] is not None and row["on"] > row["overdue_after"]
        return {
            **found,
            "verdict": "late" if late else "valid",
            "reason": "late" if late else "",
            "limit": row["overdue_after"],
        }
    reason = "extra"
    if row["done"] is not None and row["done"] <= row["on"]:
        reason = "duplicate" if row["done"] == row["on"] else "extra"
    elif row["no_predecessor"]:
        reason = "no_predecessor"
    elif row["limit_on"] is None:
        reason = "not_in_edition"
    elif row["on"] < row["limit_on"]:
        reason, found["limit"] = "early", row["limit_on"]
    elif row["expires"] is not None and row["on"] >= row["expires"]:
        reason, found["limit"] = "expired", row["expires"]
    elif row["close_to"] is not None:
        reason, found["other"] = "too_close", row["close_to"]
    return {**found, "verdict": "invalid", "reason": reason}
