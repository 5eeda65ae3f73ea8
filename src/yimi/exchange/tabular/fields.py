"""What an import expects: fields with their names, and the problems a cell can have."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Literal

from yimi.lib.text import fold

FieldType = Literal["text", "date", "integer", "number", "boolean", "code", "id_number"]
Cell = str | int | float | bool | date | datetime | None
Value = str | int | float | bool | date | None


@dataclass(frozen=True)
class Choice:
    """One code of a vocabulary and everything offices write for it."""

    code: str
    zh: str
    en: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Field:
    """A column an import knows. `unit` is the unit of a number; `choices` the vocabulary of a code."""

    id: str
    zh: str
    en: str
    type: FieldType = "text"
    required: bool = False
    aliases: tuple[str, ...] = ()
    unit: str = ""
    min: float | None = None
    max: float | None = None
    choices: tuple[Choice, ...] = ()
    max_length: int = 2000

    @cached_property
    def spellings(self) -> dict[str, str]:
        """Every way to write a choice, folded, and its code: asked for each cell, so put together once."""
        names: dict[str, str] = {}
        for choice in self.choices:
            for name in (choice.code, choice.zh, choice.en, *choice.aliases):
                if name:
                    names.setdefault(fold(name), choice.code)
        return names


class CellProblem(Exception):
    """A cell that cannot be read. The sentences say what is wrong and what to do, never the cell's content."""

    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(en)
        self.code, self.zh, self.en = code, zh, en


SEX = (
    Choice("m", "男", "male", ("男性", "男孩", "男童", "1", "M", "boy")),
    Choice("f", "女", "female", ("女性", "女孩", "女童", "2", "F", "girl")),
)
