"""What was not paid to one child: `yimi.engines.owed` for one row of facts.

The rules are the register's own expressions, translated; the walk from period to period exists twice, and
`tests/properties` hold the two against each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from yimi.engines.backend import binding, list_fields
from yimi.engines.due.schedule import Column
from yimi.engines.entitlement import in_force, rate_sql
from yimi.engines.owed import CHECKED_BACK, MONTHS, chosen
from yimi.engines.single.moving import MOVING, Moving, Watch, settled
from yimi.engines.single.program import Facts, Program, program
from yimi.lib.dates import add_months
from yimi.pack.load import Pack
from yimi.pack.reads import PAYMENTS
from yimi.pack.schema import Entitlement
from yimi.rules.parse import parse
from yimi.rules.sql import to_sql


class Owed:
    """Every benefit of a pack whose payments are known."""

    def __init__(self, pack: Pack, kind: str = "child") -> None:
        self.of = [(each, *_programs(pack, each)) for each in chosen(pack, kind)]
        self.moving = [(each, asked.meaning(MOVING), rate.meaning(MOVING)) for each, asked, rate in self.of]
        reads = {name for _, *both in self.of for each in both for name in each.reads}
        self.reads = frozenset({*reads - {"period"}, PAYMENTS})

    def of_one(self, facts: Facts) -> list[dict[str, Any]]:
        """Entitlement, period, yuan: a row a period that ended without a payment."""
        paid = {
            (each["benefit"], day)
            for each in facts.get(PAYMENTS, [])
            if (day := _month(each["month"])) is not None
        }
        found = []
        for each, asked, rate in self.of:
            got = asked(facts) or {}
            days = {_begin(each.every or "", day) for benefit, day in paid if benefit == each.paid_as}
            for period in _periods(each, got, facts["as_of"]):
                if period not in days:
                    yuan = (rate({**facts, "period": period}) or {})["yuan"]
                    found.append({"entitlement": each.id, "period": period, "yuan": yuan})
        return found

    def watched(self, moved: Facts, watch: Watch) -> None:
        """Note until when `of_one` holds if only the day moves on: `moved` are the facts of one child that do."""
        for each, asked, rate in self.moving:
            got = asked(moved) or {}
            known = {name: settled(value) for name, value in got.items() if name != "back"}
            watch.reached(known["until"])
            if known["in_force"] is not True or known["since"] is None or not _running(known, watch.as_of):
                continue
            every = each.every or ""
            watch.reached(add_months(_begin(every, watch.as_of), MONTHS[every]))
            for period in _periods(each, {**known, "back": _begin_back(each, got["back"])}, watch.as_of):
                settled(rate({**moved, "period": period}))


def _begin_back(each: Entitlement, back: Any) -> date | None:
    """The first day of the period from which payments are looked at: it moves on period by period."""
    every = each.every or ""
    first: date | None = settled(
        back.then(lambda day: _begin(every, day)) if isinstance(back, Moving) else back
    )
    return first


def _programs(pack: Pack, each: Entitlement) -> tuple[Program, Program]:
    how, lists = binding(pack), list_fields(pack, each.subject)
    back = f"as_of - param({CHECKED_BACK})" if CHECKED_BACK in pack.parameters else None

    def sql(rule: str | None) -> str:
        return to_sql(parse(rule), how, lists) if rule else "NULL::DATE"

    columns = [
        Column("in_force", in_force(each)), Column("since", sql(each.since)), Column("until", sql(each.until)),
        Column("entitled", sql(each.rule)), Column("back", sql(back)),
    ]  # fmt: skip
    asked = program(columns, [column.name for column in columns])
    return asked, program([Column("yuan", f"CAST({rate_sql(pack, each, 'period')} AS DOUBLE)")], ["yuan"])


def _periods(each: Entitlement, got: dict[str, Any], as_of: date) -> Iterator[date]:
    since, until, every = got["since"], got["until"], each.every or ""
    if got["in_force"] is not True or since is None or not _running(got, as_of):
        return
    starts = [_next(every, since)]
    if each.effective_from:
        starts.append(_next(every, each.effective_from))
    if got["back"] is not None:
        starts.append(_begin(every, got["back"]))
    last = add_months(_begin(every, as_of), -MONTHS[every])
    if until is not None:
        last = min(last, _begin(every, until - timedelta(days=1)))
    period = max(starts)
    while period <= last:
        yield period
        period = add_months(period, MONTHS[every])


def _running(got: dict[str, Any], as_of: date) -> bool:
    """Is there a right, or was there one until a day that has come?"""
    since, until = got["since"], got["until"]
    over = until is not None and since is not None and until <= as_of and since < until
    return got["entitled"] is True or over


def _begin(every: str, on: date) -> date:
    """First day of the period a day lies in; terms begin on 1 March and on 1 September."""
    if every == "year":
        return date(on.year, 1, 1)
    if every == "term":
        return (
            date(on.year, 9, 1)
            if on.month >= 9
            else date(on.year, 3, 1)
            if on.month >= 3
            else date(on.year - 1, 9, 1)
        )
    return on.replace(day=1)


def _next(every: str, on: date) -> date:
    begin = _begin(every, on)
    return begin if begin == on else add_months(begin, MONTHS[every])


def _month(written: str | None) -> date | None:
    try:
        return date.fromisoformat(f"{written}-01")
    except ValueError:
        return None
