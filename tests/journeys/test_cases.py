"""Two stories of cases: a bruise seen by a teacher, and a juvenile file that is sealed at its end.

Through the pages as the people of the cast use them, and the cycle between them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.journeys.browser import CHROMIUM, Person, Site, fill, picture, send, served, today, yimi

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="chromium is not installed (Debian: chromium)"),
]
NOTHING = "/there/is/nothing/here/"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served(tmp_path_factory.mktemp("cases") / "demo", 1500) as found:
        yield found


def pupil(site: Site) -> tuple[str, str, str]:
    """(uid, name, birth date) of a pupil of the story's school, in no case so far."""
    school = site.ask("SELECT organization FROM accounts_appointment WHERE role = 'school_officer'")[0][0]
    rows = site.ask(
        "SELECT s.uid, c.name, c.birth_date FROM register_attendance a JOIN register_subject s ON s.id = a.subject_id "
        "JOIN register_child c ON c.subject_id = s.id JOIN register_subject f ON f.id = a.facility_id "
        "JOIN register_residence r ON r.subject_id = s.id AND r.valid_to IS NULL "
        "WHERE a.valid_to IS NULL AND f.uid = ? AND c.death_date IS NULL AND c.birth_date < date('now', '-7 years') "
        "AND s.id NOT IN (SELECT child_id FROM cases_involved) "
        "AND (SELECT count(*) FROM register_child o WHERE o.name = c.name AND o.birth_date = c.birth_date) = 1 "
        "ORDER BY c.birth_date, s.id LIMIT 1",
        UUID(school).hex,
    )
    return str(UUID(rows[0][0])), rows[0][1], str(rows[0][2])


def test_a_bruise_seen_by_a_teacher_to_a_closed_and_verified_case(site: Site, browser: Any) -> None:
    _, child, _ = pupil(site)
    teacher = Person(browser, site, "mei", width=390)
    # Signing in begins with the day, which lists the teacher's own class; nothing may follow from the report.
    before = site.ask("SELECT max(seq) FROM audit_entry")[0][0]
    told = send(
        teacher,
        "/cases/new/mandatory_report/",
        situation="R4",
        seen=f"{child}手臂多处淤青，说是摔的",
        danger_now="false",
    )
    assert "公安机关" in told
    number = teacher.page.inner_text("main strong >> nth=0")
    code = teacher.page.inner_text(".receipt-code")
    picture(teacher, "case-reported")
    uid = str(
        UUID(
            site.ask(
                "SELECT s.uid FROM cases_case c JOIN register_subject s ON s.id = c.subject_id WHERE c.number = ?",
                number,
            )[0][0]
        )
    )
    assert teacher.status(f"/cases/{uid}/") == 404, "who reports is no party"

    liu, deng, shen, gao = (Person(browser, site, who) for who in ("liu", "deng", "shen", "gao"))
    liu.open(f"/cases/{uid}/")
    assert "梅" not in liu.page.inner_text("body")
    liu.page.fill("[name=look_for]", child)
    liu.page.click("details[open] form button >> nth=0")
    liu.page.click(f"form:has-text('{child}') button[name=part] >> nth=0")
    liu.page.wait_for_load_state()
    assert child in liu.page.inner_text("main h1 >> xpath=ancestor::header")
    send(liu, f"/cases/{uid}/record/civil_response/", placement="home", guardianship_assessed="true")
    send(deng, f"/cases/{uid}/record/medical_response/", examined="true", injury="mild")
    wen = Person(browser, site, "wen")
    assert "手臂多处淤青" not in wen.text(f"/cases/{uid}/"), "the school has its part only"
    send(wen, f"/cases/{uid}/record/school_response/", safety="班主任陪护", attends="true")
    send(shen, f"/cases/{uid}/record/procuratorate_response/", supervised="true", duty_checked="true")
    picture(liu, "case-open")

    closing = {"outcome": "safe", "child_safe": "true", "follow_up": "每月走访"}
    refused = send(liu, f"/cases/{uid}/record/protection_closing/", **closing)
    assert "公安机关还没有反馈" in refused, "not before every body has answered"

    yimi("cycle", "--dir", str(site.directory), "--as-of", (today() + timedelta(days=1)).isoformat())
    zhou = Person(browser, site, "zhou")
    work = zhou.text("/work/")
    assert "公安未响应强制报告" in work and child not in work
    assert f"个案 {number}" in zhou.text("/work/?tab=all")
    picture(zhou, "case-escalated")
    assert number in gao.text("/work/")
    assert zhou.status(f"/cases/{uid}/") == 404, "the number, not the content"

    send(gao, f"/cases/{uid}/record/police_intake/", outcome="accepted", safe_now="true")
    send(liu, f"/cases/{uid}/record/protection_closing/", **closing)
    assert not liu.page.locator("button[name=answer][value=verified]").count(), "nobody closes alone"
    shen.open(f"/cases/{uid}/")
    picture(shen, "case-to-verify")
    shen.page.click("button[name=answer][value=verified]")
    shen.page.wait_for_load_state()
    assert site.ask("SELECT state FROM cases_case WHERE number = ?", number) == [("closed",)]
    assert "已结案" in liu.text("/cases/?tab=closed")
    for who in ("zhao", "song", "zhou", "qin"):
        assert Person(browser, site, who).status(f"/cases/{uid}/") == 404, who

    teacher.open("/cases/")
    teacher.page.fill("[name=code]", code)
    teacher.page.click("form[action$='/receipt/'] button")
    assert number in teacher.page.inner_text("[role=status]") and "已结案" in teacher.page.inner_text(
        "[role=status]"
    )
    identity = site.ask("SELECT uid FROM accounts_user WHERE username = 'mei'")[0][0]
    later = site.ask(
        "SELECT verb FROM audit_entry WHERE actor = ? AND seq > ? AND verb NOT IN ('sign-in', 'refused')",
        str(UUID(identity)),
        before,
    )
    assert later == [], "the audit does not name the reporter"
    assert yimi("audit", "verify", "--dir", str(site.directory))["ok"]


def test_a_sealed_juvenile_file_is_found_by_nobody(site: Site, browser: Any) -> None:
    uid, child, born = pupil(site)
    gao, shen, zhou = (Person(browser, site, who) for who in ("gao", "shen", "zhou"))
    site.turn()
    indicators = zhou.text("/indicators/")
    gao.open("/cases/new/graded_intervention/")
    gao.page.fill("[name=look_for]", f"{child} {born}")
    gao.page.click("button[name=look]")
    gao.page.wait_for_load_state()
    gao.page.check(f"input[name=child][value='{uid}']")
    fill(gao, conduct="c38_4", grave="false")
    gao.page.click("main form.form .buttons button.primary")
    gao.page.wait_for_load_state()
    address = gao.page.url.removeprefix(site.address)
    number = gao.page.inner_text(".kicker")
    assert "等级应为B2" in gao.page.inner_text("body"), "the rule suggests, with its article"
    picture(gao, "intervention-open")
    assert Person(browser, site, "zhao").status(address) == 404
    send(
        gao, f"{address}record/tier_decision/", action="enter", tier="B2", article="第三十八条", reason="盗窃"
    )
    send(gao, f"{address}record/intervention_closing/", result="done", summary="措施期满，表现良好")
    shen.open(address)
    shen.page.click("button[name=answer][value=verified]")
    shen.page.wait_for_load_state()

    site.turn()
    assert zhou.text("/indicators/") == indicators, "no figure moved"
    for who in ("zhao", "song", "zhou", "ma", "liu", "gao", "shen", "wen"):
        person = Person(browser, site, who)
        person.page.goto(site.address + NOTHING)
        nothing = person.page.content()
        assert person.status(address) == 404, who
        assert person.page.content() == nothing, who
        assert number not in person.text("/cases/"), who
        assert number not in person.text("/work/"), who
    asked = Person(browser, site, "xu").text(f"/children/{uid}/")
    assert "分级干预" not in asked and number not in asked and "高警官" not in asked

    shen.open("/cases/")
    shen.page.fill("[name=number]", number)
    shen.page.fill("[name=reason]", "司法机关办案需要，函号演示1号")
    shen.page.click("form[action$='/seal/'] button")
    shen.page.wait_for_load_state()
    assert "封存档案" in shen.page.inner_text("body") and child in shen.page.inner_text("body")
    picture(shen, "seal-opened")
    gao.open("/cases/")
    assert "司法机关办案需要" in gao.page.inner_text("body")
    gao.page.click("button[name=justified][value=yes]")
    gao.page.wait_for_load_state()
    assert site.ask("SELECT justified FROM cases_opening") == [(1,)]
    assert gao.status(address) == 404
