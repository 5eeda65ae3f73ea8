"""What schools are given and take part in: support, resources, events, off-campus licenses, boarding, coaches.

Few records: three weak kindergartens, some pairings, one row of resources a school, boarding of left-behind pupils.
One of everything is late, so that each alert has something to say.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from yimi.demo import draw, texts
from yimi.demo.draw import FAR, Floats, Ints, stream
from yimi.demo.facilities import Facilities
from yimi.demo.families import Children
from yimi.demo.geography import Geography
from yimi.demo.intervals import Statuses
from yimi.demo.journal import Journal
from yimi.demo.left_behind import LeftBehind
from yimi.demo.people import VOLUNTEER, People

TAUGHT = ("primary", "junior", "senior")
COACHES, LAPSED_COACHES = 9, 2
APPLICANTS = 90
REASONS = ["no_bed", "too_young", "near"]


def write_school_support(
    journal: Journal, statuses: Statuses, children: Children, geo: Geography, facilities: Facilities, left: LeftBehind,
    attendance: pa.Table, child_base: int, facility_base: int,
) -> None:  # fmt: skip
    """Everything but the coaches."""
    _weak(journal, statuses, geo, facilities, facility_base)
    _pairings(journal, statuses, geo, facilities, facility_base)
    _resources(journal, geo, facilities, attendance, facility_base)
    _events(journal, geo, facilities, facility_base)
    _tutoring(journal, geo, facilities, facility_base)
    _boarding(journal, children, geo, left, child_base)


def _same(value: str, n: int) -> pa.Array:
    return texts.look_up([value], np.zeros(n, np.int64))


def _weak(journal: Journal, statuses: Statuses, geo: Geography, facilities: Facilities, base: int) -> None:
    """Three weak kindergartens: a year on and better, half way, and one still without a plan."""
    who = facilities.of("kindergarten")[2:60:19][:3]
    since = journal.as_of - np.array([400, 170, 40])[: len(who)]
    where, office = facilities.place[who], geo.education_office
    before = texts.whole(np.array([56, 61, 58])[: len(who)])
    begun = texts.json_object(
        action=_same('"begin"', len(who)), kind=_same('"weak_kindergarten"', len(who)), score_before=before
    )
    journal.write("school_support", base + who, since, begun, place=where, org=office)
    statuses.open(base + who, "school_support", "weak_kindergarten", since)
    has_plan, place, day = who[:2], where[:2], since[:2]
    n = len(has_plan)
    plan = texts.json_object(
        partner=_same('"演示示范幼儿园"', n), goal_1=_same('"补齐班级玩教具和图书"', n), by_1=texts.quoted(texts.iso_date(day + 100)),
        goal_2=_same('"教师跟岗一个月"', n), by_2=texts.quoted(texts.iso_date(day + 200)),
    )  # fmt: skip
    journal.write("support_plan", base + has_plan, day + 20, plan, place=place, org=office)
    for after, goal in ((95, "first"), (190, "second")):
        rows = np.flatnonzero(day + after <= journal.as_of)
        done = texts.json_object(
            kind=_same('"guidance"', len(rows)),
            staff=_same("4", len(rows)),
            goal=_same(f'"{goal}"', len(rows)),
        )
        journal.write("support_activity", base + has_plan[rows], day[rows] + after, done, place=place[rows], org=office)  # fmt: skip
    recent = texts.json_object(kind=_same('"research"', n), staff=_same("6", n))
    journal.write("support_activity", base + has_plan, np.full(n, journal.as_of - 30), recent, place=place, org=office)  # fmt: skip
    score = texts.json_object(score=_same("74", len(who[:1])))
    journal.write("support_score", base + who[:1], since[:1] + 370, score, place=where[:1], org=office)


def _pairings(
    journal: Journal, statuses: Statuses, geo: Geography, facilities: Facilities, base: int
) -> None:
    """Rural schools with a partner in town; the last pairing has done nothing since spring."""
    rng = stream(journal.seed, "school pairings")
    who = np.r_[facilities.of("primary")[1::7], facilities.of("junior")[1::5]]
    n = len(who)
    if not n:
        return
    kinds = ["lead_goose", "counterpart", "group"]
    kind = rng.integers(0, 3, n)
    since = journal.as_of - rng.integers(300, 800, n)
    begun = texts.json_object(
        action=_same('"begin"', n), kind=texts.look_up([f'"{each}"' for each in kinds], kind),
        partner=texts.look_up(['"演示第一小学"', '"演示第一中学"', '"演示教育集团"'], kind),
    )  # fmt: skip
    journal.write("school_support", base + who, since, begun, place=facilities.place[who], org=geo.education_office)  # fmt: skip
    statuses.open(base + who, "school_support", texts.look_up(kinds, kind), since)
    for back in range(3):
        on = journal.as_of - 15 - 80 * back - rng.integers(0, 30, n)
        on[-1] = journal.as_of - 150 - 10 * back
        answers = texts.json_object(
            kind=texts.look_up(['"guidance"', '"research"', '"exchange"'], rng.integers(0, 3, n)),
            staff=texts.whole(rng.integers(2, 14, n)),
        )
        journal.write("support_activity", base + who, on, answers, place=facilities.place[who], org=geo.education_office)  # fmt: skip


def _resources(
    journal: Journal, geo: Geography, facilities: Facilities, attendance: pa.Table, base: int
) -> None:
    """One row a school of this autumn; small schools have more of everything for a pupil."""
    rng = stream(journal.seed, "school resources")
    schools = facilities.of("kindergarten", *TAUGHT)
    here = attendance["valid_to"].is_null().to_numpy() & attendance["facility_id"].is_valid().to_numpy()
    owner = np.asarray(attendance["facility_id"].to_numpy(), dtype=np.int64)[here] - base
    pupils = np.maximum(np.bincount(owner[owner >= 0], minlength=len(facilities))[schools], 1)
    n = len(schools)
    places = np.ceil(pupils * rng.uniform(0.92, 1.4, n) / 10).astype(np.int64) * 10

    def some(per_pupil: float, apart: float) -> Ints:
        scattered: Floats = np.maximum(rng.normal(1.0, apart, n), 0.15)
        return np.rint(pupils * per_pupil * scattered).astype(np.int64)

    answers = texts.json_object(
        places=texts.whole(places), pupils=texts.whole(pupils), teachers_higher=texts.whole(some(0.062, 0.25)),
        teachers_backbone=texts.whole(some(0.012, 0.55)), teachers_arts=texts.whole(some(0.011, 0.4)),
        teaching_m2=texts.whole(some(5.4, 0.3)), sport_m2=texts.whole(some(8.2, 0.5)),
        equipment_yuan=texts.whole(some(2600, 0.4)), network_rooms=texts.whole(some(0.026, 0.3)),
    )  # fmt: skip
    on = np.full(n, journal.as_of - 45)
    journal.write("school_resources", base + schools, on, answers, place=facilities.place[schools], org=geo.education_office)  # fmt: skip


def _events(journal: Journal, geo: Geography, facilities: Facilities, base: int) -> None:
    """School games in spring, all but at one school; a district competition and a summer camp for some."""
    rng = stream(journal.seed, "sport events")
    schools = facilities.of(*TAUGHT)
    for kind, name, back, share in (
        ("meet", "校运动会", 190, 1.0), ("competition", "区青少年田径锦标赛", 60, 0.5), ("camp", "暑期体育夏令营", 115, 0.15),
    ):  # fmt: skip
        who = schools[1:] if kind == "meet" else draw.portion(rng, schools, share)
        n, many = len(who), 150 if kind == "meet" else 12
        answers = texts.json_object(
            kind=_same(f'"{kind}"', n), name=_same(f'"{name}"', n), boys=texts.whole(rng.integers(many // 2, many, n)),
            girls=texts.whole(rng.integers(many // 3, many, n)),
        )  # fmt: skip
        on = journal.as_of - back - (rng.integers(0, 30, n) if kind == "meet" else np.zeros(n, np.int64))
        journal.write("sport_event", base + who, on, answers, place=facilities.place[who], org=geo.education_office)  # fmt: skip


def _tutoring(journal: Journal, geo: Geography, facilities: Facilities, base: int) -> None:
    """Off-campus training: one license has ended, one institution never had any."""
    who = facilities.of("tutoring")
    licensed, where, office = who[:-1], facilities.place[who], geo.education_office
    until = journal.as_of + 120 + 90 * np.arange(len(licensed))
    until[:1] = journal.as_of - 25
    answers = texts.json_object(
        number=texts.join('"演示培', texts.whole(licensed), '号"'),
        valid_until=texts.quoted(texts.iso_date(until)),
    )
    on = np.maximum(until - 1095, facilities.opened[licensed] + 1)
    journal.write("facility_license", base + licensed, on, answers, place=where[:-1], org=office)
    passed = texts.json_object(result=_same('"pass"', len(licensed)))
    journal.write("inspection", base + licensed, np.full(len(licensed), journal.as_of - 70), passed, place=where[:-1], org=office)  # fmt: skip


def _boarding(journal: Journal, children: Children, geo: Geography, left: LeftBehind, base: int) -> None:
    """Applications of August: the left-behind first; a few refused, most with something else, two unanswered."""
    rng = stream(journal.seed, "boarding")
    age = (journal.as_of - children.birth) // 365
    fit = np.flatnonzero((age >= 7) & (age <= 14) & (children.last_day >= FAR))
    away = np.intersect1d(left.child[left.open], fit)
    others = np.setdiff1d(fit, left.child)
    most = min(APPLICANTS, max(len(fit) // 25, 4))
    who = np.r_[rng.permutation(away)[: most * 2 // 3], rng.permutation(others)[: most // 3]]
    n, first = len(who), min(len(away), most * 2 // 3)
    applied = journal.as_of - 100 + rng.integers(0, 12, n)
    applied[-2:] = journal.as_of - 20
    home = children.village_on(who, applied)
    answers = texts.json_object(
        left_behind=texts.truth(np.arange(n) < first), distance_km=texts.whole(rng.integers(2, 22, n))
    )
    journal.write("boarding_application", base + who, applied, answers, place=home, org=geo.education_office)
    rows = np.arange(n - 2)
    refused = np.where(rows < first, rng.random(n - 2) < 0.08, rng.random(n - 2) < 0.35)
    result = np.where(refused, 2, 0)
    arranged = refused & (rng.random(n - 2) < 0.8)
    answers = texts.json_object(
        result=texts.look_up(['"granted"', '"waiting"', '"refused"'], result),
        reason=texts.look_up_where(
            texts.look_up([f'"{each}"' for each in REASONS], rng.integers(0, len(REASONS), n - 2)), refused
        ),
        instead=texts.look_up_where(_same('"校车接送"', n - 2), arranged),
    )
    journal.write("boarding_decision", base + who[rows], applied[rows] + 9, answers, place=home[rows], org=geo.education_office)  # fmt: skip


def write_coaches(journal: Journal, statuses: Statuses, geo: Geography, people: People, base: int) -> None:
    """Some who work with children hold a coach's certificate too; two of them have run out."""
    who = np.array([i for i, role in enumerate(people.role) if role == VOLUNTEER], dtype=np.int64)[-COACHES:]
    n = len(who)
    if not n:
        return
    since = journal.as_of - 300 - 60 * np.arange(n)
    until = since + 4 * 365
    until[-LAPSED_COACHES:] = journal.as_of - 35
    answers = texts.json_object(
        kind=_same('"coach"', n), number=texts.join('"演示教', texts.whole(who), '号"'),
        valid_until=texts.quoted(texts.iso_date(until)),
    )  # fmt: skip
    journal.write(
        "certificate", base + who, since, answers, place=people.place[who], org=geo.education_office
    )
    statuses.open(base + who, "license", "coach", since, np.where(until < journal.as_of, until, FAR), until)
