"""The entitlement radar (应助尽助): who receives each benefit, who does not and could, and what is owed.

From the run in force. Counts go to those who coordinate or answer for the whole district, and to whoever reads
the benefit's sensitivity, within reach; names only to the latter. Nothing here decides anything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor
from yimi.apps.evaluation import runs
from yimi.apps.evaluation.listing import by_name, marks, reach, readable, seen_at
from yimi.apps.places.selectors import subtree
from yimi.apps.plan.selectors import run_in_force
from yimi.apps.register.selectors import Hit
from yimi.engines.disclosure import ALL, suppress, tree
from yimi.engines.entitlement import NEED, STATES
from yimi.engines.indicators.withheld import least_count
from yimi.pack.schema import Entitlement

PERIODS_A_YEAR = {"month": 12, "term": 2, "year": 1}
OWED = "owed"  # beside the states: children with periods that were not paid


@dataclass
class Counts:
    """One benefit, here or in one township."""

    states: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STATES, 0))
    owed_children: int = 0
    owed_periods: int = 0
    owed_yuan: float = 0.0
    yearly_yuan: float = 0.0  # what those who receive it cost a year, by the amounts of the day
    missing_yuan: float = 0.0  # what those who have a right and do not receive it would

    withheld: frozenset[str] = (
        frozenset()
    )  # states, and `OWED`, whose number and money this person is not told

    def told(self, state: str) -> int | None:
        """Children of a state, or None where the number is withheld."""
        return None if state in self.withheld else self.states[state]

    @property
    def entitled(self) -> int:
        return self.states["receiving"] + self.states["missing"]


@dataclass(frozen=True)
class Line:
    """One child of a benefit's list, for somebody who may know."""

    hit: Hit
    state: str
    needs: list[str]
    since: date | None
    rate: float | None
    owed: list[date]
    owed_yuan: float


def may_count(actor: Actor, each: Entitlement) -> bool:
    """The whole district's counts: whoever coordinates, and departments and leaders, who see no child."""
    if actor.is_system or actor.coordinates or readable(actor, each.sensitivity):
        return True
    district = any(grant.role.level in ("district", "body") for grant in actor.grants)
    return district and not actor.configures and not any(grant.role.audits for grant in actor.grants)


def benefits(actor: Actor) -> list[Entitlement]:
    """The benefits whose counts this person sees, as the pack orders their groups."""
    order = ("living", "medical", "rehabilitation", "education", "family")
    found = [
        each
        for each in active.pack().entitlements.values()
        if each.subject == "child" and may_count(actor, each)
    ]
    return sorted(found, key=lambda each: (order.index(each.group), each.id))


def may_list(actor: Actor, each: Entitlement) -> bool:
    return bool(reach(actor, each.sensitivity))


def _where(actor: Actor, each: Entitlement, place: str) -> tuple[str, list[Any]] | None:
    """The rows this person may count; None for none."""
    if readable(actor, each.sensitivity) and not actor.coordinates:
        places = reach(actor, each.sensitivity, place)
        return (f"{seen_at(actor, places)}", sorted(places)) if places else None
    below = subtree({place}, actor.on) if place else None
    return ("TRUE", []) if below is None else (f"place IN ({marks(below)})", sorted(below))


def counts(actor: Actor, each: Entitlement, place: str = "") -> dict[str, Counts]:
    """Township → its counts; "" is the sum of all that may be seen. Children without an address are in the sum only.

    Whoever may not read the children is not told small counts, nor those that would give them away; of a village
    nothing, of a township what the table of all townships tells.
    """
    least = least_shown(actor, each)
    if not least:
        return _counted(actor, each, place)
    found = _withheld(_counted(actor, each, ""), least)
    townships = {one.code for one in active.pack().townships()}
    if place in townships:
        return {"": found.get(place, Counts()), place: found.get(place, Counts())}
    if place and place != active.pack().info.district:
        return {"": Counts(withheld=frozenset((*STATES, OWED)))}
    return found


def least_shown(actor: Actor, each: Entitlement) -> int:
    """The smallest count this person is told; 0: every one."""
    if readable(actor, each.sensitivity) and not actor.coordinates:
        return 0
    return least_count(active.pack(), each.sensitivity, actor.on)


def _withheld(found: dict[str, Counts], least: int) -> dict[str, Counts]:
    """The same, each state (and the periods owed) protected over the townships and their sum."""
    for name in (*STATES, OWED):
        held: dict[Hashable, int] = {
            key or ALL: cell.owed_children if name == OWED else cell.states[name]
            for key, cell in found.items()
        }
        for key in suppress(tree(held, {key: ALL for key in held if key != ALL}), least):
            cell = found.get("" if key == ALL else str(key))
            if cell is not None:
                cell.withheld |= {name}
    return found


def _counted(actor: Actor, each: Entitlement, place: str) -> dict[str, Counts]:
    run, where = run_in_force(), _where(actor, each, place)
    found: dict[str, Counts] = defaultdict(Counts)
    found[""] = Counts()
    if run is None or where is None or not runs.has(run.number, "owed"):
        return found
    condition, values = where
    rows = runs.query(
        run.number,
        "SELECT township, state, count(*) AS n, coalesce(sum(rate), 0) AS rate FROM {entitlements} "
        f"WHERE entitlement = ? AND state IS NOT NULL AND {condition} GROUP BY ALL",
        [each.id, *values],
    )
    yearly = PERIODS_A_YEAR.get(each.every or "", 0)
    for row in rows:
        for key in {"", row["township"] or ""}:
            cell = found[key]
            cell.states[row["state"]] += row["n"]
            cell.yearly_yuan += row["rate"] * yearly if row["state"] == "receiving" else 0
            cell.missing_yuan += row["rate"] * yearly if row["state"] == "missing" else 0
    owed = runs.query(
        run.number,
        "SELECT township, count(DISTINCT subject_id) AS children, count(*) AS n, coalesce(sum(yuan), 0) AS yuan "
        f"FROM {{owed}} WHERE entitlement = ? AND {condition} GROUP BY ALL",
        [each.id, *values],
    )
    for row in owed:
        for key in {"", row["township"] or ""}:
            found[key].owed_children += row["children"]
            found[key].owed_periods += row["n"]
            found[key].owed_yuan += row["yuan"]
    return found


def lines(
    actor: Actor, each: Entitlement, state: str, place: str, *, offset: int, limit: int
) -> tuple[list[Line], int]:
    """Children of one state (or with periods owed) by place, with their names; only for readers of the sensitivity."""
    run, places = run_in_force(), reach(actor, each.sensitivity, place)
    if run is None or not places or not readable(actor, each.sensitivity):
        return [], 0
    owed = (
        "SELECT subject_id, place, list(period ORDER BY period) AS periods, sum(yuan) AS yuan FROM {owed} "
        f"WHERE entitlement = ? AND {seen_at(actor, places)} GROUP BY ALL"
    )
    rights = f"SELECT * FROM {{entitlements}} WHERE entitlement = ? AND {seen_at(actor, places)}"
    chosen = "periods IS NOT NULL" if state == OWED else "state = ?"
    rows = runs.query(
        run.number,
        "SELECT coalesce(e.subject_id, o.subject_id) AS subject_id, coalesce(e.place, o.place) AS village, e.state, e.needs, e.since, "
        f"e.rate, o.periods, o.yuan, count(*) OVER () AS n FROM ({rights}) e FULL JOIN ({owed}) o USING (subject_id) "
        f"WHERE {chosen} ORDER BY village, subject_id LIMIT {int(limit)} OFFSET {int(offset)}",
        [each.id, *sorted(places), each.id, *sorted(places), *([] if state == OWED else [state])],
    )

    def line(hit: Hit, row: Mapping[str, Any]) -> Line:
        needs, periods = list(row["needs"] or []), list(row["periods"] or [])
        return Line(
            hit, row["state"] or "ended", needs, row["since"], row["rate"], periods, row["yuan"] or 0.0
        )

    return by_name(actor, f"radar:{each.id}", each.sensitivity, rows, line)


def need(each: Entitlement, key: str) -> Any:
    """What a need is called where the benefit says it itself; None for a plain fact of the register."""
    return each.needs[int(key.removeprefix(NEED))].what if key.startswith(NEED) else None
