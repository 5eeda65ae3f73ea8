"""What the words of a form do to the register, as stories: read, and told as docs/reference/form-words.md."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from tests.spec.acceptance import HERE, ROOT, as_text

PAGE = ROOT / "docs" / "reference" / "form-words.md"

_HEAD = """# 表单的词 · What the words of a form do

由 `python -m tests.spec.render` 从 `tests/spec/words/forms.yaml` 生成，请勿手改。每个动作都由 `tests/apps/test_form_words.py` 在登记库里真实执行。人物均为虚构。

Made from `tests/spec/words/forms.yaml` by `python -m tests.spec.render`; do not edit. `tests/apps/test_form_words.py` does every act in a real register. All people are made up.
"""
_DO = {"enter": "登记 enter", "correct": "更正 correct", "take back": "撤回 take back"}
_WHO = {
    "father": "父亲 father", "volunteer": "志愿者 volunteer", "child": "小雨 Xiaoyu", "mother": "孕妇 expectant mother",
}  # fmt: skip
_SEEN = {
    "died": "死亡日期 died on", "paired": "结对儿童 children paired", "born": "登记册中的孩子 children in the register",
    "hers": "以她为母亲 as hers",
}  # fmt: skip


@lru_cache
def stories() -> tuple[dict[str, Any], ...]:
    """Every story, in the order of the file."""
    return tuple(as_text(HERE / "words" / "forms.yaml"))


def page() -> str:
    """The whole page."""
    return "\n".join([_HEAD, *(line for each in stories() for line in _section(each))]).rstrip() + "\n"


def _section(story: dict[str, Any]) -> list[str]:
    title, told = story["title"], story["story"]
    lines = [
        f"## `{story['word']}` {title['zh']}",
        "",
        f"*{title['en']}.*",
        "",
        told["zh"],
        "",
        told["en"],
        "",
    ]
    if "known" in story:
        lines += [f"此前已知 Known before: {_seen(story['known'])}", ""]
    lines += [
        "| 动作 act | 表单 form | 关于 about | 日期 on | 填写 answers | 结果 result |",
        "|---|---|---|---|---|---|",
    ]
    return [*lines, *(_act(each) for each in story["acts"]), ""]


def _act(act: dict[str, Any]) -> str:
    answers = ", ".join(f"{name} {value}" for name, value in act.get("answers", {}).items())
    result = f"拒绝 refused: “{act['refused']}”" if "refused" in act else "登记成功 taken"
    if "then" in act:
        result += f"; {_seen(act['then'])}"
    cells = (_DO[act["do"]], f"`{act['form']}`", _WHO[act["about"]], act.get("on", ""), answers, result)
    return f"| {' | '.join(cells)} |"


def _seen(known: dict[str, str]) -> str:
    return ", ".join(
        f"{_SEEN[name]} {'无 none' if value == 'none' else value}" for name, value in known.items()
    )
