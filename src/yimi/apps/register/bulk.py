"""Loading a whole register at once: the made-up district, or a first take-over of an older system.

`load` wants the tables of `yimi.pack.tables.REGISTER` (place and organization only for their subject_id: the
rows themselves come from the pack) and may be given, for what engines never see:

    child_names, person_names   subject_id, uid (32 hexadecimal digits), name, id_number (or null)
    facility_names              subject_id, uid, name; optional lat, lon, org_id
    households                  subject_id, uid, place_id
    members                     household_id, subject_id, role

Without a uid a random one is made. ID numbers are sealed on the way. Interval tables have no id of their own.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction

from yimi.apps import bulk
from yimi.apps.accounts.permissions import Actor, require
from yimi.apps.audit import actions as audit
from yimi.apps.register import models
from yimi.apps.register.idnumber import Vault
from yimi.lib.errors import BadInput

_KINDS = ("place", "organization", "facility", "child", "person", "household")


@transaction.atomic
def load(tables: Mapping[str, pa.Table], *, by: Actor, at: datetime) -> dict[str, int]:
    """Write everything into an empty register; rows written, by table."""
    require(by.is_system, "whole registers are loaded by the installation only")
    if models.Child.objects.exists():
        raise BadInput("the register is not empty: whole registers are loaded into an empty one only")
    names = {kind: tables.get(f"{kind}_names") for kind in ("child", "person", "facility")}
    done = {"subject": bulk.insert(models.Subject, _subjects(tables))}
    uids = dict(models.Subject.objects.filter(kind__in=("child", "person")).values_list("id", "uid"))
    hexes = {subject: uid.hex for subject, uid in uids.items()}
    for kind, model in (("child", models.Child), ("person", models.Person)):
        done[kind] = bulk.insert(model, _named(tables[kind], names[kind], hexes, at, kind))
    done["facility"] = bulk.insert(models.Facility, _facilities(tables["facility"], names["facility"]))
    for name, model in (
        ("residence", models.Residence), ("relation", models.Relation), ("status", models.Status),
        ("attendance", models.Attendance),
    ):  # fmt: skip
        done[name] = bulk.insert(model, _interval(name, tables[name]))
    done.update(_homes(tables))
    audit.record("load", "register", by=by, at=at, detail=done)
    return done


def _subjects(tables: Mapping[str, pa.Table]) -> pa.Table:
    parts = []
    places = {"place": "place_id", "organization": "org_id"}
    sources = {
        "place": tables["place"], "organization": tables["organization"], "facility": tables["facility"],
        "child": tables["child"], "person": tables["person"], "household": tables.get("households"),
    }  # fmt: skip
    named = {
        "child": "child_names",
        "person": "person_names",
        "facility": "facility_names",
        "household": "households",
    }
    for kind in _KINDS:
        table = sources[kind]
        if table is None or table.num_rows == 0:
            continue
        ids = table["subject_id"].combine_chunks()
        names = tables.get(named.get(kind, ""))
        parts.append(
            pa.table(
                {
                    "id": ids,
                    "uid": _aligned(names, ids, "uid")
                    if names is not None and "uid" in names.column_names
                    else _uids(len(ids)),
                    "kind": bulk.constant(kind, len(ids), pa.string()),
                    "place_id": table[places[kind]].cast(pa.string())
                    if kind == "place"
                    else pa.nulls(len(ids), pa.string()),
                    "organization_id": (
                        table["org_id"].cast(pa.string())
                        if kind == "organization"
                        else pa.nulls(len(ids), pa.string())
                    ),
                }
            )
        )
    return pa.concat_tables(parts)


def _uids(count: int) -> pa.Array:
    """Random version 4 ids as 32 hexadecimal digits."""
    made = []
    for _ in range(count):
        raw = bytearray(os.urandom(16))
        raw[6], raw[8] = raw[6] & 0x0F | 0x40, raw[8] & 0x3F | 0x80
        made.append(raw.hex())
    return pa.array(made, pa.string())


def _aligned(names: pa.Table, ids: pa.Array, column: str) -> pa.Array:
    """A column of `names` in the order of `ids`; null where it has no row."""
    return (
        names[column].combine_chunks().take(pc.index_in(ids, value_set=names["subject_id"].combine_chunks()))
    )


def _named(
    table: pa.Table, found: pa.Table | None, hexes: dict[int, str], at: datetime, kind: str
) -> pa.Table:
    ids = table["subject_id"].combine_chunks()
    name = (
        pc.fill_null(_aligned(found, ids, "name"), "")
        if found is not None
        else bulk.constant("", len(ids), pa.string())
    )
    columns: dict[str, pa.Array | pa.ChunkedArray] = {"subject_id": ids, "name": name}
    for each in ("sex", "birth_date", "death_date"):
        columns[each] = table[each]
    sealed, index = _sealed(found, ids, hexes)
    columns |= {"id_number_sealed": sealed, "id_number_index": index}
    if kind == "person":
        columns["place_id"] = table["place_id"]
    else:
        for each in ("ethnicity", "birth_weight_g", "gestation_weeks", "birth_place_id", "hukou_place_id"):
            columns[each] = table[each]
        moment = at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
        columns["registered_at"] = bulk.constant(moment, len(ids), pa.timestamp("us"))
    return _utc(pa.table(columns))


def _sealed(names: pa.Table | None, ids: pa.Array, hexes: dict[int, str]) -> tuple[pa.Array, pa.Array]:
    if names is None or "id_number" not in names.column_names:
        return pa.nulls(len(ids), pa.binary()), pa.nulls(len(ids), pa.string())
    vault = Vault()
    numbers = _aligned(names, ids, "id_number").to_pylist()
    sealed = [vault.seal(n, hexes[i]) if n else None for n, i in zip(numbers, ids.to_pylist(), strict=True)]
    index = [vault.index(n) if n else None for n in numbers]
    return pa.array(sealed, pa.binary()), pa.array(index, pa.string())


def _utc(table: pa.Table) -> pa.Table:
    """Moments are UTC; PostgreSQL is told so, SQLite keeps them bare as Django does."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return table
    for i, each in enumerate(table.schema):
        if pa.types.is_timestamp(each.type):
            table = table.set_column(i, each.name, table.column(i).cast(pa.timestamp("us", "UTC")))
    return table


def _facilities(table: pa.Table, found: pa.Table | None) -> pa.Table:
    ids = table["subject_id"].combine_chunks()
    columns: dict[str, pa.Array | pa.ChunkedArray] = {each: table[each] for each in table.column_names}
    columns["name"] = (
        pc.fill_null(_aligned(found, ids, "name"), "")
        if found is not None
        else bulk.constant("", len(ids), pa.string())
    )
    for source, column in (("lat", "lat"), ("lon", "lon"), ("org_id", "organization_id")):
        if found is not None and source in found.column_names:
            columns[column] = _aligned(found, ids, source)
    return pa.table(columns)


def _interval(name: str, table: pa.Table) -> pa.Table:
    return (
        table.append_column("basis", bulk.constant("", table.num_rows, pa.string()))
        if name == "status"
        else table
    )


def _homes(tables: Mapping[str, pa.Table]) -> dict[str, int]:
    households, members = tables.get("households"), tables.get("members")
    if households is None or members is None:
        return {}
    count = bulk.insert(models.Household, households.select(["subject_id", "place_id"]))
    born = tables["child"].select(["subject_id", "birth_date"])
    first = pc.fill_null(
        _aligned(born, members["subject_id"].combine_chunks(), "birth_date"), pa.scalar(0, pa.date32())
    )
    rows = pa.table(
        {
            "household_id": members["household_id"],
            "member_id": members["subject_id"],
            "relationship": members["role"],
            "valid_from": first,
        }
    )
    return {"household": count, "membership": bulk.insert(models.Membership, rows)}
