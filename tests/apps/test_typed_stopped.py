"""Typed columns over anything that happens between turns, and turns that stop anywhere: what is kept is what a new start gives."""

from __future__ import annotations

import json
import random
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.apps.test_typed import AT, DAY, ME, actions, active, anew, folder, give, kept, typed

from yimi.apps.records.models import Record

__all__ = ["folder"]  # every turn here has a folder of its own


class Stopped(Exception):
    pass


def stopping(monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """The next turn stops at its `after`-th step to the disk: a file flushed, a manifest put in place."""
    left = [after]

    def step(work: Any) -> Any:
        def counted(*given: Any, **named: Any) -> Any:
            if not left[0]:
                raise Stopped
            left[0] -= 1
            return work(*given, **named)

        return counted

    monkeypatch.setattr(typed, "flush", step(typed.flush))
    monkeypatch.setattr(typed.os, "replace", step(typed.os.replace))


@pytest.mark.parametrize("seed", range(2))
def test_a_turn_that_stops_anywhere_leaves_the_old_in_force(town, folder, seed):
    """The manifest names whole files at every moment, and the next turn is right."""
    chance = random.Random(seed)
    give(chance)
    kept()
    stops = 0
    for after in range(9):
        for _ in range(3):
            give(chance)
        before = (folder / "manifest.json").read_text()
        with pytest.MonkeyPatch.context() as patch:
            stopping(patch, after)
            try:
                kept()
            except Stopped:
                stops += 1
                now = (folder / "manifest.json").read_text()
                named = [
                    folder / each["folder"] / part
                    for each in json.loads(now).values()
                    for part in each["parts"]
                ]
                assert all(path.is_file() for path in named)
                assert now == before or after > 1  # put in place, and then the folder's own flush was stopped
        if chance.random() < 0.5:
            assert kept() == anew()
    assert stops > 3
    assert kept() == anew()


@pytest.mark.parametrize("seed", range(2))
def test_whatever_happens_between_turns(town, folder, seed):
    """New, corrected, taken back, verified; the pack changes and changes back; days pass; turns stop half way."""
    chance, at, pack, stored = random.Random(seed), AT, active.pack(), []
    visit = pack.forms["health_visit"]
    older = visit.model_copy(update={"fields": visit.fields[:-1]})
    before = replace(pack, declared={**pack.declared, "forms": {**pack.forms, "health_visit": older}})
    in_force = pack
    for _ in range(18):
        what = chance.choice(
            ("new", "new", "new", "corrected", "void", "verified", "pack", "days", "stopped", "turn")
        )
        if what == "new":
            stored.append(give(chance).record_uid)
        elif what == "corrected" and stored:
            uid = stored.pop(chance.randrange(len(stored)))
            answers = Record.objects.get(record_uid=uid).answers
            made = actions.correct(
                record_uid=uid, answers=answers, occurred_on=DAY, reason="更正", by=ME, at=AT
            )
            stored.append(made.record_uid)
        elif what == "void" and stored:
            actions.void(record_uid=stored.pop(chance.randrange(len(stored))), reason="误录", by=ME, at=AT)
        elif what == "verified" and stored:
            outcome = chance.choice(["rejected", "verified"])
            actions.verify(record_uid=chance.choice(stored), outcome=outcome, by=ME, at=AT)
        elif what == "pack":
            in_force = before if in_force is pack else pack
        elif what == "days":
            at += timedelta(days=chance.choice((1, 40)))
        elif what == "stopped":
            with pytest.MonkeyPatch.context() as patch:
                stopping(patch, chance.randrange(8))
                with suppress(Stopped):
                    kept(at, in_force)
        else:
            assert kept(at, in_force) == anew(in_force)
    assert kept(at, in_force) == anew(in_force) and stored
