"""What protects children at school, at the water, at home and on the way to hospital, in small numbers.

Most is in order. What is not, is on purpose: a bus whose insurance ended, schools that missed a meal, a cluster of
illness on which one of two bodies has not acted, a device out of date, a hazard nobody looked at again.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from yimi.demo import draw, texts
from yimi.demo.draw import Bools, Ints, stream
from yimi.demo.facilities import Facilities
from yimi.demo.families import Children
from yimi.demo.geography import Geography
from yimi.demo.journal import Journal

TAUGHT = ("primary", "junior", "senior", "special_school")
FED = ("kindergarten", *TAUGHT)
TOPICS = (  # topic, who teaches it, share of schools that did within the year, kinds
    ("drug_prevention", "police", 0.96, ("primary", "junior", "senior")), ("reproductive_health", "doctor", 0.9, ("junior", "senior")),
    ("rights_education", "lawyer", 0.97, TAUGHT), ("first_aid", "doctor", 0.93, TAUGHT), ("traffic", "police", 0.98, TAUGHT),
    ("drowning", "teacher", 0.99, TAUGHT), ("campus_loan", "police", 1.0, ("senior",)), ("anti_bullying", "procurator", 0.5, TAUGHT),
    ("youth_police", "police", 0.35, ("primary", "junior")),
)  # fmt: skip
GRADES = {
    "primary": range(1, 7),
    "junior": range(7, 10),
    "senior": range(10, 13),
    "special_school": range(1, 10),
}
ITEMS = ("guards", "closed", "alarm", "fire", "building", "water", "gate_traffic", "hazmat")
HOME = ("water", "fall", "burn", "poison", "road")
CHECKED_HOMES, RUNS, PER = 260, 80, 60_000  # a year, in a district of so many children
MAY_6, MAY_10, SEPTEMBER_30 = 125, 129, 272  # days after 1 January of a year without 29 February


def write_protection(
    journal: Journal, children: Children, geo: Geography, sites: Facilities, child_base: int, base: int
) -> None:
    _lessons(journal, geo, sites, base)
    _campus(journal, geo, sites, base)
    _buses(journal, geo, sites, base)
    _meals(journal, geo, sites, base)
    _devices(journal, geo, sites, base)
    _waters(journal, geo, sites, base)
    _homes(journal, children, geo, child_base)
    _runs(journal, children, geo, child_base)


def _same(value: str, n: int) -> pa.Array:
    return texts.look_up([value], np.zeros(n, np.int64))


def _yes(rng: np.random.Generator, share: float, n: int) -> pa.Array:
    return texts.truth(rng.random(n) < share)


def _lessons(journal: Journal, geo: Geography, sites: Facilities, base: int) -> None:
    """A session a topic and school; the last school of the list was never reached by anybody."""
    rng = stream(journal.seed, "lessons")
    for topic, teacher, share, kinds in TOPICS:
        schools = sites.of(*kinds)
        schools = schools[rng.random(len(schools)) < share]
        schools = schools[schools != sites.of("primary")[-1]]
        taught = [
            [f'"g{each}"' for each in GRADES[sites.kind[i]] if rng.random() < 0.6] or ['"g3"']
            for i in schools
        ]
        answers = texts.json_object(
            topic=_same(f'"{topic}"', len(schools)), grades=pa.array([f"[{','.join(each)}]" for each in taught], pa.string()),
            participants=texts.whole(np.array([len(each) for each in taught], np.int64) * rng.integers(25, 60, len(schools))),
            taught_by=_same(f'"{teacher}"', len(schools)),
        )  # fmt: skip
        on = journal.as_of - rng.integers(10, 320, len(schools))
        journal.write("education_session", base + schools, on, answers, place=sites.place[schools], org=geo.education_office)  # fmt: skip
    schools = sites.of(*TAUGHT)
    certified = schools[rng.random(len(schools)) < 0.95]
    owner, turn = draw.spread(rng.integers(1, 4, len(certified)))
    until = journal.as_of + rng.integers(40, 1000, len(owner))
    until[:2] = journal.as_of - 20
    answers = texts.json_object(
        number=texts.join('"演示急', texts.whole(certified[owner] * 10 + turn), '"'),
        valid_until=texts.quoted(texts.iso_date(until)),
    )
    on = np.minimum(until - 1095 + 5, journal.as_of - 30)
    who = certified[owner]
    journal.write("first_aider", base + who, on, answers, place=sites.place[who], org=geo.education_office)


def _campus(journal: Journal, geo: Geography, sites: Facilities, base: int) -> None:
    rng = stream(journal.seed, "campus safety")
    schools = sites.of(*FED)
    for back in (1, 0):
        met = rng.random((len(ITEMS), len(schools))) < (0.99 if back == 0 else 0.97)
        risk = (~met).sum(axis=0)
        on = journal.as_of - 182 * back - rng.integers(8, 70, len(schools))
        answers = texts.json_object(
            **{each: texts.truth(met[i]) for i, each in enumerate(ITEMS)},
            risk=texts.whole(risk),
            fix_by=texts.quoted(texts.look_up_where(texts.iso_date(on + 30), risk > 0)),
        )
        journal.write("campus_safety_check", base + schools, on, answers, place=sites.place[schools], org=geo.education_office)  # fmt: skip
    first = schools[:2]
    answers = texts.json_object(
        bodies=_same('"区公安局、区市场监管局、区卫生健康委（演示）"', len(first)),
        orders=_same("2", len(first)),
        open_orders=pa.array(["1", "0"][: len(first)]),
        fix_by=texts.quoted(texts.look_up_where(texts.iso_date(np.full(len(first), journal.as_of - 6)), np.arange(len(first)) == 0)),
    )  # fmt: skip
    on = np.full(len(first), journal.as_of - 36)
    journal.write("joint_inspection", base + first, on, answers, place=sites.place[first], org=geo.education_office)  # fmt: skip


def _buses(journal: Journal, geo: Geography, sites: Facilities, base: int) -> None:
    """The insurance of the first ended last week; the second has no attendant."""
    rng = stream(journal.seed, "buses")
    buses = sites.of("school_bus")
    ends = journal.as_of + rng.integers(60, 700, (4, len(buses)))
    ends[2, :1] = journal.as_of - 6
    names = ("permit_until", "inspected_until", "insured_until", "driver_until")
    answers = texts.json_object(
        route=texts.join('"演示', texts.whole(np.arange(1, len(buses) + 1)), '号线"'), seats=_same("19", len(buses)),
        **{name: texts.quoted(texts.iso_date(ends[i])) for i, name in enumerate(names)},
        attendant=texts.truth(np.arange(len(buses)) != 1), valid_until=texts.quoted(texts.iso_date(ends.min(axis=0))),
    )  # fmt: skip
    on = journal.as_of - rng.integers(10, 150, len(buses))
    journal.write("bus_check", base + buses, on, answers, place=sites.place[buses], org=geo.education_office)


def _meals(journal: Journal, geo: Geography, sites: Facilities, base: int) -> None:
    """Two weeks of accompanied meals; two schools missed the last day. A cluster of illness since yesterday."""
    rng = stream(journal.seed, "meals")
    schools = sites.of(*FED)
    on = np.full(len(schools), journal.as_of - 60)
    month = draw.date_of(journal.as_of).month
    until = journal.as_of + (-5 if month in (2, 7, 8) else 45)
    answers = texts.json_object(
        since=texts.quoted(texts.iso_date(on)), until=texts.quoted(texts.iso_date(np.full(len(on), until))),
        principal=_yes(rng, 0.98, len(on)),
    )  # fmt: skip
    journal.write(
        "meal_term", base + schools, on, answers, place=sites.place[schools], org=geo.education_office
    )
    days = [
        day for day in range(journal.as_of - 12, min(journal.as_of, until)) if draw.date_of(day).weekday() < 5
    ]
    for day in days:
        who = schools[2:] if day == days[-1] else schools
        answers = texts.json_object(
            accompanied=_same("true", len(who)), by_principal=_yes(rng, 0.3, len(who)), problem=_yes(rng, 0.02, len(who))
        )  # fmt: skip
        journal.write("accompanied_meal", base + who, np.full(len(who), day), answers, place=sites.place[who], org=geo.education_office)  # fmt: skip
    ill = np.repeat(sites.of("primary")[1:3], 2)
    on = journal.as_of - np.array([21, 20, 1, 1])[: len(ill)]
    answers = texts.json_object(
        sign=_same('"stomach"', len(ill)), ill=pa.array(["2", "3", "2", "2"][: len(ill)]), meal=_same("true", len(ill))
    )  # fmt: skip
    journal.write("school_illness", base + ill, on, answers, place=sites.place[ill], org=geo.education_office)
    side = np.array([0, 1, 0])[
        : max(len(ill) - 1, 0)
    ]  # of the second cluster the health side has not acted yet
    answers = texts.json_object(
        side=texts.look_up(['"food"', '"health"'], side), visited=_same("true", len(side)), sampled=_same("true", len(side))
    )  # fmt: skip
    on = journal.as_of - np.array([20, 20, 1])[: len(side)]
    journal.write("cluster_response", base + ill[: len(side)], on, answers, place=sites.place[ill[: len(side)]], org=geo.health_office)  # fmt: skip


def _devices(journal: Journal, geo: Geography, sites: Facilities, base: int) -> None:
    """Checked each quarter; the pads of the first have run out, the second does not work."""
    rng = stream(journal.seed, "devices")
    devices = sites.of("aed")
    until = journal.as_of + rng.integers(60, 900, len(devices))
    until[:1] = journal.as_of - 9
    for back in range(3, -1, -1):
        on = journal.as_of - 91 * back - rng.integers(3, 80, len(devices))
        answers = texts.json_object(
            kind=texts.look_up(['"aed"', '"both"'], (np.arange(len(devices)) % 3 == 0).astype(np.int64)),
            working=texts.truth((np.arange(len(devices)) != 1) | (back > 0)), valid_until=texts.quoted(texts.iso_date(until)),
            public_hours=texts.look_up(['"工作日8:30—17:30"', '"全天"'], (np.arange(len(devices)) % 4 == 0).astype(np.int64)),
        )  # fmt: skip
        journal.write("device_check", base + devices, on, answers, place=sites.place[devices], org=geo.office[sites.place[devices]])  # fmt: skip


def _waters(journal: Journal, geo: Geography, sites: Facilities, base: int) -> None:
    """Listed before summer; patrolled every week, every second day where the risk is high, with a few gaps."""
    rng = stream(journal.seed, "waters")
    waters, year = sites.of("open_water"), draw.date_of(journal.as_of).year
    january = draw.day_of(draw.date_of(journal.as_of).replace(month=1, day=1))
    if january + MAY_10 >= journal.as_of:
        year -= 1
        january = int(draw.september(np.array([year]))[0]) - (244 if year % 4 == 0 else 243)
    high = np.arange(len(waters)) % 5 == 0
    answers = texts.json_object(
        risk=texts.look_up(['"medium"', '"high"'], high.astype(np.int64)), owner=_same('"所在乡镇（街道）、村（社区）（演示）"', len(waters)),
        since=_same(f'"{draw.date_of(january + MAY_10)}"', len(waters)), until=_same(f'"{draw.date_of(january + SEPTEMBER_30)}"', len(waters)),
    )  # fmt: skip
    place = sites.place[waters]
    journal.write("water_listing", base + waters, np.full(len(waters), january + MAY_6), answers, place=place, org=geo.office[place])  # fmt: skip
    last = min(january + SEPTEMBER_30, journal.as_of - 1)
    for each, often in zip(waters, np.where(high, 2, 7), strict=True):
        on = np.arange(january + MAY_10 + int(rng.integers(0, often)), last + 1, often)
        on = on[rng.random(len(on)) < 0.97]
        who = np.full(len(on), each)
        answers = texts.json_object(
            sign_ok=_yes(rng, 0.99, len(on)), gear_ok=_yes(rng, 0.98, len(on)), children=texts.whole(rng.binomial(6, 0.05, len(on)))
        )  # fmt: skip
        journal.write("water_patrol", base + who, on, answers, place=sites.place[who], org=geo.office[sites.place[who]])  # fmt: skip


def _drawn(
    rng: np.random.Generator, children: Children, count: int, today: int, years: int
) -> tuple[Ints, Ints]:
    """So many children under an age, living here, each once, and a day of the last year."""
    here: Bools = (
        (children.last_day > today) & (children.came < today - 400) & (children.birth > today - years * 365)
    )
    among = np.flatnonzero(here & (children.birth < today - 400))
    n = min(len(among), max(round(count * len(children) / PER), 6))
    return np.sort(rng.permutation(among)[:n]), today - rng.integers(3, 360, n)


def _homes(journal: Journal, children: Children, geo: Geography, base: int) -> None:
    """Hazards at home, most of them gone at the next visit."""
    rng = stream(journal.seed, "home safety")
    who, on = _drawn(rng, children, CHECKED_HOMES, journal.as_of, 6)
    met = rng.random((len(HOME), len(who))) < 0.8
    again = np.flatnonzero((~met).any(axis=0) & (rng.random(len(who)) < 0.93) & (on + 85 < journal.as_of))
    for rows, day, found in (
        (np.arange(len(who)), on, met),
        (again, on[again] + rng.integers(50, 84, len(again)), met[:, again] | True),
    ):
        answers = texts.json_object(
            **{each: texts.truth(found[i]) for i, each in enumerate(HOME)},
            hazards=texts.whole((~found).sum(axis=0)), advice=_same("true", len(rows)),
        )  # fmt: skip
        place = children.village_on(who[rows], day)
        journal.write("home_safety_check", base + who[rows], day, answers, place=place, org=geo.health_office)


def _runs(journal: Journal, children: Children, geo: Geography, base: int) -> None:
    """Ambulances take long in the mountains; of one run the handover is missing."""
    rng = stream(journal.seed, "ambulances")
    who, on = _drawn(rng, children, RUNS, journal.as_of, 17)
    legs = [rng.integers(low, high, len(who)) for low, high in ((1, 4), (8, 55), (5, 20), (10, 90))]
    answers = texts.json_object(
        to_dispatch=texts.whole(legs[0]), to_scene=texts.whole(legs[1]), at_scene=texts.whole(legs[2]), to_hospital=texts.whole(legs[3]),
        response=texts.whole(legs[0] + legs[1]), minutes=texts.whole(np.sum(legs, axis=0)), treated=_yes(rng, 0.9, len(who)),
    )  # fmt: skip
    place = children.village_on(who, on)
    journal.write("ambulance_run", base + who, on, answers, place=place, org=geo.health_office)
    answers = texts.json_object(
        received=_same("true", len(who) - 1), minutes=texts.whole(rng.integers(1, 12, len(who) - 1)),
        warned=_yes(rng, 0.7, len(who) - 1),
    )  # fmt: skip
    journal.write(
        "ambulance_handover", base + who[1:], on[1:], answers, place=place[1:], org=geo.health_office
    )
