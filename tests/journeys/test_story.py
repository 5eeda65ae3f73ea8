"""The story: ten doses are withdrawn, a target turns, villages act, a second person verifies, the light returns.

Through the pages as the people of the cast use them, and the cycle between them. Screenshots of the way stay
in the folder YIMI_SCREENSHOTS names, if it is set.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from tests.journeys.browser import CHROMIUM, Person, Site, served

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="chromium is not installed (Debian: chromium)"),
]
USERS = ["chen", "qin", "feng", "tian", "xiang", "jian"]  # child directors of the story's villages, in order


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served(tmp_path_factory.mktemp("story") / "demo", 2000) as found:
        yield found


def picture(person: Person, name: str) -> None:
    folder = os.environ.get("YIMI_SCREENSHOTS")
    if folder:
        person.page.screenshot(path=str(Path(folder) / f"{name}.png"))


def light(site: Site, target: str) -> str:
    return str(
        site.ask(
            "SELECT light FROM plan_target_reading r JOIN plan_run n ON n.number = r.run_id WHERE n.in_force AND target = ?",
            target,
        )[0][0]
    )


def doses(site: Site) -> list[dict[str, Any]]:
    """The ten doses of the story with child, day and village."""
    rows = []
    for uid in site.story["records"]:
        found = site.ask(
            "SELECT s.uid, c.name, r.occurred_on, v.place_id FROM records_record r "
            "JOIN register_subject s ON s.id = r.subject_id JOIN register_child c ON c.subject_id = s.id "
            "JOIN register_residence v ON v.subject_id = s.id AND v.valid_to IS NULL WHERE r.record_uid = ?",
            uid,
        )[0]
        rows.append(
            {
                "record": str(UUID(uid)),
                "child": str(UUID(found[0])),
                "name": found[1],
                "on": found[2],
                "village": found[3],
            }
        )
    return rows


def test_ten_doses_withdrawn_turn_the_light_and_villages_bring_it_back(site: Site, browser: Any) -> None:
    told = doses(site)
    assert len(told) == 10
    by_village: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for each in told:
        by_village[each["village"]].append(each)
    directors = dict(zip(sorted(by_village), USERS, strict=False))
    assert len(by_village) >= 3
    assert light(site, "T14") == "met"
    ran, zhou = Person(browser, site, "ran"), Person(browser, site, "zhou")
    assert "达标" in zhou.open("/").locator("tr", has_text="T14").first.inner_text()
    picture(zhou, "story-1-before")

    # Dr. Ran takes back ten MMR doses that were entered wrongly.
    for each in told:
        ran.open(f"/records/{each['record']}/")
        ran.page.locator("details", has=ran.page.locator("#field-void_reason")).locator("summary").click()
        ran.page.fill("#field-void_reason", "录入有误，接种单位核对后撤回")
        ran.page.locator("form", has=ran.page.locator("#field-void_reason")).locator("button").last.click()
        ran.page.wait_for_load_state()
    assert (
        site.ask("SELECT count(*) FROM records_record WHERE kind = 'void' AND reason LIKE '录入有误%'")[0][0]
        == 10
    )

    # The next turn: the target turns, the cockpit says so.
    site.turn()
    assert light(site, "T14") == "off"
    cockpit = zhou.open("/")
    assert "滞后" in cockpit.locator("tr", has_text="T14").first.inner_text()
    picture(zhou, "story-2-turned")

    # The township is told the ten by name, the district a count and no name.
    indicator = "/indicators/vaccination_coverage/?place=500156101&item=MMR_2"
    names = ran.text(indicator)
    assert all(each["name"] in names for each in told)
    counts = zhou.text(indicator)
    assert not any(each["name"] in counts for each in told)
    assert Person(browser, site, "zhao").text(indicator).count("白马") >= 0
    outside = Person(browser, site, "zhao")
    assert not any(each["name"] in outside.text(indicator) for each in told)
    assert outside.status(f"/children/{told[0]['child']}/") == 404

    # One task a village stands, with its deadline.
    tasks = dict(
        site.ask(
            "SELECT a.place_id, t.uid FROM tasks_task t JOIN alerts_alert a ON a.id = t.alert_id "
            "WHERE a.rule = 'mmr_overdue' AND a.closed_at IS NULL AND t.closed_at IS NULL"
        )
    )
    assert set(by_village) <= set(tasks)

    # Each village's child director records the doses made elsewhere, with proof, and reports.
    for village, children in by_village.items():
        director = Person(browser, site, directors[village], width=390)
        assert children[0]["name"] in director.text("/work/")
        for each in children:
            director.open(f"/children/{each['child']}/record/dose/?vaccine=MMR")
            director.page.fill("input[name=occurred_on]", str(each["on"]))
            chosen = director.page.locator("[name=vaccine]")
            if chosen.first.evaluate("each => each.tagName") == "SELECT":
                chosen.select_option("MMR")
            # An answer that decides what else is asked brings the fields anew; what is typed meanwhile stays typed.
            with director.page.expect_response(lambda answer: "hx-request" in answer.request.headers):
                elsewhere = director.page.locator("[name=elsewhere]")
                if elsewhere.first.get_attribute("type") == "checkbox":
                    elsewhere.first.check()
                else:
                    director.page.locator("[name=elsewhere][value=true]").check()
                director.page.locator("[name=evidence]").fill("接种证照片 2026-1101")
            with director.page.expect_navigation():
                director.page.locator("button.primary", has_text="保存").first.click()
            director.page.get_by_text("已保存").first.wait_for()
            assert "已保存" in director.page.inner_text("body")
        uid = str(UUID(tasks[village]))
        director.open(f"/tasks/{uid}/")
        director.page.fill("#field-text", "外地接种，已补录并核对接种证")
        director.page.fill("#field-evidence-text", "接种证照片 2026-1101")
        director.page.locator("form", has=director.page.locator("#field-text")).locator(
            "button.primary"
        ).click()
        director.page.wait_for_load_state()
        picture(director, "story-3-reported")
        assert site.ask("SELECT state FROM tasks_task WHERE uid = ?", UUID(uid).hex)[0][0] == "reported"
        # Nobody closes alone: the director cannot verify the own report.
        assert director.page.locator("button[value=verified]").count() == 0

        # The second person verifies.
        ran.open(f"/tasks/{uid}/")
        ran.page.locator("button[value=verified]").click()
        ran.page.wait_for_load_state()
        assert site.ask("SELECT state FROM tasks_task WHERE uid = ?", UUID(uid).hex)[0][0] == "closed"

    # The light returns, and the history tells it all.
    site.turn()
    assert light(site, "T14") == "met"
    assert "达标" in zhou.open("/").locator("tr", has_text="T14").first.inner_text()
    picture(zhou, "story-4-returned")
    told_back = ran.text(f"/children/{told[0]['child']}/")
    assert "撤" in told_back and "接种证照片" in told_back
    verbs = [
        row[0]
        for row in site.ask(
            "SELECT verb FROM tasks_event e JOIN tasks_task t ON t.id = e.task_id WHERE t.uid = ? ORDER BY e.id",
            UUID(str(UUID(tasks[told[0]["village"]]))).hex,
        )
    ]
    assert verbs[0] == "set" and verbs[-2:] == ["report", "verify"]
    lights = [
        row[0]
        for row in site.ask("SELECT light FROM plan_target_reading WHERE target = 'T14' ORDER BY run_id")
    ]
    assert lights == ["met", "off", "met"]
