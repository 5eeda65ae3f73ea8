"""The phone of somebody who visits children without signal: shell, worker, the list taken along, forms brought back.

The shell, the worker and the manifest hold nothing of anybody and open to everybody: the browser keeps them.
"""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.utils import translation
from django.views.decorators.http import require_GET, require_POST

from yimi.apps.accounts.permissions import allow
from yimi.sites.addresses import address

FOLDER = "yimi/phone"
WORKER = f"{FOLDER}/worker.js"
SHARED = ("yimi/yimi.css", "yimi/mark.svg")


@allow("public")
@require_GET
def shell(request: HttpRequest) -> HttpResponse:
    """The same bytes for everybody who reads a language: no person, no token, no child."""
    context = {"worker": address("phone-worker"), "manifest": address("phone-manifest")}
    return HttpResponse(_drawn(translation.get_language() or "", json.dumps(context)))


@lru_cache(maxsize=8)
def _drawn(language: str, context: str) -> str:
    from django.template.loader import render_to_string

    return render_to_string("staff/phone.html", json.loads(context))


@allow("public")
@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker: what it has to keep, and the static file that does it."""
    files = kept_files()
    version = hashlib.sha256("".join(each["version"] for each in files).encode()).hexdigest()[:16]
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
    """The children and forms of a day."""
    return JsonResponse({}, status=503)


@allow("record")
@require_POST
def take_in(request: HttpRequest) -> HttpResponse:
    """One sealed form."""
    return JsonResponse({}, status=503)
