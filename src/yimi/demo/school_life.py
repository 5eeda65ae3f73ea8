"""What schools report and what is checked there: class rolls, PE, after school, licenses, sport, fitness, drop-outs.

Taken from who attends where, so that a class roll and the attendance agree. A few classes are too large, a few
weeks of PE fall short, two licenses have lapsed, and some drop-outs have not been reached for months.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from yimi.demo import draw, texts
from yimi.demo.draw import FAR, Ints, stream
from yimi.demo.facilities import Facilities
from yimi.demo.families import Children
from yimi.demo.geography import Geography
from yimi.demo.journal import Journal

TAUGHT = ("primary", "junior", "senior")
STAGES = ["primary", "junior", "senior", "vocational"]
SKILLS = ["running", "basketball", "football", "badminton", "table_tennis", "rope", "martial_arts", "dance"]
TERM = 182  # days


def write_school_life(
    journal: Journal, children: Children, geo: Geography, facilities: Facilities, attendance: pa.Table,
    child_base: int, facility_base: int,
) -> None:  # fmt: skip
    """Everything; `attendance` is the register's table."""
    now = _open(attendance, child_base, facility_base)
    _class_rolls(journal, geo, facilities, now, facility_base)
    _checks(journal, geo, facilities, facility_base)
    _licenses(journal, geo, facilities, facility_base)
    _corrections(journal, geo, facilities, facility_base)
    _pupils(journal, children, geo, now, child_base)
    _drop_outs(journal, children, geo, attendance, child_base)


def _days(column: pa.ChunkedArray) -> Ints:
    """Days since 1970; FAR for none."""
    whole = column.cast(pa.int32()).cast(pa.int64()).fill_null(FAR)
    return np.asarray(whole.to_numpy(), dtype=np.int64)


def _open(attendance: pa.Table, child_base: int, facility_base: int) -> dict[str, Ints]:
    """Who is at school now: child, facility, stage and grade as plain numbers."""
    stage = attendance["stage"].combine_chunks()
    index = np.array(
        [STAGES.index(each) if each in STAGES else -1 for each in stage.to_pylist()], dtype=np.int64
    )
    here = np.flatnonzero((_days(attendance["valid_to"]) >= FAR) & (index >= 0))
    grade = np.asarray(attendance["grade"].cast(pa.int64()).fill_null(0).to_numpy(), dtype=np.int64)
    return {
        "child": np.asarray(attendance["subject_id"].to_numpy(), dtype=np.int64)[here] - child_base,
        "facility": np.asarray(attendance["facility_id"].to_numpy(), dtype=np.int64)[here] - facility_base,
        "stage": index[here], "grade": grade[here],
    }  # fmt: skip


def _class_rolls(
    journal: Journal, geo: Geography, facilities: Facilities, now: dict[str, Ints], base: int
) -> None:
    """Classes of about 44, as many as a grade needs; where a school is short of rooms, of 56 and more."""
    rng = stream(journal.seed, "class rolls")
    key = (now["facility"] * 10 + now["stage"]) * 20 + now["grade"]
    unique, counts = np.unique(key, return_counts=True)
    crowded = rng.random(len(facilities)) < 0.04
    size = np.where(crowded[unique // 200], 58, 44)
    classes = np.maximum((counts + size - 1) // size, 1)
    owner, turn = draw.spread(classes)
    pupils = counts[owner] // classes[owner] + (turn < counts[owner] % classes[owner])
    facility, stage, grade = unique[owner] // 200, unique[owner] // 20 % 10, unique[owner] % 20
    names = [f'"{each}年级{number}班"' for each in range(13) for number in range(1, 41)]
    answers = texts.json_object(
        class_name=texts.look_up(names, grade * 40 + np.minimum(turn, 39)),
        stage=texts.look_up([f'"{each}"' for each in STAGES], stage),
        grade=texts.whole(grade, (grade >= 1) & (grade <= 12)),
        pupils=texts.whole(pupils),
    )
    for back in (1, 0):
        on = np.full(len(facility), journal.as_of - 30 - TERM * back) - facility % 20
        silent = np.isin(facility, facilities.of("primary")[:1]) & (back == 0)  # one school has not reported
        rows = np.flatnonzero(~silent)
        journal.write(
            "class_roll", base + facility[rows], on[rows], answers.take(pa.array(rows)),
            place=facilities.place[facility[rows]], org=geo.education_office,
        )  # fmt: skip


def _checks(journal: Journal, geo: Geography, facilities: Facilities, base: int) -> None:
    rng = stream(journal.seed, "school checks")
    schools = facilities.of(*TAUGHT)
    for back in range(4):
        on = journal.as_of - 25 - TERM * back - rng.integers(0, 40, len(schools))
        checked = rng.integers(4, 13, len(schools))
        short = np.where(
            rng.random(len(schools)) < 0.05 + 0.03 * back, 1 + rng.integers(0, 2, len(schools)), 0
        )
        least = np.where(short > 0, rng.integers(35, 58, len(schools)), rng.integers(60, 95, len(schools)))
        answers = texts.json_object(
            mode=texts.look_up(['"timetable"', '"call"', '"visit"'], draw.choose(rng, [0.6, 0.2, 0.2], len(schools))),
            classes_checked=texts.whole(checked), classes_short=texts.whole(np.minimum(short, checked)),
            least_minutes=texts.whole(least),
        )  # fmt: skip
        journal.write("pe_check", base + schools, on, answers, place=facilities.place[schools], org=geo.education_office)  # fmt: skip
        compulsory = facilities.of("primary", "junior")
        fine = [rng.random(len(compulsory)) < share for share in (0.99, 0.95, 0.98)]
        answers = texts.json_object(
            offered=texts.truth(fine[0]), homework_ok=texts.truth(fine[1]), fees_ok=texts.truth(fine[2])
        )
        on = journal.as_of - 28 - TERM * back - rng.integers(0, 40, len(compulsory))
        journal.write("after_school_check", base + compulsory, on, answers, place=facilities.place[compulsory], org=geo.education_office)  # fmt: skip


def _licenses(journal: Journal, geo: Geography, facilities: Facilities, base: int) -> None:
    """Private kindergartens hold a license of three years; two have lapsed."""
    rng = stream(journal.seed, "licenses")
    private = np.array(
        [i for i in facilities.of("kindergarten") if facilities.public[i] is False], dtype=np.int64
    )
    until = journal.as_of + rng.integers(60, 900, len(private))
    until[:2] = journal.as_of - 40
    numbers = texts.join('"演示许', texts.whole(private), '号"')
    answers = texts.json_object(number=numbers, valid_until=texts.quoted(texts.iso_date(until)))
    on = np.maximum(until - 1095, facilities.opened[private] + 1)
    journal.write("facility_license", base + private, on, answers, place=facilities.place[private], org=geo.education_office)  # fmt: skip


def _corrections(journal: Journal, geo: Geography, facilities: Facilities, base: int) -> None:
    """Most of what inspections found has been put right: a correction within weeks of the latest inspection."""
    rng = stream(journal.seed, "corrections")
    sites = facilities.of("kindergarten", "childcare")
    kept = np.sort(rng.permutation(sites)[: round(len(sites) * 0.9)])
    on = np.full(len(kept), journal.as_of) - rng.integers(0, 9, len(kept))
    answers = texts.json_object(corrected=texts.truth(np.ones(len(kept), np.bool_)))
    journal.write("correction", base + kept, on, answers, place=facilities.place[kept], org=geo.education_office)  # fmt: skip


def _pupils(journal: Journal, children: Children, geo: Geography, now: dict[str, Ints], base: int) -> None:
    """Each pupil's sport skills and fitness of the last school year."""
    rng = stream(journal.seed, "sport and fitness")
    who = now["child"]
    place = children.village_on(who, np.full(len(who), journal.as_of))
    tested = np.flatnonzero(rng.random(len(who)) < 0.96)
    mastered = draw.choose(rng, [0.02, 0.15, 0.58, 0.25], len(tested))
    first = rng.integers(0, len(SKILLS) - 2, len(tested))
    lists = ["[]"] + [
        "[" + ",".join(f'"{each}"' for each in SKILLS[start : start + count]) + "]"
        for count in (1, 2, 3)
        for start in range(len(SKILLS) - 2)
    ]
    index = np.where(mastered == 0, 0, 1 + (mastered - 1) * (len(SKILLS) - 2) + first)
    on = np.full(len(tested), journal.as_of) - rng.integers(120, 200, len(tested))
    assessor = texts.look_up(['"演示体育教师"'], np.zeros(len(tested), np.int64))
    answers = texts.json_object(
        mastered=texts.whole(mastered), skills=texts.look_up(lists, index), assessor=assessor
    )
    journal.write("sport_assessment", base + who[tested], on, answers, place=place[tested], org=geo.education_office)  # fmt: skip
    grade = draw.choose(rng, [0.09, 0.4, 0.44, 0.07], len(tested))
    score = np.array([90, 80, 60, 40])[grade] + rng.integers(0, 10, len(tested))
    answers = texts.json_object(
        grade=texts.look_up(['"excellent"', '"good"', '"pass"', '"fail"'], grade), score=texts.whole(score)
    )
    on = np.full(len(tested), journal.as_of) - rng.integers(20, 60, len(tested))
    journal.write("fitness_test", base + who[tested], on, answers, place=place[tested], org=geo.education_office)  # fmt: skip


def _drop_outs(journal: Journal, children: Children, geo: Geography, attendance: pa.Table, base: int) -> None:
    """Contacts with those who left: most within days, then about monthly for a year; some were never reached."""
    rng = stream(journal.seed, "drop-out contacts")
    left = np.array([each == "dropped_out" for each in attendance["end_reason"].to_pylist()], dtype=np.bool_)
    rows = np.flatnonzero(left)
    who = np.asarray(attendance["subject_id"].to_numpy(), dtype=np.int64)[rows] - base
    day = _days(attendance["valid_to"])[rows]
    reached = rng.random(len(who)) < 0.9
    outcomes = ['"persuading"', '"promised"', '"working"', '"ill"', '"not_found"']
    for turn in range(13):
        on = day + (rng.integers(0, 4, len(who)) if turn == 0 else 30 * turn - rng.integers(0, 5, len(who)))
        here = reached & (on <= journal.as_of) & (on < children.last_day[who])
        chosen = np.flatnonzero(here & (rng.random(len(who)) < (1 if turn == 0 else 0.85)))
        said = draw.choose(
            rng, [0.5, 0.2, 0.2, 0.1, 0.0] if turn == 0 else [0.5, 0.15, 0.2, 0.05, 0.1], len(chosen)
        )
        answers = texts.json_object(outcome=texts.look_up(outcomes, said), reported=texts.truth(said >= 2))
        place = children.village_on(who[chosen], on[chosen])
        journal.write("dropout_follow_up", base + who[chosen], on[chosen], answers, place=place, org=geo.education_office)  # fmt: skip
