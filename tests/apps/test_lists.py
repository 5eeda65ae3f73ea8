"""Lists of a whole district: the same children by either way of asking, counts that hold until a change, a run's rows."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from datetime import date, timedelta

import pytest
from django.db import connection
from django.template import Context, Template
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation
from tests.apps.test_alerts import child
from tests.cast import AT, DAY, DAZHUANG, SINCE, XIAOYU, YUEYUE, as_

from yimi import cycle
from yimi.apps import active
from yimi.apps.accounts.models import User
from yimi.apps.accounts.permissions import system
from yimi.apps.accounts.selectors import actor_named
from yimi.apps.evaluation import ledgers, lists, runs, waiting
from yimi.apps.evaluation.listing import Filter
from yimi.apps.once import reading_a_page
from yimi.apps.places.models import Place
from yimi.apps.places.selectors import all_others, subtree
from yimi.apps.plan.selectors import run_in_force
from yimi.apps.register import actions as register
from yimi.apps.register import counts, permissions
from yimi.apps.register.models import Child, Residence, Status
from yimi.apps.register.permissions import visible, visible_among
from yimi.sites.staff.pages import figures

ME = system(DAY)
FAR = "44444444-4444-4444-8444-444444444444"


def today():
    return timezone.localdate()


def names(actor, of=None):
    """Of everybody, or of these few: the two ways to children."""
    return {each.name for each in (visible(actor) if of is None else visible_among(actor, of))}


def page_of(actor, wanted=None):
    found, count = lists.children_page(
        actor, wanted or Filter(), born_from=None, born_to=None, offset=0, limit=50
    )
    return {each.name for each in found}, count


# --- who is on a list ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("broad", [40, 100_000])
@pytest.mark.parametrize("who", ["liu", "xu", "yang", "chen", "zhao", "zhou", "song"])
def test_a_district_and_a_village_are_asked_differently_and_answer_alike(town, monkeypatch, who, broad):
    """Residences, assignments, blocks, people who moved away and places outside: both ways, the same children."""
    monkeypatch.setattr(permissions, "BROAD", broad)
    far = Place.objects.create(code="990000", kind="village", name_zh="外地", name_en="Elsewhere")
    register.register_child(uid=FAR, name="远远", sex="m",
                            birth_date=date(2020, 1, 1), place=town.qin_village, by=ME, at=AT)  # fmt: skip
    Residence.objects.filter(subject__child__name="远远").update(place=far)
    user = User.objects.get(username=who)
    own = {
        "liu": {"小雨", "大壮", "月月"}, "xu": {"小雨", "大壮", "月月"}, "yang": {"小雨", "大壮"}, "chen": {"小雨"},
        "zhao": {"月月"}, "zhou": set(), "song": set(),
    }[who]  # fmt: skip
    assert names(as_(who)) == own
    reads = bool(as_(who).child_grants)
    register.assign(
        uid=FAR,
        user_id=user.pk,
        kind="assigned",
        since=SINCE,
        by=ME,
        at=AT,
    )
    assert names(as_(who)) == own | ({"远远"} if reads else set())
    for uid in (XIAOYU, YUEYUE):
        register.block(uid=str(uid), user_id=user.pk, kind="own_family", since=SINCE, by=ME, at=AT)
    assert names(as_(who)) == (own | ({"远远"} if reads else set())) - {"小雨", "月月"}
    assert names(as_(who), of=[child(XIAOYU), child(DAZHUANG)]) == own & {"大壮"}
    register.move(uid=str(DAZHUANG), place=None, on=DAY, by=ME, at=AT)
    assert names(as_(who)) == ({"远远"} if reads else set())
    assert "大壮" in names(as_(who, DAY - timedelta(days=1))) or "大壮" not in own


def test_the_whole_district_is_asked_child_by_child(town):
    assert "EXISTS" in str(visible(as_("liu")).query)
    assert "EXISTS" not in str(visible(as_("yang")).query)


@pytest.mark.parametrize("broad", [40, 100_000])
def test_a_ledger_counts_and_lists_the_same_children_either_way(town, monkeypatch, broad):
    monkeypatch.setattr(permissions, "BROAD", broad)
    for uid, code in ((XIAOYU, "both_away"), (DAZHUANG, "one_away"), (YUEYUE, "both_away")):
        register.open_status(subject_id=child(uid), scheme="left_behind", code=code, on=SINCE,
                             review_due=DAY - timedelta(days=1), record_uid=None, by=ME, at=AT)  # fmt: skip
    scheme = active.pack().statuses["left_behind"]
    liu = as_("liu")

    def ledger(wanted):
        rows, count = ledgers.status_page(liu, scheme.id, wanted, as_of=DAY, offset=0, limit=50)
        return {each.name for each in rows}, count

    assert ledgers.status_counts(liu, [scheme], DAY) == {"left_behind": (3, 3)}
    assert ledger(Filter()) == ({"小雨", "大壮", "月月"}, 3)
    assert ledger(Filter(code="one_away")) == ({"大壮"}, 1)
    assert ledger(Filter(q="小")) == ({"小雨"}, 1)
    assert ledger(Filter(place="500156102")) == ({"月月"}, 1)
    register.block(uid=str(XIAOYU), user_id=liu.user_id, kind="conflict", since=SINCE, by=ME, at=AT)
    assert ledgers.status_counts(liu, [scheme], DAY) == {"left_behind": (2, 2)}
    assert ledger(Filter()) == ({"大壮", "月月"}, 2)


def test_the_tree_is_read_once_while_a_page_is_read(town):
    with CaptureQueriesContext(connection) as captured, reading_a_page():
        assert subtree({"500156"}, DAY) == subtree({"500156"}, DAY)
        assert all_others({"500156"}) == all_others({"500156"})
    assert len(captured) == 2
    with CaptureQueriesContext(connection) as captured:
        subtree({"500156"}, DAY)
        subtree({"500156"}, DAY)
    assert len(captured) == 2


# --- counts that hold ---------------------------------------------------------------------------------------


@pytest.fixture
def kept(monkeypatch):
    """Every count is worth keeping."""
    monkeypatch.setattr(counts, "WORTH_KEEPING", 0)
    monkeypatch.setattr(counts, "_kept", {})
    monkeypatch.setattr(counts, "_seen", {})


def counting(actor):
    """(count, was it counted anew?)"""
    with CaptureQueriesContext(connection) as captured:
        _, count = page_of(actor)
    return count, any('COUNT(*) AS "__count" FROM "register_child"' in each["sql"] for each in captured)


def test_a_count_holds_until_something_is_changed(kept, town):
    assert counting(as_("liu")) == (3, True)
    assert counting(as_("liu")) == (3, False)
    register.register_child(uid=FAR, name="新新", sex="m",
                            birth_date=date(2020, 1, 1), place=town.qin_village, by=ME, at=AT)  # fmt: skip
    assert counting(as_("liu")) == (4, True)
    assert counting(as_("liu")) == (4, False)
    register.block(uid=str(XIAOYU), user_id=as_("liu").user_id, kind="conflict", since=SINCE, by=ME, at=AT)
    assert counting(as_("liu")) == (3, True)
    register.mark_death(uid=str(DAZHUANG), death_date=DAY - timedelta(days=2), by=ME, at=AT)
    assert counting(as_("liu")) == (2, True)


def test_reading_changes_no_count(kept, sign_in, town):
    counting(as_("liu"))
    sign_in("chen").get(reverse("children"))
    assert counting(as_("liu")) == (3, False)


def test_a_count_is_one_persons_and_one_days(kept, town):
    assert counting(as_("liu")) == (3, True)
    assert counting(as_("xu")) == (3, True)
    assert counting(as_("yang")) == (2, True)
    assert counting(as_("liu", DAY - timedelta(days=1))) == (3, True)
    assert counting(as_("zhao")) == (1, True)


def test_a_chain_that_is_not_the_one_last_seen_makes_every_count_new(kept, town, monkeypatch):
    """As after a restored database: its numbers come again and mean something else."""
    counting(as_("liu"))
    [(process, (seq, _, name))] = counts._seen.items()
    counts._seen[process] = (seq, "another digest", name)
    assert counting(as_("liu")) == (3, True)


def test_small_counts_are_not_kept(town, monkeypatch):
    monkeypatch.setattr(counts, "_kept", {})
    counting(as_("liu"))
    assert counting(as_("liu")) == (3, True)
    assert counts._kept == {}


# --- what waits, of a run -----------------------------------------------------------------------------------


@pytest.fixture
def run(town):
    """A turn with something overdue for everybody."""
    cycle.turn(as_of=today(), at=timezone.now())
    found = run_in_force()
    assert found is not None
    return found.number


def due(name="immunization"):
    return active.pack().pathways[name]


def test_the_rows_of_a_run_are_those_of_its_tables(run):
    whole = runs.query(
        run, "SELECT subject_id, step, status FROM {due_items} WHERE counted AND status IN ('due', 'overdue')"
    )
    listed = runs.lists(run, "SELECT subject_id, step, status FROM item WHERE status <> 'upcoming'")
    assert whole
    assert sorted(map(str, whole)) == sorted(map(str, listed))
    first = runs.query(
        run,
        "SELECT DISTINCT ON (subject_id, pathway) subject_id, pathway, step FROM {due_items} WHERE counted AND "
        "status = 'upcoming' ORDER BY subject_id, pathway, coalesce(due, earliest), position",
    )
    kept = runs.lists(run, "SELECT subject_id, pathway, step FROM item WHERE status = 'upcoming'")
    assert {tuple(each.values()) for each in first} <= {tuple(each.values()) for each in kept}


def test_the_tally_is_the_count_of_the_list(run):
    ran = actor_named("ran", today())
    lines, total = lists.due_page(ran, due(), Filter(), offset=0, limit=1000)
    assert total == len(lines) > 0
    told = lists.due_counts(ran, [due()])["immunization"]
    children = {status: {each.hit.uid for each in lines if each.status == status} for status in told}
    assert told == {status: len(each) for status, each in children.items()}
    by_step = Counter(each.step for each in lines)
    for step, number in by_step.items():
        assert lists.due_page(ran, due(), Filter(code=step), offset=0, limit=1)[1] == number
    late = sum(each.status == "overdue" for each in lines)
    assert lists.due_page(ran, due(), Filter(status="overdue"), offset=0, limit=1)[1] == late
    named = sum(each.hit.name == "小雨" for each in lines)
    assert lists.due_page(ran, due(), Filter(q="小"), offset=0, limit=1)[1] == named > 0


def test_a_closed_child_is_in_no_list_and_no_count_of_a_run(run):
    ran = actor_named("ran", today())
    lines, total = lists.due_page(ran, due(), Filter(), offset=0, limit=1000)
    theirs = [each for each in lines if each.hit.name == "小雨"]
    before = lists.due_counts(ran, [due()])["immunization"]
    register.block(
        uid=str(XIAOYU), user_id=ran.user_id, kind="own_family", since=today(), by=system(today()), at=AT
    )
    after, rest = lists.due_page(ran, due(), Filter(), offset=0, limit=1000)
    assert (len(after), rest) == (len(lines) - len(theirs), total - len(theirs))
    assert "小雨" not in {each.hit.name for each in after}
    told = lists.due_counts(ran, [due()])["immunization"]
    gone = Counter(dict.fromkeys({each.status for each in theirs}, 1))
    assert Counter(told) == Counter(before) - gone


def test_a_list_of_rows_is_made_where_it_is_missing(run):
    """A run of a release that knew no such file, and a folder that is gone: made anew, and empty."""
    ran = actor_named("ran", today())
    before = lists.due_page(ran, due(), Filter(), offset=0, limit=1000)
    path = runs.folder(run) / waiting.NAME
    path.unlink()
    assert lists.due_page(ran, due(), Filter(), offset=0, limit=1000) == before
    assert path.is_file()
    assert {each.name for each in path.parent.iterdir() if "waiting" in each.name} == {waiting.NAME}
    path.parent.rename(path.parent.with_name("away"))
    assert lists.due_page(ran, due(), Filter(), offset=0, limit=1000) == ([], 0)
    path.parent.with_name("away").rename(path.parent)


def test_the_rows_of_a_run_cannot_be_written(run):
    with pytest.raises(sqlite3.OperationalError):
        runs.lists(run, "DELETE FROM item")


def test_the_most_urgent_item_is_the_first_of_the_readable_ones(run):
    ids = list(Child.objects.values_list("pk", flat=True))
    for name in ("ran", "xu", "chen"):
        reader = actor_named(name, today())
        open_to = {each for grant in reader.grants for each in grant.role.reads}
        found = {each["pathway"] for each in lists.most_urgent(reader, ids).values()}
        assert {active.pack().pathways[each].sensitivity for each in found} <= open_to, name
    assert child(XIAOYU) in lists.most_urgent(actor_named("ran", today()), ids)


# --- how much a page asks -----------------------------------------------------------------------------------


LISTS = [
    ("liu", "/children/"),
    ("ran", "/children/"),
    ("ran", "/ledgers/due/immunization/"),
    ("liu", "/ledgers/status/hardship/"),
]


@pytest.mark.parametrize(("who", "address"), LISTS)
def test_a_list_asks_no_more_for_more_rows(run, sign_in, monkeypatch, who, address):
    """Neither of the district's database nor of the run's file."""
    for name in (XIAOYU, DAZHUANG, YUEYUE):
        Status.objects.get_or_create(
            subject_id=child(name),
            scheme="hardship",
            code="other",
            valid_to=None,
            defaults={"valid_from": SINCE},
        )
    browser, asked = sign_in(who), {}
    of_the_run, seen = runs.lists, []
    monkeypatch.setattr(runs, "lists", lambda *args: seen.append(args) or of_the_run(*args))
    for page in (1, 50):
        monkeypatch.setattr("yimi.sites.staff.pages.children.PAGE", page)
        monkeypatch.setattr("yimi.sites.staff.pages.ledgers.PAGE", page)
        browser.get(address)  # what a process asks once, it has asked
        seen.clear()
        with CaptureQueriesContext(connection) as captured:
            shown_rows = browser.get(address).content.decode().count('<th scope="row"')
        asked[page] = (len(captured), len(seen))
        assert shown_rows == 1 if page == 1 else shown_rows > 1
    assert asked[1] == asked[50], asked


# --- the parts of a page ------------------------------------------------------------------------------------


def shown(text, **context):
    return Template("{% load chips %}" + text).render(Context(context))


def test_a_chip_is_the_same_in_a_table_and_as_a_component():
    person = {"name": "小<雨>", "note": {"zh": "女，1岁", "en": "girl, 1"}, "href": "/children/x/"}
    table = shown("{% ledger_rows rows columns label %}", label="名册",
                  columns=[{"kind": "person"}, {"kind": "text"}, {"kind": "due"}],
                  rows=[{"href": None, "cells": [person, {"zh": "甲&乙", "en": "a&b"}, "overdue"]}])  # fmt: skip
    with translation.override("zh-hans"):
        alone = shown("{% person_chip person %}", person=person)
    assert "小&lt;雨&gt;" in alone
    assert alone in table
    assert "甲&amp;乙" in table
    assert table.startswith('<tr><th scope="row" class="k-person">')
    assert '<td class="k-due"><span class="light is-off">' in table


def test_words_follow_the_reader():
    for language, word in (("zh-hans", "逾期"), ("en", "Overdue"), ("zh-hans", "逾期")):
        with translation.override(language):
            assert word in shown("{% due_light 'overdue' %}")


def test_a_cell_that_is_empty_shows_nothing():
    columns = [{"kind": each} for each in ("text", "date", "clock", "tag", "light", "spark")]
    table = shown("{% ledger_rows rows columns '' %}", columns=columns, rows=[{"cells": [None] * 6}])
    assert re.findall(r">([^<]+)<", table) == []


def test_working_days_are_those_of_the_calendar():
    pack = active.pack()
    # National day of 2026 falls into this span; Saturday 10 October is worked.
    holidays = {day for each in pack.calendars.values() for day in each.holidays}
    workdays = {day for each in pack.calendars.values() for day in each.workdays}
    start = date(2026, 9, 20)
    for length in range(60):
        end = start + timedelta(days=length)
        days = [start + timedelta(days=n) for n in range(1, length + 1)]
        plain = sum(each in workdays or (each.weekday() < 5 and each not in holidays) for each in days)
        assert figures.working_days(pack, start, end) == plain
    assert figures.working_days(pack, start, start - timedelta(days=3)) == 0
