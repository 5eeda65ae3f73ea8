"""Types, suggestions and what the check refuses, each at its place."""

from __future__ import annotations

import pytest

from yimi.rules.check import BOOLEAN, DATE, NULL, NUMBER, PERIOD, TEXT, Scope, check

SCOPE = Scope(
    names={"birth_date": DATE, "as_of": DATE, "sex": TEXT, "age_months": NUMBER, "open": BOOLEAN},
    lists={
        "dose": {"on": DATE, "vaccine": TEXT, "elsewhere": BOOLEAN},
        "pay": {"on": DATE, "amount": NUMBER},
    },
    steps=frozenset({"MMR_1", "MMR_2"}),
    params={"grace": PERIOD, "limit": NUMBER},
    schemes=frozenset({"hardship"}),
)


def problems(text: str, wanted: str | None = None, scope: Scope = SCOPE) -> list[tuple[int, str]]:
    return [(each.at, each.message) for each in check(text, scope, wanted)]


RIGHT = {
    "age_months >= 12 and count(dose, vaccine = 'MMR') < 2": BOOLEAN,
    "greatest(birth_date + interval 18 month, done(MMR_1) + interval 28 day)": DATE,
    "birth_date - as_of": NUMBER,
    "birth_date + 3": DATE,
    "birth_date + param(grace)": DATE,
    "birth_date + param(limit) - 1": DATE,
    "interval 1 month + birth_date": DATE,
    "case when open then param(grace) else interval 1 year end": PERIOD,
    "coalesce(latest(dose.on), birth_date)": DATE,
    "total(pay.amount, on > birth_date)": NUMBER,
    "latest(dose.vaccine, elsewhere)": TEXT,
    "applies(MMR_1)": BOOLEAN,
    "step_status(MMR_1)": TEXT,
    "status_code(hardship)": TEXT,
    "status_since(hardship)": DATE,
    "add_days(birth_date, due(MMR_2) - birth_date)": DATE,
    "add_working_days(due(MMR_2), 5)": DATE,
    "has(dose, age_months_at(on) >= 12)": BOOLEAN,
    "has(dose, has(pay, amount > 3 and vaccine = 'MMR'))": BOOLEAN,
    "sex in ('m', 'f') and open is not null": BOOLEAN,
    "round(age_months / 12, 1) + abs(-3)": NUMBER,
    "starts_with(sex, 'm')": BOOLEAN,
    "null": NULL,
}


@pytest.mark.parametrize("text", RIGHT)
def test_right(text: str) -> None:
    assert problems(text, RIGHT[text]) == []


@pytest.mark.parametrize("text", [each for each in RIGHT if each != "null"])
def test_wrong_type_is_told(text: str) -> None:
    other = TEXT if RIGHT[text] != TEXT else DATE
    found = problems(text, other)
    assert len(found) == 1
    assert found[0][1] == f"this is a {RIGHT[text]}; a {other} is needed here"


WRONG = [
    ("birth_dat + interval 1 month", [(0, "unknown name 'birth_dat'; did you mean 'birth_date'?")]),
    ("age_months > 'x'", [(13, "'>' compares a number with a text")]),
    ("sex = 1", [(6, "'=' compares a text with a number")]),
    ("open and age_months", [(9, "'and' needs a boolean, this is a number")]),
    ("not sex", [(4, "'not' needs a boolean, this is a text")]),
    ("sex in ('m', 1)", [(13, "'in' compares a text with a number")]),
    ("sex = null", [(6, "a comparison with null is never true: write is null or is not null")]),
    ("sex not in ('m', null)", [(17, "null is in no list: write is null or is not null")]),
    ("birth_date + as_of", [(0, "'+' cannot join a date and a date")]),
    ("interval 1 month - birth_date", [(0, "'-' cannot join a period and a date")]),
    ("interval 1 month * 2", [(0, "'*' cannot join a period and a number")]),
    ("birth_date + 1.5", [(13, "days are a whole number; otherwise write a period")]),
    ("birth_date + age_months / 2", [(13, "days are a whole number; otherwise write a period")]),
    ("-sex", [(0, "'-' cannot join a text")]),
    ("greatest(birth_date, 3)", [(21, "greatest compares a date with a number")]),
    ("case when age_months then 1 end", [(10, "'when' needs a boolean, this is a number")]),
    ("case when open then 1 else 'x' end", [(27, "'case' compares a number with a text")]),
    ("age_months_at(3)", [(14, "age_months_at needs a date, this is a number")]),
    ("add_working_days(birth_date)", [(0, "add_working_days takes 2 value(s), 1 given")]),
    ("abs(1, 2)", [(8, "this cannot be read as an expression")]),
    ("round(1, 2, 3)", [(0, "round takes 1 value(s), 3 given")]),
    ("floor('x')", [(6, "floor needs a number, this is a text")]),
    ("has(doses)", [(0, "unknown list 'doses'; did you mean 'dose'?")]),
    ("count(dose, vaccin = 'MMR')", [(12, "unknown name 'vaccin'; did you mean 'vaccine'?")]),
    ("count(dose, vaccine)", [(12, "the condition of count needs a boolean, this is a text")]),
    ("latest(dose.vacine)", [(0, "'dose' has no field 'vacine'; did you mean 'vaccine'?")]),
    ("total(dose.vaccine)", [(0, "total needs a number, 'dose.vaccine' is a text")]),
    ("done(MMR_3)", [(0, "unknown step 'MMR_3'; did you mean 'MMR_2'?")]),
    ("status_code(hardshp)", [(0, "unknown status 'hardshp'; did you mean 'hardship'?")]),
    ("param(grac)", [(0, "unknown parameter 'grac'; did you mean 'grace'?")]),
    (
        "sexx = 'm' and age_month > 3",
        [
            (0, "unknown name 'sexx'; did you mean 'sex'?"),
            (15, "unknown name 'age_month'; did you mean 'age_months'?"),
        ],
    ),
    ("a = ", [(2, "this cannot be read as an expression")]),
]


@pytest.mark.parametrize(("text", "found"), WRONG, ids=[each[0] for each in WRONG])
def test_wrong(text: str, found: list[tuple[int, str]]) -> None:
    assert problems(text) == found


def test_one_mistake_is_one_problem() -> None:
    """An unknown part has no type, so that it is not told a second time by what stands around it."""
    assert len(problems("birth_dat + interval 1 month > as_of", BOOLEAN)) == 1


def test_a_subject_without_birth_has_no_age() -> None:
    found = problems("has(dose, age_months_at(on) > 3)", BOOLEAN, Scope(lists=SCOPE.lists))
    assert found == [(10, "age_months_at needs a birth date; this subject has none")]


def test_step_functions_are_limited_to_what_is_known_where_the_rule_stands() -> None:
    scope = Scope(steps=frozenset({"MMR_1"}), step_functions=frozenset({"done"}))
    assert problems("done(MMR_1) is null", BOOLEAN, scope) == []
    assert problems("step_status(MMR_1) = 'due'", BOOLEAN, scope) == [(0, "step_status is not known here")]


CODED = Scope(
    names={"sex": TEXT, "step": TEXT},
    lists={
        "dose": {"on": DATE, "vaccine": TEXT, "lot": TEXT, "sex": TEXT},
        "status": {"on": DATE, "scheme": TEXT, "code": TEXT},
    },
    steps=frozenset({"MMR_1"}),
    schemes=frozenset({"hardship", "left_behind"}),
    codes={
        "sex": frozenset("mf"), "dose.vaccine": frozenset({"MMR", "DTaP", "JE-L"}), "item_status": frozenset({"done", "overdue"}),
        "status.scheme": frozenset({"hardship", "left_behind"}), "status.code": frozenset({"H1a", "H1b", "both"}),
    },
    scheme_codes={"hardship": frozenset({"H1a", "H1b"}), "left_behind": frozenset({"both"})},
)  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "wrong"),
    [
        ("has(dose, vaccine = 'MRM')", "'MRM'; did you mean 'MMR'?"), ("has(dose, vaccine <> 'MRM')", "'MRM'; did you mean 'MMR'?"),
        ("has(dose, 'MRM' = vaccine)", "'MRM'; did you mean 'MMR'?"),
        ("has(dose, vaccine in ('MMR', 'dtap'))", "'dtap'; did you mean 'DTaP'?"),
        ("latest(dose.vaccine) = 'polio'", "'polio'"), ("coalesce(latest(dose.vaccine), 'none') = 'MRM'", "'MRM'; did you mean 'MMR'?"),
        ("sex = 'male'", "'male'"), ("not (sex in ('m', 'w'))", "'w'"),
        ("has(status, scheme = 'hardshp')", "'hardshp'; did you mean 'hardship'?"),
        ("has(status, scheme = 'hardship' and code = 'H1c')", "'H1c'; did you mean 'H1b'?"),
        ("has(status, scheme = 'hardship' and code = 'both')", "'both'"),
        ("first(status.code, scheme = 'left_behind') = 'H1a'", "'H1a'"),
        ("has(status, code = 'H9')", "'H9'"), ("status_code(left_behind) = 'bth'", "'bth'; did you mean 'both'?"),
        ("step_status(MMR_1) = 'finished'", "'finished'"),
    ],
)  # fmt: skip
def test_a_code_its_vocabulary_lacks_is_told_where_it_stands(rule: str, wrong: str) -> None:
    ((at, message),) = problems(rule, None, CODED)
    code = wrong.split(";")[0]
    assert at == rule.index(code)
    assert message.startswith(f"unknown code {code}")
    assert "did you mean" not in wrong or message == f"unknown code {wrong}"


@pytest.mark.parametrize(
    "rule",
    [
        "has(dose, vaccine in ('MMR', 'JE-L') and lot = 'anything')", "has(dose, sex = 'anything')",  # the list's own sex
        "has(status, code in ('H1a', 'both'))", "has(status, scheme = 'hardship' and (code = 'H1a' or code = 'H1b'))",
        "coalesce(latest(dose.vaccine), 'none') = 'none'", "step = 'anything'", "coalesce(latest(dose.lot), 'none') = 'x'",
        "latest(dose.vaccine) = latest(dose.lot)", "starts_with(sex, 'x')",
    ],
)  # fmt: skip
def test_a_code_that_is_known_or_has_no_vocabulary_is_no_problem(rule: str) -> None:
    assert problems(rule, BOOLEAN, CODED) == []
