"""Children at the seams of the growth tables, with their exact z-scores: `tests/unit/growth/golden_seams.csv`.

    python -m tests.properties.growth_seams

writes the file anew from `growth_exact` (50 digits), which knows nothing of the engine.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from tests.properties import growth_exact as exact

GOLDEN = Path(__file__).resolve().parents[1] / "unit" / "growth" / "golden_seams.csv"
GIVEN = ("sex", "age_days", "measured", "weight_kg", "height_cm", "head_cm", "muac_cm", "oedema")
NUMBERS = ("age_days", "weight_kg", "height_cm", "head_cm", "muac_cm")
AGES = (0, 1, 90, 91, 273, 274, 729, 730, 731, 732, 1825, 1826, 1827, 1856, 1857, 1858, 2466, 2556, 2557, 2558,
        3682, 3683, 6939, 6940, 6970, 6971)  # fmt: skip
PARTS_OF_DAYS = (
    "-0.2",
    "729.5",
    "730.4",
    "730.5",
    "1826.2",
    "1826.25",
    "1856.6",
    "1856.6875",
    "1857.3",
    "2556.75",
)
HEIGHTS = {
    700: ("44.9", "45.0", "45.04", "64.9", "65.0", "92.5", "92.6", "92.65", "92.7", "99.3", "100.0", "100.1",
          "109.3", "109.4", "109.9", "110.0", "110.1"),
    1200: ("64.9", "65.0", "65.6", "65.7", "74.9", "75.0", "92.6", "93.3", "110.0", "119.9", "120.0", "120.04", "120.1",
           "120.7", "129.9", "130.0", "130.1"),
}  # fmt: skip
Case = tuple[str, dict[str, Decimal | int | None]]


def cases() -> Iterator[Case]:
    """Which standard and which child."""
    for standard in ("who", "china"):
        for sex in (1, 2):
            for age in (*map(Decimal, AGES), *map(Decimal, PARTS_OF_DAYS)):
                for measured in (0, 1, 2):
                    yield standard, _child(standard, sex, age, Decimal(measured - 1) / 2, measured)
            for age, heights in HEIGHTS.items():
                for height in heights:
                    for measured in (0, 1, 2):
                        yield standard, _tall(standard, sex, Decimal(age), Decimal(height), measured)
            swollen = _child(standard, sex, Decimal(400), Decimal(1), 0)
            yield standard, {**swollen, "oedema": 1}
            for sd in ("-5", "-4", "-3", "-2", "2", "3", "4", "6"):
                for age in (0, 400, 730, 731, 1826, 1857):
                    yield standard, _child(standard, sex, Decimal(age), Decimal(sd), 0)
    for sex in (1, 2):
        for month in range(60, 229):
            age = month * exact.MONTH
            yield "who", _child("who", sex, exact.whole(age) if month % 2 else age, Decimal(month % 5 - 2), 0)


def lines() -> str:
    """The file: what is given and the z-scores to 12 digits after the point, empty where there is none."""
    exact.precise()
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["standard", *GIVEN, *exact.INDICATORS])
    for standard, child in cases():
        z = exact.scores(standard, child)
        given = ["" if child[name] is None else str(child[name]) for name in GIVEN]
        told = ["" if (score := z[name]) is None else f"{score:.12f}" for name in exact.INDICATORS]
        writer.writerow([standard, *given, *told])
    return out.getvalue()


def _child(
    standard: str, sex: int, age: Decimal, sd: Decimal, measured: int
) -> dict[str, Decimal | int | None]:
    """A child at `sd` in every measure that has a table; a height beyond the tables of weight is left as it is."""
    height = _at(standard, "haz", sex, age, sd)
    weight = _at(standard, "waz", sex, age, sd)
    if weight is None and height is not None:
        mass = _at(standard, "baz", sex, age, sd)
        weight = None if mass is None else mass * (height / 100) ** 2
    child: dict[str, Decimal | int | None] = {
        "sex": sex, "age_days": age, "measured": measured, "height_cm": _kept(height), "weight_kg": _kept(weight),
        "head_cm": _kept(_at(standard, "hcz", sex, age, sd)), "muac_cm": _kept(_at(standard, "acz", sex, age, sd)),
        "oedema": 0,
    }  # fmt: skip
    return child


def _tall(
    standard: str, sex: int, age: Decimal, height: Decimal, measured: int
) -> dict[str, Decimal | int | None]:
    return {**_child(standard, sex, age, Decimal(0), measured), "height_cm": height, "weight_kg": height / 8}


def _at(standard: str, indicator: str, sex: int, age: Decimal, sd: Decimal) -> Decimal | None:
    """The measure at `sd`; beyond +-3 by the outer step. Without a row a child of the nearest birthday stands in."""
    row = (exact.who_row if standard == "who" else exact.china_row)(indicator, sex, age, None)
    if row is None:
        return {"waz": Decimal("3.4"), "haz": Decimal("50.1"), "hcz": None, "acz": None}.get(indicator)
    if standard == "china":
        middle = len(row) // 2
        inner = max(-middle, min(middle - 1, int(sd.to_integral_value(exact.ROUND_FLOOR))))
        return row[inner + middle] + (sd - inner) * (row[inner + middle + 1] - row[inner + middle])
    if abs(sd) <= exact.THREE:
        return exact.at_sd(row, sd)
    side = exact.THREE if sd > 0 else -exact.THREE
    outer = exact.at_sd(row, side)
    return outer + (sd - side) * abs(outer - exact.at_sd(row, side / 3 * 2))


def _kept(value: Decimal | None) -> Decimal | None:
    """The decimal number that a program reads: what float keeps of it, and nothing more."""
    return None if value is None else Decimal(repr(float(value)))


if __name__ == "__main__":
    GOLDEN.write_text(lines(), encoding="utf-8")
