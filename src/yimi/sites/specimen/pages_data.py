"""Specimens of imports, pack and audit."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from .district import SHANGHAI, TURN, both, column


def imports() -> dict[str, Any]:
    kinds = [
        (
            "children",
            "儿童名册",
            "Children",
            "姓名、性别、出生日期、身份证号、村（社区）",
            "name, sex, birth date, ID number, village",
        ),
        (
            "dose",
            "接种记录",
            "Doses",
            "姓名或身份证号、疫苗、接种日期、批号",
            "name or ID number, vaccine, date, lot",
        ),
        (
            "health_visit",
            "健康检查记录",
            "Health visits",
            "姓名或身份证号、检查日期、体重、身长",
            "name or ID number, date, weight, length",
        ),
    ]
    by = both("冉医生", "Dr. Ran")
    return {
        "kinds": [
            {"code": c, "label": both(zh, en), "columns": both(czh, cen), "template_href": "imports.html"}
            for c, zh, en, czh, cen in kinds
        ],
        "upload": {"action": "import_running.html", "errors": [], "kind": "dose"},
        "runs": [
            {
                "href": "import_running.html",
                "name": "火炉镇11月接种.xlsx",
                "kind": both("接种记录", "Doses"),
                "at": datetime(2026, 11, 23, 9, 2, tzinfo=SHANGHAI),
                "by": by,
                "state": "running",
                "rows": 1840,
                "accepted": 1210,
                "refused": 0,
                "done_share": 0.66,
            },
            {
                "href": "import_refused.html",
                "name": "新生儿名册(终)2.xls",
                "kind": both("儿童名册", "Children"),
                "at": datetime(2026, 11, 20, 15, 31, tzinfo=SHANGHAI),
                "by": by,
                "state": "refused",
                "rows": 126,
                "accepted": 119,
                "refused": 7,
                "done_share": 1,
            },
            {
                "href": "import_done.html",
                "name": "火炉镇10月体检.csv",
                "kind": both("健康检查记录", "Health visits"),
                "at": datetime(2026, 11, 2, 10, 17, tzinfo=SHANGHAI),
                "by": by,
                "state": "done",
                "rows": 233,
                "accepted": 233,
                "refused": 0,
                "done_share": 1,
            },
        ],
    }


def imports_empty() -> dict[str, Any]:
    base = imports()
    return {
        **base,
        "runs": [],
        "upload": {
            **base["upload"],
            "errors": [
                {
                    "field": "file",
                    "text": both(
                        "这个文件打不开：不是Excel或CSV", "This file cannot be opened: neither Excel nor CSV"
                    ),
                }
            ],
        },
    }


def import_refused() -> dict[str, Any]:
    reasons = [
        (
            "身份证号被Excel改成了科学计数法，末几位已丢失；请把该列设为文本后重填",
            "Excel turned the ID number into scientific notation and lost digits; make the column text and fill it in again",
            4,
        ),
        ("出生日期晚于上报日期", "The birth date is after the day of the report", 2),
        ("没有这个村（社区）；是否为“车坝村”", "No such village; did you mean 车坝村?", 1),
    ]
    columns = ["身份证号", "身份证号", "出生日期", "村（社区）", "身份证号", "出生日期", "身份证号"]
    which = [0, 0, 1, 2, 0, 1, 0]
    return {
        "run": {
            **imports()["runs"][1],
            "encoding": "GB18030",
            "sheet": "Sheet1",
            "head_line": 3,
            "duplicates": 2,
            "done_rows": 126,
        },
        "trail": [{"label": both("数据", "Data"), "href": "imports.html"}],
        "reading": [
            both("第1–2行为标题，第3行为表头", "Lines 1–2 are titles, line 3 is the head"),
            both("第130行为合计，未读", "Line 130 is a total and was not read"),
            both("日期写法有4种，均已识别", "Dates are written in 4 ways; all were read"),
            both("2行与已有记录相同，不重复计入", "2 rows are on file already and are not counted twice"),
        ],
        "refused": [
            {"line": 4 + i * 11, "column": columns[i], "reason": both(*reasons[w][:2])}
            for i, w in enumerate(which)
        ],
        "refused_more": 0,
        "reasons": [{"reason": both(zh, en), "count": n} for zh, en, n in reasons],
        "report_href": "import_refused.html",
        "again_href": "imports.html",
        "result_href": None,
    }


def import_running() -> dict[str, Any]:
    return {
        **import_refused(),
        "run": {
            **imports()["runs"][0],
            "encoding": None,
            "sheet": None,
            "head_line": 1,
            "duplicates": None,
            "done_rows": 1210,
        },
        "reading": [],
        "refused": [],
        "reasons": [],
        "report_href": None,
    }


def import_done() -> dict[str, Any]:
    return {
        **import_refused(),
        "run": {
            **imports()["runs"][2],
            "encoding": "UTF-8",
            "sheet": None,
            "head_line": 1,
            "duplicates": 0,
            "done_rows": 233,
        },
        "refused": [],
        "reasons": [],
        "report_href": None,
        "result_href": "children.html",
    }


def pack() -> dict[str, Any]:
    counts = [
        ("措施", "measures", 35),
        ("责任部门", "bodies", 25),
        ("责任分工", "assignments", 170),
        ("目标", "targets", 22),
        ("里程碑", "milestones", 7),
        ("工具", "instruments", 204),
        ("乡镇（街道）", "townships", 26),
        ("村（社区）", "villages", 214),
        ("路径", "pathways", 3),
        ("表单", "forms", 16),
        ("指标", "indicators", 31),
        ("权益", "entitlements", 6),
        ("测试儿童", "test children", 48),
    ]
    return {
        "pack": {
            "name": both("武隆方案包", "Wulong pack"),
            "version": "2026.11",
            "fingerprint": "wulong-7f3a92c1",
            "effective_from": date(2026, 11, 1),
            "extends": [both("国家规范包 china 2026.11", "china 2026.11")],
            "checked_at": TURN,
        },
        "trail": [],
        "counts": [{"label": both(zh, en), "value": n, "href": "pack.html"} for zh, en, n in counts],
        "tabs": [
            {"label": both(zh, en), "href": "pack.html", "current": i == 0, "count": n}
            for i, (zh, en, n) in enumerate(
                [
                    ("来源与未确认", "Sources, unconfirmed", 3),
                    ("路径", "Pathways", 3),
                    ("表单", "Forms", 16),
                    ("指标", "Indicators", 31),
                    ("角色", "Roles", 9),
                ]
            )
        ],
        "unconfirmed": [
            {
                "name": both("黄色等级每月探访", "Level yellow: monthly visit"),
                "kind": both("步骤", "step"),
                "id": "hardship.visit_yellow",
                "source": "困境儿童分类保障工作惯例",
                "confidence": "recalled",
                "blocks": both("不产生逾期提醒和任务", "raises no alert and no task"),
                "file": "packs/china/pathways/hardship.yaml:41",
            },
            {
                "name": both("儿科医师统计年龄0–14岁", "Pediatricians per children aged 0–14"),
                "kind": both("指标", "indicator"),
                "id": "pediatricians_per_1000",
                "source": "统计惯例",
                "confidence": "recalled",
                "blocks": both("状态灯只显示为在轨或无数据", "its light stays at on track or no data"),
                "file": "packs/wulong/indicators/T17.yaml:9",
            },
            {
                "name": both("临时监护期不超过1年", "Temporary guardianship at most a year"),
                "kind": both("参数", "parameter"),
                "id": "temporary_guardianship",
                "source": "单一来源",
                "confidence": "single-source",
                "blocks": both("提醒附注“待确认”", "alerts carry the mark “to be confirmed”"),
                "file": "packs/china/parameters/guardianship.yaml:3",
            },
        ],
        "sources": [
            {
                "source": both("武隆发改发〔2022〕159号", "武隆发改发〔2022〕159号"),
                "declarations": 298,
                "confidence": "verified-text",
                "in_force": date(2022, 5, 24),
            },
            {
                "source": both("国疾控卫免发〔2026〕16号", "国疾控卫免发〔2026〕16号"),
                "declarations": 30,
                "confidence": "verified-multi",
                "in_force": date(2026, 6, 17),
            },
            {
                "source": both("《中华人民共和国未成年人保护法》", "Law on the Protection of Minors"),
                "declarations": 12,
                "confidence": "verified-law",
                "in_force": date(2021, 6, 1),
            },
        ],
        "declarations": None,
        "kind": None,
        "declaration": None,
        "problems": [],
    }


def pack_declaration() -> dict[str, Any]:
    """One declaration opened, and a pack that does not pass its checks."""
    columns = [
        column("name", "路径", "Pathway", "text"),
        column("id", "编号", "Id", "text"),
        column("steps", "步骤", "Steps", "number"),
        column("file", "文件", "File", "text"),
    ]
    text = "name: {zh: 免疫规划, en: Immunization}\nmeasures: [M09]\nsensitivity: health\napplies_when: age_years < 18\nsteps:\n  - id: MMR_1\n    name: {zh: 麻腮风疫苗 第1剂, en: MMR dose 1}\n    form: dose\n    satisfied_by: vaccine = 'MMR'\n    earliest: birth_date + interval 8 month\n    overdue_after: birth_date + interval 12 month\n"
    return {
        **pack(),
        "unconfirmed": [],
        "sources": [],
        "kind": both("路径", "Pathways"),
        "declarations": {
            "columns": columns,
            "rows": [
                {
                    "href": "pack_declaration.html",
                    "cells": [
                        both("免疫规划", "Immunization"),
                        "immunization",
                        30,
                        "packs/china/pathways/immunization.yaml",
                    ],
                }
            ],
        },
        "declaration": {
            "name": both("免疫规划", "Immunization"),
            "id": "immunization",
            "kind": both("路径", "Pathway"),
            "file": "packs/china/pathways/immunization.yaml",
            "text": text,
            "source": "国疾控卫免发〔2026〕16号",
            "confidence": "verified-multi",
            "effective_from": date(2026, 6, 17),
            "rules": [
                {
                    "label": both("适用于", "Applies when"),
                    "text": "age_years < 18",
                    "words": both("未满18周岁的儿童", "children under 18"),
                },
                {
                    "label": both("麻腮风第1剂 最早", "MMR dose 1, earliest"),
                    "text": "birth_date + interval 8 month",
                    "words": both("满8月龄当日起", "from the day the child is 8 months old"),
                },
            ],
        },
        "problems": [
            {
                "file": "packs/wulong/indicators/T17.yaml",
                "line": 9,
                "text": "unknown name 'pediatrition'; did you mean 'pediatrician'?",
                "severity": "error",
            }
        ],
    }


def audit() -> dict[str, Any]:
    columns = [
        column("seq", "序号", "No.", "number"),
        column("at", "时间", "When", "date"),
        column("who", "人员", "Who", "text"),
        column("role", "角色", "Role", "text"),
        column("action", "动作", "Action", "tag"),
        column("what", "对象", "What", "text"),
        column("purpose", "目的", "Purpose", "text"),
        column("hash", "校验", "Seal", "text"),
    ]
    who = [
        ("冉医生", "Dr. Ran", "接种医生", "vaccinator"),
        ("陈主任", "Director Chen", "村儿童主任", "child director"),
        ("刘科长", "Ms. Liu", "民政", "civil affairs"),
    ]
    what = [
        ("读取", "read", "儿童档案 c-7Qm2", "child file c-7Qm2", "预防接种", "vaccination"),
        ("写入", "write", "接种记录", "dose record", "", ""),
        ("读取", "read", "困境儿童台账（14行）", "hardship ledger (14 rows)", "探访", "visit"),
        ("导出", "export", "困境儿童台账（14行）", "hardship ledger (14 rows)", "督办", "supervision"),
    ]
    rows = []
    for i in range(12):
        zh, en, rzh, ren = who[i % 3]
        azh, aen, wzh, wen, pzh, pen = what[i % 4]
        rows.append(
            {
                "href": None,
                "cells": [
                    48213 - i,
                    datetime(2026, 11, 23, 9, 12 - i % 10, tzinfo=SHANGHAI),
                    both(zh, en),
                    both(rzh, ren),
                    both(azh, aen),
                    both(wzh, wen),
                    both(pzh, pen),
                    f"{(48213 - i) * 2654435761 % 2**32:08x}",
                ],
            }
        )
    return {
        "chain": {
            "ok": True,
            "rows": 48213,
            "checked_at": TURN,
            "first_bad": None,
            "head": "9c41e07b",
            "verify": "audit.html",
        },
        "standing": {"reads_today": 182, "writes_today": 61, "break_glass": 0},
        "filters": [
            {"id": "who", "label": both("人员", "Who"), "type": "text", "value": "", "options": []},
            {
                "id": "action",
                "label": both("动作", "Action"),
                "type": "select",
                "value": "",
                "options": [
                    {"code": "read", "label": both("读取", "read")},
                    {"code": "write", "label": both("写入", "write")},
                ],
            },
            {"id": "on", "label": both("日期", "Day"), "type": "date", "value": "2026-11-23", "options": []},
        ],
        "active": [],
        "columns": columns,
        "rows": rows,
        "pages": {
            "number": 1,
            "last": 965,
            "count": 48213,
            "first_row": 1,
            "last_row": 50,
            "previous": None,
            "next": "audit.html",
        },
        "unusual": [
            {"text": both("1次紧急查阅待复查", "1 break-glass reading to review"), "href": "audit.html"}
        ],
    }


def audit_broken() -> dict[str, Any]:
    base = audit()
    return {**base, "chain": {**base["chain"], "ok": False, "first_bad": 31877}, "rows": [], "unusual": []}
