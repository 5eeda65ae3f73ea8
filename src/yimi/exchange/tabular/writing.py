"""Tables out: xlsx with a frozen header, sensible widths, a source line, and no cell that a program would run."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from yimi.exchange.tabular.fields import Cell, Field
from yimi.lib.text import half_width

_RUNNABLE = "=+-@"
_PLAIN_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
TYPE_NAMES = {
    "text": "文字", "date": "日期，写作2025-03-01", "integer": "整数", "number": "数字", "boolean": "是 / 否",
    "code": "从下列选项中选填", "id_number": "18位公民身份号码，文本格式",
}  # fmt: skip


def neutral(text: str) -> str:
    """Text that no spreadsheet program takes for a formula: an apostrophe before = + - @, also full-width.

    Plain numbers stay, and a text that already begins with an apostrophe stays as it is. Reading strips the
    apostrophe again.
    """
    if not text or text.startswith("'"):
        return text
    start = half_width(text).lstrip()
    if _PLAIN_NUMBER.fullmatch(start) or len(start) == 1:
        return text
    return f"'{text}" if text[0] in "\t\r\n" or start[:1] in _RUNNABLE else text


def write_xlsx(
    columns: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    title: str = "",
    notes: Sequence[str] = (),
    sheet: str = "Sheet1",
) -> bytes:
    """A workbook: title, header (frozen, filterable), rows, then the notes, such as the source and the day.

    Numbers stay numbers, days stay days; everything else is text and neutral. Numbers of more than 15 digits
    are written as text, or a spreadsheet program would round them.
    """
    import xlsxwriter

    stream = io.BytesIO()
    # constant_memory: a row is written out when the next begins, so a ledger of any length fits.
    with xlsxwriter.Workbook(stream, {"constant_memory": True, "strings_to_formulas": False}) as book:
        page = book.add_worksheet(_sheet_name(sheet))
        formats = {
            "title": book.add_format({"bold": True, "font_size": 14}),
            "head": book.add_format(
                {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top", "bg_color": "#F2F2EE"}
            ),
            "text": book.add_format({"num_format": "@", "valign": "top"}),
            "date": book.add_format({"num_format": "yyyy-mm-dd", "align": "left"}),
            "note": book.add_format({"font_color": "#666666", "font_size": 9}),
        }
        head = 1 if title else 0
        for index, label in enumerate(columns):
            page.set_column(index, index, min(40, max(8, _width(label) + 2)))
        page.freeze_panes(head + 1, 0)
        page.repeat_rows(head)
        page.set_landscape()
        page.set_paper(9)
        page.fit_to_pages(1, 0)
        if title:
            page.write_string(0, 0, neutral(title), formats["title"])
        for index, label in enumerate(columns):
            page.write_string(head, index, neutral(label), formats["head"])
        line = head
        for line, row in enumerate(rows, head + 1):
            for index, cell in enumerate(row):
                _write_cell(page, line, index, cell, formats)
        if columns:
            page.autofilter(head, 0, max(line, head), len(columns) - 1)
        for number, note in enumerate(notes):
            page.write_string(line + 2 + number, 0, neutral(note), formats["note"])
    return stream.getvalue()


def template_xlsx(fields: Sequence[Field], title: str = "", example: Sequence[Cell] | None = None) -> bytes:
    """An empty import table: names with a star where required, text format, drop-down lists; a second sheet explains.

    `read_table` finds its header and reads a filled one back.
    """
    import xlsxwriter

    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"strings_to_formulas": False}) as book:
        page, guide = book.add_worksheet("填写"), book.add_worksheet("说明")
        formats = {
            "title": book.add_format({"bold": True, "font_size": 14}),
            "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "bg_color": "#F2F2EE"}),
            "text": book.add_format({"num_format": "@"}),
            "date": book.add_format({"num_format": "yyyy-mm-dd", "align": "left"}),
        }
        head = 1 if title else 0
        if title:
            page.write_string(0, 0, neutral(title), formats["title"])
        for index, field in enumerate(fields):
            label = _template_label(field)
            as_text = field.type in ("text", "id_number", "code", "boolean", "date")
            page.set_column(index, index, max(10, _width(label) + 4), formats["text"] if as_text else None)
            page.write_string(head, index, label, formats["head"])
            options = [choice.zh for choice in field.choices] or (
                ["是", "否"] if field.type == "boolean" else []
            )
            if options and len(",".join(options)) <= 255:
                page.data_validation(head + 1, index, head + 5000, index, {
                    "validate": "list", "source": options, "error_title": "请从列表中选择",
                })  # fmt: skip
        page.freeze_panes(head + 1, 0)
        for index, cell in enumerate(example or ()):
            _write_cell(page, head + 1, index, cell, formats)
        _write_guide(guide, fields, formats)
    return stream.getvalue()


def _write_guide(guide: object, fields: Sequence[Field], formats: dict[str, object]) -> None:
    put = guide.write_string  # type: ignore[attr-defined]
    for index, label in enumerate(("列名", "必填", "填写要求", "可填内容", "English")):
        put(0, index, label, formats["head"])
    guide.set_column(0, 4, 24)  # type: ignore[attr-defined]
    for line, field in enumerate(fields, 1):
        limits = "" if field.min is None and field.max is None else f"，{field.min or 0:g}–{field.max or 0:g}"
        choices = "、".join(choice.zh for choice in field.choices)
        asked = TYPE_NAMES[field.type] + (f"（{field.unit}）" if field.unit else "") + limits
        for index, text in enumerate((field.zh, "是" if field.required else "", asked, choices, field.en)):
            put(line, index, neutral(text))


def _write_cell(page: object, line: int, index: int, cell: Cell, formats: dict[str, object]) -> None:
    if cell is None or cell == "":
        return
    if isinstance(cell, bool):
        page.write_string(line, index, "是" if cell else "否")  # type: ignore[attr-defined]
    elif isinstance(cell, int | float):
        if cell != cell or abs(cell) == float("inf"):
            return
        if abs(cell) >= 10**15:
            page.write_string(line, index, str(cell), formats["text"])  # type: ignore[attr-defined]
        else:
            page.write_number(line, index, cell)  # type: ignore[attr-defined]
    elif isinstance(cell, date):
        whole = cell if isinstance(cell, datetime) else datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001
        page.write_datetime(line, index, whole.replace(tzinfo=None), formats["date"])  # type: ignore[attr-defined]
    else:
        page.write_string(line, index, neutral(str(cell))[:32767], formats["text"])  # type: ignore[attr-defined]


def _template_label(field: Field) -> str:
    unit = f"（{field.unit}）" if field.unit else ""
    return f"{field.zh}{unit}{'*' if field.required else ''}"


def _sheet_name(name: str) -> str:
    return re.sub(r"[\[\]:*?/\\]", " ", name)[:31] or "Sheet1"


def _width(text: str) -> int:
    """Columns on the screen: a Chinese character takes two."""
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)
