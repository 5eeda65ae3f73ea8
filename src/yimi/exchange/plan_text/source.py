"""The text every span refers to, with its shadow: the same length, folded for matching.

Nothing is read from the shadow but positions. Full- and half-width punctuation, digits and letters are
folded to one form, every kind of round, square and tortoise-shell bracket to ``(`` and ``)``, traditional
characters to simplified ones, one character for one, so `text[a:b]` is always what the paper says.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, cached_property

Span = tuple[int, int]

_FOLD: dict[int, str] = {0xFF01 + i: chr(0x21 + i) for i in range(94)}
_FOLD |= {ord(a): b for a, b in zip("〔［【﹝（〖", "((((((", strict=True)}
_FOLD |= {ord(a): b for a, b in zip("〕］】﹞）〗", "))))))", strict=True)}
_FOLD |= {ord(a): b for a, b in zip("[]{}", "()()", strict=True)}
_FOLD |= {ord(a): b for a, b in zip("｛｝［］", "()()", strict=True)}
_FOLD |= {ord("﹑"): "、", ord("､"): "、", ord("｡"): "。", ord("﹔"): ";", ord("﹕"): ":", ord("﹐"): ",",
          ord("︰"): ":", ord("∶"): ":", ord("　"): " ", ord("\xa0"): " ", ord("～"): "~", ord("〜"): "~",
          ord("–"): "—", ord("－"): "-", ord("―"): "—", ord("﹪"): "%", ord("“"): '"', ord("”"): '"',
          ord("＂"): '"', ord("「"): '"', ord("」"): '"', ord("‘"): "'", ord("’"): "'"}  # fmt: skip
# Clauses longer than this are no clauses: a bracket that far away belongs to another sentence.
LONGEST_BRACKET = 600


@dataclass(frozen=True)
class Notice:
    """One thing a person must look at; `level` is "warning" or "info"."""

    code: str
    message: str
    span: Span | None = None
    level: str = "warning"

    def as_json(self) -> dict[str, object]:
        return {
            "code": self.code,
            "message": self.message,
            "span": list(self.span) if self.span else None,
            "level": self.level,
        }


@dataclass
class Source:
    """Normalized text, its shadow, and what normalizing it noticed."""

    text: str
    notices: list[Notice] = field(default_factory=list)
    # Spans of characters the simplified shadow changed.
    traditional: int = 0

    @cached_property
    def shadow(self) -> str:
        folded = self.text.translate(_FOLD)
        table = simplified_table(folded)
        self.traditional = sum(folded.count(chr(c)) for c in table)
        return folded.translate(table) if table else folded

    @cached_property
    def pairs(self) -> dict[int, int]:
        """Start of each balanced bracket → the position of its closing one. Never crosses a paragraph."""
        found: dict[int, int] = {}
        for start, end in self._brackets[0]:
            found[start] = end
        return found

    @cached_property
    def openings(self) -> list[int]:
        """Where balanced brackets open, in order."""
        return sorted(self.pairs)

    @cached_property
    def unbalanced(self) -> list[int]:
        return self._brackets[1]

    @cached_property
    def _brackets(self) -> tuple[list[Span], list[int]]:
        pairs: list[Span] = []
        loose: list[int] = []
        stack: list[int] = []
        for i, c in enumerate(self.shadow):
            if c == "(":
                stack.append(i)
            elif c == ")":
                if stack and i - stack[-1] <= LONGEST_BRACKET:
                    pairs.append((stack.pop(), i))
                elif not _is_list_number(self.shadow, i):
                    loose.append(i)
            elif c == "\n":
                loose += stack
                stack = []
        return pairs, sorted(loose + stack)

    def inside_bracket(self, position: int) -> bool:
        return position in self._covered

    @cached_property
    def _covered(self) -> set[int]:
        covered: set[int] = set()
        for start, end in self._brackets[0]:
            covered.update(range(start + 1, end))
        return covered


def _is_list_number(shadow: str, close: int) -> bool:
    """`1)` and `一)` at the start of a line close nothing on purpose."""
    start = shadow.rfind("\n", 0, close) + 1
    return (
        close - start <= 3
        and close > start
        and not shadow[start:close].strip("0123456789一二三四五六七八九十")
    )


# What OpenCC leaves alone because Taiwan and the mainland differ in use, not in shape.
_SIMPLE: dict[str, str] = {"託": "托", "於": "于", "衹": "只", "祇": "只", "綫": "线", "牀": "床"}


def simplified_table(text: str) -> dict[int, str]:
    """Translation of the traditional characters in `text`, one for one.

    OpenCC is loaded only when a character lies outside GB 2312, where every simplified official text stays.
    """
    han = {c for c in set(text) if "\u3400" <= c <= "\u9fff"}
    odd = {c for c in han if not _in_gb2312(c)}
    table = _converted(odd)
    # 於, 著, 乾 lie inside GB 2312 and stay as they are in simplified texts; a traditional text needs them too.
    return _converted(han) if len(table) > 0.05 * len(han) else table


def _converted(characters: set[str]) -> dict[int, str]:
    fresh = characters - _SIMPLE.keys()
    if fresh:
        convert = _converter()
        for c in fresh:
            simple = convert(c)
            _SIMPLE[c] = simple if len(simple) == 1 else c
    return {ord(c): _SIMPLE[c] for c in characters if _SIMPLE[c] != c}


@cache
def _converter() -> Callable[[str], str]:
    from opencc import OpenCC

    convert: Callable[[str], str] = OpenCC("t2s").convert
    return convert


@cache
def _in_gb2312(c: str) -> bool:
    try:
        c.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def simplified(text: str) -> str:
    return text.translate(simplified_table(text))
