"""The wall around every view: no rule, no page; what was shown is audited before the first byte leaves.

Denied and absent are one answer, made once per language, so that they are the same bytes. See
`docs/reference/access.md`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.core import checks
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone, translation
from django.utils.http import urlencode
from django.views.csrf import csrf_failure

from yimi.apps.accounts.actions import write_reads
from yimi.apps.accounts.permissions import RULES, Actor
from yimi.apps.accounts.selectors import actor_of
from yimi.apps.audit.actions import Event
from yimi.apps.once import reading_a_page
from yimi.lib.errors import NotAllowed

SEEN = "yimi_seen"  # seconds since 1970 of the last request, kept to the minute


class AccessMiddleware:
    """Finds the actor, asks the view's rule, and writes the read audit between rendering and sending."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with reading_a_page() if request.method in ("GET", "HEAD") else nullcontext():
            return self.answer(request)

    def answer(self, request: HttpRequest) -> HttpResponseBase:
        actor = self.actor(request)
        request.actor = actor
        response = self.get_response(request)
        if response.status_code in (403, 404) and not getattr(response, "yimi_keep", False):
            response = not_found(request)
        if actor is not None and actor.reads:
            # Fail closed: if this raises, the rendered page is dropped and the reader gets an error.
            write_reads(actor, at=timezone.now())
        return response

    def actor(self, request: HttpRequest) -> Actor | None:
        user: Any = request.user
        if not user.is_authenticated:
            return None
        now = int(timezone.now().timestamp())
        seen = request.session.get(SEEN, now)
        if now - seen > settings.YIMI_IDLE_SECONDS:
            logout(request)
            return None
        if now - seen >= 60 or SEEN not in request.session:
            request.session[SEEN] = now
        return actor_of(user, timezone.localdate(), purpose=request.session.get("purpose", ""))

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        rule = RULES.get(getattr(view, "yimi_rule", ""))
        actor: Actor | None = request.actor
        if rule is None:
            return not_found(request)  # an undeclared view does not exist; the start-up check names it
        if rule.holds(actor):
            return None
        if actor is None:
            return redirect(f"{settings.LOGIN_URL}?{urlencode({'next': request.get_full_path()})}")
        note_refusal(request, actor)
        return not_found(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        if isinstance(error, NotAllowed | Http404 | PermissionDenied):
            actor: Actor | None = request.actor
            if actor is not None and isinstance(error, NotAllowed):
                note_refusal(request, actor)
            return not_found(request)
        return None


def note_refusal(request: HttpRequest, actor: Actor) -> None:
    """Somebody asked for what is not theirs, or not there: the audit cannot tell which, and need not."""
    match = request.resolver_match
    wanted = str(match.kwargs.get("uid", "")) if match else ""
    actor.reads.clear()  # what was read for a page that is not sent was not shown
    actor.reads.append(Event("refused", "page", wanted, {"route": match.route if match else ""}))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """What is not there and what is not for you: one page, the same bytes."""
    response = HttpResponse(_not_found_page(translation.get_language() or settings.LANGUAGE_CODE), status=404)
    response.headers["Vary"] = "Accept-Language, Cookie"
    response.headers["Content-Language"] = translation.get_language() or settings.LANGUAGE_CODE
    return response


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose token is of another session: says so, and keeps its status, so that a phone can tell."""
    response = csrf_failure(request, reason)
    response.yimi_keep = True
    return response


@lru_cache(maxsize=8)
def _not_found_page(language: str) -> str:
    with translation.override(language):
        return render_to_string("404.html", {"site": {"demo": settings.YIMI_PROFILE == "demo"}})


def locked_out(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """Too many wrong passwords. Says no more than that, and the same for names that do not exist."""
    text = {"zh": "尝试次数过多，请半小时后再试。", "en": "Too many attempts. Try again in half an hour."}
    language = "zh" if (translation.get_language() or "zh").startswith("zh") else "en"
    response = HttpResponse(text[language], status=429, content_type="text/plain; charset=utf-8")
    response.headers["Retry-After"] = "1800"
    return response


def routes(resolver: URLResolver | None = None, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every view the site answers with, included URL files and all: (route, pattern)."""
    for each in (resolver or get_resolver()).url_patterns:
        route = before + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from routes(each, route)
        else:
            yield route, each


def undeclared() -> list[str]:
    return [route for route, each in routes() if getattr(each.callback, "yimi_rule", "") not in RULES]


def check_rules(app_configs: Any = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """Django's start-up check: a view without a rule stops the site."""
    return [
        checks.Error(
            f"the view at '/{route}' has no access rule",
            hint="declare one: @allow('staff'); the rules are in yimi.apps.accounts.permissions",
            id="yimi.E001",
        )
        for route in undeclared()
    ]
