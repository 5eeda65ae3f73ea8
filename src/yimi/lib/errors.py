"""The one tree of exceptions.

YimiError
├── UserError            shown as one sentence on page, command line and API; exit code 2
│   ├── BadInput         a file, argument or field that cannot be used
│   ├── PackInvalid      a pack with problems (`yimi.pack.problems` lists them)
│   └── NotAllowed       answered like absence: 404, the same bytes
└── (anything else is a bug and keeps its traceback)
"""

from __future__ import annotations


class YimiError(Exception):
    """Root of every exception Yimi raises on purpose."""


class UserError(YimiError):
    """A sentence for the person in front of the screen: what is wrong, where, what to do next."""

    code = "user_error"


class BadInput(UserError):
    """A file, argument or field that cannot be used as it stands."""

    code = "bad_input"


class NotAllowed(UserError):
    """The actor may not see or do this. Pages answer it exactly as they answer what does not exist."""

    code = "not_found"
