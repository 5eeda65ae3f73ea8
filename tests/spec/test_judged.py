"""Verdicts on records where two reasons meet: several distances, the same day, and reasons in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.spec.acceptance import MINI, mini, outcomes, upgraded

from yimi.engines.because import verdict_words
from yimi.pack import schema
from yimi.pack.load import Pack, load

APART = "apart: [{form: dose, where: \"vaccine in ('MMR', 'JE-L')\", days: 28, why: {zh: 减毒活疫苗, en: live}}]}\n  - {id: MMR_2"


def judged(pack: Pack, *doses: tuple[str, str], born: str | None = "2024-01-31") -> list[dict[str, Any]]:
    child = schema.TestChild.model_validate(
        {
            "name": {"zh": "小雨", "en": "Xiaoyu"}, "as_of": "2025-06-01", "born": born, "expect": {},
            "records": [{"form": "dose", "on": on, "answers": {"vaccine": vaccine}} for vaccine, on in doses],
        }
    )  # fmt: skip
    return outcomes(pack, "imm", [child])[0].judged


def changed(folder: Path, becomes: str) -> Pack:
    return load(
        upgraded(MINI, folder / "pack", {"file": "pathways/imm.yaml", "was": APART, "becomes": becomes})
    )


def test_the_second_distance_is_told_too(tmp_path: Path) -> None:
    two = APART.replace(
        "apart: [", "apart: [{form: dose, where: vaccine = 'DTaP', days: 7, why: {zh: 甲, en: a}}, "
    )
    _, late = judged(changed(tmp_path, two), ("JE-L", "2025-01-01"), ("MMR", "2025-01-20"))
    assert (late["verdict"], late["reason"], late["other"].isoformat()) == (
        "invalid",
        "too_close",
        "2025-01-01",
    )


def test_where_one_day_is_too_close_the_first_to_arrive_counts(tmp_path: Path) -> None:
    strict = APART.replace("days: 28,", "days: 28, same_day_allowed: false,")
    first, second = judged(changed(tmp_path, strict), ("MMR", "2025-01-20"), ("JE-L", "2025-01-20"))
    assert (first["verdict"], first["step"]) == ("valid", "MMR_1")
    live, mmr = judged(load(tmp_path / "pack"), ("JE-L", "2025-01-20"), ("MMR", "2025-01-20"))
    assert (mmr["verdict"], mmr["reason"]) == ("invalid", "too_close")
    assert {second["verdict"], live["verdict"]} == {"valid"}


def test_reasons_in_words() -> None:
    pack = mini()
    told = judged(
        pack, ("MMR", "2024-09-29"), ("MMR", "2024-10-28"), ("MMR", "2024-10-28"), ("MMR", "2025-05-01")
    )
    assert [(each["verdict"], each["reason"]) for each in told] == [
        ("invalid", "early"), ("valid", ""), ("invalid", "duplicate"), ("invalid", "early"),
    ]  # fmt: skip
    words = verdict_words(pack, pack.pathways["imm"], told[0])
    assert words["zh"].startswith("麻腮风1：早于可计入的最早日期 2024-09-30")
    assert words["en"] == "MMR 1: before 2024-09-30, the first day it counts: not counted, to be reviewed."


def test_without_a_birth_date_nothing_is_judged_invalid() -> None:
    pack = mini()
    (one,) = judged(pack, ("MMR", "2024-09-29"), born=None)
    assert (one["verdict"], one["step"]) == ("unknown", "MMR_1")
    assert "暂不能判断" in verdict_words(pack, pack.pathways["imm"], one)["zh"]
