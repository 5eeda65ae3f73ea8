"""K2: month ends and leap days over five years of births, in the calendar, the compiled SQL and the golden file.

`golden/months.csv` lists every pair of birth and number of months whose day of the month is not that of the
birth; in all others it is the same. It was made by walking the calendar month by month, not by the code here.
"""

from __future__ import annotations

import csv
from datetime import date, timedelta
from functools import lru_cache

import pytest
from tests.spec.acceptance import HERE

from yimi.engines import backend
from yimi.lib.dates import add_months, age_months, age_years
from yimi.rules.parse import parse
from yimi.rules.sql import Binding, to_sql

BIRTHS = [date(2023, 1, 1) + timedelta(days=n) for n in range(1826)]
MONTHS = range(85)


@lru_cache
def clipped() -> dict[tuple[date, int], date]:
    with (HERE / "golden" / "months.csv").open(encoding="utf-8") as file:
        return {
            (date.fromisoformat(row["birth"]), int(row["months"])): date.fromisoformat(row["reached_on"])
            for row in csv.DictReader(file)
        }


def expected(birth: date, months: int) -> date:
    year, month0 = divmod(birth.year * 12 + birth.month - 1 + months, 12)
    return clipped().get((birth, months)) or birth.replace(year=year, month=month0 + 1)


def test_golden_file_says_what_the_norm_means() -> None:
    assert clipped()[(date(2024, 1, 31), 8)] == date(2024, 9, 30)
    assert clipped()[(date(2024, 2, 29), 12)] == date(2025, 2, 28)
    assert clipped()[(date(2023, 12, 30), 2)] == date(2024, 2, 29)
    assert (date(2024, 2, 29), 48) not in clipped()
    assert {birth.day for birth, _ in clipped()} == {29, 30, 31}


def test_calendar_agrees_and_age_is_its_inverse() -> None:
    for birth in BIRTHS:
        for months in MONTHS:
            reached = expected(birth, months)
            assert add_months(birth, months) == reached
            assert age_months(birth, reached) == months
            assert age_months(birth, reached - timedelta(days=1)) == months - 1


def test_compiled_sql_agrees_and_age_is_its_inverse() -> None:
    con = backend.connect(threads=1)
    con.execute(
        f"CREATE TABLE birth AS SELECT DATE '{BIRTHS[0]}' + CAST(n AS INTEGER) AS birth_date FROM range({len(BIRTHS)}) t(n)"
    )
    how = Binding()
    age = to_sql(parse("age_months_at(reached)"), how)
    before = to_sql(parse("age_months_at(reached - 1)"), how)
    for months in MONTHS:
        reached = to_sql(parse(f"birth_date + interval {months} month"), how)
        rows = con.execute(
            f"SELECT birth_date, reached, {age}, {before} FROM (SELECT birth_date, {reached} AS reached FROM birth)"
        ).fetchall()
        assert rows == [(birth, expected(birth, months), months, months - 1) for birth, *_ in rows]
        assert len(rows) == len(BIRTHS)


@pytest.mark.parametrize("birth", [date(2024, 1, 31), date(2024, 2, 29), date(2023, 3, 1)])
def test_ages_before_birth_agree(birth: date) -> None:
    """A record dated before birth is no month old, not nought months."""
    con = backend.connect(threads=1)
    how = Binding(names={"birth_date": "b.birth", "on": "d.on"})
    months, years = (to_sql(parse(rule), how) for rule in ("age_months_at(on)", "age_years_at(on)"))
    days = [birth + timedelta(days=n) for n in range(-800, 60)]
    con.execute(
        f"CREATE TABLE d AS SELECT DATE '{days[0]}' + CAST(n AS INTEGER) AS \"on\" FROM range({len(days)}) t(n)"
    )
    seen = con.execute(
        f"SELECT d.\"on\", {months}, {years} FROM d, (SELECT DATE '{birth}' AS birth) b ORDER BY 1"
    ).fetchall()
    assert seen == [(on, age_months(birth, on), age_years(birth, on)) for on in days]


def test_years_and_weeks_are_periods_too() -> None:
    con = backend.connect(threads=1)
    for rule, wanted in (
        ("date '2024-02-29' + interval 1 year", date(2025, 2, 28)),
        ("date '2024-02-29' - interval 1 month", date(2024, 1, 29)),
        ("date '2024-03-31' - interval 1 month", date(2024, 2, 29)),
        ("interval 2 week + date '2024-02-20'", date(2024, 3, 5)),
        ("date '2024-02-28' + 2", date(2024, 3, 1)),
    ):
        assert con.execute(f"SELECT {to_sql(parse(rule), Binding())}").fetchall() == [(wanted,)], rule
