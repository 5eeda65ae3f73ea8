"""How fast is the set engine's due list against the readable reference, one child after the other in plain Python?

The reference is the oracle of the tests (`tests/properties/oracle.py`): the same pack, the same rule tree and nothing
else in common. First every date, status and record of a sample of children must be the same, step by step; then both
are timed from the same start: each child's records by form, typed and sorted. The ratio is of children a second, as the
reference would take hours over all. Told for vaccination alone and for every pathway of children the oracle can read;
it knows no statuses and no school attendance, and pathways that read them are told as left out. `with_facts` counts
gathering the lists for vaccination too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from bench.keep import DAY, own_peak_mib
from bench.pairs import Ratio, ratio
from bench.whole_pack import province_of, read_tables

GOAL = 10.0
SAMPLE = 30  # children the reference works through in a round
PROVEN = 300  # and children of whom all is compared
TOLD = (
    "done", "seq", "ordinal", "earliest", "due", "overdue_after", "expires", "exception", "status", "counted",
)  # fmt: skip
ALONE = ("immunization",)
READ = (
    "immunization", "health_visits", "rehabilitation", "insurance_enrollment", "boarding", "death_review_due",
    "emergency_handover", "home_safety", "infant_care", "injury_repeat",
)  # fmt: skip
Rows = dict[int, dict[tuple[str, str], dict[str, Any]]]


def run(directory: Path, children: int) -> dict[str, Any]:
    with province_of(directory, children) as folder:
        return measure(folder)


def measure(folder: Path) -> dict[str, Any]:
    from yimi.engines import backend
    from yimi.engines.facts import build_facts
    from yimi.engines.turn import prepare
    from yimi.pack.load import load
    from yimi.pack.reads import subject_reads

    pack, as_of = load("wulong"), date.fromisoformat(DAY)
    mine = {each.id for each in pack.pathways.values() if each.subject == "child"}
    con = backend.connect()
    con.execute("SET preserve_insertion_order = false")
    read_tables(con, sorted(folder.glob("part=*"))[:1])  # one county: both work child by child
    prepare(con, pack, typed=True)
    facts = build_facts(con, pack, "child", as_of, subject_reads(pack, "child"))
    known = children_of(con, pack, facts, PROVEN)
    count = con.execute(f"SELECT count(*) FROM {facts}").fetchall()[0][0]
    left_out = ", ".join(sorted(mine - {*READ}))
    told: dict[str, Any] = {"children": count, "compared": len(known), "left_out": left_out}
    for name, pathways in (("", ALONE), ("all_", READ)):
        engine = engine_run(con, pack, pathways, facts)
        engine()
        items = same(con, pack, pathways, known, as_of)
        some = known[:: max(len(known) // SAMPLE, 1)]
        by_child = a_child_each(pack, pathways, some, as_of)
        factor = count / len(some)
        found = scaled(ratio(by_child, engine), factor)
        told |= {f"{name}{key}": value for key, value in found.told(GOAL).items()}
        told |= {
            f"{name}items_compared": items, f"{name}steps": sum(len(pack.pathways[each].steps) for each in pathways),
            f"{name}children_a_second": round(count / found.product_seconds),
        }  # fmt: skip
        if pathways == ALONE:
            with_facts = gathered(con, pack, pathways, as_of)
            told["with_facts"] = round(scaled(ratio(by_child, with_facts), factor).median, 1)
    return {**told, "peak_mib": round(own_peak_mib())}


def scaled(found: Ratio, factor: float) -> Ratio:
    """The reference worked through a sample only: what all children would have taken."""
    return Ratio(found.median * factor, found.yardstick_seconds * factor, found.product_seconds)


def engine_run(con: Any, pack: Any, pathways: Sequence[str], facts: str) -> Callable[[], None]:
    """States and due items of all children."""
    from yimi.engines.due import build_due, build_state

    def work() -> None:
        for each in pathways:
            build_due(con, pack.pathways[each], build_state(con, pack, pack.pathways[each], facts))

    return work


def gathered(con: Any, pack: Any, pathways: Sequence[str], as_of: date) -> Callable[[], None]:
    """The same from the typed records: each child's lists gathered first."""
    from yimi.engines.facts import build_facts
    from yimi.pack.reads import pathway_reads

    reads: dict[str, set[str]] = {}
    for each in pathways:
        for name, fields in pathway_reads(pack, pack.pathways[each]).items():
            reads.setdefault(name, set()).update(fields)

    def work() -> None:
        engine_run(con, pack, pathways, build_facts(con, pack, "child", as_of, reads, "facts_of_bench"))()

    return work


# --- the reference ----------------------------------------------------------------------------------------------


def children_of(con: Any, pack: Any, facts: str, count: int) -> list[tuple[int, str | None, Any]]:
    """(subject, place, child of the oracle) of every n-th child, with all its records."""
    from tests.properties.oracle import Child, Record

    from yimi.engines import backend

    every = con.execute(f"SELECT count(*) FROM {facts}").fetchall()[0][0]
    con.execute(
        f"CREATE OR REPLACE TABLE sampled AS SELECT subject_id, place, birth_date, sex, death_date FROM "
        f"(SELECT *, row_number() OVER (ORDER BY subject_id) AS n FROM {facts}) WHERE n % {max(every // count, 1)} = 0"
    )
    records: dict[int, list[Any]] = {}
    for form in (each.id for each in pack.forms.values() if each.subject == "child"):
        for row in backend.rows(con, f'SELECT * FROM "form_{form}" SEMI JOIN sampled USING (subject_id)'):
            answers = {name: value for name, value in row.items() if name not in ("seq", "subject_id", "on")}
            records.setdefault(row["subject_id"], []).append(Record(row["seq"], form, row["on"], answers))
    return [
        (row["subject_id"], row["place"],
         Child(row["birth_date"], row["sex"], row["death_date"], tuple(records.get(row["subject_id"], ()))))
        for row in backend.rows(con, "SELECT * FROM sampled ORDER BY subject_id")
    ]  # fmt: skip


def listed(pack: Any, pathway: str, place: str | None, child: Any, as_of: date) -> dict[str, Any]:
    """What the oracle lists for one child; it is told where the child lives, which its own tests need not."""
    from tests.properties.oracle import Oracle

    oracle = Oracle(pack, pack.pathways[pathway], child, as_of)
    names = {**oracle.now.names, "place": place}
    oracle.now, oracle.ahead = replace(oracle.now, names=names), replace(oracle.ahead, names=names)
    oracle.applies = oracle.now.read(oracle.pathway.applies_when)
    return oracle.listed()


def a_child_each(
    pack: Any, pathways: Sequence[str], some: Sequence[tuple[int, str | None, Any]], as_of: date
) -> Callable[[], None]:
    def work() -> None:
        for _, place, child in some:
            for each in pathways:
                listed(pack, each, place, child, as_of)

    return work


def same(
    con: Any, pack: Any, pathways: Sequence[str], known: Sequence[tuple[int, str | None, Any]], as_of: date
) -> int:
    """Compare every item of every child; how many there were."""
    from yimi.engines import backend

    mine: Rows = {subject: {} for subject, _, _ in known}
    for pathway in pathways:
        for row in backend.rows(con, f"SELECT * FROM due_of_{pathway} SEMI JOIN sampled USING (subject_id)"):
            mine[row["subject_id"]][pathway, row["step"]] = {name: row[name] for name in TOLD}
    for subject, place, child in known:
        wanted = {
            (pathway, step): {name: getattr(item, name) for name in TOLD}
            for pathway in pathways
            for step, item in listed(pack, pathway, place, child, as_of).items()
        }
        assert mine[subject] == wanted, f"subject {subject}: the reference and the engine differ"
    return sum(len(each) for each in mine.values())
