"""Responsibility clauses, one by one: names, roles, carried prefixes, groups, joiners."""

from __future__ import annotations

import pytest

from yimi.exchange.plan_text.aliases import stem
from yimi.exchange.plan_text.clauses import read_clause
from yimi.exchange.plan_text.source import Source


def read(text: str) -> list[tuple[str, str]]:
    source = Source(text)
    return [(a.named.name, a.role) for a in read_clause(source, 0, len(text), "bracket").assignments]


LEAD, JOINT, SUPPORT, TERRITORY, GROUP = "lead", "joint", "support", "territorial", "group"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("市甲局、市乙局按职责分工负责", [("市甲局", JOINT), ("市乙局", JOINT)]),
        ("市甲局、市乙局按照职责分工负责", [("市甲局", JOINT), ("市乙局", JOINT)]),
        ("市甲局,市乙局按各自职责分工负责", [("市甲局", JOINT), ("市乙局", JOINT)]),
        ("市教育局负责", [("市教育局", JOINT)]),
        ("市教育局牵头", [("市教育局", LEAD)]),
        ("市教育局、市民政局共同牵头", [("市教育局", LEAD), ("市民政局", LEAD)]),
        ("市教育局牵头，市民政局配合", [("市教育局", LEAD), ("市民政局", SUPPORT)]),
        (
            "市教育局牵头负责，市民政局、市妇联参与",
            [("市教育局", LEAD), ("市民政局", SUPPORT), ("市妇联", SUPPORT)],
        ),
        ("市教育局负责，市民政局协助", [("市教育局", JOINT), ("市民政局", SUPPORT)]),
        (
            "由市妇联牵头，会同市教育局、市场监管局落实",
            [("市妇联", LEAD), ("市教育局", JOINT), ("市市场监管局", JOINT)],
        ),
        (
            "牵头单位：市教育局；责任单位：市民政局、各区政府",
            [("市教育局", LEAD), ("市民政局", JOINT), ("各区政府", TERRITORY)],
        ),
        ("牵头单位:市教育局 配合单位:市民政局", [("市教育局", LEAD), ("市民政局", SUPPORT)]),
        ("责任单位：市教育局、市民政局；完成时限：2025年12月底", [("市教育局", JOINT), ("市民政局", JOINT)]),
        (
            "市教育局 市民政局 市卫生健康委负责",
            [("市教育局", JOINT), ("市民政局", JOINT), ("市卫生健康委", JOINT)],
        ),
        ("省科技厅、工业和信息化厅负责", [("省科技厅", JOINT), ("省工业和信息化厅", JOINT)]),
        (
            "省委宣传部、网信办、教育厅负责",
            [("省委宣传部", JOINT), ("省委网信办", JOINT), ("省教育厅", JOINT)],
        ),
        (
            "国家发展改革委、教育部、民政部等负责",
            [("国家发展改革委", JOINT), ("教育部", JOINT), ("民政部", JOINT)],
        ),
        ("市规划和自然资源局和市水务局负责", [("市规划和自然资源局", JOINT), ("市水务局", JOINT)]),
        (
            "市教育局，各区（自治县）人民政府负责",
            [("市教育局", JOINT), ("各区（自治县）人民政府", TERRITORY)],
        ),
        ("各市、县（区）人民政府负责", [("各市、县（区）人民政府", TERRITORY)]),
        ("各镇街负责", [("各镇街", TERRITORY)]),
        ("各乡镇人民政府、街道办事处负责", [("各乡镇人民政府", TERRITORY), ("街道办事处", TERRITORY)]),
        ("市教育局牵头，各有关单位按职责分工负责", [("市教育局", LEAD), ("各有关单位", GROUP)]),
        ("市教育局（市委教育工委）负责", [("市教育局（市委教育工委）", JOINT)]),
        ("市教育局、市民政局等12个部门按职责分工负责", [("市教育局", JOINT), ("市民政局", JOINT)]),
        ("团市委、妇联、残联负责", [("团市委", JOINT), ("市妇联", JOINT), ("市残联", JOINT)]),
        ("市法院、检察院负责", [("市法院", JOINT), ("市检察院", JOINT)]),
        (
            "市教委、人民银行云汀分行、云汀海关负责",
            [("市教委", JOINT), ("人民银行云汀分行", JOINT), ("云汀海关", JOINT)],
        ),
    ],
)
def test_clause(text: str, expected: list[tuple[str, str]]) -> None:
    assert read(text) == expected


def test_no_lead_is_invented() -> None:
    assert {role for _, role in read("市教育局、市民政局、市妇联按职责分工负责")} == {"joint"}


def test_full_and_half_width_marks_read_alike() -> None:
    text = "牵头单位：市教育局；配合单位：市民政局、各区（县）人民政府，市妇联"
    half = text.translate(str.maketrans("：；，（）", ":;,()"))
    names = [(name.translate(str.maketrans("（）", "()")), role) for name, role in read(text)]
    assert read(half) == names


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("区住房城乡建设委", "区住房城乡建委", True),
        ("市卫生健康委员会", "市卫健委", True),
        ("市发展和改革委员会", "市发改委", True),
        ("县人力资源和社会保障局", "县人社局", True),
        ("市妇女儿童工作委员会办公室", "市妇儿工委办", True),
        ("共青团云汀市委员会", "团市委", True),
        ("市規劃和自然資源局", "市规划自然资源局", True),
        ("市教育局", "市教委", False),
        ("市教育局", "区教育局", False),
        ("市民政局", "市财政局", False),
    ],
)
def test_one_body_or_two(one: str, other: str, same: bool) -> None:
    assert (stem(one) == stem(other)) is same
