"""Stacked bars: how a whole falls into parts, a row a place. Drawn on the server, looks from the stylesheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from yimi.sites.drawing import text_width

WIDTH, THICK, SIZE, GAP = 640.0, 14.0, 13.0, 12.0
LONGEST = 216.0  # what a row's label may take; a longer one goes on two lines


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
    labels = [_lines(row.label) for row in rows]
    left = max((text_width(line, SIZE) for lines in labels for line in lines), default=0) + GAP
    right = max((text_width(row.said, SIZE) for row in rows), default=0) + GAP
    pitch = 34.0 if any(len(lines) > 1 for lines in labels) else 26.0
    longest = max((sum(part.value for part in row.parts) for row in rows), default=0) or 1
    per_unit = (WIDTH - left - right) / longest
    body = ""
    for index, (row, lines) in enumerate(zip(rows, labels, strict=True)):
        middle, x = pitch * (index + 0.5), left
        line = _label(lines, left - GAP, middle)
        for part in row.parts:
            width = part.value * per_unit
            if width > 0:
                said = escape(f"{row.label} {part.label} {part.value:g}")
                line += (
                    f'<rect class="part-{escape(part.kind)}" x="{x:.1f}" y="{middle - THICK / 2:.1f}" '
                    f'width="{width:.1f}" height="{THICK:.0f}"><title>{said}</title></rect>'
                )
            x += width
        line += f'<text class="row-value" x="{x + 8:.1f}" y="{middle + 5:.1f}">{escape(row.said)}</text>'
        body += f'<a href="{escape(row.href)}">{line}</a>' if row.href else line
    role = "group" if any(row.href for row in rows) else "img"
    return (
        f'<svg class="drawing bars" viewBox="0 0 {WIDTH:.0f} {max(pitch * len(rows), 1):.0f}" role="{role}" '
        f'aria-label="{escape(f"{title}. {desc}")}"><title>{escape(title)}</title><desc>{escape(desc)}</desc>{body}</svg>'
    )


def _lines(label: str) -> list[str]:
    """One line, or two of about the same width, broken between words; Chinese between any two characters."""
    if text_width(label, SIZE) <= LONGEST:
        return [label]
    words = label.split(" ") if " " in label else list(label)
    joint = " " if " " in label else ""
    halves = [(joint.join(words[:n]), joint.join(words[n:])) for n in range(1, len(words))] or [(label, "")]
    first, second = min(halves, key=lambda both: max(text_width(each, SIZE) for each in both))
    return [first, second]


def _label(lines: Sequence[str], x: float, middle: float) -> str:
    start = middle + 5 - 7 * (len(lines) - 1)
    return "".join(
        f'<text class="row-label" x="{x:.1f}" y="{start + 14 * n:.1f}" text-anchor="end">{escape(line)}</text>'
        for n, line in enumerate(lines)
    )
