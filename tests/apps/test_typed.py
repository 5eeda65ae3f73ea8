"""Typed columns kept between turns: after anything that happens to records they are what a new start would give."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import settings
from tests.cast import AT, DAY, DAZHUANG, XIAOYU, YUEYUE

from yimi.apps import active
from yimi.apps.accounts.permissions import system
from yimi.apps.records import actions, tables, typed
from yimi.apps.records.models import Record
from yimi.apps.source import source
from yimi.engines import backend
from yimi.engines.columns import build_form_tables

ME = system(DAY)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "YIMI_DIR", tmp_path)
    return tmp_path / "columns"


def kept(at=AT, pack=None):
    """Every form's rows from the columns kept, after adding what is new."""
    con, pack = backend.connect(threads=1), pack or active.pack()
    with source() as snapshot:
        typed.build_form_tables(con, pack, snapshot, at)
    return rows_of(con)


def anew(pack=None):
    """The same from all records in force, typed at once."""
    from yimi.pack.reads import form_fields_read

    con, pack = backend.connect(threads=1), pack or active.pack()
    backend.put(con, {"record": tables.records()})
    build_form_tables(con, pack, only=form_fields_read(pack))
    return rows_of(con)


def rows_of(con):
    return {
        form: con.execute(f'SELECT * FROM "form_{form}" ORDER BY seq').fetchall()
        for form in active.pack().forms
    }


def give(chance):
    vaccine, subject = chance.choice(["MMR", "BCG", "HepB"]), chance.choice([XIAOYU, DAZHUANG, YUEYUE])
    form, answers = chance.choice(
        [("dose", {"vaccine": vaccine}), ("health_visit", {"weight_kg": 9.5, "height_cm": 74})]
    )
    on = DAY - timedelta(days=chance.randrange(1, 90))
    return actions.add(
        form=form, subject=str(subject), occurred_on=on, answers=answers, by=ME, at=AT, record_uid=uuid4()
    )


@pytest.mark.parametrize("seed", range(3))
def test_kept_is_what_a_new_start_gives(town, folder, seed):
    chance = random.Random(seed)
    stored = []
    for _ in range(8):
        for _ in range(chance.randrange(4)):
            what = chance.random()
            if what < 0.55 or not stored:
                stored.append(give(chance).record_uid)
            elif what < 0.75:
                uid = stored.pop(chance.randrange(len(stored)))
                actions.void(record_uid=uid, reason="误录", by=ME, at=AT)
            else:
                uid = stored.pop(chance.randrange(len(stored)))
                answers = Record.objects.get(record_uid=uid).answers
                made = actions.correct(
                    record_uid=uid, answers=answers, occurred_on=DAY, reason="更正", by=ME, at=AT
                )
                stored.append(made.record_uid)
        if stored and chance.random() < 0.3:
            outcome = chance.choice(["rejected", "verified"])
            actions.verify(record_uid=chance.choice(stored), outcome=outcome, by=ME, at=AT)
        assert kept() == anew()
    assert sum(len(rows) for rows in kept().values()) >= 2
    assert len(list(folder.glob("*/*.parquet"))) > 2  # it was added to, not written anew


def test_only_what_arrived_is_typed(town, monkeypatch):
    give(random.Random(1))
    kept()
    asked = []
    monkeypatch.setattr(
        typed,
        "arrivals",
        lambda using, after, gaps=(), upto=None: (
            asked.append(after) or tables.arrivals(using, after, gaps, upto)
        ),
    )
    give(random.Random(2))
    kept()
    kept()
    assert asked == [tables.last_seq() - 1, tables.last_seq()]


def test_a_number_filled_late_is_not_missed(town):
    """A slow transaction on PostgreSQL commits a lower number after a higher one was seen."""
    first = give(random.Random(1)).seq
    late = Record.objects.get(seq=first)
    late.pk, late.record_uid = first + 5, uuid4()
    late.save(force_insert=True)
    later = Record.objects.get(seq=first)
    later.pk, later.record_uid = first + 9, uuid4()
    later.save(force_insert=True)
    assert kept() == anew()
    late.pk, late.record_uid = first + 7, uuid4()
    late.save(force_insert=True)
    assert kept() == anew()
    late.pk, late.record_uid = first + 2, uuid4()
    late.save(force_insert=True)
    assert kept(AT + timedelta(hours=3)) == anew()


@pytest.mark.parametrize("harm", ["manifest", "part", "half", "another database"])
def test_what_is_lost_or_foreign_is_written_again(town, folder, harm):
    chance = random.Random(3)
    for _ in range(6):
        give(chance)
    before = kept()
    manifest = folder / "manifest.json"
    if harm == "manifest":
        manifest.unlink()
    elif harm == "part":
        next(folder.glob("*/*.parquet")).unlink()
    elif harm == "half":
        manifest.write_text(manifest.read_text()[:40])
    else:
        manifest.write_text(manifest.read_text().replace('"stamp": "', '"stamp": "0'))
    assert kept() == before == anew()


def test_a_form_with_another_field_begins_anew_and_the_others_stay(town, folder):
    chance = random.Random(5)
    for _ in range(6):
        give(chance)
    kept()
    doses = {path.name for path in folder.glob("dose-*/*.parquet")}
    pack = active.pack()
    visit = pack.forms["health_visit"]
    fewer = visit.model_copy(update={"fields": visit.fields[:-1]})
    forms = {**pack.forms, "health_visit": fewer}
    changed = replace(pack, declared={**pack.declared, "forms": forms})
    assert kept(pack=changed) == anew(changed)
    assert {path.name for path in folder.glob("dose-*/*.parquet")} == doses
    assert len({path.parent.name for path in folder.glob("health_visit-*/*.parquet")}) == 2


def test_many_small_files_are_put_together(town, folder, monkeypatch):
    monkeypatch.setattr(typed, "PARTS", 3)
    chance = random.Random(7)
    for _ in range(8):
        give(chance)
        assert kept() == anew()
    named = json.loads((folder / "manifest.json").read_text())
    assert all(len(each["parts"]) <= 3 for each in named.values())
    later = AT + timedelta(days=900)  # the files that were put together stay for a day
    give(chance)
    kept(later)
    assert len(list(folder.glob("dose-*/*.parquet"))) <= 4


@pytest.mark.parametrize("seed", range(2))
def test_a_large_store_is_read_piece_by_piece(town, folder, monkeypatch, seed):
    """Whatever the size of a piece, and though numbers are missing in between, the columns are the same."""
    chance = random.Random(seed)
    for _ in range(17):
        give(chance)
    whole = kept()
    asked, arrivals = [], typed.arrivals

    def counted(using, after, gaps=(), upto=None):
        asked.append(upto)
        return arrivals(using, after, gaps, upto)

    monkeypatch.setattr(typed, "arrivals", counted)
    monkeypatch.setattr(typed, "PIECE", 4)
    (folder / "manifest.json").unlink()
    assert kept() == whole == anew()
    assert len(asked) > Record.objects.count() // 4 and asked[-1] is None and asked[0]
    asked.clear()
    for _ in range(9):
        give(chance)
    assert kept() == anew() and len(asked) == 3, "what arrived later comes in pieces too"
