"""Health and welfare facilities assessed against their standards, transfer times, training, serious diseases.

Most clinics pass; three are to be corrected and two were never assessed. One welfare institution of two meets the
rehabilitation standard. One township has not told its transfer time for two years. Some doctors lack training.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from yimi.demo import draw, texts
from yimi.demo.draw import Ints, stream
from yimi.demo.facilities import Facilities
from yimi.demo.families import Children
from yimi.demo.geography import Geography
from yimi.demo.journal import Journal
from yimi.demo.people import People

FAILED, NEVER = 3, 2  # clinics
UNTRAINED = 0.15
DISEASES = ("leukemia", "congenital_heart", "sma", "hemophilia", "solid_tumor")
DECIDED = 4  # of the children with such a disease; the others wait
POLICIES = 60
PRODUCTS = ("city_inclusive", "accident", "student", "illness")


def write_standards(journal: Journal, geo: Geography, facilities: Facilities, base: int) -> None:
    """Assessments of health facilities and welfare institutions, and how long a transfer takes."""
    rng = stream(journal.seed, "standards")
    clinics = rng.permutation(facilities.of("community_health_center"))
    passed = np.arange(len(clinics)) >= FAILED
    assessed = clinics[: max(len(clinics) - NEVER, 0)]
    _assess(journal, geo, facilities, base, assessed, "child_health_clinic", 40, passed[: len(assessed)], rng)
    for kind, standard, items in (
        ("mch_hospital", "mch_institution", 60),
        ("critical_center", "critical_care_center", 50),
    ):
        who = facilities.of(kind)
        _assess(journal, geo, facilities, base, who, standard, items, np.ones(len(who), np.bool_), rng)
    homes = facilities.of("welfare_home")
    _assess(
        journal, geo, facilities, base, homes, "designated_rehabilitation", 30, np.arange(len(homes)) > 0, rng
    )
    _beds(journal, geo, facilities, base, homes)
    _transfers(journal, geo, facilities, base, clinics, rng)


def _beds(journal: Journal, geo: Geography, facilities: Facilities, base: int, homes: Ints) -> None:
    """What each welfare institution offers; one is nearly full for the next fortnight."""
    same = np.zeros(len(homes), np.int64)
    for back in (390, 205, 24):
        answers = texts.json_object(
            beds=texts.whole(4 + 2 * np.arange(len(homes))), therapy_places=texts.whole(6 - 2 * np.arange(len(homes))),
            contact=texts.look_up(['"养育科 023-00000000（演示）"'], same),
        )  # fmt: skip
        on = np.full(len(homes), journal.as_of - back)
        journal.write(
            "shelter_capacity",
            base + homes,
            on,
            answers,
            place=facilities.place[homes],
            org=geo.welfare_office,
        )
    since = journal.as_of + np.array([-6, -2, 1, 3, -20], dtype=np.int64)
    until = since + np.array([30, 20, 14, 10, 14], dtype=np.int64)
    unit = np.array([0, 0, 0, 1, 0], dtype=np.int64)
    where = np.resize(homes[:1], len(since))
    answers = texts.json_object(
        unit=texts.look_up(['"beds"', '"therapy_places"'], unit), since=texts.quoted(texts.iso_date(since)),
        until=texts.quoted(texts.iso_date(until)),
        why=texts.look_up(['"temporary_care"', '"therapy"', '"respite"', '"street_child"'], np.array([0, 2, 0, 1, 3])),
        contact=texts.look_up(['"儿童督导员 023-00000001（演示）"'], np.zeros(len(since), np.int64)),
    )  # fmt: skip
    on = np.minimum(since - 3, journal.as_of - 1)
    journal.write(
        "bed_booking",
        base + where,
        on,
        answers,
        place=facilities.place[where],
        org=geo.office[geo.townships[:5]],
    )


def _assess(
    journal: Journal, geo: Geography, facilities: Facilities, base: int, who: Ints, standard: str, items: int,
    passed: draw.Bools, rng: np.random.Generator,
) -> None:  # fmt: skip
    on = journal.as_of - np.where(passed, rng.integers(60, 700, len(who)), rng.integers(20, 80, len(who)))
    lacking = np.where(passed, rng.integers(0, 3, len(who)), rng.integers(5, 11, len(who)))
    same = np.zeros(len(who), np.int64)
    answers = texts.json_object(
        standard=texts.look_up([f'"{standard}"'], same), items=texts.look_up([str(items)], same),
        met=texts.whole(items - lacking), missed=texts.whole(lacking),
        result=texts.look_up(['"correct"', '"pass"'], passed.astype(np.int64)),
        valid_until=texts.look_up_where(texts.quoted(texts.iso_date(draw.add_months(on, 36))), passed),
        evidence=texts.look_up(['"评估表（演示）"'], same),
    )  # fmt: skip
    office = geo.welfare_office if standard == "designated_rehabilitation" else geo.health_office
    journal.write("standard_assessment", base + who, on, answers, place=facilities.place[who], org=office)


def _transfers(
    journal: Journal,
    geo: Geography,
    facilities: Facilities,
    base: int,
    clinics: Ints,
    rng: np.random.Generator,
) -> None:
    """From a quarter of an hour in the town to two hours and a half in the mountains."""
    order = np.argsort(-geo.people[geo.township_of[facilities.place[clinics]]], kind="stable")
    who = clinics[order]
    minutes = np.rint(np.linspace(12, 140, len(who)) + rng.integers(0, 16, len(who))).astype(np.int64)
    on = journal.as_of - rng.integers(20, 330, len(who))
    on[-1:] = journal.as_of - 760
    answers = texts.json_object(
        minutes=texts.whole(minutes), road_km=texts.decimal((minutes * 0.7).astype(np.float64), 1), drill=texts.truth(rng.random(len(who)) < 0.7),
    )  # fmt: skip
    place = facilities.place[who]
    journal.write("transfer_time", base + who, on, answers, place=place, org=geo.hospital[place])


def write_training(journal: Journal, geo: Geography, people: People, base: int) -> None:
    """A training a year for most pediatricians."""
    rng = stream(journal.seed, "pediatric training")
    doctors = np.array([i for i, role in enumerate(people.role) if role == "pediatrician"], dtype=np.int64)
    who = doctors[rng.random(len(doctors)) >= UNTRAINED]
    topic = rng.integers(0, 4, len(who))
    answers = texts.json_object(
        topic=texts.look_up(['"newborn"', '"resuscitation"', '"pediatrics"', '"child_health"'], topic),
        hours=texts.whole(rng.integers(8, 41, len(who))), passed=texts.truth(np.ones(len(who), np.bool_)),
        evidence=texts.look_up(['"结业证明（演示）"'], np.zeros(len(who), np.int64)),
    )  # fmt: skip
    on = journal.as_of - rng.integers(20, 340, len(who))
    journal.write("medical_training", base + who, on, answers, place=people.place[who], org=geo.health_office)


def write_serious_diseases(journal: Journal, children: Children, geo: Geography, base: int) -> None:
    """A few children with a serious disease, most with aid; some families with a commercial policy."""
    rng = stream(journal.seed, "serious diseases")
    settled = np.flatnonzero(
        (children.last_day >= draw.FAR)
        & (children.birth < journal.as_of - 900)
        & (children.came < journal.as_of - 900)
    )
    few = rng.permutation(settled)[: len(DISEASES) + POLICIES]
    who, insured = few[: len(DISEASES)], few[len(DISEASES) :]
    on = journal.as_of - rng.integers(40, 300, len(who))
    on[-1:] = journal.as_of - 6  # newly diagnosed
    place = children.village_on(who, on)
    answers = texts.json_object(
        disease=texts.look_up([f'"{each}"' for each in DISEASES], np.arange(len(who))),
        confirmed=texts.truth(np.ones(len(who), np.bool_)), institution=pa.array(['"演示儿童医院"'] * len(who), pa.string()),
    )  # fmt: skip
    journal.write("serious_illness", base + who, on, answers, place=place, org=geo.health_office)
    decided = who[:DECIDED]
    granted = texts.json_object(
        granted=texts.truth(np.ones(len(decided), np.bool_)),
        evidence=pa.array(['"决定书（演示）"'] * len(decided), pa.string()),
    )
    journal.write(
        "serious_illness_decision",
        base + decided,
        on[:DECIDED] + 15,
        granted,
        place=place[:DECIDED],
        org=geo.welfare_office,
    )
    starts = journal.as_of - rng.integers(30, 420, len(insured))  # a year each: some have ended
    policies = texts.json_object(
        product=texts.look_up([f'"{each}"' for each in PRODUCTS], rng.integers(0, len(PRODUCTS), len(insured))),
        starts_on=texts.quoted(texts.iso_date(starts)), valid_until=texts.quoted(texts.iso_date(starts + 365)),
        limit_yuan=texts.whole(rng.integers(1, 60, len(insured)) * 10_000),
    )  # fmt: skip
    at = children.village_on(insured, starts)
    journal.write("commercial_insurance", base + insured, starts, policies, place=at, org=geo.office[at])
