"""The Chinese catalogue without gettext's programs: read the msgids of templates and tags, compile the .po.

`python -m yimi.sites.specimen.messages` writes `django.mo` beside `django.po` and says what is missing in it
or no longer used. The book's test calls the same functions, so a page cannot gain a word without its Chinese.
"""

from __future__ import annotations

import ast
import re
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

SITES = Path(__file__).resolve().parents[1]
CATALOGUE = SITES / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"

_CALL = re.compile(r"""\b(?:n?gettext(?:_lazy)?|_)\(\s*u?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")


def used() -> set[str]:
    """Every msgid of the sites' templates and Python files."""
    found: set[str] = set()
    for path in sorted(SITES.rglob("*.html")):
        found |= set(_calls(_as_python(path.read_text(encoding="utf-8"))))
    for path in sorted(SITES.rglob("*.py")):
        if "specimen" not in path.parts:
            found |= set(_calls(path.read_text(encoding="utf-8")))
    return found


def _as_python(template: str) -> str:
    from django.utils.translation.template import templatize

    # Tags inside a component's attributes are seen by the template lexer like any other.
    return templatize(template)


def _calls(source: str) -> Iterator[str]:
    for match in _CALL.finditer(source):
        yield ast.literal_eval(match.group(1))


def catalogue(path: Path = CATALOGUE) -> dict[str, str]:
    """msgid → msgstr of a .po file (no plurals and no contexts are used here)."""
    entries: dict[str, str] = {}
    msgid, target = "", ""
    parts: dict[str, list[str]] = {"msgid": [], "msgstr": []}

    def close() -> None:
        nonlocal msgid
        if parts["msgid"] or parts["msgstr"]:
            entries["".join(parts["msgid"])] = "".join(parts["msgstr"])
        parts["msgid"], parts["msgstr"] = [], []

    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("msgid "):
            close()
            target = "msgid"
            parts[target].append(ast.literal_eval(line[6:]))
        elif line.startswith("msgstr "):
            target = "msgstr"
            parts[target].append(ast.literal_eval(line[7:]))
        elif line.startswith('"'):
            parts[target].append(ast.literal_eval(line))
    close()
    return entries


def compiled(entries: dict[str, str]) -> bytes:
    """The bytes of the .mo file: the GNU format, little-endian, sorted by msgid."""
    pairs = sorted((k.encode(), v.encode()) for k, v in entries.items() if v)
    count = len(pairs)
    start = 28 + 16 * count
    ids = b"".join(k + b"\0" for k, _ in pairs)
    texts = b"".join(v + b"\0" for _, v in pairs)
    table_ids, table_texts, at_id, at_text = b"", b"", start, start + len(ids)
    for key, value in pairs:
        table_ids += struct.pack("<II", len(key), at_id)
        table_texts += struct.pack("<II", len(value), at_text)
        at_id += len(key) + 1
        at_text += len(value) + 1
    head = struct.pack("<Iiiiiii", 0x950412DE, 0, count, 28, 28 + 8 * count, 0, start)
    return head + table_ids + table_texts + ids + texts


def main() -> int:
    entries = catalogue()
    CATALOGUE.with_suffix(".mo").write_bytes(compiled(entries))
    words = used()
    missing = sorted(words - {k for k, v in entries.items() if v})
    spare = sorted(set(entries) - words - {""})
    sys.stdout.write(f"{len(words)} messages, {len(missing)} missing, {len(spare)} unused\n")
    sys.stdout.writelines(f"missing: {m!r}\n" for m in missing)
    sys.stdout.writelines(f"unused: {m!r}\n" for m in spare)
    return 1 if missing else 0


if __name__ == "__main__":
    from yimi.sites.specimen.book import set_up

    set_up()
    sys.exit(main())
