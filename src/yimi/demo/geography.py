"""The pack's real places and organizations as arrays; nothing here is made up but the rates of each village."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from yimi.demo.draw import Bools, Floats, Ints, stream
from yimi.lib.errors import BadInput

Row = Mapping[str, Any]

STORY_NAMES = ("白马镇",)  # the township of the story, where the pack has it
HIGH_NAMES = ("仙女山", "双河", "土地乡", "接龙", "后坪")  # above 1000 m: haemoglobin runs higher
MINORITY_NAMES = ("苗族", "土家族", "仡佬族")
LAX, WORST = 6.0, 14.0  # times the misses of an ordinary village
PEOPLE_PER_VILLAGE = 1600  # where a township's population is not in the pack


@dataclass(frozen=True)
class Geography:
    """All places in code order (index = place), the villages among them, and who serves each township."""

    codes: list[str]
    names: list[str]
    kinds: list[str]
    parent: Ints  # index of the parent place, -1 for the district
    villages: Ints  # place indices
    townships: Ints
    lat: Floats  # of each place, NaN where the pack gives none
    lon: Floats
    people: Floats  # of each place, townships and villages
    township_of: Ints  # place index of the township of each place; itself for a township, -1 for the district
    community: Bools  # of each place: a community of a street or town, not a village
    high: Bools
    ethnic: Bools
    story: int  # place index of the story's township
    worst: int  # place index of the village that is visibly bad
    laxity: Floats  # of each place: how much likelier a dose or visit is missed than in an ordinary village
    org_ids: list[str]
    org_kinds: list[str]
    org_places: list[str]
    hospital: Ints  # per place: organization index of the township hospital, -1 where the pack has none
    office: Ints  # township government
    committee: Ints  # village committee
    welfare_office: int  # the department of civil affairs, or the first department
    education_office: int
    health_office: int
    disability_office: int

    @property
    def district(self) -> int:
        return int(np.flatnonzero(np.array(self.kinds) == "district")[0]) if "district" in self.kinds else -1


def _text(row: Row, *keys: str) -> str:
    for key in keys:
        if row.get(key):
            return str(row[key])
    return ""


def _people(rows: list[Row], kinds: list[str], township_of: Ints, seed: int) -> Floats:
    """A village without a figure of its own takes a part of its township's, a community twice a village's."""
    given = np.array([float(_text(row, "population") or 0) for row in rows])
    rng = stream(seed, "village sizes")
    weight = rng.gamma(4.0, 0.25, size=len(rows)) + 0.2
    names = [_text(row, "name_zh", "name") for row in rows]
    weight = weight * np.array([2.0 if "社区" in name or "居委会" in name else 1.0 for name in names])
    people = given.copy()
    for township in [i for i, kind in enumerate(kinds) if kind == "township"]:
        members = np.array([i for i, k in enumerate(kinds) if k == "village" and township_of[i] == township])
        if not len(members):
            continue
        if people[township] <= 0:
            known = given[members].sum()
            people[township] = known or round(float(weight[members].sum()) * PEOPLE_PER_VILLAGE, -1)
        bare = members[given[members] <= 0]
        rest = max(float(people[township] - given[members].sum()), 0.0)
        if len(bare):
            people[bare] = rest * weight[bare] / weight[bare].sum()
    return people


def _laxity(seed: int, villages: Ints, township_of: Ints, people: Floats, story: int) -> tuple[Floats, int]:
    """Every township a little different; six villages of three townships bad, one of them very bad."""
    rng = stream(seed, "laxity")
    laxity = np.exp(rng.normal(0.0, 0.35, size=len(people)))
    townships = np.unique(township_of[villages])
    by_township = np.exp(rng.normal(0.0, 0.35, size=len(people)))
    laxity = laxity * np.where(township_of >= 0, by_township[np.maximum(township_of, 0)], 1.0)
    sizes = np.array([people[villages[township_of[villages] == t]].sum() for t in townships])
    middling = (sizes >= np.quantile(sizes, 0.3)) & (sizes <= np.quantile(sizes, 0.8))
    others = townships[townships != story]
    ordinary = np.intersect1d(townships[middling], others)
    bad = rng.permutation(ordinary if len(ordinary) else others)[:3]
    worst = -1
    for township in bad:
        members = villages[township_of[villages] == township]
        largest = members[np.lexsort((members, -people[members]))][:2]
        laxity[largest] = LAX
        if worst < 0:
            worst = int(largest[0])
            laxity[worst] = WORST
    laxity[township_of == story] = np.minimum(laxity[township_of == story], 0.9)
    return laxity, worst


def _nearest_org(org_rows: list[Row], kinds: set[str], codes: list[str], chain: list[list[int]]) -> Ints:
    """For each place the organization of that kind at the place itself or the nearest place above it."""
    at: dict[str, int] = {}
    for i, row in enumerate(org_rows):
        if str(row["kind"]) in kinds:
            at.setdefault(str(row["place"]), i)
    found = [next((at[codes[p]] for p in up if codes[p] in at), -1) for up in chain]
    return np.array(found, dtype=np.int64)


def _department(org_rows: list[Row], words: tuple[str, ...]) -> int:
    departments = [i for i, row in enumerate(org_rows) if row["kind"] == "department"]
    for i in departments:
        if any(word in str(org_rows[i]["id"]).lower() for word in words):
            return i
    return departments[0] if departments else -1


def read_geography(places: Sequence[Row], organizations: Sequence[Row], seed: int) -> Geography:
    rows = sorted(places, key=lambda row: str(row["code"]))
    orgs = sorted(organizations, key=lambda row: str(row["id"]))
    codes = [str(row["code"]) for row in rows]
    kinds = [str(row["kind"]) for row in rows]
    index = {code: i for i, code in enumerate(codes)}
    parent = np.array([index.get(_text(row, "parent"), -1) for row in rows], dtype=np.int64)
    villages = np.array([i for i, kind in enumerate(kinds) if kind == "village"], dtype=np.int64)
    townships = np.array([i for i, kind in enumerate(kinds) if kind == "township"], dtype=np.int64)
    if not len(villages) or not len(townships):
        raise BadInput("The pack's places hold no township with a village; add them to places.csv.")
    if any(kinds[parent[v]] != "township" or parent[v] < 0 for v in villages):
        raise BadInput("A village in places.csv has no township as its parent; correct its parent column.")
    township_of = np.array(
        [i if k == "township" else (parent[i] if k == "village" else -1) for i, k in enumerate(kinds)],
        dtype=np.int64,
    )
    people = _people(rows, kinds, township_of, seed)
    names = [_text(row, "name_zh", "name") for row in rows]
    named = [int(t) for t in townships if names[t] in STORY_NAMES]
    story = (
        named[0]
        if named
        else int(townships[np.argsort(-people[townships], kind="stable")[len(townships) // 4]])
    )
    laxity, worst = _laxity(seed, villages, township_of, people, story)
    chain = [_upwards(i, parent) for i in range(len(rows))]
    label = [names[t] if t >= 0 else "" for t in township_of]
    return Geography(
        codes=codes,
        names=names,
        kinds=kinds,
        parent=parent,
        villages=villages,
        townships=townships,
        lat=np.array([float(_text(row, "lat") or "nan") for row in rows]),
        lon=np.array([float(_text(row, "lon") or "nan") for row in rows]),
        people=people,
        township_of=township_of,
        laxity=laxity,
        story=story,
        worst=worst,
        community=np.array(
            [k == "village" and ("社区" in n or "居" in n) for k, n in zip(kinds, names, strict=True)]
        ),
        high=np.array([n.startswith(HIGH_NAMES) for n in label]),
        ethnic=np.array([any(word in n for word in MINORITY_NAMES) for n in label]),
        org_ids=[str(row["id"]) for row in orgs],
        org_kinds=[str(row["kind"]) for row in orgs],
        org_places=[str(row["place"]) for row in orgs],
        hospital=_nearest_org(orgs, {"township_hospital"}, codes, chain),
        office=_nearest_org(orgs, {"township_government"}, codes, chain),
        committee=_nearest_org(orgs, {"village_committee"}, codes, chain),
        welfare_office=_department(orgs, ("civil",)),
        education_office=_department(orgs, ("education",)),
        health_office=_department(orgs, ("health",)),
        disability_office=_department(orgs, ("disabled",)),
    )


def _upwards(place: int, parent: Ints) -> list[int]:
    chain = [place]
    while parent[chain[-1]] >= 0:
        chain.append(int(parent[chain[-1]]))
    return chain
