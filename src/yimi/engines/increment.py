"""One subject's change, carried through without the register: what is due, what it has a right to, what it adds to figures.

In: the facts of one subject before and after, each gathered from its own rows (`Standing.facts`). Only what reads a
fact that differs is worked out again. Out: those answers, what the subject added to every line of an indicator and
adds now (`indicators.totals` takes the one away and adds the other), and until when all of it holds if nothing but
the day moves on, so that a new day asks only for the subjects whose day has come.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from yimi.engines.due.items import items_of
from yimi.engines.due.schedule import Column
from yimi.engines.entitlement import ANSWERS
from yimi.engines.growth_lists import VISITS, growth_of
from yimi.engines.indicators.compiled import CUTS, lines
from yimi.engines.indicators.totals import Contribution, cells_of
from yimi.engines.single.facts import Rows, child_facts, form_lists
from yimi.engines.single.moving import MOVING, Watch, moving_facts, settled
from yimi.engines.single.program import Facts, Program, pathway_program, program
from yimi.engines.standing import Standing
from yimi.engines.turn import pathways_asked
from yimi.pack.reads import form_fields_read
from yimi.pack.schema import Form

# The dates by which it is told whether a row of a table holds on a day (`single.facts`).
_INTERVAL = ("valid_from", "valid_to")
DATES = {
    "child": ("birth_date", "death_date"), "person": ("death_date",), "residence": _INTERVAL, "relation": _INTERVAL,
    "status": _INTERVAL, "attendance": _INTERVAL, "record": ("occurred_on",),
}  # fmt: skip


@dataclass
class Step:
    """What was worked out again: everything that a change could change, whether it did or not."""

    due: dict[str, list[dict[str, Any]]] = field(default_factory=dict)  # pathway → its due items now
    entitlements: dict[str, dict[str, Any]] = field(default_factory=dict)
    suspicions: dict[str, bool] = field(default_factory=dict)
    owed: list[dict[str, Any]] | None = None  # None: as it was
    old: Contribution | None = None  # to the lines worked out again; None: the subject was not there
    new: Contribution | None = None
    until: date = date.max  # the first day on which any of these answers may be another


@dataclass(frozen=True)
class _Twice:
    """A program, and the same one over facts that move with the day."""

    plain: Program
    moving: Program

    @classmethod
    def of(cls, plain: Program) -> _Twice:
        return cls(plain, plain.meaning(MOVING))

    def reads(self, changed: frozenset[str] | None) -> bool:
        return changed is None or not self.plain.reads.isdisjoint(changed)


class _Now:
    """The facts of a subject on the day. With a calendar every program notes how long its answers hold."""

    def __init__(self, facts: Facts, ahead: date, calendar: bool) -> None:
        self.facts = self.row = facts
        self.watch = Watch(facts["as_of"]) if calendar else None
        if self.watch is not None:
            self.watch.reached(ahead)
            self.row = moving_facts(facts, self.watch)

    def run(self, each: _Twice, row: Facts | None = None) -> Facts | None:
        if self.watch is None:
            return each.plain(row or self.row)
        answer: Facts | None = settled(each.moving(row or self.row))
        return answer

    @property
    def until(self) -> date:
        return self.facts["as_of"] if self.watch is None else self.watch.until


class Increment:
    """One pack, translated for the changes of children. Not for two threads at once: each makes its own."""

    def __init__(self, standing: Standing) -> None:
        pack, self.standing = standing.pack, standing
        if standing.kind != "child":
            raise ValueError(f"only children are followed by increments, not a {standing.kind}")
        read = form_fields_read(pack)
        self.forms = {name: _only(each, read[name]) for name, each in standing.forms.items() if name in read}
        self.lines = lines(pack, "child")
        self.sums = [_Twice.of(program([Column("amount", each.sql)], ["amount"])) for each in self.lines]
        self.sees = {
            name: _Twice.of(pathway_program(each.compiler, ())) for name, each in standing.closeups.items()
        }
        self.answers = {name: _Twice.of(each) for name, each in standing.answers.items()}
        self.suspects = {name: _Twice.of(each) for name, each in standing.suspects.items()}
        asked = pathways_asked(pack)
        wanted = {name for each in self.sums for name in each.plain.reads}
        self.asked = {  # pathway → the columns of its state that lines read
            name: columns
            for name, each in standing.closeups.items()
            if name in asked and (columns := wanted & set(each.compiler.answers()))
        }
        self.blank: Facts = dict.fromkeys(column for columns in self.asked.values() for column in columns)

    # --- one change ---

    def facts(self, own: Rows, as_of: date, before: Facts | None = None) -> tuple[Facts | None, date]:
        """The facts of the child in `own`, and the first day on which another of its rows begins or ends to hold.

        Only what the register's facts have: forms and fields that rules read. `before`: facts of the same child, whose
        z-scores are taken over if it was not measured since.
        """
        child, lists = own["child"][0] if own["child"] else {}, form_lists(self.forms, own["record"], as_of)
        if VISITS in lists:
            same = before is not None and all(
                before[name] == child.get(name) for name in ("birth_date", "sex")
            )
            for name in self.standing.scored if child else ():
                kept = (
                    before[name] if before is not None and same and before[VISITS] == lists[VISITS] else None
                )
                lists[name] = growth_of(child, lists[VISITS], name) if kept is None else kept
        return child_facts(as_of, own, lists), next_date(own, as_of)

    def follow(
        self, old: Facts | None, new: Facts | None, ahead: date = date.max, *, calendar: bool = True
    ) -> Step:
        """What becomes of a subject whose facts were `old` and are `new`; None where it is not (yet, or any more) one.

        `ahead`: the day of `facts`. A step of which the day differs works out everything; then `until` is the subject's.
        Else it is the least of what it was and of the step's. Without `calendar` the answers alone are worked out, in
        half the time, and `until` is the day itself: nothing is known of later ones.
        """
        step = Step(until=ahead)
        changed = _changed(old, new)
        now = None if new is None else _Now(new, ahead, calendar)
        if now is not None:
            self._answer(step, now, changed)
        states = self._states(step, old, now, changed)
        self._contribute(step, old, now, states, changed)
        if now is not None:
            step.until = now.until
        return step

    def _answer(self, step: Step, now: _Now, changed: frozenset[str] | None) -> None:
        for name, each in self.answers.items():
            if each.reads(changed):
                row = now.run(each) or {}
                step.entitlements[name] = {answer: row[f"#{answer}"] for answer in ANSWERS}
        for name, each in self.suspects.items():
            if each.reads(changed):
                step.suspicions[name] = (now.run(each) or {})["suspected"] is True
        if changed is None or not self.standing.owed.reads.isdisjoint(changed):
            if now.watch is not None:
                self.standing.owed.watched(now.row, now.watch)
            step.owed = self.standing.owed.of_one(now.facts)

    def _states(
        self, step: Step, old: Facts | None, new: _Now | None, changed: frozenset[str] | None
    ) -> dict[str, tuple[Facts | None, Facts | None]]:
        """The states before and now of the pathways that may differ; the due items of those now go into `step`."""
        found: dict[str, tuple[Facts | None, Facts | None]] = {}
        for name, each in self.sees.items():
            if each.reads(changed):
                now = new.run(each) if new is not None else None
                before = each.plain(old) if old is not None and name in self.asked else None
                step.due[name] = items_of(self.standing.closeups[name].pathway, now) if now else []
                found[name] = (before, now)
        return found

    def _contribute(
        self,
        step: Step,
        old: Facts | None,
        new: _Now | None,
        states: dict[str, tuple[Facts | None, Facts | None]],
        changed: frozenset[str] | None,
    ) -> None:
        before = cells_of("child", old) if old is not None else ()
        now = cells_of("child", settled({name: new.row[name] for name in _CUT})) if new is not None else ()
        if before != now:
            changed = None  # counted elsewhere: with everything
        if changed is not None:
            changed |= {column for name in states for column in self._differing(name, *states[name])}
        chosen = [n for n, each in enumerate(self.sums) if each.reads(changed)]
        read = {name for n in chosen for name in self.sums[n].plain.reads}
        was, now_row = {**self.blank, **(old or {})}, {**self.blank, **(new.row if new is not None else {})}
        for name, columns in self.asked.items():
            if columns.isdisjoint(read):
                continue
            pair = states.get(name)
            if pair is None and new is not None:  # as it was, or nothing it reads would be the same
                both = new.run(self.sees[name])
                pair = (both, both)
            for row, state in zip((was, now_row), pair or (None, None), strict=True):
                row.update({column: state[column] for column in columns} if state else {})
        if old is not None:
            step.old = Contribution(before, self._amounts(chosen, lambda each: each.plain(was)))
        if new is not None:
            step.new = Contribution(now, self._amounts(chosen, lambda each: new.run(each, now_row)))

    def _differing(self, name: str, before: Facts | None, now: Facts | None) -> Iterable[str]:
        columns = self.asked.get(name, set())
        if before is None or now is None:
            return columns if before is not now else ()
        return [column for column in columns if before[column] != now[column]]

    def _amounts(self, chosen: list[int], run: Callable[[_Twice], Facts | None]) -> dict[int, float]:
        found = {}
        for n in chosen:
            got = run(self.sums[n])
            if got is not None and got["amount"] is not None:
                found[n] = got["amount"]
        return found


_CUT = sorted({column for cut in CUTS["child"] for column in cut})


def _only(form: Form, read: Set[str]) -> Form:
    return form.model_copy(update={"fields": [each for each in form.fields if each.id.lower() in read]})


def _changed(old: Facts | None, new: Facts | None) -> frozenset[str] | None:
    """The names of the facts that differ; None for all of them."""
    if old is None or new is None or old["as_of"] != new["as_of"]:
        return None
    return frozenset(name for name, value in new.items() if old.get(name) != value)


def next_date(own: Rows, as_of: date) -> date:
    """The first day after `as_of` on which a row of the subject begins to hold or holds no more."""
    dates = (row[name] for table, names in DATES.items() for row in own[table] for name in names)
    return min((each for each in dates if each is not None and each > as_of), default=date.max)
