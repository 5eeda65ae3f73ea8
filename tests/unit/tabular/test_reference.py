"""Other people's awkward tables."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from yimi.exchange.tabular import Field, match_columns, neutral, read_rows, read_table
from yimi.lib.errors import BadInput

DATA = Path(__file__).resolve().parents[3] / ".." / "shared" / "data"
SPECTRUM = sorted(path.stem for path in (DATA / "tables" / "csv_spectrum" / "csvs").glob("*.csv"))
FAULTY = DATA / "tables" / "frictionless"

pytestmark = [
    pytest.mark.reference,
    pytest.mark.skipif(not DATA.is_dir(), reason="needs ../shared beside the project"),
]


@pytest.mark.parametrize("stem", SPECTRUM or ["absent"])
def test_csv_spectrum(stem):
    folder = DATA / "tables" / "csv_spectrum"
    expected = json.loads((folder / "json" / f"{stem}.json").read_bytes().decode("utf-8", "replace"))
    expected = [expected] if isinstance(expected, dict) else expected
    sheet = read_table(folder / "csvs" / f"{stem}.csv", stem)
    rows = [{column.label: row.cells[column.index] or "" for column in sheet.columns} for row in sheet.rows]
    if stem == "newlines_crlf":
        # The stored file has bare line feeds although its expectation has CR LF.
        expected = [{key: value.replace("\r\n", "\n") for key, value in row.items()} for row in expected]
    if stem == "location_coordinates":
        # The expectation was made from another telephone number than the file holds.
        rows[0].pop("Contact Phone Number"), expected[0].pop("Contact Phone Number")
    assert rows == expected


def fields_of(sheet) -> tuple[Field, ...]:
    labels = dict.fromkeys(column.label for column in sheet.columns)
    return tuple(Field(label, label, label) for label in labels)


def test_defective_rows_name_their_lines():
    sheet = read_table(FAULTY / "defective-rows.csv", "defective-rows.csv")
    reading = read_rows(sheet, fields_of(sheet))
    assert [(refused.line, refused.code) for refused in reading.refused] == [
        (2, "short_row"),
        (3, "extra_cells"),
    ]


def test_duplicate_column_is_reported():
    sheet = read_table(FAULTY / "duplicate-column.csv", "duplicate-column.csv")
    duplicate = match_columns(sheet.columns, fields_of(sheet)).duplicate
    assert [(field.id, [column.letter for column in columns]) for field, columns in duplicate] == [
        ("B", ["B", "C"])
    ]


@pytest.mark.parametrize(
    ("name", "header", "rows"),
    [
        ("bom.csv", ["id", "name"], 2),
        ("delimiter.csv", ["id", "name"], 2),
        ("accent.csv", None, 2),
        ("issue-1009-semicolon.csv", ["fieldNameA", "fieldNameB"], 1),
        ("table-reverse.csv", ["id", "name"], 2),
        ("table-limits.csv", ["field1", "field2", "field3", "field4"], 3),
        ("issue-825.csv", ["Musei", "2011", "2010"], 2),
        ("encoding-issue-274.csv", None, 507),
        ("sheet2.xlsx", ["id", "name"], 2),
        ("table-infer-boolean.xlsx", ["number", "string", "boolean"], 2),
        ("table-with-booleans.xls", ["id", "boolean"], 2),
        ("cast-int-to-string-issue-1251.xls", ["A", "B", "C", "D", "E"], 2),
        ("table-with-ints-floats-dates.ods", ["Int", "Float", "Date", "Datetime"], 3),
    ],
)
def test_odd_but_sound_tables_are_read(name, header, rows):
    sheet = read_table(FAULTY / name, name)
    assert len(sheet.rows) == rows
    assert header is None or [column.label for column in sheet.columns] == header


@pytest.mark.parametrize("name", ["latin1.csv", "table-infer-iso-8859-7.csv", "escaping.csv"])
def test_what_cannot_be_read_for_certain_is_refused(name):
    with pytest.raises(BadInput, match=name):
        read_table(FAULTY / name, name)


def test_every_file_is_a_table_or_one_sentence():
    seen = 0
    for path in [*FAULTY.iterdir(), *(DATA / "security" / "files").iterdir()]:
        if path.suffix in (".csv", ".xlsx", ".xls", ".ods", ".zip", ".png"):
            seen += 1
            try:
                sheet = read_table(path, path.name)
            except BadInput as problem:
                assert path.name in str(problem) and "\n" not in str(problem)
            else:
                assert sheet.lines == len(sheet.rows) + len(sheet.skipped) + len(sheet.header_lines)
    assert seen > 30


def test_hostile_files():
    folder = DATA / "security" / "files"
    with (folder / "expected.csv").open(encoding="utf-8", newline="") as stream:
        table = [
            row
            for row in csv.DictReader(stream)
            if row["file"].startswith("xlsx") or row["file"].endswith(".zip")
        ]
    for row in table:
        if row["expected"] == "reject":
            with pytest.raises(BadInput):
                read_table(folder / row["file"], row["file"])
        else:
            assert all("=" not in str(c.label) for c in read_table(folder / row["file"], row["file"]).columns)


def test_cells_that_could_run():
    with (DATA / "security" / "csv_injection.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            changes = row["expected_on_export"].startswith(("neutralise", "phone text"))
            assert (neutral(row["cell"]) != row["cell"]) == changes, row
