"""Lists of responsible bodies: splitting, a carried prefix, groups of territories, and which names are one.

A body is reported as written. Two things are added and said so: the prefix a list carries on (省科技厅、工业和
信息化厅 → 省工业和信息化厅), and that two spellings are one body (区住房城乡建设委, 区住房城乡建委).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from yimi.exchange.plan_text.source import Source, Span

_SUFFIX = (
    "委员会|委|局|厅|办公室|办|部|院|会|联|社|署|处|所|站|队|中心|政府|公司|集团|银行|分行|支行|学校|大学|医院|管委会|园区|"
    "街道|镇|乡|组|军区|工委|党组|协会|企业|单位|部门|台|馆|海关|专班|机构|法院|检察院|总工会|党校|支队|大队|总队|高校|平台|高新区|经开区|开发区|新区"
)
BODY_LIKE = re.compile(rf"(?:{_SUFFIX})(?:\([^()]*\))?$")
_LEVELS = "省市区县州盟旗"
# 市场, 市容, 市民…, 区域, 县域, 乡村: the first character is no level there. 市民政局 and 市政府 are.
_NO_LEVEL = re.compile(
    r"市场|市容|市域|市政(?![府协法务])|市民(?![政族宗革委])|区域|区块|区划|县域|州际|旗舰|省际|省会|县乡(?!村振)|市监"
)
_OWN_NAME = re.compile(
    r"北京|天津|河北|山西|内蒙古|辽宁|吉林|黑龙江|上海|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|广西|海南|重庆|四川|贵州|"
    r"云南|西藏|陕西|甘肃|青海|宁夏|新疆|"
    # Offices named by their own place, whatever list they stand in.
    r"[\u4e00-\u9fff]{2,6}(?:海关|海事局|边检站|金融监管(?:分)?局|银保监(?:分)?局|供电公司|铁路局|军分区)$|"
    r"各|有关|相关|国家|国务院|国网|国有|中国|中央|中共|全国|自治|人民银行|人行|武警|海关|共青团|团[省市区县州旗中]|驻|属地|所在|辖区|"
    r"[\u4e00-\u9fff]{2,7}?(?:自治[区州县旗]|新区|高新区|开发区|经开区|[省市县州]|(?<!社)(?<!园)(?<!景)(?<!灾)(?<!地)区)(?=[\u4e00-\u9fff])"
)
_PARTY = re.compile(
    r"(?:组织部|宣传部|统战部|政法委|网信办|编办|社会工作部|改革办|老干部局|党校|台办|巡察办|直属机关工委|教育工委)$"
)
_CENTRAL = re.compile(r"(?:教育|科技|民政|财政|公安|司法|国家安全|自然资源|生态环境|交通运输|水利|农业农村|商务|应急管理|文化和旅游|"
                      r"住房城乡建设|人力资源社会保障|工业和信息化|工信|外交|国防)部$")  # fmt: skip
_TERRITORY = re.compile(
    r"^(?:各(?:级)?(?:地级以上|地|省|自治区|直辖市|市|州|盟|区|县|旗|乡|镇|街|村|社区|园区|开发区|功能区|经开区|新区|高新区)|"
    r"(?:有关|相关|涉及|所在|辖区各?|属地)(?:省|市|州|区|县|乡|镇|街道|地区|地方|园区)|属地|(?:市|区|县)?(?:所)?辖各|全[市区县]各(?:乡|镇|街|区|县))"
)
_TERRITORY_MORE = re.compile(
    r"^(?:街道办事处|街道办|街道|镇人民政府|乡镇人民政府|镇政府|乡镇|镇街|区县|县区|(?:县|区|市)?(?:\((?:市|区|县|、|自治县|自治州)+\))?(?:人民)?政府|"
    r"开发区管委会|园区管委会|管委会|村\(社区\)|村\(居\)民?委?员?会?|社区)$"
)
_GROUP = re.compile(
    r"^(?:各(?:级)?|有关|相关|其他|其它|市级|区级|县级|省级|市直|区直|县直|省直|中央|领导小组|联席会议|成员|行业|主管|责任|牵头|"
    r"(?:省|市|区|县)(?:级|直)?(?:各)?(?:有关|相关)|全[省市区县])*(?:有关|相关|成员|行业主管|主管|责任|参与|牵头|职能|业务|行业)?"
    r"(?:部门|单位|机构|主管部门|成员单位|行业|学校|中小学|企业|社会组织|部门和单位|部门单位|各方|各级党委|党委和政府|党委|群团组织)$"
)
_OPEN_END = re.compile(r"等(?:\d+|[一二三四五六七八九十]+)?(?:个|家)?(?:市级|区级|县级|省级|市直|区直|县直)?(?:有关|相关|各|多个|职能)*"
                       r"(?:部门和单位|部门单位|部门、单位|单位和部门|部门|单位|机构|方面)?$")  # fmt: skip
_JOINERS = re.compile(r"和|及|以及|与|会同|联合|并会同")
_ONLY_LEVELS = re.compile(
    r"^(?:各|省|自治区|直辖市|市|州|盟|区|县|旗|乡|镇|街道|街|社区|村|自治县|自治州|\(|\)|/)+$"
)


@dataclass(frozen=True)
class Named:
    """One body in a list. `written` is the slice at `span`; `name` differs only by a carried prefix."""

    name: str
    written: str
    span: Span
    kind: str = "body"
    carried: bool = False
    doubtful: str | None = None


@dataclass(frozen=True)
class BodyList:
    names: tuple[Named, ...]
    # 等: the list says itself that it is not all.
    open_ended: bool
    stray_separator: bool


def split_list(source: Source, start: int, end: int) -> BodyList:
    """Bodies between two positions: separated by 、 , or a space, or by 和 between two whole names."""
    shadow = source.shadow
    start, end, open_ended = _trim(shadow, start, end)
    pieces: list[Span] = []
    depth, left, stray = 0, start, False
    for i in range(start, end):
        c = shadow[i]
        depth += (c == "(") - (c == ")")
        if depth <= 0 and c in "、,;/ \n\t":
            stray = stray or (i == left and c in "、,")
            pieces.append((left, i))
            left = i + 1
    pieces.append((left, end))
    stray = stray or (left >= end and end > start)
    spans = [span for piece in pieces for span in _at_joiners(shadow, *_strip(shadow, *piece))]
    spans = _merged_levels(shadow, [span for span in spans if span[0] < span[1]])
    names, opened = _carry(source, spans)
    return BodyList(tuple(names), open_ended or opened, stray)


def _trim(shadow: str, start: int, end: int) -> tuple[int, int, bool]:
    start, end = _strip(shadow, start, end)
    found = _OPEN_END.search(shadow, start, end)
    if found and found.end() == end and found.start() > start:
        return (*_strip(shadow, start, found.start()), True)
    return start, end, False


def _strip(shadow: str, start: int, end: int) -> Span:
    while start < end and (
        shadow[start] in " \n\t:\"'-" or (shadow.startswith(("由", "并由"), start) and end - start > 2)
    ):
        start += 1
    while end > start and shadow[end - 1] in " \n\t:。\"'":
        end -= 1
    return start, end


def _at_joiners(shadow: str, start: int, end: int) -> list[Span]:
    """Split A和B only where both sides are whole names: 规划和自然资源局 is one."""
    for found in _JOINERS.finditer(shadow, start + 2, end - 1):
        left, right = shadow[start : found.start()], shadow[found.end() : end]
        word = found.group(0)
        if word in ("会同", "联合", "并会同", "以及"):
            whole = BODY_LIKE.search(left) is not None
        else:
            whole = BODY_LIKE.search(left) is not None and (
                _has_level(right) or _OWN_NAME.match(right) is not None or _GROUP.match(right) is not None
                or (_TERRITORY.match(left) is not None and len(right) >= 2)
            ) and not _GROUP.match(left)  # fmt: skip
        if whole and right:
            return [(start, found.start()), *_at_joiners(shadow, found.end(), end)]
    return [(start, end)]


def _merged_levels(shadow: str, spans: list[Span]) -> list[Span]:
    """各市、县（区）人民政府 and 市、区教育局 are one name each: a bare level word belongs to the next piece."""
    merged: list[Span] = []
    for span in spans:
        if merged:
            before = shadow[merged[-1][0] : merged[-1][1]]
            here = shadow[span[0] : span[1]]
            bare = _ONLY_LEVELS.match(before) and not BODY_LIKE.search(before.removeprefix("各"))
            if (
                bare
                and span[0] - merged[-1][1] <= 1
                and (before.startswith("各") or len(before) == 1)
                and here[0] in _LEVELS + "乡镇街"
            ):
                merged[-1] = (merged[-1][0], span[1])
                continue
        merged.append(span)
    return merged


def _has_level(name: str) -> bool:
    return bool(name) and name[0] in _LEVELS and len(name) > 2 and not _NO_LEVEL.match(name)


def _carry(source: Source, spans: list[Span]) -> tuple[list[Named], bool]:
    names: list[Named] = []
    level = party = ""
    opened = False
    for start, end in spans:
        shadow, written = source.shadow[start:end], source.text[start:end]
        more = _OPEN_END.search(shadow)
        if more and more.start() > 1 and BODY_LIKE.search(shadow[: more.start()]):
            end = start + more.start()
            shadow, written, opened = source.shadow[start:end], source.text[start:end], True
        kind = kind_of(shadow, names[-1] if names else None)
        named = Named(written, written, (start, end), kind)
        if kind == "body":
            if _has_level(shadow):
                level, party = shadow[0], f"{shadow[0]}委" if shadow[1:2] == "委" and len(shadow) > 3 else ""
            elif _OWN_NAME.match(shadow):
                # 团市委、妇联: the league's name shows the level as well as a prefix would.
                league = re.match(r"团([省市区县州旗])委", shadow)
                level = level or (league.group(1) if league else "")
            elif level and not _CENTRAL.search(shadow) and BODY_LIKE.search(shadow):
                prefix = party if party and _PARTY.search(shadow) else level
                named = replace(named, name=prefix + written, carried=True)
            named = replace(named, doubtful=_doubt(shadow))
        names.append(named)
    return names, opened


def kind_of(shadow: str, before: Named | None = None) -> str:
    """body, territorial (各区县人民政府) or group (各有关部门)."""
    if _GROUP.match(shadow) and not (_TERRITORY.match(shadow) and shadow.endswith("机构")):
        return "group"
    if _TERRITORY.match(shadow):
        return "territorial"
    if before is not None and before.kind == "territorial" and _TERRITORY_MORE.match(shadow):
        return "territorial"
    return "body"


def _doubt(shadow: str) -> str | None:
    if "\ufffd" in shadow or re.search(r"[?■□●◆¤*#@|\\^~=<>]|[\ue000-\uf8ff]", shadow):
        return "名称中有损坏的字符"
    if len(shadow) > 24 or re.search(r"[。:!]", shadow):
        return "过长，不像单位名称"
    if not BODY_LIKE.search(shadow):
        return "不以常见的单位字样结尾"
    if len(shadow) < 2:
        return "过短，不像单位名称"
    return None


def is_strong(shadow: str) -> bool:
    """A name no reader would doubt, for brackets that hold names only."""
    if kind_of(shadow) == "territorial" and len(shadow) >= 3:
        return True
    if kind_of(shadow) == "group" and len(shadow) >= 5:
        return True
    if not BODY_LIKE.search(shadow) or len(shadow) > 24:
        return False
    return (
        (_has_level(shadow) and len(shadow) >= 3)
        or bool(re.match(r"团[省市区县州旗]委|共青团|国家|中国|中共|人民银行", shadow))
        or bool(re.match(r"[\u4e00-\u9fff]{2,4}[市区县](?:委|人民政府|政府|.{1,10}(?:局|委))", shadow))
    )
