"""What compiled rules answer in DuckDB, above all where something is missing."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from yimi.engines import backend
from yimi.lib.dates import add_working_days
from yimi.rules.parse import parse
from yimi.rules.sql import Binding, to_sql

DOSES = """[
    {'on': DATE '2024-01-10', '#seq': 1, 'vaccine': 'A', 'n': 5, 'lot': NULL},
    {'on': DATE '2024-03-01', '#seq': 2, 'vaccine': 'B', 'n': NULL, 'lot': 'first to arrive'},
    {'on': DATE '2024-03-01', '#seq': 3, 'vaccine': 'B', 'n': 7, 'lot': 'last to arrive'},
    {'on': DATE '2024-04-01', '#seq': 4, 'vaccine': NULL, 'n': 2, 'lot': NULL}]"""
ROW = f"""SELECT DATE '2024-01-31' AS birth_date, DATE '2025-06-01' AS as_of, 'f' AS sex, NULL::DATE AS death_date,
    NULL::VARCHAR AS place, 16 AS age_months, NULL::BOOLEAN AS maybe, {DOSES} AS dose,
    [{{'on': DATE '2024-02-01', 'amount': 10}}] AS pay, [] :: STRUCT("on" DATE, amount INTEGER)[] AS none,
    [{{'scheme': 'hardship', 'code': 'H1', 'since': DATE '2024-05-01', 'on': DATE '2024-05-01'}}] AS status,
    DATE '2024-10-01' AS "M1.done", DATE '2024-09-30' AS "M1.due", NULL::DATE AS "M2.done", DATE '2025-07-31' AS "M2.due" """
LISTS = {
    "dose": frozenset({"on", "vaccine", "n", "lot"}),
    "pay": frozenset({"on", "amount"}),
    "none": frozenset({"on", "amount"}),
}
PARAMS = {"grace": ((date(2020, 1, 1), "5"), (date(2025, 1, 1), "9"), (date(2025, 5, 1), "NULL"))}


@pytest.fixture(scope="module")
def con() -> backend.Connection:
    return backend.connect(threads=1)


def value(con: backend.Connection, rule: str, **how: Any) -> Any:
    row = con.execute(f"SELECT {to_sql(parse(rule), Binding(**how), LISTS)} FROM ({ROW})").fetchone()
    assert row is not None
    return row[0]


ANSWERS: dict[str, Any] = {
    # comparison and logic with something unknown
    "death_date > birth_date": None,
    "death_date is null": True,
    "maybe and false": False,
    "maybe or true": True,
    "maybe or false": None,
    "not maybe": None,
    "place in ('v', 'w')": None,
    "sex in ('m', 'f')": True,
    "sex not in ('m')": True,
    "age_months between 16 and 17": True,
    # arithmetic
    "birth_date + interval 1 month": date(2024, 2, 29),
    "birth_date + 1 = date '2024-02-01'": True,
    "as_of - birth_date": 487,
    "death_date + interval 1 month": None,
    "1 / 2": 0.5,
    "2 - (1 - 3)": 4,
    "2 - 1 - 3": -2,
    "-(1 + 2)": -3,
    # DuckDB's own greatest and least pass over NULL
    "greatest(birth_date, death_date)": None,
    "least(birth_date, death_date)": None,
    "greatest(birth_date, as_of)": date(2025, 6, 1),
    "coalesce(death_date, as_of)": date(2025, 6, 1),
    "case when maybe then 1 else 2 end": 2,
    "case when death_date is null then 1 end": 1,
    # lists
    "has(dose)": True,
    "has(none)": False,
    "count(none)": 0,
    "count(dose)": 4,
    "count(dose, vaccine = 'B')": 2,
    "count(dose, vaccine <> 'B')": 1,
    "count(dose, not vaccine = 'B')": 1,
    "has(dose, vaccine is null)": True,
    "first(dose.n)": 5,
    "first(dose.n, vaccine = 'B')": 7,
    "first(dose.lot)": "first to arrive",
    "latest(dose.lot)": "last to arrive",
    "latest(dose.vaccine)": "B",
    "latest(dose.on)": date(2024, 4, 1),
    "latest(none.on)": None,
    "total(dose.n)": 14,
    "total(none.amount)": None,
    "lowest(dose.n)": 2,
    "lowest(none.amount)": None,
    "count(dose, on > birth_date + interval 1 month)": 3,
    # a list within a list: both levels within reach, and a third
    "count(dose, has(pay, amount > 9 and vaccine = 'A'))": 1,
    "count(dose, has(pay, on = date '2024-02-01' and n = 7))": 1,
    "count(dose, has(pay, has(none) or vaccine = 'B'))": 2,
    "count(dose, count(dose, on = date '2024-03-01') = 2)": 4,
    # ages, statuses
    "age_months_at(date '2024-09-30')": 8,
    "age_years_at(as_of)": 1,
    "age_days_at(birth_date)": 0,
    "age_months_at(birth_date - 1)": -1,
    "age_years_at(birth_date - 1)": -1,
    "age_months_at(death_date)": None,
    "status_code(hardship)": "H1",
    "status_since(hardship)": date(2024, 5, 1),
    "status_code(left_behind)": None,
    "done(M1)": date(2024, 10, 1),
    "done(M2)": None,
    "starts_with(sex, 'f')": True,
    "round(2.46, 1)": 2.5,
}


@pytest.mark.parametrize("rule", ANSWERS)
def test_answers(con: backend.Connection, rule: str) -> None:
    seen = value(con, rule)
    assert (float(seen) if isinstance(ANSWERS[rule], float) else seen) == ANSWERS[rule]


@pytest.mark.parametrize(
    ("rule", "answer"),
    [
        ("done(M2) + interval 1 month", date(2025, 8, 31)),
        ("done(M1)", date(2024, 10, 1)),
        ("done(M2) is null", True),
        ("coalesce(done(M2), as_of)", date(2025, 6, 1)),
        ("greatest(done(M2), as_of)", date(2025, 7, 31)),
        ("case when done(M2) is null then done(M2) + 1 end", date(2025, 8, 1)),
        ("done(M2) > as_of", None),
    ],
)
def test_a_forecast_stands_on_the_due_date_and_conditions_do_not(
    con: backend.Connection, rule: str, answer: Any
) -> None:
    assert value(con, rule, anchors=True) == answer


@pytest.mark.parametrize(
    ("day", "answer"),
    [("2019-12-31", None), ("2020-01-01", 5), ("2024-12-31", 5), ("2025-01-01", 9), ("2025-05-01", None)],
)
def test_parameter_in_force_on_the_day(con: backend.Connection, day: str, answer: Any) -> None:
    assert value(con, "param(grace)", params=PARAMS, day=f"DATE '{day}'") == answer


def test_working_days_agree_with_the_calendar(con: backend.Connection) -> None:
    holidays = (date(2025, 10, 1), date(2025, 10, 2), date(2025, 10, 3), date(2025, 10, 6), date(2025, 10, 7))
    workdays = (date(2025, 9, 28), date(2025, 10, 11))
    for start in (date(2025, 9, 26), date(2025, 9, 30), date(2025, 10, 4)):
        for count in (0, 1, 2, 5, 30):
            rule = f"add_working_days(date '{start}', {count})"
            seen = value(con, rule, holidays=holidays, workdays=workdays)
            assert seen == add_working_days(start, count, holidays, workdays), rule


def test_text_cannot_leave_its_quotes(con: backend.Connection) -> None:
    assert value(con, "sex = 'f'' or true or ''x'") is False
