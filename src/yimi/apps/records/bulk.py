"""Loading records by the million, for the made-up district or a first take-over. Append-only like everything.

`load` wants RECORD of `yimi.pack.tables` (received_at in the district's civil time) plus

    record_uid   32 hexadecimal digits, random
    supersedes   record_uid of the record this one takes the place of, or null
    voided       true where the record only takes back the one it supersedes
    by_id        optional: id of the account

Records of forms that need a second person count as verified on arrival: an older system's are its own word.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings
from django.db import connection, transaction

from yimi.apps import active, bulk
from yimi.apps.accounts.permissions import Actor, require
from yimi.apps.audit import actions as audit
from yimi.apps.records.models import Record, Verification


@transaction.atomic
def load(records: pa.Table, *, by: Actor, at: datetime) -> int:
    """Write all or none; the number written."""
    require(by.is_system, "records are loaded by the installation only")
    rows = records.num_rows
    received = _utc(records["received_at"])
    table = pa.table(
        {
            "seq": records["seq"],
            "record_uid": records["record_uid"],
            "subject_id": records["subject_id"],
            "form": records["form"],
            "form_version": records["form_version"],
            "kind": _kinds(records),
            "occurred_on": records["occurred_on"],
            "place_id": records["place_id"],
            "organization_id": records["org_id"],
            "received_at": received,
            "answers": records["answers"],
            "supersedes": records["supersedes"],
            "reason": bulk.constant("", rows, pa.string()),
        }
    )
    if "by_id" in records.column_names:
        table = table.append_column("by_id", records["by_id"])
    written = bulk.insert(Record, table)
    verified = _verify(table, received)
    audit.record("load", "records", by=by, at=at, detail={"rows": written, "verified": verified})
    return written


def _kinds(records: pa.Table) -> pa.ChunkedArray:
    replaces = pc.is_valid(records["supersedes"])
    return pc.if_else(records["voided"], "void", pc.if_else(replaces, "correction", "new"))


def _utc(moments: pa.ChunkedArray) -> pa.ChunkedArray:
    """Civil time of the district to UTC: zoned for PostgreSQL, bare as Django keeps it in SQLite."""
    zone = str(ZoneInfo(settings.TIME_ZONE))
    zoned = pc.assume_timezone(
        moments.cast(pa.timestamp("us")), zone, ambiguous="earliest", nonexistent="earliest"
    )
    utc = zoned.cast(pa.timestamp("us", "UTC"))
    return utc if connection.vendor == "postgresql" else utc.cast(pa.timestamp("us"))


def _verify(table: pa.Table, received: pa.ChunkedArray) -> int:
    forms = [form.id for form in active.pack().forms.values() if form.second_person]
    chosen = pc.and_(
        pc.is_in(table["form"], value_set=pa.array(forms, pa.string())), pc.not_equal(table["kind"], "void")
    )
    seqs = table["seq"].filter(chosen)
    count = len(seqs)
    return bulk.insert(
        Verification,
        pa.table(
            {
                "record_id": seqs,
                "outcome": bulk.constant("verified", count, pa.string()),
                "at": received.filter(chosen),
                "note": bulk.constant("", count, pa.string()),
            }
        ),
    )
