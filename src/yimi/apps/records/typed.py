"""Records as typed columns, written once: the part of an evaluation that never changes is not done again.

`columns/<form>-<fields>/<n>.parquet` beside the runs: every record of a form ever stored but takings-back, one
column a declared field. A turn adds what arrived since; which of them are in force it asks the database. A form
whose fields changed begins a new folder. `columns/manifest.json` names the files that count and is replaced last,
so a turn that is stopped leaves the old ones in force. All of it may be deleted: the next turn writes it again.

Of forms about cases only the fields that rules read are kept, no narrative. When a case is sealed, the next turn
writes the files that hold its records again without them, and the old files go at once.
"""

from __future__ import annotations

import copy
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from functools import cache, partial
from pathlib import Path
from uuid import uuid4

import pyarrow as pa
from django.conf import settings

from yimi.apps.records.tables import NotInForce, arrivals, end_of_piece, sealed, stamp_of
from yimi.apps.source import Source
from yimi.engines.backend import Connection, put, side_by_side
from yimi.engines.columns import form_query
from yimi.lib.files import flush
from yimi.pack.load import Pack
from yimi.pack.reads import form_fields_read
from yimi.pack.schema import Form
from yimi.rules.sql import quote

LATE = timedelta(days=1)  # how long a number that was passed over may still be filled by a slow transaction
PARTS = 24  # files of a form before they are put together
PIECE = 5_000_000  # records that are read at once: a store of any size takes the memory of so many


@dataclass
class _Kept:
    """What the manifest knows of one form."""

    folder: str
    upto: int = 0  # seq
    stamp: str = ""  # record_uid of the record `upto`: another one there means another database
    parts: list[str] = field(default_factory=list)
    gaps: list[tuple[int, int, str]] = field(
        default_factory=list
    )  # from, to, seen at (ISO): numbers passed over


def build_form_tables(con: Connection, pack: Pack, using: Source, at: datetime) -> None:
    """Create `form_<id>` of every form from the columns kept, after adding what arrived; only fields that rules read."""
    with building_form_tables(con, pack, using, at):
        pass


@contextmanager
def building_form_tables(con: Connection, pack: Pack, using: Source, at: datetime) -> Iterator[None]:
    """The same while the body runs: they are there after it. The database is asked before the body only."""
    kept = refresh(con, pack, using, at)
    out = NotInForce(using)
    put(con, {"not_in_force": pa.table({"seq": out.gone}), "seen_by_two": pa.table({"seq": out.verified})})
    forms = [partial(_form_table, pack, form, kept[form.id]) for form in pack.forms.values()]
    with ThreadPoolExecutor(1) as aside:
        building = aside.submit(side_by_side, con.cursor(), *forms)
        yield
        building.result()
    con.execute("DROP TABLE not_in_force")
    con.execute("DROP TABLE seen_by_two")


def _form_table(pack: Pack, form: Form, kept: _Kept, lane: Connection) -> None:
    reads = form_fields_read(pack).get(form.id, ())
    read = [each.id.lower() for each in form.fields if each.id.lower() in reads]
    columns = ", ".join(["seq", "subject_id", '"on"', *(quote(each) for each in read)])
    files = [str(_root() / kept.folder / each) for each in kept.parts]
    verified = " SEMI JOIN seen_by_two USING (seq)" if form.second_person else ""
    source = f"read_parquet({files!r})" if files else f"({form_query(form, _NOTHING)})"
    lane.execute(
        f"CREATE OR REPLACE TABLE {quote('form_' + form.id)} AS SELECT {columns} FROM {source} "
        f"ANTI JOIN not_in_force USING (seq){verified}"
    )


_NOTHING = (
    "(SELECT NULL::BIGINT AS seq, NULL::BIGINT AS subject_id, NULL::VARCHAR AS form, NULL::DATE AS occurred_on, "
    "NULL::JSON AS answers WHERE FALSE)"
)


def refresh(con: Connection, pack: Pack, using: Source, at: datetime) -> dict[str, _Kept]:
    """Add every record that arrived since the last time. Returns what is kept of each form."""
    kept = _read(pack, using)
    before = copy.deepcopy(kept)
    con.register("sealed_records", pa.table({"seq": pa.array(sealed(using), pa.int64())}))
    gone = [path for name, each in kept.items() for path in _without_sealed(con, pack.forms[name], each)]
    behind: dict[tuple[int, str], list[str]] = {}
    for name, each in kept.items():
        behind.setdefault((each.upto, json.dumps(each.gaps)), []).append(name)
    for names in behind.values():
        _add(con, pack, using, {name: kept[name] for name in names}, at)
    con.unregister("sealed_records")
    if kept != before:
        _write(kept, pack, at)
    for path in gone:
        path.unlink(missing_ok=True)
    return kept


def _without_sealed(con: Connection, form: Form, kept: _Kept) -> list[Path]:
    """Files of a form that hold records of a sealed case, written again without them; the old ones, to be removed."""
    if form.subject != "case" or not kept.parts:
        return []
    folder = _root() / kept.folder
    old = [folder / each for each in kept.parts]
    rows = f"read_parquet({[str(each) for each in old]!r})"
    if not con.execute(f"SELECT count(*) FROM {rows} SEMI JOIN sealed_records USING (seq)").fetchall()[0][0]:
        return []
    part = f"{uuid4().hex}.parquet"
    _copy(con, f"SELECT * FROM {rows} ANTI JOIN sealed_records USING (seq)", folder, part)
    kept.parts = [part]
    return old


def _copy(con: Connection, query: str, folder: Path, part: str) -> None:
    con.execute(f"COPY ({query}) TO '{folder / part}' (FORMAT parquet, COMPRESSION zstd)")
    for path in (folder / part, folder):
        flush(path)


def _add(con: Connection, pack: Pack, using: Source, forms: dict[str, _Kept], at: datetime) -> None:
    """The records of some forms beyond what they all have; of many, so many at a time."""
    some = next(iter(forms.values()))
    while (end := end_of_piece(using, some.upto, PIECE)) is not None:
        _add_piece(con, pack, using, forms, at, end)
    _add_piece(con, pack, using, forms, at, None)


def _add_piece(
    con: Connection, pack: Pack, using: Source, forms: dict[str, _Kept], at: datetime, end: int | None
) -> None:
    some = next(iter(forms.values()))
    put(con, {"arrived": arrivals(using, some.upto, [(first, last) for first, last, _ in some.gaps], end)})
    upto = max(some.upto, con.execute("SELECT coalesce(max(seq), 0) FROM arrived").fetchall()[0][0])
    gaps, stamp = _gaps(con, some, at), stamp_of(using, upto)
    found = con.execute("SELECT DISTINCT form FROM arrived WHERE kind <> 'void'").fetchall()
    arrived = {form for (form,) in found}
    for name, each in forms.items():
        if name in arrived:
            _write_part(con, pack, pack.forms[name], each)
        each.upto, each.stamp, each.gaps = upto, stamp, gaps
    con.execute("DROP TABLE arrived")


def _write_part(con: Connection, pack: Pack, form: Form, kept: _Kept) -> None:
    folder = _root() / kept.folder
    folder.mkdir(parents=True, exist_ok=True)
    rows = "(SELECT * FROM arrived ANTI JOIN sealed_records USING (seq) WHERE kind <> 'void')"
    source = form_query(form, rows, _fields(pack, form))
    part, parts = f"{uuid4().hex}.parquet", kept.parts
    if len(parts) >= PARTS:
        files = [str(folder / each) for each in parts]
        source, parts = f"{source} UNION ALL BY NAME SELECT * FROM read_parquet({files!r})", []
    _copy(con, source, folder, part)
    kept.parts = [*parts, part]


def _gaps(con: Connection, kept: _Kept, at: datetime) -> list[tuple[int, int, str]]:
    """Numbers passed over: of a transaction that was rolled back, or of one still open that will commit late."""
    late = {row[0] for row in con.execute(f"SELECT seq FROM arrived WHERE seq <= {kept.upto}").fetchall()}
    since = (at - LATE).isoformat()
    found = [
        (start, end, seen)
        for first, last, seen in kept.gaps
        if seen > since
        for start, end in _between(first, last, sorted(late))
    ]
    ahead = con.execute(
        "SELECT seq + 1, next - 1 FROM (SELECT seq, lead(seq) OVER (ORDER BY seq) AS next FROM "
        f"(SELECT seq FROM arrived WHERE seq > {kept.upto} UNION ALL SELECT {kept.upto})) WHERE next > seq + 1"
    ).fetchall()
    return found + [(first, last, at.isoformat()) for first, last in ahead]


def _between(first: int, last: int, filled: Sequence[int]) -> Iterator[tuple[int, int]]:
    """What is left of a range when some of its numbers are filled."""
    for each in filled:
        if first <= each <= last:
            if each > first:
                yield first, each - 1
            first = each + 1
    if first <= last:
        yield first, last


# --- the manifest ---------------------------------------------------------------------------------------------


def _root() -> Path:
    return Path(settings.YIMI_DIR) / "columns"


def _fields(pack: Pack, form: Form) -> set[str]:
    """The fields that are kept: all, but of a form about cases only those a rule reads."""
    every = {each.id.lower() for each in form.fields}
    return every & form_fields_read(pack).get(form.id, set()) if form.subject == "case" else every


def _folder(pack: Pack, form: Form) -> str:
    wanted = _fields(pack, form)
    fields = json.dumps([[each.id, each.type] for each in form.fields if each.id.lower() in wanted])
    return f"{form.id}-{hashlib.sha256(fields.encode()).hexdigest()[:12]}"


def _read(pack: Pack, using: Source) -> dict[str, _Kept]:
    try:
        written = json.loads((_root() / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        written = {}
    kept = {}
    stamp = cache(partial(stamp_of, using))  # most forms were last read up to the same record
    for form in pack.forms.values():
        mine = _folder(pack, form)
        each = _Kept(**written[form.id]) if form.id in written else _Kept(mine)
        files = (_root() / each.folder / part for part in each.parts)
        whole = each.folder == mine and all(file.is_file() for file in files)
        kept[form.id] = each if whole and stamp(each.upto) == each.stamp else _Kept(mine)
    return kept


def _write(kept: dict[str, _Kept], pack: Pack, at: datetime) -> None:
    """The manifest, after its files are on the disk; then old files that none names go."""
    of_cases = {form.id for form in pack.forms.values() if form.subject == "case"}
    root = _root()
    root.mkdir(parents=True, exist_ok=True)
    named = {root / each.folder / part for each in kept.values() for part in each.parts}
    unfinished = root / f".manifest-{uuid4().hex}"
    unfinished.write_text(json.dumps({name: asdict(each) for name, each in kept.items()}), encoding="utf-8")
    flush(unfinished)
    os.replace(unfinished, root / "manifest.json")
    flush(root)
    for path in root.glob("*/*.parquet"):
        # Another turn may still read what this one has put together: its files stay for a day. Not those of cases:
        # one of them may be sealed meanwhile, and a turn that loses its file begins anew.
        at_once = path.parent.name.rpartition("-")[0] in of_cases
        if path not in named and (at_once or path.stat().st_mtime < (at - LATE).timestamp()):
            path.unlink(missing_ok=True)
