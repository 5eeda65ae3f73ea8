"""Running a compiled pathway: the wide state and, from it, one row a due item."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from yimi.engines.backend import Connection, side_by_side
from yimi.engines.due.compiled import STATE_COLUMNS, Compiler
from yimi.pack.load import Pack
from yimi.pack.schema import Pathway
from yimi.rules.sql import quote, text


def build_state(con: Connection, pack: Pack, pathway: Pathway, facts: str) -> str:
    """Create `state_<pathway>`: subject_id and STATE_COLUMNS of every step, a row a subject. Returns its name."""
    table = f"state_{pathway.id}"
    con.execute(f"CREATE OR REPLACE TABLE {table} AS {Compiler(pack, pathway).query(facts)}")
    return table


def items_of(pathway: Pathway, row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The due items of one subject's state: what `due_query` gives for a register."""
    return [
        {
            "subject_id": row["subject_id"], "pathway": pathway.id, "step": step.id, "position": index,
            "code": step.code or step.id, **{name: row[f"{step.id}.{name}"] for name in STATE_COLUMNS},
        }
        for index, step in enumerate(pathway.steps)
        if row[f"{step.id}.status"] is not None
    ]  # fmt: skip


def due_query(pathway: Pathway, state: str) -> str:
    """SELECT of one row a due item: subject_id, pathway, step, code, ordinal, the dates, status, seq, counted."""
    structs = ", ".join(_item(pathway, index) for index in range(len(pathway.steps)))
    return (
        f"SELECT subject_id, {text(pathway.id)} AS pathway, i.* FROM "
        f"(SELECT subject_id, unnest([{structs}]) AS i FROM {state}) WHERE i.status IS NOT NULL"
    )


def _item(pathway: Pathway, index: int) -> str:
    step = pathway.steps[index]
    values = ", ".join(f"{quote(name)} := {quote(f'{step.id}.{name}')}" for name in STATE_COLUMNS)
    known = f'"step" := {text(step.id)}, "position" := {index}, "code" := {text(step.code or step.id)}'
    return f"struct_pack({known}, {values})"


def build_due(con: Connection, pathway: Pathway, state: str) -> str:
    """Create `due_of_<pathway>`, the due items of one pathway from its state. Returns its name."""
    table = f"due_of_{pathway.id}"
    con.execute(f"CREATE OR REPLACE TABLE {table} AS {due_query(pathway, state)}")
    return table


def build_due_items(con: Connection, pathways: Iterable[Pathway]) -> str:
    """Create the due items of every pathway from its `state_<pathway>`, and the view `due_items` of them all."""
    tables: list[str] = []

    def one(pathway: Pathway, lane: Connection) -> None:
        tables.append(build_due(lane, pathway, f"state_{pathway.id}"))

    side_by_side(con, *(partial(one, each) for each in sorted(pathways, key=lambda each: -len(each.steps))))
    union = " UNION ALL ".join(f"SELECT * FROM {each}" for each in tables)
    con.execute(f"CREATE OR REPLACE VIEW due_items AS {union}")
    return "due_items"
