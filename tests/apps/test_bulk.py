"""A whole district loaded at once reads back as it was made."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pyarrow.compute as pc
import pytest
from django.db import DatabaseError, connection, transaction
from tests.cast import AT, DAY

from yimi.apps import active
from yimi.apps.accounts.permissions import system
from yimi.apps.audit import actions as audit
from yimi.apps.places.actions import load_from_pack
from yimi.apps.records import bulk as records
from yimi.apps.records import tables
from yimi.apps.records.models import Record
from yimi.apps.register import bulk, models
from yimi.apps.register.idnumber import Vault
from yimi.apps.register.tables import engine_tables
from yimi.demo.district import District, build
from yimi.lib.errors import BadInput
from yimi.pack.tables import REGISTER

ME = system(DAY)
NAMES = ("child_names", "person_names", "facility_names", "households", "members")


@pytest.fixture(scope="module")
def district() -> District:
    pack = active.pack()
    places = [each.model_dump() for each in pack.places.values()]
    organizations = [each.model_dump() for each in pack.organizations.values()]
    return build(places, organizations, 300, 7, date(2026, 9, 1))


@pytest.fixture
def loaded(db: None, district: District) -> District:
    """The district in place of the cast."""
    for model in (
        models.Relation, models.Attendance, models.Residence, models.Child, models.Person, models.Facility, models.Subject,
    ):  # fmt: skip
        model.objects.all().delete()
    load_from_pack(active.pack(), by=ME, at=AT)
    bulk.load({**district.tables, **{name: getattr(district, name) for name in NAMES}}, by=ME, at=AT)
    records.load(district.records, by=ME, at=AT)
    return district


def rows(table: Any) -> list[Any]:
    """In one order, answers as values: PostgreSQL keeps JSON in a spelling of its own."""
    found = table.to_pylist()
    for each in found:
        if "answers" in each:
            each["answers"] = sorted(json.loads(each["answers"]).items())
    return sorted(found, key=repr)


def test_every_table_reads_back_as_it_was_made(loaded: District) -> None:
    found = engine_tables()
    for name, columns in REGISTER.items():
        if name == "place":
            continue  # the pack's, compared by subject below
        assert rows(found[name]) == rows(loaded.tables[name].select(list(columns))), name
    assert set(found["place"]["subject_id"].to_pylist()) == set(
        loaded.tables["place"]["subject_id"].to_pylist()
    )


def test_the_records_in_force_are_those_the_district_means(loaded: District) -> None:
    assert rows(tables.records()) == rows(loaded.in_force())
    assert Record.objects.count() == loaded.records.num_rows
    assert Record.objects.exclude(supersedes=None).count() > 0


def test_names_and_sealed_numbers_are_there(loaded: District) -> None:
    named = loaded.child_names.to_pylist()
    chosen = next(each for each in named if each["id_number"])
    child = models.Child.objects.select_related("subject").get(pk=chosen["subject_id"])
    assert (child.name, child.subject.uid.hex) == (chosen["name"], chosen["uid"])
    assert Vault().open(child.id_number_sealed, child.subject.uid.hex) == chosen["id_number"]
    without = sum(1 for each in named if not each["id_number"])
    assert models.Child.objects.filter(id_number_index=None).count() == without


def test_the_next_record_and_subject_get_the_next_number(loaded: District) -> None:
    subject = models.Subject.objects.create(kind="person")
    assert subject.pk > pc.max(loaded.tables["child"]["subject_id"]).as_py()
    record = Record.objects.create(
        record_uid=subject.uid, subject=subject, form="certificate", form_version=1, occurred_on=DAY, received_at=AT,
        answers={},
    )  # fmt: skip
    assert record.seq == loaded.records.num_rows + 1


def test_what_was_loaded_is_append_only_and_indexed_again(loaded: District) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Record.objects.update(form="x")
    wanted = {"record_uid_once", "record_subject_form_day", "record_supersedes"}
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, "records_record")
    assert wanted <= set(found)
    assert audit.verify().ok


def test_a_register_that_is_not_empty_takes_no_whole_register(town: Any, district: District) -> None:
    with pytest.raises(BadInput, match="not empty"):
        bulk.load(district.tables, by=ME, at=AT)
