"""Who pays a medical bill: the layers in their order, each on what the layers before it left.

In: the facts of one child and a bill. Out: what each layer pays, and the family's share. Worked out by the same
rules and printer as everything else; an unknown stays unknown and is told as such. An estimate, not a settlement.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from yimi.engines.backend import Connection, binding, list_fields, rows
from yimi.lib.errors import BadInput
from yimi.pack.load import Pack
from yimi.pack.schema import BillShare, Layer
from yimi.rules.parse import parse
from yimi.rules.sql import quote, text, to_sql


@dataclass(frozen=True)
class Bill:
    """A bill: all of it, the part within the catalog, and where the child was treated."""

    yuan: float
    covered: float
    level: str


@dataclass(frozen=True)
class Paid:
    """One layer: None where it cannot be told."""

    layer: Layer
    applies: bool | None
    yuan: float | None


@dataclass(frozen=True)
class Shared:
    bill: Bill
    paid: list[Paid]
    family: float | None  # all that no layer pays, what is outside the catalog included


def share(con: Connection, pack: Pack, each: BillShare, facts: str, bill: Bill) -> Shared | None:
    """The layers of a bill of the one child in `facts`; None where there is no child."""
    if not 0 <= bill.covered <= bill.yuan:
        raise BadInput(
            "政策范围内费用应在0和总费用之间 / the part within the catalog lies between nothing and the whole bill"
        )
    if pack.code(each.levels, bill.level) is None:
        raise BadInput("请选择就医地 / say where the child was treated")
    found = rows(con, share_query(pack, each, facts, bill))
    if not found:
        return None
    row = found[0]
    paid = [Paid(layer, row[f"{layer.id}.applies"], row[f"{layer.id}.pays"]) for layer in each.layers]
    left = row["left"]
    return Shared(bill, paid, None if left is None else round(left + bill.yuan - bill.covered, 2))


def share_query(pack: Pack, each: BillShare, facts: str, bill: Bill) -> str:
    """SELECT of each layer's "<id>.applies" and "<id>.pays", and `left`, a row a child."""
    how, lists = binding(pack), list_fields(pack, "child")
    how = replace(
        how,
        names={
            **how.names,
            "bill": repr(bill.yuan),
            "covered": repr(bill.covered),
            "level": text(bill.level),
            "left": '"left"',
        },
    )
    query = f'SELECT *, {bill.covered!r}::DOUBLE AS "left" FROM {facts}'
    for layer in each.layers:
        applies, pays = (to_sql(parse(rule), how, lists) for rule in (layer.applies_when, layer.pays))
        named, paid = quote(f"{layer.id}.applies"), quote(f"{layer.id}.pays")
        yuan = f'CASE WHEN NOT ({applies}) THEN 0 WHEN {applies} THEN round(least("left", greatest(0, {pays})), 2) END'
        # greatest and least of DuckDB leave a missing value out: it must stay missing.
        yuan = f"CASE WHEN ({applies}) AND ({pays}) IS NULL THEN NULL ELSE {yuan} END"
        inner = f"SELECT *, ({applies}) AS {named}, {yuan} AS {paid} FROM ({query})"
        query = f'SELECT * REPLACE ("left" - {paid} AS "left") FROM ({inner})'
    return query
