"""One district of 3,000 children for all tests of this folder, and its tables in DuckDB."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import ModuleType

import duckdb
import pytest

from yimi.demo.district import District, build

AS_OF = date(2026, 11, 23)


def _places() -> ModuleType:
    spec = importlib.util.spec_from_file_location("demo_places", Path(__file__).with_name("places.py"))
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def places() -> ModuleType:
    return _places()


@pytest.fixture(scope="session")
def district(places: ModuleType) -> District:
    return build(places.PLACES, places.ORGANIZATIONS, 3000, 7, AS_OF)


@pytest.fixture(scope="session")
def db(district: District) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect()
    for name, table in district.tables.items():
        connection.register(name, table)
    connection.register("stored", district.records)
    connection.register("record", district.in_force())
    connection.register("child_name", district.child_names)
    connection.register("person_name", district.person_names)
    connection.register("member", district.members)
    connection.register("household", district.households)
    connection.execute(
        "create table dose as select seq, subject_id, occurred_on as \"on\", answers->>'vaccine' as vaccine,"
        " coalesce((answers->>'elsewhere')::boolean, false) as elsewhere from record where form = 'dose'"
    )
    yield connection
    connection.close()
