"""The seed plan, read from its own text and compared with the reference structure."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from yimi.exchange.plan_text import read_plan_text

REFERENCE = Path(__file__).resolve().parents[3] / "../shared/reference"
pytestmark = [
    pytest.mark.reference,
    pytest.mark.skipif(not REFERENCE.is_dir(), reason="the reference folder beside the project is absent"),
]


def squeeze(text: str) -> str:
    return re.sub(r"\s+", "", text)


@pytest.fixture(scope="module")
def seed() -> str:
    return (REFERENCE / "seed-plan.zh.txt").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def expected() -> dict[str, Any]:
    plan: dict[str, Any] = yaml.safe_load((REFERENCE / "plan.yaml").read_text(encoding="utf-8"))
    return plan


def check_outline(shown: dict[str, Any], expected: dict[str, Any]) -> None:
    assert [f"{c['number']}、{c['title']}" for c in shown["chapters"]] == [
        c["title_zh"] for c in expected["chapters"]
    ]
    assert len(shown["measures"]) == 35
    for got, want in zip(shown["measures"], expected["measures"], strict=True):
        assert (got["id"], got["number"], got["title"]) == (want["id"], want["number_zh"], want["title_zh"])
        assert squeeze(got["text"]) == squeeze(want["text_zh"])
        assert [b["name"] for b in got["bodies"]] == want["departments_zh"]
        assert {b["role"] for b in got["bodies"]} == {"joint"}, "no lead is named in this text"


def test_outline_and_bodies(seed: str, expected: dict[str, Any]) -> None:
    shown = read_plan_text(seed).as_json()
    check_outline(shown, expected)
    assert shown["documents"] == 1
    assert (shown["title"], shown["number"], shown["date"]) == (
        expected["document"]["title_zh"], expected["document"]["number"], expected["document"]["date"]
    )  # fmt: skip
    assert sum(len(m["bodies"]) for m in shown["measures"]) == 170
    assert len(shown["bodies"]) == 25
    assert [b["aliases"] for b in shown["bodies"] if len(b["aliases"]) > 1] == [
        ["区住房城乡建设委", "区住房城乡建委"]
    ]
    full = {b["name"]: b["full_name"] for b in shown["bodies"]}
    want = {d["short_zh"]: d["name_zh"] for d in expected["departments"]}
    assert {name: value for name, value in full.items() if value} == {
        n: want[n] for n, value in full.items() if value
    }


def test_all_targets(seed: str, expected: dict[str, Any]) -> None:
    shown = read_plan_text(seed).as_json()
    got = [
        (t["measure"], t["operator"], float(t["value"]), t["unit"], t["deadline"], t["scope"])
        for t in shown["targets"]
    ]
    want = [
        (t["measure"], t["operator"], float(t["value"]), t["unit"], t["deadline"], t["level"])
        for t in expected["targets"]
    ]
    assert sorted(map(repr, got)) == sorted(map(repr, want))
    for target in shown["targets"]:
        phrases = [squeeze(t["phrase_zh"]) for t in expected["targets"] if t["measure"] == target["measure"]]
        assert any(target["phrase"] in phrase or phrase in target["phrase"] for phrase in phrases)


def test_line_breaks_lost(seed: str, expected: dict[str, Any]) -> None:
    check_outline(read_plan_text(seed.replace("\n", "")).as_json(), expected)


@pytest.mark.parametrize("width", [26, 32, 38])
def test_lines_broken_by_a_column(seed: str, expected: dict[str, Any], width: int) -> None:
    broken = "\n".join(
        line[k : k + width] for line in seed.split("\n") for k in range(0, max(len(line), 1), width)
    )
    check_outline(read_plan_text(broken).as_json(), expected)


def test_marks_of_one_width(seed: str) -> None:
    def duties(text: str) -> list[list[str]]:
        return [[b["name"] for b in m["bodies"]] for m in read_plan_text(text).as_json()["measures"]]

    narrow = str.maketrans("，；：（）％", ",;:()%")
    wide = str.maketrans(",;:()%", "，；：（）％")
    assert duties(seed.translate(narrow)) == duties(seed.translate(wide)) == duties(seed)


def test_under_a_second(seed: str) -> None:
    read_plan_text(seed)
    start = time.perf_counter()
    read_plan_text(seed)
    assert time.perf_counter() - start < 1.0


def test_any_lost_number_keeps_every_measure_and_duty(seed: str, expected: dict[str, Any]) -> None:
    want = [m["departments_zh"] for m in expected["measures"]]
    start = seed.index("一、总体目标")
    markers = list(re.finditer(r"[（(][一二三四五六七八九十]+[）)]", seed[start:]))
    assert len(markers) == 35
    for marker in markers[::2]:  # first and last included
        shown = read_plan_text(seed[: start + marker.start()] + seed[start + marker.end() :]).as_json()
        assert [[b["name"] for b in m["bodies"]] for m in shown["measures"]] == want
        assert sum(m["number"] is None for m in shown["measures"]) == 1
        assert "missing_number" in {w["code"] for w in shown["warnings"]}


def test_any_lost_bracket_is_told_and_moves_no_duty(seed: str, expected: dict[str, Any]) -> None:
    want = [m["departments_zh"] for m in expected["measures"]]
    brackets = [
        *re.finditer(r"(?<=按职责分工负责)[）)]", seed),
        *re.finditer(r"(?<=。)[（(](?=[区团])", seed),
    ]
    for marker in brackets[::7]:
        shown = read_plan_text(seed[: marker.start()] + seed[marker.end() :]).as_json()
        assert [[b["name"] for b in m["bodies"]] for m in shown["measures"]] == want
        assert "clause_broken" in {w["code"] for w in shown["warnings"]}


def test_any_lost_clause_or_item_is_told(seed: str) -> None:
    clause = re.compile(r"[（(][^（）()]*按职责分工负责[）)]")
    for found in list(clause.finditer(seed))[::5]:
        shown = read_plan_text(seed[: found.start()] + seed[found.end() :]).as_json()
        assert len(shown["measures"]) == 35
        assert "no_clause" in {w["code"] for w in shown["warnings"]}


def test_traditional_copies_keep_every_count(seed: str) -> None:
    from opencc import OpenCC

    for kind in ("s2t", "s2hk", "s2twp"):
        shown = read_plan_text(OpenCC(kind).convert(seed)).as_json()
        counts = len(shown["chapters"]), len(shown["measures"]), len(shown["bodies"]), len(shown["targets"])
        assert counts == (8, 35, 25, 22)
        assert sum(len(m["bodies"]) for m in shown["measures"]) == 170
        assert shown["script"] == "traditional"
