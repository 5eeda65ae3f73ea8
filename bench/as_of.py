"""What do figures and due items of a past day cost, over the same tables, against those of today?

A past day needs no copy of the world: the same query leaves out what came later. First the proof: the past day's due
items and figures are those of tables from which every later record was taken out beforehand. Then both days are timed
alternately; the goal is at most one and a half times today's cost, for a year ago and, of a whole county, five years ago.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from bench.keep import DAY, own_peak_mib
from bench.pairs import ratio
from bench.whole_pack import province_of, read_tables

MOST = 1.5  # times today
PAST = {"last_year": date(2025, 11, 26), "five_years": date(2021, 11, 26)}


def run(directory: Path, children: int) -> dict[str, Any]:
    with province_of(directory, children) as folder:
        return measure(folder)


def measure(folder: Path) -> dict[str, Any]:
    from yimi.engines import backend
    from yimi.engines.turn import prepare
    from yimi.pack.load import load

    pack, today = load("wulong"), date.fromisoformat(DAY)
    con = backend.connect()
    con.execute("SET preserve_insertion_order = false")
    read_tables(con, sorted(folder.glob("part=*"))[:1])
    prepare(con, pack, typed=True)
    last_year = PAST["last_year"]
    then = answers(con, pack, last_year)
    assert then != answers(con, pack, today), "a year changes nothing: the proof would prove nothing"
    assert then == answers(known_then(con, pack, last_year), pack, last_year), "later records are seen"
    told: dict[str, Any] = {"children": con.execute("SELECT count(*) FROM child").fetchall()[0][0]}
    for name, day in PAST.items():
        if name != "last_year" and told["children"] < 20_000:
            continue  # with few children all days cost what an engine takes to plan
        found = ratio(evaluated(con, pack, today), evaluated(con, pack, day))
        mark = "" if name == "last_year" else f"{name}_"
        told |= {
            f"{mark}ratio": round(found.median, 2), f"{mark}goal": round(1 / MOST, 2), f"{mark}floor": round(0.5 / MOST, 2),
            f"{name}_over_today": round(1 / found.median, 2), f"{name}_at_most": MOST,
            f"{name}_seconds": float(f"{found.product_seconds:.3g}"), "today_seconds": float(f"{found.yardstick_seconds:.3g}"),
        }  # fmt: skip
    return {**told, "peak_mib": round(own_peak_mib())}


def evaluated(con: Any, pack: Any, day: date) -> Callable[[], None]:
    """Figures and due items of a day."""
    from yimi.engines.due import build_due_items
    from yimi.engines.indicators import evaluate_indicators
    from yimi.engines.turn import build_wide

    def work() -> None:
        facts = build_wide(con, pack, day, lambda stage: None)
        build_due_items(con, pack.pathways.values())
        work.figures = evaluate_indicators(con, pack, facts)  # type: ignore[attr-defined]

    return work


def answers(con: Any, pack: Any, day: date) -> tuple[str, str]:
    """A digest of every due item and of every figure of a day."""
    work = evaluated(con, pack, day)
    work()
    figures = sorted(repr(each) for each in work.figures)  # type: ignore[attr-defined]
    items = con.execute(
        "SELECT md5(string_agg(r, '' ORDER BY r)) FROM (SELECT t::VARCHAR AS r FROM due_items t)"
    ).fetchall()
    return hashlib.sha256("".join(figures).encode()).hexdigest(), str(items[0][0])


def known_then(con: Any, pack: Any, day: date) -> Any:
    """Another connection with the same tables, but no record and no interval that came after a day."""
    from yimi.engines import backend
    from yimi.engines.turn import prepare
    from yimi.pack.tables import CASES, REGISTER

    other = backend.connect()
    other.execute("SET preserve_insertion_order = false")
    forms = [f"form_{each.id}" for each in pack.forms.values()]
    for name in (*REGISTER, *CASES, *forms):
        columns = {row[0] for row in con.execute(f'DESCRIBE "{name}"').fetchall()}
        since = next((each for each in ("on", "valid_from") if each in columns), None)
        kept = f"WHERE \"{since}\" <= DATE '{day}'" if since else ""
        other.register("from_there", con.execute(f'SELECT * FROM "{name}" {kept}').to_arrow_table())
        other.execute(f'CREATE TABLE "{name}" AS SELECT * FROM from_there')
        other.unregister("from_there")
    prepare(other, pack, typed=True)
    return other
