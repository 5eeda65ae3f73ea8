"""Births, deaths, doses, health visits and insurance written into the journal."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from yimi.demo import draw, growth_curves, texts
from yimi.demo.draw import FAR, Bools, Floats, Ints, stream
from yimi.demo.families import Children
from yimi.demo.geography import Geography
from yimi.demo.immunization import VACCINES, Doses
from yimi.demo.journal import SECONDS, Journal
from yimi.demo.screening import Seen

VISIT_MONTHS = (0, 1, 3, 6, 8, 12, 18, 24, 30, 36, 48, 60, 72)  # 0: the home visit after discharge
WEIGHED_TWICE = 0.92  # how alike two measurements of a child are from one visit to the next
MAKERS = ["甲生物制品厂", "乙生物制品厂", "丙疫苗公司", "丁疫苗公司"]  # no such firms


def write_births(journal: Journal, children: Children, geo: Geography, base: int) -> None:
    """One birth record for each child born to a mother who lived here."""
    who = np.flatnonzero(children.birth >= children.came)
    rng = stream(journal.seed, "birth records")
    n = len(who)
    birth = children.birth[who]
    stay = rng.integers(2, 6, n) + np.where(children.weeks[who] < 36, rng.integers(5, 25, n), 0)
    discharged = np.minimum(birth + stay, np.minimum(children.death[who], journal.as_of))
    number = rng.permutation(10**6 + np.arange(n))
    answers = texts.json_object(
        discharged_on=texts.quoted(texts.iso_date(discharged)),
        weight_g=texts.whole(children.weight_g[who]),
        gestation_weeks=texts.whole(children.weeks[who]),
        delivery=texts.look_up(['"vaginal"', '"cesarean"'], (rng.random(n) < 0.42).astype(np.int64)),
        mother_hbsag=texts.look_up(
            ['"negative"', '"positive"', '"unknown"'], draw.choose(rng, [0.945, 0.043, 0.012], n)
        ),
        certificate=texts.join('"X99', texts.whole(number), '"'),
    )
    received = np.minimum(discharged + rng.integers(0, 4, n), journal.as_of) * SECONDS + rng.integers(
        30000, 60000, n
    )
    place = children.village_on(who, birth)
    journal.write(
        "birth", base + who, birth, answers, place=place, org=geo.hospital[place], received=received
    )


def write_deaths(journal: Journal, children: Children, geo: Geography, base: int) -> None:
    who = np.flatnonzero(children.death < FAR)
    rng = stream(journal.seed, "death records")
    age = children.death[who] - children.birth[who]
    early = draw.choose(rng, [0.4, 0.2, 0.3, 0.1], len(who))
    late = 2 + draw.choose(rng, [0.25, 0.2, 0.15, 0.2, 0.12, 0.08], len(who))
    causes = [
        f'"{c}"'
        for c in (
            "preterm",
            "asphyxia",
            "birth_defect",
            "infection",
            "other_disease",
            "drowning",
            "traffic",
            "fall",
        )
    ]
    answers = texts.json_object(
        cause_group=texts.look_up(causes, np.where(age < 28, early, late)),
        place_kind=texts.look_up(
            ['"hospital"', '"home"', '"way"'], draw.choose(rng, [0.7, 0.2, 0.1], len(who))
        ),
        reviewed=texts.truth((children.death[who] < journal.as_of - 60) & (rng.random(len(who)) < 0.95)),
    )
    place = children.village_on(who, children.death[who])
    journal.write("death", base + who, children.death[who], answers, place=place, org=geo.hospital[place])


def dose_answers(seed: int, name: str, vaccine: Ints, ordinal: Ints, on: Ints, elsewhere: Bools) -> pa.Array:
    """The answers of the `dose` form; lots are made up from vaccine and month."""
    rng = stream(seed, name)
    n = len(on)
    month = on // 30
    lots = [f'"{1000 + i % 9000}"' for i in range(int(month.max()) + 900 if n else 1)]
    oral = vaccine == VACCINES.index("bOPV")
    site = np.where(oral, 2, rng.integers(0, 2, n))
    return texts.json_object(
        vaccine=texts.look_up([f'"{v}"' for v in VACCINES], vaccine),
        dose_number=texts.whole(ordinal),
        lot=texts.look_up(lots, month + vaccine * 61 % 800),
        site=texts.look_up(['"left"', '"right"', '"oral"'], site),
        maker=texts.look_up([f'"{maker}"' for maker in MAKERS], vaccine % len(MAKERS)),
        elsewhere=texts.look_up(["true"], np.where(elsewhere, 0, -1)),
        evidence=texts.look_up(['"预防接种证"'], np.where(elsewhere, 0, -1)),
    )


def write_doses(journal: Journal, children: Children, geo: Geography, doses: Doses, base: int) -> Ints:
    """Journal rows of the doses, in the order of `doses`. What was given elsewhere arrives with the child."""
    answers = dose_answers(
        journal.seed, "dose answers", doses.vaccine, doses.ordinal, doses.on, doses.elsewhere
    )
    place = children.village_on(doses.child, doses.on)
    received = journal.arrival(doses.on, slow=0.1)
    arrived = (children.came[doses.child] + 7) * SECONDS + 36_000
    latest = journal.as_of * SECONDS + 60_000
    received = np.where(doses.elsewhere, np.minimum(np.maximum(received, arrived), latest), received)
    return journal.write(
        "dose", base + doses.child, doses.on, answers, place=place, org=geo.hospital[place], received=received
    )


def _visit_days(seed: int, children: Children, geo: Geography, as_of: int) -> tuple[Ints, Ints, Ints]:
    """Child, visit (index in VISIT_MONTHS) and day of each visit that took place."""
    rng = stream(seed, "visits")
    n = len(children)
    laxity = np.sqrt(geo.laxity[children.village])
    rows = []
    for i, months in enumerate(VISIT_MONTHS):
        if months == 0:
            day = children.birth + 5 + np.floor(rng.exponential(4, n)).astype(np.int64)
            kept = (rng.random(n) > 0.03 * laxity) & (day <= children.birth + 30)
        else:
            late = np.floor(rng.exponential(5 * laxity * (1 + months / 24), n)).astype(np.int64)
            window = 25 if months < 8 else (120 if months < 40 else 330)
            day = draw.add_months(children.birth, months) + np.minimum(late, window)
            kept = rng.random(n) > (0.045 if months <= 36 else 0.06) * laxity
        kept &= (day <= as_of) & (day < children.last_day) & (day >= children.came)
        who = np.flatnonzero(kept)
        rows.append((who, np.full(len(who), i), day[who]))
    child, visit, on = (np.concatenate(part) for part in zip(*rows, strict=True))
    order = np.lexsort((visit, child))
    return child[order], visit[order], on[order]


def _scores(seed: int, children: Children, child: Ints, visit: Ints) -> tuple[Floats, Floats, Floats]:
    """Height, BMI and head z of each visit: a child keeps its channel, with a few that leave it."""
    rng = stream(seed, "growth")
    n, ages = len(children), len(VISIT_MONTHS)
    born = (children.weight_g - 3290) / 480.0
    steps = np.arange(ages)
    lasting = rng.normal(-0.25, 0.85, n)
    early = np.clip(1 - steps / 6.0, 0, 1)
    height: Floats = lasting[:, None] * (1 - 0.5 * early) + np.clip(born, -3.5, 3)[:, None] * 0.5 * early
    mass: Floats = (
        rng.normal(0.05, 0.85, n)[:, None] * np.ones(ages) + np.clip(born, -2.5, 3)[:, None] * 0.3 * early
    )
    for table, wobble in ((height, 0.16), (mass, 0.3)):
        noise = rng.normal(0, wobble, (n, ages))
        for k in range(1, ages):
            noise[:, k] += WEIGHED_TWICE * 0.7 * noise[:, k - 1]
        table += noise
    kind = draw.choose(rng, [0.952, 0.007, 0.013, 0.028], n)
    start = rng.integers(2, 8, n)
    since = np.maximum(steps[None, :] - start[:, None], 0)
    height[kind == 2] -= 1.7
    height[kind == 1] -= 0.22 * since[kind == 1]
    mass[kind == 1] -= 0.45 * np.minimum(since[kind == 1], 6)
    mass[kind == 3] += np.minimum(0.33 * since[kind == 3], 2.6)
    head = np.clip(born, -2.5, 2.5) * 0.4 + rng.normal(0, 0.8, n)
    tape = rng.normal(0, 0.15, len(child))
    return height[child, visit], np.clip(mass[child, visit], -4.2, 4.6), head[child] + tape


def write_visits(journal: Journal, children: Children, geo: Geography, base: int) -> Seen:
    """Health visits at the named ages with what was measured and seen at each."""
    child, visit, on = _visit_days(journal.seed, children, geo, journal.as_of)
    rng = stream(journal.seed, "visit answers")
    n = len(child)
    months = np.array(VISIT_MONTHS)[visit]
    age = on - children.birth[child]
    male = children.male[child]
    z_height, z_mass, z_head = _scores(journal.seed, children, child, visit)
    height = growth_curves.height_cm(age, male, z_height)
    weight = growth_curves.body_mass_index(age, male, z_mass) * (height / 100) ** 2
    place = children.village_on(child, on)
    blood = np.isin(months, (6, 18, 30, 48, 60, 72))
    hb = (
        rng.normal(0, 8.0, n)
        + np.interp(months, [6, 18, 30, 72], [118, 121, 124, 128])
        + geo.high[place] * 5.0
    )
    hb = np.where(blood & (rng.random(n) < 0.95), np.clip(hb, 70, 165), np.nan)
    sight = months >= 48
    left, right = (np.clip(np.rint((rng.normal(0.85, 0.16, n)) * 10) / 10, 0.2, 1.2) for _ in range(2))
    fed = np.where(months <= 6, np.searchsorted([0.52, 0.86], rng.random(n)), -1)
    garden = sight & (rng.random(n) < 0.55)
    refer = np.where(np.isin(months, (6, 12, 24, 36)), (rng.random(n) < 0.006).astype(np.int64), -1)
    abnormal, signs = rng.random(n) < 0.013, rng.random(n) < 0.009
    answers = texts.json_object(
        weight_kg=texts.decimal(weight, 2),
        height_cm=texts.decimal(height, 1),
        measured=texts.look_up(['"lying"', '"standing"'], (age >= 731).astype(np.int64)),
        head_cm=texts.decimal(np.where(months < 36, growth_curves.head_cm(age, male, z_head), np.nan), 1),
        hb_g_l=texts.decimal(hb, 0),
        hearing=texts.look_up(['"pass"', '"refer"'], refer),
        vision_left=texts.decimal(np.where(sight, left, np.nan), 1),
        vision_right=texts.decimal(np.where(sight, right, np.nan), 1),
        eye_check=texts.look_up(['"normal"', '"abnormal"'], abnormal.astype(np.int64)),
        development=texts.look_up(
            ['"normal"', '"warning"'], np.where(months >= 3, signs.astype(np.int64), -1)
        ),
        feeding=texts.look_up(['"exclusive"', '"mixed"', '"formula"'], fed),
        place_kind=texts.look_up(
            ['"clinic"', '"home"', '"kindergarten"'], np.where(months == 0, 1, np.where(garden, 2, 0))
        ),
    )
    journal.write("health_visit", base + child, on, answers, place=place, org=geo.hospital[place])
    return Seen(child, on, abnormal, signs & (months >= 3), hb, z_mass)


def write_insurance(journal: Journal, children: Children, geo: Geography, base: int, years: int = 3) -> None:
    """Enrollment for a calendar year, made in the last months of the year before, or after birth."""
    rng = stream(journal.seed, "insurance")
    this_year = int(draw.year_of(np.array([journal.as_of]))[0])
    for year in range(this_year - years + 1, this_year + 1):
        opens = int(draw.september(np.array([year - 1]))[0])
        n = len(children)
        on = np.maximum(opens + rng.integers(0, 110, n), children.birth + rng.integers(10, 80, n))
        kept = (
            (on <= journal.as_of) & (on < children.last_day) & (on >= children.came) & (rng.random(n) < 0.985)
        )
        kept &= draw.year_of(on) <= year
        who = np.flatnonzero(kept)
        answers = texts.json_object(
            year=texts.look_up([str(year)], np.zeros(len(who), np.int64)),
            enrolled=texts.truth(rng.random(len(who)) < 0.985),
        )
        place = children.village_on(who, on[who])
        journal.write("insurance", base + who, on[who], answers, place=place, org=geo.office[place])


def write_exceptions(journal: Journal, children: Children, geo: Geography, doses: Doses, base: int) -> None:
    """Why some of the missing doses are missing: refused, contraindicated, deferred."""
    rng = stream(journal.seed, "exceptions")
    told = draw.portion(rng, np.arange(len(doses.missing_child)), 0.16)
    mmr = np.array([doses.missing_step[i].startswith("MMR") for i in told], dtype=np.bool_)
    told = told[~mmr]
    who, due = doses.missing_child[told], doses.missing_due[told]
    on = np.minimum(due + rng.integers(5, 60, len(told)), journal.as_of)
    told, who, on = (
        told[on >= children.came[who]],
        who[on >= children.came[who]],
        on[on >= children.came[who]],
    )
    kind = draw.choose(rng, [0.4, 0.22, 0.38], len(told))
    reasons = [
        '"家长暂不同意接种，已讲明利害"',
        '"对疫苗成分严重过敏，有诊断证明"',
        '"发热或急性病未愈，约定补种"',
    ]
    answers = texts.json_object(
        pathway=texts.look_up(['"immunization"'], np.zeros(len(told), np.int64)),
        step=pa.array([f'"{doses.missing_step[i]}"' for i in told], pa.string()),
        kind=texts.look_up(['"refused"', '"contraindicated"', '"deferred"'], kind),
        until=pa.array(
            [
                f'"{d}"' if k == 2 else None
                for d, k in zip(texts.iso_date(on + 60).to_pylist(), kind, strict=True)
            ],
            pa.string(),
        ),
        reason=texts.look_up(reasons, kind),
    )
    place = children.village_on(who, on)
    journal.write("service_exception", base + who, on, answers, place=place, org=geo.hospital[place])
