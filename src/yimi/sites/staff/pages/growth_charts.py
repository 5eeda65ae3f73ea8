"""Growth charts of one child: its measurements over the curves of a standard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from yimi.engines.growth import curve, load_standard
from yimi.engines.growth.tables import Indicator
from yimi.sites.staff.pages.figures import both

STANDARDS = {"who": both("世界卫生组织标准", "WHO standard"), "china": both("中国标准", "Chinese standard")}
SOURCES = {
    "who": both(
        "世界卫生组织儿童生长标准（2006）及5～19岁参考值（2007），曲线为−3至+3个标准差；阴影为±1、±2。",
        "WHO Child Growth Standards (2006) and reference 5–19 years (2007). Curves from −3 to +3 SD; shaded ±1 and ±2.",
    ),
    "china": both(
        "7岁以下儿童生长标准（WS/T 423）及7～18岁相应标准，曲线为−3至+3个标准差；阴影为±1、±2。",
        "Chinese growth standard under 7 years (WS/T 423) and its successors to 18. Curves from −3 to +3 SD; shaded ±1 and ±2.",
    ),
}
# key → indicator of the engine, title, axis
MEASURES: dict[str, tuple[Indicator, dict[str, str], dict[str, str]]] = {
    "weight": ("waz", both("年龄别体重", "Weight for age"), both("体重 kg", "weight, kg")),
    "height": (
        "haz",
        both("年龄别身长（身高）", "Length or height for age"),
        both("身长（身高） cm", "length or height, cm"),
    ),
    "bmi": ("baz", both("年龄别体质指数", "Body mass index for age"), both("体质指数 kg/m²", "BMI, kg/m²")),
    "head": (
        "hcz",
        both("年龄别头围", "Head circumference for age"),
        both("头围 cm", "head circumference, cm"),
    ),
}
_SEX = {"m": (1, both("男", "boys")), "f": (2, both("女", "girls"))}


def charts(
    rows: Sequence[Mapping[str, Any]],
    heads: Mapping[int, float],
    sex: str | None,
    measure: str,
    standard: str,
) -> list[dict[str, Any]]:
    """The chart asked for; `rows` are the engines' growth rows by that standard, `heads` seq → circumference, cm."""
    if sex not in _SEX or not rows:
        return []
    indicator, title, axis = MEASURES[measure]
    code, of = _SEX[sex]
    points = [point for row in rows if (point := _point(row, heads, measure, indicator)) is not None]
    if not points:
        return []
    bands = _bands(standard, indicator, code, _span(points[0]["months"], points[-1]["months"]))
    return [
        {
            "title": both(f"{title['zh']}（{of['zh']}）", f"{title['en']}, {of['en']}"), "y_label": axis,
            "standard": SOURCES[standard], "bands": bands, "points": points,
        }
    ]  # fmt: skip


def tabs(measure: str, standard: str, has_heads: bool, measured: bool) -> dict[str, list[dict[str, Any]]]:
    """Which measure, and which standard; nothing where nothing was measured."""
    if not measured:
        return {"growth_tabs": [], "growth_standards": []}
    return {
        "growth_tabs": [
            {"label": both(title["zh"].removeprefix("年龄别"), title["en"].removesuffix(" for age")),
             "href": f"?growth={key}&standard={standard}#growth", "current": key == measure, "count": None}
            for key, (_, title, _) in MEASURES.items()
            if key != "head" or has_heads
        ],
        "growth_standards": [
            {"label": name, "href": f"?growth={measure}&standard={key}#growth", "current": key == standard, "count": None}
            for key, name in STANDARDS.items()
        ],
    }  # fmt: skip


def _point(
    row: Mapping[str, Any], heads: Mapping[int, float], measure: str, indicator: str
) -> dict[str, Any] | None:
    weight, height = row["weight_kg"], row["height_cm"]
    value: float | None = {"weight": weight, "height": height, "head": heads.get(row["#seq"])}.get(measure)
    if measure == "bmi" and weight and height:
        value = weight / (height / 100) ** 2
    if value is None:
        return None
    on: date = row["on"]
    return {"months": round(row["age_days"] / 30.4375, 2), "value": value, "on": on, "z": row.get(indicator)}


def _span(first: float, last: float) -> tuple[int, int]:
    """Whole years around the measurements, so that a small child's chart is not a corner of eighteen years."""
    for low, high in ((0, 12), (0, 24), (0, 60), (0, 84), (24, 120)):
        if first >= low and last <= high:
            return low, high
    return (60 if first >= 60 else 0), 216


@lru_cache(maxsize=128)
def _bands(
    standard: str, indicator: Indicator, sex: int, span: tuple[int, int]
) -> dict[int, list[tuple[float, float]]]:
    lines = curve(
        load_standard(standard), indicator, sex, step=1.0 if span[1] - span[0] <= 60 else 3.0,
        from_months=float(span[0]), to_months=float(span[1]),
    )  # fmt: skip
    found = {}
    for sd in (-3, -2, -1, 0, 1, 2, 3):
        name = "median" if sd == 0 else f"sd_{'m' if sd < 0 else 'p'}{abs(sd)}"
        found[sd] = [(float(x), float(y)) for x, y in zip(lines["x"], lines[name], strict=True) if y == y]
    return {sd: line for sd, line in found.items() if line}
