"""Recording a form about a school or another site: for its own people, and for whoever reaches the place."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from yimi.apps import active
from yimi.apps.accounts.permissions import allow
from yimi.apps.records import actions as records
from yimi.apps.records.actions import AnswersRefused
from yimi.apps.records.selectors import Site, site_to_record
from yimi.lib.errors import NotAllowed, UserError
from yimi.pack.schema import Form
from yimi.sites.staff.pages import case_shown, figures, shown
from yimi.sites.staff.pages.figures import Words, both, words
from yimi.sites.staff.pages.shown import actor_of, in_language


@allow("record")
@require_http_methods(["GET", "HEAD", "POST"])
def site_record(request: HttpRequest, uid: str, form_id: str) -> HttpResponse:
    """A repeat of the same page's request is the same record."""
    actor = actor_of(request)
    form = active.pack().forms.get(form_id)
    if form is None or form.subject != "facility":
        raise Http404
    site = site_to_record(actor, str(uid), form)
    if request.method != "POST" or "redraw" in request.POST:
        return _page(request, site, form)
    try:
        day = date.fromisoformat(request.POST.get("occurred_on", ""))
    except ValueError:
        told = both("请填写日期，如 2026-05-01", "enter the date, such as 2026-05-01")
        return _page(request, site, form, [{"field": "occurred_on", "text": told}], 422)
    try:
        records.add(
            form=form.id, subject=site.uid, occurred_on=day, answers=case_shown.posted(form, request.POST), by=actor,
            at=timezone.now(), record_uid=request.POST.get("client_id") or None,
        )  # fmt: skip
    except AnswersRefused as error:
        return _page(
            request, site, form, [{"field": e.field, "text": words(e.text)} for e in error.errors], 422
        )
    except NotAllowed:
        raise
    except UserError as error:
        field = "occurred_on" if "日期" in str(error) else None
        return _page(request, site, form, [{"field": field, "text": shown.sentence(error)}], 422)
    messages.success(request, in_language(both("已保存。", "Saved.")))
    return HttpResponseRedirect(reverse("work"))


def _page(
    request: HttpRequest,
    site: Site,
    form: Form,
    errors: list[dict[str, Any]] | None = None,
    status: int = 200,
) -> HttpResponse:
    pack, actor, data = active.pack(), actor_of(request), request.POST
    wrong: dict[str, list[Words]] = {}
    for each in errors or ():
        wrong.setdefault(each["field"] or "", []).append(each["text"])
    day = case_shown.shown_day(data.get("occurred_on", "")) if request.method == "POST" else actor.on
    context = {
        "form": {
            "name": words(form.name), "legal_basis": form.legal_basis, "purpose": words(form.purpose),
            "action": reverse("site-record", args=[site.uid, form.id]), "client_id": data.get("client_id") or str(uuid4()),
            "cancel": reverse("work"),
        },
        "about": both(site.name, site.name), "number": figures.place_name(pack, site.place),
        "occurred_on": case_shown.day_field(day, wrong.get("occurred_on", [])),
        "fields": case_shown.fields(pack, form, case_shown.posted(form, data), wrong), "errors": errors or [],
        "second_person": form.second_person, "trail": [{"label": both("我的工作", "My work"), "href": reverse("work")}],
    }  # fmt: skip
    return render(request, "staff/case_form.html", context, status=status)
