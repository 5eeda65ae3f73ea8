"""Numbers, codes, yes and no, ID numbers: read, or refused with what to do."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.texts import CHARACTERS

from yimi.exchange.tabular import SEX, CellProblem, Choice, Field, read_cell
from yimi.lib.identifiers import synthetic_id_number

XIAOYU = synthetic_id_number(date(2018, 5, 20), "f", 0)

WEIGHT = Field("weight", "体重", "weight", "number", unit="kg", min=0.5, max=150)
COUNT = Field("count", "人数", "people", "integer")
NAME = Field("name", "姓名", "name", required=True, max_length=20)
SEX_FIELD = Field("sex", "性别", "sex", "code", choices=SEX)
GONE = Field("away", "是否外出", "away", "boolean")
ID = Field("id_number", "身份证号", "ID number", "id_number")
KIND = Field("kind", "类别", "kind", "code", choices=(Choice("orphan", "孤儿", "orphan", ("社会散居孤儿",)),))


@pytest.mark.parametrize(
    ("field", "cell", "value"),
    [
        (WEIGHT, 12.5, 12.5), (WEIGHT, "12.5", 12.5), (WEIGHT, "１２．５", 12.5), (WEIGHT, " 12.5 kg", 12.5),
        (WEIGHT, "12.5公斤", 12.5), (WEIGHT, "12.5KG", 12.5), (WEIGHT, "'12.5", 12.5), (WEIGHT, "", None),
        (WEIGHT, "—", None), (WEIGHT, "/", None), (WEIGHT, None, None),
        (COUNT, "1,234", 1234), (COUNT, "１，２３４", 1234), (COUNT, 3.0, 3), (COUNT, 0, 0),
        (NAME, "  小　雨 ", "小 雨"), (NAME, "小\u200b雨", "小雨"), (NAME, 13800000000.0, "13800000000"),
        (NAME, "'=1+1", "=1+1"), (NAME, "'ndrangheta", "'ndrangheta"), (NAME, "＝1", "＝1"),
        (SEX_FIELD, "男", "m"), (SEX_FIELD, " 女 ", "f"), (SEX_FIELD, "女性", "f"), (SEX_FIELD, 1.0, "m"),
        (SEX_FIELD, "2", "f"), (SEX_FIELD, "M", "m"), (SEX_FIELD, "female", "f"), (SEX_FIELD, "１", "m"),
        (SEX_FIELD, "1-男", "m"), (SEX_FIELD, "2 女", "f"), (KIND, "社会散居孤儿", "orphan"),
        (GONE, "是", True), (GONE, "否", False), (GONE, "√", True), (GONE, "×", False), (GONE, True, True),
        (GONE, 0, False), (GONE, "Y", True), (GONE, "没有", False), (GONE, "无", False),
        (ID, XIAOYU, XIAOYU), (ID, f"'{XIAOYU}", XIAOYU), (ID, f" {XIAOYU[:6]} {XIAOYU[6:]}", XIAOYU),
    ],
)  # fmt: skip
def test_read(field, cell, value):
    read = read_cell(field, cell)
    assert read == value and type(read) is type(value)


@pytest.mark.parametrize(
    ("field", "cell", "code"),
    [
        (WEIGHT, "25斤", "wrong_unit"), (WEIGHT, "12500克", "wrong_unit"), (WEIGHT, "约12", "not_a_number"),
        (WEIGHT, "12.5?", "not_a_number"), (WEIGHT, "12..5", "not_a_number"), (WEIGHT, 0.2, "out_of_range"),
        (WEIGHT, 1250, "out_of_range"), (WEIGHT, True, "not_a_number"), (WEIGHT, date(2025, 3, 1), "not_a_number"),
        (WEIGHT, "#DIV/0!", "formula_error"), (COUNT, 3.5, "not_whole"), (COUNT, "1,23", "not_a_number"),
        (COUNT, "3人", "wrong_unit"), (NAME, "", "missing"), (NAME, "  ", "missing"), (NAME, "长" * 21, "too_long"),
        (NAME, 4.99e17, "digits_lost"), (SEX_FIELD, "未知", "unknown_code"), (KIND, "其他", "unknown_code"),
        (GONE, "可能", "not_yes_or_no"), (ID, 4.99e17, "digits_lost"), (ID, "4.99E+17", "digits_lost"),
        (ID, "4.99232E+17", "digits_lost"), (ID, "999999201502280000.0", "digits_lost"),
        (ID, 999999201502280014, "digits_lost"), (ID, "99999920150228001", "id_length"),
        (ID, "99999920150228001A", "id_characters"), (ID, "999999201502300014", "id_date"),
        (ID, "999999201502280019", "id_check_digit"), (ID, "999999150228001", "id_old_15_digits"),
    ],
)  # fmt: skip
def test_refused_with_the_reason(field, cell, code):
    with pytest.raises(CellProblem) as refused:
        read_cell(field, cell)
    problem = refused.value
    assert problem.code == code
    assert problem.zh.endswith("。") and problem.en.endswith(".")
    if isinstance(cell, str) and len(cell) > 8:
        assert cell not in problem.zh and cell not in problem.en


FIELDS = (WEIGHT, COUNT, NAME, SEX_FIELD, GONE, ID, KIND, Field("day", "日期", "day", "date"))


@settings(deadline=None)
@given(
    st.sampled_from(FIELDS),
    st.one_of(st.text(CHARACTERS, max_size=30), st.integers(), st.floats(), st.booleans(), st.dates()),
)
def test_never_anything_but_a_value_or_a_reason(field, cell):
    try:
        value = read_cell(field, cell)
    except CellProblem as problem:
        assert problem.zh and problem.en
    else:
        expected = {"number": float, "integer": int, "boolean": bool, "date": date}.get(field.type, str)
        assert value is None or isinstance(value, expected)
