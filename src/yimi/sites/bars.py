"""Stacked bars: how a whole falls into parts, a row a place. Drawn on the server, looks from the stylesheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, PITCH, THICK, LEFT, RIGHT = 640.0, 26.0, 14.0, 150.0, 64.0


@dataclass(frozen=True)
class Part:
    """`kind` is the class of the stylesheet: part-<kind>; `label` is read aloud and shown on hovering."""

    kind: str
    label: str
    value: float


@dataclass(frozen=True)
class Bar:
    label: str
    parts: Sequence[Part]
    said: str  # what stands at the end of the row
    href: str | None = None


def stacked_bars(rows: Sequence[Bar], *, title: str, desc: str) -> str:
    """SVG of the rows in the order given, all on one scale from zero."""
    longest = max((sum(part.value for part in row.parts) for row in rows), default=0) or 1
    room = WIDTH - LEFT - RIGHT
    body = ""
    for index, row in enumerate(rows):
        top, x = PITCH * index + (PITCH - THICK) / 2, LEFT
        line = f'<text class="row-label" x="{LEFT - 12:.0f}" y="{top + 12:.1f}" text-anchor="end">{escape(row.label)}</text>'
        for part in row.parts:
            width = part.value / longest * room
            if width > 0:
                said = escape(f"{row.label} {part.label} {part.value:g}")
                line += (
                    f'<rect class="part-{escape(part.kind)}" x="{x:.1f}" y="{top:.1f}" width="{width:.1f}" '
                    f'height="{THICK:.0f}"><title>{said}</title></rect>'
                )
            x += width
        line += f'<text class="row-value" x="{x + 8:.1f}" y="{top + 12:.1f}">{escape(row.said)}</text>'
        body += f'<a href="{escape(row.href)}">{line}</a>' if row.href else line
    role = "group" if any(row.href for row in rows) else "img"
    return (
        f'<svg class="drawing bars" viewBox="0 0 {WIDTH:.0f} {max(PITCH * len(rows), 1):.0f}" role="{role}" '
        f'aria-label="{escape(f"{title}. {desc}")}"><title>{escape(title)}</title><desc>{escape(desc)}</desc>{body}</svg>'
    )
