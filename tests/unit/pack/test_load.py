"""Extending, replacing, and the fingerprint that names exactly one content."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from yimi.lib.errors import BadInput
from yimi.pack.load import Pack, load
from yimi.pack.reads import pathway_reads, waits_for
from yimi.pack.scopes import facts_named
from yimi.rules.parse import parse

MINI = Path(__file__).resolve().parents[2] / "spec" / "packs" / "mini"


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    shutil.copytree(MINI, tmp_path / "mini")
    city = tmp_path / "city"
    city.mkdir()
    (city / "pack.yaml").write_text(
        'id: city\nname: {zh: 城, en: City}\nversion: "1"\neffective_from: 2025-01-01\nextends: [mini]\n',
        "utf-8",
    )
    return tmp_path


def test_scalars_are_text_until_the_schema_types_them(packs: Path) -> None:
    (packs / "city" / "vocabularies").mkdir()
    (packs / "city" / "vocabularies" / "odd.yaml").write_text(
        "id: odd\nname: {zh: on, en: no}\ncodes:\n  - {code: 0123, zh: 1:30, en: 1e3}\n  - {code: yes, zh: '~x', en: 2025-01-01}\n",
        "utf-8",
    )
    odd = load(packs / "city").vocabularies["odd"]
    assert (odd.name.zh, odd.name.en) == ("on", "no")
    assert [(each.code, each.zh, each.en) for each in odd.codes] == [
        ("0123", "1:30", "1e3"),
        ("yes", "~x", "2025-01-01"),
    ]


def test_a_district_replaces_a_whole_declaration(packs: Path) -> None:
    (packs / "city" / "parameters").mkdir()
    (packs / "city" / "parameters" / "grace.yaml").write_text(
        "id: grace\nname: {zh: 宽限, en: Grace}\nunit: day\nvalues:\n  - {value: 2 day, effective_from: 2025-01-01}\n",
        "utf-8",
    )
    city = load(packs / "city")
    assert [each.value for each in city.parameters["grace"].values] == ["2 day"]
    assert city.parameters["grace"].name.zh == "宽限"
    assert city.pathways == load(packs / "mini").pathways
    assert [each.name for each in city.chain] == ["mini", "city"]


def fingerprint(folder: Path) -> str:
    return load(folder).fingerprint


def test_fingerprint_names_the_content(packs: Path) -> None:
    before = fingerprint(packs / "city")
    assert before == fingerprint(packs / "city")
    shutil.copytree(packs, packs.parent / "moved")
    assert fingerprint(packs.parent / "moved" / "city") == before
    form = packs / "mini" / "forms" / "dose.yaml"
    form.write_text(form.read_text("utf-8").replace("疫苗管理法", "疫苗管理法第四十五条"), "utf-8")
    assert fingerprint(packs / "city") != before


def test_no_pack_is_one_sentence() -> None:
    with pytest.raises(BadInput, match="no pack at 'nowhere'"):
        load("nowhere")


@pytest.fixture(scope="module")
def mini() -> Pack:
    return load(MINI)


def test_reads_are_what_rules_name(mini: Pack) -> None:
    assert pathway_reads(mini, mini.pathways["care"]) == {
        "parent_state": {"on", "scheme", "code", "since"},
        "dose": {"on", "vaccine"},
        "checkup": {"on", "seen"},
    }


def test_steps_wait_for_what_they_are_counted_from(mini: Pack) -> None:
    waits = {step.id: waits_for(step) for step in mini.pathways["imm"].steps}
    assert waits["MMR_2"] == {"MMR_1"}
    assert waits["DTaP_1"] == {"DTaP_1"}
    assert waits["JE_L_1"] == set()


@pytest.mark.parametrize(
    ("rule", "facts"),
    [
        ("age_months < 36 and sex = 'f'", {"birth_date", "sex"}),
        ("death_date is null and birth_date is not null", set()),
        ("age_months_at(as_of) > 3", {"birth_date"}),
        ("township = '500156001'", {"place"}),
        ("count(dose, on > birth_date) = 0", set()),
    ],
)
def test_facts_somebody_can_be_asked_for(rule: str, facts: set[str]) -> None:
    assert facts_named(parse(rule)) == facts
