"""One turn of the loop, in order: the table of contents of the product.

declare → record → evaluate → alert → act → track → show. Everything a turn writes becomes visible in one
transaction at its end: the run's figures and lights, the alerts that open and close, the tasks that are born.
A turn that is stopped anywhere leaves the old run in force and nothing half done; the next one begins anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from django.db import transaction

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor, system
from yimi.apps.alerts import actions as alerts
from yimi.apps.audit import actions as audit
from yimi.apps.audit import selectors as audit_log
from yimi.apps.cases.tables import engine_tables as case_tables
from yimi.apps.evaluation import runs
from yimi.apps.evidence import actions as evidence
from yimi.apps.plan import actions as plan
from yimi.apps.plan import selectors as plan_now
from yimi.apps.records import typed
from yimi.apps.records.tables import last_seq
from yimi.apps.register.tables import engine_tables
from yimi.apps.source import source
from yimi.apps.tasks import actions as tasks
from yimi.engines import backend, province
from yimi.engines.indicators import Figure, Reading, read_target
from yimi.engines.turn import Evaluated, evaluate_day, figures_on, prepare
from yimi.pack.load import Pack
from yimi.pack.reads import form_fields_read

MEMORY = "1200MB"  # of DuckDB; what does not fit goes to the scratch file
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Turn:
    """What a turn did."""

    run: int
    as_of: date
    changed: int  # lights that changed, alerts opened and closed; 0 and unchanged: nothing had happened
    counts: dict[str, int] = field(default_factory=dict)
    unchanged: bool = False


def turn(*, as_of: date, at: datetime, progress: Progress = lambda stage: None, force: bool = False) -> Turn:
    """Evaluate the district on a day and tell whoever must know. Nothing to do costs next to nothing."""
    pack = active.pack()
    seen = audit_log.last_change()
    before = plan_now.run_in_force()
    if (
        before
        and not force
        and before.as_of == as_of
        and before.pack == pack.fingerprint
        and before.counts.get("seen") == seen
    ):
        return Turn(before.number, as_of, 0, before.counts, unchanged=True)
    number = plan.begin(as_of=as_of, pack=pack.fingerprint, at=at, last_seq=last_seq())
    with backend.scratch(MEMORY) as con:
        progress("records")
        load(con, pack, at)
        evaluated = evaluate_day(con, pack, as_of, progress, last=True)
        progress("run")
        runs.write(con, pack, number, evaluated)
        counts = {**count(con, pack, evaluated), "seen": seen}
    progress("alerts and tasks")
    readings = read_targets(pack, evaluated.figures, as_of)
    changed = settle(pack, number, evaluated, readings, counts, at)
    runs.forget_old(number)
    evidence.sweep(at=at)
    return Turn(number, as_of, changed, counts)


def load(con: backend.Connection, pack: Pack, at: datetime) -> None:
    """What a turn evaluates: the register and the records in force, and the lists made of them."""
    read(con, pack, at)
    prepare(con, pack, typed=True)


def read(con: backend.Connection, pack: Pack, at: datetime) -> None:
    """The register and the records in force, of one moment; of records only the new ones are typed."""
    with ThreadPoolExecutor(1) as aside:
        aside.submit(form_fields_read, pack)  # to parse every rule takes as long as to copy the database
        with source() as snapshot, typed.building_form_tables(con, pack, snapshot, at):
            backend.put(con, {**engine_tables(using=snapshot), **case_tables(snapshot)})


def export(*, into: Path, at: datetime) -> int:
    """Write what the engines read as one county of a province: no names, numbers or texts. Returns the children.

    Logged before a byte is written: it is still about every child.
    """
    pack = active.pack()
    audit.record("export", "register", by="system", at=at, detail={"pack": pack.fingerprint})
    with backend.scratch(MEMORY) as con:
        read(con, pack, at)
        province.export_county(con, pack, into)
        return int(backend.rows(con, "SELECT count(*) AS n FROM child")[0]["n"])


def count(con: backend.Connection, pack: Pack, evaluated: Evaluated) -> dict[str, int]:
    """What the run holds. Cases are in no total: the difference of two would tell of one."""
    row = backend.rows(
        con,
        "SELECT (SELECT count(*) FROM facts_child) AS children, count(*) AS due_items, "
        "count(*) FILTER (status = 'due' AND counted) AS due, count(*) FILTER (status = 'overdue' AND counted) AS overdue "
        f"FROM {evaluated.due_items} WHERE NOT list_contains(?, pathway)",
        [sorted(pack.case_pathways)],
    )[0]
    return {
        **row,
        "figures": len(evaluated.figures),
        "findings": sum(each.pathway not in pack.case_pathways for each in evaluated.findings),
        "records": last_seq(),
    }


def read_targets(pack: Pack, figures: Sequence[Figure], as_of: date) -> list[Reading]:
    """The light of every target; the pace is taken from the run a year ago, if there was one."""
    past = plan_now.values_near(as_of - timedelta(days=365))
    return [
        read_target(each, pack.indicators[each.indicator], figures, as_of, past.get(each.id))
        for each in pack.targets.values()
    ]


@transaction.atomic
def settle(
    pack: Pack,
    number: int,
    evaluated: Evaluated,
    readings: Sequence[Reading],
    counts: dict[str, int],
    at: datetime,
) -> int:
    """The one moment in which a turn becomes true."""
    by: Actor = system(evaluated.as_of)
    lights = plan_now.lights_in_force()
    synced = alerts.sync(findings=evaluated.findings, pack=pack, by=by, at=at)
    tasks.follow(moved=synced.moved, by=by, at=at)
    tasks.notice(changed=synced.changed, closed=synced.closed, by=by, at=at)
    # An alert that goes on after its task was closed needs somebody accountable again.
    born = tasks.open_for_alerts(
        alerts=[*synced.opened, *synced.changed, *synced.moved], pack=pack, by=by, at=at
    )
    raised = tasks.escalate_late(as_of=evaluated.as_of, by=by, at=at)
    opened, closed = (alerts.countable(ids, pack) for ids in (synced.opened, synced.closed))
    changed = sum(lights.get(each.target) != each.light.value for each in readings) + opened + closed
    counts |= {
        "alerts": counts["findings"], "opened": opened, "closed": closed, "tasks": born, "escalated": raised,
    }  # fmt: skip
    district = pack.info.district or ""
    plan.put_in_force(
        number=number, figures=evaluated.figures, readings=readings, district=district, at=at, counts=counts
    )
    audit.record(
        "turn",
        "run",
        str(number),
        by=by,
        at=at,
        detail={"as_of": evaluated.as_of.isoformat(), "changed": changed},
    )
    return changed


def history(*, days: Sequence[date], at: datetime, progress: Progress = lambda stage: None) -> None:
    """Figures of past days with today's pack and records: the first points of the trend lines."""
    pack, run = active.pack(), plan_now.run_in_force()
    if run is None:
        return
    with backend.scratch(MEMORY) as con:
        load(con, pack, at)
        for each in days:
            progress(each.isoformat())
            plan.save_history(
                number=run.number,
                day=each,
                figures=figures_on(con, pack, each),
                district=pack.info.district or "",
            )
