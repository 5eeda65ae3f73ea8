"""Specimens of the ledgers and the list of children."""

from __future__ import annotations

from datetime import date
from typing import Any

from .district import both, column


def ledgers() -> dict[str, Any]:
    rows = [
        (
            "困境儿童台账",
            "Children in difficulty",
            "按类别和等级，谁认定、何时复核、是否按期探访",
            "category and level, who decided, when it is reviewed, visits on time",
            1204,
            6,
            12,
        ),
        (
            "农村留守儿童台账",
            "Rural left-behind children",
            "父母去向、实际照料人、季度确认",
            "where the parents are, who cares, quarterly confirmation",
            5832,
            41,
            None,
        ),
        (
            "免疫规划漏种名册",
            "Missing vaccinations",
            "到期未种的儿童和剂次",
            "children and doses due and not given",
            614,
            614,
            None,
        ),
        (
            "0–6岁儿童健康管理名册",
            "Child health visits",
            "应查、已查、逾期，生长迟缓者",
            "wanted, done, late; faltering growth",
            21077,
            880,
            None,
        ),
    ]
    return {
        "ledgers": [
            {
                "title": both(zh, en),
                "what": both(wzh, wen),
                "href": "ledger.html",
                "count": n,
                "late": late,
                "review": review,
            }
            for zh, en, wzh, wen, n, late, review in rows
        ]
    }


def ledger() -> dict[str, Any]:
    columns = [
        column("child", "姓名", "Child", "person", sort="?sort=name"),
        column("village", "村（社区）", "Village", "place", sort="?sort=village", ordered="ascending"),
        column("born", "出生日期", "Born", "date"),
        column("category", "类别", "Category", "text"),
        column("level", "等级", "Level", "tag"),
        column("since", "认定日期", "Since", "date"),
        column("review", "复核期限", "Review by", "date"),
        column("visits", "今年探访", "Visits this year", "number", ("次", "times")),
        column("last", "最近探访", "Last visit", "date"),
        column("next", "下次期限", "Next by", "clock"),
        column("carer", "实际照料人", "Cares for the child", "text"),
        column("allowance", "补贴", "Allowance", "tag"),
    ]
    names = [
        ("小雨", "Xiaoyu"),
        ("大壮", "Dazhuang"),
        ("小满", "Xiaoman"),
        ("冬冬", "Dongdong"),
        ("阿朵", "Aduo"),
        ("石头", "Shitou"),
        ("春燕", "Chunyan"),
        ("小川", "Xiaochuan"),
        ("桂花", "Guihua"),
        ("星星", "Xingxing"),
        ("小禾", "Xiaohe"),
        ("安安", "An'an"),
        ("竹青", "Zhuqing"),
        ("水生", "Shuisheng"),
    ]
    villages = [
        ("车坝村", "Cheba"),
        ("筏子村", "Fazi"),
        ("后槽村", "Houcao"),
        ("梦冲塘村", "Mengchongtang"),
        ("新田村", "Xintian"),
        ("云峰村", "Yunfeng"),
    ]
    kinds = [
        ("父母无力监护", "parents unable to care"),
        ("事实无人抚养", "de facto unattended"),
        ("重残", "severe disability"),
        ("低保家庭", "family on minimum living allowance"),
        ("孤儿", "orphan"),
    ]
    levels = [("红", "red"), ("黄", "yellow"), ("绿", "green")]
    clocks = [
        {"state": "late", "days": -3, "on": date(2026, 11, 18), "fraction": 1},
        {"state": "soon", "days": 1, "on": date(2026, 11, 24), "fraction": 0.9},
        {"state": "running", "days": 5, "on": date(2026, 11, 30), "fraction": 0.7},
    ]
    carers = [("祖母", "grandmother"), ("祖父母", "grandparents"), ("姑妈", "aunt"), ("母亲", "mother")]
    rows = []
    for i, name in enumerate(names):
        rows.append(
            {
                "href": None,
                "cells": [
                    {"name": both(*name), "href": "child.html"},
                    {"name": both(*villages[i * 6 // 14]), "href": None},
                    date(2012 + (i * 5) % 13, 1 + (i * 7) % 12, 3 + i),
                    both(*kinds[i % 5]),
                    both(*levels[(i * 2) % 3]),
                    date(2025, 1 + i % 12, 12),
                    date(2026, 1 + i % 12, 12),
                    3 + (i * 5) % 8,
                    date(2026, 10, 2 + i),
                    clocks[i % 3 if i < 4 else 2],
                    both(*carers[i % 4]),
                    both("未领取", "not received") if i in (0, 5) else None,
                ],
            }
        )
    return {
        "ledger": {
            "title": both("困境儿童台账", "Ledger of children in difficulty"),
            "kicker": both("火炉镇", "Huolu"),
            "what": both(
                "由区民政局认定，动态管理：进、出、改等级都有依据。",
                "Decided by Civil Affairs: every entry, exit and change of level has its basis.",
            ),
            "export_href": "ledger.html",
            "number": None,
            "source": both(
                "来源：困境儿童认定决定及探访记录；武隆区民政局。",
                "Source: decisions and visit records; Wulong Civil Affairs.",
            ),
        },
        "trail": [{"label": both("台账", "Ledgers"), "href": "ledgers.html"}],
        "count": {"rows": 14, "of": 1204},
        "standing": [
            {"label": both("探访逾期", "visits late"), "value": 2, "state": "off"},
            {"label": both("待复核", "to review"), "value": 5, "state": "on_track"},
            {"label": both("在册", "in it"), "value": 14, "state": "met"},
        ],
        "filters": [
            {"id": "q", "label": both("姓名", "Name"), "type": "text", "value": "", "options": []},
            {
                "id": "place",
                "label": both("乡镇（街道）", "Township"),
                "type": "select",
                "value": "500156104",
                "options": [
                    {"code": "500156104", "label": both("火炉镇", "Huolu")},
                    {"code": "500156204", "label": both("沧沟乡", "Canggou")},
                ],
            },
            {
                "id": "level",
                "label": both("等级", "Level"),
                "type": "select",
                "value": "",
                "options": [
                    {"code": "red", "label": both("红", "red")},
                    {"code": "yellow", "label": both("黄", "yellow")},
                    {"code": "green", "label": both("绿", "green")},
                ],
            },
            {
                "id": "late",
                "label": both("探访", "Visits"),
                "type": "select",
                "value": "",
                "options": [{"code": "late", "label": both("逾期", "late")}],
            },
            {
                "id": "as_of",
                "label": both("截至", "As of"),
                "type": "date",
                "value": "2026-11-23",
                "options": [],
            },
        ],
        "active": [{"label": both("乡镇：火炉镇", "Township: Huolu"), "clear": "ledger.html"}],
        "as_of": date(2026, 11, 23),
        "columns": columns,
        "rows": rows,
        "tabs": [],
        "pages": {
            "number": 1,
            "last": 3,
            "count": 14,
            "first_row": 1,
            "last_row": 14,
            "previous": None,
            "next": "ledger.html",
        },
        "actions": [{"label": both("登记困境儿童", "Enter a child"), "href": "record.html"}],
    }


def ledger_empty() -> dict[str, Any]:
    return {**ledger(), "rows": [], "count": {"rows": 0, "of": 1204}, "pages": None, "standing": []}


def children() -> dict[str, Any]:
    """The list of children is a ledger too."""
    base = ledger()
    columns = [
        base["columns"][0],
        base["columns"][1],
        base["columns"][2],
        column("due", "最急一项", "Most urgent", "text"),
        column("status", "状态", "Status", "due"),
        column("on", "应于", "Due", "date"),
    ]
    urgent = [
        ("麻腮风疫苗 第1剂", "MMR dose 1", "overdue"),
        ("24月龄健康检查", "24-month visit", "due"),
        ("百白破疫苗 第4剂", "DTaP dose 4", "due"),
        ("—", "—", "done"),
    ]
    rows = [
        {
            "href": None,
            "cells": [*row["cells"][:3], both(*urgent[i % 4][:2]), urgent[i % 4][2], date(2026, 11, 3 + i)],
        }
        for i, row in enumerate(base["rows"])
    ]
    return {
        **base,
        "ledger": {
            **base["ledger"],
            "title": both("儿童", "Children"),
            "kicker": both("火炉镇", "Huolu"),
            "what": both(
                "输入姓名，或按村、年龄、是否逾期查找。",
                "Search by name, or by village, age and what is late.",
            ),
        },
        "trail": [],
        "columns": columns,
        "rows": rows,
        "count": {"rows": 1862, "of": None},
        "pages": {
            "number": 2,
            "last": 38,
            "count": 1862,
            "first_row": 51,
            "last_row": 100,
            "previous": "children.html",
            "next": "children.html",
        },
    }
