"""Which column is which field: by label, English name, id or alias, with brackets, stars and spaces ignored."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from yimi.exchange.tabular.fields import Field
from yimi.exchange.tabular.reading_cells import UNITS
from yimi.exchange.tabular.sheets import Column, bare_label
from yimi.lib.errors import BadInput
from yimi.lib.text import fold, half_width


@dataclass(frozen=True)
class ColumnMatch:
    """Field id to column; required fields with no column; fields with several; columns nobody asked for."""

    columns: dict[str, Column]
    missing: tuple[Field, ...]
    duplicate: tuple[tuple[Field, tuple[Column, ...]], ...]
    unknown: tuple[Column, ...]
    wrong_unit: tuple[tuple[Field, Column], ...] = ()

    @property
    def usable(self) -> bool:
        return not (self.missing or self.duplicate or self.wrong_unit)

    def problems(self) -> list[tuple[str, str]]:
        """What stops the import, a sentence in Chinese and one in English each."""
        found = [(f"缺少必填列“{f.zh}”。", f"The required column {f.en} is missing.") for f in self.missing]
        for field, columns in self.duplicate:
            places = "、".join(column.letter for column in columns)
            found.append(
                (
                    f"“{field.zh}”出现在多列（{places}），请只保留一列。",
                    f"{field.en} stands in columns {places}: keep one.",
                )
            )
        for field, column in self.wrong_unit:
            found.append(
                (
                    f"{column.letter}列“{column.label}”的单位与要求（{field.unit}）不同，请换算后再导入。",
                    f"Column {column.letter} is in another unit than {field.unit}: convert it first.",
                )
            )
        return found


def match_columns(columns: Sequence[Column], fields: Sequence[Field]) -> ColumnMatch:
    """Match a table's columns to declared fields. A name fits one field only: the closest spelling wins."""
    exact: dict[str, Field] = {}
    for field in fields:
        for label in (field.zh, field.en, field.id, *field.aliases):
            exact.setdefault(fold(label), field)
    found: dict[str, list[Column]] = {}
    unknown: list[Column] = []
    for column in columns:
        if not column.label:
            continue
        names = (column.full_label, column.label, bare_label(column.full_label), bare_label(column.label))
        hit = next((exact[fold(name)] for name in names if fold(name) in exact), None)
        if hit is None:
            unknown.append(column)
        else:
            found.setdefault(hit.id, []).append(column)
    single = {field_id: places[0] for field_id, places in found.items() if len(places) == 1}
    return ColumnMatch(
        columns=single,
        missing=tuple(field for field in fields if field.required and field.id not in found),
        duplicate=tuple(
            (field, tuple(found[field.id])) for field in fields if len(found.get(field.id, ())) > 1
        ),
        unknown=tuple(unknown),
        wrong_unit=tuple(
            (field, single[field.id])
            for field in fields
            if field.id in single and _other_unit(field, single[field.id])
        ),
    )


def check_match(match: ColumnMatch, name: str) -> None:
    """Raise `BadInput` with everything that stops the import."""
    if not match.usable:
        raise BadInput(f"{name}: " + " ".join(zh for zh, _ in match.problems()) + " / "
                       + " ".join(en for _, en in match.problems()))  # fmt: skip


def _other_unit(field: Field, column: Column) -> bool:
    """True if the name carries a unit in brackets, such as 体重（斤）, and it is not the field's."""
    if not field.unit:
        return False
    wanted = UNITS.get(field.unit.casefold(), field.unit)
    for inside in re.findall(r"[(\[【]([^)\]】]*)[)\]】]", half_width(column.label)):
        unit = UNITS.get(inside.strip().removeprefix("单位").lstrip(":：").strip().casefold())
        if unit is not None and unit != wanted:
            return True
    return False
