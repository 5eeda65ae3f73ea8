"""The phone of somebody who visits children without signal: shell, worker, the list taken along, forms brought back.

The shell, the worker and the manifest hold nothing of anybody and open to everybody: the browser keeps them.
"""

from __future__ import annotations

import base64
import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone, translation
from django.views.decorators.http import require_GET, require_POST

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor, allow
from yimi.apps.field import actions, selectors
from yimi.apps.field.forms import Carried, CarriedField
from yimi.apps.field.selectors import Visited
from yimi.pack.case_kinds import CaseParty
from yimi.pack.load import Pack
from yimi.sites.addresses import address
from yimi.sites.staff.pages import case_open, figures, form_fields, shown
from yimi.sites.staff.pages.figures import Words, both, words
from yimi.sites.staff.pages.shown import actor_of

LARGEST = 48 * 1024 * 1024  # bytes of one form on its way, photos and all
TOLD = {
    "stored": both("已保存", "Stored"),
    "repeated": both("先前已经收到，没有重复登记", "It had arrived before; it was not entered twice"),
    "held": both(
        "已收到，还要您核对后才能保存", "It has arrived; you have to look at it before it can be stored"
    ),
}
FOLDER = "yimi/phone"
WORKER = f"{FOLDER}/worker.js"
SHARED = ("yimi/yimi.css", "yimi/mark.svg")


@allow("public")
@require_GET
def shell(request: HttpRequest) -> HttpResponse:
    """The same bytes for everybody who reads a language: no person, no token, no child."""
    return HttpResponse(_shell())


def _shell() -> str:
    context = {"worker": address("phone-worker"), "manifest": address("phone-manifest")}
    return _drawn(translation.get_language() or "", json.dumps(context))


@lru_cache(maxsize=8)
def _drawn(language: str, context: str) -> str:
    return render_to_string("staff/phone.html", json.loads(context))


@allow("public")
@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker: what it has to keep, and the static file that does it."""
    files = kept_files()
    # Of the shell too: it is kept like the files, and another one has to replace it.
    held = "".join(each["version"] for each in files) + _shell()
    version = hashlib.sha256(held.encode()).hexdigest()[:16]
    head = (
        f"const SHELL = {json.dumps(address('phone'))};\n"
        f"const MANIFEST = {json.dumps(address('phone-manifest'))};\n"
        f"const VERSION = {json.dumps(version)};\nconst FILES = {json.dumps(files)};\n"
    )
    source = finders.find(WORKER)
    body = Path(str(source)).read_text(encoding="utf-8") if source else ""
    return HttpResponse(head + body, content_type="text/javascript; charset=utf-8")


@lru_cache(maxsize=1)
def kept_files() -> list[dict[str, str]]:
    """Every static file of the phone: where it is served, and a digest of what it holds."""
    folder = finders.find(FOLDER)
    own = sorted(each.name for each in Path(str(folder)).iterdir() if each.is_file()) if folder else []
    names = [*SHARED, *(f"{FOLDER}/{each}" for each in own if each != "worker.js")]
    found = []
    for name in names:
        path = finders.find(name)
        if path:
            digest = hashlib.sha256(Path(str(path)).read_bytes()).hexdigest()
            found.append({"url": static(name), "version": digest[:16]})
    return found


@allow("public")
@require_GET
def manifest(request: HttpRequest) -> HttpResponse:
    """What the browser needs to put the phone page among the apps."""
    told: dict[str, Any] = {
        "id": address("phone"), "name": "一米 入户", "short_name": "一米", "lang": "zh-Hans",
        "start_url": address("phone"), "scope": address("phone"), "display": "standalone",
        "background_color": "#ffffff", "theme_color": "#ffffff",
        "icons": [{"src": static("yimi/mark.svg"), "sizes": "any", "type": "image/svg+xml"}],
    }  # fmt: skip
    return HttpResponse(json.dumps(told, ensure_ascii=False), content_type="application/manifest+json")


@allow("record")
@require_GET
def lease(request: HttpRequest) -> HttpResponse:
    """The children and forms of a day, for 24 hours."""
    pack, actor = active.pack(), actor_of(request)
    taken = selectors.lease(actor, timezone.now())
    told = {
        "person": {"uid": actor.uid, "name": actor.name},
        "day": actor.on.isoformat(),
        "made_at": taken.made_at.isoformat(), "ends_at": taken.ends_at.isoformat(),
        "key": {"id": taken.key.id, "public": base64.b64encode(taken.key.public).decode()},
        "csrf": get_token(request), "demo": settings.YIMI_PROFILE == "demo",
        "children": [_child(pack, actor, each) for each in taken.children], "more": taken.more,
        "forms": {form: _form(pack, actor, each) for form, each in taken.forms.items()},
    }  # fmt: skip
    return JsonResponse(told)


def _child(pack: Pack, actor: Actor, each: Visited) -> dict[str, Any]:
    """No more than it takes to find the child and to know what to do: no category, no reason, no number."""
    return {
        "uid": each.hit.uid, "name": each.name, "age": shown.age(each.hit.birth_date, actor.on),
        "place": shown.place(pack, each.hit.place)["name"],
        "due": [
            {
                "name": figures.item_name(pack, item.step), "form": pack.steps[item.step][1].form, "status": item.status,
                "due": item.due and item.due.isoformat(), "by": item.by and item.by.isoformat(),
            }
            for item in each.due
        ],
        "forms": list(each.forms),
    }  # fmt: skip


def _form(pack: Pack, actor: Actor, each: Carried) -> dict[str, Any]:
    form, opens = each.form, None
    if each.opens is not None:
        chosen = [_party(pack, actor, party) for party in selectors.chosen_parties(each.opens)]
        opens = {"kind": each.opens.id, "chosen": chosen}
    return {
        "id": form.id, "version": form.version, "name": words(form.name),
        "fields": [_field(pack, one, opens is not None) for one in each.fields], "opens": opens,
    }  # fmt: skip


def _party(pack: Pack, actor: Actor, party: CaseParty) -> dict[str, Any]:
    """The bodies in which somebody receives, one's own left out."""
    own = {each.organization for each in actor.grants}
    bodies = case_open.bodies(pack, party.roles, actor.on)
    return {
        "party": party.id,
        "label": words(party.name),
        "options": [{"code": each, "label": label} for each, label in bodies.items() if each not in own],
    }


def _field(pack: Pack, each: CarriedField, opens: bool) -> dict[str, Any]:
    """As the page of the form shows it; the form that opens a case takes no files yet, there as here."""
    field = each.field
    told = form_fields.described(field)
    return {
        **told, "type": "text" if opens and field.type == "evidence" else field.type,
        "required": field.required, "min": field.min, "max": field.max, "options": form_fields.options(pack, field),
        "show_when": each.show_when, "required_when": each.required_when, "drawn": field.drawn, "computed": bool(field.computed),
    }  # fmt: skip


@allow("record")
@require_POST
def take_in(request: HttpRequest) -> HttpResponse:
    """One sealed form: stored or held, both mean that the phone may forget it."""
    try:
        size = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        size = 0
    body = request.read(LARGEST + 1) if size <= LARGEST else b""
    if size > LARGEST or len(body) > LARGEST:
        return _refused(413, both("这份登记太大，请减少照片", "This form is too large: take fewer photos"))
    try:
        sent = json.loads(body)
        uid, key = UUID(sent["uid"]), str(sent["key"])
        sealed = base64.b64decode(sent["sealed"], validate=True)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return _refused(400, both("收到的不是一份登记", "What arrived is no form"))
    found = actions.take_in(uid=uid, key=key, sealed=sealed, by=actor_of(request), at=timezone.now())
    return JsonResponse({"uid": found.uid, "outcome": found.outcome, "text": TOLD[found.outcome]})


def _refused(status: int, text: Words) -> HttpResponse:
    return JsonResponse({"text": text}, status=status)
