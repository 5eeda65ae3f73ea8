"""What is owed by the amount of its month, what a rehearsal changes and leaves alone, where a cohort's children are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from tests.our_packs import ours

from yimi.engines import backend
from yimi.engines.backend import Connection
from yimi.engines.cohorts import cohort_query
from yimi.engines.columns import build_form_tables
from yimi.engines.example import put_children
from yimi.engines.facts import build_facts
from yimi.engines.growth_lists import build_growth_lists
from yimi.engines.owed import evaluate_owed
from yimi.engines.rehearsal import Change, changed_pack, rehearse
from yimi.engines.rights_alerts import rights_findings
from yimi.engines.turn import build_entitlements
from yimi.lib.errors import BadInput
from yimi.pack.examples import TestAttendance, TestChild, TestGuardian, TestRecord, TestStatus
from yimi.pack.load import Pack
from yimi.pack.reads import Reads, entitlement_reads, form_fields_of, merged, subject_reads
from yimi.pack.schema import Text

DAY = date(2026, 9, 10)
SCHOOLING: Reads = {
    "attendance": {"on", "stage"},
    "attended": {"on", "stage", "grade", "since", "until", "end_reason"},
}


def child(
    born: date,
    *,
    statuses: Sequence[tuple[str, str, date]] = (),
    records: Sequence[TestRecord] = (),
    attendance: Sequence[TestAttendance] = (),
) -> TestChild:
    return TestChild(
        name=Text(zh="大壮", en="Dazhuang"), as_of=DAY, born=born, expect={}, records=list(records), attendance=list(attendance),
        statuses=[TestStatus(scheme=scheme, code=code, since=since) for scheme, code, since in statuses],
    )  # fmt: skip


def register(pack: Pack, children: Sequence[TestChild], reads: Reads | None = None) -> Connection:
    """A register of these children with the forms of a whole evaluation, or of what is asked."""
    con = backend.connect(threads=1)
    put_children(con, children)
    reads = subject_reads(pack, "child") if reads is None else reads
    build_form_tables(con, pack, only=form_fields_of(pack, reads), unread=False)
    build_growth_lists(con, reads)
    return con


def rights_of(pack: Pack, children: Sequence[TestChild]) -> tuple[Connection, str]:
    """A register of these children, and their facts as far as benefits and cohorts read them."""
    reads = merged(entitlement_reads(pack), SCHOOLING)
    con = register(pack, children, reads)
    return con, build_facts(con, pack, "child", DAY, reads)


ORPHAN = child(date(2012, 2, 11), statuses=[("hardship", "H3a", date(2026, 4, 10))])


def test_a_month_is_owed_by_the_amount_in_force_in_that_month() -> None:
    """14.2: a new standard changes what is payable from its first day only."""
    pack = ours()
    raised = changed_pack(pack, [Change("orphan_allowance_amount", "1800", date(2026, 7, 1))])
    con, facts = rights_of(pack, [ORPHAN])
    owed = {
        row["period"]: row["yuan"]
        for row in evaluate_owed(con, raised, facts)
        if row["entitlement"] == "orphan_allowance"
    }
    assert owed == {
        date(2026, 5, 1): 1500,
        date(2026, 6, 1): 1500,
        date(2026, 7, 1): 1800,
        date(2026, 8, 1): 1800,
    }


def test_a_higher_age_limit_adds_exactly_those_between() -> None:
    pack = ours()
    disabled = [("disability", "2", date(2024, 3, 1))]
    ages = (date(2021, 5, 1), date(2018, 5, 1), date(2015, 1, 1), date(2014, 12, 31))
    con = register(pack, [child(born, statuses=disabled) for born in ages])
    found = rehearse(con, pack, [Change("rehabilitation_aid_age", "12", date(2027, 1, 1))], DAY)
    assert found.day == date(2027, 1, 1)
    # Those of 8 and 11 come in; who is 12 on the day, the first of January included, stays out.
    assert found.subjects["rehabilitation_aid"] == {"added": [2000], "removed": []}
    (row,) = found.benefits
    assert (row["before"], row["after"], row["added"]) == (1, 2, 1)
    assert row["yuan_after"] - row["yuan_before"] == 15_000
    assert (
        pack.parameters["rehabilitation_aid_age"].values == ours().parameters["rehabilitation_aid_age"].values
    )


def test_a_shorter_rhythm_is_more_visits_a_month() -> None:
    pack = ours()
    seen = TestRecord(form="hardship_visit", on=date(2026, 9, 1), answers={"mode": "home", "seen": "true"})
    since = date(2026, 8, 31)
    statuses = [("hardship", "H1b", since), ("hardship_level", "green", since)]
    con = register(pack, [child(date(2016, 5, 1), statuses=statuses, records=[seen])])
    found = rehearse(con, pack, [Change("visit_interval_green", "1 month", DAY)], DAY)
    visits = [row for row in found.work if row["step"] == "hardship_visit_due"]
    # Quarterly from 1 December: December, March, June, September; monthly from 1 October: twelve.
    assert sum(row["before"] for row in visits) == 4
    assert sum(row["after"] for row in visits) == 12
    assert not found.benefits


@pytest.mark.parametrize(
    ("parameter", "value"),
    [("no_such", "3"), ("visit_interval_green", "3"), ("visit_interval_green", "0 month"), ("rehabilitation_aid_age", "x")],
)  # fmt: skip
def test_a_change_that_cannot_be_is_refused(parameter: str, value: str) -> None:
    with pytest.raises(BadInput):
        changed_pack(ours(), [Change(parameter, value, DAY)])


def stay(
    stage: str, grade: int, year: int, until: date | None = None, why: str | None = None
) -> TestAttendance:
    return TestAttendance(
        stage=stage, grade=grade, since=date(year, 9, 1), until=until, end_reason=why, facility_kind=stage
    )


def test_a_cohort_tells_where_each_of_its_children_is() -> None:
    pack = ours()
    july = date(2025, 7, 1)
    con, facts = rights_of(
        pack,
        [
            child(date(2012, 5, 1), attendance=[stay("primary", 1, 2018)]),
            child(date(2012, 5, 1), attendance=[stay("primary", 1, 2018, july, "dropped_out")]),
            child(date(2012, 5, 1), attendance=[stay("primary", 1, 2018, july, "transferred")]),
            child(date(2012, 5, 1), attendance=[stay("primary", 1, 2018, july)]),
            child(
                date(2008, 5, 1),
                attendance=[
                    stay("primary", 1, 2014, july, "promoted"),
                    stay("junior", 9, 2024, july, "graduated"),
                ],
            ),
            child(date(2012, 5, 1), attendance=[stay("kindergarten", 3, 2017, july, "graduated")]),
        ],
    )
    rows = backend.rows(con, f"SELECT * FROM ({cohort_query(pack, facts)}) ORDER BY subject_id")
    assert [(row["cohort"], row["standing"]) for row in rows] == [
        (2018, "at_school"), (2018, "lost"), (2018, "transferred"), (2018, "lost"), (2014, "finished"),
    ]  # fmt: skip


def test_a_right_not_received_is_somebodys_to_act_on_until_it_is_received() -> None:
    """A mother imprisoned, a father out of contact for six months: told the same night, silent once it is paid."""

    def parents(lost_since: date, *paid: tuple[str, str, date]) -> TestChild:
        states = {"mother": ("imprisoned", date(2026, 9, 1)), "father": ("lost_contact", lost_since)}
        guardians = [
            TestGuardian(kind=kind, states=[TestStatus(scheme="guardian_state", code=code, since=since)])
            for kind, (code, since) in states.items()
        ]
        return child(date(2016, 2, 29), statuses=paid).model_copy(update={"guardians": guardians})

    pack = ours()
    received = ("allowance", "de_facto_allowance", date(2026, 9, 9))
    children = [
        parents(date(2026, 3, 10)),
        parents(date(2026, 3, 11)),
        parents(date(2026, 3, 1), received),
        ORPHAN,
    ]
    con, facts = rights_of(pack, children)
    build_entitlements(con, pack, facts)
    told = {each.cause: [one.step for one in each.behind] for each in rights_findings(con, pack, facts)}
    assert told == {
        "right:de_facto_allowance:de_facto_missing:1000": ["de_facto_allowance"],
        "right:orphan_allowance:orphan_missing:4000": ["orphan_allowance"],
    }
    recalled = pack.entitlements["de_facto_allowance"].model_copy(update={"confidence": "recalled"})
    silent = {**pack.entitlements, "de_facto_allowance": recalled}
    quiet = replace(pack, declared={**pack.declared, "entitlements": silent})
    assert [each.pathway for each in rights_findings(con, quiet, facts)] == ["orphan_allowance"]
