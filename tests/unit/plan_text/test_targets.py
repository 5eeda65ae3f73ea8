"""Bound words, units, deadlines and scopes, sentence by sentence."""

from __future__ import annotations

from typing import Any

import pytest

from yimi.exchange.plan_text.source import Source
from yimi.exchange.plan_text.targets import read_targets


def read(text: str, level: str = "city") -> list[Any]:
    source = Source(text)
    return read_targets(source, 0, len(text), level, [])[0]


def left_out(text: str) -> dict[str, str]:
    source = Source(text)
    return {text[slice(*one.span)]: one.why for one in read_targets(source, 0, len(text), "city", [])[1]}


@pytest.mark.parametrize(
    ("text", "operator", "value"),
    [
        ("覆盖率达到90%以上", ">=", 90),
        ("覆盖率90%及以上", ">=", 90),
        ("死亡率控制在5‰以下", "<=", 5),
        ("近视率控制在38%以内", "<=", 38),
        ("候诊时间不超过30分钟", "<=", 30),
        ("死亡率不高于4‰", "<=", 4),
        ("托位数不少于4.5个", ">=", 4.5),
        ("巩固率不低于96%", ">=", 96),
        ("床位至少20张", ">=", 20),
        ("占比超过60%", ">", 60),
        ("贫血率低于10%", "<", 10),
        ("缺勤人数少于5人", "<", 5),
        ("社工数量达到50名", ">=", 50),
        ("死亡率降至3‰", "<=", 3),
        ("覆盖率提高到95%", ">=", 95),
        ("开课率达到100%", "=", 100),
        ("保障率保持100%", "=", 100),
        ("接种率稳定在95%", ">=", 95),
        ("工作站实现全覆盖", "=", 100),
        ("合格率达到百分之九十八以上", ">=", 98),
        ("建成三所儿童医院", ">=", 3),
        ("打造2个示范社区", ">=", 2),
        ("建成儿童公园30个", ">=", 30),
        ("推动60%的学校达到标准", ">=", 60),
        ("培训儿童主任1,200名以上", ">=", 1200),
        ("服务儿童达到2万人次", ">=", 20000),
    ],
)
def test_bound(text: str, operator: str, value: float) -> None:
    found = read(text + "。")
    assert [(t.operator, t.value) for t in found] == [(operator, value)]


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("每千人口拥有3岁以下婴幼儿托位数不少于4.5个", "place per 1000 population"),
        ("每千儿童儿科执业（助理）医师数达到0.7名", "physician per 1000 children"),
        ("每千名儿童床位数增至2.2张", "bed per 1000 children"),
        ("每千人口托位数不少于4.5个", "place per 1000 population"),
        ("婴儿死亡率控制在3.5‰以下", "per 1000 live births"),
        ("孕产妇死亡率控制在12/10万以下", "per 100000 live births"),
        ("每天体育活动时间不少于2小时", "hour per day"),
        ("每学期开展活动不少于2次", "time per term"),
        ("建成1个示范性托育服务中心", "facility"),
        ("打造5个儿童友好社区", "community"),
        ("儿童友好街区不少于3个", "block"),
        ("人均活动场地面积达到0.5平方米", "square meter per person"),
        ("平均预期寿命达到79岁", "year"),
    ],
)
def test_unit(text: str, unit: str) -> None:
    assert [t.unit for t in read(text + "。")] == [unit]


@pytest.mark.parametrize(
    ("text", "deadline"),
    [
        ("到2025年，覆盖率达到90%。", "2025-12-31"),
        ("2024年底前，覆盖率达到90%。", "2024-12-31"),
        ("2024年6月底前覆盖率达到90%。", "2024-06-30"),
        ("到2024年2月，覆盖率达到90%。", "2024-02-29"),
        ("到2026年上半年，覆盖率达到90%。", "2026-06-30"),
        ("到二〇二五年，覆盖率达到90%。", "2025-12-31"),
        ("到“十四五”末，覆盖率达到90%。", "2025-12-31"),
        ("“十五五”期间，覆盖率达到90%。", "2030-12-31"),
        ("覆盖率达到90%。", None),
        ("根据《2023年工作要点》，覆盖率达到90%。", None),
        ("在2020年基础上巩固成果，覆盖率达到90%。", None),
    ],
)
def test_deadline(text: str, deadline: str | None) -> None:
    assert [t.deadline for t in read(text)] == [deadline]


def test_each_target_takes_the_deadline_before_it() -> None:
    found = read("到2025年，托位数达到4个；到2030年，托位数达到6个。")
    assert [(t.value, t.deadline) for t in found] == [(4, "2025-12-31"), (6, "2030-12-31")]


def test_a_neighbor_s_deadline_is_marked_as_inferred_and_less_sure() -> None:
    first, second, standing = read("到2025年，建成1所医院。建成1个救治中心。每天活动不少于1小时。")
    assert (first.deadline_basis, second.deadline, second.deadline_basis) == (
        "text",
        "2025-12-31",
        "neighbor",
    )
    assert second.confidence < first.confidence
    assert standing.deadline is None


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        ("以乡镇（街道）为单位接种率95%以上", "township"),
        ("每个乡镇（街道）至少建成1个儿童之家", "township"),
        ("每个社区不少于1名儿童主任", "village"),
        ("以县（市、区）为单位巩固率达到95%", "district"),
        ("全市巩固率达到95%", "city"),
        ("乡镇（街道）工作站覆盖率达到100%", "city"),
    ],
)
def test_scope(text: str, scope: str) -> None:
    assert [t.scope for t in read(text + "。")] == [scope]


@pytest.mark.parametrize(
    ("text", "number", "word"),
    [
        ("推行“1米高度看城市”。", "1米", "名称"),
        ("实施生命早期1000天行动。", "1000天", "名称"),
        ("打造24小时图书馆。", "24小时", "名称"),
        ("关爱3岁以下婴幼儿。", "3岁", "年龄"),
        ("发病率下降5个百分点。", "5个百分点", "基期"),
        ("发病率每年下降10%以上。", "10%", "基期"),
        ("建成社区100个左右。", "100个", "约数"),
        ("每年开展2—3次活动。", "3次", "区间"),
        ("目前已有托位1200个。", "1200个", "现状"),
        ("落实（云政发〔2022〕46号）精神。", "46", "文件编号"),
        ("推进第3批试点。", "3批", "序号"),
        ("到2035年，建成儿童友好城市。", "2035年", "日期"),
    ],
)
def test_numbers_left_out_say_why(text: str, number: str, word: str) -> None:
    assert read(text) == []
    assert word in left_out(text)[number]


def test_every_number_is_either_taken_or_explained() -> None:
    text = "到2025年，建成社区30个，比2020年增加5个，3岁以下托位4.5个，覆盖率约90%，热线12345。"
    source = Source(text)
    targets, not_taken = read_targets(source, 0, len(text), "city", [])
    covered = {p for t in targets for p in range(*t.value_span)} | {
        p for n in not_taken for p in range(*n.span)
    }
    covered |= {p for t in targets if t.deadline_span for p in range(*t.deadline_span)}
    assert [text[k] for k in range(len(text)) if text[k].isdigit() and k not in covered] == []
