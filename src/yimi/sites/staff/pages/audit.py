"""Who read and wrote what, and whether the chain that seals it is whole."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor, allow
from yimi.apps.accounts.selectors import names_of
from yimi.apps.audit import actions, selectors
from yimi.apps.audit.actions import Event
from yimi.pack.load import Pack
from yimi.sites.addresses import address
from yimi.sites.staff.pages import figures, shown
from yimi.sites.staff.pages.figures import Words, both
from yimi.sites.staff.pages.shown import column

PAGE = 50
AT_ONCE = 5_000  # a chain this short is checked whenever the page is opened
CHECKED = "audit-checked"  # in the cache: what the last check found
VERBS = {
    "read": both("读取", "read"), "list": both("列表", "list"), "search": both("查找", "search"), "export": both("导出", "export"),
    "sign-in": both("登录", "sign in"), "sign-out": both("退出", "sign out"), "turn": both("评估", "turn"), "load": both("载入", "load"),
    "appoint": both("任命", "appoint"), "open-account": both("开立账号", "account opened"),
    "end-appointments": both("免去岗位", "appointments ended"), "assign": both("指派", "assign"),
    "end-assignment": both("结束指派", "assignment ended"), "attend": both("入学入园", "enrollment"),
    "relate": both("建立关系", "relation"), "end-relation": both("结束关系", "relation ended"), "block": both("回避", "block"),
    "settle": both("处理复核", "review settled"), "undo-decision": both("撤销认定", "decision undone"),
    "add-many": both("批量写入", "records added"), "new": both("写入记录", "record"), "correction": both("更正记录", "correction"),
    "break-glass": both("紧急查阅", "break-glass"), "record": both("写入记录", "record"),
    "correct": both("更正", "correct"), "void": both("作废", "void"), "import": both("导入", "import"), "register": both("登记", "register"),
    "verify": both("核实", "verify"), "merge": both("合并", "merge"), "move": both("迁移", "move"), "task-set": both("任务交办", "task set"),
    "task-accept": both("任务签收", "task accepted"), "task-report": both("任务反馈", "task reported"),
    "task-verify": both("任务销号", "task verified"), "task-return": both("任务退回办理", "task sent back"),
    "task-hand_on": both("任务转办", "task handed on"), "task-refuse": both("任务退回", "task refused"),
    "task-escalate": both("任务升级", "task escalated"), "task-withdraw": both("任务撤回", "task withdrawn"),
    "interrupted": both("导入中断", "import interrupted"), "attach": both("附上凭证", "evidence attached"), "task-assign": both("任务重新交办", "task set again"), "change-parent": both("区划调整", "change of divisions"),
    "lease": both("手机带走名单", "list taken on a phone"), "hold": both("手机登记待核对", "form from a phone held"),
    "give-up": both("放弃手机登记", "form from a phone given up"),
}  # fmt: skip
TARGETS = {
    "child": both("儿童档案", "child file"), "person": both("人员档案", "person"), "record": both("记录", "record"),
    "task": both("任务", "task"), "evidence": both("凭证附件", "evidence file"), "alerts": both("预警", "alerts"), "run": both("评估", "run"), "audit": both("审计日志", "audit log"),
    "account": both("账号", "account"), "places": both("区划与单位", "places and bodies"), "import": both("导入", "import"), "batch": both("导入", "import"),
    "indicator": both("指标", "indicator"), "facility": both("机构", "facility"), "register": both("登记", "register"),
    "records": both("记录", "records"), "user": both("账号", "account"), "review": both("复核", "review"), "phone": both("手机", "phone"), "arrival": both("手机登记", "form from a phone"), "place": both("区划", "place"),
}  # fmt: skip
DETAILS = {
    "count": both("行数", "rows"), "rows": both("行数", "rows"), "purpose": both("目的", "purpose"), "groups": both("内容", "parts"),
    "ledger": both("台账", "ledger"), "as_of": both("截至", "as of"), "changed": both("变化", "changed"), "form": both("表单", "form"),
    "how": both("方式", "how"), "opened": both("新增", "opened"), "closed": both("解除", "closed"), "moved": both("随迁", "moved"), "term": both("查找词摘要", "digest of the term"),
    "pack": both("方案包", "pack"), "places": both("区划", "places"), "organizations": both("单位", "bodies"),
    "from": both("自", "from"), "to": both("至", "to"), "reason": both("原因", "reason"), "why": both("原因", "why"), "fact": both("事项", "fact"),
    "records": both("记录数", "records"), "children": both("儿童数", "children"), "role": both("岗位", "post"), "place": both("区域", "place"),
}  # fmt: skip


def actor_of(request: HttpRequest) -> Actor:
    return request.actor


@allow("audit")
@require_GET
def audit(request: HttpRequest) -> HttpResponse:
    pack, actor = active.pack(), actor_of(request)
    asked = {key: request.GET.get(key, "").strip() for key in ("who", "action", "on", "file")}
    day = shown.day(asked["on"])
    number = max(int(request.GET["page"]), 1) if request.GET.get("page", "").isdigit() else 1
    people = selectors.actors(actor)
    rows, count = selectors.entries(
        actor, by=asked["who"], verb=asked["action"], target_uid=asked["file"], since=day, until=day,
        offset=(number - 1) * PAGE, limit=PAGE,
    )  # fmt: skip
    names = names_of({*people, *(each.actor for each in rows)})
    actor.reads.append(Event("list", "audit", "", {"count": len(rows)}))
    today = selectors.counts_on(actor, timezone.localdate())
    chain = _chain()
    context = {
        "chain": chain,
        "standing": {"reads_today": today["reads"], "writes_today": today["writes"], "break_glass": today["break_glass"]},
        "filters": _filters(asked, people, names, selectors.verbs(actor)), "active": [],
        "columns": [
            column("seq", "序号", "No.", "number"), column("at", "时间", "When", "date"), column("who", "人员", "Who", "text"),
            column("role", "岗位", "Post", "text"), column("action", "动作", "Action", "tag"), column("what", "对象", "What", "text"),
            column("detail", "说明", "Detail", "text"),
        ],
        "rows": [_row(pack, each, names) for each in rows],
        "pages": _pages(request, number, count, len(rows)),
        "unusual": _unusual(today, chain),
    }  # fmt: skip
    return render(request, "staff/audit.html", context)


@allow("audit")
@require_POST
def verify(request: HttpRequest) -> HttpResponse:
    """Walk the whole chain now, and keep what was found for the page."""
    _check(timezone.now(), keeps=True)
    return HttpResponseRedirect(address("audit"))


def _check(at: datetime, *, keeps: bool) -> dict[str, Any]:
    """What a walk over the chain found; with `keeps`, a whole one leaves its checkpoint outside the database."""
    found = actions.verify(at=at if keeps else None)
    _, digest = selectors.head()
    kept = {
        "ok": found.ok,
        "rows": found.rows,
        "first_bad": found.first_bad,
        "why": found.why,
        "at": at,
        "digest": digest,
    }
    cache.set(CHECKED, kept, None)
    return kept


def _chain() -> dict[str, Any]:
    """The last check, its time, and how many rows came since. A short chain is checked on every visit."""
    rows, digest = selectors.head()
    last = _check(timezone.now(), keeps=False) if rows <= AT_ONCE else cache.get(CHECKED)
    return {
        "ok": last["ok"] if last else None, "rows": rows, "checked_at": timezone.localtime(last["at"]) if last else None,
        "first_bad": last["first_bad"] if last else None, "since": rows - last["rows"] if last else rows, "head": digest[:8],
        "verify": address("audit-verify"),
    }  # fmt: skip


def _row(pack: Pack, each: selectors.Row, names: dict[str, str]) -> dict[str, Any]:
    who = (
        both("系统", "system")
        if each.actor == "system"
        else both(names.get(each.actor, each.actor[:8]), names.get(each.actor, each.actor[:8]))
    )
    role = [figures.role_name(pack, name) for name in each.role.split("+") if name]
    target = TARGETS.get(each.target_kind, both(each.target_kind, each.target_kind))
    short = each.target_uid[:8] if len(each.target_uid) > 20 else each.target_uid
    return {
        "href": None,
        "cells": [
            each.seq, timezone.localtime(each.at), who,
            both("、".join(one["zh"] for one in role), ", ".join(one["en"] for one in role)),
            VERBS.get(each.verb, both(each.verb, each.verb)),
            both(f"{target['zh']} {short}".strip(), f"{target['en']} {short}".strip()), _detail(each.detail),
        ],
    }  # fmt: skip


def _detail(detail: dict[str, Any]) -> Words:
    """Counts, forms and purposes; the log holds no values."""
    zh, en = [], []
    for key, value in detail.items():
        if value in ("", None, []) or key == "shown":  # the number of those shown says it
            continue
        told = ", ".join(str(each) for each in value) if isinstance(value, list) else str(value)
        name = DETAILS.get(key, both(key, key))
        zh.append(f"{name['zh']} {told}")
        en.append(f"{name['en']} {told}")
    return both("；".join(zh)[:160], "; ".join(en)[:160])


def _filters(
    asked: dict[str, str], people: list[str], names: dict[str, str], verbs: list[str]
) -> list[dict[str, Any]]:
    def name(uid: str) -> Words:
        return (
            both("系统", "system")
            if uid == "system"
            else both(names.get(uid, uid[:8]), names.get(uid, uid[:8]))
        )

    return [
        {"id": "who", "label": both("人员", "Who"), "type": "select", "value": asked["who"],
         "options": [{"code": uid, "label": name(uid)} for uid in people]},
        {"id": "action", "label": both("动作", "Action"), "type": "select", "value": asked["action"],
         "options": [{"code": each, "label": VERBS.get(each, both(each, each))} for each in verbs]},
        {"id": "on", "label": both("日期", "Day"), "type": "date", "value": asked["on"], "options": []},
        {"id": "file", "label": both("档案编号", "File number"), "type": "text", "value": asked["file"], "options": []},
    ]  # fmt: skip


def _unusual(today: dict[str, int], chain: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    if today["break_glass"]:
        text = both(
            f"今日紧急查阅{today['break_glass']}次", f"{today['break_glass']} break-glass readings today"
        )
        found.append({"text": text, "href": f"{address('audit')}?action=break-glass"})
    if chain["ok"] is not None and chain["since"] > 0:
        text = both(f"上次校验后新增{chain['since']}行", f"{chain['since']} rows since the last check")
        found.append({"text": text, "href": address("audit")})
    return found


def _pages(request: HttpRequest, number: int, count: int, shown: int) -> dict[str, Any]:
    last = max((count + PAGE - 1) // PAGE, 1)

    def at(page: int) -> str | None:
        query: QueryDict = request.GET.copy()
        query["page"] = str(page)
        return f"?{query.urlencode()}" if 1 <= page <= last else None

    first = (number - 1) * PAGE
    return {"number": number, "last": last, "count": count, "first_row": first + 1 if shown else 0, "last_row": first + shown,
            "previous": at(number - 1), "next": at(number + 1)}  # fmt: skip
