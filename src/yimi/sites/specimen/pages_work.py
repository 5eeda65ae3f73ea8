"""Specimens of the working pages: sign-in, my work, a task, ledgers, imports, pack, audit."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from .district import both
from .pages_child import PLACE
from .pages_plan import MMR_BECAUSE, children_table

TURN = datetime(2026, 11, 23, 6, 0)


def sign_in() -> dict[str, Any]:
    people = [
        ("chen", "陈主任", "Director Chen", "村儿童主任", "Village child director", "火炉镇车坝村", "Cheba village, Huolu", "探访、记录、上报本村儿童", "visits, records and reports the children of one village"),
        ("ran", "冉医生", "Dr. Ran", "预防接种与儿童保健医生", "Vaccination and child health", "火炉镇卫生院", "Huolu township hospital", "接种、健康检查、核对漏种", "vaccinates, examines, finds missing doses"),
        ("liu", "刘科长", "Ms. Liu", "儿童福利科", "Child welfare section", "区民政局", "District Civil Affairs", "认定困境儿童，复核台账", "decides on children in difficulty, reviews the ledger"),
        ("office", "周主任", "Director Zhou", "妇儿工委办公室", "Coordinating office", "武隆区", "Wulong District", "看全区计划与目标，督办任务；看不到儿童姓名", "sees the plan and chases tasks; sees no child by name"),
        ("zhao", "赵主任", "Mr. Zhao", "儿童督导员", "Child supervisor", "沧沟乡", "Canggou township", "只看本乡，看不到火炉镇", "sees his own township and nothing of Huolu"),
        ("admin", "管理员", "Administrator", "配置账号和方案包", "Accounts and packs", "武隆区", "Wulong District", "不看任何儿童档案", "reads no child's file"),
    ]
    return {
        "cast": [{"id": p[0], "name": both(p[1], p[2]), "role": both(p[3], p[4]), "place": both(p[5], p[6]), "does": both(p[7], p[8])} for p in people],
        "form": {"action": "cockpit.html", "username": "", "errors": [], "asks_code": False}, "next": "cockpit.html", "me": None, "nav": [],
    }


def sign_in_form() -> dict[str, Any]:
    return {**sign_in(), "cast": [], "form": {"action": "sign_in_form.html", "username": "chen", "asks_code": False, "errors": [
        {"field": "password", "text": both("用户名或密码不对。还可再试4次", "User name or password is wrong; 4 tries left")}]}}


def sign_in_code() -> dict[str, Any]:
    return {**sign_in(), "cast": [], "form": {"action": "cockpit.html", "username": "chen", "asks_code": True, "errors": []}}


def work() -> dict[str, Any]:
    def task(zh: str, en: str, cause: tuple[str, str], to: tuple[str, str], state: str, clock: tuple[str, int | None, date, float], because: Any, **more: Any) -> dict[str, Any]:
        return {"href": "task.html", "title": both(zh, en), "place": PLACE, "to": both(*to), "state": state, "cause": both(*cause), "because": because, "accept": None, "verify_href": None,
                "clock": dict(zip(("state", "days", "on", "fraction"), clock, strict=True)), **more}

    director = ("村儿童主任 · 陈主任", "Village child director · Director Chen")
    return {
        "tabs": [{"label": both(zh, en), "href": href, "current": current, "count": n} for zh, en, href, current, n in [
            ("我的任务", "Mine", "work.html", True, 4), ("待我核实", "To verify", "work.html", False, 1), ("已转交", "Handed on", "work_empty.html", False, 2), ("已办结", "Closed", "work_empty.html", False, 31)]],
        "standing": {"late": 1, "soon": 1, "open": 2, "to_verify": 1},
        "tasks": [
            task("探访：大壮，10月探访未完成", "Visit Dazhuang: October visit missing", ("大壮，男，7岁，父母双方外出", "Dazhuang, boy, 7; both parents away"), director, "accepted", ("late", -3, date(2026, 11, 18), 1.0), None),
            task("补种麻腮风疫苗：车坝村3名儿童", "Make up MMR: 3 children of Cheba", ("小雨、大壮、小满：第1剂逾期", "Xiaoyu, Dazhuang, Xiaoman: dose 1 overdue"), director, "open", ("soon", 1, date(2026, 11, 24), 0.86), MMR_BECAUSE, accept="work.html"),
            task("季度确认留守状况：12户", "Quarterly check of left-behind children: 12 homes", ("12名儿童的父母去向需再次确认", "whereabouts of 12 children's parents to be confirmed"), director, "accepted", ("running", 9, date(2026, 12, 4), 0.4), None),
            task("核实：筏子村2名儿童补种", "Verify: 2 make-up doses in Fazi", ("冉医生11月21日上报，附接种证照片", "reported by Dr. Ran on 21 November, with photos"), ("核实人", "Second person"), "reported", ("running", 4, date(2026, 11, 27), 0.3), None, verify_href="task_verify.html"),
        ],
        "alerts": [
            {"href": "child.html", "text": both("小雨：体重下降0.66个标准差，建议3个月内复查", "Xiaoyu: weight down 0.66 SD; look again within 3 months"), "since": date(2026, 11, 20), "count": None, "place": PLACE, "state": "off", "because": None},
            {"href": "ledger.html", "text": both("2名儿童的情况符合困境儿童类别，尚未认定", "2 children's facts suggest a category nobody has decided"), "since": date(2026, 11, 18), "count": 2, "place": PLACE, "state": "on_track", "because": MMR_BECAUSE},
        ],
    }


def work_empty() -> dict[str, Any]:
    return {**work(), "tasks": [], "alerts": [], "standing": {"late": 0, "soon": 0, "open": 0, "to_verify": 0}}


def task() -> dict[str, Any]:
    columns, rows = children_table()
    return {
        "task": {"title": both("补种麻腮风疫苗：车坝村3名儿童", "Make up MMR: 3 children of Cheba"), "state": "accepted", "to": both("村儿童主任", "Village child director"), "holder": {"name": both("陈主任", "Director Chen"), "note": None, "href": None}, "place": PLACE,
                 "clock": {"state": "soon", "days": 1, "on": date(2026, 11, 24), "fraction": 0.86}, "cause": both("麻腮风疫苗第1剂逾期，火炉镇接种率跌至93.4%。", "MMR dose 1 is overdue; Huolu fell to 93.4%."), "because": MMR_BECAUSE,
                 "measure": {"label": both("措施（九）加强儿童健康保障体系建设", "Measure 9: child health protection system"), "href": "measure.html"}, "needs_evidence": True, "verified_by": both("乡镇儿童督导员", "the township child supervisor")},
        "trail": [{"label": both("我的工作", "My work"), "href": "work.html"}],
        "may": {"accept": False, "hand_on": True, "report": True, "verify": False},
        "actions": {"accept": "task.html", "hand_on": "task.html", "report": "task_errors.html", "verify": "task.html"},
        "colleagues": [{"code": "ran", "label": both("冉医生，火炉镇卫生院", "Dr. Ran, Huolu hospital")}, {"code": "wu", "label": both("吴主任，筏子村", "Director Wu, Fazi")}],
        "report": {"text": "", "errors": [], "evidence_error": None},
        "children": {"columns": columns, "rows": rows[:3], "note": both("点姓名可直接记录。", "Open a name to record at once.")}, "count": 3, "children_note": None, "reported": None,
        "steps": [{"label": both("交办", "Given"), "note": both("11月20日", "20 Nov"), "done": True, "now": False}, {"label": both("签收办理", "In hand"), "note": both("11月21日", "21 Nov"), "done": True, "now": True}, {"label": both("反馈", "Reported"), "note": None, "done": False, "now": False}, {"label": both("核实销号", "Verified, closed"), "note": None, "done": False, "now": False}],
        "history": [
            {"on": date(2026, 11, 21), "title": both("签收", "Accepted"), "note": None, "by": both("陈主任", "Director Chen"), "place": None, "state": "done", "tag": None, "because": None, "href": None},
            {"on": date(2026, 11, 20), "title": both("交办", "Given"), "note": both("由本轮运行交办，期限2个工作日。", "By this turn of the cycle, 2 working days."), "by": None, "place": both("车坝村", "Cheba village"), "state": "note", "tag": None, "because": MMR_BECAUSE, "href": None},
        ],
    }


def task_errors() -> dict[str, Any]:
    missing = both("请附上证据：接种证照片或清单", "Attach the evidence: a photo of the booklet or a list")
    return {**task(), "report": {"text": "3名儿童已在外地接种，已核对接种证。", "errors": [{"field": "evidence", "text": missing}], "evidence_error": missing}}


def task_verify() -> dict[str, Any]:
    base = task()
    steps = [{**s, "done": i < 3, "now": i == 3} for i, s in enumerate(base["steps"])]
    return {
        **base, "task": {**base["task"], "state": "reported", "clock": {"state": "running", "days": 4, "on": date(2026, 11, 27), "fraction": 0.3}}, "steps": steps,
        "may": {"accept": False, "hand_on": False, "report": False, "verify": True}, "children": None, "children_note": both("名单由乡镇掌握。", "The township holds the list."),
        "reported": {"text": "3名儿童均在务工地接种，已核对接种证原件并补录。", "by": both("陈主任", "Director Chen"), "at": datetime(2026, 11, 22, 17, 5), "evidence": [{"name": "接种证-1.jpg", "href": "task_verify.html"}, {"name": "接种证-2.jpg", "href": "task_verify.html"}]},
    }


def _column(code: str, zh: str, en: str, kind: str, unit: tuple[str, str] | None = None, sort: str | None = None, ordered: str | None = None) -> dict[str, Any]:
    return {"id": code, "label": both(zh, en), "kind": kind, "unit": both(*unit) if unit else None, "sort": sort, "sorted": ordered}


def ledgers() -> dict[str, Any]:
    rows = [
        ("困境儿童台账", "Children in difficulty", "按类别和等级，谁认定、何时复核、是否按期探访", "category and level, who decided, when it is reviewed, visits on time", 1204, 6, 12),
        ("农村留守儿童台账", "Rural left-behind children", "父母去向、实际照料人、季度确认", "where the parents are, who cares, quarterly confirmation", 5832, 41, None),
        ("免疫规划漏种名册", "Missing vaccinations", "到期未种的儿童和剂次", "children and doses due and not given", 614, 614, None),
        ("0–6岁儿童健康管理名册", "Child health visits", "应查、已查、逾期，生长迟缓者", "wanted, done, late; faltering growth", 21077, 880, None),
    ]
    return {"ledgers": [{"title": both(zh, en), "what": both(wzh, wen), "href": "ledger.html", "count": n, "late": late, "review": review} for zh, en, wzh, wen, n, late, review in rows]}


def ledger() -> dict[str, Any]:
    columns = [
        _column("child", "姓名", "Child", "person", sort="?sort=name"), _column("village", "村（社区）", "Village", "place", sort="?sort=village", ordered="ascending"), _column("born", "出生日期", "Born", "date"),
        _column("category", "类别", "Category", "text"), _column("level", "等级", "Level", "tag"), _column("since", "认定日期", "Since", "date"), _column("review", "复核期限", "Review by", "date"),
        _column("visits", "今年探访", "Visits this year", "number", ("次", "times")), _column("last", "最近探访", "Last visit", "date"), _column("next", "下次期限", "Next by", "clock"), _column("carer", "实际照料人", "Cares for the child", "text"), _column("allowance", "补贴", "Allowance", "tag"),
    ]
    names = [("小雨", "Xiaoyu"), ("大壮", "Dazhuang"), ("小满", "Xiaoman"), ("冬冬", "Dongdong"), ("阿朵", "Aduo"), ("石头", "Shitou"), ("春燕", "Chunyan"), ("小川", "Xiaochuan"), ("桂花", "Guihua"), ("星星", "Xingxing"), ("小禾", "Xiaohe"), ("安安", "An'an"), ("竹青", "Zhuqing"), ("水生", "Shuisheng")]
    villages = [("车坝村", "Cheba"), ("筏子村", "Fazi"), ("后槽村", "Houcao"), ("梦冲塘村", "Mengchongtang"), ("新田村", "Xintian"), ("云峰村", "Yunfeng")]
    kinds = [("父母无力监护", "parents unable to care"), ("事实无人抚养", "de facto unattended"), ("重残", "severe disability"), ("低保家庭", "family on minimum living allowance"), ("孤儿", "orphan")]
    levels = [("红", "red"), ("黄", "yellow"), ("绿", "green")]
    clocks = [{"state": "late", "days": -3, "on": date(2026, 11, 18), "fraction": 1}, {"state": "soon", "days": 1, "on": date(2026, 11, 24), "fraction": 0.9}, {"state": "running", "days": 5, "on": date(2026, 11, 30), "fraction": 0.7}]
    carers = [("祖母", "grandmother"), ("祖父母", "grandparents"), ("姑妈", "aunt"), ("母亲", "mother")]
    rows = []
    for i, name in enumerate(names):
        rows.append({"href": None, "cells": [
            {"name": both(*name), "href": "child.html"}, {"name": both(*villages[i * 6 // 14]), "href": None}, date(2012 + (i * 5) % 13, 1 + (i * 7) % 12, 3 + i), both(*kinds[i % 5]), both(*levels[(i * 2) % 3]),
            date(2025, 1 + i % 12, 12), date(2026, 1 + i % 12, 12), 3 + (i * 5) % 8, date(2026, 10, 2 + i), clocks[i % 3 if i < 4 else 2], both(*carers[i % 4]), both("未领取", "not received") if i in (0, 5) else None]})
    return {
        "ledger": {"title": both("困境儿童台账", "Ledger of children in difficulty"), "kicker": both("火炉镇", "Huolu"), "what": both("由区民政局认定，动态管理：进、出、改等级都有依据。", "Decided by Civil Affairs: every entry, exit and change of level has its basis."), "export_href": "ledger.html", "number": None,
                   "source": both("来源：困境儿童认定决定及探访记录；武隆区民政局。", "Source: decisions and visit records; Wulong Civil Affairs.")},
        "trail": [{"label": both("台账", "Ledgers"), "href": "ledgers.html"}],
        "count": {"rows": 14, "of": 1204}, "standing": [{"label": both("探访逾期", "visits late"), "value": 2, "state": "off"}, {"label": both("待复核", "to review"), "value": 5, "state": "on_track"}, {"label": both("在册", "in it"), "value": 14, "state": "met"}],
        "filters": [
            {"id": "q", "label": both("姓名", "Name"), "type": "text", "value": "", "options": []},
            {"id": "place", "label": both("乡镇（街道）", "Township"), "type": "select", "value": "500156104", "options": [{"code": "500156104", "label": both("火炉镇", "Huolu")}, {"code": "500156204", "label": both("沧沟乡", "Canggou")}]},
            {"id": "level", "label": both("等级", "Level"), "type": "select", "value": "", "options": [{"code": "red", "label": both("红", "red")}, {"code": "yellow", "label": both("黄", "yellow")}, {"code": "green", "label": both("绿", "green")}]},
            {"id": "late", "label": both("探访", "Visits"), "type": "select", "value": "", "options": [{"code": "late", "label": both("逾期", "late")}]},
            {"id": "as_of", "label": both("截至", "As of"), "type": "date", "value": "2026-11-23", "options": []},
        ],
        "active": [{"label": both("乡镇：火炉镇", "Township: Huolu"), "clear": "ledger.html"}], "as_of": date(2026, 11, 23), "columns": columns, "rows": rows, "tabs": [],
        "pages": {"number": 1, "last": 3, "count": 14, "first_row": 1, "last_row": 14, "previous": None, "next": "ledger.html"},
        "actions": [{"label": both("登记困境儿童", "Enter a child"), "href": "record.html"}],
    }


def ledger_empty() -> dict[str, Any]:
    return {**ledger(), "rows": [], "count": {"rows": 0, "of": 1204}, "pages": None, "standing": []}


def children() -> dict[str, Any]:
    """The list of children is a ledger too."""
    base = ledger()
    columns = [base["columns"][0], base["columns"][1], base["columns"][2], _column("due", "最急一项", "Most urgent", "text"), _column("status", "状态", "Status", "due"), _column("on", "应于", "Due", "date")]
    urgent = [("麻腮风疫苗 第1剂", "MMR dose 1", "overdue"), ("24月龄健康检查", "24-month visit", "due"), ("百白破疫苗 第4剂", "DTaP dose 4", "due"), ("—", "—", "done")]
    rows = [{"href": None, "cells": [*row["cells"][:3], both(*urgent[i % 4][:2]), urgent[i % 4][2], date(2026, 11, 3 + i)]} for i, row in enumerate(base["rows"])]
    return {**base, "ledger": {**base["ledger"], "title": both("儿童", "Children"), "kicker": both("火炉镇", "Huolu"), "what": both("输入姓名，或按村、年龄、是否逾期查找。", "Search by name, or by village, age and what is late.")}, "trail": [], "columns": columns, "rows": rows,
            "count": {"rows": 1862, "of": None}, "pages": {"number": 2, "last": 38, "count": 1862, "first_row": 51, "last_row": 100, "previous": "children.html", "next": "children.html"}}


def imports() -> dict[str, Any]:
    kinds = [("children", "儿童名册", "Children", "姓名、性别、出生日期、身份证号、村（社区）", "name, sex, birth date, ID number, village"), ("dose", "接种记录", "Doses", "姓名或身份证号、疫苗、接种日期、批号", "name or ID number, vaccine, date, lot"), ("health_visit", "健康检查记录", "Health visits", "姓名或身份证号、检查日期、体重、身长", "name or ID number, date, weight, length")]
    by = both("冉医生", "Dr. Ran")
    return {
        "kinds": [{"code": c, "label": both(zh, en), "columns": both(czh, cen), "template_href": "imports.html"} for c, zh, en, czh, cen in kinds], "upload": {"action": "import_running.html", "errors": [], "kind": "dose"},
        "runs": [
            {"href": "import_running.html", "name": "火炉镇11月接种.xlsx", "kind": both("接种记录", "Doses"), "at": datetime(2026, 11, 23, 9, 2), "by": by, "state": "running", "rows": 1840, "accepted": 1210, "refused": 0, "done_share": 0.66},
            {"href": "import_refused.html", "name": "新生儿名册(终)2.xls", "kind": both("儿童名册", "Children"), "at": datetime(2026, 11, 20, 15, 31), "by": by, "state": "refused", "rows": 126, "accepted": 119, "refused": 7, "done_share": 1},
            {"href": "import_done.html", "name": "火炉镇10月体检.csv", "kind": both("健康检查记录", "Health visits"), "at": datetime(2026, 11, 2, 10, 17), "by": by, "state": "done", "rows": 233, "accepted": 233, "refused": 0, "done_share": 1},
        ],
    }


def imports_empty() -> dict[str, Any]:
    base = imports()
    return {**base, "runs": [], "upload": {**base["upload"], "errors": [{"field": "file", "text": both("这个文件打不开：不是Excel或CSV", "This file cannot be opened: neither Excel nor CSV")}]}}


def import_refused() -> dict[str, Any]:
    reasons = [
        ("身份证号被Excel改成了科学计数法，末几位已丢失；请把该列设为文本后重填", "Excel turned the ID number into scientific notation and lost digits; make the column text and fill it in again", 4),
        ("出生日期晚于上报日期", "The birth date is after the day of the report", 2),
        ("没有这个村（社区）；是否为“车坝村”", "No such village; did you mean 车坝村?", 1),
    ]
    columns = ["身份证号", "身份证号", "出生日期", "村（社区）", "身份证号", "出生日期", "身份证号"]
    which = [0, 0, 1, 2, 0, 1, 0]
    return {
        "run": {**imports()["runs"][1], "encoding": "GB18030", "sheet": "Sheet1", "head_line": 3, "duplicates": 2, "done_rows": 126}, "trail": [{"label": both("数据", "Data"), "href": "imports.html"}],
        "reading": [both("第1–2行为标题，第3行为表头", "Lines 1–2 are titles, line 3 is the head"), both("第130行为合计，未读", "Line 130 is a total and was not read"), both("日期写法有4种，均已识别", "Dates are written in 4 ways; all were read"), both("2行与已有记录相同，不重复计入", "2 rows are on file already and are not counted twice")],
        "refused": [{"line": 4 + i * 11, "column": columns[i], "reason": both(*reasons[w][:2])} for i, w in enumerate(which)], "refused_more": 0,
        "reasons": [{"reason": both(zh, en), "count": n} for zh, en, n in reasons], "report_href": "import_refused.html", "again_href": "imports.html", "result_href": None,
    }


def import_running() -> dict[str, Any]:
    return {**import_refused(), "run": {**imports()["runs"][0], "encoding": None, "sheet": None, "head_line": 1, "duplicates": None, "done_rows": 1210}, "reading": [], "refused": [], "reasons": [], "report_href": None}


def import_done() -> dict[str, Any]:
    return {**import_refused(), "run": {**imports()["runs"][2], "encoding": "UTF-8", "sheet": None, "head_line": 1, "duplicates": 0, "done_rows": 233}, "refused": [], "reasons": [], "report_href": None, "result_href": "children.html"}


def pack() -> dict[str, Any]:
    counts = [("措施", "measures", 35), ("责任部门", "bodies", 25), ("责任分工", "assignments", 170), ("目标", "targets", 22), ("里程碑", "milestones", 7), ("工具", "instruments", 204), ("乡镇（街道）", "townships", 26), ("村（社区）", "villages", 214), ("路径", "pathways", 3), ("表单", "forms", 16), ("指标", "indicators", 31), ("权益", "entitlements", 6), ("测试儿童", "test children", 48)]
    return {
        "pack": {"name": both("武隆方案包", "Wulong pack"), "version": "2026.11", "fingerprint": "wulong-7f3a92c1", "effective_from": date(2026, 11, 1), "extends": [both("国家规范包 china 2026.11", "china 2026.11")], "checked_at": TURN}, "trail": [],
        "counts": [{"label": both(zh, en), "value": n, "href": "pack.html"} for zh, en, n in counts],
        "tabs": [{"label": both(zh, en), "href": "pack.html", "current": i == 0, "count": n} for i, (zh, en, n) in enumerate([("来源与未确认", "Sources, unconfirmed", 3), ("路径", "Pathways", 3), ("表单", "Forms", 16), ("指标", "Indicators", 31), ("角色", "Roles", 9)])],
        "unconfirmed": [
            {"name": both("黄色等级每月探访", "Level yellow: monthly visit"), "kind": both("步骤", "step"), "id": "hardship.visit_yellow", "source": "困境儿童分类保障工作惯例", "confidence": "recalled", "blocks": both("不产生逾期提醒和任务", "raises no alert and no task"), "file": "packs/china/pathways/hardship.yaml:41"},
            {"name": both("儿科医师统计年龄0–14岁", "Pediatricians per children aged 0–14"), "kind": both("指标", "indicator"), "id": "pediatricians_per_1000", "source": "统计惯例", "confidence": "recalled", "blocks": both("状态灯只显示为在轨或无数据", "its light stays at on track or no data"), "file": "packs/wulong/indicators/T17.yaml:9"},
            {"name": both("临时监护期不超过1年", "Temporary guardianship at most a year"), "kind": both("参数", "parameter"), "id": "temporary_guardianship", "source": "单一来源", "confidence": "single-source", "blocks": both("提醒附注“待确认”", "alerts carry the mark “to be confirmed”"), "file": "packs/china/parameters/guardianship.yaml:3"},
        ],
        "sources": [
            {"source": both("武隆发改发〔2022〕159号", "武隆发改发〔2022〕159号"), "declarations": 298, "confidence": "verified-text", "in_force": date(2022, 5, 24)},
            {"source": both("国疾控卫免发〔2026〕16号", "国疾控卫免发〔2026〕16号"), "declarations": 30, "confidence": "verified-multi", "in_force": date(2026, 6, 17)},
            {"source": both("《中华人民共和国未成年人保护法》", "Law on the Protection of Minors"), "declarations": 12, "confidence": "verified-law", "in_force": date(2021, 6, 1)},
        ],
        "declarations": None, "kind": None, "declaration": None, "problems": [],
    }


def pack_declaration() -> dict[str, Any]:
    """One declaration opened, and a pack that does not pass its checks."""
    columns = [_column("name", "路径", "Pathway", "text"), _column("id", "编号", "Id", "text"), _column("steps", "步骤", "Steps", "number"), _column("file", "文件", "File", "text")]
    text = "name: {zh: 免疫规划, en: Immunization}\nmeasures: [M09]\nsensitivity: health\napplies_when: age_years < 18\nsteps:\n  - id: MMR_1\n    name: {zh: 麻腮风疫苗 第1剂, en: MMR dose 1}\n    form: dose\n    satisfied_by: vaccine = 'MMR'\n    earliest: birth_date + interval 8 month\n    overdue_after: birth_date + interval 12 month\n"
    return {
        **pack(), "unconfirmed": [], "sources": [], "kind": both("路径", "Pathways"),
        "declarations": {"columns": columns, "rows": [{"href": "pack_declaration.html", "cells": [both("免疫规划", "Immunization"), "immunization", 30, "packs/china/pathways/immunization.yaml"]}]},
        "declaration": {"name": both("免疫规划", "Immunization"), "id": "immunization", "kind": both("路径", "Pathway"), "file": "packs/china/pathways/immunization.yaml", "text": text, "source": "国疾控卫免发〔2026〕16号", "confidence": "verified-multi", "effective_from": date(2026, 6, 17),
                        "rules": [{"label": both("适用于", "Applies when"), "text": "age_years < 18", "words": both("未满18周岁的儿童", "children under 18")}, {"label": both("麻腮风第1剂 最早", "MMR dose 1, earliest"), "text": "birth_date + interval 8 month", "words": both("满8月龄当日起", "from the day the child is 8 months old")}]},
        "problems": [{"file": "packs/wulong/indicators/T17.yaml", "line": 9, "text": "unknown name 'pediatrition'; did you mean 'pediatrician'?", "severity": "error"}],
    }


def audit() -> dict[str, Any]:
    columns = [_column("seq", "序号", "No.", "number"), _column("at", "时间", "When", "date"), _column("who", "人员", "Who", "text"), _column("role", "角色", "Role", "text"), _column("action", "动作", "Action", "tag"), _column("what", "对象", "What", "text"), _column("purpose", "目的", "Purpose", "text"), _column("hash", "校验", "Seal", "text")]
    who = [("冉医生", "Dr. Ran", "接种医生", "vaccinator"), ("陈主任", "Director Chen", "村儿童主任", "child director"), ("刘科长", "Ms. Liu", "民政", "civil affairs")]
    what = [("读取", "read", "儿童档案 c-7Qm2", "child file c-7Qm2", "预防接种", "vaccination"), ("写入", "write", "接种记录", "dose record", "", ""), ("读取", "read", "困境儿童台账（14行）", "hardship ledger (14 rows)", "探访", "visit"), ("导出", "export", "困境儿童台账（14行）", "hardship ledger (14 rows)", "督办", "supervision")]
    rows = []
    for i in range(12):
        zh, en, rzh, ren = who[i % 3]
        azh, aen, wzh, wen, pzh, pen = what[i % 4]
        rows.append({"href": None, "cells": [48213 - i, datetime(2026, 11, 23, 9, 12 - i % 10), both(zh, en), both(rzh, ren), both(azh, aen), both(wzh, wen), both(pzh, pen), f"{(48213 - i) * 2654435761 % 2**32:08x}"]})
    return {
        "chain": {"ok": True, "rows": 48213, "checked_at": TURN, "first_bad": None, "head": "9c41e07b", "verify": "audit.html"}, "standing": {"reads_today": 182, "writes_today": 61, "break_glass": 0},
        "filters": [{"id": "who", "label": both("人员", "Who"), "type": "text", "value": "", "options": []}, {"id": "action", "label": both("动作", "Action"), "type": "select", "value": "", "options": [{"code": "read", "label": both("读取", "read")}, {"code": "write", "label": both("写入", "write")}]}, {"id": "on", "label": both("日期", "Day"), "type": "date", "value": "2026-11-23", "options": []}],
        "active": [], "columns": columns, "rows": rows, "pages": {"number": 1, "last": 965, "count": 48213, "first_row": 1, "last_row": 50, "previous": None, "next": "audit.html"},
        "unusual": [{"text": both("1次紧急查阅待复查", "1 break-glass reading to review"), "href": "audit.html"}],
    }


def audit_broken() -> dict[str, Any]:
    base = audit()
    return {**base, "chain": {**base["chain"], "ok": False, "first_bad": 31877}, "rows": [], "unusual": []}
