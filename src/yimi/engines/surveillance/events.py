"""Records of several sources as events: the same child, the same mechanism, within days of the first: one event.

In: the form tables and the children's facts of a day. Out: table `events`, a row an event of the last three years,
and of the days before them that a season is compared with.
Records stay as they are; an event is worked out anew each turn, so a record that is put right moves where it belongs.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, TypeVar

import pyarrow as pa

from yimi.engines import backend
from yimi.engines.backend import Connection, binding
from yimi.engines.surveillance.season import compared, windows
from yimi.lib.dates import add_months
from yimi.pack.load import Pack
from yimi.pack.reads import watched_fields
from yimi.pack.schema import Surveillance
from yimi.rules.parse import parse
from yimi.rules.sql import day, quote, text, to_sql

TABLE = "events"
Row = TypeVar("Row")
YEARS, ALIKE_DAYS = 3, 7
_M_PER_DEGREE = 111_320.0
COLUMNS = pa.schema(
    [
        ("surveillance", pa.string()), ("event", pa.int64()), ("subject_id", pa.int64()), ("on", pa.date32()),
        ("codes", pa.map_(pa.string(), pa.string())), ("sources", pa.list_(pa.string())), ("records", pa.int32()),
        ("lat", pa.float64()), ("lon", pa.float64()),
    ]
)  # fmt: skip


@dataclass
class _Event:
    first: dict[str, Any]
    codes: dict[str, str | None]
    sources: list[str] = field(default_factory=list)
    records: int = 0
    point: tuple[float, float] | None = None


def build_events(con: Connection, pack: Pack, as_of: date, facts: str) -> str:
    """Create `events`: what `COLUMNS` names, the child's place and township, and

    `earlier`: events of the same child in the period before; `near`: events alike at the same spot in it; `alike`:
    events alike in the township within the week that ends with it, itself among them; `season_excess`: is it one of the
    last days, of a kind of which there is more than the season brings (NULL where that is not judged)?
    """
    merged = [row for each in pack.surveillance.values() for row in _rows(con, pack, each, as_of)]
    con.register("events_merged", pa.Table.from_pylist(merged, schema=COLUMNS))
    con.execute(
        f"CREATE OR REPLACE TABLE {TABLE} AS SELECT e.*, f.place, f.township, 0 AS earlier, 0 AS near, 0 AS alike, "
        f"NULL::BOOLEAN AS season_excess "
        f'FROM events_merged e JOIN {facts} f USING (subject_id) ORDER BY e.surveillance, e."on", e.event'
    )
    con.unregister("events_merged")
    for each in pack.surveillance.values():
        _count_beside(con, pack, each, as_of)
        _mark_excess(con, pack, each, as_of)
    return TABLE


def _rows(con: Connection, pack: Pack, each: Surveillance, as_of: date) -> Iterator[dict[str, Any]]:
    names = sorted(watched_fields(each))
    condition = to_sql(parse(each.counts_when), replace(binding(pack), day=day(as_of)))
    chosen = ", ".join(quote(name) for name in names)
    found = backend.rows(
        con,
        f'SELECT seq, subject_id, "on", {chosen} FROM {quote("form_" + each.form)} WHERE ({condition}) '
        f'AND "on" <= {day(as_of)} AND "on" > {day(_oldest(pack, each, as_of))} '
        f'ORDER BY subject_id, {", ".join(quote(name.lower()) for name in each.same)}, "on", seq',
    )
    for event in _merged(pack, each, found, pack.number_on(each.within, as_of)):
        lat, lon = event.point or (None, None)
        yield {
            "surveillance": each.id, "event": event.first["seq"], "subject_id": event.first["subject_id"],
            "on": event.first["on"], "codes": list(event.codes.items()), "sources": sorted(event.sources),
            "records": event.records, "lat": lat, "lon": lon,
        }  # fmt: skip


def _oldest(pack: Pack, each: Surveillance, as_of: date) -> date:
    """The day after which events are kept."""
    kept = add_months(as_of, -12 * YEARS)
    if each.season is None:
        return kept
    numbers = (pack.number_on(name, as_of) for name in (each.season.days, each.season.years))
    return min(kept, windows(as_of, *numbers)[-1][0])


def _mark_excess(con: Connection, pack: Pack, each: Surveillance, as_of: date) -> None:
    code = f"codes[{text(each.cuts[0].lower())}]"
    mine = f"surveillance = {text(each.id)}"
    events = con.execute(f"SELECT coalesce({code}, ''), \"on\" FROM {TABLE} WHERE {mine}").fetchall()
    first = con.execute(f'SELECT min("on") FROM {quote("form_" + each.form)}').fetchone()
    found = compared(pack, each, as_of, events, first[0] if first else None)
    if found is None or not found.judged:
        return
    more = [name for name in found.counts if found.more(name)]
    within = f"coalesce({code}, '') IN ({', '.join(map(text, more))})" if more else "FALSE"
    con.execute(
        f'UPDATE {TABLE} SET season_excess = {within} WHERE {mine} AND "on" > {day(found.windows[0][0])}'
    )


def together(
    rows: Iterable[Row], alike: Callable[[Row], Hashable], on: Callable[[Row], date], within: int
) -> Iterator[list[Row]]:
    """Rows that tell of one event. They come sorted by what makes them alike, then by day.

    A chain does not grow: days count from the first row.
    """
    event: list[Row] = []
    for row in rows:
        if event and (alike(event[0]) != alike(row) or (on(row) - on(event[0])).days > within):
            yield event
            event = []
        event.append(row)
    if event:
        yield event


def _merged(pack: Pack, each: Surveillance, rows: Sequence[dict[str, Any]], within: int) -> Iterator[_Event]:
    """Events of records sorted by child, sameness and day."""
    kept = [name.lower() for name in dict.fromkeys((*each.same, *each.cuts))]
    order = {name.lower(): _order(pack, each, name) for name in each.worst}
    same = ["subject_id", *(name.lower() for name in each.same)]
    for told in together(rows, lambda row: tuple(row[name] for name in same), lambda row: row["on"], within):
        event = _Event(told[0], {name: told[0][name] for name in kept})
        for row in told:
            _tell(each, event, row, order)
        yield event


def _tell(
    each: Surveillance, event: _Event, row: Mapping[str, Any], order: Mapping[str, Mapping[str, int]]
) -> None:
    """Another record of an event: its source, the worse of two codes, the first point."""
    event.records += 1
    source = row[each.source_field.lower()]
    if source and source not in event.sources:
        event.sources.append(source)
    for name, known in event.codes.items():
        ranks, new = order.get(name, {}), row[name]
        worse = new is not None and ranks.get(new, -1) > ranks.get(known or "", -1)
        event.codes[name] = new if known is None or worse else known
    if each.nearby and event.point is None:
        lat, lon = row[each.nearby.latitude.lower()], row[each.nearby.longitude.lower()]
        event.point = (lat, lon) if lat is not None and lon is not None else None


def _order(pack: Pack, each: Surveillance, name: str) -> dict[str, int]:
    fields = {one.id: one.vocabulary for one in pack.forms[each.form].fields}
    vocabulary = pack.vocabularies.get(fields.get(name) or "")
    return {code.code: index for index, code in enumerate(vocabulary.codes)} if vocabulary else {}


def _count_beside(con: Connection, pack: Pack, each: Surveillance, as_of: date) -> None:
    """Fill `earlier`, `near` and `alike` of one surveillance's events."""
    period = _period(pack, each.again_within, as_of)
    alike = " AND ".join(
        f"x.codes[{text(name.lower())}] = {TABLE}.codes[{text(name.lower())}]" for name in each.same
    )
    mine = f"x.surveillance = {text(each.id)} AND {TABLE}.surveillance = {text(each.id)}"
    before = f'(x."on", x.event) < ({TABLE}."on", {TABLE}.event) AND x."on" > {TABLE}."on" - {period}'
    columns = {
        "earlier": f"x.subject_id = {TABLE}.subject_id AND {before}",
        "alike": f'x.township = {TABLE}.township AND {alike} AND x."on" <= {TABLE}."on" '
        f'AND x."on" > {TABLE}."on" - INTERVAL {ALIKE_DAYS} DAY',
    }
    if each.nearby:
        metres = pack.number_on(each.nearby.within_m, as_of)
        columns["near"] = f"{alike} AND {before} AND {_metres()} <= {metres}"
    for name, condition in columns.items():
        con.execute(
            f"UPDATE {TABLE} SET {name} = (SELECT count(*) FROM {TABLE} x WHERE {mine} AND {condition}) "
            f"WHERE surveillance = {text(each.id)}"
        )


def _metres() -> str:
    """Between two points of a district: flat, the eastward degree shortened by latitude; right to a metre in 500."""
    north = f"(x.lat - {TABLE}.lat)"
    east = f"(x.lon - {TABLE}.lon) * cos(radians({TABLE}.lat))"
    return f"{_M_PER_DEGREE} * sqrt(power({north}, 2) + power({east}, 2))"


def _period(pack: Pack, parameter: str, as_of: date) -> str:
    values = [value for since, value in backend.parameters(pack)[parameter] if since <= as_of]
    return values[-1] if values and values[-1] != "NULL" else "INTERVAL 12 MONTH"
