"""One cell to one typed value. A cell that can be read two ways, or has lost digits, is refused with the reason."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime

from yimi.exchange.tabular.fields import Cell, CellProblem, Field, Value
from yimi.exchange.tabular.reading_dates import read_date
from yimi.lib.identifiers import IdProblem, read_id_number
from yimi.lib.text import clean_text, fold, half_width

BLANK = frozenset({"", "-", "--", "—", "——", "–", "/", "\\", "n/a", "#n/a", "na", "null", "none", "nan"})
ERRORS = frozenset({"#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"})
EXACT_LIMIT = 10**15  # Excel keeps 15 digits of a number; what is longer has lost its end
YES = frozenset({"是", "有", "对", "y", "yes", "true", "t", "1", "√", "✓", "✔", "已"})
NO = frozenset({"否", "无", "没有", "错", "n", "no", "false", "f", "0", "×", "✗", "✘", "未", "不是"})
# spelling -> unit
UNITS = {
    "kg": "kg", "公斤": "kg", "千克": "kg", "斤": "jin", "市斤": "jin", "g": "g", "克": "g", "lb": "lb", "磅": "lb",
    "cm": "cm", "厘米": "cm", "公分": "cm", "m": "m", "米": "m", "mm": "mm", "毫米": "mm",
    "岁": "year", "周岁": "year", "年": "year", "月": "month", "个月": "month", "月龄": "month", "天": "day", "日": "day",
    "人": "person", "名": "person", "次": "time", "元": "yuan", "万元": "10k_yuan", "%": "%", "℃": "celsius", "°c": "celsius",
    "g/l": "g/L", "ml": "ml", "毫升": "ml",
}  # fmt: skip

_NUMBER = re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?([eE][+-]?\d{1,2})?")
_WITH_UNIT = re.compile(r"([+-]?[\d,]*\.?\d+)\s*([^\d\s].*)")
_SCIENTIFIC = re.compile(r"\d(\.\d+)?[eE]\+?\d{2}")
_CODE_PREFIX = re.compile(r"^(\w+)[-.、:：\s]+(.+)$")


def is_blank(cell: Cell) -> bool:
    """Empty, or one of the signs offices put where nothing is known."""
    return cell is None or (isinstance(cell, str) and clean_text(cell).lstrip("'’").casefold() in BLANK)


def read_cell(field: Field, cell: Cell) -> Value:
    """The typed value of a cell, None where it is blank; `CellProblem` where it cannot be read."""
    if is_blank(cell):
        if field.required:
            raise CellProblem(
                "missing", f"“{field.zh}”为必填项，不能为空。", f"{field.en} is required and empty."
            )
        return None
    if isinstance(cell, str) and cell.strip() in ERRORS:
        raise CellProblem(
            "formula_error",
            "单元格中的公式出错，请改填数值。",
            "The cell holds a formula error: enter the value.",
        )
    return READERS[field.type](field, cell)


def _date(field: Field, cell: Cell) -> Value:
    return read_date(cell)


def _text(field: Field, cell: Cell) -> Value:
    text = as_text(cell)
    if len(text) > field.max_length:
        raise CellProblem(
            "too_long",
            f"文字过长，最多{field.max_length}个字。",
            f"The text is too long: at most {field.max_length} characters.",
        )
    return text


def as_text(cell: Cell) -> str:
    """A cell as text: whole numbers without .0, days as 2025-03-01; digits lost are refused."""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, int | float):
        if abs(cell) >= EXACT_LIMIT:
            raise digits_lost()
        return str(int(cell)) if float(cell).is_integer() else repr(cell)
    if isinstance(cell, datetime):
        return (
            cell.date().isoformat() if cell.time() == datetime.min.time() else cell.isoformat(" ", "minutes")
        )
    if isinstance(cell, date):
        return cell.isoformat()
    text = clean_text(cell or "")
    # Excel's text mark; only before what it is used for, so that 'Ndrangheta stays a word.
    return re.sub(r"^['’](?=[\d=+\-@＝＋－＠'])", "", text)


def _number(field: Field, cell: Cell) -> Value:
    value = _plain_number(field, cell)
    if (field.min is not None and value < field.min) or (field.max is not None and value > field.max):
        limits = f"{_limit(field.min)}–{_limit(field.max)}{field.unit}"
        raise CellProblem(
            "out_of_range",
            f"数值超出范围（{limits}），请核对。",
            f"The number is outside {limits}: check it.",
        )
    return value


def _integer(field: Field, cell: Cell) -> Value:
    value = _number(field, cell)
    assert isinstance(value, float)
    if not value.is_integer():
        raise CellProblem("not_whole", "应为整数。", "A whole number is needed.")
    if abs(value) >= EXACT_LIMIT:
        raise digits_lost()
    return int(value)


def _plain_number(field: Field, cell: Cell) -> float:
    if isinstance(cell, bool | date):
        raise _no_number()
    if isinstance(cell, int | float):
        return float(cell)
    text = half_width(clean_text(cell or "")).lstrip("'’").replace("，", ",").strip()
    if _NUMBER.fullmatch(text):
        return float(text.replace(",", ""))
    match = _WITH_UNIT.fullmatch(text)
    unit = UNITS.get(match[2].strip().casefold()) if match else None
    if match is None or unit is None or not _NUMBER.fullmatch(match[1]):
        raise _no_number()
    if unit != UNITS.get(field.unit.casefold(), field.unit):
        wanted = f"，应为{field.unit}" if field.unit else ""
        raise CellProblem(
            "wrong_unit",
            f"数值带有单位“{match[2].strip()}”{wanted}。请换算后只填数字。",
            f"The number carries another unit than {field.unit or 'none'}: convert it and enter digits only.",
        )
    return float(match[1].replace(",", ""))


def _boolean(field: Field, cell: Cell) -> Value:
    if isinstance(cell, bool):
        return cell
    key = fold(as_text(cell))
    if key in YES:
        return True
    if key in NO:
        return False
    raise CellProblem("not_yes_or_no", "请填“是”或“否”。", "Enter yes or no.")


def _code(field: Field, cell: Cell) -> Value:
    key = fold(as_text(cell))
    spellings = field.spellings
    if key in spellings:
        return spellings[key]
    # "1-男", "01 孤儿": a number of the office's own list before the word.
    match = _CODE_PREFIX.match(half_width(as_text(cell)))
    if match and fold(match[2]) in spellings:
        return spellings[fold(match[2])]
    shown = "、".join(choice.zh for choice in field.choices[:8]) + ("等" if len(field.choices) > 8 else "")
    listed = ", ".join(choice.en or choice.code for choice in field.choices[:8])
    more = " and others" if len(field.choices) > 8 else ""
    raise CellProblem(
        "unknown_code", f"“{field.zh}”应为：{shown}。", f"{field.en} must be one of: {listed}{more}."
    )


def _id_number(field: Field, cell: Cell) -> Value:
    if isinstance(cell, bool | date):
        raise CellProblem("not_an_id_number", "不是公民身份号码。", "This is not a citizen ID number.")
    if isinstance(cell, int | float):
        if abs(cell) >= EXACT_LIMIT:
            raise digits_lost()
        cell = as_text(cell)
    text = half_width(clean_text(cell or "")).strip()
    if _SCIENTIFIC.fullmatch(text) or re.fullmatch(r"\d{15,}\.0*", text):
        raise digits_lost()
    result = read_id_number(text)
    if isinstance(result, IdProblem):
        raise CellProblem(f"id_{result.code}", result.zh, result.en)
    return result.number


def digits_lost() -> CellProblem:
    """Excel turned a long number into a floating one: 499…8 became 4.99E+17 and its last digits are gone."""
    return CellProblem(
        "digits_lost",
        "长号码被表格软件存成了数值（如4.99E+17），末几位已丢失，无法恢复。请先把该列设为“文本”格式，再从原始资料重新填写。",
        "A long number was stored as a numeric value (such as 4.99E+17) and its last digits are lost. "
        "Set the column to Text and enter the numbers again from the source.",
    )


def _limit(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _no_number() -> CellProblem:
    return CellProblem("not_a_number", "不是数字，请只填数字。", "This is not a number: enter digits only.")


READERS: dict[str, Callable[[Field, Cell], Value]] = {
    "text": _text,
    "date": _date,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "code": _code,
    "id_number": _id_number,
}
