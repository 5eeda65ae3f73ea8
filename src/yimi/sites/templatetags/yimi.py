"""What templates need beyond Django: words of the pack, dates as officials write them, drawings.

Contexts stay plain: a word of the pack is `{"zh": …, "en": …}`, a place on a map a dictionary of the
fields of `drawing.MapPlace`. The filters choose the language; the tags hand the values to `sites.drawing`.
"""

from __future__ import annotations

from calendar import month_name
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django import template
from django.http import QueryDict
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from yimi.sites import drawing

register = template.Library()

MANY = 8  # from so many options on, a list is easier than buttons

LIGHTS = {
    "met": gettext_lazy("Met"),
    "on_track": gettext_lazy("On track"),
    "off": gettext_lazy("Off track"),
    "no_data": gettext_lazy("No data"),
    "typed": gettext_lazy("Typed by hand"),
}

DUE_STATUSES = {
    "done": gettext_lazy("Done"),
    "done_late": gettext_lazy("Done late"),
    "upcoming": gettext_lazy("Upcoming"),
    "waiting": gettext_lazy("Waiting for the step before"),
    "due": gettext_lazy("Due"),
    "overdue": gettext_lazy("Overdue"),
    "expired": gettext_lazy("No longer wanted"),
    "refused": gettext_lazy("Refused"),
    "contraindicated": gettext_lazy("Contraindicated"),
    "deferred": gettext_lazy("Deferred"),
    "elsewhere": gettext_lazy("Done elsewhere"),
    "not_found": gettext_lazy("Not found"),
    "not_needed": gettext_lazy("Not needed"),
    "unknown": gettext_lazy("Unknown: a fact is missing"),
}

CONFIDENCES = {
    "verified-law": gettext_lazy("Checked in the law"),
    "verified-text": gettext_lazy("Checked in the text"),
    "verified-multi": gettext_lazy("Several sources agree"),
    "single-source": gettext_lazy("One source"),
    "recalled": gettext_lazy("Not confirmed"),
    "editorial": gettext_lazy("Set by the editors"),
}

# Due items wear the same shapes as lights, so a reader learns one set.
DUE_MARKS = {
    "done": "met",
    "done_late": "met",
    "elsewhere": "met",
    "due": "on_track",
    "deferred": "on_track",
    "overdue": "off",
    "refused": "off",
    "not_found": "off",
}

NAV = {
    "day": gettext_lazy("Today"),
    "work": gettext_lazy("My work"),
    "children": gettext_lazy("Children"),
    "cases": gettext_lazy("Cases"),
    "ledgers": gettext_lazy("Ledgers"),
    "roster": gettext_lazy("Rosters"),
    "plan": gettext_lazy("Plan and targets"),
    "indicators": gettext_lazy("Indicators"),
    "map": gettext_lazy("Map"),
    "data": gettext_lazy("Data"),
    "admin": gettext_lazy("Administration"),
}

TASK_STATES = {
    "open": gettext_lazy("Waiting to be accepted"),
    "accepted": gettext_lazy("In hand"),
    "reported": gettext_lazy("Reported, waiting to be verified"),
    "returned": gettext_lazy("Returned"),
    "verified": gettext_lazy("Verified and closed"),
    "cancelled": gettext_lazy("Withdrawn"),
}


def _chinese() -> bool:
    return (get_language() or "zh-hans").startswith("zh")


# --- words, numbers, dates --------------------------------------------------------------------------------


@register.filter
def t(words: Any) -> Any:
    """The words of the pack in the reader's language: a {zh, en} mapping, an object with both, or text."""
    language = "zh" if _chinese() else "en"
    if isinstance(words, Mapping):
        return words.get(language, words.get("zh", ""))
    if hasattr(words, "zh") and hasattr(words, "en"):
        return getattr(words, language)
    return "" if words is None else words


@register.filter(expects_localtime=True)
def iso(day: date | datetime | str | None) -> str:
    """A date in a table: 2026-11-23; a moment adds the minute."""
    if not isinstance(day, date):  # what somebody typed and the form sent back
        return "" if day is None else str(day)
    return f"{day:%Y-%m-%d %H:%M}" if isinstance(day, datetime) else f"{day:%Y-%m-%d}"


@register.filter(expects_localtime=True)
def prose_date(day: date | datetime | None) -> str:
    """A date in a sentence: 2026年11月23日, 23 November 2026."""
    if day is None:
        return ""
    if _chinese():
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {month_name[day.month]} {day.year}"


WITHHELD = {"zh": "不显示", "en": "withheld"}  # in the place of a count that is not told


@register.filter
def number(value: float | int | None) -> str:
    """A figure as tables want it: a count whole, a measured value with its decimals, thousands apart by a thin
    space, – when there is none. Counts are int, measured values float, so 95.0 % stands under 93.4 %."""
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    shown = (
        f"{value:,}" if isinstance(value, int) else f"{value:,.2f}" if abs(value) < 10 else f"{value:,.1f}"
    )
    return shown.replace(",", "\u2009")


def _label(labels: Mapping[str, Any], key: Any) -> str:
    return str(labels.get(str(key), key or ""))


@register.filter
def light_label(state: str) -> str:
    return _label(LIGHTS, state)


@register.filter
def due_label(status: str) -> str:
    return _label(DUE_STATUSES, status)


@register.filter
def due_mark(status: str) -> str:
    return DUE_MARKS.get(str(status), "no_data")


@register.filter
def nav_label(key: str) -> str:
    return _label(NAV, key)


@register.filter
def unlocalized(value: float | None) -> str:
    """A number as HTML attributes want it, with a point."""
    return f"{value or 0:g}"


@register.filter
def is_choice(field: Mapping[str, Any]) -> bool:
    """Is the field answered by buttons (yes or no, several, one of a few) rather than by an input?"""
    kind = field["type"]
    few = 0 < len(field.get("options") or ()) < MANY
    return kind in ("boolean", "codes") or (kind == "code" and few)


@register.simple_tag
def describedby(field: Mapping[str, Any]) -> SafeString:
    """Attributes that tie an input to its hint and its error."""
    names = [
        f"field-{field['id']}-{part}"
        for part, key in (("hint", "hint"), ("error", "errors"))
        if field.get(key)
    ]
    tied = format_html(' aria-describedby="{}"', " ".join(names)) if names else SafeString("")
    return tied + SafeString(' aria-invalid="true"') if field.get("errors") else tied


@register.filter
def confidence_label(confidence: str) -> str:
    return _label(CONFIDENCES, confidence)


@register.filter
def task_label(state: str) -> str:
    return _label(TASK_STATES, state)


@register.filter
def clock_words(clock: Mapping[str, Any]) -> str:
    """The words of a deadline clock; `days` are working days, negative when past."""
    state, days = clock.get("state"), clock.get("days")
    if state == "stopped":
        return _("Closed on time")
    if state == "stopped_late":
        return _("Closed late")
    if days is None:
        return _("No deadline")
    if days == -1:
        return _("1 working day late")
    if days == 1:
        return _("1 working day left")
    if days < 0:
        return _("%(days)s working days late") % {"days": -days}
    if days == 0:
        return _("Ends today")
    return _("%(days)s working days left") % {"days": days}


@register.simple_tag(takes_context=True)
def url_with(context: template.Context, **changes: Any) -> str:
    """The page's own address with some parts of its query changed; None takes a part away."""
    request = context.get("request")
    query = request.GET.copy() if request is not None else QueryDict(mutable=True)
    for name, value in changes.items():
        if value is None or value == "":
            query.pop(name, None)
        else:
            query[name] = str(value)
    return "?" + query.urlencode()


# --- drawings ---------------------------------------------------------------------------------------------


def _drawn(markup: str) -> SafeString:
    """Markup of `sites.drawing`, which escapes every text it is given."""
    return mark_safe(markup)  # noqa: S308


@register.simple_tag
def mark(state: str) -> SafeString:
    return _drawn(drawing.mark(state))


@register.simple_tag
def metre_rule() -> SafeString:
    return _drawn(drawing.metre_rule(_("1 metre")))


@register.simple_tag
def clock_face(clock: Mapping[str, Any]) -> SafeString:
    return _drawn(drawing.clock_face(float(clock.get("fraction") or 0)))


@register.simple_tag
def spark(values: Iterable[float | None], title: Any, target: float | None = None) -> SafeString:
    """A trend the size of a word; its text alternative gives the first and last value."""
    return _spark(get_language() or "", tuple(values or ()), str(t(title)), target)


@lru_cache(maxsize=1000)
def _spark(language: str, values: Sequence[float | None], title: str, target: float | None) -> SafeString:
    """Drawn once a language: a page of indicators shows a hundred, the same ones until the next turn."""
    seen = [v for v in values if v is not None]
    desc = (
        _("From %(first)s to %(last)s") % {"first": number(seen[0]), "last": number(seen[-1])}
        if seen
        else _("No data")
    )
    return _drawn(drawing.spark(values, title=title, desc=desc, target=target))


@register.simple_tag
def trend_chart(
    points: Iterable[Mapping[str, Any]], title: Any, unit: Any = "", target: float | None = None
) -> SafeString:
    """`points`: [{label, value}]."""
    rows = [drawing.TrendPoint(str(t(p["label"])), p.get("value")) for p in points]
    desc = "; ".join(f"{r.label}: {number(r.value)}" for r in rows)
    return _drawn(drawing.trend(rows, title=str(t(title)), desc=desc, unit=str(t(unit)), target=target))


@register.simple_tag
def place_map(
    places: Iterable[Mapping[str, Any]],
    title: Any,
    small: bool = False,
    outline: Iterable[tuple[float, float]] = (),
) -> SafeString:
    """`places`: [{name, lat, lon, state, value, href}]."""
    spots = [
        drawing.MapPlace(
            name=str(t(p["name"])),
            lat=p["lat"],
            lon=p["lon"],
            state=p.get("state") or "no_data",
            value=str(t(p.get("value")) or ""),
            href=p.get("href"),
        )
        for p in places
    ]
    lagging = [s.name for s in spots if s.state == "off"]
    desc = _("%(count)s places") % {"count": len(spots)}
    if lagging:
        desc += "; " + _("off track: %(names)s") % {"names": ", ".join(lagging)}
    return _drawn(
        drawing.place_map(
            spots,
            title=str(t(title)),
            desc=desc,
            small=small,
            outline=list(outline or ()),
            scale_label=_("10 km"),
        )
    )


@register.simple_tag
def dot_plot(rows: Iterable[Mapping[str, Any]], title: Any, target: float | None = None) -> SafeString:
    """`rows`: [{label, value, state, said, href, low, high}], in the order they shall stand."""
    dots = [
        drawing.DotRow(
            label=str(t(r["label"])),
            value=r.get("value"),
            state=r.get("state") or "no_data",
            said=str(t(r.get("said")) or ""),
            href=r.get("href"),
            low=r.get("low"),
            high=r.get("high"),
        )
        for r in rows
    ]
    desc = "; ".join(f"{d.label} {d.said}".strip() for d in dots)
    return _drawn(drawing.dot_plot(dots, title=str(t(title)), desc=desc, target=target))


@register.simple_tag
def growth_chart(growth: Mapping[str, Any]) -> SafeString:
    """`growth`: {title, y_label, bands: {sd: [(months, value)]}, points: [{months, value, on, z}]}."""
    points = [(p["months"], p["value"], _said(p)) for p in growth["points"]]
    desc = "; ".join(said for _months, _value, said in points) or _("No measurement yet")
    return _drawn(
        drawing.growth_chart(
            {int(sd): list(curve) for sd, curve in growth["bands"].items()},
            points,
            title=str(t(growth["title"])),
            desc=desc,
            x_label=_("age in months"),
            y_label=str(t(growth["y_label"])),
        )
    )


def _said(point: Mapping[str, Any]) -> str:
    z = point.get("z")
    return f"{iso(point['on'])}: {number(point['value'])}" + (f" (z {z:+.2f})" if z is not None else "")


@register.simple_tag
def lifeline(life: Mapping[str, Any], title: Any) -> SafeString:
    """`life`: {start, end, as_of, lanes: [{name, spans: [{start, end, state, said}], events: [{on, state, said}]}]}."""
    lanes = [
        drawing.Lane(
            name=str(t(lane["name"])),
            spans=tuple(
                drawing.Span(s["start"], s["end"], s["state"], str(t(s["said"])))
                for s in lane.get("spans", ())
            ),
            events=tuple(
                drawing.Event(e["on"], e["state"], str(t(e["said"]))) for e in lane.get("events", ())
            ),
        )
        for lane in life["lanes"]
    ]
    desc = _("%(count)s services on one line of time; the table below says the same in words") % {
        "count": len(lanes)
    }
    return _drawn(
        drawing.lifeline(
            lanes,
            start=life["start"],
            end=life["end"],
            as_of=life["as_of"],
            as_of_label=iso(life["as_of"]),
            title=str(t(title)),
            desc=desc,
        )
    )
