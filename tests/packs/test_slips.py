"""Slips a pack check must tell, each made on purpose in a copy of the small pack."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.our_packs import checked_ours, ours

from yimi.pack.check import Report, check_folder, check_pack
from yimi.pack.days import DaySection
from yimi.pack.swallowed import swallowed_keys
from yimi.pack.words import Text

ROOT = Path(__file__).resolve().parents[2]
FORM = """id: trial
name: {zh: 试验, en: trial}
subject: child
sensitivity: basic
legal_basis: 试验
purpose: {zh: 试验, en: trial}
recorded_by: [director]
fields: [{id: ended, label: {zh: 结束, en: ended}, type: boolean}]
"""
INDICATOR = """id: trial
name: {zh: 试验, en: trial}
definition: {zh: 试验, en: trial}
unit: 个
"""


@pytest.fixture
def checked(tmp_path: Path) -> Callable[[str, str], Report]:
    def check(file: str, text: str) -> Report:
        folder = shutil.copytree(ROOT / "tests/spec/packs/mini", tmp_path / "mini")
        (folder / file).write_text(text, encoding="utf-8")
        return check_folder(folder)

    return check


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("licensed pediatrician, aliases: [儿科医生]", "aliases"),
        ("childcare subsidy, effective_from: 2025-01-01", "effective_from"),
        ("普惠性幼儿园，review_after: 12 month", "review_after"),
        ("fall,  group: fall", "group"),
        ("Screening, diagnosis, intervention: myopia, nutrition", None),  # no key of the schema
        ("有效期：长期，来源：原件", None),
        ("of concern: aliases are given apart", None),
    ],
)
def test_a_key_inside_a_text_is_found(text: str, key: str | None) -> None:
    assert [found for _, found in swallowed_keys({"codes": [{"en": text}]})] == ([key] if key else [])


def test_a_swallowed_key_is_told_at_its_line(checked: Callable[[str, str], Report]) -> None:
    report = checked(
        "vocabularies/colors.yaml",
        'id: colors\nname: {zh: 颜色, en: Colors}\ncodes:\n  - {code: r, zh: 红, en: "red, aliases: [赤]"}\n',
    )
    assert report.errors == []
    (told,) = report.warnings
    assert (told.file, told.line) == ("mini/vocabularies/colors.yaml", 4)
    assert "aliases" in told.message


@pytest.mark.parametrize("name", ["china", "wulong"])
def test_our_packs_have_no_swallowed_keys_and_no_role_a_form_does_not_know(name: str) -> None:
    report = checked_ours(name)  # whose files were readable: else there would be no pack
    assert report.errors == []
    assert [
        each for each in report.warnings if "stands inside" in each.message or "recorded_by" in each.message
    ] == []


def test_a_role_that_lists_a_form_which_does_not_name_it(checked: Callable[[str, str], Report]) -> None:
    text = "id: guest\nname: {zh: 来客, en: Guest}\nlevel: village\nreads: []\nrecords: [dose]\n"
    (told,) = checked("roles/guest.yaml", text).warnings
    assert told.file == "mini/roles/guest.yaml"
    assert "'dose' does not name role 'guest'" in told.message


@pytest.mark.parametrize(
    ("decides", "wrong"),
    [
        ("{scheme: hardship, code: open, closes_when: ended}", ""),
        ("{scheme: hardship, code: ajar}", "no code 'ajar'"),
        ("{scheme: hardship}", "exactly one of them"),
        ("{scheme: hardship, code: open, code_field: ended}", "exactly one of them"),
        ("{scheme: hardship, code_field: begun}", "no field 'begun'"),
    ],
)
def test_a_decision_has_a_field_or_a_fixed_code(
    checked: Callable[[str, str], Report], decides: str, wrong: str
) -> None:
    messages = [each.message for each in checked("forms/trial.yaml", f"{FORM}decides: [{decides}]\n").errors]
    assert len(messages) == bool(wrong)
    assert all(wrong in each for each in messages)


@pytest.mark.parametrize(
    ("side", "wrong"),
    [
        ("{of: facility, distinct: township}", ""),
        ("{of: household, distinct: township}", "distinct"),
        ("{of: facility, distinct: township, sum: '2'}", "distinct"),
        ("{of: facility, distinct: village}", "township"),
    ],
)
def test_distinct_counts_townships_and_nothing_else(
    checked: Callable[[str, str], Report], side: str, wrong: str
) -> None:
    messages = [
        each.message for each in checked("indicators/trial.yaml", f"{INDICATOR}numerator: {side}\n").errors
    ]
    assert len(messages) == bool(wrong)
    assert all(wrong in each for each in messages)


def test_a_pathway_serves_the_measures_whose_instruments_name_it() -> None:
    bare, served = (ours(name).measures_of_pathway for name in ("china", "wulong"))
    expected = {
        "hardship": ["M16"],
        "guardianship": ["M04", "M14"],
        "left_behind": ["M17"],
        "health_visits": ["M09"],
        "immunization": ["M09", "M12"],
    }
    expected |= {"special_education": ["M07"], "school_running": ["M07"], "childcare_oversight": ["M05"]}
    for name, measures in expected.items():
        assert served[name] == measures, name
        assert bare[name] == [], name


def test_the_form_that_recognizes_a_kindergarten_decides_its_status() -> None:
    (decision,) = ours("wulong").forms["kindergarten_recognition"].decides
    assert (decision.scheme, decision.code, decision.code_field) == ("inclusive", "recognized", None)


PATHWAY = """id: trial
name: {zh: 试验, en: trial}
measures: []
sensitivity: health
applies_when: age_years < 18
alerts:
  - {id: late, name: {zh: 逾期, en: late}, when: item_status = 'overdue', per: subject, to: director}
steps:
  - {id: trial_1, name: {zh: 一, en: one}, form: dose, satisfied_by: vaccine = 'MMR', earliest: birth_date, overdue_after: birth_date + interval 1 month}
"""


@pytest.mark.parametrize(
    ("right", "slip", "told"),
    [
        ("vaccine = 'MMR'", "vaccine = 'MRM'", "unknown code 'MRM'; did you mean 'MMR'?"),
        ("age_years < 18", "has(dose, vaccine in ('MMR', 'mmr'))", "unknown code 'mmr'; did you mean 'MMR'?"),
        ("item_status = 'overdue'", "item_status = 'ovredue'", "unknown code 'ovredue'; did you mean 'overdue'?"),
        ("item_status = 'overdue'", "step = 'trial_2'", "unknown code 'trial_2'; did you mean 'trial_1'?"),
        ("age_years < 18", "has(status, scheme = 'hardship' and code = 'opne')", "unknown code 'opne'; did you mean 'open'?"),
        ("age_years < 18", "has(status, scheme = 'hard_ship')", "unknown code 'hard_ship'; did you mean 'hardship'?"),
    ],
)  # fmt: skip
def test_a_code_that_its_vocabulary_lacks_is_told_at_its_place(
    checked: Callable[[str, str], Report], right: str, slip: str, told: str
) -> None:
    (problem,) = checked("pathways/trial.yaml", PATHWAY.replace(right, slip)).errors
    lines = PATHWAY.replace(right, slip).splitlines()
    code = told.split("unknown code ")[1].split(";")[0]
    (line,) = [number for number, each in enumerate(lines, 1) if code in each]
    assert problem.message == told
    assert (problem.file, problem.line) == ("mini/pathways/trial.yaml", line)
    assert problem.column == lines[line - 1].index(code) + 1


def test_the_pathway_of_these_slips_is_right_without_them(checked: Callable[[str, str], Report]) -> None:
    assert checked("pathways/trial.yaml", PATHWAY).errors == []


def test_a_form_that_shows_a_field_by_an_unknown_code(checked: Callable[[str, str], Report]) -> None:
    fields = """fields:
  - {id: vaccine, label: {zh: 疫苗, en: vaccine}, type: code, vocabulary: vaccine}
  - {id: lot, label: {zh: 批号, en: lot}, type: text, show_when: vaccine = 'MRM'}
"""
    text = FORM[: FORM.index("fields:")] + fields
    assert [each.message for each in checked("forms/trial.yaml", text).errors] == [
        "unknown code 'MRM'; did you mean 'MMR'?"
    ]


def test_the_states_of_due_items_that_rules_may_name_are_those_of_the_engine() -> None:
    from yimi.engines.because import STATUS_WORDS
    from yimi.pack.scopes import ITEM_STATUSES

    assert set(STATUS_WORDS) == ITEM_STATUSES


@pytest.mark.parametrize(
    ("alert", "wrong"),
    [
        ("when: state = 'missing', to: director", ""),
        ("when: state = 'mising', to: director", "mising"),
        ("when: stage = 'missing', to: director", "stage"),
        ("when: state = 'missing', to: directer", "directer"),
    ],
)
def test_an_alert_of_a_benefit_names_a_standing_and_a_role(
    checked: Callable[[str, str], Report], alert: str, wrong: str
) -> None:
    text = (
        "id: trial\nname: {zh: 试验, en: trial}\nrule: 'age_years < 18'\narticle: 试验\n"
        f"alerts: [{{id: a, name: {{zh: 试验, en: trial}}, per: subject, {alert}}}]\n"
    )
    messages = [each.message for each in checked("entitlements/trial.yaml", text).errors]
    assert len(messages) == bool(wrong), messages
    assert all(wrong in each for each in messages)


def test_a_day_leads_to_what_the_role_may_read_and_enter() -> None:
    """The national pack with the day of one role put in place of its own: what is right is not told."""
    sections = {
        "due immunization": "",
        "due hardship": "does not read 'welfare'",
        "due school_running": "about a facility",
        "sites sm_food school_running": "",
        "sites V_NB": "about a child",
        "due sm_food": "sm_food",
        "due": "names what it shows",
        "cases bullying": "names nothing",
        "cases": "no party",
        "suspected immunization": "no suspicion",
        "ledgers health_concern": "",
        "ledgers pregnancy_risk": "no ledger",
        "forms health_visit": "does not enter",
        "forms dose": "",
        "forms dosis": "dosis",
    }
    trial = Text(zh="试验", en="trial")
    day = [DaySection(show=each.split()[0], of=each.split()[1:], name=trial) for each in sections]
    national = ours("china")
    role = national.roles["vaccinator"].model_copy(update={"day": day})
    declared = {**national.declared, "roles": {**national.roles, "vaccinator": role}}
    messages = sorted(each.message for each in check_pack(replace(national, declared=declared)).errors)
    wrong = [each for each in sections.values() if each]
    assert len(messages) == len(wrong), messages
    assert all(any(each in message for message in messages) for each in wrong), messages


def test_a_form_that_takes_places_counts_every_unit_on_days_that_are_asked() -> None:
    national = ours("china")
    booking, school = national.forms["bed_booking"], national.forms["class_roll"]
    assert booking.takes is not None
    wrong = {
        "no whole number 'beds'": booking.model_copy(update={"takes": booking.takes.model_copy(update={"capacity": "device_check"})}),
        "'contact' is no required date": booking.model_copy(update={"takes": booking.takes.model_copy(update={"until": "contact"})}),
        "is about a person, not a facility": booking.model_copy(update={"subject": "person", "takes": None}),
    }  # fmt: skip
    for message, form in wrong.items():
        declared = {**national.declared, "forms": {**national.forms, "bed_booking": form}}
        told = [each.message for each in check_pack(replace(national, declared=declared)).errors]
        assert any(message in each for each in told), (message, told)
    assert school.takes is None and not school.anywhere


def test_what_gives_an_identity_back_names_a_sealed_kind_that_took_it() -> None:
    national = ours("china")
    undoing = national.cases["adoption_undoing"]
    assert undoing.restores is not None
    wrong = {
        "no identity changes with 'bullying'": {
            "restores": undoing.restores.model_copy(update={"kind": "bullying"})
        },
        "'ground' is no text": {"restores": undoing.restores.model_copy(update={"named_by": "ground"})},
        "this kind needs a seal": {"seal": None},
        "unknown name 'outcome'": {
            "restores": undoing.restores.model_copy(update={"when": "outcome = 'undone'"})
        },
    }
    for message, change in wrong.items():
        declared = {
            **national.declared,
            "cases": {**national.cases, "adoption_undoing": undoing.model_copy(update=change)},
        }
        told = [each.message for each in check_pack(replace(national, declared=declared)).errors]
        assert any(message in each for each in told), (message, told)
