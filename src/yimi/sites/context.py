"""What every staff page is given: the site, the person, the navigation."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.utils import timezone, translation
from django.utils.functional import SimpleLazyObject

from yimi.apps import active
from yimi.apps.accounts.permissions import RULES, Actor
from yimi.apps.plan.selectors import as_of_in_force
from yimi.pack.load import Pack
from yimi.sites.addresses import address

# key of the navigation, name of the URL, rule that opens it
NAVIGATION = (
    ("day", "day", "staff"),
    ("work", "work", "staff"),
    ("children", "children", "children"),
    ("cases", "cases", "staff"),
    ("ledgers", "ledgers", "children"),
    ("roster", "roster", "staff"),
    ("plan", "cockpit", "staff"),
    ("indicators", "indicators", "staff"),
    ("map", "map", "staff"),
    ("data", "imports", "record"),
    ("admin", "audit", "audit"),
)


def staff(request: HttpRequest) -> dict[str, Any]:
    actor: Actor | None = getattr(request, "actor", None)
    pack = active.pack()
    frame = {
        "site": site(pack, as_of_in_force() or timezone.localdate()),
        "me": me(pack, actor),
        "nav": nav(request, actor),
    }
    # A page has a form in its frame and others in it: one masked token serves them all.
    token = SimpleLazyObject(lambda: get_token(request))
    return {**frame, "frame": repr(frame), "csrf_token": token}


def site(pack: Pack, as_of: date) -> dict[str, Any]:
    language = translation.get_language() or "zh-hans"
    district = pack.places.get(pack.info.district or "")
    demo = settings.YIMI_PROFILE == "demo"
    return {
        "district": {"zh": district.name_zh, "en": district.name_en} if district else pack.info.name,
        "as_of": as_of,
        "demo": demo,
        "second_factor": not demo,
        "pack": {"name": pack.info.name, "fingerprint": pack.fingerprint, "href": address("pack")},
        "languages": [{"code": c, "name": n, "current": c == language} for c, n in settings.LANGUAGES],
        "language_action": address("language"),
        "home": "/",
        "sign_out": address("sign-out"),
    }


def me(pack: Pack, actor: Actor | None) -> dict[str, Any] | None:
    if actor is None:
        return None
    first = actor.grants[0] if actor.grants else None
    place = pack.places.get(first.place) if first else None
    return {
        "name": actor.name,
        "role": first.role.name if first else {"zh": "没有在任的岗位", "en": "No appointment in force"},
        "place": {"zh": place.name_zh, "en": place.name_en} if place else None,
    }


def nav(request: HttpRequest, actor: Actor | None) -> list[dict[str, Any]]:
    """Only what the person may use, and only pages that exist."""
    shown = []
    for key, name, rule in NAVIGATION:
        href = address(name)
        if key == "day" and not (actor and actor.has_day):
            continue
        if actor is not None and RULES[rule].holds(actor):
            current = request.path == href or (href != "/" and request.path.startswith(href))
            shown.append({"key": key, "href": href, "current": current})
    return shown
