"""Every pack's own test children: what it says of each is what its owner expects."""

from __future__ import annotations

from dataclasses import replace

from tests.our_packs import ours

from yimi.engines.trials import run_tests


def test_all_hold_and_every_pathway_has_some() -> None:
    assert run_tests(ours()) == []
    assert {each.pathway for each in ours().tests.values() if each.children} == set(ours().pathways)


def test_a_wrong_expectation_is_told_at_its_child() -> None:
    """The children can fail: of a date, a status, a verdict, a benefit and a suspicion that are not so each is told."""
    pack = ours()
    wrong = {
        "immunization": {
            "expect": {"MMR_1": {"status": "never", "due": "1999-01-01"}},
            "expect_judged": ["odd"],
        },
        "hardship": {"expect_entitled": {"orphan_allowance": "maybe"}, "expect_suspected": ["nothing"]},
    }
    files = {
        name: each.model_copy(update={"children": [each.children[0].model_copy(update=wrong[name])]})
        for name, each in pack.tests.items()
        if name in wrong
    }
    found = run_tests(replace(pack, declared={**pack.declared, "tests": files}))
    told = " ".join(str(each) for each in found)
    for said in (
        "MMR_1.status is",
        "MMR_1.due is",
        "records are judged",
        "orphan_allowance is",
        "suspected is",
    ):
        assert said in told, (said, told)
    assert {(each.file, each.line > 1) for each in found} == {
        ("china/tests/immunization.yaml", True),
        ("china/tests/hardship.yaml", True),
    }
