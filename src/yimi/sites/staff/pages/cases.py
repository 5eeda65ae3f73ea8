"""My cases, what the coordinating office is told in numbers, the seal, and a reporter's receipt."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor, allow
from yimi.apps.cases import actions, selectors
from yimi.apps.evaluation import cases as worked
from yimi.lib.errors import BadInput, NotAllowed
from yimi.pack.load import Pack
from yimi.sites.addresses import address
from yimi.sites.staff.pages import case_shown, shown
from yimi.sites.staff.pages.figures import Words, both, words
from yimi.sites.staff.pages.shown import actor_of, in_language

TABS = {"open": both("办理中", "Open"), "closed": both("已结案", "Closed")}


@allow("staff")
@require_GET
def cases(request: HttpRequest) -> HttpResponse:
    """What this person works on, what anybody may open, and for the coordinating office the silent ones by number."""
    return _page(request)


def _page(request: HttpRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    pack, actor, now = active.pack(), actor_of(request), timezone.now()
    tab = request.GET.get("tab", "open")
    tab = tab if tab in TABS else "open"
    context: dict[str, Any] = {
        "tabs": [], "cards": [], "works": actor.works_cases,
        "openable": [
            {"name": words(each.name), "href": address("case-new", each.id), "report": each.reporter_sealed}
            for each in selectors.openable(actor)
        ],
        "numbers": _numbers(pack, actor, now) if actor.coordinates else None,
        "reviews": [], "may_seal": False, **more,
    }  # fmt: skip
    if actor.works_cases:
        lines, counts = selectors.mine(actor, state=tab)
        context["tabs"] = [
            {"label": TABS[each], "href": f"?tab={each}", "current": each == tab, "count": counts[each]}
            for each in TABS
        ]
        seen = worked.all_worked([each.subject_id for each in lines], actor.on, now)
        cards = [case_shown.case_card(pack, each, seen[each.subject_id].clocks, now) for each in lines]
        context["cards"] = sorted(cards, key=lambda each: not each["late"])
        context["late"] = sum(each["late"] for each in cards)
        context["reviews"] = [
            {
                "number": each.number, "by": each.by, "reason": each.reason, "at": case_shown.moment(each.opened_at),
                "action": address("case-seal-review", each.id),
            }
            for each in selectors.openings_to_review(actor)
        ]  # fmt: skip
        context["may_seal"] = _on_a_list(pack, actor)
    return render(request, "staff/cases.html", context, status=status)


def _on_a_list(pack: Pack, actor: Actor) -> bool:
    """Does a role of this person stand on the list of some kind that is sealed? It tells of no case."""
    roles = {
        role
        for kind in pack.cases.values()
        if kind.seal
        for name in kind.seal.parties
        if (party := kind.party(name))
        for role in party.roles
    }
    return any(each.role.id in roles for each in actor.grants)


def _numbers(pack: Pack, actor: Actor, now: datetime) -> list[dict[str, Any]]:
    """Open cases by kind, and of the silent ones which body and which number: no content."""
    found = []
    for count in selectors.for_coordinator(actor):
        kind = pack.cases[count.kind]
        silent = worked.silent(count.subject_ids, actor.on, now)
        names = selectors.numbers(silent)
        late: Counter[str] = Counter()
        by_party: dict[str, list[str]] = {}
        for subject, clocks in silent.items():
            for party in dict.fromkeys(each.party for each in clocks):
                late[party] += 1
                by_party.setdefault(party, []).append(names[subject])
        found.append(
            {
                "kind": words(kind.name), "open": "※" if count.open_now is None else count.open_now,
                "silent": [
                    {"party": case_shown.party_name(kind, party), "count": n, "numbers": "、".join(sorted(by_party[party])[:12])}
                    for party, n in late.most_common()
                ],
            }
        )  # fmt: skip
    return found


@allow("staff")
@require_POST
def receipt(request: HttpRequest) -> HttpResponse:
    """How a report stands, by its code. Nobody is named and nobody needs to be."""
    code = request.POST.get("code", "")
    try:
        found = selectors.receipt(code)
    except NotAllowed:
        told = both(
            "没有这个回执码，请核对后重新输入。",
            "There is no such receipt code: check it and enter it again.",
        )
        return _page(request, status=422, receipt={"code": code, "error": told})
    now = timezone.now()
    clocks = worked.worked(found.subject_id, timezone.localdate(), now).clocks
    answered = [each for each in clocks if each.state in ("done", "late_done")]
    said: Words = both(
        f"编号{found.number}，{case_shown.moment(found.opened_at)['zh']}收到，{case_shown.STATES[found.state]['zh']}，"
        f"{len({each.party for each in answered})}个单位已反馈。",
        f"Number {found.number}, received {case_shown.moment(found.opened_at)['en']}, {case_shown.STATES[found.state]['en']}, "
        f"{len({each.party for each in answered})} bodies have answered.",
    )
    return _page(request, receipt={"code": "", "told": said})


@allow("cases")
@require_POST
def open_seal(request: HttpRequest) -> HttpResponse:
    number, reason = request.POST.get("number", ""), request.POST.get("reason", "")
    try:
        uid = actions.open_seal(number=number, reason=reason, by=actor_of(request), at=timezone.now())
    except NotAllowed:
        told = both("没有可查阅的封存档案。", "There is no such sealed file for you.")
        return _page(request, status=422, seal={"number": number, "reason": reason, "error": told})
    except BadInput as error:
        return _page(
            request, status=422, seal={"number": number, "reason": reason, "error": shown.sentence(error)}
        )
    messages.info(
        request,
        in_language(
            both("已打开，两小时后自动关闭；查阅将由他人复核。", "Open for two hours; it will be reviewed.")
        ),
    )
    return HttpResponseRedirect(address("case", uid))


@allow("cases")
@require_POST
def review_seal(request: HttpRequest, opening: int) -> HttpResponse:
    justified = request.POST.get("justified") == "yes"
    actions.review_opening(opening=opening, justified=justified, by=actor_of(request), at=timezone.now())
    messages.success(request, in_language(both("已复核。", "Reviewed.")))
    return HttpResponseRedirect(address("cases"))
