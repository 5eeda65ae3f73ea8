"""A declared field as a form shows it, the same on the page of a record and on a phone."""

from __future__ import annotations

from typing import Any

from yimi.pack.load import Pack
from yimi.pack.schema import FormField
from yimi.sites.staff.pages import shown
from yimi.sites.staff.pages.figures import both, words


def described(each: FormField) -> dict[str, Any]:
    """What does not depend on whom the form is about nor on what was typed."""
    return {
        "id": each.id, "label": words(each.label), "type": each.type,
        "unit": shown.unit(each.unit) if each.unit else None, "hint": words(each.hint) if each.hint else None,
    }  # fmt: skip


def options(pack: Pack, each: FormField) -> list[dict[str, Any]]:
    """The choices that the pack itself gives: the codes of a vocabulary, places, organizations."""
    if each.vocabulary:
        return [
            {"code": code.code, "label": both(code.zh, code.en)}
            for code in pack.vocabularies[each.vocabulary].codes
        ]
    if each.type == "place":
        places = sorted(pack.places.values(), key=lambda place: place.code)
        return [{"code": place.code, "label": both(place.name_zh, place.name_en)} for place in places]
    if each.type == "organization":
        return [
            {"code": body.id, "label": both(body.name_zh, body.name_en)}
            for body in pack.organizations.values()
        ]
    return []
