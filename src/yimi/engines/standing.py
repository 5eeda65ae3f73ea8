"""One subject, again and again: everything the pack says, from its own rows, without a database.

The pack is translated once for a kind of subject (`engines.single`); a child then takes a few milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from yimi.engines.backend import binding, list_fields
from yimi.engines.closeup import Closeup, Seen
from yimi.engines.due.schedule import Column
from yimi.engines.entitlement import ANSWERS, answer_columns, suspected_when
from yimi.engines.growth_lists import STANDARDS, VISITS, growth_of
from yimi.engines.single.facts import Rows, case_facts, child_facts, form_lists, other_facts
from yimi.engines.single.owed import Owed
from yimi.engines.single.program import Facts, Program, pathway_program, program
from yimi.pack.load import Pack
from yimi.pack.reads import subject_reads
from yimi.pack.scopes import lists_of
from yimi.rules.parse import parse
from yimi.rules.sql import to_sql


@dataclass(frozen=True)
class Subject:
    """Everything the pack says about one subject on a day."""

    as_of: date
    pathways: dict[str, Seen]  # those that apply
    entitlements: list[dict[str, Any]]
    suspicions: list[str]
    owed: list[dict[str, Any]]  # periods of a benefit without a payment
    facts: Facts  # empty for a child not yet born

    def growth(self, name: str = "growth") -> list[dict[str, Any]]:
        """The list of z-scores by the WHO ("growth") or the national standard ("growth_cn"), oldest first."""
        if name not in self.facts and self.facts:
            self.facts[name] = growth_of(self.facts, self.facts.get(VISITS, []), name)
        return list(self.facts.get(name, []))


class Standing:
    """One pack, translated for one kind of subject."""

    def __init__(self, pack: Pack, kind: str = "child") -> None:
        self.pack, self.kind = pack, kind
        self.forms = {name: pack.forms[name] for name in lists_of(pack, kind) if name in pack.forms}
        mine = [each for each in pack.pathways.values() if each.subject == kind]
        self.closeups = {each.id: Closeup(pack, each) for each in mine}
        self.sees = {
            name: pathway_program(each.compiler, each.beside) for name, each in self.closeups.items()
        }
        self.scored = sorted(STANDARDS.keys() & subject_reads(pack, kind).keys())
        self.answers = {
            each.id: program(
                [column for layer in answer_columns(pack, each) for column in layer],
                [f"#{name}" for name in ANSWERS],
            )
            for each in pack.entitlements.values()
            if each.subject == kind
        }
        self.suspects = {
            name: program([Column("suspected", rule)], ["suspected"])
            for name, rule in suspected_when(pack, kind).items()
        }
        self.owed = Owed(pack, kind)
        self._asked: dict[str, Program] = {}

    def facts(self, own: Rows, as_of: date) -> Facts | None:
        """The one wide row of the subject in `own`; None for nobody, or for one not yet born."""
        forms = form_lists(self.forms, own["record"], as_of)
        if self.kind == "case":
            return case_facts(as_of, own, forms)
        if self.kind != "child":
            return other_facts(self.kind, as_of, own, forms)
        child, visits = own["child"][0] if own["child"] else {}, forms.get(VISITS, [])
        growth = {name: growth_of(child, visits, name) if child else [] for name in self.scored}
        return child_facts(as_of, own, {**growth, **forms})

    def holds(self, rule: str, facts: Facts) -> bool:
        """Is a rule over the facts true? Unknown is not true."""
        if rule not in self._asked:
            sql = to_sql(parse(rule), binding(self.pack), list_fields(self.pack, self.kind))
            self._asked[rule] = program([Column("holds", sql)], ["holds"])
        return (self._asked[rule](facts) or {}).get("holds") is True

    def evaluate(self, own: Rows, as_of: date, only: str | None = None) -> Subject:
        """Everything about the one subject in `own`: its rows of the engines' tables, and of `record`.

        `only`: one pathway with what it suspects, and no rights.
        """
        facts = self.facts(own, as_of)
        if facts is None:
            return Subject(as_of, {}, [], [], [], {})
        rows = {name: see(facts) for name, see in self.sees.items() if only in (None, name)}
        seen = {name: self.closeups[name].read(row) for name, row in rows.items() if row is not None}
        suspicions = [
            name
            for name, each in self.suspects.items()
            if only in (None, self.pack.suspicions[name].pathway) and (each(facts) or {})["suspected"] is True
        ]
        if only:
            return Subject(as_of, seen, [], suspicions, [], facts)
        return Subject(as_of, seen, self._entitlements(facts), suspicions, self.owed.of_one(facts), facts)

    def _entitlements(self, facts: Facts) -> list[dict[str, Any]]:
        found = []
        for name, each in self.answers.items():
            row = each(facts) or {}
            answers = {answer: row[f"#{answer}"] for answer in ANSWERS}
            found.append({"subject_id": row["subject_id"], "entitlement": name, **answers})
        return found
