"""Where the table is on a sheet: titles above, one or two header lines, totals, repeated headers, notes below.

Every line of the file is the header, a row, or skipped with a reason. Nothing is dropped in silence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from yimi.exchange.tabular.fields import Cell, Field
from yimi.exchange.tabular.grids import Grid, load, read_grid
from yimi.exchange.tabular.reading_cells import as_text
from yimi.lib.errors import BadInput
from yimi.lib.text import clean_text, fold, half_width

SEARCH_LINES = 40  # a header lower than this is no header
REASONS = {
    "blank": ("空行", "blank line"),
    "title": ("表头以上的标题或说明", "title or remark above the header"),
    "total": ("合计、小计行", "total line"),
    "repeated_header": ("表中重复的表头", "header repeated within the table"),
    "note": ("表下的说明或签字", "note or signature below the table"),
}
_TOTALS = re.compile(
    r"(本页|本表|全区|全镇|全村|全乡|总)?(合计|小计|总计|共计|累计)([:(（：].*|\d.*)?|(grand|sub)?total:?|sum:?"
)
_NOTE = re.compile(
    r"(注|备注|说明|填表说明|填报说明|填表人|填报人|填报单位|填报日期|填表日期|制表人?|制表单位|审核人?|负责人|单位负责人|经办人"
    r"|联系人|联系电话|数据来源|来源|盖章|单位盖章|notes?|sources?|remarks?|preparedby|checkedby)(\d*)[::].*"
)


@dataclass(frozen=True)
class Column:
    """A column of the table: its place (0-based), its name, and the group name above it where there is one."""

    index: int
    label: str
    group: str = ""

    @property
    def letter(self) -> str:
        """As spreadsheet programs name it: A, B, … AA."""
        letters, rest = "", self.index + 1
        while rest:
            rest, digit = divmod(rest - 1, 26)
            letters = chr(65 + digit) + letters
        return letters

    @property
    def full_label(self) -> str:
        return f"{self.group}/{self.label}" if self.group else self.label


@dataclass(frozen=True)
class Row:
    """A line of the table. `width` is the number of cells the file gave it, for ragged text tables."""

    line: int
    cells: tuple[Cell, ...]
    width: int


@dataclass(frozen=True)
class Skipped:
    line: int
    code: str
    reason_zh: str
    reason_en: str


@dataclass
class Sheet:
    """A table found on a sheet. `header_lines + rows + skipped` are all lines of the file."""

    name: str
    sheet: str
    columns: tuple[Column, ...]
    header_lines: tuple[int, ...]
    rows: list[Row]
    skipped: list[Skipped] = field(default_factory=list)
    delimited: bool = False
    encoding: str = ""
    delimiter: str = ""
    other_sheets: tuple[str, ...] = ()

    @property
    def header(self) -> dict[str, int]:
        """Column name to place; a name that stands twice keeps its first place (`match_columns` reports it)."""
        places: dict[str, int] = {}
        for column in self.columns:
            places.setdefault(column.full_label, column.index)
        return places

    @property
    def lines(self) -> int:
        return len(self.header_lines) + len(self.rows) + len(self.skipped)


def read_table(
    source: Path | str | bytes, name: str, sheet: str | None = None, fields: Sequence[Field] = ()
) -> Sheet:
    """Find the table of a file. Known `fields` help to tell the header from titles; they are not required."""
    return find_table(read_grid(load(source, name), name, sheet), name, fields)


def find_table(grid: Grid, name: str, fields: Sequence[Field] = ()) -> Sheet:
    """The table on a grid of cells."""
    known = {fold(label) for one in fields for label in (one.id, one.zh, one.en, *one.aliases)}
    at = _header_at(grid, known)
    if at is None:
        raise BadInput(f"{name} has no line of column names in its first {SEARCH_LINES} lines")
    first, last = _header_span(grid, at)
    columns = _columns(grid, first, last)
    result = Sheet(
        name=name,
        sheet=grid.sheet,
        columns=columns,
        header_lines=tuple(grid.lines[first : last + 1]),
        rows=[],
        delimited=grid.delimited,
        encoding=grid.encoding,
        delimiter=grid.delimiter,
        other_sheets=grid.other_sheets,
    )
    titles = set()
    for position in range(first):
        words = _words(grid.cells[position])
        titles.add(tuple(words))
        result.skipped.append(_skip(grid.lines[position], "title" if words else "blank"))
    filled = _filled_down(grid, last)
    labels = [
        {index: fold(label) for index, cell in enumerate(grid.cells[p]) if (label := _label(cell))}
        for p in range(first, last + 1)
    ]
    for position in range(last + 1, len(grid.cells)):
        cells = filled.get(position, grid.cells[position])
        reason = _why_skip(cells, labels, titles, len(columns))
        if reason:
            result.skipped.append(_skip(grid.lines[position], reason))
        else:
            result.rows.append(Row(grid.lines[position], tuple(cells), len(grid.cells[position])))
    return result


def _header_at(grid: Grid, known: set[str]) -> int | None:
    """The position of the header: most known names; else the first full line of words; else the first full line."""
    counts = [len(_words(cells)) for cells in grid.cells[:200]]
    widest = max(counts, default=0)
    if not widest:
        return None
    search = range(min(SEARCH_LINES, len(counts)))
    if known:
        hits = {p: sum(_known(cell, known) for cell in grid.cells[p]) for p in search}
        best = max(hits.values())
        if best >= min(2, widest):
            return next(p for p in search if hits[p] == best)
    full = [p for p in search if counts[p] >= max(1, 0.6 * widest)]
    return next((p for p in full if _all_names(grid.cells[p])), full[0] if full else None)


def _known(cell: Cell, known: set[str]) -> bool:
    label = _label(cell)
    return bool(label) and (fold(label) in known or fold(bare_label(label)) in known)


def bare_label(label: str) -> str:
    """A column name without what stands in brackets, stars and colons: 体重（kg）* becomes 体重."""
    bare = re.sub(r"[(\[【（].*?[)\]】）]", "", half_width(label))
    return re.sub(r"[*＊:：※]", "", bare).strip()


def _all_names(cells: Sequence[Cell]) -> bool:
    """True if every filled cell could be a column's name: words, or a year; no value, no "单位：…"."""
    for cell in cells:
        text = _label(cell)
        if not text:
            continue
        if not isinstance(cell, str) and not re.fullmatch(r"(19|20)\d\d", text):
            return False
        if re.search(r"[:：]", text) or (
            re.match(r"[-+]?\d", half_width(text)) and not re.fullmatch(r"(19|20)\d\d年?", text)
        ):
            return False
    return True


def _header_span(grid: Grid, at: int) -> tuple[int, int]:
    """First and last position of the header: a line of group names above, or of sub-names below, belongs to it."""
    top = grid.cells[at]
    if at + 1 < len(grid.cells) and _is_sub_header(grid, at):
        return at, at + 1
    if at > 0:
        above = grid.cells[at - 1]
        filled = [index for index, cell in enumerate(above) if _label(cell)]
        full = len(filled) >= 2 and _all_names(above) and all(_label(cell) for cell in top[: filled[-1] + 1])
        if full and _gaps(grid, at - 1):
            return at - 1, at
    return at, at


def _gaps(grid: Grid, at: int) -> set[int]:
    """The columns a name of this line reaches over: merged cells of a workbook, empty cells after a name in a text."""
    if not grid.delimited:
        return {
            column
            for (top, left), (bottom, right) in grid.merged
            if top == bottom == at
            for column in range(left + 1, right + 1)
        }
    cells = grid.cells[at]
    return {index for index, cell in enumerate(cells) if index and not _label(cell)}


def _is_sub_header(grid: Grid, at: int) -> bool:
    """Sub-names stand under every gap, and not under every name: the others are merged downward."""
    top, below, gaps = grid.cells[at], grid.cells[at + 1], _gaps(grid, at)
    tops = {index for index, cell in enumerate(top) if _label(cell)}
    subs = {index for index, cell in enumerate(below) if _label(cell)}
    return bool(gaps) and gaps <= subs <= gaps | tops and not tops <= subs and _all_names(below)


def _columns(grid: Grid, first: int, last: int) -> tuple[Column, ...]:
    names, groups = grid.cells[last], grid.cells[first] if last > first else []
    width = max(
        (i + 1 for cells in (names, groups) for i, cell in enumerate(cells) if _label(cell)), default=0
    )
    columns, group = [], ""
    for index in range(width):
        above = _label(groups[index]) if index < len(groups) else ""
        label = _label(names[index]) if index < len(names) else ""
        if above:
            group = above
        elif not label:
            group = ""
        if above and not label:
            columns.append(Column(index, above))
        else:
            columns.append(Column(index, label, group if last > first and label else ""))
    return tuple(columns)


def _filled_down(grid: Grid, last: int) -> dict[int, list[Cell]]:
    """Rows below the header with the value of cells merged over several lines (a village over its children)."""
    rows: dict[int, list[Cell]] = {}
    for (top, left), (bottom, right) in grid.merged:
        if top <= last or bottom == top or left != right or bottom >= len(grid.cells):
            continue
        for position in range(top + 1, bottom + 1):
            cells = rows.setdefault(position, list(grid.cells[position]))
            if left < len(cells) and left < len(grid.cells[top]):
                cells[left] = grid.cells[top][left]
    return rows


def _why_skip(
    cells: Sequence[Cell], labels: list[dict[int, str]], titles: set[tuple[str, ...]], width: int
) -> str | None:
    """The reason to pass over a line, None for a row. Most lines are rows: look at few of their cells."""
    said = [_label(cell) for cell in cells]
    filled = [index for index, words in enumerate(said) if words]
    if not filled:
        return "blank"
    heads = [fold(said[index]) for index in filled[:2]]
    for header in labels:
        begins = header.get(filled[0]) == heads[0] and len(filled) >= min(2, len(header))
        if begins and all(header.get(index) == fold(said[index]) for index in filled):
            return "repeated_header"
    if len(filled) <= 4 and tuple(said[index] for index in filled) in titles:
        return "repeated_header"
    if any(_TOTALS.fullmatch(head) for head in heads) and (width > 1 or len(filled) == 1):
        return "total"
    if len(filled) <= max(1, width // 2) and _NOTE.fullmatch(heads[0].replace("：", ":")):
        return "note"
    return None


def _skip(line: int, code: str) -> Skipped:
    return Skipped(line, code, *REASONS[code])


def _words(cells: Sequence[Cell]) -> list[str]:
    return [text for cell in cells if (text := _label(cell))]


def _label(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return clean_text(cell).replace("\n", "")
    if isinstance(cell, float) and abs(cell) >= 1e15:
        return repr(cell)
    return as_text(cell) if not isinstance(cell, int) or abs(cell) < 1e15 else repr(cell)
