"""Paragraphs of a .docx with the numbers Word itself would print before them.

Numbers made by Word's automatic lists are not in the text, so other readers lose every (一) of such a plan.
"""

from __future__ import annotations

import zipfile
from collections import defaultdict
from typing import Any
from xml.etree import ElementTree

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_HAN = "〇一二三四五六七八九"


def docx_text(archive: zipfile.ZipFile) -> str:
    """One line a paragraph, cells of a table row joined by tabs."""
    _refuse_entities(archive)
    body = ElementTree.fromstring(archive.read("word/document.xml")).find(f"{_W}body")  # noqa: S314
    if body is None:
        return ""
    numbers = _Numbers(archive)
    lines: list[str] = []
    _walk(body, numbers, lines)
    return "\n".join(lines)


def _refuse_entities(archive: zipfile.ZipFile) -> None:
    """Word writes no document type; one in the file is an attack by entity expansion."""
    for name in ("word/document.xml", "word/numbering.xml", "word/styles.xml"):
        if name in archive.namelist():
            with archive.open(name) as part:
                if b"<!DOCTYPE" in part.read(4096):
                    raise ValueError("document type in a Word part")


def _walk(element: Any, numbers: _Numbers, lines: list[str]) -> None:
    for child in element:
        if child.tag == f"{_W}p":
            lines.append(numbers.before(child) + _run_text(child))
        elif child.tag == f"{_W}tbl":
            for row in child.iter(f"{_W}tr"):
                cells = ["".join(_run_text(p) for p in cell.iter(f"{_W}p")) for cell in row.iter(f"{_W}tc")]
                lines.append("\t".join(cells))
        elif child.tag not in (f"{_W}sectPr",):
            _walk(child, numbers, lines)


def _run_text(paragraph: Any) -> str:
    parts = []
    for node in paragraph.iter():
        if node.tag == f"{_W}t":
            parts.append(node.text or "")
        elif node.tag == f"{_W}tab":
            parts.append("\t")
        elif node.tag in (f"{_W}br", f"{_W}cr"):
            parts.append("\n")
    return "".join(parts)


class _Numbers:
    """Counters of automatic lists: numbering.xml, and the numbering a paragraph style carries."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.levels: dict[str, dict[int, tuple[str, str, int]]] = {}
        self.of_style: dict[str, tuple[str, int]] = {}
        self.counts: dict[str, dict[int, int]] = defaultdict(dict)
        names = archive.namelist()
        if "word/numbering.xml" in names:
            self._read_numbering(ElementTree.fromstring(archive.read("word/numbering.xml")))  # noqa: S314
        if "word/styles.xml" in names:
            for style in ElementTree.fromstring(archive.read("word/styles.xml")).iter(f"{_W}style"):  # noqa: S314
                found = _num_pr(style)
                if found:
                    self.of_style[style.get(f"{_W}styleId", "")] = found

    def _read_numbering(self, root: Any) -> None:
        abstract: dict[str, dict[int, tuple[str, str, int]]] = {}
        for one in root.iter(f"{_W}abstractNum"):
            levels = {}
            for level in one.iter(f"{_W}lvl"):
                start = _value(level.find(f"{_W}start")) or "1"
                levels[int(level.get(f"{_W}ilvl", "0"))] = (
                    _value(level.find(f"{_W}numFmt")) or "decimal",
                    _value(level.find(f"{_W}lvlText")) or "",
                    int(start) if start.isdigit() else 1,
                )
            abstract[one.get(f"{_W}abstractNumId", "")] = levels
        for one in root.iter(f"{_W}num"):
            kind = _value(one.find(f"{_W}abstractNumId")) or ""
            self.levels[one.get(f"{_W}numId", "")] = abstract.get(kind, {})

    def before(self, paragraph: Any) -> str:
        """The number Word prints before this paragraph, "" where it prints none; counts it."""
        properties = paragraph.find(f"{_W}pPr")
        found = _num_pr(properties) if properties is not None else None
        if found is None and properties is not None:
            found = self.of_style.get(_value(properties.find(f"{_W}pStyle")) or "")
        if found is None or not self.levels.get(found[0]) or not _run_text(paragraph).strip():
            return ""
        number, depth = found
        levels, counts = self.levels[number], self.counts[number]
        if depth not in levels:
            return ""
        counts[depth] = counts[depth] + 1 if depth in counts else levels[depth][2]
        for deeper in [d for d in counts if d > depth]:
            del counts[deeper]
        text = levels[depth][1]
        for d, (form, _, start) in levels.items():
            text = text.replace(f"%{d + 1}", _shown(counts.get(d, start), form))
        return "" if levels[depth][0] in ("bullet", "none") else text


def _num_pr(element: Any) -> tuple[str, int] | None:
    found = next(element.iter(f"{_W}numPr"), None)
    if found is None:
        return None
    number = _value(found.find(f"{_W}numId"))
    depth = _value(found.find(f"{_W}ilvl")) or "0"
    return (number, int(depth)) if number and number != "0" and depth.isdigit() else None


def _value(element: Any) -> str | None:
    return None if element is None else element.get(f"{_W}val")


def _shown(number: int, form: str) -> str:
    if form in ("chineseCounting", "chineseCountingThousand", "ideographTraditional", "japaneseCounting"):
        tens, ones = divmod(number, 10)
        if number < 10 or number > 99:
            return _HAN[number] if number < 10 else "".join(_HAN[int(d)] for d in str(number))
        return ("" if tens == 1 else _HAN[tens]) + "十" + (_HAN[ones] if ones else "")
    if form in ("decimalEnclosedCircle", "decimalEnclosedCircleChinese") and 1 <= number <= 20:
        return chr(0x2460 + number - 1)
    return str(number)
