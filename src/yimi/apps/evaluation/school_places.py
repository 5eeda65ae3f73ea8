"""School places against the children who will need them: three Septembers ahead, by township.

The children are those of the register: everybody who will be in kindergarten or school within three years is born.
Places are what schools entered last as their approved places. Families move: it is a projection of who lives here now.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor
from yimi.apps.evaluation import runs
from yimi.apps.evaluation.schooling import may_count
from yimi.apps.plan.selectors import cells, run_in_force
from yimi.apps.records.selectors import in_force
from yimi.apps.register.models import Facility

FORM = "school_resources"
YEARS = 3
# Years after the September of entry into primary school; kindergarten is before it.
STAGES = {"kindergarten": (-3, -1), "primary": (0, 5), "junior": (6, 8)}
TAKEN_BY = {"kindergarten": "kindergarten", "primary": "primary", "nine_year": "primary", "junior": "junior"}
SHARES = {"public_kindergarten_share": ("public",), "inclusive_kindergarten_share": ("public", "inclusive")}


@dataclass(frozen=True)
class Gap:
    """A township's places of a stage and the children of its ages in each September."""

    township: str
    places: int | None  # None: no school of it has entered any
    demand: tuple[int, ...]

    @property
    def left(self) -> int:
        """Places left in the worst September; below zero: places that lack."""
        return (self.places or 0) - max(self.demand)


def septembers(on: date) -> list[int]:
    """The years of the next three Septembers."""
    first = on.year if on <= date(on.year, 8, 31) else on.year + 1
    return [first + ahead for ahead in range(YEARS)]


def gaps(actor: Actor, stage: str, on: date, more: Mapping[str, int] | None = None) -> list[Gap]:
    """Every township, what lacks most first, those without any places entered last. `more`: places to be added to a township, to try it out."""
    run = run_in_force()
    if run is None or not may_count(actor) or not runs.kept(run.number):
        return []
    first, last = STAGES[stage]
    # Six by 31 August enters that September: the year of the birthday, or the next.
    entry = "year(birth_date) + 6 + CASE WHEN month(birth_date) >= 9 THEN 1 ELSE 0 END"
    sums = ", ".join(
        f"count(*) FILTER ({year} - ({entry}) BETWEEN {first} AND {last}) AS y{year}"
        for year in septembers(on)
    )
    rows = runs.query(
        run.number,
        f"SELECT township, {sums} FROM {{children}} WHERE township IS NOT NULL AND death_date IS NULL GROUP BY 1",
    )
    wanted = {row["township"]: tuple(int(row[f"y{year}"]) for year in septembers(on)) for row in rows}
    given = _places(stage, on)
    none = (0,) * YEARS
    found = []
    for each in active.pack().townships():
        extra = (more or {}).get(each.code, 0)
        places = given.get(each.code)
        found.append(
            Gap(each.code, places if not extra else (places or 0) + extra, wanted.get(each.code, none))
        )
    return sorted(found, key=lambda each: (each.places is None, each.left, each.township))


def _places(stage: str, on: date) -> dict[str, int]:
    """Township → approved places of its open schools of a stage, each as it entered them last."""
    kinds = [kind for kind, taken in TAKEN_BY.items() if taken == stage]
    open_ones = Facility.objects.filter(kind__in=kinds).exclude(closed_on__lte=on)
    home = dict(open_ones.values_list("pk", "place_id"))
    entered = in_force(FORM, on).filter(subject_id__in=home).order_by("occurred_on", "pk")
    rows = entered.values_list("subject_id", "answers")
    latest = {subject: int(answers.get("places") or 0) for subject, answers in rows}
    above = {each.code: each.parent for each in active.pack().villages()}
    found: dict[str, int] = defaultdict(int)
    for subject, places in latest.items():
        code = home[subject] or ""
        found[above.get(code) or code] += places
    return dict(found)


@dataclass(frozen=True)
class Share:
    """A share of kindergarten children now and with more places, as percent."""

    indicator: str
    township: str  # "": the district
    now: float
    from_home: float  # the places go to children who are in no kindergarten
    from_private: float  # or to children who now are in other kindergartens


def shares(actor: Actor, kind: str, township: str, more: int) -> list[Share]:
    """What `more` places of a kind (public, inclusive) in a township make of the shares the plan asks for."""
    run, pack = run_in_force(), active.pack()
    if run is None or not may_count(actor) or more < 1:
        return []
    found = []
    for each in cells(run, list(SHARES), actor=actor):
        district = each.place == pack.info.district
        if not each.denominator or each.numerator is None or not (district or each.place == township):
            continue
        add = more if kind in SHARES[each.indicator] else 0
        have, whole = each.numerator, each.denominator
        found.append(
            Share(
                each.indicator, "" if district else each.place, have / whole * 100, (have + add) / (whole + more) * 100,
                min(have + add, whole) / whole * 100,
            )
        )  # fmt: skip
    return found
