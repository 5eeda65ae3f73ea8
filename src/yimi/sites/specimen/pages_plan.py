"""Specimens of the cockpit and of a measure."""

from __future__ import annotations

from datetime import date
from typing import Any

from .district import TURN, body, both, tally, target_row
from .pages_indicator import MMR_BECAUSE, map_places, township_rows
from .titles import CHAPTERS, MEASURES, TARGETS


def cockpit() -> dict[str, Any]:
    targets = [target_row(t) for t in TARGETS]
    of_measure = {
        m[0]: [r["state"] for t, r in zip(TARGETS, targets, strict=True) if t[1] == m[0]] for m in MEASURES
    }
    late = {"M09": (3, 1), "M16": (14, 2), "M06": (1, 0), "M26": (1, 0), "M17": (6, 0)}
    return {
        "plan": {
            "title": both("武隆区儿童友好城市建设实施方案", "Wulong child-friendly city plan"),
            "number": "武隆发改发〔2022〕159号",
            "measures": len(MEASURES),
            "ends_on": date(2025, 12, 31),
            "href": "measure.html",
        },
        "tally": tally([t["state"] for t in targets]),
        "turn": {"at": TURN, "href": None},
        "attention": [
            {
                "text": both(
                    "火炉镇：麻腮风接种率跌破95%，5项任务今日到期",
                    "Huolu: MMR coverage fell under 95%; 5 tasks end today",
                ),
                "href": "task.html",
                "state": "off",
            },
            {
                "text": both(
                    "区教委：公办园占比连续两季下降，尚未说明",
                    "Education: public share down two quarters, no reason given",
                ),
                "href": "measure.html",
                "state": "off",
            },
            {
                "text": both(
                    "3项目标无数据，请责任部门报送", "3 targets have no data; ask the bodies to report"
                ),
                "href": "indicators.html",
                "state": "no_data",
            },
        ],
        "changes": [
            {
                "text": both(
                    "适龄儿童免疫规划疫苗接种率：火炉镇降至93.4%", "Vaccination coverage: Huolu fell to 93.4%"
                ),
                "href": "indicator.html",
                "was": "met",
                "now": "off",
                "because": MMR_BECAUSE,
            },
            {
                "text": both("每千人口托位数升至4.62个", "Childcare places per 1,000 rose to 4.62"),
                "href": "indicator.html",
                "was": "on_track",
                "now": "met",
                "because": None,
            },
            {
                "text": both(
                    "困境儿童台账：新增7人，销号4人，12人待复核",
                    "Ledger of children in difficulty: 7 in, 4 out, 12 to review",
                ),
                "href": "ledger.html",
                "was": None,
                "now": None,
                "because": None,
            },
            {
                "text": both("新交办5项任务，办结11项", "5 new tasks, 11 closed"),
                "href": "work.html",
                "was": None,
                "now": None,
                "because": None,
            },
        ],
        "targets": targets,
        "chapters": [
            {
                "title": both(zh, en),
                "measures": [
                    {
                        "id": m[0],
                        "number": m[1],
                        "title": both(m[2], m[3]),
                        "href": "measure.html",
                        "lead": body(m[5]),
                        "bodies": m[6],
                        "states": of_measure[m[0]],
                        "tasks_open": late.get(m[0], (0, 0))[0],
                        "tasks_late": late.get(m[0], (0, 0))[1],
                    }
                    for m in MEASURES
                    if m[4] == code
                ],
            }
            for code, zh, en in CHAPTERS
        ],
        "map": {
            "title": both("疫苗接种率，最低一苗", "Vaccination coverage, lowest vaccine"),
            "indicator_href": "indicator.html",
            "places": map_places(),
        },
        "map_rows": township_rows(),
    }


def cockpit_quiet() -> dict[str, Any]:
    return {**cockpit(), "changes": [], "attention": []}


def measure() -> dict[str, Any]:
    m = next(m for m in MEASURES if m[0] == "M09")
    kinds = {
        "p": both("行动", "Program"),
        "s": both("服务", "Service"),
        "d": both("创建", "Designation"),
        "y": both("体系", "System"),
    }
    instruments = [
        ("M09-I01", "生命早期1000天营养健康行动", "First 1000 days nutrition and health action", "p", None),
        (
            "M09-I02",
            "儿童早期发展服务",
            "Early childhood development services",
            "s",
            ("健康检查路径", "Pathway: health visits"),
        ),
        (
            "M09-I04",
            "母婴友好医院",
            "Mother-and-baby friendly hospitals",
            "d",
            ("表单：创建认定", "Form: designation"),
        ),
        (
            "M09-I06",
            "近视、营养不均衡、龋齿、心理行为发育异常等筛查、诊断、干预",
            "Screening: myopia, nutrition, caries, psycho-behavioral development",
            "s",
            ("健康检查路径", "Pathway: health visits"),
        ),
        (
            "M09-I07",
            "国家免疫规划",
            "National immunization program",
            "p",
            ("免疫规划路径", "Pathway: immunization"),
        ),
        (
            "M09-I08",
            "疫苗接种全程数字化",
            "End-to-end digital vaccination",
            "y",
            ("表单：接种记录", "Form: dose"),
        ),
    ]
    targets = [target_row(t) for t in TARGETS if t[1] == "M09"]
    phrases = {
        "T12": "婴儿死亡率控制在3.5‰以下",
        "T13": "5岁以下儿童死亡率控制在5‰以下",
        "T14": "以乡镇（街道）为单位适龄儿童免疫规划疫苗接种率95%以上",
    }
    return {
        "measure": {
            "id": m[0],
            "number": m[1],
            "title": both(m[2], m[3]),
            "chapter": both(CHAPTERS[1][1], CHAPTERS[1][2]),
            "plan": both("武隆区儿童友好城市建设实施方案", "Wulong child-friendly city plan"),
            "plan_href": "cockpit.html",
            "text": "实施生命早期1000天营养健康行动,加强儿童早期发展服务,推进实施出生缺陷综合防治、母乳喂养促进行动,建设母婴友好医院。开展青少年生殖健康教育。"
            "加强对儿童青少年近视、营养不均衡、龋齿、心理行为发育异常等风险因素和疾病的筛查、诊断、干预。落实国家免疫规划,提高疫苗接种率,加快推进疫苗接种全程数字化。"
            "加强儿童健康管理，减少儿童残疾和死亡。到2025年，婴儿死亡率控制在3.5‰以下，5岁以下儿童死亡率控制在5‰以下，以乡镇（街道）为单位适龄儿童免疫规划疫苗接种率95%以上。",
            "source": "武隆发改发〔2022〕159号",
            "confidence": "verified-text",
            "chased": body("区卫生健康委"),
        },
        "trail": [{"label": both("计划与目标", "Plan and targets"), "href": "cockpit.html"}],
        "bodies": [
            {
                "name": body(name),
                "role": both("按职责分工", "by its duties"),
                "as_written": name,
                "href": "measure.html",
                "asked": i == 0,
            }
            for i, name in enumerate(["区卫生健康委", "区教委", "区市场监管局"])
        ],
        "targets": [
            {**t, "phrase": phrases[t["id"]], "because": MMR_BECAUSE if t["id"] == "T14" else None}
            for t in targets
        ],
        "instruments": [
            {
                "id": i,
                "name": both(zh, en),
                "kind": kinds[k],
                "phrase": zh,
                "planned": served is None,
                "served_by": {"label": both(*served), "href": "pack.html"} if served else None,
            }
            for i, zh, en, k, served in instruments
        ],
        "tasks": [
            {
                "title": both(
                    "补种麻腮风疫苗：火炉镇车坝村3名儿童", "Make up MMR: 3 children, Cheba village, Huolu"
                ),
                "href": "task.html",
                "to": both("村儿童主任", "Village child director"),
                "clock": {"state": "soon", "days": 1, "on": date(2026, 11, 24), "fraction": 0.9},
                "state": "accepted",
                "place": None,
            },
            {
                "title": both("核实婴儿死亡个案审评", "Check the infant death review"),
                "href": "task.html",
                "to": both("区卫生健康委", "District Health Commission"),
                "clock": {"state": "late", "days": -2, "on": date(2026, 11, 19), "fraction": 1},
                "state": "open",
                "place": None,
            },
        ],
        "evidence": [
            {
                "on": date(2026, 10, 30),
                "title": both(
                    "第三季度补种名单及接种证照片", "Third-quarter catch-up list, certificate photos"
                ),
                "body": both("火炉镇卫生院", "Huolu township hospital"),
                "by": both("冉医生", "Dr. Ran"),
                "href": "task.html",
                "verified_by": both("区疾控中心", "District CDC"),
            },
            {
                "on": date(2026, 10, 12),
                "title": both("母婴友好医院评估报告", "Assessment: mother-and-baby friendly hospital"),
                "body": both("区卫生健康委", "District Health Commission"),
                "by": both("医政科", "Medical affairs"),
                "href": None,
                "verified_by": None,
            },
        ],
        "sheet_href": "measure.html",
    }


def measure_bare() -> dict[str, Any]:
    """A measure without target, task or evidence."""
    base = measure()
    return {
        **base,
        "targets": [],
        "tasks": [],
        "evidence": [],
        "measure": {**base["measure"], "chased": None},
    }
