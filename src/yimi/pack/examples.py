"""What may stand in `tests/*.yaml`: a child, a case, a facility, a place in words its owner can read."""

from __future__ import annotations

from datetime import date
from typing import Literal

from yimi.pack.words import Declaration, Id, Ids, Text


class TestRecord(Declaration):
    form: str
    on: date
    answers: dict[str, str] = {}


class TestStatus(Declaration):
    scheme: str
    code: str
    since: date
    until: date | None = None


class TestAttendance(Declaration):
    """A school year, or a stay, at a kindergarten or school made up for the test."""

    stage: str
    grade: int | None = None
    since: date
    until: date | None = None
    end_reason: str | None = None
    facility_kind: str = "primary"


class TestGuardian(Declaration):
    kind: str
    guardian: bool = True
    dead_on: date | None = None
    states: list[TestStatus] = []


class TestInvolved(Declaration):
    """A child a test case is about."""

    role: str = "concerned"
    born: date | None = None
    sex: Literal["m", "f"] | None = None


class TestCase(Declaration):
    """The subject of a pathway of cases: what kind, since when, who works on it, about whom."""

    kind: str
    opened_on: date
    closed_on: date | None = None
    parties: Ids = []
    involved: list[TestInvolved] = []


class TestFacility(Declaration):
    """The subject of a pathway of facilities."""

    kind: str
    ownership: Literal["public", "private"] | None = None
    opened_on: date | None = None


class TestSite(TestFacility):
    """A facility in a test place."""

    closed_on: date | None = None


class TestPlace(Declaration):
    """The subject of a pathway of places: a township, or a village of one, with what stands there."""

    kind: Literal["township", "village"] = "township"
    facilities: list[TestSite] = []


class TestPerson(Declaration):
    """The subject of a pathway of persons; the statuses and death stand beside it."""

    born: date | None = None
    sex: Literal["m", "f"] | None = None


class TestOrganization(Declaration):
    """The subject of a pathway of organizations: the body of the pack it stands for."""

    id: str
    kind: str = "department"


class TestChild(Declaration):
    """A child (with `case` a case, `facility`, `place`, `person`, `organization` one of those) in words its owner can read, and what the pack must say."""

    name: Text
    as_of: date
    born: date | None = None
    case: TestCase | None = None
    facility: TestFacility | None = None
    person: TestPerson | None = None
    place: TestPlace | None = None
    organization: TestOrganization | None = None
    sex: Literal["m", "f"] | None = None
    died: date | None = None
    records: list[TestRecord] = []
    statuses: list[TestStatus] = []
    guardians: list[TestGuardian] = []
    attendance: list[TestAttendance] = []
    expect: dict[str, dict[str, str]]  # step id → {status|earliest|due|overdue_after|expires: value}
    expect_judged: list[str] = []  # verdicts of the records in order of date
    expect_entitled: dict[str, str] = {}  # entitlement → yes | no | unknown
    expect_standing: dict[
        str, str
    ] = {}  # entitlement → receiving | missing | lost | unknown | unconfirmed | none
    expect_owed: dict[str, int] = {}  # entitlement → periods without a payment
    expect_suspected: Ids = []
    expect_reached: dict[str, str] = {}  # cascade → the deepest stage | scope (none yet) | absent
    expect_late: Ids = []  # cascades in which the child waits longer than allowed


class TestFile(Declaration):
    id: Id
    pathway: str
    children: list[TestChild]
