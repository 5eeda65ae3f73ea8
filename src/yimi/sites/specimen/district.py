"""The plan and the townships as the specimen shows them: titles and names only, figures are made up.

Titles: 武隆发改发〔2022〕159号. Townships and codes: statistical divisions of 2023. Seats: GeoNames (CC BY 4.0).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

Text = dict[str, str]

SHANGHAI = ZoneInfo("Asia/Shanghai")
AS_OF = date(2026, 11, 23)
TURN = datetime(2026, 11, 23, 6, 0, tzinfo=SHANGHAI)


def both(zh: str, en: str) -> Text:
    """Words in both languages, as declarations of a pack carry them."""
    return {"zh": zh, "en": en}


CHAPTERS: list[tuple[str, str, str]] = [
    ("C2", "二、推进社会政策友好，践行儿童友好理念", "Child-friendly social policy"),
    ("C3", "三、推进公共服务友好，满足儿童成长发展需要", "Child-friendly public services"),
    ("C4", "四、推进权利保障友好，完善公益普惠儿童福利体系", "Child-friendly rights protection and welfare"),
    ("C5", "五、推进成长空间友好，提升城市空间品质和服务效能", "Child-friendly spaces to grow in"),
    ("C6", "六、推进发展环境友好，优化儿童健康成长社会环境", "Child-friendly social environment"),
    ("C7", "七、开展儿童友好建设示范试点", "Demonstration pilots"),
    ("C8", "八、组织保障", "Organizational guarantees"),
]

# id, number, title, English title, chapter, first body named, bodies, instruments
MEASURES: list[tuple[str, str, str, str, str, str, int, int]] = [
    (
        "M01",
        "（一）",
        "强化儿童优先发展导向",
        "Put children first in development policy",
        "C2",
        "区妇儿工委办公室",
        8,
        7,
    ),
    (
        "M02",
        "（二）",
        "城市规划建设体现儿童视角",
        "City planning and building from a child's point of view",
        "C2",
        "区规划自然资源局",
        3,
        4,
    ),
    (
        "M03",
        "（三）",
        "建立健全儿童全方位参与机制",
        "Mechanisms for children's participation in all fields",
        "C2",
        "区住房城乡建设委",
        8,
        6,
    ),
    (
        "M04",
        "（四）",
        "鼓励社会力量发展儿童友好事业",
        "Encourage social forces in child-friendly work",
        "C2",
        "区妇儿工委办公室",
        8,
        5,
    ),
    (
        "M05",
        "（五）",
        "大力发展普惠托育服务",
        "Affordable childcare for under-threes",
        "C3",
        "区卫生健康委",
        3,
        7,
    ),
    (
        "M06",
        "（六）",
        "加快学前教育普惠优质发展",
        "Accessible, affordable, quality preschool education",
        "C3",
        "区教委",
        5,
        3,
    ),
    (
        "M07",
        "（七）",
        "促进义务教育优质均衡发展",
        "Quality and balanced compulsory education",
        "C3",
        "区教委",
        6,
        10,
    ),
    ("M08", "（八）", "做好体教融合发展", "Integrate sport and education", "C3", "区文化旅游委", 2, 5),
    (
        "M09",
        "（九）",
        "加强儿童健康保障体系建设",
        "Child health protection system",
        "C3",
        "区卫生健康委",
        3,
        9,
    ),
    (
        "M10",
        "（十）",
        "扩大儿童医疗资源供给",
        "Expand pediatric and maternal-child medical resources",
        "C3",
        "区卫生健康委",
        3,
        7,
    ),
    ("M11", "（十一）", "丰富儿童文化服务供给", "Cultural services for children", "C3", "区委宣传部", 6, 5),
    ("M12", "（十二）", "加强儿童大数据服务", "Child big-data services", "C3", "区卫生健康委", 8, 7),
    ("M13", "（十三）", "完善儿童医疗保障服务", "Child medical security", "C4", "区医保局", 2, 5),
    (
        "M14",
        "（十四）",
        "关爱孤儿和事实无人抚养儿童",
        "Care for orphans and de facto unattended children",
        "C4",
        "区民政局",
        2,
        10,
    ),
    (
        "M15",
        "（十五）",
        "加强残疾儿童康复服务",
        "Rehabilitation for children with disabilities",
        "C4",
        "区残联",
        3,
        4,
    ),
    (
        "M16",
        "（十六）",
        "加强困境儿童分类保障",
        "Classified support for children in difficulty",
        "C4",
        "区民政局",
        7,
        6,
    ),
    (
        "M17",
        "（十七）",
        "推进农村留守儿童关爱保护",
        "Care and protection of rural left-behind children",
        "C4",
        "区民政局",
        5,
        6,
    ),
    (
        "M18",
        "（十八）",
        "推进城市公共空间适儿化改造",
        "Child-friendly renovation of public spaces",
        "C5",
        "区住房城乡建委",
        7,
        4,
    ),
    ("M19", "（十九）", "改善儿童安全出行体验", "Safe travel for children", "C5", "区交通局", 6, 5),
    (
        "M20",
        "（二十）",
        "拓展儿童人文参与空间",
        "Cultural and participation spaces for children",
        "C5",
        "区委宣传部",
        6,
        7,
    ),
    (
        "M21",
        "（二十一）",
        "开展儿童友好自然生态建设",
        "Child-friendly nature and ecology",
        "C5",
        "区住房城乡建委",
        7,
        5,
    ),
    (
        "M22",
        "（二十二）",
        "提升灾害事故防范应对能力",
        "Disaster and accident preparedness",
        "C5",
        "区应急管理局",
        2,
        5,
    ),
    (
        "M23",
        "（二十三）",
        "推进家庭家教家风建设",
        "Family, family education and family values",
        "C6",
        "区妇联",
        3,
        7,
    ),
    ("M24", "（二十四）", "培养健康向上的精神文化", "Healthy spiritual culture", "C6", "区委宣传部", 4, 5),
    ("M25", "（二十五）", "持续净化网络环境", "Clean online environment", "C6", "区委网信办", 4, 5),
    ("M26", "（二十六）", "筑牢安全发展屏障", "Safety barrier for growing up", "C6", "区民政局", 5, 10),
    ("M27", "（二十七）", "防止儿童意外和人身伤害", "Prevent child injury and harm", "C6", "区公安局", 6, 12),
    ("M28", "（二十八）", "积极预防未成年人犯罪", "Prevent juvenile delinquency", "C6", "区公安局", 4, 4),
    (
        "M29",
        "（二十九）",
        "提高儿童遭受伤害的紧急救护能力",
        "Emergency rescue capacity for injured children",
        "C6",
        "区应急管理局",
        4,
        7,
    ),
    (
        "M30",
        "（三十）",
        "开展儿童友好城市建设试点",
        "Pilot child-friendly city building",
        "C7",
        "区发展改革委",
        6,
        4,
    ),
    (
        "M31",
        "（三十一）",
        "推进市级儿童友好社区建设",
        "City-level child-friendly communities",
        "C7",
        "区妇儿工委办公室",
        7,
        6,
    ),
    (
        "M32",
        "（三十二）",
        "创建示范性儿童友好单位",
        "Model child-friendly units",
        "C7",
        "区妇儿工委办公室",
        6,
        1,
    ),
    ("M33", "（三十三）", "加强组织领导", "Organization and leadership", "C8", "区发展改革委", 4, 2),
    ("M34", "（三十四）", "完善政策支持", "Policy support (funds and land)", "C8", "区财政局", 3, 6),
    ("M35", "（三十五）", "强化宣传交流", "Publicity and exchange", "C8", "区委宣传部", 4, 3),
]

BODIES: dict[str, str] = {
    "区妇儿工委办公室": "Office of the District Working Committee on Women and Children (妇儿工委办)",
    "区发展改革委": "District Development and Reform Commission",
    "区规划自然资源局": "District Planning and Natural Resources Bureau",
    "区住房城乡建设委": "District Housing and Urban-Rural Development Commission",
    "区城市管理局": "District Urban Management Bureau",
    "区民政局": "District Civil Affairs Bureau",
    "区财政局": "District Finance Bureau",
    "区经信委": "District Economy and Information Technology Commission",
    "区教委": "District Education Commission",
    "区文化旅游委": "District Culture and Tourism Development Commission",
    "团区委": "Communist Youth League District Committee",
    "区交通局": "District Transport Bureau",
    "区妇联": "District Women's Federation",
    "区卫生健康委": "District Health Commission",
    "区残联": "District Disabled Persons' Federation",
    "区市场监管局": "District Market Regulation Bureau",
    "区医保局": "District Healthcare Security Bureau",
    "区委宣传部": "Publicity Department of the District Party Committee",
    "区统计局": "District Statistics Bureau",
    "区公安局": "District Public Security Bureau",
    "区司法局": "District Justice Bureau",
    "区住房城乡建委": "District Housing and Urban-Rural Development Commission",
    "区生态环境局": "District Ecology and Environment Bureau",
    "区林业局": "District Forestry Bureau",
    "区应急管理局": "District Emergency Management Bureau",
    "区委网信办": "Cyberspace Affairs Office of the District Party Committee",
}

# id, measure, name, English name, operator, goal, unit, deadline named
TARGETS: list[tuple[str, str, str, str, str, float, tuple[str, str], bool]] = [
    (
        "T01",
        "M04",
        "持证儿童福利社会工作者数量",
        "Certified child-welfare social workers",
        ">=",
        50,
        ("名", " people"),
        True,
    ),
    (
        "T02",
        "M05",
        "每千人口拥有3岁以下婴幼儿托位数",
        "Childcare places for under-threes per 1,000 population",
        ">=",
        4.5,
        ("个", " places"),
        True,
    ),
    (
        "T03",
        "M05",
        "示范性婴幼儿养育照护指导中心或综合性托育服务中心",
        "Model infant-care guidance center or comprehensive childcare center",
        ">=",
        1,
        ("所", ""),
        True,
    ),
    (
        "T04",
        "M06",
        "学前三年毛入园率",
        "Gross enrollment rate in three-year preschool",
        ">=",
        94,
        ("%", "%"),
        True,
    ),
    (
        "T05",
        "M06",
        "普惠性幼儿园覆盖率",
        "Share of kindergarten children in public or inclusive private kindergartens",
        ">=",
        97,
        ("%", "%"),
        True,
    ),
    (
        "T06",
        "M06",
        "公办园在园幼儿占比",
        "Share of kindergarten children in public kindergartens",
        ">=",
        58,
        ("%", "%"),
        True,
    ),
    (
        "T07",
        "M07",
        "九年义务教育巩固率",
        "Nine-year compulsory education retention rate",
        ">=",
        96,
        ("%", "%"),
        True,
    ),
    (
        "T08",
        "M07",
        "特殊教育学校(中心)全覆盖",
        "Full coverage by special-education schools (centers)",
        "=",
        100,
        ("%", "%"),
        True,
    ),
    (
        "T09",
        "M08",
        "学生校内每天体育活动时间",
        "Daily physical activity time at school",
        ">=",
        1,
        ("小时", " h"),
        False,
    ),
    (
        "T10",
        "M08",
        "中小学体育与健康课程开课率",
        "Share of schools teaching the full PE-and-health curriculum",
        "=",
        100,
        ("%", "%"),
        False,
    ),
    (
        "T11",
        "M08",
        "青少年熟练掌握体育运动技能数",
        "Sports skills mastered per young person",
        ">=",
        2,
        ("项", ""),
        False,
    ),
    ("T12", "M09", "婴儿死亡率", "Infant mortality rate", "<=", 3.5, ("‰", "‰"), True),
    ("T13", "M09", "5岁以下儿童死亡率", "Under-five mortality rate", "<=", 5, ("‰", "‰"), True),
    (
        "T14",
        "M09",
        "适龄儿童免疫规划疫苗接种率（以乡镇（街道）为单位）",
        "National-program vaccination coverage, by township",
        ">=",
        95,
        ("%", "%"),
        True,
    ),
    (
        "T15",
        "M10",
        "标准化妇幼保健机构",
        "Standardized maternal and child health institution",
        ">=",
        1,
        ("所", ""),
        True,
    ),
    (
        "T16",
        "M10",
        "危重孕产妇和新生儿救治中心",
        "Center for critically ill pregnant women and newborns",
        ">=",
        1,
        ("所", ""),
        True,
    ),
    (
        "T17",
        "M10",
        "每千儿童儿科执业（助理）医师数",
        "Pediatric (assistant) physicians per 1,000 children",
        ">=",
        0.7,
        ("名", ""),
        True,
    ),
    (
        "T18",
        "M14",
        "达到定点康复机构标准的儿童福利机构占比",
        "Share of child-welfare institutions meeting the designated-rehabilitation standard",
        ">=",
        50,
        ("%", "%"),
        True,
    ),
    (
        "T19",
        "M14",
        "孤儿和事实无人抚养儿童基本生活保障率",
        "Basic-living allowance coverage, orphans and de facto unattended children",
        "=",
        100,
        ("%", "%"),
        True,
    ),
    (
        "T20",
        "M14",
        "孤儿和事实无人抚养儿童助医助学全覆盖",
        "Medical and schooling aid coverage, orphans and de facto unattended children",
        "=",
        100,
        ("%", "%"),
        True,
    ),
    (
        "T21",
        "M26",
        "乡镇（街道）未成年人保护工作站覆盖率",
        "Township coverage by minor-protection stations",
        "=",
        100,
        ("%", "%"),
        True,
    ),
    ("T22", "M31", "市级儿童友好社区", "City-level child-friendly communities", ">=", 1, ("个", ""), True),
]

# code, name, English name, lat, lon
TOWNSHIPS: list[tuple[str, str, str, float, float]] = [
    ("500156001", "凤山街道", "Fengshan", 29.32801, 107.76417),
    ("500156002", "芙蓉街道", "Furong", 29.32431, 107.76056),
    ("500156003", "仙女山街道", "Xiannüshan", 29.42187, 107.76122),
    ("500156004", "羊角街道", "Yangjiao", 29.3979, 107.60649),
    ("500156101", "白马镇", "Baima", 29.39553, 107.53939),
    ("500156102", "江口镇", "Jiangkou", 29.23964, 107.87876),
    ("500156104", "火炉镇", "Huolu", 29.39422, 107.87254),
    ("500156105", "鸭江镇", "Yajiang", 29.45477, 107.37369),
    ("500156107", "长坝镇", "Changba", 29.33466, 107.47496),
    ("500156108", "平桥镇", "Pingqiao", 29.37376, 107.33793),
    ("500156109", "桐梓镇", "Tongzi", 29.55899, 107.95073),
    ("500156111", "和顺镇", "Heshun", 29.4123, 107.42352),
    ("500156112", "双河镇", "Shuanghe", 29.54932, 107.71841),
    ("500156113", "凤来镇", "Fenglai", 29.39986, 107.29652),
    ("500156201", "庙垭乡", "Miaoya", 29.44593, 107.31952),
    ("500156202", "石桥苗族土家族乡", "Shiqiao Miao and Tujia", 29.19831, 107.82887),
    ("500156203", "黄莺乡", "Huangying", 29.2139, 107.68533),
    ("500156204", "沧沟乡", "Canggou", 29.44655, 107.96998),
    ("500156205", "文复苗族土家族乡", "Wenfu Miao and Tujia", 29.27908, 107.95215),
    ("500156206", "土地乡", "Tudi", 29.50494, 107.89998),
    ("500156207", "白云乡", "Baiyun", 29.31312, 107.41845),
    ("500156208", "后坪苗族土家族乡", "Houping Miao and Tujia", 29.60199, 108.02951),
    ("500156209", "浩口苗族仡佬族乡", "Haokou Miao and Gelao", 29.09287, 107.831),
    ("500156210", "接龙乡", "Jielong", 29.59624, 107.89467),
    ("500156211", "赵家乡", "Zhaojia", 29.26616, 107.54954),
    ("500156212", "大洞河乡", "Dadonghe", 29.23969, 107.43815),
]

_FIRST_BODY = {measure[0]: measure[5] for measure in MEASURES}


def body(short: str) -> Text:
    return both(short, BODIES[short])


def township(name: str) -> dict[str, Any]:
    """The place chip of a township."""
    row = next(row for row in TOWNSHIPS if row[1] == name)
    return {"name": both(row[1], row[2]), "href": "indicator.html"}


# Values of the made-up district on the specimen's day: value, numerator, denominator, state, history.
_VALUES: dict[str, tuple[float | None, float | None, float | None, str, list[float | None]]] = {
    "T01": (43, None, None, "typed", [31, 36, 40, 43]),
    "T02": (4.62, 1617, 350, "met", [3.9, 4.1, 4.3, 4.5, 4.55, 4.62]),
    "T03": (1, 1, None, "met", [0, 0, 1, 1, 1, 1]),
    "T04": (95.3, 9874, 10361, "met", [92.4, 93.1, 94.0, 94.6, 95.1, 95.3]),
    "T05": (96.2, 9499, 9874, "on_track", [95.0, 95.2, 95.7, 95.9, 96.0, 96.2]),
    "T06": (55.1, 5441, 9874, "off", [54.6, 54.7, 55.3, 55.2, 55.0, 55.1]),
    "T07": (96.8, 3402, 3514, "met", [95.9, 96.1, 96.2, 96.5, 96.7, 96.8]),
    "T08": (100, 1, 1, "typed", [100, 100, 100, 100]),
    "T09": (1.2, None, None, "typed", [None, 1, 1.1, 1.2]),
    "T10": (None, None, None, "no_data", []),
    "T11": (None, None, None, "no_data", []),
    "T12": (2.87, 7, 2439, "met", [3.6, 3.1, 3.3, 2.9, 2.9, 2.87]),
    "T13": (4.51, 11, 2439, "met", [5.2, 4.9, 5.1, 4.7, 4.6, 4.51]),
    "T14": (93.4, 184, 197, "off", [95.8, 95.6, 95.9, 96.1, 95.9, 93.4]),
    "T15": (1, 1, None, "met", [1, 1, 1, 1]),
    "T16": (1, 1, None, "typed", [0, 1, 1, 1]),
    "T17": (0.66, 37, 56.2, "on_track", [0.51, 0.55, 0.59, 0.61, 0.64, 0.66]),
    "T18": (50, 1, 2, "typed", [0, 0, 50, 50]),
    "T19": (100, 312, 312, "met", [100, 99.7, 100, 100, 100, 100]),
    "T20": (None, None, None, "no_data", []),
    "T21": (96.2, 25, 26, "on_track", [76.9, 84.6, 88.5, 92.3, 96.2, 96.2]),
    "T22": (1, 1, None, "met", [0, 0, 0, 1, 1, 1]),
}
_GAPS = {
    "T05": both("再增普惠园在园幼儿80人", "80 more children in inclusive kindergartens"),
    "T06": both("再增公办园在园幼儿287人", "287 more children in public kindergartens"),
    "T14": both("火炉镇差4剂（麻腮风疫苗）", "Huolu lacks 4 doses (MMR)"),
    "T17": both("缺2.4名", "2.4 short"),
    "T21": both("还缺1个乡镇", "one township missing"),
    "T01": both("缺7名", "7 short"),
}
_EVIDENCE = {
    "typed": both("部门填报", "reported by the body"),
    "no_data": both("待报送", "not reported yet"),
}


def target_row(target: tuple[str, str, str, str, str, float, tuple[str, str], bool]) -> dict[str, Any]:
    """One target as the cockpit and the measure page take it."""
    code, measure, zh, en, operator, goal, unit, dated = target
    value, numerator, denominator, state, history = _VALUES[code]
    sign = {">=": "≥", "<=": "≤", "=": "="}[operator]
    return {
        "id": code,
        "name": both(zh, en),
        "href": "indicator.html",
        "state": state,
        "figure": {"value": value, "unit": both(*unit), "numerator": numerator, "denominator": denominator},
        "goal": both(f"{sign} {goal:g}{unit[0]}", f"{sign} {goal:g}{unit[1]}"),
        "gap": _GAPS.get(code),
        "trend": history,
        "goal_value": goal,
        "deadline": date(2025, 12, 31) if dated else None,
        "evidence": _EVIDENCE.get(state, both("登记与记录", "register and records")),
        "body": body(_FIRST_BODY[measure]),
    }


_STATE_ORDER = ("met", "on_track", "off", "typed", "no_data")


def tally(states: list[str]) -> list[tuple[str, int]]:
    """How many of each light, in the order they are shown."""
    return [(state, states.count(state)) for state in _STATE_ORDER]


def column(
    code: str,
    zh: str,
    en: str,
    kind: str,
    unit: tuple[str, str] | None = None,
    sort: str | None = None,
    ordered: str | None = None,
) -> dict[str, Any]:
    """A column of a ledger."""
    return {
        "id": code,
        "label": both(zh, en),
        "kind": kind,
        "unit": both(*unit) if unit else None,
        "sort": sort,
        "sorted": ordered,
    }
