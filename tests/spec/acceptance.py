"""The kernel's acceptance cases as data: read, evaluated through the real engine, told as differences.

A case is a story, children in words, and what the pack must say. `differences` runs one case on every pack it
asks for (as written, written backwards, upgraded) and returns what does not hold; the page
docs/reference/kernel.md is made from the same data by `tests.spec.render`.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml

from yimi.engines import backend
from yimi.engines.example import Outcome, evaluate_many, put_children
from yimi.engines.trials import differences as child_differences
from yimi.engines.turn import Evaluated, evaluate_day, prepare
from yimi.pack.load import Pack, load
from yimi.pack.schema import TestChild

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
MINI = HERE / "packs" / "mini"


@dataclass(frozen=True)
class Case:
    """One acceptance case; `told` is its declaration as written."""

    told: dict[str, Any]
    children: tuple[TestChild, ...]
    extras: tuple[dict[str, Any], ...]  # words and needs of each child, which a test child of a pack has not

    @property
    def id(self) -> str:
        return str(self.told["id"])


def as_text(path: Path) -> Any:
    """A YAML file with every scalar as the text that stands in it, as packs are read."""
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    return yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 (makes texts only)


@lru_cache
def cases() -> tuple[Case, ...]:
    """Every case, in the order of the files."""
    written = [each for path in sorted((HERE / "cases").glob("*.yaml")) for each in as_text(path)]
    return tuple(_case(each) for each in written)


def _case(told: dict[str, Any]) -> Case:
    children, extras = [], []
    for each in told["children"]:
        plain = {key: value for key, value in each.items() if key not in ("words", "needs")}
        plain["born"] = None if plain["born"] == "null" else plain["born"]
        children.append(TestChild.model_validate(plain))
        extras.append({"words": each.get("words", {}), "needs": each.get("needs", {})})
    return Case(told, tuple(children), tuple(extras))


@cache
def mini() -> Pack:
    """The small pack as written, read once a process: no test changes it, a changed one is a copy."""
    return load(MINI)


# --- packs ----------------------------------------------------------------------------------------------------


def backwards(folder: Path, out: Path) -> Path:
    """A copy of a pack with every list whose order must not matter written the other way round."""
    shutil.copytree(folder, out)
    for path in out.rglob("*.yaml"):
        declared = as_text(path)
        for key in ("steps", "editions", "exceptions", "alerts", "fields", "values", "codes"):
            if isinstance(declared.get(key), list):
                declared[key].reverse()
        text = yaml.safe_dump(dict(reversed(declared.items())), allow_unicode=True, sort_keys=False)
        path.write_text(text, encoding="utf-8")
    return out


def upgraded(folder: Path, out: Path, change: dict[str, str]) -> Path:
    """A copy of a pack with one sentence changed."""
    shutil.copytree(folder, out)
    path = out / change["file"]
    text = path.read_text(encoding="utf-8")
    assert text.count(change["was"]) == 1, "the sentence to change must stand in the file once"
    path.write_text(text.replace(change["was"], change["becomes"]), encoding="utf-8")
    return out


def packs_of(case: Case, folder: Path) -> Iterator[tuple[str, Pack]]:
    """(name, pack) of every pack a case must hold on."""
    yield "as written", mini()
    if case.told.get("reversed"):
        yield "written backwards", load(backwards(MINI, folder / "backwards"))
    if case.told.get("upgrade"):
        yield "upgraded", load(upgraded(MINI, folder / "upgraded", case.told["upgrade"]))


# --- evaluation -----------------------------------------------------------------------------------------------


def outcomes(pack: Pack, pathway: str, children: Sequence[TestChild]) -> list[Outcome]:
    """One outcome a child, each on its own day, as the register would give it."""
    asked = [(pack.pathways[pathway], child) for child in children]
    return evaluate_many(backend.connect(threads=1), pack, asked)


def turn(pack: Pack, children: Sequence[TestChild], as_of: date) -> Evaluated:
    """A whole turn over the children of a case."""
    con = backend.connect(threads=1)
    put_children(con, children)
    prepare(con, pack)
    return evaluate_day(con, pack, as_of)


def differences(case: Case, folder: Path) -> list[str]:
    """What does not hold, in words; empty if everything does."""
    found: list[str] = []
    fingerprints = set()
    for name, pack in packs_of(case, folder):
        assert pack.fingerprint not in fingerprints, "a changed pack has another fingerprint"
        fingerprints.add(pack.fingerprint)
        found += [f"{name}: {each}" for each in _on_pack(case, pack)]
    return found


def _on_pack(case: Case, pack: Pack) -> Iterator[str]:
    seen = outcomes(pack, case.told["pathway"], case.children)
    for child, extra, outcome in zip(case.children, case.extras, seen, strict=True):
        for each in [*child_differences(child, outcome), *_told(extra, outcome)]:
            yield f"{child.name.en}: {each}"
        steps = [row["step"] for row in outcome.due]
        if len(steps) != len(set(steps)):
            yield f"{child.name.en}: a step is listed twice"
    yield from _of_turn(case, pack)


def _told(extra: dict[str, Any], outcome: Outcome) -> Iterator[str]:
    for step, words in extra["words"].items():
        row = next(each for each in outcome.due if each["step"] == step)
        assert outcome.explainer is not None
        because = outcome.explainer.item(row)
        for language in ("zh", "en"):
            if words[language] not in getattr(because, language):
                yield f"{step} says {getattr(because, language)!r}, not {words[language]!r}"
    for name, facts in extra["needs"].items():
        if outcome.needs.get(name) != facts:
            yield f"entitlement {name} needs {outcome.needs.get(name)}, expected {facts}"


def _of_turn(case: Case, pack: Pack) -> Iterator[str]:
    keys, figures = case.told.get("cause_keys"), case.told.get("figures", [])
    if keys is None and not figures:
        return
    evaluated = turn(pack, case.children, case.children[0].as_of)
    if keys is not None:
        yield from _causes(case, evaluated, keys)
        if case.told.get("twice"):
            yield from _causes(case, turn(pack, case.children, case.children[0].as_of), keys)
    yield from _figures(evaluated, figures)
    past = case.told.get("past")
    if past and pack.folder == MINI:
        yield from _figures(turn(pack, case.children, date.fromisoformat(past["as_of"])), past["figures"])


def _causes(case: Case, evaluated: Evaluated, keys: list[str]) -> Iterator[str]:
    seen = [each.cause for each in evaluated.findings if each.pathway == case.told["pathway"]]
    if sorted(seen) != sorted(keys):
        yield f"causes are {seen}, expected {keys}"


def _figures(evaluated: Evaluated, wanted: list[dict[str, str]]) -> Iterator[str]:
    for each in wanted:
        figure = next(
            found
            for found in evaluated.figures
            if (found.indicator, found.item, found.level) == (each["indicator"], each["item"], "district")
            and found.sex is None
            and found.age is None
        )
        seen = (figure.numerator, figure.denominator)
        if seen != (float(each["numerator"]), float(each["denominator"])):
            yield f"{each['indicator']} {each['item']} on {evaluated.as_of} is {seen}, expected {each}"
