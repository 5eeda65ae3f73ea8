"""Ledgers as offices keep them: nothing is lost between the first line and the last."""

from __future__ import annotations

import io
from datetime import date

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from yimi.exchange.tabular import SEX, Field, match_columns, read_rows, read_table
from yimi.lib.errors import BadInput
from yimi.lib.identifiers import synthetic_id_number

ID_A = synthetic_id_number(date(2018, 5, 20), "f", 0)
ID_B = synthetic_id_number(date(2015, 1, 2), "m", 1)
FIELDS = (
    Field("name", "姓名", "name", required=True, aliases=("儿童姓名",)),
    Field("sex", "性别", "sex", "code", choices=SEX),
    Field("id_number", "身份证号", "ID number", "id_number", aliases=("公民身份号码", "身份证号码")),
    Field("birth", "出生日期", "birth date", "date"),
    Field("weight", "体重", "weight", "number", unit="kg"),
)

LEDGER = f"""武隆区2025年困境儿童台账,,,,
填报单位：示例镇,,填报日期：,2025.3,
序号,儿童姓名,性别,身份证号码,出生日期
1,小雨,女,{ID_A},2018.5.20

2,大壮,男,{ID_B},2015年1月2日
小计,2,,,
序号,儿童姓名,性别,身份证号码,出生日期
3,示例,男,4.99E+17,2015/1/2
合计：3人,,,,
注：本表一式两份。,,,,
填表人：某某,,审核人：某某,,
"""


def workbook(rows, merges=(), sheet="Sheet1", extra_sheet=False) -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        page = book.add_worksheet(sheet)
        for line, row in enumerate(rows):
            for index, cell in enumerate(row):
                if isinstance(cell, date):
                    page.write_datetime(line, index, cell, book.add_format({"num_format": "yyyy/m/d"}))
                elif cell is not None:
                    page.write(line, index, cell)
        for first_row, first_column, last_row, last_column, text in merges:
            page.merge_range(first_row, first_column, last_row, last_column, text)
        if extra_sheet:
            book.add_worksheet("续表").write(0, 0, "还有")
    return stream.getvalue()


def everything(sheet, reading) -> list[int]:
    lines = [row.line for row in reading.accepted] + reading.refused_lines
    return sorted([*lines, *(skipped.line for skipped in reading.skipped), *sheet.header_lines])


def test_a_ledger_line_by_line():
    sheet = read_table(LEDGER.encode(), "台账.csv")
    reading = read_rows(sheet, FIELDS)
    assert [row.line for row in reading.accepted] == [4, 6]
    assert reading.accepted[0].values == {
        "name": "小雨", "sex": "f", "id_number": ID_A, "birth": date(2018, 5, 20), "weight": None,
    }  # fmt: skip
    assert [(r.line, r.column, r.code) for r in reading.refused] == [(9, "身份证号码", "digits_lost")]
    assert {skipped.line: skipped.code for skipped in reading.skipped} == {
        1: "title", 2: "title", 5: "blank", 7: "total", 8: "repeated_header", 10: "total", 11: "note", 12: "note",
    }  # fmt: skip
    assert everything(sheet, reading) == list(range(1, 13))
    assert [column.label for column in reading.match.unknown] == ["序号"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_encodings_and_delimiters(encoding, delimiter):
    sheet = read_table(LEDGER.replace(",", delimiter).encode(encoding), "台账.csv")
    assert [row.line for row in read_rows(sheet, FIELDS).accepted] == [4, 6]
    assert sheet.delimiter == delimiter


def test_two_level_header_with_merged_cells():
    rows = [
        ["接种登记表"],
        [],
        ["姓名", "出生日期", "乙肝疫苗", None, "麻腮风疫苗", None],
        [None, None, "日期", "单位", "日期", "单位"],
        ["小雨", date(2018, 5, 20), date(2018, 5, 20), "示例院", "2019-1-20", "示例院"],
    ]
    merges = [
        (2, 0, 3, 0, "姓名"),
        (2, 1, 3, 1, "出生日期"),
        (2, 2, 2, 3, "乙肝疫苗"),
        (2, 4, 2, 5, "麻腮风疫苗"),
    ]
    sheet = read_table(workbook(rows, merges), "接种.xlsx")
    assert [column.full_label for column in sheet.columns] == [
        "姓名", "出生日期", "乙肝疫苗/日期", "乙肝疫苗/单位", "麻腮风疫苗/日期", "麻腮风疫苗/单位",
    ]  # fmt: skip
    assert sheet.header_lines == (3, 4)
    fields = (FIELDS[0], FIELDS[3], Field("mmr", "麻腮风疫苗/日期", "MMR date", "date"))
    values = read_rows(sheet, fields).accepted[0].values
    assert values == {"name": "小雨", "birth": date(2018, 5, 20), "mmr": date(2019, 1, 20)}


def test_two_level_header_without_merges_and_group_line_above_a_full_header():
    below = read_table("姓名,接种,,备注\n,日期,剂次,\n小雨,2019-1-20,1,无\n".encode(), "a.csv")
    assert [c.full_label for c in below.columns] == ["姓名", "接种/日期", "接种/剂次", "备注"]
    above = read_table("儿童,,接种,\n姓名,日期,日期,剂次\n小雨,2018-5-20,2019-1-20,1\n".encode(), "b.csv")
    assert [c.full_label for c in above.columns] == ["儿童/姓名", "儿童/日期", "接种/日期", "接种/剂次"]
    assert len(below.rows) == len(above.rows) == 1


def test_cells_merged_over_several_rows_are_filled_down():
    rows = [["村", "姓名", "性别"], ["甲村", "小雨", "女"], [None, "大壮", "男"], ["乙村", "示例", "男"]]
    sheet = read_table(workbook(rows, [(1, 0, 2, 0, "甲村")]), "村.xlsx")
    assert [row.cells[0] for row in sheet.rows] == ["甲村", "甲村", "乙村"]


def test_id_number_typed_into_a_number_cell_is_refused_not_guessed():
    sheet = read_table(workbook([["姓名", "身份证号"], ["小雨", 499232201805200198.0]]), "a.xlsx")
    reading = read_rows(sheet, FIELDS)
    assert [(r.line, r.code) for r in reading.refused] == [(2, "digits_lost")]
    assert "文本" in reading.refused[0].reason_zh and "Text" in reading.refused[0].reason_en


def test_second_sheet_is_named_and_can_be_chosen():
    content = workbook([["姓名", "性别"], ["小雨", "女"]], extra_sheet=True)
    assert read_table(content, "a.xlsx").other_sheets == ("续表",)
    assert read_table(content, "a.xlsx", sheet="续表").columns[0].label == "还有"
    with pytest.raises(BadInput, match="no sheet"):
        read_table(content, "a.xlsx", sheet="无")


def test_columns_missing_twice_unknown_and_in_another_unit():
    sheet = read_table("性别,性别,备注,体重（斤）\n女,女,无,25\n".encode(), "a.csv")
    match = match_columns(sheet.columns, FIELDS)
    assert [field.id for field in match.missing] == ["name"]
    assert [(field.id, [c.letter for c in columns]) for field, columns in match.duplicate] == [
        ("sex", ["A", "B"])
    ]
    assert [column.label for column in match.unknown] == ["备注"]
    assert [(field.id, column.letter) for field, column in match.wrong_unit] == [("weight", "D")]
    with pytest.raises(BadInput) as refused:
        read_rows(sheet, FIELDS)
    assert "姓名" in str(refused.value) and "A、B" in str(refused.value)


@pytest.mark.parametrize(
    "label", ["姓名", " 姓 名 ", "*姓名", "姓名（必填）", "姓名：", "Name", "ＮＡＭＥ", "儿童姓名", "姓\n名"]
)
def test_names_of_a_column(label):
    sheet = read_table(workbook([[label, "性别"], ["小雨", "女"]]), "a.xlsx", fields=FIELDS)
    assert match_columns(sheet.columns, FIELDS).columns["name"].index == 0


def test_rows_that_slipped_are_refused():
    sheet = read_table(
        "姓名,性别,出生日期\n小雨,女\n大壮,男,2015-1-2,多,,\n示例,男,2015-1-2,,\n".encode(), "a.csv"
    )
    reading = read_rows(sheet, FIELDS)
    assert [(r.line, r.code) for r in reading.refused] == [(2, "short_row"), (3, "extra_cells")]
    assert [row.line for row in reading.accepted] == [4]


def test_lines_are_counted_over_line_breaks_inside_cells():
    sheet = read_table('姓名,性别\n"小\n雨",女\n大壮,未知\n'.encode(), "a.csv")
    reading = read_rows(sheet, FIELDS)
    assert reading.accepted[0].line == 2 and reading.refused[0].line == 4


def test_progress_is_told_and_ends_at_the_total():
    content = "姓名,性别\n" + "小雨,女\n" * 2500
    told: list[tuple[int, int]] = []
    read_rows(
        read_table(content.encode(), "a.csv"), FIELDS, progress=lambda done, total: told.append((done, total))
    )
    assert told == [(0, 2500), (1000, 2500), (2000, 2500), (2500, 2500)]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf\r\n", "empty"),
        (b"PK\x03\x04 broken", "damaged"),
        (b"\xd0\xcf\x11\xe0 broken", "damaged"),
        ('姓名,性别\n"小雨,女\n大壮,男\n'.encode(), "line 2"),
        (b"<html><table><tr><td>a</td></tr></table>", "web page"),
        ("é,ü\nà,ö\n".encode("latin-1"), "UTF-8"),
        (b"a,b\n\x00\x01,c\n" * 3, "UTF-8"),
    ],
)
def test_files_that_are_no_tables(content, says):
    with pytest.raises(BadInput, match=says):
        read_table(content, "a.csv")


def test_a_cell_at_the_far_corner_does_not_fill_the_memory():
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        page = book.add_worksheet()
        page.write(0, 0, "姓名")
        page.write(1048575, 16383, "x")
    with pytest.raises(BadInput, match="far"):
        read_table(stream.getvalue(), "a.xlsx")


CELLS = st.one_of(
    st.sampled_from(
        [
            "",
            "小雨",
            "合计",
            "小计",
            "姓名",
            "性别",
            "女",
            "注：无",
            "2018-5-20",
            "3/1/2025",
            ID_A,
            "4.99E+17",
            "-",
        ]
    ),
    st.text(alphabet='小雨ab1 ,"\n：', max_size=4),
)


@settings(deadline=None)
@given(
    st.lists(st.lists(CELLS, min_size=0, max_size=7), max_size=25),
    st.sampled_from(["utf-8", "gb18030", "utf-16"]),
)
def test_every_line_is_header_accepted_refused_or_skipped(rows, encoding):
    import csv

    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(["姓名", "性别", "身份证号", "出生日期"])
    writer.writerows(rows)
    sheet = read_table(stream.getvalue().encode(encoding), "a.csv", fields=FIELDS)
    reading = read_rows(sheet, FIELDS)
    accounted = everything(sheet, reading)
    assert len(accounted) == len(set(accounted)) == sheet.lines == 1 + len(rows)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.one_of(CELLS, st.integers(), st.booleans(), st.none()), max_size=6), max_size=12))
def test_every_line_of_a_workbook_too(rows):
    content = workbook([["姓名", "性别", "身份证号", "出生日期"], *rows, ["结束", "女"]])
    sheet = read_table(content, "a.xlsx", fields=FIELDS)
    assert everything(sheet, read_rows(sheet, FIELDS)) == list(range(1, len(rows) + 3))


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_a_table_or_bad_input(content):
    try:
        sheet = read_table(content, "a")
    except BadInput as problem:
        assert str(problem)
    else:
        assert sheet.lines > 0
