"""Running a pack's test children: what the pack says against what its owner expects."""

from __future__ import annotations

from datetime import date

from yimi.engines import backend
from yimi.engines.example import Outcome, evaluate_many
from yimi.pack.load import Pack
from yimi.pack.problems import Problem
from yimi.pack.schema import TestChild


def run_tests(pack: Pack) -> list[Problem]:
    """A problem for every expectation of a test child that does not hold."""
    asked = [
        (file, pathway, index, child)
        for file in pack.tests.values()
        if (pathway := pack.pathways.get(file.pathway))
        for index, child in enumerate(file.children)
    ]
    con = backend.connect(threads=1)
    outcomes = evaluate_many(con, pack, [(pathway, child) for _, pathway, _, child in asked])
    problems = []
    for (file, _, index, child), outcome in zip(asked, outcomes, strict=True):
        source = pack.sources[("tests", file.id)]
        for difference in differences(child, outcome):
            problems.append(source.problem(f"{child.name.zh}: {difference}", ("children", index)))
    return sorted(problems)


def differences(child: TestChild, outcome: Outcome) -> list[str]:
    """What differs, in words."""
    found = []
    items = {row["step"]: row for row in outcome.due}
    for step, expected in child.expect.items():
        row = items.get(step)
        if row is None:
            if expected.get("status") != "absent":
                found.append(f"{step} is not on the due list")
            continue
        for name, wanted in expected.items():
            seen = _shown(row.get(name))
            if seen != wanted:
                found.append(f"{step}.{name} is {seen}, expected {wanted}")
    verdicts = [row["verdict"] for row in sorted(outcome.judged, key=lambda row: (row["on"], row["seq"]))]
    if child.expect_judged and verdicts != child.expect_judged:
        found.append(f"records are judged {verdicts}, expected {child.expect_judged}")
    for name, wanted in child.expect_entitled.items():
        if outcome.entitled.get(name) != wanted:
            found.append(f"entitlement {name} is {outcome.entitled.get(name)}, expected {wanted}")
    for name, wanted in child.expect_standing.items():
        if outcome.standing.get(name) != wanted:
            found.append(f"standing of {name} is {outcome.standing.get(name)}, expected {wanted}")
    for name, periods in child.expect_owed.items():
        if outcome.owed.get(name, 0) != periods:
            found.append(f"{outcome.owed.get(name, 0)} periods of {name} are owed, expected {periods}")
    if set(child.expect_suspected) - set(outcome.suspected):
        found.append(f"suspected is {outcome.suspected}, expected {child.expect_suspected}")
    for name, wanted in child.expect_reached.items():
        if outcome.reached.get(name, "absent") != wanted:
            found.append(f"{name} reached {outcome.reached.get(name, 'absent')}, expected {wanted}")
    for name in {*child.expect_reached, *child.expect_late}:
        if (name in outcome.late) != (name in child.expect_late):
            found.append(f"{name} is {'late' if name in outcome.late else 'not late'}")
    return found


def _shown(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
