"""Answers to a form, checked against its declaration: types, units' ranges, codes, what must be there and when.

One function for the web form, the import and the API. `show_when` and `required_when` are rules over the form's
other fields; they are printed by `yimi.rules.sql` and asked of DuckDB in one query, so that a form
means here what it means to the engines.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from yimi.pack.dated_values import parameters
from yimi.pack.load import Pack
from yimi.pack.schema import Form, FormField, Text
from yimi.pack.tables import FIELD_TYPES
from yimi.rules.parse import RuleError, parse
from yimi.rules.sql import Binding, to_sql

Value = str | int | float | bool | date | list[str]

FAR = date(9000, 1, 1)  # without a day, the parameters last set
TEXT_LIMIT, LONG_TEXT_LIMIT = 400, 4000
_TRUE = {"true", "1", "on", "yes", "y", "是", "有"}
_FALSE = {"false", "0", "off", "no", "n", "否", "无"}
_LOCAL = threading.local()


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one answer; the sentence never repeats the answer."""

    field: str
    code: str
    text: Text


@dataclass(frozen=True)
class Answers:
    """`typed` holds what was answered and is shown; empty answers leave no key. `unchecked`: rules not understood."""

    typed: dict[str, Value]
    errors: list[FieldError] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """As records keep them: dates in ISO spelling."""
        return {name: _plain(value) for name, value in self.typed.items()}


def _plain(value: Value) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def validate_answers(form: Form, answers: Mapping[str, Any], pack: Pack, on: date | None = None) -> Answers:
    """Read every answer into its type and apply the form's conditions. Text and typed values are both taken.

    `on`: the day whose parameters a computed field takes; without it, those last set.
    """
    return validate_many(form, [answers], pack, [on])[0]


def validate_many(
    form: Form, rows: Sequence[Mapping[str, Any]], pack: Pack, days: Sequence[date | None] | None = None
) -> list[Answers]:
    """The same for many rows, with one query for the conditions of all."""
    read = [_read_all(form, row, pack) for row in rows]
    conditions, unchecked = _conditions(form, [typed for typed, _ in read])
    found = [
        _applied(form, typed, errors, shown, wanted, unchecked)
        for (typed, errors), (shown, wanted) in zip(read, conditions, strict=True)
    ]
    _compute(form, [each.typed for each in found], pack, days or [None] * len(found))
    return found


def _read_all(
    form: Form, answers: Mapping[str, Any], pack: Pack
) -> tuple[dict[str, Value], list[FieldError]]:
    typed: dict[str, Value] = {}
    errors: list[FieldError] = []
    declared = {each.id for each in form.fields}
    for name in answers:
        if name not in declared:
            errors.append(_error(name[:60], "unknown_field", "表中没有这一项", "The form has no such field"))
    for each in form.fields:
        raw = answers.get(each.id)
        if each.computed or _is_empty(raw):
            continue  # what somebody typed for a computed field does not count
        try:
            typed[each.id] = _read(each, raw, pack)
        except _Wrong as wrong:
            errors.append(FieldError(each.id, wrong.code, wrong.text))
    return typed, errors


def _applied(
    form: Form,
    typed: dict[str, Value],
    errors: list[FieldError],
    shown: Mapping[str, bool],
    wanted: Mapping[str, bool],
    unchecked: list[str],
) -> Answers:
    wrong_fields = {each.field for each in errors}
    for each in form.fields:
        if not shown.get(each.id, True):
            # A hidden field is not an answer: what an earlier choice left behind must not be stored.
            typed.pop(each.id, None)
            errors = [e for e in errors if e.field != each.id]
        elif each.id not in typed and each.id not in wrong_fields and wanted.get(each.id, each.required):
            errors.append(
                _error(each.id, "required", f"请填写{each.label.zh}", f"Enter {_lower(each.label.en)}")
            )
    return Answers(typed, errors, unchecked)


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def _is_empty(raw: Any) -> bool:
    return raw is None or (isinstance(raw, str) and not raw.strip()) or (isinstance(raw, list) and not raw)


class _Wrong(Exception):
    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(en)
        self.code, self.text = code, Text(zh=zh, en=en)


def _error(name: str, code: str, zh: str, en: str) -> FieldError:
    return FieldError(name, code, Text(zh=zh, en=en))


def _read(each: FormField, raw: Any, pack: Pack) -> Value:
    if each.type in ("integer", "number"):
        return _number(each, raw)
    if each.type == "boolean":
        return _boolean(each, raw)
    if each.type == "date":
        return _date(each, raw)
    if each.type == "codes":
        items = raw if isinstance(raw, list) else str(raw).replace("；", ";").replace("、", ";").split(";")
        return [_code(each, item, pack) for item in items if str(item).strip()]
    if each.type == "code":
        return _code(each, raw, pack)
    text = _text(each, raw)
    known: Mapping[str, Any] | None = {"place": pack.places, "organization": pack.organizations}.get(
        each.type
    )
    if known is not None and text not in known:
        raise _Wrong("unknown_code", f"{each.label.zh}不在名录中", f"{each.label.en} is not on the list")
    return text


def _text(each: FormField, raw: Any) -> str:
    if not isinstance(raw, str):
        if isinstance(raw, bool) or not isinstance(raw, int | float):
            raise _Wrong("not_text", f"{each.label.zh}应为文字", f"{each.label.en} must be text")
        raw = str(raw)
    text = str(raw).replace("\r\n", "\n").strip()
    if "\x00" in text:
        raise _Wrong(
            "bad_character",
            f"{each.label.zh}含有不能保存的字符",
            f"{each.label.en} holds a character that cannot be kept",
        )
    limit = LONG_TEXT_LIMIT if each.type == "long_text" else TEXT_LIMIT
    if len(text) > limit:
        raise _Wrong(
            "too_long", f"{each.label.zh}最多{limit}字", f"{each.label.en} takes at most {limit} characters"
        )
    return text


def _number(each: FormField, raw: Any) -> int | float:
    wrong = _Wrong("not_a_number", f"{each.label.zh}应为数字", f"{each.label.en} must be a number")
    if isinstance(raw, bool):
        raise wrong
    try:
        value = float(str(raw).strip().replace("．", ".")) if not isinstance(raw, int) else float(raw)
    except (ValueError, OverflowError):
        raise wrong from None
    if not math.isfinite(value):
        raise wrong
    if each.type == "integer" and not value.is_integer():
        raise _Wrong("not_whole", f"{each.label.zh}应为整数", f"{each.label.en} must be a whole number")
    if (each.min is not None and value < each.min) or (each.max is not None and value > each.max):
        unit = f" {each.unit}" if each.unit else ""
        low, high = _shown(each.min), _shown(each.max)
        raise _Wrong(
            "out_of_range",
            f"{each.label.zh}应在{low}至{high}{unit}之间，请核对数值和单位",
            f"{each.label.en} must be between {low} and {high}{unit}: check the value and its unit",
        )
    return int(value) if each.type == "integer" else value


def _shown(limit: float | None) -> str:
    return "…" if limit is None else f"{limit:g}"


def _boolean(each: FormField, raw: Any) -> bool:
    if isinstance(raw, bool):
        return raw
    word = str(raw).strip().lower()
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise _Wrong("not_yes_or_no", f"{each.label.zh}请填“是”或“否”", f"{each.label.en}: answer yes or no")


def _date(each: FormField, raw: Any) -> date:
    if isinstance(raw, datetime):
        return raw.date()
    if isinstance(raw, date):
        return raw
    try:
        found = date.fromisoformat(str(raw).strip())
    except ValueError:
        raise _Wrong(
            "not_a_date",
            f"{each.label.zh}应为日期，如 2026-05-01",
            f"{each.label.en} must be a date such as 2026-05-01",
        ) from None
    if not 1900 <= found.year <= 2200:
        raise _Wrong(
            "date_out_of_range", f"请核对{each.label.zh}的年份", f"Check the year of {_lower(each.label.en)}"
        )
    return found


def _code(each: FormField, raw: Any, pack: Pack) -> str:
    code = str(raw).strip()
    if each.vocabulary and pack.code(each.vocabulary, code) is None:
        raise _Wrong(
            "unknown_code", f"{each.label.zh}不在可选项中", f"{each.label.en} is not one of the choices"
        )
    return code


# --- conditions -------------------------------------------------------------------------------------------

Shown = dict[str, bool]


def _conditions(
    form: Form, rows: Sequence[Mapping[str, Value]]
) -> tuple[list[tuple[Shown, Shown]], list[str]]:
    """(shown, wanted) of each row, and rules that could not be asked: what is unknown neither shows nor wants."""
    asked: list[tuple[str, str, str]] = []  # field, show or want, SQL
    unchecked: list[str] = []
    for each in form.fields:
        for what, rule in (("show", each.show_when), ("want", each.required_when)):
            if rule:
                try:
                    asked.append((each.id, what, to_sql(parse(rule), Binding())))
                except RuleError:
                    unchecked.append(f"{each.id}: {rule}")
    answers = _ask(form, rows, [sql for _, _, sql in asked]) if asked else None
    if answers is None:
        return [({}, {})] * len(rows), unchecked + [f"{name}: {what}" for name, what, _ in asked]
    found = []
    for row in answers:
        told = list(zip(asked, row, strict=True))
        shown = {name: bool(answer) for (name, what, _), answer in told if what == "show"}
        wanted = {name: bool(answer) for (name, what, _), answer in told if what == "want"}
        found.append((shown, wanted))
    return found, unchecked


def _compute(form: Form, rows: Sequence[dict[str, Value]], pack: Pack, days: Sequence[date | None]) -> None:
    """Work out the computed fields in their order; an unknown result leaves no answer."""
    computed = [each for each in form.fields if each.computed]
    if not computed:
        return
    how = Binding({"on": "on_of_answers"}, params=parameters(pack), day="day_of_answers")
    for each in computed:
        answers = _ask(form, rows, [to_sql(parse(str(each.computed)), how)], days)
        for typed, answer in zip(rows, answers or [], strict=bool(answers)):
            if answer[0] is not None:
                typed[each.id] = _read(each, answer[0], pack)


def holds(rule: str, form: Form, typed: Mapping[str, Value]) -> bool:
    """Is a rule over the fields of a form true of these answers? Unknown is not true."""
    answers = _ask(form, [typed], [to_sql(parse(rule), Binding())])
    return bool(answers and answers[0][0])


def _ask(
    form: Form, rows: Sequence[Mapping[str, Value]], rules: list[str], days: Sequence[date | None] = ()
) -> list[Any] | None:
    """A tuple of answers for each row; None where the rules name what the form does not have."""
    import duckdb
    import pyarrow as pa

    if not hasattr(_LOCAL, "connection"):
        config: Any = {
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "threads": 1,
        }
        _LOCAL.connection = duckdb.connect(":memory:", config=config)
    con = _LOCAL.connection
    kinds = {"VARCHAR": pa.string(), "VARCHAR[]": pa.list_(pa.string()), "INTEGER": pa.int64(), "DOUBLE": pa.float64(),
             "BOOLEAN": pa.bool_(), "DATE": pa.date32()}  # fmt: skip
    columns = {
        each.id.lower(): pa.array([row.get(each.id) for row in rows], kinds[FIELD_TYPES[each.type]])
        for each in form.fields
    }
    columns["row_of_answers"] = pa.array(range(len(rows)), pa.int64())
    given = list(days) or [None] * len(rows)
    columns["on_of_answers"] = pa.array(given, pa.date32())
    columns["day_of_answers"] = pa.array([each or FAR for each in given], pa.date32())
    con.register("answers_given", pa.table(columns))
    try:
        found: list[Any] = con.execute(
            f"SELECT {', '.join(rules)} FROM answers_given ORDER BY row_of_answers"
        ).fetchall()
    except duckdb.Error:
        return None  # a rule that names what the form does not have: the pack check reports it
    finally:
        con.unregister("answers_given")
    return found
