"""Bytes to a grid of cells: xlsx, xls and ods by calamine, everything else as delimited text.

A file from outside is hostile until shown otherwise: size, number of rows and the inside of archives are bounded
before anything is parsed.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path

from yimi.exchange.tabular.fields import Cell
from yimi.lib.errors import BadInput

MAX_BYTES = 64 * 1024 * 1024
MAX_UNPACKED = 512 * 1024 * 1024
MAX_ROWS = 1_048_576  # Excel's own limit
MAX_COLUMNS = 1000
MAX_CELL = 131_072
MAX_CELLS = 30_000_000
DELIMITERS = ",\t;|"
_REFERENCE = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"')
_ARCHIVE, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


@dataclass
class Grid:
    """Cells by line, 1-based as the office sees them. `lines[i]` is the line of `cells[i]`."""

    lines: list[int]
    cells: list[list[Cell]]
    merged: list[tuple[tuple[int, int], tuple[int, int]]] = field(
        default_factory=list
    )  # 0-based rows, columns
    sheet: str = ""
    delimited: bool = False
    encoding: str = ""
    delimiter: str = ""
    other_sheets: tuple[str, ...] = ()  # with content, not read


def read_grid(content: bytes, name: str, sheet: str | None = None) -> Grid:
    """The cells of a file's (first non-empty visible) sheet; `BadInput` if it is no table or not safe to open."""
    if len(content) > MAX_BYTES:
        raise BadInput(f"{name} is larger than {MAX_BYTES // 1024 // 1024} MB: split it and import the parts")
    if not content.strip(b"\x00 \r\n\t\xef\xbb\xbf\xff\xfe"):
        raise BadInput(f"{name} is empty")
    if content.startswith((_ARCHIVE, _OLE)):
        return _read_workbook(content, name, sheet)
    return _read_text(content, name)


def _read_workbook(content: bytes, name: str, sheet: str | None) -> Grid:
    import python_calamine as calamine

    if content.startswith(_ARCHIVE):
        _check_archive(content, name)
    try:
        workbook = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        visible = [
            meta.name
            for meta in workbook.sheets_metadata
            if meta.visible == calamine.SheetVisibleEnum.Visible
            and meta.typ == calamine.SheetTypeEnum.WorkSheet
        ]
        filled = [title for title in visible if workbook.get_sheet_by_name(title).start is not None]
        if sheet is not None and sheet not in workbook.sheet_names:
            raise BadInput(f"{name} has no sheet of that name; it has: {', '.join(visible)[:200]}")
        chosen = sheet or (filled[0] if filled else None)
        if chosen is None:
            raise BadInput(f"{name} has no sheet with content")
        table = workbook.get_sheet_by_name(chosen)
        if table.end is not None and (table.end[0] + 1) * (table.end[1] + 1) > MAX_CELLS:
            raise _too_wide(name)
        cells = [[_plain(cell) for cell in row] for row in table.to_python(skip_empty_area=False)]
        merged = list(table.merged_cell_ranges or [])
    except calamine.PasswordError as error:
        raise BadInput(f"{name} is protected by a password: save it without and import again") from error
    except (calamine.CalamineError, ValueError, OSError) as error:
        raise BadInput(
            f"{name} is damaged or not a spreadsheet: open it, save it as .xlsx and try again"
        ) from error
    return Grid(
        lines=list(range(1, len(cells) + 1)),
        cells=cells,
        merged=merged,
        sheet=chosen,
        other_sheets=tuple(title for title in filled if title != chosen),
    )


def _check_archive(content: bytes, name: str) -> None:
    """Refuse what a spreadsheet program never writes: paths that leave the folder, bombs, entity declarations."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            unpacked = sum(member.file_size for member in members)
            odd = any(
                ".." in member.filename.replace("\\", "/").split("/")
                or member.filename.startswith(("/", "\\"))
                or "\\" in member.filename
                for member in members
            )
            if odd or len(members) > 10_000 or unpacked > MAX_UNPACKED:
                raise BadInput(f"{name} is not a spreadsheet a program wrote: it is refused unopened")
            for member in members:
                if member.filename.endswith((".xml", ".rels")):
                    _check_part(archive, member, name)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise BadInput(f"{name} is damaged: open it, save it as .xlsx and try again") from error


def _check_part(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> None:
    """Refuse entity declarations, and a sheet whose far corner would make the parser fill the memory with blanks."""
    is_sheet = member.filename.startswith("xl/worksheets/")
    rows = columns = 0
    kept = b""
    with archive.open(member) as stream:
        while chunk := stream.read(1 << 20):
            chunk = kept + chunk
            if b"<!DOCTYPE" in chunk or b"<!ENTITY" in chunk:
                raise BadInput(f"{name} declares entities inside: it is refused unopened")
            if not is_sheet:
                break  # a declaration can only stand before the first element
            references = set(_REFERENCE.findall(chunk))
            rows = max(rows, max((int(row) for _, row in references), default=0))
            columns = max(columns, max((_column_number(letters) for letters, _ in references), default=0))
            kept = chunk[-40:]
    if rows * columns > MAX_CELLS:
        raise _too_wide(name)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _too_wide(name: str) -> BadInput:
    return BadInput(
        f"{name} has cells far to the right or far below: delete the empty columns and rows, or split it"
    )


def _plain(cell: object) -> Cell:
    if cell == "" or cell is None:
        return None
    if isinstance(cell, str | bool | int | float | datetime | date):
        return cell
    if isinstance(cell, time | timedelta):
        return str(cell)
    return str(cell)


def _read_text(content: bytes, name: str) -> Grid:
    text, encoding = decode(content, name)
    if "\x00" in text:
        raise BadInput(f"{name} is not a text table: save it as .xlsx or as CSV (UTF-8)")
    if re.match(r"\s*<(!doctype|html|table|\?xml|meta)", text[:500], re.IGNORECASE):
        raise BadInput(f"{name} is a web page or XML under the name of a table: open it and save it as .xlsx")
    delimiter = sniff_delimiter(text)
    lines: list[int] = []
    cells: list[list[Cell]] = []
    csv.field_size_limit(MAX_CELL)
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True, strict=True
    )
    before = 0
    try:
        for row in reader:
            if len(row) > MAX_COLUMNS or len(lines) >= MAX_ROWS:
                raise BadInput(f"{name} has more than {MAX_ROWS} rows or {MAX_COLUMNS} columns: split it")
            lines.append(before + 1)
            cells.append([cell if cell != "" else None for cell in row])
            before = reader.line_num
    except csv.Error as error:
        raise BadInput(
            f"{name}: the quotation marks do not match in the row that begins at line {before + 1}: "
            "correct it, or save the table as .xlsx"
        ) from error
    return Grid(lines=lines, cells=cells, delimited=True, encoding=encoding, delimiter=delimiter)


def decode(content: bytes, name: str) -> tuple[str, str]:
    """Text and encoding: by byte-order mark, else UTF-8, else UTF-16 by its zero bytes, else GB18030.

    GB18030 accepts almost any bytes; a result with private-use or unassigned characters is some other encoding.
    """
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            try:
                return content.decode(encoding), encoding
            except UnicodeDecodeError as error:
                raise _unknown_encoding(name) from error
    # A zero byte is half an ASCII character of UTF-16 and never part of a text in the other two.
    for encoding in ("utf-16-le", "utf-16-be") if 0 in content else ("utf-8", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "utf-8" or _looks_right(text):
            return text, encoding
    raise _unknown_encoding(name)


def _looks_right(text: str) -> bool:
    beyond = [character for character in text if character >= "\x80"]
    common = sum(
        1
        for c in beyond
        if "\u4e00" <= c <= "\u9fff" or "\u3000" <= c <= "\u303f" or "\uff00" <= c <= "\uffef"
    )
    private = any(unicodedata.category(character) in ("Cn", "Co", "Cs") for character in set(beyond))
    return not private and (not beyond or common >= 0.7 * len(beyond))


def _unknown_encoding(name: str) -> BadInput:
    return BadInput(f"{name} is neither UTF-8, UTF-16 nor GB18030 text: save it as .xlsx or as CSV (UTF-8)")


def sniff_delimiter(text: str) -> str:
    """The delimiter under which most of the first lines have the same number of cells, more than one."""
    best, chosen = (0.0, 0), ","
    for delimiter in DELIMITERS:
        reader = csv.reader(
            io.StringIO(text[:200_000], newline=""), delimiter=delimiter, skipinitialspace=True
        )
        widths: Counter[int] = Counter()
        try:
            for row in reader:
                if row:
                    widths[len(row)] += 1
                if sum(widths.values()) >= 200:
                    break
        except csv.Error:
            continue
        several = {width: count for width, count in widths.items() if width > 1}
        if several:
            width, count = max(several.items(), key=lambda item: (item[1], item[0]))
            score = (round(count / sum(widths.values()), 2), width)
            if score > best:
                best, chosen = score, delimiter
    return chosen


def load(source: Path | str | bytes, name: str) -> bytes:
    """The bytes of a path, or the bytes themselves; the size is looked at before reading."""
    if isinstance(source, bytes):
        return source
    path = Path(source)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise BadInput(
                f"{name} is larger than {MAX_BYTES // 1024 // 1024} MB: split it and import the parts"
            )
        return path.read_bytes()
    except OSError as error:
        raise BadInput(f"cannot read {name}: {error.strerror or error}") from error
