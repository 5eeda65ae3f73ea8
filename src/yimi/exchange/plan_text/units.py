"""English units of targets from the counting word, the noun counted and the base (每千人口, 每天)."""

from __future__ import annotations

import re

_NOUNS: tuple[tuple[str, str], ...] = (
    (r"医师|医生", "physician"),
    (r"护士", "nurse"),
    (r"托位", "place"),
    (r"学位", "school place"),
    (r"床位|床", "bed"),
    (r"社区|村居", "community"),
    (r"街区", "block"),
    (r"技能", "skill"),
    (r"中心|机构|学校|医院|卫生院|门诊|幼儿园|托育园|公园|图书馆|博物馆|[馆园站所校]$|基地|之家|场所|场地|驿站|阅览室|工作站|站点|母婴室|空间|乐园|设施|[点室]$",
     "facility"),
)  # fmt: skip
_COUNTERS = {
    "名": "person", "人": "person", "位": "person", "万人": "person", "万名": "person", "户": "household",
    "次": "time", "人次": "person-time", "万人次": "person-time", "场": "event", "期": "session", "小时": "hour", "课时": "class hour",
    "学时": "class hour", "分钟": "minute", "天": "day", "日": "day", "周": "week", "个月": "month", "年": "year", "岁": "year",
    "周岁": "year", "平方米": "square meter", "平米": "square meter", "平方公里": "square kilometer", "公里": "kilometer", "千米": "kilometer",
    "米": "meter", "公顷": "hectare", "亩": "mu", "万元": "10000 yuan", "亿元": "100 million yuan", "元": "yuan", "厘米": "centimeter",
    "支": "team", "册": "volume", "本": "volume", "辆": "vehicle", "所": "facility", "家": "facility", "座": "facility", "处": "site",
    "间": "room", "张": "place", "条": "item", "项": "item", "台": "item", "套": "set", "门": "course", "堂": "lesson", "节": "lesson",
    "班": "class", "社区": "community", "街道": "township", "村": "village", "城市": "city", "园": "facility", "校": "facility",
}  # fmt: skip
_BASES = (
    (r"每?千名?(?:常住)?人口", "per 1000 population"),
    (r"每?千名?(?:0[-~—]\d+岁)?(?:常住)?儿童", "per 1000 children"),
    (r"每千名?(?:在校)?学生", "per 1000 students"),
    (r"每万名?(?:常住)?人口", "per 10000 population"),
    (r"每万名?(?:常住)?儿童", "per 10000 children"),
    (r"每百名?(?:常住)?(?:儿童|人口|学生|户)", "per 100"),
    (r"每十万", "per 100000"),
    (r"人均", "per person"),
    (r"生均", "per student"),
)
_RHYTHMS = (
    (r"每[天日]", "per day"),
    (r"每周", "per week"),
    (r"每个?月", "per month"),
    (r"每(?:个)?学期", "per term"),
    (r"每季度?", "per quarter"),
    (r"每半年", "per half-year"),
    (r"每(?:个)?学年", "per school year"),
    (r"每年|年均|全年", "per year"),
)


def unit_of(written: str, before: str, after: str, earlier: str = "") -> str | None:
    """The unit for a counting word between its phrase's two halves; None where the text gives no unit.

    `earlier` is the sentence before the phrase: 建设儿童之家，2025年底前建成20个 names its noun there.

    >>> unit_of("个", "每千人口拥有3岁以下婴幼儿托位数不少于", "")
    'place per 1000 population'
    """
    if written in ("%", "全覆盖"):
        return "percent"
    if written == "‰":
        return "per 1000 live births" if _of_births(before) else "per 1000"
    if written in ("/10万", "/十万"):
        return "per 100000 live births" if "孕产妇死亡" in before else "per 100000"
    if written == "/千":
        return "per 1000"
    if not written:
        return None
    unit = _noun(written, before, after)
    if unit == "item" and written == "个" and earlier:
        told = re.sub(
            r"(?:不少于|不低于|达到?|至少|超过)?\d+(?:\.\d+)?个(?:以上|以下|以内)?$",
            "",
            earlier.rstrip(",、:"),
        )
        unit = _noun(written, re.split(r"[。;]", told)[-1], "")
    base = next((name for pattern, name in _BASES if re.search(pattern, before)), None)
    if base is None:
        base = next((name for pattern, name in _RHYTHMS if re.search(pattern, before[-30:])), None)
    if (
        base is None
        and written == "项"
        and re.search(r"(?:学生|青少年|儿童|每人|人人)[^,;。]{0,12}掌握$", before)
    ):
        base = "per student"
    return f"{unit} {base}" if base else unit


def _of_births(before: str) -> bool:
    return bool(re.search(r"死亡率", before) and re.search(r"婴|新生儿|岁以下|儿童", before))


def _noun(written: str, before: str, after: str) -> str:
    plain = _COUNTERS.get(written)
    before = re.sub(
        r"^.*每(?![千万百十])(?:个|所|名|家|处)?[\u4e00-\u9fff()]{1,8}?(?=配备|设置|设立|至少|不少于|建成|建设|有)",
        "",
        before,
    )
    if (
        written in ("名", "人", "位", "万人", "万名")
        or (plain is None)
        or written in ("个", "所", "家", "处", "张", "项", "座", "间")
    ):
        head = re.split(r"[,;。、]", re.sub(r"\([^()]*\)", "", after))[0]
        # The counted noun stands last in its phrase: 1个承担指导功能的…中心.
        for text in (
            head,
            re.sub(
                r"(?:数量?|总数)?(?:达到?|不少于|不低于|提高到|增加到|增至|至少|保持在?|为)*$",
                "",
                re.sub(r"\([^()]*\)", "", before),
            ),
        ):
            last = re.split(r"[的,;。、]", text)[-1] or text
            for pattern, name in _NOUNS:
                if plain == "person" and name not in ("physician", "nurse"):
                    continue
                if re.search(rf"(?:{pattern})[\u4e00-\u9fff]{{0,2}}(?:数量?)?$", last) or re.search(
                    rf"(?:{pattern})$", last
                ):
                    if name == "physician" and not re.search(r"每[千万百]", before):
                        return "physician"
                    return name
            if text and text is head and plain:
                return plain
    return plain or ("facility" if written in ("所", "家") else "item")
