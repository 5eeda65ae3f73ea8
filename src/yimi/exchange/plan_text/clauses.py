"""The responsibility clause at the end of an item: found by balanced brackets, read by its role words.

牵头、主办 name a lead; 配合、参与、协助 a support; 负责、责任单位 and bare lists are joint: no lead is named
there, and none is invented.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left
from dataclasses import dataclass, field

from yimi.exchange.plan_text.bodies import BodyList, Named, is_strong, split_list
from yimi.exchange.plan_text.source import Source, Span

_STOP = r"(?=$|[,;。、)\s\n]|$)"
_ROLE_WORDS: tuple[tuple[str, str], ...] = (
    ("lead", r"(?:等)?(?:共同|联合|分别|负责)?(?:总?牵头|主办|主牵)(?:会同)?(?:负责|组织实施|组织|推进|落实|实施|抓总|单位|协调|抓落实|,?按职责分工负责)?"),
    ("support", r"(?:积极|共同|分别|负责|做好|按职责|按职责分工|按照职责分工|予以|密切)*(?:配合|参与|协助|协办|协同|支持|参加|协作)(?:实施|落实|推进|做好|工作|配合|负责)*"),
    ("joint", r"(?:按照?|根据|依照|依|依据|结合)(?:各自)?(?:工作)?(?:职责|职能|任务|权限|分工|实际)(?:任务)?(?:范围)?(?:和)?(?:分工|职责)?(?:内)?(?:的)?(?:要求)?,?(?:协同|共同|分别|各自|组织|抓好|具体|做好|牵头)*(?:负责|落实|推进|实施|承担|组织实施|分工)?"),
    ("joint", r"(?:共同|分别|具体|统筹|组织|主要|抓好|全面|各自)*(?:负责|落实|组织实施|贯彻落实|推进落实|推进实施|承办|承担|指导|统筹|监督|实施|推进|为主)(?:实施|落实|推进|组织实施|指导)?"),
)  # fmt: skip
_ROLES = re.compile("|".join(f"(?P<r{k}>{pattern}){_STOP}" for k, (_, pattern) in enumerate(_ROLE_WORDS)))
_LABELS: tuple[tuple[str, str], ...] = (
    ("lead", r"(?:总?牵头|主办|主牵头)(?:责任)?(?:单位|部门|处室|科室)?|牵头负责(?:单位|部门)?"),
    ("support", r"(?:配合|协办|协作|协同|参与|参加|支持|协助)(?:责任)?(?:单位|部门|处室)?"),
    ("joint", r"(?:主要|共同)?(?:责任|负责|主责|承办|实施|落实|完成|组织)(?:单位|部门|主体|机构)(?:及部门|和部门)?|责任分工|任务分工|分工|责任|指导单位|监督单位"),
    ("time", r"(?:完成)?(?:时限|时间|期限)(?:要求|节点)?|完成时限|进度安排|联系人|联系电话"),
)  # fmt: skip
_LABEL = re.compile(
    "|".join(rf"(?P<l{k}>(?:{pattern}))(?:\s?[:]|为[:]?)" for k, (_, pattern) in enumerate(_LABELS))
)
_CLAUSE_WORDS = re.compile(
    rf"(?:牵头|主办|负责|配合|协办|按职责|责任单位|分工|参与|落实|协助|实施|承办|支持|指导|统筹|推进){_STOP}"
)
_LABEL_LINE = re.compile(
    r"(?:^|(?<=[\n。;)]))[\"']?((?:牵头|主办|责任|负责|主责|主要责任|实施|落实|配合|协办|参与)(?:责任)?(?:单位|部门|主体)(?:及分工)?[:])"
)
# 排在第一位的为牵头单位，下同: a remark on all clauses, for a person to apply.
_REMARK = re.compile(r"下同|第一位|首位|排名|排在|列第|不再(?:列|做|作)|为牵头|以下简称|详见|另有")
_LONGEST_NAME = 40


@dataclass(frozen=True)
class Assignment:
    """One body in one clause. `duty` is the role word's sense; `role` says territorial or group where it is one."""

    named: Named
    duty: str
    confidence: float

    @property
    def role(self) -> str:
        return self.duty if self.named.kind == "body" else self.named.kind


@dataclass
class Clause:
    """A clause with its place. `outer` includes brackets; `closing` when nothing but a mark follows it."""

    outer: Span
    inner: Span
    form: str
    assignments: list[Assignment] = field(default_factory=list)
    open_ended: bool = False
    stray_separator: bool = False
    unreadable: list[Span] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.assignments)


def find_clauses(source: Source, start: int, end: int) -> list[Clause]:
    """All clauses within an item's own text, in order."""
    found: list[Clause] = []
    first, last = bisect_left(source.openings, start), bisect_left(source.openings, end)
    for opening in source.openings[first:last]:
        closing = source.pairs[opening]
        if closing < end and not (found and opening < found[-1].outer[1]):
            clause = _bracketed(source, opening, closing, end)
            if clause:
                found.append(clause)
    for clause in [
        *_label_lines(source, start, end),
        *_broken(source, start, end),
        *_bare_sentence(source, start, end),
    ]:
        if not any(c.outer[0] < clause.outer[1] and clause.outer[0] < c.outer[1] for c in found):
            found.append(clause)
    return sorted(found, key=lambda clause: clause.outer)


def is_closing(source: Source, clause: Clause, end: int) -> bool:
    return not source.shadow[clause.outer[1] : end].strip(" 。;,.\n\t\"'")


def _bracketed(source: Source, opening: int, closing: int, end: int) -> Clause | None:
    inner = source.shadow[opening + 1 : closing]
    if len(inner) < 3:
        return None
    by_words = bool(_CLAUSE_WORDS.search(inner) or _LABEL.match(inner.lstrip()))
    before = source.shadow[:opening].rstrip()[-1:]
    after = source.shadow[closing + 1 : closing + 2]
    set_apart = (before in "。;!?:)\n" or not before) or after in "。;\n" or closing + 1 >= end
    if not by_words and not (set_apart and _only_bodies(source, opening + 1, closing)):
        return None
    clause = read_clause(source, opening + 1, closing, "bracket")
    clause.outer = (opening, closing + 1)
    good = [a for a in clause.assignments if a.named.doubtful is None]
    if not good or (not set_apart and len(good) < len(clause.assignments)):
        return None
    if (
        by_words
        and not any(is_strong(source.shadow[slice(*a.named.span)]) for a in clause.assignments)
        and len(good) < 2
    ):
        # （学校负责） inside a sentence explains something; it assigns nothing.
        return clause if set_apart else None
    return clause


def _only_bodies(source: Source, start: int, end: int) -> bool:
    names = split_list(source, start, end).names
    return bool(names) and all(is_strong(source.shadow[slice(*n.span)]) or n.carried for n in names)


def _label_lines(source: Source, start: int, end: int) -> list[Clause]:
    """责任单位：… on a line of its own or after a full stop, without brackets."""
    found: list[Clause] = []
    position = start
    while hit := _LABEL_LINE.search(source.shadow, position, end):
        stop = source.shadow.find("\n", hit.start(1), end)
        stop = end if stop < 0 else stop
        full_stop = source.shadow.find("。", hit.start(1), stop)
        stop = full_stop if full_stop >= 0 else stop
        if not source.inside_bracket(hit.start(1)):
            clause = read_clause(source, hit.start(1), stop, "label")
            if clause.assignments:
                if found and not source.shadow[found[-1].outer[1] : hit.start(1)].strip(" 。;\n"):
                    _extend(found[-1], clause)
                else:
                    found.append(clause)
        position = max(stop, hit.end())
    return found


def _extend(first: Clause, more: Clause) -> None:
    first.outer = (first.outer[0], more.outer[1])
    first.inner = (first.inner[0], more.inner[1])
    first.assignments += more.assignments
    first.open_ended |= more.open_ended
    first.unreadable += more.unreadable


def _broken(source: Source, start: int, end: int) -> list[Clause]:
    """A clause that lost one of its brackets, at the end of a paragraph or the item."""
    found = []
    first, last = bisect_left(source.unbalanced, start), bisect_left(source.unbalanced, end)
    for position in source.unbalanced[first:last]:
        if source.shadow[position] == "(":
            stop = source.shadow.find("\n", position, end)
            inner = (position + 1, end if stop < 0 else stop)
            outer = (position, inner[1])
        else:
            left = max(source.shadow.rfind(c, start, position) for c in "。;\n") + 1
            inner = (max(left, start), position)
            outer = (inner[0], position + 1)
        text = source.shadow[slice(*inner)]
        if (
            len(text) > 400
            or not re.search(rf"(?:负责|牵头|配合|落实|参与){_STOP}", text.rstrip(" 。;\n"))
            or "。" in text.rstrip("。\n ")
        ):
            continue
        clause = read_clause(source, *inner, "broken")
        clause.outer = outer
        if clause.assignments and all(a.named.doubtful is None for a in clause.assignments):
            found.append(clause)
    return found


def _bare_sentence(source: Source, start: int, end: int) -> list[Clause]:
    """A last sentence that is nothing but bodies and a role word, its brackets both lost or never written."""
    stop = end
    while stop > start and source.shadow[stop - 1] in " 。;\n\t":
        stop -= 1
    left = max(source.shadow.rfind(c, start, stop) for c in "。;\n)") + 1
    if left <= start or stop - left > 200 or stop - left < 5:
        return []
    text = source.shadow[left:stop]
    if "(" in text and text.count("(") != text.count(")"):
        return []
    if not re.search(r"(?:负责|牵头|配合)$", text):
        return []
    clause = read_clause(source, left, stop, "sentence")
    names = clause.assignments
    if not names or any(
        not is_strong(source.shadow[slice(*a.named.span)]) and not a.named.carried for a in names
    ):
        return []
    return [clause]


# ---- inside a clause -------------------------------------------------------------------------------------


def read_clause(source: Source, start: int, end: int, form: str) -> Clause:
    """Bodies and duties between two positions, segment by segment."""
    clause = Clause((start, end), (start, end), form)
    base = {"bracket": 0.97, "label": 0.95, "broken": 0.7, "sentence": 0.75}[form]
    duty: str | None = None
    for left, right in _segments(source, start, end):
        label = _label_at(source, left, right)
        if label:
            duty, left = label
        elif right - left and not _LABEL.search(source.shadow, left, right) and form != "label":
            duty = None if not _carries_on(source, left, right) else duty
        if duty == "time":
            continue
        _read_segment(source, left, right, duty, base, clause)
    _drop_repeats(clause)
    return clause


def _carries_on(source: Source, left: int, right: int) -> bool:
    """After a label a segment without its own role word still answers that label."""
    return _ROLES.search(source.shadow, left, right) is None


def _segments(source: Source, start: int, end: int) -> list[Span]:
    """Cut at ; 。 line breaks and before labels, outside inner brackets."""
    cuts = [start]
    depth = 0
    inside_label = start
    for i in range(start, end):
        c = source.shadow[i]
        depth += (c == "(") - (c == ")")
        if depth == 0 and c in ";。\n":
            cuts.append(i + 1)
        elif depth == 0 and i >= inside_label and (found := _LABEL.match(source.shadow, i, end)):
            # 市住建局责任单位：… — the space between was lost; a label with its colon still cuts.
            inside_label = found.end()
            if i > start and i not in cuts:
                cuts.append(i)
    edges = [*cuts, end]
    return [(a, b) for a, b in itertools.pairwise(edges) if a < b]


def _label_at(source: Source, left: int, right: int) -> tuple[str, int] | None:
    skip = left
    while skip < right and source.shadow[skip] in " \n\t,、":
        skip += 1
    found = _LABEL.match(source.shadow, skip, right)
    if not found:
        return None
    for k, (duty, _) in enumerate(_LABELS):
        if found.group(f"l{k}") is not None:
            return duty, found.end()
    return None


def _read_segment(
    source: Source, left: int, right: int, duty: str | None, base: float, clause: Clause
) -> None:
    while right > left and source.shadow[right - 1] in " ;。,\n\t":
        right -= 1
    position = left
    for found in _role_words(source, left, right):
        role = next(_ROLE_WORDS[k][0] for k in range(len(_ROLE_WORDS)) if found.group(f"r{k}") is not None)
        names_end = found.start()
        if names_end > position:
            _take(source, position, names_end, role, base, clause)
        position = found.end()
        while position < right and source.shadow[position] in ",、 ;":
            position += 1
    if position < right:
        rest = duty or "joint"
        _take(source, position, right, rest, base - (0.0 if duty else 0.15), clause)


def _role_words(source: Source, left: int, right: int) -> list[re.Match[str]]:
    """Role words outside inner brackets; a word that is part of a name has no mark behind it."""
    text = source.shadow
    found = []
    for hit in _ROLES.finditer(text[:right], left):
        depth = text.count("(", left, hit.start()) - text.count(")", left, hit.start())
        if depth <= 0 and hit.end() > hit.start():
            found.append(hit)
    return found


def _take(source: Source, start: int, end: int, duty: str, confidence: float, clause: Clause) -> None:
    start = _past_opening_words(source, start, end)
    read: BodyList = split_list(source, start, end)
    clause.open_ended |= read.open_ended
    clause.stray_separator |= read.stray_separator
    for named in read.names:
        if _REMARK.search(source.shadow, *named.span):
            clause.unreadable.append(named.span)
            continue
        if named.doubtful and (len(named.written) > _LONGEST_NAME or "。" in named.written):
            clause.unreadable.append(named.span)
            continue
        sure = confidence - (0.05 if named.carried else 0.0) - (0.35 if named.doubtful else 0.0)
        clause.assignments.append(Assignment(named, duty, round(max(sure, 0.2), 2)))


def _past_opening_words(source: Source, start: int, end: int) -> int:
    while start < end:
        found = re.compile(r"[\s,、]+|由(?=[^、,]{2})|并?会同|并由|其中[,:]?|联合(?=[省市区县各])|请").match(
            source.shadow, start, end
        )
        if not found or found.end() >= end:
            return start
        start = found.end()
    return start


def _drop_repeats(clause: Clause) -> None:
    kept: list[Assignment] = []
    for one in clause.assignments:
        same = next((k for k in kept if k.named.name == one.named.name), None)
        if same is None:
            kept.append(one)
    clause.assignments = kept
