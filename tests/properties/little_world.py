"""A small made-up district that things happen to, row by row: what the tests of increments change and evaluate anew."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pyarrow as pa

from yimi.demo.district import build
from yimi.engines import backend
from yimi.engines.due import build_due_items
from yimi.engines.indicators import Figure, evaluate_indicators
from yimi.engines.turn import build_entitlements, build_suspicions, build_wide, prepare
from yimi.pack.load import Pack

Row = dict[str, Any]
OWN = ("child", "residence", "relation", "attendance", "record")  # keyed by the child
TOUCHED = ("person", "facility", "status")  # keyed by whom it touches, itself among them


class World:
    """The rows of a district by subject, the way they are in force."""

    def __init__(self, pack: Pack, children: int, seed: int, day: date) -> None:
        places, organizations = (
            [vars(row) for row in rows.values()] for rows in (pack.places, pack.organizations)
        )
        made = build(places, organizations, children, seed, day)
        self.pack, self.day, self.chance = pack, day, random.Random(seed)
        self.given = {**made.tables, "record": made.in_force()}
        self.rows: dict[str, defaultdict[int, list[Row]]] = {
            name: defaultdict(list) for name in OWN + TOUCHED
        }
        for name, of in self.rows.items():
            for row in self.given[name].to_pylist():
                of[row["subject_id"]].append(row)
        self.places = self.given["place"].to_pylist()
        self.villages = [each["place_id"] for each in self.places if each["kind"] == "village"]
        self.last = max(row["seq"] for rows in self.rows["record"].values() for row in rows)
        self.some = [row for rows in list(self.rows["record"].values()) for row in rows]
        self.children = list(self.rows["child"])

    def own(self, subject: int) -> dict[str, list[Row]]:
        """One child's rows as `for_child` gives them."""
        mine = {name: self.rows[name].get(subject, []) for name in OWN}
        touched = {subject, *(each["person_id"] for each in mine["relation"])}
        touched |= {each["facility_id"] for each in mine["attendance"]}
        for name in TOUCHED:
            mine[name] = [row for each in sorted(touched) for row in self.rows[name].get(each, [])]
        return {**mine, "place": self.places}

    def tables(self) -> dict[str, pa.Table]:
        changed = {
            name: pa.Table.from_pylist(
                [row for rows in of.values() for row in rows], schema=self.given[name].schema
            )
            for name, of in self.rows.items()
        }
        return {**self.given, **changed}

    # --- what happens ---

    def happen(self) -> set[int]:
        """Something happens; the children it touches."""
        what = self.chance.choice(
            (self.entered, self.entered, self.entered, self.corrected, self.voided, self.moved, self.decided,
             self.ended, self.died, self.born_otherwise, self.of_a_parent, self.merged)
        )  # fmt: skip
        return what(self.chance.choice(self.children))

    def entered(self, subject: int) -> set[int]:
        """A record of any form, as another child has one."""
        self._enter({**self._sample(), "subject_id": subject, "occurred_on": self._some_day()})
        return {subject}

    def corrected(self, subject: int) -> set[int]:
        row = self._take(subject)
        if row:
            answers = json.loads(row["answers"] or "{}")
            answers |= json.loads(self._sample(row["form"])["answers"] or "{}")
            on = self._some_day() if self.chance.random() < 0.5 else row["occurred_on"]
            self._enter({**row, "occurred_on": on, "answers": json.dumps(answers, ensure_ascii=False)})
        return {subject}

    def voided(self, subject: int) -> set[int]:
        self._take(subject)
        return {subject}

    def moved(self, subject: int) -> set[int]:
        """To another village, or away; now and then it was told beforehand."""
        on = self.day + timedelta(days=self.chance.choice((0, 0, -30, 20)))
        for row in self.rows["residence"][subject]:
            if row["valid_to"] is None and row["valid_from"] < on:
                row["valid_to"] = on
        if self.chance.random() < 0.8:
            new = {
                "subject_id": subject,
                "place_id": self.chance.choice(self.villages),
                "valid_from": on,
                "valid_to": None,
            }
            self.rows["residence"][subject].append(new)
        return {subject}

    def decided(self, subject: int) -> set[int]:
        """A status as another subject has one."""
        like = self.chance.choice([row for rows in self.rows["status"].values() for row in rows])
        on = self.day - timedelta(days=self.chance.choice((0, 3, 200)))
        self.rows["status"][subject].append(
            {**like, "subject_id": subject, "valid_from": on, "valid_to": None}
        )
        return {subject}

    def ended(self, subject: int) -> set[int]:
        for row in self.rows["status"][subject][:1]:
            row["valid_to"] = max(
                row["valid_from"], self.day + timedelta(days=self.chance.choice((0, 0, 10)))
            )
        return {subject}

    def died(self, subject: int) -> set[int]:
        self.rows["child"][subject][0]["death_date"] = self.day - timedelta(
            days=self.chance.choice((0, 1, 40))
        )
        return {subject}

    def born_otherwise(self, subject: int) -> set[int]:
        """A corrected birth date; one may turn out to lie ahead."""
        row = self.rows["child"][subject][0]
        row["birth_date"] += timedelta(days=self.chance.choice((-400, -31, -1, 1, 30, 365)))
        return {subject}

    def of_a_parent(self, subject: int) -> set[int]:
        """A parent dies, or a state of a parent is found: every child of theirs is touched."""
        relations = self.rows["relation"][subject]
        if not relations:
            return set()
        person = self.chance.choice(relations)["person_id"]
        if self.chance.random() < 0.5:
            for row in self.rows["person"][person]:
                row["death_date"] = self.day
        else:
            self.decided(person)
        return {
            each
            for each, rows in self.rows["relation"].items()
            if any(row["person_id"] == person for row in rows)
        }

    def merged(self, subject: int) -> set[int]:
        """Two entries were one child: everything recorded goes to the one that stays."""
        other = self.chance.choice(self.children)
        if other == subject or len(self.children) < 100:
            return set()
        for row in self.rows["record"].pop(other, []):
            self.rows["record"][subject].append({**row, "subject_id": subject})
        for name in ("child", "residence", "relation", "attendance", "status"):
            self.rows[name].pop(other, None)
        self.children.remove(other)
        return {subject, other}

    def _enter(self, row: Row) -> None:
        self.last += 1
        self.rows["record"][row["subject_id"]].append({**row, "seq": self.last})

    def _take(self, subject: int) -> Row | None:
        mine = self.rows["record"][subject]
        return mine.pop(self.chance.randrange(len(mine))) if mine else None

    def _sample(self, form: str | None = None) -> Row:
        """A record of any form about children, the rare ones as likely as doses."""
        mine = [each for each in self.some if self.pack.forms[each["form"]].subject == "child"]
        form = form or self.chance.choice(sorted({each["form"] for each in mine}))
        return self.chance.choice([each for each in mine if each["form"] == form])

    def _some_day(self) -> date:
        return self.day - timedelta(days=self.chance.choice((0, 0, 1, 30, 200, 900, -5)))


class Full:
    """A full evaluation of the register on a day, by the register's own queries."""

    def __init__(self, pack: Pack, tables: dict[str, pa.Table], day: date) -> None:
        self.con = con = backend.connect(threads=2)
        prepare(con, pack, tables)
        self.tables = build_wide(con, pack, day, lambda stage: None)
        build_due_items(con, [each for each in pack.pathways.values() if each.subject == "child"])
        build_entitlements(con, pack, "facts_child")
        build_suspicions(con, pack, "facts_child")
        self.figures = evaluate_indicators(con, pack, self.tables)

    def of(self, query: str) -> dict[int, list[Row]]:
        """Rows by subject."""
        found: dict[int, list[Row]] = defaultdict(list)
        for row in backend.rows(self.con, query):
            found[row["subject_id"]].append(row)
        return found

    def children(self) -> Iterator[int]:
        yield from (row["subject_id"] for row in backend.rows(self.con, "SELECT subject_id FROM facts_child"))


def by_cell(figures: list[Figure]) -> dict[tuple[Any, ...], Figure]:
    return {(f.indicator, f.item, f.place, f.level, f.sex, f.age): f for f in figures if not f.reported}
