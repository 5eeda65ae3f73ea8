"""Spreadsheets offices send, and spreadsheets sent back.

    sheet = read_table("ledger.xlsx", "ledger.xlsx", fields=FIELDS)
    reading = read_rows(sheet, FIELDS, progress=show)

Every line of the file is the header, an accepted row, a refused row with line, column and reason, or skipped with a
reason. See `docs/reference/imports.md`.
"""

from __future__ import annotations

from yimi.exchange.tabular.fields import SEX, Cell, CellProblem, Choice, Field, FieldType, Value
from yimi.exchange.tabular.matching import ColumnMatch, check_match, match_columns
from yimi.exchange.tabular.reading_cells import read_cell
from yimi.exchange.tabular.reading_dates import read_date
from yimi.exchange.tabular.rows import Accepted, Reading, Refused, read_rows
from yimi.exchange.tabular.sheets import Column, Row, Sheet, Skipped, read_table
from yimi.exchange.tabular.writing import neutral, template_xlsx, write_xlsx

__all__ = [
    "SEX",
    "Accepted",
    "Cell",
    "CellProblem",
    "Choice",
    "Column",
    "ColumnMatch",
    "Field",
    "FieldType",
    "Reading",
    "Refused",
    "Row",
    "Sheet",
    "Skipped",
    "Value",
    "check_match",
    "match_columns",
    "neutral",
    "read_cell",
    "read_date",
    "read_rows",
    "read_table",
    "template_xlsx",
    "write_xlsx",
]
