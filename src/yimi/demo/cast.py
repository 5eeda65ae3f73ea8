"""The people of the demonstration and of the tests. All are made up.

Each is somebody whose work the site must serve, and Mr. Zhao of the next township, who must see nothing of
Baima. `place` and `organization` are those of the wulong pack.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

STORY_TOWNSHIP, NEXT_TOWNSHIP, DISTRICT = "500156101", "500156102", "500156"


@dataclass(frozen=True)
class Person:
    username: str
    name: str
    role: str
    organization: str
    place: str
    does: tuple[str, str]  # what this person does here, zh and en


def cast(villages: Collection[str]) -> list[Person]:
    """The cast; a child director for each of the story's villages, Director Chen in the first."""
    directors = sorted(villages)
    names = ["陈主任", "覃主任", "冯主任", "田主任", "向主任", "简主任"]
    users = ["chen", "qin", "feng", "tian", "xiang", "jian"]
    people = [
        Person(
            user,
            name,
            "child_director",
            f"village_{village}",
            village,
            ("村（社区）儿童主任", "village child director"),
        )
        for user, name, village in zip(users, names, directors, strict=False)
    ]
    town = STORY_TOWNSHIP
    return [
        *people,
        Person("ran", "冉医生", "vaccinator", f"hospital_{town}", town, ("白马镇卫生院预防接种人员", "vaccinator, Baima health center")),
        Person("deng", "邓医生", "township_doctor", f"hospital_{town}", town, ("白马镇卫生院儿保医生", "child-health doctor, Baima")),
        Person("yang", "杨督导员", "child_supervisor", f"gov_{town}", town, ("白马镇儿童督导员", "child supervisor, Baima")),
        Person("zhao", "赵主任", "child_supervisor", f"gov_{NEXT_TOWNSHIP}", NEXT_TOWNSHIP, ("相邻乡镇儿童督导员", "child supervisor of the next township")),
        Person("liu", "刘科长", "civil_affairs_officer", "civil_affairs", DISTRICT, ("区民政局儿童福利工作人员", "civil affairs, child welfare")),
        Person("min", "闵医生", "mch_doctor", "mch_center", DISTRICT, ("区妇幼保健院医生", "doctor, district maternal and child health hospital")),
        Person("fu", "傅干事", "federation_officer", "disabled_fed", DISTRICT, ("区残联康复工作人员", "disabled persons’ federation")),
        Person("he", "何科长", "health_officer", "health", DISTRICT, ("区卫生健康委妇幼与免疫工作人员", "district health commission")),
        Person("xu", "徐科长", "education_officer", "education", DISTRICT, ("区教委工作人员", "district education commission")),
        Person("tang", "唐老师", "special_education_officer", "education", DISTRICT, ("区特殊教育资源中心", "special education center")),
        Person("wei", "韦老师", "student_aid_officer", "education", DISTRICT, ("区学生资助管理中心", "student aid center")),
        Person("zhou", "周主任", "coordinator", "wcwc_office", DISTRICT, ("区妇儿工委办", "coordinating office")),
        Person("ma", "马区长", "leader", "wcwc_office", DISTRICT, ("区领导", "district leader")),
        Person("song", "宋管理员", "system_admin", "economy_it", DISTRICT, ("系统管理员", "administrator")),
        Person("gao", "高警官", "police_liaison", "police", DISTRICT, ("区公安局未成年人案件联络民警", "police liaison for minors")),
        Person("shen", "沈检察官", "procurator", "procuratorate", DISTRICT, ("区检察院未成年人检察官", "procurator for minors")),
        Person("bai", "白主任", "legal_aid_officer", "justice", DISTRICT, ("区司法局法律援助工作人员", "legal aid officer")),
        Person("kong", "孔所长", "correction_officer", "justice", DISTRICT, ("区司法局社区矫正与帮教工作人员", "community correction and help")),
        Person("jin", "金科长", "food_officer", "market_reg", DISTRICT, ("区市场监管局食品安全工作人员", "food safety, market regulation")),
        Person("luo", "罗审计员", "auditor", "statistics", DISTRICT, ("安全审计员", "auditor")),
    ]  # fmt: skip


def organization_cast(organizations: list[tuple[str, str]]) -> list[Person]:
    """A worker in each of the first social organizations, given as (uid, place): they receive referrals."""
    people = (("pan", "潘社工"), ("lei", "雷社工"), ("ning", "宁社工"))
    does = ("社会组织工作人员，接收转介", "worker of a social organization, receives referrals")
    return [
        Person(user, name, "organization_worker", uid, place, does)
        for (user, name), (uid, place) in zip(people, organizations, strict=False)
    ]


def school_cast(school: str, township: str) -> list[Person]:
    """The people of the story's school; `school` is its uid, which their appointments name as their organization."""
    if not school:
        return []
    return [
        Person("wen", "文老师", "school_officer", school, township, ("学校学生保护专员", "child protection officer of a school")),
        Person("mei", "梅老师", "class_teacher", school, township, ("班主任", "class teacher")),
    ]  # fmt: skip
