"""A verdict on every record of a pathway: valid, late, invalid with the reason, or unknown.

A record that satisfied a step is valid, or late if it came after the step's overdue_after. Any other record
of the pathway's forms is invalid, which means not counted; a person decides what follows. The reason comes
from the first step of its series that the record could have been for.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from yimi.engines.due.compiled import Compiler, chosen_of, in_force
from yimi.engines.due.editions import segments
from yimi.engines.due.schedule import Column
from yimi.pack.schema import Pathway, Step
from yimi.rules.sql import quote


def candidate_columns(compiler: Compiler) -> list[Column]:
    """For every step a column "?S": each record it could have been for, with what speaks for and against it."""
    columns: list[Column] = []
    for step in compiler.pathway.steps:
        # The limits once more: to be carried from the step's own layer to the last would cost more.
        columns += compiler.judging_columns(step, "?")
        columns.append(Column(f"?{step.id}", _candidates(compiler, step)))
    return columns


def verdicts_of(pathway: Pathway, row: Mapping[str, Any], depth: Mapping[str, int]) -> list[dict[str, Any]]:
    """Verdicts of one subject's records, by date and arrival, from its state and candidate columns.

    `depth`: how many steps each step waits for.

    Each: subject_id, seq, on, step (the one it satisfied or could not), verdict, reason, limit (the date that
    was not met), other (the record it was too close to).
    """
    verdicts: dict[int, tuple[Any, dict[str, Any]]] = {}
    for step in pathway.steps:
        known = {name: row[f"{step.id}.{name}"] for name in ("done", "overdue_after")}
        for candidate in row["?" + step.id] or []:
            verdict = _verdict({**candidate, **known, "subject_id": row["subject_id"], "step": step.id})
            # The earliest step of its series is told; the order of steps in the file says nothing.
            rank = (_weight(verdict), depth[step.id], candidate["limit_on"] or date.max, step.id)
            before = verdicts.get(verdict["seq"])
            if before is None or rank < before[0]:
                verdicts[verdict["seq"]] = (rank, verdict)
    return sorted((each for _, each in verdicts.values()), key=lambda each: (each["on"], each["seq"]))


def _weight(verdict: dict[str, Any]) -> int:
    """Lower is told: satisfied something in time, late, then could have been for an open step, then extra."""
    return {"": 0, "late": 1, "duplicate": 2, "extra": 4}.get(verdict["reason"], 3)


def _candidates(compiler: Compiler, step: Step) -> str:
    pathway = compiler.pathway
    earliest = in_force(f"?{step.id}.e", segments(pathway, step.earliest), 'r."on"')
    expires = in_force(f"?{step.id}.x", segments(pathway, step.expires), 'r."on"')
    cut = segments(pathway, step.earliest)
    stated = chosen_of([(segment, "TRUE" if segment.rule else "FALSE") for segment in cut], 'r."on"')
    before = "FALSE"
    if step.after:
        done = quote(step.after + ".done")
        before = f'({done} IS NULL OR r."on" <= {done})'
    close = ", ".join(f'({compiler.too_close(apart)}[-1])."on"' for apart in step.apart)
    hit = f'r."#seq" = {quote(step.id + ".seq")}'
    if step.every:
        hits = quote(f"#{step.id}.hits")
        hit = f'list_contains(list_transform({hits}, lambda h: h."#seq"), r."#seq")'
    struct = (
        f'struct_pack(seq := r."#seq", "on" := r."on", satisfied := {hit}, limit_on := {earliest}, stated := {stated}, '
        f"expires := {expires}, no_predecessor := {before}, close_to := {f'coalesce({close})' if close else 'NULL::DATE'})"
    )
    return f"list_transform({compiler.chosen(step.form, step.satisfied_by)}, lambda r: {struct})"


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
    elif not row["stated"]:
        reason = "not_in_edition"
    elif row["limit_on"] is None:
        return {**found, "verdict": "unknown", "reason": "unknown"}
    elif row["on"] < row["limit_on"]:
        reason, found["limit"] = "early", row["limit_on"]
    elif row["expires"] is not None and row["on"] >= row["expires"]:
        reason, found["limit"] = "expired", row["expires"]
    elif row["close_to"] is not None:
        reason, found["other"] = "too_close", row["close_to"]
    return {**found, "verdict": "invalid", "reason": reason}
