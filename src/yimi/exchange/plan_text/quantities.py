"""Numbers with their units, and the words before and after that make a bound of them.

以上、以下、以内、不少于、不低于、不超过 include the boundary; 不满、超过、高于、低于、以外 exclude it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from yimi.exchange.plan_text.numerals import han_value
from yimi.exchange.plan_text.source import Span

_UNITS = (
    "个百分点|百分点|部门|/10万|/十万|/千|%|‰|万元|亿元|万人次|人次|万人|万名|平方米|平方公里|平米|公里|千米|公顷|亩|米|小时|课时|学时|分钟|个月|"
    "周岁|岁|年|月|日|天|周|名|人|位|个|所|家|处|座|间|条|项|张|次|场|件|套|支|户|辆|台|门|册|期|例|对|批|类|种|部|本|堂|课|篇|倍|成|"
    "元|吨|级|届|期|节|轮|站|点|组|队|份|班|园|校|街道|社区|村|城市|部门|种|片|块|只|盏|棵|株|毫升|克|千克|公斤|厘米"
)
_NUMERAL = r"\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_HAN_NUMERAL = r"[一二两三四五六七八九十百千]{1,5}"
QUANTITY = re.compile(
    rf"(?P<number>{_NUMERAL})(?:\s?(?P<big>万|亿))?(?:(?P<plus>余|多))?\s?(?P<unit>{_UNITS})?"
    rf"|百分之(?P<hundredth>{_NUMERAL}|{_HAN_NUMERAL}|百|一百)|千分之(?P<thousandth>{_NUMERAL}|{_HAN_NUMERAL})|(?P<cover>全覆盖|全面覆盖|全员覆盖|应建尽建)"
)
# A Chinese numeral is a number of the plan only behind a word that bounds or builds; else it is style (三项制度).
HAN_QUANTITY = re.compile(
    rf"(?:(?:至少|不少于)(?:开展|召开|组织|举办|举行|建成|建设|建有|配备|设置|设立|安排|走访|培训|打造|有)?|不低于|不超过|达到|建成|新建|改建|建设|打造|创建|培育|设立|配备|配齐)(?P<lead>(?:1?不少于|至少)?)(?P<number>{_HAN_NUMERAL})(?P<unit>个|所|家|处|座|名|场|次|条|支|间)"
    rf"|(?<![一二两三四五六七八九十百千第其])(?P<number2>{_HAN_NUMERAL})(?P<unit2>个|所|家|处|座|名|场|次|条|支|间|项)(?=及?以[上下内])"
)

_AFTER = (
    (">=", r"\s?(?:及|或|\()?以上"),
    ("<=", r"\s?(?:及|或)?(?:以下|以内|之内|之下)"),
    (">", r"\s?(?:以外|之外)"),
)
_BEFORE = (
    (
        ">=",
        r"(?:不少于|不低于|不小于|不得少于|不得低于|不能少于|不应低于|(?:至少|最少)(?:开展|召开|组织|举办|举行|建成|建设|建有|建立|配备|配有|设置|设立|安排|走访|培训|打造|新增|有)?|最低)",
    ),
    ("<=", r"(?:不超过|不高于|不多于|不大于|不得超过|不得高于|不能超过|不应超过|不突破|至多|最多|最高)"),
    (">", r"(?<!不)(?<!不得)(?<!不能)(?<!不应)(?:超过|高于|大于|多于|突破|超)"),
    ("<", r"(?<!不)(?<!不得)(?<!不能)(?<!不应)(?:低于|少于|小于|不满|不足|未满)"),
)
_REACHED = re.compile(
    r"(?:达到?|提高[到至]|提升[到至]|增加?[到至]|增长[到至]|上升[到至]|扩大[到至]|扩充[到至]|发展[到至]|实现|完成|覆盖|满足|占比?为?|为)(?:了|全[省市区县])?(?:的)?$"
)
_HELD = re.compile(r"(?:保持|稳定|维持|巩固|保持稳定|稳固)(?:在|于)?$")
_REDUCED = re.compile(r"(?:控制|下降|降低?|压减|压降|缩短|缩小|减少|限制)(?:在|到|至|为)$|降[到至]$")
_BUILT = re.compile(
    r"(?:建成|建设|新建|改扩?建|改造|打造|创建|培育|培养|新增|增设|设置|设立|配备|配置|布局|建立|完成|实施|开展|举办|组织|推出|遴选|评选|认定|命名|"
    r"选树|培训|招募|组建|推广|掌握|参加|拥有|有|推进|推动|支持|引进|形成|创成|新改扩建|开设|安排|发放|提供|制定|出台|发布|编制|覆盖|惠及|服务)"
    r"(?:了|完成|省级|市级|区级|县级|国家级|各类|一批|约)?$"
)


@dataclass(frozen=True)
class Quantity:
    """One number. `value` in `unit` as written; `operator` None where no word makes a bound of it."""

    span: Span
    bound_span: Span
    value: float
    unit: str
    operator: str | None
    cue: str
    why_not: str | None = None
    factor: float = 1.0


def find_quantities(shadow: str, start: int, end: int) -> list[Quantity]:
    """All numbers of a stretch of text in order, each with its bound or the reason it is none."""
    found = [_read(shadow, hit, start, end) for hit in QUANTITY.finditer(shadow, start, end)]
    for hit in HAN_QUANTITY.finditer(shadow, start, end):
        quantity = _read_han(shadow, hit, start, end)
        if quantity and not any(q.span[0] < quantity.span[1] and quantity.span[0] < q.span[1] for q in found):
            found.append(quantity)
    return sorted(found, key=lambda quantity: quantity.span)


def _read(shadow: str, hit: re.Match[str], start: int, end: int) -> Quantity:
    span = hit.span()
    if hit.group("cover"):
        return Quantity(span, span, 100.0, "全覆盖", "=", "cover")
    if hit.group("hundredth") or hit.group("thousandth"):
        written = hit.group("hundredth") or hit.group("thousandth")
        value = float(written) if written[0].isdigit() else han_value("一百" if written == "百" else written)
        unit = "%" if hit.group("hundredth") else "‰"
        return _bounded(shadow, span, span, float(value or 0), unit, start, end)
    number = hit.group("number").replace(",", "")
    factor = {"万": 1e4, "亿": 1e8}.get(hit.group("big") or "", 1.0)
    unit = hit.group("unit") or ""
    if unit and "\n" in hit.group(0):
        unit = ""
    why = _no_quantity(shadow, hit, unit)
    value = float(number) * factor
    if why:
        return Quantity(span, span, value, unit, None, "", why)
    if hit.group("plus"):
        return Quantity(span, span, value, unit, None, "", "约数（余、多），文本没有给出界限")
    return _bounded(shadow, span, span, value, unit, start, end)


def _read_han(shadow: str, hit: re.Match[str], start: int, end: int) -> Quantity | None:
    which = "2" if hit.group("number2") else ""
    value = han_value(hit.group("number" + which))
    cue = shadow[hit.start() : hit.start("number" + which)]
    # 建设一个平台 is style; 至少一个 and 两所 are numbers.
    if value is None or (value == 1 and not which and not re.search(r"至少|不少于|不低于|不超过", cue)):
        return None
    if re.match(r"[体性化级]", shadow[hit.end() : hit.end() + 1]):
        return None
    span = (hit.start("number" + which), hit.end())
    return _bounded(shadow, span, span, float(value), hit.group("unit" + which), start, end)


def _no_quantity(shadow: str, hit: re.Match[str], unit: str) -> str | None:
    """Why this number counts nothing, or None."""
    before, after = shadow[max(0, hit.start() - 12) : hit.start()], shadow[hit.end() : hit.end() + 8]
    number = hit.group("number")
    if re.search(r"[A-Za-z]$", before) or (re.match(r"[A-Za-z]", after) and not unit):
        return "代号或外文中的数字"
    if before.endswith("第") or (re.match(r"号|条|款", after) and not unit and before.endswith("第")):
        return "序号"
    if (re.match(r"\)?\s?\d*号", after) and re.search(r"\($|\)$|第$", before)) or after.startswith("号文"):
        return "文件编号"
    if unit == "年" and len(number) == 4 and number.startswith(("19", "20")):
        return "年份"
    if unit in ("月", "日") and "年" in before[-6:] + number:
        return "日期"
    if unit == "月" or (unit == "日" and "月" in before[-4:]):
        return "日期"
    if not unit and len(number) == 4 and number.startswith(("19", "20")):
        return "年份"
    if unit in ("岁", "周岁") and not re.search(r"(?:寿命|年龄)[^,。]{0,10}$", before):
        return "年龄界限，不是目标值"
    if not unit and re.match(r"\s?[-~—–至到]\s?\d+(?:\.\d+)?(?:周?岁|个月|月龄)", after):
        return "年龄界限，不是目标值"
    if not unit and len(number) >= 5:
        return "号码"
    return None


_VAGUE = re.compile(r"(?:左右|上下|前后)")
_RANGE_AFTER = re.compile(r"\s?[-~—–至到]{1,2}\s?\d")
_RANGE_BEFORE = re.compile(r"\d(?:%|‰)?\s?[-~—–至到]{1,2}\s?$")


def _bounded(shadow: str, span: Span, bound: Span, value: float, unit: str, start: int, end: int) -> Quantity:
    left = shadow[max(start, span[0] - 16) : span[0]]
    after = shadow[span[1] : min(end, span[1] + 8)]
    if _VAGUE.match(after) or re.search(r"(?:约|大约|近|将近|接近)$", left):
        return Quantity(span, bound, value, unit, None, "", "约数（约、近、左右），文本没有给出界限")
    if _RANGE_AFTER.match(after) or _RANGE_BEFORE.search(left):
        return Quantity(span, bound, value, unit, None, "", "区间值，文本没有给出单一界限")
    if unit in ("个百分点", "百分点", "倍", "成"):
        return Quantity(span, bound, value, unit, None, "", "相对变化，缺少基期值")
    if "率" in left and re.search(
        r"(?:较|比)(?:19|20)\d{2}年(?:提高|下降|降低|减少|增加|增长)[^,。]{0,6}$", left
    ):
        return Quantity(span, bound, value, unit, None, "", "相对变化，缺少基期值")
    if re.search(
        r"(?:提高|提升|增长|增加|下降|降低|减少|上升|压减|缩减|增幅|降幅|递增)(?:了|幅度|比例|率)?(?:不低于|不少于|超过|达到?|约)?$",
        left,
    ) and unit in ("%", "‰"):
        return Quantity(span, bound, value, unit, None, "", "相对变化，缺少基期值")
    for operator, pattern in _AFTER:
        found = re.match(pattern, after)
        if found:
            return Quantity(span, (span[0], span[1] + found.end()), value, unit, operator, "after")
    for operator, pattern in _BEFORE:
        found = re.search(pattern + r"(?:\s|于|到|达)?$", left)
        if found:
            return Quantity(span, bound, value, unit, operator, "before")
    if _REDUCED.search(left):
        return Quantity(span, bound, value, unit, "<=", "reduced")
    if _HELD.search(left):
        return Quantity(span, bound, value, unit, "=" if _is_all(value, unit) else ">=", "held")
    if _REACHED.search(left):
        return Quantity(span, bound, value, unit, "=" if _is_all(value, unit) else ">=", "reached")
    if _BUILT.search(left):
        return Quantity(span, bound, value, unit, ">=", "built")
    if _is_all(value, unit) and re.search(r"[率比例]$", left):
        return Quantity(span, bound, value, unit, "=", "bare")
    return Quantity(span, bound, value, unit, None, "")


def _is_all(value: float, unit: str) -> bool:
    return unit == "%" and value == 100
