"""Forms that came from somebody's phone and could not become records: why, and what can be done about each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor, allow
from yimi.apps.field import actions, selectors
from yimi.apps.field.forms import carried
from yimi.apps.field.selectors import Held
from yimi.lib.errors import BadInput
from yimi.pack.load import Pack
from yimi.sites.addresses import address
from yimi.sites.staff.pages import shown
from yimi.sites.staff.pages.figures import Words, both, words
from yimi.sites.staff.pages.shown import actor_of, in_language

WHY = {
    "refused": both("有几项没有填对，打开改正后保存：", "Some answers are not right; open it, put them right and save:"),
    "out_of_reach": both(
        "这名儿童现在不在您负责的范围内，或者您的岗位不再登记这张表。请把情况告诉现在负责的人，再在这里放弃。",
        "The child is no longer within your reach, or your post no longer enters this form. Tell whoever is responsible now, then give it up here.",
    ),
    "unknown_form": both(
        "这张表已经停用。请用现在的表重新登记。", "The form is no longer in use. Enter it anew with the present one."
    ),
    "form_changed": both(
        "填写以后这张表改版了，请按新表核对后保存。", "The form has changed since it was filled in: check it against the new one and save."
    ),
    "bad_date": both("日期不对，打开改正后保存。", "The date is not right; open it, put it right and save."),
    "other_person": both(
        "发送时登录的是另一个账号，请您核对后保存。", "It was sent under another account: look at it and save it."
    ),
    "unreadable": both(
        "内容打不开：不是为本系统封装的，或者在路上损坏了。请凭记忆和纸质材料重新登记，再在这里放弃。",
        "It does not open: it was sealed for another system or damaged on the way. Enter it anew from memory and paper, then give it up here.",
    ),
}  # fmt: skip
LOST = ("unreadable", "unknown_form")  # nothing can be opened


@allow("record")
@require_GET
def held(request: HttpRequest) -> HttpResponse:
    """One's own held forms, the oldest first; nobody else's."""
    return _page(request)


@allow("record")
@require_POST
def give_up(request: HttpRequest, uid: str) -> HttpResponse:
    """Let a held form go, with a written reason."""
    reason = request.POST.get("reason", "")
    try:
        actions.give_up(uid=str(uid), reason=reason, by=actor_of(request), at=timezone.now())
    except BadInput as error:
        return _page(request, str(uid), reason, shown.sentence(error))
    messages.success(request, in_language(both("已放弃，内容已删除", "Given up: what was in it is deleted")))
    return HttpResponseRedirect(address("phone-held"))


def _page(
    request: HttpRequest, uid: str = "", reason: str = "", problem: Words | None = None
) -> HttpResponse:
    pack, actor = active.pack(), actor_of(request)
    context = {
        "title": both("手机送来、等您核对的登记", "From your phone, waiting for you"),
        "items": [
            {**_card(pack, actor, each), "reason": reason if each.uid == uid else "", "problem": problem if each.uid == uid else None}
            for each in selectors.held(actor)
        ],
        "phone": address("phone"),
    }  # fmt: skip
    return render(request, "staff/phone_held.html", context, status=422 if problem else 200)


def _card(pack: Pack, actor: Actor, each: Held) -> dict[str, Any]:
    form, code = pack.forms.get(each.form), str(each.why.get("code", ""))
    labels = {one.id: words(one.label) for one in form.fields} if form else {}
    return {
        "uid": each.uid, "form": words(form.name) if form else both("未能打开的登记", "A form that does not open"),
        "child": shown.person(each.hit, actor.on) if each.hit else None,
        "made": _moment(each.made_at), "received": _moment(each.received_at), "why": _why(each.why),
        "fields": [labels[name] for name in each.why.get("fields", []) if name in labels],
        "open": _open(each) if each.hit and form and code not in LOST else None,
        "give_up": address("phone-give-up", each.uid),
    }  # fmt: skip


def _why(why: Mapping[str, Any]) -> Words:
    if why.get("code") == "not_taken":
        zh, _, en = str(why.get("says", "")).partition(" / ")
        return both(zh, en or zh)
    return WHY.get(str(why.get("code")), both("需要您核对。", "You have to look at it."))


def _moment(at: datetime | None) -> Words | None:
    if at is None:
        return None
    told = timezone.localtime(at)
    return both(f"{told:%Y-%m-%d %H:%M}", f"{told:%Y-%m-%d %H:%M}")


def _open(each: Held) -> str | None:
    """The page of the ordinary form, with what the phone brought."""
    known = carried(active.pack()).get(each.form)
    if known is None or each.hit is None:
        return None
    page = address("case-new", known.opens.id) if known.opens else address("record", each.hit.uid, each.form)
    return f"{page}?{urlencode({'held': each.uid})}"
