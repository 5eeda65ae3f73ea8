"""One child, again and again: everything the pack says, from its own rows, without a database.

The pack is translated once (`engines.single`); a child then takes a few milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from yimi.engines.closeup import Closeup, Seen
from yimi.engines.due.schedule import Column
from yimi.engines.entitlement import ANSWERS, answer_columns, suspected_when
from yimi.engines.growth_lists import STANDARDS, VISITS, growth_of
from yimi.engines.single.facts import Rows, child_facts, form_lists
from yimi.engines.single.program import Facts, pathway_program, program
from yimi.pack.load import Pack
from yimi.pack.reads import subject_reads


@dataclass(frozen=True)
class Subject:
    """Everything the pack says about one child on a day."""

    as_of: date
    pathways: dict[str, Seen]  # those that apply
    entitlements: list[dict[str, Any]]
    suspicions: list[str]
    facts: Facts  # empty for a child not yet born

    def growth(self, name: str = "growth") -> list[dict[str, Any]]:
        """The list of z-scores by the WHO ("growth") or the national standard ("growth_cn"), oldest first."""
        if name not in self.facts and self.facts:
            self.facts[name] = growth_of(self.facts, self.facts.get(VISITS, []), name)
        return list(self.facts.get(name, []))


class Standing:
    """One pack, translated."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        mine = [each for each in pack.pathways.values() if each.subject == "child"]
        self.closeups = {each.id: Closeup(pack, each) for each in mine}
        self.sees = {
            name: pathway_program(each.compiler, each.beside) for name, each in self.closeups.items()
        }
        self.scored = sorted(STANDARDS.keys() & subject_reads(pack, "child").keys())
        self.answers = {
            each.id: program([column for layer in answer_columns(pack, each) for column in layer], ANSWERS)
            for each in pack.entitlements.values()
            if each.subject == "child"
        }
        self.suspects = {
            name: program([Column("suspected", rule)], ["suspected"])
            for name, rule in suspected_when(pack).items()
        }

    def facts(self, own: Rows, as_of: date) -> Facts | None:
        """The one wide row of the child in `own`; None for nobody, or for one not yet born."""
        forms = form_lists(self.pack, own["record"], as_of)
        child, visits = own["child"][0] if own["child"] else {}, forms.get(VISITS, [])
        growth = {name: growth_of(child, visits, name) if child else [] for name in self.scored}
        return child_facts(as_of, own, {**growth, **forms})

    def evaluate(self, own: Rows, as_of: date) -> Subject:
        """Everything about the one child in `own`: its rows of the register's tables, and of `record`."""
        facts = self.facts(own, as_of)
        if facts is None:
            return Subject(as_of, {}, [], [], {})
        rows = {name: see(facts) for name, see in self.sees.items()}
        seen = {name: self.closeups[name].read(row) for name, row in rows.items() if row is not None}
        entitlements = [{"entitlement": name, **(each(facts) or {})} for name, each in self.answers.items()]
        suspicions = [
            name for name, each in self.suspects.items() if (each(facts) or {})["suspected"] is True
        ]
        return Subject(as_of, seen, entitlements, suspicions, facts)
