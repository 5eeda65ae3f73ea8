"""From raw text to paragraphs: page furniture out, lines broken by page layout joined, stray spaces out.

Characters are never exchanged. What is dropped (spaces inside Chinese text, page numbers, zero-width marks)
is told in a notice where it is more than spacing.
"""

from __future__ import annotations

import re
from collections import Counter

from yimi.exchange.plan_text.intake import Raw
from yimi.exchange.plan_text.markers import starts_with_marker
from yimi.exchange.plan_text.source import Notice, Source

_INVISIBLE = re.compile("[\u200b-\u200f\u2028-\u202f\u2060-\u2064\ufeff\u00ad]")
_PAGE_NUMBER = re.compile(
    r"^(?:[-—–_－·.\s]*\d{1,4}[-—–_－·.\s]*|[-—–－]{1,2}\s*\d{1,4}\s*[-—–－]{1,2}|第\s*\d{1,4}\s*页(?:\s*[,，/]?\s*共\s*\d{1,4}\s*页)?|"
    r"\d{1,4}\s*/\s*\d{1,4}|[Pp]age\s*\d+.*)$"
)
_ENDED = frozenset("。！？；：!?;:")
_OPENERS = "（(〔［[【《〈“‘「"
_CLOSERS = "）)〕］]】》〉”’」"
_LABEL = re.compile(
    r"^[（(〔\[【]?(?:牵头|责任|配合|主办|协办|参与|完成时|主责|负责)(?:单位|部门|限|间|主体)?[:：]"
)
_DATE_LINE = re.compile(
    r"^[〇零一二三四五六七八九十\d]{2,4}\s*年\s*[一二三四五六七八九十\d]{1,3}\s*月\s*[一二三四五六七八九十\d]{1,3}\s*日$"
)
_OWN_LINE = re.compile(r"^(?:附\s*件|附\s*录|目\s*录|目\s*次|[（(]此件|抄\s*送|主题词|.{2,40}[：:]$)")
_BODY_END = re.compile(r"(?:委员会|委|局|厅|办|办公室|部|院|会|联|署|中心|政府|公司|协会|集团|单位|部门)$")
_BODY_START = re.compile(r"[省市区县州旗团各镇乡]|国家|中共|共青团|人民|[\u4e00-\u9fff]{2,4}[省市区县州]")
_ROLE_END = re.compile(r"(?:负责|牵头|配合|落实|参与|負責|牽頭|落實|參與)$")
_LIST_END = re.compile(
    r"(?:委员会|委|局|厅|办公室|办|部|院|会|联|署|中心|政府|公司|协会|集团|单位|部门|負責|负责|牵头|牽頭|配合|落实|分工负责)$"
)
_SPACE = re.compile(r"[ \t\u3000\xa0]+")


def arrange(raw: Raw) -> Source:
    """Paragraphs separated by single line breaks, in the order of the paper."""
    notices = list(raw.notices)
    text = raw.text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0b", "\n").replace("\x85", "\n")
    lines, furniture = _without_furniture(_INVISIBLE.sub("", text))
    if furniture:
        notices.append(
            Notice("page_furniture_dropped", f"略去页码、页眉等 {furniture} 行，不作正文。", level="info")
        )
    joined = _join(lines, raw.paragraphs)
    return Source("\n".join(part for part in (tighten(line) for line in joined) if part), notices)


def _without_furniture(text: str) -> tuple[list[str], int]:
    """Lines without page numbers and running heads. Blank lines stay, as "": they say something."""
    pages = text.split("\f")
    edges: Counter[str] = Counter()
    for page in pages:
        shown = [line.strip() for line in page.split("\n") if line.strip()]
        edges.update({line for line in shown[:1] + shown[-1:] if len(line) <= 40})
    running = {line for line, n in edges.items() if len(pages) >= 3 and n >= max(3, len(pages) // 2)}
    kept: list[str] = []
    dropped = 0
    for page in pages:
        for line in page.split("\n"):
            bare = line.strip()
            if bare and (bare in running or _PAGE_NUMBER.match(bare)):
                dropped += 1
                continue
            kept.append(line.rstrip())
        kept.append("")
    return kept, dropped


def _join(lines: list[str], paragraphs: bool) -> list[str]:
    shown = [line for line in lines if line.strip()]
    width = _wrap_width(shown)
    indented = sum(bool(re.match(r"[ \t\u3000\xa0]{2,}|\u3000", line)) for line in shown) >= max(
        3, 0.2 * len(shown)
    )
    result: list[str] = []
    blank = False
    filled = 0
    for line in lines:
        bare = line.strip()
        if not bare:
            blank = True
            continue
        fresh = indented and bool(re.match(r"[ \t\u3000\xa0]{2,}|\u3000", line))
        if result and _continues(
            result[-1], bare, blank, paragraphs, bool(width) and filled >= width - 2, fresh
        ):
            # A Latin word broken at the line's end keeps its space; `tighten` removes the others.
            result[-1] = f"{result[-1]} {bare}"
        else:
            result.append(bare)
        blank = False
        filled = len(line)
    return result


def _wrap_width(lines: list[str]) -> int:
    """The column at which lines were broken by force; 0 where they were not."""
    # Hard-wrapped text: nothing is longer than the column, and several lines fill it without ending.
    longest = max((len(line) for line in lines), default=0)
    full = [line for line in lines if longest - 2 <= len(line)]
    if 16 <= longest <= 80 and len(full) >= 4 and sum(line.rstrip()[-1] not in _ENDED for line in full) >= 3:
        return longest
    broken = Counter(len(line) for line in lines if len(line) >= 16 and line.rstrip()[-1] not in _ENDED)
    if not broken or sum(broken.values()) < 8:
        return 0
    width, _ = max(
        ((w, sum(n for v, n in broken.items() if w - 2 <= v <= w + 1)) for w in broken),
        key=lambda pair: (pair[1], pair[0]),
    )
    near = sum(n for v, n in broken.items() if width - 2 <= v <= width + 2)
    return width if near >= max(6, 0.35 * len(lines)) else 0


def _continues(before: str, line: str, blank: bool, paragraphs: bool, full_line: bool, fresh: bool) -> bool:
    """Whether `line` goes on where `before` stopped. `full_line`: the last line fills the column."""
    last = before[-1]
    if starts_with_marker(line) or (_LABEL.match(line) and last not in _OPENERS):
        return False
    if _open_bracket(before):
        # （…按职责分工负责 at a line's end has lost its bracket; it must not swallow the next item.
        return not _ROLE_END.search(re.sub(r"\s", "", before[-8:])) or line[0] in "）)〕］]"
    if paragraphs:
        # Word and web pages end a line where the paragraph ends, unless a comma says otherwise.
        return last in "、，," and not _BODY_END.search(before[:-1])
    if _DATE_LINE.match(line) or _OWN_LINE.match(line) or fresh:
        return False
    if last in _ENDED:
        return False
    if line[0] in "，。、；：）)》”〕］]】%％‰,;" or last in "、，,":
        return True
    if _LABEL.match(before) and not _LIST_END.search(before):
        return True
    if last.isdigit() and re.search(r"[。，]", before) and not re.match(r"\d", line):
        return True
    if full_line or (len(line) <= 8 and line[-1] in "。；，" and re.search(r"[。，；]", before)):
        return True
    if starts_with_marker(before) and not re.search(r"[。；，]", before):
        return False
    # A page break inside running text: the paragraph so far is long and has punctuation.
    return len(before) >= 40 and bool(re.search(r"[。，；]", before)) and last not in _CLOSERS


def _open_bracket(text: str) -> bool:
    depth = 0
    for c in text[-400:]:
        if c in _OPENERS:
            depth += 1
        elif c in _CLOSERS:
            depth = max(0, depth - 1)
        elif c == "。" and depth:
            # A sentence ended inside: the bracket was never closed, and must not swallow the next lines.
            depth = 0
    return depth > 0


def tighten(line: str) -> str:
    """Spaces out, except between Latin words and between two bodies set side by side."""
    parts = _SPACE.split(line.strip(" \t\u3000\xa0"))
    result = parts[0]
    for part in parts[1:]:
        if not part:
            continue
        if not result:
            result = part
        elif _keeps_space(result, part):
            result += " " + part
        else:
            result += part
    return result


def _keeps_space(left: str, right: str) -> bool:
    if left[-1].isascii() and left[-1].isalnum() and right[0].isascii() and right[0].isalpha():
        return True
    if left[-1].isascii() and left[-1].isalpha() and right[0].isascii() and right[0].isalnum():
        return True
    before = re.split(r"[\s、，,；;。：:（(）)]", left)[-1]
    after = re.split(r"[\s、，,；;。：:（(）)]", right)[0]
    return min(len(before), len(after)) >= 3 and bool(
        _BODY_END.search(before) and _BODY_START.match(after) and _LIST_END.search(after)
    )
