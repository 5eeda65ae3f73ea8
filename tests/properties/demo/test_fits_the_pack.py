"""What the made-up district records is what the packs declare: forms, fields, codes, kinds, steps."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import yaml

from yimi.demo.district import District

PACKS = Path(__file__).resolve().parents[3] / "packs"


@cache
def declared(folder: str) -> dict[str, dict[str, Any]]:
    """The declarations of a folder, every scalar as text; the district's in place of the national ones."""
    files = [file for pack in ("china", "wulong") for file in sorted((PACKS / pack / folder).glob("*.yaml"))]
    assert files, folder
    # A base loader makes nothing but text, lists and mappings.
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    return {file.stem: yaml.load(file.read_text("utf-8"), Loader=loader) for file in files}  # noqa: S506


@cache
def codes(vocabulary: str) -> set[str]:
    return {entry["code"] for entry in declared("vocabularies")[vocabulary]["codes"]}


def test_answers_fit_the_forms(db: duckdb.DuckDBPyConnection, district: District) -> None:
    forms = declared("forms")
    seen = db.execute(
        "select form, list(answers order by seq)[:400] from record group by 1 order by 1"
    ).fetchall()
    assert len(seen) >= 18
    for form, answers in seen:
        fields = {field["id"]: field for field in forms[form]["fields"]}
        for text in answers:
            given = json.loads(text)
            assert set(given) <= set(fields), form
            for name, field in fields.items():
                assert name in given or field.get("required") != "true", (form, name)
            for name, value in given.items():
                field = fields[name]
                if field["type"] == "code":
                    assert value in codes(field["vocabulary"]), (form, name, value)
                if "min" in field:
                    assert float(field["min"]) <= value <= float(field["max"]), (form, name, value)


def test_statuses_fit_the_schemes(db: duckdb.DuckDBPyConnection) -> None:
    schemes = declared("statuses")
    for scheme, code in db.execute("select distinct scheme, code from status order by all").fetchall():
        assert code in codes(schemes[scheme]["vocabulary"]), (scheme, code)


def test_facilities_fit_the_types(db: duckdb.DuckDBPyConnection) -> None:
    kinds = {row[0] for row in db.execute("select distinct kind from facility").fetchall()}
    assert kinds <= set(declared("facility_types"))


def test_exceptions_name_steps_of_the_pathway(db: duckdb.DuckDBPyConnection) -> None:
    steps = {step["id"] for step in declared("pathways")["immunization"]["steps"]}
    rows = db.execute(
        "select distinct answers->>'step' from record where form = 'service_exception'"
    ).fetchall()
    assert rows
    assert {row[0] for row in rows} <= steps
