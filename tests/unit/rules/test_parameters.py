"""Dated parameters as SQL: in force from a day, lapsed on a day, whole where they are whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from tests.spec.acceptance import mini

from yimi.pack.dated_values import parameters
from yimi.pack.schema import Parameter


def printed(*values: dict[str, Any]) -> tuple[tuple[date, str], ...]:
    declared = Parameter.model_validate(
        {"id": "p", "name": {"zh": "甲", "en": "p"}, "unit": "day", "values": list(values)}
    )
    pack = mini()
    return parameters(replace(pack, declared={**pack.declared, "parameters": {"p": declared}}))["p"]


def test_values_by_date_whatever_their_order_in_the_file() -> None:
    assert printed(
        {"value": "3 month", "effective_from": "2024-01-01"},
        {"value": "1 month", "effective_from": "2020-01-01"},
    ) == ((date(2020, 1, 1), "INTERVAL 1 MONTH"), (date(2024, 1, 1), "INTERVAL 3 MONTH"))


def test_numbers_keep_every_digit_and_stay_whole() -> None:
    assert [each for _, each in printed({"value": "1234567", "effective_from": "2020-01-01"})] == ["1234567"]
    assert [each for _, each in printed({"value": "3.0", "effective_from": "2020-01-01"})] == ["3"]
    assert [each for _, each in printed({"value": "0.6745", "effective_from": "2020-01-01"})] == ["0.6745"]


def test_a_value_lapses_unless_another_takes_its_place() -> None:
    old = {"value": "1", "effective_from": "2020-01-01", "effective_to": "2022-01-01"}
    assert printed(old) == ((date(2020, 1, 1), "1"), (date(2022, 1, 1), "NULL"))
    assert printed(old, {"value": "2", "effective_from": "2022-01-01"}) == (
        (date(2020, 1, 1), "1"),
        (date(2022, 1, 1), "2"),
    )
