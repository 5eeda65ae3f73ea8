"""What stands in the envelope: the form as the phone filled it, read with suspicion."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

MOST_FILES = 30  # of all fields together

File = tuple[str, bytes]  # name, content


class Unusable(ValueError):
    """It was read and cannot be stored; `code` says why, never what was answered."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Letter:
    """`occurred_on` is None where the day is none. Answers are checked by the form, not here."""

    uid: UUID
    person: str
    subject: str
    form: str
    version: int
    occurred_on: date | None
    answers: Mapping[str, Any]
    files: Mapping[str, list[File]]
    chosen: Mapping[str, str]
    made_at: datetime | None


def read(plain: bytes) -> Letter:
    """Raises `Unusable` for what is no form."""
    try:
        told = json.loads(plain)
        uid, version = UUID(str(told["uid"])), int(told["version"])
        person, subject, form = (_text(told[name]) for name in ("person", "subject", "form"))
        answers, files, chosen = (_object(told.get(name)) for name in ("answers", "files", "chosen"))
        return Letter(
            uid, person, subject, form, version, _day(told.get("occurred_on")), answers, _files(files),
            {name: _text(code) for name, code in chosen.items()}, _moment(told.get("made_at")),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, OverflowError, RecursionError):
        raise Unusable("unreadable") from None


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 200:
        raise TypeError("no text")
    return value


def _object(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise TypeError("no object")
    return value


def _files(given: Mapping[str, Any]) -> dict[str, list[File]]:
    found = {
        field: [(_text(each["name"]), base64.b64decode(each["data"], validate=True)) for each in some]
        for field, some in given.items()
    }
    if sum(len(each) for each in found.values()) > MOST_FILES:
        raise ValueError("too many files")
    return {field: some for field, some in found.items() if some}


def _day(value: Any) -> date | None:
    try:
        found = date.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return found if found.year >= 1990 else None


def _moment(value: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo is not None and 2000 <= found.year <= 2200 else None
