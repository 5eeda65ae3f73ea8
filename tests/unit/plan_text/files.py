"""Files of the formats offices send, made from text by hand: no writer of .doc or .pdf is among our libraries."""

from __future__ import annotations

import io
import struct
import zipfile
from xml.sax.saxutils import escape

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def docx(paragraphs: list[str | tuple[str, int]], numbering: str = "") -> bytes:
    """A .docx; a pair (text, level) is a paragraph numbered by Word's list 1."""
    body = ""
    for one in paragraphs:
        text, level = one if isinstance(one, tuple) else (one, None)
        numbered = (
            f'<w:pPr><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="1"/></w:numPr></w:pPr>'
            if level is not None
            else ""
        )
        # Word splits runs wherever it pleases.
        half = len(text) // 2
        runs = "".join(
            f'<w:r><w:t xml:space="preserve">{escape(t)}</w:t></w:r>' for t in (text[:half], text[half:])
        )
        body += f"<w:p>{numbered}{runs}</w:p>"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(
            "word/document.xml", f'<w:document xmlns:w="{_W}"><w:body>{body}</w:body></w:document>'
        )
        if numbering:
            archive.writestr("word/numbering.xml", numbering)
    return out.getvalue()


def word_list(levels: list[tuple[str, str]]) -> str:
    """numbering.xml of one list; each level a format and a text such as ("chineseCounting", "%1、")."""
    shown = "".join(
        f'<w:lvl w:ilvl="{k}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for k, (form, text) in enumerate(levels)
    )
    return (
        f'<w:numbering xmlns:w="{_W}"><w:abstractNum w:abstractNumId="0">{shown}</w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>'
    )


def pdf(pages: list[list[str]]) -> bytes:
    """A .pdf with a text layer in a standard Chinese font that is named and not embedded."""
    objects: list[bytes] = [b"<</Type/Catalog/Pages 2 0 R>>", b""]
    font = b"<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts[4 0 R]>>"
    descendant = (
        b"<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/DW 1000"
        b"/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 2>>/FontDescriptor 5 0 R>>"
    )
    descriptor = (
        b"<</Type/FontDescriptor/FontName/STSong-Light/Flags 6/FontBBox[0 -200 1000 900]/ItalicAngle 0"
        b"/Ascent 800/Descent -200/CapHeight 700/StemV 80>>"
    )
    objects += [font, descendant, descriptor]
    kids = []
    for lines in pages:
        shown = (
            b"BT /F1 12 Tf 20 TL 60 780 Td "
            + b" ".join(b"<" + line.encode("utf-16-be").hex().encode() + b"> Tj T*" for line in lines)
            + b" ET"
        )
        content = len(objects) + 1
        objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(shown), shown))
        kids.append(len(objects) + 1)
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>/Contents %d 0 R>>"
            % content
        )
    objects[1] = b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(kids), b" ".join(b"%d 0 R" % k for k in kids))
    out = b"%PDF-1.4\n"
    places = []
    for number, one in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    return out + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)


def doc(text: str) -> bytes:
    """A Word 97 .doc: header, text as UTF-16, a piece table of one piece, in an OLE container."""
    words = text.replace("\n", "\r") + "\r"
    body = words.encode("utf-16-le")
    at = 0x800
    clx = b"\x02" + struct.pack("<I", 16) + struct.pack("<II", 0, len(words)) + struct.pack("<HIH", 0, at, 0)
    fib = bytearray(at)
    struct.pack_into("<HHHHHH", fib, 0, 0xA5EC, 0x00C1, 0, 0x0804, 0, 0x1200)
    struct.pack_into("<H", fib, 12, 0x00BF)
    struct.pack_into("<II", fib, 24, at, at + len(body))
    struct.pack_into("<H", fib, 32, 14)
    struct.pack_into("<H", fib, 62, 22)
    struct.pack_into("<I", fib, 64, at + len(body))
    struct.pack_into("<I", fib, 64 + 4 * 3, len(words))
    struct.pack_into("<H", fib, 152, 93)
    struct.pack_into("<II", fib, 154 + 8 * 33, 0, len(clx))
    return _ole({"WordDocument": bytes(fib) + body, "1Table": clx})


def _ole(streams: dict[str, bytes]) -> bytes:
    """An OLE 2 container, every stream long enough to live in ordinary sectors."""
    sector, end, free = 512, 0xFFFFFFFE, 0xFFFFFFFF
    padded = {
        name: data.ljust(max(4096, -(-len(data) // sector) * sector), b"\0") for name, data in streams.items()
    }
    fat: list[int] = [0xFFFFFFFD]
    starts = {}
    for name, data in padded.items():
        starts[name] = len(fat)
        count = len(data) // sector
        fat += [len(fat) + k + 1 for k in range(count - 1)] + [end]
    directory_start = len(fat)
    fat.append(end)

    def entry(name: str, kind: int, start: int, size: int, child: int = free, right: int = free) -> bytes:
        label = (name + "\0").encode("utf-16-le")
        return (
            label.ljust(64, b"\0") + struct.pack("<HBB", len(label), kind, 1) + struct.pack("<III", free, right, child)
            + bytes(36) + struct.pack("<IQ", start, size)
        )  # fmt: skip

    names = sorted(padded, key=lambda n: (len(n), n.upper()))
    entries = entry("Root Entry", 5, end, 0, child=1)
    for k, name in enumerate(names):
        entries += entry(
            name, 2, starts[name], len(padded[name]), right=k + 2 if k + 1 < len(names) else free
        )
    table = struct.pack(f"<{len(fat)}I", *fat).ljust(sector, b"\xff")
    assert len(table) == sector, "one sector of table holds 128 sectors: make the text shorter"
    header = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(10)
        + struct.pack("<IIIIIIII", 1, directory_start, 0, 4096, end, 0, end, 0) + struct.pack("<I", 0)
    )  # fmt: skip
    header = header.ljust(512, b"\xff")
    return header + table + b"".join(padded.values()) + entries.ljust(sector, b"\0")
