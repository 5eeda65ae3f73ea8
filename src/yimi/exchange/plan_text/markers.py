"""Outline markers: where a numbered item may begin, and with what number.

A marker found here is only a candidate; `outline` accepts it or not by the number it expects.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from yimi.exchange.plan_text.numerals import HAN, ordinal_value

_H = f"[{HAN}]"
# Numbers that copies often spoil: a dash or a katakana bar for 一, katakana ni for 二. Line starts only.
_SPOILT = {"—": "一", "-": "一", "ー": "一", "ｰ": "一", "ニ": "二", "ﾆ": "二", "Ξ": "三"}

# The usual order of levels (GB/T 9704): chapter, section, 一、, （一）, 1., （1）, ①, 一是.
RANKS = {"chapter": 0.0, "section": 0.5, "han": 1.0, "named": 1.5, "han_paren": 2.0, "arabic": 3.0,
         "decimal2": 3.2, "decimal3": 3.4, "arabic_paren": 4.0, "circled": 5.0, "shi": 6.0}  # fmt: skip

_NAMED = "(?:重点|主要|专项|具体|提升|重大)?(?:行动|任务|工程|举措|措施|项目|专题|板块|领域|计划)"

_PATTERNS: tuple[tuple[str, str], ...] = (
    ("chapter", rf"第({_H}{{1,4}}|\d{{1,2}})(?:章|部分|篇)[、:.\s]?"),
    ("section", rf"第({_H}{{1,4}}|\d{{1,2}})节[、:.\s]?"),
    ("named", rf"\(?{_NAMED}({_H}{{1,3}}|\d{{1,2}})(?:[)、:.．。—\s]|(?=\n)|(?=[\u4e00-\u9fff]))"),
    ("han_paren", rf"\(({_H}{{1,4}})\)[、.]?"),
    ("arabic_paren", r"\((\d{1,2})\)[、.]?"),
    ("circled", r"([①-⑳])[、.]?"),
    ("decimal3", r"\d{1,2}\.\d{1,2}\.(\d{1,2})[.、]?(?=\s?[\u4e00-\u9fff\"《])"),
    ("decimal2", r"\d{1,2}\.(\d{1,2})[.、]?(?=\s?[\u4e00-\u9fff\"《])"),
    ("shi", rf"({_H}{{1,2}})(?:是|要|方面[,，])(?=[\u4e00-\u9fff\"《])"),
    ("han", rf"({_H}{{1,4}})(?:、|\.(?!\d)|,(?=[\u4e00-\u9fff]))"),
    ("arabic", r"(\d{1,3})(?:\.(?!\d)|、|\)|(?= ?[\u4e00-\u9fff]))"),
)
_AT_LINE = tuple((style, re.compile(pattern)) for style, pattern in _PATTERNS)
_SPOILT_LINE = (
    ("han_paren", re.compile(rf"\(([{HAN}{''.join(_SPOILT)}]{{1,4}})\)")),
    ("han", re.compile(rf"([{HAN}{''.join(_SPOILT)}]{{1,4}})、")),
)
# A bare number before a Chinese character starts an item only if no counting word or unit follows it.
_COUNTED = re.compile(
    r"\s?(?:年|月|日|个|名|所|家|岁|人|项|次|天|小时|分钟|米|万|亿|元|条|处|座|张|公里|平方|倍|周|多|余|级|号|部门|种|类|场|批|"
    r"位|以|至|到|或|和|及|度|成|户|只|辆|台|本|件|套|支|堂|课|期|例|对|学时|层|楼|路|栋|室|时|点|分|秒|克|吨|起|后|前|世纪|季度)"
)
_MID_STYLES = frozenset(
    ("chapter", "section", "named", "han_paren", "arabic_paren", "circled", "shi", "han", "arabic")
)
_MID = re.compile(
    rf"第(?:{_H}{{1,4}}|\d{{1,2}})(?:章|节|部分|篇)|\(?{_NAMED}(?:{_H}{{1,3}}|\d{{1,2}})[、:.]|\({_H}{{1,4}}\)|\(\d{{1,2}}\)|[①-⑳]|"
    rf"{_H}{{1,2}}是(?=[\u4e00-\u9fff\"《])|{_H}{{1,3}}、|(?<![\d.])\d{{1,2}}(?:\.(?!\d)|、)"
)


@dataclass(frozen=True)
class Marker:
    """A candidate. `strength`: 3 begins a line, 2 follows a sentence or a clause, 1 stands in running text."""

    start: int
    end: int
    style: str
    value: int
    strength: int
    spoilt: bool = False


def match_at(shadow: str, position: int, line_start: bool) -> Marker | None:
    """The marker at this very place, if any."""
    strength = 3 if line_start else 2
    for style, pattern in _AT_LINE:
        found = pattern.match(shadow, position)
        if not found:
            continue
        value = ordinal_value(found.group(1))
        if value is None or not 1 <= value <= 150:
            continue
        if style == "arabic" and not _is_arabic_item(shadow, found, line_start):
            continue
        if style == "han" and found.group(0)[-1] in ".," and not line_start:
            continue
        if style == "named" and not _is_named(found, line_start):
            continue
        if style == "shi" and found.group(0)[-1] != "是" and not line_start:
            continue
        return Marker(position, found.end(), style, value, strength)
    if line_start:
        return _spoilt_at(shadow, position)
    return None


def _spoilt_at(shadow: str, position: int) -> Marker | None:
    for style, pattern in _SPOILT_LINE:
        found = pattern.match(shadow, position)
        if found:
            value = ordinal_value("".join(_SPOILT.get(c, c) for c in found.group(1)))
            if value is not None and 1 <= value <= 99:
                return Marker(position, found.end(), style, value, 3, spoilt=True)
    return None


def _is_arabic_item(shadow: str, found: re.Match[str], line_start: bool) -> bool:
    mark = shadow[found.end() - 1]
    if mark.isdigit():
        return line_start and not _COUNTED.match(shadow, found.end())
    after = shadow[found.end() : found.end() + 2].lstrip()
    if mark == ")" and not line_start:
        return False
    return bool(after) and not after[0].isdigit() and after[0] not in ",;。%‰"


def _is_named(found: re.Match[str], line_start: bool) -> bool:
    """行动一、 yes; 行动一致 and 任务一览 no: after the number there must be a mark unless a line begins there."""
    text = found.group(0)
    if text[-1] in ")、:.．。— ":
        return True
    return line_start and not re.match(
        r"[致览体同样起直定般些旦律]", found.string[found.end() : found.end() + 1]
    )


def starts_with_marker(line: str) -> bool:
    """Whether a raw line begins with an outline marker (used before the text is joined)."""
    from yimi.exchange.plan_text.source import Source

    return match_at(Source(line[:24].lstrip()).shadow, 0, line_start=True) is not None


def candidates(shadow: str, covered: set[int]) -> list[Marker]:
    """All candidates in order. `covered` holds positions inside brackets, where no item begins."""
    found: dict[int, Marker] = {}
    position = 0
    while position <= len(shadow):
        marker = match_at(shadow, position, line_start=True)
        if marker:
            found[position] = marker
        position = shadow.find("\n", position) + 1
        if position == 0:
            break
    for hit in _MID.finditer(shadow):
        start = hit.start()
        if (
            start in found
            or start in covered
            or any(start - k in found and found[start - k].end > start for k in range(1, 8))
        ):
            continue
        marker = match_at(shadow, start, line_start=False)
        if marker is None or marker.style not in _MID_STYLES:
            continue
        found[start] = Marker(start, marker.end, marker.style, marker.value, _strength(shadow, start))
        if marker.style == "named" and found[start].strength == 1:
            # …行动计划一、总体要求: the word may be the title's, and 一、 the marker. The automaton chooses.
            inner = next(
                (k for k in range(start + 1, marker.end) if shadow[k] in HAN or shadow[k].isdigit()), start
            )
            other = match_at(shadow, inner, line_start=False)
            if other and other.style in ("han", "arabic"):
                found[inner] = Marker(inner, other.end, other.style, other.value, 1)
    return [found[k] for k in sorted(found)]


def _strength(shadow: str, start: int) -> int:
    before = shadow[max(0, start - 8) : start].rstrip(" \"'")
    # A line of contents ends in dots and a page number; with line breaks lost it ends nowhere else.
    ended = before[-1:] in tuple("。;!?:)") or re.search(r"[….·]{2,}\d{0,3}$|- ?\d{1,3} ?-$", before)
    return 2 if ended else 1
