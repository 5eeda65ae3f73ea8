"""Stacked bars in templates: rows [{label: Text, parts: [{kind, label: Text, value}], said: Text, href}]."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe

from yimi.sites.bars import Bar, Part, stacked_bars
from yimi.sites.templatetags.yimi import t

register = template.Library()


@register.simple_tag
def bars(rows: Iterable[Mapping[str, Any]], title: Any) -> SafeString:
    drawn = [
        Bar(
            str(t(row["label"])),
            [Part(part["kind"], str(t(part["label"])), float(part["value"])) for part in row["parts"]],
            str(t(row["said"])),
            row.get("href"),
        )
        for row in rows
    ]
    desc = "; ".join(
        f"{row.label}: " + ", ".join(f"{part.label} {part.value:g}" for part in row.parts if part.value)
        for row in drawn
    )
    return mark_safe(stacked_bars(drawn, title=str(t(title)), desc=desc))  # noqa: S308  every text is escaped
