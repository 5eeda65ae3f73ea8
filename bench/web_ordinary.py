"""The list pages in the ordinary way: objects of the ORM and a Django template, within the site's own middleware.

The same fifty rows in the site's own frame, a page of a paginator that counts the list, with the choice of a place, and
the same read audit, its rows saved as objects.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path
from django.utils import timezone

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor, allow
from yimi.apps.accounts.selectors import open_on
from yimi.apps.audit import chain
from yimi.apps.audit.actions import listed as read
from yimi.apps.audit.models import Entry, Head
from yimi.apps.evaluation import ledgers, listing, lists, runs
from yimi.apps.keys import key
from yimi.apps.places.models import Place
from yimi.apps.plan.selectors import run_in_force
from yimi.apps.register.models import Child, Residence, Status
from yimi.apps.register.permissions import visible, within_reach
from yimi.sites.staff.pages import figures, shown

PAGE = 50
LEVELS = {"red": 0, "yellow": 1, "green": 2}
DUE = (
    "SELECT subject_id, step, status, earliest, due, overdue_after FROM item INDEXED BY item_waiting "
    "WHERE status <> 'upcoming' AND pathway = ? AND place IN ({marks}) AND status IN ('overdue', 'due') "
    f"ORDER BY rank LIMIT {PAGE}"
)


def _dressed(children: Iterable[Child], actor: Actor) -> list[Any]:
    """Children with what a row says of them; where each lives comes with one more question."""
    pack, listed = active.pack(), list(children)
    homes = {
        each.subject_id: each
        for each in Residence.objects.filter(
            open_on(actor.on), subject_id__in=[c.pk for c in listed]
        ).select_related("place")
    }
    for each in listed:
        age, sex = shown.age(each.birth_date, actor.on), shown.SEX.get(each.sex or "", shown.NO_SEX)
        each.note = f"{sex['zh']}，{age['zh']}"
        each.home = homes[each.pk].place if each.pk in homes else None
        above = pack.places.get(each.home.code).parent if each.home else None
        each.township = pack.places[above] if above else None
    actor.reads.append(read("list", "child", [str(each.subject.uid) for each in listed]))
    return listed


def _page(request: HttpRequest, template: str, context: dict[str, Any], count: int) -> HttpResponse:
    townships = Place.objects.filter(kind="township").order_by("code")
    answer = render(request, template, {**context, "count": count, "townships": townships})
    _note(shown.actor_of(request))
    return answer


def _note(actor: Actor) -> None:
    """The product's chain of readings, each an object."""
    at = timezone.now()
    with transaction.atomic():
        head, made = Head.objects.select_for_update().get(id=1), []
        for event in actor.reads:
            head.count += 1
            row = Entry(
                seq=head.count, at=at, actor=actor.uid, role=actor.role_id, verb=event.verb, previous=head.digest,
                target_kind=event.target_kind, target_uid=event.target_uid, detail=dict(event.detail),
            )  # fmt: skip
            sealed = chain.canonical(
                row.seq, at, row.actor, row.role, row.verb, row.target_kind, row.target_uid, row.detail
            )
            head.digest = row.digest = chain.seal(row.previous, sealed)
            made.append(row)
        Entry.objects.bulk_create(made)
        head.signature = chain.sign(key("audit"), head.count, head.digest)
        head.save()
    actor.reads.clear()


@allow("children")
def children(request: HttpRequest) -> HttpResponse:
    actor = shown.actor_of(request)
    found = visible(actor).filter(death_date__isnull=True).select_related("subject")
    pages = Paginator(found.order_by("-birth_date", "pk"), PAGE)
    listed = _dressed(pages.page(1).object_list, actor)
    urgent = lists.most_urgent(actor, [each.pk for each in listed])
    for each in listed:
        item = urgent.get(each.pk)
        each.step = figures.item_name(active.pack(), item["step"]) if item else None
        each.status, each.due = (item["status"], item["due"]) if item else ("done", None)
    return _page(request, "web_children.html", {"children": listed}, pages.count)


@allow("children")
def due(request: HttpRequest, pathway: str) -> HttpResponse:
    actor, run, pack = shown.actor_of(request), run_in_force(), active.pack()
    places = sorted(listing.reach(actor, pack.pathways[pathway].sensitivity))
    rows = runs.lists(
        run.number if run else 0, DUE.format(marks=", ".join("?" * len(places))), [pathway, *places]
    )
    count = runs.lists(
        run.number if run else 0,
        f"SELECT count(*) AS n FROM ({DUE.partition(' ORDER BY')[0].format(marks=', '.join('?' * len(places)))})",
        [pathway, *places],
    )
    near = within_reach(actor, pack.pathways[pathway].sensitivity)
    found = Child.objects.filter(near, pk__in={row["subject_id"] for row in rows}).select_related("subject")
    known = {each.pk: each for each in _dressed(found, actor)}
    lines = [
        {**row, "child": known[row["subject_id"]], "step": figures.item_name(pack, row["step"])}
        for row in rows
        if row["subject_id"] in known
    ]
    return _page(request, "web_due.html", {"lines": lines}, count[0]["n"])


@allow("children")
def hardship(request: HttpRequest) -> HttpResponse:
    actor, pack = shown.actor_of(request), active.pack()
    scheme = pack.statuses["hardship"]
    found = Status.objects.filter(
        open_on(actor.on), within_reach(actor, scheme.sensitivity, subject="subject_id"), scheme="hardship"
    )
    pages = Paginator(found.select_related("subject__child__subject").order_by("valid_from", "pk"), PAGE)
    entries = list(pages.page(1).object_list)
    known = {each.pk: each for each in _dressed([each.subject.child for each in entries], actor)}
    levels: dict[int, str] = {}
    for one in Status.objects.filter(open_on(actor.on), scheme="hardship_level", subject_id__in=known):
        if one.subject_id not in levels or LEVELS.get(one.code, 9) < LEVELS.get(levels[one.subject_id], 9):
            levels[one.subject_id] = one.code
    visits = ledgers.visits(list(known), actor.on)
    for each in entries:
        told, level = visits[each.subject_id], levels.get(each.subject_id)
        each.child = known[each.subject_id]
        each.category = shown.status_name(pack, "hardship", each.code)
        each.level = (
            shown.status_name(pack, "hardship_level", level) if level else figures.both("未定", "none")
        )
        each.last = told.last
        each.clock = (
            figures.clock(pack, told.next_by, told.last or each.valid_from, actor.on)
            if told.next_by
            else None
        )
    return _page(request, "web_hardship.html", {"entries": entries}, pages.count)


urlpatterns = [
    path("children/", children),
    path("ledgers/due/<str:pathway>/", due),
    path("ledgers/status/hardship/", hardship),
    path("", include("yimi.sites.staff.urls")),
]
