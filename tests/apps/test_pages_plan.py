"""The plan's pages: real lights, honest parts, names only for those who may, few queries however many rows."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.cast import as_, villages_of

from yimi.apps import active
from yimi.apps.accounts.permissions import system
from yimi.apps.plan import actions, selectors
from yimi.demo.cast import DISTRICT, NEXT_TOWNSHIP, STORY_TOWNSHIP
from yimi.engines.indicators import Figure, read_target
from yimi.pack.check import counts, unconfirmed

PAGES = (
    "/", "/measures/M09/", "/measures/M16/", "/bodies/education/", "/bodies/education/sheet.txt", "/indicators/",
    "/indicators/vaccination_coverage/", "/indicators/infant_mortality/", "/indicators/hardship_children/",
    "/indicators/sports_skills/", "/indicators/childcare_places_per_1000/", "/map/", "/pack/", "/pack/measures/",
    "/pack/pathways/immunization/", "/pack/forms/dose/", "/pack/organizations/", "/pack/places/",
)  # fmt: skip
AT = datetime(2026, 9, 1, 6, 0, tzinfo=timezone.get_default_timezone())
NEXT_AT = AT + timedelta(days=1)
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def share(
    place: str | None, numerator: int, denominator: int, indicator: str = "vaccination_coverage", **more: Any
) -> Figure:
    level = "district" if place is None else "township"
    told = {"item": "MMR_1", "sex": None, "age": None, **more}
    return Figure(
        indicator, told["item"], place, level, told["sex"], told["age"], numerator, denominator, numerator / denominator * 100
    )  # fmt: skip


def figures(missing: int) -> list[Figure]:
    """A district of two townships: Baima lacks so many of 200 doses, the next one none of 60."""
    rare = Figure("infant_mortality", None, None, "district", None, None, 7, 2439, 2.87, 1.15, 5.91, 3.02)
    deaths_here = Figure(
        "infant_mortality", None, STORY_TOWNSHIP, "township", None, None, 5, 200, 25.0, 8.1, 58.3, 25.0
    )
    hardship = [
        Figure("hardship_children", None, place, level, None, None, n, None, n)
        for place, level, n in (
            (None, "district", 9),
            (STORY_TOWNSHIP, "township", 2),
            (NEXT_TOWNSHIP, "township", 7),
        )
    ]
    return [
        share(None, 260 - missing, 260), share(STORY_TOWNSHIP, 200 - missing, 200), share(NEXT_TOWNSHIP, 60, 60),
        share(STORY_TOWNSHIP, 3, 4, item="MPSV_AC_1"), share(STORY_TOWNSHIP, 95 - missing, 95, sex="f"), rare, deaths_here,
        *hardship,
    ]  # fmt: skip


def turn(missing: int, at: datetime) -> selectors.Run:
    """A finished run with these figures and the lights the engine reads off them."""
    pack = active.pack()
    found = figures(missing)
    number = actions.begin(as_of=at.date(), pack=pack.fingerprint, at=at, last_seq=0)
    readings = [
        read_target(each, pack.indicators[each.indicator], found, at.date()) for each in pack.targets.values()
    ]
    actions.put_in_force(
        number=number, figures=found, readings=readings, district=DISTRICT, at=at, counts={"children": 3}
    )
    run = selectors.run_in_force()
    assert run is not None and run.number == number
    return run


@pytest.fixture
def two_turns(town: Any) -> SimpleNamespace:
    """Yesterday everything was reached; then ten doses of Baima were withdrawn."""
    return SimpleNamespace(before=turn(0, AT), now=turn(11, NEXT_AT), town=town)


def text(client: Any, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    return response.content.decode()


# --- who sees which page ------------------------------------------------------------------------------------


@pytest.mark.parametrize("username", ["chen", "ran", "zhao", "liu", "he", "zhou", "ma", "song", "luo"])
def test_every_appointment_opens_the_plan(two_turns: Any, sign_in: Any, username: str) -> None:
    client = sign_in(username)
    for path in PAGES:
        assert client.get(path).status_code == 200, path


def test_pages_stand_before_the_first_turn(town: Any, sign_in: Any) -> None:
    client = sign_in("zhou")
    for path in PAGES:
        assert client.get(path).status_code == 200, path
    assert text(client, "/").count("light is-no_data") >= 22


def test_audit_is_for_auditors_and_denied_is_absent(two_turns: Any, sign_in: Any) -> None:
    assert "校验" in text(sign_in("luo"), "/audit/")
    for username in ("chen", "ran", "zhou", "song", "ma"):
        client = sign_in(username)
        denied, absent = client.get("/audit/"), client.get("/no-such-page/")
        assert (denied.status_code, denied.content) == (404, absent.content)
        assert client.post("/audit/verify/").content == absent.content


def test_unknown_names_are_absent(two_turns: Any, sign_in: Any) -> None:
    client = sign_in("zhou")
    absent = client.get("/no-such-page/").content
    for path in (
        "/measures/M99/",
        "/indicators/none/",
        "/bodies/none/",
        "/bodies/village_1/",
        "/pack/none/",
        "/pack/forms/none/",
    ):
        response = client.get(path)
        assert (response.status_code, response.content) == (404, absent), path


def test_strangers_are_sent_to_the_door(town: Any, client: Any) -> None:
    assert client.get("/").status_code == 302


# --- honest lights ------------------------------------------------------------------------------------------


def test_cockpit_counts_measures_targets_and_lights(two_turns: Any, sign_in: Any) -> None:
    response = sign_in("zhou").get("/")
    shown = response.context
    assert sum(len(each["measures"]) for each in shown["chapters"]) == shown["plan"]["measures"] == 35
    assert len(shown["targets"]) == 22 == sum(n for _, n in shown["tally"])
    lights = {each["id"]: each["state"] for each in shown["targets"]}
    stored = {name: each.light for name, each in selectors.lights(two_turns.now).items()}
    assert lights == stored
    assert (lights["T14"], lights["T12"], lights["T22"]) == ("off", "met", "no_data")
    t14 = next(each for each in shown["targets"] if each["id"] == "T14")
    assert (t14["figure"]["numerator"], t14["figure"]["denominator"]) == (189, 200)
    assert t14["gap"] == {"zh": "还差1名儿童", "en": "1 child short"}


def test_what_changed_compares_with_the_turn_before(two_turns: Any, sign_in: Any) -> None:
    changed = sign_in("zhou").get("/").context["changes"]
    assert (changed[0]["was"], changed[0]["now"]) == ("met", "off")
    assert "白马镇" in changed[0]["text"]["zh"] and "94.5%" in changed[0]["text"]["zh"]
    assert changed[0]["href"] == "/indicators/vaccination_coverage/"
    assert any("189 ÷ 200 × 100 = 94.50%" in line["zh"] for line in changed[0]["because"]["arithmetic"])


def test_the_first_turn_says_it_has_nothing_to_compare_with(town: Any, sign_in: Any) -> None:
    turn(0, AT)
    changed = sign_in("zhou").get("/").context["changes"]
    assert len(changed) == 1 and "尚无可比" in changed[0]["text"]["zh"]


def test_a_township_speaks_by_its_lowest_dose_that_is_large_enough(two_turns: Any, sign_in: Any) -> None:
    rows = sign_in("zhou").get("/indicators/vaccination_coverage/").context["townships"]
    assert len(rows) == 26
    assert [row["code"] for row in rows[:2]] == [
        STORY_TOWNSHIP,
        NEXT_TOWNSHIP,
    ]  # 3 of 4 children judge nobody
    assert [row["state"] for row in rows[:3]] == ["off", "met", "no_data"]
    assert rows[0]["item_id"] == "MMR_1"


def test_parts_too_small_to_judge_carry_no_light(two_turns: Any, sign_in: Any) -> None:
    cuts = sign_in("zhou").get(f"/indicators/vaccination_coverage/?place={STORY_TOWNSHIP}").context["cuts"]
    items = {
        row["label"]["en"]: row["state"] for row in next(cut for cut in cuts if cut["id"] == "item")["rows"]
    }
    assert items[active.pack().steps["MMR_1"][1].name.en] == "off"
    assert items[active.pack().steps["MPSV_AC_1"][1].name.en] is None


def test_rare_events_show_their_parts_and_never_a_township(two_turns: Any, sign_in: Any) -> None:
    client = sign_in("zhou")
    shown = client.get("/indicators/infant_mortality/").context
    assert shown["figure"] | {"unit": None} == {
        "value": 2.87, "unit": None, "numerator": 7, "denominator": 2439, "low": 1.15, "high": 5.91,
    }  # fmt: skip
    assert "3.02" in shown["judged"]["zh"]
    assert (shown["townships"], shown["map"], shown["dots"]) == ([], [], [])
    assert "infant_mortality" not in [each["code"] for each in client.get("/map/").context["choices"]]
    assert "白马镇" not in workbook(client, "/indicators/infant_mortality/table.xlsx")


# --- small counts -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("username", "seen"),
    [("zhou", {STORY_TOWNSHIP, NEXT_TOWNSHIP}), ("liu", {STORY_TOWNSHIP, NEXT_TOWNSHIP}), ("yang", {STORY_TOWNSHIP}),
     ("zhao", {NEXT_TOWNSHIP}), ("ran", set()), ("song", set()), ("luo", set())],
)  # fmt: skip
def test_welfare_counts_of_a_township_are_for_its_own_people(
    two_turns: Any, sign_in: Any, username: str, seen: set[str]
) -> None:
    client = sign_in(username)
    for path in ("/indicators/hardship_children/", "/map/?indicator=hardship_children"):
        shown = client.get(path).context
        rows = shown["townships"] if "townships" in shown else shown["rows"]
        assert {row["code"] for row in rows if row["figure"]["value"] is not None} == seen
    names = {STORY_TOWNSHIP: "白马镇", NEXT_TOWNSHIP: active.pack().places[NEXT_TOWNSHIP].name_zh}
    book = workbook(client, "/indicators/hardship_children/table.xlsx")
    assert {code for code, name in names.items() if name in book} == seen


def workbook(client: Any, path: str) -> str:
    from python_calamine import CalamineWorkbook

    response = client.get(path)
    assert (response.status_code, response["Content-Type"]) == (200, EXCEL)
    sheet = CalamineWorkbook.from_filelike(BytesIO(response.content)).get_sheet_by_index(0)
    return "\n".join(" ".join(str(cell) for cell in row) for row in sheet.to_python())


def test_the_table_says_where_it_comes_from_and_is_written_down(two_turns: Any, sign_in: Any) -> None:
    from yimi.apps.audit.models import Entry

    book = workbook(sign_in("zhou"), "/indicators/vaccination_coverage/table.xlsx")
    for told in (
        "189",
        "200",
        "94.5",
        "未达标",
        "人数少，不判断",
        two_turns.now.pack,
        "2026-09-02",
        "演示数据",
    ):
        assert told in book, told
    entry = Entry.objects.filter(verb="export").latest("seq")
    assert (entry.target_uid, entry.detail) == ("vaccination_coverage", {"rows": 4})


# --- lights whose definition nobody has confirmed -----------------------------------------------------------

FULL, BRIEF = '<span class="tag tag-unsure">口径待确认</span>', 'class="unsure" title="口径待确认"'
UNSURE = "inclusive_kindergarten_share"


def lights_of(page: str) -> list[str]:
    """Every light of a page that claims something, the counts at its top left out."""
    page = re.sub(r'<ul class="tally">.*?</ul>', "", page, flags=re.DOTALL)
    return re.findall(
        r'<span class="light is-(?:met|off|on_track)">.*?(?=</td>|</li>|</p>|</div>)', page, re.DOTALL
    )


@pytest.fixture
def unsure(two_turns: Any) -> Any:
    """A third turn: a share by an unconfirmed definition, reached in the district, missed in one township."""
    pack, at = active.pack(), NEXT_AT + timedelta(days=1)
    assert not pack.indicators[UNSURE].usable and pack.indicators["vaccination_coverage"].usable
    found = [
        *figures(11),
        *(
            share(place, n, 100, indicator=UNSURE, item=None)
            for place, n in ((None, 98), (STORY_TOWNSHIP, 50))
        ),
    ]
    number = actions.begin(as_of=at.date(), pack=pack.fingerprint, at=at, last_seq=0)
    readings = [read_target(t, pack.indicators[t.indicator], found, at.date()) for t in pack.targets.values()]
    actions.put_in_force(
        number=number, figures=found, readings=readings, district=DISTRICT, at=at, counts={"children": 3}
    )
    return next(each for each in pack.targets.values() if each.indicator == UNSURE)


def test_a_light_by_an_unconfirmed_definition_says_so_everywhere(unsure: Any, sign_in: Any) -> None:
    client = sign_in("zhou")
    cockpit = text(client, "/")
    row = re.search(rf"<tr[^>]*>(?:(?!</tr>).)*?>{unsure.id}</span>.*?</tr>", cockpit, re.DOTALL)
    assert row is not None and FULL in row[0]
    of_t14 = re.search(r"<tr[^>]*>(?:(?!</tr>).)*?>T14</span>.*?</tr>", cockpit, re.DOTALL)
    assert of_t14 is not None and "口径待确认" not in of_t14[0] and "is-off" in of_t14[0]
    claims = [
        each for each in client.get("/").context["targets"] if each["state"] in ("met", "off", "on_track")
    ]
    doubted = [
        each["id"]
        for each in claims
        if not active.pack().indicators[active.pack().targets[each["id"]].indicator].usable
    ]
    assert (
        f"其中{len(doubted)}项的统计口径尚待确认" in cockpit and unsure.id in doubted and "T14" not in doubted
    )
    measure = active.pack().measure_of_target[unsure.id]
    assert text(client, f"/measures/{measure}/").count(FULL) >= 2  # at the top and on the target's card
    assert FULL in text(client, "/bodies/education/")
    assert FULL in text(client, "/indicators/")
    indicator = text(client, f"/indicators/{UNSURE}/")
    assert FULL in indicator and BRIEF in indicator
    assert all("口径待确认" in each for each in lights_of(indicator)), "townships and cuts, too"
    on_map = lights_of(text(client, f"/map/?indicator={UNSURE}"))
    assert on_map and all("口径待确认" in each for each in on_map)
    assert "口径待确认" in workbook(client, f"/indicators/{UNSURE}/table.xlsx")


def test_explain_says_it_too(unsure: Any) -> None:
    from yimi.apps.evaluation.explain import explain

    told = explain(unsure.id, actor=system(NEXT_AT.date()), as_of=NEXT_AT.date())
    assert "达标（口径待确认）" in told["zh"] and "met (definition unconfirmed)" in told["en"]
    assert told["light"] == "met" and told["definition_confirmed"] is False
    sure = explain("T14", actor=system(NEXT_AT.date()), as_of=NEXT_AT.date())
    assert "口径待确认" not in sure["zh"] and sure["definition_confirmed"] is True


def test_a_definition_that_is_confirmed_loses_its_mark(unsure: Any, sign_in: Any, monkeypatch: Any) -> None:
    pack = active.pack()
    confirmed = {
        name: each.model_copy(update={"confirmed_by": "区统计局"}) for name, each in pack.indicators.items()
    }
    changed = replace(pack, declared={**pack.declared, "indicators": confirmed})
    monkeypatch.setattr(active, "pack", lambda: changed)
    client = sign_in("zhou")
    for path in ("/", f"/indicators/{UNSURE}/", "/bodies/education/"):
        assert "口径待确认" not in text(client, path) and "统计口径尚待确认" not in text(client, path)


# --- plan, pack, sheet --------------------------------------------------------------------------------------


def test_a_measure_shows_its_text_word_for_word_and_every_instrument(two_turns: Any, sign_in: Any) -> None:
    client = sign_in("ma")
    for measure in active.pack().measures.values():
        response = client.get(f"/measures/{measure.id}/")
        assert response.context["measure"]["text"] == measure.text
        assert len(response.context["bodies"]) == len(measure.bodies)
        assert [each["id"] for each in response.context["instruments"]] == [
            each.id for each in measure.instruments
        ]
        for each in response.context["instruments"]:
            assert each["planned"] or each["served_by"]["href"], each


def test_a_body_has_its_sheet(two_turns: Any, sign_in: Any) -> None:
    client = sign_in("xu")
    entries = client.get("/bodies/education/").context["entries"]
    assert len(entries) == 23  # 区教委, as the plan counts
    plain = client.get("/bodies/education/sheet.txt").content.decode()
    assert plain.startswith("重庆市武隆区教育委员会 责任清单") and plain.count("共同责任") == 23


def test_the_pack_page_lists_everything_not_confirmed(two_turns: Any, sign_in: Any) -> None:
    shown = sign_in("zhou").get("/pack/").context
    pack = active.pack()
    assert {each["id"] for each in shown["unconfirmed"]} == {where for _, where, _ in unconfirmed(pack)}
    assert [each["value"] for each in shown["counts"]] == list(counts(pack).values())
    lines = {each["id"]: each["file"] for each in shown["unconfirmed"]}
    assert all(int(place.rpartition(":")[2]) >= 1 for place in lines.values())


def test_rules_are_told_in_words(two_turns: Any, sign_in: Any) -> None:
    rules = sign_in("zhou").get("/pack/pathways/immunization/").context["declaration"]["rules"]
    told = {each["label"]["en"]: each["words"] for each in rules if each["words"]}
    name = active.pack().steps["MMR_1"][1].name
    mmr = next(words for label, words in told.items() if label.startswith(f"{name.en}, earliest"))
    assert mmr == {"zh": "出生满8月龄", "en": "8 months after birth"}


def test_the_audit_page_finds_a_forged_row(two_turns: Any, sign_in: Any) -> None:
    from yimi.apps.audit import append_only
    from yimi.apps.audit.models import Entry

    client = sign_in("luo")
    assert client.get("/audit/").context["chain"]["ok"] is True
    append_only.remove(connection, "audit_entry")
    forged = Entry.objects.order_by("seq").first()
    assert forged is not None
    Entry.objects.filter(seq=forged.seq).update(verb="forged")
    append_only.install(connection, "audit_entry")
    chain = client.get("/audit/").context["chain"]
    assert (chain["ok"], chain["first_bad"]) == (False, forged.seq)
    assert client.post("/audit/verify/").status_code == 302


def test_the_audit_log_is_filtered(two_turns: Any, sign_in: Any) -> None:
    client = sign_in("luo")
    shown = client.get("/audit/?action=sign-in").context
    assert shown["rows"] and all(row["cells"][4]["en"] == "sign in" for row in shown["rows"])
    assert shown["pages"]["count"] == len(shown["rows"])


# --- few queries --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "most"),
    [("/", 40), ("/measures/M09/", 30), ("/indicators/", 20), ("/indicators/vaccination_coverage/", 30), ("/map/", 20),
     ("/bodies/education/", 20), ("/pack/", 12)],
)  # fmt: skip
def test_pages_ask_the_database_little(two_turns: Any, sign_in: Any, path: str, most: int) -> None:
    client = sign_in("ran")
    client.get(path)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path).status_code == 200
    assert len(asked) <= most, [each["sql"][:120] for each in asked]


# --- the whole way: children, a turn, who is named to whom -------------------------------------------------------


@pytest.fixture
def turned(committed: Any) -> SimpleNamespace:
    """One-year-olds beside the cast: one without MMR in each of three villages, eleven with it. A real turn of the cycle."""
    from yimi import cycle
    from yimi.apps.records import actions as records
    from yimi.apps.register import actions as register

    today = timezone.localdate()
    me, at = system(today), timezone.now()
    chen, qin = villages_of(STORY_TOWNSHIP)[:2]
    beyond = villages_of(NEXT_TOWNSHIP)[0]
    born = date(today.year - 1, today.month, 1) - timedelta(days=120)
    late = {"小满": chen, "冬冬": qin, "阿朵": beyond}
    for n, (name, village) in enumerate(
        [*late.items(), *((f"虚构{n}", chen if n % 2 else qin) for n in range(11))]
    ):
        child = register.register_child(
            name=name, sex="f" if n % 2 else "m", birth_date=born, place=village, by=me, at=at
        )
        if name not in late:
            given = {"vaccine": "MMR", "evidence": "接种证"}
            records.add(
                form="dose",
                subject=child.uid,
                occurred_on=born + timedelta(days=260),
                answers=given,
                by=me,
                at=at,
            )
    cycle.turn(as_of=today, at=at)
    run = selectors.run_in_force()
    assert run is not None
    return SimpleNamespace(run=run, today=today, town=committed)


def test_the_children_behind_a_figure(turned: Any, sign_in: Any) -> None:
    from yimi.apps.evaluation import selectors as evaluation

    coverage = active.pack().indicators["vaccination_coverage"]
    compared = 0
    for cell in selectors.cells(turned.run, [coverage.id], actor=as_("zhou")):
        if cell.place != DISTRICT and cell.numerator is not None and cell.denominator:
            found = evaluation.behind(
                as_("zhou", turned.today), turned.run.number, coverage, cell.item, cell.place, turned.today
            )
            cohort = evaluation.cohort(turned.run.number, coverage, cell.item, cell.place, turned.today)
            assert found is not None and cohort is not None
            assert found.count == cohort.missing == cell.denominator - cell.numerator, cell
            assert sum(cohort.statuses.values()) == cell.denominator, cell
            compared += 1
    assert (
        compared >= 20
    )  # two townships, a dozen doses each: the page and the engine count the same children
    address = f"/indicators/vaccination_coverage/?place={STORY_TOWNSHIP}&item=MMR_1"
    names = {
        user: shown_names(sign_in(user), address)
        for user in ("ran", "chen", "qin", "zhou", "he", "zhao", "song", "luo")
    }
    # The vaccinator sees all three; a child director whom the alert tells sees the own village's; all others a number.
    assert names == {
        "ran": {"小满", "冬冬", "小雨"}, "chen": {"小满", "小雨"}, "qin": {"冬冬"},
        **{user: set() for user in ("zhou", "he", "zhao", "song", "luo")},
    }  # fmt: skip
    for user in ("zhou", "he", "zhao"):
        page = text(sign_in(user), address)
        assert "3名" in page and not any(name in page for name in ("小满", "冬冬", "小雨", "阿朵"))
    assert noted("ran") == {"小满", "冬冬", "小雨"} and noted("zhou") == set()
    cuts = {user: villages(sign_in(user), address) for user in ("ran", "zhou", "zhao", "song")}
    assert {len(cuts["ran"]), len(cuts["zhou"])} == {2} and cuts["zhao"] == cuts["song"] == set()
    tasks_and_evidence(sign_in)


def shown_names(client: Any, path: str) -> set[str]:
    children = client.get(path).context["children"]
    return {row["cells"][0]["name"] for row in children["rows"]} if children else set()


def villages(client: Any, path: str) -> set[str]:
    cut: dict[str, Any] = next(
        (each for each in client.get(path).context["cuts"] if each["id"] == "village"), {"rows": []}
    )
    return {row["label"]["zh"] for row in cut["rows"]}


def noted(username: str) -> set[str]:
    """Whose names the audit says this person was shown."""
    from yimi.apps.audit.models import Entry
    from yimi.apps.register.models import Child

    read = Entry.objects.filter(actor=as_(username).uid, verb="list", target_kind="child")
    shown = {uid for detail in read.values_list("detail", flat=True) for uid in detail.get("shown", ())}
    return set(Child.objects.filter(subject__uid__in=shown).values_list("name", flat=True))


def tasks_and_evidence(sign_in: Any) -> None:
    """The tasks of M09 stand with its people; what is given as proof appears with who verified it."""
    from yimi.apps.tasks import actions as tasks
    from yimi.apps.tasks.models import Task

    task = Task.objects.get(alert__rule="mmr_overdue", place_id=villages_of(STORY_TOWNSHIP)[0])
    assert sign_in("chen").get("/measures/M09/").context["tasks"]
    assert not sign_in("ma").get("/measures/M09/").context["tasks"]
    assert not any(
        "白马" in str(each["title"]) for each in sign_in("zhao").get("/measures/M09/").context["tasks"]
    )
    today, at = timezone.localdate(), timezone.now()
    tasks.accept(task=str(task.uid), by=as_("chen", today), at=at)
    tasks.report(task=str(task.uid), note="", evidence="接种证照片第7号", by=as_("chen", today), at=at)
    proof = sign_in("zhou").get("/measures/M09/").context["evidence"]
    assert "接种证照片第7号" in proof[0]["title"]["zh"] and proof[0]["verified_by"] is None
    tasks.verify(task=str(task.uid), note="", by=as_("ran", today), at=at)
    proof = sign_in("zhou").get("/measures/M09/").context["evidence"]
    assert proof[0]["verified_by"] == "冉医生"
    assert sign_in("zhao").get("/measures/M09/").context["evidence"] == []
