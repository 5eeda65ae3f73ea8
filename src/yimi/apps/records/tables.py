"""Records as the engines read them: RECORD of `yimi.pack.tables`, only those in force.

In force: not superseded by another record, not itself a taking back, not rejected, not of a sealed case, and, where
the form wants a second person, verified. `received_at` is given in the district's civil time.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings
from django.db import connection

from yimi.apps import active
from yimi.apps.source import Source, rows, source
from yimi.pack.tables import RECORD, Columns

_COLUMNS = (
    "r.seq, r.subject_id, r.form, r.form_version, r.occurred_on, r.received_at, r.place_id, "
    "r.organization_id AS org_id, r.answers"
)
_IN_FORCE = (
    "r.kind <> 'void' AND NOT EXISTS (SELECT 1 FROM records_record n WHERE n.supersedes = r.record_uid) "
    "AND NOT EXISTS (SELECT 1 FROM records_verification v WHERE v.record_id = r.seq AND v.outcome = 'rejected' "
    "AND NOT EXISTS (SELECT 1 FROM records_verification w WHERE w.record_id = v.record_id AND w.id > v.id)) "
)


TYPED = ("seq", "subject_id", "form", "occurred_on", "answers")  # all that the engines type


def _second_person() -> str:
    forms = [form.id for form in active.pack().forms.values() if form.second_person]
    if not forms:
        return ""
    listed = ", ".join(f"'{each}'" for each in sorted(forms))
    return (
        f"AND (r.form NOT IN ({listed}) OR EXISTS (SELECT 1 FROM records_verification v "
        "WHERE v.record_id = r.seq AND v.outcome = 'verified')) "
    )


def records(after: int = 0, *, using: Source | None = None) -> pa.Table:
    """Records in force, by `seq`; `after` leaves out those up to a sequence number."""
    if using is None:
        with source() as opened:
            return records(after, using=opened)
    found = _in_force(using, RECORD, after).read_all()
    seqs = found["seq"]
    if len(seqs) > 1 and not pc.all(pc.greater(seqs[1:], seqs[:-1])).as_py():
        found = found.sort_by("seq")
    return _civil(found)


def arrivals(
    using: Source, after: int, gaps: Sequence[tuple[int, int]] = (), upto: int | None = None
) -> pa.Table | pa.RecordBatchReader:
    """Every record stored since, in force or not: those after a sequence number, and late ones of its gaps.

    `upto`: no later ones, of a store that is read piece by piece.
    """
    columns = {"kind": "VARCHAR", **{name: RECORD[name] for name in TYPED}}
    chosen = f"SELECT r.kind, {', '.join(f'r.{name}' for name in TYPED)} FROM records_record r"
    if upto is None and not after:
        return using.stream(chosen, columns)
    last = f" AND r.seq <= {upto}" if upto else ""
    late = "".join(f" OR r.seq BETWEEN {first} AND {end}" for first, end in gaps)
    found = f"{chosen} WHERE (r.seq > {after}{last}){late}"
    return using.stream(found, columns) if upto else using.look(found, columns)


def end_of_piece(using: Source, after: int, size: int) -> int | None:
    """The number of the record that many further on; None where fewer are left."""
    found = using.seek(
        f"SELECT seq FROM records_record WHERE seq > {after} ORDER BY seq LIMIT 1 OFFSET {size - 1}"
    )
    return found[0] if found else None


def stamp_of(using: Source, seq: int) -> str:
    """The client's id of a record: the same number in another database has another one."""
    return "".join(
        str(each) for each in using.seek(f"SELECT record_uid FROM records_record WHERE seq = {seq}")
    )


def _in_force(using: Source, columns: Columns, after: int = 0) -> pa.RecordBatchReader:
    out = NotInForce(using)
    where = f" WHERE r.seq > {int(after)}" if after else ""
    reader = using.stream(f"SELECT {_COLUMNS} FROM records_record r{where}", columns)
    return pa.RecordBatchReader.from_batches(reader.schema, (out.keep(batch) for batch in reader))


def sealed(using: Source) -> list[int]:
    """Records of sealed cases: the engines never see them, and nothing made for them keeps them."""
    query = "SELECT r.seq FROM cases_case c JOIN records_record r ON r.subject_id = c.subject_id WHERE c.state = 'sealed'"
    return sorted(using.seek(query))


class NotInForce:
    """Which records are not in force: few, so they are looked up by index and dropped while reading."""

    def __init__(self, using: Source) -> None:
        gone = using.seek(
            "SELECT seq FROM records_record WHERE record_uid IN "
            "(SELECT supersedes FROM records_record WHERE supersedes IS NOT NULL)"
        )
        voids = using.seek("SELECT seq FROM records_record WHERE supersedes IS NOT NULL AND kind = 'void'")
        last = "SELECT record_id, max(id) AS id FROM records_verification GROUP BY record_id"
        verdicts = f"SELECT v.record_id FROM records_verification v JOIN ({last}) l ON l.id = v.id WHERE v.outcome = "
        rejected = using.seek(verdicts + "'rejected'")
        self.gone = pa.array(sorted({*gone, *voids, *rejected, *sealed(using)}), pa.int64())
        self.verified = pa.array(using.seek(verdicts + "'verified'"), pa.int64())
        forms = [form.id for form in active.pack().forms.values() if form.second_person]
        self.second_person = pa.array(forms, pa.string())

    def keep(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        seq = batch.column("seq")
        wanted = pc.invert(pc.is_in(seq, value_set=self.gone))
        waits = pc.is_in(batch.column("form"), value_set=self.second_person)
        return batch.filter(pc.and_(wanted, pc.or_(pc.invert(waits), pc.is_in(seq, value_set=self.verified))))


def for_subject(subject_id: int) -> list[dict[str, Any]]:
    """What engines type of one subject's records in force, in milliseconds."""
    return for_subjects([subject_id])


def for_subjects(subject_ids: Collection[int]) -> list[dict[str, Any]]:
    """The same of a few subjects, in order of arrival."""
    columns = ", ".join(f"r.{name}" for name in TYPED)
    marks = ", ".join("%s" for _ in subject_ids) or "NULL"
    query = f"SELECT {columns} FROM records_record r WHERE {_IN_FORCE}{_second_person()}AND r.subject_id IN ({marks})"
    return rows(query + " ORDER BY r.seq", list(subject_ids), {name: RECORD[name] for name in TYPED})


def last_seq() -> int:
    """Grows with every record: what an evaluation has seen ends here."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(seq) FROM records_record")
        found = cursor.fetchone()
    return int(found[0] or 0)


def _civil(table: pa.Table) -> pa.Table:
    """UTC, as stored, to the civil time of the district without a zone."""
    at = table.schema.get_field_index("received_at")
    utc = pc.assume_timezone(table.column(at).cast(pa.timestamp("us")), "UTC")
    civil = pc.local_timestamp(utc.cast(pa.timestamp("us", settings.TIME_ZONE)))
    return table.set_column(at, "received_at", civil)
