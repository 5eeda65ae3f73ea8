"""Which numbered items are measures, what each says, and who answers for it."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from yimi.exchange.plan_text.clauses import Clause, find_clauses, is_closing
from yimi.exchange.plan_text.notice import Document
from yimi.exchange.plan_text.outline import Node
from yimi.exchange.plan_text.source import Notice, Source, Span

PREAMBLE = re.compile(
    r"总体要求|总体目标|总体思路|指导思想|基本原则|工作原则|主要原则|主要目标|工作目标|目标任务|发展目标|建设目标|行动目标|总体部署|"
    r"重要意义|现状|基础|背景|形势|编制依据|适用范围|^总则$|^目标$|工作思路|基本思路"
)
SAFEGUARD = re.compile(
    r"保障措施|组织保障|组织实施|实施保障|组织领导|工作要求|有关要求|相关要求|工作保障|保障机制|保障体系$|强化保障|实施要求|附则|监督检查|督导考核"
)
PHASES = re.compile(r"实施步骤|工作步骤|时间安排|进度安排|实施阶段|步骤安排|阶段安排|推进步骤|方法步骤")
# Titles that stand alone before prose; where line breaks are lost they are the only way to end a heading.
_KNOWN_TITLES = re.compile(
    r"(?:总体要求|总体目标|总体思路|指导思想|基本原则|工作原则|主要目标|工作目标|目标任务|发展目标|建设目标|重点任务|主要任务|工作任务|重点工作|"
    r"主要措施|保障措施|组织保障|组织实施|工作要求|工作步骤|实施步骤)"
)
_LONGEST_TITLE = 45


@dataclass
class Chapter:
    number: str
    title: str
    span: Span
    node: Node
    document: int
    confidence: float


@dataclass
class Measure:
    """One measure. `text` runs from behind its number to its closing clause."""

    number: str | None
    title: str
    title_span: Span
    chapter: Chapter | None
    text_span: Span
    span: Span
    clauses: list[Clause]
    document: int
    node: Node
    parent_title: str | None = None
    confidence: float = 1.0
    title_confidence: float = 1.0
    id: str = ""

    def text(self, source: Source) -> str:
        return source.text[self.text_span[0] : self.text_span[1]]


@dataclass
class Reading:
    chapters: list[Chapter] = field(default_factory=list)
    measures: list[Measure] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    clause_count: int = 0


class _Reader:
    def __init__(self, source: Source, document: Document, index: int) -> None:
        self.source = source
        self.document = document
        self.index = index
        self.clauses: dict[int, list[Clause]] = {}
        self.following: dict[int, Node] = {}
        self.out = Reading()

    # ---- clauses ----

    def read(self) -> Reading:
        for node in self.document.run.walk():
            self.clauses[node.start] = find_clauses(self.source, node.body, node.own_end)
        self._split_unnumbered()
        for root in self.document.run.roots:
            self._raise_shared(root)
        self.out.clause_count = sum(map(len, self.clauses.values()))
        roots = self.document.run.roots
        flat = [r for r in roots if not r.children or not any(self.has_clause(c) for c in r.children)]
        bearing = [r for r in flat if self.clauses[r.start]]
        is_flat = len(bearing) >= 2 and not any(self.has_clause(c) for r in roots for c in r.children)
        if (
            not self.out.clause_count
            and not any(r.children for r in roots)
            and roots[0].style not in ("han", "chapter")
        ):
            self._no_chapters(roots)
        else:
            for root in roots:
                self._chapter(root, is_flat)
        return self.out

    def has_clause(self, node: Node) -> bool:
        return any(self.clauses[n.start] for n in node.walk())

    def _raise_shared(self, parent: Node) -> None:
        """A clause behind the last of several points without clauses of their own answers for all of them."""
        for child in parent.children:
            self._raise_shared(child)
        kids = parent.children
        if parent.parent is None and not self._is_bearing_root(parent):
            return
        if len(kids) < 2 or any(self.has_clause(kid) for kid in kids[:-1]):
            return
        last = kids[-1].walk()[-1]
        closing = [c for c in self.clauses[last.start] if is_closing(self.source, c, last.own_end)]
        if (
            closing
            and len(self.clauses[last.start]) == len(closing)
            and not any(self.clauses[n.start] for n in kids[-1].walk() if n is not last)
        ):
            self.clauses[parent.start] = [*self.clauses[parent.start], *closing]
            self.clauses[last.start] = []

    def _is_bearing_root(self, root: Node) -> bool:
        """Top items that are measures themselves (行动一 with points below): their points are small."""
        peers = self.document.run.roots
        if root.rank >= 1.5:
            return True
        shared = [
            r for r in peers
            if len(r.children) >= 2 and self.has_clause(r.children[-1]) and not any(map(self.has_clause, r.children[:-1]))
        ]  # fmt: skip
        return len(shared) >= 2 and len(shared) * 2 > len(peers)

    def _split_unnumbered(self) -> None:
        """A paragraph with its own clause where a number is missing is an item without a number, not a tail."""
        counts = Counter(len(found) for found in self.clauses.values())
        # One clause an item, at most one item with two: only then is a second clause a sign of a lost number.
        regular = counts[1] >= 4 and counts[2] <= 1 and not any(n > 2 for n in counts)
        by_style: dict[str, Node] = {}
        for node in reversed(self.document.run.walk()):
            if node.style in by_style:
                self.following[node.start] = by_style[node.style]
            by_style[node.style] = node
        gaps = {n.span[0] for n in self.document.run.notices if n.code == "number_gap" and n.span}
        for node in self.document.run.walk():
            if node.children and node.children[0].start in gaps:
                self._split_heading(node)
            later = self.following.get(node.start)
            clauses = self.clauses[node.start]
            if node.children:
                continue
            if regular and self._tail_lost_number(node, clauses):
                self._cut(node, clauses)
                continue
            if later is None or later.start not in gaps:
                continue
            missing = later.value - node.value - 1
            if (
                not clauses
                or len(clauses) != missing + 1
                or not is_closing(self.source, clauses[-1], node.own_end)
            ):
                continue
            self._cut(node, clauses)

    def _tail_lost_number(self, node: Node, clauses: list[Clause]) -> bool:
        """Behind the last item no number can be missed; one more titled paragraph with its own clause, where
        every other item has one clause at its end, is an item all the same."""
        siblings = node.parent.children if node.parent else self.document.run.roots
        if (
            node is not siblings[-1]
            or len(clauses) != 2
            or not is_closing(self.source, clauses[1], node.own_end)
        ):
            return False
        between = self.source.shadow[clauses[0].outer[1] : clauses[1].outer[0]].lstrip(" 。;")
        return bool(re.match(r"\n?[^。;,\n]{4,24}。.{10}", between))

    def _split_heading(self, node: Node) -> None:
        """The first item of a chapter lost its number: it stands in the chapter's own text, below the heading."""
        clauses = self.clauses[node.start]
        first = node.children[0]
        before = [
            n.value for n in self.document.run.walk() if n.style == first.style and n.start < first.start
        ]
        continues = [v for v in before[-1:] if v < first.value]
        missing = first.value - (continues[0] if continues else 0) - 1
        start = self.source.shadow.find("\n", node.body, node.own_end) + 1
        if (
            not clauses
            or len(clauses) != missing
            or not start
            or not is_closing(self.source, clauses[-1], node.own_end)
        ):
            return
        end = node.own_end
        self.clauses[node.start] = []
        node.own_end = start
        for k, clause in enumerate(clauses):
            stop = end if k == len(clauses) - 1 else self._skip(clause.outer[1], end)
            self._add_unnumbered(node.children, k, first, start, stop, clause)
            start = stop

    def _add_unnumbered(
        self, siblings: list[Node], at: int, like: Node, start: int, stop: int, clause: Clause
    ) -> None:
        extra = Node(
            like.style,
            like.value,
            like.rank,
            start,
            start,
            3,
            stop,
            stop,
            unnumbered=True,
            parent=like.parent,
        )
        siblings.insert(at, extra)
        self.clauses[start] = [clause]
        message = "此处条目没有编号（前后编号不连续），按单独一项读出，未补编号。"
        self.note("missing_number", message, (start, min(stop, start + 30)))

    def _cut(self, node: Node, clauses: list[Clause]) -> None:
        siblings = node.parent.children if node.parent else self.document.run.roots
        at = siblings.index(node) + 1
        end = node.own_end
        edges = [self._skip(c.outer[1], end) for c in clauses]
        self.clauses[node.start] = clauses[:1]
        node.own_end = node.end = edges[0]
        for k, clause in enumerate(clauses[1:], 1):
            start, stop = edges[k - 1], edges[k] if k < len(clauses) - 1 else end
            self._add_unnumbered(siblings, at, node, start, stop, clause)
            at += 1

    def _skip(self, position: int, end: int) -> int:
        while position < end and self.source.shadow[position] in " 。;\n":
            position += 1
        return position

    # ---- chapters and items ----

    def note(self, code: str, message: str, span: Span | None, level: str = "warning") -> None:
        self.out.notices.append(Notice(code, message, span, level))

    def _no_chapters(self, roots: list[Node]) -> None:
        for root in roots:
            self._measure(root, None, None)

    def _chapter(self, root: Node, is_flat: bool) -> None:
        own_clause = bool(self.clauses[root.start])
        if root.rank >= 1.5 and not any(self.has_clause(c) for c in root.children) and root.style != "named":
            is_flat = True
        if is_flat and own_clause:
            self._measure(root, None, None)
            return
        chapter = self._make_chapter(root)
        title = self._folded(chapter)
        if own_clause and not any(self.has_clause(c) for c in root.children):
            self._measure(root, chapter, None)
            return
        if any(self.has_clause(child) for child in root.children):
            if own_clause:
                span = self.clauses[root.start][0].outer
                self.note(
                    "clause_without_item",
                    f"“{chapter.title[:20]}”之下有一处责任分工没有对应的编号条目，未列为任务。",
                    span,
                )
            for child in root.children:
                self._item(child, chapter, None)
        elif not self.out.clause_count:
            if not PREAMBLE.search(title) and not PHASES.search(title):
                for child in root.children:
                    self._plain_item(child, chapter, None)
        elif root.children:
            self._without_clauses(root, chapter)

    def _without_clauses(self, root: Node, chapter: Chapter) -> None:
        """A chapter with points but no clause, in a plan whose other chapters have them."""
        span = (root.start, chapter.span[1])
        title = self._folded(chapter)
        if PREAMBLE.search(title):
            return
        if SAFEGUARD.search(title) or PHASES.search(title):
            self.note(
                "chapter_without_clauses", f"“{chapter.title}”各条没有责任单位，未列为任务。", span, "info"
            )
            return
        self.note(
            "chapter_without_clauses",
            f"“{chapter.title}”各条没有责任单位，仍列为任务，请核对原文是否缺漏。",
            span,
        )
        for child in root.children:
            self._plain_item(child, chapter, None)

    def _item(self, node: Node, chapter: Chapter, parent: str | None) -> None:
        below = [child for child in node.children if self.has_clause(child)]
        if not below:
            self._measure(node, chapter, parent)
            return
        title = self._title(node)[0]
        if self.clauses[node.start]:
            # Its own clause before its points: it is a measure besides them.
            self._measure(node, chapter, parent, own_only=True)
        for child in node.children:
            self._item(child, chapter, title)

    def _plain_item(self, node: Node, chapter: Chapter, parent: str | None) -> None:
        own = self.source.shadow[node.body : node.own_end].strip()
        kids = node.children
        titles_only = "。" not in own and ":" not in own[-1:] and len(own) <= _LONGEST_TITLE
        if (
            kids
            and titles_only
            and all(k.strength == 3 for k in kids)
            and sum(k.end - k.start for k in kids) / len(kids) >= 30
        ):
            for kid in kids:
                self._plain_item(kid, chapter, self._title(node)[0])
            return
        self._measure(node, chapter, parent)

    def _folded(self, chapter: Chapter) -> str:
        return self.source.shadow[slice(*chapter.span)]

    def _make_chapter(self, root: Node) -> Chapter:
        span, sure = self._heading(root)
        number = _label(self.source, root)
        chapter = Chapter(number, self.source.text[span[0] : span[1]], span, root, self.index, sure)
        self.out.chapters.append(chapter)
        if sure < 0.6:
            self.note(
                "heading_end_unclear", f"第“{number}”部分标题与正文之间没有分隔，标题的结束位置不确定。", span
            )
        return chapter

    def _heading(self, root: Node) -> tuple[Span, float]:
        """A chapter's title: its line; with line breaks lost, up to its first point or a usual heading."""
        shadow = self.source.shadow
        start = self._past_space(root.body, root.own_end)
        line_end = shadow.find("\n", start, root.own_end)
        end = root.own_end if line_end < 0 else line_end
        own = shadow[start:end]
        by_line = line_end >= 0 or end == len(shadow)
        if "。" not in own and (len(own) <= _LONGEST_TITLE + 15):
            return self._trim(start, end), 0.98 if by_line or root.children else 0.7
        known = _KNOWN_TITLES.match(own)
        if known:
            return (start, start + known.end()), 0.85
        stop = own.find("。")
        if 0 <= stop <= _LONGEST_TITLE and stop < len(own) - 1:
            return (start, start + stop), 0.9
        cut = re.search(r"[,。:;]", own)
        return (start, start + (cut.start() if cut else min(len(own), 30))), 0.4

    def _past_space(self, start: int, end: int) -> int:
        while start < end and self.source.shadow[start] in " \n、.:":
            start += 1
        return start

    def _trim(self, start: int, end: int) -> Span:
        found = re.search(r"(?:[\s.…·•]{2,}\d*|[。:;\s])+$", self.source.shadow[start:end])
        return start, start + found.start() if found else end

    def _title(self, node: Node) -> tuple[str, Span, float]:
        """The item's title: up to the first full stop or line end; without one, up to the first comma."""
        shadow = self.source.shadow
        start = self._past_space(node.body, node.own_end)
        limit = min(
            (c.outer[0] for c in self.clauses[node.start] if c.outer[0] > start), default=node.own_end
        )
        limit = min(limit, node.own_end)
        own = shadow[start:limit]
        line = own.split("\n", 1)[0]
        stop = line.find("。")
        if 0 < stop <= _LONGEST_TITLE:
            sure = 0.97 if not re.search(r"[;:]|\d+[%‰]|,.*\d", line[:stop]) else 0.6
            return self.source.text[start : start + stop], (start, start + stop), sure
        if stop < 0 and 0 < len(line.rstrip(" ;:,")) <= _LONGEST_TITLE:
            end = start + len(line.rstrip(" ;:,"))
            return self.source.text[start:end], (start, end), 0.95 if len(line) < len(own) else 0.8
        known = _KNOWN_TITLES.match(line)
        cut = (
            known.end()
            if known
            else next(
                (m.start() for m in re.finditer(r"[:,;。]", line) if m.start() >= 2), min(len(line), 30)
            )
        )
        return self.source.text[start : start + cut], (start, start + cut), 0.75 if known else 0.4

    def _measure(
        self, node: Node, chapter: Chapter | None, parent: str | None, own_only: bool = False
    ) -> None:
        clauses = self.clauses[node.start]
        title, title_span, title_sure = self._title(node)
        start = self._past_space(node.body, node.own_end)
        whole_end = node.own_end if own_only else node.end
        inner = [c for n in node.walk() if n is not node and not own_only for c in self.clauses[n.start]]
        clauses = sorted([*clauses, *inner], key=lambda c: c.outer)
        end = whole_end
        while clauses and end > start:
            last = max(clauses, key=lambda c: c.outer[1])
            if last.outer[0] < end and is_closing(self.source, last, end):
                end = last.outer[0]
                clauses_before = [c for c in clauses if c.outer[1] <= end]
                if not clauses_before or not is_closing(self.source, clauses_before[-1], end):
                    break
                clauses_after = [c for c in clauses if c.outer[0] >= end]
                end = clauses_before[-1].outer[0]
                clauses = [*clauses_before, *clauses_after]
                break
            break
        text_end = end
        while text_end > start and self.source.shadow[text_end - 1] in " \n":
            text_end -= 1
        sure = 0.97 if node.strength == 3 else 0.9 if node.strength == 2 else 0.75
        sure -= 0.3 * node.spoilt + 0.3 * node.unnumbered
        self.out.measures.append(
            Measure(
                None if node.unnumbered else _label(self.source, node), title, title_span, chapter, (start, text_end),
                (node.start, whole_end), clauses, self.index, node, parent, round(sure, 2), title_sure,
            )
        )  # fmt: skip


def _label(source: Source, node: Node) -> str:
    """The number as a label: brackets full width, no mark behind it; 一 for 一、 and 行动一 for 行动一：."""
    written = source.shadow[node.start : node.body].strip(" 、.:,。\n")
    if node.style == "shi":
        return written.removesuffix("是").removesuffix("要")
    if node.style == "han_paren" or node.style == "arabic_paren":
        return "（" + written.strip("()、. ") + "）"
    if node.style == "named":
        return written.strip("()、.—: ")
    return written.strip("()")


def read_document(source: Source, document: Document, index: int) -> Reading:
    return _Reader(source, document, index).read()
