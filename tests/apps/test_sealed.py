"""A sealed juvenile file: no ledger, figure, export, list or file on the disk leads to it any more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import duckdb
import pytest
from django.conf import settings
from django.utils import timezone
from tests.cast import DAZHUANG, as_

from yimi import cycle
from yimi.apps.cases.models import Case
from yimi.apps.records import actions as records
from yimi.apps.records import tables
from yimi.apps.records.case_reports import report
from yimi.apps.records.models import Record
from yimi.apps.source import source

EVERYBODY = ("gao", "shen", "liu", "yang", "chen", "deng", "zhou", "ma", "luo", "song", "zhao", "xu")
TOLD = ("红色自行车", "第三十八条", "admonish")  # words that stand in its records


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: Any) -> Path:
    """A data directory of its own, so that everything in it is of this test."""
    monkeypatch.setattr(settings, "YIMI_DIR", tmp_path)
    return tmp_path


@pytest.fixture
def sealed(town: Any, kept: Path) -> Case:
    """A file that a turn has worked with while it ran, sealed afterwards; no turn since."""
    today, now = timezone.localdate(), timezone.now()
    made = report(
        kind="graded_intervention", answers={"conduct": "c38_4", "told": "红色自行车"}, occurred_on=today - timedelta(days=9),
        place="500156101", by=as_("gao", today), at=now - timedelta(days=9), record_uid=uuid4(),
        children=[(str(DAZHUANG), "concerned")],
    )  # fmt: skip

    def enter(form: str, **answers: Any) -> str:
        told = records.add(
            form=form, subject=made.uid, occurred_on=today, answers=answers, by=as_("gao", today), at=now
        )
        return told.record_uid

    enter(
        "tier_decision",
        action="enter",
        tier="B2",
        article="第三十八条",
        reason="红色自行车",
        measures=["admonish"],
    )
    cycle.turn(as_of=today, at=now)
    closing = enter("intervention_closing", result="done", summary="红色自行车的事已了结")
    records.verify(record_uid=closing, outcome="verified", by=as_("shen", today), at=now)
    return Case.objects.select_related("subject").get()


def rows_on_disk(folder: Path) -> Iterator[tuple[Path, str]]:
    """Every row of every Parquet file, and every other file as it lies there."""
    con = duckdb.connect()
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".parquet":
            for row in con.execute(f"SELECT * FROM read_parquet('{path}')").fetchall():
                yield path, str(row)
        elif path.is_file() and "keys" not in path.parts:
            yield path, path.read_bytes().decode("utf-8", "ignore")


def on_disk(folder: Path) -> set[str]:
    """Files that still tell of a record of the case: by its number in the file, or by a word of it."""
    seqs = {f"({seq}, " for seq in Record.objects.filter(subject__kind="case").values_list("seq", flat=True)}
    found = set()
    for path, text in rows_on_disk(folder):
        of_columns = "columns" in path.parts and any(text.startswith(seq) for seq in seqs)
        if of_columns or any(word in text for word in TOLD):
            found.add(str(path.relative_to(folder)))
    return found


def test_the_turn_after_the_seal_leaves_nothing_on_the_disk(sealed: Case, kept: Path) -> None:
    before = on_disk(kept)
    assert any("tier_decision" in path for path in before), "while it ran its decision was worked with"
    assert not any("conduct_event" in path and "红色自行车" in path for path in before)
    cycle.turn(as_of=timezone.localdate(), at=timezone.now(), force=True)
    assert on_disk(kept) == set()
    assert not [path for path, text in rows_on_disk(kept) if sealed.number in text]


def test_no_narrative_of_a_running_case_is_kept_in_columns(sealed: Case, kept: Path) -> None:
    assert not [path for path, text in rows_on_disk(kept) if "红色自行车" in text and "columns" in path.parts]


def test_a_new_start_leaves_it_out_too(sealed: Case, kept: Path) -> None:
    import shutil

    shutil.rmtree(kept / "columns")
    cycle.turn(as_of=timezone.localdate(), at=timezone.now(), force=True)
    assert on_disk(kept) == set()
    with source() as snapshot:
        assert tables.sealed(snapshot) == sorted(
            Record.objects.filter(subject=sealed.subject_id).values_list("seq", flat=True)
        )
    assert sealed.subject_id not in tables.records()["subject_id"].to_pylist()


def test_no_page_or_export_leads_to_it(sealed: Case, sign_in: Any) -> None:
    """Word for word what everybody is shown, with the case sealed: no number, no conduct, no page of it."""
    cycle.turn(as_of=timezone.localdate(), at=timezone.now(), force=True)
    record = Record.objects.filter(form="tier_decision").get()
    pages = (
        "/", "/work/", "/cases/", "/cases/?tab=closed", "/ledgers/", "/indicators/", "/children/?q=大壮", f"/children/{DAZHUANG}/",
        "/surveillance/injury/", "/surveillance/injury/?as=json", "/indicators/harm_reports/", "/audit/",
    )  # fmt: skip
    closed = (
        f"/cases/{sealed.subject.uid}/", "/ledgers/status/conduct_tier/", "/ledgers/due/intervention_case/",
        f"/records/{record.record_uid}/", f"/cases/{sealed.subject.uid}/record/tier_decision/",
    )  # fmt: skip
    for who in EVERYBODY:
        client = sign_in(who)
        for address in pages:
            text = client.get(address).content.decode("utf-8", "ignore")
            assert sealed.number not in text and not any(word in text for word in TOLD), (who, address)
            assert who == "luo" or str(sealed.subject.uid) not in text, (who, address)
        for address in closed:
            assert client.get(address).status_code in (404, 405), (who, address)
