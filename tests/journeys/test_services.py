"""Two stories of services: a failed vision screening to glasses, and a mother in prison to the allowance.

Through the pages as the people of the cast use them, and the cycle between them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.journeys.browser import CHROMIUM, Person, Site, fill, picture, send, served, today, yimi

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="chromium is not installed (Debian: chromium)"),
]
SIX_MONTHS_AND_MORE = 200  # days out of contact, over the six months after which they count


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served(tmp_path_factory.mktemp("services") / "demo", 1500) as found:
        yield found


def turn_on(site: Site, day: date) -> None:
    yimi("cycle", "--dir", str(site.directory), "--as-of", day.isoformat())


def open_task(site: Site, rule: str, name: str) -> str:
    """The open task of the alert behind which a child of this name stands."""
    rows = site.ask(
        "SELECT t.uid FROM tasks_task t JOIN alerts_alert a ON a.id = t.alert_id JOIN alerts_subject s ON s.alert_id = a.id "
        "JOIN register_child c ON c.subject_id = s.subject_id WHERE a.rule = ? AND c.name = ? AND s.until IS NULL "
        "AND a.closed_at IS NULL AND t.closed_at IS NULL",
        rule, name,
    )  # fmt: skip
    assert len(rows) == 1, rows
    return str(UUID(rows[0][0]))


def report_and_verify(doer: Person, second: Person, task: str, told: str, proof: str) -> None:
    doer.open(f"/tasks/{task}/")
    assert not doer.page.locator("button[value=verified]").count(), "nobody verifies alone"
    doer.page.fill("#field-text", told)
    doer.page.fill("#field-evidence-text", proof)
    doer.page.locator("form", has=doer.page.locator("#field-text")).locator("button.primary").click()
    doer.page.wait_for_load_state()
    second.open("/work/?tab=to_verify")
    second.page.click(f"a[href='/tasks/{task}/'] >> nth=0")
    second.page.click("button[value=verified]")
    second.page.wait_for_load_state()
    assert doer.site.ask("SELECT state FROM tasks_task WHERE uid = ?", UUID(task).hex) == [("closed",)]


# --- a failed vision screening ------------------------------------------------------------------------------


def a_pupil_of_the_class(site: Site) -> tuple[str, str]:
    """(uid, name) of a child of the teacher's class who has a name of its own and was in no finding this year."""
    rows = site.ask(
        "SELECT s.uid, c.name FROM register_assignment a JOIN register_subject s ON s.id = a.subject_id "
        "JOIN register_child c ON c.subject_id = s.id JOIN register_residence r ON r.subject_id = s.id AND r.valid_to IS NULL "
        "WHERE a.valid_to IS NULL AND c.death_date IS NULL AND r.place_id LIKE '500156101%' "
        "AND (SELECT count(*) FROM register_child o WHERE o.name = c.name) = 1 "
        "AND s.id NOT IN (SELECT subject_id FROM records_record WHERE form = 'vision_screening' "
        "AND answers NOT LIKE '%normal%') ORDER BY s.id LIMIT 1",
    )
    assert rows, "nobody of the class is free for the story"
    return str(UUID(rows[0][0])), rows[0][1]


def number(text: str) -> int:
    """A number as a page writes it, with spaces between thousands."""
    return int("".join(each for each in text if each.isdigit()))


class Cascade:
    """The numbers of a cascade's page, as somebody reads them."""

    def __init__(self, person: Person, address: str) -> None:
        page = person.open(address)
        names = page.locator(".funnel-name").all_inner_texts()
        numbers = [number(each) for each in page.locator(".funnel-number").all_inner_texts()]
        self.reached = {name.split("\n")[0].strip(): n for name, n in zip(names, numbers, strict=True)}
        told = page.locator("header .tally strong").all_inner_texts()
        self.settled, self.waiting, self.late = (number(each) for each in told[:3])
        rows = page.locator("section", has_text="按乡镇").locator("table tbody tr")
        self.townships = [row.locator("td").all_inner_texts() for row in rows.all()]

    def adds_up(self) -> bool:
        numbers = list(self.reached.values())
        falls = numbers == sorted(numbers, reverse=True)
        found = self.reached["疑似近视或其他异常"] == self.settled + self.waiting + self.late
        scope = sum(number(row[0]) for row in self.townships) == numbers[0]
        return falls and found and scope


def test_a_failed_vision_screening_to_glasses(site: Site, browser: Any) -> None:
    uid, child = a_pupil_of_the_class(site)
    address = "/cascades/myopia/"
    mei, deng, min_ = (Person(browser, site, who) for who in ("mei", "deng", "min"))
    before = Cascade(deng, address)
    assert before.adds_up(), vars(before)

    # The class teacher enters what the screening found, and reads no other health fact of the child.
    assert child in mei.text("/children/")
    told = send(
        mei,
        f"/children/{uid}/record/vision_screening/",
        vision_left="0.5",
        vision_right="0.6",
        result="suspected",
    )
    assert "应办事项的变化" in told, told
    assert "预防接种" not in mei.text(f"/children/{uid}/")
    assert mei.status(f"/children/{uid}/record/health_diagnosis/") == 404

    # The same night the child is on the cascade; a positive is no diagnosis.
    site.turn()
    positive = Cascade(deng, address)
    assert positive.adds_up(), vars(positive)
    assert positive.reached["疑似近视或其他异常"] == before.reached["疑似近视或其他异常"] + 1
    assert positive.reached["有结论"] == before.reached["有结论"]
    assert child in deng.text(f"{address}children/?stage=2")
    assert not site.ask(
        "SELECT 1 FROM alerts_subject a JOIN register_child c ON c.subject_id = a.subject_id "
        "WHERE c.name = ? AND a.step LIKE 'myopia.%' AND a.until IS NULL",
        child,
    ), "not late yet"

    # Fourteen days without a referral: the child stands by name in a task of the township's doctor, nobody else's.
    later = today() + timedelta(days=15)
    turn_on(site, later)
    task = open_task(site, "not_diagnosed", child)
    work = deng.text("/work/")
    assert "逐个通知监护人，落实转诊和确诊" in work
    assert child in deng.text(f"/tasks/{task}/")
    picture(deng, "vision-task")
    for who in ("zhao", "song"):
        assert Person(browser, site, who).status(f"/tasks/{task}/") == 404, who
    assert child not in Person(browser, site, "he").text("/work/"), "the district is told a number"

    # Referred, diagnosed, glasses: each by whoever does it.
    send(
        deng,
        f"/children/{uid}/record/health_referral/",
        concern="vision",
        institution="区人民医院眼科",
        told_guardian="true",
    )
    send(
        min_,
        f"/children/{uid}/record/health_diagnosis/",
        concern="vision",
        result="confirmed",
        disease="近视",
    )
    send(
        min_,
        f"/children/{uid}/record/health_treatment/",
        concern="vision",
        kind="glasses",
        institution="区人民医院眼科",
    )
    report_and_verify(deng, min_, task, "已陪同就诊、配镜", "配镜单 2026-118")

    turn_on(site, later)
    after = Cascade(deng, address)
    assert after.adds_up(), vars(after)
    for stage in ("疑似近视或其他异常", "已转诊", "有结论", "确诊", "已矫正或干预"):
        assert after.reached[stage] == before.reached[stage] + 1, stage
    assert "已矫正或干预" in deng.text(f"/children/{uid}/")
    picture(deng, "vision-cascade")
    assert not site.ask(
        "SELECT 1 FROM alerts_subject a JOIN register_child c ON c.subject_id = a.subject_id "
        "WHERE c.name = ? AND a.step LIKE 'myopia.%' AND a.until IS NULL",
        child,
    ), "nothing waits for the child any more"


# --- a mother in prison -------------------------------------------------------------------------------------


def a_child_with_both_parents(site: Site) -> tuple[str, str, str, str]:
    """(uid, name, mother, father) of a child of Baima with two parents on file and no decision at all."""
    rows = site.ask(
        "SELECT s.uid, c.name, m.uid, f.uid FROM register_child c JOIN register_subject s ON s.id = c.subject_id "
        "JOIN register_residence r ON r.subject_id = s.id AND r.valid_to IS NULL "
        "JOIN register_relation rm ON rm.subject_id = s.id AND rm.kind = 'mother' AND rm.valid_to IS NULL "
        "JOIN register_relation rf ON rf.subject_id = s.id AND rf.kind = 'father' AND rf.valid_to IS NULL "
        "JOIN register_subject m ON m.id = rm.person_id JOIN register_subject f ON f.id = rf.person_id "
        "JOIN register_person pm ON pm.subject_id = m.id AND pm.death_date IS NULL "
        "JOIN register_person pf ON pf.subject_id = f.id AND pf.death_date IS NULL "
        "WHERE r.place_id LIKE '500156101%' AND c.death_date IS NULL AND c.birth_date > date('now', '-12 years') "
        "AND c.birth_date < date('now', '-3 years') "
        "AND s.id NOT IN (SELECT subject_id FROM register_status) AND m.id NOT IN (SELECT subject_id FROM register_status) "
        "AND f.id NOT IN (SELECT subject_id FROM register_status) "
        "AND (SELECT count(*) FROM register_child o WHERE o.name = c.name) = 1 "
        "AND (SELECT count(*) FROM register_relation o WHERE o.person_id = m.id) = 1 ORDER BY s.id LIMIT 1"
    )
    uid, name, mother, father = rows[0]
    return str(UUID(uid)), name, str(UUID(mother)), str(UUID(father))


def test_a_mother_in_prison_to_the_allowance(site: Site, browser: Any) -> None:
    uid, child, mother, father = a_child_with_both_parents(site)
    liu, yang = Person(browser, site, "liu"), Person(browser, site, "yang", width=390)
    listed = "/radar/de_facto_allowance/children/?state=missing"
    assert child not in liu.text(listed)

    # The township enters the two facts from the child's own page; others who read the child cannot.
    yang.open(f"/children/{uid}/")
    yang.page.click(f"a[href='/subjects/{mother}/']")
    yang.page.click(f"a[href='/subjects/{mother}/record/guardian_report/'] >> nth=0")
    yang.page.wait_for_load_state()
    picture(yang, "kin-form")
    fill(
        yang,
        occurred_on=(today() - timedelta(days=3)).isoformat(),
        state="imprisoned",
        evidence="刑事判决书（演示）12号",
    )
    yang.page.click("main form.form .buttons button.primary")
    yang.page.wait_for_load_state()
    assert "应办事项的变化" in yang.page.inner_text("body")
    lost = (today() - timedelta(days=SIX_MONTHS_AND_MORE)).isoformat()
    address = f"/subjects/{father}/record/guardian_report/"
    send(yang, address, occurred_on=lost, state="lost_contact", evidence="公安机关查询结果（演示）7号")
    assert "服刑在押" in yang.text(f"/children/{uid}/")
    for who in ("chen", "zhao", "deng", "xu"):
        assert Person(browser, site, who).status(address) == 404, who
    assert "服刑在押" not in Person(browser, site, "deng").text(f"/children/{uid}/"), (
        "justice is not health's to read"
    )

    # The same night: on the list, with the documents, and somebody's task.
    site.turn()
    row = liu.open(listed).locator("tr", has_text=child).inner_text()
    assert "应享未享" in row and "父母双方情形的证明" in row and "申请表" in row
    assert child in yang.text("/ledgers/suspected/hardship/")
    assert "核对父母双方情形和材料，作出认定和发放决定" in liu.text("/work/") and child in liu.text("/work/")
    task = open_task(site, "de_facto_missing", child)
    told = liu.text(f"/tasks/{task}/")
    assert "父母双方情形的证明" in told and "户口簿" in told
    picture(liu, "allowance-task")
    coordinator = Person(browser, site, "zhou")
    assert child not in coordinator.text("/work/?tab=all"), (
        "the coordinating office sees the task and no name"
    )

    # Decided and granted: the task is verified by the township, the child receives.
    send(
        liu,
        f"/children/{uid}/record/hardship_decision/",
        action="open",
        category="H3b",
        level="yellow",
        reason="父失联满六个月、母服刑在押",
    )
    send(
        liu,
        f"/children/{uid}/record/allowance_decision/",
        benefit="de_facto_allowance",
        action="open",
        reason="经确认",
    )
    report_and_verify(liu, yang, task, "已认定并确认发放", "审批表 2026-31")
    site.turn()
    assert child not in liu.text(listed)
    assert child in liu.text("/radar/de_facto_allowance/children/?state=receiving")
    assert child not in yang.text("/ledgers/suspected/hardship/"), "decided: no longer suspected"
    assert not site.ask(
        "SELECT 1 FROM alerts_alert a JOIN alerts_subject s ON s.alert_id = a.id JOIN register_child c "
        "ON c.subject_id = s.subject_id WHERE c.name = ? AND a.rule = 'de_facto_missing' AND a.closed_at IS NULL",
        child,
    )
    assert yimi("audit", "verify", "--dir", str(site.directory))["ok"]
