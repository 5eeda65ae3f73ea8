"""A district written as one county of a province: what engines read, nothing that names anybody, and logged."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from yimi import cycle
from yimi.apps import active
from yimi.apps.audit.models import Entry
from yimi.apps.register.models import Child, Person
from yimi.engines.province import counties_of
from yimi.pack.tables import CASES, REGISTER
from yimi.sites.environment import pack_of

AT = datetime(2026, 11, 26, 9, tzinfo=UTC)


@pytest.fixture
def county(committed: Any, tmp_path: Path) -> Path:
    cycle.export(into=tmp_path / "part=500156", at=AT)
    return tmp_path / "part=500156"


def test_every_table_an_engine_reads_is_there(county: Path) -> None:
    wanted = {*REGISTER, *CASES, *(f"form_{each}" for each in active.pack().forms)}
    assert {each.stem for each in county.glob("*.parquet")} == wanted
    assert counties_of(county.parent) == [county]
    assert pq.read_table(county / "child.parquet").num_rows > 0


def test_nobody_is_named(county: Path) -> None:
    written = {
        str(value)
        for each in county.glob("*.parquet")
        for column in pq.read_table(each).columns
        for value in column.to_pylist()
    }
    names = {
        name
        for kind in (Child, Person)
        for name in kind.objects.exclude(name="").values_list("name", flat=True)
    }
    assert names and names.isdisjoint(written)


def test_it_is_logged_before_it_is_written(county: Path) -> None:
    assert Entry.objects.filter(verb="export", target_kind="register").count() == 1


def test_a_folder_says_which_pack_its_data_belong_to(tmp_path: Path) -> None:
    assert pack_of(tmp_path, {}) == "wulong"
    (tmp_path / "pack").write_text("china\n", encoding="utf-8")
    assert pack_of(tmp_path, {}) == "china"
    assert pack_of(tmp_path, {"YIMI_PACK": "mini"}) == "mini"
