"""Who has read a file, and who saw the child in a list: one row a list, and the lists are found again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.cast import AT, DAY, DAZHUANG, XIAOYU, as_

from yimi.apps.audit import actions
from yimi.apps.audit.actions import listed, record_all
from yimi.apps.audit.models import Entry
from yimi.apps.audit.selectors import readers_of, sightings_of
from yimi.apps.register import selectors as register

UID = str(XIAOYU)


def listing(username: str, *uids: object, days_ago: int = 0) -> None:
    event = listed("list", "child", [str(each) for each in uids])
    record_all([event], by=as_(username), at=AT - timedelta(days=days_ago))


def test_a_list_is_one_row_that_names_everyone_it_showed(town: Any) -> None:
    ran, before = as_("ran"), Entry.objects.count()
    hits, _ = register.children(ran)
    assert len(hits) > 1
    record_all(ran.reads, by=ran, at=AT)
    entry = Entry.objects.get(seq=before + 1)
    assert entry.detail["shown"] == [each.uid for each in hits] and entry.detail["count"] == len(hits)
    assert Entry.objects.count() == before + 1 and actions.verify().ok


def test_whoever_saw_a_child_in_a_list_is_found_by_days(town: Any) -> None:
    listing("ran", XIAOYU, DAZHUANG)
    listing("qin", DAZHUANG)
    listing("deng", DAZHUANG, XIAOYU, days_ago=5)
    rows, count = sightings_of(UID, DAY - timedelta(days=4), DAY)
    assert [each.actor for each in rows if each.verb == "list"] == [as_("ran").uid]
    assert count == len(rows)
    earlier, _ = sightings_of(UID, DAY - timedelta(days=5), DAY - timedelta(days=5))
    assert [each.actor for each in earlier if each.verb == "list"] == [as_("deng").uid]
    assert not [each for each in readers_of(UID) if each.verb == "list"]


def test_the_page_tells_files_and_lists_of_its_days(town: Any, sign_in: Any) -> None:
    client = sign_in("chen")
    seen = client.get("/children/", {"q": "小雨"}).content.decode()
    assert "小雨" in seen
    page = client.get(f"/children/{UID}/readers/").content.decode()
    assert "在名单中看到" in page and "陈" in page
    old = client.get(f"/children/{UID}/readers/", {"since": "2020-01-01", "until": "2020-02-01"})
    assert "在名单中看到" not in old.content.decode()
    assert client.get(f"/children/{UID}/readers/", {"since": "早", "until": "x"}).status_code == 200
    assert f"/children/{UID}/readers/" in client.get(f"/children/{UID}/").content.decode()


def test_who_may_not_open_the_file_may_not_ask_who_read_it(town: Any, sign_in: Any) -> None:
    for username in ("qin", "song"):
        assert sign_in(username).get(f"/children/{UID}/readers/").status_code == 404


def test_the_auditor_finds_a_file_in_lists(town: Any, sign_in: Any) -> None:
    sign_in("chen").get("/children/")
    sign_in("ran").get("/children/", {"q": "无此人"})
    page = sign_in("luo").get("/audit/", {"file": UID}).content.decode()
    assert "列表" in page and UID not in page.split("<tbody>")[1].split("</tbody>")[0]
