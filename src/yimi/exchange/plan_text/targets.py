"""Numeric targets of a stretch of text, and every number that is none, with the reason."""

from __future__ import annotations

import re
from dataclasses import dataclass

from yimi.exchange.plan_text.deadlines import Deadline, find_deadlines
from yimi.exchange.plan_text.quantities import Quantity, find_quantities
from yimi.exchange.plan_text.source import Source, Span
from yimi.exchange.plan_text.units import unit_of

_SURE = {
    "after": 0.95,
    "before": 0.95,
    "reduced": 0.92,
    "held": 0.9,
    "reached": 0.92,
    "cover": 0.85,
    "bare": 0.8,
    "built": 0.85,
    "of": 0.75,
}
_FACT = re.compile(
    r"(?:现有|已有|目前|现已|已建成|已达|累计|截至目前|近年来|去年|上年|同比|共有|总投资|投资约?|基期|基础上)[^,。;]{0,14}$"
)
_PAST = re.compile(r"比?(?:19|20)\d{2}年(?:的|相比|水平|基础|实际|现状)")
_RHYTHM = re.compile(r"每[天日周月年]|每个?(?:学期|学年|季度)|每季")


@dataclass(frozen=True)
class Target:
    """One numeric target; `value` in `unit`; spans refer to the normalized text."""

    operator: str
    value: float
    unit: str | None
    unit_written: str
    deadline: str | None
    deadline_span: Span | None
    deadline_basis: str
    scope: str
    phrase_span: Span
    value_span: Span
    confidence: float
    name: str


@dataclass(frozen=True)
class NotTaken:
    span: Span
    why: str


def read_targets(
    source: Source, start: int, end: int, level: str, skip: list[Span]
) -> tuple[list[Target], list[NotTaken]]:
    """Targets and the numbers left out between two positions; `level` is the issuer's (district, city…)."""
    targets: list[Target] = []
    left_out: list[NotTaken] = []
    sentences = _sentences(source.shadow, start, end)
    stated = {d.day for s in sentences for d in find_deadlines(source.shadow, *s) if d.sure >= 0.7}
    for sentence in sentences:
        _read_sentence(source, sentence, level, skip, targets, left_out)
    return [_inherit(source, target, stated) for target in targets], left_out


def _sentences(shadow: str, start: int, end: int) -> list[Span]:
    spans = []
    left = start
    for i in range(start, end):
        if shadow[i] in "。;!?\n":
            spans.append((left, i))
            left = i + 1
    spans.append((left, end))
    # A semicolon does not end the reach of 到2025年: the whole sentence does.
    return _merge_semicolons(shadow, [s for s in spans if s[0] < s[1]])


def _merge_semicolons(shadow: str, spans: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for span in spans:
        if merged and shadow[merged[-1][1]] == ";":
            merged[-1] = (merged[-1][0], span[1])
        else:
            merged.append(span)
    return merged


def _read_sentence(
    source: Source,
    sentence: Span,
    level: str,
    skip: list[Span],
    targets: list[Target],
    left_out: list[NotTaken],
) -> None:
    shadow = source.shadow
    deadlines = find_deadlines(shadow, *sentence)
    quantities = [
        q for q in find_quantities(shadow, *sentence) if not any(a <= q.span[0] < b for a, b in skip)
    ]
    edge = sentence[0]
    built = False
    for k, quantity in enumerate(quantities):
        if any(d.span[0] <= quantity.span[0] < d.span[1] for d in deadlines):
            if not any(q.operator for q in quantities):
                left_out.append(NotTaken(quantity.span, "日期，句中没有与之对应的数值目标"))
            continue
        why = quantity.why_not
        operator, sure, bound = quantity.operator, _SURE.get(quantity.cue, 0.5), quantity.bound_span
        segment = _segment(
            shadow, sentence, quantity, max([edge, *(b for a, b in skip if b <= quantity.span[0])])
        )
        if why is None and operator is None:
            operator, sure = _by_construction(shadow, quantity, segment)
            if (
                operator is None
                and built
                and shadow[segment[0] - 1 : segment[0]] == "、"
                and _counts_noun(shadow, quantity, segment)
            ):
                # 建成公园30个、学校50所: the verb reaches over the list.
                operator, sure = ">=", 0.7
            why = None if operator else _reason(shadow, quantity)
        if why is None:
            why = _excluded(shadow, quantity, segment, operator or "")
        row = _row(shadow, quantities, k)
        if (
            row
            and row[0].operator != row[-1].operator
            and row[-1].operator is None
            and row[0].operator is None
        ):
            row = []
        if row:
            operator, sure, why = row[-1].operator or row[0].operator, 0.75, None
            segment = _segment(shadow, sentence, row[0], edge if row[0] is quantity else sentence[0])
            bound = row[-1].bound_span
        if why is not None or operator is None:
            if not _is_deadline_year(quantity, why):
                left_out.append(NotTaken(quantity.span, why or "没有表示界限或目标的词"))
            else:
                left_out.append(NotTaken(quantity.span, "年份，不是目标值"))
            continue
        phrase = _phrase(shadow, segment, bound)
        edge = phrase[1] if not row or row[-1] is quantity else edge
        built = bool(_BUILD.search(shadow[segment[0] : quantity.span[0]])) or (
            built and shadow[segment[0] - 1 : segment[0]] == "、"
        )
        target = _target(source, quantity, operator, sure, phrase, sentence, deadlines, level)
        targets.append(_of_row(source, target, row, row.index(quantity)) if row else target)


def _is_deadline_year(quantity: Quantity, why: str | None) -> bool:
    return why == "年份" and quantity.unit == "年"


def _segment(shadow: str, sentence: Span, quantity: Quantity, edge: int) -> Span:
    """The stretch between commas around the number; a target before it in the same stretch is cut off."""
    left = quantity.span[0]
    depth = 0
    while left > sentence[0]:
        c = shadow[left - 1]
        depth += (c == ")") - (c == "(")
        if depth <= 0 and c in ",;:":
            break
        left -= 1
    if left < edge <= quantity.span[0]:
        left = edge
        while left < quantity.span[0] and shadow[left] in "、,和及;以":
            left += 1
    right = quantity.span[1]
    depth = 0
    while right < sentence[1]:
        c = shadow[right]
        depth += (c == "(") - (c == ")")
        if depth <= 0 and c in ",;:、":
            break
        right += 1
    return left, right


def _phrase(shadow: str, segment: Span, bound: Span) -> Span:
    left, right = segment
    right = max(right, bound[1])
    opening = re.match(r"[、,\s]+|(?:到|至)?20\d{2}年[^,、]{0,4}?[,、]", shadow[left:right])
    if opening:
        left += opening.end()
    while right > left and shadow[right - 1] in " \"'":
        right -= 1
    return left, right


def _by_construction(shadow: str, quantity: Quantity, segment: Span) -> tuple[str | None, float]:
    """Bounds made by word order: 50%的…达到…, …率95%, 推动全部80%."""
    after = shadow[quantity.span[1] : segment[1]]
    before = shadow[segment[0] : quantity.span[0]]
    if quantity.unit in ("%", "‰") and re.match(
        r"的[^,;。]{2,40}(?:达到|达标|完成|建成|实现|配备|设立|开展|建立|符合|成为)", after
    ):
        return ">=", 0.75
    if (
        quantity.unit == "%"
        and quantity.value == 100
        and re.search(r"(?:率|比例|比重|占比)[^,;。]{0,4}$", before)
    ):
        return "=", 0.8
    if (
        re.search(r"每(?:个|所|名|天|日|周|年|月|村|县|区|乡镇|街道|学期|学年|季度)[^,;。]{0,16}$", before)
        and quantity.unit not in ("", "年", "岁")
        and re.search(
            r"(?:开展|组织|举办|走访|有|设|配备?|建|安排|培训|体检|检查|监测|服务)[^,;。]{0,4}$", before
        )
    ):
        return ">=", 0.7
    if quantity.unit == "次" and _RHYTHM.search(before):
        return ">=", 0.7
    if _counts_noun(shadow, quantity, segment) and _BUILD.search(before):
        return ">=", 0.75
    return None, 0.0


_BUILD = re.compile(
    r"建成|新建|建设|创建|打造|培育|新增|增设|设立|改造|建立|配备|命名|评选|培训|招募|选树|布局|开展|举办|组织|发放|出台|制定|发布|推出"
)
_COUNT_UNITS = frozenset("个所家处座间名人位条项张场支户辆台套对批份册部")


def _counts_noun(shadow: str, quantity: Quantity, segment: Span) -> bool:
    """公园30个: noun, number, counting word, end."""
    rest = shadow[quantity.span[1] : segment[1]].strip()
    return quantity.unit in _COUNT_UNITS and not rest and quantity.span[0] - segment[0] >= 2


def _reason(shadow: str, quantity: Quantity) -> str:
    if _FACT.search(shadow[max(0, quantity.span[0] - 20) : quantity.span[0]]):
        return "现状或背景数据，不是目标"
    if not quantity.unit:
        return "没有单位，不知所指"
    if quantity.unit in ("小时", "天", "日", "米", "分钟", "周"):
        return "名称或说明中的数字，没有表示界限的词"
    return "没有表示界限或目标的词"


def _excluded(shadow: str, quantity: Quantity, segment: Span, operator: str) -> str | None:
    before = shadow[segment[0] : quantity.span[0]]
    after = shadow[quantity.bound_span[1] : segment[1]]
    if _FACT.search(before) and "到" not in before[-3:]:
        return "现状或背景数据，不是目标"
    if re.search(r"[比较](?:19|20)\d{2}年[^,;。]{0,8}$", before) and quantity.unit in ("%", "‰"):
        return "相对变化，缺少基期值"
    if quantity.unit in ("岁", "周岁") and not re.search(r"寿命|年龄", before):
        return "年龄界限，不是目标值"
    if (
        quantity.cue in ("after", "before")
        and quantity.unit in ("米", "厘米", "年", "天", "日", "个月", "月")
        and re.match(r"的?(?:儿童|婴幼儿|未成年人|人员|人口|学生|建筑|道路)", after)
    ):
        return "对象的界限，不是目标值"
    if not quantity.unit and quantity.cue in ("built", "reached", ""):
        return "没有单位，不知所指"
    if quantity.cue in ("built", "reached") and quantity.unit in (
        "级",
        "类",
        "种",
        "届",
        "日",
        "天",
        "月",
        "点",
        "部门",
    ):
        return "名称或等级中的数字，不是目标值"
    if re.search(r"[\"《〈][^\"》〉]*$", before) and re.match(
        r"[^\"《]*[\"》〉]", shadow[quantity.span[1] : segment[1] + 12]
    ):
        return "名称中的数字"
    if quantity.cue == "built" and quantity.unit in (
        "米",
        "厘米",
        "天",
        "日",
        "周",
        "年",
        "分钟",
        "月",
        "个月",
    ):
        return "名称或说明中的数字"
    if (
        quantity.cue in ("built", "reached")
        and quantity.unit == "小时"
        and re.match(r"(?:图书|服务|热线|值守|值班|不打烊|自助|开放)", after)
    ):
        return "名称或说明中的数字"
    return None


def _row(shadow: str, quantities: list[Quantity], k: int) -> list[Quantity]:
    """分别控制在3‰、4‰和5‰以下: numbers in a row, the one bound holding for all; [] where there is no row."""
    first = last = k
    while first > 0 and _adjoin(shadow, quantities[first - 1], quantities[first]):
        first -= 1
    while last + 1 < len(quantities) and _adjoin(shadow, quantities[last], quantities[last + 1]):
        last += 1
    row = quantities[first : last + 1]
    bound = row[-1].operator or row[0].operator
    return row if len(row) > 1 and bound and row[0].unit not in ("年", "岁", "周岁", "月", "日") else []


def _adjoin(shadow: str, left: Quantity, right: Quantity) -> bool:
    between = shadow[left.bound_span[1] : right.span[0]]
    return left.unit == right.unit and bool(re.fullmatch(r"[、和及,]{1,2}", between)) and left.cue != "after"


def _of_row(source: Source, target: Target, row: list[Quantity], place: int) -> Target:
    """One number of a row: unit by the words before the row, its own subject where they can be counted off."""
    before = source.shadow[target.phrase_span[0] : row[0].span[0]]
    subjects = re.split(
        r"[、和及]", re.sub(r"分别.*$", "", source.text[target.phrase_span[0] : row[0].span[0]])
    )
    name = subjects[place] if len(subjects) == len(row) else target.name
    sure = target.confidence if len(subjects) == len(row) else 0.5
    unit = unit_of(row[0].unit, before, "")
    return Target(**{**target.__dict__, "name": name, "unit": unit, "confidence": sure})


def _target(
    source: Source, quantity: Quantity, operator: str, sure: float, phrase: Span, sentence: Span,
    deadlines: list[Deadline], level: str,
) -> Target:  # fmt: skip
    shadow = source.shadow
    before, after = shadow[phrase[0] : quantity.span[0]], shadow[quantity.bound_span[1] : phrase[1]]
    deadline = _deadline_for(shadow, quantity, sentence, deadlines)
    unit = unit_of(quantity.unit, before, after, shadow[sentence[0] : phrase[0]])
    if deadline is not None:
        sure = sure * (0.6 + 0.4 * deadline.sure) if deadline.sure < 0.9 else sure
    basis = "none" if deadline is None else "text" if deadline.sure >= 0.7 else "plan_period"
    context = shadow[sentence[0] : quantity.span[0]]
    return Target(
        operator, quantity.value, unit, quantity.unit, deadline.day if deadline else None, deadline.span if deadline else None,
        basis, scope_of(before, context, level), phrase, quantity.bound_span, round(sure if unit else sure - 0.3, 2), _name(source, quantity, phrase, sentence),
    )  # fmt: skip


def _deadline_for(
    shadow: str, quantity: Quantity, sentence: Span, deadlines: list[Deadline]
) -> Deadline | None:
    """The last deadline before the number in its sentence, not one of a baseline (比2020年)."""
    before = [d for d in deadlines if d.span[1] <= quantity.span[0]]
    stated = [d for d in before if d.sure >= 0.7]
    if stated:
        return stated[-1]
    after = [d for d in deadlines if d.span[0] >= quantity.span[1] and d.sure >= 0.9]
    if before:
        return before[-1]
    return after[0] if after and not re.search(r"[,;]", shadow[quantity.span[1] : after[0].span[0]]) else None


def _inherit(source: Source, target: Target, stated: set[str]) -> Target:
    """A sentence without a date beside sentences with one and the same: that date, marked as inferred.

    Standing requirements (每天, 每年) inherit none.
    """
    phrase = source.shadow[target.phrase_span[0] : target.phrase_span[1]]
    if target.deadline is not None or len(stated) != 1 or _RHYTHM.search(phrase):
        return target
    values = {**target.__dict__, "deadline": next(iter(stated)), "deadline_basis": "neighbor"}
    return Target(**{**values, "confidence": round(target.confidence * 0.7, 2)})


_SCOPES = (
    (
        r"(?:以(?:乡|镇|街道|乡镇)[^,。;]{0,8}为单位|(?:每个?|各)(?:乡镇|乡|镇|街道|镇街)(?:\(街道\)|\(镇\))?)",
        "township",
    ),
    (r"(?:以(?:村|社区)[^,。;]{0,6}为单位|每个?(?:村|社区|村\(社区\)|行政村))", "village"),
    (
        r"(?:以(?:县|区县|区|市县)[^,。;]{0,8}为单位|(?:每个?|各)(?:区县|县|区|县区|县\(市、区\)|区\(县\))(?=[^域内]))",
        "district",
    ),
    (r"每(?:所|个)(?:学校|中小学|幼儿园|小学|中学)|以学校为单位", "school"),
)


def scope_of(before: str, context: str, level: str) -> str:
    """What the target is judged by: the issuer's level unless the phrase says 以乡镇（街道）为单位, 每个社区…"""
    # 以乡镇为单位，接种率…: set before the comma, it holds for the phrase behind it only.
    ahead = re.split(r"[,;。]", context[: len(context) - len(before)].rstrip(","))[-1]
    for text in (before, ahead if ahead.endswith("为单位") else ""):
        for pattern, scope in _SCOPES:
            if re.search(pattern, text) and not (scope == "district" and level == "district"):
                return scope
    return level


def level_of(title: str) -> str:
    """The issuer's level from a title or an issuer's name: its last place name counts."""
    found = re.findall(
        r"[\u4e00-\u9fff](省|自治区|自治州|自治县|自治旗|新区|[市区县州盟旗镇乡])",
        title.replace("城市", "").replace("社区", ""),
    )
    names = {
        "省": "province",
        "自治区": "province",
        "市": "city",
        "州": "city",
        "盟": "city",
        "自治州": "city",
        "镇": "township",
        "乡": "township",
    }
    return names.get(found[-1], "district") if found else "plan"


def _name(source: Source, quantity: Quantity, phrase: Span, sentence: Span) -> str:
    before = source.text[phrase[0] : quantity.span[0]]
    shadow = source.shadow[phrase[0] : quantity.span[0]]
    after = source.text[quantity.bound_span[1] : phrase[1]].strip()
    if len(after) >= 2 and (
        quantity.cue == "built" or re.search(r"(?:建有|建成|配备|设置|设立|打造|建设|有)$", before)
    ):
        return after
    cut = re.search(
        r"(?:分别)?(?:稳定|控制|巩固|保持|维持|达到?|提高[到至]|提升[到至]|不少于|不低于|不超过|不高于|降[低至到]*|增[加至到]*|超过|为|在|至少)*$",
        shadow,
    )
    name = re.sub(
        r"^[到至]?20\d{2}年(?:\d{1,2}月)?(?:底|末)?(?:之?前)?", "", before[: cut.start()] if cut else before
    )
    if len(name) >= 3 and not _NO_NAME.match(name):
        return name
    if len(after) >= 2:
        return after
    # 建设儿童之家，2025年底前建成20个: the thing counted stands before the comma.
    left = max(source.shadow.rfind(c, sentence[0], max(phrase[0] - 1, sentence[0])) for c in ",;:、") + 1
    earlier = source.text[max(left, sentence[0]) : phrase[0]].strip("，,、；; ")
    return earlier if phrase[0] > sentence[0] and len(earlier) >= 2 else source.text[phrase[0] : phrase[1]]


_NO_NAME = re.compile(
    r"(?:每(?:个|所|名)?[\u4e00-\u9fff]{1,4}|建成|新建|打造|创建|全[省市区县]建成|在全[省市区县]打造|实现|推进)$"
)
