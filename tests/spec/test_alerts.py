"""Who is told: recalled rules stay silent until confirmed, and what an alert rule may look at."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.spec.acceptance import MINI, mini, turn, upgraded

from yimi.pack import schema
from yimi.pack.check import check_pack
from yimi.pack.load import load

STEP = "id: MMR_1, name"
ALERT = "when: code = 'MMR' and item_status = 'overdue', per: village"
LATE = [
    {"name": {"zh": "大壮", "en": "Dazhuang"}, "as_of": "2025-06-01", "born": "2024-01-31", "expect": {},
     "statuses": [{"scheme": "hardship", "code": "open", "since": "2025-01-01"}]},
    {"name": {"zh": "小雨", "en": "Xiaoyu"}, "as_of": "2025-06-01", "born": "2024-02-10", "expect": {}},
]  # fmt: skip


def causes(folder: Path, was: str = "", becomes: str = "") -> dict[str, list[int]]:
    """cause → subjects behind it, of the vaccination alert on a pack with one sentence changed."""
    changed = {"file": "pathways/imm.yaml", "was": was, "becomes": becomes}
    pack = load(upgraded(MINI, folder / "pack", changed)) if was else mini()
    assert check_pack(pack).errors == []
    children = [schema.TestChild.model_validate(each) for each in LATE]
    found = turn(pack, children, children[0].as_of).findings
    return {each.cause: [one.subject_id for one in each.behind] for each in found if each.pathway == "imm"}


def test_one_finding_a_village_with_every_child_behind_it(tmp_path: Path) -> None:
    assert causes(tmp_path) == {"due:imm:mmr_late:v": [1000, 2000]}


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (STEP, "id: MMR_1, confidence: recalled, name"),
        ("sensitivity: health\napplies", "sensitivity: health\nconfidence: recalled\napplies"),
        ("{id: mmr_late,", "{id: mmr_late, confidence: recalled,"),
    ],
    ids=["step", "pathway", "alert"],
)
def test_a_recalled_rule_is_silent_until_confirmed(tmp_path: Path, was: str, becomes: str) -> None:
    assert causes(tmp_path / "recalled", was, becomes) == {}
    confirmed = becomes.replace("confidence: recalled,", "confidence: recalled, confirmed_by: 冉医生,")
    confirmed = confirmed.replace("recalled\n", "recalled\nconfirmed_by: 冉医生\n")
    assert causes(tmp_path / "confirmed", was, confirmed) == {"due:imm:mmr_late:v": [1000, 2000]}


def test_an_alert_rule_sees_the_item_and_the_child(tmp_path: Path) -> None:
    rule = "when: \"step = 'MMR_1' and days_overdue >= 121 and status_code(hardship) = 'open' and done(MMR_2) is null\", per: subject"
    assert causes(tmp_path, ALERT, rule) == {"due:imm:mmr_late:1000": [1000]}
