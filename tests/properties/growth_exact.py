"""Growth standards told a second time, in 50 digits and straight from the CSV tables: what the engine must answer.

Nothing of `yimi.engines.growth` is used here. A child is a dict of the columns of `assess` with decimal numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_FLOOR, Context, Decimal, setcontext
from functools import cache
from pathlib import Path

TABLES = Path(__file__).resolve().parents[2] / "packs" / "china" / "growth"
INDICATORS = ("waz", "haz", "whz", "baz", "hcz", "acz")
RESTRICTED = {"waz", "whz", "baz", "acz"}
MONTH = Decimal("30.4375")
HALF, THREE = Decimal("0.5"), Decimal(3)

Row = tuple[Decimal, ...]
Child = Mapping[str, Decimal | int | None]


def precise() -> None:
    """Fifty digits for this thread."""
    setcontext(Context(prec=50))


@cache
def table(stem: str) -> dict[int, dict[Decimal, Row]]:
    """Sex → where → the columns there."""
    lines = (TABLES / f"{stem}.csv").read_text(encoding="utf-8").splitlines()
    rows: dict[int, dict[Decimal, Row]] = {1: {}, 2: {}}
    for line in [line for line in lines if not line.startswith("#")][1:]:
        sex, at, *columns = line.split(",")
        rows[1 if sex == "M" else 2][Decimal(at)] = tuple(Decimal(column) for column in columns)
    return rows


def between(rows: Mapping[Decimal, Row], at: Decimal) -> Row | None:
    """The columns at `at`, linear between the rows; None outside."""
    if at in rows:
        return rows[at]
    below = max((row for row in rows if row < at), default=None)
    above = min((row for row in rows if row > at), default=None)
    if below is None or above is None:
        return None
    share = (at - below) / (above - below)
    return tuple(low + share * (high - low) for low, high in zip(rows[below], rows[above], strict=True))


def at_sd(lms: Row, sd: Decimal) -> Decimal:
    power, median, spread = lms
    if power == 0:
        return median * (spread * sd).exp()
    return median * ((1 + power * spread * sd).ln() / power).exp()


def by_lms(value: Decimal, lms: Row, restricted: bool) -> Decimal:
    power, median, spread = lms
    if power == 1:
        z = (value / median - 1) / spread
    elif power == 0:
        z = (value / median).ln() / spread
    else:
        z = (((value / median).ln() * power).exp() - 1) / (power * spread)
    if restricted and abs(z) > THREE:
        side = THREE if z > 0 else -THREE
        outer, inner = at_sd(lms, side), at_sd(lms, side / 3 * 2)
        z = side + (value - outer) / abs(outer - inner)
    return z


def by_sds(value: Decimal, values: Row) -> Decimal:
    first = -(len(values) // 2)
    column = sum(value >= inner for inner in values[1:-1])
    return first + column + (value - values[column]) / (values[column + 1] - values[column])


# --- WHO ------------------------------------------------------------------------------------------------------


def who_row(indicator: str, sex: int, age: Decimal | None, height: Decimal | None) -> Row | None:
    """L, M, S for a child whose height is in standard position."""
    if age is None or age < 0:
        return None
    months = age / MONTH
    if indicator == "whz":
        if height is None or months >= 60:
            return None
        return between(table(f"who2006_whz_{'lying' if months < 24 else 'standing'}")[sex], height)
    if months < 60:
        return table(f"who2006_{indicator}")[sex].get(whole(age))
    if indicator in ("hcz", "acz") or months >= (121 if indicator == "waz" else 229):
        return None
    return between(_joined(indicator)[sex], months)


@cache
def _joined(indicator: str) -> dict[int, dict[Decimal, Row]]:
    """From the last day of 2006, standing for 60 months, to the first month of 2007."""
    young, old = table(f"who2006_{indicator}"), table(f"who2007_{indicator}")
    return {sex: {**old[sex], Decimal(60): young[sex][Decimal(1826)]} for sex in (1, 2)}


# --- WS/T 423 and 612 -----------------------------------------------------------------------------------------


def china_row(indicator: str, sex: int, age: Decimal | None, height: Decimal | None) -> Row | None:
    if age is None or age < 0 or indicator in ("hcz", "acz"):
        return None
    months = age / MONTH
    if months >= 84:
        return _china_school(sex, months) if indicator == "haz" else None
    if indicator == "whz":
        if height is None:
            return None
        return between(table(f"wst423_whz_{'lying' if months < 24 else 'standing'}")[sex], height)
    rows = dict(table(f"wst423_{indicator}")[sex])
    if indicator != "waz" and months < 24:
        rows = {at: row for at, row in rows.items() if at <= 24}
        rows[Decimal(24)] = _lying_at_two(indicator, sex)
    if months > 81:
        last, before = rows[Decimal(81)], rows[Decimal(78)]
        rows[Decimal(84)] = tuple(2 * late - early for late, early in zip(last, before, strict=True))
    return between(rows, months)


def _lying_at_two(indicator: str, sex: int) -> Row:
    standing = table(f"wst423_{indicator}")[sex][Decimal(24)]
    if indicator == "haz":
        return tuple(value + Decimal("0.7") for value in standing)
    median = table("wst423_haz")[sex][Decimal(24)][3]
    return tuple(value * (median / (median + Decimal("0.7"))) ** 2 for value in standing)


def _china_school(sex: int, months: Decimal) -> Row | None:
    rows = {years * 12: row for years, row in table("wst612_haz")[sex].items()}
    return None if months >= 228 else between({**rows, Decimal(228): rows[Decimal(216)]}, months)


# --- a child --------------------------------------------------------------------------------------------------


def whole(age: Decimal) -> Decimal:
    return (age + HALF).to_integral_value(ROUND_FLOOR)


def in_position(age: Decimal | None, height: Decimal | None, measured: int) -> Decimal | None:
    if age is None or height is None:
        return height
    if whole(age) >= 731:
        return height - Decimal("0.7") if measured == 1 else height
    stands = measured == 2 and age / MONTH >= 9
    return height + Decimal("0.7") if stands else height


def scores(standard: str, child: Child) -> dict[str, Decimal | None]:
    """Every z-score of a child, None where there is none."""
    sex, age = child["sex"], child["age_days"]
    assert isinstance(sex, int) and not isinstance(age, int)
    height = in_position(age, _decimal(child.get("height_cm")), int(child.get("measured") or 0))
    weight = None if child.get("oedema") else _decimal(child.get("weight_kg"))
    mass = None if weight is None or height is None else weight / (height / 100) ** 2
    values = {
        "waz": weight, "haz": height, "whz": weight, "baz": mass,
        "hcz": _decimal(child.get("head_cm")), "acz": _decimal(child.get("muac_cm")),
    }  # fmt: skip
    # A table by height is read to the millionth of a centimeter: 109.3 + 0.7 in binary is 110.0.
    along = None if height is None else height.quantize(Decimal("0.000001"))
    row_of = who_row if standard == "who" else china_row
    told: dict[str, Decimal | None] = {}
    for indicator, value in values.items():
        row = None if value is None else row_of(indicator, sex, age, along)
        if row is None or value is None:
            told[indicator] = None
        elif standard == "who":
            told[indicator] = by_lms(value, row, indicator in RESTRICTED)
        else:
            told[indicator] = by_sds(value, row)
    return told


def _decimal(value: Decimal | int | None) -> Decimal | None:
    return None if value is None else Decimal(value)
