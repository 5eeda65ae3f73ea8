"""Imports: a spreadsheet comes in, is checked in the background, and every refused row is told with its reason."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.http import require_GET, require_http_methods

from yimi.apps.accounts.permissions import allow
from yimi.apps.imports import actions, selectors
from yimi.apps.imports.columns import fields_of
from yimi.apps.imports.selectors import Line
from yimi.exchange.tabular import template_xlsx, write_xlsx
from yimi.lib.errors import BadInput
from yimi.sites.addresses import address
from yimi.sites.staff.pages import shown
from yimi.sites.staff.pages.figures import Words, both
from yimi.sites.staff.pages.shown import actor_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAX_BYTES = 20 * 1024 * 1024
SHOWN = 200
STATES = {
    "waiting": "waiting",
    "running": "running",
    "done": "done",
    "refused": "refused",
    "interrupted": "interrupted",
}


@allow("record")
@require_http_methods(["GET", "HEAD", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    """Upload, and what was uploaded before."""
    actions.find_interrupted(at=timezone.now())
    if request.method == "POST":
        return _upload(request)
    return _page(request)


def _upload(request: HttpRequest) -> HttpResponse:
    actor, now = actor_of(request), timezone.now()
    kind, file = request.POST.get("kind", ""), request.FILES.get("file")
    if kind not in {code for code, _, _ in selectors.kinds_for(actor)}:
        return _page(request, kind, both("请选择表里是什么内容", "Say what is in the file"))
    if file is None:
        return _page(request, kind, both("请选择要上传的文件", "Choose a file"))
    if (file.size or 0) > MAX_BYTES:
        return _page(
            request,
            kind,
            both("文件超过20 MB，请分成几个文件上传", "The file is larger than 20 MB: split it"),
        )
    try:
        uid = actions.receive(
            file_name=file.name or "upload", content=file.read(), form=kind, by=actor, at=now
        )
    except BadInput as error:
        return _page(request, kind, shown.sentence(error))
    actions.start_in_background(uid, by=actor, at=now)
    return HttpResponseRedirect(address("import", uid))


def _page(request: HttpRequest, kind: str = "", problem: Words | None = None) -> HttpResponse:
    actor = actor_of(request)
    kinds = selectors.kinds_for(actor)
    names = {code: both(zh, en) for code, zh, en in kinds}
    context = {
        "kinds": [
            {"code": code, "label": name, "columns": _columns(code), "template_href": address("import-template", code)}
            for code, name in names.items()
        ],
        "upload": {
            "action": address("imports"), "kind": kind or (kinds[0][0] if kinds else ""),
            "errors": [{"field": "file", "text": problem}] if problem else [],
        },
        "runs": [_run(each, names) for each in selectors.batches(actor)],
    }  # fmt: skip
    return render(request, "staff/imports.html", context, status=422 if problem else 200)


def _columns(kind: str) -> Words:
    fields = fields_of(kind)[:6]
    more = len(fields_of(kind)) > len(fields)
    zh, en = "、".join(each.zh for each in fields), ", ".join(each.en for each in fields)
    return both(f"{zh}{'等' if more else ''}", f"{en}{' and more' if more else ''}")


def _run(line: Line, names: dict[str, Words]) -> dict[str, Any]:
    return {
        "href": address("import", line.uid), "name": line.file_name, "kind": names.get(line.form, both(line.form, line.form)),
        "at": line.received_at, "by": line.by or both("系统", "the system"), "state": STATES.get(line.state, "waiting"),
        "rows": line.rows, "accepted": line.accepted, "refused": line.refused, "done_rows": line.done,
        "done_share": line.done / line.rows if line.rows else 0,
    }  # fmt: skip


@allow("record")
@require_GET
def batch(request: HttpRequest, uid: str) -> HttpResponse:
    """One import: how far it is, and what became of it."""
    actor = actor_of(request)
    actions.find_interrupted(at=timezone.now())
    line = selectors.batch(actor, str(uid))
    names = {code: both(zh, en) for code, zh, en in selectors.kinds_for(actor)}
    refused = selectors.reasons(actor, line.uid, limit=SHOWN) if line.refused else []
    counts = selectors.reason_counts(actor, line.uid) if line.refused else []
    context = {
        "trail": [{"label": both("导入", "Imports"), "href": address("imports")}],
        "run": _run(line, names),
        "reading": _reading(line),
        "refused": [
            {"line": each.line, "column": each.column or None, "reason": both(each.zh, each.en)}
            for each in refused
        ],
        "refused_more": max(sum(n for _, _, n in counts) - len(refused), 0),
        "reasons": [{"reason": both(zh, en), "count": n} for zh, en, n in counts],
        "report_href": address("import-refused", line.uid) if line.refused else None,
        "again_href": address("imports"),
        "interrupted": shown.sentence(BadInput(line.problem)) if line.state == "interrupted" else None,
        "result_href": address("children") if line.state == "done" and actor.child_grants else None,
    }
    return render(request, "staff/import.html", context)


def _reading(line: Line) -> list[Words]:
    told = []
    if line.problem and line.state != "interrupted":  # that one stands in the head
        zh, _, en = line.problem.partition(" / ")
        told.append(both(zh, en or zh))
    if line.repeated:
        told.append(
            both(
                f"{line.repeated}行与已有记录相同，不重复登记",
                f"{line.repeated} rows are on file already and are not entered twice",
            )
        )
    return told


@allow("record")
@require_GET
def refused(request: HttpRequest, uid: str) -> HttpResponse:
    """The refused lines as a workbook: line, column, reason; no values, those are in the sender's own file."""
    actor = actor_of(request)
    line = selectors.batch(actor, str(uid))
    chinese = _chinese()
    rows = [
        (each.line, each.column, each.zh if chinese else each.en)
        for each in selectors.reasons(actor, line.uid, limit=100_000)
    ]
    heads = ("行", "列", "原因") if chinese else ("Line", "Column", "Reason")
    return _workbook(write_xlsx(heads, rows, line.file_name), f"refused-{line.uid[:8]}.xlsx")


@allow("record")
@require_GET
def template(request: HttpRequest, kind: str) -> HttpResponse:
    """An empty table to fill in, with the choices of the form."""
    name = next(((zh, en) for code, zh, en in selectors.kinds_for(actor_of(request)) if code == kind), None)
    if name is None:
        raise Http404
    return _workbook(template_xlsx(fields_of(kind), name[0 if _chinese() else 1]), f"{kind}.xlsx")


def _chinese() -> bool:
    return (translation.get_language() or "zh").startswith("zh")


def _workbook(body: bytes, name: str) -> HttpResponse:
    response = HttpResponse(body, content_type=XLSX)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
