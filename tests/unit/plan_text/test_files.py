"""Formats and encodings, the draft pack, and the command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.unit.plan_text import files, notices

from yimi.cli import main
from yimi.exchange.plan_text import read_plan_bytes, read_plan_file, write_draft
from yimi.exchange.plan_text.intake import read_bytes
from yimi.lib.errors import BadInput


def duties(shown: dict[str, Any]) -> list[list[tuple[str, str]]]:
    return [[(b["name"], b["role"]) for b in m["bodies"]] for m in shown["measures"]]


EXPECTED = duties(read_plan_bytes(notices.COUNTY.encode()).as_json())
LINES = notices.COUNTY.split("\n")


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_encodings(encoding: str) -> None:
    shown = read_plan_bytes(notices.COUNTY.encode(encoding)).as_json()
    assert duties(shown) == EXPECTED
    assert "decode_errors" not in {w["code"] for w in shown["warnings"]}


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (files.docx(list(LINES)), "docx"),
        (files.doc(notices.COUNTY), "doc"),
        (files.pdf([LINES[:12], LINES[12:]]), "pdf"),
        (
            ("<html><body>" + "".join(f"<p>{line}</p>" for line in LINES) + "</body></html>").encode(
                "gb18030"
            ),
            "html",
        ),
        (notices.COUNTY.replace("\n", "\r\n").encode(), "txt"),
    ],
)
def test_formats_are_recognized_by_content(data: bytes, kind: str, tmp_path: Path) -> None:
    path = tmp_path / "plan.bin"
    path.write_bytes(data)
    shown = read_plan_file(path).as_json()
    assert shown["source"]["format"] == kind
    assert duties(shown) == EXPECTED


def test_numbers_word_prints_itself_are_read() -> None:
    numbering = files.word_list([("chineseCounting", "%1、"), ("chineseCounting", "（%2）")])
    data = files.docx(
        [
            "云汀市儿童关爱实施方案",
            ("总体要求", 0),
            "坚持儿童优先。",
            ("主要任务", 0),
            ("建立台账。动态更新。（市民政局负责）", 1),
            ("定期走访。每月走访。（市妇联负责）", 1),
        ],
        numbering,
    )
    shown = read_plan_bytes(data).as_json()
    assert [(c["number"], c["title"]) for c in shown["chapters"]] == [("一", "总体要求"), ("二", "主要任务")]
    assert [(m["number"], m["title"]) for m in shown["measures"]] == [
        ("（一）", "建立台账"),
        ("（二）", "定期走访"),
    ]


def test_a_web_page_is_read_without_its_furniture() -> None:
    shown = read_plan_bytes(notices.WEB_PAGE.encode()).as_json()
    assert shown["title"] == "云汀市儿童友好学校建设工作方案"
    assert (shown["number"], shown["date"]) == ("云教发〔2024〕3号", "2024-05-06")
    assert [m["text"] for m in shown["measures"]] == [
        "改善校园环境。设置1米视角标识。",
        "守护校园安全。中小学专职保安配备率达到100%。",
    ]
    assert duties(shown)[0] == [("市教育局", "joint"), ("市住房城乡建设局", "joint")]


def test_lost_bytes_are_told_and_kept_as_lost() -> None:
    data = notices.COUNTY.encode()
    shown = read_plan_bytes(data[:900] + data[901:]).as_json()
    assert {"decode_errors", "replacement_char"} <= {w["code"] for w in shown["warnings"]}
    assert shown["source"]["encoding"] == "utf-8"


@pytest.mark.parametrize("wrong", ["gbk", "latin1"])
def test_a_text_saved_in_the_wrong_code_page_is_called_so(wrong: str) -> None:
    spoilt = notices.COUNTY.encode().decode(wrong, errors="replace").encode()
    shown = read_plan_bytes(spoilt).as_json()
    assert (shown["is_plan"], shown["kind"]) == (False, "mojibake")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0\0",
        b"\x89PNG\r\n\x1a\n....",
        b"%PDF-1.4 broken",
        b"PK\x03\x04 broken",
        b"{\\rtf1 text}",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        files.pdf([[""], [""]]),
    ],
)
def test_unreadable_files_say_what_to_do_next(data: bytes) -> None:
    with pytest.raises(BadInput, match=r"。$"):
        read_bytes(data, "方案.pdf")


def test_entity_bombs_are_refused() -> None:
    import io
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", '<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>')
    with pytest.raises(BadInput):
        read_bytes(out.getvalue(), "x.docx")


def test_the_draft_pack(tmp_path: Path) -> None:
    reading = read_plan_bytes(notices.COUNTY.encode())
    out = tmp_path / "drafts" / "qinghe"
    write_draft(reading, out)
    assert sorted(p.name for p in out.iterdir()) == ["REPORT.md", "plan.yaml", "text.txt"]
    assert [p.name for p in out.parent.iterdir()] == ["qinghe"], "nothing is left beside it"
    plan = yaml.safe_load((out / "plan.yaml").read_text(encoding="utf-8"))
    text = (out / "text.txt").read_text(encoding="utf-8")
    assert plan["status"] == "draft"
    assert plan["confirmed_by"] is None
    for measure in plan["measures"]:
        assert text[slice(*measure["span"])] == measure["text"]
        assert 0 < measure["confidence"] <= 1
        for body in measure["bodies"]:
            assert text[slice(*body["span"])] == body["as_written"]
    for target in plan["targets"]:
        assert text[slice(*target["span"])] == target["phrase"]
    report = (out / "REPORT.md").read_text(encoding="utf-8")
    assert "未经人工核对" in report
    assert "相对变化，缺少基期值" in report


def test_a_draft_never_overwrites(tmp_path: Path) -> None:
    reading = read_plan_bytes(notices.COUNTY.encode())
    (tmp_path / "kept.txt").write_text("mine")
    with pytest.raises(BadInput, match="不是空的"):
        write_draft(reading, tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["kept.txt"]
    (tmp_path / "empty").mkdir()
    write_draft(reading, tmp_path / "empty")
    assert (tmp_path / "empty" / "plan.yaml").exists()


def test_a_failed_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reading = read_plan_bytes(notices.COUNTY.encode())

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.rename", full)
    with pytest.raises(BadInput, match="未留下任何内容"):
        write_draft(reading, tmp_path / "draft")
    assert list(tmp_path.iterdir()) == []


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = tmp_path / "plan.txt"
    plan.write_text(notices.COUNTY, encoding="gb18030")
    assert main(["pack", "import-plan", str(plan), "--out", str(tmp_path / "draft"), "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert set(shown) >= {
        "is_plan", "title", "number", "date", "documents", "chapters", "measures", "bodies", "targets", "not_taken", "warnings"
    }  # fmt: skip
    assert duties(shown) == EXPECTED


def test_the_command_on_a_text_that_is_no_plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    news = tmp_path / "news.txt"
    news.write_text(notices.NEWS, encoding="utf-8")
    assert main(["pack", "import-plan", str(news), "--out", str(tmp_path / "draft"), "--json"]) == 2
    said = capsys.readouterr()
    assert json.loads(said.out)["is_plan"] is False
    assert said.err.count("\n") == 1
    assert "新闻" in said.err
    assert not (tmp_path / "draft").exists()


def test_the_command_on_a_missing_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pack", "import-plan", str(tmp_path / "none.txt"), "--out", str(tmp_path / "draft")]) == 2
    assert "无法打开" in capsys.readouterr().err
