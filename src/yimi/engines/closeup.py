"""One pathway close up, for a few subjects: due items, verdicts on records, and the reasons, from one query.

The query is the register's own (`due.compiled`) with two kinds of columns beside it: what speaks for and
against every record, and the values the reasons tell. `engines.single` runs the same columns
without a database.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from yimi.engines.because import Explainer, Telling
from yimi.engines.due.compiled import Compiler, layers
from yimi.engines.due.items import items_of
from yimi.engines.due.judged import candidate_columns, verdicts_of
from yimi.pack.load import Pack
from yimi.pack.schema import Pathway


@dataclass(frozen=True)
class Seen:
    """What one pathway says about one subject."""

    due: list[dict[str, Any]]
    judged: list[dict[str, Any]]
    explainer: Explainer


class Closeup:
    """One pathway of a pack, compiled and ready to be read."""

    def __init__(self, pack: Pack, pathway: Pathway) -> None:
        self.pathway, self.compiler, self.telling = pathway, Compiler(pack, pathway), Telling(pack, pathway)
        judged = candidate_columns(self.compiler) if pathway.judged else []
        self.beside = [*self.telling.value_columns(), *judged]
        self.depth = {step.id: level for level, steps in enumerate(layers(pathway)) for step in steps}

    def query(self, facts: str) -> str:
        """SELECT of a row a subject with everything `read` needs."""
        return self.compiler.query(facts, self.beside)

    def read(self, row: Mapping[str, Any]) -> Seen:
        """A row of the query as due items, verdicts and an explainer."""
        judged = verdicts_of(self.pathway, row, self.depth) if self.pathway.judged else []
        return Seen(items_of(self.pathway, row), judged, Explainer(self.telling, row))
