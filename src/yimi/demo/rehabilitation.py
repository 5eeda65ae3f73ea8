"""From the first diagnosis of a disability to sessions; newborns at risk; reviews of deaths; providers.

Shares and days are plausible, not Wulong's own.
"""

from __future__ import annotations

import numpy as np

from yimi.demo import draw, texts
from yimi.demo.draw import FAR, Ints, stream
from yimi.demo.facilities import Facilities
from yimi.demo.families import Children
from yimi.demo.geography import Geography
from yimi.demo.intervals import Statuses
from yimi.demo.journal import Journal
from yimi.demo.screening import Writer, same
from yimi.demo.welfare import DISABILITIES, Welfare

PROVIDERS = ["“萌芽”康复中心（虚构）", "“小桥”儿童康复站（虚构）", "区妇幼保健院康复科"]
# share that goes on and mean days, each step from the one before
REPORT, RECEIPT, APPLY, DECIDE, PLACE, START = (
    (0.97, 3),
    (0.97, 2),
    (0.92, 12),
    (0.97, 7),
    (0.96, 9),
    (0.95, 12),
)
SINCE_YEARS = 4
RISK_MONTHS = 14


def write_rehabilitation(
    journal: Journal, statuses: Statuses, children: Children, geo: Geography, welfare: Welfare, base: int
) -> None:
    writer = Writer(journal, children, geo, base)
    _disabled(writer, welfare)
    _newborns_at_risk(writer, statuses)
    _death_reviews(writer)


def _disabled(writer: Writer, welfare: Welfare) -> None:
    """The children of the disability register were first diagnosed before their certificate; some wait somewhere."""
    children, today = writer.children, writer.journal.as_of
    rng = stream(writer.journal.seed, "first diagnoses")
    age_then = children.birth[welfare.disabled] > today - 365 * 15
    who = welfare.disabled[age_then]
    kind = draw.choose(rng, DISABILITIES, len(who))
    on = draw.within(
        rng, np.maximum(children.birth[who] + 300, today - 365 * SINCE_YEARS), np.full(len(who), today - 5)
    )
    fits = (on > children.birth[who] + 100) & (on < children.last_day[who]) & (on >= children.came[who])
    who, kind, on = who[fits], kind[fits], on[fits]
    writer.write("health_diagnosis", who, on, concern=same("disability", who), result=same("confirmed", who),
                 disabling=texts.truth(np.ones(len(who), np.bool_)), institution=same("区人民医院", who),
                 disability_type=texts.look_up([f'"{n + 1}"' for n in range(7)], kind))  # fmt: skip
    goes, after = writer.later(rng, who, on, *REPORT)
    who, kind, diagnosed, on = who[goes], kind[goes], on[goes], after[goes]
    writer.write("disability_report", who, on, type=texts.look_up([f'"{n + 1}"' for n in range(7)], kind),
                 diagnosed_on=texts.quoted(texts.iso_date(diagnosed)), institution=same("区人民医院", who))  # fmt: skip
    goes, after = writer.later(rng, who, on, *RECEIPT)
    who, on = who[goes], after[goes]
    writer.write("disability_receipt", who, on, contacted=texts.truth(rng.random(len(who)) < 0.97))
    goes, after = writer.later(rng, who, on, *APPLY)
    who, on = who[goes], after[goes]
    writer.write("rehabilitation_application", who, on, kind=texts.look_up(['["training"]', '["device"]'], draw.choose(rng, [0.85, 0.15], len(who))),
                 by_agent=texts.truth(rng.random(len(who)) < 0.1))  # fmt: skip
    goes, after = writer.later(rng, who, on, *DECIDE)
    who, on = who[goes], after[goes]
    granted = rng.random(len(who)) < 0.93
    writer.write("rehabilitation_decision", who, on, approved=texts.truth(granted),
                 reason=texts.look_up(['"已在外地享受同类救助"'], np.where(granted, -1, 0)))  # fmt: skip
    who, on = who[granted], on[granted]
    goes, after = writer.later(rng, who, on, *PLACE)
    who, on = who[goes], after[goes]
    writer.write("rehabilitation_placement", who, on, provider=texts.look_up([f'"{each}"' for each in PROVIDERS], rng.integers(0, 3, len(who))),
                 starts_on=texts.quoted(texts.iso_date(on + 7)), sessions_a_month=texts.whole(rng.integers(6, 13, len(who))))  # fmt: skip
    goes, after = writer.later(rng, who, on, *START)
    _sessions(writer, rng, who[goes], after[goes])


def _sessions(writer: Writer, rng: np.random.Generator, who: Ints, first: Ints) -> None:
    """A record a month and a review each half-year, until the child leaves or, for a few, stops unseen."""
    today = writer.journal.as_of
    stopped = np.where(rng.random(len(who)) < 0.04, today - rng.integers(45, 120, len(who)), FAR)
    months = np.maximum((today - first) // 30, 0) + 1
    owner, turn = draw.spread(months)
    on = draw.add_months(first[owner], turn)
    kept = (on <= today) & (on < stopped[owner]) & (on < writer.children.last_day[who[owner]])
    owner, on = owner[kept], on[kept]
    month = [f'"{each[:7]}"' for each in texts.iso_date(on).to_pylist()]
    writer.write("rehabilitation_sessions", who[owner], on, month=texts.look_up(month, np.arange(len(month))),
                 sessions=texts.whole(rng.integers(4, 13, len(owner))))  # fmt: skip
    owner, turn = draw.spread(np.maximum((today - first) // 182, 0))
    on = draw.add_months(first[owner], 6 * (turn + 1)) + rng.integers(0, 15, len(owner))
    kept = (on <= today) & (on < stopped[owner]) & (on < writer.children.last_day[who[owner]])
    writer.write("rehabilitation_review", who[owner[kept]], on[kept], outcome=same("continue", owner[kept]))


def _newborns_at_risk(writer: Writer, statuses: Statuses) -> None:
    """Small and early newborns of the last months: a case, visits, and its end."""
    children, today = writer.children, writer.journal.as_of
    rng = stream(writer.journal.seed, "newborns at risk")
    first = int(draw.add_months(np.array([today]), -RISK_MONTHS)[0])
    risky = (
        (children.birth >= first)
        & (children.birth >= children.came)
        & ((children.weight_g < 2500) | (children.weeks < 37))
    )
    who = np.flatnonzero(risky)
    on = children.birth[who] + rng.integers(3, 12, len(who))
    known = (rng.random(len(who)) < 0.94) & (on <= today) & (on < children.last_day[who])
    who, on = who[known], on[known]
    critical = (children.weight_g[who] < 1500) | (children.weeks[who] < 32)
    level = texts.look_up(['"high"', '"critical"'], critical.astype(np.int64))
    writer.write("newborn_risk_assessment", who, on, level=level, action=same("open", who),
                 factors=texts.look_up(['["low_weight"]', '["preterm"]'], (children.weeks[who] < 37).astype(np.int64)))  # fmt: skip
    closes = draw.add_months(on, np.where(critical, 9, 5)) + rng.integers(0, 20, len(who))
    ended = (closes <= today) & (closes < children.last_day[who])
    writer.write(
        "newborn_risk_assessment",
        who[ended],
        closes[ended],
        level=same("high", who[ended]),
        action=same("close", who[ended]),
    )
    statuses.open(writer.base + who, "newborn_risk", texts.look_up(["high", "critical"], critical.astype(np.int64)), on,
                  np.where(ended, closes, FAR), np.where(ended, FAR, draw.add_months(on, 3)))  # fmt: skip
    end = np.minimum(np.where(ended, closes, today + 1), children.last_day[who])
    every = np.where(critical, 13, 28)
    owner, turn = draw.spread(np.maximum((end - on - 2) // every + 1, 0))
    seen_on = on[owner] + 1 + turn * every[owner] + rng.integers(0, 3, len(owner))
    missed = rng.random(len(owner)) < np.minimum(
        0.05 * np.sqrt(writer.geo.laxity[children.village[who[owner]]]), 0.4
    )
    kept = ~missed & (seen_on < end[owner]) & (seen_on <= today)
    rows, seen_on = who[owner[kept]], seen_on[kept]
    writer.write("newborn_risk_visit", rows, seen_on, seen=texts.truth(np.ones(len(rows), np.bool_)),
                 neuro=texts.look_up(['"normal"', '"abnormal"'], (rng.random(len(rows)) < 0.03).astype(np.int64)))  # fmt: skip


def _death_reviews(writer: Writer) -> None:
    children, today = writer.children, writer.journal.as_of
    rng = stream(writer.journal.seed, "death reviews")
    dead = np.flatnonzero((children.death < FAR) & (children.death - children.birth < 365 * 5))
    on = children.death[dead] + rng.integers(15, 55, len(dead))
    done = (on <= today) & (rng.random(len(dead)) < 0.93)
    who, on = dead[done], on[done]
    early = children.death[who] - children.birth[who] < 28
    writer.write("death_review", who, on, cause_group=texts.look_up(['"other_disease"', '"preterm"'], early.astype(np.int64)),
                 avoidability=texts.look_up(['"avoidable"', '"conditional"', '"unavoidable"'], draw.choose(rng, [0.2, 0.4, 0.4], len(who))),
                 factors=same_list("knowledge", who))  # fmt: skip


def same_list(value: str, who: Ints) -> object:
    return texts.look_up([f'["{value}"]'], np.zeros(len(who), np.int64))


def write_providers(journal: Journal, sites: Facilities, base: int) -> None:
    """Contracts, monthly reports and inspections of the rehabilitation providers; one reports too much."""
    rng = stream(journal.seed, "providers")
    for turn, site in enumerate(sites.of("rehab_provider")):
        subject = np.array([base + int(site)])
        signed = np.array([journal.as_of - 200 - 60 * turn])
        journal.write("rehabilitation_contract", subject, signed, texts.json_object(
            signed_on=texts.quoted(texts.iso_date(signed)), valid_until=texts.quoted(texts.iso_date(signed + 365)),
            places=texts.whole(np.array([40])), sessions_a_day=texts.whole(np.array([30]))))  # fmt: skip
        days = journal.as_of - 30 * np.arange(6, 0, -1)
        told = rng.integers(280, 520, len(days)) + (900 if turn == 1 else 0)
        journal.write("rehabilitation_capacity", np.repeat(subject, len(days)), days, texts.json_object(
            month=texts.look_up([f'"{each[:7]}"' for each in texts.iso_date(days).to_pylist()], np.arange(len(days))),
            children=texts.whole(rng.integers(18, 39, len(days))), sessions=texts.whole(told),
            opened_days=texts.whole(np.full(len(days), 22)), complaints=texts.whole(rng.integers(0, 2, len(days)))))  # fmt: skip
