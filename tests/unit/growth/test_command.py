"""`yimi growth` from file to file."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from yimi.cli import main

HEADER = "sex,age_months,weight_kg,height_cm,measured,head_cm,muac_cm,oedema"


def run(tmp_path: Path, text: str | bytes, *more: str) -> list[dict[str, str]]:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_bytes(text if isinstance(text, bytes) else text.encode())
    assert main(["growth", str(source), "--standard", "who", "--out", str(out), *more]) == 0
    with out.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_rows_come_back_with_scores_and_flags(tmp_path):
    rows = run(tmp_path, f"child,{HEADER}\nXiaoyu,f,12,8.9,74.0,lying,45,14,n\nDazhuang,1,36,40,95,h,,,\n")
    first, second = rows
    assert (first["child"], first["weight_kg"], first["measured"]) == ("Xiaoyu", "8.9", "lying")
    for name in ("waz", "haz", "whz", "baz", "hcz", "acz"):
        assert abs(float(first[name])) < 1 and first[f"{name}_flag"] == "0"
    assert second["waz_flag"] == "1" and second["acz"] == "" and second["acz_flag"] == "0"


def test_spellings_of_sex_position_and_oedema(tmp_path):
    lines = [
        "m,12,9,74,l,,,n",
        "M,12,9,74,lying,,,N",
        "1,12,9,74,L,,,0",
        "男,12,９,74,卧,,,否",
        " m ,12.0,9.0,'74,l,,,2",
    ]
    rows = run(tmp_path, HEADER + "\n" + "\n".join(lines) + "\n")
    assert len({(row["waz"], row["haz"], row["whz"]) for row in rows}) == 1 and rows[0]["whz"]
    swollen = run(tmp_path, HEADER + "\nf,12,9,74,,,14,y\n2,12,9,74,,,14,TRUE\n女,12,9,74,,,14,1\n")
    assert [(row["waz"], row["haz"] != "") for row in swollen] == [("", True)] * 3


def test_days_and_months_together_days_first(tmp_path):
    text = "sex,age_days,age_months,weight_kg\nm,365,,9\nm,,12,9\nm,365,600,9\nm,,,9\n"
    scores = [row["waz"] for row in run(tmp_path, text)]
    assert scores[0] == scores[1] == scores[2] != "" and scores[3] == ""


def test_gb18030_and_unread_cells_are_reported_by_place(tmp_path, capsys):
    text = "姓名,sex,age_days,weight_kg\n小雨,女,400,九公斤\n大壮,男,400,9.5\n".encode("gb18030")
    rows = run(tmp_path, text, "--json")
    summary = json.loads(capsys.readouterr().out)
    assert rows[0]["姓名"] == "小雨" and rows[0]["waz"] == "" and rows[1]["waz"]
    assert summary["unread"] == [{"line": 2, "column": "weight_kg"}]
    assert summary["rows"] == 2 and summary["scored"]["waz"] == 1


def test_wrong_unit_gets_a_hint(tmp_path):
    rows = run(tmp_path, "sex,age_days,weight_kg,height_cm\nf,800,24,87\nf,800,12,0.87\nf,800,12,87\n")
    assert "斤" in rows[0]["hint"] and "meters" in rows[1]["hint"] and rows[2]["hint"] == ""


def test_running_again_over_its_own_output_changes_nothing(tmp_path):
    first = run(tmp_path, "sex,age_days,weight_kg\nm,400,9.5\n")
    again = run(tmp_path, (tmp_path / "out.csv").read_text())
    assert first == again


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("sex,weight_kg\nm,9\n", "age_days or age_months"),
        ("age_days,weight_kg\n400,9\n", "column sex"),
        ("sex,age_days\nm,400\n", "nothing measured"),
        ("sex,age_days,weight_kg,weight_kg\nm,400,9,9\n", "twice"),
        ("sex,age_days,weight_kg\nm,400,9,9,9\n", "line 2"),
        ('sex,age_days,weight_kg\nm,400,"9\n', "line"),
    ],
)
def test_bad_files_are_refused_in_one_sentence_and_nothing_is_written(tmp_path, capsys, text, says):
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text(text)
    assert main(["growth", str(source), "--out", str(out)]) == 2
    error = capsys.readouterr().err
    assert says in error and error.count("\n") == 1
    assert not out.exists() and list(tmp_path.iterdir()) == [source]


def test_missing_file_and_unwritable_place(tmp_path, capsys):
    assert main(["growth", str(tmp_path / "no.csv"), "--out", str(tmp_path / "o.csv")]) == 2
    source = tmp_path / "in.csv"
    source.write_text("sex,age_days,weight_kg\nm,400,9\n")
    assert main(["growth", str(source), "--out", str(tmp_path / "nowhere" / "o.csv")]) == 2
    assert capsys.readouterr().err.count("\n") == 2
