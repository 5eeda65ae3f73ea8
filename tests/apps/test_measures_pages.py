"""The pages docs/measures.md names are there, under that title, for somebody of the cast."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from tests.repository.measures_page import Declared, behind, pages

from yimi import cycle
from yimi.apps import active
from yimi.pack.schema import Measure


def _serving(measure: Measure) -> list[Declared]:
    from tests.repository.measures_page import FOLDER_OF

    found = [Declared("indicators", each.indicator) for each in measure.targets]
    for each in measure.instruments:
        kind, _, name = (each.served_by or "").partition(":")
        found += [Declared(FOLDER_OF[kind], name)] if name else []
    return found


def test_every_page_opens_under_its_title(town: Any, sign_in: Any) -> None:
    cycle.turn(as_of=timezone.localdate(), at=timezone.now())
    pack = active.pack()
    named = {
        page.address: page.zh
        for measure in pack.measures.values()
        for first in _serving(measure)
        for page in pages(pack, behind(pack, first))
        if "‹" not in page.address
    }
    assert len(named) > 30
    for who in ("zhou", "liu", "deng", "gao", "xu"):
        client = sign_in(who)
        for address, title in list(named.items()):
            answer = client.get(address, headers={"accept-language": "zh-hans"})
            if answer.status_code == 200 and title in answer.content.decode():
                del named[address]
    assert named == {}
