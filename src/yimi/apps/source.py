"""One consistent picture of the database for the engines, read fast.

SQLite: a copy by the backup interface over Django's own connection, read by DuckDB. DuckDB never sees the live
file: attaching that from inside the same process would take SQLite's locks away. PostgreSQL: COPY.
"""

from __future__ import annotations

import io
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.csv
from django.conf import settings
from django.db import connection

from yimi.pack.tables import Columns

ARROW: dict[str, pa.DataType] = {
    "VARCHAR": pa.string(), "BIGINT": pa.int64(), "INTEGER": pa.int32(), "DATE": pa.date32(),
    "BOOLEAN": pa.bool_(), "TIMESTAMP": pa.timestamp("us"), "JSON": pa.string(), "DOUBLE": pa.float64(),
}  # fmt: skip


class Source(Protocol):
    """Reads SQL that SQLite (through DuckDB) and PostgreSQL both understand."""

    def read(self, query: str, columns: Columns) -> pa.Table:
        """The rows of a query whose columns are those of `columns`, in order, in their Arrow types."""

    def stream(self, query: str, columns: Columns) -> pa.RecordBatchReader:
        """The same rows piece by piece: millions of records never stand in memory at once."""

    def seek(self, query: str) -> list[Any]:
        """The first column of a query that the database's own indexes answer."""

    def look(self, query: str, columns: Columns) -> pa.Table:
        """What `read` gives, of a query for few rows that the database's own indexes answer."""


class _Snapshot:
    def __init__(self, con: Any, path: Path) -> None:
        self.con = con
        self.path = path

    def read(self, query: str, columns: Columns) -> pa.Table:
        found: pa.Table = self._select(query, columns).to_arrow_table()
        return found.cast(_schema(columns))

    def stream(self, query: str, columns: Columns) -> pa.RecordBatchReader:
        return self._select(query, columns).to_arrow_reader(100_000)

    def seek(self, query: str) -> list[Any]:
        copy = sqlite3.connect(self.path)
        try:
            return [row[0] for row in copy.execute(query)]
        finally:
            copy.close()

    def look(self, query: str, columns: Columns) -> pa.Table:
        copy = sqlite3.connect(self.path)
        try:
            found = copy.execute(query).fetchall()
        finally:
            copy.close()
        return pa.Table.from_pylist(_rows(found, columns), _schema(columns))

    def _select(self, query: str, columns: Columns) -> Any:
        wanted = {name: "VARCHAR" if kind == "JSON" else kind for name, kind in columns.items()}
        chosen = ", ".join(f'CAST("{name}" AS {kind}) AS "{name}"' for name, kind in wanted.items())
        return self.con.execute(f"SELECT {chosen} FROM ({query})")


class _Postgres:
    def read(self, query: str, columns: Columns) -> pa.Table:
        return self.stream(query, columns).read_all()

    def stream(self, query: str, columns: Columns) -> pa.RecordBatchReader:
        """Rows as the server sends them; nothing else may be asked over the connection until all are read."""
        chosen = ", ".join(
            f'"{name}" AT TIME ZONE \'UTC\' AS "{name}"' if kind == "TIMESTAMP" else f'"{name}"'
            for name, kind in columns.items()
        )
        connection.ensure_connection()
        asked = f"COPY (SELECT {chosen} FROM ({query}) q) TO STDOUT (FORMAT csv)"
        return pa.RecordBatchReader.from_batches(
            _schema(columns), _copied(connection.connection, asked, columns)
        )

    def look(self, query: str, columns: Columns) -> pa.Table:
        return self.read(query, columns)

    def seek(self, query: str) -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(query)
            return [row[0] for row in cursor.fetchall()]


def _copied(server: Any, asked: str, columns: Columns) -> Iterator[pa.RecordBatch]:
    """Batches of a COPY. Whoever reads them may be another thread than the one that asked: Django is left out."""
    with server.cursor() as cursor, cursor.copy(asked) as copy:
        blocks = _Blocks(copy)
        if not blocks.fill():
            return
        yield from pyarrow.csv.open_csv(
            pa.PythonFile(blocks, mode="r"),
            read_options=pyarrow.csv.ReadOptions(column_names=list(columns), block_size=1 << 24, use_threads=False),
            parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types={name: ARROW[kind] for name, kind in columns.items()},
                strings_can_be_null=True, quoted_strings_can_be_null=False, null_values=[""],
                true_values=["t"], false_values=["f"],
            ),
        )  # fmt: skip


class _Blocks(io.RawIOBase):
    """What the server sends, as a file to read from."""

    def __init__(self, copy: Any) -> None:
        self.copy = copy
        self.left = memoryview(b"")

    def readable(self) -> bool:
        return True

    def fill(self) -> bool:
        """Have something to give; False at the end."""
        while not self.left:
            block = self.copy.read()
            if not block:
                return False
            self.left = memoryview(block)
        return True

    def read(self, size: int = -1) -> bytes:
        """As many bytes as wanted, fewer only at the end: a short answer would end a reader of Arrow."""
        parts: list[bytes] = []
        wanted = size
        while (size < 0 or wanted > 0) and self.fill():
            part = self.left if size < 0 else self.left[:wanted]
            parts.append(bytes(part))
            self.left = self.left[len(part) :]
            wanted -= len(part)
        return b"".join(parts)


def _schema(columns: Columns) -> pa.Schema:
    return pa.schema([(name, ARROW[kind]) for name, kind in columns.items()])


@contextmanager
def source() -> Iterator[Source]:
    """The database as it is now. On PostgreSQL use it inside a REPEATABLE READ transaction for several reads."""
    if connection.vendor == "postgresql":
        yield _Postgres()
        return
    import duckdb

    folder = Path(settings.YIMI_DIR) / "runs"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".snapshot-") as kept:
        path = Path(kept) / "snapshot.sqlite3"
        _backup(path)
        config: Any = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
        con = duckdb.connect(":memory:", config=config)
        try:
            con.execute(f"LOAD '{_extension()}'")
            con.execute(f"ATTACH '{path}' AS db (TYPE sqlite, READ_ONLY)")
            con.execute("USE db")
            yield _Snapshot(con, path)
        finally:
            con.close()


def _backup(path: Path) -> None:
    connection.ensure_connection()
    live: Any = connection.connection
    if live.in_transaction:
        # The backup interface waits for the end of a writing transaction, our own included. The caller wants to
        # see what it has written so far, so the pages are copied through memory.
        path.write_bytes(live.serialize())
        return
    copy = sqlite3.connect(path)
    try:
        copy.execute("PRAGMA synchronous=OFF")
        copy.execute("PRAGMA journal_mode=OFF")
        live.backup(copy)
    finally:
        copy.close()


def _extension() -> Path:
    """The sqlite extension from its PyPI package: loaded by path, nothing is fetched."""
    spec = find_spec("duckdb_extension_sqlite_scanner")
    if spec is None or spec.origin is None:
        raise RuntimeError("the package duckdb-extension-sqlite-scanner is not installed")
    return next(Path(spec.origin).parent.rglob("*.duckdb_extension"))


def rows(query: str, parameters: list[Any], columns: Columns) -> list[dict[str, Any]]:
    """A small query over Django's connection, for one subject: a dict a row, in the types of `columns`."""
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        found = cursor.fetchall()
    return _rows(found, columns)


def _rows(found: Sequence[Sequence[Any]], columns: Columns) -> list[dict[str, Any]]:
    changes = [_FROM_SQLITE.get(kind) for kind in columns.values()]
    return [
        {
            name: each if change is None or each is None else change(each)
            for name, change, each in zip(columns, changes, row, strict=True)
        }
        for row in found
    ]


# SQLite gives text for dates and 0 or 1 for booleans; PostgreSQL gives the real things.
_FROM_SQLITE: dict[str, Callable[[Any], Any]] = {
    "DATE": lambda each: date.fromisoformat(each[:10]) if isinstance(each, str) else each,
    "BOOLEAN": bool,
}
