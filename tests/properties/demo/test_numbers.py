"""Identity numbers: the right checksum, a region that is nobody's, and none for those too young."""

from __future__ import annotations

import duckdb
import pytest

from yimi.demo.naming import CHECKS, WEIGHTS


def check_character(body: str) -> str:
    return CHECKS[sum(w * int(d) for w, d in zip(WEIGHTS, body, strict=True)) % 11]


def test_the_checksum_rule_fits_the_standard_s_own_example() -> None:
    assert check_character("11010519491231002") == "X"


@pytest.mark.parametrize("table", ["child", "person"])
def test_numbers(db: duckdb.DuckDBPyConnection, table: str) -> None:
    rows = db.execute(
        f"select id_number, birth_date, sex from {table}_name join {table} using (subject_id) where id_number is not null"
    ).fetchall()
    assert rows
    for number, birth, sex in rows:
        assert len(number) == 18
        assert number[:6] == "990156"
        assert number[6:14] == birth.strftime("%Y%m%d")
        assert number[17] == check_character(number[:17])
        assert sex is None or (int(number[16]) % 2 == 1) == (sex == "m")


def test_numbers_are_unique_and_newborns_have_none(db: duckdb.DuckDBPyConnection) -> None:
    both = "(select id_number from child_name union all select id_number from person_name)"
    row = db.execute(f"select count(id_number) - count(distinct id_number) from {both}").fetchone()
    # A child registered twice under another name carries the same number: that is one of the mistakes.
    assert row is not None
    assert row[0] <= 1
    young = db.execute(
        "select count(id_number) from child_name join child using (subject_id) where birth_date > date '2026-11-23' - 45"
    ).fetchone()
    assert young == (0,)
