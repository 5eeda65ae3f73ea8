"""Every name that the document gives can be imported."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

DOCUMENT = Path(__file__).resolve().parents[2] / "docs/explanation/what-happens-when.md"
NAMES = sorted(set(re.findall(r"`(yimi\.[a-zA-Z_.]+)`", DOCUMENT.read_text(encoding="utf-8"))))


def test_the_document_names_something() -> None:
    assert len(NAMES) > 30


@pytest.mark.parametrize("name", NAMES)
def test_the_name_exists(name: str) -> None:
    try:
        importlib.import_module(name)
    except ModuleNotFoundError:
        module, _, attribute = name.rpartition(".")
        assert hasattr(importlib.import_module(module), attribute), name
