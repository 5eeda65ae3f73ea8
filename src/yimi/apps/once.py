"""What is found out once while one page is read.

Who a person is, what lies below which place, which cases are theirs: a page asks for it in a dozen places. While a
page is read nothing is written, so the first answer holds until the page is sent. Elsewhere (a deed, a command, a
test) every question is asked anew.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")

_answers: ContextVar[dict[Hashable, Any] | None] = ContextVar("answers_of_this_page", default=None)


@contextmanager
def reading_a_page() -> Iterator[None]:
    """Within it a function marked `once_a_page` is asked once for the same arguments."""
    token = _answers.set({})
    try:
        yield
    finally:
        _answers.reset(token)


def once_a_page(function: Callable[Asked, Answer]) -> Callable[Asked, Answer]:
    """Keep the answer for the rest of the page. Arguments are hashable; whoever gets the answer leaves it as it is."""

    @wraps(function)
    def asked(*args: Asked.args, **kwargs: Asked.kwargs) -> Answer:
        kept = _answers.get()
        if kept is None:
            return function(*args, **kwargs)
        key = (function, args, tuple(sorted(kwargs.items())))
        if key not in kept:
            kept[key] = function(*args, **kwargs)
        answer: Answer = kept[key]
        return answer

    return asked
