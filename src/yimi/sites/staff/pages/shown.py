"""Words and chips that the working pages share: a child, a place, an age, a reason, an error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import translation
from django.utils.http import urlencode

from yimi.apps.accounts.permissions import Actor
from yimi.apps.alerts.selectors import NAMES, Behind, Children
from yimi.apps.evidence.pins import plain_text
from yimi.apps.records import gates
from yimi.apps.register.selectors import Hit
from yimi.apps.register.subjects import adult_name
from yimi.lib.dates import age_months
from yimi.pack.load import Pack
from yimi.pack.schema import Form, FormField
from yimi.sites.addresses import address
from yimi.sites.staff.pages import figures
from yimi.sites.staff.pages.figures import Words, both

PLACES = {
    "district": both("区县", "District"), "township": both("乡镇（街道）", "Township"), "village": both("村（社区）", "Village or community"),
}  # fmt: skip
SEX = {"m": both("男", "boy"), "f": both("女", "girl")}
NO_SEX = both("性别未登记", "sex not recorded")
UNITS = {
    "kg": both("公斤", "kg"),
    "cm": both("厘米", "cm"),
    "分钟": both("分钟", "min"),
    "人": both("人", ""),
    "次": both("次", ""),
    "周": both("周", "weeks"),
    "个": both("个", ""),
    "小数记录": both("（小数记录）", "(decimal)"),
    "分": both("分", "points"),
    "小时": both("小时", "hours"),
    "学时": both("学时", "lessons"),
    "天": both("天", "days"),
    "岁": both("岁", "years"),
    "人次": both("人次", ""),
    "件": both("件", ""),
    "项": both("项", ""),
    "张": both("张", ""),
    "批次": both("批次", "batches"),
    "起": both("起", ""),
    "间": both("间", "rooms"),
    "颗": both("颗", "teeth"),
    "元": both("元", "yuan"),
    "公里": both("公里", "km"),
    "平方米": both("平方米", "m²"),
}
WAITING = ("overdue", "due")  # statuses of a due item that want somebody to act


def actor_of(request: HttpRequest) -> Actor:
    found: Actor = request.actor
    return found


def age(born: date | None, on: date) -> Words:
    """An age as people say it: days in the first month, then months, then years and months."""
    if born is None or on < born:
        return both(
            "出生日期未登记" if born is None else "未出生",
            "birth date not recorded" if born is None else "not born",
        )
    months = age_months(born, on)
    if months < 1:
        days = (on - born).days
        return both(f"{days}天", f"{days} days")
    if months < 24:
        return both(f"{months}个月", f"{months} mo")
    years, rest = divmod(months, 12)
    if rest == 0 or years >= 7:
        return both(f"{years}岁", f"{years} years")
    return both(f"{years}岁{rest}个月", f"{years} y {rest} mo")


def place(pack: Pack, code: str | None, href: str | None = None) -> dict[str, Any]:
    """A place chip; a village stands with its township."""
    found = pack.places.get(code or "")
    above = pack.places.get(found.parent or "") if found is not None and found.kind == "village" else None
    return {
        "name": figures.place_name(pack, code) if code else both("现住址未登记", "no address"),
        "within": both(above.name_zh, above.name_en) if above else None,
        "href": href,
    }


def subject_kind(pack: Pack, kind: str, what: str) -> Words:
    """What a facility, a person, an organization or a place is."""
    if kind == "facility" and what in pack.facility_types:
        return figures.words(pack.facility_types[what].name)
    if kind == "place":
        return PLACES.get(what, both("区域", "Place"))
    return {"facility": both("设施", "Facility"), "person": both("人员", "Person")}.get(
        kind, both("单位", "Body")
    )


def column(
    name: str, zh: str, en: str, kind: str = "text", unit: Words | None = None, *,
    request: HttpRequest | None = None, sort: str = "",
) -> dict[str, Any]:  # fmt: skip
    """A column of a ledger; with `sort` its head sorts by it."""
    found: dict[str, Any] = {"id": name, "label": both(zh, en), "kind": kind, "unit": unit}
    if request is not None and sort:
        now = request.GET.get("sort", "since")
        back = "-since" if sort == "since" and now == "since" else sort
        found |= {
            "sort": query_with(request, sort=back, page=None),
            "sorted": "ascending" if now == sort else "descending" if now == f"-{sort}" else None,
        }
    return found


_NOBODY = str(UUID(int=0))


@lru_cache(maxsize=1)
def _any_child_page() -> tuple[str, str]:
    before, _, after = address("child", _NOBODY).partition(_NOBODY)
    return before, after


def child_page(uid: str) -> str:
    """The address of a child's file: a list asks for fifty that differ in the uid only."""
    before, after = _any_child_page()
    return f"{before}{uid}{after}"


def person(hit: Hit, on: date) -> dict[str, Any]:
    note = age(hit.birth_date, on)
    sex = SEX.get(hit.sex or "", NO_SEX)
    return {
        "name": hit.name, "href": child_page(hit.uid),
        "note": both(f"{sex['zh']}，{note['zh']}", f"{sex['en']}, {note['en']}"),
    }  # fmt: skip


def counted(pack: Pack, pathway: str | None, count: int) -> Words:
    """So many of what a pathway is about: children, unless it says otherwise."""
    declared = pack.pathways.get(pathway or "")
    if declared is not None and declared.subject == "facility":
        return both(f"{count}所学校（机构）", f"{count} sites" if count != 1 else "1 site")
    if declared is not None and declared.subject == "place":
        return both(f"{count}个区域", f"{count} places" if count != 1 else "1 place")
    if declared is not None and declared.subject == "organization":
        return both(f"{count}个单位", f"{count} bodies" if count != 1 else "1 body")
    if declared is not None and declared.subject == "person":
        return both(f"{count}人", f"{count} people" if count != 1 else "1 person")
    return both(f"{count}名儿童", f"{count} children" if count != 1 else "1 child")


def behind_name(pack: Pack, each: Behind) -> Words:
    return both(each.name, each.name) if each.name else figures.place_name(pack, each.place or "")


def cause(
    pack: Pack, children: Children, count: int, limit: int = NAMES, pathway: str | None = None,
    behind: Iterable[Behind] = (),
) -> Words:  # fmt: skip
    """What a task or alert is about: a few names for those who may know, else a number."""
    others = list(behind)
    if others:
        listed = [behind_name(pack, each) for each in others[:limit]]
        steps = list(dict.fromkeys(step for each in others for step in each.steps))
        late = [figures.item_name(pack, step) for step in steps[:3]]
        n = counted(pack, pathway, len(others))
        zh = "、".join(each["zh"] for each in listed) + (f"等{n['zh']}" if len(others) > limit else "")
        en = ", ".join(each["en"] for each in listed) + (
            f" and {len(others) - limit} more" if len(others) > limit else ""
        )
        return both(f"{zh}：{'、'.join(w['zh'] for w in late)}", f"{en}: {', '.join(w['en'] for w in late)}")
    if not children.named:
        return counted(pack, pathway, count)
    first = children.named[:limit]
    names = [each.hit.name for each in first]
    steps = list(dict.fromkeys(step for each in first for step in each.steps))
    what = (
        "、".join(figures.item_name(pack, step)["zh"] for step in steps[:2]),
        ", ".join(figures.item_name(pack, step)["en"] for step in steps[:2]),
    )
    rest = children.count - len(names)
    zh = "、".join(names) + (f"等{children.count}名儿童" if rest else "")
    en = ", ".join(names) + (f" and {rest} more" if rest else "")
    return both(f"{zh}：{what[0]}", f"{en}: {what[1]}")


def because(found: Any, rule: str = "") -> dict[str, Any]:
    """A reason of the engines as the disclosure takes it. The sentence already names its source."""
    return {
        "text": both(found.zh, found.en), "facts": [], "arithmetic": [], "source": "", "rule": rule,
        "confidence": found.confidence,
    }  # fmt: skip


def said(source: str, confidence: str, text: Words, rule: str = "") -> dict[str, Any]:
    return {
        "text": text,
        "facts": [],
        "arithmetic": [],
        "source": source,
        "rule": rule,
        "confidence": confidence,
    }


def sentence(error: Exception) -> Words:
    """A user error in both languages: those sentences are written 中文 / English."""
    zh, _, en = str(error).partition(" / ")
    return both(zh, en or zh)


def in_language(told: Words) -> str:
    """For what carries plain text only: messages, workbooks."""
    return told["zh" if (translation.get_language() or "zh").startswith("zh") else "en"]


def unit(written: str) -> Words:
    return UNITS.get(written, both(written, written))


def code_name(pack: Pack, vocabulary: str | None, code: Any) -> Words:
    found = pack.code(vocabulary, str(code)) if vocabulary else None
    return both(found.zh, found.en) if found else both(str(code), str(code))


def status_name(pack: Pack, scheme: str, code: str) -> Words:
    declared = pack.statuses.get(scheme)
    return code_name(pack, declared.vocabulary if declared else None, code)


def computed(pack: Pack, each: FormField, value: Any) -> dict[str, Any]:
    """A field that is worked out, as the form shows it: nobody types it in."""
    if value is None:
        name = both("填完上面各项后算出", "worked out when the fields above are filled in")
    elif each.vocabulary:
        name = code_name(pack, each.vocabulary, value)
    else:
        name = both(str(value), str(value))
    return {
        "id": each.id, "label": figures.words(each.label), "type": "computed", "value": name, "hint": each.hint and figures.words(each.hint),
        "unit": unit(each.unit) if each.unit and value is not None else None, "required": False, "errors": [], "options": [],
        "decides": False, "upload": None,
    }  # fmt: skip


def answers(pack: Pack, form: Form, given: Mapping[str, Any], limit: int = 6) -> Words | None:
    """What was answered, in one line: label and value, codes by their names."""
    told: list[tuple[str, str]] = []
    for each in sorted(form.fields, key=lambda one: one.computed is None):  # what it comes to stands first
        value = given.get(each.id)
        if each.type == "evidence":
            value = plain_text(str(value or ""))  # its files stand beside it as chips
        if value in (None, "", []):
            continue
        if isinstance(value, bool):
            name = both("是", "yes") if value else both("否", "no")
        elif isinstance(value, list):
            parts = [code_name(pack, each.vocabulary, one) for one in value]
            name = both("、".join(p["zh"] for p in parts), ", ".join(p["en"] for p in parts))
        elif each.vocabulary:
            name = code_name(pack, each.vocabulary, value)
        elif each.type == "person":
            who = adult_name(str(value))
            name = both(who, who)
        elif each.type == "organization" and value in pack.organizations:
            name = both(pack.organizations[value].name_zh, pack.organizations[value].name_en)
        elif form.id == "service_exception" and each.id in ("pathway", "step"):
            name = _excepted(pack, str(value))
        else:
            of = unit(each.unit) if each.unit else both("", "")
            name = both(f"{value} {of['zh']}".strip(), f"{value} {of['en']}".strip())
        told.append((f"{each.label.zh} {name['zh']}", f"{each.label.en}: {name['en']}"))
    shown = told[:limit]
    return both("，".join(zh for zh, _ in shown), "; ".join(en for _, en in shown)) if shown else None


def _excepted(pack: Pack, name: str) -> Words:
    """What an exception is about, as people call it: the form keeps ids."""
    if name == "*":
        return both("全部步骤", "all steps")
    if name in pack.pathways:
        return figures.words(pack.pathways[name].name)
    return figures.item_name(pack, name)


def query_with(request: HttpRequest, **changes: Any) -> str:
    """The page's own address with parts of its query changed; None takes a part away."""
    query: dict[str, Any] = dict(request.GET.lists())
    for name, value in changes.items():
        query.pop(name, None)
        if value not in (None, ""):
            query[name] = str(value)
    return "?" + urlencode(query, doseq=True)


def pages(request: HttpRequest, number: int, size: int, count: int) -> dict[str, Any] | None:
    """What the pagination takes; None where one page holds all."""
    if count <= size:
        return None
    last = max((count + size - 1) // size, 1)
    return {
        "number": number, "last": last, "count": count, "first_row": (number - 1) * size + 1,
        "last_row": min(number * size, count), "previous": query_with(request, page=number - 1) if number > 1 else None,
        "next": query_with(request, page=number + 1) if number < last else None,
    }  # fmt: skip


def page_number(request: HttpRequest, limit: int = 100_000) -> int:
    raw = request.GET.get("page", "")
    return min(max(int(raw), 1), limit) if raw.isdecimal() and len(raw) < 7 else 1


def day(written: str) -> date | None:
    """A day as a form sends it; None where it is none."""
    try:
        return date.fromisoformat(written.strip())
    except ValueError:
        return None


def day_asked(request: HttpRequest, name: str, otherwise: date) -> date:
    """A day of the query; what is no day, or lies ahead, is the day given."""
    asked = day(request.GET.get(name, ""))
    return asked if asked and date(1990, 1, 1) <= asked <= otherwise else otherwise


def blocked(form: Form, answers: Mapping[str, Any], on: date) -> Words | None:
    """Why whom a record names could not be named today; None: could be."""
    closed = gates.closed_today(form, answers, on)
    if closed is None:
        return None
    zh, en = closed.says.zh, closed.says.en
    return both(f"▲ 已阻断，应当立即结束：{zh}", f"▲ Blocked, to be ended at once: {en}")
