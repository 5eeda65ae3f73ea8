"""What the repository promises about itself: layered, sized, documented, without addresses or machine paths."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [each for each in (ROOT / "src").rglob("*.py") if "migrations" not in each.parts]
LONGEST_MODULE, LONGEST_FUNCTION = 600, 80
FIXTURE = "specimen"  # functions there are one dict literal a page: data, not logic


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout: the tracked files cannot be listed")
    return [ROOT / each for each in listed.stdout.split("\0") if each and (ROOT / each).is_file()]


def test_imports_point_back_up_the_line() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout[-3000:]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT / "src")))
def test_a_module_says_what_it_is_for_and_stays_small(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    if text.strip():
        assert ast.get_docstring(tree), "the module has no docstring"
    assert text.count("\n") <= LONGEST_MODULE
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            assert (node.end_lineno or 0) - node.lineno < LONGEST_FUNCTION or FIXTURE in path.parts, node.name


def test_no_address_of_a_registry_and_no_path_of_a_machine() -> None:
    wrong = re.compile(r"index-url|(?<![\w./])/(?:work|root|home)/[a-z]")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked()
        if path.suffix in {".py", ".toml", ".lock", ".yaml", ".md", ".txt", ".html", ".css", ".js", ""}
        and path != Path(__file__)
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="ignore").splitlines(), 1)
        if wrong.search(line) and '/work/"' not in line and "'/work/" not in line and "href" not in line
    ]
    assert not found


def test_locks_carry_hashes_and_no_address() -> None:
    for name in ("requirements.lock", "requirements-dev.lock", "requirements-spark.lock"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "http" not in text
        pinned = re.findall(r"^[a-z0-9][^ ]*==", text, re.MULTILINE)
        assert len(pinned) > 30
        assert text.count("--hash=sha256:") >= len(pinned)


def test_every_measure_reaches_an_indicator_or_a_declaration() -> None:
    from yimi.pack.load import load

    pack = load("wulong")
    assert len(pack.measures) == 35
    for measure in pack.measures.values():
        assert measure.bodies and measure.text and measure.title.en
        assert measure.targets or measure.instruments, measure.id


def test_both_languages_are_complete_in_the_packs() -> None:
    from yimi.pack.load import load
    from yimi.pack.schema import Declaration, Text

    def texts(value: object) -> list[Text]:
        if isinstance(value, Text):
            return [value]
        if isinstance(value, Declaration):
            return [found for name in type(value).model_fields for found in texts(getattr(value, name))]
        return [found for each in value for found in texts(each)] if isinstance(value, list) else []

    pack = load("wulong")
    declared = [each for rows in pack.declared.values() for each in rows.values()]
    missing = [
        found for each in declared for found in texts(each) if not found.zh.strip() or not found.en.strip()
    ]
    assert not missing
