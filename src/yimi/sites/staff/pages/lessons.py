"""Lessons on safety and rights: a topic, every school, the grades reached and the schools nobody has reached."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from yimi.apps import active
from yimi.apps.accounts.permissions import allow
from yimi.apps.evaluation import lessons as taught
from yimi.sites.addresses import address
from yimi.sites.staff.pages import shown
from yimi.sites.staff.pages.children import place_filter
from yimi.sites.staff.pages.figures import Words, both, words
from yimi.sites.staff.pages.schooling import ledger_page
from yimi.sites.staff.pages.shown import actor_of, column

TITLE = both("安全与权利教育：到达的学校和年级", "Safety and rights education: schools and grades reached")
WHAT = both(
    "截至当日的一年内，每所学校、每个年级上过几次；从未上过的排在最前。学校有哪些年级按最近一学期上报的班级。",
    "Sessions of the year before the day by school and grade; schools never reached come first. A school’s grades are those of its class rolls.",
)
NEVER = both("从未上过", "never")


@allow("staff")
@require_GET
def lessons(request: HttpRequest) -> HttpResponse:
    """Sessions of a topic by school and grade, of the year before any day."""
    pack, actor = active.pack(), actor_of(request)
    topics = {code.code: both(code.zh, code.en) for code in pack.vocabularies[taught.TOPIC].codes}
    topic = request.GET.get("topic", "")
    topic = topic if topic in topics else next(iter(topics))
    on, place = shown.day_asked(request, "as_of", actor.on), request.GET.get("place", "")[:20]
    found = taught.lessons(actor, topic, on, place)
    grades = {code.code: both(code.zh, code.en) for code in pack.vocabularies["school_grade"].codes}
    columns = [
        column("school", "学校", "School"), column("place", "所在地", "Place", "place"),
        column("sessions", "近一年课次", "Sessions in a year", "number"), column("people", "参加人次", "Participants", "number"),
        column("reached", "到达年级（课次）", "Grades reached (sessions)"), column("missing", "未到年级", "Grades not reached"),
        column("last", "最近一次", "Latest"),
    ]  # fmt: skip
    cells: list[list[Any]] = [
        [
            both(each.school, each.school), shown.place(pack, each.place), each.sessions, each.participants,
            _joined([(grades.get(code, both(code, code)), n) for code, n in sorted(each.grades.items(), key=lambda g: list(grades).index(g[0]) if g[0] in grades else 99)]),
            _joined([(grades.get(code, both(code, code)), 0) for code in each.missing]),
            both(each.last.isoformat(), each.last.isoformat()) if each.last else NEVER,
        ]
        for each in found
    ]  # fmt: skip
    never = sum(each.last is None for each in found)
    reached = sum(each.sessions > 0 for each in found)
    return ledger_page(
        request, TITLE, WHAT, columns, cells, count=len(found), as_of=on,
        hrefs=[address("subject", each.uid) for each in found],
        source=both("来源：学校和部门登记的安全与权利教育课。", "Source: sessions entered by schools and departments."),
        standing=[
            {"label": both("近一年到达的学校", "schools reached within a year"), "value": reached, "state": None},
            {"label": both("从未上过的学校", "schools never reached"), "value": never, "state": "off" if never else "met"},
        ],
        filters=[
            {"id": "topic", "label": both("主题", "Topic"), "type": "select", "value": topic, "options": [{"code": key, "label": each} for key, each in topics.items()]},
            place_filter(pack, actor, place),
            {"id": "as_of", "label": both("截至", "As of"), "type": "date", "value": on.isoformat(), "options": []},
        ],
        actions=[{"label": words(pack.pathways["school_education"].name), "href": f"{address('school-sites')}?pathway=school_education"}] if "school_education" in pack.pathways else [],
    )  # fmt: skip


def _joined(parts: list[tuple[Words, int]]) -> Words:
    """Grades one after another, each with its sessions where it has some."""

    def told(language: str) -> str:
        return "、".join(f"{name[language]}（{n}）" if n else name[language] for name, n in parts) if language == "zh" else ", ".join(f"{name[language]} ({n})" if n else name[language] for name, n in parts)  # fmt: skip

    return both(told("zh") or "—", told("en") or "—")
