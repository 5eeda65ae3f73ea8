"""What increments keep equals what a full evaluation gives, to the cell; and nothing changes before its day comes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.properties.little_world import Full, World, by_cell
from tests.properties.test_single import EXPRESSIONS, FLAGS, NUMBERS, ROWS, TEXTS, alike

from yimi.engines.due.schedule import Column
from yimi.engines.increment import Increment, Step
from yimi.engines.indicators.totals import Totals
from yimi.engines.keeping import Keeping
from yimi.engines.single.meaning import date_sub
from yimi.engines.single.moving import MOVING, Moving, Watch, settled
from yimi.engines.single.program import program
from yimi.engines.standing import Standing
from yimi.pack.load import Pack, load

quietly = settings(derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load("wulong")


@pytest.fixture(scope="module")
def increment(pack: Pack) -> Increment:
    return Increment(Standing(pack))


GIVEN = "dose"  # a form that one pathway alone reads


def told(pack: Pack, row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in ("pathway", "step", "done", "seq", "ordinal", "earliest", "due", "overdue_after",
                                        "expires", "status", "exception", "counted"))  # fmt: skip


@pytest.mark.parametrize(("seed", "calendar"), [(3, True), (20261126, False)])
def test_any_sequence_of_changes_and_days(
    pack: Pack, increment: Increment, seed: int, calendar: bool
) -> None:
    world = World(pack, 200, seed, date(2026, 2, 20))
    register = Keeping(
        increment, Totals(pack), world.day, lambda some: {each: world.own(each) for each in some}
    )
    register.again(world.children)
    moved = changes = 0

    def pass_days(days: int) -> int:
        world.day = register.day + timedelta(days=days)
        return register.pass_to(world.day)

    for days in (0, 1, 3, 30, 1, 9):
        moved += pass_days(days) if days else 0
        for _ in range(25):
            touched = sorted(world.happen())
            register.again(touched, calendar=calendar)
            changes += len(touched)
    moved += pass_days(1)
    assert changes > 100 and moved > 50
    full = Full(pack, world.tables(), register.day)
    register.totals.others = _others(full, pack)
    assert by_cell(register.totals.figures()) == by_cell(full.figures)
    assert {each for each, kept in register.kept.items() if kept.facts} == set(full.children())
    due, owed = full.of("SELECT * FROM due_items"), full.of("SELECT * FROM owed")
    rights, suspected = full.of("SELECT * FROM entitlements"), full.of("SELECT * FROM suspicions")
    for subject, kept in register.kept.items():
        mine = [told(pack, row) for rows in kept.due.values() for row in rows]
        assert sorted(mine, key=str) == sorted((told(pack, row) for row in due.get(subject, [])), key=str)
        got = {
            name: row for name, row in kept.entitlements.items() if row["answer"] != "no" or row["receiving"]
        }
        wanted = {row.pop("entitlement"): row for row in rights.get(subject, [])}
        assert {name: {**row, "subject_id": subject} for name, row in got.items()} == wanted
        assert {name for name, yes in kept.suspicions.items() if yes} == {
            row["suspicion"] for row in suspected.get(subject, [])
        }
        periods = [{**row, "subject_id": subject} for row in kept.owed]
        assert sorted(periods, key=str) == sorted(
            ({name: row[name] for name in periods[0]} if periods else row for row in owed.get(subject, [])),
            key=str,
        )


def _others(full: Full, pack: Pack) -> dict[Any, Any]:
    loaded = Totals(pack)
    loaded.load(full.con, full.tables)
    assert by_cell(loaded.figures()) == by_cell(full.figures)
    return loaded.others


# On the eve of 1 September nearly every child has a change ahead; on an ordinary day few have.
@pytest.mark.parametrize(("day", "most"), [(date(2025, 8, 31), 1.0), (date(2026, 2, 12), 0.15)])
def test_nothing_changes_before_its_day(pack: Pack, increment: Increment, day: date, most: float) -> None:
    """Of every child: the day before, and days between, all answers are as they were; and not every day is named."""
    world = World(pack, 200, day.year, date(2026, 2, 12))
    sooner = 0
    for subject in world.children:
        own = world.own(subject)
        facts, ahead = increment.facts(own, day)
        step = increment.follow(None, facts, ahead)
        last = min(step.until, day + timedelta(days=740)) - timedelta(days=1)
        sooner += (step.until - day).days < 3
        between = day + (last - day) * world.chance.random()
        for later in {last, between} - {day}:
            then = increment.follow(None, *increment.facts(own, later))
            assert answers(step) == answers(then), f"{later}, named {step.until}"
    assert sooner <= most * len(world.children)


def answers(step: Step) -> tuple[Any, ...]:
    return step.due, step.entitlements, step.suspicions, step.owed, step.new


def test_a_change_works_out_what_reads_it_and_no_more(pack: Pack, increment: Increment) -> None:
    world = World(pack, 200, 5, date(2026, 2, 12))
    subject = next(
        each for each in world.children if world.rows["child"][each][0]["birth_date"] > date(2023, 1, 1)
    )
    old, _ = increment.facts(world.own(subject), world.day)
    given = world.rows["record"][subject]
    given[:] = [row for row in given if row["form"] != GIVEN]  # all taken back
    new, ahead = increment.facts(world.own(subject), world.day)
    step = increment.follow(old, new, ahead)
    of_doses = [each.id for each in pack.pathways.values() if any(step.form == GIVEN for step in each.steps)]
    assert list(step.due) == of_doses and step.owed is None
    whole = increment.follow(None, new, ahead)
    assert step.due == {name: whole.due[name] for name in of_doses}
    assert step.new is not None and step.old is not None and whole.new is not None
    assert len(step.old.amounts) > 2 and len({**step.old.amounts, **step.new.amounts}) < len(
        whole.new.amounts
    )
    assert step.new.amounts.items() <= whole.new.amounts.items()
    assert increment.follow(old, new, ahead, calendar=False) == replace(step, until=world.day), (
        "the answers alone"
    )
    again = increment.follow(new, new, ahead)
    assert not again.due and again.new is not None and not again.new.amounts


DAYS = st.dates(date(2019, 12, 28), date(2024, 3, 2))


@settings(quietly, max_examples=40)
@given(
    as_of=DAYS, start=DAYS, e=st.one_of(st.none(), DAYS), n=NUMBERS, x=st.sampled_from([-2.5, 0.0, 1.5, 10.25]),
    p=FLAGS, q=FLAGS, s=TEXTS, rows=ROWS, moves=st.sampled_from(["d", "dm", "dn", "de", "mnx"]),
)  # fmt: skip
def test_every_operator_holds_until_it_says(
    as_of: date, start: date, e: date | None, n: int | None, x: float, p: bool | None, q: bool | None, s: str | None,
    rows: list[dict[str, Any]], moves: str,
) -> None:  # fmt: skip
    """Each expression with some of its names moving with the day, rising or falling."""
    of = {
        "d": lambda day: day, "m": lambda day: date_sub("month", start, day), "n": lambda day: (start - day).days,
        "e": lambda day: date.fromordinal(2 * start.toordinal() - day.toordinal()), "x": lambda day: (day - start).days / 2,
    }  # fmt: skip
    still: dict[str, Any] = {
        "subject_id": 0,
        "d": start,
        "e": e,
        "m": 3,
        "n": n,
        "x": x,
        "p": p,
        "q": q,
        "s": s,
        "l": rows,
    }
    for sql in EXPRESSIONS:
        plain = program([Column("c", sql)], ["c"])
        watch = Watch(as_of)
        moving = {name: Moving(watch, of[name], rising=name not in "ne") for name in moves}
        got = settled(plain.meaning(MOVING)({**still, **moving}))["c"]
        for later in {0, 1, 2, 27, 28, 29, 30, 31, 59, 364, 365, 366, (watch.until - as_of).days - 1}:
            day = as_of + timedelta(days=later)
            if day < watch.until:
                then = plain({**still, **{name: of[name](day) for name in moves}})
                assert then is not None and alike(got, then["c"]), (
                    f"{sql} with {moves} on {day}, until {watch.until}"
                )
