"""As much of a child's name as tells the children of one village apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

# Family names of two characters that are still in use (百家姓 and the lists of the 2020 census).
_COMPOUND = """
欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 濮阳 公冶
太叔 申屠 公孙 慕容 仲孙 钟离 长孙 宇文 司徒 鲜于 司空 闾丘 子车 亓官 司寇 巫马 公西 颛孙 壤驷 公良
漆雕 乐正 宰父 谷梁 拓跋 夹谷 轩辕 令狐 段干 百里 呼延 东郭 南门 羊舌 微生 公户 公玉 公仪 梁丘 公仲
公上 公门 公山 公坚 左丘 公伯 西门 公祖 第五 公乘 贯丘 公皙 南荣 东里 东宫 仲长 子书 子桑 即墨 达奚
褚师
"""
COMPOUND = frozenset(_COMPOUND.split())


def given(name: str) -> str:
    """The name without the family name; a name that is written otherwise (阿依古丽·买买提, Latin) by its first part."""
    first = name.strip()
    if "·" in first:
        return first.split("·")[0] or first
    if len(first) < 2 or not all("\u3400" <= each <= "\u9fff" for each in first[:2]) or " " in first:
        return first
    if len(first) > 2 and first[:2] in COMPOUND:
        return first[2:]
    return first[1:]


def apart(children: Iterable[tuple[int, str, str | None]]) -> dict[int, str]:
    """Child → what it is called on a list of (child, whole name, village): two of one village that would be called alike
    keep their whole names."""
    listed = [(child, name, village, given(name)) for child, name, village in children]
    alike = Counter((village, short) for _, _, village, short in listed)
    return {child: name if alike[village, short] > 1 else short for child, name, village, short in listed}
