"""The records of the district as they arrive: blocks of one form each, put in order of arrival at the end."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from yimi.demo import texts
from yimi.demo.draw import FAR, Bools, Ints, stream
from yimi.demo.geography import Geography

SECONDS = 86_400


@dataclass
class Block:
    form: str
    subject: Ints
    on: Ints
    received: Ints  # seconds since 1970 in the district's civil time
    place: Ints  # place index, -1 none
    org: Ints  # organization index, -1 none
    answers: pa.Array | None
    corrects: Ints  # row of the journal this one takes the place of, -1 none
    voids: Bools


@dataclass
class Journal:
    """Rows are numbered as they are written; `finish` orders them by arrival and gives them `seq`."""

    seed: int
    as_of: int
    blocks: list[Block] = field(default_factory=list)
    rows: int = 0
    uids: pa.Array | None = None

    def arrival(self, on: Ints, slow: float = 0.25) -> Ints:
        """Most records are typed the same or the next day in working hours; a few a week later."""
        rng = stream(self.seed, f"arrival {len(self.blocks)}")
        days = np.floor(rng.exponential(slow + 0.05, len(on)) * 1.6)
        days = np.where(rng.random(len(on)) < 0.01, rng.integers(3, 15, len(on)), days)
        clock = rng.integers(8 * 3600, 18 * 3600, len(on))
        latest = self.as_of * SECONDS + rng.integers(8 * 3600, 18 * 3600, len(on))
        arrived: Ints = np.minimum((on + days.astype(np.int64)) * SECONDS + clock, latest)
        return arrived

    def write(
        self,
        form: str,
        subject: Ints,
        on: Ints,
        answers: pa.Array,
        *,
        place: Ints | None = None,
        org: Ints | int = -1,
        received: Ints | None = None,
        corrects: Ints | None = None,
        voids: bool = False,
    ) -> Ints:
        """Add records; their row numbers, for corrections to name."""
        n = len(subject)
        none = np.full(n, -1, np.int64)
        block = Block(
            form, subject, on, self.arrival(on) if received is None else received,
            none if place is None else place,
            np.full(n, org, np.int64) if isinstance(org, int) else org,
            answers, none if corrects is None else corrects, np.full(n, voids),
        )  # fmt: skip
        self.blocks.append(block)
        self.rows += n
        return np.arange(self.rows - n, self.rows, dtype=np.int64)

    def uids_of(self, rows: Ints) -> list[str]:
        """Record ids of journal rows; after `finish`."""
        assert self.uids is not None
        return [str(uid) for uid in self.uids.take(pa.array(rows)).to_pylist()]

    def finish(self, geo: Geography) -> pa.Table:
        """RECORD of `yimi.pack.tables` plus record_uid, supersedes (a record_uid) and voided."""
        received = np.concatenate([b.received for b in self.blocks])
        order = np.argsort(received, kind="stable")
        uid = self.uids = texts.unique_ids(stream(self.seed, "record ids"), self.rows)
        answers = pa.concat_arrays([b.answers for b in self.blocks])
        for block in self.blocks:
            block.answers = None  # a third of a gigabyte, copied once already
        corrects = np.concatenate([b.corrects for b in self.blocks])[order]
        forms = [b.form for b in self.blocks]
        form = np.repeat(np.arange(len(forms)), [len(b.on) for b in self.blocks])[order]
        place = np.concatenate([b.place for b in self.blocks])[order]
        org = np.concatenate([b.org for b in self.blocks])[order]
        taken = pa.array(order)
        on = np.concatenate([b.on for b in self.blocks])[order]
        return pa.table(
            {
                "seq": pa.array(np.arange(1, self.rows + 1, dtype=np.int64)),
                "subject_id": pa.array(np.concatenate([b.subject for b in self.blocks])[order]),
                "form": texts.look_up(forms, form),
                "form_version": pa.array(np.ones(self.rows, np.int32)),
                "occurred_on": texts.dates(on, FAR),
                "received_at": pa.array(received[order] * 1_000_000).cast(pa.timestamp("us")),
                "place_id": texts.look_up(geo.codes, place),
                "org_id": texts.look_up(geo.org_ids or [None], org),
                "answers": answers.take(taken),
                "record_uid": uid.take(taken),
                "supersedes": uid.take(pa.array(np.maximum(corrects, 0), mask=corrects < 0)),
                "voided": pa.array(np.concatenate([b.voids for b in self.blocks])[order]),
            }
        )
