"""A wrong unit noticed while somebody types: 斤 for kilograms, grams, meters, inches, two fields swapped.

It suggests, it never corrects. A value is looked at only when it is far out for the child's age and sex; a
unit is named only when reading the value in that unit makes it an ordinary one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from yimi.engines.growth.tables import Indicator, Standard
from yimi.engines.growth.zscores import bmi, zscores

FAR_OUT = 4.0  # SD from the median at which a question is worth the worker's time
FAR_OUT_BMI = 3.5  # the same for BMI: twice the weight of a teenager is no farther out than this
ORDINARY = 2.5  # SD within which another reading is convincing

# field -> (unit zh, unit en, factor to the expected unit)
OTHER_UNITS: dict[str, tuple[tuple[str, str, float], ...]] = {
    "weight_kg": (("斤", "jin (half-kilograms)", 0.5), ("克", "grams", 0.001), ("磅", "pounds", 0.45359237)),
    "height_cm": (("米", "meters", 100.0), ("毫米", "millimeters", 0.1), ("英寸", "inches", 2.54)),
    "head_cm": (("毫米", "millimeters", 0.1), ("英寸", "inches", 2.54)),
    "muac_cm": (("毫米", "millimeters", 0.1), ("英寸", "inches", 2.54)),
}
INDICATOR_OF: dict[str, Indicator] = {
    "weight_kg": "waz",
    "height_cm": "haz",
    "head_cm": "hcz",
    "muac_cm": "acz",
}
NAMES = {
    "weight_kg": ("体重", "weight", "公斤", "kilograms"),
    "height_cm": ("身长（身高）", "length/height", "厘米", "centimeters"),
    "head_cm": ("头围", "head circumference", "厘米", "centimeters"),
    "muac_cm": ("上臂围", "arm circumference", "厘米", "centimeters"),
}


@dataclass(frozen=True)
class UnitHint:
    """A question to the person at the form.

    `unit` is the likely unit in English, "" if none fits, "swapped" for weight and height exchanged;
    `suggested` is the value in the expected unit, where a unit was found.
    """

    field: str
    unit: str
    suggested: float | None
    zh: str
    en: str


@dataclass(frozen=True)
class _Child:
    standard: Standard
    sex: int
    age_days: float
    values: dict[str, float]

    def score(self, field: str, value: float) -> float:
        """How far out `value` is for the child, in SD; weight from ten years by the BMI; NaN: cannot say."""
        z = self.z(INDICATOR_OF[field], value)
        if np.isnan(z) and field == "weight_kg" and "height_cm" in self.values:
            return self.z("baz", float(bmi(value, self.values["height_cm"])[0]))
        return z

    def bmi_score(self) -> float:
        if not {"weight_kg", "height_cm"} <= self.values.keys():
            return float("nan")
        return self.z("baz", float(bmi(self.values["weight_kg"], self.values["height_cm"])[0]))

    def z(self, indicator: Indicator, value: float) -> float:
        return float(zscores(self.standard, indicator, [self.sex], [self.age_days], [value])[0])


def plausible_unit(
    standard: Standard,
    sex: int,
    age_days: float,
    weight_kg: float | None = None,
    height_cm: float | None = None,
    head_cm: float | None = None,
    muac_cm: float | None = None,
) -> list[UnitHint]:
    """Hints for values that look like another unit; empty when all is ordinary or nothing can be said.

    Give it the WHO standard: it reaches from birth to 19 years.
    """
    given = {"weight_kg": weight_kg, "height_cm": height_cm, "head_cm": head_cm, "muac_cm": muac_cm}
    values = {field: float(value) for field, value in given.items() if value is not None and value > 0}
    child = _Child(standard, sex, age_days, values)
    scores = {field: child.score(field, value) for field, value in values.items()}
    odd = {field for field, z in scores.items() if abs(z) > FAR_OUT}
    if "height_cm" in odd and np.isnan(child.z("waz", values.get("weight_kg", 1.0))):
        odd.discard("weight_kg")  # judged by a BMI that rests on the wrong height
    # Exchanged numbers betray themselves by the height: no child is 15 cm tall.
    if "height_cm" in odd and "weight_kg" in values and _swapped(child):
        return [_swap_hint()]
    if odd:
        return [_hint(child, field) for field in values if field in odd]
    # Twice the weight of a nine-year-old is not far out for the age, but it is for the height.
    if child.bmi_score() > FAR_OUT_BMI:
        hint = _hint(child, "weight_kg")
        return [hint] if hint.unit else []
    return []


def _hint(child: _Child, field: str) -> UnitHint:
    value = child.values[field]
    name_zh, name_en, unit_zh, unit_en = NAMES[field]
    readings = [
        (abs(child.score(field, value * factor)), zh, en, value * factor)
        for zh, en, factor in OTHER_UNITS[field]
    ]
    convincing = [reading for reading in readings if reading[0] <= ORDINARY]
    if not convincing:
        zh = f"{name_zh}与同龄儿童相差很大，请核对数值和单位（单位：{unit_zh}）。"
        en = f"This {name_en} is far from what is usual at this age: check number and unit ({unit_en})."
        return UnitHint(field, "", None, zh, en)
    _, likely_zh, likely_en, suggested = convincing[0]  # the units stand in order of how often they are meant
    shown = f"{suggested:.1f}"
    zh = f"{name_zh}像是按“{likely_zh}”填写的，换算为{shown}{unit_zh}。请核对后按{unit_zh}填写。"
    en = f"This {name_en} looks like {likely_en}; that is {shown} {unit_en}. Check it and enter {unit_en}."
    return UnitHint(field, likely_en, round(suggested, 2), zh, en)


def _swapped(child: _Child) -> bool:
    weight, height = child.values["height_cm"], child.values["weight_kg"]
    mass = float(bmi(weight, height)[0])
    return abs(child.z("haz", height)) <= FAR_OUT and abs(child.z("baz", mass)) <= FAR_OUT


def _swap_hint() -> UnitHint:
    zh = "体重和身长（身高）像是填反了，请核对后对调。"
    en = "Weight and length/height look swapped: check them and put each in its own field."
    return UnitHint("weight_kg", "swapped", None, zh, en)
