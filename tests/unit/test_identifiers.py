"""ID numbers, birth certificates, telephones."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.texts import CHARACTERS

from yimi.lib.identifiers import (
    IdNumber,
    IdProblem,
    is_synthetic,
    mask_id_number,
    mask_phone,
    read_birth_certificate,
    read_id_number,
    read_phone,
    synthetic_id_number,
)
from yimi.lib.text import clean_text, fold, half_width, visible

VECTORS = Path(__file__).resolve().parents[2] / ".." / "shared" / "data" / "zh" / "resident_id_vectors.csv"
EXAMPLE = "11010519491231002X"  # printed in the standard itself


def test_the_example_of_the_standard():
    read = read_id_number(EXAMPLE)
    assert isinstance(read, IdNumber)
    assert (read.birth, read.sex, read.region, read.known_province) == (
        date(1949, 12, 31),
        "f",
        "110105",
        True,
    )


@pytest.mark.parametrize(
    "text",
    [
        "11010519491231002x",
        " 110105 19491231 002X ",
        "１１０１０５１９４９１２３１００２Ｘ",
        "'11010519491231002X",
    ],
)
def test_spellings(text):
    read = read_id_number(text)
    assert isinstance(read, IdNumber) and read.number == EXAMPLE


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "length"),
        ("110105194912310021", "check_digit"),
        ("11010519491231002", "length"),
        ("110105194912310020X", "length"),
        ("1101051949123100XX", "characters"),
        ("010105194912310021", "characters"),
        ("110105194913310021", "date"),
        ("110105194902300021", "date"),
        ("110105491231002", "old_15_digits"),
    ],
)
def test_refused_with_the_reason(text, code):
    read = read_id_number(text)
    assert isinstance(read, IdProblem) and read.code == code
    assert read.zh.endswith("。") and read.en.endswith(".")


def test_birth_in_the_future_needs_a_day_to_compare():
    number = synthetic_id_number(date(2026, 12, 1), "m", 0)
    assert isinstance(read_id_number(number), IdNumber)
    problem = read_id_number(number, as_of=date(2026, 11, 30))
    assert isinstance(problem, IdProblem) and problem.code == "future"


@settings(deadline=None)
@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)), st.sampled_from(["m", "f"]), st.integers(0, 421_999))
def test_synthetic_numbers_are_right_in_form_and_nobodys(birth, sex, n):
    number = synthetic_id_number(birth, sex, n)
    read = read_id_number(number)
    assert isinstance(read, IdNumber)
    assert (read.birth, read.sex, read.known_province) == (birth, sex, False)
    assert is_synthetic(number) and not is_synthetic(EXAMPLE)


def test_synthetic_numbers_of_one_day_are_distinct():
    day = date(2020, 2, 29)
    numbers = {synthetic_id_number(day, sex, n) for sex in ("m", "f") for n in range(2000)}
    assert len(numbers) == 4000
    with pytest.raises(ValueError, match="421,999"):
        synthetic_id_number(day, "m", 422_000)


@settings(deadline=None)
@given(st.integers(0, 16), st.integers(1, 9))
def test_any_single_wrong_digit_is_found(place, shift):
    digits = list(EXAMPLE)
    digits[place] = str((int(digits[place]) + shift) % 10)
    assert isinstance(read_id_number("".join(digits)), IdProblem)


def test_masks_show_little():
    assert mask_id_number(EXAMPLE) == "110*************2X"
    assert mask_id_number("12345") == "*****"
    assert mask_phone("138 0000 0000") == "138******00" and mask_phone("12") == "**"


def test_birth_certificate_and_phone():
    assert read_birth_certificate(" ｑ500123456 ") == "Q500123456"
    assert read_birth_certificate("500123456") is None and read_birth_certificate("Q50012345") is None
    assert read_phone("+86 138-0000-0000") == read_phone("１３８０００００００0") == "13800000000"
    assert read_phone("(023) 7777 0000") == "02377770000"
    assert [read_phone(text) for text in ("12800000000", "1380000000", "无", "")] == [None] * 4


def test_text_is_cleaned_but_names_keep_their_characters():
    assert clean_text("  阿·示\u200b例　\u202e ") == "阿·示例"
    assert clean_text("\uf900") == "\uf900" and clean_text("e\u0301") == "\u00e9"
    assert clean_text("a  b\r\n c ") == "a b\nc"
    assert half_width("（１２，Ａ）") == "(12,A)" and visible("a\u00adb\x07") == "ab"
    assert fold(" Ｎａｍｅ ") == "name"


@settings(deadline=None)
@given(st.text(CHARACTERS, max_size=30))
def test_cleaning_twice_changes_nothing_more(text):
    assert clean_text(clean_text(text)) == clean_text(text)


@pytest.mark.reference
@pytest.mark.skipif(not VECTORS.is_file(), reason="needs ../shared beside the project")
def test_published_vectors():
    with VECTORS.open(encoding="utf-8", newline="") as stream:
        vectors = list(csv.DictReader(stream))
    assert len(vectors) == 20
    for vector in vectors:
        read = read_id_number(vector["id"])
        if vector["verdict"] == "valid":
            assert isinstance(read, IdNumber), vector["why"]
            assert (read.birth.isoformat(), read.sex) == (vector["birth_date"], vector["sex"].lower())
            assert len(read.number) == 18 and read.number.isascii()
        else:
            assert isinstance(read, IdProblem), vector["why"]
