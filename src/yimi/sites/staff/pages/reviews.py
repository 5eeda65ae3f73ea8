"""What only a person can settle: children who may be one, records that do not agree. Looked at, and closed with a note."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor, allow
from yimi.apps.records import reviews as found
from yimi.apps.records.reviews import Review
from yimi.lib.errors import BadInput
from yimi.pack.load import Pack
from yimi.sites.addresses import address
from yimi.sites.staff.pages import shown
from yimi.sites.staff.pages.figures import Words, both, words
from yimi.sites.staff.pages.shown import actor_of, in_language

KINDS = {
    "duplicate": both("可能是同一名儿童", "Perhaps one child twice"),
    "two_corrections": both("一份记录被更正了两次", "One record was corrected twice"),
    "two_records": both("同一天有两份不一致的记录", "Two records of one day that do not agree"),
    "birth_taken_back": both(
        "出生登记已撤回，孩子的档案还在", "A birth was taken back, the child’s file is still here"
    ),
}
WHY = {
    "name_and_birth_date": both("姓名和出生日期相同。", "Name and birth date are the same."),
    "id_number": both("身份证号相同。", "The ID number is the same."),
    "corrected_twice": both("两次更正都保留着，请确定哪一次是对的。", "Both corrections are kept: find out which one is right."),
    "two_people": both(
        "两个人当天各登记了一份，两份都保留着。请看哪些内容不同，有错的请更正或撤回。",
        "Two people each entered one that day, and both are kept. See where they differ; correct or take back what is wrong.",
    ),
    "different_answers": both(
        "同一个人当天登记了两份，内容不同，两份都保留着。有错的请更正或撤回。",
        "One person entered two that day with different answers, and both are kept. Correct or take back what is wrong.",
    ),
    "birth_taken_back": both(
        "请核对孩子是谁的；登记重复的，合并档案。", "Find out whose child it is; a double is joined with the other file."
    ),
}  # fmt: skip
OWN = both(
    "这几份记录都是您填的，请由另一位同事核对。",
    "You entered all of these records: a colleague must look at them.",
)


@allow("children")
@require_GET
def reviews(request: HttpRequest) -> HttpResponse:
    """The open ones within reach, the oldest first."""
    return _page(request)


@allow("children")
@require_POST
def close(request: HttpRequest, item: int) -> HttpResponse:
    note = request.POST.get("note", "")
    try:
        found.close(item=item, note=note, by=actor_of(request), at=timezone.now())
    except BadInput as error:
        return _page(request, item, note, shown.sentence(error))
    messages.success(request, in_language(both("已核对，不再列出", "Settled: it is no longer listed")))
    return HttpResponseRedirect(address("reviews"))


def _page(request: HttpRequest, item: int = 0, note: str = "", problem: Words | None = None) -> HttpResponse:
    pack, actor = active.pack(), actor_of(request)
    listed = found.reviews(actor)
    context = {
        "title": both("待核对", "To be looked at"),
        "items": [
            {**_card(pack, actor, each), "note": note if each.id == item else "", "problem": problem if each.id == item else None}
            for each in listed
        ],
    }  # fmt: skip
    return render(request, "staff/reviews.html", context, status=422 if problem else 200)


def _card(pack: Pack, actor: Actor, each: Review) -> dict[str, Any]:
    form = pack.forms.get(each.form or "")
    identity = actor.verifies and each.kind in ("duplicate", "birth_taken_back")
    return {
        "id": each.id, "kind": KINDS.get(each.kind, both("需要核对", "To be looked at")), "why": WHY.get(each.why),
        "since": timezone.localdate(each.opened_at), "child": shown.person(each.child, actor.on),
        "place": shown.place(pack, each.child.place),
        "other": shown.person(each.other, actor.on) if each.other else None,
        "form": words(form.name) if form else None, "on": each.on,
        "identity": address("child-identity", each.child.uid) if identity else None,
        "close": None if each.kind == "duplicate" or each.own_only else address("review-close", each.id),
        "own": OWN if each.own_only else None,
    }  # fmt: skip
