"""The small components of which a page shows hundreds: light, clock, person, place, figure, and a ledger's rows.

Each is written once, here, as markup made in Python: a template for each cell of a table took half the time of a
page. `<c-light>`, `<c-person>` and the others are these tags under the name templates know them by.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextvars import ContextVar
from datetime import date, datetime
from functools import lru_cache, wraps
from html import escape
from typing import Any, ParamSpec

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.timezone import template_localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from yimi.sites import drawing
from yimi.sites.rows import Row
from yimi.sites.templatetags import yimi as words

register = template.Library()
Asked = ParamSpec("Asked")


_speaking: ContextVar[str] = ContextVar("language_of_these_lines", default="")


def in_one_language(tag: Callable[Asked, SafeString]) -> Callable[Asked, SafeString]:
    """A tag of many lines: the reader's language is asked once for all of them."""

    @wraps(tag)
    def told(*args: Asked.args, **kwargs: Asked.kwargs) -> SafeString:
        token = _speaking.set("zh" if (get_language() or "zh").startswith("zh") else "en")
        try:
            return tag(*args, **kwargs)
        finally:
            _speaking.reset(token)

    return told


def escaped(value: Any) -> str:
    """A value as markup. Most are plain text, which needs no question whether it is safe."""
    return escape(value) if type(value) is str else str(conditional_escape(value))


def said(told: Any) -> Any:
    """Words in the reader's language."""
    language = _speaking.get()
    return told.get(language, told.get("zh", "")) if language and type(told) is dict else words.t(told)


def text(told: Any) -> str:
    """The same as markup."""
    return escape(told) if type(told) is str else escaped(said(told))


def day(moment: Any) -> str:
    if type(moment) is date:  # nothing to escape, no time zone: most cells of a ledger
        return moment.isoformat()
    return escape(words.iso(template_localtime(moment) if isinstance(moment, datetime) else moment))


def _percent(value: Any) -> str:
    """A share with one decimal in every row: 0.0 stands under 93.4."""
    return f"{value:.1f}" if isinstance(value, float) else _number(value)


def _number(value: Any) -> str:
    """A number; a count that is withheld comes as words for it."""
    if isinstance(value, Mapping):
        return f'<span class="withheld" title="{text(value)}"><span class="visually-hidden">{text(value)}</span></span>'
    return escaped(words.number(value))


@lru_cache(maxsize=200)
def _word(language: str, label: Callable[[str], str], key: str) -> str:
    return str(conditional_escape(label(key)))


def known(label: Callable[[str], str], key: Any) -> str:
    """A word of a closed list, looked up once a language."""
    return _word(_language(), label, str(key))


def _language() -> str:
    return _speaking.get() or get_language() or ""


safe = SafeString  # markup of this module, which escapes every text it is given


@register.simple_tag
def light(state: str, word: Any = "", note: Any = "", bare: Any = "") -> SafeString:
    """A status light: shape, word, color. `word` instead of the usual one; `bare`: for screen readers only."""
    shown = text(word) if word else known(words.light_label, state)
    kind = "visually-hidden" if bare else "light-word"
    beside = _unconfirmed(state, bool(bare)) if hasattr(state, "brief") else ""
    beside += f' <span class="light-note">{text(note)}</span>' if note else ""
    return safe(_light(escaped(state or ""), state, f'<span class="{kind}">{shown}</span>{beside}'))


def _unconfirmed(state: Any, bare: bool) -> str:
    """The mark of a light whose definition nobody has confirmed (`pages.figures.Unconfirmed`)."""
    words_of = conditional_escape(_("definition unconfirmed"))
    if bare or state.brief:
        return (
            f'<span class="unsure" title="{words_of}"><span class="visually-hidden">{words_of}</span></span>'
        )
    return f' <span class="tag tag-unsure">{words_of}</span>'


def _light(name: str, state: str, inside: str) -> str:
    return f'<span class="light is-{name}">{drawing.mark(str(state or ""))} {inside}</span>'


@register.simple_tag
def due_light(status: str) -> SafeString:
    """The status of a due item, in the same shapes as the lights."""
    return _due_light(_language(), str(status))


@lru_cache(maxsize=50)
def _due_light(language: str, status: str) -> SafeString:
    shape = words.due_mark(status)
    word = _word(language, words.due_label, status)
    return safe(_light(shape, shape, f'<span class="light-word">{word}</span>'))


@register.simple_tag
def clock(clock: Mapping[str, Any]) -> SafeString:
    """A deadline clock: how much of the time is used, and the working days left."""
    face = drawing.clock_face(float(clock.get("fraction") or 0))
    on = f' <span class="clock-on"> {day(clock["on"])}</span>' if clock.get("on") else ""
    said = f'<span class="clock-words">{escaped(words.clock_words(clock))}</span>'
    return safe(f'<span class="clock is-{escaped(clock.get("state", ""))}">{face} {said}{on}</span>')


@register.simple_tag
def person_chip(person: Mapping[str, Any]) -> SafeString:
    note = person.get("note")
    after = f' <span class="chip-note">{text(note)}</span>' if note else ""
    return safe(_chip("person", person.get("href"), f"{text(person['name'])}{after}"))


@register.simple_tag
def place_chip(place: Mapping[str, Any]) -> SafeString:
    within = place.get("within")
    return _place_chip(said(place["name"]), said(within) if within else None, place.get("href"))


@lru_cache(maxsize=2000, typed=True)  # a district has some hundred places, and every list shows them
def _place_chip(name: Any, within: Any, href: str | None) -> SafeString:
    before = f'<span class="chip-note">{escaped(within)}</span> ' if within else ""
    return safe(_chip("place", href, f"{before}{escaped(name)}"))


def _chip(kind: str, href: Any, inside: str) -> str:
    if href:
        return f'<a class="chip chip-{kind}" href="{escaped(href)}">{inside}</a>'
    return f'<span class="chip chip-{kind}">{inside}</span>'


@register.simple_tag
def figure(figure: Mapping[str, Any], size: str = "") -> SafeString:
    """A value with what it is made of."""
    if figure.get("withheld"):
        return safe(
            f'<span class="figure"><span class="figure-value">{_number(words.WITHHELD)}</span></span>'
        )
    value, above, below, low = (figure.get(each) for each in ("value", "numerator", "denominator", "low"))
    unit = f' <span class="figure-unit">{text(figure.get("unit"))}</span>' if value is not None else ""
    parts = ""
    if below is not None:
        slash = f'<span class="figure-slash" aria-label="{conditional_escape(_("of"))}">/</span>'
        parts = f' <span class="figure-parts">{_number(above)} {slash} {_number(below)}</span>'
    elif above is not None:
        parts = f' <span class="figure-parts">{_number(above)}</span>'
    if low is not None:
        interval = f"{conditional_escape(_('95% interval'))} {_number(low)}–{_number(figure.get('high'))}"
        parts += f' <span class="figure-parts">{interval}</span>'
    kind = f"figure figure-{conditional_escape(size)}" if size else "figure"
    return safe(
        f'<span class="{kind}"><span class="figure-value">{_number(value)}{unit}</span>{parts}</span>'
    )


# --- a ledger -----------------------------------------------------------------------------------------------

LONG = 45  # bytes, so 15 Chinese characters or 45 letters: a column with a cell above it is given room for a line

_CELLS: dict[str, Callable[[Any], str]] = {
    "number": _number, "percent": _percent, "date": day, "due": due_light, "person": person_chip, "place": place_chip, "figure": figure,
    "light": lambda cell: light(cell) if cell else "",
    "clock": lambda cell: clock(cell) if cell else "",
    "tag": lambda cell: f'<span class="tag">{text(cell)}</span>' if cell else "",
}  # fmt: skip


def _kind(column: Mapping[str, Any]) -> str:
    unit = column.get("unit")
    percent = column["kind"] == "number" and isinstance(unit, Mapping) and unit.get("zh") == "%"
    return "percent" if percent else str(column["kind"])


@register.simple_tag
@in_one_language
def ledger_head(columns: Sequence[Mapping[str, Any]]) -> SafeString:
    """The heads of a ledger's columns; one by which the ledger can be sorted is a link."""
    made = []
    for each in columns:
        label, way, unit = text(each["label"]), each.get("sorted"), each.get("unit")
        name = f'<a href="{escaped(each["sort"])}">{label}</a>' if each.get("sort") else label
        sorted_so = f' aria-sort="{escaped(way)}"' if way else ""
        after = f' <span class="th-unit">{text(unit)}</span>' if unit else ""
        made.append(f'<th scope="col" class="k-{escaped(each["kind"])}"{sorted_so}>{name}{after}</th>')
    return safe("".join(made))


@register.simple_tag
@in_one_language
def ledger_rows(
    rows: Iterable[Row | Mapping[str, Any]], columns: Sequence[Mapping[str, Any]], label: Any
) -> SafeString:
    """The rows of a ledger, each cell by the kind its column declares; the first is the row's head."""

    def spark(cell: Any) -> str:
        return words.spark(cell, label) if cell else ""

    kinds = tuple(_kind(each) for each in columns)
    shown = [spark if each == "spark" else _CELLS.get(each, text) for each in kinds]
    language = _language()
    return safe(
        "".join(
            [
                _drawn(language, kinds, row)
                if isinstance(row, Row)
                else _line(kinds, shown, row["cells"], row.get("href"))
                for row in rows
            ]
        )
    )


@lru_cache(maxsize=5000)
def _drawn(language: str, kinds: tuple[str, ...], row: Row) -> str:
    return _line(kinds, [_CELLS.get(each, text) for each in kinds], row.cells)


def _line(
    kinds: Sequence[str], shown: Sequence[Callable[[Any], str]], cells: Sequence[Any], href: str | None = None
) -> str:
    told = [show(cell) for show, cell in zip(shown, cells, strict=True)]
    if href and shown[0] is text:
        told[0] = f'<a href="{escaped(href)}">{told[0]}</a>'
    made = []
    for index, (kind, inside) in enumerate(zip(kinds, told, strict=True)):
        name = "number" if kind == "percent" else kind
        long = " is-long" if kind == "text" and _is_long(inside) else ""
        begin, end = ('th scope="row"', "th") if index == 0 else ("td", "td")
        made.append(f'<{begin} class="k-{escaped(name)}{long}">{inside}</{end}>')
    return f"<tr>{''.join(made)}</tr>"


def _is_long(inside: str) -> bool:
    return 3 * len(inside) > LONG and len(inside.encode()) > LONG
