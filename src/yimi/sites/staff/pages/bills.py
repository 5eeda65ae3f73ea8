"""A child's medical bill through its layers in order: what each pays, by which article, and the family's share."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from yimi.apps import active
from yimi.apps.accounts.permissions import allow
from yimi.apps.evaluation import live
from yimi.apps.register import selectors as register
from yimi.engines.bills import Bill, Shared
from yimi.lib.errors import BadInput
from yimi.sites.addresses import address
from yimi.sites.staff.pages import shown
from yimi.sites.staff.pages.figures import Words, both, words
from yimi.sites.staff.pages.shown import actor_of

LABELS = {
    "yuan": both("总费用（元）", "Bill (yuan)"), "covered": both("其中政策范围内（元）", "Within the catalog (yuan)"),
    "level": both("就医地", "Where treated"), "go": both("测算", "Work out"), "family": both("家庭负担", "The family pays"),
    "layer": both("保障", "Layer"), "pays": both("支付（元）", "Pays (yuan)"), "article": both("依据", "By"),
}  # fmt: skip
NOT_FOR = both("不适用", "does not apply")
UNKNOWN = both("无法判断", "unknown")


@allow("children")
@require_http_methods(["GET", "HEAD", "POST"])
def bill(request: HttpRequest, uid: str, bill_id: str) -> HttpResponse:
    """Ask for an estimate; it is shown and not kept. Sent as a form, so that no amount stands in an address."""
    pack, actor = active.pack(), actor_of(request)
    declared = pack.bills.get(bill_id)
    if declared is None:
        raise Http404
    file = register.child(actor, str(uid), at=timezone.now())
    if declared.sensitivity not in file.sensitivities:
        raise Http404
    problem, found = None, None
    if request.method == "POST":
        try:
            found = live.bill_share(file.subject_id, actor.on, declared, _asked(request))
        except BadInput as error:
            problem = shown.sentence(error)
    vocabulary = pack.vocabularies[declared.levels]
    context = {
        "title": words(declared.name), "note": words(declared.note) if declared.note else None, "labels": LABELS,
        "trail": [{"label": both(file.name, file.name), "href": address("child", file.uid)}], "problem": problem,
        "given": {name: request.POST.get(name, "") for name in ("yuan", "covered", "level")},
        "levels": [{"code": each.code, "label": both(each.zh, each.en)} for each in vocabulary.codes],
        "rows": _rows(found) if found else [], "family": _money(found.family) if found else None,
        "because": shown.said(declared.source, declared.confidence, both("按规则包逐层计算", "Worked out layer by layer"), declared.id),
    }  # fmt: skip
    return render(request, "staff/bill.html", context, status=422 if problem else 200)


def _asked(request: HttpRequest) -> Bill:
    try:
        yuan, covered = (float(request.POST.get(name, "").replace(",", "")) for name in ("yuan", "covered"))
    except ValueError:
        raise BadInput("请填写金额，例如12000 / give the amounts, like 12000") from None
    if not (0 <= yuan <= 5_000_000 and 0 <= covered <= 5_000_000):
        raise BadInput("金额应在0到500万元之间 / an amount lies between nothing and five million yuan")
    return Bill(yuan, covered, request.POST.get("level", ""))


def _money(yuan: float | None) -> Words:
    return UNKNOWN if yuan is None else both(f"{yuan:,.2f}元", f"¥{yuan:,.2f}")


def _rows(found: Shared) -> list[dict[str, Any]]:
    return [
        {
            "name": words(each.layer.name), "yuan": NOT_FOR if each.applies is False else _money(each.yuan),
            "because": shown.said(each.layer.source, each.layer.confidence, both(each.layer.article, each.layer.article), each.layer.pays),
        }
        for each in found.paid
    ]  # fmt: skip
