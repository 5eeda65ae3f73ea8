"""Parents, grandparents and workers: the `person`, `relation` and license rows, and where parents are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from yimi.demo import draw, texts
from yimi.demo.draw import FAR, Bools, Ints, stream
from yimi.demo.families import Children
from yimi.demo.geography import Geography
from yimi.demo.intervals import Statuses
from yimi.demo.journal import Journal
from yimi.demo.left_behind import other_unable
from yimi.demo.welfare import GUARDIAN_STATES, Welfare

PEDIATRICIANS = 0.69  # for a thousand children under 15; the plan asks 0.7
SOCIAL_WORKERS, LAPSED_SOCIAL_WORKERS = 47, 4  # the plan asks 50
VACANT_DIRECTORS = 0.02
VOLUNTEER, VOLUNTEERS = "volunteer", 3  # so many in each township


@dataclass
class People:
    """Persons as arrays. The first rows are mothers, one a family, in family order; then fathers, and so on."""

    birth: Ints
    male: Bools
    death: Ints
    place: Ints  # place index of a worker's post, -1 else
    family: Ints  # -1 for workers
    role: list[
        str
    ]  # mother, father, grandmother, grandfather, pediatrician, child_social_worker, child_director, volunteer
    mother_of: Ints  # person row per family, -1 none
    father_of: Ints
    grandmother_of: Ints
    grandfather_of: Ints

    def __len__(self) -> int:
        return len(self.birth)


def make_people(children: Children, geo: Geography, seed: int, as_of: int) -> People:
    rng = stream(seed, "people")
    families = children.families
    count = len(families.village)
    everyone = np.arange(count)
    fathers = everyone[families.father_known]
    elders = everyone[families.grandparents]
    older = (families.mother_birth[elders] - rng.integers(20 * 365, 30 * 365, len(elders))).astype(np.int64)
    alive = rng.random(len(elders)) < 0.82
    grandfathers = elders[alive]
    posts, roles = _posts(children, geo, rng, as_of)
    staff = len(posts)
    sizes = [count, len(fathers), len(elders), len(grandfathers), staff]
    births = [families.mother_birth, families.father_birth[fathers], older, older[alive] - 700,
              as_of - rng.integers(24 * 365, 57 * 365, staff)]  # fmt: skip
    starts = np.cumsum([0, *sizes])
    where = []
    for i, members in enumerate((everyone, fathers, elders, grandfathers)):
        of = np.full(count, -1)
        of[members] = starts[i] + np.arange(len(members))
        where.append(of)
    male = np.repeat([False, True, False, True, False], sizes)
    male[starts[4] :] = rng.random(staff) < 0.35
    death = np.concatenate([families.mother_death, families.father_death[fathers],
                            np.full(len(elders) + len(grandfathers) + staff, FAR)])  # fmt: skip
    return People(
        birth=np.concatenate(births).astype(np.int64), male=male, death=death,
        place=np.concatenate([np.full(int(starts[4]), -1), posts]).astype(np.int64),
        family=np.concatenate([everyone, fathers, elders, grandfathers, np.full(staff, -1)]).astype(np.int64),
        role=[r for r, n in zip(("mother", "father", "grandmother", "grandfather"), sizes, strict=False) for _ in range(n)] + roles,
        mother_of=where[0], father_of=where[1], grandmother_of=where[2], grandfather_of=where[3],
    )  # fmt: skip


def _posts(
    children: Children, geo: Geography, rng: np.random.Generator, as_of: int
) -> tuple[Ints, list[str]]:
    young = (children.birth > int(draw.add_months(np.array([as_of]), -180)[0])) & (children.last_day >= FAR)
    doctors = max(int(young.sum() / 1000 * PEDIATRICIANS), 1)
    largest = geo.villages[np.lexsort((geo.villages, -geo.people[geo.villages]))]
    workers = SOCIAL_WORKERS + LAPSED_SOCIAL_WORKERS
    filled = geo.villages[rng.random(len(geo.villages)) >= VACANT_DIRECTORS]
    volunteers = np.concatenate(
        [
            rng.choice(geo.villages[geo.township_of[geo.villages] == each], VOLUNTEERS)
            for each in geo.townships
        ]
    )
    posts = np.concatenate(
        [largest[np.arange(doctors) % 5], largest[np.arange(workers) % 26 % len(largest)], filled, volunteers]
    )
    roles = ["pediatrician"] * doctors + ["child_social_worker"] * workers + ["child_director"] * len(filled)
    roles += [VOLUNTEER] * len(volunteers)
    return posts.astype(np.int64), roles


def write_licenses(journal: Journal, statuses: Statuses, geo: Geography, people: People, base: int) -> None:
    """Certificates of workers; a few social workers' have run out."""
    rng = stream(journal.seed, "licenses")
    for kind in ("pediatrician", "child_social_worker", "child_director"):
        who = np.array([i for i, role in enumerate(people.role) if role == kind], dtype=np.int64)
        doctors = (
            kind == "pediatrician"
        )  # their certificates do not run out, those of others after five years
        since = journal.as_of - rng.integers(60, 6000 if doctors else 1700, len(who))
        until = np.full(len(who), FAR) if doctors else since + 5 * 365
        lapsed = np.zeros(len(who), np.bool_)
        if kind == "child_social_worker":
            lapsed[-LAPSED_SOCIAL_WORKERS:] = True
            since = np.where(lapsed, journal.as_of - 2200, since)
            until = np.where(lapsed, journal.as_of - rng.integers(20, 300, len(who)), until)
        number = 10_000 + rng.permutation(len(who))
        answers = texts.json_object(
            kind=texts.look_up([f'"{kind}"'], np.zeros(len(who), np.int64)),
            number=texts.join('"演示', texts.whole(number), '"'),
            valid_until=texts.look_up_where(
                texts.quoted(texts.iso_date(np.where(until < FAR, until, 0))), until < FAR
            ),
        )
        office = geo.health_office if doctors else geo.welfare_office
        journal.write("certificate", base + who, since, answers, place=people.place[who], org=office)
        statuses.open(base + who, "license", kind, since, np.where(lapsed, until, FAR), until)


def write_parents_states(
    journal: Journal, statuses: Statuses, children: Children, geo: Geography, people: People, welfare: Welfare, base: int
) -> None:  # fmt: skip
    """Away for work, in prison, ill, lost: what entitlement rules read of a child's parents."""
    rng = stream(journal.seed, "parents' states")
    families = children.families
    both = np.flatnonzero(families.both_away < FAR)
    one = np.flatnonzero(families.one_away < FAR)
    fathers = people.father_of[both]
    away = np.concatenate([people.mother_of[both], fathers[fathers >= 0]])
    since = np.concatenate([families.both_away[both], families.both_away[both][fathers >= 0]])
    lone = np.where(
        (rng.random(len(one)) < 0.75) & (people.father_of[one] >= 0),
        people.father_of[one],
        people.mother_of[one],
    )
    away, since = np.r_[away, lone], np.r_[since, families.one_away[one]]
    statuses.open(base + away, "guardian_state", "away_for_work", since)
    parts = list(welfare.parent_states)
    unable = (
        other_unable(families, journal.seed)[one] & (lone >= 0) & (families.one_away[one] < journal.as_of)
    )
    other = one[unable]
    parts.append((other, lone[unable] == people.father_of[other], draw.choose(rng, [0.5, 0.5], len(other)),
                  families.one_away[other] - 60))  # fmt: skip
    spared = np.zeros(len(families.village), np.bool_)
    spared[children.family[welfare.child]] = spared[children.family[welfare.suspected]] = True
    calm = np.flatnonzero(~spared & families.still & (families.both_away >= FAR) & (families.one_away >= FAR))
    some = draw.portion(rng, calm[families.youngest[calm] < journal.as_of - 500], 0.003)
    parts.append((some, rng.random(len(some)) < 0.3, draw.choose(rng, [0.3, 0.3, 0.2, 0.1, 0.1], len(some)),
                  draw.within(rng, families.youngest[some] + 60, np.full(len(some), journal.as_of - 40))))  # fmt: skip
    for family, mother, state, began in parts:
        person = np.where(mother, people.mother_of[family], people.father_of[family])
        real = person >= 0
        person, state, began, family = person[real], state[real], began[real], family[real]
        statuses.open(base + person, "guardian_state", texts.look_up(GUARDIAN_STATES, state), began,
                      review=began + 365 * ((journal.as_of - began) // 365 + 1))  # fmt: skip
        answers = texts.json_object(
            state=texts.look_up([f'"{s}"' for s in GUARDIAN_STATES], state),
            evidence=texts.look_up(['"证明材料（演示）"'], np.zeros(len(state), np.int64)),
        )
        journal.write("guardian_report", base + person, began + 20, answers, place=families.village[family],
                      org=geo.welfare_office)  # fmt: skip


def person_table(geo: Geography, people: People, base: int) -> pa.Table:
    return pa.table(
        {
            "subject_id": pa.array(base + np.arange(len(people), dtype=np.int64)),
            "birth_date": texts.dates(people.birth, FAR),
            "sex": texts.look_up(["f", "m"], people.male.astype(np.int64)),
            "death_date": texts.dates(people.death, FAR),
            "place_id": texts.look_up(geo.codes, people.place),
        }
    )


def relation_table(
    children: Children, people: People, welfare: Welfare, child_base: int, base: int
) -> pa.Table:
    """Parents are guardians unless they cannot be; grandparents where they stand in for them."""
    families = children.families
    unable = np.zeros(len(families.village), np.bool_)
    unable[children.family[welfare.child[np.isin(welfare.category, (7, 8))]]] = True
    stand_in = unable | (families.both_away < FAR)
    kinds = [("mother", people.mother_of, ~unable), ("father", people.father_of, ~unable),
             ("grandmother", people.grandmother_of, stand_in), ("grandfather", people.grandfather_of, stand_in)]  # fmt: skip
    parts = []
    for kind, of, guards in kinds:
        who = np.flatnonzero(of[children.family] >= 0)
        family = children.family[who]
        parts.append(
            pa.table(
                {
                    "subject_id": pa.array(child_base + who),
                    "person_id": pa.array(base + of[family]),
                    "kind": texts.look_up([kind], np.zeros(len(who), np.int64)),
                    "guardian": pa.array(guards[family]),
                    "valid_from": texts.dates(children.birth[who], FAR),
                    "valid_to": texts.dates(np.full(len(who), FAR), FAR),
                }
            )
        )
    return (
        pa.concat_tables(parts)
        .sort_by([("subject_id", "ascending"), ("person_id", "ascending")])
        .combine_chunks()
    )
