"""What a changed number would do, before anybody signs: the same register under the pack and under a copy of it.

An age limit, an amount or a rhythm is a dated parameter. The copy has one more value of it; everything that
names the parameter is worked out under both, on the first day of the change, and the difference is told: who
gains or loses a right, what it costs, how many items fall due in each of the next twelve months. Nothing is
written anywhere. Like `engines.turn` this calls the engines one after another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import Any

from yimi.engines import backend
from yimi.engines.backend import Connection, binding, list_fields
from yimi.engines.due import build_state
from yimi.engines.entitlement import COLUMNS, entitlement_query
from yimi.engines.facts import build_facts
from yimi.lib.dates import add_period
from yimi.lib.errors import BadInput
from yimi.pack.load import Pack
from yimi.pack.reads import pathway_rules, subject_reads
from yimi.pack.schema import DatedValue, Entitlement, Parameter, Pathway, Step
from yimi.rules.parse import parse
from yimi.rules.sql import day as sql_day
from yimi.rules.sql import quote, to_sql
from yimi.rules.tree import Param

SIDES = ("before", "after")
MONTHS_AHEAD = 12
PERIODS_A_YEAR = {"month": 12, "term": 2, "year": 1}
UNITS = ("day", "week", "month", "year")
LISTED = 2000  # children kept a benefit and direction
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Change:
    """A parameter's new value, from a day on. A period is written '2 month'."""

    parameter: str
    value: str
    effective_from: date


@dataclass
class Rehearsal:
    """The difference. Rows are per township (None: no address), numbers only; `subjects` are internal ids."""

    day: date
    benefits: list[dict[str, Any]] = field(default_factory=list)
    work: list[dict[str, Any]] = field(default_factory=list)
    overdue: list[dict[str, Any]] = field(default_factory=list)
    subjects: dict[str, dict[str, list[int]]] = field(default_factory=dict)


# --- the copy ---------------------------------------------------------------------------------------------


def changed_pack(pack: Pack, changes: Sequence[Change]) -> Pack:
    """A copy of the pack with one more value of each parameter; values of later days are set aside."""
    parameters = dict(pack.parameters)
    for change in changes:
        parameters[change.parameter] = _with(parameters.get(change.parameter), change)
    declared = MappingProxyType({**pack.declared, "parameters": MappingProxyType(parameters)})
    return replace(pack, declared=declared, fingerprint=f"{pack.fingerprint}+rehearsal")


def _with(parameter: Parameter | None, change: Change) -> Parameter:
    if parameter is None:
        raise BadInput(f"没有参数“{change.parameter[:40]}” / there is no parameter '{change.parameter[:40]}'")
    value = " ".join(change.value.split()).lower()
    count, _, unit = value.partition(" ")
    if " " in parameter.values[0].value:
        fits = count.isdecimal() and int(count) > 0 and unit in UNITS
        wanted = ("期限，例如“2 month”", "a period like '2 month'")
    else:
        fits = not unit and count.replace(".", "", 1).isdecimal() and len(count) < 13
        wanted = ("数，例如“7”", "a number like 7")
    if not fits:
        raise BadInput(
            f"“{parameter.name.zh}”的新值应是{wanted[0]} / '{parameter.name.en}' needs {wanted[1]}"
        )
    kept = [each for each in parameter.values if each.effective_from < change.effective_from]
    new = DatedValue(value=value, effective_from=change.effective_from, confidence="editorial", source="预演")
    return parameter.model_copy(update={"values": [*kept, new]})


def parameters_named(rules: Iterator[str]) -> set[str]:
    return {node.name for rule in rules for node in parse(rule).walk() if isinstance(node, Param)}


def benefit_rules(each: Entitlement) -> Iterator[str]:
    yield from (rule for rule in (each.rule, each.received_when, each.rate, each.since, each.until) if rule)
    if each.amount:
        yield f"param({each.amount})"


def rehearsable(pack: Pack) -> dict[str, tuple[list[Entitlement], list[Pathway]]]:
    """Parameter → the benefits and pathways of children that name it."""
    found: dict[str, tuple[list[Entitlement], list[Pathway]]] = {}
    for each in pack.entitlements.values():
        if each.subject == "child":
            for name in parameters_named(benefit_rules(each)):
                found.setdefault(name, ([], []))[0].append(each)
    for pathway in pack.pathways.values():
        if pathway.subject == "child":
            for name in parameters_named(pathway_rules(pathway)):
                found.setdefault(name, ([], []))[1].append(pathway)
    return found


# --- both sides ---------------------------------------------------------------------------------------------


def rehearse(
    con: Connection, pack: Pack, changes: Sequence[Change], as_of: date, progress: Progress = lambda stage: None
) -> Rehearsal:  # fmt: skip
    """Work both packs out on the day the change begins (or `as_of`, if that is later). `turn.prepare` came before."""
    after = changed_pack(pack, changes)
    day = max([as_of, *(each.effective_from for each in changes)])
    touched = rehearsable(pack)
    chosen = [touched.get(each.parameter, ([], [])) for each in changes]
    found = Rehearsal(day)
    progress("facts")
    facts = build_facts(con, pack, "child", day, subject_reads(pack, "child"), "facts_rehearsal")
    for each in {each.id: each for benefits, _ in chosen for each in benefits}.values():
        progress(f"benefit {each.id}")
        _compare_benefit(con, (pack, after), each, facts, found)
    for pathway in {each.id: each for _, pathways in chosen for each in pathways}.values():
        progress(f"pathway {pathway.id}")
        _compare_pathway(con, (pack, after), pathway, facts, day, found)
    return found


def _compare_benefit(
    con: Connection, packs: tuple[Pack, Pack], each: Entitlement, facts: str, found: Rehearsal
) -> None:
    for side, pack in zip(SIDES, packs, strict=True):
        query = entitlement_query(pack, each, facts)
        con.execute(f"CREATE OR REPLACE TEMP TABLE rights_{side} ({', '.join(COLUMNS)})")
        con.execute(
            f"INSERT INTO rights_{side} SELECT * FROM ({query}) WHERE answer IN ('yes', 'unconfirmed')"
        )
    yearly = PERIODS_A_YEAR.get(each.every or "", 0)
    rows = backend.rows(
        con,
        "SELECT f.township, count(b.subject_id) AS before, count(a.subject_id) AS after, "
        "count(*) FILTER (b.subject_id IS NULL) AS added, count(*) FILTER (a.subject_id IS NULL) AS removed, "
        f"coalesce(sum(b.rate), 0) * {yearly} AS yuan_before, coalesce(sum(a.rate), 0) * {yearly} AS yuan_after "
        f"FROM rights_before b FULL JOIN rights_after a USING (subject_id) JOIN {facts} f USING (subject_id) "
        "WHERE f.death_date IS NULL GROUP BY ALL ORDER BY 1",
    )
    found.benefits += [{"entitlement": each.id, **row} for row in rows]
    found.subjects[each.id] = {
        name: [
            row["subject_id"]
            for row in backend.rows(
                con,
                f"SELECT subject_id FROM rights_{here} ANTI JOIN rights_{there} USING (subject_id) ORDER BY 1 LIMIT {LISTED}",
            )
        ]
        for name, here, there in (("added", "after", "before"), ("removed", "before", "after"))
    }


def _compare_pathway(
    con: Connection, packs: tuple[Pack, Pack], pathway: Pathway, facts: str, day: date, found: Rehearsal
) -> None:
    work: dict[tuple[Any, ...], dict[str, Any]] = {}
    late: dict[Any, dict[str, Any]] = {}
    until = add_period(day, MONTHS_AHEAD, "month")
    for side, pack in zip(SIDES, packs, strict=True):
        state = build_state(con, pack, pathway, facts)
        for step in pathway.steps:
            for row in backend.rows(con, _due_in_months(pack, pathway, step, state, facts, day, until)):
                key = (step.id, row["township"], row["month"])
                empty = {
                    "pathway": pathway.id,
                    "step": step.id,
                    "township": row["township"],
                    "month": row["month"],
                }
                work.setdefault(key, {**empty, **dict.fromkeys(SIDES, 0)})[side] = row["n"]
        overdue = " + ".join(
            f"CAST({quote(f'{step.id}.counted')} AND coalesce({quote(f'{step.id}.status')} = 'overdue', FALSE) AS INTEGER)"
            for step in pathway.steps
        )
        for row in backend.rows(
            con,
            f"SELECT f.township, sum({overdue})::BIGINT AS n FROM {state} JOIN {facts} f USING (subject_id) GROUP BY ALL",
        ):
            empty = {"pathway": pathway.id, "township": row["township"], **dict.fromkeys(SIDES, 0)}
            late.setdefault(row["township"], empty)[side] = row["n"] or 0
    found.work += [work[key] for key in sorted(work, key=str)]
    found.overdue += [late[key] for key in sorted(late, key=str)]


def _due_in_months(
    pack: Pack, pathway: Pathway, step: Step, state: str, facts: str, day: date, until: date
) -> str:
    """SELECT of township, month, n: items of a step that fall due from the day on, each done when it is due.

    What is due or late already stands in the first month. A recurring step comes again by its own rhythm.
    """
    due = f"greatest({quote(f'{step.id}.due')}, {sql_day(day)})"
    status = quote(f"{step.id}.status")
    waiting = f"{quote(f'{step.id}.counted')} AND {status} IN ('upcoming', 'due', 'overdue', 'waiting')"
    times = f"[{due}::TIMESTAMP]"
    if step.every:
        every = to_sql(parse(step.every), binding(pack), list_fields(pack, pathway.subject))
        again = f"generate_series({due}::TIMESTAMP, {sql_day(until)}::TIMESTAMP, {every})"
        times = f"CASE WHEN ({every}) IS NULL THEN {times} ELSE {again} END"
    return (
        "SELECT township, date_trunc('month', t)::DATE AS month, count(*) AS n FROM "
        f"(SELECT township, unnest({times}) AS t FROM {state} JOIN {facts} USING (subject_id) WHERE {waiting}) "
        f"WHERE t < {sql_day(until)} GROUP BY ALL"
    )
