"""Keys that slipped into a text: `en: "licensed pediatrician, aliases: [...]"` reads well and declares nothing.

YAML cannot see it, the schema neither: the alias is gone and its name stands on the screen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from yimi.pack import schema
from yimi.pack.read import Path_

_KEY = re.compile(r"[,，;；]\s*([a-z][a-z0-9_]*)\s*:(?=\s|$)")
_NAMES = frozenset(
    name
    for each in vars(schema).values()
    if isinstance(each, type) and issubclass(each, schema.Declaration)
    for name in each.model_fields
)


def swallowed_keys(value: Any, path: Path_ = ()) -> Iterator[tuple[Path_, str]]:
    """(path of the text, key) for every text in which a key of the schema stands after a comma."""
    if isinstance(value, str):
        found = next((key for key in _KEY.findall(value) if key in _NAMES), None)
        if found:
            yield path, found
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from swallowed_keys(each, (*path, index))
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from swallowed_keys(each, (*path, key))
