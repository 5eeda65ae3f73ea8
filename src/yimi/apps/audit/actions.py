"""Writing the chain, and checking it."""

from __future__ import annotations

import hmac
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet

from yimi.apps.audit import chain
from yimi.apps.audit.models import Entry, Head
from yimi.apps.keys import key
from yimi.apps.prepared import prepared

CHECKPOINT_EVERY = 1000  # rows; what the outside file does not yet cover rests on the signed head alone
SYSTEM = "system"

_COLUMNS = (
    "seq", "at", "actor", "role", "verb", "target_kind", "target_uid", "detail", "previous", "digest",
)  # fmt: skip
_INSERT = f"INSERT INTO audit_entry ({', '.join(_COLUMNS)}) VALUES ({', '.join(['%s'] * len(_COLUMNS))})"
_MOVE_HEAD = "UPDATE audit_head SET count = %s, digest = %s, signature = %s WHERE id = 1"


@dataclass(frozen=True)
class Event:
    """What is to be written: no values in `detail`, only counts, ids, forms, purposes."""

    verb: str
    target_kind: str
    target_uid: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


def listed(verb: str, target_kind: str, uids: Iterable[str], **detail: Any) -> Event:
    """The reading of a list: one row however long the list is, with everyone it showed in `shown`."""
    shown = list(dict.fromkeys(uids))
    return Event(verb, target_kind, "", {**detail, "count": len(shown), "shown": shown})


@dataclass(frozen=True)
class Result:
    rows: int
    ok: bool
    first_bad: int | None
    why: str = ""


def record(
    verb: str,
    target_kind: str,
    target_uid: str = "",
    *,
    by: Any,
    at: datetime,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """One row, inside the caller's transaction if there is one. It raises rather than let a deed go unwritten."""
    record_all([Event(verb, target_kind, target_uid, detail or {})], by=by, at=at)


def record_all(events: Iterable[Event], *, by: Any, at: datetime) -> None:
    """Several rows of one moment. `by` has `uid` and `role_id`, or is the word 'system'."""
    events = list(events)
    if not events:
        return
    if at.tzinfo is None:
        raise ValueError("the audit wants a moment with a time zone")
    actor, role = (by, "") if isinstance(by, str) else (str(by.uid), str(by.role_id))
    with transaction.atomic():
        head = _locked_head()
        count, previous = head.count, head.digest
        moment = connection.ops.adapt_datetimefield_value(at)
        rows = []
        for event in events:
            count += 1
            written = json.dumps(dict(event.detail))
            detail = json.loads(written)
            sealed = chain.canonical(
                count, at, actor, role, event.verb, event.target_kind, event.target_uid, detail
            )
            digest = chain.seal(previous, sealed)
            told = (event.verb, event.target_kind, event.target_uid, written)
            rows.append((count, moment, actor, role, *told, previous, digest))
            previous = digest
        signature = chain.sign(key("audit"), count, previous)
        with connection.cursor() as cursor:
            cursor.executemany(_INSERT, rows)
            cursor.execute(_MOVE_HEAD, (count, previous, signature))
        if head.count // CHECKPOINT_EVERY != count // CHECKPOINT_EVERY:
            transaction.on_commit(lambda: checkpoint(count, previous, at))


def _locked_head() -> Head:
    """The head, held until the transaction ends: rows follow each other one by one on both databases."""
    found = next(iter(_head()), None)
    if found is None:
        empty = Head(
            id=1, count=0, digest=chain.GENESIS, signature=chain.sign(key("audit"), 0, chain.GENESIS)
        )
        Head.objects.bulk_create([empty], ignore_conflicts=True)
        found = Head.objects.select_for_update().get(id=1)
    return found


@prepared
def _head() -> QuerySet[Head]:
    return Head.objects.select_for_update().filter(id=1)


def checkpoints_file() -> Path:
    return Path(settings.YIMI_DIR) / "audit" / "checkpoints"


def checkpoint(count: int, digest: str, at: datetime) -> None:
    """Keep the head outside the database, too: a database put back to an older day is found out by it."""
    path = checkpoints_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    moment = at.astimezone(UTC).isoformat(timespec="seconds")
    line = f"{count} {digest} {chain.sign(key('audit'), count, digest)} {moment}\n"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "w") as file:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())


def verify(*, at: datetime | None = None) -> Result:
    """Walk the whole chain. With `at`, a chain found whole leaves a checkpoint outside the database."""
    # One statement, so one snapshot on both databases: rows added meanwhile are not half seen.
    with connection.cursor() as cursor:
        cursor.execute("SELECT count, digest, signature FROM audit_head WHERE id = 1")
        head = cursor.fetchone()
    limit = head[0] if head else 0
    outside = _outside()
    # `seq` decides the order; a row beyond the head is as wrong as a missing one, unless it came just now.
    expected, previous = 0, chain.GENESIS
    for row in _rows():
        seq, moment, actor, role, verb, kind, uid, detail, before, digest = row
        if seq > limit and _is_newer_than(limit):
            break
        expected += 1
        if seq != expected:
            return Result(limit, False, expected, "a row is missing")
        sealed = chain.canonical(seq, moment, actor, role, verb, kind, uid, detail)
        if before != previous or chain.seal(previous, sealed) != digest:
            return Result(limit, False, seq, "a row was altered, or stands in another's place")
        if seq in outside and outside[seq] != digest:
            return Result(
                limit, False, seq, "the chain differs from the checkpoint kept outside the database"
            )
        previous = digest
    return _ending(head, expected, previous, outside, at)


def _rows() -> Iterator[tuple[Any, ...]]:
    """The chain in pieces: one long reading would keep SQLite's writers waiting."""
    last: int | None = None
    while True:
        query = Entry.objects.order_by("seq").values_list(*_COLUMNS)
        piece = list((query if last is None else query.filter(seq__gt=last))[:5000])
        yield from piece
        if len(piece) < 5000:
            return
        last = piece[-1][0]


def _is_newer_than(limit: int) -> bool:
    """Did the head itself move on since we read it? Then rows beyond the old head are honest."""
    current = Head.objects.filter(id=1).values_list("count", flat=True).first()
    return current is not None and current > limit


def _ending(
    head: tuple[int, str, str] | None, rows: int, digest: str, outside: dict[int, str], at: datetime | None
) -> Result:
    last = max(outside, default=0)
    if head is None:
        whole = rows == 0 and last == 0
        return Result(rows, whole, None if whole else 1, "" if whole else "the head of the chain is gone")
    count, final, signature = head
    if not hmac.compare_digest(signature, chain.sign(key("audit"), count, final)):
        return Result(rows, False, count, "the head of the chain is not signed with the installation's key")
    if rows != count or digest != final:
        return Result(rows, False, min(rows, count) + 1, "rows at the end are missing")
    if last > rows:
        return Result(
            rows, False, rows + 1, "the chain is shorter than the checkpoint kept outside the database"
        )
    if at is not None and rows > last:
        transaction.on_commit(lambda: checkpoint(rows, digest, at))
    return Result(rows, True, None)


def _outside() -> dict[int, str]:
    """Checkpoints with a true signature: a line somebody added by hand proves nothing and is passed over."""
    path = checkpoints_file()
    if not path.is_file():
        return {}
    found = {}
    for line in path.read_text("utf-8").splitlines():
        parts = line.split()
        if len(parts) >= 3 and parts[0].isdigit():
            count, digest, signature = int(parts[0]), parts[1], parts[2]
            if hmac.compare_digest(signature, chain.sign(key("audit"), count, digest)):
                found[count] = digest
    return found
