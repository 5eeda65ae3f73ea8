"""A small made-up pack of places: one district, five townships, twenty villages, and who serves them."""

from __future__ import annotations

import hashlib
from datetime import date

from yimi.demo.district import build

TOWNSHIPS = ["白马镇", "甲河镇", "乙山镇", "丙坪苗族土家族乡", "丁岩乡"]

PLACES: list[dict[str, object]] = [
    {"code": "990156", "kind": "district", "parent": "", "population": "", "name": "演示区"}
]
ORGANIZATIONS: list[dict[str, object]] = [
    {"id": "civil_affairs", "kind": "department", "place": "990156", "parent": ""},
    {"id": "education", "kind": "department", "place": "990156", "parent": ""},
]
for i, township in enumerate(TOWNSHIPS):
    code = f"990156{i + 1:03d}"
    PLACES.append(
        {
            "code": code,
            "kind": "township",
            "parent": "990156",
            "population": str(20000 - 3000 * i),
            "name": township,
        }
    )
    ORGANIZATIONS.append({"id": f"hospital_{i}", "kind": "township_hospital", "place": code, "parent": ""})
    ORGANIZATIONS.append({"id": f"township_{i}", "kind": "township_government", "place": code, "parent": ""})
    for k in range(4):
        name = f"{'东南西北'[k]}{'社区居民委员会' if k == 0 else '村村民委员会'}"
        PLACES.append(
            {"code": f"{code}{k + 200}", "kind": "village", "parent": code, "population": "", "name": name}
        )
        ORGANIZATIONS.append(
            {"id": f"village_{i}_{k}", "kind": "village_committee", "place": f"{code}{k + 200}", "parent": ""}
        )


def digest() -> str:
    """What a small district made of these places comes to; run as a file, this is printed."""
    made = build(PLACES, ORGANIZATIONS, 300, 3, date(2026, 11, 23))
    content = hashlib.sha256()
    for table in (made.records, *made.tables.values(), made.child_names):
        content.update(repr(table.to_pydict()).encode())
    return content.hexdigest()


if __name__ == "__main__":
    print(digest())
