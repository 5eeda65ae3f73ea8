"""What an import expects: the columns of the register and of each form, made from the pack."""

from __future__ import annotations

from yimi.apps import active
from yimi.exchange.tabular import SEX, Choice, Field, FieldType
from yimi.lib.errors import NotAllowed
from yimi.pack.schema import Form, FormField

CHILD = "child"  # the register itself; everything else is the id of a form
_TYPES: dict[str, FieldType] = {
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
    "date": "date",
    "code": "code",
}

_NAME = Field(
    "name", "姓名", "name", required=True, aliases=("儿童姓名", "幼儿姓名", "学生姓名"), max_length=80
)
_ID_NUMBER = Field(
    "id_number",
    "公民身份号码",
    "ID number",
    "id_number",
    aliases=("身份证号", "身份证号码", "身份证", "证件号码", "儿童身份证号"),
)
_BIRTH = Field("birth_date", "出生日期", "birth date", "date", aliases=("出生年月日", "生日", "出生年月"))
_VILLAGE = Field(
    "village",
    "村（社区）",
    "village",
    aliases=(
        "村",
        "社区",
        "村社区",
        "村居",
        "居住村",
        "现住村",
        "现住村（社区）",
        "现居住村",
        "现居住地",
        "居住地",
        "所在村",
        "村（居）",
    ),
)
_TOWNSHIP = Field(
    "township", "乡镇（街道）", "township", aliases=("乡镇", "街道", "镇", "乡镇街道", "镇街", "所在乡镇")
)
_ON = Field(
    "occurred_on", "日期", "date", "date", required=True,
    aliases=(
        "接种日期", "接种时间", "检查日期", "体检日期", "检查时间", "走访日期", "走访时间", "登记日期", "发生日期", "认定日期", "办理日期",
    ),
)  # fmt: skip


def kinds() -> list[tuple[str, str, str]]:
    """(code, zh, en) of everything that can be imported."""
    forms = [f for f in active.pack().forms.values() if f.import_label is not None and f.subject == "child"]
    told = [(f.id, f.import_label.zh, f.import_label.en) for f in forms if f.import_label]
    return [(CHILD, "儿童花名册", "Children"), *told]


def form_of(kind: str) -> Form | None:
    """The form behind a kind; None for the register. `NotAllowed` for what cannot be imported."""
    if kind == CHILD:
        return None
    found = active.pack().forms.get(kind)
    if found is None or found.subject != "child":
        raise NotAllowed("no such import")
    return found


def fields_of(kind: str) -> tuple[Field, ...]:
    """The columns of a kind, in the order of its template."""
    form = form_of(kind)
    if form is None:
        ethnicity = Field("ethnicity", "民族", "ethnicity", "code", choices=_choices("ethnic_group"))
        return (
            _NAME, Field("sex", "性别", "sex", "code", required=True, choices=SEX), _required(_BIRTH), _ID_NUMBER,
            _required(_VILLAGE), _TOWNSHIP, ethnicity,
            Field("birth_weight_g", "出生体重", "birth weight", "integer", unit="g", min=200, max=8000),
            Field("gestation_weeks", "孕周", "gestation weeks", "integer", min=20, max=45),
        )  # fmt: skip
    answers = [
        _field(each) for each in form.fields if each.type not in ("evidence", "person") and not each.computed
    ]
    taken = {alias for each in answers for alias in (each.zh, *each.aliases)}
    on = Field(_ON.id, _ON.zh, _ON.en, _ON.type, True, tuple(a for a in _ON.aliases if a not in taken))
    return (_NAME, _ID_NUMBER, _BIRTH, _VILLAGE, _TOWNSHIP, on, *answers)


def _required(each: Field) -> Field:
    return Field(each.id, each.zh, each.en, each.type, True, each.aliases, max_length=each.max_length)


def _field(each: FormField) -> Field:
    return Field(
        each.id, each.label.zh, each.label.en, _TYPES.get(each.type, "text"), each.required, tuple(each.aliases),
        each.unit or "", each.min, each.max, _choices(each.vocabulary) if each.type == "code" else (),
    )  # fmt: skip


def _choices(vocabulary: str | None) -> tuple[Choice, ...]:
    found = active.pack().vocabularies.get(vocabulary or "")
    return tuple(Choice(c.code, c.zh, c.en, tuple(c.aliases)) for c in found.codes) if found else ()
