"""The numbering automaton: candidates in, a forest of numbered items out.

It accepts a marker only if its number is the one expected: the next of a level already open, the first of a
new level below, or (at the start of a line) a jump, which is reported. It never renumbers anything.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from yimi.exchange.plan_text.markers import RANKS, Marker, candidates
from yimi.exchange.plan_text.source import Notice, Source

# The words a plan's title ends in, with what may follow in brackets.
KINDS = (
    "实施方案|行动方案|工作方案|建设方案|试点方案|创建方案|推进方案|总体方案|专项方案|方案|行动计划|实施计划|工作计划|计划|发展规划|规划|纲要|"
    "若干措施|政策措施|措施|实施意见|指导意见|若干意见|意见|工作要点|要点|任务清单|责任分工|任务分解|行动|任务分工"
)
TITLE_TAIL = r"(?:\((?:\d{4}\s?[-—~至]+\s?\d{4}年?|试行|暂行|征求意见稿|送审稿|草案|代拟稿|修订(?:版|稿)?|\d{4}年(?:版|修订)?|\d{4}年度)\))*"
TITLE_END = re.compile(rf"(?:{KINDS}){TITLE_TAIL}$")
_LARGEST_JUMP = 6
_LONGEST_HEADING = 60


@dataclass
class Node:
    """A numbered item: `start` at its marker, own text from `body` to `own_end`, all of it to `end`."""

    style: str
    value: int
    rank: float
    start: int
    body: int
    strength: int
    own_end: int = 0
    end: int = 0
    spoilt: bool = False
    unnumbered: bool = False
    parent: Node | None = None
    children: list[Node] = field(default_factory=list)

    def walk(self) -> list[Node]:
        found = [self]
        for child in self.children:
            found += child.walk()
        return found


@dataclass
class Run:
    """One numbering from its first to its last item: a plan, a notice's own points or a list of contents."""

    roots: list[Node]
    start: int
    end: int = 0
    notices: list[Notice] = field(default_factory=list)
    # Places where an item ends though no accepted item begins: a passage pasted twice, a number out of order.
    breaks: list[int] = field(default_factory=list)

    def walk(self) -> list[Node]:
        return [node for root in self.roots for node in root.walk()]


class _Automaton:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.shadow = source.shadow
        self.runs: list[Run] = []
        self.open: list[Node] = []
        self.last: dict[str, int] = {}
        self.named_rank = 1.5

    def read(self) -> list[Run]:
        markers = candidates(self.shadow, self.source._covered)
        for k, marker in enumerate(markers):
            self.offer(marker, markers[k + 1 : k + 60])
        return self.runs

    def rank(self, marker: Marker) -> float:
        return self.named_rank if marker.style == "named" else RANKS[marker.style]

    def offer(self, marker: Marker, ahead: list[Marker]) -> None:
        if self.open and marker.start < self.open[-1].body:
            return
        if marker.style == "named" and marker.strength == 1 and self.shadow[marker.end - 2].isdigit():
            # …行动1.构建机制 in running text: a heading that ends in 行动, then item 1.
            return
        if marker.style == "named" and "named" not in self.last:
            # 行动一 stands under 一、 or under a bare （一）: decided once, where it is first seen.
            self.named_rank = 1.5 if not self.open or self.open[-1].rank < 2 else 2.5
        peer = next((node for node in self.open if node.style == marker.style), None)
        if peer is not None:
            self._with_peer(marker, peer, ahead)
        else:
            self._without_peer(marker, ahead)

    def _with_peer(self, marker: Marker, peer: Node, ahead: list[Marker]) -> None:
        step = marker.value - peer.value
        if step == 1:
            if marker.strength > 1 or self._in_heading(marker) or self._after_label(marker):
                self.accept(marker)
        elif marker.value == 1:
            self._restart(marker, peer, ahead)
        elif 1 < step <= _LARGEST_JUMP and marker.strength >= 2 and marker.style != "arabic_paren":
            if not self._number_comes_later(peer.value + 1, marker.style, ahead):
                self.accept(marker)
                self.gap(marker, peer.value + 1)
        elif (
            marker.strength == 3 and marker.style in ("han", "han_paren", "chapter", "named") and step <= 0
        ) or (marker.strength == 2 and step == 0 and self._same_text(marker, peer)):
            self._out_of_order(marker, peer, ahead)

    def _number_comes_later(self, value: int, style: str, ahead: list[Marker]) -> bool:
        """A jump is no jump when the expected number follows: then this marker was a reference."""
        for other in ahead:
            if other.style == style and other.strength >= 2:
                return other.value == value
        return False

    def _restart(self, marker: Marker, peer: Node, ahead: list[Marker]) -> None:
        after = next((m for m in ahead if m.style == marker.style and m.strength >= 2), None)
        # （十）（一）（十二）: a lost 十, not a new beginning. Nor does a spoilt number begin one.
        lost = after is not None and after.value == peer.value + 2 and peer.value > 1
        if marker.strength == 3 and (lost or (marker.spoilt and (after is None or after.value != 2))):
            self._out_of_order(marker, peer, ahead)
        elif peer.parent is None:
            if (
                (self._after_title(marker, ahead))
                or marker.strength == 3
                or (marker.strength == 2 and self._goes_on(marker, ahead))
                or self._says_first_heading(marker)
            ):
                self.accept(marker, fresh_run=True)
        elif marker.strength >= 2 and (
            marker.strength == 3 or marker.style in ("shi", "circled", "arabic_paren", "arabic")
        ):
            self.accept(marker)

    def _says_first_heading(self, marker: Marker) -> bool:
        """…八、组织保障一、总体目标: a list of contents ends where its first heading is said again."""
        first = self.runs[-1].roots[0]
        heading = self.shadow[first.body : first.body + 4]
        return (
            len(heading) == 4
            and self.shadow[marker.end : marker.end + 4] == heading
            and "。" not in self.shadow[first.body : marker.start]
        )

    def _goes_on(self, marker: Marker, ahead: list[Marker]) -> bool:
        return any(m.style == marker.style and m.value == 2 and m.strength >= 2 for m in ahead)

    def _out_of_order(self, marker: Marker, peer: Node, ahead: list[Marker]) -> None:
        after = next((m for m in ahead if m.style == marker.style and m.strength == 3), None)
        span = (marker.start, marker.end)
        written = self.source.text[marker.start : marker.end]
        if self._mid_sentence(marker):
            return
        if marker.value == peer.value and self._same_text(marker, peer):
            self.runs[-1].breaks.append(marker.start)
            self.note("repeated_text", f"“{written}”及其文字重复出现，只读一次。", span)
        elif after is not None and after.value == peer.value + 2:
            self.accept(marker, counts_as=peer.value + 1)
            self.note(
                "number_order",
                f"编号“{written}”与前后不连续，按所在位置读为第 {peer.value + 1} 项，编号照原样保留。",
                span,
            )
        elif marker.value == peer.value:
            self.accept(marker)
            self.note("number_repeated", f"编号“{written}”重复出现。", span)
        else:
            self.runs[-1].breaks.append(marker.start)
            self.note(
                "number_order", f"编号“{written}”与前后不连续，从此处到下一条目的文字未读入任务。", span
            )

    def _mid_sentence(self, marker: Marker) -> bool:
        """…按照第⏎（三）项规定: a reference that happens to begin a line."""
        before = self.shadow[max(0, marker.start - 2) : marker.start].rstrip("\n")
        return (
            bool(before)
            and before[-1] not in "。;:!?)"
            and bool(re.match(r"[项条款点目]", self.shadow[marker.end : marker.end + 1]))
        )

    def _same_text(self, marker: Marker, peer: Node) -> bool:
        return self.shadow[marker.end : marker.end + 12] == self.shadow[peer.body : peer.body + 12]

    def _without_peer(self, marker: Marker, ahead: list[Marker]) -> None:
        rank = self.rank(marker)
        root = self.open[0] if self.open else None
        goes_on = marker.value == self.last.get(marker.style, -1) + 1
        if marker.value == 1:
            if (
                marker.strength == 1
                and not self._in_heading(marker)
                and not (self._after_contents_word(marker) or (self._after_title(marker, ahead)))
            ):
                return
            if root is None and marker.strength < 3 and marker.style in ("shi", "arabic_paren", "circled"):
                return
            if (
                marker.strength == 3
                and marker.style == "arabic"
                and self.shadow[marker.end - 1].isdigit()
                and not self._goes_on(marker, ahead)
            ):
                return
            self.accept(marker, fresh_run=root is not None and rank < root.rank)
        elif goes_on:
            if marker.strength > 1 or self._in_heading(marker):
                self.accept(marker)
        elif (
            (marker.strength == 3 and marker.style in ("han", "han_paren", "chapter", "named"))
            or (
                marker.strength == 2
                and marker.value == 2
                and marker.style in ("han", "chapter")
                and root is None
            )
            or (
                marker.strength == 3
                and marker.style == "arabic"
                and any(
                    m.style == "arabic" and m.strength == 3 and m.value == marker.value + 1 for m in ahead
                )
            )
        ):
            self._first_seen_late(marker, ahead)
        elif marker.style == "han_paren" and (marker.strength == 2 or self._in_heading(marker)):
            # Line breaks lost, and the number before this one too: the numbering must go on behind it.
            follows = any(
                m.style == marker.style and m.strength == 2 and m.value == marker.value + 1
                for m in ahead[:12]
            )
            expected = self.last.get(marker.style, 0) + 1
            if (
                follows
                and expected < marker.value <= expected + 2
                and not self._number_comes_later(expected, marker.style, ahead)
            ):
                self._first_seen_late(marker, ahead)

    def _first_seen_late(self, marker: Marker, ahead: list[Marker]) -> None:
        expected = self.last.get(marker.style, 0) + 1 if marker.style in self.last else 1
        if marker.value > expected + 3 * _LARGEST_JUMP:
            return
        root = self.open[0] if self.open else None
        self.accept(marker, fresh_run=False, above=root is not None and self.rank(marker) < root.rank)
        if marker.value > expected:
            self.gap(marker, expected)

    def _in_heading(self, marker: Marker) -> bool:
        """A number in running text counts only while a heading is still being read (line breaks lost)."""
        if not self.open:
            return False
        since = self.shadow[self.open[-1].body : marker.start]
        if len(since) > _LONGEST_HEADING or re.search(r"[。;!?\n]", since) or not since:
            return False
        if re.search(r"[第之其、]$", since) or re.match(
            r"[一二三四五六七八九十]、", self.shadow[marker.end : marker.end + 2]
        ):
            return False
        return (marker.style != "shi" and self.rank(marker) != self.open[-1].rank) or marker.style in (
            "han",
            "han_paren",
        )

    def _after_label(self, marker: Marker) -> bool:
        """责任单位：市教育局、市妇联三、组织保障: a label's list has no full stop; the next number ends it."""
        before = self.shadow[max(0, marker.start - 120) : marker.start]
        since = re.split(r"[。;\n]", before)[-1]
        if marker.style not in ("han", "han_paren", "named", "arabic") or not re.search(
            r"(?:单位|部门|牵头|配合)[:]", since
        ):
            return False
        return bool(re.search(r"[委局厅办部院会联署府司团位门处镇街]$", since))

    def _after_title(self, marker: Marker, ahead: list[Marker]) -> bool:
        """…实施方案一、总体要求: line breaks lost, the title runs into the first chapter."""
        before = self.shadow[max(0, marker.start - 40) : marker.start]
        if marker.style not in ("han", "chapter", "han_paren", "arabic") or not TITLE_END.search(before):
            return False
        return self._goes_on(marker, ahead) or any(m.style == "han_paren" and m.value == 1 for m in ahead[:2])

    def _after_contents_word(self, marker: Marker) -> bool:
        return bool(re.search(r"目\s?[录次]$", self.shadow[max(0, marker.start - 4) : marker.start]))

    def accept(
        self, marker: Marker, fresh_run: bool = False, above: bool = False, counts_as: int | None = None
    ) -> None:
        rank = self.rank(marker)
        if fresh_run or not self.runs:
            self.runs.append(Run([], marker.start))
            self.open, self.last = [], {}
        while self.open and self.open[-1].rank >= rank:
            self.open.pop()
        parent = self.open[-1] if self.open else None
        node = Node(
            marker.style, counts_as or marker.value, rank, marker.start, marker.end, marker.strength,
            spoilt=marker.spoilt, parent=parent,
        )  # fmt: skip
        (parent.children if parent else self.runs[-1].roots).append(node)
        self.open.append(node)
        self.last[marker.style] = node.value
        for style in [s for s in self.last if RANKS[s] > 3.0 and RANKS[s] > rank]:
            del self.last[style]
        if marker.spoilt:
            written = self.source.text[marker.start : marker.end]
            self.note(
                "marker_spoilt",
                f"编号“{written}”的字形有误，按位置读作第 {marker.value} 项。",
                (marker.start, marker.end),
            )

    def gap(self, marker: Marker, expected: int) -> None:
        missing = (
            f"第 {expected} 项" if marker.value == expected + 1 else f"第 {expected} 至 {marker.value - 1} 项"
        )
        written = self.source.text[marker.start : marker.end]
        self.note("number_gap", f"“{written}”之前缺少{missing}的编号。", (marker.start, marker.end))

    def note(self, code: str, message: str, span: tuple[int, int]) -> None:
        if not self.runs:
            self.runs.append(Run([], span[0]))
        self.runs[-1].notices.append(Notice(code, message, span))


def read_outline(source: Source) -> list[Run]:
    """All runs of numbered items, with the extent of every item set."""
    runs = [run for run in _Automaton(source).read() if run.roots]
    for k, run in enumerate(runs):
        run.end = runs[k + 1].start if k + 1 < len(runs) else len(source.text)
    for run in runs:
        set_extents(run)
    return runs


def set_extents(run: Run) -> None:
    nodes = sorted(run.walk(), key=lambda node: node.start)
    for node, after in zip(nodes, [*nodes[1:], None], strict=True):
        stop = after.start if after else run.end
        node.own_end = min([stop, *(b for b in run.breaks if node.start < b < stop)])
    for node in reversed(nodes):
        node.end = max([node.own_end, *(child.end for child in node.children)])
