"""Which names are one body: a table of contractions applied to a name until nothing is left to contract.

Two spellings are one body only if level and contracted stem agree. A commission (委) and a bureau (局) of the
same field are never merged: in one city only one of them exists, and a wrong merge would move duties.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache

from yimi.exchange.plan_text.source import simplified

# Ordered: longer first where one contains the other.
_CONTRACTIONS: tuple[tuple[str, str], ...] = (
    ("妇女儿童工作委员会", "妇儿工委"),
    ("关心下一代工作委员会", "关工委"),
    ("精神文明建设指导委员会", "文明委"),
    ("精神文明建设委员会", "文明委"),
    ("机构编制委员会", "编委"),
    ("互联网信息", "网信"),
    ("网络安全和信息化委员会", "网信"),
    ("未成年人保护工作委员会", "未保委"),
    ("爱国卫生运动委员会", "爱卫"),
    ("人力资源和社会保障", "人社"),
    ("人力资源社会保障", "人社"),
    ("人力社保", "人社"),
    ("住房和城乡建设", "住建"),
    ("住房城乡建设", "住建"),
    ("住房城乡建", "住建"),
    ("住房建设", "住建"),
    ("城乡建设", "住建"),
    ("发展和改革", "发改"),
    ("发展改革", "发改"),
    ("卫生健康", "卫健"),
    ("规划和自然资源", "规自"),
    ("规划自然资源", "规自"),
    ("规资", "规自"),
    ("自然资源和规划", "自规"),
    ("自然资源规划", "自规"),
    ("资规", "自规"),
    ("文化广电新闻出版", "文广新"),
    ("文化和旅游", "文旅"),
    ("文化旅游", "文旅"),
    ("文化广电和旅游", "文广旅"),
    ("文化广电旅游", "文广旅"),
    ("市场监督管理", "市监"),
    ("市场监管", "市监"),
    ("药品监督管理", "药监"),
    ("药品监管", "药监"),
    ("医疗保障", "医保"),
    ("工业和信息化", "工信"),
    ("工业信息化", "工信"),
    ("经济和信息化", "经信"),
    ("经济信息化", "经信"),
    ("城市管理行政执法", "城管执法"),
    ("城市管理综合执法", "城管执法"),
    ("城市管理", "城管"),
    ("交通运输", "交通"),
    ("应急管理", "应急"),
    ("退役军人事务", "退役军人"),
    ("妇女联合会", "妇联"),
    ("残疾人联合会", "残联"),
    ("科学技术协会", "科协"),
    ("科学技术", "科技"),
    ("哲学社会科学界联合会", "社科联"),
    ("文学艺术界联合会", "文联"),
    ("工商业联合会", "工商联"),
    ("红十字会", "红会"),
    ("广播电视", "广电"),
    ("园林绿化", "园林"),
    ("政务服务和数据管理", "政数"),
    ("政务服务数据管理", "政数"),
    ("人民政府", "政府"),
    ("人民法院", "法院"),
    ("人民检察院", "检察院"),
    ("管理委员会", "管委会"),
    ("委员会", "委"),
    ("办公室", "办"),
    ("教育体育", "教体"),
    ("农业农村", "农农"),
    ("乡村振兴", "乡振"),
    ("消防救援", "消防"),
)


@lru_cache(maxsize=4096)
def stem(name: str) -> str:
    """The contracted name by which spellings are compared; brackets, spaces and 和 do not count.

    >>> stem("区住房城乡建设委"), stem("区住房城乡建委"), stem("区住建委员会")
    ('区住建委', '区住建委', '区住建委')
    """
    bare = simplified(re.sub(r"[\s（）()〔〕]", "", name))
    league = re.match(r"(?:中国)?共青团(.*?)([省市区县州旗])(?:委员会|委)$|共青团([省市区县州旗])委", bare)
    if league:
        return f"团{league.group(2) or league.group(3)}委"
    for long, short in _CONTRACTIONS:
        bare = bare.replace(long, short)
    return re.sub(r"(?<=[\u4e00-\u9fff])[和与](?=[\u4e00-\u9fff])", "", bare)


@dataclass
class Body:
    """One responsible body of the plan: the name most used, and every spelling met."""

    id: str
    name: str
    kind: str
    aliases: list[str] = field(default_factory=list)
    full_name: str | None = None
    span: tuple[int, int] | None = None


def merge(names: list[tuple[str, str, tuple[int, int]]]) -> tuple[list[Body], dict[str, str]]:
    """Bodies in order of first mention, and the id of each spelling. `names`: (name, kind, span)."""
    counts = Counter(name for name, _, _ in names)
    groups: dict[str, list[tuple[str, str, tuple[int, int]]]] = {}
    for name, kind, span in names:
        groups.setdefault(stem(name), []).append((name, kind, span))
    bodies: list[Body] = []
    ids: dict[str, str] = {}
    for k, members in enumerate(groups.values(), 1):
        spellings = list(dict.fromkeys(name for name, _, _ in members))
        best = max(spellings, key=lambda name: (counts[name], -spellings.index(name)))
        body = Body(f"B{k:02d}", best, members[0][1], spellings, span=members[0][2])
        bodies.append(body)
        ids.update(dict.fromkeys(spellings, body.id))
    return bodies, ids


def full_names(bodies: list[Body], signatories: list[str]) -> None:
    """Set `full_name` where exactly one signatory contracts to the body's stem behind its place name."""
    stems = {name: stem(name) for name in signatories}
    for body in bodies:
        if body.kind != "body":
            continue
        tail = stem(body.name)
        hits = [name for name, whole in stems.items() if whole == tail or whole.endswith(tail)]
        if len(hits) == 1 and hits[0] not in body.aliases:
            body.full_name = hits[0]
