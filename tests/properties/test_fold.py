"""The short way through `fold` gives what the long way gives, whatever the text."""

from __future__ import annotations

import re
import sys

from hypothesis import given, settings
from hypothesis import strategies as st

from yimi.lib.text import fold, half_width, visible


def the_long_way(text: str) -> str:
    return re.sub(r"\s+", "", half_width(visible(text))).casefold()


def test_every_character() -> None:
    for code in range(sys.maxunicode + 1):
        text = chr(code)
        assert fold(text) == the_long_way(text) and fold(f"a{text}B") == the_long_way(f"a{text}B"), hex(code)


@settings(derandomize=True, database=None, deadline=None)
@given(st.text())
def test_any_text(text: str) -> None:
    assert fold(text) == the_long_way(text)
