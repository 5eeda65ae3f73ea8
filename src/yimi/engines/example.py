"""Test children of a pack as tables, evaluated by exactly the path the register takes.

`yimi pack check` runs these, `yimi pack try` makes one from its arguments.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from yimi.engines import backend
from yimi.engines.backend import Connection, empty_tables
from yimi.engines.because import Explainer
from yimi.engines.cascade import build_cascades
from yimi.engines.cascade.compiled import steps_asked
from yimi.engines.closeup import closeup_query, read
from yimi.engines.columns import build_form_tables
from yimi.engines.due import build_state
from yimi.engines.entitlement import evaluate_entitlements, evaluate_suspicions
from yimi.engines.facts import build_facts
from yimi.engines.growth_lists import build_growth_lists
from yimi.engines.owed import evaluate_owed
from yimi.pack.load import Pack
from yimi.pack.reads import cascade_reads, entitlement_reads, merged, pathway_reads
from yimi.pack.schema import Cascade, Pathway, TestCase, TestChild

SPAN = 1000  # ids of one test child: its own, its guardians' from 100, its records' from 1


def insert(con: Connection, table: str, **values: Any) -> None:
    names = ", ".join(f'"{each}"' for each in values)
    con.execute(
        f'INSERT INTO "{table}" ({names}) VALUES ({", ".join("?" * len(values))})', list(values.values())
    )


def put_children(con: Connection, children: Sequence[TestChild]) -> None:
    """Test children with their guardians, statuses and records as rows; child n has the ids from n * SPAN."""
    empty_tables(con)
    insert(con, "place", place_id="t", kind="township", parent_id="d", subject_id=900)
    insert(con, "place", place_id="v", kind="village", parent_id="t", subject_id=901)
    for index, child in enumerate(children, 1):
        _put(con, child, index * SPAN)


def _put(con: Connection, child: TestChild, subject: int) -> None:
    if child.case is not None:
        _put_case(con, child.case, subject)
        for status in child.statuses:
            _status(con, subject, status)
        _put_records(con, child, subject)
        return
    if child.facility is not None:
        insert(con, "facility", subject_id=subject, place_id="v", **child.facility.model_dump())
        for status in child.statuses:
            _status(con, subject, status)
        _put_records(con, child, subject)
        return
    since = child.born or date(1900, 1, 1)
    insert(
        con,
        "child",
        subject_id=subject,
        birth_date=child.born,
        sex=child.sex,
        death_date=child.died,
        birth_place_id="v",
    )
    insert(con, "residence", subject_id=subject, place_id="v", valid_from=since)
    for status in child.statuses:
        _status(con, subject, status)
    for index, guardian in enumerate(child.guardians):
        person = subject + 100 + index
        insert(con, "person", subject_id=person, death_date=guardian.dead_on)
        insert(
            con, "relation", subject_id=subject, person_id=person, kind=guardian.kind, guardian=guardian.guardian,
            valid_from=since,
        )  # fmt: skip
        for status in guardian.states:
            _status(con, person, status)
    _put_records(con, child, subject)


def _put_case(con: Connection, case: TestCase, subject: int) -> None:
    insert(con, "case_file", subject_id=subject, kind=case.kind, opened_on=case.opened_on, closed_on=case.closed_on,
           place_id="v")  # fmt: skip
    for party in case.parties:
        insert(con, "case_party", subject_id=subject, party=party, org_id=party, valid_from=case.opened_on)
    for index, each in enumerate(case.involved):
        child = subject + 100 + index
        insert(con, "child", subject_id=child, birth_date=each.born, sex=each.sex)
        insert(con, "case_child", subject_id=subject, child_id=child, role=each.role, valid_from=case.opened_on)


def _put_records(con: Connection, child: TestChild, subject: int) -> None:
    for index, stay in enumerate(child.attendance):
        school = subject + 500 + index
        insert(con, "facility", subject_id=school, kind=stay.facility_kind, place_id="v")
        insert(
            con, "attendance", subject_id=subject, facility_id=school, stage=stay.stage, grade=stay.grade,
            valid_from=stay.since, valid_to=stay.until, end_reason=stay.end_reason,
        )  # fmt: skip
    for index, record in enumerate(child.records, 1):
        insert(
            con, "record", seq=subject + index, subject_id=subject, form=record.form, form_version=1,
            occurred_on=record.on, received_at=datetime.combine(record.on, datetime.min.time()),
            answers=json.dumps(record.answers, ensure_ascii=False),
        )  # fmt: skip


def _status(con: Connection, subject: int, status: Any) -> None:
    insert(
        con, "status", subject_id=subject, scheme=status.scheme, code=status.code, valid_from=status.since,
        valid_to=status.until,
    )  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """What the pack says about one child on one day."""

    due: list[dict[str, Any]]
    judged: list[dict[str, Any]]
    entitled: dict[str, str] = field(default_factory=dict)
    suspected: list[str] = field(default_factory=list)
    explainer: Explainer | None = None  # None where the pathway does not apply
    standing: dict[str, str] = field(default_factory=dict)  # entitlement → where the child stands with it
    owed: dict[str, int] = field(default_factory=dict)  # entitlement → periods without a payment
    reached: dict[str, str] = field(default_factory=dict)  # cascade → deepest stage, or scope
    late: list[str] = field(default_factory=list)  # cascades in which it waits too long


def evaluate(con: Connection, pack: Pack, pathway: Pathway, child: TestChild) -> Outcome:
    """Everything the pack says about one child, through the same functions the register uses."""
    return evaluate_many(con, pack, pathway, [child])[0]


def evaluate_many(
    con: Connection, pack: Pack, pathway: Pathway, children: Sequence[TestChild]
) -> list[Outcome]:
    """The same for several children of one day (`as_of` of the first counts), in their order."""
    put_children(con, children)
    build_form_tables(con, pack)
    lists = merged(pathway_reads(pack, pathway), entitlement_reads(pack, pathway.subject))
    asked = {name for each in children for name in (*each.expect_reached, *each.expect_late)}
    chosen = [each for each in pack.cascades.values() if each.id in asked]
    steps = {step for each in chosen for step in steps_asked(pack, each)}
    of_steps = [pathway_reads(pack, pack.steps[step][0]) for step in steps]
    lists = merged(lists, cascade_reads(pack, chosen), *of_steps)
    build_growth_lists(con, lists)
    facts = build_facts(con, pack, pathway.subject, children[0].as_of, lists)
    seen = {
        row["subject_id"]: read(pack, pathway, row)
        for row in backend.rows(con, closeup_query(pack, pathway, facts))
    }
    entitled = _by_subject(evaluate_entitlements(con, pack, facts, pathway.subject))
    suspected = _by_subject(evaluate_suspicions(con, pack, facts, pathway.subject))
    owed = _by_subject(evaluate_owed(con, pack, facts, pathway.subject))
    cascades = _standing(con, pack, chosen, children[0].as_of, facts) if chosen else {}
    found = []
    for subject in range(SPAN, SPAN * (len(children) + 1), SPAN):
        answers = {row["entitlement"]: row["answer"] for row in entitled[subject]}
        suspicions = [row["suspicion"] for row in suspected[subject]]
        standing = {row["entitlement"]: row["state"] or "none" for row in entitled[subject]}
        periods = dict(Counter(row["entitlement"] for row in owed[subject]))
        close = seen.get(subject)
        due, judged, explainer = (close.due, close.judged, close.explainer) if close else ([], [], None)
        reached, late = cascades.get(subject, ({}, []))
        found.append(
            Outcome(due, judged, answers, suspicions, explainer, standing, periods, reached, late)
        )
    return found


def _standing(
    con: Connection, pack: Pack, chosen: Sequence[Cascade], as_of: date, facts: str
) -> dict[int, tuple[dict[str, str], list[str]]]:
    """Child → where it stands in each cascade, in the newest round that has seen it, and where it is late."""
    asked = {step for each in chosen for step in steps_asked(pack, each)}
    states = {pack.steps[step][0].id: pack.steps[step][0] for step in asked}
    for pathway in states.values():
        build_state(con, pack, pathway, facts)
    joins = " ".join(f"LEFT JOIN state_{each} USING (subject_id)" for each in states)
    con.execute(f"CREATE OR REPLACE VIEW wide_example AS SELECT * FROM {facts} {joins}")
    build_cascades(con, pack, as_of, facts, "wide_example", chosen)
    found: dict[int, tuple[dict[str, str], list[str]]] = defaultdict(lambda: ({}, []))
    newest = "SELECT * FROM cascades QUALIFY row_number() OVER (PARTITION BY cascade, subject_id ORDER BY position > 0 DESC, round DESC) = 1"
    for row in backend.rows(con, f"{newest} ORDER BY cascade"):
        stages = pack.cascades[row["cascade"]].stages
        reached, late = found[row["subject_id"]]
        reached[row["cascade"]] = stages[row["position"] - 1].id if row["position"] else "scope"
        late += [row["cascade"]] if row["late"] else []
    return found


def _by_subject(rows: list[dict[str, Any]]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row["subject_id"]].append(row)
    return found
