"""Boarding told by school: applications, beds given, and left-behind children with neither a bed nor anything else."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from yimi.apps import active
from yimi.apps.accounts.permissions import allow
from yimi.apps.evaluation import boarding as beds
from yimi.apps.evaluation.listing import readable
from yimi.sites.addresses import address
from yimi.sites.staff.pages import shown
from yimi.sites.staff.pages.children import place_filter
from yimi.sites.staff.pages.figures import both
from yimi.sites.staff.pages.schooling import ledger_page
from yimi.sites.staff.pages.shown import actor_of, column

TITLE = both("寄宿安排：分学校", "Boarding by school")
WHAT = both(
    "近一年申请寄宿的学生，按现在就读的学校；每名学生按最近一次答复计一次。留守儿童没有床位、也没有替代安排的学校排在最前。",
    "Pupils who applied within a year, by the school they attend now; each counts once, by the latest answer. Schools with left-behind children who have neither a bed nor anything else come first.",
)


@allow("staff")
@require_GET
def boarding(request: HttpRequest) -> HttpResponse:
    """Counts by school, never names: those stand in the due list of the pathway."""
    pack, actor, place = active.pack(), actor_of(request), request.GET.get("place", "")[:20]
    if not beds.may_read(actor):
        raise Http404
    found = beds.by_school(actor, place)
    columns = [
        column("school", "学校", "School"), column("place", "所在地", "Place", "place"), column("applied", "申请", "Applied", "number"),
        column("granted", "已安排", "Given a bed", "number"), column("waiting", "轮候", "Waiting", "number"),
        column("refused", "未安排", "Refused", "number"), column("none", "未答复", "No answer", "number"),
        column("left", "其中留守：申请", "Left-behind: applied", "number"), column("left_in", "留守：已安排", "Left-behind: a bed", "number"),
        column("left_out", "留守：无床位也无替代", "Left-behind: nothing", "number"),
    ]  # fmt: skip
    cells: list[list[Any]] = [
        [
            both(each.name, each.name), shown.place(pack, each.place), each.applied, each.granted or None, each.waiting or None,
            each.refused or None, each.unanswered or None, each.left_behind or None, each.left_behind_granted or None,
            each.left_behind_lost or None,
        ]
        for each in found
    ]  # fmt: skip
    lost = sum(each.left_behind_lost for each in found)
    unanswered = sum(each.unanswered for each in found)
    names = readable(actor, "basic") and "boarding" in pack.pathways
    return ledger_page(
        request, TITLE, WHAT, columns, cells, count=len(found), as_of=actor.on,
        hrefs=[address("subject", each.uid) for each in found],
        source=both("来源：寄宿申请和答复、学籍记录。", "Source: applications and answers, school attendance."),
        standing=[
            {"label": both("名留守儿童无床位也无替代安排", "left-behind children with nothing"), "value": lost, "state": "off" if lost else "met"},
            {"label": both("份申请未答复", "applications without an answer"), "value": unanswered, "state": "on_track" if unanswered else "met"},
        ],
        filters=[place_filter(pack, actor, place)],
        actions=[{"label": both("逐人名册", "By name"), "href": address("ledger-due", "boarding")}] if names else [],
    )  # fmt: skip
