"""Other cities' layouts: numbering, clauses, contents lists, several plans, scripts, lost line breaks, damage."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.plan_text import notices

from yimi.exchange.plan_text import read_plan_text


def read(text: str) -> dict[str, Any]:
    return read_plan_text(text).as_json()


def bodies(shown: dict[str, Any], measure_id: str) -> list[tuple[str, str]]:
    one = next(m for m in shown["measures"] if m["id"] == measure_id)
    return [(b["name"], b["role"]) for b in one["bodies"]]


def numbers(shown: dict[str, Any]) -> list[str | None]:
    return [m["number"] for m in shown["measures"]]


def codes(shown: dict[str, Any]) -> set[str]:
    return {w["code"] for w in shown["warnings"]}


def bounds(shown: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [
        (t["measure"], t["operator"], t["value"], t["unit"], t["deadline"], t["scope"])
        for t in shown["targets"]
    ]


def test_county_plan_with_four_levels() -> None:
    shown = read(notices.COUNTY)
    assert shown["title"] == "青禾县儿童友好县城建设行动方案（2024—2026年）"
    assert (shown["number"], shown["date"], shown["documents"]) == ("青禾政办发〔2024〕17号", "2024-03-08", 1)
    assert [c["title"] for c in shown["chapters"]] == ["总体要求", "重点任务", "保障措施"]
    assert numbers(shown) == ["1", "2", "3", "4"]
    assert [m["parent"] for m in shown["measures"]] == [
        "优化公共服务",
        "优化公共服务",
        "守护安全成长",
        "守护安全成长",
    ]
    assert bodies(shown, "M01") == [
        ("县卫生健康局", "lead"), ("县发展改革局", "support"), ("县教育局", "support"), ("各乡镇人民政府（街道办事处）", "territorial")
    ]  # fmt: skip
    assert bodies(shown, "M03")[1:] == [
        ("县公安局", "joint"), ("县水利局", "joint"), ("各乡镇人民政府", "territorial"), ("街道办事处", "territorial")
    ]  # fmt: skip
    assert bodies(shown, "M04") == [("县市场监管局", "joint"), ("县教育局", "support")]
    assert "chapter_without_clauses" in codes(shown)


def test_county_targets_read_boundaries_as_law_does() -> None:
    shown = read(notices.COUNTY)
    assert bounds(shown) == [
        (None, ">=", 12, "community", "2026-12-31", "district"),
        (None, ">=", 98, "percent", "2026-12-31", "district"),
        (None, "<=", 10, "per 100000 live births", "2026-12-31", "district"),
        ("M01", ">=", 1, "facility", "2026-06-30", "township"),
        ("M01", ">=", 4.8, "place per 1000 population", "2026-06-30", "district"),
        ("M02", ">=", 92, "percent", None, "district"),
        ("M02", ">", 60, "percent", None, "district"),
        ("M03", "=", 100, "percent", None, "district"),
        ("M04", "=", 100, "percent", None, "district"),
    ]
    assert [(n["number"], n["why"]) for n in shown["not_taken"] if n["number"] == "10%"] == [
        ("10%", "相对变化，缺少基期值")
    ]


def test_actions_with_labels_on_their_own_lines() -> None:
    shown = read(notices.ACTIONS)
    assert numbers(shown) == ["行动一", "行动二", "行动三"]
    assert bodies(shown, "M01") == [
        ("市城市管理局", "joint"), ("市公安局", "joint"), ("市教育局", "joint"), ("各区人民政府", "territorial")
    ]  # fmt: skip
    assert bodies(shown, "M02")[:2] == [("市住房和城乡建设局", "lead"), ("市园林局", "joint")]
    assert "2.新建社区儿童活动场地两处以上" in shown["measures"][1]["text"]
    assert (None, ">=", 50, "facility", "2027-12-31", "city") in bounds(shown)
    assert any(n["number"] == "200米" for n in shown["not_taken"])


def test_contents_list_is_not_read_twice() -> None:
    shown = read(notices.CHAPTERS)
    assert [(c["number"], c["title"]) for c in shown["chapters"]] == [
        ("第一章", "总则"), ("第二章", "友好服务"), ("第三章", "友好空间")
    ]  # fmt: skip
    assert numbers(shown) == ["一", "二", "一", "一"]
    assert {"contents_skipped", "page_furniture_dropped"} <= codes(shown)
    assert [b["aliases"] for b in shown["bodies"] if len(b["aliases"]) > 1] == [
        ["市卫生健康委员会", "市卫健委", "市卫生健康委"]
    ]
    assert [(t["value"], t["deadline"]) for t in shown["targets"][:2]] == [
        (5, "2025-12-31"),
        (6, "2027-12-31"),
    ]


def test_points_of_a_paragraph_with_their_own_clauses_are_measures() -> None:
    shown = read(notices.PARAGRAPH)
    assert numbers(shown) == ["一", "二", "三", "（二）"]
    assert bodies(shown, "M01") == [("区妇联", "lead"), ("各街道", "territorial")]
    assert bodies(shown, "M04") == [
        ("区住房建设局", "joint"),
        ("区卫生健康局", "joint"),
        ("区委网信办", "joint"),
    ]
    assert shown["measures"][3]["text"].endswith("三是净化网络。")
    assert ("M02", ">=", 1, "person", None, "village") in bounds(shown)


def test_no_clauses_at_all() -> None:
    shown = read(notices.PLAIN)
    assert shown["is_plan"]
    assert [m["title"] for m in shown["measures"]] == [
        "改善就医环境",
        "优化就诊流程",
        "关爱住院患儿",
        "落实经费",
        "加强考核",
    ]
    assert all(m["bodies"] == [] for m in shown["measures"])
    assert bounds(shown) == [("M02", "<=", 30, "minute", None, "city")]


def test_two_plans_in_one_notice() -> None:
    shown = read(notices.TWO_PLANS)
    assert shown["documents"] == 2
    assert [d["title"] for d in shown["document_list"]] == [
        "临岚市儿童友好城市建设实施方案",
        "临岚市困境儿童关爱行动计划",
    ]
    assert [(m["document"], m["number"]) for m in shown["measures"]] == [
        (0, "（一）"), (0, "（二）"), (1, "（一）"), (1, "（二）"), (1, "（三）")
    ]  # fmt: skip
    assert shown["date"] == "2023-09-01"
    assert shown["measures"][1]["text"].endswith("3000个以上。")


def test_a_carried_prefix_is_told() -> None:
    shown = read(notices.PROVINCE)
    assert shown["date"] == "2022-11-03"
    assert bodies(shown, "M01") == [
        ("省发展改革委", "joint"), ("省教育厅", "joint"), ("省工业和信息化厅", "joint"), ("各市（州）人民政府", "territorial")
    ]  # fmt: skip
    assert ("省委网信办", "joint") in bodies(shown, "M04")
    written = [b["as_written"] for b in shown["measures"][0]["bodies"]]
    assert written == ["省发展改革委", "教育厅", "工业和信息化厅", "各市（州）人民政府"]
    assert {"prefix_carried", "not_exhaustive"} <= codes(shown)
    assert [m["bodies_complete"] for m in shown["measures"]] == [True, False, True, True]
    assert bounds(shown) == [("M03", ">=", 95, "percent", None, "province")]


def test_traditional_script_stays_as_written() -> None:
    shown = read(notices.TRADITIONAL)
    assert shown["script"] == "traditional"
    assert shown["title"] == "雲汀市兒童友好城市建設實施方案"
    first = shown["measures"][0]["bodies"][0]
    assert (first["name"], first["name_simplified"]) == ("市衛生健康委", "市卫生健康委")
    assert bodies(shown, "M02") == [("市衛生健康委", "lead"), ("市教育局", "support")]
    assert bounds(shown) == [
        ("M01", ">=", 4.5, "place per 1000 population", "2025-12-31", "city"),
        ("M02", "<=", 3.5, "per 1000 live births", None, "city"),
    ]


def test_sentences_of_one_item_each_with_a_clause() -> None:
    shown = read(notices.SENTENCES)
    assert bodies(shown, "M01") == [("市民政局", "lead"), ("市教育局", "support"), ("市大数据局", "joint")]
    assert bodies(shown, "M02") == [("市妇儿工委办", "joint"), ("市教育局", "joint")]
    assert "clause_unreadable" in codes(shown), "a rule for all clauses is shown, and not applied silently"
    assert bodies(shown, "M03") == [("各区人民政府", "territorial"), ("市直有关部门", "group")]
    assert bodies(shown, "M04") == [
        ("市卫生健康委", "lead"),
        ("市财政局", "support"),
        ("市发展改革委", "support"),
    ]
    row = [t for t in shown["targets"] if t["measure"] == "M05"]
    assert [(t["name"], t["value"], t["operator"]) for t in row] == [
        ("新生儿", 3, "<="), ("婴儿", 4, "<="), ("5岁以下儿童死亡率", 5, "<=")
    ]  # fmt: skip
    assert ("M01", ">=", 1, "time per quarter", None, "city") in bounds(shown)


@pytest.mark.parametrize(
    "name",
    [
        "COUNTY",
        "ACTIONS",
        "PARAGRAPH",
        "PLAIN",
        "TWO_PLANS",
        "PROVINCE",
        "TRADITIONAL",
        "SENTENCES",
        "CITY",
        "DOUBLED",
    ],
)
def test_lost_line_breaks_change_no_duty(name: str) -> None:
    text = getattr(notices, name)
    whole, one_line = read(text), read(text.replace("\n", ""))
    assert one_line["is_plan"]
    assert one_line["documents"] == whole["documents"]
    assert numbers(one_line) == numbers(whole)
    assert [bodies(one_line, m["id"]) for m in one_line["measures"]] == [
        bodies(whole, m["id"]) for m in whole["measures"]
    ]
    assert bounds(one_line) == bounds(whole)


@pytest.mark.parametrize("width", [24, 28, 33, 40])
@pytest.mark.parametrize("name", ["COUNTY", "ACTIONS", "PLAIN", "PROVINCE", "PARAGRAPH"])
def test_lines_broken_by_a_column_change_no_duty(name: str, width: int) -> None:
    text = getattr(notices, name)
    broken = "\n".join(
        line[k : k + width] for line in text.split("\n") for k in range(0, max(len(line), 1), width)
    )
    whole, wrapped = read(text), read(broken)
    assert numbers(wrapped) == numbers(whole)
    assert [bodies(wrapped, m["id"]) for m in wrapped["measures"]] == [
        bodies(whole, m["id"]) for m in whole["measures"]
    ]


def test_damaged_places_are_reported_and_not_mended() -> None:
    shown = read(notices.DAMAGED)
    assert numbers(shown) == ["（一）", "（二）", None, "（四）", "（五）", "（六）"]
    assert {
        "marker_spoilt", "unbalanced_bracket", "clause_broken", "missing_number", "number_gap", "number_order",
        "replacement_char", "body_doubtful", "ocr_noise", "truncated", "no_clause",
    } <= codes(shown)  # fmt: skip
    assert bodies(shown, "M02") == [("区卫生健康局", "joint"), ("区教育局", "joint")]
    assert bodies(shown, "M03")[1][0] == "区财\ufffd局"
    assert shown["measures"][2]["confidence"] < shown["measures"][1]["confidence"]


def test_a_doubled_page_and_a_lost_item() -> None:
    shown = read(notices.DOUBLED)
    assert numbers(shown) == ["（一）", "（二）", "（四）"]
    assert bodies(shown, "M02") == [("区民政局", "joint"), ("区妇联", "joint")]
    assert {"repeated_text", "number_gap"} <= codes(shown)
    assert [t["value"] for t in shown["targets"]] == [1]
    assert [n["why"] for n in shown["not_taken"]] == ["所在文字重复或编号混乱，未读入任务"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("NEWS", "news"),
        ("EXPLAINER", "explainer"),
        ("BARE", "bare_notice"),
        ("NOTICE_WITH_POINTS", "bare_notice"),
        ("SUMMARY", "other_document"),
        ("SPEECH", "other_document"),
    ],
)
def test_texts_that_are_no_plan(name: str, kind: str) -> None:
    shown = read(getattr(notices, name))
    assert not shown["is_plan"]
    assert shown["kind"] == kind
    assert shown["reason"].endswith("。")
    assert (shown["measures"], shown["targets"], shown["documents"]) == ([], [], 0)
    assert "not_a_plan" in codes(shown)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\n",
        "你好",
        "The quick brown fox.",
        "一、",
        "（一）（二）（三）",
        "第一条 为了。第二条 本办法。第三条 施行。",
    ],
)
def test_scraps_are_no_plan(text: str) -> None:
    assert not read(text)["is_plan"]


def test_a_city_plan_with_principles_and_attachments() -> None:
    shown = read(notices.CITY)
    assert shown["title"] == "石泉市国家儿童友好城市建设实施方案"
    assert (shown["number"], shown["date"], shown["documents"]) == ("石政办发〔2023〕12号", "2023-07-12", 1)
    assert [(m["chapter"], m["number"]) for m in shown["measures"]] == [
        ("二", "1"),
        ("二", "2"),
        ("二", "3"),
        ("三", "（一）"),
    ]
    assert bodies(shown, "M01") == [
        ("市发展改革委", "lead"), ("市妇儿工委办", "lead"), ("市级有关部门", "group"), ("各县（市、区）人民政府", "territorial"),
        ("石泉高新区", "joint"), ("石泉经开区管委会", "joint"),
    ]  # fmt: skip
    assert bounds(shown) == [
        (None, ">=", 100, "item", "2025-12-31", "city"),
        ("M03", "<=", 4.5, "per 1000 live births", None, "city"),
        ("M03", "<=", 3, "per 1000 live births", None, "city"),
        ("M03", ">=", 95, "percent", None, "township"),
        ("M03", ">=", 90, "percent", None, "city"),
        ("M04", ">=", 55, "facility", None, "city"),
        ("M04", ">=", 52000, "school place", None, "city"),
    ]
    assert "任务清单" not in "".join(m["text"] for m in shown["measures"])


def test_a_notice_that_is_its_own_plan() -> None:
    shown = read(notices.NOTICE_AS_PLAN)
    assert (shown["title"], shown["date"]) == ("关于进一步加强留守儿童关爱保护工作的通知", "2024-04-02")
    assert numbers(shown) == ["一", "二", "三"]
    assert bodies(shown, "M01")[-1] == ("各乡镇", "territorial")
    assert shown["measures"][2]["text"].endswith("不少于24学时。")
    assert all(t["deadline"] is None for t in shown["targets"])


def test_a_paper_about_a_plan_is_none() -> None:
    assert not read(notices.REPORT_ON_A_PLAN)["is_plan"]
