"""Writing whole Arrow tables into the database, for loads of millions of rows within one transaction.

SQLite: `executemany` of the driver on Django's own connection, with the table's indexes taken off and built
again at the end (sorted, so about five times faster). PostgreSQL: COPY. The caller holds the transaction; a
load either happened or did not.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from django.db import connection, models

BATCH = 50_000
ROOM_KIB = 262_144  # for the pages of indexes that rows in no order touch: a cache that is too small writes them twice


def insert(model: type[models.Model], table: pa.Table, *, few: bool = False) -> int:
    """Append the rows. Column names are database columns; dates, times (UTC), booleans and texts as Arrow types.

    `few`: compared with what is there, so that its indexes are kept up instead of built again.
    """
    name = model._meta.db_table
    known = {field.column for field in model._meta.concrete_fields}
    unknown = set(table.column_names) - known
    if unknown:
        raise ValueError(f"{name} has no column {', '.join(sorted(unknown))}")
    if table.num_rows == 0:
        return 0
    if connection.vendor == "postgresql":
        _copy(name, table)
        _advance_sequence(model, table)
    else:
        with _room() if few else _without_indexes(name):
            _executemany(name, table)
    return table.num_rows


@contextmanager
def _room() -> Iterator[None]:
    """SQLite's cache of this connection, larger for as long as rows are written."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA cache_size")
        usual = int(cursor.fetchone()[0])
        cursor.execute(f"PRAGMA cache_size = {-ROOM_KIB}")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA cache_size = {usual}")


def _executemany(name: str, table: pa.Table) -> None:
    columns = ", ".join(f'"{each}"' for each in table.column_names)
    marks = ", ".join("?" for _ in table.column_names)
    connection.ensure_connection()
    raw: Any = connection.connection
    statement = f'INSERT INTO "{name}" ({columns}) VALUES ({marks})'
    for batch in table.to_batches(max_chunksize=BATCH):
        with connection.wrap_database_errors:
            raw.executemany(statement, zip(*[_plain(column) for column in batch.columns], strict=True))


def _plain(column: pa.Array) -> list[Any]:
    """Python values SQLite takes, without a detour over one scalar object a cell."""
    kind = column.type
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        text = column.cast(pa.string())
        if pa.types.is_timestamp(kind):
            text = pc.replace_substring_regex(text, r"(\.0+|Z)+$", "")
        return _objects(text)
    if pa.types.is_boolean(kind):
        column = column.cast(pa.int8())
    if pa.types.is_integer(column.type) and column.null_count == 0:
        return column.to_numpy(zero_copy_only=False).tolist()
    return column.to_pylist() if not pa.types.is_string(column.type) else _objects(column)


def _objects(text: pa.Array) -> list[Any]:
    return text.to_numpy(zero_copy_only=False).tolist()


@contextmanager
def _without_indexes(name: str) -> Iterator[None]:
    """Take a table's own indexes off and build them again; its constraints stay."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = %s AND sql IS NOT NULL",
            [name],
        )
        indexes = cursor.fetchall()
        for index, _ in indexes:
            cursor.execute(f'DROP INDEX "{index}"')
        yield
        for _, sql in indexes:
            cursor.execute(sql)


def _copy(name: str, table: pa.Table) -> None:
    columns = ", ".join(f'"{each}"' for each in table.column_names)
    binary = [i for i, each in enumerate(table.schema) if pa.types.is_binary(each.type)]
    for i in binary:
        hexed = pa.array(
            [None if v is None else "\\x" + v.hex() for v in table.column(i).to_pylist()], pa.string()
        )
        table = table.set_column(i, table.column_names[i], hexed)
    options = pyarrow.csv.WriteOptions(include_header=False, quoting_style="all_valid")
    with (
        connection.cursor() as cursor,
        cursor.copy(f'COPY "{name}" ({columns}) FROM STDIN (FORMAT csv)') as copy,
    ):
        for batch in table.to_batches(max_chunksize=BATCH):
            buffer = io.BytesIO()
            pyarrow.csv.write_csv(pa.Table.from_batches([batch]), buffer, write_options=options)
            copy.write(buffer.getvalue())


def _advance_sequence(model: type[models.Model], table: pa.Table) -> None:
    """Past the numbers that came with the rows; where the sequence gave them, others may be ahead already."""
    key = model._meta.pk
    if not isinstance(key, models.AutoField | models.BigAutoField) or key.column not in table.column_names:
        return
    name = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT setval(pg_get_serial_sequence('{name}', '{key.column}'), "
            f'(SELECT max("{key.column}") FROM "{name}"))'
        )


def constant(value: Any, rows: int, kind: pa.DataType) -> pa.Array:
    """A column of one value."""
    return pa.nulls(rows, kind) if value is None else pa.repeat(pa.scalar(value, kind), rows)


def moments(at: datetime, rows: int) -> pa.Array:
    """A column of one moment: zoned for PostgreSQL, bare UTC as Django keeps it in SQLite."""
    utc = at.astimezone(UTC)
    if connection.vendor == "postgresql":
        return constant(utc, rows, pa.timestamp("us", "UTC"))
    return constant(utc.replace(tzinfo=None), rows, pa.timestamp("us"))
