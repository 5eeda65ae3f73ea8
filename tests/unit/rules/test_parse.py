"""Every form the language allows, and every refusal with its place."""

from __future__ import annotations

from datetime import date

import pytest

from yimi.rules.parse import PLAIN_FUNCTIONS, RuleError, parse
from yimi.rules.tree import (
    Call,
    Case,
    In,
    IsNull,
    ListCall,
    Literal,
    Name,
    Node,
    Op,
    Param,
    Period,
    StatusCall,
    StepCall,
    When,
)

A, B, ONE, TWO = Name("a"), Name("b"), Literal(1), Literal(2)

ALLOWED: dict[str, Node] = {
    "a": A,
    "A": A,
    "on": Name("on"),
    "12": Literal(12),
    "0.5": Literal(0.5),
    "1e3": Literal(1000),
    "'it''s on'": Literal("it's on"),
    "true": Literal(True),
    "null": Literal(None),
    "date '2024-02-29'": Literal(date(2024, 2, 29)),
    "interval 8 month": Period(8, "month"),
    "interval 2 weeks": Period(2, "week"),
    "interval '1 year'": Period(1, "year"),
    "-a": Op("-", (A,)),
    "not a": Op("not", (A,)),
    "a and b or not a": Op("or", (Op("and", (A, B)), Op("not", (A,)))),
    "a or b and a": Op("or", (A, Op("and", (B, A)))),
    "a = 1": Op("=", (A, ONE)),
    "a <> 1": Op("<>", (A, ONE)),
    "a != 1": Op("<>", (A, ONE)),
    "a <= 1": Op("<=", (A, ONE)),
    "a - b - 1": Op("-", (Op("-", (A, B)), ONE)),
    "a - (b - 1)": Op("-", (A, Op("-", (B, ONE)))),
    "a + b * 2": Op("+", (A, Op("*", (B, TWO)))),
    "a / 2": Op("/", (A, TWO)),
    "a in (1, 2)": In(A, (ONE, TWO)),
    "a not in (1)": Op("not", (In(A, (ONE,)),)),
    "a between 1 and 2": Op("and", (Op(">=", (A, ONE)), Op("<=", (A, TWO)))),
    "a is null": IsNull(A),
    "a is not null": Op("not", (IsNull(A),)),
    "case when a then 1 else 2 end": Case((When(A, ONE),), TWO),
    "case when a then 1 end": Case((When(A, ONE),), Literal(None)),
    "greatest(a, b)": Call("greatest", (A, B)),
    "coalesce(a, 1)": Call("coalesce", (A, ONE)),
    "round(a, 1)": Call("round", (A, ONE)),
    "floor(a)": Call("floor", (A,)),
    "abs(a)": Call("abs", (A,)),
    "starts_with(a, 'H1')": Call("starts_with", (A, Literal("H1"))),
    "age_months_at(on)": Call("age_months_at", (Name("on"),)),
    "add_days(a, 5)": Call("add_days", (A, Literal(5))),
    "add_working_days(a, 5)": Call("add_working_days", (A, Literal(5))),
    "has(dose)": ListCall("has", "dose", None, None),
    "count(dose, a = 1)": ListCall("count", "dose", None, Op("=", (A, ONE))),
    "COUNT(dose)": ListCall("count", "dose", None, None),
    "first(dose.on, a = 1)": ListCall("first", "dose", "on", Op("=", (A, ONE))),
    "latest(dose.on)": ListCall("latest", "dose", "on", None),
    "total(pay.amount_yuan, on >= date '2025-01-01')": ListCall(
        "total", "pay", "amount_yuan", Op(">=", (Name("on"), Literal(date(2025, 1, 1))))
    ),
    "count(first)": ListCall("count", "first", None, None),
    "done(MMR_1)": StepCall("done", "MMR_1"),
    "done(first)": StepCall("done", "first"),
    "step_status('MMR_1')": StepCall("step_status", "MMR_1"),
    "status_code(hardship)": StatusCall("status_code", "hardship"),
    "param(grace)": Param("grace"),
}

# Each refused rule with the offset of the word that is wrong, and a word of the reason.
REFUSED: list[tuple[str, int, str]] = [
    ("", 0, "one expression"),
    ("1 +", 2, "cannot be read"),
    ("a = 'x", 0, "not closed"),
    ("a, b", 0, "one expression"),
    ("a from b", 0, "one expression"),
    ("a limit 1", 0, "one expression"),
    ("distinct a", 0, "one expression"),
    ("a = 1; drop table x", 0, "one expression"),
    ("a = 1 -- and b", 6, "no comments"),
    ("a = '--' /* b */", 9, "no comments"),
    ("1 + nonsense(a)", 4, "no function 'nonsense'"),
    ("pg_sleep(1)", 0, "no function"),
    ("read_csv('x')", 0, "no function"),
    ("now()", 0, "no function"),
    ("current_date", 0, "no function"),
    ("random()", 0, "no function"),
    ("if(a, 1, 2)", 3, "no function"),
    ("nullif(a, b)", 0, "no function"),
    ("exists(select 1)", 14, "no function"),
    ("(select 1)", 8, "not part"),
    ("a like 'x'", 0, "not part"),
    ("a || b", 0, "not part"),
    ("a % 2", 0, "not part"),
    ("a // 2", 0, "not part"),
    ("a[1]", 0, "not part"),
    ("*", 0, "not part"),
    ("$1", 0, "not part"),
    ("a as b", 0, "not part"),
    ("a is distinct from b", 0, "not part"),
    ("count(dose) over ()", 0, "'count(dose) OVER ()' is not part"),
    ("first(dose.on order by a)", 0, "takes a list"),
    ("a is true", 0, "null or not null"),
    ("a in b", 0, "list in brackets"),
    ("a in ()", 0, "list in brackets"),
    ("a in (select 1)", 0, "list in brackets"),
    ("a between symmetric 2 and 1", 0, "between low and high"),
    ("case a when 1 then 2 end", 0, "case when"),
    ("cast(a as int)", 5, "no casts"),
    ("a > date '2025-02-30'", 4, "not a date"),
    ("a + interval 3 hour", 4, "a period is written"),
    ("a + interval -3 month", 4, "a period is written"),
    ("interval 1.5 month", 0, "a period is written"),
    ("1 + dose.on", 4, "inside first, latest, total or lowest"),
    ("has(dose.on)", 0, "has is written"),
    ("latest(dose)", 0, "latest is written"),
    ("total(dose.n, a, b)", 0, "takes a list"),
    ("first(x.dose.on)", 0, "takes a list"),
    ("count(*)", 0, "takes a list"),
    ("done(1)", 0, "takes one name"),
    ("param(a, b)", 0, "takes one name"),
]


@pytest.mark.parametrize("text", ALLOWED)
def test_allowed(text: str) -> None:
    assert parse(text) == ALLOWED[text]


@pytest.mark.parametrize(("text", "at", "reason"), REFUSED, ids=[each[0] or "empty" for each in REFUSED])
def test_refused(text: str, at: int, reason: str) -> None:
    with pytest.raises(RuleError) as caught:
        parse(text)
    assert reason in str(caught.value)
    assert caught.value.at == at


def test_every_plain_function_is_read() -> None:
    for name in PLAIN_FUNCTIONS:
        arguments = (
            "a, b"
            if name in ("greatest", "least", "coalesce", "add_days", "add_working_days", "starts_with")
            else "a"
        )
        found = parse(f"{name}({arguments})")
        assert isinstance(found, Call)
        assert found.function == name


@pytest.mark.parametrize(
    ("text", "word", "of"),
    [
        ("age_days > 3 and not has(dose, vaccine = 'on')", "not", Op),
        ("1 + greatest(a, b)", "greatest", Call),
        ("(a + b) = 'c'", "a", Op),
        ("a + interval 8 month", "interval", Period),
        ("a > date '2025-01-31'", "date", Literal),
        ("1 + case when a then 1 end", "case", Case),
        ("a = 'on' and on = b", "on = b", Op),
        ("a is null and b in (1)", "b in", In),
    ],
)
def test_offsets_point_at_the_first_word(text: str, word: str, of: type[Node]) -> None:
    starts = {each.at for each in parse(text).walk() if isinstance(each, of)}
    assert text.index(word) in starts
