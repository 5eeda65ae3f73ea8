"""What may stand in `checklists/*.yaml`: what a title asks for, item by item, each with an owner and its proof."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from yimi.pack.words import Declaration, Id, Ids, Sourced, Text


class ChecklistItem(Sourced):
    """One thing that is asked for: a number of the district, or a document its owner enters."""

    item: str  # code of the checklist's vocabulary, which has its words
    owner: str  # the body that answers for it
    indicator: str | None = None  # live; none: a document
    operator: Literal[">=", "<=", "=", ">", "<"] | None = None
    value: float | None = None

    @model_validator(mode="after")
    def _judged_or_entered(self) -> ChecklistItem:
        given = {self.indicator is not None, self.operator is not None, self.value is not None}
        if len(given) != 1:
            raise ValueError("a live item needs indicator, operator and value; a document none of them")
        return self


class ChecklistPart(Declaration):
    """A heading and what stands below it."""

    name: Text
    items: list[ChecklistItem]


class Checklist(Sourced):
    """The items of a title, a standard or an acceptance, and the gaps that remain on a day.

    Documents are records of `form` about the owner: `item` says which, `met` whether it is enough, `valid_until`
    until when it counts.
    """

    id: Id
    name: Text
    measures: Ids = []
    vocabulary: str
    form: str  # about organizations, with the fields item, met and valid_until
    parts: list[ChecklistPart]
    note: Text | None = None

    @property
    def items(self) -> list[ChecklistItem]:
        return [each for part in self.parts for each in part.items]
