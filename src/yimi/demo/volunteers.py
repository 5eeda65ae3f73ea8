"""Adults who work with children: volunteers, their background checks, attended service, pairings; organizations.

Almost everybody is checked once a year. A few checks have run out, two volunteers were never asked about. Two were
found to have a record: one was stopped long ago, of the other it was found yesterday, and children are still paired
with them. All people and organizations are made up.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow as pa

from yimi.demo import draw, texts
from yimi.demo.draw import FAR, Ints, stream
from yimi.demo.facilities import Facilities
from yimi.demo.families import Children
from yimi.demo.geography import Geography
from yimi.demo.intervals import Statuses
from yimi.demo.journal import Journal
from yimi.demo.people import VOLUNTEER, People
from yimi.demo.welfare import Welfare

KINDS = ["volunteer", "instructor", "counselor", "organization_staff"]
SHARES = [0.58, 0.2, 0.12, 0.1]
FIELDS = ["psychological", "emotional", "conduct", "safety", "companionship", "study"]
NEVER_ASKED, RUN_OUT, STOPPED, BARRED = 2, 5, 1, 2  # volunteers; of the barred the first are stopped
CHECKED_BY_LAW = ("child_social_worker", "child_director")
PAIRED = 0.11  # of the children in difficulty
MONTHS = 14


def write_volunteers(
    journal: Journal, statuses: Statuses, children: Children, geo: Geography, people: People, welfare: Welfare,
    child_base: int, person_base: int, person_uids: pa.Array,
) -> None:  # fmt: skip
    """Everything about adults who work with children."""
    who = np.array([i for i, role in enumerate(people.role) if role == VOLUNTEER], dtype=np.int64)
    if not len(who):
        return
    rng = stream(journal.seed, "volunteers")
    since = journal.as_of - rng.integers(500, 1500, len(who))
    since[:NEVER_ASKED] = journal.as_of - rng.integers(20, 40, NEVER_ASKED)
    _register(journal, statuses, geo, people, who, since, person_base)
    checked, clear = _checks(journal, statuses, geo, people, who, since, person_base)
    _service(journal, geo, people, checked, person_base)
    _pairings(journal, statuses, children, geo, people, welfare, clear, child_base, person_uids)


def _register(
    journal: Journal, statuses: Statuses, geo: Geography, people: People, who: Ints, since: Ints, base: int
) -> None:
    rng = stream(journal.seed, "volunteer registration")
    kind = draw.choose(rng, SHARES, len(who))
    first = rng.integers(0, len(FIELDS) - 1, len(who))
    fields = [f'["{a}","{b}"]' for a, b in pairwise(FIELDS)]
    answers = texts.json_object(
        action=texts.look_up(['"begin"'], np.zeros(len(who), np.int64)),
        kind=texts.look_up([f'"{each}"' for each in KINDS], kind), fields=texts.look_up(fields, first),
    )  # fmt: skip
    journal.write(
        "volunteer_registration", base + who, since, answers, place=people.place[who], org=geo.welfare_office
    )
    statuses.open(base + who, "volunteer", texts.look_up(KINDS, kind), since)


def _checks(
    journal: Journal, statuses: Statuses, geo: Geography, people: People, who: Ints, since: Ints, base: int
) -> tuple[Ints, Ints]:
    """A check a year for volunteers and for workers with a certificate; (checked, those who may have been paired)."""
    rng = stream(journal.seed, "background checks")
    asked, begun = who[NEVER_ASKED:], since[NEVER_ASKED:]
    workers = np.array([i for i, role in enumerate(people.role) if role in CHECKED_BY_LAW], dtype=np.int64)
    everyone = np.r_[asked, workers]
    start = np.r_[begun, np.full(len(workers), journal.as_of - 800)]
    latest = journal.as_of - rng.integers(5, 325, len(everyone))
    latest[BARRED : BARRED + RUN_OUT] = journal.as_of - 365 - rng.integers(12, 60, RUN_OUT)
    latest[STOPPED:BARRED] = journal.as_of - 1
    barred = np.zeros(len(everyone), np.bool_)
    barred[:BARRED] = True
    for back in (2, 1, 0):
        on = draw.add_months(latest, -12 * back)
        rows = np.flatnonzero(on >= start - 10)
        told = np.where(barred[rows] & (back == 0), 1, 0)
        answers = texts.json_object(
            asked_of=texts.look_up(['"police"', '"procuratorate"'], draw.choose(rng, [0.8, 0.2], len(rows))),
            result=texts.look_up(['"clear"', '"barred"'], told),
            reference=texts.join('"演示查', texts.whole(rng.integers(10_000, 99_999, len(rows))), '号"'),
        )
        at = people.place[everyone[rows]]
        journal.write(
            "background_check", base + everyone[rows], on[rows], answers, place=at, org=geo.office[at]
        )
    code = texts.look_up(["clear", "barred"], barred.astype(np.int64))
    statuses.open(base + everyone, "vetting", code, latest, review=draw.add_months(latest, 12))
    stopped = everyone[:STOPPED]
    answers = texts.json_object(
        stopped=texts.truth(np.ones(len(stopped), np.bool_)),
        note=texts.look_up(['"已通知本人，不再安排（演示）"'], np.zeros(len(stopped), np.int64)),
    )
    journal.write(
        "contact_stop",
        base + stopped,
        latest[:STOPPED],
        answers,
        place=people.place[stopped],
        org=geo.welfare_office,
    )
    valid = (draw.add_months(latest, 12) >= journal.as_of) & ~barred
    valid[STOPPED:BARRED] = True  # paired while nothing was known
    return asked[~barred[: len(asked)]], asked[valid[: len(asked)]]


def _service(journal: Journal, geo: Geography, people: People, who: Ints, base: int) -> None:
    """One or two services a month; now and then somebody did not come."""
    rng = stream(journal.seed, "volunteer service")
    for back in range(MONTHS):
        came = who[rng.random(len(who)) < 0.62]
        on = journal.as_of - back * 30 - rng.integers(1, 29, len(came))
        attended = rng.random(len(came)) < 0.95
        answers = texts.json_object(
            attended=texts.truth(attended),
            activity=texts.look_up([f'"{each}"' for each in FIELDS], rng.integers(0, len(FIELDS), len(came))),
            minutes=texts.whole(rng.integers(4, 17, len(came)) * 15, attended),
            children=texts.whole(rng.integers(1, 25, len(came)), attended),
        )
        at = people.place[came]
        journal.write("volunteer_service", base + came, on, answers, place=at, org=geo.office[at])


def _pairings(
    journal: Journal, statuses: Statuses, children: Children, geo: Geography, people: People, welfare: Welfare,
    adults: Ints, base: int, uids: pa.Array,
) -> None:  # fmt: skip
    """Children of the ledger, each with a checked volunteer of the same township, at most three for one."""
    rng = stream(journal.seed, "pairings")
    here = (welfare.until >= FAR) & (children.last_day[welfare.child] >= FAR)
    who = np.sort(draw.portion(rng, np.unique(welfare.child[here]), PAIRED))
    home = children.village_on(who, np.full(len(who), journal.as_of))
    free = {int(a): 3 for a in adults}
    chosen = np.full(len(who), -1)
    for i, township in enumerate(geo.township_of[home]):
        near = [a for a, left in free.items() if left and geo.township_of[people.place[a]] == township]
        if near:
            chosen[i] = near[int(rng.integers(0, len(near)))]
            free[int(chosen[i])] -= 1
    who, home, chosen = who[chosen >= 0], home[chosen >= 0], chosen[chosen >= 0]
    on = np.maximum(journal.as_of - rng.integers(15, 330, len(who)), children.came[who] + 1)
    hyphened = [
        f'"{u[:8]}-{u[8:12]}-{u[12:16]}-{u[16:20]}-{u[20:]}"' for u in uids.take(pa.array(chosen)).to_pylist()
    ]
    answers = texts.json_object(
        action=texts.look_up(['"begin"'], np.zeros(len(who), np.int64)), adult=pa.array(hyphened, pa.string()),
        purpose=texts.look_up(['["companionship","study"]', '["emotional","safety"]'], rng.integers(0, 2, len(who))),
    )  # fmt: skip
    journal.write("pairing", base + who, on, answers, place=home, org=geo.office[home])
    statuses.open(base + who, "pairing", "paired", on, review=draw.add_months(on, 12))


def organizations_of(district: Any) -> list[tuple[str, str]]:
    """(uid, place) of the social organizations of a made-up district."""
    uids = dict(zip(*(district.facility_names[n].to_pylist() for n in ("subject_id", "uid")), strict=True))
    rows = district.tables["facility"].to_pylist()
    return [
        (str(UUID(uids[row["subject_id"]])), row["place_id"])
        for row in rows
        if row["kind"] == "social_organization"
    ]


def write_organizations(journal: Journal, geo: Geography, facilities: Facilities, base: int) -> None:
    """Social organizations: vetted for a year, under contract, reporting each quarter; the last one's vetting ran out."""
    rng = stream(journal.seed, "social organizations")
    who = facilities.of("social_organization")
    if not len(who):
        return
    on = journal.as_of - rng.integers(40, 250, len(who))
    on[-1] = journal.as_of - 385
    yes = texts.truth(np.ones(len(who), np.bool_))
    none = np.zeros(len(who), np.int64)
    at = facilities.place[who]
    vetted = texts.json_object(
        result=texts.look_up(['"pass"'], none), valid_until=texts.quoted(texts.iso_date(draw.add_months(on, 12))),
        registration=texts.join('"演示社证', texts.whole(1000 + who), '号"'), staff_checked=yes,
        scope=texts.look_up(['["psychological","emotional"]', '["companionship","study"]', '["safety","conduct"]'], np.arange(len(who)) % 3),
    )  # fmt: skip
    journal.write("organization_vetting", base + who, on, vetted, place=at, org=geo.welfare_office)
    signed = on + 10
    contract = texts.json_object(
        buyer=texts.look_up([f'"{geo.org_ids[geo.welfare_office]}"'] if geo.org_ids else ['"—"'], none),
        content=texts.look_up(['"困境儿童关爱服务（演示）"'], none), signed_on=texts.quoted(texts.iso_date(signed)),
        valid_until=texts.quoted(texts.iso_date(draw.add_months(signed, 12))), children=texts.whole(rng.integers(40, 160, len(who))),
    )  # fmt: skip
    journal.write("service_contract", base + who, signed, contract, place=at, org=geo.welfare_office)
    for quarter in range(4):
        on = journal.as_of - 20 - 91 * quarter - rng.integers(0, 15, len(who))
        report = texts.json_object(
            children=texts.whole(rng.integers(18, 90, len(who))), sessions=texts.whole(rng.integers(30, 260, len(who))),
            staff=texts.whole(rng.integers(3, 14, len(who))),
        )  # fmt: skip
        journal.write("organization_report", base + who, on, report, place=at, org=geo.welfare_office)
