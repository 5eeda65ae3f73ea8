"""How an answer of type `evidence` holds files: the text somebody wrote, then a mark for each file.

A record thus names the very content it was stored with, and a form that asks for evidence is answered by a file
alone. The marks open nothing: that is what attachments are for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_MARKS = re.compile(r"(?:(?:^|\s+)file:[0-9a-f]{16})+\s*$")


def pinned(text: str, digests: Iterable[str]) -> str:
    """The answer: the text and the marks of the files. Marks that somebody typed do not count."""
    return " ".join(part for part in (plain_text(text), *(f"file:{each[:16]}" for each in digests)) if part)


def plain_text(answer: str) -> str:
    """What somebody wrote."""
    return _MARKS.sub("", answer).strip()
