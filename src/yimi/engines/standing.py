"""One subject, again and again: every query planned once, then asked for child after child.

DuckDB needs longer to plan a pathway of thirty steps than to answer it. Here the tables stand empty, the
queries are prepared against them, and each subject only fills and empties rows; nothing changes the catalog,
so the plans stay valid. The queries are the register's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pyarrow as pa

from yimi.engines import backend
from yimi.engines.closeup import Seen, closeup_query, read
from yimi.engines.columns import form_query
from yimi.engines.entitlement import entitlements_query, suspicion_query
from yimi.engines.facts import facts_query
from yimi.engines.growth_lists import build_growth_lists, refill_growth_lists
from yimi.engines.owed import owed_query
from yimi.pack.load import Pack
from yimi.pack.reads import form_fields_read, subject_reads


@dataclass(frozen=True)
class Subject:
    """Everything the pack says about one child on a day."""

    as_of: date
    pathways: dict[str, Seen]  # those that apply
    entitlements: list[dict[str, Any]]
    suspicions: list[str]
    growth: list[dict[str, Any]]
    growth_cn: list[dict[str, Any]]
    owed: list[dict[str, Any]] = field(default_factory=list)  # periods of a benefit without a payment


class Standing:
    """Prepared queries for one pack and day. Not for two threads at once."""

    def __init__(self, pack: Pack, as_of: date, kind: str = "child") -> None:
        self.pack, self.as_of, self.kind = pack, as_of, kind
        name = f"facts_{kind}"
        self.con = con = backend.connect(threads=1)
        # Planned on empty tables: what the optimizer concludes from their statistics would not stay true.
        con.execute("SET disabled_optimizers = 'statistics_propagation, empty_result_pullup'")
        backend.empty_tables(con)
        needed = form_fields_read(pack)
        for form in pack.forms.values():
            con.execute(
                f'CREATE VIEW "form_{form.id}" AS {form_query(form, "record", needed.get(form.id, set()))}'
            )
        build_growth_lists(con, ("growth", "growth_cn"))
        facts = facts_query(kind, as_of, subject_reads(pack, kind))
        con.execute(f"CREATE TABLE {name} AS {facts}")
        self.pathways = {each.id: each for each in pack.pathways.values() if each.subject == kind}
        con.execute(f"PREPARE fill AS INSERT INTO {name} {facts}")
        for each in self.pathways.values():
            con.execute(f'PREPARE "see_{each.id}" AS {closeup_query(pack, each, name)}')
        self.asks = {
            "entitlements": entitlements_query(pack, name, kind),
            "suspicions": suspicion_query(pack, name, kind),
            "owed": owed_query(pack, name, kind),
        }
        for name, query in self.asks.items():
            if query:
                con.execute(f"PREPARE {name} AS {query}")

    def evaluate(self, tables: Mapping[str, pa.Table]) -> Subject:
        """Everything about the one subject in `tables` (those of the register, and `record`)."""
        con = self.con
        for name, incoming in tables.items():
            con.execute(f'DELETE FROM "{name}"')
            if incoming.num_rows:
                con.execute(f'INSERT INTO "{name}" BY NAME SELECT * FROM incoming')
        if self.kind == "child":
            refill_growth_lists(con)
        con.execute(f"DELETE FROM facts_{self.kind}")
        con.execute("EXECUTE fill")
        seen = {}
        for each in self.pathways.values():
            for row in backend.rows(con, f'EXECUTE "see_{each.id}"'):
                seen[each.id] = read(self.pack, each, row)
        answers = {
            name: backend.rows(con, f"EXECUTE {name}") if query else [] for name, query in self.asks.items()
        }
        return Subject(
            self.as_of, seen, answers["entitlements"], [each["suspicion"] for each in answers["suspicions"]],
            backend.rows(con, 'SELECT * FROM growth ORDER BY "on"'),
            backend.rows(con, 'SELECT * FROM growth_cn ORDER BY "on"'), answers["owed"],
        )  # fmt: skip
