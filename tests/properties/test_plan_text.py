"""What holds for any text: no crash, spans that slice, bodies that ignore the width of marks."""

from __future__ import annotations

import contextlib
from random import Random

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.unit.plan_text import notices
from tests.unit.texts import CHARACTERS

from yimi.exchange.plan_text import PlanReading, read_plan_bytes, read_plan_text
from yimi.lib.errors import BadInput

_PIECES = st.sampled_from(
    ["一、", "二、", "（一）", "（二）", "(三)", "1.", "2、", "（1）", "①", "一是", "第一章", "行动一：", "。", "；", "，", "\n", "（", "）", "〔", "〕", "《", "》",
     "区教育局", "市民政局", "各区政府", "牵头", "配合", "按职责分工负责", "责任单位：", "等部门", "到2025年", "不少于", "95%", "以上", "4.5个", "全覆盖", "每千人口",
     "实施方案", "目录", "附件", "儿童友好", "\ufffd", "—、", "第", "项", " ", "\t", "\f", "百分之九十", "至少", "十四五", "2024年13月45日", "２０", "９５％", "個", "責任單位"]
)  # fmt: skip
_NOTICES = [value for name, value in vars(notices).items() if name.isupper()]


def check_spans(reading: PlanReading) -> None:
    text = reading.text
    shown = reading.as_json()
    for measure in shown["measures"]:
        assert text[slice(*measure["span"])] == measure["text"]
        assert text[slice(*measure["title_span"])] == measure["title"]
        for body in measure["bodies"]:
            assert text[slice(*body["span"])] == body["as_written"]
            assert body["name"].endswith(body["as_written"])
    for chapter in shown["chapters"]:
        assert text[slice(*chapter["span"])] == chapter["title"]
    for target in shown["targets"]:
        assert text[slice(*target["span"])] == target["phrase"]
        assert target["span"][0] <= target["value_span"][0] < target["value_span"][1] <= target["span"][1]
        assert target["operator"] in (">=", "<=", "=", ">", "<")
        assert 0 < target["confidence"] <= 1
    for warning in shown["warnings"]:
        span = warning["span"]
        assert span is None or 0 <= span[0] <= span[1] <= len(text)
    assert len(reading.source.shadow) == len(text)
    ids = {m["id"] for m in shown["measures"]}
    assert all(t["measure"] is None or t["measure"] in ids for t in shown["targets"])
    assert {b["body"] for m in shown["measures"] for b in m["bodies"]} <= {b["id"] for b in shown["bodies"]}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example("（二）一、\n（二）")
@example("（一）一、\n（二）")
@given(st.lists(_PIECES, max_size=60).map("".join))
def test_any_heap_of_plan_pieces(text: str) -> None:
    check_spans(read_plan_text(text))


@settings(max_examples=100, deadline=None)
@given(st.text(CHARACTERS, max_size=300))
def test_any_text(text: str) -> None:
    check_spans(read_plan_text(text))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    with contextlib.suppress(BadInput):
        check_spans(read_plan_bytes(data, "x"))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(_NOTICES), st.data())
def test_a_cut_or_pierced_notice(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text) - 1))
    length = data.draw(st.integers(0, 40))
    check_spans(read_plan_text(text[:at] + text[at + length :]))
    check_spans(read_plan_text(text[:at]))


_WIDE = {ord(a): b for a, b in zip(",;:()%", "，；：（）％", strict=True)}
_NARROW = {ord(a): b for a, b in zip("，；：（）％", ",;:()%", strict=True)}


def duties(text: str) -> list[list[tuple[str, str]]]:
    shown = read_plan_text(text).as_json()
    return [[(b["name"].translate(_NARROW), b["role"]) for b in m["bodies"]] for m in shown["measures"]]


@settings(max_examples=40, deadline=None)
@given(st.sampled_from([text for text in _NOTICES if not text.startswith("<")]), st.integers(0, 10_000))
def test_the_width_of_marks_changes_no_duty(text: str, seed: int) -> None:
    chance = Random(seed)
    mixed = "".join(c.translate(_WIDE if chance.random() < 0.5 else _NARROW) for c in text)
    assert duties(mixed) == duties(text)
