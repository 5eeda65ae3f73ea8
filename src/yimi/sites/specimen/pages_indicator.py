"""Specimens of the indicators and of the map, and the made-up coverage behind them."""

from __future__ import annotations

from datetime import date
from typing import Any

from .district import AS_OF, both, tally, target_row
from .titles import CHAPTERS, MEASURES, TARGETS, TOWNSHIPS

MMR_BECAUSE: dict[str, Any] = {
    "text": both(
        "以乡镇（街道）和疫苗为单位，取最低一项判断。火炉镇麻腮风疫苗第1剂应种197人，已种184人，低于95%。",
        "Judged per township and vaccine; the lowest counts. In Huolu 184 of 197 children have MMR dose 1: under 95%.",
    ),
    "facts": [
        {
            "name": both("应种（满8月龄起，含推迟者）", "Eligible (from 8 months, deferred included)"),
            "value": "197",
        },
        {"name": both("已种", "With the dose"), "value": "184"},
        {"name": both("拒种", "Refused"), "value": "2"},
    ],
    "arithmetic": [both("184 ÷ 197 = 93.4% < 95%", "184 ÷ 197 = 93.4% < 95%")],
    "source": "武隆发改发〔2022〕159号（九）",
    "confidence": "verified-text",
    "rule": "T14",
}


def _coverage() -> list[tuple[tuple[str, str, str, float, float], float | None, int, int, str]]:
    """Made-up coverage of the 26 townships, the worst first."""
    rows: list[Any] = []
    for i, place in enumerate(TOWNSHIPS):
        denominator = 60 + (i * 37) % 210
        share = 0.955 + ((i * 29) % 45) / 1000
        if place[1] == "火炉镇":
            denominator, share = 197, 184 / 197
        if place[1] == "后坪苗族土家族乡":
            denominator, share = 41, 39 / 41
        numerator = round(denominator * share)
        value = round(numerator / denominator * 100, 1)
        state = "off" if value < 95 else "on_track" if value < 95.6 else "met"
        rows.append((place, value, numerator, denominator, state))
    rows.append((rows.pop(23)[0], None, 0, 0, "no_data"))
    return sorted(rows, key=lambda row: (row[1] is None, row[1] or 0))


def map_places() -> list[dict[str, Any]]:
    return [
        {
            "name": both(
                p[1][:2]
                if len(p[1]) > 5
                else p[1].removesuffix("街道").removesuffix("镇").removesuffix("乡"),
                p[2].split()[0],
            ),
            "lat": p[3],
            "lon": p[4],
            "state": state,
            "value": f"{value}%" if value is not None else both("无数据", "no data"),
            "href": "indicator.html",
        }
        for p, value, _n, _d, state in _coverage()
    ]


def township_rows() -> list[dict[str, Any]]:
    return [
        {
            "place": {"name": both(p[1], p[2]), "href": "indicator.html"},
            "state": state,
            "late": 2 if state == "off" else 0,
            "figure": {"value": value, "unit": both("%", "%"), "numerator": n, "denominator": d},
            "trend": [],
        }
        for p, value, n, d, state in _coverage()
    ]


def children_table() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Columns and rows of the children behind the figure."""
    columns = [
        {
            "id": "child",
            "label": both("儿童", "Child"),
            "kind": "person",
            "sort": None,
            "sorted": None,
            "unit": None,
        },
        {
            "id": "village",
            "label": both("村（社区）", "Village"),
            "kind": "place",
            "sort": None,
            "sorted": None,
            "unit": None,
        },
        {
            "id": "born",
            "label": both("出生日期", "Born"),
            "kind": "date",
            "sort": None,
            "sorted": None,
            "unit": None,
        },
        {
            "id": "status",
            "label": both("麻腮风第1剂", "MMR dose 1"),
            "kind": "due",
            "sort": None,
            "sorted": None,
            "unit": None,
        },
        {
            "id": "due",
            "label": both("应种", "Due"),
            "kind": "date",
            "sort": None,
            "sorted": None,
            "unit": None,
        },
        {
            "id": "late",
            "label": both("逾期", "Overdue"),
            "kind": "number",
            "sort": None,
            "sorted": None,
            "unit": both("天", "days"),
        },
    ]
    children = [
        ("小雨", "Xiaoyu", "车坝村", "Cheba", date(2025, 1, 15), "overdue", date(2025, 9, 15), 69),
        ("大壮", "Dazhuang", "车坝村", "Cheba", date(2025, 2, 3), "overdue", date(2025, 10, 3), 51),
        ("小满", "Xiaoman", "筏子村", "Fazi", date(2025, 2, 20), "refused", date(2025, 10, 20), 34),
        ("冬冬", "Dongdong", "新田村", "Xintian", date(2025, 3, 8), "overdue", date(2025, 11, 8), 15),
        ("阿朵", "Aduo", "云峰村", "Yunfeng", date(2025, 3, 22), "unknown", date(2025, 11, 22), None),
    ]
    rows = [
        {
            "href": None,
            "cells": [
                {"name": both(zh, en), "href": "child.html"},
                {"name": both(vzh, ven), "href": None},
                born,
                status,
                due,
                late,
            ],
        }
        for zh, en, vzh, ven, born, status, due, late in children
    ]
    return columns, rows


def indicator() -> dict[str, Any]:
    columns, rows = children_table()
    percent = both("%", "%")
    months = [
        "2025-12",
        "2026-01",
        "2026-02",
        "2026-03",
        "2026-04",
        "2026-05",
        "2026-06",
        "2026-07",
        "2026-08",
        "2026-09",
        "2026-10",
        "2026-11",
    ]
    values = [95.8, 95.7, 95.6, None, 95.9, 95.9, 96.0, 96.1, 96.0, 95.9, 95.9, 93.4]

    def share(numerator: int, denominator: int) -> dict[str, Any]:
        return {
            "value": round(numerator / denominator * 100, 1),
            "unit": percent,
            "numerator": numerator,
            "denominator": denominator,
        }

    return {
        "indicator": {
            "id": "vaccination_by_township",
            "name": both(
                "适龄儿童免疫规划疫苗接种率（以乡镇（街道）为单位）", "Vaccination coverage, by township"
            ),
            "definition": both(
                "某乡镇（街道）某一疫苗应种儿童中，已完成该剂次的比例；取最低的乡镇和疫苗。",
                "Of a township's children who should have a dose, the share who have it. The lowest township and vaccine count.",
            ),
            "numerator": both("已完成该剂次且记录有效的儿童数", "children with a valid record of the dose"),
            "denominator": both(
                "截至该日应种该剂次的常住儿童数（拒种计入，禁忌不计）",
                "resident children who should have it by the day (refusals in, contraindications out)",
            ),
            "unit": percent,
            "source": "武隆发改发〔2022〕159号（九）；国疾控卫免发〔2026〕16号",
            "confidence": "verified-multi",
            "denominator_source": None,
            "sensitivity": both("健康", "health"),
            "href": "indicator.html",
        },
        "trail": [{"label": both("指标", "Indicators"), "href": "indicators.html"}],
        "state": "off",
        "figure": share(184, 197),
        "goal": both("≥ 95%", "≥ 95%"),
        "goal_value": 95,
        "gap": both("差4剂", "4 doses short"),
        "judged": both(
            "按最低的乡镇和疫苗判断：火炉镇，麻腮风疫苗第1剂",
            "Judged by the lowest township and vaccine: Huolu, MMR dose 1",
        ),
        "as_of": AS_OF,
        "pack": {"fingerprint": "wulong-7f3a92c1", "href": "pack.html"},
        "because": MMR_BECAUSE,
        "reported": [],
        "trend": [{"label": m, "value": v} for m, v in zip(months, values, strict=True)],
        "townships": township_rows(),
        "dots": [
            {
                "label": both(p[1], p[2]),
                "value": v,
                "state": s,
                "said": f"{v}%" if v is not None else "",
                "href": None,
            }
            for p, v, _n, _d, s in _coverage()
        ],
        "map": map_places(),
        "cuts": [
            {
                "id": "sex",
                "label": both("性别", "Sex"),
                "rows": [
                    {"label": both("女", "Girls"), "figure": share(91, 96), "state": "off", "href": None},
                    {"label": both("男", "Boys"), "figure": share(93, 101), "state": "off", "href": None},
                ],
            },
            {
                "id": "age",
                "label": both("年龄", "Age"),
                "rows": [
                    {"label": both("1岁", "1 year"), "figure": share(57, 68), "state": "off", "href": None},
                    {"label": both("2岁", "2 years"), "figure": share(64, 65), "state": "met", "href": None},
                    {"label": both("3岁", "3 years"), "figure": share(63, 64), "state": "met", "href": None},
                ],
            },
            {
                "id": "village",
                "label": both("村（社区），火炉镇", "Village, Huolu"),
                "rows": [
                    {
                        "label": both("车坝村", "Cheba"),
                        "figure": share(11, 16),
                        "state": "off",
                        "href": "ledger.html",
                    },
                    {
                        "label": both("筏子村", "Fazi"),
                        "figure": share(15, 17),
                        "state": "off",
                        "href": "ledger.html",
                    },
                    {
                        "label": both("新田村", "Xintian"),
                        "figure": share(20, 21),
                        "state": "met",
                        "href": "ledger.html",
                    },
                    {
                        "label": both("火炉社区", "Huolu community"),
                        "figure": share(52, 53),
                        "state": "met",
                        "href": "ledger.html",
                    },
                ],
            },
        ],
        "children": {
            "columns": columns,
            "rows": rows,
            "count": 13,
            "href": "ledger.html",
            "note": both("火炉镇13名儿童，按逾期天数排列。", "13 children of Huolu, by days overdue."),
        },
        "children_note": None,
        "targets": [
            {"id": "T14", "name": both("免疫规划疫苗接种率", "Vaccination coverage"), "href": "measure.html"}
        ],
        "todo": [
            {
                "text": both("5项任务：每村一项，1项今日到期", "5 tasks, one per village; 1 ends today"),
                "href": "work.html",
            }
        ],
        "export_href": "indicator.html",
    }


def indicator_counts() -> dict[str, Any]:
    """The same for a district leader: a rare rate, no child by name."""
    base = indicator()
    imr = {
        "value": 2.87,
        "unit": both("‰", "‰"),
        "numerator": 7,
        "denominator": 2439,
        "low": 1.15,
        "high": 5.9,
    }
    return {
        **base,
        "indicator": {
            **base["indicator"],
            "id": "infant_mortality",
            "name": both("婴儿死亡率", "Infant mortality rate"),
            "unit": both("‰", "‰"),
            "definition": both(
                "同期每千名活产中不满1岁死亡的婴儿数。罕见事件，同时列出人数、区间和三年率。",
                "Deaths under one year per 1,000 live births. A rare event: counts, interval and three-year rate are always shown.",
            ),
            "denominator_source": both(
                "活产数：出生登记；与部门年报核对",
                "Live births: birth register; checked against the yearly report",
            ),
        },
        "figure": imr,
        "state": "met",
        "goal": both("≤ 3.5‰", "≤ 3.5‰"),
        "goal_value": 3.5,
        "gap": None,
        "because": None,
        "trend": [],
        "judged": both("三年率 3.02‰（22 / 7284）", "Three-year rate 3.02‰ (22 / 7284)"),
        "children": None,
        "todo": [],
        "children_note": both(
            "您的角色只看人数。名单由乡镇卫生院掌握。",
            "Your role sees counts. The township hospital holds the list.",
        ),
        "reported": [
            {
                "label": both("活产数", "Live births"),
                "body": both("区卫生健康委", "District Health Commission"),
                "value": both("2439人", "2439"),
                "on": date(2026, 10, 31),
                "href": None,
            }
        ],
    }


def indicators() -> dict[str, Any]:
    def column(code: str, zh: str, en: str, kind: str) -> dict[str, Any]:
        return {"id": code, "label": both(zh, en), "kind": kind, "sort": None, "sorted": None, "unit": None}

    columns = [
        column("name", "指标", "Indicator", "text"),
        column("state", "状态", "Light", "light"),
        column("value", "现值", "Now", "figure"),
        column("goal", "目标", "Goal", "text"),
        column("trend", "走势", "Trend", "spark"),
        column("evidence", "数据来源", "Evidence", "text"),
        column("body", "责任部门", "Body", "text"),
    ]
    groups = []
    rows = [target_row(t) for t in TARGETS]
    for code, zh, en in CHAPTERS:
        of = {m[0] for m in MEASURES if m[4] == code}
        inside = [r for t, r in zip(TARGETS, rows, strict=True) if t[1] in of]
        if inside:
            groups.append(
                {
                    "label": both(zh, en),
                    "columns": columns,
                    "rows": [
                        {
                            "href": "indicator.html",
                            "cells": [
                                r["name"],
                                r["state"],
                                r["figure"],
                                r["goal"],
                                r["trend"],
                                r["evidence"],
                                r["body"],
                            ],
                        }
                        for r in inside
                    ],
                }
            )
    return {"groups": groups, "tally": tally([r["state"] for r in rows])}


def district_map() -> dict[str, Any]:
    base = indicator()
    return {
        "choices": [
            {"code": t[0], "label": both(t[2], t[3])} for t in TARGETS if t[0] in ("T04", "T14", "T19", "T21")
        ],
        "chosen": "T14",
        "indicator": base["indicator"],
        "places": base["map"],
        "rows": township_rows(),
        "tally": tally([r["state"] for r in township_rows()])[:3],
    }
