"""Specimens of a child's file."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from .district import AS_OF, SHANGHAI, both

# WHO Child Growth Standards 2006, weight for age of girls, kg, every second month from birth to 24 months.
_WEIGHT = {
    -3: [2.0, 3.4, 4.4, 5.1, 5.6, 5.9, 6.3, 6.6, 6.9, 7.2, 7.5, 7.8, 8.1],
    -2: [2.4, 3.9, 5.0, 5.7, 6.3, 6.7, 7.0, 7.4, 7.7, 8.1, 8.4, 8.7, 9.0],
    -1: [2.8, 4.5, 5.7, 6.5, 7.0, 7.5, 7.9, 8.3, 8.7, 9.1, 9.4, 9.8, 10.2],
    0: [3.2, 5.1, 6.4, 7.3, 8.0, 8.5, 8.9, 9.4, 9.8, 10.2, 10.6, 11.1, 11.5],
    1: [3.7, 5.8, 7.3, 8.3, 9.0, 9.6, 10.1, 10.6, 11.1, 11.6, 12.1, 12.5, 13.0],
    2: [4.2, 6.6, 8.2, 9.3, 10.2, 10.9, 11.5, 12.1, 12.6, 13.2, 13.7, 14.3, 14.8],
    3: [4.8, 7.5, 9.3, 10.6, 11.6, 12.4, 13.1, 13.8, 14.5, 15.1, 15.7, 16.4, 17.0],
}


DUE_BECAUSE: dict[str, Any] = {
    "text": both(
        "满8月龄起接种麻腮风疫苗第1剂，至12月龄前完成；此前无有效记录，故为逾期。",
        "MMR dose 1 from 8 months, to be given before 12 months. No valid record is on file, so it is overdue.",
    ),
    "facts": [
        {"name": both("出生日期", "Born"), "value": "2025-01-15"},
        {"name": both("麻腮风有效剂次", "Valid MMR doses"), "value": "0"},
        {"name": both("撤销的记录", "Withdrawn record"), "value": "2025-09-20", "href": "record.html"},
    ],
    "arithmetic": [
        both(
            "2025-01-15 + 8个月 = 2025-09-15；2025-01-15 + 12个月 = 2026-01-15 < 2026-11-23",
            "2025-01-15 + 8 months = 2025-09-15; 2025-01-15 + 12 months = 2026-01-15 < 2026-11-23",
        )
    ],
    "source": "国疾控卫免发〔2026〕16号",
    "article": both("附件1", "annex 1"),
    "rule": "immunization.MMR_1",
    "confidence": "verified-multi",
    "effective_from": date(2026, 6, 17),
}


PLACE = {"name": both("车坝村", "Cheba village"), "within": both("火炉镇", "Huolu"), "href": "ledger.html"}


SUBJECT = {
    "name": both("小雨", "Xiaoyu"),
    "href": "child.html",
    "note": both("女，1岁10个月，车坝村", "girl, 1 year 10 months, Cheba"),
}


def growth() -> dict[str, Any]:
    measured = [
        (0, 3.1, date(2025, 1, 15), -0.23),
        (1, 3.9, date(2025, 2, 16), -0.46),
        (3, 5.4, date(2025, 4, 17), -0.57),
        (6, 6.8, date(2025, 7, 18), -0.58),
        (8, 7.2, date(2025, 9, 16), -0.83),
        (12, 7.9, date(2026, 1, 19), -1.05),
        (18, 8.5, date(2026, 7, 20), -1.71),
    ]
    return {
        "title": both("年龄别体重（女）", "Weight for age, girls"),
        "y_label": both("体重 kg", "weight, kg"),
        "standard": both(
            "世界卫生组织儿童生长标准（2006），曲线为−3至+3个标准差；阴影为±1、±2。",
            "WHO Child Growth Standards (2006). Curves from −3 to +3 SD; shaded ±1 and ±2.",
        ),
        "bands": {sd: list(zip(range(0, 25, 2), row, strict=True)) for sd, row in _WEIGHT.items()},
        "points": [{"months": m, "value": v, "on": on, "z": z} for m, v, on, z in measured],
    }


def life() -> dict[str, Any]:
    def done(on: date, zh: str, en: str, state: str = "done") -> dict[str, Any]:
        return {"on": on, "state": state, "said": both(f"{on:%Y-%m-%d} {zh}", f"{on:%Y-%m-%d} {en}")}

    def span(start: date, end: date, state: str, zh: str, en: str) -> dict[str, Any]:
        return {"start": start, "end": end, "state": state, "said": both(zh, en)}

    end = date(2027, 7, 15)
    return {
        "start": date(2025, 1, 15),
        "end": end,
        "as_of": AS_OF,
        "lanes": [
            {
                "name": both("乙肝", "HepB"),
                "spans": [],
                "events": [
                    done(date(2025, 1, 15), "乙肝1", "HepB 1"),
                    done(date(2025, 2, 16), "乙肝2", "HepB 2"),
                    done(date(2025, 7, 18), "乙肝3", "HepB 3"),
                ],
            },
            {
                "name": both("百白破", "DTaP"),
                "spans": [span(date(2026, 7, 15), date(2027, 1, 15), "due", "百白破4 应种", "DTaP 4 due")],
                "events": [
                    done(date(2025, 3, 17), "百白破1", "DTaP 1"),
                    done(date(2025, 5, 20), "百白破2", "DTaP 2"),
                    done(date(2025, 8, 29), "百白破3", "DTaP 3", "late"),
                ],
            },
            {
                "name": both("麻腮风", "MMR"),
                "spans": [
                    span(date(2025, 9, 15), date(2026, 1, 15), "due", "麻腮风1 应种", "MMR 1 due"),
                    span(date(2026, 1, 15), AS_OF, "overdue", "麻腮风1 逾期", "MMR 1 overdue"),
                ],
                "events": [done(date(2025, 9, 20), "麻腮风1：已撤销", "MMR 1: withdrawn", "invalid")],
            },
            {
                "name": both("健康检查", "Health visits"),
                "spans": [
                    span(date(2027, 1, 15), date(2027, 4, 15), "upcoming", "24月龄检查", "24-month visit")
                ],
                "events": [
                    done(d, "健康检查", "visit")
                    for d in (
                        date(2025, 2, 16),
                        date(2025, 4, 17),
                        date(2025, 7, 18),
                        date(2025, 9, 16),
                        date(2026, 1, 19),
                    )
                ]
                + [done(date(2026, 7, 20), "18月龄检查", "18-month visit", "late")],
            },
            {
                "name": both("困境儿童探访", "Visits"),
                "spans": [
                    span(date(2026, 4, 2), end, "open", "困境儿童（黄）", "In difficulty (yellow)"),
                    span(date(2026, 11, 2), date(2026, 11, 30), "due", "本月探访", "this month's visit"),
                ],
                "events": [done(date(2026, m, 12), "入户探访", "home visit") for m in (5, 7, 8, 9, 10)],
            },
            {
                "name": both("留守", "Left behind"),
                "spans": [span(date(2025, 9, 1), end, "open", "父母双方外出", "both parents away")],
                "events": [
                    done(date(2025, 9, 3), "季度确认", "quarterly confirmation", "note"),
                    done(date(2026, 3, 5), "季度确认", "quarterly confirmation", "note"),
                ],
            },
        ],
    }


def due() -> list[dict[str, Any]]:
    def one(
        zh: str,
        en: str,
        pathway: tuple[str, str],
        status: str,
        earliest: date | None,
        due_on: date | None,
        late: date | None,
        because: Any = None,
        ends: date | None = None,
    ) -> dict[str, Any]:
        return {
            "name": both(zh, en),
            "pathway": both(*pathway),
            "status": status,
            "earliest": earliest,
            "due": due_on,
            "overdue_after": late,
            "expires": ends,
            "because": because,
            "record_href": "record.html" if status in ("overdue", "due") else None,
        }

    immunization, visits, hardship = (
        ("免疫规划", "Immunization"),
        ("0–6岁儿童健康管理", "Child health visits"),
        ("困境儿童探访", "Hardship visits"),
    )
    return [
        one(
            "麻腮风疫苗 第1剂",
            "MMR dose 1",
            immunization,
            "overdue",
            date(2025, 9, 15),
            date(2025, 9, 15),
            date(2026, 1, 15),
            DUE_BECAUSE,
        ),
        one(
            "百白破疫苗 第4剂",
            "DTaP dose 4",
            immunization,
            "due",
            date(2026, 7, 15),
            date(2026, 7, 15),
            date(2027, 1, 15),
            {
                **DUE_BECAUSE,
                "facts": [],
                "arithmetic": [],
                "text": both("满18月龄接种第4剂。", "Dose 4 at 18 months."),
            },
        ),
        one(
            "11月入户探访",
            "November home visit",
            hardship,
            "due",
            date(2026, 11, 1),
            date(2026, 11, 12),
            date(2026, 11, 30),
            {
                **DUE_BECAUSE,
                "facts": [],
                "arithmetic": [],
                "confidence": "recalled",
                "text": both("黄色等级每月探访一次。", "Level yellow: one visit a month."),
                "source": "困境儿童分类保障",
                "article": None,
                "effective_from": None,
            },
        ),
        one("麻腮风疫苗 第2剂", "MMR dose 2", immunization, "waiting", None, None, None),
        one(
            "24月龄健康检查",
            "Health visit at 24 months",
            visits,
            "upcoming",
            date(2027, 1, 15),
            date(2027, 1, 15),
            date(2027, 4, 15),
        ),
        one(
            "乙脑减毒活疫苗 第1剂",
            "JE-L dose 1",
            immunization,
            "refused",
            date(2025, 9, 15),
            date(2025, 9, 15),
            date(2026, 1, 15),
            None,
            date(2031, 1, 15),
        ),
    ]


def child() -> dict[str, Any]:
    return {
        "child": {
            "name": "小雨",
            "sex": both("女", "girl"),
            "birth_date": date(2025, 1, 15),
            "age": both("1岁10个月", "1 year 10 months"),
            "place": PLACE,
            "id_masked": "5001••••••••••••26",
            "died_on": None,
            "uid": "c-7Qm2",
        },
        "trail": [
            {"label": both("儿童", "Children"), "href": "children.html"},
            {"label": both("车坝村", "Cheba"), "href": "children.html"},
        ],
        "standing": {
            "overdue": 1,
            "due": 2,
            "next": {"name": both("24月龄健康检查", "24-month health visit"), "on": date(2027, 1, 15)},
        },
        "record_links": [
            {"label": both("记录接种", "Record a dose"), "href": "record.html"},
            {"label": both("记录探访", "Record a visit"), "href": "record_errors.html"},
        ],
        "other_links": [{"label": both("登记：委托照护", "Record: Entrusted care"), "href": "record.html"}],
        "due": due(),
        "life": life(),
        "growth": [growth()],
        "growth_tabs": [
            {"label": both("体重", "Weight"), "href": "child.html", "current": True, "count": None},
            {"label": both("身长", "Length"), "href": "child.html", "current": False, "count": None},
            {"label": both("头围", "Head"), "href": "child.html", "current": False, "count": None},
        ],
        "entries": [
            {
                "on": date(2026, 11, 20),
                "title": both("麻腮风第1剂记录撤销", "MMR dose 1 withdrawn"),
                "note": both(
                    "录入有误：批号与本人不符。原记录保留。",
                    "Entered in error: the lot belongs to another child. The record is kept.",
                ),
                "by": both("冉医生", "Dr. Ran"),
                "place": both("火炉镇卫生院", "Huolu township hospital"),
                "state": "invalid",
                "tag": both("撤销", "withdrawn"),
                "because": None,
                "href": "record.html",
            },
            {
                "on": date(2026, 10, 12),
                "title": both("入户探访", "Home visit"),
                "note": both(
                    "祖母照料，生活、学习正常；父亲春节返乡。",
                    "Grandmother cares for her; living and health fine. Father home at Spring Festival.",
                ),
                "by": both("陈主任", "Director Chen"),
                "place": both("车坝村", "Cheba village"),
                "state": "done",
                "tag": None,
                "because": None,
                "href": "record.html",
            },
            {
                "on": date(2026, 7, 20),
                "title": both("18月龄健康检查", "Health visit at 18 months"),
                "note": both(
                    "体重8.5 kg（z −1.71），较12月龄下降0.66个标准差，建议3个月内复查。",
                    "8.5 kg (z −1.71), down 0.66 SD since 12 months; look again within 3 months.",
                ),
                "by": both("冉医生", "Dr. Ran"),
                "place": both("火炉镇卫生院", "Huolu township hospital"),
                "state": "late",
                "tag": both("逾期完成", "done late"),
                "because": {
                    **DUE_BECAUSE,
                    "text": both(
                        "应在2026-07-15当天至次日完成，迟5天。", "Wanted by 2026-07-15; 5 days late."
                    ),
                    "facts": [],
                    "arithmetic": [],
                },
                "href": "record.html",
            },
            {
                "on": date(2026, 4, 2),
                "title": both("列入困境儿童台账（黄）", "Entered in the hardship ledger (yellow)"),
                "note": both(
                    "决定：区民政局，复核期12个月。", "Decided by Civil Affairs; review in 12 months."
                ),
                "by": both("刘科长", "Ms. Liu"),
                "place": None,
                "state": "note",
                "tag": both("决定", "decision"),
                "because": None,
                "href": None,
            },
            {
                "on": date(2025, 1, 15),
                "title": both("出生，乙肝疫苗第1剂", "Born; HepB dose 1"),
                "note": both("体重3.1 kg，孕39周", "3.1 kg, 39 weeks"),
                "by": None,
                "place": both("区妇幼保健院", "District maternity hospital"),
                "state": "done",
                "tag": None,
                "because": None,
                "href": None,
            },
        ],
        "statuses": [
            {
                "scheme": both("困境儿童", "In difficulty"),
                "code": both("父母无力监护（黄）", "parents unable to care (yellow)"),
                "since": date(2026, 4, 2),
                "until": None,
                "review_due": date(2027, 4, 2),
                "decided_by": both("区民政局", "Civil Affairs"),
                "because": {
                    **DUE_BECAUSE,
                    "text": both(
                        "父亲长期外出，母亲重病；由祖父母照料。",
                        "Father away for work, mother seriously ill; grandparents care for her.",
                    ),
                    "facts": [],
                    "arithmetic": [],
                    "rule": "hardship.H2c",
                },
            },
            {
                "scheme": both("留守儿童", "Left behind"),
                "code": both("一方外出、另一方无监护能力", "one away, the other unable"),
                "since": date(2025, 9, 1),
                "until": None,
                "review_due": None,
                "decided_by": both("火炉镇", "Huolu township"),
                "because": None,
            },
        ],
        "guardians": [
            {
                "person": {
                    "name": both("李奶奶", "Grandmother Li"),
                    "note": both("62岁", "62"),
                    "href": None,
                },
                "kind": both("祖母，实际照料", "grandmother, cares for her"),
                "guardian": False,
                "since": date(2025, 9, 1),
                "state": None,
            },
            {
                "person": {"name": both("李强", "Li Qiang"), "note": None, "href": None},
                "kind": both("父亲", "father"),
                "guardian": True,
                "since": date(2025, 1, 15),
                "state": both("外出务工", "away for work"),
            },
        ],
        "entitled": [
            {
                "name": both("困境儿童基本生活补贴", "Basic living allowance"),
                "answer": "yes",
                "received": False,
                "needs": [],
                "because": {
                    **DUE_BECAUSE,
                    "text": both(
                        "已认定为困境儿童，尚无发放记录。",
                        "Recognized as in difficulty; no payment on record.",
                    ),
                    "facts": [],
                    "arithmetic": [],
                },
            },
            {
                "name": both("残疾儿童康复救助", "Rehabilitation aid"),
                "answer": "unknown",
                "received": None,
                "needs": [both("残疾类别", "type of disability"), both("诊断证明", "diagnosis")],
                "because": None,
            },
        ],
        "readers": [
            {
                "at": datetime(2026, 11, 23, 9, 12, tzinfo=SHANGHAI),
                "who": both("冉医生，火炉镇卫生院", "Dr. Ran, Huolu hospital"),
                "what": both("档案", "file"),
                "purpose": both("预防接种", "vaccination"),
            },
            {
                "at": datetime(2026, 11, 20, 16, 40, tzinfo=SHANGHAI),
                "who": both("陈主任，车坝村", "Director Chen, Cheba"),
                "what": both("档案", "file"),
                "purpose": both("探访", "visit"),
            },
        ],
        "readers_href": "audit.html",
    }


def child_new() -> dict[str, Any]:
    """A file just opened: nothing recorded yet, and a reader who may not write."""
    base = child()
    return {
        **base,
        "due": [],
        "entries": [],
        "growth": [],
        "growth_tabs": [],
        "statuses": [],
        "guardians": [],
        "entitled": [],
        "record_links": [],
        "standing": {"overdue": 0, "due": 0, "next": None},
        "life": {**base["life"], "lanes": [{"name": both("乙肝", "HepB"), "spans": [], "events": []}]},
    }
