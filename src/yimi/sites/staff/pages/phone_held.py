"""Forms that came from somebody's phone and could not become records: why, and what can be done about each."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_GET, require_POST

from yimi.apps.accounts.permissions import allow
from yimi.sites.addresses import address


@allow("record")
@require_GET
def held(request: HttpRequest) -> HttpResponse:
    """One's own held forms."""
    return HttpResponseRedirect(address("day"))


@allow("record")
@require_POST
def give_up(request: HttpRequest, uid: str) -> HttpResponse:
    """Let a held form go, with a written reason."""
    raise Http404
