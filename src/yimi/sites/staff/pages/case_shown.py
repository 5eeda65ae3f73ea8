"""Words of cases that their pages share: kinds, parties, clocks to the minute, the fields of a form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor
from yimi.apps.cases.selectors import CaseLine, InvolvedChild
from yimi.apps.evaluation.cases import Clock
from yimi.apps.register import selectors as register
from yimi.apps.register.selectors import Hit
from yimi.lib.errors import BadInput, NotAllowed
from yimi.pack.answers import holds, validate_answers
from yimi.pack.case_kinds import CaseKind
from yimi.pack.load import Pack
from yimi.pack.schema import Form, FormField
from yimi.sites.addresses import address
from yimi.sites.staff.pages import figures, form_fields, shown
from yimi.sites.staff.pages.figures import Words, both, words

STATES = {
    "open": both("办理中", "open"),
    "closed": both("已结案", "closed"),
    "sealed": both("已封存", "sealed"),
}
PART = {
    "concerned": both("当事儿童", "the child concerned"), "harmed": both("受侵害儿童", "the child harmed"),
    "harming": both("实施行为的儿童", "the child who did it"),
}  # fmt: skip
# The status mark that a clock's state takes.
MARKS = {
    "done": "done",
    "late_done": "done_late",
    "running": "due",
    "late": "overdue",
    "upcoming": "upcoming",
}


def party_name(kind: CaseKind, party: str) -> Words:
    found = kind.party(party)
    return words(found.name) if found else both("", "")


def span(minutes: int) -> Words:
    """A length of time as people say it."""
    if minutes < 60:
        return both(f"{minutes}分钟", f"{minutes} min")
    hours, rest = divmod(minutes, 60)
    if hours < 48:
        return both(
            f"{hours}小时{rest}分钟" if rest else f"{hours}小时",
            f"{hours} h {rest} min" if rest else f"{hours} h",
        )
    return both(f"{hours // 24}天", f"{hours // 24} days")


def moment(at: datetime) -> Words:
    local = timezone.localtime(at)
    return both(f"{local:%Y-%m-%d %H:%M}", f"{local:%Y-%m-%d %H:%M}")


def clock_words(clock: Clock, at: datetime) -> Words:
    """How long is left, or how long it is late; in hours where the kind sets hours, else in days."""
    row = clock.row
    if clock.state in ("done", "late_done"):
        said = moment(clock.answered_at) if clock.answered_at else both(str(row["done"]), str(row["done"]))
        late = clock.state == "late_done"
        return both(
            f"{said['zh']} 反馈" + ("，已超时" if late else ""),
            f"answered {said['en']}" + (", late" if late else ""),
        )
    if clock.ends_at is not None and clock.state in ("running", "late"):
        minutes = int(abs((clock.ends_at - at).total_seconds()) // 60)
        said = span(minutes)
        if at > clock.ends_at:
            return both(f"已超时{said['zh']}", f"late by {said['en']}")
        return both(f"还剩{said['zh']}", f"{said['en']} left")
    if row["overdue_after"] is None:
        return both("没有期限", "no limit")
    days = (row["overdue_after"] - timezone.localdate(at)).days
    if days < 0:
        return both(f"已逾期{-days}天", f"late by {-days} days")
    if days == 0:
        return both(f"{row['overdue_after']}（今天到期）", f"by {row['overdue_after']} (today)")
    left = "1 day" if days == 1 else f"{days} days"
    return both(f"{row['overdue_after']} 前（还有{days}天）", f"by {row['overdue_after']} ({left})")


def clock_line(
    pack: Pack, kind: CaseKind, clock: Clock, at: datetime, href: str | None = None
) -> dict[str, Any]:
    return {
        "name": figures.item_name(pack, clock.step), "party": party_name(kind, clock.party),
        "status": MARKS[clock.state], "words": clock_words(clock, at), "href": href,
        "because": shown.because(clock.because, clock.step),
    }  # fmt: skip


def child_chip(child: InvolvedChild, on: date, href: str | None) -> dict[str, Any]:
    sex, age, part = (
        shown.SEX.get(child.sex or "", shown.NO_SEX),
        shown.age(child.birth_date, on),
        PART[child.role],
    )
    return {
        "name": child.name, "href": href,
        "note": both(f"{part['zh']}，{sex['zh']}，{age['zh']}", f"{part['en']}, {sex['en']}, {age['en']}"),
    }  # fmt: skip


def about(line: CaseLine) -> Words:
    """Whom a case is about, for those who are told."""
    if not active.pack().cases[line.kind].about_children:
        return both("不涉及具体儿童", "about no child in particular")
    if not line.children:
        return both("儿童未确认或不告知本单位", "child not known, or not told to this body")
    names = [each.name for each in line.children]
    return both("、".join(names), ", ".join(names))


def case_card(pack: Pack, line: CaseLine, clocks: Iterable[Clock], at: datetime) -> dict[str, Any]:
    """A case in my list: what my parties owe first."""
    kind = pack.cases[line.kind]
    mine = [each for each in clocks if each.party in line.parties and each.state in ("late", "running")]
    mine.sort(key=lambda each: (each.state != "late", each.ends_at or datetime.max.replace(tzinfo=at.tzinfo)))
    others = sum(each.state == "late" and each.party not in line.parties for each in clocks)
    return {
        "href": address("case", line.uid), "number": line.number, "kind": words(kind.name), "about": about(line),
        "opened": moment(line.opened_at), "state": STATES[line.state], "place": shown.place(pack, line.place),
        "as": both("、".join(party_name(kind, each)["zh"] for each in line.parties), ", ".join(party_name(kind, each)["en"] for each in line.parties)),
        "late": bool(mine and mine[0].state == "late"), "owed": [clock_line(pack, kind, each, at) for each in mine[:2]],
        "others_late": others,
    }  # fmt: skip


def find_children(actor: Actor, text: str) -> list[Hit]:
    """Children within reach by name; for a body that reads none by place, only one it can name exactly."""
    if len(text) < 2:
        return []
    return register.search(actor, text, 12) if actor.child_grants else register.identify(actor, text)


def named_child(actor: Actor, uid: str, looked_for: str, at: datetime) -> None:
    """Refuse a child this person neither reaches nor named exactly."""
    if actor.child_grants:
        register.child(actor, uid, at=at)
    elif uid not in {each.uid for each in register.identify(actor, looked_for)}:
        raise NotAllowed("no such child")


# --- forms --------------------------------------------------------------------------------------------------


def fields(
    pack: Pack, form: Form, raw: Mapping[str, Any], errors: Mapping[str, list[Words]]
) -> list[dict[str, Any]]:
    """The declared fields that are shown now, with what was typed."""
    typed = validate_answers(form, raw, pack).typed
    rules = " ".join(f"{each.show_when or ''} {each.required_when or ''}" for each in form.fields).split()
    decides = {each.id for each in form.fields if each.id in rules}
    found = []
    for each in form.fields:
        if each.show_when and not holds(each.show_when, form, typed):
            continue
        if each.computed:
            found.append(shown.computed(pack, each, typed.get(each.id)))
            continue
        required = each.required or bool(each.required_when and holds(each.required_when, form, typed))
        found.append(
            {
                **form_fields.described(each), "type": "text" if each.type == "evidence" else each.type,
                "value": _value(each, typed.get(each.id, raw.get(each.id))), "required": required,
                "errors": errors.get(each.id, []), "options": _options(pack, each), "decides": each.id in decides,
            }
        )  # fmt: skip
    return found


def _value(each: FormField, value: Any) -> Any:
    if each.type == "codes":
        return value or []
    if each.type == "date" and isinstance(value, str):
        return shown_day(value)
    return value if value != "" else None


def shown_day(raw: str) -> date | None:
    try:
        return date.fromisoformat(raw)
    except ValueError:
        return None


def given_day(raw: str, label: Words) -> date:
    """The day that somebody entered. Raises `BadInput`, which says what is missing, where there is none."""
    day = shown_day(raw.strip())
    if day is None:
        raise BadInput(f"请填写{label['zh']}，如 2026-05-01 / enter the {label['en']}, such as 2026-05-01")
    return day


def by_field(errors: Iterable[Mapping[str, Any]]) -> dict[str, list[Words]]:
    """What is wrong, by the field it is wrong in; "" for the whole."""
    wrong: dict[str, list[Words]] = {}
    for each in errors:
        wrong.setdefault(each["field"] or "", []).append(each["text"])
    return wrong


def _options(pack: Pack, each: FormField) -> list[dict[str, Any]]:
    found = form_fields.options(pack, each)
    if each.vocabulary or each.type != "organization":
        return found
    return [one for one in found if pack.organizations[one["code"]].kind != "village_committee"]


def posted(form: Form, data: Any) -> dict[str, Any]:
    return {
        each.id: data.getlist(each.id) if each.type == "codes" else data.get(each.id, "")
        for each in form.fields
        if each.id in data
    }


def day_field(value: date | None, errors: list[Words]) -> dict[str, Any]:
    return {
        "id": "occurred_on", "label": both("日期", "Date"), "type": "date", "value": value, "unit": None,
        "hint": both("事情发生或发现的那一天", "the day it happened or was found"), "required": True, "errors": errors,
        "options": [], "decides": False,
    }  # fmt: skip
