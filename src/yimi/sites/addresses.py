"""Addresses of pages by their name. A page tells some fifty of them, mostly the same ones as the page before."""

from __future__ import annotations

from functools import lru_cache

from django.urls import get_urlconf, reverse

KEPT = 4096  # addresses of a process: every page without an argument, and the children and tasks opened last


def address(name: str, *args: object) -> str:
    """Where a page is served."""
    return _address(get_urlconf(), name, *map(str, args))


@lru_cache(maxsize=KEPT)
def _address(urlconf: str | None, name: str, *args: str) -> str:
    return reverse(name, urlconf=urlconf, args=args)
