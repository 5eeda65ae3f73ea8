"""Formula, children's goods and medicines: the sampling plan of the year, samples, and what became of those that failed.

Nearly all pass. One failed batch was cleared, fined and sampled again; one was cleared late; one is still on the shelf.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from yimi.demo import texts
from yimi.demo.draw import Ints, stream
from yimi.demo.facilities import Facilities
from yimi.demo.geography import Geography
from yimi.demo.journal import Journal

CATEGORIES = (("infant_formula", 24, "配方乳粉（演示）"), ("child_goods", 16, "玩具（演示）"), ("child_medicine", 12, "儿童颗粒剂（演示）"))  # fmt: skip
DONE = (1.0, 0.9, 0.75)  # of the batches planned
# Seller, category, days since it failed, days to the cleared shelf (None: not yet), fine in yuan (None: not decided).
FAILED = ((0, 1, 160, 1, 3000), (1, 0, 60, 5, None), (2, 1, 9, None, None))


def write_market(
    journal: Journal, geo: Geography, facilities: Facilities, base: int, organization_base: int
) -> None:
    """Everything of the market regulator."""
    body = "market_reg"
    sellers = facilities.of("product_seller")
    if body not in geo.org_ids or not len(sellers):
        return
    office = geo.org_ids.index(body)
    planned = np.array([journal.as_of - 320] * len(CATEGORIES))
    year = int(planned[0].astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64)) + 1970
    answers = texts.json_object(
        category=pa.array([f'"{code}"' for code, _, _ in CATEGORIES]), year=pa.array([str(year)] * len(CATEGORIES)),
        batches=pa.array([str(batches) for _, batches, _ in CATEGORIES]),
    )  # fmt: skip
    subject = np.full(len(CATEGORIES), organization_base + office)
    journal.write("sampling_plan", subject, planned, answers, place=np.full(len(CATEGORIES), geo.district), org=office)  # fmt: skip
    _samples(journal, facilities, sellers, base, office)
    _failed(journal, facilities, sellers, base, office)


def _samples(journal: Journal, facilities: Facilities, sellers: Ints, base: int, office: int) -> None:
    rng = stream(journal.seed, "samples")
    for (code, batches, product), share in zip(CATEGORIES, DONE, strict=True):
        n = round(batches * share) - sum(CATEGORIES[each[1]][0] == code for each in FAILED)
        who = sellers[rng.integers(0, len(sellers), n)]
        on = journal.as_of - rng.integers(12, 300, n)
        answers = texts.json_object(
            category=pa.array([f'"{code}"'] * n), product=pa.array([f'"{product}"'] * n),
            batch=texts.join('"演示', texts.whole(np.arange(1000, 1000 + n)), '"'), sampled_on=texts.quoted(texts.iso_date(on - 9)),
            result=pa.array(['"pass"'] * n),
        )  # fmt: skip
        journal.write("product_sample", base + who, on, answers, place=facilities.place[who], org=office)


def _failed(journal: Journal, facilities: Facilities, sellers: Ints, base: int, office: int) -> None:
    for number, (which, category, ago, cleared, yuan) in enumerate(FAILED):
        seller, batch = sellers[which : which + 1], f'"演示F{number}"'
        code, _, product = CATEGORIES[category]
        told = {"category": f'"{code}"', "product": f'"{product}"'}
        found: list[tuple[str, int, dict[str, str]]] = [
            ("product_sample", 0, {**told, "batch": batch, "result": '"fail"', "failed_items": '"标签和一项指标（演示）"'})
        ]  # fmt: skip
        if cleared is not None:
            found.append(("product_recall", cleared, {"batch": batch, "cleared": "true", "removed": "14"}))
            again = {**told, "batch": f'"演示G{number}"', "result": '"pass"'}
            found.append(("product_sample", cleared + 20, again))
        if yuan is not None:
            found.append(("product_penalty", 40, {"batch": batch, "decision": '"fine"', "yuan": str(yuan)}))
        for form, later, given in found:
            answers = texts.json_object(**{name: pa.array([value]) for name, value in given.items()})
            on, place = np.array([journal.as_of - ago + later]), facilities.place[seller]
            journal.write(form, base + seller, on, answers, place=place, org=office)
