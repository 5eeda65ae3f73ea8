"""Made-up street children: a few a year, found without an identity, most of them soon back where they belong."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from yimi.demo.draw import stream

A_YEAR, PER = 6, 60_000  # children found in a district of so many
FEATURES = [
    "左腕有一处旧疤，穿灰色外套",
    "短发，背蓝色双肩包",
    "右眉有痣，口音似邻省",
    "身形瘦小，随身带一只布熊",
]


@dataclass
class StreetChild:
    sex: str
    place: str
    found_on: date
    records: list[tuple[str, date, dict[str, Any]]] = field(default_factory=list)
    name: str = ""  # known since
    birth_date: date | None = None


def make_street_children(district: Any, villages: list[str], seed: int) -> list[StreetChild]:
    """The oldest first. The last one is in the shelter today, longer than the limit."""
    rng = stream(seed, "street children")
    today: date = district.as_of
    count = max(round(A_YEAR * district.tables["child"].num_rows / PER), 2)
    days = sorted((int(back) for back in rng.integers(25, 340, count - 1)), reverse=True)
    made = []
    for number, back in enumerate([*days, 13]):
        found = today - timedelta(days=back)
        age = int(rng.integers(6, 16))
        child = StreetChild("mf"[int(rng.integers(2))], villages[int(rng.integers(len(villages)))], found)
        told = {
            "found_by": ("police", "citizen", "station")[number % 3], "found_at": ("客运站", "集市", "高速服务区")[number % 3],
            "apparent_age": age, "features": FEATURES[number % len(FEATURES)], "placed": "shelter",
        }  # fmt: skip
        child.records = [
            ("street_child_found", found, told),
            ("street_child_health", found, {"checked": True, "urgent": False}),
            ("street_child_search", found + timedelta(days=1 + number % 2), {
                "police_told": True, "sampled": True, "published": True, "result": "none" if back == 13 else "family"}),
        ]  # fmt: skip
        ended = found + timedelta(days=int(rng.integers(3, 11)))
        if back > 13 and number % 2:
            child.name, child.birth_date = f"演示儿童{number}", date(found.year - age, 5, 20)
            ends = {"ends": True, "outcome": "fetched", "guardian_assessed": True}
            child.records.append(("street_child_placement", ended, ends))
        elif back > 13:
            child.records += [
                ("street_child_placement", ended, {"ends": True, "outcome": "transferred"}),
                (
                    "file_handed_over",
                    ended,
                    {"to_county": "邻县", "to_body": "邻县民政局", "pages": 18 + number},
                ),
            ]
            if number:
                received = min(ended + timedelta(days=9), today)
                child.records.append(
                    ("file_receipt", received, {"received_by": "接收人（演示）", "child_safe": True})
                )
        made.append(child)
    return made
