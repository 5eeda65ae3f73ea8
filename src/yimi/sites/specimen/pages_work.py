"""Specimens of sign-in, my work and a task."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from .district import SHANGHAI, both
from .pages_child import PLACE
from .pages_indicator import MMR_BECAUSE, children_table


def sign_in() -> dict[str, Any]:
    people = [
        (
            "chen",
            "陈主任",
            "Director Chen",
            "村儿童主任",
            "Village child director",
            "火炉镇车坝村",
            "Cheba village, Huolu",
            "探访、记录、上报本村儿童",
            "visits, records and reports the children of one village",
        ),
        (
            "ran",
            "冉医生",
            "Dr. Ran",
            "预防接种与儿童保健医生",
            "Vaccination and child health",
            "火炉镇卫生院",
            "Huolu township hospital",
            "接种、健康检查、核对漏种",
            "vaccinates, examines, finds missing doses",
        ),
        (
            "liu",
            "刘科长",
            "Ms. Liu",
            "儿童福利科",
            "Child welfare section",
            "区民政局",
            "District Civil Affairs",
            "认定困境儿童，复核台账",
            "decides on children in difficulty, reviews the ledger",
        ),
        (
            "office",
            "周主任",
            "Director Zhou",
            "妇儿工委办公室",
            "Coordinating office",
            "武隆区",
            "Wulong District",
            "看全区计划与目标，督办任务；看不到儿童姓名",
            "sees the plan and chases tasks; sees no child by name",
        ),
        (
            "zhao",
            "赵主任",
            "Mr. Zhao",
            "儿童督导员",
            "Child supervisor",
            "沧沟乡",
            "Canggou township",
            "只看本乡，看不到火炉镇",
            "sees his own township and nothing of Huolu",
        ),
        (
            "admin",
            "管理员",
            "Administrator",
            "配置账号和方案包",
            "Accounts and packs",
            "武隆区",
            "Wulong District",
            "不看任何儿童档案",
            "reads no child's file",
        ),
    ]
    return {
        "cast": [
            {
                "id": p[0],
                "name": both(p[1], p[2]),
                "role": both(p[3], p[4]),
                "place": both(p[5], p[6]),
                "does": both(p[7], p[8]),
            }
            for p in people
        ],
        "form": {"action": "cockpit.html", "username": "", "errors": [], "asks_code": False},
        "next": "cockpit.html",
        "me": None,
        "nav": [],
    }


def sign_in_form() -> dict[str, Any]:
    return {
        **sign_in(),
        "cast": [],
        "form": {
            "action": "sign_in_form.html",
            "username": "chen",
            "asks_code": False,
            "errors": [
                {
                    "field": "password",
                    "text": both(
                        "用户名或密码不对。还可再试4次", "User name or password is wrong; 4 tries left"
                    ),
                }
            ],
        },
    }


def sign_in_code() -> dict[str, Any]:
    return {
        **sign_in(),
        "cast": [],
        "form": {"action": "cockpit.html", "username": "chen", "asks_code": True, "errors": []},
    }


def work() -> dict[str, Any]:
    def task(
        zh: str,
        en: str,
        cause: tuple[str, str],
        to: tuple[str, str],
        state: str,
        clock: tuple[str, int | None, date, float],
        because: Any,
        **more: Any,
    ) -> dict[str, Any]:
        return {
            "href": "task.html",
            "title": both(zh, en),
            "place": PLACE,
            "to": both(*to),
            "state": state,
            "cause": both(*cause),
            "because": because,
            "accept": None,
            "verify_href": None,
            "clock": dict(zip(("state", "days", "on", "fraction"), clock, strict=True)),
            **more,
        }

    director = ("村儿童主任 · 陈主任", "Village child director · Director Chen")
    return {
        "tabs": [
            {"label": both(zh, en), "href": href, "current": current, "count": n}
            for zh, en, href, current, n in [
                ("我的任务", "Mine", "work.html", True, 4),
                ("待我核实", "To verify", "work.html", False, 1),
                ("已转交", "Handed on", "work_empty.html", False, 2),
                ("已办结", "Closed", "work_empty.html", False, 31),
            ]
        ],
        "standing": {"late": 1, "soon": 1, "open": 2, "to_verify": 1},
        "tasks": [
            task(
                "探访：大壮，10月探访未完成",
                "Visit Dazhuang: October visit missing",
                ("大壮，男，7岁，父母双方外出", "Dazhuang, boy, 7; both parents away"),
                director,
                "accepted",
                ("late", -3, date(2026, 11, 18), 1.0),
                None,
            ),
            task(
                "补种麻腮风疫苗：车坝村3名儿童",
                "Make up MMR: 3 children of Cheba",
                ("小雨、大壮、小满：第1剂逾期", "Xiaoyu, Dazhuang, Xiaoman: dose 1 overdue"),
                director,
                "open",
                ("soon", 1, date(2026, 11, 24), 0.86),
                MMR_BECAUSE,
                accept="work.html",
            ),
            task(
                "季度确认留守状况：12户",
                "Quarterly check of left-behind children: 12 homes",
                ("12名儿童的父母去向需再次确认", "whereabouts of 12 children's parents to be confirmed"),
                director,
                "accepted",
                ("running", 9, date(2026, 12, 4), 0.4),
                None,
            ),
            task(
                "核实：筏子村2名儿童补种",
                "Verify: 2 make-up doses in Fazi",
                ("冉医生11月21日上报，附接种证照片", "reported by Dr. Ran on 21 November, with photos"),
                ("核实人", "Second person"),
                "reported",
                ("running", 4, date(2026, 11, 27), 0.3),
                None,
                verify_href="task_verify.html",
            ),
        ],
        "alerts": [
            {
                "href": "child.html",
                "text": both(
                    "小雨：体重下降0.66个标准差，建议3个月内复查",
                    "Xiaoyu: weight down 0.66 SD; look again within 3 months",
                ),
                "since": date(2026, 11, 20),
                "count": None,
                "place": PLACE,
                "state": "off",
                "because": None,
            },
            {
                "href": "ledger.html",
                "text": both(
                    "2名儿童的情况符合困境儿童类别，尚未认定",
                    "2 children's facts suggest a category nobody has decided",
                ),
                "since": date(2026, 11, 18),
                "count": 2,
                "place": PLACE,
                "state": "on_track",
                "because": MMR_BECAUSE,
            },
        ],
    }


def work_empty() -> dict[str, Any]:
    return {
        **work(),
        "tasks": [],
        "alerts": [],
        "standing": {"late": 0, "soon": 0, "open": 0, "to_verify": 0},
    }


def task() -> dict[str, Any]:
    columns, rows = children_table()
    return {
        "task": {
            "title": both("补种麻腮风疫苗：车坝村3名儿童", "Make up MMR: 3 children of Cheba"),
            "state": "accepted",
            "to": both("村儿童主任", "Village child director"),
            "holder": {"name": both("陈主任", "Director Chen"), "note": None, "href": None},
            "place": PLACE,
            "clock": {"state": "soon", "days": 1, "on": date(2026, 11, 24), "fraction": 0.86},
            "cause": both(
                "麻腮风疫苗第1剂逾期，火炉镇接种率跌至93.4%。", "MMR dose 1 is overdue; Huolu fell to 93.4%."
            ),
            "because": MMR_BECAUSE,
            "measure": {
                "label": both(
                    "措施（九）加强儿童健康保障体系建设", "Measure 9: child health protection system"
                ),
                "href": "measure.html",
            },
            "needs_evidence": True,
            "verified_by": both("乡镇儿童督导员", "the township child supervisor"),
        },
        "trail": [{"label": both("我的工作", "My work"), "href": "work.html"}],
        "may": {"accept": False, "hand_on": True, "report": True, "verify": False},
        "actions": {
            "accept": "task.html",
            "hand_on": "task.html",
            "report": "task_errors.html",
            "verify": "task.html",
        },
        "colleagues": [
            {"code": "ran", "label": both("冉医生，火炉镇卫生院", "Dr. Ran, Huolu hospital")},
            {"code": "wu", "label": both("吴主任，筏子村", "Director Wu, Fazi")},
        ],
        "report": {
            "text": "",
            "errors": [],
            "evidence_error": None,
            "evidence": "",
            "client_id": "0198c1f2",
            "upload": {"name": "evidence", "accept": "image/jpeg", "files": []},
        },
        "children": {
            "columns": columns,
            "rows": rows[:3],
            "note": both("点姓名可直接记录。", "Open a name to record at once."),
        },
        "count": 3,
        "about_children": True,
        "children_note": None,
        "reported": None,
        "steps": [
            {"label": both("交办", "Given"), "note": both("11月20日", "20 Nov"), "done": True, "now": False},
            {
                "label": both("签收办理", "In hand"),
                "note": both("11月21日", "21 Nov"),
                "done": True,
                "now": True,
            },
            {"label": both("反馈", "Reported"), "note": None, "done": False, "now": False},
            {"label": both("核实销号", "Verified, closed"), "note": None, "done": False, "now": False},
        ],
        "history": [
            {
                "on": date(2026, 11, 21),
                "title": both("签收", "Accepted"),
                "note": None,
                "by": both("陈主任", "Director Chen"),
                "place": None,
                "state": "done",
                "tag": None,
                "because": None,
                "href": None,
            },
            {
                "on": date(2026, 11, 20),
                "title": both("交办", "Given"),
                "note": both("由本轮运行交办，期限2个工作日。", "By this turn of the cycle, 2 working days."),
                "by": None,
                "place": both("车坝村", "Cheba village"),
                "state": "note",
                "tag": None,
                "because": MMR_BECAUSE,
                "href": None,
            },
        ],
    }


def task_errors() -> dict[str, Any]:
    missing = both("请附上证据：接种证照片或清单", "Attach the evidence: a photo of the booklet or a list")
    return {
        **task(),
        "report": {
            **task()["report"],
            "text": "3名儿童已在外地接种，已核对接种证。",
            "errors": [{"field": "evidence", "text": missing}],
            "evidence_error": missing,
        },
    }


def task_verify() -> dict[str, Any]:
    base = task()
    steps = [{**s, "done": i < 3, "now": i == 3} for i, s in enumerate(base["steps"])]
    return {
        **base,
        "task": {
            **base["task"],
            "state": "reported",
            "clock": {"state": "running", "days": 4, "on": date(2026, 11, 27), "fraction": 0.3},
        },
        "steps": steps,
        "may": {"accept": False, "hand_on": False, "report": False, "verify": True},
        "children": None,
        "about_children": True,
        "children_note": both("名单由乡镇掌握。", "The township holds the list."),
        "reported": {
            "text": "3名儿童均在务工地接种，已核对接种证原件并补录。",
            "by": both("陈主任", "Director Chen"),
            "at": datetime(2026, 11, 22, 17, 5, tzinfo=SHANGHAI),
            "evidence": "接种证原件由家长保管",
            "files": [
                {"name": "接种证-1.jpg", "meta": "JPEG · 1.8 MB", "href": "task_verify.html"},
                {"name": "接种证-2.jpg", "meta": "JPEG · 2.1 MB", "href": "task_verify.html"},
            ],
            "files_closed": False,
        },
    }
