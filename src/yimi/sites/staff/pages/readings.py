"""Who has read one child's file, and who saw the child in a list."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from yimi.apps import active
from yimi.apps.accounts.permissions import allow
from yimi.apps.accounts.selectors import names_of
from yimi.apps.audit.selectors import RECENT, Row
from yimi.apps.register import selectors as register
from yimi.pack.load import Pack
from yimi.sites.addresses import address
from yimi.sites.staff.pages import shown
from yimi.sites.staff.pages.figures import Words, both, role_name
from yimi.sites.staff.pages.shown import actor_of, column

PAGE = 50
LAST = 20  # readings shown on the file itself
WORDS = {
    "read": both("查看档案", "read the file"), "list": both("在名单中看到", "saw it in a list"), "search": both("查找", "searched"),
    "export": both("导出", "exported"), "add": both("登记", "recorded"), "correct-child": both("更正", "corrected"),
    "break-glass": both("紧急查看", "opened in an emergency"),
}  # fmt: skip


def readings(pack: Pack, rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Rows of the audit as people say them: when, who, what, for which purpose."""
    rows = list(rows)
    names = names_of(each.actor for each in rows)
    return [
        {
            "at": each.at, "who": _who(pack, each, names.get(each.actor)),
            "what": WORDS.get(each.verb, both("登记册变更", "change of the register")),
            "purpose": str(each.detail.get("purpose") or "") or None,
        }
        for each in rows
    ]  # fmt: skip


def _who(pack: Pack, row: Row, name: str | None) -> Words:
    if not name:
        return both("系统", "the system")
    roles = [role_name(pack, role) for role in row.role.split("+") if role]
    role = both("、".join(r["zh"] for r in roles), ", ".join(r["en"] for r in roles))
    return both(f"{name}，{role['zh']}", f"{name}, {role['en']}")


@allow("children")
@require_GET
def readers(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Every reading of a period: lists are looked through for the child, so it is asked for by days."""
    pack, actor, now = active.pack(), actor_of(request), timezone.now()
    file = register.child(actor, str(uid), at=now)
    until = shown.day(request.GET.get("until", "")) or actor.on
    since = shown.day(request.GET.get("since", "")) or until - RECENT
    number = shown.page_number(request)
    rows, count = register.sightings(
        actor, file.uid, at=now, since=since, until=until, offset=(number - 1) * PAGE, limit=PAGE
    )
    title = both("谁看过这份档案", "Who has read this file")
    context = {
        "ledger": {
            "title": title, "kicker": both(file.name, file.name), "number": None, "export_href": None,
            "what": both(
                "打开过档案、写过记录的人，以及在名单、查找、导出中看到这名儿童的人。",
                "Who opened the file or wrote in it, and who saw this child in a list, a search or an export.",
            ),
            "source": both("来源：审计日志。", "Source: the audit log."),
        },
        "trail": [
            {"label": both("儿童", "Children"), "href": address("children")},
            {"label": both(file.name, file.name), "href": address("child", file.uid)},
        ],
        "count": {"rows": count, "of": None}, "active": [], "as_of": actor.on, "tabs": [], "actions": [],
        "standing": [{"label": both("次查阅或写入", "readings and writings"), "value": count, "state": None}],
        "filters": [
            {"id": "since", "label": both("自", "From"), "type": "date", "value": since.isoformat(), "options": []},
            {"id": "until", "label": both("至", "To"), "type": "date", "value": until.isoformat(), "options": []},
        ],
        "columns": [
            column("at", "时间", "When", "date"), column("who", "人员", "Who", "text"), column("what", "内容", "What", "text"),
            column("purpose", "目的", "Purpose", "text"),
        ],
        "rows": [
            {"href": None, "cells": [timezone.localtime(each["at"]), each["who"], each["what"], each["purpose"]]}
            for each in readings(pack, rows)
        ],
        "pages": shown.pages(request, number, PAGE, count),
    }  # fmt: skip
    return render(request, "staff/ledger.html", context)
