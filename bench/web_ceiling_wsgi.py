"""The ceiling for a WSGI server: Django is made ready first, as for the product."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from yimi.sites.staff.wsgi import application as of_the_product

__all__ = ["application", "of_the_product"]


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    from bench.web_ceiling import answer

    return answer(environ, start_response)
