"""What a file is by its first bytes and its insides; its name is only what people call it."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath

MAX_BYTES = 10 * 1024 * 1024
MAX_FILES = 6  # of one field
NAME_LENGTH = 120
_OFFICE = "application/vnd.openxmlformats-officedocument."


@dataclass(frozen=True)
class Kind:
    media_type: str
    endings: tuple[str, ...]  # the first is the usual one


KINDS = {
    "jpeg": Kind("image/jpeg", (".jpg", ".jpeg")),
    "png": Kind("image/png", (".png",)),
    "pdf": Kind("application/pdf", (".pdf",)),
    "docx": Kind(_OFFICE + "wordprocessingml.document", (".docx",)),
    "xlsx": Kind(_OFFICE + "spreadsheetml.sheet", (".xlsx",)),
}
ACCEPT = ",".join(
    [each.media_type for each in KINDS.values()] + [end for each in KINDS.values() for end in each.endings]
)


def kind_of(content: bytes) -> str | None:
    """A key of KINDS; None for everything else, a document with macros included."""
    if content.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content.startswith(b"%PDF-"):
        return "pdf"
    return _office(content) if content.startswith(b"PK\x03\x04") else None


def _office(content: bytes) -> str | None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError):
        return None
    if "[Content_Types].xml" not in names or any(name.endswith("vbaProject.bin") for name in names):
        return None
    if "word/document.xml" in names:
        return "docx"
    return "xlsx" if "xl/workbook.xml" in names else None


def shown_name(name: str, kind: str) -> str:
    """The name without folders and control characters, with the ending of what the file really is."""
    last = PurePosixPath(name.replace("\\", "/")).name
    plain = "".join(each for each in last if unicodedata.category(each)[0] != "C")
    plain = re.sub(r"\s+", " ", plain).strip(" .")
    endings = KINDS[kind].endings
    if plain.lower().endswith(endings):
        stem, ending = plain[: plain.rfind(".")], plain[plain.rfind(".") :]
    else:
        stem, ending = plain, endings[0]
    return (stem or "file")[: NAME_LENGTH - len(ending)] + ending
