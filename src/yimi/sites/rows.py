"""Rows of a ledger as a page gives them to the table that draws them."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Row:
    """A row that is drawn once for equal `of`: all that decides what it says, beside the reader's language.

    The lists of a township show the same rows to one reader after the other, and to make cells of them and markup
    of the cells takes a fifth of a page.
    """

    of: Hashable
    make: Callable[[], list[Any]] = field(compare=False, repr=False)

    @property
    def cells(self) -> list[Any]:
        """In the order of the columns; of what kind each is, its column says."""
        return self.make()
