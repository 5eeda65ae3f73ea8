"""What may stand in a role's `day`: the parts of the page with which somebody of that role begins the morning."""

from __future__ import annotations

from typing import Literal

from yimi.pack.words import Declaration, Ids, Text


class DaySection(Declaration):
    """A kind of thing, of which declarations, under the worker's own words for it.

    `due`: children due and overdue in these pathways · `sites`: what is due at facilities in these pathways,
    or in single steps of one where the others are somebody else's · `suspected`: children
    whose facts suggest what nobody has decided · `rights`: who does not receive what is theirs · `cascades`: who
    waits too long after a screening · `ledgers`: who is in a status, and whose review is late · `cases`: the open
    cases with their clocks · `pupils`: the children assigned by name, and of whom these forms were entered this
    school year · `forms`: what is entered most. What was promised (tasks) stands above all of it and needs no word.
    """

    show: Literal["due", "sites", "suspected", "rights", "cascades", "ledgers", "cases", "pupils", "forms"]
    name: Text
    of: Ids = []
