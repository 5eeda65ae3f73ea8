"""Rows of the register's dated tables, gathered from several parts of the district."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from yimi.demo import texts
from yimi.demo.draw import FAR, Ints


@dataclass
class Statuses:
    """The `status` table in the making. Codes are text; FAR as an end means still open."""

    parts: list[pa.Table] = field(default_factory=list)

    def open(self, subject: Ints, scheme: str, code: pa.Array | str, since: Ints,
             until: Ints | None = None, review: Ints | None = None) -> None:  # fmt: skip
        n = len(subject)
        never = np.full(n, FAR)
        self.parts.append(
            pa.table(
                {
                    "subject_id": pa.array(subject, pa.int64()),
                    "scheme": texts.look_up([scheme], np.zeros(n, np.int64)),
                    "code": texts.look_up([code], np.zeros(n, np.int64)) if isinstance(code, str) else code,
                    "valid_from": texts.dates(since, FAR),
                    "valid_to": texts.dates(never if until is None else until, FAR),
                    "review_due": texts.dates(never if review is None else review, FAR),
                }
            )
        )

    def table(self) -> pa.Table:
        whole = pa.concat_tables(self.parts)
        order = [("subject_id", "ascending"), ("scheme", "ascending"), ("valid_from", "ascending")]
        return whole.sort_by(order).combine_chunks()
