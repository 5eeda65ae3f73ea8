"""Damaged places: characters lost, brackets open, text cut off, passages twice. Reported, never mended."""

from __future__ import annotations

import re

from yimi.exchange.plan_text.measures import Measure, Reading
from yimi.exchange.plan_text.source import Notice, Source, Span

_PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]+")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]+")
# UTF-8 read as Latin-1, the classic doubles of a lost code page, and half-width kana runs.
_MOJIBAKE = re.compile(
    r"(?:[\u00c0-\u00ff][\u0080-\u00bf\u2018-\u203a\u0152-\u0192]{1,2}){2,}|(?:锟斤拷)+|(?:烫{3,})|(?:屯{4,})|[\uff61-\uff9f]{3,}"
)
_NOISE = re.compile(
    r"[■□▇▆█▓▒◆◇●○◎★☆¤§¶※╳×÷¬¦|\\^~`#$@&*_={}<>]{2,}|[?？]{3,}|(?<=[\u4e00-\u9fff])[■□▇▓▒◆◇¤¶╳¬¦|\\^`#$@&*_<>](?=[\u4e00-\u9fff])"
)
_STRAY_LATIN = re.compile(r"(?<=[\u4e00-\u9fff]) ?[a-z]{2,12} ?(?=[\u4e00-\u9fff])")
_STRAY_KANA = re.compile(r"[\u3041-\u30fa\u30fd-\u30ff]{1,8}")
_STRAY_QUESTION = re.compile(r"(?<=[\u4e00-\u9fff])\?(?=[\u4e00-\u9fff])")
_MOST = 40


def find_damage(source: Source) -> list[Notice]:
    """Notices on the characters themselves."""
    text = source.text
    notices: list[Notice] = []
    for code, pattern, message in (
        ("replacement_char", re.compile("\ufffd+"), "有无法识别的字符（\ufffd），原文此处已丢失"),
        ("private_use_char", _PRIVATE, "有私用区字符，显示和含义不可靠"),
        ("control_char", _CONTROL, "有控制字符"),
        ("mojibake", _MOJIBAKE, "疑似乱码（编码错误）"),
        ("ocr_noise", _NOISE, "有杂乱符号，疑似识别错误"),
        ("stray_latin", _STRAY_LATIN, "中文中夹有外文词，疑似混入"),
        ("stray_kana", _STRAY_KANA, "有日文假名，疑似识别错误"),
        ("stray_question_mark", _STRAY_QUESTION, "字间有问号，疑似字符丢失"),
    ):
        notices += _spots(text, code, pattern, message)
    notices += _wrong_codepage(text)
    return notices


def _spots(text: str, code: str, pattern: re.Pattern[str], message: str) -> list[Notice]:
    hits = [found.span() for found in pattern.finditer(text)]
    notices = [Notice(code, f"{message}：“{_around(text, span)}”。", span) for span in hits[:_MOST]]
    if len(hits) > _MOST:
        notices.append(Notice(code, f"{message}，另有 {len(hits) - _MOST} 处未逐一列出。"))
    return notices


def _around(text: str, span: Span, reach: int = 8) -> str:
    return text[max(0, span[0] - reach) : span[1] + reach].replace("\n", "⏎")


def _wrong_codepage(text: str) -> list[Notice]:
    """UTF-8 read as GBK: hardly any common character, many rare ones."""
    han = [c for c in text if "\u4e00" <= c <= "\u9fff"]
    rare = sum(c in "鍎跨鍙嬪ソ鐨勫競鏂规鍖虹骞達紝銆佸拰宸ヤ綔閮ㄩ棬璐熻矗" for c in han)
    common = sum(c in "的和工作部门市区发展建设实施" for c in han)
    if len(han) >= 40 and rare > 3 * (common + 1) and rare >= 0.15 * len(han):
        return [
            Notice("mojibake", "全文疑似乱码：UTF-8 文本被当作 GBK 读取后另存。", (0, min(len(text), 40)))
        ]
    return []


def find_brackets(source: Source, areas: list[Span]) -> list[Notice]:
    """Unbalanced brackets inside the plans."""
    notices = []
    for position in source.unbalanced:
        if any(start <= position < end for start, end in areas):
            what = "缺少右括号" if source.shadow[position] == "(" else "缺少左括号"
            span = (position, position + 1)
            notices.append(
                Notice(
                    "unbalanced_bracket", f"括号不成对，{what}：“{_around(source.text, span, 12)}”。", span
                )
            )
    return notices


def find_cuts(source: Source, reading: Reading, area: Span) -> list[Notice]:
    """Items without text, passages twice, an end that is no end, a missing clause among items that have one."""
    notices = _clauses_missing(source, reading.measures)
    seen: dict[str, Measure] = {}
    for measure in reading.measures:
        text = re.sub(r"\s", "", measure.text(source))
        if len(text) < 2:
            notices.append(Notice("empty_item", f"条目“{measure.number}”没有内容。", measure.span))
        elif len(text) >= 20 and text in seen:
            notices.append(
                Notice(
                    "repeated_text",
                    f"条目“{measure.number}”与“{seen[text].number}”文字完全相同。",
                    measure.text_span,
                )
            )
        seen.setdefault(text, measure)
    return notices + _repeated_paragraphs(source, area) + _cut_off(source, reading, area)


def _clauses_missing(source: Source, measures: list[Measure]) -> list[Notice]:
    with_clause = [m for m in measures if m.clauses]
    if len(with_clause) * 2 < len(measures) or not with_clause:
        return []
    return [
        Notice(
            "no_clause",
            f"“{m.title}”没有读到责任单位，而其他条目有。",
            (max(m.text_span[1] - 20, m.text_span[0]), m.text_span[1]),
        )
        for m in measures
        if not m.clauses
    ]


def _repeated_paragraphs(source: Source, area: Span) -> list[Notice]:
    notices = []
    seen: set[str] = set()
    start = area[0]
    for line in source.text[area[0] : area[1]].split("\n"):
        if len(line) >= 60 and line in seen:
            notices.append(
                Notice("repeated_text", "整段文字重复出现，疑似重复扫描或粘贴。", (start, start + len(line)))
            )
        seen.add(line)
        start += len(line) + 1
    return notices


def _cut_off(source: Source, reading: Reading, area: Span) -> list[Notice]:
    """The last item stops in the middle: no full stop and no clause, or inside a bracket."""
    if not reading.measures:
        return []
    last = max(reading.measures, key=lambda m: m.span)
    end = last.span[1]
    tail = source.shadow[last.span[0] : end].rstrip(" \n\"'")
    if not tail or end < area[1] - 400:
        return []
    closed = last.clauses and last.clauses[-1].form != "broken"
    if closed or tail[-1] in "。!?;)":
        return []
    if "。" not in tail and len(tail) <= 60 and not any("。" in m.text(source) for m in reading.measures):
        return []
    stop = last.span[0] + len(tail)
    return [
        Notice(
            "truncated",
            f"文末不完整，停在“{source.text[max(0, stop - 15) : stop]}”。",
            (max(0, stop - 15), stop),
        )
    ]


def find_clause_notes(source: Source, measures: list[Measure]) -> list[Notice]:
    """What clauses themselves leave open."""
    notices: list[Notice] = []
    for m in measures:
        for clause in m.clauses:
            span = clause.outer
            if clause.open_ended:
                notices.append(
                    Notice("not_exhaustive", f"“{m.title}”的责任单位以“等”结尾，未列全。", span, "info")
                )
            if clause.stray_separator:
                notices.append(
                    Notice(
                        "stray_separator", f"“{m.title}”的责任单位中有多余的顿号或逗号，可能漏列单位。", span
                    )
                )
            if clause.form == "broken":
                notices.append(
                    Notice("clause_broken", f"“{m.title}”的责任分工括号不成对，按文字读出。", span)
                )
            if clause.form == "sentence":
                notices.append(
                    Notice("clause_unbracketed", f"“{m.title}”的责任分工没有括号，按末句读出。", span, "info")
                )
            for bad in clause.unreadable:
                notices.append(
                    Notice(
                        "clause_unreadable",
                        f"“{m.title}”的责任分工中有读不懂的部分：“{source.text[bad[0] : bad[1]][:30]}”。",
                        bad,
                    )
                )
            for one in clause.assignments:
                if one.named.doubtful:
                    notices.append(
                        Notice(
                            "body_doubtful", f"“{one.named.written}”{one.named.doubtful}。", one.named.span
                        )
                    )
                if one.named.carried:
                    notices.append(
                        Notice(
                            "prefix_carried",
                            f"“{one.named.written}”承前读作“{one.named.name}”。",
                            one.named.span,
                            "info",
                        )
                    )
                if re.match(r"[省市县区镇乡]、[省市县区镇乡]", one.named.name):
                    notices.append(
                        Notice(
                            "compound_body", f"“{one.named.name}”含多级单位，未拆分。", one.named.span, "info"
                        )
                    )
    return notices
