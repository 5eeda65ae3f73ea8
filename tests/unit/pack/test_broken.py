"""Deliberately broken packs: every problem at its exact place, all in one run, sorted.

Each folder of `broken` is a pack with its `problems.txt`, one line a problem as the command prints it.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from yimi.cli import main
from yimi.pack.check import check_folder
from yimi.pack.load import load
from yimi.pack.problems import PackInvalid

BROKEN = Path(__file__).resolve().parent / "broken"
PACKS = sorted(each.name for each in BROKEN.iterdir())


@pytest.mark.parametrize("name", PACKS)
def test_problems(name: str) -> None:
    report = check_folder(BROKEN / name)
    assert [str(each) for each in report.errors] == (BROKEN / name / "problems.txt").read_text(
        "utf-8"
    ).splitlines()
    assert report.errors == sorted(set(report.errors))


def test_places_are_where_the_word_stands() -> None:
    """The columns of `problems.txt` are not only repeated: at each stands the word that the message names."""
    checked = 0
    for each in check_folder(BROKEN / "rules").errors:
        line = (BROKEN / each.file).read_text("utf-8").splitlines()[each.line - 1]
        for word in ("vaccin ", "param(grac)", "step_status", "applies(", "age_years + 1", "birth_date"):
            if word.strip("( ").split("(")[0] in each.message:
                assert line[each.column - 1 :].startswith(word.strip()), str(each)
                checked += 1
                break
    assert checked >= 3


def test_files_and_rules_are_told_in_one_run_and_nothing_follows_from_what_cannot_be_read() -> None:
    told = [str(each) for each in check_folder(BROKEN / "together").errors]
    assert any("is missing" in each for each in told)
    assert any("a boolean is needed" in each for each in told)
    assert not any("'visit'" in each or "seen" in each for each in told)


def test_loading_refuses_what_cannot_be_read() -> None:
    with pytest.raises(PackInvalid) as caught:
        load(BROKEN / "unknown_key")
    assert [each.line for each in caught.value.problems] == [1, 5, 8, 12]
    assert "the pack has 4 problem(s)" in str(caught.value)


def test_the_command_prints_them_and_says_no(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pack", "check", str(BROKEN / "rules")]) == 2
    printed = capsys.readouterr().out
    assert "rules/pathways/imm.yaml:10:19: unknown name 'vaccin'" in printed
    assert main(["pack", "check", str(BROKEN / "rules"), "--json"]) == 2
    first = json.loads(capsys.readouterr().out)["errors"][0]
    assert first == {
        "file": "rules/pathways/imm.yaml",
        "line": 5,
        "column": 34,
        "message": "done is not known here",
    }


def test_a_right_pack_has_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pack", "check", str(BROKEN / "base")]) == 0
    assert "all checks passed" in capsys.readouterr().out


def test_rules_in_blocks_and_quotes(tmp_path: Path) -> None:
    """A rule may stand plain, in quotes or in a folded block; in the block only its beginning is pointed at."""
    shutil.copytree(BROKEN / "base", tmp_path / "base")
    (tmp_path / "base" / "pathways").mkdir()
    (tmp_path / "base" / "pathways" / "p.yaml").write_text(
        "id: p\nname: {zh: 甲, en: p}\nmeasures: []\nsensitivity: health\napplies_when: >-\n  age_years < 18\n  and birth > 3\n"
        "steps:\n  - {id: s, name: {zh: 乙, en: s}, form: dose, satisfied_by: 'vaccin = ''x''', earliest: birth_date}\n",
        encoding="utf-8",
    )
    told = [(each.line, each.message.split(";")[0]) for each in check_folder(tmp_path / "base").errors]
    assert told == [(5, "unknown name 'birth'"), (9, "unknown name 'vaccin'")]
