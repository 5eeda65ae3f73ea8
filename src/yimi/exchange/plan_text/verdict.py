"""Whether a text is a plan at all, and if not, what it seems to be."""

from __future__ import annotations

import re
from dataclasses import dataclass

from yimi.exchange.plan_text.measures import Reading
from yimi.exchange.plan_text.notice import Frame
from yimi.exchange.plan_text.source import Notice, Source, simplified

_EXPLAINER_TITLE = re.compile(r"解读|图解|一图读懂|一图看懂|问答|答记者问|政策说明|起草说明|编制说明|速览")
_EXPLAINER_CHAPTER = re.compile(
    r"(?:出台|起草|制定|编制|政策|文件)(?:的)?(?:背景|过程|依据|目的|意义)|主要(?:内容|特点|亮点|考虑)|(?:政策|特色)?(?:亮点|特色)|创新举措|"
    r"关键词解?释?|名词解释|解读(?:机关|单位|人)|新旧政策|适用对象|政策咨询"
)
_ABOUT = re.compile(
    r"[《\"](?:[^《》\"]{0,50}(?:方案|计划|意见|措施|规划|纲要))[》\"](?:中)?(?:还|也|特别|进一步)?(?:提出|明确|指出|要求|强调|规定|显示|从|共|包括|围绕|聚焦|分为|由)"
)
_NEWS = re.compile(
    r"本报讯|本报记者|新华社|讯\(|通讯员|记者[\u4e00-\u9fff]{2,4}|\(记者|责任编辑|责编|据悉|据了解|据介绍|日电|来源:|编辑:|点击量|阅读量|原标题"
)
_OTHER_TITLE = re.compile(
    r"(?:总结|汇报|简报|讲话|公告|公示|名单|答复|复函|提案|招聘|会议纪要|工作报告|新闻|致辞|倡议书|调研报告|情况报告|情况通报)(?:\(.*\))?$"
)
_REGULATION = re.compile(r"(?:^|\n)第[一二三四五六七八九十百\d]{1,4}条")
_BARE_NOTICE = re.compile(r"现(?:将)?.{0,60}(?:印发|转发|下发).{0,10}(?:给)?你们|现印发")


@dataclass(frozen=True)
class Verdict:
    """`is_plan` with one sentence of reason in Chinese for a text that is none."""

    is_plan: bool
    reason: str
    kind: str


def judge(source: Source, frame: Frame, readings: list[Reading], notices: list[Notice]) -> Verdict:
    shadow = source.shadow
    measures = sum(len(r.measures) for r in readings)
    clauses = sum(r.clause_count for r in readings)
    mojibake = [n for n in notices if n.code in ("mojibake", "replacement_char")]
    if not measures and (len(mojibake) >= 5 or any("全文" in n.message for n in mojibake)):
        return _no("mojibake", "全文是乱码，读不出条目；请用原始编码重新保存后再读入。")
    head = "\n".join(shadow[:600].split("\n")[:8])[:400]
    kind = _other_kind(shadow, head, frame, readings, clauses)
    if kind:
        return kind
    titled = any(d.kind for d in frame.documents)
    if measures >= 2 and (clauses >= 1 or titled or _looks_ordered(readings)):
        return Verdict(True, "", "plan")
    if measures == 1 and clauses >= 1 and titled:
        return Verdict(True, "", "plan")
    if _BARE_NOTICE.search(shadow) or "关于印发" in head:
        return _no("bare_notice", "这是一份通知，正文没有附方案；请提供附件中的方案全文。")
    return _no("no_outline", "没有读到成体系的编号条目，不像一份方案。")


def _no(kind: str, reason: str) -> Verdict:
    return Verdict(False, reason, kind)


def _looks_ordered(readings: list[Reading]) -> bool:
    """A plan that lost its title: several chapters with items under them."""
    return any(len(r.chapters) >= 2 and len(r.measures) >= 4 for r in readings)


def _other_kind(
    shadow: str, head: str, frame: Frame, readings: list[Reading], clauses: int
) -> Verdict | None:
    chapters = [simplified(c.title) for r in readings for c in r.chapters]
    first_line = next((line for line in head.split("\n") if len(line) >= 4), "")
    explained = sum(bool(_EXPLAINER_CHAPTER.search(title)) for title in chapters)
    about = len(_ABOUT.findall(shadow))
    titles = [first_line, *(simplified(d.title or "") for d in frame.documents)]
    enough = clauses >= 3 and any(d.title_span for d in frame.documents)
    if not enough:
        if any(_EXPLAINER_TITLE.search(t) for t in titles) or _EXPLAINER_TITLE.search(head[:120]):
            return _no("explainer", "这是政策解读或说明，不是方案本身；请提供方案全文。")
        if len(re.findall(r"(?:^|\n)问[:]", shadow)) >= 2:
            return _no("explainer", "这是问答形式的政策解读，不是方案本身；请提供方案全文。")
        if explained >= 2 or (explained and about >= 1) or (about >= 3 and clauses == 0):
            return _no("explainer", "文字在介绍另一份方案（政策解读），不是方案本身；请提供方案全文。")
    if clauses < 3:
        news = len(_NEWS.findall(shadow[:3000])) + len(_NEWS.findall(shadow[-400:]))
        if (
            (news >= 2 and not frame.documents)
            or (news >= 1 and not chapters)
            or (news >= 2 and about >= 1)
            or (news >= 3 and clauses == 0)
        ):
            return _no("news", "这是新闻报道，不是方案；请提供方案全文。")
        if any(_OTHER_TITLE.search(t) for t in titles) or re.search(r"^同志们[:!]", shadow, re.M):
            return _no("other_document", "这是总结、公告或讲话一类的文件，不是方案。")
        if len(_REGULATION.findall(shadow)) >= 3:
            return _no("regulation", "这是按条款编写的办法或条例，不是分解任务的方案。")
    return None
