"""Made-up cases in plausible numbers: referrals, reports of harm, bullying, graded intervention, missing, legal aid,
campus-loan leads, complaints about schooling.

A case is written as its parties would have worked it: most answered in time, some late, a few silent now. About one
in five hundred children is in some case of a year. Nothing here is taken from anywhere; the texts say so little
that they could be anybody's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from yimi.demo.draw import stream
from yimi.demo.injuries import Injury, Pupil, make_injuries

ZONE = ZoneInfo("Asia/Shanghai")
PER = 60_000  # the numbers below are for so many children


@dataclass(frozen=True)
class MadeRecord:
    form: str
    party: str
    at: datetime
    answers: dict[str, Any]


@dataclass
class MadeCase:
    kind: str
    opened_at: datetime
    place: str
    children: list[tuple[int, str]]  # subject_id, part
    parties: dict[str, str]  # party → organization or a school's uid
    records: list[MadeRecord] = field(default_factory=list)
    closed_on: date | None = None
    reporter: str = ""


@dataclass(frozen=True)
class Made:
    cases: list[MadeCase]
    injuries: list[Injury]
    school: tuple[str, str]  # uid and township of the story's school


Maker = Callable[[np.random.Generator, Pupil, datetime, date], MadeCase]


def make_cases(
    district: Any, townships: dict[str, str], seed: int, points: dict[str, tuple[float, float]] | None = None
) -> Made:
    """Cases and injury cards of a district of `demo.district`. `townships`: village → township; `points`: where it lies."""
    rng = stream(seed, "cases")
    pupils = _pupils(district, townships)
    today: date = district.as_of
    scale = district.tables["child"].num_rows / PER
    cases: list[MadeCase] = []
    for maker, a_year, youngest, oldest in (
        (_referral, 120, 0, 17), (_report, 22, 3, 17), (_bullying, 16, 8, 15), (_intervention, 16, 12, 17),
        (_missing, 3, 5, 15), (_legal_aid, 6, 6, 17), (_adoption, 4, 3, 13), (_loan_lead, 5, 15, 17), (_complaint, 18, 6, 15),
    ):  # fmt: skip
        fit = [each for each in pupils if youngest <= each.age <= oldest]
        count = max(round(a_year * scale), 2) if fit else 0
        for _ in range(count):
            back = int(rng.integers(0, 330)) if rng.random() < 0.8 else int(rng.integers(0, 12))
            opened = _moment(rng, today - timedelta(days=back))
            cases.append(maker(rng, fit[int(rng.integers(len(fit)))], opened, today))
    cases.sort(key=lambda each: each.opened_at)
    injuries = make_injuries(stream(seed, "injuries"), pupils, today, scale, points or {})
    return Made(cases, injuries, _story_school(pupils, district))


def _pupils(district: Any, townships: dict[str, str]) -> list[Pupil]:
    """Children who live here and attend somewhere, with their school's uid."""
    tables = district.tables
    born = dict(zip(*(tables["child"][n].to_pylist() for n in ("subject_id", "birth_date")), strict=True))
    uids = dict(zip(*(district.facility_names[n].to_pylist() for n in ("subject_id", "uid")), strict=True))
    homes = {row["subject_id"]: row["place_id"] for row in _open(tables["residence"])}
    dead = set(
        tables["child"].filter(pa.compute.is_valid(tables["child"]["death_date"]))["subject_id"].to_pylist()
    )
    found = []
    for row in _open(tables["attendance"]):
        child = row["subject_id"]
        if child in homes and child not in dead and born.get(child):
            age = (district.as_of - born[child]).days // 365
            school = str(UUID(uids[row["facility_id"]]))
            found.append(Pupil(child, homes[child], townships.get(homes[child], ""), school, age))
    return [each for each in found if each.township]


def _open(table: pa.Table) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = table.filter(pa.compute.is_null(table["valid_to"])).to_pylist()
    return rows


def _story_school(pupils: Sequence[Pupil], district: Any) -> tuple[str, str]:
    """The school of the story's township that has the most pupils of school age."""
    counts: dict[str, int] = {}
    for each in pupils:
        if each.township == district.story.township and each.age >= 6:
            counts[each.school] = counts.get(each.school, 0) + 1
    best = max(sorted(counts), key=lambda school: counts[school], default="")
    return best, district.story.township


def _moment(rng: np.random.Generator, day: date) -> datetime:
    return datetime.combine(day, time(int(rng.integers(8, 18)), int(rng.integers(60))), ZONE)


def _until(today: date, moment: datetime) -> bool:
    return moment.date() < today


def _answer(
    case: MadeCase, rng: np.random.Generator, today: date, form: str, party: str, hours: tuple[float, float],
    answers: dict[str, Any], silent: float = 0.04,
) -> datetime | None:  # fmt: skip
    """A party's record some hours after the opening, unless it is silent or that time has not come."""
    at = case.opened_at + timedelta(hours=float(rng.uniform(*hours)))
    if rng.random() < silent or not _until(today, at):
        return None
    case.records.append(MadeRecord(form, party, at, answers))
    return at


def _referral(rng: np.random.Generator, pupil: Pupil, opened: datetime, today: date) -> MadeCase:
    needs = ("medical", "psychological", "rehabilitation", "welfare", "guardianship")
    hospital = f"hospital_{pupil.township}"
    case = MadeCase(
        "referral", opened, pupil.village, [(pupil.child, "concerned")],
        {"sender": f"village_{pupil.village}", "receiver": hospital if rng.random() < 0.5 else f"gov_{pupil.township}"},
    )  # fmt: skip
    urgent = bool(rng.random() < 0.15)
    told = {
        "need": needs[int(rng.integers(len(needs)))],
        "urgency": "urgent" if urgent else "normal",
        "reason": "走访发现，请予评估",
    }
    case.records.append(MadeRecord("referral_sent", "sender", opened, told))
    refused = rng.random() < 0.08
    reply = {"outcome": "refused", "reason": "不在服务范围"} if refused else {"outcome": "received"}
    at = _answer(case, rng, today, "referral_reply", "receiver", (1, 8 if urgent else 30), reply, 0.03)
    done = at + timedelta(days=int(rng.integers(1, 24))) if at else None
    if done and not refused and _until(today, done) and rng.random() < 0.95:
        case.records.append(
            MadeRecord("referral_outcome", "receiver", done, {"result": "done", "done": "已评估并安排随访"})
        )
        case.closed_on = done.date()
    return case


def _report(rng: np.random.Generator, pupil: Pupil, opened: datetime, today: date) -> MadeCase:
    case = MadeCase(
        "mandatory_report", opened, pupil.township, [(pupil.child, "harmed")],
        {
            "police": "police", "health": f"hospital_{pupil.township}", "civil_affairs": "civil_affairs",
            "school": pupil.school, "procuratorate": "procuratorate",
        },
        reporter="made-up",
    )  # fmt: skip
    situation = ("R4", "R4", "R6", "R9", "R2")[int(rng.integers(5))]
    relation = ("family", "family", "peer", "acquaintance", "unknown")[int(rng.integers(5))]
    kind = {"R6": "neglect", "R2": "sexual"}.get(situation, "domestic" if relation == "family" else "other")
    case.records.append(
        MadeRecord(
            "mandatory_report",
            "",
            opened,
            {
                "situation": situation,
                "kind": kind,
                "accused_relation": relation,
                "place_kind": {"family": "home", "peer": "school"}.get(relation, "residential"),
            },
        )
    )
    answers = (
        ("police_intake", "police", (0.2, 2.2), {"outcome": "accepted", "safe_now": True}),
        ("medical_response", "health", (2, 26), {"examined": True, "injury": "mild"}),
        ("civil_response", "civil_affairs", (3, 28), {"placement": "home", "guardianship_assessed": True}),
        ("school_response", "school", (3, 30), {"safety": "班主任陪护", "attends": True}),
        ("procuratorate_response", "procuratorate", (20, 70), {"supervised": True, "duty_checked": True}),
        ("child_interview", "police", (20, 80), {"recorded": True, "guardian_present": True}),
        ("police_filing", "police", (40, 120), {"decision": "public_security"}),
    )
    done = [_answer(case, rng, today, form, party, hours, given) for form, party, hours, given in answers]
    if all(done):
        closed = opened + timedelta(days=int(rng.integers(20, 70)))
        if _until(today, closed):
            told = {"outcome": "safe", "child_safe": True, "follow_up": "每月走访"}
            case.records.append(MadeRecord("protection_closing", "civil_affairs", closed, told))
            case.closed_on = closed.date()
    return case


def _bullying(rng: np.random.Generator, pupil: Pupil, opened: datetime, today: date) -> MadeCase:
    case = MadeCase(
        "bullying", opened, pupil.township, [(pupil.child, "harmed")],
        {"school": pupil.school, "education": "education"},
    )  # fmt: skip
    kinds = ("verbal", "physical", "relational", "cyber")
    case.records.append(
        MadeRecord(
            "bullying_report", "school", opened, {"types": [kinds[int(rng.integers(4))]], "stopped": True}
        )
    )
    _answer(case, rng, today, "bullying_notice", "school", (1, 12), {"victim_side": True, "other_side": True})
    finding = {
        "finding": "bullying",
        "severity": "mild",
        "measures": "批评教育、当面道歉",
        "guardians_took_part": True,
    }
    found = _answer(case, rng, today, "bullying_finding", "school", (48, 252), finding)
    if found is None:
        return case
    _answer(case, rng, today, "bullying_support", "school", (260, 400), {"victim": True, "other": True}, 0.06)
    for days in (30, 90):
        at = found + timedelta(days=days + int(rng.integers(0, 6)))
        if _until(today, at) and rng.random() < 0.94:
            case.records.append(MadeRecord("bullying_check", "school", at, {"again": False, "attends": True}))
    closed = found + timedelta(days=100)
    if _until(today, closed):
        told = {"summary": "回访期内未再发生", "no_recurrence": True}
        case.records.append(MadeRecord("bullying_closing", "school", closed, told))
        case.closed_on = closed.date()
    return case


def _intervention(rng: np.random.Generator, pupil: Pupil, opened: datetime, today: date) -> MadeCase:
    case = MadeCase(
        "graded_intervention", opened, pupil.township, [(pupil.child, "concerned")],
        {"police": "police", "procuratorate": "procuratorate", "school": pupil.school},
    )  # fmt: skip
    serious = bool(rng.random() < 0.35)
    conduct = "c38_4" if serious else ("c28_2", "c28_3", "c28_4")[int(rng.integers(3))]
    case.records.append(MadeRecord("conduct_event", "police", opened, {"conduct": conduct}))
    tier = {"action": "enter", "tier": "B2" if serious else "B1", "article": "第三十八条" if serious else "第二十八条",
            "reason": "依登记的行为确定"}  # fmt: skip
    _answer(
        case,
        rng,
        today,
        "school_guidance",
        "school",
        (24, 96),
        {"measures": "谈心、专题教育", "guardians_told": True},
    )
    decided = _answer(case, rng, today, "tier_decision", "police", (30, 300), tier)
    ended = opened + timedelta(days=int(rng.integers(90, 210)))
    if serious and decided:
        _help(case, rng, decided, min(today, ended.date()), today)
    if decided and _until(today, ended):
        told = {"result": "done", "summary": "措施期满，表现良好"}
        case.records.append(MadeRecord("intervention_closing", "police", ended, told))
        case.closed_on = ended.date()
    return case


def _help(case: MadeCase, rng: np.random.Generator, decided: datetime, end: date, today: date) -> None:
    """The justice office takes part: a plan, then a contact each month; of one in five the last is missing."""
    case.parties["justice"] = "justice"
    planned = decided + timedelta(days=int(rng.integers(2, 9)))
    if not _until(today, planned):
        return
    until = (planned + timedelta(days=180)).date().isoformat()
    plan = {"goals": ["school", "law"], "measures": "到校了解、家庭指导、法治教育", "group": "司法所、学校、社区",
            "guardians_agreed": True, "until": until}  # fmt: skip
    case.records.append(MadeRecord("help_plan", "justice", planned, plan))
    last = end - timedelta(days=45 if rng.random() < 0.2 else 0)
    at = planned + timedelta(days=int(rng.integers(10, 25)))
    while at.date() < last:
        told = {"way": ("visit", "school", "office")[int(rng.integers(3))], "met": True, "restored": "school"}
        case.records.append(MadeRecord("help_contact", "justice", at, told))
        at += timedelta(days=int(rng.integers(24, 31)))


def _missing(rng: np.random.Generator, pupil: Pupil, opened: datetime, today: date) -> MadeCase:
    case = MadeCase(
        "missing_child", opened, pupil.township, [(pupil.child, "concerned")],
        {"police": "police", "civil_affairs": "civil_affairs"},
    )  # fmt: skip
    case.records.append(MadeRecord("missing_report", "police", opened, {"last_seen": "放学路上"}))
    _answer(
        case,
        rng,
        today,
        "missing_alert",
        "police",
        (0.1, 0.6),
        {"channels": "各村（社区）、车站", "public": False},
        0,
    )
    _answer(case, rng, today, "missing_search", "police", (1, 10), {"done": "走访并查看监控"}, 0)
    _answer(
        case,
        rng,
        today,
        "missing_recovery",
        "civil_affairs",
        (24, 200),
        {"placement": "home", "examined": True, "counselling": True},
        0,
    )
    closed = opened + timedelta(days=12)
    if _until(today, closed):
        told = {"result": "found_safe", "summary": "当日找到，已回家"}
        case.records.append(MadeRecord("missing_closing", "police", closed, told))
        case.closed_on = closed.date()
    return case


def _legal_aid(rng: np.random.Generator, pupil: Pupil, opened: datetime, today: date) -> MadeCase:
    case = MadeCase(
        "legal_aid", opened, pupil.township, [(pupil.child, "concerned")],
        {"legal_aid": "justice", "applicant": "civil_affairs"},
    )  # fmt: skip
    case.records.append(MadeRecord("aid_application", "applicant", opened, {"matter": "抚养费纠纷"}))
    _answer(case, rng, today, "aid_decision", "legal_aid", (24, 160), {"decision": "granted"}, 0.1)
    _answer(
        case,
        rng,
        today,
        "aid_assignment",
        "legal_aid",
        (161, 230),
        {"lawyer": "指派律师（演示）", "knows_minors": True},
        0.1,
    )
    return case


def _adoption(rng: np.random.Generator, pupil: Pupil, opened: datetime, today: date) -> MadeCase:
    """On its way, or withdrawn and sealed: nobody who was adopted here can be told from a child that moved in."""
    if (today - opened.date()).days > 120:  # more of them on their way than done
        opened = _moment(rng, today - timedelta(days=int(rng.integers(5, 45))))
    case = MadeCase(
        "adoption", opened, pupil.township, [(pupil.child, "concerned")],
        {"registry": "civil_affairs", "police": "police"},
    )  # fmt: skip
    told = {"situation": "unable", "kin": False, "papers": True}
    case.records.append(MadeRecord("adoption_application", "registry", opened, told))
    review = {
        "conditions": True,
        "guardian_agrees": True,
        "child_will": "consents" if pupil.age >= 8 else "under_8",
    }
    _answer(case, rng, today, "adoption_review", "registry", (30, 200), review, 0.1)
    notice = {"agreed": True, "by_third_party": bool(rng.random() < 0.5)}
    _answer(case, rng, today, "adoption_notice", "registry", (210, 280), notice, 0)
    ended = opened + timedelta(days=60)
    if _until(today, ended):
        case.records.append(MadeRecord("adoption_closing", "registry", ended, {"result": "withdrawn"}))
        case.closed_on = ended.date()
    return case


def _loan_lead(rng: np.random.Generator, pupil: Pupil, opened: datetime, today: date) -> MadeCase:
    """A lead names no pupil: it comes from a school and is about whoever it may be."""
    case = MadeCase("campus_loan", opened, pupil.township, [], {"police": "police", "sender": pupil.school})
    channel = ("platform", "training", "peer", "agent")[int(rng.integers(4))]
    told = {
        "channel": channel,
        "pupils": int(rng.integers(1, 6)),
        "threats": False,
        "content": "学生间有人推荐贷款链接",
    }
    case.records.append(MadeRecord("loan_lead", "sender", opened, told))
    _answer(case, rng, today, "loan_intake", "police", (2, 20), {"outcome": "accepted"}, 0.1)
    support = {"safe": True, "guardians": True, "measures": "谈心、家长告知、专题课"}
    _answer(case, rng, today, "loan_support", "sender", (6, 90), support, 0.1)
    result = {
        "result": ("regulator", "public_security", "no_offence")[int(rng.integers(3))],
        "summary": "已核查",
    }
    found = _answer(case, rng, today, "loan_result", "police", (100, 330), result, 0.1)
    closed = found + timedelta(days=5) if found else None
    if closed and len(case.records) == 4 and _until(today, closed):
        case.records.append(MadeRecord("loan_closing", "police", closed, {"summary": "已核查并告知报送单位"}))
        case.closed_on = closed.date()
    return case


def _complaint(rng: np.random.Generator, pupil: Pupil, opened: datetime, today: date) -> MadeCase:
    """Most are answered within ten working days; a few wait for the school."""
    case = MadeCase(
        "school_complaint", opened, pupil.township, [], {"education": "education", "handler": pupil.school}
    )
    topic = ("homework", "after_school", "timetable", "paid_lessons", "fees")[int(rng.integers(5))]
    told = {
        "topic": topic,
        "source": ("hotline", "letter", "survey")[int(rng.integers(3))],
        "content": "家长反映，请核查",
    }
    case.records.append(MadeRecord("school_complaint", "education", opened, told))
    taken = _answer(case, rng, today, "complaint_reply", "handler", (3, 40), {"outcome": "received"}, 0.06)
    if taken is None:
        return case
    finding = ("true", "partly", "untrue")[int(rng.integers(3))]
    found = {"finding": finding, "done": "已核查整改并公示"}
    answered = _answer(case, rng, today, "complaint_answer", "handler", (60, 260), found, 0.05)
    closed = answered + timedelta(days=3) if answered else None
    if closed and _until(today, closed):
        done = {
            "told_on": (closed - timedelta(days=1)).date().isoformat(),
            "satisfied": bool(rng.random() < 0.8),
        }
        case.records.append(MadeRecord("complaint_closing", "handler", closed, done))
        case.closed_on = closed.date()
    return case
