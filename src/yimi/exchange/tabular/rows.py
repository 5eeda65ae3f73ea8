"""Rows of a sheet to typed values: each row is accepted whole or refused with every reason it has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from yimi.exchange.tabular.fields import CellProblem, Field, Value
from yimi.exchange.tabular.matching import ColumnMatch, check_match, match_columns
from yimi.exchange.tabular.reading_cells import is_blank, read_cell
from yimi.exchange.tabular.sheets import Row, Sheet, Skipped

Progress = Callable[[int, int], None]
PROGRESS_EVERY = 1000


@dataclass(frozen=True)
class Accepted:
    """A row read: field id to value, None where the cell was blank or the column is not there."""

    line: int
    values: dict[str, Value]


@dataclass(frozen=True)
class Refused:
    """One reason a row was refused; a row with three bad cells has three. `column` is the column's name."""

    line: int
    column: str
    field: str
    code: str
    reason_zh: str
    reason_en: str


@dataclass
class Reading:
    """What became of every row of a sheet."""

    accepted: list[Accepted] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    match: ColumnMatch | None = None

    @property
    def refused_lines(self) -> list[int]:
        return sorted({refused.line for refused in self.refused})


def read_rows(
    sheet: Sheet, fields: Sequence[Field], match: ColumnMatch | None = None, progress: Progress | None = None
) -> Reading:
    """Read every row. `BadInput` if the columns do not fit; after that nothing raises, every row is accounted for."""
    matched = match or match_columns(sheet.columns, fields)
    check_match(matched, sheet.name)
    reading = Reading(skipped=list(sheet.skipped), match=matched)
    for number, row in enumerate(sheet.rows):
        if progress is not None and number % PROGRESS_EVERY == 0:
            progress(number, len(sheet.rows))
        problems = _shape_problems(sheet, row)
        values: dict[str, Value] = {}
        if not problems:
            values, problems = _values(row, fields, matched)
        if problems:
            reading.refused.extend(problems)
        else:
            reading.accepted.append(Accepted(row.line, values))
    if progress is not None:
        progress(len(sheet.rows), len(sheet.rows))
    return reading


def _values(row: Row, fields: Sequence[Field], match: ColumnMatch) -> tuple[dict[str, Value], list[Refused]]:
    values: dict[str, Value] = {}
    problems: list[Refused] = []
    for one in fields:
        column = match.columns.get(one.id)
        if column is None:
            values[one.id] = None
            continue
        cell = row.cells[column.index] if column.index < len(row.cells) else None
        try:
            values[one.id] = read_cell(one, cell)
        except CellProblem as problem:
            problems.append(
                Refused(row.line, column.full_label, one.id, problem.code, problem.zh, problem.en)
            )
    return values, problems


def _shape_problems(sheet: Sheet, row: Row) -> list[Refused]:
    """A text row with too many or too few cells has probably slipped: nothing in it can be trusted."""
    width = max((column.index + 1 for column in sheet.columns), default=0)
    beyond = any(not is_blank(cell) for cell in row.cells[width:])
    if beyond:
        return [Refused(
            row.line, "", "", "extra_cells",
            f"本行超出表头的列中有内容（表头共{width}列），可能错列，请核对。",
            f"The row has content beyond the {width} named columns: it may have slipped sideways.",
        )]  # fmt: skip
    if sheet.delimited and row.width < width:
        return [Refused(
            row.line, "", "", "short_row",
            f"本行只有{row.width}列，表头有{width}列，可能错列，请核对。",
            f"The row has {row.width} cells under {width} column names: it may have slipped sideways.",
        )]  # fmt: skip
    return []
