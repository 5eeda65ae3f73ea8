"""`python -m tests.spec.render`: docs/reference/kernel.md, rules.md and form-words.md, from the cases and the code's tables."""

from __future__ import annotations

from typing import Any

from tests.spec import form_words, rules_page
from tests.spec.acceptance import ROOT, Case, cases

from yimi.pack.schema import TestChild

PAGE = ROOT / "docs" / "reference" / "kernel.md"

_HEAD = """# 内核验收 · Kernel acceptance

由 `python -m tests.spec.render` 从 `tests/spec/cases` 生成，请勿手改。每个例子都由测试经真实引擎运行，规则包是 `tests/spec/packs/mini`。人物均为虚构。

Made from `tests/spec/cases` by `python -m tests.spec.render`; do not edit. A test runs every example through the real engine, on the pack `tests/spec/packs/mini`. All people are made up.
"""


def page() -> str:
    """The whole page."""
    contents = [f"- [{each.id} {each.told['title']['zh']}](#{each.id.lower()})" for each in cases()]
    return "\n".join([_HEAD, *contents, "", *(_section(each) for each in cases())]).rstrip() + "\n"


def _section(case: Case) -> str:
    title, story = case.told["title"], case.told["story"]
    lines = [
        f'<a id="{case.id.lower()}"></a>',
        "",
        f"## {case.id} {title['zh']}",
        "",
        f"*{title['en']}.*",
        "",
        story["zh"],
        "",
        story["en"],
        "",
        f"路径 Pathway: `{case.told['pathway']}`",
        "",
    ]
    for child, extra in zip(case.children, case.extras, strict=True):
        lines += _child(child, extra)
    return "\n".join([*lines, *_whole(case)])


def _child(child: TestChild, extra: dict[str, Any]) -> list[str]:
    given = [f"出生 born {child.born or '不详 unknown'}"]
    given += [f"性别 sex {child.sex}"] if child.sex else []
    given += [f"{each.on} {each.form} {_answers(each.answers)}" for each in child.records]
    given += [_status(each) for each in child.statuses]
    given += [f"{each.kind}: {_status(state)}" for each in child.guardians for state in each.states]
    lines = [f"### {child.name.zh} · {child.name.en}", "", *(f"- {each}" for each in given), ""]
    names = sorted({name for expected in child.expect.values() for name in expected}, key=_place)
    lines += [f"| {child.as_of} | {' | '.join(names)} |", f"|---{'|---' * len(names)}|"]
    for step, expected in child.expect.items():
        cells = [_cell(expected.get(name, "")) for name in names]
        lines.append(f"| `{step}` | {' | '.join(cells)} |")
    lines.append("")
    if child.expect_judged:
        lines += [f"记录判定 Records judged: {', '.join(child.expect_judged)}", ""]
    for name, answer in child.expect_entitled.items():
        needs = extra["needs"].get(name)
        lines += [f"权益 Entitlement `{name}`: {answer}" + (f" ({', '.join(needs)})" if needs else ""), ""]
    for step, words in extra["words"].items():
        lines += [f"`{step}`: “{words['zh']}” · “{words['en']}”", ""]
    return lines


def _answers(answers: dict[str, str]) -> str:
    return "(" + ", ".join(f"{name} {value}" for name, value in answers.items()) + ")"


def _status(status: Any) -> str:
    until = f" – {status.until}" if status.until else " –"
    return f"{status.scheme} {status.code} {status.since}{until}"


def _place(name: str) -> int:
    return [
        "status",
        "ordinal",
        "done",
        "earliest",
        "due",
        "overdue_after",
        "expires",
        "exception",
        "counted",
    ].index(name)


def _cell(value: str) -> str:
    return {"None": "—", "absent": "不列出 not listed"}.get(value, value)


def _whole(case: Case) -> list[str]:
    told = case.told
    lines = []
    if "golden" in told:
        lines.append(f"金标 Golden file: `tests/spec/golden/{told['golden']}`")
    if told.get("reversed"):
        lines.append("同样的结果，全部声明倒序书写时 The same with every declaration written backwards.")
    if "upgrade" in told:
        change = told["upgrade"]
        lines.append(f"升级 Upgrade: `{change['was']}` → `{change['becomes']}`")
    if "cause_keys" in told:
        keys = "、".join(f"`{each}`" for each in told["cause_keys"]) or "无 none"
        lines.append(f"预警原因 Causes{' (两次 twice)' if told.get('twice') else ''}: {keys}")
    figures = [(case.children[0].as_of.isoformat(), each) for each in told.get("figures", [])]
    past = told.get("past")
    figures += [(past["as_of"], each) for each in past["figures"]] if past else []
    lines += [
        f"指标 Figure {day}: `{each['indicator']}` `{each['item']}` {each['numerator']} / {each['denominator']}"
        for day, each in figures
    ]
    return [line for each in lines for line in (each, "")]


def main() -> None:
    PAGE.write_text(page(), encoding="utf-8")
    rules_page.PAGE.write_text(rules_page.page(), encoding="utf-8")
    form_words.PAGE.write_text(form_words.page(), encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)}, {rules_page.PAGE.relative_to(ROOT)}: {len(cases())} cases")


if __name__ == "__main__":
    main()
