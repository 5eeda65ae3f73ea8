"""The conditions of a form on a phone mean what they mean in the database: every one of our packs, and made-up ones."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.journeys.browser import CHROMIUM
from tests.our_packs import ours

import yimi.sites
from yimi.pack.answers import holds, validate_answers
from yimi.pack.load import Pack
from yimi.pack.schema import Form, FormField, Text
from yimi.pack.wire import to_wire
from yimi.rules.parse import RuleError

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="chromium is not installed (Debian: chromium)"),
]
MODULE = Path(yimi.sites.__file__).parent / "static/yimi/phone/rules.js"
TEXTS = ["begin", "end", "是", "it's", "B", "a"]
DAYS = [date(2024, 2, 29), date(2026, 11, 27), date(1999, 12, 31)]


@pytest.fixture(scope="module")
def page(browser: Any) -> Iterator[Any]:
    """A page with the module's functions as `rules`."""
    page = browser.new_page()
    page.route(
        "http://phone.test/", lambda route: route.fulfill(body="<title>-</title>", content_type="text/html")
    )
    page.route(
        "http://phone.test/rules.js",
        lambda route: route.fulfill(body=MODULE.read_text("utf-8"), content_type="text/javascript"),
    )
    page.goto("http://phone.test/")
    page.evaluate("async () => { window.rules = await import('/rules.js'); }")
    yield page
    page.close()


def plain(typed: dict[str, Any]) -> dict[str, Any]:
    """Typed answers as the phone holds them."""
    return {name: each.isoformat() if isinstance(each, date) else each for name, each in typed.items()}


def within(field: FormField, number: float) -> float:
    low, high = field.min, field.max
    held = max(number if low is None else low, min(number, number if high is None else high))
    return int(held) if field.type == "integer" else held


def an_answer(chance: random.Random, field: FormField, pack: Pack) -> Any:
    codes = [each.code for each in pack.vocabularies[field.vocabulary].codes] if field.vocabulary else TEXTS
    made: dict[str, Any] = {
        "boolean": chance.random() < 0.5,
        "integer": within(field, chance.randint(-1, 3)),
        "number": within(field, chance.choice([-1.5, 0.0, 0.1, 1.0, 2.5])),
        "date": chance.choice(DAYS),
        "codes": chance.sample(codes, min(2, len(codes))),
    }
    return made.get(field.type, chance.choice(codes))


def answers_of(chance: random.Random, form: Form, pack: Pack) -> dict[str, Any]:
    return {each.id: an_answer(chance, each, pack) for each in form.fields if chance.random() < 0.7}


def told(page: Any, cases: list[tuple[Any, dict[str, Any]]]) -> list[bool]:
    """What the phone says to each rule and its answers, in one call."""
    return list(page.evaluate("cases => cases.map(([rule, answers]) => rules.holds(rule, answers))", cases))


def test_every_condition_of_our_packs(page: Any) -> None:
    pack, chance = ours(), random.Random(1)
    cases, wanted, seen = [], [], set()
    for form in pack.forms.values():
        for rule in sorted(
            {each for field in form.fields for each in (field.show_when, field.required_when) if each}
        ):
            for _ in range(8):
                answers = answers_of(chance, form, pack)
                cases.append((to_wire(rule, form), plain(answers)))
                wanted.append(holds(rule, form, answers))
            seen.add(rule)
    assert len(seen) > 40 and {True, False} == set(wanted)
    assert told(page, cases) == wanted


def test_the_fields_that_are_asked_are_those_the_server_takes(page: Any) -> None:
    pack, chance = ours(), random.Random(2)
    cases, wanted = [], []
    for form in pack.forms.values():
        typed = [each for each in form.fields if not each.computed]
        rules = [
            {
                "id": each.id,
                "required": each.required,
                "show_when": each.show_when and to_wire(each.show_when, form),
                "required_when": each.required_when and to_wire(each.required_when, form),
            }
            for each in typed
        ]
        if not any(each.show_when or each.required_when for each in typed):
            continue
        for _ in range(6):
            given = answers_of(chance, form, pack)
            answers = {name: each for name, each in given.items() if not _computed(form, name)}
            cases.append((rules, plain(answers)))
            wanted.append((form, answers))
    found = page.evaluate(
        "cases => cases.map(([fields, answers]) => { const { shown, wanted } = rules.asked(fields, answers);"
        " return [[...shown], [...wanted]]; })",
        cases,
    )
    assert len(found) > 100
    for (form, answers), (shown, asked) in zip(wanted, found, strict=True):
        kept = {name: each for name, each in answers.items() if name in shown}
        checked = validate_answers(form, kept, pack)
        unread = {
            each.field for each in checked.errors if each.code != "required"
        }  # a person made up, on no list
        missing = {each.field for each in checked.errors if each.code == "required"}
        assert missing == {each for each in asked if each not in kept}, (form.id, answers)
        assert {name for name in checked.typed if not _computed(form, name)} == set(kept) - unread, form.id


def form_field(form: Form, name: str) -> FormField:
    return next(each for each in form.fields if each.id == name)


def _computed(form: Form, name: str) -> bool:
    return bool(form_field(form, name).computed)


# --- made-up rules ------------------------------------------------------------------------------------------

FIELDS = {"told": "text", "kind": "code", "many": "codes", "grade": "integer", "weight": "number", "met": "boolean",
          "since": "date", "until": "date"}  # fmt: skip


def made_up() -> Form:
    label = Text(zh="项", en="item")
    return Form(
        id="made_up", name=label, subject="child", sensitivity="basic", legal_basis="-", purpose=label,
        source="-", confidence="editorial",
        fields=[FormField(id=name, label=label, type=kind) for name, kind in FIELDS.items()],
    )  # fmt: skip


def a_rule(chance: random.Random, depth: int = 3) -> str:
    """A small rule over the made-up form, in the words of the language."""
    if depth and chance.random() < 0.65:
        word = chance.choice(["and", "or", "not"])
        if word == "not":
            return f"(not {a_rule(chance, depth - 1)})"
        return f"({a_rule(chance, depth - 1)} {word} {a_rule(chance, depth - 1)})"
    text = "'" + chance.choice(TEXTS).replace("'", "''") + "'"
    name, until = chance.choice(["told", "kind"]), ["until", "date '2024-02-29'"]
    sign = chance.choice(["=", "<>", "<", "<=", ">", ">="])
    return chance.choice(
        [
            "met",
            f"met = {chance.choice(['true', 'false', 'met'])}",
            f"{name} {chance.choice(['=', '<>'])} {text}",
            "told = kind",
            f"{name} in ({text}, 'end', told)",
            f"{name} not in ({text}, 'begin')",
            f"grade {sign} {chance.choice(['0', '1', '2.5', 'weight', '-1'])}",
            f"weight {sign} {chance.choice(['0', '1', '0.1', 'grade', '1.0'])}",
            "grade between 0 and weight",
            f"since {sign} {chance.choice(until)}",
            f"{chance.choice(list(FIELDS))} is {chance.choice(['', 'not '])}null",
            "(met and weight > 1) is null",
            f"since in (until, date '{chance.choice(DAYS)}')",
        ]
    )


def test_small_rules_and_answers_at_random(page: Any) -> None:
    pack, form, chance = ours(), made_up(), random.Random(3)
    cases, wanted, said = [], [], []
    while len(cases) < 500:
        rule = a_rule(chance)
        try:
            wire = to_wire(rule, form)
        except RuleError:
            continue
        answers = answers_of(chance, form, pack)
        cases.append((wire, plain(answers)))
        wanted.append(holds(rule, form, answers))
        said.append((rule, answers))
    found = told(page, cases)
    assert [each for each, ours_, theirs in zip(said, wanted, found, strict=True) if ours_ != theirs] == []
    assert 100 < sum(wanted) < 400


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("nobody = 'x'", "no field 'nobody'"),
        ("told < 'b'", "only numbers and dates"),
        ("grade = 'x'", "cannot be compared"),
        ("many = 'x'", "cannot be compared"),
        ("grade + 1 > 2", "cannot be asked"),
        ("since > until - interval 1 month", "cannot be asked"),
        ("told", "this is a text; a boolean is needed"),
        ("coalesce(met, true)", "cannot be asked"),
    ],
)
def test_what_a_phone_cannot_ask_is_refused(rule: str, why: str) -> None:
    with pytest.raises(RuleError, match=why):
        to_wire(rule, made_up())
