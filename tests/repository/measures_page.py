"""`python -m tests.repository.measures_page`: docs/measures.md, each measure with what serves it.

For every target and instrument of the plan: the declarations that serve it and their files, the pages they are
seen and worked on, the tests that exercise them; or that nobody serves it yet (`planned`). Pages are taken from the
site's own addresses, tests from the packs' test children and from the texts of the test functions.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from yimi.pack.load import Pack, load
from yimi.pack.reads import cascade_reads
from yimi.pack.schema import Instrument, Measure, Target

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "measures.md"
FOLDER_OF = {
    "pathway": "pathways", "form": "forms", "indicator": "indicators", "parameter": "parameters", "plan": "plans",
    "role": "roles", "status": "statuses", "entitlement": "entitlements", "cascade": "cascades", "case": "cases",
    "bill": "bills", "surveillance": "surveillance", "survey": "surveys", "checklist": "checklists",
}  # fmt: skip
# Kind of subject → the page its forms are entered on, and how many ids its address has before the form.
ENTRY = {
    "child": ("record", 1), "case": ("case-record", 1), "facility": ("subject-record", 1), "person": ("subject-record", 1),
    "organization": ("subject-record", 1),
}  # fmt: skip
# Kinds of tests that do something with a declaration; the tests of the repository only read files.
FOLDERS = ("unit", "spec", "packs", "properties", "apps", "journeys")
# What only runs through everything, whatever its name: it exercises nothing in particular.
BROAD = {"test_access_matrix", "test_on_postgres"}
# Their names stand in many tests that are about something else: they tell only where they are what serves.
UNTOLD = {"plans", "roles", "parameters", "forms", "statuses"}
MOST = 6  # test functions of one file that are named

_HEAD = """# 方案与系统 · The plan and what serves it

由 `python -m tests.repository.measures_page` 生成，请勿手改；有变化而未重新生成时测试报错。路径相对于 `packs/`；页面地址中 `‹…›` 是编号。“暂无”即方案提出、系统尚未承接。

Made by `python -m tests.repository.measures_page`; do not edit. A test fails when it is stale. Files are relative to `packs/`; `‹…›` in an address is a number. What the plan asks and nothing serves yet is listed as planned.
"""


@dataclass(frozen=True)
class Declared:
    """One declaration of the pack."""

    folder: str
    id: str


@dataclass(frozen=True)
class Shown:
    """A page of the staff site: its address and its title in both languages."""

    address: str
    zh: str
    en: str

    def __str__(self) -> str:
        return f"`{self.address}` {self.zh} {self.en}"


# --- what stands behind a declaration -----------------------------------------------------------------------


def behind(pack: Pack, first: Declared) -> list[Declared]:
    """The declaration and those it is worked with: pathway of a case, forms, status, suspicions."""
    found = [first]
    if first.folder == "cases":
        kind = pack.cases[first.id]
        found += behind(pack, Declared("pathways", kind.pathway))
        forms = [kind.opened_by, *(form for party in kind.parties for form in party.answered_by)]
        found += [Declared("forms", form) for form in [*forms, kind.closing.form] if form]
    elif first.folder == "pathways":
        pathway = pack.pathways[first.id]
        found += [Declared("forms", step.form) for step in pathway.steps]
        if pathway.opens_on:
            found += [Declared("statuses", pathway.opens_on)]
            found += _deciding(pack, pathway.opens_on)
        found += [
            Declared("suspicions", each.id) for each in pack.suspicions.values() if each.pathway == first.id
        ]
    elif first.folder == "cascades":
        read = cascade_reads(pack, [pack.cascades[first.id]])
        found += [Declared("forms", name) for name in sorted(read) if name in pack.forms]
    elif first.folder == "surveillance":
        found += [Declared("forms", pack.surveillance[first.id].form)]
    elif first.folder == "checklists":
        found += [Declared("forms", pack.checklists[first.id].form)]
    elif first.folder == "surveys":
        found += [Declared("forms", pack.surveys[first.id].round_form)]
    elif first.folder == "entitlements":
        found += _of_benefit(pack, first.id)
    elif first.folder == "statuses":
        found += _deciding(pack, first.id)
    elif first.folder == "indicators":
        reported = pack.indicators[first.id].reported
        found += [Declared("forms", reported.form)] if reported else []
    return list(dict.fromkeys(found))


def _deciding(pack: Pack, scheme: str) -> list[Declared]:
    return [
        Declared("forms", form.id)
        for form in pack.forms.values()
        if any(d.scheme == scheme for d in form.decides)
    ]


def _of_benefit(pack: Pack, name: str) -> list[Declared]:
    each = pack.entitlements[name]
    found = [Declared("parameters", each.amount)] if each.amount else []
    if each.received_when and "allowance" in each.received_when:
        found.append(Declared("forms", "allowance_decision"))
    return [*found, Declared("forms", "allowance_payment")] if each.paid_as else found


def file_of(pack: Pack, each: Declared) -> str:
    return pack.sources[each.folder, each.id].file


# --- pages --------------------------------------------------------------------------------------------------


def pages(pack: Pack, declared: Iterable[Declared]) -> list[Shown]:
    """Where the declarations are seen and worked on; then where their forms are entered."""
    declared = list(declared)
    found = [shown for each in declared for shown in _pages_of(pack, each)]
    return list(dict.fromkeys(found)) + _entered(
        pack, [each.id for each in declared if each.folder == "forms"]
    )


def _pages_of(pack: Pack, each: Declared) -> list[Shown]:
    from django.urls import reverse

    about = pack.of(each.folder)[each.id]
    zh, en = (about.name.zh, about.name.en) if hasattr(about, "name") else (about.id, about.id)
    if each.folder == "pathways" and about.subject == "child":
        found = [
            Shown(reverse("ledger-due", args=[each.id]), f"{zh}：应办与逾期名册", f"{en}: due and overdue")
        ]
        if any(one.pathway == each.id for one in pack.suspicions.values()):
            title = (f"{zh}：疑似未纳入名册", f"{en}: suspected, not entered")
            found.append(Shown(reverse("ledger-suspected", args=[each.id]), *title))
        return found
    if each.folder == "pathways" and about.subject == "facility":
        return [
            Shown(reverse("school-sites"), "学校与机构：应办与逾期", "Schools and sites: due and overdue")
        ]
    if each.folder == "statuses":
        return (
            [Shown(reverse("ledger", args=[each.id]), f"{zh}台账", f"Ledger: {en}")] if about.ledger else []
        )
    if each.folder == "cases":
        return [Shown(reverse("cases"), "个案", "Cases"), Shown(reverse("case-new", args=[each.id]), zh, en)]
    if each.folder == "plans":
        return [Shown(reverse("cockpit"), "计划与目标", "Plan and targets")]
    simple = {
        "cascades": "cascade",
        "indicators": "indicator",
        "entitlements": "radar-benefit",
        "surveillance": "surveillance",
        "surveys": "survey",
        "checklists": "checklist",
    }
    if each.folder in simple:
        return [Shown(reverse(simple[each.folder], args=[each.id]), zh, en)]
    if each.folder in ("parameters", "roles"):
        return [Shown(reverse("pack-declaration", args=[each.folder, each.id]), zh, en)]
    return []


def _entered(pack: Pack, forms: Iterable[str]) -> list[Shown]:
    """One line for each kind of subject whose forms have a page."""
    from django.urls import reverse

    blank, found = "00000000-0000-4000-8000-000000000000", []
    for subject, (name, more) in ENTRY.items():
        named = [pack.forms[each].name for each in forms if pack.forms[each].subject == subject]
        if named:
            address = (
                reverse(name, args=[*[blank] * more, "form"]).replace(blank, "‹…›").replace("form", "‹…›")
            )
            zh, en = "、".join(each.zh for each in named), ", ".join(each.en for each in named)
            found.append(Shown(address, f"登记{zh}", en))
    return found


# --- tests --------------------------------------------------------------------------------------------------


def tests_of(pack: Pack, first: Declared, declared: Iterable[Declared]) -> list[str]:
    """Test children whose expectations are about one of the declarations, and test functions that name one."""
    wanted = {first.id} | {each.id for each in declared if each.folder not in UNTOLD}
    children: dict[str, int] = {}
    expected = _expected(pack)
    for name in wanted:
        for file, n in expected.get(name, {}).items():
            children[file] = max(children.get(file, 0), n)
    functions: dict[str, list[str]] = {}
    for file, function, told in _functions():
        if wanted & told:
            functions.setdefault(file, []).append(function)
    found = [f"`packs/{file}`（{n}例 subjects）" for file, n in sorted(children.items())]
    return found + [f"`{file}` {_some(names)}" for file, names in sorted(functions.items())]


def _some(names: list[str]) -> str:
    return ", ".join(names[:MOST]) + (f" +{len(names) - MOST}" if len(names) > MOST else "")


def _expected(pack: Pack) -> dict[str, dict[str, int]]:
    """Declaration → test file → how many of its subjects expect something of it."""
    found: dict[str, dict[str, int]] = {}
    for each in pack.tests.values():
        file = pack.sources["tests", each.id].file
        for child in each.children:
            asked = {
                *child.expect_entitled,
                *child.expect_standing,
                *child.expect_owed,
                *child.expect_reached,
            }
            asked |= {*child.expect_late, *child.expect_suspected}
            asked |= {each.pathway} if child.expect or child.expect_judged else set()
            for name in asked:
                of_file = found.setdefault(name, {})
                of_file[file] = of_file.get(file, 0) + 1
    return found


@cache
def _functions() -> list[tuple[str, str, frozenset[str]]]:
    """(file, test function, the names that stand in its own texts)."""
    found = []
    for path in sorted(each for kind in FOLDERS for each in (ROOT / "tests" / kind).rglob("test_*.py")):
        if path.stem in BROAD:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                found.append((path.relative_to(ROOT).as_posix(), node.name, frozenset(_names(node))))
    return found


def _names(node: ast.FunctionDef) -> set[str]:
    prose = ast.get_docstring(node, clean=False)
    texts = {
        each.value
        for each in ast.walk(node)
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    }
    return {name for text in texts - {prose} for name in re.findall(r"[A-Za-z][A-Za-z0-9_]+", text)}


# --- the page -----------------------------------------------------------------------------------------------


def page(pack: Pack) -> str:
    """The whole page."""
    measures = sorted(pack.measures.values(), key=lambda each: each.id)
    lines = [
        _HEAD,
        "| 措施 Measure | 目标 Targets | 工具 Instruments | 已承接 Served | 暂无 Planned |",
        "|---|--:|--:|--:|--:|",
    ]
    for each in measures:
        planned = sum(one.planned for one in each.instruments)
        title = f"[{each.number}{each.title.zh}](#{each.id.lower()}) {each.title.en}"
        counts = (len(each.targets), len(each.instruments), len(each.instruments) - planned, planned)
        lines.append(f"| {title} | {' | '.join(map(str, counts))} |")
    promised = [one for each in measures for one in each.instruments]
    planned = sum(one.planned for one in promised)
    targets = sum(len(each.targets) for each in measures)
    lines += [f"| **合计 All** | {targets} | {len(promised)} | {len(promised) - planned} | {planned} |", ""]
    return "\n".join([*lines, *(line for each in measures for line in _section(pack, each))]).rstrip() + "\n"


def _section(pack: Pack, measure: Measure) -> Iterator[str]:
    from django.urls import reverse

    yield f'<a id="{measure.id.lower()}"></a>\n'
    yield f"## {measure.number}{measure.title.zh}\n"
    yield f"*{measure.title.en}.* `{pack.sources['measures', measure.id].file}` · `{reverse('measure', args=[measure.id])}`\n"
    for target in measure.targets:
        yield from _line(pack, target, Declared("indicators", target.indicator))
    served = [each for each in measure.instruments if each.served_by]
    for each in served:
        kind, _, name = (each.served_by or "").partition(":")
        yield from _line(pack, each, Declared(FOLDER_OF[kind], name))
    for other in _beside(pack, measure):
        about = pack.of(other.folder)[other.id]
        yield f"- 另有 Also: {about.name.zh} · {about.name.en}"
        yield from _details(pack, other)
    planned = [f"{each.id} {each.name.zh} · {each.name.en}" for each in measure.instruments if each.planned]
    if planned:
        yield f"- 暂无 Planned（{len(planned)}）"
        yield from (f"  - {each}" for each in planned)
    yield ""


def _line(pack: Pack, each: Target | Instrument, first: Declared) -> Iterator[str]:
    yield f"- **{each.id}** {each.name.zh} · {each.name.en}"
    yield from _details(pack, first)


def _details(pack: Pack, first: Declared) -> Iterator[str]:
    declared = behind(pack, first)
    files = " ".join(f"`{file_of(pack, each)}`" for each in declared)
    shown = "；".join(map(str, pages(pack, declared))) or "无 none"
    tests = "；".join(tests_of(pack, first, declared)) or "无 none"
    yield f"  - 声明 Declared: {files}"
    yield f"  - 页面 Pages: {shown}"
    yield f"  - 测试 Tests: {tests}"


def _beside(pack: Pack, measure: Measure) -> list[Declared]:
    """Declarations that name the measure themselves and serve none of its instruments."""
    serving = {each.served_by for each in measure.instruments}
    singular = {folder: kind for kind, folder in FOLDER_OF.items()}
    of_cases = {each.pathway for each in pack.cases.values() if f"case:{each.id}" in serving}
    return [
        Declared(folder, each.id)
        for folder in ("pathways", "cascades", "entitlements", "bills")
        for each in pack.of(folder).values()
        if measure.id in each.measures
        and f"{singular[folder]}:{each.id}" not in serving
        and each.id not in of_cases
    ]


def main() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yimi.sites.staff.settings")
    django.setup()
    PAGE.write_text(page(load("wulong")), encoding="utf-8")
    print(PAGE.relative_to(ROOT))


if __name__ == "__main__":
    main()
