"""What stands around the outline: the notice's number and date, its signatories, and where each plan begins."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field
from datetime import date

from yimi.exchange.plan_text.numerals import han_value
from yimi.exchange.plan_text.outline import KINDS, TITLE_END, TITLE_TAIL, Node, Run
from yimi.exchange.plan_text.source import Source, Span

_TITLE_LINE = re.compile(rf"^.{{2,60}}(?:{KINDS}){TITLE_TAIL}$")
_ANY_KIND = TITLE_END
_QUOTED = re.compile(rf"《([^《》]{{2,60}}?(?:{KINDS}){TITLE_TAIL})》")
_NUMBER = re.compile(r"([\u4e00-\u9fff]{2,16}?)\s?\((?:19|20)\d{2}\)\s?第?\d{1,5}号")
_D = r"[〇零○一二三四五六七八九十\d]"
_DATE = re.compile(rf"({_D}{{4}})年({_D}{{1,3}})月({_D}{{1,3}})日")
_NOTICE_TITLE = re.compile(
    r"关于(?:印发|转发|公布|下发|发布|做好|开展|推进|加快|进一步|深入|实施).{0,120}?的?通知"
)
_AFTER_PLAN = re.compile(
    r"附\s?[件表录]\s?[\d一二三四五六七八九十]*\s?(?:[:].*)?$|抄\s?送[:].*|\(?此件[^。]{0,12}公开|主题词[:]|(?:相关|推荐|延伸)(?:链接|阅读|文章|附件|解读|信息)|"
    r"扫一扫|分享到|打印本页|【?打印|关闭窗口|上一篇|下一篇|责任编辑|版权所有|网站地图|主办单位[:]|附件下载|政策解读[:]?$|.{2,30}(?:办公室|局|委员会)\d{4}年\d{1,2}月\d{1,2}日印发"
)


_SIGNATURE = re.compile(
    rf"(?:{_DATE.pattern}|[\u4e00-\u9fff]{{4,30}}(?:委员会|委|局|厅|办公室|办|部|联合会|政府))$|\(.{{2,12}}公开.{{0,4}}\)$"
)


@dataclass
class Document:
    """One plan in the file: its title, its outline, and the preamble between them."""

    title: str | None
    title_span: Span | None
    run: Run
    start: int
    end: int = 0
    kind: str | None = None


@dataclass
class Frame:
    """The notice around the plans."""

    documents: list[Document]
    contents: list[Run] = field(default_factory=list)
    other_runs: list[Run] = field(default_factory=list)
    notice_title: str | None = None
    notice_span: Span | None = None
    number: str | None = None
    number_span: Span | None = None
    date: str | None = None
    date_span: Span | None = None
    bad_date: Span | None = None
    signatories: list[str] = field(default_factory=list)


def read_frame(source: Source, runs: list[Run]) -> Frame:
    contents = [run for k, run in enumerate(runs) if _is_contents(source, run, runs[k + 1 : k + 4])]
    rest = [run for run in runs if run not in contents]
    frame = Frame([], contents)
    quoted = _quoted_titles(source)
    position = 0
    for run in rest:
        title, span = _title_before(source, position, run.start, quoted)
        document = Document(title, span, run, span[0] if span else run.start, run.end)
        if title and frame.documents and title == frame.documents[-1].title and span is None:
            document.title = None
        frame.documents.append(document)
        position = run.start
    _settle(frame, source)
    _read_notice(frame, source)
    return frame


def _settle(frame: Frame, source: Source) -> None:
    """Runs without a title of their own belong to the plan before them, or are the notice's own points."""
    kept: list[Document] = []
    for document in frame.documents:
        if kept and document.title_span is None and kept[-1].title_span is not None:
            _append(kept[-1], document)
        else:
            kept.append(document)
    titled = [d for d in kept if d.title_span is not None]
    if titled:
        frame.other_runs = [d.run for d in kept if d.title_span is None]
        kept = titled
    elif len(kept) > 1:
        for document in kept[1:]:
            _append(kept[0], document)
        kept = kept[:1]
    for document in kept:
        if document.title:
            found = _ANY_KIND.search(_folded(document.title))
            document.kind = found.group(0) if found else None
    frame.documents = kept
    for first, second in itertools.pairwise(kept):
        _cut(first, second.start)
    for document in kept:
        _cut(document, _tail(source, document))


def _append(document: Document, more: Document) -> None:
    document.run.roots += more.run.roots
    document.run.notices += more.run.notices
    document.run.end = document.end = more.end


def _cut(document: Document, end: int) -> None:
    document.end = document.run.end = min(document.run.end, end)
    _prune(document.run.roots, end)
    document.run.notices = [n for n in document.run.notices if n.span is None or n.span[0] < end]
    for node in document.run.walk():
        node.own_end = min(node.own_end, end)
        node.end = min(node.end, end)


def _prune(nodes: list[Node], end: int) -> None:
    nodes[:] = [node for node in nodes if node.start < end]
    for node in nodes:
        _prune(node.children, end)


def _tail(source: Source, document: Document) -> int:
    """Where the plan ends: before its attachments, the printing office's lines, a web page's furniture."""
    position = source.shadow.find("\n", document.run.start)
    while 0 <= position < document.run.end:
        stop = source.shadow.find("\n", position + 1)
        stop = document.run.end if stop < 0 else min(stop, document.run.end)
        if _AFTER_PLAN.match(source.shadow, position + 1, stop):
            return position + 1
        position = stop if stop < document.run.end else -1
    return _before_signature(source, document)


def _before_signature(source: Source, document: Document) -> int:
    """A notice that is its own plan ends in the issuer's name and the date."""
    lines = source.shadow[document.run.start : document.run.end].rstrip("\n").split("\n")
    kept = len(lines)
    while kept > 1 and len(lines) - kept < 12 and _SIGNATURE.match(lines[kept - 1]):
        kept -= 1
    if not any(_DATE.search(line) for line in lines[kept:]):
        return document.run.end
    return document.run.start + len("\n".join(lines[:kept])) + 1


def _folded(title: str) -> str:
    return Source(title).shadow


# ---- titles ----------------------------------------------------------------------------------------------


def _quoted_titles(source: Source) -> list[str]:
    return list(dict.fromkeys(found.group(1) for found in _QUOTED.finditer(source.shadow)))


def _title_before(source: Source, left: int, right: int, quoted: list[str]) -> tuple[str | None, Span | None]:
    """The last line between two positions that is a plan's title; failing lines, a title quoted elsewhere."""
    best: Span | None = None
    start = left
    for line in source.shadow[left:right].split("\n"):
        end = start + len(line)
        if _is_title_line(line):
            best = _with_line_above(source, left, start, end)
        elif _ANY_KIND.match(line) or (
            len(line) <= 14 and _ANY_KIND.search(line) and not re.search(r"[。,;:《》]", line)
        ):
            joined = _with_line_above(source, left, start, end)
            if joined[0] < start:
                best = joined
        start = end + 1
    if best:
        if source.shadow[best[0]] == "《" and source.shadow[best[1] - 1] == "》":
            best = (best[0] + 1, best[1] - 1)
        return source.text[best[0] : best[1]].replace("\n", ""), best
    for title in quoted:
        at = source.shadow.rfind(title, left, right)
        while at > left and source.shadow[at - 1] in "《〈":
            at = source.shadow.rfind(title, left, at)
        if at >= 0 and not (at > 0 and source.shadow[at - 1] in "《〈"):
            return source.text[at : at + len(title)], (at, at + len(title))
    return _title_in_text(source, left, right)


# With line breaks lost a title ends where its preamble, its contents or its first chapter begins.
_TITLE_IN_TEXT = re.compile(
    rf"([^。;!?,:\n《》]{{4,50}}?(?:{KINDS}){TITLE_TAIL})(?=为(?!主|本|准|核心)|根据|按照|目\s?[录次]|[一—]、|第一[章部]|\(一\)|1[.、]|$)"
)
_BEFORE_TITLE = re.compile(r"^.*(?:通知|附件\d?|\d日|\d号|公开发布\)|公开\)|:)")


def _title_in_text(source: Source, left: int, right: int) -> tuple[str | None, Span | None]:
    best: Span | None = None
    for found in _TITLE_IN_TEXT.finditer(source.shadow, left, right):
        start = found.start(1)
        head = _BEFORE_TITLE.match(found.group(1))
        start += head.end() if head else 0
        if _is_title_line(source.shadow[start : found.end(1)]):
            best = (start, found.end(1))
    return (source.text[slice(*best)], best) if best else (None, None)


def _is_title_line(line: str) -> bool:
    if (
        not 6 <= len(line) <= 70
        or not _TITLE_LINE.match(line.removesuffix("》"))
        or re.search(r"[。;!?,:]", line)
    ):
        return False
    if re.search(
        r"印发|转发|通知|解读|报道|贯彻落实|本(?:方案|计划)|特制定|^附件\d*[:]|^根据|^为|记者|来源", line
    ):
        return False
    whole = line.startswith("《") and line.endswith("》") and line.count("《") == 1
    return line.count("《") == line.count("》") and (whole or not line.startswith("《"))


def _with_line_above(source: Source, left: int, start: int, end: int) -> Span:
    """A title broken over two lines: the line above is short, unpunctuated, and neither date nor attachment."""
    above_end = start - 1
    if above_end <= left:
        return start, end
    above_start = max(source.shadow.rfind("\n", left, above_end) + 1, left)
    above = source.shadow[above_start:above_end]
    if not 2 <= len(above) <= 30 or re.search(r"[。;:!?,、()《》\d]|附件|日$|通知$|目录", above):
        return start, end
    if _ANY_KIND.search(above) or re.search(r"(?:委员会|办公室|局|厅|委|联合会|政府)$", above):
        return start, end
    if end - start >= 12 and not re.search(
        r"(?:[省市区县州旗]|国家|建设|开展|推进|关于|加强|友好|发展|城市|健康)$", above
    ):
        return start, end
    return above_start, end


# ---- contents lists --------------------------------------------------------------------------------------


def _is_contents(source: Source, run: Run, later: list[Run]) -> bool:
    """Headings without a word of text, said again by a later run or announced by 目录."""
    nodes = run.walk()
    if any("。" in source.shadow[node.body : node.own_end] for node in nodes[:-1]) or not later:
        return False
    ends = source.shadow.find("\n", nodes[-1].body)
    ends = len(source.shadow) if ends < 0 else ends
    if "。" in source.shadow[nodes[-1].body : min(ends, nodes[-1].own_end)]:
        return False
    announced = bool(re.search(r"目\s?[录次]\W*$", source.shadow[max(0, run.start - 8) : run.start]))
    if announced:
        return True
    again = {heading_key(source, node) for other in later for node in other.walk()}
    hits = sum(any(key.startswith(known) or known.startswith(key) for known in again if known)
               for key in (heading_key(source, node) for node in nodes) if key)  # fmt: skip
    return len(nodes) >= 2 and hits >= 0.5 * len(nodes)


def heading_key(source: Source, node: Node) -> str:
    line = source.shadow[node.body : node.own_end].split("\n", 1)[0].split("。", 1)[0]
    return re.sub(r"[\s.…·•_-]*\d*$", "", line)[:30]


# ---- number, date, signatories ---------------------------------------------------------------------------


def _read_notice(frame: Frame, source: Source) -> None:
    shadow = source.shadow
    if frame.documents:
        _read_last_date(frame, source)
    first = frame.documents[0].start if frame.documents else min(len(shadow), 4000)
    head_end = frame.documents[0].run.start if frame.documents else min(len(shadow), 4000)
    _read_number(frame, source, head_end)
    title = _NOTICE_TITLE.search(shadow, 0, min(head_end, 1500))
    if title:
        start = max(shadow.rfind("\n", 0, title.start()) + 1, shadow.rfind("。", 0, title.start()) + 1)
        start = start if title.start() - start <= 80 else title.start()
        frame.notice_span = (start, title.end())
        frame.notice_title = source.text[start : title.end()]
    _read_date(frame, source, head_end)
    for line in source.text[:first].split("\n"):
        for name in line.split():
            if (
                6 <= len(name) <= 40
                and re.search(r"(?:委员会|委|局|厅|办|办公室|部|联合会|政府|法院|检察院)$", name)
                and not re.search(r"[，。：；、《》]", name)
                and name not in frame.signatories
            ):
                frame.signatories.append(name)


def _read_last_date(frame: Frame, source: Source) -> None:
    """The date under a notice that is its own plan; one above the plan is read after it and wins."""
    start = frame.documents[-1].end or frame.documents[-1].run.end
    for found in _DATE.finditer(source.shadow, start, start + 200):
        value = iso_date(*found.groups())
        if value:
            frame.date, frame.date_span = value, found.span()
            return


def _read_number(frame: Frame, source: Source, end: int) -> None:
    """The first document number that is not a reference in brackets behind another title."""
    for found in _NUMBER.finditer(source.shadow, 0, end):
        before = source.shadow[max(0, found.start() - 1) : found.start()]
        after = source.shadow[found.end() : found.end() + 1]
        if (before == "(" and after == ")") or source.inside_bracket(found.start()):
            continue
        start = found.start()
        ends = [
            found.group(1).rfind(word) + len(word)
            for word in ("通知", "方案", "文件", "文号")
            if word in found.group(1)
        ]
        start += max(ends, default=0)
        frame.number_span = (start, found.end())
        frame.number = source.text[start : found.end()].replace(" ", "")
        return


def _read_date(frame: Frame, source: Source, end: int) -> None:
    """The date of signature: a date alone on its line first, then any full date outside brackets and titles."""
    spare: tuple[str, Span] | None = None
    for found in _DATE.finditer(source.shadow, 0, end):
        span = found.span()
        value = iso_date(*found.groups())
        if value is None:
            frame.bad_date = frame.bad_date or span
            continue
        line_start = source.shadow.rfind("\n", 0, span[0]) + 1
        line_end = source.shadow.find("\n", span[1])
        line = source.shadow[line_start : line_end if line_end >= 0 else len(source.shadow)]
        if line.strip("() ") == found.group(0):
            frame.date, frame.date_span = value, span
            return
        if source.inside_bracket(span[0]) or re.search(
            r"[《〈][^》]*$", source.shadow[max(0, span[0] - 30) : span[0]]
        ):
            continue
        if spare is None or re.search(
            r"(?:发布|时间|来源)", source.shadow[max(0, spare[1][0] - 8) : spare[1][0]]
        ):
            spare = (value, span)
    if spare:
        frame.date, frame.date_span = spare


def iso_date(year: str, month: str, day: str) -> str | None:
    values = [
        int(part) if part.isascii() and part.isdigit() else han_value(part) for part in (year, month, day)
    ]
    if any(value is None for value in values):
        return None
    try:
        return date(*(value or 0 for value in values)).isoformat()
    except ValueError:
        return None
