"""What a page says line by line: what is due, what happened, what somebody is entitled to, and why.

Like the small components in `chips` each is written once, as markup made in Python: a child's file shows some
hundred of them, and templates within templates took a third of the page. `<c-because>`, `<c-timeline>` and the others
are these tags under the name templates know them by; their contexts are told there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from django import template
from django.template.base import render_value_in_context
from django.template.context import Context
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from yimi.sites.templatetags import yimi as words
from yimi.sites.templatetags.chips import day, due_light, escaped, in_one_language, known, safe, said, text

register = template.Library()

Line = Mapping[str, Any]


@lru_cache(maxsize=8)
def _fixed(language: str) -> Mapping[str, str]:
    """The fixed words of this module, looked up once a language."""
    said = {
        "because": _("Because"), "source": _("Source:"), "since": _("In force from"), "rule": _("Rule"),
        "files": _("Attached files"), "from": _("from"), "due": _("due"), "late": _("late after"), "ends": _("ends"),
        "record": _("Record"), "yes": _("yes"), "no": _("no"), "unknown": _("unknown"), "needs": _("needs:"),
        "not_received": _("not received"), "main": _("Main"), "all": _("All"), "pages": _("Pages"), "previous": _("Previous"),
        "next": _("Next"), "shown": _("Rows %(a)s–%(b)s of %(n)s"),
    }  # fmt: skip
    return {key: str(conditional_escape(each)) for key, each in said.items()}


def _say() -> Mapping[str, str]:
    return _fixed(get_language() or "")


def _value(value: Any) -> str:
    """Words, a date or a number, as a template writes them."""
    return str(render_value_in_context(words.t(value), Context()))


# --- the frame of a page ------------------------------------------------------------------------------------


@register.simple_tag
def navigation(nav: Iterable[Line]) -> SafeString:
    """Navigation by work: only what the person may use. nav: [{key, href, current: bool, count: int?}]"""
    links = []
    for one in nav:
        current = ' aria-current="page"' if one["current"] else ""
        count = f'<span class="nav-count">{_value(one["count"])}</span>' if one.get("count") else ""
        href = conditional_escape(one["href"])
        links.append(f'<a href="{href}"{current}>{known(words.nav_label, one["key"])}{count}</a>')
    return safe(f'<nav class="nav" aria-label="{_say()["main"]}">{"".join(links)}</nav>')


# --- why ----------------------------------------------------------------------------------------------------


@register.simple_tag
def source(source: Line | None) -> SafeString:
    """Where a rule is written and how sure we are."""
    return safe(_source(source or {}))


def _source(told: Line) -> str:
    say, parts = _say(), []
    if told.get("source"):
        article = f" {text(told['article'])}" if told.get("article") else ""
        parts.append(f"<span>{say['source']} {text(told['source'])}{article}</span>")
    if told.get("effective_from"):
        parts.append(f"<span>{say['since']} {day(told['effective_from'])}</span>")
    if told.get("confidence"):
        kind = "confidence is-recalled" if told["confidence"] == "recalled" else "confidence"
        parts.append(f'<span class="{kind}">{known(words.confidence_label, told["confidence"])}</span>')
    if told.get("rule"):
        parts.append(f"<span>{say['rule']} <code>{conditional_escape(told['rule'])}</code></span>")
    return f'<p class="source">{" ".join(parts)}</p>'


@register.simple_tag
def because(because: Line | None) -> SafeString:
    """Why a result is what it is; opens under any result."""
    return safe(_because(because))


def _because(told: Line | None) -> str:
    if not told:
        return ""
    facts = "".join(_fact(each) for each in told.get("facts") or ())
    listed = f'<dl class="facts">{facts}</dl>' if facts else ""
    worked = "".join(f'<p class="arithmetic">{text(each)}</p>' for each in told.get("arithmetic") or ())
    return (
        f'<details class="because"><summary>{_say()["because"]}</summary><div class="because-body">'
        f"<p>{text(told.get('text'))}</p>{listed}{worked}{_source(told)}</div></details>"
    )


def _fact(told: Line) -> str:
    value = _value(told.get("value"))
    if told.get("href"):
        value = f'<a href="{conditional_escape(told["href"])}">{value}</a>'
    return f"<div><dt>{text(told['name'])}</dt><dd>{value}</dd></div>"


# --- what is due, what happened -----------------------------------------------------------------------------


@register.simple_tag
@in_one_language
def due_lines(due: Iterable[Line]) -> SafeString:
    """What is wanted now and next, with its dates and why."""
    return safe("".join(_due_line(each) for each in due))


_DATES = (("earliest", "from"), ("due", "due"), ("overdue_after", "late"), ("expires", "ends"))


def _due_line(one: Line) -> str:
    say, name = _say(), text(one["name"])
    dates = "".join(
        f"<div><dt>{say[word]}</dt><dd>{day(one[key])}</dd></div>" for key, word in _DATES if one[key]
    )
    record = ""
    if one["record_href"]:
        record = (
            f'<a href="{conditional_escape(one["record_href"])}">{say["record"]}'
            f'<span class="visually-hidden"> {name}</span></a>'
        )
    why = f'<div class="due-because">{_because(one["because"])}</div>' if one["because"] else ""
    return (
        f'<li class="is-{words.due_mark(one["status"])}"><div class="due-what"><p class="due-name">{name}</p>'
        f'<p class="quiet">{text(one["pathway"])}</p></div><div class="due-status">{due_light(one["status"])}</div>'
        f'<dl class="due-dates">{dates}</dl><div class="due-do">{record}</div>{why}</li>'
    )


@register.simple_tag
@in_one_language
def timeline_lines(entries: Iterable[Line]) -> SafeString:
    """What happened, newest first."""
    return safe("".join(_entry(each) for each in entries))


def _entry(one: Line) -> str:
    on, title = day(one["on"]), text(one["title"])
    if one.get("href"):
        title = f'<a href="{conditional_escape(one["href"])}">{title}</a>'
    tag = f' <span class="tag">{text(one["tag"])}</span>' if one.get("tag") else ""
    note = f"<p>{text(one['note'])}</p>" if one.get("note") else ""
    shown = _files(one["files"]) if one.get("files") else ""
    beside = " · ".join(text(one[key]) for key in ("by", "place") if one.get(key))
    beside = f'<p class="quiet">{beside}</p>' if beside else ""
    return (
        f'<li class="is-{conditional_escape(one["state"])}"><time datetime="{on}">{on}</time><div>'
        f'<p class="timeline-title">{title}{tag}</p>{note}{shown}{beside}{_because(one.get("because"))}</div></li>'
    )


@register.simple_tag
def files(files: Iterable[Line]) -> SafeString:
    """Files that prove something, each to be saved."""
    return safe(_files(files))


def _files(files: Iterable[Line]) -> str:
    chips = []
    for one in files:
        inside = f'<span class="chip-name">{text(one["name"])}</span> <span class="chip-note">{text(one["meta"])}</span>'
        chip = f'<span class="chip chip-file">{inside}</span>'
        if one.get("href"):
            chip = f'<a class="chip chip-file" href="{conditional_escape(one["href"])}" download>{inside}</a>'
        chips.append(f'<span role="listitem">{chip}</span>')
    return f'<div class="file-chips" role="list" aria-label="{_say()["files"]}">{" ".join(chips)}</div>'


@register.simple_tag
@in_one_language
def entitled_lines(entitled: Iterable[Line]) -> SafeString:
    """What somebody has a right to: yes, no, or which fact is missing."""
    return safe("".join(_entitlement(each) for each in entitled))


def _entitlement(one: Line) -> str:
    say = _say()
    if one["answer"] == "yes":
        answer = f'<span class="tag">{say["yes"]}</span>'
        if one["received"] is False:
            answer += f' <span class="tag tag-warn">{say["not_received"]}</span>'
    elif one["answer"] == "no":
        answer = f'<span class="tag tag-quiet">{say["no"]}</span>'
    else:
        needs = " · ".join(text(each) for each in one["needs"])
        answer = f'<span class="tag tag-warn">{say["unknown"]}</span> <span class="quiet">{say["needs"]} {needs}</span>'
    return f"<li><strong>{text(one['name'])}</strong> {answer} {_because(one['because'])}</li>"


@register.simple_tag
@in_one_language
def filter_fields(filters: Iterable[Line]) -> SafeString:
    """What a list can be filtered by; a form around it sends the choice as the page's query.

    filters: [{id, label: Text, type: select|date|text (select), value, options: [{code, label: Text}], all: bool (True)}]
    """
    return safe("".join(f'<div class="filter">{_filter(each)}</div>' for each in filters))


def _filter(one: Line) -> str:
    name, value = escaped(one["id"]), one["value"]
    label, field = f'<label for="f-{name}">{text(one["label"])}</label>', f'id="f-{name}" name="{name}"'
    if one.get("type", "select") == "select":
        every = f'<option value="">{_say()["all"]}</option>' if one.get("all", True) else ""
        return f"{label}<select {field}>{every}{options_of(one['options'], value)}</select>"
    kind = "date" if one["type"] == "date" else "search"
    return f'{label}<input {field} type="{kind}" value="{escaped(value)}">'


@register.simple_tag
def pagination(pages: Line) -> SafeString:
    """pages: {number, last, count, first_row, last_row: int, previous, next: str|None}"""
    say = _say()
    rows = {"a": "first_row", "b": "last_row", "n": "count"}
    shown = say["shown"] % {each: words.number(pages[key]) for each, key in rows.items()}
    before, after = (
        f'<a rel="{rel}" href="{escaped(pages[key])}">{say[key]}</a>' if pages[key] else ""
        for rel, key in (("prev", "previous"), ("next", "next"))
    )
    return safe(
        f'<nav class="pagination" aria-label="{say["pages"]}"><span>{shown}</span><span class="pagination-steps">{before}'
        f"<span>{pages['number']} / {pages['last']}</span>{after}</span></nav>"
    )


@register.simple_tag
@in_one_language
def options_of(options: Iterable[Line], value: Any) -> SafeString:
    """What a list offers; a filter may offer every township."""
    return safe("".join(_option(each, each["code"] == value) for each in options))


def _option(one: Line, chosen: bool) -> str:
    return _option_saying(one["code"], said(one["label"]), chosen)


@lru_cache(maxsize=2000, typed=True)
def _option_saying(code: Any, label: Any, chosen: bool) -> str:
    return f'<option value="{escaped(code)}"{" selected" if chosen else ""}>{escaped(label)}</option>'
