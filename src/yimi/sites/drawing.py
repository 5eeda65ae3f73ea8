"""Pictures drawn on the server: status marks, sparks, maps, dot plots, growth charts, lifelines.

Pure functions from plain values to SVG markup. Looks come from the stylesheet: the markup carries classes
and no inline style, so a strict Content-Security-Policy holds and print can restyle. Every drawing has a
title and a description; a drawing with links is a group, not an image, so that a keyboard reaches them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape
from math import ceil, cos, floor, log10, radians

Point = tuple[float, float]

# One glyph per state, 12 × 12. Shape carries the meaning; color only repeats it.
_GLYPHS = {
    "met": '<circle cx="6" cy="6" r="5"/>',
    "on_track": '<circle class="hollow" cx="6" cy="6" r="4.4"/><path d="M6 1.6a4.4 4.4 0 0 0 0 8.8z"/>',
    "off": '<path d="M6 .8 11.4 11H.6z"/>',
    "no_data": '<circle class="hollow" cx="6" cy="6" r="4.4"/>',
    "typed": '<path d="M1 11l.7-3.1L8.3 1.3a1.2 1.2 0 0 1 1.7 0l.7.7a1.2 1.2 0 0 1 0 1.7L4.1 10.3z"/>',
}


def mark(state: str) -> str:
    """The glyph of a status light: met, on_track, off, no_data or typed. The word stands beside it."""
    return (
        f'<svg class="mark mark-{escape(state)}" viewBox="0 0 12 12" aria-hidden="true">{_glyph(state)}</svg>'
    )


def _glyph(state: str) -> str:
    return _GLYPHS.get(state, _GLYPHS["no_data"])


def _n(value: float) -> str:
    """A coordinate with one decimal and no trailing zero."""
    return f"{value:.1f}".rstrip("0").rstrip(".")


def _svg(
    kind: str, width: float, height: float, title: str, desc: str, body: str, *, links: bool = False
) -> str:
    role = "group" if links else "img"
    return (
        f'<svg class="drawing {kind}" viewBox="0 0 {_n(width)} {_n(height)}" role="{role}" '
        f'aria-label="{escape(f"{title}. {desc}")}"><title>{escape(title)}</title>'
        f"<desc>{escape(desc)}</desc>{body}</svg>"
    )


def _linked(href: str | None, label: str, body: str) -> str:
    if not href:
        return body
    return f'<a href="{escape(href)}" aria-label="{escape(label)}">{body}</a>'


def _text(x: float, y: float, words: str, kind: str, anchor: str = "start") -> str:
    return f'<text class="{kind}" x="{_n(x)}" y="{_n(y)}" text-anchor="{anchor}">{escape(words)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line class="{kind}" x1="{_n(x1)}" y1="{_n(y1)}" x2="{_n(x2)}" y2="{_n(y2)}"/>'


def _path(points: Iterable[Point]) -> str:
    return "M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in points)


def _scale(low: float, high: float, start: float, end: float) -> tuple[float, float]:
    """Slope and offset taking [low, high] to [start, end]; a single value lands in the middle."""
    if high == low:
        return 0.0, (start + end) / 2
    slope = (end - start) / (high - low)
    return slope, start - low * slope


def _ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round values (1, 2 or 5 times a power of ten) that cover the range."""
    if high <= low:
        return [low]
    raw = (high - low) / about
    power = 10.0 ** floor(log10(raw))
    step = next(power * m for m in (1, 2, 5, 10) if raw <= power * m + 1e-12)
    first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
    return [round(i * step, 10) for i in range(first, last + 1)]


def _figure(value: float) -> str:
    return f"{value:g}"


# --- trend ------------------------------------------------------------------------------------------------


def spark(values: Sequence[float | None], *, title: str, desc: str, target: float | None = None) -> str:
    """A word-sized trend with its last value marked. Missing values leave a gap."""
    width, height, pad = 96.0, 24.0, 3.0
    known = [v for v in values if v is not None]
    if not known:
        return _svg("spark", width, height, title, desc, _line(pad, 12, width - pad, 12, "gap"))
    span = [*known, *([target] if target is not None else [])]
    slope, offset = _scale(min(span), max(span), height - pad, pad)
    step = (width - 2 * pad) / max(len(values) - 1, 1)
    body = (
        _line(0, slope * target + offset, width, slope * target + offset, "goal")
        if target is not None
        else ""
    )
    runs: list[list[Point]] = [[]]
    for i, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append((pad + i * step, slope * value + offset))
    body += "".join(f'<path class="trend" d="{_path(run)}"/>' for run in runs if len(run) > 1)
    last = next(run[-1] for run in reversed(runs) if run)
    body += f'<circle class="last" cx="{_n(last[0])}" cy="{_n(last[1])}" r="2.4"/>'
    return _svg("spark", width, height, title, desc, body)


@dataclass(frozen=True)
class TrendPoint:
    """One period of a trend; `label` is what the axis says, `note` what a screen reader adds."""

    label: str
    value: float | None


def trend(
    points: Sequence[TrendPoint], *, title: str, desc: str, unit: str, target: float | None = None
) -> str:
    """A trend with axes: the figure's history against its target line."""
    width, height = 640.0, 320.0
    left, right, top, bottom = 44.0, 16.0, 16.0, 28.0
    known = [p.value for p in points if p.value is not None]
    span = [*known, *([target] if target is not None else [])] or [0.0, 1.0]
    room = (max(span) - min(span)) * 0.15 or max(abs(max(span)) * 0.05, 0.5)
    low, high = min(span) - room, max(span) + room
    slope, offset = _scale(low, high, height - bottom, top)
    body = ""
    for tick in _ticks(low, high, 4):
        y = slope * tick + offset
        body += _line(left, y, width - right, y, "grid") + _text(
            left - 8, y + 4, _figure(tick), "axis", "end"
        )
    step = (width - left - right - 24) / max(len(points) - 1, 1)
    every = max(1, ceil(len(points) / 7))
    runs: list[list[Point]] = [[]]
    for i, point in enumerate(points):
        x = left + 12 + i * step
        if (len(points) - 1 - i) % every == 0:
            body += _text(x, height - 8, point.label, "axis", "middle")
        if point.value is None:
            runs.append([])
            continue
        runs[-1].append((x, slope * point.value + offset))
    if target is not None:
        y = slope * target + offset
        body += _line(left, y, width - right, y, "goal")
        body += _text(width - right, y - 5, f"{_figure(target)}{unit}", "goal-label", "end")
    for run in runs:
        if len(run) > 1:
            body += f'<path class="trend" d="{_path(run)}"/>'
        body += "".join(f'<circle class="knot" cx="{_n(x)}" cy="{_n(y)}" r="2.5"/>' for x, y in run)
    ends = [run[-1] for run in runs if run]
    if ends:
        body += f'<circle class="last" cx="{_n(ends[-1][0])}" cy="{_n(ends[-1][1])}" r="4"/>'
    return _svg("trend-chart", width, height, title, desc, body)


# --- places -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MapPlace:
    """A place on the map: its seat, its light, what it says and where it leads."""

    name: str
    lat: float
    lon: float
    state: str
    value: str = ""
    href: str | None = None


_SIDES = ((9, 4, "start"), (-9, 4, "end"), (0, -10, "middle"), (0, 19, "middle"))
_Box = tuple[float, float, float, float]


def _overlaps(a: _Box, b: _Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def text_width(words: str, size: float) -> float:
    """About how wide words are at a font size: a Chinese character is as wide as high."""
    return sum(size if ord(c) > 0x2E80 else size * 0.62 for c in words)


def _place_labels(
    spots: Sequence[tuple[Point, str]], size: float, width: float
) -> list[tuple[float, float, str]]:
    """Where each name goes: the side of its point that hits fewest points and earlier names."""
    taken: list[_Box] = [(x - 6, y - 6, x + 6, y + 6) for (x, y), _ in spots]
    result = []
    for (x, y), words in spots:
        wide = text_width(words, size)
        boxes = []
        for dx, dy, anchor in _SIDES:
            start = x + dx - {"start": 0, "end": wide, "middle": wide / 2}[anchor]
            boxes.append((start, y + dy - size, start + wide, y + dy + 3))
        hits = [
            sum(_overlaps(box, other) for other in taken) + 9 * (box[0] < 0 or box[2] > width)
            for box in boxes
        ]
        best = hits.index(min(hits))
        taken.append(boxes[best])
        result.append((x + _SIDES[best][0], y + _SIDES[best][1], _SIDES[best][2]))
    return result


def place_map(
    places: Sequence[MapPlace],
    *,
    title: str,
    desc: str,
    outline: Sequence[Point] = (),
    small: bool = False,
    scale_label: str = "10 km",
) -> str:
    """Places by their seats, with a light each. `outline` is (lon, lat); the small form has no names.

    A point is a seat, not an area: without an approved base map no boundary of a township is drawn.
    """
    if not places:
        return ""
    width = 240.0 if small else 720.0
    pad_x, pad_y = (10.0, 10.0) if small else (64.0, 28.0)
    lats = [p.lat for p in places] + [lat for _, lat in outline]
    lons = [p.lon for p in places] + [lon for lon, _ in outline]
    squeeze = cos(radians((min(lats) + max(lats)) / 2))
    per_degree = (width - 2 * pad_x) / max((max(lons) - min(lons)) * squeeze, 0.01)
    height = (max(lats) - min(lats)) * per_degree + 2 * pad_y

    def at(lon: float, lat: float) -> Point:
        return pad_x + (lon - min(lons)) * squeeze * per_degree, pad_y + (max(lats) - lat) * per_degree

    body = f'<path class="outline" d="{_path(at(*p) for p in outline)}Z"/>' if outline else ""
    if not small:
        body += "".join(
            _line(at(step / 10, 0)[0], 8, at(step / 10, 0)[0], height - 24, "grid")
            for step in range(ceil(min(lons) * 10), floor(max(lons) * 10) + 1)
        )
        body += "".join(
            _line(8, at(min(lons), step / 10)[1], width - 8, at(min(lons), step / 10)[1], "grid")
            for step in range(ceil(min(lats) * 10), floor(max(lats) * 10) + 1)
        )
    ordered = sorted(places, key=lambda p: (p.state != "off", -p.lat))  # lagging names get room first
    spots = [(at(p.lon, p.lat), p.name) for p in ordered]
    labels = _place_labels(spots, 17.0, width)
    drawn = []
    for place, ((x, y), _), (lx, ly, anchor) in zip(ordered, spots, labels, strict=True):
        half = 4.0 if small else 6.0
        spot = f'<g class="mark mark-{escape(place.state)}" transform="translate({_n(x - half)} {_n(y - half)})">'
        spot += (
            f'<g transform="scale({_n(half / 6)})">{_glyph(place.state)}</g></g>'
            if small
            else f"{_glyph(place.state)}</g>"
        )
        if not small:
            spot = f'<circle class="hit" cx="{_n(x)}" cy="{_n(y)}" r="13"/>' + spot
            spot += _text(lx, ly, place.name, f"place-name is-{escape(place.state)}", anchor)
        said = f"{place.name} {place.value}".strip()
        drawn.append(f"<g><title>{escape(said)}</title>{_linked(place.href, said, spot)}</g>")
    body += "".join(reversed(drawn))
    if not small:
        ten_km = 10 / 111.32 * per_degree
        y = height - 10
        body += _line(8, y, 8 + ten_km, y, "scale") + _line(8, y - 4, 8, y + 4, "scale")
        body += _line(8 + ten_km, y - 4, 8 + ten_km, y + 4, "scale") + _text(
            14 + ten_km, y + 4, scale_label, "axis"
        )
    links = any(p.href for p in places)
    return _svg("map map-small" if small else "map", width, height, title, desc, body, links=links)


@dataclass(frozen=True)
class DotRow:
    """One line of a dot plot: a place, its value, its light, and its interval where it is a rare rate."""

    label: str
    value: float | None
    state: str
    said: str = ""  # the value as written: "93.4%"
    href: str | None = None
    low: float | None = None
    high: float | None = None


def dot_plot(
    rows: Sequence[DotRow], *, title: str, desc: str, target: float | None = None, none: str = "–"
) -> str:
    """Places on one common scale, in the order given, against the target."""
    width, right, pitch, top = 560.0, 72.0, 26.0, 28.0
    left = max((text_width(row.label, 15.0) for row in rows), default=0) + 24
    height = top + pitch * len(rows) + 8
    known = [v for r in rows for v in (r.value, r.low, r.high) if v is not None]
    span = [*known, *([target] if target is not None else [])] or [0.0, 1.0]
    room = (max(span) - min(span)) * 0.06 or 1.0
    slope, offset = _scale(min(span) - room, max(span) + room, left, width - right)
    body = ""
    for tick in _ticks(min(span) - room, max(span) + room, 4):
        x = slope * tick + offset
        body += _line(x, top - 4, x, height - 8, "grid") + _text(x, top - 10, _figure(tick), "axis", "middle")
    if target is not None:
        x = slope * target + offset
        body += _line(x, top - 6, x, height - 4, "goal")
    for i, row in enumerate(rows):
        y = top + pitch * i + pitch / 2
        line = _line(left, y, width - right, y, "lane")
        if row.low is not None and row.high is not None:
            line += _line(slope * row.low + offset, y, slope * row.high + offset, y, "interval")
        line += _text(left - 12, y + 5, row.label, "row-label", "end")
        if row.value is not None:
            x = slope * row.value + offset
            line += f'<g class="mark mark-{escape(row.state)}" transform="translate({_n(x - 6)} {_n(y - 6)})">{_glyph(row.state)}</g>'
        line += _text(width, y + 4, row.said or none, f"row-value is-{escape(row.state)}", "end")
        body += _linked(row.href, f"{row.label} {row.said or none}", line)
    return _svg("dots", width, height, title, desc, body, links=any(r.href for r in rows))


# --- children ---------------------------------------------------------------------------------------------


def growth_chart(
    bands: Mapping[int, Sequence[Point]],
    points: Sequence[tuple[float, float, str]],
    *,
    title: str,
    desc: str,
    x_label: str,
    y_label: str,
) -> str:
    """Measurements over the standard's curves. `bands`: SD (-3…3) → (age in months, value); points add a text."""
    width, height = 640.0, 380.0
    left, right, top, bottom = 44.0, 44.0, 24.0, 36.0
    ages = [a for curve in bands.values() for a, _ in curve] + [a for a, _, _ in points]
    values = [v for curve in bands.values() for _, v in curve] + [v for _, v, _ in points]
    if not ages:
        return ""
    sx, ox = _scale(min(ages), max(ages), left, width - right)
    sy, oy = _scale(min(values), max(values), height - bottom, top)

    def at(age: float, value: float) -> Point:
        return sx * age + ox, sy * value + oy

    body = ""
    for tick in _ticks(min(values), max(values), 6):
        y = sy * tick + oy
        body += _line(left, y, width - right, y, "grid") + _text(
            left - 8, y + 4, _figure(tick), "axis", "end"
        )
    for tick in _month_ticks(min(ages), max(ages)):
        x = sx * tick + ox
        body += _line(x, top, x, height - bottom, "grid") + _text(
            x, height - bottom + 16, _figure(tick), "axis", "middle"
        )
    body += _band(bands, -2, 2, at, "band-wide") + _band(bands, -1, 1, at, "band-near")
    for sd, curve in sorted(bands.items()):
        body += f'<path class="sd sd-{abs(sd)}" d="{_path(at(a, v) for a, v in curve)}"/>'
        end = at(*curve[-1])
        body += _text(end[0] + 6, end[1] + 4, f"{sd:+d}" if sd else "0", "sd-label")
    line = [at(a, v) for a, v, _ in points]
    if len(line) > 1:
        body += f'<path class="measured" d="{_path(line)}"/>'
    for (x, y), (_, _, said) in zip(line, points, strict=True):
        body += f'<circle class="measured-at" cx="{_n(x)}" cy="{_n(y)}" r="4"><title>{escape(said)}</title></circle>'
    body += _text(left, 14, y_label, "axis") + _text(width - right, height - 4, x_label, "axis", "end")
    return _svg("growth", width, height, title, desc, body)


def _month_ticks(low: float, high: float) -> list[float]:
    """Ages parents and doctors use: every 1, 3, 6, 12 or 24 months."""
    step = next((s for s in (1, 3, 6, 12) if (high - low) / s <= 12), 24)
    return [float(m) for m in range(ceil(low / step) * step, floor(high) + 1, step)]


def _band(bands: Mapping[int, Sequence[Point]], low: int, high: int, at: object, kind: str) -> str:
    if low not in bands or high not in bands or not callable(at):
        return ""
    there = [at(a, v) for a, v in bands[low]]
    back = [at(a, v) for a, v in reversed(bands[high])]
    return f'<path class="{kind}" d="{_path([*there, *back])}Z"/>'


@dataclass(frozen=True)
class Span:
    """A window in which something is wanted, or an interval in which something holds."""

    start: date
    end: date
    state: str  # done, due, overdue, upcoming, open
    said: str


@dataclass(frozen=True)
class Event:
    on: date
    state: str  # done, late, invalid, note
    said: str


@dataclass(frozen=True)
class Lane:
    """One pathway or status of a child's life."""

    name: str
    spans: tuple[Span, ...] = ()
    events: tuple[Event, ...] = ()


def lifeline(
    lanes: Sequence[Lane], *, start: date, end: date, as_of: date, as_of_label: str, title: str, desc: str
) -> str:
    """A life on one axis: a lane per pathway, windows as bars, records as dots, today as the one rule."""
    width, right, pitch, top = 1184.0, 16.0, 32.0, 32.0
    left = max([116.0, *(text_width(lane.name, 13) + 16 for lane in lanes)])
    height = top + pitch * len(lanes) + 20
    days = max((end - start).days, 1)

    def at(day: date) -> float:
        clipped = min(max(day, start), end)
        return left + (clipped - start).days / days * (width - left - right)

    body = ""
    for day, words in _year_marks(start, end):
        body += _line(at(day), top, at(day), height - 16, "grid")
        if at(day) < width - right - 48:
            body += _text(at(day) + 4, height - 4, words, "axis")
    for i, lane in enumerate(lanes):
        y = top + pitch * i + pitch / 2
        body += _line(left, y, width - right, y, "lane") + _text(
            left - 12, y + 4, lane.name, "row-label", "end"
        )
        for span in lane.spans:
            x, x2 = at(span.start), at(span.end)
            body += (
                f'<rect class="span span-{escape(span.state)}" x="{_n(x)}" y="{_n(y - 7)}" '
                f'width="{_n(max(x2 - x, 3))}" height="14"><title>{escape(span.said)}</title></rect>'
            )
        for event in lane.events:
            body += (
                f'<circle class="event event-{escape(event.state)}" cx="{_n(at(event.on))}" cy="{_n(y)}" r="5">'
                f"<title>{escape(event.said)}</title></circle>"
            )
    x = at(as_of)
    body += _line(x, top - 12, x, height - 16, "today") + _line(x - 8, top - 12, x + 8, top - 12, "today")
    body += _text(
        x - 12 if x > width / 2 else x + 12,
        top - 8,
        as_of_label,
        "today-label",
        "end" if x > width / 2 else "start",
    )
    return _svg("lifeline", width, height, title, desc, body)


def _year_marks(start: date, end: date) -> list[tuple[date, str]]:
    """The first of January of each year, or of each quarter when the life is short."""
    if (end - start).days > 1200:
        return [(date(y, 1, 1), str(y)) for y in range(start.year + 1, end.year + 1)]
    marks, day = [], start.replace(day=1)
    while day <= end:
        if day >= start and day.month in (1, 4, 7, 10):
            marks.append((day, f"{day:%Y-%m}"))
        day = (day + timedelta(days=32)).replace(day=1)
    return marks


def clock_face(fraction: float) -> str:
    """How much of a deadline is used up, as a filled part of a disc; full means over."""
    share = min(max(fraction, 0.0), 1.0)
    if share >= 1:
        pie = '<circle class="gone" cx="8" cy="8" r="6.5"/>'
    else:
        around = 2 * 3.14159265 * 3.25
        pie = (
            f'<circle class="gone-part" cx="8" cy="8" r="3.25" transform="rotate(-90 8 8)" '
            f'stroke-dasharray="{_n(around * share)} {_n(around)}"/>'
        )
    return f'<svg class="clock-face" viewBox="0 0 16 16" aria-hidden="true">{pie}<circle class="rim" cx="8" cy="8" r="6.5"/></svg>'


def metre_rule(label: str) -> str:
    """The sign-in page's measuring rule: ticks every 5 cm from the ground up, and the one at a metre."""
    ground, per_cm = 500.0, 2.8
    body = '<path d="M40 20v480"/>'
    for cm in range(0, 171, 5):
        y = ground - cm * per_cm
        body += f'<path d="M40 {_n(y)}h{8 if cm % 10 else 16}"/>'
        if cm % 50 == 0 and cm != 100:
            body += _text(64, y + 4, f"{cm} cm", "minor")
    y = ground - 100 * per_cm
    body += f'<path class="metre" d="M40 {_n(y)}h200"/>' + _text(64, y - 10, label, "metre-label")
    return f'<svg class="metre-rule" viewBox="0 0 240 520" aria-hidden="true">{body}</svg>'
