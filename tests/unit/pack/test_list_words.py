"""Every list that packs have without declaring it, and every field of it, is told in both languages."""

from __future__ import annotations

import re

import pytest

from yimi.pack.scopes import BUILT_IN
from yimi.rules.parse import parse
from yimi.rules.words import Facts, phrase

FIELDS = sorted(
    {(name, field) for lists in BUILT_IN.values() for name, fields in lists.items() for field in fields}
)


@pytest.mark.parametrize(("name", "field"), FIELDS)
def test_a_field_of_a_built_in_list_is_told_in_words(name: str, field: str) -> None:
    node = parse(f"latest({name}.{field})")
    zh, en = (phrase(node, Facts(values={node: 7}, language=language)) for language in ("zh", "en"))
    assert re.fullmatch(r"[^a-z_.]*[\u4e00-\u9fff][^a-z_.]* 7", zh), zh
    assert re.fullmatch(r"[A-Za-z][A-Za-z’ ()-]* 7", en), en


@pytest.mark.parametrize("name", sorted({name for name, _ in FIELDS}))
def test_a_built_in_list_is_told_in_words(name: str) -> None:
    node = parse(f"count({name})")
    zh, en = (phrase(node, Facts(values={node: 2}, language=language)) for language in ("zh", "en"))
    assert re.search(r"[\u4e00-\u9fff]", zh) and name not in zh
    assert "_" not in en


def test_the_kind_of_status_a_rule_asks_about_is_named() -> None:
    schemes = {"zh": {"hardship": "困境儿童"}, "en": {"hardship": "Child in hardship"}}
    for rule, zh, en in (
        (
            "first(status.since, scheme = 'hardship')",
            "困境儿童纳入日期 7",
            "Child in hardship in force since 7",
        ),
        (
            "first(status.since, code = 'H1a' and scheme = 'hardship')",
            "困境儿童纳入日期 7",
            "Child in hardship in force since 7",
        ),
        ("status_since(hardship)", "困境儿童纳入日期 7", "Child in hardship in force since 7"),
        ("status_code(hardship)", "困境儿童认定结果 7", "Child in hardship status code 7"),
        ("first(status.since, scheme = 'a' or scheme = 'b')", "纳入日期 7", "in force since 7"),
    ):
        node = parse(rule)
        told = [
            phrase(node, Facts(values={node: 7}, scheme_names=schemes[each], language=each))
            for each in ("zh", "en")
        ]
        assert told == [zh, en]
