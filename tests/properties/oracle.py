"""A second, slow reading of a pathway: one child at a time, in plain Python, as the design says it in words.

It reads the same pack and the same rule tree as the engine and shares nothing else with it: no SQL, no layers,
no segments. Where the two disagree, one of them is wrong. Missing is None throughout.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from yimi.lib.dates import add_period, add_working_days, age_months, age_years
from yimi.pack.load import Pack
from yimi.pack.schema import Apart, DatedRule, Pathway, Step
from yimi.rules import tree
from yimi.rules.parse import parse
from yimi.rules.tree import Node

_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq, "<>": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_ROUNDED: dict[str, Callable[..., Any]] = {"abs": abs, "round": round, "floor": lambda n: n // 1}


@dataclass(frozen=True)
class Record:
    """One record: `seq` is its order of arrival, `answers` are typed."""

    seq: int
    form: str
    on: date
    answers: Mapping[str, Any]

    @property
    def fields(self) -> dict[str, Any]:
        return {**self.answers, "on": self.on}


@dataclass(frozen=True)
class Child:
    born: date | None
    sex: str | None
    died: date | None = None
    records: tuple[Record, ...] = ()


@dataclass
class Item:
    """What the oracle says of one step; `status` None: not listed."""

    applies: bool | None = None
    done: date | None = None
    seq: int | None = None
    ordinal: int = 1
    earliest: date | None = None
    due: date | None = None
    overdue_after: date | None = None
    expires: date | None = None
    exception: str | None = None
    status: str | None = None
    counted: bool = False


# --- rules ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reader:
    """Answers a rule for one child. `names` are facts and, inside a condition, the fields of one record."""

    pack: Pack
    names: Mapping[str, Any]
    lists: Mapping[str, list[Record]]
    step: Callable[[str], Item] = field(repr=False)
    forecast: bool = False  # does the due date stand in for a step that is not done?

    def read(self, text: str) -> Any:
        return self.value(parse(text))

    def plain(self, node: Node) -> Any:
        return replace(self, forecast=False).value(node)

    def holds(self, node: Node | None, record: Record) -> bool:
        inside = replace(self, names={**self.names, **record.fields}, forecast=False)
        return node is None or inside.value(node) is True

    def value(self, node: Node) -> Any:
        match node:
            case tree.Literal():
                return node.value
            case tree.Period():
                return (node.count, node.unit)
            case tree.Name():
                return self.names.get(node.name)
            case tree.Op():
                return self.op(node)
            case tree.In():
                item, options = self.plain(node.item), [self.plain(each) for each in node.options]
                return None if item is None else item in options
            case tree.IsNull():
                return self.plain(node.item) is None
            case tree.Case():
                chosen = next(
                    (each.result for each in node.whens if self.plain(each.condition) is True), node.otherwise
                )
                return self.value(chosen)
            case tree.Call():
                return self.call(node)
            case tree.ListCall():
                return self.listed(node)
            case tree.StepCall():
                item = self.step(node.step)
                said = getattr(item, node.function)
                return item.due if node.function == "done" and said is None and self.forecast else said
            case tree.Param():
                return self.parameter(node.name)
        raise AssertionError(f"the oracle cannot read {node}")

    def op(self, node: tree.Op) -> Any:
        if node.op in ("and", "or", "not"):
            return _logic(node.op, [self.plain(each) for each in node.args])
        if node.op in _COMPARE:
            left, right = (self.plain(each) for each in node.args)
            return None if left is None or right is None else _COMPARE[node.op](left, right)
        values = [self.value(each) for each in node.args]
        return None if None in values else _arithmetic(node.op, values)

    def call(self, node: tree.Call) -> Any:
        if node.function == "coalesce":
            return next(
                (known for known in (self.plain(each) for each in node.args) if known is not None), None
            )
        values = [self.value(each) for each in node.args]
        if None in values:
            return None
        born = self.names["birth_date"]
        match node.function:
            case "greatest" | "least":
                return max(values) if node.function == "greatest" else min(values)
            case "starts_with":
                return values[0].startswith(values[1])
            case "add_days":
                return None if None in (values[0], values[1]) else values[0] + timedelta(days=int(values[1]))
            case "add_working_days":
                calendars = self.pack.calendars.values()
                return add_working_days(
                    values[0], values[1], [day for each in calendars for day in each.holidays],
                    [day for each in calendars for day in each.workdays],
                )  # fmt: skip
            case "age_months_at":
                return None if born is None else age_months(born, values[0])
            case "age_years_at":
                return None if born is None else age_years(born, values[0])
            case "age_days_at":
                return None if born is None else (values[0] - born).days
        return _ROUNDED[node.function](*values)

    def listed(self, node: tree.ListCall) -> Any:
        found = [each for each in self.lists[node.list] if self.holds(node.where, each)]
        if node.function in ("has", "count"):
            return bool(found) if node.function == "has" else len(found)
        values = [known for each in found if (known := each.fields.get(node.field or "")) is not None]
        if node.function == "total":
            return sum(values) if values else None
        return values[0 if node.function == "first" else -1] if values else None

    def parameter(self, name: str) -> Any:
        declared = sorted(self.pack.parameters[name].values, key=lambda each: each.effective_from)
        known = [each.value for each in declared if each.effective_from <= self.names["as_of"]]
        if not known:
            return None
        count, _, unit = known[-1].partition(" ")
        return (int(count), unit) if unit else float(count)


def _logic(op: str, values: list[bool | None]) -> bool | None:
    """Three-valued: unknown unless the known parts settle it."""
    if op == "not":
        return None if values[0] is None else not values[0]
    settling = op == "or"
    if settling in values:
        return settling
    return None if None in values else not settling


def _arithmetic(op: str, values: list[Any]) -> Any:
    if len(values) == 1:
        return -values[0]
    left, right = values
    if isinstance(left, tuple):
        left, right = right, left
    if isinstance(right, tuple):
        count, unit = right
        return add_period(left, count if op == "+" else -count, unit)
    if isinstance(left, date) and not isinstance(right, date):
        return left + timedelta(days=int(right) if op == "+" else -int(right))
    if isinstance(left, date):
        return (left - right).days
    return {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}[op](left, right)


# --- a pathway ------------------------------------------------------------------------------------------------


class Oracle:
    """One pathway for one child on one day. `item(step)` and `verdicts()` are its answers."""

    def __init__(self, pack: Pack, pathway: Pathway, child: Child, as_of: date) -> None:
        self.pack, self.pathway, self.as_of = pack, pathway, as_of
        self.steps = {step.id: step for step in pathway.steps}
        self.editions = sorted(pathway.editions, key=lambda each: each.effective_from or date.min)
        known = [each for each in child.records if each.on <= as_of]
        known.sort(key=lambda each: (each.on, each.seq))
        self.lists = {form: [each for each in known if each.form == form] for form in pack.forms}
        born = child.born
        names = {
            "birth_date": born,
            "sex": child.sex,
            "as_of": as_of,
            "death_date": child.died if child.died and child.died <= as_of else None,
            "age_days": born and (as_of - born).days,
            "age_months": None if born is None else age_months(born, as_of),
            "age_years": None if born is None else age_years(born, as_of),
        }
        self.now = Reader(pack, names, self.lists, self.worked_out)
        self.ahead = replace(self.now, forecast=True)
        self.items: dict[str, Item] = {}
        self.begun: dict[str, Item] = {}
        self.applies = self.now.read(pathway.applies_when)

    def worked_out(self, name: str) -> Item:
        """The dates of a step; computed when first asked for. A step in work answers with what it has."""
        if name not in self.items:
            item = self.items[name] = Item()
            self._work_out(self.steps[name], item)
        return self.items[name]

    def rule(self, rules: list[DatedRule], on: date | None) -> str | None:
        """The rule of the edition in force: it holds until an edition restates it; the oldest reaches back."""
        stated = {each.edition: each.rule for each in rules}
        rule = stated.get("*")
        for index, edition in enumerate(self.editions):
            if index == 0 or (on is not None and (edition.effective_from or date.min) <= on):
                rule = stated.get(edition.id, rule)
        return rule

    def spans(self) -> list[tuple[date, date]]:
        """[first day, first day no longer] of every edition."""
        starts = [date.min, *(each.effective_from or date.min for each in self.editions[1:])]
        return list(zip(starts, [*starts[1:], date.max], strict=True))

    def _work_out(self, step: Step, item: Item) -> None:
        item.applies = True if step.applies_when is None else self.now.read(step.applies_when)
        hits = [each for each in self.candidates(step) if self.counts(step, each)]
        if step.every:
            item.done, item.seq, item.ordinal = (
                (hits[-1].on, hits[-1].seq, len(hits) + 1) if hits else (None, None, 1)
            )
        else:
            item.done, item.seq = (hits[0].on, hits[0].seq) if hits else (None, None)
            item.ordinal = step.ordinal
        first = self.first_day(step, item)
        item.earliest = item.due = first
        if step.due:
            rule = self.rule(step.due, first)
            due = first if rule is None else self.ahead.read(rule)
            item.due = max(due, first) if due and first else None
        if step.every:
            item.due = self.turn(step, item)
            item.earliest = item.earliest if step.due else item.due
        on = self.as_of if step.every else item.done or self.as_of
        for name in ("overdue_after", "expires"):
            rules = getattr(step, name)
            rule = self.rule(rules, on) if rules else None
            setattr(item, name, self.ahead.read(rule) if rule else None)

    def candidates(self, step: Step) -> list[Record]:
        condition = parse(step.satisfied_by)
        return [each for each in self.lists[step.form] if self.now.holds(condition, each)]

    def limits(self, step: Step, on: date) -> tuple[date | None, date | None]:
        """(first day that counts, first day that no longer does) for a record of that day."""
        rule = self.rule(step.earliest, on)
        end = self.rule(step.expires, on) if step.expires else None
        if end and step.id in tree.steps_read(parse(end)):
            end = None  # counted from the step's own due date: it limits the work, not what a record is worth
        return (self.now.read(rule) if rule else None), (self.now.read(end) if end else None)

    def counts(self, step: Step, record: Record) -> bool:
        earliest, expires = self.limits(step, record.on)
        if earliest is None or record.on < earliest or (expires and record.on >= expires):
            return False
        if step.after:
            before = self.worked_out(step.after).done
            if before is None or record.on <= before:
                return False
        return not any(self.near(each, record) for each in step.apart)

    def near(self, apart: Apart, record: Record) -> list[Record]:
        """Records too near before this one."""
        condition = parse(apart.where)
        return [
            each
            for each in self.lists[apart.form]
            if self.now.holds(condition, each)
            and (record.on - each.on).days < apart.days
            and (
                each.on < record.on
                or (not apart.same_day_allowed and each.on == record.on and each.seq < record.seq)
            )
        ]

    def first_day(self, step: Step, item: Item) -> date | None:
        """The first day on which a record would count, whichever edition judges it."""
        clear = [date.min]
        if item.done is None and not step.every:
            clear += [
                each.on + timedelta(days=apart.days)
                for apart in step.apart
                for each in self.lists[apart.form]
                if self.now.holds(parse(apart.where), each)
            ]
        found = []
        for since, until in self.spans():
            rule = self.rule(step.earliest, since)
            day = self.ahead.read(rule) if rule else None
            if day and max(day, since, *clear) < until:
                found.append(max(day, since, *clear))
        return min(found, default=None)

    def turn(self, step: Step, item: Item) -> date | None:
        """The next time of a recurring step."""
        every = self.now.read(step.every or "")
        if step.recurs_from == "last_done" and item.done:
            return add_period(item.done, *every)
        start = item.due
        if step.recurs_from == "last_done" or start is None:
            return start
        count, unit = every
        turns = [start]
        while turns[-1] <= self.as_of:
            turns.append(add_period(start, count * len(turns), unit))
        current = turns[-2] if len(turns) > 1 else turns[0]
        return (
            next(each for each in turns if each > self.as_of)
            if item.done and item.done >= current
            else current
        )

    # --- what is told -----------------------------------------------------------------------------------------

    def listed(self) -> dict[str, Item]:
        """Every step that is on the due list, with its status."""
        if self.applies is False:
            return {}
        for step in self.pathway.steps:
            self.worked_out(step.id)
        for step in self.pathway.steps:
            self._tell(step, self.items[step.id])
        return {name: item for name, item in self.items.items() if item.status is not None}

    def _tell(self, step: Step, item: Item) -> None:
        begun, mine = self.begun_series(step.alternative), step.alternative_series or step.id
        wanted = _logic("and", [self.applies, item.applies])
        if step.alternative and begun not in (None, mine):
            wanted = False
        counted = wanted is True and (not step.alternative or begun == mine or step.default_series)
        item.counted = counted
        item.exception = self.exception(step)
        item.status = self.status(step, item, wanted)

    def begun_series(self, group: str | None) -> str | None:
        """The series begun first; on one day the default one, then by name."""
        begun = [
            (self.items[step.id].done, not step.default_series, step.alternative_series or step.id)
            for step in self.pathway.steps
            if group and step.alternative == group and self.items[step.id].done
        ]
        return min(begun)[2] if begun else None

    def exception(self, step: Step) -> str | None:
        kinds = [
            each.answers["kind"]
            for each in self.lists.get("service_exception", [])
            if each.answers["pathway"] == self.pathway.id
            and each.answers["step"] in ("*", step.id)
            and (each.answers.get("until") is None or each.answers["until"] >= self.as_of)
        ]
        return kinds[-1] if kinds and self.pathway.exceptions else None

    def status(self, step: Step, item: Item, wanted: bool | None) -> str | None:
        if wanted is False:
            return None
        if item.done and not step.every:
            return "done_late" if item.overdue_after and item.done > item.overdue_after else "done"
        if wanted is None:
            return "unknown"
        if item.due is None and self.in_no_edition(step):
            return None
        if item.exception in {each.kind for each in self.pathway.exceptions if not each.keeps_due}:
            return item.exception
        if item.expires and self.as_of >= item.expires:
            return "expired"
        if item.due is None:
            return "unknown"
        if step.after and self.items[step.after].done is None and self.as_of >= item.due:
            return "waiting"
        if item.overdue_after and self.as_of > item.overdue_after:
            return "overdue"
        return "due" if self.as_of >= item.due else "upcoming"

    def in_no_edition(self, step: Step) -> bool:
        """Every rule gives a day, and none of the days lies in an edition that has the step."""
        rules = {self.rule(step.earliest, since) for since, _ in self.spans()}
        return len(rules) > 1 and all(self.ahead.read(rule) is not None for rule in rules if rule)

    def verdicts(self) -> dict[int, str]:
        """seq → valid, late, invalid or unknown, for every record that is of one of the steps."""
        found: dict[int, set[str]] = {}
        for step in self.pathway.steps:
            for record in self.candidates(step):
                found.setdefault(record.seq, set()).add(self.verdict(step, record))
        return {
            seq: next(each for each in ("valid", "late", "unknown", "invalid") if each in said)
            for seq, said in found.items()
        }

    def verdict(self, step: Step, record: Record) -> str:
        item = self.items[step.id]
        if record.seq == item.seq:
            return "late" if item.overdue_after and record.on > item.overdue_after else "valid"
        if item.done and item.done <= record.on:
            return "invalid"
        if step.after and (
            self.worked_out(step.after).done is None or record.on <= self.worked_out(step.after).done
        ):
            return "invalid"
        if self.rule(step.earliest, record.on) and self.limits(step, record.on)[0] is None:
            return "unknown"
        return "invalid"
