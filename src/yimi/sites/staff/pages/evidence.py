"""Evidence on the pages: taking in what a form sends, the chips of files, and the file itself for who may read it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from yimi.apps.accounts.permissions import Actor, allow
from yimi.apps.evidence import actions, selectors
from yimi.apps.evidence.kinds import ACCEPT, MAX_BYTES
from yimi.apps.evidence.selectors import Chip
from yimi.apps.records import selectors as records
from yimi.apps.tasks import selectors as tasks
from yimi.lib.errors import BadInput, NotAllowed
from yimi.sites.addresses import address
from yimi.sites.staff.pages import shown
from yimi.sites.staff.pages.figures import both
from yimi.sites.staff.pages.shown import actor_of

TOO_LARGE = both("超过10 MB，请压缩或分开上传", "is larger than 10 MB: make it smaller or split it")


@allow("staff")
@require_GET
def evidence(request: HttpRequest, uid: str) -> HttpResponse:
    """The file, to be saved and not shown in the browser; absent for whoever may not read what it proves."""
    actor = actor_of(request)
    try:
        found = records.open_evidence(actor, str(uid), at=timezone.now())
    except NotAllowed:
        found = tasks.open_evidence(actor, str(uid))
    response = HttpResponse(found.content, content_type=found.media_type)
    response.headers["Content-Disposition"] = content_disposition_header(True, found.name) or "attachment"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


# --- a form that carries files -------------------------------------------------------------------------------


def take(
    request: HttpRequest, fields: Iterable[str], batch: str, actor: Actor, at: datetime
) -> list[dict[str, Any]]:
    """Stage what came with a form and take away what was unchecked; errors as forms show them.

    A form that comes back with errors keeps the files: nobody has to take a photo twice.
    """
    known = _uuid(batch)
    errors: list[dict[str, Any]] = []
    if known is None:
        return errors
    for field in fields:
        kept = set(request.POST.getlist(f"{field}.keep"))
        given_up = [c.uid for c in selectors.staged(actor, known) if c.field == field and c.uid not in kept]
        actions.unstage(batch=known, files=given_up, by=actor)
        for upload in request.FILES.getlist(f"{field}.files"):
            try:
                if (upload.size or 0) > MAX_BYTES:
                    raise BadInput(f"{TOO_LARGE['zh']} / {TOO_LARGE['en']}")
                actions.stage(
                    batch=known, field=field, name=upload.name or "", content=upload.read(), by=actor, at=at
                )
            except BadInput as error:
                told, name = shown.sentence(error), upload.name or ""
                text = both(f"“{name}”：{told['zh']}", f"“{name}”: {told['en']}")
                errors.append({"field": field, "text": text})
    return errors


def staged(actor: Actor, batch: str) -> list[Chip]:
    known = _uuid(batch)
    return selectors.staged(actor, known) if known else []


def chosen(field: str, held: Iterable[Chip], kept: Sequence[str]) -> list[str]:
    """The uids a form wants attached: what waits for it, and what it keeps of the record it corrects."""
    return list(dict.fromkeys([*kept, *(each.uid for each in held if each.field == field)]))


def field(
    name: str, held: Iterable[Chip], old: Iterable[Chip] = (), kept: Sequence[str] | None = None
) -> dict[str, Any]:
    """What the upload part of a field takes; `kept` None: a form not yet sent keeps everything."""
    own = [each for each in held if each.field == name]
    files = [{**chip(each, opens=False), "kept": True} for each in own]
    for each in old:
        if each.field == name:
            files.append({**chip(each), "kept": kept is None or each.uid in kept})
    return {"name": name, "files": files, "accept": ACCEPT}


# --- chips --------------------------------------------------------------------------------------------------


def chip(file: Chip, opens: bool = True) -> dict[str, Any]:
    return {
        "uid": file.uid, "name": file.name, "meta": f"{file.kind.upper()} · {size(file.size)}",
        "href": address("evidence", file.uid) if opens else None,
    }  # fmt: skip


def chips(files: Iterable[Chip], opens: bool = True) -> list[dict[str, Any]]:
    return [chip(each, opens) for each in files]


def closed(files: Iterable[Chip]) -> list[dict[str, Any]]:
    """For whoever is told a number only: that there are files, not how they are called (names are told by names)."""
    numbered = enumerate(files, 1)
    return [{**chip(each, opens=False), "name": both(f"附件{n}", f"File {n}")} for n, each in numbered]


def size(count: int) -> str:
    """As people read it: 340 KB, 1.2 MB."""
    if count < 1000:
        return f"{count} B"
    return f"{count / 1000:.0f} KB" if count < 999_500 else f"{count / 1_000_000:.1f} MB"


def _uuid(raw: str) -> UUID | None:
    try:
        return UUID(str(raw))
    except ValueError:
        return None
