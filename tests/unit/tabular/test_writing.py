"""Tables written: read back the same, nothing in them runs."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.texts import CHARACTERS

from yimi.exchange.tabular import SEX, Field, neutral, read_rows, read_table, template_xlsx, write_xlsx
from yimi.lib.text import clean_text

FIELDS = (
    Field("name", "姓名", "name", required=True),
    Field("sex", "性别", "sex", "code", choices=SEX),
    Field("birth", "出生日期", "birth date", "date"),
    Field("weight", "体重", "weight", "number", unit="kg"),
    Field("away", "是否外出", "away", "boolean"),
    Field("id_number", "身份证号", "ID number", "id_number"),
)


@pytest.mark.parametrize(
    "text", ["=1+1", "-1+1", "+86 100 0000 0000", "@SUM(A1)", "\t=1", "\n=1", " =1", "＝1+1", "＠A", "＋1+1"]
)
def test_what_could_run_gets_an_apostrophe(text):
    assert neutral(text) == f"'{text}"
    assert neutral(neutral(text)) == neutral(text)


@pytest.mark.parametrize("text", ["", "小雨", "+3", "-2.5", "-", "1-2", "a=b", "'=1", "%0A=1+1"])
def test_other_text_stays(text):
    assert neutral(text) == text


def test_written_table_reads_back():
    rows = [
        ["小雨", "女", date(2018, 5, 20), 18.5, True, None],
        ["=1+1", "男", date(2015, 1, 2), 22, False, None],
    ]
    content = write_xlsx([f.zh for f in FIELDS], rows, title="台账", notes=["来源：演示数据，2026-11-23"])
    sheet = read_table(content, "out.xlsx")
    reading = read_rows(sheet, FIELDS)
    assert [tuple(row.values.values()) for row in reading.accepted] == [
        ("小雨", "f", date(2018, 5, 20), 18.5, True, None),
        ("=1+1", "m", date(2015, 1, 2), 22.0, False, None),
    ]
    assert [skipped.code for skipped in reading.skipped] == ["title", "blank", "note"]


def test_header_is_frozen_and_no_cell_is_a_formula():
    content = write_xlsx(["姓名", "=A1"], [["=1+1", "{=1}"], ["@x", "http://example.invalid"]], title="=标题")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        page = archive.read("xl/worksheets/sheet1.xml").decode()
    assert (
        "<f>" not in page and "<hyperlink" not in page and 'state="frozen"' in page and 'ySplit="2"' in page
    )
    assert page.count("&#39;=") + page.count("'=") == 3


def test_long_numbers_are_written_as_text():
    content = write_xlsx(["号"], [[499232201805200198]])
    assert read_table(content, "a.xlsx").rows[0].cells == ("499232201805200198",)


def test_empty_table_has_its_header_and_notes():
    sheet = read_table(write_xlsx(["姓名", "性别"], [], notes=["来源：演示"]), "a.xlsx")
    assert [column.label for column in sheet.columns] == ["姓名", "性别"] and sheet.rows == []


def test_template_matches_its_own_fields_and_reads_a_filled_row():
    example = ["小雨", "女", "2018-05-20", 18.5, "是", None]
    sheet = read_table(template_xlsx(FIELDS, "儿童导入模板", example), "模板.xlsx", fields=FIELDS)
    assert [column.label for column in sheet.columns][:4] == ["姓名*", "性别", "出生日期", "体重（kg）"]
    reading = read_rows(sheet, FIELDS)
    assert reading.accepted[0].values["birth"] == date(2018, 5, 20) and not reading.refused
    assert sheet.other_sheets == ("说明",)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.text(CHARACTERS, min_size=1, max_size=10).map(clean_text).filter(lambda t: t and t.isprintable()),
        min_size=1,
        max_size=8,
    )
)
def test_text_survives_a_round_trip(names):
    fields = (Field("no", "序号", "no", "integer", required=True), Field("name", "名称", "title"))
    content = write_xlsx(["序号", "名称"], [[number, text] for number, text in enumerate(names)])
    sheet = read_table(content, "a.xlsx", fields=fields)
    reading = read_rows(sheet, fields)
    # "合计" is skipped and "#NAME?" refused: said, not lost.
    assert len(reading.accepted) + len(reading.refused_lines) + len(sheet.skipped) == len(names)
    for row in reading.accepted:
        original = names[row.values["no"]]
        assert row.values["name"] in (original, original.removeprefix("'"), None)
