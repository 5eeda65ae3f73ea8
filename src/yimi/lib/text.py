"""Text as people type it, made comparable: full-width letters and digits, invisible marks, spaces."""

from __future__ import annotations

import re
import unicodedata

# Zero-width characters, direction marks, byte-order marks, soft hyphen: they make equal names unequal.
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SPACES = re.compile(r"[ \t\u00a0\u2000-\u200a\u3000]+")
# Anything `clean_text` would change: a cell of a large table rarely has it, and one search is cheap.
_UNTIDY = re.compile(
    "[\\x00-\\x1f\\x7f-\\xa0\u00ad\u0300-\u036f\u1680\u2000-\u200f\u2028-\u202e\u205f\u2060-\u2069\u3000\u3099\u309a\ufeff]| {2}|^ | $"
)
# Anything `fold` would take out or exchange, case aside.
_UNFOLDED = re.compile(
    "[\\s\\x00-\\x1f\\x7f-\\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\u3000\ufeff\uff01-\uff5e]"
)
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


def half_width(text: str) -> str:
    """Full-width ASCII to ASCII, the ideographic space to a space; Chinese punctuation and letters stay.

    >>> half_width("１２ｋｇ（男）")
    '12kg(男)'
    """
    return text.translate(_HALF_WIDTH)


def visible(text: str) -> str:
    """Without invisible marks and control characters; line breaks and tabs stay."""
    return _CONTROL.sub("", _INVISIBLE.sub("", text))


def clean_text(text: str) -> str:
    """What a person meant to type: visible characters, single spaces, no space at the ends.

    Characters of names are never exchanged for look-alikes: only combining marks are composed.
    """
    if not _UNTIDY.search(text):
        return text
    shown = visible(text)
    if any(unicodedata.combining(character) for character in shown):
        shown = unicodedata.normalize("NFC", shown)
    return "\n".join(_SPACES.sub(" ", line).strip() for line in shown.splitlines()).strip()


def fold(text: str) -> str:
    """A key for comparing labels and codes: half-width, lower case, no spaces.

    >>> fold(" ＳＥＸ（ 性别 ）") == fold("sex(性别)")
    True
    """
    if not _UNFOLDED.search(text):
        return text.casefold()
    return re.sub(r"\s+", "", half_width(visible(text))).casefold()
