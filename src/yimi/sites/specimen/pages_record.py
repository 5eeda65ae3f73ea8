"""Specimens of recording: a form, a form sent back, a saved record."""

from __future__ import annotations

from datetime import date
from typing import Any

from .district import AS_OF, both
from .pages_child import DUE_BECAUSE, SUBJECT, due


def _field(code: str, zh: str, en: str, kind: str, **more: Any) -> dict[str, Any]:
    return {
        "id": code,
        "label": both(zh, en),
        "type": kind,
        "value": None,
        "unit": None,
        "hint": None,
        "required": False,
        "errors": [],
        "options": [],
        "decides": False,
        **more,
    }


def _option(code: str, zh: str, en: str) -> dict[str, Any]:
    return {"code": code, "label": both(zh, en)}


def record() -> dict[str, Any]:
    vaccines = [
        ("MMR", "麻腮风疫苗", "MMR"),
        ("DTaP", "百白破疫苗", "DTaP"),
        ("HepB", "乙肝疫苗", "HepB"),
        ("BCG", "卡介苗", "BCG"),
        ("bOPV", "二价脊灰减毒活疫苗", "bOPV"),
        ("IPV", "脊灰灭活疫苗", "IPV"),
        ("JE-L", "乙脑减毒活疫苗", "JE-L"),
        ("HepA-L", "甲肝减毒活疫苗", "HepA-L"),
        ("MPSV-A", "A群流脑多糖疫苗", "MPSV-A"),
    ]
    return {
        "form": {
            "name": both("接种记录", "Dose"),
            "version": 1,
            "legal_basis": "《疫苗管理法》第四十五条",
            "purpose": both(
                "核对每名儿童接种是否完成，安排下一剂。",
                "To know which doses a child has and when the next is due.",
            ),
            "action": "record_saved.html",
            "refresh": "record.html",
            "client_id": "0198c1f2-7a4e-7c11-9d02-5a3f6e1b2c4d",
            "cancel": "child.html",
        },
        "trail": [{"label": both("小雨", "Xiaoyu"), "href": "child.html"}],
        "subject": SUBJECT,
        "occurred_on": _field(
            "occurred_on", "接种日期", "Day of the dose", "date", value=AS_OF, required=True
        ),
        "fields": [
            _field(
                "vaccine",
                "疫苗",
                "Vaccine",
                "code",
                value="MMR",
                required=True,
                decides=True,
                options=[_option(*v) for v in vaccines],
            ),
            _field(
                "elsewhere",
                "是否在外地接种",
                "Given elsewhere",
                "boolean",
                value=True,
                required=True,
                decides=True,
                hint=both("在武隆区以外的接种单位接种", "at a clinic outside Wulong"),
            ),
            _field(
                "lot",
                "疫苗批号",
                "Lot number",
                "text",
                value="202503A017",
                hint=both("接种证上“批号”一栏", "the column “批号” in the vaccination booklet"),
            ),
            _field(
                "site",
                "接种部位",
                "Site",
                "code",
                options=[
                    _option("left", "左上臂", "left arm"),
                    _option("right", "右上臂", "right arm"),
                    _option("oral", "口服", "oral"),
                ],
                value="left",
            ),
            _field(
                "evidence",
                "接种证照片",
                "Photo of the booklet",
                "evidence",
                required=True,
                hint=both("拍清姓名、疫苗、日期三栏", "name, vaccine and date must be readable"),
                upload={
                    "name": "evidence",
                    "accept": "image/jpeg",
                    "files": [
                        {
                            "uid": "1",
                            "name": "接种证-1.jpg",
                            "meta": "JPEG · 1.8 MB",
                            "href": "record.html",
                            "kept": True,
                        }
                    ],
                },
            ),
        ],
        "errors": [],
        "corrects": {"on": date(2025, 9, 20), "href": "child.html"},
        "due": [{"name": d["name"], "status": d["status"], "due": d["due"]} for d in due()[:3]],
        "second_person": True,
    }


def record_errors() -> dict[str, Any]:
    """A form that came back: messages beside the fields and one summary on top."""
    good = [
        _option("good", "正常", "good"),
        _option("concern", "需关注", "concern"),
        _option("bad", "有问题", "bad"),
    ]
    too_heavy = both(
        "体重80 kg超出1岁儿童的可能范围，请核对单位是否为公斤",
        "80 kg is not possible at this age; check the unit is kilograms",
    )
    missing = both("请选择是否见到儿童本人", "Say whether you saw the child")
    return {
        **record(),
        "form": {
            "name": both("困境儿童探访", "Hardship visit"),
            "version": 2,
            "legal_basis": "《未成年人保护法》第四十三条",
            "purpose": both(
                "了解儿童的生活、健康、学习、心理和监护情况，及时帮助。",
                "To learn how the child lives, and to help in time.",
            ),
            "action": "record_saved.html",
            "refresh": None,
            "client_id": "0198c1f2-7a4e-7c11-9d02-5a3f6e1b2c4e",
            "cancel": "child.html",
        },
        "occurred_on": _field(
            "occurred_on", "探访日期", "Day of the visit", "date", value=AS_OF, required=True
        ),
        "fields": [
            _field(
                "mode",
                "探访方式",
                "How",
                "code",
                value="home",
                required=True,
                options=[
                    _option("home", "入户", "at home"),
                    _option("phone", "电话", "by phone"),
                    _option("video", "视频", "by video"),
                ],
            ),
            _field("seen", "是否见到儿童本人", "Child seen", "boolean", required=True, errors=[missing]),
            _field(
                "weight_kg",
                "体重",
                "Weight",
                "number",
                value="80",
                unit=both("公斤", "kg"),
                errors=[too_heavy],
            ),
            _field("living", "生活", "Living", "code", value="good", required=True, options=good),
            _field(
                "needs",
                "需要的帮助",
                "Help needed",
                "codes",
                value=["money"],
                options=[
                    _option("money", "生活补贴", "allowance"),
                    _option("school", "入学", "school place"),
                    _option("care", "照料", "care"),
                    _option("mind", "心理支持", "counseling"),
                ],
            ),
            _field(
                "problems",
                "发现的问题",
                "Problems found",
                "long_text",
                value="",
                hint=both("写事实，不写评价", "facts, no judgment"),
            ),
            _field("next_on", "下次探访", "Next visit", "date", value=None),
        ],
        "errors": [{"field": "seen", "text": missing}, {"field": "weight_kg", "text": too_heavy}],
        "corrects": None,
        "second_person": False,
    }


def record_saved() -> dict[str, Any]:
    return {
        "form": {"name": both("接种记录", "Dose")},
        "subject": SUBJECT,
        "trail": [{"label": both("小雨", "Xiaoyu"), "href": "child.html"}],
        "record": {
            "on": AS_OF,
            "verdict": "late",
            "because": {
                **DUE_BECAUSE,
                "text": both(
                    "满12月龄后接种，计为有效，逾期完成。", "Given after 12 months: it counts, late."
                ),
            },
            "href": "record.html",
            "waits_for": both("乡镇儿童督导员", "the township child supervisor"),
        },
        "changes": [
            {
                "name": both("麻腮风疫苗 第1剂", "MMR dose 1"),
                "before": {"status": "overdue", "due": date(2025, 9, 15)},
                "after": {"status": "done_late", "due": date(2025, 9, 15)},
                "because": DUE_BECAUSE,
            },
            {
                "name": both("麻腮风疫苗 第2剂", "MMR dose 2"),
                "before": {"status": "waiting", "due": None},
                "after": {"status": "upcoming", "due": date(2026, 12, 21)},
                "because": {
                    **DUE_BECAUSE,
                    "text": both("与第1剂间隔不少于28天。", "At least 28 days after dose 1."),
                    "facts": [],
                    "arithmetic": [
                        both("2026-11-23 + 28天 = 2026-12-21", "2026-11-23 + 28 days = 2026-12-21")
                    ],
                },
            },
        ],
        "again_href": "record.html",
        "subject_href": "child.html",
        "took_ms": 84,
    }


def record_invalid() -> dict[str, Any]:
    base = record_saved()
    return {**base, "record": {**base["record"], "verdict": "invalid", "waits_for": None}, "changes": []}
