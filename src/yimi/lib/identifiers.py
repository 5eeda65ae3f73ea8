"""Numbers people carry: citizen ID number (GB 11643-1999), birth certificate number, telephone.

Nothing here keeps or logs a number. Made-up numbers use region codes that belong to nobody.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from yimi.lib.text import half_width, visible

Sex = Literal["m", "f"]
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643: 2^(17-i) mod 11
CHECK_DIGITS = "10X98765432"
SYNTHETIC_REGION = 990156  # no province has the code 99
FIRST_YEAR = 1850  # earlier birth years are slips of the pen

_SHAPE = re.compile(r"[1-9]\d{16}[\dX]")
_BIRTH_CERTIFICATE = re.compile(r"[A-Z]\d{9}")
_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"0\d{2,3}\d{7,8}")
# First two digits: provinces, Hong Kong, Macao and Taiwan residents (81-83), foreign permanent residents (91).
_PROVINCES = frozenset(
    str(code)
    for first, last in (
        (11, 15),
        (21, 23),
        (31, 37),
        (41, 46),
        (50, 54),
        (61, 65),
        (71, 71),
        (81, 83),
        (91, 91),
    )
    for code in range(first, last + 1)
)


@dataclass(frozen=True)
class IdNumber:
    """A citizen ID number that passed the check, and what it says."""

    number: str  # 18 characters, upper-case X, no spaces
    birth: date
    sex: Sex
    region: str  # six digits: where the number was first given, not where the child lives
    known_province: bool


@dataclass(frozen=True)
class IdProblem:
    """Why a text is no citizen ID number: a code for programs, a sentence for people; never the number."""

    code: Literal["length", "characters", "date", "check_digit", "old_15_digits", "future"]
    zh: str
    en: str


def read_id_number(text: str, as_of: date | None = None) -> IdNumber | IdProblem:
    """Check a citizen ID number: form, birth date, check digit; `as_of` refuses birth dates after it.

    Spaces, lower-case x and full-width digits are accepted. A region code of no province is accepted and reported
    in `known_province`: the code list changes every year and is no proof against a number.
    """
    number = normal_id_number(text)
    if len(number) == 15 and number.isdigit():
        return IdProblem(
            "old_15_digits",
            "这是15位旧号码，请填写18位公民身份号码。",
            "This is an old 15-digit number: enter 18 digits.",
        )
    if len(number) != 18:
        return IdProblem(
            "length",
            f"公民身份号码应为18位，现为{len(number)}位。",
            f"A citizen ID number has 18 characters; this one has {len(number)}.",
        )
    if not _SHAPE.fullmatch(number):
        return IdProblem(
            "characters",
            "公民身份号码应为17位数字加1位校验码（数字或X）。",
            "A citizen ID number is 17 digits and a check character (a digit or X).",
        )
    birth = _birth_of(number)
    if birth is None:
        return IdProblem(
            "date", "号码中的出生日期不存在。", "The birth date inside the number does not exist."
        )
    if as_of is not None and birth > as_of:
        return IdProblem(
            "future", "号码中的出生日期晚于今天。", "The birth date inside the number is in the future."
        )
    if check_digit(number[:17]) != number[17]:
        return IdProblem(
            "check_digit",
            "校验码不符，号码中有数字填错，请核对原件。",
            "The check digit does not fit: a digit is wrong; check the document.",
        )
    sex: Sex = "m" if int(number[16]) % 2 else "f"
    return IdNumber(number, birth, sex, number[:6], number[:2] in _PROVINCES)


def normal_id_number(text: str) -> str:
    """Half-width, upper-case, without spaces, hyphens and a leading apostrophe; not checked."""
    return re.sub(r"[\s'’-]", "", half_width(visible(text))).upper()


def check_digit(first17: str) -> str:
    """The eighteenth character by ISO 7064 MOD 11-2.

    >>> check_digit("11010519491231002")
    'X'
    """
    total = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, first17, strict=True))
    return CHECK_DIGITS[total % 11]


def mask_id_number(text: str) -> str:
    """First 3 and last 2 characters, stars between; a text too short to mask is all stars."""
    number = normal_id_number(text)
    if len(number) < 10:
        return "*" * len(number)
    return f"{number[:3]}{'*' * (len(number) - 5)}{number[-2:]}"


def synthetic_id_number(birth: date, sex: Sex, n: int) -> str:
    """The n-th made-up number of a birth day and sex: right in form, of a region that does not exist.

    Distinct for n from 0 to 421,999: 500 sequence numbers in each of 844 impossible regions.
    """
    region = SYNTHETIC_REGION + n // 500
    if n < 0 or region > 990999:
        raise ValueError("n must be from 0 to 421,999")
    sequence = 2 * (n % 500) + (1 if sex == "m" else 0)
    first17 = f"{region:06d}{birth:%Y%m%d}{sequence:03d}"
    return first17 + check_digit(first17)


def is_synthetic(number: str) -> bool:
    """True for a number `synthetic_id_number` could have made."""
    return normal_id_number(number).startswith("990")


def read_birth_certificate(text: str) -> str | None:
    """The number of a 出生医学证明, a letter and nine digits, in its normal form; None if it is not one."""
    number = normal_id_number(text)
    return number if _BIRTH_CERTIFICATE.fullmatch(number) else None


def read_phone(text: str) -> str | None:
    """A mainland mobile number (11 digits) or landline with area code, digits only; None if it is neither."""
    digits = re.sub(r"[\s()'’-]", "", half_width(visible(text)))
    digits = re.sub(r"^(\+86|0086)", "", digits)
    if _MOBILE.fullmatch(digits) or _LANDLINE.fullmatch(digits):
        return digits
    return None


def mask_phone(text: str) -> str:
    """First 3 and last 2 digits."""
    digits = read_phone(text) or ""
    return f"{digits[:3]}{'*' * (len(digits) - 5)}{digits[-2:]}" if digits else "*" * len(text)


def _birth_of(number: str) -> date | None:
    try:
        birth = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None
    return birth if birth.year >= FIRST_YEAR else None
