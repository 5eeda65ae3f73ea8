"""Rehearsals: what a changed standard would do, worked out beside the run in force and kept in a file of its own.

A rehearsal reads the register of this moment and writes one small file under `rehearsals/`; no run, figure, alert
or task knows of it. The file holds counts and internal ids, no name; names are given to readers as anywhere else.
"""

from __future__ import annotations

import json
import os
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction

from yimi.apps import active, background
from yimi.apps.accounts.permissions import Actor, require
from yimi.apps.audit import actions as audit
from yimi.apps.records import typed
from yimi.apps.register.tables import engine_tables
from yimi.apps.source import source
from yimi.engines import backend
from yimi.engines.rehearsal import Change, Progress, Rehearsal, changed_pack, rehearse
from yimi.engines.turn import prepare
from yimi.lib.errors import BadInput, NotAllowed, UserError

KEPT = 30
MEMORY = "800MB"
_one_at_a_time = threading.Lock()


@dataclass(frozen=True)
class Line:
    """One rehearsal as its file says it."""

    uid: str
    by: str
    name: str  # of who asked
    at: datetime
    changes: list[Change]
    state: str  # waiting, running, done, failed
    stage: str
    problem: str
    result: Rehearsal | None


def may_rehearse(actor: Actor) -> bool:
    """The coordinating office, and those who answer for the district: they see counts. No administrator, no auditor."""
    if actor.configures or any(each.role.audits for each in actor.grants):
        return actor.is_system
    return (
        actor.is_system
        or actor.coordinates
        or any(each.role.level in ("district", "body") for each in actor.grants)
    )


def begin(changes: Sequence[Change], *, by: Actor, at: datetime) -> str:
    """Open a rehearsal; its uid. `BadInput` where a parameter or value is wrong, before anything is kept."""
    require(may_rehearse(by), "this role does not rehearse")
    if not changes:
        raise BadInput("请选择要调整的标准 / choose what to change")
    changed_pack(active.pack(), changes)
    uid = str(uuid4())
    told = {
        "uid": uid, "by": by.uid, "name": by.name, "at": at.isoformat(), "state": "waiting", "stage": "", "problem": "",
        "changes": [{**asdict(each), "effective_from": each.effective_from.isoformat()} for each in changes],
    }  # fmt: skip
    with transaction.atomic():
        audit.record(
            "rehearse", "pack", uid, by=by, at=at, detail={"parameters": [each.parameter for each in changes]}
        )
    _write(uid, told)
    _forget_old()
    return uid


def run(uid: str, *, as_of: date, progress: Progress = lambda stage: None) -> Rehearsal:
    """Work a rehearsal out; its file tells how far it is. One at a time: it holds the register in memory."""
    told = _read(uid)
    changes = _changes(told)

    def tell(stage: str) -> None:
        _write(uid, {**told, "state": "running", "stage": stage})
        progress(stage)

    tell("waiting")
    try:
        with _one_at_a_time, tempfile.TemporaryDirectory(prefix="yimi-rehearsal-") as scratch:
            con = backend.connect(threads=1)
            con.execute(f"SET memory_limit = '{MEMORY}'")
            con.execute(f"SET temp_directory = '{Path(scratch).as_posix()}'")
            pack = active.pack()
            tell("records")
            with source() as snapshot:
                backend.put(con, engine_tables(using=snapshot))
                typed.build_form_tables(con, pack, snapshot, datetime.fromisoformat(told["at"]))
            prepare(con, pack, typed=True)
            found = rehearse(con, pack, changes, as_of, tell)
            con.close()
    except UserError as error:
        _write(uid, {**told, "state": "failed", "problem": str(error)})
        raise
    except BaseException:
        _write(uid, {**told, "state": "failed", "problem": "预演出错，请再试一次 / it failed: try once more"})
        raise
    _write(uid, {**told, "state": "done", "result": asdict(found)})
    return found


def start_in_background(uid: str, *, as_of: date) -> threading.Thread:
    """`run`, not waited for."""
    return background.start(f"rehearsal-{uid[:8]}", lambda: run(uid, as_of=as_of))


def one(actor: Actor, uid: str) -> Line:
    """A rehearsal for whoever may rehearse."""
    require(may_rehearse(actor), "this role does not rehearse")
    return _line(_read(uid))


def recent(actor: Actor) -> list[Line]:
    """The latest rehearsals, newest first."""
    require(may_rehearse(actor), "this role does not rehearse")
    found = [_line(json.loads(each.read_text(encoding="utf-8"))) for each in _folder().glob("*.json")]
    return sorted(found, key=lambda each: each.at, reverse=True)


# --- the files ----------------------------------------------------------------------------------------------


def _folder() -> Path:
    return Path(settings.YIMI_DIR) / "rehearsals"


def _path(uid: str) -> Path:
    try:
        return _folder() / f"{UUID(uid)}.json"
    except ValueError:
        raise NotAllowed("no such rehearsal") from None


def _read(uid: str) -> dict[str, Any]:
    try:
        told: dict[str, Any] = json.loads(_path(uid).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NotAllowed("no such rehearsal") from None
    return told


def _write(uid: str, told: dict[str, Any]) -> None:
    path = _path(uid)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = path.with_suffix(".part")
    beside.write_text(json.dumps(told, ensure_ascii=False, default=str), encoding="utf-8")
    os.replace(beside, path)


def _forget_old() -> None:
    kept = sorted(_folder().glob("*.json"), key=lambda each: each.stat().st_mtime, reverse=True)
    for each in kept[KEPT:]:
        each.unlink(missing_ok=True)


def _changes(told: dict[str, Any]) -> list[Change]:
    return [
        Change(each["parameter"], each["value"], date.fromisoformat(each["effective_from"]))
        for each in told["changes"]
    ]


def _line(told: dict[str, Any]) -> Line:
    result = told.get("result")
    if result is not None:
        work = [{**row, "month": date.fromisoformat(row["month"])} for row in result["work"]]
        result = Rehearsal(**{**result, "day": date.fromisoformat(result["day"]), "work": work})
    return Line(
        told["uid"], told["by"], told["name"], datetime.fromisoformat(told["at"]), _changes(told), told["state"],
        told["stage"], told["problem"], result,
    )  # fmt: skip
