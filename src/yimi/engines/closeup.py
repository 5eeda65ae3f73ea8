"""One pathway close up, for a few subjects: due items, verdicts on records, and the reasons, from one query.

The query is the register's own (`due.compiled`) with two kinds of columns beside it: what speaks for and
against every record, and the values the reasons tell. Compiled once, it can be prepared and asked again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from yimi.engines.because import Explainer, value_columns
from yimi.engines.due.compiled import _Compiler
from yimi.engines.due.items import items_of, state_columns
from yimi.engines.due.judged import candidate_columns, verdicts_of
from yimi.pack.load import Pack
from yimi.pack.schema import Pathway


@dataclass(frozen=True)
class Seen:
    """What one pathway says about one subject."""

    due: list[dict[str, Any]]
    judged: list[dict[str, Any]]
    explainer: Explainer


def closeup_query(pack: Pack, pathway: Pathway, facts: str) -> str:
    """SELECT of a row a subject with everything `read` needs."""
    compiler = _Compiler(pack, pathway)
    columns = [*state_columns(pathway), *value_columns(pack, pathway)]
    if pathway.judged:
        columns += candidate_columns(compiler, pathway)
    return f"SELECT subject_id, {', '.join(columns)} FROM ({compiler.query(facts)})"


def read(pack: Pack, pathway: Pathway, row: Mapping[str, Any]) -> Seen:
    """A row of `closeup_query` as due items, verdicts and an explainer."""
    judged = verdicts_of(pathway, row) if pathway.judged else []
    return Seen(items_of(pathway, row), judged, Explainer(pack, pathway, row))
