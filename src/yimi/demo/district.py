"""Build the made-up district: places and organizations of a pack, everything else invented from a seed.

`build` gives pyarrow tables in the shape of `yimi.pack.tables`, the names and numbers that storage needs besides,
and `truth`: what is known to be wrong or bad, for tests of the engines that should find it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from yimi.demo import (
    care,
    draw,
    facilities,
    guardianship,
    health,
    left_behind,
    market,
    maternity,
    mistakes,
    naming,
    paperwork,
    people,
    protection,
    rehabilitation,
    rights,
    school_life,
    school_support,
    schooling,
    screening,
    standards,
    story,
    texts,
    volunteers,
    welfare,
)
from yimi.demo.draw import FAR, Bools, Ints, stream
from yimi.demo.families import ETHNICITIES, HORIZON, Children, in_cohort, make_children
from yimi.demo.geography import LAX, Geography, Row, read_geography
from yimi.demo.immunization import give_doses
from yimi.demo.intervals import Statuses
from yimi.demo.journal import Journal
from yimi.demo.story import Story
from yimi.lib.errors import BadInput
from yimi.pack.tables import RECORD

LEAST_CHILDREN = 200


@dataclass(frozen=True)
class Truth:
    """What the maker of the district knows and the engines have to find out."""

    duplicates: pa.Table  # subject_id, duplicate_of, how
    lax_villages: list[str]
    worst_village: str
    suspected: list[int]  # children whose parents' states suggest H3b, not in the ledger
    without_allowance: list[int]
    lapsed_stations: int


@dataclass(frozen=True)
class District:
    as_of: date
    seed: int
    tables: dict[str, pa.Table]  # REGISTER of yimi.pack.tables
    records: pa.Table  # RECORD plus record_uid, supersedes, voided: all that was ever entered
    child_names: pa.Table  # subject_id, uid, name, id_number
    person_names: pa.Table  # subject_id, uid, name, id_number, role
    facility_names: pa.Table  # subject_id, uid, name, lat, lon
    households: pa.Table  # subject_id, uid, place_id
    members: pa.Table  # household_id, subject_id, role
    story: Story
    truth: Truth

    def in_force(self) -> pa.Table:
        """RECORD: the records that reach an engine, neither taken back nor put right by a later one."""
        replaced = self.records["supersedes"].drop_null().unique()
        gone = pc.is_in(self.records["record_uid"], value_set=replaced)
        kept = self.records.filter(pc.and_(pc.invert(gone), pc.invert(self.records["voided"])))
        return kept.select(list(RECORD))


@dataclass
class Bases:
    """First subject_id of each kind: one id space."""

    place: int
    organization: int
    facility: int
    child: int
    person: int
    household: int


def build(
    pack_places: Sequence[Row], pack_organizations: Sequence[Row], children: int, seed: int, as_of: date
) -> District:
    """The district as of a day: so many children (those registered twice counted twice), the same for a seed."""
    _check_asked(children, seed)
    today = draw.day_of(as_of)
    geo = read_geography(pack_places, pack_organizations, seed)
    copies_count = mistakes.copies_wanted(children)
    young = make_children(geo, children - copies_count, seed, as_of)
    sites = facilities.make_facilities(geo, seed, today)
    decided = welfare.decide(young, seed, today)
    folk = people.make_people(young, geo, seed, today)
    first = 1 + len(geo.codes) + len(geo.org_ids)
    bases = Bases(1, 1 + len(geo.codes), first, first + len(sites), first + len(sites) + children,
                  first + len(sites) + children + len(folk))  # fmt: skip
    journal, statuses = Journal(seed, today), Statuses()

    doses = give_doses(young, geo, seed, today)
    dose_rows = health.write_doses(journal, young, geo, doses, bases.child)
    health.write_births(journal, young, geo, bases.child)
    health.write_deaths(journal, young, geo, bases.child)
    seen = health.write_visits(journal, young, geo, bases.child)
    health.write_insurance(journal, young, geo, bases.child)
    health.write_exceptions(journal, young, geo, doses, bases.child)
    welfare.write_decisions(journal, statuses, young, geo, decided, bases.child)
    welfare.write_allowances(journal, statuses, young, geo, decided, bases.child)
    left = left_behind.LeftBehind(young, seed, today)
    left_behind.write_left_behind(journal, statuses, young, geo, left, bases.child)
    guardianship.write_guardianship(journal, statuses, young, geo, decided, left, bases.child)
    welfare.write_disabilities(journal, statuses, young, geo, decided, bases.child)
    screening.write_screening(journal, statuses, young, geo, seen, bases.child)
    rehabilitation.write_rehabilitation(journal, statuses, young, geo, decided, bases.child)
    rehabilitation.write_providers(journal, sites, bases.facility)
    people.write_licenses(journal, statuses, geo, folk, bases.person)
    person_uids = texts.unique_ids(stream(seed, "person ids"), len(folk))
    volunteers.write_volunteers(journal, statuses, young, geo, folk, decided, bases.child, bases.person, person_uids)  # fmt: skip
    people.write_parents_states(journal, statuses, young, geo, folk, decided, bases.person)
    expecting = maternity.write_pregnancies(journal, statuses, young, geo, folk, bases.person)
    _write_sites(journal, statuses, geo, sites, bases)
    standards.write_training(journal, geo, folk, bases.person)
    standards.write_serious_diseases(journal, young, geo, bases.child)

    mistakes.write_mistakes(journal, young, geo, doses, story.quiet_rows(young, geo, doses), bases.child)
    copies = mistakes.register_twice(
        journal, young, doses, _unremarkable(young, geo, decided, today), copies_count, bases.child
    )
    chosen = story.story_rows(young, geo, doses, today)
    attendance = schooling.make_attendance(
        young, geo, sites, decided.special, seed, today, bases.child, bases.facility
    )
    left_behind.write_school_list(journal, statuses, young, geo, left, attendance, bases.child)
    rights.write_benefits(journal, statuses, young, geo, decided, bases.child)
    rights.write_special_education(journal, statuses, young, geo, decided, bases.child)
    school_life.write_school_life(journal, young, geo, sites, attendance, bases.child, bases.facility)
    school_support.write_school_support(
        journal, statuses, young, geo, sites, left, attendance, bases.child, bases.facility
    )
    school_support.write_coaches(journal, statuses, geo, folk, bases.person)
    _write_programs(journal, statuses, young, geo, sites, left, decided, bases)
    records = journal.finish(geo)
    tables = {
        "place": _places(geo, bases), "organization": _organizations(geo, bases),
        "child": _children(geo, young, copies, bases, seed), "person": people.person_table(geo, folk, bases.person),
        "facility": facilities.facility_table(geo, sites, bases.facility),
        "residence": _residence(geo, young, copies, expecting, bases),
        "relation": people.relation_table(young, folk, decided, bases.child, bases.person),
        "status": statuses.table(), "attendance": attendance,
    }  # fmt: skip
    lat, lon = (pa.array(each, from_pandas=True) for each in facilities.coordinates(geo, sites, seed))
    child_names, person_names = _names(young, copies, folk, person_uids, bases, seed, today)
    return District(
        as_of=as_of, seed=seed, tables=tables, records=records, child_names=child_names, person_names=person_names,
        facility_names=pa.table({"subject_id": tables["facility"]["subject_id"],
                                 "uid": texts.unique_ids(stream(seed, "facility ids"), len(sites)),
                                 "name": pa.array(sites.name, pa.string()), "lat": lat, "lon": lon}),
        households=_households(geo, young, bases, seed), members=_members(young, folk, bases),
        story=_story(geo, young, doses.child[chosen], journal.uids_of(dose_rows[chosen]), bases),
        truth=_truth(geo, decided, copies, len(young), bases),
    )  # fmt: skip


def _write_sites(
    journal: Journal, statuses: Statuses, geo: Geography, sites: facilities.Facilities, bases: Bases
) -> None:
    """What facilities, places and bodies have on record."""
    volunteers.write_organizations(journal, geo, sites, bases.facility)
    facilities.write_facilities(journal, statuses, geo, sites, bases.facility)
    facilities.write_population(journal, geo, bases.place)
    facilities.write_setup(journal, geo, sites, bases.place)
    paperwork.write_designations(journal, statuses, geo, sites, bases.facility, bases.place)
    paperwork.write_target_reports(journal, geo, bases.organization)
    standards.write_standards(journal, geo, sites, bases.facility)


def _write_programs(
    journal: Journal, statuses: Statuses, young: Children, geo: Geography, sites: facilities.Facilities,
    left: left_behind.LeftBehind, decided: welfare.Welfare, bases: Bases,
) -> None:  # fmt: skip
    """Protection at school and on the way, documents of titles, what is sampled, care and aid programs."""
    protection.write_protection(journal, young, geo, sites, bases.child, bases.facility)
    paperwork.write_accreditation(journal, geo, bases.organization)
    market.write_market(journal, geo, sites, bases.facility, bases.organization)
    care.write_care(journal, statuses, young, geo, left, decided, bases.child)


def _check_asked(children: int, seed: int) -> None:
    if children < LEAST_CHILDREN:
        raise BadInput(
            f"A made-up district needs at least {LEAST_CHILDREN} children, {children} were asked for."
        )
    if seed < 0:
        raise BadInput(f"The seed must not be negative; {seed} was given. Use 0 or a whole number above it.")


def _unremarkable(children: Children, geo: Geography, decided: welfare.Welfare, today: int) -> Bools:
    plain: Bools = geo.township_of[children.village] != geo.story
    for months in (60, 84, 168):  # the ages at which doses are judged: a copy has but half of them
        for shift in (-10, 0, 10):
            plain &= ~in_cohort(children.birth + shift, months, today, HORIZON)
    plain[decided.child] = plain[decided.suspected] = False
    return plain


def _places(geo: Geography, bases: Bases) -> pa.Table:
    return pa.table(
        {
            "place_id": pa.array(geo.codes, pa.string()),
            "kind": pa.array(geo.kinds, pa.string()),
            "parent_id": texts.look_up(geo.codes, geo.parent),
            "subject_id": pa.array(bases.place + np.arange(len(geo.codes), dtype=np.int64)),
        }
    )


def _organizations(geo: Geography, bases: Bases) -> pa.Table:
    return pa.table(
        {
            "org_id": pa.array(geo.org_ids, pa.string()),
            "kind": pa.array(geo.org_kinds, pa.string()),
            "place_id": pa.array(geo.org_places, pa.string()),
            "subject_id": pa.array(bases.organization + np.arange(len(geo.org_ids), dtype=np.int64)),
        }
    )


def _children(
    geo: Geography, children: Children, copies: mistakes.Copies, bases: Bases, seed: int
) -> pa.Table:
    rng = stream(seed, "hukou")
    n = len(children)
    rows = np.r_[np.arange(n), copies.of]
    birth = np.r_[children.birth, copies.birth]
    born_here = children.birth >= children.came
    born_at = np.where(born_here, children.village_on(np.arange(n), children.birth), -1)
    hukou = np.where(born_here | (rng.random(n) < 0.4), born_at, -1)
    hukou = np.where((hukou < 0) & (rng.random(n) < 0.4), children.village, hukou)
    copied = np.arange(len(rows)) >= n
    sex = np.where(children.sex_known[rows], children.male[rows].astype(np.int64), -1)
    return pa.table(
        {
            "subject_id": pa.array(bases.child + np.arange(len(rows), dtype=np.int64)),
            "birth_date": texts.dates(birth, FAR),
            "sex": texts.look_up(["f", "m"], sex),
            "ethnicity": texts.look_up(ETHNICITIES, children.ethnicity[rows]),
            "birth_weight_g": pa.array(children.weight_g[rows].astype(np.int32), mask=copied),
            "gestation_weeks": pa.array(children.weeks[rows].astype(np.int32), mask=copied),
            "birth_place_id": texts.look_up(geo.codes, np.where(copied, -1, born_at[rows])),
            "hukou_place_id": texts.look_up(geo.codes, hukou[rows]),
            "death_date": texts.dates(children.death[rows], FAR),
        }
    )


def _residence(
    geo: Geography, children: Children, copies: mistakes.Copies, expecting: maternity.Expecting, bases: Bases
) -> pa.Table:
    """Where each child lives and lived; a death or departure closes the last interval. Then expectant mothers."""
    n = len(children)
    family = children.family
    moved, before = children.families.moved[family], children.families.before[family]
    start = np.maximum(children.birth, children.came)
    end = np.minimum(children.left, np.where(children.death < FAR, children.death + 1, FAR))
    earlier = np.flatnonzero((moved > start) & (start < end))
    later = np.flatnonzero(np.maximum(moved, start) < end)
    of_children = np.r_[earlier, later, n + np.arange(len(copies.of))]
    subject = np.r_[bases.child + of_children, bases.person + expecting.who]
    place = np.r_[before[earlier], children.village[later], children.village[copies.of], expecting.village]
    since = np.r_[start[earlier], np.maximum(moved, start)[later], copies.birth, expecting.since]
    until = np.r_[
        np.minimum(moved, end)[earlier], end[later], end[copies.of], np.full(len(expecting.who), FAR)
    ]
    order = np.lexsort((since, subject))
    return pa.table(
        {
            "subject_id": pa.array(subject[order]),
            "place_id": texts.look_up(geo.codes, place[order]),
            "valid_from": texts.dates(since[order], FAR),
            "valid_to": texts.dates(until[order], FAR),
        }
    )


def _names(
    children: Children,
    copies: mistakes.Copies,
    folk: people.People,
    uids: pa.Array,
    bases: Bases,
    seed: int,
    today: int,
) -> tuple[pa.Table, pa.Table]:
    n = len(children)
    names, adult_names = naming.names_of(children, folk, seed)
    birth = np.r_[children.birth, folk.birth]
    numbers = naming.identity_numbers(birth, np.r_[children.male, folk.male])
    numbers = texts.look_up_where(numbers, naming.has_number(seed, birth, today))
    original = names.take(pa.array(copies.of)).to_pylist()
    known = numbers.take(pa.array(copies.of)).to_pylist()
    other = naming.BOYS[:: max(len(naming.BOYS) // 12, 1)]
    second = [f"{name[:-1]}{other[i % len(other)]}" if h == 2 else name
              for i, (name, h) in enumerate(zip(original, copies.how, strict=True))]  # fmt: skip
    number = [value if h == 2 else None for value, h in zip(known, copies.how, strict=True)]
    child_table = pa.table(
        {
            "subject_id": pa.array(bases.child + np.arange(n + len(copies.of), dtype=np.int64)),
            "uid": texts.unique_ids(stream(seed, "child ids"), n + len(copies.of)),
            "name": pa.concat_arrays([names, pa.array(second, pa.string())]),
            "id_number": pa.concat_arrays([numbers.slice(0, n), pa.array(number, pa.string())]),
        }
    )
    person_names = pa.table(
        {
            "subject_id": pa.array(bases.person + np.arange(len(folk), dtype=np.int64)),
            "uid": uids,
            "name": adult_names,
            "id_number": numbers.slice(n),
            "role": pa.array(folk.role, pa.string()),
        }
    )
    return child_table, person_names


def _households(geo: Geography, children: Children, bases: Bases, seed: int) -> pa.Table:
    count = len(children.families.village)
    return pa.table(
        {
            "subject_id": pa.array(bases.household + np.arange(count, dtype=np.int64)),
            "uid": texts.unique_ids(stream(seed, "household ids"), count),
            "place_id": texts.look_up(geo.codes, children.families.village),
        }
    )


def _members(children: Children, folk: people.People, bases: Bases) -> pa.Table:
    adults = np.flatnonzero(folk.family >= 0)
    return pa.table(
        {
            "household_id": pa.array(bases.household + np.r_[children.family, folk.family[adults]]),
            "subject_id": pa.array(np.r_[bases.child + np.arange(len(children)), bases.person + adults]),
            "role": pa.array(["child"] * len(children) + [folk.role[i] for i in adults], pa.string()),
        }
    )


def _story(geo: Geography, children: Children, who: Ints, uids: list[str], bases: Bases) -> Story:
    return Story(
        township=geo.codes[geo.story], township_name=geo.names[geo.story], step=story.STEP, record_uids=uids,
        children=[int(bases.child + child) for child in who],
        villages=[geo.codes[v] for v in children.village[who]],
    )  # fmt: skip


def _truth(geo: Geography, decided: welfare.Welfare, copies: mistakes.Copies, n: int, bases: Bases) -> Truth:
    return Truth(
        duplicates=pa.table(
            {
                "subject_id": pa.array(bases.child + n + np.arange(len(copies.of), dtype=np.int64)),
                "duplicate_of": pa.array(bases.child + copies.of),
                "how": texts.look_up(mistakes.HOW, copies.how),
            }
        ),
        lax_villages=[geo.codes[v] for v in geo.villages if geo.laxity[v] >= LAX],
        worst_village=geo.codes[geo.worst] if geo.worst >= 0 else "",
        suspected=[int(bases.child + c) for c in decided.suspected],
        without_allowance=[int(bases.child + c) for c in decided.unpaid],
        lapsed_stations=facilities.LAPSED_STATIONS,
    )


def summary(district: District) -> dict[str, Any]:
    """Counts for people and scripts: tables, records by form, statuses open by scheme."""
    forms = pc.value_counts(district.records["form"]).to_pylist()
    status = district.tables["status"]
    open_now = pc.value_counts(status.filter(pc.is_null(status["valid_to"]))["scheme"]).to_pylist()
    return {
        "as_of": district.as_of.isoformat(),
        "seed": district.seed,
        "children": district.tables["child"].num_rows,
        "records": district.records.num_rows,
        "tables": {name: table.num_rows for name, table in district.tables.items()},
        "households": district.households.num_rows,
        "records_by_form": {
            row["values"]: row["counts"] for row in sorted(forms, key=lambda r: str(r["values"]))
        },
        "open_statuses": {
            row["values"]: row["counts"] for row in sorted(open_now, key=lambda r: str(r["values"]))
        },
        "duplicates": district.truth.duplicates.num_rows,
        "superseded": district.records.num_rows - district.records["supersedes"].null_count,
        "voided": int(pc.sum(district.records["voided"]).as_py()),
        "story_township": district.story.township,
        "worst_village": district.truth.worst_village,
    }
