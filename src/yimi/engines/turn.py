"""One evaluation of a whole register on one day: the order in which the engines follow each other.

records → typed columns → growth → facts → pathway states → due items → figures, findings, suspicions,
entitlements. The engines themselves know nothing of each other; this is the only place that calls them in
turn, for a turn of the cycle and a past date. One child alone is `engines.standing`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial

import pyarrow as pa

from yimi.engines import backend
from yimi.engines.backend import Connection
from yimi.engines.cascade import build_cascades, stuck
from yimi.engines.cascade.compiled import steps_asked
from yimi.engines.columns import build_form_tables
from yimi.engines.due import build_due_items, build_state
from yimi.engines.entitlement import COLUMNS, entitlement_queries, suspicion_query
from yimi.engines.facts import build_facts
from yimi.engines.findings import Finding, findings
from yimi.engines.growth_lists import build_growth_lists
from yimi.engines.indicators import Figure, evaluate_indicators
from yimi.engines.indicators.compiled import kinds_read
from yimi.engines.indicators.figures import Cells, count_cells, figures_of, reported
from yimi.engines.indicators.withheld import withhold
from yimi.engines.owed import build_owed
from yimi.engines.rights_alerts import rights_findings
from yimi.engines.surveillance import build_events, noticed
from yimi.pack.load import Pack
from yimi.pack.reads import form_fields_read, subject_reads
from yimi.pack.schema import Pathway
from yimi.rules.parse import parse
from yimi.rules.sql import quote
from yimi.rules.tree import steps_read

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Evaluated:
    """The tables of one evaluation, in its connection (`entitlements`, `owed`, `suspicions`, `cascades`,
    `events` beside those named here), and what was found."""

    as_of: date
    facts: Mapping[str, str]  # kind of subject → table of its facts, joined with its pathway states
    due_items: str
    cells: Cells  # the sums behind the figures
    figures: list[Figure]
    findings: list[Finding]


def prepare(
    con: Connection,
    pack: Pack,
    tables: Mapping[str, pa.Table | pa.RecordBatchReader] | None = None,
    *,
    typed: bool = False,
) -> None:
    """Put the register and records in and type the records: done once, serves any number of days.

    `typed`: the form tables are there already.
    """
    backend.empty_cases(con)
    if tables:
        backend.put(con, tables)
    if not typed:
        build_form_tables(con, pack, only=form_fields_read(pack))
        con.execute("DROP TABLE record")  # typed now; as JSON it would hold most of the memory
    build_growth_lists(con, subject_reads(pack, "child"))


def evaluate_day(
    con: Connection, pack: Pack, as_of: date, progress: Progress = lambda stage: None, *, last: bool = False
) -> Evaluated:
    """Everything on one day. `prepare` came before. `last`: no other day is asked for, so that the records may go."""
    facts = build_wide(con, pack, as_of, progress, last)
    progress("due")
    due_items = build_due_items(con, pack.pathways.values())
    progress("figures and findings")
    cells: Cells = {}
    figures: list[Figure] = []
    found: list[Finding] = []
    order = {name: index for index, name in enumerate(pack.indicators)}

    def cascades(lane: Connection) -> None:
        build_cascades(lane, pack, [as_of], "facts_child", facts["child"])
        build_events(lane, pack, as_of, "facts_child")
        found.extend(stuck(lane, pack, "facts_child") + noticed(lane, pack, "facts_child"))

    def counted(half: int, lane: Connection) -> None:
        mine = count_cells(lane, pack, facts, half=half)
        cells.update(mine)
        told = figures_of(pack, mine) + ([] if half else reported(lane, pack))
        figures.extend(withhold(pack, told, as_of))

    def rights(lane: Connection) -> None:
        build_entitlements(lane, pack, "facts_child")
        found.extend(rights_findings(lane, pack, "facts_child"))
        build_suspicions(lane, pack, "facts_child")

    def late(lane: Connection) -> None:
        plain = {kind: f"facts_{kind}" for kind in facts}
        found.extend(findings(lane, pack, dict(facts), plain))

    backend.side_by_side(con, cascades, partial(counted, 1), partial(counted, 0), rights, late)
    figures.sort(key=lambda each: order[each.indicator])
    found.sort(key=lambda each: (each.pathway, each.alert, each.cause))
    return Evaluated(as_of, facts, due_items, cells, figures, found)


def figures_on(con: Connection, pack: Pack, as_of: date) -> list[Figure]:
    """Only the figures, for a past day."""
    found = evaluate_indicators(con, pack, build_wide(con, pack, as_of, lambda stage: None))
    return withhold(pack, found, as_of)


def build_wide(
    con: Connection, pack: Pack, as_of: date, progress: Progress, last: bool = False
) -> dict[str, str]:
    """Facts of every kind of subject that is read, children with the states of their pathways beside."""
    tables: dict[str, str] = {}
    subjects, read = {pathway.subject for pathway in pack.pathways.values()}, pathways_asked(pack)
    for kind in sorted(kinds_read(pack) | subjects | {"child", "organization"}):
        progress(f"facts {kind}")
        facts = build_facts(con, pack, kind, as_of, subject_reads(pack, kind))
        if last and kind == "child":
            forget_lists(con, pack)
        mine = [pathway for pathway in pack.pathways.values() if pathway.subject == kind]
        progress(f"pathways {kind}")
        longest = sorted(mine, key=lambda pathway: -len(pathway.steps))
        backend.side_by_side(con, *(partial(_state, pack, pathway, facts) for pathway in longest))
        tables[kind] = _joined(con, kind, facts, [pathway.id for pathway in mine if pathway.id in read])
    return tables


def _state(pack: Pack, pathway: Pathway, facts: str, lane: Connection) -> None:
    build_state(lane, pack, pathway, facts)


def pathways_asked(pack: Pack) -> set[str]:
    """The pathways whose states others read: a join a pathway is dear, and most are read by nobody else."""
    asked = {step for each in pack.cascades.values() for step in steps_asked(pack, each)}
    alerts = [alert for each in pack.pathways.values() for alert in each.alerts]
    asked |= {step for alert in alerts for step in steps_read(parse(alert.when))}
    found = set()
    for each in pack.indicators.values():
        found |= {each.for_each} if each.for_each else set()
        for side in (each.numerator, each.denominator, each.document):
            rules = (side.where, side.amount, side.weight) if side else ()
            asked |= {step for rule in rules for step in steps_read(parse(rule))}
    return found | {pack.steps[step][0].id for step in asked if step in pack.steps}


def forget_lists(con: Connection, pack: Pack) -> None:
    """Drop what the facts of children were gathered from: a third of all that a turn holds in memory.

    A surveillance merges the records of its form themselves: those stay.
    """
    kept = {each.form for each in pack.surveillance.values()}
    mine = {form.id for form in pack.forms.values() if form.subject == "child"}
    forms = [f"form_{each}" for each in sorted(mine - kept)]
    for name in (*forms, "growth", "growth_cn"):
        con.execute(f"DROP TABLE IF EXISTS {quote(name)}")


def _joined(con: Connection, kind: str, facts: str, pathways: list[str]) -> str:
    if not pathways:
        return facts
    states = " ".join(f"LEFT JOIN state_{each} USING (subject_id)" for each in pathways)
    con.execute(f"CREATE OR REPLACE VIEW wide_{kind} AS SELECT * FROM {facts} {states}")
    return f"wide_{kind}"


def build_entitlements(con: Connection, pack: Pack, facts: str, kind: str = "child") -> str:
    """Create `entitlements`: a row a subject and benefit, all answers but a plain no; and `owed` beside it."""
    con.execute(f"CREATE OR REPLACE TABLE entitlements ({', '.join(COLUMNS)})")
    for query in entitlement_queries(pack, facts, kind):  # one by one: together they hold too much in memory
        con.execute(f"INSERT INTO entitlements SELECT * FROM ({query}) WHERE answer <> 'no' OR receiving")
    build_owed(con, pack, facts, kind)
    return "entitlements"


def build_suspicions(con: Connection, pack: Pack, facts: str, kind: str = "child") -> str:
    """Create `suspicions`: children whose facts suggest a status nobody has decided."""
    empty = "SELECT NULL::BIGINT AS subject_id, NULL::VARCHAR AS suspicion WHERE FALSE"
    con.execute(f"CREATE OR REPLACE TABLE suspicions AS {suspicion_query(pack, facts, kind) or empty}")
    return "suspicions"
