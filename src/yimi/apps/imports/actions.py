"""Taking in a spreadsheet. Every row is accepted or refused with line and reason; one refused row, nothing taken in.

The same file twice makes no duplicates: a child is known by ID number or by name, birth date and village, a
record by child, day and the form's required codes. A row that is known with other content is refused, so that
nothing is overwritten in silence.
"""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db import transaction
from django.utils import timezone

from yimi.apps import active, background
from yimi.apps.accounts.permissions import Actor, require
from yimi.apps.audit import actions as audit
from yimi.apps.imports import working
from yimi.apps.imports.columns import fields_of, form_of
from yimi.apps.imports.matching import Children, Known, Places, Records
from yimi.apps.imports.models import Batch, BatchRow
from yimi.apps.keys import key
from yimi.apps.records import actions as records
from yimi.apps.register import actions as register
from yimi.apps.register.idnumber import normalized
from yimi.apps.register.permissions import reachable_places
from yimi.exchange.tabular import Accepted, Skipped, read_rows, read_table
from yimi.lib.errors import BadInput, NotAllowed, UserError
from yimi.pack.answers import validate_many
from yimi.pack.schema import Form

Progress = Callable[[str], None]
STALE = timedelta(hours=1)  # another machine's batch without an end is given up then
NOT_BEGUN = timedelta(minutes=1)
INTERRUPTED = (
    "处理中断：系统在处理过程中停止或重新启动，没有导入任何内容。请重新上传同一个文件，已登记的不会重复。 / interrupted: the system "
    "stopped or was started again, nothing was taken in. Upload the same file again; what is on file is not entered twice."
)
FAILED = (
    "处理出错，没有导入任何内容。请重新上传；再次出错的，请联系系统管理员。 / it failed, nothing was taken in. Upload it again; "
    "if it fails once more, call the administrator."
)


@dataclass(frozen=True)
class Refused:
    line: int
    column: str
    reason_zh: str
    reason_en: str


@dataclass
class Outcome:
    """What became of a file. `stored` is 0 where a row was refused; `repeated` rows were here already."""

    batch: str
    rows: int = 0
    accepted: int = 0
    stored: int = 0
    repeated: int = 0
    refused: list[Refused] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)


@dataclass
class _Checked:
    """Rows that may go in, rows that are in already, and reasons for the rest."""

    children: list[register.NewChild] = field(default_factory=list)
    records: list[records.NewRecord] = field(default_factory=list)
    repeated: int = 0
    refused: list[Refused] = field(default_factory=list)

    def refuse(self, line: int, column: str, why: tuple[str, str]) -> None:
        self.refused.append(Refused(line, column, *why))


# --- from outside -------------------------------------------------------------------------------------------


def import_file(
    path: Path | str, form: str, *, by: Actor, at: datetime, progress: Progress = lambda stage: None
) -> Outcome:
    """Read and take in a file at once; for the command line. `BadInput` where there is no table in it."""
    file = Path(path)
    if not file.is_file():
        raise BadInput(f"找不到文件“{file.name}” / there is no file '{file.name}'")
    batch = receive(file_name=file.name, content=file.read_bytes(), form=form, by=by, at=at)
    return run_batch(batch, by=by, at=at, progress=progress)


def receive(*, file_name: str, content: bytes, form: str, by: Actor, at: datetime) -> str:
    """Keep a file that came in and open a batch for it; the batch's uid. Nothing is read yet."""
    declared = form_of(form)
    require(by.records(declared.id if declared else register.REGISTER_FORM), "this role does not import that")
    if not content:
        raise BadInput("文件是空的 / the file is empty")
    find_interrupted(at=at)
    digest = hashlib.sha256(content).hexdigest()
    with transaction.atomic():
        batch = Batch.objects.create(
            form=form,
            file_name=Path(file_name).name[:200],
            digest=digest,
            by_id=by.user_id,
            received_at=at,
            store=working.store(),
        )
        audit.record("upload", "batch", str(batch.uid), by=by, at=at, detail={"form": form, "sha256": digest})
        kept = kept_file(str(batch.uid))
        kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        kept.write_bytes(content)
    return str(batch.uid)


def kept_file(batch: str) -> Path:
    return working.folder() / batch


def find_interrupted(*, at: datetime) -> int:
    """Mark the batches whose process is gone; how many. Nothing of them was taken in: rows are stored with the end."""
    gone = 0
    for each in Batch.objects.filter(state__in=("waiting", "running")):
        own, age = each.store == working.store(), at - each.received_at
        if age < (NOT_BEGUN if own else STALE) and (each.state == "waiting" or not own):
            continue
        uid = str(each.uid)
        if own and working.is_at_work(uid):
            continue
        # Only what has not ended meanwhile: a batch writes its end before it lets go of its lock.
        with transaction.atomic():
            found = Batch.objects.filter(pk=each.pk, state=each.state)
            if not found.update(state="interrupted", problem=INTERRUPTED, finished_at=at):
                continue
            audit.record("interrupted", "batch", uid, by=audit.SYSTEM, at=at)
        gone += 1
        if own:
            kept_file(uid).unlink(missing_ok=True)
            working.forget(uid)
    return gone


def run_batch(batch: str, *, by: Actor, at: datetime, progress: Progress = lambda stage: None) -> Outcome:
    """Read, check and take in a batch. Its state and progress are written as it goes, its rows all at the end."""
    found = Batch.objects.filter(uid=batch).first()
    if found is None or (not by.is_system and found.by_id != by.user_id):
        raise NotAllowed("no such import")
    with working.at_work(batch):
        if not Batch.objects.filter(pk=found.pk, state="waiting").update(state="running"):
            raise BadInput(
                "这个文件已经处理过，请重新上传 / this file was dealt with already: upload it again"
            )
        return _run(found, by, at, progress)


def _run(found: Batch, by: Actor, at: datetime, progress: Progress) -> Outcome:
    try:
        return _read_and_store(found, by, at, progress)
    except UserError as error:
        Batch.objects.filter(pk=found.pk).update(state="refused", problem=str(error)[:400], finished_at=at)
        raise
    except BaseException:
        Batch.objects.filter(pk=found.pk).update(
            state="interrupted",
            problem=FAILED,
            finished_at=at,
        )
        raise
    finally:
        kept_file(str(found.uid)).unlink(
            missing_ok=True
        )  # full of names and numbers: not kept longer than needed


def start_in_background(batch: str, *, by: Actor, at: datetime) -> threading.Thread:
    """`run_batch`, not waited for."""
    return background.start(f"import-{batch[:8]}", lambda: run_batch(batch, by=by, at=at))


# --- reading, checking, storing ------------------------------------------------------------------------------


def _read_and_store(batch: Batch, by: Actor, at: datetime, progress: Progress) -> Outcome:
    fields = fields_of(batch.form)
    progress(f"读取 reading {batch.file_name}")
    sheet = read_table(kept_file(str(batch.uid)).read_bytes(), batch.file_name, fields=fields)

    def show(done: int, total: int) -> None:
        Batch.objects.filter(pk=batch.pk).update(done=done, rows=total)

    reading = read_rows(sheet, fields, progress=show)
    progress(f"核对 checking {len(reading.accepted)}")
    form = form_of(batch.form)
    rows = [each for each in reading.accepted if each.values.get("name")]
    checked = _check_children(rows, by, at) if form is None else _check_records(form, rows, by, at)
    refused = [Refused(r.line, r.column, r.reason_zh, r.reason_en) for r in reading.refused] + checked.refused
    refused.sort(key=lambda each: each.line)
    lines = {each.line for each in refused}
    total = len(sheet.rows)
    outcome = Outcome(
        str(batch.uid), total, total - len(lines), 0, checked.repeated, refused, list(reading.skipped)
    )
    progress(
        f"写入 storing {outcome.accepted}"
        if not refused
        else "有未通过的行，不写入 rows refused, nothing stored"
    )
    _store(batch, form, checked, outcome, by, at)
    return outcome


def _store(
    batch: Batch, form: Form | None, checked: _Checked, outcome: Outcome, by: Actor, at: datetime
) -> None:
    """Everything and the batch's own end in one transaction."""
    with transaction.atomic():
        if not outcome.refused:
            if form is None:
                outcome.stored = register.register_many(rows=checked.children, by=by, at=at)
            else:
                outcome.stored = records.add_many(form=form.id, rows=checked.records, by=by, at=at).stored
        BatchRow.objects.bulk_create(
            [
                BatchRow(
                    batch=batch,
                    line=r.line,
                    column=r.column[:120],
                    reason_zh=r.reason_zh[:300],
                    reason_en=r.reason_en[:300],
                )
                for r in outcome.refused
            ],
            batch_size=500,
        )
        Batch.objects.filter(pk=batch.pk).update(
            state="refused" if outcome.refused else "done", rows=outcome.rows, done=outcome.rows,
            accepted=outcome.accepted, repeated=outcome.repeated, refused=len({r.line for r in outcome.refused}),
            finished_at=at,
        )  # fmt: skip
        detail = {
            "form": batch.form,
            "rows": outcome.rows,
            "stored": outcome.stored,
            "refused": len(outcome.refused),
        }
        audit.record("import", "batch", str(batch.uid), by=by, at=at, detail=detail)


def _check_children(rows: list[Accepted], by: Actor, at: datetime) -> _Checked:
    checked = _Checked()
    values = [each.values for each in rows]
    places, known = Places(by.on), Children(values, by, None)
    reach = None if by.is_system else reachable_places(by, form=register.REGISTER_FORM)
    today = timezone.localdate(at)
    for each in rows:
        row = each.values
        place, why = places.find(row.get("village"), row.get("township"))
        if place is None or (reach is not None and place not in reach):
            outside = ("村（社区）不在您的管辖范围", "the village is not within your reach")
            checked.refuse(each.line, "村（社区）", why if place is None else outside)
            continue
        born = row.get("birth_date")
        if not isinstance(born, date) or not date(1990, 1, 1) <= born <= today:
            checked.refuse(
                each.line,
                "出生日期",
                ("出生日期不能晚于今天或早于1990年", "the birth date is in the future or before 1990"),
            )
            continue
        number = normalized(str(row["id_number"])) if row.get("id_number") else None
        if number and number[6:14] != f"{born:%Y%m%d}":
            checked.refuse(
                each.line,
                "公民身份号码",
                ("身份号码中的出生日期与所填不符", "the birth date inside the ID number differs"),
            )
            continue
        before = known.with_number(number) or [
            k for k in known.by_name.get(str(row["name"]), []) if k.birth_date == born and k.place == place
        ]
        if any(k.name != row["name"] or k.birth_date != born for k in before):
            checked.refuse(
                each.line,
                "公民身份号码",
                (
                    "该身份号码已登记，姓名或出生日期不同",
                    "this ID number is registered with another name or birth date",
                ),
            )
        elif before:
            checked.repeated += 1
        else:
            new = _new_child(row, born, place, number)
            checked.children.append(new)
            index = known.vault.index(number) if number else None
            known.add(Known(0, new.uid, new.name, born, place, index))
    return checked


def _new_child(row: Mapping[str, Any], born: date, place: str, number: str | None) -> register.NewChild:
    natural = number or f"{row['name']}|{born.isoformat()}|{place}"
    # Keyed, because a uid leaves the system and must not be a fingerprint of a name.
    digest = hmac.digest(key("identity"), f"child|{natural}".encode(), "sha256")
    return register.NewChild(
        uid=UUID(bytes=digest[:16], version=4), name=str(row["name"]), sex=row.get("sex"), birth_date=born, place=place,
        id_number=number, ethnicity=row.get("ethnicity"), birth_weight_g=row.get("birth_weight_g"),
        gestation_weeks=row.get("gestation_weeks"),
    )  # fmt: skip


def key_fields(form: Form) -> tuple[str, ...]:
    """What, with child and day, makes two rows the same record: the codes the form requires."""
    return tuple(each.id for each in form.fields if each.required and each.type == "code")


def _check_records(form: Form, rows: list[Accepted], by: Actor, at: datetime) -> _Checked:
    checked, pack, today = _Checked(), active.pack(), timezone.localdate(at)
    places, children = Places(by.on), Children([each.values for each in rows], by, form.id)
    matched: list[tuple[Accepted, Known, date]] = []
    for each in rows:
        place = None
        if each.values.get("village"):
            place, why = places.find(each.values["village"], each.values.get("township"))
            if place is None:
                checked.refuse(each.line, "村（社区）", why)
                continue
        child, why = children.find(each.values, place)
        on = each.values.get("occurred_on")
        if child is None:
            checked.refuse(each.line, "姓名", why)
        elif not isinstance(on, date) or on > today:
            checked.refuse(each.line, "日期", ("日期不能晚于今天", "the date is in the future"))
        elif child.birth_date and on < child.birth_date:
            checked.refuse(
                each.line, "日期", ("日期早于该儿童的出生日期", "the date is before the child's birth")
            )
        else:
            matched.append((each, child, on))
    standing = Records(form.id, key_fields(form), [(child.subject_id, on) for _, child, on in matched])
    own = {each.id for each in form.fields}
    given = [
        {name: value for name, value in each.values.items() if name in own and value is not None}
        for each, _, _ in matched
    ]
    for (each, child, on), answers in zip(
        matched, validate_many(form, given, pack, [on for _, _, on in matched]), strict=True
    ):
        for error in answers.errors:
            checked.refuse(each.line, error.field, (error.text.zh, error.text.en))
        if answers.errors:
            continue
        content = answers.as_json()
        mark = standing.key(child.subject_id, on, content)
        before = standing.found.get(mark)
        if before is None:
            standing.found[mark] = content
            # The same row in two imports at once has the same id, so that one of them waits and then repeats.
            name = "|".join([form.id, str(child.uid), on.isoformat(), *map(str, mark[2:])])
            checked.records.append(
                records.NewRecord(uuid5(NAMESPACE_URL, f"yimi:import:{name}"), child.subject_id, on, content)
            )
        elif before == content:
            checked.repeated += 1
        else:
            checked.refuse(
                each.line, "",
                ("该儿童当日已有同类记录且内容不同，请在系统中更正原记录", "the child has such a record of that day with other content: correct it in the system"),
            )  # fmt: skip
    checked.records = _with_free_ids(checked.records)
    return checked


def _with_free_ids(rows: list[records.NewRecord]) -> list[records.NewRecord]:
    """Where a record with a row's id was taken back since, the row gets the next one of its line."""
    free = {each.record_uid: each.record_uid for each in rows}
    taken, again = records.known_uids(list(free)), 0
    while taken:
        again += 1
        moved = {uid: uuid5(uid, str(again)) for uid, current in free.items() if current in taken}
        free |= moved
        taken = records.known_uids(list(moved.values()))
    if again:
        rows = [replace(each, record_uid=free[each.record_uid]) for each in rows]
    return rows
