"""Test children of a pack as tables, evaluated by exactly the path the register takes.

`yimi pack check` runs these, `yimi pack try` makes one from its arguments. DuckDB takes far longer to plan a
pathway than to answer it for a few children, so all children of a pathway are asked in one query, each with
the facts of its own day: what a further child costs is its facts, not the pathway once more.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from yimi.engines import backend
from yimi.engines.backend import Connection, empty_tables
from yimi.engines.because import Explainer
from yimi.engines.cascade import build_cascades
from yimi.engines.cascade.compiled import steps_asked
from yimi.engines.closeup import Closeup, Seen
from yimi.engines.columns import build_form_tables
from yimi.engines.due import build_state
from yimi.engines.entitlement import evaluate_entitlements, evaluate_suspicions
from yimi.engines.facts import build_facts
from yimi.engines.growth_lists import build_growth_lists
from yimi.engines.owed import evaluate_owed
from yimi.pack.examples import TestPlace
from yimi.pack.load import Pack
from yimi.pack.reads import (
    Reads,
    cascade_reads,
    entitlement_reads,
    form_fields_of,
    merged,
    pathway_reads,
)
from yimi.pack.schema import Cascade, Pathway, TestCase, TestChild
from yimi.rules.sql import quote, text

SPAN = 1000  # ids of one test child: its own, its guardians' from 100, its records' from 1
_Rows = dict[str, list[dict[str, Any]]]  # table → its rows


def insert(con: Connection, table: str, **values: Any) -> None:
    """One row. Its values stand in the text: with parameters DuckDB looks for pandas each time."""
    names = ", ".join(map(quote, values))
    con.execute(f"INSERT INTO {quote(table)} ({names}) VALUES ({', '.join(map(_literal, values.values()))})")


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    return str(value) if isinstance(value, int | float) else text(str(value))


def put_children(con: Connection, children: Sequence[TestChild]) -> None:
    """Test children with their guardians, statuses and records as rows; child n has the ids from n * SPAN."""
    empty_tables(con)
    insert(con, "place", place_id="t", kind="township", parent_id="d", subject_id=900)
    insert(con, "place", place_id="v", kind="village", parent_id="t", subject_id=901)
    rows: _Rows = defaultdict(list)
    for index, child in enumerate(children, 1):
        _add(rows, child, index * SPAN)
    for table, listed in rows.items():
        names = {name: None for row in listed for name in row}
        con.register("incoming", pa.Table.from_pylist([{**names, **row} for row in listed]))
        con.execute(f'INSERT INTO "{table}" BY NAME SELECT * FROM incoming')
        con.unregister("incoming")


def _add(rows: _Rows, child: TestChild, subject: int) -> None:
    if child.case is not None:
        _add_case(rows, child.case, subject)
    elif child.facility is not None:
        rows["facility"].append({"subject_id": subject, "place_id": "v", **child.facility.model_dump()})
    elif child.place is not None:
        _add_place(rows, child.place, subject)
    elif child.person is not None:
        person = {"birth_date": child.person.born, "sex": child.person.sex, "death_date": child.died}
        rows["person"].append({"subject_id": subject, "place_id": "v", **person})
    elif child.organization is not None:
        body = child.organization
        rows["organization"].append(
            {"subject_id": subject, "org_id": body.id, "kind": body.kind, "place_id": "d"}
        )
    else:
        _add_child(rows, child, subject)
    for status in child.statuses:
        rows["status"].append(_status(subject, status))
    for index, record in enumerate(child.records, 1):
        rows["record"].append(
            {
                "seq": subject + index, "subject_id": subject, "form": record.form, "form_version": 1,
                "occurred_on": record.on, "received_at": datetime.combine(record.on, datetime.min.time()),
                "answers": json.dumps(record.answers, ensure_ascii=False),
            }
        )  # fmt: skip


def _add_child(rows: _Rows, child: TestChild, subject: int) -> None:
    since = child.born or date(1900, 1, 1)
    rows["child"].append(
        {
            "subject_id": subject, "birth_date": child.born, "sex": child.sex, "death_date": child.died,
            "birth_place_id": "v",
        }
    )  # fmt: skip
    rows["residence"].append({"subject_id": subject, "place_id": "v", "valid_from": since})
    for index, guardian in enumerate(child.guardians):
        person = subject + 100 + index
        rows["person"].append({"subject_id": person, "death_date": guardian.dead_on})
        rows["relation"].append(
            {
                "subject_id": subject, "person_id": person, "kind": guardian.kind, "guardian": guardian.guardian,
                "valid_from": since,
            }
        )  # fmt: skip
        for status in guardian.states:
            rows["status"].append(_status(person, status))
    for index, stay in enumerate(child.attendance):
        school = subject + 500 + index
        rows["facility"].append({"subject_id": school, "kind": stay.facility_kind, "place_id": "v"})
        rows["attendance"].append(
            {
                "subject_id": subject, "facility_id": school, "stage": stay.stage, "grade": stay.grade,
                "valid_from": stay.since, "valid_to": stay.until, "end_reason": stay.end_reason,
            }
        )  # fmt: skip


def _add_place(rows: _Rows, place: TestPlace, subject: int) -> None:
    """Each test place has a code of its own, so that no other test's facilities stand in it."""
    code, parent = f"{place.kind[0]}{subject}", "d" if place.kind == "township" else "t"
    rows["place"].append({"place_id": code, "kind": place.kind, "parent_id": parent, "subject_id": subject})
    for index, site in enumerate(place.facilities):
        rows["facility"].append({"subject_id": subject + 500 + index, "place_id": code, **site.model_dump()})


def _add_case(rows: _Rows, case: TestCase, subject: int) -> None:
    rows["case_file"].append(
        {
            "subject_id": subject, "kind": case.kind, "opened_on": case.opened_on, "closed_on": case.closed_on,
            "place_id": "v",
        }
    )  # fmt: skip
    for party in case.parties:
        rows["case_party"].append(
            {"subject_id": subject, "party": party, "org_id": party, "valid_from": case.opened_on}
        )
    for index, each in enumerate(case.involved):
        child = subject + 100 + index
        rows["child"].append({"subject_id": child, "birth_date": each.born, "sex": each.sex})
        rows["case_child"].append(
            {"subject_id": subject, "child_id": child, "role": each.role, "valid_from": case.opened_on}
        )


def _status(subject: int, status: Any) -> dict[str, Any]:
    return {
        "subject_id": subject, "scheme": status.scheme, "code": status.code, "valid_from": status.since,
        "valid_to": status.until,
    }  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """What the pack says about one child on one day; of benefits and suspicions only if the child expects any."""

    due: list[dict[str, Any]]
    judged: list[dict[str, Any]]
    entitled: dict[str, str] = field(default_factory=dict)
    needs: dict[str, list[str]] = field(default_factory=dict)  # entitlement → the facts it lacks
    suspected: list[str] = field(default_factory=list)
    explainer: Explainer | None = None  # None where the pathway does not apply
    standing: dict[str, str] = field(default_factory=dict)  # entitlement → where the child stands with it
    owed: dict[str, int] = field(default_factory=dict)  # entitlement → periods without a payment
    reached: dict[str, str] = field(default_factory=dict)  # cascade → deepest stage, or scope
    late: list[str] = field(default_factory=list)  # cascades in which it waits too long


def evaluate(con: Connection, pack: Pack, pathway: Pathway, child: TestChild) -> Outcome:
    """Everything the pack says about one child, through the same functions the register uses."""
    return evaluate_many(con, pack, [(pathway, child)])[0]


def evaluate_many(con: Connection, pack: Pack, asked: Sequence[tuple[Pathway, TestChild]]) -> list[Outcome]:
    """The same for many children, each with its pathway and on its own day, in their order."""
    children = {index * SPAN: child for index, (_, child) in enumerate(asked, 1)}
    of = {subject: pathway for subject, (pathway, _) in zip(children, asked, strict=True)}
    kinds = {subject: pathway.subject for subject, pathway in of.items() if _wants_answers(children[subject])}
    cascaded = [subject for subject, each in children.items() if each.expect_reached or each.expect_late]
    days = sorted({children[subject].as_of for subject in cascaded})
    chosen = _cascades_asked(pack, [children[subject] for subject in cascaded])
    pathways = {each.id: each for each in of.values()}
    reads = {name: pathway_reads(pack, each) for name, each in pathways.items()}
    entitling = {kind: entitlement_reads(pack, kind) for kind in set(kinds.values())}
    steps = {pack.steps[step][0].id for each in chosen for step in steps_asked(pack, each)}
    cascading = merged(
        cascade_reads(pack, chosen), *(pathway_reads(pack, pack.pathways[each]) for each in steps)
    )
    put_children(con, list(children.values()))
    wanted: dict[str, Reads] = {
        kind: merged(
            entitling.get(kind, {}), cascading if kind == "child" else {},
            *(reads[each.id] for each in pathways.values() if each.subject == kind),
        )
        for kind in {each.subject for each in pathways.values()}
    }  # fmt: skip
    build_form_tables(con, pack, only=form_fields_of(pack, merged(*wanted.values())), unread=False)
    asked_on = {subject: (each.subject, children[subject].as_of) for subject, each in of.items()}
    facts = _facts(con, pack, asked_on, wanted)
    seen = {}
    for pathway in pathways.values():
        mine = [subject for subject, each in of.items() if each.id == pathway.id]
        closeup = Closeup(pack, pathway)
        for row in backend.rows(con, closeup.query(_only(con, facts[pathway.subject], mine))):
            seen[row["subject_id"]] = closeup.read(row)
    answers: dict[str, dict[int, list[dict[str, Any]]]] = {"entitled": {}, "suspected": {}, "owed": {}}
    for kind in entitling:
        some = _only(con, facts[kind], [subject for subject, each in kinds.items() if each == kind])
        answers["entitled"] |= _by_subject(evaluate_entitlements(con, pack, some, kind))
        answers["suspected"] |= _by_subject(evaluate_suspicions(con, pack, some, kind))
        answers["owed"] |= _by_subject(evaluate_owed(con, pack, some, kind))
    stood = _standing(con, pack, chosen, days, _only(con, facts["child"], cascaded)) if cascaded else {}
    return [
        _outcome(
            seen.get(subject),
            {name: each.get(subject, []) for name, each in answers.items()},
            stood.get(subject),
        )
        for subject in children
    ]


def _wants_answers(child: TestChild) -> bool:
    return bool(child.expect_entitled or child.expect_suspected or child.expect_standing or child.expect_owed)


def _outcome(
    close: Seen | None,
    answers: dict[str, list[dict[str, Any]]],
    stood: tuple[dict[str, str], list[str]] | None,
) -> Outcome:
    entitled, (reached, late) = answers["entitled"], stood or ({}, [])
    return Outcome(
        close.due if close else [],
        close.judged if close else [],
        {row["entitlement"]: row["answer"] for row in entitled},
        {row["entitlement"]: row["needs"] for row in entitled},
        [row["suspicion"] for row in answers["suspected"]],
        close.explainer if close else None,
        {row["entitlement"]: row["state"] or "none" for row in entitled},
        dict(Counter(row["entitlement"] for row in answers["owed"])),
        reached,
        late,
    )


def _cascades_asked(pack: Pack, children: Iterable[TestChild]) -> list[Cascade]:
    asked = {name for each in children for name in (*each.expect_reached, *each.expect_late)}
    return [each for each in pack.cascades.values() if each.id in asked]


def _facts(
    con: Connection, pack: Pack, subjects: Mapping[int, tuple[str, date]], reads: Mapping[str, Reads]
) -> dict[str, str]:
    """Kind → the table of the facts of its subjects, each on its own day, with every list anything asks for."""
    found = {}
    build_growth_lists(con, merged(*reads.values()))
    for kind, wanted in reads.items():
        own = ((subject, day) for subject, (of, day) in subjects.items() if of == kind)
        rows = ", ".join(f"({subject}, DATE '{day}')" for subject, day in own)
        con.execute(f"CREATE OR REPLACE TABLE asked AS SELECT * FROM (VALUES {rows}) t(subject_id, as_of)")
        found[kind] = build_facts(con, pack, kind, None, wanted, f"facts_asked_{kind}")
    return found


def _only(con: Connection, facts: str, subjects: Sequence[int]) -> str:
    """The facts of these subjects."""
    ids = ", ".join(map(str, subjects))
    con.execute(f"CREATE OR REPLACE VIEW facts_some AS SELECT * FROM {facts} WHERE subject_id IN ({ids})")
    return "facts_some"


def _standing(
    con: Connection, pack: Pack, chosen: Sequence[Cascade], days: Collection[date], facts: str
) -> dict[int, tuple[dict[str, str], list[str]]]:
    """Child → where it stands in each cascade, in the newest round that has seen it, and where it is late."""
    asked = {step for each in chosen for step in steps_asked(pack, each)}
    states = {pack.steps[step][0].id: pack.steps[step][0] for step in asked}
    for pathway in states.values():
        build_state(con, pack, pathway, facts)
    joins = " ".join(f"LEFT JOIN state_{each} USING (subject_id)" for each in states)
    con.execute(f"CREATE OR REPLACE VIEW wide_example AS SELECT * FROM {facts} {joins}")
    build_cascades(con, pack, days, facts, "wide_example", chosen)
    found: dict[int, tuple[dict[str, str], list[str]]] = defaultdict(lambda: ({}, []))
    newest = "SELECT * FROM cascades QUALIFY row_number() OVER (PARTITION BY cascade, subject_id ORDER BY position > 0 DESC, round DESC) = 1"
    for row in backend.rows(con, f"{newest} ORDER BY cascade"):
        stages = pack.cascades[row["cascade"]].stages
        reached, late = found[row["subject_id"]]
        reached[row["cascade"]] = stages[row["position"] - 1].id if row["position"] else "scope"
        late += [row["cascade"]] if row["late"] else []
    return found


def _by_subject(rows: Iterable[dict[str, Any]]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row["subject_id"]].append(row)
    return found
