"""Anonymous surveys: a pupil answers with a code, a school opens a round, results by school where enough have answered."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor, allow
from yimi.apps.records.actions import AnswersRefused
from yimi.apps.surveys import actions, permissions, selectors
from yimi.apps.surveys.selectors import OwnRound, Results, SchoolResult
from yimi.lib.errors import BadInput, NotAllowed
from yimi.pack.load import Pack
from yimi.pack.schema import Survey
from yimi.sites.addresses import address
from yimi.sites.staff.pages import case_shown, figures, shown, withheld
from yimi.sites.staff.pages.cascades import workbook
from yimi.sites.staff.pages.figures import Words, both, words
from yimi.sites.staff.pages.shown import actor_of

YES_NO = [{"code": "true", "label": both("是", "Yes")}, {"code": "false", "label": both("否", "No")}]


def survey_of(actor: Actor, name: str) -> Survey:
    found = active.pack().surveys.get(name)
    if found is None or not permissions.may_open(actor, found):
        raise Http404
    return found


@allow("staff")
@require_GET
def survey(request: HttpRequest, survey_id: str) -> HttpResponse:
    """My school's round, and the results that may be told."""
    return _page(request, survey_of(actor_of(request), survey_id))


def _page(request: HttpRequest, each: Survey, *, status: int = 200, **more: Any) -> HttpResponse:
    pack, actor = active.pack(), actor_of(request)
    facility, newest = selectors.own(actor, each)
    told = selectors.results(actor, each)
    columns, rows = _table(pack, each, told)
    if request.GET.get("as") == "xlsx":
        cells = [[withheld.plain(cell) for cell in row["cells"]] for row in rows]
        return workbook(request, words(each.name), columns, cells)
    context = {
        "title": words(each.name), "what": words(each.note) if each.note else both("", ""), "least": told.least,
        "columns": columns, "rows": rows, "label": both("各校结果", "Results by school"), "apart": _apart(told),
        "export": "?as=xlsx", "source": shown.said(each.source, each.confidence, _how(each), each.id),
        "questions": _questions_of(pack, each), "own": _own(pack, each, facility, newest, actor) if facility else None, "codes": [], "error": None, **more,
    }  # fmt: skip
    return render(request, "staff/survey.html", context, status=status)


def _questions_of(pack: Pack, each: Survey) -> list[Words]:
    """In the order of the columns."""
    labels = {one.id: words(one.label) for one in pack.forms[each.form].fields}
    return [labels[q] for q in each.told]


def _how(each: Survey) -> Words:
    return both(
        "一人一码、用后作废；不记录姓名、账号、时间和顺序，无法由答卷找到学生。本轮结束后才公布结果。",
        "One code a pupil, spent when used; no name, account, time or order is kept, so nothing leads from an answer to a pupil. "
        "Results are told when the round has ended.",
    )


def _own(pack: Pack, each: Survey, facility: Any, newest: OwnRound | None, actor: Actor) -> dict[str, Any]:
    state = both("本年度尚未开展。", "Not yet this year.")
    if newest is not None:
        zh, en = f"{newest.opened_on}至{newest.closes_on}", f"{newest.opened_on} to {newest.closes_on}"
        state = both(f"{zh}，发码{newest.asked}个，已结束。", f"{en}, {newest.asked} codes, ended.")
        if newest.running:
            state = both(f"{zh}，发码{newest.asked}个，正在进行。结束前不显示答卷情况。", f"{en}, {newest.asked} codes, running. Nothing is told before it ends.")  # fmt: skip
    uid = str(facility.subject.uid)
    forms = [
        {"label": words(form.name), "href": address("subject-record", uid, form.id)}
        for form in pack.forms.values()
        if form.subject == "facility" and form.id != each.round_form and actor.records(form.id)
    ]
    return {
        "name": both(facility.name, facility.name), "state": state, "running": bool(newest and newest.running),
        "action": address("survey-open", each.id), "forms": forms,
        "pupils": {
            "id": "pupils", "label": both("参加学生人数", "Pupils who take part"), "type": "integer", "value": None, "unit": both("人", "pupils"),
            "hint": both("按人数生成一次性填写码，打印剪开，由学生任意抽取", "So many codes are made; print them, cut them apart, let each pupil draw one"),
            "required": True, "errors": [], "options": [], "decides": False,
        },
    }  # fmt: skip


def _apart(told: Results) -> Words | None:
    if not told.apart:
        return None
    return both(
        f"另有{told.apart}所学校不单独列出：答卷不足{told.least}份，或单独列出会使答卷不足的学校被推算出来。它们只计入全区合计。",
        f"{told.apart} more schools are not told apart: under {told.least} answers, or telling them would give such a school away. "
        "They count in the district only.",
    )


def _table(pack: Pack, each: Survey, told: Results) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    columns: list[dict[str, Any]] = [
        {"id": "school", "label": both("学校", "School"), "kind": "text", "unit": None},
        {"id": "place", "label": both("乡镇（街道）", "Township"), "kind": "text", "unit": None},
        {"id": "asked", "label": both("发码", "Codes"), "kind": "number", "unit": None},
        {"id": "answered", "label": both("答卷", "Answers"), "kind": "number", "unit": None},
        *(
            {"id": q, "label": both(f"第{n}题", f"Q{n}"), "kind": "number", "unit": both("%", "%")}
            for n, q in enumerate(each.told, 1)
        ),
    ]

    def cells(one: SchoolResult, name: Words) -> list[Any]:
        shares = [
            withheld.counted(None if n is None or not one.answered else round(n / one.answered * 100, 1))
            for n in one.yes.values()
        ]
        return [
            name,
            figures.place_name(pack, one.township),
            one.asked,
            withheld.counted(one.answered),
            *shares,
        ]

    lines = sorted(told.schools, key=lambda one: (one.township, one.name))
    rows = [{"href": None, "cells": cells(one, both(one.name, one.name))} for one in lines]
    if told.whole.asked:
        rows.append({"href": None, "cells": cells(told.whole, both("全区", "District"))})
    return columns, rows


@allow("staff")
@require_POST
@never_cache
def survey_open(request: HttpRequest, survey_id: str) -> HttpResponse:
    """Open a round for one's own school; its codes stand on the page that answers, and nowhere else."""
    actor = actor_of(request)
    each = survey_of(actor, survey_id)
    typed = request.POST.get("pupils", "").strip()
    try:
        if not typed.isdigit():
            raise BadInput("请填写学生人数 / enter the number of pupils")
        codes = actions.open_round(survey=each.id, pupils=int(typed), by=actor, at=timezone.now())
    except BadInput as error:
        return _page(request, each, status=422, error=shown.sentence(error))
    return _page(request, each, codes=codes, address=request.build_absolute_uri(address("answer-code")))


# --- a pupil ------------------------------------------------------------------------------------------------


@allow("public")
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def answer_code(request: HttpRequest) -> HttpResponse:
    """Type the code. Nobody signs in; whoever is signed in on this device is not looked at."""
    code = request.POST.get("code", "").strip()
    if request.method == "POST":
        if actions.usable(code, timezone.now()) is not None:
            return _questions(request, code)
        told = both("没有这个填写码，或已经用过。", "There is no such code, or it was used.")
        return render(request, "staff/answer.html", _alone(code=code, error=told), status=422)
    return render(request, "staff/answer.html", _alone(code="", error=None))


@allow("public")
@require_POST
@never_cache
def answer_send(request: HttpRequest) -> HttpResponse:
    """Take the answers in. A second time the code is spent."""
    code, now = request.POST.get("code", "").strip(), timezone.now()
    round_ = actions.usable(code, now)
    if round_ is None:
        told = both("没有这个填写码，或已经用过。", "There is no such code, or it was used.")
        return render(request, "staff/answer.html", _alone(code="", error=told), status=422)
    each = active.pack().surveys[round_.survey]
    form = active.pack().forms[each.form]
    try:
        actions.answer(code=code, answers=case_shown.posted(form, request.POST), at=now)
    except AnswersRefused as error:
        return _questions(
            request, code, [{"field": e.field, "text": words(e.text)} for e in error.errors], 422
        )
    except NotAllowed:
        told = both("这个填写码刚刚用过。", "This code has just been used.")
        return render(request, "staff/answer.html", _alone(code="", error=told), status=422)
    return render(request, "staff/answer.html", _alone(done=words(each.help)))


def _questions(
    request: HttpRequest, code: str, errors: list[dict[str, Any]] | None = None, status: int = 200
) -> HttpResponse:
    round_ = actions.usable(code, timezone.now())
    if round_ is None:
        raise Http404
    pack = active.pack()
    each = pack.surveys[round_.survey]
    form = pack.forms[each.form]
    wrong = case_shown.by_field(errors or ())
    fields = case_shown.fields(pack, form, case_shown.posted(form, request.POST), wrong)
    context = _alone(
        code=code,
        title=words(each.name),
        fields=fields,
        errors=errors or [],
        promise=_how(each),
        help=words(each.help),
    )
    return render(request, "staff/answer.html", context, status=status)


def _alone(**more: Any) -> dict[str, Any]:
    """The page of a pupil: no navigation, no person."""
    blank: dict[str, Any] = {
        "code": "", "error": None, "fields": [], "errors": [], "done": None, "help": None, "promise": None,
        "title": both("匿名问卷", "Anonymous questions"), "me": None, "nav": [],
    }  # fmt: skip
    return {**blank, **more}
