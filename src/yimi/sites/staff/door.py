"""The door of the staff site: signing in and out, the language, the health of the service."""

from __future__ import annotations

import time
from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.signals import user_login_failed
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yimi.apps import active
from yimi.apps.accounts import actions, selectors
from yimi.apps.accounts.permissions import allow
from yimi.sites.access import locked_out
from yimi.sites.addresses import address

BACKEND = "yimi.apps.accounts.sign_in.AppointedBackend"
HALF = "yimi_half"  # password given, code not yet
HALF_SECONDS = 300

WRONG = {"zh": "用户名、密码或验证码不正确。", "en": "The user name, password or code is not right."}
NO_FACTOR = {
    "zh": "该账号尚未绑定动态口令，请联系本单位管理员。",
    "en": "This account has no second factor yet. Ask the administrator of your unit.",
}


@allow("public")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Password, then code. In the demonstration: one press as a member of the cast."""
    if request.method != "POST":
        return _page(request)
    if "cast" in request.POST and settings.YIMI_PROFILE == "demo":
        return _as_cast(request)
    if "code" in request.POST:
        return _code(request)
    return _password(request)


def _as_cast(request: HttpRequest) -> HttpResponse:
    user = selectors.cast_member(request.POST["cast"])
    return _page(request, error=WRONG) if user is None else _enter(request, user, "cast")


def _password(request: HttpRequest) -> HttpResponse:
    username = request.POST.get("username", "").strip()
    user = authenticate(request, username=username, password=request.POST.get("password", ""))
    if getattr(request, "axes_locked_out", False):
        return locked_out(request)
    if user is None:
        return _page(request, username=username, error=WRONG)
    if selectors.second_factor_of(user) is not None:
        request.session.cycle_key()
        request.session[HALF] = {"user": user.pk, "at": int(time.time())}
        return _page(request, asks_code=True)
    if settings.YIMI_PROFILE == "demo":
        return _enter(request, user, "password")
    return _page(request, username=username, error=NO_FACTOR)


def _code(request: HttpRequest) -> HttpResponse:
    half = request.session.get(HALF)
    user = selectors.user_by_id(half["user"]) if half and time.time() - half["at"] <= HALF_SECONDS else None
    if user is None:
        request.session.pop(HALF, None)
        return _page(request, error=WRONG)
    credentials = {"username": user.username}
    if not AxesProxyHandler.is_allowed(request, credentials):
        return locked_out(request)
    factor = selectors.second_factor_of(user)
    if factor is None or not factor.wrap().validate_code(request.POST["code"].strip()):
        user_login_failed.send(sender=__name__, credentials=credentials, request=request)
        return _page(request, asks_code=True, error=WRONG)
    del request.session[HALF]
    return _enter(request, user, "password and code")


def _enter(request: HttpRequest, user: Any, how: str) -> HttpResponse:
    now = timezone.now()
    actor = selectors.actor_of(user, timezone.localdate())
    actions.signed_in(user, by=actor, at=now, how=how)
    login(request, user, backend=BACKEND)
    wanted = _next(request)
    # Whoever steers the plan begins with it, whoever has a day with that, whoever else works with children with the tasks.
    day = actor.has_day and not actor.coordinates
    begins = address("day") if day else address("work") if actor.child_grants else wanted
    return HttpResponseRedirect(begins if wanted == "/" else wanted)


def _next(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or "/"
    same_site = url_has_allowed_host_and_scheme(
        wanted, {request.get_host()}, require_https=request.is_secure()
    )
    return wanted if same_site else "/"


def _page(
    request: HttpRequest, *, username: str = "", asks_code: bool = False, error: dict[str, str] | None = None
) -> HttpResponse:
    form = {
        "action": address("sign-in"),
        "username": username,
        "asks_code": asks_code,
        "errors": [{"field": "code" if asks_code else "username", "text": error}] if error else [],
    }
    people = _cast() if settings.YIMI_PROFILE == "demo" and not asks_code else []
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    status = 200 if error is None else 422
    return render(
        request, "staff/sign_in.html", {"cast": people, "form": form, "next": wanted}, status=status
    )


def _cast() -> list[dict[str, Any]]:
    pack = active.pack()
    shown = []
    for each in selectors.cast():
        role, _, place = (*each["appointments"], ("", "", ""))[0]
        declared, where = pack.roles.get(role), pack.places.get(place)
        shown.append(
            {
                "id": each["id"],
                "name": each["name"],
                "role": declared.name if declared else "",
                "place": {"zh": where.name_zh, "en": where.name_en} if where else "",
                "does": (declared.note if declared else None) or "",
            }
        )
    return shown


@allow("public")
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    response = HttpResponseRedirect(address("sign-in"))
    # Not "storage": a phone keeps there the sealed forms that wait to be sent, and nobody can write them again.
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@allow("public")
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    response = HttpResponseRedirect(_next(request))
    wanted = request.POST.get("language", "")
    if wanted in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, wanted, max_age=31_536_000, samesite="Lax",
            secure=request.is_secure(), httponly=True,
        )  # fmt: skip
    return response


@allow("public")
@require_GET
def healthz(request: HttpRequest) -> HttpResponse:
    """Whether the service and its database answer. No detail for anybody."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    return HttpResponse("ok\n", content_type="text/plain")
