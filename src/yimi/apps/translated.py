"""The pack translated for one subject at a time, once a process and kind of subject."""

from __future__ import annotations

import threading

from yimi.apps import active
from yimi.engines.standing import Standing

_standing: dict[tuple[str, str], Standing] = {}  # by the pack's fingerprint and the kind of subject
_translating = threading.Lock()


def standing(kind: str = "child") -> Standing:
    """The pack, translated when first asked, which takes a moment."""
    pack = active.pack()
    with _translating:
        if (pack.fingerprint, kind) not in _standing:
            for old in [key for key in _standing if key[0] != pack.fingerprint]:
                del _standing[old]
            _standing[pack.fingerprint, kind] = Standing(pack, kind)
        return _standing[pack.fingerprint, kind]
