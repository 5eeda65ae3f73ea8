"""The lists `growth` (WHO) and `growth_cn` (WS/T 423): z-scores of every measured health visit.

In: `form_health_visit`, `child`. Out: tables `growth`, `growth_cn` with seq, subject_id, on, age_days, the
z-scores, the measures and `waz_drop`, the fall in weight-for-age since the best of the months before.
Implausible z-scores are left empty: they are listed for re-measuring, not counted. Built only when read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from yimi.engines.backend import Connection, side_by_side
from yimi.engines.growth import assess, assess_table, faltering, load_standard
from yimi.engines.growth.tables import INDICATORS, Indicator

VISITS = "health_visit"  # the form that measures
Array = NDArray[Any]
STANDARDS = {"growth": "who", "growth_cn": "china"}
FALL_WITHIN_MONTHS = 6  # editorial: two visits apart at most in the second year
_SCORES: tuple[Indicator, ...] = ("waz", "haz", "whz", "baz", "hcz")
_POSITIONS = {"lying": 1, "standing": 2}
_MEASURED = """
    SELECT v.seq, v.subject_id, v."on", (v."on" - c.birth_date)::DOUBLE AS age_days, v.weight_kg, v.height_cm, v.head_cm,
           CASE c.sex WHEN 'm' THEN 1 WHEN 'f' THEN 2 ELSE 0 END AS sex,
           CASE v.measured WHEN 'lying' THEN 1 WHEN 'standing' THEN 2 ELSE 0 END AS measured
    FROM form_health_visit v JOIN child c USING (subject_id)
    WHERE c.birth_date IS NOT NULL AND (v.weight_kg IS NOT NULL OR v.height_cm IS NOT NULL)
    ORDER BY v.subject_id, v."on", v.seq"""


def build_growth_lists(con: Connection, reads: Mapping[str, Collection[str]]) -> None:
    """Create the growth tables that `reads` asks for (list → its fields), with those scores and no more."""
    wanted = [name for name in STANDARDS if name in reads]
    if not wanted:
        return
    measured = con.execute(_MEASURED).to_arrow_table()
    side_by_side(con, *(partial(_build, measured, name, set(reads[name])) for name in wanted))


def _build(measured: pa.Table, name: str, fields: set[str], con: Connection) -> None:
    scores = [each for each in _SCORES if each in fields]
    con.register(f"scored_{name}", _scored(measured, STANDARDS[name], scores, "waz_drop" in fields))
    plausible = "".join(f", CASE WHEN NOT {each}_flag THEN {each} END AS {each}" for each in scores)
    drop = ", waz_drop" if "waz_drop" in fields else ""
    con.execute(
        f'CREATE OR REPLACE TABLE {name} AS SELECT seq, subject_id, "on", age_days::INTEGER AS age_days{plausible}, '
        f"weight_kg, height_cm{drop} FROM scored_{name}"
    )
    con.unregister(f"scored_{name}")


def growth_of(
    child: Mapping[str, Any], visits: Iterable[Mapping[str, Any]], name: str
) -> list[dict[str, Any]]:
    """One of these lists for one child, from its facts and its health visits as lists of dicts."""
    birth, sex = child["birth_date"], {"m": 1, "f": 2}.get(child["sex"] or "", 0)
    measured = [
        each
        for each in visits
        if birth is not None and (each["weight_kg"] is not None or each["height_cm"] is not None)
    ]
    if not measured:
        return []
    ages = [(each["on"] - birth).days for each in measured]
    columns: dict[str, Array] = {
        name: np.array([each[name] for each in measured], dtype=np.float64)
        for name in ("weight_kg", "height_cm", "head_cm")
    }
    columns["age_days"] = np.array(ages, dtype=np.float64)
    columns["sex"] = np.full(len(measured), sex)
    columns["measured"] = np.array([_POSITIONS.get(each["measured"] or "", 0) for each in measured])
    scored = assess(columns, load_standard(STANDARDS[name]), only=_SCORES)
    drop = _drops(
        np.zeros(len(measured), dtype=np.int64), columns["age_days"], scored["waz"], scored["waz_flag"]
    )
    return [
        {"#seq": each["#seq"], "on": each["on"], "age_days": age, "weight_kg": each["weight_kg"],
         "height_cm": each["height_cm"], "waz_drop": _number(drop[n])}
        | {score: None if scored[f"{score}_flag"][n] else _number(scored[score][n]) for score in _SCORES}
        for n, (each, age) in enumerate(zip(measured, ages, strict=True))
    ]  # fmt: skip


def _number(value: float) -> float | None:
    return None if value != value else float(value)


def _scored(
    measured: pa.Table, standard: str, scores: Sequence[str] = _SCORES, falls_too: bool = True
) -> pa.Table:
    asked = [each for each in INDICATORS if each in scores or (falls_too and each == "waz")]
    table = assess_table(measured, load_standard(standard), asked)
    if not falls_too:
        return table
    columns = [table[name].to_numpy() for name in ("subject_id", "age_days", "waz", "waz_flag")]
    return table.append_column("waz_drop", pa.array(_drops(*columns), from_pandas=True))


def _drops(child: Array, days: Array, waz: Array, implausible: Array) -> Array:
    """The fall in weight-for-age that each measurement shows; NaN without one."""
    if not len(child):
        return np.full(0, np.nan)
    falls = faltering(child, days, np.where(implausible.astype(bool), np.nan, waz), FALL_WITHIN_MONTHS)
    return _looked_up(falls.child, falls.to_day, falls.drop, child, days)


def _looked_up(child: Array, day: Array, value: Array, of_child: Array, on_day: Array) -> Array:
    """The value of each (child, day) asked for; NaN where there is none, the last where there are several."""
    if not len(child):
        return np.full(len(of_child), np.nan)
    days_apart = 1 << 20
    known = child.astype(np.int64) * days_apart + day.astype(np.int64)
    asked = of_child.astype(np.int64) * days_apart + on_day.astype(np.int64)
    order = np.argsort(known, kind="stable")
    at = np.searchsorted(known[order], asked, side="right") - 1
    return np.where((at >= 0) & (known[order][at] == asked), value[order][at], np.nan)
