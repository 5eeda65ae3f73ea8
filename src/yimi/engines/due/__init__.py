"""What should happen to whom by when.

In: the facts of a kind of subject (`yimi.engines.facts`), a pathway, a day. Out: `state_<pathway>`, one wide
row a subject with, for every step, the record that satisfied it and its four dates; and `due_of_<pathway>`,
one row a subject and step, all of them together in the view `due_items`. Derived: drop it, rebuild it, get the same. Statuses are computed, never stored facts.

A step's four dates: `earliest` (a record before it does not count), `due`, `overdue_after` (the last day that
is not late; late from the civil midnight after it), `expires` (the first day it is no longer wanted).

`editions` says which edition of a norm states which rule, `compiled` turns a pathway into SQL (`schedule`: in which
layers), `items` runs it, `judged` gives a verdict on every record, `yimi.engines.closeup` all of it for a few subjects.
"""

from yimi.engines.due.items import build_due, build_due_items, build_state

__all__ = ["build_due", "build_due_items", "build_state"]
