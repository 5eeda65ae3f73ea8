"""`yimi growth`: z-scores and flags for a CSV file of measurements."""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import sys
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from yimi.lib.errors import BadInput

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from yimi.engines.growth import Standard

NUMBERS = ("age_days", "age_months", "weight_kg", "height_cm", "head_cm", "muac_cm")
WORDS: dict[str, dict[str, int]] = {
    "sex": {"m": 1, "male": 1, "1": 1, "男": 1, "男性": 1, "f": 2, "female": 2, "2": 2, "女": 2, "女性": 2},
    "measured": {
        "lying": 1, "l": 1, "length": 1, "卧": 1, "卧位": 1,
        "standing": 2, "h": 2, "s": 2, "height": 2, "立": 2, "立位": 2, "站": 2,
    },
    "oedema": {"y": 1, "yes": 1, "1": 1, "true": 1, "t": 1, "是": 1, "有": 1,
               "n": 0, "no": 0, "0": 0, "2": 0, "false": 0, "f": 0, "否": 0, "无": 0},
}  # fmt: skip
EMPTY = frozenset({"", "na", "n/a", "nan", "null", "none", ".", "-", "/"})
MOST_HINTS = 2000  # a file all in the wrong unit needs no more to be recognized


@dataclass
class _File:
    """A CSV file as read: the cells as they stand, and what could be read from them."""

    header: list[str]
    rows: list[list[str]]
    lines: list[int]
    bom: bool
    columns: dict[str, NDArray[Any]] = field(default_factory=dict)
    unread: list[dict[str, object]] = field(default_factory=list)


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser(
        "growth",
        help="z-scores of weight, height, BMI, head and arm for a CSV file (0-19 years)",
        description="Columns read: sex, age_days or age_months, weight_kg, height_cm, measured "
        "(lying/standing), head_cm, muac_cm, oedema. Written: the rows with waz, haz, whz, baz, hcz, acz, "
        "a 1/0 flag for each (implausible), and a hint where a value looks like another unit.",
    )
    parser.add_argument("file", type=Path, help="the CSV file (UTF-8, UTF-16 or GB18030)")
    parser.add_argument("--standard", choices=("who", "china"), default="who", help="default: who")
    parser.add_argument("--out", type=Path, required=True, help="the CSV file to write")
    parser.add_argument("--json", action="store_true", help="print a summary as one JSON object")
    parser.set_defaults(handler=run)


def run(arguments: argparse.Namespace) -> int:
    from yimi.engines.growth import INDICATORS, assess, load_standard

    file = _read(arguments.file)
    result = assess(file.columns, load_standard(arguments.standard))
    hints, all_looked_at = _hints(file, load_standard("who"))
    _write(arguments.out, file, result, hints)
    summary = {
        "standard": arguments.standard,
        "rows": len(file.rows),
        "scored": {name: int((result[name] == result[name]).sum()) for name in INDICATORS},
        "flagged": {name: int(result[f"{name}_flag"].sum()) for name in INDICATORS},
        "hints": sum(1 for hint in hints if hint),
        "hints_complete": all_looked_at,
        "unread": file.unread,
        "out": str(arguments.out),
    }
    if arguments.json:
        print(json.dumps(summary, ensure_ascii=False))
    else:
        _say(summary)
    return 0


def _read(path: Path) -> _File:
    from yimi.exchange.tabular.grids import decode

    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror or error}") from error
    text, encoding = decode(content, str(path))
    try:
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        cells = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise BadInput(f"{path} is not a readable CSV file: line {reader.line_num}: {error}") from error
    cells = [(line, row) for line, row in cells if any(cell.strip() for cell in row)]
    if not cells:
        raise BadInput(
            f"{path} is empty: the first line must name the columns, such as sex,age_days,weight_kg"
        )
    header = [name.strip() for name in cells[0][1]]
    _check_header(header, path)
    for line, row in cells[1:]:
        if len(row) > len(header):
            raise BadInput(
                f"{path}, line {line}: {len(row)} cells under {len(header)} column names; correct the line"
            )
    file = _File(
        header=header,
        rows=[row + [""] * (len(header) - len(row)) for _, row in cells[1:]],
        lines=[line for line, _ in cells[1:]],
        bom=encoding != "utf-8",  # what came from a spreadsheet program goes back to one
    )
    _read_columns(file)
    return file


def _check_header(header: Sequence[str], path: Path) -> None:
    names = [name.lower() for name in header]
    known = [*WORDS, *NUMBERS]
    twice = sorted({name for name in names if name in known and names.count(name) > 1})
    if twice:
        raise BadInput(f"{path} has the column {twice[0]} twice: keep one")
    if "sex" not in names or not {"age_days", "age_months"} & set(names):
        missing = "sex" if "sex" not in names else "age_days or age_months"
        raise BadInput(f"{path} has no column {missing}; its columns are: {', '.join(header)[:200]}")
    if not {"weight_kg", "height_cm", "head_cm", "muac_cm"} & set(names):
        raise BadInput(f"{path} has nothing measured: it needs weight_kg, height_cm, head_cm or muac_cm")


def _read_columns(file: _File) -> None:
    import numpy as np

    places = {name.lower(): index for index, name in enumerate(file.header)}
    read: dict[str, NDArray[Any]] = {}
    for name in (*NUMBERS, *WORDS):
        if name in places:
            cells = [_cell(row[places[name]]) for row in file.rows]
            values = [_number(cell) if name in NUMBERS else WORDS[name].get(cell) for cell in cells]
            for line, cell, value in zip(file.lines, cells, values, strict=True):
                if value is None and cell not in EMPTY:
                    file.unread.append({"line": line, "column": name})
            otherwise = float("nan") if name in NUMBERS else 0
            read[name] = np.array([otherwise if value is None else value for value in values], dtype=float)
    days, months = read.pop("age_days", None), read.pop("age_months", None)
    if months is not None:
        from_months = months * 30.4375
        days = from_months if days is None else np.where(np.isnan(days), from_months, days)
    assert days is not None
    file.columns = {**read, "age_days": days}
    file.unread.sort(key=lambda entry: (entry["line"], entry["column"]))


def _cell(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().lstrip("'").strip().lower()


def _number(cell: str) -> float | None:
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if abs(value) < 1e6 else None


def _hints(file: _File, who: Standard) -> tuple[list[str], bool]:
    """A sentence for each row with a value that looks like another unit, "" for the others; and whether every
    suspicious row was looked at.
    """
    import numpy as np

    from yimi.engines.growth import assess, plausible_unit

    measures = ("weight_kg", "height_cm", "head_cm", "muac_cm")
    scores = assess(file.columns, who)
    with np.errstate(invalid="ignore"):
        odd = np.any([np.abs(scores[name]) > 4 for name in ("waz", "haz", "hcz", "acz")], axis=0)
        odd |= scores["baz"] > 3.5
    hints = [""] * len(file.rows)
    looked_at = np.flatnonzero(odd)
    for row in looked_at[:MOST_HINTS].tolist():
        values = {name: float(file.columns[name][row]) for name in measures if name in file.columns}
        found = plausible_unit(
            who, int(file.columns["sex"][row]), float(file.columns["age_days"][row]), **values
        )
        hints[row] = " ".join(f"{hint.zh}{hint.en}" for hint in found if hint.unit)
    return hints, looked_at.size <= MOST_HINTS


def _write(out: Path, file: _File, result: dict[str, NDArray[Any]], hints: list[str]) -> None:
    """Into a file beside, then in place of the old one: nothing half-written is ever there to be read."""
    from yimi.engines.growth import INDICATORS

    added = [*INDICATORS, *(f"{name}_flag" for name in INDICATORS), "hint"]
    kept = [index for index, name in enumerate(file.header) if name.lower() not in added]
    scores = [[f"{z:.2f}" if z == z else "" for z in result[name].tolist()] for name in INDICATORS]
    flags = [[str(int(flag)) for flag in result[f"{name}_flag"].tolist()] for name in INDICATORS]
    beside = out.with_name(f".{out.name}.part")
    try:
        with beside.open("w", encoding="utf-8-sig" if file.bom else "utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow([*(file.header[index] for index in kept), *added])
            for number, row in enumerate(file.rows):
                ours = [column[number] for column in (*scores, *flags)]
                writer.writerow([*(row[index] for index in kept), *ours, hints[number]])
        os.replace(beside, out)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise BadInput(f"cannot write {out}: {error.strerror or error}") from error


def _say(summary: dict[str, object]) -> None:
    scored, flagged = summary["scored"], summary["flagged"]
    assert isinstance(scored, dict) and isinstance(flagged, dict)
    print(f"{summary['rows']} rows, standard {summary['standard']} → {summary['out']}")
    for name, count in scored.items():
        print(f"  {name}  {count:>7} z-scores  {flagged[name]:>5} implausible")
    unread = summary["unread"]
    assert isinstance(unread, list)
    if unread:
        places = ", ".join(f"line {entry['line']} {entry['column']}" for entry in unread[:10])
        more = f" and {len(unread) - 10} more" if len(unread) > 10 else ""
        print(
            f"yimi: {len(unread)} cells could not be read and count as empty: {places}{more}", file=sys.stderr
        )
    if summary["hints"]:
        print(f"yimi: {summary['hints']} rows look like a wrong unit: see the column hint", file=sys.stderr)
    if not summary["hints_complete"]:
        print(
            f"yimi: only the first {MOST_HINTS} suspicious rows were checked for a wrong unit",
            file=sys.stderr,
        )
