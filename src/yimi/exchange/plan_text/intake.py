"""From the bytes of a file to raw text with line breaks. What a file is is seen from its content."""

from __future__ import annotations

import io
import re
import subprocess
import zipfile
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from shutil import which

from yimi.exchange.plan_text.source import Notice
from yimi.lib.errors import BadInput

# The most frequent characters of official Chinese; a decoding that shows few of them is the wrong one.
_COMMON = frozenset(
    "的和发展建设工作儿童服务区市县省委局推进加强实施方案责任单位负责按职分政府人民社会教育健康年在为与及等"
    "一二三四五六七八九十到以上中国城乡完善提升机制体系保障管理，。、（）：《》"
    "發建設兒務區縣委進強實責單負職教會為與體機統黨關國"
)
_LARGEST_BYTES = 40_000_000


@dataclass
class Raw:
    """Text as the file gives it, how it was read, and what was seen on the way."""

    text: str
    kind: str
    encoding: str | None = None
    # True where each line is a paragraph by construction (Word, HTML): lines are not joined then.
    paragraphs: bool = False
    notices: list[Notice] = field(default_factory=list)


def read_bytes(data: bytes, name: str = "") -> Raw:
    """Raw text of a .txt, .html, .docx, .doc or .pdf file, recognized by content. Raises BadInput."""
    if not data.strip(b"\0\r\n\t "):
        raise BadInput(f"文件 {name or '-'} 是空的，请提供方案的文本文件。")
    if len(data) > _LARGEST_BYTES:
        raise BadInput(f"文件 {name} 超过 40 MB，不像一份方案文本；请只保留方案正文后再读入。")
    head = data[:1024].lstrip()
    if data.startswith(b"PK\x03\x04"):
        return _read_docx(data, name)
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _read_doc(data, name)
    if b"%PDF-" in data[:1024]:
        return _read_pdf(data, name)
    if head.startswith(b"{\\rtf"):
        raise BadInput(f"{name} 是 RTF 文件，暂不支持；请另存为 .docx 或 .txt 后再读入。")
    if data[:8].startswith((b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*")):
        raise BadInput(f"{name} 是图片，没有文字可读；请先识别成文字并人工核对后再读入。")
    text, encoding, notices = decode(data)
    if _looks_html(text):
        return Raw(_html_text(text), "html", encoding, paragraphs=True, notices=notices)
    return Raw(text, "txt", encoding, notices=notices)


def read_file(path: Path) -> Raw:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadInput(f"无法打开文件 {path.name}：{error.strerror or error}。") from error
    return read_bytes(data, path.name)


def decode(data: bytes) -> tuple[str, str, list[Notice]]:
    """Text, encoding and notices: a byte-order mark first, then the decoding that reads like Chinese."""
    for mark, name in (
        (b"\xef\xbb\xbf", "utf-8-sig"),
        (b"\xff\xfe\0\0", "utf-32"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if data.startswith(mark):
            text = data.decode(name, errors="replace")
            return text, name, _bad_bytes(text, data, name)
    try:
        return data.decode("utf-8"), "utf-8", []
    except UnicodeDecodeError:
        pass
    best = max(
        ("utf-8", "gb18030", "big5", "utf-16-le", "utf-16-be"), key=lambda name: _plausible(data, name)
    )
    text = data.decode(best, errors="replace")
    return text, best, _bad_bytes(text, data, best)


def _plausible(data: bytes, encoding: str) -> float:
    sample = data[: 200_000 // 2 * 2].decode(encoding, errors="replace")
    if not sample:
        return 0.0
    good = sum(c in _COMMON for c in sample)
    bad = sum(c == "\ufffd" or "\ue000" <= c <= "\uf8ff" or (c < " " and c not in "\r\n\t\f") for c in sample)
    return (good - 3 * bad) / len(sample)


def _bad_bytes(text: str, data: bytes, encoding: str) -> list[Notice]:
    lost = text.count("\ufffd") - data.count("\ufffd".encode(encoding.removesuffix("-sig"), errors="ignore"))
    if lost <= 0:
        return []
    return [
        Notice("decode_errors", f"按 {encoding} 解码时有 {lost} 处字节无法识别，原样记为 \ufffd，未作猜测。")
    ]


# ---- HTML ------------------------------------------------------------------------------------------------

_BLOCKS = frozenset(
    [
        "p",
        "div",
        "br",
        "tr",
        "li",
        "ul",
        "ol",
        "table",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "section",
        "article",
        "header",
        "footer",
        "title",
        "dd",
        "dt",
        "hr",
        "blockquote",
        "center",
        "pre",
        "body",
        "html",
    ]
)
_SKIPPED = frozenset(
    ["script", "style", "head", "nav", "noscript", "template", "svg", "select", "button", "form", "iframe"]
)


def _looks_html(text: str) -> bool:
    head = text[:4000].lower()
    if re.search(r"<!doctype html|<html[\s>]|<body[\s>]", head):
        return True
    tags = len(
        re.findall(r"</?(?:p|div|span|br|table|td|tr|h[1-6]|strong|b|a|li)\b[^<>]*>", text[:200_000], re.I)
    )
    return tags >= 4


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.skipping: list[str] = []
        self.preformatted = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SKIPPED:
            self.skipping.append(tag)
        elif tag in _BLOCKS:
            self.parts.append("\n")
            self.preformatted += tag == "pre"
        elif tag in ("td", "th"):
            self.parts.append("\t")

    def handle_endtag(self, tag: str) -> None:
        if tag in self.skipping:
            # A page with an unclosed <nav> still ends it here: everything opened after it is closed too.
            while self.skipping.pop() != tag:
                pass
        elif tag in _BLOCKS:
            self.parts.append("\n")
            self.preformatted = max(0, self.preformatted - (tag == "pre"))

    def handle_data(self, data: str) -> None:
        if not self.skipping:
            self.parts.append(data if self.preformatted else re.sub(r"[\r\n\t ]+", " ", data))


def _html_text(markup: str) -> str:
    reader = _Text()
    # A body tag or a paragraph ends a head somebody forgot to close.
    reader.feed(re.sub(r"(?i)<body", "</head></nav></form><body", markup, count=1))
    reader.close()
    text = "".join(reader.parts)
    if len(text.strip()) < 20:
        text = re.sub(r"<[^<>]*>", "\n", markup)
    return text


# ---- Word and PDF ----------------------------------------------------------------------------------------


def _read_docx(data: bytes, name: str) -> Raw:
    from yimi.exchange.plan_text.word import docx_text

    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        names = set(archive.namelist())
    except zipfile.BadZipFile as error:
        raise BadInput(f"{name} 已损坏（不完整的 .docx），请重新下载或另存后再读入。") from error
    if "word/document.xml" not in names:
        raise BadInput(
            f"{name} 是压缩文件或表格，不是 Word 文档；请提供 .docx、.doc、.pdf、.txt 或网页文本。"
        )
    try:
        text = docx_text(archive)
    except (KeyError, SyntaxError, zipfile.BadZipFile, OSError, ValueError) as error:
        raise BadInput(f"{name} 的正文无法读取（文件损坏），请重新下载或另存后再读入。") from error
    return Raw(text, "docx", paragraphs=True)


def _read_doc(data: bytes, name: str) -> Raw:
    text = ""
    try:
        from office_oxide import Document

        with Document.from_bytes(data, "doc") as document:
            text = document.plain_text()
    except Exception:
        # The reader raises its own kinds for each sort of damage; antiword gets a try before giving up.
        text = ""
    if len(text.strip()) < 20:
        text = _antiword(data) or text
    if len(text.strip()) < 20:
        raise BadInput(f"{name} 的正文无法读取（不是 Word 文档，或已加密、损坏），请另存为 .docx 后再读入。")
    return Raw(re.sub(r"[\r\x07\x0b]", "\n", text), "doc", paragraphs=True)


def _antiword(data: bytes) -> str:
    program = which("antiword")
    if not program:
        return ""
    done = subprocess.run(
        [program, "-m", "UTF-8.txt", "-w", "0", "-"], input=data, capture_output=True, timeout=60
    )
    return done.stdout.decode("utf-8", errors="replace") if done.returncode == 0 else ""


def _read_pdf(data: bytes, name: str) -> Raw:
    import pdfplumber

    try:
        with pdfplumber.open(io.BytesIO(data)) as document:
            pages = [page.extract_text(layout=False) or "" for page in document.pages]
    except Exception as error:
        raise BadInput(f"{name} 无法作为 PDF 打开（损坏或加密），请另存后再读入。") from error
    text = "\f".join(pages)
    if len(re.sub(r"\s", "", text)) < 20 * max(1, len(pages)) ** 0.5:
        raise BadInput(f"{name} 是扫描件，没有文字层；请先识别成文字并人工核对后再读入。")
    return Raw(text, "pdf")
