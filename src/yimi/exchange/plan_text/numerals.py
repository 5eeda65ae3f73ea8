"""Numbers as official texts write them: 三十五, 二〇二五, １２, ③, 百分之九十五."""

from __future__ import annotations

DIGITS = {"〇": 0, "零": 0, "○": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7,
          "八": 8, "九": 9}  # fmt: skip
UNITS = {"十": 10, "百": 100, "千": 1000}
BIG = {"万": 10_000, "亿": 100_000_000}
HAN = "".join(DIGITS) + "".join(UNITS)
CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"


def han_value(text: str) -> int | None:
    """The value of a Chinese numeral, read by place (二〇二五) or by unit (三十五); None if it is none.

    >>> han_value("三十五"), han_value("二〇二五"), han_value("十"), han_value("一百零二"), han_value("友好")
    (35, 2025, 10, 102, None)
    """
    if not text or any(c not in DIGITS and c not in UNITS and c not in BIG for c in text):
        return None
    if len(text) > 1 and all(c in DIGITS for c in text):
        return int("".join(str(DIGITS[c]) for c in text))
    total = section = digit = 0
    for c in text:
        if c in DIGITS:
            digit = DIGITS[c]
        elif c in UNITS:
            section += (digit or (1 if c == "十" else 0)) * UNITS[c]
            digit = 0
        else:
            total = (total + section + digit) * BIG[c]
            section = digit = 0
    return total + section + digit


def ordinal_value(text: str) -> int | None:
    """The value of an outline number: Chinese, Arabic or circled."""
    if text in CIRCLED and len(text) == 1:
        return CIRCLED.index(text) + 1
    if text.isascii() and text.isdigit():
        return int(text)
    return han_value(text)
